//! The text of one operation.

use core::fmt;

use super::{AtomicOp, ByteOrder, Operand, Operation, Pseudo, Reg, Size, Width};

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, None)
    }
}

impl Operation {
    /// The text, with `target` for the place jumped to or called instead of its number.
    pub(super) fn write(&self, f: &mut fmt::Formatter<'_>, target: Option<&str>) -> fmt::Result {
        use Operation::*;
        match *self {
            Alu {
                width,
                op,
                signed,
                dst,
                operand,
            } => {
                let (sign, op) = (if signed { "s" } else { "" }, op.name().unwrap_or("?"));
                write!(
                    f,
                    "{} {sign}{op} {}",
                    Named(width, dst),
                    Value(width, operand)
                )
            }
            Neg { width, dst } => write!(f, "{0} = -{0}", Named(width, dst)),
            MovSx {
                width,
                bits,
                dst,
                src,
            } => {
                write!(f, "{} = (s{bits}){}", Named(width, dst), Named(width, src))
            }
            AddrSpaceCast { dst, src, to, from } => {
                write!(f, "{dst} = addr_space_cast({src}, {to}, {from})")
            }
            ByteOrder { order, bits, dst } => write!(f, "{dst} = {}{bits} {dst}", order.name()),
            Load {
                size,
                signed,
                dst,
                base,
                off,
            } => {
                write!(
                    f,
                    "{dst} = {}",
                    Memory {
                        size,
                        signed,
                        base,
                        off
                    }
                )
            }
            Store {
                size,
                base,
                off,
                value,
            } => {
                let memory = Memory {
                    size,
                    signed: false,
                    base,
                    off,
                };
                write!(f, "{memory} = {}", Value(Width::W64, value))
            }
            Atomic {
                op,
                size,
                base,
                off,
                src,
            } => write_atomic(f, op, size, base, off, src),
            LoadAcquire {
                size,
                dst,
                base,
                off,
            } => {
                let dst = Named(Width::of(size), dst);
                write!(f, "{dst} = load_acquire({})", Pointer { size, base, off })
            }
            StoreRelease {
                size,
                base,
                off,
                src,
            } => {
                let src = Named(Width::of(size), src);
                write!(f, "store_release({}, {src})", Pointer { size, base, off })
            }
            PacketLoad { size, index, off } => {
                write!(f, "r0 = *({} *)skb[", size.name().unwrap_or("?"))?;
                match index {
                    None => write!(f, "{off}]"),
                    Some(index) if off == 0 => write!(f, "{index}]"),
                    Some(index) => write!(f, "{index} {}]", Signed(off)),
                }
            }
            LoadImm64 { dst, kind, value } => {
                write!(f, "{dst} = ")?;
                write_imm64(f, kind, value, target)
            }
            Goto { off, long } => {
                write!(
                    f,
                    "goto{} {}",
                    if long { "l" } else { "" },
                    Place {
                        target,
                        prefix: "",
                        off
                    }
                )
            }
            GotoReg { dst } => write!(f, "gotox {dst}"),
            MayGoto { off } => write!(
                f,
                "may_goto {}",
                Place {
                    target,
                    prefix: "",
                    off: off.into()
                }
            ),
            JumpIf {
                width,
                op,
                dst,
                operand,
                off,
            } => {
                let (left, op) = (Named(width, dst), op.name().unwrap_or("?"));
                let place = Place {
                    target,
                    prefix: "",
                    off: off.into(),
                };
                write!(f, "if {left} {op} {} goto {place}", Value(width, operand))
            }
            CallHelper { id } => match target {
                Some(name) => write!(f, "call {name}"),
                None => write!(f, "call {id}"),
            },
            CallLocal { off } => write!(
                f,
                "call {}",
                Place {
                    target,
                    prefix: "pc",
                    off
                }
            ),
            CallKfunc { btf_id, module: 0 } => write!(f, "call kfunc#{btf_id}"),
            CallKfunc { btf_id, module } => write!(f, "call kfunc#{btf_id} in {module}"),
            CallReg { dst } => write!(f, "callx {dst}"),
            Exit => f.write_str("exit"),
        }
    }
}

/// The part after `dst =` of a 64-bit immediate load, in the notation of RFC 9669, table 12.
fn write_imm64(
    f: &mut fmt::Formatter<'_>,
    kind: Pseudo,
    value: u64,
    target: Option<&str>,
) -> fmt::Result {
    let (low, high) = (value as u32 as i32, (value >> 32) as u32);
    match kind {
        Pseudo::MAP_FD => write!(f, "map_by_fd({low})"),
        Pseudo::MAP_VALUE => write!(f, "map_val(map_by_fd({low})) + {high}"),
        Pseudo::MAP_IDX => write!(f, "map_by_idx({low})"),
        Pseudo::MAP_IDX_VALUE => write!(f, "map_val(map_by_idx({low})) + {high}"),
        Pseudo::BTF_ID if high == 0 => write!(f, "var_addr({low})"),
        Pseudo::BTF_ID => write!(f, "var_addr({low}, {high})"),
        Pseudo::FUNC => write!(
            f,
            "code_addr({})",
            Place {
                target,
                prefix: "pc",
                off: low
            }
        ),
        _ => write!(f, "{value:#x} ll"),
    }
}

fn write_atomic(
    f: &mut fmt::Formatter<'_>,
    op: AtomicOp,
    size: Size,
    base: Reg,
    off: i16,
    src: Reg,
) -> fmt::Result {
    let width = Width::of(size);
    let (memory, pointer) = (
        Memory {
            size,
            signed: false,
            base,
            off,
        },
        Pointer { size, base, off },
    );
    let (name, src, r0) = (
        op.name().unwrap_or("?"),
        Named(width, src),
        Named(width, Reg::R0),
    );
    let address = Address { base, off };
    // The 32-bit exchanges carry the width twice, as LLVM writes them.
    let suffix = match width {
        Width::W32 => "32_32",
        Width::W64 => "_64",
    };
    match op {
        AtomicOp::XCHG => write!(f, "{src} = {name}{suffix}({address}, {src})"),
        AtomicOp::CMPXCHG => write!(f, "{r0} = {name}{suffix}({address}, {r0}, {src})"),
        _ => match op.plain_operator() {
            Some(operator) => write!(f, "lock {memory} {operator} {src}"),
            None => write!(f, "{src} = atomic_{name}({pointer}, {src})"),
        },
    }
}

impl AtomicOp {
    /// The operator of an operation that does not fetch.
    pub(super) const fn plain_operator(self) -> Option<&'static str> {
        match self {
            AtomicOp::ADD => Some("+="),
            AtomicOp::OR => Some("|="),
            AtomicOp::AND => Some("&="),
            AtomicOp::XOR => Some("^="),
            _ => None,
        }
    }
}

impl ByteOrder {
    /// The name before the number of bits.
    pub(super) const fn name(self) -> &'static str {
        match self {
            ByteOrder::ToLittle => "le",
            ByteOrder::ToBig => "be",
            ByteOrder::Swap => "bswap",
        }
    }
}

impl Width {
    /// The registers that hold a value of `size`.
    pub(super) fn of(size: Size) -> Width {
        if size == Size::DW {
            Width::W64
        } else {
            Width::W32
        }
    }
}

/// A register under the name of its width: `w1` or `r1`.
struct Named(Width, Reg);

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Width::W32 => write!(f, "w{}", self.1.number()),
            Width::W64 => write!(f, "{}", self.1),
        }
    }
}

/// A right operand.
struct Value(Width, Operand);

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.1 {
            Operand::Reg(reg) => write!(f, "{}", Named(self.0, reg)),
            Operand::Imm(imm) => write!(f, "{imm}"),
        }
    }
}

/// A number with its sign apart: `+ 4` or `- 4`.
struct Signed(i32);

impl fmt::Display for Signed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { '-' } else { '+' };
        write!(f, "{sign} {}", self.0.unsigned_abs())
    }
}

/// `r1 + 4`.
struct Address {
    base: Reg,
    off: i16,
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.base, Signed(self.off.into()))
    }
}

/// `(u32 *)(r1 + 4)`.
struct Pointer {
    size: Size,
    base: Reg,
    off: i16,
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Pointer { size, base, off } = *self;
        write!(
            f,
            "({} *)({})",
            size.name().unwrap_or("?"),
            Address { base, off }
        )
    }
}

/// `*(u32 *)(r1 + 4)`.
struct Memory {
    size: Size,
    signed: bool,
    base: Reg,
    off: i16,
}

impl fmt::Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Memory {
            size,
            signed,
            base,
            off,
        } = *self;
        let sign = if signed { 's' } else { 'u' };
        write!(
            f,
            "*({sign}{} *)({})",
            size.bytes() * 8,
            Address { base, off }
        )
    }
}

/// Where a jump or call goes: a name, or the distance.
struct Place<'a> {
    target: Option<&'a str>,
    prefix: &'a str,
    off: i32,
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.target {
            Some(target) => f.write_str(target),
            None => write!(f, "{}{:+}", self.prefix, self.off),
        }
    }
}
