//! Source lines of code addresses, from a module's DWARF sections.
//!
//! Used only when a backtrace is made. Addresses in the DWARF of WebAssembly are offsets from the
//! start of the code section's contents ("DWARF for WebAssembly", tool conventions). Broken debug
//! information gives no line and never an error.

use super::ModuleData;
use crate::shown_text;
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

/// For each byte of lists of ranges and of line tables, how often it may be read. Each unit names lists of its own in what
/// compilers write; hostile units may all name the same.
const READS: usize = 16;

/// Bytes that may be read in any case.
const FEW: usize = 1 << 20;

/// How long the units may take to read: what is not counted, such as overlapping tables of abbreviations. A backtrace without
/// lines is better than none.
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
            // The least that a range takes in a list.
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
