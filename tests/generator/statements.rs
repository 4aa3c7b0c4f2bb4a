//! Which statement comes next, and the short ones.

use super::{Gen, Lang, Place};

type Write = fn(&mut Gen, u32);

const BRANCHES: [(u32, Write); 4] =
    [(14, Gen::if_chain), (8, Gen::if_short), (12, Gen::if_leaves), (3, Gen::assigned_everywhere)];

const LOOPS: [(u32, Write); 5] =
    [(9, Gen::for_loop), (6, Gen::while_loop), (3, Gen::endless), (6, Gen::over_elements), (1, Gen::skipped_loop)];

impl Gen {
    pub fn statement(&mut self, depth: u32) {
        if self.lines.len() >= self.limit || depth > 4 {
            let text = self.simple();
            return self.say(text);
        }
        let mut choices: Vec<(u32, Write)> = BRANCHES.to_vec();
        if self.loops.len() < 3 {
            choices.extend(LOOPS);
        }
        choices.extend([(22, Gen::short as Write), (4, Gen::declaration), (7, Gen::use_helper), (3, Gen::of_objects)]);
        match self.lang {
            Lang::C => choices.extend(super::c::STATEMENTS),
            Lang::Java => choices.extend(super::java::STATEMENTS),
            Lang::Python => choices.extend(super::python::STATEMENTS),
        }
        if !self.python() {
            choices.extend([(4, Gen::do_while as Write), (6, Gen::switch), (1, Gen::bare_block), (1, Gen::empty)]);
        }
        if !self.c() {
            choices.extend([(10, Gen::try_catch as Write), (3, Gen::try_finally), (2, Gen::resource)]);
        }
        if depth == 0 && self.posts.contains(&Place::Loop) && self.rng.one_in(2) {
            choices = LOOPS.to_vec();
        }
        let write = self.rng.weighted(&choices);
        write(self, depth);
    }

    /// One or two simple statements.
    fn short(&mut self, _depth: u32) {
        let first = self.simple();
        if self.rng.one_in(8) {
            self.mark("two statements on a line");
            let second = self.simple();
            self.say(format!("{first}; {second}"));
        } else {
            self.say(first);
        }
    }

    /// An assignment or a call, without what ends it.
    pub fn simple(&mut self) -> String {
        let x = self.target();
        match self.rng.below(16) {
            0..=3 => format!("{x} = {}", self.value()),
            4 | 5 => {
                self.mark("compound assignment");
                format!("{x} {} {}", self.rng.of(&["+=", "-="]), self.rng.range(1, 7))
            }
            6 => {
                self.mark("compound assignment");
                let (op, k) = (self.rng.of(&["*=", "%=", "/="]), self.rng.range(2, 3));
                match (op, self.python()) {
                    ("*=", _) => format!("{x} = {x} * {k} % 97"),
                    ("/=", true) => format!("{x} //= {k}"),
                    (op, _) => format!("{x} {op} {k}"),
                }
            }
            7 | 8 if self.python() => {
                self.mark("tuple assignment");
                let (y, v, w) = (self.plain(), self.read(), self.read());
                if y == x { format!("{x} = {v}") } else { format!("{x}, {y} = {v}, {w} % 50") }
            }
            7..=9 if !self.python() => self.step(),
            9 => {
                let y = self.plain();
                self.mark("chained assignment");
                format!("{x} = {y} = {}", self.value())
            }
            10 if !self.python() => {
                let y = self.plain();
                self.mark("chained assignment");
                format!("{x} = {y} = {}", self.constant())
            }
            11 if self.has.out => self.on_list(),
            12 if self.has.tab => self.on_map(),
            13 if self.has.text && !self.c() => {
                self.mark("string building");
                self.rng.of(&["word += \"ab\"", "word = text + word"]).into()
            }
            _ => format!("{x} = {}", self.value()),
        }
    }

    /// `x++` in one of its forms.
    fn step(&mut self) -> String {
        let (x, op) = (self.plain(), self.rng.of(&["++", "--"]));
        self.mark("++ and --");
        if self.has.buf && self.rng.one_in(2) {
            self.mark("++ in subscript");
            return format!("buf[{x}++ & 3] = {}", self.constant());
        }
        if self.rng.one_in(4) { format!("{op}{x}") } else { format!("{x}{op}") }
    }

    pub fn on_list(&mut self) -> String {
        self.mark("list");
        let v = self.read();
        let list = self.rng.of(&["out", "out", "same"]);
        if list == "same" {
            self.mark("alias");
        }
        match self.lang {
            Lang::Java => match self.rng.below(4) {
                0 => format!("{list}.clear()"),
                1 => format!("Collections.sort({list})"),
                _ => format!("{list}.add({v})"),
            },
            _ => match self.rng.below(6) {
                0 => format!("{list}.sort()"),
                1 => {
                    self.mark("slices");
                    self.rng.of(&["out[:1] = []", "out = out[1:]", "del out[2:]", "same = out[:2]"]).into()
                }
                2 => format!("{list} += [{v}]"),
                _ => format!("{list}.append({v})"),
            },
        }
    }

    fn on_map(&mut self) -> String {
        self.mark("map");
        let (k, v) = (self.rng.range(0, 3), self.read());
        match self.lang {
            Lang::Java => match self.rng.below(3) {
                0 => format!("tab.remove({k})"),
                1 => format!("tab.merge({k}, {v} % 50, Integer::sum)"),
                _ => format!("tab.put({k}, {v})"),
            },
            _ => match self.rng.below(3) {
                0 => format!("tab.pop({k}, None)"),
                1 => format!("tab.update({{{k}: {v}}})"),
                _ => format!("tab[{k}] = {v}"),
            },
        }
    }

    /// A variable of the block that is open.
    fn declaration(&mut self, depth: u32) {
        let (name, value) = (self.name("v"), self.value());
        if !self.python() && self.rng.one_in(3) {
            self.mark("several declarators");
            let other = self.name("v");
            self.say(format!("int {name} = {value}, {other} = {name} % 9"));
            self.reads.push(other);
        } else {
            self.declare(&name, &value);
        }
        if depth > 0 {
            self.mark("declared in branch");
        }
        self.reads.push(name.clone());
        self.writes.push(name);
    }

    fn bare_block(&mut self, depth: u32) {
        self.mark("bare block");
        self.open("");
        self.scope(|g| {
            g.declaration(depth + 1);
            g.body(depth, Place::Branch);
        });
        self.close();
    }

    fn empty(&mut self, _depth: u32) {
        self.mark("empty statement");
        let text = match self.rng.below(3) {
            0 => ";".into(),
            1 => format!("{} {{ }}", self.head("if", &self.quiet_condition())),
            _ => "{ }".to_owned(),
        };
        self.line(text);
    }

    fn quiet_condition(&self) -> String {
        format!("{} > 3", self.reads[0])
    }

    /// What needs a list, a map, an array or an object.
    fn of_objects(&mut self, depth: u32) {
        if self.has.grid && self.rng.one_in(2) {
            return self.over_grid(depth);
        }
        if self.has.buf && self.rng.one_in(2) {
            let (x, v) = (self.read(), self.read());
            return self.say(format!("buf[{x} & 3] = {v}"));
        }
        let text = if self.has.pair && self.rng.one_in(2) {
            self.on_pair()
        } else if self.has.out {
            self.on_list()
        } else if self.has.tab {
            self.on_map()
        } else {
            self.mark("swap");
            let (x, y) = (self.plain(), self.plain());
            if !self.python() {
                let t = self.name("t");
                self.say(format!("int {t} = {x}"));
                self.say(format!("{x} = {y}"));
                return self.say(format!("{y} = {t}"));
            }
            if x == y { format!("{x} += 1") } else { format!("{x}, {y} = {y}, {x}") }
        };
        self.say(text);
    }
}
