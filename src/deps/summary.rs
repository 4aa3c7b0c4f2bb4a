//! What a call may do: the language's table of library functions, and summaries of functions of the same file.

use super::effects::{Effects, Walker};
use super::sharing::{Collector, Sharing, all_statements};
use super::{INPUT, Names, OUTPUT, RESULT};
use crate::cfg::joined::nothing_followed;
use crate::cfg::sites_of;
use crate::syntax::Parsed;
use crate::syntax::ast::{Ast, DeclKind, ExprId, ExprKind, FunctionId, StmtId, StmtKind};
use crate::syntax::language::Language;
use std::collections::{BTreeSet, HashMap, HashSet};

/// Effects of a function of the file, as its callers see them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// By position: may it change what the argument reaches?
    pub changes: Vec<bool>,
    /// May it change the object it is called on?
    pub changes_receiver: bool,
    /// Names that are not its own: globals, fields, captured variables.
    pub reads: BTreeSet<String>,
    pub writes: BTreeSet<String>,
    /// It consumes the program's input.
    pub input: bool,
    /// It prints.
    pub output: bool,
}

/// How a call behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behaviour {
    /// Reads its arguments.
    Pure,
    /// Prints its arguments.
    Output,
    /// Consumes input and may change its arguments.
    Input,
    ChangesFirst,
    ChangesReceiver,
    /// May change whatever it receives.
    Unknown,
}

/// A function made ready for its summary.
struct Prepared {
    id: FunctionId,
    names: Names,
    sharing: Sharing,
    stmts: Vec<StmtId>,
    own: HashSet<String>,
}

pub struct Calls<'a> {
    parsed: &'a Parsed,
    ast: &'a Ast,
    language: &'a Language,
    by_name: HashMap<&'a str, Vec<FunctionId>>,
    /// Constructors and initialisers of the file's classes: which one `new` runs, the tree doesn't say.
    constructors: Vec<FunctionId>,
    operators: Vec<FunctionId>,
    /// Functions that are named other than to be called, and bodies of lambdas and anonymous classes: what calling a value
    /// may run.
    values: Vec<FunctionId>,
    lambdas: Vec<ExprId>,
    /// Macros of the file whose bodies assign, with the words of their bodies.
    macros: HashMap<&'a str, Vec<&'a str>>,
    summaries: HashMap<FunctionId, Summary>,
    lean: bool,
}

impl<'a> Calls<'a> {
    /// Summaries of everything that `entry` may call, by name, within the file. Cost: the size of those functions times the
    /// depth of their call graph. `lean`: callees of which nothing is known tie nothing together that they receive.
    pub fn new(parsed: &'a Parsed, entry: FunctionId, lean: bool) -> Self {
        let (ast, language) = (&parsed.ast, parsed.language);
        let mut by_name: HashMap<&str, Vec<FunctionId>> = HashMap::new();
        for (i, f) in ast.functions.iter().enumerate() {
            by_name.entry(&f.name).or_default().push(FunctionId(i as u32));
        }
        let mut constructors = Vec::new();
        for (i, f) in ast.functions.iter().enumerate() {
            let Some(class) = f.container.map(|c| ast.containers[c.index()].name.as_str()) else { continue };
            if is_constructor(language, &f.name, class) {
                constructors.push(FunctionId(i as u32));
                if f.name != class {
                    // `K(a)` runs `K.__init__`.
                    by_name.entry(class).or_default().push(FunctionId(i as u32));
                }
            }
        }
        let listed = |f: &crate::syntax::ast::Function| language.types.operator_methods.contains(&f.name);
        let operators = (0..ast.functions.len()).filter(|i| listed(&ast.functions[*i])).map(|i| FunctionId(i as u32));
        let operators: Vec<FunctionId> = operators.collect();
        let mut calls = Calls {
            parsed,
            operators,
            ast,
            language,
            by_name,
            constructors,
            values: vec![],
            lambdas: vec![],
            macros: assigning_macros(parsed),
            summaries: HashMap::new(),
            lean,
        };
        calls.summarise(entry);
        calls
    }

    pub fn summary(&self, function: FunctionId) -> Option<&Summary> {
        self.summaries.get(&function)
    }

    /// The words of a macro that assigns.
    pub fn assigning_macro(&self, name: &str) -> Option<&[&'a str]> {
        self.macros.get(name).map(Vec::as_slice)
    }

    pub fn values(&self) -> &[FunctionId] {
        &self.values
    }

    pub fn lambdas(&self) -> &[ExprId] {
        &self.lambdas
    }

    /// Functions of the file that operators and subscripts may run.
    pub fn operators(&self) -> &[FunctionId] {
        &self.operators
    }

    /// The words of a function's header: its decorators and default arguments are evaluated where it is defined.
    pub fn header_words(&self, function: FunctionId) -> Vec<&'a str> {
        let function = self.ast.function(function);
        let own = |w: &&str| *w != function.name && !function.params.iter().any(|p| p.name == *w);
        self.parsed.words(function.head).filter(own).collect()
    }

    pub fn constructors(&self) -> &[FunctionId] {
        &self.constructors
    }

    /// Functions of the file with this name.
    pub fn named(&self, name: &str) -> &[FunctionId] {
        self.by_name.get(name).map_or(&[], |v| v)
    }

    /// Functions of the file that a call may reach, and what else it may be. A method's name may be both a class's of the
    /// file and a library's; a plain function of the file hides the library's.
    pub fn callee(&self, callee: ExprId) -> (Vec<FunctionId>, Behaviour) {
        let (full, last, method) = self.callee_name(callee);
        let known = self.named(&last).to_vec();
        let otherwise = match (known.is_empty(), method) {
            (true, _) => self.library(&full, &last, method).unwrap_or(Behaviour::Unknown),
            (false, true) => self.library(&full, &last, method).unwrap_or(Behaviour::Pure),
            (false, false) => Behaviour::Pure,
        };
        (known, otherwise)
    }

    /// What the table says of a name, the full dotted one before the last part.
    fn library(&self, full: &str, last: &str, method: bool) -> Option<Behaviour> {
        let calls = &self.language.calls;
        let listed = |set: &BTreeSet<String>| set.contains(full) || set.contains(last);
        if listed(&calls.input) {
            Some(Behaviour::Input)
        } else if listed(&calls.changes_first) {
            Some(Behaviour::ChangesFirst)
        } else if method && listed(&calls.changes_receiver) {
            Some(Behaviour::ChangesReceiver)
        } else if listed(&calls.output) {
            Some(Behaviour::Output)
        } else if listed(&calls.pure) || listed(&calls.scalar) {
            Some(Behaviour::Pure)
        } else {
            None
        }
    }

    /// Whether nothing that the call changes may still be read.
    pub fn releases(&self, callee: ExprId) -> bool {
        let (full, last, _) = self.callee_name(callee);
        let listed = &self.language.calls.releases;
        listed.contains(&full) || listed.contains(&last)
    }

    /// Whether the result is a fresh scalar, whatever the arguments are.
    pub fn makes_scalar(&self, callee: ExprId) -> bool {
        let (full, last, _) = self.callee_name(callee);
        self.named(&last).is_empty()
            && (self.language.calls.scalar.contains(&full) || self.language.calls.scalar.contains(&last))
    }

    /// Whether a callee is a name that is declared nowhere, in a language where a function would have to be.
    pub fn may_be_macro(&self, callee: ExprId) -> bool {
        let ExprKind::Name(name) = &self.ast.expr(callee).kind else { return false };
        self.language.types.undeclared_is_macro && !self.lean && !self.ast.decls.iter().any(|d| d.names.contains(name))
    }

    /// Whether the call may make one argument reach another.
    pub fn may_link(&self, callee: ExprId) -> bool {
        let (known, otherwise) = self.callee(callee);
        let unknown = otherwise == Behaviour::Unknown && !self.lean;
        !known.is_empty() || unknown || matches!(otherwise, Behaviour::ChangesFirst | Behaviour::ChangesReceiver)
    }

    /// Variables that a call may change though it doesn't receive them: those of the file, where the function is one of the
    /// program that isn't seen.
    pub fn shared_with(&self, callee: ExprId) -> Vec<&'a str> {
        let unseen = |name: &String| self.parsed.source.linkage.as_ref().is_some_and(|l| l.unseen.contains(name));
        let called = match &self.ast.expr(callee).kind {
            ExprKind::Name(name) | ExprKind::Field { name, .. } => unseen(name),
            _ => false,
        };
        if !called || self.lean {
            return Vec::new();
        }
        let shared = self.ast.decls.iter().filter(|d| d.kind == DeclKind::Variable && d.within.is_none());
        shared.flat_map(|d| &d.names).map(String::as_str).collect()
    }

    /// For lean slices: what is read from one object's field and written to another's is taken for a plain value.
    pub fn plain_store(&self, value: ExprId) -> bool {
        self.lean && matches!(self.ast.expr(value).kind, ExprKind::Field { .. })
    }

    /// `(a.b.f, f, is it a method call)`.
    fn callee_name(&self, callee: ExprId) -> (String, String, bool) {
        let mut parts = Vec::new();
        let mut at = callee;
        loop {
            match &self.ast.expr(at).kind {
                ExprKind::Name(name) => {
                    parts.push(name.as_str());
                    break;
                }
                ExprKind::Field { object, name, .. } => {
                    parts.push(name.as_str());
                    at = *object;
                }
                _ => break,
            }
        }
        let method = matches!(self.ast.expr(callee).kind, ExprKind::Field { .. });
        let last = parts.first().map(|s| s.to_string()).unwrap_or_default();
        parts.reverse();
        (parts.join("."), last, method)
    }

    fn summarise(&mut self, entry: FunctionId) {
        let order = self.reachable(entry);
        let mut prepared: Vec<Prepared> = Vec::new();
        for id in &order {
            let function = self.ast.function(*id);
            let mut names = Names::default();
            let collector =
                Collector { ast: self.ast, language: self.language, calls: self, followed: nothing_followed() };
            let sharing = collector.collect(function, &mut names);
            let stmts = all_statements(self.ast, &function.body.stmts);
            let own = self.own_names(*id, &stmts);
            prepared.push(Prepared { id: *id, names, sharing, stmts, own });
        }
        let (values, lambdas) = self.function_values(&order);
        (self.values, self.lambdas) = (values, lambdas);
        for id in &order {
            let changes = vec![false; self.ast.function(*id).params.len()];
            self.summaries.insert(*id, Summary { changes, ..Summary::default() });
        }
        let mut changed = true;
        while changed {
            changed = false;
            for function in &mut prepared {
                let summary = self.one(function);
                if self.summaries.get(&function.id) != Some(&summary) {
                    self.summaries.insert(function.id, summary);
                    changed = true;
                }
            }
        }
    }

    fn one(&self, prepared: &mut Prepared) -> Summary {
        let Prepared { id, names, sharing, stmts, own } = prepared;
        let function = self.ast.function(*id);
        let mut all = Effects::default();
        for stmt in stmts {
            for site in sites_of(self.ast, *stmt) {
                let mut walker = Walker {
                    ast: self.ast,
                    language: self.language,
                    calls: self,
                    names,
                    sharing,
                    followed: nothing_followed(),
                    returns: None,
                    inside_value: false,
                };
                all.extend(walker.site(site));
            }
        }
        let touches = |v: &super::Var| all.weak.contains(v);
        let of = |name: &str| names.get(name);
        let changes: Vec<bool> = function.params.iter().map(|p| of(&p.name).is_some_and(|v| touches(&v))).collect();
        let foreign = |v: &super::Var| {
            let name = names.name(*v);
            (!own.contains(name) && ![INPUT, OUTPUT, RESULT].contains(&name)).then(|| name.to_owned())
        };
        let mut writes: BTreeSet<String> = all.weak.iter().chain(&all.strong).filter_map(foreign).collect();
        if self.language.types.implicit_locals && changes.contains(&true) {
            // A parameter may hold its default, an object that was made, or named, where the function is defined.
            writes.extend(self.header_words(*id).into_iter().map(str::to_owned));
        }
        let field = |d: &&crate::syntax::ast::ContextDecl| {
            d.kind == DeclKind::Variable && d.container.is_some() && d.container == function.container
        };
        let own_fields = self.ast.decls.iter().filter(field).flat_map(|d| &d.names);
        let changes_field = own_fields.clone().any(|n| writes.contains(n));
        Summary {
            changes_receiver: changes_field
                || writes.contains(super::THIS)
                || (function.container.is_some() && changes.first() == Some(&true)),
            changes,
            reads: all.reads.iter().filter_map(foreign).collect(),
            input: names.get(INPUT).is_some_and(|v| all.reads.contains(&v)),
            output: names.get(OUTPUT).is_some_and(|v| all.weak.contains(&v)),
            writes,
        }
    }

    /// Functions whose names are mentioned, transitively, from `entry`; itself included.
    fn reachable(&self, entry: FunctionId) -> Vec<FunctionId> {
        let collector = Collector { ast: self.ast, language: self.language, calls: self, followed: nothing_followed() };
        let mut seen = BTreeSet::from([entry]);
        let mut stack = vec![entry];
        let managers = self.language.types.manager_methods.iter().flat_map(|m| self.named(m));
        for f in self.constructors.iter().chain(&self.operators).chain(managers).filter(|f| seen.insert(**f)) {
            stack.push(*f);
        }
        while let Some(id) = stack.pop() {
            for stmt in all_statements(self.ast, &self.ast.function(id).body.stmts) {
                for e in collector.all_expressions(stmt) {
                    if let ExprKind::Name(name) | ExprKind::Field { name, .. } = &self.ast.expr(e).kind {
                        stack.extend(self.named(name).iter().filter(|f| seen.insert(**f)));
                    }
                }
            }
        }
        seen.into_iter().collect()
    }

    /// What may be called through a value anywhere in these functions.
    fn function_values(&self, functions: &[FunctionId]) -> (Vec<FunctionId>, Vec<ExprId>) {
        let ast = self.ast;
        let mut values: BTreeSet<FunctionId> = BTreeSet::new();
        let mut lambdas: Vec<ExprId> = Vec::new();
        let stmts = functions.iter().flat_map(|f| all_statements(ast, &ast.function(*f).body.stmts));
        let mut stack: Vec<(ExprId, bool)> =
            stmts.flat_map(|s| crate::cfg::statement_expressions(ast, s)).map(|e| (e, false)).collect();
        while let Some((e, callee)) = stack.pop() {
            match &ast.expr(e).kind {
                ExprKind::Name(name) | ExprKind::Field { name, .. } if !callee => values.extend(self.named(name)),
                ExprKind::Lambda { parts, .. } => lambdas.extend(parts),
                ExprKind::New { extra, .. } => lambdas.extend(extra),
                _ => {}
            }
            let is_call = matches!(ast.expr(e).kind, ExprKind::Call { .. });
            stack.extend(ast.operands(e).into_iter().enumerate().map(|(i, o)| (o, is_call && i == 0)));
        }
        lambdas.sort();
        lambdas.dedup();
        (values.into_iter().collect(), lambdas)
    }

    /// Names that belong to the function itself.
    pub fn own_names(&self, id: FunctionId, stmts: &[StmtId]) -> HashSet<String> {
        let ast = self.ast;
        let function = ast.function(id);
        let mut own: HashSet<String> = function.params.iter().map(|p| p.name.clone()).collect();
        let mut assigned: Vec<ExprId> = Vec::new();
        let collector = Collector { ast, language: self.language, calls: self, followed: nothing_followed() };
        for stmt in stmts {
            match &ast.stmt(*stmt).kind {
                // A static local outlives the call: callers see it as state.
                StmtKind::Decl(d) if d.persistent => {}
                StmtKind::Decl(d) => own.extend(d.declarators.iter().map(|d| d.name.clone())),
                StmtKind::Loop(l) if !l.target_type.name.is_empty() || self.language.types.implicit_locals => {
                    assigned.extend(l.target)
                }
                StmtKind::Try(t) => assigned.extend(t.handlers.iter().filter_map(|h| h.bind)),
                StmtKind::Switch(s) => assigned.extend(s.arms.iter().flat_map(|a| &a.binds)),
                StmtKind::With(w) => assigned.extend(w.items.iter().filter_map(|(_, t)| *t)),
                StmtKind::Function(f) => own.extend(ast.function(*f).params.iter().map(|p| p.name.clone())),
                _ => {}
            }
            for e in collector.all_expressions(*stmt) {
                match &ast.expr(e).kind {
                    ExprKind::Assign { targets, .. } if self.language.types.implicit_locals => assigned.extend(targets),
                    ExprKind::Comprehension { bound, .. } | ExprKind::Lambda { bound, .. } => {
                        own.extend(bound.iter().cloned())
                    }
                    _ => {}
                }
            }
        }
        while let Some(e) = assigned.pop() {
            match &ast.expr(e).kind {
                ExprKind::Name(name) => drop(own.insert(name.clone())),
                ExprKind::Sequence(parts) => assigned.extend(parts),
                ExprKind::Starred(inner) => assigned.push(*inner),
                _ => {}
            }
        }
        let outward = |d: &&crate::syntax::ast::ContextDecl| d.kind == DeclKind::Scope && d.within == Some(id);
        for name in ast.decls.iter().filter(outward).flat_map(|d| &d.names) {
            own.remove(name);
        }
        own
    }
}

/// Macros whose bodies hold an assignment or a step: whoever uses one may change any name in it, and its arguments.
fn assigning_macros(parsed: &Parsed) -> HashMap<&str, Vec<&str>> {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let mut out = HashMap::new();
    for decl in parsed.ast.decls.iter().filter(|d| d.kind == DeclKind::Macro) {
        let body = parsed.source.slice(decl.span);
        let bytes = body.as_bytes();
        let assigns = (1..bytes.len()).any(|i| {
            let (before, after) = (bytes[i - 1], bytes.get(i + 1).copied().unwrap_or(b' '));
            match bytes[i] {
                b'=' => {
                    after != b'=' && !b"=!<>".contains(&before)
                        || before == bytes[i.saturating_sub(2)] && b"<>".contains(&before)
                }
                b'+' | b'-' => before == bytes[i],
                _ => false,
            }
        });
        if assigns {
            let words: Vec<&str> = body.split(|c| !word(c)).filter(|w| !w.is_empty()).collect();
            out.extend(decl.names.iter().map(|n| (n.as_str(), words.clone())));
        }
    }
    out
}

/// Whether a method is run when an object of its class is made.
pub fn is_constructor(language: &Language, name: &str, class: &str) -> bool {
    name == class || language.types.constructors.iter().any(|c| c == name)
}
