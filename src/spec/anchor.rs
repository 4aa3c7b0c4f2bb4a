//! From a place in the text to a program point.
//!
//! A place belongs to the innermost body that contains it. Where bodies are indented a comment behind a block's last
//! statement is outside every span; it belongs to the innermost block whose statements don't start right of it:
//!
//! ```text
//! def f(xs):
//!     for x in xs:
//!         total += x
//!         # here: in the loop, after `total += x`
//!     # here: after the loop
//! ```
//!
//! Cost: one pass over the functions to build; each place then costs the depth of its statement times a binary search.

use super::comments::Place;
use crate::syntax::Parsed;
use crate::syntax::ast::{
    Ast, Body, BodyStyle, ExprKind, Function, FunctionId, LiteralKind, LoopKind, StmtId, StmtKind,
};
use crate::text::Span;

/// Where functions stand in the file.
pub struct Outline<'a> {
    parsed: &'a Parsed,
    /// The function that textually encloses each function.
    parents: Vec<Option<FunctionId>>,
    /// The function `<module>` of a script's own statements.
    module: Option<FunctionId>,
    /// Functions by the end of their span, those that end together from the outermost to the innermost.
    by_end: Vec<(u32, FunctionId)>,
}

/// What a comment belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Home {
    /// Inside this function's body.
    Inside(FunctionId),
    /// Above the function, or in its signature.
    Above(FunctionId),
    /// Behind the function's end.
    Behind(FunctionId),
    /// Outside of any function.
    Nowhere,
}

/// A place among the statements of a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spot {
    /// Nothing in the function's body is executed before it; `next` is the first statement that is.
    Start { next: Option<StmtId> },
    /// At the start of an inner body; `next` is its first statement.
    Leading { next: StmtId },
    /// On the last line of `prev`, or inside it: said about `prev`.
    On { prev: StmtId },
    /// On lines of its own behind `prev`. `outer`: directly in the function's body.
    Behind { prev: StmtId, next: Option<StmtId>, outer: bool },
}

impl<'a> Outline<'a> {
    pub fn new(parsed: &'a Parsed) -> Self {
        let ast = &parsed.ast;
        let module =
            ast.functions.last().filter(|f| f.name == "<module>").map(|_| FunctionId(ast.functions.len() as u32 - 1));
        let mut order: Vec<FunctionId> =
            (0..ast.functions.len() as u32).map(FunctionId).filter(|f| Some(*f) != module).collect();
        order.sort_by_key(|f| (ast.function(*f).span.start, std::cmp::Reverse(ast.function(*f).span.end)));
        let mut parents = vec![None; ast.functions.len()];
        let mut stack: Vec<FunctionId> = Vec::new();
        for &f in &order {
            let start = ast.function(f).span.start;
            while stack.last().is_some_and(|p| ast.function(*p).span.end <= start) {
                stack.pop();
            }
            parents[f.index()] = stack.last().copied();
            stack.push(f);
        }
        let mut by_end: Vec<(u32, FunctionId)> = order.iter().map(|f| (ast.function(*f).span.end, *f)).collect();
        // Stable: those that end together stay in order of their start.
        by_end.sort_by_key(|(end, _)| *end);
        Outline { parsed, parents, module, by_end }
    }

    pub fn module(&self) -> Option<FunctionId> {
        self.module
    }

    /// The innermost function whose span contains `offset`; `<module>` where there is none.
    pub fn enclosing(&self, offset: u32) -> Option<FunctionId> {
        let ast = &self.parsed.ast;
        let started = self.functions().partition_point(|f| f.span.start <= offset);
        let mut candidate = started.checked_sub(1).map(|i| FunctionId(i as u32));
        while let Some(f) = candidate {
            if ast.function(f).span.contains_offset(offset) {
                return Some(f);
            }
            candidate = self.parents[f.index()];
        }
        self.module
    }

    /// What the comment at `place` belongs to.
    pub fn home(&self, place: Place) -> Home {
        let (ast, source) = (&self.parsed.ast, &self.parsed.source);
        // Functions that end where the code before the comment ends, from the outermost to the innermost.
        let from = self.by_end.partition_point(|(end, _)| *end < place.code_before);
        let ended = || self.by_end[from..].iter().take_while(|(end, _)| *end == place.code_before).map(|(_, f)| *f);
        let indented = ended().filter(|f| ast.function(*f).body.style == BodyStyle::Indented).last();
        let mut candidate = indented;
        while let Some(f) = candidate.filter(|f| ast.function(*f).span.end == place.code_before) {
            let body = ast.function(f).body.span;
            if !place.alone || source.column(body.start) <= place.column {
                return Home::Inside(f);
            }
            candidate = self.parents[f.index()];
        }
        let enclosing = self.enclosing(place.offset);
        if let Some(f) = enclosing.filter(|f| Some(*f) != self.module) {
            let function = ast.function(f);
            return if place.offset < function.head.end { Home::Above(f) } else { Home::Inside(f) };
        }
        let behind = ended().next();
        if let Some(f) = behind.filter(|_| !place.alone) {
            return Home::Behind(f);
        }
        // Behind a field or a global it is about that, not about the function below.
        let next = self.functions().partition_point(|f| f.span.start < place.code_after);
        if place.alone && self.functions().get(next).is_some_and(|f| f.span.start == place.code_after) {
            return Home::Above(FunctionId(next as u32));
        }
        match self.module {
            Some(module) if !self.in_container(place.offset) => Home::Inside(module),
            _ => behind.map_or(Home::Nowhere, Home::Behind),
        }
    }

    /// The functions of the file without `<module>`, in source order.
    fn functions(&self) -> &'a [Function] {
        let functions = &self.parsed.ast.functions;
        &functions[..functions.len() - usize::from(self.module.is_some())]
    }

    fn in_container(&self, offset: u32) -> bool {
        let containers = &self.parsed.ast.containers;
        let mut candidate = containers.partition_point(|c| c.span.start <= offset).checked_sub(1);
        while let Some(container) = candidate.and_then(|i| containers.get(i)) {
            if container.span.contains_offset(offset) {
                return true;
            }
            // Parents stand before their members.
            candidate = container.parent.map(|p| p.index()).filter(|p| Some(*p) < candidate);
        }
        false
    }

    /// Where `place` stands among the statements of `function`.
    pub fn spot(&self, function: FunctionId, place: Place) -> Spot {
        let (ast, source) = (&self.parsed.ast, &self.parsed.source);
        let body = &ast.function(function).body;
        let mut stmts: &[StmtId] = &body.stmts;
        let mut outer = true;
        loop {
            let started = stmts.partition_point(|s| ast.stmt(*s).span.start <= place.offset);
            let next = stmts.get(started).copied();
            let Some(prev) = started.checked_sub(1).map(|i| stmts[i]) else {
                return match next {
                    Some(next) if !outer => Spot::Leading { next },
                    _ => self.start(function),
                };
            };
            let span = ast.stmt(prev).span;
            if place.offset < span.end {
                // A body without statements (a switch without arms) has no points of its own.
                let regions: Vec<_> = regions(ast, prev).into_iter().filter(|(_, r)| !r.stmts.is_empty()).collect();
                let Some((_, region)) = regions.iter().rfind(|(start, _)| *start <= place.offset).or(regions.first())
                else {
                    return Spot::On { prev };
                };
                if place.offset < region.start {
                    return Spot::Leading { next: region.stmts[0] };
                }
                (stmts, outer) = (region.stmts, false);
                continue;
            }
            if !place.alone && source.line(span.end.saturating_sub(1).max(span.start)) == place.line {
                return Spot::On { prev: self.last_on_line(prev) };
            }
            if let Some(inner) = self.indented_tail(prev, place) {
                (stmts, outer) = (inner.stmts, false);
                continue;
            }
            if outer && place.alone && !stmts[..started].iter().any(|s| self.executes(function, *s)) {
                return self.start(function);
            }
            return Spot::Behind { prev, next, outer };
        }
    }

    /// The spot before `function`'s first statement.
    pub fn start(&self, function: FunctionId) -> Spot {
        let stmts = &self.parsed.ast.function(function).body.stmts;
        let real = stmts.iter().find(|s| self.executes(function, **s));
        Spot::Start { next: real.or(stmts.first()).copied() }
    }

    /// Whether `function`'s body holds a statement that does something.
    pub fn does_something(&self, function: FunctionId) -> bool {
        self.parsed.ast.function(function).body.stmts.iter().any(|s| self.executes(function, *s))
    }

    /// The first statement, from outside, that starts on `line` in `function`; else the simple one that covers it.
    pub fn starting_on(&self, function: FunctionId, line: u32) -> Option<StmtId> {
        let (ast, source) = (&self.parsed.ast, &self.parsed.source);
        let (start, end) = (source.line_start(line), source.line_start(line + 1).max(source.line_start(line) + 1));
        let mut stmts: &[StmtId] = &ast.function(function).body.stmts;
        loop {
            let first = stmts.partition_point(|s| ast.stmt(*s).span.start < start);
            let found = stmts.get(first).copied().filter(|s| ast.stmt(*s).span.start < end);
            // A statement that began before and ends on this line may hold one that starts here: `} else x = 1;`.
            let covering = first.checked_sub(1).map(|i| stmts[i]).filter(|s| ast.stmt(*s).span.end > start);
            let Some(covering) = covering else { return found };
            let regions = regions(ast, covering);
            if regions.is_empty() {
                return found.or(Some(covering));
            }
            let Some((_, region)) =
                regions.into_iter().rev().find(|(_, r)| r.stmts.first().is_some_and(|s| ast.stmt(*s).span.start < end))
            else {
                return found;
            };
            let inner_end = region.stmts.last().map_or(0, |s| ast.stmt(*s).span.end);
            if inner_end <= start {
                return found;
            }
            stmts = region.stmts;
        }
    }

    pub fn column(&self, stmt: StmtId) -> u32 {
        self.parsed.source.column(self.parsed.ast.stmt(stmt).span.start)
    }

    /// The last body of `stmt`, or of the branches chained to it, if the indentation of `place` puts it there.
    fn indented_tail(&self, stmt: StmtId, place: Place) -> Option<Region<'a>> {
        let mut body = last_region(&self.parsed.ast, stmt)?;
        while body.style == BodyStyle::Chain {
            body = last_region(&self.parsed.ast, *body.stmts.first()?)?;
        }
        let first = *body.stmts.first()?;
        (body.style == BodyStyle::Indented && self.column(first) <= place.column).then_some(body)
    }

    /// Descends from a statement that a comment trails to the innermost one that ends with it: in `if (c) x = 1; // ...`
    /// the comment is about `x = 1;`. A closing brace belongs to the outer statement.
    fn last_on_line(&self, mut stmt: StmtId) -> StmtId {
        let ast = &self.parsed.ast;
        let end = ast.stmt(stmt).span.end;
        while let Some(last) = last_region(ast, stmt)
            .filter(|r| r.style != BodyStyle::Braced)
            .and_then(|r| r.stmts.last().copied())
            .filter(|s| ast.stmt(*s).span.end == end)
        {
            stmt = last;
        }
        stmt
    }

    /// Whether a statement of the function's own body is more than its docstring, `pass` or a declaration of names.
    fn executes(&self, function: FunctionId, stmt: StmtId) -> bool {
        let ast = &self.parsed.ast;
        match &ast.stmt(stmt).kind {
            StmtKind::Empty | StmtKind::Context(_) => false,
            StmtKind::Expr(e) => {
                let expr = ast.expr(*e);
                let docstring = ast.function(function).doc.is_some_and(|d| d.contains(expr.span));
                !docstring && !matches!(expr.kind, ExprKind::Literal(LiteralKind::String))
            }
            _ => true,
        }
    }
}

/// A body of a compound statement, or the statement behind a label.
#[derive(Clone, Copy)]
struct Region<'a> {
    start: u32,
    style: BodyStyle,
    stmts: &'a [StmtId],
}

/// The bodies of a statement in source order, each with the offset where what leads to it (its header) starts; a body's
/// region goes on to the next one's.
fn regions(ast: &Ast, stmt: StmtId) -> Vec<(u32, Region<'_>)> {
    fn region(body: &Body) -> Region<'_> {
        Region { start: body.span.start, style: body.style, stmts: &body.stmts }
    }
    fn optional<'a>(head: Span, body: &'a Option<Body>) -> Option<(u32, Region<'a>)> {
        let body = body.as_ref()?;
        Some((if head.is_empty() { body.span.start } else { head.start }, region(body)))
    }
    match &ast.stmt(stmt).kind {
        StmtKind::Block(b) => vec![(b.span.start, region(b))],
        StmtKind::If(s) => {
            [Some((s.head.start, region(&s.then))), optional(s.else_head, &s.els)].into_iter().flatten().collect()
        }
        StmtKind::Loop(s) => {
            [Some((s.head.start, region(&s.body))), optional(s.else_head, &s.els)].into_iter().flatten().collect()
        }
        StmtKind::Switch(s) => s.arms.iter().map(|a| (a.head.start, region(&a.body))).collect(),
        StmtKind::Labeled { head, body, .. } => body
            .iter()
            .map(|b| {
                let start = ast.stmt(*b).span.start;
                (head.start, Region { start, style: BodyStyle::Bare, stmts: std::slice::from_ref(b) })
            })
            .collect(),
        StmtKind::Try(s) => std::iter::once((s.head.start, region(&s.body)))
            .chain(s.handlers.iter().map(|h| (h.head.start, region(&h.body))))
            .chain(optional(s.else_head, &s.els))
            .chain(optional(s.finally_head, &s.finally))
            .collect(),
        StmtKind::With(s) => vec![(s.head.start, region(&s.body))],
        StmtKind::Preproc(s) => s.arms.iter().map(|(head, b)| (head.start, region(b))).collect(),
        _ => Vec::new(),
    }
}

/// The last body of a statement, if nothing of the statement stands behind it.
fn last_region(ast: &Ast, stmt: StmtId) -> Option<Region<'_>> {
    if matches!(&ast.stmt(stmt).kind, StmtKind::Loop(l) if l.kind == LoopKind::DoWhile) {
        return None;
    }
    regions(ast, stmt).pop().map(|(_, r)| r)
}
