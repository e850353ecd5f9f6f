//! x86-64: entering and leaving compiled code, the thunks of helpers, and registers of interrupted
//! threads (Linux).
//!
//! The convention of compiled code is in docs/calling-convention.md: the context is in rdi, frames
//! keep rbp. Offsets of fields come from `layout` as operands; none is written here as a number.

use crate::boundary::door::{EnterTrampoline, ValRaw};
use crate::boundary::layout::{SeenCallee, offsets};
use std::arch::{global_asm, naked_asm};
use stubs::RED_ZONE;

/// Registers that `lazywasm_enter` pushes after rbp: rbx, r12 to r15.
const KEPT_REGISTERS: usize = 5;

/// Bytes after them that align the stack for a call.
const ENTER_PADDING: usize = 8;

/// Distance from the stack pointer that `lazywasm_enter` notes up to its frame pointer.
pub(in crate::boundary) const SAVED_BELOW_FRAME: usize = KEPT_REGISTERS * 8 + ENTER_PADDING;

global_asm!(
    // lazywasm_enter(trampoline: rdi, ctx: rsi, code: rdx, values: rcx, stack: r8) -> eax
    ".globl lazywasm_enter",
    ".type lazywasm_enter, @function",
    "lazywasm_enter:",
    ".cfi_startproc",
    "push rbp",
    ".cfi_def_cfa_offset 16",
    ".cfi_offset rbp, -16",
    "mov rbp, rsp",
    ".cfi_def_cfa_register rbp",
    "push rbx",
    "push r12",
    "push r13",
    "push r14",
    "push r15",
    "sub rsp, {padding}",
    "mov [r8], rsp",
    "mov rax, rdi",
    "mov rdi, rsi",
    "mov rsi, rdx",
    "mov rdx, rcx",
    "call rax",
    "mov eax, 1",
    "2:",
    "add rsp, {padding}",
    "pop r15",
    "pop r14",
    "pop r13",
    "pop r12",
    "pop rbx",
    "pop rbp",
    ".cfi_def_cfa rsp, 8",
    "ret",
    ".cfi_endproc",
    ".size lazywasm_enter, . - lazywasm_enter",
    // lazywasm_leave(stack: rdi) -> !, continues as a return of lazywasm_enter with 0
    ".globl lazywasm_leave",
    ".type lazywasm_leave, @function",
    "lazywasm_leave:",
    "mov rsp, rdi",
    "lea rbp, [rsp + {saved}]",
    "xor eax, eax",
    "cld",
    "jmp 2b",
    ".size lazywasm_leave, . - lazywasm_leave",
    padding = const ENTER_PADDING,
    saved = const SAVED_BELOW_FRAME,
);

unsafe extern "sysv64" {
    fn lazywasm_enter(
        trampoline: EnterTrampoline,
        ctx: *mut u8,
        code: usize,
        values: *mut ValRaw,
        stack: *mut usize,
    ) -> u32;
    fn lazywasm_leave(stack: usize) -> !;
}

/// Saves the registers that a called function must keep, notes the stack pointer in `stack` and calls
/// the trampoline. Returns whether the trampoline returned; false after [`leave`].
///
/// # Safety
/// The trampoline may be called with these arguments, and `stack` may be written.
#[inline]
pub(in crate::boundary) unsafe fn enter(
    trampoline: EnterTrampoline,
    ctx: *mut u8,
    code: usize,
    values: *mut ValRaw,
    stack: *mut usize,
) -> bool {
    // SAFETY: promised by the caller.
    unsafe { lazywasm_enter(trampoline, ctx, code, values, stack) == 1 }
}

/// Returns from the [`enter`] that noted this stack pointer.
///
/// # Safety
/// That call has not returned, it is on the calling thread's stack, and no frame in between has
/// anything left to drop.
pub(in crate::boundary) unsafe fn leave(stack: usize) -> ! {
    // SAFETY: promised by the caller.
    unsafe { lazywasm_leave(stack) }
}

/// Defines the thunk of a helper: it notes the calling code's frame pointer and the return address as
/// the store's last exit, and jumps to `$target`, which finds all arguments where they were.
macro_rules! exit_thunk {
    ($name:ident => $target:path) => {
        #[unsafe(naked)]
        unsafe extern "sysv64" fn $name() {
            std::arch::naked_asm!(
                "mov rax, [rdi + {store}]",
                "mov [rax + {exit_fp}], rbp",
                "mov r11, [rsp]",
                "mov [rax + {exit_pc}], r11",
                "jmp {target}",
                store = const $crate::boundary::layout::offsets::CTX_STORE,
                exit_fp = const $crate::boundary::layout::offsets::STORE_EXIT_FP,
                exit_pc = const $crate::boundary::layout::offsets::STORE_EXIT_PC,
                target = sym $target,
            )
        }
    };
}
pub(in crate::boundary) use exit_thunk;

/// Defines a thunk like those of [`exit_thunk`] that is called before a function has stored its
/// parameters: it preserves the registers that they are passed in (rdi rsi rdx rcx r8 r9, xmm0-7). It
/// calls `$target` with the context and with what eax holds. The stack is aligned, as at every call: six
/// words, 136 bytes and the return address are 192.
macro_rules! preserving_thunk {
    ($name:ident => $target:path) => {
        #[unsafe(naked)]
        unsafe extern "sysv64" fn $name() {
            std::arch::naked_asm!(
                "mov r10, [rdi + {store}]",
                "mov [r10 + {exit_fp}], rbp",
                "mov r11, [rsp]",
                "mov [r10 + {exit_pc}], r11",
                "push rdi",
                "push rsi",
                "push rdx",
                "push rcx",
                "push r8",
                "push r9",
                "sub rsp, 136",
                "movups [rsp], xmm0",
                "movups [rsp + 16], xmm1",
                "movups [rsp + 32], xmm2",
                "movups [rsp + 48], xmm3",
                "movups [rsp + 64], xmm4",
                "movups [rsp + 80], xmm5",
                "movups [rsp + 96], xmm6",
                "movups [rsp + 112], xmm7",
                "mov esi, eax",
                "call {target}",
                "movups xmm0, [rsp]",
                "movups xmm1, [rsp + 16]",
                "movups xmm2, [rsp + 32]",
                "movups xmm3, [rsp + 48]",
                "movups xmm4, [rsp + 64]",
                "movups xmm5, [rsp + 80]",
                "movups xmm6, [rsp + 96]",
                "movups xmm7, [rsp + 112]",
                "add rsp, 136",
                "pop r9",
                "pop r8",
                "pop rcx",
                "pop rdx",
                "pop rsi",
                "pop rdi",
                "ret",
                store = const $crate::boundary::layout::offsets::CTX_STORE,
                exit_fp = const $crate::boundary::layout::offsets::STORE_EXIT_FP,
                exit_pc = const $crate::boundary::layout::offsets::STORE_EXIT_PC,
                target = sym $target,
            )
        }
    };
}
pub(in crate::boundary) use preserving_thunk;

/// Counts a call in the `Feedback` in rsi of the entry whose word's address is in rdx. Preserves all
/// registers, and needs none: baseline code passes here before each indirect call.
#[unsafe(naked)]
pub(in crate::boundary) unsafe extern "sysv64" fn note_callee() {
    naked_asm!(
        "cmp [rsi], edx",
        "jne 2f",
        "inc dword ptr [rsi + {count}]",
        "ret",
        "2: cmp [rsi + {each}], edx",
        "jne 3f",
        "inc dword ptr [rsi + {each} + {count}]",
        "ret",
        "3: cmp [rsi + 2*{each}], edx",
        "jne 4f",
        "inc dword ptr [rsi + 2*{each} + {count}]",
        "ret",
        "4: cmp [rsi + 3*{each}], edx",
        "jne 5f",
        "inc dword ptr [rsi + 3*{each} + {count}]",
        "ret",
        // Not seen before: it takes the first free place, if there is one. Of two threads that take the same,
        // one wins.
        "5: cmp dword ptr [rsi], 0",
        "jne 6f",
        "mov [rsi], edx",
        "inc dword ptr [rsi + {count}]",
        "ret",
        "6: cmp dword ptr [rsi + {each}], 0",
        "jne 7f",
        "mov [rsi + {each}], edx",
        "inc dword ptr [rsi + {each} + {count}]",
        "ret",
        "7: cmp dword ptr [rsi + 2*{each}], 0",
        "jne 8f",
        "mov [rsi + 2*{each}], edx",
        "inc dword ptr [rsi + 2*{each} + {count}]",
        "ret",
        "8: cmp dword ptr [rsi + 3*{each}], 0",
        "jne 9f",
        "mov [rsi + 3*{each}], edx",
        "inc dword ptr [rsi + 3*{each} + {count}]",
        "ret",
        "9: inc dword ptr [rsi + {others}]",
        "ret",
        each = const size_of::<SeenCallee>(),
        count = const offsets::SEEN_COUNT,
        others = const offsets::FEEDBACK_OTHERS,
    )
}

/// A function that an interrupted thread can be made to call, see [`Registers::call`].
pub(in crate::boundary) type Diversion = unsafe extern "sysv64" fn(u64, usize, usize) -> !;

/// The registers of a thread that a signal interrupted; what is written, the thread resumes with.
pub(in crate::boundary) struct Registers<'a>(&'a mut [libc::greg_t; 23]);

/// The direction flag of the flags register; clear at every call (System V ABI).
const DIRECTION_FLAG: i64 = 0x400;

impl Registers<'_> {
    /// The registers in a signal's context.
    ///
    /// # Safety
    /// The context is one that the kernel passed to a handler that has not returned, and nothing else
    /// uses it.
    pub(in crate::boundary) unsafe fn of<'a>(context: *mut libc::ucontext_t) -> Registers<'a> {
        // SAFETY: promised by the caller.
        Registers(unsafe { &mut (*context).uc_mcontext.gregs })
    }

    fn get(&self, register: libc::c_int) -> usize {
        self.0[register as usize] as usize
    }

    fn set(&mut self, register: libc::c_int, value: usize) {
        self.0[register as usize] = value as libc::greg_t;
    }

    /// Address of the interrupted instruction.
    pub(in crate::boundary) fn pc(&self) -> usize {
        self.get(libc::REG_RIP)
    }

    /// Stack pointer.
    pub(in crate::boundary) fn sp(&self) -> usize {
        self.get(libc::REG_RSP)
    }

    /// Frame pointer.
    pub(in crate::boundary) fn fp(&self) -> usize {
        self.get(libc::REG_RBP)
    }

    /// Makes the thread resume in `target`, called with these arguments on its own stack, below what
    /// the interrupted function may use.
    pub(in crate::boundary) fn call(&mut self, target: Diversion, arguments: (u64, usize, usize)) {
        let stack = (self.sp() - RED_ZONE) & !15;
        self.set(libc::REG_RDI, arguments.0 as usize);
        self.set(libc::REG_RSI, arguments.1);
        self.set(libc::REG_RDX, arguments.2);
        // As after a call: the stack is 8 below a multiple of 16.
        self.set(libc::REG_RSP, stack - 8);
        self.set(libc::REG_RIP, target as usize);
        self.0[libc::REG_EFL as usize] &= !DIRECTION_FLAG;
    }
}
