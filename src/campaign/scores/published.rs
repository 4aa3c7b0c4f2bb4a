//! What others have published, read from `eval/published.toml`, which is part of the program.

use super::{Score, Spread};
use crate::campaign::Method;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Published {
    pub source: BTreeMap<String, Source>,
    pub group: Vec<Group>,
    pub accuracy: Vec<Accuracy>,
    pub tokens: Vec<Tokens>,
    pub program: Vec<Program>,
    pub found: Vec<Found>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    pub title: String,
    pub setting: String,
}

/// A set of subjects.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    pub name: String,
    pub source: String,
    pub subjects: u64,
    /// As our loaders call it.
    pub groups: Vec<String>,
}

/// Of one model on one set, in per cent.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accuracy {
    pub group: String,
    pub model: String,
    /// The model as `--oracle` names it after the provider; empty for a mean over models.
    #[serde(default)]
    pub served: String,
    pub slices: f64,
    pub baseline: f64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tokens {
    pub group: String,
    pub slice: MeanSd,
    pub program: MeanSd,
}

#[derive(Debug, Deserialize, Clone, Copy)]
#[serde(deny_unknown_fields)]
pub struct MeanSd {
    pub mean: f64,
    pub sd: f64,
}

/// Tokens of one program.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Program {
    pub group: String,
    pub subject: String,
    pub file: u64,
    pub functions: u64,
    pub slice: u64,
}

/// Share of the violated subjects that were found, in per cent.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Found {
    pub group: String,
    pub model: String,
    /// What else was done; may be empty.
    #[serde(default)]
    pub with: String,
    pub share: f64,
}

static PUBLISHED: LazyLock<Published> = LazyLock::new(|| {
    toml::from_str(include_str!("../../../eval/published.toml")).expect("the figures are part of the program")
});

pub fn published() -> &'static Published {
    &PUBLISHED
}

impl Published {
    pub fn group(&self, name: &str) -> Option<&Group> {
        self.group.iter().find(|g| g.name == name)
    }

    /// The published set that one of our groups is.
    pub fn of_ours(&self, group: &str) -> Option<&Group> {
        self.group.iter().find(|g| g.groups.iter().any(|ours| ours == group))
    }

    /// The figures of the model that one of our scores is about.
    pub fn accuracy_of(&self, score: &Score, group: &str) -> Option<f64> {
        let name = &self.of_ours(group)?.name;
        let found = self.accuracy.iter().find(|a| a.group == *name && a.is(&score.cell.oracle))?;
        found.of(score.cell.method)
    }
}

impl Accuracy {
    /// Whether an oracle of ours, by its name or as after `--oracle`, is this model.
    pub fn is(&self, oracle: &str) -> bool {
        let served = oracle.split_once(':').is_some_and(|(_, model)| model == self.served && !model.is_empty());
        served || oracle == self.model
    }

    pub fn of(&self, method: Method) -> Option<f64> {
        match method {
            Method::Slices => Some(self.slices),
            Method::Baseline => Some(self.baseline),
            Method::Functions => None,
        }
    }
}

impl From<&Spread> for MeanSd {
    fn from(spread: &Spread) -> MeanSd {
        MeanSd { mean: spread.mean, sd: spread.sd }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_figures_are_whole_and_each_has_its_source() {
        let all = published();
        for group in &all.group {
            assert!(all.source.contains_key(&group.source), "{}", group.name);
        }
        let named = (all.accuracy.iter().map(|a| &a.group))
            .chain(all.tokens.iter().map(|t| &t.group))
            .chain(all.program.iter().map(|p| &p.group))
            .chain(all.found.iter().map(|f| &f.group));
        for name in named {
            assert!(all.group(name).is_some(), "{name}");
        }
        assert_eq!((all.accuracy.len(), all.program.len(), all.found.len()), (18, 5, 8));
    }

    /// The published means are those of the published models, so no row was mistyped.
    #[test]
    fn means_are_those_of_the_rows() {
        for group in ["Python-Desc", "Mixed-Curated"] {
            let of_group = || published().accuracy.iter().filter(|a| a.group == group);
            let models: Vec<&Accuracy> = of_group().filter(|a| !a.served.is_empty()).collect();
            let mean = of_group().find(|a| a.served.is_empty()).unwrap();
            let average =
                |pick: fn(&Accuracy) -> f64| models.iter().map(|a| pick(a)).sum::<f64>() / models.len() as f64;
            assert_eq!(models.len(), 7);
            assert!((average(|a| a.slices) - mean.slices).abs() < 0.06, "{group}: {}", average(|a| a.slices));
            assert!((average(|a| a.baseline) - mean.baseline).abs() < 0.06, "{group}: {}", average(|a| a.baseline));
        }
    }

    #[test]
    fn a_model_is_found_by_its_served_name_or_its_own() {
        let llama = published().accuracy.iter().find(|a| a.model == "Llama3-8B").unwrap();
        assert!(llama.is("ollama:llama3:8b") && llama.is("openai:llama3:8b") && llama.is("Llama3-8B"));
        assert!(!llama.is("ollama:llama3") && !llama.is("ollama:") && !llama.is("run"));
        let mean = published().accuracy.iter().find(|a| a.served.is_empty()).unwrap();
        assert!(!mean.is("openai:") && !mean.is("run"));
    }
}
