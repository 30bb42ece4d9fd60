//! Addresses as programs see them: `region:24 | offset:40`.
//!
//! No host address is ever visible, and the same run gives the same addresses. Their highest bit is set, as of all addresses
//! of a kernel. Regions below [`FIRST`] are never ours: NULL, small numbers, and addresses of user space (at most 47 bits) lie
//! there; those of functions and data of a kernel lie at the other end, with small negative numbers. Arithmetic that leaves a region ends in another one with an offset that no access takes.

/// Bits of an offset.
const OFFSET_BITS: u32 = 40;

/// The offset's bits.
const OFFSET: u64 = (1 << OFFSET_BITS) - 1;

/// The number of the first region of ours.
const FIRST: u64 = 0x80_0000;

/// The context, where its fields are not bytes in memory.
pub(crate) const CONTEXT: u32 = 0;
/// The packet.
pub(crate) const PACKET: u32 = 1;
/// The stack of the first frame; those of the other frames follow.
pub(crate) const STACK: u32 = 2;
/// How many frames there may be: `MAX_CALL_FRAMES`.
pub(crate) const FRAMES: usize = 8;
/// The functions of the program: the offset is the first instruction.
pub(crate) const FUNCTIONS: u32 = STACK + FRAMES as u32;
/// What a call leaves in r1 to r5, which nobody may use.
pub(crate) const CLOBBERED: u32 = FUNCTIONS + 1;
/// The first region that comes and goes: maps, their values, blocks.
pub(crate) const DYNAMIC: u32 = CLOBBERED + 1;
/// The last.
pub(super) const LAST: u32 = (1 << (64 - OFFSET_BITS - 2)) - 1;

/// The address at an offset of a region.
#[inline(always)]
pub(crate) const fn address(region: u32, offset: u64) -> u64 {
    ((FIRST + region as u64) << OFFSET_BITS) | (offset & OFFSET)
}

/// The region of an address; a number past the last for what is none of ours.
#[inline(always)]
pub(crate) const fn region_of(address: u64) -> u64 {
    (address >> OFFSET_BITS).wrapping_sub(FIRST)
}

/// The offset of an address.
#[inline(always)]
pub(crate) const fn offset_of(address: u64) -> u64 {
    address & OFFSET
}
