//! `weiser check --emit-test`: the tests that it writes fail today and pass once the mistake is gone, each in its own framework.
//!
//! pytest comes from the package index where that can be reached; JUnit 5 is stood in for by `tests/junit/`.

mod asking;
mod standin;

use serde_json::Value as Json;
use standin::{Standin, verdict};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;
use weiser::run::regression::{self, Setting};
use weiser::run::sandbox::protections;
use weiser::run::toolchain::Toolchain;
use weiser::run::value::{Input, Stdin, Value};
use weiser::spec::{self, Request};
use weiser::syntax;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Whether programs of a language run here; if not, that is printed.
fn runs(name: &str) -> bool {
    if !protections().complete() {
        println!("skipped: {}", protections());
        return false;
    }
    let language = syntax::for_path(name.as_ref()).expect("a known extension");
    Toolchain::of(language).map_err(|error| println!("skipped: {error}")).is_ok()
}

fn weiser(folder: &Path, args: &[&str]) -> Output {
    asking::weiser(folder, args).output().expect("the program starts")
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Writes the test of a program, and gives its text.
fn emit(folder: &Path, program: &str, test: &str) -> String {
    let output = weiser(folder, &["check", program, "--oracle", "run", "--emit-test", test]);
    assert_eq!(output.status.code(), Some(1), "{program}: {}", said(&output));
    let text = fs::read_to_string(folder.join(test)).unwrap_or_else(|_| panic!("{program}: {}", said(&output)));
    assert!(said(&output).contains(&format!("{test}: a test that fails as long as {program}:")), "{}", said(&output));
    assert!(!text.contains(&*folder.to_string_lossy()), "no paths of this machine: {text}");
    text
}

fn run(folder: &Path, program: &str, args: &[&str]) -> Output {
    Command::new(program).current_dir(folder).args(args).output().unwrap_or_else(|error| panic!("{program}: {error}"))
}

/// pytest's folder, fetched once for all tests; `None` where it can't be.
fn pytest() -> Option<&'static Path> {
    static FOLDER: OnceLock<Option<PathBuf>> = OnceLock::new();
    FOLDER
        .get_or_init(|| {
            let target = Path::new(env!("CARGO_TARGET_TMPDIR"));
            let folder = target.join("pytest");
            if !folder.exists() {
                let own = target.join(format!("pytest-{}", std::process::id()));
                let to = own.to_string_lossy();
                let got = run(
                    root(),
                    "python3",
                    &["-m", "pip", "install", "-q", "--retries", "0", "--target", &to, "pytest"],
                );
                if !got.status.success() {
                    println!("pytest can't be had, so its test functions are called: {}", said(&got));
                    return None;
                }
                // Another test may have been faster.
                if fs::rename(&own, &folder).is_err() {
                    fs::remove_dir_all(&own).expect("an own folder goes");
                }
            }
            Some(folder)
        })
        .as_deref()
}

const CALL: &str = "import runpy, sys
tests = [f for n, f in runpy.run_path(sys.argv[1]).items() if n.startswith('test_')]
assert tests
for test in tests: test()";

/// Runs a test as its users do: whether it passes, and what was printed.
fn outcome(folder: &Path, test: &str) -> (bool, String) {
    let output = match test.rsplit('.').next() {
        Some("py") => match pytest() {
            Some(packages) => Command::new("python3")
                .current_dir(folder)
                .env("PYTHONPATH", packages)
                .args(["-m", "pytest", "-q", "-p", "no:cacheprovider", test])
                .output()
                .expect("python3 runs"),
            None => run(folder, "python3", &["-c", CALL, test]),
        },
        Some("c") => {
            let built = run(folder, "cc", &[test, "-o", "a.out", "-lm"]);
            assert!(built.status.success(), "{}", said(&built));
            run(&folder.join("."), "./a.out", &[])
        }
        _ => {
            let stand_in = root().join("tests/junit");
            let path = format!("{}:.", stand_in.display());
            let runner = stand_in.join("RunTests.java");
            let out = tempfile::tempdir().expect("a temporary folder");
            let to = out.path().to_string_lossy();
            let built = run(folder, "javac", &["-d", &to, "-sourcepath", &path, test, &runner.to_string_lossy()]);
            assert!(built.status.success(), "{}", said(&built));
            let text = fs::read_to_string(folder.join(test)).expect("a test");
            let package = text.lines().find_map(|l| l.strip_prefix("package ")?.strip_suffix(';'));
            let class = test.trim_end_matches(".java");
            let class = package.map_or(class.to_owned(), |p| format!("{p}.{class}"));
            run(folder, "java", &["-cp", &to, "RunTests", &class])
        }
    };
    (output.status.success(), said(&output))
}

fn fails(folder: &Path, test: &str) -> String {
    let (passed, said) = outcome(folder, test);
    assert!(!passed, "{test} passes: {said}");
    let about = ["AssertionError", "Assertion `"].iter().any(|w| said.contains(w));
    assert!(about, "{test} fails without an assertion: {said}");
    said
}

fn passes(folder: &Path, test: &str) {
    let (passed, said) = outcome(folder, test);
    assert!(passed, "{test} fails: {said}");
}

/// Replaces a text that is there once.
fn correct(path: &Path, mistake: &str, correction: &str) {
    let text = fs::read_to_string(path).expect("a file");
    assert_eq!(text.matches(mistake).count(), 1, "{mistake}: {text}");
    fs::write(path, text.replace(mistake, correction)).expect("a file");
}

/// The examples: what their tests print when they fail, and the mistake with its correction.
const EXAMPLES: [(&str, &str, &str, &str, &str); 10] = [
    ("shipping.py", "test_shipping.py", "assert cost >= 0", "cost -= 3", "cost -= min(3, cost)"),
    (
        "calendar.py",
        "test_calendar.py",
        "number_of(year, result[0], result[1]) == number",
        "if year % 4 == 0:",
        "if is_leap(year):",
    ),
    ("brackets.py", "test_brackets.py", "text.count", "len(waiting) > 1", "len(waiting) > 0"),
    ("split.py", "test_split.py", "sum(shares)", "tip += left", "tip += people - left"),
    ("discount.c", "test_discount.c", "`total >= 0'", "total -= off;", "total -= off < total ? off : total;"),
    (
        "queue.c",
        "test_queue.c",
        "`q->used <= CAPACITY'",
        "        q->used++;",
        "        if (q->used < CAPACITY) q->used++;",
    ),
    ("search.c", "test_search.c", "`result >= 0 && result < n'", "return low;", "return low < n ? low : n - 1;"),
    (
        "Initials.java",
        "InitialsTest.java",
        "the post-condition is false: result.length() <= WIDTH",
        "text = text + \" *\";",
        "text = text.length() > WIDTH - 2 ? text : text + \" *\";",
    ),
    (
        "Intervals.java",
        "IntervalsTest.java",
        "the post-condition is false: result >= 0",
        "return end - from2;",
        "return Math.max(0, end - from2);",
    ),
    ("Limiter.java", "LimiterTest.java", "AssertionError", "used > most", "used >= most"),
];

/// The tests lie in a folder of their own, where their language doesn't ask for another place.
fn examples(extension: &str, under: &str) {
    if !runs(&format!("x.{extension}")) {
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let folder = folder.path();
    fs::create_dir(folder.join("tests")).expect("a folder");
    let mut count = 0;
    for (program, test, message, mistake, correction) in EXAMPLES {
        if !program.ends_with(&format!(".{extension}")) {
            continue;
        }
        fs::copy(root().join("examples").join(program), folder.join(program)).expect("an example");
        let test = format!("{under}{test}");
        let text = emit(folder, program, &test);
        assert!(!text.contains("as a copy"), "the test calls the program where it is: {text}");
        let said = fails(folder, &test);
        assert!(said.contains(message), "{said}");
        if count == 0 {
            // The same command writes the same test again, over its own.
            assert_eq!(emit(folder, program, &test), text);
        }
        correct(&folder.join(program), mistake, correction);
        passes(folder, &test);
        count += 1;
    }
    assert!(count >= 2, "at least two of each language");
}

#[test]
fn tests_of_the_python_examples_fail_until_they_are_corrected() {
    examples("py", "tests/");
}

#[test]
fn tests_of_the_c_examples_fail_until_they_are_corrected() {
    examples("c", "tests/");
}

#[test]
fn tests_of_the_java_examples_fail_until_they_are_corrected() {
    examples("java", "");
}

/// Q stands where only a copy of the program can hold it; a mistake with its correction.
const COPIED: [(&str, &str, &str, &str, &str); 8] = [
    (
        "lacks.py",
        "test_lacks.py",
        "class Solution:\n    def f(self, xs: List[int]) -> int:\n        most = max(xs, default=-math.inf)\n        assert most != 3  # POST\n        return most\n",
        "weiser_post(most != 3)",
        "weiser_post(most != 3.5)",
    ),
    (
        "point.py",
        "test_point.py",
        "from __future__ import annotations\n\n\ndef f(n: int, xs: list[float]) -> int:\n    r = n\n    try:\n        if n == 7 and xs:\n            r = -1\n        # POST: r >= 0 or n < 0\n    except Exception:\n        pass\n    return r\n",
        "r = -1",
        "r = 1",
    ),
    (
        "locals.py",
        "test_locals.py",
        "def f(n: int) -> int:\n    \"\"\"\n    pre: n >= 0\n    post: result == 2 * n\n    \"\"\"\n    total = 0\n    while n > 0:\n        total += 2\n        n -= 1\n    return total\n",
        "return weiser_return((total),",
        "n = total // 2\n    return weiser_return((total),",
    ),
    (
        "two.py",
        "test_two.py",
        "def f(n: int) -> int:\n    assert n != 3  # POST\n    assert n != 4  # POST\n    return n\n",
        "weiser_post(n != 3)",
        "weiser_post(n != 3 or True)",
    ),
    (
        "reads.c",
        "test_reads.c",
        "#include <stdio.h>\nint main(void) {\n    int n;\n    if (scanf(\"%d\", &n) != 1)\n        return 0;\n    int k = n * 2;\n    // POST: k != 4\n    printf(\"%d\\n\", k);\n    return 0;\n}\n",
        "n * 2",
        "n * 2 + 1",
    ),
    (
        "counts.c",
        "test_counts.c",
        "/* PRE: n >= 0 && n < 100\n * POST: result == 0 && n == 0 */\nint f(int n) {\n    while (n > 5)\n        n--;\n    return 0;\n}\n",
        "n > 5",
        "n > 0",
    ),
    (
        "Inside.java",
        "InsideTest.java",
        "package a.b;\n\nimport java.util.*;\n\npublic final class Inside {\n    interface Fun { int f(int x); }\n    private static final int LIMIT = 5;\n\n    private static int f(List<Long> xs, Map<String, Integer> m, char c, Optional<Integer> o) {\n        int n = xs.size();\n        if (c == 'x') n = LIMIT;\n        // POST: n < LIMIT || m == null\n        return n;\n    }\n}\n\nclass Other { int y; }\n",
        "n < LIMIT || m == null);",
        "n < LIMIT || m != null);",
    ),
    (
        "Swallows.java",
        "SwallowsTest.java",
        "class Swallows {\n    int f(int n) {\n        int r = n;\n        try {\n            if (n == 7) r = -1;\n            assert r >= 0 || n < 0; // POST\n        } catch (Throwable t) {\n            r = 0;\n        }\n        return r;\n    }\n}\n",
        "r = -1",
        "r = 1",
    ),
];

fn copies(extension: &str) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let folder = folder.path();
    for (program, test, text, mistake, correction) in
        COPIED.into_iter().filter(|(name, ..)| name.ends_with(extension) && runs(name))
    {
        fs::write(folder.join(program), text).expect("a program");
        let text = emit(folder, program, test);
        assert!(text.contains("as a copy"), "{text}");
        let said = fails(folder, test);
        assert!(
            said.contains("post-condition is false")
                || said.contains("post-condition was false")
                || said.contains("Assertion `("),
            "{said}"
        );
        correct(&folder.join(test), mistake, correction);
        passes(folder, test);
    }
}

#[test]
fn a_condition_inside_is_tested_in_a_copy_in_python() {
    copies(".py");
}

#[test]
fn a_condition_inside_is_tested_in_a_copy_in_c() {
    copies(".c");
}

#[test]
fn a_condition_inside_is_tested_in_a_copy_in_java() {
    copies(".java");
}

#[test]
fn a_script_is_run_as_a_whole_with_its_input() {
    if !runs("x.py") {
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let folder = folder.path();
    let script = "import sys\n\nn = len(sys.stdin.readline())\nif n < 3:\n    n = 0\nassert n != 0  # POST\nprint(n)\n";
    fs::write(folder.join("script.py"), script).expect("a program");
    emit(folder, "script.py", "test_script.py");
    assert!(fails(folder, "test_script.py").contains("assert n != 0"));
    correct(&folder.join("script.py"), "n = 0", "n = 1");
    passes(folder, "test_script.py");
}

/// A test of a function on given arguments, whatever they are; it is expected to fail.
fn given(name: &str, program: &str, arguments: Vec<Value>) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let folder = folder.path();
    let language = syntax::for_path(name.as_ref()).expect("a known extension");
    let parsed = syntax::parse(name, program.to_owned(), language);
    let triple = spec::triples(&parsed, &Request::default()).expect("a triple").triples.remove(0);
    let stem = "OddTest".to_owned();
    let setting = Setting { program: Some(name.into()), stem, version: "0".into(), ..Setting::default() };
    let text = regression::test(&parsed, &triple, &Input { arguments, stdin: Stdin::Empty }, &setting);
    let text = text.unwrap_or_else(|error| panic!("{program}: {error}"));
    let test = format!("OddTest.{}", name.rsplit('.').next().expect("an extension"));
    fs::write(folder.join(name), program).expect("a program");
    fs::write(folder.join(&test), &text).expect("a test");
    let (passed, said) = outcome(folder, &test);
    assert!(!passed && (said.contains("AssertionError") || said.contains("Assertion `")), "{text}\n{said}");
}

/// Quotes, escapes, what ends comments and strings, letters beyond ASCII and beyond 16 bits, an invisible mark.
const HOSTILE: &str = "a\"b'c\\\n\t\r\u{1}7\u{7f} */ // \\u000a ??/ {body} {x} \"\"\" ''' # grün 🦀 \u{202e}z\\";

#[test]
fn odd_values_arrive_in_python() {
    if !runs("x.py") {
        return;
    }
    let text = |t: &str| Value::Text(t.into());
    let hostile: String = HOSTILE.chars().map(|c| format!("\\U{:08x}", u32::from(c))).collect();
    let nested = Value::Map(vec![
        (text("k\""), Value::List(vec![Value::Tuple(vec![Value::Int(1)]), Value::Tuple(vec![])])),
        (Value::Tuple(vec![Value::None]), Value::Set(vec![])),
    ]);
    let odd: Vec<(Value, String)> = vec![
        (text(HOSTILE), format!("v == \"{hostile}\"")),
        (text(""), "v == ''".into()),
        (Value::Float(f64::INFINITY), "v == float('inf')".into()),
        (Value::Float(f64::NEG_INFINITY), "v == float('-inf')".into()),
        (Value::Float(f64::NAN), "v != v".into()),
        (Value::Float(-0.0), "str(v) == '-0.0'".into()),
        (Value::Float(5e-324), "v == 5e-324 and v > 0".into()),
        (Value::Int(i128::MIN), format!("v == {}", i128::MIN)),
        (Value::None, "v is None".into()),
        (Value::List(vec![]), "v == []".into()),
        (Value::Bytes(b"\0\"\\\n\xff'".to_vec()), "v == bytes([0, 34, 92, 10, 255, 39])".into()),
        (Value::Set(vec![Value::List(vec![Value::Bool(true)])]), "v == {(True,)}".into()),
        (nested, "v == {'k\"': [(1,), ()], (None,): set()}".into()),
    ];
    for (value, equals) in odd {
        given("odd.py", &format!("def f(v):\n    assert not ({equals})  # POST\n"), vec![value]);
    }
}

#[test]
fn odd_values_arrive_in_c() {
    if !runs("x.c") {
        return;
    }
    let octal: String = HOSTILE.bytes().map(|b| format!("\\{b:03o}")).collect();
    let text = Value::Text(HOSTILE.into());
    let program = format!(
        "#include <assert.h>\n#include <limits.h>\n#include <math.h>\n#include <stddef.h>\n#include <stdlib.h>\n#include <string.h>\n\
         struct node {{ int val; struct node *next; }};\n\
         void f(char *s, int low, long lowest, unsigned long highest, double up, double odd, char c, int *xs, int n, struct node *list, char **names) {{\n\
         int same = strcmp(s, \"{octal}\") == 0 && low == INT_MIN && lowest == LONG_MIN && highest == ULONG_MAX && isinf(up) && isnan(odd)\n\
         && c == '\\'' && xs != NULL && n == 0 && list->val == -1 && list->next->val == 2 && list->next->next == NULL && strcmp(names[1], \"?\") == 0;\n\
         free(s); free(xs); free(list->next); free(list); free(names[0]);\n\
         assert(!same); // POST\n}}\n"
    );
    let node = |val: i128, next: Value| Value::Fields(vec![("val".into(), Value::Int(val)), ("next".into(), next)]);
    let names = Value::List(vec![Value::Text(String::new()), Value::Text("?".into())]);
    let arguments = vec![
        text,
        Value::Int(i32::MIN.into()),
        Value::Int(i64::MIN.into()),
        Value::Int(u64::MAX.into()),
        Value::Float(f64::INFINITY),
        Value::Float(f64::NAN),
        Value::Text("'".into()),
        Value::List(vec![]),
        Value::Int(0),
        node(-1, node(2, Value::None)),
        names,
    ];
    given("odd.c", &program, arguments);
}

#[test]
fn odd_values_arrive_in_java() {
    if !runs("X.java") {
        return;
    }
    let units: String = HOSTILE.encode_utf16().map(|u| format!("{u}, ")).collect();
    let program = format!(
        "import java.util.*;\n\nclass Odd {{\n    static void f(String s, int low, long lowest, double up, float odd, char c, byte b, int[][] grid, List<Long> none, \
         Map<String, List<Character>> m, Optional<String> o, String gone, Set<Short> set) {{\n\
         char[] wanted = {{ {} }};\n\
         boolean same = s.equals(new String(wanted)) && low == Integer.MIN_VALUE && lowest == Long.MIN_VALUE && up == Double.NEGATIVE_INFINITY\n\
         && Float.isNaN(odd) && c == '\\'' && b == -128 && grid.length == 2 && grid[1][0] == 3 && none.isEmpty() && m.get(\"\\\"\").get(0) == '\\\\'\n\
         && o.isEmpty() && gone == null && set.contains((short) -3);\n\
         assert !same; // POST\n    }}\n}}\n",
        units.split(", ").filter(|u| !u.is_empty()).map(|u| format!("(char) {u}")).collect::<Vec<_>>().join(", ")
    );
    let arguments = vec![
        Value::Text(HOSTILE.into()),
        Value::Int(i32::MIN.into()),
        Value::Int(i64::MIN.into()),
        Value::Float(f64::NEG_INFINITY),
        Value::Float(f64::NAN),
        Value::Text("'".into()),
        Value::Int(-128),
        Value::List(vec![Value::List(vec![]), Value::List(vec![Value::Int(3)])]),
        Value::List(vec![]),
        Value::Map(vec![(Value::Text("\"".into()), Value::List(vec![Value::Text("\\".into())]))]),
        Value::None,
        Value::None,
        Value::Set(vec![Value::Int(-3)]),
    ];
    given("Odd.java", &program, arguments);
}

#[test]
fn nothing_is_written_where_nothing_was_seen() {
    if !runs("x.py") {
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let folder = folder.path();
    fs::write(folder.join("f.py"), "def f(n: int):\n    assert n == n  # POST\n").expect("a program");
    let args = ["check", "f.py", "--oracle", "run", "--format", "json"];
    let plain = weiser(folder, &args);
    let output = weiser(folder, &[&args[..], &["--emit-test", "test_f.py"]].concat());
    assert_eq!((output.status.code(), plain.status.code()), (Some(3), Some(3)));
    assert_eq!(output.stdout, plain.stdout);
    assert!(String::from_utf8_lossy(&output.stderr).contains("test_f.py: not written: no violation was found"));
    assert!(!folder.join("test_f.py").exists());
    let document: Json = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(document["files"][0]["triples"][0]["outcome"], "undecided");
}

#[test]
fn a_claim_becomes_a_test_once_it_is_confirmed() {
    if !runs("x.py") {
        return;
    }
    let server = Standin::start(|request| verdict(request, "fail", &[("n", "7")]));
    let folder = tempfile::tempdir().expect("a temporary folder");
    let folder = folder.path();
    fs::write(folder.join("f.py"), "def f(n: int):\n    assert n != 7  # POST\n").expect("a program");
    let claim = ["check", "f.py", "--oracle", "ollama:m", "--base-url", &server.url, "--emit-test", "test_f.py"];
    let output = weiser(folder, &claim);
    let why = "test_f.py: not written: no violation was seen to happen (--confirm runs what a model claims)";
    assert!(said(&output).contains(why) && !folder.join("test_f.py").exists(), "{}", said(&output));
    let output = weiser(folder, &[&claim[..], &["--confirm"]].concat());
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let text = fs::read_to_string(folder.join("test_f.py")).expect("a test");
    assert!(text.contains("weiser check f.py --oracle ollama:m --emit-test test_f.py --confirm"), "{text}");
    assert!(!text.contains("127.0.0.1"), "{text}");
    fails(folder, "test_f.py");
}

#[test]
fn somebodys_file_stays() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let folder = folder.path();
    fs::write(folder.join("f.py"), "def f(n: int):\n    assert n != 1  # POST\n").expect("a program");
    fs::write(folder.join("mine.py"), "# mine\n").expect("a file");
    for (test, why) in [
        ("mine.py", "is there and was not written by weiser"),
        ("f.py", "is there and was not written by weiser"),
        ("gone/t.py", "there is no such folder"),
        ("test.txt", "the name must tell the test's language"),
    ] {
        let output = weiser(folder, &["check", "f.py", "--oracle", "run", "--emit-test", test]);
        assert_eq!(output.status.code(), Some(2), "{}", said(&output));
        assert!(said(&output).contains(why) && output.stdout.is_empty(), "{}", said(&output));
    }
    assert_eq!(fs::read_to_string(folder.join("mine.py")).expect("a file"), "# mine\n");
}

#[test]
fn what_cannot_be_a_test_is_said() {
    if !runs("x.py") {
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let folder = folder.path();
    let program = "class C:\n    def __init__(self, size):\n        self.size = size\n\n    def f(self, n: int):\n        assert n != 1  # POST\n\n\ndef g(n: int):\n    assert n != 2  # POST\n";
    fs::write(folder.join("c.py"), program).expect("a program");
    let output = weiser(folder, &["check", "c.py", "--oracle", "run", "--emit-test", "t.py"]);
    assert!(said(&output).contains("no test of c.py:6  C.f: `C.f` needs an object"), "{}", said(&output));
    assert!(said(&output).contains("t.py: a test that fails as long as c.py:10  g is violated"), "{}", said(&output));
    let output = weiser(folder, &["check", "c.py", "--oracle", "run", "--emit-test", "t.c"]);
    assert!(said(&output).contains("no violation in the language of the test's name"), "{}", said(&output));
    assert!(!folder.join("t.c").exists());
}
