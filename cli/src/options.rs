//! Options of `run` and `explain`, and what they mean to the engine and to WASI.

use crate::errors::{EXIT_STATUS, UsageError, shown_os};
use crate::observe::{Observers, SubjectName};
use crate::profile::{self, ProfileFormat};
use crate::stats::Format;
use crate::units;
use anyhow::{Context, Result};
use clap::{Args, ValueEnum};
use lazywasm::{Config, DEFAULT_THRESHOLD, Mode};
use std::ffi::{OsStr, OsString};
use std::net::TcpListener;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::Duration;
use wasi_shim::{WasiCtx, WasiCtxBuilder};

/// Stack for wasm code: the limit given to the engine, which keeps its reserve on top. The thread of the
/// program has room for it.
pub const WASM_STACK: usize = 8 << 20;

/// The name of a file that means the standard input.
pub const STANDARD_INPUT: &str = "-";

#[derive(Args)]
#[command(after_help = EXIT_STATUS)]
pub struct Options {
    /// Give the program a directory, under the name GUEST; `:ro` at the end makes it read-only
    #[arg(long = "dir", value_name = "HOST[::GUEST][:ro]")]
    pub dirs: Vec<OsString>,

    /// Give the program a directory read-only
    #[arg(long = "dir-ro", value_name = "HOST[::GUEST]")]
    pub read_only_dirs: Vec<OsString>,

    /// Set an environment variable, or with NAME alone pass on the caller's
    #[arg(long = "env", value_name = "NAME[=VALUE]")]
    pub env: Vec<OsString>,

    /// The name that the program gets as its own, instead of FILE
    #[arg(long, value_name = "NAME", allow_hyphen_values = true)]
    pub argv0: Option<OsString>,

    /// Give the program a socket that listens on this address
    #[arg(long = "tcplisten", value_name = "ADDRESS")]
    pub listen: Vec<String>,

    /// Call this export with the arguments after the file, as many as it takes, and print its results;
    /// further arguments are passed to the program
    #[arg(long, value_name = "FUNCTION")]
    pub invoke: Option<String>,

    /// Instantiate another module first and offer its exports as module NAME; a module comes after those that
    /// it imports
    #[arg(long = "preload", value_name = "NAME=FILE")]
    pub preloads: Vec<OsString>,

    /// The same, but look at the file when a function of it is first called; only functions can be imported
    /// from it
    #[arg(long = "lazy", value_name = "NAME=FILE")]
    pub lazies: Vec<OsString>,

    /// Look in this directory for modules that are not given otherwise: a function of a module m is looked
    /// for in m.wasm or m.wat when it is first called
    #[arg(long, value_name = "DIR")]
    pub resolve: Option<PathBuf>,

    /// How functions are compiled
    #[arg(long, value_enum, default_value_t = ModeName::Tiered)]
    pub mode: ModeName,

    /// How much work a function does before it is compiled again, with optimisation, in calls; large
    /// functions need more
    #[arg(long, value_name = "N", default_value_t = DEFAULT_THRESHOLD)]
    pub threshold: u32,

    /// The most linear memory the program may have, as in 64M or 2G
    #[arg(long, value_name = "SIZE", value_parser = units::parse_size)]
    pub max_memory: Option<u64>,

    /// Stop the program after this time, as in 500ms or 2s
    #[arg(long, value_name = "DURATION", value_parser = units::parse_duration)]
    pub timeout: Option<Duration>,

    /// Print on stderr what the engine did, as text or as a line of JSON
    #[arg(long, value_enum, num_args = 0..=1, require_equals = true, default_missing_value = "text")]
    pub stats: Option<Format>,

    /// Print on stderr when functions change state, when call sites are relinked, what is inlined, and where
    /// running loops switch to optimised code
    #[arg(long, value_enum, value_delimiter = ',', require_equals = true)]
    pub trace: Vec<SubjectName>,

    /// Write all of these events to a file that Perfetto and Chrome can open
    #[arg(long, value_name = "FILE")]
    pub trace_events: Option<PathBuf>,

    /// Write a file from which `perf` learns the names of the program's functions
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub profile: Option<ProfileFormat>,

    /// The program, .wasm or .wat, or `-` for the standard input; everything after it is passed to the
    /// program. Write `--` before it if its name begins with a dash
    // One list and not two: the parser must stop looking for options at the file, not at the first
    // argument after it.
    #[arg(
        value_name = "FILE [ARGUMENTS]",
        required = true,
        num_args = 1..,
        trailing_var_arg = true
    )]
    pub command_line: Vec<OsString>,
}

impl Options {
    /// The file and its arguments.
    pub fn program(&self) -> (&Path, &[OsString]) {
        let (file, arguments) = self
            .command_line
            .split_first()
            .expect("the parser requires one");
        (Path::new(file), arguments)
    }
}

#[derive(Clone, Copy, ValueEnum)]
pub enum ModeName {
    /// Quick code at the first call, optimised code for what is hot
    Tiered,
    /// Quick code only
    Baseline,
    /// Code of another compiler, which is slow to compile; for tests
    Reference,
    /// Optimised code at the first call
    Optimise,
    /// Tiered, while call sites are relinked back and forth; for tests
    RelinkStorm,
}

/// The configuration of the engine that the options ask for.
///
/// # Errors
/// If the file of `--profile` cannot be created.
pub fn config(options: &Options, observers: &Observers) -> Result<Config> {
    let mut config = Config::new();
    config.mode(match options.mode {
        ModeName::Tiered => Mode::Tiered,
        ModeName::Baseline => Mode::Baseline,
        ModeName::Reference => Mode::Reference,
        ModeName::Optimise => Mode::Optimise,
        ModeName::RelinkStorm => Mode::RelinkStorm,
    });
    config.threshold(options.threshold);
    config.max_wasm_stack(WASM_STACK);
    config.max_memory(options.max_memory);
    config.interruption(options.timeout.is_some());
    if observers.any() {
        let observers = observers.clone();
        config.on_event(move |event| observers.notify(event));
    }
    if let Some(format) = options.profile {
        config.code_listener(profile::listener(format)?);
    }
    Ok(config)
}

/// What the program gets from WASI: standard streams, arguments, environment, directories and sockets.
///
/// # Errors
/// If an option is malformed, or what it names cannot be opened.
pub fn wasi(options: &Options, program: &Path, arguments: &[OsString]) -> Result<WasiCtx> {
    let mut builder = WasiCtxBuilder::new();
    builder.inherit_stdout().inherit_stderr();
    // Where the program itself came from there, nothing is left for it to read, not even on a terminal.
    if program.as_os_str() != STANDARD_INPUT {
        builder.inherit_stdin();
    }
    builder.arg(options.argv0.as_deref().unwrap_or(program.as_os_str()));
    builder.args(arguments);
    for variable in &options.env {
        add_variable(&mut builder, variable)?;
    }
    for dir in &options.dirs {
        add_directory(&mut builder, dir, false)?;
    }
    for dir in &options.read_only_dirs {
        add_directory(&mut builder, dir, true)?;
    }
    for address in &options.listen {
        let listener = TcpListener::bind(address)
            .with_context(|| format!("cannot listen on {} (--tcplisten)", shown_os(address)))?;
        builder.preopened_socket(listener);
    }
    builder.build()
}

/// Adds a variable of `--env`: NAME=VALUE, or NAME alone for the caller's value.
fn add_variable(builder: &mut WasiCtxBuilder, variable: &OsStr) -> Result<()> {
    match split_once(variable, "=") {
        Some((name, _)) if name.is_empty() => {
            let found = shown_os(variable);
            return Err(UsageError(format!("--env expects NAME=VALUE, found `{found}`")).into());
        }
        Some((name, value)) => {
            builder.env(name, value);
        }
        None => {
            let value = std::env::var_os(variable).ok_or_else(|| {
                UsageError(format!(
                    "--env {} passes on a variable, but none of that name is set",
                    shown_os(variable)
                ))
            })?;
            builder.env(variable, value);
        }
    }
    Ok(())
}

/// The name and the file of an option whose value is NAME=FILE.
///
/// # Errors
/// If it is not.
pub fn named_file<'a>(option: &str, value: &'a OsStr) -> Result<(&'a str, &'a OsStr)> {
    split_once(value, "=")
        .and_then(|(name, file)| Some((name.to_str()?, file)))
        .filter(|(name, file)| !name.is_empty() && !file.is_empty())
        .ok_or_else(|| {
            let found = shown_os(value);
            UsageError(format!("{option} expects NAME=FILE, found `{found}`")).into()
        })
}

/// Adds a directory of `--dir` or `--dir-ro`.
fn add_directory(builder: &mut WasiCtxBuilder, text: &OsStr, read_only: bool) -> Result<()> {
    let (host, guest, marked) = directory(text);
    if host.is_empty() || guest.is_empty() {
        let found = shown_os(text);
        let option = if read_only { "--dir-ro" } else { "--dir" };
        return Err(UsageError(format!("{option} expects HOST[::GUEST], found `{found}`")).into());
    }
    builder.preopened_dir(host, guest, read_only || marked);
    Ok(())
}

/// Host path, guest path, and whether it is marked read-only.
fn directory(text: &OsStr) -> (&OsStr, &OsStr, bool) {
    let (names, read_only) = match text.as_bytes().strip_suffix(b":ro") {
        Some(names) => (OsStr::from_bytes(names), true),
        None => (text, false),
    };
    let (host, guest) = split_once(names, "::").unwrap_or((names, names));
    (host, guest, read_only)
}

/// The parts before and after the first `by`; paths and arguments need not be UTF-8.
pub fn split_once<'a>(text: &'a OsStr, by: &str) -> Option<(&'a OsStr, &'a OsStr)> {
    let bytes = text.as_bytes();
    let mut windows = bytes.windows(by.len());
    let at = windows.position(|window| window == by.as_bytes())?;
    let (before, after) = (&bytes[..at], &bytes[at + by.len()..]);
    Some((OsStr::from_bytes(before), OsStr::from_bytes(after)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_are_taken_apart() {
        for (text, host, guest, read_only) in [
            ("a", "a", "a", false),
            ("a::b", "a", "b", false),
            ("a:ro", "a", "a", true),
            ("/x/y::/usr:ro", "/x/y", "/usr", true),
        ] {
            let wanted = (OsStr::new(host), OsStr::new(guest), read_only);
            assert_eq!(directory(OsStr::new(text)), wanted);
        }
    }
}
