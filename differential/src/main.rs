//! The long run: seed after seed, until a number is reached or something differs.
//!
//! `differential FIRST COUNT` runs seeds; `differential FILE... [ARGUMENTS]` compares one program, its
//! modules in the order of their linking, `.wat` or `.wasm`, with the arguments of a seed. Each difference is
//! written as modules and a text into the folder `artifacts`. The current seed is in `artifacts/current`, in
//! case the process dies.

use anyhow::{Context as _, Result, bail};
use differential::{Difference, Harness, Tally, Verdict, generate, value};
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// How many seeds are run on one set of engines.
const SEEDS_PER_HARNESS: u64 = 100;

/// Time between two lines of progress.
const PROGRESS: Duration = Duration::from_secs(20);

fn main() -> Result<ExitCode> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let numbers: Vec<Option<u64>> = args.iter().map(|arg| arg.parse().ok()).collect();
    match numbers[..] {
        [Some(first), Some(count)] => run_seeds(first, count),
        [None, .., Some(arguments)] => run_files(&args[..args.len() - 1], arguments),
        [None, ..] => run_files(&args, 0),
        _ => bail!("usage: differential FIRST COUNT, or differential FILE... [ARGUMENTS]"),
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

/// Runs one seed. A panic is a difference too.
fn check(harness: &Harness, seed: u64) -> Result<Verdict, Difference> {
    catch_unwind(AssertUnwindSafe(|| harness.check_seed(seed))).unwrap_or_else(|_| {
        Err(Difference {
            text: "a panic, see above".to_string(),
        })
    })
}

fn run_seeds(first: u64, count: u64) -> Result<ExitCode> {
    let folder = Path::new("artifacts");
    fs::create_dir_all(folder)?;
    let (mut tally, mut differences) = (Tally::default(), 0);
    let mut harness = Harness::new();
    let mut reported = Instant::now();
    for seed in first..first.saturating_add(count) {
        if (seed - first) % SEEDS_PER_HARNESS == SEEDS_PER_HARNESS - 1 {
            harness = Harness::new();
        }
        fs::write(folder.join("current"), seed.to_string())?;
        match check(&harness, seed) {
            Ok(verdict) => tally.add(verdict),
            Err(difference) => {
                differences += 1;
                harness = Harness::new();
                let alone = match check(&harness, seed) {
                    Ok(_) => "not again alone".to_string(),
                    Err(again) => format!("again alone: {again}"),
                };
                harness = Harness::new();
                report(folder, seed, &format!("{difference}\n{alone}\n"))?;
            }
        }
        if reported.elapsed() > PROGRESS {
            println!("seed {seed}: {tally}; {differences} differences");
            reported = Instant::now();
        }
    }
    println!("{tally}; {differences} differences");
    Ok(if differences == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn report(folder: &Path, seed: u64, text: &str) -> Result<()> {
    let bytes = generate::bytes_of_seed(seed);
    let program = generate::from_bytes(&bytes).context("the seed has a program")?;
    let arguments = value::digest(&bytes);
    let mut files = String::new();
    for (position, wasm) in program.iter().enumerate() {
        let file = folder.join(format!("{seed}.{position}.wasm"));
        fs::write(&file, wasm)?;
        files.push_str(&format!("{} ", file.display()));
    }
    let text = format!("seed {seed}: {files}{arguments}\n{text}");
    fs::write(folder.join(format!("{seed}.txt")), &text)?;
    println!("{text}");
    Ok(())
}
