//! At which index a table has a function, as far as it is known from the module alone: from its active
//! segments at constant offsets.
//!
//! What is written later is not known here; [`crate::layout::TableDef::rewritten`] is set when anything was.

use super::{ConstOp, ElementItems, ModuleData, SegmentMode};
use crate::ids::{FuncIndex, TableIndex};
use std::collections::HashMap;

/// For each of the module's own tables, the index of each function that is at one index only. Empty for a
/// table whose contents are not known.
#[derive(Debug)]
pub(crate) struct StaticTables(Vec<HashMap<FuncIndex, Option<u32>>>);

impl StaticTables {
    pub(crate) fn new(data: &ModuleData) -> StaticTables {
        let imported = data.tables.len() - data.table_inits.len();
        let own = (imported..data.tables.len()).map(|table| {
            let contents = contents(data, TableIndex::from(table)).unwrap_or_default();
            let mut places = HashMap::new();
            for (index, func) in contents {
                let Some(func) = func else { continue };
                places
                    .entry(func)
                    .and_modify(|place| *place = None)
                    .or_insert(Some(index));
            }
            places
        });
        StaticTables(own.collect())
    }

    /// The only index at which one of the module's own tables has a function. `own_table` counts these alone.
    pub(crate) fn index_of(&self, own_table: usize, func: FuncIndex) -> Option<u32> {
        self.0[own_table].get(&func).copied().flatten()
    }
}

/// What active segments leave in a table; `None` if the offset of one is known only at instantiation.
fn contents(data: &ModuleData, table: TableIndex) -> Option<HashMap<u32, Option<FuncIndex>>> {
    let mut contents = HashMap::new();
    for segment in &data.elements {
        let SegmentMode::Active { target, offset } = &segment.mode else {
            continue;
        };
        if *target != table {
            continue;
        }
        let [ConstOp::Const(start)] = &offset[..] else {
            return None;
        };
        let start = u32::from_le_bytes([start[0], start[1], start[2], start[3]]);
        for at in 0..segment.items.len() {
            let func = match &segment.items {
                ElementItems::Functions(funcs) => Some(funcs[at]),
                ElementItems::Expressions(exprs) => match &exprs[at][..] {
                    [ConstOp::RefFunc(func)] => Some(*func),
                    _ => None,
                },
            };
            // If this is beyond the table's end, instantiation fails, and this index is never used.
            contents.insert(start.wrapping_add(at as u32), func);
        }
    }
    Some(contents)
}
