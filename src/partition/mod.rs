//! Path classes: which sets of relevant places a path from the entry to Q covers.
//!
//! *Relevant*: in the backward slice of Q over the whole function, or a marker of a relevant branch. Only these are counted,
//! so branches that can't matter don't multiply classes: both their sides are merged before anything is enumerated.
//!
//! Classes are enumerated by a search over states (node, coverage after entering the node). A state seen before is
//! pruned: its futures are known. So loops end and each class comes out once (Algorithm 3 of the AutoExe paper, keyed on
//! the pair). Example: `while (c) { if (b) x = 1; }` has four classes: no round, rounds with `b` only true, only false, both.
//!
//! Classes may be exponential in the branches that matter, so the search first gives one class for every relevant edge
//! that isn't covered yet (shortest paths), then the rest, those that are likely to cover least first (A*, with the distance to
//! Q as the estimate; deeper states first among equals, so that the next class is always near). Whoever stops early knows
//! it from [`Classes::complete`].

#[cfg(test)]
mod tests;

use crate::cfg::bits::BitSet;
use crate::cfg::{Cfg, NodeId, Site};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet, VecDeque};

/// States kept at most, so that memory stays bounded however long the caller goes on.
const MAX_STATES: usize = 1 << 20;

/// Relevant places: the slice plus the markers of its branches.
pub fn relevant(cfg: &Cfg, slice: &BitSet) -> BitSet {
    let mut out = slice.clone();
    let conditions: HashSet<_> = slice
        .iter()
        .filter_map(|i| match cfg.sites[i] {
            Site::Cond(stmt) => Some(stmt),
            _ => None,
        })
        .collect();
    for (i, site) in cfg.sites.iter().enumerate() {
        let marker = matches!(
            site,
            Site::Then(_) | Site::Else(_) | Site::Enter(_) | Site::Arm(..) | Site::NoArm(_) | Site::Branch(..)
        );
        if marker && site.stmt().is_some_and(|s| conditions.contains(&s)) {
            out.insert(i);
        }
    }
    out
}

/// The graph of relevant nodes on paths to Q: an edge where one can follow the other with nothing relevant between.
struct Quotient {
    nodes: Vec<NodeId>,
    /// Site of each node.
    site: Vec<u32>,
    /// Successors by index into `nodes`, in the order of the graph's edges; [`END`] after Q.
    succ: Vec<Vec<u32>>,
    start: Vec<u32>,
    /// Nodes on the shortest way from each to Q.
    far: Vec<u32>,
}

const END: u32 = u32::MAX;

impl Quotient {
    fn new(cfg: &Cfg, relevant: &BitSet) -> Self {
        let region = cfg.region();
        let counts = |n: NodeId| region[n.index()] && relevant.contains(cfg.node(n).site.index());
        let nodes: Vec<NodeId> = cfg.ids().filter(|n| counts(*n)).collect();
        let mut index = vec![END; cfg.nodes.len()];
        for (i, node) in nodes.iter().enumerate() {
            index[node.index()] = i as u32;
        }
        let next = |from: NodeId| {
            let mut out: Vec<u32> = Vec::new();
            let mut seen: HashSet<NodeId> = HashSet::new();
            let mut stack: Vec<NodeId> = cfg.node(from).succ.iter().rev().map(|e| e.to).collect();
            while let Some(node) = stack.pop() {
                if !region[node.index()] || !seen.insert(node) {
                    continue;
                }
                if index[node.index()] != END {
                    out.push(index[node.index()]);
                } else {
                    stack.extend(cfg.node(node).succ.iter().rev().map(|e| e.to));
                }
            }
            out
        };
        let mut succ: Vec<Vec<u32>> = nodes.iter().map(|n| next(*n)).collect();
        for post in &cfg.post {
            if index[post.index()] != END {
                succ[index[post.index()] as usize].insert(0, END);
            }
        }
        let start = if index[cfg.entry.index()] != END { vec![index[cfg.entry.index()]] } else { next(cfg.entry) };
        let site = nodes.iter().map(|n| cfg.node(*n).site.0).collect();
        let far = distances(&succ);
        Quotient { nodes, site, succ, start, far }
    }

    /// The next step on a shortest way to Q, from a node that has one.
    fn onward(&self, from: u32) -> u32 {
        let nearer = |to: &&u32| **to == END || self.far[**to as usize] < self.far[from as usize];
        self.succ[from as usize].iter().find(nearer).copied().unwrap_or(END)
    }
}

/// Steps from each node to [`END`].
fn distances(succ: &[Vec<u32>]) -> Vec<u32> {
    let mut pred: Vec<Vec<u32>> = vec![vec![]; succ.len()];
    let mut far = vec![u32::MAX; succ.len()];
    let mut queue: VecDeque<u32> = VecDeque::new();
    for (from, targets) in succ.iter().enumerate() {
        for to in targets {
            if *to == END {
                far[from] = 0;
                queue.push_back(from as u32);
            } else {
                pred[*to as usize].push(from as u32);
            }
        }
    }
    while let Some(node) = queue.pop_front() {
        for from in &pred[node as usize] {
            if far[*from as usize] == u32::MAX {
                far[*from as usize] = far[node as usize] + 1;
                queue.push_back(*from);
            }
        }
    }
    far
}

/// A state to go on from: `(estimate, distance, age, node, coverage)`.
type Open = (u32, u32, Reverse<u64>, u32, u32);

/// Iterator over classes; each item is the set of covered relevant sites.
pub struct Classes {
    graph: Quotient,
    width: usize,
    /// Coverages by number, and their numbers.
    coverages: Vec<BitSet>,
    numbers: HashMap<BitSet, u32>,
    seen: HashSet<(u32, u32)>,
    /// How many sites each coverage has.
    sizes: Vec<u32>,
    /// States to go on from, the most promising first.
    open: BinaryHeap<Reverse<Open>>,
    age: u64,
    started: bool,
    /// Classes found and not given out yet.
    ready: VecDeque<u32>,
    yielded: HashSet<u32>,
    /// Classes that cover every edge, computed when first asked.
    edge_cover: Option<VecDeque<u32>>,
    /// No more classes than this are wanted.
    limit: usize,
    finished: bool,
    gave_up: bool,
}

impl Classes {
    /// `limit`: how many classes the caller will take at most (what covers edges is only prepared for so many).
    pub fn new(cfg: &Cfg, relevant: &BitSet, limit: usize) -> Self {
        let width = cfg.sites.len();
        let graph = Quotient::new(cfg, relevant);
        Classes {
            graph,
            width,
            coverages: vec![],
            numbers: HashMap::new(),
            seen: HashSet::new(),
            sizes: vec![],
            open: BinaryHeap::new(),
            age: 0,
            started: false,
            ready: VecDeque::new(),
            yielded: HashSet::new(),
            edge_cover: None,
            limit,
            finished: false,
            gave_up: false,
        }
    }

    /// All classes were given out.
    pub fn complete(&self) -> bool {
        self.finished && !self.gave_up
    }

    /// Number of relevant nodes on paths to Q.
    pub fn relevant_nodes(&self) -> usize {
        self.graph.nodes.len()
    }

    fn number(&mut self, coverage: BitSet) -> u32 {
        if let Some(n) = self.numbers.get(&coverage) {
            return *n;
        }
        let n = self.coverages.len() as u32;
        self.sizes.push(coverage.iter().count() as u32);
        self.coverages.push(coverage.clone());
        self.numbers.insert(coverage, n);
        n
    }

    fn with(&mut self, coverage: u32, node: u32) -> u32 {
        let site = self.graph.site[node as usize] as usize;
        if self.coverages[coverage as usize].contains(site) {
            return coverage;
        }
        let mut next = self.coverages[coverage as usize].clone();
        next.insert(site);
        self.number(next)
    }

    fn empty(&mut self) -> u32 {
        self.number(BitSet::new(self.width))
    }

    /// Coverages of shortest paths that together take every edge. Cost: a breadth-first search, and the length of the paths.
    fn cover_edges(&mut self) -> VecDeque<u32> {
        let g = &self.graph;
        let len = g.succ.len();
        // Parents on shortest paths from the start.
        let mut parent: Vec<Option<u32>> = vec![None; len];
        let mut order = Vec::new();
        let mut reached = vec![false; len];
        let mut queue: VecDeque<u32> = VecDeque::new();
        for s in &g.start {
            if !std::mem::replace(&mut reached[*s as usize], true) {
                queue.push_back(*s);
            }
        }
        while let Some(node) = queue.pop_front() {
            order.push(node);
            for to in g.succ[node as usize].iter().filter(|t| **t != END) {
                if !std::mem::replace(&mut reached[*to as usize], true) {
                    parent[*to as usize] = Some(node);
                    queue.push_back(*to);
                }
            }
        }
        let mut taken: HashSet<(u32, u32)> = HashSet::new();
        let mut paths: Vec<Vec<u32>> = Vec::new();
        for from in order {
            for to in g.succ[from as usize].clone() {
                if paths.len() >= self.limit
                    || taken.contains(&(from, to))
                    || (to != END && g.far[to as usize] == u32::MAX)
                {
                    continue;
                }
                let mut path = vec![from];
                while let Some(up) = parent[path[path.len() - 1] as usize] {
                    path.push(up);
                }
                path.reverse();
                let mut at = to;
                while at != END {
                    path.push(at);
                    at = g.onward(at);
                }
                taken.extend(path.windows(2).map(|w| (w[0], w[1])));
                taken.insert((path[path.len() - 1], END));
                paths.push(path);
            }
        }
        let mut out = VecDeque::new();
        for path in paths {
            let mut coverage = BitSet::new(self.width);
            for node in path {
                coverage.insert(self.graph.site[node as usize] as usize);
            }
            let coverage = self.number(coverage);
            if self.yielded.insert(coverage) {
                out.push_back(coverage);
            }
        }
        out
    }

    fn push(&mut self, node: u32, coverage: u32) {
        if self.seen.insert((node, coverage)) {
            let far = self.graph.far[node as usize];
            let estimate = self.sizes[coverage as usize].saturating_add(far);
            self.age += 1;
            self.open.push(Reverse((estimate, far, Reverse(self.age), node, coverage)));
        }
    }

    /// The next class of the search, as a coverage number.
    fn search(&mut self) -> Option<u32> {
        if !std::mem::replace(&mut self.started, true) {
            let empty = self.empty();
            for start in self.graph.start.clone() {
                let coverage = self.with(empty, start);
                self.push(start, coverage);
            }
        }
        loop {
            if let Some(found) = self.ready.pop_front() {
                return Some(found);
            }
            if self.seen.len() > MAX_STATES {
                self.gave_up = true;
                self.finished = true;
                return None;
            }
            let Some(Reverse((_, _, _, node, coverage))) = self.open.pop() else {
                self.finished = true;
                return None;
            };
            for i in 0..self.graph.succ[node as usize].len() {
                let to = self.graph.succ[node as usize][i];
                if to == END {
                    if self.yielded.insert(coverage) {
                        self.ready.push_back(coverage);
                    }
                } else {
                    let next = self.with(coverage, to);
                    self.push(to, next);
                }
            }
        }
    }
}

impl Iterator for Classes {
    type Item = BitSet;

    fn next(&mut self) -> Option<BitSet> {
        if self.edge_cover.is_none() {
            let cover = self.cover_edges();
            self.edge_cover = Some(cover);
        }
        let number = self.edge_cover.as_mut().and_then(VecDeque::pop_front).or_else(|| self.search())?;
        Some(self.coverages[number as usize].clone())
    }
}
