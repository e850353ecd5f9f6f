//! The seam between the engine and whatever makes machine code.
//!
//! The engine decodes, links, instantiates and traps; it knows no compiler ([NO-COMPILER]). What it
//! needs of one is this trait. The implementation with compilers is in the crate `tiering`; [`Refusing`]
//! has none.

pub use super::door::{EnterTrampoline, HostDoor, ValRaw};
use super::layout::Budget;
pub use super::refusing::Refusing;

use crate::ids::DefinedFunc;
use crate::linkage::Linkage;
use crate::types::FuncType;
use anyhow::Result;
use std::any::Any;
use std::sync::Arc;
use stubs::{CodeSpace, Tier};

/// Compiles, decides when and why, and publishes through the engine's code space.
///
/// # Safety
/// What an implementation publishes, and what its trampolines do, is run as it is: it must be what the bytecode of
/// the function means, by the convention of compiled code, within the fields that [`crate::layout`] lists. It keeps to
/// what the crate `stubs` asks of its users, and takes back only what it published itself.
pub unsafe trait CodeSource: Send + Sync + 'static {
    /// Makes what it keeps with a new linkage (see [`Linkage::code`]), whose code is to be published in `space`. Called
    /// once, before any code of the linkage can run. Must be cheap: a few words for each function at most.
    fn attach(&self, linkage: &Linkage, space: &Arc<CodeSpace>) -> Box<dyn Any + Send + Sync>;

    /// The linkage is about to be dropped: withdraw what was kept beside it. Its entries are
    /// released by the engine afterwards.
    fn detach(&self, linkage: &Linkage);

    /// Entries and code of a dropped linkage have been released; retired code may be freed now.
    fn released(&self) {}

    /// Whether [`CodeSource::entered`] wants to be told.
    fn counts_entries(&self) -> bool {
        false
    }

    /// The host is about to call a function whose entry leads to code of this tier, or to its stub.
    fn entered(&self, _tier: Option<Tier>) {}

    /// A function whose entry leads to its stub was called: compile and publish it, or wait for
    /// the thread that does. On return the entry leads to code (or did: then it is a first call again).
    ///
    /// # Errors
    /// If the compiler refuses the function or the code space is full; names the function.
    fn first_call(&self, linkage: &Arc<Linkage>, func: DefinedFunc) -> Result<()>;

    /// At an entry, code of `func` has counted below 0 the budget of its entries, which is to be set anew.
    fn budget_spent(&self, linkage: &Arc<Linkage>, func: DefinedFunc, budget: &mut Budget);

    /// At the header of a loop, it has counted below 0 the budget of its trips: the `loop` instruction at `offset` in the body. May give code that goes
    /// on from there, for functions of this type without parameters of their own: it finds locals and operands in a copy
    /// of the frame area. The calling thread's stack counts as being in compiled code meanwhile, so the address is safe on it.
    fn loop_budget_spent(
        &self,
        linkage: &Arc<Linkage>,
        func: DefinedFunc,
        offset: u32,
        budget: &mut Budget,
    ) -> Option<usize> {
        let _ = offset;
        self.budget_spent(linkage, func, budget);
        None
    }

    /// A call of a host function has just been made by compiled code; a seeded point for modes
    /// that change the code's links while it runs.
    fn host_called(&self);

    /// The trampoline from the host for functions of this type, placed in `space`. The engine keeps it for the type.
    ///
    /// # Errors
    /// If it cannot be compiled or placed.
    fn enter_trampoline(&self, ty: &FuncType, space: &CodeSpace) -> Result<EnterTrampoline>;

    /// The code of host functions of this type, placed in `space`: takes compiled code's arguments, calls `door`.
    ///
    /// # Errors
    /// If it cannot be compiled or placed.
    fn host_trampoline(&self, ty: &FuncType, door: HostDoor, space: &CodeSpace) -> Result<usize>;

    /// Nothing will be run any more: stop threads, drop what is queued.
    fn shut_down(&self);
}
