//! Programs that do something else on the kernel, and why that stays so: the table from which
//! `docs/compared_programs.md` is made.

use std::fmt::Write;
use std::path::Path;

use ebpf_core::conformance::code;
use ebpf_core::insn::{AtomicOp, Class, Insn, Mode, Reg, Size};
use ebpf_core::program::{ProgramFlags, ProgramType, RunInput, RunOutput};
use ebpf_core::system::Bindings;
use ebpf_core::{KernelSystem, System};
use ebpf_mock::MockSystem;

/// A divergence that is kept.
pub(crate) struct Known {
    pub(crate) name: &'static str,
    /// What the kernel does, and why the simulation does not.
    reason: &'static str,
    /// Whether a program, made as short as it can be, and with its functions behind it, is of this kind. The other one says whether only upper halves of words
    /// differ.
    pub(crate) is: fn(&[Insn], bool) -> bool,
    /// A program that shows it, loaded with `BPF_F_TEST_STATE_FREQ`: it reads the first word of its context, and may read
    /// and then writes the second.
    example: &'static str,
    input: [u64; 2],
    /// The second word afterwards.
    kernel: u64,
    mock: u64,
}

/// All of them.
pub(crate) const KNOWN: &[Known] = &[
    Known {
        name: "`cmpxchg` of 32 bits that meets leaves the upper half of r0",
        reason: "On x86-64 the instruction leaves rax alone where it meets, and the verifier adds one that clears the upper \
                 half only where it sees that half read later. A read behind a way that it did not walk to the end, because it \
                 knew a like state, is not seen. The instruction set wants the upper half cleared.",
        is: |code, upper| {
            let exchanges = code.iter().any(|insn| {
                *insn == Insn::atomic(AtomicOp::CMPXCHG, Size::W, insn.dst, insn.off, insn.src)
            });
            exchanges && upper
        },
        example: "r9 = r1
r0 = *(u64 *)(r9 + 0)
r1 = *(u64 *)(r9 + 8)
*(u64 *)(r10 - 8) = r0
r6 = 7
w0 = cmpxchg32_32(r10 - 8, w0, w6)
if r1 == 5 goto out
r0 = 2
out: *(u64 *)(r9 + 8) = r0
r0 = 0
exit",
        input: [0x1234_5678_0000_0005, 5],
        kernel: 0x1234_5678_0000_0005,
        mock: 5,
    },
    Known {
        name: "what an atomic operation fetches from the stack is taken for what another way stored",
        reason: "The verifier knows the number on one way, decides a jump by it, and does not note that the decision hangs on \
                 the stack. So it takes another way, on which another number is there, for one that it has walked, and makes \
                 the jump one without a condition. The instruction set wants the jump to look at the number.",
        is: |code, _| {
            let fetches = |insn: &Insn| {
                let atomic = insn.code.class() == Class::STX && insn.code.mode() == Mode::ATOMIC;
                atomic && insn.dst == Reg::R10 && insn.imm & 1 != 0
            };
            let jumps = |insns: &[Insn]| {
                let decides =
                    |insn: &Insn| insn.code.is_jmp() && insn.code.jmp_op().is_comparison();
                insns.iter().any(decides)
            };
            let at = code.iter().position(fetches);
            at.is_some_and(|at| jumps(&code[..at]) && jumps(&code[at..]))
        },
        example: "r9 = r1
r1 = *(u64 *)(r9 + 0)
*(u64 *)(r10 - 8) = 0
if r1 == 0 goto meet
*(u64 *)(r10 - 8) = 1
meet: r2 = 0
r2 = atomic_fetch_add((u64 *)(r10 - 8), r2)
if r2 == 1 goto one
r0 = 100
*(u64 *)(r9 + 8) = r0
r0 = 0
exit
one: r0 = 200
*(u64 *)(r9 + 8) = r0
r0 = 0
exit",
        input: [0, 0],
        kernel: 200,
        mock: 100,
    },
];

impl Known {
    /// What a system makes of the example.
    fn run(&self, system: &dyn System) -> u64 {
        let mut spec = code(ProgramType::SYSCALL, self.example);
        spec.flags = ProgramFlags::SLEEPABLE | ProgramFlags::TEST_STATE_FREQ;
        let program = system
            .load_program(&spec, &Bindings::default())
            .expect("a sound program");
        let context = self.input.map(u64::to_ne_bytes).concat();
        let mut after = vec![0; context.len()];
        let mut output = RunOutput::none();
        output.context = &mut after;
        program
            .run(&RunInput::context(&context), &mut output)
            .expect("a run");
        u64::from_ne_bytes(after[8..].try_into().expect("eight bytes"))
    }
}

/// The table as text.
fn document() -> String {
    let mut text = String::from(
        "# Programs that do something else on the kernel\n\n\
         `cargo xtask fuzz programs` runs random programs on the running kernel and on a simulated system. Where they \
         differ in one of these ways, that is the kernel's mistake, and stays so here. Seen on Linux 6.18, x86-64.\n",
    );
    for row in KNOWN {
        let (name, reason, example) = (row.name, row.reason, row.example);
        let ([first, second], kernel, mock) = (row.input, row.kernel, row.mock);
        let _ = write!(
            text,
            "\n## {name}\n\n{reason}\n\n```text\n{example}\n```\n\n\
             Of the words {first:#x} and {second:#x} of its context the second is {kernel:#x} afterwards on the kernel, and \
             {mock:#x} here.\n"
        );
    }
    text
}

#[test]
fn the_page_is_made_from_the_table() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/compared_programs.md");
    let text = document();
    if std::env::var_os("EBPF_BLESS").is_some() {
        std::fs::write(&path, &text).expect("write the page");
    }
    let page = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        page == text,
        "{} is another: EBPF_BLESS=1 writes it",
        path.display()
    );
}

#[test]
fn simulated_systems_do_as_the_instruction_set_says() {
    let system = MockSystem::new();
    for row in KNOWN {
        assert_eq!(row.run(&system), row.mock, "{}", row.name);
    }
}

#[test]
fn kernels_do_so_or_are_mended() {
    if !ebpf_testbed::require("kernel") {
        return;
    }
    let kernel = KernelSystem::new();
    for row in KNOWN {
        let found = row.run(&kernel);
        let is_mended = found == row.mock;
        println!(
            "{}: {}",
            row.name,
            if is_mended { "mended" } else { "as known" }
        );
        assert!(is_mended || found == row.kernel, "{}: {found:#x}", row.name);
    }
}
