//! The map from a function to its bodies, its callers and its inliners.
//!
//! ```text
//! entry -> { current:  the body that its entry points to
//!            bodies:   its bodies that are not freed
//!            callers:  edges: the bodies that call it, and their call sites
//!            inliners: the bodies that contain its code }
//! ```
//! Code owns its call sites. An edge only names the sites of a body that call this function, so a site cannot
//! outlive the code that contains it. An edge keeps its caller's body alive, so that the relinker may write
//! to it. Both are removed together in [`Functions::remove`].
//!
//! The map is used under the relink lock. Invariants: a function is in the map exactly as long as one of its
//! lists has something in it; [EDGES] a body is added before its code can run.

use crate::ids::{EntryBlock, EntryId};
use crate::published::{CallSite, PublishedBody};
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// The sites of a body that call one function.
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

/// The bodies, callers and inliners of one function.
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

/// All functions that have bodies, callers or inliners.
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

    /// The body that an entry points to.
    pub(crate) fn current(&self, entry: EntryId) -> Option<&Arc<PublishedBody>> {
        self.map.get(&entry)?.current.as_ref()
    }

    pub(crate) fn is_current(&self, body: &Arc<PublishedBody>) -> bool {
        self.current(body.entry)
            .is_some_and(|current| Arc::ptr_eq(current, body))
    }

    /// Records a body, its callees, and the functions that it has inlined.
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

    /// Records the body that an entry points to. Returns the one before it.
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

    /// Forgets the bodies that are marked as freed, and their edges. They are retired, so no entry points to
    /// them. A list of callers is scanned once for all of them.
    pub(crate) fn remove(&mut self, freed: &[Arc<PublishedBody>]) {
        let lives = |body: &PublishedBody| !body.freed.load(Ordering::Relaxed);
        let mut callees: Vec<EntryId> = Vec::new();
        for body in freed {
            debug_assert!(!lives(body));
            callees.extend(by_callee(&body.sites).map(|(callee, _)| callee));
            callees.extend(body.side.inlined.iter().map(|part| part.entry));
            // The function may have been forgotten with another freed body.
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

    /// Whether a function is unused: it has no body, and no body calls it or has it inlined.
    pub(crate) fn is_unused(&self, entry: EntryId) -> bool {
        !self.map.contains_key(&entry)
    }

    /// The functions of a block that are used: they have a body, or a body calls them or has them inlined.
    pub(crate) fn used_in(&self, block: EntryBlock) -> Vec<EntryId> {
        if self.map.len() < block.len as usize {
            let known = self.map.keys().copied();
            known.filter(|entry| block.contains(*entry)).collect()
        } else {
            let entries = block.entries();
            entries.filter(|entry| !self.is_unused(*entry)).collect()
        }
    }
}
