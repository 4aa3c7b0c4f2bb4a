//! Jumps, exceptions, and the `finally` blocks that they cross.

use super::build::{Builder, Frame};
use super::{EdgeKind, NodeId, Site};
use crate::syntax::ast::{ExprId, ExprKind, StmtId, StmtKind, Try};

impl Builder<'_> {
    /// A node that leaves for `target`; without it control would go on at `next`.
    pub(super) fn jump(&mut self, id: StmtId, target: NodeId, next: NodeId) -> NodeId {
        let node = self.node(Site::Stmt(id));
        self.edge(node, target, EdgeKind::Jump);
        self.pseudo(node, next);
        self.raises(node, Site::Stmt(id));
        self.after_calls(Site::Stmt(id), node)
    }

    /// `break` or `continue`. One that has no target (a syntax error the parser let through) falls through.
    pub(super) fn jump_out(&mut self, id: StmtId, label: Option<&str>, again: bool, next: NodeId) -> NodeId {
        let own = self.frames.iter().enumerate().skip(self.base).rev();
        let found = own.into_iter().find_map(|(depth, frame)| match frame {
            Frame::Jump { stmt, labels, plain, out, again: loop_again } => {
                let named = match label {
                    Some(label) => labels.iter().any(|l| l == label),
                    None => *plain && (!again || loop_again.is_some()),
                };
                let target = if again { *loop_again } else { Some(*out) };
                target.filter(|_| named).map(|t| (depth, *stmt, t))
            }
            _ => None,
        });
        match found {
            Some((depth, left, target)) => {
                let first = self.cross(depth, target);
                match again {
                    _ if first == target => {}
                    true => self.continues(first, target),
                    false => self.completes(left, first, target),
                }
                self.jump(id, first, next)
            }
            None => self.simple(Site::Stmt(id), next),
        }
    }

    pub(super) fn return_statement(&mut self, id: StmtId, next: NodeId) -> NodeId {
        let returns = self.returns;
        let target = self.cross(self.base, returns);
        self.jump(id, target, next)
    }

    /// Where a jump from here to `target` goes first: through copies of every `finally` above frame `depth`.
    fn cross(&mut self, depth: usize, target: NodeId) -> NodeId {
        let mut target = target;
        for i in depth..self.frames.len() {
            if let Frame::Finally { stmt } = self.frames[i] {
                target = self.finally_copy(stmt, i, target);
            }
        }
        target
    }

    /// A copy of a `finally` body that goes on at `next`, built in the frames that enclose its `try`.
    fn finally_copy(&mut self, stmt: StmtId, depth: usize, next: NodeId) -> NodeId {
        if let Some(copy) = self.finally_copies.get(&(stmt, depth, next)) {
            return *copy;
        }
        let ast = self.ast;
        let StmtKind::Try(Try { finally: Some(body), .. }) = &ast.stmt(stmt).kind else { return next };
        let inner = self.frames.split_off(depth);
        let first = self.body(&body.stmts, next);
        self.frames.extend(inner);
        self.finally_copies.insert((stmt, depth, next), first);
        first
    }

    /// Where an exception raised here may be caught; the exit if nothing catches it.
    pub(super) fn catchers(&mut self) -> Vec<NodeId> {
        self.catchers_below(self.frames.len())
    }

    fn catchers_below(&mut self, depth: usize) -> Vec<NodeId> {
        let mut out = Vec::new();
        for i in (0..depth).rev() {
            match self.frames[i].clone() {
                Frame::Handlers { entries, catch_all } => {
                    out.extend(entries);
                    if catch_all {
                        return out;
                    }
                }
                Frame::Finally { stmt } => {
                    // The exception goes on after the finally, to whatever catches it further out.
                    let rethrow = match self.rethrows.get(&(stmt, i)) {
                        Some(node) => *node,
                        None => {
                            let node = self.node(Site::Rethrow(stmt));
                            self.rethrows.insert((stmt, i), node);
                            for to in self.catchers_below(i) {
                                self.edge(node, to, EdgeKind::Exception);
                            }
                            node
                        }
                    };
                    let copy = self.finally_copy(stmt, i, rethrow);
                    out.push(copy);
                    return out;
                }
                Frame::Jump { .. } => {}
            }
        }
        out.push(self.exit());
        out
    }

    fn guarded(&self) -> bool {
        self.frames.iter().any(|f| !matches!(f, Frame::Jump { .. }))
    }

    /// Adds the edges to handlers if the site may raise and something would catch it, or if it calls a function that may
    /// leave. Any other exception that nothing catches is a fault of the program, not a path.
    pub(super) fn raises(&mut self, node: NodeId, site: Site) {
        let exprs = super::expressions(self.ast, site);
        let followed = |e: ExprId| self.joined().calls.contains_key(&e);
        let leaves = |e: &ExprId| self.leavers.may_leave(self.parsed, *e, &followed);
        let leaves = exprs.iter().any(leaves);
        if leaves {
            // Exiting is not caught.
            let exit = self.exit();
            self.edge(node, exit, EdgeKind::Exception);
            // A macro may go to a label.
            for label in exprs.iter().flat_map(|e| self.leavers.labels(self.ast, *e)).collect::<Vec<_>>() {
                if let Some(stmt) = self.find_label(&label) {
                    let target = self.label_node(&label, Some(stmt));
                    self.edge(node, target, EdgeKind::Jump);
                }
            }
        }
        if leaves || self.guarded() && exprs.iter().any(|e| self.may_raise(*e)) {
            for to in self.catchers() {
                self.edge(node, to, EdgeKind::Exception);
            }
        }
    }

    /// Whether evaluating an expression may raise. Iterative, since expressions may be deep.
    fn may_raise(&self, expr: ExprId) -> bool {
        let any = self.language.types.any_may_raise;
        let mut stack = vec![expr];
        while let Some(e) = stack.pop() {
            if self.joined().calls.contains_key(&e) {
                // What it raises is on its own paths, and its arguments are evaluated before.
                continue;
            }
            match &self.ast.expr(e).kind {
                ExprKind::Call { .. }
                | ExprKind::New { .. }
                | ExprKind::Index { .. }
                | ExprKind::Deref(_)
                | ExprKind::Delete(_)
                | ExprKind::Suspend(_)
                | ExprKind::Other(_)
                | ExprKind::Field { .. } => return true,
                ExprKind::Operator { faults: true, .. } => return true,
                ExprKind::Cast { scalar: false, .. } => return true,
                ExprKind::Compound { .. } | ExprKind::Starred(_) | ExprKind::Operator { .. } if any => return true,
                ExprKind::Lambda { .. } => continue,
                _ => {}
            }
            stack.extend(self.ast.operands(e));
        }
        false
    }

    pub(super) fn throw_statement(&mut self, id: StmtId, next: NodeId) -> NodeId {
        let node = self.node(Site::Stmt(id));
        for to in self.catchers() {
            self.edge(node, to, EdgeKind::Exception);
        }
        self.pseudo(node, next);
        self.after_calls(Site::Stmt(id), node)
    }

    /// An assert that is not a condition of the triple: leaves the function when false, by an exception that may be caught.
    pub(super) fn assertion(&mut self, id: StmtId, next: NodeId) -> NodeId {
        let node = self.node(Site::Stmt(id));
        self.edge(node, next, EdgeKind::True);
        for to in self.catchers() {
            self.edge(node, to, EdgeKind::False);
        }
        node
    }

    /// The node of a goto target, made at its first use or its definition.
    pub(super) fn label_node(&mut self, label: &str, stmt: Option<StmtId>) -> NodeId {
        if let Some(node) = self.labels.get(label) {
            return *node;
        }
        // A goto to a label that isn't there leaves: what it would do can't be known.
        let Some(stmt) = stmt.or_else(|| self.find_label(label)) else { return self.exit() };
        let node = self.node(Site::Label(stmt));
        self.labels.insert(label.to_owned(), node);
        node
    }

    /// The labelled statement of this name. Labels are unique in a function, so the first is the only one; functions nested
    /// in this one can't be jumped into.
    fn find_label(&self, label: &str) -> Option<StmtId> {
        let mut stack = self.roots.clone();
        while let Some(id) = stack.pop() {
            if matches!(&self.ast.stmt(id).kind, StmtKind::Labeled { label: l, .. } if l == label) {
                return Some(id);
            }
            stack.extend(self.ast.children(id));
        }
        None
    }

    pub(super) fn try_statement(&mut self, id: StmtId, s: &Try, next: NodeId) -> NodeId {
        let with_finally = s.finally.is_some();
        let depth = self.frames.len();
        // Normal completion runs the finally too.
        let after = if with_finally { self.finally_copy(id, depth, next) } else { next };
        if with_finally {
            self.completes(id, after, next);
            self.frames.push(Frame::Finally { stmt: id });
        }
        let mut entries = Vec::new();
        for (i, handler) in s.handlers.iter().enumerate() {
            let first = self.body(&handler.body.stmts, after);
            let entry = self.node(Site::Handler(id, i as u32));
            self.edge(entry, first, EdgeKind::Fall);
            entries.push(entry);
        }
        let body_next = s.els.as_ref().map_or(after, |b| self.body(&b.stmts, after));
        if !entries.is_empty() {
            let catch_all = s.handlers.iter().any(|h| h.catch_all);
            self.frames.push(Frame::Handlers { entries, catch_all });
        }
        let body = self.body(&s.body.stmts, body_next);
        let first = self.body(&s.resources, body);
        self.frames.truncate(depth);
        first
    }
}
