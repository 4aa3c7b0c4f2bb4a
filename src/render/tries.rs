//! try: handlers that the class doesn't take are dropped where that is safe, else they end in `assume(false)`.

use super::writer::{Line, Writer};
use crate::cfg::Site;
use crate::syntax::ast::{StmtId, StmtKind, Try};

impl Writer<'_> {
    pub(super) fn try_statement(&mut self, id: StmtId, s: &Try, indent: &str) {
        let resources = s.resources.iter().any(|r| self.resource_kept(*r));
        let something = s.body.stmts.iter().any(|b| self.writes_something(*b));
        if !something && !resources {
            // Nothing that could raise is left.
            for part in s.els.iter().chain(&s.finally) {
                self.lift(part, indent);
            }
            return;
        }
        let finally = s.finally.as_ref().is_some_and(|f| f.stmts.iter().any(|b| self.writes_something(*b)));
        let written: Vec<bool> = (0..s.handlers.len()).map(|i| self.handler_written(id, s, i)).collect();
        let catches = written.contains(&true);
        if !(catches || finally || resources) {
            self.lift(&s.body, indent);
            if let Some(els) = &s.els {
                self.lift(els, indent);
            }
            return;
        }
        self.verbatim(s.head, indent);
        let inner = self.inner_indent(s.head.start, &s.body, indent);
        self.tries += 1;
        // An exception out of a handler runs the `finally` too.
        let caught = usize::from(finally);
        let raises = s.resources.iter().any(|r| self.left_only_by_raising(*r));
        let body = self.nested(|w| match raises {
            true => w.never(&inner),
            false => w.statements(&s.body.stmts, &inner),
        });
        self.block(s.head.end, &s.body, indent, body, true);
        self.tries = self.tries - 1 + caught;
        let handlers = self.handlers(id, s, &written, indent);
        for (handler, lines) in s.handlers.iter().zip(handlers) {
            if let Some(lines) = lines {
                self.verbatim(handler.head, indent);
                self.block(handler.head.end, &handler.body, indent, lines, true);
            }
        }
        if let Some(els) = &s.els {
            let inner = self.inner_indent(s.head.start, els, indent);
            let lines = self.nested(|w| w.statements(&els.stmts, &inner));
            if !lines.is_empty() {
                if !catches {
                    // `else` needs a handler; without one it is simply what follows in the body.
                    self.lines.extend(lines);
                } else {
                    self.verbatim(s.else_head, indent);
                    self.block(s.else_head.end, els, indent, lines, true);
                }
            }
        }
        self.tries -= caught;
        if let Some(body) = s.finally.as_ref().filter(|_| finally || !(catches || resources)) {
            self.verbatim(s.finally_head, indent);
            let inner = self.inner_indent(s.head.start, body, indent);
            let lines = self.nested(|w| w.statements(&body.stmts, &inner));
            self.block(s.finally_head.end, body, indent, lines, true);
        }
    }

    fn resource_kept(&self, id: StmtId) -> bool {
        self.kept(Site::Stmt(id)) || self.kept(Site::Declarator(id, 0))
    }

    /// The lines of each handler that is written; `None` for one that is dropped.
    fn handlers(&mut self, id: StmtId, s: &Try, written: &[bool], indent: &str) -> Vec<Option<Vec<Line>>> {
        (0..s.handlers.len())
            .map(|i| {
                if !written[i] {
                    return None;
                }
                let body = &s.handlers[i].body;
                let inner = self.inner_indent(s.head.start, body, indent);
                Some(self.nested(|w| match w.alive(Site::Handler(id, i as u32)) {
                    true => w.statements(&body.stmts, &inner),
                    false => w.never(&inner),
                }))
            })
            .collect()
    }

    /// A handler that the class takes is written, even if nothing in it matters: it ends the exception. One that isn't taken
    /// can go unless something else would catch its exceptions, or the compiler asks for it.
    fn handler_written(&self, id: StmtId, s: &Try, i: usize) -> bool {
        let taken = |i: usize| self.alive(Site::Handler(id, i as u32));
        let later = (i + 1..s.handlers.len()).any(taken);
        taken(i) || later || self.tries > 0 || self.layout.keep_handlers || self.finally_matters(s)
    }

    /// Whether a `finally` may leave by itself, so that the exception would be gone, or comes to Q.
    fn finally_matters(&self, s: &Try) -> bool {
        let mut stack: Vec<StmtId> = s.finally.iter().flat_map(|f| f.stmts.clone()).collect();
        while let Some(id) = stack.pop() {
            use StmtKind as K;
            let leaves = matches!(
                self.ast.stmt(id).kind,
                K::Return { .. } | K::Break { .. } | K::Continue { .. } | K::Goto { .. }
            );
            if leaves && self.kept(Site::Stmt(id)) || self.program.post_stmt() == Some(id) {
                return true;
            }
            stack.extend(self.ast.children(id));
        }
        false
    }
}
