//! The invariants of a lowered file, for tests and debug builds.

use super::Parsed;
use super::ast::*;
use crate::text::Span;

/// Says what is wrong with a lowered file; empty if nothing is.
///
/// Checked: spans lie on character boundaries inside the text, children inside their parents, and statements of a body
/// follow each other without overlap; every body has a statement; no index points outside; functions, declarations,
/// comments and identifiers are in source order. Cost: linear, with recursion as deep as statements nest.
pub fn verify(parsed: &Parsed) -> Vec<String> {
    let mut check = Check { parsed, faults: Vec::new(), seen: vec![false; parsed.ast.stmts.len()] };
    check.run();
    check.faults
}

struct Check<'a> {
    parsed: &'a Parsed,
    faults: Vec<String>,
    seen: Vec<bool>,
}

impl Check<'_> {
    fn run(&mut self) {
        let ast = &self.parsed.ast;
        for (i, f) in ast.functions.iter().enumerate() {
            let at = format!("function {}", f.qualified);
            self.span(f.span, &at);
            self.inside(f.span, f.head, &at);
            self.inside(f.span, f.body.span, &at);
            self.body(&f.body, &at);
            let script = f.name == "<module>";
            if script != (f.name == "<module>" && i + 1 == ast.functions.len()) {
                self.faults.push("<module> is not the last function".into());
            }
            f.params.iter().for_each(|p| self.inside(f.span, p.span, &at));
        }
        for c in &ast.containers {
            self.span(c.span, &c.name);
            self.inside(c.span, c.head, &c.name);
            self.inside(c.span, c.body, &c.name);
        }
        for d in &ast.decls {
            self.span(d.span, "declaration");
            self.inside(d.span, d.head, &format!("declaration of {:?}", d.names));
        }
        for s in &ast.stmts {
            self.span(s.span, "statement");
        }
        for e in &ast.exprs {
            self.span(e.span, "expression");
        }
        let functions = ast.functions.iter().filter(|f| f.name != "<module>").map(|f| f.span);
        self.ordered(functions, "functions");
        self.ordered(ast.containers.iter().map(|c| c.span), "containers");
        self.ordered(ast.decls.iter().map(|d| d.span), "declarations");
        self.ordered(ast.comments.iter().map(|c| c.span), "comments");
        self.ordered(ast.identifiers.iter().copied(), "identifiers");
        self.ordered(ast.verbatim.iter().copied(), "verbatim spans");
    }

    fn ordered(&mut self, spans: impl Iterator<Item = Span>, what: &str) {
        let starts: Vec<u32> = spans.map(|s| s.start).collect();
        if !starts.is_sorted() {
            self.faults.push(format!("{what} are not in source order"));
        }
    }

    fn span(&mut self, span: Span, what: &str) {
        let text = &self.parsed.source.text;
        let bounds = |at: u32| text.is_char_boundary(at as usize);
        if span.start > span.end || !bounds(span.start) || !bounds(span.end) {
            self.faults.push(format!("{what}: {span:?} is no range of characters"));
        }
    }

    fn inside(&mut self, outer: Span, inner: Span, what: &str) {
        if !outer.contains(inner) {
            self.faults.push(format!("{what}: {inner:?} is not inside {outer:?}"));
        }
    }

    fn body(&mut self, body: &Body, at: &str) {
        if body.stmts.is_empty() {
            self.faults.push(format!("{at}: a body without statements at {:?}", body.span));
        }
        let mut end = body.span.start;
        for id in &body.stmts {
            let span = self.parsed.ast.stmt(*id).span;
            self.inside(body.span, span, at);
            if span.start < end {
                self.faults.push(format!("{at}: statements overlap at {span:?}"));
            }
            end = span.end;
            self.stmt(*id, at);
        }
    }

    fn stmt(&mut self, id: StmtId, at: &str) {
        if std::mem::replace(&mut self.seen[id.index()], true) {
            self.faults.push(format!("{at}: statement {id:?} stands in two places"));
            return;
        }
        let ast = &self.parsed.ast;
        let stmt = ast.stmt(id);
        for e in stmt.kind.expressions() {
            self.expr(stmt.span, e, at);
        }
        for child in ast.children(id) {
            self.inside(stmt.span, ast.stmt(child).span, at);
        }
        for body in stmt.kind.bodies() {
            self.inside(stmt.span, body.span, at);
            self.body(body, at);
        }
        match &stmt.kind {
            StmtKind::Loop(s) => {
                s.init.iter().chain(&s.update).for_each(|i| self.stmt(*i, at));
                self.inside(stmt.span, s.head, at);
            }
            StmtKind::Try(s) => s.resources.iter().for_each(|r| self.stmt(*r, at)),
            StmtKind::Labeled { body: Some(body), .. } => self.stmt(*body, at),
            StmtKind::If(s) => {
                self.inside(stmt.span, s.head, at);
                self.inside(s.head, s.keyword, at);
            }
            StmtKind::Decl(s) => {
                self.inside(stmt.span, s.type_span, at);
                for d in &s.declarators {
                    self.inside(stmt.span, d.span, at);
                    self.inside(d.span, d.bare, at);
                }
            }
            StmtKind::Switch(s) => {
                for arm in &s.arms {
                    self.inside(s.block, arm.span, at);
                    self.inside(arm.span, arm.head, at);
                    self.inside(arm.span, arm.body.span, at);
                }
            }
            _ => {}
        }
    }

    fn expr(&mut self, outer: Span, id: ExprId, at: &str) {
        let ast = &self.parsed.ast;
        let mut todo = vec![(outer, id)];
        while let Some((outer, id)) = todo.pop() {
            let span = ast.expr(id).span;
            self.inside(outer, span, at);
            let operands = ast.operands(id);
            let mut parts: Vec<Span> = operands.iter().map(|o| ast.expr(*o).span).collect();
            parts.sort();
            if parts.windows(2).any(|w| w[0].end > w[1].start) {
                self.faults.push(format!("{at}: operands overlap at {span:?}"));
            }
            todo.extend(operands.into_iter().map(|o| (span, o)));
        }
    }
}

impl StmtKind {
    /// The expressions that stand in the statement itself.
    fn expressions(&self) -> Vec<ExprId> {
        match self {
            StmtKind::Expr(e) | StmtKind::Exit(e) | StmtKind::Assume { cond: e } => vec![*e],
            StmtKind::Decl(s) => s.declarators.iter().flat_map(|d| d.sizes.iter().copied().chain(d.init)).collect(),
            StmtKind::Assert { cond, message } => std::iter::once(*cond).chain(*message).collect(),
            StmtKind::If(s) => vec![s.cond],
            StmtKind::Loop(s) => s.cond.iter().chain(&s.target).chain(&s.iter).copied().collect(),
            StmtKind::Switch(s) => {
                let arms = s.arms.iter().flat_map(|a| a.labels.iter().chain(&a.guard).copied());
                std::iter::once(s.subject).chain(arms).collect()
            }
            StmtKind::Return { value } => value.iter().copied().collect(),
            StmtKind::Throw { value, cause } => value.iter().chain(cause).copied().collect(),
            StmtKind::Try(s) => s.handlers.iter().flat_map(|h| h.types.iter().chain(&h.bind).copied()).collect(),
            StmtKind::With(s) => s.items.iter().flat_map(|(v, t)| std::iter::once(*v).chain(*t)).collect(),
            StmtKind::Class { names, .. } | StmtKind::Opaque { names } => names.clone(),
            _ => vec![],
        }
    }

    /// The bodies of the statement.
    pub fn bodies(&self) -> Vec<&Body> {
        match self {
            StmtKind::Block(b) => vec![b],
            StmtKind::If(s) => std::iter::once(&s.then).chain(&s.els).collect(),
            StmtKind::Loop(s) => std::iter::once(&s.body).chain(&s.els).collect(),
            StmtKind::Switch(s) => s.arms.iter().map(|a| &a.body).collect(),
            StmtKind::Try(s) => {
                let handlers = s.handlers.iter().map(|h| &h.body);
                std::iter::once(&s.body).chain(handlers).chain(&s.els).chain(&s.finally).collect()
            }
            StmtKind::With(s) => vec![&s.body],
            StmtKind::Preproc(s) => s.arms.iter().map(|(_, b)| b).collect(),
            _ => vec![],
        }
    }
}
