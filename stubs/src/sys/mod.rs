//! The platform. `memory` has the mappings of a code space, `stack` those of stacks, `unix` what is asked of threads
//! and cores.
//!
//! Everything that calls the system is here, so that the accounts (`code_memory`, `entry_table`, `functions`) can
//! be tested without it.

mod memory;
mod stack;
mod unix;

pub(crate) use memory::*;
pub(crate) use stack::*;
pub(crate) use unix::*;
