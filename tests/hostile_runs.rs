//! Programs that mean harm, each for one value of its parameter (`tests/hostile/`), between runs that mean none: every one
//! ends with an outcome of its own, changes nothing outside, leaves nothing behind, and disturbs no other run.
//!
//! Bombs stop by themselves after 200 or 400 processes or threads, in case a wall is missing.

#![cfg(target_os = "linux")]

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use weiser::run::bench::Bench;
use weiser::run::observed::{End, Observed, Truth};
use weiser::run::sandbox::protections;
use weiser::run::toolchain::{RunError, Toolchain};
use weiser::run::value::{Input, Stdin, Value};
use weiser::spec::{self, Request};
use weiser::syntax;

/// What a hostile run may come to.
enum Expected {
    /// One of these ends.
    Ends(&'static [End]),
    /// It comes to Q, and what it tried was refused.
    Refused,
    /// It comes to Q, having done something that must not be seen by others.
    Passes,
}

use Expected::{Ends, Passes, Refused};

/// What stands outside of the sandbox and has to be as it was.
struct Outside {
    folder: tempfile::TempDir,
    /// In the user's home, where there is one that can be written.
    home: tempfile::NamedTempFile,
    listener: TcpListener,
}

impl Outside {
    fn new() -> Outside {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("kept"), "kept").expect("a file");
        let home = std::env::var_os("HOME").map(PathBuf::from);
        let in_home = home.and_then(|home| tempfile::Builder::new().prefix(".weiser-secret-").tempfile_in(home).ok());
        let home = in_home.unwrap_or_else(|| tempfile::NamedTempFile::new().expect("a file"));
        std::fs::write(home.path(), "secret").expect("a file");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
        listener.set_nonblocking(true).expect("a listener that doesn't wait");
        Outside { folder, home, listener }
    }

    /// The program with the names of what it is to harm.
    fn told(&self, text: &str) -> String {
        let port = self.listener.local_addr().expect("an address").port();
        text.replace("@OUTSIDE@", &self.folder.path().display().to_string())
            .replace("@HOME@", &self.home.path().display().to_string())
            .replace("@PORT@", &port.to_string())
    }

    fn check(&self) {
        let kept = std::fs::read_to_string(self.folder.path().join("kept")).expect("the file is there");
        assert_eq!(kept, "kept");
        assert_eq!(std::fs::read_dir(self.folder.path()).expect("the folder is there").count(), 1, "nothing was added");
        assert!(!Path::new("/tmp/weiser-left").exists());
        let nobody = self.listener.accept().expect_err("nobody connects");
        assert_eq!(nobody.kind(), std::io::ErrorKind::WouldBlock);
    }
}

fn input(which: i128) -> Input {
    Input { arguments: vec![Value::Int(which)], stdin: Stdin::Empty }
}

/// The value of a printed name.
fn shown<'a>(observed: &'a Observed, name: &str) -> Option<&'a str> {
    let names = &observed.visits.first()?.names;
    names.split("; ").find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}

/// Processes that run in a room, or were started there. A name of a room is never used twice.
fn processes_of(room: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc").expect("processes").flatten() {
        let folder = entry.path();
        let environment = std::fs::read(folder.join("environ")).unwrap_or_default();
        let home = format!("HOME={room}");
        if environment.split(|byte| *byte == 0).any(|variable| variable == home.as_bytes()) {
            found.push(folder.display().to_string());
        }
    }
    found
}

/// The folder of a program that this process has started, by the program's name.
fn room_of_child(name: &str) -> Option<String> {
    let own = format!("PPid:\t{}", std::process::id());
    std::fs::read_dir("/proc").ok()?.flatten().find_map(|entry| {
        let status = std::fs::read_to_string(entry.path().join("status")).ok()?;
        let program = std::fs::read_link(entry.path().join("exe")).ok()?;
        let found = status.lines().any(|line| line == own) && program.file_name()? == name;
        found.then(|| program.parent().map(|folder| folder.display().to_string()))?
    })
}

fn hostile(file: &str, text: &str, cases: &[(i128, &str, Expected)]) {
    let language = syntax::for_path(file.as_ref()).expect("a known language");
    if let Err(error) = Toolchain::of(language) {
        assert!(!matches!(error, RunError::Sandbox(_)), "{error}");
        println!("skipped: {error}");
        return;
    }
    if !protections().complete() {
        println!("skipped: this machine protects files, network or processes by nothing: {}", protections());
        return;
    }
    let outside = Outside::new();
    let parsed = syntax::parse(file, outside.told(text), language);
    let triple = spec::triples(&parsed, &Request::default()).expect("conditions").triples.remove(0);
    let mut bench = Bench::open(&parsed, &triple, &[], 0).expect("it can be run");

    // All in one go, with an ordinary run before and after each: what one leaves would meet the next.
    let inputs: Vec<Input> = cases.iter().flat_map(|(which, ..)| [input(0), input(*which)]).chain([input(0)]).collect();
    let started = Instant::now();
    let seen = bench.run(0, &inputs);
    println!("{file}: {:.1?} for {} runs", started.elapsed(), seen.len());
    let mut wrong = Vec::new();
    for (i, (_, name, expected)) in cases.iter().enumerate() {
        let observed = &seen[2 * i + 1];
        println!("{name:28} {:?} {}", observed.end, observed.told());
        let truth = observed.visits.first().map(|visit| visit.truth);
        let good = match expected {
            Ends(ends) => ends.contains(&observed.end) && observed.visits.is_empty(),
            Passes => truth == Some(Truth::True) && observed.end == End::Ended,
            Refused => {
                let refused = shown(observed, "did") == Some("0")
                    || shown(observed, "seen").is_some_and(|seen| seen.len() > 2 && !seen.contains("did"));
                refused && truth == Some(Truth::True) && observed.end == End::Ended
            }
        };
        if !good {
            wrong.push(format!("{name}: {observed:?}"));
        }
    }
    let first = &seen[0];
    assert_eq!((first.end, first.visits.len()), (End::Ended, 1), "{first:?}");
    for (at, ordinary) in seen.iter().enumerate().step_by(2) {
        if ordinary != first {
            let before = at.checked_sub(2).map_or("nothing", |before| cases[before / 2].1);
            wrong.push(format!("after {before} an ordinary run is another: {ordinary:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    outside.check();

    let place = match shown(first, "where") {
        Some(path) => path.trim_matches(['"', '\'']).trim_end_matches("/x").to_owned(),
        None => room_of_child("program0").expect("a harness is running"),
    };
    assert!(place.contains("weiser-"), "{place}");
    assert!(Path::new(&place).is_dir(), "{place} is there while it is used");
    assert!(!Path::new(&place).join("left").exists());
    drop(bench);
    assert!(!Path::new(&place).exists(), "{place} was left");
    // Those that were killed may take a moment.
    let patience = Instant::now() + Duration::from_secs(5);
    while !processes_of(&place).is_empty() && Instant::now() < patience {
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(processes_of(&place), Vec::<String>::new());
}

#[test]
fn hostile_c() {
    let cases = [
        (1, "forks", Refused),
        (2, "another program", Refused),
        (3, "threads", Refused),
        // `malloc` says no, and the program goes on.
        (5, "10 GB at once", Refused),
        (6, "10 GB bit by bit", Ends(&[End::Memory, End::Fault, End::Timeout])),
        (7, "endless output", Ends(&[End::Output])),
        (8, "endless loop", Ends(&[End::Timeout])),
        (9, "endless recursion", Ends(&[End::Fault])),
        (11, "deletes a folder", Refused),
        (12, "deletes its room", Refused),
        (13, "writes files", Refused),
        (14, "connects", Refused),
        (15, "reads secrets", Refused),
        (16, "kills its harness", Ends(&[End::Fault, End::Timeout])),
        (17, "kills all", Ends(&[End::Fault])),
        (18, "closes everything", Passes),
        (19, "writes to everything", Passes),
        (20, "_exit", Ends(&[End::Left])),
        (22, "an alarm for later", Passes),
        (23, "turns the timer off", Ends(&[End::Timeout])),
        (25, "endless input", Ends(&[End::Timeout])),
    ];
    hostile("hostile.c", include_str!("hostile/hostile.c"), &cases);
}

#[test]
fn hostile_python() {
    let cases = [
        (1, "forks", Ends(&[End::Fault])),
        (2, "another program", Ends(&[End::Fault])),
        (3, "threads", Ends(&[End::Fault, End::Timeout])),
        (4, "a few threads", Passes),
        (5, "10 GB at once", Ends(&[End::Memory])),
        (6, "10 GB bit by bit", Ends(&[End::Memory, End::Timeout])),
        (7, "endless output", Ends(&[End::Output])),
        (8, "endless loop", Ends(&[End::Timeout])),
        (9, "endless recursion", Ends(&[End::Fault])),
        (10, "recursion without limit", Ends(&[End::Fault, End::Memory, End::Timeout])),
        (11, "deletes a folder", Refused),
        (12, "deletes its room", Refused),
        (13, "writes files", Refused),
        (14, "connects", Refused),
        (15, "reads secrets", Refused),
        (16, "kills its parent", Refused),
        (17, "kills all", Ends(&[End::Fault])),
        (18, "closes everything", Ends(&[End::Fault])),
        (19, "writes to everything", Ends(&[End::Fault])),
        (20, "_exit", Ends(&[End::Left])),
        (21, "catches everything", Ends(&[End::Timeout])),
        (22, "an alarm for later", Passes),
        (23, "turns the timer off", Ends(&[End::Timeout])),
        (24, "changes builtins", Passes),
        (25, "endless input", Ends(&[End::Fault])),
        (26, "sys.exit", Ends(&[End::Left])),
    ];
    hostile("hostile.py", include_str!("hostile/hostile.py"), &cases);
}

#[test]
fn hostile_java() {
    let cases = [
        (1, "other programs", Ends(&[End::Fault])),
        (3, "threads", Ends(&[End::Fault, End::Timeout, End::Memory])),
        (4, "a few threads", Passes),
        (5, "10 GB at once", Ends(&[End::Memory])),
        (6, "10 GB bit by bit", Ends(&[End::Memory, End::Timeout])),
        (7, "endless output", Ends(&[End::Timeout, End::Output])),
        (8, "endless loop", Ends(&[End::Timeout])),
        (9, "endless recursion", Ends(&[End::Fault])),
        (11, "deletes a folder", Refused),
        (12, "deletes its room", Refused),
        (13, "writes files", Refused),
        (14, "connects", Refused),
        (15, "reads secrets", Refused),
        (16, "kills its parent", Refused),
        (18, "closes the answers", Ends(&[End::Fault])),
        (19, "writes to the answers", Ends(&[End::Fault])),
        (20, "halt", Ends(&[End::Left])),
        (21, "catches everything", Ends(&[End::Timeout])),
        (23, "halts by another name", Ends(&[End::Fault])),
        (24, "changes the system's", Passes),
        (25, "endless input", Ends(&[End::Timeout])),
        (26, "exit", Ends(&[End::Left])),
        (28, "reads the requests", Ends(&[End::Timeout, End::Fault])),
        (29, "sleeps", Ends(&[End::Timeout])),
    ];
    hostile("Hostile.java", include_str!("hostile/Hostile.java"), &cases);
}
