//! The control-flow graph of a triple as a value that can be kept and drawn, and which of its edges a class takes.

use crate::cfg::bits::BitSet;
use crate::cfg::{Cfg, EdgeKind, NodeId, Site, print, reach};
use crate::deps::Var;
use crate::deps::slicer::Facts;
use crate::spec::Triple;
use crate::syntax::Parsed;

/// Nodes of a graph that is kept; a larger one is no picture any more, and a run has many.
pub const MOST_NODES: usize = 4000;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Graph {
    /// The first is the entry.
    pub nodes: Vec<GraphNode>,
    /// In the order of their sources.
    pub edges: Vec<GraphEdge>,
    /// Why there are no nodes; empty where there are.
    pub omitted: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GraphNode {
    pub kind: NodeKind,
    /// For people, shortened: `x > 0`, `then`, `case 2`.
    pub text: String,
    /// 1-based line and column of its first byte, and of the byte after its last; `None` for what stands nowhere in the text.
    pub place: Option<Place>,
    /// Q may depend on it: it counts for classes.
    pub relevant: bool,
    /// Names that it reads, and that it may change.
    pub reads: Vec<String>,
    pub writes: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub line: u32,
    pub column: u32,
    pub end_line: u32,
    pub end_column: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NodeKind {
    Entry,
    Exit,
    Pre,
    Post,
    Condition,
    /// A side, a round, an arm: where a branch goes on.
    Marker,
    /// Arguments or result of a call that is followed.
    Call,
    Statement,
}

/// Indices into [`Graph::nodes`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GraphEdge {
    pub from: u32,
    pub to: u32,
    /// `true`, `false`, `case 1`, `raises`; empty for the next statement.
    pub why: String,
}

/// Edges are numbered as [`covered`] numbers them.
pub fn graph(cfg: &Cfg, parsed: &Parsed, triple: &Triple, facts: &Facts, relevant: &BitSet) -> Graph {
    if cfg.nodes.len() > MOST_NODES {
        let omitted = format!("it has {} nodes, more than {MOST_NODES}", cfg.nodes.len());
        return Graph { omitted, ..Graph::default() };
    }
    let node = |id: NodeId| {
        let (mut span, text) = print::said(cfg, parsed, id);
        match cfg.site_of(id) {
            Site::Post => span = triple.post.condition.span,
            Site::Pre(i) => span = triple.pre.get(i as usize).and_then(|p| p.condition.span),
            _ => {}
        }
        let source = &parsed.source;
        let place = span.map(|s| Place {
            line: source.line(s.start),
            column: source.column(s.start),
            end_line: source.line(s.end),
            end_column: source.column(s.end),
        });
        let site = cfg.node(id).site.index();
        let effects = facts.effects.get(site);
        // What isn't a name in any language is of no use to people.
        let names = |vars: &mut dyn Iterator<Item = &Var>| {
            let mut names: Vec<String> =
                vars.map(|v| facts.names.name(*v)).filter(|n| !n.contains('<')).map(str::to_owned).collect();
            names.sort();
            names.dedup();
            names
        };
        GraphNode {
            kind: kind(cfg, id),
            text,
            place,
            relevant: relevant.contains(site),
            reads: effects.map_or(Vec::new(), |e| names(&mut e.reads.iter())),
            writes: effects.map_or(Vec::new(), |e| names(&mut e.strong.iter().chain(&e.weak))),
        }
    };
    // The entry first; everything else in the order in which it was built.
    let order = || std::iter::once(cfg.entry).chain(cfg.ids().filter(|n| *n != cfg.entry));
    let mut index = vec![0; cfg.nodes.len()];
    order().enumerate().for_each(|(i, n)| index[n.index()] = i as u32);
    let edges = edges(cfg).map(|(from, to, kind)| GraphEdge {
        from: index[from.index()],
        to: index[to.index()],
        why: print::edge_label(kind),
    });
    Graph { nodes: order().map(node).collect(), edges: edges.collect(), omitted: String::new() }
}

/// Numbers of the edges that paths of a class may take on their way to Q: paths through relevant sites of `class` only.
pub fn covered(cfg: &Cfg, relevant: &BitSet, class: &BitSet) -> Vec<u32> {
    if cfg.nodes.len() > MOST_NODES {
        return Vec::new();
    }
    let open = |n: NodeId| {
        let site = cfg.node(n).site.index();
        !relevant.contains(site) || class.contains(site)
    };
    let next = |n: NodeId| cfg.node(n).succ.iter().map(|e| e.to).filter(|to| open(*to)).collect::<Vec<_>>();
    let forward = reach(cfg.nodes.len(), &[cfg.entry], next);
    let mut pred: Vec<Vec<NodeId>> = vec![Vec::new(); cfg.nodes.len()];
    for id in cfg.ids().filter(|n| forward[n.index()]) {
        next(id).into_iter().for_each(|to| pred[to.index()].push(id));
    }
    let ends: Vec<NodeId> = cfg.post.iter().copied().filter(|n| forward[n.index()]).collect();
    let alive = reach(cfg.nodes.len(), &ends, |n| pred[n.index()].clone());
    let taken = |(from, to): (NodeId, NodeId)| alive[from.index()] && alive[to.index()];
    let numbered = edges(cfg).enumerate();
    numbered.filter(|(_, (from, to, _))| taken((*from, *to))).map(|(i, _)| i as u32).collect()
}

fn edges(cfg: &Cfg) -> impl Iterator<Item = (NodeId, NodeId, EdgeKind)> {
    cfg.ids().flat_map(|id| cfg.node(id).succ.iter().map(move |e| (id, e.to, e.kind)))
}

fn kind(cfg: &Cfg, id: NodeId) -> NodeKind {
    let site = cfg.site_of(id);
    if cfg.post.contains(&id) {
        return NodeKind::Post;
    }
    if cfg.pre.contains(&cfg.node(id).site) {
        return NodeKind::Pre;
    }
    match site {
        Site::Entry => NodeKind::Entry,
        Site::Exit => NodeKind::Exit,
        Site::Pre(_) => NodeKind::Pre,
        Site::Post => NodeKind::Post,
        Site::Cond(_) => NodeKind::Condition,
        Site::Then(_)
        | Site::Else(_)
        | Site::Enter(_)
        | Site::Back(_)
        | Site::Arm(..)
        | Site::NoArm(_)
        | Site::Branch(..)
        | Site::Handler(..)
        | Site::Rethrow(_)
        | Site::Label(_) => NodeKind::Marker,
        Site::Args(_) | Site::Got(_) => NodeKind::Call,
        Site::Stmt(_) | Site::Declarator(..) | Site::With(_) => NodeKind::Statement,
    }
}
