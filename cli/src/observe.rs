//! What is told of functions while a program runs: lines on stderr (`--trace`), a file for trace viewers
//! (`--trace-events`), and the material for `explain`.

use crate::errors::{UsageError, shown_os};
use crate::explanation::Explanation;
use anyhow::{Context, Result};
use lazywasm::{Event, Subject, TierName};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::fs::File;
use std::io::{LineWriter, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::ThreadId;
use std::time::{Duration, Instant};

/// What a trace on stderr may be about.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum SubjectName {
    /// Functions compiled, promoted, refused
    Life,
    /// Call sites relinked, code freed
    Link,
    /// Calls replaced by the callee's body, or left
    Inline,
    /// Code that starts at a running loop
    Osr,
}

impl From<SubjectName> for Subject {
    fn from(name: SubjectName) -> Subject {
        match name {
            SubjectName::Life => Subject::Life,
            SubjectName::Link => Subject::Link,
            SubjectName::Inline => Subject::Inline,
            SubjectName::Osr => Subject::Osr,
        }
    }
}

/// Everybody who wants to know.
#[derive(Clone, Default)]
pub struct Observers {
    pub lines: Vec<SubjectName>,
    pub events: Option<Arc<EventFile>>,
    pub explanation: Option<Arc<Explanation>>,
}

impl Observers {
    /// Whether there is anybody.
    pub fn any(&self) -> bool {
        !self.lines.is_empty() || self.events.is_some() || self.explanation.is_some()
    }

    /// Whether something is to be written when the program has ended.
    pub fn report_at_the_end(&self) -> bool {
        self.events.is_some() || self.explanation.is_some()
    }

    /// Passes an event on.
    pub fn tell(&self, event: &Event<'_>) {
        let subject = event.subject();
        if self
            .lines
            .iter()
            .any(|name| Subject::from(*name) == subject)
        {
            // That nobody reads it is no reason to fail.
            let _ = writeln!(std::io::stderr(), "{event}");
        }
        if let Some(events) = &self.events {
            events.tell(event);
        }
        if let Some(explanation) = &self.explanation {
            explanation.tell(event);
        }
    }

    /// The program has ended.
    ///
    /// # Errors
    /// If the file could not be written.
    pub fn finish(&self) -> Result<()> {
        if let Some(explanation) = &self.explanation {
            let _ = std::io::stderr().write_all(explanation.report().as_bytes());
        }
        match &self.events {
            Some(events) => events.finish(),
            None => Ok(()),
        }
    }
}

/// A file in the Trace Event Format (the JSON array form), which Perfetto and Chrome open. Each line is written as it
/// comes, so that a program that is killed leaves a file that can be read.
pub struct EventFile {
    path: PathBuf,
    started: Instant,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// None before the program begins and after it has ended.
    file: Option<LineWriter<File>>,
    threads: HashMap<ThreadId, usize>,
    /// The first failure: what follows is not written.
    failed: Option<std::io::Error>,
}

impl EventFile {
    /// Times count from `started`.
    pub fn new(path: &Path, started: Instant) -> EventFile {
        EventFile {
            path: path.to_path_buf(),
            started,
            state: Mutex::default(),
        }
    }

    /// Begins the file. Not before all that the program is made of was read: a mistake on the command line must not cost a
    /// file.
    ///
    /// # Errors
    /// If it cannot be made, or is one of `inputs`.
    pub fn begin<'a>(&self, inputs: impl Iterator<Item = &'a Path>) -> Result<()> {
        let path = &self.path;
        let identity = |path: &Path| {
            let data = std::fs::metadata(path).ok()?;
            Some((data.dev(), data.ino()))
        };
        let own = identity(path);
        for input in inputs {
            if own.is_some() && identity(input) == own {
                let path = shown_os(path);
                return Err(UsageError(format!(
                    "--trace-events would overwrite {path}, which is to be run"
                ))
                .into());
            }
        }
        let cannot = || format!("cannot write {}", shown_os(path));
        let mut file = LineWriter::new(File::create(path).with_context(cannot)?);
        file.write_all(b"[\n").with_context(cannot)?;
        self.lock().file = Some(file);
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, event: &Event<'_>) {
        let now = self.started.elapsed();
        // Name, category, time it took if it took any, and more.
        let (name, category, took, arguments) = match event {
            Event::Compiled {
                func,
                tier,
                wasm_bytes,
                code_bytes,
                sites,
                took,
                ..
            } => (
                func.name.to_string(),
                tier.to_string(),
                Some(*took),
                json!({"module": func.module, "bytecode": wasm_bytes, "code": code_bytes, "sites": sites}),
            ),
            Event::LoopCompiled {
                func,
                offset,
                code_bytes,
                took,
            } => (
                format!("{} from its loop at {offset:#x}", func.name),
                TierName::Optimised.to_string(),
                Some(*took),
                json!({"module": func.module, "code": code_bytes}),
            ),
            other => {
                let category = match other.subject() {
                    Subject::Life => "life",
                    Subject::Link => "link",
                    Subject::Inline => "inline",
                    Subject::Osr => "osr",
                };
                (other.to_string(), category.to_string(), None, json!({}))
            }
        };
        let micros = |time: Duration| time.as_nanos() as f64 / 1000.0;
        let mut state = self.lock();
        if state.file.is_none() {
            return;
        }
        let next = state.threads.len() + 1;
        let thread = std::thread::current();
        let number = *state.threads.entry(thread.id()).or_insert(next);
        if number == next {
            let name = thread.name().unwrap_or("thread");
            state.write(&json!({
                "name": "thread_name", "ph": "M", "pid": 1, "tid": number, "args": {"name": name}
            }));
        }
        let mut line = json!({
            "name": name, "cat": category, "pid": 1, "tid": number, "args": arguments,
            "ts": micros(now.saturating_sub(took.unwrap_or_default())),
        });
        match took {
            Some(took) => {
                line["ph"] = json!("X");
                line["dur"] = json!(micros(took));
            }
            None => {
                line["ph"] = json!("i");
                line["s"] = json!("t");
            }
        }
        state.write(&line);
    }

    /// Ends the file, unless it has ended. Gives what went wrong while it was written.
    fn finish(&self) -> Result<()> {
        let mut state = self.lock();
        let ended = state.file.take().map_or(Ok(()), |mut file| {
            // An array may end with its last comma only in files that were cut off.
            let end = json!({"name": "end", "ph": "M", "pid": 1, "tid": 0, "args": {}});
            writeln!(file, "{end}\n]").and_then(|()| file.flush())
        });
        let written = state.failed.take().map_or(ended, Err);
        written.with_context(|| format!("cannot write {}", shown_os(&self.path)))
    }
}

impl State {
    fn write(&mut self, line: &Value) {
        if let Some(file) = &mut self.file
            && let Err(error) = writeln!(file, "{line},")
        {
            // No reason to end the program.
            self.failed = Some(error);
            self.file = None;
        }
    }
}
