//! What the providers share: a client, answers read up to a bound, failures told apart, patient retries.

use super::{OracleError, Reply, Secret, Settings};
use futures_util::future::BoxFuture;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Method, Response, Url};
use serde::Serialize;
use serde_json::Value;
use std::error::Error;
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
    key: Option<Secret>,
    pub(super) settings: Settings,
}

/// What a server said went wrong.
#[derive(Debug, Default)]
pub(super) struct Said {
    pub(super) message: String,
    /// `code` and `type` of OpenAI's errors; empty where there are none.
    pub(super) code: String,
    pub(super) kind: String,
    pub(super) param: String,
}

impl Http {
    pub(super) fn new(address: &str, key: Option<Secret>, settings: &Settings) -> Result<Self, OracleError> {
        let address = address.trim();
        let full = if address.contains("://") { address.to_string() } else { format!("http://{address}") };
        let wrong = || OracleError::Usage {
            message: format!(
                "`{}` is no server address; expected something like http://127.0.0.1:11434",
                without_user(address)
            ),
        };
        let parsed = Url::parse(&full).map_err(|_| wrong())?;
        let host = parsed.host_str().ok_or_else(wrong)?.trim_matches(['[', ']']).to_string();
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("weiser/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(settings.connect_timeout)
            // A redirect would turn the question into a GET, and might carry the key elsewhere.
            .redirect(reqwest::redirect::Policy::none());
        match parsed.scheme() {
            // Without TLS no certificates are needed, and bare containers have none.
            "http" => builder = builder.tls_certs_only([]),
            "https" => {}
            _ => return Err(wrong()),
        }
        let loopback = host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
        if loopback {
            builder = builder.no_proxy();
        }
        let client = builder.build().map_err(|error| OracleError::NoServer {
            url: shown(&parsed),
            why: format!("no client could be made for it: {}", causes(&error)),
        })?;
        Ok(Http {
            client,
            base: full.trim_end_matches('/').to_string(),
            url: shown(&parsed),
            key,
            settings: settings.clone(),
        })
    }

    pub(super) async fn get(&self, path: &str) -> Result<Response, OracleError> {
        self.send(Method::GET, path, None::<&()>).await
    }

    pub(super) async fn post<T: Serialize>(&self, path: &str, body: &T) -> Result<Response, OracleError> {
        self.send(Method::POST, path, Some(body)).await
    }

    async fn send<T: Serialize>(&self, method: Method, path: &str, body: Option<&T>) -> Result<Response, OracleError> {
        let mut request = self.client.request(method, format!("{}{path}", self.base));
        if let Some(key) = &self.key {
            let mut value = HeaderValue::from_str(&format!("Bearer {}", key.expose())).map_err(|_| {
                OracleError::Usage { message: "the API key holds characters that no HTTP header can carry".to_string() }
            })?;
            value.set_sensitive(true);
            request = request.header(AUTHORIZATION, value);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        request.send().await.map_err(|error| {
            let unreachable = error.is_connect();
            let why = self.clean(&causes(&error.without_url()));
            if unreachable {
                OracleError::NoServer { url: self.url.clone(), why }
            } else {
                // It was there and hung up: it may be starting anew.
                self.server(None, &why)
            }
        })
    }

    /// The body, up to the bound on replies.
    pub(super) async fn body(&self, mut response: Response) -> Result<Vec<u8>, OracleError> {
        let mut body = Vec::new();
        while let Some(chunk) = self.chunk(&mut response, body.len()).await? {
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }

    /// The next piece of a body of which `read` bytes were read.
    pub(super) async fn chunk(&self, response: &mut Response, read: usize) -> Result<Option<Vec<u8>>, OracleError> {
        let limit = self.settings.reply_bytes;
        match response.chunk().await {
            Ok(Some(chunk)) if read.saturating_add(chunk.len()) > limit => {
                Err(OracleError::TooMuch { url: self.url.clone(), limit })
            }
            Ok(chunk) => Ok(chunk.map(|bytes| bytes.to_vec())),
            Err(_) => Err(OracleError::CutStream { url: self.url.clone() }),
        }
    }

    /// A body that has to be JSON.
    pub(super) fn json<T: serde::de::DeserializeOwned>(
        &self,
        body: &[u8],
        headers: &HeaderMap,
    ) -> Result<T, OracleError> {
        serde_json::from_slice(body).map_err(|error| {
            let html = headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
            let why = if html { "a web page".to_string() } else { format!("no JSON as documented ({error})") };
            self.garbage(&why)
        })
    }

    pub(super) fn garbage(&self, why: &str) -> OracleError {
        OracleError::Garbage { url: self.url.clone(), why: self.clean(why) }
    }

    pub(super) fn server(&self, status: Option<u16>, message: &str) -> OracleError {
        OracleError::Server { url: self.url.clone(), status, message: self.clean(message) }
    }

    /// Reads the body of a failure; a body that can't be read is an empty one.
    pub(super) async fn said(&self, response: Response) -> Said {
        let status = response.status();
        let body = self.body(response).await.unwrap_or_default();
        let mut said = said(&body);
        if said.message.is_empty() {
            said.message = status.canonical_reason().unwrap_or("no reason given").to_string();
        }
        said.message = self.clean(&said.message);
        said
    }

    /// Words of a server as one short line: no control characters, no key.
    pub(super) fn clean(&self, text: &str) -> String {
        let redacted = self.key.as_ref().map_or_else(|| text.to_string(), |key| key.redact(text));
        one_line(&redacted)
    }

    /// Tries until there is a reply, a failure that will not pass, or no time or try left.
    pub(super) async fn persist<'a>(
        &self,
        hash: &str,
        attempt: impl Fn() -> BoxFuture<'a, Result<Reply, OracleError>>,
    ) -> Result<Reply, OracleError> {
        let started = Instant::now();
        let deadline = started + self.settings.timeout.min(LONGEST_TIMEOUT);
        let mut tries = 0;
        loop {
            let error = match tokio::time::timeout_at(deadline, attempt()).await {
                Ok(Ok(reply)) => return Ok(Reply { ms: started.elapsed().as_millis() as u64, ..reply }),
                Ok(Err(error)) => error,
                Err(_) => return Err(OracleError::Timeout { url: self.url.clone(), after: self.settings.timeout }),
            };
            match pause(&self.settings, hash, tries, &error) {
                Some(pause) if Instant::now() + pause < deadline => tokio::time::sleep(pause).await,
                _ => return Err(error),
            }
            tries += 1;
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

/// How long to wait before the next try; `None` where there is to be none.
///
/// The pause doubles from try to try and is then shortened by up to a half, drawn from the question's hash: questions that
/// failed together don't come back together, and a run is the same each time. A server that names a time is given it.
fn pause(settings: &Settings, hash: &str, tries: u32, error: &OracleError) -> Option<Duration> {
    if tries >= settings.retries || !error.passes() {
        return None;
    }
    let doubled = settings.backoff.saturating_mul(1 << tries.min(16)).min(settings.backoff_cap);
    let at = (tries as usize * 2) % hash.len().max(1);
    let drawn = hash.get(at..at + 2).and_then(|digits| u32::from_str_radix(digits, 16).ok()).unwrap_or(128);
    let own = doubled.mul_f64(1.0 - f64::from(drawn) / 512.0);
    match error {
        OracleError::RateLimited { wait: Some(wait), .. } if *wait > settings.backoff_cap => None,
        OracleError::RateLimited { wait: Some(wait), .. } => Some(wait.saturating_add(own.min(settings.backoff))),
        _ => Some(own),
    }
}

/// When a server that limits requests wants to be asked again.
pub(super) fn wait(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let seconds = |text: &str| text.trim().parse::<f64>().ok().and_then(|s| Duration::try_from_secs_f64(s).ok());
    let reset = |what: &str| {
        let spent = text(&format!("x-ratelimit-remaining-{what}")).is_some_and(|left| left.trim() == "0");
        spent.then(|| text(&format!("x-ratelimit-reset-{what}")).and_then(span)).flatten()
    };
    text("retry-after-ms")
        .and_then(|ms| seconds(ms).map(|ms| ms / 1000))
        .or_else(|| text("retry-after").and_then(seconds))
        .or_else(|| reset("requests").max(reset("tokens")))
}

/// `6m0s`, `1.5s`, `20ms`, and bare seconds.
fn span(text: &str) -> Option<Duration> {
    let mut total = Duration::ZERO;
    let mut rest = text.trim();
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let unit_end = rest[digits..].find(|c: char| c.is_ascii_digit()).map_or(rest.len(), |end| digits + end);
        let unit = match &rest[digits..unit_end] {
            "ms" => 0.001,
            "s" | "" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            "d" => 86400.0,
            _ => return None,
        };
        let number: f64 = rest[..digits].parse().ok()?;
        total = total.checked_add(Duration::try_from_secs_f64(number * unit).ok()?)?;
        rest = &rest[unit_end..];
    }
    Some(total)
}

/// The forms in which servers tell errors: `{"error": {"message", "code", "type"}}`, `{"error": "..."}`, `{"detail": ...}`.
fn said(body: &[u8]) -> Said {
    let Ok(value) = serde_json::from_slice::<Value>(body) else {
        let text = String::from_utf8_lossy(body);
        let html = text.trim_start().starts_with('<');
        return Said { message: if html { "a web page".to_string() } else { text.into_owned() }, ..Said::default() };
    };
    said_in(&value)
}

pub(super) fn said_in(value: &Value) -> Said {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    let error = if value["error"].is_null() { value } else { &value["error"] };
    let message = match error {
        Value::String(text) => text.clone(),
        _ => ["message", "detail", "error"]
            .iter()
            .map(|name| text(&error[*name]))
            .find(|m| !m.is_empty())
            .unwrap_or_default(),
    };
    Said { message, code: text(&error["code"]), kind: text(&error["type"]), param: text(&error["param"]) }
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

fn without_user(address: &str) -> &str {
    address.rsplit_once('@').map_or(address, |(_, host)| host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_name_times_in_many_ways() {
        let with = |pairs: &[(&'static str, &str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.insert(*name, HeaderValue::from_str(value).unwrap());
            }
            wait(&headers)
        };
        assert_eq!(with(&[("retry-after", "2")]), Some(Duration::from_secs(2)));
        assert_eq!(with(&[("retry-after-ms", "250"), ("retry-after", "2")]), Some(Duration::from_millis(250)));
        assert_eq!(
            with(&[("x-ratelimit-remaining-tokens", "0"), ("x-ratelimit-reset-tokens", "6m0.5s")]),
            Some(Duration::from_millis(360_500))
        );
        assert_eq!(with(&[("x-ratelimit-remaining-tokens", "5"), ("x-ratelimit-reset-tokens", "6m")]), None);
        for wrong in ["inf", "-1", "NaN", "1e400", "Wed, 21 Oct 2026 07:28:00 GMT", "1x", "é"] {
            assert_eq!(with(&[("retry-after", wrong)]), None, "{wrong}");
            assert_eq!(with(&[("x-ratelimit-remaining-requests", "0"), ("x-ratelimit-reset-requests", wrong)]), None);
        }
    }

    #[test]
    fn pauses_double_and_differ() {
        let settings = Settings::default();
        let error = OracleError::CutStream { url: String::new() };
        let at = |hash: &str, tries| pause(&settings, hash, tries, &error);
        assert_eq!(at("0000", 0), Some(settings.backoff));
        assert_eq!(at("0000", 1), Some(settings.backoff * 2));
        assert!(at("ffff", 1) < at("0000", 1) && at("ffff", 1) > at("0000", 0));
        assert_eq!(at("0000", settings.retries), None);
        assert_eq!(pause(&settings, "00", 0, &OracleError::Cancelled), None);
        let long = OracleError::RateLimited { url: String::new(), message: String::new(), wait: Some(Duration::MAX) };
        assert_eq!(pause(&settings, "00", 0, &long), None);
    }

    #[test]
    fn errors_are_read_in_every_form() {
        assert_eq!(said(br#"{"error": "model 'x' not found"}"#).message, "model 'x' not found");
        let openai = said(br#"{"error": {"message": "m", "type": "t", "code": "c", "param": null}}"#);
        assert_eq!((openai.message.as_str(), openai.kind.as_str(), openai.code.as_str()), ("m", "t", "c"));
        assert_eq!(said(br#"{"detail": [{"loc": 1}]}"#).message, r#"[{"loc":1}]"#);
        assert_eq!(said(b"<html>no</html>").message, "a web page");
        assert_eq!(said(b"").message, "");
    }

    #[test]
    fn messages_are_one_clean_line_without_key_and_user() {
        let settings = Settings::default();
        let http = Http::new("user:pw@127.0.0.1:1/v1/?key=1", Secret::new("sk-77"), &settings).unwrap();
        assert_eq!(http.url, "http://127.0.0.1:1/v1");
        assert_eq!(http.clean("bad\u{1b}[31m key\r\nsk-77"), "bad [31m key [key]");
        assert_eq!(http.clean(&"é".repeat(1000)).chars().count(), LONGEST_MESSAGE + 1);
        for wrong in ["", "ftp://x", "http://", "::"] {
            assert!(matches!(Http::new(wrong, None, &settings), Err(OracleError::Usage { .. })), "{wrong}");
        }
    }
}
