//! The message and the exit status for everything that can be wrong with the input of the command.

use crate::scratch::{Folder, Outcome, command, lazywasm};
use std::fs;
use std::os::unix::fs::PermissionsExt;

/// Runs a module given as text.
fn run_text(text: &str, options: &[&str], arguments: &[&str]) -> Outcome {
    let folder = Folder::new();
    let file = folder.file("program.wat", text);
    let mut all = vec!["run"];
    all.extend(options);
    all.push(&file);
    all.extend(arguments);
    lazywasm(&all)
}

/// Runs bytes as a program.
fn run_bytes(name: &str, bytes: &[u8]) -> Outcome {
    let folder = Folder::new();
    let file = folder.file(name, bytes);
    lazywasm(&["run", &file])
}

fn header_and(rest: &[u8]) -> Vec<u8> {
    let mut bytes = b"\0asm\x01\0\0\0".to_vec();
    bytes.extend(rest);
    bytes
}

#[test]
fn an_empty_file() {
    run_bytes("empty.wasm", b"").expect(1, &["empty.wasm is empty"]);
}

#[test]
fn a_truncated_module() {
    let whole = wat::parse_str("(module (func (export \"_start\") nop nop nop))").unwrap();
    for length in 1..whole.len() {
        // Cut at the end of a section, the rest is a module, but not a program.
        run_bytes("cut.wasm", &whole[..length]).expect(1, &["cut.wasm"]);
    }
    run_bytes("cut.wasm", &whole[..whole.len() - 2]).expect(1, &["cut.wasm", "offset"]);
}

#[test]
fn a_picture() {
    let jpeg = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0";
    run_bytes("photo.wasm", jpeg).expect(
        1,
        &["photo.wasm is not a WebAssembly module", "ff d8 ff e0"],
    );
}

#[test]
fn text_with_a_nul() {
    run_bytes("nul.wat", b"(module\0)").expect(1, &["nul.wat", "a NUL at offset 0x7"]);
}

#[test]
fn a_directory_without_run() {
    let folder = Folder::new();
    fs::create_dir(folder.path().join("sub")).unwrap();
    let ended = command(&["sub"]).current_dir(folder.path()).output();
    Outcome::of(ended.unwrap()).expect(1, &["cannot read sub", "directory"]);
}

#[test]
fn a_preloaded_module_from_the_standard_input() {
    let folder = Folder::new();
    let program = folder.file("p.wat", "(module (func (export \"_start\")))");
    lazywasm(&["run", "--preload", "x=-", &program]).expect(
        2,
        &[
            "--preload x=-",
            "only the program can be read from the standard input",
        ],
    );
}

#[test]
fn a_header_with_garbage() {
    run_bytes("garbage.wasm", &header_and(b"\xff\xfe garbage \x80\x80"))
        .expect(1, &["garbage.wasm"]);
    run_bytes("version.wasm", b"\0asm\x07\0\0\0").expect(1, &["version.wasm"]);
}

#[test]
fn text_that_is_no_module() {
    let folder = Folder::new();
    let file = folder.file("typo.wat", "(module\n  (func (i32.cost 1)))");
    lazywasm(&["run", &file]).expect(1, &["typo.wat:2", "i32.cost"]);
}

/// Each error says what is in the module, not which flag of the validator is missing.
#[test]
fn proposals_that_are_not_supported() {
    let folder = Folder::new();
    for (text, wanted) in [
        ("(module (memory i64 1))", "64-bit addresses"),
        ("(module (table i64 1 funcref))", "64-bit addresses"),
        ("(module (memory 1 1 shared))", "shared memories or atomic"),
        (
            "(module (memory 1) (func $fence atomic.fence))",
            "function fence (index 0): shared memories or atomic instructions (at offset ",
        ),
        ("(module (type (struct)))", "structs, arrays"),
        ("(module (func (param anyref)))", "garbage collector"),
        (
            "(module (func (result i32) (i31.get_s (ref.i31 (i32.const 0)))))",
            "garbage collector",
        ),
        (
            "(module (type $t (func)) (func (param (ref null $t))))",
            "references to functions of one type",
        ),
        (
            "(module (type $t (func)) (func (param funcref) (call_ref $t (ref.null $t))))",
            "references to functions of one type",
        ),
        ("(module (tag))", "exceptions (tags, throw, try_table)"),
        (
            "(module (func (try_table)))",
            "exceptions (tags, throw, try_table)",
        ),
        (
            "(module (import \"a\" \"b\" (tag)))",
            "exceptions (tags, throw, try_table)",
        ),
        ("(module (func (param exnref)))", "exceptions (tags"),
        (
            "(module (func try catch_all end))",
            "exceptions in their old form",
        ),
        (
            "(module (func (param v128 v128) (drop
               (i8x16.relaxed_swizzle (local.get 0) (local.get 1)))))",
            "relaxed vector instructions",
        ),
        (
            "(module (func (param i64 i64 i64 i64) (i64.add128
               (local.get 0) (local.get 1) (local.get 2) (local.get 3)) drop drop))",
            "integers of 128 bits",
        ),
        (
            "(module (memory 1 (pagesize 1)))",
            "pages are not of 64 KiB",
        ),
        (
            "(module (global (shared i32) (i32.const 0)))",
            "shared between threads",
        ),
        (
            "(module (type $f (func)) (type $c (cont $f)) (func (drop (ref.null $c))))",
            "continuations",
        ),
        (
            "(module (memory 1) (func (memory.discard (i32.const 0) (i32.const 0))))",
            "memory.discard",
        ),
        (
            "(module (type $f (func)) (func (param (ref null (exact $f)))))",
            "exact types",
        ),
        (
            "(module (import \"a\" (item \"b\" (func)) (item \"c\" (func))))",
            "imports grouped",
        ),
    ] {
        let file = folder.file("newer.wat", text);
        let outcome = lazywasm(&["run", &file]);
        let uses = "newer.wat uses a part of WebAssembly that lazywasm does not support: ";
        outcome.expect(1, &[uses, wanted, "(at offset 0x"]);
        for foreign in ["enabled", "disallowed", "required", "proposal", "feature"] {
            assert!(!outcome.stderr.contains(foreign), "{outcome:?}");
        }
    }
    // A module that is also invalid for another reason is reported as invalid.
    let file = folder.file(
        "both.wat",
        "(module (memory 1) (func $f atomic.fence i32.const 1))",
    );
    lazywasm(&["run", &file]).expect(
        1,
        &[
            "both.wat is not a valid module: function f (index 0): shared memories",
            "which lazywasm does not support",
        ],
    );
    let file = folder.file("component.wat", "(component)");
    lazywasm(&["run", &file]).expect(1, &["component.wat is a component", "core module"]);
}

#[test]
fn a_body_that_is_invalid() {
    let module = "(module (func $good) (func $wrong (export \"_start\") i32.const 1 i64.eqz drop))";
    let folder = Folder::new();
    let file = folder.file("invalid.wasm", wat::parse_str(module).unwrap());
    let wanted = [
        "invalid.wasm is not a valid module: function wrong (index 1): type mismatch",
        "offset",
    ];
    lazywasm(&["run", &file]).expect(1, &wanted);
}

#[test]
fn segments_that_do_not_fit() {
    let folder = Folder::new();
    let lib = folder.file("lib.wat", "(module (func (export \"f\")))");
    let preload = format!("lib={lib}");
    for (text, wanted) in [
        (
            r#"(module (memory 1) (data (i32.const 0) "abc") (data (i32.const 65535) "xy"))"#,
            "data segment 1 (2 bytes at 65535) for memory 0 of 65536 bytes: out of bounds memory access",
        ),
        (
            "(module (table 2 funcref) (func $f) (elem (i32.const 1) $f $f))",
            "element segment 0 (2 elements at 1) for table 0 of 2 elements: out of bounds table access",
        ),
    ] {
        let file = folder.file(
            "segments.wat",
            text.replacen(')', ") (func (export \"_start\"))", 1),
        );
        let outcome = lazywasm(&["run", "--preload", &preload, &file]);
        outcome.expect(
            134,
            &[
                "the program trapped: cannot instantiate",
                "segments.wat",
                wanted,
            ],
        );
    }
}

#[test]
fn all_missing_imports_are_reported_together() {
    let module = r#"(module
        (import "env" "first" (func (param i32) (result i64)))
        (import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))
        (import "env" "second" (memory 1))
        (func (export "_start") unreachable))"#;
    let outcome = run_text(module, &[], &[]);
    outcome.expect(
        1,
        &[
            "2 imports",
            "env.first: function (i32) -> (i64)",
            "env.second: memory",
        ],
    );
    assert!(!outcome.stderr.contains("fd_write"), "{outcome:?}");
}

#[test]
fn imports_missing_across_preloads() {
    let folder = Folder::new();
    let library = folder.file(
        "lib.wat",
        "(module (import \"x\" \"y\" (func)) (func (export \"f\")))",
    );
    let main = folder.file(
        "main.wat",
        "(module (import \"lib\" \"f\" (func)) (import \"lib\" \"g\" (func)) (func (export \"_start\")))",
    );
    let outcome = lazywasm(&["run", "--preload", &format!("lib={library}"), &main]);
    outcome.expect(1, &["2 imports", "x.y", "lib.wat", "lib.g", "main.wat"]);
    assert!(!outcome.stderr.contains("lib.f"), "{outcome:?}");
}

#[test]
fn an_import_of_another_type() {
    let module = r#"(module
        (import "wasi_snapshot_preview1" "fd_write" (func (param i64)))
        (func (export "_start")))"#;
    run_text(module, &[], &[]).expect(1, &["fd_write", "incompatible import type"]);
}

#[test]
fn missing_exports() {
    let module =
        "(module (func (export \"one\")) (func (export \"two\")) (memory (export \"m\") 1))";
    run_text(module, &[], &[]).expect(1, &["no function `_start`", "--invoke", "one, two"]);
    run_text(module, &["--invoke", "three"], &[]).expect(1, &["`three`", "one, two"]);
    run_text(module, &["--invoke", "m"], &[]).expect(1, &["`m`", "not a function"]);
    run_text("(module)", &[], &[]).expect(1, &["nor any other function"]);
    let start = "(module (func (export \"_start\") (param i32)))";
    run_text(start, &[], &[]).expect(1, &["`_start`", "(i32) -> ()"]);
    let initialize = "(module (func (export \"_initialize\") (result i32) i32.const 0))";
    run_text(initialize, &[], &[]).expect(1, &["`_initialize`", "() -> (i32)"]);
}

#[test]
fn wrong_arguments_of_invoke() {
    let module = "(module (func (export \"add\") (param i32 f64) (result i32) local.get 0))";
    let invoke = |arguments: &[&str]| run_text(module, &["--invoke", "add"], arguments);
    invoke(&["1"]).expect(
        2,
        &["`add` takes 2 arguments, 1 given", "(i32, f64) -> (i32)"],
    );
    // The third would not be read: the module does not import the program's arguments.
    invoke(&["1", "2", "3"]).expect(2, &["3 given"]);
    invoke(&["one", "2"]).expect(
        2,
        &["argument 1 of `add` (i32): expected an integer, found `one`"],
    );
    invoke(&["4294967296", "2"]).expect(2, &["does not fit into 32 bits"]);
    invoke(&["1", "x"]).expect(
        2,
        &["argument 2 of `add` (f64): expected a number, found `x`"],
    );
    let references = "(module (func (export \"f\") (param externref)))";
    run_text(references, &["--invoke", "f"], &["1"]).expect(2, &["references cannot be given"]);
}

#[test]
fn files_that_cannot_be_read() {
    lazywasm(&["run", "no/such/file.wasm"]).expect(1, &["no/such/file.wasm", "No such file"]);
    let folder = Folder::new();
    let path = folder.path().to_str().unwrap();
    lazywasm(&["run", path]).expect(1, &[path, "directory"]);

    let file = folder.file("secret.wasm", "(module)");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o000)).unwrap();
    // Root can read everything.
    if fs::read(&file).is_err() {
        lazywasm(&["run", &file]).expect(1, &["secret.wasm", "ermission denied"]);
    }
}

#[test]
fn infinite_recursion() {
    let module = "(module (func $f (export \"_start\") call $f))";
    for mode in ["baseline", "optimise", "tiered"] {
        run_text(module, &["--mode", mode], &[]).expect(134, &["call stack exhausted", "!f"]);
    }
}

#[test]
fn memory_out_of_bounds() {
    let module = "(module (memory 1) (func $peek (export \"_start\") i32.const -4 i32.load drop))";
    run_text(module, &[], &[]).expect(134, &["trapped: out of bounds memory access", "!peek"]);
}

#[test]
fn integer_traps() {
    let trap = |body: &str| {
        run_text(
            &format!("(module (func (export \"_start\") {body} drop))"),
            &[],
            &[],
        )
    };
    trap("(i32.div_s (i32.const -2147483648) (i32.const -1))").expect(134, &["integer overflow"]);
    trap("(i32.div_u (i32.const 1) (i32.const 0))").expect(134, &["integer divide by zero"]);
    trap("(i64.rem_s (i64.const 1) (i64.const 0))").expect(134, &["integer divide by zero"]);
    trap("(i32.trunc_f32_s (f32.const nan))").expect(134, &["invalid conversion to integer"]);
}

#[test]
fn indirect_calls_that_do_not_fit() {
    let module = |index: u32| {
        format!(
            "(module (table 3 funcref) (elem (i32.const 0) $f) (type $t (func (param i64)))
               (func $f)
               (func (export \"_start\") (call_indirect (type $t) (i64.const 0) (i32.const {index}))))"
        )
    };
    run_text(&module(0), &[], &[]).expect(134, &["indirect call type mismatch"]);
    run_text(&module(1), &[], &[]).expect(134, &["uninitialized element"]);
    run_text(&module(3), &[], &[]).expect(134, &["undefined element"]);
}

#[test]
fn too_much_memory() {
    let four = "(module (memory 65536) (func (export \"_start\")))";
    run_text(four, &["--max-memory", "64M"], &[]).expect(
        1,
        &["memory of 4294967296 bytes", "limit of 67108864 bytes"],
    );
    let grows = "(module (memory 1)
        (func (export \"grow\") (result i32) (memory.grow (i32.const 2000))))";
    let outcome = run_text(grows, &["--max-memory", "64M", "--invoke", "grow"], &[]);
    outcome.expect(0, &[]);
    assert_eq!(outcome.stdout, "-1\n");
}

#[test]
fn an_endless_loop_under_a_timeout() {
    let module = "(module (func $spin (export \"_start\") (loop $l br $l)))";
    for mode in ["baseline", "reference", "optimise", "tiered"] {
        let outcome = run_text(module, &["--mode", mode, "--timeout", "200ms"], &[]);
        outcome.expect(134, &["stopped after 200.0 ms (--timeout)"]);
        assert!(
            !outcome.stderr.contains("waited"),
            "stopped by the flag: {outcome:?}"
        );
    }
}

#[test]
fn waiting_in_the_host_under_a_timeout() {
    // Reads from a pipe into which nothing is written.
    let module = r#"(module
        (import "wasi_snapshot_preview1" "fd_read"
          (func $fd_read (param i32 i32 i32 i32) (result i32)))
        (memory (export "memory") 1)
        (func (export "_start")
          (i32.store (i32.const 0) (i32.const 64))
          (i32.store (i32.const 4) (i32.const 1))
          (drop (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))))"#;
    let folder = Folder::new();
    let file = folder.file("waits.wat", module);
    let mut child = command(&["run", "--timeout", "100ms", &file])
        .stdin(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let kept_open = child.stdin.take();
    let output = child.wait_with_output().unwrap();
    drop(kept_open);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(134), "{stderr}");
    assert!(
        stderr.contains("while it waited in a call of the host"),
        "{stderr}"
    );
}

#[test]
fn loading_under_a_timeout() {
    // Reading a pipe into which nothing is written never ends.
    let folder = Folder::new();
    let file = folder.path().join("endless.wasm");
    rustix::fs::mknodat(
        rustix::fs::CWD,
        &file,
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR,
        0,
    )
    .unwrap();
    lazywasm(&["run", "--timeout", "100ms", file.to_str().unwrap()])
        .expect(134, &["(--timeout) while it was loaded and validated"]);
}

#[test]
fn wrong_usage() {
    lazywasm(&[]).expect(2, &["Usage"]);
    lazywasm(&["run"]).expect(2, &["FILE"]);
    lazywasm(&["run", "--bogus", "x.wasm"]).expect(2, &["'--bogus'", "Usage"]);
    lazywasm(&["walk", "x"]).expect(2, &["walk"]);
    lazywasm(&["run", "--mode", "fast", "x.wasm"])
        .expect(2, &["fast", "baseline", "optimise", "tiered"]);
    lazywasm(&["run", "--max-memory", "3T", "x.wasm"])
        .expect(2, &["3T", "`T` is not", "K, M or G"]);
    lazywasm(&["run", "--timeout", "5", "x.wasm"]).expect(2, &["needs a unit"]);
    lazywasm(&["run", "--stats=xml", "x.wasm"]).expect(2, &["xml", "json"]);
    let folder = Folder::new();
    let file = folder.file("p.wat", "(module (func (export \"_start\")))");
    lazywasm(&["run", "--preload", "lib", &file]).expect(2, &["--preload expects NAME=FILE"]);
    lazywasm(&["run", "--env", "=x", &file]).expect(2, &["--env expects NAME=VALUE"]);
    lazywasm(&["run", "--env", "LAZYWASM_NOT_SET", &file]).expect(2, &["LAZYWASM_NOT_SET"]);
    lazywasm(&["run", "--dir", "::x", &file]).expect(2, &["--dir expects HOST[::GUEST]"]);
    lazywasm(&["run", "--dir", "no/such/dir", &file]).expect(1, &["no/such/dir"]);
    lazywasm(&["run", "--tcplisten", "nowhere", &file]).expect(1, &["nowhere", "--tcplisten"]);
}

/// A name that sets a colour and a title, begins a new line, and changes the direction of the text after it.
const EVIL: &str = "\x1b[31mEVIL\x1b]0;pwn\x07\n\u{202e}\u{200b}\u{2028}x";
/// The same name as messages show it.
const SHOWN: &str = r"\u{1b}[31mEVIL\u{1b}]0;pwn\u{7}\n\u{202e}\u{200b}\u{2028}x";

/// `EVIL` as a string of the text format.
fn evil() -> String {
    let bytes: Vec<String> = EVIL.bytes().map(|byte| format!("\\{byte:02x}")).collect();
    format!("\"{}\"", bytes.concat())
}

/// Checks that the output has only line ends and visible characters.
#[track_caller]
fn harmless(outcome: &Outcome) {
    for text in [&outcome.stdout, &outcome.stderr] {
        let seen =
            |c: char| c == '\n' || !(c.is_control() || ('\u{200b}'..='\u{202e}').contains(&c));
        assert!(text.chars().all(seen), "{outcome:?}");
    }
    assert!(outcome.stderr.contains(SHOWN), "{outcome:?}");
    let new_line = outcome.stderr.lines().any(|line| line.starts_with('x'));
    assert!(!new_line, "{outcome:?}");
}

/// A name may contain control sequences of a terminal, or characters that change how the text around it
/// reads. They are escaped wherever names become text.
#[test]
fn names_with_control_characters() {
    let evil = evil();
    let run = |text: &str, options: &[&str], status: i32| {
        let outcome = run_text(&text.replace("EVIL", &evil), options, &[]);
        outcome.expect(status, &[]);
        harmless(&outcome);
        outcome
    };
    // Imports: missing, of another type, provided by a preloaded module of the wrong type.
    run(
        "(module (import EVIL EVIL (func)) (func (export \"_start\")))",
        &[],
        1,
    );
    let folder = Folder::new();
    let library = format!("(module (memory (export {evil}) 1))");
    let library = folder.file("lib.wat", library);
    let preload = format!("--preload={EVIL}={library}");
    for import in ["(func)", "(memory 2)"] {
        let text = format!("(module (import EVIL EVIL {import}) (func (export \"_start\")))");
        run(&text, &[&preload], 1);
    }
    // Two modules of the same name.
    let lib = folder.file("two.wat", format!("(module (func (export {evil})))"));
    let wasi = format!("--preload=wasi_snapshot_preview1={lib}");
    let twice = [
        &wasi[..],
        &format!("--preload={EVIL}={lib}"),
        &format!("--preload={EVIL}={lib}"),
    ];
    run("(module (func (export \"_start\")))", &twice, 2);
    // Exports: offered, of another kind, twice.
    run("(module (func (export EVIL)))", &[], 1);
    run("(module (memory (export EVIL) 1))", &["--invoke", EVIL], 1);
    run("(module (func (export \"f\")))", &["--invoke", EVIL], 1);
    run(
        "(module (func (export EVIL) (param i32)))",
        &["--invoke", EVIL],
        2,
    );
    let twice = "(module (func (export EVIL)) (func (export EVIL)))";
    let twice = twice.replace("EVIL", &evil);
    let twice = wat::parse_str(twice).unwrap();
    harmless(&run_bytes("twice.wasm", &twice));
    // Functions and the module, in a validator's error, a backtrace, a trace and a report.
    let named = |body: &str| {
        format!("(module (@name EVIL) (func (@name EVIL) (export \"_start\") {body}))")
    };
    run(&named("i64.const 1 i32.eqz drop"), &[], 1);
    run(
        &named("unreachable"),
        &["--trace=life,link,inline,osr"],
        134,
    );
    let file = folder.file("named.wat", named("unreachable").replace("EVIL", &evil));
    let explained = lazywasm(&["explain", "--mode", "optimise", &file]);
    harmless(&explained);
    let shown = format!("function {SHOWN} (number 0 of {SHOWN})");
    explained.expect(134, &[&shown]);
    // A host function that is called.
    let left = format!(
        "(module (import \"{}\" EVIL (func $h)) (func (export \"_start\") (call $h)))",
        "lib"
    );
    let left = left.replace("EVIL", &evil);
    let main = folder.file("left.wat", left);
    let lib = format!("lib={lib}");
    let outcome = lazywasm(&[
        "run",
        "--preload",
        &lib,
        "--mode=optimise",
        "--trace=life,inline",
        &main,
    ]);
    outcome.expect(0, &[]);
    harmless(&outcome);
    // A trace file, which is JSON: one line per event, and nothing unescaped.
    let events = folder.path().join("events.json");
    lazywasm(&["run", "--trace-events", events.to_str().unwrap(), &file]).expect(134, &[]);
    let events = fs::read_to_string(events).unwrap();
    assert!(!events.contains(['\x1b', '\u{202e}']), "{events}");
    let parsed: serde_json::Value = serde_json::from_str(&events).unwrap();
    assert!(parsed.as_array().unwrap().len() > 2, "{events}");
}

/// The same is true for names of files, and for texts of modules that are quoted.
#[test]
fn files_and_texts_with_control_characters() {
    let folder = Folder::new();
    let missing = folder.path().join(EVIL).to_str().unwrap().to_string();
    harmless(&lazywasm(&["run", &missing]));
    let traps = folder.file(EVIL, "(module (func (export \"_start\") unreachable))");
    harmless(&lazywasm(&["run", &traps]));
    let garbage = folder.file(EVIL, "(module (func \u{202e} \x1b[31m))");
    let outcome = lazywasm(&["run", &garbage]);
    outcome.expect(1, &[]);
    harmless(&outcome);
    let script = folder.file(
        "evil.wast",
        "(module)\n(assert_return (invoke \"\\1b\\e2\\80\\ae\"))",
    );
    let outcome = lazywasm(&["wast", &script]);
    assert_eq!(outcome.status, Some(1));
    assert!(
        !outcome.stdout.contains(['\x1b', '\u{202e}']),
        "{outcome:?}"
    );
    let file = folder.file("p.wat", "(module (func (export \"_start\")))");
    let events = format!("no/such/folder/{EVIL}");
    for options in [
        ["--dir", EVIL],
        ["--env", EVIL],
        ["--tcplisten", EVIL],
        ["--preload", EVIL],
        ["--trace-events", &events],
    ] {
        let outcome = lazywasm(&["run", options[0], options[1], &file]);
        assert!(matches!(outcome.status, Some(1 | 2)), "{outcome:?}");
        harmless(&outcome);
    }
}

/// The cause comes before the backtrace, which may be long.
#[test]
fn a_program_without_a_memory() {
    let module = r#"(module
        (import "wasi_snapshot_preview1" "fd_write" (func $w (param i32 i32 i32 i32) (result i32)))
        (memory 1)
        (func $deep (param i32)
          (if (local.get 0)
            (then (call $deep (i32.sub (local.get 0) (i32.const 1))))
            (else (drop (call $w (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))))
        (func (export "_start") (call $deep (i32.const 50))))"#;
    let outcome = run_text(module, &[], &[]);
    outcome.expect(1, &["!deep"]);
    let first = outcome.stderr.lines().next().unwrap();
    assert_eq!(
        first,
        "lazywasm: the module calls WASI functions but exports no memory named \"memory\""
    );
}

/// A message that cannot be written does not change the status.
#[test]
fn messages_may_go_unread() {
    let folder = Folder::new();
    let traps = folder.file(
        "traps.wat",
        "(module (func (export \"_start\") unreachable))",
    );
    let garbage = folder.file("garbage.wasm", "no module");
    for (arguments, status) in [
        (&["run", "--trace=life,link", "--stats", &traps][..], 134),
        (&["run", &garbage], 1),
    ] {
        let full = fs::File::options().write(true).open("/dev/full").unwrap();
        let ended = command(arguments).stderr(full).status().unwrap();
        assert_eq!(ended.code(), Some(status), "{arguments:?}");
    }
}

/// A limit on the size of files does not limit the program's code.
#[test]
fn a_limit_on_the_size_of_files() {
    let folder = Folder::new();
    let file = folder.file(
        "seven.wat",
        "(module (func (export \"f\") (result i32) (i32.const 7)))",
    );
    let ended = std::process::Command::new("sh")
        .args(["-c", "ulimit -f 8; exec \"$0\" run --invoke f \"$1\""])
        .args([env!("CARGO_BIN_EXE_lazywasm"), &file])
        .output()
        .unwrap();
    assert_eq!(ended.status.code(), Some(0), "{ended:?}");
    assert_eq!(ended.stdout, b"7\n");
}

#[test]
fn a_script_s_name_that_looks_like_a_report() {
    let outcome = lazywasm(&["wast", "none\nFAKE: 5 passed"]);
    outcome.expect(1, &[]);
    assert_eq!(outcome.stdout.lines().count(), 2, "{outcome:?}");
    assert_eq!(outcome.stdout.lines().last(), Some("0 passed, 1 failed"));
}
