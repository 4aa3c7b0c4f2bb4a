//! Integers and conditions, as text.

use super::{Gen, Lang};

impl Gen {
    pub fn read(&mut self) -> String {
        self.rng.of(&self.reads)
    }

    /// What may be assigned.
    pub fn target(&mut self) -> String {
        self.rng.of(&self.writes)
    }

    /// An assignable name, not a field or an element.
    pub fn plain(&mut self) -> String {
        let names: Vec<String> =
            self.writes.iter().filter(|w| w.chars().all(char::is_alphanumeric) && *w != "level").cloned().collect();
        self.rng.of(&names)
    }

    pub fn constant(&mut self) -> String {
        self.rng.range(0, 9).to_string()
    }

    /// Something that doesn't grow much faster than what it reads.
    pub fn value(&mut self) -> String {
        let v = self.read();
        let k = self.rng.range(1, 6);
        match self.rng.below(15) {
            0 | 1 => self.constant(),
            2 | 3 => v,
            4 => format!("{v} + {k}"),
            5 => format!("{v} - {k}"),
            6 => format!("({v} + {}) % {}", self.read(), 90 + k),
            7 => format!("{v} * {k} % {}", 90 + k),
            8 => format!("({v} - {}) % {}", self.read(), 10 + k),
            9 => format!("{v} {} {}", if self.python() { "//" } else { "/" }, k + 1),
            10 => self.ternary(),
            11 | 12 => self.call(),
            13 => self.first_element(),
            _ => self.length(),
        }
    }

    fn ternary(&mut self) -> String {
        self.mark("ternary");
        let (c, v, w) = (self.comparison(), self.read(), self.constant());
        if self.python() { format!("{v} if {c} else {w}") } else { format!("{c} ? {v} : {w}") }
    }

    fn first_element(&mut self) -> String {
        let k = self.constant();
        match self.lang {
            Lang::C => format!("n > 0 ? xs[0] % 50 : {k}"),
            Lang::Java => format!("xs.length > 0 ? xs[xs.length - 1] % 50 : {k}"),
            Lang::Python => format!("xs[-1] % 50 if xs else {k}"),
        }
    }

    fn length(&mut self) -> String {
        match self.lang {
            Lang::Python if self.has.out => "len(out)".into(),
            Lang::Python if self.has.text => "len(text)".into(),
            Lang::Java if self.has.out => "out.size()".into(),
            Lang::Java if self.has.text => "text.length()".into(),
            Lang::C if self.has.text => "(int) strlen(text)".into(),
            Lang::C => format!("-{}", self.read()),
            Lang::Java => format!("Math.abs({})", self.read()),
            Lang::Python => format!("max({}, {})", self.read(), self.constant()),
        }
    }

    /// A call of a function of the file.
    fn call(&mut self) -> String {
        let v = self.read();
        match self.rng.below(8) {
            0..=2 => {
                self.mark("call of pure function");
                self.needs.insert("twist");
                format!("twist({v})")
            }
            3 => {
                self.mark("recursion");
                self.needs.insert("depth");
                format!("depth({v})")
            }
            4 if self.has.level => {
                self.mark("call changing global");
                self.needs.insert("charge");
                format!("charge({v})")
            }
            5 if self.c() => {
                self.mark("static local");
                self.needs.insert("count");
                "count_calls()".into()
            }
            6 if self.has.pair => {
                self.mark(if self.c() { "struct by value" } else { "object" });
                self.needs.insert("span");
                "span(p)".into()
            }
            7 => {
                self.mark("call that leaves");
                self.needs.insert("demand");
                format!("demand({v})")
            }
            _ => {
                self.needs.insert("twist");
                format!("twist({v} + {})", self.constant())
            }
        }
    }

    /// A comparison without effects.
    pub fn comparison(&mut self) -> String {
        let (v, k) = (self.read(), self.constant());
        match self.rng.below(6) {
            0 => format!("{v} > {k}"),
            1 => format!("{v} < {}", self.read()),
            2 => format!("{v} % {} == {}", self.rng.range(2, 4), self.rng.range(0, 1)),
            3 => format!("{v} != {k}"),
            4 => format!("{v} <= {k}"),
            _ => format!("{v} >= {}", self.read()),
        }
    }

    pub fn and(&self) -> &'static str {
        if self.python() { "and" } else { "&&" }
    }

    pub fn or(&self) -> &'static str {
        if self.python() { "or" } else { "||" }
    }

    /// `!(c)`.
    pub fn not(&self, condition: &str) -> String {
        if self.python() { format!("not ({condition})") } else { format!("!({condition})") }
    }

    /// A condition, now and then with an effect.
    pub fn condition(&mut self) -> String {
        match self.rng.below(14) {
            0 | 1 => {
                self.mark("short circuit");
                let op = if self.rng.one_in(2) { self.and() } else { self.or() };
                format!("{} {op} {}", self.comparison(), self.comparison())
            }
            2 if self.has.flag => {
                let (flag, and) = (if self.rng.one_in(3) { self.not("flag") } else { "flag".into() }, self.and());
                if self.rng.one_in(2) { flag } else { format!("{flag} {and} {}", self.comparison()) }
            }
            3 if self.has.text => match self.lang {
                Lang::C => format!("text[0] == '{}'", self.rng.of(&['a', 'b', 'x'])),
                Lang::Java => format!("text.startsWith(\"{}\")", self.rng.of(&["a", "b", "x"])),
                Lang::Python => format!("text.startswith(\"{}\")", self.rng.of(&["a", "b", "x"])),
            },
            4 => {
                let c = self.comparison();
                self.not(&c)
            }
            5 | 6 => {
                self.mark("side effect in condition");
                let op = if self.rng.one_in(2) { self.and() } else { self.or() };
                let (left, right) = (self.comparison(), self.effect());
                format!("{left} {op} {right}")
            }
            7 => {
                self.mark("side effect in condition");
                self.effect()
            }
            8 => format!("{} > {}", self.call(), self.constant()),
            _ => self.comparison(),
        }
    }

    /// A condition that assigns.
    fn effect(&mut self) -> String {
        let (x, k) = (self.plain(), self.constant());
        if self.python() {
            self.mark("walrus");
            return format!("({x} := {}) > {k}", self.value());
        }
        if self.rng.one_in(2) {
            self.mark("assignment in condition");
            return format!("({x} = {}) > {k}", self.value());
        }
        self.mark("++ and --");
        let op = self.rng.of(&["++", "--"]);
        if self.rng.one_in(3) { format!("{op}{x} < {k}") } else { format!("{x}{op} < {k}") }
    }

    /// What a POST states: one to three of the variables, true of some values.
    pub fn claim(&mut self) -> String {
        let (v, w, k) = (self.target(), self.target(), self.constant());
        let m = self.rng.range(2, 5);
        match self.rng.below(9) {
            0 | 1 => format!("{v} % {m} != 1"),
            2 => format!("{v} < {}", self.rng.range(4, 40)),
            3 => format!("{v} != {w} + {k}"),
            4 => format!("({v} + {w}) % {m} != 1"),
            5 => format!("{v} <= {w} {} {} > {k}", self.or(), self.read()),
            6 if self.has.out => match self.lang {
                Lang::Python => format!("len(out) < {m}"),
                _ => format!("out.size() < {m}"),
            },
            7 if self.has.flag => format!("flag {} {v} < {}", self.or(), self.rng.range(2, 20)),
            _ => format!("{v} + {w} > {k}"),
        }
    }

    /// The same of the returned value.
    pub fn claim_of_result(&mut self) -> String {
        match self.rng.below(3) {
            0 => format!("result % {} != 1", self.rng.range(2, 5)),
            1 => format!("result < {}", self.rng.range(4, 40)),
            _ => format!("result > {}", self.rng.range(-9, 2)),
        }
    }
}
