//! Events about functions while a program runs: lines on stderr (`--trace`), a file for trace viewers
//! (`--trace-events`), and the data behind `explain`.

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

/// The subjects that a trace on stderr can be limited to.
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

/// All receivers of events.
#[derive(Clone, Default)]
pub struct Observers {
    pub lines: Vec<SubjectName>,
    pub events: Option<Arc<EventFile>>,
    pub explanation: Option<Arc<Explanation>>,
}

impl Observers {
    /// Whether there is any receiver.
    pub fn any(&self) -> bool {
        !self.lines.is_empty() || self.events.is_some() || self.explanation.is_some()
    }

    /// Whether [`Observers::finish`] has something to write.
    pub fn report_at_the_end(&self) -> bool {
        self.events.is_some() || self.explanation.is_some()
    }

    /// Passes an event to every receiver.
    pub fn notify(&self, event: &Event<'_>) {
        let subject = event.subject();
        if self
            .lines
            .iter()
            .any(|name| Subject::from(*name) == subject)
        {
            // A closed stderr is no reason to fail.
            let _ = writeln!(std::io::stderr(), "{event}");
        }
        if let Some(events) = &self.events {
            events.add(event);
        }
        if let Some(explanation) = &self.explanation {
            explanation.add(event);
        }
    }

    /// Writes the explanation and ends the trace file, after the program has ended.
    ///
    /// # Errors
    /// If the trace file could not be written.
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

/// A file in the Trace Event Format (the JSON array form), which Perfetto and Chrome can open. Each event is
/// written immediately, so that a program that is killed leaves a readable file.
pub struct EventFile {
    path: PathBuf,
    started: Instant,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// `None` before the program begins, after it has ended, and after a failure.
    file: Option<LineWriter<File>>,
    threads: HashMap<ThreadId, usize>,
    /// The first failure. Nothing is written after it.
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

    /// Creates the file. Must be called after all `inputs` were read: a mistake on the command line must not
    /// overwrite a file.
    ///
    /// # Errors
    /// If the file cannot be created, or is one of `inputs`.
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

    /// Writes an event, and before the first one of a thread the thread's name.
    fn add(&self, event: &Event<'_>) {
        let now = self.started.elapsed();
        let entry = Entry::of(event);
        let mut state = self.lock();
        if state.file.is_none() {
            return;
        }
        let thread = state.thread_number();
        let micros = |time: Duration| time.as_nanos() as f64 / 1000.0;
        let mut line = json!({
            "name": entry.name, "cat": entry.category, "pid": 1, "tid": thread, "args": entry.arguments,
            "ts": micros(now.saturating_sub(entry.took.unwrap_or_default())),
        });
        match entry.took {
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

    /// Ends the file, unless it has ended.
    ///
    /// # Errors
    /// The first failure to write to it.
    fn finish(&self) -> Result<()> {
        let mut state = self.lock();
        let ended = state.file.take().map_or(Ok(()), |mut file| {
            // Only a file that was cut off may end with a comma, so one more entry without a comma follows.
            let end = json!({"name": "end", "ph": "M", "pid": 1, "tid": 0, "args": {}});
            writeln!(file, "{end}\n]").and_then(|()| file.flush())
        });
        let written = state.failed.take().map_or(ended, Err);
        written.with_context(|| format!("cannot write {}", shown_os(&self.path)))
    }
}

/// An event as trace viewers show it.
struct Entry {
    name: String,
    category: String,
    /// How long it took; `None` for an event without duration.
    took: Option<Duration>,
    arguments: Value,
}

impl Entry {
    fn of(event: &Event<'_>) -> Entry {
        match event {
            Event::Compiled {
                func,
                tier,
                wasm_bytes,
                code_bytes,
                sites,
                took,
                ..
            } => Entry {
                name: func.name.to_string(),
                category: tier.to_string(),
                took: Some(*took),
                arguments: json!({"module": func.module, "bytecode": wasm_bytes, "code": code_bytes, "sites": sites}),
            },
            Event::LoopCompiled {
                func,
                offset,
                code_bytes,
                took,
            } => Entry {
                name: format!("{} from its loop at {offset:#x}", func.name),
                category: TierName::Optimised.to_string(),
                took: Some(*took),
                arguments: json!({"module": func.module, "code": code_bytes}),
            },
            other => {
                let category = match other.subject() {
                    Subject::Life => "life",
                    Subject::Link => "link",
                    Subject::Inline => "inline",
                    Subject::Osr => "osr",
                };
                Entry {
                    name: other.to_string(),
                    category: category.to_string(),
                    took: None,
                    arguments: json!({}),
                }
            }
        }
    }
}

impl State {
    /// The number of this thread in the file. Writes the thread's name when it gets its number.
    fn thread_number(&mut self) -> usize {
        let next = self.threads.len() + 1;
        let thread = std::thread::current();
        let number = *self.threads.entry(thread.id()).or_insert(next);
        if number == next {
            let name = thread.name().unwrap_or("thread");
            self.write(&json!({
                "name": "thread_name", "ph": "M", "pid": 1, "tid": number, "args": {"name": name}
            }));
        }
        number
    }

    fn write(&mut self, line: &Value) {
        if let Some(file) = &mut self.file
            && let Err(error) = writeln!(file, "{line},")
        {
            // The program continues; `finish` returns the error.
            self.failed = Some(error);
            self.file = None;
        }
    }
}
