//! The transitions between states of functions (`state`): first calls, promotion by spent budgets, on-stack
//! replacement, and the relink storm of tests.

mod ahead;
pub(crate) mod first_call;
pub(crate) mod promote;
mod replace_frame;
pub(crate) mod storm;
mod worker;
