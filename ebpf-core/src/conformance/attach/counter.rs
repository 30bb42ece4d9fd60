//! A program that counts its runs on one thread, for hooks in code that everybody runs.

use std::sync::Arc;

use crate::conformance::code;
use crate::map::{Map, MapSpec, MapType, UpdateFlags};
use crate::program::{Program, ProgramError, ProgramSpec, ProgramType};
use crate::system::{Bindings, BtfTarget, System};

/// Counts the runs of its program on one thread.
#[derive(Debug)]
pub struct Counter {
    /// The program.
    pub program: Arc<dyn Program>,
    map: Arc<dyn Map>,
}

/// The one value: whom to count, how often it ran there, and its last cookie.
const WORDS: usize = 3;

impl Counter {
    /// The spec of a counting program; with `cookie` it notes what `bpf_get_attach_cookie` says.
    pub fn spec(program_type: ProgramType, cookie: bool) -> ProgramSpec {
        let note = if cookie {
            "r1 = r6
             call bpf_get_attach_cookie
             r1 = map_val(map_by_idx(0)) + 16
             *(u64 *)(r1 + 0) = r0"
        } else {
            ""
        };
        let text = format!(
            "r6 = r1
             call bpf_get_current_pid_tgid
             r1 = map_val(map_by_idx(0)) + 0
             r2 = *(u64 *)(r1 + 0)
             if r0 != r2 goto out
             r2 = 1
             lock *(u64 *)(r1 + 8) += r2
             {note}
             out: r0 = 0
             exit"
        );
        code(program_type, &text)
    }

    /// Loads it, to count on the thread that `bpf_get_current_pid_tgid` calls `task`.
    ///
    /// # Errors
    /// What the system says to the program.
    ///
    /// # Panics
    /// Where there is no array.
    pub fn load(
        system: &dyn System,
        spec: &ProgramSpec,
        task: u64,
        target: Option<&BtfTarget>,
    ) -> Result<Counter, ProgramError> {
        let map = MapSpec::new("counter", MapType::ARRAY, 4, 8 * WORDS as u32, 1);
        let map = system.create_map(&map, None).expect("an array");
        let value = [task, 0, 0].map(u64::to_ne_bytes).concat();
        map.update_elem(&[0; 4], &value, UpdateFlags::ANY)
            .expect("update");
        let bindings = Bindings {
            maps: &[&*map],
            attach_btf: target,
            ..Bindings::default()
        };
        let program = system.load_program(spec, &bindings)?;
        Ok(Counter { program, map })
    }

    fn word(&self, at: usize) -> u64 {
        let mut value = [0; 8 * WORDS];
        let found = self
            .map
            .lookup_elem(&[0; 4], &mut value, crate::map::LookupFlags::NONE);
        assert!(found.expect("lookup"));
        let words = value.as_chunks::<8>().0;
        words.get(at).map_or(0, |word| u64::from_ne_bytes(*word))
    }

    /// How often the program ran on the thread.
    ///
    /// # Panics
    /// Where the array cannot be read.
    pub fn hits(&self) -> u64 {
        self.word(1)
    }

    /// The cookie of its last run there.
    ///
    /// # Panics
    /// Where the array cannot be read.
    pub fn cookie(&self) -> u64 {
        self.word(2)
    }
}
