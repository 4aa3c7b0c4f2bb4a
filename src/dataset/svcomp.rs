//! Tasks of the Competition on Software Verification: a `.yml` names input files and properties (`.prp`) with their verdicts.
//!
//! `__VERIFIER_assume(e)` is a P and `__VERIFIER_assert(e)` a Q where they stand; the grammar of the language knows them. A call of
//! `reach_error()` elsewhere is a Q that is false: it is written as such into the text, on the same line.
//! `__VERIFIER_nondet_*()` are inputs, which any value may come from; they need no change. The other properties (no overflow, memory safety,
//! termination) are Qs in plain language about the whole of `main`.
//!
//! Each property with a verdict is a subject: `loops/sum.yml` with two gives `loops/sum/unreach-call` and
//! `loops/sum/no-overflow`. What can't be read as one is told in the notes.

use super::{Dataset, DatasetError, Label, Problem, Subject};
use crate::spec::{self, ConditionKind, Request};
use crate::syntax::ast::{ExprKind, StmtKind};
use crate::syntax::language::Language;
use crate::syntax::{self, Parsed};
use crate::text::Span;
use serde::Deserialize;
use std::path::{Path, PathBuf};

const NOT_REACHED: &str = "reach_error";
const ASSERTED: &str = "__VERIFIER_assert";

/// A task file, as far as it is read.
#[derive(Debug, Deserialize)]
struct Task {
    input_files: OneOrMore,
    #[serde(default)]
    properties: Vec<Property>,
    #[serde(default)]
    options: Options,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

#[derive(Debug, Deserialize)]
struct Property {
    property_file: String,
    expected_verdict: Option<bool>,
    /// Which part of a property with several is violated.
    subproperty: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
struct Options {
    language: Option<String>,
}

/// What a property asks for, by the formula in its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    Unreachable,
    /// In plain language.
    Words(&'static str),
}

/// Formulas of `.prp` files, without white space, and what they ask for.
const FORMULAS: [(&str, Asked); 7] = [
    ("G!call(reach_error())", Asked::Unreachable),
    ("G!call(__VERIFIER_error())", Asked::Unreachable),
    ("G!overflow", Asked::Words("no operation on signed integers overflows")),
    ("Gvalid-free", Asked::Words("only memory that was allocated and not yet freed is freed")),
    ("Gvalid-deref", Asked::Words("only memory that is allocated, and within its bounds, is read or written")),
    ("Gvalid-memtrack", Asked::Words("memory that is allocated is freed, or still pointed to, at the end")),
    ("Fend", Asked::Words("every run comes to an end")),
];

/// Whether a path is a task, or a folder with tasks.
pub fn is(path: &Path) -> bool {
    if path.is_dir() { !tasks(path).is_empty() } else { is_task(path) }
}

fn is_task(path: &Path) -> bool {
    path.extension().is_some_and(|e| e == "yml")
}

fn tasks(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(tasks(&path));
        } else if is_task(&path) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Reads a task, or all tasks of a folder. Errors: every task that can't be read, with file and line.
pub fn load(path: &Path) -> Result<Dataset, DatasetError> {
    let (root, files) = match path.is_dir() {
        true => (path, tasks(path)),
        false => (path.parent().unwrap_or(Path::new("")), vec![path.to_owned()]),
    };
    let mut set = Dataset {
        name: "sv-comp".into(),
        about: String::new(),
        path: path.to_owned(),
        subjects: vec![],
        notes: vec![],
    };
    let mut problems = Vec::new();
    for file in files {
        if let Err(problem) = task(root, &file, &mut set) {
            problems.push(problem);
        }
    }
    if problems.is_empty() { Ok(set) } else { Err(DatasetError::Invalid(problems)) }
}

fn task(root: &Path, file: &Path, set: &mut Dataset) -> Result<(), Problem> {
    let shown = file.display().to_string();
    let wrong = |line: usize, message: String| Problem { path: shown.clone(), line, message };
    let (text, _) = super::read(file).map_err(|why| wrong(0, format!("cannot be read: {why}")))?;
    let task: Task = serde_saphyr::from_str(&text).map_err(|error| {
        let line = error.location().map_or(0, |l| l.line() as usize);
        let said = error.to_string();
        wrong(line, said.lines().next().unwrap_or("no task").to_owned())
    })?;
    let inside = file.strip_prefix(root).unwrap_or(file).with_extension("");
    let id = inside.components().map(|c| c.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/");
    let line_of = |word: &str| text.lines().position(|l| l.contains(word)).map_or(0, |at| at + 1);
    let inputs = match task.input_files {
        OneOrMore::One(one) => vec![one],
        OneOrMore::More(more) => more,
    };
    let [input] = &inputs[..] else {
        set.notes.push(format!("{id}: left out: it has {} input files, and one at a time is read", inputs.len()));
        return Ok(());
    };
    let folder = file.parent().unwrap_or(Path::new(""));
    let source = folder.join(input);
    let named = task.options.language.as_deref().and_then(|l| syntax::by_name(&l.to_lowercase()));
    let Some(language) = named.or_else(|| syntax::for_path(&source)) else {
        set.notes.push(format!("{id}: left out: the language of {input} isn't known"));
        return Ok(());
    };
    let (program, _) =
        super::read(&source).map_err(|why| wrong(line_of(input), format!("`{input}` cannot be read: {why}")))?;
    for property in &task.properties {
        let name = &property.property_file;
        let (formulas, _) = super::read(&folder.join(name))
            .map_err(|why| wrong(line_of(name), format!("`{name}` cannot be read: {why}")))?;
        let short = Path::new(name).file_stem().map_or(name.clone(), |s| s.to_string_lossy().into_owned());
        let Some(asked) = asked(&formulas) else {
            set.notes.push(format!("{id}/{short}: left out: this property isn't known"));
            continue;
        };
        let made = match &asked[..] {
            [Asked::Unreachable] => reachability(&program, &source, language),
            words => in_words(&program, words),
        };
        let Some((text, request, kind)) = made else {
            set.notes.push(format!("{id}/{short}: left out: nothing in {input} says what must not be reached"));
            continue;
        };
        let label = property.expected_verdict.map(|holds| if holds { Label::Holds } else { Label::Violated });
        set.subjects.push(Subject {
            id: format!("{id}/{short}"),
            group: format!("sv-comp/{short}"),
            task: id.clone(),
            language: language.name.clone(),
            path: source.clone(),
            text,
            request,
            label,
            kind,
            property: property.subproperty.clone().filter(|_| label == Some(Label::Violated)).unwrap_or(short),
            origin: "SV-COMP task".into(),
            licence: licence(&program),
            mistake: String::new(),
            witness: None,
        });
    }
    if task.properties.is_empty() {
        set.notes.push(format!("{id}: left out: it has no properties"));
    }
    Ok(())
}

/// What a `.prp` file asks for: `CHECK( init(main()), LTL(G ! call(reach_error())) )`, one or more. `None` if one of them
/// isn't known.
fn asked(text: &str) -> Option<Vec<Asked>> {
    let mut all = Vec::new();
    for line in text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with("//")) {
        let flat: String = line.chars().filter(|c| !c.is_whitespace()).collect();
        let formula = flat.split_once("LTL(")?.1.strip_suffix("))")?;
        all.push(FORMULAS.iter().find(|(known, _)| *known == formula)?.1);
    }
    // Reachability together with others is no property of the competition.
    let alone = all.len() == 1 || !all.contains(&Asked::Unreachable);
    (alone && !all.is_empty()).then_some(all)
}

/// The licence that a file names.
fn licence(text: &str) -> String {
    let named = text.lines().take(20).find_map(|l| l.split_once("SPDX-License-Identifier:"));
    named.map_or(String::new(), |(_, rest)| rest.trim_end_matches("*/").trim().to_owned())
}

/// Every assertion marked as a Q, and every call of the error function as one that is false; `None` where there is neither.
fn reachability(program: &str, path: &Path, language: &'static Language) -> Option<(String, Request, ConditionKind)> {
    let parsed = syntax::parse(&path.display().to_string(), program.to_owned(), language);
    // From the end, so that places before stay.
    let (literal, end) = (&language.layout.false_literal, &language.layout.terminator);
    let never = format!("assert({literal}){end}{MARK}");
    let mut changes: Vec<(Span, String)> = errors(&parsed).into_iter().map(|span| (span, never.clone())).collect();
    for stmt in &parsed.ast.stmts {
        let span = stmt.span;
        if matches!(stmt.kind, StmtKind::Assert { .. }) && parsed.source.slice(span).starts_with(ASSERTED) {
            changes.push((Span { start: span.end, end: span.end }, MARK.into()));
        }
    }
    if changes.is_empty() {
        return None;
    }
    changes.sort_by_key(|(span, _)| std::cmp::Reverse(span.start));
    let mut text = program.to_owned();
    for (span, by) in changes {
        text.replace_range(span.start as usize..span.end as usize, &by);
    }
    let request = Request { across: true, ..Request::default() };
    let parsed = syntax::parse(&path.display().to_string(), text.clone(), language);
    spec::triples(&parsed, &request).ok()?;
    Some((text, request, ConditionKind::Code))
}

/// Marks the assertion before it as a Q.
const MARK: &str = " /* POST */";

/// The statements that call the error function, outside of what wraps it.
fn errors(parsed: &Parsed) -> Vec<Span> {
    let wraps = |span: Span| {
        let around = parsed.ast.functions.iter().filter(|f| f.span.contains(span));
        around.into_iter().any(|f| f.name == ASSERTED || f.name == NOT_REACHED)
    };
    let mut found = Vec::new();
    for stmt in &parsed.ast.stmts {
        let StmtKind::Expr(expr) = &stmt.kind else { continue };
        let ExprKind::Call { callee, .. } = &parsed.ast.expr(*expr).kind else { continue };
        let named =
            matches!(&parsed.ast.expr(*callee).kind, ExprKind::Name(n) if n == NOT_REACHED || n == "__VERIFIER_error");
        if named && !wraps(stmt.span) {
            found.push(stmt.span);
        }
    }
    found
}

fn in_words(program: &str, asked: &[Asked]) -> Option<(String, Request, ConditionKind)> {
    let words: Vec<&str> = asked
        .iter()
        .filter_map(|a| match a {
            Asked::Words(words) => Some(*words),
            Asked::Unreachable => None,
        })
        .collect();
    let post = format!("\"{}\"", words.join("; "));
    let request = Request { post: vec![post], entry: Some("main".into()), across: true, ..Request::default() };
    (!words.is_empty()).then(|| (program.to_owned(), request, ConditionKind::Text))
}
