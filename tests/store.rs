//! Answers that are kept: what is asked once, by one process or several, by one that is killed; what votes and budgets ask;
//! and that no key is ever written down. The real program against the stand-in.

mod asking;
mod standin;

use serde_json::{Value, json};
use standin::{Act, Model, Request, Standin, says, status, verdict};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Child, Output, Stdio};
use std::time::{Duration, Instant};

/// Eight branches, so many classes of paths.
const PROGRAM: &str = "\
int f(int a, int b, int c) {
    int r = 0;
    if (a > 0)
        r = r + 1;
    if (b > 0)
        r = r + 2;
    if (c > 0)
        r = r + 4;
    assert(r >= 0); // POST
    return r;
}
";

/// A folder with the program and a cache.
fn scratch() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(folder.path().join("f.c"), PROGRAM).expect("the program is written");
    folder
}

fn weiser(folder: &Path, args: &[&str]) -> Output {
    asking::with_cache(folder, args).output().expect("the program starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

struct Checked {
    document: Value,
    status: i32,
    err: String,
}

impl Checked {
    fn triple(&self) -> &Value {
        &self.document["files"][0]["triples"][0]
    }

    fn answers(&self) -> &Vec<Value> {
        self.triple()["answers"].as_array().expect("answers")
    }
}

fn check(folder: &Path, server: &Standin, args: &[&str]) -> Checked {
    let mut all = vec!["check", "f.c", "--format", "json", "--base-url", &server.url];
    if !args.contains(&"--oracle") {
        all.extend(["--oracle", "ollama:m"]);
    }
    all.extend(args);
    let output = weiser(folder, &all);
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    let document: Value = serde_json::from_str(&out).unwrap_or_else(|e| panic!("{e}\n{out}\n{err}"));
    let schema: Value = serde_json::from_str(weiser::report::schema::Format::Check.schema()).unwrap();
    let valid = jsonschema::validator_for(&schema).unwrap();
    let wrong: Vec<String> = valid.iter_errors(&document).map(|e| e.to_string()).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    Checked { document, status: output.status.code().unwrap_or(-1), err }
}

fn passing() -> Standin {
    Standin::start(|request| verdict(request, "pass", &[]))
}

#[test]
fn nothing_is_asked_twice() {
    let folder = scratch();
    let server = passing();
    let first = check(folder.path(), &server, &[]);
    let slices = first.answers().len();
    assert_eq!((first.triple()["outcome"].as_str(), server.questions().len()), (Some("holds"), slices));
    assert!(slices >= 8 && first.answers().iter().all(|a| a["cached"] == false));
    let again = check(folder.path(), &server, &[]);
    assert_eq!((again.status, server.questions().len()), (0, slices));
    assert!(again.answers().iter().all(|a| a["cached"] == true));
    let human =
        text(&weiser(folder.path(), &["check", "f.c", "--oracle", "ollama:m", "--base-url", &server.url]).stdout);
    assert!(human.contains(&format!("({slices} from the cache)")), "{human}");
    // Another seed is another question, and so is another model.
    check(folder.path(), &server, &["--seed", "1"]);
    check(folder.path(), &server, &["--oracle", "ollama:other"]);
    assert_eq!(server.questions().len(), 3 * slices);
    check(folder.path(), &server, &["--no-cache"]);
    assert_eq!(server.questions().len(), 4 * slices);
    check(folder.path(), &server, &["--refresh"]);
    assert_eq!(server.questions().len(), 5 * slices);
}

#[test]
fn another_digest_is_another_model() {
    let folder = scratch();
    let of = |digest| Standin::with_model(Model { digest, ..Model::default() }, |r: &Request| verdict(r, "pass", &[]));
    let (old, new) = (of("old"), of("new"));
    let slices = check(folder.path(), &old, &["--oracle", "ollama:test-model"]).answers().len();
    check(folder.path(), &new, &["--oracle", "ollama:test-model"]);
    assert_eq!((old.questions().len(), new.questions().len()), (slices, slices));
    // One model at another address is the same where the digest tells.
    let moved = of("old");
    check(folder.path(), &moved, &["--oracle", "ollama:test-model"]);
    assert_eq!(moved.questions().len(), 0);
}

#[test]
fn faults_and_parts_of_answers_are_not_kept() {
    for broken in [
        |_: &Request| status(500, "{\"error\":\"out of memory\"}"),
        |_: &Request| Act::Say(standin::Says { finish: "length", ..says("{\"reason\":\"and then") }),
        |_: &Request| Act::Say(standin::Says { prompt_tokens: Some(4_000_000), ..says("Verdict: PASS") }),
        |_: &Request| Act::Say(says("")),
    ] {
        let folder = scratch();
        {
            let server = Standin::start(broken);
            let first = check(folder.path(), &server, &["--timeout", "1s"]);
            assert_eq!(first.status, 3);
        }
        let server = passing();
        let again = check(folder.path(), &server, &[]);
        assert_eq!((again.status, server.questions().len()), (0, again.answers().len()));
    }
}

/// Runs until the server was asked so many times; then the process is killed, as by power loss.
fn killed_after(mut child: Child, server: &Standin, questions: usize) {
    let started = Instant::now();
    while server.questions().len() < questions {
        assert!(started.elapsed() < Duration::from_secs(60), "{} questions came", server.questions().len());
        std::thread::sleep(Duration::from_millis(2));
    }
    child.kill().expect("kill -9");
    child.wait().expect("it is gone");
}

fn asked(server: &Standin) -> BTreeMap<String, usize> {
    let mut times = BTreeMap::new();
    for question in server.questions() {
        *times.entry(question.user().to_string()).or_default() += 1;
    }
    times
}

#[test]
fn a_run_that_was_killed_goes_on_where_it_was() {
    for (jobs, how) in [("1", "ollama:m"), ("3", "ollama:m"), ("1", "record:r.jsonl=ollama:m")] {
        let folder = scratch();
        let server = Standin::start(|r| Act::Later(Duration::from_millis(40), Box::new(verdict(r, "pass", &[]))));
        let args = ["check", "f.c", "--oracle", how, "--base-url", &server.url, "--jobs", jobs];
        for kills in 1..=3 {
            let child =
                asking::with_cache(folder.path(), &args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            killed_after(child, &server, 2 * kills + server.questions().len() / 8);
        }
        let last = check(folder.path(), &server, &["--oracle", how, "--jobs", jobs]);
        assert_eq!((last.status, last.triple()["outcome"].as_str()), (0, Some("holds")), "{}", last.err);
        let times = asked(&server);
        assert_eq!(times.len(), last.answers().len());
        // What was in flight at a kill is asked again, nothing else.
        let in_flight: usize = jobs.parse().unwrap();
        let again: usize = times.values().map(|n| n - 1).sum();
        assert!(again <= 3 * in_flight, "{how} with {jobs} jobs: {again} questions were asked again");
        assert_eq!(check(folder.path(), &server, &["--oracle", how]).answers().len(), times.len());
        assert_eq!(asked(&server), times);
    }
}

#[test]
fn several_processes_share_the_cache() {
    let folder = scratch();
    let server = passing();
    let args = ["check", "f.c", "--oracle", "ollama:m", "--base-url", &server.url, "--jobs", "2"];
    let children: Vec<Child> = (0..5)
        .map(|_| {
            asking::with_cache(folder.path(), &args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        })
        .collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert_eq!((output.status.code(), text(&output.stderr).as_str()), (Some(0), ""));
    }
    let before = server.questions().len();
    let last = check(folder.path(), &server, &[]);
    assert!(last.answers().iter().all(|a| a["cached"] == true));
    assert_eq!(server.questions().len(), before);
}

#[test]
fn a_damaged_cache_is_set_aside_and_the_run_goes_on() {
    let folder = scratch();
    let server = passing();
    let slices = check(folder.path(), &server, &[]).answers().len();
    let path = folder.path().join("cache/answers-1.db");
    fs::write(&path, "garbage ".repeat(5000)).unwrap();
    for end in ["-wal", "-shm"] {
        fs::write(format!("{}{end}", path.display()), "more").unwrap();
    }
    let again = check(folder.path(), &server, &[]);
    assert_eq!((again.status, server.questions().len()), (0, 2 * slices));
    assert!(again.err.contains("was damaged; it is set aside as"), "{}", again.err);
    let third = check(folder.path(), &server, &[]);
    assert_eq!((third.err.as_str(), server.questions().len()), ("", 2 * slices));
}

#[test]
fn a_cache_that_cannot_be_written_is_said_and_no_end() {
    let folder = scratch();
    fs::write(folder.path().join("cache"), "in the way").unwrap();
    let server = passing();
    let checked = check(folder.path(), &server, &[]);
    assert_eq!(checked.status, 0);
    assert!(checked.err.contains("warning: answers are not kept: the cache"), "{}", checked.err);
}

#[test]
fn the_cache_command_shows_trims_and_empties() {
    let folder = scratch();
    let run = |args: &[&str]| {
        let output = weiser(folder.path(), args);
        assert!(output.status.success(), "{}", text(&output.stderr));
        text(&output.stdout)
    };
    let document = |args: &[&str]| {
        let document: Value = serde_json::from_str(&run(&[args, &["--format", "json"]].concat())).unwrap();
        let schema: Value = serde_json::from_str(weiser::report::schema::Format::Cache.schema()).unwrap();
        assert!(jsonschema::validator_for(&schema).unwrap().is_valid(&document), "{document}");
        document
    };
    let stats = || document(&["cache", "stats"]);
    assert_eq!(stats()["answers"], 0);
    assert!(!folder.path().join("cache").exists(), "looking makes nothing");
    let server = passing();
    let slices = check(folder.path(), &server, &[]).answers().len();
    assert_eq!((&stats()["answers"], &stats()["models"][0]["model"]), (&json!(slices), &json!("ollama:test-model")));
    assert!(run(&["cache", "stats"]).contains(&format!("{slices} answers in")));
    assert!(run(&["cache", "gc", "--older-than", "1h"]).starts_with("0 answers removed"));
    assert!(run(&["cache", "gc", "--max-size", "1kB"]).starts_with(&format!("{slices} answers removed")));
    check(folder.path(), &server, &[]);
    assert!(run(&["cache", "clear"]).starts_with(&format!("{slices} answers removed")));
    assert_eq!(stats()["answers"], 0);
    assert_eq!(document(&["cache", "gc"])["removed"]["answers"], 0);
}

/// Every byte that a run leaves behind.
fn written(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(fs::read_dir(&path).unwrap().map(|e| e.unwrap().path()));
        } else {
            found.push((path.display().to_string(), fs::read(&path).unwrap()));
        }
    }
    found
}

#[test]
fn no_key_is_ever_written_down() {
    const KEY: &str = "sk-a-key-that-nobody-may-see";
    let folder = scratch();
    let echo = |r: &Request| match r.number % 3 {
        // Servers repeat what they were sent.
        0 => status(
            500,
            &json!({"error": {"message": format!("bad: {}", r.header("authorization").unwrap_or(""))}}).to_string(),
        ),
        _ => verdict(r, "fail", &[("a", "1")]),
    };
    let server = Standin::start(echo);
    let url = format!("{}/v1?token={KEY}", server.url);
    for (address, oracle) in [(format!("{}/v1", server.url), "record:r.jsonl=openai:m"), (url, "openai:m")] {
        for format in ["human", "json"] {
            let mut run = asking::with_cache(
                folder.path(),
                &["check", "f.c", "-v", "--all", "--votes", "3", "--timeout", "2s", "--format", format],
            );
            let output =
                run.args(["--oracle", oracle, "--base-url", &address]).env("WEISER_API_KEY", KEY).output().unwrap();
            fs::write(folder.path().join(format!("{format}.out")), [output.stdout, output.stderr].concat()).unwrap();
        }
        assert!(server.questions().iter().any(|q| q.header("authorization").is_some_and(|h| h.contains(KEY))));
        for (path, bytes) in written(folder.path()) {
            assert!(!bytes.windows(KEY.len()).any(|w| w == KEY.as_bytes()), "{path} holds the key");
        }
    }
    assert!(folder.path().join("cache/answers-1.db").exists() && folder.path().join("r.jsonl").exists());
}
