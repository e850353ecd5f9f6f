//! Starts the processes that run seeds, and replaces one that dies.

use crate::seeds::{ATTEMPTS, FOLDER, Kinds, Made, write};
use anyhow::{Context as _, Result};
use differential::ends;
use differential::generate::Program;
use differential::structured::Structured;
use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode, ExitStatus, Stdio};

/// Runs seeds in as many processes at once as `jobs` says.
pub fn run(first: u64, count: u64, kinds: Kinds, jobs: u64) -> Result<ExitCode> {
    fs::create_dir_all(FOLDER)?;
    let share = count.div_ceil(jobs);
    let all_agree = std::thread::scope(|scope| -> Result<bool> {
        let ranges = (0..jobs).map(|job| {
            let from = first + (job * share).min(count);
            let to = first + ((job + 1) * share).min(count);
            (from, to)
        });
        let running: Vec<_> = ranges
            .map(|(from, to)| scope.spawn(move || range(from, to, kinds)))
            .collect();
        let mut all_agree = true;
        for one in running {
            all_agree &= one.join().expect("no panic while waiting")?;
        }
        Ok(all_agree)
    })?;
    Ok(if all_agree {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Runs a range of seeds, in a new process after each death. Returns whether all agreed.
fn range(mut from: u64, to: u64, kinds: Kinds) -> Result<bool> {
    let mut all_agree = true;
    while from < to {
        let (status, died_at) = worker(from, to - from, kinds)?;
        all_agree &= status.success();
        let Some(seed) = died_at else { break };
        let text = format!("seed {seed}: the process died: {status}\n");
        fs::write(Path::new(FOLDER).join(format!("{seed}.txt")), &text)?;
        print!("{text}");
        if let Made::Structured(made) = kinds.make(seed) {
            shrink(seed, made)?;
        }
        from = seed + 1;
    }
    Ok(all_agree)
}

/// The status of a process that ran seeds, and the seed at which it died, if it did.
fn worker(first: u64, count: u64, kinds: Kinds) -> Result<(ExitStatus, Option<u64>)> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args([first.to_string(), count.to_string(), "--worker".to_string()]);
    command.args(["--smith-every".to_string(), kinds.smith_every.to_string()]);
    if !kinds.vectors {
        command.arg("--no-vectors");
    }
    let mut child = command.spawn().context("starting a process for seeds")?;
    let status = child.wait()?;
    // It removes this file when it ends by itself.
    let current = Path::new(FOLDER).join(format!("current.{}", child.id()));
    let died_at = match fs::read_to_string(&current) {
        Ok(seed) => {
            fs::remove_file(&current)?;
            Some(seed.trim().parse().context("the seed of a dead process")?)
        }
        Err(_) => None,
    };
    Ok((status, died_at))
}

/// Makes a program smaller of which the process dies: each attempt is a process.
fn shrink(seed: u64, made: Structured) -> Result<()> {
    let prefix = format!("{FOLDER}/{seed}.small");
    write(&format!("{FOLDER}/{seed}"), &made.program())?;
    let dies = |program: &Program| -> Result<bool> {
        let files = write(&prefix, program)?;
        let mut command = Command::new(std::env::current_exe()?);
        command.args(files.split_whitespace()).arg(seed.to_string());
        command.stdout(Stdio::null()).stderr(Stdio::null());
        Ok(command.status()?.code().is_none_or(|code| code > 1))
    };
    let mut attempts = 0;
    let small = made.shrink(&mut |program| {
        attempts += 1;
        attempts <= ATTEMPTS && ends(program, seed) && dies(program).unwrap_or(false)
    });
    write(&prefix, &small.program())?;
    Ok(())
}
