//! Callees that are entered more than once: their text is one, whichever call it is for.

use super::Program;
use crate::cfg::{Cfg, NodeId, Site, SiteId, reach};
use crate::deps::slicer::View;
use crate::syntax::ast::{ExprId, FunctionId, LoopKind, StmtId, StmtKind};
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

/// Whether a path of the view may enter a callee more than once.
pub(super) fn entered_again(cfg: &Cfg, view: &View, function: FunctionId) -> bool {
    let calls = cfg.joined.calls.iter().filter(|c| c.1.callee == function).map(|c| Site::Args(*c.0));
    let copies = calls.filter_map(|s| cfg.site_id(s)).flat_map(|s| &cfg.copies[s.index()]);
    let entries: Vec<NodeId> = copies.copied().filter(|n| view.alive[n.index()]).collect();
    match entries[..] {
        [] => false,
        [one] => {
            let next = |n: NodeId| view.succ[n.index()].iter().map(|e| e.to).collect::<Vec<_>>();
            reach(cfg.nodes.len(), &next(one), next)[one.index()]
        }
        _ => true,
    }
}

/// Q stands in a callee, and a path of the class ends there, but the caller's text goes on, since another call of the callee
/// returns (`f(a) + f(b)`, of which the second comes to Q). If it can come to Q again, a slice would have to stop in between;
/// the class is widened by a way from one visit to the next instead.
pub(super) fn goes_on_behind_q(program: &Program, view: &View) -> Vec<SiteId> {
    let (cfg, joined) = (program.cfg, &program.cfg.joined);
    let Some(home) = program.post_stmt().and_then(|s| joined.function_of(s)) else { return vec![] };
    let mut around = HashSet::from([home]);
    loop {
        let callers = joined.calls.values().filter(|c| around.contains(&c.callee)).map(|c| c.caller);
        let more: Vec<FunctionId> = callers.filter(|f| joined.functions.contains(f) && !around.contains(f)).collect();
        if more.is_empty() {
            break;
        }
        around.extend(more);
    }
    let alive = |site: Site| program.sites.get(&site).is_some_and(|s| view.site_alive(cfg, *s));
    let comes = |call: &ExprId| around.contains(&joined.calls[call].callee);
    // What ends a round is written with its loop, and so goes on with the next one.
    let ends_round = |site: &Site| {
        let kind = |s: StmtId| &program.parsed.ast.stmt(s).kind;
        let outer = site.stmt().and_then(|s| Some((s, *program.parent.get(&s)?)));
        let updates = outer.is_some_and(|(s, l)| matches!(kind(l), StmtKind::Loop(l) if l.update.contains(&s)));
        updates || matches!(site, Site::Cond(s) if matches!(kind(*s), StmtKind::Loop(l) if l.kind == LoopKind::DoWhile))
    };
    let goes_on = |(site, calls): (&Site, &Vec<ExprId>)| {
        let first = calls.iter().position(|c| comes(c) && alive(Site::Args(*c)));
        let more = |i: usize| alive(Site::Got(calls[i])) || calls[i + 1..].iter().any(comes) || ends_round(site);
        first.is_some_and(more)
    };
    if !joined.at.iter().any(goes_on) {
        return vec![];
    }
    let next = |n: NodeId| cfg.node(n).succ.iter().map(|e| e.to).collect::<Vec<_>>();
    let inside = |n: NodeId| view.succ[n.index()].iter().map(|e| e.to).collect::<Vec<_>>();
    let calls = joined.calls.iter().filter(|c| c.1.callee == home).filter_map(|c| program.sites.get(&Site::Got(*c.0)));
    let back: HashSet<NodeId> = calls.flat_map(|s| &cfg.copies[s.index()]).copied().collect();
    let mut out: Vec<SiteId> = Vec::new();
    // An outer call that isn't done, though its statement goes on.
    for (site, calls) in &joined.at {
        let Some(i) = calls.iter().position(|c| comes(c) && alive(Site::Args(*c))) else { continue };
        let more = calls[i + 1..].iter().any(comes) || ends_round(site);
        let Some(got) = program.sites.get(&Site::Got(calls[i])).filter(|g| more && !view.site_alive(cfg, **g)) else {
            continue;
        };
        let ways = cfg.post.iter().filter(|n| view.alive[n.index()]);
        let leaving = ways.map(|p| way(*p, next, |n| cfg.copies[got.index()].contains(&n))).find(|w| !w.is_empty());
        let again = leaving.iter().flatten().take(1).flat_map(|g| way(*g, next, |n| cfg.post.contains(&n)));
        let again: Vec<NodeId> = again.collect();
        if !again.is_empty() {
            out.extend(leaving.iter().flatten().chain(&again).map(|n| cfg.node(*n).site));
        }
    }
    for post in cfg.post.iter().filter(|n| view.alive[n.index()]) {
        let reached = reach(cfg.nodes.len(), &[*post], inside);
        if back.iter().any(|n| reached[n.index()]) {
            continue;
        }
        let leaving = way(*post, next, |n| back.contains(&n));
        let Some(got) = leaving.first() else { continue };
        let again = way(*got, next, |n| cfg.post.contains(&n));
        if !again.is_empty() {
            out.extend(leaving.iter().chain(&again).map(|n| cfg.node(*n).site));
        }
    }
    out
}

/// The nodes behind `from` on a shortest way to one that is wanted, which comes first; none if there is no way.
fn way(from: NodeId, next: impl Fn(NodeId) -> Vec<NodeId>, wanted: impl Fn(NodeId) -> bool) -> Vec<NodeId> {
    let mut before: HashMap<NodeId, NodeId> = HashMap::new();
    let mut queue = std::collections::VecDeque::from([from]);
    while let Some(node) = queue.pop_front() {
        for to in next(node) {
            let Entry::Vacant(new) = before.entry(to) else { continue };
            new.insert(node);
            if wanted(to) {
                let mut out = vec![to];
                while let Some(node) = out.last().and_then(|n| before.get(n)).filter(|n| **n != from) {
                    out.push(*node);
                }
                return out;
            }
            queue.push_back(to);
        }
    }
    vec![]
}
