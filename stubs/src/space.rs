//! The code space: publishing, relinking, retiring and freeing, under one short lock.
//!
//! Publishing ([`CodeSpace::publish`]) has one order ([ORDER]):
//!
//! 1. find room, and a start at which the hottest call sites can be patched;
//! 2. record whom the body calls ([EDGES]);
//! 3. write bytes, relocations applied, sites leading to where their callees are now;
//! 4. make the body findable by address, with its side tables;
//! 5. set the entry: from here on new calls reach it;
//! 6. relink the recorded callers;
//! 7. retire what was replaced.
//!
//! Relinking and publishing hold the same lock, so a body that is being placed cannot miss a change of
//! its callees. Retired bodies are freed by [`CodeSpace::reclaim`], after every core has been through
//! a barrier and every stack has been seen without them ([OUTLIVE]).

use crate::asm;
use crate::callers::Callers;
use crate::code_memory::{CodeMap, CodeMemory, Discards};
use crate::ids::{BodyId, CodeError, EntryBlock, EntryId, GroupId, Tier};
use crate::patch;
use crate::published::{CallSite, NewBody, PlacedReloc, PublishedBody, RelocKind, RelocValue};
use crate::stacks::{self, Question};
use crate::stats::LinkStats;
use crate::sys::{self, Mapping, PAGE};
use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

/// Most entries of one code space.
const MAX_ENTRIES: usize = 4 << 20;

/// Alignment of bodies that leave the choice: that of an instruction fetch block.
const FETCH_BLOCK: usize = 16;

/// Bytes from which on two starts of a body are alike for the patching of its sites.
const PATCH_WORD: usize = 8;

/// Bytes published after which the writable view's page tables are dropped.
const DROP_WRITABLE_EVERY: usize = 512 << 10;

/// Code that the lazy half of a stub leads to.
#[derive(Clone, Copy, Debug)]
pub struct FirstCall {
    /// Called with `data`, the entry's number, the first argument register at the call (the context),
    /// and the frame pointer of the path, whose frame holds the caller's frame pointer and return
    /// address. Returns the address of code to run. It may leave by a jump instead.
    pub handler:
        extern "sysv64" fn(data: *const (), entry: u32, ctx: *mut u8, frame: *const u8) -> usize,
    /// Passed to the handler.
    pub data: *const (),
}

/// How a code space is made.
#[derive(Clone, Copy, Debug)]
pub struct CodeSpaceConfig {
    /// Bytes of address space for code; rounded up to whole pages, at least 1 MiB beyond the stubs.
    pub reserve: usize,
    /// Most bytes of published code.
    pub cap: usize,
    /// Whether call sites are patched.
    pub patch_sites: bool,
    /// Where first calls go.
    pub first_call: FirstCall,
}

/// Entries, stubs and bodies of one engine.
#[derive(Debug)]
pub struct CodeSpace {
    mapping: Mapping,
    map: CodeMap,
    compile_on_call: usize,
    cap: usize,
    patch_sites: bool,
    forks: u32,
    state: Mutex<State>,
    /// Held while freeing, so that one thread does at a time.
    reclaiming: Mutex<()>,
    pending_bytes: AtomicUsize,
}

#[derive(Debug)]
struct State {
    memory: CodeMemory,
    next_entry: u32,
    free_entries: BTreeMap<u32, u32>,
    entries_in_use: u64,
    /// The body that an entry leads to.
    current: HashMap<EntryId, Arc<PublishedBody>>,
    /// Every body that is not freed.
    bodies: HashMap<BodyId, Arc<PublishedBody>>,
    callers: Callers,
    next_body: u64,
    retired: Vec<Arc<PublishedBody>>,
    /// Bodies of each entry that are not freed.
    of_entry: HashMap<EntryId, Vec<BodyId>>,
    /// Released blocks whose stubs bodies on some stack may still use.
    quarantine: Vec<EntryBlock>,
    /// Pages of freed code, to be given back to the system.
    discards: Discards,
    unflushed: usize,
    code_bytes: usize,
    stats: LinkStats,
}

/// What [`CodeSpace::reclaim`] did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reclaimed {
    /// Bodies freed.
    pub bodies: usize,
    /// Bytes of code freed.
    pub bytes: usize,
    /// Bodies that some stack still holds.
    pub pending: usize,
}

impl CodeSpace {
    /// Reserves a code space.
    ///
    /// # Errors
    /// If the system refuses the memory.
    pub fn new(config: CodeSpaceConfig) -> Result<CodeSpace, CodeError> {
        sys::prepare_cores();
        let stubs_end = PAGE + MAX_ENTRIES * asm::STUB;
        let code_len = config
            .reserve
            .max(stubs_end + (1 << 20))
            .next_multiple_of(PAGE);
        let mapping = Mapping::new(MAX_ENTRIES * 8, code_len)?;
        let path = asm::compile_on_call(
            config.first_call.handler as usize,
            config.first_call.data as usize,
        );
        assert!(path.len() <= PAGE, "the shared path fits its page");
        // SAFETY: the first page of the new arena, which nobody uses yet.
        unsafe { std::ptr::copy_nonoverlapping(path.as_ptr(), mapping.writable(), path.len()) };
        Ok(CodeSpace {
            compile_on_call: mapping.executable(),
            map: CodeMap::new(code_len),
            cap: config.cap,
            patch_sites: config.patch_sites,
            forks: sys::forks(),
            state: Mutex::new(State {
                memory: CodeMemory::new(stubs_end, code_len),
                next_entry: 0,
                free_entries: BTreeMap::new(),
                entries_in_use: 0,
                current: HashMap::new(),
                bodies: HashMap::new(),
                callers: Callers::default(),
                next_body: 0,
                retired: Vec::new(),
                of_entry: HashMap::new(),
                quarantine: Vec::new(),
                discards: Vec::new(),
                unflushed: 0,
                code_bytes: 0,
                stats: LinkStats::default(),
            }),
            mapping,
            reclaiming: Mutex::new(()),
            pending_bytes: AtomicUsize::new(0),
        })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|_| {
            // Half-linked code must not run on.
            eprintln!("lazywasm: bug: a panic happened while code was being linked");
            std::process::abort()
        })
    }

    /// Fails in a process that was forked from the one that made this.
    ///
    /// # Errors
    /// [`CodeError::Forked`].
    pub fn check_process(&self) -> Result<(), CodeError> {
        if self.forks == sys::forks() {
            Ok(())
        } else {
            Err(CodeError::Forked)
        }
    }

    /// The word that holds the address of an entry's code.
    pub fn entry_word(&self, entry: EntryId) -> *const AtomicUsize {
        debug_assert!((entry.0 as usize) < MAX_ENTRIES);
        self.mapping
            .data()
            .cast::<AtomicUsize>()
            .wrapping_add(entry.0 as usize)
    }

    fn word(&self, entry: EntryId) -> &AtomicUsize {
        // SAFETY: every entry's word is in the data region, which lives as long as `self`.
        unsafe { &*self.entry_word(entry) }
    }

    /// The address that may always be called for an entry.
    pub fn stub_address(&self, entry: EntryId) -> usize {
        self.mapping.executable() + PAGE + entry.0 as usize * asm::STUB
    }

    /// Where an entry leads now.
    pub fn target(&self, entry: EntryId) -> usize {
        self.word(entry).load(Ordering::SeqCst)
    }

    fn lazy_half(&self, entry: EntryId) -> usize {
        self.stub_address(entry) + asm::LAZY_HALF
    }

    /// Whether an entry leads to its stub's lazy half.
    pub fn is_lazy(&self, entry: EntryId) -> bool {
        self.is_stub(entry, self.target(entry))
    }

    /// Whether this target of an entry is its stub's lazy half.
    pub fn is_stub(&self, entry: EntryId, target: usize) -> bool {
        target == self.lazy_half(entry)
    }

    fn writable(&self, address: usize) -> *mut u8 {
        self.mapping
            .writable()
            .wrapping_add(address - self.mapping.executable())
    }

    /// Makes entries that lead to the first call.
    ///
    /// # Errors
    /// If there are too many, or the process was forked.
    pub fn alloc_entries(&self, count: u32) -> Result<EntryBlock, CodeError> {
        self.check_process()?;
        if count == 0 {
            return Ok(EntryBlock {
                first: EntryId(0),
                len: 0,
            });
        }
        let mut state = self.lock();
        let first = state.take_entries(count).ok_or(CodeError::Entries(count))?;
        state.entries_in_use += u64::from(count);
        let block = EntryBlock {
            first: EntryId(first),
            len: count,
        };
        for entry in block.entries() {
            let at = self.stub_address(entry);
            let stub = asm::stub(
                at,
                self.entry_word(entry) as usize,
                entry.0,
                self.compile_on_call,
            );
            // SAFETY: the stub's own place in the arena; the block was free, so nobody runs it.
            unsafe { self.writable(at).cast::<[u8; asm::STUB]>().write(stub) };
            self.word(entry)
                .store(self.lazy_half(entry), Ordering::Release);
        }
        let start = self.stub_address(block.first) - self.mapping.executable();
        drop(state);
        let (from, to) = (
            start / PAGE * PAGE,
            (start + count as usize * asm::STUB).next_multiple_of(PAGE),
        );
        self.mapping.drop_writable(from, to - from);
        Ok(block)
    }

    /// Gives entries back. Their bodies are retired; the entries are used again when no stack holds
    /// anything that was retired until now.
    pub fn release_entries(&self, block: EntryBlock) {
        if block.len == 0 {
            return;
        }
        let mut state = self.lock();
        for entry in block.entries() {
            if state.current.contains_key(&entry) {
                self.point(&mut state, entry, None);
            }
        }
        for entry in block.entries() {
            self.retire_all(&mut state, entry);
        }
        state.entries_in_use -= u64::from(block.len);
        state.quarantine.push(block);
        state.end_quarantine();
    }

    /// Makes a group of bodies. Groups are told apart by tier for the sake of the caller only.
    pub fn new_group(&self, _tier: Tier) -> GroupId {
        GroupId(self.lock().memory.add_group())
    }

    /// No more bodies will come to a group. Those it has stay until they are retired and freed.
    pub fn drop_group(&self, group: GroupId) {
        let mut state = self.lock();
        let state = &mut *state;
        state
            .memory
            .remove_group(group.0, &self.map, &mut state.discards);
        self.flush_discards(state);
    }

    /// Publishes a body: calls of its function reach it from now on. See the file's head.
    ///
    /// # Errors
    /// If the cap or the address space is used up, or the process was forked.
    pub fn publish(&self, body: NewBody<'_>) -> Result<Arc<PublishedBody>, CodeError> {
        let mut state = self.lock();
        let published = self.place(&mut state, body, false)?;
        self.point(&mut state, published.entry, Some(published.clone()));
        Ok(published)
    }

    /// Places a body without leading anybody to it. It stays until it is unpinned and not current.
    ///
    /// # Errors
    /// As [`CodeSpace::publish`].
    pub fn publish_aside(&self, body: NewBody<'_>) -> Result<Arc<PublishedBody>, CodeError> {
        let mut state = self.lock();
        let published = self.place(&mut state, body, true)?;
        self.pin(&published);
        Ok(published)
    }

    /// Keeps a body from being retired when it is replaced.
    pub fn pin(&self, body: &PublishedBody) {
        body.pins.fetch_add(1, Ordering::Relaxed);
    }

    /// Takes a pin back. A body that is not current and has no pin is retired.
    pub fn unpin(&self, body: &Arc<PublishedBody>) {
        let mut state = self.lock();
        let before = body.pins.load(Ordering::Relaxed);
        body.pins.store(before.saturating_sub(1), Ordering::Relaxed);
        if before == 1 && !state.is_current(body) {
            self.retire(&mut state, body.clone());
        }
    }

    /// Leads calls of a function to this pinned body of it. Does nothing, and returns false, if the
    /// body has been retired.
    pub fn switch(&self, body: &Arc<PublishedBody>) -> bool {
        let mut state = self.lock();
        if body.pins.load(Ordering::Relaxed) == 0 || !state.bodies.contains_key(&body.id) {
            return false;
        }
        self.point(&mut state, body.entry, Some(body.clone()));
        true
    }

    /// Leads calls of a function to its stub, so that the next one is a first call again. All its
    /// bodies, pinned ones too, are retired.
    pub fn reset_to_stub(&self, entry: EntryId) {
        let mut state = self.lock();
        self.point(&mut state, entry, None);
        self.retire_all(&mut state, entry);
    }

    fn retire_all(&self, state: &mut State, entry: EntryId) {
        for id in state.of_entry.get(&entry).cloned().unwrap_or_default() {
            let body = state.bodies[&id].clone();
            body.pins.store(0, Ordering::Relaxed);
            self.retire(state, body);
        }
    }

    /// The body that an entry leads to.
    pub fn current(&self, entry: EntryId) -> Option<Arc<PublishedBody>> {
        self.lock().current.get(&entry).cloned()
    }

    /// The body whose code is at an address. Takes no lock and allocates nothing, so that signal
    /// handlers may ask.
    ///
    /// # Safety
    /// If the address is inside a body, that body must stay alive as long as the answer is used: it is
    /// on a running stack, or the caller holds it.
    pub unsafe fn lookup(&self, address: usize) -> Option<&PublishedBody> {
        let offset = address.checked_sub(self.mapping.executable())?;
        // SAFETY: promised by the caller.
        unsafe { self.map.find(offset) }
    }

    /// Steps 1 to 4.
    fn place(
        &self,
        state: &mut State,
        body: NewBody<'_>,
        aside: bool,
    ) -> Result<Arc<PublishedBody>, CodeError> {
        self.check_process()?;
        let len = body.code.len();
        if state.code_bytes + len > self.cap {
            return Err(CodeError::Cap {
                cap: self.cap,
                wanted: len,
            });
        }
        let align = (body.align as usize).max(1);
        let sites: Vec<&PlacedReloc> = body.relocs.iter().filter(|reloc| is_site(reloc)).collect();
        let choose = |offset: usize| choose_start(offset, align, &sites);
        let slack = FETCH_BLOCK.max(align) + PATCH_WORD;
        let room = state
            .memory
            .take(
                body.group.0,
                len,
                slack,
                &self.map,
                &mut state.discards,
                choose,
            )
            .ok_or(CodeError::Full(len))?;
        let start = self.mapping.executable() + room.chunk.offset + room.start;
        let id = BodyId(state.next_body);
        state.next_body += 1;

        state.callers.add(id, sites.iter().map(|site| callee(site)));

        let sites: Box<[CallSite]> = sites
            .iter()
            .map(|reloc| CallSite {
                offset: reloc.offset,
                callee: callee(reloc),
                crossing: !patch::can_patch(start + reloc.offset as usize),
                direct: AtomicBool::new(false),
            })
            .collect();
        let published = Arc::new(PublishedBody {
            id,
            entry: body.entry,
            tier: body.tier,
            generation: body.generation,
            start,
            len,
            sites,
            side: body.side,
            offset_in_chunk: room.start,
            chunk: room.chunk,
            pins: AtomicU32::new(0),
            retired: AtomicBool::new(false),
        });
        self.write(state, &published, body.code, body.relocs, aside);

        published.chunk.add(published.offset_in_chunk, &published);
        state.bodies.insert(id, published.clone());
        state.of_entry.entry(published.entry).or_default().push(id);
        state.code_bytes += len;
        let tier = usize::from(published.tier.0);
        state.stats.published[tier] += 1;
        state.stats.published_bytes[tier] += len as u64;
        state.unflushed += len;
        if state.unflushed >= DROP_WRITABLE_EVERY {
            state.unflushed = 0;
            self.mapping
                .drop_writable(0, state.memory.high_water().next_multiple_of(PAGE));
        }
        self.flush_discards(state);
        Ok(published)
    }

    /// Step 3.
    fn write(
        &self,
        state: &State,
        body: &Arc<PublishedBody>,
        code: &[u8],
        relocs: &[PlacedReloc],
        aside: bool,
    ) {
        let mut bytes = code.to_vec();
        let mut next_site = 0;
        for reloc in relocs {
            let at = body.start + reloc.offset as usize;
            let value = match reloc.value {
                RelocValue::Address(address) => address as usize,
                RelocValue::EntryWord(entry) => self.entry_word(entry) as usize,
                RelocValue::Entry(entry) if is_site(reloc) => {
                    let site = &body.sites[next_site];
                    next_site += 1;
                    // A recursive call leads to the body itself, unless another body stays current.
                    let own = (entry == body.entry && !aside).then_some(body.start);
                    let code = own.or_else(|| state.current.get(&entry).map(|callee| callee.start));
                    self.link(site, code, entry)
                }
                RelocValue::Entry(entry) => self.stub_address(entry),
            };
            let value = (value as i64).wrapping_add(reloc.addend);
            let range = reloc.offset as usize..;
            match reloc.kind {
                RelocKind::Abs8 => bytes[range][..8].copy_from_slice(&value.to_le_bytes()),
                RelocKind::CallRel4 | RelocKind::PcRel4 => {
                    let displacement =
                        i32::try_from(value - at as i64).expect("code reaches code and entries");
                    bytes[range][..4].copy_from_slice(&displacement.to_le_bytes());
                }
            }
        }
        // SAFETY: the body's own room, which nobody runs yet; bytes never fetched before need no
        // barrier on x86, and reused ones were freed after one.
        unsafe {
            std::ptr::copy_nonoverlapping(bytes.as_ptr(), self.writable(body.start), bytes.len())
        };
    }

    /// Where a site shall lead, given its callee's code; notes it in the site.
    fn link(&self, site: &CallSite, code: Option<usize>, callee: EntryId) -> usize {
        let direct = code.filter(|_| self.patch_sites && !site.crossing);
        site.direct.store(direct.is_some(), Ordering::Relaxed);
        direct.unwrap_or_else(|| self.stub_address(callee))
    }

    /// Steps 5 to 7: leads an entry to a body, or to its stub.
    fn point(&self, state: &mut State, entry: EntryId, body: Option<Arc<PublishedBody>>) {
        let target = body
            .as_ref()
            .map_or_else(|| self.lazy_half(entry), |body| body.start);
        self.word(entry).store(target, Ordering::SeqCst);

        let code = body.as_ref().map(|body| body.start);
        let mut patches = 0;
        for caller in state.callers.of(entry) {
            let caller = &state.bodies[caller];
            for site in caller
                .sites
                .iter()
                .filter(|site| site.callee == entry && !site.crossing)
            {
                if !self.patch_sites {
                    continue;
                }
                let target = self.link(site, code, entry);
                let at = caller.start + site.offset as usize;
                // SAFETY: the site does not cross a boundary, and the relink lock is held.
                unsafe { patch::write_displacement(self.writable(at), asm::rel32(at + 4, target)) };
                patches += 1;
            }
        }
        state.stats.patches += patches;
        state.stats.relinks += 1;

        let replaced = match body {
            Some(body) => state.current.insert(entry, body),
            None => state.current.remove(&entry),
        };
        if let Some(replaced) = replaced
            && replaced.pins.load(Ordering::Relaxed) == 0
            && !state.is_current(&replaced)
        {
            self.retire(state, replaced);
        }
    }

    /// Nothing leads to the body any more; it waits to be freed.
    fn retire(&self, state: &mut State, body: Arc<PublishedBody>) {
        if body.retired.swap(true, Ordering::Relaxed) {
            return;
        }
        state.stats.retired += 1;
        self.pending_bytes.fetch_add(body.len, Ordering::Relaxed);
        state.retired.push(body);
    }

    /// Bytes of code that wait to be freed.
    pub fn pending_bytes(&self) -> usize {
        self.pending_bytes.load(Ordering::Relaxed)
    }

    /// Frees what was retired and is on no stack.
    pub fn reclaim(&self) -> Reclaimed {
        if self.pending_bytes() == 0 || self.check_process().is_err() {
            return Reclaimed::default();
        }
        let _one_at_a_time = self
            .reclaiming
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        let mut candidates = self.lock().retired.clone();
        candidates.sort_by_key(|body| body.start);
        if !sys::synchronise_cores() {
            // Without the barrier the handshake is the barrier: a signal serialises. Threads that run
            // no compiled code now are serialised by the kernel before they run again.
            std::sync::atomic::fence(Ordering::SeqCst);
        }
        let ranges = candidates
            .iter()
            .map(|body| (body.start, body.start + body.len))
            .collect();
        let answer = stacks::ask(Question::new(ranges));
        let mut result = Reclaimed::default();
        let mut state = self.lock();
        let state = &mut *state;
        for (position, body) in candidates.iter().enumerate() {
            if answer.is_held(position) {
                result.pending += 1;
                continue;
            }
            result.bodies += 1;
            result.bytes += body.len;
            self.free(state, body);
        }
        let bodies = &state.bodies;
        state.retired.retain(|body| bodies.contains_key(&body.id));
        self.pending_bytes
            .fetch_sub(result.bytes, Ordering::Relaxed);
        state.end_quarantine();
        self.flush_discards(state);
        result
    }

    fn free(&self, state: &mut State, body: &Arc<PublishedBody>) {
        state
            .callers
            .remove(body.id, body.sites.iter().map(|site| site.callee));
        state.bodies.remove(&body.id);
        if let Some(of_entry) = state.of_entry.get_mut(&body.entry) {
            of_entry.retain(|id| *id != body.id);
            if of_entry.is_empty() {
                state.of_entry.remove(&body.entry);
            }
        }
        state.code_bytes -= body.len;
        state.stats.freed += 1;
        // SAFETY: nobody runs or holds these bytes any more; breakpoints make a mistake loud.
        unsafe { std::ptr::write_bytes(self.writable(body.start), asm::INT3, body.len) };
        state.memory.give(body, &self.map, &mut state.discards);
    }

    fn flush_discards(&self, state: &mut State) {
        for (offset, len) in state.discards.drain(..) {
            self.mapping.discard(offset, len);
        }
    }

    /// Counts of this moment.
    pub fn stats(&self) -> LinkStats {
        let state = self.lock();
        let mut stats = LinkStats {
            entries: state.entries_in_use,
            pending: state.retired.len() as u64,
            ..state.stats
        };
        stats.pending_bytes = self.pending_bytes() as u64;
        for body in state
            .bodies
            .values()
            .filter(|body| !body.retired.load(Ordering::Relaxed))
        {
            let tier = usize::from(body.tier.0);
            stats.live_bodies[tier] += 1;
            stats.live_bytes[tier] += body.len as u64;
            for site in &body.sites {
                stats.sites += 1;
                let count = match (
                    site.direct.load(Ordering::Relaxed),
                    site.crossing,
                    self.patch_sites,
                ) {
                    (true, _, _) => &mut stats.sites_direct,
                    (false, true, _) => &mut stats.sites_crossing,
                    (false, false, false) => &mut stats.sites_unpatched,
                    (false, false, true) => &mut stats.sites_lazy,
                };
                *count += 1;
            }
        }
        stats
    }

    /// Runs `check` with everything that is linked now, under the relink lock.
    pub(crate) fn inspect<R>(&self, check: impl FnOnce(&Inspection<'_>) -> R) -> R {
        let state = self.lock();
        check(&Inspection {
            space: self,
            bodies: &state.bodies,
            current: &state.current,
            callers: &state.callers,
        })
    }

    pub(crate) fn patches_sites(&self) -> bool {
        self.patch_sites
    }

    /// Writes over the displacement of a body's call site, for tests of the checker.
    #[doc(hidden)]
    pub fn corrupt_site_for_test(&self, body: &PublishedBody, site: usize, displacement: i32) {
        let _state = self.lock();
        let at = body.start + body.sites[site].offset as usize;
        // SAFETY: four bytes of the body's own code; the test runs none of it.
        unsafe {
            self.writable(at)
                .cast::<i32>()
                .write_unaligned(displacement)
        };
    }
}

/// What the checker may look at.
pub(crate) struct Inspection<'a> {
    pub space: &'a CodeSpace,
    pub bodies: &'a HashMap<BodyId, Arc<PublishedBody>>,
    pub current: &'a HashMap<EntryId, Arc<PublishedBody>>,
    pub callers: &'a Callers,
}

impl State {
    fn is_current(&self, body: &PublishedBody) -> bool {
        self.current
            .get(&body.entry)
            .is_some_and(|current| current.id == body.id)
    }

    fn take_entries(&mut self, count: u32) -> Option<u32> {
        let fitting = self
            .free_entries
            .iter()
            .filter(|(_, len)| **len >= count)
            .min_by_key(|(_, len)| **len);
        if let Some((&first, &len)) = fitting {
            self.free_entries.remove(&first);
            if len > count {
                self.free_entries.insert(first + count, len - count);
            }
            return Some(first);
        }
        let first = self.next_entry;
        self.next_entry = first
            .checked_add(count)
            .filter(|end| *end as usize <= MAX_ENTRIES)?;
        Some(first)
    }

    /// Frees released blocks that no body uses any more: neither one of their own nor a caller.
    fn end_quarantine(&mut self) {
        let used = |entry| self.of_entry.contains_key(&entry) || !self.callers.of(entry).is_empty();
        let quarantine = std::mem::take(&mut self.quarantine);
        let (kept, ended): (Vec<_>, Vec<_>) = quarantine
            .into_iter()
            .partition(|block: &EntryBlock| block.entries().any(used));
        self.quarantine = kept;
        for block in ended {
            self.give_entries(block.first.0, block.len);
        }
    }

    fn give_entries(&mut self, mut first: u32, mut len: u32) {
        if let Some((&before, &before_len)) = self.free_entries.range(..first).next_back()
            && before + before_len == first
        {
            self.free_entries.remove(&before);
            first = before;
            len += before_len;
        }
        if let Some(after) = self.free_entries.remove(&(first + len)) {
            len += after;
        }
        if first + len == self.next_entry {
            self.next_entry = first;
        } else {
            self.free_entries.insert(first, len);
        }
    }
}

fn is_site(reloc: &PlacedReloc) -> bool {
    reloc.kind == RelocKind::CallRel4 && matches!(reloc.value, RelocValue::Entry(_))
}

fn callee(reloc: &PlacedReloc) -> EntryId {
    match reloc.value {
        RelocValue::Entry(entry) => entry,
        RelocValue::EntryWord(_) | RelocValue::Address(_) => {
            unreachable!("call sites are about entries")
        }
    }
}

/// The start, at `offset` or a little later, at which the hottest sites can be patched.
fn choose_start(offset: usize, align: usize, sites: &[&PlacedReloc]) -> usize {
    let first = offset.next_multiple_of(align.max(FETCH_BLOCK));
    let cost = |start: usize| -> u64 {
        let crossing = sites
            .iter()
            .filter(|site| !patch::can_patch(start + site.offset as usize));
        crossing.map(|site| 1 + 8 * u64::from(site.weight)).sum()
    };
    let starts = (first..first + PATCH_WORD).step_by(align);
    starts.min_by_key(|start| cost(*start)).unwrap_or(first)
}
