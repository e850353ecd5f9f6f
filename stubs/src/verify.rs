//! The link checker: does every call site of every body go where it must?
//!
//! It shares only data with placing, linking and patching: it reads the executable view, decodes the
//! instructions by itself, and compares them with the tables. It proves, under the relink lock, that at this
//! moment
//! - each site of each body, retired ones included, is a `call` or `jmp` to the callee's stub or to the
//!   code that the callee's entry names, and never direct where it crosses an 8-byte boundary;
//! - there is an edge for each site, and no other; each body is known to the functions it has inlined, and to
//!   no others;
//! - each entry that has a body names its start, and every other entry its own lazy half;
//! - each stub jumps through its own entry's word, and its lazy half pushes its own number;
//! - no two bodies overlap, and the code map finds each by its first and last byte;
//! - no entry points to a retired body, and all retired bodies are on the list.

use crate::ids::EntryId;
use crate::published::PublishedBody;
use crate::space::{CodeSpace, State};
use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Opcode of `call rel32`.
const CALL: u8 = 0xE8;
/// Opcode of `jmp rel32`.
const JMP: u8 = 0xE9;
/// Opcode of `push imm32`.
const PUSH: u8 = 0x68;
/// Opcode and first operand byte of `jmp [rip + rel32]`.
const JMP_THROUGH: [u8; 2] = [0xFF, 0x25];

/// How many things were checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// Bodies.
    pub bodies: usize,
    /// Call sites.
    pub sites: usize,
}

/// A broken link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkFault {
    /// The entry whose body or word is wrong.
    pub entry: EntryId,
    /// What is wrong.
    pub what: String,
}

impl fmt::Display for LinkFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "entry {}: {}", self.entry.0, self.what)
    }
}

/// The checker's state.
struct Checker<'a> {
    space: &'a CodeSpace,
    state: &'a State,
    faults: Vec<LinkFault>,
    checked: Verified,
}

impl CodeSpace {
    /// Checks every link.
    ///
    /// # Errors
    /// All faults that were found.
    pub fn verify(&self) -> Result<Verified, Vec<LinkFault>> {
        let state = self.lock();
        let mut checker = Checker {
            space: self,
            state: &state,
            faults: Vec::new(),
            checked: Verified::default(),
        };
        for body in state.functions.bodies() {
            checker.check_sites(body);
            checker.check_map(body);
        }
        checker.check_overlaps();
        checker.check_edges();
        checker.check_entries();
        if checker.faults.is_empty() {
            Ok(checker.checked)
        } else {
            Err(checker.faults)
        }
    }
}

/// Reads code through the executable view, as the processor does.
///
/// # Safety
/// The bytes are in a stub that is written or in a body that is not freed.
unsafe fn read<const N: usize>(address: usize) -> [u8; N] {
    // SAFETY: promised by the caller; bytes have no alignment.
    unsafe { (address as *const [u8; N]).read_volatile() }
}

/// The target of a branch whose last four bytes are the displacement at this address.
///
/// # Safety
/// As for [`read`].
unsafe fn follow(at: usize) -> usize {
    // SAFETY: promised by the caller.
    let displacement = i32::from_le_bytes(unsafe { read(at) });
    (at + 4).wrapping_add_signed(displacement as isize)
}

impl Checker<'_> {
    fn fault(&mut self, entry: EntryId, what: String) {
        self.faults.push(LinkFault { entry, what });
    }

    fn check_sites(&mut self, body: &PublishedBody) {
        self.checked.bodies += 1;
        for site in &body.sites {
            self.checked.sites += 1;
            let at = body.start + site.offset as usize;
            // SAFETY: [SITES] the instruction is inside a body that is not freed.
            let (opcode, target) = unsafe { (read::<1>(at - 1)[0], follow(at)) };
            let site_name = format!("site at {at:#x} of a call of {}", site.callee.0);
            if opcode != CALL && opcode != JMP {
                self.fault(
                    body.entry,
                    format!("{site_name}: opcode {opcode:#04x} is no call"),
                );
                continue;
            }
            let stub = self.space.stub_address(site.callee);
            let crosses = at / 8 != (at + 3) / 8;
            let callee = self.state.functions.current(site.callee);
            let wanted = match callee {
                Some(callee) if self.space.patch_sites && !crosses => callee.start,
                _ => stub,
            };
            if target != wanted {
                let what = format!("goes to {target:#x} instead of {wanted:#x}, stub {stub:#x}");
                self.fault(body.entry, format!("{site_name}: {what}"));
            }
        }
    }

    fn check_map(&mut self, body: &Arc<PublishedBody>) {
        if body.freed.load(Ordering::Relaxed) {
            self.fault(body.entry, "a freed body is still known".to_string());
        }
        for address in [body.start, body.start + body.len - 1] {
            // SAFETY: [OUTLIVE] the body is not freed while the relink lock is held.
            let found = unsafe { self.space.lookup(address) };
            if found.is_none_or(|found| !std::ptr::eq(found, Arc::as_ptr(body))) {
                let what = format!("the code map does not find the body at {address:#x}");
                self.fault(body.entry, what);
            }
        }
    }

    fn check_overlaps(&mut self) {
        let bodies = self.state.functions.bodies();
        let mut ranges: Vec<_> = bodies
            .map(|body| (body.start, body.start + body.len, body.entry))
            .collect();
        ranges.sort_unstable();
        for pair in ranges.windows(2) {
            if pair[0].1 > pair[1].0 {
                let what = format!("overlaps the body of entry {}", pair[0].2.0);
                self.fault(pair[1].2, what);
            }
        }
    }

    fn check_edges(&mut self) {
        let mut wanted: HashSet<(EntryId, *const PublishedBody)> = HashSet::new();
        for body in self.state.functions.bodies() {
            wanted.extend(
                body.sites
                    .iter()
                    .map(|site| (site.callee, Arc::as_ptr(body))),
            );
        }
        for callee in self.state.functions.used() {
            for edge in self.state.functions.callers(callee) {
                let known = wanted.remove(&(callee, Arc::as_ptr(edge.caller)));
                let about_it = edge.sites.iter().all(|site| site.callee == callee);
                let all = edge
                    .caller
                    .sites
                    .iter()
                    .filter(|site| site.callee == callee);
                if !known || !about_it || all.count() != edge.sites.len() {
                    let caller = edge.caller.entry.0;
                    self.fault(callee, format!("wrong edge from a body of entry {caller}"));
                }
            }
        }
        for (callee, _) in wanted {
            self.fault(callee, "a body that calls it has no edge".to_string());
        }
        self.check_inliners();
    }

    fn check_inliners(&mut self) {
        let mut wanted: HashSet<(EntryId, *const PublishedBody)> = HashSet::new();
        for body in self.state.functions.bodies() {
            let parts = body.side.inlined.iter().map(|part| part.entry);
            let parts = parts.chain(body.side.through.iter().copied());
            wanted.extend(parts.map(|entry| (entry, Arc::as_ptr(body))));
        }
        for inlined in self.state.functions.used() {
            for body in self.state.functions.inliners(inlined) {
                if !wanted.remove(&(inlined, Arc::as_ptr(body))) {
                    let what = format!("is not inlined in a body of entry {}", body.entry.0);
                    self.fault(inlined, what);
                }
            }
        }
        for (inlined, _) in wanted {
            let what = "a body that has it inlined is not known".to_string();
            self.fault(inlined, what);
        }
    }

    fn check_entries(&mut self) {
        let path = self.space.mapping.executable();
        for entry in self.state.entries.all() {
            let stub = self.space.stub_address(entry);
            // SAFETY: stubs are written before their entries are handed out.
            let (through, push, id, jump, targets) = unsafe {
                let (through, push, jump) = (read(stub), read(stub + 6), read(stub + 11));
                let targets = (follow(stub + 2), follow(stub + 12));
                (through, push, read(stub + 7), jump, targets)
            };
            let shape: ([u8; 2], [u8; 1], [u8; 1]) = (through, push, jump);
            let word = self.space.entry_word(entry) as usize;
            if shape != (JMP_THROUGH, [PUSH], [JMP])
                || u32::from_le_bytes(id) != entry.0
                || targets != (word, path)
            {
                self.fault(entry, "the stub is not its own".to_string());
            }
            let named = self.space.target(entry);
            match self.state.functions.current(entry) {
                None if named != stub + 6 => {
                    let what = format!("has no body, and names {named:#x}");
                    self.fault(entry, what);
                }
                Some(body) if named != body.start || body.entry != entry => {
                    let what = format!("names {named:#x}, its body is at {:#x}", body.start);
                    self.fault(entry, what);
                }
                Some(body) if body.retired.load(Ordering::Relaxed) => {
                    self.fault(entry, "points to a retired body".to_string());
                }
                _ => {}
            }
        }
        let retired = self.state.functions.bodies();
        let retired = retired.filter(|body| body.retired.load(Ordering::Relaxed));
        if retired.count() != self.state.retired.len() {
            let what = "the list of retired bodies is not complete".to_string();
            self.fault(EntryId(0), what);
        }
    }
}
