//! Sentences: an assumption as a reader says it, and what to do about an answer that settles nothing.

use super::safe;
use crate::render::Assumption;
use crate::text::{Part, spot};

/// `` line 3: `x < 0` is false ``.
pub fn assumption(assumption: &Assumption, parts: &[Part]) -> String {
    let truth = if assumption.holds { "true" } else { "false" };
    let text = safe(assumption.condition.trim()).replace('\n', " ");
    match assumption.line {
        0 => format!("`{text}` is {truth}"),
        line => format!("{}: `{text}` is {truth}", safe(&spot(parts, line))),
    }
}

/// What the user can do about a cause; `None` where weiser knows nothing better than the reason itself.
pub fn advice(code: &str) -> Option<&'static str> {
    Some(match code {
        "unparsable" => "the model doesn't keep to the form of the answer: -v shows the reply; try a larger model",
        "unknown" | "unsure" => "the model could not tell: try a larger model, or a condition written as code",
        "timeout" => "allow more time with --timeout, or lower --jobs so that questions don't wait for each other",
        "no_server" => "start the server (`ollama serve`), or name its address with --base-url",
        "no_host" => "check the address (--base-url) and this machine's name service",
        "tls" => "check the address; name the authority of a certificate of your own with ca_file in weiser.toml",
        "no_api" => "--base-url must be the address of the model's API, up to the path before its first command",
        "no_model" => "pull the model (`ollama pull MODEL`), or name another with --oracle",
        "auth" => "check the API key: WEISER_API_KEY, or the variable that `api_key_env` in weiser.toml names",
        "rate_limited" => "lower --jobs, set requests_per_minute in weiser.toml, or run again later",
        "quota" => "check the account's plan and billing, or name another server",
        "rejected" => "check the model and the server's version: it doesn't take the request as it is",
        "server" | "cut_stream" | "unloaded" => {
            "look at the server's log: it may lack memory for the model or its context"
        }
        "empty" => "the model says nothing: check its chat template, or take another model",
        "garbage" => "--base-url must be the address of the model's API, up to the path before its first command",
        "leaner_passes" => {
            "raise --num-ctx where the model allows it, or ask one that holds more: only the exact slice can pass"
        }
        "too_long" | "prompt_cut" => "raise --num-ctx where the model allows it",
        "out_of_tokens" => {
            "the model ran out of room before it answered: raise --num-ctx or answer_tokens, or use one that thinks less"
        }
        "contradiction" => "the model's reasoning and its summary differ: try a larger model",
        "refused" => "the model declined to answer: try --comments strip, or another model",
        "split" => "no verdict has a majority of the votes: --escalate SPEC asks a stronger model about such slices",
        "unstable" => "the verdict hung on comments and names: try a larger model, or --votes",
        "budget" => "raise the budget and run again: what was answered is kept and costs nothing",
        "cancelled" => "run again to ask what is still open",
        "no_counterexample" => {
            "ask a model about what running can't settle (--oracle ollama:MODEL), or try another --seed"
        }
        "plain_language" => "write the condition as code to have it run, or ask a model (--oracle ollama:MODEL)",
        "not_runnable" => "ask a model (--oracle ollama:MODEL): it needs no complete program",
        "undecodable" => "the model's inputs don't fit the parameters: -v shows them; --trust claimed takes its word",
        "pre_false" | "post_true" | "not_reached" | "left" | "fault" => {
            "what the model claims was not seen when it was run: try a larger model; --trust claimed takes its word"
        }
        "slices_disagree" => "please report this, with the program",
        "not_recorded" => "record it: --oracle record:PATH=SPEC asks what the recording lacks",
        _ => return None,
    })
}
