//! Queries on links: callers, inliners, the entries of a tier.

mod assembled;

use assembled::*;
use lazywasm_stubs::{CallerSites, InlineNode, Inlined, Location, SideTables, Tier};

#[test]
fn callers_are_counted_by_body_and_by_site() {
    let space = space();
    let entries = space.alloc_entries(3).unwrap();
    let group = space.new_group();
    let (callee, one, two) = (nth(entries, 0), nth(entries, 1), nth(entries, 2));
    assert_eq!(space.callers_of(callee), CallerSites::default());
    // Two sites eight bytes apart have the same position in their words, so there is a start at which both
    // can be patched.
    let twice = assembled::Assembled::default()
        .call(callee)
        .nops(3)
        .call(callee)
        .ret();
    publish(&space, one, group, &twice);
    publish(&space, two, group, &calling(callee, 0, 1));
    let lazy = CallerSites {
        bodies: 2,
        sites: 3,
        direct: 0,
    };
    assert_eq!(space.callers_of(callee), lazy);
    publish(&space, callee, group, &constant(1));
    assert_eq!(space.callers_of(callee), CallerSites { direct: 3, ..lazy });
    space.reset_to_stub(one);
    space.reclaim();
    let left = CallerSites {
        bodies: 1,
        sites: 1,
        direct: 1,
    };
    assert_eq!(space.callers_of(callee), left);
}

#[test]
fn inliners_outside_of_a_block_are_named_once() {
    let space = space();
    let inlined = space.alloc_entries(2).unwrap();
    let others = space.alloc_entries(2).unwrap();
    let group = space.new_group();
    let part = |entry| Inlined {
        entry,
        from: Location {
            inline_node: InlineNode::FUNCTION,
            offset: 0,
        },
    };
    let code = constant(1);
    let publish_with = |entry, parts: &[Inlined]| {
        let mut body = new_body(entry, group, &code);
        body.side = SideTables {
            inlined: parts.into(),
            ..SideTables::default()
        };
        space.publish(body).unwrap();
    };
    assert_eq!(space.inliners_of(inlined), []);
    // One body is of the block itself, one outside of it has inlined both functions, one has inlined another.
    publish_with(inlined.first, &[part(nth(inlined, 1))]);
    publish_with(others.first, &[part(inlined.first), part(nth(inlined, 1))]);
    publish_with(nth(others, 1), &[part(others.first)]);
    assert_eq!(space.inliners_of(inlined), [others.first]);
    // A retired body does not count, although it is not freed yet.
    space.reset_to_stub(others.first);
    assert_eq!(space.inliners_of(inlined), []);
}

#[test]
fn entries_are_found_by_the_tier_of_their_code() {
    let space = space();
    let entries = space.alloc_entries(3).unwrap();
    let groups = [Tier::BASELINE, Tier::OPTIMISED].map(|tier| (tier, space.new_group()));
    for (at, (tier, group)) in groups.into_iter().enumerate() {
        let code = constant(1);
        let mut body = new_body(nth(entries, at as u32), group, &code);
        body.tier = tier;
        space.publish(body).unwrap();
    }
    assert_eq!(space.entries_in(Tier::BASELINE), [entries.first]);
    assert_eq!(space.entries_in(Tier::OPTIMISED), [nth(entries, 1)]);
    space.reset_to_stub(entries.first);
    assert_eq!(space.entries_in(Tier::BASELINE), []);
}
