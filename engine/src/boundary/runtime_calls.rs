//! The runtime's side of calls from compiled code: helpers, and the first call of a function.
//!
//! Each helper of `libcalls` has a thunk (in `arch`), which notes the frame and return address of the
//! calling code and jumps to the helper's Rust function. So a trap that is raised in a helper has a place in
//! the program. A helper's Rust function computes a `Result` completely, and only then leaves, by returning
//! or by a trap. Helpers that cannot trap need no thunk.

use super::activation::{self, Outcome};
use super::arch::{exit_thunk, note_callee, preserving_thunk};
use super::libcalls::Libcall;
use super::vmctx;
use crate::ids::{DataIndex, DefinedFunc, ElemIndex, FuncIndex, MemoryIndex, TableIndex};
use crate::objects::deferred::resolve_import;
use crate::objects::ids::InstanceId;
use crate::objects::store::StoreOpaque;
use crate::trap::Trap;
use anyhow::Result;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs the body of a helper, and leaves by a trap if it fails.
///
/// # Safety
/// Called by thunks only: `ctx` is the context of the compiled code that called.
unsafe fn run<R>(ctx: *mut u8, body: impl FnOnce(&mut StoreOpaque, InstanceId) -> Result<R>) -> R {
    let result = catch_unwind(AssertUnwindSafe(|| {
        // SAFETY: the context's store runs on this thread, and its compiled code waits until we return
        // ([IDS]).
        unsafe {
            let located = vmctx::locate(ctx);
            let store = located.store.cast::<StoreOpaque>();
            body(&mut *store, located.instance)
        }
    }));
    let outcome = match result {
        Ok(Ok(value)) => return value,
        // A trap that says more than its kind is passed on as it is.
        Ok(Err(error)) if error.chain().nth(1).is_some() => Outcome::Error(error),
        Ok(Err(error)) => match error.downcast::<Trap>() {
            Ok(trap) => Outcome::Trap(trap),
            Err(error) => Outcome::Error(error),
        },
        Err(panic) => Outcome::Panic(panic),
    };
    // SAFETY: this function's frame and those of the callers up to the thunk hold nothing to drop.
    unsafe { activation::raise(outcome) }
}

/// Lets the Rust compiler infer the type of a helper's body.
fn helper<R, F: FnOnce(&mut StoreOpaque, InstanceId) -> Result<R>>(body: F) -> F {
    body
}

macro_rules! helpers {
    ($($name:ident $thunk:ident = |$store:ident, $instance:ident $(, $param:ident: $ty:ty)*| $(-> $result:ty)? $body:block)*) => {
        $(
            exit_thunk!($thunk => bodies::$thunk);
        )*

        /// Address of a helper's code, for the placer.
        pub fn libcall_address(libcall: Libcall) -> usize {
            match libcall {
                $(Libcall::$name => $thunk as *const () as usize,)*
                Libcall::BudgetSpent => budget_spent as *const () as usize,
                Libcall::CopyBytes => copy_bytes as *const () as usize,
                Libcall::FillBytes => fill_bytes as *const () as usize,
                Libcall::NoteCallee => note_callee as *const () as usize,
            }
        }

        /// The addresses of all helpers, by number.
        pub(crate) fn helper_addresses() -> [usize; Libcall::ALL.len()] {
            std::array::from_fn(|number| libcall_address(Libcall::ALL[number]))
        }

        mod bodies {
            use super::*;
            $(
                #[allow(unused_variables, reason = "not every helper asks for its instance")]
                pub(super) unsafe extern "sysv64" fn $thunk(ctx: *mut u8 $(, $param: $ty)*) $(-> $result)? {
                    let body = helper(|$store, $instance| $body);
                    // SAFETY: the thunk was called by compiled code with its own context.
                    unsafe { run(ctx, body) }
                }
            )*
        }
    };
}

helpers! {
    MemoryGrow memory_grow = |store, instance, memory: u32, delta: u64| -> u64 {
        let memory = store.instance(instance).memories[MemoryIndex(memory)];
        Ok(store.grow_memory(memory, delta).unwrap_or(u64::MAX))
    }
    MemoryInit memory_init = |store, instance, memory: u32, segment: u32, destination: u64, source: u64, len: u64| {
        store.memory_init(instance, MemoryIndex(memory), DataIndex(segment), destination, source, len)
    }
    DataDrop data_drop = |store, instance, segment: u32| {
        store.instance_mut(instance).dropped_data[DataIndex(segment)] = true;
        Ok(())
    }
    TableGrow table_grow = |store, instance, table: u32, init: u64, delta: u64| -> u64 {
        let table = store.instance(instance).tables[TableIndex(table)];
        Ok(store.table_mut(table).grow(delta, init).unwrap_or(u64::MAX))
    }
    TableFill table_fill = |store, instance, table: u32, destination: u64, value: u64, len: u64| {
        let table = store.instance(instance).tables[TableIndex(table)];
        let elements = store.table_mut(table).elements_mut();
        let range = element_range(elements.len(), destination, len)?;
        elements[range].fill(value);
        Ok(())
    }
    TableCopy table_copy = |store, instance, to: u32, from: u32, destination: u64, source: u64, len: u64| {
        store.table_copy(instance, (TableIndex(to), TableIndex(from)), destination, source, len)
    }
    TableInit table_init = |store, instance, table: u32, segment: u32, destination: u64, source: u64, len: u64| {
        store.table_init(instance, TableIndex(table), ElemIndex(segment), destination, source, len)
    }
    ElemDrop elem_drop = |store, instance, segment: u32| {
        store.instance_mut(instance).dropped_elements[ElemIndex(segment)] = true;
        Ok(())
    }
    RefFunc ref_func = |store, instance, func: u32| -> u64 {
        Ok(store.record_of(instance, FuncIndex(func)) as u64)
    }
    LoopBudgetSpent loop_budget_spent = |store, instance, func: u32, offset: u32, area: u64, len: u32| -> u64 {
        stop_if_asked(store)?;
        let instance = store.instance(instance);
        let func = DefinedFunc(func);
        // SAFETY: the budget word is part of the instance's context, used by this thread alone.
        let budget = unsafe { &mut *instance.context.budget(func) };
        let (engine, linkage) = (store.engine(), &instance.linkage);
        let generation = linkage.is_live().then(|| {
            // SAFETY: the helper's thunk has noted where it was called: in the code that waits for it.
            let asking = unsafe { engine.code().lookup((*store.block().ctx()).exit_pc - 1) };
            asking.expect("a helper is called by code of a function").generation()
        });
        let source = engine.source();
        let code = source.loop_budget_spent(linkage, func, offset, generation, budget);
        if code.is_some() {
            // SAFETY: the calling code passes its own frame area.
            unsafe { store.copy_frame_area(area as *const u8, len as usize) };
        }
        Ok(code.unwrap_or(0) as u64)
    }
    Interrupted interrupted = |store, instance| {
        stop_if_asked(store)
    }
}

// Called before the function has stored its parameters; the function is in eax.
preserving_thunk!(budget_spent => ask_policy);

unsafe extern "sysv64" fn ask_policy(ctx: *mut u8, func: u32) {
    let body = helper(|store, instance| {
        let instance = store.instance(instance);
        let func = DefinedFunc(func);
        // SAFETY: the budget word is part of the instance's context, used by this thread alone.
        let budget = unsafe { &mut *instance.context.budget(func) };
        let source = store.engine().source();
        // This comes first: the budget is below 0, where the code does not ask again.
        source.budget_spent(&instance.linkage, func, budget);
        stop_if_asked(store)
    });
    // SAFETY: the thunk was called by compiled code with its own context.
    unsafe { run(ctx, body) }
}

/// Cannot trap, and so has no thunk: copying a few words costs less than noting the exit.
unsafe extern "sysv64" fn copy_bytes(_: *mut u8, to: *mut u8, from: *const u8, len: usize) {
    // SAFETY: the calling code has checked both ranges against the lengths of their memories.
    unsafe { std::ptr::copy(from, to, len) }
}

/// Cannot trap, as `copy_bytes`.
unsafe extern "sysv64" fn fill_bytes(_: *mut u8, to: *mut u8, value: u32, len: usize) {
    // SAFETY: the calling code has checked the range against the length of its memory.
    unsafe { std::ptr::write_bytes(to, value as u8, len) }
}

fn stop_if_asked(store: &StoreOpaque) -> Result<()> {
    match store
        .block()
        .interrupt()
        .load(std::sync::atomic::Ordering::Acquire)
    {
        0 => Ok(()),
        _ => Err(Trap::Interrupt.into()),
    }
}

/// The range of `len` bytes at `start`, if it is inside a memory or segment of `size` bytes.
fn range(size: usize, start: u64, len: u64) -> Result<std::ops::Range<usize>> {
    match start.checked_add(len) {
        Some(end) if end <= size as u64 => Ok(start as usize..end as usize),
        _ => Err(Trap::MemoryOutOfBounds.into()),
    }
}

/// The range of `len` elements at `start`, if it is inside a table or segment of `size` elements.
fn element_range(size: usize, start: u64, len: u64) -> Result<std::ops::Range<usize>> {
    range(size, start, len).map_err(|_| Trap::TableOutOfBounds.into())
}

impl StoreOpaque {
    fn memory_init(
        &mut self,
        instance: InstanceId,
        memory: MemoryIndex,
        segment: DataIndex,
        destination: u64,
        source: u64,
        len: u64,
    ) -> Result<()> {
        let instance = self.instance(instance);
        let linkage = instance.linkage.clone();
        let data = linkage.data();
        let bytes = match instance.dropped_data[segment] {
            true => &[][..],
            false => &data.bytes[data.data[segment.index()].bytes.clone()],
        };
        let memory = instance.memories[memory];
        let source = range(bytes.len(), source, len)?;
        let target = range(self.memory(memory).bytes().len(), destination, len)?;
        self.memory_mut(memory).bytes_mut()[target].copy_from_slice(&bytes[source]);
        Ok(())
    }

    fn table_copy(
        &mut self,
        instance: InstanceId,
        tables: (TableIndex, TableIndex),
        destination: u64,
        source: u64,
        len: u64,
    ) -> Result<()> {
        let to = self.instance(instance).tables[tables.0];
        let from = self.instance(instance).tables[tables.1];
        let source = element_range(self.table(from).elements().len(), source, len)?;
        let target = element_range(self.table(to).elements().len(), destination, len)?;
        if to == from {
            self.table_mut(to)
                .elements_mut()
                .copy_within(source, target.start);
        } else {
            let words: *const [u64] = &self.table(from).elements()[source];
            // SAFETY: two tables never overlap, and nothing else touches them during the copy.
            self.table_mut(to).elements_mut()[target].copy_from_slice(unsafe { &*words });
        }
        Ok(())
    }
}

/// Called by the lazy half of an entry stub: compiles the function, whose code runs on return.
/// `frame` is the frame pointer of the stub's path, whose frame holds the caller's frame pointer and
/// the return address into the calling code.
pub(crate) extern "sysv64" fn first_call(
    _data: *const (),
    entry: u32,
    ctx: *mut u8,
    frame: *const u8,
) {
    // SAFETY: entries are called with the context of an instance of the linkage that has the entry ([ENTRY],
    // [IDS]).
    unsafe {
        let store_ctx = vmctx::store_ctx(ctx);
        (*store_ctx).exit_fp = frame as usize;
        (*store_ctx).exit_pc = 0;
        run(ctx, |store, instance| {
            let linkage = store.instance(instance).linkage.clone();
            let func = linkage
                .func_of_entry(stubs::EntryId(entry))
                .expect("the context is of the entry's linkage");
            if linkage.is_removed() {
                let (name, module) = (linkage.definition(func).name(), linkage.data().label());
                let removed = anyhow::Error::new(Trap::RemovedFunction);
                return Err(removed.context(format!("the function {name} of {module} was removed")));
            }
            if linkage.is_unresolved(func) {
                let store = vmctx::locate(ctx).store.cast::<StoreOpaque>();
                let resolved = resolve_import(store, instance, &linkage, func);
                // The resolver may have run compiled code of this store. A trap belongs to this place.
                (*store_ctx).exit_fp = frame as usize;
                (*store_ctx).exit_pc = 0;
                resolved?;
            }
            linkage.engine().source().first_call(&linkage, func)
        });
    }
}
