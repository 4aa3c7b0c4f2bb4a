//! weiser: an LLM-backed, language-agnostic symbolic executor.
//!
//! Rooms in the order data flows through them; each imports only rooms above it (ARCHITECTURE.md, `tests/tidy.rs`).

pub mod text;

pub mod syntax;

pub mod project;

pub mod spec;

pub mod link;

pub mod cfg;

pub mod deps;

pub mod partition;

pub mod slice;

pub mod render;

pub mod prompt;

pub mod oracle;

pub mod run;

pub mod verdict;

pub mod pipeline;

pub mod dataset;

pub mod report;

pub mod campaign;

pub mod cli;
