//! The JSON Schemas (draft 2020-12) of the machine formats, as files that are part of the program.
//!
//! They are open (a reader must ignore fields it doesn't know) but name every field of today, and demand those that a
//! version guarantees.

/// A machine format with its schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Slices,
    Check,
    Fidelity,
    Cache,
    Batch,
    Models,
    Index,
    Scores,
    Run,
    Report,
    Trace,
}

impl Format {
    /// The schema's text, with a final line break.
    pub fn schema(self) -> &'static str {
        match self {
            Format::Slices => include_str!("slices-1.json"),
            Format::Check => include_str!("check-1.json"),
            Format::Fidelity => include_str!("fidelity-1.json"),
            Format::Cache => include_str!("cache-1.json"),
            Format::Batch => include_str!("batch-1.json"),
            Format::Models => include_str!("models-1.json"),
            Format::Index => include_str!("index-1.json"),
            Format::Scores => include_str!("scores-1.json"),
            Format::Run => include_str!("run-1.json"),
            Format::Report => include_str!("report-1.json"),
            Format::Trace => include_str!("trace-1.json"),
        }
    }
}
