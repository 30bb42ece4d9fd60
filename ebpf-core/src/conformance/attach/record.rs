//! Words that programs note, for cases that ask what they saw, in which order.

use std::sync::Arc;

use crate::conformance::{Testbed, code, load, map, spec};
use crate::map::{LookupFlags, Map, MapType, UpdateFlags};
use crate::program::{AttachType, Program, ProgramType};

/// How many bytes the one value has: how many words were noted, and these.
const SIZE: usize = 1024;

/// What programs noted.
#[derive(Debug)]
pub(super) struct Record(Arc<dyn Map>);

impl Record {
    /// Nothing yet.
    pub(super) fn new(t: &dyn Testbed) -> Record {
        Record(map(t, &spec(MapType::ARRAY, 4, SIZE as u32, 1)))
    }

    /// The map, which programs that note have as their first one.
    pub(super) fn map(&self) -> &dyn Map {
        &*self.0
    }

    /// Text that notes a register. It changes r1 to r3.
    pub(super) fn note(register: &str) -> String {
        format!(
            "r1 = map_val(map_by_idx(0)) + 0
             r2 = *(u64 *)(r1 + 0)
             if r2 > 120 goto +6
             r3 = r2
             r3 <<= 3
             r3 += r1
             *(u64 *)(r3 + 8) = {register}
             r2 += 1
             *(u64 *)(r1 + 0) = r2"
        )
    }

    /// What was noted since it was taken last.
    ///
    /// # Panics
    /// Where the array cannot be read.
    pub(super) fn take(&self) -> Vec<u64> {
        let mut value = [0; SIZE];
        let found = self.0.lookup_elem(&[0; 4], &mut value, LookupFlags::NONE);
        assert!(found.expect("lookup"));
        let updated = self.0.update_elem(&[0; 4], &[0; SIZE], UpdateFlags::ANY);
        updated.expect("update");
        let words = value.as_chunks::<8>().0;
        let mut words = words.iter().map(|word| u64::from_ne_bytes(*word));
        let length = words.next().unwrap_or(0) as usize;
        words.take(length).collect()
    }
}

/// The program of a text, to be attached so.
///
/// # Panics
/// Where the text is no program, or the system refuses it.
#[track_caller]
pub(super) fn program_at(
    t: &dyn Testbed,
    program_type: ProgramType,
    at: AttachType,
    text: &str,
    maps: &[&dyn Map],
) -> Arc<dyn Program> {
    let mut spec = code(program_type, text);
    spec.expected_attach_type = Some(at);
    load(t, &spec, maps).unwrap_or_else(|error| panic!("{error:#}\n{text}"))
}
