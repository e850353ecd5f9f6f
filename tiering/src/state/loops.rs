//! OSR code, which starts at a loop of a function: which loops have it, and for which loop a frame waits.
//!
//! A frame asks when it goes back to the header of the loop that it is in. Code that starts at the outermost
//! loop around it is preferred: if code starts at an inner loop, the loops around have two entries, and
//! nothing is hoisted out of a loop of that kind. So the frame continues in baseline code until it reaches
//! the header of the outermost loop, but not for long: after it has passed some headers of other loops, it
//! waits for the next inner loop instead.

use crate::bytecode::Locals;
use crate::policy::LOOPS_PER_FUNCTION;
use engine::ids::DefinedFunc;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use stubs::PublishedBody;
use wasmparser::Operator;

/// The state of the OSR code of a loop.
#[derive(Clone, Debug)]
pub(crate) enum LoopCode {
    /// Requested; the job is queued or running.
    Queued,
    /// Published and pinned: it stays in place until all code of the function is withdrawn.
    Ready(Arc<PublishedBody>),
    /// The compiler refused it.
    Refused,
}

/// What a frame at the header of a loop must do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Resume in the code at this address.
    Enter(usize),
    /// Continue as before. The code for the loop at this offset must be compiled; its state is `Queued`
    /// already.
    Compile(u32),
    /// Continue as before, and ask at the next header: there is code for an outer loop.
    AskNext,
    /// Continue as before.
    Continue,
}

#[derive(Debug)]
struct Loop {
    /// Offset of the `loop` instruction.
    offset: u32,
    /// Position of the innermost loop around it, which comes before this one.
    parent: Option<usize>,
    code: Option<LoopCode>,
    /// Whether a frame waited for its header and did not reach it in time.
    missed: bool,
}

/// The loops of a function, in the order of their offsets.
#[derive(Debug, Default)]
struct FuncLoops {
    loops: Vec<Loop>,
    /// Number of headers passed by frames that wait for the header of another loop.
    waited: u32,
    /// Number of loops for which code was requested.
    asked: usize,
}

/// The loops of the functions whose frames have asked for code.
#[derive(Debug, Default)]
pub(crate) struct LoopCodes(Mutex<HashMap<DefinedFunc, FuncLoops>>);

impl LoopCodes {
    /// What a frame of a function with this body must do at the header of the loop at `offset`. It waits
    /// for an outer loop for at most `patience` headers. An address is looked up under the same lock under
    /// which it is forgotten. From then on it is on the calling thread's stack, where threads that free
    /// code find it.
    ///
    /// `current` returns whether the function still has the code that the caller expects. It is called
    /// under the lock too: a thread that withdraws code changes the function's state before it forgets the
    /// function's loops, so nothing is recorded after that.
    pub(crate) fn step(
        &self,
        func: DefinedFunc,
        body: &[u8],
        offset: u32,
        patience: u32,
        current: impl FnOnce() -> bool,
    ) -> Step {
        let mut funcs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !current() {
            return Step::Continue;
        }
        let of_func = funcs.entry(func).or_insert_with(|| FuncLoops::read(body));
        of_func.step(offset, patience)
    }

    /// Records the state of a loop's code; `None`: it may be requested again. Returns false and records
    /// nothing if the function was withdrawn. `current` is as for [`LoopCodes::step`].
    pub(crate) fn set(
        &self,
        func: DefinedFunc,
        offset: u32,
        code: Option<LoopCode>,
        current: impl FnOnce() -> bool,
    ) -> bool {
        let mut funcs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if current()
            && let Some(of_func) = funcs.get_mut(&func)
            && let Some(at) = of_func.position(offset)
        {
            of_func.asked -= usize::from(code.is_none() && of_func.loops[at].code.is_some());
            of_func.loops[at].code = code;
            return true;
        }
        false
    }

    /// Forgets the code of a function that is being withdrawn.
    pub(crate) fn forget(&self, func: DefinedFunc) {
        let mut funcs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        funcs.remove(&func);
    }
}

impl FuncLoops {
    fn read(body: &[u8]) -> FuncLoops {
        let mut found = FuncLoops::default();
        // The body was validated. If reading it fails anyway, none of its loops is ever found.
        let _ = found.read_loops(body);
        found
    }

    fn read_loops(&mut self, body: &[u8]) -> wasmparser::Result<()> {
        let mut walk = Locals::of(body)?.walk()?;
        while let Some(instruction) = walk.next() {
            if let Operator::Loop { .. } = instruction?.operator
                && let Some(opened) = walk.blocks().last()
            {
                let parent = opened.parent_loop.and_then(|offset| self.position(offset));
                self.loops.push(Loop {
                    offset: opened.start,
                    parent,
                    code: None,
                    missed: false,
                });
            }
        }
        Ok(())
    }

    fn position(&self, offset: u32) -> Option<usize> {
        self.loops
            .binary_search_by_key(&offset, |around| around.offset)
            .ok()
    }

    fn step(&mut self, offset: u32, patience: u32) -> Step {
        let Some(here) = self.position(offset) else {
            return Step::Continue;
        };
        if let Some(LoopCode::Ready(body)) = &self.loops[here].code {
            self.waited = 0;
            return Step::Enter(body.start());
        }
        let parents = std::iter::successors(Some(here), |at| self.loops[*at].parent);
        let inside_out: Vec<usize> = parents.collect();
        for at in inside_out.into_iter().rev() {
            let around = &mut self.loops[at];
            match &around.code {
                None if self.asked >= LOOPS_PER_FUNCTION => return Step::Continue,
                None => {
                    around.code = Some(LoopCode::Queued);
                    self.asked += 1;
                    return Step::Compile(around.offset);
                }
                Some(LoopCode::Queued) => return Step::Continue,
                Some(LoopCode::Ready(_)) if !around.missed => {
                    if self.waited < patience {
                        self.waited += 1;
                        return Step::AskNext;
                    }
                    self.waited = 0;
                    around.missed = true;
                }
                Some(LoopCode::Ready(_) | LoopCode::Refused) => {}
            }
        }
        Step::Continue
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytecode::tests::body as bytecode_of;

    /// An outermost loop, two loops inside it, and one inside the second of these.
    fn body() -> Vec<u8> {
        bytecode_of("(module (func (loop (block (loop)) (if (i32.const 0) (then (loop (loop)))))))")
    }

    #[test]
    fn loops_are_tried_from_the_outermost_inwards() {
        let codes = LoopCodes::default();
        let (func, body) = (DefinedFunc(3), body());
        let offsets: Vec<u32> = FuncLoops::read(&body)
            .loops
            .iter()
            .map(|l| l.offset)
            .collect();
        let parents: Vec<Option<usize>> = FuncLoops::read(&body)
            .loops
            .iter()
            .map(|l| l.parent)
            .collect();
        assert_eq!(parents, [None, Some(0), Some(0), Some(2)]);
        let step = || codes.step(func, &body, offsets[3], 2, || true);
        assert_eq!(step(), Step::Compile(offsets[0]));
        assert_eq!(step(), Step::Continue, "it is being compiled");
        assert!(codes.set(func, offsets[0], Some(LoopCode::Refused), || true));
        assert_eq!(step(), Step::Compile(offsets[2]), "the next one further in");
        assert!(codes.set(func, offsets[2], None, || true));
        assert_eq!(
            step(),
            Step::Compile(offsets[2]),
            "it may be requested again"
        );
        assert!(codes.set(func, offsets[2], Some(LoopCode::Refused), || true));
        assert_eq!(step(), Step::Compile(offsets[3]));
        assert!(codes.set(func, offsets[3], Some(LoopCode::Refused), || true));
        assert_eq!(step(), Step::Continue);
        codes.forget(func);
        let withdrawn = || false;
        assert!(!codes.set(func, offsets[3], Some(LoopCode::Refused), withdrawn));
        assert_eq!(
            codes.step(func, &body, offsets[3], 2, withdrawn),
            Step::Continue
        );
        assert_eq!(step(), Step::Compile(offsets[0]));
        assert_eq!(
            codes.step(func, &body, 1_000_000, 2, || true),
            Step::Continue
        );
    }

    extern "sysv64" fn no_first_call(_: *const (), _: u32, _: *mut u8, _: *const u8) {}

    fn published() -> Arc<PublishedBody> {
        let space = stubs::CodeSpace::new(stubs::CodeSpaceConfig {
            reserve: 1 << 20,
            cap: 1 << 20,
            patch_sites: true,
            first_call: stubs::FirstCall {
                handler: no_first_call,
                data: std::ptr::null(),
            },
            listener: None,
        });
        let space = space.expect("memory for code");
        let body = stubs::NewBody {
            entry: space.alloc_entries(1).expect("room").first,
            group: space.new_group(),
            tier: stubs::Tier::OPTIMISED,
            generation: 0,
            // ret
            code: &[0xC3],
            align: 1,
            relocs: &[],
            side: stubs::SideTables::default(),
            keeps: None,
        };
        space.publish_aside(body).expect("room")
    }

    /// A thread that withdraws a function changes its state first, and only then are its loops forgotten.
    /// In between, its code must not be entered.
    #[test]
    fn code_of_a_withdrawn_function_is_not_entered() {
        let codes = LoopCodes::default();
        let (func, body) = (DefinedFunc(3), body());
        let outermost = FuncLoops::read(&body).loops[0].offset;
        let step = |current: bool| codes.step(func, &body, outermost, 2, || current);
        assert_eq!(step(true), Step::Compile(outermost));
        let code = published();
        let ready = LoopCode::Ready(code.clone());
        assert!(codes.set(func, outermost, Some(ready), || true));
        assert_eq!(step(true), Step::Enter(code.start()));
        assert_eq!(step(false), Step::Continue);
        codes.forget(func);
        assert_eq!(step(true), Step::Compile(outermost));
    }

    #[test]
    fn a_function_of_many_loops_gets_code_for_some() {
        let wasm = wat::parse_str(format!("(module (func {}))", "(loop)".repeat(100)));
        let wasm = wasm.expect("valid text");
        let body = &wasm[wasm.len() - 302..];
        let codes = LoopCodes::default();
        let func = DefinedFunc(0);
        let offsets: Vec<u32> = (0..100).map(|at| 1 + 3 * at).collect();
        let asked =
            |offset: &u32| codes.step(func, body, *offset, 0, || true) == Step::Compile(*offset);
        assert_eq!(
            offsets.iter().filter(|at| asked(at)).count(),
            LOOPS_PER_FUNCTION
        );
        assert!(codes.set(func, offsets[0], None, || true));
        assert!(asked(&offsets[99]), "one request was withdrawn");
        assert!(!asked(&offsets[98]));
    }
}
