//! The long run: seed after seed, until a number is reached.
//!
//! `differential FIRST COUNT [OPTIONS]` runs seeds; `differential FILE... [ARGUMENTS]` compares one program,
//! its modules in the order of their linking, `.wat` or `.wasm`, with the arguments of a seed. Each
//! difference is written as modules and a text into the folder `artifacts`.
//!
//! Wrong machine code may end the process, so seeds run in processes of their own, as many as `--jobs` says;
//! one that dies is replaced by one that continues behind the seed of which it died.

mod seeds;
mod supervise;

use anyhow::{Context as _, Result, bail};
use differential::Harness;
use seeds::Kinds;
use std::process::ExitCode;

/// What the arguments ask for.
struct Options {
    kinds: Kinds,
    jobs: u64,
    /// Whether this process was started by another one, to run seeds.
    works: bool,
}

fn main() -> Result<ExitCode> {
    let mut options = Options {
        kinds: Kinds {
            smith_every: 16,
            vectors: true,
        },
        jobs: 1,
        works: false,
    };
    let mut plain: Vec<String> = Vec::new();
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        let mut number = || -> Result<u64> {
            let next = args.next();
            next.and_then(|next| next.parse().ok())
                .with_context(|| format!("{arg} wants a number"))
        };
        match arg.as_str() {
            "--jobs" => options.jobs = number()?.max(1),
            "--smith-every" => options.kinds.smith_every = number()?,
            "--no-vectors" => options.kinds.vectors = false,
            "--worker" => options.works = true,
            option if option.starts_with("--") => bail!("unknown option {option}"),
            _ => plain.push(arg),
        }
    }
    let numbers: Vec<Option<u64>> = plain.iter().map(|arg| arg.parse().ok()).collect();
    match numbers[..] {
        [Some(first), Some(count)] if options.works => seeds::work(first, count, options.kinds),
        [Some(first), Some(count)] => supervise::run(first, count, options.kinds, options.jobs),
        [None, .., Some(arguments)] => run_files(&plain[..plain.len() - 1], arguments),
        [None, ..] => run_files(&plain, 0),
        _ => bail!(
            "usage: differential FIRST COUNT [--jobs N] [--smith-every N] [--no-vectors], \
             or differential FILE... [ARGUMENTS]"
        ),
    }
}

fn run_files(files: &[String], arguments: u64) -> Result<ExitCode> {
    let program = files
        .iter()
        .map(wat::parse_file)
        .collect::<Result<_, _>>()?;
    match Harness::new().check_program(&program, arguments) {
        Ok(verdict) => {
            println!("all agree: {verdict:?}");
            Ok(ExitCode::SUCCESS)
        }
        Err(difference) => {
            println!("{difference}");
            Ok(ExitCode::FAILURE)
        }
    }
}
