//! `grammars/java/Harness.java` against `grammars/HARNESS.md`: programs with probes in, the harness's own words out.
//! Without a JDK each test says so and passes.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// The folder of the compiled harness, or none if there is no JDK.
fn compiled() -> Option<&'static Path> {
    static COMPILED: OnceLock<Option<PathBuf>> = OnceLock::new();
    let there = COMPILED.get_or_init(|| {
        // Each test may be a process of its own: one must not read classes that another is writing.
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("harness-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder for the classes");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("grammars/java/Harness.java");
        let javac = Command::new("javac").args(["-proc:none", "-nowarn", "-d"]).arg(&folder).arg(source).output();
        let java = Command::new("java").arg("-version").output();
        match (javac, java) {
            (Ok(javac), Ok(_)) => {
                assert!(javac.status.success(), "{}", String::from_utf8_lossy(&javac.stderr));
                Some(folder)
            }
            _ => None,
        }
    });
    if there.is_none() {
        eprintln!("skipped: no javac and java on the path");
    }
    there.as_deref()
}

struct Harness {
    child: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
    /// What was said of each program.
    programs: Vec<String>,
    ready: Duration,
    _folder: tempfile::TempDir,
}

impl Harness {
    fn start(entry: &str, params: usize, programs: &[&str]) -> Option<Harness> {
        Harness::with(entry, params, programs, &["--ms", "2000"])
    }

    fn with(entry: &str, params: usize, programs: &[&str], options: &[&str]) -> Option<Harness> {
        let classes = compiled()?;
        let folder = tempfile::tempdir().unwrap();
        let begin = Instant::now();
        let mut command = Command::new("java");
        command.args(["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto", "-Xmx256m"]);
        command.args(["-XX:-UsePerfData", "-cp"]);
        command.arg(classes).arg("WeiserHarness").args(options);
        command.args(["--entry", entry, "--params", &params.to_string()]);
        for (i, text) in programs.iter().enumerate() {
            let name = format!("program{i}.java");
            std::fs::write(folder.path().join(&name), text).unwrap();
            command.arg(name);
        }
        command.current_dir(folder.path()).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let requests = child.stdin.take().unwrap();
        let answers = BufReader::new(child.stdout.take().unwrap());
        let mut harness =
            Harness { child, requests, answers, programs: Vec::new(), ready: Duration::ZERO, _folder: folder };
        loop {
            match harness.line().as_str() {
                "ready" => break,
                "" => panic!("the harness is gone before it is ready"),
                line => harness.programs.push(readable(line)),
            }
        }
        harness.ready = begin.elapsed();
        Some(harness)
    }

    /// The answer to a request, its texts readable; empty if the process is gone.
    fn ask(&mut self, request: &str) -> String {
        if writeln!(self.requests, "{request}").and_then(|()| self.requests.flush()).is_err() {
            return String::new();
        }
        readable(&self.line())
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }
}

impl Drop for Harness {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn hex(text: &str) -> String {
    text.bytes().map(|b| format!("{b:02x}")).collect()
}

/// `T613d31 end=ended:` as `T(a=1) ended`.
fn readable(line: &str) -> String {
    let text = |hex: &str| {
        let bytes = hex.as_bytes().chunks(2).map(|d| u8::from_str_radix(std::str::from_utf8(d).unwrap(), 16).unwrap());
        String::from_utf8(bytes.collect()).unwrap()
    };
    let word = |word: &str| match (word.strip_prefix("end="), word.chars().next()) {
        (Some(end), _) => match end.split_once(':').unwrap() {
            (code, "") => code.to_owned(),
            (code, detail) => format!("{code}({})", text(detail)),
        },
        (None, Some('T' | 'F' | 'U' | 'E')) => format!("{}({})", &word[..1], text(&word[1..])),
        _ if line.starts_with("program ") && word.len() > 3 && word != "program" => text(word),
        _ => word.to_owned(),
    };
    line.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

/// Asks each request of a program; panics with all answers that differ.
fn check(harness: &mut Harness, expected: &[(&str, &str)]) {
    let answers: Vec<_> = expected.iter().map(|(request, _)| (*request, harness.ask(request))).collect();
    let wrong: Vec<_> = answers.iter().zip(expected).filter(|(got, want)| got.1 != want.1).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn visits_and_ends() {
    let program = "public class Counter {
        static int f(int n, int[] a) {
            Weiser.pre(0, n >= 0); Weiser.pre(1, a != null);
            for (int i = 0; i < a.length; i++) {
                try { Weiser.post(a[i] / n > 0, \"i\", i, \"a\", a); } catch (RuntimeException w) { Weiser.broken(w); }
                Weiser.assume(a[i] != 7);
            }
            return 1;
        }
    }";
    let stubborn = "class Counter {
        static int f(int n, int[] a) {
            while (n > 0) {
                try { Weiser.post(n > 1, \"n\", n); n--; }
                catch (Throwable t) { Weiser.broken(null); return 3; }
                finally { Weiser.observe(\"late\", n); n--; }
            }
            return 2;
        }
    }";
    let Some(mut harness) = Harness::start("Counter.f", 2, &[program, stubborn]) else { return };
    assert_eq!(harness.programs, ["program 0 ok", "program 1 ok"]);
    check(
        &mut harness,
        &[
            ("0 - i1 [2 i5 i6", "T(i=0; a=[5, 6]) T(i=1; a=[5, 6]) ended"),
            ("0 - i2 [2 i5 i1", "T(i=0; a=[5, 1]) F(i=1; a=[5, 1]) violated"),
            ("0 - i0 [1 i5", "E(ArithmeticException) ended"),
            ("0 - i-1 [0", "pre(0)"),
            ("0 - i1 n", "pre(1)"),
            ("0 - i1 [1 i7", "T(i=0; a=[7]) assume(line 6)"),
            ("0 - i1 [1 i2147483648", "input(2147483648 for int)"),
            ("0 - i1", "input(1 values for 2 parameters)"),
            ("1 - i1 n", "F(n=1) violated"),
            ("1 - i3 n", "T(n=3) U(late=2) F(n=1) violated"),
            ("2 - i1 n", "input(no program 2)"),
        ],
    );
}

#[test]
fn who_ends_a_run() {
    let program = "import java.util.*;
    class Ends {
        static class Own extends RuntimeException { Own(String m) { super(m); } }
        static int deep(int n) { return deep(n + 1) + 1; }
        static Object f(int how) {
            Object s = \"text\";
            int[] a = new int[2];
            switch (how) {
                case 0: throw Weiser.thrown(new IllegalStateException(\"written\"));
                case 1: Objects.requireNonNull(null); break;
                case 2: a[how] = 1; break;
                case 3: return (Integer) s;
                case 4: return deep(0);
                case 5: assert how > 5 : \"small\"; break;
                case 6: throw new Own(\"own\");
                case 7: return new int[Integer.MAX_VALUE - 8];
                case 8: try { System.exit(4); } finally { Weiser.observe(\"x\", 1); } break;
                case 9: Runtime.getRuntime().exit(5); break;
                case 10: Weiser.exit(6); break;
                case 11: try { throw Weiser.thrown(new Exception()); } catch (Exception e) { return 1 / (how - 11); }
                case 12: List.of(1).add(2); break;
                case 13: ((java.util.function.IntConsumer) System::exit).accept(1); break;
            }
            return null;
        }
    }";
    let Some(mut harness) = Harness::start("Ends.f", 1, &[program]) else { return };
    check(
        &mut harness,
        &[
            ("0 - i0", "left(IllegalStateException: written)"),
            ("0 - i1", "fault(NullPointerException)"),
            ("0 - i2", "fault(ArrayIndexOutOfBoundsException: Index 2 out of bounds for length 2)"),
            ("0 - i3", "fault(ClassCastException: class java.lang.String cannot be cast to class java.lang.Integer)"),
            ("0 - i4", "fault(StackOverflowError)"),
            ("0 - i5", "left(AssertionError: small)"),
            ("0 - i6", "left(Ends.Own: own)"),
            ("0 - i7", "memory(OutOfMemoryError: Java heap space)"),
            ("0 - i8", "left(exit(4))"),
            ("0 - i9", "left(exit(5))"),
            ("0 - i10", "left(exit(6))"),
            ("0 - i11", "fault(ArithmeticException: / by zero)"),
            ("0 - i12", "fault(UnsupportedOperationException)"),
            ("0 - i99", "ended"),
        ],
    );
    let begin = Instant::now();
    harness.ask("0 - i4");
    eprintln!("stack overflow: {:?}", begin.elapsed());
    assert!(begin.elapsed() < Duration::from_secs(2));
    assert_eq!(harness.ask("0 - i13"), "left(exit)");
    assert_eq!(harness.ask("0 - i99"), "");
}

#[test]
fn runs_do_not_see_each_other() {
    let counter = "import java.util.*;
    class S {
        static int n; static final List<Integer> seen = new ArrayList<>(); static Scanner in = new Scanner(System.in);
        static void f(int x) {
            n++; seen.add(x);
            System.out.println(\"unseen\");
            System.setProperty(\"left.behind\", \"x\");
            Weiser.observe(\"n\", n, \"seen\", seen, \"line\", in.hasNextLine() ? in.nextLine() : null);
        }
    }";
    let pure = "import java.util.*;
    class S {
        static final int BASE = 3 * 4; static final String NAME = \"s\";
        enum Kind { A, B; }
        static void f(int x) {
            List<Integer> a = new ArrayList<>(List.of(1, 2, 3, 4, 5, 6)), b = new ArrayList<>(a);
            Collections.shuffle(a); Collections.shuffle(b, new Random());
            Weiser.observe(\"s\", a.equals(b), \"r\", new Random().nextInt() == new Random(0).nextInt(), \"m\", Math.random(), \"b\", BASE,
                \"same\", S.class.hashCode(), \"p\", System.getProperty(\"left.behind\"), \"k\", Kind.values());
        }
    }";
    let Some(mut harness) = Harness::start("S.f", 1, &[counter, pure]) else { return };
    let stdin = format!("0 {} i4", hex("a line\nmore"));
    check(
        &mut harness,
        &[
            ("0 - i3", "U(n=1; seen=[3]; line=null) ended"),
            (&stdin, "U(n=1; seen=[4]; line=\"a line\") ended"),
            ("0 - i5", "U(n=1; seen=[5]; line=null) ended"),
        ],
    );
    let first = harness.ask("1 - i1");
    assert!(first.starts_with("U(s=true; r=true; m=0.730967787376657; b=12; same="), "{first}");
    assert!(first.ends_with("p=null; k=[S.Kind.A, S.Kind.B]) ended"), "{first}");
    assert_eq!(harness.ask("1 - i1"), first);
}

#[test]
fn an_input_that_takes_too_long_is_given_up() {
    let program = "class L { static void f(int n) {
        if (n == 1) { try { Weiser.post(false); } catch (Throwable t) { } }
        if (n == 2) new Thread(() -> { while (true) { } }).start();
        if (n == 3) { Thread t = new Thread(() -> Weiser.observe(\"t\", 1)); t.start(); }
        while (n < 2) { }
    } }";
    for (request, answer, alive) in [
        ("0 - i0", "timeout", false),
        ("0 - i1", "F() violated", false),
        ("0 - i2", "ended", false),
        ("0 - i3", "U(t=1) ended", true),
    ] {
        let Some(mut harness) = Harness::with("L.f", 1, &[program], &["--ms", "200"]) else { return };
        let begin = Instant::now();
        assert_eq!(harness.ask(request), answer);
        // Processor time counts, up to ten times as much on the clock.
        assert!(begin.elapsed() < Duration::from_secs(5), "{request}: {:?}", begin.elapsed());
        // One that has answered for a run which left a thread says so before it goes.
        let next = harness.ask("0 - i3");
        assert_eq!(!next.is_empty() && !next.contains("again"), alive, "{request}: {next}");
    }
}

#[test]
fn arguments_fit_the_parameters() {
    // The parameter's type, a value, the value as the method sees it.
    let s = |text: &str| format!("s{}", hex(text));
    let cases = [
        ("boolean", "b1".into(), "true Boolean"),
        ("byte", "i-128".into(), "-128 Byte"),
        ("short", "i7".into(), "7 Short"),
        ("Integer", "i7".into(), "7 Integer"),
        ("long", "i4294967296".into(), "4294967296 Long"),
        ("char", s("é"), "'é' Character"),
        ("char", "i65".into(), "'A' Character"),
        ("double", "f8000000000000000".into(), "-0.0 Double"),
        ("double", "i3".into(), "3.0 Double"),
        ("float", "f7ff8000000000000".into(), "nan Float"),
        ("String", s("a\"\\\n"), "\"a\\\"\\\\\\n\" String"),
        ("CharSequence", s("x"), "\"x\" String"),
        ("StringBuilder", s("x"), "\"x\" StringBuilder"),
        ("BigInteger", "i123456789012345678901".into(), "123456789012345678901 BigInteger"),
        ("BigDecimal", s("1.50"), "1.50 BigDecimal"),
        ("int[][]", "[2 [1 i1 [0".into(), "[[1], []] int[][]"),
        ("byte[]", "x00ff".into(), "[0, -1] byte[]"),
        ("String...", "[1 n".into(), "[null] String[]"),
        ("T[]", "[2 i2 i1".into(), "[2, 1] Comparable[]"),
        ("List<Long>", "[2 i1 n".into(), "[1, null] ArrayList"),
        ("List<? super Integer>", "[1 i1".into(), "[1] ArrayList"),
        ("Iterable<int[]>", "[1 [1 i1".into(), "[[1]] ArrayList"),
        ("LinkedList", "[1 i1".into(), "[1] LinkedList"),
        ("Stack<Character>", format!("[1 {}", s("c")), "['c'] Stack"),
        ("Deque<Integer>", "[1 i1".into(), "[1] LinkedList"),
        ("PriorityQueue<Integer>", "[2 i3 i1".into(), "[1, 3] PriorityQueue"),
        ("Set<String>", format!("<2 {} {}", s("b"), s("a")), "{\"a\", \"b\"} HashSet"),
        ("TreeSet<Integer>", "[2 i10 i9".into(), "{10, 9} TreeSet"),
        ("Map<String, List<Integer>>", format!("{{1 {} [1 i1", s("k")), "{\"k\": [1]} HashMap"),
        ("SortedMap<Integer, Integer>", "{2 i2 i0 i1 i0".into(), "{1: 0, 2: 0} TreeMap"),
        ("Map.Entry<Integer, Boolean>", "(2 i1 b0".into(), "1: false AbstractMap.SimpleEntry"),
        ("Optional<Integer>", "i1".into(), "Optional(1) Optional"),
        ("Object", "i4294967296".into(), "4294967296 Long"),
        ("T", "i1".into(), "1 Integer"),
        ("Object", "{1 i1 (1 n".into(), "{1: [null]} HashMap"),
        ("Kind", "i1".into(), "A.Kind.B A.Kind"),
        ("Kind", s("A"), "A.Kind.A A.Kind"),
        ("Pair<Integer>", "@2 i1 i2".into(), "A.Pair{x=1, y=2} A.Pair"),
        ("Bag", format!("@2 i1 {}", s("t")), "A.Bag{n=1, s=\"t\"} A.Bag"),
        ("Node", "@2 i1 @2 i2 n".into(), "A.Node{v=1, next=A.Node{v=2, next=null}} A.Node"),
        ("Point", "@2 i1 f3ff0000000000000".into(), "A.Point{a=1, b=1.0} A.Point"),
        ("Shape", "@1 i3".into(), "A.Square{side=3} A.Square"),
        ("Inner", "@1 i3".into(), "A.Inner{z=3} A.Inner"),
        // What doesn't fit.
        ("int", "n".into(), "null for int"),
        ("byte", "i128".into(), "128 for byte"),
        ("char", s("ab"), "a value of kind s for char"),
        ("int", "b1".into(), "a value of kind b for int"),
        ("String", "i1".into(), "a value of kind i for String"),
        ("Kind", "i2".into(), "2 for Kind"),
        ("Runnable", "i2".into(), "a value of kind i for java.lang.Runnable"),
        ("Point", "@1 i1".into(), "1 values for the 2 fields of A$Point"),
        ("Picky", "@1 i1".into(), "a constructor of A$Picky: IllegalArgumentException: no"),
    ];
    let programs: Vec<String> = cases
        .iter()
        .map(|(t, _, _)| {
            format!(
                "import java.util.*; import java.math.*; class A {{
                    enum Kind {{ A, B }}
                    static class Pair<T> {{ T x, y; Pair(T x, T y) {{ this.x = x; this.y = y; }} }}
                    static class Bag {{ private int n; String s; }}
                    static class Node {{ int v; Node next; Node() {{ }} Node(int v, Node n) {{ this.v = v; next = n; }} }}
                    record Point(int a, double b) {{ Point {{ }} }}
                    interface Shape {{ }} static class Square implements Shape {{ int side; }}
                    class Inner {{ int z; Inner(int z) {{ this.z = z; }} }}
                    static class Picky {{ int q; Picky(int q) {{ throw new IllegalArgumentException(\"no\"); }} }}
                    static <T extends Comparable<T>> void f({t} x) {{
                        Object o = x; Weiser.observe(\"x\", x, \"c\", o.getClass()); }} }}"
            )
        })
        .collect();
    let programs: Vec<&str> = programs.iter().map(String::as_str).collect();
    let Some(mut harness) = Harness::start("A.f", 1, &programs) else { return };
    eprintln!("{} programs: ready after {:?}", programs.len(), harness.ready);
    assert!(harness.programs.iter().all(|p| p.ends_with(" ok")), "{:#?}", harness.programs);
    let wrong: Vec<_> = cases
        .iter()
        .enumerate()
        .filter_map(|(i, (t, value, seen))| {
            let answer = harness.ask(&format!("{i} - {value}"));
            let want = match seen.rsplit_once(' ') {
                Some((x, class)) if !seen.contains(" for ") && !seen.contains("constructor") => {
                    format!("U(x={x}; c=class {class}) ended")
                }
                _ => format!("input({seen})"),
            };
            (answer != want).then_some((t, answer, want))
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn values_print_by_what_they_hold() {
    let cases = [
        (
            "new Object[] {1, 2L, 1.0e10, 0.1f, Float.NaN, -1.0/0, 'x', null}",
            "[1, 2, 1.0E10, 0.1, nan, -inf, 'x', null]",
        ),
        ("new HashMap<>(Map.of(10, \"b\", 9, \"a\"))", "{10: \"b\", 9: \"a\"}"),
        ("Optional.empty()", "Optional()"),
        ("new Object()", "Object"),
        ("(Runnable) () -> { }", "lambda"),
        ("new Node(1) { int extra = 2; }", "Node{extra=2, v=1, next=null}"),
        ("loop()", "Node{v=1, next=Node{v=2, next=^2}}"),
        ("new IllegalStateException(\"m\")", "IllegalStateException \"m\""),
        ("new Fail(3)", "P.Fail null{code=3}"),
        ("new Mine()", "[1]"),
        ("java.time.LocalDate.of(2020, 1, 2)", "2020-01-02"),
        ("\"\\u0001\\ud83d\\ude00\"", "\"\\u0001\\ud83d\\ude00\""),
        ("new BitSet()", "{}"),
        ("new Thread()", "Thread"),
    ];
    let body: String = cases.iter().enumerate().map(|(i, (e, _))| format!("case {i}: o = {e}; break;\n")).collect();
    let program = format!(
        "import java.util.*; class P {{
            static class Fail extends Exception {{ int code; Fail(int c) {{ code = c; }} }}
            static class Mine extends ArrayList<Integer> {{ Mine() {{ add(1); }} }}
            static Node loop() {{ Node a = new Node(1), b = new Node(2); a.next = b; b.next = a; return a; }}
            static void f(int i) {{ Object o = null; switch (i) {{ {body}
                case 50: o = \"x\".repeat(5000); break; case 51: o = \"x\".repeat(5001); break;
                case 52: o = new int[1000000]; }} Weiser.observe(\"o\", o); }} }}
        class Node {{ int v; Node next; Node(int v) {{ this.v = v; }} public String toString() {{ throw new Error(); }}
            public int hashCode() {{ throw new Error(); }} }}"
    );
    let Some(mut harness) = Harness::start("P.f", 1, &[&program]) else { return };
    assert_eq!(harness.programs, ["program 0 ok"]);
    let wrong: Vec<_> = (cases.iter().enumerate())
        .map(|(i, (_, seen))| (harness.ask(&format!("0 - i{i}")), format!("U(o={seen}) ended")))
        .filter(|(got, want)| got != want)
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    let long = [50, 51, 52].map(|i| harness.ask(&format!("0 - i{i}")));
    assert!(long.iter().all(|a| a.len() <= 2000 + "U() ended".len()), "{long:?}");
    assert!(long[0] != long[1]);
}

#[test]
fn entries_of_every_kind() {
    let seen = |entry: &str, params: usize, program: &str, request: &str| {
        Some(match Harness::start(entry, params, &[program])? {
            harness if harness.programs[0] != "program 0 ok" => harness.programs[0].clone(),
            mut harness => harness.ask(request),
        })
    };
    let program = "package deep.down; import deep.down.Helper; import java.util.*;
        public class Outer {
            final int base; Outer(int base) { this.base = base; }
            void get(int x) { Weiser.observe(\"sum\", base + x, \"h\", deep.down.Helper.twice(x)); }
            void get(String s) { Weiser.observe(\"s\", s); }
            private static void hidden(long... all) { Weiser.observe(\"n\", all.length); }
            class Inner { void m(List<Integer> l) { Weiser.observe(\"l\", l.get(0) + base); } }
            interface Shape { default void area() { Weiser.observe(\"c\", getClass()); } }
            enum Kind implements Shape { ROUND; void name2() { Weiser.observe(\"k\", this); } }
            static abstract class Base { Base(String s) { Weiser.observe(\"s\", s); } }
            static class Made { final String s; Made(String s) { this.s = s; Weiser.observe(\"this\", this); } }
            public static void main(String[] args) { Weiser.observe(\"args\", args); }
        }
        class Helper { static int twice(int x) { return 2 * x; } static void only(int x) { Weiser.observe(\"x\", x); } }";
    for (entry, params, request, answer) in [
        ("Outer.get", 1, "0 - i3", "U(sum=3; h=6) ended"),
        ("Outer.get", 1, "0 - @1 i40 i3", "U(sum=43; h=6) ended"),
        ("Outer.hidden", 1, "0 - [2 i1 i2", "U(n=2) ended"),
        ("Outer.Inner.m", 1, "0 - [1 i5", "U(l=5) ended"),
        ("Outer.Shape.area", 0, "0 -", "U(c=class Outer.Kind) ended"),
        ("Kind.name2", 0, "0 -", "U(k=Outer.Kind.ROUND) ended"),
        ("Outer.Made.Made", 1, "0 - s61", "U(this=Outer.Made{s=\"a\"}) ended"),
        ("Outer.Base.<init>", 1, "0 - s61", "input(java.lang.InstantiationException)"),
        ("only", 1, "0 - i1", "U(x=1) ended"),
        ("Outer.main", 1, "0 - [1 s61", "U(args=[\"a\"]) ended"),
        ("Outer.nothing", 1, "0 -", "program 0 bad no method Outer.nothing with a body in the program"),
    ] {
        let Some(got) = seen(entry, params, program, request) else { return };
        assert_eq!(got, answer, "{entry}");
    }
    let got = seen("X.f", 0, "class X { void f() { int x = \"\"; } }", "").unwrap();
    assert_eq!(got, "program 0 bad 1:30: incompatible types: java.lang.String cannot be converted to int");
    let got = seen("X.f", 0, "class X { void f() { ", "").unwrap();
    assert_eq!(got, "program 0 bad 1:21: reached end of file while parsing");
}

#[test]
fn many_inputs_a_second() {
    let pure = "class M { static int f(int n, int[] a) { int s = 0; for (int x : a) s += x * n;
        Weiser.post(s != 1000003, \"s\", s, \"a\", a); return s; } }";
    let fresh = pure.replace("class M {", "class M { static int calls;");
    let Some(mut harness) = Harness::start("M.f", 2, &[pure, &fresh]) else { return };
    for program in 0..2 {
        let begin = Instant::now();
        for n in 0..2000 {
            let want = format!("T(s={}; a=[1, 2, 3]) ended", n * 6);
            assert_eq!(harness.ask(&format!("{program} - i{n} [3 i1 i2 i3")), want);
        }
        eprintln!("program {program}: {:.0} inputs a second", 2000.0 / begin.elapsed().as_secs_f64());
    }
}
