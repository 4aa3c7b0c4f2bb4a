//! Programs of several functions: an entry and up to five callees, at most four calls away, that share state by reference,
//! through globals or fields, and by what they return.
//!
//! Calls stand wherever an expression may stand. Some functions are *plain*: the program calls them only where a call can be
//! followed (`cfg/follow`), so that they join the graph; the others are called anywhere. In C no value depends on the order
//! in which operands are evaluated. Recursion counts down from a small number.

mod body;
mod call;
mod frame;
mod odd;
mod shapes;

use super::{Gen, Generated, Lang};
use std::collections::BTreeSet;
use std::ops::{Deref, DerefMut};

/// The program of a seed: about 40 to 90 lines.
pub fn program(lang: Lang, seed: u64) -> Generated {
    let file = format!("A{seed}");
    Across::new(lang, seed, &file).program(&file)
}

/// Every construct that these programs are meant to have.
pub fn constructs(lang: Lang) -> Vec<&'static str> {
    let all = "recursion, mutual recursion, two call sites, call in loop, call in condition, call in loop header, \
               call in declarator, call in argument, call in return, call in compound assignment, call in subscript, \
               call behind and, call in conditional, call in assertion, call in switch subject, function value, \
               early return, callee leaves, by reference, out-parameter, alias, array, object, global, global array, \
               return of reference, unused callee, shadowed callee, switch in callee, loop in callee, post in callee, \
               post in entry, post at exit, pre in entry, pre in callee, post in branch, post in loop, four levels, methods, method of another object, two objects";
    let c = "prototypes, goto, call in do-while, callback, call of a variable, static local, address of global";
    let java = "call in do-while, try in callee, call in try, constructor, instance method, map, qualified call";
    let python = "try in callee, call in try, default argument, keyword argument, starred argument, star parameter, \
                  comprehension, map, callback, call of a variable, instance method, call in with";
    let own = match lang {
        Lang::C => c,
        Lang::Java => java,
        Lang::Python => python,
    };
    let of_objects = ["methods", "method of another object", "two objects"];
    let all = all.split(", ").filter(|c| lang != Lang::C || !of_objects.contains(c));
    all.chain(own.split(", ")).map(str::trim).collect()
}

/// Types of parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ty {
    Int,
    /// One integer by reference: a pointer, a list or array of one.
    Cell,
    /// An array or list of any length.
    Ints,
    Pair,
    /// A map (not in C).
    Tab,
    /// An object of the class `Gauge` (not in C).
    Gauge,
}

/// How a function's body is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Statements,
    /// Calls itself.
    Recursive,
    /// Calls that function, which calls it back.
    Mutual(usize),
}

#[derive(Debug, Clone)]
struct Func {
    name: String,
    params: Vec<(Ty, String)>,
    /// An integer, or nothing.
    returns: bool,
    shape: Shape,
    /// Called only where a call can be followed.
    plain: bool,
    level: usize,
    /// It may exit or throw.
    leaves: bool,
    /// Python: how many of the last parameters have a default, and whether any number more are taken.
    defaults: usize,
    star: bool,
    /// Functions that it must call.
    must: Vec<usize>,
    /// It may be called from functions of a lower level.
    used: bool,
    /// It is a method of `Gauge`.
    of_gauge: bool,
}

/// Something that is passed by reference.
#[derive(Debug, Clone)]
struct Obj {
    ty: Ty,
    /// As an argument.
    pass: String,
}

struct Across {
    g: Gen,
    /// The first is the entry; callees come after their callers.
    funcs: Vec<Func>,
    /// The function being written.
    now: usize,
    objs: Vec<Obj>,
    /// Functions are methods of one object and the state is its fields (not in C).
    methods: bool,
    /// Some functions are methods of another class, of which several objects are made.
    gauges: bool,
    /// The name of the class around the others.
    file: String,
    /// C: prototypes, so that functions may stand in any order.
    prototypes: bool,
    /// `store`, a global array or list of four.
    store: bool,
    /// Where the conditions are: the function's number. No POST: at the entry's exit.
    post_in: Option<usize>,
    pre_in: Option<usize>,
    post_left: bool,
    /// Number of loops around the statement being written.
    rounds: u32,
    in_try: bool,
    /// The call being written has another one among its arguments.
    inner: bool,
    /// Any function is called anywhere.
    wild: bool,
    label: Option<String>,
    /// Functions that are called back.
    handed: BTreeSet<String>,
}

impl Deref for Across {
    type Target = Gen;

    fn deref(&self) -> &Gen {
        &self.g
    }
}

impl DerefMut for Across {
    fn deref_mut(&mut self) -> &mut Gen {
        &mut self.g
    }
}

impl Across {
    fn new(lang: Lang, seed: u64, file: &str) -> Across {
        let mut g = Gen::new(lang, seed ^ 0xac05_5000, 1);
        let objects = lang != Lang::C;
        g.has = super::Has { level: !g.rng.one_in(3), pair: g.rng.one_in(2), ..super::Has::default() };
        let methods = objects && g.rng.one_in(3);
        let (prototypes, store, wild) = (g.rng.one_in(2), g.rng.one_in(2), g.rng.one_in(7));
        let gauges = objects && !methods && !wild && g.rng.one_in(2);
        g.has.pair &= !gauges;
        let mut out = Across {
            g,
            funcs: vec![],
            now: 0,
            objs: vec![],
            methods,
            gauges,
            file: file.to_owned(),
            prototypes,
            store,
            post_in: None,
            pre_in: None,
            post_left: false,
            rounds: 0,
            in_try: false,
            inner: false,
            wild,
            label: None,
            handed: BTreeSet::new(),
        };
        out.functions();
        out.conditions();
        out
    }

    fn func(&self) -> &Func {
        &self.funcs[self.now]
    }

    /// What `write` declares is gone after it.
    fn within(&mut self, write: impl FnOnce(&mut Across)) {
        let known = (self.reads.len(), self.writes.len(), self.objs.len());
        write(self);
        self.reads.truncate(known.0);
        self.writes.truncate(known.1);
        self.objs.truncate(known.2);
    }

    /// An integer variable, field or element that may be assigned.
    fn var(&mut self) -> String {
        self.g.target()
    }

    /// A short value without a call.
    fn val(&mut self) -> String {
        let v = self.read();
        let k = self.rng.range(1, 6);
        match self.rng.below(12) {
            0 | 1 => self.constant(),
            2..=4 => v,
            5 => format!("{v} + {k}"),
            6 => format!("{v} - {k}"),
            7 => format!("({v} + {}) % {}", self.read(), 60 + k),
            8 => format!("{v} * {k} % {}", 50 + k),
            9 => self.element(),
            10 => self.map_value(),
            _ => format!("{v} % {}", k + 3),
        }
    }

    /// An element of an array that may be too short.
    fn element(&mut self) -> String {
        let arrays: Vec<String> = self.objs.iter().filter(|o| o.ty == Ty::Ints).map(|o| o.pass.clone()).collect();
        if arrays.is_empty() {
            return self.read();
        }
        let (array, k) = (self.rng.of(&arrays), self.rng.range(0, 2));
        match self.lang {
            Lang::C => {
                let (xs, n) = array.split_once(", ").expect("an array with its length");
                format!("({n} > {k} ? {xs}[{k}] % 50 : {k})")
            }
            Lang::Java => format!("({array}.length > {k} ? {array}[{k}] % 50 : {k})"),
            Lang::Python => format!("({array}[{k}] % 50 if len({array}) > {k} else {k})"),
        }
    }

    fn map_value(&mut self) -> String {
        let Some(tab) = self.objs.iter().find(|o| o.ty == Ty::Tab).map(|o| o.pass.clone()) else { return self.read() };
        let k = self.rng.range(0, 3);
        self.mark("map");
        if self.java() { format!("{tab}.getOrDefault({k}, 0)") } else { format!("{tab}.get({k}, 0)") }
    }
}
