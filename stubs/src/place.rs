//! The placer: writes a compiled body to its address.
//!
//! Addresses are those of the executable view; bytes are written through the writable one. A call site can be
//! patched only if its displacement is in one aligned 8-byte word, which depends on the body's start. If the
//! alignment allows several starts, the placer chooses the one at which the hottest sites do not cross.

use crate::arch::{self, FETCH_BLOCK, PATCH_WORD, RelocKind};
use crate::code_memory::PlaceRequest;
use crate::ids::{CodeError, EntryId};
use crate::listen::{Attachment, Code, CodeKind};
use crate::published::{CallSite, NewBody, PlacedReloc, PublishedBody, RelocValue};
use crate::space::{CodeSpace, State};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

/// The cost of a site that cannot be patched is 1, and this much for each unit of its weight. Guessed: sites
/// of weight 0 still count when nothing else differs.
const COST_PER_WEIGHT: u64 = 8;

/// The writable view's page tables are dropped each time this many bytes have been published. Guessed: large
/// enough that the system call costs little, and small enough that the pages do not count as memory.
const DROP_WRITABLE_EVERY: usize = 512 << 10;

/// The callee, if this relocation is a call site.
pub(crate) fn callee(reloc: &PlacedReloc) -> Option<EntryId> {
    match reloc.value {
        RelocValue::Entry(entry) if reloc.kind.is_branch() => Some(entry),
        _ => None,
    }
}

/// The call sites.
fn sites(relocs: &[PlacedReloc]) -> impl Iterator<Item = (&PlacedReloc, EntryId)> {
    relocs
        .iter()
        .filter_map(|reloc| Some((reloc, callee(reloc)?)))
}

/// Chooses the start, at `offset` or a little later, at which the hottest sites can be patched.
fn choose_start(offset: usize, align: usize, relocs: &[PlacedReloc]) -> usize {
    let first = offset.next_multiple_of(align.max(FETCH_BLOCK));
    let cost = |start: usize| -> u64 {
        sites(relocs)
            .filter(|(site, _)| !arch::can_patch(start + site.offset as usize))
            .map(|(site, _)| 1 + COST_PER_WEIGHT * u64::from(site.weight))
            .sum()
    };
    // Of a compiler that pads its calls, no site crosses at the first start.
    if align >= PATCH_WORD || cost(first) == 0 {
        return first;
    }
    let starts = (first..first + PATCH_WORD).step_by(align);
    starts.min_by_key(|start| cost(*start)).unwrap_or(first)
}

impl CodeSpace {
    /// Steps 1 to 4 of publishing: memory, edges, bytes, visibility. A body that is placed `aside` does not
    /// replace its function's current body.
    pub(crate) fn place(
        &self,
        state: &mut State,
        body: &NewBody<'_>,
        aside: bool,
    ) -> Result<Arc<PublishedBody>, CodeError> {
        let published = Arc::new(self.allocate(state, body)?);
        state.functions.add(&published);
        if let Err(error) = self.write(&published, body, aside) {
            // Remove it as if it had been freed: nothing has found it yet.
            published.freed.store(true, Ordering::Relaxed);
            state.functions.remove(std::slice::from_ref(&published));
            let start = published.offset_in_chunk;
            let memory = &mut state.memory;
            memory.release(published.chunk, start, published.len, &self.map);
            return Err(error);
        }
        let chunk = state.memory.chunk(published.chunk);
        chunk.add(published.offset_in_chunk, &published);
        self.count_placed(state, &published);
        Ok(published)
    }

    /// Steps 1 to 4 for several bodies: for all of them or, if there is an error, for none.
    pub(crate) fn place_all(
        &self,
        state: &mut State,
        bodies: &[NewBody<'_>],
        aside: bool,
    ) -> Result<Vec<Arc<PublishedBody>>, CodeError> {
        let mut placed = Vec::with_capacity(bodies.len());
        for body in bodies {
            match self.place(state, body, aside) {
                Ok(body) => placed.push(body),
                Err(error) => {
                    self.remove_unused(state, &placed);
                    return Err(error);
                }
            }
        }
        Ok(placed)
    }

    /// Places a trampoline: code that belongs to no function and stays as long as the space. It has no
    /// relocations, [`CodeSpace::lookup`] does not find it, and it does not count towards the cap, so that
    /// functions can still be called when the cap is reached. The listener gets `attachment`. Returns its
    /// address.
    ///
    /// # Errors
    /// If the address space is used up, the system refuses memory, or the process was forked.
    ///
    /// # Panics
    /// If there is no code.
    pub fn place_trampoline(
        &self,
        code: &[u8],
        align: u32,
        attachment: Option<&Attachment>,
    ) -> Result<usize, CodeError> {
        self.check_process()?;
        assert!(!code.is_empty(), "code has bytes");
        let align = (align as usize).max(FETCH_BLOCK);
        let mut guard = self.lock();
        let state = &mut *guard;
        let memory = &mut state.memory;
        let group = *state.trampolines.get_or_insert_with(|| memory.add_group());
        let wanted = PlaceRequest {
            group,
            len: code.len(),
            slack: align,
        };
        let room = memory
            .allocate(&wanted, &self.map, |offset| offset.next_multiple_of(align))
            .ok_or(CodeError::Full(code.len()))?;
        let offset = room.chunk_offset + room.start;
        self.mapping.populate_code(room.provide);
        // SAFETY: [OUTLIVE] memory that was just allocated, which nothing runs yet and which shares its pages
        // only where code is patchable.
        let written = unsafe {
            self.mapping.write(offset..offset + code.len(), |at| {
                std::ptr::copy_nonoverlapping(code.as_ptr(), at, code.len());
            })
        };
        if let Err(error) = written {
            memory.release(room.chunk, room.start, code.len(), &self.map);
            return Err(error);
        }
        let start = self.mapping.executable() + offset;
        arch::make_fetchable(start, code.len());
        let placed = Code::new(CodeKind::Trampoline, start, code.len());
        self.note_permanent(state, placed);
        drop(guard);
        self.report_permanent(placed.with_attachment(attachment));
        Ok(start)
    }

    /// Step 1: allocates the body's memory, and determines which of its sites can be patched there.
    fn allocate(&self, state: &mut State, body: &NewBody<'_>) -> Result<PublishedBody, CodeError> {
        let len = body.code.len();
        assert!(len > 0, "a body has code");
        if state.code_bytes + len > self.cap {
            return Err(CodeError::Cap {
                cap: self.cap,
                wanted: len,
            });
        }
        let align = (body.align as usize).max(1);
        let wanted = PlaceRequest {
            group: body.group,
            len,
            slack: FETCH_BLOCK.max(align) + PATCH_WORD,
        };
        let room = state
            .memory
            .allocate(&wanted, &self.map, |offset| {
                choose_start(offset, align, body.relocs)
            })
            .ok_or(CodeError::Full(len))?;
        self.mapping.populate_code(room.provide);
        let start = self.mapping.executable() + room.chunk_offset + room.start;
        let mut placed = Vec::with_capacity(sites(body.relocs).count());
        for (reloc, callee) in sites(body.relocs) {
            debug_assert_eq!(reloc.addend, -4, "a site ends with its displacement");
            placed.push(CallSite {
                offset: reloc.offset,
                callee,
                crossing: !arch::can_patch(start + reloc.offset as usize),
                direct: AtomicBool::new(false),
            });
        }
        // By callee, then by offset; as one number, which is compared at once.
        placed.sort_unstable_by_key(|site| u64::from(site.callee.0) << 32 | u64::from(site.offset));
        Ok(PublishedBody {
            id: state.functions.next_body(),
            entry: body.entry,
            tier: body.tier,
            generation: body.generation,
            start,
            len,
            sites: placed.into_boxed_slice(),
            side: body.side.clone(),
            _keeps: body.keeps.clone(),
            chunk: room.chunk,
            offset_in_chunk: room.start,
            pins: AtomicU32::new(0),
            retired: AtomicBool::new(false),
            reported: AtomicBool::new(self.listener.is_none()),
            claimed: AtomicBool::new(false),
            freed: AtomicBool::new(false),
        })
    }

    /// Step 3: writes the bytes, with relocations applied and sites going to where their callees are now.
    fn write(&self, body: &PublishedBody, new: &NewBody<'_>, aside: bool) -> Result<(), CodeError> {
        let fill = |bytes: &mut [u8]| {
            bytes.copy_from_slice(new.code);
            let mut put = |kind: RelocKind, offset: u32, value: i64| {
                let offset = offset as usize;
                kind.apply(&mut bytes[offset..], body.start + offset, value);
            };
            for reloc in new.relocs {
                let value = match reloc.value {
                    RelocValue::Address(address) => address as usize,
                    RelocValue::EntryWord(entry) => self.entry_word(entry) as usize,
                    RelocValue::Entry(_) if reloc.kind.is_branch() => continue,
                    RelocValue::Entry(entry) => self.stub_address(entry),
                };
                let value = (value as i64).wrapping_add(reloc.addend);
                put(reloc.kind, reloc.offset, value);
            }
            for same in body.sites.chunk_by(|a, b| a.callee == b.callee) {
                let callee = same[0].callee;
                // A recursive call goes to the body itself, unless another body stays current. [ENTRY] Of
                // other functions, the word says where their code is; their bodies need not be looked at.
                let code = if callee == body.entry && !aside {
                    Some(body.start)
                } else {
                    Some(self.target(callee)).filter(|code| *code != self.lazy_half(callee))
                };
                for site in same {
                    let target = self.choose_target(site, code);
                    put(RelocKind::CallRel4, site.offset, target as i64 - 4);
                }
            }
        };
        let offset = body.start - self.mapping.executable();
        // SAFETY: [OUTLIVE] the body's own memory, which nothing runs yet and which shares its pages only
        // where code is patchable.
        unsafe {
            self.mapping.write(offset..offset + body.len, |at| {
                fill(std::slice::from_raw_parts_mut(at, body.len));
            })?;
        }
        arch::make_fetchable(body.start, body.len);
        Ok(())
    }

    fn count_placed(&self, state: &mut State, body: &PublishedBody) {
        state.code_bytes += body.len;
        let tier = usize::from(body.tier.0);
        state.stats.published[tier] += 1;
        state.stats.published_bytes[tier] += body.len as u64;
        state.unflushed += body.len;
        if state.unflushed >= DROP_WRITABLE_EVERY {
            state.unflushed = 0;
            self.mapping.drop_writable(0..state.memory.high_water());
        }
        self.discard(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Call sites at these offsets, with their weights.
    fn sites_at(sites: &[(u32, u32)]) -> Vec<PlacedReloc> {
        let site = |(offset, weight): &(u32, u32)| PlacedReloc {
            offset: *offset,
            kind: RelocKind::CallRel4,
            value: RelocValue::Entry(EntryId(0)),
            addend: -4,
            weight: *weight,
        };
        sites.iter().map(site).collect()
    }

    fn crossing(start: usize, relocs: &[PlacedReloc]) -> Vec<u32> {
        let offsets = relocs.iter().map(|site| site.offset);
        let crossing = offsets.filter(|site| !arch::can_patch(start + *site as usize));
        crossing.collect()
    }

    #[test]
    fn a_free_start_lets_the_hottest_site_be_patched() {
        // At every start some sites cross: they cover all positions in a word.
        let sites: Vec<(u32, u32)> = (0..8)
            .map(|site| (site * 9, u32::from(site == 5) * 100))
            .collect();
        let relocs = sites_at(&sites);
        for offset in [0, 1, 100, 4093] {
            let start = choose_start(offset, 1, &relocs);
            assert!(start >= offset && start < offset + FETCH_BLOCK + PATCH_WORD);
            let crossing = crossing(start, &relocs);
            assert!(!crossing.contains(&45));
            assert_eq!(crossing.len(), 3);
        }
    }

    #[test]
    fn a_body_whose_sites_do_not_cross_begins_at_the_next_block() {
        let relocs = sites_at(&[(4, 0), (9, 7), (16, 1)]);
        for (offset, start) in [(0, 0), (1, 16), (16, 16), (4093, 4096)] {
            assert_eq!(choose_start(offset, 1, &relocs), start);
        }
    }

    #[test]
    fn alignment_comes_first() {
        for align in [1, 2, 4, 8, 16, 32, 64] {
            let relocs = sites_at(&[(5, 1)]);
            let start = choose_start(1000, align, &relocs);
            assert_eq!(start % align, 0);
            assert_eq!(crossing(start, &relocs).is_empty(), align < 8);
        }
    }
}
