//! What slices are made over: reads and writes of every site, and the graph as a class sees it.

use super::effects::{Effects, Walker};
use super::linker::Linker;
use super::sharing::Sharing;
use super::summary::Calls;
use super::{Names, OUTPUT, RESULT, Var};
use crate::cfg::{Cfg, Edge, EdgeKind, NodeId, Site, SiteId, reach};
use crate::spec::{Anchor, Condition, ConditionKind, Triple, compared};
use crate::syntax::Parsed;
use crate::syntax::language::Language;

/// Reads and writes of every site of a graph, for one triple.
pub struct Facts {
    pub names: Names,
    pub sharing: Sharing,
    /// By site.
    pub effects: Vec<Effects>,
    /// Names of the entry that nobody outside knows.
    pub own: std::collections::HashSet<String>,
    /// Q names no variable, so every variable is taken for one of its.
    pub whole: bool,
}

impl Facts {
    /// `lean`: for lean slices, see [`super::lean`].
    pub fn new(parsed: &Parsed, cfg: &Cfg, triple: &Triple, lean: bool) -> Facts {
        let (ast, language) = (&parsed.ast, parsed.language);
        let calls = Calls::new(parsed, triple.entry, lean);
        let mut names = Names::default();
        let joined = Linker::new(parsed, triple.entry, cfg, &calls, &mut names);
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
                Site::Got(call) => joined.got(*call, walker.names, &sharing),
                _ => walker.site(*site),
            };
            effects.push(own);
        }
        let place =
            |anchor: Anchor| anchor.stmt().and_then(|s| cfg.joined.function_of(s)).and_then(|f| joined.scope(f));
        names.enter(place(triple.post.anchor));
        let (mut reads, looks) = variables(&triple.post.condition, language, &sharing, &mut names);
        if triple.post.output {
            reads.push(names.intern(OUTPUT));
        }
        // Words about the state at the end are also about what is handed back ("`buf` is freed or returned").
        if at_exit && triple.post.condition.kind == ConditionKind::Text && !reads.is_empty() {
            reads.push(names.intern(RESULT));
        }
        let post_sites: Vec<SiteId> = cfg.post.iter().map(|n| cfg.node(*n).site).collect();
        let nothing = |s: &SiteId| effects[s.index()].reads.is_empty() && effects[s.index()].looks.is_empty();
        let whole = reads.is_empty() && looks.is_empty() && post_sites.iter().all(nothing);
        if whole {
            reads = (0..names.len() as u32).map(Var).collect();
        }
        for site in post_sites {
            effects[site.index()].reads.extend(&reads);
            effects[site.index()].looks.extend(&looks);
        }
        for (i, pre) in triple.pre.iter().enumerate() {
            names.enter(place(pre.anchor));
            let (mut reads, looks) = variables(&pre.condition, language, &sharing, &mut names);
            reads.extend(pre.output.then(|| names.intern(OUTPUT)));
            if let Some(site) = cfg.sites.iter().position(|s| *s == Site::Pre(i as u32)) {
                effects[site].reads.extend(&reads);
                effects[site].looks.extend(&looks);
            }
        }
        names.enter(None);
        let stmts = super::all_statements(ast, &ast.function(triple.entry).body.stmts);
        let own = calls.own_names(triple.entry, &stmts);
        Facts { names, sharing, effects, own, whole }
    }
}

/// The variables of a condition: those that it reads, and pointers of which it reads the value only.
fn variables(condition: &Condition, language: &Language, sharing: &Sharing, names: &mut Names) -> (Vec<Var>, Vec<Var>) {
    let compared = compared(condition, language);
    let (mut reads, mut looks) = (Vec::new(), Vec::new());
    for name in &condition.names {
        let var = names.intern(name);
        let value = compared.contains(name) && sharing.is_pointer(var);
        if value { looks.push(var) } else { reads.push(var) }
    }
    (reads, looks)
}

/// The graph as a class sees it: some edges lead nowhere any more.
#[derive(Debug)]
pub struct View {
    /// Edges to what is not alive lead to the exit: the path is rejected there.
    pub succ: Vec<Vec<Edge>>,
    /// By node: can it be run on a path of this view?
    pub alive: Vec<bool>,
    pub(super) pred: Vec<Vec<(NodeId, EdgeKind)>>,
    pub(super) augmented: Vec<Vec<NodeId>>,
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
