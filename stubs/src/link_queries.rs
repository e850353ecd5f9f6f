//! Queries on what is linked at this moment: the callers of a function, the functions of a tier, the counts.
//!
//! They are rare (for a trace, or when the code space is full), take the relink lock, and change nothing.

use crate::ids::{EntryBlock, EntryId, Tier};
use crate::space::{CodeSpace, State};
use crate::stats::LinkStats;
use crate::sys;
use std::sync::atomic::Ordering;

/// The recorded call sites of one callee.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CallerSites {
    /// Number of bodies that call it.
    pub bodies: usize,
    /// Number of call sites in them.
    pub sites: usize,
    /// Of these sites, those that go to the callee's code; the others go through its stub.
    pub direct: usize,
}

/// A recorded call site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallerSite {
    /// The function that calls; in inlined code, the function that was inlined.
    pub caller: EntryId,
    /// Where in its source it calls.
    pub offset: u32,
    /// Whether the site goes to the callee's code; if not, it goes through its stub.
    pub direct: bool,
}

impl CodeSpace {
    /// The recorded call sites of the function of an entry, one by one, in code that is not retired.
    pub fn call_sites_of(&self, entry: EntryId) -> Vec<CallerSite> {
        let state = self.lock();
        let mut found = Vec::new();
        for edge in state.functions.callers(entry) {
            let body = edge.caller;
            if body.retired.load(Ordering::Relaxed) {
                continue;
            }
            for site in edge.sites {
                // The call is recorded at its last byte, which is the last one of its displacement.
                let place = body.side.stream.location(site.offset + 3);
                let caller = place.and_then(|place| body.side.frames(body.entry, place).next());
                let (caller, offset) = caller.unwrap_or((body.entry, 0));
                found.push(CallerSite {
                    caller,
                    offset,
                    direct: site.direct.load(Ordering::Relaxed),
                });
            }
        }
        found
    }

    /// The recorded call sites of the function of an entry.
    pub fn callers_of(&self, entry: EntryId) -> CallerSites {
        let state = self.lock();
        let mut found = CallerSites::default();
        for edge in state.functions.callers(entry) {
            found.bodies += 1;
            for site in edge.sites {
                found.sites += 1;
                found.direct += usize::from(site.direct.load(Ordering::Relaxed));
            }
        }
        found
    }

    /// The functions without code that a function's code calls, in the order of their first call sites.
    pub fn callees_without_code(&self, entry: EntryId) -> Vec<EntryId> {
        let state = self.lock();
        let Some(body) = state.functions.current(entry) else {
            return Vec::new();
        };
        let of_callees = body.sites.chunk_by(|a, b| a.callee == b.callee);
        let mut first_sites: Vec<_> = of_callees.map(|sites| &sites[0]).collect();
        first_sites.retain(|site| state.functions.current(site.callee).is_none());
        first_sites.sort_unstable_by_key(|site| site.offset);
        first_sites.iter().map(|site| site.callee).collect()
    }

    /// The functions outside of a block that have inlined the block's functions in a body that is not
    /// retired, sorted.
    pub fn inliners_of(&self, block: EntryBlock) -> Vec<EntryId> {
        let state = self.lock();
        let mut found = living_inliners(&state, state.functions.used_in(block));
        found.retain(|entry| !block.contains(*entry));
        found
    }

    /// The functions that have inlined a function in a body that is not retired, sorted. It may be one of
    /// them itself.
    pub fn inliners_of_function(&self, entry: EntryId) -> Vec<EntryId> {
        living_inliners(&self.lock(), [entry])
    }

    /// The entries that point to code of this tier, sorted.
    pub fn entries_in(&self, tier: Tier) -> Vec<EntryId> {
        let state = self.lock();
        let current = state.functions.used();
        let current = current.filter_map(|entry| state.functions.current(entry));
        let of_tier = current.filter(|body| body.tier == tier);
        of_tier.map(|body| body.entry).collect()
    }

    /// Counts of this moment. Sites are counted by looking at them, so that their sums hold by what there is.
    /// Takes time in proportion to the number of call sites.
    pub fn stats(&self) -> LinkStats {
        let state = self.lock();
        let mut stats = LinkStats {
            entries: state.entries.in_use,
            blocks_in_quarantine: state.entries.quarantined() as u64,
            pending: state.retired.len() as u64,
            pending_bytes: self.pending_bytes() as u64,
            barriers: sys::barriers(),
            ..state.stats
        };
        let bodies = state.functions.bodies();
        for body in bodies.filter(|body| !body.retired.load(Ordering::Relaxed)) {
            let tier = usize::from(body.tier.0);
            stats.live_bodies[tier] += 1;
            stats.live_bytes[tier] += body.len as u64;
            for site in &body.sites {
                stats.sites += 1;
                let direct = site.direct.load(Ordering::Relaxed);
                let count = match (direct, site.crossing, self.patch_sites) {
                    (true, _, _) => &mut stats.sites_direct,
                    (false, _, false) => &mut stats.sites_unpatched,
                    (false, true, true) => &mut stats.sites_crossing,
                    (false, false, true) => &mut stats.sites_lazy,
                };
                *count += 1;
            }
        }
        stats
    }
}

/// The functions that have inlined some of these in a body that is not retired, sorted.
fn living_inliners(state: &State, inlined: impl IntoIterator<Item = EntryId>) -> Vec<EntryId> {
    let inlined = inlined.into_iter();
    let inliners = inlined.flat_map(|entry| state.functions.inliners(entry));
    let living = inliners.filter(|body| !body.retired.load(Ordering::Relaxed));
    let mut found: Vec<EntryId> = living.map(|body| body.entry).collect();
    found.sort_unstable();
    found.dedup();
    found
}
