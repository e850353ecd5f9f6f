//! A decoder of validated bodies ([VALID]): the declarations of locals, opcodes and immediates.
//!
//! It reads what is there and returns no errors. Which immediates an operator has is said in `operators`.
//! One byte too few or too many would make another program of the rest of the body, so the tests compare
//! all operators with wasmparser.
//!
//! It is safe Rust. To read through a raw pointer was measured to save 0.15 of 4 ns for each operator if
//! nothing is done for it, and nothing if a function is called for it; and so, bytes that are no validated
//! body end in a panic. What is worth more is that the place in the body stays in registers: it is one
//! pointer that moves (an iterator's), and functions that are not inlined take a decoder by value and return
//! it.
//!
//! Indices, counts and integers are LEB128, which may have more bytes than it needs. What most of them have
//! is read in place: one or two bytes of an index, all bytes of a constant. Inlining all bytes of all
//! numbers was as fast, with four times the code.
//!
//! Absent: names of opcodes (see `operators`), and what the indices of a module mean.

use engine::ids::{MemoryIndex, TypeIndex};
use engine::{HeapType, RefType, ValType};
use std::slice::Iter;

/// The bit of a byte of LEB128 that says that another byte follows.
const MORE: u8 = 0x80;

/// The bit of the flags of a load or store that says that the index of a memory follows. The bits below it
/// are the alignment, a hint that nobody needs.
const HAS_MEMORY: u8 = 0x40;

/// What a load or store says about its address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Memarg {
    pub memory: MemoryIndex,
    pub offset: u32,
}

/// The type of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BlockType {
    /// No parameters, no results.
    Empty,
    /// No parameters, one result.
    Value(ValType),
    Func(TypeIndex),
}

/// The first byte of the operator after the one that is being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Next(u8);

impl Next {
    pub(crate) const LOOP: Next = Next(0x03);
    pub(crate) const IF: Next = Next(0x04);
    pub(crate) const BR_IF: Next = Next(0x0D);
    /// A `select` that does not name its type.
    pub(crate) const SELECT: Next = Next(0x1B);
    pub(crate) const I32_EQZ: Next = Next(0x45);
}

/// A place in a body, which moves forward as it is read.
#[derive(Clone, Debug)]
pub(crate) struct Decoder<'a> {
    rest: Iter<'a, u8>,
    /// Bytes of the whole body.
    len: usize,
}

impl<'a> Decoder<'a> {
    /// The start of a body as `ModuleData::body` returns it: the declarations of its locals follow.
    pub(crate) fn new(body: &'a [u8]) -> Decoder<'a> {
        Decoder {
            rest: body.iter(),
            len: body.len(),
        }
    }

    /// The offset of the place in the body.
    #[inline(always)]
    pub(crate) fn offset(&self) -> u32 {
        (self.len - self.rest.len()) as u32
    }

    /// Whether all of the body was read.
    #[inline(always)]
    pub(crate) fn is_at_end(&self) -> bool {
        self.rest.as_slice().is_empty()
    }

    #[inline(always)]
    fn peek(&self) -> u8 {
        match self.rest.as_slice().first() {
            Some(byte) => *byte,
            None => ends_early(),
        }
    }

    /// The first byte of what follows.
    #[inline(always)]
    pub(crate) fn next(&self) -> Next {
        Next(self.peek())
    }

    /// An opcode, or the number of a lane.
    #[inline(always)]
    pub(crate) fn byte(&mut self) -> u8 {
        match self.rest.next() {
            Some(byte) => *byte,
            None => ends_early(),
        }
    }

    #[inline(always)]
    pub(crate) fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let Some((bytes, rest)) = self.rest.as_slice().split_first_chunk() else {
            ends_early();
        };
        self.rest = rest.iter();
        *bytes
    }

    /// An index, a label or a count.
    #[inline(always)]
    pub(crate) fn u32(&mut self) -> u32 {
        let first = self.byte();
        if first < MORE {
            return u32::from(first);
        }
        let second = self.byte();
        let value = u32::from(first & !MORE) | u32::from(second & !MORE) << 7;
        if second < MORE {
            return value;
        }
        let (value, after) = self.clone().rest_of_u32(value);
        *self = after;
        value
    }

    /// The value of a number of which `value` are the first two bytes, and the place after it.
    #[inline(never)]
    fn rest_of_u32(mut self, mut value: u32) -> (u32, Self) {
        let mut shift = 14;
        loop {
            let byte = self.byte();
            value |= u32::from(byte & !MORE) << shift;
            if byte < MORE {
                return (value, self);
            }
            shift += 7;
        }
    }

    #[inline(always)]
    pub(crate) fn i32(&mut self) -> i32 {
        // The same bytes are the same number in 64 bits.
        self.i64() as i32
    }

    #[inline(always)]
    pub(crate) fn i64(&mut self) -> i64 {
        let mut byte = self.byte();
        let mut value = i64::from(byte & !MORE);
        let mut bits = 7_u32;
        while byte >= MORE {
            byte = self.byte();
            value |= i64::from(byte & !MORE) << bits;
            bits += 7;
        }
        // The highest bit that was read is the sign, unless it lies above the 64th.
        let unused = 64_u32.saturating_sub(bits);
        value << unused >> unused
    }

    /// The bits of an `f32`.
    #[inline(always)]
    pub(crate) fn f32(&mut self) -> u32 {
        u32::from_le_bytes(self.bytes())
    }

    /// The bits of an `f64`.
    #[inline(always)]
    pub(crate) fn f64(&mut self) -> u64 {
        u64::from_le_bytes(self.bytes())
    }

    #[inline(always)]
    pub(crate) fn memarg(&mut self) -> Memarg {
        // One comparison tells that the flags have one byte and that no index follows.
        if self.peek() < HAS_MEMORY {
            self.byte();
            return Memarg {
                memory: MemoryIndex(0),
                offset: self.u32(),
            };
        }
        let (memarg, after) = self.clone().long_memarg();
        *self = after;
        memarg
    }

    #[cold]
    #[inline(never)]
    fn long_memarg(mut self) -> (Memarg, Self) {
        let flags = self.u32();
        let memory = match flags & u32::from(HAS_MEMORY) {
            0 => 0,
            _ => self.u32(),
        };
        let memarg = Memarg {
            memory: MemoryIndex(memory),
            offset: self.u32(),
        };
        (memarg, self)
    }

    #[inline(always)]
    pub(crate) fn block_type(&mut self) -> BlockType {
        match self.peek() {
            0x40 => {
                self.byte();
                BlockType::Empty
            }
            // A type of values is a negative number of one byte, an index is a number of 33 bits that is not
            // negative.
            byte if byte & (MORE | 0x40) == 0x40 => BlockType::Value(self.value_type()),
            _ => BlockType::Func(TypeIndex(self.u32())),
        }
    }

    #[inline(always)]
    pub(crate) fn value_type(&mut self) -> ValType {
        match self.byte() {
            0x7F => ValType::I32,
            0x7E => ValType::I64,
            0x7D => ValType::F32,
            0x7C => ValType::F64,
            0x7B => ValType::V128,
            0x70 => ValType::FUNCREF,
            0x6F => ValType::EXTERNREF,
            // The long form of the last two, which validation does not distinguish from the short one.
            0x63 => ValType::Ref(RefType::new(true, self.heap_type())),
            code => invalid("type of values", code.into()),
        }
    }

    /// What a reference points to.
    #[inline(always)]
    pub(crate) fn heap_type(&mut self) -> HeapType {
        match self.byte() {
            0x70 => HeapType::Func,
            0x6F => HeapType::Extern,
            code => invalid("type of what references point to", code.into()),
        }
    }

    /// Reads the declarations of locals. Each is a number of locals and their type.
    pub(crate) fn locals(&mut self, mut declare: impl FnMut(u32, ValType)) {
        for _ in 0..self.u32() {
            let count = self.u32();
            declare(count, self.value_type());
        }
    }

    /// The types that a `select` names, of which there is one.
    #[inline(always)]
    pub(crate) fn select_type(&mut self) -> ValType {
        match self.u32() {
            1 => self.value_type(),
            count => invalid("number of types of a select", count),
        }
    }

    /// The labels of a `br_table`, which are still to be read: [`Labels::end`] is the place after them.
    #[inline(always)]
    pub(crate) fn labels(&mut self) -> Labels<'a> {
        let others = self.u32();
        Labels {
            left: others as usize + 1,
            decoder: self.clone(),
        }
    }
}

/// The labels of a `br_table`. The last one is the default.
#[derive(Clone, Debug)]
pub(crate) struct Labels<'a> {
    decoder: Decoder<'a>,
    left: usize,
}

impl<'a> Labels<'a> {
    /// The place after all labels, also those that have not been read.
    pub(crate) fn end(mut self) -> Decoder<'a> {
        self.by_ref().for_each(drop);
        self.decoder
    }
}

impl Iterator for Labels<'_> {
    type Item = u32;

    #[inline]
    fn next(&mut self) -> Option<u32> {
        self.left = self.left.checked_sub(1)?;
        Some(self.decoder.u32())
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for Labels<'_> {}

/// Bytes that validation refuses, or that were read at a wrong place.
#[cold]
#[inline(never)]
pub(crate) fn invalid(what: &str, code: u32) -> ! {
    unreachable!("{code:#x} is no {what} in a validated body")
}

#[cold]
#[inline(never)]
fn ends_early() -> ! {
    unreachable!("a validated body does not end within an operator")
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasmparser::BinaryReader;

    /// All encodings of a number: the shortest one, and padded ones up to `longest` bytes.
    fn encodings(value: i128, longest: usize) -> Vec<Vec<u8>> {
        let all = (1..=longest).map(|length| {
            let byte = |at: usize| (value >> (7 * at)) as u8 & 0x7F | MORE;
            let mut bytes: Vec<u8> = (0..length).map(byte).collect();
            bytes[length - 1] &= !MORE;
            bytes
        });
        all.collect()
    }

    /// Reads the encodings that wasmparser reads with both decoders, and returns how many there were.
    fn agree<T: PartialEq + std::fmt::Debug>(
        encodings: Vec<Vec<u8>>,
        own: impl Fn(&mut Decoder<'_>) -> T,
        peer: impl Fn(&mut BinaryReader<'_>) -> wasmparser::Result<T>,
    ) -> usize {
        let mut agreed = 0;
        for bytes in encodings {
            let mut reader = BinaryReader::new(&bytes, 0);
            let Ok(value) = peer(&mut reader) else {
                continue;
            };
            let mut decoder = Decoder::new(&bytes);
            assert_eq!(own(&mut decoder), value, "{bytes:x?}");
            assert_eq!(
                decoder.offset() as usize,
                reader.original_position(),
                "{bytes:x?}"
            );
            assert!(decoder.is_at_end());
            agreed += 1;
        }
        agreed
    }

    #[test]
    fn numbers_may_be_padded() {
        let mut agreed = [0; 3];
        for bit in 0..64 {
            for around in -2..=2 {
                for value in [(1_i128 << bit) + around, -(1_i128 << bit) + around] {
                    let long = || encodings(value, 10);
                    agreed[0] += agree(encodings(value, 5), |d| d.u32(), |r| r.read_var_u32());
                    agreed[1] += agree(encodings(value, 5), |d| d.i32(), |r| r.read_var_i32());
                    agreed[2] += agree(long(), |d| d.i64(), |r| r.read_var_i64());
                }
            }
        }
        assert!(agreed.iter().all(|count| *count > 1000), "{agreed:?}");
    }

    #[test]
    #[should_panic(expected = "does not end within an operator")]
    fn a_number_without_its_end_is_not_read() {
        Decoder::new(&[0x80, 0x80]).u32();
    }

    #[test]
    fn types_of_references_may_be_long() {
        let bytes = [0x70, 0x63, 0x70, 0x6F, 0x63, 0x6F];
        let mut decoder = Decoder::new(&bytes);
        let types = [(); 4].map(|()| decoder.value_type());
        let (func, external) = (ValType::FUNCREF, ValType::EXTERNREF);
        assert_eq!(types, [func, func, external, external]);
        assert!(decoder.is_at_end());
    }

    #[test]
    fn labels_are_read_once_twice_or_not_at_all() {
        // The labels 0, 1, ..., 20,000 with one byte of padding where there is room, then another byte.
        let label = |label: u32| encodings(label.into(), 3).pop().expect("three bytes");
        let mut bytes = label(20_000);
        bytes.extend((0..=20_000).flat_map(label));
        bytes.push(0x0B);
        let mut labels = Decoder::new(&bytes).labels();
        assert_eq!(labels.len(), 20_001);
        assert!(labels.clone().eq(0..=20_000));
        assert_eq!(labels.next(), Some(0));
        for labels in [labels.clone(), Decoder::new(&bytes).labels()] {
            let mut end = labels.end();
            assert_eq!(end.byte(), 0x0B);
            assert!(end.is_at_end());
        }
    }
}
