//! Whether a test can call the program where it is, so that it follows what becomes of the program.

use crate::run::probe::{RESULT, fill, with_names};
use crate::run::shape::{Parameter, missing_types};
use crate::spec::{Anchor, Triple};
use crate::syntax::Parsed;
use crate::syntax::ast::{Ast, Container, ContainerId, DeclKind, ExprId, ExprKind, FunctionId, StmtId, StmtKind};
use crate::syntax::test_form::TestForm;
use std::collections::{BTreeMap, BTreeSet};

/// How a test comes to see Q.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mode {
    /// The program asserts it.
    Asserted,
    /// The test evaluates this condition once the entry has returned.
    Checked(String),
    /// It must be put into the program: why.
    Embedded(&'static str),
}

/// What the test is about, and the variables that hold its arguments and the result.
pub struct Subject<'a> {
    pub parsed: &'a Parsed,
    pub triple: &'a Triple,
    pub form: &'a TestForm,
    pub parameters: &'a [Parameter],
    pub variables: &'a [String],
    pub result: &'a str,
}

/// How the test comes to see Q.
pub fn mode(subject: &Subject) -> Mode {
    let Subject { parsed, triple, form, .. } = subject;
    let ast = &parsed.ast;
    let entry = ast.function(triple.entry);
    if parsed.source.linkage.is_some() {
        return Mode::Embedded("the program stands in several files");
    }
    if !triple.ignored.is_empty() {
        return Mode::Embedded("the function asserts other conditions too");
    }
    if ast.stmts.iter().any(|s| matches!(s.kind, StmtKind::Assume { .. })) {
        return Mode::Embedded("the program has assumptions, which only weiser understands");
    }
    if !missing(parsed, form).is_empty() {
        return Mode::Embedded("the program uses names that it doesn't import");
    }
    if !missing_types(parsed).is_empty() {
        return Mode::Embedded("the program lacks declarations of types");
    }
    let mut heads = classes(ast, entry.container).map(|c| c.head).chain([entry.head]);
    if heads.any(|head| hides(form, parsed.source.slice(head))) {
        return Mode::Embedded("the function can't be called from outside");
    }
    match triple.post.anchor {
        Anchor::At(stmt) if matches!(ast.stmt(stmt).kind, StmtKind::Assert { .. }) => match caught(ast, stmt) {
            true => Mode::Embedded("a handler of the program may catch the failing assertion"),
            false => Mode::Asserted,
        },
        Anchor::Exit => match outside(subject) {
            Some(condition) => Mode::Checked(condition),
            None => Mode::Embedded("the post-condition speaks of what only the function sees"),
        },
        _ => Mode::Embedded("the program doesn't assert the post-condition where it must hold"),
    }
}

/// Lines that make known what the program names and doesn't declare, where that is well known.
pub fn missing<'a>(parsed: &Parsed, form: &'a TestForm) -> Vec<&'a str> {
    if form.missing.is_empty() {
        return Vec::new();
    }
    let ast = &parsed.ast;
    let mut known: BTreeSet<&str> = ast.decls.iter().flat_map(|d| d.names.iter().map(String::as_str)).collect();
    for (i, function) in ast.functions.iter().enumerate() {
        known.insert(&function.name);
        known.extend(function.params.iter().map(|p| p.name.as_str()));
        known.extend(touched(ast, FunctionId(i as u32)));
    }
    known.extend(ast.containers.iter().map(|c| c.name.as_str()));
    let member = |at: u32| parsed.source.text[..at as usize].trim_end().ends_with('.');
    let named = ast.identifiers.iter().filter(|s| !member(s.start)).map(|s| parsed.source.slice(*s));
    let named: BTreeSet<&str> = named.filter(|n| !known.contains(n)).collect();
    named.into_iter().filter_map(|n| form.missing.get(n)).map(String::as_str).collect()
}

/// A handler of the file may catch what is raised at a statement.
fn caught(ast: &Ast, stmt: StmtId) -> bool {
    let span = ast.stmt(stmt).span;
    ast.stmts.iter().any(|s| matches!(&s.kind, StmtKind::Try(t) if !t.handlers.is_empty() && s.span.contains(span)))
}

/// Q as the caller may evaluate it, if it speaks of the result, of arguments that keep their values, and of the file's names only.
fn outside(subject: &Subject) -> Option<String> {
    let Subject { parsed, triple, form, parameters, variables, result } = subject;
    let text = triple.post.condition.text.trim();
    let names = crate::syntax::parse_expression(text, parsed.language)?.names;
    let touched = touched(&parsed.ast, triple.entry);
    let params: BTreeSet<&str> = parsed.ast.function(triple.entry).params.iter().map(|p| p.name.as_str()).collect();
    let mut renamed: BTreeMap<String, String> = BTreeMap::new();
    for name in names {
        let to = if name == RESULT && !params.contains(RESULT) && !touched.contains(RESULT) {
            (*result).to_owned()
        } else if touched.contains(name.as_str()) {
            return None;
        } else if let Some(at) = parameters.iter().position(|p| p.name == name) {
            variables[at].clone()
        } else if params.contains(name.as_str()) {
            // A receiver.
            return None;
        } else {
            of_file(parsed, form, &name)?
        };
        renamed.insert(name, to);
    }
    Some(with_names(text, parsed, &|n| renamed.get(n).cloned()))
}

/// A name that is no variable of the function, as the test says it; `None` where it can't.
fn of_file(parsed: &Parsed, form: &TestForm, name: &str) -> Option<String> {
    let ast = &parsed.ast;
    let module = ast.functions.iter().position(|f| f.name == MODULE).map(|i| FunctionId(i as u32));
    let decl = ast.decls.iter().find(|d| d.within.is_none() && d.names.iter().any(|n| n == name));
    let member = decl.filter(|d| d.container.is_some() && matches!(d.kind, DeclKind::Variable | DeclKind::Function));
    if form.through_class {
        let Some(member) = member else { return Some(name.to_owned()) };
        let text = parsed.source.slice(member.span);
        let open = |c: char| c == '=' || c == '(' || c == '{';
        let head = text.split(open).next().unwrap_or(text);
        let seen = form.of_class.iter().any(|w| has_word(head, w)) && !hides(form, head);
        let owner = qualified(ast, member.container);
        return seen.then(|| fill(&form.name, &[("n", name), ("owner", &owner)]));
    }
    let known = decl.is_some_and(|d| d.container.is_none())
        || ast.functions.iter().any(|f| f.name == name && f.container.is_none() && f.outer.is_none())
        || module.is_some_and(|m| touched(ast, m).contains(name));
    // What the file doesn't know is the language's.
    Some(if known { fill(&form.name, &[("n", name)]) } else { name.to_owned() })
}

pub const MODULE: &str = "<module>";

/// The names that a function assigns, declares or gives away the address of. Names of functions inside it count too.
fn touched(ast: &Ast, function: FunctionId) -> BTreeSet<&str> {
    let span = ast.function(function).body.span;
    let mut out = BTreeSet::new();
    let mut targets: Vec<ExprId> = Vec::new();
    for expr in ast.exprs.iter().filter(|e| span.contains(e.span)) {
        match &expr.kind {
            ExprKind::Assign { targets: all, .. } | ExprKind::Delete(all) => targets.extend(all),
            ExprKind::Compound { target, .. } | ExprKind::Update { target } => targets.push(*target),
            ExprKind::AddressOf(inner) => targets.push(*inner),
            _ => {}
        }
    }
    for stmt in ast.stmts.iter().filter(|s| span.contains(s.span)) {
        match &stmt.kind {
            StmtKind::Decl(decl) => out.extend(decl.declarators.iter().map(|d| d.name.as_str())),
            StmtKind::Loop(l) => targets.extend(l.target),
            StmtKind::With(w) => targets.extend(w.items.iter().filter_map(|(_, bound)| *bound)),
            StmtKind::Try(t) => targets.extend(t.handlers.iter().filter_map(|h| h.bind)),
            StmtKind::Switch(s) => targets.extend(s.arms.iter().flat_map(|a| &a.binds)),
            StmtKind::Opaque { names } | StmtKind::Class { names, .. } => targets.extend(names),
            StmtKind::Function(f) => {
                out.insert(&ast.function(*f).name);
            }
            StmtKind::Context(i) => {
                let decl = ast.decls.get(*i as usize);
                out.extend(decl.into_iter().flat_map(|d| d.names.iter().map(String::as_str)));
            }
            _ => {}
        }
    }
    while let Some(target) = targets.pop() {
        match &ast.expr(target).kind {
            ExprKind::Name(name) => {
                out.insert(name.as_str());
            }
            ExprKind::Sequence(parts) => targets.extend(parts),
            ExprKind::Starred(inner) => targets.push(*inner),
            _ => {}
        }
    }
    out
}

fn hides(form: &TestForm, head: &str) -> bool {
    form.hidden.iter().any(|w| has_word(head, w))
}

/// Whether a text has a word, or a mark, in it.
pub fn has_word(text: &str, word: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    let plain = word.chars().all(part);
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back().is_some_and(part);
        let after = text[at + word.len()..].chars().next().is_some_and(part);
        !plain || !(before || after)
    })
}

/// A class and those around it, from the inside out.
pub fn classes(ast: &Ast, container: Option<ContainerId>) -> impl Iterator<Item = &Container> {
    let class = |c: ContainerId| ast.containers.get(c.index());
    // A parent stands before its members, so the walk ends whatever the tree says.
    let parent = move |c: &ContainerId| class(*c).and_then(|k| k.parent).filter(|p| p < c);
    std::iter::successors(container, parent).filter_map(class)
}

/// `Outer.Inner`.
pub fn qualified(ast: &Ast, container: Option<ContainerId>) -> String {
    let mut names: Vec<&str> = classes(ast, container).map(|c| c.name.as_str()).collect();
    names.reverse();
    names.join(".")
}
