//! The table: what a server does, and what has to come of it.

use crate::standin::{Act, Request, Says, says, status};
use serde_json::json;
use std::time::{Duration, SystemTime};
use weiser::oracle::{Fault, Settings};
use weiser::verdict::AnswerKind::{self, Error, Pass, Unknown};

pub struct Row {
    pub fault: Fault,
    pub what: &'static str,
    pub providers: &'static [&'static str],
    pub server: Server,
    pub set: fn(&mut Settings),
    /// The question is too large for small contexts.
    pub long: bool,
    /// There is a leaner slice to ask about.
    pub leaner: bool,
    pub questions: usize,
    pub answer: AnswerKind,
    pub code: &'static str,
    /// Sent for one question; where several are asked, for all.
    pub requests: usize,
    /// No further question is asked.
    pub ends: bool,
    /// A part of the message.
    pub says: &'static str,
    pub least: Duration,
}

#[derive(Clone, Copy)]
pub enum Server {
    Acts(fn(&Request) -> Act),
    /// It is there when the run starts, and then no more.
    Leaves,
    /// Nothing listens.
    Missing,
    /// The host has no address.
    Nameless,
    /// Its queue of connections is full.
    Full,
    /// Behind a certificate that nobody trusts.
    Untrusted,
    /// Speaks no TLS, and is asked to.
    Plain,
}

pub const PASS: &str = r#"{"reason":"r","verdict":"pass","counterexample":[]}"#;
const ALL: &[&str] = &["ollama", "openai", "anthropic"];
/// After a failure that passes: the first try and four more.
const PATIENT: usize = 5;

fn row(fault: Fault, what: &'static str, server: Server) -> Row {
    Row {
        fault,
        what,
        providers: ALL,
        server,
        set: |_| {},
        long: false,
        leaner: false,
        questions: 1,
        answer: Error,
        code: "",
        requests: 1,
        ends: false,
        says: "",
        least: Duration::ZERO,
    }
}

impl Row {
    fn error(self, code: &'static str, requests: usize, says: &'static str) -> Row {
        Row { code, requests, says, ..self }
    }

    fn unknown(self, code: &'static str, requests: usize, says: &'static str) -> Row {
        Row { answer: Unknown, code, requests, says, ..self }
    }

    fn passes(self, requests: usize, least: u64) -> Row {
        Row { answer: Pass, requests, least: Duration::from_millis(least), ..self }
    }

    fn ends(self) -> Row {
        Row { ends: true, ..self }
    }

    fn with(self, set: fn(&mut Settings)) -> Row {
        Row { set, ..self }
    }

    fn only(self, providers: &'static [&'static str]) -> Row {
        Row { providers, ..self }
    }
}

fn acts(act: fn(&Request) -> Act) -> Server {
    Server::Acts(act)
}

fn pass() -> Act {
    Act::Say(says(PASS))
}

/// A failure with headers, and after it a good answer.
fn once(request: &Request, status: u16, headers: &[(&'static str, String)]) -> Act {
    match request.number {
        0 => Act::Respond { status, headers: headers.to_vec(), body: b"{\"error\":\"slow down\"}".to_vec() },
        _ => pass(),
    }
}

fn page(status: u16, kind: &str, body: &str) -> Act {
    Act::Respond { status, headers: vec![("content-type", kind.to_string())], body: body.as_bytes().to_vec() }
}

pub fn rows() -> Vec<Row> {
    [reaching(), waiting(), refusing(), limiting(), breaking(), answering()].into_iter().flatten().collect()
}

fn reaching() -> Vec<Row> {
    use Fault::*;
    vec![
        row(Refused, "Nothing listens at the address", Server::Missing).error("no_server", 0, "start it").ends(),
        row(Refused, "The server goes away during the run", Server::Leaves)
            .error("no_server", PATIENT, "no server answers")
            .ends(),
        row(NoHost, "The address names a host that there isn't", Server::Nameless)
            .error("no_host", 0, "name service")
            .ends(),
        row(Tls, "The certificate is signed by nobody known", Server::Untrusted).error("tls", 0, "ca_file").ends(),
        row(Tls, "`https` to a server that speaks no TLS", Server::Plain)
            .error("tls", 0, "no secure connection")
            .ends(),
        row(ConnectTimeout, "The connection is neither taken nor refused", Server::Full)
            .with(|s| {
                s.connect_timeout = Duration::from_millis(300);
                s.timeout = Duration::from_secs(2);
            })
            .error("no_server", 0, "no connection within 0.3 s")
            .ends(),
    ]
}

fn waiting() -> Vec<Row> {
    use Fault::*;
    vec![
        row(FirstByte, "The answer doesn't begin", acts(|_| Act::Hang))
            .with(|s| {
                s.first_byte = Some(Duration::from_millis(150));
                s.timeout = Duration::from_secs(4);
            })
            .error("timeout", PATIENT, "sent nothing for 0.15 s"),
        row(Stall, "The answer begins and falls silent", acts(|_| Act::Stall(says(PASS))))
            .with(|s| {
                s.stall = Duration::from_millis(150);
                s.timeout = Duration::from_secs(4);
            })
            .error("timeout", PATIENT, "fell silent in the middle"),
        row(
            Total,
            "Bytes drip, and the answer doesn't end",
            acts(|_| Act::Drip(says(PASS), Duration::from_millis(50), 40)),
        )
        .with(|s| s.timeout = Duration::from_millis(500))
        .error("timeout", 1, "raise --timeout"),
    ]
}

fn refusing() -> Vec<Row> {
    use Fault::*;
    vec![
        row(Rejected, "HTTP 409, and any other 4xx", acts(|_| status(409, r#"{"error":{"message":"conflict"}}"#)))
            .error("rejected", 1, "conflict"),
        row(
            Rejected,
            "HTTP 400: again without the schema, then given up",
            acts(|_| status(400, r#"{"error":{"message":"bad"}}"#)),
        )
        .only(&["openai", "anthropic"])
        .error("rejected", 2, "check the model"),
        row(Auth, "HTTP 401", acts(|_| status(401, r#"{"error":{"message":"no key"}}"#)))
            .error("auth", 1, "set WEISER_API_KEY")
            .ends(),
        row(Auth, "HTTP 403", acts(|_| status(403, "no"))).error("auth", 1, "(HTTP 403)").ends(),
        row(NoModel, "HTTP 404 for the model", acts(|_| status(404, r#"{"error":"model 'test-model' not found"}"#)))
            .error("no_model", 1, "has no model `test-model`")
            .ends(),
        row(NoApi, "HTTP 404 for the path, 405, 501", acts(|_| page(404, "text/plain", "404 page not found")))
            .error("no_api", 1, "is not the address of a model's API")
            .ends(),
        row(
            Redirect,
            "HTTP 3xx: not followed, since the key would go along",
            acts(|_| Act::Respond {
                status: 308,
                headers: vec![("location", "https://example.org/v1".into())],
                body: Vec::new(),
            }),
        )
        .error("no_api", 1, "points to https://example.org/v1")
        .ends(),
        row(RequestTimeout, "HTTP 408, 425", acts(|_| status(408, "{}"))).error("server", PATIENT, "Request Timeout"),
        row(TooLarge, "HTTP 413", acts(|_| page(413, "text/html", "<html>"))).unknown("too_long", 1, "cut the slice"),
        row(
            TooLongForServer,
            "HTTP 400 that names the context",
            acts(|_| {
                status(
                    400,
                    r#"{"error":{"message":"exceeds the available context size","type":"exceed_context_size_error"}}"#,
                )
            }),
        )
        .unknown("too_long", 1, "raise the context"),
        row(
            TooLongForServer,
            "HTTP 400: prompt is too long",
            acts(|_| {
                let message = "prompt is too long: 208310 tokens > 200000 maximum";
                status(
                    400,
                    &json!({"type": "error", "error": {"type": "invalid_request_error", "message": message}})
                        .to_string(),
                )
            }),
        )
        .unknown("too_long", 1, "208310 tokens"),
        row(
            ServerError,
            "HTTP 500, 502, 503, 504, 529",
            acts(|_| status(503, r#"{"error":"server busy, please try again"}"#)),
        )
        .error("server", PATIENT, "(HTTP 503): server busy"),
        row(
            ServerError,
            "HTTP 529: overloaded",
            acts(|_| status(529, r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#)),
        )
        .error("server", PATIENT, "Overloaded"),
        row(
            Unloaded,
            "The model is being loaded",
            acts(|_| status(503, r#"{"error":{"message":"Loading model","type":"unavailable_error","code":503}}"#)),
        )
        .error("unloaded", PATIENT, "keep it loaded"),
        row(Unloaded, "The model was dropped in the middle", acts(|_| Act::Say(Says { finish: "unload", ..says("") })))
            .only(&["ollama"])
            .error("unloaded", PATIENT, "loaded or dropped"),
        row(AllFail, "Seven questions, and every one fails", acts(|_| status(409, r#"{"error":{"message":"no"}}"#)))
            .error("rejected", 5, "5 questions in a row failed")
            .ends(),
    ]
    .into_iter()
    .map(|row| if row.fault == AllFail { Row { questions: 7, ..row } } else { row })
    .collect()
}

fn limiting() -> Vec<Row> {
    use Fault::*;
    vec![
        row(RateLimited, "HTTP 429", acts(|_| status(429, r#"{"error":"slow down"}"#))).error(
            "rate_limited",
            PATIENT,
            "lower --jobs",
        ),
        row(RetryAfter, "HTTP 429 with `Retry-After: 1`", acts(|r| once(r, 429, &[("retry-after", "1".into())])))
            .passes(2, 950),
        row(
            RetryAfter,
            "HTTP 503 with a date in `Retry-After`",
            acts(|r| {
                let soon = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(2));
                once(r, 503, &[("retry-after", soon)])
            }),
        )
        .passes(2, 700),
        row(
            RateHeaders,
            "HTTP 429 with spent `x-ratelimit` headers",
            acts(|r| {
                let spent = ("x-ratelimit-remaining-requests", "0".to_string());
                once(r, 429, &[spent, ("x-ratelimit-reset-requests", "1s".into())])
            }),
        )
        .passes(2, 950),
        row(
            RateHeaders,
            "HTTP 429 with spent `anthropic-ratelimit` headers",
            acts(|r| {
                let soon = humantime::format_rfc3339_seconds(SystemTime::now() + Duration::from_secs(2)).to_string();
                let spent = ("anthropic-ratelimit-input-tokens-remaining", "0".to_string());
                once(r, 429, &[spent, ("anthropic-ratelimit-input-tokens-reset", soon)])
            }),
        )
        .passes(2, 700),
        row(
            RateLimited,
            "HTTP 429 with a `Retry-After` that is no time",
            acts(|r| once(r, 429, &[("retry-after", "soon".into())])),
        )
        .passes(2, 0),
        row(LongWait, "HTTP 429 with `Retry-After: 3600`", acts(|r| once(r, 429, &[("retry-after", "3600".into())])))
            .error("rate_limited", 1, "slow down"),
        row(
            Quota,
            "HTTP 429: the quota is spent",
            acts(|_| {
                status(429, r#"{"error":{"message":"You exceeded your current quota","code":"insufficient_quota"}}"#)
            }),
        )
        .error("quota", 1, "check its plan and billing")
        .ends(),
        row(Quota, "HTTP 402", acts(|_| status(402, r#"{"error":{"message":"Payment required"}}"#)))
            .error("quota", 1, "Payment required")
            .ends(),
        row(
            Quota,
            "HTTP 400: the credit is spent",
            acts(|_| {
                let message = "Your credit balance is too low to access the API";
                status(
                    400,
                    &json!({"type": "error", "error": {"type": "invalid_request_error", "message": message}})
                        .to_string(),
                )
            }),
        )
        .error("quota", 1, "credit balance")
        .ends(),
    ]
}

fn breaking() -> Vec<Row> {
    use Fault::*;
    vec![
        row(HungUp, "The connection ends before the answer begins", acts(|_| Act::HangUp))
            .error("server", PATIENT, "failed"),
        row(
            ErrorLine,
            "An error in the middle of the stream",
            acts(|_| {
                Act::FailMidway(says(PASS), json!({"message": "runner process has terminated", "type": "api_error"}))
            }),
        )
        .error("server", PATIENT, "runner process has terminated"),
        row(
            RateLimited,
            "A rate limit in the middle of the stream",
            acts(|_| Act::FailMidway(says(PASS), json!({"message": "Too many requests", "type": "rate_limit_error"}))),
        )
        .error("rate_limited", PATIENT, "Too many requests"),
        row(CutStream, "The stream ends after the verdict and before its end", acts(|_| Act::CutOff(says(PASS))))
            .error("cut_stream", PATIENT, "broke its answer off"),
        row(CutStream, "HTTP 200 with nothing behind it", acts(|_| page(200, "application/json", ""))).error(
            "cut_stream",
            PATIENT,
            "broke its answer off",
        ),
        row(
            ErrorLine,
            "HTTP 200 with an error and no answer",
            acts(|_| status(200, r#"{"error":{"message":"oops"}}"#)),
        )
        .error("server", PATIENT, "oops"),
        row(NotUtf8, "Bytes that are no UTF-8", acts(|_| Act::NotUtf8(says(PASS)))).error("garbage", 1, "isn't UTF-8"),
        row(
            WebPage,
            "HTTP 200 with a web page",
            acts(|_| page(200, "text/html", "<html><body>Verdict: PASS</body></html>")),
        )
        .error("garbage", 1, "a web page"),
        row(NotJson, "HTTP 200 with other text", acts(|_| page(200, "application/json", "Verdict: PASS\n"))).error(
            "garbage",
            1,
            "no JSON as documented",
        ),
        row(TooMuch, "Megabytes where kilobytes are due", acts(|_| Act::Flood(says(PASS), 3 << 20)))
            .with(|s| s.reply_bytes = 1 << 20)
            .error("too_much", 1, "more than 1048576 bytes"),
    ]
}

fn answering() -> Vec<Row> {
    use Fault::*;
    vec![
        row(Empty, "An answer without a word: asked once more", acts(|_| Act::Say(says(" \n")))).unknown(
            "empty",
            2,
            "without a word",
        ),
        row(
            Refusal,
            "The model refuses",
            acts(|_| Act::Say(Says { refusal: Some("I can't help with that".into()), ..says("") })),
        )
        .only(&["openai", "anthropic"])
        .unknown("refused", 1, "I can't help with that"),
        row(
            Refusal,
            "The server's filter steps in",
            acts(|_| Act::Say(Says { finish: "content_filter", ..says(PASS) })),
        )
        .only(&["openai", "anthropic"])
        .unknown("refused", 1, "refused"),
        row(
            OutOfTokens,
            "The answer's tokens are used up",
            acts(|_| Act::Say(Says { finish: "length", thinking: Some("hm".into()), ..says(PASS) })),
        )
        .unknown("out_of_tokens", 1, "used up its tokens"),
        row(
            OutOfTokens,
            "All of them went into thinking",
            acts(|_| Act::Say(Says { finish: "length", thinking: Some("hm, let me see".into()), ..says("") })),
        )
        .unknown("out_of_tokens", 1, "used up its tokens"),
        row(
            Empty,
            "An answer without choices: asked once more",
            acts(|_| {
                page(
                    200,
                    "text/event-stream",
                    "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":600}}\n\ndata: [DONE]\n\n",
                )
            }),
        )
        .only(&["openai"])
        .unknown("empty", 2, "without a word"),
        Row {
            long: true,
            ..row(TooLong, "The question doesn't fit the context: not sent", acts(|_| pass()))
                .with(|s| s.context = Some(4096))
                .unknown("too_long", 0, "has 4096")
        },
        Row {
            long: true,
            leaner: true,
            ..row(TooLong, "The same, and the lean slice's does and passes", acts(|_| pass()))
                .with(|s| s.context = Some(4096))
                .unknown("leaner_passes", 1, "isn't enough")
        },
        Row {
            long: true,
            leaner: true,
            ..row(
                TooLarge,
                "HTTP 413 for a slice, and not for its lean one, which passes",
                acts(|r| if r.asks("total += y") { page(413, "text/html", "<html>") } else { pass() }),
            )
            .with(|s| s.context = Some(16_384))
            .unknown("leaner_passes", 2, "isn't enough")
        },
        Row {
            long: true,
            ..row(
                PromptCut,
                "The server counts fewer tokens than were sent",
                acts(|_| Act::Say(Says { prompt_tokens: Some(2048), ..says(PASS) })),
            )
            .with(|s| s.context = Some(16_384))
            .unknown("prompt_cut", 1, "only a part of the question")
        },
        row(Unreadable, "A reply without a verdict: asked once more", acts(|_| Act::Say(says("It is unverifiable."))))
            .unknown("unparsable", 2, "no readable verdict"),
    ]
}
