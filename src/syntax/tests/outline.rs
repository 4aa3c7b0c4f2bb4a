//! What a file makes known, and that it agrees with what lowering finds.

use super::*;
use crate::syntax::outline::{Definition, ImportForm, Outline, Visibility, outline};
use insta::assert_snapshot;
use std::fmt::Write;

fn outline_of(language: &str, text: &str) -> (SourceFile, Outline) {
    let source = SourceFile::new("test", text);
    let found = outline(&source, by_name(language).expect("a known language"));
    (source, found)
}

/// A line for each: kind, who may name it, what it is called, how it looks.
fn listed(language: &str, text: &str) -> String {
    let (source, found) = outline_of(language, text);
    let mut out = String::new();
    if let Some(package) = &found.package {
        let _ = writeln!(out, "package {package}");
    }
    for import in &found.imports {
        let form = match &import.form {
            ImportForm::Member(name) => format!("member {name}"),
            other => format!("{other:?}").to_lowercase(),
        };
        let alias = import.alias.as_ref().map(|a| format!(" as {a}")).unwrap_or_default();
        let _ = writeln!(out, "import {} ({form}){alias}", import.path);
    }
    for definition in &found.definitions {
        let _ = writeln!(out, "{}", line(&source, &found, definition));
    }
    if found.damage != Default::default() {
        let _ = writeln!(out, "{:?}", found.damage);
    }
    out
}

fn line(source: &SourceFile, found: &Outline, d: &Definition) -> String {
    let mut out = match d.visibility {
        Visibility::File => "-",
        Visibility::Package => "~",
        Visibility::Everywhere => "+",
    }
    .to_string();
    let _ = write!(out, " {}", format!("{:?}", d.kind).to_lowercase());
    for (is, word) in
        [(d.declared_only, "declared"), (d.is_static, "static"), (d.is_final, "final"), (d.conditional, "conditional")]
    {
        if is {
            let _ = write!(out, " {word}");
        }
    }
    let owner = d.owner.map(|o| format!("{}.", found.definitions[o as usize].name)).unwrap_or_default();
    let _ = write!(out, " {owner}{}", d.name);
    if let Some(arity) = d.arity {
        let most = arity.most.map_or("*".to_string(), |m| m.to_string());
        let _ = write!(out, "/{}-{most}", arity.least);
    }
    if !d.ty.is_empty() {
        let _ = write!(out, ": {}", d.ty);
    }
    if !d.bases.is_empty() {
        let _ = write!(out, " < {}", d.bases.join(", "));
    }
    let head = source.slice(d.head).split_whitespace().collect::<Vec<_>>().join(" ");
    let _ = write!(out, " [{head}]");
    out
}

#[test]
fn c() {
    let text = r#"
#include <stdio.h>
#include "lib/a.h"
#define LIMIT 10
#define MAX(a, b) ((a) > (b) ? (a) : (b))
#define LOG(fmt, ...) printf(fmt, __VA_ARGS__)
struct node { int value; struct node *next; union { int i; float f; } u; void (*call)(int); };
struct node;
typedef struct { int w, h; } Size, *SizePtr;
typedef int (*compare)(const void *, const void *);
enum color { RED, GREEN = 5 };
extern int shared;
int shared = 1;
static const char *names[] = { "a" }, own;
int area(const Size *s);
static inline int twice(int x) { int local = x; return local * 2; }
struct node *make(int value, ...) { struct inner { int q; }; enum { ONE }; return 0; }
int old(a, b) int a; char *b; { return a; }
main() { return 0; }
int none(void) { return 0; }
int any();
#ifdef WIDE
int width(void) { return 2; }
#else
int width(void) { return 1; }
#endif
"#;
    assert_snapshot!(listed("c", text));
}

#[test]
fn python() {
    let text = r#"
import os, a.b as x, c.d
from ..pkg import one, two as deux
from . import sibling
from m import *
LIMIT = 10
first, (second, *rest) = LIMIT, (2, 3)
name: str = "n"
class Base(m.Root, metaclass=Meta):
    count: int = 0
    def __init__(self, x, y=1, *args, key=None, **rest): self.x = x
    @staticmethod
    def make(x, /, y, *, z): return x
    @classmethod
    def kind(cls): pass
    @property
    def size(self) -> int:
        def helper(): pass
        local = 1
        return local
try:
    def fallback(a: int, b: int = 2, *c: int): pass
except ImportError:
    def fallback(a): pass
class Box[T](Base, Generic[T]): pass
"#;
    assert_snapshot!(listed("python", text));
}

#[test]
fn java() {
    let text = r#"
package org.shop;
import java.util.List;
import static org.shop.Tools.round;
import static org.shop.Tools.*;
import org.other.*;
public class Cart<T> extends Base<T> implements Comparable<Cart<T>>, org.x.Other {
    private final List<String> items = new List<>() { int inner; public int size() { return 1; } };
    static int total, count[];
    static { total = 1; }
    { count = null; }
    public Cart(int x) { super(x); }
    @Override public int compareTo(Cart<T> other) { return 0; }
    void put(String name, int... counts) { class Local { void in() {} } }
    private static int helper() { return 1; }
    enum Kind { SMALL, LARGE { int f() { return 1; } }; int f() { return 0; } }
}
interface Named extends A, B<C> { int MAX = 3; String name(); default int size() { return 1; } }
record Point(int x, int y) implements Named { Point { } public String name() { return ""; } }
@interface Mark { }
"#;
    assert_snapshot!(listed("java", text));
}

#[test]
fn damage_is_counted() {
    let (_, found) = outline_of("c", "int f(int x) { return x; }\nint g( { @@ }\nint h(void) { return 1; }\n");
    assert!(found.damage.places > 0);
    let names: Vec<&str> = found.definitions.iter().map(|d| d.name.as_str()).collect();
    assert!(names.contains(&"f") && names.contains(&"h"), "{names:?}");
    assert_eq!(outline_of("c", "int f;").1.damage, Default::default());
}

/// A function has the same span and head in both, and none is found in only one of them.
#[test]
fn functions_are_those_of_lowering() {
    let more = [("c", "static int f(int x) { return x; }\nmain() { f(1); }\nvoid g(a) int a; { }\nint h(\n")];
    for (language, text) in SAMPLES.into_iter().chain(more) {
        let (_, found) = outline_of(language, text);
        let outlined: Vec<_> = found
            .definitions
            .iter()
            .filter(|d| d.kind == crate::syntax::outline::Kind::Function && !d.declared_only)
            .map(|d| (d.span, d.head, d.name.clone()))
            .collect();
        let lowered = read(language, text);
        let lowered: Vec<_> = lowered
            .ast
            .functions
            .iter()
            .filter(|f| !f.name.starts_with('<'))
            .map(|f| (f.span, f.head, f.name.clone()))
            .collect();
        assert!(!outlined.is_empty());
        for function in &outlined {
            assert!(lowered.contains(function), "{language}: only outlined: {function:?}");
        }
        for function in &lowered {
            assert!(outlined.contains(function), "{language}: only lowered: {function:?}");
        }
    }
}
