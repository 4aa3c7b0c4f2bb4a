//! Lines, blocks and heads as each language spells them.

use super::{Gen, Lang, Loop, Place};

impl Gen {
    pub fn line(&mut self, text: impl AsRef<str>) {
        self.lines.push(format!("{}{}", "    ".repeat(self.open.len()), text.as_ref()));
    }

    /// A line that stands further out by one, like a label.
    pub fn outdented(&mut self, text: &str) {
        let depth = self.open.len().saturating_sub(1);
        self.lines.push(format!("{}{text}", "    ".repeat(depth)));
    }

    /// A simple statement.
    pub fn say(&mut self, text: impl AsRef<str>) {
        let end = self.end();
        self.line(format!("{}{end}", text.as_ref()));
    }

    pub fn end(&self) -> &'static str {
        if self.python() { "" } else { ";" }
    }

    /// Opens the block of a head.
    pub fn open(&mut self, head: impl AsRef<str>) {
        let head = head.as_ref();
        let head = if self.python() {
            format!("{head}:")
        } else if head.is_empty() {
            "{".into()
        } else {
            format!("{head} {{")
        };
        self.line(head);
        self.open.push(self.lines.len());
    }

    fn end_block(&mut self) {
        if self.open.last() == Some(&self.lines.len()) && self.python() {
            self.line("pass");
        }
        self.open.pop();
    }

    /// Ends a block and opens the next one of the same statement.
    pub fn next(&mut self, head: &str) {
        self.end_block();
        let head = if self.python() { format!("{head}:") } else { format!("}} {head} {{") };
        self.line(head);
        self.open.push(self.lines.len());
    }

    /// Ends a block; `tail` follows its brace.
    pub fn close_with(&mut self, tail: &str) {
        self.end_block();
        if !self.python() {
            self.line(format!("}}{tail}"));
        }
    }

    pub fn close(&mut self) {
        self.close_with("");
    }

    /// A keyword with its condition.
    pub fn head(&self, word: &str, condition: &str) -> String {
        match (self.lang, word) {
            (Lang::Python, "else if") => format!("elif {condition}"),
            (Lang::Python, _) => format!("{word} {condition}"),
            _ => format!("{word} ({condition})"),
        }
    }

    /// A declaration of an integer.
    pub fn declare(&mut self, name: &str, value: &str) {
        let ty = if self.python() { "" } else { "int " };
        self.say(format!("{ty}{name} = {value}"));
    }

    /// What `write` declares is gone after it.
    pub fn scope(&mut self, write: impl FnOnce(&mut Gen)) {
        let known = (self.reads.len(), self.writes.len());
        write(self);
        self.reads.truncate(known.0);
        self.writes.truncate(known.1);
    }

    /// One to three statements, and a POST that is wanted in such a place.
    pub fn body(&mut self, depth: u32, place: Place) {
        self.scope(|g| {
            let count = g.rng.weighted(&[(4, 1), (3, 2), (1, 3)]);
            for i in 0..count {
                if (i + 1 == count || g.rng.one_in(2)) && g.wanted(place) {
                    g.post();
                }
                // Loops are where jumps are of interest.
                if !g.loops.is_empty() && g.rng.one_in(6) {
                    g.if_leaves(depth + 1);
                } else {
                    g.statement(depth + 1);
                }
            }
            if g.rng.one_in(2) && g.wanted(place) {
                g.post();
            }
        });
    }

    fn wanted(&mut self, place: Place) -> bool {
        let found = self.posts.iter().position(|p| *p == place);
        if let Some(at) = found {
            self.posts.remove(at);
            self.mark(if place == Place::Loop { "post in loop" } else { "post in branch" });
        }
        found.is_some()
    }

    /// Statements of a loop's round.
    pub fn round(&mut self, depth: u32, label: Option<String>, may_continue: bool) {
        self.loops.push(Loop { label, may_continue });
        let before = std::mem::replace(&mut self.in_switch, false);
        self.body(depth, Place::Loop);
        self.in_switch = before;
        self.loops.pop();
    }
}
