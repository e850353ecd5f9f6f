//! The platform. `memory` has the mappings of a code space, `unix` what is asked of threads and cores.
//!
//! Everything that calls the system is here, so that the accounts (`code_memory`, `entry`, `functions`) can
//! be tested without it.

mod memory;
mod unix;

pub(crate) use memory::*;
pub(crate) use unix::*;
