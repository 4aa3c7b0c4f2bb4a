mod corpus;
mod expression;
mod hostile;
mod outline;
mod shape;
mod tables;

use super::*;

/// A language's sample program.
const SAMPLES: [(&str, &str); 3] = [
    ("c", include_str!("../../../grammars/c/sample.c")),
    ("python", include_str!("../../../grammars/python/sample.py")),
    ("java", include_str!("../../../grammars/java/sample.java")),
];

fn read(language: &str, text: &str) -> Parsed {
    parse("test", text.to_string(), by_name(language).expect("a known language"))
}

/// Reads, verifies and dumps.
fn dump(language: &str, text: &str) -> String {
    let parsed = read(language, text);
    assert_eq!(verify::verify(&parsed), Vec::<String>::new());
    let mut out = parsed.ast.dump(text);
    for diagnostic in &parsed.ast.diagnostics {
        out.push_str(&format!("! {}\n", diagnostic.message));
    }
    out
}
