//! The part of a graph that a class covers, in the order in which control first comes to it.
//!
//! That order is a reverse postorder from the entry, in which a loop's round stands before what comes behind the loop. A node stands within
//! the bounds of an edge that leads back if it may be executed again. Cost: linear in nodes and edges, but for loops: nodes times
//! edges that lead back.

use super::{Branch, Step};
use crate::report::record::{Assumption, Edge, Graph, Node};

#[derive(Debug, Default, PartialEq)]
pub struct Path {
    pub steps: Vec<Step>,
    pub branches: Vec<Branch>,
    /// Steps that Q can't depend on.
    pub left_out: usize,
    /// Why there are none.
    pub omitted: String,
}

/// The path of one slice; of the whole graph for `None`.
pub fn path(graph: &Graph, slice: Option<u32>, assumptions: &[Assumption]) -> Path {
    if graph.nodes.is_empty() {
        let omitted = if graph.omitted.is_empty() { "the record has no graph" } else { &graph.omitted };
        return Path { omitted: omitted.to_owned(), ..Path::default() };
    }
    let nodes = graph.nodes.len();
    // A record may come from anywhere.
    let there = |e: &&Edge| (e.from as usize) < nodes && (e.to as usize) < nodes;
    let edges: Vec<&Edge> = graph.edges.iter().filter(there).collect();
    let covered = |e: &&&Edge| slice.is_none_or(|s| e.slices.contains(&s));
    let mut next: Vec<Vec<&Edge>> = vec![Vec::new(); nodes];
    edges.iter().filter(covered).for_each(|e| next[e.from as usize].push(e));
    let order = order(&next);
    let mut place = vec![usize::MAX; nodes];
    order.iter().enumerate().for_each(|(at, node)| place[*node] = at);
    let mut repeats = vec![false; order.len()];
    for (from, edges) in next.iter().enumerate().filter(|(from, _)| place[*from] != usize::MAX) {
        for back in edges.iter().filter(|e| place[e.to as usize] <= place[from]) {
            repeats[place[back.to as usize]..=place[from]].fill(true);
        }
    }
    let mut path = Path::default();
    for (at, id) in order.iter().enumerate() {
        let node = &graph.nodes[*id];
        if matches!(node.kind.as_str(), "entry" | "exit" | "marker") {
            continue;
        }
        if !node.relevant && !matches!(node.kind.as_str(), "pre" | "post") {
            path.left_out += 1;
            continue;
        }
        let mut side = String::new();
        if node.kind == "condition" {
            let all = edges.iter().filter(|e| e.from as usize == *id);
            let branch = branch(node, &next[*id], all.map(|e| e.why.as_str()), assumptions);
            side.clone_from(&branch.side);
            path.branches.push(branch);
        }
        path.steps.push(Step {
            span: node.span,
            kind: node.kind.clone(),
            text: node.text.clone(),
            reads: node.reads.clone(),
            writes: node.writes.clone(),
            side,
            repeats: repeats[at],
        });
    }
    path
}

fn branch<'a>(node: &Node, taken: &[&Edge], all: impl Iterator<Item = &'a str>, assumptions: &[Assumption]) -> Branch {
    let distinct = |mut sides: Vec<&'a str>| {
        sides.sort_unstable();
        sides.dedup();
        sides.retain(|s| *s != "raises");
        sides
    };
    let all = distinct(all.collect());
    let mut sides: Vec<&str> = taken.iter().map(|e| e.why.as_str()).filter(|s| *s != "raises").collect();
    sides.sort_unstable();
    sides.dedup();
    let assumed = node.span.is_some_and(|(line, ..)| assumptions.iter().any(|a| a.line == line));
    let (side, decided) = match &sides[..] {
        [one] if all.len() > 1 => (*one, if assumed { "class" } else { "reach" }),
        [one] => (*one, "program"),
        _ => ("any", "program"),
    };
    Branch { span: node.span, guard: node.text.clone(), side: side.to_owned(), decided: decided.to_owned() }
}

/// Nodes from the first, reverse postorder; of several ways on, the first comes first.
fn order(next: &[Vec<&Edge>]) -> Vec<usize> {
    let mut seen = vec![false; next.len()];
    let mut done = Vec::new();
    let mut open: Vec<(usize, usize)> = vec![(0, 0)];
    seen[0] = true;
    while let Some((node, tried)) = open.pop() {
        // The last way is walked first, so that it ends up last.
        match next[node].len().checked_sub(tried + 1) {
            None => done.push(node),
            Some(at) => {
                open.push((node, tried + 1));
                let to = next[node][at].to as usize;
                if !std::mem::replace(&mut seen[to], true) {
                    open.push((to, 0));
                }
            }
        }
    }
    done.reverse();
    done
}
