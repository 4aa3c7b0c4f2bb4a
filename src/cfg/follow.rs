//! Uses of functions, and which calls among them can be followed.

use super::joined::{Call, Finder, Uses};
use super::{Site, expressions};
use crate::syntax::ast::{ContainerId, ExprId, ExprKind, FunctionId, LoopKind, StmtId, StmtKind};
use std::collections::{BTreeMap, BTreeSet};

impl<'a> Finder<'a> {
    /// What a function uses, and how.
    pub(super) fn uses(&self, f: FunctionId) -> Uses {
        let mut out = Uses::default();
        let mut hidden: BTreeSet<&str> = self.ast.function(f).params.iter().map(|p| p.name.as_str()).collect();
        let statements = self.statements(f);
        for stmt in &statements {
            if let StmtKind::Decl(d) = &self.ast.stmt(*stmt).kind {
                hidden.extend(d.declarators.iter().map(|d| d.name.as_str()));
            }
        }
        let crossing = self.crossing(f);
        for stmt in &statements {
            if let StmtKind::Function(inner) = &self.ast.stmt(*stmt).kind {
                // What a nested function mentions it may do at any time.
                let mut stack = vec![*inner];
                while let Some(inner) = stack.pop() {
                    for s in self.statements(inner) {
                        let exprs = super::statement_expressions(self.ast, s);
                        self.other_mentions(f, &exprs, &BTreeSet::new(), &mut out);
                        stack.extend(match &self.ast.stmt(s).kind {
                            StmtKind::Function(deeper) => Some(*deeper),
                            _ => None,
                        });
                    }
                }
            }
            for site in super::sites_of(self.ast, *stmt) {
                let exprs = expressions(self.ast, site);
                let followed = self.followed(f, site, &exprs, &hidden, crossing.contains(stmt));
                let calls: BTreeSet<ExprId> = followed.iter().map(|c| c.0).collect();
                exprs.iter().for_each(|e| self.offsets(f, *e, &mut out.offsets));
                self.other_mentions(f, &exprs, &calls, &mut out);
                out.calls.extend(followed);
            }
        }
        out
    }

    /// Calls that yield a number which is added to a pointer.
    fn offsets(&self, f: FunctionId, e: ExprId, out: &mut BTreeSet<ExprId>) {
        let mut stack = vec![e];
        while let Some(e) = stack.pop() {
            let operands = self.ast.operands(e);
            if let ExprKind::Operator { .. } = &self.ast.expr(e).kind
                && operands.iter().any(|o| self.is_pointer(f, *o))
            {
                out.extend(operands.iter().copied().filter(|o| self.yields_number(*o)));
            }
            stack.extend(operands);
        }
    }

    fn is_pointer(&self, f: FunctionId, e: ExprId) -> bool {
        match &self.ast.expr(e).kind {
            ExprKind::Cast { pointer, .. } => *pointer,
            ExprKind::AddressOf(_) => true,
            ExprKind::Name(name) => self.ast.function(f).params.iter().any(|p| p.name == *name && p.ty.pointers > 0),
            _ => false,
        }
    }

    /// Whether an expression is a call of a function that returns a plain number.
    fn yields_number(&self, e: ExprId) -> bool {
        let ExprKind::Call { callee, .. } = &self.ast.expr(e).kind else { return false };
        let ExprKind::Name(name) = &self.ast.expr(*callee).kind else { return false };
        let number = |f: &FunctionId| {
            let ty = &self.ast.function(*f).returns;
            ty.scalar && ty.pointers == 0 && ty.arrays == 0
        };
        self.by_name.get(name.as_str()).is_some_and(|all| all.iter().all(number))
    }

    /// Statements in a `try` or a `with`: what leaves a callee by raising would go on there, which a slice can't say.
    fn crossing(&self, f: FunctionId) -> BTreeSet<StmtId> {
        let mut out = BTreeSet::new();
        let mut stack: Vec<(StmtId, bool)> = self.ast.function(f).body.stmts.iter().map(|s| (*s, false)).collect();
        while let Some((id, mut inside)) = stack.pop() {
            if inside {
                out.insert(id);
            }
            inside |= matches!(self.ast.stmt(id).kind, StmtKind::Try(_) | StmtKind::With(_));
            stack.extend(self.ast.children(id).into_iter().map(|c| (c, inside)));
        }
        out
    }

    /// Functions that are named in expressions of `f`, other than by the calls that are followed.
    fn other_mentions(&self, f: FunctionId, exprs: &[ExprId], calls: &BTreeSet<ExprId>, out: &mut Uses) {
        let entry = self.ast.function(self.entry);
        let mut stack: Vec<ExprId> = exprs.to_vec();
        // How many arguments the calls of an expression pass.
        let mut given: BTreeMap<ExprId, usize> = BTreeMap::new();
        while let Some(e) = stack.pop() {
            let mut operands = self.ast.operands(e);
            if let ExprKind::Call { callee, args } = &self.ast.expr(e).kind {
                given.insert(*callee, args.len());
                let variable = self.variable(*callee).filter(|_| !calls.contains(&e));
                out.otherwise.extend(variable.into_iter().flat_map(|v| self.carried.held(f, v)));
            }
            match &self.ast.expr(e).kind {
                ExprKind::Call { callee, .. } if calls.contains(&e) => {
                    let receiver = match &self.ast.expr(*callee).kind {
                        ExprKind::Field { object, .. } => vec![*object],
                        _ => vec![],
                    };
                    operands.splice(0..1, receiver);
                }
                ExprKind::New { .. } if !calls.contains(&e) => {
                    out.otherwise.extend(self.makes(e).and_then(|c| self.maker(c)));
                }
                ExprKind::Name(name) | ExprKind::Field { name, .. } => {
                    out.otherwise.extend(self.class(name).and_then(|c| self.maker(c)));
                    let meant = |target: &FunctionId| !self.is_of_another_class(f, *target, e, given.get(&e).copied());
                    out.entry |= *name == entry.name && meant(&self.entry);
                    // A function that is only handed on to those who are known to call it.
                    let carried = |t: &FunctionId| !given.contains_key(&e) && self.carried.is_tracked(*t);
                    let targets =
                        self.by_name.get(name.as_str()).into_iter().flatten().copied().filter(|t| !carried(t));
                    out.otherwise.extend(targets.filter(|t| *t == self.entry || meant(t)));
                }
                _ => {}
            }
            stack.extend(operands);
        }
    }

    /// The calls of a site that can be followed, in the order in which they are made; none if their order is not certain, or
    /// something beside them has effects.
    fn followed(
        &self,
        caller: FunctionId,
        site: Site,
        exprs: &[ExprId],
        hidden: &BTreeSet<&str>,
        crossing: bool,
    ) -> Vec<(ExprId, Call)> {
        let mut calls = Vec::new();
        let kind = site.stmt().map(|s| &self.ast.stmt(s).kind);
        // A condition can be written without its branch, should no side lead on; a subject or what is iterated over can't.
        let allowed = match site {
            Site::Stmt(_) | Site::Declarator(..) => {
                !matches!(kind, Some(StmtKind::Assert { .. } | StmtKind::Assume { .. }))
            }
            Site::Cond(_) => match kind {
                Some(StmtKind::If(_)) => true,
                Some(StmtKind::Loop(l)) => l.kind != LoopKind::ForEach,
                _ => false,
            },
            _ => false,
        };
        if !allowed || crossing {
            return vec![];
        }
        for e in exprs {
            self.certain(*e, caller, site, hidden, &mut calls);
        }
        let unordered = self.parsed.language.types.unordered_operands;
        let nested = |outer: ExprId, inner: ExprId| self.below(outer).contains(&inner);
        let chain = calls.windows(2).all(|w: &[(ExprId, Call)]| nested(w[1].0, w[0].0));
        let quiet = exprs.iter().all(|e| self.quiet(*e, true, &calls));
        if (unordered && !chain) || !quiet {
            return vec![];
        }
        calls
    }

    pub(super) fn below(&self, e: ExprId) -> BTreeSet<ExprId> {
        let mut out = BTreeSet::new();
        let mut stack = self.ast.operands(e);
        while let Some(e) = stack.pop() {
            out.insert(e);
            stack.extend(self.ast.operands(e));
        }
        out
    }

    /// Collects the calls that are certainly made, inner ones first.
    fn certain(
        &self,
        e: ExprId,
        caller: FunctionId,
        site: Site,
        hidden: &BTreeSet<&str>,
        out: &mut Vec<(ExprId, Call)>,
    ) {
        let mut go = |e: ExprId| self.certain(e, caller, site, hidden, out);
        match &self.ast.expr(e).kind {
            ExprKind::Logical { left, .. } => go(*left),
            ExprKind::Conditional { cond, .. } => go(*cond),
            ExprKind::Comprehension { .. }
            | ExprKind::Lambda { .. }
            | ExprKind::Suspend(_)
            | ExprKind::Delete(_)
            | ExprKind::Other(_) => {}
            ExprKind::New { extra, .. } if !extra.is_empty() => {}
            ExprKind::Call { .. } | ExprKind::New { .. } => {
                self.ast.operands(e).into_iter().for_each(&mut go);
                out.extend(self.call(e, caller, site, hidden).map(|c| (e, c)));
            }
            // `a < f() < b` may stop early.
            ExprKind::Operator { .. } if self.parsed.language.types.chained_comparisons => {
                self.ast.operands(e).into_iter().take(2).for_each(go);
            }
            _ => self.ast.operands(e).into_iter().for_each(go),
        }
    }

    /// The call if its target is certain and its arguments are those that the function names.
    fn call(&self, e: ExprId, caller: FunctionId, site: Site, hidden: &BTreeSet<&str>) -> Option<Call> {
        if let Some(call) = self.making(e, caller, site, hidden) {
            return Some(call);
        }
        let ExprKind::Call { callee, args } = &self.ast.expr(e).kind else { return None };
        if let Some(target) = self.variable(*callee).and_then(|v| self.carried.certain(caller, v)) {
            let fits =
                args.len() == self.ast.function(target).params.len() && args.iter().all(|a| self.by_position(*a));
            return fits.then(|| Call { through: Some(*callee), ..Call::plain(target, caller, site, args) });
        }
        let (name, object) = match &self.ast.expr(*callee).kind {
            ExprKind::Name(name) if !hidden.contains(name.as_str()) => (name, None),
            ExprKind::Field { object, name, .. } => (name, Some(*object)),
            _ => return None,
        };
        let [target] = self.by_name.get(name.as_str())?[..] else { return None };
        let f = self.ast.function(target);
        if !args.iter().all(|a| self.by_position(*a)) {
            return None;
        }
        let class = f.container.map(|c| self.ast.containers[c.index()].name.as_str());
        let said = object.map(|o| match &self.ast.expr(o).kind {
            ExprKind::Name(n) => n.as_str(),
            _ => "",
        });
        if class.is_some_and(|c| self.may_be_replaced(c, name)) {
            return None;
        }
        let own = |n: &str| self.is_receiver(n);
        let makes = |c: ContainerId| f.container == Some(c);
        let mut of = None;
        let receiver = match (class, said) {
            (None, None) => None,
            // An unqualified call of a method, where the language has those.
            (Some(_), None) if !self.parsed.language.types.implicit_locals => None,
            (Some(_), Some(n)) if own(n) => object.filter(|_| f.params.len() == args.len() + 1),
            (Some(c), Some(n)) if n == c && !hidden.contains(n) => None,
            // A member of a module that stands in this text.
            (None, Some(n)) if self.parsed.source.is_module(n) && !hidden.contains(n) => None,
            // An object whose class is certain. It is the first parameter, or what a word of the language stands for there.
            (Some(_), Some(_)) if object.is_some_and(|o| self.class_of(caller, o).is_some_and(makes)) => {
                let first = f.params.first().is_some_and(|p| own(&p.name));
                match first {
                    true => object.filter(|_| f.params.len() == args.len() + 1),
                    false => {
                        of = object.filter(|_| !self.parsed.language.types.implicit_locals);
                        None
                    }
                }
            }
            _ => return None,
        };
        let given = args.len() + usize::from(receiver.is_some());
        (given == f.params.len()).then(|| Call { receiver, of, ..Call::plain(target, caller, site, args) })
    }

    /// The name by which something is called: `f`, `(*f)`.
    fn variable(&self, callee: ExprId) -> Option<&'a str> {
        match &self.ast.expr(callee).kind {
            ExprKind::Name(name) => Some(name),
            ExprKind::Deref(inner) => match &self.ast.expr(*inner).kind {
                ExprKind::Name(name) => Some(name),
                _ => None,
            },
            _ => None,
        }
    }

    /// The call that makes an object, if it is certain what is run for that.
    fn making(&self, e: ExprId, caller: FunctionId, site: Site, hidden: &BTreeSet<&str>) -> Option<Call> {
        let args = match &self.ast.expr(e).kind {
            ExprKind::New { args, .. } => args,
            ExprKind::Call { callee, args } => match &self.ast.expr(*callee).kind {
                ExprKind::Name(name) if !hidden.contains(name.as_str()) => args,
                ExprKind::Field { .. } => args,
                _ => return None,
            },
            _ => return None,
        };
        let callee = self.maker(self.makes(e)?)?;
        let params = &self.ast.function(callee).params;
        let own = usize::from(params.first().is_some_and(|p| self.is_receiver(&p.name)));
        let fits = args.len() + own == params.len() && args.iter().all(|a| self.by_position(*a));
        fits.then(|| Call { makes: true, ..Call::plain(callee, caller, site, args) })
    }

    fn by_position(&self, arg: ExprId) -> bool {
        let other = matches!(self.ast.expr(arg).kind, ExprKind::Starred(_) | ExprKind::Assign { .. });
        !other && !self.named_argument(arg)
    }

    /// `f(a=1)`: the argument's own text is preceded by its name.
    fn named_argument(&self, arg: ExprId) -> bool {
        let start = self.ast.expr(arg).span.start as usize;
        let before = self.parsed.source.text[..start].trim_end();
        before.ends_with('=')
    }

    /// Whether nothing in an expression but the calls in it, and what is done with their results, has an effect.
    fn quiet(&self, e: ExprId, root: bool, calls: &[(ExprId, Call)]) -> bool {
        let all = |list: Vec<ExprId>| list.into_iter().all(|o| self.quiet(o, false, calls));
        match &self.ast.expr(e).kind {
            ExprKind::New { args, .. } if calls.iter().any(|c| c.0 == e) => all(args.clone()),
            ExprKind::Assign { .. } | ExprKind::Compound { .. } if root => all(self.ast.operands(e)),
            ExprKind::Assign { .. }
            | ExprKind::Compound { .. }
            | ExprKind::Update { .. }
            | ExprKind::Delete(_)
            | ExprKind::New { .. }
            | ExprKind::Suspend(_) => calls.is_empty() || root,
            ExprKind::Call { callee, args } => {
                let below = self.below(e);
                let followed = calls.iter().any(|c| c.0 == e);
                let around = calls.iter().any(|c| below.contains(&c.0))
                    && calls.iter().all(|c| c.0 == e || below.contains(&c.0));
                let name = match &self.ast.expr(*callee).kind {
                    ExprKind::Name(n) | ExprKind::Field { name: n, .. } => n.as_str(),
                    _ => "",
                };
                let table = &self.parsed.language.calls;
                let pure =
                    !self.by_name.contains_key(name) && (table.pure.contains(name) || table.scalar.contains(name));
                (calls.is_empty() || followed || around || pure) && all(args.clone())
            }
            _ => all(self.ast.operands(e)),
        }
    }
}
