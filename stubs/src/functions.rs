//! The map from a function to its bodies, its callers and its inliners.
//!
//! ```text
//! functions  by entry: current body | bodies | callers | inliners      four words, the last three are chains
//! bodies     by BodyId
//! links      a body | its first site that calls the function | the next link of the chain
//! ```
//! Code owns its call sites. A link in a chain of callers is an edge: it only names the sites of a body that
//! call this function, so a site cannot outlive the code that contains it. Bodies and their links are removed
//! together in [`Functions::remove`], so a body in a chain is alive and the relinker may write to it.
//!
//! Nothing is hashed or counted: publishing a body takes a place for it and one link for each function that
//! it calls, from arrays that grow by doubling and whose free places are used again.
//!
//! The map is used under the relink lock. Invariants: a function's words are all empty exactly as long as it
//! is unused; [EDGES] a body is added before its code can run.

use crate::ids::{EntryBlock, EntryId};
use crate::published::{CallSite, PublishedBody};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Number of a body that is not freed. Numbers are used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BodyId(NonZeroU32);

/// Number of a link. Numbers are used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct LinkId(NonZeroU32);

/// The bodies, callers and inliners of one function.
#[derive(Clone, Copy, Debug, Default)]
struct Function {
    current: Option<BodyId>,
    bodies: Option<LinkId>,
    callers: Option<LinkId>,
    inliners: Option<LinkId>,
}

impl Function {
    fn is_unused(&self) -> bool {
        self.current.is_none()
            && self.bodies.is_none()
            && self.callers.is_none()
            && self.inliners.is_none()
    }
}

/// A place for a body.
#[derive(Debug)]
enum BodyPlace {
    Used(Arc<PublishedBody>),
    /// With the next free place.
    Free(Option<BodyId>),
}

/// An element of a chain.
#[derive(Debug)]
struct Link {
    body: BodyId,
    /// In a chain of callers, the first of the body's sites that call the function.
    first: u32,
    /// The next link of the chain, or the next free one.
    next: Option<LinkId>,
}

/// All functions that have bodies, callers or inliners.
#[derive(Debug, Default)]
pub(crate) struct Functions {
    /// By entry. Entries beyond its end are unused.
    functions: Vec<Function>,
    bodies: Vec<BodyPlace>,
    free_body: Option<BodyId>,
    links: Vec<Link>,
    free_link: Option<LinkId>,
}

/// The sites of a body that call one function.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Edge<'a> {
    pub caller: &'a Arc<PublishedBody>,
    pub sites: &'a [CallSite],
}

impl BodyId {
    fn of(position: usize) -> BodyId {
        BodyId(number(position))
    }

    fn position(self) -> usize {
        self.0.get() as usize - 1
    }
}

impl LinkId {
    fn of(position: usize) -> LinkId {
        LinkId(number(position))
    }

    fn position(self) -> usize {
        self.0.get() as usize - 1
    }
}

fn number(position: usize) -> NonZeroU32 {
    let number = u32::try_from(position + 1).ok().and_then(NonZeroU32::new);
    number.expect("a code space holds fewer bodies and calls")
}

/// The sites of each callee; sites are sorted by callee. Each with the position of the first.
fn by_callee(sites: &[CallSite]) -> impl Iterator<Item = (u32, EntryId)> {
    let mut first = 0;
    sites
        .chunk_by(|a, b| a.callee == b.callee)
        .map(move |same| {
            let position = first;
            first += same.len() as u32;
            (position, same[0].callee)
        })
}

impl Functions {
    fn function(&self, entry: EntryId) -> Function {
        let known = self.functions.get(entry.0 as usize);
        known.copied().unwrap_or_default()
    }

    fn function_mut(&mut self, entry: EntryId) -> &mut Function {
        let at = entry.0 as usize;
        if at >= self.functions.len() {
            self.functions.resize(at + 1, Function::default());
        }
        &mut self.functions[at]
    }

    fn body(&self, id: BodyId) -> &Arc<PublishedBody> {
        match &self.bodies[id.position()] {
            BodyPlace::Used(body) => body,
            BodyPlace::Free(_) => unreachable!("a body that is named is not removed"),
        }
    }

    fn links(&self, first: Option<LinkId>) -> impl Iterator<Item = &Link> {
        let link = |id: LinkId| &self.links[id.position()];
        std::iter::successors(first.map(link), move |last| last.next.map(link))
    }

    /// The edges to a function.
    pub(crate) fn callers(&self, entry: EntryId) -> impl Iterator<Item = Edge<'_>> {
        self.links(self.function(entry).callers).map(move |link| {
            let caller = self.body(link.body);
            let sites = &caller.sites[link.first as usize..];
            let same = sites.iter().take_while(|site| site.callee == entry);
            Edge {
                caller,
                sites: &sites[..same.count()],
            }
        })
    }

    /// The bodies that contain a function's code.
    pub(crate) fn inliners(&self, entry: EntryId) -> impl Iterator<Item = &Arc<PublishedBody>> {
        let links = self.links(self.function(entry).inliners);
        links.map(|link| self.body(link.body))
    }

    /// The bodies of a function.
    pub(crate) fn bodies_of(&self, entry: EntryId) -> impl Iterator<Item = &Arc<PublishedBody>> {
        let links = self.links(self.function(entry).bodies);
        links.map(|link| self.body(link.body))
    }

    /// Every body that is not freed.
    pub(crate) fn bodies(&self) -> impl Iterator<Item = &Arc<PublishedBody>> {
        self.bodies.iter().filter_map(|place| match place {
            BodyPlace::Used(body) => Some(body),
            BodyPlace::Free(_) => None,
        })
    }

    /// The functions that are used, in order.
    pub(crate) fn used(&self) -> impl Iterator<Item = EntryId> {
        let all = (0u32..).zip(&self.functions);
        let used = all.filter(|(_, function)| !function.is_unused());
        used.map(|(entry, _)| EntryId(entry))
    }

    /// The functions of a block that are used: they have a body, or a body calls them or has them inlined.
    pub(crate) fn used_in(&self, block: EntryBlock) -> Vec<EntryId> {
        let entries = block.entries();
        entries.filter(|entry| !self.is_unused(*entry)).collect()
    }

    /// Whether a function is unused: it has no body, and no body calls it or has it inlined.
    pub(crate) fn is_unused(&self, entry: EntryId) -> bool {
        self.function(entry).is_unused()
    }

    /// The body that an entry points to.
    pub(crate) fn current(&self, entry: EntryId) -> Option<&Arc<PublishedBody>> {
        Some(self.body(self.function(entry).current?))
    }

    pub(crate) fn is_current(&self, body: &PublishedBody) -> bool {
        self.function(body.entry).current == Some(body.id)
    }

    /// The number that the next body gets.
    pub(crate) fn next_body(&self) -> BodyId {
        self.free_body
            .unwrap_or_else(|| BodyId::of(self.bodies.len()))
    }

    /// Records a body, which has the number that is next, its callees, and the functions that it has inlined.
    pub(crate) fn add(&mut self, body: &Arc<PublishedBody>) {
        let id = self.next_body();
        assert!(body.id == id, "the body has the number that is next");
        let place = BodyPlace::Used(body.clone());
        match self.free_body {
            Some(_) => match std::mem::replace(&mut self.bodies[id.position()], place) {
                BodyPlace::Free(next) => self.free_body = next,
                BodyPlace::Used(_) => unreachable!("the place is free"),
            },
            None => self.bodies.push(place),
        }
        self.link(body.entry, |function| &mut function.bodies, id, 0);
        for (first, callee) in by_callee(&body.sites) {
            self.link(callee, |function| &mut function.callers, id, first);
        }
        for inlined in body.side.inlined_functions() {
            self.link(inlined, |function| &mut function.inliners, id, 0);
        }
    }

    /// Puts a body in front of one of a function's chains.
    fn link(
        &mut self,
        entry: EntryId,
        chain: impl Fn(&mut Function) -> &mut Option<LinkId>,
        body: BodyId,
        first: u32,
    ) {
        let id = self.free_link.unwrap_or(LinkId::of(self.links.len()));
        let next = chain(self.function_mut(entry)).replace(id);
        let link = Link { body, first, next };
        match self.free_link {
            Some(_) => {
                let free = std::mem::replace(&mut self.links[id.position()], link);
                self.free_link = free.next;
            }
            None => self.links.push(link),
        }
    }

    /// Records the body that an entry points to. Returns the one before it.
    pub(crate) fn set_current(
        &mut self,
        entry: EntryId,
        body: Option<&PublishedBody>,
    ) -> Option<Arc<PublishedBody>> {
        let now = body.map(|body| body.id);
        let before = std::mem::replace(&mut self.function_mut(entry).current, now);
        before.map(|before| self.body(before).clone())
    }

    /// Forgets the bodies that are marked as freed, and their edges. They are retired, so no entry points to
    /// them. A chain is walked once for all of them.
    pub(crate) fn remove(&mut self, freed: &[Arc<PublishedBody>]) {
        let mut linked: Vec<EntryId> = Vec::new();
        for body in freed {
            debug_assert!(is_freed(body) && !self.is_current(body));
            linked.push(body.entry);
            linked.extend(by_callee(&body.sites).map(|(_, callee)| callee));
            linked.extend(body.side.inlined_functions());
        }
        linked.sort_unstable();
        linked.dedup();
        for entry in linked {
            let before = self.function(entry);
            let after = Function {
                current: before.current,
                bodies: self.unlink(before.bodies),
                callers: self.unlink(before.callers),
                inliners: self.unlink(before.inliners),
            };
            *self.function_mut(entry) = after;
        }
        // No link names them any more.
        for body in freed {
            let next = self.free_body.replace(body.id);
            self.bodies[body.id.position()] = BodyPlace::Free(next);
        }
    }

    /// Removes the links of freed bodies from a chain. Returns its new beginning.
    fn unlink(&mut self, first: Option<LinkId>) -> Option<LinkId> {
        let (mut kept, mut last): (Option<LinkId>, Option<LinkId>) = (None, None);
        let mut at = first;
        while let Some(id) = at {
            let link = &self.links[id.position()];
            at = link.next;
            if is_freed(self.body(link.body)) {
                self.links[id.position()].next = self.free_link.replace(id);
                continue;
            }
            match last.replace(id) {
                Some(last) => self.links[last.position()].next = Some(id),
                None => kept = Some(id),
            }
        }
        if let Some(last) = last {
            self.links[last.position()].next = None;
        }
        kept
    }
}

fn is_freed(body: &PublishedBody) -> bool {
    body.freed.load(Ordering::Relaxed)
}

#[cfg(test)]
mod tests;
