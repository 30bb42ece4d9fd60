//! Tracepoints: by the events of tracefs; raw ones by their name alone.

use ebpf_core::Errno;
use ebpf_core::hook::{RawTracepoint, Tracepoint, TracepointVia};
use ebpf_core::link::{Link, LinkType};
use ebpf_core::program::{ProgramError, ProgramType};
use ebpf_core::system::similar::{did_you_mean, similar};

use super::attaching::{Attaching, Refusal};
use super::probe::{Event, How};
use crate::kernel::Kernel;
use crate::program::MockProgram;
use crate::world::Site;

/// Attaches a program to a tracepoint.
pub(super) fn attach(
    program: &MockProgram,
    target: &Tracepoint,
) -> Result<Box<dyn Link>, ProgramError> {
    let attaching = Attaching::new(program, target);
    let attach = || {
        let tracepoints = &attaching.kernel().world.tracepoints;
        let Tracepoint { category, name, .. } = target;
        if tracepoints.get(category, name).is_none() {
            let told = missing(attaching.kernel(), category, name);
            return Err(Refusal::told(Errno::ENOENT, told));
        }
        let how = match target.via {
            TracepointVia::Link => How::Link,
            TracepointVia::Ioctl => How::Ioctl,
            _ => How::Auto,
        };
        let site = Site::Tracepoint {
            category: category.as_str().into(),
            name: name.as_str().into(),
        };
        let fits = attaching.object().spec.program_type == ProgramType::TRACEPOINT;
        Event::new(site, target.cookie).attach(&attaching, how, fits)
    };
    attach().map_err(|refusal| attaching.refused(refusal))
}

fn missing(kernel: &Kernel, category: &str, name: &str) -> String {
    let tracepoints = &kernel.world.tracepoints;
    match tracepoints.names(category) {
        Some(names) => {
            let similar = similar(name, names.iter().map(String::as_str));
            let meant = did_you_mean(&similar);
            format!("category `{category}` has no tracepoint `{name}`{meant}")
        }
        None => {
            let categories = tracepoints.categories();
            let similar = similar(category, categories.iter().map(String::as_str));
            let meant = did_you_mean(&similar);
            format!("there is no category `{category}` of tracepoints{meant}")
        }
    }
}

/// Attaches a program to a raw tracepoint.
pub(super) fn attach_raw(
    program: &MockProgram,
    target: &RawTracepoint,
) -> Result<Box<dyn Link>, ProgramError> {
    let attaching = Attaching::new(program, target);
    let attach = || {
        let types = [
            ProgramType::RAW_TRACEPOINT,
            ProgramType::RAW_TRACEPOINT_WRITABLE,
        ];
        if !types.contains(&attaching.object().spec.program_type) {
            return Err(Refusal::from(Errno::EINVAL).hint("the program is of another type"));
        }
        if !attaching.kernel().world.tracepoints.has_raw(&target.name) {
            return Err(Refusal::from(Errno::ENOENT)
                .hint("there is no such tracepoint: raw ones have no category"));
        }
        let site = Site::RawTracepoint {
            name: target.name.as_str().into(),
        };
        Event::new(site, target.cookie).link(&attaching, LinkType::RAW_TRACEPOINT)
    };
    attach().map_err(|refusal| attaching.refused(refusal))
}
