//! Questions about what is linked at this moment: who calls a function, which functions a tier holds.
//!
//! They are asked rarely (by a trace, or when room runs out), take the relink lock, and change nothing.

use crate::ids::{EntryBlock, EntryId, Tier};
use crate::published::PublishedBody;
use crate::space::CodeSpace;
use std::sync::atomic::Ordering;

/// The recorded call sites of one callee.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CallerSites {
    /// Bodies that call it.
    pub bodies: usize,
    /// Call sites in them.
    pub sites: usize,
    /// Of these, those that lead to the callee's code; the others go through its entry.
    pub direct: usize,
}

impl CodeSpace {
    /// Who calls the function of an entry directly.
    pub fn callers_of(&self, entry: EntryId) -> CallerSites {
        let state = self.lock();
        let mut found = CallerSites::default();
        for edge in state
            .functions
            .get(entry)
            .iter()
            .flat_map(|function| &function.callers)
        {
            found.bodies += 1;
            for site in edge.sites() {
                found.sites += 1;
                found.direct += usize::from(site.direct.load(Ordering::Relaxed));
            }
        }
        found
    }

    /// Functions outside of a block that have code of the block's functions inlined in a body that is not retired,
    /// in order.
    pub fn inliners_of(&self, block: EntryBlock) -> Vec<EntryId> {
        let state = self.lock();
        let known = state.functions.known_of(block).into_iter();
        let inliners = known
            .filter_map(|entry| state.functions.get(entry))
            .flat_map(|function| &function.inliners);
        let living = inliners.filter(|body| !body.retired.load(Ordering::Relaxed));
        let mut found: Vec<EntryId> = living.map(|body| body.entry).collect();
        found.retain(|entry| !block.contains(*entry));
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The entries that lead to code of this tier, in order.
    pub fn entries_in(&self, tier: Tier) -> Vec<EntryId> {
        let state = self.lock();
        let of_tier = |body: &PublishedBody| body.tier == tier;
        let current = state.functions.iter();
        let mut entries: Vec<EntryId> = current
            .filter(|(_, function)| function.current.as_deref().is_some_and(of_tier))
            .map(|(entry, _)| entry)
            .collect();
        entries.sort_unstable();
        entries
    }
}
