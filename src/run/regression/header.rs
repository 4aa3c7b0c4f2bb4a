//! What a test says of itself.

use super::live::Mode;
use super::{Writer, told};
use crate::run::shape::Parameter;
use crate::run::value::{Input, Stdin};
use crate::spec::Placed;
use crate::syntax::test_form::TestForm;

/// The mark by which weiser knows a file as its own.
pub const MARK: &str = "Written by weiser";

/// Columns of the words before what they are about.
const WIDTH: usize = 16;

/// The comment at the top, line by line.
pub fn text(writer: &Writer, mode: &Mode, parameters: &[Parameter], input: &Input) -> String {
    let source = &writer.parsed.source;
    let line = |span: crate::text::Span| source.line(span.start);
    let function = writer.function();
    let mut rows: Vec<(&str, String)> = Vec::new();
    rows.push(("program", format!("{}, {} (line {})", source.path, function.qualified, line(function.span))));
    let condition = |placed: &Placed| {
        let text = placed.condition.text.split_whitespace().collect::<Vec<_>>().join(" ");
        match placed.condition.span {
            Some(span) => format!("{text}  (line {})", line(span)),
            None => text,
        }
    };
    rows.extend(writer.triple.pre.iter().map(|p| ("precondition", condition(p))));
    rows.push(("post-condition", condition(&writer.triple.post)));
    for (parameter, value) in parameters.iter().zip(&input.arguments) {
        rows.push(("input", format!("{} = {}", parameter.name, told(value))));
    }
    if let Stdin::Text(text) = &input.stdin {
        rows.push(("input", format!("stdin = {}", serde_json::Value::String(text.clone()))));
    }
    rows.push(("seen", writer.setting.observed.clone()));
    rows.push(("written by", writer.setting.command.clone()));
    let mut out = vec![
        format!("{MARK} {}: fails as long as the post-condition is false on this input.", writer.setting.version),
        String::new(),
    ];
    out.extend(rows.into_iter().map(|(what, text)| format!("{what:<WIDTH$}{text}")));
    if let Mode::Embedded(why) = mode {
        out.push(String::new());
        out.push("The program stands below as a copy with the post-condition as an assertion in it, since".into());
        out.push(format!("{why}."));
        out.push(
            "This test doesn't see what becomes of the program: correct the copy too, or write the test again.".into(),
        );
    }
    out.iter().map(|text| self::line(writer.form, text)).collect::<Vec<_>>().join("\n")
}

/// A line as a comment.
pub fn line(form: &TestForm, text: &str) -> String {
    format!("{} {}", form.comment, harmless(text)).trim_end().to_owned()
}

/// A line that ends no comment and opens nothing: in C a backslash at its end goes on, in Java `\u` is read everywhere.
fn harmless(line: &str) -> String {
    let mut line: String = line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    line = line.replace("\\u", "\\ u");
    if line.ends_with('\\') {
        line.push('.');
    }
    line
}
