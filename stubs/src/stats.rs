//! What a code space has done, in numbers. [`crate::CodeSpace::stats`] fills them in.

use crate::ids::Tier;

/// Counts of one code space: things in use at this moment, and events since it was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LinkStats {
    /// Entries in use.
    pub entries: u64,
    /// Blocks of released entries that wait until no body uses them.
    pub blocks_in_quarantine: u64,
    /// Bodies in use, by tier.
    pub live_bodies: [u64; Tier::COUNT],
    /// Bytes of code in use, by tier.
    pub live_bytes: [u64; Tier::COUNT],
    /// Bodies ever published, by tier.
    pub published: [u64; Tier::COUNT],
    /// Bytes of code ever published, by tier.
    pub published_bytes: [u64; Tier::COUNT],
    /// Call sites of bodies in use.
    pub sites: u64,
    /// Of these, those that go to the callee's code.
    pub sites_direct: u64,
    /// Of these, those that stay on the stub because they cannot be patched.
    pub sites_crossing: u64,
    /// Of these, those that are on the stub because the callee has no code yet.
    pub sites_lazy: u64,
    /// Of these, those that are on the stub because patching is switched off.
    pub sites_unpatched: u64,
    /// How many times an entry was pointed to another target.
    pub relinks: u64,
    /// Call sites patched after they were published.
    pub patches: u64,
    /// Bodies retired.
    pub retired: u64,
    /// Bodies freed.
    pub freed: u64,
    /// Bodies retired and not freed yet.
    pub pending: u64,
    /// Bytes of code retired and not freed yet.
    pub pending_bytes: u64,
    /// Barriers over all cores that this process has executed before freeing code.
    pub barriers: u64,
}
