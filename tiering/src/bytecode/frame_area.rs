//! Where baseline code keeps locals and operands in memory: the *frame area*.
//!
//! ```text
//! 0        local 0, local 1, ...       8 bytes each, vectors 16 and aligned
//! locals   operand 0, operand 1, ...   8 bytes each, vectors 16 and aligned
//! ```
//! The area grows down, like the stack: offsets count from its upper end, and a slot of `size` bytes at an
//! offset is at `upper end - offset - size`. So a compiler of one pass, which does not know how many
//! operands there will be, knows where each is relative to the frame pointer.
//!
//! The offset of an operand depends only on the types below it. So the types of the operand stack at a
//! place in the bytecode determine where all values are, whatever code was compiled: OSR code, which takes
//! over such an area, is compiled without looking at the baseline code.

use engine::ValType;

/// Bytes of the slot of a vector.
pub(crate) const VECTOR: u32 = 16;
/// Bytes of the slot of any other value.
pub(crate) const WORD: u32 = 8;

/// Bytes of the slot of a value.
pub(crate) fn size_of(ty: ValType) -> u32 {
    match ty {
        ValType::V128 => VECTOR,
        ValType::I32 | ValType::I64 | ValType::F32 | ValType::F64 | ValType::Ref(_) => WORD,
    }
}

/// Offset of a slot of `size` bytes after the slots that end at `end`.
pub(crate) fn slot_offset(end: u32, size: u32) -> u32 {
    end.next_multiple_of(size)
}

/// Bytes of the area up to where its slots end, as it is copied.
pub(crate) fn area_size(end: u32) -> u32 {
    end.next_multiple_of(VECTOR)
}

/// Bytes from the lower end of an area to the slot of `size` bytes at an offset.
pub(crate) fn from_lower_end(area: u32, offset: u32, size: u32) -> u32 {
    area - offset - size
}

/// A value's type, and the offset of its slot.
pub(crate) type Slot = (ValType, u32);

/// The slots of values, one after the other from `end`, and the offset at which they end.
pub(crate) fn slots(mut end: u32, types: &[ValType]) -> (Vec<Slot>, u32) {
    let next_slot = |ty: &ValType| {
        let size = size_of(*ty);
        let offset = slot_offset(end, size);
        end = offset + size;
        (*ty, offset)
    };
    let slots = types.iter().map(next_slot).collect();
    (slots, end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_are_aligned() {
        let (locals, end) = slots(0, &[ValType::I32, ValType::V128, ValType::FUNCREF]);
        let offsets = |slots: Vec<Slot>| slots.iter().map(|slot| slot.1).collect::<Vec<_>>();
        assert_eq!(offsets(locals), [0, 16, 32]);
        assert_eq!(end, 40);
        let (operands, _) = slots(end, &[ValType::F32, ValType::F64, ValType::V128]);
        assert_eq!(offsets(operands), [40, 48, 64]);
    }
}
