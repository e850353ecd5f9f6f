//! The frames of compiled code on a stack, one after the other.
//!
//! Compiled functions and trampolines keep frame pointers, so frames are a linked list:
//!
//! ```text
//! fp -> caller's frame pointer -> ... -> end     the frame of the entry from the host
//!       return address                           (the word above each frame pointer)
//! ```
//! A return address is that of the instruction after the call, which may be in another body, so the byte
//! before it is looked up: the last one of the call. Frames of trampolines and of stubs have no body and are
//! skipped.

use std::iter::FusedIterator;
use stubs::{CodeSpace, PublishedBody};

/// Where a walk begins.
#[derive(Clone, Copy, Debug)]
pub(super) struct Start {
    pub pc: usize,
    pub fp: usize,
    /// Whether `pc` is the instruction itself rather than the one after a call.
    pub exact: bool,
}

impl Start {
    /// The start of a walk from a noted exit, see `StoreCtx::exit_fp`.
    ///
    /// # Safety
    /// The exit must be that of compiled code whose frames are still on this thread's stack.
    pub(super) unsafe fn of_exit(fp: usize, pc: usize) -> Start {
        let exact = false;
        if pc != 0 || fp == 0 {
            return Start { pc, fp, exact };
        }
        // SAFETY: by the caller's promise, `fp` is a frame.
        let (fp, pc) = unsafe { caller(fp) };
        Start { pc, fp, exact }
    }
}

/// One function's frame.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame<'a> {
    /// The code that runs in it.
    pub body: &'a PublishedBody,
    /// Offset in the code, of the instruction itself where the walk began exactly, otherwise of the last byte
    /// of the call that the frame is in.
    pub offset: u32,
}

/// The frames from `start` to the one at `end`, innermost first.
///
/// # Safety
/// Following frame pointers from `start.fp` reaches `end`. As long as the iterator and its items are used,
/// the frames stay as they are, so that the bodies whose addresses they hold are not freed ([OUTLIVE]).
pub(super) unsafe fn frames(start: Start, end: usize, code: &CodeSpace) -> Frames<'_> {
    Frames {
        next: Some(start),
        end,
        code,
    }
}

/// See [`frames`].
pub(super) struct Frames<'a> {
    next: Option<Start>,
    end: usize,
    code: &'a CodeSpace,
}

impl<'a> Iterator for Frames<'a> {
    type Item = Frame<'a>;

    fn next(&mut self) -> Option<Frame<'a>> {
        while let Some(Start { pc, fp, exact }) = self.next {
            self.next = (fp != 0 && fp < self.end).then(|| {
                // SAFETY: promised to `frames`: this is a frame below the end.
                let (fp, pc) = unsafe { caller(fp) };
                Start {
                    pc,
                    fp,
                    exact: false,
                }
            });
            let inside = pc - usize::from(!exact);
            // SAFETY: a body whose return address is on the stack is not freed ([OUTLIVE]).
            if let Some(body) = unsafe { self.code.lookup(inside) } {
                return Some(Frame {
                    body,
                    offset: (inside - body.start()) as u32,
                });
            }
        }
        None
    }
}

impl FusedIterator for Frames<'_> {}

/// The caller's frame pointer, and the address to which the frame at `fp` returns.
///
/// # Safety
/// There is a frame at `fp`.
unsafe fn caller(fp: usize) -> (usize, usize) {
    let frame = fp as *const usize;
    // SAFETY: promised by the caller.
    unsafe { (frame.read(), frame.add(1).read()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use stubs::{CodeSpaceConfig, EntryId, FirstCall, NewBody, SideTables, Tier};

    extern "sysv64" fn no_call(_: *const (), _: u32, _: *mut u8, _: *const u8) {
        std::process::abort()
    }

    /// A space with bodies of 32 bytes, which are never run.
    fn space_with_bodies(count: u32) -> (CodeSpace, Vec<Arc<PublishedBody>>) {
        let code = CodeSpace::new(CodeSpaceConfig {
            reserve: 64 << 20,
            cap: 1 << 20,
            patch_sites: true,
            first_call: FirstCall {
                handler: no_call,
                data: std::ptr::null(),
            },
            listener: None,
        })
        .unwrap();
        let entries = code.alloc_entries(count).unwrap();
        let group = code.new_group();
        let bodies = (0..count).map(|at| {
            let body = NewBody {
                entry: EntryId(entries.first.0 + at),
                group,
                tier: Tier::BASELINE,
                generation: 0,
                code: &[0x90; 32],
                align: 16,
                relocs: &[],
                side: SideTables::default(),
                keeps: None,
            };
            code.publish(body).unwrap()
        });
        let bodies = bodies.collect();
        (code, bodies)
    }

    /// A stack of two words per frame, the innermost first; each frame returns to one of these addresses.
    /// Returns the addresses of the frames and that of the end.
    fn stack_of(returns: &[usize]) -> (Box<[usize]>, Vec<usize>) {
        let mut words = vec![0; 2 * returns.len() + 1].into_boxed_slice();
        let frames: Vec<usize> = (0..=returns.len())
            .map(|at| (&raw const words[2 * at]) as usize)
            .collect();
        for (at, address) in returns.iter().enumerate() {
            words[2 * at] = frames[at + 1];
            words[2 * at + 1] = *address;
        }
        (words, frames)
    }

    fn walk(code: &CodeSpace, start: Start, end: usize) -> Vec<(EntryId, u32)> {
        // SAFETY: the words that the frame pointers name are alive in the tests below, and so are the bodies.
        let frames = unsafe { frames(start, end, code) };
        frames
            .map(|frame| (frame.body.entry(), frame.offset))
            .collect()
    }

    #[test]
    fn a_walk_skips_foreign_code_and_ends_at_the_entry() {
        let (code, bodies) = space_with_bodies(2);
        let [inner, outer] = [0, 1].map(|at| (bodies[at].entry(), bodies[at].start()));
        // The trampoline's frame has no body; the host's, at the end, is not followed.
        let (_words, fps) = stack_of(&[inner.1 + 8, outer.1 + 32, 0x1000, outer.1 + 4]);
        let start = Start {
            pc: inner.1 + 3,
            fp: fps[0],
            exact: true,
        };
        let expected = [(inner.0, 3), (inner.0, 7), (outer.0, 31)];
        assert_eq!(walk(&code, start, fps[3]), expected);
    }

    #[test]
    fn an_address_after_a_call_is_of_the_call() {
        let (code, bodies) = space_with_bodies(2);
        let start = |exact| Start {
            // The first byte of the second body; a call that ends the first one returns to it.
            pc: bodies[1].start(),
            fp: 0,
            exact,
        };
        assert_eq!(bodies[0].start() + 32, bodies[1].start());
        let found = |exact| walk(&code, start(exact), usize::MAX);
        assert_eq!(found(true), [(bodies[1].entry(), 0)]);
        assert_eq!(found(false), [(bodies[0].entry(), 31)]);
    }

    #[test]
    fn an_exit_without_an_address_is_that_of_its_frame() {
        let (_words, fps) = stack_of(&[0x1234]);
        // SAFETY: the frame's words are alive.
        let [noted, of_frame, nowhere] = [(fps[0], 0x5678), (fps[0], 0), (0, 0)]
            .map(|(fp, pc)| unsafe { Start::of_exit(fp, pc) });
        assert_eq!((noted.fp, noted.pc), (fps[0], 0x5678));
        assert_eq!((of_frame.fp, of_frame.pc), (fps[1], 0x1234));
        assert_eq!((nowhere.fp, nowhere.pc), (0, 0));
    }
}
