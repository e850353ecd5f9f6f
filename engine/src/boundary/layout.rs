//! The one list of fields that compiled code may touch, and where they are.
//!
//! Compiled code sees the world through one pointer, the *context* (rdi): a block of the instance
//! whose function runs. Everything here is either a fixed offset (the `#[repr(C)]` structures
//! below, whose offsets are taken from the structures themselves) or computed from the counts of a
//! module by [`CtxLayout`]. No other file may state an offset.
//!
//! ```text
//! before the context  Helpers                             the code of each helper
//! context of an instance                                  (8-byte words unless said otherwise)
//!   header            CtxHeader: store, linkage, records, instance, type ids
//!   import functions  ImportSlot { ctx, entry }            one per function import
//!   memories          MemorySlot { base, def }             one per memory, imported or own
//!   imported tables   *mut TableDef                        one per table import
//!   imported globals  *mut GlobalCell                      one per global import
//!   own tables        TableDef { elements, len, rewritten } in place
//!   own globals       GlobalCell (16 bytes)                in place, 16-byte aligned
//!   budgets           Budget { entries, trips } (8 bytes)   one per function of the module
//! ```
//!
//! Invariants: the block never moves and lives as long as its store; `MemorySlot::base` never
//! changes, since a memory is reserved whole; only `TableDef` moves its elements when it grows.

use super::libcalls::Libcall;
use crate::ids::{DefinedFunc, FuncIndex, GlobalIndex, MemoryIndex, TableIndex};
use crate::objects::ids::InstanceId;
use std::mem::{offset_of, size_of};
use std::sync::atomic::{AtomicU32, AtomicUsize};

/// Bytes reserved for every 32-bit memory before its guard.
pub const MEMORY_RESERVE: u64 = 1 << 32;

/// Bytes of guard after a 32-bit memory: an access whose constant offset plus size stays within
/// it needs no check, the processor makes one.
pub const MEMORY_GUARD: u64 = 32 << 20;

/// First words of every context.
#[repr(C)]
#[derive(Debug)]
pub struct CtxHeader {
    /// The store's own block.
    pub store: *mut StoreCtx,
    /// The linkage whose code runs in this context (opaque to code).
    pub linkage: *const u8,
    /// Function records by function index; a record of zeros has not been made yet.
    pub records: *mut FuncRecord,
    /// Which instance of the store this is (opaque to code).
    pub instance: InstanceId,
    /// Unused.
    pub reserved: u32,
    /// The engine-wide ids of the types of the module's type section.
    pub type_ids: *const u32,
    /// In an instance whose functions may be replaced, a word for each function that the module defines: how
    /// often it was replaced. Otherwise null.
    pub generations: *const AtomicU32,
}

/// The code of each helper, by its number. It ends where the context begins, so the offsets of what is used
/// more often, memories and the first globals, fit into a byte of an instruction.
pub type Helpers = [usize; Libcall::ALL.len()];

/// What the compiled code of all instances of one store shares.
#[repr(C)]
#[derive(Debug)]
pub struct StoreCtx {
    /// Lowest stack address that compiled code may use; functions trap below it.
    pub stack_limit: usize,
    /// Not zero: the program was asked to stop.
    pub interrupt: AtomicU32,
    /// Unused.
    pub reserved: u32,
    /// Context of the code that last called an import of the host, or anything indirectly.
    pub caller: *mut u8,
    /// Frame pointer at the last exit from compiled code (host call or libcall): the frame whose
    /// saved words are the caller's frame pointer and the return address into compiled code.
    pub exit_fp: usize,
    /// Return address of the last exit by a libcall; 0 where the frame at `exit_fp` holds it.
    pub exit_pc: usize,
    /// The frame area of a function that resumes in optimised code at a loop, copied for that code's
    /// first instructions. 16-byte aligned.
    pub osr_buffer: *const u128,
}

/// What tables and function references point to. Identity of a function is the record's address.
#[repr(C)]
#[derive(Debug)]
pub struct FuncRecord {
    /// The word that always holds the function's current code (an entry, or the host's own word).
    /// Code calls `[*entry]`, so records never need relinking.
    pub entry: *const AtomicUsize,
    /// Context to pass: of the instance, or of the host function.
    pub ctx: *mut u8,
    /// Engine-wide id of the function's type.
    pub type_id: u32,
    /// Unused.
    pub reserved: u32,
}

/// How an imported function is called.
#[repr(C)]
#[derive(Debug)]
pub struct ImportSlot {
    /// Context to pass.
    pub ctx: *mut u8,
    /// The word that holds its code, see [`FuncRecord::entry`].
    pub entry: *const AtomicUsize,
}

/// A memory as an instance sees it.
#[repr(C)]
#[derive(Debug)]
pub struct MemorySlot {
    /// First byte; never changes.
    pub base: *mut u8,
    /// Where the size is.
    pub def: *mut MemoryDef,
}

/// The part of a memory that compiled code reads.
#[repr(C)]
#[derive(Debug)]
pub struct MemoryDef {
    /// First byte; never changes.
    pub base: *mut u8,
    /// Accessible bytes, a multiple of the page size.
    pub len: u64,
}

/// The part of a table that compiled code reads and writes. Each element is 8 bytes: the address
/// of a [`FuncRecord`] or the handle of an external value; 0 is null.
#[repr(C)]
#[derive(Debug)]
pub struct TableDef {
    /// First element; changes when the table grows.
    pub elements: *mut u64,
    /// Number of elements.
    pub len: u64,
    /// Not zero: elements may differ from what the active segments of the module that defines the table have
    /// put there. Growing alone does not set it.
    pub rewritten: u32,
    /// Unused.
    pub reserved: u32,
}

/// Distance between the entry words of two consecutive functions of a module
/// ([`crate::linkage::Linkage::entries`]).
pub const ENTRY_WORD_BYTES: i64 = size_of::<AtomicUsize>() as i64;

/// A callee that an indirect call has seen.
#[repr(C)]
#[derive(Debug, Default)]
pub struct SeenCallee {
    /// Low half of the address of its entry word, which is different for each function of an engine; 0: none
    /// yet.
    pub entry: AtomicU32,
    /// How often it was called.
    pub count: AtomicU32,
}

/// Callees that are counted separately at one indirect call.
pub const SEEN_CALLEES: usize = 4;

/// The callees of an indirect call of baseline code. Written by [`crate::libcalls::Libcall::NoteCallee`]
/// without any order between threads, so counts may get lost.
#[repr(C)]
#[derive(Debug, Default)]
pub struct Feedback {
    /// In the order in which they were first seen.
    pub seen: [SeenCallee; SEEN_CALLEES],
    /// Calls of all other callees.
    pub others: AtomicU32,
}

/// How many entries and trips a function may make in baseline code before policy is asked. Code counts down
/// by [`Budget::STEP`]. There are two words, since an addition in memory waits for the one before it on the
/// same word, and a function of one short loop does both in each call; on fib this is hardly more than the
/// noise (profiling costs it
/// 1.58 to 1.61 instead of 1.63).
///
/// A count that was set is odd: an even one began with the zeros of a new instance. Only the first entry can
/// find an even count; a trip never does, since an entry comes first.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Entries.
    pub entries: u32,
    /// Trips through loops: how often a branch leads back to a loop's header.
    pub trips: u32,
}

impl Budget {
    /// By how much one entry or trip lowers its count.
    pub const STEP: u32 = 2;

    /// The count that the next entry or trip brings below 0.
    pub const LAST: u32 = 1;

    /// Counts that this entry, and this trip, bring below 0; both are from 1 to 2^30.
    pub fn new(entries: u32, trips: u32) -> Budget {
        let count = |number: u32| (number - 1) * Budget::STEP + Budget::LAST;
        Budget {
            entries: count(entries),
            trips: count(trips),
        }
    }

    /// Whether the budget was set before an entry was counted.
    pub fn is_set(&self) -> bool {
        self.entries % 2 == 1
    }

    /// Counts an entry. Returns false, and changes nothing, if that would bring the count below 0.
    pub fn count_entry(&mut self) -> bool {
        let left = self.entries.checked_sub(Budget::STEP);
        self.entries = left.unwrap_or(self.entries);
        left.is_some()
    }
}

/// The value of a global; the low bytes hold it.
#[repr(C, align(16))]
#[derive(Clone, Copy, Debug)]
pub struct GlobalCell(pub [u8; 16]);

/// Offsets of the fixed structures, for compilers. All in bytes.
pub mod offsets {
    use super::*;
    /// [`CtxHeader::store`].
    pub const CTX_STORE: i32 = offset_of!(CtxHeader, store) as i32;
    /// [`CtxHeader::records`].
    pub const CTX_RECORDS: i32 = offset_of!(CtxHeader, records) as i32;
    /// [`CtxHeader::type_ids`].
    pub const CTX_TYPE_IDS: i32 = offset_of!(CtxHeader, type_ids) as i32;
    /// [`CtxHeader::generations`].
    pub const CTX_GENERATIONS: i32 = offset_of!(CtxHeader, generations) as i32;
    /// [`Helpers`].
    pub const CTX_HELPERS: i32 = -(size_of::<Helpers>() as i32);
    /// [`StoreCtx::stack_limit`].
    pub const STORE_STACK_LIMIT: i32 = offset_of!(StoreCtx, stack_limit) as i32;
    /// [`StoreCtx::interrupt`].
    pub const STORE_INTERRUPT: i32 = offset_of!(StoreCtx, interrupt) as i32;
    /// [`StoreCtx::caller`].
    pub const STORE_CALLER: i32 = offset_of!(StoreCtx, caller) as i32;
    /// [`StoreCtx::exit_fp`].
    pub const STORE_EXIT_FP: i32 = offset_of!(StoreCtx, exit_fp) as i32;
    /// [`StoreCtx::exit_pc`].
    pub const STORE_EXIT_PC: i32 = offset_of!(StoreCtx, exit_pc) as i32;
    /// [`StoreCtx::osr_buffer`].
    pub const STORE_OSR_BUFFER: i32 = offset_of!(StoreCtx, osr_buffer) as i32;
    /// [`FuncRecord::entry`].
    pub const RECORD_ENTRY: i32 = offset_of!(FuncRecord, entry) as i32;
    /// [`FuncRecord::ctx`].
    pub const RECORD_CTX: i32 = offset_of!(FuncRecord, ctx) as i32;
    /// [`FuncRecord::type_id`].
    pub const RECORD_TYPE: i32 = offset_of!(FuncRecord, type_id) as i32;
    /// Distance of one function's record from the next one's.
    pub const RECORD_BYTES: i64 = size_of::<FuncRecord>() as i64;
    /// [`ImportSlot::ctx`].
    pub const IMPORT_CTX: i32 = offset_of!(ImportSlot, ctx) as i32;
    /// [`ImportSlot::entry`].
    pub const IMPORT_ENTRY: i32 = offset_of!(ImportSlot, entry) as i32;
    /// [`MemorySlot::base`].
    pub const MEMORY_BASE: i32 = offset_of!(MemorySlot, base) as i32;
    /// [`MemorySlot::def`].
    pub const MEMORY_DEF: i32 = offset_of!(MemorySlot, def) as i32;
    /// [`MemoryDef::len`].
    pub const MEMORY_LEN: i32 = offset_of!(MemoryDef, len) as i32;
    /// [`TableDef::elements`].
    pub const TABLE_ELEMENTS: i32 = offset_of!(TableDef, elements) as i32;
    /// [`Budget::entries`].
    pub const BUDGET_ENTRIES: i32 = offset_of!(Budget, entries) as i32;
    /// [`Budget::trips`].
    pub const BUDGET_TRIPS: i32 = offset_of!(Budget, trips) as i32;
    /// [`SeenCallee::count`].
    pub const SEEN_COUNT: i32 = offset_of!(SeenCallee, count) as i32;
    /// [`Feedback::others`].
    pub const FEEDBACK_OTHERS: i32 = offset_of!(Feedback, others) as i32;
    /// [`TableDef::rewritten`].
    pub const TABLE_REWRITTEN: i32 = offset_of!(TableDef, rewritten) as i32;
    /// [`TableDef::len`].
    pub const TABLE_LEN: i32 = offset_of!(TableDef, len) as i32;
}

/// Where a table or global of an instance is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the context itself, at this offset.
    InContext(i32),
    /// Behind the pointer stored in the context at this offset.
    Behind(i32),
}

/// Numbers of the things in a module that take room in its contexts.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    /// Imported functions.
    pub imported_funcs: u32,
    /// Functions that the module defines.
    pub defined_funcs: u32,
    /// Memories, imported or defined.
    pub memories: u32,
    /// Imported tables.
    pub imported_tables: u32,
    /// Tables that the module defines.
    pub defined_tables: u32,
    /// Imported globals.
    pub imported_globals: u32,
    /// Globals that the module defines.
    pub defined_globals: u32,
}

/// Offsets of one module's context block, in bytes from its start.
#[derive(Clone, Debug)]
pub struct CtxLayout {
    counts: Counts,
    imports: u64,
    memories: u64,
    imported_tables: u64,
    imported_globals: u64,
    tables: u64,
    globals: u64,
    budgets: u64,
    size: u64,
}

impl CtxLayout {
    /// The layout for a module with these counts, or `None` where it would exceed 2 GiB.
    pub fn new(counts: Counts) -> Option<CtxLayout> {
        let mut at = 0u64;
        let mut take = |count: u32, each: usize, align: u64| {
            let start = at.next_multiple_of(align);
            at = start + u64::from(count) * each as u64;
            start
        };
        take(1, size_of::<CtxHeader>(), 8);
        let imports = take(counts.imported_funcs, size_of::<ImportSlot>(), 8);
        let memories = take(counts.memories, size_of::<MemorySlot>(), 8);
        let imported_tables = take(counts.imported_tables, 8, 8);
        let imported_globals = take(counts.imported_globals, 8, 8);
        let tables = take(counts.defined_tables, size_of::<TableDef>(), 16);
        let globals = take(counts.defined_globals, size_of::<GlobalCell>(), 16);
        let budgets = take(counts.defined_funcs, size_of::<Budget>(), 16);
        let size = take(0, 0, 16);
        (size <= i32::MAX as u64).then_some(CtxLayout {
            counts,
            imports,
            memories,
            imported_tables,
            imported_globals,
            tables,
            globals,
            budgets,
            size,
        })
    }

    /// Bytes of the whole block.
    pub fn size(&self) -> usize {
        self.size as usize
    }

    /// The [`ImportSlot`] of an imported function.
    ///
    /// # Panics
    /// If the function is not imported.
    pub fn import(&self, func: FuncIndex) -> i32 {
        assert!(
            func.0 < self.counts.imported_funcs,
            "{func:?} is not imported"
        );
        (self.imports + u64::from(func.0) * size_of::<ImportSlot>() as u64) as i32
    }

    /// The [`MemorySlot`] of a memory.
    pub fn memory(&self, memory: MemoryIndex) -> i32 {
        assert!(memory.0 < self.counts.memories, "{memory:?} does not exist");
        (self.memories + u64::from(memory.0) * size_of::<MemorySlot>() as u64) as i32
    }

    /// The [`TableDef`] of a table.
    pub fn table(&self, table: TableIndex) -> Place {
        match table.0.checked_sub(self.counts.imported_tables) {
            None => Place::Behind((self.imported_tables + u64::from(table.0) * 8) as i32),
            Some(own) => {
                let distance = size_of::<TableDef>() as u64;
                Place::InContext((self.tables + u64::from(own) * distance) as i32)
            }
        }
    }

    /// The [`GlobalCell`] of a global.
    pub fn global(&self, global: GlobalIndex) -> Place {
        match global.0.checked_sub(self.counts.imported_globals) {
            None => Place::Behind((self.imported_globals + u64::from(global.0) * 8) as i32),
            Some(own) => {
                let distance = size_of::<GlobalCell>() as u64;
                Place::InContext((self.globals + u64::from(own) * distance) as i32)
            }
        }
    }

    /// The [`Budget`] of a function.
    pub fn budget(&self, func: DefinedFunc) -> i32 {
        assert!(
            func.0 < self.counts.defined_funcs,
            "{func:?} does not exist"
        );
        (self.budgets + u64::from(func.0) * size_of::<Budget>() as u64) as i32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_follow_each_other_without_overlap() {
        let layout = CtxLayout::new(Counts {
            imported_funcs: 3,
            defined_funcs: 5,
            memories: 2,
            imported_tables: 1,
            defined_tables: 2,
            imported_globals: 1,
            defined_globals: 3,
        })
        .unwrap();
        assert_eq!(layout.import(FuncIndex(0)) as usize, size_of::<CtxHeader>());
        assert_eq!(
            layout.memory(MemoryIndex(0)),
            layout.import(FuncIndex(2)) + 16
        );
        assert_eq!(
            layout.table(TableIndex(0)),
            Place::Behind(layout.memory(MemoryIndex(1)) + 16)
        );
        assert!(matches!(layout.table(TableIndex(1)), Place::InContext(at) if at % 16 == 0));
        assert!(matches!(layout.global(GlobalIndex(1)), Place::InContext(at) if at % 16 == 0));
        let start = |place| match place {
            Place::InContext(at) => at as usize,
            Place::Behind(_) => panic!("it is defined here"),
        };
        let tables = [1, 2].map(|table| start(layout.table(TableIndex(table))));
        let globals = [1, 2].map(|global| start(layout.global(GlobalIndex(global))));
        assert_eq!(tables[1] - tables[0], size_of::<TableDef>());
        assert!(globals[0] >= tables[1] + size_of::<TableDef>());
        assert_eq!(globals[1] - globals[0], size_of::<GlobalCell>());
        assert_eq!(
            layout.budget(DefinedFunc(4)) - layout.budget(DefinedFunc(0)),
            32
        );
        assert!(layout.size() >= layout.budget(DefinedFunc(4)) as usize + 8);
    }

    #[test]
    fn a_block_beyond_the_reach_of_offsets_is_refused() {
        let counts = Counts {
            defined_globals: 1 << 28,
            ..Counts::default()
        };
        assert!(CtxLayout::new(counts).is_none());
    }
}
