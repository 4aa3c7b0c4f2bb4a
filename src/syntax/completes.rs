//! Whether control can run off the end of statements, by the rules that compilers have for unreachable code: they look at no
//! condition but a literal `true` (Java Language Specification, 14.22).
//!
//! Recursion is bounded by the nesting that lowering allows. Cost: linear in the statements, times their depth.

use super::ast::{Ast, Body, ExprId, ExprKind, LiteralKind, LoopKind, StmtId, StmtKind};

/// Whether the last of these statements can end normally and all before it, too.
pub fn completes(ast: &Ast, stmts: &[StmtId]) -> bool {
    stmts.iter().all(|s| statement(ast, *s))
}

fn statement(ast: &Ast, id: StmtId) -> bool {
    let body = |b: &Body| completes(ast, &b.stmts);
    match &ast.stmt(id).kind {
        StmtKind::Return { .. }
        | StmtKind::Throw { .. }
        | StmtKind::Break { .. }
        | StmtKind::Continue { .. }
        | StmtKind::Goto { .. } => false,
        StmtKind::Block(b) => body(b),
        StmtKind::If(s) => s.els.as_ref().is_none_or(|els| body(&s.then) || body(els)),
        StmtKind::With(s) => body(&s.body),
        StmtKind::Loop(s) => {
            let endless = s.kind != LoopKind::ForEach && s.cond.is_none_or(|c| is_true(ast, c));
            let tested = s.kind != LoopKind::DoWhile || body(&s.body) || jumps(ast, &s.body.stmts, &Jump::Continue);
            tested && !endless || jumps(ast, &s.body.stmts, &Jump::Break)
        }
        StmtKind::Switch(s) => {
            let complete = s.arms.iter().any(|a| a.is_default) || !s.may_skip;
            let falls_out = match s.fallthrough {
                true => s.arms.last().is_none_or(|a| body(&a.body)),
                false => s.arms.iter().any(|a| body(&a.body)),
            };
            let breaks = |stmts: &[StmtId]| s.breakable && jumps(ast, stmts, &Jump::Break);
            !complete || falls_out || s.arms.iter().any(|a| breaks(&a.body.stmts))
        }
        StmtKind::Try(s) => {
            let normal = body(&s.body) && s.els.as_ref().is_none_or(body);
            let ends = normal || s.handlers.iter().any(|h| body(&h.body));
            ends && s.finally.as_ref().is_none_or(body)
        }
        StmtKind::Labeled { label, body, .. } => {
            completes(ast, body.as_slice()) || jumps(ast, body.as_slice(), &Jump::Label(label))
        }
        _ => true,
    }
}

fn is_true(ast: &Ast, cond: ExprId) -> bool {
    matches!(ast.expr(cond).kind, ExprKind::Literal(LiteralKind::True))
}

/// A jump out of statements.
enum Jump<'a> {
    Break,
    Continue,
    /// A break that names this label.
    Label(&'a str),
}

/// Whether a jump in these statements leaves what they are the body of.
fn jumps(ast: &Ast, stmts: &[StmtId], jump: &Jump) -> bool {
    stmts.iter().any(|id| {
        let inside = |ids: &[StmtId]| jumps(ast, ids, jump);
        match (&ast.stmt(*id).kind, jump) {
            (StmtKind::Break { label: None }, Jump::Break) | (StmtKind::Continue { label: None }, Jump::Continue) => {
                true
            }
            (StmtKind::Break { label: Some(l) }, Jump::Label(label)) => l == label,
            // Its own loops and switches take unlabelled jumps.
            (StmtKind::Loop(s), Jump::Break | Jump::Continue) => s.els.as_ref().is_some_and(|els| inside(&els.stmts)),
            (StmtKind::Switch(s), Jump::Break) if s.breakable => false,
            // A `finally` that doesn't end normally keeps the jump from arriving.
            (StmtKind::Try(s), _) => match &s.finally {
                Some(finally) if !completes(ast, &finally.stmts) => inside(&finally.stmts),
                _ => inside(&ast.children(*id)),
            },
            _ => inside(&ast.children(*id)),
        }
    })
}
