//! What the kernel is certain to know at one point of a path: registers and the stacks of the functions that are running.

use std::collections::BTreeMap;

use ebpf_core::insn::Reg;

/// Bytes of a function's stack.
pub(super) const STACK: i64 = 512;

/// What is known of a register or of eight bytes of the stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Value {
    /// It was never written.
    Unwritten,
    /// Nothing.
    Any,
    /// A number, of which the kernel knows something that is not known here.
    Number,
    /// A number that the kernel knows.
    Known(u64),
    /// A number of which the kernel knows no more than its bits. Copies have the same id, and what is learnt of one is learnt
    /// of all.
    Fresh { bits: u8, id: u32 },
    /// A pointer.
    Pointer(Pointer),
}

/// A pointer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Pointer {
    pub(super) to: To,
    /// How far it was moved; `None` for by a number that is not known.
    pub(super) moved: Option<i64>,
}

/// What a pointer points to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum To {
    Context,
    /// The end of the stack of a frame.
    Stack(usize),
    /// A map itself.
    Map(usize),
    /// A value of a map. With an id it may be NULL; copies have the same id.
    Value {
        map: usize,
        null: Option<u32>,
    },
    /// The packet, so many bytes of which are known to be there.
    Packet {
        range: i64,
    },
    PacketMeta,
    PacketEnd,
}

impl Pointer {
    pub(super) fn new(to: To) -> Pointer {
        Pointer { to, moved: Some(0) }
    }

    /// The kernel's name for what it points to.
    pub(super) fn name(&self) -> &'static str {
        match self.to {
            To::Context => "ctx",
            To::Stack(_) => "fp",
            To::Map(_) => "map_ptr",
            To::Value { null: None, .. } => "map_value",
            To::Value { .. } => "map_value_or_null",
            To::Packet { .. } => "pkt",
            To::PacketMeta => "pkt_meta",
            To::PacketEnd => "pkt_end",
        }
    }

    /// Whether it may be NULL.
    pub(super) fn may_be_null(&self) -> bool {
        matches!(self.to, To::Value { null: Some(_), .. })
    }
}

impl Value {
    pub(super) fn pointer(to: To) -> Value {
        Value::Pointer(Pointer::new(to))
    }

    /// The kernel's name for its type; `None` where that is not known.
    pub(super) fn name(&self) -> Option<&'static str> {
        match self {
            Value::Unwritten | Value::Any => None,
            Value::Pointer(pointer) => Some(pointer.name()),
            _ => Some("scalar"),
        }
    }

    /// Whether it is a number for certain.
    pub(super) fn is_number(&self) -> bool {
        matches!(self, Value::Number | Value::Known(_) | Value::Fresh { .. })
    }

    /// What is left of it where something may have been learnt of it meanwhile.
    fn blurred(self) -> Value {
        match self {
            Value::Fresh { .. } => Value::Number,
            Value::Pointer(pointer) => match pointer.to {
                To::Packet { .. } | To::PacketMeta | To::PacketEnd => Value::Any,
                _ if pointer.may_be_null() => Value::Any,
                _ => self,
            },
            other => other,
        }
    }
}

/// A function that is running.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Frame {
    /// r0 to r10.
    registers: [Value; 11],
    /// What was stored, by its offset from the end, with how many bytes. Others are bytes, whatever they hold.
    slots: BTreeMap<i64, (i64, Value)>,
    /// Whether anything may be where nothing is known.
    hazy: bool,
    /// Where it returns to.
    pub(super) back: usize,
    /// Which of the program's functions it is.
    pub(super) function: usize,
}

impl Frame {
    /// The frame of this number, with nothing in its registers.
    pub(super) fn new(number: usize, function: usize, back: usize) -> Frame {
        let mut registers = [Value::Unwritten; 11];
        registers[10] = Value::pointer(To::Stack(number));
        Frame {
            registers,
            slots: BTreeMap::new(),
            hazy: false,
            back,
            function,
        }
    }

    pub(super) fn get(&self, register: Reg) -> Value {
        let value = self.registers.get(usize::from(register.number()));
        value.copied().unwrap_or(Value::Any)
    }

    pub(super) fn set(&mut self, register: Reg, value: Value) {
        if let Some(place) = self.registers.get_mut(usize::from(register.number())) {
            *place = value;
        }
    }

    /// What a load of so many bytes at an offset from the end gives.
    pub(super) fn load(&self, offset: i64, size: i64) -> Value {
        match self.stored(offset, size) {
            Some(value) if size == 8 => value,
            Some(Value::Known(value)) => Value::Known(value & (u64::MAX >> (64 - size * 8))),
            Some(value) if value.is_number() => Value::Number,
            Some(_) => Value::Any,
            None if self.hazy => Value::Any,
            None => {
                let numbers = self
                    .around(offset, size)
                    .all(|(_, value)| value.is_number());
                if numbers { Value::Number } else { Value::Any }
            }
        }
    }

    /// What was stored at an offset from the end as just so many bytes.
    pub(super) fn stored(&self, offset: i64, size: i64) -> Option<Value> {
        let (bytes, value) = self.slots.get(&offset)?;
        (*bytes == size).then_some(*value)
    }

    /// What was stored that these bytes are a part of.
    fn around(&self, offset: i64, size: i64) -> impl Iterator<Item = (i64, Value)> + '_ {
        let near = self.slots.range(offset - 7..offset + size);
        near.filter(move |(at, (bytes, _))| **at + bytes > offset)
            .map(|(at, (_, value))| (*at, *value))
    }

    /// Whether a pointer lies at an offset from the end.
    pub(super) fn has_pointer(&self, offset: i64, size: i64) -> bool {
        self.around(offset, size)
            .any(|(_, value)| matches!(value, Value::Pointer(_)))
    }

    /// Stores a value of so many bytes.
    pub(super) fn store(&mut self, offset: i64, size: i64, value: Value) {
        let old: Vec<_> = self.around(offset, size).collect();
        for (at, old) in old {
            self.slots.remove(&at);
            // Of what was a pointer the rest is bytes; of what is not known anything may be left.
            self.hazy |= old == Value::Any;
        }
        self.slots.insert(offset, (size, value));
    }

    /// Forgets the stack.
    pub(super) fn forget_stack(&mut self) {
        self.slots.clear();
        self.hazy = true;
    }

    fn values(&mut self) -> impl Iterator<Item = &mut Value> {
        let slots = self.slots.values_mut().map(|(_, value)| value);
        self.registers.iter_mut().chain(slots)
    }
}

/// The functions that are running, the innermost last.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct State {
    pub(super) frames: Vec<Frame>,
}

impl State {
    /// A program at its start.
    pub(super) fn start() -> State {
        let mut frame = Frame::new(0, 0, 0);
        frame.set(Reg::R1, Value::pointer(To::Context));
        State {
            frames: vec![frame],
        }
    }

    /// A function at its start that others may call with anything.
    pub(super) fn start_of_function(function: usize) -> State {
        let mut frame = Frame::new(0, function, 0);
        for register in [Reg::R1, Reg::R2, Reg::R3, Reg::R4, Reg::R5] {
            frame.set(register, Value::Any);
        }
        State {
            frames: vec![frame],
        }
    }

    pub(super) fn get(&self, register: Reg) -> Value {
        let frame = self.frames.last();
        frame.map_or(Value::Any, |frame| frame.get(register))
    }

    pub(super) fn set(&mut self, register: Reg, value: Value) {
        if let Some(frame) = self.frames.last_mut() {
            frame.set(register, value);
        }
    }

    /// Changes every value, of all frames.
    pub(super) fn change(&mut self, change: impl Fn(Value) -> Value) {
        for value in self.frames.iter_mut().flat_map(Frame::values) {
            *value = change(*value);
        }
    }

    /// Forgets what is in registers that a call does not keep.
    pub(super) fn end_call(&mut self, answer: Value) {
        for register in [Reg::R1, Reg::R2, Reg::R3, Reg::R4, Reg::R5] {
            self.set(register, Value::Unwritten);
        }
        self.set(Reg::R0, answer);
    }

    /// Forgets the stacks of all frames.
    pub(super) fn forget_stacks(&mut self) {
        self.frames.iter_mut().for_each(Frame::forget_stack);
    }

    /// Goes on where ways meet again that may have changed these registers, and the stack.
    pub(super) fn blur(&mut self, written: &[bool; 11], stack: bool) {
        if stack {
            self.forget_stacks();
        }
        self.change(Value::blurred);
        for (number, written) in (0..).zip(written) {
            if *written {
                self.set(Reg::from_low_bits(number), Value::Any);
            }
        }
    }

    /// Takes a number for learnt: all copies of it become `value`.
    pub(super) fn learn(&mut self, of: u32, value: Value) {
        self.change(|known| match known {
            Value::Fresh { id, .. } if id == of => value,
            other => other,
        });
    }

    /// Takes pointers that may be NULL for looked at: all copies of one are NULL, or none is.
    pub(super) fn learn_null(&mut self, of: u32, is_null: bool) {
        self.change(|known| match known {
            Value::Pointer(Pointer {
                to:
                    To::Value {
                        map,
                        null: Some(id),
                    },
                ..
            }) if id == of => {
                if is_null {
                    Value::Known(0)
                } else {
                    Value::pointer(To::Value { map, null: None })
                }
            }
            other => other,
        });
    }
}
