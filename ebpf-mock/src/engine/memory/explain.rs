//! What an address points to, and what is wrong with an access that did not go through.

use super::super::address::{
    CLOBBERED, CONTEXT, FUNCTIONS, LAST, PACKET, STACK, offset_of, region_of,
};
use super::super::problem::{Access, Place, Problem};
use super::{Block, Memory, Region, STACK_BYTES, Values};

impl Memory {
    /// What an address points to, and how many bytes past its start; of a stack, below its end.
    pub(in crate::engine) fn place(&self, at: u64) -> Option<(Place, i64)> {
        let region = u32::try_from(region_of(at)).ok()?;
        let offset = offset_of(at);
        Some(match region {
            CONTEXT => (Place::Context, offset as i64),
            PACKET => (Place::Packet, self.packet.past_start(offset)),
            FUNCTIONS => (Place::Function, offset as i64),
            CLOBBERED => (Place::Clobbered, 0),
            STACK..FUNCTIONS => {
                let frame = (region - STACK) as usize;
                let below = self.stacks.get(frame)?.below_end(offset);
                (Place::Stack { frame }, below)
            }
            _ => match self.region(at)? {
                Region::Map(map) => {
                    let name = (&*map.map.info.name).into();
                    (Place::Map { name }, offset as i64)
                }
                Region::Values(values) => {
                    let (element, at) = values.place(offset);
                    let map = (&*values.map.info.name).into();
                    (Place::Value { map, element }, at as i64)
                }
                Region::Block(name, block) => (Place::Block(name), block.past_start(offset)),
                Region::Gone(name, _) => (Place::Block(name), offset as i64),
            },
        })
    }

    /// Says what is wrong with an access that did not go through.
    #[cold]
    pub(crate) fn explain(&self, at: u64, size: u64, access: Access) -> Problem {
        if self
            .outside
            .as_ref()
            .is_some_and(|outside| outside.is_dropped(at))
        {
            return Problem::Gone {
                access,
                place: Place::Block("object"),
                why: "was dropped",
                size,
            };
        }
        let (region, offset) = (region_of(at), offset_of(at));
        let Some(region) = u32::try_from(region).ok().filter(|region| *region <= LAST) else {
            return Problem::NoPointer {
                access,
                address: at,
                size,
            };
        };
        match region {
            CONTEXT => Problem::Context {
                access,
                offset,
                size,
            },
            PACKET if !self.packet.is_near(offset) => Problem::Gone {
                access,
                place: Place::Packet,
                why: "may have been moved by a helper since",
                size,
            },
            PACKET => block_problem(&self.packet, Place::Packet, offset, size, access),
            FUNCTIONS => Problem::NotAllowed {
                access,
                place: Place::Function,
                offset: offset as i64,
                size,
            },
            CLOBBERED => Problem::NotAllowed {
                access,
                place: Place::Clobbered,
                offset: offset as i64,
                size,
            },
            STACK..FUNCTIONS => self.stack_problem((region - STACK) as usize, offset, size, access),
            _ => match self.region(at) {
                None => Problem::NoPointer {
                    access,
                    address: at,
                    size,
                },
                Some(Region::Map(map)) => Problem::NotAllowed {
                    access,
                    place: Place::Map {
                        name: (&*map.map.info.name).into(),
                    },
                    offset: offset as i64,
                    size,
                },
                Some(Region::Values(values)) => values_problem(values, offset, size, access),
                Some(Region::Block(name, block)) => {
                    block_problem(block, Place::Block(name), offset, size, access)
                }
                Some(Region::Gone(name, why)) => Problem::Gone {
                    access,
                    place: Place::Block(name),
                    why,
                    size,
                },
            },
        }
    }

    fn stack_problem(&self, frame: usize, offset: u64, size: u64, access: Access) -> Problem {
        let place = Place::Stack { frame };
        let Some(stack) = self.stacks.get(frame).filter(|stack| stack.is_near(offset)) else {
            return Problem::Gone {
                access,
                place,
                why: "was gone when its function returned",
                size,
            };
        };
        let offset = stack.below_end(offset);
        if offset < -(STACK_BYTES as i64) || offset.saturating_add_unsigned(size) > 0 {
            return Problem::OutOfBounds {
                access,
                place,
                offset,
                size,
                length: STACK_BYTES as u64,
            };
        }
        if size.is_power_of_two() && size <= 8 && offset % size as i64 != 0 {
            return Problem::Misaligned {
                access,
                place,
                offset,
                size,
            };
        }
        if access != Access::Read && stack.is_over(offset) {
            return Problem::StackDepth {
                bytes: self.stack_used(frame) as u32 + offset.unsigned_abs() as u32,
                frames: frame + 1,
            };
        }
        Problem::UninitializedStack {
            place,
            offset,
            size,
        }
    }
}

fn block_problem(block: &Block, place: Place, offset: u64, size: u64, access: Access) -> Problem {
    let length = (block.end - block.start) as u64;
    let inside = usize::try_from(size).is_ok_and(|size| block.index(offset, size).is_some());
    let offset = block.past_start(offset);
    if !inside {
        return Problem::OutOfBounds {
            access,
            place,
            offset,
            size,
            length,
        };
    }
    if block.aligned && size > 0 && offset % size as i64 != 0 {
        return Problem::Misaligned {
            access,
            place,
            offset,
            size,
        };
    }
    Problem::NotAllowed {
        access,
        place,
        offset,
        size,
    }
}

fn values_problem(values: &Values, offset: u64, size: u64, access: Access) -> Problem {
    let (element, at) = values.place(offset);
    let place = Place::Value {
        map: (&*values.map.info.name).into(),
        element,
    };
    let length = values.size() as u64;
    let offset = at as i64;
    if at.saturating_add(size) > length {
        return Problem::OutOfBounds {
            access,
            place,
            offset,
            size,
            length,
        };
    }
    if access == Access::Atomic && size > 0 && at % size != 0 {
        return Problem::Misaligned {
            access,
            place,
            offset,
            size,
        };
    }
    Problem::NotAllowed {
        access,
        place,
        offset,
        size,
    }
}
