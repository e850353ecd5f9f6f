//! Names of functions for people: errors, backtraces, traces.
//!
//! Read only when first asked for. A broken name section is no error (core specification, appendix
//! "Custom Sections"): what cannot be read is ignored.

use super::{ItemIndex, ModuleData};
use crate::ids::FuncIndex;
use crate::shown::shown_name;
use std::ops::Range;
use wasmparser::{BinaryReader, Name, NameSectionReader};

/// The names in a module's name section.
#[derive(Debug, Default)]
pub(crate) struct Names {
    pub module: Option<String>,
    /// Sorted by function index; ranges in the module's bytes hold valid UTF-8.
    functions: Vec<(u32, Box<str>)>,
}

impl Names {
    /// Reads the names of a finished module.
    pub(crate) fn read(data: &ModuleData) -> Names {
        Names::read_from(data, &data.bytes)
    }

    /// Reads the names of a module whose bytes are still elsewhere, as during decoding.
    pub(crate) fn read_from(data: &ModuleData, bytes: &[u8]) -> Names {
        let section = data.custom.iter().find(|(name, _)| name == "name");
        section.map_or_else(Names::default, |(_, range)| {
            Names::parse(bytes, range.clone())
        })
    }

    fn parse(bytes: &[u8], range: Range<usize>) -> Names {
        let mut names = Names::default();
        let reader = BinaryReader::new(&bytes[range.clone()], range.start);
        for subsection in NameSectionReader::new(reader) {
            match subsection {
                Ok(Name::Module { name, .. }) => names.module = Some(shown_name(name)),
                Ok(Name::Function(map)) => {
                    let readable = map.into_iter().map_while(|naming| naming.ok());
                    names.functions.extend(
                        readable.map(|naming| (naming.index, shown_name(naming.name).into())),
                    );
                }
                Ok(_) => {}
                Err(_) => break,
            }
        }
        names.functions.sort_by_key(|(index, _)| *index);
        names
    }

    /// The name section's name of a function.
    pub(crate) fn function(&self, func: FuncIndex) -> Option<&str> {
        let at = self
            .functions
            .binary_search_by_key(&func.0, |(index, _)| *index)
            .ok()?;
        Some(&self.functions[at].1)
    }

    /// The functions with this name.
    pub(crate) fn functions_named(&self, name: &str) -> Vec<FuncIndex> {
        let shown = shown_name(name);
        let named = self.functions.iter().filter(|(_, own)| **own == *shown);
        named.map(|(index, _)| FuncIndex(*index)).collect()
    }

    /// A name for any function: its own, else that of an export, else its index.
    pub(crate) fn display(&self, data: &ModuleData, func: FuncIndex) -> String {
        if let Some(name) = self.function(func) {
            return name.to_string();
        }
        let exported = data
            .exports
            .iter()
            .find(|(_, item)| *item == ItemIndex::Func(func));
        exported.map_or_else(|| format!("func[{}]", func.0), |(name, _)| shown_name(name))
    }
}
