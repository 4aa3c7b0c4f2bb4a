//! `weiser index` for people.

use super::{BAD, BOLD, Detail, NAME, OPEN, count, paint, safe};
use crate::project::{CacheFound, CacheSaved, Candidate, Certainty, Lookup, Opened, Project, Reason, Trouble};
use crate::report::wire::index::{kind_tag, line_of, reason_tag};
use std::fmt::Write;

/// Most files whose trouble is named unless everything is wanted.
const NAMED: usize = 5;

/// What is in the index, how it came about, and what it lacks.
pub fn summary(project: &Project, opened: &Opened, detail: Detail) -> String {
    let counts = project.index().counts();
    let mut out = format!("{}\n", paint(BOLD, safe(&project.root().display().to_string())));
    let _ = writeln!(out, "  {}, {}", count(counts.files as u64, "file"), count(counts.lines, "line"));
    let _ = writeln!(
        out,
        "  {}, {}, {}, {}, {} of types, {}",
        count(counts.functions as u64, "function"),
        count(counts.types as u64, "type"),
        count(counts.macros as u64, "macro"),
        count(counts.variables as u64, "variable"),
        count(counts.members as u64, "member"),
        count(counts.declarations as u64, "declaration")
    );
    let seconds = opened.took.as_secs_f64();
    let _ = writeln!(out, "  {} read, {} as they were; {seconds:.2} s", opened.read, opened.kept);
    let _ = writeln!(out, "  {}", cache(opened));
    if counts.damaged > 0 {
        let places = count(counts.places, "place");
        let files = count(counts.damaged as u64, "file");
        let _ = writeln!(out, "  {}: {places} in {files} not understood", paint(OPEN, "damage"));
        let damaged = project.index().files().filter(|(_, f)| f.outline.damage.places > 0);
        let mut damaged: Vec<_> = damaged.map(|(_, f)| (f.outline.damage.places, f.path.as_str())).collect();
        damaged.sort_by_key(|(places, path)| (std::cmp::Reverse(*places), *path));
        let shown = if detail == Detail::Verbose { damaged.len() } else { NAMED };
        for (places, path) in damaged.iter().take(shown) {
            let _ = writeln!(out, "    {places:>5}  {}", safe(path));
        }
        if damaged.len() > shown {
            let _ =
                writeln!(out, "           and {} (-v names them)", count((damaged.len() - shown) as u64, "other file"));
        }
    }
    out
}

fn cache(opened: &Opened) -> String {
    let Some(path) = &opened.cache.path else { return "kept nowhere".into() };
    let path = safe(&path.display().to_string());
    match (&opened.cache.saved, &opened.cache.found) {
        (CacheSaved::Written(bytes), _) => format!("kept in {path} ({} KiB)", bytes.div_ceil(1024)),
        (CacheSaved::No, _) => format!("taken from {path}"),
        (CacheSaved::Failed(_), _) => format!("not kept in {path}"),
    }
}

/// What the user should know although nobody asked: on standard error.
pub fn warnings(project: &Project, opened: &Opened, detail: Detail) -> String {
    let mut out = String::new();
    let mut warn = |text: String| {
        let _ = writeln!(out, "{}: {}", paint(OPEN, "warning"), safe(&text));
    };
    if let CacheFound::Broken { why, aside } = &opened.cache.found {
        let path = opened.cache.path.as_ref().map(|p| p.display().to_string()).unwrap_or_default();
        let aside = aside.as_ref().map_or("it stays where it is".into(), |a| format!("it is now {}", a.display()));
        warn(format!("{path}: the kept index can't be used ({why}); {aside}, and everything was read anew"));
    }
    if let CacheSaved::Failed(why) = &opened.cache.saved {
        warn(format!("the index could not be kept ({why}); the next time takes as long"));
    }
    opened.unsearched.iter().for_each(|place| warn(format!("{place}; what is in it is not in the index")));
    if let Some(error) = &opened.commands {
        warn(error.to_string());
    }
    for (_, file) in project.index().files() {
        match &file.trouble {
            Some(Trouble::Unreadable(why)) => warn(format!("{}: {why}", file.path)),
            Some(Trouble::TooLarge) => warn(format!("{}: too large, left out", file.path)),
            Some(Trouble::BadBytes(n)) if detail == Detail::Verbose => {
                warn(format!("{}: {} not UTF-8, read as `?`", file.path, count(u64::from(*n), "byte")));
            }
            Some(Trouble::BadBytes(_)) | None => {}
        }
        if file.outline.damage.given_up {
            warn(format!("{}: the parser gave up; nothing of it is in the index", file.path));
        }
    }
    out
}

/// Candidates, closest first.
pub fn found(project: &Project, name: &str, found: &Lookup) -> String {
    let mut out = match found.certainty {
        _ if found.candidates.is_empty() && found.declarations.is_empty() => {
            return format!("{}: nothing of that name is in the index\n", paint(BOLD, safe(name)));
        }
        Certainty::Certain => format!("{}: the first is meant\n", paint(BOLD, safe(name))),
        Certainty::Likely => format!("{}: the first is likely\n", paint(BOLD, safe(name))),
        Certainty::Open => format!("{}: {}\n", paint(BOLD, safe(name)), paint(OPEN, "open")),
    };
    for candidate in found.candidates.iter().chain(&found.declarations) {
        out.push_str(&line(project, candidate));
    }
    out
}

fn line(project: &Project, candidate: &Candidate) -> String {
    let definition = project.index().definition(candidate.definition);
    let entry = project.index().file(candidate.definition.file);
    let at = match line_of(project, candidate.definition) {
        Some(line) => format!("{}:{line}", entry.path),
        None => entry.path.clone(),
    };
    let what = if definition.declared_only { "declared " } else { "" };
    let mut out = format!(
        "  {}  {what}{} {}",
        paint(NAME, safe(&at)),
        kind_tag(definition.kind),
        safe(&project.index().qualified(candidate.definition))
    );
    if candidate.reason != Reason::Elsewhere {
        let _ = write!(out, "  ({})", reason_tag(candidate.reason).replace('_', " "));
    }
    if !candidate.fits {
        let _ = write!(out, "  {}", paint(BAD, "takes another number of arguments"));
    }
    out.push('\n');
    out
}
