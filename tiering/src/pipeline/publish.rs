//! From a compiled body to a published one: resolves the targets of relocations to addresses.

use crate::compiled::{CompiledBody, FloatLibcall, ScopeId, Target};
use crate::records::Attached;
use crate::state::LinkageCode;
use engine::ids::DefinedFunc;
use engine::layout::Feedback;
use engine::libcall_address;
use engine::linkage::Linkage;
use std::sync::Arc;
use stubs::{Inlined, Location, NewBody, PlacedReloc, RelocValue, SideTables, Tier};

/// The resolved relocations of a body whose scopes are these linkages.
fn resolve(
    scopes: &[Arc<Linkage>],
    body: &CompiledBody,
    feedback: Option<&[Feedback]>,
) -> Vec<PlacedReloc> {
    let entry = |scope: ScopeId, func| {
        let entry = scopes[scope.index()].entry_of(func);
        entry.expect("direct calls are to functions bound to wasm")
    };
    let relocs = body.relocs.iter().map(|reloc| PlacedReloc {
        offset: reloc.offset,
        kind: reloc.kind,
        value: match reloc.target {
            Target::Function(scope, func) => RelocValue::Entry(entry(scope, func)),
            Target::EntryWord(scope, func) => RelocValue::EntryWord(entry(scope, func)),
            Target::Libcall(libcall) => RelocValue::Address(libcall_address(libcall) as u64),
            Target::FloatLibcall(libcall) => RelocValue::Address(float_libcall(libcall) as u64),
            Target::TypeId(scope, ty) => {
                RelocValue::Address(u64::from(scopes[scope.index()].type_id(ty)))
            }
            Target::ForwardRecord(scope, func) => {
                let forward = scopes[scope.index()].forward(func);
                RelocValue::Address(forward.map_or(0, |forward| forward.record() as u64))
            }
            Target::Feedback(site) => {
                let feedback = feedback.expect("a body that profiles has its feedback");
                RelocValue::Address(std::ptr::from_ref(&feedback[site as usize]) as u64)
            }
        },
        addend: reloc.addend,
        weight: reloc.weight,
    });
    relocs.collect()
}

/// Calls `place` with a body, its relocations resolved. The first of `scopes` is the linkage of the
/// function. `from_loop` is the loop at which the code starts, if it is OSR code.
#[allow(clippy::too_many_arguments, reason = "all are facts about one body")]
pub(super) fn with_new_body<R>(
    scopes: &[Arc<Linkage>],
    func: DefinedFunc,
    tier: Tier,
    generation: u32,
    from_loop: Option<u32>,
    body: &CompiledBody,
    place: impl FnOnce(NewBody<'_>) -> R,
) -> R {
    let linkage = &scopes[0];
    let code = LinkageCode::of(linkage);
    let feedback =
        (!body.profiled.is_empty()).then(|| code.profile.make_feedback(func, &body.profiled));
    let calls = feedback.as_ref().map(|feedback| &*feedback.calls);
    let relocs = resolve(scopes, body, calls);
    let inlined = body.inlined.iter().map(|call| Inlined {
        entry: scopes[call.scope.index()].entry(call.func),
        from: Location {
            inline_node: call.parent,
            offset: call.offset,
        },
    });
    let through = body.inlined.iter().filter_map(|call| call.through);
    let through = through.map(|through| scopes[through.scope.index()].entry(through.func));
    place(NewBody {
        entry: linkage.entry(func),
        group: code.group(tier),
        tier,
        generation,
        code: &body.code,
        align: body.align,
        relocs: &relocs,
        side: SideTables {
            stream: body.side.clone(),
            inlined: inlined.collect(),
            through: through.collect(),
            attachment: Attached::to_body(scopes, linkage.definition(func), from_loop, body),
        },
        keeps: feedback.map(|feedback| feedback as Arc<_>),
    })
}

macro_rules! float_libcalls {
    ($($name:ident $func:ident $ty:ty => |$x:ident| $value:expr;)*) => {
        $(extern "sysv64" fn $func($x: $ty) -> $ty { $value })*

        fn float_libcall(libcall: FloatLibcall) -> usize {
            match libcall {
                $(FloatLibcall::$name => $func as *const () as usize,)*
            }
        }
    };
}

float_libcalls! {
    CeilF32 ceil_f32 f32 => |x| x.ceil();
    CeilF64 ceil_f64 f64 => |x| x.ceil();
    FloorF32 floor_f32 f32 => |x| x.floor();
    FloorF64 floor_f64 f64 => |x| x.floor();
    TruncF32 trunc_f32 f32 => |x| x.trunc();
    TruncF64 trunc_f64 f64 => |x| x.trunc();
    NearestF32 nearest_f32 f32 => |x| x.round_ties_even();
    NearestF64 nearest_f64 f64 => |x| x.round_ties_even();
}
