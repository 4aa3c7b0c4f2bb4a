//! Arguments that are text to a macro, not values.
//!
//! `GetReq(XIQueryDevice, req)` in the function `XIQueryDevice` makes other names of it (`xXIQueryDeviceReq`, `X_XIQueryDevice`).
//! Taken for a function's name, it would say that the function is handed to somebody who may call it at any time.

use super::ast::{Ast, ExprId, ExprKind, LiteralKind};
use super::language::Language;
use std::collections::HashSet;

/// Makes literals of them: a function's own name as the argument of something that is declared nowhere, in a language where a
/// function would have to be declared and a macro of another file is not seen.
pub fn unname(ast: &mut Ast, language: &Language) {
    if !language.types.undeclared_is_macro {
        return;
    }
    let functions: HashSet<&str> = ast.functions.iter().map(|f| f.name.as_str()).collect();
    let table = &language.calls;
    let mut declared: Option<HashSet<&str>> = None;
    let mut text: Vec<ExprId> = Vec::new();
    for call in &ast.exprs {
        let ExprKind::Call { callee, args } = &call.kind else { continue };
        let name_of = |e: ExprId| match &ast.expr(e).kind {
            ExprKind::Name(name) => Some(name.as_str()),
            _ => None,
        };
        let named = args.iter().filter(|a| name_of(**a).is_some_and(|n| functions.contains(n)));
        let named: Vec<ExprId> = named.copied().collect();
        let Some(callee) = name_of(*callee).filter(|_| !named.is_empty()) else { continue };
        let known = table.pure.contains(callee) || table.changes_first.contains(callee) || table.input.contains(callee);
        let declared =
            declared.get_or_insert_with(|| ast.decls.iter().flat_map(|d| &d.names).map(String::as_str).collect());
        if known || functions.contains(callee) || declared.contains(callee) {
            continue;
        }
        let own = |a: &ExprId| {
            ast.functions.iter().any(|f| Some(f.name.as_str()) == name_of(*a) && f.span.contains(call.span))
        };
        text.extend(named.into_iter().filter(own));
    }
    for e in text {
        ast.exprs[e.index()].kind = ExprKind::Literal(LiteralKind::Other);
    }
}
