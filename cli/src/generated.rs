//! `lazywasm completions` and `lazywasm man`: texts for shells and for `man`, made from the description of
//! the command line that the parser uses, so that they cannot differ from it.

use crate::errors::UsageError;
use anyhow::{Context, Result};
use clap::{Args, Command};
use clap_complete::Shell;
use clap_mangen::Man;
use std::io::{self, Write};

#[derive(Args)]
pub struct CompletionsOptions {
    /// The shell
    shell: Shell,
}

#[derive(Args)]
pub struct ManOptions {
    /// The subcommand whose page is written
    subcommand: Option<String>,
}

/// Writes a script that makes a shell complete command lines; returns the exit status.
///
/// # Errors
/// If it cannot be written.
pub fn completions(options: &CompletionsOptions, mut command: Command) -> Result<i32> {
    let name = command.get_name().to_string();
    let mut text = Vec::new();
    clap_complete::generate(options.shell, &mut command, name, &mut text);
    print(&text)
}

/// Writes a manual page, in the language of troff; returns the exit status.
///
/// # Errors
/// If there is no such subcommand, or the page cannot be written.
pub fn manual(options: &ManOptions, command: Command) -> Result<i32> {
    // `help` has no page of its own: the pages say what it says.
    let mut command = command.disable_help_subcommand(true);
    // Gives the subcommands their long names, as in `lazywasm-run`.
    command.build();
    let described = match &options.subcommand {
        None => &command,
        Some(name) => command
            .find_subcommand(name)
            .ok_or_else(|| no_subcommand(name, &command))?,
    };
    let mut page = Vec::new();
    // A field that is left empty would be missing in the page's header, so that the next one takes its place.
    Man::new(described.clone())
        .date(" ")
        .source(concat!("lazywasm ", env!("CARGO_PKG_VERSION")))
        .render(&mut page)?;
    print(&page)
}

/// The error for a subcommand that does not exist, with those that do.
fn no_subcommand(name: &str, command: &Command) -> UsageError {
    let names: Vec<&str> = command.get_subcommands().map(Command::get_name).collect();
    UsageError(format!(
        "there is no subcommand `{name}`; choose one of {}",
        names.join(", ")
    ))
}

/// Writes a text to standard output. If that is closed, nothing is wrong.
fn print(text: &[u8]) -> Result<i32> {
    let mut out = io::stdout().lock();
    match out.write_all(text).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(error).context("cannot write to standard output")
        }
        _ => Ok(0),
    }
}
