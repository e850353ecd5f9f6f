//! Runs the command for tests, and keeps their files in temporary folders.

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// A temporary folder of one test, removed at its end.
pub struct Folder(PathBuf);

impl Folder {
    /// A new, empty folder.
    pub fn new() -> Folder {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path =
            std::env::temp_dir().join(format!("lazywasm-cli-{}-{number}", std::process::id()));
        fs::create_dir_all(&path).expect("a folder for the test");
        Folder(path)
    }

    /// The path of the folder.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Writes a file and returns its path.
    pub fn file(&self, name: &str, contents: impl AsRef<[u8]>) -> String {
        let path = self.0.join(name);
        fs::write(&path, contents).expect("a file for the test");
        path.to_str().expect("the path is UTF-8").to_string()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // If this fails, the system cleans its folder for temporary files.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The result of a run of the command.
#[derive(Debug)]
pub struct Outcome {
    /// Exit status; `None` after a signal.
    pub status: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Outcome {
    /// The result of a process that has ended.
    pub fn of(output: Output) -> Outcome {
        Outcome {
            status: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Checks the status, and that every text occurs on stderr.
    #[track_caller]
    pub fn expect(&self, status: i32, texts: &[&str]) {
        assert_eq!(self.status, Some(status), "{self:#?}");
        for text in texts {
            assert!(self.stderr.contains(text), "no {text:?} in {self:#?}");
        }
        assert!(!self.stderr.contains("panicked"), "{self:#?}");
    }
}

/// The command itself, with these arguments and nothing on its standard input.
pub fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lazywasm"));
    command.args(arguments).stdin(Stdio::null());
    command
}

/// What SIGINT does in a process that is started.
#[derive(Clone, Copy)]
pub enum SigInt {
    Default,
    Ignored,
}

/// Makes a process start with this disposition of SIGINT. Without it, the disposition is inherited: a test
/// that is run in the background of a script ignores SIGINT.
pub fn set_sigint(command: &mut Command, disposition: SigInt) -> &mut Command {
    let handler = match disposition {
        SigInt::Default => libc::SIG_DFL,
        SigInt::Ignored => libc::SIG_IGN,
    };
    // SAFETY: `signal` may be called between fork and exec; it allocates nothing and takes no lock.
    unsafe {
        command.pre_exec(move || match libc::signal(libc::SIGINT, handler) {
            libc::SIG_ERR => Err(std::io::Error::last_os_error()),
            _ => Ok(()),
        })
    }
}

/// Runs the command with these arguments.
pub fn lazywasm(arguments: &[&str]) -> Outcome {
    Outcome::of(command(arguments).output().expect("the command starts"))
}

/// A file of the repository.
pub fn in_repository(path: &str) -> String {
    format!("{}/../{path}", env!("CARGO_MANIFEST_DIR"))
}
