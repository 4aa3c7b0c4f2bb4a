//! Whether a prompt fits the model's context, and whether it arrived whole.
//!
//! We count with o200k_base, the model with its own tokenizer. On code other tokenizers need between about 0.9 and 1.5
//! times as many tokens (the small vocabularies of Llama 2 and Mistral most), and a chat template adds a few.
//!
//! **Before sending**: the prompt is taken to need 1.25 times our count and [`TEMPLATE_TOKENS`]; if that and the least
//! room for an answer don't fit the context, it isn't sent.
//!
//! **After the reply** the server's own count decides. The prompt may have been cut if that count
//! 1. reaches the context that was asked for (a prompt cut to fit fills it), or
//! 2. is under three quarters of ours, or missing, unless the prompt can't have been cut: 1.5 times our count fits the
//!    context that the server says it allocated, or fits [`SMALLEST_CONTEXT`], the least that any server starts with. Then
//!    the count is only that of the part which wasn't cached (some versions of Ollama count so), or left out.

/// What a chat template adds to a prompt, generously.
pub(super) const TEMPLATE_TOKENS: u64 = 64;
/// Ollama's old default and the smallest of any server known.
const SMALLEST_CONTEXT: u64 = 2048;
/// The least room for an answer; less isn't worth asking with.
const LEAST_ANSWER: u64 = 512;
/// Contexts are given in steps, so that small changes of a program don't make the server load the model again.
const STEP: u64 = 2048;

/// Tokens of a prompt in the model's own count, as expected.
pub(super) fn expected(tokens: u64) -> u64 {
    tokens.saturating_add(tokens / 4).saturating_add(TEMPLATE_TOKENS)
}

/// The same, as the worst known tokenizer would count.
fn at_most(tokens: u64) -> u64 {
    tokens.saturating_add(tokens / 2).saturating_add(TEMPLATE_TOKENS)
}

/// One context for a whole run: covers its largest prompt and an answer, within what the model can hold.
pub(super) fn choose(largest_prompt: Option<u64>, answer_tokens: u64, model: Option<u64>) -> u64 {
    let prompt = at_most(largest_prompt.unwrap_or(SMALLEST_CONTEXT));
    // The second phase shows the answer to the first.
    let needed = prompt.max(answer_tokens).saturating_add(answer_tokens);
    let stepped = needed.div_ceil(STEP).saturating_mul(STEP);
    stepped.min(model.unwrap_or(u64::MAX))
}

/// Tokens left for the answer, or what is needed if the prompt doesn't fit.
pub(super) fn room(tokens: u64, answer_tokens: u64, context: u64) -> Result<u64, u64> {
    let prompt = expected(tokens);
    let least = LEAST_ANSWER.min(answer_tokens);
    let left = context.saturating_sub(prompt);
    if left < least { Err(prompt.saturating_add(least)) } else { Ok(left.min(answer_tokens)) }
}

/// What the server's count says about a prompt of `tokens`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arrived {
    Whole,
    Cut,
    /// Whole only if the server allocated enough: see [`surely_fits`].
    Doubtful,
}

/// `counted` by the server (0 or `None`: not told), `asked` the context that was asked for.
pub(super) fn arrived(tokens: u64, counted: Option<u64>, asked: Option<u64>) -> Arrived {
    let counted = counted.unwrap_or(0);
    if asked.is_some_and(|asked| counted >= asked) {
        return Arrived::Cut;
    }
    if counted >= tokens - tokens / 4 || surely_fits(tokens, SMALLEST_CONTEXT) {
        return Arrived::Whole;
    }
    Arrived::Doubtful
}

/// Whether a prompt may have been cut by a server that counts the whole of it, cached or not: only a missing count can be made
/// up for, by the context that the server declares.
pub(super) fn may_be_cut(tokens: u64, counted: Option<u64>, asked: Option<u64>, declared: Option<u64>) -> bool {
    match arrived(tokens, counted, asked) {
        Arrived::Whole => false,
        Arrived::Cut => true,
        Arrived::Doubtful => counted.is_some() || !declared.is_some_and(|context| surely_fits(tokens, context)),
    }
}

/// Whatever the tokenizer, the prompt fits.
pub(super) fn surely_fits(tokens: u64, context: u64) -> bool {
    at_most(tokens) < context
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_context_covers_prompt_and_answer_in_steps() {
        assert_eq!(choose(Some(600), 1024, None), 2048);
        assert_eq!(choose(Some(3000), 4096, None), 10240);
        assert_eq!(choose(Some(3000), 4096, Some(8192)), 8192);
        assert_eq!(choose(Some(u64::MAX), u64::MAX, Some(8192)), 8192);
    }

    #[test]
    fn what_does_not_fit_is_not_sent() {
        assert_eq!(room(400, 4096, 8192), Ok(4096));
        assert_eq!(room(4000, 4096, 8192), Ok(8192 - 5064));
        assert_eq!(room(6500, 4096, 8192), Err(8125 + 64 + 512));
    }

    #[test]
    fn a_count_that_fills_the_context_or_falls_short_is_a_cut() {
        assert_eq!(arrived(4000, Some(8192), Some(8192)), Arrived::Cut);
        assert_eq!(arrived(4000, Some(4100), Some(8192)), Arrived::Whole);
        assert_eq!(arrived(4000, Some(2048), Some(8192)), Arrived::Doubtful);
        assert_eq!(arrived(4000, None, Some(8192)), Arrived::Doubtful);
        assert_eq!(arrived(4000, Some(1), None), Arrived::Doubtful);
    }

    #[test]
    fn a_small_prompt_cannot_have_been_cut() {
        assert_eq!(arrived(600, Some(1), Some(8192)), Arrived::Whole);
        assert_eq!(arrived(600, None, None), Arrived::Whole);
        assert!(!surely_fits(1400, SMALLEST_CONTEXT));
    }
}
