//! Putting probes into a program: the author's text with calls at the points of its triple.
//!
//! Works on originals and slices alike, since a slice is a program with the same triple. The text is changed at the points
//! only; `[probes]` of the language says what the calls look like.
//!
//! Cost: linear in the text.

use crate::spec::{Anchor, ConditionKind, Placed, Triple};
use crate::syntax::Parsed;
use crate::syntax::ast::{Body, BodyStyle, ExprId, ExprKind, FunctionId, StmtId, StmtKind};
use crate::syntax::completes::completes;
use crate::syntax::running::Probes;
use crate::text::Span;
use std::collections::BTreeMap;

/// What is put in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// Q is evaluated; otherwise only the values of its names are told.
    pub truth: bool,
    /// The values of Q's names are told.
    pub names: bool,
}

/// Why a program can't be run as it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProbeError {
    #[error("a condition stands where no statement can be put: {0}")]
    Place(&'static str),
    #[error(
        "the function returns from inside a `try` or `with`, and what these do at their end comes before the condition"
    )]
    Behind,
}

/// The program with its probes. PREs in plain language are left to whoever gives the inputs.
pub fn instrument(parsed: &Parsed, triple: &Triple, probes: &Probes, wanted: Wanted) -> Result<String, ProbeError> {
    let mut editor = Editor { parsed, triple, probes, wanted, edits: Vec::new(), styles: styles(parsed) };
    editor.conditions()?;
    editor.statements();
    Ok(editor.finish())
}

struct Editor<'a> {
    parsed: &'a Parsed,
    triple: &'a Triple,
    probes: &'a Probes,
    wanted: Wanted,
    /// What is put before, instead of and behind each statement that is touched.
    edits: Vec<Edit>,
    /// The layout of the body that each statement stands in directly.
    styles: BTreeMap<StmtId, BodyStyle>,
}

enum Edit {
    Replace(Span, String),
    /// Texts at an offset stand in the order in which they are put there.
    Insert(u32, String),
}

impl Editor<'_> {
    fn conditions(&mut self) -> Result<(), ProbeError> {
        for (number, placed) in self.triple.pre.iter().enumerate() {
            let text = placed.condition.text.trim();
            if self.is_assumption(placed.anchor) {
                // Evaluated where it stands: what it assigns or raises is part of the program. See `statements`.
            } else if placed.condition.kind == ConditionKind::Code {
                let call = fill(&self.probes.pre, &[("k", &number.to_string()), ("e", text)]);
                self.at_point(placed.anchor, &call)?;
            } else if let Anchor::At(stmt) = placed.anchor {
                self.replace(stmt, String::new());
            }
        }
        for stmt in &self.triple.ignored {
            self.replace(*stmt, String::new());
        }
        match self.triple.post.anchor {
            Anchor::Exit => self.exits(),
            anchor => {
                let call = self.visit(&self.probes.post, &self.probes.observe, false);
                self.at_point(anchor, &call)
            }
        }
    }

    /// Whether a condition is an assumption in the code.
    fn is_assumption(&self, anchor: Anchor) -> bool {
        matches!(anchor, Anchor::At(s) if matches!(self.parsed.ast.stmt(s).kind, StmtKind::Assume { .. }))
    }

    /// Whether Q is evaluated.
    fn truth(&self) -> bool {
        self.wanted.truth && self.triple.post.condition.kind == ConditionKind::Code
    }

    /// A visit of Q by one of two forms.
    fn visit(&self, judged: &str, observed: &str, at_return: bool) -> String {
        let form = if self.truth() { judged } else { observed };
        let post = &self.triple.post;
        let mut condition = post.condition.text.trim().to_owned();
        if at_return && self.probes.result != RESULT {
            condition = renamed(&condition, self.parsed, &self.probes.result);
        }
        fill(form, &[("e", &condition), ("names", &self.names(post, at_return))])
    }

    fn names(&self, post: &Placed, at_return: bool) -> String {
        if !self.wanted.names {
            return String::new();
        }
        let form = match at_return && !self.probes.name_at_return.is_empty() {
            true => &self.probes.name_at_return,
            false => &self.probes.name,
        };
        let mut names: Vec<&str> =
            post.condition.names.iter().map(String::as_str).filter(|n| self.is_variable(n)).collect();
        let has_result = at_return && self.returns_value();
        names.retain(|n| *n != RESULT || !at_return || has_result);
        if has_result && !names.contains(&RESULT) && post.condition.kind == ConditionKind::Text {
            names.push(RESULT);
        }
        let mut out = String::new();
        for name in names {
            let variable = if at_return && name == RESULT { self.probes.result.as_str() } else { name };
            out.push_str(&fill(form, &[("n", variable), ("label", name)]));
        }
        if post.output {
            out.push_str(&self.probes.output);
        }
        out
    }

    /// Not a function or type of the file: those have no value to tell.
    fn is_variable(&self, name: &str) -> bool {
        let ast = &self.parsed.ast;
        !ast.functions.iter().any(|f| f.name == name) && !ast.containers.iter().any(|c| c.name == name)
    }

    fn returns_value(&self) -> bool {
        returns_value(self.parsed, self.triple.entry)
    }

    fn at_point(&mut self, anchor: Anchor, call: &str) -> Result<(), ProbeError> {
        match anchor {
            Anchor::At(stmt) => self.replace(stmt, call.to_owned()),
            Anchor::Before(stmt) => self.beside(stmt, call, true)?,
            Anchor::After(stmt) => self.beside(stmt, call, false)?,
            Anchor::Entry => {
                let body = &self.parsed.ast.function(self.triple.entry).body;
                self.at_start(body.clone(), call)?;
            }
            Anchor::Exit => return Err(ProbeError::Place("a precondition at the exit")),
        }
        Ok(())
    }

    fn at_start(&mut self, body: Body, call: &str) -> Result<(), ProbeError> {
        if body.style == BodyStyle::Braced {
            self.edits.push(Edit::Insert(body.span.start + 1, format!(" {call}")));
            return Ok(());
        }
        let doc = self.parsed.ast.function(self.triple.entry).doc;
        let is_doc = |s: &StmtId| doc.is_some_and(|d| self.parsed.ast.stmt(*s).span.contains(d));
        match body.stmts.iter().find(|s| !is_doc(s)) {
            Some(first) => self.beside(*first, call, true),
            None => match body.stmts.last() {
                Some(last) => self.beside(*last, call, false),
                None => Err(ProbeError::Place("an empty function")),
            },
        }
    }

    /// Puts a call before or behind a statement, in a block of its own where there was room for one statement only.
    fn beside(&mut self, stmt: StmtId, call: &str, before: bool) -> Result<(), ProbeError> {
        let span = self.parsed.ast.stmt(stmt).span;
        let at = if before { span.start } else { span.end };
        let braces = self.parsed.language.layout.braces;
        match self.styles.get(&stmt) {
            Some(BodyStyle::Bare) if braces => {
                self.edits.push(Edit::Insert(span.start, if before { format!("{{ {call} ") } else { "{ ".into() }));
                self.edits.push(Edit::Insert(span.end, if before { " }".into() } else { format!(" {call} }}") }));
            }
            Some(BodyStyle::Chain) => return Err(ProbeError::Place("between an `else` and its `if`")),
            Some(_) if braces => {
                let text = if before { format!("{call} ") } else { format!(" {call}") };
                self.edits.push(Edit::Insert(at, text));
            }
            Some(_) => {
                let text = self.line(span, call, before);
                self.edits.push(Edit::Insert(at, text));
            }
            None => return Err(ProbeError::Place("in the header of a loop")),
        }
        Ok(())
    }

    /// A call on a line of its own, indented like the statement; on the same line where that holds several statements.
    fn line(&self, span: Span, call: &str, before: bool) -> String {
        let source = &self.parsed.source;
        let alone = source.first_on_line(span.start);
        let indent = source.indent_of(span.start);
        match (alone, before) {
            (true, true) => format!("{call}\n{indent}"),
            (true, false) => format!("\n{indent}{call}"),
            (false, true) => format!("{call}; "),
            (false, false) => format!("; {call}"),
        }
    }

    fn replace(&mut self, stmt: StmtId, text: String) {
        let text = if text.is_empty() { self.parsed.language.layout.empty.clone() } else { text };
        self.edits.push(Edit::Replace(self.parsed.ast.stmt(stmt).span, text));
    }

    /// Q at every normal return.
    fn exits(&mut self) -> Result<(), ProbeError> {
        let ast = &self.parsed.ast;
        let function = ast.function(self.triple.entry);
        let probes = self.probes;
        let valued = self.visit(&probes.returned, &probes.returned_observed, true);
        let left = self.visit(&probes.left, &probes.left_observed, true);
        let ty = returned_type(self.parsed, self.triple.entry);
        let names = &self.triple.post.condition.names;
        let only_result = names.iter().all(|n| n == RESULT) && self.triple.post.condition.kind == ConditionKind::Code;
        match returned_early(self.parsed, self.triple.entry) {
            Some(Early::Overridden) => return Err(ProbeError::Behind),
            // What is returned is made by then, and stays.
            Some(Early::Followed) if !only_result => return Err(ProbeError::Behind),
            _ => {}
        }
        let mut returns = Vec::new();
        each_return(self.parsed, self.triple.entry, |id, value| returns.push((id, value)));
        for (id, value) in returns {
            let span = ast.stmt(id).span;
            let text = match value {
                // A value that has assignments in it may hold another probe's place; it has none, being an expression.
                Some(value) => {
                    let value = self.with_values(ast.expr(value).span);
                    fill(&valued, &[("value", &value), ("type", &ty)])
                }
                None => {
                    let word = self.parsed.source.slice(span).trim_end_matches(';').trim_end().to_owned();
                    let word = if self.parsed.language.layout.braces { word } else { format!("{word} ") };
                    fill(&left, &[("return", &word)])
                }
            };
            self.edits.push(Edit::Replace(span, text));
        }
        // Falling off the end returns too; where a value was due, only in languages that have one for it.
        let braces = self.parsed.language.layout.braces;
        let falls = self.completes_body(&function.body);
        if falls && (!braces || !self.returns_value()) {
            let text = fill(&left, &[("return", "")]).replace(" ;", "");
            if braces {
                self.edits.push(Edit::Insert(function.body.span.end.saturating_sub(1), format!(" {text} ")));
            } else if let Some(last) = function.body.stmts.last() {
                self.beside(*last, &text, false)?;
            }
        }
        Ok(())
    }

    /// What needs a probe wherever it stands: assumptions, thrown values, functions that end without their value.
    fn statements(&mut self) {
        let ast = &self.parsed.ast;
        for id in (0..ast.stmts.len() as u32).map(StmtId) {
            match ast.stmt(id).kind {
                StmtKind::Assume { cond } => {
                    let condition = self.parsed.source.slice(ast.expr(cond).span);
                    let call = fill(&self.probes.assume, &[("e", condition)]);
                    self.edits.push(Edit::Replace(ast.stmt(id).span, call));
                }
                StmtKind::Throw { value: Some(value), .. } if !self.probes.thrown.is_empty() => {
                    let span = ast.expr(value).span;
                    let call = fill(&self.probes.thrown, &[("e", self.parsed.source.slice(span))]);
                    self.edits.push(Edit::Replace(span, call));
                }
                _ => {}
            }
        }
        if self.probes.missing_return.is_empty() {
            return;
        }
        for function in ast.functions.iter().filter(|f| f.must_return && f.body.style == BodyStyle::Braced) {
            if self.completes_body(&function.body) {
                let at = function.body.span.end.saturating_sub(1);
                self.edits.push(Edit::Insert(at, format!(" {} ", self.probes.missing_return)));
            }
        }
    }

    fn with_values(&self, span: Span) -> String {
        self.parsed.source.slice(span).to_owned()
    }

    fn completes_body(&self, body: &Body) -> bool {
        // Where the language doesn't mind, what can't be reached does no harm.
        !self.probes.unreachable_is_error || completes(&self.parsed.ast, &body.stmts)
    }

    fn finish(self) -> String {
        let text = &self.parsed.source.text;
        let mut edits: Vec<(Span, String)> = self
            .edits
            .into_iter()
            .map(|edit| match edit {
                Edit::Replace(span, text) => (span, text),
                Edit::Insert(at, text) => (Span { start: at, end: at }, text),
            })
            .collect();
        // Stable: what is put at one offset stays in order, and before what is replaced there.
        edits.sort_by_key(|(span, _)| (span.start, span.end));
        let stretch = |start: u32, end: u32| -> String {
            let mut out = String::with_capacity((end - start) as usize + 200);
            let mut at = start;
            let last = end as usize == text.len();
            let here = |at: u32| start <= at && (at < end || last && at == end);
            for (span, new) in edits.iter().filter(|(span, _)| here(span.start)) {
                if span.start < at {
                    // Inside something that was replaced: a second condition on the same assert.
                    continue;
                }
                out.push_str(&text[at as usize..span.start as usize]);
                out.push_str(new);
                at = span.end;
            }
            out.push_str(&text[at.min(end) as usize..end as usize]);
            out
        };
        let end = text.len() as u32;
        match &self.parsed.source.linkage {
            // In the order in which a compiler wants it.
            Some(linkage) => {
                let (own, seam) = (linkage.own, linkage.seam);
                [stretch(0, seam), stretch(own, end), stretch(seam, own)].concat()
            }
            None => stretch(0, end),
        }
    }
}

fn each_return(parsed: &Parsed, function: FunctionId, mut visit: impl FnMut(StmtId, Option<ExprId>)) {
    let ast = &parsed.ast;
    let mut open = ast.function(function).body.stmts.clone();
    while let Some(id) = open.pop() {
        if let StmtKind::Return { value } = ast.stmt(id).kind {
            visit(id, value);
        }
        open.extend(ast.children(id));
    }
}

/// What comes between a return and the end of its function.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Early {
    /// A `finally`, or what a `with` or a resource does at its end.
    Followed,
    /// A `finally` that may leave by another way.
    Overridden,
}

/// Whether some return is not the last that happens in a function.
fn returned_early(parsed: &Parsed, function: FunctionId) -> Option<Early> {
    let ast = &parsed.ast;
    let mut worst = None;
    let mut open: Vec<(StmtId, Option<Early>)> = ast.function(function).body.stmts.iter().map(|s| (*s, None)).collect();
    while let Some((id, around)) = open.pop() {
        let (own, behind): (Option<Early>, &[StmtId]) = match &ast.stmt(id).kind {
            StmtKind::Return { .. } => {
                worst = worst.max(around);
                continue;
            }
            StmtKind::Try(t) => match &t.finally {
                Some(last) => {
                    (Some(if leaves(parsed, &last.stmts) { Early::Overridden } else { Early::Followed }), &last.stmts)
                }
                None if t.resources.is_empty() => (None, &[]),
                None => (Some(Early::Followed), &[]),
            },
            StmtKind::With(_) => (Some(Early::Followed), &[]),
            _ => (None, &[]),
        };
        for child in ast.children(id) {
            let inside = if behind.contains(&child) { around } else { around.max(own) };
            open.push((child, inside));
        }
    }
    worst
}

/// Whether a block holds a jump out of it, or what may be one.
fn leaves(parsed: &Parsed, stmts: &[StmtId]) -> bool {
    let mut open = stmts.to_vec();
    while let Some(id) = open.pop() {
        use StmtKind as K;
        if matches!(parsed.ast.stmt(id).kind, K::Return { .. } | K::Break { .. } | K::Continue { .. } | K::Throw { .. })
        {
            return true;
        }
        open.extend(parsed.ast.children(id));
    }
    false
}

/// Whether a return of the function has a value.
pub fn returns_value(parsed: &Parsed, function: FunctionId) -> bool {
    let mut any = false;
    each_return(parsed, function, |_, value| any |= value.is_some());
    any
}

/// The declared type of the returned value, without what isn't a type.
pub fn returned_type(parsed: &Parsed, function: FunctionId) -> String {
    let ty = &parsed.ast.function(function).returns;
    format!("{} {}{}", ty.name, "*".repeat(ty.pointers.into()), "[]".repeat(ty.arrays.into())).trim().to_owned()
}

/// The name of the returned value in conditions.
pub const RESULT: &str = "result";

/// Fills `{name}` in a form, once each, from left to right; what is filled in is not looked at again.
pub fn fill(form: &str, with: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(form.len() + 40);
    let mut rest = form;
    'text: while let Some(open) = rest.find('{') {
        for (name, value) in with {
            if let Some(after) = rest[open + 1..].strip_prefix(name).and_then(|r| r.strip_prefix('}')) {
                out.push_str(&rest[..open]);
                out.push_str(value);
                rest = after;
                continue 'text;
            }
        }
        out.push_str(&rest[..=open]);
        rest = &rest[open + 1..];
    }
    out.push_str(rest);
    out
}

/// A condition with `result` called otherwise.
fn renamed(condition: &str, parsed: &Parsed, name: &str) -> String {
    with_names(condition, parsed, &|n| (n == RESULT).then(|| name.to_owned()))
}

/// A condition in which names that it doesn't bind itself are called otherwise.
pub fn with_names(condition: &str, parsed: &Parsed, other: &dyn Fn(&str) -> Option<String>) -> String {
    let Some(expr) = crate::syntax::parse_expression(condition, parsed.language) else { return condition.to_owned() };
    let named = |e: ExprId| match &expr.ast.expr(e).kind {
        ExprKind::Name(n) if expr.names.contains(n) => other(n).map(|to| (expr.ast.expr(e).span, n.as_str(), to)),
        _ => None,
    };
    let mut spans: Vec<_> = (0..expr.ast.exprs.len() as u32).map(ExprId).filter_map(named).collect();
    spans.sort();
    spans.dedup();
    let mut out = condition.to_owned();
    for (span, from, to) in spans.into_iter().rev() {
        if out.get(span.range()) == Some(from) {
            out.replace_range(span.range(), &to);
        }
    }
    out
}

/// The style of the body that each statement stands in. Statements in loop headers stand in none.
fn styles(parsed: &Parsed) -> BTreeMap<StmtId, BodyStyle> {
    let ast = &parsed.ast;
    let mut out = BTreeMap::new();
    let mut note = |body: &Body| {
        body.stmts.iter().for_each(|s| {
            out.insert(*s, body.style);
        })
    };
    ast.functions.iter().for_each(|f| note(&f.body));
    for stmt in &ast.stmts {
        match &stmt.kind {
            StmtKind::Block(b) => note(b),
            StmtKind::If(s) => [Some(&s.then), s.els.as_ref()].into_iter().flatten().for_each(&mut note),
            StmtKind::Loop(s) => [Some(&s.body), s.els.as_ref()].into_iter().flatten().for_each(&mut note),
            StmtKind::Switch(s) => s.arms.iter().for_each(|a| note(&a.body)),
            StmtKind::Try(s) => {
                note(&s.body);
                s.handlers.iter().for_each(|h| note(&h.body));
                [&s.els, &s.finally].into_iter().flatten().for_each(&mut note);
            }
            StmtKind::With(s) => note(&s.body),
            StmtKind::Preproc(s) => s.arms.iter().for_each(|(_, b)| note(b)),
            _ => {}
        }
    }
    out
}

/// Whether the entry can be called at all: a function inside a function can't.
pub fn callable(parsed: &Parsed, entry: FunctionId) -> bool {
    parsed.ast.function(entry).outer.is_none()
}
