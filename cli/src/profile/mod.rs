//! `--profile`: files from which `perf` learns the names of the program's functions.
//!
//! Each is a listener of the engine's public API and knows nothing else of it. What is told is written at
//! once, so that a program that is killed leaves a complete file.

mod jitdump;
mod marker;
mod perfmap;

use crate::errors;
use anyhow::{Context, Result};
use jitdump::JitDump;
use lazywasm::{CodeFunc, CodeListener, CodeRecord, CodeSubject};
use perfmap::PerfMap;
use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// The formats of `--profile`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum ProfileFormat {
    /// A list of functions in /tmp/perf-PID.map, which `perf report` reads
    Perfmap,
    /// Functions with their code and inlined functions in jit-PID.dump, in the directory $JITDUMPDIR or else
    /// the current one; for `perf record -k mono` and `perf inject --jit`
    Jitdump,
}

/// A listener that writes a file of this format. It creates the file now.
///
/// # Errors
/// If the file cannot be created.
pub fn listener(format: ProfileFormat) -> Result<Arc<dyn CodeListener>> {
    let pid = std::process::id();
    let path = match format {
        ProfileFormat::Perfmap => PathBuf::from(format!("/tmp/perf-{pid}.map")),
        ProfileFormat::Jitdump => {
            let folder = std::env::var_os("JITDUMPDIR").unwrap_or_else(|| ".".into());
            Path::new(&folder).join(format!("jit-{pid}.dump"))
        }
    };
    let created = create(&path).and_then(|file| -> io::Result<Arc<dyn CodeListener>> {
        Ok(match format {
            ProfileFormat::Perfmap => Arc::new(PerfMap::new(file, path.clone())),
            ProfileFormat::Jitdump => Arc::new(JitDump::new(file, path.clone(), pid)?),
        })
    });
    created.with_context(|| format!("cannot write {} (--profile)", errors::shown_os(&path)))
}

/// Creates a file. One of an earlier process with the same number is removed; nothing is written through a
/// link that somebody else has put there.
fn create(path: &Path) -> io::Result<File> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true).open(path)
}

/// The file of a listener. After a failure nothing is written any more: the program continues.
struct Output {
    path: PathBuf,
    file: Mutex<Option<File>>,
}

impl Output {
    fn new(file: File, path: PathBuf) -> Output {
        Output {
            path,
            file: Mutex::new(Some(file)),
        }
    }

    /// Calls `write` with the file, unless a failure came before. Other threads wait.
    fn with(&self, write: impl FnOnce(&mut File) -> io::Result<()>) {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(open) = &mut *file
            && let Err(error) = write(open)
        {
            *file = None;
            let path = errors::shown_os(&self.path);
            errors::print(&format!("cannot write {path} (--profile): {error}"));
        }
    }
}

/// The name of a function, with its module's.
fn function_name(func: &CodeFunc) -> String {
    match &*func.module {
        "" => func.name.clone(),
        module => format!("{module}!{}", func.name),
    }
}

/// The name of a piece of code, on one line.
fn symbol_name(code: &CodeRecord) -> String {
    let name = match &code.subject {
        CodeSubject::Function { func, .. } if !func.module.is_empty() => {
            format!("{}!{}", func.module, code.subject)
        }
        subject => format!("{subject}"),
    };
    one_line(&name)
}

/// Without characters that end a line or a text. Names of functions are escaped already.
fn one_line(name: &str) -> String {
    name.replace(|c: char| c.is_control(), "?")
}
