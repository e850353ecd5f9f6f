//! The map from a function to all that is known of its code.
//!
//! ```text
//! entry -> { current: the body its entry leads to,     where it is now
//!            bodies:  all that are not freed,          what is to be retired with it
//!            callers: edges,                           who uses it
//!            inliners: bodies }                        who has its code inside
//! ```
//! Code owns its call sites; an edge only says which sites of which body are about this function, so a
//! site cannot outlive the code that contains it. Edges hold their caller's body, so that the relinker may
//! write to it. Both end together in [`Functions::remove`].
//!
//! Used under the relink lock. Invariants: a function stands here exactly as long as something is
//! known of it; [EDGES] a body is added before its code can run.

use crate::ids::{EntryBlock, EntryId};
use crate::published::{CallSite, PublishedBody};
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// These sites of this body are about one function.
#[derive(Debug)]
pub(crate) struct Edge {
    pub caller: Arc<PublishedBody>,
    first: u32,
    end: u32,
}

impl Edge {
    pub(crate) fn sites(&self) -> &[CallSite] {
        &self.caller.sites[self.first as usize..self.end as usize]
    }
}

/// What is known of one function.
#[derive(Debug, Default)]
pub(crate) struct Function {
    pub current: Option<Arc<PublishedBody>>,
    pub bodies: Vec<Arc<PublishedBody>>,
    pub callers: Vec<Edge>,
    pub inliners: Vec<Arc<PublishedBody>>,
}

impl Function {
    fn is_empty(&self) -> bool {
        self.current.is_none()
            && self.bodies.is_empty()
            && self.callers.is_empty()
            && self.inliners.is_empty()
    }
}

/// All functions of which something is known.
#[derive(Debug, Default)]
pub(crate) struct Functions {
    map: HashMap<EntryId, Function>,
}

/// The sites of each callee; sites are sorted by callee.
fn by_callee(sites: &[CallSite]) -> impl Iterator<Item = (EntryId, Range<u32>)> {
    let mut first = 0;
    sites
        .chunk_by(|a, b| a.callee == b.callee)
        .map(move |same| {
            let range = first..first + same.len() as u32;
            first = range.end;
            (same[0].callee, range)
        })
}

impl Functions {
    pub(crate) fn get(&self, entry: EntryId) -> Option<&Function> {
        self.map.get(&entry)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (EntryId, &Function)> {
        self.map.iter().map(|(entry, function)| (*entry, function))
    }

    /// Every body that is not freed.
    pub(crate) fn bodies(&self) -> impl Iterator<Item = &Arc<PublishedBody>> {
        self.map.values().flat_map(|function| &function.bodies)
    }

    /// The body that an entry leads to.
    pub(crate) fn current(&self, entry: EntryId) -> Option<&Arc<PublishedBody>> {
        self.map.get(&entry)?.current.as_ref()
    }

    pub(crate) fn is_current(&self, body: &Arc<PublishedBody>) -> bool {
        self.current(body.entry)
            .is_some_and(|current| Arc::ptr_eq(current, body))
    }

    /// Notes a body, whom it calls and whom it has inlined.
    pub(crate) fn add(&mut self, body: &Arc<PublishedBody>) {
        let function = self.map.entry(body.entry).or_default();
        function.bodies.push(body.clone());
        for (callee, sites) in by_callee(&body.sites) {
            let edge = Edge {
                caller: body.clone(),
                first: sites.start,
                end: sites.end,
            };
            self.map.entry(callee).or_default().callers.push(edge);
        }
        for inlined in body.side.inlined_functions() {
            self.map
                .entry(inlined)
                .or_default()
                .inliners
                .push(body.clone());
        }
    }

    /// Notes where an entry leads. Returns where it led before.
    pub(crate) fn set_current(
        &mut self,
        entry: EntryId,
        body: Option<Arc<PublishedBody>>,
    ) -> Option<Arc<PublishedBody>> {
        match body {
            Some(body) => self.map.entry(entry).or_default().current.replace(body),
            None => {
                let before = self.map.get_mut(&entry)?.current.take();
                self.forget_if_empty(entry);
                before
            }
        }
    }

    /// Forgets the bodies that are marked as freed, and their edges. They are retired, so no entry leads to
    /// them. A list of callers is gone through once for all of them.
    pub(crate) fn remove(&mut self, freed: &[Arc<PublishedBody>]) {
        let lives = |body: &PublishedBody| !body.freed.load(Ordering::Relaxed);
        let mut callees: Vec<EntryId> = Vec::new();
        for body in freed {
            debug_assert!(!lives(body));
            callees.extend(by_callee(&body.sites).map(|(callee, _)| callee));
            callees.extend(body.side.inlined.iter().map(|part| part.entry));
            // Another freed body of the same function may have taken the function with it.
            if let Some(function) = self.map.get_mut(&body.entry) {
                function.bodies.retain(|body| lives(body));
                self.forget_if_empty(body.entry);
            }
        }
        callees.sort_unstable();
        callees.dedup();
        for callee in callees {
            let function = self.map.get_mut(&callee).expect("it has these edges");
            function.callers.retain(|edge| lives(&edge.caller));
            function.inliners.retain(|body| lives(body));
            self.forget_if_empty(callee);
        }
    }

    fn forget_if_empty(&mut self, entry: EntryId) {
        if self.map.get(&entry).is_some_and(Function::is_empty) {
            self.map.remove(&entry);
        }
    }

    /// Whether nothing is known of a function: it has no body, and no body calls it or has it inlined.
    pub(crate) fn is_unused(&self, entry: EntryId) -> bool {
        !self.map.contains_key(&entry)
    }

    /// The functions of a block of which something is known.
    pub(crate) fn known_of(&self, block: EntryBlock) -> Vec<EntryId> {
        if self.map.len() < block.len as usize {
            let known = self.map.keys().copied();
            known.filter(|entry| block.contains(*entry)).collect()
        } else {
            let entries = block.entries();
            entries.filter(|entry| !self.is_unused(*entry)).collect()
        }
    }
}
