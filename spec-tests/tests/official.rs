//! The official suite: a named test for each script in each mode.
//!
//! `cargo test -p lazywasm-spec-tests --test official -- tiered::simd` runs a part of it. A complete run
//! prints a table at its end, and checks that every mode really happened.

use lazywasm::Stats;
use lazywasm_spec_tests::expectations::{Expectations, Expected};
use lazywasm_spec_tests::suite::{self, SuiteScript};
use lazywasm_spec_tests::{Report, RunMode, RunOptions, run_script};
use libtest_mimic::{Arguments, Failed, Trial};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};

/// At most this many failures of a script are printed; the rest is counted.
const SHOWN: usize = 10;

#[derive(Default)]
struct Row {
    scripts: usize,
    passed: usize,
    failed: usize,
    /// Assertions that failed as expected.
    expected: usize,
    /// Scripts that are expected to fail as a whole; their assertions are counted nowhere.
    expected_scripts: usize,
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
    let expectations =
        Expectations::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("expectations"))?;
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
                let expected = expectations.of(script.suite, &script.script.name, mode);
                let report = run_script(
                    &script.script,
                    &RunOptions {
                        mode,
                        multi_memory: script.suite != "wasm-2.0",
                    },
                );
                let verdict = judge(&report, &expected);
                let mut totals = totals.lock().expect("nothing panics under this lock");
                totals.add(script.suite, mode, &report, &expected);
                verdict
            }));
        }
    }
    trials.push(Trial::test(
        "expectations_name_scripts_that_exist",
        move || {
            if stale.is_empty() {
                Ok(())
            } else {
                Err(format!("no such scripts: {stale:?}").into())
            }
        },
    ));

    let conclusion = libtest_mimic::run(arguments, trials);
    let complete = conclusion.num_filtered_out == 0 && !arguments.list && !arguments.ignored;
    if !complete {
        return Ok(!conclusion.has_failed());
    }
    let totals = totals.lock().expect("nothing panics under this lock");
    totals.print();
    Ok(totals.every_mode_happened() && !conclusion.has_failed())
}

fn stale_expectations(expectations: &Expectations, scripts: &[SuiteScript]) -> Vec<String> {
    let suites: BTreeSet<_> = scripts.iter().map(|script| script.suite).collect();
    let known: BTreeSet<_> = scripts
        .iter()
        .map(|script| (script.suite, script.script.name.as_str()))
        .collect();
    let mut stale: Vec<_> = expectations
        .stale(
            |suite| suites.contains(suite),
            |suite, name| known.contains(&(suite, name)),
        )
        .collect();
    stale.sort();
    stale
}

fn judge(report: &Report, expected: &Expected<'_>) -> Result<(), Failed> {
    if let Some(panic) = report
        .failures
        .iter()
        .find(|failure| failure.message.starts_with("panic"))
    {
        // Never expected to fail, whatever the lists say.
        return Err(panic.to_string().into());
    }
    if let Some(reason) = expected.whole {
        if report.failures.is_empty() {
            let text = format!("passes, but is expected to fail ({reason}): remove its line");
            return Err(text.into());
        }
        return Ok(());
    }
    let failed: BTreeSet<_> = report.failures.iter().map(|failure| failure.line).collect();
    let mut text = String::new();
    for line in expected.lines.difference(&failed) {
        text.push_str(&format!(
            "line {line} passes, but is expected to fail: remove its line\n"
        ));
    }
    let unexpected: Vec<_> = report
        .failures
        .iter()
        .filter(|failure| !expected.lines.contains(&failure.line))
        .collect();
    for failure in unexpected.iter().take(SHOWN) {
        text.push_str(&format!("{failure}\n"));
    }
    if unexpected.len() > SHOWN {
        text.push_str(&format!("and {} more\n", unexpected.len() - SHOWN));
    }
    if text.is_empty() {
        Ok(())
    } else {
        Err(text.into())
    }
}

impl Totals {
    fn add(
        &mut self,
        suite: &'static str,
        mode: RunMode,
        report: &Report,
        expected: &Expected<'_>,
    ) {
        let row = self.rows.entry((suite, mode)).or_default();
        row.scripts += 1;
        if expected.whole.is_some() {
            row.expected_scripts += 1;
        } else {
            let unexpected = report
                .failures
                .iter()
                .filter(|failure| !expected.lines.contains(&failure.line))
                .count();
            row.passed += report.passed;
            row.failed += unexpected;
            row.expected += report.failures.len() - unexpected;
        }
        self.stats.entry(mode).or_default().add(&report.stats);
    }

    fn print(&self) {
        println!(
            "\n{:<12}{:<16}{:>8}{:>10}{:>8}{:>20}{:>22}",
            "proposal",
            "mode",
            "scripts",
            "passed",
            "failed",
            "failed as expected",
            "scripts not supported"
        );
        for ((suite, mode), row) in &self.rows {
            println!(
                "{suite:<12}{mode:<16}{:>8}{:>10}{:>8}{:>20}{:>22}",
                row.scripts, row.passed, row.failed, row.expected, row.expected_scripts
            );
        }
        println!();
        for (mode, stats) in &self.stats {
            let proofs: Vec<_> = mode
                .proofs()
                .iter()
                .map(|(what, count)| format!("{} {what}", count(stats)))
                .collect();
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
