//! Classes against walks.

use super::Classes;
use crate::cfg::bits::BitSet;
use crate::cfg::tests::{any_edges, graph};
use crate::cfg::{Cfg, NodeId};
use proptest::prelude::*;
use std::collections::HashSet;

/// Coverages of all walks from the entry to Q, by brute force over (node, coverage) without any cleverness.
fn by_walking(cfg: &Cfg, relevant: &BitSet) -> HashSet<BitSet> {
    let mut seen: HashSet<(NodeId, BitSet)> = HashSet::new();
    let mut out = HashSet::new();
    let mut stack = vec![(cfg.entry, BitSet::new(cfg.sites.len()))];
    while let Some((node, mut coverage)) = stack.pop() {
        if relevant.contains(node.index()) {
            coverage.insert(node.index());
        }
        if seen.insert((node, coverage.clone())) {
            if cfg.post.contains(&node) {
                out.insert(coverage.clone());
            }
            stack.extend(cfg.node(node).succ.iter().map(|e| (e.to, coverage.clone())));
        }
    }
    out
}

/// Q is always relevant; others by mask. A choice that leaves an irrelevant branch between different relevant nodes would
/// not come from a slice, but the classes must be right for it too.
fn relevant(cfg: &Cfg, mask: u16) -> BitSet {
    let mut out = BitSet::new(cfg.sites.len());
    out.insert(2);
    (0..cfg.nodes.len()).filter(|i| mask & (1 << i) != 0).for_each(|i| {
        out.insert(i);
    });
    out
}

proptest! {
    /// Every walk is in exactly one class, and every class has a walk.
    #[test]
    fn each_walk_is_in_exactly_one_class(edges in any_edges(), mask in any::<u16>()) {
        let cfg = graph(&edges);
        let relevant = relevant(&cfg, mask);
        let mut classes = Classes::new(&cfg, &relevant, usize::MAX);
        let found: Vec<BitSet> = classes.by_ref().collect();
        let distinct: HashSet<BitSet> = found.iter().cloned().collect();
        prop_assert!(classes.complete());
        prop_assert_eq!(found.len(), distinct.len(), "a class came out twice");
        prop_assert_eq!(distinct, by_walking(&cfg, &relevant));
    }

    /// Stopping early gives classes of the whole enumeration, and says that it isn't complete.
    #[test]
    fn a_limit_cuts_and_says_so(edges in any_edges(), limit in 1_usize..4) {
        let cfg = graph(&edges);
        let relevant = relevant(&cfg, u16::MAX);
        let all = by_walking(&cfg, &relevant);
        let mut classes = Classes::new(&cfg, &relevant, limit);
        let some: HashSet<BitSet> = classes.by_ref().take(limit).collect();
        prop_assert_eq!(some.len(), limit.min(all.len()));
        prop_assert!(some.is_subset(&all));
        if all.len() > limit {
            prop_assert!(!classes.complete());
        }
    }
}
