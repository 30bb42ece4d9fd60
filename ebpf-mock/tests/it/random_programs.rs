//! Random programs that a verifier accepts, on the simulated system and on the kernel: what they leave behind has to be the
//! same. `cargo xtask fuzz programs` runs many.
//!
//! A program gets its registers and its stack from the context, does random things with them, and writes all of them back.

use std::fmt::Write;
use std::sync::Arc;

use ebpf_core::insn::{
    AluOp, AtomicOp, Class, Insn, JmpOp, Opcode, Reg, Size, Source, disassemble,
};
use ebpf_core::program::{Program, ProgramFlags, ProgramSpec, ProgramType, RunInput, RunOutput};
use ebpf_core::system::Bindings;
use ebpf_core::{KernelSystem, System};
use ebpf_mock::MockSystem;

use crate::known_programs::KNOWN;
use crate::random::{Extent, Random};

/// Registers that programs work with; r9 is the context, r10 the stack.
const WORKING: [Reg; 9] = [
    Reg::R0,
    Reg::R1,
    Reg::R2,
    Reg::R3,
    Reg::R4,
    Reg::R5,
    Reg::R6,
    Reg::R7,
    Reg::R8,
];

/// Words of stack that programs work with.
const SLOTS: usize = 8;

/// Words of the context: registers, then stack.
const WORDS: usize = WORKING.len() + SLOTS;

/// Inputs that each program is run on.
const INPUTS: usize = 4;

/// A program between the loading and the writing back of its state.
#[derive(Clone, Debug)]
struct Body {
    main: Vec<Insn>,
    /// Functions that it calls, with scalars in r1 to r5.
    functions: Vec<Vec<Insn>>,
}

fn slot(index: usize) -> i16 {
    -8 * (index as i16 + 1)
}

fn alu_reg(class: Class, op: AluOp, dst: Reg, src: Reg) -> Insn {
    let code = Opcode::alu(class, op, Source::REG);
    Insn {
        code,
        ..Insn::mov_reg(dst, src)
    }
}

fn alu_imm(class: Class, op: AluOp, dst: Reg, imm: i32) -> Insn {
    let code = Opcode::alu(class, op, Source::IMM);
    Insn {
        code,
        ..Insn::mov_imm(dst, imm)
    }
}

fn jump_reg(class: Class, op: JmpOp, dst: Reg, src: Reg, off: i16) -> Insn {
    let code = Opcode::jmp(class, op, Source::REG);
    Insn {
        code,
        off,
        ..Insn::mov_reg(dst, src)
    }
}

fn jump_imm(class: Class, op: JmpOp, dst: Reg, imm: i32, off: i16) -> Insn {
    let code = Opcode::jmp(class, op, Source::IMM);
    Insn {
        code,
        off,
        ..Insn::mov_imm(dst, imm)
    }
}

struct Generator {
    random: Random,
}

impl Generator {
    fn body(&mut self) -> Body {
        let functions: Vec<_> = (0..self.random.below(3)).map(|_| self.function()).collect();
        let length = 1 + self.random.below(40);
        let main = self.instructions(length as usize, &WORKING, SLOTS, functions.len());
        Body { main, functions }
    }

    fn function(&mut self) -> Vec<Insn> {
        let mut insns = vec![Insn::mov_reg(Reg::R0, Reg::R1)];
        for index in 0..2 {
            insns.push(Insn::store_reg(Size::DW, Reg::R10, slot(index), Reg::R2));
        }
        let length = 1 + self.random.below(10) as usize;
        insns.extend(self.instructions(length, &WORKING[..6], 2, 0));
        insns.push(Insn::exit());
        insns
    }

    /// So many steps; jumps only go forward, and not past the end.
    fn instructions(
        &mut self,
        steps: usize,
        regs: &[Reg],
        slots: usize,
        functions: usize,
    ) -> Vec<Insn> {
        let mut insns = Vec::new();
        // Where jumps are, and over how many steps they go.
        let mut jumps: Vec<(usize, usize)> = Vec::new();
        let mut starts = Vec::new();
        for step in 0..steps {
            starts.push(insns.len());
            match self.random.below(20) {
                0..8 => insns.push(self.alu(regs)),
                8..10 => insns.push(self.unary(regs)),
                10 => insns.extend(self.wide(regs)),
                11..13 => insns.push(self.load(regs, slots)),
                13..15 => insns.push(self.store(regs, slots)),
                15..17 => insns.push(self.atomic(regs, slots)),
                17 if functions > 0 => self.call(&mut insns, functions),
                18 if steps - step > 3 => insns.extend(self.bounded_loop(regs)),
                _ if jumps.len() < 8 => {
                    jumps.push((insns.len(), step + 1 + self.random.below(5) as usize));
                    insns.push(self.jump(regs));
                }
                _ => insns.push(self.alu(regs)),
            }
        }
        starts.push(insns.len());
        for (at, to) in jumps {
            let target = starts[(to + 1).min(steps)];
            insns[at].off = (target - at - 1) as i16;
        }
        insns
    }

    fn class(&mut self, wide: Class, narrow: Class) -> Class {
        self.random.one_of(&[wide, narrow])
    }

    fn alu(&mut self, regs: &[Reg]) -> Insn {
        let class = self.class(Class::ALU64, Class::ALU);
        let op = self.random.one_of(&[
            AluOp::ADD,
            AluOp::SUB,
            AluOp::MUL,
            AluOp::DIV,
            AluOp::MOD,
            AluOp::OR,
            AluOp::AND,
            AluOp::XOR,
            AluOp::LSH,
            AluOp::RSH,
            AluOp::ARSH,
            AluOp::MOV,
        ]);
        let divides = matches!(op, AluOp::DIV | AluOp::MOD);
        let shifts = matches!(op, AluOp::LSH | AluOp::RSH | AluOp::ARSH);
        let dst = self.random.one_of(regs);
        let mut insn = if self.random.below(2) == 0 {
            alu_reg(class, op, dst, self.random.one_of(regs))
        } else {
            let mut imm = self.random.odd_number() as i32;
            if shifts {
                imm &= if class == Class::ALU { 31 } else { 63 };
            }
            if divides && imm == 0 {
                imm = 3;
            }
            alu_imm(class, op, dst, imm)
        };
        if divides && self.random.below(2) == 0 {
            insn.off = 1;
        }
        insn
    }

    fn unary(&mut self, regs: &[Reg]) -> Insn {
        let (dst, src) = (self.random.one_of(regs), self.random.one_of(regs));
        match self.random.below(4) {
            0 => alu_imm(self.class(Class::ALU64, Class::ALU), AluOp::NEG, dst, 0),
            1 => {
                let (class, widths): (_, &[i16]) = self
                    .random
                    .one_of(&[(Class::ALU64, &[8, 16, 32][..]), (Class::ALU, &[8, 16][..])]);
                Insn {
                    off: self.random.one_of(widths),
                    ..alu_reg(class, AluOp::MOV, dst, src)
                }
            }
            _ => {
                let (class, source) = self.random.one_of(&[
                    (Class::ALU, Source::IMM),
                    (Class::ALU, Source::REG),
                    (Class::ALU64, Source::IMM),
                ]);
                Insn {
                    code: Opcode::alu(class, AluOp::END, source),
                    ..Insn::mov_imm(dst, self.random.one_of(&[16, 32, 64]))
                }
            }
        }
    }

    fn wide(&mut self, regs: &[Reg]) -> [Insn; 2] {
        let value = self.random.odd_number();
        Insn::ld_imm64(self.random.one_of(regs), value)
    }

    /// A place on the stack that is a multiple of the size.
    fn place(&mut self, slots: usize, bytes: usize) -> i16 {
        let places = slots * 8 / bytes;
        -((self.random.below(places as u64) as usize + 1) as i16 * bytes as i16)
    }

    fn size(&mut self) -> Size {
        self.random.one_of(&[Size::B, Size::H, Size::W, Size::DW])
    }

    fn load(&mut self, regs: &[Reg], slots: usize) -> Insn {
        let size = self.size();
        let insn = Insn::load(
            size,
            self.random.one_of(regs),
            Reg::R10,
            self.place(slots, size.bytes()),
        );
        if size != Size::DW && self.random.below(3) == 0 {
            let code = Opcode::load_store(Class::LDX, size, ebpf_core::insn::Mode::MEMSX);
            return Insn { code, ..insn };
        }
        insn
    }

    fn store(&mut self, regs: &[Reg], slots: usize) -> Insn {
        let size = self.size();
        let off = self.place(slots, size.bytes());
        if self.random.below(3) == 0 {
            Insn::store_imm(size, Reg::R10, off, self.random.odd_number() as i32)
        } else {
            Insn::store_reg(size, Reg::R10, off, self.random.one_of(regs))
        }
    }

    fn atomic(&mut self, regs: &[Reg], slots: usize) -> Insn {
        let src = self.random.one_of(regs);
        if self.random.below(5) == 0 {
            let size = self.size();
            let off = self.place(slots, size.bytes());
            return if self.random.below(2) == 0 {
                Insn::atomic(AtomicOp::LOAD_ACQ, size, src, off, Reg::R10)
            } else {
                Insn::atomic(AtomicOp::STORE_REL, size, Reg::R10, off, src)
            };
        }
        let op = self.random.one_of(&[
            AtomicOp::ADD,
            AtomicOp::OR,
            AtomicOp::AND,
            AtomicOp::XOR,
            AtomicOp::FETCH_ADD,
            AtomicOp::FETCH_OR,
            AtomicOp::FETCH_AND,
            AtomicOp::FETCH_XOR,
            AtomicOp::XCHG,
            AtomicOp::CMPXCHG,
        ]);
        let size = self.random.one_of(&[Size::W, Size::DW]);
        Insn::atomic(op, size, Reg::R10, self.place(slots, size.bytes()), src)
    }

    fn jump(&mut self, regs: &[Reg]) -> Insn {
        let class = self.class(Class::JMP, Class::JMP32);
        let op = self.random.one_of(&[
            JmpOp::JEQ,
            JmpOp::JNE,
            JmpOp::JSET,
            JmpOp::JGT,
            JmpOp::JGE,
            JmpOp::JLT,
            JmpOp::JLE,
            JmpOp::JSGT,
            JmpOp::JSGE,
            JmpOp::JSLT,
            JmpOp::JSLE,
        ]);
        let dst = self.random.one_of(regs);
        if self.random.below(2) == 0 {
            jump_reg(class, op, dst, self.random.one_of(regs), 0)
        } else {
            jump_imm(class, op, dst, self.random.odd_number() as i32, 0)
        }
    }

    /// A call; r1 to r5 are lost in it, and get what r0 and others have.
    fn call(&mut self, insns: &mut Vec<Insn>, functions: usize) {
        let which = self.random.below(functions as u64) as i32;
        // The distance is worked out when the program is put together.
        insns.push(Insn::call_local(which));
        for reg in &WORKING[1..6] {
            let from = self.random.one_of(&[Reg::R0, Reg::R6, Reg::R7, Reg::R8]);
            insns.push(Insn::mov_reg(*reg, from));
        }
    }

    /// A few turns of arithmetic, counted in a register that this leaves alone.
    fn bounded_loop(&mut self, regs: &[Reg]) -> Vec<Insn> {
        let counter = self.random.one_of(regs);
        let others: Vec<Reg> = regs.iter().copied().filter(|reg| *reg != counter).collect();
        let length = 1 + self.random.below(3);
        let mut insns = vec![Insn::mov_imm(counter, 1 + self.random.below(4) as i32)];
        for _ in 0..length {
            insns.push(self.alu(&others));
        }
        insns.push(alu_imm(Class::ALU64, AluOp::SUB, counter, 1));
        let back = -(length as i16) - 2;
        insns.push(jump_imm(Class::JMP, JmpOp::JNE, counter, 0, back));
        insns
    }
}

/// The whole program: state from the context, the body, state back to the context.
fn assembled(body: &Body) -> Vec<Insn> {
    let mut insns = vec![Insn::mov_reg(Reg::R9, Reg::R1)];
    for index in 0..SLOTS {
        let off = 8 * (WORKING.len() + index) as i16;
        insns.push(Insn::load(Size::DW, Reg::R0, Reg::R9, off));
        insns.push(Insn::store_reg(Size::DW, Reg::R10, slot(index), Reg::R0));
    }
    for (index, reg) in WORKING.iter().enumerate() {
        insns.push(Insn::load(Size::DW, *reg, Reg::R9, 8 * index as i16));
    }
    let start = insns.len();
    insns.extend(&body.main);
    for (index, reg) in WORKING.iter().enumerate() {
        insns.push(Insn::store_reg(Size::DW, Reg::R9, 8 * index as i16, *reg));
    }
    for index in 0..SLOTS {
        let off = 8 * (WORKING.len() + index) as i16;
        insns.push(Insn::load(Size::DW, Reg::R0, Reg::R10, slot(index)));
        insns.push(Insn::store_reg(Size::DW, Reg::R9, off, Reg::R0));
    }
    insns.push(Insn::mov_imm(Reg::R0, 0));
    insns.push(Insn::exit());
    let called: Vec<bool> = (0..body.functions.len())
        .map(|which| {
            let is = |insn: &Insn| insn.is_call_local() && insn.imm as usize == which;
            body.main.iter().any(is)
        })
        .collect();
    let mut places = Vec::new();
    for (function, called) in body.functions.iter().zip(called) {
        places.push(insns.len());
        if called {
            insns.extend(function);
        }
    }
    for at in start..start + body.main.len() {
        if insns[at].is_call_local() {
            insns[at].imm = places[insns[at].imm as usize] as i32 - at as i32 - 1;
        }
    }
    insns
}

type State = [u64; WORDS];

fn load(system: &dyn System, insns: &[Insn]) -> Result<Arc<dyn Program>, String> {
    let mut spec = ProgramSpec::new("random", ProgramType::SYSCALL, insns.to_vec());
    spec.flags = ProgramFlags::SLEEPABLE;
    let loaded = system.load_program(&spec, &Bindings::default());
    loaded.map_err(|error| format!("{error:#?}"))
}

fn run(program: &dyn Program, state: &State) -> Result<State, String> {
    let context: Vec<u8> = state.iter().flat_map(|word| word.to_ne_bytes()).collect();
    let mut after = vec![0; context.len()];
    let mut output = RunOutput::none();
    output.context = &mut after;
    program
        .run(&RunInput::context(&context), &mut output)
        .map_err(|error| error.to_string())?;
    let mut state = [0; WORDS];
    for (word, bytes) in state.iter_mut().zip(after.chunks_exact(8)) {
        *word = u64::from_ne_bytes(bytes.try_into().expect("eight bytes"));
    }
    Ok(state)
}

/// What two systems made of a program.
#[derive(Debug)]
enum Outcome {
    Same,
    /// The kernel does not take it.
    Refused(String),
    /// They differ on an input.
    Differs(Box<Difference>),
}

/// An input, and what each system made of it.
#[derive(Debug)]
struct Difference {
    input: State,
    kernel: Result<State, String>,
    mock: Result<State, String>,
}

impl Difference {
    /// Whether both systems came to an end, and only upper halves of words differ.
    fn is_of_upper_halves(&self) -> bool {
        let (Ok(kernel), Ok(mock)) = (&self.kernel, &self.mock) else {
            return false;
        };
        let mut pairs = kernel.iter().zip(mock);
        pairs.all(|(kernel, mock)| *kernel as u32 == *mock as u32)
    }
}

fn compare(kernel: &dyn System, mock: &dyn System, body: &Body, inputs: &[State]) -> Outcome {
    let insns = assembled(body);
    let on_kernel = match load(kernel, &insns) {
        Ok(program) => program,
        Err(error) => return Outcome::Refused(error),
    };
    let on_mock = load(mock, &insns);
    for input in inputs {
        let there = run(&*on_kernel, input);
        let here = on_mock.as_ref().map_err(String::clone);
        let here = here.and_then(|program| run(&**program, input));
        if there != here {
            return Outcome::Differs(Box::new(Difference {
                input: *input,
                kernel: there,
                mock: here,
            }));
        }
    }
    Outcome::Same
}

/// Leaves out instructions as long as the systems differ.
fn shorten(kernel: &dyn System, mock: &dyn System, mut body: Body, inputs: &[State]) -> Body {
    let nothing = Insn::goto(0);
    let differs = |body: &Body| matches!(compare(kernel, mock, body, inputs), Outcome::Differs(_));
    loop {
        let mut shorter = false;
        for at in 0..body.main.len() {
            if body.main[at] == nothing {
                continue;
            }
            let mut less = body.clone();
            less.main[at] = nothing;
            if body.main[at].is_wide() {
                less.main[at + 1] = nothing;
            }
            if differs(&less) {
                body = less;
                shorter = true;
            }
        }
        if !shorter {
            return body;
        }
    }
}

fn tell(body: &Body, outcome: &Outcome, seed: u64, turn: u64) -> String {
    let insns = assembled(body);
    let mut text = format!("TEST_SEED={seed}, program {turn}\n");
    let _ = write!(text, "{}", disassemble(&insns, &Default::default()));
    match outcome {
        Outcome::Differs(difference) => {
            let Difference {
                input,
                kernel,
                mock,
            } = &**difference;
            let _ = writeln!(
                text,
                "input  {input:x?}\nkernel {kernel:x?}\nmock   {mock:x?}"
            );
            if let (Ok(kernel), Ok(mock)) = (kernel, mock) {
                for (index, (kernel, mock)) in kernel.iter().zip(mock).enumerate() {
                    if kernel != mock {
                        let _ = writeln!(text, "word {index}: kernel {kernel:#x}, mock {mock:#x}");
                    }
                }
            }
        }
        Outcome::Refused(error) => text += error,
        Outcome::Same => {}
    }
    text
}

#[test]
fn random_programs_do_the_same_on_the_kernel() {
    if !ebpf_testbed::require("kernel") {
        return;
    }
    let kernel = KernelSystem::new();
    let mock = MockSystem::new();
    let extent = Extent::or(300);
    let seed = extent.seed;
    let (mut programs, mut refused) = (0u64, 0u64);
    let mut kept: Vec<(&str, u64)> = Vec::new();
    for turn in extent {
        let mut generator = Generator {
            random: Random::new(seed.wrapping_add(turn)),
        };
        let body = generator.body();
        let inputs: Vec<State> = (0..INPUTS)
            .map(|_| std::array::from_fn(|_| generator.random.odd_number()))
            .collect();
        programs += 1;
        let outcome = compare(&kernel, &mock, &body, &inputs);
        match outcome {
            Outcome::Same => {}
            Outcome::Refused(_) => {
                refused += 1;
                assert!(
                    refused * 20 < programs + 100,
                    "{}",
                    tell(&body, &outcome, seed, turn)
                );
            }
            Outcome::Differs(_) => {
                let body = shorten(&kernel, &mock, body, &inputs);
                let outcome = compare(&kernel, &mock, &body, &inputs);
                let code = [&body.main[..], &body.functions.concat()].concat();
                let known = KNOWN.iter().find(|known| match &outcome {
                    Outcome::Differs(difference) => {
                        (known.is)(&code, difference.is_of_upper_halves())
                    }
                    _ => false,
                });
                let Some(known) = known else {
                    panic!("{}", tell(&body, &outcome, seed, turn));
                };
                println!("{}: {}", known.name, tell(&body, &outcome, seed, turn));
                match kept.iter_mut().find(|kept| kept.0 == known.name) {
                    Some(kept) => kept.1 += 1,
                    None => kept.push((known.name, 1)),
                }
            }
        }
    }
    println!("{programs} programs, {refused} refused by the kernel, known divergences: {kept:?}");
}

/// A random program and inputs for its context, such as are compared.
pub(crate) fn sample(seed: u64, inputs: usize) -> (Vec<Insn>, Vec<Vec<u8>>) {
    let mut generator = Generator {
        random: Random::new(seed),
    };
    let insns = assembled(&generator.body());
    let words = (0..inputs * WORDS).map(|_| generator.random.odd_number().to_ne_bytes());
    let bytes: Vec<u8> = words.flatten().collect();
    let inputs = bytes.chunks_exact(8 * WORDS).map(<[u8]>::to_vec);
    (insns, inputs.collect())
}
