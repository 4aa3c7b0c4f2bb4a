//! A program and its slices, instrumented, loaded and fed: what fidelity, confirmation and the `run` oracle stand on.

use super::call;
use super::domain::{self, Domain};
use super::evidence;
use super::inputs::{self, Literals};
use super::observed::{End, Observed};
use super::probe::{self, Wanted, instrument};
use super::session::{MS, Session, Setup};
use super::shape::{self, Parameter, Shape};
use super::simpler;
use super::toolchain::{RunError, Toolchain};
use super::traces;
use super::value::{Input, Stdin, Value};
use crate::spec::{self, Anchor, ConditionKind, Placed, Request, Triple};
use crate::syntax::ast::{ExprKind, StmtKind};
use crate::syntax::{self, Parsed};
use proptest::strategy::{BoxedStrategy, Strategy, Union, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use std::cmp::Reverse;
use std::sync::Arc;

/// The original is program 0, slice i program i + 1.
pub struct Bench {
    session: Session,
    pub toolchain: Arc<Toolchain>,
    /// What is put into programs, found by trying it with the original.
    wanted: Wanted,
    /// Declarations that the file needs and lacks.
    missing: String,
    /// Q is evaluated, rather than only the values of its names seen.
    pub judged: bool,
    pub parameters: Vec<Parameter>,
    /// What the parameters may be, the likeliest first: more than one where the signature leaves it open.
    alternatives: Vec<Vec<Parameter>>,
    literals: Literals,
    reads: bool,
    /// Arguments with which the program came to Q, for each parameter.
    known: Vec<Vec<Value>>,
    runner: TestRunner,
}

/// Arguments that are remembered of a parameter.
const KNOWN: usize = 40;

/// Steps of making an input smaller.
const SHRINKS: usize = 400;

/// Something that can be made smaller.
pub type Tree = Box<dyn ValueTree<Value = Input>>;

/// Sets of flags for what is put into programs, in the order in which they are tried: a condition that calls what isn't there
/// can't be evaluated, and a name may not be set where Q stands.
const LEVELS: [Wanted; 3] =
    [Wanted { truth: true, names: true }, Wanted { truth: true, names: false }, Wanted { truth: false, names: true }];

impl Bench {
    /// Gets the original and the texts of slices ready.
    pub fn open(parsed: &Parsed, triple: &Triple, slices: &[&str], seed: u64) -> Result<Bench, RunError> {
        let function = parsed.ast.function(triple.entry);
        let program = |why: String| RunError::Program(why);
        if !probe::callable(parsed, triple.entry) {
            return Err(program(format!("`{}` is a function inside another", function.qualified)));
        }
        let toolchain = Toolchain::of(parsed.language)?;
        let parameters = shape::parameters(parsed, triple.entry).map_err(|unfit| program(unfit.to_string()))?;
        let conditions: Vec<&str> =
            triple.pre.iter().chain([&triple.post]).map(|p| p.condition.text.as_str()).collect();
        let literals = Literals::of(parsed, &conditions);
        let running = &parsed.language.running;
        let files = running.call.as_ref().map(|c| call::files(c, &function.name, &parameters, &literals));
        let setup = Setup {
            entry: function.qualified.clone(),
            parameters: parameters.len(),
            files: files.unwrap_or_default(),
            ms: MS,
            many: traces::leaves_none(parsed),
        };
        let code = triple.post.condition.kind == ConditionKind::Code;
        let missing = shape::missing_types(parsed);
        let mut why = String::new();
        let mut chosen = None;
        for wanted in LEVELS.into_iter().filter(|w| code || !w.truth) {
            let text = instrument(parsed, triple, &running.probes, wanted).map_err(|e| program(e.to_string()))?;
            let text = format!("{missing}{text}");
            let session = Session::open(&toolchain, &[text], setup.clone())?;
            match session.state(0) {
                Ok(()) => {
                    chosen = Some((wanted, session));
                    break;
                }
                // The first complaint is about the program as it is.
                Err(said) if why.is_empty() => why = said.to_owned(),
                Err(_) => {}
            }
        }
        let Some((wanted, session)) = chosen else {
            return Err(program(format!("it doesn't compile: {}", first_lines(&why))));
        };
        let reads = reads_input(parsed);
        let alternatives = alternatives(&parameters);
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
        let runner = TestRunner::new_with_rng(Config { failure_persistence: None, ..Config::default() }, rng);
        let judged = wanted.truth && code;
        let known = vec![Vec::new(); parameters.len()];
        let mut bench = Bench {
            session,
            toolchain,
            wanted,
            missing,
            judged,
            parameters,
            alternatives,
            literals,
            reads,
            known,
            runner,
        };
        bench.add(parsed, triple, slices)?;
        bench.learn(&|row| row.iter().map(|p| evidence::of(parsed, triple.entry, p)).sum());
        Ok(bench)
    }

    /// Gets more slices ready, numbered on from those that are there.
    pub fn add(&mut self, parsed: &Parsed, triple: &Triple, slices: &[&str]) -> Result<(), RunError> {
        let first = self.session.len();
        let mut broken = Vec::new();
        let mut texts = Vec::new();
        for (i, slice) in slices.iter().enumerate() {
            match instrumented_slice(parsed, triple, slice, self.wanted) {
                Ok(text) => texts.push(format!("{}{text}", self.missing)),
                Err(why) => {
                    broken.push((first + i, why));
                    texts.push((*slice).to_owned());
                }
            }
        }
        self.session.add(&texts)?;
        broken.into_iter().for_each(|(i, why)| self.session.refuse(i, why));
        Ok(())
    }

    /// Why a program can't be run.
    pub fn state(&self, program: usize) -> Result<(), &str> {
        self.session.state(program)
    }

    /// Finds out by trying which of the alternatives the program takes: those in which it runs to Q. Of these the one for
    /// which most speaks is kept: a function of texts may run on a list of texts too, and nobody wants to hear of it.
    fn learn(&mut self, evidence: &dyn Fn(&[Parameter]) -> usize) {
        const TRIES: usize = 6;
        if self.alternatives.len() < 2 {
            return;
        }
        let mut inputs = Vec::new();
        for alternative in &self.alternatives {
            let strategy = inputs::strategy(alternative, &self.literals, self.reads, &[]);
            let trees = (0..TRIES).filter_map(|_| strategy.new_tree(&mut self.runner).ok());
            inputs.push(trees.map(|t| t.current()).collect::<Vec<_>>());
        }
        let seen = self.session.run(0, &inputs.concat());
        let mut at = 0;
        let mut scored: Vec<(usize, usize)> = Vec::new();
        for (number, tried) in inputs.iter().enumerate() {
            let good = |o: &&Observed| matches!(o.end, End::Ended | End::Violated | End::Pre | End::Assume);
            let runs = &seen[at..at + tried.len()];
            let score = runs.iter().filter(good).count() + runs.iter().filter(|o| !o.visits.is_empty()).count();
            scored.push((score, number));
            at += tried.len();
        }
        let best = scored.iter().map(|(s, _)| *s).max().unwrap_or(0);
        scored.retain(|(s, _)| *s > 0 && *s * 2 >= best);
        // The first are the likeliest.
        let rank = |(score, number): &(usize, usize)| (evidence(&self.alternatives[*number]), *score, Reverse(*number));
        if let Some((_, kept)) = scored.iter().max_by_key(|s| rank(s)) {
            self.alternatives = vec![self.alternatives[*kept].clone()];
        }
    }

    /// Every input of small domains, if the parameters have them.
    pub fn small(&self, most: usize) -> Vec<Input> {
        if self.reads {
            return Vec::new();
        }
        self.alternatives.iter().flat_map(|a| inputs::exhaustive(a, most)).collect()
    }

    /// Every input within bounds, if what the parameters are is certain and has such a domain.
    pub fn bounded(&self, most: usize) -> Option<Domain> {
        match &self.alternatives[..] {
            [one] if !self.reads => domain::bounded(one, &self.literals, most),
            _ => None,
        }
    }

    /// Random inputs.
    pub fn random(&mut self, count: usize) -> Vec<Tree> {
        let each = self.alternatives.iter().map(|a| inputs::strategy(a, &self.literals, self.reads, &self.known));
        let strategy: BoxedStrategy<Input> = Union::new(each).boxed();
        let mut trees: Vec<Tree> = Vec::new();
        for _ in 0..count {
            if let Ok(tree) = strategy.new_tree(&mut self.runner) {
                trees.push(Box::new(tree));
            }
        }
        trees
    }

    /// Remembers inputs that led to Q: what is made next takes some of their arguments again.
    pub fn remember<'a>(&mut self, seen: impl Iterator<Item = (&'a Input, &'a Observed)>) {
        for (input, _) in seen.filter(|(_, o)| !o.visits.is_empty()) {
            for (known, argument) in self.known.iter_mut().zip(&input.arguments) {
                if known.len() < KNOWN && !known.contains(argument) {
                    known.push(argument.clone());
                }
            }
        }
    }

    /// Runs a program on inputs.
    pub fn run(&mut self, program: usize, inputs: &[Input]) -> Vec<Observed> {
        self.session.run(program, inputs)
    }

    /// The smallest input for which `still` holds, found by making one smaller, first by its tree where it has one. Costs at
    /// most `SHRINKS` runs of the original, and what `still` costs.
    pub fn shrink(
        &mut self,
        start: Input,
        tree: Option<Tree>,
        still: &mut dyn FnMut(&mut Bench, &Input, &Observed) -> bool,
    ) -> Input {
        let mut best = start;
        let mut left = SHRINKS;
        if let Some(tree) = tree {
            self.shrink_tree(tree, &mut best, &mut left, still);
        }
        'better: loop {
            for candidate in simpler::inputs(&best) {
                if left == 0 {
                    break 'better;
                }
                left -= 1;
                let candidate = self.fitted(candidate);
                let original = self.session.run(0, std::slice::from_ref(&candidate)).remove(0);
                if candidate != best && still(self, &candidate, &original) {
                    best = candidate;
                    continue 'better;
                }
            }
            break;
        }
        best
    }

    /// With the lengths that belong to its arrays.
    pub fn fitted(&self, mut input: Input) -> Input {
        for (at, parameter) in self.parameters.iter().enumerate() {
            if let Shape::Length(of) = parameter.shape {
                input.arguments[at] = Value::Int(inputs::length(&input.arguments[of]));
            }
        }
        input
    }

    fn shrink_tree(
        &mut self,
        mut tree: Tree,
        best: &mut Input,
        left: &mut usize,
        still: &mut dyn FnMut(&mut Bench, &Input, &Observed) -> bool,
    ) {
        let mut going = tree.simplify();
        while *left > SHRINKS / 2 {
            *left -= 1;
            if !going {
                break;
            }
            let (input, original) = self.settle(vec![tree.current()], &|_| true).remove(0);
            going = if still(self, &input, &original) {
                *best = input;
                tree.simplify()
            } else {
                tree.complicate()
            };
        }
    }

    /// The program reads its standard input.
    pub fn reads(&self) -> bool {
        self.reads
    }

    /// Whether another input can come up.
    pub fn has_inputs(&self) -> bool {
        self.reads || !self.parameters.is_empty()
    }

    /// The inputs with the standard input that was made up for them written out, so that others can be given the same, and
    /// what the original does on them. Where that must be known exactly (`matters`, by what it did while the standard input
    /// was made up), it runs once more.
    pub fn settle(&mut self, mut inputs: Vec<Input>, matters: &dyn Fn(&Observed) -> bool) -> Vec<(Input, Observed)> {
        let mut seen = self.session.run(0, &inputs);
        let mut again = Vec::new();
        for (i, (input, seen)) in inputs.iter_mut().zip(&seen).enumerate() {
            if let Stdin::Choices(_) = input.stdin {
                input.stdin = seen.stdin.clone().map_or(Stdin::Empty, Stdin::Text);
                again.extend(Some(i).filter(|_| matters(seen)));
            }
        }
        let settled: Vec<Input> = again.iter().map(|i| inputs[*i].clone()).collect();
        for (i, exact) in again.into_iter().zip(self.session.run(0, &settled)) {
            seen[i] = exact;
        }
        inputs.into_iter().zip(seen).collect()
    }
}

/// A slice is a program with the same triple: finds it there, and puts the probes in.
fn instrumented_slice(parsed: &Parsed, triple: &Triple, slice: &str, wanted: Wanted) -> Result<String, String> {
    let slice = shape::with_whole_types(parsed, slice);
    let file = syntax::parse(&parsed.source.path, slice, parsed.language);
    let entry = Some(parsed.ast.function(triple.entry).qualified.clone());
    let request = Request { entry, across: true, ..Request::default() };
    let found = spec::triples(&file, &request).map_err(|error| format!("the slice has lost its condition: {error}"))?;
    let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let exit = triple.post.anchor == Anchor::Exit;
    let same = |t: &&Triple| {
        flat(&t.post.condition.text) == flat(&triple.post.condition.text) && (t.post.anchor == Anchor::Exit) == exit
    };
    let own = found.triples.iter().find(same).ok_or("the slice has another condition than its program")?;
    // What is a name in the program is one in the slice, also where nothing there declares it any more.
    let mut own = own.clone();
    own.post.condition.names.clone_from(&triple.post.condition.names);
    own.post.output = triple.post.output;
    own.post.condition.kind = triple.post.condition.kind;
    // A PRE that could not be followed from the program's start is none in the slice either.
    let is_assumption =
        |a: Anchor| matches!(a, Anchor::At(s) if matches!(file.ast.stmt(s).kind, StmtKind::Assume { .. }));
    let asked = |p: &Placed| triple.pre.iter().any(|q| flat(&q.condition.text) == flat(&p.condition.text));
    own.pre.retain(|p| is_assumption(p.anchor) || asked(p));
    let text = instrument(&file, &own, &parsed.language.running.probes, wanted).map_err(|error| error.to_string())?;
    Ok(format!("{}{text}", shape::left_out(parsed, &file)))
}

/// Whether the program reads something that isn't an argument.
pub fn reads_input(parsed: &Parsed) -> bool {
    let input = &parsed.language.calls.input;
    parsed.ast.exprs.iter().any(|e| match &e.kind {
        ExprKind::Call { callee, .. } => match &parsed.ast.expr(*callee).kind {
            ExprKind::Name(name) | ExprKind::Field { name, .. } => input.contains(name),
            _ => false,
        },
        _ => false,
    })
}

/// What the parameters may be, where they leave it open: each open place one of the candidates, at most [`MOST`] in all.
fn alternatives(parameters: &[Parameter]) -> Vec<Vec<Parameter>> {
    const MOST: usize = 400;
    let open = parameters.iter().filter(|p| is_open(&p.shape)).count();
    if open == 0 {
        return vec![parameters.to_vec()];
    }
    let candidates = inputs::candidates();
    // So many for each that all combinations stay within bounds.
    let mut width = candidates.len();
    while width.pow(open as u32) > MOST && width > 2 {
        width -= 1;
    }
    let mut all: Vec<Vec<Parameter>> = vec![vec![]];
    for parameter in parameters {
        let choices: Vec<Shape> = if is_open(&parameter.shape) {
            candidates.iter().take(width).map(|c| closed(&parameter.shape, c)).collect()
        } else {
            vec![parameter.shape.clone()]
        };
        let with = |row: &Vec<Parameter>, shape: &Shape| {
            let mut row = row.clone();
            row.push(Parameter { shape: shape.clone(), ..parameter.clone() });
            row
        };
        all = all.iter().flat_map(|row| choices.iter().map(|s| with(row, s)).collect::<Vec<_>>()).take(MOST).collect();
    }
    all
}

fn is_open(shape: &Shape) -> bool {
    match shape {
        Shape::Any => true,
        Shape::List(s) | Shape::Set(s) | Shape::Optional(s) | Shape::Pointer(s) => is_open(s),
        Shape::Map(k, v) => is_open(k) || is_open(v),
        Shape::Tuple(parts) | Shape::Either(parts) => parts.iter().any(is_open),
        _ => false,
    }
}

/// With one candidate in every open place.
fn closed(shape: &Shape, with: &Shape) -> Shape {
    let inner = |s: &Shape| Box::new(closed(s, with));
    match shape {
        Shape::Any => with.clone(),
        Shape::List(s) => Shape::List(inner(s)),
        Shape::Set(s) => Shape::Set(inner(s)),
        Shape::Optional(s) => Shape::Optional(inner(s)),
        Shape::Pointer(s) => Shape::Pointer(inner(s)),
        Shape::Map(k, v) => Shape::Map(if is_open(k) { Box::new(Shape::Text) } else { k.clone() }, inner(v)),
        Shape::Tuple(parts) => Shape::Tuple(parts.iter().map(|s| closed(s, with)).collect()),
        Shape::Either(parts) => Shape::Either(parts.iter().map(|s| closed(s, with)).collect()),
        other => other.clone(),
    }
}

/// The first complaints of a compiler.
fn first_lines(text: &str) -> String {
    let wanted = |l: &&str| l.contains("error") || l.contains("Error");
    let mut lines: Vec<&str> = text.lines().filter(wanted).take(2).collect();
    if lines.is_empty() {
        lines = text.lines().take(2).collect();
    }
    lines.join("; ")
}
