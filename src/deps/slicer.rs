//! Backward slices over a view of the graph (Weiser, "Program slicing", 1981, with control dependence from
//! post-dominance).
//!
//! Demand-driven: a pair (node, variable) says that the variable's value on entry to the node is needed. Each pair is
//! looked at once, so a slice costs O(edges x variables needed), and nothing is computed for variables nobody asks for.

use super::effects::{Effects, Walker};
use super::linker::Linker;
use super::sharing::Sharing;
use super::summary::Calls;
use super::{Names, OUTPUT, RESULT, Var};
use crate::cfg::bits::BitSet;
use crate::cfg::dominators::PostDominators;
use crate::cfg::{Cfg, Edge, EdgeKind, NodeId, Site, SiteId, reach};
use crate::spec::{Anchor, ConditionKind, Triple};
use crate::syntax::Parsed;

/// Reads and writes of every site of a graph, for one triple.
pub struct Facts {
    pub names: Names,
    pub sharing: Sharing,
    /// By site.
    pub effects: Vec<Effects>,
    /// The variables of Q: those it names, and the result or the output where it is about those too.
    pub criterion: Vec<Var>,
    /// Names of the entry that nobody outside knows.
    pub own: std::collections::HashSet<String>,
    /// Q names no variable, so every variable is taken for one of its.
    pub whole: bool,
}

impl Facts {
    pub fn new(parsed: &Parsed, cfg: &Cfg, triple: &Triple) -> Facts {
        let (ast, language) = (&parsed.ast, parsed.language);
        let calls = Calls::new(parsed, triple.entry);
        let mut names = Names::default();
        let joined = Linker::new(parsed, cfg, &calls, &mut names);
        let sharing = joined.sharing(triple.entry, &mut names);
        let at_exit = triple.post.anchor == Anchor::Exit;
        let mut effects: Vec<Effects> = Vec::with_capacity(cfg.sites.len());
        for site in &cfg.sites {
            names.enter(None);
            let (function, returns) = joined.place(*site, &mut names);
            let returns = returns.or_else(|| (at_exit && function.is_none()).then(|| names.intern(RESULT)));
            names.enter(function.and_then(|f| joined.scope(f)));
            let mut walker = Walker {
                ast,
                language,
                calls: &calls,
                names: &mut names,
                sharing: &sharing,
                followed: &cfg.joined.calls,
                returns,
                inside_value: false,
            };
            let own = match site {
                Site::Args(call) => joined.arguments(*call, &mut walker),
                Site::Got(call) => joined.got(*call, &mut names),
                _ => walker.site(*site),
            };
            effects.push(own);
        }
        let place =
            |anchor: Anchor| anchor.stmt().and_then(|s| cfg.joined.function_of(s)).and_then(|f| joined.scope(f));
        names.enter(place(triple.post.anchor));
        let mut criterion: Vec<Var> = triple.post.condition.names.iter().map(|n| names.intern(n)).collect();
        if triple.post.output {
            criterion.push(names.intern(OUTPUT));
        }
        // Words about the state at the end are also about what is handed back ("`buf` is freed or returned").
        if at_exit && triple.post.condition.kind == ConditionKind::Text && !criterion.is_empty() {
            criterion.push(names.intern(RESULT));
        }
        let post_sites: Vec<SiteId> = cfg.post.iter().map(|n| cfg.node(*n).site).collect();
        criterion.extend(post_sites.iter().flat_map(|s| effects[s.index()].reads.iter().copied()));
        criterion.sort();
        criterion.dedup();
        let whole = criterion.is_empty();
        if whole {
            criterion = (0..names.len() as u32).map(Var).collect();
        }
        for site in post_sites {
            effects[site.index()].reads.extend(&criterion);
        }
        for (i, pre) in triple.pre.iter().enumerate() {
            names.enter(place(pre.anchor));
            let mut vars: Vec<Var> = pre.condition.names.iter().map(|n| names.intern(n)).collect();
            vars.extend(pre.output.then(|| names.intern(OUTPUT)));
            if let Some(site) = cfg.sites.iter().position(|s| *s == Site::Pre(i as u32)) {
                effects[site].reads.extend(&vars);
            }
        }
        names.enter(None);
        let stmts = super::all_statements(ast, &ast.function(triple.entry).body.stmts);
        let own = calls.own_names(triple.entry, &stmts);
        Facts { names, sharing, effects, criterion, own, whole }
    }
}

/// The graph as a class sees it: some edges lead nowhere any more.
#[derive(Debug)]
pub struct View {
    /// Edges to what is not alive lead to the exit: the path is rejected there.
    pub succ: Vec<Vec<Edge>>,
    /// By node: can it be run on a path of this view?
    pub alive: Vec<bool>,
    pred: Vec<Vec<(NodeId, EdgeKind)>>,
    augmented: Vec<Vec<NodeId>>,
}

impl View {
    /// The whole function.
    pub fn full(cfg: &Cfg) -> View {
        let alive = reach(cfg.nodes.len(), &[cfg.entry], |n| cfg.node(n).succ.iter().map(|e| e.to).collect());
        let succ = cfg.nodes.iter().map(|n| n.succ.clone()).collect();
        View::build(cfg, succ, alive)
    }

    /// What is left when only nodes for which `open` holds may be entered: nodes on paths from the entry to Q through open
    /// nodes stay alive.
    pub fn truncated(cfg: &Cfg, open: impl Fn(NodeId) -> bool) -> View {
        let len = cfg.nodes.len();
        let next = |n: NodeId| cfg.node(n).succ.iter().map(|e| e.to).filter(|t| open(*t)).collect::<Vec<_>>();
        let forward = reach(len, &[cfg.entry], next);
        let mut pred: Vec<Vec<NodeId>> = vec![vec![]; len];
        for id in cfg.ids().filter(|n| forward[n.index()]) {
            next(id).into_iter().for_each(|to| pred[to.index()].push(id));
        }
        let ends: Vec<NodeId> = cfg.post.iter().copied().filter(|n| forward[n.index()]).collect();
        let alive = reach(len, &ends, |n| pred[n.index()].clone());
        let mut succ: Vec<Vec<Edge>> = Vec::with_capacity(len);
        for id in cfg.ids() {
            let mut edges: Vec<Edge> = Vec::new();
            if alive[id.index()] {
                for edge in &cfg.node(id).succ {
                    let to = if alive[edge.to.index()] { edge.to } else { cfg.exit };
                    if !edges.iter().any(|e| e.to == to && e.kind == edge.kind) {
                        edges.push(Edge { to, kind: edge.kind });
                    }
                }
            }
            succ.push(edges);
        }
        View::build(cfg, succ, alive)
    }

    fn build(cfg: &Cfg, succ: Vec<Vec<Edge>>, mut alive: Vec<bool>) -> View {
        let len = cfg.nodes.len();
        alive[cfg.exit.index()] = true;
        let mut pred: Vec<Vec<(NodeId, EdgeKind)>> = vec![vec![]; len];
        let mut augmented: Vec<Vec<NodeId>> = vec![vec![]; len];
        for id in cfg.ids().filter(|n| alive[n.index()]) {
            for edge in &succ[id.index()] {
                pred[edge.to.index()].push((id, edge.kind));
                if !augmented[id.index()].contains(&edge.to) {
                    augmented[id.index()].push(edge.to);
                }
            }
            if let Some(pseudo) = cfg.node(id).pseudo {
                let to = if alive[pseudo.index()] { pseudo } else { cfg.exit };
                if !augmented[id.index()].contains(&to) {
                    augmented[id.index()].push(to);
                }
            }
        }
        let mut view = View { succ, alive, pred, augmented };
        view.tie_endless(cfg);
        view
    }

    /// Cutting edges may leave a cycle without a way out: give it a pseudo edge, as in the whole graph.
    fn tie_endless(&mut self, cfg: &Cfg) {
        let len = self.alive.len();
        let mut back: Vec<Vec<NodeId>> = vec![vec![]; len];
        for (from, targets) in self.augmented.iter().enumerate() {
            targets.iter().for_each(|to| back[to.index()].push(NodeId(from as u32)));
        }
        let mut done = reach(len, &[cfg.exit], |n| back[n.index()].clone());
        for id in cfg.ids() {
            if self.alive[id.index()] && !done[id.index()] {
                self.augmented[id.index()].push(cfg.exit);
                let more = reach(len, &[id], |n| if done[n.index()] { vec![] } else { back[n.index()].clone() });
                done.iter_mut().zip(more).for_each(|(d, m)| *d |= m);
            }
        }
    }

    /// Whether any copy of a site is alive.
    pub fn site_alive(&self, cfg: &Cfg, site: SiteId) -> bool {
        cfg.copies[site.index()].iter().any(|n| self.alive[n.index()])
    }
}

/// Backward slice: the sites on which the `must` sites depend, and those themselves. Sites that aren't alive don't count.
pub fn slice(cfg: &Cfg, view: &View, facts: &Facts, must: &[SiteId]) -> BitSet {
    let control = PostDominators::new(&view.augmented, cfg.exit).control_dependence(&view.augmented);
    let words = facts.names.len();
    let mut state = State {
        cfg,
        view,
        facts,
        control,
        kept: BitSet::new(cfg.sites.len()),
        needed: vec![None; cfg.nodes.len()],
        words,
        sites: vec![],
        pairs: vec![],
    };
    must.iter().for_each(|s| state.keep(*s));
    state.run();
    state.kept
}

struct State<'a> {
    cfg: &'a Cfg,
    view: &'a View,
    facts: &'a Facts,
    control: Vec<Vec<NodeId>>,
    kept: BitSet,
    needed: Vec<Option<BitSet>>,
    words: usize,
    sites: Vec<SiteId>,
    pairs: Vec<(NodeId, Var)>,
}

impl State<'_> {
    fn keep(&mut self, site: SiteId) {
        if self.view.site_alive(self.cfg, site) && self.kept.insert(site.index()) {
            self.sites.push(site);
        }
    }

    fn need(&mut self, node: NodeId, var: Var) {
        let words = self.words;
        let set = self.needed[node.index()].get_or_insert_with(|| BitSet::new(words));
        if set.insert(var.0 as usize) {
            self.pairs.push((node, var));
        }
    }

    fn run(&mut self) {
        loop {
            if let Some(site) = self.sites.pop() {
                for node in self.cfg.copies[site.index()].iter().filter(|n| self.view.alive[n.index()]) {
                    for var in &self.facts.effects[site.index()].reads {
                        self.need(*node, *var);
                    }
                    for i in 0..self.control[node.index()].len() {
                        let decider = self.control[node.index()][i];
                        self.keep(self.cfg.node(decider).site);
                    }
                }
            } else if let Some((node, var)) = self.pairs.pop() {
                for (from, kind) in &self.view.pred[node.index()] {
                    let site = self.cfg.node(*from).site;
                    let effects = &self.facts.effects[site.index()];
                    let strong = effects.strong.contains(&var);
                    if strong || effects.weak.contains(&var) {
                        self.keep(site);
                    }
                    if !strong || *kind == EdgeKind::Exception {
                        self.need(*from, var);
                    }
                }
            } else {
                return;
            }
        }
    }
}
