//! Expressions.

use super::{Lowerer, MAX_EXPRESSIONS};
use crate::syntax::ast::*;
use crate::syntax::rules::{ExprRule, Part, StmtRule};
use crate::syntax::tree::{Kids, end_of, span_of};
use crate::text::Span;
use tree_sitter::Node;

impl<'a> Lowerer<'a> {
    pub(super) fn make(&mut self, span: Span, kind: ExprKind) -> ExprId {
        self.ast.exprs.push(Expr { span, kind });
        ExprId(self.ast.exprs.len() as u32 - 1)
    }

    fn name(&mut self, node: Node<'a>) -> ExprId {
        self.make(span_of(node), ExprKind::Name(self.text(node).to_string()))
    }

    /// Every identifier of a span as a name.
    pub(super) fn names_in(&mut self, span: Span) -> Vec<ExprId> {
        let found = self.identifiers_in(span).to_vec();
        found.into_iter().map(|s| self.make(s, ExprKind::Name(self.src.slice(s).to_string()))).collect()
    }

    pub(super) fn optional(&mut self, node: Option<Node<'a>>) -> Option<ExprId> {
        node.map(|n| self.expr(n))
    }

    /// A condition without the parentheses that its statement needs.
    pub(super) fn condition(&mut self, node: Node<'a>) -> ExprId {
        match self.g.expression.get(node) {
            Some(ExprRule::Paren { inner }) => match Kids::of(node).one(inner) {
                Some(inner) => self.expr(inner),
                None => self.expr(node),
            },
            _ => self.expr(node),
        }
    }

    /// Lowers nodes into one list; those that stand for several parts give them all.
    pub(super) fn exprs(&mut self, nodes: impl Iterator<Item = Node<'a>>) -> Vec<ExprId> {
        let mut todo: Vec<Node> = nodes.collect();
        todo.reverse();
        let mut out = Vec::new();
        while let Some(node) = todo.pop() {
            match self.g.expression.get(node) {
                Some(ExprRule::Splice { parts }) => {
                    let inner: Vec<Node> = Kids::of(node).all(parts).collect();
                    todo.extend(inner.into_iter().rev());
                }
                // A pattern in parentheses of its own kind: the alternatives inside are its parts.
                Some(ExprRule::Pattern { inner, .. }) if self.splices(node, inner) => {
                    todo.extend(Kids::of(node).one(inner));
                }
                _ => out.push(self.expr(node)),
            }
        }
        out
    }

    fn splices(&self, node: Node<'a>, inner: &Part) -> bool {
        let inner = Kids::of(node).one(inner);
        inner.is_some_and(|i| matches!(self.g.expression.get(i), Some(ExprRule::Splice { .. })))
    }

    /// A callee that may be a bare token.
    pub(super) fn callee(&mut self, node: Node<'a>) -> ExprId {
        if node.is_named() { self.expr(node) } else { self.name(node) }
    }

    /// Never fails: what has no rule keeps its names.
    pub(super) fn expr(&mut self, node: Node<'a>) -> ExprId {
        let mut node = node;
        let mut outer = None;
        while let Some(ExprRule::Paren { inner }) = self.g.expression.get(node) {
            let Some(inner) = Kids::of(node).one(inner) else { break };
            outer.get_or_insert(node);
            node = inner;
        }
        let id = if self.expr_depth >= MAX_EXPRESSIONS {
            let span = span_of(node);
            self.warn(span, "nested too deeply: taken as an expression that reads every name in it");
            self.keep_names(span)
        } else {
            self.expr_depth += 1;
            let id = self.expression(node);
            self.expr_depth -= 1;
            id
        };
        if let Some(outer) = outer
            && !matches!(self.ast.expr(id).kind, ExprKind::Name(_) | ExprKind::Literal(_))
        {
            self.ast.exprs[id.index()].span = span_of(outer);
        }
        id
    }

    fn keep_names(&mut self, span: Span) -> ExprId {
        let names = self.names_in(span);
        self.make(span, ExprKind::Other(names))
    }

    fn expression(&mut self, node: Node<'a>) -> ExprId {
        let g = self.g;
        let span = span_of(node);
        let Some(rule) = g.expression.get(node) else { return self.other(node, span) };
        match rule {
            ExprRule::Name => return self.name(node),
            ExprRule::Literal { literal, .. } => return self.make(span, ExprKind::Literal((*literal).into())),
            ExprRule::Names => return self.keep_names(span),
            _ => {}
        }
        let kids = Kids::of(node);
        if let ExprRule::Transparent { value } = rule {
            return match kids.one(value) {
                Some(value) => self.expr(value),
                None => self.keep_names(span),
            };
        }
        let kind = self
            .access(rule, &kids, span)
            .or_else(|| self.assignment(rule, &kids))
            .or_else(|| self.operation(rule, node, &kids, span))
            .or_else(|| self.scope_expression(rule, &kids));
        match kind {
            Some(kind) => self.make(span, kind),
            None if is_pattern(rule) => self.pattern(rule, &kids, span),
            None => self.keep_names(span),
        }
    }

    /// Fields, subscripts, pointers, calls.
    fn access(&mut self, rule: &ExprRule, kids: &Kids<'a>, span: Span) -> Option<ExprKind> {
        Some(match rule {
            ExprRule::Field { object, name, through } => ExprKind::Field {
                object: self.expr(kids.one(object)?),
                name: self.text(kids.one(name)?).to_string(),
                through: through.as_ref().is_none_or(|t| kids.one(t).is_some()),
            },
            ExprRule::Index { object, indices } => {
                let object = self.expr(kids.one(object)?);
                ExprKind::Index { object, indices: self.exprs(kids.all(indices)) }
            }
            ExprRule::Pointer { value, deref } => {
                let value = self.expr(kids.one(value)?);
                if kids.one(deref).is_some() { ExprKind::Deref(value) } else { ExprKind::AddressOf(value) }
            }
            ExprRule::Call { callee, args } => {
                let callee = self.expr(kids.one(callee)?);
                ExprKind::Call { callee, args: self.exprs(kids.all(args)) }
            }
            ExprRule::Method { object, name, args } => {
                let name = kids.one(name)?;
                let callee = match kids.one(object) {
                    Some(object) => {
                        let object = self.expr(object);
                        let field = Span::new(span.start as usize, name.end_byte());
                        let name = self.text(name).to_string();
                        self.make(field, ExprKind::Field { object, name, through: true })
                    }
                    None => self.name(name),
                };
                ExprKind::Call { callee, args: self.exprs(kids.all(args)) }
            }
            ExprRule::New { args, extra } => {
                let args = self.exprs(kids.all(args));
                let extra = extra.as_ref().and_then(|e| kids.one(e));
                ExprKind::New { args, extra: extra.map(|e| self.parts_of(e).0).unwrap_or_default() }
            }
            _ => return None,
        })
    }

    fn assignment(&mut self, rule: &ExprRule, kids: &Kids<'a>) -> Option<ExprKind> {
        Some(match rule {
            ExprRule::Assign { targets, value, plain } => {
                let mut targets = self.exprs(kids.all(targets));
                let value_node = kids.one(value);
                let value = self.optional(value_node);
                if plain.as_ref().is_some_and(|p| kids.one(p).is_none()) {
                    return Some(ExprKind::Compound { target: *targets.first()?, value: value? });
                }
                // `a = b = e`: the assignment inside becomes further targets of this one.
                let chained = value.zip(value_node).and_then(|(value, node)| match &self.ast.expr(value).kind {
                    ExprKind::Assign { targets, value } if !self.in_parens(node) => Some((targets.clone(), *value)),
                    _ => None,
                });
                let Some((more, value)) = chained else { return Some(ExprKind::Assign { targets, value }) };
                targets.extend(more);
                ExprKind::Assign { targets, value }
            }
            ExprRule::Compound { target, value } => {
                ExprKind::Compound { target: self.expr(kids.one(target)?), value: self.expr(kids.one(value)?) }
            }
            ExprRule::Update { target } => ExprKind::Update { target: self.expr(kids.one(target)?) },
            ExprRule::Test { value, binds } => {
                let value = self.expr(kids.one(value)?);
                let outer = std::mem::take(&mut self.binds);
                let mut patterns = Vec::new();
                for node in kids.all(binds) {
                    patterns.push(self.expr(node));
                }
                let mut targets = std::mem::replace(&mut self.binds, outer);
                targets.extend(patterns.into_iter().filter(|p| matches!(self.ast.expr(*p).kind, ExprKind::Name(_))));
                if targets.is_empty() {
                    ExprKind::Operator { operands: vec![value], faults: false }
                } else {
                    self.ast.declared_by_tests.extend(&targets);
                    ExprKind::Assign { targets, value: Some(value) }
                }
            }
            _ => return None,
        })
    }

    fn in_parens(&self, node: Node) -> bool {
        matches!(self.g.expression.get(node), Some(ExprRule::Paren { .. }))
    }

    fn operation(&mut self, rule: &ExprRule, node: Node<'a>, kids: &Kids<'a>, span: Span) -> Option<ExprKind> {
        let any = self.g.language.types.any_may_raise;
        Some(match rule {
            ExprRule::Binary { .. } => self.binary(node, span)?,
            ExprRule::Operator { operands } => {
                ExprKind::Operator { operands: self.exprs(kids.all(operands)), faults: any }
            }
            ExprRule::Conditional { cond, then, els } => {
                let cond = self.expr(kids.one(cond)?);
                let els = kids.one(els)?;
                match kids.one(then) {
                    Some(then) => ExprKind::Conditional { cond, then: self.expr(then), els: self.expr(els) },
                    // `a ?: b` is a, or else b.
                    None => ExprKind::Logical { left: cond, right: self.expr(els) },
                }
            }
            ExprRule::Sequence { items, flat } => {
                let mut nodes: Vec<Node> = kids.all(items).collect();
                while let Some(last) = nodes.last().filter(|l| *flat && l.kind_id() == node.kind_id()).copied() {
                    nodes.pop();
                    nodes.extend(Kids::of(last).all(items));
                }
                ExprKind::Sequence(self.exprs(nodes.into_iter()))
            }
            ExprRule::String { parts, .. } => {
                let parts = self.exprs(kids.all(parts));
                let literal = |e: &ExprId| matches!(self.ast.expr(*e).kind, ExprKind::Literal(_));
                if parts.iter().all(literal) {
                    ExprKind::Literal(LiteralKind::String)
                } else {
                    ExprKind::Template(parts)
                }
            }
            ExprRule::Starred { value } => ExprKind::Starred(self.expr(kids.one(value)?)),
            ExprRule::Cast { ty, value } => {
                let ty = kids.one(ty).map(|t| self.type_info(t)).unwrap_or_default();
                ExprKind::Cast { value: self.expr(kids.one(value)?), scalar: ty.scalar, pointer: ty.pointers > 0 }
            }
            ExprRule::Suspend { value } => ExprKind::Suspend(self.exprs(kids.all(value))),
            ExprRule::Other { parts } | ExprRule::Splice { parts } => ExprKind::Other(self.exprs(kids.all(parts))),
            ExprRule::As { value, target } => {
                let value = self.expr(kids.one(value)?);
                let target = self.expr(kids.one(target)?);
                if matches!(self.ast.expr(target).kind, ExprKind::Name(_)) {
                    self.binds.push(target);
                }
                ExprKind::Other(vec![value, target])
            }
            _ => return None,
        })
    }

    /// A binary operation. A long row `a + b + c ...` leans left in the tree; it is taken apart in a loop and, where
    /// nothing is evaluated conditionally, becomes one operation over all its operands.
    fn binary(&mut self, node: Node<'a>, span: Span) -> Option<ExprKind> {
        let g = self.g;
        let mut spine = Vec::new();
        let mut node = node;
        while let Some(ExprRule::Binary { left, operator, right, logical, faults }) = g.expression.get(node) {
            let kids = Kids::of(node);
            let operator = operator.as_ref().and_then(|o| kids.one(o)).map_or("", |o| o.kind());
            let skips = logical.contains(operator);
            // Mixed rows keep their shape: only arithmetic may be flattened.
            if spine.first().is_some_and(|(_, first_skips, _)| skips != *first_skips) {
                break;
            }
            let faults = faults.contains(operator) || g.language.types.any_may_raise;
            spine.push((kids.one(right)?, skips, faults));
            node = kids.one(left)?;
        }
        spine.reverse();
        let first = self.expr(node);
        if !spine[0].1 {
            let mut operands = vec![first];
            for (right, _, _) in &spine {
                operands.push(self.expr(*right));
            }
            return Some(ExprKind::Operator { operands, faults: spine.iter().any(|s| s.2) });
        }
        let last = spine.len() - 1;
        if self.expr_depth + last >= MAX_EXPRESSIONS {
            self.warn(span, "nested too deeply: taken as an expression that reads every name in it");
            return Some(ExprKind::Other(self.names_in(span)));
        }
        let mut left = first;
        for (i, (right, ..)) in spine.iter().enumerate() {
            let end = end_of(*right);
            let right = self.expr(*right);
            let kind = ExprKind::Logical { left, right };
            if i == last {
                return Some(kind);
            }
            left = self.make(Span::new(span.start as usize, end), kind);
        }
        None
    }

    /// Comprehensions and lambdas.
    fn scope_expression(&mut self, rule: &ExprRule, kids: &Kids<'a>) -> Option<ExprKind> {
        match rule {
            ExprRule::Comprehension { value, clauses } => {
                let mut bound = Vec::new();
                let mut parts = self.exprs(kids.all(value));
                let clauses: Vec<Node> = kids.all(clauses).collect();
                for clause in clauses {
                    let Some(ExprRule::ForIn { target, iter }) = self.g.expression.get(clause) else {
                        parts.push(self.expr(clause));
                        continue;
                    };
                    let kids = Kids::of(clause);
                    for target in kids.all(target) {
                        let names = self.identifiers_in(span_of(target)).to_vec();
                        bound.extend(names.into_iter().map(|s| self.src.slice(s).to_string()));
                    }
                    parts.extend(self.exprs(kids.all(iter)));
                }
                Some(ExprKind::Comprehension { bound, parts })
            }
            ExprRule::Lambda { params, body } => {
                let mut bound = Vec::new();
                let mut parts = Vec::new();
                if let Some(list) = kids.one(params) {
                    for param in self.params(Some(list), &[]) {
                        bound.push(param.name);
                    }
                    // Defaults are evaluated, parameters are not.
                    parts.extend(self.defaults(list));
                }
                if let Some(body) = kids.one(body) {
                    let (more, declared) = self.parts_of(body);
                    parts.extend(more);
                    bound.extend(declared);
                }
                Some(ExprKind::Lambda { bound, parts })
            }
            _ => None,
        }
    }

    fn defaults(&mut self, list: Node<'a>) -> Vec<ExprId> {
        let mut out = Vec::new();
        for param in Kids::of(list).iter() {
            let default = self.g.parameter.get(param).and_then(|r| r.default.as_ref());
            if let Some(default) = default.and_then(|d| Kids::of(param).one(d)) {
                out.push(self.expr(default));
            }
        }
        out
    }

    /// A node without a rule: what it holds, in order.
    fn other(&mut self, node: Node<'a>, span: Span) -> ExprId {
        if node.child_count() == 0 {
            return self.keep_names(span);
        }
        let (parts, _) = self.parts_of(node);
        self.make(span, ExprKind::Other(parts))
    }

    /// The outermost expressions inside a node that may hold statements, and the names declared there. A declaration
    /// counts as an assignment.
    pub(super) fn parts_of(&mut self, node: Node<'a>) -> (Vec<ExprId>, Vec<String>) {
        let g = self.g;
        let mut parts = Vec::new();
        let mut declared = Vec::new();
        let mut todo = vec![node];
        while let Some(node) = todo.pop() {
            if g.expression.get(node).is_some() {
                parts.extend(self.exprs(std::iter::once(node)));
                continue;
            }
            let kids = Kids::of(node);
            match g.statement.get(node) {
                Some(StmtRule::Decl { declarators, .. }) => {
                    for declarator in kids.all(declarators).collect::<Vec<_>>() {
                        parts.extend(self.declared(declarator, &mut declared));
                    }
                }
                Some(StmtRule::ForEach { target, iter, body, .. }) => {
                    if let (Some(target), Some(iter)) = (kids.one(target), kids.one(iter)) {
                        declared.extend(
                            self.identifiers_in(span_of(target)).iter().map(|s| self.src.slice(*s).to_string()),
                        );
                        let span = span_of(target).to(span_of(iter));
                        let targets = self.exprs(std::iter::once(target));
                        let value = Some(self.expr(iter));
                        parts.push(self.make(span, ExprKind::Assign { targets, value }));
                    }
                    todo.extend(kids.one(body));
                }
                _ => todo.extend(kids.iter().rev().filter(|k| k.is_named())),
            }
        }
        (parts, declared)
    }

    fn declared(&mut self, node: Node<'a>, declared: &mut Vec<String>) -> Option<ExprId> {
        let shape = self.shape(node);
        let name = shape.name?;
        declared.push(self.text(name).to_string());
        let value = self.optional(shape.init);
        let target = self.name(name);
        Some(self.make(self.span(node), ExprKind::Assign { targets: vec![target], value }))
    }
}

fn is_pattern(rule: &ExprRule) -> bool {
    matches!(rule, ExprRule::Pattern { .. } | ExprRule::Capture | ExprRule::Bind { .. } | ExprRule::ClassPattern { .. })
}
