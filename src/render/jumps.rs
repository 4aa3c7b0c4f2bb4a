//! Jumps out of loops and arms, and labels.

use super::writer::Writer;
use crate::cfg::{Site, SiteId};
use crate::syntax::ast::{Ast, Loop, StmtId, StmtKind};
use crate::text::Span;

/// Statements directly inside a loop, those of its else side left out.
fn inner_of(ast: &Ast, id: StmtId) -> Vec<StmtId> {
    match &ast.stmt(id).kind {
        StmtKind::Loop(s) => s.init.iter().chain(&s.body.stmts).chain(&s.update).copied().collect(),
        _ => ast.children(id),
    }
}

impl Writer<'_> {
    pub(super) fn is_break(&self, id: StmtId) -> bool {
        matches!(self.ast.stmt(id).kind, StmtKind::Break { .. })
    }

    /// Whether any goto is kept: then loops may be made of them.
    pub(super) fn has_gotos(&self) -> bool {
        let written = |s: &StmtId| self.kept(Site::Stmt(*s)) && !self.omitted.contains(s);
        let goto = |s: &StmtId| matches!(self.ast.stmt(*s).kind, StmtKind::Goto { .. }) && written(s);
        self.program.stmts.iter().any(|s| goto(s) && self.program.owner(*s) == self.current)
    }

    /// Kept breaks and continues below `stmts` that refer to the loop or switch `id`, in source order.
    pub(super) fn jumps_out(&self, id: StmtId, stmts: &[StmtId], switch: bool) -> Vec<StmtId> {
        let labels = self.labels_of(id);
        let mut out = Vec::new();
        let mut stack: Vec<(StmtId, bool, bool)> = stmts.iter().map(|s| (*s, true, !switch)).collect();
        while let Some((stmt, breaks, continues)) = stack.pop() {
            let kind = &self.ast.stmt(stmt).kind;
            let hit = match kind {
                StmtKind::Break { label: None } => breaks,
                StmtKind::Continue { label: None } => continues,
                StmtKind::Break { label: Some(l) } | StmtKind::Continue { label: Some(l) } => labels.contains(l),
                _ => false,
            };
            if hit && self.kept(Site::Stmt(stmt)) {
                out.push(stmt);
            }
            if let StmtKind::Loop(Loop { els: Some(els), .. }) = kind {
                // The else side of a loop is outside it.
                stack.extend(els.stmts.iter().map(|s| (*s, breaks, continues)));
                stack.extend(inner_of(self.ast, stmt).into_iter().map(|c| (c, false, false)));
                continue;
            }
            let (breaks, continues) = match kind {
                StmtKind::Loop(_) => (false, false),
                StmtKind::Switch(w) => (breaks && !w.breakable, continues),
                _ => (breaks, continues),
            };
            stack.extend(self.ast.children(stmt).into_iter().map(|c| (c, breaks, continues)));
        }
        out.sort();
        out
    }

    /// The jump with which statements end, once branches with one open side are folded.
    pub(super) fn last_jump(&self, stmts: &[StmtId]) -> Option<StmtId> {
        for id in stmts.iter().rev() {
            match &self.ast.stmt(*id).kind {
                StmtKind::Break { .. } | StmtKind::Continue { .. } if self.kept(Site::Stmt(*id)) => return Some(*id),
                StmtKind::If(s) if self.kept(Site::Cond(*id)) => {
                    return match (self.alive(Site::Then(*id)), self.alive(Site::Else(*id))) {
                        (true, false) => self.last_jump(&s.then.stmts),
                        (false, true) => self.last_jump(&s.els.as_ref()?.stmts),
                        _ => None,
                    };
                }
                StmtKind::Block(b) => return self.last_jump(&b.stmts),
                // Of a loop that isn't entered its else side is left.
                StmtKind::Loop(Loop { els: Some(els), .. })
                    if self.kept(Site::Cond(*id)) && !self.alive(Site::Enter(*id)) =>
                {
                    return self.last_jump(&els.stmts);
                }
                _ if self.writes_something(*id) => return None,
                _ => {}
            }
        }
        None
    }

    /// Whether anything in a statement is kept.
    pub(super) fn writes_something(&self, id: StmtId) -> bool {
        let mut stack = vec![id];
        while let Some(id) = stack.pop() {
            let declared = match &self.ast.stmt(id).kind {
                StmtKind::Decl(d) => (0..d.declarators.len() as u32).any(|i| self.kept(Site::Declarator(id, i))),
                _ => false,
            };
            let post = self.program.post_stmt() == Some(id)
                || self.program.triple.pre.iter().any(|p| p.anchor.stmt() == Some(id));
            if declared || post || [Site::Stmt(id), Site::Cond(id), Site::With(id)].into_iter().any(|s| self.kept(s)) {
                return true;
            }
            stack.extend(self.ast.children(id));
        }
        false
    }

    /// Whether a kept goto, break or continue names the label.
    pub(super) fn label_needed(&self, id: StmtId) -> bool {
        let StmtKind::Labeled { label, .. } = &self.ast.stmt(id).kind else { return false };
        let by_macro = |(target, user): &(StmtId, SiteId)| *target == id && self.plan.kept.contains(user.index());
        if self.program.macro_jumps.iter().any(by_macro) {
            return true;
        }
        self.kept(Site::Label(id))
            && self.program.stmts.iter().any(|s| {
                let named = match &self.ast.stmt(*s).kind {
                    StmtKind::Goto { label } => Some(label),
                    StmtKind::Break { label } | StmtKind::Continue { label } => label.as_ref(),
                    _ => None,
                };
                named == Some(label) && self.kept(Site::Stmt(*s)) && !self.omitted.contains(s)
            })
            || self.jumped_to_by_kept_loop_exit(id)
    }

    /// Labelled breaks name a label without going to it: the loop's own sites are their targets.
    fn jumped_to_by_kept_loop_exit(&self, id: StmtId) -> bool {
        let StmtKind::Labeled { label, .. } = &self.ast.stmt(id).kind else { return false };
        self.program.stmts.iter().any(|s| match &self.ast.stmt(*s).kind {
            StmtKind::Break { label: Some(l) } | StmtKind::Continue { label: Some(l) } => {
                l == label && self.kept(Site::Stmt(*s)) && !self.omitted.contains(s) && self.program.inside(*s, id)
            }
            _ => false,
        })
    }

    pub(super) fn labelled(&mut self, id: StmtId, _label: &str, head: Span, body: Option<StmtId>, indent: &str) {
        if !self.label_needed(id) {
            self.statements(body.as_slice(), indent);
            return;
        }
        // A macro's goto may lead where no path goes on to Q. Nothing else comes here, least of all from Q itself.
        let dead = !self.alive(Site::Label(id));
        if dead {
            let leave = self.leave();
            self.own(indent, &leave);
        }
        let lines = self.nested(|w| match dead {
            true => w.never(indent),
            false => w.statements(body.as_slice(), indent),
        });
        self.verbatim(head, indent);
        let first_declares = body.is_some_and(|b| matches!(self.ast.stmt(b).kind, StmtKind::Decl(_)));
        // A label must be followed by a statement, and a declaration isn't one.
        if lines.is_empty() || first_declares || self.goto_target(id) {
            let text = format!(" {}", self.layout.empty);
            self.append(&text);
        }
        self.lines.extend(lines);
    }

    /// A goto on the line above its label goes where control goes anyway: it is taken back.
    pub(super) fn drop_goto_before(&mut self, id: StmtId) {
        let StmtKind::Labeled { label, .. } = &self.ast.stmt(id).kind else { return };
        let source = &self.program.parsed.source;
        let goto = self.program.stmts.iter().copied().find(|s| {
            let named = matches!(&self.ast.stmt(*s).kind, StmtKind::Goto { label: l } if l == label);
            let span = self.ast.stmt(*s).span;
            let above = self.lines.last().is_some_and(|line| {
                line.origin == Some(source.line(span.start)) && line.text.trim() == source.slice(span)
            });
            named && above && self.kept(Site::Stmt(*s)) && self.program.owner(*s) == self.current
        });
        if let Some(goto) = goto
            && self.pieces.give_back(self.ast.stmt(goto).span)
        {
            self.lines.pop();
            self.omitted.insert(goto);
        }
    }

    /// Whether the label is a goto's, which any statement may carry (a loop's label must stand at the loop).
    fn goto_target(&self, id: StmtId) -> bool {
        let StmtKind::Labeled { label, .. } = &self.ast.stmt(id).kind else { return false };
        self.program.macro_jumps.iter().any(|(target, _)| *target == id)
            || self
                .program
                .stmts
                .iter()
                .any(|s| matches!(&self.ast.stmt(*s).kind, StmtKind::Goto { label: l } if l == label))
    }
}
