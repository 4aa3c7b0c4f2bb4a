//! The engine has no mismatch to show, so these are made up.

use super::*;
use crate::pipeline::TripleFidelity;
use crate::report::fidelity::{Agreement, TestedFile, Tool, Trial, agreement};
use crate::report::terminal::fidelity;
use crate::report::wire::fidelity::document;
use crate::run::fidelity::{Fidelity, Mismatch, Mismatches};
use crate::run::observed::{End, Observed, Truth, Visit};
use crate::run::sandbox::Protections;
use crate::run::toolchain::RunError;
use crate::run::value::{Input, Stdin, Value as Given};

fn trial() -> Trial {
    let mounts = Err("not permitted".into());
    let protections =
        Protections { files: Ok(4), namespaces: Ok(()), mounts, calls: Ok(()), limits: true, tasks: false };
    Trial { seed: 7, inputs: 200, most: 6000, protections }
}

fn seen(visits: &[(Truth, &str)], end: End, detail: &str) -> Observed {
    let visits = visits.iter().map(|(truth, names)| Visit { truth: *truth, names: (*names).into() });
    Observed { visits: visits.collect(), ..Observed::ended(end, detail) }
}

fn one(result: Result<Fidelity, RunError>) -> TripleFidelity {
    TripleFidelity {
        result,
        judged: true,
        toolchain: "Python 3.11.2".into(),
        without: String::new(),
        parameters: vec!["value".into(), "base".into()],
    }
}

fn fine() -> Fidelity {
    Fidelity { tried: 260, accepted: 200, reached: 140, apart: 0, agree: 200, ..Fidelity::default() }
}

/// The remainder comes to Q once more than the program.
fn spurious() -> Mismatch {
    let original = seen(&[(Truth::True, "res=0"), (Truth::True, "res=1")], End::Ended, "");
    let visits = [(Truth::True, "res=0"), (Truth::True, "res=1"), (Truth::Error, "")];
    let arguments = vec![Given::Text("2.\u{202e}5\n".into()), Given::Int(1 << 70)];
    Mismatch {
        input: Input { arguments, stdin: Stdin::Text("3\n".into()) },
        original,
        slice: Some(1),
        slices: vec![seen(&visits, End::Fault, "IndexError: list index out of range")],
    }
}

/// The program makes more visits than are shown; one slice makes some of them, the other none.
fn missed() -> Mismatch {
    let many: Vec<(Truth, &str)> = (0..9).map(|i| (Truth::Unjudged, if i < 3 { "x=1" } else { "x=2" })).collect();
    let arguments = vec![Given::List(vec![Given::Float(f64::NAN), Given::None]), Given::Bool(true)];
    Mismatch {
        input: Input { arguments, stdin: Stdin::Empty },
        original: seen(&many, End::Left, "ValueError"),
        slice: None,
        slices: vec![seen(&[], End::Assume, "value.count('.') == 1"), seen(&many[..3], End::Violated, "")],
    }
}

fn differing() -> Fidelity {
    let spurious = Mismatches { count: 12, told: vec![spurious(), spurious()] };
    let missed = Mismatches { count: 1, told: vec![missed()] };
    Fidelity { apart: 5, agree: 184, spurious, missed, ..fine() }
}

fn files() -> Vec<TestedFile> {
    let no_tool = RunError::NoTool { language: "C".into(), tool: "cc or gcc".into() };
    let few = Fidelity { tried: 6000, accepted: 11, reached: 11, agree: 11, ..fine() };
    let broken = Fidelity {
        agree: 198,
        missed: Mismatches { count: 2, told: vec![missed()] },
        broken: vec![(0, "SyntaxError: line 3".into()), (1, "SyntaxError: line 3".into())],
        ..fine()
    };
    let none = Fidelity { reached: 0, ..fine() };
    let unjudged = TripleFidelity { judged: false, ..one(Ok(few)) };
    let tested = vec![
        one(Ok(differing())),
        one(Ok(fine())),
        unjudged,
        one(Ok(broken)),
        one(Ok(none.clone())),
        one(Ok(none)),
        one(Err(no_tool)),
    ];
    let triples = vec![triple(), triple(), triple(), triple(), triple(), vacuous(), triple()];
    vec![TestedFile { analysis: file(triples), tested }]
}

fn text(detail: Detail) -> String {
    let tools = [
        Tool { version: "Python 3.11.2".into(), without: String::new() },
        Tool { version: "cc 12".into(), without: "no sanitizers: undefined behaviour is not told apart".into() },
    ];
    let files = files();
    let mut out = fidelity::running(&["examples/f.py", "q.c"], &tools, &trial().protections);
    for file in &files {
        for (triple, one) in file.analysis.triples.iter().zip(&file.tested) {
            out.push('\n');
            out.push_str(&fidelity::triple(&file.analysis.path, triple, one, &trial(), detail));
        }
    }
    out + "\n" + &fidelity::summary(&files)
}

#[test]
fn for_people() {
    insta::assert_snapshot!(plain(&text(Detail::Normal)));
}

#[test]
fn in_short() {
    insta::assert_snapshot!(plain(&text(Detail::Quiet)));
}

#[test]
fn in_full() {
    insta::assert_snapshot!(plain(&text(Detail::Verbose)));
}

#[test]
fn one_file_is_named() {
    let tool = Tool { version: "Python 3.11.2".into(), without: String::new() };
    let text = plain(&fidelity::running(&["f.py"], &[tool], &trial().protections));
    assert!(text.starts_with("running f.py and its slices with Python 3.11.2 (files: Landlock, network: "), "{text}");
    assert_eq!(text.lines().count(), 1);
}

#[test]
fn as_json() {
    insta::assert_snapshot!(document(&trial(), &files(), &errors()).to_json());
}

#[test]
fn the_document_follows_its_schema() {
    let good: Value = serde_json::from_str(&document(&trial(), &files(), &errors()).to_json()).unwrap();
    assert_eq!(problems(Format::Fidelity, &good), Vec::<String>::new());
    let triple = "/files/0/triples/0";
    let breaks: [(&str, Value); 7] = [
        ("/schema", json!("weiser.fidelity/2")),
        ("/outcome", json!("differs")),
        ("/files/0/triples/0/outcome", json!("violated")),
        ("/files/0/triples/0/error", json!("it was run")),
        ("/files/0/triples/6/error", Value::Null),
        ("/files/0/triples/0/missed/reproducers/0/original/end", json!("gone")),
        ("/files/0/triples/0/spurious/reproducers/0/original/visits/0/truth", json!("true")),
    ];
    for (at, wrong) in breaks {
        let mut broken = good.clone();
        *broken.pointer_mut(at).expect(at) = wrong;
        assert!(!problems(Format::Fidelity, &broken).is_empty(), "{at}");
    }
    let reproducer = format!("{triple}/missed/reproducers/0");
    for at in ["", "/protections", "/files/0", triple, &format!("{triple}/inputs"), &reproducer] {
        for field in good.pointer(at).unwrap().as_object().unwrap().keys().filter(|f| *f != "vacuous") {
            let mut broken = good.clone();
            broken.pointer_mut(at).unwrap().as_object_mut().unwrap().remove(field);
            assert!(!problems(Format::Fidelity, &broken).is_empty(), "{at}/{field}");
        }
    }
}

/// Nothing counts as agreement but something compared.
#[test]
fn what_came_of_it() {
    let of = |triple: &crate::pipeline::TripleAnalysis, result| agreement(triple, &one(Ok(result)));
    assert_eq!(of(&triple(), fine()), Agreement::Agrees);
    assert_eq!(of(&triple(), differing()), Agreement::Differs);
    assert_eq!(of(&triple(), Fidelity { reached: 0, ..fine() }), Agreement::Untested);
    assert_eq!(of(&vacuous(), Fidelity { reached: 0, ..fine() }), Agreement::Agrees);
    assert_eq!(of(&vacuous(), Fidelity { tried: 6000, ..Fidelity::default() }), Agreement::Untested);
    let broken = Fidelity { broken: vec![(0, String::new())], ..fine() };
    assert_eq!(of(&triple(), broken), Agreement::Differs);
}
