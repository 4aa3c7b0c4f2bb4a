//! switch and match.

use super::Lowerer;
use crate::syntax::ast::*;
use crate::syntax::rules::{ExprRule, Part, StmtRule};
use crate::syntax::tree::{Kids, end_of};
use crate::text::Span;
use tree_sitter::Node;

/// What the labels of one arm say together.
#[derive(Default)]
struct Labels {
    values: Vec<ExprId>,
    is_default: bool,
    guard: Option<ExprId>,
    binds: Vec<ExprId>,
    comparable: bool,
}

impl<'a> Lowerer<'a> {
    pub(super) fn switch(&mut self, rule: &StmtRule, kids: &Kids<'a>, span: Span) -> Option<StmtKind> {
        let StmtRule::Switch { subject, body, exhaustive_patterns, unbreakable } = rule else { return None };
        let subjects: Vec<Node> = kids.all(subject).collect();
        let (first, last) = (*subjects.first()?, *subjects.last()?);
        let subject = if subjects.len() == 1 {
            self.condition(first)
        } else {
            let items = self.exprs(subjects.into_iter());
            self.make(Span::new(first.start_byte(), end_of(last)), ExprKind::Sequence(items))
        };
        let block = kids.one(body)?;
        // Labels inside a loop or block of the body (Duff's device): control enters in the middle of a statement.
        if self.labels_inside(block) {
            return None;
        }
        let head = Span::new(span.start as usize, kids.end_before(block));
        let (arms, fallthrough) = self.arms(block)?;
        let may_skip = !(*exhaustive_patterns && arms.iter().any(|a| !a.binds.is_empty()));
        let block = self.span(block);
        Some(StmtKind::Switch(Switch { subject, head, block, arms, fallthrough, breakable: !unbreakable, may_skip }))
    }

    /// Whether a label of this switch stands inside another statement of its body. Linear, since switches inside are not entered.
    fn labels_inside(&self, block: Node<'a>) -> bool {
        let is_case = |n: &Node| matches!(self.g.statement.get(*n), Some(StmtRule::Case { .. }));
        let inner = |n: Node<'a>| Kids::of(n).iter().collect::<Vec<_>>();
        let mut stack: Vec<Node> =
            inner(block).into_iter().flat_map(|n| if is_case(&n) { inner(n) } else { vec![n] }).collect();
        while let Some(node) = stack.pop() {
            if is_case(&node) {
                return true;
            }
            if !matches!(self.g.statement.get(node), Some(StmtRule::Switch { .. })) {
                stack.extend(inner(node));
            }
        }
        false
    }

    /// `None` if the labels of an arm are not understood.
    fn arms(&mut self, block: Node<'a>) -> Option<(Vec<Arm>, bool)> {
        let g = self.g;
        let mut arms: Vec<Arm> = Vec::new();
        let mut fallthrough = false;
        // What stands before the first arm is reached by jumps only: an arm that no value enters.
        let mut loose: Vec<Node> = Vec::new();
        for node in Kids::of(block).iter() {
            let rule = g.statement.get(node);
            let Some(case @ StmtRule::Case { falls, .. }) = rule else {
                if node.is_named() || rule.is_some() {
                    loose.push(node);
                }
                continue;
            };
            self.add_loose(&mut arms, &mut loose);
            fallthrough |= falls;
            let arm = self.arm(case, node)?;
            match arms.last_mut().filter(|a| *falls && is_empty(&self.ast, a)) {
                // Consecutive labels without statements are one arm.
                Some(previous) => {
                    previous.span = previous.span.to(arm.span);
                    previous.head = previous.head.to(arm.head);
                    let comparable = |a: &Arm| a.comparable || a.labels.is_empty();
                    previous.comparable = comparable(previous) && comparable(&arm);
                    previous.labels.extend(arm.labels);
                    previous.binds.extend(arm.binds);
                    previous.is_default |= arm.is_default;
                    previous.body = arm.body;
                }
                None => arms.push(arm),
            }
        }
        self.add_loose(&mut arms, &mut loose);
        Some((arms, fallthrough))
    }

    /// Statements of the block that the grammar doesn't put inside an arm belong to the arm before them.
    fn add_loose(&mut self, arms: &mut Vec<Arm>, loose: &mut Vec<Node<'a>>) {
        let stmts = self.statements(std::mem::take(loose).into_iter());
        let Some(&last) = stmts.last() else { return };
        let span = self.ast.stmt(stmts[0]).span.to(self.ast.stmt(last).span);
        match arms.last_mut() {
            Some(arm) => {
                if is_empty(&self.ast, arm) {
                    arm.body.span = span;
                    arm.body.stmts.clear();
                }
                arm.span = arm.span.to(span);
                arm.body.span = arm.body.span.to(span);
                arm.body.stmts.extend(stmts);
            }
            None => arms.push(Arm {
                span,
                head: Span { start: span.start, end: span.start },
                labels: vec![],
                is_default: false,
                guard: None,
                binds: vec![],
                comparable: false,
                body: Body { span, style: BodyStyle::Group, stmts },
            }),
        }
    }

    fn arm(&mut self, rule: &StmtRule, node: Node<'a>) -> Option<Arm> {
        let StmtRule::Case { labels, default, guard, body, constants, falls } = rule else { return None };
        let kids = Kids::of(node);
        // An error before a token stands in the head; one before a statement is a statement that wasn't understood.
        let after_error = kids.iter().zip(kids.iter().skip(1)).any(|(a, b)| a.is_error() && !b.is_named());
        if after_error || kids.all(labels).any(|l| l.has_error()) {
            return None;
        }
        let span = self.span(node);
        let label_nodes: Vec<Node> = kids.all(labels).collect();
        let mut found = Labels { comparable: true, ..Labels::default() };
        found.guard = self.optional(guard.as_ref().and_then(|g| kids.one(g)));
        if let Some(default) = default {
            found.is_default = kids.one(default).is_some();
        }
        for label in &label_nodes {
            self.label(*label, &mut found, *constants);
        }
        let label_ids: Vec<usize> = label_nodes.iter().map(|l| l.id()).collect();
        let guard_id = guard.as_ref().and_then(|g| kids.one(g)).map(|g| g.id());
        let inside: Vec<Node> = kids
            .all(body)
            .filter(|n| !label_ids.contains(&n.id()) && Some(n.id()) != guard_id && !n.is_missing())
            .collect();
        let head_end = match inside.first() {
            Some(first) => kids.end_before(*first),
            None => span.end as usize,
        };
        let body = match inside.first() {
            Some(first) if !falls => self.body(*first, head_end),
            _ => {
                let stmts = self.statements(inside.into_iter());
                self.row(stmts, head_end, BodyStyle::Group)
            }
        };
        let head = Span::new(span.start as usize, head_end);
        let comparable = found.comparable && !found.values.is_empty();
        let Labels { values, is_default, guard, binds, .. } = found;
        Some(Arm { span: span.to(body.span), head, labels: values, is_default, guard, binds, comparable, body })
    }

    fn label(&mut self, node: Node<'a>, found: &mut Labels, constants: bool) {
        if let Some(StmtRule::Label { values, default, guard }) = self.g.statement.get(node) {
            let kids = Kids::of(node);
            found.is_default |= kids.one(default).is_some();
            let guard = kids.one(guard);
            found.guard = self.optional(guard).or(found.guard);
            let values: Vec<Node> = kids.all(values).filter(|v| Some(v.id()) != guard.map(|g| g.id())).collect();
            for value in values {
                self.value(value, found, constants);
            }
        } else {
            self.value(node, found, constants);
        }
    }

    /// One label value or pattern.
    fn value(&mut self, node: Node<'a>, found: &mut Labels, constants: bool) {
        if self.is_wildcard(node) {
            found.is_default |= found.guard.is_none();
            return;
        }
        let outer = std::mem::take(&mut self.binds);
        let values = self.exprs(std::iter::once(node));
        let binds = std::mem::replace(&mut self.binds, outer);
        let catches_all = matches!(values[..], [v] if binds.contains(&v));
        found.is_default |= catches_all && found.guard.is_none();
        found.comparable &= constants || self.comparable(node);
        found.values.extend(values);
        found.binds.extend(binds);
    }

    /// Whether `==` compares a label as the switch does.
    fn comparable(&self, node: Node) -> bool {
        let all = |part: &Part| {
            let kids = Kids::of(node);
            let mut parts = kids.all(part).filter(|k| k.is_named()).peekable();
            parts.peek().is_some() && parts.all(|p| self.comparable(p))
        };
        match self.g.expression.get(node) {
            Some(ExprRule::Literal { comparable, .. }) => *comparable,
            Some(ExprRule::String { comparable, parts }) => *comparable && Kids::of(node).one(parts).is_none(),
            Some(ExprRule::Paren { inner: part } | ExprRule::Operator { operands: part }) => all(part),
            Some(ExprRule::Pattern { inner, .. }) => all(inner),
            // A minus between the alternatives would belong to one of them only.
            Some(ExprRule::Splice { parts }) => all(parts) && !Kids::of(node).iter().any(|k| k.kind() == "-"),
            _ => false,
        }
    }
}

fn is_empty(ast: &Ast, arm: &Arm) -> bool {
    matches!(arm.body.stmts[..], [one] if ast.stmt(one).span.is_empty() && matches!(ast.stmt(one).kind, StmtKind::Empty))
}
