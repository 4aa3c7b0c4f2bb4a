//! Which callees join the graph: their bodies are built in once for each call, so that paths match calls and returns.
//!
//! A function joins only if each of its uses is a call that can be followed: evaluated exactly once where its statement is, with
//! nothing beside it in the statement that the order of evaluation could matter for, and with a target that is certain. It is
//! then shown cut to what a class needs, which no other use of it may notice. Every other function stays as it is, and what
//! calling it may do is taken from its summary.

use super::Site;
use super::apart::{is_apart, of_objects};
use super::carried::Carried;
use crate::spec::Triple;
use crate::syntax::Parsed;
use crate::syntax::ast::{
    Ast, ContainerId, ContextDecl, DeclKind, ExprId, ExprKind, Function, FunctionId, StmtId, StmtKind,
};
use crate::text::Span;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::LazyLock;

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
    /// What it is called on, where the callee has a word for it and names its fields without that.
    pub of: Option<ExprId>,
    /// It makes the object that the callee is called on.
    pub makes: bool,
    /// The variable that it is called by, where that certainly holds the callee.
    pub through: Option<ExprId>,
    pub args: Vec<ExprId>,
}

impl Call {
    /// A plain call: of a function by its name.
    pub(super) fn plain(callee: FunctionId, caller: FunctionId, site: Site, args: &[ExprId]) -> Call {
        Call { callee, caller, site, receiver: None, of: None, makes: false, through: None, args: args.to_vec() }
    }
}

#[derive(Debug, Default)]
pub struct Joined {
    pub functions: BTreeSet<FunctionId>,
    pub calls: HashMap<ExprId, Call>,
    /// Calls of each site that has some, in the order in which they are made.
    pub at: HashMap<Site, Vec<ExprId>>,
    /// For lean slices: functions that only say how far a pointer moves. They stay calls, and are not shown.
    pub aside: BTreeSet<FunctionId>,
    /// The function that a statement of the graph stands in.
    pub owner: HashMap<StmtId, FunctionId>,
    /// The entry may be called again while it runs. Then nothing is joined, and nothing may be cut that the inner run needs:
    /// it goes its own way, and may come to Q too.
    pub reentrant: bool,
}

impl Joined {
    /// The callees of `triple.entry` that can be joined, at most `depth` calls away. Cost: linear in the functions it may call.
    ///
    /// A lean slice doesn't show functions that only such call as are not joined: what those call may be cut all the same. A call
    /// that leads back towards the entry is then one without source.
    pub fn new(parsed: &Parsed, triple: &Triple, depth: usize, lean: bool) -> Self {
        let around = parsed.ast.function(triple.entry).span;
        let all = (0..parsed.ast.containers.len() as u32).map(ContainerId);
        let beside: Vec<ContainerId> =
            all.filter(|c| !parsed.ast.containers[c.index()].span.contains(around)).collect();
        let mut finder = Finder {
            parsed,
            ast: &parsed.ast,
            entry: triple.entry,
            by_name: by_name(&parsed.ast),
            places: beside.iter().copied().filter(|c| is_apart(parsed, *c)).collect(),
            objects: beside.into_iter().filter(|c| of_objects(parsed, *c)).collect(),
            carried: Carried::default(),
        };
        finder.carried = Carried::new(&finder);
        finder.joined(depth, lean)
    }

    /// Whether a statement stands in a function that is joined.
    pub fn function_of(&self, stmt: StmtId) -> Option<FunctionId> {
        self.owner.get(&stmt).copied().filter(|f| self.functions.contains(f))
    }
}

/// For what is looked at without a graph: no call is followed.
pub fn nothing_followed() -> &'static HashMap<ExprId, Call> {
    static NOTHING: LazyLock<HashMap<ExprId, Call>> = LazyLock::new(HashMap::new);
    &NOTHING
}

/// Leaves the calls that lead away from the entry: to functions that are farther than the caller.
fn onward(entry: FunctionId, uses: &mut BTreeMap<FunctionId, Uses>) {
    let mut far: BTreeMap<FunctionId, usize> = BTreeMap::from([(entry, 0)]);
    let mut wave = vec![entry];
    for distance in 1.. {
        let callees = wave.iter().filter_map(|f| uses.get(f)).flat_map(|u| &u.calls).map(|c| c.1.callee);
        let next: BTreeSet<FunctionId> = callees.filter(|c| !far.contains_key(c)).collect();
        if next.is_empty() {
            break;
        }
        far.extend(next.iter().map(|f| (*f, distance)));
        wave = next.into_iter().collect();
    }
    for (f, used) in uses.iter_mut() {
        let own = far.get(f).copied().unwrap_or(usize::MAX);
        used.calls.retain(|(_, call)| far.get(&call.callee).is_some_and(|at| *at > own));
    }
}

fn by_name(ast: &Ast) -> BTreeMap<&str, Vec<FunctionId>> {
    let mut out: BTreeMap<&str, Vec<FunctionId>> = BTreeMap::new();
    for (i, f) in ast.functions.iter().enumerate() {
        out.entry(&f.name).or_default().push(FunctionId(i as u32));
    }
    out
}

pub(super) struct Finder<'a> {
    pub(super) parsed: &'a Parsed,
    pub(super) ast: &'a Ast,
    pub(super) entry: FunctionId,
    pub(super) by_name: BTreeMap<&'a str, Vec<FunctionId>>,
    /// Classes beside the entry's that are nothing but places for functions.
    places: BTreeSet<ContainerId>,
    /// Classes beside the entry's of which objects are made, and that may be shown part by part.
    pub(super) objects: BTreeSet<ContainerId>,
    pub(super) carried: Carried<'a>,
}

/// What one function uses.
#[derive(Default)]
pub(super) struct Uses {
    /// Calls that can be followed, by site in order.
    pub(super) calls: Vec<(ExprId, Call)>,
    /// Functions that are used in another way too.
    pub(super) otherwise: BTreeSet<FunctionId>,
    /// Those of `calls` whose result is a number that is added to a pointer.
    pub(super) offsets: BTreeSet<ExprId>,
    /// The entry may be called.
    pub(super) entry: bool,
}

impl<'a> Finder<'a> {
    fn joined(&self, depth: usize, lean: bool) -> Joined {
        let named = self.named_elsewhere();
        // What is run in the making of an object, or by the language, is shown as it is.
        let around = self.run_unnamed(|c| self.around_entry(Some(c)));
        let mut implicit = self.run_unnamed(|c| self.objects.contains(&c) && named.contains(self.name(c)));
        implicit.extend(around.iter().filter(|f| **f != self.entry));
        let mut uses: BTreeMap<FunctionId, Uses> = BTreeMap::new();
        let mut stack: Vec<FunctionId> = implicit.iter().copied().chain([self.entry]).collect();
        while let Some(f) = stack.pop() {
            if uses.contains_key(&f) {
                continue;
            }
            let found = self.uses(f);
            stack.extend(found.calls.iter().map(|c| c.1.callee).chain(found.otherwise.iter().copied()));
            uses.insert(f, found);
            // Classes that it names, and its own.
            let words: BTreeSet<&str> = self.words(self.ast.function(f).span).collect();
            let own = self.ast.function(f).container;
            let more =
                self.run_unnamed(|c| self.objects.contains(&c) && (own == Some(c) || words.contains(self.name(c))));
            stack.extend(more.iter());
            implicit.extend(more);
        }
        let comes_back = |u: &Uses| u.entry || u.calls.iter().any(|c| c.1.callee == self.entry);
        if uses.iter().any(|(f, u)| !around.contains(f) && comes_back(u)) {
            let owner = self.statements(self.entry).into_iter().map(|s| (s, self.entry)).collect();
            return Joined { owner, reentrant: true, ..Joined::default() };
        }
        if lean && self.parsed.source.linkage.is_some() {
            onward(self.entry, &mut uses);
        }
        let aside = if lean { self.aside(&mut uses) } else { BTreeSet::new() };
        let free = |f: &FunctionId| {
            let f = self.ast.function(*f);
            let class = f.container.filter(|c| self.objects.contains(c)).map(|c| self.name(c));
            let makes = class.filter(|_| self.parsed.language.types.constructors.contains(&f.name));
            !named.contains(makes.unwrap_or(f.name.as_str()))
        };
        let fits = |f: &FunctionId| self.fits(*f) && !aside.contains(f) && free(f);
        let mut out: BTreeSet<FunctionId> = uses.keys().copied().filter(fits).collect();
        loop {
            let before = out.len();
            let followed = |f: FunctionId| f == self.entry || out.contains(&f);
            let shown = |f: FunctionId| !lean || implicit.contains(&f) || self.is_own(f);
            let mut barred: BTreeSet<FunctionId> = BTreeSet::new();
            for (f, used) in uses.iter().filter(|(f, _)| shown(**f) || followed(**f)) {
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
        Joined { aside, ..self.collected(&uses, out) }
    }

    /// Functions all of whose uses are calls that say how far a pointer moves. Nothing is followed there.
    fn aside(&self, uses: &mut BTreeMap<FunctionId, Uses>) -> BTreeSet<FunctionId> {
        let callees = |u: &Uses, offset: bool| -> Vec<FunctionId> {
            u.calls.iter().filter(|(e, _)| u.offsets.contains(e) == offset).map(|(_, c)| c.callee).collect()
        };
        let mut out: BTreeSet<FunctionId> = uses.values().flat_map(|u| callees(u, true)).collect();
        let otherwise: BTreeSet<FunctionId> =
            uses.values().flat_map(|u| callees(u, false).into_iter().chain(u.otherwise.iter().copied())).collect();
        out.retain(|f| !otherwise.contains(f));
        // Nobody is shown what such a function calls in turn.
        uses.retain(|f, _| !out.contains(f));
        uses.values_mut().for_each(|u| u.calls.retain(|(_, c)| !out.contains(&c.callee)));
        out
    }

    /// Functions of some classes that are run without being named.
    fn run_unnamed(&self, class: impl Fn(ContainerId) -> bool) -> BTreeSet<FunctionId> {
        let types = &self.parsed.language.types;
        let lists = [&types.constructors, &types.operator_methods, &types.manager_methods];
        let runs = |f: &Function, class: ContainerId| {
            f.name == self.name(class) || lists.iter().any(|l| l.contains(&f.name)) || types.is_implicit(&f.name)
        };
        let all = self.ast.functions.iter().enumerate();
        let of = all.filter(|(_, f)| f.container.is_some_and(|c| runs(f, c) && class(c)));
        of.map(|(i, _)| FunctionId(i as u32)).collect()
    }

    pub(super) fn name(&self, class: ContainerId) -> &'a str {
        &self.ast.containers[class.index()].name
    }

    /// Identifiers in a span.
    pub(super) fn words(&self, span: Span) -> impl Iterator<Item = &'a str> {
        self.parsed.words(span)
    }

    /// Whether a function is of the file itself: shown wherever it is called.
    fn is_own(&self, f: FunctionId) -> bool {
        self.parsed.source.is_own(self.ast.function(f).span.start)
    }

    /// Names in macros, globals, fields and types: whoever uses those may call a function of that name.
    fn named_elsewhere(&self) -> BTreeSet<&'a str> {
        let kinds = [DeclKind::Macro, DeclKind::Variable];
        // Of a class that is shown part by part its parts count.
        let apart: Vec<Span> =
            self.places.iter().chain(&self.objects).map(|c| self.ast.containers[c.index()].span).collect();
        let whole = |d: &&ContextDecl| d.kind == DeclKind::Type && d.container.is_none() && !apart.contains(&d.span);
        let decls = self.ast.decls.iter().filter(|d| kinds.contains(&d.kind) || whole(d));
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
    pub(super) fn statements(&self, f: FunctionId) -> Vec<StmtId> {
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
        let makes = f.container.is_some_and(|c| self.maker(c) == Some(id));
        id != self.entry
            && f.outer.is_none()
            && !f.noreturn
            && !f.head.is_empty()
            && f.params.iter().all(plain)
            && (makes || self.by_name[f.name.as_str()].len() == 1 && class.is_none_or(|c| c != f.name))
            && f.container
                .is_none_or(|c| self.around_entry(f.container) || self.places.contains(&c) || self.objects.contains(&c))
            && (makes || !special.constructors.contains(&f.name) && !special.is_implicit(&f.name))
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
}

/// What a call that is followed evaluates: its receiver and arguments.
pub fn arguments(ast: &Ast, call: ExprId) -> Vec<ExprId> {
    let (callee, args) = match &ast.expr(call).kind {
        ExprKind::Call { callee, args } => (callee, args),
        ExprKind::New { args, .. } => return args.clone(),
        _ => return vec![],
    };
    let receiver = match &ast.expr(*callee).kind {
        ExprKind::Field { object, .. } => Some(*object),
        _ => None,
    };
    receiver.into_iter().chain(args.iter().copied()).collect()
}

/// The parameters that arguments and receiver of a call become. What is made by the call comes from nowhere.
pub fn bound<'a>(function: &'a Function, call: &'a Call) -> impl Iterator<Item = (&'a str, ExprId)> {
    let own = usize::from(call.makes && function.params.len() > call.args.len());
    function
        .params
        .iter()
        .skip(own)
        .map(|p| p.name.as_str())
        .zip(call.receiver.into_iter().chain(call.args.iter().copied()))
}
