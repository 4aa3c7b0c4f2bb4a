//! The text of a condition: code or plain language, and the names it speaks of.

use super::scope::Scope;
use super::{Condition, ConditionKind};
use crate::syntax::ast::{Ast, ExprId, ExprKind, LiteralKind};
use crate::syntax::language::Language;
use std::collections::BTreeSet;

/// What a condition's text is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    pub text: String,
    pub kind: ConditionKind,
    pub note: String,
    pub names: Vec<String>,
    pub output: bool,
}

/// Reads a condition written as lines. If the lines together are code, they are the condition; if the first is code by
/// itself, it is, and the rest is a remark; else all of it is plain language.
pub fn read(lines: &[String], language: &Language, scope: &Scope<'_>) -> Reading {
    let whole = join(lines);
    let code = |text: &str| code_names(text, language, scope);
    if let Some(names) = code(&whole) {
        return Reading {
            text: unterminated(&whole).to_string(),
            kind: ConditionKind::Code,
            note: String::new(),
            names,
            output: false,
        };
    }
    if let Some((first, rest)) = lines.split_first()
        && let Some(names) = code(first.trim())
    {
        let text = unterminated(first.trim()).to_string();
        return Reading { text, kind: ConditionKind::Code, note: join(rest), names, output: false };
    }
    let text = unquoted(&whole).to_string();
    let names = text_names(&text, scope);
    let output = scope.prints && speaks_of_output(&text);
    Reading { text, kind: ConditionKind::Text, note: String::new(), names, output }
}

/// Lines joined by `\n`, blank ones at the ends dropped.
pub fn join(lines: &[String]) -> String {
    let trimmed: Vec<&str> = lines.iter().map(|l| l.trim()).collect();
    trimmed.join("\n").trim().to_string()
}

fn unterminated(text: &str) -> &str {
    text.trim_end_matches(';').trim_end()
}

/// `"plain language"` → `plain language`.
fn unquoted(text: &str) -> &str {
    ['"', '\''].into_iter().find_map(|q| text.strip_prefix(q)?.strip_suffix(q)).unwrap_or(text).trim()
}

/// `(e)` → `e`, if the first parenthesis is closed by the last.
pub fn without_parentheses(text: &str) -> &str {
    let Some(inner) = text.strip_prefix('(').and_then(|t| t.strip_suffix(')')) else { return text };
    let mut depth = 0i64;
    for byte in inner.bytes() {
        match byte {
            b'(' => depth += 1,
            b')' => depth -= 1,
            _ => {}
        }
        if depth < 0 {
            return text;
        }
    }
    inner.trim()
}

/// The names of `text` if it is a condition in code. What only looks like code is not:
/// a string; anything with back-quotes; a list `n >= 1, k >= 1` (its value would be that of its last part); an assignment; a chain `1 <= n <= 9` in a
/// language that would compare 9 with a truth value; several words that read as operators by chance (`xs is sorted`).
fn code_names(text: &str, language: &Language, scope: &Scope<'_>) -> Option<Vec<String>> {
    let text = without_parentheses(unterminated(text));
    if text.is_empty() || text.contains('`') {
        return None;
    }
    let parsed = crate::syntax::parse_expression(text, language)?;
    let ast = &parsed.ast;
    match &ast.expr(parsed.root).kind {
        ExprKind::Literal(LiteralKind::String)
        | ExprKind::Sequence(_)
        | ExprKind::Assign { .. }
        | ExprKind::Compound { .. }
        | ExprKind::Update { .. }
        | ExprKind::Delete(_)
        | ExprKind::Template(_) => return None,
        _ => {}
    }
    if !language.types.chained_comparisons && has_chain(ast, text) {
        return None;
    }
    let names = names_in(ast, parsed.root, scope);
    let words = text.split_whitespace().count();
    let only_words = text.chars().all(|c| c.is_alphabetic() || c.is_whitespace());
    if only_words && words > 1 && names.iter().any(|n| !scope.is_variable(n)) {
        return None;
    }
    Some(names)
}

/// The names that a condition in code only compares or tests, without a look at what they point to. Where names are references
/// to objects there are none: comparing may mean anything.
pub fn compared(condition: &Condition, language: &Language) -> Vec<String> {
    let text = without_parentheses(unterminated(&condition.text));
    if condition.kind != ConditionKind::Code || language.types.references {
        return Vec::new();
    }
    let Some(parsed) = crate::syntax::parse_expression(text, language) else { return Vec::new() };
    let (mut bare, mut otherwise) = (BTreeSet::new(), BTreeSet::new());
    let mut stack = vec![(parsed.root, true)];
    while let Some((e, value)) = stack.pop() {
        let kind = &parsed.ast.expr(e).kind;
        match kind {
            ExprKind::Name(name) if value => drop(bare.insert(name.as_str())),
            ExprKind::Name(name) => drop(otherwise.insert(name.as_str())),
            _ => {
                use ExprKind as E;
                let value =
                    matches!(kind, E::Operator { .. } | E::Logical { .. } | E::Conditional { .. } | E::Cast { .. });
                stack.extend(parsed.ast.operands(e).into_iter().map(|o| (o, value)));
            }
        }
    }
    let only = |name: &&String| bare.contains(name.as_str()) && !otherwise.contains(name.as_str());
    condition.names.iter().filter(only).cloned().collect()
}

/// Whether a row of operands is compared more than once, `1 <= n <= 9`. Parentheses end a row.
fn has_chain(ast: &Ast, text: &str) -> bool {
    ast.exprs.iter().any(|expr| {
        let ExprKind::Operator { operands, .. } = &expr.kind else { return false };
        let between = |pair: &[ExprId]| {
            let (left, right) = (ast.expr(pair[0]).span, ast.expr(pair[1]).span);
            text.get(left.end as usize..right.start as usize).unwrap_or("").trim()
        };
        operands.windows(2).filter(|pair| matches!(between(pair), "<" | "<=" | ">" | ">=")).count() > 1
    })
}

/// The variables of an expression in order of appearance: not the functions it calls, not fields, not names it binds
/// itself, not types and modules. A name nobody declares counts as a variable, unless it qualifies another name and
/// starts with a capital, as classes do (`Math.abs(x)`).
pub fn names_in(ast: &Ast, root: ExprId, scope: &Scope<'_>) -> Vec<String> {
    let mut bound: BTreeSet<&str> = BTreeSet::new();
    let mut found: Vec<(u32, &str)> = Vec::new();
    // An expression, and whether it qualifies a field.
    let mut stack = vec![(root, false)];
    while let Some((e, qualifies)) = stack.pop() {
        let expr = ast.expr(e);
        match &expr.kind {
            ExprKind::Name(name) => {
                let name = name.as_str();
                let capital = name.starts_with(char::is_uppercase);
                let variable =
                    scope.is_variable(name) || !(scope.is_other(name) || qualifies && capital || name.is_empty());
                if variable {
                    found.push((expr.span.start, name));
                }
                continue;
            }
            ExprKind::Call { callee, args } => {
                match &ast.expr(*callee).kind {
                    ExprKind::Name(_) => {}
                    _ => stack.push((*callee, false)),
                }
                stack.extend(args.iter().map(|a| (*a, false)));
                continue;
            }
            ExprKind::Field { object, .. } => {
                stack.push((*object, true));
                continue;
            }
            ExprKind::Comprehension { bound: names, .. } | ExprKind::Lambda { bound: names, .. } => {
                bound.extend(names.iter().map(String::as_str));
            }
            _ => {}
        }
        stack.extend(ast.operands(e).into_iter().map(|o| (o, false)));
    }
    found.retain(|(_, name)| !bound.contains(name) || scope.is_variable(name));
    found.sort_by_key(|(at, _)| *at);
    unique(found.into_iter().map(|(_, name)| name))
}

/// English words that are also common names. A text that has no other name speaks of none: slicing for a variable `a`
/// because of `if a tie occurred` would lose what the text is about.
const FALSE_FRIENDS: &[&str] = &[
    "a", "i", "an", "all", "and", "any", "are", "as", "at", "be", "but", "by", "can", "do", "each", "end", "for",
    "from", "has", "have", "if", "in", "input", "is", "it", "its", "list", "may", "no", "not", "of", "on", "one",
    "only", "or", "out", "s", "so", "that", "the", "then", "this", "to", "up", "was", "with",
];

/// Names in plain language: back-quoted ones, else all words that are names. `result` is the returned value.
pub fn text_names(text: &str, scope: &Scope<'_>) -> Vec<String> {
    let known = |word: &&str| scope.is_variable(word) || (*word == "result" && scope.returns);
    let quoted = text.split('`').skip(1).step_by(2).flat_map(words).filter(known);
    let quoted = unique(quoted);
    if !quoted.is_empty() {
        return quoted;
    }
    let all = unique(words(text).filter(known));
    if all.iter().all(|w| FALSE_FRIENDS.contains(&w.as_str())) { Vec::new() } else { all }
}

/// Identifier-like words; the parts of `don't` and `it's` are none.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let inside = |c: char| c.is_alphanumeric() || c == '_' || c == '\'' || c == '\u{2019}';
    text.split(move |c: char| !inside(c))
        .map(|w| w.trim_matches(['\'', '\u{2019}']))
        .filter(|w| !w.contains(['\'', '\u{2019}']) && w.starts_with(|c: char| c.is_alphabetic() || c == '_'))
}

/// Whether a text is about what is printed.
fn speaks_of_output(text: &str) -> bool {
    words(text).any(|w| {
        let w = w.to_lowercase();
        ["print", "output", "stdout"].iter().any(|stem| w.starts_with(stem))
    })
}

fn unique<'a>(names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    names.filter(|n| seen.insert(*n)).map(str::to_string).collect()
}
