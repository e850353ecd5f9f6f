//! x86-64: encodings (Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2), relocations
//! and calling convention (System V ABI), patching, and access to registers that Rust does not provide.

use crate::frame_layout::{FrameLayout, FrameStep, Place};
use std::ffi::c_void;
use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes of an entry stub.
pub(crate) const STUB_LEN: usize = 16;

/// Offset of a stub's lazy half, whose address an entry holds while its function has no code.
pub(crate) const LAZY_HALF: usize = 6;

/// A relative branch or reference reaches less than this many bytes in both directions.
pub(crate) const BRANCH_REACH: usize = 2 << 30;

/// Processors fetch instructions in aligned blocks of this many bytes.
pub(crate) const FETCH_BLOCK: usize = 16;

/// A displacement can be rewritten if it lies in one aligned word of this many bytes.
pub(crate) const PATCH_WORD: usize = 8;

/// Bytes below the stack pointer that leaf functions may use (System V ABI, "red zone").
pub const RED_ZONE: usize = 128;

/// An entry stub at address `at`:
/// ```text
/// FF 25 rel32   jmp  [rip + entry]
/// 68 imm32      push id
/// E9 rel32      jmp  compile_on_call
/// ```
pub(crate) fn stub(at: usize, entry: usize, id: u32, compile_on_call: usize) -> [u8; STUB_LEN] {
    let mut bytes = [0; STUB_LEN];
    bytes[..2].copy_from_slice(&[0xFF, 0x25]);
    bytes[2..6].copy_from_slice(&rel32(at + 6, entry).to_le_bytes());
    bytes[6] = 0x68;
    bytes[7..11].copy_from_slice(&id.to_le_bytes());
    bytes[11] = 0xE9;
    bytes[12..].copy_from_slice(&rel32(at + STUB_LEN, compile_on_call).to_le_bytes());
    bytes
}

/// The displacement from `next`, the address of the following instruction, to `target`.
///
/// # Panics
/// If they are 2 GiB apart or more; a code space is smaller ([`BRANCH_REACH`]).
fn rel32(next: usize, target: usize) -> i32 {
    i32::try_from(target as i64 - next as i64).expect("a code space is smaller than 2 GiB")
}

/// The form of a relocation (System V ABI for x86-64, "Relocation Types").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RelocKind {
    /// The displacement of a `call` or `jmp`: value + addend - address.
    CallRel4,
    /// Another displacement, by the same formula.
    PcRel4,
    /// Eight bytes: value + addend.
    Abs8,
}

impl RelocKind {
    /// Whether it is the target of a branch, which can be patched later.
    pub(crate) fn is_branch(self) -> bool {
        self == RelocKind::CallRel4
    }

    /// Writes a value, to which the addend has been added, to the first bytes of `field`, which will be at
    /// the address `at`.
    ///
    /// # Panics
    /// If the value is out of reach.
    pub(crate) fn apply(self, field: &mut [u8], at: usize, value: i64) {
        match self {
            RelocKind::Abs8 => field[..8].copy_from_slice(&value.to_le_bytes()),
            RelocKind::CallRel4 | RelocKind::PcRel4 => {
                let displacement = i32::try_from(value - at as i64)
                    .expect("what is out of reach of code is not addressed relatively");
                field[..4].copy_from_slice(&displacement.to_le_bytes());
            }
        }
    }
}

/// Whether the displacement at this address can be rewritten while the code runs: its four bytes are in one
/// aligned [`PATCH_WORD`].
pub(crate) fn can_patch(address: usize) -> bool {
    address % PATCH_WORD <= PATCH_WORD - 4
}

/// Makes the branch whose displacement is at the address `at` go to `target`. `writable` is the same byte in
/// the writable view. The only writer into code that may be running.
///
/// The displacement is changed by one aligned 8-byte store that contains it, so a core that fetches the
/// instruction sees the old or the new target, never a mixture. Stores are made under the relink lock, so the
/// other bytes of the word do not change meanwhile.
///
/// # Safety
/// `at` is the displacement of a call site in a body that is not freed, [`can_patch`] holds for it, and the
/// relink lock is held.
pub(crate) unsafe fn patch_branch(writable: *mut u8, at: usize, target: usize) {
    debug_assert!(can_patch(writable as usize));
    let shift = (writable as usize % PATCH_WORD) * 8;
    // SAFETY: [SITES] the aligned word around the site is in the same page of the arena, and only this
    // function writes to code in use.
    let word = unsafe { AtomicU64::from_ptr(writable.wrapping_sub(shift / 8).cast()) };
    let mask = 0xFFFF_FFFFu64 << shift;
    let old = word.load(Ordering::Relaxed);
    let displacement = rel32(at + 4, target) as u32;
    let new = old & !mask | u64::from(displacement) << shift;
    word.store(new, Ordering::Release);
}

/// Is called after code was written at this address and before anything can run it. It has nothing to do:
/// this processor needs no barrier for bytes that no core has fetched before, and memory that is used again
/// was freed after a barrier (`retire`).
#[inline]
pub(crate) fn make_fetchable(_at: usize, _len: usize) {}

/// Makes this core forget instructions that it has fetched (`cpuid` serialises).
pub(crate) fn serialise() {
    std::hint::black_box(std::arch::x86_64::__cpuid(0));
}

/// Freed code is filled with this: every byte is a breakpoint (`int3`).
pub(crate) const BREAKPOINT: u8 = 0xCC;

/// The path that lazy halves jump to. At its start the id is on the stack, above it the return address;
/// every argument register is live; rax, r10 and r11 are free. `words` is the address of the word of entry 0.
///
/// It makes a frame (so that walks over frame pointers pass through it), saves the argument registers (rdi
/// rsi rdx rcx r8 r9, xmm0-7), calls `handler(data, id, ctx, frame)`, restores them, loads the entry's word
/// and jumps to the address in it:
/// ```text
///          pop  r11                      the id; the return address is on top again
///          push rbp ; mov rbp, rsp
///          push rdi rsi rdx rcx r8 r9 r11
///          sub  rsp, 136 ; movups [rsp + 16*i], xmm i
///          mov  rcx, rbp ; mov rdx, rdi ; mov esi, r11d ; mov rdi, data
///          mov  rax, handler ; call rax
///          movups xmm i, [rsp + 16*i] ; add rsp, 136
///          pop  r11 r9 r8 rcx rdx rsi rdi ; pop rbp
///          mov  r10, words ; jmp [r10 + 8*r11]
/// ```
/// The handler does not return the address. It would have loaded it while its stack counted as being in the
/// host, where the reclaimer does not look for addresses below the noted stack pointer, so the code could be
/// freed before the jump. Loaded here, the address is in a register of a stack in compiled code ([OUTLIVE]).
/// If the entry was reset to its stub meanwhile, this is a first call again.
///
/// The stack is aligned at the call: at the start rsp is 8 below a multiple of 16, and rbp, seven words and
/// 136 bytes are 200.
pub(crate) fn compile_on_call(handler: usize, data: usize, words: usize) -> Vec<u8> {
    let mut code = Vec::new();
    code.extend([0x41, 0x5B]); // pop r11
    code.extend([0x55, 0x48, 0x89, 0xE5]); // push rbp; mov rbp, rsp
    code.extend([0x57, 0x56, 0x52, 0x51, 0x41, 0x50, 0x41, 0x51]); // push rdi rsi rdx rcx r8 r9
    code.extend([0x41, 0x53]); // push r11
    code.extend([0x48, 0x81, 0xEC, 0x88, 0, 0, 0]); // sub rsp, 136
    for register in 0..8u8 {
        code.extend([0x0F, 0x11, 0x44 | register << 3, 0x24, register * 16]); // movups [rsp + 16*i], xmm i
    }
    code.extend([0x48, 0x89, 0xE9]); // mov rcx, rbp
    code.extend([0x48, 0x89, 0xFA]); // mov rdx, rdi
    code.extend([0x44, 0x89, 0xDE]); // mov esi, r11d
    code.extend([0x48, 0xBF]); // mov rdi, data
    code.extend((data as u64).to_le_bytes());
    code.extend([0x48, 0xB8]); // mov rax, handler
    code.extend((handler as u64).to_le_bytes());
    code.extend([0xFF, 0xD0]); // call rax
    for register in 0..8u8 {
        code.extend([0x0F, 0x10, 0x44 | register << 3, 0x24, register * 16]); // movups xmm i, [rsp + 16*i]
    }
    code.extend([0x48, 0x81, 0xC4, 0x88, 0, 0, 0]); // add rsp, 136
    code.extend([0x41, 0x5B]); // pop r11
    code.extend([0x41, 0x59, 0x41, 0x58, 0x59, 0x5A, 0x5E, 0x5F]); // pop r9 r8 rcx rdx rsi rdi
    code.push(0x5D); // pop rbp
    code.extend([0x49, 0xBA]); // mov r10, words
    code.extend((words as u64).to_le_bytes());
    code.extend([0x43, 0xFF, 0x24, 0xDA]); // jmp [r10 + 8*r11]
    code
}

/// How to unwind out of this many stubs in a row. After its `push`, the id is above the return address.
pub(crate) fn stub_frames(count: u32) -> FrameLayout {
    let after_push = FrameStep {
        return_address: Place::stack(8),
        ..FrameStep::bare(11)
    };
    let of_stub = |number: u32| {
        let start = number * STUB_LEN as u32;
        [FrameStep::bare(0), after_push].map(|step| FrameStep {
            offset: start + step.offset,
            ..step
        })
    };
    FrameLayout {
        steps: (0..count).flat_map(of_stub).collect(),
        ..FrameLayout::default()
    }
}

/// How to unwind out of the path of that many bytes that [`compile_on_call`] has made.
pub(crate) fn compile_on_call_frames(len: usize) -> FrameLayout {
    let with_id = FrameStep {
        return_address: Place::stack(8),
        ..FrameStep::bare(0)
    };
    // `mov` and `jmp` follow the last `pop`.
    let popped = len as u32 - 14;
    let steps = [
        with_id,
        FrameStep::bare(2),
        FrameStep::pushed(3),
        FrameStep::framed(6, 0),
        FrameStep::bare(popped),
    ];
    FrameLayout {
        size: 192,
        saved: Box::default(),
        steps: steps.into(),
    }
}

std::arch::global_asm!(
    // lazywasm_call_on(top: rdi, run: rsi, data: rdx)
    ".globl lazywasm_call_on",
    ".type lazywasm_call_on, @function",
    "lazywasm_call_on:",
    ".cfi_startproc",
    "push rbp",
    ".cfi_def_cfa_offset 16",
    ".cfi_offset rbp, -16",
    "mov rbp, rsp",
    ".cfi_def_cfa_register rbp",
    "mov rsp, rdi",
    "mov rdi, rdx",
    "call rsi",
    "mov rsp, rbp",
    "pop rbp",
    ".cfi_def_cfa rsp, 8",
    "ret",
    ".cfi_endproc",
    ".size lazywasm_call_on, . - lazywasm_call_on",
);

unsafe extern "sysv64" {
    fn lazywasm_call_on(top: usize, run: usize, data: *mut c_void);
}

/// Calls `run(data)` with the stack pointer at `top`, a multiple of 16, and returns when it has returned.
///
/// # Safety
/// `run` is a C function (System V) of one pointer, may be passed `data`, does not unwind, and has enough
/// memory on the stack below `top`, which is used by nothing else.
pub(crate) unsafe fn call_on(top: usize, run: usize, data: *mut c_void) {
    debug_assert!(top.is_multiple_of(16));
    // SAFETY: promised by the caller. When the call returns, the caller's stack is as it was.
    unsafe { lazywasm_call_on(top, run, data) }
}

/// The stack pointer and the registers of the code that a signal has interrupted.
pub(crate) fn interrupted_registers(context: &libc::ucontext_t) -> (usize, &[i64]) {
    let registers = &context.uc_mcontext.gregs;
    (registers[libc::REG_RSP as usize] as usize, registers)
}

/// Calls `scan` with the values of the registers that a called function must preserve.
pub(crate) fn with_preserved_registers(scan: impl FnOnce(&[i64])) {
    let mut registers = [0i64; 6];
    // SAFETY: the instructions store six registers into an array of that size, and change nothing else.
    unsafe {
        std::arch::asm!(
            "mov [{0}], rbx",
            "mov [{0} + 8], rbp",
            "mov [{0} + 16], r12",
            "mov [{0} + 24], r13",
            "mov [{0} + 32], r14",
            "mov [{0} + 40], r15",
            in(reg) registers.as_mut_ptr(),
            options(nostack, preserves_flags),
        );
    }
    scan(&registers);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stub_jumps_through_its_entry_and_pushes_its_id() {
        let bytes = stub(0x10_0000, 0x8000, 0x0102_0304, 0x0f_0000);
        assert_eq!(bytes[..2], [0xFF, 0x25]);
        assert_eq!(
            i32::from_le_bytes(bytes[2..6].try_into().unwrap()),
            0x8000 - 0x10_0006
        );
        assert_eq!(bytes[LAZY_HALF], 0x68);
        assert_eq!(bytes[7..11], 0x0102_0304u32.to_le_bytes());
        assert_eq!(
            i32::from_le_bytes(bytes[12..].try_into().unwrap()),
            0x0f_0000 - 0x10_0010
        );
    }

    #[test]
    fn the_layouts_of_stubs_and_of_the_path_are_those_of_their_code() {
        let layout = stub_frames(2);
        let offsets: Vec<u32> = layout.steps.iter().map(|step| step.offset).collect();
        assert_eq!(offsets, [0, 11, 16, 27]);
        let path = compile_on_call(1, 2, 3);
        let layout = compile_on_call_frames(path.len());
        let before: Vec<u8> = layout.steps[1..]
            .iter()
            .map(|step| path[step.offset as usize - 1])
            .collect();
        // pop r11; push rbp; mov rbp, rsp; pop rbp
        assert_eq!(before, [0x5B, 0x55, 0xE5, 0x5D]);
    }

    #[test]
    fn a_relative_field_counts_from_its_own_address() {
        let mut bytes = [0xAA; 10];
        RelocKind::CallRel4.apply(&mut bytes[1..], 0x1001, 0x0FF1);
        assert_eq!(bytes[..6], [0xAA, 0xF0, 0xFF, 0xFF, 0xFF, 0xAA]);
        RelocKind::Abs8.apply(&mut bytes[2..], 0x1002, -2);
        assert_eq!(bytes[2..], (-2i64).to_le_bytes());
    }

    #[test]
    fn a_patch_changes_four_bytes_at_every_position_that_allows_it() {
        for position in (0..8).filter(|position| can_patch(*position)) {
            let mut words = [u64::from_le_bytes([0x11; 8]); 2];
            let site = words.as_mut_ptr().cast::<u8>().wrapping_add(position);
            // SAFETY: the words are nobody else's, and nothing runs them.
            unsafe { patch_branch(site, 0x1000 + position, 0x1104 + position) };
            let mut wanted = [0x11; 16];
            wanted[position..position + 4].copy_from_slice(&0x100u32.to_le_bytes());
            assert_eq!(words.map(u64::to_le_bytes).concat(), wanted);
        }
        assert_eq!((0..16).filter(|at| can_patch(*at)).count(), 10);
    }
}
