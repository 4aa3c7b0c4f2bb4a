//! The walls around code that nobody here wrote: a process with an own folder, limits, and nothing else of the machine.
//!
//! A program under analysis is run by a harness, a long-lived child process that reads requests on standard input and answers
//! on standard output (`grammars/HARNESS.md`). This room starts it and knows nothing of what is said. What the child may do:
//!
//! | of | it may | by |
//! |---|---|---|
//! | files | read the system's libraries, the given folders and its room; write its room if asked | Landlock, read-only mounts |
//! | network | nothing | seccomp, an own network namespace |
//! | processes | see, trace and signal none but its own; start them, or threads, as [`Processes`] says | Landlock, seccomp |
//! | environment | what is given | it is cleared |
//! | time, memory, output, its folder | up to [`Limits`] | the kernel's limits, and a watcher that looks every 20 ms |
//!
//! Everything that is started ends with the [`Sandboxed`] it belongs to, and with this process. [`protections`] tells which
//! walls stand on this machine; those that stand are never silently left out: a child whose wall can't be built isn't started.
//! Elsewhere than on Linux none stands; limits of wall time, output and folder are still watched.

mod process;
mod protections;
mod room;
#[cfg_attr(target_os = "linux", path = "linux/mod.rs")]
#[cfg_attr(not(target_os = "linux"), path = "elsewhere.rs")]
mod system;
#[cfg(all(test, target_os = "linux"))]
mod tests;

pub use process::{Ended, Output, Sandboxed};
pub use protections::{Protections, protections};
pub use room::{Room, sweep};

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

/// Where programs look for others. Fixed, since the user's own may name folders that the sandbox doesn't show.
const PATH: &str = "/usr/local/bin:/usr/bin:/bin";
/// Processes and threads of a program at once. Far more than a JVM has, far fewer than would be felt.
const MOST_TASKS: u64 = 256;

/// What a process and everything it starts may use, from its start to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Processor time of all its processes together.
    pub cpu: Duration,
    /// Time on the clock.
    pub wall: Duration,
    /// Resident memory of all its processes together, with swap and page tables, in bytes. Looked at every 20 ms, so that it
    /// may be passed by what can be written in that time.
    pub memory: u64,
    /// Address space of one process in bytes: exact, but AddressSanitizer and a JVM reserve far more than they use.
    pub address_space: Option<u64>,
    /// Bytes of standard output; see [`Output::renew`].
    pub output: u64,
    /// Size of one written file in bytes.
    pub file_size: u64,
    /// All files of the room together in bytes, 4 KiB for each at least; folders that can't be looked into are too much. Looked
    /// at five times a second; a file that is open but has no name any more isn't counted, `file_size` and `open_files`
    /// bound those.
    pub folder: u64,
    /// Files open at once in one process.
    pub open_files: u64,
    /// What it may start.
    pub processes: Processes,
}

impl Default for Limits {
    /// A small program for some seconds.
    fn default() -> Self {
        Limits {
            cpu: Duration::from_secs(10),
            wall: Duration::from_secs(20),
            memory: 1 << 30,
            address_space: None,
            output: 16 << 20,
            file_size: 16 << 20,
            folder: 64 << 20,
            open_files: 64,
            processes: Processes::None,
        }
    }
}

/// What a program may start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Processes {
    /// Neither processes nor threads.
    None,
    /// Threads.
    Threads,
    /// Both, up to 256 at once. For programs that have to be let, as compilers are: where only the watcher counts
    /// ([`Protections::tasks`]), those that double themselves may be thousands for a moment before they are killed.
    Any,
}

/// Why nothing was started.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// No temporary folder.
    #[error("no folder could be made for a program to run in: {0}; is there room in the folder for temporary files?")]
    Room(#[source] io::Error),
    /// A wall that this machine has could not be made ready.
    #[error("the protection of {what} could not be set up: {why}")]
    Wall {
        /// What would be left open.
        what: &'static str,
        /// The system's or library's words.
        why: String,
    },
    /// The program could not be started, or a wall could not be built around it.
    #[error("`{}` could not be started in the sandbox: {source}", program.display())]
    Start {
        /// The program.
        program: PathBuf,
        /// The system's words.
        #[source]
        source: io::Error,
    },
}

/// A program to be started, and what it may see.
#[derive(Clone, Debug)]
pub struct Command {
    program: PathBuf,
    arguments: Vec<OsString>,
    environment: BTreeMap<OsString, OsString>,
    readable: Vec<PathBuf>,
    writable: bool,
    limits: Limits,
    room: Room,
}

impl Command {
    /// A program that will run in `room`, which it may read but not write. It is named by its full path, symbolic links
    /// resolved: a link may lead out of what the program is allowed to read.
    pub fn new(program: impl Into<PathBuf>, room: &Room, limits: Limits) -> Self {
        let home = room.path().as_os_str();
        let environment =
            [("PATH", OsStr::new(PATH)), ("LANG", OsStr::new("C.UTF-8")), ("HOME", home), ("TMPDIR", home)];
        Command {
            program: program.into(),
            arguments: Vec::new(),
            environment: environment.into_iter().map(|(name, value)| (name.into(), value.into())).collect(),
            readable: Vec::new(),
            writable: false,
            limits,
            room: room.clone(),
        }
    }

    /// One more argument.
    pub fn arg(mut self, argument: impl Into<OsString>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// More arguments.
    pub fn args<A: Into<OsString>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.arguments.extend(arguments.into_iter().map(Into::into));
        self
    }

    /// A variable besides `PATH`, `LANG`, `HOME` and `TMPDIR`, or another value for one of these. Nothing of this process's
    /// own environment is passed on.
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.environment.insert(name.into(), value.into());
        self
    }

    /// A file, or a folder with everything in it, that may be read and executed: where a toolchain lives. One that doesn't
    /// exist is skipped.
    pub fn readable(mut self, path: impl Into<PathBuf>) -> Self {
        self.readable.push(path.into());
        self
    }

    /// Whether the program may write in its room.
    pub fn writable(mut self, writable: bool) -> Self {
        self.writable = writable;
        self
    }

    /// Starts it. Costs some milliseconds besides what the program itself takes; the first call also finds out which
    /// protections this machine has.
    ///
    /// # Errors
    ///
    /// The program isn't there or can't be executed, or a wall that stands on this machine can't be built.
    pub fn spawn(&self) -> Result<Sandboxed, SandboxError> {
        let mut command = std::process::Command::new(&self.program);
        command.args(&self.arguments).env_clear().envs(&self.environment).current_dir(self.room.path());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        system::prepare(&mut command, self, protections())?;
        let start = |source| SandboxError::Start { program: self.program.clone(), source };
        Sandboxed::start(command, &self.limits, &self.room).map_err(start)
    }

    /// What is allowed to be read besides the system's own: the program itself and the given paths.
    #[cfg(target_os = "linux")]
    fn reads(&self) -> impl Iterator<Item = &std::path::Path> {
        std::iter::once(&self.program).chain(&self.readable).map(PathBuf::as_path)
    }
}
