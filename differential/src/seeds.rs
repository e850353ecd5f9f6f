//! What a process that runs seeds does: it compares, makes smaller what differs, and says what it counted.

use anyhow::{Context as _, Result};
use differential::generate::{self, Program};
use differential::structured::Structured;
use differential::{Difference, Harness, Tally, Verdict, ends, value};
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// How many seeds are run on one set of engines.
const SEEDS_PER_HARNESS: u64 = 100;

/// Attempts to make a program smaller.
pub const ATTEMPTS: usize = 3000;

/// The folder for what was found.
pub const FOLDER: &str = "artifacts";

/// Which programs are made.
#[derive(Clone, Copy)]
pub struct Kinds {
    /// One in so many seeds is a program of wasm-smith; 0 for none.
    pub smith_every: u64,
    /// Whether structured programs may have vectors.
    pub vectors: bool,
}

/// The program of a seed.
pub enum Made {
    Smith(Program),
    Structured(Structured),
    Nothing,
}

impl Kinds {
    pub fn make(self, seed: u64) -> Made {
        let smith = self.smith_every > 0 && seed % self.smith_every == self.smith_every - 1;
        if !smith {
            return Made::Structured(Structured::of_seed(seed, self.vectors));
        }
        match generate::from_bytes(&generate::bytes_of_seed(seed)) {
            Some(program) => Made::Smith(program),
            None => Made::Nothing,
        }
    }
}

/// Compares one program. A panic is a difference too.
fn guarded(check: impl FnOnce() -> Result<Verdict, Difference>) -> Result<Verdict, Difference> {
    catch_unwind(AssertUnwindSafe(check)).unwrap_or_else(|panic| {
        let text = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or(panic.downcast_ref::<&str>().copied());
        Err(Difference {
            text: format!("a panic: {}", text.unwrap_or("see above")),
        })
    })
}

fn check(harness: &Harness, made: &Made, seed: u64) -> Result<Verdict, Difference> {
    guarded(|| match made {
        Made::Structured(made) => harness.check_structured(&made.program(), seed),
        Made::Smith(program) => harness.check_program(program, arguments_of_smith(seed)),
        Made::Nothing => Ok(Verdict::Skipped),
    })
}

fn arguments_of_smith(seed: u64) -> u64 {
    value::digest(&generate::bytes_of_seed(seed))
}

/// Runs seeds. What was counted is printed as lines that [`crate::supervise`] reads.
pub fn work(first: u64, count: u64, kinds: Kinds) -> Result<ExitCode> {
    let folder = Path::new(FOLDER);
    fs::create_dir_all(folder)?;
    let current = folder.join(format!("current.{}", std::process::id()));
    let mut tally = Tally::default();
    let mut harness = Harness::new();
    let mut reported = Instant::now();
    for seed in first..first.saturating_add(count) {
        if (seed - first) % SEEDS_PER_HARNESS == SEEDS_PER_HARNESS - 1 {
            harness = Harness::new();
        }
        fs::write(&current, seed.to_string())?;
        let made = kinds.make(seed);
        match check(&harness, &made, seed) {
            Ok(verdict) => {
                tally.add(verdict);
                if let Made::Structured(made) = &made {
                    tally.add_structured(made);
                }
            }
            Err(difference) => {
                tally.differences += 1;
                harness = Harness::new();
                let alone = match check(&harness, &made, seed) {
                    Ok(_) => "not again alone".to_string(),
                    Err(again) => format!("again alone: {again}"),
                };
                harness = Harness::new();
                let text = format!("{difference}\n{alone}\n");
                report(folder, seed, &made, &text)?;
                if let Made::Structured(made) = made {
                    shrink(folder, seed, made, &difference)?;
                }
            }
        }
        if reported.elapsed() > Duration::from_secs(20) {
            println!("seed {seed}: {tally}");
            reported = Instant::now();
        }
    }
    fs::remove_file(&current)?;
    println!("{tally}");
    Ok(if tally.differences == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// What kind of difference it is: making a program smaller must not turn one into another.
fn class(difference: &Difference) -> String {
    let text = difference.text.trim_start_matches(|c: char| c != ':');
    let words = text.split(|c: char| !c.is_ascii_alphabetic());
    let verbs = [
        "returned", "trapped", "memory", "global", "panic", "refused", "table",
    ];
    words.filter(|word| verbs.contains(word)).take(2).collect()
}

fn shrink(folder: &Path, seed: u64, made: Structured, difference: &Difference) -> Result<()> {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let wanted = class(difference);
    let mut attempts = 0;
    let last = folder.join(format!("{seed}.small"));
    let small = made.shrink(&mut |program| {
        attempts += 1;
        if attempts > ATTEMPTS || !ends(program, seed) {
            return false;
        }
        let harness = Harness::new();
        let again = guarded(|| harness.check_structured(program, seed));
        again.is_err_and(|again| class(&again) == wanted)
    });
    std::panic::set_hook(hook);
    let program = small.program();
    let again = guarded(|| Harness::new().check_structured(&program, seed));
    let text = again.err().map_or_else(String::new, |again| again.text);
    write(&last.display().to_string(), &program)?;
    fs::write(
        last.with_extension("small.txt"),
        format!("seed {seed}, made smaller\n{text}\n"),
    )?;
    println!("seed {seed}, made smaller: {text}");
    Ok(())
}

pub fn write(prefix: &str, program: &Program) -> Result<String> {
    let mut files = String::new();
    for (position, wasm) in program.iter().enumerate() {
        let file = format!("{prefix}.{position}.wasm");
        fs::write(&file, wasm)?;
        files.push_str(&format!("{file} "));
    }
    Ok(files)
}

fn report(folder: &Path, seed: u64, made: &Made, text: &str) -> Result<()> {
    let (program, arguments) = match made {
        Made::Structured(made) => (made.program(), seed),
        Made::Smith(program) => (program.clone(), arguments_of_smith(seed)),
        Made::Nothing => return Ok(()),
    };
    let prefix = folder.join(seed.to_string());
    let files = write(&prefix.display().to_string(), &program)?;
    let text = format!("seed {seed}: {files}{arguments}\n{text}");
    fs::write(folder.join(format!("{seed}.txt")), &text).with_context(|| format!("seed {seed}"))?;
    println!("{text}");
    Ok(())
}
