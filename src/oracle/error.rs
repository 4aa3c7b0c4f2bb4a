//! Why a question got no reply.

use std::time::Duration;

/// Each says what, where, and what to do; [`OracleError::code`] is for machines. None ever holds a key. `docs/faults.md` has
/// the fault behind each and how often it is tried again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OracleError {
    #[error("no server answers at {url}: {why}; start it, or give its address in weiser.toml")]
    NoServer { url: String, why: String },
    #[error("the host of {url} can't be found: {why}; check the address and this machine's name service")]
    NoHost { url: String, why: String },
    #[error(
        "no secure connection to {url}: {why}; if its certificate is your own, name its authority with ca_file in weiser.toml"
    )]
    Tls { url: String, why: String },
    #[error("{url} has no model `{model}`; {hint}")]
    NoModel { url: String, model: String, hint: String },
    #[error("{url} is not the address of a model's API: {why}; {hint}")]
    NoApi { url: String, why: String, hint: String },
    #[error("{url} rejected the key (HTTP {status}): {message}; {hint}")]
    Auth { url: String, status: u16, message: String, hint: String },
    #[error("{url} gave no answer within {} s; raise --timeout, lower --jobs, or take a smaller model", .after.as_secs_f64())]
    Timeout { url: String, after: Duration },
    /// A question that was taken and left lying: before its first byte, or in the middle.
    #[error(
        "{url} {} for {} s; look at the server's log, and raise {} if it needs so long",
        if *.begun { "fell silent in the middle of its answer" } else { "sent nothing" },
        .after.as_secs_f64(),
        if *.begun { "stall_timeout" } else { "first_byte_timeout" },
    )]
    Silent { url: String, after: Duration, begun: bool },
    #[error("{url} is limiting requests: {message}; lower --jobs, set requests_per_minute, or try again later")]
    RateLimited { url: String, message: String, wait: Option<Duration> },
    #[error("the account at {url} has no quota left: {message}; check its plan and billing")]
    Quota { url: String, message: String },
    #[error(
        "{url} rejected the question (HTTP {status}): {message}; check the model, the options and the server's version"
    )]
    Rejected { url: String, status: u16, message: String },
    #[error("{url} failed{}: {message}; look at the server's log", .status.map(|s| format!(" (HTTP {s})")).unwrap_or_default())]
    Server { url: String, status: Option<u16>, message: String },
    #[error("{url} has the model not in memory: {message}; keep it loaded, or give the server more memory")]
    Unloaded { url: String, message: String },
    #[error("{url} broke its answer off; try again, and look at the server's log if it stays")]
    CutStream { url: String },
    #[error("{url} sent something that isn't an answer: {why}; check that the address is that of the model's API")]
    Garbage { url: String, why: String },
    #[error("{url} sent more than {limit} bytes for one answer, which was not read to its end; take another model")]
    TooMuch { url: String, limit: usize },
    #[error(
        "the question needs {needed} tokens of context and has {available}; raise the context or cut the slice smaller"
    )]
    TooLong { needed: u64, available: u64 },
    #[error("{url} says that the question is too long: {message}; raise the context or cut the slice smaller")]
    TooLongForServer { url: String, message: String },
    /// So many questions failed in a row that the next would fail as well.
    #[error("{count} questions in a row failed, so no more are asked; the last one: {last}")]
    AllFail { count: u32, last: Box<OracleError> },
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
            OracleError::NoHost { .. } => "no_host",
            OracleError::Tls { .. } => "tls",
            OracleError::NoModel { .. } => "no_model",
            OracleError::NoApi { .. } => "no_api",
            OracleError::Auth { .. } => "auth",
            OracleError::Timeout { .. } | OracleError::Silent { .. } => "timeout",
            OracleError::RateLimited { .. } => "rate_limited",
            OracleError::Quota { .. } => "quota",
            OracleError::Rejected { .. } => "rejected",
            OracleError::Server { .. } => "server",
            OracleError::Unloaded { .. } => "unloaded",
            OracleError::CutStream { .. } => "cut_stream",
            OracleError::Garbage { .. } => "garbage",
            OracleError::TooMuch { .. } => "too_much",
            OracleError::TooLong { .. } | OracleError::TooLongForServer { .. } => "too_long",
            OracleError::AllFail { last, .. } => last.code(),
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
            | OracleError::NoHost { .. }
            | OracleError::Tls { .. }
            | OracleError::NoModel { .. }
            | OracleError::NoApi { .. }
            | OracleError::Auth { .. }
            | OracleError::Quota { .. }
            | OracleError::AllFail { .. }
            | OracleError::Recording { .. } => true,
            OracleError::Recorded { ends_run, .. } => *ends_run,
            _ => false,
        }
    }

    /// May be gone at the next try. A server that isn't there may be starting anew.
    pub(super) fn passes(&self) -> bool {
        match self {
            OracleError::NoServer { .. }
            | OracleError::RateLimited { .. }
            | OracleError::Unloaded { .. }
            | OracleError::Silent { .. }
            | OracleError::CutStream { .. } => true,
            // Without a status the server failed in the middle of its answer.
            OracleError::Server { status, .. } => {
                status.is_none_or(|status| matches!(status, 408 | 425) || status >= 500)
            }
            _ => false,
        }
    }
}
