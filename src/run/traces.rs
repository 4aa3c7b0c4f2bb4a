//! Whether a program leaves traces that a later run in the same process could see.

use crate::syntax::Parsed;
use crate::syntax::ast::{DeclKind, ExprKind, LiteralKind};
use crate::syntax::words;
use crate::text::Span;
use std::collections::BTreeSet;

/// Whether a program, and so each of its slices, calls only what keeps no state of its own, as far as its text shows (`[many]` of
/// `run.toml`). Careful: a word before a parenthesis counts as a call, and what isn't known is taken to leave something.
pub fn leaves_none(parsed: &Parsed) -> bool {
    let many = &parsed.language.running.many;
    let ast = &parsed.ast;
    let mut known: BTreeSet<&str> = many.calls.iter().map(String::as_str).collect();
    if known.is_empty() {
        return false;
    }
    known.extend(ast.functions.iter().map(|f| f.name.as_str()));
    known.extend(ast.decls.iter().filter(|d| d.kind == DeclKind::Macro).flat_map(|d| &d.names).map(String::as_str));
    let text = parsed.source.text.as_str();
    let literals = ast.exprs.iter().filter(|e| matches!(e.kind, ExprKind::Literal(LiteralKind::String)));
    let mut silent: Vec<Span> = literals.map(|e| e.span).chain(ast.comments.iter().map(|c| c.span)).collect();
    silent.sort_by_key(|s| (s.start, s.end));
    let mut silent = silent.into_iter().peekable();
    words(text).all(|(at, word)| {
        while silent.next_if(|s| s.end as usize <= at).is_some() {}
        let said = silent.peek().is_some_and(|s| s.contains_offset(at as u32));
        let calls = || text[at + word.len()..].trim_start().starts_with('(');
        said || !(many.never.iter().any(|n| n == word) || (calls() && !known.contains(word)))
    })
}

#[cfg(test)]
mod tests {
    use super::leaves_none;
    use crate::syntax;

    fn of(text: &str) -> bool {
        leaves_none(&syntax::parse("t.c", text.to_owned(), syntax::by_name("c").unwrap()))
    }

    #[test]
    fn own_functions_and_those_without_state() {
        assert!(of(
            "#define TWICE(x) ((x) + (x))\nstatic int k(int a) { return TWICE(a); }\nint f(int a) { return k(abs(a)); }"
        ));
        assert!(of("/* it calls strtok(s) */ int f(void) { puts(\"strtok(\"); return 0; }"));
    }

    #[test]
    fn what_keeps_a_state_or_is_not_known() {
        assert!(!of("int f(char *s) { return strtok(s, \" \") != 0; }"));
        assert!(!of("int f(char *s) { return other (s); }"));
        assert!(!of("#define T strtok (s, \" \")\nint f(char *s) { return T != 0; }"));
        assert!(!of("static _Thread_local int seen; int f(void) { return seen++; }"));
        assert!(!of("int f(int (*g)(int)) { return g(1); }"));
    }

    #[test]
    fn a_language_without_such_a_list() {
        assert!(!leaves_none(&syntax::parse("t.py", "x = 1\n".into(), syntax::by_name("python").unwrap())));
    }
}
