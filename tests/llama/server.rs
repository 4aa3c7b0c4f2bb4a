//! llama.cpp's own server with a model of random weights, made on the spot. What it needs comes from PyPI into a virtual
//! environment under `target/`; where that can't be had, the reason is printed and the tests that need it pass.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// Pinned, so that the same server answers everywhere. Wheels only: nothing is compiled.
const PACKAGES: [&str; 3] = ["xllamacpp==2026.10.11549", "gguf==0.19.0", "numpy>=2,<3"];
/// How long a failure to install them is taken to last.
const PATIENCE: Duration = Duration::from_secs(600);
const START: Duration = Duration::from_secs(60);

pub struct Server {
    /// For `--base-url`.
    pub url: String,
    port: u16,
    model: PathBuf,
    process: Child,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("llama")
}

fn python() -> PathBuf {
    folder().join("venv/bin/python")
}

fn run(what: &str, command: &mut Command) -> Result<(), String> {
    let output = command.stdin(Stdio::null()).output().map_err(|error| format!("{what}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(format!("{what}: {}", said.trim().lines().last().unwrap_or("no reason given")))
}

fn install(folder: &Path) -> Result<(), String> {
    run("python3 -m venv", Command::new("python3").args(["-m", "venv", "--clear"]).arg(folder.join("venv")))?;
    let pip = ["-m", "pip", "install", "-q", "--disable-pip-version-check", "--retries", "1", "--timeout", "20"];
    run("pip", Command::new(python()).args(pip).args(["--only-binary", ":all:"]).args(PACKAGES))
}

/// Makes the environment and a model, once; tests in other processes wait meanwhile.
fn prepare(word: &str) -> Result<PathBuf, String> {
    let folder = folder();
    std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    let lock = File::create(folder.join("lock")).map_err(|error| error.to_string())?;
    lock.lock().map_err(|error| error.to_string())?;
    let wanted = PACKAGES.join("\n");
    let installed = folder.join("installed");
    if std::fs::read_to_string(&installed).ok().as_deref() != Some(&wanted) {
        // Where it failed a moment ago it would fail again, and tests needn't wait for that each by itself.
        let failed = folder.join("failed");
        let recent = std::fs::metadata(&failed)
            .and_then(|file| file.modified())
            .is_ok_and(|at| at.elapsed().is_ok_and(|passed| passed < PATIENCE));
        if recent {
            return Err(std::fs::read_to_string(&failed).unwrap_or_default());
        }
        install(&folder).inspect_err(|why| drop(std::fs::write(&failed, why)))?;
        std::fs::write(&installed, wanted).map_err(|error| error.to_string())?;
    }
    let script = root().join("tests/llama/make_model.py");
    let made = std::fs::read(&script).map_err(|error| error.to_string())?;
    let model = folder
        .join(format!("{word}-{:x}.gguf", made.iter().fold(7_u64, |hash, b| hash.wrapping_mul(31) + u64::from(*b))));
    if !model.exists() {
        let half = model.with_extension("part");
        run("make_model.py", Command::new(python()).arg(script).arg(&half).arg(word))?;
        std::fs::rename(half, &model).map_err(|error| error.to_string())?;
    }
    Ok(model)
}

/// A server whose model prefers a verdict, four questions at a time with 4096 tokens each. `None`, with the reason
/// printed, where it can't be had here.
pub fn server(word: &str) -> Option<Server> {
    let model = match prepare(word) {
        Ok(model) => model,
        Err(why) => {
            println!("skipped: no llama.cpp server here: {why}");
            return None;
        }
    };
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let process = start(&model, port);
    Some(Server { url: format!("http://127.0.0.1:{port}/v1"), port, model, process })
}

fn start(model: &Path, port: u16) -> Child {
    let mut process = Command::new(python())
        .arg(root().join("tests/llama/serve.py"))
        .arg(model)
        .args([&port.to_string(), "4", "4096"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(process.stdout.take().unwrap()).lines();
    let (sender, ready) = mpsc::channel();
    std::thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            if line.starts_with("ready") {
                let _ = sender.send(());
            }
        }
    });
    ready.recv_timeout(START).expect("the server starts within a minute");
    process
}

impl Server {
    pub fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// At the same address.
    pub fn start_again(&mut self) {
        self.process = start(&self.model, self.port);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
