//! The file around the statements: the entry function with its parameters, its variables and its conditions.

use super::{Gen, Generated, Lang, Place};

impl Gen {
    pub fn program(mut self, file: &str) -> Generated {
        let entry = self.rng.of(&["run", "check", "scan", "work"]);
        if self.java() {
            self.open.push(0);
        }
        let at_exit = self.rng.one_in(6);
        if !at_exit {
            let places = [(3, Place::Branch), (3, Place::Loop), (3, Place::Middle), (4, Place::End)];
            let place = self.rng.weighted(&places);
            self.posts.push(place);
            if self.rng.one_in(4) {
                self.mark("two posts");
                let place = self.rng.weighted(&places);
                self.posts.push(place);
            }
        }
        self.entry(entry, at_exit);
        let function = std::mem::take(&mut self.lines);
        self.definitions();
        let definitions = std::mem::replace(&mut self.lines, function);
        self.open.clear();
        let mut lines = self.top(file);
        lines.extend(definitions);
        lines.append(&mut self.lines);
        if self.java() {
            lines.push("}".into());
        }
        let extension = ["c", "py", "java"][self.lang as usize];
        Generated {
            text: lines.join("\n") + "\n",
            entry: entry.into(),
            file_name: format!("{file}.{extension}"),
            constructs: self.seen,
        }
    }

    /// Includes, imports, the opening of the class.
    fn top(&self, file: &str) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        match self.lang {
            Lang::C => {
                lines.push("#include <assert.h>".into());
                if self.has.flag {
                    lines.push("#include <stdbool.h>".into());
                }
                if self.needs.contains("exit") {
                    lines.push("#include <stdlib.h>".into());
                }
                if self.has.text {
                    lines.push("#include <string.h>".into());
                }
                lines.push(String::new());
            }
            Lang::Java => {
                if self.has.out || self.has.tab {
                    lines.push("import java.util.*;".into());
                }
                if self.needs.contains("functions") {
                    lines.push("import java.util.function.IntUnaryOperator;".into());
                }
                if !lines.is_empty() {
                    lines.push(String::new());
                }
                lines.push(format!("class {file} {{"));
            }
            Lang::Python => {
                if self.needs.contains("exit") {
                    lines.extend(["import sys".into(), String::new(), String::new()]);
                }
            }
        }
        lines
    }

    fn entry(&mut self, name: &str, at_exit: bool) {
        let pre = self.rng.one_in(5).then(|| {
            self.mark("pre");
            self.rng.of(&["a < 9", "b > -5", "a + b < 15", "a != b"])
        });
        // In the documentation if the other one stands there.
        let documented = at_exit || self.rng.one_in(4);
        let mut tags: Vec<String> = Vec::new();
        let spell = |role: &str, c: &str| match (self.lang, role) {
            (Lang::Python, _) => format!("{role}: {c}"),
            (_, "pre") => format!("@requires {c}"),
            _ => format!("@ensures {c}"),
        };
        tags.extend(pre.filter(|_| documented).map(|c| spell("pre", c)));
        if at_exit {
            let claim = self.claim_of_result();
            let tag = if self.python() { format!("post: {claim}") } else { format!("@ensures {claim}") };
            tags.push(tag);
            self.mark("post at exit");
        }
        if !self.python() && !tags.is_empty() {
            self.line("/**");
            for tag in &tags {
                self.line(format!(" * {tag}"));
            }
            self.line(" */");
        }
        let head = self.signature(name);
        self.open(head);
        if self.python() && !tags.is_empty() {
            self.line("\"\"\"");
            tags.iter().for_each(|tag| self.line(tag));
            self.line("\"\"\"");
        }
        if self.python() && self.has.level {
            self.say("global level");
        }
        if let Some(c) = pre.filter(|_| !documented) {
            self.condition_at_point(c, "PRE");
        }
        self.variables();
        self.statements();
        self.close();
    }

    fn signature(&mut self, name: &str) -> String {
        let (flag, text) = (self.has.flag, self.has.text);
        for (has, mark) in [(flag, "flag"), (text, "text")] {
            if has {
                self.mark(mark);
            }
        }
        let [int, ints, boolean, string] = match self.lang {
            Lang::C => ["int a, int b", "int *xs, int n", "bool flag", "const char *text"],
            Lang::Java => ["int a, int b", "int[] xs", "boolean flag", "String text"],
            Lang::Python => ["a: int, b: int", "xs: list[int]", "flag: bool", "text: str"],
        };
        let mut params = vec![int, ints];
        params.extend(flag.then_some(boolean));
        params.extend(text.then_some(string));
        let params = params.join(", ");
        match self.lang {
            Lang::C => format!("int {name}({params})"),
            Lang::Java => format!("static int {name}({params})"),
            Lang::Python => format!("def {name}({params}) -> int"),
        }
    }

    /// Each has a value before anything reads it.
    fn variables(&mut self) {
        match self.lang {
            Lang::C => {}
            Lang::Java => self.say("int n = xs.length"),
            Lang::Python => self.say("n = len(xs)"),
        }
        let values = ["a % 10", "b % 7", "0", "1", "a % 5 + b % 5"];
        let mut names = vec!["x", "y", "total"];
        if self.limit > 20 {
            names.extend(["z", "w"]);
        }
        let values: Vec<&str> = names.iter().map(|_| self.rng.of(&values)).collect();
        if !self.python() && self.rng.one_in(3) {
            self.mark("several declarators");
            let all: Vec<String> = names.iter().zip(&values).map(|(n, v)| format!("{n} = {v}")).collect();
            self.say(format!("int {}", all.join(", ")));
        } else {
            names.iter().zip(&values).for_each(|(n, v)| self.declare(n, v));
        }
        self.reads.extend(["a", "b", "n"].map(String::from));
        self.writes.extend(["a", "b"].map(String::from));
        self.object_variables();
        for name in names {
            // Twice, so that they are taken more often than parameters.
            self.reads.extend([name.to_owned(), name.to_owned()]);
            self.writes.extend([name.to_owned(), name.to_owned(), name.to_owned()]);
        }
    }

    fn object_variables(&mut self) {
        let (c, java) = (self.c(), self.java());
        let mut known: Vec<&str> = Vec::new();
        if self.has.pair {
            self.say(match self.lang {
                Lang::C => "struct Pair p = {a % 9, b % 9}",
                Lang::Java => "Pair p = new Pair(a % 9, b % 9)",
                Lang::Python => "p = Pair(a % 9, b % 9)",
            });
            known.extend(["p.first", "p.second"]);
        }
        if self.has.buf {
            self.say(match self.lang {
                Lang::C => "int buf[4] = {a % 9, 0, 1}",
                Lang::Java => "int[] buf = {a % 9, 0, 1, b % 9}",
                Lang::Python => "buf = [a % 9, 0, 1, b % 9]",
            });
            known.extend(["buf[0]", "buf[1]", "buf[3]"]);
        }
        if self.has.grid {
            self.mark("2-d array");
            self.say(match self.lang {
                Lang::C => "int grid[2][3] = {{0}}",
                Lang::Java => "int[][] grid = new int[2][3]",
                Lang::Python => "grid = [[0] * 3 for _ in range(2)]",
            });
            known.push("grid[1][2]");
        }
        if self.has.level {
            known.push("level");
        }
        if self.has.out {
            self.say(if java { "List<Integer> out = new ArrayList<>()" } else { "out = [a % 10]" });
            self.say(if java { "List<Integer> same = out" } else { "same = out" });
        }
        if self.has.tab {
            self.say(if java { "Map<Integer, Integer> tab = new TreeMap<>()" } else { "tab = {0: a % 10}" });
        }
        if self.has.text && !c {
            self.say(if java { "String word = \"\"" } else { "word = \"\"" });
        }
        for name in known {
            self.reads.push(name.to_owned());
            self.writes.push(name.to_owned());
        }
    }

    fn statements(&mut self) {
        let cleanup = self.c() && self.rng.one_in(3);
        if cleanup {
            self.labels.push("cleanup".into());
        }
        let known = (self.reads.len(), self.writes.len());
        let mut count = 0;
        while self.lines.len() < self.limit || count < 2 {
            let late = self.lines.len() * 3 > self.limit * 2;
            if (late || self.rng.one_in(3)) && self.take(Place::Middle) {
                self.mark("post in middle");
                self.post();
            }
            self.statement(0);
            count += 1;
        }
        let after = cleanup && self.rng.one_in(2);
        if !after {
            self.last_posts();
        }
        // What a `goto` may have passed over is not read behind its label.
        self.reads.truncate(known.0);
        self.writes.truncate(known.1);
        if cleanup {
            self.labels.clear();
            self.outdented("cleanup:");
            let text = self.simple();
            self.say(text);
        }
        if after {
            self.last_posts();
        }
        let value = if self.rng.one_in(2) { "total".into() } else { self.value() };
        self.say(format!("return {value}"));
    }

    fn take(&mut self, place: Place) -> bool {
        let found = self.posts.iter().position(|p| *p == place);
        found.map(|at| self.posts.remove(at)).is_some()
    }

    fn last_posts(&mut self) {
        for _ in 0..std::mem::take(&mut self.posts).len() {
            self.mark("post at end");
            self.post();
        }
    }

    pub fn post(&mut self) {
        let claim = self.claim();
        self.condition_at_point(&claim, "POST");
    }

    fn condition_at_point(&mut self, condition: &str, role: &str) {
        self.line(match self.lang {
            Lang::C => format!("assert({condition}); // {role}"),
            Lang::Java => format!("assert {condition}; // {role}"),
            Lang::Python => format!("assert {condition}  # {role}"),
        });
    }
}
