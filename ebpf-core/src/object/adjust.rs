//! Maps that say what no kernel takes, though nobody can have meant it: put right, and noted.

use super::Note;
use crate::map::{MapSpec, MapType, ValueRule};

/// The smallest page: what the size of a ring buffer must be a multiple of, on every machine.
const PAGE: u32 = 4096;

/// Puts a map of an object right, and its template.
pub(super) fn adjust(spec: &mut MapSpec, notes: &mut Vec<Note>) {
    let is_reference = spec
        .map_type
        .row()
        .is_some_and(|row| matches!(row.value, ValueRule::U32 | ValueRule::U32OrWider));
    if is_reference && spec.value_size == 0 {
        spec.value_size = 4;
    }
    if spec.map_type == MapType::PERF_EVENT_ARRAY && spec.key_size == 0 {
        spec.key_size = 4;
    }
    if matches!(spec.map_type, MapType::RINGBUF | MapType::USER_RINGBUF) {
        adjust_ring_buffer(spec, notes);
    }
    if let Some(inner) = &mut spec.inner {
        adjust(inner, notes);
    }
}

fn adjust_ring_buffer(spec: &mut MapSpec, notes: &mut Vec<Note>) {
    if spec.key_size != 0 || spec.value_size != 0 {
        (spec.key_size, spec.value_size, spec.types) = (0, 0, None);
        let map = spec.name.clone();
        notes.push(Note::RingBufferTypes { map });
    }
    let fits = spec.max_entries.is_power_of_two() && spec.max_entries.is_multiple_of(PAGE);
    let rounded = spec.max_entries.max(PAGE).checked_next_power_of_two();
    if let (false, true, Some(to)) = (fits, spec.max_entries != 0, rounded) {
        let (map, from) = (spec.name.clone(), spec.max_entries);
        spec.max_entries = to;
        notes.push(Note::RingBufferSize { map, from, to });
    }
}
