//! What was seen of a run: the answers of a harness (`grammars/HARNESS.md`).

use super::value::unhex;
use serde::Serialize;

/// One run of one program on one input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    /// Each time that control came to Q, in order.
    pub visits: Vec<Visit>,
    pub end: End,
    /// More about the end, for people.
    pub detail: String,
    /// The standard input that was made up.
    pub stdin: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    pub truth: Truth,
    /// The values of Q's names: `x=1; y=2`.
    pub names: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Truth {
    True,
    False,
    /// Q is in plain language: only values are seen.
    Unjudged,
    /// Evaluating Q failed.
    Error,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// Returned normally.
    Ended,
    /// Q was false at the last visit.
    Violated,
    /// P is false: not an input of the triple.
    Pre,
    /// An assumption is false: a slice that is not about this input.
    Assume,
    /// Left by a written way.
    Left,
    /// An error that nobody wrote.
    Fault,
    Timeout,
    Memory,
    /// Printed too much.
    Output,
    /// The arguments don't fit.
    Input,
    /// Not run: too many runs before it took their process with them.
    Skipped,
}

impl End {
    /// For people.
    pub fn words(self) -> &'static str {
        match self {
            End::Ended => "returned normally",
            End::Violated => "reached a false Q",
            End::Pre => "was given an input that P doesn't allow",
            End::Assume => "contradicted an assumption",
            End::Left => "left before",
            End::Fault => "failed",
            End::Timeout => "ran out of time",
            End::Memory => "ran out of memory",
            End::Output => "printed too much",
            End::Input => "took other arguments",
            End::Skipped => "was not run",
        }
    }

    /// Ended by itself or by what its author wrote, rather than by an accident.
    pub fn is_regular(self) -> bool {
        matches!(self, End::Ended | End::Violated | End::Pre | End::Assume | End::Left)
    }
}

impl Observed {
    /// Was ended by the clock, and so took all the time that there was. A harness may know sooner that a run has no end.
    pub fn took_all_time(&self) -> bool {
        self.end == End::Timeout && self.detail.is_empty()
    }

    /// Without a visit.
    pub fn ended(end: End, detail: impl Into<String>) -> Observed {
        Observed { visits: Vec::new(), end, detail: detail.into(), stdin: None }
    }

    /// Reads an answer line; `None` if it is none.
    pub fn read(line: &str) -> Option<Observed> {
        let mut observed = Observed::ended(End::Ended, "");
        let mut ended = false;
        for word in line.split_whitespace() {
            if let Some(rest) = word.strip_prefix("end=") {
                let (code, detail) = rest.split_once(':')?;
                observed.end = code_end(code)?;
                observed.detail = unhex(detail);
                ended = true;
            } else if let Some(text) = word.strip_prefix("in=") {
                observed.stdin = Some(unhex(text));
            } else {
                let (mark, names) = word.split_at_checked(1)?;
                let truth = match mark {
                    "T" => Truth::True,
                    "F" => Truth::False,
                    "U" => Truth::Unjudged,
                    "E" => Truth::Error,
                    _ => return None,
                };
                observed.visits.push(Visit { truth, names: unhex(names) });
            }
        }
        ended.then_some(observed)
    }
}

fn code_end(code: &str) -> Option<End> {
    Some(match code {
        "ended" => End::Ended,
        "violated" => End::Violated,
        "pre" => End::Pre,
        "assume" => End::Assume,
        "left" => End::Left,
        "fault" => End::Fault,
        "timeout" => End::Timeout,
        "memory" => End::Memory,
        "output" => End::Output,
        "input" => End::Input,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read() {
        let read = Observed::read("T783d31 F783d39 in=330a end=violated:").expect("an answer");
        assert_eq!(read.visits.len(), 2);
        assert_eq!(read.visits[1], Visit { truth: Truth::False, names: "x=9".into() });
        assert_eq!((read.end, read.stdin.as_deref()), (End::Violated, Some("3\n")));
        for wrong in ["", "T", "end=", "end=odd:", "X end=ended:", "é end=ended:"] {
            assert_eq!(Observed::read(wrong), None, "{wrong}");
        }
    }
}
