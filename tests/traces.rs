//! `weiser trace` on runs that were recorded: the story of a bug that was seen to happen, and what is kept out of training data.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn weiser(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_weiser"));
    command.current_dir(root()).args(args).env("WEISER_CACHE", "false").env("WEISER_INDEX_CACHE", "off");
    for variable in ["WEISER_ORACLE", "WEISER_BASE_URL", "WEISER_CONFIG", "WEISER_JOBS", "OLLAMA_HOST"] {
        command.env_remove(variable);
    }
    command.output().unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Runs a program and keeps the record; `None` where it can't be run here.
fn saved(folder: &Path, check: &[&str]) -> Option<PathBuf> {
    let run = folder.join("run");
    let done = weiser(&[&["check"], check, &["--save", run.to_str().unwrap()]].concat());
    if done.status.code() == Some(3) || said(&done).contains("--unprotected") {
        println!("skipped: {}", said(&done));
        return None;
    }
    assert_eq!(done.status.code(), Some(1), "{}", said(&done));
    Some(run)
}

const TRIANGLE: [&str; 7] = [
    "datasets/leetcode/python/triangle_kind.py",
    "--pre",
    "a < b + c and b < a + c and c < a + b",
    "--post",
    "result != 0 or len({a, b, c}) == 3",
    "--oracle",
    "run",
];

#[test]
fn a_confirmed_bug_reads_as_a_story() {
    let folder = tempfile::tempdir().unwrap();
    let Some(run) = saved(folder.path(), &TRIANGLE) else { return };
    let run = run.to_str().unwrap();
    let story = weiser(&["trace", run, "--only", "confirmed", "--format", "text"]);
    assert_eq!(story.status.code(), Some(0), "{}", said(&story));
    insta::assert_snapshot!(text(&story));
}

#[test]
fn lines_follow_the_schema_and_know_their_data_set() {
    let folder = tempfile::tempdir().unwrap();
    let Some(run) = saved(folder.path(), &TRIANGLE) else { return };
    let run = run.to_str().unwrap();
    let schema: Value = serde_json::from_str(&text(&weiser(&["schema", "trace"]))).unwrap();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    let out = weiser(&["trace", run, "--dataset", "datasets/leetcode"]);
    let lines: Vec<Value> = text(&out).lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert!(!lines.is_empty());
    for line in &lines {
        let problems: Vec<String> =
            validator.iter_errors(line).map(|e| format!("{}: {e}", e.instance_path())).collect();
        assert_eq!(problems, Vec::<String>::new());
        assert_eq!(line["source"]["task"], "triangle-kind");
        assert_eq!(line["source"]["licence"], "MIT OR Apache-2.0");
    }
    let confirmed = lines.iter().find(|l| l["confidence"] == "confirmed").unwrap();
    let steps = confirmed["steps"].as_array().unwrap();
    assert_eq!(steps.last().unwrap()["kind"], "post");
    // Entry to failure: no step stands before one of an earlier line, for the program has no loop.
    let lines: Vec<u64> = steps.iter().filter_map(|s| s["span"][0].as_u64()).collect();
    assert!(lines.is_sorted(), "{lines:?}");
    assert_eq!(
        confirmed["branches"].as_array().unwrap().iter().map(|b| &b["side"]).collect::<Vec<_>>(),
        ["false", "false"]
    );
}

#[test]
fn subjects_of_an_evaluation_are_kept_out() {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("kinds.py");
    let own = std::fs::read_to_string(root().join(TRIANGLE[0])).unwrap();
    std::fs::write(&copy, format!("LIMIT = 3\n\n\n{}", own.replace("triangle_kind", "kind_of"))).unwrap();
    let mut check = TRIANGLE;
    check[0] = copy.to_str().unwrap();
    let Some(run) = saved(folder.path(), &check) else { return };
    let out = weiser(&["trace", run.to_str().unwrap(), "--exclude", "datasets/leetcode"]);
    assert_eq!(text(&out), "");
    assert!(said(&out).contains("of an excluded data set"), "{}", said(&out));
    let out = weiser(&["trace", run.to_str().unwrap(), "--exclude", "datasets/heap"]);
    assert_ne!(text(&out), "");
}

#[test]
fn what_is_no_record_or_data_set_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let out = weiser(&["trace", folder.path().to_str().unwrap()]);
    assert_eq!(out.status.code(), Some(2));
    assert!(said(&out).contains("no record of a run"), "{}", said(&out));
}
