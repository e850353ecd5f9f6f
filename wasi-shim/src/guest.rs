//! The program's memory, and the only way this crate touches it.
//!
//! Owns the checks: a pointer and a length from the program become a slice here or not at all.
//! Invariant: a range that is not entirely inside the memory is the error `FAULT`; arithmetic cannot wrap,
//! because pointers and lengths of 32 bits are added in 64.

use crate::errno::{Errno, Result};
use crate::types::{IOVEC_MAX, IOVEC_SIZE};
use std::collections::BTreeMap;
use std::io::{IoSlice, IoSliceMut};
use std::ops::Range;

/// A view of the memory of the program that is calling.
#[derive(Debug)]
pub struct GuestMemory<'a> {
    bytes: &'a mut [u8],
}

macro_rules! integers {
    ($($read:ident $write:ident $type:ty;)*) => {
        $(
            pub(crate) fn $read(&self, at: u32) -> Result<$type> {
                let range = self.range(at, size_of::<$type>() as u32)?;
                let mut value = [0; size_of::<$type>()];
                value.copy_from_slice(&self.bytes[range]);
                Ok(<$type>::from_le_bytes(value))
            }

            pub(crate) fn $write(&mut self, at: u32, value: $type) -> Result<()> {
                let range = self.range(at, size_of::<$type>() as u32)?;
                self.bytes[range].copy_from_slice(&value.to_le_bytes());
                Ok(())
            }
        )*
    };
}

impl<'a> GuestMemory<'a> {
    /// A view of `bytes`, the whole memory from address zero.
    pub fn new(bytes: &'a mut [u8]) -> GuestMemory<'a> {
        GuestMemory { bytes }
    }

    fn range(&self, at: u32, len: u32) -> Result<Range<usize>> {
        let start = at as usize;
        let end = start + len as usize;
        if end <= self.bytes.len() {
            Ok(start..end)
        } else {
            Err(Errno::FAULT)
        }
    }

    /// Fails unless `len` bytes at `at` are inside the memory. Functions check the address of their result
    /// before they act, so that nothing is consumed and then lost.
    pub(crate) fn check(&self, at: u32, len: u32) -> Result<()> {
        self.range(at, len).map(drop)
    }

    /// Like [`check`](Self::check), for `count` records of `size` bytes.
    pub(crate) fn check_array(&self, at: u32, count: u32, size: u32) -> Result<()> {
        let len = u64::from(count) * u64::from(size);
        self.check(at, u32::try_from(len).map_err(|_| Errno::FAULT)?)
    }

    pub(crate) fn bytes(&self, at: u32, len: u32) -> Result<&[u8]> {
        let range = self.range(at, len)?;
        Ok(&self.bytes[range])
    }

    pub(crate) fn bytes_mut(&mut self, at: u32, len: u32) -> Result<&mut [u8]> {
        let range = self.range(at, len)?;
        Ok(&mut self.bytes[range])
    }

    integers! {
        read_u8 write_u8 u8;
        read_u16 write_u16 u16;
        read_u32 write_u32 u32;
        read_u64 write_u64 u64;
    }

    /// The non-empty ranges an array of iovecs names, all of them checked: no more than the system takes in
    /// one call. Moving less than was asked is always allowed.
    fn vectors(&self, at: u32, count: u32) -> Result<Vec<Range<usize>>> {
        self.check_array(at, count, IOVEC_SIZE)?;
        let mut ranges = Vec::with_capacity(count.min(IOVEC_MAX) as usize);
        for index in 0..count {
            if ranges.len() == IOVEC_MAX as usize {
                break;
            }
            let vector = at + index * IOVEC_SIZE;
            let range = self.range(self.read_u32(vector)?, self.read_u32(vector + 4)?)?;
            if !range.is_empty() {
                ranges.push(range);
            }
        }
        Ok(ranges)
    }

    /// The buffers an array of ciovecs names, to write from.
    pub(crate) fn gather(&self, at: u32, count: u32) -> Result<Vec<IoSlice<'_>>> {
        let ranges = self.vectors(at, count)?;
        Ok(ranges
            .into_iter()
            .map(|range| IoSlice::new(&self.bytes[range]))
            .collect())
    }

    /// The buffers an array of iovecs names, to read into.
    ///
    /// Buffers may overlap in the program's memory. The list ends before the first one that overlaps
    /// an earlier one: reading less than asked is always allowed, and slices stay disjoint.
    pub(crate) fn scatter(&mut self, at: u32, count: u32) -> Result<Vec<IoSliceMut<'_>>> {
        let ranges = self.vectors(at, count)?;
        let mut by_start: BTreeMap<usize, (usize, usize)> = BTreeMap::new();
        for (index, range) in ranges.iter().enumerate() {
            let before = by_start.range(..range.end).next_back();
            if before.is_some_and(|(_, &(end, _))| end > range.start) {
                break;
            }
            by_start.insert(range.start, (range.end, index));
        }
        let mut slots: Vec<Option<IoSliceMut<'_>>> = by_start.iter().map(|_| None).collect();
        let mut rest: &mut [u8] = self.bytes;
        let mut base = 0;
        for (start, (end, index)) in by_start {
            let (_, tail) = rest.split_at_mut(start - base);
            let (buffer, tail) = tail.split_at_mut(end - start);
            slots[index] = Some(IoSliceMut::new(buffer));
            rest = tail;
            base = end;
        }
        Ok(slots.into_iter().flatten().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_end_at_the_end_of_memory() {
        let mut bytes = vec![0; 16];
        let memory = GuestMemory::new(&mut bytes);
        assert!(memory.bytes(16, 0).is_ok());
        assert!(memory.bytes(8, 8).is_ok());
        assert_eq!(memory.bytes(8, 9).unwrap_err(), Errno::FAULT);
        assert_eq!(memory.bytes(u32::MAX, u32::MAX).unwrap_err(), Errno::FAULT);
        assert_eq!(memory.read_u64(9).unwrap_err(), Errno::FAULT);
        assert_eq!(
            memory.check_array(0, u32::MAX, 48).unwrap_err(),
            Errno::FAULT
        );
    }

    #[test]
    fn scattered_buffers_keep_their_order_and_stop_before_an_overlap() {
        let mut bytes = vec![0; 128];
        let mut memory = GuestMemory::new(&mut bytes);
        // (address, length): not in order, then an empty one, then one that overlaps the first.
        for (index, (at, len)) in [(96, 8), (64, 4), (70, 0), (80, 2), (100, 8)]
            .into_iter()
            .enumerate()
        {
            memory.write_u32(index as u32 * 8, at).unwrap();
            memory.write_u32(index as u32 * 8 + 4, len).unwrap();
        }
        let lengths: Vec<usize> = memory
            .scatter(0, 5)
            .unwrap()
            .iter()
            .map(|b| b.len())
            .collect();
        assert_eq!(lengths, [8, 4, 2]);
    }
}
