//! Reports of a recorded run: what each form says, that it is what its readers take it for, and that nobody's words get out
//! of their place.

use super::problems;
use crate::report::fixtures::record;
use crate::report::formats::{ReportFormat, report};
use crate::report::record::{End, Record, hash};
use crate::report::schema::Format;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::sync::LazyLock;

const ALL: [ReportFormat; 6] = [
    ReportFormat::Html,
    ReportFormat::Sarif,
    ReportFormat::Json,
    ReportFormat::Junit,
    ReportFormat::Md,
    ReportFormat::Gcc,
];

fn whole() -> Record {
    let end = Some(End { outcome: "violated".into(), triples: 5, spent: None });
    Record { end, errors: vec![], ..record() }
}

#[test]
fn for_an_editor() {
    insta::assert_snapshot!(report(&record(), ReportFormat::Gcc));
}

#[test]
fn for_a_pull_request() {
    insta::assert_snapshot!(report(&record(), ReportFormat::Md));
}

#[test]
fn for_a_build_server() {
    insta::assert_snapshot!(report(&record(), ReportFormat::Junit));
}

#[test]
fn for_a_code_host() {
    insta::assert_snapshot!(report(&record(), ReportFormat::Sarif));
}

fn sarif(record: &Record) -> Value {
    serde_json::from_str(&report(record, ReportFormat::Sarif)).unwrap()
}

static SARIF: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
    let schema = include_str!("../../../tests/sarif/sarif-schema-2.1.0.json");
    let mut schema: Value = serde_json::from_str(schema).unwrap();
    // Its pattern for languages, which weiser doesn't give, is no regular expression to a strict reader.
    for of in ["run", "toolComponent"] {
        let language = schema.pointer_mut(&format!("/definitions/{of}/properties/language")).unwrap();
        language.as_object_mut().unwrap().remove("pattern");
    }
    jsonschema::draft7::options().should_validate_formats(true).build(&schema).unwrap()
});

fn sarif_problems(log: &Value) -> Vec<String> {
    SARIF.iter_errors(log).map(|e| format!("{}: {e}", e.instance_path())).collect()
}

#[test]
fn sarif_follows_its_schema() {
    for record in [record(), whole(), hostile()] {
        assert_eq!(sarif_problems(&sarif(&record)), Vec::<String>::new());
    }
    let mut broken = sarif(&record());
    broken["runs"][0]["results"][0]["level"] = json!("dreadful");
    assert_eq!(sarif_problems(&broken).len(), 1);
}

#[test]
fn fingerprints_survive_moved_lines() {
    let before = whole();
    let mut after = before.clone();
    for line in &mut after.triples {
        line.triple.post.line += 7;
        line.triple.entry.line += 7;
        for slice in &mut line.triple.slices {
            slice.lines.iter_mut().flatten().for_each(|n| *n += 7);
            slice.assumptions.iter_mut().for_each(|a| a.line += 7);
        }
    }
    let prints = |record: &Record| -> Vec<Value> {
        let log = sarif(record);
        log["runs"][0]["results"].as_array().unwrap().iter().map(|r| r["partialFingerprints"].clone()).collect()
    };
    assert_eq!(prints(&before), prints(&after));
    // Two triples that demand the same are two.
    let all = prints(&before);
    assert_ne!(all[0]["weiserTriple/v1"], all[1]["weiserTriple/v1"]);
    after.triples[0].triple.post.text.push_str(" and more");
    assert_ne!(prints(&before)[0], prints(&after)[0]);
}

#[test]
fn confidence_is_the_level() {
    let level = |confidence: &str| {
        let mut record = whole();
        record.triples[0].triple.confidence = Some(confidence.into());
        sarif(&record)["runs"][0]["results"][0]["level"].clone()
    };
    assert_eq!([level("claimed"), level("proved"), level("confirmed")], ["warning", "error", "error"]);
}

#[test]
fn one_document_follows_its_schema() {
    for record in [record(), whole(), hostile()] {
        let document: Value = serde_json::from_str(&report(&record, ReportFormat::Json)).unwrap();
        assert_eq!(problems(Format::Report, &document), Vec::<String>::new());
        for line in document["triples"].as_array().unwrap() {
            assert_eq!(problems(Format::Run, line), Vec::<String>::new());
        }
        assert_eq!(problems(Format::Run, &document["run"]), Vec::<String>::new());
        let mut broken = document.clone();
        broken["triples"][0]["graph"]["edges"][0]["slices"][0] = json!(-1);
        assert_eq!(problems(Format::Report, &broken).len(), 1);
    }
    for line in
        [json!({"error": {"path": "a.c", "message": "gone"}}), json!({"end": {"outcome": "holds", "triples": 0}})]
    {
        assert_eq!(problems(Format::Run, &line), Vec::<String>::new());
    }
    assert!(!problems(Format::Run, &json!({"end": {}})).is_empty());
}

/// Whatever keeps a run from being whole is in each of its reports.
#[test]
fn nothing_open_is_left_out() {
    let mut record = record();
    record.faults.push("triples.jsonl:3: left out: no JSON".into());
    for format in ALL {
        let text = report(&record, format);
        for said in [
            "cut short: 5 of 7",
            "gone.c",
            "no such file",
            "no reply within 30 s",
            "the moon was full",
            "line 9 could not be read as code of this language",
            "the reply held no verdict",
            if format == ReportFormat::Json { "\"vacuous\": true" } else { "no path leads to the post-condition" },
            "no JSON",
        ] {
            assert!(plain(&text).contains(said), "{format:?} lacks `{said}`:\n{text}");
        }
    }
    assert_eq!(sarif(&record)["runs"][0]["invocations"][0]["executionSuccessful"], false);
    assert_eq!(sarif(&whole())["runs"][0]["invocations"][0]["executionSuccessful"], true);
}

/// Without what Markdown and HTML write another way.
fn plain(text: &str) -> String {
    text.replace('\\', "").replace("&#58;", ":").replace("&#x2f;", "/")
}

const SCRIPT: &str = "</script><img src=x onerror=alert(1)>";

/// A run whose every word was written to get out of its place.
fn hostile() -> Record {
    let evil = format!("{SCRIPT}\u{1b}[2J\u{202e}\u{0}\u{fffe}`````|]]>--><!--@someone [x](javascript:1) \"'&\r\n# x");
    let mut record = whole();
    let text = format!("{evil}\n{}\n{}\n", "x".repeat(1 << 20), "y\u{7}\n".repeat(30));
    record.sources = [(hash(&text), text.clone())].into();
    record.manifest.oracle.spec.push_str(&evil);
    record.manifest.inputs.push(evil.clone());
    for line in &mut record.triples {
        line.source = hash(&text);
        line.path = format!("a/{evil}.py");
        line.about.insert(evil.clone(), evil.clone());
        line.system = evil.clone();
        line.graph.nodes.iter_mut().for_each(|n| n.text = evil.clone());
        line.graph.edges.iter_mut().for_each(|e| e.why = evil.clone());
        line.diagnostics.iter_mut().for_each(|d| d.message = evil.clone());
        let triple = &mut line.triple;
        triple.entry.function = evil.clone();
        triple.post.text = evil.clone();
        triple.pre.iter_mut().for_each(|p| p.text = evil.clone());
        triple.limits.iter_mut().for_each(|l| *l = evil.clone());
        for slice in &mut triple.slices {
            slice.text = format!("{evil}\n{}", "z".repeat(1 << 20));
            slice.assumptions.iter_mut().for_each(|a| a.text = evil.clone());
        }
        for answer in &mut triple.answers {
            answer.reason = evil.clone();
            answer.raw = Some(evil.clone());
            answer.counterexample = [(evil.clone(), json!(evil))].into();
            answer.origin.model = evil.clone();
            answer.code = answer.code.take().map(|_| evil.clone());
        }
    }
    record
}

#[test]
fn nobody_s_words_get_out_of_their_place() {
    let record = hostile();
    for format in ALL {
        let text = report(&record, format);
        let bad = |c: char| {
            (c.is_control() && c != '\n' && c != '\t') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        };
        // JSON writes control characters as escapes, and has no trouble with directions.
        if !matches!(format, ReportFormat::Json) {
            assert_eq!(text.chars().find(|c| bad(*c)), None, "{format:?}");
        }
        if matches!(format, ReportFormat::Html | ReportFormat::Junit) {
            assert!(!text.contains("<img") && !text.contains("]]>") && !text.contains("<!-- "), "{format:?}");
        }
    }
    let gcc = report(&record, ReportFormat::Gcc);
    assert!(gcc.lines().all(|l| l.len() < 4000 && (l.starts_with("a/") || l.starts_with("weiser: "))), "{gcc}");
}

/// Read by Python's own parser, where there is one.
#[test]
fn xml_is_well_formed() {
    let read = "import sys, xml.etree.ElementTree as e; t = e.parse(sys.stdin.buffer).getroot(); \
                print(t.tag, len(t.findall('.//testcase')), len(t.findall('.//error')), len(t.findall('.//skipped')))";
    for (record, expected) in [(record(), "testsuites 7 4 1"), (hostile(), "testsuites 5 2 1")] {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), report(&record, ReportFormat::Junit)).unwrap();
        let input = std::fs::File::open(file.path()).unwrap();
        let Ok(done) = std::process::Command::new("python3").args(["-c", read]).stdin(input).output() else {
            eprintln!("skipped: no python3");
            return;
        };
        let (out, err) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
        assert_eq!(out.trim(), expected, "{err}");
    }
}

#[test]
fn a_comment_fits() {
    let mut record = whole();
    let many = std::iter::repeat_n(record.triples.clone(), 200).flatten();
    record.triples = many.collect();
    let text = report(&record, ReportFormat::Md);
    assert!(text.chars().count() < 65_536);
    assert!(text.contains("more, which didn't fit") && text.contains("1000 triples"), "{}", &text[..400]);
}

/// A run that was killed at once has reports too.
#[test]
fn a_run_of_nothing_can_be_reported() {
    let record = Record { triples: vec![], errors: vec![], ..record() };
    for format in ALL {
        assert!(report(&record, format).contains("cut short: 0 of 7") || format == ReportFormat::Md, "{format:?}");
    }
    assert_eq!(sarif_problems(&sarif(&record)), Vec::<String>::new());
}

/// What a version doesn't demand may be missing.
#[test]
fn a_line_of_the_least_can_be_reported() {
    let line = json!({"path": "f.py", "language": "python", "source": "0".repeat(64), "triple": {
        "id": "9f2c", "entry": {"function": "f", "line": 1}, "pre": [],
        "post": {"text": "x", "kind": "code", "line": 17}, "classes": {"asked": 1, "total": null, "complete": false},
        "slices": [], "outcome": "undecided", "answers": [{"slice": "9f2c", "answer": "fail"}],
        "cost": {"questions": 0, "tokens_in": 0, "tokens_out": 0}}});
    let record = Record { triples: vec![serde_json::from_value(line).unwrap()], ..whole() };
    ALL.into_iter().for_each(|format| assert!(report(&record, format).contains("f.py"), "{format:?}"));
    assert!(report(&record, ReportFormat::Html).contains("The whole program"));
}

/// The places of all values in a document.
fn places(value: &Value, at: &str, out: &mut Vec<String>) {
    out.push(at.to_owned());
    match value {
        Value::Array(items) => items.iter().enumerate().for_each(|(i, v)| places(v, &format!("{at}/{i}"), out)),
        Value::Object(items) => items.iter().for_each(|(k, v)| places(v, &format!("{at}/{k}"), out)),
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// A record may come from anywhere. Whatever can be read of it can be reported.
    #[test]
    fn damaged_records_upset_no_report(
        changes in proptest::collection::vec((any::<proptest::sample::Index>(), 0_usize..9), 1..12),
        which in 0_usize..5,
    ) {
        let mut record = whole();
        let mut line = serde_json::to_value(&record.triples[which]).unwrap();
        for (index, what) in changes {
            let mut all = Vec::new();
            places(&line, "", &mut all);
            let values = [json!(0), json!(u32::MAX), json!(u64::MAX), json!(""), json!("x\u{0}<"), json!([]), json!(null),
                json!([[u32::MAX, 1], [0, u32::MAX]]), json!("violated")];
            let before = line.clone();
            *line.pointer_mut(&all[index.index(all.len())]).unwrap() = values[what].clone();
            if serde_json::from_value::<crate::report::record::TripleLine>(line.clone()).is_err() {
                line = before;
            }
        }
        record.triples = vec![serde_json::from_value(line).unwrap()];
        for format in ALL {
            let text = report(&record, format);
            prop_assert_eq!(text.find('\u{0}'), None);
        }
        prop_assert_eq!(sarif_problems(&sarif(&record)), Vec::<String>::new());
    }
}
