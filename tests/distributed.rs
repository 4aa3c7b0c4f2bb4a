//! `eval/distributed` with a real Ray of two workers. Ray is large, so it is only installed where `WEISER_RAY=1` asks for
//! it (into `target/ray-venv`, which is used again); the test says so where it is skipped.

use std::path::Path;
use std::process::Command;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The Python that has Ray, or why there is none.
fn python() -> Result<std::path::PathBuf, String> {
    let venv = root().join("target/ray-venv");
    let python = venv.join("bin/python");
    let has_ray = || Command::new(&python).args(["-c", "import ray.data"]).output().is_ok_and(|o| o.status.success());
    if std::env::var_os("WEISER_RAY").is_none() {
        return Err("WEISER_RAY is not set".into());
    }
    if has_ray() {
        return Ok(python);
    }
    let run = |command: &mut Command| -> Result<(), String> {
        let output = command.output().map_err(|error| error.to_string())?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        if output.status.success() { Ok(()) } else { Err(said) }
    };
    run(Command::new("python3").args(["-m", "venv"]).arg(&venv))?;
    let requirements = root().join("eval/distributed/requirements.txt");
    run(Command::new(&python).args(["-m", "pip", "install", "-q", "-r"]).arg(requirements))?;
    if has_ray() { Ok(python) } else { Err("ray was installed and can't be imported".into()) }
}

#[test]
fn a_batch_and_slices_on_two_workers() {
    let python = match python() {
        Ok(python) => python,
        Err(why) => return eprintln!("skipped: no Ray: {why}"),
    };
    let output = Command::new(python)
        .arg(root().join("eval/distributed/test_distributed.py"))
        .env("WEISER_BIN", env!("CARGO_BIN_EXE_weiser"))
        .output()
        .expect("python starts");
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && out.ends_with("passed\n"), "{out}\n{err}");
    println!("{out}");
}
