//! The buffers of all compilers, which a compiling thread reuses for the next function.

use crate::{baseline, clif};

/// Buffers that a compiling thread reuses, so that less memory is allocated. Their contents have no influence
/// on the code ([PURE]).
#[derive(Debug, Default)]
pub struct Scratch {
    pub(crate) clif: clif::Scratch,
    pub(crate) baseline: baseline::Scratch,
}

impl Scratch {
    /// Sets whether a listing is kept of the functions that the optimising and the reference compiler compile
    /// from now on. It costs time.
    pub fn keep_listing(&mut self, keep: bool) {
        self.clif.keep_listing(keep);
    }

    /// The instructions of the last function that one of these compilers compiled as text, if a listing was
    /// kept.
    pub fn listing(&self) -> Option<&str> {
        self.clif.listing()
    }
}
