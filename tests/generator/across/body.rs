//! Statements of a function. They are nested twice at most.

use super::{Across, Lang, Obj, Ty};

type Write = fn(&mut Across, u32);

impl Across {
    pub fn statements(&mut self, j: usize) {
        if self.c() && self.rng.one_in(6) {
            self.label = Some("done".into());
        }
        let known = (self.reads.len(), self.writes.len(), self.objs.len());
        let mut must = self.funcs[j].must.clone();
        let more = self.rng.range(if j == 0 { 2 } else { 1 }, 4) as usize;
        let mut left = must.len() + more;
        while left > 0 {
            if self.post_left && self.rng.one_in(left as u32 + 2) {
                self.post();
            }
            let called = !must.is_empty() && self.rng.below(left) < must.len();
            if called {
                let at = self.rng.below(must.len());
                let callee = must.remove(at);
                self.call_statement(callee, 0);
            } else {
                self.across_statement(0);
            }
            left -= 1;
        }
        if self.post_left {
            self.post();
        }
        if self.label.take().is_some() {
            self.mark("goto");
            // What a `goto` may have passed over has no value.
            self.reads.truncate(known.0);
            self.writes.truncate(known.1);
            self.objs.truncate(known.2);
            self.outdented("done:");
            let text = self.short();
            self.say(text);
        }
        if self.funcs[j].returns {
            let v = if self.rng.one_in(2) { self.read() } else { self.val() };
            self.say(format!("return {v}"));
        }
    }

    pub fn across_statement(&mut self, depth: u32) {
        let mut choices: Vec<(u32, Write)> = vec![(12, Across::assignment), (4, Across::on_object), (3, Across::leave)];
        if depth < 2 {
            choices.extend([(8, Across::branch as Write), (5, Across::loop_), (3, Across::switch_)]);
            choices.push((3, Across::early));
            if !(self.c() || self.java() && self.func().of_gauge) {
                choices.push((3, Across::try_));
            }
        }
        if self.now > 0 || depth > 0 {
            choices.push((6, Across::any_call));
        }
        if self.rounds > 0 {
            choices.push((5, Across::out_of_loop));
        }
        if self.label.is_some() {
            choices.push((5, Across::goto_done));
        }
        let write = self.rng.weighted(&choices);
        write(self, depth);
    }

    /// An assignment, without what ends it.
    pub fn short(&mut self) -> String {
        let x = self.var();
        match self.rng.below(4) {
            0 => format!("{x} += {}", self.rng.range(1, 5)),
            1 => format!("{x} -= {}", self.rng.range(1, 5)),
            _ => format!("{x} = {}", self.val()),
        }
    }

    fn assignment(&mut self, _depth: u32) {
        let text = self.short();
        self.say(text);
    }

    pub fn block(&mut self, depth: u32) {
        self.within(|a| {
            for _ in 0..a.rng.weighted(&[(3, 1), (2, 2)]) {
                if a.post_left && a.rng.one_in(3) {
                    let place = if a.rounds > 0 { "post in loop" } else { "post in branch" };
                    a.mark(place);
                    a.post();
                }
                a.across_statement(depth + 1);
            }
        });
    }

    fn branch(&mut self, depth: u32) {
        let c = self.test();
        let head = self.head("if", &c);
        self.open(head);
        self.block(depth);
        if self.rng.one_in(4) {
            let c = self.comparison();
            let head = self.head("else if", &c);
            self.next(&head);
            self.block(depth);
        }
        if self.rng.one_in(2) {
            self.next("else");
            self.block(depth);
        }
        self.close();
    }

    /// A condition without a call.
    pub fn test(&mut self) -> String {
        let c = self.comparison();
        if !self.rng.one_in(5) {
            return c;
        }
        let op = if self.rng.one_in(2) { self.and() } else { self.or() };
        format!("{c} {op} {}", self.comparison())
    }

    fn early(&mut self, _depth: u32) {
        self.mark("early return");
        let c = self.comparison();
        let v = if self.func().returns { format!(" {}", self.val()) } else { String::new() };
        let head = self.head("if", &c);
        self.open(head);
        if self.rng.one_in(3) {
            let text = self.short();
            self.say(text);
        }
        self.say(format!("return{v}"));
        self.close();
    }

    fn leave(&mut self, depth: u32) {
        if !self.func().leaves {
            return self.assignment(depth);
        }
        self.mark("callee leaves");
        let (c, v) = (self.comparison(), self.read());
        let head = self.head("if", &c);
        let (throws, plain) = (self.rng.one_in(2), self.rng.one_in(4));
        let text = match self.lang {
            Lang::C if plain => format!("assert({})", self.comparison()),
            Lang::C => self.rng.of(&["exit(1)", "exit(2)", "abort()"]).into(),
            Lang::Java if throws => "System.exit(1)".into(),
            Lang::Java if plain => "throw new IllegalStateException()".to_owned(),
            Lang::Java => {
                self.needs.insert("Odd");
                format!("throw new Odd({v})")
            }
            Lang::Python if throws => {
                self.needs.insert("exit");
                "sys.exit(1)".into()
            }
            Lang::Python if plain => format!("raise ValueError({v})"),
            Lang::Python => {
                self.needs.insert("Odd");
                format!("raise Odd({v})")
            }
        };
        self.open(head);
        self.say(text);
        self.close();
    }

    fn loop_(&mut self, depth: u32) {
        if self.now > 0 {
            self.mark("loop in callee");
        }
        let (i, k) = (self.name("i"), self.rng.range(2, 4));
        let arrays: Vec<Obj> = self.objs.iter().filter(|o| o.ty == Ty::Ints).cloned().collect();
        let mut counter = i.clone();
        match (self.lang, self.rng.below(3)) {
            (Lang::Python, 0) if !arrays.is_empty() => {
                let array = self.rng.of(&arrays).pass;
                self.open(format!("for {i} in {array}"));
                counter = format!("{i} % 20");
            }
            (Lang::Java, 0) if !arrays.is_empty() => {
                let array = self.rng.of(&arrays).pass;
                self.open(format!("for (int {i} : {array})"));
                counter = format!("{i} % 20");
            }
            (Lang::C, 0) if !arrays.is_empty() => {
                let array = self.rng.of(&arrays).pass;
                let (_, n) = array.split_once(", ").expect("an array with its length");
                self.open(format!("for (int {i} = 0; {i} < {n} && {i} < 5; {i}++)"));
            }
            (_, 1) => {
                self.declare(&i, "0");
                let (and, c) = (self.and(), self.comparison());
                let head = self.head("while", &format!("{i} < {k} {and} {c}"));
                self.open(head);
                self.say(format!("{i} += 1"));
            }
            (Lang::Python, _) => self.open(format!("for {i} in range({k})")),
            _ => self.open(format!("for (int {i} = 0; {i} < {k}; {i}++)")),
        }
        self.round(depth, counter);
        self.close();
    }

    /// The body of a loop.
    pub fn round(&mut self, depth: u32, counter: String) {
        self.rounds += 1;
        self.within(|a| {
            a.g.reads.push(counter);
            a.block(depth);
        });
        self.rounds -= 1;
    }

    fn out_of_loop(&mut self, _depth: u32) {
        let c = self.comparison();
        let word = self.rng.of(&["break", "continue"]);
        let head = self.head("if", &c);
        self.open(head);
        self.say(word);
        self.close();
    }

    fn goto_done(&mut self, _depth: u32) {
        let c = self.comparison();
        let head = self.head("if", &c);
        self.open(head);
        self.say("goto done");
        self.close();
    }

    fn switch_(&mut self, depth: u32) {
        let x = self.read();
        self.switch_on(&format!("{x} % 3"), depth);
    }

    pub fn switch_on(&mut self, subject: &str, depth: u32) {
        if self.now > 0 {
            self.mark("switch in callee");
        }
        // A `break` in an arm would leave the switch alone.
        let rounds = std::mem::take(&mut self.rounds);
        let python = self.python();
        if python {
            self.open(format!("match {subject}"));
        } else {
            self.open(format!("switch ({subject})"));
        }
        for label in ["0", "1", "default"] {
            if label == "default" && self.rng.one_in(3) {
                continue;
            }
            let head = match (python, label) {
                (true, "default") => "case _".to_owned(),
                (true, _) => format!("case {label}"),
                (false, "default") => "default:".into(),
                (false, _) => format!("case {label}:"),
            };
            if python {
                self.open(head);
                self.block(depth);
                self.close();
                continue;
            }
            self.open(head);
            self.block(depth);
            self.close();
            if label != "0" || !self.rng.one_in(4) {
                self.say("break");
            }
        }
        self.close();
        self.rounds = rounds;
    }

    /// Catches what it throws itself or what a callee throws.
    fn try_(&mut self, depth: u32) {
        self.mark("try in callee");
        self.needs.insert("Odd");
        let (c, v, e) = (self.comparison(), self.read(), self.name("err"));
        let before = std::mem::replace(&mut self.in_try, true);
        self.open("try");
        self.within(|a| {
            if a.rng.one_in(2) {
                a.mark("call in try");
                a.any_call(depth);
            }
            a.block(depth);
        });
        let head = self.head("if", &c);
        self.open(head);
        let throw = if self.java() { "throw new" } else { "raise" };
        self.say(format!("{throw} Odd({v})"));
        self.close();
        self.in_try = before;
        let caught = if self.java() { format!("catch (Odd {e})") } else { format!("except Odd as {e}") };
        self.next(&caught);
        self.block(depth);
        if self.rng.one_in(3) {
            self.next("finally");
            let text = self.short();
            self.say(text);
        }
        self.close();
    }

    fn on_object(&mut self, depth: u32) {
        if self.objs.is_empty() {
            return self.assignment(depth);
        }
        let (obj, v, k) = (self.g.rng.of(&self.objs), self.val(), self.rng.range(0, 2));
        match (obj.ty, self.lang) {
            (Ty::Ints, Lang::C) => {
                self.mark("array");
                let (xs, n) = obj.pass.split_once(", ").expect("an array with its length");
                let head = self.head("if", &format!("{n} > {k}"));
                self.open(head);
                self.say(format!("{xs}[{k}] = {v}"));
                self.close();
            }
            (Ty::Ints, _) => {
                self.mark("array");
                let xs = &obj.pass;
                let length = if self.java() { format!("{xs}.length") } else { format!("len({xs})") };
                let head = self.head("if", &format!("{length} > {k}"));
                self.open(head);
                self.say(format!("{xs}[{k}] = {v}"));
                self.close();
            }
            (Ty::Tab, Lang::Java) => self.say(format!("{}.put({k}, {v})", obj.pass)),
            (Ty::Tab, _) => self.say(format!("{}[{k}] = {v}", obj.pass)),
            (Ty::Pair, Lang::C) => {
                self.mark("object");
                self.needs.insert("shift");
                let (pass, v) = (obj.pass, self.read());
                self.say(format!("shift({pass}, {v} % 5)"));
            }
            (Ty::Pair, _) => {
                self.mark("object");
                self.mark("instance method");
                let (pass, v) = (obj.pass, self.read());
                self.say(format!("{pass}.move({v} % 5)"));
            }
            _ => self.assignment(depth),
        }
    }
}
