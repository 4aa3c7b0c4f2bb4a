//! What a file defines beside its entry: functions that are called for their value or their effect, exceptions, objects.

use super::{Gen, Lang};

type Define = fn(&mut Gen);

impl Gen {
    /// A call for its effect.
    pub fn use_helper(&mut self, _depth: u32) {
        let v = self.read();
        let text = match self.rng.below(6) {
            0 => {
                self.mark("call changing array");
                self.needs.insert("fill");
                match (self.lang, self.has.buf && self.rng.one_in(2)) {
                    (Lang::C, true) => format!("fill(buf, 4, {v})"),
                    (Lang::C, false) => format!("fill(xs, n, {v})"),
                    (_, true) => format!("fill(buf, {v})"),
                    (_, false) => format!("fill(xs, {v})"),
                }
            }
            1 if self.c() => {
                self.mark("call changing pointer");
                self.needs.insert("bump");
                format!("bump(&{}, {v})", self.plain())
            }
            2 | 3 if self.has.pair => self.on_pair(),
            4 if self.has.level => {
                self.mark("call changing global");
                self.needs.insert("charge");
                format!("charge({v})")
            }
            5 => {
                self.mark("call that leaves");
                self.needs.insert("demand");
                format!("demand({v})")
            }
            _ if self.has.pair => self.on_pair(),
            _ => {
                self.mark("call of pure function");
                self.needs.insert("twist");
                format!("{} = twist({v})", self.target())
            }
        };
        self.say(text);
    }

    /// A call that changes `p`.
    pub fn on_pair(&mut self) -> String {
        let (v, k) = (self.read(), self.rng.range(2, 9));
        self.mark("call changing object");
        if !self.c() && self.rng.one_in(2) {
            self.mark("object");
            return format!("p.move({v} % {k})");
        }
        self.needs.insert("shift");
        format!("shift({}p, {v} % {k})", if self.c() { "&" } else { "" })
    }

    /// Everything in `needs`, each followed by an empty line.
    pub fn definitions(&mut self) {
        if self.needs.contains("demand") || self.needs.contains("Forgiving") {
            self.needs.insert("Odd");
        }
        if self.has.pair {
            self.pair();
        }
        if self.has.level {
            match self.lang {
                Lang::C => self.line("static int level = 3;"),
                Lang::Java => self.line("static int level = 3;"),
                Lang::Python => self.line("level = 3"),
            }
            self.gap();
        }
        self.exceptions();
        let all: [(&str, Define); 8] = [
            ("Guard", |g| g.guard("Guard", "False")),
            ("Forgiving", |g| g.guard("Forgiving", "kind is Odd")),
            ("twist", Gen::twist),
            ("depth", Gen::depth),
            ("fill", Gen::fill),
            ("charge", Gen::charge),
            ("demand", Gen::demand),
            ("shift", Gen::shift),
        ];
        for (name, define) in all {
            if self.needs.contains(name) {
                define(self);
                self.gap();
            }
        }
        if self.needs.contains("span") && !self.java() || self.java() && self.has.pair {
            self.function("int", "span", &[("pair", "p")]);
            self.say("return p.first - p.second");
            self.close();
            self.gap();
        }
        if self.needs.contains("bump") {
            self.line("static void bump(int *to, int d) {");
            self.line("    if (d > 2)");
            self.line("        *to += d % 7;");
            self.line("}");
            self.gap();
        }
        if self.needs.contains("count") {
            self.line("static int count_calls(void) {");
            self.line("    static int calls = 0;");
            self.line("    return ++calls;");
            self.line("}");
            self.gap();
        }
        if self.needs.contains("risky") {
            self.line("static int risky(int v) throws Bad {");
            self.line("    if (v % 3 == 1) throw new Bad();");
            self.line("    return v + 1;");
            self.line("}");
            self.gap();
        }
    }

    pub fn gap(&mut self) {
        self.lines.push(String::new());
        if self.python() {
            self.lines.push(String::new());
        }
    }

    /// Opens a function; parameters are of type `int`, `ints` or `pair`.
    fn function(&mut self, ty: &str, name: &str, params: &[(&str, &str)]) {
        let spell = |(ty, name): &(&str, &str)| match (self.lang, *ty) {
            (Lang::Python, _) => (*name).to_owned(),
            (Lang::C, "ints") => format!("int *{name}, int n"),
            (Lang::Java, "ints") => format!("int[] {name}"),
            (Lang::C, "pair") => format!("struct Pair {name}"),
            (Lang::Java, "pair") => format!("Pair {name}"),
            _ => format!("int {name}"),
        };
        let params: Vec<String> = params.iter().map(spell).collect();
        let params = params.join(", ");
        let head = match self.lang {
            Lang::Python => format!("def {name}({params})"),
            _ => format!("static {ty} {name}({params})"),
        };
        self.open(head);
    }

    fn twist(&mut self) {
        let (k, m) = (self.rng.range(2, 9), self.rng.range(3, 7));
        self.function("int", "twist", &[("int", "v")]);
        self.open(self.head("if", &format!("v > {k}")));
        self.say(format!("return v - {k}"));
        self.close();
        self.say(format!("return v * 2 % {m}"));
        self.close();
    }

    fn depth(&mut self) {
        let div = if self.python() { "//" } else { "/" };
        self.function("int", "depth", &[("int", "v")]);
        self.open(self.head("if", "v < 1"));
        self.say("return 0");
        self.close();
        self.say(format!("return 1 + depth(v {div} 2)"));
        self.close();
    }

    fn fill(&mut self) {
        self.function("void", "fill", &[("ints", "to"), ("int", "v")]);
        let some = ["n > 1", "len(to) > 1", "to.length > 1"][self.lang as usize];
        self.open(self.head("if", some));
        self.say("to[1] = v");
        self.close();
        self.close();
    }

    fn charge(&mut self) {
        let m = self.rng.range(5, 50);
        self.function("int", "charge", &[("int", "v")]);
        if self.python() {
            self.say("global level");
        }
        self.say(format!("level = (level + v) % {m}"));
        self.say("return level");
        self.close();
    }

    fn demand(&mut self) {
        let k = self.rng.range(5, 20);
        self.function("int", "demand", &[("int", "v")]);
        self.open(self.head("if", &format!("v > {k}")));
        match self.lang {
            Lang::C => {
                self.needs.insert("exit");
                self.say("exit(3)");
            }
            Lang::Java => self.say("throw new Odd(v)"),
            Lang::Python => self.say("raise Odd(v)"),
        }
        self.close();
        self.say("return v % 5");
        self.close();
    }

    fn shift(&mut self) {
        match self.lang {
            Lang::C => self.open("static void shift(struct Pair *p, int d)"),
            _ => self.function("void", "shift", &[("pair", "p"), ("int", "d")]),
        }
        let p = if self.c() { "p->" } else { "p." };
        self.say(format!("{p}first += d"));
        self.open(self.head("if", "d > 3"));
        self.say(format!("{p}second = d"));
        self.close();
        self.close();
    }

    fn pair(&mut self) {
        match self.lang {
            Lang::C => {
                self.line("struct Pair {");
                self.line("    int first;");
                self.line("    int second;");
                self.line("};");
            }
            Lang::Java => {
                self.open("static class Pair");
                self.line("int first;");
                self.line("int second;");
                self.gap();
                self.open("Pair(int first, int second)");
                self.say("this.first = first");
                self.say("this.second = second");
                self.close();
                self.gap();
                self.open("void move(int d)");
                self.say("first += d");
                self.say("second -= 1");
                self.close();
                self.close();
            }
            Lang::Python => {
                self.open("class Pair");
                self.open("def __init__(self, first, second)");
                self.say("self.first = first");
                self.say("self.second = second");
                self.close();
                self.lines.push(String::new());
                self.open("def move(self, d)");
                self.say("self.first += d");
                self.say("self.second -= 1");
                self.close();
                self.close();
            }
        }
        self.gap();
    }

    fn exceptions(&mut self) {
        if self.needs.contains("Odd") && self.java() {
            self.open("static class Odd extends RuntimeException");
            self.line("final int code;");
            self.gap();
            self.open("Odd(int code)");
            self.say("this.code = code");
            self.close();
            self.close();
            self.gap();
        }
        if self.needs.contains("Odd") && self.python() {
            self.open("class Odd(Exception)");
            self.close();
            self.gap();
        }
        if self.needs.contains("risky") {
            self.line("static class Bad extends Exception {");
            self.line("}");
            self.gap();
        }
    }

    /// What a `with` or a `try` holds.
    fn guard(&mut self, class: &str, swallows: &str) {
        if self.java() {
            self.open("static class Guard implements AutoCloseable");
            self.line("final int start;");
            self.gap();
            self.open("Guard(int start)");
            self.say("this.start = start");
            self.close();
            self.gap();
            self.line("@Override");
            self.open("public void close()");
            self.close();
            self.close();
            return;
        }
        self.open(format!("class {class}"));
        self.open("def __init__(self, start)");
        self.say("self.start = start");
        self.close();
        self.lines.push(String::new());
        self.open("def __enter__(self)");
        self.say("return self");
        self.close();
        self.lines.push(String::new());
        self.open("def __exit__(self, kind, error, trace)");
        self.say(format!("return {swallows}"));
        self.close();
        self.close();
    }
}
