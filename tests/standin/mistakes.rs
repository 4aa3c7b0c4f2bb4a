//! A model that is wrong at a known rate: which questions it gets wrong is drawn from their hash, so it is the same each time and
//! for each order.

use super::{Act, Request, verdict};
use sha2::{Digest, Sha256};

/// Answers as `truth` says (`pass` or `fail`), wrongly in the given share of the questions. Votes are other questions. The second
/// phase of an answer says what the first did.
pub fn mistaken(
    share: f64,
    truth: impl Fn(&Request) -> &'static str + Send + Sync + 'static,
) -> impl Fn(&Request) -> Act + Send + Sync + 'static {
    move |request| {
        if request.system().contains("finished analysis") {
            return verdict(request, if request.asks("Verdict: FAIL") { "fail" } else { "pass" }, &[]);
        }
        let right = truth(request);
        let wrong = if right == "pass" { "fail" } else { "pass" };
        verdict(request, if drawn(request) < share { wrong } else { right }, &[])
    }
}

/// Even between 0 and 1.
fn drawn(request: &Request) -> f64 {
    let seed = request.body["seed"].as_u64().or(request.body["options"]["seed"].as_u64()).unwrap_or(0);
    let hash = Sha256::digest(format!("{seed} {} {}", request.system(), request.user()));
    let number = hash[..8].iter().fold(0_u64, |n, byte| n << 8 | u64::from(*byte));
    number as f64 / u64::MAX as f64
}
