//! How compiled code accesses memory: what each access may assume and what it may alias.
//!
//! There is one line for each kind of access. Alias regions depend on the kind and never on an index in a
//! module: a global that two modules share must be in one region when code of one is inlined into the other
//! ([FOREIGN]). The reference compiler has no alias analysis and therefore no regions.

use cranelift_codegen::ir::{
    AliasRegion, AliasRegionData, Function, MemFlags, MemFlagsData, TrapCode,
};
use cranelift_codegen::packed_option::PackedOption;
use engine::Trap;

/// Memory that no access of another region touches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Region {
    /// Bytes of linear memories.
    Linear,
    /// Values of globals.
    Global,
    /// Elements of tables.
    Table,
    /// Sizes of memories and tables, and the addresses of tables' elements.
    Length,
    /// Words of contexts, of the store's block and of function records.
    Context,
    /// Generations of functions that may be replaced. They change only inside calls.
    Generation,
}

/// Names of the regions, for printed CLIF, in the order of the enum.
const REGIONS: [&str; 6] = [
    "linear memory",
    "globals",
    "table elements",
    "lengths",
    "contexts",
    "generations",
];

/// The kinds of accesses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// Linear memory at an address of the guest. It may fault, which is a trap.
    Linear,
    /// A global's value.
    Global,
    /// An element of a table by `table.get` and `table.set`. Its address is 0 if it is out of bounds.
    Element,
    /// An element of a table for a call: the same, with the trap of calls.
    Callee,
    /// A length, or the current address of a table's elements.
    Length,
    /// A word that never changes while the context is alive.
    Fixed,
    /// The same in out-of-line code. It is loaded where it is used, since keeping it in a register through
    /// a loop would cost more.
    RareFixed,
    /// The type or the entry of a function record that may be null. The load must not be moved: only the
    /// code before it determines whether there is a record at all.
    Record,
    /// Another word of a record from which one was read before. This load must not be moved either, but it
    /// may be removed.
    FoundRecord,
    /// A word of contexts or of the store's block that code or the engine changes.
    Mutable,
    /// The generation of a function.
    Generation,
    /// The frame area.
    Frame,
}

const KINDS: usize = Access::Frame as usize + 1;

/// Cranelift's code for one of our traps.
pub(super) fn trap_code(trap: Trap) -> TrapCode {
    TrapCode::unwrap_user(trap.code())
}

/// The flags of the function being compiled. Each is created when it is first used.
pub(super) struct Flags {
    regions: bool,
    made: [PackedOption<MemFlags>; KINDS],
}

impl Flags {
    /// The flags of a new function; `regions` says whether alias analysis will run on it.
    pub(super) fn new(func: &mut Function, regions: bool) -> Flags {
        if regions {
            for (id, name) in REGIONS.iter().enumerate() {
                func.dfg.alias_regions.insert(AliasRegionData {
                    user_id: id as u32,
                    description: (*name).into(),
                });
            }
        }
        Flags {
            regions,
            made: [PackedOption::default(); KINDS],
        }
    }

    /// Whether alias analysis will run.
    pub(super) fn regions(&self) -> bool {
        self.regions
    }

    /// The flags for this kind of access.
    pub(super) fn get(&mut self, func: &mut Function, access: Access) -> MemFlags {
        if let Some(flags) = self.made[access as usize].expand() {
            return flags;
        }
        let plain = MemFlagsData::new();
        let trusted = MemFlagsData::trusted();
        let (data, region) = match access {
            Access::Linear => (
                plain.with_trap_code(Some(trap_code(Trap::MemoryOutOfBounds))),
                Some(Region::Linear),
            ),
            Access::Global => (trusted, Some(Region::Global)),
            Access::Element => {
                let data = trusted.with_trap_code(Some(trap_code(Trap::TableOutOfBounds)));
                (data, Some(Region::Table))
            }
            Access::Callee => {
                let data = trusted.with_trap_code(Some(trap_code(Trap::UndefinedElement)));
                (data, Some(Region::Table))
            }
            Access::Length => (trusted, Some(Region::Length)),
            Access::Fixed => (
                trusted.with_readonly().with_can_move(),
                Some(Region::Context),
            ),
            Access::Record => {
                let data = trusted.with_readonly();
                let data = data.with_trap_code(Some(trap_code(Trap::IndirectCallToNull)));
                (data, Some(Region::Context))
            }
            Access::RareFixed | Access::FoundRecord => {
                (trusted.with_readonly(), Some(Region::Context))
            }
            Access::Mutable => (trusted, Some(Region::Context)),
            Access::Generation => (trusted, Some(Region::Generation)),
            Access::Frame => (trusted, None),
        };
        let region = region
            .filter(|_| self.regions)
            .map(|region| AliasRegion::from_u32(region as u32));
        let flags = func
            .dfg
            .mem_flags
            .insert_unchecked(data.with_alias_region(region));
        self.made[access as usize] = flags.into();
        flags
    }
}
