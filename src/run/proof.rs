//! Finding out what is true of a triple by running it: all inputs within bounds where there are any, then generated ones.

use super::bench::Bench;
use super::confirm::{Confirmation, confirm};
use super::observed::{End, Observed};
use super::search::{Effort, Tried, Witness, violations};
use super::toolchain::RunError;
use crate::spec::Triple;
use crate::syntax::Parsed;
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// What was found.
#[derive(Debug, Clone)]
pub struct Evidence {
    /// All inputs within bounds, if the parameters have such a domain.
    pub bounded: Option<Bounded>,
    /// Generated inputs; none after a violation within bounds.
    pub generated: Tried,
    /// The smallest input found on which Q is false.
    pub violated: Option<Witness>,
    pub parameters: Vec<String>,
    /// `Python 3.11.2`.
    pub toolchain: String,
}

/// A whole domain, run.
#[derive(Debug, Clone)]
pub struct Bounded {
    pub bounds: String,
    pub tried: Tried,
}

impl Evidence {
    /// Runs on which the program failed by itself or had no end, and the first of them.
    pub fn apart(&self) -> (usize, &str) {
        let bounded = self.bounded.as_ref().map(|b| &b.tried).filter(|t| t.apart > 0);
        let first = bounded.unwrap_or(&self.generated);
        (self.generated.apart + bounded.map_or(0, |b| b.apart), &first.accident)
    }
}

/// Looks for a violation. `domain`: inputs of a bounded domain at most. Runs the code, in the sandbox.
pub fn prove(
    parsed: &Parsed,
    triple: &Triple,
    domain: usize,
    effort: &Effort,
    seed: u64,
) -> Result<Evidence, RunError> {
    let mut bench = open(parsed, triple, seed)?;
    let mut evidence = Evidence {
        bounded: None,
        generated: Tried::default(),
        violated: None,
        parameters: bench.parameters.iter().map(|p| p.name.clone()).collect(),
        toolchain: bench.toolchain.version.clone(),
    };
    if let Some(domain) = bench.bounded(domain) {
        let mut tried = Tried::default();
        for inputs in domain.inputs.chunks(500) {
            for (input, observed) in inputs.iter().zip(bench.run(0, inputs)) {
                tried.add(&observed);
                if observed.end == End::Violated && evidence.violated.is_none() {
                    evidence.violated = Some(Witness { input: input.clone(), observed });
                }
            }
            if evidence.violated.is_some() {
                break;
            }
        }
        evidence.bounded = Some(Bounded { bounds: domain.bounds, tried });
    }
    let mut found = evidence.violated.take().map(|w| (w.input, None));
    if found.is_none() {
        let (tried, violations) = violations(&mut bench, effort)?;
        evidence.generated = tried;
        found = violations.into_iter().next().map(|v| (v.input, v.tree));
    }
    if let Some((input, tree)) = found {
        let mut still = |_: &mut Bench, _: &_, observed: &Observed| observed.end == End::Violated;
        let input = bench.shrink(input, tree, &mut still);
        let observed = bench.run(0, std::slice::from_ref(&input)).pop();
        evidence.violated = observed.map(|observed| Witness { input, observed });
    }
    Ok(evidence)
}

/// Runs a triple on one input that is told by names, as a counter-example tells it.
pub fn replay(parsed: &Parsed, triple: &Triple, inputs: &BTreeMap<String, Json>) -> Result<Confirmation, RunError> {
    Ok(confirm(&mut open(parsed, triple, 0)?, inputs))
}

fn open(parsed: &Parsed, triple: &Triple, seed: u64) -> Result<Bench, RunError> {
    let bench = Bench::open(parsed, triple, &[], seed)?;
    match bench.judged {
        true => Ok(bench),
        false => Err(RunError::Program("the post-condition can't be evaluated as it stands".into())),
    }
}
