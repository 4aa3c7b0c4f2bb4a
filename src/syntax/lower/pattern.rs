//! Patterns of match and switch arms. Names that a pattern binds are collected in `binds`.

use super::Lowerer;
use crate::syntax::ast::*;
use crate::syntax::rules::ExprRule;
use crate::syntax::tree::Kids;
use crate::text::Span;
use tree_sitter::Node;

impl<'a> Lowerer<'a> {
    pub(super) fn is_wildcard(&self, node: Node) -> bool {
        match self.g.expression.get(node) {
            Some(ExprRule::Pattern { wildcard, .. }) => Kids::of(node).one(wildcard).is_some(),
            _ => false,
        }
    }

    pub(super) fn pattern(&mut self, rule: &ExprRule, kids: &Kids<'a>, span: Span) -> ExprId {
        match rule {
            ExprRule::Pattern { inner, .. } => {
                let inner = self.exprs(kids.all(inner));
                match inner[..] {
                    [one] => {
                        // A sign may stand before a number.
                        if matches!(self.ast.expr(one).kind, ExprKind::Literal(_)) {
                            self.ast.exprs[one.index()].span = span;
                        }
                        one
                    }
                    _ => self.make(span, ExprKind::Other(inner)),
                }
            }
            ExprRule::Capture => {
                let names = self.names_in(span);
                match names[..] {
                    [one] => {
                        self.binds.push(one);
                        one
                    }
                    // `color.RED` is a value.
                    _ => self.make(span, ExprKind::Other(names)),
                }
            }
            ExprRule::Bind { name } => {
                let mut parts = Vec::new();
                for node in kids.all(name) {
                    let id = self.expr(node);
                    if self.text(node) != "_" {
                        self.binds.push(id);
                    }
                    parts.push(id);
                }
                self.make(span, ExprKind::Other(parts))
            }
            ExprRule::ClassPattern { class, args } => {
                let mut parts = Vec::new();
                for class in kids.all(class) {
                    let span = self.span(class);
                    parts.extend(self.names_in(span));
                }
                parts.extend(self.exprs(kids.all(args)));
                self.make(span, ExprKind::Other(parts))
            }
            _ => {
                let names = self.names_in(span);
                self.make(span, ExprKind::Other(names))
            }
        }
    }
}
