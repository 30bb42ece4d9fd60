//! What threads share maps by. In one place, for the tests of interleavings (`tests/models`) build the same tables over
//! others.

pub(crate) use std::sync::OnceLock;
pub(crate) use std::sync::atomic::{AtomicU32, AtomicU64, Ordering, fence};
pub(crate) use std::thread::yield_now;

pub(crate) use parking_lot::{Mutex, MutexGuard};
