//! One limiter for each server, shared by every oracle of this process that asks it.
//!
//! It keeps two clocks. The *pace* spaces requests so that no more than the given number of requests and tokens go out in a
//! minute: each request moves the time of the next one on by its share of a minute, so there is no burst that a server's own
//! count could object to. What an answer took is charged when it is known. The *pause* is a time before which the server
//! doesn't want to be asked: whoever was told (429, `Retry-After`, spent rate limit headers) sets it, and every question
//! keeps to it, so eight jobs don't each find out for themselves.
//!
//! Small example: 60 requests a minute, three questions at second 0 start at seconds 0, 1 and 2.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;
use tokio::time::Instant;

const MINUTE: Duration = Duration::from_secs(60);

/// What may be sent in a minute; `None`: no limit of ours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rates {
    pub requests: Option<u64>,
    /// In and out.
    pub tokens: Option<u64>,
}

#[derive(Debug, Default)]
struct Clocks {
    next_request: Option<Instant>,
    next_token: Option<Instant>,
    paused_until: Option<Instant>,
}

#[derive(Debug)]
pub(super) struct Limiter {
    rates: Rates,
    clocks: Mutex<Clocks>,
}

impl Limiter {
    /// The limiter of the server at `address`. The rates are those of whoever came first.
    pub(super) fn of(address: &str, rates: Rates) -> Arc<Limiter> {
        static SERVERS: Mutex<Option<HashMap<String, Weak<Limiter>>>> = Mutex::new(None);
        let mut servers = SERVERS.lock().unwrap_or_else(PoisonError::into_inner);
        let servers = servers.get_or_insert_default();
        servers.retain(|_, limiter| limiter.strong_count() > 0);
        if let Some(limiter) = servers.get(address).and_then(Weak::upgrade) {
            return limiter;
        }
        let limiter = Arc::new(Limiter { rates, clocks: Mutex::default() });
        servers.insert(address.to_string(), Arc::downgrade(&limiter));
        limiter
    }

    fn clocks(&self) -> MutexGuard<'_, Clocks> {
        self.clocks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the turn of a request of so many tokens, and says how long that took.
    pub(super) async fn turn(&self, tokens: u64) -> Duration {
        let now = Instant::now();
        let start = {
            let mut clocks = self.clocks();
            let start = [Some(now), clocks.next_request, clocks.next_token].into_iter().flatten().max().unwrap_or(now);
            clocks.next_request = self.rates.requests.map(|rate| start + share(1, rate));
            clocks.next_token = self.rates.tokens.map(|rate| start + share(tokens, rate));
            start
        };
        if start > now {
            tokio::time::sleep_until(start).await;
        }
        start - now
    }

    /// Tokens that an answer took.
    pub(super) fn charge(&self, tokens: u64) {
        if let Some(rate) = self.rates.tokens {
            let mut clocks = self.clocks();
            let from = clocks.next_token.unwrap_or_else(Instant::now).max(Instant::now());
            clocks.next_token = Some(from + share(tokens, rate));
        }
    }

    /// Nobody asks before `time` has passed.
    pub(super) fn pause(&self, time: Duration) {
        // A time beyond what a clock can tell is never.
        let Some(until) = Instant::now().checked_add(time) else { return };
        let mut clocks = self.clocks();
        clocks.paused_until = clocks.paused_until.max(Some(until));
    }

    /// When the server may be asked again, if that is not now.
    pub(super) fn paused_until(&self) -> Option<Instant> {
        self.clocks().paused_until.filter(|until| *until > Instant::now())
    }
}

/// The part of a minute that `count` of `rate` take. A rate of 0 is taken as 1.
fn share(count: u64, rate: u64) -> Duration {
    MINUTE.mul_f64(count.min(u64::from(u32::MAX)) as f64 / rate.max(1) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limiter(requests: Option<u64>, tokens: Option<u64>) -> Limiter {
        Limiter { rates: Rates { requests, tokens }, clocks: Mutex::default() }
    }

    async fn seconds(work: impl Future<Output = Duration>) -> u64 {
        work.await.as_secs()
    }

    #[tokio::test(start_paused = true)]
    async fn requests_are_spaced_evenly() {
        let limiter = limiter(Some(60), None);
        for expected in [0, 1, 1] {
            assert_eq!(seconds(limiter.turn(1000)).await, expected);
        }
        let (first, second) = tokio::join!(limiter.turn(0), limiter.turn(0));
        assert_eq!((first.as_secs(), second.as_secs()), (1, 2));
        tokio::time::sleep(MINUTE).await;
        assert_eq!(seconds(limiter.turn(0)).await, 0, "time that passed unused is no credit beyond one request");
        assert_eq!(seconds(limiter.turn(0)).await, 1);
    }

    #[tokio::test(start_paused = true)]
    async fn tokens_of_question_and_answer_count() {
        let limiter = limiter(None, Some(6000));
        assert_eq!(seconds(limiter.turn(500)).await, 0);
        limiter.charge(100);
        assert_eq!(seconds(limiter.turn(0)).await, 6, "600 of 6000 tokens are a tenth of a minute");
        assert_eq!(seconds(limiter.turn(0)).await, 0);
    }

    #[tokio::test(start_paused = true)]
    async fn without_rates_nobody_waits_and_a_pause_holds_for_all() {
        let limiter = limiter(None, None);
        limiter.charge(u64::MAX);
        assert_eq!(seconds(limiter.turn(u64::MAX)).await, 0);
        assert_eq!(limiter.paused_until(), None);
        limiter.pause(Duration::from_secs(9));
        limiter.pause(Duration::from_secs(3));
        limiter.pause(Duration::MAX);
        assert_eq!(limiter.paused_until(), Some(Instant::now() + Duration::from_secs(9)));
        tokio::time::sleep(Duration::from_secs(9)).await;
        assert_eq!(limiter.paused_until(), None);
    }

    #[test]
    fn one_address_has_one_limiter_as_long_as_someone_asks() {
        let rates = |requests| Rates { requests: Some(requests), tokens: None };
        let first = Limiter::of("http://one.invalid", rates(5));
        assert!(Arc::ptr_eq(&first, &Limiter::of("http://one.invalid", rates(7))));
        assert!(!Arc::ptr_eq(&first, &Limiter::of("http://two.invalid", rates(7))));
        drop(first);
        assert_eq!(Limiter::of("http://one.invalid", rates(7)).rates, rates(7));
    }
}
