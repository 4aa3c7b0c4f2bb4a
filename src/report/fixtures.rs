//! Hand-made analyses and verdicts for the tests of this room.

use super::record::{self, Manifest, Record};
use super::{CheckedFile, OracleChoice};
use crate::pipeline::graph::{Graph, GraphEdge, GraphNode, NodeKind, Place};
use crate::pipeline::{FileAnalysis, Note, SliceAnalysis, TripleAnalysis, TripleVerdict};
use crate::render::{Assumption, Rendered, SliceKind};
use crate::spec::{Condition, ConditionKind};
use crate::syntax::ast::Severity;
use crate::verdict::{Answer, AnswerKind, Confidence, Origin, Outcome, Votes};
use std::collections::BTreeMap;

pub fn condition(text: &str, kind: ConditionKind) -> Condition {
    Condition { text: text.into(), kind, note: String::new(), span: None, names: vec![] }
}

/// A class slice of two assumptions and a remainder.
pub fn triple() -> TripleAnalysis {
    let class = SliceAnalysis {
        id: "ab12cd34ef567890".into(),
        rendered: Rendered {
            left_out: vec![],
            kind: SliceKind::Class,
            text: "def f(value):\n    assume(not (value.count('.') == 1))\n    res = int(value)\n    # POST: abs(res) <= 1\n"
                .into(),
            lines: vec![Some(1), None, Some(5), Some(17)],
            kept: vec![(1, 1), (5, 5), (17, 17)],
            assumptions: vec![
                Assumption {
                    line: 3,
                    text: "not (value.count('.') == 1)".into(),
                    condition: "value.count('.') == 1".into(),
                    holds: false,
                },
                Assumption { line: 7, text: "value".into(), condition: "value".into(), holds: true },
            ],
        },
        tokens: 69,
        prompt_tokens: 412,
        classes: 1,
        class: 0,
        probe: None,
        edges: vec![0, 2],
    };
    let remainder = SliceAnalysis {
        id: "ff00ff00ff00ff00".into(),
        rendered: Rendered {
            left_out: vec![],
            kind: SliceKind::Remainder,
            text: "def f(value):\n    while value:\n        res = g(value)\n    # POST: abs(res) <= 1\n".into(),
            lines: vec![Some(1), Some(3), Some(9), Some(17)],
            kept: vec![(1, 3), (9, 9), (17, 17)],
            assumptions: vec![],
        },
        tokens: 12_060,
        prompt_tokens: 12_400,
        classes: 1,
        class: 0,
        probe: None,
        edges: vec![0, 1, 2, 3],
    };
    TripleAnalysis {
        parts: vec![],
        id: "9f2c9f2c9f2c9f2c".into(),
        function: "f".into(),
        line: 1,
        params: vec!["value".into(), "base".into()],
        pre: vec![
            (condition("len(value) > 0", ConditionKind::Code), 2),
            (condition("value is a number\nin decimal notation", ConditionKind::Text), 0),
        ],
        post: condition("abs(res) <= 1", ConditionKind::Code),
        post_line: 17,
        at_exit: false,
        criterion: vec!["res".into()],
        whole: false,
        program_tokens: 12_430,
        baseline_prompt_tokens: 12_812,
        asked: 64,
        total: None,
        vacuous: false,
        limits: vec![],
        slicing: crate::pipeline::Slicing::Exact,
        slices: vec![class, remainder],
        diagnostics: vec![Note {
            severity: Severity::Warning,
            line: 3,
            message: "64 of the classes are asked one by one, all others as one remainder".into(),
        }],
        graph: graph(),
    }
}

/// A loop whose round is left out by the class.
fn graph() -> Graph {
    let node = |kind, text: &str, line: u32| GraphNode {
        kind,
        text: text.into(),
        place: (line > 0).then_some(Place { line, column: 5, end_line: line, end_column: 5 + text.len() as u32 }),
        relevant: line > 0,
        reads: if text.contains("value") { vec!["value".into()] } else { vec![] },
        writes: if text.starts_with("res =") { vec!["res".into()] } else { vec![] },
    };
    let edge = |from, to, why: &str| GraphEdge { from, to, why: why.into() };
    Graph {
        nodes: vec![
            node(NodeKind::Entry, "entry", 0),
            node(NodeKind::Condition, "value", 3),
            node(NodeKind::Statement, "res = g(value)", 9),
            node(NodeKind::Post, "POST", 17),
            node(NodeKind::Exit, "exit", 0),
        ],
        edges: vec![edge(0, 1, ""), edge(1, 2, "true"), edge(1, 3, "false"), edge(2, 1, ""), edge(3, 4, "")],
        omitted: String::new(),
    }
}

/// A triple to which no path leads.
pub fn vacuous() -> TripleAnalysis {
    TripleAnalysis {
        id: "0000".into(),
        pre: vec![],
        post: condition("never reached", ConditionKind::Text),
        post_line: 0,
        at_exit: true,
        criterion: vec![],
        whole: true,
        asked: 0,
        total: Some(0),
        vacuous: true,
        slices: vec![],
        diagnostics: vec![],
        ..triple()
    }
}

/// A triple that no answer can settle.
pub fn limited() -> TripleAnalysis {
    TripleAnalysis { limits: vec!["line 9 could not be read as code of this language".into()], ..triple() }
}

/// All slices of [`limited`] pass.
pub fn passed_within_limits() -> TripleVerdict {
    TripleVerdict { outcome: Outcome::Undecided, confidence: None, ..holds() }
}

pub fn file(triples: Vec<TripleAnalysis>) -> FileAnalysis {
    FileAnalysis {
        linkage: None,
        path: "examples/f.py".into(),
        language: "python".into(),
        diagnostics: vec![
            Note { severity: Severity::Warning, line: 9, message: "not understood: kept as it is".into() },
            Note { severity: Severity::Info, line: 0, message: "12 functions".into() },
        ],
        triples,
        text: String::new(),
        request: Default::default(),
        options: crate::pipeline::Options::default(),
    }
}

pub fn answer(slice: &str, answer: AnswerKind) -> Answer {
    Answer {
        slice: slice.into(),
        answer,
        reason: String::new(),
        code: String::new(),
        counterexample: BTreeMap::new(),
        origin: Origin { oracle: "ollama".into(), model: "llama3.1:8b".into(), digest: "42182419e950".into() },
        votes: Votes { pass: 1, fail: 0, unknown: 0 },
        tokens_in: 412,
        tokens_out: 96,
        ms: 1840,
        ..Answer::blank(slice)
    }
}

/// The class was not decided, the remainder fails.
pub fn violated() -> TripleVerdict {
    let open = Answer {
        reason: "the reply held no verdict".into(),
        code: "unparsable".into(),
        raw: Some("I think\u{1b}[2J it is fine".into()),
        replay: None,
        ..answer("ab12cd34ef567890", AnswerKind::Unknown)
    };
    let fail = Answer {
        reason: "For value = \"2.5\" the loop runs once\nand res is 2.".into(),
        counterexample: [("base", 10.into()), ("value", "2.5".into()), ("aside", serde_json::Value::Null)]
            .map(|(name, value)| (name.to_owned(), value))
            .into(),
        votes: Votes { pass: 1, fail: 4, unknown: 0 },
        cached: true,
        ..answer("ff00ff00ff00ff00", AnswerKind::Fail)
    };
    TripleVerdict {
        outcome: Outcome::Violated,
        confidence: Some(Confidence::Claimed),
        least_failing: Some("ff00ff00ff00ff00".into()),
        answers: vec![open, fail],
        questions: 2,
        tokens_in: 12_812,
        tokens_out: 192,
    }
}

pub fn holds() -> TripleVerdict {
    TripleVerdict {
        outcome: Outcome::Holds,
        confidence: Some(Confidence::Claimed),
        least_failing: None,
        answers: vec![answer("ab12cd34ef567890", AnswerKind::Pass), answer("ff00ff00ff00ff00", AnswerKind::Pass)],
        questions: 2,
        tokens_in: 824,
        tokens_out: 192,
    }
}

/// Two causes, one slice each.
pub fn undecided() -> TripleVerdict {
    let timeout = Answer {
        reason: "no reply within 30 s".into(),
        code: "timeout".into(),
        ..answer("ab12cd34ef567890", AnswerKind::Error)
    };
    let odd = Answer { reason: "the moon was full".into(), ..answer("ff00ff00ff00ff00", AnswerKind::Unknown) };
    TripleVerdict {
        outcome: Outcome::Undecided,
        confidence: None,
        least_failing: None,
        answers: vec![timeout, odd],
        ..holds()
    }
}

/// What is said of a vacuous triple without `--strict`.
pub fn nothing_asked() -> TripleVerdict {
    TripleVerdict { confidence: None, answers: vec![], questions: 0, tokens_in: 0, tokens_out: 0, ..holds() }
}

pub fn checked() -> Vec<CheckedFile> {
    let analysis = file(vec![triple(), triple(), triple(), vacuous(), limited()]);
    vec![CheckedFile {
        analysis,
        verdicts: vec![violated(), undecided(), holds(), nothing_asked(), passed_within_limits()],
    }]
}

pub fn choice() -> OracleChoice {
    OracleChoice {
        spec: "ollama:llama3.1:8b".into(),
        about: "ollama:llama3.1:8b at http://127.0.0.1:11434, context 8192".into(),
        why: "named by --oracle".into(),
    }
}

pub fn manifest() -> Manifest {
    Manifest {
        schema: record::RUN.into(),
        weiser: "0.1.0".into(),
        command: "check".into(),
        inputs: vec!["examples/f.py".into()],
        settings: [("votes".to_owned(), 1.into())].into(),
        tokenizer: "o200k_base".into(),
        oracle: choice(),
        asking: None,
        planned: Some(record::Planned { triples: 7, slices: 14 }),
        started: Some(1_790_000_000),
        machine: Some(record::Machine { os: "linux".into(), arch: "x86_64".into(), cores: 2 }),
    }
}

/// A run of [`checked`], with a file that can't be read, cut short.
pub fn record() -> Record {
    let text = "def f(value):\n".to_owned() + &"    line\n".repeat(20);
    let mut files = checked();
    files.iter_mut().for_each(|f| f.analysis.text.clone_from(&text));
    let manifest = manifest();
    let lines = files.iter().flat_map(|f| {
        let of = |(i, v)| record::triple_line(&manifest, &f.analysis, i, v);
        f.verdicts.iter().enumerate().map(of).collect::<Vec<_>>()
    });
    Record {
        triples: lines.collect(),
        errors: vec![record::Failed { path: "gone.c".into(), message: "no such file".into() }],
        end: None,
        faults: vec![],
        sources: [(record::hash(&text), text)].into(),
        manifest,
    }
}
