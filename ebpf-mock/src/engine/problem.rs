//! What a program can do wrong while it runs.

use std::fmt;

/// What a program did that a kernel would never have let it do, or that only a simulation can stop.
///
/// A kernel's verifier refuses such a program before it runs; here it is stopped where it happens, on the path that was
/// taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// An address that is no pointer: NULL, a number, or what became of a pointer that was moved far away.
    #[error("{access} of {size} bytes at {address:#x}, which is {}", if *.address < NULL { "NULL" } else { "no pointer" })]
    NoPointer {
        /// What was tried.
        access: Access,
        /// The address.
        address: u64,
        /// How many bytes.
        size: u64,
    },
    /// An access outside of what its pointer points to.
    #[error("{access} of {size} bytes at offset {offset} of {place}, which has {length} bytes")]
    OutOfBounds {
        /// What was tried.
        access: Access,
        /// What the pointer points to.
        place: Place,
        /// Where: bytes from the start; of a stack, from its end.
        offset: i64,
        /// How many bytes.
        size: u64,
        /// How many there are.
        length: u64,
    },
    /// An access that what the pointer points to does not allow.
    #[error("{access} of {size} bytes at offset {offset} of {place}, which does not allow it")]
    NotAllowed {
        /// What was tried.
        access: Access,
        /// What the pointer points to.
        place: Place,
        /// Where.
        offset: i64,
        /// How many bytes.
        size: u64,
    },
    /// An access to something that is gone: a packet that was moved, the stack of a function that returned, a record that was
    /// submitted.
    #[error("{access} of {size} bytes through a pointer to {place}, which {why}")]
    Gone {
        /// What was tried.
        access: Access,
        /// What the pointer pointed to.
        place: Place,
        /// What became of it.
        why: &'static str,
        /// How many bytes.
        size: u64,
    },
    /// A read of stack that nothing was written to.
    #[error("read of {size} bytes at offset {offset} of {place}, where nothing was written")]
    UninitializedStack {
        /// Whose stack.
        place: Place,
        /// Bytes from its end.
        offset: i64,
        /// How many bytes.
        size: u64,
    },
    /// A register that has no value: never written, or lost in a call.
    #[error("r{register} has no value here: nothing was written to it, or it was lost in a call")]
    UninitializedRegister {
        /// Its number.
        register: u8,
    },
    /// An access that is not at a multiple of its size, where that is wanted.
    #[error(
        "{access} of {size} bytes at offset {offset} of {place}, which is no multiple of {size}"
    )]
    Misaligned {
        /// What was tried.
        access: Access,
        /// What the pointer points to.
        place: Place,
        /// Where.
        offset: i64,
        /// How many bytes.
        size: u64,
    },
    /// An access to a context that its program type does not have.
    #[error("invalid bpf_context access: {access} of {size} bytes at offset {offset}")]
    Context {
        /// What was tried.
        access: Access,
        /// Where.
        offset: u64,
        /// How many bytes.
        size: u64,
    },
    /// An argument of a helper or kernel function that is not what it takes.
    #[error("argument {} of {function} is no {expected}", .index + 1)]
    Argument {
        /// The function.
        function: Box<str>,
        /// Which argument, from 0.
        index: u8,
        /// What it takes.
        expected: &'static str,
    },
    /// A helper that the simulated system does not have.
    #[error("call of helper {name} ({id}), which the simulated system does not have")]
    NoHelper {
        /// Its number.
        id: u32,
        /// Its name, or what stands for it.
        name: &'static str,
    },
    /// A kernel function that the simulated system does not have.
    #[error("call of kernel function `{name}`, which the simulated system does not have")]
    NoKfunc {
        /// Its name.
        name: Box<str>,
    },
    /// A helper that programs of this type may not call.
    #[error("programs of type {program_type} cannot call helper {name} ({id})")]
    HelperNotForType {
        /// Its number.
        id: u32,
        /// Its name.
        name: &'static str,
        /// The program's type.
        program_type: ebpf_core::program::ProgramType,
    },
    /// Calls in calls: more frames than there can be.
    #[error("the call stack of more than {frames} frames is too deep")]
    CallDepth {
        /// How many there can be.
        frames: usize,
    },
    /// The stacks of all functions that were called are larger than a stack can be.
    #[error("the combined stack of {frames} calls is {bytes} bytes, more than 512")]
    StackDepth {
        /// Bytes, each frame's rounded up to 32.
        bytes: u32,
        /// How many frames.
        frames: usize,
    },
    /// More instructions than were allowed.
    #[error("more than {instructions} instructions were executed")]
    Budget {
        /// How many were allowed.
        instructions: u64,
    },
    /// Something that has to be given back is held at the end.
    #[error("{what} is not given back at the end")]
    Leak {
        /// What.
        what: Box<str>,
    },
    /// A lock that is misused.
    #[error("spin lock: {0}")]
    Lock(&'static str),
    /// It was stopped from outside, as the schedule that it was part of did not go on.
    #[error("it was stopped with the schedule that it was part of")]
    Stopped,
    /// What is no instruction.
    #[error("invalid instruction: {0}")]
    Instruction(Box<str>),
    /// Something that kernels do and the simulated system does not.
    #[error("not simulated: {0}")]
    NotSimulated(Box<str>),
}

impl Problem {
    /// What might help, where there is something to say.
    pub fn help(&self) -> Option<&'static str> {
        Some(match self {
            Problem::NoPointer { address, .. } if *address < NULL => {
                "what is looked up or reserved may not be there: compare with NULL before it is used"
            }
            Problem::OutOfBounds {
                place: Place::Packet,
                ..
            } => "packets may be shorter: compare with `data_end` before the access",
            Problem::Gone {
                place: Place::Packet,
                ..
            } => "read `data` and `data_end` again after a helper that may move the packet",
            Problem::UninitializedStack { .. } => {
                "`MockSystemBuilder::uninitialized_stack` lets it pass, as kernels do for privileged users"
            }
            Problem::NoHelper { .. } => "a test can supply it: `MockSystem::replace_helper`",
            Problem::NoKfunc { .. } => "a test can supply it: `MockSystem::supply_kfunc`",
            Problem::Budget { .. } => "`MockSystemBuilder::instruction_budget` allows more",
            _ => return None,
        })
    }
}

/// Addresses below are taken for NULL, with something added.
const NULL: u64 = 4096;

/// What an instruction does with memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Reading.
    Read,
    /// Writing.
    Write,
    /// An atomic operation.
    Atomic,
}

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Access::Read => "read",
            Access::Write => "write",
            Access::Atomic => "atomic operation",
        })
    }
}

/// What a pointer points to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Place {
    /// The context.
    Context,
    /// The packet.
    Packet,
    /// The stack of a frame, counted from the outermost, 0.
    Stack {
        /// The frame.
        frame: usize,
    },
    /// A function of the program.
    Function,
    /// A map itself.
    Map {
        /// Its name.
        name: Box<str>,
    },
    /// A value of a map.
    Value {
        /// The map's name.
        map: Box<str>,
        /// Which of its elements, in the order of its memory.
        element: u64,
    },
    /// Something else, by name: a ring-buffer record, an object.
    Block(&'static str),
    /// What a call leaves in r1 to r5.
    Clobbered,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Context => f.write_str("the context"),
            Place::Packet => f.write_str("the packet"),
            Place::Stack { frame: 0 } => f.write_str("the stack"),
            Place::Stack { frame } => write!(f, "the stack of frame {frame}"),
            Place::Function => f.write_str("a function"),
            Place::Map { name } => write!(f, "the map `{name}`"),
            Place::Value { map, element } => write!(f, "value {element} of map `{map}`"),
            Place::Block(name) => write!(f, "the {name}"),
            Place::Clobbered => f.write_str("nothing: a call leaves no value in r1 to r5"),
        }
    }
}
