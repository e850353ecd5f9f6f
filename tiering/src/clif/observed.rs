//! What listeners are told of Cranelift's code: how to unwind out of it, and the place of each instruction.
//!
//! Cranelift describes its prologue if the setting `unwind_info` is on, but not its epilogues. These are
//! found by their bytes. Of any code that Cranelift makes, this is true:
//!
//! ```text
//! push rbp ; mov rbp, rsp
//! (stack check; its trap is behind the code, where nothing is saved yet)
//! [sub rsp, grown ; mov rbp, rsp ; copies rbp and return address down]     if a tail call needs room for
//! sub rsp, frame ; mov [rsp + ...], saved registers                        more arguments than there are
//! (body)
//! loads saved registers ; add rsp, frame
//! mov rsp, rbp ; pop rbp                                                   an epilogue: to its end
//!   ret | ret n | [mov r, [rsp] ; mov [rsp + n], r ; add rsp, n] jmp
//! ```
//! Bytes inside an instruction that look like an epilogue do no harm: only offsets inside of that instruction
//! get steps.

use super::translate::Translation;
use crate::compiled::{Observed, Row};
use cranelift_codegen::CompiledCode;
use cranelift_codegen::ir::TrapCode;
use cranelift_codegen::isa::unwind::UnwindInst;
use stubs::{FrameLayout, FrameStep, InlineNode, Location, Place, Register, SavedRegister};

/// `mov rbp, rsp`
const SET_FRAME: [u8; 3] = [0x48, 0x89, 0xE5];
/// `mov rsp, rbp ; pop rbp`
const DROP_FRAME: [u8; 4] = [0x48, 0x89, 0xEC, 0x5D];

/// What listeners are told of a function's code.
pub(super) fn observed(code: &CompiledCode, translation: &Translation) -> Observed {
    Observed {
        frame: frame_layout(code),
        rows: rows(code, translation),
    }
}

/// The place of each instruction: code without one belongs to the function's beginning.
fn rows(code: &CompiledCode, translation: &Translation) -> Vec<Row> {
    let nowhere = Location {
        inline_node: InlineNode::FUNCTION,
        offset: 0,
    };
    let mut rows: Vec<Row> = Vec::new();
    let mut add = |offset: u32, location: Location| match rows.last_mut() {
        Some(last) if last.location == location => {}
        Some(last) if last.offset == offset => last.location = location,
        _ => rows.push(Row { offset, location }),
    };
    let mut end = 0;
    for range in code.buffer.get_srclocs_sorted() {
        if range.start > end {
            add(end, nowhere);
        }
        end = range.end;
        let known = translation.locations.get(range.loc.bits() as usize);
        add(range.start, *known.unwrap_or(&nowhere));
    }
    add(end, nowhere);
    rows
}

/// How to unwind out of the code, which was generated with the setting `unwind_info`.
pub(super) fn frame_layout(code: &CompiledCode) -> FrameLayout {
    let bytes = code.code_buffer();
    let mut layout = Prologue::default();
    for (offset, step) in &code.buffer.unwind_info {
        layout.add(bytes, *offset, step);
    }
    let Prologue {
        mut steps, saved, ..
    } = layout;
    let body = FrameStep::framed(0, saved.len() as u8);
    let at = |step: FrameStep, offset: usize| FrameStep {
        offset: offset as u32,
        ..step
    };
    for trap in code.buffer.traps() {
        let offset = trap.offset as usize;
        if trap.code == TrapCode::STACK_OVERFLOW {
            steps.push(FrameStep::framed(trap.offset, 0));
            steps.push(at(body, offset + 2));
        }
    }
    let pairs = bytes.windows(DROP_FRAME.len()).enumerate();
    for (start, _) in pairs.filter(|(_, bytes)| *bytes == DROP_FRAME) {
        let popped = start + DROP_FRAME.len();
        if let Some(len) = leaving_len(&bytes[popped..]) {
            steps.push(FrameStep::framed(start as u32, 0));
            steps.push(FrameStep::bare(popped as u32));
            steps.push(at(body, popped + len));
        }
    }
    // Of two steps at one offset, the second begins what is there; the first ends what was before.
    steps.sort_by_key(|step| step.offset);
    let mut distinct: Vec<FrameStep> = Vec::with_capacity(steps.len());
    for step in steps {
        match distinct.last_mut() {
            Some(last) if last.offset == step.offset => {
                // What ends at an offset says only that the body goes on there.
                if step != at(body, step.offset as usize) {
                    *last = step;
                }
            }
            _ => distinct.push(step),
        }
    }
    FrameLayout {
        size: code
            .buffer
            .frame_layout()
            .map_or(0, |l| l.frame_to_fp_offset),
        saved: saved.into(),
        steps: distinct.into(),
    }
}

/// The steps of a prologue.
struct Prologue {
    steps: Vec<FrameStep>,
    saved: Vec<SavedRegister>,
    /// Where saved registers begin, below the frame pointer.
    saved_below: i32,
}

impl Default for Prologue {
    fn default() -> Prologue {
        Prologue {
            steps: vec![FrameStep::bare(0)],
            saved: Vec::new(),
            saved_below: 0,
        }
    }
}

impl Prologue {
    fn add(&mut self, code: &[u8], offset: u32, inst: &UnwindInst) {
        match *inst {
            UnwindInst::PushFrameRegs { .. } => {
                self.steps.push(FrameStep::pushed(offset));
                let set = offset + SET_FRAME.len() as u32;
                self.steps.push(FrameStep::framed(set, 0));
            }
            UnwindInst::DefineNewFrame {
                offset_upward_to_caller_sp,
                offset_downward_to_clobbers,
            } => {
                self.saved_below = -(offset_downward_to_clobbers as i32);
                // Above the frame pointer there are the caller's, and the return address.
                let grown = offset_upward_to_caller_sp as i32 - 16;
                if grown > 0 {
                    let mut before = code[..offset as usize].windows(SET_FRAME.len());
                    let moved = before.rposition(|bytes| bytes == SET_FRAME);
                    let moved = moved.map_or(offset, |at| (at + SET_FRAME.len()) as u32);
                    self.steps.push(FrameStep {
                        return_address: Place::frame(grown + 8),
                        frame_pointer: Place::frame(grown),
                        ..FrameStep::framed(moved, 0)
                    });
                    self.steps.push(FrameStep::framed(offset, 0));
                }
            }
            UnwindInst::SaveReg {
                clobber_offset,
                reg,
            } => {
                self.saved.push(SavedRegister {
                    register: Register::of_instruction(reg.hw_enc()),
                    offset: self.saved_below + clobber_offset as i32,
                });
                let saved = self.saved.len() as u8;
                self.steps.push(FrameStep::framed(offset, saved));
            }
            UnwindInst::StackAlloc { .. }
            | UnwindInst::RegStackOffset { .. }
            | UnwindInst::Aarch64SetPointerAuth { .. } => {}
        }
    }
}

/// The length of the code after `pop rbp` with which a function is left, if it is such code.
fn leaving_len(code: &[u8]) -> Option<usize> {
    match code {
        [0xC3, ..] => Some(1),
        [0xC2, _, _, ..] => Some(3),
        _ => {
            let moved = moved_return_address_len(code).unwrap_or(0);
            Some(moved + jump_len(&code[moved..])?)
        }
    }
}

/// The length of `mov r, [rsp] ; mov [rsp + n], r ; add rsp, n`.
fn moved_return_address_len(code: &[u8]) -> Option<usize> {
    let is_wide = |rex: &u8| matches!(rex, 0x48 | 0x4C);
    // The register is in the middle of the operand byte; the stack pointer needs another byte.
    let [rex, 0x8B, operand, 0x24, code @ ..] = code else {
        return None;
    };
    let (0x04, true) = (operand & 0xC7, is_wide(rex)) else {
        return None;
    };
    let [rex, 0x89, operand, 0x24, code @ ..] = code else {
        return None;
    };
    let displacement = match (operand & 0xC7, is_wide(rex)) {
        (0x44, true) => 1,
        (0x84, true) => 4,
        _ => return None,
    };
    let add = match code.get(displacement..)? {
        [0x48, 0x83, 0xC4, _, ..] => 4,
        [0x48, 0x81, 0xC4, _, _, _, _, ..] => 7,
        _ => return None,
    };
    Some(4 + 4 + displacement + add)
}

/// The length of a `jmp` to another function.
fn jump_len(code: &[u8]) -> Option<usize> {
    match code {
        [0xE9, _, _, _, _, ..] => Some(5),
        [0xFF, operand, ..] if operand & 0xF8 == 0xE0 => Some(2),
        [0x41, 0xFF, operand, ..] if operand & 0xF8 == 0xE0 => Some(3),
        _ => None,
    }
}
