//! Callbacks of structures that programs are.

use std::sync::Arc;

use ebpf_core::Errno;
use ebpf_core::map::Map;
use ebpf_core::system::SystemError;

use super::{Stop, start};
use crate::MockSystem;
use crate::engine::helpers::Traced;
use crate::engine::memory::Block;
use crate::kernel::Kernel;
use crate::map::MapObject;
use crate::program::set_off;

impl MockSystem {
    /// Calls a callback of a structure (`struct_ops`), as the kernel would: the program that the map has for it, with these
    /// arguments, which may be addresses of memory that the test supplies. Gives what it returns.
    ///
    /// # Errors
    /// `ENOENT` if the map has no program for the callback, or is no such map; what the program did wrong.
    #[doc(alias = "BPF_MAP_TYPE_STRUCT_OPS")]
    pub fn call_struct_ops(
        &self,
        map: &dyn Map,
        callback: &str,
        arguments: &[u64],
    ) -> Result<u64, SystemError> {
        let object = self.map_object(map)?;
        let called = call(self.kernel(), &object, callback, arguments);
        called.map_err(|stop| stop.of("call callback", callback))
    }
}

fn call(
    kernel: &Arc<Kernel>,
    map: &MapObject,
    callback: &str,
    arguments: &[u64],
) -> Result<u64, Stop> {
    let program = map.storage.callback(callback).ok_or(Errno::ENOENT)?;
    let mut run = start(kernel, &program);
    run.state.traced = Some(Traced {
        arguments: arguments.len() as u32,
        has_result: false,
    });
    let bytes = arguments.iter().flat_map(|argument| argument.to_ne_bytes());
    let context = Block::new(bytes.collect(), false);
    let context = run.memory.add_block("context", context).unwrap_or(0);
    Ok(set_off(&mut run, context)?)
}
