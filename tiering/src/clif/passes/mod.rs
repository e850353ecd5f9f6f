//! Our own passes over CLIF, which run directly before and after Cranelift's optimiser.

pub(super) mod constants;
pub(super) mod fault_places;
pub(super) mod phis;
pub(super) mod trap_places;
