//! Every difference that was ever found, reduced: a file of `regress`, or a folder with the modules of a
//! program in the order of their names. All modes and wasmi must agree on each.

use differential::{Harness, Verdict};
use std::fs;
use std::path::Path;

/// Different arguments for each module.
const ARGUMENTS: u64 = 8;

fn modules_of(path: &Path) -> Vec<Vec<u8>> {
    let mut files = vec![path.to_path_buf()];
    if path.is_dir() {
        let entries = fs::read_dir(path).expect("the folder can be read");
        files = entries
            .map(|entry| entry.expect("the folder can be read").path())
            .collect();
        files.sort();
    }
    let modules = files.iter().map(wat::parse_file);
    modules
        .collect::<Result<_, _>>()
        .expect("a regression is valid text")
}

#[test]
fn old_differences_stay_gone() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("regress");
    let mut ran = 0;
    let mut faults = Vec::new();
    for entry in fs::read_dir(&folder).expect("the folder can be read") {
        let path = entry.expect("the folder can be read").path();
        let program = modules_of(&path);
        let harness = Harness::new();
        for arguments in 0..ARGUMENTS {
            match harness.check_program(&program, arguments) {
                Ok(Verdict::Ran { .. }) => ran += 1,
                Ok(other) => faults.push(format!("{}: {other:?}", path.display())),
                Err(difference) => faults.push(format!("{}: {difference}", path.display())),
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(ran > 0, "there are regressions");
}
