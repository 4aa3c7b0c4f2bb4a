//! A stand-in for a model server: speaks Ollama's API and OpenAI's chat completions on a loopback port that the system
//! chooses, and does to each question what a script says. No weights, no network.
//!
//! ```ignore
//! let server = Standin::start(|request| verdict(request, if request.asks("x < 0") { "fail" } else { "pass" }, &[]));
//! // server.url: http://127.0.0.1:PORT for Ollama; with /v1 for OpenAI
//! ```

#![allow(dead_code, reason = "every test target uses a part of it")]

use serde_json::{Value, json};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

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
        self.path == "/api/chat" || self.path == "/v1/chat/completions"
    }

    pub fn system(&self) -> &str {
        self.body["messages"][0]["content"].as_str().unwrap_or_default()
    }

    pub fn user(&self) -> &str {
        self.body["messages"][1]["content"].as_str().unwrap_or_default()
    }

    /// Whether the question's own part holds `text`.
    pub fn asks(&self, text: &str) -> bool {
        self.user().contains(text)
    }

    pub fn schema(&self) -> Option<&Value> {
        [&self.body["format"], &self.body["response_format"]["json_schema"]["schema"]]
            .into_iter()
            .find(|s| s.is_object())
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
    /// The beginning of an answer, and then the connection ends.
    CutOff(Says),
    /// The beginning of a streamed answer, and then an error line.
    FailMidway(Says, String),
    /// An answer that never ends.
    Endless,
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
}

impl Default for Model {
    fn default() -> Self {
        Model { context: 131_072, thinks: false, digest: "sha-of-the-model", allocated: None, installed: true }
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
                        () = accept(listener, state) => {}
                        _ = stopped => {}
                    }
                });
            });
            (thread, receiver.recv().unwrap())
        };
        Standin { url: format!("http://127.0.0.1:{port}"), state, stop: Some(stop), thread: Some(bound) }
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

    /// Bytes of [`Act::Endless`] that were taken.
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

async fn accept(listener: TcpListener, state: Arc<State>) {
    while let Ok((stream, _)) = listener.accept().await {
        let state = state.clone();
        tokio::spawn(async move {
            // A client that hangs up is part of what is tested.
            let _ = serve(stream, &state).await;
        });
    }
}

/// One connection: requests until the client or an act ends it.
async fn serve(stream: TcpStream, state: &State) -> std::io::Result<()> {
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

async fn receive(stream: &mut BufReader<TcpStream>, state: &State) -> std::io::Result<Option<Request>> {
    let mut line = String::new();
    if stream.read_line(&mut line).await? == 0 {
        return Ok(None);
    }
    let path = line.split(' ').nth(1).unwrap_or_default().to_string();
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
    let name = request.body["model"].as_str().unwrap_or("test-model");
    let ok = |value: Value| status(200, &value.to_string());
    match request.path.as_str() {
        "/api/show" if !model.installed => {
            status(404, &json!({"error": format!("model '{name}' not found")}).to_string())
        }
        "/api/show" => ok(json!({
            "capabilities": if model.thinks { vec!["completion", "thinking"] } else { vec!["completion"] },
            "model_info": {"general.architecture": "tiny", "tiny.context_length": model.context},
        })),
        "/api/tags" => ok(json!({"models": [
            {"name": "other:7b", "digest": "no"},
            {"name": "test-model:latest", "digest": model.digest},
        ]})),
        "/api/ps" => ok(json!({"models": [{"name": "test-model:latest", "context_length": model.allocated}]})),
        "/v1/models" => ok(json!({"object": "list", "data": [
            {"id": "test-model", "object": "model", "meta": {"n_ctx": model.allocated}},
        ]})),
        _ => status(404, "404 page not found"),
    }
}

/// Whether the connection can take another request.
async fn perform(
    act: Act,
    request: &Request,
    stream: &mut BufReader<TcpStream>,
    state: &State,
) -> std::io::Result<bool> {
    let native = request.path == "/api/chat";
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
            Ok(true)
        }
        Act::Say(says) if native => {
            start_stream(stream).await?;
            for line in lines(&says, request) {
                send_chunk(stream, format!("{line}\n").as_bytes()).await?;
            }
            send_chunk(stream, b"").await?;
            Ok(true)
        }
        Act::Say(says) => {
            Box::pin(perform(status(200, &completion(&says, request).to_string()), request, stream, state)).await
        }
        Act::CutOff(says) if native => {
            start_stream(stream).await?;
            send_chunk(stream, format!("{}\n", lines(&says, request)[0]).as_bytes()).await?;
            Ok(false)
        }
        Act::CutOff(says) => {
            let body = completion(&says, request).to_string();
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
            stream.write_all(head.as_bytes()).await?;
            stream.write_all(&body.as_bytes()[..body.len() / 2]).await?;
            Ok(false)
        }
        Act::FailMidway(says, error) => {
            start_stream(stream).await?;
            let error = json!({ "error": error }).to_string();
            let first = if native { lines(&says, request)[0].to_string() + "\n" } else { String::new() };
            send_chunk(stream, format!("{first}{error}\n").as_bytes()).await?;
            send_chunk(stream, b"").await?;
            Ok(true)
        }
        Act::Endless => {
            start_stream(stream).await?;
            let piece = json!({"message": {"content": "x".repeat(60_000)}, "done": false}).to_string() + "\n";
            loop {
                send_chunk(stream, piece.as_bytes()).await?;
                state.sent.fetch_add(piece.len() as u64, Ordering::SeqCst);
            }
        }
        Act::Hang => {
            let ended = stream.read(&mut [0; 1]).await;
            state.hung_up.fetch_add(1, Ordering::SeqCst);
            ended.map(|_| false)
        }
        Act::HangUp => Ok(false),
    }
}

async fn start_stream(stream: &mut BufReader<TcpStream>) -> std::io::Result<()> {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/x-ndjson\r\ntransfer-encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes()).await
}

async fn send_chunk(stream: &mut BufReader<TcpStream>, chunk: &[u8]) -> std::io::Result<()> {
    stream.write_all(format!("{:x}\r\n", chunk.len()).as_bytes()).await?;
    stream.write_all(chunk).await?;
    stream.write_all(b"\r\n").await?;
    stream.flush().await
}

fn counted(says: &Says, request: &Request) -> u64 {
    says.prompt_tokens
        .unwrap_or_else(|| weiser::prompt::tokens(request.system()) + weiser::prompt::tokens(request.user()) + 12)
}

/// As Ollama streams: thinking, the text in two pieces, the counts.
fn lines(says: &Says, request: &Request) -> Vec<Value> {
    let half = (0..=says.text.len() / 2).rev().find(|at| says.text.is_char_boundary(*at)).unwrap_or(0);
    let piece = |message: Value| json!({"model": "test-model", "message": message, "done": false});
    let mut lines = vec![
        piece(json!({"role": "assistant", "content": "", "thinking": says.thinking})),
        piece(json!({"role": "assistant", "content": says.text[..half]})),
        piece(json!({"role": "assistant", "content": says.text[half..]})),
    ];
    let mut last = json!({"model": "test-model", "message": {"role": "assistant", "content": ""}, "done": true, "done_reason": says.finish});
    if !says.uncounted {
        last["prompt_eval_count"] = json!(counted(says, request));
        last["eval_count"] = json!(weiser::prompt::tokens(&says.text));
    }
    lines.push(last);
    lines
}

fn completion(says: &Says, request: &Request) -> Value {
    let mut message = json!({"role": "assistant", "content": says.text, "refusal": says.refusal});
    if let Some(thinking) = &says.thinking {
        message["reasoning_content"] = json!(thinking);
    }
    let mut completion = json!({
        "id": "1", "object": "chat.completion", "model": "test-model",
        "choices": [{"index": 0, "message": message, "finish_reason": says.finish}],
    });
    if !says.uncounted {
        completion["usage"] =
            json!({"prompt_tokens": counted(says, request), "completion_tokens": weiser::prompt::tokens(&says.text)});
    }
    completion
}
