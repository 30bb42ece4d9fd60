//! The views, on a map in memory that can be made to behave badly.

mod double;
mod globals;
mod layout;
mod views;
mod walk;

use double::{Batches, Double};

use super::*;
use crate::Errno;
use crate::system::SystemId;

fn key(n: u32) -> [u8; 4] {
    n.to_ne_bytes()
}

fn value(n: u32) -> [u8; 8] {
    u64::from(n).to_ne_bytes()
}

/// A hash of `u32` keys and `u64` values that holds 0 to `count`.
fn hash(count: u32, batches: Batches) -> Double {
    let map = Double::new(MapType::HASH, 4, 8, 100_000, batches);
    map.with_elements((0..count).map(|n| (key(n).to_vec(), value(n).to_vec())))
}

fn message<T: std::fmt::Debug>(result: Result<T, impl std::fmt::Display>) -> String {
    match result {
        Ok(value) => panic!("{value:?} is no error"),
        Err(error) => error.to_string(),
    }
}
