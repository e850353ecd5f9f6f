//! What this crate keeps with a linkage: states and profile of its functions, and their code.
//!
//! `states` has the picture of all states. A thread changes a function's code under a `claim`; `withdraw`
//! takes the code away.

mod claim;
pub(crate) mod loops;
mod profile;
mod states;
pub(crate) mod withdraw;

pub(crate) use claim::{Claim, OptimiserClaim};
pub(crate) use states::State;

use engine::linkage::Linkage;
use loops::LoopCodes;
use profile::Profile;
pub(crate) use profile::SpentCounts;
use states::States;
use std::sync::atomic::{AtomicU8, AtomicU16, AtomicU32};
use std::sync::{Arc, OnceLock};
use stubs::{CodeSpace, GroupId, Tier};

/// What this crate keeps with a linkage. It costs seven bytes of zeros for each function until they are
/// used.
#[derive(Debug)]
pub(crate) struct LinkageCode {
    pub states: States,
    pub profile: Profile,
    /// OSR code.
    pub loops: LoopCodes,
    space: Arc<CodeSpace>,
    groups: [OnceLock<GroupId>; Tier::COUNT],
}

impl LinkageCode {
    pub(crate) fn new(linkage: &Linkage, space: Arc<CodeSpace>) -> LinkageCode {
        let count = linkage.func_count() as usize;
        // SAFETY: zero is a valid atomic. The memory is requested zeroed, so that untouched pages cost
        // nothing.
        let (words, compiled, spent) = unsafe {
            (
                Box::<[AtomicU32]>::new_zeroed_slice(count).assume_init(),
                Box::<[AtomicU8]>::new_zeroed_slice(count).assume_init(),
                Arc::<[AtomicU16]>::new_zeroed_slice(count).assume_init(),
            )
        };
        LinkageCode {
            states: States::new(words, compiled),
            profile: Profile::new(spent),
            loops: LoopCodes::default(),
            space,
            groups: Default::default(),
        }
    }

    /// What this crate keeps with a linkage.
    pub(crate) fn of(linkage: &Linkage) -> &LinkageCode {
        linkage
            .code()
            .downcast_ref()
            .expect("attached by this crate")
    }

    /// The code space in which the linkage's code is published.
    pub(crate) fn space(&self) -> &Arc<CodeSpace> {
        &self.space
    }

    /// The group of the linkage's bodies of a tier. It is created for the first body.
    pub(crate) fn group(&self, tier: Tier) -> GroupId {
        *self.groups[usize::from(tier.0)].get_or_init(|| self.space.new_group())
    }

    /// Returns the groups to the code space.
    pub(crate) fn drop_groups(&self) {
        for group in self.groups.iter().filter_map(OnceLock::get) {
            self.space.drop_group(*group);
        }
    }
}
