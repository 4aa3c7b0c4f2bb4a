//! if, switch, preprocessor conditionals.

use super::writer::{Enclosing, Line, Writer};
use crate::cfg::{EdgeKind, Site};
use crate::syntax::ast::{Body, BodyStyle, ExprId, ExprKind, If, Preproc, StmtId, Switch};
use crate::text::Span;

/// What stands between the quotes of a text without escapes.
fn plain_text(literal: &str) -> Option<&str> {
    let quotes = ['"', '\''];
    let quote = literal.chars().next().filter(|c| quotes.contains(c))?;
    let inner = literal.strip_prefix(quote)?.strip_suffix(quote)?;
    (!inner.contains(quotes) && !inner.contains('\\')).then_some(inner)
}

impl Writer<'_> {
    pub(super) fn if_statement(&mut self, id: StmtId, s: &If, indent: &str, promoted: bool) {
        if !self.kept(Site::Cond(id)) {
            return;
        }
        let decides = self.has_edge(Site::Cond(id), EdgeKind::True) && self.has_edge(Site::Cond(id), EdgeKind::False);
        match (self.alive(Site::Then(id)), self.alive(Site::Else(id))) {
            (true, true) => self.whole_if(s, indent, promoted),
            (then, els) if then != els && decides && self.ast.declares(s.cond) => self.declaring_if(s, then, indent),
            (true, false) => {
                if decides {
                    self.assume_condition(s.cond, true, indent);
                }
                self.lift(&s.then, indent);
            }
            (false, true) => {
                if decides {
                    self.assume_condition(s.cond, false, indent);
                }
                if let Some(els) = &s.els {
                    self.lift_else(els, indent);
                }
            }
            // Evaluating the condition raises on every path of the class.
            (false, false) => {
                let inner = self.inner_indent(s.head.start, &s.then, indent);
                let never = self.nested(|w| w.never(&inner));
                self.if_header(s, indent, promoted);
                self.block(s.head.end, &s.then, indent, never, false);
                self.never(indent);
            }
        }
    }

    /// An `if` with one open side whose condition declares names. In an assumption they would not be in scope: the `if` stays,
    /// and the closed side leaves, so that the names live on after it as a compiler sees it.
    fn declaring_if(&mut self, s: &If, then: bool, indent: &str) {
        let inner = self.inner_indent(s.head.start, &s.then, indent);
        let closed = |w: &mut Self| {
            w.never(&inner);
            let leave = w.leave();
            w.own(&inner, &leave);
        };
        self.if_header(s, indent, false);
        let lines = self.nested(|w| if then { w.statements(&s.then.stmts, &inner) } else { closed(w) });
        self.block(s.head.end, &s.then, indent, lines, true);
        if then {
            self.append(" else {");
            closed(self);
            self.own(indent, "}");
        }
        self.note_assumption(s.cond, then);
        if let Some(els) = s.els.as_ref().filter(|_| !then) {
            self.lift_else(els, indent);
        }
    }

    fn lift_else(&mut self, els: &Body, indent: &str) {
        match (els.style, els.stmts.first()) {
            (BodyStyle::Chain, Some(next)) => self.statement(*next, indent, true),
            _ => self.lift(els, indent),
        }
    }

    /// `if (c)`; an `elif` that begins the statement is an `if` now.
    fn if_header(&mut self, s: &If, indent: &str, promoted: bool) {
        let head = Span { start: s.keyword.end, end: s.head.end };
        let own_keyword = self.source(s.keyword);
        let keyword = if promoted { own_keyword.trim_start_matches("el") } else { own_keyword };
        let from = self.lines.len();
        self.verbatim(head, indent);
        if let Some(line) = self.lines.get_mut(from) {
            line.text.insert_str(indent.len(), keyword);
            line.comment = line.comment.map(|at| at + keyword.len());
            line.origin = Some(self.program.parsed.source.line(s.keyword.start));
        }
    }

    fn whole_if(&mut self, s: &If, indent: &str, promoted: bool) {
        self.if_header(s, indent, promoted);
        let els = s.els.as_ref().map(|els| (els, self.else_lines(s, els, indent)));
        let has_else = els.as_ref().is_some_and(|(_, lines)| !lines.is_empty());
        let nested = s.then.stmts.first().is_some_and(|f| !self.ast.children(*f).is_empty());
        let force = has_else && nested;
        self.body(s.head.end, &s.then, s.head.start, indent, force);
        let Some((els, lines)) = els.filter(|_| has_else) else { return };
        if els.style == BodyStyle::Chain && self.chain_stays(els) {
            if self.layout.braces {
                self.else_keyword(s, indent);
                let mut lines = lines.into_iter();
                if let Some(first) = lines.next() {
                    self.append(&format!(" {}", first.text.trim_start()));
                }
                self.lines.extend(lines);
            } else {
                self.lines.extend(lines);
            }
            return;
        }
        self.else_keyword(s, indent);
        let after = if s.else_head.is_empty() { els.span.start } else { s.else_head.end };
        self.block(after, els, indent, lines, false);
    }

    /// The lines of an else side, indented as its text will need.
    fn else_lines(&mut self, s: &If, els: &Body, indent: &str) -> Vec<Line> {
        if els.style != BodyStyle::Chain {
            let inner = self.inner_indent(s.head.start, els, indent);
            return self.nested(|w| w.statements(&els.stmts, &inner));
        }
        let stays = self.chain_stays(els);
        let inner = if stays { indent.to_owned() } else { self.inner_indent(s.head.start, &s.then, indent) };
        self.nested(|w| els.stmts.iter().for_each(|n| w.statement(*n, &inner, !stays)))
    }

    /// Whether the `if` of a chain is written as one, so that it can follow `else` directly.
    fn chain_stays(&self, els: &Body) -> bool {
        els.stmts.first().is_some_and(|next| {
            self.kept(Site::Cond(*next)) && self.alive(Site::Then(*next)) && self.alive(Site::Else(*next))
        })
    }

    fn else_keyword(&mut self, s: &If, indent: &str) {
        let text = match (s.else_head.is_empty(), self.layout.braces) {
            (true, true) => "else",
            (true, false) => "else:",
            (false, _) => self.source(s.else_head),
        };
        let beside = s.then.style == BodyStyle::Braced
            && !s.else_head.is_empty()
            && !self.source(Span { start: s.then.span.end, end: s.else_head.start }).contains('\n');
        if beside && self.lines.last().is_some_and(|l| l.text.trim() == "}") {
            self.append(&format!(" {text}"));
        } else {
            let origin = (!s.else_head.is_empty()).then(|| self.line_of(s.else_head.start));
            self.lines.push(Line { text: format!("{indent}{text}"), origin, comment: None });
        }
        self.pieces.take(s.else_head, self.lines.len());
    }

    pub(super) fn switch_statement(&mut self, id: StmtId, s: &Switch, indent: &str) {
        if !self.kept(Site::Cond(id)) {
            return;
        }
        let open: Vec<usize> = (0..s.arms.len()).filter(|i| self.alive(Site::Arm(id, *i as u32))).collect();
        let none_open = self.alive(Site::NoArm(id));
        let can_skip = self.site(Site::NoArm(id)).is_some();
        let everything = open.len() == s.arms.len() && (!can_skip || none_open);
        if !everything && !self.evaluates_something(s.subject) {
            if let ([arm], false) = (open.as_slice(), none_open) {
                let body = &s.arms[*arm].body;
                let jumps = self.jumps_out(id, &body.stmts, true);
                let last = self.last_jump(&body.stmts);
                let foldable = jumps.iter().all(|j| Some(*j) == last);
                if let Some(text) = self.arm_equation(s, Some(*arm)).filter(|_| foldable) {
                    self.assume_subject(s, &text, indent);
                    self.omitted.extend(jumps);
                    self.lift(body, indent);
                    return;
                }
            } else if let (true, true) = (open.is_empty(), none_open)
                && let Some(text) = self.arm_equation(s, None)
            {
                self.assume_subject(s, &text, indent);
                return;
            }
        }
        self.verbatim(s.head, indent);
        self.loops.push(if s.fallthrough { Enclosing::Falling } else { Enclosing::Switch });
        let lines = self.nested(|w| w.arms(id, s, indent, can_skip && !none_open));
        self.loops.pop();
        let body = Body { span: s.block, style: BodyStyle::Braced, stmts: vec![] };
        self.block(s.head.end, &body, indent, lines, true);
    }

    fn assume_subject(&mut self, s: &Switch, text: &str, indent: &str) {
        for label in s.arms.iter().flat_map(|a| &a.labels) {
            self.mention(self.ast.expr(*label).span);
        }
        self.assume(self.ast.expr(s.subject).span, text, indent);
    }

    /// `x == 1 || x == 2`: the condition under which an arm is entered, or no arm; `None` if equality can't say it.
    fn arm_equation(&self, s: &Switch, arm: Option<usize>) -> Option<String> {
        let subject = self.operand(s.subject);
        let equation = |labels: &[ExprId]| {
            let mut parts: Vec<String> = Vec::new();
            for label in labels {
                let part = self.layout.equals.replace("{subject}", &subject).replace("{label}", &self.operand(*label));
                if !parts.contains(&part) {
                    parts.push(part);
                }
            }
            parts.join(&self.layout.or)
        };
        let none_of = |labels: &[ExprId]| self.layout.negate.replace("{e}", &equation(labels));
        let chosen = arm.map(|i| &s.arms[i]);
        // A guard may send the value on to a later arm, and a capture gives it a name: equations can't say either.
        if s.arms.iter().any(|a| a.guard.is_some()) || chosen.is_some_and(|a| !a.binds.is_empty()) {
            return None;
        }
        if let (Some(i), Some(chosen)) = (arm, chosen.filter(|a| !a.is_default)) {
            let earlier = if s.ordered { &s.arms[..i] } else { &[] };
            if !chosen.comparable || !earlier.iter().all(|a| a.comparable) {
                return None;
            }
            // What an earlier arm takes doesn't come here.
            let taken: Vec<ExprId> = earlier.iter().flat_map(|a| a.labels.iter().copied()).collect();
            let written_again = |l: &&ExprId| taken.iter().any(|t| self.expr_text(*t) == self.expr_text(**l));
            let left: Vec<ExprId> = chosen.labels.iter().filter(|l| !written_again(l)).copied().collect();
            if left.is_empty() {
                return None;
            }
            let differ = |t: &ExprId| left.iter().all(|l| self.certainly_differ(*l, *t));
            let perhaps: Vec<ExprId> = taken.into_iter().filter(|t| !differ(t)).collect();
            if perhaps.is_empty() {
                return Some(equation(&left));
            }
            let either = if left.len() > 1 { format!("({})", equation(&left)) } else { equation(&left) };
            return Some(format!("{either}{}{}", self.layout.and, none_of(&perhaps)));
        }
        let others: Vec<_> = s.arms.iter().enumerate().filter(|(i, _)| Some(*i) != arm).map(|(_, a)| a).collect();
        if others.is_empty() || !others.iter().all(|a| a.comparable) || self.layout.equals.is_empty() {
            return None;
        }
        // With the default arm first, a later one is never tried; a default is last where arms have an order.
        Some(none_of(&others.iter().flat_map(|a| a.labels.iter().copied()).collect::<Vec<_>>()))
    }

    /// Whether two labels are plain whole numbers or plain texts that differ.
    fn certainly_differ(&self, one: ExprId, other: ExprId) -> bool {
        let (one, other) = (self.expr_text(one), self.expr_text(other));
        let numbers = |a: &str, b: &str| Some(a.parse::<i128>().ok()? != b.parse::<i128>().ok()?);
        let texts = |a: &str, b: &str| Some(plain_text(a)? != plain_text(b)?);
        numbers(one, other).or_else(|| texts(one, other)).unwrap_or(false)
    }

    /// An expression's text as an operand of `==`: in parentheses if it may bind weaker (`a & 3`, `A | B`).
    fn operand(&self, e: ExprId) -> String {
        use ExprKind as K;
        let text = self.expr_text(e);
        match &self.ast.expr(e).kind {
            K::Operator { operands, .. } if operands.len() > 1 => format!("({text})"),
            K::Logical { .. } | K::Conditional { .. } => format!("({text})"),
            _ if self.is_bare_sequence(e) => format!("({text})"),
            _ => text.to_owned(),
        }
    }

    /// Whether evaluating an expression twice differs from once.
    fn evaluates_something(&self, e: ExprId) -> bool {
        let mut stack = vec![e];
        while let Some(e) = stack.pop() {
            match &self.ast.expr(e).kind {
                ExprKind::Call { .. }
                | ExprKind::New { .. }
                | ExprKind::Assign { .. }
                | ExprKind::Compound { .. }
                | ExprKind::Update { .. }
                | ExprKind::Suspend(_)
                | ExprKind::Other(_) => return true,
                _ => stack.extend(self.ast.operands(e)),
            }
        }
        false
    }

    fn arms(&mut self, id: StmtId, s: &Switch, indent: &str, close_rest: bool) {
        let mut arm_indent = indent.to_owned();
        let mut runs_on = false;
        for (i, arm) in s.arms.iter().enumerate() {
            let whole = Body { span: s.block, style: BodyStyle::Group, stmts: arm.body.stmts.clone() };
            let source = &self.program.parsed.source;
            let label = if source.first_on_line(arm.head.start) { source.indent_of(arm.head.start) } else { "" };
            let outer = source.indent_of(s.head.start);
            arm_indent = label
                .strip_prefix(outer)
                .map_or(format!("{indent}{}", self.layout.indent), |more| format!("{indent}{more}"));
            self.verbatim(arm.head, &arm_indent);
            let inner = self.inner_indent(arm.head.start, &whole, &arm_indent);
            let open = self.alive(Site::Arm(id, i as u32));
            let mut lines = self.nested(|w| match open {
                true => w.statements(&arm.body.stmts, &inner),
                false => w.never(&inner),
            });
            let last = i + 1 == s.arms.len();
            runs_on = close_rest && last && s.fallthrough && open && arm.body.style == BodyStyle::Group;
            runs_on = runs_on && self.run_off(&lines);
            match arm.body.style {
                BodyStyle::Group => {
                    if lines.is_empty() && last {
                        lines.push(Line { text: format!("{inner}{}", self.layout.empty), origin: None, comment: None });
                    }
                    self.lines.extend(lines);
                }
                _ => self.block(arm.head.end, &arm.body, &arm_indent, lines, false),
            }
        }
        if close_rest && !self.layout.default_arm.is_empty() {
            // The last arm must not fall into what is written below it.
            if runs_on {
                let text = format!("{arm_indent}{}break{}", self.layout.indent, self.layout.terminator);
                self.own("", &text);
            }
            let never = self.layout.assume.replace("{e}", &self.layout.false_literal);
            let never = format!("{never}{}", self.layout.terminator);
            let arrow = s.arms.first().is_some_and(|a| self.source(a.head).trim_end().ends_with("->"));
            let text = self.layout.default_arm.replace("{s}", &never);
            let text = if arrow { text.replacen(':', " ->", 1) } else { text };
            text.split('\n').for_each(|line| self.own(&arm_indent, line));
        }
    }

    pub(super) fn preproc(&mut self, id: StmtId, s: &Preproc, indent: &str) {
        if !self.kept(Site::Cond(id)) {
            return;
        }
        for (i, (directive, body)) in s.arms.iter().enumerate() {
            self.verbatim(*directive, "");
            match self.alive(Site::Branch(id, i as u32)) {
                true => self.statements(&body.stmts, indent),
                false => self.never(indent),
            }
        }
        if !s.has_else && !self.alive(Site::Branch(id, s.arms.len() as u32)) {
            self.own("", "#else");
            self.never(indent);
        }
        self.verbatim(s.tail, "");
    }
}
