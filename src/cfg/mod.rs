//! Control-flow graph of one function.
//!
//! A node is a simple statement, a condition, or a marker; an edge says why it is taken. Several nodes may stand for the
//! same place of the source: a `finally` block is built once for each way of leaving its `try`, so that every path of the
//! graph is a path of the program. The place itself is a [`Site`]: coverage, slices and rendering speak of sites.
//!
//! Every jump and every loop that never ends by its condition carries a *pseudo edge* to where control would go without it.
//! Control dependence is computed with pseudo edges, data dependence and paths without (Ball and Horwitz, "Slicing programs
//! with arbitrary control flow", 1993), which is what makes slices with `break`, `return` and `goto` right.

use crate::syntax::ast::{ExprId, StmtId};

pub mod apart;
pub mod bits;
pub mod build;
mod carried;
pub mod dominators;
mod follow;
pub mod joined;
mod jumps;
pub mod leavers;
mod objects;
pub mod print;
mod statements;
pub mod verify;

#[cfg(test)]
pub(crate) mod tests;

#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct NodeId(pub u32);

impl NodeId {
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// Index into [`Cfg::sites`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct SiteId(pub u32);

impl SiteId {
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A place of the source that can be executed, covered, kept.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Site {
    Entry,
    Exit,
    /// A simple statement: expression, assert, jump, nested definition, opaque text.
    Stmt(StmtId),
    /// One declarator of a declaration.
    Declarator(StmtId, u32),
    /// The condition of an `if`, loop or preprocessor conditional; the subject of a switch; "is there another element" of
    /// a for-each.
    Cond(StmtId),
    /// The side of an `if` that is taken when its condition is true, or false. Sides are markers: they make a path through
    /// an empty side visible in coverage.
    Then(StmtId),
    Else(StmtId),
    /// A round of a loop begins; a for-each binds its target here.
    Enter(StmtId),
    /// A round of a loop ends and the condition follows.
    Back(StmtId),
    /// A switch is entered at this arm.
    Arm(StmtId, u32),
    /// No arm of a switch matches.
    NoArm(StmtId),
    /// Branch `i` of a preprocessor conditional is compiled; one past the last: none is.
    Branch(StmtId, u32),
    /// An exception is caught by handler `i`.
    Handler(StmtId, u32),
    /// An exception goes on after a `finally`.
    Rethrow(StmtId),
    /// The managers of a `with` are entered.
    With(StmtId),
    /// A goto target.
    Label(StmtId),
    /// The arguments of a call that is followed are evaluated and become the callee's parameters.
    Args(ExprId),
    /// The call has returned.
    Got(ExprId),
    /// Precondition `i` of the triple, where it is a comment or came from the command line.
    Pre(u32),
    /// The postcondition, where it is not an assert.
    Post,
}

impl Site {
    /// The statement it belongs to.
    pub fn stmt(self) -> Option<StmtId> {
        match self {
            Site::Entry | Site::Exit | Site::Pre(_) | Site::Post | Site::Args(_) | Site::Got(_) => None,
            Site::Stmt(s)
            | Site::Declarator(s, _)
            | Site::Cond(s)
            | Site::Then(s)
            | Site::Else(s)
            | Site::Enter(s)
            | Site::Back(s)
            | Site::Arm(s, _)
            | Site::NoArm(s)
            | Site::Branch(s, _)
            | Site::Handler(s, _)
            | Site::Rethrow(s)
            | Site::With(s)
            | Site::Label(s) => Some(s),
        }
    }
}

/// Why an edge is taken.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum EdgeKind {
    /// The next statement.
    Fall,
    True,
    False,
    /// Arm of a switch or branch of a preprocessor conditional.
    Case(u32),
    /// No arm matches.
    NoCase,
    Jump,
    /// The node raised; what it assigns may not have been assigned.
    Exception,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Edge {
    pub to: NodeId,
    pub kind: EdgeKind,
}

#[derive(Clone, Debug)]
pub struct Node {
    pub site: SiteId,
    pub succ: Vec<Edge>,
    /// Where control would go if this jump, or the constant condition of this loop, were not there.
    pub pseudo: Option<NodeId>,
}

/// What a triple adds to the program.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// The statement or point is precondition `i`: the path ends where it is false.
    Pre(u32),
    Post,
    /// Not part of the program for this triple.
    Ignored,
}

/// A callee built in for one call of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Instance {
    pub call: ExprId,
    pub got: NodeId,
    pub args: NodeId,
}

impl Instance {
    /// Whether a node is of this copy of the callee, or of one that is built in there.
    pub fn contains(&self, node: NodeId) -> bool {
        (self.got..=self.args).contains(&node)
    }
}

/// Control-flow graph with one entry and one exit.
#[derive(Debug)]
pub struct Cfg {
    pub nodes: Vec<Node>,
    pub sites: Vec<Site>,
    /// Nodes of each site.
    pub copies: Vec<Vec<NodeId>>,
    pub entry: NodeId,
    pub exit: NodeId,
    /// Where Q is judged (one site, perhaps several copies).
    pub post: Vec<NodeId>,
    /// Sites that are preconditions.
    pub pre: Vec<SiteId>,
    /// For each copy of a `try` with a `finally`, and each `break` that runs one: the statement that is left so, where the
    /// `finally` begins, and where that leads.
    pub completions: Vec<(StmtId, NodeId, NodeId)>,
    /// For each `continue` that runs a `finally`: where that begins, and the end of the round.
    pub continued: Vec<(NodeId, NodeId)>,
    /// Calls that are followed, once for each time that they are built in: the callee's nodes are those between `Got` and `Args`.
    pub instances: Vec<Instance>,
    /// Callees that are built in.
    pub joined: joined::Joined,
    /// The graph was cut because it grew past its limit (a tower of `finally` blocks); says what was cut.
    pub cut: Option<String>,
}

impl Cfg {
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.index()]
    }

    pub fn site_of(&self, id: NodeId) -> Site {
        self.sites[self.node(id).site.index()]
    }

    pub fn site_id(&self, site: Site) -> Option<SiteId> {
        self.sites.iter().position(|s| *s == site).map(|i| SiteId(i as u32))
    }

    pub fn ids(&self) -> impl Iterator<Item = NodeId> + use<> {
        (0..self.nodes.len() as u32).map(NodeId)
    }

    /// Predecessors by real edges.
    pub fn predecessors(&self) -> Vec<Vec<(NodeId, EdgeKind)>> {
        let mut pred = vec![Vec::new(); self.nodes.len()];
        for id in self.ids() {
            for edge in &self.node(id).succ {
                pred[edge.to.index()].push((id, edge.kind));
            }
        }
        pred
    }

    /// Nodes on some path from the entry to Q (Q's own successors included where they lead to Q again).
    pub fn region(&self) -> Vec<bool> {
        let forward = reach(self.nodes.len(), &[self.entry], |n| self.node(n).succ.iter().map(|e| e.to).collect());
        let pred = self.predecessors();
        let backward = reach(self.nodes.len(), &self.post, |n| pred[n.index()].iter().map(|p| p.0).collect());
        forward.iter().zip(&backward).map(|(f, b)| *f && *b).collect()
    }
}

/// Nodes reachable from `from`. Cost: linear in nodes and edges.
pub fn reach(len: usize, from: &[NodeId], next: impl Fn(NodeId) -> Vec<NodeId>) -> Vec<bool> {
    let mut seen = vec![false; len];
    let mut stack: Vec<NodeId> = from.to_vec();
    while let Some(node) = stack.pop() {
        if !std::mem::replace(&mut seen[node.index()], true) {
            stack.extend(next(node));
        }
    }
    seen
}

/// The expressions that a site evaluates, so that dependence and rendering agree on it.
pub fn expressions(ast: &crate::syntax::ast::Ast, site: Site) -> Vec<ExprId> {
    use crate::syntax::ast::StmtKind as S;
    if let Site::Args(call) = site {
        return joined::arguments(ast, call);
    }
    let Some(stmt) = site.stmt() else { return vec![] };
    match (site, &ast.stmt(stmt).kind) {
        (Site::Stmt(_), S::Expr(e) | S::Exit(e) | S::Assume { cond: e }) => vec![*e],
        (Site::Stmt(_), S::Assert { cond, message }) => std::iter::once(*cond).chain(*message).collect(),
        (Site::Stmt(_), S::Return { value }) => value.iter().copied().collect(),
        (Site::Stmt(_), S::Throw { value, cause }) => value.iter().chain(cause).copied().collect(),
        (Site::Stmt(_), S::Class { names, .. } | S::Opaque { names }) => names.clone(),
        (Site::Declarator(_, i), S::Decl(d)) => {
            let d = &d.declarators[i as usize];
            d.sizes.iter().chain(&d.init).copied().collect()
        }
        (Site::Cond(_), S::If(s)) => vec![s.cond],
        (Site::Cond(_), S::Loop(s)) => s.cond.iter().chain(&s.iter).copied().collect(),
        (Site::Enter(_), S::Loop(s)) => s.target.iter().copied().collect(),
        (Site::Cond(_), S::Switch(s)) => {
            let labels = s.arms.iter().flat_map(|a| a.labels.iter().chain(&a.guard));
            std::iter::once(s.subject).chain(labels.copied()).collect()
        }
        (Site::Arm(_, i), S::Switch(s)) => s.arms[i as usize].binds.clone(),
        (Site::Handler(_, i), S::Try(s)) => {
            let h = &s.handlers[i as usize];
            h.types.iter().chain(&h.bind).copied().collect()
        }
        (Site::With(_), S::With(s)) => s.items.iter().flat_map(|(e, t)| std::iter::once(*e).chain(*t)).collect(),
        _ => vec![],
    }
}

/// The expressions directly in a statement.
pub fn statement_expressions(ast: &crate::syntax::ast::Ast, id: StmtId) -> Vec<ExprId> {
    use crate::syntax::ast::StmtKind;
    let of = |site| expressions(ast, site);
    match &ast.stmt(id).kind {
        StmtKind::Decl(d) => (0..d.declarators.len()).flat_map(|i| of(Site::Declarator(id, i as u32))).collect(),
        StmtKind::If(_) => of(Site::Cond(id)),
        StmtKind::Loop(_) => of(Site::Cond(id)).into_iter().chain(of(Site::Enter(id))).collect(),
        StmtKind::Switch(s) => {
            let binds = (0..s.arms.len()).flat_map(|i| of(Site::Arm(id, i as u32)));
            of(Site::Cond(id)).into_iter().chain(binds).collect()
        }
        StmtKind::Try(s) => (0..s.handlers.len()).flat_map(|i| of(Site::Handler(id, i as u32))).collect(),
        StmtKind::With(_) => of(Site::With(id)),
        _ => of(Site::Stmt(id)),
    }
}

/// The sites of a statement, whether or not a graph has them.
pub fn sites_of(ast: &crate::syntax::ast::Ast, id: StmtId) -> Vec<Site> {
    use crate::syntax::ast::StmtKind;
    match &ast.stmt(id).kind {
        StmtKind::Decl(d) => (0..d.declarators.len()).map(|i| Site::Declarator(id, i as u32)).collect(),
        StmtKind::If(_) | StmtKind::Preproc(_) => vec![Site::Cond(id)],
        StmtKind::Loop(_) => vec![Site::Cond(id), Site::Enter(id)],
        StmtKind::Switch(s) => {
            let arms = (0..s.arms.len()).map(|i| Site::Arm(id, i as u32));
            std::iter::once(Site::Cond(id)).chain(arms).collect()
        }
        StmtKind::Try(s) => (0..s.handlers.len()).map(|i| Site::Handler(id, i as u32)).collect(),
        StmtKind::With(_) => vec![Site::With(id)],
        StmtKind::Block(_) | StmtKind::Labeled { .. } | StmtKind::Empty => vec![],
        _ => vec![Site::Stmt(id)],
    }
}
