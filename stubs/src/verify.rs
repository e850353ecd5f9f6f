//! The link checker: does every call site of every body lead to where it must?
//!
//! It shares nothing with placing, linking and patching but the data they leave behind: it reads the
//! executable view, decodes the instruction, and asks the tables. What it proves, under the relink
//! lock, is that at this moment
//! - each site is a `call` or `jmp` to the callee's stub, or to the code that the callee's entry names,
//!   and never direct where it crosses an 8-byte boundary;
//! - for each site there is an edge;
//! - each entry that has a body names its start, and every other entry its own lazy half;
//! - no two bodies overlap, and the code map finds each by its first and last byte.

use crate::asm;
use crate::ids::EntryId;
use crate::published::PublishedBody;
use crate::space::{CodeSpace, Inspection};
use std::fmt;

/// How much was checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// Bodies.
    pub bodies: usize,
    /// Call sites.
    pub sites: usize,
}

/// Something that is not as it must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkFault {
    /// The entry whose body or word is at fault.
    pub entry: EntryId,
    /// What is wrong.
    pub what: String,
}

impl fmt::Display for LinkFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "entry {}: {}", self.entry.0, self.what)
    }
}

impl CodeSpace {
    /// Checks every link.
    ///
    /// # Errors
    /// All faults found.
    pub fn verify(&self) -> Result<Verified, Vec<LinkFault>> {
        self.inspect(|inspection| {
            let mut faults = Vec::new();
            let mut checked = Verified::default();
            let mut ranges = Vec::new();
            for body in inspection.bodies.values() {
                checked.bodies += 1;
                checked.sites += body.sites.len();
                ranges.push((body.start, body.start + body.len, body.entry));
                check_sites(inspection, body, &mut faults);
                check_map(self, body, &mut faults);
            }
            for (entry, body) in inspection.current {
                let named = self.target(*entry);
                if named != body.start {
                    faults.push(fault(
                        *entry,
                        format!("names {named:#x}, its body is at {:#x}", body.start),
                    ));
                }
                if !inspection.bodies.contains_key(&body.id) {
                    faults.push(fault(*entry, "leads to a body that was freed".to_string()));
                }
            }
            ranges.sort_unstable();
            for pair in ranges.windows(2) {
                if pair[0].1 > pair[1].0 {
                    faults.push(fault(
                        pair[1].2,
                        format!("overlaps the body of entry {}", pair[0].2.0),
                    ));
                }
            }
            if faults.is_empty() {
                Ok(checked)
            } else {
                Err(faults)
            }
        })
    }
}

fn fault(entry: EntryId, what: String) -> LinkFault {
    LinkFault { entry, what }
}

fn check_sites(inspection: &Inspection<'_>, body: &PublishedBody, faults: &mut Vec<LinkFault>) {
    for site in &body.sites {
        let at = body.start + site.offset as usize;
        // SAFETY: the instruction is inside a body that is not freed.
        let (opcode, displacement) = unsafe {
            (
                ((at - 1) as *const u8).read_volatile(),
                (at as *const i32).read_unaligned(),
            )
        };
        let whose = |what: String| {
            fault(
                body.entry,
                format!("site at {:#x} of a call of {}: {what}", at, site.callee.0),
            )
        };
        if opcode != asm::CALL && opcode != asm::JMP {
            faults.push(whose(format!("opcode {opcode:#04x} is no call")));
            continue;
        }
        let target = asm::target_of(at, displacement);
        let stub = inspection.space.stub_address(site.callee);
        let code = inspection
            .current
            .get(&site.callee)
            .map(|callee| callee.start);
        let crosses = at / 8 != (at + 3) / 8;
        let wanted = if crosses || !inspection.space.patches_sites() {
            stub
        } else {
            code.unwrap_or(stub)
        };
        if target != wanted {
            faults.push(whose(format!(
                "leads to {target:#x} instead of {wanted:#x} (stub {stub:#x})"
            )));
        }
        if !inspection.callers.has(site.callee, body.id) {
            faults.push(whose("has no edge".to_string()));
        }
        if code.is_none() && !inspection.space.is_lazy(site.callee) {
            faults.push(whose(
                "the callee has no body, but its entry does not lead to its stub".to_string(),
            ));
        }
    }
}

fn check_map(space: &CodeSpace, body: &PublishedBody, faults: &mut Vec<LinkFault>) {
    for address in [body.start, body.start + body.len - 1] {
        // SAFETY: the body is not freed while the relink lock is held.
        let found = unsafe { space.lookup(address) };
        if found.map(|found| found.id) != Some(body.id) {
            faults.push(fault(
                body.entry,
                format!("the code map does not find the body at {address:#x}"),
            ));
        }
    }
}
