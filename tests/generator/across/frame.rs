//! The file: globals, classes, functions with their conditions.

use super::shapes::length;
use super::{Across, Generated, Lang, Obj, Shape, Ty};

impl Across {
    pub fn program(mut self, file: &str) -> Generated {
        let mut bodies: Vec<Vec<String>> = Vec::new();
        for j in 0..self.funcs.len() {
            let inside = self.methods || self.funcs[j].of_gauge;
            let indent = usize::from(self.java() || self.python() && inside);
            self.g.open = vec![0; indent];
            self.g.lines.clear();
            self.define(j);
            bodies.push(std::mem::take(&mut self.g.lines));
        }
        if self.methods {
            self.mark("methods");
        }
        let mut order: Vec<usize> = (0..bodies.len()).rev().collect();
        if (self.prototypes || !self.c()) && self.rng.one_in(2) {
            // Any order will do.
            let at = self.rng.below(order.len());
            order.rotate_left(at);
        }
        // A list and an instance's fields stand where the language wants them.
        self.g.open = if self.java() { vec![0] } else { vec![] };
        self.state(file);
        let mut lines = std::mem::take(&mut self.g.lines);
        if self.gauges {
            let of_gauge = |j: &usize| self.funcs[*j].of_gauge;
            let class = gauge(self.lang, order.iter().copied().filter(of_gauge).map(|j| bodies[j].clone()));
            order.retain(|j| !self.funcs[*j].of_gauge);
            let at = lines.iter().position(|l| l.starts_with("class A")).filter(|_| self.java()).unwrap_or(lines.len());
            lines.splice(at..at, class);
        }
        for j in order {
            lines.append(&mut bodies[j]);
            lines.push(String::new());
            if self.python() && !self.methods {
                lines.push(String::new());
            }
        }
        while lines.last().is_some_and(String::is_empty) {
            lines.pop();
        }
        if self.java() {
            lines.push("}".into());
        }
        let extension = ["c", "py", "java"][self.lang as usize];
        Generated {
            text: lines.join("\n") + "\n",
            entry: self.funcs[0].name.clone(),
            file_name: format!("{file}.{extension}"),
            constructs: std::mem::take(&mut self.g.seen),
        }
    }

    /// Everything before the functions.
    fn state(&mut self, file: &str) {
        let (level, store, methods) = (self.has.level, self.store, self.methods);
        let mut top: Vec<String> = Vec::new();
        match self.lang {
            Lang::C => {
                top.extend(["#include <assert.h>", "#include <stdlib.h>", ""].map(String::from));
            }
            Lang::Java => {
                top.push("import java.util.*;".into());
                if self.needs.contains("functions") {
                    top.push("import java.util.function.IntUnaryOperator;".into());
                }
                top.extend([String::new(), format!("class {file} {{")]);
            }
            Lang::Python => {
                if self.needs.contains("exit") {
                    top.extend(["import sys".into(), String::new(), String::new()]);
                }
            }
        }
        let c_store = self.c();
        // The one-function generator's definitions: exceptions, pairs, and what is called for its effect.
        self.g.has.level = level && !methods;
        self.definitions();
        for f in std::mem::take(&mut self.handed) {
            let head = if c_store {
                format!("static int hand_{f}(int (*op)(int), int v)")
            } else {
                format!("def hand_{f}(op, v)")
            };
            self.open(head);
            let test = self.head("if", "v > 7");
            self.open(test);
            self.say("v -= 3");
            self.close();
            let call = if self.rng.one_in(2) && c_store { "(*op)(v)" } else { "op(v)" };
            self.say(format!("return {call}"));
            self.close();
            self.gap();
        }
        if store && !methods {
            let text = if c_store {
                "static int store[4] = {1, 2, 0, 3}"
            } else if self.java() {
                "static int[] store = {1, 2, 0, 3}"
            } else {
                "store = [1, 2, 0, 3]"
            };
            self.say(text);
            self.gap();
        }
        if methods && self.java() {
            self.say("int level = 3");
            self.say("int[] store = {1, 2, 0, 3}");
            self.gap();
        }
        if methods && self.python() {
            self.open("class Machine");
            self.open("def __init__(self)");
            self.say("self.level = 3");
            self.say("self.store = [1, 2, 0, 3]");
            self.close();
            self.lines.push(String::new());
            self.g.open.clear();
        }
        if self.c() && self.prototypes {
            self.mark("prototypes");
            for j in 1..self.funcs.len() {
                let head = self.signature(j);
                self.say(head);
            }
            self.gap();
        }
        top.append(&mut self.g.lines);
        self.g.lines = top;
    }

    /// A global's name as it is written inside a function.
    pub fn global(&self, name: &str) -> String {
        if self.methods && self.python() { format!("self.{name}") } else { name.to_owned() }
    }

    fn define(&mut self, j: usize) {
        let globals = (self.has.level, self.store);
        if self.funcs[j].of_gauge {
            // Those of another class have other names there.
            (self.g.has.level, self.store) = (false, false);
        }
        self.define_with(j);
        (self.g.has.level, self.store) = globals;
    }

    fn define_with(&mut self, j: usize) {
        self.now = j;
        self.g.reads.clear();
        self.g.writes.clear();
        self.g.loops.clear();
        self.objs.clear();
        self.label = None;
        (self.rounds, self.in_try) = (0, false);
        self.post_left = self.post_in == Some(j);
        let pre = (self.pre_in == Some(j)).then(|| self.pre(j));
        let documented = j == 0 && (self.post_in.is_none() || self.rng.one_in(4));
        let mut tags: Vec<String> = Vec::new();
        if documented && let Some(pre) = &pre {
            tags.push(if self.python() { format!("pre: {pre}") } else { format!("@requires {pre}") });
        }
        if j == 0 && self.post_in.is_none() {
            let claim = self.claim_of_result();
            tags.push(if self.python() { format!("post: {claim}") } else { format!("@ensures {claim}") });
        }
        if !self.python() && !tags.is_empty() {
            self.line("/**");
            tags.iter().for_each(|tag| self.line(format!(" * {tag}")));
            self.line(" */");
        }
        let head = self.signature(j);
        self.open(head);
        if self.python() && !tags.is_empty() {
            self.line("\"\"\"");
            tags.iter().for_each(|tag| self.line(tag));
            self.line("\"\"\"");
        }
        if self.python() && self.has.level && !self.methods {
            self.say("global level");
        }
        if let Some(pre) = pre.filter(|_| !documented) {
            self.condition_here(&pre, "PRE");
        }
        self.known_from_outside(j);
        match self.funcs[j].shape {
            Shape::Statements => {
                self.variables(j);
                self.statements(j);
            }
            Shape::Recursive => self.recursive(j, j),
            Shape::Mutual(other) => self.recursive(j, other),
        }
        self.close();
    }

    fn pre(&mut self, j: usize) -> String {
        let ints: Vec<String> = self.funcs[j].params.iter().filter(|p| p.0 == Ty::Int).map(|p| p.1.clone()).collect();
        if ints.is_empty() {
            return if self.has.level { format!("{} < 9", self.global("level")) } else { "1 < 2".into() };
        }
        let v = self.rng.of(&ints);
        match self.rng.below(3) {
            0 => format!("{v} < {}", self.rng.range(4, 12)),
            1 => format!("{v} > -{}", self.rng.range(2, 6)),
            _ => format!("{v} != {}", self.rng.range(0, 3)),
        }
    }

    /// Parameters and globals.
    fn known_from_outside(&mut self, j: usize) {
        for (ty, name) in self.funcs[j].params.clone() {
            self.object(ty, &name, true);
        }
        if self.funcs[j].of_gauge {
            let own =
                if self.python() || self.rng.one_in(4) { ["self.", "this."][usize::from(self.java())] } else { "" };
            let fields = ["mark", "limit"].map(|f| format!("{own}{f}"));
            self.g.reads.extend(fields.clone());
            self.g.writes.extend(fields);
        }
        if self.has.level {
            self.mark("global");
            let level = self.global("level");
            self.g.reads.push(level.clone());
            self.g.writes.push(level);
        }
        if self.store {
            self.mark("global array");
            let store = self.global("store");
            self.g.reads.extend([format!("{store}[1]"), format!("{store}[2]")]);
            self.g.writes.push(format!("{store}[{}]", self.g.rng.range(0, 3)));
        }
    }

    /// Makes a variable's integers and the variable itself known; `outer` where it is a parameter.
    pub fn object(&mut self, ty: Ty, name: &str, outer: bool) {
        let mut ints: Vec<String> = Vec::new();
        match ty {
            Ty::Int => {
                ints.push(name.to_owned());
                if self.now == 0 {
                    self.g.reads.push(name.to_owned());
                    return;
                }
            }
            Ty::Cell => ints.push(if self.c() && outer { format!("*{name}") } else { self.cell(name) }),
            Ty::Pair => {
                let dot = if self.c() && outer { "->" } else { "." };
                ints.extend([format!("{name}{dot}first"), format!("{name}{dot}second")]);
            }
            Ty::Gauge => ints.extend([format!("{name}.mark"), format!("{name}.limit")]),
            Ty::Ints | Ty::Tab => {}
        }
        self.g.reads.extend(ints.iter().cloned());
        self.g.writes.extend(ints);
        let pass = match ty {
            Ty::Int => return,
            Ty::Ints if self.c() => format!("{name}, {}", if outer { length(name) } else { "3" }),
            Ty::Cell | Ty::Pair if self.c() && !outer => format!("&{name}"),
            _ => name.to_owned(),
        };
        self.objs.push(Obj { ty, pass });
    }

    /// The integer of a cell that is a variable of the function.
    fn cell(&self, name: &str) -> String {
        if self.c() { name.to_owned() } else { format!("{name}[0]") }
    }

    /// Two or three integers; each has a value before anything reads it.
    fn variables(&mut self, j: usize) {
        if j == 0 && self.java() {
            self.say("int n = xs.length");
        }
        let mut names = vec!["x", "y", "total"];
        names.retain(|n| self.funcs[j].params.iter().all(|p| p.1 != *n));
        if j > 0 {
            names.truncate(self.rng.range(1, 2) as usize);
        }
        for name in names {
            let v = if j == 0 {
                self.rng.of(&["a % 10", "b % 7", "0", "1"]).into()
            } else if self.reads.is_empty() {
                self.constant()
            } else {
                self.val()
            };
            let v = if j == 0 || self.rng.one_in(2) { v } else { self.constant() };
            self.declare(name, &v);
            self.g.reads.extend([name.to_owned(), name.to_owned()]);
            self.g.writes.extend([name.to_owned(), name.to_owned()]);
        }
        if j == 0 && self.has.pair {
            let p = self.local(Ty::Pair);
            debug_assert!(p.contains('p'));
        }
        self.shadow(j);
    }

    pub fn post(&mut self) {
        let claim = if self.g.writes.is_empty() { "1 < 2".into() } else { self.g.claim() };
        self.condition_here(&claim, "POST");
        self.post_left = false;
    }

    fn condition_here(&mut self, condition: &str, role: &str) {
        let hash = if self.python() { "#" } else { "//" };
        // At the top of a body a comment is about the function's exit.
        let plain = self.rng.one_in(3) && (role == "PRE" || self.open.last().is_some_and(|o| *o < self.lines.len()));
        let text = match self.lang {
            // By itself in a line it is a comment at a point.
            _ if plain => format!("{hash} {role}: {condition}"),
            Lang::C => format!("assert({condition}); // {role}"),
            Lang::Java => format!("assert {condition}; // {role}"),
            Lang::Python => format!("assert {condition}  # {role}"),
        };
        self.line(text);
        if plain && role == "POST" && !self.g.writes.is_empty() {
            // So that the point has a statement behind it.
            let (x, k) = (self.var(), self.constant());
            self.say(format!("{x} = {k}"));
        }
    }
}

/// The class of some of the functions: two fields, one of them set when an object is made.
fn gauge(lang: Lang, methods: impl Iterator<Item = Vec<String>>) -> Vec<String> {
    let mut out: Vec<String> = match lang {
        Lang::Python => [
            "class Gauge:",
            "    def __init__(self, start):",
            "        self.mark = start",
            "        if start > 5:",
            "            self.limit = start % 7",
            "            return",
            "        self.limit = 4",
            "",
        ]
        .map(String::from)
        .into(),
        _ => [
            "class Gauge {",
            "    int mark;",
            "    int limit = 4;",
            "",
            "    Gauge(int start) {",
            "        mark = start;",
            "        if (start > 5) {",
            "            limit = start % 7;",
            "            return;",
            "        }",
            "        this.mark += 1;",
            "    }",
            "",
        ]
        .map(String::from)
        .into(),
    };
    for mut body in methods {
        out.append(&mut body);
        out.push(String::new());
    }
    out.push(if lang == Lang::Python { String::new() } else { "}".into() });
    out
}
