//! What only Java has.

use super::{Gen, Place};

type Write = fn(&mut Gen, u32);

pub const STATEMENTS: [(u32, Write); 6] = [
    (5, Gen::arrow_switch),
    (3, Gen::switch_expression),
    (2, Gen::checked),
    (2, Gen::java_lambda),
    (2, Gen::java_closure),
    (1, Gen::over_boxed),
];

impl Gen {
    fn arrow_switch(&mut self, depth: u32) {
        self.mark("arrow switch");
        let x = self.read();
        self.line(format!("switch ({x} % 5) {{"));
        self.open.push(self.lines.len());
        let before = std::mem::replace(&mut self.in_switch, true);
        let labels: &[&str] = self.rng.of(&[&["0", "1, 2", "3"], &["1", "0, -1, 4"], &["2"]]);
        for label in labels {
            if label.contains(',') {
                self.mark("several labels");
            }
            self.arm(&format!("case {label} ->"), depth);
        }
        if !self.rng.one_in(3) {
            self.arm("default ->", depth);
        }
        self.in_switch = before;
        self.open.pop();
        self.line("}");
    }

    fn arm(&mut self, head: &str, depth: u32) {
        match self.rng.below(6) {
            0 | 1 => {
                self.open(head);
                self.body(depth, Place::Branch);
                self.close();
            }
            2 => {
                self.open(head);
                self.scope(|g| g.if_leaves(depth + 1));
                self.close();
            }
            3 if head.starts_with("case 0") => {
                self.needs.insert("Odd");
                let v = self.read();
                self.line(format!("{head} throw new Odd({v});"));
            }
            _ => {
                let text = self.simple();
                self.line(format!("{head} {text};"));
            }
        }
    }

    fn switch_expression(&mut self, _depth: u32) {
        self.mark("switch expression");
        let (x, v, w, k) = (self.target(), self.read(), self.value(), self.constant());
        self.open(format!("{x} = switch ({v} % 4)"));
        self.line(format!("case 0 -> {k};"));
        self.line(format!("case 1, 2 -> {w};"));
        if self.rng.one_in(2) {
            self.line(format!("default -> {v};"));
        } else {
            self.open("default ->");
            let text = self.simple();
            self.say(text);
            self.say(format!("yield {v}"));
            self.close();
        }
        self.close_with(";");
    }

    fn checked(&mut self, depth: u32) {
        self.mark("checked exception");
        self.needs.insert("risky");
        let (x, v, e) = (self.target(), self.read(), self.name("err"));
        self.tries += 1;
        self.open("try");
        self.say(format!("{x} = risky({v})"));
        self.body(depth, Place::Branch);
        self.tries -= 1;
        self.next(&format!("catch (Bad {e})"));
        self.body(depth, Place::Branch);
        self.close();
    }

    fn java_lambda(&mut self, _depth: u32) {
        self.mark("lambda");
        self.needs.insert("functions");
        let (f, k, x, y, v) = (self.name("f"), self.name("k"), self.target(), self.read(), self.read());
        self.say(format!("final int {k} = {v}"));
        self.say(format!("IntUnaryOperator {f} = u -> (u + {k}) % 30"));
        self.say(format!("{x} = {f}.applyAsInt({y})"));
    }

    /// Changes what it captured when it runs.
    fn java_closure(&mut self, _depth: u32) {
        self.mark("closure");
        let (f, cell, x, v) = (self.name("f"), self.name("cell"), self.target(), self.read());
        self.say(format!("int[] {cell} = {{{v}}}"));
        let text = format!("Runnable {f} = () -> {cell}[0] += {}", self.rng.range(1, 4));
        self.say(text);
        let c = self.condition();
        self.line(format!("if ({c}) {f}.run();"));
        self.say(format!("{x} = {cell}[0]"));
    }

    fn over_boxed(&mut self, depth: u32) {
        if !self.has.out || self.loops.len() > 1 {
            return self.java_lambda(depth);
        }
        self.mark("foreach");
        let e = self.name("e");
        self.open(format!("for (int {e} : new ArrayList<>(out))"));
        self.scope(|g| {
            g.reads.push(e);
            let c = g.condition();
            g.line(format!("if ({c}) break;"));
            let text = g.simple();
            g.say(text);
        });
        self.close();
    }
}
