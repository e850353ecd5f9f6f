//! Converts Cranelift's output to a [`CompiledBody`].
//!
//! Names become targets of relocations, Cranelift's trap codes become ours, and of its ranges of source
//! locations only those of calls and traps are kept.

use super::names;
use super::translate::Translation;
use crate::compiled::{CompileError, CompiledBody, FloatLibcall, Reloc, Target};
use cranelift_codegen::CompiledCode;
use cranelift_codegen::binemit;
use cranelift_codegen::ir::{ExternalName, Function, LibCall, TrapCode};
use cranelift_codegen::{FinalizedMachReloc, FinalizedRelocTarget};
use engine::Trap;
use engine::ids::{DefinedFunc, FuncIndex, TypeIndex};
use engine::libcalls::Libcall;
use stubs::{RelocKind, SideEntry, SideTableWriter};

/// Makes the body of a function from its finished code.
pub(crate) fn body(
    code: &CompiledCode,
    func: &Function,
    translation: Translation,
    observed: bool,
) -> Result<CompiledBody, CompileError> {
    let buffer = &code.buffer;
    let source_ranges = buffer.get_srclocs_sorted();
    let location_at = |offset: u32| -> u32 {
        let at = source_ranges.partition_point(|range| range.start <= offset);
        match at.checked_sub(1).map(|at| &source_ranges[at]) {
            Some(range) if offset < range.end && !range.loc.is_default() => range.loc.bits(),
            _ => 0,
        }
    };

    let mut relocs = Vec::with_capacity(buffer.relocs().len());
    for reloc in buffer.relocs() {
        let depth = translation.depths[location_at(reloc.offset) as usize];
        relocs.push(relocation(reloc, func, depth)?);
    }
    relocs.sort_by_key(|reloc| reloc.offset);

    let calls = buffer.call_sites().map(|site| (site.ret_addr - 1, None));
    let mut places: Vec<(u32, Option<u8>)> = calls.collect();
    for trap in buffer.traps() {
        places.push((trap.offset, Some(our_trap(trap.code)?.code())));
    }
    places.sort_unstable_by_key(|(offset, trap)| (*offset, trap.is_none(), *trap));
    places.dedup_by_key(|place| place.0);
    let mut side = SideTableWriter::default();
    for (offset, trap) in places {
        side.entry(SideEntry {
            offset,
            trap,
            location: translation.locations[location_at(offset) as usize],
        });
    }

    let layout = buffer.frame_layout();
    let observed = observed.then(|| Box::new(super::observed::observed(code, &translation)));
    Ok(CompiledBody {
        code: code.code_buffer().to_vec(),
        align: buffer.alignment,
        relocs,
        side: side.finish(0),
        inlined: translation.inlined,
        frame_size: layout.map_or(0, |layout| layout.frame_to_fp_offset),
        profiled: Vec::new(),
        wasm_bytes: translation.wasm_bytes,
        observed,
    })
}

fn our_trap(code: TrapCode) -> Result<Trap, CompileError> {
    Ok(match code {
        TrapCode::STACK_OVERFLOW => Trap::StackOverflow,
        TrapCode::INTEGER_OVERFLOW => Trap::IntegerOverflow,
        TrapCode::HEAP_OUT_OF_BOUNDS => Trap::MemoryOutOfBounds,
        TrapCode::INTEGER_DIVISION_BY_ZERO => Trap::IntegerDivisionByZero,
        TrapCode::BAD_CONVERSION_TO_INTEGER => Trap::BadConversionToInteger,
        user => Trap::from_code(user.as_raw().get()).ok_or_else(|| {
            CompileError::Internal(format!("the code has an unknown trap {user}"))
        })?,
    })
}

fn relocation(
    reloc: &FinalizedMachReloc,
    func: &Function,
    depth: u32,
) -> Result<Reloc, CompileError> {
    let unknown =
        || CompileError::Internal(format!("the code has an unknown relocation {reloc:?}"));
    let kind = match reloc.kind {
        binemit::Reloc::X86CallPCRel4 => RelocKind::CallRel4,
        binemit::Reloc::X86PCRel4 => RelocKind::PcRel4,
        binemit::Reloc::Abs8 => RelocKind::Abs8,
        _ => return Err(unknown()),
    };
    let FinalizedRelocTarget::ExternalName(name) = &reloc.target else {
        return Err(unknown());
    };
    let target = match name {
        ExternalName::User(name) => {
            let name = &func.params.user_named_funcs()[*name];
            let (kind, scope) = names::parts(name.namespace);
            match kind {
                names::FUNCTIONS => Target::Function(scope, FuncIndex(name.index)),
                names::ENTRY_WORDS => Target::EntryWord(scope, FuncIndex(name.index)),
                names::FORWARD_RECORDS => Target::ForwardRecord(scope, DefinedFunc(name.index)),
                names::LIBCALLS => {
                    Target::Libcall(Libcall::from_number(name.index).ok_or_else(unknown)?)
                }
                names::TYPE_IDS => Target::TypeId(scope, TypeIndex(name.index)),
                _ => return Err(unknown()),
            }
        }
        ExternalName::LibCall(libcall) => Target::FloatLibcall(match libcall {
            LibCall::CeilF32 => FloatLibcall::CeilF32,
            LibCall::CeilF64 => FloatLibcall::CeilF64,
            LibCall::FloorF32 => FloatLibcall::FloorF32,
            LibCall::FloorF64 => FloatLibcall::FloorF64,
            LibCall::TruncF32 => FloatLibcall::TruncF32,
            LibCall::TruncF64 => FloatLibcall::TruncF64,
            LibCall::NearestF32 => FloatLibcall::NearestF32,
            LibCall::NearestF64 => FloatLibcall::NearestF64,
            _ => return Err(unknown()),
        }),
        _ => return Err(unknown()),
    };
    Ok(Reloc {
        offset: reloc.offset,
        kind,
        target,
        addend: reloc.addend,
        weight: depth,
    })
}
