//! Runs `examples/unwinder.rs`: stacks that were sampled at any instruction are walked to their end.

#[path = "../examples/unwinder.rs"]
#[allow(dead_code, reason = "the test does not print")]
mod unwinder;

use lazywasm::{Config, Mode};

#[test]
fn every_sampled_stack_is_walked_to_the_entry_from_the_host() {
    for mode in [
        Mode::Baseline,
        Mode::Tiered,
        Mode::Optimise,
        Mode::RelinkStorm,
    ] {
        let mut config = Config::new();
        config.mode(mode).threshold(100);
        let profile = unwinder::profile(unwinder::PROGRAM, &config, 300).unwrap();
        let stacks = &profile.stacks;
        assert_eq!(stacks.values().sum::<u32>(), 300, "{mode:?}");
        assert_eq!(profile.incomplete, 0, "{mode:?}: {stacks:?}");
        let mut seen_leaf = false;
        for stack in stacks.keys() {
            let names: Vec<&str> = stack.iter().map(String::as_str).collect();
            let entry = names.last().expect("a stack has frames");
            assert!(entry.starts_with("entry from the host"), "{names:?}");
            // A sample may be in the entry itself, or on the way to a function's code.
            if let [.., outermost, _] = &names[..] {
                let on_the_way = ["entry stubs", "first call"].contains(outermost);
                assert!(*outermost == "grow" || on_the_way, "{names:?}");
            }
            // Below every leaf there are the functions that call it.
            for pair in names.windows(2) {
                match pair {
                    ["leaf", caller] => assert!(*caller == "branch", "{names:?}"),
                    ["branch", caller] => assert!(*caller == "tree", "{names:?}"),
                    ["tree", caller] => assert!(["branch", "grow"].contains(caller), "{names:?}"),
                    _ => {}
                }
            }
            seen_leaf |= names[0] == "leaf";
        }
        assert!(seen_leaf, "{mode:?}: {stacks:?}");
    }
}
