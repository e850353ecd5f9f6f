//! Modules that are loaded when one of their functions is called: `--lazy` and `--resolve`.

use crate::scratch::{Folder, Outcome, lazywasm};

const PROGRAM: &str = r#"(module
    (import "math" "double" (func $double (param i32) (result i32)))
    (import "math" "missing" (func $missing))
    (import "other" "f" (func $other))
    (import "../secret" "f" (func $outside))
    (import "broken" "f" (func $broken))
    (import "itself" "f" (func $itself))
    (func (export "none") (param i32) (result i32) (local.get 0))
    (func (export "twice") (param i32) (result i32) (call $double (call $double (local.get 0))))
    (func (export "missing") (call $missing))
    (func (export "other") (call $other))
    (func (export "outside") (call $outside))
    (func (export "broken") (call $broken))
    (func (export "itself") (call $itself)))"#;

/// It prints when it is initialised, and has a state of its own.
const MATH: &str = r#"(module
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (import "deeper" "factor" (func $factor (result i32)))
    (memory (export "memory") 1)
    (data (i32.const 0) "\08\00\00\00\07\00\00\00loaded\n")
    (func (export "_initialize")
      (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 20))))
    (func (export "double") (param i32) (result i32) (i32.mul (local.get 0) (call $factor))))"#;

const DEEPER: &str = r#"(module (func (export "factor") (result i32) (i32.const 2)))"#;

/// Its start function calls itself by an import.
const ITSELF: &str = r#"(module
    (import "itself" "f" (func $f))
    (start $f)
    (func (export "f")))"#;

fn run(folder: &Folder, options: &[&str], function: &str) -> Outcome {
    let program = folder.file("program.wat", PROGRAM);
    let mut arguments = vec!["run", "--invoke", function];
    arguments.extend(options);
    arguments.push(&program);
    if matches!(function, "none" | "twice") {
        arguments.push("5");
    }
    lazywasm(&arguments)
}

#[test]
fn modules_of_a_directory_are_loaded_when_they_are_called() {
    let folder = Folder::new();
    let library = Folder::new();
    let directory = library.path().to_str().unwrap().to_string();
    let resolve = ["--resolve", directory.as_str()];
    // Nothing is called, so nothing need be there.
    let outcome = run(&folder, &resolve, "none");
    assert_eq!(
        (outcome.status, outcome.stdout.as_str()),
        (Some(0), "5\n"),
        "{outcome:?}"
    );
    library.file("math.wat", MATH);
    library.file("deeper.wat", DEEPER);
    library.file("broken.wat", "(module (func (export \"f\") (i32.const 1)))");
    library.file("itself.wat", ITSELF);
    let outcome = run(&folder, &resolve, "twice");
    assert_eq!(
        (outcome.status, outcome.stdout.as_str()),
        (Some(0), "loaded\n20\n"),
        "{outcome:?}"
    );
    run(&folder, &resolve, "missing").expect(
        1,
        &[
            "cannot resolve the import math.missing",
            "math.wat exports no function `missing`",
        ],
    );
    run(&folder, &resolve, "other").expect(
        1,
        &[
            "cannot resolve the import other.f",
            "there is no file",
            "other.wasm",
            "other.wat",
        ],
    );
    run(&folder, &resolve, "outside").expect(1, &["`../secret` cannot be the name of a file in"]);
    run(&folder, &resolve, "broken").expect(
        1,
        &[
            "cannot resolve the import broken.f",
            "broken.wat",
            "type mismatch",
        ],
    );
    run(&folder, &resolve, "itself").expect(1, &["itself.wat needs it to be instantiated"]);
}

#[test]
fn a_named_module_is_loaded_when_it_is_called() {
    let folder = Folder::new();
    let math = folder.file("m.wat", MATH);
    let deeper = folder.file("d.wat", DEEPER);
    let (math, deeper) = (format!("math={math}"), format!("deeper={deeper}"));
    let empty = Folder::new();
    let directory = empty.path().to_str().unwrap();
    let options = ["--lazy", &math, "--lazy", &deeper, "--resolve", directory];
    let outcome = run(&folder, &options, "twice");
    assert_eq!(
        (outcome.status, outcome.stdout.as_str()),
        (Some(0), "loaded\n20\n"),
        "{outcome:?}"
    );
    // A file that is never called is never looked at.
    let options = ["--lazy", "math=/no/such/file", "--resolve", directory];
    let outcome = run(&folder, &options, "none");
    assert_eq!(outcome.status, Some(0), "{outcome:?}");
    run(&folder, &options, "twice").expect(
        1,
        &["cannot resolve the import math.double", "/no/such/file"],
    );
    // Without a directory, other modules are missing at once.
    run(&folder, &["--lazy", &math], "none").expect(1, &["4 imports are not defined", "other.f"]);
}

#[test]
fn options_that_name_modules_are_checked() {
    let folder = Folder::new();
    run(&folder, &["--lazy", "math"], "none")
        .expect(2, &["--lazy expects NAME=FILE, found `math`"]);
    run(&folder, &["--lazy", "a=x", "--lazy", "a=y"], "none")
        .expect(2, &["--lazy names two modules `a`"]);
    run(&folder, &["--lazy", "a=-"], "none")
        .expect(2, &["only the program can be read from the standard input"]);
    run(&folder, &["--resolve", "/no/such"], "none")
        .expect(1, &["--resolve: /no/such is not a directory"]);
}
