//! What takes functions from one state to another.

pub(crate) mod eviction;
pub(crate) mod storm;
pub(crate) mod worker;
