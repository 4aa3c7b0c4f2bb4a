//! Functions, classes and the declarations that a slice may show as context.

use super::declare::head_end;
use super::{Level, Lowerer, MAX_STATEMENTS};
use crate::syntax::ast::*;
use crate::syntax::rules::{Part, StmtRule};
use crate::syntax::tree::{Kids, words};
use crate::text::Span;
use std::collections::BTreeSet;
use tree_sitter::{Node, TreeCursor};

/// A preprocessor conditional around declarations of at most this many lines is shown whole; a longer one is most likely
/// an include guard.
const CONDITIONAL_LINES: u32 = 40;

/// What a definition made known.
pub(super) enum Made {
    Function(FunctionId),
    Class(String),
    /// Index of the declaration.
    Context(u32),
}

/// Something at file level: a statement, or a definition that becomes one if the file turns out to be a script.
enum Entry {
    Statement(StmtId),
    Definition(Made, Span),
}

impl<'a> Lowerer<'a> {
    /// The whole file.
    pub(super) fn module(&mut self, root: Node<'a>) {
        let entries =
            if root.is_error() { self.items_of(vec![root]) } else { self.items_of(Kids::of(root).iter().collect()) };
        let executes = entries.iter().any(|e| match e {
            Entry::Statement(id) => self.executes(*id),
            Entry::Definition(..) => false,
        });
        if !executes {
            return;
        }
        let mut stmts = Vec::new();
        for entry in entries {
            stmts.push(match entry {
                Entry::Statement(id) => id,
                Entry::Definition(made, span) => self.made(made, span),
            });
        }
        let body = self.row(stmts, 0, BodyStyle::Indented);
        let start = body.span.start as usize;
        self.ast.functions.push(Function {
            name: "<module>".into(),
            qualified: "<module>".into(),
            span: body.span,
            head: Span::new(start, start),
            params: vec![],
            returns: TypeInfo::default(),
            must_return: false,
            body,
            doc: None,
            container: None,
            outer: None,
            noreturn: false,
        });
    }

    /// Whether a statement at file level makes the file a script.
    fn executes(&self, id: StmtId) -> bool {
        match &self.ast.stmt(id).kind {
            StmtKind::Context(_) | StmtKind::Empty | StmtKind::Opaque { .. } => false,
            StmtKind::Expr(e) => !matches!(self.ast.expr(*e).kind, ExprKind::Literal(LiteralKind::String)),
            _ => true,
        }
    }

    /// The statement that a definition is.
    pub(super) fn made(&mut self, made: Made, span: Span) -> StmtId {
        let kind = match made {
            Made::Function(id) => StmtKind::Function(id),
            Made::Context(decl) => StmtKind::Context(decl),
            Made::Class(name) => StmtKind::Class { name, names: self.names_in(span) },
        };
        self.push(span, kind)
    }

    /// File or class members.
    fn items_of(&mut self, nodes: Vec<Node<'a>>) -> Vec<Entry> {
        let g = self.g;
        let mut out = Vec::new();
        let mut open = None;
        let mut nodes = nodes.into_iter().peekable();
        while let Some(node) = nodes.next() {
            if let Some(block) = nodes.next_if(|n| self.is_block(*n) && self.is_headless(node)) {
                out.extend(self.headless(node, block));
                continue;
            }
            if node.kind() == g.language.layout.terminator {
                if let Some(decl) = open.take() {
                    let decl: &mut ContextDecl = &mut self.ast.decls[decl as usize];
                    decl.span.end = node.end_byte() as u32;
                    decl.head.end = node.end_byte() as u32;
                }
                continue;
            }
            if node.start_byte() == node.end_byte() {
                continue;
            }
            let rule = g.statement.get(node);
            let before = out.len();
            self.item(node, rule, &mut out);
            open = None;
            if let (Some(StmtRule::Context { terminated: true, .. }), Some(Entry::Definition(Made::Context(decl), _))) =
                (rule, out.get(before))
            {
                open = Some(*decl);
            }
        }
        out
    }

    fn item(&mut self, node: Node<'a>, rule: Option<&'a StmtRule>, out: &mut Vec<Entry>) {
        let span = self.span(node);
        if self.depth >= MAX_STATEMENTS {
            return self.warn(span, "nested too deeply: left out of the program");
        }
        self.depth += 1;
        match rule {
            Some(StmtRule::Wrapper { .. } | StmtRule::Function { .. } | StmtRule::Class { .. })
            | Some(StmtRule::Import { .. } | StmtRule::Context { .. } | StmtRule::Member { .. }) => {
                match self.define(node, node.start_byte()) {
                    Some(made) => out.push(Entry::Definition(made, span)),
                    None => out.push(Entry::Statement(self.statement(node))),
                }
            }
            Some(StmtRule::Decl { declarators, .. }) => {
                let decl = self.variable_declaration(node, &Kids::of(node), declarators, span);
                out.push(Entry::Definition(Made::Context(decl), span));
            }
            Some(StmtRule::Members { items }) => {
                let nodes = Kids::of(node).all(items).collect();
                out.extend(self.items_of(nodes));
            }
            Some(StmtRule::Preproc { .. }) => self.conditional(node, span, out),
            Some(StmtRule::Block { .. }) if self.level == Level::Class => self.initialiser(node, span),
            Some(StmtRule::Expr { value }) => self.assigned(node, value, span, out),
            Some(_) if self.level == Level::File => out.push(Entry::Statement(self.statement(node))),
            None if node.is_error() && self.level == Level::File && self.g.language.types.implicit_locals => {
                out.push(Entry::Statement(self.statement(node)));
            }
            _ => self.definitions_in(node),
        }
        self.depth -= 1;
    }

    /// An expression among members: an assignment makes a variable known where no declaration is needed.
    fn assigned(&mut self, node: Node<'a>, value: &Part, span: Span, out: &mut Vec<Entry>) {
        let id = self.statement(node);
        let targets = match &self.ast.stmt(id).kind {
            StmtKind::Expr(e) => match &self.ast.expr(*e).kind {
                ExprKind::Assign { targets, .. } => targets.clone(),
                _ => vec![],
            },
            _ => vec![],
        };
        if self.g.language.types.implicit_locals && Kids::of(node).one(value).is_some() {
            let mut names = Vec::new();
            let mut todo = targets;
            while let Some(target) = todo.pop() {
                match &self.ast.expr(target).kind {
                    ExprKind::Name(name) => names.push(name.clone()),
                    ExprKind::Sequence(items) => todo.extend(items),
                    ExprKind::Starred(inner) => todo.push(*inner),
                    _ => {}
                }
            }
            names.sort();
            if !names.is_empty() {
                self.declare(DeclKind::Variable, names, false, span);
            }
        }
        if self.level == Level::File {
            out.push(Entry::Statement(id));
        }
    }

    fn declare(&mut self, kind: DeclKind, mut names: Vec<String>, always: bool, span: Span) -> u32 {
        let mut seen = std::collections::BTreeSet::new();
        names.retain(|n| seen.insert(n.clone()));
        let uses = self.uses(span);
        self.ast.decls.push(ContextDecl {
            kind,
            names,
            pointers: Vec::new(),
            always,
            span,
            head: span,
            elsewhere: false,
            unbound: false,
            pending: false,
            function: None,
            container: if self.level == Level::Class { self.container } else { None },
            within: if self.level == Level::Body { self.function } else { None },
            uses,
        });
        self.ast.decls.len() as u32 - 1
    }

    /// Variables, fields and prototypes with the types defined along with them.
    pub(super) fn variable_declaration(
        &mut self,
        node: Node<'a>,
        kids: &Kids<'a>,
        declarators: &Part,
        span: Span,
    ) -> u32 {
        let shapes: Vec<_> = kids.all(declarators).map(|d| self.shape(d)).collect();
        let mut names: Vec<String> = shapes.iter().filter_map(|s| s.name).map(|n| self.text(n).to_string()).collect();
        let prototype = !shapes.is_empty() && shapes.iter().all(|s| s.prototype);
        if prototype && self.marked_noreturn(span) {
            self.noreturn.extend(names.iter().cloned());
        }
        let kind = match (prototype, shapes.is_empty()) {
            (true, _) => DeclKind::Prototype,
            (false, true) => DeclKind::Type,
            (false, false) => DeclKind::Variable,
        };
        let pointers = shapes.iter().filter(|s| s.is_pointer()).filter_map(|s| s.name);
        let pointers = pointers.map(|n| self.text(n).to_string()).collect();
        names.extend(self.declared_inside(node));
        let variable = kind == DeclKind::Variable;
        let first = shapes.iter().find_map(|s| s.name).map_or(span.end, |n| n.start_byte() as u32);
        let said =
            |list: &BTreeSet<String>| words(self.src.slice(Span { end: first, ..span })).any(|(_, w)| list.contains(w));
        let elsewhere = variable && said(&self.g.words.elsewhere) && shapes.iter().all(|s| s.init.is_none());
        let unbound = variable && said(&self.g.words.unbound);
        let pending = variable && said(&self.g.words.fixed) && shapes.iter().any(|s| s.init.is_none());
        let decl = self.declare(kind, names, false, span);
        let made = &mut self.ast.decls[decl as usize];
        (made.pointers, made.elsewhere, made.unbound, made.pending) = (pointers, elsewhere, unbound, pending);
        decl
    }

    /// Tags and enumeration constants anywhere inside a declaration.
    fn declared_inside(&self, node: Node<'a>) -> Vec<String> {
        let mut names = Vec::new();
        walk(node, |node| {
            if let Some(rule) = self.g.declares.get(node) {
                let kids = Kids::of(node);
                if rule.with.as_ref().is_none_or(|w| kids.one(w).is_some()) {
                    names.extend(kids.one(&rule.name).map(|n| self.text(n).to_string()));
                }
            }
            true
        });
        names
    }

    fn marked_noreturn(&self, head: Span) -> bool {
        words(self.src.slice(head)).any(|(_, w)| self.g.words.noreturn.contains(w))
    }

    /// A definition: function, class, import, or another declaration without effect. `None` if it isn't one or lacks
    /// what makes it one.
    pub(super) fn define(&mut self, node: Node<'a>, start: usize) -> Option<Made> {
        let g = self.g;
        let span = self.span_from(start, node);
        let kids = Kids::of(node);
        match g.statement.get(node)? {
            StmtRule::Wrapper { inner } => self.define(kids.one(inner)?, start),
            rule @ StmtRule::Function { .. } => self.function(rule, &kids, span),
            StmtRule::Class { name, body } => self.class(&kids, name, body, span),
            StmtRule::Import { names, alias, first, always } => {
                let mut bound = Vec::new();
                for name in names.iter().flat_map(|n| kids.all(n)) {
                    let alias = alias.as_ref().and_then(|a| Kids::of(name).one(a));
                    let found = self.identifiers_in(self.span(alias.unwrap_or(name)));
                    let one = if *first && alias.is_none() { found.first() } else { found.last() };
                    bound.extend(one.map(|s| self.src.slice(*s).to_string()));
                }
                let always = bound.is_empty() || always.as_ref().is_some_and(|a| kids.one(a).is_some());
                Some(Made::Context(self.declare(DeclKind::Import, bound, always, span)))
            }
            StmtRule::Member { declarators } => {
                Some(Made::Context(self.variable_declaration(node, &kids, declarators, span)))
            }
            StmtRule::Context { kind, names, .. } => {
                let mut found: Vec<String> = Vec::new();
                for name in names.iter().flat_map(|n| kids.all(n)) {
                    let name = self.shape(name).name.unwrap_or(name);
                    found.push(self.text(name).trim().to_string());
                }
                found.extend(self.declared_inside(node));
                Some(Made::Context(self.declare((*kind).into(), found, false, span)))
            }
            _ => None,
        }
    }

    fn function(&mut self, rule: &'a StmtRule, kids: &Kids<'a>, span: Span) -> Option<Made> {
        let StmtRule::Function { name, declarator, params, returns, body, old_params, must_return, named } = rule
        else {
            return None;
        };
        let shape = declarator.as_ref().and_then(|d| kids.one(d)).map(|d| self.shape(d)).unwrap_or_default();
        let name_node = name.as_ref().and_then(|n| kids.one(n)).or(shape.name);
        let name = match (name_node, named) {
            (Some(node), _) => self.text(node).to_string(),
            (None, Some(named)) => named.clone(),
            (None, None) => return None,
        };
        let body_node = kids.one(body);
        let head = Span::new(span.start as usize, head_end(kids, body_node, span));
        let Some(body_node) = body_node else {
            let decl = self.declare(DeclKind::Prototype, vec![name], false, span);
            return Some(Made::Context(decl));
        };
        let old: Vec<Node> = old_params.iter().flat_map(|o| kids.all(o)).collect();
        let list = params.as_ref().and_then(|p| kids.one(p)).or(shape.params);
        let params = self.params(list, &old);
        let mut result = returns.as_ref().and_then(|r| kids.one(r)).map(|r| self.type_info(r)).unwrap_or_default();
        if let Some(declarator) = declarator.as_ref().and_then(|d| kids.one(d)) {
            result = self.returned(&result, declarator);
        }
        let must_return = *must_return && !result.name.is_empty() && !self.g.words.void.contains(&result.name);
        let id = self.add_function(name, span, head, params, result, must_return);
        self.function_body(id, body_node, head.end as usize);
        Some(Made::Function(id))
    }

    fn function_body(&mut self, id: FunctionId, node: Node<'a>, at: usize) {
        let outer = self.function.replace(id);
        let level = std::mem::replace(&mut self.level, Level::Body);
        self.scope.push(self.ast.functions[id.index()].name.clone());
        self.depth += 1;
        let body = if self.depth > MAX_STATEMENTS {
            let span = self.span(node);
            let opaque = self.opaque(span, "nested too deeply: taken as text that touches every name in it");
            Body { span, style: BodyStyle::Bare, stmts: vec![opaque] }
        } else {
            self.body(node, at)
        };
        self.depth -= 1;
        self.scope.pop();
        self.level = level;
        self.function = outer;
        let function = &mut self.ast.functions[id.index()];
        if let Some(StmtKind::Expr(e)) = body.stmts.first().map(|s| &self.ast.stmts[s.index()].kind) {
            let e = &self.ast.exprs[e.index()];
            if matches!(e.kind, ExprKind::Literal(LiteralKind::String)) {
                function.doc = Some(e.span);
            }
        }
        function.body = body;
    }

    pub(in crate::syntax) fn is_headless(&self, node: Node) -> bool {
        self.unterminated(node) || (node.is_error() && self.text(node).trim_end().ends_with(')'))
    }

    /// `main() { ... }`: a function without a type, which the grammar reads as a call without terminator, or as an error,
    /// and a block.
    fn headless(&mut self, head: Node<'a>, block: Node<'a>) -> Option<Entry> {
        let span = self.span_from(head.start_byte(), block);
        let head_span = self.span(head);
        let open = self.src.slice(head_span).find('(').map_or(head_span.end, |at| head_span.start + at as u32);
        let found = self.identifiers_in(head_span).to_vec();
        let (names, params) = found.split_at(found.partition_point(|s| s.start < open));
        let Some(name) = names.last().copied() else {
            let why = "not understood: taken as text that touches every name in it";
            return Some(Entry::Statement(self.opaque(span, why)));
        };
        let param = |span: &Span| Param { name: self.src.slice(*span).into(), span: *span, ty: TypeInfo::default() };
        let params = params.iter().map(param).collect();
        let name = self.src.slice(name).to_string();
        let id = self.add_function(name, span, head_span, params, TypeInfo::default(), false);
        self.function_body(id, block, head_span.end as usize);
        Some(Entry::Definition(Made::Function(id), span))
    }

    /// A function without its body, with its declaration.
    fn add_function(
        &mut self,
        name: String,
        span: Span,
        head: Span,
        params: Vec<Param>,
        returns: TypeInfo,
        must_return: bool,
    ) -> FunctionId {
        let noreturn = self.marked_noreturn(head);
        if noreturn {
            self.noreturn.insert(name.clone());
        }
        let decl = self.declare(DeclKind::Function, vec![name.clone()], false, span) as usize;
        let id = FunctionId(self.ast.functions.len() as u32);
        self.ast.decls[decl].head = head;
        self.ast.decls[decl].function = Some(id);
        self.ast.functions.push(Function {
            qualified: self.qualified(&name),
            name,
            span,
            head,
            params,
            returns,
            must_return,
            body: Body { span: head, style: BodyStyle::Braced, stmts: vec![] },
            doc: self.doc_comment(span),
            container: self.container,
            outer: self.function,
            noreturn,
        });
        id
    }

    fn returned(&self, base: &TypeInfo, declarator: Node<'a>) -> TypeInfo {
        let shape = self.shape(declarator);
        super::declare::with_marks(base, shape.pointers, 0)
    }

    fn qualified(&self, name: &str) -> String {
        self.scope.iter().map(String::as_str).chain([name]).collect::<Vec<_>>().join(".")
    }

    /// A block among the members of a class: runs when an object is made.
    fn initialiser(&mut self, node: Node<'a>, span: Span) {
        let head = Span::new(span.start as usize, span.start as usize);
        let id = self.add_function("<init>".into(), span, head, vec![], TypeInfo::default(), false);
        self.function_body(id, node, head.end as usize);
    }

    fn class(&mut self, kids: &Kids<'a>, name: &Part, body: &Part, span: Span) -> Option<Made> {
        let name = self.text(kids.one(name)?).to_string();
        let body = kids.one(body)?;
        let head = Span::new(span.start as usize, kids.end_before(body));
        self.declare(DeclKind::Type, vec![name.clone()], false, span);
        if let Some(decl) = self.ast.decls.last_mut() {
            decl.head = head;
        }
        // A body without anything in it stands where the next line starts.
        let end = |at: u32| at.min(span.end);
        let body_span = self.span(body);
        let body_span = Span { start: end(body_span.start), end: end(body_span.end) };
        self.ast.containers.push(Container { name: name.clone(), span, head, body: body_span, parent: self.container });
        let outer = self.container.replace(ContainerId(self.ast.containers.len() as u32 - 1));
        let level = std::mem::replace(&mut self.level, Level::Class);
        self.scope.push(name.clone());
        self.items_of(Kids::of(body).iter().collect());
        self.scope.pop();
        self.level = level;
        self.container = outer;
        Some(Made::Class(name))
    }

    /// The documentation comment that ends right above a span.
    fn doc_comment(&self, span: Span) -> Option<Span> {
        let before = self.ast.comments.partition_point(|c| c.span.end <= span.start);
        let comment = self.ast.comments[..before].last().filter(|c| c.doc)?;
        let between = &self.src.text[comment.span.end as usize..span.start as usize];
        let close = between.trim().is_empty() && between.matches('\n').count() <= 1;
        close.then_some(comment.span)
    }

    /// A preprocessor conditional around declarations: shown whole if it is short and holds no function.
    fn conditional(&mut self, node: Node<'a>, span: Span, out: &mut Vec<Entry>) {
        let lines = self.src.line(span.end) - self.src.line(span.start);
        let mark = self.ast.decls.len();
        let functions = self.ast.functions.len();
        let mut inside = Vec::new();
        let mut branch = Some(node);
        while let Some(node) = branch {
            let Some(StmtRule::Preproc { condition, alternative, .. }) = self.g.statement.get(node) else { break };
            let kids = Kids::of(node);
            branch = alternative.as_ref().and_then(|a| kids.one(a));
            let skip = [condition.as_ref().and_then(|c| kids.one(c)).map(|n| n.id()), branch.map(|n| n.id())];
            let nodes = kids.iter().filter(|k| k.is_named() && !skip.contains(&Some(k.id()))).collect();
            inside.extend(self.items_of(nodes));
        }
        let only_context = inside.iter().all(|e| matches!(e, Entry::Definition(Made::Context(_), _)));
        if lines > CONDITIONAL_LINES || self.ast.functions.len() > functions || !only_context || inside.is_empty() {
            return out.extend(inside);
        }
        let merged: Vec<ContextDecl> = self.ast.decls.drain(mark..).collect();
        let kind = merged.first().map_or(DeclKind::Macro, |d| d.kind);
        let always = merged.iter().any(|d| d.always);
        let names = merged.into_iter().flat_map(|d| d.names).collect();
        let decl = self.declare(kind, names, always, span);
        out.push(Entry::Definition(Made::Context(decl), span));
    }

    /// Finds definitions in a region that isn't understood otherwise.
    pub(super) fn definitions_in(&mut self, node: Node<'a>) {
        let g = self.g;
        let mut found = Vec::new();
        walk(node, |n| {
            let definition = n.id() != node.id()
                && matches!(g.statement.get(n), Some(StmtRule::Function { .. } | StmtRule::Class { .. }));
            if definition {
                found.push(n);
            }
            !definition
        });
        for node in found {
            if self.depth < MAX_STATEMENTS {
                self.depth += 1;
                self.define(node, node.start_byte());
                self.depth -= 1;
            }
        }
    }
}

/// Visits a subtree in source order without recursion; `visit` says whether to look inside.
fn walk<'a>(node: Node<'a>, mut visit: impl FnMut(Node<'a>) -> bool) {
    let mut cursor: TreeCursor<'a> = node.walk();
    loop {
        if visit(cursor.node()) && cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return;
            }
        }
    }
}
