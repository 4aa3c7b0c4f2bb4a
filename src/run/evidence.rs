//! What a program does with a parameter of which its signature says nothing: evidence for a shape.
//!
//! `text.upper()` speaks for a text, `xs.append(1)` for a list, `n % 2` for a number; and so does the name, a little. Words are
//! data (`[shapes.hints]` in `run.toml`). Evidence only chooses among what the program takes when it is tried.

use super::shape::{Parameter, Shape};
use crate::syntax::Parsed;
use crate::syntax::ast::{ExprId, ExprKind, FunctionId, LiteralKind, StmtKind};

/// Evidence of a use, and of a name.
const USE: usize = 3;
const NAME: usize = 2;

/// How much speaks for a parameter having its shape.
pub fn of(parsed: &Parsed, entry: FunctionId, parameter: &Parameter) -> usize {
    let own = of_name(parsed, entry, &parameter.name, &parameter.shape);
    // What is done with the elements speaks too.
    let Shape::List(element) = &parameter.shape else { return own };
    let span = parsed.ast.function(entry).span;
    let name = |e: ExprId| match &parsed.ast.expr(e).kind {
        ExprKind::Name(name) => Some(name),
        _ => None,
    };
    let targets = parsed.ast.stmts.iter().filter(|s| span.contains(s.span)).filter_map(|s| match &s.kind {
        StmtKind::Loop(l) if l.iter.and_then(name) == Some(&parameter.name) => l.target.and_then(name),
        _ => None,
    });
    own + targets.map(|target| of_name(parsed, entry, target, element)).sum::<usize>()
}

fn of_name(parsed: &Parsed, entry: FunctionId, name: &str, shape: &Shape) -> usize {
    let hints = &parsed.language.running.shapes.hints;
    let kind = kind(shape);
    let says = |word: &str| hints.get(kind).is_some_and(|words| words.iter().any(|w| w == word));
    let span = parsed.ast.function(entry).span;
    let ast = &parsed.ast;
    let is_it = |e: ExprId| matches!(&ast.expr(e).kind, ExprKind::Name(n) if n == name);
    let mut evidence = 0;
    let lower = name.to_ascii_lowercase();
    if lower.split('_').any(|part| says(&format!("name {}", part.trim_end_matches(|c: char| c.is_ascii_digit())))) {
        evidence += NAME;
    }
    for expr in ast.exprs.iter().filter(|e| span.contains(e.span)) {
        match &expr.kind {
            ExprKind::Field { object, name, .. } if is_it(*object) => evidence += USE * usize::from(says(name)),
            ExprKind::Call { callee, args } if args.iter().any(|a| is_it(*a)) => {
                if let ExprKind::Name(function) = &ast.expr(*callee).kind {
                    evidence += USE * usize::from(says(&format!("{function}()")));
                }
            }
            ExprKind::Index { object, .. } if is_it(*object) => evidence += usize::from(says("[]")),
            ExprKind::Operator { operands, .. } if operands.iter().any(|o| is_it(*o)) => {
                let literal = |wanted| {
                    operands.iter().any(|o| matches!(ast.expr(*o).kind, ExprKind::Literal(kind) if kind == wanted))
                };
                let fits = match kind {
                    "int" | "float" => literal(LiteralKind::Number),
                    "text" => literal(LiteralKind::String),
                    _ => false,
                };
                evidence += USE * usize::from(fits);
            }
            _ => {}
        }
    }
    let rounds = ast.stmts.iter().filter(|s| span.contains(s.span));
    let iterated = rounds.filter(|s| matches!(&s.kind, StmtKind::Loop(l) if l.iter.is_some_and(is_it))).count();
    evidence + iterated * usize::from(says("for"))
}

fn kind(shape: &Shape) -> &'static str {
    match shape {
        Shape::Int { .. } => "int",
        Shape::Float { .. } => "float",
        Shape::Bool => "bool",
        Shape::Text | Shape::Char => "text",
        Shape::List(_) | Shape::Tuple(_) => "list",
        Shape::Set(_) => "set",
        Shape::Map(..) => "map",
        _ => "",
    }
}
