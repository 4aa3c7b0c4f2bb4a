use super::*;

fn shown(language: &str, text: &str) -> Option<(String, Vec<String>)> {
    let parsed = parse_expression(text, by_name(language).expect("a known language"))?;
    Some((parsed.ast.dump_expr(text, parsed.root), parsed.names))
}

fn names(language: &str, text: &str) -> Vec<String> {
    shown(language, text).expect("an expression").1
}

#[test]
fn an_expression_with_its_names() {
    let (dump, names) = shown("c", " a->b[i] > 3 && f(a) ").expect("an expression");
    assert_eq!(dump, "(logic (op (index a->b i) 3) (call f a))");
    assert_eq!(names, ["a", "i", "f"]);
}

#[test]
fn bound_names_are_not_free() {
    assert_eq!(names("python", "all(x > lo for x in xs)"), ["all", "lo", "xs"]);
    assert_eq!(names("python", "f(lambda n: n + k)"), ["f", "k"]);
    assert_eq!(names("java", "xs.stream().allMatch(x -> x > lo)"), ["xs", "lo"]);
}

#[test]
fn text_is_exactly_one_expression() {
    for (language, text) in [
        ("c", "1); exit("),
        ("c", "x /* and */ // more"),
        ("c", "x; y"),
        ("c", "{ x; }"),
        ("c", ""),
        ("c", "result is sorted"),
        ("python", "x)\nimport os\n(y"),
        ("python", "x # remark"),
        ("python", "x as y"),
        ("python", "x \\"),
        ("python", "a, b"),
        ("java", "x); } int f() { return (1"),
        ("java", "x++ y"),
    ] {
        assert!(shown(language, text).is_none(), "{text:?} passed as an expression of {language}");
    }
}

#[test]
fn plain_words_and_odd_layouts_are_expressions() {
    assert_eq!(names("python", "sorted"), ["sorted"]);
    assert_eq!(names("python", "\n  a\n+ b\t"), ["a", "b"]);
    assert_eq!(names("c", "(x)"), ["x"]);
    assert_eq!(names("java", "x instanceof String s && s.isEmpty()"), ["x", "s"]);
}

#[test]
fn spans_are_offsets_in_the_text() {
    let text = "  a + bc";
    let parsed = parse_expression(text, by_name("c").expect("c")).expect("an expression");
    assert_eq!(&text[parsed.ast.expr(parsed.root).span.range()], "a + bc");
    assert_eq!(&text[parsed.ast.identifiers[1].range()], "bc");
}

#[test]
fn places_that_do_not_parse_are_counted() {
    let c = by_name("c").expect("c");
    assert_eq!(has_errors("int f(void) { return 1; }", c), 0);
    assert_eq!(has_errors("int f(void) { return 1 }", c), 1);
    assert!(has_errors("int f( { ]", c) > 0);
}
