//! One function for each kind of compound statement.

use super::build::{Builder, Frame};
use super::{EdgeKind, NodeId, Site};
use crate::syntax::ast::{
    Arm, Body, DeclKind, ExprId, ExprKind, If, LiteralKind, Loop, LoopKind, Preproc, StmtId, StmtKind, Switch,
};

impl Builder<'_> {
    /// The nodes of one statement; returns where control enters.
    pub(super) fn statement(&mut self, id: StmtId, next: NodeId) -> NodeId {
        let ast = self.ast;
        let labels = std::mem::take(&mut self.pending_labels);
        match &ast.stmt(id).kind {
            StmtKind::Expr(_) | StmtKind::Function(_) | StmtKind::Class { .. } => self.simple(Site::Stmt(id), next),
            StmtKind::Opaque { .. } => {
                // It may hold a jump that was not understood: it stays, whatever Q is about.
                let node = self.simple(Site::Stmt(id), next);
                for to in self.catchers() {
                    self.edge(node, to, EdgeKind::Exception);
                }
                node
            }
            StmtKind::Decl(decl) => {
                let count = if decl.persistent { 0 } else { decl.declarators.len() };
                (0..count as u32).rev().fold(next, |next, i| self.simple(Site::Declarator(id, i), next))
            }
            StmtKind::Assert { .. } => self.assertion(id, next),
            StmtKind::Assume { .. } => {
                let node = self.simple(Site::Stmt(id), next);
                self.assumption(node);
                node
            }
            StmtKind::Block(body) => self.labelled_block(id, labels, next, |builder| builder.body(&body.stmts, next)),
            StmtKind::If(s) => self.if_statement(id, s, next),
            StmtKind::Loop(s) => self.loop_statement(id, s, labels, next),
            StmtKind::Switch(s) => self.switch_statement(id, s, labels, next),
            StmtKind::Break { label } => self.jump_out(id, label.as_deref(), false, next),
            StmtKind::Continue { label } => self.jump_out(id, label.as_deref(), true, next),
            StmtKind::Return { .. } => self.return_statement(id, next),
            StmtKind::Goto { label } => {
                let target = self.label_node(label, None);
                self.jump(id, target, next)
            }
            StmtKind::Labeled { label, body, .. } => {
                self.pending_labels = labels;
                self.pending_labels.push(label.clone());
                let first = self.body(body.as_slice(), next);
                self.pending_labels.clear();
                // In another copy of a `finally`, or for a label written twice, the first node is taken.
                let known = self.label_node(label, Some(id));
                let node = if self.is_dead_end(known) { known } else { self.node(Site::Label(id)) };
                self.edge(node, first, EdgeKind::Fall);
                node
            }
            StmtKind::Throw { .. } => self.throw_statement(id, next),
            StmtKind::Exit(_) => {
                let exit = self.exit();
                self.jump(id, exit, next)
            }
            StmtKind::Try(s) => self.try_statement(id, s, next),
            StmtKind::With(s) => {
                let depth = self.frames.len();
                if super::leavers::may_swallow(self.parsed, s) {
                    self.frames.push(Frame::Handlers { entries: vec![next], catch_all: false });
                }
                let first = self.body(&s.body.stmts, next);
                self.frames.truncate(depth);
                self.simple(Site::With(id), first)
            }
            StmtKind::Preproc(s) => self.preproc(id, s, next),
            StmtKind::Context(decl) if ast.decls[*decl as usize].kind == DeclKind::Import => {
                self.simple(Site::Stmt(id), next)
            }
            StmtKind::Context(_) | StmtKind::Empty => next,
        }
    }

    /// A block that `break LABEL` may leave.
    fn labelled_block(
        &mut self,
        stmt: StmtId,
        labels: Vec<String>,
        out: NodeId,
        build: impl FnOnce(&mut Self) -> NodeId,
    ) -> NodeId {
        if labels.is_empty() {
            return build(self);
        }
        self.frames.push(Frame::Jump { stmt, labels, plain: false, out, again: None });
        let first = build(self);
        self.frames.pop();
        first
    }

    fn if_statement(&mut self, id: StmtId, s: &If, next: NodeId) -> NodeId {
        let cond = self.node(Site::Cond(id));
        let then = self.body(&s.then.stmts, next);
        let then = self.marker(Site::Then(id), then);
        let els = s.els.as_ref().map_or(next, |b| self.body(&b.stmts, next));
        let els = self.marker(Site::Else(id), els);
        self.branch(cond, s.cond, then, els);
        self.raises(cond, Site::Cond(id));
        self.after_calls(Site::Cond(id), cond)
    }

    /// A node that does nothing but be covered.
    fn marker(&mut self, site: Site, next: NodeId) -> NodeId {
        let node = self.node(site);
        self.edge(node, next, EdgeKind::Fall);
        node
    }

    /// Both edges of a condition; a constant one has the other as pseudo edge.
    fn branch(&mut self, cond: NodeId, expr: ExprId, yes: NodeId, no: NodeId) {
        match self.constant(expr) {
            Some(true) => {
                self.edge(cond, yes, EdgeKind::True);
                self.pseudo(cond, no);
            }
            Some(false) => {
                self.edge(cond, no, EdgeKind::False);
                self.pseudo(cond, yes);
            }
            None => {
                self.edge(cond, yes, EdgeKind::True);
                self.edge(cond, no, EdgeKind::False);
            }
        }
    }

    /// The value of a condition that is a literal.
    fn constant(&self, expr: ExprId) -> Option<bool> {
        match self.ast.expr(expr).kind {
            ExprKind::Literal(LiteralKind::True) => Some(true),
            ExprKind::Literal(LiteralKind::False) => Some(false),
            ExprKind::Literal(LiteralKind::Number) => self.integer(expr).map(|n| n != 0),
            _ => None,
        }
    }

    fn loop_statement(&mut self, id: StmtId, s: &Loop, labels: Vec<String>, next: NodeId) -> NodeId {
        let cond = self.node(Site::Cond(id));
        let test = self.after_calls(Site::Cond(id), cond);
        let after = s.els.as_ref().map_or(next, |b| self.body(&b.stmts, next));
        let again = {
            // The update runs outside the loop's own jump targets, as in `for (;; f())`.
            // For-each looks at what it iterates over once.
            let next = if s.kind == LoopKind::ForEach { cond } else { test };
            let first = self.body(&s.update, next);
            self.marker(Site::Back(id), first)
        };
        self.frames.push(Frame::Jump { stmt: id, labels, plain: true, out: next, again: Some(again) });
        let body = self.body(&s.body.stmts, again);
        self.frames.pop();
        let enter = self.node(Site::Enter(id));
        self.edge(enter, body, EdgeKind::Fall);
        self.raises(enter, Site::Enter(id));
        match s.cond {
            Some(expr) => self.branch(cond, expr, enter, after),
            None if s.kind == LoopKind::ForEach => {
                self.edge(cond, enter, EdgeKind::True);
                self.edge(cond, after, EdgeKind::False);
            }
            None => {
                self.edge(cond, enter, EdgeKind::True);
                self.pseudo(cond, after);
            }
        }
        self.raises(cond, Site::Cond(id));
        let first = if s.kind == LoopKind::DoWhile { enter } else { test };
        self.body(&s.init, first)
    }

    fn switch_statement(&mut self, id: StmtId, s: &Switch, labels: Vec<String>, next: NodeId) -> NodeId {
        let cond = self.node(Site::Cond(id));
        self.frames.push(Frame::Jump { stmt: id, labels, plain: s.breakable, out: next, again: None });
        let mut entries = Vec::new();
        let mut below = next;
        for (i, arm) in s.arms.iter().enumerate().rev() {
            let first = self.arm(arm, if s.fallthrough { below } else { next });
            let site = Site::Arm(id, i as u32);
            let entry = self.simple(site, first);
            entries.push((i as u32, entry));
            below = first;
        }
        self.frames.pop();
        for (i, entry) in entries.into_iter().rev() {
            self.edge(cond, entry, EdgeKind::Case(i));
        }
        if s.may_skip && !s.arms.iter().any(|a| a.is_default) {
            let none = self.marker(Site::NoArm(id), next);
            self.edge(cond, none, EdgeKind::NoCase);
        }
        if self.is_dead_end(cond) {
            self.edge(cond, next, EdgeKind::NoCase);
        }
        self.raises(cond, Site::Cond(id));
        self.after_calls(Site::Cond(id), cond)
    }

    fn arm(&mut self, arm: &Arm, next: NodeId) -> NodeId {
        self.body(&arm.body.stmts, next)
    }

    fn preproc(&mut self, id: StmtId, s: &Preproc, next: NodeId) -> NodeId {
        let cond = self.node(Site::Cond(id));
        let branch = |builder: &mut Self, i: usize, body: Option<&Body>| {
            let first = body.map_or(next, |b| builder.body(&b.stmts, next));
            let marker = builder.marker(Site::Branch(id, i as u32), first);
            builder.edge(cond, marker, EdgeKind::Case(i as u32));
        };
        for (i, (_, body)) in s.arms.iter().enumerate() {
            branch(self, i, Some(body));
        }
        if !s.has_else {
            branch(self, s.arms.len(), None);
        }
        cond
    }
}
