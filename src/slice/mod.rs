//! From a class to a plan: which sites stay, which sides are open.
//!
//! Truncation closes every edge to a relevant place that the class doesn't cover; what is left is sliced once more, since
//! with those edges dependences go too. A branch with a closed side decides whether Q is reached, so it stays, and is
//! written as an assumption. Then the plan is closed under what text needs: a kept statement needs the headers around it, a
//! kept `goto` its label, a kept name its declaration.

mod again;
mod declared;
pub mod feasible;
pub mod members;

use crate::cfg::bits::BitSet;
use crate::cfg::{Cfg, EdgeKind, NodeId, Site, SiteId, expressions};
use crate::deps::backward::{Sliced, slice};
use crate::deps::lean::{Around, Policy};
use crate::deps::slicer::{Facts, View};
use crate::spec::Triple;
use crate::syntax::Parsed;
use crate::syntax::ast::{ExprId, ExprKind, FunctionId, StmtId, StmtKind};
use crate::text::Span;
use again::{entered_again, goes_on_behind_q};
use declared::declarations;
use members::Members;
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::OnceLock;

/// What kind of question a slice is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SliceKind {
    /// One class of paths.
    Class,
    /// The relevant program itself: every path that no class slice was made for.
    Remainder,
    /// The whole program: no slice at all, for comparison.
    Program,
}

/// What a slice keeps of the branches that decide whether Q is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Slicing {
    /// All of them: a run that the slice accepts is a run of the program.
    #[default]
    Exact,
    /// Only those that share data with Q ([`crate::deps::lean`]): shorter, and less certain.
    Lean,
}

/// Everything about a triple that its slices share.
pub struct Program<'a> {
    pub parsed: &'a Parsed,
    pub triple: &'a Triple,
    pub cfg: &'a Cfg,
    pub facts: &'a Facts,
    /// For lean slices: the conditions around each site.
    lean: Option<Around>,
    /// Relevant sites: coverage is over these.
    pub relevant: BitSet,
    pub sites: HashMap<Site, SiteId>,
    /// Enclosing statement of each statement of the function.
    pub parent: HashMap<StmtId, StmtId>,
    /// All statements of the function, in source order.
    pub stmts: Vec<StmtId>,
    /// Labels to which a macro may go, with the sites that use one: the label must be there wherever the macro is.
    pub macro_jumps: Vec<(StmtId, SiteId)>,
    /// Names of variables that something assigns or changes.
    written: HashSet<String>,
    members: OnceLock<BTreeMap<u32, Members>>,
    layout: OnceLock<Vec<Span>>,
}

impl<'a> Program<'a> {
    pub fn new(parsed: &'a Parsed, triple: &'a Triple, cfg: &'a Cfg, facts: &'a Facts, slicing: Slicing) -> Self {
        let sites = cfg.sites.iter().enumerate().map(|(i, s)| (*s, SiteId(i as u32))).collect();
        let mut parent = HashMap::new();
        let mut stmts = Vec::new();
        let functions = cfg.joined.functions.iter().chain([&triple.entry]);
        let mut bodies: Vec<_> = functions.map(|f| parsed.ast.function(*f)).collect();
        bodies.sort_by_key(|f| f.span.start);
        let mut stack: Vec<StmtId> = bodies.iter().flat_map(|f| &f.body.stmts).rev().copied().collect();
        while let Some(id) = stack.pop() {
            stmts.push(id);
            for child in parsed.ast.children(id).into_iter().rev() {
                parent.insert(child, id);
                stack.push(child);
            }
        }
        let macro_jumps = macro_jumps(parsed, cfg);
        let relevant = BitSet::new(cfg.sites.len());
        let vars = facts.effects.iter().flat_map(|f| f.strong.iter().chain(&f.weak));
        let written = vars.map(|v| facts.names.name(*v).to_owned()).collect();
        let lean = None;
        let (members, layout) = (OnceLock::new(), OnceLock::new());
        let mut program = Program {
            parsed,
            triple,
            cfg,
            facts,
            lean,
            relevant,
            sites,
            parent,
            stmts,
            macro_jumps,
            written,
            members,
            layout,
        };
        program.lean = (slicing == Slicing::Lean).then(|| program.conditions_around());
        let all = program.slice(&View::full(cfg), &[]).sites;
        program.relevant = crate::partition::relevant(cfg, &all);
        program
    }

    pub fn ast(&self) -> &'a crate::syntax::ast::Ast {
        &self.parsed.ast
    }

    /// Whether slices keep only branches that share data with Q.
    pub fn is_lean(&self) -> bool {
        self.lean.is_some()
    }

    /// Types of which a slice may show some members, by declaration.
    pub fn members(&self) -> &BTreeMap<u32, Members> {
        self.members.get_or_init(|| members::of_types(self.parsed))
    }

    /// Where the bytes of data are looked at.
    pub fn layout(&self) -> &[Span] {
        self.layout.get_or_init(|| members::layout(self.parsed))
    }

    /// The backward slice for Q and the preconditions, and for `others`.
    fn slice(&self, view: &View, others: &[SiteId]) -> Sliced {
        let criterion = self.criterion();
        let mut policy = self.lean.as_ref().map(Policy::new);
        slice(self.cfg, view, self.facts, &criterion, others, policy.as_mut())
    }

    /// The conditions that stand around each site, those around a call's own statement included.
    fn conditions_around(&self) -> Around {
        let place = |site: &Site| {
            let point = match site {
                Site::Args(call) | Site::Got(call) => self.cfg.joined.calls[call].site.stmt(),
                Site::Post => self.triple.post.anchor.stmt(),
                Site::Pre(i) => self.triple.pre[*i as usize].anchor.stmt(),
                _ => site.stmt(),
            };
            // The sides of a branch stand inside of it.
            let side = !matches!(site, Site::Cond(_)) && site.stmt().is_some();
            let mut at = if side { point } else { point.and_then(|s| self.parent.get(&s).copied()) };
            let mut out = Vec::new();
            while let Some(stmt) = at {
                out.extend(self.sites.get(&Site::Cond(stmt)));
                at = self.parent.get(&stmt).copied();
            }
            out
        };
        self.cfg.sites.iter().map(place).collect()
    }

    /// Q and the preconditions.
    fn criterion(&self) -> Vec<SiteId> {
        let post = self.cfg.post.iter().map(|n| self.cfg.node(*n).site);
        let inner = (0..self.cfg.sites.len()).filter(|i| self.cfg.joined.reentrant && self.felt_outside(*i));
        post.chain(self.cfg.pre.iter().copied()).chain(inner.map(|i| SiteId(i as u32))).collect()
    }

    /// Whether a site may matter to whoever calls the function: what it hands back, how it leaves, what it changes that isn't
    /// a value of its own, and what it calls.
    fn felt_outside(&self, site: usize) -> bool {
        let ast = &self.parsed.ast;
        let effects = &self.facts.effects[site];
        let leaves = self.cfg.sites[site].stmt().is_some_and(|s| {
            let kind = &ast.stmt(s).kind;
            matches!(
                kind,
                StmtKind::Return { .. } | StmtKind::Throw { .. } | StmtKind::Exit(_) | StmtKind::Opaque { .. }
            ) || matches!(kind, StmtKind::Assert { .. } | StmtKind::With(_))
        });
        let calls = || {
            let mut stack = expressions(ast, self.cfg.sites[site]);
            while let Some(e) = stack.pop() {
                if matches!(ast.expr(e).kind, ExprKind::Call { .. } | ExprKind::New { .. } | ExprKind::Suspend(_)) {
                    return true;
                }
                stack.extend(ast.operands(e));
            }
            false
        };
        let own = |v: &crate::deps::Var| self.facts.own.contains(self.facts.names.name(*v));
        leaves || !effects.weak.is_empty() || !effects.strong.iter().all(own) || calls()
    }

    /// The function whose body a statement stands in: the entry, or one that is built in.
    pub fn owner(&self, stmt: StmtId) -> FunctionId {
        self.cfg.joined.owner.get(&stmt).copied().unwrap_or(self.triple.entry)
    }

    /// The site that evaluates a call that is followed.
    fn around(&self, site: Site) -> Option<SiteId> {
        match site {
            Site::Args(call) | Site::Got(call) => self.sites.get(&self.cfg.joined.calls[&call].site).copied(),
            _ => None,
        }
    }

    /// Whether a statement stands inside another one.
    pub fn inside(&self, stmt: StmtId, outer: StmtId) -> bool {
        let mut at = self.parent.get(&stmt);
        while let Some(id) = at {
            if *id == outer {
                return true;
            }
            at = self.parent.get(id);
        }
        false
    }

    /// The statement at which Q stands, if it is judged at a point.
    pub fn post_stmt(&self) -> Option<StmtId> {
        self.triple.post.anchor.stmt()
    }
}

/// How a declarator that isn't part of the slice is shown, because its name is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shown {
    /// As written.
    Whole,
    /// Without its initialiser.
    Bare,
}

/// What a slice shows.
#[derive(Debug)]
pub struct Plan {
    pub kind: SliceKind,
    pub kept: BitSet,
    /// Sites that some path of the class can reach.
    pub alive: BitSet,
    /// Sites that begin, but don't come to an end on any path of the class: a call in them comes to Q.
    pub ended: HashSet<SiteId>,
    /// Functions that are built in and shown.
    pub functions: HashSet<FunctionId>,
    /// Those of them that a path of the class may enter more than once: each time on a way of its own.
    pub again: HashSet<FunctionId>,
    /// Loops that can be left by their condition.
    pub exit_open: HashSet<StmtId>,
    /// Sites that can be left only by raising: whatever follows them is closed.
    pub falls_closed: BitSet,
    /// Statements that are left by a `finally` which doesn't end normally then, though it may on other ways.
    pub ends_closed: HashSet<StmtId>,
    /// Paths end at Q: nothing that follows it leads to it again.
    pub post_ends: bool,
    pub shown: HashMap<(StmtId, u32), Shown>,
}

/// The plan for one class: `covered` is its coverage.
pub fn plan(program: &Program, covered: &BitSet, kind: SliceKind) -> Plan {
    planned(program, covered, kind, Vec::new())
}

/// The plan that leaves nothing of the functions out in which Q's paths run.
pub fn uncut(program: &Program) -> Plan {
    let every = (0..program.cfg.sites.len() as u32).map(SiteId);
    planned(program, &program.relevant, SliceKind::Remainder, every.collect())
}

/// `must`: sites that are kept besides what Q needs, where a path of the class comes to them.
fn planned(program: &Program, covered: &BitSet, kind: SliceKind, mut must: Vec<SiteId>) -> Plan {
    let cfg = program.cfg;
    let mut covered = covered.clone();
    // What an inner run needs is on no path of the outer one.
    let full = cfg.joined.reentrant;
    let view = loop {
        if full {
            break View::full(cfg);
        }
        let open = |n: crate::cfg::NodeId| {
            let site = cfg.node(n).site.index();
            !program.relevant.contains(site) || covered.contains(site)
        };
        let view = View::truncated(cfg, open);
        let mut more = entered_by_falling(program, &view);
        more.extend(jumped_to_by_macros(program, &view));
        more.extend(continued(program, &view));
        more.extend(goes_on_behind_q(program, &view));
        more.retain(|s| !covered.contains(s.index()));
        if more.is_empty() {
            break view;
        }
        for site in more {
            covered.insert(site.index());
        }
    };
    must.retain(|s| view.site_alive(cfg, *s));
    let mut shown;
    let kept = loop {
        let sliced = program.slice(&view, &must);
        let kept = sliced.sites;
        let mut more = calls(program, &view, &kept, &sliced.entered);
        let text = with_calls(program, &kept);
        more.extend(structure(program, &view, &text));
        let (list, declared) = declarations(program, &view, &text);
        shown = declared;
        more.extend(list);
        more.retain(|s| !kept.contains(s.index()) && view.site_alive(cfg, *s));
        if more.is_empty() {
            break text;
        }
        must.extend(more);
    };
    let functions: HashSet<FunctionId> = kept
        .iter()
        .filter_map(|i| match cfg.sites[i] {
            Site::Args(call) => Some(cfg.joined.calls[&call].callee),
            _ => None,
        })
        .collect();
    let again = functions.iter().copied().filter(|f| entered_again(cfg, &view, *f)).collect();
    let mut alive = BitSet::new(cfg.sites.len());
    let mut exit_open = HashSet::new();
    let mut falls_closed = BitSet::new(cfg.sites.len());
    for id in cfg.ids().filter(|n| view.alive[n.index()]) {
        alive.insert(cfg.node(id).site.index());
        if let Site::Cond(stmt) = cfg.site_of(id) {
            let leaves = |e: &crate::cfg::Edge| e.kind == EdgeKind::False && (full || e.to != cfg.exit);
            if view.succ[id.index()].iter().any(leaves) {
                exit_open.insert(stmt);
            }
        }
    }
    // An edge to the exit that the graph doesn't have was closed.
    let onward = |e: &crate::cfg::Edge| matches!(e.kind, EdgeKind::Fall | EdgeKind::True);
    // A statement whose call comes to Q runs too, though it is never done.
    let ended: Vec<usize> = kept.iter().filter(|i| !alive.contains(*i)).collect();
    for i in &ended {
        alive.insert(*i);
    }
    for (i, copies) in cfg.copies.iter().enumerate() {
        let mut runs = copies.iter().filter(|n| view.alive[n.index()]).peekable();
        let closed = |n: &crate::cfg::NodeId| {
            let was_open = cfg.node(*n).succ.iter().any(|e| onward(e) && e.to != cfg.exit);
            !full && was_open && view.succ[n.index()].iter().filter(|e| onward(e)).all(|e| e.to == cfg.exit)
        };
        if runs.peek().is_some() && runs.all(closed) && !matches!(cfg.sites[i], Site::Cond(_)) {
            falls_closed.insert(i);
        }
    }
    let completes = |(_, first, next): &&(StmtId, NodeId, NodeId)| !full && first != next && view.alive[first.index()];
    let completions: Vec<_> = cfg.completions.iter().filter(completes).collect();
    let mut ends_closed: HashSet<StmtId> = completions.iter().map(|c| c.0).collect();
    for (stmt, ..) in completions.iter().filter(|c| view.alive[c.2.index()]) {
        ends_closed.remove(stmt);
    }
    let mut posts = cfg.post.iter().filter(|n| view.alive[n.index()]);
    let post_ends = !full && posts.all(|n| view.succ[n.index()].iter().all(|e| e.to == cfg.exit));
    let ended = ended.into_iter().map(|i| SiteId(i as u32)).collect();
    Plan { kind, kept, alive, ended, functions, again, exit_open, falls_closed, ends_closed, post_ends, shown }
}

/// Arms of falling switches that are not entered at their label but run because the arm above falls into them. Their label
/// can't be written without letting it be entered, so the class is widened to that.
fn entered_by_falling(program: &Program, view: &View) -> Vec<SiteId> {
    // Statements that run, with everything around them.
    let mut runs: HashSet<StmtId> = HashSet::new();
    for (i, site) in program.cfg.sites.iter().enumerate() {
        // A call that comes to Q runs its statement, though that may never be done.
        let around = program.around(*site).map_or(*site, |s| program.cfg.sites[s.index()]);
        let mut at = around.stmt().filter(|_| view.site_alive(program.cfg, SiteId(i as u32)));
        while let Some(stmt) = at.filter(|s| runs.insert(*s)) {
            at = program.parent.get(&stmt).copied();
        }
    }
    let mut out = Vec::new();
    for stmt in &program.stmts {
        let StmtKind::Switch(s) = &program.parsed.ast.stmt(*stmt).kind else { continue };
        for (i, arm) in s.arms.iter().enumerate().filter(|_| s.fallthrough) {
            let entry = program.sites.get(&Site::Arm(*stmt, i as u32));
            let fallen_into = arm.body.stmts.iter().any(|b| runs.contains(b));
            out.extend(entry.filter(|e| fallen_into && !view.site_alive(program.cfg, **e)));
        }
    }
    out
}

fn macro_jumps(parsed: &Parsed, cfg: &Cfg) -> Vec<(StmtId, SiteId)> {
    let mut out = Vec::new();
    for id in cfg.ids() {
        let site = cfg.site_of(id);
        let goto = site.stmt().is_some_and(|s| matches!(parsed.ast.stmt(s).kind, StmtKind::Goto { .. }));
        for edge in cfg.node(id).succ.iter().filter(|e| !goto && e.kind == EdgeKind::Jump) {
            if let Site::Label(label) = cfg.site_of(edge.to) {
                out.push((label, cfg.node(id).site));
            }
        }
    }
    out
}

/// Sites on the shortest ways from labels that a macro goes to on to Q. A macro's text can't be cut, so neither can the jump in
/// it be closed, and the class is widened to it.
fn jumped_to_by_macros(program: &Program, view: &View) -> Vec<SiteId> {
    let cfg = program.cfg;
    let mut out = Vec::new();
    for (label, _) in program.macro_jumps.iter().filter(|(_, user)| view.site_alive(cfg, *user)) {
        let starts = program.sites.get(&Site::Label(*label)).map_or(&[][..], |s| &cfg.copies[s.index()]);
        let mut from: HashMap<crate::cfg::NodeId, crate::cfg::NodeId> = starts.iter().map(|s| (*s, *s)).collect();
        let mut queue: std::collections::VecDeque<_> = starts.iter().copied().collect();
        while let Some(node) = queue.pop_front() {
            if cfg.post.contains(&node) {
                let mut at = node;
                out.push(cfg.node(at).site);
                while from[&at] != at {
                    at = from[&at];
                    out.push(cfg.node(at).site);
                }
                break;
            }
            for edge in &cfg.node(node).succ {
                if let Entry::Vacant(new) = from.entry(edge.to) {
                    new.insert(node);
                    queue.push_back(edge.to);
                }
            }
        }
    }
    out
}

/// What ends a round that a `continue` goes on with, though in this class the `finally` on its way only raises: the slice can't
/// say so, so the class is widened.
fn continued(program: &Program, view: &View) -> Vec<SiteId> {
    let mut out = Vec::new();
    for (_, back) in program.cfg.continued.iter().filter(|(f, b)| view.alive[f.index()] && !view.alive[b.index()]) {
        out.push(program.cfg.node(*back).site);
        let Site::Back(id) = program.cfg.site_of(*back) else { continue };
        if let StmtKind::Loop(s) = &program.parsed.ast.stmt(id).kind {
            out.extend(s.update.iter().filter_map(|u| program.sites.get(&Site::Stmt(*u))));
        }
    }
    out
}

/// Calls that kept places need: those that a kept statement makes, and those of the function it stands in; in a lean slice, of
/// the latter, those that are `entered` for its sake.
fn calls(program: &Program, view: &View, kept: &BitSet, entered: &[ExprId]) -> Vec<SiteId> {
    let joined = &program.cfg.joined;
    if joined.functions.is_empty() {
        return vec![];
    }
    let mut out = Vec::new();
    let args = |call: &ExprId| program.sites.get(&Site::Args(*call)).copied();
    let mut functions: HashSet<FunctionId> = HashSet::new();
    for i in kept.iter() {
        let site = program.cfg.sites[i];
        let here = program.around(site).map_or(site, |s| program.cfg.sites[s.index()]);
        out.extend(program.around(site).filter(|s| view.site_alive(program.cfg, *s)));
        out.extend(joined.at.get(&here).into_iter().flatten().filter_map(args));
        functions.extend(here.stmt().map(|s| program.owner(s)));
        let point = match site {
            Site::Pre(i) => program.triple.pre[i as usize].anchor.stmt(),
            Site::Post => program.triple.post.anchor.stmt(),
            _ => None,
        };
        functions.extend(point.map(|s| program.owner(s)));
    }
    let needed = |(call, described): &(&ExprId, &crate::cfg::joined::Call)| match &program.lean {
        Some(_) => entered.contains(call),
        None => functions.contains(&described.callee),
    };
    out.extend(joined.calls.iter().filter(needed).filter_map(|(call, _)| args(call)));
    out.sort();
    out.dedup();
    out
}

/// With the statements whose calls are kept, which need not come to an end themselves.
fn with_calls(program: &Program, kept: &BitSet) -> BitSet {
    let mut out = kept.clone();
    for i in kept.iter() {
        if let Some(around) = program.around(program.cfg.sites[i]) {
            out.insert(around.index());
        }
    }
    out
}

/// Headers around kept sites, and labels of kept gotos.
fn structure(program: &Program, view: &View, kept: &BitSet) -> Vec<SiteId> {
    let ast = &program.parsed.ast;
    let mut out = Vec::new();
    let mut seen: HashSet<StmtId> = HashSet::new();
    let mut need = |site: Site| out.extend(program.sites.get(&site));
    for i in kept.iter() {
        for node in &program.cfg.copies[i] {
            for edge in &view.succ[node.index()] {
                if edge.kind == EdgeKind::Jump && matches!(program.cfg.site_of(edge.to), Site::Label(_)) {
                    need(program.cfg.site_of(edge.to));
                }
            }
        }
        let Some(mut child) = program.cfg.sites[i].stmt() else { continue };
        if matches!(
            program.cfg.sites[i],
            Site::Enter(_) | Site::Back(_) | Site::Arm(..) | Site::Then(_) | Site::Else(_)
        ) {
            need(Site::Cond(child));
        }
        while let Some(parent) = program.parent.get(&child).copied() {
            match &ast.stmt(parent).kind {
                // The initialiser of a for runs whether or not the loop stays.
                StmtKind::Loop(l) if l.init.contains(&child) => {}
                StmtKind::If(_) | StmtKind::Loop(_) | StmtKind::Switch(_) | StmtKind::Preproc(_) => {
                    need(Site::Cond(parent))
                }
                StmtKind::With(_) => need(Site::With(parent)),
                _ => {}
            }
            child = parent;
            if !seen.insert(parent) {
                break;
            }
        }
    }
    out
}
