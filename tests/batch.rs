//! Batches from the command line: rounds of questions in files, results in any order, and the verdicts of a live run.

mod asking;
mod standin;

use serde_json::{Value, json};
use standin::{Act, Request, Standin, verdict};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

const PROGRAM: &str = "\
int f(int a, int b) {
    int r = 0;
    if (a > 0)
        r = r + 1;
    if (b > 0)
        r = r - 2;
    assert(r >= 0); // POST
    return r;
}
";

fn scratch() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(folder.path().join("f.c"), PROGRAM).expect("the program is written");
    folder
}

fn weiser(folder: &Path, args: &[&str]) -> Output {
    asking::weiser(folder, args).output().expect("the program starts")
}

/// Standard output; panics on another status.
fn run(folder: &Path, status: i32, args: &[&str]) -> String {
    let output = weiser(folder, args);
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(status), "{args:?}\n{out}\n{err}");
    out.into_owned()
}

fn document(folder: &Path, status: i32, args: &[&str]) -> Value {
    use weiser::report::schema::Format;
    let document: Value = serde_json::from_str(&run(folder, status, args)).expect("a document");
    let format = if args[0] == "batch" { Format::Batch } else { Format::Check };
    let schema: Value = serde_json::from_str(format.schema()).expect("the schema is JSON");
    assert!(jsonschema::validator_for(&schema).expect("the schema is one").is_valid(&document), "{document}");
    document
}

/// The path with `b > 0` fails, and so does reasoning about it.
fn model(request: &Request) -> Act {
    let fails = request.asks("assume(b > 0)") || request.asks("it is a fail");
    verdict(request, if fails { "fail" } else { "pass" }, &[("a", "0"), ("b", "1")])
}

/// What a batch service makes of a file of questions: a line each.
fn answered(requests: &Path) -> Vec<String> {
    let lines = fs::read_to_string(requests).unwrap();
    let answer = |line: &str| {
        let question: Value = serde_json::from_str(line).unwrap();
        assert_eq!((&question["method"], &question["url"]), (&json!("POST"), &json!("/v1/chat/completions")));
        let path = "/v1/chat/completions".to_string();
        let request = Request { path, headers: vec![], body: question["body"].clone(), number: 0 };
        let Act::Say(says) = model(&request) else { panic!("it says something") };
        let counted = weiser::prompt::tokens(request.system()) + weiser::prompt::tokens(request.user()) + 12;
        let usage = json!({"prompt_tokens": counted, "completion_tokens": weiser::prompt::tokens(&says.text)});
        let message = json!({"role": "assistant", "content": says.text});
        let body =
            json!({"model": "test-model", "choices": [{"message": message, "finish_reason": "stop"}], "usage": usage});
        let response = json!({"status_code": 200, "request_id": "r", "body": body});
        json!({"id": "b", "custom_id": question["custom_id"], "response": response, "error": null}).to_string()
    };
    lines.lines().map(answer).collect()
}

fn files(export: &Value) -> Vec<PathBuf> {
    export["files"].as_array().unwrap().iter().map(|f| PathBuf::from(f.as_str().unwrap())).collect()
}

const EXPORT: [&str; 9] = ["batch", "export", "f.c", "--oracle", "openai:m", "--to", "run", "--format", "json"];

#[test]
fn a_batch_ends_in_the_verdicts_of_a_live_run() {
    let folder = scratch();
    let at = |name: &str| folder.path().join(name);
    let first = document(folder.path(), 0, &[&EXPORT[..], &["--lines", "3"]].concat());
    assert_eq!((&first["round"], &first["questions"]), (&json!(1), &json!(4)));
    let requests = files(&first);
    assert_eq!(requests.len(), 2);

    // Some of it, backwards, one twice, one an error, one line torn.
    let mut lines: Vec<String> = requests.iter().flat_map(|f| answered(&at(f.to_str().unwrap()))).collect();
    lines.reverse();
    let late = lines.split_off(2);
    let id = serde_json::from_str::<Value>(&late[0]).unwrap()["custom_id"].clone();
    let error = json!({"custom_id": id, "response": {"status_code": 500, "body": {"error": {"message": "oops"}}}});
    let part = [&lines[..], &[lines[0].clone(), error.to_string(), "{\"custom".into()]].concat();
    fs::write(at("part.jsonl"), part.join("\n")).unwrap();
    let imported = document(folder.path(), 3, &["batch", "import", "run", "part.jsonl", "--format", "json"]);
    assert_eq!((&imported["answers"], &imported["duplicates"], &imported["open"]), (&json!(2), &json!(1), &json!(2)));
    assert_eq!(
        (&imported["errors"][0]["message"], imported["unreadable"].as_array().unwrap().len()),
        (&json!("HTTP 500: oops"), 1)
    );
    let open = document(
        folder.path(),
        1,
        &["check", "f.c", "--all", "--format", "json", "--oracle", "replay:run/answers.jsonl"],
    );
    // A recorded error is told as it was; what never came is its own outcome. The failure stands without its inputs.
    let answers = open["files"][0]["triples"][0]["answers"].as_array().unwrap();
    let codes: Vec<&str> = answers.iter().filter_map(|a| a["code"].as_str()).collect();
    assert!(codes.contains(&"server") && codes.contains(&"not_recorded"), "{codes:?}");

    fs::write(at("late.jsonl"), late.join("\n")).unwrap();
    run(folder.path(), 0, &["batch", "import", "run", "late.jsonl"]);
    // The second phase asks for the inputs of what failed, and nothing else.
    let second = document(folder.path(), 0, &EXPORT);
    // Two slices fail for the same reason, in the same words: that is one question.
    assert_eq!((&second["round"], &second["questions"]), (&json!(2), &json!(1)));
    let lines = answered(&at(files(&second)[0].to_str().unwrap()));
    fs::write(at("second.jsonl"), lines.join("\n")).unwrap();
    run(folder.path(), 0, &["batch", "import", "run", "second.jsonl"]);
    let third = run(folder.path(), 0, &EXPORT[..7]);
    assert!(third.starts_with("nothing is left to ask"), "{third}");

    let server = Standin::start(model);
    let url = format!("{}/v1", server.url);
    let all = ["check", "f.c", "--all", "--format", "json"];
    let live = document(folder.path(), 1, &[&all[..], &["--oracle", "openai:m", "--base-url", &url]].concat());
    let offline = document(folder.path(), 1, &[&all[..], &["--oracle", "replay:run/answers.jsonl"]].concat());
    let told = |document: &Value| {
        let triple = &document["files"][0]["triples"][0];
        let answers = triple["answers"].as_array().unwrap().iter();
        let answers: Vec<Value> = answers
            .map(|a| json!([a["slice"], a["answer"], a["reason"], a["counterexample"], a["origin"], a["tokens_in"]]))
            .collect();
        (triple["outcome"].clone(), triple["least_failing"].clone(), answers)
    };
    assert_eq!(told(&live), told(&offline));
    assert_eq!(told(&offline).0, "violated");
}

#[test]
fn votes_come_in_rounds() {
    let folder = scratch();
    let votes = [&EXPORT[..], &["--votes", "3"]].concat();
    let first = document(folder.path(), 0, &votes);
    assert_eq!(first["questions"], 8, "two votes can settle a slice, so two are asked");
    let seeds: Vec<Value> = fs::read_to_string(folder.path().join(&files(&first)[0]))
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["body"]["seed"].clone())
        .collect();
    assert!(seeds.contains(&json!(0)) && seeds.contains(&json!(1)) && !seeds.contains(&json!(2)));
}

#[test]
fn wrong_usage_is_said() {
    let folder = scratch();
    let said = |args: &[&str]| {
        let output = weiser(folder.path(), args);
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let export = |oracle: &'static str| said(&["batch", "export", "f.c", "--to", "x", "--oracle", oracle]);
    assert!(export("ollama:m").contains("--oracle openai:MODEL"));
    assert!(export("nobody").contains("names no oracle"));
    assert!(said(&["batch", "import", "nowhere", "f.c"]).contains("nowhere"));
    assert!(said(&[&EXPORT[..], &["--oracle", "openai:n"]].concat()).contains("one model"));
}
