use super::layout::drawing;
use super::page;
use crate::report::fixtures;
use crate::report::record::{Edge, Graph, Node, TripleLine};
use proptest::prelude::*;

fn graph(nodes: usize, edges: &[(u32, u32)]) -> Graph {
    let node = |id: usize| Node {
        id: id as u32,
        kind: ["statement", "condition", "marker", "post"][id % 4].into(),
        text: format!("node {id}"),
        span: Some((id as u32 + 1, 1, id as u32 + 1, 9)),
        relevant: true,
        reads: vec![],
        writes: vec![],
    };
    let edge = |(from, to): &(u32, u32)| Edge { from: *from, to: *to, why: String::new(), slices: vec![0] };
    Graph { nodes: (0..nodes).map(node).collect(), edges: edges.iter().map(edge).collect(), omitted: String::new() }
}

#[test]
fn a_loop_is_drawn_as_blocks() {
    let drawing = drawing(&fixtures::record().triples[0].graph).unwrap();
    let texts: Vec<&str> = drawing.blocks.iter().map(|b| b.lines[0].text.as_str()).collect();
    assert_eq!(texts, ["entry", "value", "res = g(value)", "POST", "exit"]);
    let whys: Vec<&str> = drawing.edges.iter().map(|e| e.why.as_str()).collect();
    assert_eq!(whys, ["", "true", "false", "", ""]);
    assert_eq!(drawing.edges.iter().map(|e| e.numbers.as_str()).collect::<Vec<_>>(), ["0 1", "1", "0 1", "1", ""]);
    // Downwards, but for the edge that closes the loop; its round and what follows it stand side by side.
    let y = |i: usize| drawing.blocks[i].y;
    assert!(y(0) < y(1) && y(1) < y(2) && y(2) == y(3) && y(3) < y(4));
}

#[test]
fn what_cannot_be_drawn_says_why() {
    assert_eq!(drawing(&Graph { omitted: "too much".into(), ..Graph::default() }), Err("too much".into()));
    assert!(drawing(&Graph::default()).is_err());
    assert!(drawing(&graph(2, &[(0, 7)])).unwrap_err().contains("damaged"));
    let wide: Vec<(u32, u32)> = (1..400).flat_map(|i| [(0, i), (i, 0)]).collect();
    assert!(drawing(&graph(400, &wide)).unwrap_err().contains("blocks"));
}

proptest! {
    /// Whatever the graph: blocks of a layer don't overlap, and everything is within the picture.
    #[test]
    fn no_two_blocks_overlap(nodes in 1_usize..30, raw in proptest::collection::vec((0_u32..30, 0_u32..30), 0..60)) {
        let edges: Vec<(u32, u32)> = raw.into_iter().map(|(a, b)| (a % nodes as u32, b % nodes as u32)).collect();
        let drawing = drawing(&graph(nodes, &edges)).unwrap();
        for (i, a) in drawing.blocks.iter().enumerate() {
            prop_assert!(a.x >= 0.0 && a.y >= 0.0);
            prop_assert!(a.x + a.width <= f64::from(drawing.width) && a.y + a.height <= f64::from(drawing.height));
            for b in &drawing.blocks[..i] {
                let apart = a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
                prop_assert!(apart, "{a:?} {b:?}");
            }
        }
    }
}

#[test]
fn a_page_says_what_it_left_out() {
    let mut record = fixtures::record();
    let line: TripleLine = record.triples[0].clone();
    record.triples = std::iter::repeat_n(line, 1300).collect();
    let page = page(&record);
    assert!(page.len() < 60 << 20, "{}", page.len());
    assert!(page.contains("in this table only"));
    assert_eq!(page.matches("<tr data-of=").count(), 1300);
}
