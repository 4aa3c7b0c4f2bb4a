//! Programs that are ready to run: the original and its slices, many inputs each.
//!
//! A process of the harness answers request after request. One that dies with a run (a crash, a run that can't be stopped
//! otherwise) costs that run; another process goes on with the next.

use super::observed::{End, Observed};
use super::probe::fill;
use super::sandbox::{Ended, Limits, Output, Processes, Room, Sandboxed};
use super::toolchain::{RunError, Toolchain};
use super::value::Input;
use rayon::prelude::*;
use std::hash::{BuildHasher, RandomState};
use std::io::{BufRead, BufReader, Write};
use std::sync::Arc;
use std::time::Duration;

/// What is run.
#[derive(Debug, Clone, Default)]
pub struct Setup {
    /// Qualified name of the entry.
    pub entry: String,
    pub parameters: usize,
    /// Files that stand beside the programs.
    pub files: Vec<(String, String)>,
    /// Time for one input, in milliseconds.
    pub ms: u64,
    /// No run leaves anything that another could see (`[many]` of `run.toml`).
    pub many: bool,
}

/// Time for one input where nothing else is said, in milliseconds of processor time.
pub const MS: u64 = 200;
/// Time to end for a process that answers no more.
const LAST_MOMENTS: Duration = Duration::from_millis(300);
/// A process gets so much longer for an input than the input itself, on the clock: machines are busy.
const PATIENCE: Duration = Duration::from_secs(10);
/// Time for a harness to start, compiling its programs included.
const START: Duration = Duration::from_secs(120);
/// Processes that one call of [`Session::run`] may lose, and runs that may go on without end.
const LOSSES: usize = 60;
const ENDLESS: usize = 40;

/// Processes that wait for more to do, each of which is watched.
const ALIVE: usize = 8;

/// What a harness says instead of the next answer when its last run has left something behind, such as threads.
const AGAIN: &str = "again\n";

/// How a process was lost.
enum Lost {
    /// With a run that has no answer.
    Along(Observed),
    /// After the answer to the last run: the next is not to blame.
    Again,
}

/// Programs in their harness.
pub struct Session {
    toolchain: Arc<Toolchain>,
    room: Room,
    setup: Setup,
    files: Vec<String>,
    /// Why a program can't be run, for each.
    states: Vec<Option<String>>,
    /// One for all programs, or one for each.
    workers: Vec<Option<Worker>>,
    /// Calls of [`Session::run`].
    calls: u64,
}

struct Worker {
    process: Sandboxed,
    answers: BufReader<Output>,
    /// When it was last asked, in calls of [`Session::run`].
    asked: u64,
}

impl Session {
    /// Compiles and loads programs. What is wrong with one of them is told by [`Session::state`].
    pub fn open(toolchain: &Arc<Toolchain>, texts: &[String], setup: Setup) -> Result<Session, RunError> {
        let room = toolchain.room()?;
        for (name, text) in &setup.files {
            write(&room, name, text)?;
        }
        let toolchain = Arc::clone(toolchain);
        let mut session = Session { toolchain, room, setup, files: vec![], states: vec![], workers: vec![], calls: 0 };
        session.prepare(texts)?;
        if session.together() {
            session.workers.push(None);
            session.start(0)?;
        }
        Ok(session)
    }

    /// Adds programs to those that are there. Costs what compiling them costs, not what a start of the harness costs.
    pub fn add(&mut self, texts: &[String]) -> Result<(), RunError> {
        let first = self.files.len();
        self.prepare(texts)?;
        if self.together() {
            for program in first..self.files.len() {
                self.load(program);
            }
        }
        Ok(())
    }

    /// Writes programs into the room and compiles those that are compiled each for itself.
    fn prepare(&mut self, texts: &[String]) -> Result<(), RunError> {
        let running = &self.toolchain.language.running;
        let first = self.files.len();
        let number = |i: usize| fill(&running.program, &[("i", &i.to_string())]);
        let files: Vec<String> = (first..first + texts.len()).map(number).collect();
        for (file, text) in files.iter().zip(texts) {
            write(&self.room, file, text)?;
        }
        let build = |(i, file): (usize, &String)| -> Result<Option<String>, RunError> {
            for command in &running.build {
                let with = [("i", &*(first + i).to_string()), ("program", file)];
                if let Err(said) = self.toolchain.build(&self.room, command, &with)? {
                    return Ok(Some(said));
                }
            }
            Ok(None)
        };
        let states = files.par_iter().enumerate().map(build).collect::<Result<Vec<_>, _>>()?;
        if !self.together() {
            self.workers.extend(files.iter().map(|_| None));
        }
        self.states.extend(states);
        self.files.extend(files);
        Ok(())
    }

    /// One process holds all programs.
    fn together(&self) -> bool {
        self.toolchain.language.running.together
    }

    /// Tells the process that holds all programs of another. One that is gone is told when it is started again.
    fn load(&mut self, program: usize) {
        let Some(worker) = self.workers[0].as_mut() else { return };
        worker.process.within(Some(START));
        let asked = worker.process.stdin.as_mut().map(|stdin| writeln!(stdin, "load {}", self.files[program]));
        let mut line = String::new();
        let read = worker.answers.read_line(&mut line).unwrap_or(0);
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[..] {
            ["program", _, "ok"] if matches!(asked, Some(Ok(()))) && read > 0 => worker.process.within(None),
            ["program", _, "bad", message] => {
                worker.process.within(None);
                self.states[program] = Some(super::value::unhex(message));
            }
            _ => self.workers[0] = None,
        }
    }

    /// Why a program can't be run: what its compiler says.
    pub fn state(&self, program: usize) -> Result<(), &str> {
        self.states.get(program).and_then(Option::as_deref).map_or(Ok(()), Err)
    }

    /// Takes a program out, with the reason.
    pub(super) fn refuse(&mut self, program: usize, why: String) {
        if let Some(state) = self.states.get_mut(program) {
            *state = Some(why);
        }
    }

    /// How many programs there are.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Ends the process that was asked longest ago where there are many. That of the original is always asked again.
    fn make_room(&mut self) {
        let alive = self.workers.iter().enumerate().skip(1).filter_map(|(i, w)| Some((w.as_ref()?.asked, i)));
        let alive: Vec<(u64, usize)> = alive.collect();
        if let Some((_, oldest)) = alive.iter().min().filter(|_| alive.len() >= ALIVE) {
            self.workers[*oldest] = None;
        }
    }

    /// Starts the process number `worker` and reads up to `ready`.
    fn start(&mut self, worker: usize) -> Result<(), RunError> {
        self.make_room();
        let running = &self.toolchain.language.running;
        let limits = Limits {
            // A process answers for very many inputs, each of which has its own time.
            cpu: Duration::from_secs(3600),
            wall: Duration::from_secs(7200),
            memory: 1 << 30,
            address_space: running.address_space.map(|mib| mib << 20),
            output: 16 << 20,
            file_size: 4 << 20,
            folder: 64 << 20,
            open_files: 256,
            processes: if running.forks { Processes::Any } else { Processes::Threads },
        };
        let (ms, i) = (self.setup.ms.to_string(), worker.to_string());
        let parameters = self.setup.parameters.to_string();
        let many = if self.setup.many { "1" } else { "0" };
        let with =
            [("ms", ms.as_str()), ("i", &i), ("entry", &self.setup.entry), ("params", &parameters), ("many", many)];
        let mut process = self.toolchain.command(&self.room, &running.start, &with, &self.files, limits)?.spawn()?;
        process.within(Some(START));
        let output = process.stdout.take().ok_or_else(|| RunError::Sandbox("a process without output".into()))?;
        let mut answers = BufReader::new(output);
        let mut line = String::new();
        loop {
            line.clear();
            if answers.read_line(&mut line).unwrap_or(0) == 0 {
                let ended = process.wait();
                let said = process.stderr();
                let said = said.lines().next_back().unwrap_or_default().to_owned();
                return Err(RunError::Program(format!("the harness didn't start: {ended} {said}")));
            }
            let words: Vec<&str> = line.split_whitespace().collect();
            match words[..] {
                ["ready"] => break,
                ["program", number, "bad", message] => {
                    if let Some(state) = number.parse::<usize>().ok().and_then(|n| self.states.get_mut(n)) {
                        *state = Some(super::value::unhex(message));
                    }
                }
                _ => {}
            }
        }
        process.within(None);
        self.workers[worker] = Some(Worker { process, answers, asked: self.calls });
        Ok(())
    }

    /// Runs a program on inputs, in order. A program that can't be run answers nothing but that.
    pub fn run(&mut self, program: usize, inputs: &[Input]) -> Vec<Observed> {
        let mut seen = Vec::with_capacity(inputs.len());
        if let Err(why) = self.state(program) {
            return inputs.iter().map(|_| Observed::ended(End::Skipped, why)).collect();
        }
        let worker = if self.together() { 0 } else { program };
        self.calls += 1;
        if let Some(worker) = &mut self.workers[worker] {
            worker.asked = self.calls;
        }
        let mut losses = 0;
        while seen.len() < inputs.len() {
            if self.workers[worker].is_none()
                && let Err(error) = self.start(worker)
            {
                seen.resize(inputs.len(), Observed::ended(End::Skipped, error.to_string()));
                break;
            }
            let before = seen.len();
            if let Some(lost) = self.converse(worker, program, inputs, &mut seen) {
                self.workers[worker] = None;
                // A run that was told as an accident may have taken its process along with it; the next is not to blame.
                let told = seen.len() > before && seen.last().is_some_and(|last| may_kill(last.end));
                if let Lost::Along(observed) = lost
                    && !told
                {
                    seen.push(observed);
                }
                losses += 1;
                let endless = seen.iter().filter(|o| o.took_all_time()).count();
                if losses > LOSSES || endless >= ENDLESS {
                    let skipped =
                        Observed::ended(End::Skipped, "too many runs before it had no end or took their process along");
                    seen.resize(inputs.len(), skipped);
                }
            }
        }
        seen
    }

    /// Asks a running process about what isn't answered yet. `Some` if it was lost, with what became of the run.
    fn converse(&mut self, worker: usize, program: usize, inputs: &[Input], seen: &mut Vec<Observed>) -> Option<Lost> {
        let patience = Duration::from_millis(self.setup.ms) * 4 + PATIENCE;
        // A harness that holds one program has no numbers.
        let number = if self.together() { program } else { 0 };
        let worker = self.workers[worker].as_mut()?;
        let open = &inputs[seen.len()..];
        // What the program itself writes where answers are read is no answer: it can't know these words.
        let words = RandomState::new();
        let word = |i: usize| format!("#{:016x} ", words.hash_one(i));
        let mut stdin = worker.process.stdin.take();
        let lost = std::thread::scope(|scope| {
            let writer = scope.spawn(|| {
                if let Some(stdin) = stdin.as_mut() {
                    for (i, input) in open.iter().enumerate() {
                        // The reader sees what a process that is gone means.
                        if stdin.write_all((word(i) + &input.request(number)).as_bytes()).is_err() {
                            break;
                        }
                    }
                }
            });
            let mut line = String::new();
            let mut lost = None;
            let mut endless = seen.iter().filter(|o| o.took_all_time()).count();
            for i in 0..open.len() {
                line.clear();
                worker.process.within(Some(patience));
                let read = worker.answers.read_line(&mut line).unwrap_or(0);
                match line.strip_prefix(&word(i)).and_then(Observed::read).filter(|_| read > 0) {
                    Some(observed) if endless < ENDLESS => {
                        endless += usize::from(observed.took_all_time());
                        seen.push(observed);
                    }
                    seen => {
                        if seen.is_none() {
                            // It mostly ends by itself, and how is worth knowing.
                            worker.process.end_within(LAST_MOMENTS);
                        }
                        worker.process.kill();
                        lost = Some(line.clone());
                        break;
                    }
                }
                worker.answers.get_mut().renew();
            }
            // Nothing can be said about a thread that only writes.
            let _ = writer.join();
            lost
        });
        worker.process.stdin = stdin;
        worker.process.within(None);
        lost.map(|line| {
            let ended = worker.process.wait();
            if line == AGAIN {
                return Lost::Again;
            }
            Lost::Along(match ended {
                Ended::WallTime | Ended::CpuTime => Observed::ended(End::Timeout, ""),
                Ended::Memory => Observed::ended(End::Memory, ""),
                Ended::Output | Ended::Folder => Observed::ended(End::Output, ended.to_string()),
                Ended::Killed => Observed::ended(End::Fault, "it wrote to, or closed, what only its harness may use"),
                ended => Observed::ended(End::Fault, format!("it took its process along: {ended}")),
            })
        })
    }
}

fn write(room: &Room, name: &str, text: &str) -> Result<(), RunError> {
    let path = room.path().join(name);
    std::fs::write(path, text).map_err(|error| RunError::Sandbox(format!("{name} can't be written: {error}")))
}

/// Whether a harness may be gone after it has told such an end.
fn may_kill(end: End) -> bool {
    !matches!(end, End::Ended | End::Violated | End::Pre | End::Assume)
}
