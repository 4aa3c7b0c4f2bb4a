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

impl Estimate {
    /// `votes`: on each slice, over all oracles. `models`: provider and model.
    pub fn of(files: &[FileAnalysis], votes: u64, models: &[(String, String)], prices: &Prices) -> Estimate {
        let slices = || files.iter().flat_map(|f| &f.triples).flat_map(|t| &t.slices);
        let questions = (slices().count() as u64).saturating_mul(votes);
        let tokens_in = slices().map(|s| s.prompt_tokens).sum::<u64>().saturating_mul(votes);
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
