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
use stubs::{CodeListener, CodeSpace, Tier};

/// Compiles, decides when and why, and publishes through the engine's code space.
///
/// # Safety
/// What an implementation publishes, and what its trampolines do, is run unchecked. It must do what the
/// bytecode of the function means, by the convention of compiled code, and touch only the fields that
/// [`crate::layout`] lists. The implementation keeps to what the crate `stubs` requires of its users, and
/// withdraws only what it published itself.
pub unsafe trait CodeSource: Send + Sync + 'static {
    /// Who is told of code that is placed and removed. Asked once, when the engine is made.
    fn code_listener(&self) -> Option<Arc<dyn CodeListener>> {
        None
    }

    /// Makes what the source keeps with a new linkage (see [`Linkage::code`]), whose code is published in
    /// `space`. Called once, before any code of the linkage can run. Must be cheap: a few words for each
    /// function at most.
    fn attach(&self, linkage: &Linkage, space: &Arc<CodeSpace>) -> Box<dyn Any + Send + Sync>;

    /// The linkage is being dropped: withdraws what was kept with it. The engine releases its entries
    /// afterwards.
    fn detach(&self, linkage: &Linkage);

    /// Entries and code of a dropped linkage have been released; retired code may be freed now.
    fn released(&self) {}

    /// Whether [`CodeSource::entered`] should be called.
    fn counts_entries(&self) -> bool {
        false
    }

    /// The host calls a function whose entry points to code of this tier, or to its stub.
    fn entered(&self, _tier: Option<Tier>) {}

    /// A function whose entry points to its stub was called: compiles and publishes it, or waits for the
    /// thread that does. On return the entry points to code (or has done so in between: then there is another
    /// first call).
    ///
    /// # Errors
    /// If the compiler refuses the function or the code space is full; names the function.
    fn first_call(&self, linkage: &Arc<Linkage>, func: DefinedFunc) -> Result<()>;

    /// Calls `change`, which changes the definition of a function of a live linkage, while no thread makes
    /// the function's code. Makes its next call a first call, forgets what is known of it, and drops the code
    /// that has inlined it. Call sites on other cores may be stale on return.
    fn redefine(&self, linkage: &Arc<Linkage>, func: DefinedFunc, change: &mut dyn FnMut());

    /// All functions of a live linkage were removed ([`Linkage::is_removed`]): takes their code away, and
    /// that which has inlined them, and makes no more. Call sites on other cores may be stale on return.
    fn remove(&self, linkage: &Arc<Linkage>);

    /// At an entry, code of `func` has counted its budget of entries below 0. Sets a new budget.
    fn budget_spent(&self, linkage: &Arc<Linkage>, func: DefinedFunc, budget: &mut Budget);

    /// Going back to a loop's header, code of `func` has counted its budget of trips below 0. The `loop`
    /// instruction is at `offset` in the body. May return code that resumes there. That code is called like
    /// the function itself, but without the function's parameters: it finds locals and operands in a copy of
    /// the frame area. The calling thread's stack counts as being in compiled code during this call, so the
    /// address stays valid on it ([OUTLIVE]).
    ///
    /// `generation` is given in live linkages: that of the code that asks. It may be code of an earlier
    /// definition.
    fn loop_budget_spent(
        &self,
        linkage: &Arc<Linkage>,
        func: DefinedFunc,
        offset: u32,
        generation: Option<u32>,
        budget: &mut Budget,
    ) -> Option<usize> {
        let _ = (offset, generation);
        self.budget_spent(linkage, func, budget);
        None
    }

    /// Compiled code has called a host function, which has returned. Modes for tests change the code's links
    /// here, while it runs.
    fn host_called(&self);

    /// The trampoline from the host for functions of this type, placed in `space`. The engine keeps it with
    /// the type.
    ///
    /// # Errors
    /// If it cannot be compiled or placed.
    fn enter_trampoline(&self, ty: &FuncType, space: &CodeSpace) -> Result<EnterTrampoline>;

    /// The code of host functions of this type, placed in `space`: takes compiled code's arguments, calls
    /// `door`.
    ///
    /// # Errors
    /// If it cannot be compiled or placed.
    fn host_trampoline(&self, ty: &FuncType, door: HostDoor, space: &CodeSpace) -> Result<usize>;

    /// Nothing will run any more: stops threads, drops what is queued.
    fn shut_down(&self);
}
