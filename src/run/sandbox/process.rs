//! A running program: its pipes, the watcher that holds it to its limits, and how it ended.

use super::{Limits, MOST_TASKS, Processes, Room, system};
use std::fmt;
use std::io::{self, Read};
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus};
use std::sync::mpsc;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Time between two looks of the watcher.
const TICK: Duration = Duration::from_millis(20);
/// Looks at processes between two looks at the folder, which cost more.
const TICKS_OF_FOLDER: u32 = 10;
/// Ticks from one look at all processes to the next, for a program that may start some.
const TICKS_OF_WALK: u32 = 5;
/// Looks at the crowd between two looks at processes, for programs that may start some: a fork bomb is soon past killing.
const GLANCES: u32 = 10;
/// How much the crowd may grow between two of these.
const FEW_TASKS: u64 = 32;
/// How long [`Sandboxed::wait`] waits for the end of standard error after that of the program.
const LAST_WORDS: Duration = Duration::from_millis(200);
/// Bytes kept of standard error.
const LONGEST_COMPLAINT: usize = 64 * 1024;

/// How a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// By itself, with this status.
    Exited(i32),
    /// By this signal, of the kernel's or its own.
    Signalled(i32),
    /// It had no time left, in all or for what it was asked ([`Sandboxed::within`]).
    WallTime,
    /// It had used its processor time.
    CpuTime,
    /// It used too much memory.
    Memory,
    /// It wrote too much on standard output.
    Output,
    /// It wrote too much in its room.
    Folder,
    /// It had too many processes and threads.
    Tasks,
    /// By [`Sandboxed::kill`], or dropped.
    Killed,
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ended::Exited(code) => write!(f, "ended with status {code}"),
            Ended::Signalled(signal) => write!(f, "ended by signal {signal}"),
            Ended::WallTime => f.write_str("out of time"),
            Ended::CpuTime => f.write_str("out of processor time"),
            Ended::Memory => f.write_str("out of memory"),
            Ended::Output => f.write_str("too much output"),
            Ended::Folder => f.write_str("too much written to its folder"),
            Ended::Tasks => f.write_str("too many processes or threads"),
            Ended::Killed => f.write_str("stopped"),
        }
    }
}

/// A program in its sandbox. Dropping it kills it with everything that it started.
#[derive(Debug)]
pub struct Sandboxed {
    /// Its standard input; `None` after [`Sandboxed::wait`], or when taken.
    pub stdin: Option<ChildStdin>,
    /// Its standard output; `None` when taken. It ends early when the program is killed.
    pub stdout: Option<Output>,
    id: u32,
    shared: Arc<Shared>,
    complaints: Arc<Mutex<Vec<u8>>>,
    watcher: Option<JoinHandle<()>>,
    drain: Option<JoinHandle<()>>,
    /// Stays until the program has ended.
    _room: Room,
}

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    ended: Condvar,
}

#[derive(Debug)]
struct State {
    child: Child,
    /// Why it was killed: the first reason counts.
    reason: Option<Ended>,
    ended: Option<Ended>,
    deadline: Option<Instant>,
}

impl Sandboxed {
    pub(super) fn start(command: Command, limits: &Limits, room: &Room) -> io::Result<Self> {
        let (tell, told) = mpsc::sync_channel(1);
        let (limits_, room_) = (limits.clone(), room.clone());
        // The kernel ties a child's life to the thread that started it, so that one has to be there until the end.
        let watcher = thread::Builder::new().name("sandbox".to_string()).spawn(move || {
            let mut command = command;
            let started = Instant::now();
            let mut child = match command.spawn() {
                Ok(child) => child,
                Err(error) => return drop(tell.send(Err(error))),
            };
            drop(command);
            let pipes = (child.id(), child.stdin.take(), child.stdout.take(), child.stderr.take());
            let state = Mutex::new(State { child, reason: None, ended: None, deadline: None });
            let shared = Arc::new(Shared { state, ended: Condvar::new() });
            let _ = tell.send(Ok((Arc::clone(&shared), pipes)));
            shared.watch(&limits_, &room_, started);
        })?;
        let (shared, (id, stdin, stdout, stderr)) = told.recv().map_err(|_| io::Error::other("no watcher"))??;
        let complaints = Arc::new(Mutex::new(Vec::new()));
        let stdout = stdout.map(|pipe| Output { pipe, shared: Arc::clone(&shared), limit: limits.output, read: 0 });
        let watcher = Some(watcher);
        // Whole before anything else can fail: dropping it kills the child.
        let mut process =
            Sandboxed { stdin, stdout, id, shared, complaints, watcher, drain: None, _room: room.clone() };
        if let Some(stderr) = stderr {
            let kept = Arc::clone(&process.complaints);
            let drain =
                thread::Builder::new().name("sandbox-stderr".to_string()).spawn(move || drain(stderr, &kept))?;
            process.drain = Some(drain);
        }
        Ok(process)
    }

    /// Its process, which is also the group of all processes it starts.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// Kills it with everything that it started. What has ended stays as it was.
    pub fn kill(&self) {
        self.shared.stop(Ended::Killed);
    }

    /// Gives it so long, from now, besides its time in all; `None` takes that back. For one request: kept to about 20 ms.
    pub fn within(&self, time: Option<Duration>) {
        self.shared.lock().deadline = time.and_then(|time| Instant::now().checked_add(time));
    }

    /// How it ended, if it has.
    pub fn try_wait(&self) -> Option<Ended> {
        self.shared.lock().ended
    }

    /// Waits so long for its end by itself.
    pub fn end_within(&self, time: Duration) {
        let until = Instant::now() + time;
        let mut state = self.shared.lock();
        while state.ended.is_none() {
            let Some(left) = until.checked_duration_since(Instant::now()) else { break };
            state = self.shared.ended.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Closes its standard input and waits for its end, not longer than its limits allow.
    pub fn wait(&mut self) -> Ended {
        drop(self.stdin.take());
        let mut state = self.shared.lock();
        let ended = loop {
            if let Some(ended) = state.ended {
                break ended;
            }
            state = self.shared.ended.wait(state).unwrap_or_else(PoisonError::into_inner);
        };
        drop(state);
        // Its last words are in the pipe. Where processes can't be held, one that got away may keep that open.
        let patience = Instant::now() + LAST_WORDS;
        while self.drain.as_ref().is_some_and(|drain| !drain.is_finished()) && Instant::now() < patience {
            thread::sleep(Duration::from_millis(1));
        }
        ended
    }

    /// What it wrote on standard error so far, 64 KiB at most; the rest was thrown away.
    pub fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.complaints.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }
}

impl Drop for Sandboxed {
    fn drop(&mut self) {
        self.kill();
        if let Some(watcher) = self.watcher.take() {
            let _ = watcher.join();
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn stop(&self, reason: Ended) {
        self.lock().stop(reason);
    }

    /// Looks until the program has ended, and reaps it.
    fn watch(&self, limits: &Limits, room: &Room, started: Instant) {
        let id = self.lock().child.id();
        let handle = system::Handle::new(id);
        let mut cpu = Duration::ZERO;
        for tick in 1u32.. {
            let crowded = limits.processes == Processes::Any && glance(&handle);
            if limits.processes != Processes::Any {
                handle.pause(TICK);
            }
            let mut state = self.lock();
            if state.finish(|status| ended(status, cpu >= limits.cpu)) {
                self.ended.notify_all();
                return;
            }
            let deadline = state.deadline;
            let stopped = state.reason.is_some();
            if crowded && !stopped {
                // Whoever it is: a bomb would outgrow the look at it.
                system::hold(&mut state.child, true);
            }
            drop(state);
            if stopped {
                continue;
            }
            // A walk through all processes of a busy machine costs more than the program.
            let walk = crowded || tick % TICKS_OF_WALK == 0;
            let processes = if walk { limits.processes } else { Processes::Threads };
            let usage = system::usage(id, processes, MOST_TASKS);
            if crowded && usage.tasks <= MOST_TASKS {
                // Not reaped, since nobody else does that.
                system::hold(&mut self.lock().child, false);
            }
            cpu = cpu.max(usage.cpu);
            let reason = if started.elapsed() > limits.wall || deadline.is_some_and(|at| Instant::now() > at) {
                Ended::WallTime
            } else if usage.cpu > limits.cpu {
                Ended::CpuTime
            } else if usage.memory > limits.memory {
                Ended::Memory
            } else if usage.tasks > MOST_TASKS {
                Ended::Tasks
            } else if tick % TICKS_OF_FOLDER == 0 && room.holds_more_than(limits.folder) {
                Ended::Folder
            } else {
                continue;
            };
            self.stop(reason);
        }
    }
}

/// A tick, cut short when the machine has many more tasks than before. Whether it has.
fn glance(handle: &system::Handle) -> bool {
    let before = system::crowd();
    for _ in 0..GLANCES {
        handle.pause(TICK / GLANCES);
        if system::crowd() > before + FEW_TASKS {
            return true;
        }
    }
    false
}

impl State {
    fn stop(&mut self, reason: Ended) {
        if self.ended.is_none() {
            self.reason.get_or_insert(reason);
            system::kill(&mut self.child);
        }
    }

    /// Whether it has ended; if so, ends what it started, and only then reaps it: until then its number, which is that of
    /// the group, can't be another's.
    fn finish(&mut self, ended: impl Fn(ExitStatus) -> Ended) -> bool {
        if !system::has_ended(&mut self.child) {
            return false;
        }
        system::kill(&mut self.child);
        let status = self.child.wait().map_or(Ended::Killed, ended);
        self.ended = Some(self.reason.unwrap_or(status));
        true
    }
}

#[cfg(unix)]
fn ended(status: ExitStatus, spent: bool) -> Ended {
    use std::os::unix::process::ExitStatusExt;
    // The kernel's own limit of processor time: first one signal, a second later the one that nobody can ignore.
    const SIGKILL: i32 = 9;
    const SIGXCPU: i32 = 24;
    match (status.code(), status.signal()) {
        (Some(code), _) => Ended::Exited(code),
        (None, Some(SIGXCPU)) => Ended::CpuTime,
        (None, Some(SIGKILL)) if spent => Ended::CpuTime,
        (None, signal) => Ended::Signalled(signal.unwrap_or(0)),
    }
}

#[cfg(not(unix))]
fn ended(status: ExitStatus, _: bool) -> Ended {
    Ended::Exited(status.code().unwrap_or(-1))
}

/// Standard output of a program. The program is killed, and reading fails, when it has written more than it may.
#[derive(Debug)]
pub struct Output {
    pipe: ChildStdout,
    shared: Arc<Shared>,
    limit: u64,
    read: u64,
}

impl Output {
    /// Starts counting anew: what was read belongs to a request that is done.
    pub fn renew(&mut self) {
        self.read = 0;
    }
}

impl Read for Output {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.pipe.read(buffer)?;
        self.read = self.read.saturating_add(count as u64);
        if self.read > self.limit {
            self.shared.stop(Ended::Output);
            return Err(io::Error::other(format!("more than {} bytes of output", self.limit)));
        }
        Ok(count)
    }
}

/// Reads to the end and keeps the beginning: a full pipe would stop the program.
fn drain(mut pipe: impl Read, kept: &Mutex<Vec<u8>>) {
    let mut buffer = [0; 4096];
    loop {
        match pipe.read(&mut buffer) {
            Ok(0) => return,
            Ok(count) => {
                let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                let free = LONGEST_COMPLAINT - kept.len();
                kept.extend_from_slice(&buffer[..count.min(free)]);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return,
        }
    }
}
