//! A budget for a whole run, over all its models: tokens, dollars, time.
//!
//! A question is sent only if it and everything in flight are expected to stay within the budget; its prompt is counted,
//! its answer taken to be as long as answers were so far. So a budget is overrun by no more than the answers in flight are
//! longer than expected. When time is up, questions in flight are given up. Whatever was answered stays; a question that
//! was not sent ends as `unknown(budget)`. Answers from the store or a recording cost nothing.

use super::price::Price;
use super::{About, Oracle, OracleError, Question, Reply};
use futures_util::future::BoxFuture;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// Tokens that an answer is taken to have before there was one.
pub const USUAL_ANSWER: u64 = 300;

/// What a run may cost; `None`: whatever it takes.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Limits {
    /// In and out together.
    pub tokens: Option<u64>,
    pub usd: Option<f64>,
    pub time: Option<Duration>,
}

impl Limits {
    pub fn any(&self) -> bool {
        self.tokens.is_some() || self.usd.is_some() || self.time.is_some()
    }
}

/// What was paid for.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Spent {
    pub questions: u64,
    pub tokens_in: u64,
    pub tokens_out: u64,
    pub usd: f64,
    /// Questions that were not sent.
    pub refused: u64,
}

#[derive(Debug)]
pub struct Budget {
    limits: Limits,
    started: Instant,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    spent: Spent,
    /// Expected of questions in flight.
    tokens: u64,
    usd: f64,
}

impl Budget {
    /// Time begins now. Needs no runtime.
    pub fn new(limits: Limits) -> Arc<Budget> {
        Arc::new(Budget { limits, started: Instant::now(), state: Mutex::default() })
    }

    pub fn spent(&self) -> Spent {
        self.lock().spent
    }

    /// What is to be told of a run that was stopped, once it was.
    pub fn told(&self) -> Option<String> {
        let spent = self.spent();
        (spent.refused > 0).then(|| {
            let what = self.limits.named();
            let questions =
                if spent.refused == 1 { "1 question was" } else { &format!("{} questions were", spent.refused) };
            format!(
                "the budget ({what}) is used up: {questions} not asked; {} cost {} tokens{}",
                spent.questions,
                spent.tokens_in.saturating_add(spent.tokens_out),
                if spent.usd > 0.0 { format!(" and about ${:.4}", spent.usd) } else { String::new() },
            )
        })
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn refuse(&self) -> OracleError {
        self.lock().spent.refused += 1;
        OracleError::Budget { limits: self.limits.named() }
    }

    fn deadline(&self) -> Option<Instant> {
        self.limits.time.and_then(|time| self.started.checked_add(time))
    }

    /// Sets aside what a question is expected to take, if there is so much.
    fn reserve(&self, prompt: u64, price: Price) -> Option<Reserved<'_>> {
        if self.deadline().is_some_and(|deadline| Instant::now() >= deadline) {
            return None;
        }
        let mut state = self.lock();
        let spent = state.spent;
        let answer = if spent.questions == 0 { USUAL_ANSWER } else { spent.tokens_out.div_ceil(spent.questions) };
        let (tokens, usd) = (prompt.saturating_add(answer), price.of(prompt, answer));
        let all = spent.tokens_in.saturating_add(spent.tokens_out).saturating_add(state.tokens).saturating_add(tokens);
        let over = self.limits.tokens.is_some_and(|limit| all > limit)
            || self.limits.usd.is_some_and(|limit| spent.usd + state.usd + usd > limit);
        if over {
            return None;
        }
        state.tokens = state.tokens.saturating_add(tokens);
        state.usd += usd;
        drop(state);
        Some(Reserved { budget: self, tokens, usd })
    }

    fn pay(&self, reply: &Reply, price: Price) {
        let mut state = self.lock();
        state.spent.questions += 1;
        state.spent.tokens_in = state.spent.tokens_in.saturating_add(reply.tokens_in);
        state.spent.tokens_out = state.spent.tokens_out.saturating_add(reply.tokens_out);
        state.spent.usd += price.of(reply.tokens_in, reply.tokens_out);
    }
}

impl Limits {
    /// `10000 tokens, $5, 60 s`.
    fn named(&self) -> String {
        let tokens = self.tokens.map(|n| format!("{n} tokens"));
        let usd = self.usd.map(|n| format!("${n}"));
        let time = self.time.map(|t| format!("{} s", t.as_secs_f64()));
        [tokens, usd, time].into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

/// Given back when the question is over, answered or given up.
struct Reserved<'a> {
    budget: &'a Budget,
    tokens: u64,
    usd: f64,
}

impl Drop for Reserved<'_> {
    fn drop(&mut self) {
        let mut state = self.budget.lock();
        state.tokens = state.tokens.saturating_sub(self.tokens);
        state.usd = (state.usd - self.usd).max(0.0);
    }
}

/// An oracle whose questions are paid from a budget.
pub(super) struct Metered {
    inner: Box<dyn Oracle>,
    budget: Arc<Budget>,
    price: Price,
}

impl Metered {
    pub(super) fn new(inner: Box<dyn Oracle>, budget: Arc<Budget>, price: Price) -> Metered {
        Metered { inner, budget, price }
    }
}

impl Oracle for Metered {
    fn about(&self) -> &About {
        self.inner.about()
    }

    fn ask<'a>(&'a self, question: &'a Question) -> BoxFuture<'a, Result<Reply, OracleError>> {
        Box::pin(async move {
            let Some(_reserved) = self.budget.reserve(question.prompt.tokens, self.price) else {
                return Err(self.budget.refuse());
            };
            let asking = self.inner.ask(question);
            let reply = match self.budget.deadline() {
                Some(deadline) => match tokio::time::timeout_at(deadline, asking).await {
                    Ok(reply) => reply?,
                    Err(_) => return Err(self.budget.refuse()),
                },
                None => asking.await?,
            };
            self.budget.pay(&reply, self.price);
            Ok(reply)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oracle::Finish;
    use crate::prompt::{Style, sample};

    struct Says {
        about: About,
        tokens: (u64, u64),
        after: Duration,
    }

    impl Oracle for Says {
        fn about(&self) -> &About {
            &self.about
        }

        fn ask<'a>(&'a self, _: &'a Question) -> BoxFuture<'a, Result<Reply, OracleError>> {
            Box::pin(async move {
                tokio::time::sleep(self.after).await;
                Ok(Reply {
                    text: "x".into(),
                    thinking: String::new(),
                    finish: Finish::Stop,
                    tokens_in: self.tokens.0,
                    tokens_out: self.tokens.1,
                    oracle: "test".into(),
                    model: "m".into(),
                    digest: String::new(),
                    prompt_cut: false,
                    ms: 1,
                    cached: false,
                })
            })
        }
    }

    fn question() -> Question {
        Question::new(sample("x", Style::default()), 0, 0)
    }

    fn metered(limits: Limits, tokens: (u64, u64), after: Duration) -> (Metered, Arc<Budget>) {
        let budget = Budget::new(limits);
        let says = Says { about: About::default(), tokens, after };
        (Metered::new(Box::new(says), budget.clone(), Price { input: 1.0, output: 10.0 }), budget)
    }

    #[tokio::test]
    async fn no_question_is_sent_that_would_exceed_the_tokens() {
        let question = question();
        let prompt = question.prompt.tokens;
        let limits = Limits { tokens: Some(3 * (prompt + 100)), ..Limits::default() };
        let (oracle, budget) = metered(limits, (prompt, 100), Duration::ZERO);
        for _ in 0..3 {
            oracle.ask(&question).await.unwrap();
        }
        let error = oracle.ask(&question).await.unwrap_err();
        assert_eq!((error.code(), error.is_unknown(), error.ends_run()), ("budget", true, false));
        assert_eq!(budget.spent().questions, 3);
        assert!(budget.told().unwrap().contains("1 question was not asked"));
    }

    #[tokio::test]
    async fn questions_in_flight_count() {
        let question = question();
        let limits = Limits { tokens: Some(2 * (question.prompt.tokens + USUAL_ANSWER)), ..Limits::default() };
        let (oracle, budget) = metered(limits, (10, 10), Duration::from_millis(5));
        let all = futures_util::future::join_all((0..5).map(|_| oracle.ask(&question))).await;
        assert_eq!(all.iter().filter(|answer| answer.is_ok()).count(), 2);
        let reserved = budget.lock().tokens;
        assert_eq!((reserved, budget.spent().refused), (0, 3));
    }

    #[tokio::test]
    async fn money_is_counted_by_the_model_s_price() {
        let question = question();
        let limits = Limits { usd: Some(0.02), ..Limits::default() };
        let (oracle, budget) = metered(limits, (1000, 1000), Duration::ZERO);
        oracle.ask(&question).await.unwrap();
        assert!((budget.spent().usd - 0.011).abs() < 1e-9);
        assert!(oracle.ask(&question).await.is_err(), "another answer of 1000 tokens would cost too much");
    }

    #[tokio::test(start_paused = true)]
    async fn when_time_is_up_what_is_in_flight_is_given_up() {
        let question = question();
        let limits = Limits { time: Some(Duration::from_secs(10)), ..Limits::default() };
        let (oracle, _) = metered(limits, (1, 1), Duration::from_secs(4));
        assert!(oracle.ask(&question).await.is_ok() && oracle.ask(&question).await.is_ok());
        let before = Instant::now();
        assert_eq!(oracle.ask(&question).await.unwrap_err().code(), "budget");
        assert_eq!(before.elapsed(), Duration::from_secs(2));
        assert!(oracle.ask(&question).await.is_err());
    }
}
