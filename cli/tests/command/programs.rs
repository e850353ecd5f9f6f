//! Runs whole programs with the command: what they print, and their exit status.

use crate::scratch::{Folder, command, in_repository, lazywasm};
use std::process::Stdio;

#[test]
fn primes() {
    let file = in_repository("examples/primes.wat");
    for mode in [
        "baseline",
        "reference",
        "optimise",
        "tiered",
        "relink-storm",
    ] {
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
    for mode in ["baseline", "reference", "optimise", "tiered"] {
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

/// Prints `hi` from its start function.
const STARTS: &str = r#"(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\10\00\00\00\03\00\00\00")
  (data (i32.const 16) "hi\n")
  (func $main (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))) (;more;))
  (start $main))"#;

#[test]
fn a_module_with_a_start_function_only() {
    let folder = Folder::new();
    let program = folder.file("starts.wat", STARTS);
    let outcome = lazywasm(&["run", &program]);
    outcome.expect(0, &[]);
    assert_eq!(outcome.stdout, "hi\n");
    assert_eq!(outcome.stderr, "");
    let exits = STARTS.replace("(;more;)", "(call $exit (i32.const 9))");
    lazywasm(&["run", &folder.file("exits.wat", exits)]).expect(9, &[]);
    let traps = STARTS.replace("(;more;)", "unreachable");
    lazywasm(&["run", &folder.file("traps.wat", traps)]).expect(134, &["unreachable", "!main"]);
}

/// A library of functions: `argc` prints how often it was initialised, and how many arguments the program
/// has.
const REACTOR: &str = r#"(module
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (global $n (mut i32) (i32.const 0))
  (func (export "_initialize")
    (global.set $n (i32.add (global.get $n) (i32.const 100))) (;more;))
  (func $argc (export "argc") (result i32)
    (drop (call $sizes (i32.const 0) (i32.const 4)))
    (i32.add (global.get $n) (i32.load (i32.const 0))))
  (func (export "two") (param i32 i32) (result i32 i32 i32)
    (local.get 0) (local.get 1) (call $argc)))"#;

#[test]
fn a_reactor_is_initialised_and_is_given_arguments() {
    let folder = Folder::new();
    let reactor = folder.file("reactor.wat", REACTOR);
    for (arguments, wanted) in [
        (&["argc"][..], "101\n"),
        (&["argc", "a", "--b", "c"], "104\n"),
        (&["two", "7", "8"], "7\n8\n101\n"),
        (&["two", "-7", "0x8", "a", "-b"], "-7\n8\n103\n"),
    ] {
        let mut all = vec!["run", "--invoke", arguments[0], &reactor];
        all.extend(&arguments[1..]);
        let outcome = lazywasm(&all);
        outcome.expect(0, &[]);
        assert_eq!(outcome.stdout, wanted, "{arguments:?}");
    }
    lazywasm(&["run", "--invoke", "two", &reactor, "7"]).expect(2, &["takes 2 arguments, 1 given"]);
    // Called by its name, it runs once.
    let twice = REACTOR.replace(
        "(;more;)",
        "(if (i32.ne (global.get $n) (i32.const 100)) (then (call $exit (i32.const 3))))",
    );
    let twice = folder.file("twice.wat", twice);
    lazywasm(&["run", "--invoke", "_initialize", &twice]).expect(0, &[]);
    // Without a function to call, the module is only initialised.
    let outcome = lazywasm(&["run", &reactor]);
    outcome.expect(0, &[]);
    assert_eq!((&*outcome.stdout, &*outcome.stderr), ("", ""));
    lazywasm(&["run", &twice]).expect(0, &[]);
}

/// WASI accepts any number of buffers; a write with more than the system accepts at once writes only a part.
#[test]
fn thousands_of_buffers() {
    let folder = Folder::new();
    let program = folder.file(
        "buffers.wat",
        r#"(module
          (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
          (memory (export "memory") 2)
          (data (i32.const 8) "ab")
          (func (export "_start") (local $at i32)
            (loop $more
              (i32.store (i32.add (i32.const 1024) (local.get $at)) (i32.const 8))
              (i32.store (i32.add (i32.const 1028) (local.get $at)) (i32.const 2))
              (local.set $at (i32.add (local.get $at) (i32.const 8)))
              (br_if $more (i32.lt_u (local.get $at) (i32.const 16000))))
            (call $exit (call $write (i32.const 1) (i32.const 1024) (i32.const 2000) (i32.const 0)))))"#,
    );
    let outcome = lazywasm(&["run", &program]);
    outcome.expect(0, &[]);
    assert_eq!(outcome.stdout, "ab".repeat(1024));
}

/// The program gets an error at a limit on the size of files, whoever set it.
#[test]
fn files_beyond_the_system_s_limit() {
    let folder = Folder::new();
    let program = folder.file(
        "grows.wat",
        r#"(module
          (import "wasi_snapshot_preview1" "path_open"
            (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "fd_filestat_set_size" (func $size (param i32 i64) (result i32)))
          (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
          (memory (export "memory") 1)
          (data (i32.const 0) "big")
          (func (export "_start")
            (drop (call $open (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 3)
              (i32.const 1) (i64.const 64) (i64.const 0) (i32.const 0) (i32.const 100)))
            (call $exit (call $size (i32.load (i32.const 100)) (i64.const 1000000)))))"#,
    );
    let under_a_limit = |blocks: u32, options: &[&str]| {
        let script = format!("ulimit -f {blocks}; exec \"$0\" run \"$@\"");
        std::process::Command::new("sh")
            .args(["-c", &script, env!("CARGO_BIN_EXE_lazywasm")])
            .args(options)
            .arg(&program)
            .output()
            .unwrap()
    };
    let given = format!("{}::/", folder.path().display());
    let ended = under_a_limit(8, &["--dir", &given]);
    // WASI's number for a file that is too large.
    assert_eq!(ended.status.code(), Some(22), "{ended:?}");
    // The files that the command writes itself are limited too.
    let events = folder.path().join("events.json");
    let ended = under_a_limit(0, &["--trace-events", events.to_str().unwrap()]);
    assert_eq!(ended.status.code(), Some(1), "{ended:?}");
    let stderr = String::from_utf8_lossy(&ended.stderr);
    assert!(stderr.contains("cannot write"), "{stderr}");
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
    let hexadecimal = lazywasm(&["run", "--invoke", "swap", &file, "-0x7", "-0x1.8p-3"]);
    hexadecimal.expect(0, &[]);
    assert_eq!(hexadecimal.stdout, "-0.1875\n-7\n");
    lazywasm(&["run", "--invoke", "swap", &file, "7", "0x1.8p"])
        .expect(2, &["argument 2 of `swap`", "expected a number"]);
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
fn a_closed_standard_output_is_no_panic() {
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
fn help_lists_the_options() {
    let outcome = lazywasm(&["run", "--help"]);
    outcome.expect(0, &[]);
    // The number is written in the policy file; help takes it from there, README.md repeats it.
    let threshold = format!("default: {}", lazywasm::DEFAULT_THRESHOLD);
    assert!(outcome.stdout.contains(&threshold), "{outcome:#?}");
    let readme = std::fs::read_to_string(in_repository("README.md")).unwrap();
    assert!(readme.contains(&threshold.replace(':', "")), "README.md");
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

#[test]
fn scripts_may_expect_any_trap_and_any_function() {
    let folder = Folder::new();
    let script = folder.file(
        "any.wast",
        "(module
           (func (export \"trap\") unreachable)
           (func (export \"ok\"))
           (func $f) (elem declare func $f)
           (func (export \"f\") (result funcref) (ref.func $f))
           (func (export \"null\") (result funcref) (ref.null func)))
         (assert_trap (invoke \"trap\") \"\")
         (assert_return (invoke \"f\") (ref.func 2))
         (assert_return (invoke \"f\") (ref.func))",
    );
    lazywasm(&["wast", &script]).expect(0, &[]);
    for wrong in [
        "(assert_trap (invoke \"ok\") \"\")",
        "(assert_return (invoke \"null\") (ref.func 2))",
    ] {
        let text = std::fs::read_to_string(&script).unwrap() + wrong;
        assert_eq!(
            lazywasm(&["wast", &folder.file("wrong.wast", text)]).status,
            Some(1)
        );
    }
}
