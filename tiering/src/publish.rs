//! From a compiled body to a published one: every target of a relocation gets its address.

use crate::compiled::{CompiledBody, FloatLibcall, RelocKind, Target};
use crate::life::LinkageCode;
use engine::ids::DefinedFunc;
use engine::libcall_address;
use engine::linkage::Linkage;
use stubs::{Location, NewBody, PlacedReloc, RelocValue, SideTables, Tier};

/// The relocations of a body in a linkage.
fn resolve(linkage: &Linkage, body: &CompiledBody) -> Vec<PlacedReloc> {
    let data = linkage.data();
    let relocs = body.relocs.iter().map(|reloc| PlacedReloc {
        offset: reloc.offset,
        kind: match reloc.kind {
            RelocKind::CallRel4 => stubs::RelocKind::CallRel4,
            RelocKind::PcRel4 => stubs::RelocKind::PcRel4,
            RelocKind::Abs8 => stubs::RelocKind::Abs8,
        },
        value: match reloc.target {
            Target::Function(func) => RelocValue::Entry(
                linkage
                    .entry_of(func)
                    .expect("direct calls are to functions bound to wasm"),
            ),
            Target::Libcall(libcall) => RelocValue::Address(libcall_address(libcall) as u64),
            Target::FloatLibcall(libcall) => RelocValue::Address(float_libcall(libcall) as u64),
            Target::TypeId(ty) => RelocValue::Address(u64::from(data.type_id(ty))),
        },
        addend: reloc.addend,
        weight: reloc.weight,
    });
    relocs.collect()
}

/// Lets `place` put a body where it belongs.
pub(crate) fn with_new_body<R>(
    linkage: &Linkage,
    func: DefinedFunc,
    tier: Tier,
    generation: u32,
    body: &CompiledBody,
    place: impl FnOnce(NewBody<'_>) -> R,
) -> R {
    let relocs = resolve(linkage, body);
    let locations = body.locations.iter();
    place(NewBody {
        entry: linkage.entry(func),
        group: LinkageCode::of(linkage).group(tier),
        tier,
        generation,
        code: &body.code,
        align: body.align,
        relocs: &relocs,
        side: SideTables {
            traps: body.traps.as_slice().into(),
            positions: body.positions.as_slice().into(),
            locations: locations
                .map(|location| Location {
                    inline_node: location.inline_node,
                    offset: location.offset,
                })
                .collect(),
            frame_size: body.frame.frame_size,
        },
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
