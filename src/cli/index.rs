//! `weiser index`: what a project holds, and what a name in it means.

use super::args::{Format, IndexArgs, WantedName};
use super::exit::Exit;
use super::output::Console;
use super::settings::Environment;
use super::values::At;
use super::{Failure, project};
use crate::project::{Lookup, Project, Query, Wanted};
use crate::report::terminal::{Detail, index};
use crate::report::wire;

pub fn index(args: &IndexArgs, environment: &Environment, console: &mut Console) -> Result<Exit, Failure> {
    let common = &args.common;
    let cache = if args.no_index_cache { None } else { environment.index_cache() };
    let (project, opened) = project::open(&args.folder, &args.search, &args.include_path, cache, common, console)?;
    let found = match args.find.as_deref() {
        Some(name) => Some((name, find(args, name, &project)?)),
        None => None,
    };
    if let Some(path) = &common.output {
        console.redirect(path)?;
    }
    let found = found.as_ref().map(|(name, lookup)| (*name, lookup));
    match (common.format, found) {
        (Format::Json, _) => console.print(&wire::index::document(&project, &opened, found).to_json())?,
        (Format::Human, Some((name, lookup))) => console.print(&index::found(&project, name, lookup))?,
        (Format::Human, None) if common.detail() == Detail::Quiet => {}
        (Format::Human, None) => console.print(&index::summary(&project, &opened, common.detail()))?,
    }
    let lost = !opened.unsearched.is_empty() || project.index().counts().lost > 0;
    Ok(if lost { Exit::Usage } else { Exit::Holds })
}

fn find(args: &IndexArgs, name: &str, project: &Project) -> Result<Lookup, Failure> {
    let wanted = match args.kind {
        WantedName::Callable => Wanted::Callable,
        WantedName::Type => Wanted::Type,
        WantedName::Value => Wanted::Value,
        WantedName::Macro => Wanted::Macro,
        WantedName::Any => Wanted::Any,
    };
    let mut query = Query::new(name, wanted, None);
    query.receiver = args.receiver.as_deref();
    query.arguments = args.arguments;
    if let Some(At { file: Some(path), line }) = &args.from {
        let missing = || Failure::Usage(format!("--from {}: is no source file of this project", path.display()));
        let file = project.file_at(path).ok_or_else(missing)?;
        query.from = Some(file);
        let text = project.text(file).map_err(|error| Failure::Usage(error.to_string()))?;
        // Behind the indentation: the line of a method's name is in its class.
        let start = text.line_start(*line);
        query.at = (*line > 0).then(|| start + text.indent_of(start).len() as u32);
    }
    Ok(project.find(&query))
}
