//! One java process with the compiler's own interface: each text in a package of its own, so that equal class names don't
//! meet. Texts with an error are taken out and the others compiled again, since an early error hides later ones.

use std::process::Command;

const CHECK: &str = include_str!("Check.java");

/// Bare; with imports; with imports and a missing `return` forgiven, since subjects of Java-REval-Desc end with their
/// condition where one should stand. `assume` and `func` are always there.
pub const SETTINGS: usize = 3;

pub fn complaints(setting: usize, texts: &[&str]) -> Result<Vec<Option<String>>, String> {
    if Command::new("javac").arg("-version").output().is_err() {
        return Err("javac is not installed".into());
    }
    let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
    let source = folder.path().join("Check.java");
    std::fs::write(&source, CHECK).map_err(|e| e.to_string())?;
    let imports = if setting == 0 {
        ""
    } else {
        "import java.math.*; import java.util.*; import java.util.function.*; import java.util.stream.*; "
    };
    // Texts are separated by a NUL and complaints by a line break, so that the checker needs no reader of JSON.
    let input = folder.path().join("texts");
    std::fs::write(&input, texts.join("\0")).map_err(|e| e.to_string())?;
    let out = Command::new("java")
        .args(["-XX:TieredStopAtLevel=1", "-Xmx1g"])
        .args([source.as_os_str(), input.as_os_str(), imports.as_ref()])
        .arg(if setting < 2 { "" } else { "compiler.err.missing.ret.stmt" })
        .output()
        .map_err(|e| e.to_string())?;
    let said = String::from_utf8_lossy(&out.stdout);
    if !out.status.success() {
        return Err(format!("java: {}", String::from_utf8_lossy(&out.stderr)));
    }
    Ok(said.lines().map(|l| (!l.is_empty()).then(|| l.to_owned())).collect())
}
