//! What exists in a simulated system: for tests that ask whether something was left behind.

use std::fmt;

use crate::kernel::{Kernel, Object};

/// The maps, programs, links and pins that exist, each as a line of text such as ``map 3 `flows` ``, in order.
///
/// ```
/// use ebpf_core::System;
/// use ebpf_core::map::{MapSpec, MapType};
/// use ebpf_mock::{Inventory, MockSystem};
///
/// let system = MockSystem::new();
/// let before = system.inventory();
/// let map = system.create_map(&MapSpec::new("flows", MapType::HASH, 4, 8, 100), None)?;
/// assert_eq!(system.inventory().since(&before).lines(), ["map 1 `flows`"]);
/// drop(map);
/// assert!(system.inventory().since(&before).is_empty());
/// # Ok::<(), ebpf_core::map::MapError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inventory {
    lines: Vec<String>,
}

impl Inventory {
    pub(crate) fn of(kernel: &Kernel) -> Inventory {
        let mut lines = Vec::new();
        for map in kernel.maps.all() {
            lines.push(format!("map {} `{}`", map.info.id, map.info.name));
        }
        for program in kernel.programs.all() {
            lines.push(format!(
                "program {} `{}`",
                program.info.id, program.info.name
            ));
        }
        for link in kernel.links.all() {
            lines.push(format!("link {} to {}", link.id, link.target(kernel)));
        }
        for (path, object) in kernel.bpffs.all() {
            let what = match object {
                Object::Map(map) => format!("map {}", map.info.id),
                Object::Program(program) => format!("program {}", program.info.id),
                Object::Link(link) => format!("link {}", link.id),
                _ => "no object of bpf(2)".to_owned(),
            };
            lines.push(format!("pin {} of {what}", path.display()));
        }
        Inventory { lines }
    }

    /// One line for each object.
    pub fn lines(&self) -> &[String] {
        &self.lines
    }

    /// Whether nothing exists.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// What is here and was not in `before`.
    #[must_use]
    pub fn since(&self, before: &Inventory) -> Inventory {
        let is_new = |line: &&String| !before.lines.contains(line);
        Inventory {
            lines: self.lines.iter().filter(is_new).cloned().collect(),
        }
    }
}

impl fmt::Display for Inventory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.lines.is_empty() {
            return f.write_str("nothing\n");
        }
        for line in &self.lines {
            writeln!(f, "  {line}")?;
        }
        Ok(())
    }
}
