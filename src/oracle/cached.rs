//! An oracle behind the store: what was answered before isn't asked again.

use super::store::{Key, Store};
use super::{About, Finish, Oracle, OracleError, Question, Reply};
use futures_util::future::BoxFuture;
use std::sync::Arc;

/// Goes up whenever what providers send changes in a way that may change answers and is in no question's hash.
const OPTIONS: &str = "temperature 0, then 0.7 from the second vote on";

/// Where answers are kept for a run.
#[derive(Debug, Clone)]
pub struct Keeping {
    pub store: Arc<Store>,
    /// Ask again what is known, and keep the new answer.
    pub refresh: bool,
}

pub(super) struct Cached {
    inner: Box<dyn Oracle>,
    keeping: Keeping,
    scope: String,
}

impl Cached {
    /// `thinks`: a model that can think does so.
    pub(super) fn new(inner: Box<dyn Oracle>, address: &str, thinks: bool, keeping: &Keeping) -> Cached {
        let scope = scope(inner.about(), address, thinks);
        Cached { inner, keeping: keeping.clone(), scope }
    }
}

/// Who answers and how, as far as no question says it: models of one name and without a digest are taken for the same
/// only at one address. How much context there is stays out, since it depends on what else is asked in a run: answers that
/// could have come out otherwise with more room are never kept.
pub fn scope(about: &About, address: &str, thinks: bool) -> String {
    let plain = address.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
    let at = if about.digest.is_empty() { plain.rsplit_once('@').map_or(plain, |(_, host)| host) } else { "" };
    let thinks = if about.thinks && thinks { "thinks" } else { "" };
    [about.oracle.as_str(), &about.model, &about.digest, at, thinks, OPTIONS].join("\n")
}

/// Only whole answers: not one that ended for want of room, that was refused, or whose prompt may have been cut.
pub fn worth_keeping(reply: &Reply) -> bool {
    reply.finish == Finish::Stop && !reply.prompt_cut && !reply.text.trim().is_empty()
}

impl Oracle for Cached {
    fn about(&self) -> &About {
        self.inner.about()
    }

    fn ask<'a>(&'a self, question: &'a Question) -> BoxFuture<'a, Result<Reply, OracleError>> {
        Box::pin(async move {
            let key = Key::of(&self.scope, &question.hash);
            if !self.keeping.refresh
                && let Some(reply) = self.keeping.store.get(key)
            {
                return Ok(Reply { cached: true, ..reply });
            }
            let reply = self.inner.ask(question).await?;
            if worth_keeping(&reply) {
                self.keeping.store.put(key, &reply);
            }
            Ok(reply)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_answers_and_how_is_in_the_scope() {
        let about = About { oracle: "openai".into(), model: "m".into(), thinks: true, ..About::default() };
        let at = |address: &str| scope(&about, address, true);
        assert_eq!(at("http://user:secret@host/v1/?key=secret"), at("http://user:secret@host/v1/"));
        assert!(!at("http://user:secret@host/v1?key=secret").contains("secret"));
        assert_ne!(at("http://host/v1"), at("http://other/v1"));
        assert_ne!(at("http://host/v1"), scope(&about, "http://host/v1", false));
        let silent = About { thinks: false, ..about.clone() };
        assert_eq!(scope(&silent, "http://host/v1", true), scope(&silent, "http://host/v1", false));
    }
}
