//! The registers of a processor, which probes see.

/// How many there are in `struct pt_regs` of x86-64.
const COUNT: usize = 21;
/// Where the arguments of functions are: rdi, rsi, rdx, rcx, r8, r9.
const ARGUMENTS: [usize; 6] = [14, 13, 12, 11, 9, 8];
/// Where those of system calls are: the fourth is in r10.
const CALL_ARGUMENTS: [usize; 6] = [14, 13, 12, 7, 9, 8];
const RESULT: usize = 10;
const CALL_NUMBER: usize = 15;
const INSTRUCTION_POINTER: usize = 16;

/// The registers of an x86-64 processor, as probes see them: `struct pt_regs`. All are 0 at first.
///
/// ```
/// use ebpf_mock::Registers;
/// let registers = Registers::new().argument(0, 7).result(42);
/// assert_eq!(registers.to_bytes().len(), 168);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[doc(alias = "pt_regs")]
pub struct Registers([u64; COUNT]);

impl Registers {
    /// All of them 0.
    pub fn new() -> Registers {
        Registers::default()
    }

    /// The same with this argument of a function: one of six, from 0. Others are on the stack, and left out.
    #[must_use]
    #[doc(alias = "PT_REGS_PARM1")]
    pub fn argument(self, index: usize, value: u64) -> Registers {
        self.with(ARGUMENTS.get(index), value)
    }

    /// The same with this result of a function.
    #[must_use]
    #[doc(alias = "PT_REGS_RC")]
    pub fn result(self, value: u64) -> Registers {
        self.with(Some(&RESULT), value)
    }

    /// The same at this instruction.
    #[must_use]
    #[doc(alias = "PT_REGS_IP")]
    pub fn instruction_pointer(self, address: u64) -> Registers {
        self.with(Some(&INSTRUCTION_POINTER), address)
    }

    /// Those of a function that is called with these arguments.
    pub(super) fn of_call(arguments: &[u64]) -> Registers {
        let indexed = arguments.iter().enumerate();
        indexed.fold(Registers::new(), |registers, (index, value)| {
            registers.argument(index, *value)
        })
    }

    /// Those of a task that does a system call.
    pub(super) fn of_system_call(number: u64, arguments: &[u64]) -> Registers {
        let registers = Registers::new().with(Some(&CALL_NUMBER), number);
        let places = CALL_ARGUMENTS.iter().zip(arguments);
        places.fold(registers, |registers, (place, value)| {
            registers.with(Some(place), *value)
        })
    }

    fn with(mut self, place: Option<&usize>, value: u64) -> Registers {
        if let Some(register) = place.and_then(|place| self.0.get_mut(*place)) {
            *register = value;
        }
        self
    }

    /// The bytes of a `struct pt_regs`, little-endian.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0
            .iter()
            .flat_map(|register| register.to_le_bytes())
            .collect()
    }
}
