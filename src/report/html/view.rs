//! What the page shows, as values for its template. Nothing here is escaped: the template's formatter does that to every
//! value it writes.

use super::layout::{Drawing, drawing};
use super::lines::{Row, clipped, excerpt, listing};
use crate::report::formats::{least, named, open, standing};
use crate::report::record::{Answer, Ballot, Record, Slice, TripleLine};
use crate::report::terminal::{count, number};
use crate::text::{Part, place_in};
use serde::Serialize;
use std::collections::BTreeSet;

/// Characters of detail on a page; a browser has trouble with much more. What is left out stays in the table, and is said.
const MOST_DETAIL: usize = 24 << 20;

#[derive(Serialize)]
pub struct Page {
    /// `violated`, `undecided`, `holds`.
    outcome: &'static str,
    counts: Vec<(&'static str, usize)>,
    /// For people, label and value.
    facts: Vec<(String, String)>,
    settings: Vec<(String, String)>,
    warnings: Vec<String>,
    triples: Vec<TripleView>,
    left_out: usize,
}

#[derive(Serialize)]
struct TripleView {
    /// `t1`.
    anchor: String,
    outcome: String,
    /// The outcome in words: `holds vacuously`.
    badge: String,
    standing: String,
    path: String,
    line: u32,
    /// Where lines of the source are of other files.
    parts: Vec<Part>,
    function: String,
    post: String,
    slices: usize,
    tokens: String,
    about: Vec<(String, String)>,
    detail: Option<Detail>,
}

#[derive(Serialize)]
struct Detail {
    pre: Vec<Demand>,
    post: Demand,
    reason: String,
    inputs: Vec<(String, String)>,
    replay: String,
    open: Vec<String>,
    notes: Vec<Note>,
    facts: Vec<(String, String)>,
    source: Vec<Row>,
    entry: u32,
    drawing: Option<Drawing>,
    no_drawing: String,
    system: String,
    cards: Vec<Card>,
    /// The card that is shown at first: the least failing slice, else the first.
    shown: usize,
}

#[derive(Serialize)]
struct Demand {
    text: String,
    place: String,
    line: u32,
    note: String,
}

#[derive(Serialize)]
struct Note {
    severity: String,
    line: u32,
    message: String,
}

#[derive(Serialize)]
struct Card {
    /// Its place among the slices; `None` for an answer about the whole program.
    slice: Option<usize>,
    title: String,
    id: String,
    least: bool,
    answer: String,
    /// `good`, `bad`, `open` or `none`.
    tone: &'static str,
    code: String,
    tokens: String,
    classes: String,
    /// Ranges of the source's lines: `1-2 5-6`.
    kept: String,
    assumptions: Vec<(u32, String)>,
    text: Vec<Row>,
    reason: String,
    inputs: Vec<(String, String)>,
    replay: String,
    facts: Vec<(String, String)>,
    ballots: Vec<(String, String)>,
    prompt: String,
    replies: Vec<Said>,
}

#[derive(Serialize)]
struct Said {
    title: String,
    text: String,
    thinking: String,
}

pub fn page(record: &Record) -> Page {
    let count_of = |outcome: &str| record.triples.iter().filter(|t| word(&t.triple.outcome) == outcome).count();
    let counts = ["violated", "undecided", "holds"].map(|outcome| (outcome, count_of(outcome)));
    let sum = |of: fn(&TripleLine) -> u64| number(record.triples.iter().map(of).fold(0, u64::saturating_add));
    let manifest = &record.manifest;
    let oracle = &manifest.oracle;
    let who = if oracle.about.is_empty() { &oracle.spec } else { &oracle.about };
    let mut facts: Vec<(String, String)> = vec![
        ("Answered by".into(), format!("{who} ({})", oracle.why)),
        ("Questions".into(), sum(|t| t.triple.cost.questions)),
        ("Tokens in".into(), sum(|t| t.triple.cost.tokens_in)),
        ("Tokens out".into(), sum(|t| t.triple.cost.tokens_out)),
        ("Whole programs in one prompt each".into(), format!("{} tokens", sum(|t| t.triple.baseline_prompt_tokens))),
    ];
    if let Some(spent) = record.end.as_ref().and_then(|e| e.spent.as_ref()) {
        let tokens = number(spent.tokens_in.saturating_add(spent.tokens_out));
        facts.push((
            "Paid for".into(),
            format!("{}, {tokens} tokens, ${:.4}", count(spent.questions, "question"), spent.usd),
        ));
    }
    let mut settings: Vec<(String, String)> = vec![
        ("weiser".into(), manifest.weiser.clone()),
        ("command".into(), manifest.command.clone()),
        ("inputs".into(), manifest.inputs.join(" ")),
        ("oracle".into(), oracle.spec.clone()),
        ("tokenizer".into(), manifest.tokenizer.clone()),
    ];
    if let Some(asking) = &manifest.asking {
        settings.push(("asked in".into(), format!("{}, templates {}", asking.style, asking.templates)));
    }
    settings.extend(manifest.settings.iter().map(|(k, v)| (k.clone(), v.to_string())));
    settings.extend(manifest.started.map(|s| ("started".into(), moment(s))));
    settings.extend(
        manifest.machine.as_ref().map(|m| ("machine".into(), format!("{} {}, {} cores", m.os, m.arch, m.cores))),
    );

    // What needs a look first gets its details first.
    let mut order: Vec<usize> = (0..record.triples.len()).collect();
    let rank = |i: &usize| {
        ["violated", "undecided", "holds"].iter().position(|o| *o == word(&record.triples[*i].triple.outcome))
    };
    order.sort_by_key(rank);
    let mut left = MOST_DETAIL;
    let mut detailed = BTreeSet::new();
    for i in order {
        let size = size(&record.triples[i]);
        if size <= left {
            left -= size;
            detailed.insert(i);
        }
    }
    let mut warnings = record.remarks();
    warnings.extend(record.errors.iter().map(|e| format!("{}: {}", e.path, e.message)));
    let triples = record.triples.iter().enumerate().map(|(i, line)| triple(record, i, line, detailed.contains(&i)));
    Page {
        outcome: crate::report::wire::outcome_tag(record.outcome()),
        counts: counts.to_vec(),
        facts,
        settings,
        warnings,
        triples: triples.collect(),
        left_out: record.triples.len() - detailed.len(),
    }
}

/// About how much a triple's details would add to the page.
fn size(line: &TripleLine) -> usize {
    let leaner = line.triple.answers.iter().filter_map(|a| a.leaner.as_ref());
    let slices: usize =
        line.triple.slices.iter().chain(leaner).map(|s| s.text.len().min(super::lines::MOST_TEXT) * 2).sum();
    let prompts: usize = line.prompts.iter().map(|p| p.user.len().min(super::lines::MOST_TEXT)).sum();
    let replies: usize =
        line.triple.answers.iter().flat_map(|a| &a.replies).map(|r| r.text.len() + r.thinking.len()).sum();
    let graph = line.graph.edges.iter().map(|e| 120 + e.slices.len() * 3).sum::<usize>();
    20_000 + slices + prompts + replies + graph
}

/// An outcome that is none of ours decides nothing.
fn word(outcome: &str) -> &'static str {
    match outcome {
        "holds" => "holds",
        "violated" => "violated",
        _ => "undecided",
    }
}

fn triple(record: &Record, number_of: usize, line: &TripleLine, detailed: bool) -> TripleView {
    let triple = &line.triple;
    let outcome = word(&triple.outcome);
    let vacuously = if triple.vacuous && outcome == "holds" { " vacuously" } else { "" };
    let at = if triple.post.line > 0 { triple.post.line } else { triple.entry.line };
    let (path, at) = place_in(&triple.parts, at);
    TripleView {
        anchor: format!("t{}", number_of + 1),
        outcome: outcome.into(),
        badge: format!("{outcome}{vacuously}"),
        standing: standing(line),
        path: path.unwrap_or(&line.path).to_owned(),
        line: at,
        parts: triple.parts.clone(),
        function: triple.entry.function.clone(),
        post: triple.post.text.clone(),
        slices: triple.slices.len(),
        tokens: number(triple.cost.tokens_in.saturating_add(triple.cost.tokens_out)),
        about: line.about.clone().into_iter().collect(),
        detail: detailed.then(|| detail(record, line)),
    }
}

fn detail(record: &Record, line: &TripleLine) -> Detail {
    let triple = &line.triple;
    let (reason, values, run) = match least(line) {
        Some((_, answer)) => (answer.reason.clone(), inputs(line, answer), replay(answer)),
        None => Default::default(),
    };
    let demand = |c: &crate::report::record::Condition| Demand {
        text: c.text.clone(),
        place: match (c.line, c.at.as_str()) {
            (0, "exit") => "command line, at return".into(),
            (0, _) => "command line".into(),
            (_, "exit") => "at return".into(),
            _ => String::new(),
        },
        line: c.line,
        note: c.note.clone(),
    };
    let notes = line.diagnostics.iter().chain(&triple.diagnostics).map(|d| Note {
        severity: d.severity.clone(),
        line: d.line,
        message: d.message.clone(),
    });
    let cards = cards(line);
    let shown = cards.iter().position(|c| c.least).unwrap_or(0);
    let (drawing, no_drawing) = match drawing(&line.graph) {
        Ok(drawing) => (Some(drawing), String::new()),
        Err(why) => (None, why),
    };
    let classes = match (triple.classes.total, triple.classes.complete) {
        (Some(total), true) => format!("all {total}"),
        (Some(total), false) => format!("{} of {total}", triple.classes.asked),
        (None, _) => format!("{}, and the rest as one remainder", triple.classes.asked),
    };
    let facts = vec![
        ("Classes of paths asked".into(), classes),
        ("Slices".into(), triple.slices.len().to_string()),
        ("Criterion".into(), if triple.whole { "everything".into() } else { triple.criterion.join(", ") }),
        ("Questions".into(), number(triple.cost.questions)),
        ("Tokens in".into(), number(triple.cost.tokens_in)),
        ("Tokens out".into(), number(triple.cost.tokens_out)),
        (
            "Whole program".into(),
            format!(
                "{}, {} in one prompt",
                count(triple.program_tokens, "token"),
                number(triple.baseline_prompt_tokens)
            ),
        ),
    ];
    Detail {
        pre: triple.pre.iter().map(demand).collect(),
        post: demand(&triple.post),
        reason,
        inputs: values,
        replay: run,
        open: open(line),
        notes: notes.collect(),
        facts,
        entry: triple.entry.line,
        source: excerpt(record.source(line), line, cards.get(shown).and_then(|c| c.slice)),
        drawing,
        no_drawing,
        system: clipped(&line.system),
        cards,
        shown,
    }
}

/// A card for each slice in the order of asking, then one for each answer that is about none of them.
fn cards(line: &TripleLine) -> Vec<Card> {
    let triple = &line.triple;
    let answer_to = |id: &str| triple.answers.iter().find(|a| a.slice == id);
    let mut out: Vec<Card> =
        triple.slices.iter().enumerate().map(|(i, s)| card(line, Some((i, s)), answer_to(&s.id))).collect();
    let strangers = triple.answers.iter().filter(|a| triple.slices.iter().all(|s| s.id != a.slice));
    out.extend(strangers.map(|a| card(line, None, Some(a))));
    out
}

fn card(line: &TripleLine, slice: Option<(usize, &Slice)>, answer: Option<&Answer>) -> Card {
    let triple = &line.triple;
    let id = slice.map_or_else(|| answer.map_or("", |a| &a.slice), |(_, s)| &s.id);
    let title = match slice {
        Some((i, s)) if s.kind == "remainder" => format!("Slice {} of {}, the remainder", i + 1, triple.slices.len()),
        Some((i, _)) => format!("Slice {} of {}", i + 1, triple.slices.len()),
        None => "The whole program".into(),
    };
    let said = answer.map_or("not asked", |a| a.answer.as_str());
    let tone = match said {
        "pass" | "infeasible" => "good",
        "fail" => "bad",
        "not asked" => "none",
        _ => "open",
    };
    let leaner = answer.and_then(|a| a.leaner.as_ref());
    let text = leaner.or(slice.map(|(_, s)| s));
    let prompt = text.and_then(|s| line.prompts.iter().find(|p| p.slice == s.id));
    let kept = text.map(|s| s.kept.iter().map(|(a, b)| format!("{a}-{b}")).collect::<Vec<_>>().join(" "));
    Card {
        slice: slice.map(|(i, _)| i),
        title,
        id: id.chars().take(8).collect(),
        least: Some(id) == triple.least_failing.as_deref() && answer.is_some(),
        answer: said.into(),
        tone,
        code: answer.and_then(|a| a.code.clone()).unwrap_or_default(),
        tokens: text.map_or(String::new(), |s| count(s.tokens, "token")),
        classes: text.filter(|s| s.classes > 1).map_or(String::new(), |s| format!("stands for {} classes", s.classes)),
        kept: kept.unwrap_or_default(),
        assumptions: text.map_or(vec![], |s| s.assumptions.iter().map(|a| (a.line, a.text.clone())).collect()),
        text: text.map_or(vec![], listing),
        reason: answer.map_or(String::new(), |a| a.reason.clone()),
        inputs: answer.map_or(vec![], |a| inputs(line, a)),
        replay: answer.map_or(String::new(), replay),
        facts: answer.map_or(vec![], |a| facts(a, text)),
        ballots: answer.map_or(vec![], ballots),
        prompt: prompt.map_or(String::new(), |p| clipped(&p.user)),
        replies: answer.map_or(vec![], replies),
    }
}

fn facts(answer: &Answer, slice: Option<&Slice>) -> Vec<(String, String)> {
    let origin = &answer.origin;
    let mut out = vec![("Origin".to_owned(), named(origin))];
    if !origin.digest.is_empty() {
        out.push(("Digest".into(), origin.digest.clone()));
    }
    out.push(("Tokens in".into(), number(answer.tokens_in)));
    out.push(("Tokens out".into(), number(answer.tokens_out)));
    out.extend(slice.map(|s| ("Prompt, by weiser's count".into(), count(s.prompt_tokens, "token"))));
    if answer.leaner.is_some() {
        out.push(("Slicing".into(), "lean, since the exact slice is too long for the model".into()));
    }
    out.push(("Time".into(), format!("{:.1} s", answer.ms as f64 / 1000.0)));
    if answer.cached {
        out.push(("Cache".into(), "from the cache".into()));
    }
    if let Some(agreement) = answer.agreement {
        let votes = &answer.votes;
        let told = format!(
            "{} pass, {} fail, {} neither: {:.0} % agree",
            votes.pass,
            votes.fail,
            votes.unknown,
            agreement * 100.0
        );
        out.push(("Votes".into(), told));
    }
    out.retain(|(_, value)| !value.is_empty());
    out
}

fn ballots(answer: &Answer) -> Vec<(String, String)> {
    let said = |b: &Ballot| {
        let code = if b.code.is_empty() { String::new() } else { format!(" ({})", b.code) };
        let lean = if b.slicing.is_some() { " of the lean slice" } else { "" };
        format!("{}{code}{lean} by {}: {}", b.answer, named(&b.origin), b.reason)
    };
    let votes = answer.ballots.iter().enumerate().map(|(i, b)| (format!("Vote {}", i + 1), said(b)));
    let probe = answer.probe.iter().map(|b| ("Without comments and with other names".to_owned(), said(b)));
    let overruled = answer.overruled.iter().map(|b| ("Before a stronger model was asked".to_owned(), said(b)));
    votes.chain(probe).chain(overruled).collect()
}

fn replies(answer: &Answer) -> Vec<Said> {
    let mut out: Vec<Said> = (answer.replies.iter())
        .map(|r| {
            let probe = if r.probe { ", about other names" } else { "" };
            Said {
                title: format!("Reply of {} ({}{probe})", named(&r.origin), r.phase),
                text: clipped(&r.text),
                thinking: clipped(&r.thinking),
            }
        })
        .collect();
    if let Some(raw) = answer.raw.as_ref().filter(|_| out.is_empty()) {
        out.push(Said { title: "Reply, which could not be read".into(), text: clipped(raw), thinking: String::new() });
    }
    out
}

fn inputs(line: &TripleLine, answer: &Answer) -> Vec<(String, String)> {
    let all = &answer.counterexample;
    let params = &line.triple.entry.params;
    let first = params.iter().filter_map(|p| all.get_key_value(p));
    let others = all.iter().filter(|(name, _)| !params.contains(name));
    first.chain(others).map(|(name, value)| (name.clone(), value.to_string())).collect()
}

/// What running a claim showed. What the oracle `run` says was seen anyhow.
fn replay(answer: &Answer) -> String {
    let replay = answer.replay.as_ref().filter(|_| answer.origin.oracle != "run");
    replay.map_or(String::new(), |r| match r.confirmed {
        true => format!("Confirmed by running it: {}", r.observed),
        false => format!("Not confirmed by running it: {}", r.observed),
    })
}

/// `2026-11-26 02:15 UTC`, after Howard Hinnant's `civil_from_days`.
fn moment(seconds: u64) -> String {
    let days = (seconds / 86_400) as i64 + 719_468;
    let era = days / 146_097;
    let of_era = days % 146_097;
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    let (hour, minute) = (seconds % 86_400 / 3600, seconds % 3600 / 60);
    format!("{year}-{month:02}-{day:02} {hour:02}:{minute:02} UTC")
}

#[cfg(test)]
mod tests {
    #[test]
    fn moments() {
        assert_eq!(super::moment(0), "1970-01-01 00:00 UTC");
        assert_eq!(super::moment(951_782_400), "2000-02-29 00:00 UTC");
        assert_eq!(super::moment(1_795_658_859), "2026-11-26 02:07 UTC");
    }
}
