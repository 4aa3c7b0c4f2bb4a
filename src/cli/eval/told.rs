//! What is said of a campaign before and during it.

use super::super::args::CommonArgs;
use super::super::output::Console;
use super::super::progress::Bar;
use super::voices::Speaker;
use crate::campaign::plan::{Estimate, RUN};
use crate::campaign::run::Event;
use crate::campaign::scores::table::{Kind, Table, Value, column};
use crate::oracle::budget::{Spent, USUAL_ANSWER};
use crate::oracle::price::Prices;
use crate::report::terminal::safe;
use serde_json::json;
use std::time::{Duration, Instant};

/// Without a terminal, progress is a line now and then.
const EVERY: Duration = Duration::from_secs(60);

pub struct Progress {
    bar: Bar,
    total: usize,
    done: usize,
    tokens: u64,
    started: Instant,
    said: Instant,
    /// A line now and then.
    lines: bool,
}

impl Progress {
    pub fn new(common: &CommonArgs, total: usize) -> Progress {
        let now = Instant::now();
        let bar = Bar::paced(common, total as u64, "verdicts");
        let lines = !bar.is_shown() && !common.quiet && !common.no_progress;
        Progress { bar, total, done: 0, tokens: 0, started: now, said: now, lines }
    }

    pub fn hear(&mut self, event: Event, spent: Spent, console: &mut Console) {
        match event {
            Event::Began { subject } => self.bar.say(&format!("{}{}", cost(spent), safe(&subject))),
            Event::Judged(_) => {
                self.done += 1;
                self.tokens = spent.tokens_in.saturating_add(spent.tokens_out);
                self.bar.step();
                if self.lines && self.said.elapsed() >= EVERY {
                    self.said = Instant::now();
                    console.note(&self.line(spent));
                }
            }
            Event::NotAsked { oracle, why } => {
                self.aside(
                    console,
                    &format!("warning: {} can't be asked, its part stays open: {}\n", safe(&oracle), safe(&why)),
                );
            }
            Event::Failed(error) => self.aside(console, &format!("error: {error}\n")),
        }
    }

    /// Says something with the bar out of the way.
    pub fn aside(&self, console: &mut Console, text: &str) {
        self.bar.aside(|| console.note(text));
    }

    /// `120 of 500 verdicts, 2.0 a second, 190 s left; 12345 tokens, $0.0123`
    fn line(&self, spent: Spent) -> String {
        let seconds = self.started.elapsed().as_secs_f64().max(0.001);
        let rate = self.done as f64 / seconds;
        let left = (self.total - self.done) as f64 / rate;
        let cost = cost(spent);
        let cost = cost.trim_end_matches("; ");
        let gap = if cost.is_empty() { "" } else { "; " };
        format!("{} of {} verdicts, {rate:.1} a second, {left:.0} s left{gap}{cost}\n", self.done, self.total)
    }
}

fn cost(spent: Spent) -> String {
    let tokens = spent.tokens_in.saturating_add(spent.tokens_out);
    match (tokens, spent.usd > 0.0) {
        (0, _) => String::new(),
        (_, false) => format!("{tokens} tokens; "),
        (_, true) => format!("{tokens} tokens, ${:.4}; ", spent.usd),
    }
}

/// Dollars of a cell; `None` where nobody knows the price.
fn usd(estimate: &Estimate, speakers: &[Speaker], prices: &Prices) -> Option<f64> {
    let spec = &speakers.iter().find(|s| s.voice.name == estimate.cell.oracle)?.voice.spec;
    if *spec == RUN || spec.starts_with("replay:") {
        return Some(0.0);
    }
    let asked = spec.strip_prefix("record:").and_then(|rest| rest.split_once('=')).map_or(spec.as_str(), |(_, s)| s);
    let (provider, model) = asked.split_once(':')?;
    prices.find(provider, model).map(|(price, _)| price.of(estimate.tokens_in, estimate.tokens_out))
}

/// What asking would take, for people.
pub fn estimates(estimates: &[Estimate], speakers: &[Speaker], prices: &Prices) -> String {
    let row = |e: &Estimate| {
        vec![
            Value::Text(e.cell.dataset.clone()),
            Value::Text(e.cell.oracle.clone()),
            Value::Text(e.cell.method.name().into()),
            Value::Count(e.cell.votes.into()),
            Value::Count(e.subjects),
            Value::Count(e.questions),
            Value::Count(e.tokens_in),
            Value::Count(e.tokens_out),
            Value::Text(usd(e, speakers, prices).map_or("?".into(), |usd| format!("${usd:.4}"))),
        ]
    };
    let total = |pick: fn(&Estimate) -> u64| estimates.iter().map(pick).sum::<u64>();
    let known: f64 = estimates.iter().filter_map(|e| usd(e, speakers, prices)).sum();
    let unknown = estimates.iter().filter(|e| usd(e, speakers, prices).is_none()).count();
    let table = Table {
        name: "estimate",
        title: "What asking would take".into(),
        note: format!(
            "At most: every slice asked, every vote cast, nothing known already. Answers are taken to have {USUAL_ANSWER} tokens."
        ),
        columns: vec![
            column("data set", Kind::Text),
            column("oracle", Kind::Text),
            column("method", Kind::Text),
            column("votes", Kind::Number),
            column("subjects", Kind::Number),
            column("questions", Kind::Number),
            column("tokens in", Kind::Number),
            column("tokens out", Kind::Number),
            column("cost", Kind::Number),
        ],
        rows: estimates.iter().map(row).collect(),
    };
    let mut out = format!(
        "{}\n{} questions, {} tokens in, about {} out, ${known:.4}",
        table.markdown(),
        total(|e| e.questions),
        total(|e| e.tokens_in),
        total(|e| e.tokens_out)
    );
    if unknown > 0 {
        out.push_str(" and what those cost whose price is not known ([prices] in weiser.toml)");
    }
    out.push('\n');
    safe(&out)
}

/// The same for machines.
pub fn estimates_as_json(estimates: &[Estimate], speakers: &[Speaker], prices: &Prices) -> String {
    let rows: Vec<_> = estimates
        .iter()
        .map(|e| {
            json!({
                "dataset": e.cell.dataset, "oracle": e.cell.oracle, "method": e.cell.method.name(), "votes": e.cell.votes,
                "subjects": e.subjects, "questions": e.questions, "tokens_in": e.tokens_in, "tokens_out": e.tokens_out,
                "usd": usd(e, speakers, prices),
            })
        })
        .collect();
    let document = json!({"schema": "weiser.plan/1", "weiser": env!("CARGO_PKG_VERSION"), "cells": rows});
    format!("{}\n", serde_json::to_string_pretty(&document).unwrap_or_default())
}
