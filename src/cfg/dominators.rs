//! Post-dominators and control dependence.
//!
//! A node p post-dominates n if every path from n to the exit goes through p. Immediate post-dominators are found by
//! iterating over the reversed graph in reverse postorder (Cooper, Harvey, Kennedy, "A simple, fast dominance algorithm",
//! 2001): near linear on graphs of real programs, quadratic at worst.
//!
//! n is control-dependent on a if a has an edge to a node that n post-dominates (or n itself) while n does not post-dominate
//! a (Ferrante, Ottenstein, Warren, 1987): whether n runs is decided at a.

use super::NodeId;

const NONE: u32 = u32::MAX;

pub struct PostDominators {
    /// Immediate post-dominator of each node; the exit's is itself, `NONE` where the exit can't be reached.
    ipdom: Vec<u32>,
    exit: u32,
}

impl PostDominators {
    /// `succ` are the successors of each node, pseudo edges included.
    pub fn new(succ: &[Vec<NodeId>], exit: NodeId) -> Self {
        let len = succ.len();
        let mut pred: Vec<Vec<u32>> = vec![vec![]; len];
        for (from, targets) in succ.iter().enumerate() {
            for to in targets {
                pred[to.index()].push(from as u32);
            }
        }
        let postorder = postorder(&pred, exit.0);
        let mut number = vec![NONE; len];
        for (i, node) in postorder.iter().enumerate() {
            number[*node as usize] = i as u32;
        }
        let mut ipdom = vec![NONE; len];
        ipdom[exit.index()] = exit.0;
        let mut changed = true;
        while changed {
            changed = false;
            for &node in postorder.iter().rev().filter(|n| **n != exit.0) {
                let mut best = NONE;
                for to in succ[node as usize].iter().map(|t| t.0).filter(|t| ipdom[*t as usize] != NONE) {
                    best = if best == NONE { to } else { meet(&ipdom, &number, best, to) };
                }
                if ipdom[node as usize] != best {
                    ipdom[node as usize] = best;
                    changed = true;
                }
            }
        }
        PostDominators { ipdom, exit: exit.0 }
    }

    pub fn immediate(&self, node: NodeId) -> Option<NodeId> {
        let up = self.ipdom[node.index()];
        (up != NONE && node.0 != self.exit).then_some(NodeId(up))
    }

    /// Whether `p` is on every path from `n` to the exit (a node post-dominates itself).
    pub fn post_dominates(&self, p: NodeId, n: NodeId) -> bool {
        let mut at = Some(n);
        while let Some(node) = at {
            if node == p {
                return true;
            }
            at = self.immediate(node);
        }
        false
    }

    /// For each node the nodes that decide whether it runs. Cost: the size of the answer, plus the edges.
    pub fn control_dependence(&self, succ: &[Vec<NodeId>]) -> Vec<Vec<NodeId>> {
        let mut out = vec![vec![]; succ.len()];
        for (from, targets) in succ.iter().enumerate() {
            let from = NodeId(from as u32);
            if targets.len() < 2 || self.ipdom[from.index()] == NONE {
                continue;
            }
            let stop = self.immediate(from);
            for target in targets {
                let mut at = Some(*target);
                while let Some(node) = at.filter(|n| Some(*n) != stop) {
                    let list: &mut Vec<NodeId> = &mut out[node.index()];
                    if list.last() != Some(&from) {
                        list.push(from);
                    }
                    at = self.immediate(node);
                }
            }
        }
        out
    }
}

/// Nodes that reach `root` against `pred`, children before parents.
fn postorder(pred: &[Vec<u32>], root: u32) -> Vec<u32> {
    let mut seen = vec![false; pred.len()];
    let mut out = Vec::new();
    let mut stack = vec![(root, 0)];
    seen[root as usize] = true;
    while let Some((node, next)) = stack.last_mut() {
        match pred[*node as usize].get(*next) {
            Some(&to) => {
                *next += 1;
                if !std::mem::replace(&mut seen[to as usize], true) {
                    stack.push((to, 0));
                }
            }
            None => {
                out.push(*node);
                stack.pop();
            }
        }
    }
    out
}

fn meet(ipdom: &[u32], number: &[u32], a: u32, b: u32) -> u32 {
    let (mut a, mut b) = (a, b);
    while a != b {
        while number[a as usize] < number[b as usize] {
            a = ipdom[a as usize];
        }
        while number[b as usize] < number[a as usize] {
            b = ipdom[b as usize];
        }
    }
    a
}
