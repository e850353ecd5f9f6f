//! Counting a function's entries: code that the baseline compiler encodes itself, for x86-64.
//!
//! It is placed before Cranelift's code, where the context is still in the register in which the caller
//! passed it and no register needs to be saved. If the test were in the first block of Cranelift's code,
//! every parameter would be spilled before it and reloaded after it.
//!
//! ```text
//! start:  sub  dword [rdi + budget], 2
//!         jb   spent                     a borrow: less was left
//!         (nop, to align the code)
//! code:   ...
//! spent:  push rbp ; mov rbp, rsp        a frame, so that frame pointers can be walked
//!         mov  eax, func
//!         mov  r10, BudgetSpent ; call r10
//!         pop  rbp
//!         jmp  code
//! ```
//! The helper preserves the registers of parameters and finds the function in eax.

use crate::compiled::{CompiledBody, Reloc, Target};
use engine::ids::DefinedFunc;
use engine::layout::{Budget, offsets};
use engine::libcalls::Libcall;
use stubs::{InlineNode, Location, RelocKind, SideEntry, SideTableWriter};

/// The recommended no-op instructions of 1 to 9 bytes.
const NOPS: [[u8; 9]; 9] = [
    [0x90, 0, 0, 0, 0, 0, 0, 0, 0],
    [0x66, 0x90, 0, 0, 0, 0, 0, 0, 0],
    [0x0F, 0x1F, 0x00, 0, 0, 0, 0, 0, 0],
    [0x0F, 0x1F, 0x40, 0, 0, 0, 0, 0, 0],
    [0x0F, 0x1F, 0x44, 0, 0, 0, 0, 0, 0],
    [0x66, 0x0F, 0x1F, 0x44, 0, 0, 0, 0, 0],
    [0x0F, 0x1F, 0x80, 0, 0, 0, 0, 0, 0],
    [0x0F, 0x1F, 0x84, 0, 0, 0, 0, 0, 0],
    [0x66, 0x0F, 0x1F, 0x84, 0, 0, 0, 0, 0],
];

/// The start of the function.
const START: Location = Location {
    inline_node: InlineNode::FUNCTION,
    offset: 0,
};

/// Prepends the code that counts a function's entries; `budget` is the offset of its [`Budget`] in the
/// context.
pub(super) fn count_entries(body: &mut CompiledBody, func: DefinedFunc, budget: i32) {
    let mut code = vec![0x83, 0xAF]; // sub dword [rdi + disp32], imm8
    code.extend((budget + offsets::BUDGET_ENTRIES).to_le_bytes());
    code.push(Budget::STEP as u8);
    code.extend([0x0F, 0x82, 0, 0, 0, 0]); // jb rel32
    let jump = code.len();
    let start = jump.next_multiple_of(body.align as usize);
    while code.len() < start {
        let len = (start - code.len()).min(NOPS.len());
        code.extend(&NOPS[len - 1][..len]);
    }
    let mut side = shift(body, start as u32);
    code.append(&mut body.code);

    let spent = code.len();
    code[jump - 4..jump].copy_from_slice(&((spent - jump) as i32).to_le_bytes());
    code.extend([0x55, 0x48, 0x89, 0xE5]); // push rbp; mov rbp, rsp
    code.push(0xB8); // mov eax, imm32
    code.extend(func.0.to_le_bytes());
    code.extend([0x49, 0xBA]); // mov r10, imm64
    body.relocs.push(Reloc {
        offset: code.len() as u32,
        kind: RelocKind::Abs8,
        target: Target::Libcall(Libcall::BudgetSpent),
        addend: 0,
        weight: 0,
    });
    code.extend([0; 8]);
    code.extend([0x41, 0xFF, 0xD2]); // call r10
    side.call(code.len() as u32 - 1, START);
    body.side = side.finish(0);
    code.push(0x5D); // pop rbp
    code.push(0xE9); // jmp rel32
    let back = start as i32 - (code.len() as i32 + 4);
    code.extend(back.to_le_bytes());
    body.code = code;
}

/// Adds `by` to all offsets in the code. Returns a writer that has written the side tables.
fn shift(body: &mut CompiledBody, by: u32) -> SideTableWriter {
    body.relocs.iter_mut().for_each(|reloc| reloc.offset += by);
    let mut side = SideTableWriter::default();
    for entry in body.side.entries() {
        let offset = entry.offset + by;
        side.entry(SideEntry { offset, ..entry });
    }
    side
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The target of the four bytes of displacement at `at`.
    fn target(code: &[u8], at: usize) -> usize {
        let displacement = i32::from_le_bytes(code[at..at + 4].try_into().unwrap());
        (at as i32 + 4 + displacement) as usize
    }

    #[test]
    fn the_code_is_between_the_count_and_the_call_and_its_tables_moved_along() {
        for align in [1, 2, 16, 64] {
            let mut side = SideTableWriter::default();
            side.trap(1, 7, START);
            let mut body = CompiledBody {
                code: vec![0xC3, 0xC3, 0xC3],
                align,
                relocs: vec![Reloc {
                    offset: 2,
                    kind: RelocKind::PcRel4,
                    target: Target::Libcall(Libcall::MemoryGrow),
                    addend: -4,
                    weight: 0,
                }],
                side: side.finish(0),
                inlined: Vec::new(),
                frame_size: 0,
                profiled: Vec::new(),
                wasm_bytes: 0,
            };
            count_entries(&mut body, DefinedFunc(0x0102), 0x40);
            let code = &body.code;
            let start = 13usize.next_multiple_of(align as usize);
            assert_eq!(code[start..start + 3], [0xC3; 3]);
            let spent = target(code, 9);
            assert_eq!(spent, start + 3);
            assert_eq!(target(code, code.len() - 4), start);
            // The helper's address is the operand of `mov r10`, and the last byte of the call has a
            // position.
            let [moved, reloc] = body.relocs[..] else {
                panic!("two relocations");
            };
            assert_eq!(moved.offset, start as u32 + 2);
            assert_eq!(code[reloc.offset as usize - 2..][..2], [0x49, 0xBA]);
            let call = reloc.offset as usize + 8;
            assert_eq!(code[call..call + 3], [0x41, 0xFF, 0xD2]);
            let entry = |offset: usize, trap| SideEntry {
                offset: offset as u32,
                trap,
                location: START,
            };
            let expected = [entry(start + 1, Some(7)), entry(call + 2, None)];
            assert!(body.side.entries().eq(expected));
        }
    }
}
