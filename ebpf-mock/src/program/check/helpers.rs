//! Calls of helpers: `check_helper_call()` and `check_func_arg()` in kernel/bpf/verifier.c. What helpers take is in the
//! engine's table; of one that is not in it nothing is asked.

use ebpf_core::Errno;
use ebpf_core::insn::{Reg, helper_name};
use ebpf_core::map::{MapFlags, MapType};
use ebpf_core::program::{
    ProgramFlags, ProgramType, helper_is_gpl_only, helper_since, is_gpl_compatible,
};
use ebpf_core::system::KernelVersion;

use super::calls::{ARGUMENTS, elsewhere, forget_reached};
use super::memory::in_stack;
use super::state::{Pointer, State, To, Value};
use super::text::Helper;
use super::walk::{Notes, Outcome, read, refuse, refuse_as};
use super::{Subject, maps};
use crate::engine::helper::Argument;
use crate::engine::helpers;

const LOOKUP: u32 = 1;
const TAIL_CALL: u32 = 12;

/// Helpers that return pointers, or numbers of which the kernel knows more than is known here.
#[rustfmt::skip]
const NO_PLAIN_NUMBER: [u32; 43] = [
    1, 8, 45, 67, 81, 84, 85, 95, 96, 98, 99, 107, 112, 114, 115, 131, 136, 137, 138, 139, 140, 141, 145, 153, 154, 156, 158,
    162, 165, 175, 178, 186, 194, 195, 196, 203, 209, 210, 164, 170, 180, 181, 198,
];

/// Helpers that return nothing at all.
const NOTHING: [u32; 7] = [TAIL_CALL, 93, 94, 132, 133, 199, 200];

/// Helpers that programs of tracing have for some functions only, and those that user space calls not at all:
/// `bpf_sk_storage_tracing_allowed()` in net/core/bpf_sk_storage.c.
const STORAGE_OF_SOCKETS: [u32; 2] = [107, 108];

/// Helpers that may sleep.
const SLEEPERS: [u32; 4] = [148, 161, 191, 193];

/// Helpers that call functions of the program.
const CALLERS: [u32; 5] = [164, 170, 180, 181, 209];

/// Helpers after which pointers into the packet are worth nothing: `bpf_helper_changes_pkt_data()`.
#[rustfmt::skip]
const CHANGE_PACKETS: [u32; 23] = [
    9, 10, 11, TAIL_CALL, 13, 18, 19, 31, 38, 39, 43, 44, 50, 54, 63, 65, 73, 74, 75, 76, 90, 91, 143,
];

/// Numbers of bytes are below this.
const UNBOUNDED: u64 = 1 << 29;

/// What the kernel wants where it wants memory.
const MEMORY: &str = "fp, pkt, pkt_meta, map_key, map_value, mem, ringbuf_mem, buf, trusted_ptr_";

pub(super) fn call(
    subject: &Subject<'_>,
    state: &mut State,
    id: u32,
    notes: &mut Notes,
) -> Outcome<()> {
    let release = subject.kernel.machine.release;
    let since = helper_since(id).and_then(KernelVersion::parse);
    if id != 0 && since.is_none_or(|since| since > release) {
        return refuse(format_args!("invalid func unknown#{}", id as i32));
    }
    let row = helpers::find(id);
    if id == 0 || row.is_some_and(|row| !row.types.allow(subject.spec.program_type)) {
        return refuse(format_args!(
            "program of this type cannot use helper {}",
            Named(id)
        ));
    }
    let Some(row) = row else {
        elsewhere(state);
        return Ok(());
    };
    if helper_is_gpl_only(id) && !is_gpl_compatible(&subject.spec.license) {
        return refuse("cannot call GPL-restricted function from non-GPL compatible program");
    }
    if STORAGE_OF_SOCKETS.contains(&id) && subject.spec.program_type == ProgramType::SYSCALL {
        return refuse("helper call is not allowed in probe");
    }
    if SLEEPERS.contains(&id) && !subject.flag(ProgramFlags::SLEEPABLE) {
        return refuse("helper call might sleep in a non-sleepable prog");
    }
    let mut call = Call {
        subject,
        id,
        map: None,
    };
    for (place, argument) in row.arguments.iter().enumerate() {
        call.argument(state, place, *argument)?;
        let value = ARGUMENTS.get(place).map(|register| state.get(*register));
        if !call.is_understood(*argument) || !value.is_some_and(|value| is_right(*argument, value))
        {
            // What the kernel says of this one is not known, and so not whether it asks for the next.
            elsewhere(state);
            if NOTHING.contains(&id) {
                state.set(Reg::R0, Value::Unwritten);
            }
            return Ok(());
        }
    }
    let answer = call.answer(state, notes)?;
    call.forget(state, row.arguments);
    state.end_call(answer);
    Ok(())
}

/// A helper by its name; number 0 has one too.
struct Named(u32);

impl std::fmt::Display for Named {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match helper_name(self.0) {
            Some(_) => Helper(self.0).fmt(f),
            None => write!(f, "bpf_unspec#{}", self.0),
        }
    }
}

struct Call<'a> {
    subject: &'a Subject<'a>,
    id: u32,
    /// The map among the arguments.
    map: Option<usize>,
}

impl Call<'_> {
    fn argument(&mut self, state: &State, place: usize, argument: Argument) -> Outcome<()> {
        let Some(register) = ARGUMENTS.get(place).copied() else {
            return Ok(());
        };
        let value = read(state, register)?;
        match argument {
            Argument::Anything | Argument::Special => Ok(()),
            Argument::Context => self.typed(register, value, "ctx", |to| to == To::Context),
            Argument::Map => {
                self.typed(register, value, "map_ptr", |to| matches!(to, To::Map(_)))?;
                if let Value::Pointer(Pointer {
                    to: To::Map(map), ..
                }) = value
                {
                    self.map = Some(map);
                }
                Ok(())
            }
            Argument::MapKey => self.part(register, value, |map| map.info.key_size),
            // Some maps take sockets and the like for values.
            Argument::MapValue if !self.is_understood(argument) => Ok(()),
            Argument::MapValue => self.part(register, value, |map| map.info.value_size),
            Argument::MapValueOut => {
                memory(register, value)?;
                let size = self.map.and_then(|map| self.subject.map(map));
                let plain = size.filter(|map| has_plain_values(map.info.map_type));
                let size = plain.map(|map| i64::from(map.info.value_size));
                self.bytes(register, value, size, true)
            }
            Argument::Memory | Argument::MemoryOrNull | Argument::MemoryOut => {
                if argument == Argument::MemoryOrNull && !matches!(value, Value::Pointer(_)) {
                    return Ok(());
                }
                // The number of bytes is looked at with its own argument.
                memory(register, value)
            }
            Argument::Size | Argument::SizeOrZero => self.size(state, place, register, argument),
        }
    }

    /// Whether the kernel asks nothing else of an argument of this kind.
    fn is_understood(&self, argument: Argument) -> bool {
        let map = self.map.and_then(|map| self.subject.map(map));
        match (argument, map) {
            (Argument::Special, _) => false,
            (Argument::MapKey, Some(map)) => map.info.key_size > 0,
            (Argument::MapValue | Argument::MapValueOut, Some(map)) => {
                has_plain_values(map.info.map_type)
            }
            _ => true,
        }
    }

    /// Refuses what is certain to be of another type.
    fn typed(
        &self,
        register: Reg,
        value: Value,
        wanted: &str,
        fits: impl Fn(To) -> bool,
    ) -> Outcome<()> {
        let other = match value {
            Value::Any | Value::Unwritten => false,
            Value::Pointer(pointer) => !fits(pointer.to),
            // Some take NULL for none.
            Value::Known(0) => wanted == "map_ptr" || self.id == 44,
            _ => true,
        };
        if let (true, Some(name)) = (other, value.name()) {
            return refuse_as(
                Errno::EACCES,
                format_args!("R{} type={name} expected={wanted}", register.number()),
            );
        }
        Ok(())
    }

    /// The key or a value of the map.
    fn part(
        &self,
        register: Reg,
        value: Value,
        size: impl Fn(&crate::map::MapObject) -> u32,
    ) -> Outcome<()> {
        let Some(map) = self.map.and_then(|map| self.subject.map(map)) else {
            return Ok(());
        };
        memory(register, value)?;
        let size = Some(i64::from(size(map))).filter(|size| *size > 0);
        self.bytes(register, value, size, false)
    }

    /// A number of bytes, and the memory that the argument before points to.
    fn size(&self, state: &State, place: usize, register: Reg, kind: Argument) -> Outcome<()> {
        let value = state.get(register);
        let number = register.number();
        if let Value::Pointer(pointer) = value {
            return refuse_as(
                Errno::EACCES,
                format_args!("R{number} type={} expected=scalar", pointer.name()),
            );
        }
        let negative = match value {
            Value::Known(size) => (size as i64) < 0,
            Value::Fresh { bits, .. } => bits == 64,
            _ => false,
        };
        if negative {
            return refuse_as(
                Errno::EACCES,
                format_args!(
                    "R{number} min value is negative, either use unsigned or 'var &= const'"
                ),
            );
        }
        let Value::Known(size) = value else {
            return Ok(());
        };
        if size == 0 {
            if kind == Argument::Size {
                return refuse_as(
                    Errno::EACCES,
                    format_args!("R{number} invalid zero-sized read: u64=[0,0]"),
                );
            }
            return Ok(());
        }
        if size >= UNBOUNDED {
            return refuse_as(
                Errno::EACCES,
                format_args!(
                    "R{number} unbounded memory access, use 'var &= const' or 'if (var < const)'"
                ),
            );
        }
        let Some(before) = place.checked_sub(1).and_then(|place| ARGUMENTS.get(place)) else {
            return Ok(());
        };
        let row = helpers::find(self.id).map(|row| row.arguments);
        let argument = row.and_then(|row| row.get(place.checked_sub(1)?).copied());
        let write = argument == Some(Argument::MemoryOut);
        let size = i64::try_from(size).ok();
        self.bytes(*before, state.get(*before), size, write)
    }

    /// Refuses memory that has not so many bytes.
    fn bytes(&self, register: Reg, value: Value, size: Option<i64>, write: bool) -> Outcome<()> {
        let (Some(size), Value::Pointer(pointer)) = (size, value) else {
            return Ok(());
        };
        match (pointer.to, pointer.moved) {
            (To::Stack(_), Some(at)) => {
                let does = if write { "write to" } else { "read from" };
                in_stack(register, at, size, does)
            }
            (To::Value { map, null: None }, Some(at)) => {
                let Some(map) = self.subject.map(map) else {
                    return Ok(());
                };
                let length = i64::from(map.info.value_size);
                if at < 0 || at.saturating_add(size) > length {
                    return refuse_as(
                        Errno::EACCES,
                        format_args!(
                            "invalid access to map value, value_size={length} off={at} size={size}\n\
                             R{} min value is outside of the allowed memory range",
                            register.number()
                        ),
                    );
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// What is in r0 afterwards.
    fn answer(&self, state: &State, notes: &mut Notes) -> Outcome<Value> {
        let map = self.map.and_then(|map| self.subject.map(map));
        if let Some(map) = map {
            let writes = matches!(self.id, 2 | 3 | 87 | 88);
            if writes && map.info.flags.contains(MapFlags::RDONLY_PROG) {
                return refuse_as(Errno::EACCES, "write into map forbidden");
            }
            if self.id == TAIL_CALL && map.info.map_type != MapType::PROG_ARRAY {
                return refuse("expected prog array map for tail call");
            }
            if !maps::fit(self.id, map.info.map_type) {
                return refuse(format_args!(
                    "cannot pass map_type {} into func {}",
                    map.info.map_type.0,
                    Named(self.id)
                ));
            }
        }
        if NOTHING.contains(&self.id) {
            return Ok(Value::Unwritten);
        }
        if self.id == LOOKUP {
            return Ok(self.found(state, notes));
        }
        if NO_PLAIN_NUMBER.contains(&self.id) {
            return Ok(Value::Any);
        }
        Ok(Value::Fresh {
            bits: 64,
            id: notes.next_id(),
        })
    }

    /// What a lookup gives.
    fn found(&self, state: &State, notes: &mut Notes) -> Value {
        let Some((place, map)) = self
            .map
            .and_then(|place| Some((place, self.subject.map(place)?)))
        else {
            return Value::Any;
        };
        let array = matches!(map.info.map_type, MapType::ARRAY | MapType::PERCPU_ARRAY);
        let hash = matches!(
            map.info.map_type,
            MapType::HASH
                | MapType::LRU_HASH
                | MapType::PERCPU_HASH
                | MapType::LRU_PERCPU_HASH
                | MapType::LPM_TRIE
        );
        if !array && !hash {
            return Value::Any;
        }
        // The kernel knows that constant indices in an array are there.
        let null = if array && !self.is_outside(state, map.info.max_entries) {
            None
        } else {
            Some(notes.next_id())
        };
        Value::pointer(To::Value { map: place, null })
    }

    /// Whether the key of an array is one that the kernel is certain not to know to be in it.
    fn is_outside(&self, state: &State, length: u32) -> bool {
        let Value::Pointer(Pointer {
            to: To::Stack(frame),
            moved: Some(at),
        }) = state.get(Reg::R2)
        else {
            return false;
        };
        let frame = state.frames.get(frame);
        match frame.map(|frame| frame.stored(at, 4)) {
            Some(Some(Value::Known(key))) => key as u32 >= length,
            Some(Some(Value::Fresh { .. })) => true,
            _ => false,
        }
    }

    /// Forgets what the helper may have changed.
    fn forget(&self, state: &mut State, arguments: &[Argument]) {
        if CALLERS.contains(&self.id) {
            state.forget_stacks();
        }
        let writes = |argument: &Argument| {
            matches!(
                argument,
                Argument::MemoryOut | Argument::MapValueOut | Argument::Special
            )
        };
        for (register, argument) in ARGUMENTS.iter().zip(arguments) {
            if writes(argument) {
                forget_reached(state, &[*register]);
            }
        }
        if CHANGE_PACKETS.contains(&self.id) {
            state.change(|value| match value {
                Value::Pointer(pointer)
                    if matches!(
                        pointer.to,
                        To::Packet { .. } | To::PacketMeta | To::PacketEnd
                    ) =>
                {
                    Value::Number
                }
                other => other,
            });
        }
    }
}

/// Whether a value that was not refused is certain to be what the kernel wants.
fn is_right(argument: Argument, value: Value) -> bool {
    let Value::Pointer(pointer) = value else {
        return match argument {
            Argument::Anything => true,
            Argument::MemoryOrNull => value == Value::Known(0),
            Argument::Size | Argument::SizeOrZero => matches!(value, Value::Known(_)),
            _ => false,
        };
    };
    let known = pointer.moved.is_some();
    match pointer.to {
        To::Context => pointer.moved == Some(0) || argument == Argument::Anything,
        To::Stack(_) | To::Value { null: None, .. } => known || argument == Argument::Anything,
        To::Map(_) => true,
        _ => argument == Argument::Anything,
    }
}

/// Refuses what is certain not to point to memory.
fn memory(register: Reg, value: Value) -> Outcome<()> {
    let other = match value {
        Value::Any | Value::Unwritten => false,
        Value::Pointer(pointer) => {
            matches!(pointer.to, To::Context | To::Map(_) | To::PacketEnd)
                || matches!(pointer.to, To::Value { null: Some(_), .. })
        }
        _ => true,
    };
    if let (true, Some(name)) = (other, value.name()) {
        return refuse_as(
            Errno::EACCES,
            format_args!("R{} type={name} expected={MEMORY}", register.number()),
        );
    }
    Ok(())
}

/// Whether keys and values of maps of a type are plain memory to programs.
fn has_plain_values(map_type: MapType) -> bool {
    matches!(
        map_type,
        MapType::HASH
            | MapType::LRU_HASH
            | MapType::PERCPU_HASH
            | MapType::LRU_PERCPU_HASH
            | MapType::ARRAY
            | MapType::PERCPU_ARRAY
            | MapType::LPM_TRIE
            | MapType::QUEUE
            | MapType::STACK
    )
}
