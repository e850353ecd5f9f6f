//! Reports about functions: `explain`, `--trace=inline,osr` and `--trace-events`.

use crate::scratch::{Folder, SigInt, command, lazywasm, set_sigint};
use rustix::process::{Pid, Signal};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

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

/// Trips through the loop: it runs for seconds in baseline code, far longer than the optimiser needs.
const TRIPS: &str = "300000000";
const SUM: &str = "-16783104\n";

/// Runs the program with a subcommand and options.
fn run(subcommand: &str, options: &[&str]) -> crate::scratch::Outcome {
    let folder = Folder::new();
    let library = folder.file("library.wat", LIBRARY);
    let program = folder.file("program.wat", PROGRAM);
    let preload = format!("library={library}");
    let mut arguments = vec![subcommand];
    arguments.extend(options);
    arguments.extend(["--invoke", "run", "--preload", &preload, &program, TRIPS]);
    let outcome = lazywasm(&arguments);
    assert_eq!(outcome.stdout, SUM, "{outcome:#?}");
    outcome
}

#[test]
fn explain_reports_the_histories_of_functions() {
    let report = run("explain", &[]);
    report.expect(
        0,
        &[
            "function run (number 4 of program)",
            "function scale (number 0 of library)",
            "first called after",
            "promoted after",
            "optimised after",
            ": shift, 9 bytes",
            ": scale of library, 7 bytes",
            "1 running frame entered it",
            "4 functions called, 1 of them not listed here",
            "--function NAME tells of any other",
            "when it was last linked, 1 of 1 call site in 1 piece of code called it directly",
        ],
    );
    assert!(!report.stderr.contains("function cold"), "{report:#?}");
    assert!(!report.stderr.contains("never"), "{report:#?}");
}

#[test]
fn explain_reports_a_selected_function_even_if_it_stayed_cold() {
    let report = run("explain", &["--function", "cold"]);
    report.expect(
        0,
        &["function cold (number 2 of program)", "first called after"],
    );
    assert!(!report.stderr.contains("function run"), "{report:#?}");
    assert!(!report.stderr.contains("promoted"), "{report:#?}");
    let qualified = run("explain", &["--function", "library!scale"]);
    qualified.expect(0, &["function scale (number 0 of library)"]);
    let absent = run("explain", &["--function", "never", "--function", "nowhere"]);
    absent.expect(
        0,
        &[
            "function never: never called",
            "function nowhere: no module has one of that name",
        ],
    );
    assert!(!absent.stderr.contains("first called"), "{absent:#?}");
}

#[test]
fn explain_knows_functions_by_the_names_they_are_exported_by() {
    let folder = Folder::new();
    let program = folder.file(
        "named.wat",
        r#"(module $named (func $inner (export "a b") (export "outer")) (func (export "_start") call $inner))"#,
    );
    for name in ["a b", "outer", "inner", "named!outer", "named!inner", "0"] {
        let report = lazywasm(&["explain", "--function", name, &program]);
        report.expect(0, &["function inner (number 0 of named)", "first called"]);
    }
}

#[test]
fn explain_lists_every_call_that_is_not_inlined() {
    let folder = Folder::new();
    let program = folder.file(
        "left.wat",
        r#"(module $left
          (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
          (type $change (func (param i32) (result i32)))
          (table funcref (elem $a $b $c $d $e))
          (func $a (type $change) (i32.add (local.get 0) (i32.const 1)))
          (func $b (type $change) (i32.add (local.get 0) (i32.const 2)))
          (func $c (type $change) (i32.add (local.get 0) (i32.const 3)))
          (func $d (type $change) (i32.add (local.get 0) (i32.const 4)))
          (func $e (type $change) (i32.add (local.get 0) (i32.const 5)))
          (func $last (type $change) (return_call $a (local.get 0)))
          (func $last_of_table (type $change)
            (return_call_indirect (type $change) (local.get 0) (i32.const 0)))
          (func $work (param $n i32) (result i32)
            (if (i32.gt_u (local.get $n) (i32.const 100000000))
              (then
                (drop (call $yield))
                (drop (call_indirect (type $change) (i32.const 0) (i32.const 0)))))
            (call $last_of_table (call $last
              (call_indirect (type $change) (local.get $n)
                (i32.rem_u (local.get $n) (i32.const 5))))))
          (func (export "run") (param $n i32) (result i32)
            (local $sum i32)
            (loop $again
              (local.set $sum (i32.add (local.get $sum) (call $work (local.get $n))))
              (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
            (local.get $sum)))"#,
    );
    let arguments = [
        "--function",
        "work",
        "--invoke",
        "run",
        &program,
        "60000000",
    ];
    let report = lazywasm(&[&["explain"][..], &arguments].concat());
    report.expect(
        0,
        &[
            "sched_yield of wasi_snapshot_preview1: a function of the host",
            "whatever the table holds: no callee was seen",
            "times: only the first callees of a call",
            "a, 7 bytes: it is called in tail position",
            "whatever the table holds: it is called in tail position",
        ],
    );
}

/// Prints that it is ready, and then runs for ever.
const ENDLESS: &str = r#"(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\08\00\00\00\06\00\00\00ready\n")
  (func $endless (loop $again (br $again)))
  (func (export "_start")
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 100)))
    (call $endless)))"#;

#[test]
fn the_report_is_written_after_a_signal() {
    let folder = Folder::new();
    let program = folder.file("endless.wat", ENDLESS);
    let events = folder.path().join("events.json");
    for (signal, arguments, wanted) in [
        (
            Signal::INT,
            vec!["explain", "--function", "endless"],
            "function endless",
        ),
        (Signal::TERM, vec!["run", "--stats"], "functions defined"),
        (
            Signal::INT,
            vec!["run", "--trace-events", events.to_str().unwrap()],
            "",
        ),
        (Signal::INT, vec!["run"], ""),
    ] {
        let mut command = command(&[&arguments[..], &[&program]].concat());
        let mut running = start_endless(set_sigint(&mut command, SigInt::Default));
        send(&running, signal);
        let output = wait(&mut running);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.signal(), Some(signal.as_raw()), "{stderr}");
        assert!(stderr.contains(wanted), "no {wanted:?} in {stderr}");
    }
    let events: Value = serde_json::from_slice(&std::fs::read(&events).unwrap()).unwrap();
    assert!(events.as_array().is_some_and(|events| events.len() > 2));
}

/// A shell without job control starts background processes with SIGINT ignored, so that Ctrl-C reaches only
/// the process in the foreground.
#[test]
fn a_signal_ignored_from_the_start_stays_ignored() {
    let folder = Folder::new();
    let program = folder.file("endless.wat", ENDLESS);
    for options in [&["run"][..], &["run", "--stats"]] {
        let mut command = command(&[options, &[&program]].concat());
        let mut running = start_endless(set_sigint(&mut command, SigInt::Ignored));
        send(&running, Signal::INT);
        // Enough for a handler to end the process. A slow machine can only make the test pass wrongly.
        std::thread::sleep(Duration::from_millis(200));
        assert!(running.try_wait().unwrap().is_none(), "{options:?}");
        send(&running, Signal::TERM);
        let output = wait(&mut running);
        assert_eq!(output.status.signal(), Some(Signal::TERM.as_raw()));
    }
}

/// The report cannot be written to a full pipe that nobody reads.
#[test]
fn a_second_signal_ends_the_command_at_once() {
    let folder = Folder::new();
    let program = folder.file("endless.wat", ENDLESS);
    let (_unread, mut full) = std::io::pipe().unwrap();
    // As many bytes as a pipe holds.
    full.write_all(&[b'.'; 1 << 16]).unwrap();
    let mut command = command(&["run", "--stats", &program]);
    let command = set_sigint(&mut command, SigInt::Default);
    let mut running = wait_until_ready(command.stdout(Stdio::piped()).stderr(full));
    let started = Instant::now();
    let status = loop {
        send(&running, Signal::INT);
        std::thread::sleep(Duration::from_millis(50));
        if let Some(status) = running.try_wait().unwrap() {
            break status;
        }
        if started.elapsed() > Duration::from_secs(30) {
            running.kill().unwrap();
        }
    };
    assert_eq!(status.signal(), Some(Signal::INT.as_raw()));
}

/// Starts the command on [`ENDLESS`] and waits until the program runs.
fn start_endless(command: &mut Command) -> Child {
    wait_until_ready(command.stdout(Stdio::piped()).stderr(Stdio::piped()))
}

fn wait_until_ready(command: &mut Command) -> Child {
    let mut running = command.spawn().expect("the command starts");
    let mut line = String::new();
    let mut stdout = BufReader::new(running.stdout.take().expect("stdout is piped"));
    stdout.read_line(&mut line).expect("the program prints");
    assert_eq!(line, "ready\n");
    running
}

fn send(process: &Child, signal: Signal) {
    rustix::process::kill_process(Pid::from_child(process), signal).expect("the process runs");
}

/// Waits for a process that a signal should end. Kills it if the signal does not, so that a failing test ends
/// too.
fn wait(process: &mut Child) -> Output {
    let started = Instant::now();
    let status = loop {
        if let Some(status) = process.try_wait().expect("a child can be waited for") {
            break status;
        }
        if started.elapsed() > Duration::from_secs(30) {
            process.kill().expect("a child can be killed");
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    let mut stderr = Vec::new();
    let mut pipe = process.stderr.take().expect("stderr is piped");
    pipe.read_to_end(&mut stderr).expect("stderr can be read");
    Output {
        status,
        stdout: Vec::new(),
        stderr,
    }
}

#[test]
fn traces_show_inlining_and_loops() {
    let inlined = run("run", &["--trace=inline"]);
    inlined.expect(0, &["inlined   run: scale of library, 7 bytes"]);
    assert!(!inlined.stderr.contains("entered "), "{inlined:#?}");
    let loops = run("run", &["--trace=osr"]);
    loops.expect(0, &["loop      run: code of", "entered   run: a frame "]);
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
    // What a viewer needs of each event: a phase, a time and a process.
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
fn a_trace_file_overwrites_no_input_and_fails_if_it_cannot_be_written() {
    let folder = Folder::new();
    let text = r#"(module (func (export "_start")))"#;
    let program = folder.file("program.wat", text);
    let older = folder.file("older.json", "[]");
    let run = |trace: &str, program: &str| lazywasm(&["run", "--trace-events", trace, program]);
    // The name of the trace file was forgotten: the program is taken for it.
    run(&program, "input.txt").expect(1, &["input.txt"]);
    run(&program, &program).expect(2, &["--trace-events would overwrite", "program.wat"]);
    assert_eq!(std::fs::read_to_string(&program).unwrap(), text);
    run(&older, "/no/such/program.wasm").expect(1, &["/no/such/program.wasm"]);
    assert_eq!(std::fs::read_to_string(&older).unwrap(), "[]");
    run("/no/such/folder/x", &program).expect(1, &["/no/such/folder/x"]);
    run("/dev/full", &program).expect(1, &["cannot write /dev/full"]);
    let older = older.as_str();
    let arguments = ["--trace-events", older, "--invoke", "nowhere", &program];
    lazywasm(&[&["run"][..], &arguments].concat()).expect(1, &["nowhere"]);
    assert_eq!(std::fs::read_to_string(older).unwrap(), "[]");
}

#[test]
fn a_trace_that_breaks_off_is_an_error() {
    let folder = Folder::new();
    let functions: String = (0..30).map(|at| format!("(func $f{at})")).collect();
    let calls: String = (0..30).map(|at| format!("call $f{at} ")).collect();
    let text = format!("(module {functions} (func (export \"_start\") {calls}))");
    let program = folder.file("program.wat", text);
    let events = folder.path().join("events.json");
    // Beyond a limit on the size of files, writing fails with an error if SIGXFSZ is ignored.
    let ended = std::process::Command::new("sh")
        .args([
            "-c",
            "trap '' XFSZ; ulimit -f 1; exec \"$0\" run --trace-events \"$1\" \"$2\"",
        ])
        .args([
            env!("CARGO_BIN_EXE_lazywasm"),
            events.to_str().unwrap(),
            &program,
        ])
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("events.json: File too large"), "{stderr}");
}
