//! A control-flow graph as blocks on layers, after Sugiyama, Tagawa and Toda ("Methods for visual understanding of
//! hierarchical system structures", 1981): blocks, cycles broken at back edges, longest-path layers, barycentre order.
//!
//! Small example: `while (c) x--; y = 1;` has the nodes entry, `c`, round, `x--`, again, `y = 1`, exit. The sides' markers
//! become words on edges, runs of statements become blocks: entry, `c`, `x--`, `y = 1`, exit. The edge from `x--` back to
//! `c` is turned round while layers are found, and drawn as it is.
//!
//! Cost: linear in nodes and edges but for sorting, times a fixed number of sweeps. Caps: [`MOST_BLOCKS`], [`MOST_BENDS`];
//! beyond them nothing is drawn, and that is said.

use crate::report::record::{Edge, Graph};
use serde::Serialize;
use std::collections::BTreeMap;

const MOST_BLOCKS: usize = 250;
const MOST_BENDS: usize = 5000;
/// Lines of a block.
const MOST_LINES: usize = 10;
const SWEEPS: usize = 8;

// In pixels, for the fonts of page.css.
const LETTER: f64 = 6.7;
const LINE: f64 = 15.0;
const PAD: f64 = 9.0;
const BESIDE: f64 = 26.0;
const BELOW: f64 = 40.0;
const MARGIN: f64 = 14.0;
const BETWEEN: f64 = 7.0;
const LONGEST_WORD: f64 = 80.0;

/// A picture, in pixels.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Drawing {
    pub width: u32,
    pub height: u32,
    pub blocks: Vec<Block>,
    pub edges: Vec<Arrow>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Block {
    /// `entry`, `exit`, `pre`, `post`, `condition` or `statement`.
    pub kind: String,
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
    pub lines: Vec<Line>,
    /// Slices of which some path goes through it, and the same with blanks between.
    pub slices: Vec<u32>,
    pub numbers: String,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Line {
    /// 1-based line of the source; 0 for none.
    pub line: u32,
    pub text: String,
    /// Of the line's text.
    pub x: f64,
    pub y: f64,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Arrow {
    /// An SVG path.
    pub path: String,
    pub why: String,
    /// Of the word.
    pub x: f64,
    pub y: f64,
    /// Slices of which some path takes it, and the same with blanks between.
    pub slices: Vec<u32>,
    pub numbers: String,
}

/// Blocks and the edges between them.
struct Blocks {
    nodes: Vec<Vec<u32>>,
    edges: Vec<Edge>,
}

/// The picture, or why there is none.
pub fn drawing(graph: &Graph) -> Result<Drawing, String> {
    if !graph.omitted.is_empty() {
        return Err(graph.omitted.clone());
    }
    if graph.nodes.is_empty() {
        return Err("it was not recorded".into());
    }
    let all = graph.nodes.len() as u32;
    if graph.edges.iter().any(|e| e.from >= all || e.to >= all) {
        return Err("its record is damaged".into());
    }
    let blocks = blocks(graph);
    if blocks.nodes.len() > MOST_BLOCKS {
        return Err(format!("it has {} blocks, more than {MOST_BLOCKS}", blocks.nodes.len()));
    }
    placed(graph, &blocks)
}

fn degrees(n: usize, edges: &[Edge]) -> (Vec<u32>, Vec<u32>) {
    let (mut into, mut out) = (vec![0; n], vec![0; n]);
    for e in edges {
        into[e.to as usize] += 1;
        out[e.from as usize] += 1;
    }
    (into, out)
}

/// What the entry reaches, markers made words on edges, and runs of nodes made blocks.
fn blocks(graph: &Graph) -> Blocks {
    let n = graph.nodes.len();
    let mut edges: Vec<Edge> = graph.edges.clone();
    let kind = |node: u32| graph.nodes[node as usize].kind.as_str();

    let (into, out) = degrees(n, &edges);
    for node in (0..n as u32).filter(|v| kind(*v) == "marker" && into[*v as usize] == 1 && out[*v as usize] == 1) {
        let (Some(first), Some(second)) =
            (edges.iter().position(|e| e.to == node), edges.iter().position(|e| e.from == node))
        else {
            continue;
        };
        if first == second {
            continue;
        }
        let second = edges[second].clone();
        let edge = &mut edges[first];
        if edge.why.is_empty() && second.why.is_empty() && kind(edge.from) == "condition" {
            edge.why.clone_from(&graph.nodes[node as usize].text);
        } else if edge.why.is_empty() {
            edge.why = second.why;
        }
        edge.slices.retain(|s| second.slices.contains(s));
        edge.to = second.to;
        edges.retain(|e| e.from != node);
    }

    let mut next: Vec<Vec<u32>> = vec![Vec::new(); n];
    edges.iter().for_each(|e| next[e.from as usize].push(e.to));
    let mut seen = vec![false; n];
    let mut stack = vec![0_u32];
    while let Some(v) = stack.pop() {
        if !std::mem::replace(&mut seen[v as usize], true) {
            stack.extend(&next[v as usize]);
        }
    }
    edges.retain(|e| seen[e.from as usize]);

    // A run of nodes that are always run together.
    let alone = |v: u32| matches!(kind(v), "post" | "pre" | "entry" | "exit");
    let (into, out) = degrees(n, &edges);
    let mut follower: Vec<Option<u32>> = vec![None; n];
    let mut led = vec![false; n];
    for e in &edges {
        let joined = out[e.from as usize] == 1 && into[e.to as usize] == 1 && e.from != e.to;
        if joined && !alone(e.from) && !alone(e.to) && kind(e.from) != "condition" {
            follower[e.from as usize] = Some(e.to);
            led[e.to as usize] = true;
        }
    }
    let mut block_of = vec![u32::MAX; n];
    let mut nodes: Vec<Vec<u32>> = Vec::new();
    // A ring of followers has no leader: whoever comes first leads.
    let leaders = (0..n as u32).filter(|v| !led[*v as usize]).chain((0..n as u32).filter(|v| led[*v as usize]));
    for leader in leaders.filter(|v| seen[*v as usize]) {
        let mut at = Some(leader).filter(|v| block_of[*v as usize] == u32::MAX);
        let mut run = Vec::new();
        while let Some(v) = at {
            block_of[v as usize] = nodes.len() as u32;
            run.push(v);
            at = follower[v as usize].filter(|f| block_of[*f as usize] == u32::MAX);
        }
        if !run.is_empty() {
            nodes.push(run);
        }
    }
    let inner =
        |e: &Edge| follower[e.from as usize] == Some(e.to) && block_of[e.from as usize] == block_of[e.to as usize];
    let edges = edges.iter().filter(|e| !inner(e)).map(|e| {
        let (from, to) = (block_of[e.from as usize], block_of[e.to as usize]);
        Edge { from, to, ..e.clone() }
    });
    Blocks { edges: edges.collect(), nodes }
}

/// Where a block or a bend of an edge stands.
#[derive(Clone, Copy)]
struct Spot {
    layer: usize,
    width: f64,
    height: f64,
    /// Of its middle.
    x: f64,
}

fn placed(graph: &Graph, blocks: &Blocks) -> Result<Drawing, String> {
    let mut out: Vec<Block> = blocks.nodes.iter().map(|nodes| block(graph, nodes)).collect();
    let count = out.len();
    let back = back_edges(count, &blocks.edges);
    // Room for the words of the edges that leave below.
    let mut below = vec![(0, 0); count];
    for (e, back) in blocks.edges.iter().zip(&back).filter(|(e, _)| e.from != e.to) {
        let (edges, letters) = &mut below[if *back { e.to } else { e.from } as usize];
        *edges += 1;
        *letters = e.why.chars().count().max(*letters);
    }
    for (block, (edges, letters)) in out.iter_mut().zip(&below).filter(|(_, (edges, _))| *edges > 1) {
        let port = (*letters as f64 * LETTER).min(LONGEST_WORD) + BETWEEN;
        block.width = round(block.width.max((f64::from(*edges) + 1.0) * port));
    }
    let layer = layers(count, &blocks.edges, &back);

    let mut spots: Vec<Spot> =
        (0..count).map(|v| Spot { layer: layer[v], width: out[v].width, height: out[v].height, x: 0.0 }).collect();
    // Each edge as the spots it goes through, downwards.
    let mut ways: Vec<Vec<usize>> = Vec::new();
    for (i, e) in blocks.edges.iter().enumerate() {
        let (top, bottom) = if back[i] { (e.to, e.from) } else { (e.from, e.to) };
        let mut way = vec![top as usize];
        for layer in layer[top as usize] + 1..layer[bottom as usize] {
            way.push(spots.len());
            spots.push(Spot { layer, width: 8.0, height: 0.0, x: 0.0 });
        }
        if top != bottom {
            way.push(bottom as usize);
        }
        ways.push(way);
        if spots.len() > count + MOST_BENDS {
            return Err(format!("its edges have more than {MOST_BENDS} bends"));
        }
    }
    let mut neighbours: (Vec<Vec<usize>>, Vec<Vec<usize>>) =
        (vec![Vec::new(); spots.len()], vec![Vec::new(); spots.len()]);
    for pair in ways.iter().flat_map(|w| w.windows(2)) {
        neighbours.1[pair[0]].push(pair[1]);
        neighbours.0[pair[1]].push(pair[0]);
    }
    let rows = ordered(&spots, &neighbours);
    spread(&mut spots, &rows, &neighbours);

    // Downwards.
    let heights: Vec<f64> = rows.iter().map(|r| r.iter().map(|s| spots[*s].height).fold(0.0, f64::max)).collect();
    let mut tops = Vec::new();
    let mut y = MARGIN;
    for height in &heights {
        tops.push(y);
        y += height + BELOW;
    }
    let left = spots.iter().map(|s| s.x - s.width / 2.0).fold(f64::INFINITY, f64::min) - MARGIN;
    spots.iter_mut().for_each(|s| s.x -= left);
    let right = spots.iter().map(|s| s.x + s.width / 2.0).fold(0.0, f64::max) + MARGIN + 40.0;
    for (v, block) in out.iter_mut().enumerate() {
        block.x = round(spots[v].x - block.width / 2.0);
        block.y = round(tops[spots[v].layer]);
        for (i, line) in block.lines.iter_mut().enumerate() {
            line.x = round(block.x + PAD);
            line.y = round(block.y + PAD + LINE * (i as f64 + 0.75));
        }
    }
    let edges = arrows(blocks, &back, &ways, &spots, &out, &tops, &heights);
    let (width, height) = (right.ceil() as u32, (y - BELOW + MARGIN).ceil() as u32);
    let touching = |v: usize| {
        let mut all: Vec<u32> = (blocks.edges.iter())
            .filter(|e| e.from as usize == v || e.to as usize == v)
            .flat_map(|e| e.slices.iter().copied())
            .collect();
        all.sort_unstable();
        all.dedup();
        all
    };
    for (v, block) in out.iter_mut().enumerate() {
        block.slices = touching(v);
        block.numbers = words(&block.slices);
    }
    Ok(Drawing { width, height, blocks: out, edges })
}

fn block(graph: &Graph, nodes: &[u32]) -> Block {
    let node = |v: &u32| &graph.nodes[*v as usize];
    let speaks = |v: &&u32| node(v).kind != "marker";
    let shown: Vec<&u32> = match nodes.iter().any(|v| node(v).kind != "marker") {
        true => nodes.iter().filter(speaks).collect(),
        false => nodes.iter().take(1).collect(),
    };
    let mut lines: Vec<Line> = shown
        .iter()
        .take(MOST_LINES)
        .map(|v| Line { line: node(v).span.map_or(0, |s| s.0), text: node(v).text.clone(), x: 0.0, y: 0.0 })
        .collect();
    if shown.len() > MOST_LINES {
        lines.push(Line { text: format!("and {} more", shown.len() - MOST_LINES), ..Line::default() });
    }
    let kinds: Vec<&str> = shown.iter().map(|v| node(v).kind.as_str()).collect();
    let kind = ["post", "pre", "entry", "exit", "condition"].into_iter().find(|k| kinds.contains(k));
    let letters = |l: &Line| l.text.chars().count() + if l.line > 0 { l.line.to_string().len() + 2 } else { 0 };
    let longest = lines.iter().map(letters).max().unwrap_or(0);
    Block {
        kind: kind.unwrap_or("statement").into(),
        width: round(longest as f64 * LETTER + 2.0 * PAD),
        height: round(lines.len() as f64 * LINE + 2.0 * PAD - 4.0),
        lines,
        ..Block::default()
    }
}

/// Edges that close a cycle, by a depth-first search from the entry.
fn back_edges(count: usize, edges: &[Edge]) -> Vec<bool> {
    let mut next: Vec<Vec<usize>> = vec![Vec::new(); count];
    edges.iter().enumerate().for_each(|(i, e)| next[e.from as usize].push(i));
    let mut back = vec![false; edges.len()];
    // 0: not seen, 1: on the way, 2: done.
    let mut state = vec![0_u8; count];
    for root in 0..count {
        if state[root] != 0 {
            continue;
        }
        let mut stack = vec![(root, 0)];
        state[root] = 1;
        while let Some((v, at)) = stack.pop() {
            let Some(edge) = next[v].get(at) else {
                state[v] = 2;
                continue;
            };
            stack.push((v, at + 1));
            let to = edges[*edge].to as usize;
            match state[to] {
                0 => {
                    state[to] = 1;
                    stack.push((to, 0));
                }
                1 => back[*edge] = true,
                _ => {}
            }
        }
    }
    back
}

/// Longest path from a block that nothing leads to.
fn layers(count: usize, edges: &[Edge], back: &[bool]) -> Vec<usize> {
    let ends = |(e, back): (&Edge, &bool)| {
        let (a, b) = (e.from as usize, e.to as usize);
        if *back { (b, a) } else { (a, b) }
    };
    let down: Vec<(usize, usize)> = edges.iter().zip(back).map(ends).filter(|(a, b)| a != b).collect();
    let mut open = vec![0; count];
    let mut next: Vec<Vec<usize>> = vec![Vec::new(); count];
    for (a, b) in &down {
        open[*b] += 1;
        next[*a].push(*b);
    }
    let mut layer = vec![0; count];
    let mut ready: Vec<usize> = (0..count).filter(|v| open[*v] == 0).collect();
    while let Some(v) = ready.pop() {
        for to in &next[v] {
            layer[*to] = layer[*to].max(layer[v] + 1);
            open[*to] -= 1;
            if open[*to] == 0 {
                ready.push(*to);
            }
        }
    }
    layer
}

type Neighbours = (Vec<Vec<usize>>, Vec<Vec<usize>>);

/// The spots of each layer from left to right: sorted by the middle of their neighbours, downwards and upwards in turn.
fn ordered(spots: &[Spot], neighbours: &Neighbours) -> Vec<Vec<usize>> {
    let depth = spots.iter().map(|s| s.layer + 1).max().unwrap_or(0);
    let mut rows: Vec<Vec<usize>> = vec![Vec::new(); depth];
    (0..spots.len()).for_each(|s| rows[spots[s].layer].push(s));
    let mut place = vec![0.0; spots.len()];
    rows.iter().for_each(|row| row.iter().enumerate().for_each(|(i, s)| place[*s] = i as f64));
    for sweep in 0..SWEEPS {
        let down = sweep % 2 == 0;
        let order: Vec<usize> = if down { (0..depth).collect() } else { (0..depth).rev().collect() };
        let near = if down { &neighbours.0 } else { &neighbours.1 };
        for row in order {
            let middle = |s: &usize| match near[*s].len() {
                0 => place[*s],
                n => near[*s].iter().map(|t| place[*t]).sum::<f64>() / n as f64,
            };
            let mut keyed: Vec<(f64, usize)> = rows[row].iter().map(|s| (middle(s), *s)).collect();
            keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
            rows[row] = keyed.into_iter().map(|(_, s)| s).collect();
            rows[row].iter().enumerate().for_each(|(i, s)| place[*s] = i as f64);
        }
    }
    rows
}

/// Moves each spot towards the middle of its neighbours as far as those beside it let it.
fn spread(spots: &mut [Spot], rows: &[Vec<usize>], neighbours: &Neighbours) {
    let gap = |a: &Spot, b: &Spot| (a.width + b.width) / 2.0 + BESIDE;
    for row in rows {
        let mut x = 0.0;
        for (i, s) in row.iter().enumerate() {
            x = if i == 0 { 0.0 } else { x + gap(&spots[row[i - 1]], &spots[*s]) };
            spots[*s].x = x;
        }
        row.iter().for_each(|s| spots[*s].x -= x / 2.0);
    }
    for sweep in 0..SWEEPS * 2 {
        let down = sweep % 2 == 0;
        let order: Vec<usize> = if down { (0..rows.len()).collect() } else { (0..rows.len()).rev().collect() };
        for row in order {
            let row = &rows[row];
            let near = if down { &neighbours.0 } else { &neighbours.1 };
            let wanted: Vec<f64> = (row.iter())
                .map(|s| match near[*s].len() {
                    0 => spots[*s].x,
                    n => near[*s].iter().map(|t| spots[*t].x).sum::<f64>() / n as f64,
                })
                .collect();
            let (mut left, mut right) = (wanted.clone(), wanted);
            for i in 1..row.len() {
                left[i] = left[i].max(left[i - 1] + gap(&spots[row[i - 1]], &spots[row[i]]));
            }
            for i in (1..row.len()).rev() {
                right[i - 1] = right[i - 1].min(right[i] - gap(&spots[row[i - 1]], &spots[row[i]]));
            }
            // Both keep their distance, so their middle does.
            row.iter().enumerate().for_each(|(i, s)| spots[*s].x = (left[i] + right[i]) / 2.0);
        }
    }
}

/// Edges as curves through their bends. Those of a block share its lower and its upper side, in the order of where they go.
fn arrows(
    blocks: &Blocks,
    back: &[bool],
    ways: &[Vec<usize>],
    spots: &[Spot],
    out: &[Block],
    tops: &[f64],
    heights: &[f64],
) -> Vec<Arrow> {
    let mut lower: BTreeMap<usize, Vec<(usize, f64)>> = BTreeMap::new();
    let mut upper: BTreeMap<usize, Vec<(usize, f64)>> = BTreeMap::new();
    for (i, way) in ways.iter().enumerate().filter(|(_, w)| w.len() > 1) {
        lower.entry(way[0]).or_default().push((i, spots[way[1]].x));
        upper.entry(way[way.len() - 1]).or_default().push((i, spots[way[way.len() - 2]].x));
    }
    let ports = |sides: &mut BTreeMap<usize, Vec<(usize, f64)>>| {
        let mut at = vec![0.0; ways.len()];
        for (block, list) in sides.iter_mut() {
            list.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
            let step = out[*block].width / (list.len() as f64 + 1.0);
            list.iter().enumerate().for_each(|(k, (i, _))| at[*i] = out[*block].x + step * (k as f64 + 1.0));
        }
        at
    };
    let (starts, ends) = (ports(&mut lower), ports(&mut upper));
    let arrow = |(i, way): (usize, &Vec<usize>)| {
        let edge = &blocks.edges[i];
        let (why, slices, numbers) = (edge.why.clone(), edge.slices.clone(), words(&edge.slices));
        let first = &out[way[0]];
        if way.len() == 1 {
            let (x, y) = (first.x + first.width, first.y + first.height / 2.0);
            let path = format!("M{x:.1},{:.1}c30,-14 30,24 0,10", y - 5.0);
            return Arrow { path, why, x: round(x + 4.0), y: round(y - 12.0), slices, numbers };
        }
        let last = &out[way[way.len() - 1]];
        let mut points: Vec<(f64, f64)> = vec![(starts[i], first.y + first.height)];
        for bend in &way[1..way.len() - 1] {
            let Spot { layer, x, .. } = spots[*bend];
            points.extend([(x, tops[layer]), (x, tops[layer] + heights[layer])]);
        }
        points.push((ends[i], last.y));
        let (x, y) = match back[i] {
            true => (points[points.len() - 1].0 + 4.0, points[points.len() - 1].1 - 6.0),
            false => (points[0].0 + 4.0, points[0].1 + 13.0),
        };
        if back[i] {
            points.reverse();
        }
        Arrow { path: curve(&points), why, x: round(x), y: round(y), slices, numbers }
    };
    ways.iter().enumerate().map(arrow).collect()
}

/// Leaves and enters each point upright.
fn curve(points: &[(f64, f64)]) -> String {
    let mut out = format!("M{:.1},{:.1}", points[0].0, points[0].1);
    for pair in points.windows(2) {
        let ((x, y), (a, b)) = (pair[0], pair[1]);
        let half = (b - y) / 2.0;
        out.push_str(&format!("C{x:.1},{:.1} {a:.1},{:.1} {a:.1},{b:.1}", y + half, b - half));
    }
    out
}

fn words(numbers: &[u32]) -> String {
    numbers.iter().map(u32::to_string).collect::<Vec<_>>().join(" ")
}

fn round(x: f64) -> f64 {
    (x * 10.0).round() / 10.0
}
