//! Classes that no run takes, as far as constants show it: `ready = 0;` and then the side where `ready` is true.
//!
//! Constants are followed along the edges of the graph as a class sees it, and an edge whose condition they make false is not
//! gone along (Wegman and Zadeck, "Constant propagation with conditional branches", 1991). A class is what a path covers: if
//! a site of it is never come to, no path covers the class, and it needn't be asked about. Only 0, 1 and null are
//! followed, which are themselves in every type; a write that isn't certain makes a variable unknown.

use super::Program;
use crate::cfg::bits::BitSet;
use crate::cfg::joined::bound;
use crate::cfg::{EdgeKind, NodeId, Site};
use crate::deps::effects::{Effects, got};
use crate::deps::slicer::View;
use crate::deps::{Var, returned};
use crate::syntax::ast::{DeclKind, ExprId, ExprKind, LiteralKind, LoopKind, StmtKind};
use crate::text::Span;
use std::collections::{BTreeMap, HashMap, HashSet};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Value {
    Zero,
    One,
    Null,
}

/// What is known where control comes to a node.
type State = BTreeMap<Var, Value>;

/// What [`Feasible::class`] needs of a program; made once.
pub struct Feasible<'p> {
    program: &'p Program<'p>,
    /// Macros that stand for a constant.
    constants: HashMap<&'p str, Option<Value>>,
    /// Variables that something outside of the program may set at any time.
    unstable: HashSet<&'p str>,
    not: &'p str,
    equal: &'p str,
}

impl<'p> Feasible<'p> {
    pub fn new(program: &'p Program<'p>) -> Self {
        let layout = &program.parsed.language.layout;
        let not = layout.negate.split("{e}").next().unwrap_or_default().trim_end_matches('(').trim();
        let equal = layout.equals.trim_start_matches("{subject}").trim_end_matches("{label}").trim();
        let mut constants: HashMap<&str, Option<Value>> = HashMap::new();
        for decl in program.parsed.ast.decls.iter().filter(|d| d.kind == DeclKind::Macro) {
            let text = program.parsed.source.slice(decl.span).trim();
            for name in &decl.names {
                let body = text.split_once(name.as_str()).map_or("", |(_, body)| body.trim());
                let value = match body {
                    "0" | "(0)" => Some(Value::Zero),
                    "1" | "(1)" => Some(Value::One),
                    _ => None,
                };
                // Two of one name: which is compiled is not known.
                constants.entry(name).and_modify(|v| *v = v.filter(|v| Some(*v) == value)).or_insert(value);
            }
        }
        Feasible { program, constants, unstable: unstable(program), not, equal }
    }

    /// Whether some run may cover a class. Cost: linear in the view, times the variables that are set to constants.
    pub fn class(&self, class: &BitSet) -> bool {
        let cfg = self.program.cfg;
        let open = |n: NodeId| {
            let site = cfg.node(n).site.index();
            !self.program.relevant.contains(site) || class.contains(site)
        };
        let view = View::truncated(cfg, open);
        let reached = self.reached(&view);
        class.iter().all(|site| cfg.copies[site].iter().any(|n| reached[n.index()]))
            && cfg.post.iter().any(|n| reached[n.index()])
    }

    fn reached(&self, view: &View) -> Vec<bool> {
        let cfg = self.program.cfg;
        let mut states: Vec<Option<State>> = vec![None; cfg.nodes.len()];
        states[cfg.entry.index()] = Some(State::new());
        let mut work = vec![cfg.entry];
        while let Some(node) = work.pop() {
            let Some(before) = states[node.index()].clone() else { continue };
            let site = cfg.node(node).site;
            let effects = &self.program.facts.effects[site.index()];
            let after = self.after(cfg.sites[site.index()], effects, &before);
            let raised = forget(effects, before);
            let truth = self.condition(cfg.sites[site.index()], effects, &after);
            for edge in &view.succ[node.index()] {
                let state = match (edge.kind, truth) {
                    (EdgeKind::True, Some(false)) | (EdgeKind::False, Some(true)) => continue,
                    (EdgeKind::Exception, _) => &raised,
                    _ => &after,
                };
                let known = &mut states[edge.to.index()];
                let merged = match known {
                    None => Some(state.clone()),
                    Some(old) => {
                        let both: State =
                            old.iter().filter(|(v, c)| state.get(v) == Some(c)).map(|(v, c)| (*v, *c)).collect();
                        (both.len() < old.len()).then_some(both)
                    }
                };
                if let Some(merged) = merged {
                    *known = Some(merged);
                    work.push(edge.to);
                }
            }
        }
        states.iter().map(Option::is_some).collect()
    }

    /// What is known behind a site.
    fn after(&self, site: Site, effects: &Effects, before: &State) -> State {
        let ast = self.program.ast();
        let set = match site {
            Site::Declarator(stmt, i) => match &ast.stmt(stmt).kind {
                StmtKind::Decl(d) if !d.persistent => {
                    let declarator = &d.declarators[i as usize];
                    declarator.init.and_then(|e| self.set(&declarator.name, e, effects, before))
                }
                _ => None,
            },
            Site::Stmt(stmt) => match &ast.stmt(stmt).kind {
                StmtKind::Expr(e) => match &ast.expr(*e).kind {
                    ExprKind::Assign { targets, value: Some(value) } if targets.len() == 1 => {
                        match &ast.expr(targets[0]).kind {
                            ExprKind::Name(name) => self.set(name, *value, effects, before),
                            _ => None,
                        }
                    }
                    _ => None,
                },
                // What is returned is a variable without a name.
                StmtKind::Return { value: Some(e) } if effects.strong.len() == 1 => {
                    let var = effects.strong.first().copied();
                    var.zip(self.value(*e, effects, before))
                }
                _ => None,
            },
            Site::Got(_) => {
                let from = only(effects.reads.iter().copied());
                only(effects.strong.iter().copied()).zip(from.and_then(|v| before.get(&v).copied()))
            }
            _ => None,
        };
        let mut after = forget(effects, before.clone());
        if let Site::Args(call) = site {
            let described = &self.program.cfg.joined.calls[&call];
            // A callee that ends without a return hands back nothing of an earlier call.
            if let Some(var) = self.program.facts.names.get(&returned(described.callee)) {
                after.remove(&var);
            }
            for (name, arg) in bound(ast.function(described.callee), described) {
                if let Some((var, value)) = self.set(name, arg, effects, before) {
                    after.insert(var, value);
                }
            }
        }
        if let Some((var, value)) = set.filter(|(var, _)| !effects.weak.contains(var)) {
            after.insert(var, value);
        }
        after
    }

    /// A variable that is certainly set to a constant.
    fn set(&self, name: &str, value: ExprId, effects: &Effects, before: &State) -> Option<(Var, Value)> {
        if self.unstable.contains(name) {
            return None;
        }
        let named = effects.strong.iter().copied().filter(|v| self.program.facts.names.name(*v) == name);
        only(named).zip(self.value(value, effects, before))
    }

    /// Whether the condition of a branch is certainly true, or false.
    fn condition(&self, site: Site, effects: &Effects, state: &State) -> Option<bool> {
        let Site::Cond(stmt) = site else { return None };
        let cond = match &self.program.ast().stmt(stmt).kind {
            StmtKind::If(s) => s.cond,
            StmtKind::Loop(s) if s.kind != LoopKind::ForEach => s.cond?,
            _ => return None,
        };
        Some(self.value(cond, effects, state)? == Value::One)
    }

    /// The value of an expression. A variable is known by those that the site reads: of its function, whatever others call theirs.
    fn value(&self, e: ExprId, effects: &Effects, state: &State) -> Option<Value> {
        let ast = self.program.ast();
        let source = &self.program.parsed.source;
        let span = ast.expr(e).span;
        let bool = |b: bool| if b { Value::One } else { Value::Zero };
        let truth = |e: ExprId| self.value(e, effects, state).map(|v| v == Value::One);
        let between = |a: ExprId, b: ExprId| {
            let text = source.text.get(ast.expr(a).span.end as usize..ast.expr(b).span.start as usize);
            text.unwrap_or_default().trim_matches(|c: char| c == '(' || c == ')' || c.is_whitespace())
        };
        match &ast.expr(e).kind {
            ExprKind::Literal(LiteralKind::Number) => match source.slice(span) {
                "0" => Some(Value::Zero),
                "1" => Some(Value::One),
                _ => None,
            },
            // Programs may define `TRUE` themselves.
            ExprKind::Literal(kind) => match (self.constants.get(source.slice(span)), kind) {
                (Some(value), _) => *value,
                (None, LiteralKind::True) => Some(Value::One),
                (None, LiteralKind::False) => Some(Value::Zero),
                (None, LiteralKind::Null) => Some(Value::Null),
                _ => None,
            },
            ExprKind::Name(name) => {
                let known = self.read(name, effects).and_then(|var| state.get(&var).copied());
                known.or_else(|| self.constants.get(name.as_str()).copied().flatten())
            }
            ExprKind::Call { .. } if self.program.cfg.joined.calls.contains_key(&e) => {
                state.get(&self.read(&got(e), effects)?).copied()
            }
            ExprKind::Cast { value, .. } if self.value(*value, effects, state)? == Value::Null => Some(Value::Null),
            ExprKind::Operator { operands, .. } => match operands[..] {
                [one] => {
                    let before = &source.text[span.start as usize..ast.expr(one).span.start as usize];
                    let plain = before.trim_end_matches(|c: char| c == '(' || c.is_whitespace()).trim();
                    (plain == self.not).then_some(())?;
                    Some(bool(!truth(one)?))
                }
                [a, b] => {
                    let equal = self.equal(self.value(a, effects, state)?, self.value(b, effects, state)?)?;
                    match between(a, b) {
                        op if op == self.equal => Some(bool(equal)),
                        "!=" => Some(bool(!equal)),
                        _ => None,
                    }
                }
                _ => None,
            },
            ExprKind::Logical { left, right } => {
                let layout = &self.program.parsed.language.layout;
                let (l, r) = (truth(*left), truth(*right));
                let op = between(*left, *right);
                if op == layout.and.trim() && (l == Some(false) || r == Some(false)) {
                    return Some(Value::Zero);
                }
                if op == layout.or.trim() && (l == Some(true) || r == Some(true)) {
                    return Some(Value::One);
                }
                let known = op == layout.and.trim() || op == layout.or.trim();
                // The value of a dynamic language's `or` is an operand's, whose truth this is.
                // All that is left: both sides are known, and neither decides by itself.
                (known && l.is_some() && r.is_some()).then(|| bool(l == Some(true)))
            }
            _ => None,
        }
    }

    fn equal(&self, a: Value, b: Value) -> Option<bool> {
        match (a, b) {
            _ if a == b => Some(true),
            (Value::Zero, Value::One) | (Value::One, Value::Zero) => Some(false),
            // A null pointer is written as zero in some languages, and is no number in others.
            _ => None,
        }
    }

    /// The variable that a name means at a site that reads it.
    fn read(&self, name: &str, effects: &Effects) -> Option<Var> {
        let all = effects.reads.iter().chain(effects.looks.difference(&effects.reads)).copied();
        only(all.filter(|v| self.program.facts.names.name(*v) == name))
    }
}

/// Names that are declared with a word which says that others may set them.
fn unstable<'p>(program: &'p Program<'p>) -> HashSet<&'p str> {
    let parsed = program.parsed;
    let words = &parsed.language.types.unstable_words;
    let said = |span: Span| parsed.source.slice(span).split(|c: char| !c.is_alphanumeric()).any(|w| words.contains(w));
    let outside = parsed.ast.decls.iter().filter(|d| d.kind == DeclKind::Variable && said(d.span));
    let local = parsed.ast.stmts.iter().filter_map(|s| match &s.kind {
        StmtKind::Decl(d) if said(d.type_span) => Some(&d.declarators),
        _ => None,
    });
    let local = local.flatten().map(|d| d.name.as_str());
    outside.flat_map(|d| &d.names).map(String::as_str).chain(local).collect()
}

/// What is still known where a site may or may not have been executed.
fn forget(effects: &Effects, mut state: State) -> State {
    state.retain(|v, _| !effects.strong.contains(v) && (!effects.weak.contains(v) || effects.beneath.contains(v)));
    state
}

fn only<T>(mut all: impl Iterator<Item = T>) -> Option<T> {
    let first = all.next()?;
    all.next().is_none().then_some(first)
}
