//! A stand-in for a model server: speaks Ollama's API, OpenAI's chat completions and Anthropic's messages on a loopback port
//! that the system chooses, and does to each question what a script says. No weights, no network. Written from the
//! protocols' documentation and what public servers are seen to send.
//!
//! ```ignore
//! let server = Standin::start(|request| verdict(request, if request.asks("x < 0") { "fail" } else { "pass" }, &[]));
//! // server.url: http://127.0.0.1:PORT for Ollama; with /v1 for OpenAI and Anthropic
//! ```
//!
//! `wire`: the protocols. `tls`: the same behind a certificate of its own. `mistakes`: a model that is wrong at a known rate.

#![allow(dead_code, reason = "every test target uses a part of it")]

pub mod mistakes;
pub mod tls;
pub mod wire;

use serde_json::{Value, json};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;
use wire::Protocol;

/// What reached the server.
#[derive(Debug, Clone)]
pub struct Request {
    pub path: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Value,
    /// 0 for the first question, 1 for the next; what is asked about the server itself doesn't count.
    pub number: usize,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    pub fn is_question(&self) -> bool {
        self.protocol().is_some()
    }

    pub fn protocol(&self) -> Option<Protocol> {
        Protocol::of(&self.path)
    }

    pub fn system(&self) -> &str {
        let anthropic = self.body["system"][0]["text"].as_str();
        anthropic.or(self.body["messages"][0]["content"].as_str()).unwrap_or_default()
    }

    pub fn user(&self) -> &str {
        let messages = self.body["messages"].as_array();
        messages.and_then(|messages| messages.last()?["content"].as_str()).unwrap_or_default()
    }

    /// Whether the question's own part holds `text`.
    pub fn asks(&self, text: &str) -> bool {
        self.user().contains(text)
    }

    pub fn schema(&self) -> Option<&Value> {
        let body = &self.body;
        let openai = &body["response_format"]["json_schema"]["schema"];
        [&body["format"], openai, &body["output_config"]["format"]["schema"]].into_iter().find(|s| s.is_object())
    }
}

/// What the server does to a request.
#[derive(Debug, Clone)]
pub enum Act {
    Say(Says),
    /// A whole response.
    Respond {
        status: u16,
        headers: Vec<(&'static str, String)>,
        body: Vec<u8>,
    },
    Later(Duration, Box<Act>),
    /// Takes the request and is silent until the client hangs up.
    Hang,
    /// The text of an answer without its end, and then the connection ends.
    CutOff(Says),
    /// The text of an answer without its end, and then an error.
    FailMidway(Says, Value),
    /// The text of an answer without its end, then nothing until the client hangs up.
    Stall(Says),
    /// An answer in so many pieces, each so much later than the one before.
    Drip(Says, Duration, usize),
    /// An answer after so many bytes of other text.
    Flood(Says, u64),
    /// The answer's text with a byte that is no UTF-8.
    NotUtf8(Says),
    HangUp,
}

/// An answer as a model gives it.
#[derive(Debug, Clone)]
pub struct Says {
    pub text: String,
    pub thinking: Option<String>,
    /// `stop`, `length`, `content_filter`.
    pub finish: &'static str,
    pub refusal: Option<String>,
    /// What the server counts; `None`: what the prompt has.
    pub prompt_tokens: Option<u64>,
    /// Leaves the counts out.
    pub uncounted: bool,
}

pub fn says(text: &str) -> Says {
    let text = text.to_string();
    Says { text, thinking: None, finish: "stop", refusal: None, prompt_tokens: None, uncounted: false }
}

pub fn status(status: u16, body: &str) -> Act {
    Act::Respond { status, headers: vec![("content-type", "application/json".into())], body: body.as_bytes().to_vec() }
}

/// The answer in the form that the question asks for: JSON, or reasoning that ends in a verdict line.
pub fn verdict(request: &Request, verdict: &str, inputs: &[(&str, &str)]) -> Act {
    let inputs: Vec<Value> = inputs.iter().map(|(name, value)| json!({"name": name, "value": value})).collect();
    let object = json!({"reason": format!("it is a {verdict}"), "verdict": verdict, "counterexample": inputs});
    let reasoning = request.system().contains("UNKNOWN") && !request.asks("JSON object");
    Act::Say(says(&if reasoning {
        format!("Step 1: it is a {verdict}.\n\nVerdict: {}", verdict.to_uppercase())
    } else {
        object.to_string()
    }))
}

/// What the server says of itself and its model.
#[derive(Debug, Clone)]
pub struct Model {
    pub context: u64,
    pub thinks: bool,
    pub digest: &'static str,
    /// The context that the server says it allocated.
    pub allocated: Option<u64>,
    pub installed: bool,
    /// The context that an LM Studio has loaded it with.
    pub studio: Option<u64>,
}

impl Default for Model {
    fn default() -> Self {
        Model {
            context: 131_072,
            thinks: false,
            digest: "sha-of-the-model",
            allocated: None,
            installed: true,
            studio: None,
        }
    }
}

/// A running server; stops when it goes out of scope.
pub struct Standin {
    pub url: String,
    state: Arc<State>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

type Script = Box<dyn Fn(&Request) -> Act + Send + Sync>;

struct State {
    model: Model,
    script: Script,
    requests: Mutex<Vec<Request>>,
    questions: AtomicUsize,
    hung_up: AtomicUsize,
    sent: AtomicU64,
}

impl Standin {
    pub fn start(script: impl Fn(&Request) -> Act + Send + Sync + 'static) -> Self {
        Standin::with_model(Model::default(), script)
    }

    /// Runs in a thread of its own, so that a test may block or start a program.
    pub fn with_model(model: Model, script: impl Fn(&Request) -> Act + Send + Sync + 'static) -> Self {
        Standin::on_port(0, model, script)
    }

    pub fn on_port(port: u16, model: Model, script: impl Fn(&Request) -> Act + Send + Sync + 'static) -> Self {
        Standin::behind(None, port, model, script)
    }

    /// Behind TLS, where there is an acceptor.
    fn behind(
        tls: Option<TlsAcceptor>,
        port: u16,
        model: Model,
        script: impl Fn(&Request) -> Act + Send + Sync + 'static,
    ) -> Self {
        let scheme = if tls.is_some() { "https" } else { "http" };
        let state = Arc::new(State {
            model,
            script: Box::new(script),
            requests: Mutex::default(),
            questions: 0.into(),
            hung_up: 0.into(),
            sent: 0.into(),
        });
        let (stop, stopped) = oneshot::channel();
        let (bound, port) = {
            let (sender, receiver) = std::sync::mpsc::channel();
            let state = state.clone();
            let thread = std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                runtime.block_on(async move {
                    let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
                    sender.send(listener.local_addr().unwrap().port()).unwrap();
                    tokio::select! {
                        () = accept(listener, state, tls) => {}
                        _ = stopped => {}
                    }
                });
            });
            (thread, receiver.recv().unwrap())
        };
        Standin { url: format!("{scheme}://127.0.0.1:{port}"), state, stop: Some(stop), thread: Some(bound) }
    }

    /// Questions that arrived so far.
    pub fn questions(&self) -> Vec<Request> {
        self.state.requests.lock().unwrap().iter().filter(|request| request.is_question()).cloned().collect()
    }

    pub fn requests(&self) -> Vec<Request> {
        self.state.requests.lock().unwrap().clone()
    }

    /// Questions that were given up by the client while [`Act::Hang`] held them.
    pub fn hung_up(&self) -> usize {
        self.state.hung_up.load(Ordering::SeqCst)
    }

    /// Bytes of [`Act::Flood`] that were taken.
    pub fn sent(&self) -> u64 {
        self.state.sent.load(Ordering::SeqCst)
    }
}

impl Drop for Standin {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn accept(listener: TcpListener, state: Arc<State>, tls: Option<TlsAcceptor>) {
    while let Ok((stream, _)) = listener.accept().await {
        // Answers go out in small pieces, which the system would else hold back for 40 ms.
        let _ = stream.set_nodelay(true);
        let (state, tls) = (state.clone(), tls.clone());
        tokio::spawn(async move {
            // A client that hangs up is part of what is tested.
            match tls {
                Some(tls) => {
                    if let Ok(stream) = tls.accept(stream).await {
                        let _ = serve(stream, &state).await;
                    }
                }
                None => drop(serve(stream, &state).await),
            }
        });
    }
}

/// One connection: requests until the client or an act ends it.
async fn serve<S: AsyncRead + AsyncWrite + Unpin>(stream: S, state: &State) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    while let Some(request) = receive(&mut stream, state).await? {
        state.requests.lock().unwrap().push(request.clone());
        let act = if request.is_question() { (state.script)(&request) } else { about(&request, &state.model) };
        if !perform(act, &request, &mut stream, state).await? {
            break;
        }
    }
    Ok(())
}

async fn receive<S: AsyncRead + Unpin>(stream: &mut BufReader<S>, state: &State) -> std::io::Result<Option<Request>> {
    let mut line = String::new();
    if stream.read_line(&mut line).await? == 0 {
        return Ok(None);
    }
    let target = line.split(' ').nth(1).unwrap_or_default();
    // A proxy is told the whole address.
    let path = match target.strip_prefix("http://") {
        Some(address) => address.find('/').map_or("/", |at| &address[at..]).to_string(),
        None => target.to_string(),
    };
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.push((name.to_lowercase(), value.trim().to_string()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length").and_then(|(_, value)| value.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body).await?;
    let mut request = Request { path, headers, body: serde_json::from_slice(&body).unwrap_or_default(), number: 0 };
    if request.is_question() {
        request.number = state.questions.fetch_add(1, Ordering::SeqCst);
    }
    Ok(Some(request))
}

fn about(request: &Request, model: &Model) -> Act {
    match wire::about(request, model) {
        Some(Ok(value)) => status(200, &value.to_string()),
        Some(Err(error)) => status(404, &json!({ "error": error }).to_string()),
        None => status(404, "404 page not found"),
    }
}

/// Whether the connection can take another request.
async fn perform<S: AsyncRead + AsyncWrite + Unpin>(
    act: Act,
    request: &Request,
    stream: &mut BufReader<S>,
    state: &State,
) -> std::io::Result<bool> {
    let protocol = request.protocol().unwrap_or(Protocol::OpenAi);
    let start = |says: &Says| {
        let mut pieces = protocol.stream(says, request);
        // Ollama's last line, and what comes after the text of others.
        pieces.truncate(pieces.len() - if protocol == Protocol::Ollama { 1 } else { 2 });
        if protocol == Protocol::OpenAi {
            pieces.truncate(3);
        }
        pieces
    };
    match act {
        Act::Later(time, act) => {
            tokio::time::sleep(time).await;
            Box::pin(perform(*act, request, stream, state)).await
        }
        Act::Respond { status, headers, body } => {
            let mut head = format!("HTTP/1.1 {status} Standin\r\ncontent-length: {}\r\n", body.len());
            headers.iter().for_each(|(name, value)| head += &format!("{name}: {value}\r\n"));
            stream.write_all(format!("{head}\r\n").as_bytes()).await?;
            stream.write_all(&body).await?;
            stream.flush().await?;
            Ok(true)
        }
        Act::Say(says) if request.body["stream"] == true => {
            send_all(stream, protocol, &protocol.stream(&says, request)).await?;
            send_chunk(stream, b"").await?;
            Ok(true)
        }
        Act::Say(says) => {
            let whole = status(200, &protocol.whole(&says, request).to_string());
            Box::pin(perform(whole, request, stream, state)).await
        }
        Act::CutOff(says) => {
            send_all(stream, protocol, &start(&says)).await?;
            Ok(false)
        }
        Act::FailMidway(says, error) => {
            let mut pieces = start(&says);
            pieces.push(protocol.event(&match protocol {
                Protocol::Anthropic => json!({"type": "error", "error": error}),
                _ => json!({ "error": error }),
            }));
            send_all(stream, protocol, &pieces).await?;
            send_chunk(stream, b"").await?;
            Ok(true)
        }
        Act::Stall(says) => {
            send_all(stream, protocol, &start(&says)).await?;
            let ended = stream.read(&mut [0; 1]).await;
            ended.map(|_| false)
        }
        Act::Drip(says, gap, count) => {
            start_stream(stream, protocol).await?;
            let filler = if protocol == Protocol::Ollama { &b"\n"[..] } else { b": still here\n\n" };
            for _ in 0..count {
                send_chunk(stream, filler).await?;
                tokio::time::sleep(gap).await;
            }
            for piece in protocol.stream(&says, request) {
                send_chunk(stream, &piece).await?;
            }
            send_chunk(stream, b"").await?;
            Ok(true)
        }
        Act::Flood(says, bytes) => {
            start_stream(stream, protocol).await?;
            let filler = Says { text: " ".repeat(60_000), ..says.clone() };
            let piece = protocol.stream(&filler, request)[2].clone();
            for _ in 0..bytes / piece.len() as u64 {
                send_chunk(stream, &piece).await?;
                state.sent.fetch_add(piece.len() as u64, Ordering::SeqCst);
            }
            for piece in protocol.stream(&says, request) {
                send_chunk(stream, &piece).await?;
            }
            send_chunk(stream, b"").await?;
            Ok(true)
        }
        Act::NotUtf8(says) => {
            let mut pieces = protocol.stream(&says, request);
            let at = pieces.iter().position(|piece| piece.windows(6).any(|w| w == b"reason")).unwrap_or(1);
            let word = pieces[at].windows(6).position(|w| w == b"reason").unwrap_or(0);
            pieces[at][word + 2] = 0xff;
            // The name is not what is tested.
            pieces[at].splice(word..word + 6, *b"reason\":\"\xff\",\"x");
            send_all(stream, protocol, &pieces).await?;
            send_chunk(stream, b"").await?;
            Ok(true)
        }
        Act::Hang => {
            let ended = stream.read(&mut [0; 1]).await;
            state.hung_up.fetch_add(1, Ordering::SeqCst);
            ended.map(|_| false)
        }
        Act::HangUp => Ok(false),
    }
}

async fn send_all<S: AsyncWrite + Unpin>(
    stream: &mut BufReader<S>,
    protocol: Protocol,
    pieces: &[Vec<u8>],
) -> std::io::Result<()>
where
    BufReader<S>: AsyncWrite,
{
    start_stream(stream, protocol).await?;
    for piece in pieces {
        send_chunk(stream, piece).await?;
    }
    Ok(())
}

async fn start_stream<W: AsyncWrite + Unpin>(stream: &mut W, protocol: Protocol) -> std::io::Result<()> {
    let kind = protocol.stream_type();
    let head = format!("HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ntransfer-encoding: chunked\r\n\r\n");
    stream.write_all(head.as_bytes()).await
}

async fn send_chunk<W: AsyncWrite + Unpin>(stream: &mut W, chunk: &[u8]) -> std::io::Result<()> {
    stream.write_all(format!("{:x}\r\n", chunk.len()).as_bytes()).await?;
    stream.write_all(chunk).await?;
    stream.write_all(b"\r\n").await?;
    stream.flush().await
}
