//! Which functions a program has, who calls whom, and where its conditions are.

use super::{Across, Func, Lang, Shape, Ty};

const NAMES: [&str; 9] = ["adjust", "blend", "clip", "drain", "enter", "fold", "grade", "handle", "inspect"];
const INTS: [&str; 6] = ["v", "d", "x", "y", "k", "total"];

impl Across {
    pub fn functions(&mut self) {
        let count = self.rng.range(2, 5) as usize;
        let entry = Func {
            name: self.rng.of(&["run", "check", "scan", "work"]).into(),
            params: vec![(Ty::Int, "a".into()), (Ty::Int, "b".into()), (Ty::Ints, "xs".into())],
            returns: true,
            shape: Shape::Statements,
            plain: true,
            level: 0,
            leaves: self.rng.one_in(4),
            defaults: 0,
            star: false,
            must: vec![],
            used: true,
            of_gauge: false,
        };
        self.funcs.push(entry);
        let mut names = NAMES.to_vec();
        let mut level = 1;
        for i in 1..=count {
            let name = names.remove(self.rng.below(names.len()));
            if i > 1 && level < 4 && !self.rng.one_in(3) {
                level += 1;
            }
            let func = self.callee(name, level);
            self.funcs.push(func);
        }
        if level == 4 {
            self.mark("four levels");
        }
        self.recursion(count, level, names);
        self.callers();
    }

    fn callee(&mut self, name: &str, level: usize) -> Func {
        let of_gauge = self.gauges && self.rng.one_in(2);
        let plain = of_gauge || !self.wild && !self.rng.one_in(4);
        let mut types = vec![];
        for _ in 0..self.rng.weighted(&[(1, 0), (5, 1), (4, 2)]) {
            types.push(Ty::Int);
        }
        let (pair, objects) = (self.has.pair, !self.c());
        let mut others = vec![Ty::Cell, Ty::Cell, Ty::Ints];
        others.extend(pair.then_some(Ty::Pair));
        others.extend(objects.then_some(Ty::Tab));
        others.extend(self.gauges.then_some(Ty::Gauge));
        for _ in 0..self.rng.weighted(&[(4, 0), (5, 1), (2, 2)]) {
            types.insert(self.g.rng.below(types.len() + 1), self.g.rng.of(&others));
        }
        let params = self.parameters(&types);
        let python = self.python() && !plain;
        let last_ints = params.iter().rev().take_while(|p| p.0 == Ty::Int).count();
        Func {
            name: name.into(),
            params,
            returns: !self.rng.one_in(4),
            shape: Shape::Statements,
            plain,
            level,
            leaves: self.rng.one_in(3) && !of_gauge,
            defaults: if python && self.rng.one_in(2) { last_ints.min(1) } else { 0 },
            star: python && self.rng.one_in(4),
            must: vec![],
            used: true,
            of_gauge,
        }
    }

    /// Their names, often those of variables that callers have.
    fn parameters(&mut self, types: &[Ty]) -> Vec<(Ty, String)> {
        let mut ints = INTS.to_vec();
        let mut counts = [0; 5];
        let mut out = Vec::new();
        for ty in types {
            let pool = match ty {
                Ty::Int => {
                    out.push((*ty, ints.remove(self.rng.below(ints.len())).to_owned()));
                    continue;
                }
                Ty::Cell => ["to", "into"],
                Ty::Ints => ["xs", "ys"],
                Ty::Pair => ["p", "q"],
                Ty::Tab => ["tab", "seen"],
                Ty::Gauge => ["gauge", "meter"],
            };
            let at = &mut counts[*ty as usize - 1];
            if let Some(name) = pool.get(*at) {
                out.push((*ty, (*name).to_owned()));
            }
            *at += 1;
        }
        out
    }

    fn recursion(&mut self, count: usize, level: usize, mut names: Vec<&str>) {
        if !self.rng.one_in(3) {
            return;
        }
        let mutual = self.rng.one_in(3);
        let first = self.funcs.len();
        for i in 0..if mutual { 2 } else { 1 } {
            let name = names.remove(self.rng.below(names.len()));
            let mut func = self.callee(name, (level + 1).min(4));
            if func.params.first().is_none_or(|p| p.0 != Ty::Int) {
                func.params.retain(|p| p.1 != "v");
                func.params.insert(0, (Ty::Int, "v".into()));
            }
            // Each calls the other with the same arguments.
            if i > 0 {
                func.params.clone_from(&self.funcs[first].params);
            }
            func.returns = true;
            (func.plain, func.defaults, func.star, func.of_gauge) = (false, 0, false, false);
            func.shape = if mutual { Shape::Mutual(first + 1 - i) } else { Shape::Recursive };
            self.funcs.push(func);
        }
        self.mark(if mutual { "mutual recursion" } else { "recursion" });
        self.prototypes |= mutual;
        debug_assert!(first == count + 1);
    }

    /// Each callee but an unused one gets a caller, and often a second call.
    fn callers(&mut self) {
        for j in 1..self.funcs.len() {
            if j > 2 && self.funcs[j].shape == Shape::Statements && self.rng.one_in(14) {
                self.mark("unused callee");
                self.funcs[j].used = false;
                continue;
            }
            let plain = self.funcs[j].plain;
            let may = |(i, f): (usize, &Func)| {
                // What a function that isn't followed calls can't be followed either.
                let fits = f.level < self.funcs[j].level && f.used && (f.plain || !plain) && (plain || !f.of_gauge);
                (fits && f.shape == Shape::Statements).then_some(i)
            };
            let callers: Vec<usize> = self.funcs[..j].iter().enumerate().filter_map(may).collect();
            let deepest = callers.iter().map(|c| self.funcs[*c].level).max().unwrap_or(0);
            let deep: Vec<usize> = callers.iter().copied().filter(|c| self.funcs[*c].level == deepest).collect();
            for n in 0..self.rng.weighted(&[(4, 1), (4, 2), (1, 3)]) {
                let caller = if n == 0 && !self.rng.one_in(3) { self.rng.of(&deep) } else { self.rng.of(&callers) };
                self.funcs[caller].must.push(j);
                if n == 1 {
                    self.mark("two call sites");
                }
            }
        }
    }

    pub fn conditions(&mut self) {
        let called: Vec<usize> = (1..self.funcs.len()).filter(|i| self.funcs[*i].used).collect();
        // Seldom where recursion keeps it from being followed.
        let callees: Vec<usize> =
            called.iter().copied().filter(|i| self.funcs[*i].plain || self.g.rng.one_in(6)).collect();
        self.post_in = match self.rng.below(8) {
            0 => None,
            1..=3 => Some(0),
            _ if callees.is_empty() => Some(0),
            _ => Some(self.rng.of(&callees)),
        };
        let place = match self.post_in {
            None => "post at exit",
            Some(0) => "post in entry",
            Some(_) => "post in callee",
        };
        self.mark(place);
        let others: Vec<usize> = callees.iter().copied().filter(|i| Some(*i) != self.post_in).collect();
        self.pre_in = match self.rng.below(6) {
            0..=2 => Some(0),
            3 if !others.is_empty() => Some(self.rng.of(&others)),
            _ => None,
        };
        match self.pre_in {
            None => {}
            Some(0) => self.mark("pre in entry"),
            Some(_) => self.mark("pre in callee"),
        }
    }

    /// `f` with its parameters, as a definition begins.
    pub fn signature(&self, j: usize) -> String {
        let f = &self.funcs[j];
        let spell = |(ty, name): &(Ty, String)| match (self.lang, ty) {
            (Lang::Python, Ty::Int) if j == 0 => format!("{name}: int"),
            (Lang::Python, Ty::Ints) if j == 0 => format!("{name}: list[int]"),
            (Lang::Python, Ty::Gauge) => format!("{name}: Gauge"),
            (Lang::Python, _) => name.clone(),
            (_, Ty::Gauge) => format!("Gauge {name}"),
            (_, Ty::Int) => format!("int {name}"),
            (Lang::C, Ty::Cell) => format!("int *{name}"),
            (Lang::C, Ty::Ints) => format!("int *{name}, int {}", length(name)),
            (Lang::C, _) => format!("struct Pair *{name}"),
            (Lang::Java, Ty::Cell | Ty::Ints) => format!("int[] {name}"),
            (Lang::Java, Ty::Pair) => format!("Pair {name}"),
            (Lang::Java, Ty::Tab) => format!("Map<Integer, Integer> {name}"),
        };
        let mut params: Vec<String> = f.params.iter().map(spell).collect();
        let from = params.len() - f.defaults;
        params[from..].iter_mut().for_each(|p| p.push_str("=2"));
        if f.star {
            params.push("*more".into());
        }
        if self.python() && (self.methods || f.of_gauge) {
            params.insert(0, "self".into());
        }
        let params = params.join(", ");
        let ty = if f.returns { "int" } else { "void" };
        let own = if j == 0 { "" } else { "static " };
        match self.lang {
            Lang::C if params.is_empty() => format!("{own}{ty} {}(void)", f.name),
            Lang::C => format!("{own}{ty} {}({params})", f.name),
            Lang::Java if self.methods || f.of_gauge => format!("{ty} {}({params})", f.name),
            Lang::Java => format!("static {ty} {}({params})", f.name),
            Lang::Python if j == 0 => format!("def {}({params}) -> int", f.name),
            Lang::Python => format!("def {}({params})", f.name),
        }
    }
}

/// C: the parameter that tells an array's length.
pub fn length(array: &str) -> &'static str {
    if array == "xs" { "n" } else { "m" }
}
