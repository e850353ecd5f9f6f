//! Entering compiled code, and leaving it abruptly.
//!
//! Each entry from the host is an [`Activation`], and the stack it is on names the innermost one
//! ([`stacks::Stack::innermost`]). A thread would not do: a host function may be left for a coroutine that
//! enters compiled code on a stack of its own, and be resumed in any order.
//!
//! `lazywasm_enter` (in `arch`) saves the registers that a called function must keep and notes its stack
//! pointer in the activation. A trap puts the stack pointer back there and returns from `lazywasm_enter` with
//! 0 instead of 1. Frames of compiled code need nothing dropped; frames of the runtime between the last
//! compiled frame and the jump hold nothing when it is made ([`raise`] is the last thing they do).
//!
//! ```text
//! host frames | enter_on | lazywasm_enter [saved registers] | trampoline | compiled frames ... | runtime
//!                          ^ Activation::stack                               raise ----------> back here
//! ```
//! Compiled code runs on a stack whose end is known. Where the end of the caller's stack is unknown or too
//! near, it runs on a spare stack, and so do the host functions that it calls ([`enter`]).

use super::arch::{self, SAVED_BELOW_FRAME};
use super::backtrace::{self, WasmBacktrace};
use super::door::{EnterTrampoline, ValRaw};
use super::frames::Start;
use super::layout::{FuncRecord, StoreCtx};
use super::vmctx::StoreBlock;
use crate::EngineInner;
use crate::config::STACK_RESERVE;
use crate::trap::Trap;
use anyhow::Result;
use std::any::Any;
use stubs::stacks::{self, Stack, StackState};

/// Why compiled code was left.
pub(crate) enum Outcome {
    /// A trap found by the runtime or the processor.
    Trap(Trap),
    /// An error: of a host function, or of compiling on a first call.
    Error(anyhow::Error),
    /// A panic of a host function, to be resumed in the host.
    Panic(Box<dyn Any + Send>),
}

/// One entry from the host into compiled code, in a frame of the host.
pub(crate) struct Activation {
    /// Stack pointer inside `lazywasm_enter`, which writes it before anything can trap.
    stack: usize,
    previous: *const Activation,
    pub(crate) block: *const StoreBlock,
    pub(crate) engine: *const EngineInner,
    /// Where the code of the activation before had left for the host: frame pointer and program counter.
    outer_exit: (usize, usize),
    outcome: Option<(Outcome, Option<WasmBacktrace>)>,
}

impl Activation {
    /// An activation on this stack that has not entered compiled code.
    ///
    /// # Safety
    /// The store of this block is alive, and so are the activations on the stack and their stores.
    #[inline]
    unsafe fn new(on: &Stack, block: *const StoreBlock, engine: *const EngineInner) -> Activation {
        let previous = on.innermost() as *const Activation;
        // SAFETY: promised by the caller; the borrows end here.
        unsafe {
            let outer_exit = previous.as_ref().map_or((0, 0), |outer| {
                let ctx = (*outer.block).ctx();
                ((*ctx).exit_fp, (*ctx).exit_pc)
            });
            Activation {
                stack: 0,
                previous,
                block,
                engine,
                outer_exit,
                outcome: None,
            }
        }
    }

    /// The error for the host, after compiled code was left abruptly.
    ///
    /// # Panics
    /// With the panic of a host function.
    fn take_error(&mut self) -> anyhow::Error {
        let left = self.outcome.take();
        let (outcome, backtrace) = left.expect("an outcome is noted before code is left");
        let error = match outcome {
            Outcome::Trap(trap) => anyhow::Error::new(trap),
            Outcome::Error(error) => error,
            Outcome::Panic(panic) => std::panic::resume_unwind(panic),
        };
        with_backtrace(error, backtrace)
    }

    /// Frame pointer of `lazywasm_enter`: the end of the chain of compiled frames.
    pub(crate) fn frame(&self) -> usize {
        self.stack + SAVED_BELOW_FRAME
    }

    pub(crate) fn previous(&self) -> *const Activation {
        self.previous
    }

    pub(crate) fn outer_exit(&self) -> (usize, usize) {
        self.outer_exit
    }

    pub(crate) fn stack(&self) -> usize {
        self.stack
    }
}

/// The activation whose compiled code the calling thread has left to get here.
fn current() -> *mut Activation {
    stacks::running().innermost() as *mut Activation
}

/// The activation whose compiled code runs with its stack pointer at `sp`; null if there is none. Signal
/// handlers may ask.
pub(crate) fn interrupted(sp: usize) -> *const Activation {
    let running = stacks::running_at(sp);
    running.map_or(std::ptr::null(), |stack| {
        stack.innermost() as *const Activation
    })
}

/// Bytes of the calling frames that may still be pushed between measuring the stack and entering.
const ENTRY_SLACK: usize = 1024;

/// Bytes below the limit that code may use without a check. A function has at most 1,000 parameters and 1,000
/// results, of 16 bytes each. Most is used if the host calls a function of the host where the limit begins:
/// the entry trampoline holds the arguments, pushes them and has room for the results, and the trampoline of
/// the host function holds the arguments and has an array of the values. Compiled code needs less: baseline
/// code checks only where a frame of up to 4 KiB begins, then pushes the arguments for the host function.
const UNCHECKED: usize = 5 * 16_000 + (4 << 10);

/// Least bytes of stack with which the first entry on a stack stays on it. Guessed: small programs can use as
/// much as is kept free for the host.
const LEAST_STACK: usize = 2 * STACK_RESERVE + UNCHECKED;

/// Most bytes of a spare stack, since `Config::max_wasm_stack` has no bound.
const MOST_STACK: usize = 64 << 20;

/// Calls compiled code, or a host function as compiled code would.
///
/// # Errors
/// The trap, with a backtrace as its context; the error that a host function returned; or why the calling
/// thread cannot run compiled code.
///
/// # Panics
/// With the panic of a host function.
///
/// # Safety
/// `block` and `engine` are those of a store that nothing else uses; `record` is one of its functions,
/// `trampoline` is the one for that function's type, and `values` has room for its arguments and results.
#[inline]
pub(crate) unsafe fn enter(
    block: *const StoreBlock,
    engine: *const EngineInner,
    record: *const FuncRecord,
    trampoline: EnterTrampoline,
    values: &mut [ValRaw],
) -> Result<()> {
    // SAFETY: the store is alive and ours, and it keeps its engine.
    let max_stack = unsafe {
        (*engine).code.check_process()?;
        (*engine).config.max_wasm_stack
    };
    let values = values.as_mut_ptr();
    // A nested entry stays on its stack, and traps when there is no room left: otherwise a recursion through
    // the host would take one stack after another.
    let stays = |stack: &&Stack| stack.innermost() != 0 || stack.room() >= LEAST_STACK;
    if let Some(stack) = stacks::here()?.filter(stays) {
        // SAFETY: as promised by the caller; the stack is the one on which this runs.
        return unsafe { enter_on(stack, block, engine, record, trampoline, values, max_stack) };
    }
    let bytes =
        max_stack.clamp(STACK_RESERVE, MOST_STACK) + STACK_RESERVE + UNCHECKED + ENTRY_SLACK;
    // SAFETY: as promised by the caller; the closure is called on the stack that it is given.
    let on_spare =
        |stack| unsafe { enter_on(stack, block, engine, record, trampoline, values, max_stack) };
    stacks::on_spare(bytes, on_spare)?
}

/// Calls compiled code on the stack on which the caller runs.
///
/// # Errors
/// As [`enter`].
///
/// # Panics
/// As [`enter`].
///
/// # Safety
/// As for [`enter`].
unsafe fn enter_on(
    on: &'static Stack,
    block: *const StoreBlock,
    engine: *const EngineInner,
    record: *const FuncRecord,
    trampoline: EnterTrampoline,
    values: *mut ValRaw,
    max_stack: usize,
) -> Result<()> {
    // SAFETY: the store is alive by the caller's promise; the other activations are in frames of this stack
    // that have not returned, and their stores are running.
    let mut activation = unsafe { Activation::new(on, block, engine) };
    // SAFETY: the block lives as long as the store.
    let ctx = unsafe { (*activation.block).ctx() };
    // SAFETY: only this thread uses the store's context now.
    let saved = unsafe { Saved::of(ctx) };
    let here = (&raw const activation) as usize;
    let limit = stack_limit(on, here, saved.stack_limit, max_stack);
    // The code may be a host function, whose code does not check: hosts that call hosts would never be
    // stopped.
    if here - ENTRY_SLACK < limit {
        let backtrace = backtrace::capture_outer(&activation);
        return Err(with_backtrace(Trap::StackOverflow.into(), Some(backtrace)));
    }
    // SAFETY: as above.
    unsafe {
        (*ctx).stack_limit = limit;
        (*ctx).caller = std::ptr::null_mut();
    }
    on.set_innermost((&raw mut activation) as usize);
    let state = on.enter_wasm();
    // SAFETY: as promised by the caller; since `enter_wasm` the stack counts as running compiled code.
    let finished = unsafe { run(on, &raw mut activation, record, trampoline, values) };
    on.leave_wasm(state);
    on.set_innermost(activation.previous as usize);
    // SAFETY: as above.
    unsafe { saved.restore(ctx) };
    match finished {
        true => Ok(()),
        false => Err(activation.take_error()),
    }
}

/// The fields of a store's context that belong to one activation.
struct Saved {
    stack_limit: usize,
    caller: *mut u8,
    exit_fp: usize,
    exit_pc: usize,
}

impl Saved {
    /// # Safety
    /// The context is that of a store that nothing else uses now.
    #[inline]
    unsafe fn of(ctx: *const StoreCtx) -> Saved {
        // SAFETY: promised by the caller.
        unsafe {
            Saved {
                stack_limit: (*ctx).stack_limit,
                caller: (*ctx).caller,
                exit_fp: (*ctx).exit_fp,
                exit_pc: (*ctx).exit_pc,
            }
        }
    }

    /// # Safety
    /// As for [`Saved::of`].
    #[inline]
    unsafe fn restore(self, ctx: *mut StoreCtx) {
        // SAFETY: promised by the caller.
        unsafe {
            (*ctx).stack_limit = self.stack_limit;
            (*ctx).caller = self.caller;
            (*ctx).exit_fp = self.exit_fp;
            (*ctx).exit_pc = self.exit_pc;
        }
    }
}

/// The lowest address that compiled code may use when it is entered with the stack pointer near `here`.
/// Nested in the same store, the budget of stack is that of the outermost entry, unless a host function calls
/// back on another stack.
#[inline]
fn stack_limit(on: &Stack, here: usize, outer_limit: usize, max_stack: usize) -> usize {
    let lowest = on.low() + STACK_RESERVE + UNCHECKED;
    if (lowest..on.high()).contains(&outer_limit) {
        return outer_limit;
    }
    let budget = max_stack.saturating_add(ENTRY_SLACK);
    here.saturating_sub(budget).max(lowest)
}

/// Calls the function of `record`. Returns whether it returned; otherwise it was left by [`raise`] or
/// [`raise_at`].
///
/// # Safety
/// As for [`enter`]; `on` counts as running compiled code, and `activation` is its innermost one.
#[inline]
unsafe fn run(
    on: &Stack,
    activation: *mut Activation,
    record: *const FuncRecord,
    trampoline: EnterTrampoline,
    values: *mut ValRaw,
) -> bool {
    // SAFETY: the record is alive; its entry is loaded only now that the stack counts as running
    // compiled code, so the code it names cannot be freed before it runs ([OUTLIVE]).
    unsafe {
        let code = on.load_code(&*(*record).entry);
        let engine = &*(*activation).engine;
        if engine.source.counts_entries() {
            let body = engine.code.lookup(code);
            engine.source.entered(body.map(|body| body.tier()));
        }
        let stack = &raw mut (*activation).stack;
        arch::enter(trampoline, (*record).ctx, code, values, stack)
    }
}

/// An error that crossed compiled code before keeps the backtrace of where it began.
fn with_backtrace(error: anyhow::Error, backtrace: Option<WasmBacktrace>) -> anyhow::Error {
    match backtrace {
        Some(backtrace)
            if !backtrace.is_empty() && error.downcast_ref::<WasmBacktrace>().is_none() =>
        {
            error.context(backtrace)
        }
        _ => error,
    }
}

/// As long as it lives, the host runs on top of compiled code.
pub(crate) struct InHost {
    stack: &'static Stack,
    state: StackState,
}

/// Notes that the host runs now, until the result is dropped.
pub(crate) fn in_host() -> InHost {
    let marker = 0u8;
    let stack = stacks::running();
    InHost {
        stack,
        state: stack.enter_host((&raw const marker) as usize),
    }
}

impl Drop for InHost {
    fn drop(&mut self) {
        self.stack.leave_host(self.state);
    }
}

/// Leaves compiled code for the innermost entry from the host.
///
/// # Safety
/// Compiled code is on this thread's stack above an activation, its last exit is noted in the store's
/// context, and no frame between here and there has anything left to drop.
pub(crate) unsafe fn raise(outcome: Outcome) -> ! {
    // SAFETY: by the caller's promise there is an activation, and only this thread uses it.
    let stack = unsafe {
        let activation = current();
        let ctx = (*(*activation).block).ctx();
        let exit = ((*ctx).exit_fp, (*ctx).exit_pc);
        note(&mut *activation, outcome, Start::of_exit(exit.0, exit.1))
    };
    // SAFETY: the stack pointer is the one that `lazywasm_enter` noted.
    unsafe { arch::leave(stack) }
}

/// Leaves compiled code from the instruction at `pc`, whose frame pointer is `fp`.
///
/// # Safety
/// As for [`raise`]; `pc` is in compiled code.
pub(crate) unsafe fn raise_at(trap: Trap, pc: usize, fp: usize) -> ! {
    // SAFETY: as in `raise`.
    let stack = unsafe {
        note(
            &mut *current(),
            Outcome::Trap(trap),
            Start {
                pc,
                fp,
                exact: true,
            },
        )
    };
    // SAFETY: as in `raise`.
    unsafe { arch::leave(stack) }
}

/// Keeps the reason and the backtrace; returns the stack pointer to go back to.
fn note(activation: &mut Activation, outcome: Outcome, start: Start) -> usize {
    let backtrace = match &outcome {
        Outcome::Panic(_) => None,
        _ => Some(backtrace::capture(activation, start)),
    };
    activation.outcome = Some((outcome, backtrace));
    activation.stack()
}
