//! The code space: the code of one engine, and the order of publishing.
//!
//! Publishing ([`CodeSpace::publish`]) has one order ([ORDER]):
//!
//!  1. allocate memory, at a start at which the hottest call sites can be patched (`place`);
//!  2. record the body's callees ([EDGES], `functions`);
//!  3. write the bytes, with relocations applied and sites going to where their callees are now (`place`);
//!  4. make the body findable by address, with its side tables (`code_map`);
//!  5. set the entry: from here on new calls reach it (`relink`);
//!  6. relink the recorded callers (`relink`, `arch`);
//!  7. retire what was replaced (`retire`).
//!
//! Several bodies ([`CodeSpace::publish_all`]) pass steps 1 to 4 one after the other, and then 5 to 7.
//!
//! All of it happens under one short lock, the relink lock, so a body that is being placed cannot miss a
//! change of its callees. No thread compiles, waits for a stack or calls out of this crate while it holds the
//! lock. If there is a listener, the lock is released after step 4, so that the listener is called before
//! anything can run the body, and taken again for step 5 (`listen`).

use crate::arch;
use crate::arena_layout::{MAX_ENTRIES, STUBS_END, WORDS_LEN, arena_len};
use crate::code_map::CodeMap;
use crate::code_memory::CodeMemory;
use crate::entry_table::EntryTable;
use crate::functions::Functions;
use crate::ids::{CodeError, EntryId, GroupId};
use crate::listen::{Code, CodeKind, CodeListener, Reports};
use crate::published::{NewBody, PublishedBody};
use crate::stats::LinkStats;
use crate::sys::{self, Mapping, PAGE};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, LockResult, Mutex, MutexGuard};

/// What the shared path of first calls does.
#[derive(Clone, Copy, Debug)]
pub struct FirstCall {
    /// Is called with `data`, the entry's number, the first argument register at the call (the context), and
    /// the frame pointer of the path, whose frame holds the caller's frame pointer and return address. It
    /// returns when the entry points to code, which is then run. When it returns, the state of its stack is
    /// that it runs compiled code. It may leave by a jump instead.
    pub handler: extern "sysv64" fn(data: *const (), entry: u32, ctx: *mut u8, frame: *const u8),
    /// Passed to the handler.
    pub data: *const (),
}

/// How a code space is made.
#[derive(Clone, Debug)]
pub struct CodeSpaceConfig {
    /// Bytes of address space for stubs and code; rounded up to whole pages, at least 1 MiB beyond the
    /// stubs, and at most what relative calls reach.
    pub reserve: usize,
    /// Most bytes of published code, retired code that is not freed yet included.
    pub cap: usize,
    /// Whether call sites are patched.
    pub patch_sites: bool,
    /// What first calls do.
    pub first_call: FirstCall,
    /// Is called when code is placed and removed.
    pub listener: Option<Arc<dyn CodeListener>>,
}

/// Entries, stubs and bodies of one engine.
///
/// The owner, by dropping it, promises that nothing in it runs or is called any more.
#[derive(Debug)]
pub struct CodeSpace {
    pub(crate) mapping: Mapping,
    pub(crate) map: CodeMap,
    pub(crate) cap: usize,
    pub(crate) patch_sites: bool,
    pub(crate) listener: Option<Arc<dyn CodeListener>>,
    state: Mutex<State>,
    /// Is notified when a report has ended.
    pub(crate) report_ended: Condvar,
    /// Held while looking for code that can be freed, so that one thread does this at a time.
    pub(crate) reclaiming: Mutex<()>,
    pub(crate) pending_bytes: AtomicUsize,
}

/// What the relink lock protects.
#[derive(Debug)]
pub(crate) struct State {
    pub memory: CodeMemory,
    pub entries: EntryTable,
    pub functions: Functions,
    /// Bodies that nothing points to and that are not freed yet.
    pub retired: Vec<Arc<PublishedBody>>,
    /// The group of trampolines, once there are some.
    pub trampolines: Option<GroupId>,
    /// Code that stays as long as the space. Recorded only if there is a listener.
    pub permanent: Vec<Code<'static>>,
    /// What is being reported at this moment.
    pub reports: Reports,
    /// Stubs below this number are written.
    pub stubs_written: u32,
    /// Bytes written since the writable view's page tables were dropped.
    pub unflushed: usize,
    /// Bytes of all bodies that are not freed.
    pub code_bytes: usize,
    /// Those counts that only grow; the others are computed on request.
    pub stats: LinkStats,
}

/// What a lock guards. After a panic under it, half-linked code must not continue to run.
pub(crate) fn unpoisoned<T>(locked: LockResult<T>) -> T {
    locked.unwrap_or_else(|_| {
        eprintln!("lazywasm: bug: a panic happened while code was being linked");
        std::process::abort()
    })
}

impl CodeSpace {
    /// Reserves a code space. If the system refuses memory that can be written while its code runs, code
    /// is sealed when it is written, each body on pages of its own, and call sites are not patched: all calls
    /// go through the stubs.
    ///
    /// # Errors
    /// If the system refuses both forms.
    pub fn new(config: CodeSpaceConfig) -> Result<CodeSpace, CodeError> {
        let code_len = arena_len(config.reserve);
        let named = || Mapping::twice(WORDS_LEN, code_len);
        let twice = match config.listener {
            None => named(),
            Some(_) => Mapping::twice_without_name(WORDS_LEN, code_len).or_else(|_| named()),
        };
        let twice = twice.and_then(|mapping| CodeSpace::over(mapping, &config));
        twice.or_else(|twice| {
            CodeSpace::new_sealed(config).map_err(|sealed| match (twice, sealed) {
                (CodeError::Mapping(twice), CodeError::Mapping(sealed)) => {
                    CodeError::Mapping(format!("{twice}; {sealed}"))
                }
                (_, sealed) => sealed,
            })
        })
    }

    /// Reserves a code space in the form for systems that refuse the usual one, see [`CodeSpace::new`].
    ///
    /// # Errors
    /// If the system refuses the memory.
    pub fn new_sealed(config: CodeSpaceConfig) -> Result<CodeSpace, CodeError> {
        let mapping = Mapping::sealed(WORDS_LEN, arena_len(config.reserve))?;
        CodeSpace::over(mapping, &config)
    }

    fn over(mapping: Mapping, config: &CodeSpaceConfig) -> Result<CodeSpace, CodeError> {
        sys::register_for_barriers();
        let first_call = config.first_call;
        let path = arch::compile_on_call(
            first_call.handler as usize,
            first_call.data as usize,
            mapping.data() as usize,
        );
        assert!(path.len() <= PAGE, "the shared path fits its page");
        // SAFETY: the first page of the new arena, which nothing uses yet.
        unsafe {
            mapping.write(0..path.len(), |at| {
                std::ptr::copy_nonoverlapping(path.as_ptr(), at, path.len());
            })?;
        }
        arch::make_fetchable(mapping.executable(), path.len());
        let path = Code::new(CodeKind::FirstCallPath, mapping.executable(), path.len());
        let code_len = arena_len(config.reserve);
        let space = CodeSpace {
            map: CodeMap::new(code_len),
            cap: config.cap,
            patch_sites: config.patch_sites && mapping.is_patchable(),
            listener: config.listener.clone(),
            state: Mutex::new(State {
                memory: CodeMemory::new(STUBS_END..code_len, mapping.is_patchable()),
                entries: EntryTable::new(MAX_ENTRIES as u32),
                functions: Functions::default(),
                retired: Vec::new(),
                trampolines: None,
                permanent: Vec::new(),
                reports: Reports::default(),
                stubs_written: 0,
                unflushed: 0,
                code_bytes: 0,
                stats: LinkStats::default(),
            }),
            mapping,
            report_ended: Condvar::new(),
            reclaiming: Mutex::new(()),
            pending_bytes: AtomicUsize::new(0),
        };
        space.note_permanent(&mut space.lock(), path);
        space.report_permanent(path);
        Ok(space)
    }

    /// Takes the relink lock.
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        unpoisoned(self.state.lock())
    }

    /// Fails in a process that was forked from the one that made this space, where entry words are not mapped
    /// and code cannot be written. Functions that return no error do nothing there.
    ///
    /// # Errors
    /// [`CodeError::Forked`].
    #[inline]
    pub fn check_process(&self) -> Result<(), CodeError> {
        if self.mapping.is_foreign() {
            return Err(CodeError::Forked);
        }
        Ok(())
    }

    /// Whether a body was placed in this space. Only such bodies may be pinned, unpinned and switched to.
    pub(crate) fn owns(&self, body: &PublishedBody) -> bool {
        self.mapping.contains(body.start)
    }

    /// Makes a group of bodies.
    pub fn new_group(&self) -> GroupId {
        self.lock().memory.add_group()
    }

    /// Closes a group: no more bodies are placed in it. Those that it has stay until they are retired and
    /// freed.
    pub fn drop_group(&self, group: GroupId) {
        if self.check_process().is_err() {
            return;
        }
        let mut state = self.lock();
        state.memory.remove_group(group, &self.map);
        self.discard(&mut state);
    }

    /// Publishes a body: calls of its function reach it from now on. See the file's head.
    ///
    /// # Errors
    /// If the cap or the address space is used up, or the process was forked. [`CodeError::Withdrawn`] if the
    /// function was reset to its stub while a listener was called for the body.
    ///
    /// # Panics
    /// If the body has no code, its group was dropped, or a relative relocation refers to something out of
    /// reach.
    pub fn publish(&self, body: NewBody<'_>) -> Result<Arc<PublishedBody>, CodeError> {
        self.check_process()?;
        if self.listener.is_some() {
            let bodies = self.publish_reported(&[body], false)?;
            return Ok(bodies.into_iter().next().expect("one body was published"));
        }
        let mut state = self.lock();
        let published = self.place(&mut state, &body, false)?;
        self.point(&mut state, published.entry, Some(&published));
        Ok(published)
    }

    /// Publishes several bodies under one lock: all of them or, if there is an error, none. They may be of
    /// one function; the last one is then its current body.
    ///
    /// # Errors
    /// As [`CodeSpace::publish`].
    ///
    /// # Panics
    /// As [`CodeSpace::publish`].
    pub fn publish_all(
        &self,
        bodies: &[NewBody<'_>],
    ) -> Result<Vec<Arc<PublishedBody>>, CodeError> {
        self.check_process()?;
        if self.listener.is_some() {
            return self.publish_reported(bodies, false);
        }
        let mut state = self.lock();
        let published = self.place_all(&mut state, bodies, false)?;
        for body in &published {
            self.point(&mut state, body.entry, Some(body));
        }
        Ok(published)
    }

    /// Places a body to which nothing points yet. It is pinned: it stays until it is unpinned and not
    /// current.
    ///
    /// # Errors
    /// As [`CodeSpace::publish`].
    ///
    /// # Panics
    /// As [`CodeSpace::publish`].
    pub fn publish_aside(&self, body: NewBody<'_>) -> Result<Arc<PublishedBody>, CodeError> {
        self.check_process()?;
        if self.listener.is_some() {
            let bodies = self.publish_reported(&[body], true)?;
            return Ok(bodies.into_iter().next().expect("one body was placed"));
        }
        let mut state = self.lock();
        let published = self.place(&mut state, &body, true)?;
        published.pins.store(1, Ordering::Relaxed);
        Ok(published)
    }

    /// The body that an entry points to.
    pub fn current(&self, entry: EntryId) -> Option<Arc<PublishedBody>> {
        self.lock().functions.current(entry).cloned()
    }

    /// The body whose code is at an address. It takes no lock and allocates nothing, so signal handlers may
    /// call it.
    ///
    /// # Safety
    /// The address is outside of this space, in a stub or a trampoline, or in a body that stays alive as long
    /// as the result is used, because it is on a stack in compiled code, current or pinned. (An address at
    /// which the calling thread runs, or to which it will return, is one of these.)
    pub unsafe fn lookup(&self, address: usize) -> Option<&PublishedBody> {
        let offset = address.checked_sub(self.mapping.executable())?;
        // SAFETY: promised by the caller.
        unsafe { self.map.find(offset) }
    }

    /// Overwrites the displacement of a body's call site, for tests of the checker.
    ///
    /// # Safety
    /// The body is one of this space, is not freed, and does not run any more.
    #[doc(hidden)]
    pub unsafe fn corrupt_site_for_test(
        &self,
        body: &PublishedBody,
        site: usize,
        displacement: i32,
    ) {
        let _state = self.lock();
        let at = body.start + body.sites[site].offset as usize;
        let writable = self.mapping.patchable(at - self.mapping.executable());
        // SAFETY: four bytes of the body's own code, which does not run, by the caller's promise.
        unsafe { writable.cast::<i32>().write_unaligned(displacement) };
    }
}
