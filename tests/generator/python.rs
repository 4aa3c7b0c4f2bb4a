//! What only Python has.

use super::{Gen, Place};

type Write = fn(&mut Gen, u32);

pub const STATEMENTS: [(u32, Write); 7] = [
    (7, Gen::match_statement),
    (3, Gen::python_lambda),
    (3, Gen::python_closure),
    (4, Gen::comprehension),
    (2, Gen::starred),
    (2, Gen::pop_loop),
    (2, Gen::slices),
];

impl Gen {
    fn match_statement(&mut self, depth: u32) {
        self.mark("match");
        let (x, y) = (self.read(), self.read());
        let pairs = self.rng.one_in(4);
        self.open(if pairs { format!("match ({x} % 3, {y} % 2)") } else { format!("match {x} % 5") });
        let patterns: &[&str] = if pairs {
            &["(0, 1)", "(1, {v})", "({v}, 0) if {c}"]
        } else {
            &["0", "1 | 2", "{v} if {c}", "3", "4 | 0"]
        };
        let mut any = false;
        for pattern in patterns {
            if any && self.rng.one_in(3) {
                continue;
            }
            any = true;
            let (v, c) = (self.name("m"), self.comparison());
            if pattern.contains('|') {
                self.mark("or-pattern");
            }
            if pattern.contains("if") {
                self.mark("match guard");
            }
            self.open(format!("case {}", pattern.replace("{v}", &v).replace("{c}", &c)));
            self.scope(|g| {
                if pattern.contains("{v}") {
                    g.reads.push(v);
                }
                if g.rng.one_in(5) { g.if_leaves(depth + 1) } else { g.body(depth, Place::Branch) }
            });
            self.close();
        }
        if !self.rng.one_in(3) {
            self.open("case _");
            self.body(depth, Place::Branch);
            self.close();
        }
        self.close();
    }

    fn python_lambda(&mut self, _depth: u32) {
        self.mark("lambda");
        let (f, x, y, v) = (self.name("f"), self.plain(), self.target(), self.read());
        self.say(format!("{f} = lambda u: (u + {x}) % 30"));
        if self.rng.one_in(2) {
            let text = format!("{x} += {}", self.rng.range(1, 5));
            self.say(text);
        }
        self.say(format!("{y} = {f}({v})"));
    }

    fn python_closure(&mut self, _depth: u32) {
        self.mark("closure");
        let (f, x, y, c, v) = (self.name("step"), self.plain(), self.target(), self.condition(), self.read());
        self.open(format!("def {f}(d)"));
        self.say(format!("nonlocal {x}"));
        self.say(format!("{x} = ({x} + d) % 70"));
        if self.rng.one_in(2) {
            self.say(format!("return {x} - d"));
            self.close();
            self.say(format!("{y} = {f}({v})"));
        } else {
            self.close();
            self.open(self.head("if", &c));
            self.say(format!("{f}({v})"));
            self.close();
        }
    }

    fn comprehension(&mut self, _depth: u32) {
        self.mark("comprehension");
        let (x, y, k) = (self.target(), self.read(), self.rng.range(1, 4));
        let text = match self.rng.below(6) {
            0 => format!("{x} = sum([e * {k} for e in xs if e > {y}]) % 60"),
            1 => format!("{x} = len({{e % 3 for e in xs}})"),
            2 => format!("{x} = int(any(e == {y} for e in xs))"),
            3 if self.has.out => format!("out = [e + {k} for e in xs if e != {y}]"),
            4 if self.has.tab => "tab = {e % 5: e % 30 for e in xs}".into(),
            _ => format!("{x} = sum(u * e for u, e in enumerate(xs)) % 60"),
        };
        self.say(text);
    }

    fn starred(&mut self, _depth: u32) {
        self.mark("starred target");
        let (rest, x, v, y) = (self.name("rest"), self.target(), self.read(), self.target());
        let text = self.rng.of(&[format!("{x}, *{rest} = [{v}, *xs]"), format!("*{rest}, {x} = xs + [{v}]")]);
        self.say(text);
        self.say(format!("{y} = len({rest})"));
    }

    fn pop_loop(&mut self, _depth: u32) {
        if !self.has.out {
            return self.slices(0);
        }
        self.mark("pop loop");
        let x = self.target();
        self.open("while out");
        self.say(format!("{x} = out.pop()"));
        let c = self.comparison();
        self.line(format!("if {c}: break"));
        self.close();
    }

    fn slices(&mut self, _depth: u32) {
        self.mark("slices");
        let (part, x, k) = (self.name("part"), self.target(), self.rng.range(1, 3));
        self.say(format!("{part} = xs[{k}:]"));
        let text = self.rng.of(&[
            format!("{part}[:1] = [{k}, {k}]"),
            format!("{part}.append({k})"),
            format!("del {part}[1:]"),
        ]);
        self.say(text);
        self.say(format!("{x} = {part}[0] % 40 if {part} else len({part})"));
    }
}
