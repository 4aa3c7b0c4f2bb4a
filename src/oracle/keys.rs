//! Where keys come from.

use super::{Secret, Settings, http};

/// The variable of a provider's own, and the only place its key is sent to.
pub(super) struct Keys {
    pub(super) home: &'static str,
    pub(super) variable: &'static str,
}

/// The key for the server at `address`, and what to do if it is rejected.
///
/// A provider's own variable goes to the provider only: an address is easily changed, also by a configuration file that came
/// with somebody's code.
pub(super) fn key(settings: &Settings, keys: &Keys, address: &str) -> (Option<Secret>, String) {
    let at_home = address.trim_end_matches('/') == keys.home || address.starts_with(&format!("{}/", keys.home));
    let variables: Vec<&str> = match &settings.key_variable {
        Some(name) => vec![name],
        None if settings.own_key => at_home.then_some(keys.variable).into_iter().collect(),
        None if at_home => vec!["WEISER_API_KEY", keys.variable],
        None => vec!["WEISER_API_KEY"],
    };
    let named = settings.key_variable.is_some();
    let trusted = settings.trusted_address || named || at_home || http::on_this_machine(address);
    let found = Secret::from_environment(&variables);
    if !trusted && found.is_some() {
        let hint = "no key was sent, since the address is that of a weiser.toml which was found: name the file with \
                    --config, or the address with --base-url";
        return (settings.key.clone(), hint.to_string());
    }
    let key = found.or_else(|| settings.key.clone());
    let names = variables.join(" or ");
    if names.is_empty() {
        return (key, "keys are sent to the server of the oracle that is named first; for another, name its variable with api_key_env under [servers] in weiser.toml".to_string());
    }
    let hint = if key.is_some() { format!("check the key in {names}") } else { format!("set {names}") };
    (key, hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: Keys = Keys { home: "https://api.example.org", variable: "EXAMPLE_API_KEY" };

    #[test]
    fn a_provider_s_key_goes_nowhere_else() {
        let hint = |address: &str| key(&Settings::default(), &KEYS, address).1;
        for home in ["https://api.example.org", "https://api.example.org/", "https://api.example.org/v1"] {
            assert!(hint(home).contains("EXAMPLE_API_KEY"), "{home}");
        }
        for other in ["https://example.org", "http://api.example.org/v1", "https://api.example.org.evil.net/v1"] {
            assert!(!hint(other).contains("EXAMPLE_API_KEY"), "{other}");
        }
        // This variable is set wherever tests run.
        const SET: Keys = Keys { home: "https://home.example.org", variable: "PATH" };
        assert!(key(&Settings::default(), &SET, "https://home.example.org/v1").0.is_some());
        let named = Settings { key_variable: Some("MY_KEY_THAT_IS_NOT_SET".into()), ..Settings::default() };
        assert_eq!(key(&named, &KEYS, "https://api.example.org").1, "set MY_KEY_THAT_IS_NOT_SET");
        let other = Settings { own_key: true, ..Settings::default() };
        assert_eq!(key(&other, &KEYS, "https://api.example.org").1, "set EXAMPLE_API_KEY");
        assert!(key(&other, &SET, "http://127.0.0.1:11434").1.starts_with("keys are sent"));
    }
}
