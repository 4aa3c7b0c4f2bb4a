//! gcc or cc, two processes at once with many files each; complaints are told apart by the file they name. A call of what
//! isn't declared is one where the original has none: a slice brings the declarations that it needs.

use rayon::prelude::*;
use std::process::Command;

/// Everywhere: what an assumption calls. An old-style declaration takes any argument.
const BARE: &str = "void assume();\n";

/// What the subjects forget.
const INCLUDES: &str = "#include <assert.h>\n#include <ctype.h>\n#include <limits.h>\n#include <math.h>\n\
                        #include <stdbool.h>\n#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n";

/// The function that their conditions call.
const CALLED: &str = "int func();\n";

/// Bare; with includes and the function; with includes, and any call of what isn't declared allowed.
pub const SETTINGS: usize = 3;

pub fn complaints(setting: usize, texts: &[&str]) -> Result<Vec<Option<String>>, String> {
    let Some(compiler) = ["gcc", "cc"].into_iter().find(|c| Command::new(c).arg("--version").output().is_ok()) else {
        return Err("neither gcc nor cc is installed".into());
    };
    let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
    let head = folder.path().join("head.h");
    let declared = match setting {
        0 => BARE.to_owned(),
        1 => format!("{INCLUDES}{BARE}{CALLED}"),
        _ => format!("{INCLUDES}{BARE}"),
    };
    std::fs::write(&head, declared).map_err(|e| e.to_string())?;
    let undeclared = if setting < 2 { "-Werror=implicit-function-declaration" } else { "-w" };
    let names: Vec<String> = (0..texts.len()).map(|i| format!("t{i}.c")).collect();
    for (name, text) in names.iter().zip(texts) {
        std::fs::write(folder.path().join(name), text).map_err(|e| e.to_string())?;
    }
    let said: Vec<String> = names
        .par_chunks(names.len().div_ceil(2).clamp(1, 500))
        .map(|files| {
            let mut command = Command::new(compiler);
            command.current_dir(folder.path()).env("LC_ALL", "C");
            command.args(["-fsyntax-only", "-std=gnu11", undeclared, "-include", "head.h"]).args(files);
            let out = command.output().map_err(|e| e.to_string())?;
            Ok(String::from_utf8_lossy(&out.stderr).into_owned())
        })
        .collect::<Result<_, String>>()?;
    let mut found: Vec<Option<String>> = vec![None; texts.len()];
    for line in said.iter().flat_map(|s| s.lines()) {
        if let Some((file, rest)) = line.split_once(':')
            && rest.contains("error:")
            && let Some(i) = names.iter().position(|n| n == file)
        {
            found[i].get_or_insert_with(|| rest.to_owned());
        }
    }
    Ok(found)
}
