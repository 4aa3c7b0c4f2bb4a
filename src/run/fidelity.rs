//! The faithfulness property (`engine.md`), tested by running the original and its slices on the same inputs.
//!
//! Q may be visited several times. Each visit ends a path of its own, so the property is about visits: every slice makes the
//! visits of the original, in order, up to where it rejects the run, with the same truths and the same values of Q's names; and
//! some slice makes all of them. A run that leaves before Q makes none, and so no slice may make one. Where the original
//! fails by itself, only what came before is compared: removing a statement may remove its fault.

use super::bench::{Bench, Tree};
use super::observed::{End, Observed};
use super::value::Input;
use std::collections::BTreeSet;

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Accepted inputs to try.
    pub inputs: usize,
    /// Inputs to make in all, accepted or not.
    pub most: usize,
    /// Mismatches of a kind that are told; others are counted.
    pub told: usize,
}

impl Default for Plan {
    fn default() -> Self {
        Plan { inputs: 200, most: 6000, told: 3 }
    }
}

/// What came of it.
#[derive(Debug, Clone, Default)]
pub struct Fidelity {
    pub tried: usize,
    /// P allows them.
    pub accepted: usize,
    /// The original came to Q.
    pub reached: usize,
    /// On which the original failed by itself or ran out of memory: compared up to there; or out of time, or nearly, so that a
    /// slice of it was: not compared.
    pub apart: usize,
    /// Compared without a mismatch.
    pub agree: usize,
    /// A visit that no slice makes.
    pub missed: Mismatches,
    /// A visit that the original doesn't make, or not so.
    pub spurious: Mismatches,
    /// Slices that can't be run: their number, and why.
    pub broken: Vec<(usize, String)>,
}

#[derive(Debug, Clone, Default)]
pub struct Mismatches {
    pub count: usize,
    pub told: Vec<Mismatch>,
}

/// A reproducer.
#[derive(Debug, Clone)]
pub struct Mismatch {
    pub input: Input,
    pub original: Observed,
    /// The slice that contradicts the program (`spurious`), counted from 0; `None` where all of them miss a visit.
    pub slice: Option<usize>,
    /// What that slice did; for a miss, what each did.
    pub slices: Vec<Observed>,
}

enum Judged {
    Agrees,
    /// Slices that contradict the original.
    Spurious(Vec<usize>),
    Missed,
}

impl Judged {
    fn is_mismatch(&self, missed: bool) -> bool {
        match self {
            Judged::Agrees => false,
            Judged::Missed => missed,
            Judged::Spurious(_) => !missed,
        }
    }
}

/// Tests the slices of a bench. `progress` is told the inputs accepted so far.
pub fn test(bench: &mut Bench, slices: usize, plan: &Plan, progress: &mut dyn FnMut(usize)) -> Fidelity {
    const BATCH: usize = 200;
    let mut result = Fidelity::default();
    for slice in 0..slices {
        if let Err(why) = bench.state(slice + 1) {
            result.broken.push((slice, why.to_owned()));
        }
    }
    let mut known = BTreeSet::new();
    let mut small = bench.small(plan.inputs.min(BATCH));
    let one = !bench.has_inputs();
    while result.accepted < plan.inputs && result.tried < plan.most {
        let mut trees: Vec<Option<Tree>> = if small.is_empty() {
            bench.random(if one { 1 } else { BATCH }).into_iter().map(Some).collect()
        } else {
            small.iter().map(|_| None).collect()
        };
        let mut inputs: Vec<Input> = std::mem::take(&mut small);
        inputs.extend(trees.iter().flatten().map(|t| t.current()));
        if inputs.is_empty() {
            break;
        }
        result.tried += inputs.len();
        let settled = bench.settle(inputs, &|seen| seen.end != End::Timeout);
        bench.remember(settled.iter().map(|(input, seen)| (input, seen)));
        let given_up = settled.iter().any(|(_, seen)| seen.end == End::Skipped);
        // What was made up may come out the same: a text of which the program reads the first line only.
        let fresh: Vec<usize> = (0..settled.len())
            .filter(|i| is_accepted(&settled[*i].1) && known.insert(settled[*i].0.request(0)))
            .take(plan.inputs - result.accepted)
            .collect();
        // What never ends says nothing about slices, and would take each of them as long.
        let endless = |i: &usize| settled[*i].1.end == End::Timeout;
        let (ends, fresh): (Vec<usize>, Vec<usize>) = fresh.into_iter().partition(endless);
        result.accepted += ends.len();
        result.apart += ends.len();
        let inputs: Vec<Input> = fresh.iter().map(|i| settled[*i].0.clone()).collect();
        let originals: Vec<Observed> = fresh.iter().map(|i| settled[*i].1.clone()).collect();
        let runs: Vec<Vec<Observed>> = (0..slices).map(|s| bench.run(s + 1, &inputs)).collect();
        for (n, original) in originals.iter().enumerate() {
            let seen: Vec<&Observed> = runs.iter().map(|r| &r[n]).collect();
            result.accepted += 1;
            result.reached += usize::from(!original.visits.is_empty());
            result.apart += usize::from(!original.end.is_regular());
            match judge(original, &seen) {
                Judged::Agrees => result.agree += 1,
                // A run that takes about as long as it may: the original was just in time, a slice of it just not.
                _ if seen.iter().any(|s| s.end == End::Timeout) && !differs(bench, slices, &inputs[n]) => {
                    result.apart += 1;
                }
                kind => {
                    let missed = matches!(kind, Judged::Missed);
                    let into = if missed { &mut result.missed } else { &mut result.spurious };
                    into.count += 1;
                    if into.told.len() < plan.told {
                        let mut still = |bench: &mut Bench, input: &Input, original: &Observed| {
                            let seen = all(bench, slices, input);
                            let kind = judge(original, &seen.iter().collect::<Vec<_>>());
                            is_accepted(original) && kind.is_mismatch(missed)
                        };
                        let tree = trees.get_mut(fresh[n]).and_then(Option::take);
                        let input = bench.shrink(inputs[n].clone(), tree, &mut still);
                        into.told.push(reproducer(bench, slices, input, missed));
                    }
                }
            }
        }
        progress(result.accepted);
        if one || given_up {
            break;
        }
    }
    result
}

/// P allows the input: the run wasn't ended by P before it came to Q.
fn is_accepted(original: &Observed) -> bool {
    match original.end {
        End::Pre | End::Assume => !original.visits.is_empty(),
        End::Input | End::Skipped => false,
        _ => true,
    }
}

fn judge(original: &Observed, slices: &[&Observed]) -> Judged {
    let whole = original.end.is_regular();
    let common = |s: &Observed| s.visits.iter().zip(&original.visits).take_while(|(a, b)| a == b).count();
    let contradicts = |s: &Observed| {
        let common = common(s);
        common < s.visits.len().min(original.visits.len()) || (whole && s.visits.len() > original.visits.len())
    };
    let wrong: Vec<usize> = (0..slices.len()).filter(|i| contradicts(slices[*i])).collect();
    if !wrong.is_empty() {
        return Judged::Spurious(wrong);
    }
    let most = slices.iter().map(|s| common(s)).max().unwrap_or(0);
    if most < original.visits.len() { Judged::Missed } else { Judged::Agrees }
}

/// Whether there is a mismatch when an input is run once more, by itself.
fn differs(bench: &mut Bench, slices: usize, input: &Input) -> bool {
    let original = bench.run(0, std::slice::from_ref(input)).remove(0);
    let seen = all(bench, slices, input);
    original.end != End::Timeout && !matches!(judge(&original, &seen.iter().collect::<Vec<_>>()), Judged::Agrees)
}

/// All slices on one input.
fn all(bench: &mut Bench, slices: usize, input: &Input) -> Vec<Observed> {
    let one = std::slice::from_ref(input);
    (0..slices).flat_map(|s| bench.run(s + 1, one)).collect()
}

fn reproducer(bench: &mut Bench, slices: usize, input: Input, missed: bool) -> Mismatch {
    let original = bench.run(0, std::slice::from_ref(&input)).remove(0);
    let seen = all(bench, slices, &input);
    let refs: Vec<&Observed> = seen.iter().collect();
    let slice = match judge(&original, &refs) {
        Judged::Spurious(wrong) if !missed => wrong.first().copied(),
        _ => None,
    };
    let slices = slice.map_or_else(|| seen.clone(), |s| vec![seen[s].clone()]);
    Mismatch { input, original, slice, slices }
}
