//! Ways to leave, and what catches them.

use super::{Gen, Lang, Place};

impl Gen {
    /// A jump out of where it stands, without what ends it.
    pub fn jump(&mut self) -> String {
        let mut ways = vec!["return", "return", "throw", "assert"];
        if let Some(inner) = self.loops.last() {
            ways.extend(["break"; 4]);
            if inner.may_continue {
                ways.extend(["continue"; 4]);
            }
        }
        if self.loops.iter().any(|l| l.label.is_some()) {
            ways.extend(["labelled"; 9]);
        }
        if !self.labels.is_empty() {
            ways.extend(["goto"; 5]);
        }
        if self.tries > 0 {
            ways.extend(["throw"; 4]);
        }
        if self.rng.one_in(12) {
            ways = vec!["exit"];
        }
        match self.rng.of(&ways) {
            "break" => {
                self.mark("break");
                "break".into()
            }
            "continue" => {
                self.mark("continue");
                "continue".into()
            }
            "labelled" => self.labelled_jump(),
            "goto" => {
                let label = self.rng.of(&self.labels);
                self.mark(if label == "cleanup" { "goto cleanup" } else { "goto out of loops" });
                format!("goto {label}")
            }
            "throw" => self.throw(),
            "assert" => {
                self.mark("assert that leaves");
                let c = self.comparison();
                match self.lang {
                    Lang::C => format!("assert({c})"),
                    Lang::Java => format!("assert {c}"),
                    Lang::Python => format!("assert {c}, \"odd\""),
                }
            }
            "exit" => {
                self.mark("exit");
                self.needs.insert("exit");
                self.rng
                    .of(match self.lang {
                        Lang::C => &["exit(1)", "abort()"],
                        Lang::Java => &["System.exit(1)", "System.exit(2)"],
                        Lang::Python => &["sys.exit(1)", "raise SystemExit"],
                    })
                    .to_owned()
            }
            _ => {
                self.mark("early return");
                format!("return {}", self.value())
            }
        }
    }

    fn labelled_jump(&mut self) -> String {
        let labelled: Vec<(String, bool)> =
            self.loops.iter().filter_map(|l| Some((l.label.clone()?, l.may_continue))).collect();
        let (label, may_continue) = self.rng.of(&labelled);
        if may_continue && self.rng.one_in(2) {
            self.mark("labelled continue");
            format!("continue {label}")
        } else {
            self.mark("labelled break");
            format!("break {label}")
        }
    }

    fn throw(&mut self) -> String {
        self.mark(if self.tries > 0 { "throw caught here" } else { "throw" });
        let v = self.read();
        match self.lang {
            Lang::C => {
                self.mark("early return");
                format!("return -{}", self.rng.range(1, 3))
            }
            Lang::Java if self.rng.one_in(3) => "throw new IllegalStateException()".into(),
            Lang::Python if self.rng.one_in(3) => format!("raise ValueError({v})"),
            Lang::Java => {
                self.needs.insert("Odd");
                format!("throw new Odd({v})")
            }
            Lang::Python => {
                self.needs.insert("Odd");
                format!("raise Odd({v})")
            }
        }
    }

    /// A statement that may fault, and what its fault is.
    fn fault(&mut self) -> (&'static str, String) {
        self.mark("catch of runtime fault");
        let (x, v, w) = (self.target(), self.read(), self.read());
        match (self.lang, self.rng.below(4)) {
            (Lang::Java, 0) => ("ArithmeticException", format!("{x} = {v} / ({w})")),
            (Lang::Java, 1) if self.has.text => ("NumberFormatException", format!("{x} = Integer.parseInt(text) % 50")),
            (Lang::Java, 2) if self.has.out => ("IndexOutOfBoundsException", format!("{x} = out.get({v})")),
            (Lang::Java, 3) => ("RuntimeException", format!("{x} = xs[{v}] % 50")),
            (Lang::Java, _) => ("ArrayIndexOutOfBoundsException", format!("{x} = xs[{v}] % 50")),
            (_, 0) => ("ZeroDivisionError", format!("{x} = {v} // ({w})")),
            (_, 1) if self.has.text => ("ValueError", format!("{x} = int(text) % 50")),
            (_, 2) if self.has.tab => ("KeyError", format!("{x} = tab[{v}]")),
            (_, 2) if self.has.out => ("IndexError", format!("{x} = out.pop()")),
            (_, 3) => ("Exception", format!("{x} = xs[{v}] % 50")),
            _ => ("IndexError", format!("{x} = xs[{v}] % 50")),
        }
    }

    fn handler(&mut self, of: &str) -> (String, String) {
        let name = self.name("err");
        if self.java() {
            (format!("catch ({of} {name})"), name)
        } else if self.rng.one_in(2) {
            (format!("except {of} as {name}"), name)
        } else {
            (format!("except {of}"), name)
        }
    }

    pub fn try_catch(&mut self, depth: u32) {
        self.mark(if self.tries > 0 { "nested try" } else { "try" });
        self.tries += 1;
        self.open("try");
        self.body(depth, Place::Branch);
        let form = self.rng.below(3);
        let mut caught = vec![];
        if form > 0 {
            let (name, text) = self.fault();
            self.say(text);
            caught.push(name);
        }
        if form < 2 {
            let c = self.condition();
            let throw = self.throw();
            self.open(self.head("if", &c));
            self.say(throw);
            self.close();
            self.needs.insert("Odd");
            caught.insert(0, "Odd");
        }
        if self.rng.one_in(2) {
            self.body(depth, Place::Branch);
        }
        self.tries -= 1;
        if caught.len() == 2 && self.rng.one_in(3) && caught[1] != "RuntimeException" {
            let both = if self.java() { caught.join(" | ") } else { format!("({})", caught.join(", ")) };
            let (head, _) = self.handler(&both);
            self.next(&head);
            self.handle(depth);
        } else {
            for name in caught {
                let (head, variable) = self.handler(name);
                self.next(&head);
                if self.java() && name == "Odd" && self.rng.one_in(2) {
                    let x = self.target();
                    self.say(format!("{x} = {variable}.code"));
                }
                self.handle(depth);
            }
        }
        if self.python() && self.rng.one_in(3) {
            self.mark("try else");
            self.next("else");
            self.body(depth, Place::Branch);
        }
        if self.rng.one_in(4) {
            self.finally(depth);
        }
        self.close();
    }

    fn handle(&mut self, depth: u32) {
        if self.rng.one_in(3) {
            return self.scope(|g| g.if_leaves(depth + 1));
        }
        self.body(depth, Place::Branch);
        if self.rng.one_in(6) && self.python() {
            self.say("raise");
        }
    }

    pub fn try_finally(&mut self, depth: u32) {
        self.open("try");
        self.body(depth, Place::Branch);
        if self.rng.one_in(2) {
            self.scope(|g| g.if_leaves(depth + 1));
        }
        self.finally(depth);
        self.close();
    }

    fn finally(&mut self, depth: u32) {
        self.mark("finally");
        self.next("finally");
        self.body(depth, Place::Branch);
        let in_loop = !self.loops.is_empty() && !self.in_switch;
        if in_loop || self.rng.one_in(2) {
            let c = self.condition();
            let jump = if in_loop && !self.rng.one_in(4) {
                self.mark("break in finally");
                "break".into()
            } else {
                self.mark("return in finally");
                format!("return {}", self.read())
            };
            self.open(self.head("if", &c));
            self.say(jump);
            self.close();
        }
    }

    /// `with`, or `try` with a resource.
    pub fn resource(&mut self, depth: u32) {
        let (g, v) = (self.name("guard"), self.read());
        self.needs.insert("Odd");
        if self.java() {
            self.mark("resource");
            self.needs.insert("Guard");
            self.open(format!("try (Guard {g} = new Guard({v}))"));
        } else {
            let swallows = self.rng.one_in(2);
            self.mark(if swallows { "with that swallows" } else { "with" });
            let class = if swallows { "Forgiving" } else { "Guard" };
            self.needs.insert(class);
            self.open(format!("with {class}({v}) as {g}"));
            self.tries += u32::from(swallows);
            self.body(depth, Place::Branch);
            if swallows {
                self.scope(|g| g.if_leaves(depth + 1));
                self.tries -= 1;
            }
            let x = self.target();
            self.say(format!("{x} = {g}.start % 50"));
            return self.close();
        }
        self.body(depth, Place::Branch);
        let x = self.target();
        self.say(format!("{x} = {g}.start % 50"));
        self.close();
    }
}
