//! Facts about the instructions of a body, by offset in its code: which can trap, and which place in the
//! source a trap or a call is at.
//!
//! They are one stream of bytes in the order of the code, which a compiler of one pass can append to while it
//! emits code ([`SideTableWriter`]), and which is the same in memory as it was written. Most entries take two
//! bytes.
//!
//! ```text
//! entry     kind (3 bits) and distance (5 bits), then by kind:
//!             CALL    source              a call, at the last byte of its instruction
//!             TRAP    source              a trap of the same code as the last one of its block
//!             CODE    code, source        a trap of this code
//!             PART    part                the entries after it are of this part; it is at no offset
//! distance  from the last entry's offset in the code; 31: a number follows that is added to it
//! source    from the last entry's offset in the source: a number that holds the sign in its lowest bit
//! number    7 bits a byte, the lowest first; the highest bit says that another byte follows
//!
//! stream    | block | block | ... | index |
//! index     offset in the code of the first entry, and position of its block: four bytes each, for every
//!           block but the first
//! ```
//! A block has 64 entries and is read without the ones before it: at its beginning, the offset in the source
//! is 0, the part is the function, no trap was seen, and the offset in the code is that of the index. A
//! lookup finds the block in the index and reads it up to the offset.
//!
//! Four kinds are free, for what else will be recorded of calls.
//!
//! Invariants: offsets rise; reading takes no lock, allocates nothing and does not panic, since handlers of
//! signals read too.

use crate::ids::{EntryId, InlineNode};
use crate::listen::Attachment;
use std::fmt;
use std::sync::Arc;

/// A place in the source of the code, as its compiler numbers places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Location {
    /// The part of the body that it belongs to.
    pub inline_node: InlineNode,
    /// Offset in that part's source.
    pub offset: u32,
}

/// A function whose code is part of another's body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inlined {
    /// The function.
    pub entry: EntryId,
    /// Where in the source it is called.
    pub from: Location,
}

/// Facts about the instructions of a body.
#[derive(Clone, Debug, Default)]
pub struct SideTables {
    /// Its calls, and its instructions that can trap.
    pub stream: SideStream,
    /// The inlined parts; each is called from an earlier one or from the function itself.
    pub inlined: Box<[Inlined]>,
    /// Functions without code of their own in the body, whose places inlined ones have taken.
    pub through: Box<[EntryId]>,
    /// What the owner of the code passes to the listener.
    pub attachment: Option<Attachment>,
}

impl SideTables {
    /// The frames of a place: the function that the place belongs to, then the callers into which it was
    /// inlined, up to `own`, the body's function. Each is an entry and an offset in its source.
    pub fn frames(&self, own: EntryId, place: Location) -> impl Iterator<Item = (EntryId, u32)> {
        let mut next = Some(place);
        std::iter::from_fn(move || {
            let place = next?;
            let part = place.inline_node.position();
            let part = part.map(|at| self.inlined[at]);
            next = part.map(|part| part.from);
            Some((part.map_or(own, |part| part.entry), place.offset))
        })
    }

    /// The inlined functions, and those whose places they have taken, each once.
    pub(crate) fn inlined_functions(&self) -> Vec<EntryId> {
        let inlined = self.inlined.iter().map(|part| part.entry);
        let mut functions: Vec<EntryId> = inlined.chain(self.through.iter().copied()).collect();
        functions.sort_unstable();
        functions.dedup();
        functions
    }
}

/// Entries of a block. Guessed: a lookup, which is made for a trap or a frame of a backtrace, reads half a
/// block, and the index adds an eighth of a byte to each entry.
const BLOCK: u32 = 64;

/// Bytes of the index for a block: an offset in the code and a position.
const INDEX_ENTRY: usize = 8;

/// A distance from here on does not fit beside the kind.
const FAR: u32 = 31;

/// The kinds.
const CALL: u8 = 0;
const TRAP: u8 = 1;
const CODE: u8 = 2;
const PART: u8 = 3;

/// What is recorded of one instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SideEntry {
    /// Offset in the code: of an instruction that can trap, or of the last byte of a call, which is its
    /// return address minus one. (Return addresses are looked up one byte before, since the next instruction
    /// may trap at the same address.)
    pub offset: u32,
    /// The code of the trap, whose meaning is the owner's. `None`: a call.
    pub trap: Option<u8>,
    /// Where it is in the source.
    pub location: Location,
}

/// The calls of a body and its instructions that can trap, as a stream. A clone is the same memory.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct SideStream {
    bytes: Arc<[u8]>,
    /// Entries of the index.
    indexed: u32,
    /// Is added to all offsets in the code.
    shift: u32,
}

impl fmt::Debug for SideStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.entries()).finish()
    }
}

impl SideStream {
    /// What is recorded of the instruction at an offset.
    pub fn at(&self, offset: u32) -> Option<SideEntry> {
        let unshifted = offset.checked_sub(self.shift)?;
        let (index, _) = self.index().as_chunks::<INDEX_ENTRY>();
        let block = index.partition_point(|entry| number_at(entry, 0) <= unshifted);
        let found = self.block(block).find(|entry| entry.offset >= offset);
        found.filter(|entry| entry.offset == offset)
    }

    /// The code of the trap at an offset.
    pub fn trap(&self, offset: u32) -> Option<u8> {
        self.at(offset)?.trap
    }

    /// The place of the instruction at an offset.
    pub fn location(&self, offset: u32) -> Option<Location> {
        Some(self.at(offset)?.location)
    }

    /// All entries, in the order of the code.
    pub fn entries(&self) -> impl Iterator<Item = SideEntry> {
        (0..=self.indexed as usize).flat_map(|block| self.block(block))
    }

    /// Bytes that it takes.
    pub fn size(&self) -> usize {
        self.bytes.len()
    }

    fn index(&self) -> &[u8] {
        &self.bytes[self.bytes.len() - self.indexed as usize * INDEX_ENTRY..]
    }

    fn block(&self, block: usize) -> Block<'_> {
        let index = self.index();
        let start = |block: usize| match block.checked_sub(1) {
            None => (0, 0),
            Some(at) => {
                let entry = at * INDEX_ENTRY;
                (
                    number_at(index, entry),
                    number_at(index, entry + 4) as usize,
                )
            }
        };
        let (offset, from) = start(block);
        let to = if block < self.indexed as usize {
            start(block + 1).1
        } else {
            self.bytes.len() - index.len()
        };
        Block {
            bytes: self.bytes[from..to].iter(),
            offset: self.shift + offset,
            source: 0,
            part: InlineNode::FUNCTION,
            trap: None,
        }
    }
}

/// The number of four bytes at a position of an index.
fn number_at(index: &[u8], at: usize) -> u32 {
    let bytes = index[at..].first_chunk();
    u32::from_le_bytes(*bytes.expect("an index has whole entries"))
}

/// The entries of a block.
struct Block<'a> {
    bytes: std::slice::Iter<'a, u8>,
    offset: u32,
    source: u32,
    part: InlineNode,
    trap: Option<u8>,
}

impl Block<'_> {
    fn number(&mut self) -> Option<u32> {
        let (mut number, mut shift) = (0u32, 0);
        loop {
            let byte = *self.bytes.next()?;
            number |= u32::from(byte & 0x7F).wrapping_shl(shift);
            shift += 7;
            if byte < 0x80 {
                return Some(number);
            }
        }
    }
}

impl Iterator for Block<'_> {
    type Item = SideEntry;

    fn next(&mut self) -> Option<SideEntry> {
        loop {
            let head = *self.bytes.next()?;
            let (kind, near) = (head >> 5, u32::from(head) & FAR);
            let far = if near == FAR { self.number()? } else { 0 };
            self.offset = self.offset.wrapping_add(near).wrapping_add(far);
            let trap = match kind {
                PART => {
                    self.part = InlineNode::of_number(self.number()?);
                    continue;
                }
                CALL => None,
                TRAP => self.trap,
                CODE => {
                    self.trap = Some(*self.bytes.next()?);
                    self.trap
                }
                // Nobody writes the others.
                _ => return None,
            };
            let source = self.number()?;
            let difference = source >> 1 ^ (source & 1).wrapping_neg();
            self.source = self.source.wrapping_add(difference);
            return Some(SideEntry {
                offset: self.offset,
                trap,
                location: Location {
                    inline_node: self.part,
                    offset: self.source,
                },
            });
        }
    }
}

/// Writes a stream, and keeps its memory for the next one. Entries are appended in rising order of their
/// offsets in the code.
#[derive(Debug)]
pub struct SideTableWriter {
    bytes: Vec<u8>,
    index: Vec<u8>,
    /// Entries that the block has room for.
    room: u32,
    offset: u32,
    source: u32,
    part: InlineNode,
    trap: Option<u8>,
}

impl Default for SideTableWriter {
    fn default() -> SideTableWriter {
        SideTableWriter {
            bytes: Vec::new(),
            index: Vec::new(),
            room: BLOCK,
            offset: 0,
            source: 0,
            part: InlineNode::FUNCTION,
            trap: None,
        }
    }
}

impl SideTableWriter {
    /// Appends a call; `offset` is that of its instruction's last byte.
    #[inline]
    pub fn call(&mut self, offset: u32, location: Location) {
        self.prepare(offset, location);
        self.put(CALL, None, offset, location.offset);
    }

    /// Appends an instruction that can trap with this code.
    #[inline]
    pub fn trap(&mut self, offset: u32, code: u8, location: Location) {
        self.prepare(offset, location);
        if self.trap == Some(code) {
            self.put(TRAP, None, offset, location.offset);
        } else {
            self.trap = Some(code);
            self.put(CODE, Some(code), offset, location.offset);
        }
    }

    /// Appends a call or an instruction that can trap.
    pub fn entry(&mut self, entry: SideEntry) {
        match entry.trap {
            Some(code) => self.trap(entry.offset, code, entry.location),
            None => self.call(entry.offset, entry.location),
        }
    }

    /// The stream of what was appended since the last call. `shift` is added to all offsets in the code: the
    /// bytes that were put in front of the code.
    pub fn finish(&mut self, shift: u32) -> SideStream {
        let indexed = (self.index.len() / INDEX_ENTRY) as u32;
        self.bytes.extend_from_slice(&self.index);
        let bytes = Arc::from(self.bytes.as_slice());
        self.clear();
        SideStream {
            bytes,
            indexed,
            shift,
        }
    }

    /// Forgets what was appended since the last call of [`SideTableWriter::finish`].
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.index.clear();
        *self = SideTableWriter {
            bytes: std::mem::take(&mut self.bytes),
            index: std::mem::take(&mut self.index),
            ..SideTableWriter::default()
        };
    }

    #[inline]
    fn prepare(&mut self, offset: u32, location: Location) {
        if self.room == 0 {
            self.begin_block(offset);
        }
        self.room -= 1;
        if location.inline_node != self.part {
            self.begin_part(location.inline_node);
        }
    }

    #[cold]
    fn begin_block(&mut self, offset: u32) {
        let position = u32::try_from(self.bytes.len()).expect("a body has fewer entries");
        self.index.extend_from_slice(&offset.to_le_bytes());
        self.index.extend_from_slice(&position.to_le_bytes());
        self.room = BLOCK;
        self.offset = offset;
        self.source = 0;
        self.part = InlineNode::FUNCTION;
        self.trap = None;
    }

    #[cold]
    fn begin_part(&mut self, part: InlineNode) {
        self.part = part;
        self.bytes.push(PART << 5);
        self.number(part.number());
    }

    #[inline]
    fn put(&mut self, kind: u8, code: Option<u8>, offset: u32, source: u32) {
        debug_assert!(
            offset >= self.offset,
            "entries are in the order of the code"
        );
        let distance = offset.wrapping_sub(self.offset);
        let difference = source.wrapping_sub(self.source);
        let difference = difference << 1 ^ ((difference as i32) >> 31) as u32;
        (self.offset, self.source) = (offset, source);
        if code.is_none() && distance < FAR && difference < 0x80 {
            let bytes = [kind << 5 | distance as u8, difference as u8];
            self.bytes.extend_from_slice(&bytes);
        } else {
            self.put_long(kind, code, distance, difference);
        }
    }

    #[inline(never)]
    fn put_long(&mut self, kind: u8, code: Option<u8>, distance: u32, difference: u32) {
        self.bytes.push(kind << 5 | distance.min(FAR) as u8);
        if distance >= FAR {
            self.number(distance - FAR);
        }
        self.bytes.extend(code);
        self.number(difference);
    }

    fn number(&mut self, mut number: u32) {
        while number >= 0x80 {
            self.bytes.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.bytes.push(number as u8);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(part: Option<usize>, offset: u32) -> Location {
        Location {
            inline_node: part.map_or(InlineNode::FUNCTION, InlineNode::inlined),
            offset,
        }
    }

    fn call(offset: u32, location: Location) -> SideEntry {
        SideEntry {
            offset,
            trap: None,
            location,
        }
    }

    fn trap(offset: u32, code: u8, location: Location) -> SideEntry {
        SideEntry {
            trap: Some(code),
            ..call(offset, location)
        }
    }

    fn stream(entries: &[SideEntry]) -> SideStream {
        let mut writer = SideTableWriter::default();
        entries.iter().for_each(|entry| writer.entry(*entry));
        writer.finish(0)
    }

    /// Entries that need every form of distances, sources, parts and codes, in several blocks.
    fn various(count: u32) -> Vec<SideEntry> {
        let mut seed = 1u64;
        let mut random = |limit: u32| {
            seed = seed.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(1);
            (seed >> 33) as u32 % limit
        };
        let mut offset = random(100);
        let mut entry = |_| {
            let part = random(6).checked_sub(4).map(|part| 200 * part as usize);
            let limit = [60, 3000, 1 << 31][random(3) as usize];
            let location = at(part, random(limit));
            let entry = match random(3) {
                0 => call(offset, location),
                code => trap(offset, 253 + code as u8, location),
            };
            let limit = [4, 40, 40_000][random(3) as usize];
            offset += 1 + random(limit);
            entry
        };
        (0..count).map(&mut entry).collect()
    }

    #[test]
    fn entries_are_read_as_they_were_written() {
        for count in [0, 1, 2, 63, 64, 65, 128, 129, 1000] {
            let entries = various(count);
            let stream = stream(&entries);
            assert_eq!(stream.entries().collect::<Vec<_>>(), entries);
            assert_eq!(stream.indexed, count.saturating_sub(1) / BLOCK);
        }
    }

    #[test]
    fn an_offset_is_found_if_it_was_written_and_no_other() {
        let entries = various(300);
        let stream = stream(&entries);
        for pair in entries.windows(2) {
            assert_eq!(stream.at(pair[0].offset), Some(pair[0]));
            for other in [pair[0].offset + 1, pair[1].offset - 1] {
                if !pair.iter().any(|entry| entry.offset == other) {
                    assert_eq!(stream.at(other), None);
                }
            }
        }
        let first = entries[0].offset;
        assert!((0..first).all(|before| stream.at(before).is_none()));
        assert_eq!(stream.at(entries[299].offset + 1), None);
        assert_eq!(SideStream::default().at(0), None);
    }

    #[test]
    fn traps_and_calls_are_told_apart() {
        let here = at(Some(3), 77);
        let stream = stream(&[call(4, here), trap(9, 11, here), trap(10, 11, here)]);
        let codes = [4, 5, 9, 10].map(|offset| stream.trap(offset));
        assert_eq!(codes, [None, None, Some(11), Some(11)]);
        let places = [4, 5, 9].map(|offset| stream.location(offset));
        assert_eq!(places, [Some(here), None, Some(here)]);
    }

    #[test]
    fn the_usual_entry_has_two_bytes_and_a_block_eight_more() {
        let near = |entry: u32| trap(entry * 30, 3, at(None, entry * 63));
        let entries: Vec<SideEntry> = (0..64).map(near).collect();
        // The first one names its code.
        assert_eq!(stream(&entries).size(), 2 * 64 + 1);
        // The second block names it too, and its first source has two bytes.
        let entries: Vec<SideEntry> = (0..128).map(near).collect();
        assert_eq!(stream(&entries).size(), 2 * 128 + 1 + 2 + INDEX_ENTRY);
    }

    #[test]
    fn a_shift_moves_all_offsets() {
        let entries = various(200);
        let mut writer = SideTableWriter::default();
        entries.iter().for_each(|entry| writer.entry(*entry));
        let shifted = writer.finish(16);
        let offset = |entry: &SideEntry| entry.offset + 16;
        assert!(
            shifted
                .entries()
                .map(|entry| entry.offset)
                .eq(entries.iter().map(offset))
        );
        for entry in &entries {
            let found = shifted.location(offset(entry));
            assert_eq!(found, Some(entry.location));
        }
        assert!((0..16).all(|offset| shifted.at(offset).is_none()));
    }

    #[test]
    fn a_writer_is_used_again_as_if_it_were_new() {
        let (long, short) = (various(200), various(70));
        let mut writer = SideTableWriter::default();
        long.iter().for_each(|entry| writer.entry(*entry));
        writer.finish(0);
        long.iter().take(70).for_each(|entry| writer.entry(*entry));
        writer.clear();
        short.iter().for_each(|entry| writer.entry(*entry));
        assert_eq!(writer.finish(0), stream(&short));
    }

    #[test]
    fn frames_are_the_part_and_its_callers() {
        // Function 7 with 8 inlined, into which 9 is.
        let part = |entry, from| Inlined {
            entry: EntryId(entry),
            from,
        };
        let tables = SideTables {
            stream: SideStream::default(),
            inlined: [part(8, at(None, 120)), part(9, at(Some(0), 220))].into(),
            through: Box::default(),
            attachment: None,
        };
        let frames = |place| -> Vec<(u32, u32)> {
            let frames = tables.frames(EntryId(7), place);
            frames.map(|(entry, offset)| (entry.0, offset)).collect()
        };
        assert_eq!(frames(at(Some(1), 300)), [(9, 300), (8, 220), (7, 120)]);
        assert_eq!(frames(at(None, 100)), [(7, 100)]);
        assert_eq!(tables.inlined_functions(), [EntryId(8), EntryId(9)]);
    }
}
