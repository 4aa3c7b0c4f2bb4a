//! One file through all stages; pure composition.

mod analyze;
mod check;
mod fidelity;
pub mod graph;
mod leaner;
mod question;
mod running;
mod whole;

pub use crate::slice::Slicing;
pub use analyze::{analyze, analyze_source, graphs};
pub use check::{check, leaner_prompt, prompts};
pub use fidelity::{TripleFidelity, fidelity};
pub use running::{Confirmer, Trust, confirmed, regression, run};

use crate::render::{Comments, Rendered};
use crate::spec::{Condition, Request};
use crate::syntax::ast::Severity;
use crate::text::{Linkage, Part, SourceFile};
use crate::verdict::{Answer, Confidence, Outcome};

/// A file with everything that was found in it.
#[derive(Debug, Clone)]
pub struct FileAnalysis {
    pub path: String,
    /// `c`, `python`, `java`.
    pub language: String,
    pub diagnostics: Vec<Note>,
    pub triples: Vec<TripleAnalysis>,
    /// What was analysed, and how: for running it, and for cutting it again.
    pub text: String,
    /// Where the text goes on behind the file's own with what it needs of others. All lines here are lines of the text.
    pub linkage: Option<Linkage>,
    pub request: Request,
    pub options: Options,
}

impl FileAnalysis {
    /// What was analysed, to be read again.
    pub fn source(&self) -> SourceFile {
        SourceFile::new(self.path.as_str(), self.text.as_str()).linked(self.linkage.clone())
    }

    /// The file that a line is of, and the line's number in it.
    pub fn place(&self, line: u32) -> (&str, u32) {
        let (other, line) = crate::text::place(self.linkage.as_ref(), line);
        (other.unwrap_or(&self.path), line)
    }
}

/// Something the user should know about the input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    pub severity: Severity,
    /// 1-based; 0 where it concerns the whole file.
    pub line: u32,
    pub message: String,
}

/// One triple with its slices in the order in which they are asked.
#[derive(Debug, Clone)]
pub struct TripleAnalysis {
    /// Content hash.
    pub id: String,
    /// Name of the entry function (qualified) and its 1-based line.
    pub function: String,
    pub line: u32,
    /// Names of the entry's parameters, for the counter-example.
    pub params: Vec<String>,
    pub pre: Vec<(Condition, u32)>,
    pub post: Condition,
    /// 1-based line of Q; 0 for the command line.
    pub post_line: u32,
    /// Q is judged at every normal return instead of at a point.
    pub at_exit: bool,
    /// The variables sliced for. Empty together with `whole`: Q names nothing in scope.
    pub criterion: Vec<String>,
    /// Q named nothing in scope, so everything live there was kept.
    pub whole: bool,
    /// Tokens of the whole file, and of the prompt that would ask about it.
    pub program_tokens: u64,
    pub baseline_prompt_tokens: u64,
    /// Classes asked, and their total where the enumeration ended.
    pub asked: u64,
    pub total: Option<u64>,
    /// No path leads to Q.
    pub vacuous: bool,
    /// Why this triple can't be said to hold, whatever the answers are: code that was not understood, a graph that was cut.
    pub limits: Vec<String>,
    pub slicing: Slicing,
    pub slices: Vec<SliceAnalysis>,
    pub diagnostics: Vec<Note>,
    pub graph: graph::Graph,
    /// The lines of other files in the text that was analysed ([`FileAnalysis::linkage`]).
    pub parts: Vec<Part>,
}

#[derive(Debug, Clone)]
pub struct SliceAnalysis {
    /// Content hash of the question.
    pub id: String,
    pub rendered: Rendered,
    pub tokens: u64,
    pub prompt_tokens: u64,
    /// How many classes gave this same text.
    pub classes: u64,
    /// Which the first of them is, in the order in which they are counted up.
    pub class: u32,
    /// The same question in other words, where that was asked for and it has any.
    pub probe: Option<Probe>,
    /// Edges of the triple's graph that paths of its classes take on their way to Q, in order.
    pub edges: Vec<u32>,
}

/// A slice without comments and with other names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    pub text: String,
    pub pre: Vec<String>,
    pub post: String,
    pub params: Vec<String>,
}

/// A triple after asking.
#[derive(Debug, Clone)]
pub struct TripleVerdict {
    pub outcome: Outcome,
    pub confidence: Option<Confidence>,
    /// Id of the least failing slice.
    pub least_failing: Option<String>,
    /// One per slice that was asked, in slice order.
    pub answers: Vec<Answer>,
    pub questions: u64,
    pub tokens_in: u64,
    pub tokens_out: u64,
}

/// What an analysis may be told.
#[derive(Debug, Clone)]
pub struct Options {
    /// Classes asked at most; what is left is asked as one remainder slice.
    pub max_partitions: usize,
    pub comments: Comments,
    pub slicing: Slicing,
    /// How many calls away a callee may be to be cut like the function itself; 0: callees are shown whole.
    pub call_depth: usize,
    /// Goes into the marker that fences code in a prompt.
    pub seed: u64,
    /// Each slice in other words too.
    pub probe: bool,
    pub show: Show,
}

/// How much of the program a question shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Show {
    /// A question for each slice.
    #[default]
    Slices,
    /// One question, about the functions that Q's paths run through, uncut.
    Functions,
    /// One question, about the whole file as it is.
    Program,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            max_partitions: 64,
            comments: Comments::Keep,
            slicing: Slicing::Exact,
            call_depth: crate::cfg::joined::CALL_DEPTH,
            seed: 0,
            probe: false,
            show: Show::Slices,
        }
    }
}
