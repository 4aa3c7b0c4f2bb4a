//! Asking until there is an answer, or a reason to stop.
//!
//! A question is tried again after a failure that may pass, a few times and within its time. The pause doubles from try to
//! try and is then shortened by up to a half, drawn from the question's hash: questions that failed together don't come back
//! together, and a run is the same each time. A time that the server names holds for every question to it (`limiter`). When
//! [`FAILURES_IN_A_ROW`] questions have failed one after the other, the run is over: the next would fail as well, and a
//! server in trouble isn't helped by being asked more.

use super::{Http, LONGEST_TIMEOUT};
use crate::oracle::fault::Fault;
use crate::oracle::log::Level;
use crate::oracle::{Finish, OracleError, Question, Reply, Settings};
use futures_util::future::BoxFuture;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::time::{Instant, sleep_until, timeout_at};

/// Questions that fail before it is taken that all do.
const FAILURES_IN_A_ROW: u32 = 5;

impl Http {
    /// Tries until there is a reply, a failure that will not pass, or no time or try left. Waiting for one's turn under a rate
    /// that the user set takes none of the question's time.
    pub(in crate::oracle) async fn persist<'a>(
        &self,
        question: &Question,
        attempt: impl Fn() -> BoxFuture<'a, Result<Reply, OracleError>>,
    ) -> Result<Reply, OracleError> {
        let started = Instant::now();
        match self.try_on(question, attempt).await {
            Ok(reply) => {
                self.failed.store(0, Ordering::Relaxed);
                self.limiter.charge(reply.tokens_out);
                let finish = match reply.finish {
                    Finish::Refused(why) => Finish::Refused(self.redact(&why)),
                    other => other,
                };
                Ok(Reply {
                    ms: started.elapsed().as_millis() as u64,
                    // A server may send back what it was sent.
                    text: self.redact(&reply.text),
                    thinking: self.redact(&reply.thinking),
                    model: self.redact(&reply.model),
                    finish,
                    ..reply
                })
            }
            Err(error) => Err(self.count(error)),
        }
    }

    fn count(&self, error: OracleError) -> OracleError {
        if error.is_unknown() || error.ends_run() {
            return error;
        }
        let count = self.failed.fetch_add(1, Ordering::Relaxed) + 1;
        if count < FAILURES_IN_A_ROW || !self.sees(Fault::AllFail) {
            return error;
        }
        OracleError::AllFail { count: FAILURES_IN_A_ROW, last: Box::new(error) }
    }

    async fn try_on<'a>(
        &self,
        question: &Question,
        attempt: impl Fn() -> BoxFuture<'a, Result<Reply, OracleError>>,
    ) -> Result<Reply, OracleError> {
        let limit = if self.sees(Fault::Total) { self.settings.timeout.min(LONGEST_TIMEOUT) } else { LONGEST_TIMEOUT };
        let mut deadline = Instant::now() + limit;
        let mut tries = 0;
        loop {
            deadline += self.limiter.turn(question.prompt.tokens).await;
            if let Some(until) = self.limiter.paused_until() {
                if until >= deadline {
                    let message = "it asked for a longer pause than this question has time".to_string();
                    return Err(OracleError::RateLimited { url: self.url.clone(), message, wait: None });
                }
                self.log(Level::Requests, || format!("{}: pausing, as it asked", self.url));
                sleep_until(until + drawn(&self.settings, &question.hash, tries)).await;
            }
            let error = match timeout_at(deadline, attempt()).await {
                Ok(Ok(reply)) => return Ok(reply),
                Ok(Err(error)) => error,
                Err(_) => return Err(OracleError::Timeout { url: self.url.clone(), after: self.settings.timeout }),
            };
            if let OracleError::RateLimited { wait: Some(wait), .. } = &error {
                self.limiter.pause(*wait);
            }
            match pause(&self.settings, &question.hash, tries, &error) {
                Some(pause) if Instant::now() + pause < deadline => {
                    self.log(Level::Requests, || format!("{error}; trying again in {} ms", pause.as_millis()));
                    tokio::time::sleep(pause).await;
                }
                _ => return Err(error),
            }
            tries += 1;
        }
    }
}

/// How long to wait before the next try; `None` where there is to be none.
fn pause(settings: &Settings, hash: &str, tries: u32, error: &OracleError) -> Option<Duration> {
    if tries >= settings.retries || !error.passes() {
        return None;
    }
    match error {
        // The pause is the limiter's.
        OracleError::RateLimited { wait: Some(wait), .. } => {
            let too_long = *wait > settings.backoff_cap && settings.blind_to != Some(Fault::LongWait);
            (!too_long).then_some(Duration::ZERO)
        }
        _ => {
            let doubled = settings.backoff.saturating_mul(1 << tries.min(16)).min(settings.backoff_cap);
            Some(doubled.mul_f64(1.0 - draw(hash, tries) / 2.0))
        }
    }
}

/// Up to the first pause, so that those who waited for the same moment don't all come at it.
fn drawn(settings: &Settings, hash: &str, tries: u32) -> Duration {
    settings.backoff.mul_f64(draw(hash, tries))
}

/// From 0 to below 1, another one for each try.
fn draw(hash: &str, tries: u32) -> f64 {
    let at = (tries as usize * 2) % hash.len().max(1);
    let drawn = hash.get(at..at + 2).and_then(|digits| u32::from_str_radix(digits, 16).ok()).unwrap_or(128);
    f64::from(drawn) / 256.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_and_differ() {
        let settings = Settings::default();
        let error = OracleError::CutStream { url: String::new() };
        let at = |hash: &str, tries| pause(&settings, hash, tries, &error);
        assert_eq!(at("0000", 0), Some(settings.backoff));
        assert_eq!(at("0000", 1), Some(settings.backoff * 2));
        assert!(at("ffff", 1) < at("0000", 1) && at("ffff", 1) > at("0000", 0));
        assert_eq!(at("0000", settings.retries), None);
        assert_eq!(pause(&settings, "00", 0, &OracleError::Cancelled), None);
        let limited = |wait| OracleError::RateLimited { url: String::new(), message: String::new(), wait: Some(wait) };
        assert_eq!(pause(&settings, "00", 0, &limited(settings.backoff_cap)), Some(Duration::ZERO));
        assert_eq!(pause(&settings, "00", 0, &limited(Duration::MAX)), None);
    }
}
