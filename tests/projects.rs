//! Triples over several files: what slices of small projects look like, that they do what the programs do, and what is not
//! linked. Each folder under `tests/projects/` is a project; its snapshot stands beside the other snapshots.

mod generator;

use generator::{Lang, runs};
use std::fmt::Write;
use std::path::Path;
use weiser::link::link;
use weiser::pipeline::{FileAnalysis, Options, analyze_source, fidelity};
use weiser::project::{self, Project};
use weiser::run::fidelity::Plan;
use weiser::slice::Slicing;
use weiser::spec::Request;
use weiser::syntax;
use weiser::text::{SourceFile, spot};

fn open(folder: &Path) -> Project {
    Project::open(folder, &project::Options::default(), &|_, _| {}).expect("a folder").0
}

fn request() -> Request {
    Request { across: true, ..Request::default() }
}

/// Every file of a project with a triple, linked, and what is said of it.
fn linked(project: &Project) -> Vec<(SourceFile, Vec<String>)> {
    let mut out = Vec::new();
    for (file, entry) in project.index().files() {
        let linked = link(project, file, &entry.path, &request(), 8).expect("it is there");
        let notes = linked.notes.iter().map(|n| format!("{}:{}: {}", entry.path, n.line, n.message)).collect();
        out.push((linked.source, notes));
    }
    out
}

fn analyzed(source: &SourceFile, options: &Options) -> Option<FileAnalysis> {
    let language = syntax::for_path(Path::new(&source.path)).expect("a known language");
    analyze_source(source.clone(), language, &request(), options).ok()
}

fn shown(project: &Project, options: &Options) -> String {
    let mut out = String::new();
    for (source, notes) in linked(project) {
        notes.iter().for_each(|note| writeln!(out, "{note}").expect("a string"));
        let Some(file) = analyzed(&source, options) else { continue };
        for triple in &file.triples {
            let place = spot(&triple.parts, triple.post_line);
            writeln!(out, "=== {}: {} at {place}", file.path, triple.post.text).expect("a string");
            for (pre, line) in &triple.pre {
                writeln!(out, "P {} at {}", pre.text, spot(&triple.parts, *line)).expect("a string");
            }
            for slice in &triple.slices {
                writeln!(out, "--- {} tokens", slice.tokens).expect("a string");
                out.push_str(&slice.rendered.text);
            }
        }
    }
    out
}

/// Runs a linked file beside its slices; what parts, as text, and how many inputs came to Q.
fn parted(source: &SourceFile, request: &Request, inputs: usize) -> (String, usize) {
    let language = syntax::for_path(Path::new(&source.path)).expect("a known language");
    let plan = Plan { inputs, most: inputs * 20, told: 1 };
    let mut wrong = String::new();
    let mut reached = 0;
    let Ok((file, tested)) = fidelity(source.clone(), language, request, &Options::default(), &plan, &mut |_| ())
    else {
        return (wrong, reached);
    };
    for (triple, tested) in file.triples.iter().zip(tested) {
        let result = match tested.result {
            Ok(result) => result,
            Err(error) => {
                writeln!(wrong, "{}: {error}\n{}", triple.post.text, source.text).expect("a string");
                continue;
            }
        };
        reached += result.reached;
        for (slice, why) in &result.broken {
            let text = &triple.slices[*slice].rendered.text;
            writeln!(wrong, "a slice can't be run: {why}\n{text}").expect("a string");
        }
        for mismatch in [&result.missed, &result.spurious] {
            for m in &mismatch.told {
                let slice = m.slice.map_or("", |s| triple.slices[s].rendered.text.as_str());
                writeln!(wrong, "{:?} {:?} {:?}\n{slice}\n---\n{}", m.input, m.original, m.slices, source.text)
                    .expect("a string");
            }
        }
    }
    (wrong, reached)
}

fn folders() -> Vec<std::path::PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/projects");
    let entries = std::fs::read_dir(root).expect("it is there");
    let mut folders: Vec<_> = entries.map(|e| e.expect("readable").path()).collect();
    folders.sort();
    folders
}

#[test]
fn slices_of_projects() {
    for folder in folders() {
        let name = folder.file_name().expect("a name").to_string_lossy().into_owned();
        let project = open(&folder);
        insta::assert_snapshot!(format!("project_{name}"), shown(&project, &Options::default()));
        let lean = Options { slicing: Slicing::Lean, ..Options::default() };
        insta::assert_snapshot!(format!("project_{name}_lean"), shown(&project, &lean));
    }
}

#[test]
fn slices_of_projects_do_what_the_programs_do() {
    let mut reached = 0;
    for folder in folders() {
        let project = open(&folder);
        for (source, _) in linked(&project) {
            let extension = source.path.rsplit('.').next().unwrap_or_default();
            if !runs(extension) {
                continue;
            }
            let (wrong, more) = parted(&source, &request(), 60);
            assert!(wrong.is_empty(), "{}: {wrong}", source.path);
            reached += more;
        }
    }
    println!("{reached} inputs came to Q");
}

/// A project in a folder of its own.
fn tree(files: &[(&str, &str)]) -> (tempfile::TempDir, Project) {
    let folder = tempfile::tempdir().expect("a folder");
    for (path, text) in files {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("writable");
        std::fs::write(path, text).expect("writable");
    }
    let project = open(folder.path());
    (folder, project)
}

/// What is said about linking a project's first file, and the text that comes behind it.
fn behind(files: &[(&str, &str)]) -> (Vec<String>, String) {
    let (_folder, project) = tree(files);
    let file = project.file_at(Path::new(files[0].0)).expect("a file of the project");
    let linked = link(&project, file, files[0].0, &request(), 8).expect("it is there");
    let own = linked.source.linkage.as_ref().map_or(linked.source.text.len(), |l| l.own as usize);
    let notes = linked.notes.iter().map(|n| n.message.clone()).collect();
    (notes, linked.source.text[own..].to_owned())
}

/// Two variables of one name can't stand in one text; what needs the second is a call without source, and that is said.
#[test]
fn what_would_mean_something_else_is_not_linked() {
    let main = "#include \"b.h\"\nstatic int count = 3;\nint f(int x) {\n    count += g(x) + h(x);\n    // POST: count > 0\n    return 0;\n}\n";
    let b = "#include \"b.h\"\nstatic int count;\nint g(int x) { return count++ + x; }\nint h(int x) { return x; }\n";
    let (notes, text) = behind(&[("a.c", main), ("b.h", "int g(int x);\nint h(int x);\n"), ("b.c", b)]);
    assert_eq!(notes.len(), 1, "{notes:?}");
    assert!(notes[0].starts_with("`g` of b.c is not shown") && notes[0].contains("`count`"), "{notes:?}");
    assert!(text.contains("int h(int x) { return x; }") && !text.contains("count++"), "{text}");

    // The same with a macro, and with a function of the file that another file means otherwise.
    let main = "#include \"b.h\"\n#define N 3\nstatic int k(int x) { return x; }\nint f(int x) {\n    x += g(x) + h(x) + N + k(x);\n    // POST: x > 0\n    return x;\n}\n";
    let b = "#include \"b.h\"\n#define N 4\nextern int k(int);\nint g(int x) { return x + N; }\nint h(int x) { return k(x); }\n";
    let c = "int k(int x) { return -x; }\n";
    let (notes, text) = behind(&[("a.c", main), ("b.h", "int g(int x);\nint h(int x);\n"), ("b.c", b), ("c.c", c)]);
    assert_eq!(notes.len(), 2, "{notes:?}");
    assert!(!text.contains("x + N") && !text.contains("return k(x)"), "{text}");
}

/// A function of the program that isn't shown may change what files share.
#[test]
fn a_function_that_is_not_linked_may_change_globals() {
    let main = "#include \"b.h\"\nstatic int count = 3;\nint f(int x) {\n    mode = 1;\n    g(x);\n    puts(\"f\");\n    int r = mode + count;\n    // POST: r > 0\n    return r;\n}\n";
    let b = "#include \"b.h\"\nint mode;\nstatic int count;\nint g(int x) { mode = x; return count++; }\n";
    let (_folder, project) = tree(&[("a.c", main), ("b.h", "extern int mode;\nint g(int x);\n"), ("b.c", b)]);
    let file = project.file_at(Path::new("a.c")).expect("a file of the project");
    let linked = link(&project, file, "a.c", &request(), 8).expect("it is there");
    let analysis = analyzed(&linked.source, &Options::default()).expect("a triple");
    let text = &analysis.triples[0].slices[0].rendered.text;
    assert!(text.contains("g(x);") && !text.contains("puts"), "{text}");
}

/// The slices of the only triple of `A.java`, with another class in `B.java`, and `C.java`.
fn of_java(a: &str, b: &str, c: &str) -> Vec<String> {
    let (_folder, project) = tree(&[("A.java", a), ("B.java", b), ("C.java", c)]);
    let file = project.file_at(Path::new("A.java")).expect("a file of the project");
    let linked = link(&project, file, "A.java", &request(), 8).expect("it is there");
    let analysis = analyzed(&linked.source, &Options::default()).expect("a triple");
    analysis.triples[0].slices.iter().map(|s| s.rendered.text.clone()).collect()
}

/// An object may be one of a class that another file builds on its own; then its methods are not certain.
#[test]
fn methods_that_another_class_may_replace_are_not_followed() {
    let b = "class B {\n    int take(int v) {\n        if (v > 3) {\n            return 3;\n        }\n        return v;\n    }\n}\n";
    let given = "class A {\n    static int f(B b, int v) {\n        int r = b.take(v);\n        // POST: r <= 3\n        return r;\n    }\n}\n";
    let alone = "class C {\n    int take(int v) {\n        return 9;\n    }\n}\n";
    let slices = of_java(given, b, &alone.replace("take", "give"));
    assert!(slices.iter().any(|s| s.contains("assume(v > 3)")), "{slices:#?}");
    let slices = of_java(given, b, &alone.replace("class C", "class C extends B"));
    assert!(slices.iter().all(|s| s.contains("if (v > 3)")), "{slices:#?}");

    // The same of its own methods.
    let own = "class A {\n    int take(int v) {\n        if (v > 3) {\n            return 3;\n        }\n        return v;\n    }\n    int f(int v) {\n        int r = take(v);\n        // POST: r <= 3\n        return r;\n    }\n}\n";
    let slices = of_java(own, b, &alone.replace("class C", "class C extends B"));
    assert!(slices.iter().any(|s| s.contains("assume(v > 3)")), "{slices:#?}");
    let slices = of_java(own, b, &alone.replace("class C", "class C extends A"));
    assert!(slices.iter().all(|s| s.contains("if (v > 3)")), "{slices:#?}");
}

/// `from m import count` is a copy: what sets the module's variable doesn't set it.
#[test]
fn a_variable_that_an_import_copies_is_not_linked() {
    let main = "from m import count, bump, LIMIT\n\n\ndef f(n):\n    bump(n)\n    r = count + LIMIT\n    # POST: r == 0\n    return r\n";
    let m = "count = 0\nLIMIT = 3\n\n\ndef bump(n):\n    global count\n    count += n\n";
    let (notes, text) = behind(&[("a.py", main), ("m.py", m)]);
    assert!(text.contains("LIMIT = 3") && !text.contains("count"), "{text}");
    assert!(notes.iter().any(|n| n.starts_with("`bump` of m.py is not shown")), "{notes:?}");

    // A variable that is set through its module.
    let main = "import m\n\n\ndef f(n):\n    m.count = n\n    r = m.get()\n    # POST: r == 0\n    return r\n";
    let m = "count = 0\n\n\ndef get():\n    return count\n";
    let (notes, text) = behind(&[("a.py", main), ("m.py", m)]);
    assert!(!text.contains("return count"), "{text}");
    assert!(notes.iter().any(|n| n.starts_with("`get` of m.py is not shown")), "{notes:?}");
}

#[test]
fn names_of_imports_are_followed_where_they_are_the_names_themselves() {
    let main =
        "from m import g as h\nimport m\n\n\ndef f(n):\n    r = h(n) + m.k(n)\n    # POST: r == 0\n    return r\n";
    let m = "import math\n\n\ndef g(n):\n    return n\n\n\ndef k(n):\n    return math.floor(n)\n";
    let (_, text) = behind(&[("a.py", main), ("m.py", m)]);
    assert_eq!(text, "import math\ndef k(n):\n    return math.floor(n)\n");
}

#[test]
fn classes_of_one_name_are_not_linked_twice() {
    let main = "package p;\nimport q.Util;\nclass A {\n    static int f(int x) {\n        int r = Util.g(x) + B.h(x);\n        // POST: r > 0\n        return r;\n    }\n}\n";
    let util = "package q;\npublic class Util {\n    public static int g(int x) { return x; }\n}\n";
    let other = "package p;\nclass B {\n    static int h(int x) { return new r.Util(x).get(); }\n}\n";
    let third = "package r;\npublic class Util {\n    public Util(int x) { }\n    public int get() { return 1; }\n}\n";
    let files = [("p/A.java", main), ("q/Util.java", util), ("p/B.java", other), ("r/Util.java", third)];
    let (_, text) = behind(&files);
    assert!(text.contains("class Util {\n    public static int g"), "{text}");
    assert_eq!(text.matches("class Util").count(), 1, "{text}");
}

/// A POST without PRE is asked about from the file whose PRE leads to it, and only from there.
#[test]
fn a_post_is_asked_about_from_the_file_of_its_pre() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/projects/list");
    let said = |paths: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_weiser"));
        command.arg("slices").args(paths).arg("-q").current_dir(&folder).env("WEISER_INDEX_CACHE", "off");
        String::from_utf8(command.output().expect("it runs").stdout).expect("text")
    };
    let heads = |text: &str| -> Vec<String> {
        text.lines().map(|l| l.split("  ").take(2).collect::<Vec<_>>().join(" ")).collect()
    };
    assert_eq!(heads(&said(&["."])), ["list.c:5 fill", "other.c:7 newest"]);
    assert_eq!(heads(&said(&["list.c"])), ["list.c:5 put"]);
    assert_eq!(heads(&said(&["app.c", "--project", "."])), ["list.c:5 fill"]);
    assert_eq!(heads(&said(&[".", "--no-project"])), ["list.c:5 put", "other.c:7 newest"]);
}

/// A slice names files as their project does: what is asked, and kept under its hash, doesn't hang on how files are written.
#[test]
fn slices_are_the_same_from_wherever_weiser_is_called() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/projects");
    let texts = |folder: &Path, args: &[&str]| -> Vec<String> {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_weiser"));
        command
            .arg("slices")
            .args(args)
            .args(["--format", "json"])
            .current_dir(folder)
            .env("WEISER_INDEX_CACHE", "off");
        let output = command.output().expect("it runs").stdout;
        let document: serde_json::Value = serde_json::from_slice(&output).expect("JSON");
        let triples = document["files"].as_array().expect("files").iter().flat_map(|f| f["triples"].as_array());
        let slices = triples.flatten().flat_map(|t| t["slices"].as_array()).flatten();
        slices.map(|s| s["text"].as_str().expect("text").to_owned()).collect()
    };
    let here = texts(&root.join("list"), &["."]);
    assert!(here.iter().any(|text| text.contains("// file: list.c")), "{here:?}");
    assert_eq!(here, texts(&root, &["list"]));
    let whole = root.join("list").display().to_string();
    assert_eq!(here, texts(Path::new("/"), &[&whole]));
    let app = texts(&root, &["list/app.c", "--project", "list"]);
    assert!(!app.is_empty() && app.iter().all(|text| here.contains(text)), "{app:?}");
}

/// A function of another file that can't be cut and is too large to be shown beside keeps the triple from being said to hold.
#[test]
fn what_is_too_large_to_be_shown_is_a_limit() {
    let main = "#include \"b.h\"\nint f(int x) {\n    int r = g(x);\n    // POST: r >= 0\n    return r;\n}\n";
    let rows: String = (0..120).map(|i| format!("    if (x == {i})\n        return g(x + {i});\n")).collect();
    for (rows, limited) in [(rows.as_str(), true), ("    if (x > 9)\n        return g(x / 2);\n", false)] {
        let b = format!("#include \"b.h\"\nint g(int x) {{\n{rows}    return x;\n}}\n");
        let (_folder, project) = tree(&[("a.c", main), ("b.h", "int g(int x);\n"), ("b.c", &b)]);
        let file = project.file_at(Path::new("a.c")).expect("a file of the project");
        let linked = link(&project, file, "a.c", &request(), 8).expect("it is there");
        let analysis = analyzed(&linked.source, &Options::default()).expect("a triple");
        let said = "called and too large to be shown whole: `g`".to_owned();
        assert_eq!(analysis.triples[0].limits, if limited { vec![said] } else { vec![] });
        assert_eq!(analysis.triples[0].slices[0].rendered.text.contains("int g(int x) {"), !limited);
        let (wrong, reached) = parted(&linked.source, &request(), 20);
        assert!(wrong.is_empty() && (reached > 0 || !runs("c")), "{wrong}");
    }
}

/// What a function relies on and promises is its own triple, wherever it is called from.
#[test]
fn a_contract_stays_with_its_function() {
    let main = "#include \"b.h\"\nint f(int x) {\n    // PRE: x > 1\n    int r = g(x);\n    // POST: r > 1\n    return r;\n}\n";
    let b = "#include \"b.h\"\nint g(int x) {\n    // PRE: x > 0\n    int y = x + 1;\n    // POST: y > 1\n    return y;\n}\n";
    let (_folder, project) = tree(&[("a.c", main), ("b.h", "int g(int x);\n"), ("b.c", b)]);
    let asked = |path: &str| {
        let file = project.file_at(Path::new(path)).expect("a file of the project");
        let linked = link(&project, file, path, &request(), 8).expect("it is there");
        let analysis = analyzed(&linked.source, &Options::default()).expect("a triple");
        analysis.triples.iter().map(|t| (t.function.clone(), t.pre.len())).collect::<Vec<_>>()
    };
    assert_eq!(asked("a.c"), [("f".into(), 1)]);
    assert_eq!(asked("b.c"), [("g".into(), 1)]);
}

/// Random programs of several functions, all but the entry in a file of their own.
#[test]
fn random_programs_in_two_files() {
    if !runs("c") {
        return;
    }
    let number =
        |variable: &str, default: u64| std::env::var(variable).ok().and_then(|n| n.parse().ok()).unwrap_or(default);
    let (first, programs) = (number("WEISER_SEED", 0), number("WEISER_PROGRAMS", 6));
    let (mut reached, mut split) = (0, 0);
    let mut wrong = String::new();
    for seed in first..first + programs {
        let program = generator::across::program(Lang::C, seed);
        let Some(files) = in_two_files(&program.text, &program.entry) else { continue };
        let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
        let (_folder, project) = tree(&files);
        let file = project.file_at(Path::new("main.c")).expect("a file of the project");
        let request = Request { entry: Some(program.entry.clone()), ..request() };
        let linked = link(&project, file, "main.c", &request, 8).expect("it is there");
        let (more, came) = parted(&linked.source, &request, 40);
        if !more.is_empty() {
            writeln!(wrong, "seed {seed}: {more}").expect("a string");
        }
        reached += came;
        split += 1;
    }
    println!("{split} programs, {reached} inputs came to Q");
    assert!(wrong.is_empty(), "{wrong}");
}

/// A C program as a header, the entry's file and one with all else.
fn in_two_files(text: &str, entry: &str) -> Option<[(&'static str, String); 3]> {
    use weiser::syntax::ast::DeclKind;
    let language = syntax::by_name("c")?;
    let parsed = syntax::parse("p.c", text.to_owned(), language);
    let (mut header, mut library, mut main) = (String::new(), String::from("#include \"lib.h\"\n"), String::new());
    main.push_str("#include \"lib.h\"\n");
    for decl in &parsed.ast.decls {
        if decl.within.is_some() || decl.kind == DeclKind::Prototype {
            continue;
        }
        let said = parsed.source.slice(decl.span);
        match (decl.kind, decl.function) {
            (DeclKind::Function, Some(f)) => {
                let function = parsed.ast.function(f);
                // With the comment lines above it, which may be conditions.
                let above = text[..decl.span.start as usize].rfind("\n\n").map_or(0, |at| at + 2);
                let said = &text[above.min(decl.span.start as usize)..decl.span.end as usize];
                if function.name == entry {
                    main.push_str(said);
                    main.push('\n');
                } else {
                    let head = parsed.source.slice(function.head).trim_start_matches("static ").trim_end();
                    writeln!(header, "{head};").ok()?;
                    library.push_str(said.trim_start_matches("static "));
                    library.push('\n');
                }
            }
            (DeclKind::Variable, _) => {
                let said = said.trim_start_matches("static ");
                let bare = said.split('=').next().unwrap_or(said).trim_end().trim_end_matches(';');
                writeln!(header, "extern {bare};").ok()?;
                writeln!(library, "{said}").ok()?;
            }
            _ => writeln!(header, "{}", said.trim_end()).ok()?,
        }
    }
    let [header, library, main] = [header, library, main].map(|text| text.replace("static int ", "int "));
    Some([("main.c", main), ("lib.h", header), ("lib.c", library)])
}
