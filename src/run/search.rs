//! Looking for inputs on which Q is false: what the `run` oracle answers with.
//!
//! The original is the judge, so it is run first: an input on which it doesn't violate Q can't be a counter-example, whatever
//! a slice does. What violates it is then given to the slices, smallest first; the first that comes to a false Q too is the
//! least failing one, and the input is made smaller as long as both fail.

use super::bench::{Bench, Tree};
use super::observed::{End, Observed, Truth};
use super::simpler;
use super::toolchain::RunError;
use super::value::Input;
use crate::spec::Triple;
use crate::syntax::Parsed;

/// How much is tried.
#[derive(Debug, Clone, Copy)]
pub struct Effort {
    /// Inputs that P allows.
    pub inputs: usize,
    /// Inputs in all.
    pub most: usize,
    /// Violations that are enough to choose a slice by.
    pub enough: usize,
}

impl Default for Effort {
    fn default() -> Self {
        Effort { inputs: 2000, most: 20_000, enough: 120 }
    }
}

/// What was tried.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tried {
    pub inputs: usize,
    /// P allows them.
    pub accepted: usize,
    /// They came to Q.
    pub reached: usize,
    /// On which the program failed by itself, ran out of time or of memory, or Q could not be evaluated.
    pub apart: usize,
    /// The first of those.
    pub accident: String,
}

impl Tried {
    /// Counts a run.
    pub(super) fn add(&mut self, observed: &Observed) {
        let reached = !observed.visits.is_empty();
        let refused = (observed.end == End::Pre && !reached) || matches!(observed.end, End::Input | End::Skipped);
        self.inputs += 1;
        self.accepted += usize::from(!refused);
        self.reached += usize::from(reached);
        let unjudged = observed.visits.iter().any(|v| v.truth == Truth::Error);
        if !refused && (unjudged || !observed.end.is_regular()) {
            self.apart += 1;
            if self.accident.is_empty() {
                self.accident = observed.told();
            }
        }
    }
}

/// A false Q.
#[derive(Debug, Clone, PartialEq)]
pub struct Witness {
    pub input: Input,
    /// What the original did.
    pub observed: Observed,
}

/// What came of a search.
#[derive(Debug, Clone)]
pub struct Search {
    pub tried: Tried,
    /// For each slice that was looked at, in order: the smallest input found on which it and the original come to a false
    /// Q. Ends with the first that has one, unless all were wanted. Empty where nothing violates the original.
    pub slices: Vec<Option<Witness>>,
    /// An input on which the original violates Q, if there is one.
    pub violated: Option<Witness>,
    /// Names of the parameters.
    pub parameters: Vec<String>,
    /// What isn't noticed with these tools.
    pub without: String,
    /// Why slices could not be run, by number.
    pub broken: Vec<(usize, String)>,
}

/// Slices that are made ready at a time: compiling all of them would take longer than finding the least.
const AT_ONCE: usize = 4;

/// Searches. `slices`: their texts, smallest first. `all`: look at every slice, also behind a failing one.
pub fn search(
    parsed: &Parsed,
    triple: &Triple,
    slices: &[&str],
    effort: &Effort,
    all: bool,
    seed: u64,
) -> Result<Search, RunError> {
    let mut bench = Bench::open(parsed, triple, &[], seed)?;
    if !bench.judged {
        return Err(RunError::Program("the post-condition can't be evaluated as it stands".into()));
    }
    let (tried, mut violations) = violations(&mut bench, effort)?;
    let mut found = Search {
        tried,
        slices: Vec::new(),
        violated: violations.first().map(|v| Witness { input: v.input.clone(), observed: v.observed.clone() }),
        parameters: bench.parameters.iter().map(|p| p.name.clone()).collect(),
        without: bench.toolchain.without.clone(),
        broken: Vec::new(),
    };
    if violations.is_empty() {
        return Ok(found);
    }
    for texts in slices.chunks(AT_ONCE) {
        bench.add(parsed, triple, texts)?;
        for _ in texts {
            let program = found.slices.len() + 1;
            if let Err(why) = bench.state(program) {
                found.broken.push((program - 1, why.to_owned()));
            }
            let witness = witness(&mut bench, program, &mut violations);
            let done = witness.is_some() && !all;
            found.slices.push(witness);
            if done {
                return Ok(found);
            }
        }
    }
    Ok(found)
}

pub(super) struct Violation {
    pub input: Input,
    pub observed: Observed,
    /// What makes it smaller; inputs of small domains have none, and are small.
    pub tree: Option<Tree>,
}

fn violates(seen: &Observed) -> bool {
    seen.end == End::Violated
}

/// Inputs on which the original violates Q.
pub(super) fn violations(bench: &mut Bench, effort: &Effort) -> Result<(Tried, Vec<Violation>), RunError> {
    const BATCH: usize = 250;
    /// Runs to Q without a truth after which none is expected any more: Q names what isn't there.
    const UNJUDGED: usize = 20;
    /// Runs that took all their time after which no more are made: they are 12 seconds.
    const ENDLESS: usize = 60;
    let mut judged = false;
    let mut endless = 0;
    let mut tried = Tried::default();
    let mut found: Vec<Violation> = Vec::new();
    let one = !bench.has_inputs();
    let mut small: Option<Vec<Input>> = Some(bench.small(BATCH * 2)).filter(|s| !s.is_empty());
    while tried.accepted < effort.inputs && tried.inputs < effort.most && found.len() < effort.enough {
        let (inputs, mut trees): (Vec<Input>, Vec<Option<Tree>>) = match small.take() {
            Some(small) => small.into_iter().map(|input| (input, None)).unzip(),
            None => {
                let trees = bench.random(if one { 1 } else { BATCH });
                trees.into_iter().map(|tree| (tree.current(), Some(tree))).unzip()
            }
        };
        if inputs.is_empty() {
            break;
        }
        let seen = bench.settle(inputs, &violates);
        bench.remember(seen.iter().map(|(input, observed)| (input, observed)));
        let truths = |o: &Observed| o.visits.iter().any(|v| v.truth != Truth::Error);
        judged |= seen.iter().any(|(_, o)| truths(o));
        endless += seen.iter().filter(|(_, o)| o.took_all_time()).count();
        let given_up = seen.iter().any(|(_, o)| o.end == End::Skipped);
        for (i, (input, observed)) in seen.into_iter().enumerate() {
            let reached = !observed.visits.is_empty();
            if reached && !judged && tried.reached + 1 >= UNJUDGED {
                let why = format!("the post-condition can't be evaluated: on the first inputs {}", observed.told());
                return Err(RunError::Program(why));
            }
            tried.add(&observed);
            if violates(&observed) {
                found.push(Violation { input, observed, tree: trees.get_mut(i).and_then(Option::take) });
            }
        }
        if one || given_up || endless >= ENDLESS {
            break;
        }
    }
    neighbours(bench, &mut found, &mut tried);
    Ok((tried, found))
}

/// Inputs near a violation often violate Q on another path, whose slice may be smaller: those that differ from one in one
/// place are tried too.
fn neighbours(bench: &mut Bench, found: &mut Vec<Violation>, tried: &mut Tried) {
    const STARTS: usize = 12;
    const EACH: usize = 60;
    let near = found.iter().take(STARTS).flat_map(|v| simpler::inputs(&v.input).into_iter().take(EACH));
    let near: Vec<Input> = near.map(|input| bench.fitted(input)).collect();
    for (input, observed) in bench.settle(near, &violates) {
        tried.add(&observed);
        if violates(&observed) && !found.iter().any(|v| v.input == input) {
            found.push(Violation { input, observed, tree: None });
        }
    }
}

/// The smallest input known on which a slice and the original come to a false Q. What is known is made smaller by the way.
fn witness(bench: &mut Bench, program: usize, violations: &mut [Violation]) -> Option<Witness> {
    bench.state(program).ok()?;
    let inputs: Vec<Input> = violations.iter().map(|v| v.input.clone()).collect();
    let seen = bench.run(program, &inputs);
    let failing = (0..seen.len()).filter(|i| seen[*i].end == End::Violated);
    // The shortest request is the least to read.
    let least = failing.min_by_key(|i| inputs[*i].request(0).len())?;
    let mut still = |bench: &mut Bench, input: &Input, original: &Observed| {
        original.end == End::Violated
            && bench.run(program, std::slice::from_ref(input)).first().is_some_and(|o| o.end == End::Violated)
    };
    let violation = &mut violations[least];
    let input = bench.shrink(violation.input.clone(), violation.tree.take(), &mut still);
    if let Some(observed) = bench.run(0, std::slice::from_ref(&input)).pop() {
        violation.input = input;
        violation.observed = observed;
    }
    Some(Witness { input: violation.input.clone(), observed: violation.observed.clone() })
}
