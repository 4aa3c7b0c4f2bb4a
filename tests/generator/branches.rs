//! `if` in its forms, and `switch`.

use super::{Gen, Place};

impl Gen {
    pub fn if_chain(&mut self, depth: u32) {
        self.mark("if");
        if depth > 0 {
            self.mark("nested if");
        }
        let c = self.condition();
        self.open(self.head("if", &c));
        self.body(depth, Place::Branch);
        for _ in 0..self.rng.weighted(&[(5, 0), (3, 1), (1, 2)]) {
            self.mark("else if");
            let c = self.condition();
            self.next(&self.head("else if", &c));
            self.body(depth, Place::Branch);
        }
        if self.rng.one_in(2) {
            self.mark("else");
            self.next("else");
            self.body(depth, Place::Branch);
        }
        self.close();
    }

    /// On one line, or without braces.
    pub fn if_short(&mut self, _depth: u32) {
        let c = self.condition();
        let (head, then) = (self.head("if", &c), self.simple());
        if self.python() {
            self.mark("if on one line");
            return self.line(format!("{head}: {then}"));
        }
        let (otherwise, last) = (self.simple(), self.simple());
        let form = self.rng.below(5);
        self.mark(if form < 2 { "if on one line" } else { "if without braces" });
        match form {
            0 => self.line(format!("{head} {then};")),
            1 => self.line(format!("{head} {then}; else {otherwise};")),
            _ => {
                self.line(head);
                self.line(format!("    {then};"));
                if form > 2 {
                    let c = self.comparison();
                    self.line(format!("else if ({c})"));
                    self.line(format!("    {last};"));
                }
                if form > 3 {
                    self.line("else");
                    self.line(format!("    {otherwise};"));
                }
            }
        }
    }

    /// A branch that goes elsewhere.
    pub fn if_leaves(&mut self, depth: u32) {
        let c = self.condition();
        let head = self.head("if", &c);
        let jump = self.jump();
        match self.rng.below(3) {
            0 if self.python() => self.line(format!("{head}: {jump}")),
            0 => {
                self.line(head);
                self.line(format!("    {jump};"));
            }
            form => {
                self.open(head);
                if form == 1 {
                    self.scope(|g| g.statement(depth + 1));
                }
                self.say(jump);
                if !self.java() && self.rng.one_in(8) {
                    self.mark("dead code");
                    let text = self.simple();
                    self.say(text);
                }
                if self.rng.one_in(4) {
                    self.next("else");
                    self.body(depth, Place::Branch);
                }
                self.close();
            }
        }
    }

    /// A variable without a value at first, which each branch gives one.
    pub fn assigned_everywhere(&mut self, _depth: u32) {
        self.mark("assigned in all branches");
        let name = self.name("w");
        if !self.python() {
            self.say(format!("int {name}"));
        }
        let (c, v, w) = (self.condition(), self.value(), self.value());
        self.open(self.head("if", &c));
        self.say(format!("{name} = {v}"));
        self.next("else");
        self.say(format!("{name} = {w}"));
        self.close();
        self.reads.push(name.clone());
        self.writes.push(name);
    }

    /// With arms that fall into the next one and a `default` anywhere.
    pub fn switch(&mut self, depth: u32) {
        self.mark("switch");
        let (x, m) = (self.read(), self.rng.range(3, 5));
        self.line(format!("switch ({x} % {m}) {{"));
        let mut labels: Vec<String> = (0..m).map(|k| format!("case {k}:")).collect();
        labels.remove(self.rng.below(m as usize));
        if self.rng.one_in(4) {
            labels.push("case -1:".into());
        }
        if !self.rng.one_in(4) {
            let at = self.rng.below(labels.len() + 1);
            if at + 1 < labels.len() {
                self.mark("default in middle");
            }
            labels.insert(at, "default:".into());
        }
        let before = std::mem::replace(&mut self.in_switch, true);
        let last = labels.len() - 1;
        for (i, label) in labels.iter().enumerate() {
            self.line(label);
            if i < last && self.rng.one_in(5) {
                self.mark("fall through");
                continue;
            }
            self.open_arm(depth, i == last);
        }
        self.in_switch = before;
        self.line("}");
    }

    fn open_arm(&mut self, depth: u32, last: bool) {
        self.open.push(self.lines.len());
        if self.rng.one_in(3) {
            self.open("");
            self.body(depth, Place::Branch);
            self.close();
        } else {
            let text = self.simple();
            self.say(text);
        }
        match self.rng.below(7) {
            0 if !last => self.mark("fall through"),
            1 if !last => {
                self.mark("return in switch");
                let v = self.read();
                self.say(format!("return {v}"));
            }
            2 if last => {}
            _ => self.say("break"),
        }
        self.open.pop();
    }
}
