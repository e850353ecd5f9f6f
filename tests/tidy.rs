//! Keeps the repository honest: what documents and manifests claim is checked against the files.
//!
//! Each test reads the tree on disk and lists every offence, not only the first. The lists at the top are the
//! rules, so that a change of a rule is a change of a list that everybody sees. Absent on purpose: anything
//! that rustfmt, clippy or cargo-deny already check.

use arrows::{FOLDER_ARROWS, LIB, LIB_TYPES, Row, WITHOUT_CIRCLES};
use source::{code_only, has_word, names_of_cranelift, own_paths, wide_comments};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

#[path = "tidy/arrows.rs"]
mod arrows;
#[path = "tidy/source.rs"]
mod source;

/// Package folder, and the packages of this workspace that it may use.
const ARROWS: &[Row<'_>] = &[
    ("stubs", &[]),
    ("engine", &["stubs"]),
    ("tiering", &["engine", "stubs"]),
    (".", &["engine", "tiering"]),
    ("wasi-shim", &["engine"]),
    ("spec-tests", &["lazywasm"]),
    ("benches", &["lazywasm", "stubs"]),
    ("cli", &["lazywasm", "wasi-shim", "spec-tests"]),
    ("differential", &["lazywasm", "spec-tests"]),
];

/// What a package may use in its tests beyond its arrows.
const TEST_ARROWS: &[Row<'_>] = &[
    ("wasi-shim", &["lazywasm"]),
    (".", &["wasi-shim"]),
    ("benches", &["wasi-shim"]),
];

/// Dependencies from outside that only some packages may name.
const KEPT_TO: &[Row<'_>] = &[
    ("cranelift-", &["tiering"]),
    ("wasmparser", &["engine", "tiering", "differential"]),
    ("region", &["stubs", "engine"]),
    ("wast", &["spec-tests"]),
    ("clap", &["cli"]),
    ("clap_complete", &["cli"]),
    ("clap_mangen", &["cli"]),
    ("wasmi", &["differential"]),
    ("wasm-encoder", &["differential"]),
    ("wasm-smith", &["differential"]),
];

/// Paths under which code may name Cranelift's packages: the compilers, and a test that compares encodings.
const CRANELIFT_PATHS: &[&str] = &[
    "tiering/src/clif/",
    "tiering/src/baseline/asm/tests/oracle.rs",
];

/// Files that may contain unsafe code. An entry whose file has none any more is an offence too.
const UNSAFE_FILES: &[&str] = &[
    "cli/src/allocator.rs",
    "cli/src/profile/marker.rs",
    "cli/tests/command/no_threads.rs",
    "cli/tests/command/scratch.rs",
    "engine/src/boundary/activation.rs",
    "engine/src/boundary/arch/x64.rs",
    "engine/src/boundary/backtrace.rs",
    "engine/src/boundary/code_source.rs",
    "engine/src/boundary/door.rs",
    "engine/src/boundary/frames.rs",
    "engine/src/boundary/refusing.rs",
    "engine/src/boundary/runtime_calls.rs",
    "engine/src/boundary/signals.rs",
    "engine/src/boundary/vmctx.rs",
    "engine/src/objects/host_func.rs",
    "engine/src/objects/deferred.rs",
    "engine/src/objects/func.rs",
    "engine/src/objects/typed_func.rs",
    "engine/src/objects/global.rs",
    "engine/src/objects/instance.rs",
    "engine/src/objects/instantiate.rs",
    "engine/src/objects/memory.rs",
    "engine/src/objects/store.rs",
    "engine/src/objects/table.rs",
    "examples/unwinder.rs",
    "stubs/src/arch/x64.rs",
    "stubs/src/chunk.rs",
    "stubs/src/code_map.rs",
    "stubs/src/entry_stubs.rs",
    "stubs/src/listen.rs",
    "stubs/src/place.rs",
    "stubs/src/relink.rs",
    "stubs/src/retire.rs",
    "stubs/src/space.rs",
    "stubs/src/stacks/mod.rs",
    "stubs/src/stacks/scan.rs",
    "stubs/src/stacks/spare.rs",
    "stubs/src/sys/memory.rs",
    "stubs/src/sys/stack.rs",
    "stubs/src/sys/unix.rs",
    "stubs/src/verify.rs",
    "stubs/tests/assembled/mod.rs",
    "stubs/tests/foreign_signal.rs",
    "stubs/tests/fork.rs",
    "stubs/tests/freeing.rs",
    "stubs/tests/listening.rs",
    "stubs/tests/publishing.rs",
    "tests/foreign_stacks.rs",
    "tests/host_stack.rs",
    "tests/fork.rs",
    "tests/refusals.rs",
    "tests/resident_memory.rs",
    "tiering/src/clif/trampolines.rs",
    "tiering/src/state/mod.rs",
    "tiering/src/tiers.rs",
    "wasi-shim/src/writes.rs",
    "wasi-shim/tests/signals.rs",
];

/// Folders that are not part of the sources.
const SKIPPED: &[&str] = &["target", ".git", "corpus", "artifacts", "node_modules"];

/// CONTRIBUTING.md names this number.
const MAX_LINES: usize = 900;
/// Characters of a line that is a comment, with its indentation. rustfmt holds code to 100.
const MAX_COMMENT_WIDTH: usize = 110;
const MAX_ARCHITECTURE_LINES: usize = 200;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file of the tree, by its path from the root.
fn files() -> Vec<PathBuf> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).expect("a folder of the tree can be read") {
            let entry = entry.expect("a folder of the tree can be read");
            let name = entry.file_name();
            let kind = entry.file_type().expect("a file has a type");
            if kind.is_dir() && !SKIPPED.iter().any(|skipped| name == *skipped) {
                walk(&entry.path(), found);
            } else if kind.is_file() {
                let path = entry.path();
                found.push(
                    path.strip_prefix(root())
                        .expect("walked from the root")
                        .to_path_buf(),
                );
            }
        }
    }
    let mut found = Vec::new();
    walk(root(), &mut found);
    found.sort();
    found
}

fn files_ending(extensions: &[&str]) -> Vec<(String, String)> {
    files()
        .into_iter()
        .filter(|path| {
            path.extension()
                .is_some_and(|found| extensions.iter().any(|wanted| found == *wanted))
        })
        .map(|path| {
            let text = fs::read_to_string(root().join(&path))
                .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            (path.to_str().expect("paths are UTF-8").to_string(), text)
        })
        .collect()
}

fn check(what: &str, offences: Vec<String>) {
    assert!(offences.is_empty(), "{what}:\n  {}", offences.join("\n  "));
}

/// The names under the tables of a manifest whose headers satisfy `wanted`.
fn dependency_names(manifest: &str, wanted: impl Fn(&str) -> bool) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut inside = false;
    for line in manifest.lines() {
        let line = line.split('#').next().unwrap_or_default().trim();
        if let Some(header) = line.strip_prefix('[') {
            let header = header.trim_end_matches(']');
            inside = wanted(header);
            // A dependency with a table of its own: [dependencies.name]
            if let Some((table, name)) = header.rsplit_once('.')
                && wanted(table)
            {
                names.insert(name.to_string());
            }
        } else if inside && let Some((key, _)) = line.split_once('=') {
            let name = key.trim().split('.').next().unwrap_or_default();
            names.insert(name.trim_matches('"').to_string());
        }
    }
    names
}

fn is_build_table(header: &str) -> bool {
    matches!(header, "dependencies" | "build-dependencies")
        || (header.starts_with("target.") && header.ends_with(".dependencies"))
}

fn read_manifest(folder: &str) -> String {
    let path = root().join(folder).join("Cargo.toml");
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The key under which dependants name a package of the workspace.
fn key_of(folder: &str) -> &str {
    if folder == "." { "lazywasm" } else { folder }
}

fn listed<'a>(lists: &[(&str, &'a [&'a str])], folder: &str) -> &'a [&'a str] {
    lists
        .iter()
        .find(|(of, _)| *of == folder)
        .map_or(&[], |(_, list)| list)
}

#[test]
fn dependencies_point_as_the_architecture_says() {
    let own: Vec<&str> = ARROWS.iter().map(|(folder, _)| key_of(folder)).collect();
    let is_own = |name: &str| own.contains(&name) || name.starts_with("lazywasm");
    let mut offences = Vec::new();
    for (folder, allowed) in ARROWS {
        let manifest = read_manifest(folder);
        for name in dependency_names(&manifest, is_build_table)
            .iter()
            .filter(|name| is_own(name))
        {
            if !allowed.contains(&name.as_str()) {
                offences.push(format!("{folder} uses {name}"));
            }
        }
        let in_tests = listed(TEST_ARROWS, folder);
        for name in dependency_names(&manifest, |header| header == "dev-dependencies") {
            let name = name.as_str();
            if is_own(name) && !allowed.contains(&name) && !in_tests.contains(&name) {
                offences.push(format!("{folder} uses {name} in its tests"));
            }
        }
    }
    check("dependencies that are not in the picture", offences);
}

#[test]
fn outside_dependencies_stay_where_they_belong() {
    let mut offences = Vec::new();
    for (folder, _) in ARROWS {
        for name in dependency_names(&read_manifest(folder), is_build_table) {
            for (kept, homes) in KEPT_TO {
                let matches = if kept.ends_with('-') {
                    name.starts_with(kept)
                } else {
                    name == *kept
                };
                if matches && !homes.contains(folder) {
                    offences.push(format!("{folder} uses {name}, which belongs to {homes:?}"));
                }
            }
        }
    }
    check("outside dependencies in the wrong package", offences);
}

#[test]
fn every_member_of_the_workspace_has_its_arrows() {
    let manifest = read_manifest(".");
    let members = manifest
        .lines()
        .find_map(|line| line.strip_prefix("members = ["))
        .expect("the root manifest lists its members on one line");
    let offences = members
        .trim_end_matches(']')
        .split(',')
        .map(|member| member.trim().trim_matches('"'))
        .filter(|member| !ARROWS.iter().any(|(folder, _)| folder == member))
        .map(|member| format!("{member} has no line in ARROWS"))
        .collect();
    check("members without arrows", offences);
}

#[test]
fn unsafe_code_lives_in_named_files() {
    let mut offences = Vec::new();
    let mut with_unsafe = BTreeSet::new();
    for (path, text) in files_ending(&["rs"]) {
        let code = code_only(&text);
        let lines: Vec<usize> = code
            .lines()
            .enumerate()
            .filter(|(_, line)| has_word(line, "unsafe"))
            .map(|(at, _)| at + 1)
            .collect();
        if lines.is_empty() {
            continue;
        }
        if !UNSAFE_FILES.contains(&path.as_str()) {
            offences.push(format!(
                "{path} has unsafe code at lines {lines:?} and is not listed"
            ));
        }
        with_unsafe.insert(path);
    }
    for listed in UNSAFE_FILES {
        if !with_unsafe.contains(*listed) {
            offences.push(format!("{listed} is listed and has no unsafe code"));
        }
    }
    check("unsafe code", offences);
}

/// Whether a path from the root is under one of these paths.
fn is_under(path: &str, folders: &[&str]) -> bool {
    folders.iter().any(|folder| path.starts_with(folder))
}

/// The row of a path in `src`: the longest that is its beginning.
fn row_of<'a>(rows: &[Row<'a>], path: &str) -> Option<Row<'a>> {
    let fits = |row: &str| {
        path.strip_prefix(row)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let rows = rows.iter().copied().filter(|(row, _)| fits(row));
    rows.max_by_key(|(row, _)| row.len())
}

/// The arrows of one file of a package's `src` that its row does not allow.
fn forbidden_uses(rows: &[Row<'_>], path: &str, source: &str) -> Vec<String> {
    let path = path.trim_end_matches(".rs").trim_end_matches("/mod");
    let Some((own, allowed)) = row_of(rows, path) else {
        return vec![format!("{path} has no row")];
    };
    let mut offences = Vec::new();
    for (line, used) in own_paths(source) {
        let first = used.split('/').next().unwrap_or_default();
        let in_lib = LIB_TYPES.contains(&first).then_some(LIB);
        match row_of(rows, &used).map(|(row, _)| row).or(in_lib) {
            Some(row) if row == own || allowed.contains(&row) => {}
            Some(row) => offences.push(format!("{path}:{line}: {own} uses {row}")),
            None => offences.push(format!(
                "{path}:{line}: crate::{used} is in no row; name the file that defines it"
            )),
        }
    }
    // It names the module two above, which is outside the row if the file is not two levels inside.
    let levels = |path: &str| path.split('/').count();
    if levels(path) < levels(own) + 2 && code_only(source).contains("super::super::") {
        offences.push(format!("{path} uses super::super::, which hides an arrow"));
    }
    offences
}

/// The allowed names of rows that are not the name of a row, or, without circles, not of a row above.
fn wrong_rows(rows: &[Row<'_>], without_circles: bool) -> Vec<String> {
    let mut offences = Vec::new();
    for (at, (row, allowed)) in rows.iter().enumerate() {
        let known = if without_circles { &rows[..at] } else { rows };
        for name in *allowed {
            if *name != LIB && !known.iter().any(|(row, _)| row == name) {
                offences.push(format!(
                    "row {row} names {name}, which is no row, or not above"
                ));
            }
        }
    }
    offences
}

#[test]
fn folders_use_only_what_they_may() {
    let mut offences = Vec::new();
    let sources = files_ending(&["rs"]);
    for (package, rows) in FOLDER_ARROWS {
        let folder = format!("{package}/src/");
        let mut seen = BTreeSet::new();
        for (path, text) in &sources {
            let Some(path) = path.strip_prefix(&folder) else {
                continue;
            };
            if matches!(path, "lib.rs" | "main.rs") {
                continue;
            }
            let found = forbidden_uses(rows, path, text);
            offences.extend(
                found
                    .into_iter()
                    .map(|offence| format!("{folder}{offence}")),
            );
            let path = path.trim_end_matches(".rs").trim_end_matches("/mod");
            seen.extend(row_of(rows, path).map(|(row, _)| row));
        }
        for (row, _) in *rows {
            if !seen.contains(row) {
                offences.push(format!("{folder}{row} has a row and does not exist"));
            }
        }
        let found = wrong_rows(rows, WITHOUT_CIRCLES.contains(package));
        offences.extend(
            found
                .into_iter()
                .map(|offence| format!("{package}: {offence}")),
        );
    }
    check("arrows between files and folders of a package", offences);
}

#[test]
fn names_of_cranelift_stay_where_they_belong() {
    let mut offences = Vec::new();
    for (path, text) in files_ending(&["rs"]) {
        let lines = names_of_cranelift(&text);
        if !lines.is_empty() && !is_under(&path, CRANELIFT_PATHS) {
            offences.push(format!("{path} names Cranelift at lines {lines:?}"));
        }
    }
    check("Cranelift's names outside CRANELIFT_PATHS", offences);
}

#[test]
fn comments_are_narrow() {
    let mut offences = Vec::new();
    for (path, text) in files_ending(&["rs"]) {
        for (line, width) in wide_comments(&text, MAX_COMMENT_WIDTH) {
            offences.push(format!("{path}:{line}: {width} columns"));
        }
    }
    check("comments wider than MAX_COMMENT_WIDTH", offences);
}

/// The lines of a document that are not inside a fenced block, numbered from 1.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut fenced = false;
    text.lines().enumerate().filter_map(move |(at, line)| {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
            return None;
        }
        (!fenced && !line.starts_with("    ")).then_some((at + 1, line))
    })
}

/// The texts between backticks on a line.
fn quoted(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

/// The name by which a heading can be linked to.
fn anchor(heading: &str) -> String {
    let text = heading.trim_start_matches('#').trim().to_lowercase();
    text.chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

#[test]
fn links_in_documents_resolve() {
    let mut offences = Vec::new();
    for (path, text) in files_ending(&["md"]) {
        let folder = root()
            .join(&path)
            .parent()
            .expect("a file lies in a folder")
            .to_path_buf();
        for (number, line) in prose(&text) {
            for (at, _) in line.match_indices("](") {
                let target = line[at + 2..].split(')').next().unwrap_or_default();
                if target.starts_with("http://") || target.starts_with("https://") {
                    continue;
                }
                let (file, wanted) = target.split_once('#').unwrap_or((target, ""));
                let linked = if file.is_empty() {
                    root().join(&path)
                } else {
                    folder.join(file)
                };
                if !linked.exists() {
                    offences.push(format!("{path}:{number}: {target} does not exist"));
                } else if !wanted.is_empty() {
                    let headings = fs::read_to_string(&linked).unwrap_or_default();
                    let found = prose(&headings)
                        .any(|(_, line)| line.starts_with('#') && anchor(line) == wanted);
                    if !found {
                        offences.push(format!("{path}:{number}: {file} has no heading #{wanted}"));
                    }
                }
            }
        }
    }
    check("links to nothing", offences);
}

/// `a/{b,c}.rs` means `a/b.rs` and `a/c.rs`.
fn expand_braces(name: &str) -> Vec<String> {
    let Some((before, rest)) = name.split_once('{') else {
        return vec![name.to_string()];
    };
    let Some((choices, after)) = rest.split_once('}') else {
        return vec![name.to_string()];
    };
    choices
        .split(',')
        .flat_map(|choice| expand_braces(&format!("{before}{}{after}", choice.trim())))
        .collect()
}

/// Whether a quoted text is meant as the name of a file or folder of this repository.
fn looks_like_a_file(text: &str) -> bool {
    let is_path = |c: char| c.is_ascii_alphanumeric() || "_-./{},".contains(c);
    if text.is_empty() || !text.chars().all(is_path) || text.starts_with('/') {
        return false;
    }
    // Files beside the repository, or made by a build, are not part of it.
    if text.starts_with("../shared") || text.starts_with("shared/") || text.starts_with("target") {
        return false;
    }
    let known = [
        ".rs", ".md", ".toml", ".wat", ".wast", ".txt", ".sh", ".lock", ".py",
    ];
    // A folder's bare name may be anybody's; a path of several parts is meant as one of ours.
    let is_folder = text.trim_end_matches('/').contains('/')
        && (text.ends_with('/')
            || ARROWS
                .iter()
                .any(|(package, _)| text.starts_with(&format!("{package}/"))));
    is_folder
        || known
            .iter()
            .any(|end| text.len() > end.len() && text.ends_with(end))
}

/// Whether the tree has this file: from the root, from the document's folder, or, for a shorter name, as the
/// end of some path.
fn exists(all: &[PathBuf], document: &str, name: &str) -> bool {
    let beside = Path::new(document)
        .parent()
        .expect("a file lies in a folder");
    root().join(name).exists()
        || root().join(beside).join(name).exists()
        || all
            .iter()
            .any(|path| path.ends_with(name.trim_end_matches('/')))
}

/// The names between backticks on a line that are meant as files or folders of this repository and are not
/// there.
fn absent_files(all: &[PathBuf], document: &str, line: &str) -> Vec<String> {
    quoted(line)
        .filter(|text| looks_like_a_file(text))
        .flat_map(expand_braces)
        .filter(|name| !exists(all, document, name))
        .collect()
}

#[test]
fn files_that_documents_name_exist() {
    let all = files();
    let mut offences = Vec::new();
    for (path, text) in files_ending(&["md"]) {
        for (number, line) in prose(&text) {
            for name in absent_files(&all, &path, line) {
                offences.push(format!("{path}:{number}: `{name}` does not exist"));
            }
        }
    }
    check("names of files that do not exist", offences);
}

#[test]
fn files_that_sources_name_exist() {
    let all = files();
    let mut offences = Vec::new();
    for (path, text) in files_ending(&["rs"]) {
        for (at, line) in text.lines().enumerate() {
            let Some(line) = line.trim_start().strip_prefix("//!") else {
                continue;
            };
            for name in absent_files(&all, &path, line) {
                offences.push(format!("{path}:{}: `{name}` does not exist", at + 1));
            }
        }
    }
    check("names of files in //! texts that do not exist", offences);
}

#[test]
fn the_map_of_the_code_is_true() {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md exists");
    let lines = text.lines().count();
    let mut offences = Vec::new();
    if lines >= MAX_ARCHITECTURE_LINES {
        offences.push(format!(
            "{lines} lines, must be below {MAX_ARCHITECTURE_LINES}"
        ));
    }
    let mut rows = 0;
    for (number, line) in prose(&text) {
        let Some(row) = line.trim_start().strip_prefix("| `") else {
            continue;
        };
        let cell = row.split('`').next().unwrap_or_default();
        if !cell.contains('/') && !cell.contains('.') {
            continue;
        }
        rows += 1;
        for name in expand_braces(cell) {
            if !root().join(&name).exists() {
                offences.push(format!("line {number}: `{name}` does not exist"));
            }
        }
    }
    if rows == 0 {
        offences.push("no row of a code map (a table line that begins with | `path`)".to_string());
    }
    check("ARCHITECTURE.md", offences);
}

#[test]
fn no_marks_of_unfinished_work() {
    // Put together here, or this file would be its own first offence.
    let marks = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("XX", "X"),
        concat!("HA", "CK"),
    ];
    let mut offences = Vec::new();
    for (path, text) in files_ending(&["rs", "md", "toml", "wat", "sh", "txt"]) {
        for (at, line) in text.lines().enumerate() {
            if marks.iter().any(|mark| has_word(line, mark)) {
                offences.push(format!("{path}:{}: {}", at + 1, line.trim()));
            }
        }
    }
    check(
        "marks of unfinished work (gaps belong into docs/known-gaps.md)",
        offences,
    );
}

#[test]
fn sources_open_with_their_reason_and_stay_short() {
    let mut offences = Vec::new();
    for (path, text) in files_ending(&["rs"]) {
        if !text.starts_with("//!") {
            offences.push(format!("{path} does not open with //!"));
        }
        let lines = text.lines().count();
        if lines > MAX_LINES {
            offences.push(format!("{path} has {lines} lines"));
        }
    }
    check("sources", offences);
}

/// Asks the script itself, so that the script and README.md cannot disagree unnoticed.
#[test]
fn the_ci_script_finds_a_command_that_tests_everything() {
    let asked = Command::new(root().join(".ci/run"))
        .arg("--print-test-command")
        .output()
        .expect(".ci/run can be started");
    let (command, errors) = (
        String::from_utf8_lossy(&asked.stdout),
        String::from_utf8_lossy(&asked.stderr),
    );
    assert!(asked.status.success(), "{errors}");
    let words: Vec<&str> = command.split_whitespace().collect();
    assert!(words.starts_with(&["cargo", "test"]), "{command}");
    assert!(words.contains(&"--workspace"), "{command}");
    for partial in ["--lib", "--bins", "--test", "--exclude", "-p", "--"] {
        assert!(!words.contains(&partial), "{command}");
    }
}

#[test]
fn the_checks_of_names_and_arrows_can_fail() {
    assert!(is_under("tiering/src/clif/isa.rs", CRANELIFT_PATHS));
    assert!(!is_under("tiering/src/isa.rs", CRANELIFT_PATHS));

    let all = [PathBuf::from("engine/src/module/mod.rs")];
    let absent = |line| absent_files(&all, "engine/src/lib.rs", line);
    assert!(absent(" See `module/mod.rs` and `engine/src/module/`.").is_empty());
    assert_eq!(absent(" See `module/{mod,gone}.rs`."), ["module/gone.rs"]);

    let rows: &[Row<'_>] = &[("a", &[]), ("a/b", &["a"]), ("c", &["a/b"])];
    let offences = |path, source| forbidden_uses(rows, path, source);
    assert!(offences("a/mod.rs", "use crate::a::x;").is_empty());
    assert!(offences("c.rs", "use crate::a::b::x;").is_empty());
    assert_eq!(offences("c.rs", "\nuse crate::a::x;"), ["c:2: c uses a"]);
    assert_eq!(
        offences("a/x.rs", "use crate::{a::b::Y};"),
        ["a/x:1: a uses a/b"]
    );
    let with_lib = |name: &str| {
        let source = format!("use crate::{name};");
        forbidden_uses(&[("c", &[LIB])], "c.rs", &source).is_empty()
    };
    assert!(with_lib("Engine") && !with_lib("Store"));
    assert_eq!(offences("c.rs", "use crate::Engine;").len(), 1);
    assert_eq!(offences("a/x.rs", "use super::super::c::Y;").len(), 1);
    assert!(offences("a/x/y.rs", "use super::super::z;").is_empty());
    assert_eq!(offences("d.rs", ""), ["d has no row"]);
    assert_eq!(offences("c.rs", "use crate::Root;").len(), 1);
    assert!(wrong_rows(rows, true).is_empty());
    let circle: &[Row<'_>] = &[("a", &["b"]), ("b", &["a"])];
    assert_eq!(
        (
            wrong_rows(circle, true).len(),
            wrong_rows(circle, false).len()
        ),
        (1, 0)
    );
    assert_eq!(wrong_rows(&[("a", &["gone"])], false).len(), 1);
}

#[test]
fn the_tools_of_this_file_work() {
    assert_eq!(expand_braces("a/{b,c}.rs"), ["a/b.rs", "a/c.rs"]);
    assert!(looks_like_a_file("engine/src/lib.rs") && looks_like_a_file("engine/src/"));
    assert!(!looks_like_a_file("Store<T>") && !looks_like_a_file("1.95"));
    assert_eq!(anchor("## Why each dependency?"), "why-each-dependency");
    let names = dependency_names(
        "[dependencies]\na.workspace = true\n[dependencies.b]\n",
        |header| header == "dependencies",
    );
    assert_eq!(names.into_iter().collect::<Vec<_>>(), ["a", "b"]);
}
