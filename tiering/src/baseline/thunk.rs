//! Thunks: the code of functions that were replaced by other functions.
//!
//! A thunk is called like the function and jumps to the other one with that one's context. Arguments, results
//! and the return address stay where they are, and there is no frame.

use super::asm::{Asm, Gpr, Mem, Size};
use super::machine::SCRATCH;
use super::place;
use crate::compiled::{CompiledBody, Observed, Reloc, Row, ScopeId, Target};
use engine::ids::DefinedFunc;
use engine::layout::offsets;
use stubs::{FrameLayout, FrameStep, RelocKind, SideStream};

/// The code of this function, which was replaced. Functions of the host see the function's instance as their
/// caller, `to_host` says whether it is one. `observed` is as in the settings of a compilation.
pub(crate) fn thunk(func: DefinedFunc, to_host: bool, observed: bool) -> CompiledBody {
    let mut asm = Asm::default();
    asm.begin(0);
    asm.reserve(64);
    if to_host {
        asm.mov(Size::S64, SCRATCH, Mem::at(Gpr::RDI, offsets::CTX_STORE));
        let caller = Mem::at(SCRATCH, offsets::STORE_CALLER);
        asm.mov_store(Size::S64, caller, Gpr::RDI);
    }
    // A large number, so that it takes eight bytes.
    asm.mov_imm(SCRATCH, u64::MAX >> 1);
    let reloc = Reloc {
        offset: asm.position() - 8,
        kind: RelocKind::Abs8,
        target: Target::ForwardRecord(ScopeId::OWN, func),
        addend: 0,
        weight: 0,
    };
    asm.mov(Size::S64, Gpr::RDI, Mem::at(SCRATCH, offsets::RECORD_CTX));
    asm.mov(Size::S64, SCRATCH, Mem::at(SCRATCH, offsets::RECORD_ENTRY));
    asm.jmp_to(Mem::at(SCRATCH, 0));
    CompiledBody {
        code: asm.finish(0).to_vec(),
        align: 16,
        relocs: vec![reloc],
        side: SideStream::default(),
        inlined: Vec::new(),
        frame_size: 0,
        profiled: Vec::new(),
        wasm_bytes: 0,
        observed: observed.then(|| Box::new(in_callers_frame())),
    }
}

/// Code without a frame, which belongs to no instruction.
fn in_callers_frame() -> Observed {
    Observed {
        frame: FrameLayout {
            steps: [FrameStep::bare(0)].into(),
            ..FrameLayout::default()
        },
        rows: vec![Row {
            offset: 0,
            location: place(0),
        }],
    }
}
