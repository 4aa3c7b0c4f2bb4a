//! The layout of AutoExe's published evaluation set: `RQ1/REval-Desc/*.py`, `RQ2/X11/*/PROMPT_FUNC.c`, `RQ3/C-REval-Desc/*.c`, ...
//!
//! A subject is a file; its conditions stand in it, as asserts, comments or descriptions. Most C translations of RQ3 have lost theirs: they
//! get the description of the Python original of the same number, and that is said in a note. `labels.csv`, where somebody
//! has made one (columns `path`, `label`, `witness`), tells what is true: HOLDS and VIOLATED are taken as labels, weaker words
//! are not. The real bugs of RQ2 are violated, for that is what they were published for.

use super::manifest::kind_in_file;
use super::{Dataset, DatasetError, Label, Problem, Subject, Witness};
use crate::spec::{self, ConditionKind, Request, SpecError};
use crate::syntax::{self, Parsed};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The parts of the set, of which one must be there.
const PARTS: [&str; 3] = ["RQ1", "RQ2", "RQ3"];

/// The part with real bugs.
const REAL_BUGS: &str = "RQ2";

/// What stands before a description.
const DESCRIPTION: &str = "func is equivalent to:";

/// Whether a folder has this layout.
pub fn is(folder: &Path) -> bool {
    PARTS.iter().any(|part| folder.join(part).is_dir())
}

/// What `labels.csv` says of a file.
#[derive(Debug, Clone, Default, PartialEq)]
struct Row {
    label: Option<Label>,
    witness: Option<Witness>,
    /// As written, where it is no label for us.
    weaker: String,
}

/// Reads the folder. Files that give no subject are told in the notes.
pub fn load(folder: &Path) -> Result<Dataset, DatasetError> {
    let labels = labels(&folder.join("labels.csv"))?;
    let mut files = Vec::new();
    for part in PARTS {
        walk(&folder.join(part), &mut files);
    }
    files.sort();
    let mut notes = Vec::new();
    let mut read = Vec::new();
    for path in files {
        let Some(language) = syntax::for_path(&path) else { continue };
        let shown = path.display().to_string();
        let (text, _) = super::read(&path).map_err(|why| DatasetError::Unreadable { path: shown.clone(), why })?;
        let id = named(folder, &path);
        let parsed = syntax::parse(&id, text, language);
        read.push((id, path, parsed));
    }
    let descriptions = descriptions(&read);
    let mut subjects = Vec::new();
    let mut described = 0;
    let mut weaker: BTreeMap<String, usize> = BTreeMap::new();
    for (id, path, parsed) in read {
        let plain = Request { across: true, ..Request::default() };
        let request = match spec::triples(&parsed, &plain) {
            Ok(_) => plain,
            Err(SpecError::NoPost { .. }) => match descriptions.get(&task(&id)).and_then(|d| asked(&parsed, d)) {
                Some(request) => {
                    described += 1;
                    request
                }
                None => {
                    notes.push(format!("{id}: left out: it has no post-condition"));
                    continue;
                }
            },
            Err(error) => {
                notes.push(format!("{id}: left out: {error}"));
                continue;
            }
        };
        let mut row = labels.get(&id).cloned().unwrap_or_default();
        if id.starts_with(REAL_BUGS) && row.label.is_none() {
            row.label = Some(Label::Violated);
        }
        if !row.weaker.is_empty() {
            *weaker.entry(row.weaker).or_default() += 1;
        }
        // A description that stands beside `assert func(result)` is no code that could be run.
        let described = parsed.source.text.contains(DESCRIPTION);
        let kind = match request.post.is_empty() && !described {
            true => kind_in_file(&path, &parsed.source.text, parsed.language, &request),
            false => ConditionKind::Text,
        };
        subjects.push(Subject {
            group: id.split('/').take(2).collect::<Vec<_>>().join("/"),
            task: task(&id),
            language: parsed.language.name.clone(),
            path,
            text: parsed.source.text.clone(),
            request,
            label: row.label,
            kind,
            property: "assertion".into(),
            origin: "AutoExe evaluation set".into(),
            licence: String::new(),
            mistake: String::new(),
            witness: row.witness,
            id,
        });
    }
    if described > 0 {
        notes.push(format!(
            "{described} files state no condition: each got the description of the original of its number"
        ));
    }
    for (word, count) in weaker {
        notes.push(format!("{count} files are labelled {word}, which is taken as no label"));
    }
    let lost = labels.keys().filter(|id| !subjects.iter().any(|s| s.id == **id));
    notes.extend(lost.map(|id| format!("{id}: has a label and gave no subject")));
    Ok(Dataset { name: "autoexe".into(), about: String::new(), path: folder.to_owned(), subjects, notes })
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() { walk(&path, files) } else { files.push(path) }
    }
}

/// Its path from the folder, with slashes.
fn named(folder: &Path, path: &Path) -> String {
    let inside = path.strip_prefix(folder).unwrap_or(path);
    inside.components().map(|c| c.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

/// What translations of one original have in common: `REval-Desc/task04_desc`; the folder of a real bug.
fn task(id: &str) -> String {
    let parts: Vec<&str> = id.split('/').collect();
    match parts[..] {
        [part, _, bug, _] if part == REAL_BUGS => bug.to_owned(),
        [_, group, file] => {
            let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
            let group =
                group.split_once('-').filter(|(_, rest)| rest.starts_with("REval")).map_or(group, |(_, rest)| rest);
            format!("{group}/{stem}")
        }
        _ => id.to_owned(),
    }
}

/// The descriptions by task.
fn descriptions(files: &[(String, PathBuf, Parsed)]) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for (id, _, parsed) in files {
        let description = parsed.source.text.lines().find_map(|line| line.split_once(DESCRIPTION));
        if let Some((_, description)) = description {
            found.entry(task(id)).or_insert_with(|| description.trim().trim_end_matches("*/").trim().to_owned());
        }
    }
    found
}

/// A description as the post-condition of the last function that has a body.
fn asked(parsed: &Parsed, description: &str) -> Option<Request> {
    let post = format!("\"`result` is what this asks for: {description}\"");
    let mut request = Request { post: vec![post], across: true, ..Request::default() };
    match spec::triples(parsed, &request) {
        Ok(_) => Some(request),
        Err(SpecError::NeedEntry { functions, .. }) => {
            request.entry = functions.0.last().map(|(name, _)| name.clone());
            spec::triples(parsed, &request).is_ok().then_some(request)
        }
        Err(_) => None,
    }
}

fn labels(path: &Path) -> Result<BTreeMap<String, Row>, DatasetError> {
    if !path.is_file() {
        return Ok(BTreeMap::new());
    }
    let shown = path.display().to_string();
    let wrong = |line: u64, message: String| {
        DatasetError::Invalid(vec![Problem { path: shown.clone(), line: line as usize, message }])
    };
    let at = |error: &csv::Error| error.position().map_or(0, |p| p.line());
    let mut reader = csv::Reader::from_path(path)
        .map_err(|error| DatasetError::Unreadable { path: shown.clone(), why: error.to_string() })?;
    let columns = reader.headers().map_err(|error| wrong(at(&error), error.to_string()))?.clone();
    let column = |name: &str| columns.iter().position(|c| c == name);
    let (Some(path_at), Some(label_at)) = (column("path"), column("label")) else {
        return Err(wrong(1, "the table needs the columns `path` and `label`".into()));
    };
    let mut rows = BTreeMap::new();
    let mut twice = BTreeSet::new();
    for record in reader.records() {
        let record = record.map_err(|error| wrong(at(&error), error.to_string()))?;
        let field = |at: Option<usize>| at.and_then(|at| record.get(at)).unwrap_or_default();
        let mut row = Row::default();
        match field(Some(label_at)) {
            "HOLDS" => row.label = Some(Label::Holds),
            "VIOLATED" => row.label = Some(Label::Violated),
            other => row.weaker = other.to_owned(),
        }
        if let (Some(Label::Violated), Ok(Json::Object(inputs))) =
            (row.label, serde_json::from_str(field(column("witness"))))
        {
            let observed = field(column("evidence")).to_owned();
            row.witness = Some(Witness { inputs: inputs.into_iter().collect(), observed });
        }
        let id = field(Some(path_at)).to_owned();
        if !twice.insert(id.clone()) {
            let line = record.position().map_or(0, |p| p.line());
            return Err(wrong(line, format!("`{id}` has two labels")));
        }
        rows.insert(id, row);
    }
    Ok(rows)
}
