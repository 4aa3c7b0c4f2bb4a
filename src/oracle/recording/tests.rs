use super::*;
use crate::oracle::Finish;
use crate::prompt::{Style, sample};
use std::sync::atomic::{AtomicU64, Ordering};

struct Counting {
    about: About,
    asked: AtomicU64,
}

impl Counting {
    fn new(model: &str, digest: &str) -> Box<Self> {
        let about = About { oracle: "ollama".into(), model: model.into(), digest: digest.into(), ..About::default() };
        Box::new(Counting { about, asked: AtomicU64::new(0) })
    }
}

impl Oracle for Counting {
    fn about(&self) -> &About {
        &self.about
    }

    fn ask<'a>(&'a self, question: &'a Question) -> BoxFuture<'a, Result<Reply, OracleError>> {
        let number = self.asked.fetch_add(1, Ordering::SeqCst);
        let answer = if question.prompt.user.contains("late") {
            Err(OracleError::Timeout { url: "http://x".into(), after: std::time::Duration::from_secs(3) })
        } else {
            Ok(Reply {
                text: format!("answer {number}"),
                thinking: String::new(),
                finish: Finish::Stop,
                tokens_in: 1,
                tokens_out: 2,
                oracle: "ollama".into(),
                model: self.about.model.clone(),
                digest: String::new(),
                prompt_cut: false,
                ms: 7,
                cached: false,
            })
        };
        Box::pin(std::future::ready(answer))
    }
}

fn question(slice: &str) -> Question {
    Question::new(sample(slice, Style::default()), 0, 0)
}

fn ask(oracle: &dyn Oracle, slice: &str) -> Result<Reply, OracleError> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(oracle.ask(&question(slice)))
}

fn record(path: &Path) -> (Record, Option<String>) {
    Record::open(path, Counting::new("m", "d")).unwrap()
}

#[test]
fn what_was_recorded_is_replayed_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.jsonl");
    let (oracle, note) = record(&path);
    assert_eq!(note, None);
    let first = ask(&oracle, "a");
    let late = ask(&oracle, "late").unwrap_err();
    drop(oracle);
    let (replay, note) = Replay::open(&path).unwrap();
    assert_eq!((note, replay.len(), replay.about().model.as_str()), (None, 2, "m"));
    assert_eq!(ask(&replay, "a"), first);
    let again = ask(&replay, "late").unwrap_err();
    assert_eq!((again.code(), again.to_string()), ("timeout", late.to_string()));
    let missing = ask(&replay, "b").unwrap_err();
    assert_eq!((missing.code(), missing.is_unknown()), ("not_recorded", true));
    let header = std::fs::read_to_string(&path).unwrap().lines().next().unwrap().to_string();
    assert!(header.starts_with(r#"{"schema":"weiser.recording/1","weiser":"#), "{header}");
}

#[test]
fn a_recording_that_is_continued_asks_only_what_has_no_reply() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.jsonl");
    let (oracle, _) = record(&path);
    let first = ask(&oracle, "a").unwrap();
    ask(&oracle, "late").unwrap_err();
    drop(oracle);
    let (oracle, _) = record(&path);
    assert_eq!(ask(&oracle, "a").unwrap(), Reply { cached: true, ..first.clone() });
    ask(&oracle, "late").unwrap_err();
    assert_eq!(ask(&oracle, "b").unwrap().text, "answer 1");
    drop(oracle);
    assert_eq!(std::fs::read_to_string(&path).unwrap().lines().count(), 5);
    assert_eq!(ask(&Replay::open(&path).unwrap().0, "a").unwrap(), first);
}

/// The file of a run that was killed at any moment can be replayed and continued.
#[test]
fn a_torn_last_line_is_left_out_and_cut_off() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.jsonl");
    let (oracle, _) = record(&path);
    ask(&oracle, "a").unwrap();
    ask(&oracle, "b").unwrap();
    drop(oracle);
    let whole = std::fs::read(&path).unwrap();
    let ends: Vec<usize> = (0..whole.len()).filter(|at| whole[*at] == b'\n').map(|at| at + 1).collect();
    for cut in (0..whole.len()).step_by(97).chain(ends.clone()) {
        std::fs::write(&path, &whole[..cut]).unwrap();
        let lines = ends.iter().filter(|end| **end <= cut).count();
        if lines == 0 {
            assert_eq!(Replay::open(&path).err().map(|e| e.code().to_string()).as_deref(), Some("recording"));
        } else {
            let (replay, note) = Replay::open(&path).unwrap();
            assert_eq!((replay.len(), note.is_some()), (lines - 1, !ends.contains(&cut)), "cut at {cut}");
        }
        let (oracle, _) = record(&path);
        ask(&oracle, "a").unwrap();
        ask(&oracle, "b").unwrap();
        drop(oracle);
        assert_eq!(Replay::open(&path).unwrap().0.len(), 2, "cut at {cut}");
    }
}

#[test]
fn files_that_are_no_recording_of_this_model_are_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    let refusal = |content: &str| {
        std::fs::write(&path, content).unwrap();
        let error = Record::open(&path, Counting::new("m", "d")).err().unwrap();
        assert_eq!(error.code(), "recording");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), content);
        error.to_string()
    };
    assert!(refusal("int main() {}\n").contains("this is no recording"));
    assert!(refusal("int main() {}").contains("this is no recording"));
    let header = |model: &str, digest: &str, version: u32| {
        let about = format!(r#"{{"oracle":"ollama","model":"{model}","digest":"{digest}"}}"#);
        format!("{{\"schema\":\"weiser.recording/{version}\",\"weiser\":\"0\",\"about\":{about}}}\n")
    };
    assert!(refusal(&header("m", "d", 2)).contains("format weiser.recording/2"));
    assert!(refusal(&header("other", "d", 1)).contains("answers of ollama:other"));
    assert!(refusal(&header("m", "e", 1)).contains("has changed since"));
    assert!(refusal(&format!("{}garbage\n", header("m", "d", 1))).contains("line 2 can't be read"));
    assert!(refusal(&format!("{}{{\"question\":\"q\"}}\n", header("m", "d", 1))).contains("no reply and no error"));
    let missing = Replay::open(&folder.path().join("missing")).err().unwrap();
    assert!(missing.to_string().contains("missing"));
}

#[test]
fn two_runs_do_not_write_to_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.jsonl");
    let (_oracle, _) = record(&path);
    let error = Record::open(&path, Counting::new("m", "d")).err().unwrap();
    assert!(error.to_string().contains("another run"), "{error}");
}
