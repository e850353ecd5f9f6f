//! `--profile`: the files are parsed, and `perf`, if it is there and allowed, names the program's functions.

use crate::scratch::{Folder, Outcome, command};
use std::path::Path;
use std::process::{Command, Stdio};

/// A loop in which a function is inlined when it is hot, and recursion.
const PROGRAM: &str = r#"(module $demo
  (func $scale (param i32) (result i32)
    (i32.mul (local.get 0) (i32.div_u (local.get 0) (i32.const 3))))
  (func $fib (param i32) (result i32)
    (if (result i32) (i32.lt_u (local.get 0) (i32.const 2))
      (then (local.get 0))
      (else (i32.add
        (call $fib (i32.sub (local.get 0) (i32.const 1)))
        (call $fib (i32.sub (local.get 0) (i32.const 2)))))))
  (func $loop (param $n i32) (result i32) (local $sum i32)
    (loop $again
      (local.set $sum (i32.add (local.get $sum) (call $scale (local.get $n))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))
  (func (export "run") (param i32) (result i32)
    (i32.add (call $fib (local.get 0)) (call $loop (i32.const 100000000)))))"#;

/// The arguments that run the program with a profile.
fn arguments<'a>(format: &'a str, program: &'a str) -> [&'a str; 7] {
    ["run", "--profile", format, "--invoke", "run", program, "30"]
}

/// Runs the program in a folder. Returns the number of the process.
fn run(format: &str, folder: &Folder) -> u32 {
    let program = folder.file("demo.wat", PROGRAM);
    let mut command = command(&arguments(format, &program));
    let child = command
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let pid = child.id();
    Outcome::of(child.wait_with_output().unwrap()).expect(0, &[]);
    pid
}

#[test]
fn a_map_of_symbols_has_a_line_for_each_piece_of_code() {
    let pid = run("perfmap", &Folder::new());
    let path = format!("/tmp/perf-{pid}.map");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::remove_file(path).unwrap();
    let mut names = Vec::new();
    for line in text.lines() {
        let (start, rest) = line.split_once(' ').unwrap();
        let (len, name) = rest.split_once(' ').unwrap();
        assert!(u64::from_str_radix(start, 16).unwrap() > 0);
        assert!(u64::from_str_radix(len, 16).unwrap() > 0);
        names.push(name);
    }
    for name in [
        "first call",
        "entry stubs",
        "entry from the host (i32) -> (i32)",
        "demo!run [baseline]",
        "demo!fib [baseline]",
        "demo!fib [optimised]",
        "demo!loop from its loop at 0x3 [optimised]",
    ] {
        assert!(names.contains(&name), "no {name:?} in {text}");
    }
}

/// Reads numbers and texts of a jitdump.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn bytes(&mut self, len: usize) -> &'a [u8] {
        let (bytes, rest) = self.0.split_at(len);
        self.0 = rest;
        bytes
    }

    fn word(&mut self) -> u32 {
        u32::from_ne_bytes(self.bytes(4).try_into().unwrap())
    }

    fn long(&mut self) -> u64 {
        u64::from_ne_bytes(self.bytes(8).try_into().unwrap())
    }

    fn text(&mut self) -> String {
        let len = self.0.iter().position(|byte| *byte == 0).unwrap();
        let text = String::from_utf8(self.bytes(len).to_vec()).unwrap();
        self.bytes(1);
        text
    }
}

/// A piece of code in a jitdump: its name, and the files that its debug info names.
struct Loaded {
    name: String,
    files: Vec<String>,
}

fn parse(dump: &[u8], pid: u32) -> Vec<Loaded> {
    let mut reader = Reader(dump);
    let header: Vec<u32> = (0..6).map(|_| reader.word()).collect();
    assert_eq!(header, [0x4A69_5444, 1, 40, 62, 0, pid]);
    let mut before = reader.long();
    assert_eq!(reader.long(), 0, "no flags");
    let (mut loaded, mut debug_info) = (Vec::new(), None);
    while !reader.0.is_empty() {
        let (kind, len, time) = (reader.word(), reader.word() as usize, reader.long());
        assert!(before <= time, "times rise");
        before = time;
        let mut record = Reader(reader.bytes(len - 16));
        match kind {
            0 => {
                assert_eq!(record.word(), pid);
                assert!(record.word() > 0, "a thread");
                let (address, start) = (record.long(), record.long());
                assert_eq!(address, start);
                let len = record.long() as usize;
                assert!(record.long() < 1000, "a number of its own");
                let name = record.text();
                assert_eq!(record.0.len(), len, "{name}");
                let mut files = Vec::new();
                if let Some((of, rows)) = debug_info.take() {
                    assert_eq!(of, start, "debug info comes before its code");
                    for (at, file) in rows {
                        assert!((start..start + len as u64).contains(&at));
                        files.push(file);
                    }
                }
                loaded.push(Loaded { name, files });
            }
            2 => {
                let (of, count) = (record.long(), record.long());
                let row = |record: &mut Reader<'_>| {
                    let at = record.long();
                    assert!(record.word() > 0, "a line");
                    record.word();
                    (at, record.text())
                };
                let rows: Vec<_> = (0..count).map(|_| row(&mut record)).collect();
                assert!(record.0.is_empty());
                debug_info = Some((of, rows));
            }
            other => panic!("a record of kind {other}"),
        }
    }
    loaded
}

#[test]
fn a_jitdump_has_code_and_inlined_functions() {
    let folder = Folder::new();
    let pid = run("jitdump", &folder);
    let dump = std::fs::read(folder.path().join(format!("jit-{pid}.dump"))).unwrap();
    let loaded = parse(&dump, pid);
    let find = |name: &str| {
        let found = loaded.iter().find(|loaded| loaded.name == name);
        found.unwrap_or_else(|| panic!("no {name}"))
    };
    assert!(find("entry stubs").files.is_empty());
    assert!(
        find("demo!fib [baseline]")
            .files
            .iter()
            .all(|file| file == "demo!fib")
    );
    let inlined = find("demo!loop from its loop at 0x3 [optimised]");
    for file in ["demo!loop", "demo!scale"] {
        assert!(inlined.files.iter().any(|found| found == file), "{file}");
    }
}

#[test]
fn a_profile_that_cannot_be_written_is_an_error() {
    let folder = Folder::new();
    let program = folder.file("demo.wat", PROGRAM);
    let mut command = command(&arguments("jitdump", &program));
    command.env("JITDUMPDIR", folder.path().join("missing"));
    let outcome = Outcome::of(command.output().unwrap());
    outcome.expect(1, &["cannot write", "missing/jit-", "--profile"]);
}

/// Runs `perf` in a folder; `None` if it fails.
fn perf(folder: &Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new("perf")
        .args(arguments)
        .current_dir(folder)
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    output.status.success().then_some(text)
}

/// Whether `perf` is there and may be used. If not, says so.
fn perf_works(folder: &Path) -> bool {
    let event = ["record", "-e", "cpu-clock", "-o", "try.data", "true"];
    let works = perf(folder, &event).is_some();
    if !works {
        eprintln!("perf is missing, or not allowed here: what it makes of the files is not tested");
    }
    works
}

/// Records a run of the program.
fn record(folder: &Folder, format: &str) {
    let program = folder.file("demo.wat", PROGRAM);
    let mut recorded = vec![
        "record",
        "-e",
        "cpu-clock",
        "-k",
        "mono",
        "-o",
        "recorded.data",
    ];
    recorded.push(env!("CARGO_BIN_EXE_lazywasm"));
    recorded.extend(arguments(format, &program));
    perf(folder.path(), &recorded).expect("perf records the program");
}

#[test]
fn perf_names_functions_by_a_jitdump() {
    let folder = Folder::new();
    if !perf_works(folder.path()) {
        return;
    }
    record(&folder, "jitdump");
    let inject = [
        "inject",
        "--jit",
        "-i",
        "recorded.data",
        "-o",
        "injected.data",
    ];
    if perf(folder.path(), &inject).is_none() {
        eprintln!("this perf cannot read jitdumps");
        return;
    }
    let report = ["report", "--stdio", "-i", "injected.data", "--sort"];
    let symbols = perf(folder.path(), &[&report[..], &["symbol"]].concat()).unwrap();
    assert!(
        symbols.contains("demo!loop from its loop at 0x3 [optimised]"),
        "{symbols}"
    );
}

#[test]
fn perf_names_functions_by_a_map_of_symbols() {
    let folder = Folder::new();
    if !perf_works(folder.path()) {
        return;
    }
    record(&folder, "perfmap");
    let report = [
        "report",
        "--stdio",
        "-i",
        "recorded.data",
        "--sort",
        "pid,symbol",
    ];
    let symbols = perf(folder.path(), &report).unwrap();
    // A line has the number and the name of the process, with a colon between.
    let words = symbols.split_whitespace();
    for pid in words.filter_map(|word| word.strip_suffix(":lazywasm")) {
        let _ = std::fs::remove_file(format!("/tmp/perf-{pid}.map"));
    }
    assert!(
        symbols.contains("demo!loop from its loop at 0x3 [optimised]"),
        "{symbols}"
    );
}
