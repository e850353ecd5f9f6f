//! The index for relinking: from a function to the bodies that call it.
//!
//! It holds edges only. The sites are in the bodies, and die with them.

use crate::ids::{BodyId, EntryId};
use std::collections::HashMap;

/// Edges, from callee to callers. A caller stands once, however many sites it has.
#[derive(Debug, Default)]
pub(crate) struct Callers {
    edges: HashMap<EntryId, Vec<BodyId>>,
}

impl Callers {
    /// Notes that `caller` has a site for each of these.
    pub(crate) fn add(&mut self, caller: BodyId, callees: impl Iterator<Item = EntryId>) {
        for callee in callees {
            let callers = self.edges.entry(callee).or_default();
            // Edges of one body are added together, so a second one stands last.
            if callers.last() != Some(&caller) {
                callers.push(caller);
            }
        }
    }

    /// Forgets the edges of a body.
    pub(crate) fn remove(&mut self, caller: BodyId, callees: impl Iterator<Item = EntryId>) {
        for callee in callees {
            if let Some(callers) = self.edges.get_mut(&callee) {
                callers.retain(|id| *id != caller);
                if callers.is_empty() {
                    self.edges.remove(&callee);
                }
            }
        }
    }

    /// The bodies that call this function.
    pub(crate) fn of(&self, callee: EntryId) -> &[BodyId] {
        self.edges.get(&callee).map_or(&[], Vec::as_slice)
    }

    /// Whether there is this edge.
    pub(crate) fn has(&self, callee: EntryId, caller: BodyId) -> bool {
        self.of(callee).contains(&caller)
    }
}
