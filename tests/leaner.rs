//! Slices that are too long for the model: it is asked about the lean slice of the same paths, and that never lets anything hold.

mod asking;
mod standin;

use serde_json::{Value, json};
use standin::{Act, Request, Standin, status, verdict};
use std::fs;
use std::path::Path;
use std::process::Output;
use weiser::report::schema::Format;

/// Two classes matter; 60 exits share no data with Q, and fill what the model holds.
fn program() -> String {
    let exits: String =
        (1..=60).map(|i| format!("    if (quiet == {i} && loud < {i})\n        return -{i};\n")).collect();
    format!(
        "int f(int x, int quiet, int loud)\n{{\n    int y = x * 2;\n{exits}    if (x > 100)\n        y = 1;\n    assert(y < \
         300); // POST\n    return y;\n}}\n"
    )
}

/// Holds a lean question and its answer, and no exact one.
const SMALL: [&str; 2] = ["--num-ctx", "2048"];

fn scratch() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(folder.path().join("f.c"), program()).expect("the program is written");
    folder
}

fn weiser(folder: &Path, args: &[&str]) -> (String, String, i32) {
    let Output { stdout, stderr, status } = asking::weiser(folder, args).output().expect("the program starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&stdout), text(&stderr), status.code().unwrap_or(-1))
}

fn document(folder: &Path, args: &[&str]) -> (Value, i32) {
    let (out, err, code) = weiser(folder, &[&["check", "f.c", "--format", "json"], args].concat());
    let document: Value = serde_json::from_str(&out).unwrap_or_else(|e| panic!("{e} {err}"));
    valid(Format::Check, &document);
    (document, code)
}

fn valid(format: Format, document: &Value) {
    let schema: Value = serde_json::from_str(format.schema()).unwrap();
    let wrong: Vec<String> =
        jsonschema::validator_for(&schema).unwrap().iter_errors(document).map(|e| e.to_string()).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

fn triple(document: &Value) -> &Value {
    &document["files"][0]["triples"][0]
}

/// About the exact slice, with all its exits.
fn exact(request: &Request) -> bool {
    request.asks("quiet == 33")
}

fn ollama(server: &Standin) -> [String; 4] {
    ["--oracle".into(), "ollama:m".into(), "--base-url".into(), server.url.clone()]
}

fn with<'a>(base: &'a [String], more: &[&'a str]) -> Vec<&'a str> {
    base.iter().map(String::as_str).chain(more.iter().copied()).collect()
}

#[test]
fn a_lean_slice_that_passes_settles_nothing() {
    let folder = scratch();
    let server = Standin::start(|r| verdict(r, "pass", &[]));
    let base = ollama(&server);
    let (small, code) = document(folder.path(), &with(&base, &SMALL));
    assert_eq!((&triple(&small)["outcome"], code), (&json!("undecided"), 3));
    let answers = triple(&small)["answers"].as_array().unwrap();
    assert_eq!(answers.len(), 2);
    for (answer, slice) in answers.iter().zip(triple(&small)["slices"].as_array().unwrap()) {
        assert_eq!(
            [&answer["answer"], &answer["code"], &answer["slicing"]],
            [&json!("unknown"), &json!("leaner_passes"), &json!("lean")]
        );
        assert_eq!(answer["slice"], slice["id"], "it is said of the exact slice");
        assert!(answer["reason"].as_str().unwrap().contains("too long for the model"), "{answer}");
        let text = |slice: &Value| slice["text"].as_str().unwrap().to_owned();
        let (lean, exact) = (text(&answer["leaner"]), text(slice));
        assert!(exact.contains("quiet == 33") && !lean.contains("quiet =="), "{lean}");
        // The same class: the same side of the branch that matters.
        for side in ["assume(x > 100)", "assume(!(x > 100))"] {
            assert_eq!(exact.contains(side), lean.contains(side), "{exact}\n{lean}");
        }
        assert_ne!(answer["leaner"]["id"], slice["id"]);
    }
    assert!(server.questions().iter().all(|r| !exact(r)), "what doesn't fit isn't sent");
    assert_eq!(server.questions().len(), 2);
    // A model that holds the exact slices is asked about those, and nothing is lean.
    let (large, code) = document(folder.path(), &with(&base, &["--num-ctx", "16384"]));
    assert_eq!((&triple(&large)["outcome"], code), (&json!("holds"), 0));
    assert!(!large.to_string().contains("lean"));
    // `--all`, votes, a probe and a stronger model of the same size change nothing.
    let more = ["--all", "--votes", "3", "--probe", "--escalate", "ollama:n", "--strict=false"];
    let (voted, code) = document(folder.path(), &with(&base, &[&SMALL[..], &more].concat()));
    assert_eq!((&triple(&voted)["outcome"], code), (&json!("undecided"), 3));
    assert!(triple(&voted)["answers"].as_array().unwrap().iter().all(|a| a["code"] == "leaner_passes"));
    assert_eq!(triple(&voted)["answers"][0]["ballots"][0]["slicing"], "lean");
}

#[test]
fn a_lean_slice_that_fails_is_a_claim_that_says_so() {
    let folder = scratch();
    let server = Standin::start(|r| {
        let fails = r.asks("assume(!(x > 100))") || r.asks("it is a fail");
        verdict(r, if fails { "fail" } else { "pass" }, &[("x", "3"), ("quiet", "0"), ("loud", "0")])
    });
    let base = ollama(&server);
    let (claimed, code) = document(folder.path(), &with(&base, &[&SMALL[..], &["--all"]].concat()));
    let found = triple(&claimed);
    assert_eq!((&found["outcome"], &found["confidence"], code), (&json!("violated"), &json!("claimed"), 1));
    let failing = found["answers"].as_array().unwrap().iter().find(|a| a["answer"] == "fail").unwrap();
    assert_eq!((&failing["slicing"], &failing["slice"]), (&json!("lean"), &found["least_failing"]));

    let (told, ..) = weiser(folder.path(), &[&["check", "f.c", "-v"], &with(&base, &SMALL)[..]].concat());
    assert!(told.contains("lean slice: a slice is too long for the model"), "{told}");
    assert!(told.contains("assume(!(x > 100))") && !told.contains("quiet =="), "the lean slice is shown: {told}");

    // Its inputs are run like any other's, and these don't fail.
    let confirm = ["--confirm", "--unprotected"];
    let (run, code) = document(folder.path(), &with(&base, &[&SMALL[..], &["--all"], &confirm].concat()));
    let answers = triple(&run)["answers"].as_array().unwrap();
    if answers.iter().any(|a| a["code"] == "not_runnable") {
        eprintln!("no C compiler: what is claimed was not run");
        return;
    }
    assert_eq!((&triple(&run)["outcome"], code), (&json!("undecided"), 3), "{run:#}");
    assert!(answers.iter().any(|a| a["answer"] == "fail-unconfirmed" && a["slicing"] == "lean"), "{answers:#?}");
}

#[test]
fn what_is_lean_already_or_still_too_long_is_not_asked() {
    let folder = scratch();
    let server = Standin::start(|r| verdict(r, "pass", &[]));
    let base = ollama(&server);
    for more in [&["--num-ctx", "800"][..], &["--num-ctx", "800", "--slicing", "lean"]] {
        let (document, code) = document(folder.path(), &with(&base, more));
        let answers = triple(&document)["answers"].as_array().unwrap();
        assert!(answers.iter().all(|a| a["code"] == "too_long" && a.get("leaner").is_none()), "{answers:#?}");
        assert_eq!(code, 3);
    }
    assert_eq!(server.questions().len(), 0);
}

#[test]
fn a_server_that_finds_a_question_too_long_is_asked_a_shorter_one() {
    let folder = scratch();
    let server = Standin::start(|r| match exact(r) {
        true => status(400, r#"{"error":{"message":"too long","code":"context_length_exceeded"}}"#),
        false => verdict(r, "pass", &[]),
    });
    let url = format!("{}/v1", server.url);
    let recorded = "record:answers.jsonl=openai:m";
    let (live, code) = document(folder.path(), &["--oracle", recorded, "--base-url", &url, "--save", "run"]);
    assert_eq!(code, 3);
    assert!(triple(&live)["answers"].as_array().unwrap().iter().all(|a| a["code"] == "leaner_passes"), "{live:#}");
    let asked = server.questions().len();

    // The recording gives the same again, without a server.
    let (again, code) = document(folder.path(), &["--oracle", "replay:answers.jsonl"]);
    assert_eq!((&triple(&again)["answers"], code), (&triple(&live)["answers"], 3));
    assert_eq!(server.questions().len(), asked);
    // One that knows of no lean question says that the exact ones are too long.
    let recorded = fs::read_to_string(folder.path().join("answers.jsonl")).unwrap();
    let old: Vec<&str> = recorded.lines().filter(|line| !line.contains("\"reply\":")).collect();
    fs::write(folder.path().join("old.jsonl"), old.join("\n") + "\n").unwrap();
    let (old, code) = document(folder.path(), &["--oracle", "replay:old.jsonl"]);
    let answers = triple(&old)["answers"].as_array().unwrap();
    assert!(code == 3 && answers.iter().all(|a| a["code"] == "too_long" && a.get("leaner").is_none()), "{old:#}");

    // The record has what was really asked, and so have its reports.
    let line = fs::read_to_string(folder.path().join("run/triples.jsonl")).unwrap();
    let line: Value = serde_json::from_str(line.lines().next().unwrap()).unwrap();
    valid(Format::Run, &line);
    let answer = &line["triple"]["answers"][0];
    let prompt = line["prompts"].as_array().unwrap().iter().find(|p| p["slice"] == answer["leaner"]["id"]).unwrap();
    let sent = server.questions().iter().any(|r| prompt["user"].as_str().is_some_and(|user| r.user() == user));
    assert!(sent, "{prompt:#}");
    for format in ["html", "sarif", "json", "junit", "md", "gcc"] {
        let (out, err, code) = weiser(folder.path(), &["report", "run", "--format", format]);
        assert_eq!(code, 0, "{err}");
        let out = out.replace("leaner\\_passes", "leaner_passes");
        assert!(out.contains("leaner_passes") && !out.contains("outcome\": \"holds"), "{format}: {out}");
    }
    let (story, err, code) = weiser(folder.path(), &["trace", "run"]);
    assert_eq!(code, 0, "{err}");
    let story: Value = serde_json::from_str(story.lines().next().unwrap()).unwrap();
    assert!(!story["slice"].as_str().unwrap().contains("quiet =="), "{story:#}");
}

#[test]
fn a_batch_asks_the_shorter_question_in_its_next_round() {
    let folder = scratch();
    let export = ["batch", "export", "f.c", "--oracle", "openai:m", "--to", "run", "--format", "json"];
    let round = |wanted: u64| -> Vec<Value> {
        let (out, err, _) = weiser(folder.path(), &export);
        let exported: Value = serde_json::from_str(&out).unwrap_or_else(|e| panic!("{e} {err}"));
        assert_eq!(exported["questions"].as_u64(), Some(wanted), "{exported:#}");
        let names = exported["files"].as_array().unwrap().iter().map(|f| folder.path().join(f.as_str().unwrap()));
        let text: String = names.map(|path| fs::read_to_string(path).unwrap()).collect();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    let import = |name: &str, results: Vec<Value>| -> (Value, i32) {
        let lines: Vec<String> = results.iter().map(Value::to_string).collect();
        fs::write(folder.path().join(name), lines.join("\n")).unwrap();
        let (out, err, code) = weiser(folder.path(), &["batch", "import", "run", name, "--format", "json"]);
        (serde_json::from_str(&out).unwrap_or_else(|e| panic!("{e} {err}")), code)
    };
    let failed = |question: &Value| {
        let error = json!({"message": "This model's maximum context length is 2048 tokens."});
        json!({"custom_id": question["custom_id"], "response": {"status_code": 400, "body": {"error": error}}})
    };
    let (told, _) = import("first.jsonl", round(2).iter().map(failed).collect());
    assert_eq!((&told["open"], told["errors"].as_array().map(Vec::len)), (&json!(0), Some(2)), "{told:#}");
    let second = round(2);
    assert!(second.iter().all(|q| !q.to_string().contains("quiet ==")), "{second:#?}");
    let passed = |question: &Value| {
        let path = "/v1/chat/completions".to_string();
        let request = Request { path, headers: vec![], body: question["body"].clone(), number: 0 };
        let Act::Say(says) = verdict(&request, "pass", &[]) else { panic!("it says something") };
        let usage = json!({"prompt_tokens": 700, "completion_tokens": 20});
        let choice = json!({"message": {"role": "assistant", "content": says.text}, "finish_reason": "stop"});
        let body = json!({"model": "m", "choices": [choice], "usage": usage});
        json!({"custom_id": question["custom_id"], "response": {"status_code": 200, "body": body}})
    };
    let (told, code) = import("second.jsonl", second.iter().map(passed).collect());
    assert_eq!((&told["open"], code), (&json!(0), 0), "{told:#}");
    let (offline, code) = document(folder.path(), &["--oracle", "replay:run/answers.jsonl"]);
    assert_eq!(code, 3);
    assert!(
        triple(&offline)["answers"].as_array().unwrap().iter().all(|a| a["code"] == "leaner_passes"),
        "{offline:#}"
    );
    round(0);
}
