//! A key that can't be printed by accident.

use super::OracleError;
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use std::fmt;
use std::path::Path;

/// Shorter texts are no secrets, and replacing them would garble messages.
const SHORTEST: usize = 4;

/// An API key. `Debug` and `Display` show only that there is one; it is serialised nowhere.
#[derive(Clone, PartialEq, Eq)]
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

    /// From a file that holds nothing else and that nobody but its owner can read.
    ///
    /// Errors are [`OracleError::Usage`]: no such file, one that others can read, an empty one, one that isn't text.
    pub fn from_file(path: &Path) -> Result<Self, OracleError> {
        let wrong = |why: String| OracleError::Usage { message: format!("api_key_file {}: {why}", path.display()) };
        let file = std::fs::File::open(path).map_err(|error| wrong(error.to_string()))?;
        if let Some(mode) = open_to_others(&file).map_err(|error| wrong(error.to_string()))? {
            let fix = format!("chmod 600 {}", path.display());
            return Err(wrong(format!("others can read it (mode {mode:o}), so the key is no secret; run `{fix}`")));
        }
        let text = std::io::read_to_string(file).map_err(|error| wrong(error.to_string()))?;
        if text.trim().lines().count() > 1 {
            return Err(wrong("it holds more than one line; it may hold the key and nothing else".to_string()));
        }
        Secret::new(&text).ok_or_else(|| wrong("it is empty".to_string()))
    }

    /// The key itself, for the one header it is sent in.
    pub(super) fn expose(&self) -> &str {
        &self.0
    }

    /// `text` without the key, for what servers send back.
    pub(super) fn redact(&self, text: &str) -> String {
        if self.0.len() < SHORTEST { text.to_string() } else { text.replace(&self.0, "[key]") }
    }
}

/// The mode of a file that its group or the world can read. Where files have no modes, access is not ours to judge.
#[cfg(unix)]
fn open_to_others(file: &std::fs::File) -> std::io::Result<Option<u32>> {
    use std::os::unix::fs::MetadataExt;
    let mode = file.metadata()?.mode() & 0o777;
    Ok((mode & 0o077 != 0).then_some(mode))
}

#[cfg(not(unix))]
fn open_to_others(_: &std::fs::File) -> std::io::Result<Option<u32>> {
    Ok(None)
}

/// From a configuration. Nothing can be made of an empty text.
impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Secret::new(&text).ok_or_else(|| D::Error::custom("an empty value"))
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

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_can_read_holds_no_secret() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let with = |text: &str, mode: u32| {
            std::fs::write(&path, text).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            Secret::from_file(&path).map_err(|error| error.to_string())
        };
        assert_eq!(with("sk-123456\n", 0o600).unwrap().expose(), "sk-123456");
        assert_eq!(with("sk-123456\n", 0o400).unwrap().expose(), "sk-123456");
        for mode in [0o640, 0o604, 0o644, 0o660, 0o666] {
            let error = with("sk-123456", mode).unwrap_err();
            assert!(error.contains("`chmod 600 ") && !error.contains("123456"), "{error}");
        }
        assert!(with(" \n", 0o600).unwrap_err().contains("it is empty"));
        assert!(with("sk-1\nsk-2", 0o600).unwrap_err().contains("more than one line"));
        std::fs::remove_file(&path).unwrap();
        assert!(Secret::from_file(&path).unwrap_err().to_string().contains("api_key_file"));
    }
}
