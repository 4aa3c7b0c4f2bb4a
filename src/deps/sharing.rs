//! Which names may reach the same object, and which hold plain values.
//!
//! Flow-insensitive unification (Steensgaard, 1996) over names: `ys = xs`, `o.f = xs`, `xs.append(y)`, `p = &x` and an
//! unknown call that receives both put names into one group; a write through one of a group may be seen through all. Names
//! known to hold scalars take no part, or every `n = x` would tie the program together.

use super::summary::Calls;
use super::{Names, THIS, Var};
use crate::cfg::joined::Call;
use crate::syntax::ast::{
    Ast, ContextDecl, DeclKind, ExprId, ExprKind, Function, LiteralKind, LoopKind, StmtId, StmtKind,
};
use crate::syntax::language::Language;
use std::collections::{HashMap, HashSet};

#[derive(Debug, Default)]
pub struct Sharing {
    parent: Vec<u32>,
    members: Vec<Vec<Var>>,
    scalar: HashSet<Var>,
    address_taken: HashSet<Var>,
    /// Names the address of whose own place is taken, as `&p` does and `&p[i]` does not.
    exposed: HashSet<Var>,
    /// Declared names: whether each is a pointer wherever it is declared.
    pointers: HashMap<Var, bool>,
    /// Names that stand for several variables, one inside the other's scope: no write of one is a certain overwrite.
    shadowed: HashSet<Var>,
    /// Parameters and names that the function assigns: a call of one runs what it holds.
    assigned: HashSet<Var>,
}

/// A name from which an expression's value may be reached; `address` if the value is the address of the name itself.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Root {
    pub var: Var,
    pub address: bool,
}

impl Sharing {
    pub fn is_scalar(&self, var: Var) -> bool {
        self.scalar.contains(&var) && !self.address_taken.contains(&var)
    }

    /// Whether the name is declared as a pointer, so that its value is one thing and what it points to another.
    pub fn is_pointer(&self, var: Var) -> bool {
        self.pointers.get(&var) == Some(&true)
    }

    /// Whether the name is a pointer whose own value stays as it is when something is written through it, or through what shares
    /// an object with it: nobody has its address.
    pub fn is_apart(&self, var: Var) -> bool {
        self.is_pointer(var) && !self.exposed.contains(&var)
    }

    pub fn is_assigned(&self, var: Var) -> bool {
        self.assigned.contains(&var)
    }

    pub fn is_shadowed(&self, var: Var) -> bool {
        self.shadowed.contains(&var)
    }

    /// Whether the name occurs in the function (a callee's global need not).
    pub fn knows(&self, var: Var) -> bool {
        (var.0 as usize) < self.parent.len()
    }

    pub fn is_address_taken(&self, var: Var) -> bool {
        self.address_taken.contains(&var)
    }

    /// Every name through which a change of what `var` reaches may be seen, `var` included.
    pub fn group(&self, var: Var) -> &[Var] {
        let root = self.find(var.0);
        &self.members[root as usize]
    }

    fn find(&self, mut at: u32) -> u32 {
        while self.parent[at as usize] != at {
            at = self.parent[at as usize];
        }
        at
    }

    /// One for several functions: `others` are of names that were known later. A name is scalar if it is wherever it is
    /// assigned.
    pub fn merged(all: Vec<Sharing>, names: &Names) -> Sharing {
        let mut out = Sharing { parent: (0..names.len() as u32).collect(), ..Sharing::default() };
        let mut mixed: HashSet<Var> = HashSet::new();
        for one in &all {
            for v in (0..one.parent.len() as u32).map(Var) {
                out.union(v, Var(one.find(v.0)));
            }
            let rest = one.assigned.iter().filter(|v| !one.scalar.contains(v));
            mixed.extend(rest);
            out.scalar.extend(&one.scalar);
            for (var, pointer) in &one.pointers {
                *out.pointers.entry(*var).or_insert(true) &= pointer;
            }
            out.address_taken.extend(&one.address_taken);
            out.exposed.extend(&one.exposed);
            out.shadowed.extend(&one.shadowed);
            out.assigned.extend(&one.assigned);
        }
        out.scalar.retain(|v| !mixed.contains(v));
        out
    }

    /// Ties names together through which one object may be reached.
    pub fn tie(&mut self, roots: &[Root]) {
        let takes_part = |r: &&Root| r.address || !self.scalar.contains(&r.var);
        let parts: Vec<Var> = roots.iter().filter(takes_part).map(|r| r.var).collect();
        parts.windows(2).for_each(|w| self.union(w[0], w[1]));
    }

    /// After the last tie.
    pub fn close(&mut self) {
        self.members = vec![vec![]; self.parent.len()];
        for v in 0..self.parent.len() as u32 {
            let root = self.find(v);
            self.members[root as usize].push(Var(v));
        }
    }

    /// For a name that is a pointer.
    pub fn mark_pointer(&mut self, var: Var) {
        self.pointers.insert(var, true);
    }

    /// For a name that holds what no object is reached through.
    pub fn mark_scalar(&mut self, var: Var) {
        self.scalar.insert(var);
    }

    fn union(&mut self, a: Var, b: Var) {
        let (a, b) = (self.find(a.0), self.find(b.0));
        let (low, high) = (a.min(b), a.max(b));
        self.parent[high as usize] = low;
    }
}

/// Walks a function's statements, those of nested functions included (they share its variables).
pub struct Collector<'a> {
    pub ast: &'a Ast,
    pub language: &'a Language,
    pub calls: &'a Calls<'a>,
    /// Calls whose callees are built into the graph.
    pub followed: &'a HashMap<ExprId, Call>,
}

/// All statements of a body, nested ones included.
pub fn all_statements(ast: &Ast, roots: &[StmtId]) -> Vec<StmtId> {
    let mut out = Vec::new();
    let mut stack: Vec<StmtId> = roots.iter().rev().copied().collect();
    while let Some(id) = stack.pop() {
        out.push(id);
        let mut children = ast.children(id);
        if let StmtKind::Function(f) = &ast.stmt(id).kind {
            children.extend_from_slice(&ast.function(*f).body.stmts);
        }
        stack.extend(children.into_iter().rev());
    }
    out
}

/// Where a variable gets its value.
enum Def {
    /// From an expression.
    Value(Var, ExprId),
    /// An element of what an expression yields.
    Element(Var, ExprId),
    /// From an exception, a pattern, a parameter: anything.
    Anything(Var),
}

impl Def {
    fn var(&self) -> Var {
        match self {
            Def::Value(v, _) | Def::Element(v, _) | Def::Anything(v) => *v,
        }
    }
}

impl<'a> Collector<'a> {
    pub fn collect(&self, function: &Function, names: &mut Names) -> Sharing {
        let stmts = all_statements(self.ast, &function.body.stmts);
        let exprs: Vec<ExprId> = stmts.iter().flat_map(|s| self.all_expressions(*s)).collect();
        let mut sharing = Sharing::default();
        for e in &exprs {
            if let ExprKind::Name(name) | ExprKind::Field { name, .. } = &self.ast.expr(*e).kind {
                names.intern(name);
            }
            if self.followed.contains_key(e) {
                names.intern(&super::effects::got(*e));
            }
        }
        for p in &function.params {
            names.intern(&p.name);
        }
        names.intern(THIS);
        let globals = self.linked_globals();
        for name in globals.iter().flat_map(|(names, uses)| names.iter().chain(uses.iter().copied())) {
            names.intern(name);
        }
        let defs = self.definitions(&stmts, &exprs, names);
        let typed = self.declared_types(function, &stmts, names);
        sharing.pointers = self.pointers(function, &stmts, names);
        for e in &exprs {
            if let ExprKind::AddressOf(target) = &self.ast.expr(*e).kind {
                sharing.exposed.extend(self.holder(*target, names));
                sharing.address_taken.extend(self.roots(*target, names).iter().map(|r| r.var));
            }
        }
        if !self.language.types.references {
            let used: Vec<Var> = globals.iter().flat_map(|(_, uses)| uses).filter_map(|n| names.get(n)).collect();
            sharing.address_taken.extend(&used);
            sharing.exposed.extend(used);
        }
        sharing.assigned = defs.iter().map(Def::var).collect();
        sharing.assigned.extend(function.params.iter().filter_map(|p| names.get(&p.name)));
        sharing.shadowed = self.shadowed(function, names);
        sharing.scalar = self.scalars(function, &defs, &typed, names);
        sharing.parent = (0..names.len() as u32).collect();
        self.unify(&mut sharing, &defs, &exprs, names);
        for (declared, uses) in &globals {
            let vars = declared.iter().chain(uses.iter().copied()).filter_map(|n| names.get(n));
            let vars: Vec<Var> = vars.filter(|v| !sharing.scalar.contains(v) || sharing.is_address_taken(*v)).collect();
            vars.windows(2).for_each(|w| sharing.union(w[0], w[1]));
        }
        sharing.close();
        sharing
    }

    /// Globals and fields whose initialisers name other ones: `int *gp = &g;`, `row = grid[0]`.
    fn linked_globals(&self) -> Vec<(&'a [String], Vec<&'a String>)> {
        let variables = || self.ast.decls.iter().filter(|d| d.kind == DeclKind::Variable && d.within.is_none());
        let known: HashSet<&String> = variables().flat_map(|d| &d.names).collect();
        let used = |d: &'a ContextDecl| d.uses.iter().filter(|u| known.contains(u) && !d.names.contains(u)).collect();
        let pairs = variables().map(|d| (&d.names[..], used(d)));
        pairs.filter(|(_, uses): &(_, Vec<&String>)| !uses.is_empty()).collect()
    }

    /// Names declared inside the scope of another declaration of the same name (a parameter, a local further out, a global).
    /// Where names need no declaration there is one scope.
    fn shadowed(&self, function: &Function, names: &mut Names) -> HashSet<Var> {
        let mut out = HashSet::new();
        if self.language.types.implicit_locals {
            return out;
        }
        let globals =
            self.ast.decls.iter().filter(|d| d.kind == crate::syntax::ast::DeclKind::Variable && d.within.is_none());
        let outer: HashSet<&str> = globals.flat_map(|d| &d.names).map(String::as_str).collect();
        let params = function.params.iter().map(|p| p.name.as_str());
        // Declarations with the span of the statement that bounds their scope, outermost first.
        let mut scopes: HashMap<&str, Vec<crate::text::Span>> = HashMap::new();
        for name in params {
            if outer.contains(name) {
                out.insert(names.intern(name));
            }
            scopes.entry(name).or_default().push(function.span);
        }
        let mut stack: Vec<(StmtId, crate::text::Span)> =
            function.body.stmts.iter().rev().map(|s| (*s, function.span)).collect();
        while let Some((id, scope)) = stack.pop() {
            let stmt = self.ast.stmt(id);
            let declared: Vec<&str> = match &stmt.kind {
                StmtKind::Decl(d) => d.declarators.iter().map(|d| d.name.as_str()).collect(),
                _ => vec![],
            };
            for name in declared {
                let known = scopes.entry(name).or_default();
                if outer.contains(name) || known.iter().any(|s| *s != scope && s.contains(scope)) {
                    out.insert(names.intern(name));
                }
                known.push(scope);
            }
            stack.extend(self.ast.children(id).into_iter().rev().map(|c| (c, stmt.span)));
        }
        out
    }

    /// Every expression in a statement, subexpressions included.
    pub fn all_expressions(&self, stmt: StmtId) -> Vec<ExprId> {
        let mut stack = crate::cfg::statement_expressions(self.ast, stmt);
        let mut out = Vec::new();
        while let Some(e) = stack.pop() {
            out.push(e);
            stack.extend(self.ast.operands(e));
        }
        out
    }

    fn definitions(&self, stmts: &[StmtId], exprs: &[ExprId], names: &mut Names) -> Vec<Def> {
        let ast = self.ast;
        let mut defs = Vec::new();
        for e in exprs {
            match &ast.expr(*e).kind {
                ExprKind::Assign { targets, value: Some(value) } => {
                    targets.iter().for_each(|t| self.bind(*t, *value, names, &mut defs));
                }
                ExprKind::Compound { target, value } => self.bind(*target, *value, names, &mut defs),
                ExprKind::Comprehension { bound, parts } | ExprKind::Lambda { bound, parts } => {
                    for name in bound {
                        let var = names.intern(name);
                        parts.iter().for_each(|p| defs.push(Def::Element(var, *p)));
                    }
                }
                _ => {}
            }
        }
        for s in stmts {
            match &ast.stmt(*s).kind {
                StmtKind::Decl(d) => {
                    for d in &d.declarators {
                        let var = names.intern(&d.name);
                        d.init.iter().for_each(|init| defs.push(Def::Value(var, *init)));
                    }
                }
                StmtKind::Loop(l) if l.kind == LoopKind::ForEach => {
                    if let (Some(target), Some(iter)) = (l.target, l.iter) {
                        for var in self.names_in(target, names) {
                            defs.push(Def::Element(var, iter));
                        }
                    }
                }
                StmtKind::With(w) => {
                    for (item, target) in &w.items {
                        target.iter().for_each(|t| self.bind(*t, *item, names, &mut defs));
                    }
                }
                StmtKind::Try(t) => {
                    let binds = t.handlers.iter().filter_map(|h| h.bind);
                    defs.extend(binds.flat_map(|b| self.names_in(b, names)).map(Def::Anything));
                }
                StmtKind::Switch(s) => {
                    for bind in s.arms.iter().flat_map(|a| &a.binds) {
                        let vars = self.names_in(*bind, names);
                        defs.extend(vars.into_iter().map(|v| Def::Element(v, s.subject)));
                    }
                }
                StmtKind::Function(f) => {
                    let params = &ast.function(*f).params;
                    defs.extend(params.iter().map(|p| Def::Anything(names.intern(&p.name))));
                }
                _ => {}
            }
        }
        defs
    }

    /// Records an assignment; tuple targets match tuple values element by element.
    fn bind(&self, target: ExprId, value: ExprId, names: &mut Names, defs: &mut Vec<Def>) {
        match (&self.ast.expr(target).kind, &self.ast.expr(value).kind) {
            (ExprKind::Name(name), _) => defs.push(Def::Value(names.intern(name), value)),
            (ExprKind::Sequence(targets), ExprKind::Sequence(values)) if targets.len() == values.len() => {
                targets.iter().zip(values).for_each(|(t, v)| self.bind(*t, *v, names, defs));
            }
            (ExprKind::Sequence(_) | ExprKind::Starred(_), _) => {
                defs.extend(self.names_in(target, names).into_iter().map(|v| Def::Element(v, value)));
            }
            _ => {}
        }
    }

    pub(super) fn names_in(&self, expr: ExprId, names: &mut Names) -> Vec<Var> {
        let mut stack = vec![expr];
        let mut out = Vec::new();
        while let Some(e) = stack.pop() {
            match &self.ast.expr(e).kind {
                ExprKind::Name(name) => out.push(names.intern(name)),
                _ => stack.extend(self.ast.operands(e)),
            }
        }
        out
    }

    /// Names that only ever hold scalars: by declared type, else (where names need no declaration) by all their
    /// definitions, assumed true until one contradicts.
    fn scalars(&self, function: &Function, defs: &[Def], typed: &HashMap<Var, bool>, names: &Names) -> HashSet<Var> {
        let mut scalar: HashSet<Var> = typed.iter().filter(|(_, s)| **s).map(|(v, _)| *v).collect();
        let mut inferred: HashSet<Var> = HashSet::new();
        if self.language.types.implicit_locals {
            for def in defs {
                if let Def::Value(v, _) | Def::Element(v, _) = def {
                    inferred.insert(*v);
                }
            }
            inferred.retain(|v| !typed.contains_key(v));
            for var in function.params.iter().filter_map(|p| names.get(&p.name)) {
                inferred.remove(&var);
            }
        }
        scalar.extend(&inferred);
        loop {
            let before = scalar.len();
            for def in defs {
                let (var, good) = match def {
                    Def::Value(v, e) => (*v, self.is_scalar(*e, &scalar, names)),
                    // The elements of what a scalar-making function yields are scalars (`range`, characters of a string).
                    Def::Element(v, e) => (*v, self.is_scalar(*e, &scalar, names)),
                    Def::Anything(v) => (*v, false),
                };
                if !good && inferred.contains(&var) {
                    scalar.remove(&var);
                }
            }
            if scalar.len() == before {
                return scalar;
            }
        }
    }

    pub fn is_scalar(&self, expr: ExprId, scalar: &HashSet<Var>, names: &Names) -> bool {
        let of = |e: ExprId| self.is_scalar(e, scalar, names);
        match &self.ast.expr(expr).kind {
            ExprKind::Name(name) => names.get(name).is_some_and(|v| scalar.contains(&v)),
            ExprKind::Literal(LiteralKind::String) => self.language.types.immutable_strings,
            ExprKind::Literal(_) | ExprKind::Template(_) => true,
            ExprKind::Operator { operands, .. } => operands.iter().all(|e| of(*e)),
            ExprKind::Logical { left, right } => of(*left) && of(*right),
            ExprKind::Conditional { then, els, .. } => of(*then) && of(*els),
            ExprKind::Assign { value: Some(value), .. } => of(*value),
            ExprKind::Compound { target, value } => of(*target) && of(*value),
            ExprKind::Update { .. } => true,
            ExprKind::Cast { scalar, .. } => *scalar,
            ExprKind::Call { callee, .. } => self.calls.makes_scalar(*callee),
            _ => false,
        }
    }

    /// Names from which the value of an expression may be reached.
    pub fn roots(&self, expr: ExprId, names: &mut Names) -> Vec<Root> {
        let mut out = Vec::new();
        let mut stack = vec![(expr, false)];
        while let Some((e, address)) = stack.pop() {
            let kind = &self.ast.expr(e).kind;
            match kind {
                ExprKind::Name(name) => out.push(Root { var: names.intern(name), address }),
                ExprKind::Literal(_) | ExprKind::Update { .. } | ExprKind::Template(_) | ExprKind::Delete(_) => {}
                ExprKind::AddressOf(inner) => stack.push((*inner, true)),
                ExprKind::Field { object, name, .. } => {
                    // `Main.g` is the field `g`, as its class's own methods call it.
                    let class = |n: &str| self.ast.containers.iter().any(|c| c.name == n);
                    if matches!(&self.ast.expr(*object).kind, ExprKind::Name(n) if class(n)) {
                        out.push(Root { var: names.intern(name), address: true });
                    }
                    stack.push((*object, address));
                }
                ExprKind::Index { object, .. } => stack.push((*object, address)),
                ExprKind::Deref(inner) | ExprKind::Starred(inner) => stack.push((*inner, address)),
                _ if self.followed.contains_key(&e) => {
                    out.push(Root { var: names.intern(&super::effects::got(e)), address });
                }
                ExprKind::Call { callee, args } => {
                    // An object sees the variables of its class.
                    if let ExprKind::Name(name) = &self.ast.expr(*callee).kind
                        && self.has_class_variables(name)
                    {
                        out.push(Root { var: names.intern(name), address: true });
                    }
                    if !self.calls.makes_scalar(*callee) {
                        if let ExprKind::Field { object, .. } = &self.ast.expr(*callee).kind {
                            stack.push((*object, false));
                        } else if !matches!(self.ast.expr(*callee).kind, ExprKind::Name(_)) {
                            stack.push((*callee, false));
                        }
                        stack.extend(args.iter().map(|a| (*a, false)));
                    }
                }
                // Arithmetic makes a new value, except on pointers (`p + 1`).
                ExprKind::Operator { operands, .. } if !self.language.types.references => {
                    stack.extend(operands.iter().map(|o| (*o, address)));
                }
                // `[ys] * 2`: the new list holds what the written one does.
                ExprKind::Operator { operands, .. } => {
                    let holds = |o: &&ExprId| matches!(self.ast.expr(**o).kind, ExprKind::Sequence(_));
                    stack.extend(operands.iter().filter(holds).map(|o| (*o, address)));
                }
                ExprKind::Assign { value, targets } => {
                    stack.extend(value.iter().chain(targets).map(|v| (*v, address)));
                }
                ExprKind::Conditional { then, els, .. } => {
                    stack.extend([(*then, address), (*els, address)]);
                }
                ExprKind::Cast { scalar: true, .. } => {}
                _ => stack.extend(self.ast.operands(e).into_iter().map(|o| (o, address))),
            }
        }
        out
    }

    /// Names of modules, types and functions: they hold no object of the program, so they tie nothing together. A name that
    /// nothing here declares or assigns counts if it begins like a type in a language whose variables must be declared.
    fn statics(&self, defs: &[Def], names: &Names) -> HashSet<Var> {
        use crate::syntax::ast::DeclKind as K;
        let assigned: HashSet<Var> = defs.iter().map(Def::var).collect();
        let mut variables: HashSet<&str> = HashSet::new();
        let mut others: HashSet<&str> = HashSet::new();
        for decl in &self.ast.decls {
            let set = if decl.kind == K::Variable || decl.kind == K::Scope { &mut variables } else { &mut others };
            set.extend(decl.names.iter().map(String::as_str));
        }
        let typelike = |name: &str| {
            self.language.types.references
                && !self.language.types.implicit_locals
                && name.starts_with(|c: char| c.is_uppercase())
        };
        (0..names.len() as u32)
            .map(Var)
            .filter(|v| {
                let name = names.name(*v);
                let plain = !assigned.contains(v) && !variables.contains(name) && !self.has_class_variables(name);
                plain && (others.contains(name) || typelike(name))
            })
            .collect()
    }

    /// Whether a name is a class of the file that has variables of its own.
    fn has_class_variables(&self, name: &str) -> bool {
        let class = |c: &crate::syntax::ast::ContainerId| self.ast.containers[c.index()].name == name;
        self.ast
            .decls
            .iter()
            .any(|d| d.kind == crate::syntax::ast::DeclKind::Variable && d.container.as_ref().is_some_and(class))
    }

    fn unify(&self, sharing: &mut Sharing, defs: &[Def], exprs: &[ExprId], names: &mut Names) {
        let statics = self.statics(defs, names);
        let link = |sharing: &mut Sharing, list: &[Root]| {
            let takes_part = |r: &&Root| (r.address || !sharing.scalar.contains(&r.var)) && !statics.contains(&r.var);
            let parts: Vec<Var> = list.iter().filter(takes_part).map(|r| r.var).collect();
            parts.windows(2).for_each(|w| sharing.union(w[0], w[1]));
        };
        for def in defs {
            if let Def::Value(v, e) | Def::Element(v, e) = def {
                let mut list = vec![Root { var: *v, address: false }];
                list.extend(self.roots(*e, names));
                if !sharing.scalar.contains(v) {
                    link(sharing, &list);
                }
            }
        }
        for e in exprs {
            match &self.ast.expr(*e).kind {
                // A store into an object makes it reach the value.
                ExprKind::Assign { targets, value: Some(value) } if !self.calls.plain_store(*value) => {
                    for t in targets {
                        if !matches!(self.ast.expr(*t).kind, ExprKind::Name(_)) {
                            let mut list = self.roots(*t, names);
                            list.extend(self.roots(*value, names));
                            link(sharing, &list);
                        }
                    }
                }
                ExprKind::Call { .. } if self.followed.contains_key(e) => {}
                ExprKind::Call { callee, args } if self.calls.may_link(*callee) => {
                    let mut list: Vec<Root> = args.iter().flat_map(|a| self.roots(*a, names)).collect();
                    if let ExprKind::Field { object, .. } = &self.ast.expr(*callee).kind {
                        list.extend(self.roots(*object, names));
                    }
                    link(sharing, &list);
                }
                _ => {}
            }
        }
        // A field by its bare name is part of `this`.
        if !self.language.types.implicit_locals {
            let this = names.intern(THIS);
            // Of another object only its own.
            let beside = names.is_part(this);
            for decl in self.ast.decls.iter().filter(|d| d.container.is_some()) {
                if decl.kind == crate::syntax::ast::DeclKind::Variable {
                    let vars = decl.names.iter().filter_map(|n| names.get(n)).filter(|v| !beside || names.is_part(*v));
                    for var in vars.collect::<Vec<_>>() {
                        sharing.union(this, var);
                    }
                }
            }
        }
    }
}
