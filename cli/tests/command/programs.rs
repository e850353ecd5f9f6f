//! Whole programs through the command: what they print, and the status they end with.

use crate::scratch::{Folder, command, in_repository, lazywasm};
use std::process::Stdio;

#[test]
fn primes() {
    let file = in_repository("examples/primes.wat");
    for mode in ["baseline", "optimise", "tiered", "relink-storm"] {
        let outcome = lazywasm(&["run", "--mode", mode, &file, "30"]);
        outcome.expect(0, &[]);
        assert_eq!(
            outcome.stdout, "2\n3\n5\n7\n11\n13\n17\n19\n23\n29\n",
            "{mode}"
        );
    }
    let many = lazywasm(&["run", &file, "100000"]);
    many.expect(0, &[]);
    assert_eq!(many.stdout.lines().count(), 9592);
    assert_eq!(many.stdout.lines().last(), Some("99991"));
}

#[test]
fn the_status_is_the_program_s_own() {
    let file = in_repository("examples/primes.wat");
    lazywasm(&["run", &file]).expect(2, &["usage: primes LIMIT"]);
    lazywasm(&["run", &file, "--help"]).expect(2, &["usage: primes LIMIT"]);
    let folder = Folder::new();
    let exits = folder.file(
        "exits.wat",
        "(module (import \"wasi_snapshot_preview1\" \"proc_exit\" (func $exit (param i32)))
           (memory (export \"memory\") 1)
           (func (export \"_start\") (call $exit (i32.const 77)) unreachable))",
    );
    lazywasm(&["run", &exits]).expect(77, &[]);
    let text = std::fs::read_to_string(&exits)
        .unwrap()
        .replace("77", "256");
    lazywasm(&["run", &folder.file("far.wat", text)]).expect(255, &[]);
}

#[test]
fn a_preloaded_module_is_linked() {
    let main = in_repository("examples/two_modules/main.wat");
    let preload = format!("steps={}", in_repository("examples/two_modules/steps.wat"));
    for mode in ["baseline", "optimise", "tiered"] {
        let outcome = lazywasm(&["run", "--mode", mode, "--preload", &preload, &main]);
        outcome.expect(0, &[]);
        assert_eq!(outcome.stdout, "77031 takes 350 steps\n", "{mode}");
    }
}

#[test]
fn what_follows_the_file_belongs_to_the_program() {
    let folder = Folder::new();
    let counts = folder.file(
        "counts.wat",
        "(module
           (import \"wasi_snapshot_preview1\" \"args_sizes_get\"
             (func $sizes (param i32 i32) (result i32)))
           (import \"wasi_snapshot_preview1\" \"proc_exit\" (func $exit (param i32)))
           (memory (export \"memory\") 1)
           (func (export \"_start\")
             (drop (call $sizes (i32.const 0) (i32.const 4)))
             (call $exit (i32.load (i32.const 0)))))",
    );
    lazywasm(&["run", &counts]).expect(1, &[]);
    lazywasm(&["run", &counts, "--mode", "-x", "--", "--stats"]).expect(5, &[]);
}

#[test]
fn invoke_prints_results_one_a_line() {
    let folder = Folder::new();
    let file = folder.file(
        "values.wat",
        "(module
           (func (export \"swap\") (param i32 f64) (result f64 i32) local.get 1 local.get 0)
           (func (export \"wide\") (param i64 f32 v128) (result i64 f32 v128)
             local.get 0 local.get 1 local.get 2)
           (func (export \"null\") (result funcref externref) ref.null func ref.null extern))",
    );
    let swap = lazywasm(&["run", "--invoke", "swap", &file, "-7", "0.1"]);
    swap.expect(0, &[]);
    assert_eq!(swap.stdout, "0.1\n-7\n");
    let wide = lazywasm(&[
        "run",
        "--invoke",
        "wide",
        &file,
        "0xffffffffffffffff",
        "-0",
        "0x1f",
    ]);
    wide.expect(0, &[]);
    assert_eq!(wide.stdout, "-1\n-0\n0x0000000000000000000000000000001f\n");
    let null = lazywasm(&["run", "--invoke", "null", &file]);
    assert_eq!(null.stdout, "null\nnull\n");
}

#[test]
fn stats_as_text_and_as_json() {
    let file = in_repository("examples/primes.wat");
    let text = lazywasm(&["run", "--stats", &file, "30"]);
    text.expect(
        0,
        &[
            "functions defined",
            "call sites recorded",
            "first instruction after",
            "peak memory",
        ],
    );

    let outcome = lazywasm(&["run", "--stats=json", &file, "30"]);
    outcome.expect(0, &[]);
    let json: serde_json::Value = serde_json::from_str(&outcome.stderr).expect("one line of JSON");
    let number = |path: &str| {
        json.pointer(path)
            .and_then(|value| value.as_u64())
            .expect(path)
    };
    assert_eq!(number("/functions_defined"), 12);
    // $fail and $usage are never called.
    assert_eq!(number("/functions_compiled/baseline"), 10);
    assert!(number("/code_bytes/baseline") > 0);
    let (recorded, patched) = (
        number("/call_sites/recorded"),
        number("/call_sites/patched"),
    );
    assert_eq!(recorded, patched + number("/call_sites/left_on_stub"));
    assert_eq!(
        number("/call_sites/left_on_stub"),
        number("/call_sites/left_on_stub_because/crossing")
            + number("/call_sites/left_on_stub_because/callee_not_compiled")
            + number("/call_sites/left_on_stub_because/patching_off")
    );
    assert!(number("/first_instruction_us") > 0);
    assert!(number("/peak_memory_bytes") > 1 << 20);
    assert_eq!(number("/compiled_twice"), 0);
    for name in [
        "/promotions",
        "/sent_back",
        "/refused",
        "/relinks",
        "/patches",
        "/compile_us/baseline",
        "/compile_us/optimised",
    ] {
        number(name);
    }
}

#[test]
fn a_reader_that_goes_away_is_no_panic() {
    let folder = Folder::new();
    let file = folder.file(
        "one.wat",
        "(module (func (export \"one\") (result i32) i32.const 1))",
    );
    let script = folder.file("one.wast", "(module)\n(assert_return (invoke \"none\"))\n");
    for arguments in [vec!["run", "--invoke", "one", &file], vec!["wast", &script]] {
        let mut child = command(&arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(!stderr.contains("panicked"), "{stderr}");
        assert!(
            matches!(output.status.code(), Some(0 | 1)),
            "{:?}",
            output.status
        );
    }
}

#[test]
fn scripts() {
    let folder = Folder::new();
    let good = folder.file(
        "good.wast",
        "(module (func (export \"f\") (result i32) i32.const 7))
         (assert_return (invoke \"f\") (i32.const 7))",
    );
    let outcome = lazywasm(&["wast", &good]);
    outcome.expect(0, &[]);
    assert_eq!(outcome.stdout, "2 passed, 0 failed\n");

    let bad = folder.file(
        "bad.wast",
        "(module (func (export \"f\") (result i32) i32.const 7))\n\
         (assert_return (invoke \"f\") (i32.const 8))\n\
         (assert_trap (invoke \"f\") \"unreachable\")\n",
    );
    let outcome = lazywasm(&["wast", &good, &bad]);
    outcome.expect(1, &[]);
    let lines: Vec<_> = outcome.stdout.lines().collect();
    assert!(
        lines[0].contains("bad.wast:2: ") && lines[0].contains("expected i32 8"),
        "{lines:?}"
    );
    assert!(
        lines[1].contains("bad.wast:3: ") && lines[1].contains("unreachable"),
        "{lines:?}"
    );
    assert_eq!(lines[2], "3 passed, 2 failed");

    let missing = lazywasm(&["wast", "no/such.wast"]);
    missing.expect(1, &[]);
    assert!(missing.stdout.starts_with("no/such.wast: "), "{missing:?}");
    let syntax = folder.file("syntax.wast", "(module\n(func (what)))");
    let outcome = lazywasm(&["wast", &syntax]);
    outcome.expect(1, &[]);
    assert!(outcome.stdout.contains("syntax.wast:2: "), "{outcome:?}");
}

#[test]
fn help_tells_what_there_is() {
    let outcome = lazywasm(&["run", "--help"]);
    outcome.expect(0, &[]);
    for option in [
        "--dir",
        "--dir-ro",
        "--env",
        "--invoke",
        "--preload",
        "--mode",
        "--threshold",
        "--max-memory",
        "--timeout",
        "--tcplisten",
        "--stats",
        "--trace",
    ] {
        assert!(outcome.stdout.contains(option), "{option}");
    }
}
