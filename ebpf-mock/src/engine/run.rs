//! The state of a running program: registers, frames, memory, and what helpers need besides.
//!
//! A run is a value: nothing of it is on the host's stack. Calls, callbacks and tail calls push frames and swap programs
//! here, so it can stop after any instruction and go on later.

use std::sync::Arc;

use ebpf_core::map::MapType;
use ebpf_core::program::ProgramType;

use super::address::{FRAMES, offset_of};
use super::code::{Code, Link};
use super::context::Context;
use super::coverage::Counters;
use super::fault::ProgramFault;
use super::helper::{Callback, Flow, Next};
use super::helpers::State;
use super::memory::{CLOBBERED_ADDRESS, Memory, Outside};
use super::problem::Problem;
use super::registers::{self, AT_START, Registers};
use crate::interleave::Gate;
use crate::kernel::Kernel;
use crate::map::MapObject;
use crate::program::ProgramObject;

/// How many tail calls one run makes at most: `MAX_TAIL_CALL_CNT`.
const MOST_TAIL_CALLS: u32 = 33;

/// How many stretches of instructions are remembered.
pub(super) const HISTORY: usize = 16;

/// A program that runs, or is about to.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) kernel: Arc<Kernel>,
    /// The program that was started.
    pub(crate) program: Arc<ProgramObject>,
    /// What it can reach.
    pub(crate) memory: Memory,
    /// What stands behind [`CONTEXT`](super::address::CONTEXT).
    pub(crate) context: Context,
    /// What helpers keep.
    pub(crate) state: State,
    /// The CPU it runs on.
    pub(crate) cpu: u32,
    /// The code that runs: after a tail call that of another program.
    pub(super) code: Arc<Code>,
    pub(super) registers: [u64; 16],
    /// The instruction that is executed.
    pub(super) pc: usize,
    /// Where the stretch of instructions without a jump began that it is in.
    pub(super) start: usize,
    pub(super) frames: Vec<Frame>,
    /// How many instructions are left before it is stopped.
    pub(super) left: i64,
    /// How many there were.
    budget: i64,
    /// How often each function may still take the way of `may_goto` that goes on.
    pub(super) loops: u32,
    pub(super) tail_calls: u32,
    /// What the links of programs are in this run, and which of these is that of the code that runs.
    pub(super) linked: Vec<Linked>,
    pub(super) link: usize,
    /// The last stretches of instructions: first and last. The next one is written at `turn`.
    pub(super) history: [(u32, u32); HISTORY],
    pub(super) turn: usize,
    /// Which registers have a value, where the code does not make that plain.
    pub(super) known: Registers,
    /// Whether somebody wants to know what is executed.
    pub(super) watched: bool,
    /// Where it waits for its turn, while interleavings are explored.
    pub(super) gate: Option<Arc<Gate>>,
    /// How many regions belong to the program itself.
    mark: usize,
}

/// What is kept of a run for the next one of the same program, so that it asks for no memory.
#[derive(Debug, Default)]
pub(crate) struct Spare {
    memory: Memory,
    linked: Vec<Linked>,
    frames: Vec<Frame>,
    mark: usize,
}

/// What the links of a program are in a run.
#[derive(Debug)]
pub(super) struct Linked {
    pub(super) code: Arc<Code>,
    pub(super) addresses: Vec<u64>,
    /// What was executed of it, where that is wanted.
    pub(super) counters: Counters,
}

/// What is restored when a function returns.
#[derive(Debug)]
pub(super) struct Frame {
    /// The instruction to go on with.
    pub(super) back: usize,
    /// r6 to r10.
    saved: [u64; 5],
    /// Which registers had a value.
    known: Registers,
    loops: u32,
    /// The helper that called the function, to be told what it returned.
    callback: Option<Box<dyn Callback>>,
    /// The code to go back to, where a tail call left it.
    pub(super) code: Option<(Arc<Code>, usize)>,
}

/// Where execution goes on after a helper or a return.
pub(super) enum Then {
    /// With the next instruction.
    On,
    /// There.
    At(usize),
    /// Where [`Run::pc`] says, in other code.
    Switch,
    /// Nowhere: the program returned this.
    End(u64),
}

impl Run {
    /// A run of a program, before its first instruction.
    pub(crate) fn new(kernel: &Arc<Kernel>, program: &Arc<ProgramObject>) -> Run {
        let Spare {
            memory,
            linked,
            frames,
            mark,
        } = program.spare();
        let code = program.code();
        let budget = i64::try_from(kernel.machine.budget).unwrap_or(i64::MAX);
        let mut run = Run {
            kernel: kernel.clone(),
            program: program.clone(),
            memory,
            context: Context::None,
            state: State::default(),
            cpu: kernel.world.tasks.current().cpu,
            registers: [0; 16],
            pc: 0,
            start: 0,
            frames,
            left: budget,
            budget,
            loops: 0,
            tail_calls: 0,
            linked,
            link: 0,
            history: [(0, 0); HISTORY],
            turn: 0,
            known: 0,
            watched: kernel.machine.coverage.is_some() || kernel.machine.trace.is_some(),
            gate: kernel.gate(),
            mark,
            code: code.clone(),
        };
        run.memory.zeroed_stack = kernel.machine.zeroed_stack;
        let is = |types: &[ProgramType]| types.contains(&program.spec.program_type);
        run.memory.outside = Some(Outside {
            kernel: kernel.clone(),
            typed: is(&[
                ProgramType::TRACING,
                ProgramType::LSM,
                ProgramType::STRUCT_OPS,
            ]) || !program.externs.is_empty(),
            writes_typed: is(&[ProgramType::STRUCT_OPS]),
            arena: arena_of(&code),
        });
        if run.linked.is_empty() {
            run.enter(code);
            run.mark = run.memory.mark();
        }
        run
    }

    /// Executes the program from its start to its end, with these arguments in r1 and on: the context, as a rule. Gives r0.
    ///
    /// # Errors
    /// What the program did wrong, and where.
    pub(crate) fn call(&mut self, arguments: &[u64]) -> Result<u64, Box<ProgramFault>> {
        self.call_function(0, arguments)
    }

    /// The same of one of its functions, by the first instruction.
    pub(crate) fn call_function(
        &mut self,
        start: usize,
        arguments: &[u64],
    ) -> Result<u64, Box<ProgramFault>> {
        self.registers = [0; 16];
        self.registers[1..6].fill(CLOBBERED_ADDRESS);
        for (register, argument) in self.registers[1..6].iter_mut().zip(arguments) {
            *register = *argument;
        }
        self.frames.clear();
        self.state.begin();
        (self.pc, self.start) = (start, start);
        (self.left, self.tail_calls, self.turn) = (self.budget, 0, 0);
        self.loops = self.kernel.machine.loops;
        let code = self.program.code();
        let replacement = code.replaced.get(0);
        self.enter(replacement.map_or(code, |program| program.code()));
        self.registers[10] = self.new_stack().unwrap_or(0);
        self.known = AT_START | ((1 << arguments.len()) - 1) << 1;
        loop {
            let done = if self.code.definite && self.gate.is_none() {
                self.execute::<false>()
            } else {
                self.execute::<true>()
            };
            match done {
                Ok(Some(result)) => {
                    let settled = self.settle();
                    return settled
                        .map(|()| result)
                        .map_err(|problem| Box::new(ProgramFault::of(self, problem)));
                }
                Ok(None) => {}
                Err(problem) => {
                    if self.watched && self.start <= self.pc {
                        self.watch(self.start, self.pc);
                    }
                    let fault = ProgramFault::of(self, problem);
                    // What went wrong first is what counts.
                    let _ = self.settle();
                    return Err(Box::new(fault));
                }
            }
        }
    }

    /// The program whose code runs: after a tail call another one than was started.
    pub(crate) fn running_program(&self) -> Arc<ProgramObject> {
        if Arc::ptr_eq(&self.program.code(), &self.code) {
            return self.program.clone();
        }
        let runs = |program: &ProgramObject| Arc::ptr_eq(&program.code(), &self.code);
        let other = self.kernel.programs.find(runs);
        other.unwrap_or_else(|| self.program.clone())
    }

    /// How many instructions were executed since [`Run::call`], up to the last jump.
    pub(crate) fn executed(&self) -> u64 {
        self.budget.saturating_sub(self.left) as u64
    }

    /// The map whose own address is an argument of a helper.
    ///
    /// # Errors
    /// [`Problem::Argument`] if it is none.
    pub(crate) fn map(
        &self,
        helper: u32,
        index: u8,
        address: u64,
    ) -> Result<Arc<MapObject>, Problem> {
        match self.memory.map(address) {
            Some(region) => Ok(region.map.clone()),
            None => Err(super::helper::wrong(helper, index, "map")),
        }
    }

    /// Makes code that which runs, with its links worked out for this run.
    fn enter(&mut self, code: Arc<Code>) {
        let known = self
            .linked
            .iter()
            .position(|linked| Arc::ptr_eq(&linked.code, &code));
        self.link = known.unwrap_or_else(|| {
            let mut addresses = Vec::with_capacity(code.links.len());
            for link in &code.links {
                addresses.push(self.address_of(&code, *link));
            }
            self.linked.push(Linked {
                code: code.clone(),
                addresses,
                counters: Counters::default(),
            });
            self.linked.len() - 1
        });
        if let Some(outside) = &mut self.memory.outside {
            outside.arena = arena_of(&code);
        }
        self.code = code;
    }

    fn address_of(&mut self, code: &Code, link: Link) -> u64 {
        let (Link::Map { map } | Link::Value { map, .. }) = link;
        let Some(map) = code.maps.get(map) else {
            return 0;
        };
        let address = self.memory.map_address(map);
        let Link::Value { offset, .. } = link else {
            return address;
        };
        let region = self.memory.map(address);
        let value = region.and_then(|region| self.memory.value_address(region, 0, 0));
        value.map_or(0, |value| value + u64::from(offset))
    }

    /// A stack for the innermost frame.
    fn new_stack(&mut self) -> Option<u64> {
        let shared = self.code.shared_stack;
        self.memory.push_stack(self.frames.len(), shared)
    }

    /// Pushes a frame for a function.
    pub(super) fn push(
        &mut self,
        back: usize,
        callback: Option<Box<dyn Callback>>,
    ) -> Result<(), Problem> {
        let depth = self.frames.len() + 1;
        let too_deep = Problem::CallDepth { frames: FRAMES };
        if depth >= FRAMES {
            return Err(too_deep);
        }
        let mut saved = [0; 5];
        saved.copy_from_slice(&self.registers[6..11]);
        self.frames.push(Frame {
            back,
            saved,
            known: self.known,
            loops: self.loops,
            callback,
            code: None,
        });
        self.loops = self.kernel.machine.loops;
        self.registers[10] = self.new_stack().ok_or(too_deep)?;
        Ok(())
    }

    /// Returns from a function, with its result in r0.
    pub(super) fn leave(&mut self) -> Result<Then, Problem> {
        let depth = self.frames.len();
        self.memory.pop_stack(depth);
        let Some(frame) = self.frames.pop() else {
            return Ok(Then::End(self.registers[0]));
        };
        self.registers[6..11].copy_from_slice(&frame.saved);
        self.known = registers::after_call(frame.known);
        self.clobber();
        self.loops = frame.loops;
        let switched = match frame.code {
            None => false,
            Some((code, link)) => {
                (self.code, self.link) = (code, link);
                self.turn = 0;
                true
            }
        };
        let back = match frame.callback {
            None => frame.back,
            Some(callback) => {
                let returned = self.registers[0];
                match self.call_back(callback, Some(returned), frame.back)? {
                    Then::At(pc) => pc,
                    _ => frame.back,
                }
            }
        };
        if switched {
            self.pc = back;
            return Ok(Then::Switch);
        }
        Ok(Then::At(back))
    }

    /// Lets a helper go on that calls functions: calls the next one, or ends the helper.
    fn call_back(
        &mut self,
        mut callback: Box<dyn Callback>,
        returned: Option<u64>,
        back: usize,
    ) -> Result<Then, Problem> {
        match callback.next(self, returned)? {
            Next::Done(result) => {
                self.registers[0] = result;
                self.clobber();
                Ok(Then::On)
            }
            Next::Call {
                function,
                arguments,
            } => {
                let Some(pc) = self.code.function_of(function) else {
                    return Err(Problem::NotAllowed {
                        access: super::problem::Access::Read,
                        place: super::problem::Place::Function,
                        offset: offset_of(function) as i64,
                        size: 0,
                    });
                };
                self.push(back, Some(callback))?;
                self.known = registers::IN_FUNCTION;
                self.registers[1..6].copy_from_slice(&arguments);
                Ok(Then::At(pc))
            }
        }
    }

    /// Carries out what a helper said; the call is at [`Run::pc`].
    pub(super) fn carry_out(&mut self, flow: Flow) -> Result<Then, Problem> {
        match flow {
            Flow::Return(result) => {
                self.registers[0] = result;
                self.clobber();
                Ok(Then::On)
            }
            Flow::Callback(callback) => self.call_back(callback, None, self.pc + 1),
            Flow::TailCall(program) => {
                if self.tail_calls >= MOST_TAIL_CALLS {
                    self.registers[0] = CLOBBERED_ADDRESS;
                    self.clobber();
                    return Ok(Then::On);
                }
                self.tail_calls += 1;
                // The function that made the call is left for good; what called it gets what the program returns.
                let left = (self.code.clone(), self.link);
                if let Some(frame) = self.frames.last_mut()
                    && frame.code.is_none()
                {
                    frame.code = Some(left);
                }
                let context = self.registers[1];
                // What was executed before is of another program.
                self.turn = 0;
                self.enter(program.code());
                self.clobber();
                self.registers[1] = context;
                self.known = AT_START;
                self.registers[10] = self.new_stack().unwrap_or(0);
                self.loops = self.kernel.machine.loops;
                self.pc = 0;
                Ok(Then::Switch)
            }
            Flow::Throw(result) => {
                while let Some(frame) = self.frames.pop() {
                    self.memory.pop_stack(self.frames.len() + 1);
                    if let Some((code, link)) = frame.code {
                        (self.code, self.link) = (code, link);
                    }
                }
                Ok(Then::End(result))
            }
        }
    }

    /// Calls the program that is executed for a function, instead of the function.
    pub(super) fn enter_replacement(
        &mut self,
        program: &Arc<ProgramObject>,
    ) -> Result<Then, Problem> {
        let left = (self.code.clone(), self.link);
        self.push(self.pc + 1, None)?;
        if let Some(frame) = self.frames.last_mut() {
            frame.code = Some(left);
        }
        self.turn = 0;
        self.enter(program.code());
        self.known = registers::in_call(self.known);
        self.pc = 0;
        Ok(Then::Switch)
    }

    /// What a call does to r1 to r5.
    #[inline(always)]
    pub(super) fn clobber(&mut self) {
        self.registers[1..6].copy_from_slice(&[CLOBBERED_ADDRESS; 5]);
    }
}

/// The arena that a program uses: it has one at most.
fn arena_of(code: &Code) -> Option<Arc<MapObject>> {
    let is_arena = |map: &&Arc<MapObject>| map.info.map_type == MapType::ARENA;
    code.maps.iter().find(is_arena).cloned()
}

impl Drop for Run {
    /// Gives what can be used again back to the program, without what only this run referred to.
    fn drop(&mut self) {
        if self.watched {
            self.report_coverage();
        }
        self.memory.forget_since(self.mark);
        self.memory.outside = None;
        self.linked.truncate(1);
        self.frames.clear();
        self.program.keep(Spare {
            memory: std::mem::take(&mut self.memory),
            linked: std::mem::take(&mut self.linked),
            frames: std::mem::take(&mut self.frames),
            mark: self.mark,
        });
    }
}
