//! A listener that keeps what is in its place, and spaces that have one. Each test file uses a part of this.
#![allow(dead_code, reason = "each test file uses a part")]

use crate::assembled::{NO_FIRST_CALL, config};
use lazywasm_stubs::{Code, CodeKind, CodeListener, CodeSpace, CodeSpaceConfig, PublishedBody};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

pub fn listened(listener: Arc<dyn CodeListener>) -> CodeSpaceConfig {
    CodeSpaceConfig {
        listener: Some(listener),
        ..config(NO_FIRST_CALL)
    }
}

pub fn space_with(listener: Arc<dyn CodeListener>) -> CodeSpace {
    CodeSpace::new(listened(listener)).expect("memory for code")
}

/// What a listener knows about a piece of code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    pub len: usize,
    pub what: String,
}

pub fn known(code: &Code<'_>) -> Known {
    let what = match code.kind() {
        CodeKind::Body(body) => {
            assert_eq!((body.start(), body.len()), (code.start(), code.len()));
            format!("body {} {:p}", body.entry().0, Arc::as_ptr(body))
        }
        CodeKind::Trampoline => "trampoline".to_string(),
        CodeKind::EntryStubs(block) => format!("stubs {} {}", block.first.0, block.len),
        CodeKind::FirstCallPath => "first calls".to_string(),
    };
    let len = code.len();
    Known { len, what }
}

/// Keeps the pieces that are in their place, and fails where what it hears does not fit them.
#[derive(Default)]
pub struct Ledger {
    pub pieces: Mutex<BTreeMap<usize, Known>>,
    /// Bodies that were removed. Held, so that their addresses name them.
    pub removed: Mutex<Vec<Arc<PublishedBody>>>,
    pub heard: AtomicU32,
    pub failed: AtomicBool,
}

impl Ledger {
    pub fn expect(&self, holds: bool, what: &str) {
        if !holds {
            eprintln!("{what}");
            self.failed.store(true, Ordering::Relaxed);
        }
    }

    pub fn what_is(&self, start: usize) -> Option<String> {
        let pieces = self.pieces.lock().unwrap();
        pieces.get(&start).map(|known| known.what.clone())
    }
}

impl CodeListener for Ledger {
    fn placed(&self, code: &Code<'_>) {
        let mut pieces = self.pieces.lock().unwrap();
        let before = pieces.range(..code.start() + code.len()).next_back();
        let overlaps = before.is_some_and(|(at, known)| at + known.len > code.start());
        self.expect(!overlaps, "new code lies where other code is");
        pieces.insert(code.start(), known(code));
        self.heard.fetch_add(1, Ordering::Relaxed);
    }

    fn removed(&self, code: &Code<'_>) {
        self.heard.fetch_add(1, Ordering::Relaxed);
        let known = known(code);
        let found = self.pieces.lock().unwrap().remove(&code.start());
        self.expect(found == Some(known), "what is removed was not placed");
        if let CodeKind::Body(body) = code.kind() {
            self.removed.lock().unwrap().push(body.clone());
        }
    }
}
