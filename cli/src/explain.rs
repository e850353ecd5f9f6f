//! `lazywasm explain`: runs a program, and then reports the history of its functions.

use crate::explanation::Explanation;
use crate::{options, run};
use anyhow::Result;
use clap::Args;
use std::time::Instant;

#[derive(Args)]
#[group(id = "explain")]
#[command(after_help = crate::errors::EXIT_STATUS)]
pub struct Options {
    /// Report only functions with this name, optimised or not: NAME, its own or an export's, MODULE!NAME or
    /// the function's number; may be given several times
    #[arg(long = "function", value_name = "NAME")]
    functions: Vec<String>,

    #[command(flatten)]
    run: options::Options,
}

/// Runs the program; the status to exit with.
///
/// # Errors
/// As [`run::run`].
pub fn explain(options: &Options, started: Instant) -> Result<i32> {
    let explanation = Explanation::new(started, &options.functions);
    run::run_explained(&options.run, started, Some(explanation))
}
