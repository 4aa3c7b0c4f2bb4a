//! What only C has.

use super::{Gen, Place};

type Write = fn(&mut Gen, u32);

pub const STATEMENTS: [(u32, Write); 9] = [
    (6, Gen::pointer),
    (4, Gen::pointer_to_pointer),
    (2, Gen::pointer_into_array),
    (5, Gen::structure),
    (2, Gen::comma),
    (4, Gen::goto_out),
    (4, Gen::shadowed),
    (2, Gen::static_local),
    (1, Gen::goto_back),
];

impl Gen {
    fn pointer(&mut self, _depth: u32) {
        self.mark("pointer");
        let (p, x, v) = (self.name("p"), self.plain(), self.value());
        self.say(format!("int *{p} = &{x}"));
        if self.rng.one_in(2) {
            let (c, y) = (self.condition(), self.plain());
            self.line(format!("if ({c})"));
            self.line(format!("    {p} = &{y};"));
        }
        let text = match self.rng.below(3) {
            0 => format!("*{p} += 3"),
            1 => format!("(*{p})++"),
            _ => format!("*{p} = {v}"),
        };
        self.say(text);
        self.reads.push(format!("*{p}"));
        self.writes.push(format!("*{p}"));
    }

    /// A pointer that is aimed elsewhere through its own address.
    fn pointer_to_pointer(&mut self, _depth: u32) {
        self.mark("pointer to pointer");
        let (p, pp) = (self.name("p"), self.name("pp"));
        let (x, y, z, v) = (self.plain(), self.plain(), self.target(), self.value());
        self.say(format!("int *{p} = &{x}"));
        self.say(format!("int **{pp} = &{p}"));
        let text = self.rng.of(&[format!("*{p} = {v}"), format!("**{pp} += 2"), format!("{z} = *{p}")]);
        self.say(text);
        let c = self.condition();
        self.line(format!("if ({c})"));
        let text = self.rng.of(&[format!("*{pp} = &{y}"), format!("{p} = &{y}"), format!("{pp}[0] = &{y}")]);
        self.line(format!("    {text};"));
        let text = match self.rng.below(4) {
            0 => format!("**{pp} = {v}"),
            1 => format!("*{p} += 3"),
            2 => format!("if ({p} == &{x}) {z} = {v}"),
            _ => format!("{z} = **{pp}"),
        };
        self.say(text);
        self.reads.extend([format!("*{p}"), format!("**{pp}")]);
        self.writes.extend([format!("*{p}"), format!("**{pp}")]);
    }

    fn pointer_into_array(&mut self, _depth: u32) {
        if !self.has.buf {
            return self.comma(0);
        }
        self.mark("pointer into array");
        let (q, v) = (self.name("q"), self.value());
        let text = format!("int *{q} = buf + {}", self.rng.range(0, 2));
        self.say(text);
        let text = self.rng.of(&[format!("*{q}++ = {v}"), format!("{q}[1] = {v}"), format!("++*{q}")]);
        self.say(text);
    }

    fn structure(&mut self, _depth: u32) {
        if !self.has.pair {
            return self.pointer(0);
        }
        let (name, x, v) = (self.name("s"), self.target(), self.value());
        if self.rng.one_in(2) {
            self.mark("struct by value");
            self.say(format!("struct Pair {name} = p"));
            self.say(format!("{name}.first = {v}"));
            let text = format!("{x} = {name}.{}", self.rng.of(&["first", "second"]));
            self.say(text);
        } else {
            self.mark("pointer to struct");
            self.say(format!("struct Pair *{name} = &p"));
            let text = format!("{name}->{} = {v}", self.rng.of(&["first", "second"]));
            self.say(text);
            self.reads.push(format!("{name}->second"));
        }
    }

    fn comma(&mut self, _depth: u32) {
        self.mark("comma");
        let (x, y, v) = (self.target(), self.plain(), self.read());
        let k = self.rng.range(1, 5);
        let text = match self.rng.below(3) {
            0 => format!("{x} = ({y}++, {v} + {k})"),
            1 => format!("{y} = {k}, {x} -= 1"),
            _ => format!("if ({y} += {k}, {v} > 4) {x} = {k}"),
        };
        self.say(text);
    }

    /// Out of one loop or two, to a label behind them.
    fn goto_out(&mut self, depth: u32) {
        if self.loops.len() > 1 {
            return self.comma(0);
        }
        let (label, i, j) = (self.name("out"), self.name("i"), self.name("i"));
        self.labels.push(label.clone());
        self.open(format!("for (int {i} = 0; {i} < n; {i}++)"));
        let two = self.rng.one_in(2);
        if two {
            self.open(format!("for (int {j} = 0; {j} < 3; {j}++)"));
        }
        self.scope(|g| {
            g.reads.push(if two { j } else { i });
            g.round(depth + 1, None, true);
            let c = g.condition();
            g.mark("goto out of loops");
            g.line(format!("if ({c})"));
            g.line(format!("    goto {label};"));
        });
        if two {
            self.close();
        }
        if self.rng.one_in(2) {
            let text = self.simple();
            self.say(text);
        }
        self.close();
        if self.rng.one_in(2) {
            let text = self.simple();
            self.say(text);
        }
        self.labels.pop();
        self.outdented(&format!("{label}:"));
        let text = self.simple();
        self.say(text);
    }

    /// A few times again from a label.
    fn goto_back(&mut self, depth: u32) {
        if !self.loops.is_empty() || depth > 0 {
            return self.comma(0);
        }
        self.mark("goto back");
        let (label, tries) = (self.name("again"), self.name("i"));
        self.declare(&tries, "0");
        self.outdented(&format!("{label}:"));
        let text = self.simple();
        self.say(text);
        self.body(depth, Place::Branch);
        let text = format!("if ({tries}++ < {})", self.rng.range(1, 4));
        self.line(text);
        self.line(format!("    goto {label};"));
    }

    /// A variable of an inner block by the name of an outer one.
    fn shadowed(&mut self, depth: u32) {
        self.mark("shadowed");
        let (x, y, v) = (self.rng.of(&["x", "y", "total"]), self.target(), self.read());
        let c = self.condition();
        let head = if self.rng.one_in(2) { String::new() } else { format!("if ({c})") };
        self.open(head);
        // Not from itself, which has no value yet.
        let v = if v.contains(x) { "a % 10".to_owned() } else { v };
        self.declare(x, &v);
        self.body(depth, Place::Branch);
        self.say(format!("{x}++"));
        if y != x {
            self.say(format!("{y} = {x}"));
        }
        self.close();
    }

    fn static_local(&mut self, _depth: u32) {
        self.mark("static local");
        let name = self.name("calls");
        self.say(format!("static int {name} = 0"));
        self.say(format!("{name}++"));
        self.reads.push(name.clone());
        self.writes.push(name);
    }
}
