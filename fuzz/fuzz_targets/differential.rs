//! Makes a program from any bytes: it does the same in every mode and on wasmi.
#![no_main]

use differential::Harness;
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

static HARNESS: LazyLock<Harness> = LazyLock::new(Harness::new);

fuzz_target!(|bytes: &[u8]| {
    let verdict = HARNESS.check_bytes(bytes);
    assert!(verdict.is_ok(), "{verdict:?}");
});
