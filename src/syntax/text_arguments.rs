//! Arguments that are text to a macro, not values.
//!
//! `GetReq(XIQueryDevice, req)` in the function `XIQueryDevice` makes other names of it (`xXIQueryDeviceReq`, `X_XIQueryDevice`).
//! Taken for a function's name, it would say that the function is handed to somebody who may call it at any time.

use super::ast::{Ast, DeclKind, ExprId, ExprKind, LiteralKind};
use super::language::Language;
use crate::text::SourceFile;
use std::collections::{HashMap, HashSet};

/// Makes literals of them: a function's name that a macro only makes other names and texts of, and a function's own name as the
/// argument of something that is declared nowhere, in a language where a function would have to be declared and a macro of another
/// file is not seen.
pub fn unname(ast: &mut Ast, source: &SourceFile, language: &Language) {
    if !language.types.undeclared_is_macro {
        return;
    }
    let functions: HashSet<&str> = ast.functions.iter().map(|f| f.name.as_str()).collect();
    let table = &language.calls;
    let mut declared: Option<HashSet<&str>> = None;
    let macros = Macros::of(ast, source);
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
        if macros.0.contains_key(callee) {
            let only_text = |(i, a): &(usize, &ExprId)| named.contains(a) && macros.is_text(callee, *i, 0);
            text.extend(args.iter().enumerate().filter(only_text).map(|(_, a)| *a));
            continue;
        }
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

/// A macro's parameters and body.
type Definition = (Vec<String>, String);

/// Macros that take arguments, by name: all definitions of each.
struct Macros(HashMap<String, Vec<Definition>>);

/// How far one macro is looked for in another.
const DEEPEST: usize = 8;

impl Macros {
    fn of(ast: &Ast, source: &SourceFile) -> Macros {
        let mut out: HashMap<String, Vec<Definition>> = HashMap::new();
        for decl in ast.decls.iter().filter(|d| d.kind == DeclKind::Macro) {
            let text = source.slice(decl.span).replace("\\\r\n", " ").replace("\\\n", " ");
            let [name] = &decl.names[..] else { continue };
            // The parameters follow the name at once.
            let Some((_, behind)) = text.split_once(&format!("{name}(")) else { continue };
            let Some((params, body)) = behind.split_once(')') else { continue };
            let params = params.split(',').map(|p| p.trim().to_owned()).collect();
            out.entry(name.clone()).or_default().push((params, body.to_owned()));
        }
        Macros(out)
    }

    /// Whether a macro only joins an argument to other words, or makes a string of it, by itself or by another macro.
    fn is_text(&self, name: &str, argument: usize, depth: usize) -> bool {
        let Some(all) = self.0.get(name).filter(|_| depth < DEEPEST) else { return false };
        all.iter().all(|(params, body)| {
            params
                .get(argument)
                .is_some_and(|p| occurrences(body, p).all(|at| self.is_text_at(body, at, p.len(), depth)))
        })
    }

    fn is_text_at(&self, body: &str, at: usize, len: usize, depth: usize) -> bool {
        let (before, behind) = (body[..at].trim_end(), body[at + len..].trim_start());
        if before.ends_with('#') || behind.starts_with("##") {
            return true;
        }
        if !before.ends_with(['(', ',']) || !behind.starts_with([',', ')']) {
            return false;
        }
        let (mut open, mut place) = (0usize, 0usize);
        for (i, c) in before.char_indices().rev() {
            match c {
                ')' => open += 1,
                '(' if open == 0 => {
                    let name = before[..i].trim_end();
                    let start = name.rfind(|c: char| !c.is_alphanumeric() && c != '_').map_or(0, |at| at + 1);
                    return self.is_text(&name[start..], place, depth + 1);
                }
                '(' => open -= 1,
                ',' if open == 0 => place += 1,
                _ => {}
            }
        }
        false
    }
}

/// Where a word stands in a text.
fn occurrences<'t>(text: &'t str, word: &'t str) -> impl Iterator<Item = usize> + 't {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word).map(|(at, _)| at).filter(move |at| {
        let (before, behind) = (&text[..*at], &text[at + word.len()..]);
        !word.is_empty() && !before.ends_with(part) && !behind.starts_with(part)
    })
}

#[cfg(test)]
mod tests {
    use crate::syntax::ast::{ExprKind, LiteralKind};

    /// Which arguments of the call in `f` are values.
    fn values(macros: &str, call: &str) -> Vec<bool> {
        let language = crate::syntax::by_name("c").expect("C is known");
        let text = format!("{macros}\nvoid f(int r) {{ {call}; }}\n");
        let parsed = crate::syntax::parse("t.c", text, language);
        let call = parsed.ast.exprs.iter().find_map(|e| match &e.kind {
            ExprKind::Call { args, .. } => Some(args.clone()),
            _ => None,
        });
        let is_value = |kind: &ExprKind| !matches!(kind, ExprKind::Literal(LiteralKind::Other));
        call.expect("a call").iter().map(|a| is_value(&parsed.ast.expr(*a).kind)).collect()
    }

    #[test]
    fn names_that_macros_only_join_are_text() {
        let sized = "#define SIZED(name, n, r) r = (x##name##Req *) get(X_ ## name, n)\n";
        assert_eq!(
            values(&format!("{sized}#define GET(name, r) \\\n    SIZED(name, sizeof(x##name##Req), r)"), "GET(f, r)"),
            [false, true]
        );
        assert_eq!(values("#define TEXT(name) puts(#name)", "TEXT(f)"), [false]);
        assert_eq!(values("#define RUN(name) call(name, X_##name)", "RUN(f)"), [true]);
        assert_eq!(values("#define LOOP(name) LOOP(name)", "LOOP(f)"), [true]);
        assert_eq!(values("#define ONE(name) X_##name\n#define ONE(name) name", "ONE(f)"), [true]);
    }
}
