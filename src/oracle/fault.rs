//! The faults of servers that are told apart, each of which has an outcome of its own.
//!
//! `docs/faults.md` lists what becomes of each; the table is written by `tests/faults.rs`, which commits every fault on
//! purpose. To show that each row of it proves something, the test also makes an oracle blind to one fault at a time
//! ([`super::Settings::blind_to`]) and sees the row fail.

use std::fmt;

/// What can go wrong between a question and its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    /// Nothing listens at the address.
    Refused,
    /// The address names a host that there isn't.
    NoHost,
    /// The server's certificate isn't trusted, or it speaks no TLS.
    Tls,
    /// The connection is neither accepted nor refused.
    ConnectTimeout,
    /// The connection stands, and no byte of the answer comes.
    FirstByte,
    /// A stream that has begun falls silent.
    Stall,
    /// Bytes keep coming, and the answer doesn't end in time.
    Total,
    /// HTTP 4xx that says nothing more.
    Rejected,
    /// HTTP 401 and 403.
    Auth,
    NoModel,
    /// There is a web server and no model API: HTTP 404, 405, 501.
    NoApi,
    /// HTTP 3xx.
    Redirect,
    /// HTTP 408 and 425.
    RequestTimeout,
    /// HTTP 413.
    TooLarge,
    /// The server says that the question exceeds its context.
    TooLongForServer,
    /// HTTP 429.
    RateLimited,
    /// A time to wait, named in `Retry-After`.
    RetryAfter,
    /// A time to wait, named in rate limit headers.
    RateHeaders,
    /// A time to wait that is longer than anyone should.
    LongWait,
    Quota,
    /// HTTP 5xx.
    ServerError,
    /// The connection ends before an answer begins.
    HungUp,
    /// An error in the middle of a stream that began with HTTP 200.
    ErrorLine,
    /// The stream ends before the answer does.
    CutStream,
    NotUtf8,
    /// HTML where JSON is due.
    WebPage,
    NotJson,
    /// More bytes than anyone should take.
    TooMuch,
    /// The server dropped the model, or is still loading it.
    Unloaded,
    /// An answer without a word.
    Empty,
    Refusal,
    OutOfTokens,
    /// The question is known not to fit, and isn't sent.
    TooLong,
    /// The server shortened the question.
    PromptCut,
    /// The reply has no verdict. Its handling is a second request, `AskOptions::repairs`.
    Unreadable,
    /// Every question fails, one after the other.
    AllFail,
}

impl Fault {
    pub const ALL: [Fault; 36] = [
        Fault::Refused,
        Fault::NoHost,
        Fault::Tls,
        Fault::ConnectTimeout,
        Fault::FirstByte,
        Fault::Stall,
        Fault::Total,
        Fault::Rejected,
        Fault::Auth,
        Fault::NoModel,
        Fault::NoApi,
        Fault::Redirect,
        Fault::RequestTimeout,
        Fault::TooLarge,
        Fault::TooLongForServer,
        Fault::RateLimited,
        Fault::RetryAfter,
        Fault::RateHeaders,
        Fault::LongWait,
        Fault::Quota,
        Fault::ServerError,
        Fault::HungUp,
        Fault::ErrorLine,
        Fault::CutStream,
        Fault::NotUtf8,
        Fault::WebPage,
        Fault::NotJson,
        Fault::TooMuch,
        Fault::Unloaded,
        Fault::Empty,
        Fault::Refusal,
        Fault::OutOfTokens,
        Fault::TooLong,
        Fault::PromptCut,
        Fault::Unreadable,
        Fault::AllFail,
    ];
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}
