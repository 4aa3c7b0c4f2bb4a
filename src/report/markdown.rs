//! Markdown for a comment on a pull request: what is violated first, with its slice; then what is open; then what holds, in
//! a table. Code hosts refuse comments of more than 65 536 characters, so what doesn't fit is counted instead of shown.

use super::formats::{inputs, least, one_line, open, place, standing};
use super::record::{Record, TripleLine};
use super::terminal::{count, number, safe};
use crate::text::spot;
use std::fmt::Write;

/// GitHub's longest comment is 65 536 characters.
const LONGEST: usize = 60_000;
/// Lines of a slice, and characters of a line, that are shown.
const SLICE: usize = 60;
const WIDTH: usize = 200;

pub fn comment(record: &Record) -> String {
    let of = |outcome: &str| record.triples.iter().filter(|l| l.triple.outcome == outcome).collect::<Vec<_>>();
    let (violated, holds) = (of("violated"), of("holds"));
    let undecided: Vec<&TripleLine> =
        record.triples.iter().filter(|l| !matches!(&*l.triple.outcome, "violated" | "holds")).collect();

    let mut out = String::from("## weiser\n\n");
    let all = count(record.triples.len() as u64, "triple");
    let _ = writeln!(
        out,
        "{all}: **{} violated**, {} undecided, {} held. Answered by {}.",
        violated.len(),
        undecided.len(),
        holds.len(),
        code(&record.manifest.oracle.spec)
    );
    let errors = record.errors.iter().map(|e| format!("{}: {}", e.path, e.message));
    let remarks: Vec<String> = record.remarks().into_iter().chain(errors).collect();
    if !remarks.is_empty() {
        out.push_str("\n> [!WARNING]\n");
        for r in &remarks {
            let _ = writeln!(out, "> {}", plain(r));
        }
    }
    section(&mut out, "Violated", &violated, |line| failing(record, line));
    section(&mut out, "Undecided", &undecided, |line| {
        let mut text = head(record, line);
        for why in &open(line) {
            let _ = writeln!(text, "  - {}", plain(why));
        }
        text
    });
    if !holds.is_empty() {
        out.push_str("\n<details><summary>Holds</summary>\n\n");
        let mut left = holds.len();
        for line in &holds {
            let more: String = open(line).iter().map(|why| format!(", {}", plain(why))).collect();
            let text = format!("{}{more}\n", head(record, line).trim_end());
            if out.len() + text.len() > LONGEST {
                break;
            }
            left -= 1;
            out.push_str(&text);
        }
        if left > 0 {
            let _ = writeln!(out, "- and {left} more");
        }
        out.push_str("\n</details>\n");
    }
    out
}

fn section(out: &mut String, title: &str, lines: &[&TripleLine], text: impl Fn(&TripleLine) -> String) {
    if lines.is_empty() {
        return;
    }
    let _ = write!(out, "\n### {title}\n\n");
    for (i, line) in lines.iter().enumerate() {
        let text = text(line);
        if out.len() + text.len() > LONGEST {
            let _ = writeln!(out, "- and {} more, which didn't fit", lines.len() - i);
            break;
        }
        out.push_str(&text);
    }
}

/// `` - `f.py:17` `f`: `x > 0` (claimed by m) ``
fn head(record: &Record, line: &TripleLine) -> String {
    let (path, row, _) = place(record, line);
    let standing = standing(line);
    let standing = if standing.is_empty() { String::new() } else { format!(" ({})", plain(&standing)) };
    let place = code(&format!("{path}:{row}"));
    let about: String = line.about.iter().map(|(k, v)| format!(", {}: {}", plain(k), plain(v))).collect();
    let (function, post) = (code(&line.triple.entry.function), code(&line.triple.post.text));
    format!("- {place} {function}: {post}{standing}{about}\n")
}

fn failing(record: &Record, line: &TripleLine) -> String {
    let mut out = head(record, line);
    let Some((slice, answer)) = least(line) else { return out };
    let _ = writeln!(out, "  {}", plain(&answer.reason));
    let inputs = inputs(line, answer);
    if !inputs.is_empty() {
        let _ = writeln!(out, "\n  Counter-example: {}", code(&inputs));
    }
    for why in &open(line) {
        let _ = writeln!(out, "\n  Also: {}", plain(why));
    }
    let Some(slice) = slice else { return out };
    let _ = writeln!(
        out,
        "\n  <details><summary>Least failing slice, {} of {}</summary>\n",
        number(slice.tokens),
        count(line.triple.program_tokens, "token")
    );
    let lines: Vec<String> = slice.text.lines().map(|l| safe(&l.chars().take(WIDTH).collect::<String>())).collect();
    let shown = lines.len().min(SLICE);
    let text = lines[..shown].join("\n");
    let fence = "`".repeat(3.max(longest_run(&text) + 1));
    let _ = writeln!(out, "  {fence}{}", one_line(&line.language).replace('`', ""));
    for l in &lines[..shown] {
        let _ = writeln!(out, "  {l}");
    }
    let _ = writeln!(out, "  {fence}");
    if lines.len() > shown {
        let _ = writeln!(out, "  and {}", count((lines.len() - shown) as u64, "line"));
    }
    for assumption in &slice.assumptions {
        let _ = writeln!(
            out,
            "  - on paths where, {}: {}",
            one_line(&spot(&line.triple.parts, assumption.line)),
            code(&assumption.text)
        );
    }
    out.push_str("\n  </details>\n");
    out
}

/// A code span that nothing in the text can end.
fn code(text: &str) -> String {
    let text = one_line(text);
    let ticks = "`".repeat(longest_run(&text) + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') || text.is_empty() { " " } else { "" };
    format!("{ticks}{pad}{text}{pad}{ticks}")
}

/// The longest run of backticks.
fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

/// Words in which nothing is markup, a link or somebody's name: a mention in a comment sends mail.
fn plain(text: &str) -> String {
    let mut out = String::new();
    for c in one_line(text).chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '@' => out.push_str("&#64;"),
            '#' => out.push_str("&#35;"),
            ':' => out.push_str("&#58;"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '!' | '|' | '~' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    // A list, a heading or a rule begins only a line.
    match out.starts_with(['-', '+', '=']) {
        true => format!("\\{out}"),
        false => out,
    }
}
