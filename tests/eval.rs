//! Campaigns of the real program against the stand-in: the scores are those that the stand-in's error rate gives, and a run that
//! is killed comes to the same end as one that isn't.

mod asking;
mod standin;

use serde_json::Value;
use standin::mistakes::mistaken;
use standin::{Act, Request, Standin, status};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::{Duration, Instant};

/// Subjects with four classes of paths. Every other one is violated: on the two whose `a` is large, nothing else takes away.
fn dataset(folder: &Path, subjects: usize) {
    let mut manifest = String::from("schema = \"weiser.dataset/1\"\nname = \"made-up\"\n");
    fs::create_dir_all(folder.join("data")).unwrap();
    for i in 0..subjects {
        let violated = i % 2 == 1;
        let step = if violated { "r - 100" } else { "r + 100" };
        let program = format!(
            "int f{i}(int a, int b) {{\n    int r = {i};\n    if (a > {i})\n        r = {step};\n    if (b > 0)\n        r = r + 1;\n    return r;\n}}\n"
        );
        fs::write(folder.join(format!("data/p{i:03}.c")), program).unwrap();
        let label = if violated { "violated" } else { "holds" };
        manifest.push_str(&format!(
            "[[subject]]\nid = \"p{i:03}\"\nlabel = \"{label}\"\n[subject.c]\npath = \"p{i:03}.c\"\npost = \"result >= 0\"\n"
        ));
    }
    fs::write(folder.join("data/dataset.toml"), manifest).unwrap();
}

fn truth(request: &Request) -> &'static str {
    if request.asks("r - 100") { "fail" } else { "pass" }
}

struct Run {
    folder: tempfile::TempDir,
}

impl Run {
    fn of(subjects: usize, more: &str) -> Run {
        let folder = tempfile::tempdir().unwrap();
        dataset(folder.path(), subjects);
        let run = Run { folder };
        run.experiment(more);
        run
    }

    fn experiment(&self, more: &str) {
        let text = format!("schema = \"weiser.experiment/1\"\nname = \"e\"\n{more}\n[[dataset]]\npath = \"data\"\n");
        fs::write(self.path("e.toml"), text).unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, server: &Standin, more: &[&str]) -> std::process::Command {
        let url = format!("{}/v1", server.url);
        let args = [&["eval", "e.toml", "--oracle", "openai:m", "--base-url", &url], more].concat();
        asking::weiser(self.folder.path(), &args)
    }

    fn eval(&self, server: &Standin, more: &[&str]) -> Output {
        self.command(server, more).output().unwrap()
    }

    fn scores(&self, run: &str) -> Value {
        let document: Value = serde_json::from_str(&self.read(&format!("{run}/tables/scores.json"))).unwrap();
        let schema: Value = serde_json::from_str(weiser::report::schema::Format::Scores.schema()).unwrap();
        let valid = jsonschema::validator_for(&schema).unwrap();
        let wrong: Vec<String> = valid.iter_errors(&document).map(|e| e.to_string()).collect();
        assert!(wrong.is_empty(), "{wrong:?}");
        document
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
    }

    /// The tables of a run, by name.
    fn tables(&self, run: &str) -> BTreeMap<String, String> {
        let files = fs::read_dir(self.path(run).join("tables")).unwrap().map(|f| f.unwrap().file_name());
        let names = files.map(|name| name.into_string().unwrap());
        names.map(|name| (name.clone(), self.read(&format!("{run}/tables/{name}")))).collect()
    }

    /// The lines of a run's verdicts, in order.
    fn verdicts(&self, run: &str) -> Vec<String> {
        let mut lines: Vec<String> = self.read(&format!("{run}/verdicts.jsonl")).lines().map(str::to_owned).collect();
        lines.sort();
        lines
    }

    /// The lines of a run's record without times, in order.
    fn record(&self, run: &str) -> Vec<Value> {
        fn timeless(value: &mut Value) {
            match value {
                Value::Object(fields) => {
                    for name in ["ms", "cached"] {
                        fields.remove(name);
                    }
                    fields.values_mut().for_each(timeless);
                }
                Value::Array(items) => items.iter_mut().for_each(timeless),
                _ => {}
            }
        }
        let mut lines: Vec<Value> = (self.read(&format!("{run}/triples.jsonl")).lines())
            .map(|line| serde_json::from_str(line).unwrap())
            .filter(|line: &Value| line["end"].is_null())
            .collect();
        lines.iter_mut().for_each(timeless);
        lines.sort_by_key(|line| line.to_string());
        lines
    }
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// How often each question came.
fn asked(server: &Standin) -> BTreeMap<String, usize> {
    let mut times = BTreeMap::new();
    for question in server.questions() {
        *times.entry(question.body.to_string()).or_default() += 1;
    }
    times
}

/// The score of a method and number of votes.
fn score<'a>(scores: &'a Value, method: &str, votes: u64) -> &'a Value {
    let rows = scores["scores"].as_array().unwrap();
    rows.iter().find(|r| r["method"] == method && r["votes"] == votes && r["group"] == "all").unwrap()
}

fn within(share: &Value, expected: f64) -> bool {
    share["low"].as_f64().unwrap() <= expected && expected <= share["high"].as_f64().unwrap()
}

#[test]
fn scores_are_those_of_a_model_that_is_wrong_at_a_known_rate() {
    const P: f64 = 0.2;
    const N: usize = 80;
    let run = Run::of(N, "methods = ['slices', 'functions', 'baseline']\nvotes = [1, 5]");
    let server = Standin::start(mistaken(P, truth));
    let output = run.eval(&server, &["--no-cache"]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let scores = run.scores("runs/e");
    assert_eq!(scores["open"], 0);
    // In one question, each subject is right with 1 - p; of five votes, the majority is.
    let choose = |k: u32| [1.0, 5.0, 10.0][k as usize];
    let majority = |p: f64| (0..=2).map(|k| choose(k) * p.powi(k as i32) * (1.0 - p).powi(5 - k as i32)).sum::<f64>();
    for method in ["baseline", "functions"] {
        for (votes, right) in [(1, 1.0 - P), (5, majority(P))] {
            let row = score(&scores, method, votes);
            assert_eq!(row["accuracy"]["of"], N);
            assert!(within(&row["accuracy"], right), "{method} with {votes}: {}, expected {right}", row["accuracy"]);
            assert!(within(&row["found"], right) && within(&row["false_alarms"], 1.0 - right), "{row}");
        }
    }
    // Of four slices, two of a violated subject fail. All must pass for it to be said to hold.
    for (votes, right) in [(1, 1.0 - P), (5, majority(P))] {
        let row = score(&scores, "slices", votes);
        let holds: f64 = right.powi(4);
        let found = 1.0 - right.powi(2) * (1.0 - right).powi(2);
        assert!(within(&row["found"], found), "{votes}: {}, expected {found}", row["found"]);
        assert!(
            within(&row["false_alarms"], 1.0 - holds),
            "{votes}: {}, expected {}",
            row["false_alarms"],
            1.0 - holds
        );
        assert!(within(&row["accuracy"], (holds + found) / 2.0), "{votes}: {}", row["accuracy"]);
    }
    // What more votes stand behind is right more often.
    let calibration = score(&scores, "baseline", 5)["calibration"].as_array().unwrap();
    let right = |bin: &Value| bin["right"]["share"].as_f64().unwrap();
    let (first, last) = (calibration.first().unwrap(), calibration.last().unwrap());
    assert!(calibration.len() > 1 && right(last) > right(first), "{calibration:?}");
    let pairs = scores["differences"].as_array().unwrap();
    assert_eq!(pairs.len(), 4);
    assert!(pairs.iter().all(|d| d["accuracy"]["of"] == N && d["p"].as_f64().unwrap() <= 1.0));
    let tables = run.tables("runs/e");
    assert!(tables.keys().any(|name| name == "tokens-accuracy.svg"), "{:?}", tables.keys());
    assert!(!tables.keys().any(|name| name.contains("error")));
}

#[test]
fn tables_are_the_same_for_any_number_of_jobs() {
    let tables: Vec<_> = ["1", "7"]
        .iter()
        .map(|jobs| {
            let run = Run::of(12, "methods = ['slices', 'baseline']\nvotes = 3");
            let server = Standin::start(mistaken(0.3, truth));
            let output = run.eval(&server, &["--no-cache", "--jobs", jobs]);
            assert_eq!(output.status.code(), Some(0), "{}", err(&output));
            (run.tables("runs/e"), run.verdicts("runs/e"), run.record("runs/e"), asked(&server))
        })
        .collect();
    assert!(tables[0] == tables[1]);
    assert!(tables[0].3.values().all(|n| *n == 1));
}

#[test]
fn a_run_that_was_killed_ten_times_ends_like_one_that_was_not() {
    const KILLS: usize = 10;
    const JOBS: usize = 3;
    let more = "methods = ['slices', 'baseline']\nvotes = 3";
    let later = |request: &Request| {
        let answer = mistaken(0.1, truth);
        Act::Later(Duration::from_millis(3), Box::new(answer(request)))
    };
    let args = ["--no-cache", "--jobs", "3", "--to", "run"];
    let whole = Run::of(60, more);
    let server = Standin::start(later);
    let output = whole.eval(&server, &args);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let questions = asked(&server);
    assert!(questions.len() >= 500 && questions.values().all(|n| *n == 1), "{} questions", questions.len());

    let killed = Run::of(60, more);
    let server = Standin::start(later);
    let mut random = 2026_u64;
    for kill in 1..=KILLS {
        random = random.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        // After so many of the questions that were to come between two kills, and a little later.
        let after = server.questions().len() + (random >> 33) as usize % (questions.len() / KILLS);
        let mut child = killed.command(&server, &args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let started = Instant::now();
        while server.questions().len() < after.max(1) {
            assert!(started.elapsed() < Duration::from_secs(120), "kill {kill}: no question came");
            std::thread::sleep(Duration::from_micros(500));
        }
        std::thread::sleep(Duration::from_micros((random >> 20) % 5000));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let last = killed.eval(&server, &args);
    assert_eq!(last.status.code(), Some(0), "{}", err(&last));
    assert!(killed.tables("run") == whole.tables("run"));
    assert_eq!(killed.verdicts("run"), whole.verdicts("run"));
    assert!(killed.record("run") == whole.record("run"));
    let times = asked(&server);
    assert!(times.keys().eq(questions.keys()), "the same questions");
    // What was in flight at a kill is asked again, nothing else.
    let again: usize = times.values().map(|n| n - 1).sum();
    assert!(again <= KILLS * JOBS, "{again} questions were asked again");
    let once_more = killed.eval(&server, &args);
    assert_eq!((once_more.status.code(), asked(&server)), (Some(0), times));
}

#[test]
fn parts_put_together_are_the_whole() {
    let more = "methods = ['slices', 'baseline']\nvotes = 3";
    let run = Run::of(15, more);
    let server = Standin::start(mistaken(0.25, truth));
    let whole = run.eval(&server, &["--no-cache", "--to", "whole"]);
    assert_eq!(whole.status.code(), Some(0), "{}", err(&whole));
    let parts: Vec<String> = (1..=3).map(|i| format!("{i}/3")).collect();
    for part in &parts {
        let output = run.eval(&server, &["--no-cache", "--shard", part]);
        assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    }
    let merge = |folders: &[&str], to: &str| {
        let args = [&["eval", "--to", to, "--merge"], folders].concat();
        asking::weiser(run.folder.path(), &args).output().unwrap()
    };
    let all = ["runs/e-1-of-3", "runs/e-2-of-3", "runs/e-3-of-3"];
    let merged = merge(&all, "merged");
    assert_eq!(merged.status.code(), Some(0), "{}", err(&merged));
    assert!(run.tables("merged") == run.tables("whole"));
    let some = merge(&all[..2], "some");
    assert_eq!(some.status.code(), Some(3));
    assert!(err(&some).contains("verdicts are missing") && run.read("some/tables/scores.md").contains("**Not whole: "));
    run.experiment("methods = ['slices']\nvotes = 3");
    run.eval(&server, &["--no-cache", "--to", "other"]);
    let apart = merge(&["whole", "other"], "never");
    assert_eq!(apart.status.code(), Some(2));
    assert!(
        err(&apart).contains("other is no part of the same run as the first folder (cells differ)"),
        "{}",
        err(&apart)
    );
    assert!(!run.path("never").exists());
}

#[test]
fn what_a_server_failed_to_answer_is_open_and_asked_again() {
    let run = Run::of(6, "");
    let right = mistaken(0.0, truth);
    let failing = Standin::start(move |r: &Request| match r.asks("int f3(") {
        true => status(400, "{\"error\":{\"message\":\"no such thing\"}}"),
        false => right(r),
    });
    let first = run.eval(&failing, &["--no-cache"]);
    assert_eq!(first.status.code(), Some(3), "{}", err(&first));
    assert!(err(&first).contains("still open; the same command goes on"), "{}", err(&first));
    let open = run.scores("runs/e");
    assert!(open["open"].as_u64().unwrap() >= 1);
    let row = score(&open, "slices", 1);
    assert_eq!(row["accuracy"]["of"], 6, "what is open stays in the denominator");
    let server = Standin::start(mistaken(0.0, truth));
    let second = run.eval(&server, &["--no-cache"]);
    assert_eq!(second.status.code(), Some(0), "{}", err(&second));
    assert!(server.questions().iter().all(|q| !q.asks("int f0(")), "what was judged is not asked again");
    let row = &run.scores("runs/e");
    assert_eq!(score(row, "slices", 1)["accuracy"]["right"], 6);
}

#[test]
fn another_experiment_does_not_go_on_in_the_same_folder() {
    let run = Run::of(2, "");
    let server = Standin::start(mistaken(0.0, truth));
    assert_eq!(run.eval(&server, &["--no-cache"]).status.code(), Some(0));
    run.experiment("votes = 3");
    let other = run.eval(&server, &["--no-cache"]);
    assert_eq!(other.status.code(), Some(2));
    assert!(err(&other).contains("runs/e holds another run (cells differ)"), "{}", err(&other));
    run.experiment("");
    fs::write(run.path("data/p000.c"), "int f000(int a, int b) {\n    return a * a;\n}\n").unwrap();
    let changed = run.eval(&server, &["--no-cache"]);
    assert!(err(&changed).contains("runs/e holds another run (datasets differ)"), "{}", err(&changed));
}

#[test]
fn a_dry_run_asks_nothing_and_writes_nothing() {
    let run = Run::of(4, "methods = ['slices', 'baseline']\nvotes = [1, 5]");
    let server = Standin::start(mistaken(0.0, truth));
    let output = run.eval(&server, &["--dry-run"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    // Four subjects of four slices each, and one question each for the baseline; with one vote and with five.
    assert!(text.contains("120 questions, "), "{text}");
    assert!(server.requests().is_empty() && !run.path("runs").exists());
}
