//! Concrete tree → unified AST, driven by the tables.
//!
//! The code knows roles, never languages. Statements that hold text the grammar couldn't read become `Opaque`, and so does
//! what is nested deeper than [`MAX_STATEMENTS`] or [`MAX_EXPRESSIONS`]: later rooms recurse over this tree.
//!
//! Cost: linear in the file for a fixed nesting depth; declarations list their names once per level they stand in.

mod branch;
mod declare;
mod expr;
mod handle;
mod items;
mod pattern;
mod switch;

pub(super) use declare::head_end;

use super::ast::*;
use super::rules::{Part, StmtRule};
use super::table::Grammar;
use super::tree::{Kids, Survey, Trouble, end_of};
use crate::text::{SourceFile, Span};
use std::collections::BTreeSet;
use tree_sitter::Node;

/// Nesting of statements, functions and classes beyond which text stays opaque.
pub const MAX_STATEMENTS: usize = 200;
/// Nesting of expressions beyond which only names are kept.
pub const MAX_EXPRESSIONS: usize = 400;
/// A file that is hardly source text at all would otherwise give a diagnostic per line.
const MAX_DIAGNOSTICS: usize = 100;

/// Where the node stands that is being lowered.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    File,
    Class,
    Body,
}

pub struct Lowerer<'a> {
    g: &'a Grammar,
    src: &'a SourceFile,
    identifiers: Vec<Span>,
    ast: Ast,
    level: Level,
    depth: usize,
    expr_depth: usize,
    container: Option<ContainerId>,
    function: Option<FunctionId>,
    /// Names of the classes and functions around this point.
    scope: Vec<String>,
    /// Names that the pattern being lowered binds.
    binds: Vec<ExprId>,
    /// Functions of this file that never return.
    noreturn: BTreeSet<String>,
}

impl<'a> Lowerer<'a> {
    pub fn new(g: &'a Grammar, src: &'a SourceFile, survey: Survey) -> (Lowerer<'a>, Vec<Trouble>) {
        let ast = Ast { comments: survey.comments, verbatim: survey.verbatim, ..Ast::default() };
        let lowerer = Lowerer {
            g,
            src,
            identifiers: survey.identifiers,
            ast,
            level: Level::File,
            depth: 0,
            expr_depth: 0,
            container: None,
            function: None,
            scope: Vec::new(),
            binds: Vec::new(),
            noreturn: BTreeSet::new(),
        };
        (lowerer, survey.troubles)
    }

    /// Lowers a whole file.
    pub fn file(mut self, root: Node<'a>, troubles: Vec<Trouble>) -> Ast {
        self.module(root);
        self.mark_exits();
        self.report(troubles);
        self.ast.identifiers = self.identifiers;
        self.ast
    }

    /// Lowers one expression.
    pub fn single(mut self, node: Node<'a>) -> (Ast, ExprId) {
        let root = self.expr(node);
        self.ast.identifiers = self.identifiers;
        (self.ast, root)
    }

    pub(in crate::syntax) fn text(&self, node: Node) -> &'a str {
        &self.src.text[node.byte_range()]
    }

    /// The span from `start` to the end of `node`, without the line end that some nodes hold. What is damaged may hold
    /// tokens that the parser imagined behind its text, and keeps all that the parser gave it.
    pub(in crate::syntax) fn span_from(&self, start: usize, node: Node) -> Span {
        if node.has_error() {
            return Span::new(start, node.end_byte());
        }
        let end = end_of(node);
        let text = &self.src.text[start.min(end)..end];
        Span::new(start, start.min(end) + text.trim_end().len())
    }

    fn span(&self, node: Node) -> Span {
        self.span_from(node.start_byte(), node)
    }

    fn push(&mut self, span: Span, kind: StmtKind) -> StmtId {
        self.ast.stmts.push(Stmt { span, kind });
        StmtId(self.ast.stmts.len() as u32 - 1)
    }

    fn warn(&mut self, span: Span, message: &str) {
        let message = message.to_string();
        self.ast.diagnostics.push(Diagnostic { severity: Severity::Warning, span, message });
    }

    /// The identifiers that stand in a span.
    fn identifiers_in(&self, span: Span) -> &[Span] {
        let from = self.identifiers.partition_point(|s| s.start < span.start);
        let to = self.identifiers.partition_point(|s| s.start < span.end);
        &self.identifiers[from..to.max(from)]
    }

    /// Their texts, sorted, without duplicates.
    fn uses(&self, span: Span) -> Vec<String> {
        let names: BTreeSet<&str> = self.identifiers_in(span).iter().map(|s| self.src.slice(*s)).collect();
        names.into_iter().map(str::to_string).collect()
    }

    fn statement(&mut self, node: Node<'a>) -> StmtId {
        self.statement_from(node, node.start_byte())
    }

    /// `start`: where the statement starts if something stands around `node` (decorators).
    fn statement_from(&mut self, node: Node<'a>, start: usize) -> StmtId {
        let span = self.span_from(start, node);
        if self.depth >= MAX_STATEMENTS {
            return self.opaque(span, "nested too deeply: taken as text that touches every name in it");
        }
        self.depth += 1;
        let id = self.dispatch(node, span);
        self.depth -= 1;
        id
    }

    fn dispatch(&mut self, node: Node<'a>, span: Span) -> StmtId {
        let g = self.g;
        let rule = g.statement.get(node);
        match rule {
            Some(StmtRule::Wrapper { inner }) => {
                return match Kids::of(node).one(inner) {
                    Some(inner) => self.statement_from(inner, span.start as usize),
                    None => self.not_understood(node, span),
                };
            }
            Some(
                StmtRule::Function { .. }
                | StmtRule::Class { .. }
                | StmtRule::Import { .. }
                | StmtRule::Member { .. }
                | StmtRule::Context { .. },
            ) => {
                return match self.define(node, span.start as usize) {
                    Some(made) => self.made(made, span),
                    None => self.not_understood(node, span),
                };
            }
            _ => {}
        }
        if node.is_error() || (node.has_error() && self.broken(node)) {
            return self.not_understood(node, span);
        }
        let kids = Kids::of(node);
        let kind = match rule {
            None => return self.not_understood(node, span),
            Some(rule) => self.simple(rule, node, &kids, span).or_else(|| self.compound(rule, node, &kids, span)),
        };
        match kind {
            Some(kind) => self.push(span, kind),
            None => self.not_understood(node, span),
        }
    }

    /// Statements without statements inside.
    fn simple(&mut self, rule: &StmtRule, node: Node<'a>, kids: &Kids<'a>, span: Span) -> Option<StmtKind> {
        let label = |part: &Option<Part>| part.as_ref().and_then(|p| kids.one(p)).map(|n| self.text(n).to_string());
        Some(match rule {
            StmtRule::Empty => StmtKind::Empty,
            StmtRule::Break { label: part } => StmtKind::Break { label: label(part) },
            StmtRule::Continue { label: part } => StmtKind::Continue { label: label(part) },
            StmtRule::Goto { label } => StmtKind::Goto { label: self.text(kids.one(label)?).to_string() },
            StmtRule::Expr { value } => self.expression_statement(kids, value),
            StmtRule::Call { callee, args } => {
                let callee = self.callee(kids.one(callee)?);
                let args = self.exprs(kids.all(args));
                StmtKind::Expr(self.make(span, ExprKind::Call { callee, args }))
            }
            StmtRule::Delete { value } => {
                let mut targets = self.exprs(kids.all(value));
                if let [one] = targets[..]
                    && let ExprKind::Sequence(items) = &self.ast.expr(one).kind
                {
                    targets = items.clone();
                }
                StmtKind::Expr(self.make(span, ExprKind::Delete(targets)))
            }
            StmtRule::Return { value } => StmtKind::Return { value: self.optional(kids.one(value)) },
            StmtRule::Throw { value, cause } => StmtKind::Throw {
                value: self.optional(kids.one(value)),
                cause: self.optional(cause.as_ref().and_then(|c| kids.one(c))),
            },
            StmtRule::Assert { cond, message } => {
                StmtKind::Assert { cond: self.condition(kids.one(cond)?), message: self.optional(kids.one(message)) }
            }
            StmtRule::Decl { ty, declarators } => self.local_declaration(node, kids, ty, declarators, span)?,
            _ => return None,
        })
    }

    fn compound(&mut self, rule: &StmtRule, node: Node<'a>, kids: &Kids<'a>, span: Span) -> Option<StmtKind> {
        match rule {
            StmtRule::Block { .. } => Some(StmtKind::Block(self.body(node, span.start as usize))),
            StmtRule::If { .. } | StmtRule::Elif { .. } => self.branch(rule, kids, &[], span),
            StmtRule::While { .. } | StmtRule::DoWhile { .. } => self.condition_loop(rule, kids, span),
            StmtRule::For { .. } => self.counting_loop(rule, kids, span),
            StmtRule::ForEach { .. } => self.each_loop(rule, kids, span),
            StmtRule::Switch { .. } => self.switch(rule, kids, span),
            StmtRule::Labeled { label, body } => {
                let label_node = kids.one(label)?;
                let body = kids.all(body).find(|b| b.id() != label_node.id() && !b.is_missing());
                let head_end = match body {
                    Some(body) => kids.end_before(body),
                    None => span.end as usize,
                };
                Some(StmtKind::Labeled {
                    label: self.text(label_node).to_string(),
                    head: Span::new(span.start as usize, head_end),
                    body: body.map(|b| self.statement(b)),
                })
            }
            StmtRule::Try { .. } => self.try_(rule, kids, span),
            StmtRule::With { items, body } => self.with(kids, items, body, span),
            StmtRule::Preproc { .. } => Some(self.preproc(node, span)),
            _ => None,
        }
    }

    /// `e;`, with assertions and assumptions written as calls told apart.
    fn expression_statement(&mut self, kids: &Kids<'a>, value: &Part) -> StmtKind {
        let values: Vec<Node> = kids.all(value).collect();
        let Some(first) = values.first() else { return StmtKind::Empty };
        let e = if values.len() == 1 && !kids.iter().any(|k| k.kind() == ",") {
            self.expr(*first)
        } else {
            let end = kids.iter().rfind(|k| k.is_named() || k.kind() == ",").map_or(first.end_byte(), |k| k.end_byte());
            let items = self.exprs(values.iter().copied());
            self.make(Span::new(first.start_byte(), end), ExprKind::Sequence(items))
        };
        let ExprKind::Call { callee, args } = &self.ast.expr(e).kind else { return StmtKind::Expr(e) };
        let ExprKind::Name(name) = &self.ast.expr(*callee).kind else { return StmtKind::Expr(e) };
        match args.first() {
            Some(&cond) if self.g.words.asserts.contains(name) => {
                StmtKind::Assert { cond, message: args.get(1).copied() }
            }
            Some(&cond) if self.g.words.assumes.contains(name) => StmtKind::Assume { cond },
            _ => StmtKind::Expr(e),
        }
    }

    /// Whether text that wasn't understood stands in the statement itself, not only in the statements inside it.
    fn broken(&self, node: Node) -> bool {
        Kids::of(node).iter().any(|kid| {
            if kid.is_missing() {
                return kid.is_named();
            }
            kid.is_error()
                || kid.has_error()
                    && match self.g.statement.get(kid) {
                        None => true,
                        Some(
                            StmtRule::Elif { .. }
                            | StmtRule::Else { .. }
                            | StmtRule::Case { .. }
                            | StmtRule::Label { .. }
                            | StmtRule::Catch { .. }
                            | StmtRule::Finally { .. }
                            | StmtRule::Resource { .. },
                        ) => self.broken(kid),
                        // The branches of a preprocessor conditional stand inside each other.
                        Some(StmtRule::Preproc { .. }) => {
                            matches!(self.g.statement.get(node), Some(StmtRule::Preproc { .. })) && self.broken(kid)
                        }
                        Some(_) => false,
                    }
        })
    }

    /// An opaque statement; definitions inside it are still found.
    fn not_understood(&mut self, node: Node<'a>, span: Span) -> StmtId {
        self.definitions_in(node);
        self.opaque(span, "not understood: taken as text that touches every name in it")
    }

    fn opaque(&mut self, span: Span, why: &str) -> StmtId {
        self.warn(span, why);
        let names = self.names_in(span);
        self.push(span, StmtKind::Opaque { names })
    }

    /// Lowers nodes that stand in a row. Tokens between them are skipped unless the tables know them as statements.
    fn statements(&mut self, nodes: impl Iterator<Item = Node<'a>>) -> Vec<StmtId> {
        let g = self.g;
        let mut out: Vec<StmtId> = Vec::new();
        let mut open = false;
        let mut nodes = nodes.peekable();
        while let Some(node) = nodes.next() {
            // Most likely a macro that loops: `for_each(x, list) { ... }`.
            if let Some(block) = nodes.next_if(|next| self.unterminated(node) && self.is_block(*next)) {
                self.definitions_in(block);
                let span = self.span_from(node.start_byte(), block);
                out.push(self.opaque(span, "not understood: taken as text that touches every name in it"));
                open = false;
                continue;
            }
            if open && node.kind() == g.language.layout.terminator {
                let last = out[out.len() - 1].index();
                self.ast.stmts[last].span.end = node.end_byte() as u32;
                if let StmtKind::Context(decl) = self.ast.stmts[last].kind {
                    self.ast.decls[decl as usize].span.end = node.end_byte() as u32;
                }
                open = false;
                continue;
            }
            let rule = g.statement.get(node);
            if node.start_byte() == node.end_byte() || !(node.is_named() || rule.is_some()) {
                continue;
            }
            out.push(self.statement(node));
            open = matches!(rule, Some(StmtRule::Context { terminated: true, .. }));
        }
        out
    }

    /// A statement whose terminator is missing.
    fn unterminated(&self, node: Node) -> bool {
        let last = node.child_count().checked_sub(1).and_then(|i| node.child(i));
        last.is_some_and(|l| l.is_missing() && l.kind() == self.g.language.layout.terminator)
    }

    fn is_block(&self, node: Node) -> bool {
        matches!(self.g.statement.get(node), Some(StmtRule::Block { .. }))
    }

    /// The body that `node` is. `at`: where the statement of an empty indented body goes.
    fn body(&mut self, node: Node<'a>, at: usize) -> Body {
        let Some(StmtRule::Block { indented }) = self.g.statement.get(node) else {
            let id = self.statement(node);
            return Body { span: self.ast.stmt(id).span, style: BodyStyle::Bare, stmts: vec![id] };
        };
        let kids = Kids::of(node);
        let level = std::mem::replace(&mut self.level, Level::Body);
        let stmts = self.statements(kids.iter());
        self.level = level;
        if *indented {
            return self.row(stmts, at, BodyStyle::Indented);
        }
        let span = self.span(node);
        let close =
            kids.iter().next_back().filter(|k| !k.is_named() && !k.is_missing() && k.start_byte() > node.start_byte());
        let at = close.map_or(span.end as usize, |k| k.start_byte());
        Body { span, style: BodyStyle::Braced, stmts: self.or_empty(stmts, at) }
    }

    /// A body without tokens of its own; at `at` if it is empty.
    fn row(&mut self, stmts: Vec<StmtId>, at: usize, style: BodyStyle) -> Body {
        let stmts = self.or_empty(stmts, at);
        let span = self.ast.stmt(stmts[0]).span.to(self.ast.stmt(stmts[stmts.len() - 1]).span);
        Body { span, style, stmts }
    }

    /// Every body has a statement to anchor to.
    fn or_empty(&mut self, stmts: Vec<StmtId>, at: usize) -> Vec<StmtId> {
        if stmts.is_empty() { vec![self.push(Span::new(at, at), StmtKind::Empty)] } else { stmts }
    }

    /// The body that plays a part, with the span of the head before it.
    fn head_and_body(&mut self, kids: &Kids<'a>, part: &Part, start: u32) -> Option<(Span, Body)> {
        let node = kids.one(part)?;
        let end = kids.end_before(node);
        let body = self.body(node, end);
        Some((Span::new(start as usize, end), body))
    }

    /// Calls of functions that never return, which may be declared after the call.
    fn mark_exits(&mut self) {
        for i in 0..self.ast.stmts.len() {
            let StmtKind::Expr(e) = self.ast.stmts[i].kind else { continue };
            let ExprKind::Call { callee, .. } = &self.ast.expr(e).kind else { continue };
            if self
                .dotted(*callee)
                .is_some_and(|n| self.g.language.calls.noreturn.contains(&n) || self.noreturn.contains(&n))
            {
                self.ast.stmts[i].kind = StmtKind::Exit(e);
            }
        }
    }

    /// `a.b.c` as text if the expression is one.
    fn dotted(&self, e: ExprId) -> Option<String> {
        let mut parts = Vec::new();
        let mut e = e;
        loop {
            match &self.ast.expr(e).kind {
                ExprKind::Name(name) => {
                    parts.push(name.as_str());
                    parts.reverse();
                    return Some(parts.join("."));
                }
                ExprKind::Field { object, name, .. } => {
                    parts.push(name);
                    e = *object;
                }
                _ => return None,
            }
        }
    }

    /// Says what the grammar stumbled over and no opaque statement has said.
    fn report(&mut self, troubles: Vec<Trouble>) {
        // The said spans are disjoint or nested, so the widest that starts before the trouble decides.
        let mut said: Vec<Span> = self.ast.diagnostics.iter().map(|d| d.span).collect();
        said.sort();
        let mut next = said.iter().peekable();
        let mut covered = 0;
        for trouble in troubles {
            while let Some(span) = next.next_if(|s| s.start <= trouble.span.start) {
                covered = covered.max(span.end);
            }
            if trouble.span.end <= covered {
                continue;
            }
            match trouble.missing {
                Some(token) => self.warn(trouble.span, &format!("`{token}` is missing here")),
                None => self.warn(trouble.span, "not understood: left out of the program"),
            }
        }
        self.ast.diagnostics.sort_by_key(|d| d.span);
        let more = self.ast.diagnostics.len().saturating_sub(MAX_DIAGNOSTICS);
        if more > 0 {
            self.ast.diagnostics.truncate(MAX_DIAGNOSTICS);
            let span = Span::new(self.src.text.len(), self.src.text.len());
            self.warn(span, &format!("and {more} more places that were not understood"));
        }
    }
}
