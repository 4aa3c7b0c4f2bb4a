//! Transcripts of the command line: each file under `tests/cmd/` is commands with what they print and their status.
//! `TRYCMD=overwrite cargo test --test cli` writes them anew; read the difference before you keep it.

#[test]
fn transcripts() {
    let cases = trycmd::TestCases::new();
    // The user's own settings must not show.
    for variable in ["WEISER_ORACLE", "WEISER_BASE_URL", "WEISER_CONFIG", "WEISER_JOBS", "OLLAMA_HOST"] {
        cases.env(variable, "");
    }
    cases.env("WEISER_CACHE", "false").env("WEISER_CACHE_DIR", "/nowhere/weiser-cache");
    cases.env("WEISER_INDEX_CACHE", "off");
    cases.env("NO_COLOR", "1").env("COLUMNS", "100").case("tests/cmd/*.trycmd");
}
