//! Which callees join the graph: their bodies are built in once for each call, so that paths match calls and returns.
//!
//! A function joins only if each of its uses is a call that can be followed: evaluated exactly once where its statement is, with
//! nothing beside it in the statement that the order of evaluation could matter for, and with a target that is certain. It is
//! then shown cut to what a class needs, which no other use of it may notice. Every other function stays as it is, and what
//! calling it may do is taken from its summary.

use super::{Site, expressions};
use crate::spec::Triple;
use crate::syntax::Parsed;
use crate::syntax::ast::{
    Ast, ContainerId, DeclKind, ExprId, ExprKind, Function, FunctionId, LoopKind, StmtId, StmtKind,
};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// How far calls are followed.
pub const CALL_DEPTH: usize = 8;
/// Statements that all copies together may have.
const MAX_STATEMENTS: usize = 20_000;
/// How deep their statements may be nested: copies are built one inside the other.
const MAX_NESTING: usize = 40;

/// A call that is followed.
#[derive(Debug, Clone)]
pub struct Call {
    pub callee: FunctionId,
    /// The function it stands in.
    pub caller: FunctionId,
    /// The site that evaluates it.
    pub site: Site,
    /// What it is called on, where that is a parameter of the callee.
    pub receiver: Option<ExprId>,
    pub args: Vec<ExprId>,
}

#[derive(Debug, Default)]
pub struct Joined {
    pub functions: BTreeSet<FunctionId>,
    pub calls: HashMap<ExprId, Call>,
    /// Calls of each site that has some, in the order in which they are made.
    pub at: HashMap<Site, Vec<ExprId>>,
    /// The function that a statement of the graph stands in.
    pub owner: HashMap<StmtId, FunctionId>,
}

impl Joined {
    /// Nothing is followed.
    pub fn none() -> Self {
        Joined::default()
    }

    /// The callees of `triple.entry` that can be joined, at most `depth` calls away. Cost: linear in the functions it may call.
    pub fn new(parsed: &Parsed, triple: &Triple, depth: usize) -> Self {
        let finder = Finder { parsed, ast: &parsed.ast, entry: triple.entry, by_name: by_name(&parsed.ast) };
        finder.joined(depth)
    }

    /// Whether a statement stands in a function that is joined.
    pub fn function_of(&self, stmt: StmtId) -> Option<FunctionId> {
        self.owner.get(&stmt).copied().filter(|f| self.functions.contains(f))
    }
}

fn by_name(ast: &Ast) -> BTreeMap<&str, Vec<FunctionId>> {
    let mut out: BTreeMap<&str, Vec<FunctionId>> = BTreeMap::new();
    for (i, f) in ast.functions.iter().enumerate() {
        out.entry(&f.name).or_default().push(FunctionId(i as u32));
    }
    out
}

struct Finder<'a> {
    parsed: &'a Parsed,
    ast: &'a Ast,
    entry: FunctionId,
    by_name: BTreeMap<&'a str, Vec<FunctionId>>,
}

/// What one function uses.
#[derive(Default)]
struct Uses {
    /// Calls that can be followed, by site in order.
    calls: Vec<(ExprId, Call)>,
    /// Functions that are used in another way too.
    otherwise: BTreeSet<FunctionId>,
}

impl<'a> Finder<'a> {
    fn joined(&self, depth: usize) -> Joined {
        let mut uses: BTreeMap<FunctionId, Uses> = BTreeMap::new();
        let mut stack = vec![self.entry];
        while let Some(f) = stack.pop() {
            uses.entry(f).or_insert_with(|| {
                let found = self.uses(f);
                stack.extend(found.calls.iter().map(|c| c.1.callee).chain(found.otherwise.iter().copied()));
                found
            });
        }
        let named = self.named_elsewhere();
        let fits = |f: &FunctionId| self.fits(*f) && !named.contains(self.ast.function(*f).name.as_str());
        let mut out: BTreeSet<FunctionId> = uses.keys().copied().filter(fits).collect();
        loop {
            let before = out.len();
            let followed = |f: FunctionId| f == self.entry || out.contains(&f);
            let mut barred: BTreeSet<FunctionId> = BTreeSet::new();
            for (f, used) in &uses {
                barred.extend(&used.otherwise);
                if !followed(*f) {
                    barred.extend(used.calls.iter().map(|c| c.1.callee));
                }
            }
            out.retain(|f| !barred.contains(f));
            let levels = self.levels(&uses, &out);
            out.retain(|f| levels.get(f).is_some_and(|level| *level <= depth));
            if out.len() == before && !self.shrink(&uses, &mut out) {
                break;
            }
        }
        self.collected(&uses, out)
    }

    /// Names in macros, globals, fields and types: whoever uses those may call a function of that name.
    fn named_elsewhere(&self) -> BTreeSet<&'a str> {
        let kinds = [DeclKind::Macro, DeclKind::Variable];
        let decls = self
            .ast
            .decls
            .iter()
            .filter(|d| kinds.contains(&d.kind) || (d.kind == DeclKind::Type && d.container.is_none()));
        let around = |d: &&crate::syntax::ast::ContextDecl| !d.span.contains(self.ast.function(self.entry).span);
        decls.filter(around).flat_map(|d| &d.uses).map(String::as_str).collect()
    }

    /// The longest chain of calls that leads to each function; nothing for those that are on a cycle or behind one.
    fn levels(&self, uses: &BTreeMap<FunctionId, Uses>, joined: &BTreeSet<FunctionId>) -> BTreeMap<FunctionId, usize> {
        let callees = |f: &FunctionId| -> Vec<FunctionId> {
            let all = uses.get(f).map_or(&[][..], |u| &u.calls[..]).iter().map(|c| c.1.callee);
            all.filter(|c| joined.contains(c)).collect()
        };
        let mut incoming: BTreeMap<FunctionId, usize> = BTreeMap::new();
        for f in joined.iter().chain([&self.entry]) {
            callees(f).into_iter().for_each(|c| *incoming.entry(c).or_default() += 1);
        }
        let mut level = BTreeMap::from([(self.entry, 0)]);
        let mut ready: Vec<FunctionId> = joined.iter().chain([&self.entry]).copied().collect();
        ready.retain(|f| !incoming.contains_key(f));
        let mut done = BTreeMap::new();
        while let Some(f) = ready.pop() {
            let own = level.get(&f).copied();
            if let Some(own) = own {
                done.insert(f, own);
            }
            for callee in callees(&f) {
                if let Some(own) = own {
                    let at = level.entry(callee).or_insert(0);
                    *at = (*at).max(own + 1);
                }
                let open = incoming.entry(callee).or_insert(1);
                *open -= 1;
                if *open == 0 {
                    ready.push(callee);
                }
            }
        }
        done
    }

    /// Takes out a function if the copies are too many: the one that is farthest away.
    fn shrink(&self, uses: &BTreeMap<FunctionId, Uses>, joined: &mut BTreeSet<FunctionId>) -> bool {
        let levels = self.levels(uses, joined);
        let mut order: Vec<FunctionId> = levels.keys().copied().collect();
        order.sort_by_key(|f| levels[f]);
        let mut copies: BTreeMap<FunctionId, usize> = BTreeMap::from([(self.entry, 1)]);
        let mut total = 0usize;
        for f in &order {
            let count = copies.get(f).copied().unwrap_or(0);
            total = total.saturating_add(count.saturating_mul(self.statements(*f).len() + 1));
            for (_, call) in &uses[f].calls {
                let more = copies.entry(call.callee).or_default();
                *more = more.saturating_add(count);
            }
        }
        let last = order.last().copied().filter(|f| total > MAX_STATEMENTS && *f != self.entry);
        last.is_some_and(|f| joined.remove(&f))
    }

    fn collected(&self, uses: &BTreeMap<FunctionId, Uses>, functions: BTreeSet<FunctionId>) -> Joined {
        let mut out = Joined { functions, ..Joined::default() };
        for f in out.functions.iter().chain([&self.entry]) {
            for stmt in self.statements(*f) {
                out.owner.insert(stmt, *f);
            }
            for (e, call) in &uses[f].calls {
                if out.functions.contains(&call.callee) {
                    out.at.entry(call.site).or_default().push(*e);
                    out.calls.insert(*e, call.clone());
                }
            }
        }
        out
    }

    /// How deep a function's statements are nested.
    fn nesting(&self, f: FunctionId) -> usize {
        let mut deepest = 0;
        let mut stack: Vec<(StmtId, usize)> = self.ast.function(f).body.stmts.iter().map(|s| (*s, 1)).collect();
        while let Some((id, depth)) = stack.pop() {
            deepest = deepest.max(depth);
            stack.extend(self.ast.children(id).into_iter().map(|c| (c, depth + 1)));
        }
        deepest
    }

    /// Statements of a function, those of functions inside it excepted.
    fn statements(&self, f: FunctionId) -> Vec<StmtId> {
        let mut out = Vec::new();
        let mut stack: Vec<StmtId> = self.ast.function(f).body.stmts.iter().rev().copied().collect();
        while let Some(id) = stack.pop() {
            out.push(id);
            stack.extend(self.ast.children(id).into_iter().rev());
        }
        out
    }

    /// Whether a function can be built into its callers at all.
    fn fits(&self, id: FunctionId) -> bool {
        let f = self.ast.function(id);
        let plain = |p: &crate::syntax::ast::Param| {
            let text = self.parsed.source.slice(p.span);
            !p.name.is_empty() && !text.contains("...") && !text.starts_with('*')
        };
        let special = &self.parsed.language.types;
        let class = f.container.map(|c| self.ast.containers[c.index()].name.as_str());
        id != self.entry
            && f.outer.is_none()
            && !f.noreturn
            && !f.head.is_empty()
            && self.by_name[f.name.as_str()].len() == 1
            && f.params.iter().all(plain)
            && class.is_none_or(|c| c != f.name && self.around_entry(f.container))
            && !special.constructors.contains(&f.name)
            && !special.operator_methods.contains(&f.name)
            && !special.manager_methods.contains(&f.name)
            && self.nesting(id) <= MAX_NESTING
            && !self.statements(id).iter().any(|s| self.odd(*s))
    }

    /// Classes around the entry are written part by part; others only as a whole.
    fn around_entry(&self, container: Option<ContainerId>) -> bool {
        let mut at = self.ast.function(self.entry).container;
        while let Some(c) = at {
            if Some(c) == container {
                return true;
            }
            at = self.ast.containers[c.index()].parent;
        }
        false
    }

    /// What a joined body may not hold: functions and classes of its own, suspension.
    fn odd(&self, stmt: StmtId) -> bool {
        let kind = &self.ast.stmt(stmt).kind;
        if matches!(kind, StmtKind::Function(_) | StmtKind::Class { .. }) {
            return true;
        }
        let mut stack = super::statement_expressions(self.ast, stmt);
        while let Some(e) = stack.pop() {
            if matches!(self.ast.expr(e).kind, ExprKind::Suspend(_)) {
                return true;
            }
            stack.extend(self.ast.operands(e));
        }
        false
    }

    fn uses(&self, f: FunctionId) -> Uses {
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
                self.other_mentions(f, &exprs, &calls, &mut out);
                out.calls.extend(followed);
            }
        }
        out
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

    /// Functions that are named in expressions of `f`, other than by the calls that are followed. A function's own name as a
    /// macro's argument is text: `GetReq(XIQueryDevice, req)` makes other names of it.
    fn other_mentions(&self, f: FunctionId, exprs: &[ExprId], calls: &BTreeSet<ExprId>, out: &mut Uses) {
        let own = self.ast.function(f).name.as_str();
        let mut stack: Vec<ExprId> = exprs.to_vec();
        while let Some(e) = stack.pop() {
            let mut operands = self.ast.operands(e);
            match &self.ast.expr(e).kind {
                ExprKind::Call { callee, .. } if calls.contains(&e) => {
                    let receiver = match &self.ast.expr(*callee).kind {
                        ExprKind::Field { object, .. } => vec![*object],
                        _ => vec![],
                    };
                    operands.splice(0..1, receiver);
                }
                ExprKind::Call { callee, .. } if self.is_undeclared(*callee) => {
                    operands.retain(|o| !matches!(&self.ast.expr(*o).kind, ExprKind::Name(n) if n == own));
                }
                ExprKind::Name(name) | ExprKind::Field { name, .. } => {
                    out.otherwise.extend(self.by_name.get(name.as_str()).into_iter().flatten());
                }
                _ => {}
            }
            stack.extend(operands);
        }
    }

    /// Whether a callee is declared nowhere, in a language where a function would have to be.
    fn is_undeclared(&self, callee: ExprId) -> bool {
        let ExprKind::Name(name) = &self.ast.expr(callee).kind else { return false };
        let table = &self.parsed.language.calls;
        let known = table.pure.contains(name) || table.changes_first.contains(name) || table.input.contains(name);
        self.parsed.language.types.undeclared_is_macro
            && !known
            && !self.by_name.contains_key(name.as_str())
            && !self.ast.decls.iter().any(|d| d.names.contains(name))
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

    fn below(&self, e: ExprId) -> BTreeSet<ExprId> {
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
            | ExprKind::New { .. }
            | ExprKind::Suspend(_)
            | ExprKind::Delete(_)
            | ExprKind::Other(_) => {}
            ExprKind::Call { .. } => {
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
        let ExprKind::Call { callee, args } = &self.ast.expr(e).kind else { return None };
        let (name, object) = match &self.ast.expr(*callee).kind {
            ExprKind::Name(name) if !hidden.contains(name.as_str()) => (name, None),
            ExprKind::Field { object, name, .. } => (name, Some(*object)),
            _ => return None,
        };
        let [target] = self.by_name.get(name.as_str())?[..] else { return None };
        let f = self.ast.function(target);
        let plain = |a: &ExprId| {
            let keyword = matches!(self.ast.expr(*a).kind, ExprKind::Starred(_) | ExprKind::Assign { .. });
            !keyword && !self.named_argument(*a)
        };
        if !args.iter().all(plain) {
            return None;
        }
        let class = f.container.map(|c| self.ast.containers[c.index()].name.as_str());
        let said = object.map(|o| match &self.ast.expr(o).kind {
            ExprKind::Name(n) => n.as_str(),
            _ => "",
        });
        let own = |n: &str| self.parsed.language.types.receivers.contains(n);
        let receiver = match (class, said) {
            (None, None) => None,
            // An unqualified call of a method, where the language has those.
            (Some(_), None) if !self.parsed.language.types.implicit_locals => None,
            (Some(_), Some(n)) if own(n) => object.filter(|_| f.params.len() == args.len() + 1),
            (Some(c), Some(n)) if n == c => None,
            _ => return None,
        };
        let given = args.len() + usize::from(receiver.is_some());
        (given == f.params.len()).then(|| Call { callee: target, caller, site, receiver, args: args.clone() })
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

/// What a call that is followed evaluates: its receiver and arguments.
pub fn arguments(ast: &Ast, call: ExprId) -> Vec<ExprId> {
    let ExprKind::Call { callee, args } = &ast.expr(call).kind else { return vec![] };
    let receiver = match &ast.expr(*callee).kind {
        ExprKind::Field { object, .. } => Some(*object),
        _ => None,
    };
    receiver.into_iter().chain(args.iter().copied()).collect()
}

/// The parameters that arguments and receiver of a call become.
pub fn bound<'a>(function: &'a Function, call: &'a Call) -> impl Iterator<Item = (&'a str, ExprId)> {
    function.params.iter().map(|p| p.name.as_str()).zip(call.receiver.into_iter().chain(call.args.iter().copied()))
}
