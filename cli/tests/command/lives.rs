//! What is told of functions: `explain`, `--trace=inline,osr` and `--trace-events`.

use crate::scratch::{Folder, lazywasm};
use serde_json::Value;

const LIBRARY: &str = r#"(module $library
  (func $scale (export "scale") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 3))))"#;

/// One call of a loop that calls the library, and once a function that stays cold.
const PROGRAM: &str = r#"(module $program
  (import "library" "scale" (func $scale (param i32) (result i32)))
  (func $shift (param i32) (result i32) (i32.shl (call $scale (local.get 0)) (i32.const 1)))
  (func $cold (result i32) (i32.const 0))
  (func $never (unreachable))
  (func (export "run") (param $n i32) (result i32)
    (local $sum i32)
    (local.set $sum (call $cold))
    (loop $again
      (local.set $sum (i32.add (local.get $sum) (call $shift (local.get $n))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum)))"#;

/// Turns of the loop: it runs for seconds in baseline code, far longer than the optimiser needs.
const TURNS: &str = "300000000";
const SUM: &str = "-16783104\n";

/// Runs the program with a subcommand and options.
fn run(subcommand: &str, options: &[&str]) -> crate::scratch::Outcome {
    let folder = Folder::new();
    let library = folder.file("library.wat", LIBRARY);
    let program = folder.file("program.wat", PROGRAM);
    let preload = format!("library={library}");
    let mut arguments = vec![subcommand];
    arguments.extend(options);
    arguments.extend(["--invoke", "run", "--preload", &preload, &program, TURNS]);
    let outcome = lazywasm(&arguments);
    assert_eq!(outcome.stdout, SUM, "{outcome:#?}");
    outcome
}

#[test]
fn explain_tells_the_lives_of_functions() {
    let told = run("explain", &[]);
    told.expect(
        0,
        &[
            "function run (number 4 of program)",
            "function scale (number 0 of library)",
            "first called after",
            "promoted after",
            "optimised after",
            ": shift, 9 bytes",
            ": scale of library, 7 bytes",
            "1 running frame went on there",
            "4 functions called, of which 1 not told of here",
            "when it was last linked, 1 of 1 call site in 1 piece of code led to it directly",
        ],
    );
    assert!(!told.stderr.contains("function cold"), "{told:#?}");
    assert!(!told.stderr.contains("never"), "{told:#?}");
}

#[test]
fn explain_tells_of_one_function_whatever_became_of_it() {
    let told = run("explain", &["--function", "cold"]);
    told.expect(
        0,
        &["function cold (number 2 of program)", "first called after"],
    );
    assert!(!told.stderr.contains("function run"), "{told:#?}");
    assert!(!told.stderr.contains("promoted"), "{told:#?}");
    let qualified = run("explain", &["--function", "library!scale"]);
    qualified.expect(0, &["function scale (number 0 of library)"]);
    let absent = run("explain", &["--function", "never"]);
    absent.expect(0, &["never"]);
    assert!(!absent.stderr.contains("first called"), "{absent:#?}");
}

#[test]
fn traces_tell_of_inlining_and_of_loops() {
    let inlined = run("run", &["--trace=inline"]);
    inlined.expect(0, &["inlined   run: scale of library, 7 bytes"]);
    assert!(!inlined.stderr.contains("goes on at"), "{inlined:#?}");
    let loops = run("run", &["--trace=osr"]);
    loops.expect(
        0,
        &[
            "loop      run: code of",
            "entered   run: a frame goes on at",
        ],
    );
    assert!(!loops.stderr.contains("inlined"), "{loops:#?}");
}

#[test]
fn events_are_written_as_a_trace() {
    let folder = Folder::new();
    let file = folder.path().join("events.json");
    let name = file.to_str().unwrap();
    run("run", &["--trace-events", name]);
    let events: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    let events = events["traceEvents"]
        .as_array()
        .or_else(|| events.as_array());
    let events = events.expect("a list of events");
    // What a viewer needs of each: a phase, a time and where it belongs.
    for event in events {
        assert!(event["ph"].is_string() && event["pid"].is_u64(), "{event}");
        assert!(event["ph"] == "M" || event["ts"].is_number(), "{event}");
    }
    let text = events.iter().map(Value::to_string).collect::<String>();
    for wanted in ["run", "scale", "shift", "baseline", "optimised"] {
        assert!(text.contains(wanted), "{wanted} in {text}");
    }
}

#[test]
fn a_trace_costs_no_other_file_and_tells_when_it_cannot_be_written() {
    let folder = Folder::new();
    let text = r#"(module (func (export "_start")))"#;
    let program = folder.file("program.wat", text);
    let older = folder.file("older.json", "[]");
    let run = |trace: &str, program: &str| lazywasm(&["run", "--trace-events", trace, program]);
    // The file's name was forgotten: the program stands in its place.
    run(&program, "input.txt").expect(1, &["input.txt"]);
    run(&program, &program).expect(2, &["--trace-events would overwrite", "program.wat"]);
    assert_eq!(std::fs::read_to_string(&program).unwrap(), text);
    run(&older, "/no/such/program.wasm").expect(1, &["/no/such/program.wasm"]);
    assert_eq!(std::fs::read_to_string(&older).unwrap(), "[]");
    run("/no/such/folder/x", &program).expect(1, &["/no/such/folder/x"]);
    run("/dev/full", &program).expect(1, &["cannot write /dev/full"]);
}
