//! What every graph must satisfy, checked in debug builds and by tests.

use super::{Cfg, EdgeKind, Site};

/// Checks the graph: ends of edges exist, the exit ends it, conditions have distinct labelled edges, every node belongs to
/// its site, and every node can reach the exit by real or pseudo edges.
pub fn verify(cfg: &Cfg) -> Result<(), String> {
    let len = cfg.nodes.len();
    if !cfg.node(cfg.exit).succ.is_empty() {
        return Err("the exit has successors".into());
    }
    let mut pred = vec![vec![]; len];
    for id in cfg.ids() {
        let node = cfg.node(id);
        for to in node.succ.iter().map(|e| e.to).chain(node.pseudo) {
            if to.index() >= len {
                return Err(format!("{id:?} leads to {to:?}, which doesn't exist"));
            }
            pred[to.index()].push(id);
        }
        if node.succ.is_empty() && node.pseudo.is_none() && id != cfg.exit {
            return Err(format!("{id:?} ({:?}) leads nowhere", cfg.site_of(id)));
        }
        if !cfg.copies[node.site.index()].contains(&id) {
            return Err(format!("{id:?} is missing from its site"));
        }
        let kinds: Vec<EdgeKind> = node.succ.iter().map(|e| e.kind).collect();
        for kind in [EdgeKind::True, EdgeKind::Fall] {
            if kinds.iter().filter(|k| **k == kind).count() > 1 {
                return Err(format!("{id:?} ({:?}) has several {kind:?} edges", cfg.site_of(id)));
            }
        }
    }
    let reaches = super::reach(len, &[cfg.exit], |n| pred[n.index()].clone());
    match cfg.ids().find(|id| !reaches[id.index()]) {
        Some(id) => Err(format!("{id:?} ({:?}) can't reach the exit", cfg.site_of(id))),
        None => Ok(()),
    }
}

/// Whether a site is a marker without text of its own.
pub fn is_marker(site: Site) -> bool {
    matches!(
        site,
        Site::Then(_)
            | Site::Else(_)
            | Site::Back(_)
            | Site::NoArm(_)
            | Site::Branch(..)
            | Site::Rethrow(_)
            | Site::Entry
            | Site::Exit
    )
}
