//! Whether texts compile, asked of the real toolchains: many texts for each process, one answer for each text.
//!
//! Subjects miss names (an oracle function `func`, imports, includes). So each language has **settings**, from bare to
//! generous; what a slice is compiled with is the first setting under which its original compiles.

mod c;
mod java;
mod python;

use std::collections::HashMap;
use std::io::Write;
use std::process::{Command, Stdio};

/// How many settings a language has; the last is the most generous.
pub fn settings(language: &str) -> usize {
    match language {
        "c" => c::SETTINGS,
        "java" => java::SETTINGS,
        _ => 1,
    }
}

/// For each text what the compiler of its language says against it; `None` where it compiles. Equal texts are compiled
/// once. `Err` says why nothing could be asked: the toolchain isn't there.
pub fn complaints(language: &str, setting: usize, texts: &[&str]) -> Result<Vec<Option<String>>, String> {
    let mut place: HashMap<&str, usize> = HashMap::new();
    let mut distinct: Vec<&str> = Vec::new();
    for text in texts {
        place.entry(text).or_insert_with(|| {
            distinct.push(text);
            distinct.len() - 1
        });
    }
    let found = match language {
        "c" => c::complaints(setting, &distinct)?,
        "python" => python::complaints(&distinct)?,
        "java" => java::complaints(setting, &distinct)?,
        other => return Err(format!("no compiler is known for {other}")),
    };
    assert_eq!(found.len(), distinct.len(), "the {language} compiler answers for each text");
    Ok(texts.iter().map(|t| found[place[t]].clone()).collect())
}

/// Runs a checker that reads a JSON list of texts and answers with a JSON list of complaints or nulls.
fn converse(command: &mut Command, texts: &[&str]) -> Result<Vec<Option<String>>, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|e| format!("{name}: {e}"))?;
    let mut input = child.stdin.take().ok_or("no standard input")?;
    let sent = serde_json::to_vec(texts).map_err(|e| e.to_string())?;
    // The checkers read everything before they write, so this can't block on a full pipe.
    input.write_all(&sent).map_err(|e| format!("{name}: {e}"))?;
    drop(input);
    let out = child.wait_with_output().map_err(|e| format!("{name}: {e}"))?;
    serde_json::from_slice(&out.stdout).map_err(|e| format!("{name}: {e}: {}", String::from_utf8_lossy(&out.stderr)))
}
