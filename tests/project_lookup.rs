//! Small projects, and what names in them mean.

use std::fmt::Write;
use std::path::Path;
use weiser::project::{Lookup, Options, Project, Query, Wanted};

/// A folder with files, each `(path, text)`.
struct Tree(tempfile::TempDir);

impl Tree {
    fn of(files: &[(&str, &str)]) -> Tree {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        Tree(folder)
    }

    fn open(&self) -> Project {
        self.open_with(&Options::default())
    }

    fn open_with(&self, options: &Options) -> Project {
        Project::open(self.0.path(), options, &|_, _| {}).unwrap().0
    }
}

/// `certainty: path:line kind qualified (reason), ...`; `!` where the arguments don't fit.
fn said(project: &Project, found: &Lookup) -> String {
    let mut out = format!("{:?}:", found.certainty).to_lowercase();
    for candidate in &found.candidates {
        let entry = project.index().file(candidate.definition.file);
        let definition = project.index().definition(candidate.definition);
        let text = std::fs::read_to_string(project.root().join(&entry.path)).unwrap();
        let line = text[..definition.span.start as usize].matches('\n').count() + 1;
        let fits = if candidate.fits { "" } else { "!" };
        let name = project.index().qualified(candidate.definition);
        let _ = write!(out, " {}:{line} {name}{fits} ({:?})", entry.path, candidate.reason);
    }
    for candidate in &found.declarations {
        let _ = write!(out, " declared in {}", project.index().file(candidate.definition.file).path);
    }
    out
}

struct Asked<'p> {
    project: &'p Project,
    query: Query<'p>,
}

fn from<'p>(project: &'p Project, path: &str, name: &'p str) -> Asked<'p> {
    let file = project.file_at(Path::new(path)).unwrap_or_else(|| panic!("{path} is in the project"));
    Asked { project, query: Query::new(name, Wanted::Callable, Some(file)) }
}

impl<'p> Asked<'p> {
    fn with(mut self, arguments: usize) -> Self {
        self.query.arguments = Some(arguments);
        self
    }

    fn on(mut self, receiver: &'p str) -> Self {
        self.query.receiver = Some(receiver);
        self
    }

    /// On an object: subclasses count.
    fn of_object(mut self) -> Self {
        self.query.dynamic = true;
        self
    }

    fn wanted(mut self, wanted: Wanted) -> Self {
        self.query.wanted = wanted;
        self
    }

    /// Standing behind the first occurrence of a text.
    fn at(mut self, text: &str) -> Self {
        let entry = self.project.index().file(self.query.from.unwrap());
        let source = std::fs::read_to_string(self.project.root().join(&entry.path)).unwrap();
        self.query.at = Some(source.find(text).unwrap() as u32);
        self
    }

    fn is(self, expected: &str) {
        assert_eq!(said(self.project, &self.project.find(&self.query)), expected, "{}", self.query.name);
    }
}

#[test]
fn c_statics_headers_and_prototypes() {
    let tree = Tree::of(&[
        (
            "shape.h",
            "int area(int w, int h);\n#define SIDES 4\nstruct shape { int w; };\ntypedef struct shape shape;\n",
        ),
        (
            "shape.c",
            "#include \"shape.h\"\nint area(int w, int h) { return w * h; }\nstatic int helper(void) { return 1; }\n",
        ),
        (
            "main.c",
            "#include \"shape.h\"\nstatic int helper(void) { return 2; }\nint main(void) { return area(1, 2) + helper(); }\n",
        ),
        (
            "other/tool.c",
            "static int area(int r) { return r; }\nint usage(void) { return 0; }\nint main(void) { return area(1); }\n",
        ),
        ("third/tool.c", "int usage(void) { return 1; }\nint stray(void) { return 1; }\n"),
    ]);
    let project = tree.open();
    from(&project, "main.c", "area").with(2).is("certain: shape.c:2 area (Declared) declared in shape.h");
    from(&project, "main.c", "helper").is("certain: main.c:2 helper (SameFile)");
    from(&project, "other/tool.c", "area").is("certain: other/tool.c:1 area (SameFile) shape.c:2 area (Elsewhere)");
    from(&project, "main.c", "area").with(1).is("likely: shape.c:2 area! (Declared) declared in shape.h");
    // Nothing declares these here: the library may have one, too.
    from(&project, "main.c", "stray").is("likely: third/tool.c:2 stray (Elsewhere)");
    from(&project, "main.c", "usage").is("open: other/tool.c:2 usage (Elsewhere) third/tool.c:1 usage (Elsewhere)");
    from(&project, "third/tool.c", "usage")
        .is("certain: third/tool.c:1 usage (SameFile) other/tool.c:2 usage (Elsewhere)");
    from(&project, "main.c", "nothing").is("open:");
    from(&project, "main.c", "SIDES").wanted(Wanted::Macro).is("certain: shape.h:2 SIDES (Included)");
    from(&project, "other/tool.c", "SIDES").wanted(Wanted::Macro).is("open:");
    from(&project, "main.c", "shape")
        .wanted(Wanted::Type)
        .is("certain: shape.h:3 shape (Included) shape.h:4 shape (Included)");
}

#[test]
fn c_a_macro_in_front_of_a_function() {
    let tree = Tree::of(&[
        ("a.h", "#define twice(x) ((x) + (x))\n"),
        ("a.c", "#include \"a.h\"\nint (twice)(int x) { return 2 * x; }\nint f(void) { return twice(1); }\n"),
        ("b.c", "#ifdef FAST\nint g(void) { return 1; }\n#else\nint g(void) { return 2; }\n#endif\n"),
    ]);
    let project = tree.open();
    from(&project, "a.c", "twice").with(1).is("open: a.c:2 twice (SameFile) a.h:1 twice (Included)");
    from(&project, "b.c", "g").is("open: b.c:2 g (SameFile) b.c:4 g (SameFile)");
}

#[test]
fn c_include_paths() {
    let files = [
        (
            "src/a.c",
            "#include <lib/deep.h>\n#include \"near.h\"\n#include <stdio.h>\nint a(void) { return deep() + NEAR; }\n",
        ),
        ("src/near.h", "#define NEAR 1\n"),
        ("other/near.h", "#define NEAR 2\n"),
        ("one/include/lib/deep.h", "int deep(void);\n"),
        ("one/deep.c", "int deep(void) { return 1; }\n"),
    ];
    // Found by its last folders only: that is a guess, and so is what rests on it.
    let tree = Tree::of(&files);
    from(&tree.open(), "src/a.c", "deep").is("likely: one/deep.c:1 deep (Declared) declared in one/include/lib/deep.h");
    from(&tree.open(), "src/a.c", "NEAR").wanted(Wanted::Macro).is("certain: src/near.h:1 NEAR (Included)");
    let options = Options { include_paths: vec![tree.0.path().join("one/include")], ..Options::default() };
    let certain = "certain: one/deep.c:1 deep (Declared) declared in one/include/lib/deep.h";
    from(&tree.open_with(&options), "src/a.c", "deep").is(certain);

    for entry in [
        r#"{"directory": "DIR/build", "file": "../src/a.c", "command": "cc -I../one/include -c ../src/a.c"}"#,
        r#"{"directory": "DIR", "file": "src/a.c", "arguments": ["cc", "-I", "one/include", "src/a.c"]}"#,
    ] {
        let tree = Tree::of(&files);
        let root = tree.0.path().canonicalize().unwrap().display().to_string();
        std::fs::write(tree.0.path().join("compile_commands.json"), format!("[{}]", entry.replace("DIR", &root)))
            .unwrap();
        from(&tree.open(), "src/a.c", "deep").is(certain);
    }
}

#[test]
fn c_includes_may_go_in_circles() {
    let tree = Tree::of(&[
        ("a.h", "#include \"b.h\"\nint a;\n"),
        ("b.h", "#include \"a.h\"\n#include \"../../../etc/x.h\"\n#include \"b.h\"\nint b;\n"),
        ("c.c", "#include \"a.h\"\n"),
    ]);
    let project = tree.open();
    let paths = |files: Vec<weiser::project::FileId>| {
        files.iter().map(|f| project.index().file(*f).path.clone()).collect::<Vec<_>>()
    };
    let file = |path: &str| project.file_at(Path::new(path)).unwrap();
    assert_eq!(paths(project.included(file("c.c"))), ["c.c", "a.h", "b.h"]);
    assert_eq!(paths(project.includers(file("b.h"))), ["a.h", "c.c"]);
    assert_eq!(paths(project.mentions("b").to_vec()), ["a.h", "b.h"]);
}

#[test]
fn python_imports() {
    let tree = Tree::of(&[
        ("app/__init__.py", ""),
        (
            "app/main.py",
            "from .util.text import trim as cut\nfrom . import store\nimport app.util.text as t\nimport lone\nfrom app.api import passed\nfrom os import path\n\ndef run():\n    def inner(): pass\n    inner()\n    return cut('x'), store.save(1), t.trim('y'), lone.go(), passed()\n",
        ),
        ("app/store.py", "def save(x, y=0): return x\n"),
        ("app/util/__init__.py", ""),
        ("app/util/text.py", "def trim(s): return s\ndef cut(s): return s\n"),
        ("app/api/__init__.py", "from .impl import *\n"),
        ("app/api/impl.py", "from ..util.text import trim as passed\n"),
        ("app/lone.py", "def go(): pass\n"),
        ("lone.py", "def go(): pass\n"),
        ("star.py", "from app.util.text import *\nfrom elsewhere import *\n"),
        ("local.py", "try:\n    def f(): pass\nexcept ImportError:\n    def f(): pass\n"),
    ]);
    let project = tree.open();
    from(&project, "app/main.py", "cut")
        .is("certain: app/util/text.py:1 trim (Imported) app/util/text.py:2 cut (Elsewhere)");
    from(&project, "app/main.py", "save").on("store").with(1).is("certain: app/store.py:1 save (Imported)");
    from(&project, "app/main.py", "save").on("store").with(3).is("likely: app/store.py:1 save! (Imported)");
    from(&project, "app/main.py", "trim").on("t").is("certain: app/util/text.py:1 trim (Imported)");
    // The module beside the package comes before one inside it.
    from(&project, "app/main.py", "go").on("lone").is("certain: lone.py:1 go (Imported)");
    from(&project, "app/main.py", "passed").is("certain: app/util/text.py:1 trim (Imported)");
    from(&project, "app/main.py", "join").on("path").is("open:");
    from(&project, "app/main.py", "inner").at("inner()\n").is("certain: app/main.py:9 run.inner (SameFile)");
    from(&project, "app/main.py", "inner").at("from").is("open:");
    from(&project, "star.py", "trim").is("certain: app/util/text.py:1 trim (ImportedAll)");
    from(&project, "local.py", "f").is("open: local.py:2 f (SameFile) local.py:4 f (SameFile)");
}

#[test]
fn python_classes() {
    let tree = Tree::of(&[
        ("base.py", "class Base:\n    def step(self, n): return n\n    def once(self): return self.step(1)\n"),
        (
            "sub.py",
            "from base import Base\nclass Sub(Base):\n    def step(self, n): return super().step(n) + 1\nclass Far(Unknown):\n    def near(self): return self.off()\n",
        ),
        ("use.py", "from sub import Sub\nimport sub\nx = Sub().once()\n"),
    ]);
    let project = tree.open();
    from(&project, "base.py", "step").on("self").at("self.step(1)").with(1).is("certain: base.py:2 Base.step (Member)");
    from(&project, "base.py", "step")
        .on("self")
        .at("self.step(1)")
        .of_object()
        .is("open: base.py:2 Base.step (Member) sub.py:3 Sub.step (Override)");
    from(&project, "sub.py", "step").on("super()").at("super()").is("certain: base.py:2 Base.step (Inherited)");
    from(&project, "use.py", "once").on("Sub").is("certain: base.py:3 Base.once (Inherited)");
    from(&project, "use.py", "step").on("sub.Sub").is("certain: sub.py:3 Sub.step (Member)");
    from(&project, "use.py", "step").on("").is("open: sub.py:3 Sub.step (Imported) base.py:2 Base.step (SameFolder)");
    from(&project, "use.py", "once").on("").is("likely: base.py:3 Base.once (SameFolder)");
    from(&project, "sub.py", "off").on("self").at("self.off").is("open:");
    from(&project, "use.py", "Sub").is("certain: sub.py:2 Sub (Imported)");
    let sub = project.find(&from(&project, "use.py", "Sub").query).certain().unwrap();
    assert_eq!(project.members(sub).len(), 1);
    let base = project.bases(sub).0[0];
    assert_eq!(project.index().qualified(base), "Base");
    assert_eq!(project.derived(base), [sub]);
}

#[test]
fn java_packages() {
    let tree = Tree::of(&[
        (
            "src/shop/Cart.java",
            "package shop;\nimport tax.Rate;\nimport static tax.Tools.round;\nclass Cart extends Basket {\n  int total() { return Rate.of(1) + round(2) + size() + help(1) + new Line().sum(); }\n  int help(int a) { return a; }\n  int help(int a, int b) { return b; }\n  static class Part { int f() { return help(1); } }\n}\n",
        ),
        (
            "src/shop/Basket.java",
            "package shop;\nabstract class Basket {\n  int size() { return 0; }\n  abstract int weight();\n}\n",
        ),
        ("src/shop/Line.java", "package shop;\nclass Line { int sum() { return 1; } }\n"),
        ("src/tax/Rate.java", "package tax;\npublic class Rate { public static int of(int x) { return x; } }\n"),
        ("src/tax/Line.java", "package tax;\npublic class Line { int sum() { return 2; } }\n"),
        ("src/tax/Tools.java", "package tax;\npublic class Tools { public static int round(int x) { return x; } }\n"),
        (
            "src/other/All.java",
            "package other;\nimport tax.*;\nclass All { int go() { return new Line().sum() + shop.Cart.help(1); } }\n",
        ),
        ("src/other/None.java", "package other;\nclass None { Rate r; }\n"),
        ("plain/A.java", "class A { int f() { return 1; } }\n"),
        ("plain2/A.java", "class A { int f() { return 2; } }\n"),
        ("plain2/B.java", "class B { int g() { return new A().f(); } }\n"),
    ]);
    let project = tree.open();
    let cart = "src/shop/Cart.java";
    from(&project, cart, "of").on("Rate").with(1).is("certain: src/tax/Rate.java:2 Rate.of (Member)");
    from(&project, cart, "round").at("round(2)").is("certain: src/tax/Tools.java:2 Tools.round (Imported)");
    from(&project, cart, "size").at("size()").is("certain: src/shop/Basket.java:3 Basket.size (Inherited)");
    from(&project, cart, "help")
        .at("help(1) +")
        .with(1)
        .is("certain: src/shop/Cart.java:6 Cart.help (Member) src/shop/Cart.java:7 Cart.help! (Member)");
    from(&project, cart, "help")
        .at("help(1); } }")
        .with(2)
        .is("certain: src/shop/Cart.java:7 Cart.help (Member) src/shop/Cart.java:6 Cart.help! (Member)");
    from(&project, cart, "sum").on("Line").is("certain: src/shop/Line.java:2 Line.sum (Member)");
    from(&project, "src/other/All.java", "sum").on("Line").is("certain: src/tax/Line.java:2 Line.sum (Member)");
    from(&project, "src/other/All.java", "help")
        .on("shop.Cart")
        .with(1)
        .is("certain: src/shop/Cart.java:6 Cart.help (Member) src/shop/Cart.java:7 Cart.help! (Member)");
    from(&project, "src/other/None.java", "Rate")
        .wanted(Wanted::Type)
        .is("likely: src/tax/Rate.java:2 Rate (Elsewhere)");
    from(&project, "plain2/B.java", "f").on("A").is("certain: plain2/A.java:1 A.f (Member)");
    from(&project, cart, "weight").on("this").at("help(1) +").is("open: declared in src/shop/Basket.java");
    from(&project, cart, "Line")
        .wanted(Wanted::Type)
        .is("certain: src/shop/Line.java:2 Line (SamePackage) src/tax/Line.java:2 Line (Elsewhere)");
}
