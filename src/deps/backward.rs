//! Backward slices over a view of the graph (Weiser, "Program slicing", 1981, with control dependence from
//! post-dominance), exact or lean.
//!
//! Demand-driven: a pair (node, variable) says that the variable's value on entry to the node is needed. Each pair is
//! looked at once, so a slice costs O(edges x variables needed), and nothing is computed for variables nobody asks for.
//!
//! Of a pointer either everything is needed or only its own value, which writes through it leave as it is. To make that value, a
//! place need not have all that its text reads ([`Effects::made`]).

use super::Var;
use super::effects::Effects;
use super::lean::Policy;
use super::slicer::{Facts, View};
use crate::cfg::bits::BitSet;
use crate::cfg::dominators::PostDominators;
use crate::cfg::{Cfg, EdgeKind, Instance, NodeId, SiteId};
use crate::syntax::ast::ExprId;

/// Whose value is needed: Q's, or only that of a branch which a lean slice keeps. An exact slice knows no difference.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Interest {
    Guard,
    Data,
}

/// How much of a variable is needed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// A pointer's own value.
    Value,
    /// With all that can be reached through it.
    Whole,
}

type Need = (Interest, Extent);

/// What a need covers besides itself.
fn covering(need: Need) -> impl Iterator<Item = usize> {
    let all = [Interest::Guard, Interest::Data].into_iter().flat_map(|i| [(i, Extent::Value), (i, Extent::Whole)]);
    let at_least = move |(i, e): &Need| {
        (*i == Interest::Data || need.0 == Interest::Guard) && (*e == Extent::Whole || need.1 == Extent::Value)
    };
    all.filter(at_least).map(number)
}

fn number((interest, extent): Need) -> usize {
    2 * usize::from(interest == Interest::Data) + usize::from(extent == Extent::Whole)
}

/// A slice.
#[derive(Debug)]
pub struct Sliced {
    pub sites: BitSet,
    /// Calls through which something of a lean slice is reached.
    pub entered: Vec<ExprId>,
}

/// Backward slice: the sites on which those of `criterion` depend, and those themselves. Sites that aren't alive don't count.
/// `others` are kept with what they depend on, too, without being Q's (headers, declarations); with a policy the slice is lean.
pub fn slice(
    cfg: &Cfg,
    view: &View,
    facts: &Facts,
    criterion: &[SiteId],
    others: &[SiteId],
    policy: Option<&mut Policy>,
) -> Sliced {
    let control = PostDominators::new(&view.augmented, cfg.exit).control_dependence(&view.augmented);
    let sites = cfg.sites.len();
    let mut walk = Walk {
        cfg,
        view,
        facts,
        kept: BitSet::new(sites),
        hit: BitSet::new(cfg.nodes.len()),
        data: BitSet::new(cfg.nodes.len()),
        shared: BitSet::new(facts.names.len()),
        needed: vec![Default::default(); cfg.nodes.len()],
        read: [BitSet::new(cfg.nodes.len()), BitSet::new(cfg.nodes.len())],
        new: vec![],
        pairs: vec![],
        lean: policy.is_some(),
    };
    for site in criterion {
        walk.keep(*site, Interest::Data);
        walk.nodes(*site).collect::<Vec<_>>().into_iter().for_each(|n| walk.hit(n, Interest::Data));
    }
    others.iter().for_each(|s| walk.keep(*s, if walk.lean { Interest::Guard } else { Interest::Data }));
    let Some(policy) = policy else {
        loop {
            walk.flow();
            let Some(site) = walk.new.pop() else { return Sliced { sites: walk.kept, entered: vec![] } };
            for node in walk.nodes(site).collect::<Vec<_>>() {
                control[node.index()].iter().for_each(|d| walk.keep_decider(cfg.node(*d).site));
            }
        }
    };
    loop {
        walk.flow();
        let more = policy.missing(&walk, &control);
        if more.is_empty() {
            let entered = walk.entered().into_iter().map(|i| i.call).collect();
            return Sliced { sites: walk.kept, entered };
        }
        for (site, nodes) in more {
            walk.show(site);
            for node in nodes.into_iter().filter(|n| view.alive[n.index()]) {
                walk.hit(node, Interest::Guard);
                walk.read(node, Interest::Guard);
            }
        }
    }
}

/// A slice in the making.
pub struct Walk<'a> {
    pub cfg: &'a Cfg,
    pub view: &'a View,
    pub facts: &'a Facts,
    pub kept: BitSet,
    /// Copies of kept sites for whose sake these are kept; other copies only come along, since the text is the same. For lean
    /// slices.
    pub hit: BitSet,
    /// Those that are kept for Q's data.
    pub data: BitSet,
    /// Variables that Q's values are made from, anywhere.
    pub shared: BitSet,
    /// By node, for each need.
    needed: Vec<[Option<BitSet>; 4]>,
    /// Nodes all whose reads are needed, by interest.
    read: [BitSet; 2],
    /// Kept sites whose deciders weren't looked at.
    new: Vec<SiteId>,
    pairs: Vec<(NodeId, Var, Need)>,
    lean: bool,
}

impl Walk<'_> {
    fn nodes(&self, site: SiteId) -> impl Iterator<Item = NodeId> + use<'_> {
        self.cfg.copies[site.index()].iter().copied().filter(|n| self.view.alive[n.index()])
    }

    fn hit(&mut self, node: NodeId, interest: Interest) {
        self.hit.insert(node.index());
        if interest == Interest::Data {
            self.data.insert(node.index());
        }
    }

    /// The calls that are built in around a copy that was hit.
    pub fn entered(&self) -> Vec<Instance> {
        let inside = |i: &&Instance| self.hit.iter().any(|n| i.contains(NodeId(n as u32)));
        self.cfg.instances.iter().filter(inside).copied().collect()
    }

    /// Keeps a site with all that it reads, at all of its copies.
    fn keep(&mut self, site: SiteId, interest: Interest) {
        self.show(site);
        self.nodes(site).collect::<Vec<_>>().into_iter().for_each(|n| self.read(n, interest));
    }

    /// Keeps the site of a copy with all that it reads. An exact slice is run, so other copies must find what they read, too.
    fn keep_for(&mut self, node: NodeId, interest: Interest) {
        let site = self.cfg.node(node).site;
        if self.lean {
            self.show(site);
            self.read(node, interest);
        } else {
            self.keep(site, interest);
        }
    }

    /// Keeps what decides whether something runs. Of a `return` that others come after only that it is there counts, and that its
    /// value can be made.
    fn keep_decider(&mut self, site: SiteId) {
        let facts = self.facts;
        let [(_, made)] = &facts.effects[site.index()].made[..] else { return self.keep(site, Interest::Data) };
        self.show(site);
        self.nodes(site).collect::<Vec<_>>().into_iter().for_each(|n| self.make(n, Interest::Data, made));
    }

    fn read(&mut self, node: NodeId, interest: Interest) {
        let data = interest == Interest::Data;
        if !self.read[1].contains(node.index()) && self.read[usize::from(data)].insert(node.index()) {
            let facts = self.facts;
            self.make(node, interest, &facts.effects[self.cfg.node(node).site.index()]);
        }
    }

    /// Needs what `effects` read at a node.
    fn make(&mut self, node: NodeId, interest: Interest, effects: &Effects) {
        effects.reads.iter().for_each(|v| self.need(node, *v, (interest, Extent::Whole)));
        effects.looks.iter().for_each(|v| self.need(node, *v, (interest, Extent::Value)));
    }

    /// Keeps a site, with what decides about it.
    fn show(&mut self, site: SiteId) {
        if self.view.site_alive(self.cfg, site) && self.kept.insert(site.index()) {
            self.new.push(site);
        }
    }

    fn need(&mut self, node: NodeId, var: Var, need: Need) {
        let sets = &mut self.needed[node.index()];
        let has = |i: usize| sets[i].as_ref().is_some_and(|set| set.contains(var.0 as usize));
        if covering(need).any(has) {
            return;
        }
        let words = self.facts.names.len();
        sets[number(need)].get_or_insert_with(|| BitSet::new(words)).insert(var.0 as usize);
        self.pairs.push((node, var, need));
        if need.0 == Interest::Data {
            self.shared.insert(var.0 as usize);
        }
    }

    /// Follows all that is needed back to where it is written.
    fn flow(&mut self) {
        let view = self.view;
        while let Some((node, var, need)) = self.pairs.pop() {
            for (from, kind) in &view.pred[node.index()] {
                let strong = self.written(*from, var, need);
                if !strong || *kind == EdgeKind::Exception {
                    self.need(*from, var, need);
                }
            }
        }
    }

    /// `var` is needed behind `from`; whether it certainly gets its value there.
    fn written(&mut self, from: NodeId, var: Var, (interest, extent): Need) -> bool {
        let site = self.cfg.node(from).site;
        let facts = self.facts;
        let effects = &facts.effects[site.index()];
        if !effects.strong.contains(&var) {
            let ignored = extent == Extent::Value && effects.beneath.contains(&var)
                || interest == Interest::Guard && effects.passed.contains(&var);
            if effects.weak.contains(&var) && !ignored {
                self.hit(from, interest);
                self.keep_for(from, interest);
            }
            return false;
        }
        self.hit(from, interest);
        let made = effects.made.iter().find(|(v, _)| *v == var && extent == Extent::Value).map(|(_, made)| made);
        let argument = effects.arguments.iter().find(|(v, _)| *v == var && self.lean);
        if let Some((_, own)) = argument {
            // An argument is made from its own expression. Its neighbours only stand there.
            self.show(site);
            self.make(from, interest, &own[usize::from(made.is_some())]);
            match made {
                Some(made) => self.make(from, Interest::Guard, made),
                None => self.read(from, Interest::Guard),
            }
        } else if let Some(made) = made {
            self.show(site);
            match self.lean {
                true => self.make(from, interest, made),
                false => self.nodes(site).collect::<Vec<_>>().into_iter().for_each(|n| self.make(n, interest, made)),
            }
        } else {
            self.keep_for(from, interest);
        }
        true
    }
}
