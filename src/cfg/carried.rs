//! Functions that are handed on as values, and which one a variable holds: `apply(twice, x)`, `int (*op)(int) = twice`.
//!
//! A function is followed through parameters and locals that only ever get such values by plain assignments and by calls of
//! functions that are known by name, without regard to order. Whatever else is done with one lets it go: it may then be called by
//! anybody.

use super::joined::Finder;
use crate::syntax::ast::{ExprId, ExprKind, FunctionId, StmtKind};
use std::collections::{BTreeMap, BTreeSet};

/// A variable of a function.
type Holder<'a> = (FunctionId, &'a str);

/// Cost: linear in the program's text, times the length of the longest chain of variables.
#[derive(Default)]
pub(super) struct Carried<'a> {
    /// What each variable may hold.
    held: BTreeMap<Holder<'a>, BTreeSet<FunctionId>>,
    /// Variables that may hold something else, too.
    unknown: BTreeSet<Holder<'a>>,
    /// Functions that may be called by anybody.
    loose: BTreeSet<FunctionId>,
    /// From one variable to another.
    passed: BTreeSet<(Holder<'a>, Holder<'a>)>,
    /// Variables whose values are let go.
    let_go: BTreeSet<Holder<'a>>,
}

/// Where an expression's value goes.
#[derive(Clone, Copy)]
enum Place<'a> {
    /// It is called.
    Called,
    Into(Holder<'a>),
    Elsewhere,
}

impl<'a> Carried<'a> {
    /// What a variable may hold; nothing for other names.
    pub(super) fn held(&self, f: FunctionId, name: &'a str) -> impl Iterator<Item = FunctionId> + '_ {
        self.held.get(&(f, name)).into_iter().flatten().copied()
    }

    /// The function that a variable certainly holds.
    pub(super) fn certain(&self, f: FunctionId, name: &'a str) -> Option<FunctionId> {
        let held = self.held.get(&(f, name)).filter(|h| h.len() == 1 && !self.unknown.contains(&(f, name)))?;
        held.first().copied()
    }

    /// Whether all calls of a function by way of a value are calls of variables that are known to hold it.
    pub(super) fn is_tracked(&self, function: FunctionId) -> bool {
        !self.loose.contains(&function)
    }

    pub(super) fn new(finder: &Finder<'a>) -> Self {
        let mut out = Carried::default();
        for i in 0..finder.ast.functions.len() as u32 {
            Reader { finder, f: FunctionId(i), locals: BTreeSet::new(), out: &mut out }.function();
        }
        out.close(finder);
        out
    }

    fn close(&mut self, finder: &Finder<'a>) {
        loop {
            let before = (self.held.values().map(BTreeSet::len).sum::<usize>(), self.unknown.len(), self.loose.len());
            for (from, to) in &self.passed {
                let more = self.held.get(from).cloned().unwrap_or_default();
                self.held.entry(*to).or_default().extend(more);
                if self.unknown.contains(from) {
                    self.unknown.insert(*to);
                }
            }
            let gone = self.let_go.iter().filter_map(|v| self.held.get(v)).flatten().copied();
            self.loose.extend(gone);
            for f in &self.loose {
                let params = &finder.ast.function(*f).params;
                self.unknown.extend(params.iter().map(|p| (*f, p.name.as_str())));
            }
            if before == (self.held.values().map(BTreeSet::len).sum::<usize>(), self.unknown.len(), self.loose.len()) {
                return;
            }
        }
    }
}

struct Reader<'r, 'a> {
    finder: &'r Finder<'a>,
    f: FunctionId,
    locals: BTreeSet<&'a str>,
    out: &'r mut Carried<'a>,
}

impl<'a> Reader<'_, 'a> {
    fn function(&mut self) {
        let (finder, f) = (self.finder, self.f);
        let ast = finder.ast;
        let function = ast.function(f);
        let statements = finder.statements(f);
        self.locals.extend(function.params.iter().map(|p| p.name.as_str()));
        let mut nested = function.outer.is_some();
        for stmt in &statements {
            match &ast.stmt(*stmt).kind {
                StmtKind::Decl(d) => self.locals.extend(d.declarators.iter().map(|d| d.name.as_str())),
                StmtKind::Function(_) | StmtKind::Class { .. } => nested = true,
                _ => {}
            }
        }
        let expressions = |stmt| super::statement_expressions(ast, stmt);
        if finder.parsed.language.types.implicit_locals {
            for stmt in &statements {
                let mut stack = expressions(*stmt);
                while let Some(e) = stack.pop() {
                    if let ExprKind::Assign { targets, .. } = &ast.expr(e).kind {
                        let names: Vec<&str> = targets.iter().filter_map(|t| self.name(*t)).collect();
                        self.locals.extend(names);
                    }
                    stack.extend(ast.operands(e));
                }
            }
        }
        // Callers that nobody knows.
        let plain = |text: &str| !text.contains(['=', '*', '.']) || !finder.parsed.language.types.implicit_locals;
        for p in &function.params {
            if f == finder.entry || function.container.is_some() || !plain(finder.parsed.source.slice(p.span)) {
                self.out.unknown.insert((f, p.name.as_str()));
            }
        }
        for stmt in &statements {
            let kind = &ast.stmt(*stmt).kind;
            let mut roots = expressions(*stmt);
            if let StmtKind::Decl(d) = kind {
                for d in &d.declarators {
                    if let Some(init) = d.init {
                        roots.retain(|e| *e != init);
                        self.into(init, (f, d.name.as_str()));
                    }
                }
            }
            for name in self.locals.clone() {
                if finder.binds(kind, name) {
                    self.lose(name);
                }
            }
            roots.into_iter().for_each(|e| self.visit(e, Place::Elsewhere));
        }
        if nested {
            // What stands inside may use them at any time.
            self.locals.clone().into_iter().for_each(|name| self.lose(name));
        }
    }

    fn lose(&mut self, name: &'a str) {
        self.out.unknown.insert((self.f, name));
        self.out.let_go.insert((self.f, name));
    }

    fn name(&self, e: ExprId) -> Option<&'a str> {
        match &self.finder.ast.expr(e).kind {
            ExprKind::Name(name) => Some(name),
            _ => None,
        }
    }

    /// The function that a name means, if it is no variable.
    fn function_named(&self, name: &str) -> Option<FunctionId> {
        let [one] = self.finder.by_name.get(name)?[..] else { return None };
        (!self.locals.contains(name) && self.finder.ast.function(one).container.is_none()).then_some(one)
    }

    /// A value becomes that of a variable.
    fn into(&mut self, value: ExprId, to: Holder<'a>) {
        let inner = match &self.finder.ast.expr(value).kind {
            ExprKind::AddressOf(inner) if self.name(*inner).is_some_and(|n| !self.locals.contains(n)) => *inner,
            _ => value,
        };
        let known = self.name(inner).is_some_and(|n| self.locals.contains(n) || self.function_named(n).is_some());
        match known {
            true => self.visit(inner, Place::Into(to)),
            false => {
                self.out.unknown.insert(to);
                self.visit(value, Place::Elsewhere);
            }
        }
    }

    fn visit(&mut self, e: ExprId, place: Place<'a>) {
        let mut stack = vec![(e, place)];
        while let Some((e, place)) = stack.pop() {
            match &self.finder.ast.expr(e).kind {
                ExprKind::Name(name) if self.locals.contains(name.as_str()) => match place {
                    Place::Called => {}
                    Place::Into(to) => drop(self.out.passed.insert(((self.f, name), to))),
                    Place::Elsewhere => drop(self.out.let_go.insert((self.f, name))),
                },
                ExprKind::Name(name) => match (place, self.function_named(name)) {
                    (Place::Called, _) => {}
                    (Place::Into(to), Some(function)) => drop(self.out.held.entry(to).or_default().insert(function)),
                    _ => self.out.loose.extend(self.finder.by_name.get(name.as_str()).into_iter().flatten()),
                },
                ExprKind::Deref(inner) if matches!(place, Place::Called) => stack.push((*inner, place)),
                ExprKind::AddressOf(inner) => {
                    if let Some(name) = self.name(*inner).filter(|n| self.locals.contains(n)) {
                        self.lose(name);
                    }
                    stack.push((*inner, Place::Elsewhere));
                }
                ExprKind::Call { callee, args } => {
                    stack.push((*callee, Place::Called));
                    let target = self.name(*callee).and_then(|n| self.function_named(n));
                    let params = target.map(|t| (t, &self.finder.ast.function(t).params));
                    match params.filter(|(_, params)| params.len() == args.len()) {
                        Some((target, params)) => {
                            for (arg, p) in args.iter().zip(params) {
                                self.into(*arg, (target, p.name.as_str()));
                            }
                        }
                        None => {
                            let params =
                                params.into_iter().flat_map(|(t, list)| list.iter().map(move |p| (t, p.name.as_str())));
                            self.out.unknown.extend(params);
                            stack.extend(args.iter().map(|a| (*a, Place::Elsewhere)));
                        }
                    }
                }
                ExprKind::Assign { targets, value } => {
                    let one = match &targets[..] {
                        [one] => self.name(*one).filter(|n| self.locals.contains(n)),
                        _ => None,
                    };
                    match (one, value) {
                        (Some(name), Some(value)) => self.into(*value, (self.f, name)),
                        _ => stack.extend(targets.iter().chain(value).map(|e| (*e, Place::Elsewhere))),
                    }
                    if one.is_none() {
                        self.assigned(targets);
                    }
                }
                ExprKind::Compound { target, .. } | ExprKind::Update { target } => {
                    self.assigned(&[*target]);
                    stack.extend(self.finder.ast.operands(e).into_iter().map(|o| (o, Place::Elsewhere)));
                }
                _ => stack.extend(self.finder.ast.operands(e).into_iter().map(|o| (o, Place::Elsewhere))),
            }
        }
    }

    /// Variables that get values in another way.
    fn assigned(&mut self, targets: &[ExprId]) {
        let mut stack = targets.to_vec();
        while let Some(e) = stack.pop() {
            match &self.finder.ast.expr(e).kind {
                ExprKind::Name(name) => drop(self.out.unknown.insert((self.f, name))),
                ExprKind::Sequence(parts) => stack.extend(parts),
                ExprKind::Starred(inner) => stack.push(*inner),
                _ => {}
            }
        }
    }
}
