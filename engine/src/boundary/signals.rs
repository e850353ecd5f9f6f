//! Faults of the processor in compiled code, as traps.
//!
//! The handler does as little as possible: it finds the activation whose code its thread runs, looks up
//! whether the faulting instruction has a trap record, and makes the thread resume in `after_fault`,
//! on its own stack below the compiled frame (compiled code leaves room there, see
//! [`crate::STACK_RESERVE`]). A fault at any other place is passed on to the handler installed before.

use super::activation;
use super::arch::Registers;
use crate::trap::Trap;
use anyhow::{Error, Result};
use std::cell::UnsafeCell;
use std::mem::MaybeUninit;
use std::sync::OnceLock;

const SIGNALS: [i32; 4] = [libc::SIGSEGV, libc::SIGBUS, libc::SIGILL, libc::SIGFPE];

/// The handlers installed before ours, by position in `SIGNALS`.
struct Previous(UnsafeCell<[MaybeUninit<libc::sigaction>; SIGNALS.len()]>);

// SAFETY: written once, before the handlers that read it are installed.
unsafe impl Sync for Previous {}

static PREVIOUS: Previous = Previous(UnsafeCell::new(
    [const { MaybeUninit::uninit() }; SIGNALS.len()],
));

/// Installs the handlers, once in the life of the process.
///
/// # Errors
/// If the system refuses; the error is remembered, and later calls return it again.
pub(crate) fn install() -> Result<()> {
    static INSTALLED: OnceLock<Result<(), String>> = OnceLock::new();
    let installed = INSTALLED.get_or_init(|| {
        SIGNALS
            .into_iter()
            .enumerate()
            .try_for_each(|(position, signal)| install_one(position, signal))
    });
    installed.clone().map_err(Error::msg)
}

fn install_one(position: usize, signal: i32) -> Result<(), String> {
    let refused = |what: &str| {
        let error = std::io::Error::last_os_error();
        format!("the system refuses {what} the handler of signal {signal}: {error}")
    };
    // SAFETY: the slots are written before the handler of their signal exists, and the action
    // is filled completely.
    unsafe {
        let slot = (*PREVIOUS.0.get())
            .as_mut_ptr()
            .add(position)
            .cast::<libc::sigaction>();
        if libc::sigaction(signal, std::ptr::null(), slot) != 0 {
            return Err(refused("to report"));
        }
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = handle as *const () as usize;
        action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK | libc::SA_NODEFER;
        // The handshake must not interrupt this handler: the address of the faulting instruction is only in
        // the signal's frame, where a scan of the stack would not find it ([OUTLIVE]).
        libc::sigfillset(&mut action.sa_mask);
        if libc::sigaction(signal, &action, std::ptr::null_mut()) != 0 {
            return Err(refused("to install"));
        }
    }
    Ok(())
}

unsafe extern "C" fn handle(signal: i32, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
    // SAFETY: the kernel passes a `ucontext_t`.
    if unsafe { try_trap(context.cast()) } {
        return;
    }
    // SAFETY: these are the arguments that the kernel passed, for one of `SIGNALS`.
    unsafe { pass_on(signal, info, context) }
}

/// Makes the thread resume with a trap, if it runs compiled code at an instruction that may trap. Returns
/// whether it does.
///
/// # Safety
/// The context is the one that the kernel passed to the running handler.
unsafe fn try_trap(context: *mut libc::ucontext_t) -> bool {
    // SAFETY: the activation whose code this thread runs is alive, and so are its code space and the body at
    // the interrupted instruction ([OUTLIVE]); the context is the one that the kernel passed.
    unsafe {
        let mut registers = Registers::of(context);
        let Some(activation) = activation::interrupted(registers.sp()).as_ref() else {
            return false;
        };
        let pc = registers.pc();
        let Some(body) = (*activation.engine).code.lookup(pc) else {
            return false;
        };
        let Some(trap) = body
            .side()
            .stream
            .trap((pc - body.start()) as u32)
            .and_then(Trap::from_code)
        else {
            return false;
        };
        let frame = registers.fp();
        registers.call(after_fault, (u64::from(trap.code()), pc, frame));
        true
    }
}

/// Where a thread resumes whose compiled code has faulted.
///
/// # Safety
/// Called only by way of [`Registers::call`], for a thread in compiled code.
unsafe extern "sysv64" fn after_fault(code: u64, pc: usize, fp: usize) -> ! {
    let trap = Trap::from_code(code as u8).expect("the handler found this trap");
    // SAFETY: the thread was in compiled code, whose frames are intact above this one.
    unsafe { activation::raise_at(trap, pc, fp) }
}

/// Whether a signal comes from a process rather than from an instruction (sigaction(2), `si_code`).
///
/// # Safety
/// The kernel passed `info` to the running handler.
unsafe fn was_sent(info: *const libc::siginfo_t) -> bool {
    // SAFETY: the kernel passes a `siginfo_t` to handlers installed with `SA_SIGINFO`.
    unsafe { (*info).si_code <= 0 }
}

/// Does what would have been done with the signal without our handler.
///
/// # Safety
/// The arguments are those that the kernel passed to the running handler.
unsafe fn pass_on(signal: i32, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
    let position = SIGNALS
        .iter()
        .position(|&ours| ours == signal)
        .expect("installed for these only");
    // SAFETY: the slot was filled before our handler was installed; the flags of an action say which
    // arguments its handler takes.
    unsafe {
        let previous = (*PREVIOUS.0.get())[position].assume_init_ref();
        match previous.sa_sigaction {
            // It was sent (`kill`), and the process ignores it.
            libc::SIG_IGN if was_sent(info) => {}
            libc::SIG_DFL | libc::SIG_IGN => {
                // The handler before is restored. An instruction that faulted does so again; a signal that
                // was sent is sent again, and ends the process when this handler returns.
                libc::sigaction(signal, previous, std::ptr::null_mut());
                if was_sent(info) {
                    libc::raise(signal);
                }
            }
            handler if previous.sa_flags & libc::SA_SIGINFO != 0 => {
                let handler: extern "C" fn(i32, *mut libc::siginfo_t, *mut libc::c_void) =
                    std::mem::transmute(handler);
                handler(signal, info, context);
            }
            handler => {
                let handler: extern "C" fn(i32) = std::mem::transmute(handler);
                handler(signal);
            }
        }
    }
}
