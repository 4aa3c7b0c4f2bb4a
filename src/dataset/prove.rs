//! Proving labels by running: a violated subject needs an input on which Q is seen to be false, one that holds must survive every input
//! within bounds and many generated ones. Runs the programs, in the sandbox.

use super::proofs::{How, Proof, hash};
use super::{Label, Subject};
use crate::run::confirm::Confirmation;
use crate::run::proof::{self, Evidence};
use crate::run::search::Effort;
use crate::run::toolchain::RunError;
use crate::run::value::{Input, Stdin};
use crate::spec;
use crate::spec::Triple;
use crate::syntax::{self, Parsed};
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// How much is run.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Inputs of a bounded domain at most.
    pub domain: usize,
    /// Generated inputs.
    pub effort: Effort,
    pub seed: u64,
}

impl Default for Plan {
    fn default() -> Self {
        Plan { domain: 4000, effort: Effort { enough: 1, ..Effort::default() }, seed: 0 }
    }
}

/// Why a label is not proved.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unproved {
    #[error("it has no label; running it showed {0}")]
    NoLabel(String),
    #[error("labelled violated, but no input was found on which Q is false: {0}")]
    NoWitness(String),
    #[error("labelled holds, but Q is false: {0}")]
    Violated(String),
    #[error("labelled holds, but on {0} inputs the program fails by itself: {1}")]
    Fails(usize, String),
    #[error("labelled holds, but only {0} inputs that P allows came to Q, of {1} that were run")]
    Few(usize, usize),
    #[error("the inputs found can't be told by names and run again: {0}")]
    Untold(String),
    #[error("it can't be run: {0}")]
    NotRun(String),
    #[error("it has {0} post-conditions; a label is about one")]
    Several(usize),
}

/// Inputs that must have come to Q for "holds" to be worth anything.
const FEW: usize = 200;

/// Proves the label of a subject whose Q is code. `known`: the proof that is stored; its witness is run again, and only if it
/// doesn't show a false Q any more is another looked for.
pub fn prove(subject: &Subject, known: Option<&Proof>, plan: &Plan) -> Result<Proof, Unproved> {
    let not_run = |error: RunError| Unproved::NotRun(error.to_string());
    let (parsed, triple) = triple(subject)?;
    if let (Some(Label::Violated), Some(proof)) = (subject.label, known.filter(|p| p.how == How::Witness)) {
        let seen = proof::replay(&parsed, &triple, &proof.inputs).map_err(not_run)?;
        if let Confirmation::Confirmed { observed, .. } = seen {
            return Ok(Proof { hash: hash(subject), observed: observed.told(), ..proof.clone() });
        }
    }
    let evidence = proof::prove(&parsed, &triple, plan.domain, &plan.effort, plan.seed).map_err(not_run)?;
    match (subject.label, &evidence.violated) {
        (None, _) => Err(Unproved::NoLabel(told(&evidence))),
        (Some(Label::Violated), None) => Err(Unproved::NoWitness(told(&evidence))),
        (Some(Label::Holds), Some(_)) => Err(Unproved::Violated(told(&evidence))),
        (Some(Label::Holds), None) => holds(subject, &evidence),
        (Some(Label::Violated), Some(witness)) => {
            let inputs = named(&witness.input, &evidence.parameters);
            match proof::replay(&parsed, &triple, &inputs).map_err(not_run)? {
                Confirmation::Confirmed { observed, .. } => {
                    Ok(Proof { inputs, observed: observed.told(), ..blank(subject, How::Witness, &evidence) })
                }
                Confirmation::Refuted { observed, .. } => Err(Unproved::Untold(observed.told())),
                Confirmation::Undecodable(why) => Err(Unproved::Untold(why)),
            }
        }
    }
}

fn triple(subject: &Subject) -> Result<(Parsed, Triple), Unproved> {
    let language =
        syntax::by_name(&subject.language).ok_or_else(|| Unproved::NotRun("its language isn't known".into()))?;
    let parsed = syntax::parse(&subject.path.display().to_string(), subject.text.clone(), language);
    let mut found = spec::triples(&parsed, &subject.request).map_err(|error| Unproved::NotRun(error.to_string()))?;
    match (found.triples.pop(), found.triples.len()) {
        (Some(triple), 0) => Ok((parsed, triple)),
        (_, more) => Err(Unproved::Several(more + 1)),
    }
}

fn blank(subject: &Subject, how: How, evidence: &Evidence) -> Proof {
    Proof {
        hash: hash(subject),
        how,
        inputs: BTreeMap::new(),
        observed: String::new(),
        bounds: String::new(),
        exhaustive: 0,
        exhaustive_accepted: 0,
        generated: 0,
        generated_accepted: 0,
        toolchain: evidence.toolchain.clone(),
    }
}

fn holds(subject: &Subject, evidence: &Evidence) -> Result<Proof, Unproved> {
    if let (apart @ 1.., why) = evidence.apart() {
        return Err(Unproved::Fails(apart, why.to_owned()));
    }
    let generated = &evidence.generated;
    let bounded = evidence.bounded.as_ref();
    let reached = generated.reached + bounded.map_or(0, |b| b.tried.reached);
    let inputs = generated.inputs + bounded.map_or(0, |b| b.tried.inputs);
    // A domain may have fewer inputs than that in all.
    let whole = bounded.is_some_and(|b| b.tried.reached * 2 >= b.tried.inputs);
    if reached < FEW && !whole {
        return Err(Unproved::Few(reached, inputs));
    }
    let how = if bounded.is_some() { How::Exhaustive } else { How::Generated };
    Ok(Proof {
        bounds: bounded.map_or(String::new(), |b| b.bounds.clone()),
        exhaustive: bounded.map_or(0, |b| b.tried.inputs as u64),
        exhaustive_accepted: bounded.map_or(0, |b| b.tried.accepted as u64),
        generated: generated.inputs as u64,
        generated_accepted: generated.accepted as u64,
        ..blank(subject, how, evidence)
    })
}

fn named(input: &Input, parameters: &[String]) -> BTreeMap<String, Json> {
    let mut out: BTreeMap<String, Json> =
        parameters.iter().cloned().zip(input.arguments.iter().map(|v| v.to_json())).collect();
    if let Stdin::Text(text) = &input.stdin {
        out.insert("stdin".into(), Json::String(text.clone()));
    }
    out
}

/// What running showed, in a sentence.
fn told(evidence: &Evidence) -> String {
    if let Some(witness) = &evidence.violated {
        let inputs = named(&witness.input, &evidence.parameters);
        let inputs: Vec<String> = inputs.iter().map(|(name, value)| format!("{name} = {value}")).collect();
        return format!("{} for {}", witness.observed.told(), inputs.join(", "));
    }
    let generated = &evidence.generated;
    let bounded = evidence.bounded.as_ref().map(|b| format!("{} inputs ({}) and ", b.tried.inputs, b.bounds));
    let apart = match evidence.apart() {
        (0, _) => String::new(),
        (n, why) => format!("; on {n} the program fails by itself: {why}"),
    };
    format!(
        "no false Q on {}{} generated ones, {} of which P allows, {} came to Q{apart}",
        bounded.unwrap_or_default(),
        generated.inputs,
        generated.accepted,
        generated.reached
    )
}
