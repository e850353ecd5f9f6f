//! What the host gives to a program: arguments, environment, standard streams, directories, sockets.
//!
//! Owns [`WasiCtx`], shared by all threads of a program through `&self`, and its builder. Invariant: after
//! building, only the descriptor table changes. Numbers are assigned in a fixed order: standard streams 0 to
//! 2, directories from 3 in the order they were named, then sockets; C libraries stop looking for directories
//! at the first number that is not a directory.

use crate::errno::Result as Reply;
use crate::fds::{Descriptor, Table};
use crate::paths::Resolution;
use anyhow::{Context, Result, bail};
use rustix::fd::{AsFd, OwnedFd};
use rustix::fs::{MemfdFlags, Mode, OFlags, memfd_create, openat};
use std::ffi::OsString;
use std::net::TcpListener;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The state behind WASI's functions. Made by [`WasiCtxBuilder`].
#[derive(Debug)]
pub struct WasiCtx {
    pub(crate) args: Vec<Vec<u8>>,
    pub(crate) env: Vec<Vec<u8>>,
    pub(crate) fds: Table,
    pub(crate) resolution: Resolution,
}

impl WasiCtx {
    /// Starts with nothing: no arguments, an empty environment, streams that are `/dev/null`.
    pub fn builder() -> WasiCtxBuilder {
        WasiCtxBuilder::default()
    }

    /// The descriptor behind `fd`, which must be a directory with the right `needed`.
    pub(crate) fn directory(&self, fd: u32, needed: u64) -> Reply<Arc<Descriptor>> {
        let descriptor = self.fds.get(fd)?;
        descriptor.directory()?;
        descriptor.need(needed)?;
        Ok(descriptor)
    }
}

/// What a standard stream is connected to.
#[derive(Debug, Default)]
enum Stream {
    #[default]
    Null,
    Inherit,
    Given(OwnedFd),
}

/// Collects what a program gets. Methods take and return `&mut Self`; [`build`](Self::build)
/// reports every mistake, so that none is lost.
#[derive(Debug, Default)]
pub struct WasiCtxBuilder {
    args: Vec<OsString>,
    env: Vec<(OsString, OsString)>,
    streams: [Stream; 3],
    directories: Vec<(PathBuf, OsString, bool)>,
    sockets: Vec<OwnedFd>,
    walk: bool,
}

impl WasiCtxBuilder {
    /// A builder of a context with nothing in it.
    pub fn new() -> WasiCtxBuilder {
        WasiCtxBuilder::default()
    }

    /// Adds one argument; the first is the program's own name.
    pub fn arg(&mut self, arg: impl Into<OsString>) -> &mut Self {
        self.args.push(arg.into());
        self
    }

    /// Adds arguments.
    pub fn args(&mut self, args: impl IntoIterator<Item = impl Into<OsString>>) -> &mut Self {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    /// Sets an environment variable, replacing an earlier one of that name.
    pub fn env(&mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> &mut Self {
        let (name, value) = (name.into(), value.into());
        match self.env.iter_mut().find(|(known, _)| *known == name) {
            Some((_, old)) => *old = value,
            None => self.env.push((name, value)),
        }
        self
    }

    /// Sets every variable of this process's own environment.
    pub fn inherit_env(&mut self) -> &mut Self {
        for (name, value) in std::env::vars_os() {
            self.env(name, value);
        }
        self
    }

    /// Gives the program this process's standard streams.
    pub fn inherit_stdio(&mut self) -> &mut Self {
        self.streams = [Stream::Inherit, Stream::Inherit, Stream::Inherit];
        self
    }

    /// Gives the program this process's standard input.
    pub fn inherit_stdin(&mut self) -> &mut Self {
        self.streams[0] = Stream::Inherit;
        self
    }

    /// Gives the program this process's standard output.
    pub fn inherit_stdout(&mut self) -> &mut Self {
        self.streams[1] = Stream::Inherit;
        self
    }

    /// Gives the program this process's standard error.
    pub fn inherit_stderr(&mut self) -> &mut Self {
        self.streams[2] = Stream::Inherit;
        self
    }

    /// Makes a descriptor the program's standard input.
    pub fn stdin(&mut self, fd: impl Into<OwnedFd>) -> &mut Self {
        self.streams[0] = Stream::Given(fd.into());
        self
    }

    /// Makes a descriptor the program's standard output.
    pub fn stdout(&mut self, fd: impl Into<OwnedFd>) -> &mut Self {
        self.streams[1] = Stream::Given(fd.into());
        self
    }

    /// Makes a descriptor the program's standard error.
    pub fn stderr(&mut self, fd: impl Into<OwnedFd>) -> &mut Self {
        self.streams[2] = Stream::Given(fd.into());
        self
    }

    /// Makes `bytes`, held in memory, the program's standard input.
    ///
    /// # Errors
    /// If the system cannot make a memory file.
    pub fn stdin_bytes(&mut self, bytes: &[u8]) -> Result<&mut Self> {
        let file = memory_file()?;
        crate::writes::fill(&file, bytes).context("cannot fill standard input")?;
        Ok(self.stdin(file))
    }

    /// Keeps what the program writes to standard output in memory.
    ///
    /// # Errors
    /// If the system cannot make a memory file.
    pub fn capture_stdout(&mut self) -> Result<CapturedOutput> {
        let (file, captured) = captured_output()?;
        self.stdout(file);
        Ok(captured)
    }

    /// Keeps what the program writes to standard error in memory.
    ///
    /// # Errors
    /// If the system cannot make a memory file.
    pub fn capture_stderr(&mut self) -> Result<CapturedOutput> {
        let (file, captured) = captured_output()?;
        self.stderr(file);
        Ok(captured)
    }

    /// Gives the program a directory of the host, under the name `guest_path`. If `read_only`, nothing
    /// in it can be changed through this name, and attempts fail with `ROFS`.
    pub fn preopened_dir(
        &mut self,
        host_path: impl AsRef<Path>,
        guest_path: impl Into<OsString>,
        read_only: bool,
    ) -> &mut Self {
        let host_path = host_path.as_ref().to_path_buf();
        self.directories
            .push((host_path, guest_path.into(), read_only));
        self
    }

    /// Gives the program a listening socket. Its number comes after those of the directories.
    pub fn preopened_socket(&mut self, listener: TcpListener) -> &mut Self {
        self.sockets.push(listener.into());
        self
    }

    /// Resolves paths one component at a time even where the kernel could do it in one call: for systems that
    /// have the call but must not use it, and for testing this way on other systems.
    pub fn resolve_by_walking(&mut self) -> &mut Self {
        self.walk = true;
        self
    }

    /// Opens everything that was named, and makes the context.
    ///
    /// # Errors
    /// If a directory cannot be opened or a name, argument or variable cannot be passed to a program; the
    /// message says which.
    pub fn build(&mut self) -> Result<WasiCtx> {
        let WasiCtxBuilder {
            args,
            env,
            streams,
            directories,
            sockets,
            walk,
        } = std::mem::take(self);
        let args = args
            .into_iter()
            .map(|arg| without_nul(arg.into_vec(), "argument"))
            .collect::<Result<Vec<_>>>()?;
        let env = env
            .into_iter()
            .map(|(name, value)| variable(name.into_vec(), value.into_vec()))
            .collect::<Result<Vec<_>>>()?;
        let fds = Table::default();
        for (number, stream) in streams.into_iter().enumerate() {
            let fd = open_stream(number, stream)
                .with_context(|| format!("cannot open standard stream {number}"))?;
            fds.insert(Descriptor::stream(fd)?)?;
        }
        for (host, guest, read_only) in directories {
            let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
            let fd = openat(rustix::fs::CWD, &host, flags, Mode::empty()).with_context(|| {
                let host = engine::shown_text(&host.to_string_lossy());
                format!("cannot open the directory {host}")
            })?;
            let guest = without_nul(guest.into_vec(), "directory name")?;
            fds.insert(Descriptor::given(fd, Some(guest), read_only)?)?;
        }
        for socket in sockets {
            fds.insert(Descriptor::given(socket, None, false)?)?;
        }
        let resolution = if walk {
            Resolution::Walk
        } else {
            Resolution::of_this_system()
        };
        Ok(WasiCtx {
            args,
            env,
            fds,
            resolution,
        })
    }
}

fn without_nul(bytes: Vec<u8>, what: &str) -> Result<Vec<u8>> {
    if bytes.contains(&0) {
        bail!(
            "the {what} {:?} contains a NUL character",
            String::from_utf8_lossy(&bytes)
        );
    }
    Ok(bytes)
}

fn variable(name: Vec<u8>, value: Vec<u8>) -> Result<Vec<u8>> {
    if name.is_empty() || name.contains(&b'=') {
        bail!(
            "{:?} cannot be the name of an environment variable",
            String::from_utf8_lossy(&name)
        );
    }
    without_nul([name, value].join(&b'='), "environment variable")
}

fn open_stream(number: usize, stream: Stream) -> Result<OwnedFd> {
    let own = match stream {
        Stream::Given(fd) => return Ok(fd),
        Stream::Null => None,
        Stream::Inherit => {
            let (stdin, stdout, stderr) = (std::io::stdin(), std::io::stdout(), std::io::stderr());
            let own = [stdin.as_fd(), stdout.as_fd(), stderr.as_fd()][number];
            // A program that closes its output must not close the output of this process.
            rustix::io::fcntl_dupfd_cloexec(own, 0).ok()
        }
    };
    match own {
        Some(fd) => Ok(fd),
        None => {
            let access = if number == 0 {
                OFlags::RDONLY
            } else {
                OFlags::WRONLY
            };
            let flags = access | OFlags::CLOEXEC;
            Ok(openat(rustix::fs::CWD, "/dev/null", flags, Mode::empty())?)
        }
    }
}

fn memory_file() -> Result<std::fs::File> {
    let fd =
        memfd_create("wasi-stream", MemfdFlags::CLOEXEC).context("cannot make a memory file")?;
    Ok(fd.into())
}

fn captured_output() -> Result<(std::fs::File, CapturedOutput)> {
    let file = memory_file()?;
    let reader = file.try_clone().context("cannot duplicate a memory file")?;
    Ok((file, CapturedOutput(reader)))
}

/// What a program has written to a stream kept in memory.
#[derive(Debug)]
pub struct CapturedOutput(std::fs::File);

impl CapturedOutput {
    /// Everything written so far.
    ///
    /// # Errors
    /// If the memory file cannot be read.
    pub fn contents(&self) -> Result<Vec<u8>> {
        // Positioned reads, because the program shares the file's position.
        let len = self.0.metadata()?.len();
        let mut bytes = vec![0; usize::try_from(len)?];
        self.0.read_exact_at(&mut bytes, 0)?;
        Ok(bytes)
    }
}
