//! Loops: kept, folded into one round, or skipped.

use super::writer::{Enclosing, Writer};
use crate::cfg::{EdgeKind, Site};
use crate::syntax::ast::{Body, ExprKind, Loop, LoopKind, StmtId, StmtKind};
use crate::text::Span;

impl Writer<'_> {
    pub(super) fn loop_statement(&mut self, id: StmtId, s: &Loop, indent: &str) {
        let entered = self.alive(Site::Enter(id));
        let tested = self.alive(Site::Cond(id));
        if !self.kept(Site::Cond(id)) && (tested || !entered) {
            // The loop doesn't matter; its initialiser may.
            self.initialiser(s, indent);
            return;
        }
        if !entered {
            self.skipped(id, s, indent);
            return;
        }
        let jumps = self.jumps_out(id, &s.body.stmts, false);
        let last = self.last_jump(&s.body.stmts);
        let straight = jumps.iter().all(|j| Some(*j) == last && self.is_break(*j));
        // Other rounds around it may skip this one.
        let skippable = self.plan.exit_open.contains(&id) && self.comes_again();
        let declares = s.cond.is_some_and(|c| self.ast.declares(c));
        let once = !self.alive(Site::Back(id)) && !self.closed_after(Site::Enter(id)) && !skippable && !declares;
        if once && straight && s.kind != LoopKind::ForEach && s.els.is_none() {
            self.omitted.extend(jumps);
            self.one_round(id, s, indent);
        } else {
            // A round ends by itself where its text does.
            let ends_round = |j: &StmtId| matches!(self.ast.stmt(*j).kind, StmtKind::Continue { .. });
            self.omitted.extend(last.filter(|j| jumps.contains(j)).filter(ends_round));
            self.whole_loop(id, s, indent);
        }
    }

    /// Labels written directly before a statement.
    pub(super) fn labels_of(&self, id: StmtId) -> Vec<String> {
        let mut out = Vec::new();
        let mut at = id;
        while let Some(parent) = self.program.parent.get(&at) {
            match &self.ast.stmt(*parent).kind {
                StmtKind::Labeled { label, .. } => out.push(label.clone()),
                _ => break,
            }
            at = *parent;
        }
        out
    }

    fn initialiser(&mut self, s: &Loop, indent: &str) {
        for init in &s.init {
            match &self.ast.stmt(*init).kind {
                StmtKind::Decl(decl) => {
                    if let Some(text) = self.declaration_text(*init, decl) {
                        let span = self.ast.stmt(*init).span;
                        self.pieces.take(span, self.lines.len());
                        let origin = Some(self.line_of(span.start));
                        let text = format!("{indent}{text}{}", self.layout.terminator);
                        self.lines.push(super::writer::Line { text, origin, comment: None });
                    }
                }
                _ if self.kept(Site::Stmt(*init)) => {
                    self.verbatim(self.ast.stmt(*init).span, indent);
                    let terminator = self.layout.terminator.clone();
                    self.append(&terminator);
                }
                _ => {}
            }
        }
    }

    /// Runs `write` inside braces if the initialiser declares a name that is declared elsewhere too.
    fn scoped(&mut self, s: &Loop, indent: &str, write: impl FnOnce(&mut Self, &str)) {
        if self.layout.braces && self.clashes(&s.init) {
            self.own(indent, "{");
            let inner = format!("{indent}{}", self.layout.indent);
            write(self, &inner);
            self.own(indent, "}");
        } else {
            write(self, indent);
        }
    }

    fn skipped(&mut self, id: StmtId, s: &Loop, indent: &str) {
        self.scoped(s, indent, |w, indent| {
            w.initialiser(s, indent);
            match (s.cond, s.kind) {
                (_, LoopKind::ForEach) => w.no_round(s, indent),
                (Some(cond), _) if w.has_edge(Site::Cond(id), EdgeKind::True) => {
                    w.assume_condition(cond, false, indent)
                }
                _ => {}
            }
        });
        if self.closed(id) {
            // Evaluating the condition raises on every path of the class.
            self.never(indent);
        } else if let Some(els) = &s.els {
            self.lift(els, indent);
        }
    }

    /// Whether the loop has a way out by its condition that the class doesn't take. Behind a loop that Q stands in nothing
    /// matters any more, unless what is around it goes on to Q again.
    pub(super) fn closed(&self, id: StmtId) -> bool {
        let conditional = self.has_edge(Site::Cond(id), EdgeKind::False);
        conditional && !self.plan.exit_open.contains(&id) && (!self.post_inside(id) || self.comes_again())
    }

    /// Whether a run may come to the point being written more than once: by a loop that stays, or one made of gotos, or by
    /// another call of the function.
    fn comes_again(&self) -> bool {
        self.loops.contains(&Enclosing::Loop) || self.has_gotos() || self.plan.again.contains(&self.current)
    }

    /// A for-each over nothing: an assumption over its iterable where one is valid, else the loop with `assume(false)`.
    fn no_round(&mut self, s: &Loop, indent: &str) {
        let Some(iter) = s.iter else { return };
        let span = self.ast.expr(iter).span;
        let text = self.source(span);
        let known = match &self.ast.expr(iter).kind {
            ExprKind::Name(name) => self.declared_type(name),
            _ => None,
        };
        let layout = self.layout;
        let template = match known {
            Some(ty) if ty.arrays > 0 && !layout.no_round_array.is_empty() => &layout.no_round_array,
            Some(ty) if !ty.name.is_empty() && !layout.no_round_known.is_empty() => &layout.no_round_known,
            _ => &layout.no_round,
        };
        if template.is_empty() {
            self.verbatim(s.head, indent);
            let inner = self.inner_indent(s.head.start, &s.body, indent);
            let lines = self.nested(|w| w.never(&inner));
            self.block(s.head.end, &s.body, indent, lines, false);
            return;
        }
        // A bare tuple needs parentheses as an argument.
        let text = if self.is_bare_sequence(iter) { format!("({text})") } else { text.to_owned() };
        self.assume(span, &template.replace("{iter}", &text), indent);
    }

    fn declared_type(&self, name: &str) -> Option<crate::syntax::ast::TypeInfo> {
        let function = self.ast.function(self.current);
        let param = function.params.iter().find(|p| p.name == name).map(|p| p.ty.clone());
        param.or_else(|| {
            self.program.stmts.iter().find_map(|s| match &self.ast.stmt(*s).kind {
                StmtKind::Decl(d) => d.declarators.iter().find(|d| d.name == name).map(|d| d.ty.clone()),
                StmtKind::Loop(l) => {
                    let is_it = |t| matches!(&self.ast.expr(t).kind, ExprKind::Name(n) if n == name);
                    l.target.is_some_and(is_it).then(|| l.target_type.clone())
                }
                _ => None,
            })
        })
    }

    /// The body runs exactly once: the condition becomes an assumption.
    fn one_round(&mut self, id: StmtId, s: &Loop, indent: &str) {
        self.scoped(s, indent, |w, indent| {
            w.initialiser(s, indent);
            if let Some(cond) = s.cond.filter(|_| s.kind != LoopKind::DoWhile && w.kept(Site::Cond(id)))
                && w.has_edge(Site::Cond(id), EdgeKind::False)
            {
                w.assume_condition(cond, true, indent);
            }
            w.lift(&s.body, indent);
        });
    }

    fn whole_loop(&mut self, id: StmtId, s: &Loop, indent: &str) {
        let tested = self.kept(Site::Cond(id));
        match s.kind {
            LoopKind::For => self.for_head(s, indent),
            _ => self.verbatim(s.head, indent),
        }
        self.loops.push(Enclosing::Loop);
        let inner = self.inner_indent(s.head.start, &s.body, indent);
        let lines = self.nested(|w| match w.closed_after(Site::Enter(id)) {
            true => w.never(&inner),
            false => w.statements(&s.body.stmts, &inner),
        });
        self.block(s.head.end, &s.body, indent, lines, s.kind == LoopKind::DoWhile);
        self.loops.pop();
        if s.kind == LoopKind::DoWhile {
            if tested {
                self.pieces.take(s.tail, self.lines.len());
                self.mention(s.tail);
                let tail = self.source(s.tail);
                self.append(&format!(" {tail}"));
            } else {
                let text = format!(" while ({}){}", self.layout.false_literal, self.layout.terminator);
                self.append(&text);
            }
        }
        let closed = tested && self.closed(id);
        match &s.els {
            Some(els) => self.loop_else(s, els, closed, indent),
            None if closed => self.never(indent),
            None => {}
        }
    }

    fn loop_else(&mut self, s: &Loop, els: &Body, closed: bool, indent: &str) {
        let inner = self.inner_indent(s.head.start, els, indent);
        let lines = self.nested(|w| match closed {
            true => w.never(&inner),
            false => w.statements(&els.stmts, &inner),
        });
        if !lines.is_empty() {
            self.verbatim(s.else_head, indent);
            self.block(s.else_head.end, els, indent, lines, false);
        }
    }

    /// `for (init; cond; update)` with the parts that are kept.
    fn for_head(&mut self, s: &Loop, indent: &str) {
        let all_kept = s.update.iter().all(|u| self.kept(Site::Stmt(*u)))
            && s.init.iter().all(|i| match &self.ast.stmt(*i).kind {
                StmtKind::Decl(_) => self.intact(*i),
                _ => self.kept(Site::Stmt(*i)),
            });
        if all_kept {
            self.verbatim(s.head, indent);
            return;
        }
        let mut init = Vec::new();
        for id in &s.init {
            let span = self.ast.stmt(*id).span;
            match &self.ast.stmt(*id).kind {
                StmtKind::Decl(decl) => init.extend(self.declaration_text(*id, decl)),
                _ if self.kept(Site::Stmt(*id)) => {
                    self.mention(span);
                    init.push(self.source(span).to_owned());
                }
                _ => {}
            }
        }
        let mut update = Vec::new();
        for id in &s.update {
            if !self.kept(Site::Stmt(*id)) {
                continue;
            }
            let span = self.ast.stmt(*id).span;
            self.mention(span);
            update.push(self.source(span));
        }
        let cond = s.cond.map(|c| self.ast.expr(c).span);
        cond.into_iter().for_each(|c| self.mention(c));
        let text = self
            .layout
            .for_head
            .replace("{init}", &init.join(", "))
            .replace("{cond}", cond.map_or("", |c| self.source(c)))
            .replace("{update}", &update.join(", "));
        let head = Span { start: s.head.start, end: s.head.end };
        self.pieces.take(head, self.lines.len());
        let origin = Some(self.line_of(head.start));
        let text = text.split('\n').map(str::trim).collect::<Vec<_>>().join(" ");
        self.lines.push(super::writer::Line { text: format!("{indent}{text}"), origin, comment: None });
        self.trailing_comment(head.end);
    }
}
