//! What models cost.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// US dollars for a million tokens.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    pub input: f64,
    pub output: f64,
}

impl Price {
    pub const FREE: Price = Price { input: 0.0, output: 0.0 };

    /// Dollars.
    pub fn of(&self, tokens_in: u64, tokens_out: u64) -> f64 {
        (tokens_in as f64 * self.input + tokens_out as f64 * self.output) / 1e6
    }

    /// Neither negative nor no number.
    pub fn is_sound(&self) -> bool {
        [self.input, self.output].iter().all(|p| p.is_finite() && *p >= 0.0)
    }
}

/// Prices by `provider:model`: the user's own before those that are shipped.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Prices(pub BTreeMap<String, Price>);

#[derive(Deserialize)]
struct Shipped {
    input: f64,
    output: f64,
    seen: String,
}

static SHIPPED: LazyLock<BTreeMap<String, Shipped>> =
    LazyLock::new(|| toml::from_str(include_str!("prices.toml")).expect("the price list is part of the program"));

impl Prices {
    /// The price of a model and where it comes from; `None` where nobody knows it. What runs on one's own machine is free.
    pub fn find(&self, provider: &str, model: &str) -> Option<(Price, String)> {
        let name = format!("{provider}:{model}");
        let undated = undated(&name);
        if let Some(price) = self.0.get(&name).or_else(|| self.0.get(undated)) {
            return Some((*price, "configured".into()));
        }
        if provider == "ollama" {
            return Some((Price::FREE, "your own machine".into()));
        }
        let shipped = SHIPPED.get(&name).or_else(|| SHIPPED.get(undated))?;
        Some((Price { input: shipped.input, output: shipped.output }, format!("list price of {}", shipped.seen)))
    }
}

/// Without the date with which a version of a model is named: `-2024-07-18`, `-20251101`, `-latest`.
fn undated(name: &str) -> &str {
    if let Some(plain) = name.strip_suffix("-latest") {
        return plain;
    }
    let trimmed = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '-');
    let date = &name[trimmed.len()..];
    let digits = date.bytes().filter(u8::is_ascii_digit).count();
    match date.len() {
        // A digit or dash before the date belongs to the name: `claude-opus-4-5-20251101`.
        9.. if date.as_bytes()[date.len() - 9] == b'-'
            && date[date.len() - 8..].bytes().all(|b| b.is_ascii_digit()) =>
        {
            &name[..name.len() - 9]
        }
        11.. if digits >= 8 && dashed(&date[date.len() - 11..]) => &name[..name.len() - 11],
        _ => name,
    }
}

/// `-2024-07-18`.
fn dashed(date: &str) -> bool {
    date.bytes().enumerate().all(|(i, b)| if matches!(i, 0 | 5 | 8) { b == b'-' } else { b.is_ascii_digit() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(name: &str) -> Option<f64> {
        let (provider, model) = name.split_once(':').unwrap();
        Prices::default().find(provider, model).map(|(price, _)| price.input)
    }

    #[test]
    fn models_are_found_with_and_without_their_date() {
        assert_eq!(found("openai:gpt-4o-mini"), Some(0.15));
        assert_eq!(found("openai:gpt-4o-mini-2024-07-18"), Some(0.15));
        assert_eq!(found("anthropic:claude-opus-4-5-20251101"), Some(5.0));
        assert_eq!(found("anthropic:claude-haiku-4-5-latest"), Some(1.0));
        assert_eq!(found("ollama:anything"), Some(0.0));
        for unknown in ["openai:gpt-5-large", "openai:my-model", "openai:", "openai:gpt-4o-2024-07-1", "other:gpt-5"] {
            assert_eq!(found(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn the_user_s_own_prices_win() {
        let own = Prices([("openai:gpt-5".to_string(), Price { input: 9.0, output: 1.0 })].into());
        assert_eq!(own.find("openai", "gpt-5").unwrap(), (Price { input: 9.0, output: 1.0 }, "configured".into()));
        assert_eq!(own.find("openai", "gpt-5-mini").unwrap().1, "list price of 2026-06");
    }

    #[test]
    fn the_list_is_sound_and_dated() {
        for (name, price) in SHIPPED.iter() {
            assert!(Price { input: price.input, output: price.output }.is_sound() && price.output > 0.0, "{name}");
            assert!(name.starts_with("openai:") || name.starts_with("anthropic:"), "{name}");
            assert!(price.seen.len() == 7 && price.seen.starts_with("20"), "{name}");
        }
        assert!((Price { input: 2.0, output: 8.0 }.of(1_000_000, 500_000) - 6.0).abs() < 1e-9);
    }
}
