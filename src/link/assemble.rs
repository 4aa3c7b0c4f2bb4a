//! The text: the file's own lines, then what is taken of other files.
//!
//! Imports of the file's own text that lead to what now stands beside it are blanked; those that other files need are put where
//! the language wants them. Neither moves a line.

use super::closure::Closure;
use super::{Linked, Note};
use crate::project::{FileId, ImportForm, Project, SourceError};
use crate::syntax::Parsed;
use crate::syntax::language::{Imports, Language};
use crate::text::{Linkage, Part, SourceFile, Span};
use std::collections::{BTreeMap, BTreeSet};

pub fn assemble(project: &Project, own: FileId, shown: &str, mut closure: Closure) -> Result<Linked, SourceError> {
    let open = closure.meanings.open(own)?;
    let notes: Vec<Note> = std::mem::take(&mut closure.notes).into_iter().collect();
    let named = |word: &&String| open.parsed.ast.containers.iter().any(|c| c.name == **word);
    let known = |word: &&String| named(word) || !closure.taken.is_empty();
    let built_on: BTreeSet<String> = project.built_on().iter().filter(known).cloned().collect();
    let replaced = if built_on.is_empty() { BTreeSet::new() } else { project.replaced() };
    let alone = closure.taken.is_empty() && closure.unseen.is_empty() && closure.cut.is_empty();
    if alone && built_on.is_empty() {
        return Ok(Linked { source: SourceFile::new(shown, open.parsed.source.text.as_str()), notes });
    }
    let language = closure.language;
    let mut text = own_text(project, own, &open.parsed, &mut closure)?;
    if !text.ends_with('\n') {
        text.push('\n');
    }
    let own_bytes = text.len() as u32;
    let mut line = text.matches('\n').count() as u32 + 1;
    let mut parts = Vec::new();
    for file in order(project, own, &closure) {
        let open = closure.meanings.open(file)?;
        let path = project.index().file(file).path.clone();
        for (span, body) in stretches(project, file, &open.parsed, &closure) {
            let lines = body.matches('\n').count() as u32;
            parts.push(Part { path: path.clone(), first: line, lines, line: open.parsed.source.line(span.start) });
            text.push_str(&body);
            line += lines;
        }
    }
    let seam = if language.modules.others_behind { own_bytes } else { seam(project, own, &open.parsed, language) };
    let modules = closure.modules.keys().cloned().collect();
    let unseen = std::mem::take(&mut closure.unseen);
    let (name, root) = (project.index().file(own).path.clone(), String::new());
    let cut = std::mem::take(&mut closure.cut);
    let linkage = Linkage { cut, parts, name, root, own: own_bytes, seam, modules, unseen, built_on, replaced };
    let source = SourceFile::new(shown, text).linked(Some(linkage));
    Ok(Linked { source, notes })
}

/// The file's own text, every line where it was.
fn own_text(project: &Project, own: FileId, parsed: &Parsed, closure: &mut Closure) -> Result<String, SourceError> {
    let mut text = parsed.source.text.clone();
    let imports = closure.meanings.imports(own);
    let mut by_span: BTreeMap<Span, bool> = BTreeMap::new();
    for (i, import) in imports.iter().enumerate() {
        let shown = !project.imported(own, i).is_empty() && !closure.kept.contains(&i);
        // What takes in all names of a module may be needed for one that isn't shown.
        let known = closure.modules.values().any(|own| *own == Some(i));
        let named = matches!(import.form, ImportForm::Member(_));
        let plain = closure.language.modules.imports != Imports::Modules;
        *by_span.entry(import.span).or_insert(true) &= shown && (plain || named || known);
    }
    for (span, _) in by_span.iter().filter(|(_, shown)| **shown) {
        let alone = parsed.source.first_on_line(span.start) && parsed.source.indent_of(span.start).is_empty();
        if alone {
            let blank: String =
                text[span.range()].chars().map(|c| if c == '\n' { '\n' } else { ' ' }).collect::<String>();
            // Blanks take one byte each; so does what they stand for, but for letters beyond ASCII.
            if blank.len() == span.len() {
                text.replace_range(span.range(), &blank);
            }
        }
    }
    if closure.language.modules.others_behind {
        let known: BTreeSet<&str> = imports.iter().map(|i| parsed.source.slice(i.span).trim()).collect();
        let mut more: BTreeSet<String> = BTreeSet::new();
        for (file, import) in needed_imports(project, closure) {
            let open = closure.meanings.open(file)?;
            let said = open.parsed.source.slice(closure.meanings.imports(file)[import].span).trim().to_owned();
            if !known.contains(said.as_str()) && !said.contains('\n') {
                more.insert(said);
            }
        }
        let at = imports.iter().map(|i| i.span.end).max().or_else(|| package_end(parsed)).unwrap_or(0);
        let more: String = more.into_iter().map(|said| format!(" {said}")).collect();
        text.insert_str(at as usize, more.trim_start_matches(if at == 0 { " " } else { "" }));
    }
    Ok(text)
}

/// Where imports may stand in a file that has none: behind the declaration of its package.
fn package_end(parsed: &Parsed) -> Option<u32> {
    let package = parsed.ast.decls.iter().find(|d| d.kind == crate::syntax::ast::DeclKind::Import && d.always);
    package.map(|d| d.span.end)
}

/// Imports of other files, of what isn't in the project.
fn needed_imports(project: &Project, closure: &Closure) -> BTreeSet<(FileId, usize)> {
    let mut needed = closure.imports.clone();
    for file in closure.taken.keys() {
        needed.extend(closure.meanings.open_imports(*file).into_iter().map(|i| (*file, i)));
    }
    // What is shown itself needs no import any more.
    needed.retain(|(file, import)| {
        let textual = closure.language.modules.imports != Imports::Classes;
        textual || project.imported(*file, *import).is_empty()
    });
    needed
}

/// Files in the order in which a compiler wants them: what a file includes before it, what is called before what calls it.
fn order(project: &Project, own: FileId, closure: &Closure) -> Vec<FileId> {
    let mut out = Vec::new();
    let mut seen = BTreeSet::new();
    for file in closure.order.iter().rev() {
        visit(project, closure, *file, &mut seen, &mut out);
    }
    out.retain(|file| *file != own && closure.taken.contains_key(file));
    out
}

/// Depth first, without recursion: chains of includes may be long.
fn visit(project: &Project, closure: &Closure, file: FileId, seen: &mut BTreeSet<FileId>, out: &mut Vec<FileId>) {
    let mut stack = vec![(file, false)];
    while let Some((file, done)) = stack.pop() {
        if done {
            out.push(file);
            continue;
        }
        if !seen.insert(file) {
            continue;
        }
        stack.push((file, true));
        let textual =
            |i: &usize| matches!(closure.meanings.imports(file)[*i].form, ImportForm::Beside | ImportForm::OnPath);
        let imports = (0..closure.meanings.imports(file).len()).filter(textual);
        let targets: Vec<FileId> = imports.flat_map(|i| project.imported(file, i).to_vec()).collect();
        stack.extend(targets.into_iter().rev().map(|f| (f, false)));
    }
}

/// What is taken of a file, as text that ends with a line break, with where it begins.
fn stretches(project: &Project, file: FileId, parsed: &Parsed, closure: &Closure) -> Vec<(Span, String)> {
    let mut spans: Vec<Span> = closure.taken[&file].iter().map(|s| with_comments(parsed, *s)).collect();
    if !closure.language.modules.others_behind {
        let imports = closure.meanings.imports(file);
        let needed = needed_imports(project, closure).into_iter().filter(|(f, _)| *f == file);
        spans.extend(needed.map(|(_, i)| imports[i].span));
    }
    spans.sort_by_key(|s| (s.start, std::cmp::Reverse(s.end)));
    let mut out: Vec<Span> = Vec::new();
    for span in spans {
        let source = &parsed.source;
        match out.last_mut() {
            // Neighbours, or one inside the other.
            Some(last) if source.line(span.start) <= source.line(last.end.saturating_sub(1)) + 1 => {
                last.end = last.end.max(span.end);
            }
            _ => out.push(span),
        }
    }
    out.into_iter().map(|span| (span, body(parsed, span, closure.language))).collect()
}

fn body(parsed: &Parsed, span: Span, language: &Language) -> String {
    let mut text = parsed.source.slice(span).to_owned();
    for word in &language.modules.once {
        if let Some(at) = head_word(&text, word) {
            text.replace_range(at..at + word.len() + 1, "");
        }
    }
    // The rest of the line: a comment, or the terminator of a definition without one in its span.
    let rest = parsed.source.line_span(parsed.source.line(span.end.saturating_sub(1)));
    let tail = Span { start: span.end, end: rest.end.max(span.end) };
    let is_comment =
        parsed.ast.comments.iter().any(|c| tail.contains(c.span)) || parsed.source.slice(tail).trim() == ";";
    if is_comment {
        text.push_str(parsed.source.slice(tail));
    }
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

/// Where a word stands among those with which the line of a definition begins.
fn head_word(text: &str, word: &str) -> Option<usize> {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if let Some(rest) = line.strip_prefix(word)
            && rest.starts_with(' ')
        {
            return Some(at);
        }
        at += line.len();
    }
    None
}

/// A definition with the comment lines directly above it, and one below that states a condition.
fn with_comments(parsed: &Parsed, span: Span) -> Span {
    let source = &parsed.source;
    let mut span = span;
    let before = parsed.ast.comments.partition_point(|c| c.span.start < span.start);
    for comment in parsed.ast.comments[..before].iter().rev() {
        let between = &source.text[comment.span.end.min(span.start) as usize..span.start as usize];
        if !source.first_on_line(comment.span.start) || between.trim() != "" || between.matches('\n').count() > 1 {
            break;
        }
        span.start = comment.span.start;
    }
    let after = parsed.ast.comments.partition_point(|c| c.span.start < span.end);
    if let Some(comment) = parsed.ast.comments.get(after) {
        let between = &source.text[span.end as usize..comment.span.start as usize];
        let mark = &parsed.language.layout.comment;
        if between.trim().is_empty()
            && between.matches('\n').count() <= 1
            && crate::spec::is_annotation(source.slice(comment.span), mark)
        {
            span.end = comment.span.end;
        }
    }
    span
}

/// Behind the imports that must stand first.
fn seam(project: &Project, own: FileId, parsed: &Parsed, language: &Language) -> u32 {
    let imports = &project.index().file(own).outline.imports;
    let first =
        imports.iter().filter(|i| !language.modules.first_import.is_empty() && i.path == language.modules.first_import);
    let end = first.map(|i| i.span.end).max().unwrap_or(0);
    if end == 0 { 0 } else { parsed.source.line_start(parsed.source.line(end) + 1) }
}
