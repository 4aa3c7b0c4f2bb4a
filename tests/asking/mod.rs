//! What tests that ask a server share: a question, and the real program with nothing of the user's own settings.

#![allow(dead_code, reason = "every test target uses a part of it")]

use std::path::Path;
use std::process::Command;
use weiser::prompt::{Prompt, PromptOptions, Style, Subject, build};

/// A question about a slice.
pub fn prompt(slice: &str, style: Style) -> Prompt {
    let subject = Subject {
        language: "C",
        comment: "//",
        slice,
        pre: &[],
        post: "x > 0",
        post_is_code: true,
        at_exit: false,
        params: &["x".to_string()],
        remainder: false,
        baseline: false,
    };
    build(&subject, &PromptOptions { style, seed: 0 })
}

/// The program, to be run in a folder. What one test is told another must not find in the cache, so there is none unless a
/// test wants one ([`with_cache`]).
pub fn weiser(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_weiser"));
    for (name, _) in std::env::vars() {
        let upper = name.to_uppercase();
        let own = ["WEISER_", "OLLAMA_HOST", "NO_COLOR", "CLICOLOR_FORCE"].iter().any(|n| upper.starts_with(n));
        if own || upper.ends_with("_API_KEY") || upper.ends_with("_PROXY") {
            command.env_remove(name);
        }
    }
    command.env("WEISER_CACHE", "false").current_dir(folder).args(args);
    command
}

/// With a cache of its own, in the folder.
pub fn with_cache(folder: &Path, args: &[&str]) -> Command {
    let mut command = weiser(folder, args);
    command.env_remove("WEISER_CACHE").env("WEISER_CACHE_DIR", folder.join("cache"));
    command
}
