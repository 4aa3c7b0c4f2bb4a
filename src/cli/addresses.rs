//! Whose server is where: addresses that are given for one oracle, with `--base-url` or in the table `servers` of `weiser.toml`.
//!
//! `--base-url URL` once is the address of the first oracle's provider, as `base_url` of the file is. Several times, it is that of
//! each `--oracle` in their order. `--base-url ORACLE=URL` says whose it is: an oracle as it is named, or a provider. A flag wins
//! over the environment, that over the file; what names an oracle over what names its provider, and both over the order.
//!
//! Keys and headers that were given for the whole run go to the first oracle's provider, unless another of its oracles has an address
//! of its own: then that gets what its entry under `servers` names, or the provider's own key at the provider's own address.

use super::config::{ConfigError, ServerEntry as Entry};
use super::settings::provider;
use crate::oracle::Provider;
use crate::oracle::spec::Spec;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// What was given for one oracle of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Own {
    /// `None`: where its provider usually is, or where the run's one address is.
    pub url: Option<String>,
    /// It is a file's, which may have come with somebody's code.
    pub untrusted: bool,
    pub key_env: Option<String>,
    pub key_file: Option<PathBuf>,
    /// The keys and headers of the run are for it too.
    pub first: bool,
}

/// `ORACLE=URL`, or a plain address.
fn parts(text: &str) -> (Option<&str>, &str) {
    let plain = |text: &str| {
        let scheme = text.split_once("://").map_or("", |(scheme, _)| scheme);
        scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https")
    };
    if plain(text) {
        return (None, text);
    }
    // A scheme may be left out.
    let places = || text.match_indices('=').map(|(at, _)| at);
    let at = places().find(|at| plain(&text[at + 1..])).or_else(|| places().find(|at| is_one(text[..*at].trim())));
    at.map_or((None, text), |at| (Some(text[..at].trim()), &text[at + 1..]))
}

/// Whether a name stands for an oracle, and whether it stands for that one alone.
fn names(name: &str, oracle: &str) -> Option<bool> {
    // Who records a model asks it.
    let asked = oracle.strip_prefix("record:").and_then(|rest| rest.split_once('=')).map_or(oracle, |(_, inner)| inner);
    if name == oracle || name == asked {
        return Some(true);
    }
    provider(oracle).filter(|provider: &Provider| provider.name() == name).map(|_| false)
}

/// Whether a name may stand for an oracle that has a server.
pub fn is_one(name: &str) -> bool {
    Provider::ALL.iter().any(|provider| provider.name() == name) || name.parse::<Spec>().is_ok()
}

/// The one address that is nobody's in particular.
pub fn plain(addresses: &[String]) -> Option<String> {
    let mut plain = addresses.iter().filter(|text| parts(text).0.is_none());
    plain.next().filter(|_| plain.next().is_none()).cloned()
}

/// What flags say of the address of one oracle among others, the `number`th of them.
pub fn of_one(addresses: &[String], oracle: &str, number: usize) -> Option<String> {
    let given = Given { addresses, whole: false, servers: &BTreeMap::new(), first: None };
    given.own(oracle, Some(number)).url.or_else(|| plain(addresses))
}

/// Errors: an address that is empty or nobody's, two for the same oracle, several that are neither named nor one for each that votes.
pub fn checked(addresses: &[String], voting: &[&str], escalate: Option<&str>) -> Result<(), ConfigError> {
    let wrong = |message: String| Err(ConfigError::Address(message));
    let mut seen: Vec<&str> = Vec::new();
    let mut unnamed = 0;
    for text in addresses {
        let (name, url) = parts(text);
        match name {
            _ if url.trim().is_empty() => return wrong(format!("`{text}` has no address")),
            None => unnamed += 1,
            Some(name) if seen.contains(&name) => return wrong(format!("`{name}` is given two addresses")),
            Some(name) if !voting.iter().chain(&escalate).any(|oracle| names(name, oracle).is_some()) => {
                let known = voting.iter().chain(&escalate).map(|o| format!("`{o}`")).collect::<Vec<_>>().join(", ");
                return wrong(format!("`{name}` is none of the oracles that are asked: {known}"));
            }
            Some(name) => seen.push(name),
        }
    }
    match (unnamed, voting.len()) {
        (0 | 1, _) => Ok(()),
        (given, oracles) if given == oracles => Ok(()),
        (given, 1) => wrong(format!("{given} addresses are given for one oracle; ORACLE=URL says whose one is")),
        (given, oracles) => wrong(format!(
            "{given} addresses are given for {oracles} oracles; give one for each --oracle, in their order, or say whose one is: \
             ORACLE=URL"
        )),
    }
}

/// What a run's oracles are given.
pub struct Given<'a> {
    /// By flags.
    pub addresses: &'a [String],
    /// One for the whole run, by a flag or the environment: it comes before those of the file.
    pub whole: bool,
    pub servers: &'a BTreeMap<String, Entry>,
    /// The provider of the first oracle.
    pub first: Option<Provider>,
}

impl Given<'_> {
    /// For each of those that vote, and for the stronger one.
    pub fn all(&self, voting: &[&str], escalate: Option<&str>) -> (Vec<Own>, Own) {
        let mut all: Vec<Own> = voting.iter().enumerate().map(|(n, oracle)| self.own(oracle, Some(n))).collect();
        all.push(escalate.map_or_else(Own::default, |oracle| self.own(oracle, None)));
        let home = all[0].url.clone();
        // Keys for a server of its own go to no other.
        all.iter_mut().skip(1).for_each(|own| own.first &= own.url == home);
        let higher = all.pop().unwrap_or_default();
        (all, higher)
    }

    /// `number`: of those that vote.
    pub fn own(&self, oracle: &str, number: Option<usize>) -> Own {
        let best = |alone: bool| {
            let fits = |text: &&String| parts(text).0.is_some_and(|name| names(name, oracle) == Some(alone));
            self.addresses.iter().find(fits).map(|text| parts(text).1.to_owned())
        };
        let unnamed: Vec<&String> = self.addresses.iter().filter(|text| parts(text).0.is_none()).collect();
        let in_order = number.filter(|_| unnamed.len() > 1).and_then(|n| unnamed.get(n)).map(|url| (*url).clone());
        let flag = best(true).or_else(|| best(false)).or(in_order);
        let same = provider(oracle) == self.first;
        // The run's one address is that of the first oracle's provider.
        let covered = same && self.whole;
        let entry = |alone: bool| {
            self.servers.iter().find(|(name, _)| names(name, oracle) == Some(alone)).map(|(_, entry)| entry.clone())
        };
        let entry = entry(true).or_else(|| entry(false)).unwrap_or_default();
        let from_file = if flag.is_none() && !covered { entry.base_url } else { None };
        let untrusted = from_file.is_some();
        let url = flag.or(from_file);
        Own { url, untrusted, key_env: entry.api_key_env, key_file: entry.api_key_file, first: same }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(list: &[&str]) -> Vec<String> {
        list.iter().map(|text| text.to_string()).collect()
    }

    #[test]
    fn an_address_says_whose_it_is() {
        assert_eq!(parts("http://h/v1?a=http://x"), (None, "http://h/v1?a=http://x"));
        assert_eq!(parts("openai:m=https://h/v1"), (Some("openai:m"), "https://h/v1"));
        assert_eq!(parts("record:a=b=openai:m=HTTP://h"), (Some("record:a=b=openai:m"), "HTTP://h"));
        assert_eq!(parts("localhost:8000"), (None, "localhost:8000"));
        assert_eq!(parts("record:a=openai:m=gpu:8000/v1?k=1"), (Some("record:a=openai:m"), "gpu:8000/v1?k=1"));
        assert_eq!(parts("ollama=gpu"), (Some("ollama"), "gpu"));
        assert_eq!(parts("gpu:8000/v1?k=1"), (None, "gpu:8000/v1?k=1"));
        assert_eq!(names("openai:m", "record:a=openai:m"), Some(true));
        assert_eq!(names("openai", "record:a=openai:m"), Some(false));
        assert_eq!(names("openai:n", "openai:m"), None);
    }

    #[test]
    fn what_fits_no_oracle_is_said() {
        let voting = ["openai:a", "openai:b", "ollama:c"];
        let said = |list: &[&str]| match checked(&texts(list), &voting, Some("openai:d")) {
            Ok(()) => String::new(),
            Err(error) => error.to_string(),
        };
        for fine in [&[][..], &["http://x"], &["http://x", "http://y", "http://z"], &["openai:d=http://x", "http://y"]]
        {
            assert_eq!(said(fine), "", "{fine:?}");
        }
        assert!(said(&["http://x", "http://y"]).contains("2 addresses are given for 3 oracles"));
        assert!(said(&["openai:x=http://x"]).contains("`openai:x` is none of the oracles that are asked: `openai:a`"));
        assert!(said(&["ollama=http://x", "ollama=http://y"]).contains("two addresses"));
        assert_eq!(said(&["localhost:8000"]), "");
        assert!(said(&["openai:a="]).contains("has no address"));
        let one = checked(&texts(&["http://x", "http://y"]), &["openai:a"], None).unwrap_err().to_string();
        assert!(one.contains("2 addresses are given for one oracle"), "{one}");
    }

    #[test]
    fn the_nearest_word_counts() {
        let entry = |url: &str| Entry { base_url: Some(url.into()), ..Entry::default() };
        let servers =
            [("openai:b".to_string(), entry("http://file-b")), ("ollama".to_string(), entry("http://file-o"))];
        let servers = BTreeMap::from(servers);
        let own = |list: &[&str], environment: bool, oracle: &str, number| {
            let addresses = texts(list);
            let whole = environment || plain(&addresses).is_some();
            let given = Given { addresses: &addresses, whole, servers: &servers, first: Some(Provider::OpenAi) };
            let own = given.own(oracle, number);
            (own.url.unwrap_or_default(), own.untrusted)
        };
        let url = |text: &str, untrusted| (text.to_string(), untrusted);
        assert_eq!(own(&["http://1", "http://2"], false, "openai:b", Some(1)), url("http://2", false));
        assert_eq!(own(&["http://1", "openai=http://p"], false, "openai:b", Some(1)), url("http://p", false));
        assert_eq!(own(&["openai=http://p", "openai:b=http://b"], false, "openai:b", None), url("http://b", false));
        assert_eq!(own(&["http://1"], false, "openai:b", Some(1)), url("", false), "the run's one address");
        assert_eq!(own(&[], true, "openai:b", Some(1)), url("", false), "the environment's");
        assert_eq!(own(&[], false, "openai:b", Some(1)), url("http://file-b", true));
        assert_eq!(own(&["http://1"], false, "ollama:m", Some(2)), url("http://file-o", true));
        assert_eq!(own(&["openai:a=http://1"], false, "openai:a", Some(0)), url("http://1", false));
        assert_eq!(own(&[], false, "anthropic:m", Some(1)), url("", false));
    }

    #[test]
    fn one_oracle_among_others() {
        let of = |list: &[&str], oracle: &str, number| of_one(&texts(list), oracle, number).unwrap_or_default();
        assert_eq!(of(&["http://1"], "openai:b", 1), "http://1");
        assert_eq!(of(&["http://1", "http://2"], "openai:b", 1), "http://2");
        assert_eq!(of(&["openai:a=http://1"], "openai:b", 1), "");
        assert_eq!(of(&["http://1", "openai:b=http://2"], "openai:b", 1), "http://2");
    }

    #[test]
    fn keys_for_one_server_go_to_no_other() {
        let first = |list: &[&str]| {
            let (addresses, servers) = (texts(list), BTreeMap::new());
            let whole = plain(&addresses).is_some();
            let given = Given { addresses: &addresses, whole, servers: &servers, first: Some(Provider::OpenAi) };
            let (all, higher) = given.all(&["openai:a", "openai:b", "ollama:c"], Some("openai:d"));
            (all.iter().map(|own| own.first).collect::<Vec<_>>(), higher.first)
        };
        assert_eq!(first(&["http://1"]), (vec![true, true, false], true));
        assert_eq!(first(&["http://1", "http://2", "http://3"]), (vec![true, false, false], false));
        assert_eq!(first(&["openai:a=http://1"]), (vec![true, false, false], false));
        assert_eq!(first(&["openai:b=http://2"]), (vec![true, false, false], true));
        assert_eq!(first(&["openai=http://1"]), (vec![true, true, false], true));
    }
}
