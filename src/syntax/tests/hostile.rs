//! Input that no author wrote.

use super::*;
use proptest::prelude::*;
use std::time::Instant;

fn check(language: &str, text: &str) -> Parsed {
    let started = Instant::now();
    let parsed = read(language, text);
    assert_eq!(verify::verify(&parsed), Vec::<String>::new());
    // Generous: tests run unoptimised and side by side. A quadratic step would take minutes.
    assert!(started.elapsed().as_secs() < 60, "{language}: {:?} for {} bytes", started.elapsed(), text.len());
    parsed
}

#[test]
fn deep_nesting_stays_opaque() {
    let many = 5_000;
    let wrap =
        |before: &str, middle: &str, after: &str, n: usize| format!("{}{middle}{}", before.repeat(n), after.repeat(n));
    for (language, before, after) in [
        ("c", "int f(int x) { return ", "; }"),
        ("python", "def f(x):\n  return ", "\n"),
        ("java", "class A { int f(int x) { return ", "; } }"),
    ] {
        check(language, &format!("{before}{}{after}", wrap("(", "x", ")", 100_000)));
        for (open, close) in [
            ("-(", ")"),
            ("f(", ")"),
            ("x[", "]"),
            ("a + ", ""),
            ("a ? b : ", ""),
            ("a && ", ""),
            ("", " + a"),
            ("", " && a"),
            ("a = ", ""),
            ("", ".a"),
            ("", "()"),
        ] {
            check(language, &format!("{before}{}{after}", wrap(open, "x", close, many)));
        }
    }
    for open in ["if (x) ", "{ ", "while (x) { ", "if (x) y = 1; else ", "do { ", "switch (x) { case 1: ", "l: "] {
        check("c", &format!("void f(int x) {{ {}", wrap(open, ";", " }", many)));
        check("java", &format!("class A {{ void f(int x) {{ {}", wrap(open, ";", " }", many)));
    }
    check("c", &format!("void f(int x) {{ {}", wrap("if (x) { ", ";", " }", 50_000)));
    check("java", &wrap("class A { ", "", " }", many));
    check("c", &wrap("#if X\n", "int x;\n", "#endif\n", many));
    check("c", &format!("int x = {};", wrap("{ ", "1", " }", many)));
    check("c", &format!("int {} x;", "*".repeat(many)));
    check("python", &(0..300).map(|i| format!("{}if x:\n", " ".repeat(i))).collect::<String>());
    check("python", &(0..300).map(|i| format!("{}def f():\n", " ".repeat(i))).collect::<String>());
    check("python", &format!("if x:\n  pass\n{}", "elif y:\n  pass\n".repeat(2_000)));
    check("python", &format!("x = {}", wrap("lambda: ", "x", "", many)));
    check("python", &format!("match x:\n  case {}: pass", wrap("[", "x", "]", many)));
}

#[test]
fn too_deep_is_said() {
    let text = format!("void f(int x) {{ {}x = y;{} }}", "if (x) { ".repeat(300), " }".repeat(300));
    let parsed = check("c", &text);
    assert!(parsed.ast.diagnostics.iter().any(|d| d.message.contains("nested too deeply")));
    let opaque = parsed.ast.stmts.iter().find_map(|s| match &s.kind {
        ast::StmtKind::Opaque { names } => Some(names.len()),
        _ => None,
    });
    assert!(opaque.is_some_and(|n| n > 100), "the names beyond the limit are kept");
}

#[test]
fn a_parser_that_goes_astray_is_stopped() {
    let c = grammar_of(by_name("c").expect("c"));
    let text = "int x = 1;\n".repeat(1_000);
    assert!(tree_within(c, &text, 2).is_none());
    assert!(tree_within(c, &text, STEPS).is_some());
}

#[test]
fn long_files_are_read_in_linear_time() {
    let body = "  if (a > b) { c = f(a, b); } else c++;\n".repeat(20_000);
    let parsed = check("c", &format!("void f(int a, int b) {{\n{body}}}\n"));
    assert_eq!(parsed.ast.functions.len(), 1);
    check("c", &format!("int x[] = {{ {} }};", "1, ".repeat(100_000)));
    check("python", &"x = [1, 2]\n".repeat(20_000));
    check("c", &"}{)(".repeat(5_000));
}

#[test]
fn odd_characters_change_nothing() {
    let plain = dump("c", "int f(int x) {\n    return x;\n}\n");
    for text in [
        "\u{feff}int f(int x) {\n    return x;\n}\n",
        "int f(int x) {\r\n    return x;\r\n}\r\n",
        "int f(int x) {\r    return x;\r}\r",
        "int f(int x) {\0\n\treturn x;\n}\0",
    ] {
        assert_eq!(dump("c", text), plain, "{text:?}");
    }
    assert_eq!(
        dump("python", "\u{feff}größe = 1\r\nprint(größe)\r\n"),
        "fn <module>()\n  (= größe <- 1)\n  (call print größe)\n"
    );
}

/// A sample with some bytes replaced, doubled or dropped, cut at character boundaries.
fn mutated() -> impl Strategy<Value = (usize, String)> {
    let edits =
        prop::collection::vec((any::<prop::sample::Index>(), 0..6usize, "[ (){};:#\\\\\"'a=\n\t\u{e9}]{0,3}"), 1..12);
    (0..SAMPLES.len(), edits).prop_map(|(which, edits)| {
        let mut chars: Vec<char> = SAMPLES[which].1.chars().collect();
        for (at, drop, insert) in edits {
            let at = at.index(chars.len());
            let end = (at + drop * drop * 3).min(chars.len());
            chars.splice(at..end, insert.chars());
            if chars.is_empty() {
                chars.push(' ');
            }
        }
        (which, chars.into_iter().collect())
    })
}

/// Damage once found by chance, kept.
#[test]
fn damaged_classes_hold_their_bodies() {
    check("python", "def f():\n    class Local(Base):\n     :#   attribute = 1\n\n    if a:           pass\n");
    check("python", "class Shape(Base):#\nif a:\n    pass\n");
}

proptest! {
    #[test]
    fn mutated_programs_satisfy_the_invariants((which, text) in mutated()) {
        let parsed = read(SAMPLES[which].0, &text);
        prop_assert_eq!(verify::verify(&parsed), Vec::<String>::new());
    }

    #[test]
    fn any_text_satisfies_the_invariants(text in "(\\PC|[\\x00-\\x20(){};:#'\"=]){0,200}", which in 0..3usize) {
        let parsed = read(SAMPLES[which].0, &text);
        prop_assert_eq!(verify::verify(&parsed), Vec::<String>::new());
    }

    #[test]
    fn any_text_may_be_asked_for_an_expression(text in "(\\PC|[\\x00-\\x20(){};:#'\"=a-c+*]){0,60}", which in 0..3usize) {
        let language = by_name(SAMPLES[which].0).expect("a known language");
        if let Some(parsed) = parse_expression(&text, language) {
            prop_assert!((parsed.ast.expr(parsed.root).span.end as usize) <= text.len());
        }
    }
}
