//! `weiser slices`: the questions, without asking them.

use super::{
    BOLD, DIM, Detail, NAME, OPEN, conditions, count, listing, number, paint, percent, place, safe, short, words,
};
use crate::pipeline::{FileAnalysis, SliceAnalysis, Slicing, TripleAnalysis};
use crate::render::SliceKind;
use crate::report::estimate::Tally;
use std::fmt::Write;

/// Every triple of a file with its slices, a blank line after each. Quiet: one line for each triple.
pub fn file(file: &FileAnalysis, detail: Detail) -> String {
    file.triples.iter().map(|t| triple(file, t, detail)).collect()
}

fn triple(file: &FileAnalysis, triple: &TripleAnalysis, detail: Detail) -> String {
    let mut out = String::new();
    let place = paint(BOLD, place(&file.path, triple));
    let _ = writeln!(out, "{place}  {}  {}", safe(&triple.function), estimate(triple));
    if detail == Detail::Quiet {
        return out;
    }
    out.push_str(&conditions(triple));
    let _ = writeln!(out, "  sliced for {}; {}", criterion(triple), classes(triple));
    if triple.vacuous {
        let _ = writeln!(out, "  {}: {}", paint(OPEN, "vacuous"), super::check::VACUOUS);
    }
    if triple.slicing == Slicing::Lean {
        let _ = writeln!(out, "  {}: {}", paint(OPEN, "lean slices"), super::check::LEAN);
    }
    for limit in &triple.limits {
        let _ = writeln!(out, "  {}: {}", paint(OPEN, "cannot be said to hold"), safe(limit));
    }
    for (i, slice) in triple.slices.iter().enumerate() {
        out.push('\n');
        let _ = writeln!(out, "  {}", header(i + 1, slice));
        for assumption in &slice.rendered.assumptions {
            let _ = writeln!(out, "     {} {}", paint(NAME, "given"), words::assumption(assumption, &triple.parts));
        }
        out.push_str(&listing(&slice.rendered, &triple.parts));
    }
    out.push('\n');
    out
}

/// `1  ab12cd34  class  69 tokens (prompt 412), 2 assumptions`
fn header(position: usize, slice: &SliceAnalysis) -> String {
    let kind = match slice.rendered.kind {
        SliceKind::Class if slice.classes > 1 => count(slice.classes, "class"),
        SliceKind::Class => "class".into(),
        SliceKind::Remainder => "remainder".into(),
        SliceKind::Program => "program".into(),
    };
    let assumptions = count(slice.rendered.assumptions.len() as u64, "assumption");
    format!(
        "{}  {}  {kind}  {} (prompt {}), {assumptions}",
        paint(BOLD, position),
        paint(NAME, short(&slice.id)),
        count(slice.tokens, "token"),
        number(slice.prompt_tokens)
    )
}

fn criterion(triple: &TripleAnalysis) -> String {
    if triple.criterion.is_empty() || triple.whole {
        return "everything live there (the condition names nothing in scope)".into();
    }
    triple.criterion.iter().map(|name| safe(name)).collect::<Vec<_>>().join(", ")
}

fn classes(triple: &TripleAnalysis) -> String {
    let asked = count(triple.asked, "class");
    match triple.total {
        Some(total) if triple.asked >= total => format!("{asked} of paths, complete"),
        Some(total) => format!("{asked} of {} paths, the rest as one remainder", number(total)),
        None => format!("{asked} of paths and one remainder for all others"),
    }
}

/// `6 slices of 69 to 120 tokens; the whole program has 430`
fn estimate(triple: &TripleAnalysis) -> String {
    let tokens = triple.slices.iter().map(|s| s.tokens);
    let range = match (tokens.clone().min(), tokens.max()) {
        (Some(least), Some(most)) if least != most => format!("{} to {}", number(least), count(most, "token")),
        (Some(least), _) => count(least, "token"),
        (None, _) => return paint(DIM, "no slices"),
    };
    let slices = count(triple.slices.len() as u64, "slice");
    paint(DIM, format!("{slices} of {range}; the whole program has {}", number(triple.program_tokens)))
}

/// What asking would cost at most, against one whole-program prompt per triple.
pub fn summary(tally: &Tally) -> String {
    let (least, share) = tally.least.map_or((0, "none".into()), |(least, program)| (least, percent(least, program)));
    let mut out = String::new();
    let _ = writeln!(
        out,
        "{} for {}: the least has {} ({share} of its program's), all together {}",
        paint(BOLD, count(tally.slices, "slice")),
        count(tally.triples, "triple"),
        count(least, "token"),
        number(tally.tokens),
    );
    let _ = writeln!(
        out,
        "asking: at most {}, {} of prompts; the whole program ({}) in one prompt each: {}",
        count(tally.slices, "question"),
        count(tally.prompts, "token"),
        count(tally.programs, "token"),
        number(tally.baseline),
    );
    out
}
