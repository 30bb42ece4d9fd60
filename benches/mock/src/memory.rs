//! Memory of a large hash, counted by the allocator.

use std::collections::HashMap;

use anyhow::Result;
use ebpf_core::map::{MapSpec, MapType, UpdateFlags};
use ebpf_core::{Map, System};
use ebpf_mock::MockSystem;

const ENTRIES: u32 = 1_000_000;

pub fn run(only: &str) -> Result<()> {
    let title = "memory: a hash of 1 000 000, bytes of an entry";
    if !title.contains(only) {
        return Ok(());
    }
    println!("\n{title}");
    println!("  {:<34} {:>12} {:>12}", "", "with it", "payload");
    for value_size in [8, 64] {
        let payload = 4 + u64::from(value_size);
        let mut map = None;
        let filled = allocation_counter::measure(|| map = Some(filled(value_size)));
        let line = |name: &str, bytes: i64| {
            let each = bytes as f64 / f64::from(ENTRIES);
            println!("  {name:<34} {each:>12.1} {payload:>12}");
        };
        line("mock", filled.bytes_current);
        drop(map);
        let mut plain = HashMap::new();
        let filled = allocation_counter::measure(|| {
            for key in 0..ENTRIES {
                plain.insert(key, vec![0u8; value_size as usize].into_boxed_slice());
            }
        });
        line("HashMap of boxed slices", filled.bytes_current);
    }
    Ok(())
}

fn filled(value_size: u32) -> std::sync::Arc<dyn Map> {
    let spec = MapSpec::new("large", MapType::HASH, 4, value_size, ENTRIES);
    let map = MockSystem::new().create_map(&spec, None).expect("a map");
    let value = vec![7; value_size as usize];
    for key in 0..ENTRIES {
        map.update_elem(&key.to_ne_bytes(), &value, UpdateFlags::ANY)
            .expect("there is room");
    }
    map
}
