//! One walk over the concrete tree. Cost: linear in the nodes, without recursion.

use super::rules::OutlineRule;
use super::{Arity, Definition, Kind, Outline, Visibility};
use crate::syntax::language::Language;
use crate::syntax::lower::{Lowerer, head_end};
use crate::syntax::rules::{ExprRule, StmtRule};
use crate::syntax::table::Grammar;
use crate::syntax::tree::{Kids, Survey, end_of, words};
use crate::text::{SourceFile, Span};
use tree_sitter::{Node, Tree};

/// What a file makes known and asks for. Never fails: what isn't understood is counted as damage.
pub fn outline(source: &SourceFile, language: &Language) -> Outline {
    let grammar = crate::syntax::grammar_of(language);
    match crate::syntax::tree(grammar, &source.text) {
        Some(tree) => of_tree(grammar, source, &tree),
        None => Outline { damage: super::Damage { places: 1, given_up: true }, ..Outline::default() },
    }
}

pub(in crate::syntax) fn of_tree(grammar: &Grammar, source: &SourceFile, tree: &Tree) -> Outline {
    let (lowerer, _) = Lowerer::new(grammar, source, Survey::default());
    let root = tree.root_node();
    let mut walk = Walk {
        g: grammar,
        src: source,
        lowerer,
        out: Outline::default(),
        scopes: vec![Scope::default()],
        before: Vec::new(),
        wrapped: None,
        error_end: 0,
    };
    walk.run(root);
    walk.out
}

/// What the nodes below some node stand in.
#[derive(Clone, Copy, Default)]
struct Scope {
    /// Depth of the node that opened it.
    depth: usize,
    /// The type whose fields stand here.
    members_of: Option<u32>,
    /// What owns anything else.
    owner: Option<u32>,
    /// In a function, where variables are nobody else's.
    body: bool,
    hidden: bool,
    conditional: bool,
}

/// The sibling before a node, and the definition that it is.
#[derive(Clone, Copy)]
struct Before<'t> {
    node: Node<'t>,
    definition: Option<u32>,
}

pub(super) struct Walk<'t> {
    pub(super) g: &'t Grammar,
    src: &'t SourceFile,
    pub(super) lowerer: Lowerer<'t>,
    pub(super) out: Outline,
    scopes: Vec<Scope>,
    /// By depth.
    before: Vec<Option<Before<'t>>>,
    /// A definition with something around it, and where that starts.
    wrapped: Option<(usize, usize)>,
    error_end: usize,
}

impl<'t> Walk<'t> {
    fn run(&mut self, root: Node<'t>) {
        let damaged = root.has_error();
        let mut cursor = root.walk();
        let mut depth = 0;
        loop {
            let node = cursor.node();
            if damaged {
                self.damage(node);
            }
            if self.before.len() <= depth {
                self.before.resize(depth + 1, None);
            }
            let first = self.out.definitions.len();
            self.enter(node, depth);
            let definition = (self.out.definitions.len() > first).then_some(first as u32);
            self.before[depth] = Some(Before { node, definition });
            if cursor.goto_first_child() {
                depth += 1;
                if let Some(before) = self.before.get_mut(depth) {
                    *before = None;
                }
                continue;
            }
            self.leave(depth);
            while !cursor.goto_next_sibling() {
                if !cursor.goto_parent() {
                    return;
                }
                depth -= 1;
                self.leave(depth);
            }
        }
    }

    /// Counts what [`Survey`] reports.
    fn damage(&mut self, node: Node<'t>) {
        if node.is_missing() {
            self.out.damage.places += 1;
        } else if node.is_error() && node.end_byte() > self.error_end {
            self.error_end = node.end_byte();
            self.out.damage.places += 1;
        }
    }

    fn scope(&self) -> Scope {
        self.scopes.last().copied().unwrap_or_default()
    }

    fn leave(&mut self, depth: usize) {
        if self.scopes.len() > 1 && self.scope().depth == depth {
            self.scopes.pop();
        }
    }

    /// At most one scope is opened for each node.
    fn open(&mut self, depth: usize, scope: Scope) {
        self.scopes.push(Scope { depth, ..scope });
    }

    fn enter(&mut self, node: Node<'t>, depth: usize) {
        let (g, scope) = (self.g, self.scope());
        let statement = g.statement.get(node);
        match g.outline.get(node) {
            Some(rule) => self.outlined(rule, node, depth),
            None => match statement {
                Some(rule @ StmtRule::Function { .. }) => self.function(rule, node, depth),
                Some(StmtRule::Wrapper { inner }) => {
                    if let Some(inner) = Kids::of(node).one(inner) {
                        let start = self.start(node);
                        self.wrapped = Some((inner.id(), start));
                    }
                }
                Some(StmtRule::Preproc { alternative, .. }) if !scope.conditional => {
                    let kids = Kids::of(node);
                    if alternative.as_ref().and_then(|a| kids.one(a)).is_some() {
                        self.open(depth, Scope { conditional: true, ..scope });
                    }
                }
                Some(StmtRule::Block { indented: false }) if !scope.body => self.block(node, depth),
                _ if node.kind() == g.language.layout.terminator => self.terminator(node, depth),
                _ => {}
            },
        }
    }

    fn outlined(&mut self, rule: &'t OutlineRule, node: Node<'t>, depth: usize) {
        let scope = self.scope();
        let kids = Kids::of(node);
        match rule {
            OutlineRule::Hidden => self.open(depth, Scope { hidden: true, ..scope }),
            OutlineRule::Package { name } => {
                if let Some(name) = kids.one(name) {
                    self.out.package = Some(self.squeezed(name));
                }
            }
            OutlineRule::Include { path } => self.include(node, &kids, path),
            OutlineRule::Import { .. } => self.import(rule, node, &kids),
            _ if scope.hidden => {}
            OutlineRule::Type { kind, name, body, bases, open } => {
                let Some(body) = kids.one(body) else { return };
                let owner = match kids.one(name) {
                    Some(name) => {
                        let span = self.span(node);
                        let mut made = self.made((*kind).into(), name, span);
                        made.head = Span::new(span.start as usize, kids.end_before(body));
                        made.bases = bases.iter().flat_map(|b| kids.all(b)).flat_map(|b| self.bases(b)).collect();
                        Some(self.push(made))
                    }
                    // `typedef struct { ... } name`, `struct { ... } name`: the name stands for it.
                    None => self.last_around(node).or(scope.members_of),
                };
                self.open(
                    depth,
                    Scope { members_of: owner, owner: if *open { scope.owner } else { owner }, body: false, ..scope },
                );
            }
            OutlineRule::Alias { names, ty } => {
                let of = kids.one(ty).map(|t| self.type_name(t)).unwrap_or_default();
                let named: Vec<Node> = kids.all(names).map(|n| self.lowerer.shape(n).name.unwrap_or(n)).collect();
                for name in named {
                    let span = self.span(node);
                    let made = Definition { ty: of.clone(), ..self.made(Kind::Alias, name, span) };
                    self.push(made);
                }
            }
            OutlineRule::Constant { name } => {
                if let Some(name) = kids.one(name) {
                    let span = self.span(node);
                    let ty = scope.members_of.map(|t| self.out.definitions[t as usize].name.clone());
                    let made = self.made(Kind::Constant, name, span);
                    self.push(Definition { ty: ty.unwrap_or_default(), is_static: true, ..made });
                }
                // A class of its own may stand behind it, which has no name.
                self.open(depth, Scope { hidden: true, ..scope });
            }
            OutlineRule::Macro { name, params } => {
                if let Some(name) = kids.one(name) {
                    let span = self.span(node);
                    let arity = params.as_ref().and_then(|p| kids.one(p)).map(|p| self.arity(p, false));
                    let made = self.made(Kind::Macro, name, span);
                    self.push(Definition { arity, owner: None, ..made });
                }
            }
            OutlineRule::Variable { .. } if scope.body => {}
            OutlineRule::Variable { names, ty } => {
                let ty = kids.one(ty).map(|t| self.type_name(t)).unwrap_or_default();
                let names: Vec<Node> = kids.all(names).collect();
                for name in names {
                    self.variable(node, name, &ty);
                }
            }
        }
    }

    fn variable(&mut self, node: Node<'t>, name: Node<'t>, ty: &str) {
        let scope = self.scope();
        let span = self.span(node);
        let kind = if scope.members_of.is_some() { Kind::Field } else { Kind::Variable };
        if self.g.declarator.get(name).is_none() {
            for name in self.bound(name) {
                let made = self.made(kind, name, span);
                let is_static = kind == Kind::Field;
                self.push(Definition { ty: ty.to_string(), is_static, owner: scope.members_of, ..made });
            }
            return;
        }
        let shape = self.lowerer.shape(name);
        let Some(name) = shape.name else { return };
        let kind = if shape.prototype { Kind::Function } else { kind };
        let mut made = self.made(kind, name, span);
        let outside = self.modifiers(span, name).any(|w| self.g.words.elsewhere.contains(w));
        made.declared_only = shape.prototype || (outside && shape.init.is_none());
        made.arity = shape.params.filter(|_| shape.prototype).map(|p| self.arity(p, false));
        made.ty = ty.to_string();
        made.owner = scope.members_of;
        self.push(made);
    }

    fn function(&mut self, rule: &'t StmtRule, node: Node<'t>, depth: usize) {
        let StmtRule::Function { name, declarator, params, returns, body, .. } = rule else { return };
        let scope = self.scope();
        let kids = Kids::of(node);
        let shape = declarator.as_ref().and_then(|d| kids.one(d)).map(|d| self.lowerer.shape(d)).unwrap_or_default();
        let body = kids.one(body);
        let inside = Scope { members_of: None, body: true, ..scope };
        let (Some(name), false) = (name.as_ref().and_then(|n| kids.one(n)).or(shape.name), scope.hidden) else {
            return self.open(depth, inside);
        };
        let span = self.span(node);
        let mut made = self.made(Kind::Function, name, span);
        made.head = Span::new(span.start as usize, head_end(&kids, body, span));
        made.declared_only = body.is_none();
        let list = params.as_ref().and_then(|p| kids.one(p)).or(shape.params);
        let receiver = self.g.language.modules.receiver_parameter
            && scope.members_of.is_some()
            && !self.without_receiver(span, name);
        made.arity = list.map(|l| self.arity(l, receiver));
        made.ty = returns.as_ref().and_then(|r| kids.one(r)).map(|r| self.type_name(r)).unwrap_or_default();
        let owner = self.push(made);
        self.open(depth, Scope { owner: Some(owner), ..inside });
    }

    /// A decorator says that the first parameter is not the object.
    fn without_receiver(&self, span: Span, name: Node<'t>) -> bool {
        self.modifiers(span, name).any(|w| self.g.words.without_receiver.contains(w))
    }

    /// A block outside of functions: the body of `main() { ... }`, or code that runs when an object is made.
    fn block(&mut self, node: Node<'t>, depth: usize) {
        let scope = self.scope();
        let inside = Scope { members_of: None, body: true, ..scope };
        let head = self.before[depth].map(|b| b.node).filter(|n| self.lowerer.is_headless(*n));
        let named = head.and_then(|head| Some((head, self.headless_name(head)?)));
        let Some((head, (name, arity))) = named.filter(|_| !scope.hidden && scope.members_of.is_none()) else {
            return self.open(depth, inside);
        };
        let span = self.lowerer.span_from(head.start_byte(), node);
        let mut made = self.made(Kind::Function, name, span);
        made.head = self.lowerer.span_from(head.start_byte(), head);
        made.arity = Some(arity);
        let owner = self.push(made);
        self.open(depth, Scope { owner: Some(owner), ..inside });
    }

    /// The last identifier before the `(`, and how many there are behind it.
    fn headless_name(&self, head: Node<'t>) -> Option<(Node<'t>, Arity)> {
        let open = self.lowerer.text(head).find('(').map_or(head.end_byte(), |at| head.start_byte() + at);
        let mut name = None;
        let mut params = 0u16;
        let mut todo = vec![head];
        while let Some(node) = todo.pop() {
            if node.child_count() > 0 {
                todo.extend(Kids::of(node).iter().rev());
            } else if self.g.tokens.identifiers.contains(node.kind()) && !node.is_missing() {
                if node.start_byte() < open {
                    name = Some(node);
                } else {
                    params = params.saturating_add(1);
                }
            }
        }
        Some((name?, Arity { least: 0, most: if params == 0 { None } else { Some(params) } }))
    }

    /// The terminator belongs to what it ends.
    fn terminator(&mut self, node: Node<'t>, depth: usize) {
        let Some(Some(Before { node: before, definition: Some(definition) })) = self.before.get(depth).copied() else {
            return;
        };
        if matches!(self.g.statement.get(before), Some(StmtRule::Context { terminated: true, .. })) {
            self.out.definitions[definition as usize].span.end = node.end_byte() as u32;
        }
    }

    fn push(&mut self, definition: Definition) -> u32 {
        self.out.definitions.push(definition);
        self.out.definitions.len() as u32 - 1
    }

    /// A definition of a name with what its modifiers say.
    fn made(&self, kind: Kind, name: Node<'t>, span: Span) -> Definition {
        let (words, modules, scope) = (&self.g.words, &self.g.language.modules, self.scope());
        let (mut hidden, mut shown, mut is_static, mut is_final) = (false, false, false, false);
        for word in self.modifiers(span, name) {
            hidden |= words.hidden.contains(word);
            shown |= words.shown.contains(word);
            is_static |= words.unbound.contains(word);
            is_final |= words.sealed.contains(word);
        }
        let interface = scope.members_of.is_some_and(|o| self.out.definitions[o as usize].kind == Kind::Interface);
        // Only functions and variables meet others when a program is linked; the rest is text.
        let text_only = modules.linked && !matches!(kind, Kind::Function | Kind::Variable);
        let visibility = match () {
            () if hidden || text_only => Visibility::File,
            () if shown || interface => Visibility::Everywhere,
            () => modules.visibility,
        };
        let owner = if kind == Kind::Field { scope.members_of } else { scope.owner };
        Definition {
            name: self.lowerer.text(name).to_string(),
            kind,
            declared_only: false,
            visibility,
            span,
            head: span,
            owner,
            arity: None,
            is_static,
            is_final: is_final || hidden,
            ty: String::new(),
            bases: Vec::new(),
            conditional: scope.conditional,
        }
    }

    fn modifiers(&self, span: Span, name: Node<'t>) -> impl Iterator<Item = &'t str> + use<'t> {
        let end = name.start_byte().max(span.start as usize);
        words(&self.src.text[span.start as usize..end]).map(|(_, word)| word)
    }

    fn start(&self, node: Node<'t>) -> usize {
        match self.wrapped {
            Some((id, start)) if id == node.id() => start,
            _ => node.start_byte(),
        }
    }

    pub(super) fn span(&self, node: Node<'t>) -> Span {
        self.lowerer.span_from(self.start(node), node)
    }

    /// The first name of the declaration that holds a node without a name itself.
    fn last_around(&self, node: Node<'t>) -> Option<u32> {
        let at = self.out.definitions.len().checked_sub(1)?;
        let span = Span::new(node.start_byte(), end_of(node));
        let last = self.out.definitions[at].span;
        let holds = last.contains(span) && self.scope().owner != Some(at as u32);
        // Several names in one declaration: the first.
        let same = self.out.definitions.iter().rev().take_while(|d| d.span == last).count();
        holds.then_some((at + 1 - same) as u32)
    }

    /// Text without white space.
    pub(super) fn squeezed(&self, node: Node<'t>) -> String {
        self.lowerer.text(node).split_whitespace().collect()
    }

    /// The name of a type without arguments; empty for one that has none.
    fn type_name(&self, node: Node<'t>) -> String {
        if let Some(OutlineRule::Type { name, .. }) = self.g.outline.get(node) {
            return Kids::of(node).one(name).map(|n| self.squeezed(n)).unwrap_or_default();
        }
        without_arguments(&self.lowerer.type_info(node).name)
    }

    /// Types named in a list, or by themselves.
    fn bases(&self, node: Node<'t>) -> Vec<String> {
        let plain = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || "_.$".contains(c));
        let mut found = Vec::new();
        let mut todo = vec![node];
        while let Some(node) = todo.pop() {
            let text = self.squeezed(node);
            let text = without_arguments(&text);
            if plain(&text) && self.names_type(node) {
                found.push(text);
            } else if node.child_count() > 0 && !text.contains('=') {
                todo.extend(Kids::of(node).iter().filter(|k| k.is_named()).rev());
            }
        }
        found
    }

    /// Not a clause around one, such as `extends T`.
    fn names_type(&self, node: Node<'t>) -> bool {
        node.child(0).is_none_or(|first| first.is_named())
    }

    /// Names that an assignment binds.
    fn bound(&self, node: Node<'t>) -> Vec<Node<'t>> {
        let mut found = Vec::new();
        let mut todo = vec![node];
        while let Some(node) = todo.pop() {
            match self.g.expression.get(node) {
                Some(ExprRule::Name) => found.push(node),
                Some(ExprRule::Sequence { items: inner, .. } | ExprRule::Paren { inner })
                | Some(ExprRule::Starred { value: inner }) => {
                    let kids = Kids::of(node);
                    todo.extend(kids.all(inner).collect::<Vec<_>>().into_iter().rev());
                }
                _ => {}
            }
        }
        found
    }
}

/// `a.List<b<c>>` → `a.List`.
fn without_arguments(text: &str) -> String {
    let mut depth = 0usize;
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' | '[' => depth += 1,
            '>' | ']' => depth = depth.saturating_sub(1),
            _ if depth == 0 => out.push(c),
            _ => {}
        }
    }
    out
}
