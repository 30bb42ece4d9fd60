//! Cases about programs: loading, what is known of them, running them.

pub mod arenas;
pub mod info;
pub mod load;
pub mod local_storage;
pub mod net_helpers;
pub mod objects;
pub mod refuse;
pub mod run;
pub mod run_context;
pub mod shared;
pub mod tail_call;
pub mod timer;
