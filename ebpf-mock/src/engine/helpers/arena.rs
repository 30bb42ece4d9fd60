//! Pages of arenas: `bpf_arena_alloc_pages()` and its neighbour in kernel/bpf/arena.c.

use super::super::helper::{Flow, Kfunc};
use super::super::problem::Problem;
use super::super::run::Run;
use super::kfunc;

pub(super) const KFUNCS: &[Kfunc] = &[
    kfunc("bpf_arena_alloc_pages", "6.9", alloc_pages),
    kfunc("bpf_arena_free_pages", "6.9", free_pages),
];

fn alloc_pages(
    run: &mut Run,
    [map, address, count, _node, flags]: [u64; 5],
) -> Result<Flow, Problem> {
    let pages = match run
        .memory
        .map(map)
        .and_then(|region| region.map.storage.arena())
    {
        Some(arena) if flags == 0 => arena.allocate(address, count as u32),
        _ => 0,
    };
    Ok(Flow::Return(pages))
}

fn free_pages(run: &mut Run, [map, address, count, ..]: [u64; 5]) -> Result<Flow, Problem> {
    if let Some(arena) = run
        .memory
        .map(map)
        .and_then(|region| region.map.storage.arena())
    {
        arena.free(address, count as u32);
    }
    Ok(Flow::Return(0))
}
