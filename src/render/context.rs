//! The entry function in its classes, and the declarations that its kept code names.

use super::needed::Needed;
use super::writer::{Line, Writer};
use crate::cfg::{Site, apart};
use crate::slice::Program;
use crate::spec::Anchor;
use crate::syntax::ast::{Body, BodyStyle, ContainerId, ContextDecl, DeclKind, FunctionId, StmtKind};
use crate::text::Span;
use std::collections::{BTreeSet, HashMap};

/// How often each name is declared in the function: parameters, locals, and globals that a local could hide.
pub(super) fn declared_names<'a>(program: &Program<'a>) -> HashMap<&'a str, usize> {
    let ast = &program.parsed.ast;
    let mut out: HashMap<&str, usize> = HashMap::new();
    let mut add = |name: &'a str| *out.entry(name).or_default() += 1;
    let functions = program.cfg.joined.functions.iter().chain([&program.triple.entry]);
    functions.flat_map(|f| &ast.function(*f).params).for_each(|p| add(&p.name));
    for stmt in &program.stmts {
        if let StmtKind::Decl(d) = &ast.stmt(*stmt).kind {
            d.declarators.iter().for_each(|d| add(&d.name));
        }
    }
    for decl in ast.decls.iter().filter(|d| d.kind == DeclKind::Variable && d.within.is_none()) {
        decl.names.iter().for_each(|n| add(n));
    }
    out
}

/// Whether a comment of weiser's own names a file.
fn is_heading(comment: &str) -> bool {
    comment.starts_with(" file: ")
}

/// Which files a slice shows something of.
struct Files {
    several: bool,
    /// The last that was named.
    current: Option<String>,
}

impl Files {
    fn of(writer: &Writer, declarations: &[u32], entry: Span) -> Files {
        let own = writer.file_of(entry);
        let spans = declarations.iter().map(|i| writer.ast.decls[*i as usize].span);
        Files { several: spans.into_iter().any(|s| writer.file_of(s) != own), current: None }
    }
}

impl<'a> Writer<'a> {
    /// The whole slice. Written twice: once to learn which names the code needs, then with local declarations of those.
    pub(super) fn entry_function(&mut self) {
        let entry = self.program.triple.entry;
        self.nested(|w| w.function(entry, ""));
        let mut functions: Vec<FunctionId> = self.plan.functions.iter().copied().collect();
        functions.sort();
        for function in functions {
            self.nested(|w| w.function(function, ""));
        }
        let Needed { declarations: needed, cut, left_out } = self.needed_declarations();
        self.cut = cut;
        self.left_out = left_out.iter().flat_map(|i| self.ast.decls[*i as usize].names.clone()).collect();
        self.wanted = needed.iter().copied().filter(|i| self.ast.decls[*i as usize].within.is_some()).collect();
        self.assumptions.clear();
        self.pieces = Default::default();
        let function = self.ast.function(entry);
        let chain = self.chain(function.container);
        let root = chain.first().map_or(function.span, |c| self.ast.containers[c.index()].span);
        let outer = function.outer.map_or(root, |f| self.ast.function(f).span.to(root));
        let level = |d: &ContextDecl| d.within.is_none() && !d.span.contains(function.span) && d.span != function.span;
        let file: Vec<u32> = self.pick(&needed, |d| level(d) && d.container.is_none() && !outer.contains(d.span));
        let (before, after) = self.around(&file, outer);
        let mut files = Files::of(self, &file, outer);
        self.of_files(&before, &needed, &mut files);
        self.heading(&mut files, outer);
        self.class(&chain, &needed, entry, "");
        self.of_files(&after, &needed, &mut files);
    }

    /// Declarations before and after a span, as a reader wants them.
    fn around(&self, list: &[u32], span: Span) -> (Vec<u32>, Vec<u32>) {
        let key = |span: Span| (self.program.parsed.source.stretch(span.start), span.start);
        let of = |i: &u32| key(self.ast.decls[*i as usize].span);
        let mut list = list.to_vec();
        list.sort_by_key(of);
        list.into_iter().partition(|i| of(i) < key(span))
    }

    /// Declarations at the level of files, under the names of these.
    fn of_files(&mut self, list: &[u32], needed: &BTreeSet<u32>, files: &mut Files) {
        let opened = self.opened();
        for i in list {
            let decl = &self.ast.decls[*i as usize];
            if self.pieces.has(decl.span) {
                continue;
            }
            self.heading(files, decl.span);
            match opened.iter().find(|c| self.ast.containers[c.index()].span == decl.span) {
                Some(class) => self.opened_class(*class, needed),
                None => self.declarations(&[*i], ""),
            }
        }
    }

    /// Says of which file what follows is, if that is another than before.
    fn heading(&mut self, files: &mut Files, span: Span) {
        let file = self.file_of(span);
        if files.several && files.current.as_deref() != Some(file) {
            self.gap("");
            self.own("", &format!("{} file: {file}", self.layout.comment));
            files.current = Some(file.to_owned());
        }
    }

    pub(super) fn file_of(&self, span: Span) -> &'a str {
        let source = &self.program.parsed.source;
        source.name(source.line(span.start))
    }

    fn pick(&self, needed: &BTreeSet<u32>, test: impl Fn(&ContextDecl) -> bool) -> Vec<u32> {
        needed.iter().copied().filter(|i| test(&self.ast.decls[*i as usize])).collect()
    }

    /// Enclosing classes, outermost first.
    pub(super) fn chain(&self, container: Option<ContainerId>) -> Vec<ContainerId> {
        let mut out = Vec::new();
        let mut at = container;
        while let Some(id) = at {
            out.insert(0, id);
            at = self.ast.containers[id.index()].parent;
        }
        out
    }

    /// The innermost function written inside its classes' headers, with the members it needs.
    fn class(&mut self, chain: &[ContainerId], needed: &BTreeSet<u32>, entry: FunctionId, indent: &str) {
        let Some((first, rest)) = chain.split_first() else {
            self.gap(indent);
            self.function(entry, indent);
            return;
        };
        let container = &self.ast.containers[first.index()];
        let function = self.ast.function(entry).span;
        self.gap(indent);
        self.verbatim(container.head, indent);
        let inner = format!("{indent}{}", self.layout.indent);
        let members: Vec<u32> =
            self.pick(needed, |d| d.container == Some(*first) && d.within.is_none() && !d.span.contains(function));
        let (before, after) = self.around(&members, function);
        let lines = self.nested(|w| {
            w.declarations(&before, &inner);
            w.class(rest, needed, entry, &inner);
            w.declarations(&after, &inner);
        });
        if self.layout.braces {
            let body = Body { span: container.body, style: BodyStyle::Braced, stmts: vec![] };
            self.block(container.head.end, &body, indent, lines, true);
        } else {
            self.lines.extend(lines);
        }
    }

    /// A blank line between what stands at one level, where something stands before.
    fn gap(&mut self, indent: &str) {
        let heading =
            |l: &Line| l.origin.is_none() && l.text.strip_prefix(&self.layout.comment).is_some_and(is_heading);
        if self.lines.last().is_some_and(|l| !l.text.is_empty() && (l.text.len() > indent.len()) && !heading(l)) {
            self.lines.push(Line { text: String::new(), origin: None, comment: None });
        }
    }

    fn declarations(&mut self, list: &[u32], indent: &str) {
        for i in list {
            let decl = &self.ast.decls[*i as usize];
            if self.pieces.has(decl.span) {
                continue;
            }
            if let Some(function) = self.shown(decl).filter(|f| !self.whole_function(*f)) {
                self.gap(indent);
                self.function(function, indent);
                continue;
            }
            if self.is_repeated(decl) {
                continue;
            }
            if matches!(decl.kind, DeclKind::Function | DeclKind::Type) && !self.lines.is_empty() {
                self.gap(indent);
            }
            match self.cut.remove(i) {
                Some(members) => self.cut_type(*i, &members, indent),
                None => self.verbatim(decl.span, indent),
            }
        }
    }

    /// Classes beside the entry's that are shown part by part.
    pub(super) fn opened(&self) -> BTreeSet<ContainerId> {
        apart::opened(self.program.parsed, self.program.triple.entry, self.plan.functions.iter()).collect()
    }

    /// A class's header with the members that are needed.
    fn opened_class(&mut self, id: ContainerId, needed: &BTreeSet<u32>) {
        let container = &self.ast.containers[id.index()];
        self.gap("");
        self.verbatim(container.head, "");
        let inner = self.layout.indent.clone();
        let members: Vec<u32> = self.pick(needed, |d| d.container == Some(id) && d.within.is_none());
        let lines = self.nested(|w| w.declarations(&members, &inner));
        if self.layout.braces {
            let body = Body { span: container.body, style: BodyStyle::Braced, stmts: vec![] };
            self.block(container.head.end, &body, "", lines, true);
        } else {
            self.lines.extend(lines);
        }
    }

    /// Whether an import stands there in the same words already: two files that take in the same.
    fn is_repeated(&self, decl: &ContextDecl) -> bool {
        let text = self.source(decl.span).trim();
        decl.kind == DeclKind::Import && self.lines.iter().any(|l| l.text.trim() == text)
    }

    /// A type with some of its members.
    fn cut_type(&mut self, i: u32, members: &[Span], indent: &str) {
        let [head, tail] = self.program.members()[&i].around(self.ast.decls[i as usize].span);
        let trimmed = |span: Span, writer: &Self| {
            let text = writer.source(span);
            let (blank, end) = (text.len() - text.trim_start().len(), text.trim_end().len());
            Span { start: span.start + blank as u32, end: span.start + end.max(blank) as u32 }
        };
        // What stands between the opening brace and the first member, and behind the last, is no part of either.
        let open = self.source(head).find('{').map_or(head.end, |at| head.start + at as u32 + 1);
        let close = self.source(tail).rfind('}').map_or(tail.start, |at| tail.start + at as u32);
        self.verbatim(trimmed(Span { end: open, ..head }, self), indent);
        let inner = format!("{indent}{}", self.layout.indent);
        members.iter().for_each(|m| self.verbatim(*m, &inner));
        self.verbatim(trimmed(Span { start: close, ..tail }, self), indent);
    }

    /// Whether nothing of a function is cut.
    fn whole_function(&self, id: FunctionId) -> bool {
        let function = self.ast.function(id);
        function.body.stmts.iter().all(|s| self.intact(*s)) && !self.has_own_line_comment(function.span)
    }

    /// The function that is built in, if a declaration is one that is shown cut.
    pub(super) fn shown(&self, decl: &ContextDecl) -> Option<FunctionId> {
        decl.function.filter(|f| decl.kind == DeclKind::Function && self.plan.functions.contains(f))
    }

    /// The entry function: documentation that holds its conditions, header, kept body.
    fn function(&mut self, id: FunctionId, indent: &str) {
        let function = self.ast.function(id);
        let outer = std::mem::replace(&mut self.current, id);
        let triple = self.program.triple;
        let inside = |c: Span| function.span.contains(c);
        let entry_conditions: Vec<(&crate::spec::Placed, &str)> = triple
            .pre
            .iter()
            .map(|p| (p, "PRE"))
            .chain([(&triple.post, "POST")])
            .filter(|(p, _)| id == triple.entry && matches!(p.anchor, Anchor::Entry | Anchor::Exit))
            .collect();
        // With the PREs in another function a POST at the top of this one would be read as one about that point, and without
        // them one about that point as one about the exit.
        let home = |p: &crate::spec::Placed| p.anchor.stmt().map_or(triple.entry, |s| self.program.owner(s));
        let above = |p: &crate::spec::Placed| {
            p.comment.is_some_and(|c| !inside(c)) || triple.pre_elsewhere && matches!(p.anchor, Anchor::Exit)
        };
        let shown = |i: usize| triple.pre[i].anchor.stmt().is_none() || self.kept(Site::Pre(i as u32));
        let pre_home = (0..triple.pre.len()).filter(|i| shown(*i)).all(|i| home(&triple.pre[i]) == id);
        let at_point = pre_home && !matches!(triple.post.anchor, Anchor::Entry | Anchor::Exit);
        let (above, within): (Vec<_>, Vec<_>) = entry_conditions.into_iter().partition(|(p, _)| above(p));
        for (placed, keyword) in &above {
            self.condition(placed, keyword, indent);
        }
        let script = function.head.is_empty();
        if !script {
            self.verbatim(function.head, indent);
        }
        let inner =
            if script { indent.to_owned() } else { self.inner_indent(function.span.start, &function.body, indent) };
        let lines = self.nested(|w| {
            for (placed, keyword) in &within {
                w.condition(placed, keyword, &inner);
            }
            w.statements(&function.body.stmts, &inner);
            if function.must_return && w.run_off(&w.lines) {
                let text = w.leave();
                w.own(&inner, &text);
            }
            if at_point && home(&triple.post) == id {
                w.part_from_top(&inner);
            }
        });
        if script {
            self.lines.extend(lines);
        } else {
            self.block(function.head.end, &function.body, indent, lines, true);
        }
        self.current = outer;
    }

    /// Puts a statement without effect above a condition with which a body begins, where others follow.
    fn part_from_top(&mut self, indent: &str) {
        let layout = self.layout;
        let is_comment = |l: &&Line| l.text.trim_start().starts_with(&layout.comment);
        let comments = self.lines.iter().take_while(is_comment).count();
        let is_post = self.lines.iter().take(comments).any(|l| l.text.contains("POST"));
        let does_something = |l: &Line| !l.text.trim().is_empty() && l.text.trim() != layout.empty;
        if is_post && self.lines[comments..].iter().any(does_something) {
            let text = format!("{}{}", layout.assume.replace("{e}", &layout.true_literal), layout.terminator);
            self.lines.insert(0, Line { text: format!("{indent}{text}"), origin: None, comment: None });
        }
    }
}
