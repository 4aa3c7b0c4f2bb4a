//! Random programs with conditions, for tests that run them: [`program`] gives the same text for the same seed.
//!
//! A program is made statement by statement out of templates. Most are written in terms that every language has (a head with
//! a body, a simple statement, a way to leave) and differ in spelling alone; [`c`], [`java`] and [`python`] hold what one
//! language has for itself. Programs end: a loop counts with a counter of its own, which nothing else writes, or goes over
//! a collection that doesn't grow. They seldom fault: divisors are constants or guarded, subscripts lie in bounds or in a
//! `try`, and what may grow fast is taken modulo something.

// Each test takes what it needs.
#![allow(dead_code)]

pub mod across;
mod branches;
mod c;
mod expressions;
mod frame;
mod helpers;
mod java;
mod leaving;
mod loops;
mod python;
mod rng;
mod statements;
mod writer;

use rng::Rng;
use std::collections::BTreeSet;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lang {
    C,
    Python,
    Java,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Generated {
    pub text: String,
    /// The function that holds the conditions.
    pub entry: String,
    /// With its extension. Programs of different seeds or sizes have different names, in Java of their class too.
    pub file_name: String,
    /// Which constructs occur, by the names of [`constructs`].
    pub constructs: BTreeSet<&'static str>,
}

/// A program of about 10, 20, 35 or 60 lines, for sizes 1 to 4.
pub fn program(lang: Lang, seed: u64, size: u32) -> Generated {
    let size = size.clamp(1, 4);
    Gen::new(lang, seed, size).program(&format!("G{seed}s{size}"))
}

/// A loop that the statement being written is inside of.
struct Loop {
    label: Option<String>,
    /// Its counter moves whichever way a round ends.
    may_continue: bool,
}

/// Where a POST is still to be put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Branch,
    Loop,
    Middle,
    End,
}

/// What the entry function has besides plain variables.
#[derive(Debug, Clone, Copy, Default)]
struct Has {
    /// `p`, a structure or object with `first` and `second`.
    pair: bool,
    /// `buf`, an array or list of four.
    buf: bool,
    /// `grid`, two rows of three.
    grid: bool,
    /// `level`, a global.
    level: bool,
    /// `out`, a list that grows (not in C).
    out: bool,
    /// `tab`, a map (not in C).
    tab: bool,
    /// Parameters.
    flag: bool,
    text: bool,
}

/// What is known while a program is written.
struct Gen {
    lang: Lang,
    rng: Rng,
    lines: Vec<String>,
    /// Where each open block starts, by the count of lines before its first.
    open: Vec<usize>,
    has: Has,
    /// Integers that may be read and that may be assigned: names, fields, elements.
    reads: Vec<String>,
    writes: Vec<String>,
    loops: Vec<Loop>,
    in_switch: bool,
    /// `try` statements around the one being written.
    tries: u32,
    /// Labels further down that a `goto` may name; the first is the function's own.
    labels: Vec<String>,
    /// Number of the next fresh name.
    fresh: u32,
    posts: Vec<Place>,
    /// Lines after which only short statements follow.
    limit: usize,
    /// Definitions that the file needs.
    needs: BTreeSet<&'static str>,
    seen: BTreeSet<&'static str>,
}

impl Gen {
    fn new(lang: Lang, seed: u64, size: u32) -> Gen {
        let mut rng = Rng::new(seed ^ (u64::from(size) << 56) ^ ((lang as u64) << 60));
        let objects = lang != Lang::C;
        let mut one_of = |n: u32| rng.one_in(n);
        let has = Has {
            pair: one_of(4),
            buf: one_of(3),
            grid: one_of(7),
            level: one_of(4),
            out: objects && one_of(3),
            tab: objects && one_of(5),
            flag: one_of(3),
            text: one_of(6),
        };
        Gen {
            lang,
            rng,
            lines: Vec::new(),
            open: Vec::new(),
            has,
            reads: Vec::new(),
            writes: Vec::new(),
            loops: Vec::new(),
            in_switch: false,
            tries: 0,
            labels: Vec::new(),
            fresh: 0,
            posts: Vec::new(),
            limit: [6, 11, 20, 37][size as usize - 1],
            needs: BTreeSet::new(),
            seen: BTreeSet::new(),
        }
    }

    fn c(&self) -> bool {
        self.lang == Lang::C
    }

    fn java(&self) -> bool {
        self.lang == Lang::Java
    }

    fn python(&self) -> bool {
        self.lang == Lang::Python
    }

    fn mark(&mut self, construct: &'static str) {
        self.seen.insert(construct);
    }

    /// `prefix1`, `prefix2`...: a name that nothing else has.
    fn name(&mut self, prefix: &str) -> String {
        self.fresh += 1;
        format!("{prefix}{}", self.fresh)
    }
}

/// Every construct that programs of a language are meant to have.
pub fn constructs(lang: Lang) -> Vec<&'static str> {
    let all = "if, else, else if, if on one line, while, for, for with break, counter in condition, counter at end, \
               endless loop, break, continue, early return, call of pure function, recursion, call changing array, \
               call changing global, call changing object, call that leaves, compound assignment, ternary, \
               side effect in condition, short circuit, declared in branch, assigned in all branches, 2-d array, exit, \
               assert that leaves, nested if, two statements on a line, zero rounds, post in branch, post in loop, \
               post in middle, post at end, post at exit, pre, two posts, flag, text, swap";
    let c = "if without braces, do-while, do-while with continue, switch, fall through, default in middle, return in switch, \
             ++ and --, ++ in subscript, comma, pointer, pointer into array, pointer to struct, struct by value, \
             static local, goto out of loops, goto cleanup, shadowed, empty statement, several declarators, \
             dead code, call changing pointer, chained assignment, assignment in condition, for with two counters, \
             bare block";
    let java = "if without braces, do-while, do-while with continue, switch, fall through, default in middle, return in switch, \
                ++ and --, ++ in subscript, arrow switch, switch expression, several labels, labelled break, labelled continue, \
                try, finally, catch of runtime fault, nested try, throw, throw caught here, return in finally, break in finally, \
                checked exception, resource, lambda, closure, list, map, alias, string building, empty statement, foreach, \
                several declarators, chained assignment, assignment in condition, for with two counters, bare block, object";
    let python = "match, match guard, or-pattern, loop else, try, finally, try else, catch of runtime fault, nested try, \
                  throw, throw caught here, return in finally, break in finally, with, with that swallows, lambda, closure, \
                  comprehension, list, map, alias, string building, walrus, tuple assignment, starred target, \
                  chained assignment, slices, foreach, dead code, object, pop loop, enumerate";
    let own = match lang {
        Lang::C => c,
        Lang::Java => java,
        Lang::Python => python,
    };
    all.split(", ").chain(own.split(", ")).map(str::trim).collect()
}

/// Whether programs of a language can be run here.
pub fn runs(extension: &str) -> bool {
    let language = weiser::syntax::for_path(format!("x.{extension}").as_ref()).expect("a known extension");
    let toolchain = weiser::run::toolchain::Toolchain::of(language);
    if let Err(error) = &toolchain {
        assert!(!matches!(error, weiser::run::toolchain::RunError::Sandbox(_)), "{error}");
        println!("skipped: {error}");
    }
    toolchain.is_ok()
}
