//! The graph as DOT and Mermaid, for people.

use super::{Cfg, EdgeKind, NodeId, Site};
use crate::syntax::Parsed;
use crate::syntax::ast::StmtKind;
use crate::text::Span;
use std::fmt::Write;

/// Longest node label, in characters.
const LABEL: usize = 48;

/// GraphViz DOT; nodes on a path to Q are solid, others dashed, pseudo edges dotted.
pub fn dot(cfg: &Cfg, parsed: &Parsed) -> String {
    let region = cfg.region();
    let mut out = String::from("digraph cfg {\n  node [shape=box, fontname=monospace];\n");
    for id in cfg.ids() {
        let style = if region[id.index()] { "solid" } else { "dashed" };
        let label = label(cfg, parsed, id).replace('\\', "\\\\").replace('"', "\\\"");
        let _ = writeln!(out, "  n{} [label=\"{label}\", style={style}];", id.0);
    }
    for id in cfg.ids() {
        for edge in &cfg.node(id).succ {
            let _ = writeln!(out, "  n{} -> n{} [label=\"{}\"];", id.0, edge.to.0, edge_label(edge.kind));
        }
        if let Some(to) = cfg.node(id).pseudo {
            let _ = writeln!(out, "  n{} -> n{} [style=dotted];", id.0, to.0);
        }
    }
    out.push_str("}\n");
    out
}

/// Mermaid flowchart.
pub fn mermaid(cfg: &Cfg, parsed: &Parsed) -> String {
    let mut out = String::from("flowchart TD\n");
    for id in cfg.ids() {
        let label = label(cfg, parsed, id).replace('"', "#quot;").replace('<', "#lt;").replace('>', "#gt;");
        let _ = writeln!(out, "  n{}[\"{label}\"]", id.0);
    }
    for id in cfg.ids() {
        for edge in &cfg.node(id).succ {
            match edge_label(edge.kind).as_str() {
                "" => drop(writeln!(out, "  n{} --> n{}", id.0, edge.to.0)),
                kind => drop(writeln!(out, "  n{} -->|{kind}| n{}", id.0, edge.to.0)),
            }
        }
    }
    out
}

/// Why an edge is taken; empty for the next statement and for jumps.
pub fn edge_label(kind: EdgeKind) -> String {
    match kind {
        EdgeKind::Fall | EdgeKind::Jump => String::new(),
        EdgeKind::True => "true".into(),
        EdgeKind::False => "false".into(),
        EdgeKind::Case(i) => format!("case {}", i + 1),
        EdgeKind::NoCase => "no case".into(),
        EdgeKind::Exception => "raises".into(),
    }
}

fn label(cfg: &Cfg, parsed: &Parsed, id: NodeId) -> String {
    let (span, what) = said(cfg, parsed, id);
    match (cfg.site_of(id), span) {
        (Site::Entry | Site::Exit | Site::Post | Site::Pre(_), _) | (_, None) => what,
        (_, Some(span)) => format!("{}: {what}", parsed.source.line(span.start)),
    }
}

/// What a node is for people, shortened, and where it stands; nowhere for the two ends and for conditions of the command line.
pub fn said(cfg: &Cfg, parsed: &Parsed, id: NodeId) -> (Option<Span>, String) {
    let site = cfg.site_of(id);
    let span = match site {
        Site::Entry => return (None, "entry".into()),
        Site::Exit => return (None, "exit".into()),
        Site::Post => return (None, "POST".into()),
        Site::Pre(i) => return (None, format!("PRE {}", i + 1)),
        Site::Args(call) | Site::Got(call) => parsed.ast.expr(call).span,
        _ => {
            let stmt = parsed.ast.stmt(site.stmt().expect("all other sites have a statement"));
            match (site, &stmt.kind, super::expressions(&parsed.ast, site).first()) {
                (Site::Declarator(_, i), StmtKind::Decl(d), _) => d.declarators[i as usize].span,
                (Site::Stmt(_), ..) | (_, _, None) => stmt.span,
                (_, _, Some(first)) => parsed.ast.expr(*first).span,
            }
        }
    };
    let what = match site {
        Site::Then(_) => "then".into(),
        Site::Else(_) => "else".into(),
        Site::Enter(_) => "round".into(),
        Site::Back(_) => "again".into(),
        Site::NoArm(_) => "no case".into(),
        Site::Arm(_, i) => format!("case {}", i + 1),
        Site::Branch(_, i) => format!("#branch {}", i + 1),
        Site::Handler(_, i) => format!("handler {}", i + 1),
        Site::Rethrow(_) => "rethrow".into(),
        _ => {
            // A statement may be a whole class.
            let words = parsed.source.slice(span).split_whitespace().take(LABEL + 1);
            let flat = words.collect::<Vec<_>>().join(" ");
            let short: String = flat.chars().take(LABEL).collect();
            let short = if short.len() < flat.len() { format!("{short}…") } else { short };
            match site {
                Site::Args(_) => format!("call {short}"),
                Site::Got(_) => format!("back from {short}"),
                _ => short,
            }
        }
    };
    (Some(span), what)
}

#[cfg(test)]
mod tests {
    use super::super::build;
    use super::super::joined::{CALL_DEPTH, Joined};
    use super::*;
    use crate::spec::{self, Request};
    use crate::syntax::{by_name, parse};

    /// Every kind of node has words, also the arguments and the result of a call that is followed.
    #[test]
    fn nodes_are_said() {
        let text = "int twice(int x) { return 2 * x; }\n\
                    int f(int n) {\n  int a = 1, b = twice(n);\n  while (a < b) { a++; }\n  /* POST: a >= b */\n  return a;\n}\n";
        let parsed = parse("f.c", text.into(), by_name("c").unwrap());
        let found = spec::triples(&parsed, &Request::default()).unwrap();
        let triple = &found.triples[0];
        let cfg = build::build(&parsed, triple, Joined::new(&parsed, triple, CALL_DEPTH, false));
        let mut said: Vec<String> = cfg.ids().map(|id| label(&cfg, &parsed, id)).collect();
        said.sort();
        insta::assert_snapshot!(said.join("\n"), @r"
        1: return 2 * x;
        3: a = 1
        3: b = twice(n)
        3: back from twice(n)
        3: call twice(n)
        4: a < b
        4: a++;
        4: again
        4: round
        6: return a;
        POST
        entry
        exit
        ");
        assert!(mermaid(&cfg, &parsed).contains("POST") && dot(&cfg, &parsed).contains("twice(n)"));
    }
}
