//! Which walls stand on this machine.

use super::system;
use std::fmt;
use std::sync::OnceLock;

/// What was found by trying each protection in a throw-away child; where one is missing, why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Protections {
    /// Landlock, with the version of its interface: files, and from version 6 on signals to other processes.
    pub files: Result<u32, String>,
    /// An own user namespace with an own network: no power of root, and nothing but an empty network.
    pub namespaces: Result<(), String>,
    /// Everything but the room mounted read-only: not even modes and times of files can be changed.
    pub mounts: Result<(), String>,
    /// seccomp: calls that no program under analysis needs, and the starting of processes and threads.
    pub calls: Result<(), String>,
    /// Limits of memory, processor time and the like.
    pub limits: bool,
    /// The kernel bounds the number of a program's processes; else the watcher alone does.
    pub tasks: bool,
}

/// The first version of Landlock that keeps signals inside.
#[cfg(target_os = "linux")]
const SIGNALS: u32 = 6;

impl Protections {
    /// Whether files, network, processes and limits are all protected by something.
    pub fn complete(&self) -> bool {
        self.files.is_ok() && self.calls.is_ok() && self.limits
    }

    /// Whether Landlock keeps signals inside; else seccomp forbids them.
    #[cfg(target_os = "linux")]
    pub(super) fn signals(&self) -> bool {
        self.files.as_ref().is_ok_and(|version| *version >= SIGNALS)
    }
}

impl fmt::Display for Protections {
    /// One line for people.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = |walls: &[(&str, bool)], why: &str| {
            let standing: Vec<&str> = walls.iter().filter(|(_, stands)| *stands).map(|(name, _)| *name).collect();
            if standing.is_empty() { format!("NOT PROTECTED ({why})") } else { standing.join(" + ") }
        };
        let why = |wall: &Result<(), String>| wall.as_ref().err().cloned().unwrap_or_default();
        let reading = match (&self.files, &self.mounts) {
            (Ok(_), _) => line(&[("Landlock", true), ("read-only mounts", self.mounts.is_ok())], ""),
            (Err(why), Ok(())) => format!("NOT PROTECTED from being read ({why}), read-only mounts"),
            (Err(why), Err(_)) => line(&[], why),
        };
        let network = [("namespace", self.namespaces.is_ok()), ("seccomp", self.calls.is_ok())];
        write!(f, "files: {reading}, network: {}", line(&network, &why(&self.calls)))?;
        write!(f, ", processes: {}", line(&[("seccomp", self.calls.is_ok())], &why(&self.calls)))?;
        write!(f, ", limits: {}", if self.limits { "cpu, memory, files" } else { "time, output and folder only" })
    }
}

/// What stands here. Found once, in some milliseconds.
pub fn protections() -> &'static Protections {
    static FOUND: OnceLock<Protections> = OnceLock::new();
    FOUND.get_or_init(system::probe)
}
