//! A key that can't be printed by accident.

use std::fmt;

/// An API key. `Debug` and `Display` show only that there is one; it is serialised nowhere.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// `None` for an empty key, so that an empty environment variable is the same as none.
    pub fn new(key: &str) -> Option<Self> {
        let key = key.trim();
        (!key.is_empty()).then(|| Secret(key.to_string()))
    }

    /// From the first of the environment variables that holds one.
    pub fn from_environment(variables: &[&str]) -> Option<Self> {
        variables.iter().find_map(|name| std::env::var(name).ok().as_deref().and_then(Secret::new))
    }

    /// The key itself, for the one header it is sent in.
    pub(super) fn expose(&self) -> &str {
        &self.0
    }

    /// `text` without the key, for what servers send back.
    pub(super) fn redact(&self, text: &str) -> String {
        text.replace(&self.0, "[key]")
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[key]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_shows_it() {
        let secret = Secret::new(" sk-123456 \n").unwrap();
        assert_eq!(secret.expose(), "sk-123456");
        assert!(!format!("{secret:?} {secret}").contains("123"));
        assert_eq!(secret.redact("bad key sk-123456!"), "bad key [key]!");
        assert!(Secret::new("  ").is_none());
    }
}
