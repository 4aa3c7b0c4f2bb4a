//! What statements and declarations become.

use super::*;
use crate::syntax::ast::*;
use insta::assert_snapshot;

#[test]
fn an_else_if_chain_in_each_language() {
    assert_snapshot!(dump("c", "void f(int x) { if (x) g(); else if (y) { } else h(); }"), @r"
    fn f(x: int!): void
      if x bare
        (call g)
      else chain
        if y
          empty
        else bare
          (call h)
    ");
    assert_snapshot!(dump("python", "def f(x):\n  if x: g()\n  elif y:\n    pass\n  else:\n    h()\n"), @r"
    fn f(x)
      if x
        (call g)
      else chain
        if y
          empty
        else
          (call h)
    ");
}

#[test]
fn a_chain_keeps_its_heads() {
    let text = "def f(x):\n  if x: g()\n  elif (y) :\n    pass\n  else :\n    h()\n";
    let parsed = read("python", text);
    let ifs: Vec<&If> =
        parsed.ast.stmts.iter().filter_map(|s| if let StmtKind::If(i) = &s.kind { Some(i) } else { None }).collect();
    let shown = |span: Span| parsed.source.slice(span).to_string();
    assert_eq!(ifs.iter().map(|i| shown(i.head)).collect::<Vec<_>>(), ["elif (y) :", "if x:"]);
    assert_eq!(ifs.iter().map(|i| shown(i.keyword)).collect::<Vec<_>>(), ["elif", "if"]);
    assert_eq!(ifs.iter().map(|i| shown(i.else_head)).collect::<Vec<_>>(), ["else :", ""]);
    assert_eq!(shown(parsed.ast.expr(ifs[0].cond).span), "y");
}

#[test]
fn labels_without_statements_are_one_arm() {
    let text = "void f(int x) { switch (x) { int z; case 1: case 'b': y = 1; { y = 2; } case 3: default: } }";
    assert_snapshot!(dump("c", text), @r"
    fn f(x: int!): void
      switch x falls
        case group
          decl z: int!
        case 1 'b' == group
          (= y <- 1)
          block
            (= y <- 2)
        case 3 default == group
          empty
    ");
}

#[test]
fn a_label_that_is_not_understood_makes_the_switch_opaque() {
    assert_snapshot!(dump("c", "void f(int x) { switch (x) { case 1 ... 5: y = 2; } z = 1; }"), @r"
    fn f(x: int!): void
      opaque x y
      (= z <- 1)
    ! not understood: taken as text that touches every name in it
    ");
}

#[test]
fn an_empty_body_has_a_statement_before_its_end() {
    let text = "void f(void) { /* nothing */ }";
    let parsed = read("c", text);
    let body = &parsed.ast.functions[0].body;
    let span = parsed.ast.stmt(body.stmts[0]).span;
    assert!(span.is_empty() && span.start as usize == text.len() - 1, "{span:?}");
}

#[test]
fn text_that_is_not_understood_is_opaque_and_said() {
    let text = "int f(int x) {\n  x = 1;\n  std::vector<int> v(x);\n  return x;\n}\n";
    assert_snapshot!(dump("c", text), @r"
    fn f(x: int!): int!
      (= x <- 1)
      opaque std vector int v x
      return x
    ! not understood: taken as text that touches every name in it
    ");
}

#[test]
fn a_missing_terminator_is_said_and_the_statement_stays() {
    assert_snapshot!(dump("java", "class A { int f() { int a = 1\n return a; } }"), @r"
    fn A.f(): int! must-return
      decl a: int! = 1
      return a
    ! `;` is missing here
    ");
}

#[test]
fn a_macro_that_loops_is_opaque_together_with_its_block() {
    assert_snapshot!(dump("c", "void f(int x) { for_each(e, list) { x += e; } }"), @r"
    fn f(x: int!): void
      opaque for_each e list x e
    ! not understood: taken as text that touches every name in it
    ");
}

#[test]
fn functions_that_never_return() {
    let text = "void die(void) __attribute__((noreturn));\nvoid f(void) { die(); exit(1); x.exit(2); }\n";
    assert_snapshot!(dump("c", text), @r"
    fn f(): void
      exit (call die)
      exit (call exit 1)
      (call x.exit 2)
    ");
    assert_snapshot!(dump("java", "class A { void f() { System.exit(1); exit(2); } }"), @r"
    fn A.f(): void
      exit (call System->exit 1)
      (call exit 2)
    ");
}

#[test]
fn what_can_be_stripped_of_its_initialiser() {
    let text = "void f(void) { const int a = 1; const char *b = 0; char *const c = 0; int d[] = {1}, e[2] = {0}; static int g = 2; }";
    assert_snapshot!(dump("c", text), @r"
    fn f(): void
      decl a: int! = 1 fixed
      decl b: char* = 0
      decl c: char* = 0 fixed
      decl d: int[] = (seq 1) fixed e: int[] 2 = (seq 0)
      persistent decl g: int! = 2
    ");
}

#[test]
fn a_script_is_a_function_of_its_own() {
    assert_snapshot!(dump("python", "import os\ndef f():\n  def g(): pass\nclass A:\n  def m(self): pass\nprint(1)\n"), @r"
    fn f()
      def f.g
    fn f.g()
      empty
    fn A.m(self)
      empty
    fn <module>()
      context Import os
      def f
      class A
      (call print 1)
    ");
    assert_snapshot!(dump("python", "'''Doc.'''\nimport os\ndef f(): pass\n"), @r"
    fn f()
      empty
    ");
}

#[test]
fn a_function_without_a_type_is_still_one() {
    assert_snapshot!(dump("c", "main() { return 0; }"), @r"
    fn main()
      return 0
    ! not understood: left out of the program
    ");
}

#[test]
fn definitions_inside_opaque_text_are_found() {
    let text = "class A { ??? int f() { return 1; } }\n class B { void g() { } }";
    let names: Vec<String> = read("java", text).ast.functions.iter().map(|f| f.name.clone()).collect();
    assert!(names.contains(&"f".to_string()) && names.contains(&"g".to_string()), "{names:?}");
}

/// `kind names`, with a star where a declaration is always shown.
fn decls(language: &str, text: &str) -> Vec<String> {
    let parsed = read(language, text);
    let shown = |d: &ContextDecl| format!("{:?}{} {}", d.kind, if d.always { "*" } else { "" }, d.names.join(" "));
    parsed.ast.decls.iter().map(shown).collect()
}

#[test]
fn context_declarations() {
    let text = "#include <a.h>\n#define M(x) (x + y)\ntypedef struct s { enum { A, B } k; } t, *p;\nint g = 1, *h;\nint f(int);\nstruct u;\n";
    assert_eq!(decls("c", text), ["Import* ", "Macro M", "Type t p s A B", "Variable g h", "Prototype f", "Type "]);
    let macros = read("c", text).ast.decls[1].uses.clone();
    assert_eq!(macros, ["M", "x", "y"]);
    let text = "import a.b, c as d\nfrom m import *\nfrom n import x as y, z\nv = w = 1\n";
    assert_eq!(decls("python", text), ["Import a d", "Import* ", "Import y z", "Variable v w"]);
    let text = "package p; import a.B; import a.*; import static a.B.c; class K { int i, j; void m() { } }";
    let java = ["Import* p", "Import B", "Import* a", "Import* c", "Type K", "Variable i j", "Function m"];
    assert_eq!(decls("java", text)[1..], java[1..]);
}

#[test]
fn conditionals_around_declarations_are_shown_whole_unless_they_hold_functions() {
    let text = "#ifdef A\n#include <a.h>\n#define N 1\n#else\n#define N 2\n#endif\n#ifndef G\n#define G\nint f(void) { return 1; }\n#endif\n";
    assert_eq!(decls("c", text), ["Import* N", "Macro G", "Function f"]);
}

#[test]
fn documentation_belongs_to_the_function_below() {
    let doc = |language: &str, text: &str| {
        let parsed = read(language, text);
        parsed.ast.functions[0].doc.map(|d| parsed.source.slice(d).to_string())
    };
    assert_eq!(doc("c", "/** Adds. */\nint f(void) { }"), Some("/** Adds. */".into()));
    assert_eq!(doc("c", "/** Other. */\n\nint f(void) { }"), None);
    assert_eq!(doc("python", "def f():\n  'Adds.'\n"), Some("'Adds.'".into()));
}

#[test]
fn a_stray_as_keeps_both_names() {
    assert_snapshot!(dump("python", "sys as system\n"), @r"
    fn <module>()
      (other sys system)
    ");
}
