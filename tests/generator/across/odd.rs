//! Recursion, and calls that can't be followed.

use super::{Across, Lang, Ty};

impl Across {
    /// A body that calls `other`, itself or the function that calls it back, with its first parameter counted down.
    pub fn recursive(&mut self, j: usize, other: usize) {
        let params = self.funcs[j].params.clone();
        let v = params[0].1.clone();
        let (k, base) = (self.rng.range(1, 4), self.val());
        // Also where it is called from outside with whatever it gets.
        let head = self.head("if", &format!("{v} < 1 {} {v} > 12", self.or()));
        self.open(head);
        self.say(format!("return {base}"));
        self.close();
        // The counter is nobody's to change.
        self.g.writes.retain(|w| *w != v);
        if self.g.writes.is_empty() {
            self.declare("w", "1");
            self.g.writes.push("w".into());
            self.g.reads.push("w".into());
        }
        let pass = |a: &Across, (ty, name): &(Ty, String)| match ty {
            Ty::Ints if a.c() => format!("{name}, {}", super::shapes::length(name)),
            _ => name.clone(),
        };
        let rest: Vec<String> = params.iter().skip(1).map(|p| format!(", {}", pass(self, p))).collect();
        let (name, rest, own) = (self.funcs[other].name.clone(), rest.concat(), self.own());
        let again = |down: &str| format!("{own}{name}({v} - {down}{rest})");
        if self.post_left && self.rng.one_in(2) {
            self.post();
        }
        self.across_statement(1);
        if self.rng.one_in(3) {
            let c = self.comparison();
            let head = self.head("if", &c);
            self.open(head);
            self.say(format!("return {} - {k}", again("2")));
            self.close();
        }
        if self.rng.one_in(2) {
            let (r, m) = (self.name("r"), self.rng.range(5, 30));
            self.declare(&r, &again("1"));
            self.g.reads.push(r.clone());
            self.across_statement(1);
            if self.post_left {
                self.post();
            }
            self.say(format!("return {r} % {m} + {k}"));
        } else {
            if self.post_left {
                self.post();
            }
            self.say(format!("return {} + {k}", again("1")));
        }
    }

    fn own(&self) -> &'static str {
        if self.python() && self.methods { "self." } else { "" }
    }

    /// A variable by the name of a function that isn't called here.
    pub fn shadow(&mut self, j: usize) {
        let called = |k: usize| self.funcs[k].level > self.funcs[j].level;
        let hidden: Vec<String> =
            (1..self.funcs.len()).filter(|k| !called(*k)).map(|k| self.funcs[k].name.clone()).collect();
        if hidden.is_empty() || !self.rng.one_in(8) {
            return;
        }
        self.mark("shadowed callee");
        let (name, v) = (self.rng.of(&hidden), self.val());
        self.declare(&name, &v);
        self.g.reads.push(name.clone());
        self.g.writes.push(name);
    }

    /// Where a call is made only sometimes, or in a place that isn't followed.
    pub fn call_anywhere(&mut self, j: usize, call: String, depth: u32) {
        let (k, x) = (self.constant(), self.var());
        let value = self.is_unary(j);
        match self.rng.below(11) {
            0 if depth < 2 => {
                self.mark("call behind and");
                let op = if self.rng.one_in(2) { self.and() } else { self.or() };
                let c = self.comparison();
                let head = self.head("if", &format!("{c} {op} {call} > {k}"));
                self.open(head);
                self.block(depth);
                self.close();
            }
            1 => {
                self.mark("call in conditional");
                let c = self.comparison();
                let text = match self.lang {
                    Lang::Python => format!("{x} = {call} if {c} else {k}"),
                    _ => format!("{x} = {c} ? {call} : {k}"),
                };
                self.say(text);
            }
            2 if depth < 2 => {
                self.mark("call in switch subject");
                self.switch_on(&format!("{call} % 3"), depth);
            }
            3 => {
                self.mark("call in assertion");
                let k = self.rng.range(20, 60);
                let text = match self.lang {
                    Lang::C => format!("assert({call} < {k})"),
                    _ => format!("assert {call} < {k}"),
                };
                self.say(text);
            }
            4 if value => self.function_value(j, &x),
            5 if self.python() => {
                self.mark("comprehension");
                let other = self.call(j, true);
                self.say(format!("{x} = sum([{other} for e in range(3)]) % 60"));
            }
            6 if self.python() && depth < 2 => {
                let i = self.name("i");
                self.open(format!("for {i} in range({call} % 4)"));
                self.round(depth, i);
                self.close();
            }
            7 if self.python() && depth < 2 => {
                self.mark("call in with");
                self.needs.insert("Guard");
                let g = self.name("guard");
                self.open(format!("with Guard({call}) as {g}"));
                self.block(depth);
                self.close();
            }
            8 if !self.python() && depth < 2 => {
                self.mark("call behind and");
                let (c, or) = (self.comparison(), self.or());
                let i = self.name("i");
                self.open(format!("for (int {i} = 0; {i} < 3 && ({c} {or} {call} < {k}); {i}++)"));
                self.round(depth, i);
                self.close();
            }
            9 if self.java() && self.has.pair => {
                self.mark("constructor");
                let p = self.name("p");
                self.say(format!("Pair {p} = new Pair({call}, {k})"));
                self.say(format!("{x} = {p}.first"));
            }
            9 if self.c() => {
                self.mark("static local");
                let s = self.name("calls");
                self.say(format!("static int {s} = 0"));
                self.say(format!("{s} += 1"));
                let head = self.head("if", &format!("{s} < 3"));
                self.open(head);
                self.say(format!("{x} = {call}"));
                self.close();
            }
            _ => {
                self.mark("return of reference");
                let y = self.var();
                self.say(format!("{x} = {call}"));
                self.say(format!("{y} = {x}"));
            }
        }
    }

    fn is_unary(&self, j: usize) -> bool {
        let f = &self.funcs[j];
        matches!(f.params[..], [(Ty::Int, _)]) && f.returns && !f.star && f.defaults == 0
    }

    /// Through a variable that holds the function.
    fn function_value(&mut self, j: usize, x: &str) {
        self.mark("function value");
        let (f, name, v) = (self.name("fn"), self.funcs[j].name.clone(), self.read());
        let own = match (self.lang, self.methods) {
            (Lang::Python, true) => "self.",
            (Lang::Java, true) => "this::",
            _ => "",
        };
        match self.lang {
            Lang::C => {
                self.say(format!("int (*{f})(int) = {name}"));
                self.say(format!("{x} = {f}({v} % 5)"));
            }
            Lang::Java => {
                self.needs.insert("functions");
                let text = if own.is_empty() { format!("u -> {name}(u)") } else { format!("{own}{name}") };
                self.say(format!("IntUnaryOperator {f} = {text}"));
                self.say(format!("{x} = {f}.applyAsInt({v} % 5)"));
            }
            Lang::Python => {
                self.say(format!("{f} = {own}{name}"));
                self.say(format!("{x} = {f}({v} % 5)"));
            }
        }
    }
}
