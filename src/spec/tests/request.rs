//! What the command line asks for, and what is wrong with it.

use super::*;

const TWO: &str = "int f(int n) {\n    if (n > 0) {\n        n = 1;\n    }\n    assert(n < 9); // POST\n    return n;\n}\n\nint g(int n) {\n    assert(n > 1); // PRE\n    assert(n > 0);\n    return n;\n}\n";

#[test]
fn the_command_line_gives_conditions() {
    let with = |post: &str, entry: Option<&str>, at: Option<u32>| Request {
        post: vec![post.into()],
        entry: entry.map(str::to_string),
        at,
        ..request()
    };
    let ignored = "\n  ignored assert(n < 9);";
    check_with(
        "a.c",
        TWO,
        &with("n > 0", Some("g"), None),
        "g\n  pre code n > 1 [n] at assert(n > 1);\n  post code n > 0 [n] exit",
    );
    let at = |line: u32, point: &str| {
        check_with("a.c", TWO, &with("n > 0", None, Some(line)), &format!("f\n  post code n > 0 [n] {point}{ignored}"));
    };
    at(1, "before if (n > 0) {");
    at(2, "before if (n > 0) {");
    at(3, "before n = 1;");
    at(4, "after n = 1;");
    at(5, "before assert(n < 9);");
    at(6, "before return n;");
    at(7, "exit");
    check_with(
        "a.c",
        TWO,
        &with("n > 0", None, Some(11)),
        "g\n  pre code n > 1 [n] at assert(n > 1);\n  post code n > 0 [n] at assert(n > 0);",
    );
    let pre = Request { pre: vec!["n is small".into()], entry: Some("f".into()), ..request() };
    check_with("a.c", TWO, &pre, "f\n  pre text n is small [n] entry\n  post code n < 9 [n] at assert(n < 9);");
    let only = "int f(int n) {\n    return n;\n}\n";
    check_with("a.c", only, &with("result > 0", None, None), "f\n  post code result > 0 [result] exit");
    let py = "def f(xs):\n    for x in xs:\n        g(x)\n\n    return 1\n";
    check_with("a.py", py, &with("xs", None, Some(4)), "f\n  post code xs [xs] after g(x)");
}

#[test]
fn a_line_alone_chooses_a_post_or_makes_an_assert_one() {
    let at = |line| Request { at: Some(line), ..request() };
    check_with(
        "a.c",
        TWO,
        &at(11),
        "g\n  pre code n > 1 [n] at assert(n > 1);\n  post code n > 0 [n] at assert(n > 0);",
    );
    check_with("a.c", TWO, &at(5), "f\n  post code n < 9 [n] at assert(n < 9);");
    fails(
        "a.c",
        TWO,
        &at(3),
        "a.c:3: neither an assert nor a POST stands on this line; name the line of one after --at, or say with --post what \
         must hold there",
    );
}

#[test]
fn errors_say_what_to_do() {
    let entry = |name: &str| Request { entry: Some(name.into()), ..request() };
    fails("a.c", TWO, &entry("h"), "a.c: no function is named `h`; --entry may name `f` (line 1), `g` (line 9)");
    fails(
        "a.c",
        TWO,
        &entry("g"),
        "a.c: `g` holds no post-condition; the file's stand in `f` (line 1): choose one of these with --entry",
    );
    let post = Request { post: vec!["n > 0".into()], ..request() };
    fails(
        "a.c",
        TWO,
        &post,
        "a.c: which function is the post-condition about? Name one with --entry: `f` (line 1), `g` (line 9)",
    );
    fails(
        "a.c",
        TWO,
        &Request { at: Some(8), ..post.clone() },
        "a.c:8: no function encloses this line; --at needs a line inside one of `f` (line 1), `g` (line 9)",
    );
    fails(
        "a.c",
        TWO,
        &Request { pre: vec![" ".into()], ..request() },
        "--pre: the condition is empty; write one, as in --pre \"x > 0\"",
    );
    fails(
        "a.c",
        "void f() {\n    g();\n    // POST:\n}\n",
        &request(),
        "a.c:3: `POST` has no condition; write it after the colon: `POST: x > 0`",
    );
    let java = "class A { int f() { return 1; } }\nclass B { int f() { return 1; } }\n";
    fails(
        "A.java",
        java,
        &entry("f"),
        "A.java: `f` names several functions; write one of `A.f` (line 1), `B.f` (line 2) in full after --entry",
    );
    check_with(
        "A.java",
        java,
        &Request { post: vec!["result > 0".into()], ..entry("B.f") },
        "B.f\n  post code result > 0 [result] exit",
    );
}
