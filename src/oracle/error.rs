//! Why a question got no reply.

use std::time::Duration;

/// Each says what, where, and what to do; [`OracleError::code`] is for machines. None ever holds a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OracleError {
    #[error("no server answers at {url}: {why}; start it, or give its address in weiser.toml")]
    NoServer { url: String, why: String },
    #[error("{url} has no model `{model}`; {hint}")]
    NoModel { url: String, model: String, hint: String },
    #[error("{url} rejected the key (HTTP {status}): {message}; {hint}")]
    Auth { url: String, status: u16, message: String, hint: String },
    #[error("{url} gave no answer within {} s; raise --timeout, lower --jobs, or take a smaller model", .after.as_secs_f64())]
    Timeout { url: String, after: Duration },
    #[error("{url} is limiting requests (HTTP 429): {message}; lower --jobs or try again later")]
    RateLimited { url: String, message: String, wait: Option<Duration> },
    #[error("the account at {url} has no quota left: {message}; check its plan and billing")]
    Quota { url: String, message: String },
    #[error("{url} failed{}: {message}", .status.map(|s| format!(" (HTTP {s})")).unwrap_or_default())]
    Server { url: String, status: Option<u16>, message: String },
    #[error("{url} broke its answer off; try again, and look at the server's log if it stays")]
    CutStream { url: String },
    #[error("{url} sent something that isn't an answer: {why}; check that the address is that of the model's API")]
    Garbage { url: String, why: String },
    #[error("{url} sent more than {limit} bytes for one answer, which was not read to its end")]
    TooMuch { url: String, limit: usize },
    #[error(
        "the question needs {needed} tokens of context and has {available}; raise the context or cut the slice smaller"
    )]
    TooLong { needed: u64, available: u64 },
    #[error("{url} says that the question is too long: {message}; raise the context or cut the slice smaller")]
    TooLongForServer { url: String, message: String },
    #[error("the recording {path} holds no answer to this question; it was made with other options, code or templates")]
    NotRecorded { path: String },
    #[error("recording {path}: {why}")]
    Recording { path: String, why: String },
    /// An error that was recorded, as it was told then.
    #[error("{message}")]
    Recorded { code: String, message: String, unknown: bool, ends_run: bool },
    #[error("the budget of the run ({limits}) is used up; raise it and run again: what was answered is kept")]
    Budget { limits: String },
    #[error("the run was stopped before this question was answered")]
    Cancelled,
    #[error("{message}")]
    Usage { message: String },
}

impl OracleError {
    /// Stable, for machines.
    pub fn code(&self) -> &str {
        match self {
            OracleError::NoServer { .. } => "no_server",
            OracleError::NoModel { .. } => "no_model",
            OracleError::Auth { .. } => "auth",
            OracleError::Timeout { .. } => "timeout",
            OracleError::RateLimited { .. } => "rate_limited",
            OracleError::Quota { .. } => "quota",
            OracleError::Server { .. } => "server",
            OracleError::CutStream { .. } => "cut_stream",
            OracleError::Garbage { .. } => "garbage",
            OracleError::TooMuch { .. } => "too_much",
            OracleError::TooLong { .. } | OracleError::TooLongForServer { .. } => "too_long",
            OracleError::NotRecorded { .. } => "not_recorded",
            OracleError::Recording { .. } => "recording",
            OracleError::Recorded { code, .. } => code,
            OracleError::Budget { .. } => "budget",
            OracleError::Cancelled => "cancelled",
            OracleError::Usage { .. } => "usage",
        }
    }

    /// The question was understood and can't be answered (an `unknown`), rather than something having failed.
    pub fn is_unknown(&self) -> bool {
        match self {
            OracleError::TooLong { .. }
            | OracleError::TooLongForServer { .. }
            | OracleError::NotRecorded { .. }
            | OracleError::Budget { .. } => true,
            OracleError::Recorded { unknown, .. } => *unknown,
            _ => false,
        }
    }

    /// Every further question would end the same way, so none is worth sending.
    pub fn ends_run(&self) -> bool {
        match self {
            OracleError::NoServer { .. }
            | OracleError::NoModel { .. }
            | OracleError::Auth { .. }
            | OracleError::Quota { .. }
            | OracleError::Recording { .. } => true,
            OracleError::Recorded { ends_run, .. } => *ends_run,
            _ => false,
        }
    }

    /// May be gone at the next try.
    pub(super) fn passes(&self) -> bool {
        match self {
            OracleError::RateLimited { .. } | OracleError::CutStream { .. } => true,
            // Without a status the server failed in the middle of its answer.
            OracleError::Server { status, .. } => status.is_none_or(|status| status == 408 || status >= 500),
            _ => false,
        }
    }
}
