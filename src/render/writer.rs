//! The writer: output lines, indentation, verbatim text, assumptions.

use super::pieces::Pieces;
use super::{Assumption, Comments, Rendered};
use crate::cfg::{EdgeKind, Site};
use crate::slice::{Plan, Program};
use crate::spec::{Anchor, ConditionKind, Placed};
use crate::syntax::ast::{Ast, Body, BodyStyle, ExprId, FunctionId, StmtId, StmtKind};
use crate::syntax::completes::completes;
use crate::syntax::language::{Language, Layout};
use crate::text::Span;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// One line of output.
#[derive(Debug, Clone)]
pub(super) struct Line {
    /// With its indentation, without the line break.
    pub text: String,
    /// 1-based line of the original; `None` if weiser wrote it.
    pub origin: Option<u32>,
    /// Where a comment that follows the code begins.
    pub comment: Option<usize>,
}

pub(super) struct Writer<'a> {
    pub program: &'a Program<'a>,
    pub plan: &'a Plan,
    pub ast: &'a Ast,
    pub layout: &'a Layout,
    /// The function being written.
    pub current: FunctionId,
    pub comments: Comments,
    pub lines: Vec<Line>,
    pub assumptions: Vec<Assumption>,
    pub pieces: Pieces,
    /// Identifiers in the code written so far.
    pub words: BTreeSet<String>,
    /// Declarations inside the function that the code written so far needs; found by a first pass.
    pub wanted: BTreeSet<u32>,
    /// Types of which some members are shown.
    pub cut: BTreeMap<u32, Vec<Span>>,
    /// Names of functions that are too large to be shown beside.
    pub left_out: Vec<String>,
    /// Loops and breakable switches around the point being written that are written as such.
    pub loops: Vec<Enclosing>,
    /// Written `try` statements around the point being written.
    pub tries: usize,
    /// Some handler or arm of the function is closed.
    pub closes_handlers: bool,
    /// Breaks that end a folded loop or arm: what they leave isn't there any more.
    pub omitted: BTreeSet<StmtId>,
    /// How often a name is declared in the function or as a global: more than once means a lifted declaration may clash.
    pub declared: HashMap<&'a str, usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Enclosing {
    Loop,
    Switch,
    /// A switch whose arms run into the next one.
    Falling,
}

impl<'a> Writer<'a> {
    pub fn new(program: &'a Program<'a>, plan: &'a Plan, comments: Comments) -> Self {
        let ast = &program.parsed.ast;
        let closed = |(i, s): (usize, &Site)| {
            matches!(s, Site::Handler(..) | Site::Arm(..) | Site::NoArm(_)) && !plan.alive.contains(i)
        };
        let closes_handlers = program.cfg.sites.iter().enumerate().any(closed);
        Writer {
            closes_handlers,
            program,
            plan,
            ast,
            layout: &program.parsed.language.layout,
            current: program.triple.entry,
            comments,
            lines: vec![],
            assumptions: vec![],
            pieces: Pieces::default(),
            words: BTreeSet::new(),
            wanted: BTreeSet::new(),
            cut: BTreeMap::new(),
            left_out: vec![],
            loops: vec![],
            tries: 0,
            omitted: BTreeSet::new(),
            declared: super::context::declared_names(program),
        }
    }

    pub fn finish(mut self) -> Rendered {
        // In text that was not understood a condition's comment may stand inside what is shown as it is.
        debug_assert!(!self.ast.diagnostics.is_empty() || self.pieces.verify() == Ok(()), "{:?}", self.pieces.verify());
        // An else side is written before its then side, to know whether there is one.
        self.assumptions.sort_by_key(|a| a.line);
        let mut text = String::new();
        let mut lines = Vec::new();
        for line in std::mem::take(&mut self.lines) {
            // What follows a header may hold a line break of its own.
            for (i, part) in line.text.split('\n').enumerate() {
                text.push_str(part.trim_end());
                text.push('\n');
                lines.push(line.origin.map(|o| o + i as u32));
            }
        }
        let never = self.never_text();
        let strict = self.ast.functions.iter().any(|f| f.must_return);
        if self.layout.braces && (strict || text.contains(&never)) {
            let dead = unreachable(&text, self.program.parsed.language, &never, strict);
            let alive = |i: &usize| !dead.contains(&(*i as u32 + 1));
            text = text.lines().enumerate().filter(|(i, _)| alive(i)).map(|(_, l)| format!("{l}\n")).collect();
            lines = lines.into_iter().enumerate().filter(|(i, _)| alive(i)).map(|(_, l)| l).collect();
        }
        let kept = self.pieces.lines(&self.program.parsed.source);
        Rendered { kind: self.plan.kind, text, lines, kept, assumptions: self.assumptions, left_out: self.left_out }
    }

    pub fn site(&self, site: Site) -> Option<usize> {
        self.program.sites.get(&site).map(|s| s.index())
    }

    pub fn kept(&self, site: Site) -> bool {
        self.site(site).is_some_and(|s| self.plan.kept.contains(s))
    }

    pub fn alive(&self, site: Site) -> bool {
        self.site(site).is_some_and(|s| self.plan.alive.contains(s))
    }

    /// Whether what follows a site is closed, so that it can be left only by raising.
    pub fn closed_after(&self, site: Site) -> bool {
        self.site(site).is_some_and(|s| self.plan.falls_closed.contains(s))
    }

    /// Whether the program's graph has an edge of this kind from any copy of a site.
    pub fn has_edge(&self, site: Site, kind: EdgeKind) -> bool {
        self.site(site).is_some_and(|s| {
            self.program.cfg.copies[s].iter().any(|n| self.program.cfg.node(*n).succ.iter().any(|e| e.kind == kind))
        })
    }

    pub fn source(&self, span: Span) -> &'a str {
        self.program.parsed.source.slice(span)
    }

    pub fn expr_text(&self, e: ExprId) -> &'a str {
        self.source(self.ast.expr(e).span)
    }

    pub fn line_of(&self, offset: u32) -> u32 {
        self.program.parsed.source.line(offset)
    }

    /// Runs `write` with an empty output and returns what it wrote.
    pub fn nested(&mut self, write: impl FnOnce(&mut Self)) -> Vec<Line> {
        let outer = std::mem::take(&mut self.lines);
        write(self);
        std::mem::replace(&mut self.lines, outer)
    }

    /// A line of weiser's own.
    pub fn own(&mut self, indent: &str, text: &str) {
        self.lines.push(Line { text: format!("{indent}{text}"), origin: None, comment: None });
    }

    /// Appends to the last line, e.g. a brace to its header.
    pub fn append(&mut self, text: &str) {
        if let Some(line) = self.lines.last_mut() {
            line.text.push_str(text);
        }
    }

    /// Original text as lines: the first after `indent`, the others re-indented by the same amount. Lines inside string
    /// literals keep their own white space.
    pub fn verbatim(&mut self, span: Span, indent: &str) {
        let text = self.clean(span);
        self.mention(span);
        self.pieces.take(span, self.lines.len());
        let source = &self.program.parsed.source;
        let from = source.indent_of(span.start);
        let first_line = source.line(span.start);
        for (i, line) in text.split('\n').enumerate() {
            let line = line.trim_end_matches('\r');
            let number = first_line + i as u32;
            let fixed = i > 0 && self.starts_in_literal(source.line_start(number));
            let text = if i == 0 {
                format!("{indent}{line}")
            } else if fixed {
                line.to_owned()
            } else if let Some(rest) = line.strip_prefix(from) {
                format!("{indent}{rest}")
            } else {
                format!("{indent}{}", line.trim_start())
            };
            if i > 0 && !fixed && text.trim().is_empty() {
                continue;
            }
            self.lines.push(Line { text, origin: Some(number), comment: None });
        }
        self.trailing_comment(span.end);
    }

    /// The text of a span, without its comments if they are to go. Line breaks stay, so that line numbers do.
    fn clean(&self, span: Span) -> String {
        let text = self.source(span);
        if self.comments == Comments::Keep {
            return text.to_owned();
        }
        let mut out = String::new();
        let mut at = span.start;
        let first = self.ast.comments.partition_point(|c| c.span.end <= span.start);
        for comment in &self.ast.comments[first..] {
            if comment.span.start >= span.end {
                break;
            }
            if comment.span.start < at || self.is_own_comment(comment.span) {
                continue;
            }
            out.push_str(self.source(Span { start: at, end: comment.span.start }));
            let breaks = self.source(comment.span).matches('\n').count();
            out.extend(std::iter::repeat_n('\n', breaks));
            at = comment.span.end.min(span.end);
        }
        out.push_str(self.source(Span { start: at, end: span.end }));
        out
    }

    fn starts_in_literal(&self, offset: u32) -> bool {
        let list = &self.ast.verbatim;
        let i = list.partition_point(|s| s.end <= offset);
        list.get(i).is_some_and(|s| s.start < offset)
    }

    /// Adds the comment that follows on the same line, unless comments go or it states another triple's condition.
    pub fn trailing_comment(&mut self, end: u32) {
        let Some(comment) = self.comment_after(end) else { return };
        let own = self.is_own_comment(comment);
        let text = self.source(comment);
        // What a called function is shown with is all its own.
        let here = self.ast.function(self.current).span.contains_offset(comment.start);
        let other = here && crate::spec::is_annotation(text, &self.layout.comment);
        if !own && (self.comments == Comments::Strip || other) || text.contains('\n') {
            return;
        }
        self.pieces.take(comment, self.lines.len());
        let gap = self.source(Span { start: end, end: comment.start });
        let gap = if gap.trim().is_empty() && !gap.is_empty() { gap } else { "  " };
        if let Some(line) = self.lines.last_mut() {
            line.comment = Some(line.text.len());
        }
        self.append(&format!("{gap}{}", text.trim_end()));
    }

    /// A comment on the line on which `end` stands, with nothing but blanks, `;`, `{` or `,` between.
    pub fn comment_after(&self, end: u32) -> Option<Span> {
        let i = self.ast.comments.partition_point(|c| c.span.start < end);
        let comment = self.ast.comments.get(i)?.span;
        let between = self.source(Span { start: end, end: comment.start });
        between.chars().all(|c| matches!(c, ' ' | '\t' | ';' | '{' | ',')).then_some(comment)
    }

    /// Whether a comment holds a condition of this triple.
    pub fn is_own_comment(&self, span: Span) -> bool {
        let triple = self.program.triple;
        triple.pre.iter().chain([&triple.post]).any(|p| p.comment.is_some_and(|c| c.contains(span)))
    }

    /// Remembers the identifiers of a span, so that their declarations are shown.
    pub fn mention(&mut self, span: Span) {
        let list = &self.ast.identifiers;
        let first = list.partition_point(|i| i.start < span.start);
        for id in list[first..].iter().take_while(|i| i.end <= span.end) {
            self.words.insert(self.source(*id).to_owned());
        }
    }

    /// `assume(text);`, for a condition of the original.
    pub fn assume(&mut self, condition: Span, text: &str, indent: &str) {
        self.assume_that(condition, text, (text, true), indent);
    }

    fn assume_that(&mut self, condition: Span, text: &str, (about, holds): (&str, bool), indent: &str) {
        self.mention(condition);
        let line = self.line_of(condition.start);
        let flat = text.split('\n').map(str::trim_end).collect::<Vec<_>>().join("\n");
        let written = format!("{}{}", self.layout.assume.replace("{e}", &flat), self.layout.terminator);
        self.pieces.take(condition, self.lines.len());
        for (i, part) in written.split('\n').enumerate() {
            let text = if i == 0 { format!("{indent}{part}") } else { part.to_owned() };
            self.lines.push(Line { text, origin: Some(line + i as u32), comment: None });
        }
        self.assumptions.push(Assumption { line, text: flat, condition: about.to_owned(), holds });
    }

    /// A condition, evaluated without being assumed.
    pub fn evaluate(&mut self, cond: ExprId, indent: &str) {
        let span = self.ast.expr(cond).span;
        self.mention(span);
        self.pieces.take(span, self.lines.len());
        let layout = self.layout;
        let either = format!("({}){}{}", self.expr_text(cond), layout.or, layout.true_literal);
        let text = layout.assume.replace("{e}", &either);
        let line = self.line_of(span.start);
        let written = format!("{text}{}", self.layout.terminator);
        for (i, part) in written.split('\n').enumerate() {
            let text = if i == 0 { format!("{indent}{part}") } else { part.to_owned() };
            self.lines.push(Line { text, origin: Some(line + i as u32), comment: None });
        }
    }

    /// The condition holds, or doesn't: written some other way than by `assume`.
    pub fn note_assumption(&mut self, cond: ExprId, holds: bool) {
        let about = self.expr_text(cond);
        let text = if holds { about.to_owned() } else { self.negated(cond, about) };
        let line = self.line_of(self.ast.expr(cond).span.start);
        self.assumptions.push(Assumption { line, text, condition: about.to_owned(), holds });
    }

    /// The condition holds, or doesn't.
    pub fn assume_condition(&mut self, cond: ExprId, holds: bool, indent: &str) {
        let about = self.expr_text(cond);
        let text = match (holds, self.is_bare_sequence(cond)) {
            (false, _) => self.negated(cond, about),
            (true, true) => format!("({about})"),
            (true, false) => about.to_owned(),
        };
        self.assume_that(self.ast.expr(cond).span, &text, (about, holds), indent);
    }

    /// Whether an expression is elements without brackets around them (`a, b`), which would be several arguments.
    pub fn is_bare_sequence(&self, e: ExprId) -> bool {
        use crate::syntax::ast::ExprKind as K;
        let span = self.ast.expr(e).span;
        match &self.ast.expr(e).kind {
            K::Sequence(items) => items.first().is_some_and(|i| self.ast.expr(*i).span.start == span.start),
            K::Starred(_) => true,
            _ => false,
        }
    }

    /// Whether control may run off the end of lines written for the entry's body, as a compiler sees them.
    pub fn run_off(&self, lines: &[Line]) -> bool {
        if !self.layout.braces {
            // Where the language doesn't mind, what can't be reached does no harm.
            return true;
        }
        let function = self.ast.function(self.current);
        let body: Vec<&str> = lines.iter().map(|l| l.text.as_str()).collect();
        let mut text = format!("{} {{\n{}\n}}\n", self.source(function.head), body.join("\n"));
        if let Some(class) = function.container {
            text = format!("{} {{\n{text}}}\n", self.source(self.ast.containers[class.index()].head));
        }
        let written = crate::syntax::parse("", text, self.program.parsed.language);
        let function = written.ast.functions.iter().find(|f| f.name == function.name);
        function.is_none_or(|f| completes(&written.ast, &f.body.stmts))
    }

    /// `!(x < 0)`, `!found`: the parentheses are for operators.
    fn negated(&self, cond: ExprId, text: &str) -> String {
        use crate::syntax::ast::ExprKind as K;
        let binds = matches!(self.ast.expr(cond).kind, K::Name(_) | K::Call { .. } | K::Field { .. } | K::Index { .. });
        let template = if binds { self.layout.negate.replace("({e})", "{e}") } else { self.layout.negate.clone() };
        template.replace("{e}", text)
    }

    /// `assume(false)`: no path goes on here.
    pub fn never(&mut self, indent: &str) {
        let text = self.never_text();
        self.own(indent, &text);
    }

    fn never_text(&self) -> String {
        let text = self.layout.assume.replace("{e}", &self.layout.false_literal);
        format!("{text}{}", self.layout.terminator)
    }

    /// Indentation of a body's statements, if its header stays at `indent`.
    pub fn inner_indent(&self, header: u32, body: &Body, indent: &str) -> String {
        let source = &self.program.parsed.source;
        let first = body.stmts.iter().map(|s| self.ast.stmt(*s).span.start).find(|s| source.first_on_line(*s));
        let outer = source.indent_of(header);
        match first.map(|s| source.indent_of(s)).and_then(|inner| inner.strip_prefix(outer)) {
            Some(more) if !more.is_empty() => format!("{indent}{more}"),
            _ => format!("{indent}{}", self.layout.indent),
        }
    }

    /// A header with its body: `if (c) { ... }`. `after` is where the header's own text ends.
    pub fn body(&mut self, after: u32, body: &Body, header: u32, indent: &str, force_braces: bool) {
        let inner = self.inner_indent(header, body, indent);
        let lines = self.nested(|w| w.statements(&body.stmts, &inner));
        self.block(after, body, indent, lines, force_braces);
    }

    /// Writes the lines of a body with the marks its style needs.
    pub fn block(&mut self, after: u32, body: &Body, indent: &str, lines: Vec<Line>, force_braces: bool) {
        if !self.layout.braces {
            // A condition that is a comment is no statement.
            let comment = &self.layout.comment;
            let emptied = lines.iter().all(|l| l.text.trim().is_empty() || l.text.trim_start().starts_with(comment));
            self.lines.extend(lines);
            if emptied {
                let inner = self.inner_indent(after, body, indent);
                let inner = if inner.len() > indent.len() { inner } else { format!("{indent}{}", self.layout.indent) };
                self.own(&inner, &self.layout.empty.clone());
            }
            return;
        }
        let bare = matches!(body.style, BodyStyle::Bare | BodyStyle::Chain);
        if bare && !force_braces && lines.len() == 1 {
            self.lines.extend(lines);
            return;
        }
        if bare && lines.is_empty() && !force_braces {
            self.append(" {}");
            return;
        }
        let between = self.source(Span { start: after, end: body.span.start.max(after) });
        let own_line = body.style == BodyStyle::Braced && between.contains('\n');
        let source = &self.program.parsed.source;
        let indent = match (own_line, source.indent_of(body.span.start).strip_prefix(source.indent_of(after))) {
            (true, Some(more)) => format!("{indent}{more}"),
            _ => indent.to_owned(),
        };
        if own_line {
            self.brace("{", body, body.span.start, &indent);
        } else {
            self.open_brace();
        }
        self.lines.extend(lines);
        self.brace("}", body, body.span.end.saturating_sub(1), &indent);
    }

    /// A brace on a line of its own: the author's, or one that a body without braces needs.
    fn brace(&mut self, mark: &str, body: &Body, at: u32, indent: &str) {
        let origin = (body.style == BodyStyle::Braced).then(|| self.line_of(at));
        if origin.is_some() {
            self.pieces.take(Span { start: at, end: at + 1 }, self.lines.len());
        }
        self.lines.push(Line { text: format!("{indent}{mark}"), origin, comment: None });
    }

    /// ` {` after a header, before a line comment that may stand there.
    fn open_brace(&mut self) {
        if let Some(line) = self.lines.last_mut() {
            match line.comment {
                Some(at) => line.text.insert_str(at, " {"),
                None => line.text.push_str(" {"),
            }
        }
    }

    /// A body without its header: in the place of the statement that was folded. Keeps braces where a declaration would
    /// clash with another of the same name.
    pub fn lift(&mut self, body: &Body, indent: &str) {
        if self.layout.braces && self.clashes(&body.stmts) {
            self.own(indent, "{");
            let inner = format!("{indent}{}", self.layout.indent);
            self.statements(&body.stmts, &inner);
            self.own(indent, "}");
        } else {
            self.statements(&body.stmts, indent);
        }
    }

    /// Conditions of the triple that stand before (or after) a statement.
    pub fn conditions(&mut self, stmt: StmtId, before: bool, indent: &str) {
        let anchor = if before { Anchor::Before(stmt) } else { Anchor::After(stmt) };
        let triple = self.program.triple;
        for (i, pre) in triple.pre.iter().enumerate() {
            if pre.anchor == anchor && self.kept(Site::Pre(i as u32)) {
                self.condition(pre, "PRE", indent);
            }
        }
        if triple.post.anchor == anchor && self.kept(Site::Post) {
            self.condition(&triple.post, "POST", indent);
            self.end_at_post(indent);
        }
    }

    /// A condition's own comment, or one written for it.
    pub fn condition(&mut self, placed: &Placed, keyword: &str, indent: &str) {
        self.words.extend(placed.condition.names.iter().cloned());
        if placed.condition.kind == ConditionKind::Code {
            let word = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
            let words = placed.condition.text.split(|c| !word(c)).filter(|w| !w.is_empty());
            self.words.extend(words.map(str::to_owned));
        }
        match placed.comment.filter(|c| self.is_comment(*c)) {
            Some(span) => {
                let line = self.line_of(span.start);
                // A comment that follows code was written with that code's line.
                if self.pieces.has(span) {
                    return;
                }
                self.pieces.take(span, self.lines.len());
                for (i, part) in self.source(span).split('\n').enumerate() {
                    let text = format!("{indent}{}", part.trim());
                    self.lines.push(Line { text, origin: Some(line + i as u32), comment: None });
                }
            }
            None => {
                // A condition of a docstring or of the command line has no comment of its own.
                for (i, part) in placed.condition.text.lines().enumerate() {
                    let mark = if i == 0 { format!("{keyword}: ") } else { "  ".into() };
                    self.own(indent, &format!("{} {mark}{}", self.layout.comment, part.trim()));
                }
            }
        }
    }

    /// Whether a span is comments of the source (and not a line of a docstring).
    fn is_comment(&self, span: Span) -> bool {
        self.ast.comments.binary_search_by_key(&span.start, |c| c.span.start).is_ok()
    }
}

/// The lines on which nothing but `never` stands, behind a statement that doesn't end normally: a compiler may reject what can't
/// be reached, and it says nothing. `strict`: whatever stands behind one, since compilers of the language do reject it.
fn unreachable(text: &str, language: &'static Language, never: &str, strict: bool) -> BTreeSet<u32> {
    let written = crate::syntax::parse("", text.to_owned(), language);
    let ast = &written.ast;
    let bodies = ast.functions.iter().map(|f| &f.body).chain(ast.stmts.iter().flat_map(|s| s.kind.bodies()));
    let mut dead = BTreeSet::new();
    for body in bodies {
        if strict {
            let after = body.stmts.iter().skip_while(|s| completes(ast, std::slice::from_ref(s))).skip(1);
            for span in after.map(|s| ast.stmt(*s).span).filter(|s| written.source.first_on_line(s.start)) {
                dead.extend(written.source.line(span.start)..=written.source.line(span.end));
            }
            continue;
        }
        let after = body.stmts.iter().skip_while(|s| completes(ast, std::slice::from_ref(s))).skip(1);
        // The next one only: a label behind it can be reached.
        for stmt in after.take(1).filter(|s| matches!(ast.stmt(**s).kind, StmtKind::Assume { .. })) {
            let line = written.source.line(ast.stmt(*stmt).span.start);
            if written.source.slice(written.source.line_span(line)).trim() == never {
                dead.insert(line);
            }
        }
    }
    dead
}
