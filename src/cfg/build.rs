//! Building the graph of a function for one triple.
//!
//! Built backwards: `body(stmts, next)` makes the nodes of the statements so that control goes on at `next`, and returns
//! where it enters. What a jump must cross on its way out (a `finally`) is on the stack of `Frame`s.

use super::joined::Joined;
use super::leavers::Leavers;
use super::{Cfg, Edge, EdgeKind, Instance, Node, NodeId, Role, Site, SiteId};
use crate::spec::{Anchor, Triple};
use crate::syntax::Parsed;
use crate::syntax::ast::{Ast, ExprId, StmtId};
use crate::syntax::language::Language;
use std::collections::HashMap;

/// More nodes than this are not built: only towers of `finally` blocks, which multiply, get there.
const MAX_NODES: usize = 400_000;

/// What encloses the statement being built, innermost last.
#[derive(Clone)]
pub(super) enum Frame {
    /// `break` and `continue` targets; a switch or labelled block has no `again`.
    Jump { stmt: StmtId, labels: Vec<String>, plain: bool, out: NodeId, again: Option<NodeId> },
    /// Handlers of a `try`: their entries, and whether one of them catches everything.
    Handlers { entries: Vec<NodeId>, catch_all: bool },
    /// A `finally`: crossing it means running a copy of its body.
    Finally { stmt: StmtId },
}

pub(super) struct Builder<'a> {
    pub parsed: &'a Parsed,
    pub ast: &'a Ast,
    pub language: &'a Language,
    /// What may leave when it is evaluated.
    pub leavers: Leavers,
    /// Statements of the function's body.
    pub roots: Vec<StmtId>,
    cfg: Cfg,
    site_ids: HashMap<Site, SiteId>,
    roles: HashMap<StmtId, Role>,
    before: HashMap<StmtId, Vec<Role>>,
    after: HashMap<StmtId, Vec<Role>>,
    /// Q at the function's exit: where normal returns go.
    pub returns: NodeId,
    pub frames: Vec<Frame>,
    /// Frames from here on belong to the function being built; those below to its callers.
    pub base: usize,
    pub labels: HashMap<String, NodeId>,
    /// Copies of `finally` bodies already built: by statement, frame depth and where they lead.
    pub finally_copies: HashMap<(StmtId, usize, NodeId), NodeId>,
    /// Where an exception goes on after a `finally`: by statement and frame depth.
    pub rethrows: HashMap<(StmtId, usize), NodeId>,
    /// Labels written directly before the statement being built.
    pub pending_labels: Vec<String>,
}

/// Builds the graph of `triple.entry` with what is joined. Never fails: what is too large is cut and said so in [`Cfg::cut`].
pub fn build(parsed: &Parsed, triple: &Triple, joined: Joined) -> Cfg {
    let mut builder = Builder::new(parsed, triple, joined);
    let mut first = builder.body(&builder.roots.clone(), builder.returns);
    for (i, pre) in triple.pre.iter().enumerate().rev() {
        if pre.anchor == Anchor::Entry {
            first = builder.condition_point(Role::Pre(i as u32), first);
        }
    }
    let entry = builder.cfg.entry;
    builder.edge(entry, first, EdgeKind::Fall);
    builder.finish()
}

impl<'a> Builder<'a> {
    fn new(parsed: &'a Parsed, triple: &Triple, joined: Joined) -> Self {
        let ast = &parsed.ast;
        let cfg = Cfg {
            nodes: vec![],
            sites: vec![],
            copies: vec![],
            entry: NodeId(0),
            exit: NodeId(1),
            post: vec![],
            pre: vec![],
            completions: vec![],
            instances: vec![],
            continued: vec![],
            joined,
            cut: None,
        };
        let mut builder = Builder {
            parsed,
            leavers: Leavers::new(parsed),
            ast,
            language: parsed.language,
            roots: ast.function(triple.entry).body.stmts.clone(),
            cfg,
            site_ids: HashMap::new(),
            roles: HashMap::new(),
            before: HashMap::new(),
            after: HashMap::new(),
            returns: NodeId(1),
            frames: vec![],
            base: 0,
            labels: HashMap::new(),
            finally_copies: HashMap::new(),
            rethrows: HashMap::new(),
            pending_labels: vec![],
        };
        builder.node(Site::Entry);
        builder.node(Site::Exit);
        for stmt in &triple.ignored {
            builder.roles.insert(*stmt, Role::Ignored);
        }
        let pres = triple.pre.iter().enumerate().map(|(i, p)| (p.anchor, Role::Pre(i as u32)));
        for (anchor, role) in pres.chain([(triple.post.anchor, Role::Post)]) {
            match anchor {
                Anchor::At(stmt) => drop(builder.roles.insert(stmt, role)),
                Anchor::Before(stmt) => builder.before.entry(stmt).or_default().push(role),
                Anchor::After(stmt) => builder.after.entry(stmt).or_default().push(role),
                Anchor::Entry if role == Role::Post => {
                    let first = ast.function(triple.entry).body.stmts.first();
                    first.into_iter().for_each(|s| builder.before.entry(*s).or_default().push(role));
                }
                Anchor::Exit if role == Role::Post => {
                    builder.returns = builder.condition_point(Role::Post, builder.cfg.exit)
                }
                // Entry preconditions are put in front when the body is there; a precondition at the exit says nothing.
                Anchor::Entry | Anchor::Exit => {}
            }
        }
        builder
    }

    /// A new node of a site.
    pub fn node(&mut self, site: Site) -> NodeId {
        let next = SiteId(self.cfg.sites.len() as u32);
        let site_id = *self.site_ids.entry(site).or_insert(next);
        if site_id == next {
            self.cfg.sites.push(site);
            self.cfg.copies.push(vec![]);
        }
        let id = NodeId(self.cfg.nodes.len() as u32);
        self.cfg.nodes.push(Node { site: site_id, succ: vec![], pseudo: None });
        self.cfg.copies[site_id.index()].push(id);
        id
    }

    pub fn edge(&mut self, from: NodeId, to: NodeId, kind: EdgeKind) {
        let succ = &mut self.cfg.nodes[from.index()].succ;
        if !succ.iter().any(|e| e.to == to && e.kind == kind) {
            succ.push(Edge { to, kind });
        }
    }

    pub fn pseudo(&mut self, from: NodeId, to: NodeId) {
        self.cfg.nodes[from.index()].pseudo = Some(to);
    }

    pub fn exit(&self) -> NodeId {
        self.cfg.exit
    }

    /// A node of `site` that goes on at `next`, or to a handler where it may raise.
    pub fn simple(&mut self, site: Site, next: NodeId) -> NodeId {
        let node = self.node(site);
        self.edge(node, next, EdgeKind::Fall);
        self.raises(node, site);
        self.after_calls(site, node)
    }

    /// The calls of a site that are followed, before its node; where control enters.
    pub fn after_calls(&mut self, site: Site, node: NodeId) -> NodeId {
        let Some(calls) = self.cfg.joined.at.get(&site).cloned() else { return node };
        calls.into_iter().rev().fold(node, |next, call| self.call(call, next))
    }

    /// The callee's body, built in for one call of it.
    fn call(&mut self, call: ExprId, next: NodeId) -> NodeId {
        if self.cfg.nodes.len() > MAX_NODES {
            self.cfg.cut.get_or_insert_with(|| format!("the control-flow graph has more than {MAX_NODES} nodes"));
            return next;
        }
        let ast = self.ast;
        let callee = self.cfg.joined.calls[&call].callee;
        let got = self.node(Site::Got(call));
        self.edge(got, next, EdgeKind::Fall);
        let body = ast.function(callee).body.stmts.clone();
        let caller = (
            std::mem::replace(&mut self.returns, got),
            std::mem::replace(&mut self.base, self.frames.len()),
            std::mem::replace(&mut self.roots, body.clone()),
            std::mem::take(&mut self.labels),
            std::mem::take(&mut self.finally_copies),
            std::mem::take(&mut self.rethrows),
            std::mem::take(&mut self.pending_labels),
        );
        let first = self.body(&body, got);
        self.tie_labels();
        (self.returns, self.base, self.roots, self.labels, self.finally_copies, self.rethrows, self.pending_labels) =
            caller;
        let args = self.node(Site::Args(call));
        self.edge(args, first, EdgeKind::Fall);
        self.raises(args, Site::Args(call));
        self.cfg.instances.push(Instance { call, got, args });
        args
    }

    /// A condition of the triple that is not a statement.
    fn condition_point(&mut self, role: Role, next: NodeId) -> NodeId {
        let site = match role {
            Role::Pre(i) => Site::Pre(i),
            Role::Post => Site::Post,
            Role::Ignored => return next,
        };
        let node = self.node(site);
        self.edge(node, next, EdgeKind::Fall);
        match role {
            Role::Pre(_) => self.assumption(node),
            _ => self.cfg.post.push(node),
        }
        node
    }

    /// Marks a node as a precondition: the path ends there if it is false.
    pub fn assumption(&mut self, node: NodeId) {
        let exit = self.cfg.exit;
        self.edge(node, exit, EdgeKind::False);
        let site = self.cfg.node(node).site;
        if !self.cfg.pre.contains(&site) {
            self.cfg.pre.push(site);
        }
    }

    /// Statements in sequence.
    pub fn body(&mut self, stmts: &[StmtId], next: NodeId) -> NodeId {
        let mut next = next;
        for stmt in stmts.iter().rev() {
            if self.cfg.nodes.len() > MAX_NODES {
                if self.cfg.cut.is_none() {
                    self.cfg.cut = Some(format!("the control-flow graph has more than {MAX_NODES} nodes"));
                }
                return next;
            }
            for role in self.after.get(stmt).cloned().unwrap_or_default().into_iter().rev() {
                next = self.condition_point(role, next);
            }
            next = match self.roles.get(stmt).copied() {
                Some(Role::Ignored) => next,
                Some(Role::Post) => {
                    let node = self.node(Site::Stmt(*stmt));
                    self.edge(node, next, EdgeKind::Fall);
                    self.cfg.post.push(node);
                    node
                }
                Some(Role::Pre(_)) => {
                    let node = self.node(Site::Stmt(*stmt));
                    self.edge(node, next, EdgeKind::Fall);
                    self.raises(node, Site::Stmt(*stmt));
                    self.assumption(node);
                    node
                }
                None => self.statement(*stmt, next),
            };
            for role in self.before.get(stmt).cloned().unwrap_or_default().into_iter().rev() {
                next = self.condition_point(role, next);
            }
        }
        next
    }

    /// A statement whose normal completion, or a jump out of it, runs a `finally` that begins at `first`.
    pub fn completes(&mut self, id: StmtId, first: NodeId, next: NodeId) {
        self.cfg.completions.push((id, first, next));
    }

    /// A `continue` that runs a `finally` first.
    pub fn continues(&mut self, first: NodeId, back: NodeId) {
        self.cfg.continued.push((first, back));
    }

    pub fn joined(&self) -> &Joined {
        &self.cfg.joined
    }

    /// Whether a node has no successor yet.
    pub fn is_dead_end(&self, node: NodeId) -> bool {
        self.cfg.node(node).succ.is_empty()
    }

    /// The value of an integer literal.
    pub fn integer(&self, expr: ExprId) -> Option<u64> {
        let text = self.parsed.source.slice(self.ast.expr(expr).span);
        text.trim_end_matches(|c: char| c.is_ascii_alphabetic()).parse().ok()
    }

    fn finish(mut self) -> Cfg {
        // A goto to a label that isn't there, and loops nothing leads out of: give each a pseudo edge to the exit, so that
        // post-dominance is defined everywhere.
        self.tie_labels();
        self.tie_endless();
        debug_assert_eq!(super::verify::verify(&self.cfg), Ok(()));
        self.cfg
    }

    /// A label that a goto names and no statement has: leads to the exit.
    fn tie_labels(&mut self) {
        let exit = self.cfg.exit;
        let labels: std::collections::BTreeMap<String, NodeId> = std::mem::take(&mut self.labels).into_iter().collect();
        for (_, node) in labels {
            if self.cfg.node(node).succ.is_empty() {
                self.edge(node, exit, EdgeKind::Jump);
            }
        }
    }

    /// Gives one node of every strongly connected part that can't reach the exit a pseudo edge to it.
    fn tie_endless(&mut self) {
        let len = self.cfg.nodes.len();
        let mut pred: Vec<Vec<NodeId>> = vec![vec![]; len];
        for id in self.cfg.ids() {
            let node = self.cfg.node(id);
            node.succ.iter().map(|e| e.to).chain(node.pseudo).for_each(|to| pred[to.index()].push(id));
        }
        let mut done = super::reach(len, &[self.cfg.exit], |n| pred[n.index()].clone());
        for id in self.cfg.ids() {
            if !done[id.index()] {
                self.cfg.nodes[id.index()].pseudo = Some(self.cfg.exit);
                let more = super::reach(len, &[id], |n| if done[n.index()] { vec![] } else { pred[n.index()].clone() });
                done.iter_mut().zip(more).for_each(|(d, m)| *d |= m);
            }
        }
    }
}
