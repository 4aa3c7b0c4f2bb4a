//! if, loops, preprocessor conditionals.

use super::Lowerer;
use crate::syntax::ast::*;
use crate::syntax::rules::{Part, StmtRule};
use crate::syntax::tree::{Kids, end_of, span_of};
use crate::text::Span;
use tree_sitter::Node;

impl<'a> Lowerer<'a> {
    /// `rest`: the alternatives of the whole chain that follow an `elif`.
    pub(super) fn branch(
        &mut self,
        rule: &StmtRule,
        kids: &Kids<'a>,
        rest: &[Node<'a>],
        span: Span,
    ) -> Option<StmtKind> {
        let (cond, then, els) = match rule {
            StmtRule::If { cond, then, els } => (cond, then, Some(els)),
            StmtRule::Elif { cond, then } => (cond, then, None),
            _ => return None,
        };
        let keyword = span_of(kids.iter().next()?);
        let cond = self.condition(kids.one(cond)?);
        let (head, then) = self.head_and_body(kids, then, span.start)?;
        let own: Vec<Node> = els.into_iter().flat_map(|e| kids.all(e)).collect();
        let (else_head, els) = self.otherwise(kids, if els.is_some() { &own } else { rest });
        Some(StmtKind::If(If { cond, keyword, head, then, else_head, els }))
    }

    /// The else part: nothing, a chained if, or a body.
    fn otherwise(&mut self, kids: &Kids<'a>, alternatives: &[Node<'a>]) -> (Span, Option<Body>) {
        let Some((&first, rest)) = alternatives.split_first() else { return (Span::default(), None) };
        let start = first.start_byte();
        match self.g.statement.get(first) {
            Some(rule @ StmtRule::Elif { .. }) => {
                let last = rest.last().copied().unwrap_or(first);
                let span = self.span_from(start, last);
                let id = self.elif(rule, first, rest, span);
                (Span::new(start, start), Some(self.chain(id)))
            }
            Some(StmtRule::Else { body }) => {
                let kids = Kids::of(first);
                let Some(node) = kids.one(body) else { return (span_of(first), None) };
                (Span::new(start, kids.end_before(node)), Some(self.else_body(node, kids.end_before(node))))
            }
            _ => {
                let head = kids.before(first).map_or(Span::new(start, start), span_of);
                (head, Some(self.else_body(first, start)))
            }
        }
    }

    fn elif(&mut self, rule: &StmtRule, node: Node<'a>, rest: &[Node<'a>], span: Span) -> StmtId {
        if self.depth >= super::MAX_STATEMENTS {
            return self.opaque(span, "nested too deeply: taken as text that touches every name in it");
        }
        self.depth += 1;
        let kind = self.branch(rule, &Kids::of(node), rest, span);
        self.depth -= 1;
        match kind {
            Some(kind) => self.push(span, kind),
            None => self.not_understood(node, span),
        }
    }

    fn else_body(&mut self, node: Node<'a>, at: usize) -> Body {
        if matches!(self.g.statement.get(node), Some(StmtRule::If { .. })) {
            let id = self.statement(node);
            return self.chain(id);
        }
        self.body(node, at)
    }

    fn chain(&self, id: StmtId) -> Body {
        let stmt = self.ast.stmt(id);
        let style = if matches!(stmt.kind, StmtKind::If(_)) { BodyStyle::Chain } else { BodyStyle::Bare };
        Body { span: stmt.span, style, stmts: vec![id] }
    }

    pub(super) fn condition_loop(&mut self, rule: &StmtRule, kids: &Kids<'a>, span: Span) -> Option<StmtKind> {
        let (kind, cond, body, els) = match rule {
            StmtRule::While { cond, body, els } => (LoopKind::While, cond, body, els.as_ref()),
            StmtRule::DoWhile { cond, body } => (LoopKind::DoWhile, cond, body, None),
            _ => return None,
        };
        let mut tail = Span::new(span.end as usize, span.end as usize);
        let mut lowered_cond = None;
        if kind == LoopKind::While {
            lowered_cond = Some(self.condition(kids.one(cond)?));
        }
        let (head, lowered_body) = self.head_and_body(kids, body, span.start)?;
        if kind == LoopKind::DoWhile {
            lowered_cond = Some(self.condition(kids.one(cond)?));
            tail.start = kids.after(kids.one(body)?).map_or(span.end, |n| n.start_byte() as u32);
        }
        let (else_head, els) = self.loop_else(kids, els);
        Some(StmtKind::Loop(Loop {
            kind,
            head,
            init: vec![],
            cond: lowered_cond,
            update: vec![],
            target: None,
            iter: None,
            target_type: TypeInfo::default(),
            body: lowered_body,
            else_head,
            els,
            tail,
        }))
    }

    fn loop_else(&mut self, kids: &Kids<'a>, els: Option<&Part>) -> (Span, Option<Body>) {
        let alternatives: Vec<Node> = els.into_iter().flat_map(|e| kids.all(e)).collect();
        self.otherwise(kids, &alternatives)
    }

    pub(super) fn counting_loop(&mut self, rule: &StmtRule, kids: &Kids<'a>, span: Span) -> Option<StmtKind> {
        let StmtRule::For { init, cond, update, body } = rule else { return None };
        let init = self.header_statements(kids.all(init).collect());
        let cond = kids.one(cond).map(|c| self.condition(c));
        let update = self.header_statements(kids.all(update).collect());
        let (head, body) = self.head_and_body(kids, body, span.start)?;
        Some(StmtKind::Loop(Loop {
            kind: LoopKind::For,
            head,
            init,
            cond,
            update,
            target: None,
            iter: None,
            target_type: TypeInfo::default(),
            body,
            else_head: Span::default(),
            els: None,
            tail: Span::new(span.end as usize, span.end as usize),
        }))
    }

    /// The statements in the head of a for: a declaration without its terminator, or one statement per expression.
    fn header_statements(&mut self, nodes: Vec<Node<'a>>) -> Vec<StmtId> {
        let mut out = Vec::new();
        for node in nodes.into_iter().filter(|n| n.is_named()) {
            if self.g.statement.get(node).is_some() && self.g.expression.get(node).is_none() {
                let id = self.statement(node);
                let span = self.ast.stmt(id).span;
                let text = self.src.slice(span);
                let end = text.strip_suffix(self.g.language.layout.terminator.as_str()).map_or(text, str::trim_end);
                self.ast.stmts[id.index()].span.end = span.start + end.len() as u32;
                out.push(id);
                continue;
            }
            let e = self.expr(node);
            let parts = match &self.ast.expr(e).kind {
                ExprKind::Sequence(items) => items.clone(),
                _ => vec![e],
            };
            for e in parts {
                let span = self.ast.expr(e).span;
                out.push(self.push(span, StmtKind::Expr(e)));
            }
        }
        out
    }

    pub(super) fn each_loop(&mut self, rule: &StmtRule, kids: &Kids<'a>, span: Span) -> Option<StmtKind> {
        let StmtRule::ForEach { ty, target, iter, body, els } = rule else { return None };
        let ty = ty.as_ref().and_then(|t| kids.one(t));
        let target = self.expr(kids.one(target)?);
        let iter = self.expr(kids.one(iter)?);
        let (head, body) = self.head_and_body(kids, body, span.start)?;
        let (else_head, els) = self.loop_else(kids, els.as_ref());
        Some(StmtKind::Loop(Loop {
            kind: LoopKind::ForEach,
            head,
            init: vec![],
            cond: None,
            update: vec![],
            target: Some(target),
            iter: Some(iter),
            target_type: ty.map(|t| self.type_info(t)).unwrap_or_default(),
            body,
            else_head,
            els,
            tail: Span::new(span.end as usize, span.end as usize),
        }))
    }

    /// A preprocessor conditional around statements. Its branches are nested in the grammar, a list here.
    pub(super) fn preproc(&mut self, node: Node<'a>, span: Span) -> StmtKind {
        let mut arms = Vec::new();
        let mut has_else = false;
        let mut branch = Some(node);
        while let Some(node) = branch {
            let Some(StmtRule::Preproc { condition, alternative, .. }) = self.g.statement.get(node) else { break };
            let kids = Kids::of(node);
            let condition = condition.as_ref().and_then(|c| kids.one(c));
            has_else = condition.is_none();
            branch = alternative.as_ref().and_then(|a| kids.one(a));
            let directive = self.directive(node, condition);
            let skip = [condition.map(|c| c.id()), branch.map(|b| b.id())];
            let inside =
                kids.iter().filter(|k| !skip.contains(&Some(k.id())) && k.start_byte() >= directive.end as usize);
            let stmts = self.statements(inside);
            let body = self.row(stmts, directive.end as usize, BodyStyle::Group);
            arms.push((directive, body));
        }
        let close = Kids::of(node).iter().next_back().filter(|k| !k.is_named() && !k.is_missing());
        let close = close.map_or(span.end, |k| k.start_byte() as u32).clamp(span.start, span.end);
        let tail = Span { start: close, end: span.end };
        StmtKind::Preproc(Preproc { arms, has_else, tail })
    }

    /// The directive line that opens a branch.
    fn directive(&self, node: Node, condition: Option<Node>) -> Span {
        let start = node.start_byte();
        let token = node.child(0).map_or(start, |t| t.end_byte());
        Span::new(start, condition.map_or(token, end_of).max(token))
    }
}
