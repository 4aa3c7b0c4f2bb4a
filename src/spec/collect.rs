//! All conditions of a file, each at its program point.

use super::anchor::{Home, Outline, Spot};
use super::comments::{self, Annotation, Place};
use super::condition::{self, Reading};
use super::keyword::{Form, Role};
use super::scope::Scopes;
use super::{Anchor, Condition, ConditionKind, Placed, SpecError, docs};
use crate::syntax::Parsed;
use crate::syntax::ast::{Diagnostic, ExprId, FunctionId, Severity, StmtId, StmtKind};
use crate::text::Span;
use std::collections::{BTreeMap, BTreeSet};

/// More conditions in one function are refused: each of its triples holds all of its PREs.
const MAX_CONDITIONS: usize = 1000;

/// A condition at its point.
#[derive(Debug, Clone)]
pub struct Mark {
    pub role: Role,
    pub function: FunctionId,
    pub placed: Placed,
    /// A POST at the top of a body means the function's exit; this is the statement below it, should it mean that point.
    pub top: Option<StmtId>,
    /// Where it is written: byte offset and 1-based line.
    pub offset: u32,
    pub line: u32,
}

/// Reads the conditions of one file.
pub struct Collector<'a> {
    pub parsed: &'a Parsed,
    pub outline: Outline<'a>,
    pub scopes: Scopes<'a>,
    pub diagnostics: Vec<Diagnostic>,
    /// Conditions of each function so far.
    counts: BTreeMap<FunctionId, usize>,
}

impl<'a> Collector<'a> {
    pub fn new(parsed: &'a Parsed) -> Self {
        let outline = Outline::new(parsed);
        let scopes = Scopes::new(parsed, outline.module());
        Collector { parsed, outline, scopes, diagnostics: Vec::new(), counts: BTreeMap::new() }
    }

    /// Every annotated condition, by function and then in source order.
    pub fn marks(&mut self) -> Result<Vec<Mark>, SpecError> {
        let ast = &self.parsed.ast;
        let mut marks = Vec::new();
        let mut documented: Vec<Span> = ast.functions.iter().filter_map(|f| f.doc).collect();
        documented.sort_unstable();
        let annotations = comments::annotations(self.parsed, &documented);
        let asserts: BTreeMap<u32, StmtId> = (0..ast.stmts.len() as u32)
            .map(StmtId)
            .filter(|s| matches!(ast.stmt(*s).kind, StmtKind::Assert { .. } | StmtKind::Assume { .. }))
            .map(|s| (ast.stmt(s).span.start, s))
            .collect();
        // Comments behind an assert first: a comment above such an assert is a condition of its own.
        let mut claimed = BTreeSet::new();
        let behind: Vec<Option<StmtId>> = annotations
            .iter()
            .map(|a| {
                let stmt = self.trailed(a.place)?;
                let fresh = asserts.get(&ast.stmt(stmt).span.start) == Some(&stmt) && claimed.insert(stmt);
                fresh.then_some(stmt)
            })
            .collect();
        for (annotation, behind) in annotations.iter().zip(behind) {
            let above = || {
                let stmt = *asserts.get(&annotation.code_after)?;
                let adjacent = self.parsed.source.line(annotation.code_after) <= annotation.last_line + 1;
                let alone = annotation.place.alone && annotation.disabled.is_none();
                // An assumption says by itself what it is; a comment above it is about the point.
                let asserts = matches!(ast.stmt(stmt).kind, StmtKind::Assert { .. });
                (alone && adjacent && asserts && !claimed.contains(&stmt)).then_some(stmt)
            };
            let mark = match behind.or_else(above) {
                Some(stmt) => self.on_assert(annotation, stmt),
                None => self.at_point(annotation)?,
            };
            self.add(&mut marks, mark)?;
        }
        for stmt in asserts.into_values() {
            if let StmtKind::Assume { cond } = ast.stmt(stmt).kind {
                let mark = self.asserted(Role::Pre, stmt, cond, String::new(), None);
                self.add(&mut marks, mark)?;
            }
        }
        for (index, function) in ast.functions.iter().enumerate() {
            let Some(doc) = function.doc else { continue };
            for found in docs::conditions(self.parsed, doc) {
                let anchor = if found.role == Role::Pre { Anchor::Entry } else { Anchor::Exit };
                let function = FunctionId(index as u32);
                let mark = self.written(found.role, function, anchor, &found.lines, found.span)?;
                self.add(&mut marks, Some(mark))?;
            }
        }
        marks.sort_by_key(|m| (m.function, m.offset));
        Ok(marks)
    }

    fn add(&mut self, marks: &mut Vec<Mark>, mark: Option<Mark>) -> Result<(), SpecError> {
        let Some(mark) = mark else { return Ok(()) };
        let count = self.counts.entry(mark.function).or_default();
        *count += 1;
        if *count > MAX_CONDITIONS {
            return Err(SpecError::TooMany {
                path: self.parsed.source.path.clone(),
                function: self.parsed.ast.function(mark.function).qualified.clone(),
                limit: MAX_CONDITIONS,
            });
        }
        marks.push(mark);
        Ok(())
    }

    /// The statement that a comment stands behind, on the same line.
    fn trailed(&self, place: Place) -> Option<StmtId> {
        if place.alone {
            return None;
        }
        let Home::Inside(function) = self.outline.home(place) else { return None };
        match self.outline.spot(function, place) {
            Spot::On { prev } => Some(prev),
            _ => None,
        }
    }

    /// `assert(e); // POST: remark`: the assert is the condition, the comment's text a remark.
    fn on_assert(&mut self, annotation: &Annotation, stmt: StmtId) -> Option<Mark> {
        match self.parsed.ast.stmt(stmt).kind {
            StmtKind::Assert { cond, .. } => {
                let note = condition::join(&annotation.lines);
                self.asserted(annotation.role, stmt, cond, note, Some(annotation.span))
            }
            // An assumption is a pre-condition whatever stands beside it.
            _ => None,
        }
    }

    /// An assert or assume as a condition.
    pub fn asserted(
        &mut self,
        role: Role,
        stmt: StmtId,
        cond: ExprId,
        note: String,
        comment: Option<Span>,
    ) -> Option<Mark> {
        let (ast, source) = (&self.parsed.ast, &self.parsed.source);
        let span = ast.expr(cond).span;
        let offset = ast.stmt(stmt).span.start;
        let function = self.outline.enclosing(offset)?;
        let names = condition::names_in(ast, cond, &self.scopes.of(function));
        let text = source.text.get(span.range()).unwrap_or("").to_string();
        let condition = Condition { text, kind: ConditionKind::Code, note, span: Some(span), names };
        let placed = Placed { condition, anchor: Anchor::At(stmt), comment, output: false };
        Some(Mark { role, function, placed, top: None, offset, line: source.line(offset) })
    }

    /// A condition that is written out in comments.
    fn at_point(&mut self, annotation: &Annotation) -> Result<Option<Mark>, SpecError> {
        let place = annotation.place;
        let keyword = annotation.role.keyword();
        match annotation.form {
            Form::Marked => {}
            Form::Loose => return Ok(None),
            Form::Bare => {
                self.warn(
                    annotation.span,
                    format!("`{keyword}` stands alone, without an assert: write `{keyword}: x > 0`"),
                );
                return Ok(None);
            }
        }
        let post = annotation.role == Role::Post;
        let (function, anchor, top) = match self.outline.home(place) {
            Home::Above(function) | Home::Behind(function) => {
                (function, if post { Anchor::Exit } else { Anchor::Entry }, None)
            }
            Home::Inside(function) => {
                let spot = self.outline.spot(function, place);
                if let Spot::On { prev } = spot
                    && let StmtKind::Opaque { .. } = self.parsed.ast.stmt(prev).kind
                    && self.parsed.ast.stmt(prev).span.contains_offset(place.offset)
                {
                    let message =
                        "stands inside code that was not understood, so it is read as standing behind that code";
                    self.warn(annotation.span, format!("this {keyword} {message}"));
                }
                let top = match spot {
                    Spot::Start { next } if post => next,
                    _ => None,
                };
                (function, self.anchor(function, spot, annotation.role), top)
            }
            Home::Nowhere => {
                self.warn(annotation.span, format!("this {keyword} stands outside of any function and is left out"));
                return Ok(None);
            }
        };
        let mark = match &annotation.disabled {
            Some(text) => {
                let mut mark =
                    self.written(annotation.role, function, anchor, std::slice::from_ref(text), annotation.span)?;
                mark.placed.condition.note = condition::join(&annotation.lines);
                mark
            }
            None => self.written(annotation.role, function, anchor, &annotation.lines, annotation.span)?,
        };
        Ok(Some(Mark { top, ..mark }))
    }

    fn written(
        &mut self,
        role: Role,
        function: FunctionId,
        anchor: Anchor,
        lines: &[String],
        span: Span,
    ) -> Result<Mark, SpecError> {
        let line = self.parsed.source.line(span.start);
        if condition::join(lines).is_empty() {
            let path = self.parsed.source.path.clone();
            return Err(SpecError::EmptyCondition { path, line, keyword: role.keyword() });
        }
        let placed = self.placed(function, anchor, lines, Some(span));
        Ok(Mark { role, function, placed, top: None, offset: span.start, line })
    }

    /// A condition from lines of text; `span` is the comment that holds it.
    pub fn placed(&mut self, function: FunctionId, anchor: Anchor, lines: &[String], span: Option<Span>) -> Placed {
        let Reading { text, kind, note, names, output } =
            condition::read(lines, self.parsed.language, &self.scopes.of(function));
        Placed { condition: Condition { text, kind, note, span, names }, anchor, comment: span, output }
    }

    /// The anchor of a spot. After a jump nothing is executed: a condition behind one is about the moment before it, or,
    /// behind a function's last return, about every return.
    pub fn anchor(&self, function: FunctionId, spot: Spot, role: Role) -> Anchor {
        let kind = |s: StmtId| &self.parsed.ast.stmt(s).kind;
        match spot {
            Spot::Start { next } => match next {
                Some(next) if !self.outline.does_something(function) => Anchor::Before(next),
                _ if role == Role::Pre => Anchor::Entry,
                _ => Anchor::Exit,
            },
            Spot::Leading { next } => Anchor::Before(next),
            Spot::On { prev } if is_jump(kind(prev)) => Anchor::Before(prev),
            Spot::On { prev } => Anchor::After(prev),
            Spot::Behind { prev, next, outer } => match (kind(prev), next) {
                (jump, Some(next)) if is_jump(jump) => Anchor::Before(next),
                (StmtKind::Return { .. }, None) if outer && role == Role::Post => Anchor::Exit,
                (jump, None) if is_jump(jump) => Anchor::Before(prev),
                // Beside a simple statement the point is plain; a loop's start is also where each round begins.
                (compound, Some(next)) if !is_simple(compound) && is_simple(kind(next)) => Anchor::Before(next),
                _ => Anchor::After(prev),
            },
        }
    }

    fn warn(&mut self, span: Span, message: String) {
        self.diagnostics.push(Diagnostic { severity: Severity::Warning, span, message });
    }
}

fn is_jump(kind: &StmtKind) -> bool {
    matches!(
        kind,
        StmtKind::Return { .. }
            | StmtKind::Break { .. }
            | StmtKind::Continue { .. }
            | StmtKind::Goto { .. }
            | StmtKind::Throw { .. }
            | StmtKind::Exit(_)
    )
}

fn is_simple(kind: &StmtKind) -> bool {
    matches!(kind, StmtKind::Expr(_) | StmtKind::Decl(_) | StmtKind::Assert { .. } | StmtKind::Assume { .. })
        || is_jump(kind)
}
