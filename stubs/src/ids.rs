//! Ids of the things in a code space, and its errors.

use std::fmt;

/// An entry: the word that holds the address of a function's code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EntryId(pub u32);

/// Consecutive entries that were allocated together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EntryBlock {
    /// The first.
    pub first: EntryId,
    /// How many.
    pub len: u32,
}

impl EntryBlock {
    pub(crate) fn entries(self) -> impl Iterator<Item = EntryId> {
        (self.first.0..self.first.0 + self.len).map(EntryId)
    }

    pub(crate) fn contains(self, entry: EntryId) -> bool {
        (self.first.0..self.first.0 + self.len).contains(&entry.0)
    }
}

/// Bodies whose code is in the same chunks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct GroupId {
    /// Position among the groups.
    pub(crate) at: u32,
    /// How many groups had this position before.
    pub(crate) generation: u32,
}

/// How much effort went into a body. Statistics are counted by tier; nothing else depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Tier(pub u8);

impl Tier {
    /// Compiled quickly, at the first call.
    pub const BASELINE: Tier = Tier(0);
    /// Compiled well, because it is hot.
    pub const OPTIMISED: Tier = Tier(1);
    /// Number of tiers.
    pub const COUNT: usize = 2;
}

/// Why a code space cannot do something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CodeError {
    /// The system refused memory that is executable in one view and writable in another.
    Mapping(String),
    /// More code than the configured cap, in bytes.
    Cap {
        /// The cap.
        cap: usize,
        /// What was requested on top of what there is.
        wanted: usize,
    },
    /// The address range for code has no gap of this many bytes.
    Full(usize),
    /// There are not this many unused entries in a row.
    Entries(u32),
    /// The function was reset to its stub before its new body could be reached.
    Withdrawn,
    /// The process was forked after the code space was made; code is not inherited.
    Forked,
    /// The system refused memory for a stack.
    Stack(String),
    /// This many stacks are in use, which is the limit.
    Stacks(usize),
    /// The calling thread is ending and its thread-local values are gone.
    ThreadEnds,
}

impl fmt::Display for CodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CodeError::Mapping(why) => write!(f, "the system refuses memory for code: {why}"),
            CodeError::Cap { cap, wanted } => {
                write!(f, "the cap of {cap} bytes of code is reached ({wanted} bytes more were needed)")
            }
            CodeError::Full(bytes) => write!(f, "no room for {bytes} bytes of code in a row"),
            CodeError::Entries(count) => write!(f, "no room for {count} more functions"),
            CodeError::Withdrawn => f.write_str("the function was withdrawn while its code was published"),
            CodeError::Forked => {
                f.write_str("this engine was made before the process was forked and cannot be used in the child")
            }
            CodeError::Stack(why) => write!(f, "the system refuses memory for a stack: {why}"),
            CodeError::Stacks(most) => write!(f, "{most} stacks are in use by calls from coroutines or small stacks, which is the most"),
            CodeError::ThreadEnds => {
                f.write_str("functions cannot be called while a thread ends and its thread-local values are dropped")
            }
        }
    }
}

impl std::error::Error for CodeError {}

/// A part of a body: the function itself, or a function whose code is inlined into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InlineNode(u32);

impl InlineNode {
    /// The function itself.
    pub const FUNCTION: InlineNode = InlineNode(0);

    /// The inlined part at this position of [`SideTables::inlined`](crate::SideTables::inlined).
    ///
    /// # Panics
    /// If the position is 2^32 - 1 or more; no body has so many parts.
    pub fn inlined(position: usize) -> InlineNode {
        let number = u32::try_from(position)
            .ok()
            .and_then(|at| at.checked_add(1));
        InlineNode(number.expect("a body has fewer parts"))
    }

    /// Position among the inlined parts; `None` for the function itself.
    pub fn position(self) -> Option<usize> {
        self.0.checked_sub(1).map(|at| at as usize)
    }

    /// A number for messages: 0 for the function itself, then the inlined parts.
    pub fn number(self) -> u32 {
        self.0
    }

    pub(crate) fn of_number(number: u32) -> InlineNode {
        InlineNode(number)
    }
}
