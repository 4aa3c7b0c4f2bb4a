//! Random graphs, for the properties of what is computed on graphs.

use super::dominators::PostDominators;
use super::{Cfg, Edge, EdgeKind, Node, NodeId, Site, SiteId, reach};
use crate::syntax::ast::StmtId;
use proptest::prelude::*;

/// A graph with entry 0, exit 1, Q at node 2, every node a site of its own; node 1 has no successors and every other has one
/// or two.
pub(crate) fn graph(edges: &[(u8, u8)]) -> Cfg {
    let len = edges.len() + 1;
    let node = |i: usize| NodeId((i % len) as u32);
    let mut nodes = Vec::new();
    let mut sites = Vec::new();
    for i in 0..len {
        let (a, b) = if i == 1 { (0, 0) } else { edges[if i == 0 { 0 } else { i - 1 }] };
        let mut succ = vec![];
        if i != 1 {
            succ.push(Edge { to: node(a as usize), kind: EdgeKind::True });
            if b != a {
                succ.push(Edge { to: node(b as usize), kind: EdgeKind::False });
            }
        }
        nodes.push(Node { site: SiteId(i as u32), succ, pseudo: (i != 1).then_some(NodeId(1)) });
        sites.push(Site::Stmt(StmtId(i as u32)));
    }
    let copies = (0..len).map(|i| vec![NodeId(i as u32)]).collect();
    let post = vec![NodeId(2)];
    Cfg {
        nodes,
        sites,
        copies,
        entry: NodeId(0),
        exit: NodeId(1),
        post,
        pre: vec![],
        completions: vec![],
        instances: vec![],
        continued: vec![],
        joined: Default::default(),
        cut: None,
    }
}

pub(crate) fn any_edges() -> impl Strategy<Value = Vec<(u8, u8)>> {
    prop::collection::vec((any::<u8>(), any::<u8>()), 3..9)
}

fn successors(cfg: &Cfg) -> Vec<Vec<NodeId>> {
    cfg.nodes.iter().map(|n| n.succ.iter().map(|e| e.to).chain(n.pseudo).collect()).collect()
}

proptest! {
    /// p post-dominates n exactly if the exit can't be reached from n without p.
    #[test]
    fn post_dominators_are_what_no_path_avoids(edges in any_edges()) {
        let cfg = graph(&edges);
        let succ = successors(&cfg);
        let found = PostDominators::new(&succ, cfg.exit);
        for n in cfg.ids() {
            for p in cfg.ids() {
                let around = reach(succ.len(), &[n], |at| {
                    succ[at.index()].iter().copied().filter(|to| *to != p).collect()
                });
                let avoids = n != p && p != cfg.exit && around[cfg.exit.index()];
                prop_assert_eq!(found.post_dominates(p, n), !avoids, "p {:?} n {:?}", p, n);
            }
        }
    }

    /// n is control-dependent on a exactly if n post-dominates one successor of a, but not a itself (or n is a).
    #[test]
    fn control_dependence_is_its_definition(edges in any_edges()) {
        let cfg = graph(&edges);
        let succ = successors(&cfg);
        let found = PostDominators::new(&succ, cfg.exit);
        let control = found.control_dependence(&succ);
        for n in cfg.ids() {
            for a in cfg.ids() {
                let by_edge = succ[a.index()].len() > 1 && succ[a.index()].iter().any(|s| found.post_dominates(n, *s));
                let strictly = n != a && found.post_dominates(n, a);
                prop_assert_eq!(control[n.index()].contains(&a), by_edge && !strictly, "n {:?} a {:?}", n, a);
            }
        }
    }
}
