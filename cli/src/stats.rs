//! `--stats`: what the engine did, as text or as one line of JSON, on stderr.
//!
//! The JSON's names are an interface: scripts read them. They are the field names of [`EngineReport`] and
//! change only with a note in CHANGELOG.md. Times are whole microseconds, sizes whole bytes.

use crate::units::{show_duration, show_size};
use lazywasm::Stats;
use serde::Serialize;
use std::fmt;
use std::fs;
use std::time::Duration;

/// How statistics are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Lines for people.
    Text,
    /// One line of JSON.
    Json,
}

/// A number for each tier.
#[derive(Debug, Serialize)]
struct Tiers {
    baseline: u64,
    optimised: u64,
}

#[derive(Debug, Serialize)]
struct CallSites {
    /// recorded = patched + left_on_stub.
    recorded: u64,
    patched: u64,
    left_on_stub: u64,
    left_on_stub_because: Reasons,
}

/// Why call sites were left on stubs.
#[derive(Debug, Serialize)]
struct Reasons {
    /// The instruction's displacement crosses an aligned boundary and cannot be changed atomically.
    crossing: u64,
    /// The callee has no code yet.
    callee_not_compiled: u64,
    /// Patching is switched off, or the system does not allow it.
    patching_off: u64,
}

/// Calls that were replaced by the callee's body.
#[derive(Debug, Serialize)]
struct Inlined {
    calls: u64,
    /// Of these, calls of functions of other modules.
    foreign: u64,
    /// Of these, indirect calls.
    guarded: u64,
}

/// On-stack replacement: loops for which code was compiled that starts there, and running frames that entered
/// it.
#[derive(Debug, Serialize)]
struct Loops {
    compiled: u64,
    entered: u64,
}

/// Functions that got baseline code on a background thread ahead of their first call, and how many of them
/// were called since.
#[derive(Debug, Serialize)]
struct Ahead {
    compiled: u64,
    called: u64,
}

/// All of the statistics.
#[derive(Debug, Serialize)]
pub struct EngineReport {
    functions_defined: u64,
    functions_compiled: Tiers,
    compiled_ahead: Ahead,
    code_bytes: Tiers,
    call_sites: CallSites,
    /// How many times the target of a function's entry was changed.
    relinks: u64,
    /// How many times a call site was rewritten after it was published.
    patches: u64,
    inlined: Inlined,
    loops: Loops,
    /// Functions sent to the optimiser while the program ran.
    promotions: u64,
    /// Compilations beyond one for each function, tier and generation; always 0.
    compiled_twice: u64,
    /// Functions that were reset to their stubs; each such reset begins a new generation.
    sent_back: u64,
    /// Functions that a compiler refused.
    refused: u64,
    compile_us: Tiers,
    first_instruction_us: Option<u64>,
    peak_memory_bytes: Option<u64>,
}

impl EngineReport {
    /// Collects the statistics. `first_instruction` is the time from the start of the process.
    pub fn new(stats: &Stats, first_instruction: Option<Duration>) -> EngineReport {
        EngineReport {
            functions_defined: stats.functions_defined,
            functions_compiled: Tiers {
                baseline: stats.baseline_compiled,
                optimised: stats.optimised_compiled,
            },
            compiled_ahead: Ahead {
                compiled: stats.ahead_compiled,
                called: stats.ahead_called,
            },
            code_bytes: Tiers {
                baseline: stats.baseline_code_bytes,
                optimised: stats.optimised_code_bytes,
            },
            call_sites: CallSites {
                recorded: stats.sites_recorded,
                patched: stats.sites_patched,
                left_on_stub: stats.sites_recorded - stats.sites_patched,
                left_on_stub_because: Reasons {
                    crossing: stats.sites_crossing,
                    callee_not_compiled: stats.sites_lazy,
                    patching_off: stats.sites_unpatched,
                },
            },
            relinks: stats.relinks,
            patches: stats.patches,
            inlined: Inlined {
                calls: stats.inlined,
                foreign: stats.inlined_foreign,
                guarded: stats.inlined_guarded,
            },
            loops: Loops {
                compiled: stats.loops_compiled,
                entered: stats.loops_entered,
            },
            promotions: stats.promotions,
            compiled_twice: stats.doubled,
            sent_back: stats.sent_back + stats.resets,
            refused: stats.failures,
            compile_us: Tiers {
                baseline: stats.baseline_compile_ns / 1000,
                optimised: stats.optimised_compile_ns / 1000,
            },
            first_instruction_us: first_instruction.map(|time| time.as_micros() as u64),
            peak_memory_bytes: peak_memory(),
        }
    }

    /// Writes the statistics to stderr. A closed stderr is no error.
    pub fn write(&self, format: Format) {
        use std::io::Write;
        let text = match format {
            Format::Text => self.to_string(),
            Format::Json => {
                let json = serde_json::to_string(self).expect("numbers and names become JSON");
                format!("{json}\n")
            }
        };
        let _ = std::io::stderr().write_all(text.as_bytes());
    }
}

impl fmt::Display for EngineReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let micros = |time: u64| show_duration(Duration::from_micros(time));
        let sites = &self.call_sites;
        writeln!(f, "functions defined        {}", self.functions_defined)?;
        for (tier, functions, bytes, time) in [
            (
                "baseline ",
                self.functions_compiled.baseline,
                self.code_bytes.baseline,
                self.compile_us.baseline,
            ),
            (
                "optimised",
                self.functions_compiled.optimised,
                self.code_bytes.optimised,
                self.compile_us.optimised,
            ),
        ] {
            writeln!(
                f,
                "compiled, {tier}      {functions}, {} of code, in {}",
                show_size(bytes),
                micros(time)
            )?;
        }
        let ahead = &self.compiled_ahead;
        writeln!(
            f,
            "compiled ahead of calls  {}, {} of them called since",
            ahead.compiled, ahead.called
        )?;
        writeln!(f, "call sites recorded      {}", sites.recorded)?;
        writeln!(f, "  patched                {}", sites.patched)?;
        writeln!(
            f,
            "  left on stubs          {} ({} lie across two 8-byte words, {} call what has no code yet, \
             {} may not be patched)",
            sites.left_on_stub,
            sites.left_on_stub_because.crossing,
            sites.left_on_stub_because.callee_not_compiled,
            sites.left_on_stub_because.patching_off
        )?;
        writeln!(
            f,
            "relinks                  {}, {} sites rewritten",
            self.relinks, self.patches
        )?;
        let (inlined, loops) = (&self.inlined, &self.loops);
        writeln!(
            f,
            "calls inlined            {}, {} of other modules, {} indirect",
            inlined.calls, inlined.foreign, inlined.guarded
        )?;
        writeln!(
            f,
            "loops compiled           {}, {} frames entered them",
            loops.compiled, loops.entered
        )?;
        if let Some(time) = self.first_instruction_us {
            writeln!(f, "first instruction after  {}", micros(time))?;
        }
        if let Some(bytes) = self.peak_memory_bytes {
            writeln!(f, "peak memory              {}", show_size(bytes))?;
        }
        Ok(())
    }
}

/// The peak of this process's resident memory. From /proc and not from getrusage, which also counts the
/// process that started this one (docs/rationale.md).
fn peak_memory() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}
