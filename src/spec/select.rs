//! From a file's conditions and the command line to triples: which POSTs are asked about, and from which function.

use super::anchor::Spot;
use super::collect::{Collector, Mark};
use super::comments::Place;
use super::error::Listing;
use super::keyword::Role;
use super::{Anchor, Found, Placed, Request, SpecError, Triple};
use crate::syntax::Parsed;
use crate::syntax::ast::{Diagnostic, FunctionId, Severity, StmtId, StmtKind};
use crate::text::Span;
use std::collections::{BTreeMap, BTreeSet};

pub fn triples(parsed: &Parsed, request: &Request) -> Result<Found, SpecError> {
    for (given, flag) in [(&request.pre, "--pre"), (&request.post, "--post")] {
        if given.iter().any(|t| t.trim().is_empty()) {
            return Err(SpecError::EmptyArgument { flag });
        }
    }
    let mut collector = Collector::new(parsed);
    let marks = collector.marks()?;
    // An `assume` is a pre-condition of its own function only: slices are full of them.
    let assumes =
        |m: &Mark| at_statement(m).is_some_and(|s| matches!(parsed.ast.stmt(s).kind, StmtKind::Assume { .. }));
    let holders = marks.iter().filter(|m| m.role == Role::Pre && !assumes(m)).map(|m| m.function).collect();
    let holders = of_the_program(parsed, holders, &marks);
    let mut select = Select { parsed, request, collector, marks, holders };
    let entry = request.entry.as_deref().map(|name| select.named(name)).transpose()?;
    let posts = if !request.post.is_empty() {
        select.given(entry)?
    } else if let Some(line) = request.at {
        select.on_line(line)?
    } else {
        select.annotated()?
    };
    let asked = select.asked(&posts, entry)?;
    let asked: Vec<_> = asked.into_iter().filter(|(start, post)| select.is_of_this_file(*start, post)).collect();
    if asked.is_empty() {
        return Err(SpecError::NoPost {
            path: parsed.source.path.clone(),
            comment: parsed.language.layout.comment.clone(),
        });
    }
    let triples: Vec<Triple> = asked.into_iter().map(|(start, post)| select.triple(start, post)).collect();
    select.explain_unused(&triples);
    Ok(Found { triples, diagnostics: select.collector.diagnostics })
}

/// The functions that hold PREs, as far as those may be meant for a POST elsewhere: a function of another file that holds a POST
/// too has a triple of its own.
fn of_the_program(parsed: &Parsed, holders: BTreeSet<FunctionId>, marks: &[Mark]) -> BTreeSet<FunctionId> {
    let own = |f: &FunctionId| parsed.source.is_own(parsed.ast.function(*f).span.start);
    if parsed.source.linkage.is_none() {
        return holders;
    }
    if holders.iter().any(&own) {
        return holders.into_iter().filter(own).collect();
    }
    let contract = |f: &FunctionId| marks.iter().any(|m| m.role == Role::Post && m.function == *f);
    holders.into_iter().filter(|f| !contract(f)).collect()
}

pub fn starts(parsed: &Parsed, request: &Request) -> BTreeMap<FunctionId, BTreeSet<String>> {
    let mut collector = Collector::new(parsed);
    let marks = collector.marks().unwrap_or_default();
    let mut select = Select { parsed, request, collector, marks, holders: BTreeSet::new() };
    let mut out: BTreeMap<FunctionId, BTreeSet<String>> = BTreeMap::new();
    let mut add = |mark: &Mark| {
        out.entry(mark.function).or_default().extend(words(&mark.placed.condition.text));
    };
    select.marks.iter().for_each(&mut add);
    if !select.marks.iter().any(|m| m.role == Role::Post) && request.post.is_empty() {
        select.asserts(|_| true).iter().for_each(&mut add);
    }
    let entry = request.entry.as_deref().and_then(|name| select.named(name).ok());
    let at = request.at.and_then(|line| select.function_on(line).ok());
    let only = || select.only_function().ok().filter(|_| !request.post.is_empty());
    let asked: BTreeSet<String> = request.pre.iter().chain(&request.post).flat_map(|text| words(text)).collect();
    for function in entry.into_iter().chain(at).chain(if entry.or(at).is_none() { only() } else { None }) {
        out.entry(function).or_default().extend(asked.iter().cloned());
    }
    out
}

fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|w| !w.is_empty()).map(str::to_owned)
}

struct Select<'a> {
    parsed: &'a Parsed,
    request: &'a Request,
    collector: Collector<'a>,
    /// The file's annotations, by function and then in source order.
    marks: Vec<Mark>,
    /// The functions that hold PREs other than plain assumptions.
    holders: BTreeSet<FunctionId>,
}

impl Select<'_> {
    /// The POSTs that are annotated in the file; where there is none, each function's last plain assert.
    fn annotated(&mut self) -> Result<Vec<Mark>, SpecError> {
        let mut posts: Vec<Mark> = self.marks.iter().filter(|m| m.role == Role::Post).cloned().collect();
        for post in &mut posts {
            // At the top of a body whose PREs stand in a caller, a POST is about that point: what the caller hands over.
            if let Some(next) = post.top
                && !self.holders.is_empty()
                && !self.holders.contains(&post.function)
            {
                post.placed.anchor = Anchor::Before(next);
            }
        }
        posts.retain(|post| self.is_asked_here(post));
        if posts.is_empty() {
            posts = self.plain_asserts();
        }
        if posts.is_empty() {
            let comment = self.parsed.language.layout.comment.clone();
            return Err(SpecError::NoPost { path: self.parsed.source.path.clone(), comment });
        }
        posts.sort_by_key(|m| m.offset);
        Ok(posts)
    }

    /// The last assert of each function, as its POST.
    fn plain_asserts(&mut self) -> Vec<Mark> {
        let mut last: BTreeMap<FunctionId, Mark> = BTreeMap::new();
        for mark in self.asserts(|_| true) {
            let later = last.get(&mark.function).is_none_or(|m| m.offset < mark.offset);
            if later {
                last.insert(mark.function, mark);
            }
        }
        for mark in last.values() {
            let name = &self.parsed.ast.function(mark.function).qualified;
            self.collector.diagnostics.push(Diagnostic {
                severity: Severity::Info,
                span: mark.placed.condition.span.unwrap_or_default(),
                message: format!("no POST is marked: the last assert of `{name}` is taken as its post-condition"),
            });
        }
        last.into_values().collect()
    }

    /// The asserts that are not marked and stand on the lines chosen, as POSTs.
    fn asserts(&mut self, chosen: impl Fn(u32) -> bool) -> Vec<Mark> {
        let ast = &self.parsed.ast;
        let marked: BTreeSet<StmtId> = self.marks.iter().filter_map(at_statement).collect();
        let mut found = Vec::new();
        for id in (0..ast.stmts.len() as u32).map(StmtId) {
            let StmtKind::Assert { cond, .. } = ast.stmt(id).kind else { continue };
            let at = ast.stmt(id).span.start;
            if !marked.contains(&id) && self.parsed.source.is_own(at) && chosen(self.parsed.source.line(at)) {
                found.extend(self.collector.asserted(Role::Post, id, cond, String::new(), None));
            }
        }
        found
    }

    /// `--at LINE` alone: the POST that is written on the line or stands at an assert there, else the assert itself.
    fn on_line(&mut self, line: u32) -> Result<Vec<Mark>, SpecError> {
        let posts = self.marks.iter().filter(|m| m.role == Role::Post && m.line == line).cloned().collect::<Vec<_>>();
        let posts = if posts.is_empty() { self.asserts(|l| l == line) } else { posts };
        if posts.is_empty() {
            return Err(SpecError::NothingAtLine { path: self.parsed.source.path.clone(), line });
        }
        Ok(posts)
    }

    /// The POSTs of the command line, at `--at` or where the function returns.
    fn given(&mut self, entry: Option<FunctionId>) -> Result<Vec<Mark>, SpecError> {
        let (function, point) = match self.request.at {
            Some(line) => {
                let function = self.function_on(line)?;
                (function, Some(self.point(function, line)))
            }
            None => (entry.map_or_else(|| self.only_function(), Ok)?, None),
        };
        let source = &self.parsed.source;
        let offset = self.request.at.map_or(source.text.len() as u32, |line| source.line_start(line));
        let mut marks = Vec::new();
        for text in &self.request.post {
            let lines: Vec<String> = text.lines().map(str::to_string).collect();
            let mut placed = self.collector.placed(function, point.unwrap_or(Anchor::Exit), &lines, None);
            if let Some(Anchor::Before(stmt)) = point
                && self.asserts_text(stmt, &placed.condition.text)
            {
                placed.anchor = Anchor::At(stmt);
            }
            marks.push(Mark { role: Role::Post, function, placed, top: None, offset, line: 0 });
        }
        Ok(marks)
    }

    /// Whether `stmt` asserts just `text`.
    fn asserts_text(&self, stmt: StmtId, text: &str) -> bool {
        let StmtKind::Assert { cond, .. } = self.parsed.ast.stmt(stmt).kind else { return false };
        let span = self.parsed.ast.expr(cond).span;
        self.parsed.source.text.get(span.range()).is_some_and(|written| written.trim() == text)
    }

    /// The point that a line names: before the statement that starts on it; on a line where none does, behind the last
    /// statement before it in the same block.
    fn point(&self, function: FunctionId, line: u32) -> Anchor {
        let source = &self.parsed.source;
        let outline = &self.collector.outline;
        let before_body = line < source.line(self.parsed.ast.function(function).body.span.start);
        if let Some(stmt) = outline.starting_on(function, line).filter(|_| !before_body) {
            return Anchor::Before(stmt);
        }
        let text = source.slice(source.line_span(line));
        let indent = text.len() - text.trim_start().len();
        // A blank line is read as if it were indented like the line before it that isn't.
        let column = if text.trim().is_empty() { self.indentation_before(line) } else { indent as u32 + 1 };
        let offset = source.line_start(line) + indent as u32;
        let place = Place { offset, line, column, alone: true, code_before: offset, code_after: offset };
        let spot = if before_body { outline.start(function) } else { outline.spot(function, place) };
        match spot {
            Spot::Start { next: Some(next) } => Anchor::Before(next),
            spot => self.collector.anchor(function, spot, Role::Post),
        }
    }

    fn indentation_before(&self, line: u32) -> u32 {
        let source = &self.parsed.source;
        (1..line)
            .rev()
            .map(|l| source.slice(source.line_span(l)))
            .find(|text| !text.trim().is_empty())
            .map_or(1, |text| (text.len() - text.trim_start().len()) as u32 + 1)
    }

    /// The innermost function whose lines hold `line`; else the script's own statements.
    fn function_on(&self, line: u32) -> Result<FunctionId, SpecError> {
        let source = &self.parsed.source;
        let module = self.collector.outline.module();
        let holds = |span: Span| (source.line(span.start)..=source.line(span.end.saturating_sub(1))).contains(&line);
        let functions = self.parsed.ast.functions.iter().enumerate();
        functions
            .map(|(i, f)| (FunctionId(i as u32), f.span))
            .filter(|(id, span)| Some(*id) != module && holds(*span))
            .max_by_key(|(_, span)| span.start)
            .map(|(id, _)| id)
            .or(module)
            .ok_or_else(|| SpecError::NoFunctionAtLine {
                path: source.path.clone(),
                line,
                functions: self.listing(self.all_functions()),
            })
    }

    fn all_functions(&self) -> impl Iterator<Item = FunctionId> + use<> {
        (0..self.parsed.ast.functions.len() as u32).map(FunctionId)
    }

    /// The function meant where nothing says which: the only one that doesn't stand inside another.
    fn only_function(&self) -> Result<FunctionId, SpecError> {
        let module = self.collector.outline.module();
        let outermost: Vec<FunctionId> = self
            .all_functions()
            .filter(|f| Some(*f) != module && self.parsed.ast.function(*f).outer.is_none() && self.is_own(*f))
            .collect();
        match (&outermost[..], module) {
            (&[only], _) | (&[], Some(only)) => Ok(only),
            _ => Err(SpecError::NeedEntry {
                path: self.parsed.source.path.clone(),
                functions: self.listing(self.all_functions()),
            }),
        }
    }

    /// The function that `--entry` names, in full or by its last name.
    fn named(&self, name: &str) -> Result<FunctionId, SpecError> {
        let ast = &self.parsed.ast;
        let own = || self.all_functions().filter(|f| self.is_own(*f));
        let by = |matches: &dyn Fn(FunctionId) -> bool| own().filter(|f| matches(*f)).collect::<Vec<_>>();
        let mut found = by(&|f| ast.function(f).qualified == name);
        if found.is_empty() {
            found = by(&|f| ast.function(f).name == name);
        }
        let path = self.parsed.source.path.clone();
        match found[..] {
            [one] => Ok(one),
            [] => {
                let functions = self.listing(self.all_functions());
                Err(SpecError::NoSuchFunction { path, name: name.to_string(), functions })
            }
            _ => {
                let functions = self.listing(found.iter().copied());
                Err(SpecError::AmbiguousEntry { path, name: name.to_string(), functions })
            }
        }
    }

    /// Each POST that is asked about, with the function its triple starts in.
    fn asked(&mut self, posts: &[Mark], entry: Option<FunctionId>) -> Result<Vec<(FunctionId, Mark)>, SpecError> {
        let Some(entry) = entry else {
            return Ok(posts.iter().map(|p| (self.start_of(p), p.clone())).collect());
        };
        let mut asked: Vec<Mark> = posts.iter().filter(|p| p.function == entry).cloned().collect();
        if asked.is_empty() && self.request.across {
            let scopes = &mut self.collector.scopes;
            asked = posts.iter().filter(|p| is_movable(p) && scopes.calls(entry, p.function)).cloned().collect();
        }
        if asked.is_empty() {
            let holders: BTreeSet<FunctionId> = posts.iter().map(|p| p.function).collect();
            return Err(SpecError::PostElsewhere {
                path: self.parsed.source.path.clone(),
                entry: self.parsed.ast.function(entry).qualified.clone(),
                functions: self.listing(holders.into_iter()),
            });
        }
        Ok(asked.into_iter().map(|p| (entry, p)).collect())
    }

    fn is_asked_here(&mut self, post: &Mark) -> bool {
        let start = self.start_of(post);
        self.is_of_this_file(start, post)
    }

    /// Whether a triple is asked about from this file. What stands in the text of other files has its own triples, unless a PRE
    /// of this file belongs to it; and the other way round.
    fn is_of_this_file(&mut self, start: FunctionId, post: &Mark) -> bool {
        let source = &self.parsed.source;
        if source.linkage.is_none() && self.request.elsewhere.is_empty() {
            return true;
        }
        let own: Vec<FunctionId> = self.holders.iter().copied().filter(|h| self.is_own(*h)).collect();
        let alone = self.holders.len() == 1;
        let scopes = &mut self.collector.scopes;
        let mut pre = |h: FunctionId| h == post.function || h == start || alone && scopes.calls(start, h);
        let pre_here = own.into_iter().any(&mut pre);
        let with_pre = !self.request.pre.is_empty() || self.request.entry.is_some();
        match source.is_own(post.offset) || !self.request.post.is_empty() {
            true => !self.request.elsewhere.contains(&post.line) || pre_here,
            // A function that states what it relies on has a triple of its own.
            false => {
                self.is_own(start) && (pre_here || with_pre) && start != post.function && !self.holds_pre(post.function)
            }
        }
    }

    fn holds_pre(&self, function: FunctionId) -> bool {
        self.marks_of(function).iter().any(|m| m.role == Role::Pre)
    }

    fn is_own(&self, function: FunctionId) -> bool {
        self.parsed.source.is_own(self.parsed.ast.function(function).span.start)
    }

    /// The function that holds the POST; or the one other function that holds PREs, if that calls it; or the innermost that
    /// calls both, if neither calls the other.
    fn start_of(&mut self, post: &Mark) -> FunctionId {
        let own = post.function;
        let Some(holder) = self.pre_elsewhere(own).filter(|_| is_movable(post)) else { return own };
        let scopes = &mut self.collector.scopes;
        if scopes.calls(holder, own) {
            return holder;
        }
        if scopes.calls(own, holder) {
            return own;
        }
        let all: Vec<FunctionId> = (0..self.parsed.ast.functions.len() as u32).map(FunctionId).collect();
        let both: Vec<FunctionId> =
            all.into_iter().filter(|f| scopes.calls(*f, own) && scopes.calls(*f, holder)).collect();
        let innermost = both.iter().find(|f| both.iter().all(|g| g == *f || !scopes.calls(**f, *g)));
        innermost.or(both.first()).copied().unwrap_or(own)
    }

    /// The function that holds the file's PREs, if calls are followed and it is one, and not `function`.
    fn pre_elsewhere(&self, function: FunctionId) -> Option<FunctionId> {
        let holder = self.holders.first().copied()?;
        (self.request.across && self.holders.len() == 1 && holder != function).then_some(holder)
    }

    fn triple(&mut self, entry: FunctionId, post: Mark) -> Triple {
        let mut pre = self.pres(entry);
        if let Some(holder) = self.pre_elsewhere(entry)
            && self.collector.scopes.calls(entry, holder)
        {
            // In a callee the entry is a point like any other: the one before its first statement. Where there is none, the
            // condition belongs to no triple: at the caller's entry it would be another.
            let first = match self.collector.outline.start(holder) {
                Spot::Start { next } => next.map(Anchor::Before),
                _ => None,
            };
            pre.extend(self.pres(holder).into_iter().filter_map(|p| match p.anchor {
                Anchor::Entry => first.map(|anchor| Placed { anchor, ..p }),
                _ => Some(p),
            }));
        }
        for text in &self.request.pre {
            let lines: Vec<String> = text.lines().map(str::to_string).collect();
            pre.push(self.collector.placed(entry, Anchor::Entry, &lines, None));
        }
        let own = at_statement(&post);
        let ignored = BTreeSet::from([entry, post.function])
            .into_iter()
            .flat_map(|f| self.marks_of(f))
            .filter(|m| m.role == Role::Post)
            .filter_map(at_statement)
            .filter(|s| Some(*s) != own)
            .collect();
        let pre_elsewhere = !self.holders.is_empty() && !self.holders.contains(&post.function);
        Triple { entry, pre, post: post.placed, ignored, pre_elsewhere }
    }

    fn pres(&self, function: FunctionId) -> Vec<Placed> {
        self.marks_of(function).iter().filter(|m| m.role == Role::Pre).map(|m| m.placed.clone()).collect()
    }

    fn marks_of(&self, function: FunctionId) -> &[Mark] {
        let start = self.marks.partition_point(|m| m.function < function);
        let end = self.marks.partition_point(|m| m.function <= function);
        &self.marks[start..end]
    }

    /// Says which PREs belong to no triple: a pre-condition that is not used would be a surprise.
    fn explain_unused(&mut self, triples: &[Triple]) {
        let used: BTreeSet<Span> = triples.iter().flat_map(|t| &t.pre).filter_map(|p| p.condition.span).collect();
        let mut said = BTreeSet::new();
        for mark in self.marks.iter().filter(|m| m.role == Role::Pre && self.holders.contains(&m.function)) {
            let unused = mark.placed.condition.span.is_none_or(|span| !used.contains(&span));
            if unused && said.insert(mark.function) {
                let name = &self.parsed.ast.function(mark.function).qualified;
                self.collector.diagnostics.push(Diagnostic {
                    severity: Severity::Info,
                    span: mark.placed.condition.span.unwrap_or_default(),
                    message: format!("the PRE of `{name}` belongs to no triple: no POST is asked about from there"),
                });
            }
        }
    }

    fn listing(&self, functions: impl Iterator<Item = FunctionId>) -> Listing {
        let named = functions.map(|f| self.parsed.ast.function(f));
        Listing(named.map(|f| (f.qualified.clone(), self.parsed.source.line(f.span.start))).collect())
    }
}

/// The assert that is the condition, if one is.
fn at_statement(mark: &Mark) -> Option<StmtId> {
    match mark.placed.anchor {
        Anchor::At(stmt) => Some(stmt),
        _ => None,
    }
}

/// Whether the POST stays where it is if the triple starts in another function: entry and exit are the triple's own.
fn is_movable(mark: &Mark) -> bool {
    !matches!(mark.placed.anchor, Anchor::Entry | Anchor::Exit)
}
