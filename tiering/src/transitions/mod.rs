//! What takes functions from one state to the next (`state`): their first call, promotion by a spent budget, running loops,
//! and the relink storm of tests.

pub(crate) mod first_call;
pub(crate) mod promote;
mod replace_frame;
pub(crate) mod storm;
mod worker;
