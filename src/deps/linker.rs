//! Callees that are built into a graph: whose names are whose, and what a call and a return carry over.

use super::effects::{Effects, Walker, got};
use super::sharing::{Collector, Root, Sharing, all_statements};
use super::summary::Calls;
use super::{Names, Scope, Var};
use crate::cfg::joined::bound;
use crate::cfg::{Cfg, Site, expressions};
use crate::syntax::Parsed;
use crate::syntax::ast::{ExprId, FunctionId, StmtKind};
use std::collections::HashSet;

pub struct Linker<'a> {
    pub parsed: &'a Parsed,
    pub cfg: &'a Cfg,
    pub calls: &'a Calls<'a>,
}

/// What a function returns, as a variable. Not a name in any language.
fn returned(function: FunctionId) -> String {
    format!("<returned by {}>", function.0)
}

impl Linker<'_> {
    /// The names that are a function's own.
    pub fn scope(&self, function: FunctionId) -> Scope {
        let stmts = all_statements(&self.parsed.ast, &self.parsed.ast.function(function).body.stmts);
        Scope { number: function.0, own: self.calls.own_names(function, &stmts) }
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
        let around = walker.site(described.site);
        let results: HashSet<Var> = self.cfg.joined.calls.keys().map(|e| walker.names.intern(&got(*e))).collect();
        out.reads.extend(around.reads.iter().filter(|v| !results.contains(v)));
        walker.names.enter(Some(self.scope(described.callee)));
        for (name, _) in bound(ast.function(described.callee), described) {
            let var = walker.names.intern(name);
            out.strong.insert(var);
        }
        walker.names.enter(None);
        out
    }

    /// The call has returned.
    pub fn got(&self, call: ExprId, names: &mut Names) -> Effects {
        let from = names.intern(&returned(self.cfg.joined.calls[&call].callee));
        let to = names.intern(&got(call));
        Effects { reads: [from].into(), strong: [to].into(), ..Effects::default() }
    }

    /// What may share an object in the function and all that are built into it.
    pub fn sharing(&self, entry: FunctionId, names: &mut Names) -> Sharing {
        let ast = &self.parsed.ast;
        let joined = &self.cfg.joined;
        let collector = Collector { ast, language: self.parsed.language, calls: self.calls, followed: &joined.calls };
        let first = collector.collect(ast.function(entry), names);
        if joined.functions.is_empty() {
            return first;
        }
        let mut all = vec![first];
        for f in &joined.functions {
            names.enter(Some(self.scope(*f)));
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
            names.enter(Some(self.scope(*f)));
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
                roots.extend(results.into_iter().map(|var| Root { var, address: false }));
                out.tie(&roots);
            }
        }
        for (_, call) in calls {
            let scope = |f: FunctionId| joined.functions.contains(&f).then(|| self.scope(f));
            for (name, arg) in bound(ast.function(call.callee), call) {
                names.enter(scope(call.caller));
                let mut roots = collector.roots(arg, names);
                names.enter(scope(call.callee));
                roots.push(Root { var: names.intern(name), address: false });
                out.tie(&roots);
            }
            names.enter(None);
        }
        out.close();
        out
    }
}
