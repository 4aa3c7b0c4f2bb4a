//! What may leave by a written way when it is evaluated: a call of a function of the file that raises, exits or asserts, by
//! itself or through what it calls; a macro of the file whose body jumps. Such an expression is a branch.

use crate::spec;
use crate::syntax::Parsed;
use crate::syntax::ast::{Ast, DeclKind, ExprId, ExprKind, StmtId, StmtKind, With};
use std::collections::{BTreeMap, BTreeSet};

/// Words with which a macro's body leaves the place where it is used.
const JUMPS: [&str; 8] = ["return", "goto", "break", "continue", "exit", "abort", "_exit", "longjmp"];

/// By name.
#[derive(Debug, Default)]
pub struct Leavers {
    functions: BTreeSet<String>,
    macros: BTreeSet<String>,
    /// Labels that a macro goes to.
    gotos: BTreeMap<String, BTreeSet<String>>,
    /// A leaving function is named other than to be called: whoever calls a function value may call it.
    by_value: bool,
    /// A constructor leaves; which one `new` runs, the tree doesn't say.
    constructor: bool,
}

impl Leavers {
    /// Handlers that would stop an exception inside a callee are not looked at. Cost: linear in the file, times the depth of
    /// its call graph.
    pub fn new(parsed: &Parsed) -> Self {
        let ast = &parsed.ast;
        let mut out = Leavers::default();
        out.read_macros(parsed);
        let mut calls: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        let mut values: BTreeSet<&str> = BTreeSet::new();
        for function in &ast.functions {
            let mut leaves = function.noreturn;
            let named = calls.entry(&function.name).or_default();
            let mut stack: Vec<StmtId> = function.body.stmts.clone();
            while let Some(id) = stack.pop() {
                stack.extend(ast.children(id));
                leaves |= match &ast.stmt(id).kind {
                    StmtKind::Throw { .. } | StmtKind::Exit(_) => true,
                    StmtKind::Assert { .. } => !is_condition(parsed, id),
                    _ => false,
                };
                for e in super::statement_expressions(ast, id) {
                    named.extend(called(parsed, e));
                    values.extend(mentioned(parsed, e));
                }
            }
            if leaves {
                out.functions.insert(function.name.clone());
            }
        }
        out.close(&calls);
        for (function, class) in ast.functions.iter().filter_map(|f| Some((f, f.container?))) {
            let class = &ast.containers[class.index()].name;
            let made = function.name == *class || parsed.language.types.constructors.contains(&function.name);
            if made && out.functions.contains(&function.name) {
                out.constructor = true;
                out.functions.insert(class.clone());
            }
        }
        out.close(&calls);
        out.by_value = values.iter().any(|v| out.functions.contains(*v));
        out
    }

    /// Macros that jump, by themselves or through another macro.
    fn read_macros(&mut self, parsed: &Parsed) {
        let word = |c: char| c.is_alphanumeric() || c == '_';
        let macros: Vec<(&[String], Vec<&str>)> = parsed
            .ast
            .decls
            .iter()
            .filter(|d| d.kind == DeclKind::Macro)
            .map(|d| {
                (&d.names[..], parsed.source.slice(d.span).split(|c| !word(c)).filter(|w| !w.is_empty()).collect())
            })
            .collect();
        loop {
            let before = (self.macros.len(), self.gotos.values().map(BTreeSet::len).sum::<usize>());
            for (names, words) in &macros {
                if !words.iter().any(|w| JUMPS.contains(w) || self.macros.contains(*w)) {
                    continue;
                }
                let own = words.windows(2).filter(|w| w[0] == "goto").map(|w| w[1].to_owned());
                let through = words.iter().filter_map(|w| self.gotos.get(*w)).flatten().cloned();
                let labels: Vec<String> = own.chain(through).collect();
                for name in *names {
                    self.macros.insert(name.clone());
                    self.gotos.entry(name.clone()).or_default().extend(labels.iter().cloned());
                }
            }
            if before == (self.macros.len(), self.gotos.values().map(BTreeSet::len).sum::<usize>()) {
                return;
            }
        }
    }

    /// Labels that macros in an expression go to.
    pub fn labels(&self, ast: &Ast, e: ExprId) -> BTreeSet<String> {
        let mut out = BTreeSet::new();
        let mut stack = if self.gotos.is_empty() { vec![] } else { vec![e] };
        while let Some(e) = stack.pop() {
            if let ExprKind::Name(name) = &ast.expr(e).kind {
                out.extend(self.gotos.get(name).into_iter().flatten().cloned());
            }
            stack.extend(ast.operands(e));
        }
        out
    }

    fn close(&mut self, calls: &BTreeMap<&str, BTreeSet<&str>>) {
        loop {
            let open = |name: &&&str| !self.functions.contains(**name);
            let leaves = |name: &&&str| calls[**name].iter().any(|c| self.functions.contains(*c));
            let more: Vec<String> = calls.keys().filter(open).filter(leaves).map(|n| n.to_string()).collect();
            if more.is_empty() {
                return;
            }
            self.functions.extend(more);
        }
    }

    /// Whether evaluating an expression may leave, other than by a call that is followed.
    pub fn may_leave(&self, parsed: &Parsed, e: ExprId, followed: &dyn Fn(ExprId) -> bool) -> bool {
        let ast = &parsed.ast;
        let mut stack = vec![e];
        while let Some(e) = stack.pop() {
            if followed(e) {
                // What it leaves by is on its own paths, and its arguments are evaluated before.
                continue;
            }
            let leaves = match &ast.expr(e).kind {
                ExprKind::Name(name) => self.macros.contains(name),
                ExprKind::New { .. } => self.constructor,
                ExprKind::Field { name, .. } => self.functions.contains(name),
                ExprKind::Call { callee, .. } => match &ast.expr(*callee).kind {
                    ExprKind::Name(name) | ExprKind::Field { name, .. } => {
                        self.functions.contains(name) || self.by_value && !is_library(parsed, name)
                    }
                    _ => self.by_value,
                },
                _ => false,
            };
            if leaves {
                return true;
            }
            stack.extend(ast.operands(e));
        }
        false
    }
}

/// Whether a name is one of the file's functions or of the library functions that are known.
fn is_library(parsed: &Parsed, name: &str) -> bool {
    let calls = &parsed.language.calls;
    let tables =
        [&calls.pure, &calls.output, &calls.input, &calls.changes_first, &calls.changes_receiver, &calls.scalar];
    tables.iter().any(|t| t.contains(name)) || parsed.ast.functions.iter().any(|f| f.name == name)
}

/// Whether a manager may swallow what its block raises.
pub fn may_swallow(parsed: &Parsed, s: &With) -> bool {
    let passes = &parsed.language.calls.passes_exceptions;
    let passes = |e: ExprId| called(parsed, e).last().is_some_and(|f| passes.contains(*f));
    parsed.language.types.managers_swallow && s.items.iter().any(|(e, _)| !passes(*e))
}

/// Last names of the functions that an expression calls.
pub fn called(parsed: &Parsed, e: ExprId) -> Vec<&str> {
    let ast = &parsed.ast;
    let mut out = Vec::new();
    let mut stack = vec![e];
    while let Some(e) = stack.pop() {
        if let ExprKind::Call { callee, .. } = &ast.expr(e).kind
            && let ExprKind::Name(name) | ExprKind::Field { name, .. } = &ast.expr(*callee).kind
        {
            out.push(name.as_str());
        }
        stack.extend(ast.operands(e));
    }
    out
}

/// Names that an expression mentions without calling them there and then.
pub fn mentioned(parsed: &Parsed, e: ExprId) -> Vec<&str> {
    let ast = &parsed.ast;
    let mut out = Vec::new();
    let mut stack = vec![(e, false)];
    while let Some((e, callee)) = stack.pop() {
        match &ast.expr(e).kind {
            ExprKind::Name(name) | ExprKind::Field { name, .. } if !callee => out.push(name.as_str()),
            _ => {}
        }
        let is_call = matches!(ast.expr(e).kind, ExprKind::Call { .. });
        stack.extend(ast.operands(e).into_iter().enumerate().map(|(i, o)| (o, is_call && i == 0)));
    }
    out
}

/// Whether an assert states a condition of a triple: a comment on its line says so.
fn is_condition(parsed: &Parsed, id: StmtId) -> bool {
    let ast = &parsed.ast;
    let end = ast.stmt(id).span.end;
    let i = ast.comments.partition_point(|c| c.span.start < end);
    let line = parsed.source.line(end);
    ast.comments.get(i).is_some_and(|c| {
        parsed.source.line(c.span.start) == line
            && spec::is_annotation(parsed.source.slice(c.span), &parsed.language.layout.comment)
    })
}
