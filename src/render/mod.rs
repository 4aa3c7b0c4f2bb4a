//! Slice → source text again, with the context that kept code names.
//!
//! Kept statements give back their own bytes, re-indented where they were lifted out of a folded branch; what weiser writes
//! itself is only `assume(...)`, braces that a lifted declaration needs, and a statement for an emptied body. Each piece of
//! original text is taken at most once and in source order; an interval map over the original (see [`pieces`]) checks that
//! and tells which lines are shown.

mod branches;
mod context;
mod jumps;
mod loops;
mod needed;
pub mod pieces;
pub mod rename;
mod statements;
mod tries;
mod writer;

pub use crate::slice::SliceKind;
use crate::slice::{Plan, Program};

/// An assumption as the slice states it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assumption {
    /// Line of the condition in the original.
    pub line: u32,
    /// The assumed expression: `!(x < 0)`.
    pub text: String,
    /// The condition it is about, and whether that holds: `x < 0`, false.
    pub condition: String,
    pub holds: bool,
}

/// A slice as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    pub kind: SliceKind,
    /// Ends with a line break.
    pub text: String,
    /// For each line of `text` the 1-based line of the original it was taken from; `None` for a line that was written by weiser.
    pub lines: Vec<Option<u32>>,
    /// Original lines of which something is shown, as closed ranges in order.
    pub kept: Vec<(u32, u32)>,
    pub assumptions: Vec<Assumption>,
    /// Functions of other files that the slice calls and that are too large to be shown: what they do is not told.
    pub left_out: Vec<String>,
}

/// What becomes of comments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Comments {
    /// Those on kept lines stay.
    #[default]
    Keep,
    /// All go, but for the triple's own conditions.
    Strip,
}

/// Renders a plan. Cost: linear in the text shown, plus the declarations of the file.
pub fn render(program: &Program, plan: &Plan, comments: Comments) -> Rendered {
    let mut writer = writer::Writer::new(program, plan, comments);
    writer.entry_function();
    writer.finish()
}
