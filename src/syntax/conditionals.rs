//! Preprocessor conditionals that cut through statements: `if (a) { ... #ifdef X else #endif { ... }`. No grammar can read both
//! branches at once, so where the text isn't understood near one, it is read as if the first branch were compiled.

use super::language::Conditionals;
use super::tree::Trouble;
use crate::text::{SourceFile, Span};

/// Longest conditional that is read so, in lines: one around a whole file is no part of a statement.
const LONGEST: usize = 400;
/// How far from what isn't understood it may stand, in lines.
const NEAR: u32 = 3;

/// One conditional: the lines of its directives, from `#if` to `#endif`, and whether its first branch is never compiled.
struct Group {
    lines: Vec<u32>,
    dead: bool,
}

/// The text with blanks for the directives and the other branches of conditionals near what is not understood, and where
/// those stand. Offsets stay. `None` if there is no such conditional.
pub fn straightened(source: &SourceFile, troubles: &[Trouble], words: &Conditionals) -> Option<(String, Vec<Span>)> {
    if words.open.is_empty() || troubles.is_empty() {
        return None;
    }
    let spans: Vec<(u32, u32)> =
        troubles.iter().map(|t| (source.line(t.span.start), source.line(t.span.end))).collect();
    let near = |g: &Group| {
        let (first, last) = (g.lines[0], g.lines[g.lines.len() - 1]);
        let touches = |(from, to): &(u32, u32)| *from <= last + NEAR && first <= *to + NEAR;
        (last - first) as usize <= LONGEST && spans.iter().any(touches)
    };
    let chosen: Vec<Group> = groups(source, words).into_iter().filter(near).collect();
    if chosen.is_empty() {
        return None;
    }
    let mut bytes = source.text.clone().into_bytes();
    let mut blank = |line: u32| {
        for byte in &mut bytes[source.line_span(line).range()] {
            if *byte != b'\n' && *byte != b'\r' {
                *byte = b' ';
            }
        }
    };
    let mut said = Vec::new();
    for group in &chosen {
        let last = group.lines[group.lines.len() - 1];
        said.push(source.line_span(group.lines[0]).to(source.line_span(last)));
        // The branch that stays: the first, or the second where the first is never compiled.
        let kept = usize::from(group.dead && group.lines.len() > 2);
        for (i, pair) in group.lines.windows(2).enumerate() {
            blank(pair[0]);
            if i != kept || (group.dead && kept == 0) {
                (pair[0]..pair[1]).for_each(&mut blank);
            }
        }
        blank(last);
    }
    // Whole lines of blanks in place of whole lines: still UTF-8.
    String::from_utf8(bytes).ok().map(|text| (text, said))
}

/// Complete conditionals, inner ones before those around them.
fn groups(source: &SourceFile, words: &Conditionals) -> Vec<Group> {
    let mut out = Vec::new();
    let mut open: Vec<Group> = Vec::new();
    for line in 1..=source.line_count() {
        let text = source.slice(source.line_span(line)).trim();
        let Some(rest) = text.strip_prefix(words.mark.as_str()).map(str::trim_start) else { continue };
        let end = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
        let (word, condition) = rest.split_at(end);
        let is = |list: &[String]| list.iter().any(|w| w == word);
        if is(&words.open) {
            open.push(Group { lines: vec![line], dead: condition.trim() == "0" });
        } else if is(&words.other) {
            open.iter_mut().next_back().into_iter().for_each(|g| g.lines.push(line));
        } else if is(&words.close)
            && let Some(mut group) = open.pop()
        {
            group.lines.push(line);
            out.push(group);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use crate::syntax;
    use crate::syntax::ast::StmtKind;

    fn kinds(text: &str) -> (Vec<&'static str>, Vec<String>) {
        let parsed = syntax::parse("t.c", text.to_owned(), syntax::by_name("c").unwrap());
        let kind = |s: &syntax::ast::StmtId| match parsed.ast.stmt(*s).kind {
            StmtKind::If(_) => "if",
            StmtKind::Opaque { .. } => "opaque",
            _ => "other",
        };
        let body = &parsed.ast.functions[0].body;
        let said =
            parsed.ast.diagnostics.iter().map(|d| format!("{}: {}", parsed.source.line(d.span.start), d.message));
        assert_eq!(parsed.source.text, text);
        (body.stmts.iter().map(kind).collect(), said.collect())
    }

    const CUT: &str = "int f(int a) {\n#ifdef X\n  if (a) {\n    a = 1;\n  }\n#ifdef Y\n  else\n#endif\n#endif\n#ifdef Y\n  {\n    a = 2;\n  }\n#endif\n  return a;\n}\n";

    #[test]
    fn an_else_in_a_conditional_of_its_own() {
        let (kinds, said) = kinds(CUT);
        assert_eq!(kinds, ["if", "other"]);
        assert_eq!(said.len(), 3, "{said:?}");
        assert!(said[0].starts_with("2: this conditional cuts through"), "{said:?}");
    }

    #[test]
    fn what_is_understood_stays_a_conditional() {
        let (kinds, said) = kinds("int f(int a) {\n#ifdef X\n  a = 1;\n#else\n  a = 2;\n#endif\n  return a;\n}\n");
        assert_eq!(kinds, ["other", "other"]);
        assert_eq!(said, Vec::<String>::new());
    }

    #[test]
    fn a_branch_that_is_never_compiled() {
        let (kinds, _) =
            kinds("int f(int a) {\n#if 0\n  if (a) { {\n#else\n  if (a) {\n#endif\n    a = 2;\n  }\n  return a;\n}\n");
        assert_eq!(kinds, ["if", "other"]);
    }
}
