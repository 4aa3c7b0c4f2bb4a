//! `dataset.toml`: tasks, each as a program in one or more languages, with its conditions in code and in plain language.
//!
//! ```toml
//! schema = "weiser.dataset/1"
//! name = "leetcode"
//! about = "One sentence."                # optional
//! origin = "written for this project"    # optional
//! licence = "MIT OR Apache-2.0"          # optional, SPDX
//!
//! [[subject]]
//! id = "running-total"                   # small letters, digits, dashes
//! label = "violated"                     # or "holds"; left out where nobody knows
//! property = "assertion"                 # optional
//! mistake = "starts at the second item"  # optional, only where violated
//! words = { pre = ["`nums` is not empty"], post = "`result` is the sum of `nums`" }
//!
//! [subject.python]                       # one table for each language
//! path = "python/running_total.py"       # relative to the manifest
//! entry = "running_total"                # optional where the file leaves no choice
//! at = 12                                # optional: the line at which Q must hold; else where the entry returns
//! pre = ["len(nums) > 0"]
//! post = "result == sum(nums)"
//! words = { post = "..." }               # optional: other words than the subject's
//! ```
//!
//! Each language gives up to two [`Subject`]s: `ID/LANGUAGE/code` where it has a `post`, `ID/LANGUAGE/text` where there are
//! words. With neither, the conditions are those in the file: `ID/LANGUAGE`. `origin`, `licence` and `property` of a subject
//! win over those of the manifest.

use super::proofs::Proofs;
use super::table::{self, At, Problem, Problems, Table, hint};
use super::{Dataset, DatasetError, Label, Subject};
use crate::spec::{ConditionKind, Request};
use crate::syntax::language::Language;
use crate::{spec, syntax};
use std::collections::BTreeMap;
use std::path::Path;

/// What a manifest says of its own format.
const SCHEMA: &str = "weiser.dataset/1";

const LABELS: [&str; 2] = ["holds", "violated"];

/// What subjects of a manifest have in common, where they don't say otherwise.
struct Common<'a> {
    folder: &'a Path,
    name: String,
    origin: String,
    licence: String,
    property: String,
}

/// Reads a manifest and the programs that it names. Errors: everything that is wrong with it, each with its line.
pub fn load(path: &Path) -> Result<Dataset, DatasetError> {
    let shown = path.display().to_string();
    let (text, clean) = super::read(path).map_err(|why| DatasetError::Unreadable { path: shown.clone(), why })?;
    let mut problems = Problems::new(&shown, &text);
    if !clean {
        problems.found.push(Problem { path: shown.clone(), line: 0, message: "is not UTF-8".into() });
    }
    let dataset = table::parse(&text, &mut problems).map(|root| {
        let top = Table::new(root.get_ref(), "the manifest", 0);
        dataset(path, top, &mut problems)
    });
    match dataset {
        Some(mut dataset) if problems.found.is_empty() => {
            let proofs = Proofs::read(path)?;
            dataset.subjects.iter_mut().for_each(|s| s.witness = proofs.witness(s));
            Ok(dataset)
        }
        _ => {
            problems.found.sort();
            Err(DatasetError::Invalid(problems.found))
        }
    }
}

fn dataset(path: &Path, mut top: Table, problems: &mut Problems) -> Dataset {
    if let Some(schema) = top.needed("schema", problems)
        && schema.value != SCHEMA
    {
        problems.add(schema.at, format!("`schema` is `{}`; this version of weiser reads `{SCHEMA}`", schema.value));
    }
    let text = |top: &mut Table, key: &str, problems: &mut Problems| {
        top.text(key, problems).map_or(String::new(), |t| t.value)
    };
    let common = Common {
        folder: path.parent().unwrap_or(Path::new("")),
        name: top.needed("name", problems).map_or(String::new(), |t| t.value),
        origin: text(&mut top, "origin", problems),
        licence: text(&mut top, "licence", problems),
        property: top.text("property", problems).map_or("assertion".into(), |t| t.value),
    };
    let about = text(&mut top, "about", problems);
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    let mut subjects = Vec::new();
    let tables = top.tables("subject", problems);
    if tables.is_empty() && problems.found.is_empty() {
        problems.add(0, "the manifest has no [[subject]]");
    }
    for table in tables {
        subject(table, &common, &mut known, &mut subjects, problems);
    }
    top.done(problems);
    Dataset { name: common.name, about, path: path.to_owned(), subjects, notes: Vec::new() }
}

/// Conditions in plain language.
#[derive(Clone)]
struct Words {
    pre: Vec<String>,
    post: String,
}

fn subject(
    mut table: Table,
    common: &Common,
    known: &mut BTreeMap<String, usize>,
    subjects: &mut Vec<Subject>,
    problems: &mut Problems,
) {
    let id = table.needed("id", problems);
    if let Some(id) = &id {
        let small = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if !id.value.chars().all(small) {
            problems.add(id.at, format!("the id `{}` may have small letters, digits and dashes only", id.value));
        }
        let line = problems.line(id.at);
        if let Some(first) = known.insert(id.value.clone(), line) {
            problems.add(id.at, format!("the id `{}` is that of line {first} too", id.value));
        }
    }
    let label = table.text("label", problems).and_then(|label| match label.value.as_str() {
        "holds" => Some(Label::Holds),
        "violated" => Some(Label::Violated),
        other => {
            problems.add(label.at, format!("`label` is `{other}`; {}", hint(other, &LABELS)));
            None
        }
    });
    let mistake = table.text("mistake", problems);
    if let (Some(mistake), true) = (&mistake, label != Some(Label::Violated)) {
        problems.add(mistake.at, "a `mistake` belongs to the label `violated`");
    }
    let said = |table: &mut Table, key: &str, other: &str, problems: &mut Problems| {
        table.text(key, problems).map_or(other.to_owned(), |t| t.value)
    };
    let shared = Subject {
        id: String::new(),
        group: String::new(),
        task: id.map_or(String::new(), |t| t.value),
        language: String::new(),
        path: common.folder.to_owned(),
        text: String::new(),
        request: Request { across: true, ..Request::default() },
        label,
        kind: ConditionKind::Code,
        property: said(&mut table, "property", &common.property, problems),
        origin: said(&mut table, "origin", &common.origin, problems),
        licence: said(&mut table, "licence", &common.licence, problems),
        mistake: mistake.map_or(String::new(), |t| t.value),
        witness: None,
    };
    let words = words(&mut table, problems);
    let mut programs = 0;
    for language in syntax::languages() {
        if let Some(inner) = table.table(&language.name, format!("[subject.{}]", language.name), problems) {
            programs += 1;
            program(inner, language, common, &shared, words.as_ref(), subjects, problems);
        }
    }
    if programs == 0 {
        let names: Vec<String> = syntax::languages().iter().map(|l| format!("[subject.{}]", l.name)).collect();
        problems.add(table.at, format!("subject has no program: none of {}", names.join(", ")));
    }
    table.done(problems);
}

fn words(table: &mut Table, problems: &mut Problems) -> Option<Words> {
    let mut inner = table.table("words", "`words`", problems)?;
    let pre = inner.texts("pre", problems).into_iter().map(|t| t.value).collect();
    let post = inner.needed("post", problems);
    inner.done(problems);
    Some(Words { pre, post: post?.value })
}

fn program(
    mut table: Table,
    language: &'static Language,
    common: &Common,
    shared: &Subject,
    words_of_all: Option<&Words>,
    subjects: &mut Vec<Subject>,
    problems: &mut Problems,
) {
    let path = table.needed("path", problems);
    let entry = table.text("entry", problems);
    let at = table.count("at", problems);
    let pre = table.texts("pre", problems);
    let post = table.text("post", problems).filter(|p| {
        let there = !p.value.trim().is_empty();
        if !there {
            problems.add(p.at, "`post` is empty");
        }
        there
    });
    let own = words(&mut table, problems);
    let place = table.at;
    table.done(problems);
    let Some(At { value: name, at: named }) = path else { return };
    let file = common.folder.join(&name);
    let text = match super::read(&file) {
        Ok((text, true)) => text,
        Ok((_, false)) => return problems.add(named, format!("`{name}` is not UTF-8")),
        Err(why) => return problems.add(named, format!("`{name}` cannot be read: {why}")),
    };
    let request = Request { entry: entry.map(|e| e.value), at: at.map(|a| a.value), ..shared.request.clone() };
    let base = Subject {
        id: format!("{}/{}", shared.task, language.name),
        group: format!("{}/{}", common.name, language.name),
        language: language.name.clone(),
        path: file,
        text,
        ..shared.clone()
    };
    let mut found = Vec::new();
    if let Some(post) = &post {
        let pre = pre.iter().map(|p| p.value.clone()).collect();
        let request = Request { pre, post: vec![post.value.clone()], ..request.clone() };
        found.push((
            Subject { id: format!("{}/code", base.id), request, ..base.clone() },
            post.at,
            ConditionKind::Code,
        ));
    } else if let Some(pre) = pre.first() {
        return problems.add(pre.at, "`pre` has no `post` beside it");
    }
    if let Some(words) = own.as_ref().or(words_of_all) {
        let request = Request { pre: words.pre.clone(), post: vec![words.post.clone()], ..request.clone() };
        let subject = Subject { id: format!("{}/text", base.id), kind: ConditionKind::Text, request, ..base.clone() };
        found.push((subject, place, ConditionKind::Text));
    }
    if found.is_empty() {
        let kind = kind_in_file(&base.path, &base.text, language, &request);
        let subject = Subject { request, kind, ..base };
        found.push((subject, place, kind));
    }
    for (subject, at, wanted) in found {
        check(&subject, language, at, wanted, problems);
        subjects.push(subject);
    }
}

/// Whether the first Q that stands in a file is code; text where there is none.
pub fn kind_in_file(path: &Path, text: &str, language: &'static Language, request: &Request) -> ConditionKind {
    let parsed = syntax::parse(&path.display().to_string(), text.to_owned(), language);
    let found = spec::triples(&parsed, request).ok();
    found.and_then(|f| f.triples.into_iter().next()).map_or(ConditionKind::Text, |t| t.post.condition.kind)
}

/// Whether the conditions fit the program, and are what they are said to be.
fn check(subject: &Subject, language: &'static Language, at: usize, wanted: ConditionKind, problems: &mut Problems) {
    let path = subject.path.display().to_string();
    let parsed = syntax::parse(&path, subject.text.clone(), language);
    let triples = match spec::triples(&parsed, &subject.request) {
        Ok(found) => found.triples,
        Err(error) => return problems.add(at, format!("{}: {error}", subject.id)),
    };
    let conditions = triples.iter().flat_map(|t| t.pre.iter().chain([&t.post])).map(|p| &p.condition);
    for condition in conditions.filter(|c| c.span.is_none() && c.kind != wanted) {
        let message = match wanted {
            ConditionKind::Code => format!("`{}` is no condition in {}", condition.text, language.title),
            ConditionKind::Text => {
                format!("`{}` is meant as words but reads as code; put it in quotes", condition.text)
            }
        };
        problems.add(at, format!("{}: {message}", subject.id));
    }
    if wanted == ConditionKind::Text {
        let nameless = triples.iter().find(|t| t.post.condition.names.is_empty());
        if let Some(triple) = nameless {
            let text = &triple.post.condition.text;
            problems
                .add(at, format!("{}: `{text}` names nothing of the program; put a name in back quotes", subject.id));
        }
    }
}
