use super::*;
use crate::prompt::{Style, sample};
use serde_json::{Value, json};

fn question(slice: &str) -> Question {
    Question::new(sample(slice, Style::default()), 0, 0)
}

fn ask(oracle: &dyn Oracle, slice: &str) -> Result<Reply, OracleError> {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(oracle.ask(&question(slice)))
}

fn export(folder: &Path, slices: &[&str], limits: FileLimits) -> Exported {
    let (export, note) = Export::open(folder, "m", 100, Without::default(), limits).unwrap();
    assert_eq!(note, None);
    for slice in slices {
        let _ = ask(&export, slice);
    }
    export.finish().unwrap()
}

fn lines(path: &Path) -> Vec<Value> {
    fs::read_to_string(path).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn answer(slice: &str, text: &str) -> Value {
    let usage = json!({"prompt_tokens": 400, "completion_tokens": 5});
    let body =
        json!({"model": "m-1", "choices": [{"message": {"content": text}, "finish_reason": "stop"}], "usage": usage});
    json!({"id": "r", "custom_id": question(slice).hash, "response": {"status_code": 200, "body": body}, "error": null})
}

fn results(folder: &Path, name: &str, lines: &[String]) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, lines.join("\n")).unwrap();
    path
}

#[test]
fn files_are_split_by_lines_and_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let slices: Vec<String> = (0..5).map(|n| format!("slice {n}")).collect();
    let slices: Vec<&str> = slices.iter().chain(&slices).map(String::as_str).collect();
    let by_lines = export(folder.path(), &slices, FileLimits { lines: 2, ..FileLimits::default() });
    assert_eq!((by_lines.questions, by_lines.files.len(), by_lines.round), (5, 3, 1));
    let all: Vec<Value> = by_lines.files.iter().flat_map(|f| lines(f)).collect();
    assert_eq!((all.len(), &all[0]["custom_id"]), (5, &Value::from(question("slice 0").hash)));
    assert_eq!((&all[0]["method"], &all[0]["url"]), (&json!("POST"), &json!("/v1/chat/completions")));
    let length = fs::metadata(&by_lines.files[2]).unwrap().len();
    let by_bytes = export(folder.path(), &slices, FileLimits { bytes: 2 * length + 1, ..FileLimits::default() });
    assert_eq!((by_bytes.files.len(), by_bytes.round), (3, 2));
    assert!(by_bytes.files.iter().all(|f| fs::metadata(f).unwrap().len() <= 2 * length + 1));
}

#[test]
fn results_come_in_any_order_in_parts_twice_and_with_errors() {
    let folder = tempfile::tempdir().unwrap();
    export(folder.path(), &["a", "b", "c", "d"], FileLimits::default());
    let failed = json!({"custom_id": question("b").hash, "response": {"status_code": 429, "body": {"error": {"message": "slow down"}}}});
    let expired = json!({"custom_id": question("c").hash, "response": null, "error": {"code": "batch_expired", "message": "late"}});
    let first = [
        answer("d", "of d").to_string(),
        answer("a", "of a").to_string(),
        failed.to_string(),
        "{\"custom_id\": 7".into(),
        json!({"custom_id": "nobody's", "response": null}).to_string(),
        expired.to_string(),
        answer("a", "another").to_string(),
        String::new(),
    ];
    let (imported, _) = import(folder.path(), &[results(folder.path(), "r1", &first)]).unwrap();
    assert_eq!((imported.answers, imported.duplicates, imported.strangers, imported.open), (2, 1, 1, 2));
    let mut messages: Vec<&str> = imported.errors.iter().map(|(_, message)| message.as_str()).collect();
    messages.sort_unstable();
    assert_eq!(messages, ["HTTP 429: slow down", "late"]);
    assert!(imported.unreadable.len() == 1 && imported.unreadable[0].contains("r1:4: "), "{:?}", imported.unreadable);

    let (replay, _) = Replay::open(&folder.path().join(ANSWERS)).unwrap();
    let reply = ask(&replay, "a").unwrap();
    assert_eq!((reply.text.as_str(), reply.model.as_str(), reply.tokens_in), ("of a", "m-1", 400));
    assert_eq!(ask(&replay, "b").unwrap_err().code(), "server");
    assert_eq!(ask(&replay, "e").unwrap_err().code(), "not_recorded");

    // What failed is asked again, and an error that comes late takes no reply away.
    let again = export(folder.path(), &["a", "b", "c", "d", "e"], FileLimits::default());
    let ids: Vec<Value> = lines(&again.files[0]).into_iter().map(|line| line["custom_id"].clone()).collect();
    assert_eq!(ids, ["b", "c", "e"].map(|slice| Value::from(question(slice).hash)));
    let second =
        [failed.to_string(), answer("b", "of b").to_string(), failed.to_string(), answer("e", "of e").to_string()];
    let (imported, _) = import(folder.path(), &[results(folder.path(), "r2", &second)]).unwrap();
    assert_eq!((imported.answers, imported.errors.len(), imported.duplicates, imported.open), (2, 0, 1, 1));
    let (replay, _) = Replay::open(&folder.path().join(ANSWERS)).unwrap();
    assert_eq!(ask(&replay, "b").unwrap().text, "of b");
}

#[test]
fn a_prompt_that_may_have_been_cut_is_told_as_such() {
    let folder = tempfile::tempdir().unwrap();
    let long = "x = y + 1;\n".repeat(2000);
    export(folder.path(), &[&long], FileLimits::default());
    let path = results(folder.path(), "r", &[answer(&long, "Verdict: PASS").to_string()]);
    import(folder.path(), &[path]).unwrap();
    let (replay, _) = Replay::open(&folder.path().join(ANSWERS)).unwrap();
    assert!(ask(&replay, &long).unwrap().prompt_cut, "400 tokens were counted of some thousands");
}

#[test]
fn a_folder_without_questions_is_no_batch() {
    let folder = tempfile::tempdir().unwrap();
    assert!(import(folder.path(), &[]).unwrap_err().to_string().contains("no questions are here"));
    export(folder.path(), &["a"], FileLimits::default());
    import(folder.path(), &[]).unwrap();
    let other = Export::open(folder.path(), "other", 1, Without::default(), FileLimits::default()).err().unwrap();
    assert!(other.to_string().contains("answers of openai:m"), "{other}");
}

#[test]
fn what_a_server_may_not_know_can_be_left_out() {
    let question = Question { prompt: question("a").prompt.extract("so it is"), ..question("a") };
    let of = |without| serde_json::from_str::<Value>(&batch_line("m", &question, 9, without).unwrap()).unwrap();
    let body = &of(Without::default())["body"];
    assert!(body["temperature"].is_number() && body["seed"].is_number() && body["response_format"].is_object());
    assert_eq!(body["max_completion_tokens"], 9);
    let body = &of(Without { temperature: true, seed: true, schema: true })["body"];
    assert!(body["temperature"].is_null() && body["seed"].is_null() && body["response_format"].is_null());
    let text = batch_line("m", &question, 9, Without::default()).unwrap();
    let at = |name: &str| text.find(&format!("\"{name}\":{{")).unwrap();
    assert!(at("reason") < at("verdict") && at("verdict") < at("counterexample"), "{text}");
}
