//! `weiser check` as a user runs it: the real program against the stand-in server, and the shipped recordings.
//!
//! `WEISER_BLESS=1 cargo test --test check` writes the recordings of `examples/` anew (a recording belongs to the prompts
//! and slices it was made with). They come from the stand-in below, which was told what to say; no model made them.

mod asking;
mod standin;

use serde_json::Value;
use standin::{Act, Request, Standin, says, verdict};
use std::path::{Path, PathBuf};
use std::process::Output;
use weiser::report::schema::Format;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn weiser(folder: &Path, args: &[&str]) -> Output {
    asking::weiser(folder, args).output().expect("the program starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Runs `check` and returns its document, valid against the schema, with the exit status.
fn check_json(folder: &Path, args: &[&str]) -> (Value, i32) {
    document(folder, "check", Format::Check, args)
}

fn document(folder: &Path, command: &str, format: Format, args: &[&str]) -> (Value, i32) {
    let mut all = vec![command, "--format", "json"];
    all.extend(args);
    let output = weiser(folder, &all);
    let document: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|e| panic!("{e}\n{}\n{}", text(&output.stdout), text(&output.stderr)));
    let schema: Value = serde_json::from_str(format.schema()).unwrap();
    let valid = jsonschema::validator_for(&schema).expect("the schema is one");
    let errors: Vec<String> = valid.iter_errors(&document).map(|e| e.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
    (document, output.status.code().unwrap_or(-1))
}

/// What the stand-in says of an example: the slices that show the mistake, a reason and inputs.
struct Known {
    file: &'static str,
    fails: fn(&str) -> bool,
    reason: &'static str,
    inputs: &'static [(&'static str, &'static str)],
}

const KNOWN: &[Known] = &[
    Known {
        file: "shipping.py",
        fails: |code| code.contains("cost -= 3") && !code.contains("assume(not list(coupons))"),
        reason: "A near parcel costs 5 and two MINUS3 coupons take 6 off, so cost is -1.",
        inputs: &[("zone", "\"near\""), ("weight", "1"), ("express", "false"), ("coupons", "[\"MINUS3\", \"MINUS3\"]")],
    },
    Known {
        file: "queue.c",
        fails: |code| code.contains("assume(q->used == CAPACITY)") && code.contains("assume(overwrite)"),
        reason: "With overwrite the oldest byte goes, but used still grows from CAPACITY to CAPACITY + 1.",
        inputs: &[("q", "\"a full queue: used = 8\""), ("byte", "0"), ("overwrite", "1")],
    },
    Known { file: "median.py", fails: |_| false, reason: "", inputs: &[] },
];

/// A server that knows one example.
fn knows(known: &'static Known) -> Standin {
    Standin::start(move |request: &Request| {
        // The second phase shows the reasoning instead of the code.
        let fails = (known.fails)(request.user()) || !known.reason.is_empty() && request.asks(known.reason);
        let reasoning = request.system().contains("UNKNOWN") && !request.asks("JSON object");
        let (word, reason) = if fails { ("fail", known.reason) } else { ("pass", "Q holds on every such path.") };
        if reasoning {
            return Act::Say(says(&format!("{reason}\n\nVerdict: {}", word.to_uppercase())));
        }
        let inputs: Vec<Value> =
            known.inputs.iter().map(|(n, v)| serde_json::json!({ "name": n, "value": v })).collect();
        let inputs = if fails { inputs } else { vec![] };
        Act::Say(says(&serde_json::json!({ "reason": reason, "verdict": word, "counterexample": inputs }).to_string()))
    })
}

#[test]
fn shipped_recordings_replay() {
    let folder = root().join("examples");
    for known in KNOWN {
        let recording = format!("{}.answers.jsonl", known.file);
        if std::env::var_os("WEISER_BLESS").is_some() {
            let server = knows(known);
            let _ = std::fs::remove_file(folder.join(&recording));
            let oracle = format!("record:{recording}=ollama:stand-in");
            let output = weiser(&folder, &["check", known.file, "--oracle", &oracle, "--base-url", &server.url]);
            assert!(output.status.code().is_some_and(|c| c < 2), "{}", text(&output.stderr));
        }
        let oracle = format!("replay:{recording}");
        let (document, status) = check_json(&folder, &[known.file, "--oracle", &oracle]);
        let triple = &document["files"][0]["triples"][0];
        let expected = if known.inputs.is_empty() { ("holds", 0) } else { ("violated", 1) };
        assert_eq!((triple["outcome"].as_str(), status), (Some(expected.0), expected.1), "{}", known.file);
        if expected.1 == 1 {
            let least = triple["least_failing"].as_str().expect("a violation has a least failing slice");
            let answer = triple["answers"].as_array().unwrap().iter().find(|a| a["slice"] == least).unwrap();
            assert_eq!(answer["reason"], known.reason);
            assert_eq!(answer["counterexample"].as_object().map(|c| c.len()), Some(known.inputs.len()));
        }
        let again = check_json(&folder, &[known.file, "--oracle", &oracle]).0;
        assert_eq!(again, document, "a replay is the same each time");
    }
}

#[test]
fn a_violation_reads_well() {
    let output = weiser(
        &root().join("examples"),
        &["check", "shipping.py", "--oracle", "replay:shipping.py.answers.jsonl", "--color", "never"],
    );
    assert_eq!(output.status.code(), Some(1));
    insta::assert_snapshot!(text(&output.stdout));
}

fn scratch(program: &str, name: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join(name);
    std::fs::write(&file, program).expect("the program is written");
    (folder, file)
}

const PROGRAM: &str = "\
int f(int x, int y) {
    int r = x;
    if (y > 0)
        r = r + y;
    assert(r >= x); // POST
    return r;
}
";

#[test]
fn slices_of_every_example_and_fixture_fit_the_schema() {
    for folder in ["examples", "tests/fixtures"] {
        let (document, status) = document(root(), "slices", Format::Slices, &[folder]);
        assert_eq!((document["schema"].as_str(), status), (Some("weiser.slices/1"), 0));
        let files = document["files"].as_array().expect("files");
        assert!(files.len() >= 4 && files.iter().all(|f| !f["triples"].as_array().unwrap().is_empty()));
    }
}

#[test]
fn both_protocols_give_the_same_verdicts() {
    let (folder, _) = scratch(PROGRAM, "f.c");
    for (answer, outcome, status) in [("pass", "holds", 0), ("fail", "violated", 1), ("unknown", "undecided", 3)] {
        let server = Standin::start(move |request| verdict(request, answer, &[("x", "2147483647"), ("y", "1")]));
        let openai = format!("{}/v1", server.url);
        for (oracle, url) in [("ollama:m", &server.url), ("openai:m", &openai)] {
            let (document, code) = check_json(folder.path(), &["f.c", "--oracle", oracle, "--base-url", url]);
            assert_eq!(document["files"][0]["triples"][0]["outcome"], outcome, "{oracle}");
            assert_eq!(code, status, "{oracle}");
        }
    }
}

#[test]
fn broken_answers_decide_nothing() {
    let (folder, _) = scratch(PROGRAM, "f.c");
    let server = Standin::start(|_| Act::Say(says("This is unverifiable; it may pass or fail.")));
    let (document, code) = check_json(folder.path(), &["f.c", "--oracle", "ollama:m", "--base-url", &server.url]);
    let triple = &document["files"][0]["triples"][0];
    assert_eq!((triple["outcome"].as_str(), code), (Some("undecided"), 3));
    assert_eq!(triple["answers"][0]["code"], "unparsable");
    assert!(triple["answers"][0]["raw"].as_str().is_some_and(|raw| raw.contains("unverifiable")));
}

#[test]
fn code_that_was_not_understood_never_holds() {
    let (folder, _) =
        scratch("int f(int x) {\n    int r = x;\n    r @@ = ) 3;\n    assert(r >= 0); // POST\n}\n", "f.c");
    let server = Standin::start(|request| verdict(request, "pass", &[]));
    let (document, code) = check_json(folder.path(), &["f.c", "--oracle", "ollama:m", "--base-url", &server.url]);
    let triple = &document["files"][0]["triples"][0];
    assert_eq!((triple["outcome"].as_str(), code), (Some("undecided"), 3));
    assert!(triple["limits"].as_array().is_some_and(|l| !l.is_empty()));
}

#[test]
fn a_called_function_that_was_not_understood_never_holds() {
    let program = "int g(int x) {\n    x @@ = ) 3;\n    return x;\n}\n\nint f(int x) {\n    int r = g(x);\n    assert(r >= 0); // POST\n    return r;\n}\n";
    let (folder, _) = scratch(program, "f.c");
    let server = Standin::start(|request| verdict(request, "pass", &[]));
    let (document, code) = check_json(folder.path(), &["f.c", "--oracle", "ollama:m", "--base-url", &server.url]);
    assert_eq!((document["files"][0]["triples"][0]["outcome"].as_str(), code), (Some("undecided"), 3));
}

#[test]
fn a_recording_replays_without_a_server() {
    let (folder, _) = scratch(PROGRAM, "f.c");
    let recorded = {
        let server = Standin::start(|request| verdict(request, "fail", &[("x", "1"), ("y", "2")]));
        let oracle = "record:r.jsonl=ollama:m";
        check_json(folder.path(), &["f.c", "--all", "--oracle", oracle, "--base-url", &server.url]).0
    };
    let replay = || weiser(folder.path(), &["check", "f.c", "--all", "--format", "json", "--oracle", "replay:r.jsonl"]);
    let (first, second) = (replay(), replay());
    assert_eq!(first.stdout, second.stdout, "a replay is the same, byte for byte");
    let replayed: Value = serde_json::from_slice(&first.stdout).expect("a document");
    assert_eq!(replayed["files"][0]["triples"][0]["outcome"], recorded["files"][0]["triples"][0]["outcome"]);
    assert_eq!(first.status.code(), Some(1));
}
