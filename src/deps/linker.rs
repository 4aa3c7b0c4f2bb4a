//! Callees that are built into a graph: whose names are whose, and what a call and a return carry over.

use super::effects::{Effects, Walker, got};
use super::sharing::{Collector, Root, Sharing, all_statements};
use super::summary::Calls;
use super::{Names, RESULT, Scope, THIS, Var};
use crate::cfg::joined::bound;
use crate::cfg::{Cfg, Site, expressions};
use crate::syntax::Parsed;
use crate::syntax::ast::{ContextDecl, DeclKind, ExprId, FunctionId, StmtKind};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

pub struct Linker<'a> {
    parsed: &'a Parsed,
    cfg: &'a Cfg,
    calls: &'a Calls<'a>,
    /// The names that are each joined function's own.
    scopes: HashMap<FunctionId, Scope>,
    /// Results of calls that are followed.
    results: HashSet<Var>,
}

/// What a function returns, as a variable. Not a name in any language.
pub fn returned(function: FunctionId) -> String {
    format!("<returned by {}>", function.0)
}

impl<'a> Linker<'a> {
    pub fn new(parsed: &'a Parsed, entry: FunctionId, cfg: &'a Cfg, calls: &'a Calls<'a>, names: &mut Names) -> Self {
        // Of a class beside the entry's: there the object has a word, and its fields have their bare names.
        let entry = parsed.ast.function(entry).span;
        let fields = |f: FunctionId| {
            let class = parsed.ast.function(f).container?;
            let bare =
                !parsed.language.types.implicit_locals && !parsed.ast.containers[class.index()].span.contains(entry);
            let field = |d: &&ContextDecl| d.kind == DeclKind::Variable && d.container == Some(class) && !d.unbound;
            let names = parsed.ast.decls.iter().filter(field).flat_map(|d| d.names.iter().cloned());
            bare.then(|| (class.0, Arc::new(names.chain([THIS.to_owned()]).collect())))
        };
        let scope = |f: &FunctionId| {
            let stmts = all_statements(&parsed.ast, &parsed.ast.function(*f).body.stmts);
            (*f, Scope { number: f.0, own: Arc::new(calls.own_names(*f, &stmts)), object: fields(*f) })
        };
        let scopes = cfg.joined.functions.iter().map(scope).collect();
        // In order, so that variables are numbered the same each time.
        let calls_in_order: BTreeSet<ExprId> = cfg.joined.calls.keys().copied().collect();
        let results = calls_in_order.into_iter().map(|e| names.intern(&got(e))).collect();
        Linker { parsed, cfg, calls, scopes, results }
    }

    /// The names that are a function's own, if it is joined.
    pub fn scope(&self, function: FunctionId) -> Option<Scope> {
        self.scopes.get(&function).cloned()
    }

    /// The joined function that a site belongs to, and what a return there writes.
    pub fn place(&self, site: Site, names: &mut Names) -> (Option<FunctionId>, Option<Var>) {
        let joined = &self.cfg.joined;
        let function = match site {
            Site::Args(call) | Site::Got(call) => {
                Some(joined.calls[&call].caller).filter(|f| joined.functions.contains(f))
            }
            _ => site.stmt().and_then(|s| joined.function_of(s)),
        };
        (function, function.map(|f| names.intern(&returned(f))))
    }

    /// Arguments are evaluated, with everything else that the site reads before the call, and become the parameters.
    pub fn arguments(&self, call: ExprId, walker: &mut Walker) -> Effects {
        let ast = &self.parsed.ast;
        let described = &self.cfg.joined.calls[&call];
        let mut out = Effects::default();
        for e in expressions(ast, Site::Args(call)) {
            walker.expr(e, true, &mut out);
        }
        described.through.iter().for_each(|e| walker.expr(*e, true, &mut out));
        let around = walker.site(described.site);
        let here = |v: &&Var| !self.results.contains(v);
        out.reads.extend(around.reads.iter().filter(here));
        out.looks.extend(around.looks.iter().filter(here));
        let mut made = Effects::default();
        for e in expressions(ast, Site::Args(call)) {
            walker.look(e, true, &mut made);
        }
        described.through.iter().for_each(|e| walker.expr(*e, true, &mut made));
        made.reads.extend(around.reads.iter().filter(here));
        made.looks.extend(around.looks.iter().filter(here));
        let callee = self.scope(described.callee);
        for (name, arg) in bound(ast.function(described.callee), described) {
            let caller = walker.names.enter(callee.clone());
            let var = walker.names.intern(name);
            walker.names.enter(caller);
            let mut own = [Effects::default(), Effects::default()];
            walker.expr(arg, true, &mut own[0]);
            walker.look(arg, true, &mut own[1]);
            out.strong.insert(var);
            out.arguments.push((var, own));
            if walker.sharing.is_pointer(var) {
                out.made.push((var, made.clone()));
            }
        }
        walker.names.enter(None);
        out
    }

    /// The call has returned.
    pub fn got(&self, call: ExprId, names: &mut Names, sharing: &Sharing) -> Effects {
        let from = self.handed_back(call, names);
        let to = names.intern(&got(call));
        let mut out = Effects { reads: [from].into(), strong: [to].into(), ..Effects::default() };
        if sharing.is_pointer(to) {
            out.made.push((to, Effects { looks: [from].into(), ..Effects::default() }));
        }
        out
    }

    /// What a call yields: what the callee returns, or the object that it has made.
    fn handed_back(&self, call: ExprId, names: &mut Names) -> Var {
        let described = &self.cfg.joined.calls[&call];
        if !described.makes {
            return names.intern(&returned(described.callee));
        }
        let callee = self.parsed.ast.function(described.callee);
        let own = callee.params.len() > described.args.len();
        let caller = names.enter(self.scope(described.callee));
        let made = names.intern(callee.params.first().filter(|_| own).map_or(THIS, |p| p.name.as_str()));
        names.enter(caller);
        made
    }

    /// What may share an object in the function and all that are built into it.
    pub fn sharing(&self, entry: FunctionId, names: &mut Names) -> Sharing {
        let ast = &self.parsed.ast;
        let joined = &self.cfg.joined;
        let collector = Collector { ast, language: self.parsed.language, calls: self.calls, followed: &joined.calls };
        let mut first = collector.collect(ast.function(entry), names);
        let pointer = |f: FunctionId| {
            let ty = &ast.function(f).returns;
            ty.pointers > 0 && ty.arrays == 0
        };
        if pointer(entry) {
            first.mark_pointer(names.intern(RESULT));
        }
        if joined.functions.is_empty() {
            return first;
        }
        let mut all = vec![first];
        for f in &joined.functions {
            names.enter(self.scope(*f));
            all.push(collector.collect(ast.function(*f), names));
            names.enter(None);
            names.intern(&returned(*f));
        }
        let mut out = Sharing::merged(all, names);
        let mut calls: Vec<_> = joined.calls.iter().collect();
        calls.sort_by_key(|(e, _)| **e);
        for f in &joined.functions {
            let function = ast.function(*f);
            let plain = |t: &crate::syntax::ast::TypeInfo| t.scalar && t.pointers == 0 && t.arrays == 0;
            let value = names.intern(&returned(*f));
            let mut roots = vec![Root { var: value, address: false }];
            names.enter(self.scope(*f));
            for stmt in all_statements(ast, &function.body.stmts) {
                if let StmtKind::Return { value: Some(e) } = ast.stmt(stmt).kind {
                    roots.extend(collector.roots(e, names));
                }
            }
            names.enter(None);
            let results: Vec<Var> =
                calls.iter().filter(|c| c.1.callee == *f).map(|c| names.intern(&got(*c.0))).collect();
            if plain(&function.returns) {
                out.mark_scalar(value);
                results.into_iter().for_each(|v| out.mark_scalar(v));
            } else {
                if pointer(*f) {
                    results.iter().chain([&value]).for_each(|v| out.mark_pointer(*v));
                }
                roots.extend(results.into_iter().map(|var| Root { var, address: false }));
                out.tie(&roots);
            }
        }
        for (e, call) in calls {
            if call.makes {
                let made = self.handed_back(*e, names);
                out.tie(&[made, names.intern(&got(*e))].map(|var| Root { var, address: false }));
            }
            if let Some(object) = call.of {
                names.enter(self.scope(call.caller));
                let mut roots = collector.roots(object, names);
                names.enter(self.scope(call.callee));
                roots.push(Root { var: names.intern(THIS), address: false });
                out.tie(&roots);
                names.enter(None);
            }
            for (name, arg) in bound(ast.function(call.callee), call) {
                names.enter(self.scope(call.caller));
                let mut roots = collector.roots(arg, names);
                names.enter(self.scope(call.callee));
                roots.push(Root { var: names.intern(name), address: false });
                out.tie(&roots);
            }
            names.enter(None);
        }
        out.close();
        out
    }
}
