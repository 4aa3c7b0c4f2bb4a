//! Which names a condition may speak of.

use crate::syntax::Parsed;
use crate::syntax::ast::{Ast, ContainerId, DeclKind, ExprId, ExprKind, FunctionId, LiteralKind, StmtId, StmtKind};
use std::collections::{BTreeMap, BTreeSet};

/// The names of a file, by function; each function is read once, when it is first asked for.
pub struct Scopes<'a> {
    parsed: &'a Parsed,
    module: Option<FunctionId>,
    /// Functions, types and imports: names that are not variables.
    others: BTreeSet<&'a str>,
    globals: BTreeSet<&'a str>,
    /// Variables declared in a class, or in a function's body as context.
    fields: BTreeMap<ContainerId, BTreeSet<&'a str>>,
    local: BTreeMap<FunctionId, BTreeSet<&'a str>>,
    own: BTreeMap<FunctionId, Own<'a>>,
}

/// What one function's own text says.
#[derive(Default)]
struct Own<'a> {
    variables: BTreeSet<&'a str>,
    /// Last names of what it calls.
    calls: BTreeSet<&'a str>,
    /// Names that occur in its expressions.
    mentioned: BTreeSet<&'a str>,
    /// It calls something whose only effect is output.
    prints: bool,
    /// It returns something that is not a constant.
    returns: bool,
}

/// The names known in a function.
pub struct Scope<'s> {
    variables: Vec<&'s BTreeSet<&'s str>>,
    others: &'s BTreeSet<&'s str>,
    pub prints: bool,
    pub returns: bool,
}

impl Scope<'_> {
    pub fn is_variable(&self, name: &str) -> bool {
        self.variables.iter().any(|names| names.contains(name))
    }

    /// A function, type or module.
    pub fn is_other(&self, name: &str) -> bool {
        self.others.contains(name)
    }
}

impl<'a> Scopes<'a> {
    pub fn new(parsed: &'a Parsed, module: Option<FunctionId>) -> Self {
        let mut scopes = Scopes {
            parsed,
            module,
            others: parsed.ast.functions.iter().map(|f| f.name.as_str()).collect(),
            globals: BTreeSet::new(),
            fields: BTreeMap::new(),
            local: BTreeMap::new(),
            own: BTreeMap::new(),
        };
        for decl in &parsed.ast.decls {
            let names = decl.names.iter().map(String::as_str);
            match (decl.kind, decl.within, decl.container) {
                (DeclKind::Variable, Some(function), _) => scopes.local.entry(function).or_default().extend(names),
                (DeclKind::Variable, None, Some(class)) => scopes.fields.entry(class).or_default().extend(names),
                (DeclKind::Variable, None, None) => scopes.globals.extend(names),
                (DeclKind::Function | DeclKind::Prototype | DeclKind::Type | DeclKind::Import, ..) => {
                    scopes.others.extend(names);
                }
                (DeclKind::Macro | DeclKind::Scope, ..) => {}
            }
        }
        scopes
    }

    /// Parameters and locals of `function` and of the functions around it, fields of its classes, globals.
    pub fn of(&mut self, function: FunctionId) -> Scope<'_> {
        let ast = &self.parsed.ast;
        let mut chain = vec![function];
        while let Some(outer) = chain.last().and_then(|f| ast.function(*f).outer).filter(|o| !chain.contains(o)) {
            chain.push(outer);
        }
        chain.extend(self.module.filter(|m| !chain.contains(m)));
        chain.iter().for_each(|f| self.read(*f));
        let mut variables = vec![&self.globals];
        for f in &chain {
            variables.push(&self.own[f].variables);
            variables.extend(self.local.get(f));
        }
        let mut container = chain.iter().find_map(|f| ast.function(*f).container);
        while let Some(c) = container {
            variables.extend(self.fields.get(&c));
            // A parent stands before its members, so the walk ends whatever the tree says.
            container = ast.containers.get(c.index()).and_then(|c| c.parent).filter(|p| *p < c);
        }
        let own = &self.own[&function];
        Scope { variables, others: &self.others, prints: own.prints, returns: own.returns }
    }

    /// Whether `caller` calls `callee`, itself or through functions of the file; by name.
    pub fn calls(&mut self, caller: FunctionId, callee: FunctionId) -> bool {
        let ast = &self.parsed.ast;
        let mut by_name: BTreeMap<&str, Vec<FunctionId>> = BTreeMap::new();
        for (i, f) in ast.functions.iter().enumerate() {
            by_name.entry(&f.name).or_default().push(FunctionId(i as u32));
            // `K(a)` runs what makes an object of `K`.
            let class = f.container.map(|c| ast.containers[c.index()].name.as_str());
            if let Some(class) =
                class.filter(|c| *c != f.name && self.parsed.language.types.constructors.contains(&f.name))
            {
                by_name.entry(class).or_default().push(FunctionId(i as u32));
            }
        }
        let mut seen = BTreeSet::from([caller]);
        let mut todo = vec![caller];
        while let Some(f) = todo.pop() {
            self.read(f);
            let own = &self.own[&f];
            // Whoever hands a function on may have it called.
            let handed = own.mentioned.iter().filter(|n| !own.variables.contains(**n));
            for &next in own.calls.iter().chain(handed).filter_map(|name| by_name.get(name)).flatten() {
                if next == callee {
                    return true;
                }
                if seen.insert(next) {
                    todo.push(next);
                }
            }
        }
        false
    }

    fn read(&mut self, function: FunctionId) {
        let parsed = self.parsed;
        self.own.entry(function).or_insert_with(|| Own::read(parsed, function));
    }
}

impl<'a> Own<'a> {
    fn read(parsed: &'a Parsed, function: FunctionId) -> Own<'a> {
        let ast = &parsed.ast;
        let f = ast.function(function);
        let mut own = Own::default();
        own.variables.extend(f.params.iter().map(|p| p.name.as_str()).filter(|n| !n.is_empty()));
        let mut stmts: Vec<StmtId> = f.body.stmts.clone();
        let mut exprs: Vec<ExprId> = Vec::new();
        while let Some(stmt) = stmts.pop() {
            stmts.extend(ast.children(stmt));
            own.statement(ast, stmt, &mut exprs);
            while let Some(e) = exprs.pop() {
                exprs.extend(ast.operands(e));
                match &ast.expr(e).kind {
                    ExprKind::Assign { targets, .. } => targets.iter().for_each(|t| own.bind(ast, *t)),
                    ExprKind::Compound { target, .. } => own.bind(ast, *target),
                    ExprKind::Name(name) => drop(own.mentioned.insert(name)),
                    ExprKind::New { .. } => {
                        own.calls.extend(parsed.words(ast.expr(e).span).next());
                    }
                    ExprKind::Call { callee, .. } => {
                        let name = match &ast.expr(*callee).kind {
                            ExprKind::Name(name) => name,
                            ExprKind::Field { name, .. } => name,
                            _ => continue,
                        };
                        own.calls.insert(name);
                        own.prints |= parsed.language.calls.output.contains(name);
                    }
                    _ => {}
                }
            }
        }
        own
    }

    /// Names that the statement declares, and its expressions.
    fn statement(&mut self, ast: &'a Ast, stmt: StmtId, exprs: &mut Vec<ExprId>) {
        match &ast.stmt(stmt).kind {
            StmtKind::Expr(e) | StmtKind::Exit(e) => exprs.push(*e),
            StmtKind::Decl(d) => {
                for declarator in &d.declarators {
                    self.variables.insert(&declarator.name);
                    exprs.extend(declarator.init);
                }
            }
            StmtKind::Assert { cond, .. } | StmtKind::Assume { cond } => exprs.push(*cond),
            StmtKind::If(s) => exprs.push(s.cond),
            StmtKind::Loop(s) => {
                exprs.extend(s.cond.into_iter().chain(s.iter));
                s.target.into_iter().for_each(|t| self.bind(ast, t));
            }
            StmtKind::Switch(s) => {
                exprs.push(s.subject);
                for arm in &s.arms {
                    arm.binds.iter().for_each(|b| self.bind(ast, *b));
                    exprs.extend(arm.guard);
                }
            }
            StmtKind::Return { value } => {
                self.returns |= value.is_some_and(|v| !is_constant(ast, v));
                exprs.extend(*value);
            }
            StmtKind::Throw { value, cause } => exprs.extend(value.iter().chain(cause)),
            StmtKind::Try(s) => s.handlers.iter().filter_map(|h| h.bind).for_each(|b| self.bind(ast, b)),
            StmtKind::With(s) => {
                for (manager, bound) in &s.items {
                    exprs.push(*manager);
                    bound.iter().for_each(|b| self.bind(ast, *b));
                }
            }
            // What wasn't understood may call whatever it names.
            StmtKind::Opaque { names } => self.calls.extend(names.iter().filter_map(|n| match &ast.expr(*n).kind {
                ExprKind::Name(name) => Some(name.as_str()),
                _ => None,
            })),
            _ => {}
        }
    }

    /// The names that an assignment to `target` binds.
    fn bind(&mut self, ast: &'a Ast, target: ExprId) {
        let mut targets = vec![target];
        while let Some(t) = targets.pop() {
            match &ast.expr(t).kind {
                ExprKind::Name(name) => {
                    self.variables.insert(name);
                }
                ExprKind::Sequence(parts) => targets.extend(parts),
                ExprKind::Starred(inner) => targets.push(*inner),
                _ => {}
            }
        }
    }
}

/// Parameters and variables that a function's own text binds; not those that it says are of the file.
pub fn bound(parsed: &Parsed, function: FunctionId) -> BTreeSet<&str> {
    if !parsed.language.types.implicit_locals {
        return declared(&parsed.ast, function);
    }
    let mut names = Own::read(parsed, function).variables;
    let outer = parsed.ast.decls.iter().filter(|d| d.kind == DeclKind::Scope && d.within == Some(function));
    for name in outer.flat_map(|d| &d.names) {
        names.remove(name.as_str());
    }
    names
}

/// Parameters and variables that are declared in a function.
fn declared(ast: &Ast, function: FunctionId) -> BTreeSet<&str> {
    let function = ast.function(function);
    let mut names: BTreeSet<&str> = function.params.iter().map(|p| p.name.as_str()).collect();
    let mut stmts: Vec<StmtId> = function.body.stmts.clone();
    while let Some(stmt) = stmts.pop() {
        stmts.extend(ast.children(stmt));
        if let StmtKind::Decl(d) = &ast.stmt(stmt).kind {
            names.extend(d.declarators.iter().map(|d| d.name.as_str()));
        }
    }
    names
}

fn is_constant(ast: &Ast, e: ExprId) -> bool {
    match &ast.expr(e).kind {
        ExprKind::Literal(kind) => *kind != LiteralKind::Other,
        ExprKind::Operator { operands, .. } if operands.len() == 1 => {
            matches!(ast.expr(operands[0]).kind, ExprKind::Literal(_))
        }
        _ => false,
    }
}
