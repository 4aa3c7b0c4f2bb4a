//! Counting tokens with o200k_base.
//!
//! The count is exact for ordinary text. A stretch of more than [`LONGEST_RUN`] bytes without white space (or of nothing
//! but white space) is cut every [`LONGEST_RUN`] bytes first, because the tokenizer's backtracking expression gives up,
//! with a panic, inside a stretch of some hundred thousand bytes; each such cut may add a token. So the cost is linear in
//! the text, whatever it holds.

/// The name that machine formats give this tokenizer.
pub const TOKENIZER: &str = "o200k_base";

/// Bytes that the tokenizer is shown without a change between white space and anything else.
const LONGEST_RUN: usize = 2048;

/// Tokens of `text`. What looks like a special token (`<|endoftext|>`) is counted as the ordinary text it is.
///
/// The first call builds the tables (0.1-0.6 s); they are kept for the process.
pub fn tokens(text: &str) -> u64 {
    if text.is_empty() {
        return 0;
    }
    let tokenizer = tiktoken_rs::o200k_base_singleton();
    let mut total = 0;
    let mut start = 0;
    for end in cuts(text) {
        total += tokenizer.count_ordinary(&text[start..end]);
        start = end;
    }
    total as u64
}

/// Where to cut `text`, its end included.
fn cuts(text: &str) -> Vec<usize> {
    let mut cuts = Vec::new();
    let mut run_start = 0;
    let mut run_is_space = None;
    for (at, c) in text.char_indices() {
        let space = c.is_whitespace();
        if run_is_space != Some(space) {
            run_is_space = Some(space);
            run_start = at;
        } else if at - run_start >= LONGEST_RUN {
            cuts.push(at);
            run_start = at;
        }
    }
    cuts.push(text.len());
    cuts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_text_is_counted_exactly() {
        assert_eq!(tokens(""), 0);
        assert_eq!(tokens("hello world"), 2);
        let code = "def f(value):\n    if value.count('.') != 1:\n        return None\n    return value\n".repeat(200);
        assert_eq!(tokens(&code), tiktoken_rs::o200k_base_singleton().count_ordinary(&code) as u64);
    }

    #[test]
    fn special_tokens_are_text() {
        assert!(tokens("<|endoftext|>") > 1);
    }

    #[test]
    fn hostile_text_takes_linear_time() {
        for hostile in ["a", " ", "\n", "!", "é", "\u{301}", "7", "語"] {
            let text = hostile.repeat(1_000_000 / hostile.len());
            assert!(tokens(&text) > 0, "{hostile:?}");
        }
    }
}
