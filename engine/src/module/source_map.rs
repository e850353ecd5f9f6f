//! Source lines of code addresses, from a module's DWARF sections.
//!
//! Used only when a backtrace is made. Addresses in the DWARF of WebAssembly are offsets from the
//! start of the code section's contents ("DWARF for WebAssembly", tool conventions). Broken debug
//! information has the effect that lines are missing, and is never an error.

use super::ModuleData;
use crate::shown::shown_text;
use gimli::{EndianSlice, LittleEndian, Section, SectionId};
use std::time::{Duration, Instant};

/// A place in a source file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SourceLine {
    pub file: String,
    pub line: u32,
}

/// The source lines of these offsets in the file, in their order.
pub(crate) fn source_lines(data: &ModuleData, offsets: &[usize]) -> Vec<Option<SourceLine>> {
    lookup(data, offsets).unwrap_or_else(|| vec![None; offsets.len()])
}

/// How many times each byte of lists of ranges and of line tables may be read. In what compilers write, each
/// unit has its own lists; the units of a hostile file may all name the same ones.
const READS: usize = 16;

/// Bytes that may always be read.
const FEW: usize = 1 << 20;

/// How long reading the units may take. This bounds what is not counted, such as overlapping tables of
/// abbreviations. A backtrace without lines is better than none.
const PATIENCE: Duration = Duration::from_secs(1);

/// Whether the units can be read in time and memory that fit their size.
fn is_worth_reading(dwarf: &gimli::Dwarf<EndianSlice<'_, LittleEndian>>) -> Option<bool> {
    let started = Instant::now();
    let lines = dwarf.debug_line.reader().slice();
    let lists = [
        dwarf.ranges.debug_ranges().reader().len(),
        dwarf.ranges.debug_rnglists().reader().len(),
    ];
    let mut left = FEW + READS * (lines.len() + lists.iter().sum::<usize>());
    let mut units = dwarf.units();
    while let Some(header) = units.next().ok()? {
        let unit = dwarf.unit(header).ok()?;
        if let Some(program) = &unit.line_program {
            let size = program.header().unit_length();
            left = left.checked_sub(size)?;
        }
        let mut ranges = dwarf.unit_ranges(&unit).ok()?;
        while ranges.next().ok()?.is_some() {
            // The fewest bytes that a range takes in a list.
            left = left.checked_sub(2)?;
        }
        if started.elapsed() > PATIENCE {
            return Some(false);
        }
    }
    Some(true)
}

fn lookup(data: &ModuleData, offsets: &[usize]) -> Option<Vec<Option<SourceLine>>> {
    data.custom.iter().find(|(name, _)| name == ".debug_info")?;
    let section = |id: SectionId| -> Result<EndianSlice<'_, LittleEndian>, gimli::Error> {
        let found = data.custom.iter().find(|(name, _)| name == id.name());
        let bytes = found.map_or(&[][..], |(_, range)| &data.bytes[range.clone()]);
        Ok(EndianSlice::new(bytes, LittleEndian))
    };
    let mut dwarf = gimli::Dwarf::load(section).ok()?;
    dwarf.populate_abbreviations_cache(gimli::AbbreviationsCacheStrategy::Duplicates);
    if !is_worth_reading(&dwarf)? {
        return None;
    }
    let context = addr2line::Context::from_dwarf(dwarf).ok()?;
    let lines = offsets.iter().map(|offset| {
        let address = offset.checked_sub(data.code_start)? as u64;
        let location = context.find_location(address).ok()??;
        Some(SourceLine {
            file: shown_text(location.file?),
            line: location.line?,
        })
    });
    Some(lines.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether units are worth reading if all of them name one list of ranges and one line table.
    fn are_read(units: usize, ranges: usize, line_bytes: usize) -> bool {
        let word = |word: usize| (word as u32).to_le_bytes();
        // A compile unit with DW_AT_ranges and DW_AT_stmt_list, both section offsets.
        let abbreviations = [1, 0x11, 0, 0x55, 0x17, 0x10, 0x17, 0, 0, 0];
        // Version 4, abbreviations at 0, addresses of 4 bytes.
        let head = [4, 0, 0, 0, 0, 0, 4];
        let unit = [&head[..], &[1], &word(0), &word(0)].concat();
        let unit = [&word(unit.len())[..], &unit].concat();
        let range = |at: usize| [word(2 * at), word(2 * at + 2)].concat();
        let list = [(0..ranges).flat_map(range).collect(), vec![0; 8]].concat();
        // Instructions of one byte that advance by one, line and opcode bases, lengths of the opcodes, one
        // file.
        let opcodes = [1, 1, 1, 251, 14, 13, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1];
        let header = [&opcodes[..], b"\0a.c\0\0\0\0\0"].concat();
        let program = vec![0x20; line_bytes];
        let table = [&[4, 0][..], &word(header.len()), &header, &program].concat();
        let table = [&word(table.len())[..], &table].concat();
        let info = unit.repeat(units);
        let section = |id: SectionId| -> Result<_, gimli::Error> {
            let bytes: &[u8] = match id {
                SectionId::DebugAbbrev => &abbreviations,
                SectionId::DebugInfo => &info,
                SectionId::DebugRanges => &list,
                SectionId::DebugLine => &table,
                _ => &[],
            };
            Ok(EndianSlice::new(bytes, LittleEndian))
        };
        let dwarf = gimli::Dwarf::load(section).unwrap();
        is_worth_reading(&dwarf) == Some(true)
    }

    #[test]
    fn units_that_share_long_lists_are_not_read() {
        assert!(are_read(1, 100_000, 2_000_000));
        assert!(are_read(100, 100, 100));
        assert!(!are_read(2_000, 2_000, 1));
        assert!(!are_read(2_000, 1, 20_000));
    }
}
