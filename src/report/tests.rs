mod fidelity;
mod formats;
mod models;

use super::estimate::Tally;
use super::files::{Files, NotKept};
use super::fixtures::*;
use super::schema::Format;
use super::terminal::{Detail, check, notes, safe, slices};
use super::wire::{self, Document};
use super::{CheckedFile, InputError, overall, strict};
use crate::verdict::Outcome;
use serde_json::{Value, json};

fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}

fn errors() -> Vec<InputError> {
    vec![InputError { path: "gone.c".into(), message: "no such file".into() }]
}

fn slices_document() -> String {
    let mut files = Files::new().unwrap();
    files.push(&file(vec![triple(), vacuous()]), None).unwrap();
    whole(files, &wire::slices("o200k_base", &errors(), None))
}

fn check_document() -> String {
    let mut files = Files::new().unwrap();
    let checked = checked();
    checked.iter().for_each(|f| files.push(&f.analysis, Some(&f.verdicts)).unwrap());
    let outcomes = checked.iter().flat_map(|f| f.verdicts.iter().map(|v| v.outcome));
    whole(files, &wire::check("o200k_base", &choice(), overall(outcomes), &errors(), None))
}

fn whole(files: Files, document: &Document) -> String {
    let mut text = String::new();
    let print = |piece: &str| -> Result<(), NotKept> {
        text.push_str(piece);
        Ok(())
    };
    files.finish(document, print).unwrap();
    text
}

fn value(document: &str) -> Value {
    serde_json::from_str(document).unwrap()
}

/// What comes in pieces is what serde_json prints of the whole, whatever the number of files and what stands in them.
#[test]
fn a_document_in_pieces_is_a_document() {
    for count in [0, 1, 2, 40] {
        let mut files = Files::new().unwrap();
        for n in 0..count {
            let mut one = file(vec![triple(), vacuous()]);
            one.path = format!("{n}\n  \"files\": [\u{2028}.c");
            one.triples[0].slices[0].rendered.text = "int x;\n".repeat(n * 500);
            files.push(&one, None).unwrap();
        }
        let told = [InputError { path: "\n  \"files\": [".into(), message: "\n    ],".into() }];
        let text = whole(files, &wire::slices("o200k\n  \"files\": [", &told, None));
        let value: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value["files"].as_array().map(Vec::len), Some(count));
        // Keys may stand in another order, and a line's comma with it.
        let lines = |text: &str| {
            let mut lines: Vec<String> = text.lines().map(|line| line.trim_end_matches(',').to_owned()).collect();
            lines.sort();
            lines
        };
        assert_eq!(lines(&text), lines(&serde_json::to_string_pretty(&value).unwrap()));
        assert!(text.ends_with("\n}\n") && value["tokenizer"].as_str().is_some_and(|t| t.contains("files")));
    }
}

fn schema(format: Format) -> Value {
    serde_json::from_str(format.schema()).unwrap()
}

fn problems(format: Format, document: &Value) -> Vec<String> {
    let validator = jsonschema::draft202012::new(&schema(format)).unwrap();
    validator.iter_errors(document).map(|e| format!("{}: {e}", e.instance_path())).collect()
}

#[test]
fn slices_as_json() {
    insta::assert_snapshot!(slices_document());
}

#[test]
fn check_as_json() {
    insta::assert_snapshot!(check_document());
}

#[test]
fn documents_follow_their_schemas() {
    assert_eq!(problems(Format::Slices, &value(&slices_document())), Vec::<String>::new());
    assert_eq!(problems(Format::Check, &value(&check_document())), Vec::<String>::new());
}

#[test]
fn schemas_are_schemas() {
    for format in
        [Format::Slices, Format::Check, Format::Fidelity, Format::Models, Format::Index, Format::Run, Format::Report]
    {
        assert!(jsonschema::meta::is_valid(&schema(format)), "{format:?}");
    }
}

/// The example of the format's description, field for field.
#[test]
fn the_published_examples_follow_the_schemas() {
    let triple = json!({"id": "9f2c", "entry": {"function": "f", "line": 1},
        "pre": [{"text": "len(value) > 0", "kind": "code", "line": 2}],
        "post": {"text": "abs(res) <= 1", "kind": "code", "line": 17, "at": "point"},
        "criterion": ["res"], "program_tokens": 430, "classes": {"asked": 6, "total": 6, "complete": true},
        "slices": [{"id": "ab12", "kind": "class", "tokens": 69, "prompt_tokens": 412, "text": "def f(value): ...",
            "kept": [[1, 2], [5, 6]], "assumptions": [{"line": 3, "text": "value.count('.') != 1"}]}]});
    let document = |schema: &str, triple: Value| {
        json!({"schema": schema, "weiser": "0.1.0", "tokenizer": "o200k_base",
            "files": [{"path": "examples/f.py", "language": "python",
                "diagnostics": [{"severity": "warning", "line": 3, "message": "..."}], "triples": [triple]}]})
    };
    assert_eq!(problems(Format::Slices, &document("weiser.slices/1", triple.clone())), Vec::<String>::new());
    let verdict = json!({"outcome": "violated", "confidence": "claimed", "least_failing": "ab12",
        "answers": [{"slice": "ab12", "answer": "fail", "reason": "...", "counterexample": {"value": "2.5"},
            "origin": {"oracle": "ollama", "model": "llama3.1:8b", "digest": "..."},
            "votes": {"pass": 1, "fail": 4, "unknown": 0}, "tokens_in": 412, "tokens_out": 96, "ms": 1840, "cached": false}],
        "cost": {"questions": 3, "tokens_in": 1236, "tokens_out": 310, "baseline_tokens_in": 812}});
    let mut checked = triple;
    checked.as_object_mut().unwrap().extend(verdict.as_object().unwrap().clone());
    assert_eq!(problems(Format::Check, &document("weiser.check/1", checked)), Vec::<String>::new());
}

#[test]
fn a_broken_document_is_rejected() {
    let good = value(&check_document());
    let breaks: [(&str, Value); 9] = [
        ("/schema", json!("weiser.check/2")),
        ("/files/0/triples/0/outcome", json!("fine")),
        ("/files/0/triples/0/least_failing", Value::Null),
        ("/files/0/triples/0/answers/0/code", Value::Null),
        ("/files/0/triples/0/answers/1/answer", json!("error")),
        ("/files/0/triples/0/slices/0/kept/0", json!([1, 2, 3])),
        ("/files/0/triples/0/slices/0/lines/0", json!(0)),
        ("/files/0/triples/0/id", json!("not a hash")),
        ("/files/0/diagnostics/0/line", json!(-1)),
    ];
    for (at, wrong) in breaks {
        let mut broken = good.clone();
        *broken.pointer_mut(at).expect(at) = wrong;
        assert!(!problems(Format::Check, &broken).is_empty(), "{at}");
    }
}

/// Each field that a version guarantees is demanded: a document without it is rejected.
#[test]
fn a_missing_field_is_rejected() {
    let good = value(&check_document());
    let added = ["diagnostics", "lines", "params", "errors", "oracle", "note", "raw", "counterexample"];
    for (at, optional) in [
        ("", vec!["outcome"]),
        ("/files/0", vec![]),
        ("/files/0/triples/0", vec!["whole", "vacuous", "limits", "slicing", "baseline_prompt_tokens"]),
        ("/files/0/triples/0/slices/0", vec!["classes"]),
        ("/files/0/triples/0/answers/0", vec!["asked"]),
        ("/files/0/triples/0/cost", vec![]),
    ] {
        for field in good.pointer(at).unwrap().as_object().unwrap().keys() {
            let guaranteed = field == "diagnostics" && at == "/files/0";
            if !guaranteed && (added.contains(&field.as_str()) || optional.contains(&field.as_str())) {
                continue;
            }
            let mut broken = good.clone();
            broken.pointer_mut(at).unwrap().as_object_mut().unwrap().remove(field);
            assert!(!problems(Format::Check, &broken).is_empty(), "{at}/{field}");
        }
    }
}

/// What both formats share is described in the same words.
#[test]
fn schemas_agree_on_what_they_share() {
    let (slices, check) = (schema(Format::Slices), schema(Format::Check));
    for (name, definition) in slices["$defs"].as_object().unwrap() {
        if name != "triple" {
            assert_eq!(definition, &check["$defs"][name], "{name}");
        }
    }
    for (name, property) in slices["$defs"]["triple"]["properties"].as_object().unwrap() {
        assert_eq!(property, &check["$defs"]["triple"]["properties"][name], "{name}");
    }
}

#[test]
fn slices_for_people() {
    let analysis = file(vec![triple(), vacuous()]);
    let mut tally = Tally::default();
    tally.add(&analysis);
    let text = slices::file(&analysis, Detail::Normal) + &slices::summary(&tally);
    insta::assert_snapshot!(plain(&text));
}

#[test]
fn slices_in_short() {
    insta::assert_snapshot!(plain(&slices::file(&file(vec![triple(), vacuous()]), Detail::Quiet)));
}

fn check_text(files: &[CheckedFile], detail: Detail) -> String {
    let mut out = check::oracle(&choice());
    for file in files {
        for (triple, verdict) in file.analysis.triples.iter().zip(&file.verdicts) {
            out.push('\n');
            out.push_str(&check::triple(&file.analysis.path, triple, verdict, detail));
        }
    }
    out + &check::summary(files)
}

#[test]
fn check_for_people() {
    insta::assert_snapshot!(plain(&check_text(&checked(), Detail::Normal)));
}

#[test]
fn check_in_short() {
    insta::assert_snapshot!(plain(&check_text(&checked(), Detail::Quiet)));
}

#[test]
fn check_in_full() {
    insta::assert_snapshot!(plain(&check_text(&checked()[..1], Detail::Verbose)));
}

#[test]
fn colours() {
    let mut files = checked();
    files[0].analysis.triples.truncate(1);
    files[0].verdicts.truncate(1);
    insta::assert_snapshot!(check_text(&files, Detail::Quiet).replace('\u{1b}', "\\e"));
}

#[test]
fn diagnostics_as_compilers_write_them() {
    insta::assert_snapshot!(plain(&notes::file(&file(vec![triple(), triple()]), Detail::Verbose)), @r"
    examples/f.py: info: 12 functions
    examples/f.py:3: warning: 64 of the classes are asked one by one, all others as one remainder
    examples/f.py:9: warning: not understood: kept as it is
    ");
    assert_eq!(notes::file(&file(vec![triple()]), Detail::Quiet), "");
}

#[test]
fn nothing_moves_the_cursor() {
    assert_eq!(safe("a\u{1b}[2Jb\tc\nd\r\u{202e}"), "a\\u{1b}[2Jb\tc\nd\\u{d}\\u{202e}");
    assert!(!plain(&check_text(&checked(), Detail::Verbose)).contains('\u{1b}'));
}

#[test]
fn one_violation_decides_a_run() {
    use Outcome::{Holds, Undecided, Violated};
    assert_eq!(overall([Holds, Holds]), Holds);
    assert_eq!(overall([Undecided, Violated, Holds]), Violated);
    assert_eq!(overall([Holds, Undecided]), Undecided);
    assert_eq!(overall([]), Undecided);
}

#[test]
fn strict_takes_back_what_holds_vacuously() {
    assert_eq!(strict(&vacuous(), nothing_asked()).outcome, Outcome::Undecided);
    assert_eq!(strict(&triple(), holds()).outcome, Outcome::Holds);
    assert_eq!(strict(&triple(), violated()).outcome, Outcome::Violated);
}
