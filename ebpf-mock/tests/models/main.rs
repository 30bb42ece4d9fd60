//! Models of what threads do to a map at once: every order of their steps, and every value that each load may give, as far
//! as the bound of preemptions goes. The tables and the memory are the files that the library is made of, over other types.

#[path = "../../src/map/jhash.rs"]
mod jhash;
#[allow(dead_code, reason = "models use a part of it")]
#[path = "../../src/memory.rs"]
mod memory;
#[allow(dead_code, reason = "models use a part of it")]
#[path = "../../src/map/ring.rs"]
mod ring;
mod rings;
mod slab;
mod sync;
#[allow(dead_code, reason = "models use a part of it")]
#[path = "../../src/map/table.rs"]
mod table;
mod tables;

use loom::model::Builder;

/// Tries every order with at most so many preemptions.
fn explore(preemptions: usize, model: impl Fn() + Sync + Send + 'static) {
    let mut builder = Builder::new();
    builder.preemption_bound = Some(preemptions);
    builder.max_branches = 100_000;
    builder.check(model);
}
