//! The official suite: a named test for each script in each mode.
//!
//! `cargo test -p lazywasm-spec-tests --test official -- tiered::simd` runs a part of it. After a
//! complete run a table is printed, and it is checked that every mode happened.

use lazywasm::Stats;
use lazywasm_spec_tests::expectations::Expectations;
use lazywasm_spec_tests::suite::{self, SuiteScript};
use lazywasm_spec_tests::{Report, RunMode, RunOptions, run_script};
use libtest_mimic::{Arguments, Failed, Trial};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};

/// Failures of one script that are printed; the rest is counted.
const SHOWN: usize = 10;

#[derive(Default)]
struct Row {
    scripts: usize,
    passed: usize,
    failed: usize,
    /// Scripts that were expected to fail and did; their assertions are counted nowhere.
    expected: usize,
}

#[derive(Default)]
struct Totals {
    rows: BTreeMap<(&'static str, RunMode), Row>,
    stats: BTreeMap<RunMode, Stats>,
}

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    match run(&arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> anyhow::Result<bool> {
    let scripts = suite::scripts(suite::complete_suite().as_deref())?;
    let expectations = Expectations::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("expectations"))?;
    let stale = stale_expectations(&expectations, &scripts);
    let expectations = Arc::new(expectations);
    let totals = Arc::new(Mutex::new(Totals::default()));

    let mut trials = Vec::new();
    for mode in RunMode::ALL {
        for script in &scripts {
            let name = format!("{mode}::{}::{}", script.suite, script.script.name);
            let script = script.clone();
            let expectations = Arc::clone(&expectations);
            let totals = Arc::clone(&totals);
            trials.push(Trial::test(name, move || {
                let reason = expectations.reason(script.suite, &script.script.name, mode);
                let report = run_script(&script.script, &RunOptions { mode });
                let verdict = judge(&report, reason);
                let mut totals = totals.lock().expect("nobody panics under this lock");
                totals.add(script.suite, mode, &report, reason.is_some() && verdict.is_ok());
                verdict
            }));
        }
    }
    trials.push(Trial::test("expectations_name_scripts_that_exist", move || {
        if stale.is_empty() { Ok(()) } else { Err(format!("no such scripts: {stale:?}").into()) }
    }));

    let conclusion = libtest_mimic::run(arguments, trials);
    let complete = conclusion.num_filtered_out == 0 && !arguments.list && !arguments.ignored;
    if !complete {
        return Ok(!conclusion.has_failed());
    }
    let totals = totals.lock().expect("nobody panics under this lock");
    totals.print();
    Ok(totals.every_mode_happened() && !conclusion.has_failed())
}

fn stale_expectations(expectations: &Expectations, scripts: &[SuiteScript]) -> Vec<String> {
    let suites: BTreeSet<_> = scripts.iter().map(|script| script.suite).collect();
    let known: BTreeSet<_> =
        scripts.iter().map(|script| (script.suite, script.script.name.as_str())).collect();
    let mut stale: Vec<_> = expectations
        .stale(|suite| suites.contains(suite), |suite, name| known.contains(&(suite, name)))
        .collect();
    stale.sort();
    stale
}

fn judge(report: &Report, reason: Option<&str>) -> Result<(), Failed> {
    if let Some(panic) = report.failures.iter().find(|failure| failure.message.starts_with("panic")) {
        // Never expected, whatever the lists say.
        return Err(panic.to_string().into());
    }
    match (reason, report.failures.is_empty()) {
        (None, true) | (Some(_), false) => Ok(()),
        (Some(reason), true) => Err(format!(
            "passes, but is expected to fail ({reason}): remove its line in expectations/"
        )
        .into()),
        (None, false) => {
            let mut text = String::new();
            for failure in report.failures.iter().take(SHOWN) {
                text.push_str(&format!("{failure}\n"));
            }
            if report.failures.len() > SHOWN {
                text.push_str(&format!("and {} more\n", report.failures.len() - SHOWN));
            }
            Err(text.into())
        }
    }
}

impl Totals {
    fn add(&mut self, suite: &'static str, mode: RunMode, report: &Report, expected: bool) {
        let row = self.rows.entry((suite, mode)).or_default();
        row.scripts += 1;
        if expected {
            row.expected += 1;
        } else {
            row.passed += report.passed;
            row.failed += report.failures.len();
        }
        self.stats.entry(mode).or_default().add(&report.stats);
    }

    fn print(&self) {
        println!("\n{:<12}{:<16}{:>8}{:>10}{:>8}{:>18}", "proposal", "mode", "scripts", "passed", "failed", "expected to fail");
        for ((suite, mode), row) in &self.rows {
            println!(
                "{suite:<12}{mode:<16}{:>8}{:>10}{:>8}{:>18}",
                row.scripts, row.passed, row.failed, row.expected
            );
        }
        println!();
        for (mode, stats) in &self.stats {
            let proofs: Vec<_> =
                mode.proofs().iter().map(|(what, count)| format!("{} {what}", count(stats))).collect();
            println!("mode {mode:<16}{}", proofs.join(", "));
        }
    }

    fn every_mode_happened(&self) -> bool {
        let mut happened = true;
        for mode in RunMode::ALL {
            let stats = self.stats.get(&mode).cloned().unwrap_or_default();
            for (what, count) in mode.proofs() {
                if count(&stats) == 0 {
                    println!("mode {mode} did not happen: no {what}");
                    happened = false;
                }
            }
        }
        happened
    }
}
