//! The command line beyond the options: the short form without `run`, programs from the standard input,
//! completions and manual pages.

use crate::scratch::{Folder, Outcome, command, in_repository, lazywasm};
use std::fs::File;
use std::io::Write;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixDatagram;
use std::process::Stdio;

#[test]
fn run_can_be_left_out_before_a_file() {
    let file = in_repository("examples/primes.wat");
    let outcome = lazywasm(&[&file, "10"]);
    outcome.expect(0, &[]);
    assert_eq!(outcome.stdout, "2\n3\n5\n7\n");
    // Arguments belong to the program, also those that look like options of the command.
    lazywasm(&[&file, "--help"]).expect(2, &["usage: primes LIMIT"]);
    lazywasm(&["missing.wasm"]).expect(1, &["missing.wasm"]);
    lazywasm(&["frobnicate"]).expect(2, &["frobnicate", "lazywasm FILE"]);
    lazywasm(&["help", "missing.wasm"]).expect(2, &["missing.wasm"]);
    lazywasm(&["--stats", &file]).expect(2, &["options need `run`"]);
}

#[test]
fn a_file_with_the_name_of_a_subcommand_needs_a_path() {
    let folder = Folder::new();
    let run = |arguments: &[&str]| {
        let mut command = command(arguments);
        Outcome::of(command.current_dir(folder.path()).output().unwrap())
    };
    for name in ["wast", "help", "other"] {
        folder.file(name, "(module (func (export \"_start\")))");
        run(&[&format!("./{name}")]).expect(0, &[]);
    }
    run(&["wast"]).expect(2, &["FILE"]);
    run(&["help", "other"]).expect(2, &["other"]);
    run(&["other"]).expect(0, &[]);
}

/// Runs the command with this on its standard input.
fn with_input(input: &[u8], arguments: &[&str]) -> Outcome {
    let mut command = command(arguments);
    command.stdin(Stdio::piped());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    Outcome::of(child.wait_with_output().unwrap())
}

#[test]
fn the_program_comes_from_the_standard_input() {
    let text = std::fs::read(in_repository("examples/primes.wat")).unwrap();
    let binary = wat::parse_bytes(&text).unwrap();
    for program in [&text[..], &binary] {
        for arguments in [
            &["run", "-", "10"][..],
            &["explain", "-", "10"],
            &["-", "10"],
        ] {
            let outcome = with_input(program, arguments);
            outcome.expect(0, &[]);
            assert_eq!(outcome.stdout, "2\n3\n5\n7\n");
        }
    }
    with_input(b"\0asm but no more", &["run", "-"]).expect(
        1,
        &["cannot load the standard input: module is not a valid module"],
    );
    let library = b"(module (func (export \"f\") (param i32) (result i32) (local.get 0)))";
    let invoked = with_input(library, &["run", "--invoke", "f", "-", "7"]);
    invoked.expect(0, &[]);
    assert_eq!(invoked.stdout, "7\n");
    with_input(library, &["run", "-"]).expect(1, &["the standard input", "--invoke"]);
}

/// A terminal can be read again after its end. So can this socket, in which an empty message is an end.
#[test]
fn a_program_from_the_standard_input_finds_it_at_its_end() {
    let (ours, theirs) = UnixDatagram::pair().unwrap();
    let mut command = command(&["run", "-"]);
    command.stdin(OwnedFd::from(theirs));
    let mut child = command.spawn().unwrap();
    drop(command);
    // Its status is the number of bytes that it reads.
    let program = r#"(module
        (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
        (memory (export "memory") 1)
        (data (i32.const 0) "\10\00\00\00\10\00\00\00")
        (func (export "_start")
          (if (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8))
            (then unreachable))
          (call $exit (i32.load (i32.const 8)))))"#;
    // What is read in parts smaller than a message loses the rest of the message.
    for part in program.as_bytes().chunks(16) {
        ours.send(part).unwrap();
    }
    ours.send(b"").unwrap();
    // The program may have ended by now.
    let _ = ours.send(b"more");
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_script_comes_from_the_standard_input() {
    let outcome = with_input(b"(module)\n(assert_trap (module) \"\")", &["wast", "-"]);
    outcome.expect(1, &[]);
    assert!(outcome.stdout.contains("<stdin>:2"), "{outcome:?}");
    with_input(b"(module)", &["wast", "-"]).expect(0, &[]);
    let outcome = with_input(b"\xff", &["wast", "-"]);
    outcome.expect(1, &[]);
    assert!(outcome.stdout.contains("not UTF-8"), "{outcome:?}");
}

#[test]
fn completions_name_the_subcommands() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = lazywasm(&["completions", shell]);
        script.expect(0, &[]);
        assert!(script.stdout.contains("explain"), "{shell}: {script:?}");
        assert!(script.stdout.contains("threshold"), "{shell}: {script:?}");
    }
    lazywasm(&["completions", "none"]).expect(2, &["bash"]);
}

/// Bash completes with the script: subcommands, options and their values.
#[test]
fn bash_completes_command_lines() {
    let script = lazywasm(&["completions", "bash"]).stdout;
    let complete = |words: &str| {
        let asks = format!(
            "{script}\nCOMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))\n\
             _lazywasm lazywasm \"${{COMP_WORDS[COMP_CWORD]}}\" \"${{COMP_WORDS[COMP_CWORD-1]}}\"\n\
             echo \"${{COMPREPLY[@]}}\""
        );
        let output = std::process::Command::new("bash")
            .args(["-c", &asks])
            .output();
        Outcome::of(output.unwrap()).stdout
    };
    assert_eq!(complete("lazywasm exp"), "explain\n");
    assert_eq!(complete("lazywasm run --thr"), "--threshold\n");
    assert_eq!(complete("lazywasm run --mode opt"), "optimise\n");
}

#[test]
fn manual_pages_have_subcommands_and_options() {
    let page = lazywasm(&["man"]);
    page.expect(0, &[]);
    assert!(page.stdout.contains(".TH lazywasm 1"), "{page:?}");
    assert!(page.stdout.contains("lazywasm\\-explain(1)"), "{page:?}");
    for (subcommand, option) in [
        ("run", "threshold"),
        ("explain", "function"),
        ("wast", "mode"),
    ] {
        let page = lazywasm(&["man", subcommand]);
        page.expect(0, &[]);
        let version = env!("CARGO_PKG_VERSION");
        let title = format!(".TH lazywasm-{subcommand} 1 \" \" \"lazywasm {version}\"");
        assert!(page.stdout.contains(&title), "{page:?}");
        assert!(page.stdout.contains(option), "{page:?}");
    }
    lazywasm(&["man", "frobnicate"]).expect(2, &["no subcommand `frobnicate`", "explain"]);
}

#[test]
fn generated_texts_that_cannot_be_written_are_an_error() {
    for arguments in [["man", "run"], ["completions", "bash"]] {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let output = command(&arguments).stdout(full).output().unwrap();
        Outcome::of(output).expect(1, &["cannot write to standard output"]);
        // A reader that has seen enough is no error.
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = command(&arguments).stdout(writer).output().unwrap();
        let outcome = Outcome::of(output);
        outcome.expect(0, &[]);
        assert_eq!(outcome.stderr, "");
    }
}
