//! Calls of the program's functions, in every place where an expression may stand.

use super::{Across, Lang, Shape, Ty};

impl Across {
    /// Whether a function may be called from where the program is being written.
    fn may_call(&self, j: usize) -> bool {
        let (own, callee) = (self.func(), &self.funcs[j]);
        let plain = callee.plain && !self.wild;
        let fits = !own.of_gauge || callee.plain;
        callee.used && callee.level > own.level && fits && (!plain || own.plain && !self.in_try)
    }

    fn callees(&self) -> Vec<usize> {
        (1..self.funcs.len()).filter(|j| self.may_call(*j)).collect()
    }

    pub fn any_call(&mut self, depth: u32) {
        let callees = self.callees();
        if callees.is_empty() {
            let text = self.short();
            return self.say(text);
        }
        let j = self.rng.of(&callees);
        self.call_statement(j, depth);
    }

    /// `f(...)`.
    pub fn call(&mut self, j: usize, nested: bool) -> String {
        if self.rounds > 0 {
            self.mark("call in loop");
        }
        let f = self.funcs[j].clone();
        self.inner &= nested;
        let mut given = f.params.len();
        let mut args: Vec<String> = Vec::new();
        if f.defaults > 0 && self.rng.one_in(2) {
            self.mark("default argument");
            given -= f.defaults;
        }
        for (at, (ty, name)) in f.params.iter().take(given).enumerate() {
            let arg = match ty {
                Ty::Int if at == 0 && f.shape != Shape::Statements => format!("{} % 5", self.read()),
                Ty::Int => {
                    let inner = if nested { None } else { self.inner_call(j) };
                    inner.unwrap_or_else(|| self.val())
                }
                _ => self.local(*ty),
            };
            let keyword = self.python() && !f.plain && at + 1 == f.params.len() && !f.star && self.rng.one_in(4);
            if keyword {
                self.mark("keyword argument");
            }
            args.push(if keyword { format!("{name}={arg}") } else { arg });
        }
        if self.c() && args.iter().any(|a| a.contains('(') && self.funcs.iter().any(|g| a.starts_with(&g.name))) {
            // Arguments are evaluated in any order.
            for (arg, (ty, _)) in args.iter_mut().zip(&f.params) {
                if *ty == Ty::Int && !self.funcs.iter().any(|g| arg.starts_with(&format!("{}(", g.name))) {
                    *arg = self.g.constant();
                }
            }
        }
        if f.star && given == f.params.len() {
            self.mark("star parameter");
            for _ in 0..self.rng.below(3) {
                let v = self.val();
                args.push(v);
            }
            if self.rng.one_in(3) {
                self.mark("starred argument");
                let v = self.val();
                args.push(format!("*[{v}]"));
            }
        }
        let mut of_objects: Vec<&String> =
            args.iter().zip(&f.params).filter(|p| p.1.0 != Ty::Int).map(|p| p.0).collect();
        if !of_objects.is_empty() {
            self.g.mark("by reference");
        }
        let all = of_objects.len();
        of_objects.sort();
        of_objects.dedup();
        if of_objects.len() < all {
            self.g.mark("alias");
        }
        let ints = f.params.iter().all(|p| p.0 == Ty::Int) && f.params.len() == 1 && args.len() == 1 && f.returns;
        if ints && !nested && f.plain && !self.java() && !self.methods && !f.of_gauge && !f.star && self.rng.one_in(4) {
            return self.by_value(&f.name, &args[0]);
        }
        format!("{}{}({})", self.before_name(j), f.name, args.join(", "))
    }

    /// A call of a function that a variable holds, here or in a function that gets it.
    fn by_value(&mut self, f: &str, arg: &str) -> String {
        if self.rng.one_in(2) {
            self.mark("call of a variable");
            let name = self.name("op");
            let text = if self.c() { format!("int (*{name})(int) = {f}") } else { format!("{name} = {f}") };
            self.say(text);
            return format!("{name}({arg})");
        }
        self.mark("callback");
        self.handed.insert(f.to_owned());
        let address = if self.c() && self.rng.one_in(2) { "&" } else { "" };
        format!("hand_{f}({address}{f}, {arg})")
    }

    /// What stands before a function's name where it is called.
    fn before_name(&mut self, j: usize) -> String {
        match (self.func().of_gauge, self.funcs[j].of_gauge) {
            (true, true) if !self.rng.one_in(3) => return if self.java() { String::new() } else { "self.".into() },
            (_, true) => {
                self.mark("method of another object");
                if self.objs.iter().filter(|o| o.ty == Ty::Gauge).count() > 1 {
                    self.mark("two objects");
                }
                return format!("{}.", self.local(Ty::Gauge));
            }
            (true, false) if self.java() => return format!("{}.", self.file),
            _ => {}
        }
        let before = match (self.lang, self.methods) {
            (Lang::Python, true) => {
                self.mark("instance method");
                "self."
            }
            (Lang::Java, true) => {
                self.mark("instance method");
                self.mark("qualified call");
                if self.rng.one_in(3) { "this." } else { "" }
            }
            _ => "",
        };
        before.to_owned()
    }

    /// A call as another one's argument.
    fn inner_call(&mut self, outer: usize) -> Option<String> {
        let plain = self.funcs[outer].plain;
        if self.c() && self.inner {
            return None;
        }
        let fits = |j: &usize| self.funcs[*j].returns && *j != outer && (self.funcs[*j].plain == plain || self.wild);
        let callees: Vec<usize> = self.callees().into_iter().filter(fits).collect();
        if callees.is_empty() || !self.rng.one_in(7) {
            return None;
        }
        self.mark("call in argument");
        self.inner = true;
        let j = self.rng.of(&callees);
        Some(self.call(j, true))
    }

    /// Something to pass by reference; where there is nothing, a variable is declared for it.
    pub fn local(&mut self, ty: Ty) -> String {
        let mut known: Vec<String> = self.objs.iter().filter(|o| o.ty == ty).map(|o| o.pass.clone()).collect();
        if ty == Ty::Cell && self.c() {
            let plain = |w: &&String| w.chars().all(char::is_alphanumeric);
            let ints: Vec<String> = self.writes.iter().filter(plain).cloned().collect();
            if ints.iter().any(|i| i == "level") {
                self.mark("address of global");
            }
            known.extend(ints.iter().map(|i| format!("&{i}")));
        }
        if self.store && matches!(ty, Ty::Ints | Ty::Cell) {
            let store = self.global("store");
            known.push(match (self.lang, ty) {
                (Lang::C, Ty::Ints) => "store, 4".into(),
                (Lang::C, _) => "&store[1]".into(),
                _ => store,
            });
        }
        if !known.is_empty() && !self.rng.one_in(8) {
            return self.rng.of(&known);
        }
        let (prefix, v) = (["", "cell", "arr", "p", "tab", "gauge"][ty as usize], self.val());
        let name = self.name(prefix);
        let text = match (self.lang, ty) {
            (Lang::C, Ty::Cell) => format!("int {name} = {v}"),
            (Lang::C, Ty::Ints) => format!("int {name}[3] = {{{v}, 1, 2}}"),
            (Lang::C, _) => format!("struct Pair {name} = {{{v}, 1}}"),
            (Lang::Java, Ty::Cell) => format!("int[] {name} = {{{v}}}"),
            (Lang::Java, Ty::Ints) => format!("int[] {name} = {{{v}, 1, 2}}"),
            (Lang::Java, Ty::Pair) => {
                self.mark("constructor");
                format!("Pair {name} = new Pair({v}, 1)")
            }
            (Lang::Java, Ty::Gauge) => format!("Gauge {name} = new Gauge({v})"),
            (Lang::Python, Ty::Gauge) => format!("{name} = Gauge({v})"),
            (Lang::Java, _) => format!("Map<Integer, Integer> {name} = new TreeMap<>()"),
            (Lang::Python, Ty::Cell) => format!("{name} = [{v}]"),
            (Lang::Python, Ty::Ints) => format!("{name} = [{v}, 1, 2]"),
            (Lang::Python, Ty::Pair) => format!("{name} = Pair({v}, 1)"),
            (Lang::Python, _) => format!("{name} = {{0: {v}}}"),
        };
        self.say(text);
        self.object(ty, &name, false);
        self.objs.last().map(|o| o.pass.clone()).unwrap_or_default()
    }

    /// An operand beside a call: in C a constant, since the call may change whatever else is read.
    fn beside(&mut self) -> String {
        if self.c() { self.constant() } else { self.read() }
    }

    pub fn call_statement(&mut self, j: usize, depth: u32) {
        let callee = self.funcs[j].clone();
        let call = self.call(j, false);
        if self.funcs[j].shape == Shape::Statements && self.funcs[j].params.iter().any(|p| p.0 == Ty::Cell) {
            self.mark("out-parameter");
        }
        if !callee.returns {
            return self.say(call);
        }
        if (!callee.plain || self.wild) && !self.in_try && self.rng.one_in(2) {
            return self.call_anywhere(j, call, depth);
        }
        let (k, w) = (self.constant(), self.beside());
        match self.rng.below(17) {
            0 => self.say(call),
            1 => {
                self.mark("call in compound assignment");
                let fresh = self.fresh_int();
                let x = if self.c() { fresh } else { self.var() };
                self.say(format!("{x} += {call}"));
            }
            2 | 3 => {
                self.mark("call in declarator");
                let name = self.name("r");
                self.declare(&name, &call);
                self.g.reads.extend([name.clone(), name.clone()]);
                self.g.writes.push(name);
            }
            4 | 5 if depth < 2 => self.if_call(&format!("{call} > {k}"), depth),
            6 if depth < 2 => {
                let c =
                    if self.python() && self.rng.one_in(2) { format!("not {call}") } else { format!("{call} == {k}") };
                self.if_call(&c, depth);
            }
            7 | 8 if depth < 2 => self.loop_call(&call, depth),
            9 => {
                self.mark("call in return");
                let (c, extra) =
                    (self.comparison(), if self.rng.one_in(2) { format!(" + {w}") } else { String::new() });
                let head = self.head("if", &c);
                self.open(head);
                let text = if self.func().returns { format!("return {call}{extra}") } else { call };
                self.say(text);
                self.close();
            }
            10 if self.store => {
                self.mark("call in subscript");
                let (store, v) = (self.global("store"), if self.c() { k } else { self.val() });
                self.say(format!("{store}[{call} & 3] = {v}"));
            }
            11 => {
                let back = if self.func().returns { " -1" } else { "" };
                let head = self.head("if", &format!("{call} < {k}"));
                self.open(head);
                self.say(format!("return{back}"));
                self.close();
            }
            12 if !self.c() => {
                let x = self.var();
                let other = self.call(j, true);
                self.say(format!("{x} = {call} - {other}"));
            }
            13 => {
                let x = self.var();
                self.say(format!("{x} = {w} + {call}"));
            }
            14 => {
                let (x, m) = (self.var(), self.rng.range(5, 60));
                self.say(format!("{x} = ({call} + {w}) % {m}"));
            }
            _ => {
                let x = self.var();
                self.say(format!("{x} = {call}"));
            }
        }
    }

    /// A local integer that nothing else reaches.
    fn fresh_int(&mut self) -> String {
        let name = self.name("s");
        if self.c() {
            let v = self.val();
            self.declare(&name, &v);
            self.g.reads.push(name.clone());
        }
        name
    }

    fn if_call(&mut self, condition: &str, depth: u32) {
        self.mark("call in condition");
        let (and, or) = (self.and(), self.or());
        let c = match self.rng.below(5) {
            0 => format!("{condition} {and} {}", self.comparison()),
            1 => format!("{condition} {or} {}", self.comparison()),
            _ => condition.to_owned(),
        };
        let head = self.head("if", &c);
        self.open(head);
        self.block(depth);
        if self.rng.one_in(2) {
            self.next("else");
            self.block(depth);
        }
        self.close();
    }

    /// In the header of a loop that makes a few rounds.
    fn loop_call(&mut self, call: &str, depth: u32) {
        self.mark("call in loop header");
        let (i, k, most) = (self.name("i"), self.constant(), self.rng.range(2, 4));
        let and = self.and();
        match self.rng.below(4) {
            0 if !self.python() => self.open(format!("for (int {i} = {call} % 3; {i} < {most}; {i}++)")),
            1 if !self.python() => {
                self.open(format!("for (int {i} = 0; {i} < {most}; {i} += {call} % 2 == 0 ? 1 : 2)"));
            }
            2 if !self.python() => {
                self.mark("call in do-while");
                self.declare(&i, "0");
                self.open("do");
                self.say(format!("{i}++"));
                self.round(depth, i.clone());
                return self.close_with(&format!(" while ({call} < {k} && {i} < {most});"));
            }
            _ => {
                self.declare(&i, "0");
                let head = self.head("while", &format!("{call} < {k} {and} {i} < {most}"));
                self.open(head);
                self.say(format!("{i} += 1"));
            }
        }
        self.round(depth, i);
        self.close();
    }
}
