//! Loops. Each has a counter of its own or goes over something that keeps its length.

use super::{Gen, Lang, Place};

impl Gen {
    /// At most nine or `n`, whatever the round does.
    fn bound(&mut self) -> String {
        match self.rng.below(4) {
            0 | 1 => "n".into(),
            2 => self.rng.range(1, 4).to_string(),
            _ => format!("{} % 4 + 2", self.read()),
        }
    }

    /// Opens a loop; in Java now and then with a label, which is given back.
    fn open_loop(&mut self, head: &str) -> Option<String> {
        let label = (self.java() && self.rng.one_in(2)).then(|| self.name("loop"));
        if let Some(label) = &label {
            self.line(format!("{label}:"));
        }
        self.open(head);
        label
    }

    /// Ends a loop, in Python now and then with what runs when no `break` was taken.
    fn close_loop(&mut self, depth: u32) {
        if self.python() && self.rng.one_in(4) {
            self.mark("loop else");
            self.next("else");
            self.body(depth, Place::Branch);
        }
        self.close();
    }

    pub fn for_loop(&mut self, depth: u32) {
        self.mark("for");
        let (i, bound) = (self.name("i"), self.bound());
        let mut counters = vec![i.clone()];
        let head = if self.python() {
            self.rng.of(&[format!("for {i} in range({bound})"), format!("for {i} in range({bound}, 0, -1)")])
        } else {
            match self.rng.below(6) {
                0 => format!("for (int {i} = {bound}; {i} > 0; {i}--)"),
                1 => {
                    self.mark("for with two counters");
                    let j = self.name("j");
                    counters.push(j.clone());
                    format!("for (int {i} = 0, {j} = 5; {i} < {j}; {i}++, {j}--)")
                }
                2 => {
                    let c = self.comparison();
                    format!("for (int {i} = 0; {i} < {bound} && {c}; {i} += 2)")
                }
                3 => {
                    self.say(format!("int {i}"));
                    format!("for ({i} = 0; {i} < {bound}; ++{i})")
                }
                _ => format!("for (int {i} = 0; {i} < {bound}; {i}++)"),
            }
        };
        let label = self.open_loop(&head);
        self.scope(|g| {
            g.reads.extend(counters);
            if g.rng.one_in(4) {
                g.mark("for with break");
                let c = g.condition();
                g.open(g.head("if", &c));
                g.say("break");
                g.close();
            }
            g.round(depth, label, true);
        });
        self.close_loop(depth);
    }

    pub fn while_loop(&mut self, depth: u32) {
        self.mark("while");
        let (i, bound) = (self.name("i"), self.bound());
        self.declare(&i, "0");
        let and = self.and();
        let form = self.rng.below(3);
        let step = if self.python() { format!("{i} += 1") } else { format!("{i}++") };
        let condition = match form {
            0 if self.python() => format!("({i} := {i} + 1) < {bound}"),
            0 => format!("{i}++ < {bound}"),
            _ if self.rng.one_in(3) => format!("{i} < {bound} {and} ({})", self.condition()),
            _ => format!("{i} < {bound}"),
        };
        self.mark(["counter in condition", "counter at start", "counter at end"][form]);
        let label = self.open_loop(&self.head("while", &condition));
        if form == 1 {
            self.say(&step);
        }
        self.reads.push(i);
        self.round(depth, label, form < 2);
        if form == 2 {
            self.say(step);
        }
        self.close_loop(depth);
    }

    pub fn endless(&mut self, depth: u32) {
        self.mark("endless loop");
        let (i, k) = (self.name("i"), self.rng.range(1, 5));
        self.declare(&i, "0");
        let head = match self.lang {
            Lang::C => self.rng.of(&["while (1)", "for (;;)"]),
            Lang::Java => self.rng.of(&["while (true)", "for (;;)"]),
            Lang::Python => "while True",
        };
        let label = self.open_loop(head);
        self.say(format!("{i} += 1"));
        let extra = if self.rng.one_in(2) { format!(" {} {}", self.or(), self.comparison()) } else { String::new() };
        self.open(self.head("if", &format!("{i} > {k}{extra}")));
        self.say("break");
        self.close();
        self.reads.push(i);
        self.round(depth, label, true);
        self.close();
    }

    pub fn do_while(&mut self, depth: u32) {
        self.mark("do-while");
        let (i, bound) = (self.name("i"), self.bound());
        self.declare(&i, "0");
        let label = self.open_loop("do");
        self.reads.push(i.clone());
        if self.rng.one_in(3) {
            self.mark("do-while with continue");
            let c = self.condition();
            self.line(format!("if ({c}) continue;"));
        }
        self.round(depth, label, true);
        let extra = if self.rng.one_in(3) { format!(" && ({})", self.condition()) } else { String::new() };
        self.close_with(&format!(" while (++{i} < {bound}{extra});"));
    }

    /// Over `xs`.
    pub fn over_elements(&mut self, depth: u32) {
        let e = self.name("e");
        if self.lang == Lang::C {
            let i = self.name("i");
            let form = self.rng.below(2);
            if form == 0 {
                self.mark("pointer into array");
                self.open(format!("for (int *q{i} = xs; q{i} < xs + n; q{i}++)"));
                self.declare(&e, &format!("*q{i} % 100"));
            } else {
                self.open(format!("for (int {i} = 0; {i} < n; {i}++)"));
                self.declare(&e, &format!("xs[{i}] % 100"));
            }
            self.scope(|g| {
                g.reads.push(e.clone());
                if g.rng.one_in(4) {
                    let v = g.read();
                    g.say(if form == 0 { format!("*q{i} = {v}") } else { format!("xs[{i}] = {v}") });
                }
                g.round(depth, None, true);
            });
            return self.close();
        }
        self.mark("foreach");
        let head = match (self.lang, self.rng.below(4)) {
            (Lang::Java, _) => format!("for (int {e} : xs)"),
            (_, 0) => {
                self.mark("enumerate");
                format!("for at, {e} in enumerate(xs)")
            }
            (_, 1) if self.has.out => format!("for {e} in list(out)[:8]"),
            (_, 2) => format!("for {e}, _ in zip(xs, range(3))"),
            _ => format!("for {e} in xs"),
        };
        let label = self.open_loop(&head);
        self.scope(|g| {
            g.reads.push(format!("{e} % 100"));
            g.round(depth, label, true);
        });
        self.close_loop(depth);
    }

    /// Often no round at all, or rounds without a body.
    pub fn skipped_loop(&mut self, depth: u32) {
        self.mark("zero rounds");
        let (i, x) = (self.name("i"), self.read());
        if self.python() {
            self.open(format!("for {i} in range({x} % 3 - 1)"));
            self.round(depth, None, true);
            return self.close();
        }
        self.declare(&i, &format!("{x} % 3 - 1"));
        if self.rng.one_in(2) {
            self.line(format!("while (--{i} > 0);"));
        } else {
            self.open(format!("while ({i}-- > 0)"));
            self.round(depth, None, true);
            self.close();
        }
        self.reads.push(i);
    }

    pub fn over_grid(&mut self, depth: u32) {
        self.mark("2-d array");
        let (i, j, x) = (self.name("i"), self.name("i"), self.read());
        let (rows, cells) = if self.python() {
            (format!("for {i} in range(2)"), format!("for {j} in range(3)"))
        } else {
            (format!("for (int {i} = 0; {i} < 2; {i}++)"), format!("for (int {j} = 0; {j} < 3; {j}++)"))
        };
        let outer = self.open_loop(&rows);
        self.loops.push(super::Loop { label: outer, may_continue: true });
        self.open(cells);
        self.say(format!("grid[{i}][{j}] = ({x} + {i} * {j}) % 10"));
        self.scope(|g| {
            g.reads.push(format!("grid[{i}][{j}]"));
            g.round(depth + 1, None, true);
        });
        self.close();
        self.loops.pop();
        self.close();
    }
}
