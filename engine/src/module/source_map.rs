//! Source lines of code addresses, from a module's DWARF sections.
//!
//! Used only when a backtrace is made. Addresses in the DWARF of WebAssembly are offsets from the
//! start of the code section's contents ("DWARF for WebAssembly", tool conventions). Broken debug
//! information gives no line and never an error.

use super::ModuleData;
use crate::shown_text;
use gimli::{EndianSlice, LittleEndian, SectionId};

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

fn lookup(data: &ModuleData, offsets: &[usize]) -> Option<Vec<Option<SourceLine>>> {
    data.custom.iter().find(|(name, _)| name == ".debug_info")?;
    let section = |id: SectionId| -> Result<EndianSlice<'_, LittleEndian>, gimli::Error> {
        let found = data.custom.iter().find(|(name, _)| name == id.name());
        let bytes = found.map_or(&[][..], |(_, range)| &data.bytes[range.clone()]);
        Ok(EndianSlice::new(bytes, LittleEndian))
    };
    let dwarf = gimli::Dwarf::load(section).ok()?;
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
