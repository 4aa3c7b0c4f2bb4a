//! Streams: an answer line by line, within its bounds of time and bytes.

use super::{Http, LONGEST_TIMEOUT, web_page};
use crate::oracle::OracleError;
use crate::oracle::fault::Fault;
use crate::oracle::log::Level;
use reqwest::header::HeaderMap;
use reqwest::{Response, StatusCode};
use serde::de::IgnoredAny;
use std::time::Duration;
use tokio::time::Instant;

/// How lines of a stream of events begin. Others are left out.
const FIELDS: [&[u8]; 5] = [b":", b"data", b"event", b"id", b"retry"];

/// An answer while it comes in. Holds no more than [`crate::oracle::Settings::reply_bytes`].
pub(in crate::oracle) struct Lines<'a> {
    http: &'a Http,
    response: Response,
    buffer: Vec<u8>,
    /// Bytes of `buffer` that are known to hold no line end.
    scanned: usize,
    read: usize,
    /// When the next byte has to be there.
    due: Instant,
    ended: bool,
}

/// A part of an answer that may be a stream of server-sent events.
pub(in crate::oracle) enum Event {
    /// The data of an event.
    Data(Vec<u8>),
    /// The whole body: the server doesn't stream.
    Whole(Vec<u8>),
}

impl<'a> Lines<'a> {
    pub(super) fn new(http: &'a Http, response: Response, due: Instant) -> Self {
        Lines { http, response, buffer: Vec::new(), scanned: 0, read: 0, due, ended: false }
    }

    pub(in crate::oracle) fn status(&self) -> StatusCode {
        self.response.status()
    }

    pub(in crate::oracle) fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    /// For a failure, whose body is read as a whole.
    pub(in crate::oracle) fn into_response(self) -> Response {
        self.response
    }

    /// The next line with anything in it, without its end; after the last one, `None`.
    pub(in crate::oracle) async fn line(&mut self) -> Result<Option<Vec<u8>>, OracleError> {
        while let Some(line) = self.raw_line().await? {
            if !line.is_empty() {
                return Ok(Some(line));
            }
        }
        Ok(None)
    }

    async fn raw_line(&mut self) -> Result<Option<Vec<u8>>, OracleError> {
        loop {
            if let Some(at) = self.buffer[self.scanned..].iter().position(|byte| *byte == b'\n') {
                let mut line: Vec<u8> = self.buffer.drain(..=self.scanned + at).collect();
                self.scanned = 0;
                line.truncate(line.trim_ascii_end().len());
                self.tell(&line);
                return Ok(Some(line));
            }
            self.scanned = self.buffer.len();
            if self.ended {
                self.scanned = 0;
                let rest = std::mem::take(&mut self.buffer);
                self.tell(&rest);
                return Ok((!rest.trim_ascii().is_empty()).then_some(rest));
            }
            self.more().await?;
        }
    }

    /// A line at a time, since a key that a server sends back may stand across two pieces.
    fn tell(&self, line: &[u8]) {
        if !line.is_empty() {
            self.http.log(Level::Bodies, || format!("< {}", String::from_utf8_lossy(line)));
        }
    }

    /// Takes in the next piece.
    async fn more(&mut self) -> Result<(), OracleError> {
        let begun = self.read > 0;
        let chunk = tokio::time::timeout_at(self.due, self.http.chunk(&mut self.response, self.read)).await;
        let limit = if begun { self.stall() } else { self.http.first_byte() };
        let Some(chunk) = chunk.map_err(|_| self.http.silent(limit, begun))?? else {
            self.ended = true;
            return Ok(());
        };
        self.due = Instant::now() + self.stall();
        self.read += chunk.len();
        self.buffer.extend_from_slice(&chunk);
        Ok(())
    }

    fn stall(&self) -> Duration {
        if self.http.sees(Fault::Stall) { self.http.settings.stall.min(LONGEST_TIMEOUT) } else { LONGEST_TIMEOUT }
    }

    /// Whether the answer has come to its end, be it a good one or not.
    pub(in crate::oracle) fn ended(&self) -> bool {
        self.ended && self.buffer.is_empty()
    }

    /// Whether the stream ended in the middle of this document. What has no line end may be the last line of a server that
    /// writes none, or the beginning of one.
    pub(in crate::oracle) fn ended_within(&self, document: &[u8]) -> bool {
        let torn = || serde_json::from_slice::<serde::de::IgnoredAny>(document).is_err_and(|error| error.is_eof());
        self.ended() && torn()
    }

    /// The next event, or the whole body where it is none. What an event is called is left out: its data says it too.
    pub(in crate::oracle) async fn event(&mut self) -> Result<Option<Event>, OracleError> {
        let mut data: Vec<u8> = Vec::new();
        let mut first = self.read == 0;
        while let Some(line) = self.raw_line().await? {
            // No stream of events: what it is instead is for whoever reads it as JSON to say. Some servers also end a
            // stream with a bare error.
            let stream = line.is_empty() || FIELDS.iter().any(|field| line.starts_with(field));
            let whole = line.starts_with(b"{") || web_page(&line, self.headers()) && first || first && !stream;
            if whole && !line.is_empty() {
                return self.whole(line).await.map(Some);
            }
            first = first && line.is_empty();
            if let Some(value) = line.strip_prefix(b"data:") {
                if !data.is_empty() {
                    data.push(b'\n');
                }
                data.extend_from_slice(value.strip_prefix(b" ").unwrap_or(value));
            } else if line.is_empty() && !data.is_empty() {
                return Ok(Some(Event::Data(data)));
            }
        }
        // The last event of a server that ends it without an empty line, or the beginning of one.
        let complete = serde_json::from_slice::<IgnoredAny>(&data).is_ok();
        Ok(complete.then_some(Event::Data(data)))
    }

    async fn whole(&mut self, first: Vec<u8>) -> Result<Event, OracleError> {
        let mut body = first;
        while let Some(line) = self.raw_line().await? {
            body.push(b'\n');
            body.extend_from_slice(&line);
        }
        Ok(Event::Whole(body))
    }
}
