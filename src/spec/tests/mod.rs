//! Each test is one rule: a source, and the triples found in it.

mod request;

use super::*;
use crate::syntax::ast::{Ast, Severity};
use proptest::prelude::*;

fn parsed(path: &str, text: &str) -> Parsed {
    let language = crate::syntax::for_path(path.as_ref()).expect("a known extension");
    crate::syntax::parse(path, text.to_string(), language)
}

fn find(path: &str, text: &str, request: &Request) -> Result<Found, SpecError> {
    triples(&parsed(path, text), request)
}

fn request() -> Request {
    Request::default()
}

/// The first line of a statement, for reading.
fn head(source: &str, ast: &Ast, stmt: StmtId) -> String {
    let text = &source[ast.stmt(stmt).span.range()];
    text.lines().next().unwrap_or("").trim().to_string()
}

fn show_placed(parsed: &Parsed, placed: &Placed) -> String {
    let stmt = |s| head(&parsed.source.text, &parsed.ast, s);
    let at = match placed.anchor {
        Anchor::Entry => "entry".to_string(),
        Anchor::Exit => "exit".to_string(),
        Anchor::At(s) => format!("at {}", stmt(s)),
        Anchor::Before(s) => format!("before {}", stmt(s)),
        Anchor::After(s) => format!("after {}", stmt(s)),
    };
    let c = &placed.condition;
    let kind = if c.kind == ConditionKind::Code { "code" } else { "text" };
    let note = if c.note.is_empty() { String::new() } else { format!(" ({})", c.note.replace('\n', " / ")) };
    let output = if placed.output { " +output" } else { "" };
    let at = at.trim_end();
    format!("{kind} {}{note} [{}]{output} {at}", c.text.replace('\n', " / "), c.names.join(" "))
}

/// One line per condition: `f`, then its PREs and its POST.
fn show(parsed: &Parsed, found: &Found) -> Vec<String> {
    let mut out = Vec::new();
    for t in &found.triples {
        out.push(parsed.ast.function(t.entry).qualified.clone());
        out.extend(t.pre.iter().map(|p| format!("  pre {}", show_placed(parsed, p))));
        out.push(format!("  post {}", show_placed(parsed, &t.post)));
        if !t.ignored.is_empty() {
            let names: Vec<String> = t.ignored.iter().map(|s| head(&parsed.source.text, &parsed.ast, *s)).collect();
            out.push(format!("  ignored {}", names.join(" ")));
        }
    }
    out
}

#[track_caller]
fn check_with(path: &str, text: &str, request: &Request, expected: &str) {
    let parsed = parsed(path, text);
    let found = triples(&parsed, request).unwrap_or_else(|e| panic!("{e}"));
    let expected: Vec<&str> = expected.lines().map(str::trim_end).filter(|l| !l.is_empty()).collect();
    assert_eq!(show(&parsed, &found), expected, "\n{}", show(&parsed, &found).join("\n"));
}

#[track_caller]
fn check(path: &str, text: &str, expected: &str) {
    check_with(path, text, &request(), expected);
}

#[track_caller]
fn fails(path: &str, text: &str, request: &Request, expected: &str) {
    let error = find(path, text, request).expect_err("no triple");
    assert_eq!(error.to_string(), expected);
}

/// What the words rule out has no triple.
#[test]
fn no_condition_without_one_of_its_words() {
    let mut tried = 0;
    for folder in ["tests/fixtures", "examples", "grammars/c", "grammars/python", "grammars/java"] {
        for entry in std::fs::read_dir(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let Some(language) = crate::syntax::for_path(&path) else { continue };
            let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
            let nothing = surely_none(&text, &Request::default());
            let parsed = crate::syntax::parse("f", text, language);
            let found = triples(&parsed, &Request::default());
            assert!(!nothing || matches!(found, Err(SpecError::NoPost { .. })), "{}", path.display());
            tried += 1;
        }
    }
    assert!(tried > 10, "{tried}");
    let none = |text: &str| surely_none(text, &Request::default());
    assert!(none("int f(void) { return 1; } // PRE: x"));
    for some in ["# PostCondition: x", "@ensures x", "ASSERT(x)", "post: x"] {
        assert!(!none(some), "{some}");
    }
    assert!(!surely_none("", &Request { entry: Some("f".into()), ..Request::default() }));
}

#[test]
fn an_assert_with_a_comment_behind_it_is_the_condition() {
    let c = "int f(int n) {\n    assert(n > 1); // PRE: n is large\n    int r = g(n);\n    assert(r >= 0); // POST\n    return r;\n}\n";
    check(
        "a.c",
        c,
        "f\n  pre code n > 1 (n is large) [n] at assert(n > 1);\n  post code r >= 0 [r] at assert(r >= 0);",
    );
    let py = "def f(n):\n    assert n > 1  # PRE\n    r = n - 1\n    assert abs(r) >= 0, 'message'  # (POST)\n    return r\n";
    check(
        "a.py",
        py,
        "f\n  pre code n > 1 [n] at assert n > 1\n  post code abs(r) >= 0 [r] at assert abs(r) >= 0, 'message'",
    );
    let java = "class A {\n    int f(int n) {\n        assert n > 1; // PRE\n        int r = Math.abs(n);\n        assert Math.abs(r) >= 0; /* POST: r is positive */\n        return r;\n    }\n}\n";
    check(
        "A.java",
        java,
        "A.f\n  pre code n > 1 [n] at assert n > 1;\n  post code Math.abs(r) >= 0 (r is positive) [r] at assert Math.abs(r) >= 0;",
    );
}

#[test]
fn a_comment_above_an_assert_is_its_remark() {
    let c = "int f(int n) {\n    int r = g(n);\n    // POST: r is positive,\n    // always\n    assert(r >= 0); // checked\n    return r;\n}\n";
    check("a.c", c, "f\n  post code r >= 0 (r is positive, / always) [r] at assert(r >= 0);");
}

#[test]
fn above_an_assert_that_has_its_own_comment_it_is_a_condition_of_its_own() {
    let c = "void f(int n) {\n    g(n);\n    // POST: n is fine\n    assert(n > 0); // POST: n is positive\n}\n";
    check(
        "a.c",
        c,
        "f\n  post text n is fine [n] after g(n);\n  ignored assert(n > 0);\nf\n  post code n > 0 (n is positive) [n] at assert(n > 0);",
    );
}

#[test]
fn a_comment_on_its_own_line_is_about_the_point_there() {
    let c = "void f(int n) {\n    // PRE: n > 0\n    while (n > 1) {\n        n--;\n        /* POST: n > 0 */\n    }\n    g(n);\n}\n";
    check("a.c", c, "f\n  pre code n > 0 [n] entry\n  post code n > 0 [n] after n--;");
    let py = "def f(xs):\n    t = 0\n    for x in xs:\n        t += x\n        # POST: t >= 0\n    return t\n";
    check("a.py", py, "f\n  post code t >= 0 [t] after t += x");
    let py = "def f(xs):\n    t = 0\n    for x in xs:\n        t += x\n    # POST: t >= 0\n    return t\n";
    check("a.py", py, "f\n  post code t >= 0 [t] before return t");
    let py = "def f(xs):\n    if xs:\n        t = 1\n        # POST: t > 0\n    else:\n        t = 2\n        # POST: t > 1\n";
    check("a.py", py, "f\n  post code t > 0 [t] after t = 1\nf\n  post code t > 1 [t] after t = 2");
}

#[test]
fn a_comment_behind_a_statement_is_about_the_moment_after_it() {
    let c = "void f(int n) {\n    scanf(\"%d\", &n); // PRE: n > 0\n    for (int i = 0; i < n; i++) { // PRE: i < n\n        g(i);\n    } // POST: n was used\n    if (n) n = 1; // POST: n == 1\n}\n";
    check(
        "a.c",
        c,
        "f
  pre code n > 0 [n] after scanf(\"%d\", &n);
  pre code i < n [i n] before g(i);
  post text n was used [n] after for (int i = 0; i < n; i++) { // PRE: i < n
f
  pre code n > 0 [n] after scanf(\"%d\", &n);
  pre code i < n [i n] before g(i);
  post code n == 1 [n] after n = 1;",
    );
    let py =
        "def f(n):\n    if n: # PRE: n > 0\n        n = 1\n    for i in range(n):\n        n += i  # POST: n > i\n";
    check("a.py", py, "f\n  pre code n > 0 [n] before n = 1\n  post code n > i [n i] after n += i");
}

#[test]
fn a_comment_behind_a_jump_is_about_the_moment_before_it() {
    let c = "int f(int n) {\n    if (n < 0) {\n        return -1; // POST: n < 0\n    }\n    while (n) {\n        n = 0;\n        break;\n        // POST: n == 0\n    }\n    return n;\n}\n";
    check("a.c", c, "f\n  post code n < 0 [n] before return -1;\nf\n  post code n == 0 [n] before break;");
}

#[test]
fn at_the_top_above_and_behind_a_function_it_is_about_entry_and_exit() {
    let py = "def main():\n    # PRE:\n    # Input:\n    # one line\n    # POST:\n    # The word is printed\n    word = input()\n    print(word)\n";
    check(
        "a.py",
        py,
        "main\n  pre text Input: / one line [] entry\n  post text The word is printed [word] +output exit",
    );
    let py = "def f(x):\n    \"\"\"Doc.\"\"\"\n    # PRE: x > 0\n    # POST: result > x\n    return x + 1\n";
    check("a.py", py, "f\n  pre code x > 0 [x] entry\n  post code result > x [result x] exit");
    let c = "// PRE: n > 0\n// POST: result > n\nint f(int n) {\n    return n + 1;\n}\n";
    check("a.c", c, "f\n  pre code n > 0 [n] entry\n  post code result > n [result n] exit");
    let c = "int f(int n) {\n    return n + 1;\n} // POST: result > n\n";
    check("a.c", c, "f\n  post code result > n [result n] exit");
    let c = "int f(int n) {\n    return n + 1;\n    // POST: result > n\n}\n";
    check("a.c", c, "f\n  post code result > n [result n] exit");
    let c = "int f(int n) {\n    return n + 1;\n}\n\n// POST: result > n\n";
    check("a.c", c, "f\n  post code result > n [result n] exit");
}

#[test]
fn in_a_body_that_does_nothing_a_post_stays_where_it_is() {
    check("a.py", "def f(x):\n    # POST: x > 0\n    pass\n", "f\n  post code x > 0 [x] before pass");
    check("a.c", "void f(int *x) {\n    // POST: x != NULL\n}\n", "f\n  post code x != NULL [x] before");
}

#[test]
fn a_body_without_statements_has_no_points_of_its_own() {
    let c = "void f(int n) {\n    switch (n) {\n        // POST: n\n    }\n    g();\n}\n";
    check("a.c", c, "f\n  post code n [n] after switch (n) {");
    let c = "void f(int n) {\n    if (n) {\n        // POST: n\n    }\n    g();\n}\n";
    check("a.c", c, "f\n  post code n [n] before");
}

#[test]
fn a_post_at_the_top_whose_pre_stands_in_a_caller_is_about_that_point() {
    let c = "void use(int *p)\n{\n    // POST: p != NULL\n    *p = 1;\n}\n\nvoid run(int n)\n{\n    // PRE: true\n    use(find(n));\n}\n";
    check("a.c", c, "use\n  post code p != NULL [p] before *p = 1;");
    let across = Request { across: true, ..request() };
    check_with("a.c", c, &across, "run\n  pre code true [] entry\n  post code p != NULL [p] before *p = 1;");
    let entry = Request { entry: Some("run".into()), ..across.clone() };
    check_with("a.c", c, &entry, "run\n  pre code true [] entry\n  post code p != NULL [p] before *p = 1;");
    // The other way round: the PRE stands in what is called before the POST.
    let c = "int get(int n)\n{\n    // PRE: n > 0\n    return n;\n}\n\nvoid run(int n)\n{\n    int r = get(n);\n    // POST: r > 0\n    use(r);\n}\n";
    check_with(
        "a.c",
        c,
        &across,
        "run\n  pre code n > 0 [n] before return n;\n  post code r > 0 [r] after int r = get(n);",
    );
}

#[test]
fn a_commented_out_assert_with_a_keyword_is_code_at_its_point() {
    let c = "int f(int n) {\n    int r = g(n);\n    // assert(func(r)); // POST condition to be verified externally\n    return r;\n}\n";
    check("a.c", c, "f\n  post code func(r) (condition to be verified externally) [r] after int r = g(n);");
    let py = "def f(n):\n    # assert n > 0  # PRE\n    r = n\n    # assert r > 0 # Postcondition: of course\n    return r\n";
    check("a.py", py, "f\n  pre code n > 0 [n] entry\n  post code r > 0 (of course) [r] after r = n");
    fails(
        "a.c",
        "int f(int n) {\n    // assert(n);\n    return n;\n}\n",
        &request(),
        "a.c: no post-condition found; write one as a comment where it must hold, `// POST: result >= 0`, or give one on the \
         command line: --post \"result >= 0\" (judged where the function returns; --at a.c:LINE names another point)",
    );
}

#[test]
fn assumptions_are_pre_conditions() {
    let c = "int f(int n) {\n    assume(n > 0);\n    n++;\n    assert(n > 1); // POST\n    return n;\n}\n";
    check("a.c", c, "f\n  pre code n > 0 [n] at assume(n > 0);\n  post code n > 1 [n] at assert(n > 1);");
}

#[test]
fn an_assumption_elsewhere_is_no_reason_to_start_there() {
    let c = "int g(int n) {\n    assume(n > 0);\n    return n;\n}\nint f(int n) {\n    // POST: result > 0\n    return g(n);\n}\n";
    check_with("a.c", c, &Request { across: true, ..request() }, "f\n  post code result > 0 [result] exit");
    let found = find("a.c", c, &request()).expect("a triple");
    assert!(found.diagnostics.is_empty());
}

#[test]
fn documentation_speaks_of_entry_and_exit() {
    let py = "def f(xs):\n    \"\"\"Sum.\n\n    pre: len(xs) > 0\n    post: result is the sum\n        of the `xs`\n    :raises: nothing\n    \"\"\"\n    return sum(xs)\n";
    check("a.py", py, "f\n  pre code len(xs) > 0 [xs] entry\n  post text result is the sum / of the `xs` [xs] exit");
    let java = "class A {\n    /**\n     * Next.\n     * @requires n >= 0\n     * @ensures result > n\n     * @return the next\n     */\n    int f(int n) {\n        return n + 1;\n    }\n}\n";
    check("A.java", java, "A.f\n  pre code n >= 0 [n] entry\n  post code result > n [result n] exit");
    let c = "/** @pre n > 0\n *  @post result > n */\nint f(int n) {\n    return n + 1;\n}\n";
    check("a.c", c, "f\n  pre code n > 0 [n] entry\n  post code result > n [result n] exit");
    let py = "def f(x):\n    'post: result > 0'\n    return x\n";
    check("a.py", py, "f\n  post code result > 0 [result] exit");
}

#[test]
fn what_only_looks_like_code_is_text() {
    let one = |path: &str, condition: &str, expected: &str| {
        let (open, mark, close) = if path == "a.c" {
            ("int f(int n, int k) {\n    g(n);\n", "//", "    return n;\n}\n")
        } else {
            ("def f(n, k):\n    g(n)\n", "#", "    return n\n")
        };
        let text = format!("{open}    {mark} POST: {condition}\n{close}");
        let parsed = parsed(path, &text);
        let found = triples(&parsed, &request()).expect("a triple");
        assert!(show(&parsed, &found)[1].starts_with(&format!("  post {expected}")), "{:?}", show(&parsed, &found));
    };
    one("a.c", "n > 0", "code n > 0 [n]");
    one("a.c", "n > 0;", "code n > 0 [n]");
    one("a.c", "valid(n)", "code valid(n) [n]");
    one("a.c", "true", "code true []");
    // Folded to the left in C, chained in Python.
    one("a.c", "1 <= n <= 9", "text 1 <= n <= 9 [n]");
    one("a.c", "(1 <= n) <= k", "code (1 <= n) <= k [n k]");
    one("a.py", "1 <= n <= 9", "code 1 <= n <= 9 [n]");
    one("a.c", "n >= 1, k >= 1", "text n >= 1, k >= 1 [n k]");
    one("a.py", "n >= 1, k >= 1", "text n >= 1, k >= 1 [n k]");
    one("a.c", "n = 5", "text n = 5 [n]");
    one("a.c", "\"n is within bounds\"", "text n is within bounds [n]");
    one("a.py", "n is sorted", "text n is sorted [n]");
    one("a.py", "n is k", "code n is k [n k]");
    one("a.py", "n is None", "code n is None [n]");
    one("a.c", "1 ≤ n ≤ 9", "text 1 ≤ n ≤ 9 [n]");
}

#[test]
fn names_of_text_are_the_back_quoted_ones_else_all_words_that_are_names() {
    let names = |condition: &str| {
        let text = format!(
            "total = 0\ndef f(a, xs, it):\n    best = max(xs)\n    g(best)\n    # POST: {condition}\n    return best\n"
        );
        let found = find("a.py", &text, &request()).expect("a triple");
        found.triples[0].post.condition.names.join(" ")
    };
    assert_eq!(names("a list where `best` is in xs"), "best");
    assert_eq!(names("a list where best is in xs"), "a best xs");
    assert_eq!(names("`a` is fine"), "a");
    assert_eq!(names("if a tie occurred"), "");
    assert_eq!(names("it's the best, isn't s"), "best");
    assert_eq!(names("the total"), "total");
    assert_eq!(names("the result is right"), "result");
    assert_eq!(names("nothing that is known"), "");
}

#[test]
fn names_of_code_are_its_variables() {
    let names = |condition: &str| {
        let text = format!(
            "import math\ndef helper(x): return x\nclass T: pass\ndef f(a, xs):\n    g(a)\n    # POST: {condition}\n    return a\n"
        );
        let found = find("a.py", &text, &request()).expect("a triple");
        assert_eq!(found.triples[0].post.condition.kind, ConditionKind::Code, "{condition}");
        found.triples[0].post.condition.names.join(" ")
    };
    assert_eq!(names("helper(a) == math.floor(xs[a].size) + unknown"), "a xs unknown");
    assert_eq!(names("all(x > a for x in xs)"), "a xs");
    assert_eq!(names("isinstance(a, T) and xs.count(a) == Other.LIMIT"), "a xs");
    assert_eq!(names("a + a > xs[0]"), "a xs");
}

#[test]
fn several_posts_are_several_triples_in_source_order() {
    let c = "int f(int n) {\n    assert(n > 0); // POST: first\n    n++;\n    assert(n > 1); // POST: second\n    return n;\n}\n";
    check(
        "a.c",
        c,
        "f\n  post code n > 0 (first) [n] at assert(n > 0);\n  ignored assert(n > 1);\nf\n  post code n > 1 (second) [n] at assert(n > 1);\n  ignored assert(n > 0);",
    );
}

#[test]
fn without_any_post_the_last_assert_of_each_function_is_taken_and_said_so() {
    let c = "int f(int n) {\n    assert(n);\n    n++;\n    assert(n > 1);\n    return n;\n}\nint g(int k) {\n    assert(k);\n    return k;\n}\n";
    check("a.c", c, "f\n  post code n > 1 [n] at assert(n > 1);\ng\n  post code k [k] at assert(k);");
    let found = find("a.c", c, &request()).expect("triples");
    assert_eq!(found.diagnostics[0].severity, Severity::Info);
    assert_eq!(
        found.diagnostics[0].message,
        "no POST is marked: the last assert of `f` is taken as its post-condition"
    );
}

#[test]
fn prose_is_no_condition() {
    let c = "void f(int n) {\n    // POST the request, see the PRE section\n    send(n); // POST request\n    // post: lower case\n    assert(n > 0); // POST the request is sent\n}\n";
    check("a.c", c, "f\n  post code n > 0 (the request is sent) [n] at assert(n > 0);");
}

#[test]
fn a_remark_below_a_condition_in_code_doesnt_make_it_text() {
    let c = "void f(int *p, int n) {\n    g(p);\n    // POST: p != NULL\n    // now free it\n    free(p);\n    // POST: n > 0 &&\n    //       n < 9\n    g(p);\n}\n";
    check(
        "a.c",
        c,
        "f\n  post code p != NULL (now free it) [p] after g(p);\nf\n  post code n > 0 && / n < 9 [n] after free(p);",
    );
}

#[test]
fn unused_pre_conditions_and_lone_keywords_are_said() {
    let c = "int f(int n) {\n    assert(n > 0); // PRE\n    return n;\n}\nint g(int n) {\n    n++; // POST\n    assert(n); // POST\n    return n;\n}\n";
    let found = find("a.c", c, &request()).expect("a triple");
    let messages: Vec<&str> = found.diagnostics.iter().map(|d| d.message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "`POST` stands alone, without an assert: write `POST: x > 0`",
            "the PRE of `f` belongs to no triple: no POST is asked about from there"
        ]
    );
}

#[test]
fn a_condition_beside_a_global_is_left_out_and_said_so() {
    let c = "int v = 1; // POST: v > 0\nint f(int n) {\n    assert(n); // POST\n    return n;\n}\n";
    check("a.c", c, "f\n  post code n [n] at assert(n);");
    let found = find("a.c", c, &request()).expect("a triple");
    assert_eq!(found.diagnostics[0].message, "this POST stands outside of any function and is left out");
}

#[test]
fn a_condition_inside_code_that_is_not_understood_is_said() {
    let c = "void f(int n) {\n    int x = @@ {\n        // POST: n > 0\n    } @@ if;\n    g(n);\n}\n";
    let found = find("a.c", c, &request()).expect("a triple");
    assert_eq!(
        found.diagnostics.iter().map(|d| d.message.as_str()).collect::<Vec<_>>(),
        ["this POST stands inside code that was not understood, so it is read as standing behind that code"]
    );
}

#[test]
fn scripts_have_conditions_too() {
    let py = "x = int(input())\n# PRE: x > 0\ny = x + 1\n# POST: y > 1\n";
    check("a.py", py, "<module>\n  pre code x > 0 [x] after x = int(input())\n  post code y > 1 [y] after y = x + 1");
}

#[test]
fn carriage_returns_and_wide_letters_do_no_harm() {
    let c = "void f(int größe) {\r\n    g(größe);\r\n    // POST: größe ist größer als 0\r\n    // — immer\r\n}\r\n";
    check("a.c", c, "f\n  post text größe ist größer als 0 / — immer [größe] after g(größe);");
}

fn fragments() -> impl Strategy<Value = String> {
    let pieces = [
        "// POST: x > 0",
        "# POST: x > 0",
        "/* PRE: é */",
        "/* POST:",
        "*/",
        "//",
        "#",
        "\n",
        "\n    ",
        "\n        ",
        "\r\n",
        "{",
        "}",
        "int f(int x) ",
        "def f(x):",
        "if (x) ",
        "if x:",
        "else",
        "elif x:",
        "else:",
        "while (x) ",
        "for i in x:",
        "switch (x) {",
        "case 1:",
        "assert(x);",
        "assert x",
        "assume(x);",
        "return x;",
        "return x",
        "break;",
        "x = 1;",
        "x = 1",
        "pass",
        "class A ",
        "\"\"\"",
        "pre: x",
        "@ensures result > 0",
        "try:",
        "finally:",
        "é≤",
        "\u{feff}",
        "(",
        ")",
        ";",
        "'",
        "`x`",
        "do ",
        "while (x);",
        "// assert(x); // POST",
        "label:",
        "#if X\n",
        "#endif\n",
    ];
    prop::collection::vec(prop::sample::select(pieces.to_vec()), 0..40).prop_map(|v| v.concat())
}

proptest! {
    #[test]
    fn nothing_panics(text in prop_oneof![fragments(), any::<String>()], post in any::<bool>(), line in 0u32..12, at in any::<bool>()) {
        for path in ["a.c", "a.py", "A.java"] {
            let request = Request {
                post: if post { vec![text.clone()] } else { vec![] },
                at: at.then_some(line),
                ..Request::default()
            };
            let _ = find(path, &text, &request);
            let _ = find(path, &text, &Request { across: true, ..Request::default() });
        }
    }
}
