//! Commits the fault of a row and sees what becomes of it.

use crate::asking;
use crate::rows::{Row, Server};
use crate::standin::{Model, Standin, says};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use weiser::oracle::{Fault, Level, Log, Settings, connect};
use weiser::prompt::{Prompt, Style};
use weiser::render::{Rendered, SliceKind};
use weiser::verdict::ask::{AskOptions, Item, Lean, Leaning, Session, Stop};
use weiser::verdict::{AnswerKind, Leaner};

/// What became of a fault.
pub struct Seen {
    /// The least good of the answers: the last one, where the run ended before.
    pub answer: AnswerKind,
    pub code: String,
    pub reason: String,
    pub requests: usize,
    pub ends: bool,
    pub took: Duration,
}

/// What has to stay for the fault to last.
type Running = Box<dyn std::any::Any>;

/// `None` where this machine can't make the fault.
pub fn commit(row: &Row, provider: &str, blind_to: Option<Fault>) -> Option<Seen> {
    let (running, url) = start(row)?;
    let requests = Arc::new(AtomicUsize::new(0));
    let counter = requests.clone();
    let mut settings = Settings {
        timeout: Duration::from_secs(20),
        backoff: Duration::from_millis(1),
        answer_tokens: 2048,
        ollama_url: url.clone(),
        openai_url: format!("{url}/v1"),
        anthropic_url: format!("{url}/v1"),
        blind_to,
        log: Some(Log::new(Level::Requests, move |line| {
            let question = ["/api/chat:", "/chat/completions:", "/messages:"].iter().any(|path| line.contains(path));
            counter.fetch_add(usize::from(line.starts_with("POST") && question), Ordering::SeqCst);
        })),
        ..Settings::default()
    };
    (row.set)(&mut settings);
    let repairs = u32::from(blind_to != Some(Fault::Unreadable));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let begun = Instant::now();
    let seen = |answer, code: &str, reason: &str, ends| {
        let reason = tidy(reason, &url);
        let requests = requests.load(Ordering::SeqCst);
        Seen { answer, code: code.to_string(), reason, requests, ends, took: begun.elapsed() }
    };
    let spec = format!("{provider}:test-model").parse().unwrap();
    let oracle = match runtime.block_on(connect(&spec, &settings)) {
        Ok(connected) => connected.oracle,
        Err(error) => return Some(seen(AnswerKind::Error, error.code(), &error.to_string(), error.ends_run())),
    };
    let running = Some(running).filter(|_| !matches!(row.server, Server::Leaves));
    let prompts: Vec<Prompt> = (0..row.questions).map(|number| prompt(row.long, number)).collect();
    let shorter = Shorter::new();
    let leaning = row.leaner.then_some(&shorter as &dyn Leaning);
    let items: Vec<Item> = prompts.iter().map(|prompt| Item { slice: "s", prompt, probe: None, leaning }).collect();
    let options = AskOptions { repairs, ..AskOptions::default() };
    let session = Session::new(oracle.as_ref(), options, Stop::default());
    let asked = runtime.block_on(session.ask_all(&items, &mut |_| {}));
    drop(running);
    let last = asked.answers.last().unwrap();
    let dead = session.dead();
    let reason = dead.as_ref().map_or(last.reason.clone(), |error| error.to_string());
    Some(seen(last.answer, &last.code, &reason, dead.is_some()))
}

/// The lean slice of a long one.
struct Shorter(Lean);

impl Shorter {
    fn new() -> Shorter {
        let text = "x = 1;\n".to_string();
        let prompt = asking::prompt(&text, Style::OnePhase);
        let (kind, lines) = (SliceKind::Class, vec![Some(1)]);
        let rendered = Rendered { kind, text, lines, kept: vec![(1, 1)], assumptions: vec![], left_out: vec![] };
        let leaner = Leaner { id: "l".into(), rendered, tokens: 5, prompt_tokens: prompt.tokens };
        Shorter(Lean { leaner, prompt, probe: None })
    }
}

impl Leaning for Shorter {
    fn lean(&self) -> Option<&Lean> {
        Some(&self.0)
    }
}

fn start(row: &Row) -> Option<(Running, String)> {
    let script = |act| Standin::with_model(Model::default(), act);
    let standin = |server: Standin| {
        let url = server.url.clone();
        Some((Box::new(server) as Running, url))
    };
    match row.server {
        Server::Acts(act) => standin(script(act)),
        Server::Leaves => standin(script(|_| crate::standin::Act::Say(says("")))),
        Server::Untrusted => standin(Standin::secure(|_| crate::standin::Act::Say(says(""))).0),
        Server::Plain => standin(script(|_| crate::standin::Act::Say(says(""))))
            .map(|(running, url)| (running, url.replace("http:", "https:"))),
        Server::Missing => {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let port = listener.local_addr().unwrap().port();
            Some((Box::new(()), format!("http://127.0.0.1:{port}")))
        }
        // Too long for a name, so nobody has to be asked whether there is one.
        Server::Nameless => Some((Box::new(()), format!("http://{}.invalid", "a".repeat(64)))),
        Server::Full => {
            let (listener, waiting) = full()?;
            let port = listener.local_addr().unwrap().port();
            Some((Box::new((listener, waiting)), format!("http://127.0.0.1:{port}")))
        }
    }
}

/// A port that takes no more connections: its queue is full, and nobody empties it.
fn full() -> Option<(TcpListener, Vec<TcpStream>)> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let listener = runtime.block_on(async {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        socket.listen(1).unwrap().into_std().unwrap()
    });
    let address = listener.local_addr().unwrap();
    let mut waiting = Vec::new();
    for _ in 0..16 {
        match TcpStream::connect_timeout(&address, Duration::from_millis(100)) {
            Ok(stream) => waiting.push(stream),
            Err(_) => return Some((listener, waiting)),
        }
    }
    // A system that queues whatever comes.
    None
}

fn prompt(long: bool, number: usize) -> Prompt {
    let line = if long { "if (x > 3) { y = x + 1; total += y; }\n".repeat(300) } else { "x = 1;\n".to_string() };
    asking::prompt(&format!("{line}// {number}\n"), Style::OnePhase)
}

/// Without what differs between runs and systems.
fn tidy(reason: &str, url: &str) -> String {
    let mut reason = reason.replace(&format!("{url}/v1"), "URL").replace(url, "URL");
    if let Some(at) = reason.find("client error (") {
        let end = reason[at..].find("; ").map_or(reason.len(), |end| at + end);
        reason.replace_range(at..end, "(the system's words)");
    }
    reason
}
