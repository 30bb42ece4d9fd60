//! The walk along the paths of a program: `do_check()` in kernel/bpf/verifier.c.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Display;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

use ebpf_core::Errno;
use ebpf_core::insn::{AluOp, CallKind, Class, Insn, JmpOp, Opcode, Reg, Source};
use ebpf_core::program::ProgramType;

use super::blocks::Blocks;
use super::functions::jump_target;
use super::jumps::{self, Ways};
use super::state::{State, To, Value};
use super::text::{self, Line};
use super::{Ending, Functions, Refusal, Subject, alu, calls, exit, memory};

/// So many instructions are walked at most: what lies behind them is left to the run.
const MOST: u32 = 100_000;

/// A refusal at an instruction.
#[derive(Debug)]
pub(super) struct Stop {
    errno: Errno,
    words: String,
}

/// What a step gives, or why the program is refused.
pub(super) type Outcome<T> = Result<T, Stop>;

pub(super) fn refuse<T>(words: impl Display) -> Outcome<T> {
    refuse_as(Errno::EINVAL, words)
}

pub(super) fn refuse_as<T>(errno: Errno, words: impl Display) -> Outcome<T> {
    let words = words.to_string();
    Err(Stop { errno, words })
}

/// What is in a register, which must have been written.
pub(super) fn read(state: &State, register: Reg) -> Outcome<Value> {
    exists(register)?;
    match state.get(register) {
        Value::Unwritten => refuse_as(
            Errno::EACCES,
            format_args!("R{} !read_ok", register.number()),
        ),
        value => Ok(value),
    }
}

/// Refuses what is no register to be written.
pub(super) fn accepted(_: &State, register: Reg) -> Outcome<()> {
    exists(register)?;
    if register == Reg::R10 {
        return refuse_as(Errno::EACCES, "frame pointer is read only");
    }
    Ok(())
}

/// Writes a register.
pub(super) fn write(state: &mut State, register: Reg, value: Value) -> Outcome<()> {
    accepted(state, register)?;
    state.set(register, value);
    Ok(())
}

fn exists(register: Reg) -> Outcome<()> {
    if register.is_valid() {
        return Ok(());
    }
    refuse(format_args!("R{} is invalid", register.number()))
}

/// What is noted on the way.
#[derive(Debug, Default)]
pub(super) struct Notes {
    ids: u32,
    /// How much of its stack each function used.
    depths: Vec<i64>,
    /// Functions that are called and checked on their own.
    pub(super) globals: BTreeSet<usize>,
}

impl Notes {
    /// A number that nothing else has.
    pub(super) fn next_id(&mut self) -> u32 {
        self.ids = self.ids.wrapping_add(1);
        self.ids
    }

    /// Notes that a function used so many bytes of its stack.
    pub(super) fn stack_used(&mut self, function: usize, bytes: i64) {
        if self.depths.len() <= function {
            self.depths.resize(function + 1, 0);
        }
        if let Some(depth) = self.depths.get_mut(function) {
            *depth = bytes.max(*depth);
        }
    }
}

/// What was seen.
#[derive(Debug)]
pub(super) struct Walk {
    /// How many instructions.
    pub(super) walked: u32,
    /// Whether all was seen that the kernel sees.
    pub(super) complete: bool,
    depths: Vec<i64>,
}

impl Walk {
    /// How much of its stack a function uses at least.
    pub(super) fn stack_of(&self, function: usize) -> i64 {
        self.depths.get(function).copied().unwrap_or(0)
    }
}

/// Where the path goes on.
enum Next {
    To(usize),
    Ways(Ways),
    End,
}

/// A way that is still to be walked.
struct Open {
    state: State,
    from: usize,
    at: usize,
    /// How long the log was.
    lines: usize,
}

type Hasher = BuildHasherDefault<DefaultHasher>;

struct Walker<'a> {
    subject: &'a Subject<'a>,
    functions: &'a Functions,
    notes: Notes,
    blocks: HashMap<usize, Blocks, Hasher>,
    /// Instructions that jumps lead to.
    targets: Vec<bool>,
    seen: BTreeSet<(usize, u64)>,
    open: Vec<Open>,
    lines: Vec<Line>,
    walked: u32,
    complete: bool,
}

/// Walks a program, then each function that is checked on its own.
pub(super) fn walk(subject: &Subject<'_>, functions: &Functions) -> Result<Walk, Refusal> {
    let mut targets = vec![false; subject.instructions().len()];
    for (at, insn) in subject.instructions().iter().enumerate() {
        if let Some(target) = jump_target(*insn, at).and_then(|target| targets.get_mut(target)) {
            *target = true;
        }
    }
    let mut walker = Walker {
        subject,
        functions,
        notes: Notes::default(),
        blocks: HashMap::default(),
        targets,
        seen: BTreeSet::new(),
        open: Vec::new(),
        lines: Vec::new(),
        walked: 0,
        complete: true,
    };
    walker.run(0, State::start())?;
    let mut done = BTreeSet::new();
    while let Some(function) = walker
        .notes
        .globals
        .iter()
        .copied()
        .find(|function| !done.contains(function))
    {
        done.insert(function);
        let start = functions.start_of(function);
        walker.run(start, State::start_of_function(function))?;
    }
    Ok(Walk {
        walked: walker.walked,
        complete: walker.complete,
        depths: walker.notes.depths,
    })
}

impl Walker<'_> {
    /// Walks all ways from one instruction on.
    fn run(&mut self, start: usize, state: State) -> Result<(), Refusal> {
        self.lines.clear();
        self.lines.push(Line::Start(start));
        self.path(start, state)?;
        while let Some(open) = self.open.pop() {
            self.lines.truncate(open.lines);
            self.lines.push(Line::From(open.from, open.at));
            self.path(open.at, open.state)?;
        }
        Ok(())
    }

    /// Walks one way to its end.
    fn path(&mut self, start: usize, mut state: State) -> Result<(), Refusal> {
        let mut at = start;
        loop {
            if self.walked >= MOST {
                self.complete = false;
                self.open.clear();
                return Ok(());
            }
            if self.targets.get(at).copied().unwrap_or(false) {
                let digest = Hasher::default().hash_one(&state);
                if !self.seen.insert((at, digest)) {
                    return Ok(());
                }
            }
            let Some(insn) = self.subject.insn(at) else {
                return Ok(());
            };
            self.walked += 1;
            self.lines.push(Line::Insn(at));
            let certain = !reads(insn).any(|register| state.get(register) == Value::Any);
            let next = match self.step(&mut state, at, insn) {
                Ok(next) => next,
                Err(stop) if certain => return Err(self.refusal(stop)),
                // What is read here may be something that the kernel refuses to read.
                Err(_) => {
                    self.complete = false;
                    return Ok(());
                }
            };
            at = match next {
                Next::To(next) => next,
                Next::End => return Ok(()),
                Next::Ways(ways) => match self.choose(&mut state, at, insn, ways) {
                    Some(next) => next,
                    None => return Ok(()),
                },
            };
        }
    }

    /// Chooses a way at a jump, and leaves the other for later.
    fn choose(&mut self, state: &mut State, at: usize, insn: Insn, ways: Ways) -> Option<usize> {
        let target = jump_target(insn, at)?;
        match ways {
            Ways::One(true) => Some(target),
            Ways::One(false) => Some(at + 1),
            Ways::Both(next, taken) => {
                self.open.push(Open {
                    state: taken,
                    from: at,
                    at: target,
                    lines: self.lines.len(),
                });
                *state = next;
                Some(at + 1)
            }
            Ways::Unsure => {
                self.complete = false;
                let (number, range) = self.functions.around(at);
                let subject = self.subject;
                let blocks = self
                    .blocks
                    .entry(number)
                    .or_insert_with(|| Blocks::of(subject, range));
                let meet = blocks.meeting(at)?;
                let between = blocks.between(subject, at, meet);
                let length = u32::try_from(between.length).unwrap_or(u32::MAX);
                self.walked = self.walked.saturating_add(length).min(MOST);
                state.blur(&between.written, between.stack);
                Some(meet)
            }
        }
    }

    fn step(&mut self, state: &mut State, at: usize, insn: Insn) -> Outcome<Next> {
        let (subject, notes) = (self.subject, &mut self.notes);
        match insn.code.class() {
            Class::ALU | Class::ALU64 => alu::alu(state, insn, notes)?,
            Class::LDX => memory::load(subject, state, insn, notes)?,
            Class::ST => memory::store_imm(subject, state, insn, notes)?,
            Class::STX => memory::store(subject, state, insn, notes)?,
            Class::LD if insn.is_wide() => {
                let value = calls::wide(subject, at, insn);
                write(state, insn.dst, value)?;
                return Ok(Next::To(at + 2));
            }
            Class::LD => calls::load_packet(subject, state, insn, notes)?,
            _ => return self.leave(state, at, insn),
        }
        Ok(Next::To(at + 1))
    }

    /// Jumps, calls and ends.
    fn leave(&mut self, state: &mut State, at: usize, insn: Insn) -> Outcome<Next> {
        let zero = |register: Reg| register.number() == 0;
        let narrow = insn.code.class() == Class::JMP32;
        let by_register = insn.code.source() == Source::REG;
        match insn.code.jmp_op() {
            JmpOp::CALL => {
                let kind = CallKind(insn.src.number());
                let known = matches!(kind, CallKind::HELPER | CallKind::LOCAL | CallKind::KFUNC);
                let off = kind == CallKind::KFUNC || insn.off == 0;
                if by_register || narrow || !known || !off || !zero(insn.dst) {
                    return refuse("BPF_CALL uses reserved fields");
                }
                let next = calls::call(
                    self.subject,
                    self.functions,
                    state,
                    at,
                    insn,
                    &mut self.notes,
                )?;
                Ok(Next::To(next))
            }
            JmpOp::JA => {
                let other = if narrow { insn.off != 0 } else { insn.imm != 0 };
                if by_register || other || !zero(insn.src) || !zero(insn.dst) {
                    return refuse("BPF_JA uses reserved fields");
                }
                Ok(jump_target(insn, at).map_or(Next::End, Next::To))
            }
            JmpOp::EXIT => {
                let rest = insn.imm != 0 || !zero(insn.src) || !zero(insn.dst);
                if by_register || narrow || rest {
                    return refuse("BPF_EXIT uses reserved fields");
                }
                self.end(state)
            }
            _ => Ok(Next::Ways(jumps::jump(state, insn)?)),
        }
    }

    /// The end of a function.
    fn end(&mut self, state: &mut State) -> Outcome<Next> {
        let value = state.get(Reg::R0);
        if state.frames.len() > 1 {
            if let Value::Pointer(pointer) = value
                && matches!(pointer.to, To::Stack(_))
            {
                return refuse("cannot return stack pointer to the caller");
            }
            let back = state.frames.pop().map_or(0, |frame| frame.back);
            state.end_call(value);
            return Ok(Next::To(back));
        }
        let main = state.frames.last().is_some_and(|frame| frame.function == 0);
        // What these stand for may return nothing.
        let silent = matches!(
            self.subject.spec.program_type,
            ProgramType::LSM | ProgramType::STRUCT_OPS | ProgramType::EXT
        );
        if main && !silent {
            let value = read(state, Reg::R0)?;
            exit::check(self.subject.spec, value)?;
        }
        Ok(Next::End)
    }

    /// The refusal with the log that leads to it.
    fn refusal(&self, stop: Stop) -> Refusal {
        let mut log = text::log(self.subject, &self.lines);
        log.push_str(&stop.words);
        log.push('\n');
        log.push_str(&Ending(self.walked).to_string());
        log.push('\n');
        Refusal {
            errno: stop.errno,
            log,
        }
    }
}

/// The registers that an instruction reads. What calls read is looked at with each of their arguments.
fn reads(insn: Insn) -> impl Iterator<Item = Reg> {
    let by_register = insn.code.source() == Source::REG;
    let (dst, src) = match insn.code.class() {
        Class::ALU | Class::ALU64 => (insn.code.alu_op() != AluOp::MOV, by_register),
        Class::LDX => (false, true),
        Class::ST => (true, false),
        Class::STX => (true, true),
        Class::JMP | Class::JMP32 if insn.code.jmp_op().is_comparison() => (true, by_register),
        _ => (false, false),
    };
    let dst = dst.then_some(insn.dst);
    dst.into_iter().chain(src.then_some(insn.src))
}

/// Whether an instruction is the call of a function of the program.
pub(super) fn calls_function(insn: Insn) -> bool {
    insn.code == Opcode::CALL && insn.is_call_local()
}
