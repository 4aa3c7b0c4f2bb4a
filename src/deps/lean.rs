//! Lean slices: what the published slices leave out is left out here too.
//!
//! An exact slice keeps every branch that decides whether Q is reached. A lean one keeps a branch only if
//! 1. it stands around something kept (or around the call that leads there), or
//! 2. what it reads shares data with Q: some value that Q's variables are made from is among it.
//!
//! A jump stays with the branch it stands in, and where it leads to a place that makes such a value (`if (failed) goto error; ...
//! error: result = NULL;`); then its branch does too. Early exits and loops that share nothing with Q are gone, as if they were
//! never taken. Besides, callees of which nothing is known do less than they may: what only a kept branch reads they leave as it
//! is (`LockDisplay(dpy)`), they assign no pointer that they get by name, and they tie nothing together that they receive. Nor does
//! a store of one object's field in another's. What is freed changes nothing that a branch reads. Functions that only say how far a
//! pointer moves stay calls ([`crate::cfg::joined::Joined::aside`]); thin slices leave addresses to the reader, too (Sridharan,
//! Fink, Bodik, "Thin slicing", 2007).
//!
//! So a lean slice accepts inputs that the program leaves by an early exit, and a branch in it may go another way than in the
//! program. What is said of it is no more than a claim.

use super::backward::Walk;
use crate::cfg::{NodeId, Site, SiteId, reach};
use std::collections::{BTreeMap, HashMap};

/// For each site the conditions that stand around it, the innermost first.
pub type Around = Vec<Vec<SiteId>>;

/// Which branches and jumps stay.
pub struct Policy<'a> {
    around: &'a Around,
    /// From jumps: what they lead to.
    reached: HashMap<NodeId, Vec<bool>>,
}

impl<'a> Policy<'a> {
    pub fn new(around: &'a Around) -> Self {
        Policy { around, reached: HashMap::new() }
    }

    /// Branches and jumps that a slice lacks, with their copies that it is about.
    pub fn missing(&mut self, walk: &Walk, control: &[Vec<NodeId>]) -> BTreeMap<SiteId, Vec<NodeId>> {
        let mut out: BTreeMap<SiteId, Vec<NodeId>> = BTreeMap::new();
        // A condition that a jump goes past may be on no path, though what stands in it is.
        let lacks = |s: &SiteId| !walk.kept.contains(s.index()) && walk.view.site_alive(walk.cfg, *s);
        let entered = walk.entered();
        let calls = entered.iter().map(|i| walk.cfg.node(i.args).site.index());
        // Copies in calls that nothing is hit in only come along.
        let passed = |n: &NodeId| walk.cfg.instances.iter().all(|i| !i.contains(*n) || entered.contains(i));
        for site in walk.kept.iter().chain(calls) {
            for condition in self.around[site].iter().filter(|c| lacks(c)) {
                let copies = &walk.cfg.copies[condition.index()];
                out.insert(*condition, copies.iter().copied().filter(passed).collect());
            }
        }
        // Whatever decides about a copy that was hit, directly or not.
        let mut seen = walk.hit.clone();
        let mut todo: Vec<NodeId> = walk.hit.iter().map(|n| NodeId(n as u32)).collect();
        while let Some(node) = todo.pop() {
            for decider in &control[node.index()] {
                let site = walk.cfg.node(*decider).site;
                if (lacks(&site) || !walk.hit.contains(decider.index()))
                    && self.stays(walk, *decider, node, passed(decider))
                {
                    out.entry(site).or_default().push(*decider);
                }
                if seen.insert(decider.index()) {
                    todo.push(*decider);
                }
            }
        }
        out
    }

    /// Whether what decides about `node` is kept; `here`: it is in no call that only comes along.
    fn stays(&mut self, walk: &Walk, decider: NodeId, node: NodeId, here: bool) -> bool {
        let site = walk.cfg.node(decider).site;
        let effects = &walk.facts.effects[site.index()];
        let shares = || effects.reads.iter().chain(&effects.looks).any(|v| walk.shared.contains(v.0 as usize));
        if matches!(walk.cfg.sites[site.index()], Site::Cond(_)) {
            let inside = &self.around[walk.cfg.node(node).site.index()];
            return shares() || walk.hit.contains(node.index()) && inside.contains(&site);
        }
        let inside = here && self.around[site.index()].iter().all(|c| walk.kept.contains(c.index()));
        // What is no jump may leave: a call, an assertion.
        if walk.cfg.node(decider).pseudo.is_none() {
            return inside && shares();
        }
        let makes = walk.data.contains(node.index()) && !walk.cfg.post.contains(&node);
        inside || makes && self.leads(walk, decider, node)
    }

    /// Whether `to` can be reached by a jump.
    fn leads(&mut self, walk: &Walk, jump: NodeId, to: NodeId) -> bool {
        let next = |n: NodeId| walk.view.succ[n.index()].iter().map(|e| e.to).collect();
        self.reached.entry(jump).or_insert_with(|| reach(walk.cfg.nodes.len(), &[jump], next))[to.index()]
    }
}
