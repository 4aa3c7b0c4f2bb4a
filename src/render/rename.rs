//! A slice with other names for its local variables and parameters: for asking again without what names suggest.
//!
//! Names are changed in the text of the slice, read anew: every place of a name inside the entry function whose role is
//! known (a variable, a parameter, a declarator) is replaced, by `v1`, `v2`, ... in the order of first mention. A name of
//! which any place has another role (a keyword argument, a label, a type, a macro's word) keeps it, as does one that is also
//! declared outside the function, or that a condition in plain language says outside of back quotes. Fields, methods,
//! functions, globals and strings keep theirs. So the text means what it meant, and where that is in doubt it stays.
//!
//! Parameters are renamed too: names like `sorted_list` or `checked` are just what a verdict must not hang on. P and Q follow,
//! the comment of a condition in the slice included. Cost: linear in the text, parsed twice.

use crate::syntax;
use crate::syntax::ast::{Ast, DeclKind, ExprKind, Function, Severity, StmtKind};
use crate::syntax::language::Language;
use crate::text::Span;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Old name to new name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Renaming(BTreeMap<String, String>);

/// A condition as far as renaming needs it.
#[derive(Debug, Clone, Copy)]
pub struct Said<'a> {
    pub text: &'a str,
    /// Rather than plain language.
    pub code: bool,
}

/// The slice under other names, and how they were changed; the slice itself with none where its text isn't understood.
/// `result`: how conditions call the returned value.
pub fn renamed(
    text: &str,
    language: &'static Language,
    entry: &str,
    conditions: &[Said<'_>],
    result: &str,
) -> (String, Renaming) {
    let unchanged = || (text.to_owned(), Renaming::default());
    let parsed = syntax::parse("", text.to_owned(), language);
    let ast = &parsed.ast;
    let wrong = |ast: &Ast| ast.diagnostics.iter().any(|d| d.severity >= Severity::Warning);
    let Some(function) = ast.functions.iter().find(|f| f.name == entry) else { return unchanged() };
    if wrong(ast) {
        return unchanged();
    }
    let places = places(text, ast, function, language.types.implicit_locals);
    let mut kept: BTreeSet<&str> = [result].into();
    kept.extend(conditions.iter().filter(|c| !c.code).flat_map(|c| unquoted_words(c.text)));
    let taken: BTreeSet<&str> = words(text).map(|(_, word)| word).collect();
    let mut fresh = (1..).map(|n| format!("v{n}")).filter(|name| !taken.contains(name.as_str()));
    let mut renaming = Renaming::default();
    for (name, _) in &places {
        if !kept.contains(name.as_str())
            && !renaming.0.contains_key(name)
            && let Some(new) = fresh.next()
        {
            renaming.0.insert(name.clone(), new);
        }
    }
    // Conditions stand in comments.
    let mut edits: Vec<(Span, String)> = ast
        .comments
        .iter()
        .map(|comment| (comment.span, renaming.in_comment(parsed.source.slice(comment.span), conditions)))
        .collect();
    edits.extend(places.into_iter().filter_map(|(name, span)| Some((span, renaming.0.get(&name)?.clone()))));
    edits.sort_by_key(|(span, _)| span.start);
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for (span, new) in edits {
        let (start, end) = (span.start as usize, span.end as usize);
        if start < at {
            continue;
        }
        out.push_str(&text[at..start]);
        out.push_str(&new);
        at = end;
    }
    out.push_str(&text[at..]);
    let again = syntax::parse("", out.clone(), language);
    if wrong(&again.ast) || again.ast.identifiers.len() != ast.identifiers.len() {
        return unchanged();
    }
    (out, renaming)
}

impl Renaming {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A name by its new name.
    pub fn name(&self, name: &str) -> String {
        self.0.get(name).cloned().unwrap_or_else(|| name.to_owned())
    }

    /// A condition in the new names: in plain language, those in back quotes.
    pub fn condition(&self, said: Said<'_>) -> String {
        if said.code {
            return self.in_code(said.text);
        }
        let parts = said.text.split('`').enumerate();
        parts
            .map(|(i, part)| if i % 2 == 1 { self.in_code(part) } else { part.to_owned() })
            .collect::<Vec<_>>()
            .join("`")
    }

    /// A comment that states a condition of code is one; any other speaks plain language.
    fn in_comment(&self, comment: &str, conditions: &[Said<'_>]) -> String {
        let code =
            conditions.iter().any(|c| c.code && comment.contains(c.text.lines().next().unwrap_or_default().trim()));
        self.condition(Said { text: comment, code })
    }

    /// Whole words that don't stand behind a dot or an arrow, outside of string literals.
    fn in_code(&self, code: &str) -> String {
        let mut out = String::with_capacity(code.len());
        let mut at = 0;
        for (start, word) in words(code) {
            let before = code[..start].trim_end();
            let member = before.ends_with('.') && !before.ends_with("..") || before.ends_with("->");
            out.push_str(&code[at..start]);
            match self.0.get(word) {
                Some(new) if !member && !quoted(&code[..start]) => out.push_str(new),
                _ => out.push_str(word),
            }
            at = start + word.len();
        }
        out.push_str(&code[at..]);
        out
    }
}

/// Whether a string literal is open at the end of `before`.
fn quoted(before: &str) -> bool {
    let mut open = None;
    let mut escaped = false;
    for c in before.chars() {
        match (open, c) {
            _ if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(quote), c) if c == quote => open = None,
            (None, '"' | '\'') => open = Some(c),
            _ => {}
        }
    }
    open.is_some()
}

fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let word = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + text[at..].find(word)?;
        let end = text[start..].find(|c| !word(c)).map_or(text.len(), |length| start + length);
        at = end;
        Some((start, &text[start..end]))
    })
}

fn unquoted_words(text: &str) -> Vec<&str> {
    text.split('`').step_by(2).flat_map(|part| words(part).map(|(_, word)| word)).collect()
}

/// Every place of each name that can be changed, in the order of the text.
fn places(text: &str, ast: &Ast, function: &Function, implicit: bool) -> Vec<(String, Span)> {
    let inside = |span: Span| function.span.contains(span);
    let of = |span: &Span| &text[span.start as usize..span.end as usize];
    let named = |expr: &crate::syntax::ast::Expr| matches!(expr.kind, ExprKind::Name(_)) && inside(expr.span);
    let variables: BTreeSet<Span> = ast.exprs.iter().filter(|e| named(e)).map(|e| e.span).collect();
    let fields: HashMap<u32, &str> = ast
        .exprs
        .iter()
        .filter_map(|e| match &e.kind {
            ExprKind::Field { name, .. } if inside(e.span) => Some((e.span.end, name.as_str())),
            _ => None,
        })
        .collect();
    // What is declared here: where the name stands in its declarator is the last word before any initialiser.
    let mut declared: BTreeMap<Span, &str> = BTreeMap::new();
    let mut local: BTreeSet<&str> = BTreeSet::new();
    let functions = ast.functions.iter().filter(|f| inside(f.span));
    let parameters = functions.flat_map(|f| &f.params).map(|p| (p.span, p.name.as_str()));
    let declarators = ast.stmts.iter().filter(|s| inside(s.span)).filter_map(|s| match &s.kind {
        StmtKind::Decl(decl) => Some(decl.declarators.iter().map(|d| (d.bare, d.name.as_str()))),
        _ => None,
    });
    for (span, name) in parameters.chain(declarators.flatten()) {
        local.insert(name);
        let first = ast.identifiers.iter().find(|i| span.contains(**i) && of(i) == name);
        declared.extend(first.map(|place| (*place, name)));
    }
    if implicit {
        local.extend(ast.exprs.iter().filter(|e| inside(e.span)).flat_map(|e| targets(ast, &e.kind)));
        let loops = ast.stmts.iter().filter(|s| inside(s.span)).filter_map(|s| match &s.kind {
            StmtKind::Loop(l) => l.target,
            _ => None,
        });
        local.extend(loops.flat_map(|target| plain(ast, target)));
    }
    // Declared elsewhere as well, or known by its name to something that was not read.
    let mut doubtful: BTreeSet<&str> = BTreeSet::new();
    for decl in &ast.decls {
        doubtful.extend(decl.names.iter().map(String::as_str));
        if decl.kind == DeclKind::Macro {
            doubtful.extend(decl.uses.iter().map(String::as_str));
        }
    }
    doubtful.extend(ast.functions.iter().map(|f| f.name.as_str()));
    doubtful.extend(ast.containers.iter().map(|c| c.name.as_str()));
    let mut found = Vec::new();
    for place in ast.identifiers.iter().filter(|i| inside(**i)) {
        let name = of(place);
        if !local.contains(name) {
            continue;
        }
        if variables.contains(place) || declared.get(place) == Some(&name) {
            found.push((name.to_owned(), *place));
        } else if fields.get(&place.end) != Some(&name) {
            doubtful.insert(name);
        }
    }
    found.retain(|(name, _)| !doubtful.contains(name.as_str()));
    found
}

/// Names that an expression assigns to.
fn targets<'a>(ast: &'a Ast, kind: &'a ExprKind) -> Vec<&'a str> {
    match kind {
        ExprKind::Assign { targets, .. } => targets.iter().flat_map(|t| plain(ast, *t)).collect(),
        ExprKind::Compound { target, .. } => plain(ast, *target),
        _ => Vec::new(),
    }
}

/// The names in a target that are variables: `a` and `b` of `a, (b, c[i])`.
fn plain(ast: &Ast, target: crate::syntax::ast::ExprId) -> Vec<&str> {
    let mut open = vec![target];
    let mut out = Vec::new();
    while let Some(e) = open.pop() {
        match &ast.expr(e).kind {
            ExprKind::Name(name) => out.push(name.as_str()),
            ExprKind::Sequence(parts) => open.extend(parts),
            ExprKind::Starred(inner) => open.push(*inner),
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(language: &str, text: &str, conditions: &[Said<'_>]) -> String {
        let language = syntax::by_name(language).unwrap();
        let (text, renaming) = renamed(text, language, "f", conditions, "result");
        let said: Vec<String> = conditions.iter().map(|c| renaming.condition(*c)).collect();
        format!("{text}{}", said.join("\n"))
    }

    fn code(text: &str) -> Said<'_> {
        Said { text, code: true }
    }

    fn plain(text: &str) -> Said<'_> {
        Said { text, code: false }
    }

    #[test]
    fn python() {
        let text = "\
def f(sorted_list, key=None, *, safe):
    total = 0
    for item, (left, right) in sorted_list:
        assume(item.total > key)
        total += item.value + len([i for i in right])
        g(safe=safe, other=left)
    with open(left) as handle:
        print(f'{total}', \"total\")
    # POST: total >= item.total
";
        let conditions = [code("total >= item.total"), plain("the left of `total` is right")];
        insta::assert_snapshot!(of("python", text, &conditions));
    }

    #[test]
    fn c() {
        let text = "\
#define LIMIT(x) ((x) + margin)
struct node { int count; struct node *next; };
int limit;
int f(struct node *checked, int count) {
    int margin = 3, sum = 0, values[4] = {0};
    for (int i = 0; i < count; i++)
        sum += values[i] + checked->count;
    if (sum > limit) goto done;
    checked->next = NULL;
done:
    assert(sum >= 0); // POST
    return LIMIT(sum);
}
";
        insta::assert_snapshot!(of("c", text, &[code("sum >= 0 && checked->count > 1")]));
    }

    #[test]
    fn java() {
        let text = "\
class A {
    private int size;
    int f(java.util.List<String> names, int total) {
        int size = 0;
        for (String name : names) {
            size += name.length() + this.size;
            total = total + name.length();
        }
        Runnable later = () -> System.out.println(total);
        // POST: total >= 0
        return total;
    }
}
";
        insta::assert_snapshot!(of("java", text, &[code("total >= 0")]));
    }

    #[test]
    fn what_is_not_understood_keeps_its_names() {
        let broken = "int f(int x) { x @@ = ) 3; return x; }\n";
        assert_eq!(of("c", broken, &[code("x")]), format!("{broken}x"));
        let other = "def g(x):\n    return x\n";
        assert_eq!(of("python", other, &[code("x")]), format!("{other}x"));
    }

    #[test]
    fn conditions_follow_by_whole_words() {
        let renaming = Renaming([("x".to_string(), "v1".to_string())].into());
        assert_eq!(renaming.condition(code("x.x + xx + a->x == \"x\" and x")), "v1.x + xx + a->x == \"x\" and v1");
        assert_eq!(renaming.condition(plain("x is `x`")), "x is `v1`");
    }
}
