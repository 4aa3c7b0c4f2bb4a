//! SARIF 2.1.0 (OASIS), for code hosts and editors: a rule for each kind of post-condition, a result for each violated
//! triple with the least failing slice as its code flow. A triple that isn't settled is a result of kind `open`, and
//! a notification of the invocation, since many readers show only failures.

use super::formats::{inputs, least, one_line, open, place, sentence};
use super::record::{Record, Slice, TripleLine, hash};
use super::terminal::safe;
use super::wire::pretty;
use crate::text::place_in;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";
/// Lines of a slice that stand in a code flow.
const LONGEST_FLOW: usize = 200;

/// Id, name, what it says, by kind of condition and where it must hold.
const RULES: [(&str, &str, &str); 4] = [
    ("code-at-point", "AssertionViolated", "A condition written as code must hold at a point of the program."),
    ("code-at-return", "EnsuresViolated", "A condition written as code must hold where the function returns."),
    ("text-at-point", "ClaimViolated", "A condition in plain language must hold at a point of the program."),
    ("text-at-return", "PromiseViolated", "A condition in plain language must hold where the function returns."),
];

pub fn log(record: &Record) -> String {
    let files: BTreeSet<(&str, &str, &str)> =
        record.triples.iter().map(|l| (l.path.as_str(), l.language.as_str(), l.source.as_str())).collect();
    let artifact = |(path, language, source): &(&str, &str, &str)| json!({"location": {"uri": uri(path)}, "sourceLanguage": language, "hashes": {"sha-256": source}});
    let rules: Vec<Value> = RULES.iter().map(rule).collect();
    let mut seen = BTreeMap::new();
    let results: Vec<Value> = record
        .triples
        .iter()
        .filter(|l| l.triple.outcome != "holds")
        .map(|line| result(record, line, &mut seen))
        .collect();
    let notifications = notifications(record);
    pretty(&json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "weiser",
                "version": record.manifest.weiser,
                "semanticVersion": record.manifest.weiser,
                "shortDescription": {"text": "A symbolic executor whose solver is a language model."},
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "artifacts": files.iter().map(artifact).collect::<Vec<_>>(),
            "invocations": [{
                "executionSuccessful": record.complete(),
                "toolExecutionNotifications": notifications,
            }],
            "properties": {
                "oracle": one_line(&record.manifest.oracle.spec),
                "triples": record.triples.len(),
                "held": record.triples.iter().filter(|l| l.triple.outcome == "holds").count(),
            },
            "results": results,
        }],
    }))
}

fn rule((id, name, text): &(&str, &str, &str)) -> Value {
    let help = "The result's code flow is the least slice of the program on which the condition fails; `assume` steps say \
                which paths it stands for. Level `error`: it was seen to happen, or proved; `warning`: a model claims it.";
    json!({
        "id": id,
        "name": name,
        "shortDescription": {"text": text},
        "fullDescription": {"text": text},
        "help": {"text": help},
        "defaultConfiguration": {"level": "warning"},
        "properties": {"tags": ["correctness", "post-condition"]},
    })
}

fn rule_of(line: &TripleLine) -> usize {
    let post = &line.triple.post;
    usize::from(post.kind == "text") * 2 + usize::from(post.at == "exit")
}

fn result(record: &Record, line: &TripleLine, seen: &mut BTreeMap<String, u32>) -> Value {
    let triple = &line.triple;
    let rule = rule_of(line);
    let (kind, level) = match (triple.outcome.as_str(), triple.confidence.as_deref()) {
        ("violated", Some("confirmed" | "proved")) => ("fail", "error"),
        ("violated", _) => ("fail", "warning"),
        _ => ("open", "none"),
    };
    let mut result = json!({
        "ruleId": RULES[rule].0,
        "ruleIndex": rule,
        "kind": kind,
        "level": level,
        "message": {"text": message(&sentence(line))},
        "locations": [location(record, line)],
        "partialFingerprints": fingerprints(line, seen),
        "properties": {
            "triple": triple.id,
            "outcome": triple.outcome,
            "confidence": triple.confidence,
            "open": open(line).iter().map(|why| one_line(why)).collect::<Vec<_>>(),
            "about": line.about.iter().map(|(k, v)| (one_line(k), json!(one_line(v)))).collect::<BTreeMap<_, _>>(),
        },
    });
    if let Some((slice, answer)) = least(line) {
        result["properties"]["counterexample"] = json!(one_line(&inputs(line, answer)));
        if let Some(slice) = slice {
            result["codeFlows"] = json!([flow(record, line, slice)]);
        }
    }
    result
}

fn location(record: &Record, line: &TripleLine) -> Value {
    let (path, row, column) = place(record, line);
    json!({
        "physicalLocation": {
            "artifactLocation": {"uri": uri(path)},
            "region": {"startLine": row, "startColumn": column},
        },
        "logicalLocations": [{"fullyQualifiedName": message(&line.triple.entry.function), "kind": "function"}],
    })
}

/// The slice's lines in order, each where the program has it, and what is assumed on the way.
fn flow(record: &Record, line: &TripleLine, slice: &Slice) -> Value {
    let mut steps: Vec<(u32, bool, String)> = Vec::new();
    for (i, text) in slice.text.lines().enumerate() {
        if let Some(Some(row)) = slice.lines.get(i) {
            let assumed = slice.assumptions.iter().any(|a| a.line == *row && text.contains(a.text.trim()));
            steps.push((*row, assumed, text.trim().to_owned()));
        }
    }
    // An assumption that the slice has no line for stands where its branch was.
    for assumption in &slice.assumptions {
        if steps.iter().any(|(row, assumed, _)| *assumed && *row == assumption.line) {
            continue;
        }
        let at = steps.iter().position(|(row, ..)| *row > assumption.line).unwrap_or(steps.len());
        steps.insert(at, (assumption.line, true, format!("assume {}", assumption.text)));
    }
    let cut = steps.len() > LONGEST_FLOW;
    let source: Vec<&str> = record.source(line).lines().collect();
    let step = |(row, assumed, text): &(u32, bool, String)| {
        let row = (*row).max(1);
        let blank = source.get(row as usize - 1).map_or(0, |l| l.chars().take_while(|c| c.is_whitespace()).count());
        let (other, row) = place_in(&line.triple.parts, row);
        json!({
            "location": {
                "physicalLocation": {
                    "artifactLocation": {"uri": uri(other.unwrap_or(&line.path))},
                    "region": {"startLine": row, "startColumn": blank + 1},
                },
                "message": {"text": message(text)},
            },
            "importance": if *assumed { "essential" } else { "important" },
        })
    };
    let mut locations: Vec<Value> = steps.iter().take(LONGEST_FLOW).map(step).collect();
    if locations.is_empty() {
        locations.push(json!({"location": location(record, line)}));
    }
    let told = match cut {
        true => format!("least failing slice, its first {LONGEST_FLOW} of {} lines", steps.len()),
        false => "least failing slice".to_owned(),
    };
    json!({"message": {"text": told}, "threadFlows": [{"locations": locations}]})
}

/// What a result is known by from run to run, wherever its lines have moved to: what is demanded of which function,
/// and the text of the slice on which it fails. The same demand twice in a function is told apart by its order.
fn fingerprints(line: &TripleLine, seen: &mut BTreeMap<String, u32>) -> Value {
    let triple = &line.triple;
    let mut parts =
        vec![line.path.as_str(), &triple.entry.function, &triple.post.kind, &triple.post.at, &triple.post.text];
    parts.extend(triple.pre.iter().map(|p| p.text.as_str()));
    parts.extend(line.about.iter().flat_map(|(k, v)| [k.as_str(), v.as_str()]));
    let demand = hash(&parts.join("\u{0}"));
    let nth = seen.entry(demand.clone()).or_insert(0);
    *nth += 1;
    let mut prints = json!({"weiserTriple/v1": format!("{}:{nth}", &demand[..32])});
    if let Some(id) = &triple.least_failing {
        prints["weiserSlice/v1"] = json!(id);
    }
    prints
}

/// Whatever keeps the run from being whole, and whatever no answer settles.
fn notifications(record: &Record) -> Vec<Value> {
    let told = |level: &str, id: &str, text: &str, at: Vec<Value>| json!({"level": level, "message": {"text": message(text)}, "locations": at, "descriptor": {"id": id}});
    let mut out: Vec<Value> = record.remarks().iter().map(|r| told("error", "run", r, vec![])).collect();
    for error in &record.errors {
        let at = json!({"physicalLocation": {"artifactLocation": {"uri": uri(&error.path)}}});
        out.push(told("error", "input", &error.message, vec![at]));
    }
    for line in &record.triples {
        let undecided = !matches!(line.triple.outcome.as_str(), "holds" | "violated");
        let id = if undecided { "undecided" } else { "open" };
        for why in open(line) {
            let text = format!("`{}`: {why}", line.triple.post.text);
            out.push(told(if undecided { "warning" } else { "note" }, id, &text, vec![location(record, line)]));
        }
        let notes = line.diagnostics.iter().chain(&line.triple.diagnostics).filter(|d| d.severity != "info");
        for note in notes {
            let (other, row) = place_in(&line.triple.parts, note.line);
            let (file, region) = (uri(other.unwrap_or(&line.path)), json!({"startLine": row.max(1)}));
            let at = json!({"physicalLocation": {"artifactLocation": {"uri": file}, "region": region}});
            let told = told("note", "input", &note.message, vec![at]);
            if !out.contains(&told) {
                out.push(told);
            }
        }
    }
    out
}

/// Words in a message: nothing that could drive a terminal, and no `[text](1)`, which would be a link.
fn message(text: &str) -> String {
    let text = safe(&one_line(text)).replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]");
    if text.is_empty() { "(empty)".into() } else { text }
}

/// A path as a URI reference.
fn uri(path: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~/".contains(&b);
    let mut out = String::new();
    for b in path.replace('\\', "/").bytes() {
        match plain(b) {
            true => out.push(b as char),
            false => out.push_str(&format!("%{b:02X}")),
        }
    }
    match out.starts_with('/') {
        true => format!("file://{out}"),
        false => out,
    }
}
