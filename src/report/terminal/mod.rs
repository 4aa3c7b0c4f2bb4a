//! Text for people. Every function gives a string with ANSI styles in it; who writes it strips them where they don't
//! belong (a pipe, `NO_COLOR`, `--color never`), so there is one text and no second code path.
//!
//! Source text, conditions and replies are other people's words: control characters and direction marks in them are
//! shown as escapes ([`safe`]), so that neither a program nor a model can rewrite what stands on the screen.

pub mod check;
pub mod fidelity;
pub mod index;
pub mod models;
pub mod notes;
pub mod slices;
mod words;

use crate::pipeline::TripleAnalysis;
use crate::render::Rendered;
use crate::spec::Condition;
use crate::text::{Part, place_in, spot};
use anstyle::{AnsiColor, Style};
use std::fmt::{Display, Write};

/// How much is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Detail {
    /// Outcomes only.
    Quiet,
    #[default]
    Normal,
    /// Every answer, and diagnostics of the lowest severity.
    Verbose,
}

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const GOOD: Style = Style::new().bold().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Green)));
const BAD: Style = Style::new().bold().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Red)));
const OPEN: Style = Style::new().bold().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Yellow)));
const NAME: Style = Style::new().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Cyan)));

fn paint(style: Style, text: impl Display) -> String {
    format!("{style}{text}{style:#}")
}

/// `text` with every character that could move the cursor, change a style or the direction of writing as `\u{..}`; line
/// breaks and tabs stay.
pub fn safe(text: &str) -> String {
    let hidden = |c: char| {
        (c.is_control() && c != '\n' && c != '\t')
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match hidden(c) {
            true => out.extend(c.escape_unicode()),
            false => out.push(c),
        }
    }
    out
}

/// `1 slice`, `2 slices`, `1 236 tokens`.
pub(super) fn count(n: u64, noun: &str) -> String {
    let plural = match noun.strip_suffix("s") {
        Some(_) => "es",
        None => "s",
    };
    format!("{} {noun}{}", number(n), if n == 1 { "" } else { plural })
}

/// Digits in groups of three, from five digits on: `1236`, `12 360`.
pub(super) fn number(n: u64) -> String {
    let digits = n.to_string();
    if digits.len() < 5 {
        return digits;
    }
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(' ');
        }
        out.push(digit);
    }
    out
}

/// The first digits of an id, enough to tell slices of one run apart.
fn short(id: &str) -> &str {
    id.get(..8).unwrap_or(id)
}

/// `examples/f.py:17`: the line of Q where it has one, else of the function.
fn place(path: &str, triple: &TripleAnalysis) -> String {
    let line = if triple.post_line > 0 { triple.post_line } else { triple.line };
    let (other, line) = place_in(&triple.parts, line);
    format!("{}:{line}", safe(other.unwrap_or(path)))
}

/// P and Q, a line each, with where they stand.
fn conditions(triple: &TripleAnalysis) -> String {
    let mut out = String::new();
    for (pre, line) in &triple.pre {
        condition(&mut out, "P", pre, &stands(triple, *line, false));
    }
    condition(&mut out, "Q", &triple.post, &stands(triple, triple.post_line, triple.at_exit));
    out
}

fn stands(triple: &TripleAnalysis, line: u32, at_exit: bool) -> String {
    let place = if line > 0 { safe(&spot(&triple.parts, line)) } else { "command line".into() };
    if at_exit { format!("{place}, at return") } else { place }
}

fn condition(out: &mut String, letter: &str, condition: &Condition, place: &str) {
    let text = indented(&condition.text, 5);
    let note = if condition.note.is_empty() { String::new() } else { format!("; {}", indented(&condition.note, 5)) };
    let _ = writeln!(out, "  {}  {text}  {}", paint(BOLD, letter), paint(DIM, format!("({place}{note})")));
}

/// `text` made safe, its lines after the first indented by `width`.
fn indented(text: &str, width: usize) -> String {
    safe(text.trim_end()).replace('\n', &format!("\n{}", " ".repeat(width)))
}

/// A slice's text, each line with the line of the original it was taken from (headings say of which file); nothing for a line
/// that weiser wrote.
fn listing(rendered: &Rendered, parts: &[Part]) -> String {
    let own = |line: &u32| place_in(parts, *line).1;
    let width = rendered.lines.iter().flatten().map(own).max().map_or(1, |line| line.to_string().len()).max(4);
    let mut out = String::new();
    for (i, text) in rendered.text.lines().enumerate() {
        let line = rendered.lines.get(i).copied().flatten();
        let gutter = line.map_or(String::new(), |line| own(&line).to_string());
        let text = safe(text);
        let text = match line {
            _ if text.trim().is_empty() => String::new(),
            Some(_) => format!(" {text}"),
            None => format!(" {}", paint(NAME, &text)),
        };
        let _ = writeln!(out, "  {}{text}", paint(DIM, format!("{gutter:>width$} |")));
    }
    out
}

/// How a share reads: `16 %`; under one percent with one digit.
fn percent(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "all".into();
    }
    let share = part as f64 * 100.0 / whole as f64;
    if share < 1.0 { format!("{share:.1} %") } else { format!("{share:.0} %") }
}
