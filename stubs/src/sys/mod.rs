//! The platform: memory mappings, barriers, threads. One file for each system.

mod unix;

pub(crate) use unix::*;
