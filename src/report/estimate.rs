//! `weiser slices --estimate`: what asking would take, before anything is asked.

use super::terminal::{count, number, safe};
use crate::oracle::budget::USUAL_ANSWER;
use crate::oracle::price::Prices;
use crate::pipeline::FileAnalysis;
use std::fmt::Write;

/// At most: every slice asked, every vote cast, nothing known already. Second phases, which are short, are taken to be
/// within the answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Estimate {
    pub questions: u64,
    pub tokens_in: u64,
    pub tokens_out: u64,
    /// What one answer is taken to have.
    pub answer_tokens: u64,
    pub models: Vec<Cost>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Cost {
    /// `openai:gpt-5-mini`.
    pub model: String,
    /// All questions to this model alone; `None`: nobody knows its price.
    pub usd: Option<f64>,
    pub source: String,
}

/// What is counted of files, one after another.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    pub files: u64,
    pub triples: u64,
    pub slices: u64,
    /// Of all slices, of the questions about them, of the programs and of the questions about those: once for each triple.
    pub tokens: u64,
    pub prompts: u64,
    pub programs: u64,
    pub baseline: u64,
    /// Tokens of the least slice, and of the program it was cut from.
    pub least: Option<(u64, u64)>,
}

impl Tally {
    pub fn add(&mut self, file: &FileAnalysis) {
        self.files += 1;
        for triple in &file.triples {
            self.triples += 1;
            self.programs += triple.program_tokens;
            self.baseline += triple.baseline_prompt_tokens;
            for slice in &triple.slices {
                self.slices += 1;
                self.tokens += slice.tokens;
                self.prompts += slice.prompt_tokens;
                let this = (slice.tokens, triple.program_tokens);
                self.least = Some(self.least.map_or(this, |least| least.min(this)));
            }
        }
    }
}

impl Estimate {
    /// `votes`: on each slice, over all oracles. `models`: provider and model.
    pub fn of(tally: &Tally, votes: u64, models: &[(String, String)], prices: &Prices) -> Estimate {
        let questions = tally.slices.saturating_mul(votes);
        let tokens_in = tally.prompts.saturating_mul(votes);
        let tokens_out = questions.saturating_mul(USUAL_ANSWER);
        let cost = |(provider, model): &(String, String)| {
            let price = prices.find(provider, model);
            Cost {
                model: format!("{provider}:{model}"),
                usd: price.as_ref().map(|(price, _)| price.of(tokens_in, tokens_out)),
                source: price.map_or_else(|| "no price known: give one under [prices]".into(), |(_, source)| source),
            }
        };
        let models = models.iter().map(cost).collect();
        Estimate { questions, tokens_in, tokens_out, answer_tokens: USUAL_ANSWER, models }
    }

    /// For people.
    pub fn told(&self) -> String {
        let mut out = format!(
            "asking: at most {}, {} in, about {} out ({} for each answer)\n",
            count(self.questions, "question"),
            count(self.tokens_in, "token"),
            number(self.tokens_out),
            self.answer_tokens,
        );
        for cost in &self.models {
            let usd = cost.usd.map_or_else(|| "?".into(), |usd| format!("${usd:.4}"));
            let _ = writeln!(out, "  {usd:>10}  {}  ({})", safe(&cost.model), safe(&cost.source));
        }
        if self.models.is_empty() {
            out.push_str(
                "  name models with --oracle, or under [prices] in weiser.toml, to see what they would cost\n",
            );
        }
        out
    }
}
