//! try, with.

use super::Lowerer;
use crate::syntax::ast::*;
use crate::syntax::rules::{ExprRule, Part, StmtRule};
use crate::syntax::tree::{Kids, end_of};
use crate::text::Span;
use tree_sitter::Node;

impl<'a> Lowerer<'a> {
    pub(super) fn try_(&mut self, rule: &StmtRule, kids: &Kids<'a>, span: Span) -> Option<StmtKind> {
        let StmtRule::Try { resources, body, handlers, els, finally } = rule else { return None };
        let resources = resources.as_ref().and_then(|r| kids.one(r));
        let resources = resources.map(|r| self.resources(r)).unwrap_or_default();
        let (head, body) = self.head_and_body(kids, body, span.start)?;
        let handlers: Vec<Node> = kids.all(handlers).collect();
        let handlers = handlers.into_iter().filter_map(|h| self.handler(h)).collect();
        let (else_head, els) = self.clause(els.as_ref().and_then(|e| kids.one(e)));
        let (finally_head, finally) = self.clause(kids.one(finally));
        Some(StmtKind::Try(Try { head, resources, body, handlers, else_head, els, finally_head, finally }))
    }

    /// An else or finally clause.
    fn clause(&mut self, node: Option<Node<'a>>) -> (Span, Option<Body>) {
        let Some(node) = node else { return (Span::default(), None) };
        let Some(StmtRule::Else { body } | StmtRule::Finally { body }) = self.g.statement.get(node) else {
            return (Span::default(), None);
        };
        match self.head_and_body(&Kids::of(node), body, node.start_byte() as u32) {
            Some((head, body)) => (head, Some(body)),
            None => (Span::default(), None),
        }
    }

    fn resources(&mut self, node: Node<'a>) -> Vec<StmtId> {
        let mut out = Vec::new();
        for node in Kids::of(node).iter().filter(|k| k.is_named()) {
            let span = self.span(node);
            let kids = Kids::of(node);
            let kind = match self.g.statement.get(node) {
                Some(StmtRule::Resource { ty, name, value }) => match (kids.one(ty), kids.one(name)) {
                    (Some(ty), Some(name)) => StmtKind::Decl(self.resource(ty, name, kids.one(value), span)),
                    _ => {
                        let parts = self.exprs(kids.iter().filter(|k| k.is_named()));
                        StmtKind::Expr(self.single_or_sequence(parts, span))
                    }
                },
                _ => StmtKind::Expr(self.expr(node)),
            };
            out.push(self.push(span, kind));
        }
        out
    }

    fn resource(&mut self, ty: Node<'a>, name: Node<'a>, value: Option<Node<'a>>, span: Span) -> Decl {
        let info = self.type_info(ty);
        let declarator = Declarator {
            name: self.text(name).to_string(),
            span: Span::new(name.start_byte(), span.end as usize),
            bare: self.span(name),
            init: self.optional(value),
            sizes: vec![],
            ty: info,
            strippable: false,
        };
        let type_span = Span::new(span.start as usize, end_of(ty));
        Decl { declarators: vec![declarator], type_span, persistent: false }
    }

    fn single_or_sequence(&mut self, parts: Vec<ExprId>, span: Span) -> ExprId {
        match parts[..] {
            [one] => one,
            _ => self.make(span, ExprKind::Sequence(parts)),
        }
    }

    fn handler(&mut self, node: Node<'a>) -> Option<Handler> {
        let Some(StmtRule::Catch { holder, types, bind, body }) = self.g.statement.get(node) else { return None };
        let kids = Kids::of(node);
        let holder = match holder.as_ref().and_then(|h| kids.one(h)) {
            Some(holder) => Kids::of(holder),
            None => Kids::of(node),
        };
        let mut bound = bind.as_ref().and_then(|b| holder.one(b));
        let mut lowered = Vec::new();
        let mut catch_all = true;
        for (i, node) in holder.all(types).enumerate() {
            let mut value = node;
            if let Some(ExprRule::As { value: inner, target }) = self.g.expression.get(node) {
                let kids = Kids::of(node);
                bound = bound.or_else(|| kids.one(target));
                value = kids.one(inner).unwrap_or(node);
            }
            let alternatives = self.alternatives(value);
            let all = alternatives.iter().any(|a| self.g.words.catch_all.contains(self.text(*a)));
            catch_all = if i == 0 { all } else { catch_all || all };
            lowered.extend(alternatives.into_iter().map(|a| self.expr(a)));
        }
        let bind = bound.map(|b| self.expr(b));
        let (head, body) = self.head_and_body(&kids, body, node.start_byte() as u32)?;
        Some(Handler { span: self.span(node).to(body.span), head, types: lowered, bind, catch_all, body })
    }

    /// `A | B`, `(A, B)` as a list.
    fn alternatives(&self, node: Node<'a>) -> Vec<Node<'a>> {
        match self.g.expression.get(node) {
            Some(ExprRule::Sequence { items, .. }) => Kids::of(node).all(items).collect(),
            _ => vec![node],
        }
    }

    pub(super) fn with(&mut self, kids: &Kids<'a>, items: &Part, body: &Part, span: Span) -> Option<StmtKind> {
        let mut pairs = Vec::new();
        let mut todo: Vec<Node> = kids.all(items).collect();
        todo.reverse();
        while let Some(node) = todo.pop() {
            let kids = Kids::of(node);
            match self.g.expression.get(node) {
                Some(ExprRule::As { value, target }) => {
                    let target = kids.one(target);
                    if let Some(value) = kids.one(value) {
                        let value = self.expr(value);
                        pairs.push((value, target.map(|t| self.expr(t))));
                    }
                }
                // The items may be wrapped: in a clause, in parentheses, in a tuple.
                Some(
                    ExprRule::Splice { parts }
                    | ExprRule::Sequence { items: parts, .. }
                    | ExprRule::Paren { inner: parts },
                ) => {
                    let inner: Vec<Node> = kids.all(parts).collect();
                    todo.extend(inner.into_iter().rev());
                }
                _ => pairs.push((self.expr(node), None)),
            }
        }
        let (head, body) = self.head_and_body(kids, body, span.start)?;
        Some(StmtKind::With(With { head, items: pairs, body }))
    }
}
