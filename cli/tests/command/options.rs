//! Options of `run` that give something to the program, and those that report something about it.

use crate::scratch::{Folder, command, lazywasm};
use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read};
use std::net::TcpStream;
use std::os::unix::ffi::OsStrExt;
use std::process::Stdio;

/// Makes the file `made` in its first directory; the status is the error number.
const MAKES_A_FILE: &str = r#"(module
  (import "wasi_snapshot_preview1" "path_open"
    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "made")
  (func (export "_start")
    (call $exit (call $open (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 4)
      (i32.const 1) (i64.const 64) (i64.const 0) (i32.const 0) (i32.const 100)))))"#;

/// WASI's number for a read-only file system.
const ROFS: i32 = 69;
/// WASI's number for a bad descriptor.
const BADF: i32 = 8;

#[test]
fn directories_are_given_to_be_written_or_only_read() {
    let folder = Folder::new();
    let program = folder.file("makes.wat", MAKES_A_FILE);
    let given = folder.path().join("given");
    std::fs::create_dir(&given).unwrap();
    let made = given.join("made");
    let given = given.to_str().unwrap();
    lazywasm(&["run", &program]).expect(BADF, &[]);
    let read_only = format!("{given}::/:ro");
    lazywasm(&["run", "--dir", &read_only, &program]).expect(ROFS, &[]);
    lazywasm(&["run", "--dir-ro", given, &program]).expect(ROFS, &[]);
    assert!(!made.exists());
    lazywasm(&["run", "--dir", &format!("{given}::/guest"), &program]).expect(0, &[]);
    assert!(made.exists());
}

/// A directory as standard input, as with a shell's `<`, can be neither read nor listed.
#[test]
fn a_directory_as_standard_input_gives_no_access_to_it() {
    let folder = Folder::new();
    let text = MAKES_A_FILE.replace("(i32.const 3) (i32.const 0)", "(i32.const 0) (i32.const 0)");
    let program = folder.file("makes.wat", text);
    let given = folder.path().join("given");
    std::fs::create_dir(&given).unwrap();
    let status = command(&["run", &program])
        .stdin(std::fs::File::open(&given).unwrap())
        .status()
        .unwrap();
    assert_ne!(status.code(), Some(0));
    assert!(!given.join("made").exists());
}

#[test]
fn the_environment_is_what_was_given() {
    let folder = Folder::new();
    let program = folder.file(
        "environment.wat",
        r#"(module
          (import "wasi_snapshot_preview1" "environ_sizes_get" (func $sizes (param i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "environ_get" (func $get (param i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
          (memory (export "memory") 1)
          (func (export "_start")
            (drop (call $sizes (i32.const 0) (i32.const 12)))
            (drop (call $get (i32.const 100) (i32.const 1000)))
            (i32.store (i32.const 8) (i32.const 1000))
            (drop (call $write (i32.const 1) (i32.const 8) (i32.const 1) (i32.const 4)))))"#,
    );
    assert_eq!(lazywasm(&["run", &program]).stdout, "");
    let given = command(&["run", "--env", "A=1=2", "--env", "PASSED_ON", &program])
        .env("PASSED_ON", "yes")
        .output()
        .unwrap();
    assert_eq!(given.stdout, b"A=1=2\0PASSED_ON=yes\0");
}

/// Prints its arguments, its environment and the name of its first directory, a NUL after each.
const PRINTS_ALL: &str = r#"(module
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_get" (func $args (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_sizes_get" (func $env_sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_get" (func $env (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_prestat_get" (func $prestat (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_prestat_dir_name" (func $dir (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func $print (param $length i32)
    (i32.store (i32.const 8) (i32.const 1000))
    (i32.store (i32.const 12) (local.get $length))
    (drop (call $write (i32.const 1) (i32.const 8) (i32.const 1) (i32.const 4))))
  (func (export "_start")
    (drop (call $args_sizes (i32.const 0) (i32.const 16)))
    (drop (call $args (i32.const 100) (i32.const 1000)))
    (call $print (i32.load (i32.const 16)))
    (drop (call $env_sizes (i32.const 0) (i32.const 16)))
    (drop (call $env (i32.const 100) (i32.const 1000)))
    (call $print (i32.load (i32.const 16)))
    (if (i32.eqz (call $prestat (i32.const 3) (i32.const 16)))
      (then
        (drop (call $dir (i32.const 3) (i32.const 1000) (i32.load (i32.const 20))))
        (i32.store8 (i32.add (i32.const 1000) (i32.load (i32.const 20))) (i32.const 0))
        (call $print (i32.add (i32.load (i32.const 20)) (i32.const 1)))))))"#;

/// Paths, arguments and variables of the system are bytes.
#[test]
fn what_is_given_need_not_be_utf_8() {
    let folder = Folder::new();
    let program = folder.file("prints.wat", PRINTS_ALL);
    let bytes = OsStr::from_bytes;
    let given = folder.path().join(bytes(b"dir\xff"));
    std::fs::create_dir(&given).unwrap();
    let host = given.as_os_str().as_bytes();
    let run = |options: &[&OsStr], arguments: &[&OsStr]| {
        let mut command = command(&["run"]);
        command.args(options).arg(&program).args(arguments);
        command.env(bytes(b"PASSED\xfe"), bytes(b"on\xfd"));
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        output.stdout
    };
    let (env, dir) = (OsStr::new("--env"), OsStr::new("--dir"));
    let name = program.as_bytes();
    assert_eq!(
        run(
            &[env, bytes(b"A\xff=\xfe=1"), env, bytes(b"PASSED\xfe")],
            &[bytes(b"\xff\xfe")]
        ),
        [name, b"\0\xff\xfe\0A\xff=\xfe=1\0PASSED\xfe=on\xfd\0"].concat()
    );
    assert_eq!(
        run(&[dir, given.as_os_str()], &[]),
        [name, b"\0", host, b"\0"].concat()
    );
    let named = [host, b"::/g\xff:ro"].concat();
    assert_eq!(
        run(&[dir, bytes(&named)], &[]),
        [name, b"\0/g\xff\0"].concat()
    );
    assert_eq!(
        run(
            &[OsStr::new("--argv0"), bytes(b"me\xff")],
            &[OsStr::new("--argv0")]
        ),
        b"me\xff\0--argv0\0"
    );
    let shell = run(&[OsStr::new("--argv0"), OsStr::new("-sh")], &[]);
    assert_eq!(shell, b"-sh\0");
    // Names of files, of the program and of a preloaded module.
    let odd = folder.path().join(bytes(b"odd\xff.wat"));
    std::fs::copy(&program, &odd).unwrap();
    let mut preload = std::ffi::OsString::from("lib=");
    preload.push(&odd);
    let output = command(&["run", "--preload"])
        .arg(preload)
        .arg(&odd)
        .output();
    let output = output.unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(output.stdout, [odd.as_os_str().as_bytes(), b"\0"].concat());
}

#[test]
fn a_file_whose_name_looks_like_an_option() {
    let folder = Folder::new();
    folder.file("-x.wat", PRINTS_ALL);
    for arguments in [
        &["run", "--", "-x.wat", "--", "-y"][..],
        &["explain", "--", "-x.wat", "--", "-y"],
        &["run", "--env", "A=1", "--", "-x.wat", "--", "-y"],
    ] {
        let output = command(arguments).current_dir(folder.path()).output();
        let output = output.unwrap();
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        assert!(output.stdout.starts_with(b"-x.wat\0--\0-y\0"), "{output:?}");
    }
}

#[test]
fn a_listening_socket_is_given() {
    let folder = Folder::new();
    // Prints that it runs, accepts one connection, and writes to it.
    let program = folder.file(
        "listens.wat",
        r#"(module
          (import "wasi_snapshot_preview1" "sock_accept" (func $accept (param i32 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
          (memory (export "memory") 1)
          (data (i32.const 0) "\10\00\00\00\06\00\00\00")
          (data (i32.const 16) "hello\0a")
          (func (export "_start")
            (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
            (if (call $accept (i32.const 3) (i32.const 0) (i32.const 12)) (then (call $exit (i32.const 1))))
            (drop (call $write (i32.load (i32.const 12)) (i32.const 0) (i32.const 1) (i32.const 8)))))"#,
    );
    let address = {
        // A port that was free a moment ago.
        let probe = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        probe.local_addr().unwrap().to_string()
    };
    let mut child = command(&["run", "--tcplisten", &address, &program])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    stdout.read_line(&mut line).unwrap();
    assert_eq!(line, "hello\n");
    let mut text = String::new();
    let mut connection = TcpStream::connect(&address).unwrap();
    connection.read_to_string(&mut text).unwrap();
    assert_eq!(text, "hello\n");
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_trace_shows_compilations_and_links() {
    let program = crate::scratch::in_repository("examples/primes.wat");
    let quiet = lazywasm(&["run", &program, "5"]);
    assert_eq!(quiet.stderr, "");
    let life = lazywasm(&["run", "--trace=life", &program, "5"]);
    life.expect(0, &["baseline ", "bytes of bytecode to"]);
    assert!(!life.stderr.contains("linked"), "{life:#?}");
    let links = lazywasm(&["run", "--trace=link", &program, "5"]);
    links.expect(0, &["linked    ", "sites in"]);
    assert!(!links.stderr.contains("bytecode"), "{links:#?}");
}

#[test]
fn a_module_that_is_no_command_is_initialised() {
    let folder = Folder::new();
    let library = folder.file(
        "library.wat",
        r#"(module (global $g (mut i32) (i32.const 1))
          (func (export "_initialize") (global.set $g (i32.const 42)))
          (func (export "get") (result i32) (global.get $g)))"#,
    );
    let outcome = lazywasm(&["run", "--invoke", "get", &library]);
    outcome.expect(0, &[]);
    assert_eq!(outcome.stdout, "42\n");
}

#[test]
fn imports_of_another_type_are_reported_before_anything_runs() {
    let folder = Folder::new();
    let library = folder.file(
        "library.wat",
        r#"(module (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
          (memory (export "memory") 1)
          (func $f (export "f") (param i32)) (global (export "g") i32 (i32.const 1))
          (func $start (call $exit (i32.const 99))) (start $start))"#,
    );
    let program = folder.file(
        "program.wat",
        r#"(module (import "lib" "f" (func (param i64))) (import "lib" "g" (global i64))
          (func (export "_start")))"#,
    );
    let preload = format!("lib={library}");
    lazywasm(&["run", "--preload", &preload, &program]).expect(
        1,
        &[
            "lib.f: expected",
            "lib.g: expected",
            "incompatible import types",
        ],
    );
    lazywasm(&[
        "run",
        "--preload",
        &preload,
        "--preload",
        &preload,
        &program,
    ])
    .expect(2, &["--preload names two modules `lib`"]);
}

#[test]
fn scripts_of_webassembly_2_have_one_memory() {
    let folder = Folder::new();
    let script = folder.file(
        "two.wast",
        r#"(assert_invalid (module (memory 0) (memory 0)) "multiple memories")"#,
    );
    assert_eq!(lazywasm(&["wast", &script]).status, Some(1));
    let missing = folder.path().join("missing.wast");
    let both = lazywasm(&[
        "wast",
        "--single-memory",
        missing.to_str().unwrap(),
        &script,
    ]);
    assert_eq!(both.status, Some(1));
    assert!(both.stdout.contains("1 passed, 1 failed"), "{both:#?}");
    lazywasm(&["wast", "--single-memory", &script]).expect(0, &[]);
}
