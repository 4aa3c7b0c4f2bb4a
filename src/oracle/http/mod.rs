//! What the providers share: a client, answers read up to a bound, failures told apart, patient retries.
//!
//! `client` is made as the user set it; `said` reads what servers say of their failures and makes errors of it, `wait` the
//! times they name, `lines` streams; `patience` tries again.

mod client;
mod lines;
mod patience;
mod said;
mod wait;

pub(super) use lines::{Event, Lines};
pub(super) use said::{Refusal, Said, said_in};

use super::fault::Fault;
use super::limiter::Limiter;
use super::log::Level;
use super::{Finish, OracleError, Secret, Settings, context};
use client::{ClientError, client, headers};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION};
use reqwest::{Method, Response, Url};
use serde::Serialize;
use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::time::Duration;
use tokio::time::Instant;

/// Longest piece of a server's words that a message of ours repeats, in characters.
const LONGEST_MESSAGE: usize = 300;
/// Keeps instants in range whatever `--timeout` says.
const LONGEST_TIMEOUT: Duration = Duration::from_secs(365 * 24 * 3600);

/// One server.
pub(super) struct Http {
    client: reqwest::Client,
    base: String,
    /// The address for messages: without user, password and query.
    pub(super) url: String,
    headers: HeaderMap,
    /// Whatever must appear in no message: the key, values of headers, a password in the address.
    secrets: Vec<Secret>,
    pub(super) settings: Settings,
    limiter: Arc<Limiter>,
    /// Questions that failed since the last that didn't.
    failed: AtomicU32,
}

/// In which header a key is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyHeader {
    Bearer,
    XApiKey,
}

impl Http {
    pub(super) fn new(
        address: &str,
        key: Option<(KeyHeader, Secret)>,
        settings: &Settings,
    ) -> Result<Self, OracleError> {
        let address = address.trim();
        let full = if address.contains("://") { address.to_string() } else { format!("http://{address}") };
        let wrong = || {
            usage(format!(
                "`{}` is no server address; expected something like http://127.0.0.1:11434",
                without_user(address)
            ))
        };
        let parsed = Url::parse(&full).map_err(|_| wrong())?;
        let host = parsed.host_str().ok_or_else(wrong)?.trim_matches(['[', ']']).to_string();
        let secure = match parsed.scheme() {
            "http" => false,
            "https" => true,
            _ => return Err(wrong()),
        };
        let client = client(settings, secure, loopback(&host)).map_err(|error| match error {
            ClientError::CaFile(message) => usage(message),
            ClientError::Client(error) => OracleError::Tls {
                url: shown(&parsed),
                why: format!("no client could be made for it: {}", causes(&error)),
            },
        })?;
        let (headers, mut secrets) = headers(key, settings)?;
        secrets.extend(parsed.password().and_then(Secret::new));
        Ok(Http {
            client,
            base: full.trim_end_matches('/').to_string(),
            url: shown(&parsed),
            headers,
            secrets,
            settings: settings.clone(),
            limiter: Limiter::of(&shown(&parsed), settings.rates),
            failed: AtomicU32::new(0),
        })
    }

    /// Also sends this header.
    pub(super) fn with_header(mut self, name: &'static str, value: &'static str) -> Self {
        self.headers.entry(name).or_insert(HeaderValue::from_static(value));
        self
    }

    /// Whether a fault is handled: every one is, unless a test wants to know what it is like without.
    pub(super) fn sees(&self, fault: Fault) -> bool {
        self.settings.blind_to != Some(fault)
    }

    pub(super) async fn get(&self, path: &str) -> Result<Response, OracleError> {
        self.send(Method::GET, path, None::<&()>).await
    }

    pub(super) async fn post<T: Serialize>(&self, path: &str, body: &T) -> Result<Response, OracleError> {
        self.send(Method::POST, path, Some(body)).await
    }

    /// Sends a question, whose answer has to begin in time.
    pub(super) async fn ask<T: Serialize>(&self, path: &str, body: &T) -> Result<Lines<'_>, OracleError> {
        let begun = Instant::now();
        let limit = self.first_byte();
        let sent = tokio::time::timeout(limit, self.post(path, body)).await;
        let response = sent.map_err(|_| {
            self.log(Level::Requests, || format!("POST {}{path}: nothing in {} ms", self.url, limit.as_millis()));
            self.silent(limit, false)
        })??;
        Ok(Lines::new(self, response, begun + limit))
    }

    fn first_byte(&self) -> Duration {
        let limit = self.settings.first_byte.filter(|_| self.sees(Fault::FirstByte));
        limit.map_or(LONGEST_TIMEOUT, |limit| limit.min(LONGEST_TIMEOUT))
    }

    fn silent(&self, after: Duration, begun: bool) -> OracleError {
        OracleError::Silent { url: self.url.clone(), after, begun }
    }

    async fn send<T: Serialize>(&self, method: Method, path: &str, body: Option<&T>) -> Result<Response, OracleError> {
        let mut request =
            self.client.request(method.clone(), format!("{}{path}", self.base)).headers(self.headers.clone());
        if let Some(body) = body {
            request = request.json(body);
            self.log(Level::Bodies, || format!("> {}", serde_json::to_string(body).unwrap_or_default()));
        }
        let begun = Instant::now();
        let sent = request.send().await;
        self.log(Level::Requests, || {
            let outcome = match &sent {
                Ok(response) => response.status().to_string(),
                Err(error) => causes(error),
            };
            format!("{method} {}{path}: {outcome}, {} ms", self.url, begun.elapsed().as_millis())
        });
        let response = sent.map_err(|error| self.unreachable(error))?;
        if let Some(wait) = wait::spent(response.headers()).filter(|_| self.sees(Fault::RateHeaders)) {
            self.limiter.pause(wait.min(self.settings.backoff_cap));
        }
        Ok(response)
    }

    /// What stood between us and the server.
    fn unreachable(&self, error: reqwest::Error) -> OracleError {
        let connecting = error.is_connect();
        let late = connecting && error.is_timeout();
        let why = self.clean(&causes(&error.without_url()));
        let url = self.url.clone();
        let lower = why.to_lowercase();
        let says = |words: &[&str]| words.iter().any(|word| lower.contains(word));
        if !connecting {
            // It was there and hung up: it may be starting anew.
            return if self.sees(Fault::HungUp) { self.server(None, &why) } else { self.garbage(&why) };
        }
        if says(&["dns error", "failed to lookup"]) && self.sees(Fault::NoHost) {
            return OracleError::NoHost { url, why };
        }
        if says(&["certificate", "corrupt message", "tls", "alert"]) && self.sees(Fault::Tls) {
            return OracleError::Tls { url, why };
        }
        if late {
            let limit = self.settings.connect_timeout.as_secs_f64();
            return OracleError::NoServer { url, why: format!("it took no connection within {limit} s") };
        }
        if self.sees(Fault::Refused) { OracleError::NoServer { url, why } } else { self.server(None, &why) }
    }

    /// The body, up to the bound on replies.
    pub(super) async fn body(&self, mut response: Response) -> Result<Vec<u8>, OracleError> {
        let mut body = Vec::new();
        while let Some(chunk) = self.chunk(&mut response, body.len()).await? {
            body.extend_from_slice(&chunk);
        }
        self.log(Level::Bodies, || format!("< {}", String::from_utf8_lossy(&body)));
        Ok(body)
    }

    /// The next piece of a body of which `read` bytes were read.
    async fn chunk(&self, response: &mut Response, read: usize) -> Result<Option<Vec<u8>>, OracleError> {
        let limit = if self.sees(Fault::TooMuch) { self.settings.reply_bytes } else { usize::MAX };
        match response.chunk().await {
            Ok(Some(chunk)) if read.saturating_add(chunk.len()) > limit => {
                Err(OracleError::TooMuch { url: self.url.clone(), limit })
            }
            Ok(chunk) => Ok(chunk.map(|bytes| bytes.to_vec())),
            Err(_) if self.sees(Fault::CutStream) => Err(OracleError::CutStream { url: self.url.clone() }),
            Err(_) => Ok(None),
        }
    }

    /// Something that has to be JSON.
    pub(super) fn json<T: serde::de::DeserializeOwned>(
        &self,
        body: &[u8],
        headers: &HeaderMap,
    ) -> Result<T, OracleError> {
        let text = match std::str::from_utf8(body) {
            Err(error) if self.sees(Fault::NotUtf8) => {
                return Err(self.garbage(&format!("text that isn't UTF-8 ({error})")));
            }
            _ => String::from_utf8_lossy(body),
        };
        serde_json::from_str(&text).map_err(|error| {
            if web_page(body, headers) && self.sees(Fault::WebPage) {
                return self.garbage("a web page");
            }
            let why = format!("no JSON as documented ({error})");
            if self.sees(Fault::NotJson) { self.garbage(&why) } else { self.server(None, &why) }
        })
    }

    pub(super) fn garbage(&self, why: &str) -> OracleError {
        OracleError::Garbage { url: self.url.clone(), why: self.clean(why) }
    }

    pub(super) fn server(&self, status: Option<u16>, message: &str) -> OracleError {
        OracleError::Server { url: self.url.clone(), status, message: self.clean(message) }
    }

    /// Words of a server as one short line: no control characters, no key.
    pub(super) fn clean(&self, text: &str) -> String {
        one_line(&self.redact(text))
    }

    /// `text` without anything secret.
    pub(super) fn redact(&self, text: &str) -> String {
        self.secrets.iter().fold(text.to_string(), |text, secret| secret.redact(&text))
    }

    pub(super) fn log(&self, level: Level, line: impl FnOnce() -> String) {
        if let Some(log) = &self.settings.log {
            log.tell(level, || self.redact(&line()));
        }
    }

    /// Tokens for the answer to a prompt of so many; an error if the prompt doesn't fit.
    pub(super) fn room(&self, tokens: u64, context: Option<u64>) -> Result<u64, OracleError> {
        let wanted = self.settings.answer_tokens;
        let Some(available) = context else { return Ok(wanted) };
        match context::room(tokens, wanted, available) {
            Ok(room) => Ok(room),
            Err(_) if !self.sees(Fault::TooLong) => Ok(wanted),
            Err(needed) => Err(OracleError::TooLong { needed, available }),
        }
    }

    /// How an answer ended, from how the server says that it did.
    pub(super) fn finish(&self, told: Finish, text: &str) -> Finish {
        match told {
            Finish::Length if !self.sees(Fault::OutOfTokens) => Finish::Stop,
            Finish::Refused(_) if !self.sees(Fault::Refusal) => Finish::Stop,
            Finish::Stop if text.trim().is_empty() && self.sees(Fault::Empty) => Finish::Empty,
            told => told,
        }
    }

    /// `work` within the time for one question.
    pub(super) async fn in_time<T>(
        &self,
        work: impl Future<Output = Result<T, OracleError>>,
    ) -> Result<T, OracleError> {
        let limit = self.settings.timeout.min(LONGEST_TIMEOUT);
        let late = OracleError::Timeout { url: self.url.clone(), after: limit };
        tokio::time::timeout(limit, work).await.unwrap_or(Err(late))
    }
}

fn usage(message: String) -> OracleError {
    OracleError::Usage { message }
}

fn web_page(body: &[u8], headers: &HeaderMap) -> bool {
    body.trim_ascii_start().starts_with(b"<")
        || headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"))
}

fn location(headers: &HeaderMap) -> String {
    headers.get(LOCATION).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()).unwrap_or_default()
}

fn one_line(text: &str) -> String {
    let mut line = text.split(|c: char| c.is_control() || c.is_whitespace()).filter(|w| !w.is_empty());
    let joined = line.by_ref().take(LONGEST_MESSAGE).collect::<Vec<_>>().join(" ");
    let mut short: String = joined.chars().take(LONGEST_MESSAGE).collect();
    if short.len() < joined.len() {
        short.push('…');
    }
    short
}

/// An error with everything it names as its cause.
fn causes(error: &dyn Error) -> String {
    let mut parts = vec![error.to_string()];
    let mut source = error.source();
    while let Some(cause) = source {
        let text = cause.to_string();
        if parts.last() != Some(&text) {
            parts.push(text);
        }
        source = cause.source();
    }
    parts.join(": ")
}

fn shown(url: &Url) -> String {
    let mut url = url.clone();
    // These fail only for addresses that can have no user, which then show none.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_query(None);
    url.set_fragment(None);
    url.as_str().trim_end_matches('/').to_string()
}

/// Whether an address is on this machine.
pub fn on_this_machine(address: &str) -> bool {
    let full = if address.contains("://") { address.to_string() } else { format!("http://{address}") };
    Url::parse(&full).is_ok_and(|url| url.host_str().is_some_and(|host| loopback(host.trim_matches(['[', ']']))))
}

fn loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// An address as it may be printed: without user, password and query.
pub fn shown_address(address: &str) -> String {
    Url::parse(address).map_or_else(|_| without_user(address).to_string(), |url| shown(&url))
}

fn without_user(address: &str) -> &str {
    address.rsplit_once('@').map_or(address, |(_, host)| host)
}

#[cfg(test)]
mod tests;
