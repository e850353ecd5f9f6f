//! The platform: `memory` maps code spaces, `stack` maps stacks, `unix` has forks, signals and barriers.
//!
//! Everything that calls the system is here, so that the accounts (`code_memory`, `entry_table`, `functions`)
//! can be tested without it.

mod memory;
mod stack;
mod unix;

pub(crate) use memory::*;
pub(crate) use stack::*;
pub(crate) use unix::*;
