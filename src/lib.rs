//! Placeholder: the crate's first step follows.
