//! The map compared with a plain list of bodies.

use super::*;
use crate::code_memory::ChunkId;
use crate::ids::{InlineNode, Tier};
use crate::side_tables::{Inlined, Location, SideStream, SideTables};
use std::sync::atomic::{AtomicBool, AtomicU32};

/// Entries of the model.
const ENTRIES: u32 = 20;

fn body(id: BodyId, entry: EntryId, mut callees: Vec<u32>, inlined: &[u32]) -> Arc<PublishedBody> {
    callees.sort_unstable();
    let site = |(at, callee): (usize, &u32)| CallSite {
        offset: 5 * at as u32 + 1,
        callee: EntryId(*callee),
        crossing: false,
        direct: AtomicBool::new(false),
    };
    let part = |entry: &u32| Inlined {
        entry: EntryId(*entry),
        from: Location {
            inline_node: InlineNode::FUNCTION,
            offset: 0,
        },
    };
    Arc::new(PublishedBody {
        id,
        entry,
        tier: Tier::BASELINE,
        generation: 0,
        start: 0x1000,
        len: 100,
        sites: callees.iter().enumerate().map(site).collect(),
        side: SideTables {
            stream: SideStream::default(),
            inlined: inlined.iter().map(part).collect(),
            through: Box::default(),
            attachment: None,
        },
        _keeps: None,
        chunk: ChunkId::default(),
        offset_in_chunk: 0,
        pins: AtomicU32::new(0),
        retired: AtomicBool::new(false),
        reported: AtomicBool::new(true),
        claimed: AtomicBool::new(false),
        freed: AtomicBool::new(false),
    })
}

/// Compares what the map says of an entry with the list.
fn check(functions: &Functions, living: &[Arc<PublishedBody>], entry: EntryId) {
    let by_address = |body: &&Arc<PublishedBody>| Arc::as_ptr(body);
    let sorted = |mut bodies: Vec<&Arc<PublishedBody>>| {
        bodies.sort_by_key(by_address);
        bodies.iter().map(by_address).collect::<Vec<_>>()
    };
    let of = |wanted: &dyn Fn(&PublishedBody) -> bool| {
        sorted(living.iter().filter(|body| wanted(body)).collect())
    };
    let own = of(&|body| body.entry == entry);
    let calls = |body: &PublishedBody| body.sites.iter().any(|site| site.callee == entry);
    let callers = of(&calls);
    let inliners = of(&|body| body.side.inlined_functions().contains(&entry));
    assert_eq!(sorted(functions.bodies_of(entry).collect()), own);
    assert_eq!(sorted(functions.inliners(entry).collect()), inliners);
    let edges = functions.callers(entry).map(|edge| edge.caller);
    assert_eq!(sorted(edges.collect()), callers);
    for edge in functions.callers(entry) {
        assert!(edge.sites.iter().all(|site| site.callee == entry));
        let all = edge.caller.sites.iter();
        let all = all.filter(|site| site.callee == entry);
        assert_eq!(all.count(), edge.sites.len());
    }
    let unused = own.is_empty() && callers.is_empty() && inliners.is_empty();
    assert_eq!(functions.is_unused(entry), unused);
}

#[test]
fn bodies_that_come_and_go_are_known_to_those_they_concern() {
    let mut functions = Functions::default();
    let mut living: Vec<Arc<PublishedBody>> = Vec::new();
    let mut seed = 7u64;
    let mut random = |limit: u32| {
        seed = seed.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(1);
        (seed >> 33) as u32 % limit
    };
    let (mut added, mut most_links) = (0, 0);
    for round in 0..2000 {
        if living.len() < 40 && random(3) > 0 {
            let callees = (0..random(8)).map(|_| random(ENTRIES)).collect();
            let inlined: Vec<u32> = (0..random(3)).map(|_| random(ENTRIES)).collect();
            let entry = EntryId(random(ENTRIES));
            let body = body(functions.next_body(), entry, callees, &inlined);
            functions.add(&body);
            living.push(body);
            added += 1;
        } else {
            // Several at once, whose links are in the same chains.
            let count = random(5).min(living.len() as u32);
            let freed: Vec<_> = (0..count)
                .map(|_| living.swap_remove(random(living.len() as u32) as usize))
                .collect();
            for body in &freed {
                body.freed.store(true, Ordering::Relaxed);
            }
            functions.remove(&freed);
        }
        assert_eq!(functions.bodies().count(), living.len());
        for entry in 0..ENTRIES {
            check(&functions, &living, EntryId(entry));
        }
        if round == 1000 {
            most_links = functions.links.len();
        }
    }
    assert!(added > 500, "{added}");
    // Places and links are used again: as many as were ever in use at once.
    assert!(functions.bodies.len() <= 40);
    assert!(functions.links.len() <= most_links + most_links / 2);
    living
        .iter()
        .for_each(|body| body.freed.store(true, Ordering::Relaxed));
    functions.remove(&living);
    assert_eq!(functions.used().count(), 0);
    let block = EntryBlock {
        first: EntryId(0),
        len: 2 * ENTRIES,
    };
    assert_eq!(functions.used_in(block), []);
}

#[test]
fn the_current_body_is_replaced() {
    let mut functions = Functions::default();
    let entry = EntryId(3);
    let [first, second] = [(); 2].map(|()| {
        let body = body(functions.next_body(), entry, vec![3, 3], &[]);
        functions.add(&body);
        body
    });
    assert!(functions.current(entry).is_none() && !functions.is_current(&first));
    assert!(functions.set_current(entry, Some(&first)).is_none());
    let before = functions.set_current(entry, Some(&second)).unwrap();
    assert!(Arc::ptr_eq(&before, &first));
    assert!(functions.is_current(&second) && !functions.is_current(&first));
    first.freed.store(true, Ordering::Relaxed);
    functions.remove(&[first]);
    assert!(Arc::ptr_eq(functions.current(entry).unwrap(), &second));
    assert!(functions.set_current(entry, None).is_some());
    assert!(
        functions.current(EntryId(1000)).is_none(),
        "a number never used"
    );
}
