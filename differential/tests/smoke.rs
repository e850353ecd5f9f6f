//! Compares the first seeds. The long run is the package's binary.

use differential::structured::{Feature, Structured};
use differential::{Harness, Tally};

const SEEDS: u64 = 150;

/// Seeds of structured programs.
const STRUCTURED: u64 = 200;

#[test]
fn all_modes_and_wasmi_agree_on_structured_programs() {
    let mut harness = Harness::new();
    let mut tally = Tally::default();
    let mut differences = Vec::new();
    for seed in 0..STRUCTURED {
        if seed % 50 == 49 {
            harness = Harness::new();
        }
        let made = Structured::of_seed(seed, true);
        match harness.check_structured(&made.program(), seed) {
            Ok(verdict) => {
                tally.add(verdict);
                tally.add_structured(&made);
            }
            Err(difference) => differences.push(format!("seed {seed}: {difference}")),
        }
    }
    println!("{STRUCTURED} seeds: {tally}");
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    // Most calls must reach their end, or most of the code is never compared; some must trap.
    assert!(tally.calls_returned > tally.calls_trapped * 2, "{tally}");
    assert!(tally.calls_trapped as u64 * 20 > STRUCTURED, "{tally}");
    assert!(tally.with_peer as u64 * 10 >= STRUCTURED * 9, "{tally}");
    assert!(tally.changed as u64 * 8 >= STRUCTURED, "{tally}");
    assert!(tally.replaced > tally.changed * 3, "{tally}");
    for feature in Feature::ALL {
        assert!(
            tally.features[feature as usize] > 0,
            "no {feature:?}: {tally}"
        );
    }
}

#[test]
fn all_modes_and_wasmi_agree_on_the_first_seeds() {
    let harness = Harness::new();
    let mut tally = Tally::default();
    let mut differences = Vec::new();
    for seed in 0..SEEDS {
        match harness.check_seed(seed) {
            Ok(verdict) => tally.add(verdict),
            Err(difference) => differences.push(format!("seed {seed}: {difference}")),
        }
    }
    println!("{SEEDS} seeds: {tally}");
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    // A generator that makes nothing, or an oracle that refuses everything, would never find a difference.
    assert!(tally.ran as u64 * 2 >= SEEDS, "too few ran: {tally}");
    assert!(
        tally.with_peer as u64 * 2 >= SEEDS,
        "wasmi ran too few: {tally}"
    );
    assert!(
        tally.both as u64 * 10 >= SEEDS,
        "too few had calls of other modules inlined and running loops entered: {tally}"
    );
    harness.check_modes().expect("every mode did its work");
}
