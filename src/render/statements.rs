//! Statements in order; simple ones, declarations, whole kept subtrees.

use super::writer::{Enclosing, Writer};
use crate::cfg::{Site, SiteId};
use crate::slice::Shown;
use crate::spec::Anchor;
use crate::syntax::ast::{Body, Decl, DeclKind, StmtId, StmtKind, TypeInfo};
use crate::text::Span;

impl Writer<'_> {
    pub(super) fn statements(&mut self, stmts: &[StmtId], indent: &str) {
        for stmt in stmts {
            self.conditions(*stmt, true, indent);
            let from = self.lines.len();
            self.statement(*stmt, indent, false);
            self.keep_apart(*stmt, from);
            let jumps = matches!(self.ast.stmt(*stmt).kind, StmtKind::Return { .. } | StmtKind::Throw { .. });
            if self.comes_to_an_end(*stmt) && self.lines.len() > from && !jumps {
                self.end_loops(indent);
            }
            if self.left_only_by_raising(*stmt)
                && (self.ast.children(*stmt).is_empty() || self.run_off(&self.lines[from..]))
            {
                self.never(indent);
            }
            self.conditions(*stmt, false, indent);
        }
    }

    /// A condition on the line above an assert would be taken for the assert's: a blank line parts them.
    fn keep_apart(&mut self, stmt: StmtId, at: usize) {
        let above = at.checked_sub(1).and_then(|i| self.lines.get(i));
        let comment = above.is_some_and(|l| l.text.trim_start().starts_with(&self.layout.comment));
        let asserts = matches!(self.ast.stmt(stmt).kind, StmtKind::Assert { .. });
        if comment && asserts && self.lines.len() > at {
            self.lines.insert(at, super::writer::Line { text: String::new(), origin: None, comment: None });
        }
    }

    /// A condition that is evaluated for what its call does: that comes to Q, and neither side leads on.
    fn evaluation(&mut self, id: StmtId, indent: &str) {
        let cond = match &self.ast.stmt(id).kind {
            StmtKind::If(s) => Some(s.cond),
            StmtKind::Loop(s) => {
                self.statements(&s.init, indent);
                s.cond
            }
            _ => None,
        };
        if let Some(cond) = cond {
            self.evaluate(cond, indent);
        }
    }

    /// Whether a kept simple statement, or the end of a `try`, must raise on the paths of this class.
    pub(super) fn left_only_by_raising(&self, id: StmtId) -> bool {
        let kept_and_closed = |site| self.kept(site) && self.closed_after(site);
        if self.program.post_stmt() == Some(id) || self.comes_to_an_end(id) {
            return false;
        }
        match &self.ast.stmt(id).kind {
            StmtKind::Decl(d) => (0..d.declarators.len() as u32).any(|i| kept_and_closed(Site::Declarator(id, i))),
            StmtKind::Loop(s) if s.els.is_none() && self.closed(id) => false,
            StmtKind::Try(_) | StmtKind::Loop(_) | StmtKind::Switch(_) | StmtKind::Block(_) => {
                self.plan.ends_closed.contains(&id)
            }
            kind => self.ast.children(id).is_empty() && !kind.is_compound() && kept_and_closed(Site::Stmt(id)),
        }
    }

    /// One statement. `promoted`: an `elif` that lost the `if` before it.
    pub(super) fn statement(&mut self, id: StmtId, indent: &str, promoted: bool) {
        let triple = self.program.triple;
        if triple.ignored.contains(&id) || self.omitted.contains(&id) {
            return;
        }
        let anchor = Anchor::At(id);
        let is_post = triple.post.anchor == anchor;
        if let Some(placed) = triple.pre.iter().chain([&triple.post]).find(|p| p.anchor == anchor) {
            if self.kept(Site::Stmt(id)) {
                let span = self.ast.stmt(id).span;
                // A comment above the assert that belongs to the condition.
                if let Some(above) = placed.comment.filter(|c| c.end <= span.start) {
                    self.condition(placed, "", indent);
                    debug_assert!(self.pieces.has(above));
                }
                self.verbatim(span, indent);
                if is_post {
                    if placed.comment.is_none() {
                        let mark = format!(" {} POST", self.layout.comment);
                        self.append(&mark);
                    }
                    self.end_at_post(indent);
                }
            }
            return;
        }
        self.drop_goto_before(id);
        if !promoted && self.intact(id) {
            self.verbatim(self.ast.stmt(id).span, indent);
            return;
        }
        let ast = self.ast;
        if self.site(Site::Cond(id)).is_some_and(|s| self.plan.ended.contains(&SiteId(s as u32))) {
            self.evaluation(id, indent);
            return;
        }
        match &ast.stmt(id).kind {
            StmtKind::Expr(_)
            | StmtKind::Assert { .. }
            | StmtKind::Assume { .. }
            | StmtKind::Break { .. }
            | StmtKind::Continue { .. }
            | StmtKind::Return { .. }
            | StmtKind::Goto { .. }
            | StmtKind::Throw { .. }
            | StmtKind::Exit(_)
            | StmtKind::Function(_)
            | StmtKind::Class { .. }
            | StmtKind::Opaque { .. } => {
                if self.kept(Site::Stmt(id)) {
                    self.verbatim(ast.stmt(id).span, indent);
                }
            }
            StmtKind::Decl(decl) => self.declaration(id, decl, indent),
            StmtKind::Block(body) => self.free_block(body, indent),
            StmtKind::If(s) => self.if_statement(id, s, indent, promoted),
            StmtKind::Loop(s) => self.loop_statement(id, s, indent),
            StmtKind::Switch(s) => self.switch_statement(id, s, indent),
            StmtKind::Labeled { label, head, body } => self.labelled(id, label, *head, *body, indent),
            StmtKind::Try(s) => self.try_statement(id, s, indent),
            StmtKind::With(s) => {
                if self.kept(Site::With(id)) {
                    self.verbatim(s.head, indent);
                    let inner = self.inner_indent(s.head.start, &s.body, indent);
                    // What is dropped must not be raised into a manager that catches it.
                    let catches = usize::from(crate::cfg::leavers::may_swallow(self.program.parsed, s));
                    self.tries += catches;
                    let lines = self.nested(|w| match w.closed_after(Site::With(id)) {
                        true => w.never(&inner),
                        false => w.statements(&s.body.stmts, &inner),
                    });
                    self.tries -= catches;
                    self.block(s.head.end, &s.body, indent, lines, true);
                } else {
                    self.statements(&s.body.stmts, indent);
                }
            }
            StmtKind::Preproc(s) => self.preproc(id, s, indent),
            StmtKind::Context(decl) => {
                let import = ast.decls[*decl as usize].kind == DeclKind::Import;
                if if import { self.kept(Site::Stmt(id)) } else { self.wanted.contains(decl) } {
                    self.verbatim(ast.stmt(id).span, indent);
                }
            }
            StmtKind::Empty => {}
        }
    }

    fn free_block(&mut self, body: &Body, indent: &str) {
        let inner = self.inner_indent(body.span.start, body, indent);
        let lines = self.nested(|w| w.statements(&body.stmts, &inner));
        if !lines.is_empty() {
            self.own(indent, "{");
            self.lines.extend(lines);
            self.own(indent, "}");
        }
    }

    /// How declarator `i` is shown, if it is.
    fn declarator(&self, id: StmtId, i: usize) -> Option<Shown> {
        let shown = match self.kept(Site::Declarator(id, i as u32)) {
            true => Shown::Whole,
            false => *self.plan.shown.get(&(id, i as u32))?,
        };
        // A handler or arm that ends in `assume(false)` doesn't assign what the original's does, as a compiler sees it.
        let StmtKind::Decl(decl) = &self.ast.stmt(id).kind else { return Some(shown) };
        let d = &decl.declarators[i];
        let unassigned = self.layout.must_initialise && self.closes_handlers && d.init.is_none() && d.strippable;
        Some(if unassigned { Shown::Bare } else { shown })
    }

    fn declaration(&mut self, id: StmtId, decl: &Decl, indent: &str) {
        let Some(text) = self.declaration_text(id, decl) else { return };
        let span = self.ast.stmt(id).span;
        let line = self.line_of(span.start);
        self.pieces.take(span, self.lines.len());
        for (i, part) in format!("{text}{}", self.layout.terminator).split('\n').enumerate() {
            let text = if i == 0 { format!("{indent}{part}") } else { part.to_owned() };
            self.lines.push(super::writer::Line { text, origin: Some(line + i as u32), comment: None });
        }
        self.trailing_comment(span.end);
    }

    /// The declaration with the declarators that are shown, without its terminator; `None` if none is.
    pub(super) fn declaration_text(&mut self, id: StmtId, decl: &Decl) -> Option<String> {
        let mut parts: Vec<String> = Vec::new();
        for (i, d) in decl.declarators.iter().enumerate() {
            let (span, default) = match self.declarator(id, i) {
                Some(Shown::Whole) => (d.span, None),
                Some(Shown::Bare) => (d.bare, self.layout.must_initialise.then(|| self.default_of(&d.ty))),
                None => continue,
            };
            self.mention(span);
            let text = self.source(span);
            parts.push(default.map_or(text.to_owned(), |value| format!("{text} = {value}")));
        }
        if parts.is_empty() {
            return None;
        }
        self.mention(decl.type_span);
        Some(format!("{} {}", self.source(decl.type_span), parts.join(", ")))
    }

    /// Whether lifting these statements into the enclosing block would declare a name twice there.
    pub(super) fn clashes(&self, stmts: &[StmtId]) -> bool {
        stmts.iter().any(|s| match &self.ast.stmt(*s).kind {
            StmtKind::Decl(d) => {
                let shown = |i: &usize| self.declarator(*s, *i).is_some();
                let many = |i: usize| self.declared.get(d.declarators[i].name.as_str()).is_some_and(|n| *n > 1);
                (0..d.declarators.len()).filter(shown).any(many)
            }
            _ => false,
        })
    }

    /// Whether a call in a statement comes to Q, and no path goes on behind it.
    fn comes_to_an_end(&self, id: StmtId) -> bool {
        let ended = |s: Site| self.program.sites.get(&s).is_some_and(|s| self.plan.ended.contains(s));
        match &self.ast.stmt(id).kind {
            StmtKind::Decl(d) => (0..d.declarators.len() as u32).any(|i| ended(Site::Declarator(id, i))),
            StmtKind::If(_) | StmtKind::Loop(_) => ended(Site::Cond(id)),
            kind => !kind.is_compound() && ended(Site::Stmt(id)),
        }
    }

    /// Q has been written and no path goes on to it again.
    pub(super) fn end_at_post(&mut self, indent: &str) {
        if self.plan.post_ends {
            self.end_loops(indent);
        }
    }

    /// Leaves the loops around, written ones or made of gotos, or the switch whose next arm would follow.
    fn end_loops(&mut self, indent: &str) {
        let gotos = self.has_gotos();
        let falls = self.loops.last() == Some(&Enclosing::Falling);
        if !(gotos || falls || self.loops.contains(&Enclosing::Loop)) {
            return;
        }
        if self.loops.len() == 1 && !gotos {
            self.own(indent, &format!("break{}", self.layout.terminator));
        } else {
            let text = self.leave();
            self.own(indent, &text);
        }
    }

    /// A statement that leaves the function.
    pub(super) fn leave(&self) -> String {
        let returns = &self.ast.function(self.current).returns;
        let layout = self.layout;
        if returns.name.is_empty() || (returns.name == "void" && returns.pointers == 0) {
            return format!("{}{}", layout.leave, layout.terminator);
        }
        format!("{}{}", layout.leave_with.replace("{e}", &self.default_of(returns)), layout.terminator)
    }

    /// Some value of a type.
    fn default_of(&self, ty: &TypeInfo) -> String {
        let layout = self.layout;
        if ty.pointers > 0 || ty.arrays > 0 {
            layout.default_reference.clone()
        } else if let Some(value) = layout.defaults.get(&ty.name) {
            value.clone()
        } else {
            layout.default_other.replace("{type}", &ty.name)
        }
    }

    /// Whether nothing in a statement was cut, so that it can be shown as it stands. Statements with comments on lines of
    /// their own are taken apart, since those comments go.
    pub(super) fn intact(&self, id: StmtId) -> bool {
        let span = self.ast.stmt(id).span;
        !self.has_own_line_comment(span) && self.whole(id)
    }

    pub(super) fn has_own_line_comment(&self, span: Span) -> bool {
        let first = self.ast.comments.partition_point(|c| c.span.start < span.start);
        let inside = self.ast.comments[first..].iter().take_while(|c| c.span.start < span.end);
        let source = &self.program.parsed.source;
        inside.into_iter().any(|c| {
            source.first_on_line(c.span.start)
                || (!self.is_own_comment(c.span)
                    && crate::spec::is_annotation(self.source(c.span), &self.layout.comment))
        })
    }

    fn whole(&self, id: StmtId) -> bool {
        let triple = self.program.triple;
        if triple.ignored.contains(&id) || self.omitted.contains(&id) || self.left_only_by_raising(id) {
            return false;
        }
        if self.comes_to_an_end(id) {
            return false;
        }
        let placed = |a: Anchor| triple.pre.iter().chain([&triple.post]).any(|p| p.anchor == a && p.comment.is_none());
        if placed(Anchor::Before(id)) || placed(Anchor::After(id)) {
            return false;
        }
        let is_post = self.program.post_stmt() == Some(id);
        if is_post && self.plan.post_ends && self.program.parent.contains_key(&id) {
            return false;
        }
        let all = |stmts: &[StmtId]| stmts.iter().all(|s| self.whole(*s));
        match &self.ast.stmt(id).kind {
            StmtKind::Empty => true,
            StmtKind::Context(_) => false,
            StmtKind::Decl(d) => (0..d.declarators.len()).all(|i| self.declarator(id, i) == Some(Shown::Whole)),
            StmtKind::Block(b) => all(&b.stmts),
            StmtKind::If(s) => {
                let both = self.alive(Site::Then(id)) && self.alive(Site::Else(id));
                self.kept(Site::Cond(id)) && both && all(&s.then.stmts) && s.els.as_ref().is_none_or(|b| all(&b.stmts))
            }
            StmtKind::Loop(s) => {
                let parts = all(&s.init) && all(&s.update) && all(&s.body.stmts);
                self.kept(Site::Cond(id))
                    && self.alive(Site::Enter(id))
                    && !self.closed_after(Site::Enter(id))
                    && self.alive(Site::Back(id))
                    && !self.closed(id)
                    && parts
                    && s.els.as_ref().is_none_or(|b| all(&b.stmts))
            }
            StmtKind::Switch(s) => {
                let arms = (0..s.arms.len() as u32).all(|i| self.alive(Site::Arm(id, i)));
                let none = self.site(Site::NoArm(id)).is_none() || self.alive(Site::NoArm(id));
                self.kept(Site::Cond(id)) && arms && none && s.arms.iter().all(|a| all(&a.body.stmts))
            }
            StmtKind::Labeled { body, .. } => {
                self.label_needed(id) && self.alive(Site::Label(id)) && body.is_none_or(|b| self.whole(b))
            }
            StmtKind::Try(s) => {
                let handlers = (0..s.handlers.len() as u32).all(|i| self.alive(Site::Handler(id, i)));
                handlers
                    && all(&s.resources)
                    && all(&s.body.stmts)
                    && s.handlers.iter().all(|h| all(&h.body.stmts))
                    && s.els.iter().chain(&s.finally).all(|b| all(&b.stmts))
            }
            StmtKind::With(s) => self.kept(Site::With(id)) && !self.closed_after(Site::With(id)) && all(&s.body.stmts),
            StmtKind::Preproc(_) => false,
            _ => self.kept(Site::Stmt(id)),
        }
    }

    /// Whether Q stands inside a statement.
    pub(super) fn post_inside(&self, id: StmtId) -> bool {
        self.program.post_stmt().is_some_and(|post| post == id || self.program.inside(post, id))
    }
}
