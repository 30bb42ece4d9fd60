//! The atomics and locks of the code whose interleavings are model-checked: the models compile it with others.

pub(crate) use std::sync::atomic::{AtomicU64, Ordering, fence};

pub(crate) use parking_lot::Mutex;
