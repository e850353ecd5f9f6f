//! Every difference that was ever found, made small: `regress/*.wat`. All modes and wasmi must agree on each.

use differential::{Harness, Verdict};
use std::fs;
use std::path::Path;

/// Different arguments for each module.
const ARGUMENTS: u64 = 8;

#[test]
fn old_differences_stay_gone() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("regress");
    let mut ran = 0;
    let mut faults = Vec::new();
    for entry in fs::read_dir(&folder).expect("the folder can be read") {
        let path = entry.expect("the folder can be read").path();
        if path.extension().is_none_or(|end| end != "wat") {
            continue;
        }
        let wasm = wat::parse_file(&path).expect("a regression is valid text");
        let harness = Harness::new();
        for arguments in 0..ARGUMENTS {
            match harness.check_module(&wasm, arguments) {
                Ok(Verdict::Ran { .. }) => ran += 1,
                Ok(other) => faults.push(format!("{}: {other:?}", path.display())),
                Err(difference) => faults.push(format!("{}: {difference}", path.display())),
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(ran > 0, "there are regressions");
}
