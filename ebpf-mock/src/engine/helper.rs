//! What a helper is: a row of the table, what it is given, what it may ask for.
//!
//! A helper is a function over the whole state of the run and the five argument registers. It reads and writes memory of the
//! program through [`Run::memory`], and says with a [`Flow`] how execution goes on. An error number that the program sees
//! is a result (`Flow::errno`); what the kernel's verifier would have refused is a [`Problem`].

use std::fmt;
use std::sync::Arc;

use ebpf_core::Errno;
use ebpf_core::insn::helper_name;

use super::helpers::{HelperCall, Types};
use super::problem::Problem;
use super::run::Run;
use crate::program::ProgramObject;

/// A helper. Its name, its licence and since when there is one are in the tables of `ebpf-core`.
pub(crate) struct Helper {
    /// Its number.
    pub(crate) id: u32,
    /// Its name, without `bpf_`.
    pub(crate) name: &'static str,
    /// Which program types may call it.
    pub(crate) types: Types,
    /// What it takes.
    pub(crate) arguments: &'static [Argument],
    /// What it does.
    pub(crate) call: fn(&mut Run, [u64; 5]) -> Result<Flow, Problem>,
}

impl fmt::Debug for Helper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// A kernel function that programs may call by name.
pub(crate) struct Kfunc {
    pub(crate) name: &'static str,
    /// The release that first had it.
    pub(crate) since: &'static str,
    /// What it does.
    pub(crate) call: fn(&mut Run, [u64; 5]) -> Result<Flow, Problem>,
}

/// What a helper takes as an argument: `enum bpf_arg_type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Argument {
    /// Any number or pointer.
    Anything,
    /// The program's context.
    Context,
    /// A map itself.
    Map,
    /// As many readable bytes as the map's keys have.
    MapKey,
    /// As many readable bytes as the map's values have.
    MapValue,
    /// As many writable bytes as the map's values have.
    MapValueOut,
    /// Readable bytes, as many as the next argument says.
    Memory,
    /// Readable bytes or NULL, as many as the next argument says.
    MemoryOrNull,
    /// Writable bytes, as many as the next argument says.
    MemoryOut,
    /// How many bytes the argument before has: at least one.
    Size,
    /// The same, or 0.
    SizeOrZero,
    /// Something of a kind of its own, such as a function, a lock or a socket: the helper looks at it.
    Special,
}

/// How execution goes on after a helper.
pub(crate) enum Flow {
    /// With the next instruction, and this in r0.
    Return(u64),
    /// With functions of the program that the helper calls.
    Callback(Box<dyn Callback>),
    /// With another program in the place of this one.
    TailCall(Arc<ProgramObject>),
    /// Nowhere: all functions are left, and the program returns this.
    #[doc(alias = "bpf_throw")]
    Throw(u64),
}

impl Flow {
    /// 0 or an error number in r0.
    pub(crate) fn errno(result: Result<(), Errno>) -> Flow {
        Flow::Return(match result {
            Ok(()) => 0,
            Err(errno) => errno.negative(),
        })
    }
}

/// A helper that calls functions of the program: `bpf_loop` and its like. Closures are.
pub(crate) trait Callback: Send {
    /// What is next, after a call that returned something; at first nothing has returned.
    fn next(&mut self, run: &mut Run, returned: Option<u64>) -> Result<Next, Problem>;
}

impl<F: FnMut(&mut Run, Option<u64>) -> Result<Next, Problem> + Send> Callback for F {
    fn next(&mut self, run: &mut Run, returned: Option<u64>) -> Result<Next, Problem> {
        self(run, returned)
    }
}

impl fmt::Debug for dyn Callback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Callback")
    }
}

/// What a helper that calls functions does next.
pub(crate) enum Next {
    /// It calls the function at an address with these arguments.
    Call { function: u64, arguments: [u64; 5] },
    /// It ends, with this in r0.
    Done(u64),
}

/// The number that stands for an error in a register.
pub(crate) trait Negative {
    /// The error, as C functions return it.
    fn negative(self) -> u64;
}

impl Negative for Errno {
    fn negative(self) -> u64 {
        i64::from(-self.0) as u64
    }
}

/// The problem of an argument that is not what a helper takes. `index` counts from 0.
pub(crate) fn wrong(helper: u32, index: u8, expected: &'static str) -> Problem {
    Problem::Argument {
        function: helper_name(helper).unwrap_or("the helper").into(),
        index,
        expected,
    }
}

impl Run {
    /// Calls a helper.
    pub(super) fn call_helper(&mut self, id: u32) -> Result<Flow, Problem> {
        let [_, first, second, third, fourth, fifth, ..] = self.registers;
        let arguments = [first, second, third, fourth, fifth];
        if let Some(own) = self.kernel.facilities.own_helper(id) {
            return own(&mut HelperCall::new(self, arguments)).map(Flow::Return);
        }
        let Some(helper) = super::helpers::find(id) else {
            let name = helper_name(id).unwrap_or("an unknown one");
            return Err(Problem::NoHelper { id, name });
        };
        let program_type = self.code.spec.program_type;
        if !helper.types.allow(program_type) {
            return Err(Problem::HelperNotForType {
                id,
                name: helper_name(id).unwrap_or("helper"),
                program_type,
            });
        }
        (helper.call)(self, arguments)
    }

    /// Calls a kernel function.
    pub(super) fn call_kfunc(&mut self, name: &str) -> Result<Flow, Problem> {
        let [_, first, second, third, fourth, fifth, ..] = self.registers;
        let arguments = [first, second, third, fourth, fifth];
        if let Some(own) = self.kernel.facilities.own_kfunc(name) {
            return own(&mut HelperCall::new(self, arguments)).map(Flow::Return);
        }
        let Some(kfunc) = super::helpers::find_kfunc(name) else {
            return Err(Problem::NoKfunc { name: name.into() });
        };
        (kfunc.call)(self, arguments)
    }
}
