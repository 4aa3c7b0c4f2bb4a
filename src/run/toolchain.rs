//! The machine's own interpreters and compilers: found when they are first needed, each optional, prepared once.

use super::probe::fill;
use super::sandbox::{Command, Ended, Limits, Processes, Room, SandboxError};
use crate::syntax::language::Language;
use crate::syntax::running::Running;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Why programs of a language can't be run here, or a program can't.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RunError {
    #[error("{language} programs can't be run here: no {tool} was found; install it, or put it on the search path")]
    NoTool { language: String, tool: String },
    #[error("{language} programs can't be run here: {why}")]
    Broken { language: String, why: String },
    #[error("the sandbox can't be made: {0}")]
    Sandbox(String),
    #[error("the program can't be run: {0}")]
    Program(String),
}

impl From<SandboxError> for RunError {
    fn from(error: SandboxError) -> Self {
        RunError::Sandbox(error.to_string())
    }
}

/// What runs the programs of a language.
#[derive(Debug)]
pub struct Toolchain {
    pub language: &'static Language,
    tools: BTreeMap<String, PathBuf>,
    readable: Vec<PathBuf>,
    /// Holds the harness, compiled where it is.
    prepared: Room,
    flags: Vec<String>,
    /// For people: `Python 3.11.2`.
    pub version: String,
    /// What isn't noticed with these tools; empty if nothing.
    pub without: String,
}

/// Longest time that a compiler gets for one command.
const BUILD: Duration = Duration::from_secs(60);

static FOUND: Mutex<BTreeMap<String, Result<Arc<Toolchain>, RunError>>> = Mutex::new(BTreeMap::new());

impl Toolchain {
    /// The toolchain of a language. Looked for once in the life of this process; costs what compiling the harness costs.
    pub fn of(language: &'static Language) -> Result<Arc<Toolchain>, RunError> {
        let mut found = FOUND.lock().unwrap_or_else(PoisonError::into_inner);
        found.entry(language.name.clone()).or_insert_with(|| Toolchain::find(language).map(Arc::new)).clone()
    }

    fn find(language: &'static Language) -> Result<Toolchain, RunError> {
        let running = &language.running;
        let broken = |why: String| RunError::Broken { language: language.title.clone(), why };
        let mut tools = BTreeMap::new();
        for (tool, names) in &running.tools {
            let path = names
                .iter()
                .find_map(|name| on_path(name))
                .ok_or_else(|| RunError::NoTool { language: language.title.clone(), tool: names.join(" or ") })?;
            tools.insert(tool.clone(), path);
        }
        for (tool, command) in &running.resolve {
            let told = ask(&filled(command, &tools, &[], &[]))
                .map_err(|error| broken(format!("`{}` failed: {error}", command.join(" "))))?;
            if let Some(path) = told.lines().next().map(PathBuf::from).filter(|p| p.is_file()) {
                tools.insert(tool.clone(), path);
            }
        }
        let mut readable: Vec<PathBuf> = Vec::new();
        if !running.folders.is_empty() {
            let told = ask(&filled(&running.folders, &tools, &[], &[])).map_err(broken)?;
            readable.extend(told.lines().map(PathBuf::from));
        }
        for path in tools.values_mut() {
            // A compiler may tell by the name it is called by what it is to do: a link inside the system's folders stays.
            if let Ok(real) = path.canonicalize()
                && !(path.starts_with("/usr") && real.starts_with("/usr"))
            {
                *path = real;
            }
            readable.extend(
                path.parent().and_then(Path::parent).filter(|p| p.components().count() > 1).map(Path::to_owned),
            );
        }
        readable.retain(|p| !p.starts_with("/usr") && p.is_dir());
        readable.sort();
        readable.dedup();
        let version = ask(&filled(&running.version, &tools, &[], &[])).map_err(broken)?;
        let mut toolchain = Toolchain {
            language,
            tools,
            readable,
            prepared: Room::new()?,
            flags: Vec::new(),
            version: version.lines().next().unwrap_or_default().trim().to_owned(),
            without: String::new(),
        };
        toolchain.prepare(running)?;
        Ok(toolchain)
    }

    /// Compiles the harness, with the first set of flags with which that is possible.
    fn prepare(&mut self, running: &Running) -> Result<(), RunError> {
        let folder = self.prepared.path().to_owned();
        let broken = |why: String| RunError::Broken { language: self.language.title.clone(), why };
        for (name, text) in &running.files {
            std::fs::write(folder.join(name), text).map_err(|error| broken(error.to_string()))?;
        }
        let none = crate::syntax::running::Variant { flags: vec![], without: String::new() };
        let variants = if running.variants.is_empty() { std::slice::from_ref(&none) } else { &running.variants };
        let mut last = String::new();
        for variant in variants {
            self.flags.clone_from(&variant.flags);
            self.without.clone_from(&variant.without);
            let mut failed = None;
            for command in &running.prepare {
                if let Err(error) = self.build(&self.prepared, command, &[])? {
                    failed = Some(error);
                    break;
                }
            }
            match failed {
                None => return Ok(()),
                Some(error) => last = error,
            }
        }
        Err(RunError::Broken {
            language: self.language.title.clone(),
            why: format!("the harness doesn't compile: {last}"),
        })
    }

    /// Runs a compiler in a room. The inner error is what it complains of.
    pub(super) fn build(
        &self,
        room: &Room,
        command: &[String],
        with: &[(&str, &str)],
    ) -> Result<Result<(), String>, RunError> {
        let limits = Limits {
            cpu: BUILD,
            wall: BUILD * 2,
            memory: 2 << 30,
            file_size: 64 << 20,
            folder: 256 << 20,
            open_files: 256,
            processes: Processes::Any,
            ..Limits::default()
        };
        let mut child = self.command(room, command, with, &[], limits)?.writable(true).spawn()?;
        let mut said = String::new();
        if let Some(mut stdout) = child.stdout.take() {
            // What can't be read is not told.
            let _ = stdout.read_to_string(&mut said);
        }
        let ended = child.wait();
        if ended == Ended::Exited(0) {
            return Ok(Ok(()));
        }
        said.push_str(&child.stderr());
        let said = said.trim();
        Ok(Err(if said.is_empty() { ended.to_string() } else { said.to_owned() }))
    }

    /// A command line of `run.toml` in a room.
    pub(super) fn command(
        &self,
        room: &Room,
        command: &[String],
        with: &[(&str, &str)],
        programs: &[String],
        limits: Limits,
    ) -> Result<Command, RunError> {
        let words = filled(command, &self.tools, with, &[("variant", &self.flags), ("programs", programs)]);
        let (program, arguments) = words.split_first().ok_or_else(|| RunError::Program("an empty command".into()))?;
        let program = match program.strip_prefix("./") {
            Some(own) => room.path().join(own),
            None => PathBuf::from(program),
        };
        let mut command = Command::new(program, room, limits).args(arguments.iter().map(String::as_str));
        for (name, value) in &self.language.running.environment {
            command = command.env(name.as_str(), value.as_str());
        }
        for folder in &self.readable {
            command = command.readable(folder.as_path());
        }
        Ok(command)
    }

    /// A room with the prepared harness in it.
    pub(super) fn room(&self) -> Result<Room, RunError> {
        let room = Room::new()?;
        let copy = || -> std::io::Result<()> {
            for entry in std::fs::read_dir(self.prepared.path())? {
                let entry = entry?;
                std::fs::copy(entry.path(), room.path().join(entry.file_name()))?;
            }
            Ok(())
        };
        copy().map_err(|error| RunError::Sandbox(format!("the harness can't be copied: {error}")))?;
        Ok(room)
    }
}

/// A command with tools and words filled in; `{variant}` and `{programs}` become any number of words.
fn filled(
    command: &[String],
    tools: &BTreeMap<String, PathBuf>,
    with: &[(&str, &str)],
    lists: &[(&str, &[String])],
) -> Vec<String> {
    let paths: Vec<(&str, String)> = tools.iter().map(|(n, p)| (n.as_str(), p.display().to_string())).collect();
    let mut values: Vec<(&str, &str)> = paths.iter().map(|(n, p)| (*n, p.as_str())).collect();
    values.extend(with);
    let mut words = Vec::new();
    for word in command {
        match lists.iter().find(|(name, _)| word.strip_prefix('{').and_then(|w| w.strip_suffix('}')) == Some(name)) {
            Some((_, many)) => words.extend(many.iter().cloned()),
            None => words.push(fill(word, &values)),
        }
    }
    words
}

/// Asks a tool of the user about itself, outside of any sandbox: no program under analysis is involved.
fn ask(command: &[String]) -> Result<String, String> {
    let Some((program, arguments)) = command.split_first() else { return Ok(String::new()) };
    let output = std::process::Command::new(program)
        .args(arguments)
        .stdin(std::process::Stdio::null())
        .output()
        .map_err(|error| format!("{program}: {error}"))?;
    let said =
        String::from_utf8_lossy(if output.stdout.is_empty() { &output.stderr } else { &output.stdout }).into_owned();
    if output.status.success() { Ok(said) } else { Err(said) }
}

fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|p| p.is_absolute() && p.is_file())
}
