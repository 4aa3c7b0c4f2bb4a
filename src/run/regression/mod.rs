//! A regression test from a confirmed counter-example: text that fails as long as Q is false on that input.
//!
//! Three ways, the first that will do (`live`):
//!
//!   asserted   Q is an assertion of the program: the test calls the program where it is
//!   checked    Q is at the exit and can be evaluated outside: the test calls the program where it is, then checks Q
//!   embedded   the program is copied into the test, with Q as an assertion at its point
//!
//! The first two follow what becomes of the program, an embedded copy doesn't; the test says so. Nothing is run here. What the
//! language's tests look like is `[test]` in its `run.toml`.
//!
//! Cost: linear in the text.

mod header;
mod literal;
mod live;

pub use header::MARK;

use super::bench::reads_input;
use super::probe::{self, RESULT, Wanted, fill, instrument, returned_type, returns_value};
use super::shape::{self, Parameter};
use super::value::{Input, Stdin, Value};
use crate::spec::{ConditionKind, Triple};
use crate::syntax::ast::{DeclKind, Function};
use crate::syntax::test_form::TestForm;
use crate::syntax::{self, Parsed};
use live::{Mode, Subject, has_word};

/// What a test tells of where it comes from, and where the program is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Setting {
    /// The program's file as a file beside the test names it; `None` where it has no file.
    pub program: Option<String>,
    /// The test's file name without its extension.
    pub stem: String,
    /// `weiser 0.1.0`.
    pub version: String,
    /// The command that writes the test again.
    pub command: String,
    /// What was seen of the run, in a sentence.
    pub observed: String,
}

/// Why there is no test.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoTest {
    #[error("{0} tests are not known to weiser")]
    Language(String),
    #[error("the value of `{0}` can't be written in a test")]
    Value(String),
    #[error("`{0}` needs an object, and how one is made is not known")]
    Receiver(String),
    #[error("`{function}` is {what}, which a test can't simply call")]
    Call { function: String, what: String },
    #[error("{0}")]
    Program(String),
}

/// The text of a test that fails today. `input` was seen to make Q false.
pub fn test(parsed: &Parsed, triple: &Triple, input: &Input, setting: &Setting) -> Result<String, NoTest> {
    let form = parsed.language.running.test.as_ref();
    let form = form.ok_or_else(|| NoTest::Language(parsed.language.title.clone()))?;
    if triple.post.condition.kind != ConditionKind::Code {
        return Err(NoTest::Program("the post-condition is in plain language".into()));
    }
    let parameters = shape::parameters(parsed, triple.entry).map_err(|unfit| NoTest::Program(unfit.to_string()))?;
    let script = parsed.ast.function(triple.entry).name == live::MODULE;
    let (variables, result) = variables(&parameters, form);
    let subject = Subject { parsed, triple, form, parameters: &parameters, variables: &variables, result: &result };
    let mode = match (live::mode(&subject), &setting.program) {
        (Mode::Asserted | Mode::Checked(_), None) => Mode::Embedded("the program came from standard input"),
        (mode, _) => mode,
    };
    if let (Mode::Embedded(why), true) = (&mode, script) {
        return Err(NoTest::Program(format!("the program is a script, and {why}")));
    }
    let writer = Writer { parsed, triple, form, setting, script };
    let body = writer.body(&subject, &mode, input)?;
    writer.file(&mode, &body, &parameters, input)
}

/// Variables for the arguments and for the result, each with a name that nothing else has.
fn variables(parameters: &[Parameter], form: &TestForm) -> (Vec<String>, String) {
    let mut taken: Vec<String> = form.reserved.clone();
    let mut free = |name: &str| {
        let mut name = name.to_owned();
        while taken.contains(&name) {
            name.push('_');
        }
        taken.push(name.clone());
        name
    };
    let arguments = parameters.iter().map(|p| free(&p.name)).collect();
    (arguments, free(RESULT))
}

struct Writer<'a> {
    parsed: &'a Parsed,
    triple: &'a Triple,
    form: &'a TestForm,
    setting: &'a Setting,
    script: bool,
}

impl Writer<'_> {
    fn function(&self) -> &Function {
        self.parsed.ast.function(self.triple.entry)
    }

    fn text(&self, text: &str) -> String {
        // The languages that have tests have texts.
        literal::text_literal(&self.form.values, text).unwrap_or_default()
    }

    /// The statements of the test.
    fn body(&self, subject: &Subject, mode: &Mode, input: &Input) -> Result<String, NoTest> {
        let form = self.form;
        let embedded = matches!(mode, Mode::Embedded(_));
        let mut lines = Vec::new();
        if !embedded && !form.prepare.is_empty() {
            lines.push(form.prepare.clone());
        }
        for (at, (parameter, value)) in subject.parameters.iter().zip(&input.arguments).enumerate() {
            let ty = self.type_of(parameter);
            let literal = literal::written(&form.values, value, &parameter.shape, &ty);
            let literal = literal.ok_or_else(|| NoTest::Value(parameter.name.clone()))?;
            let to = subject.variables[at].as_str();
            let with = [("to", to), ("value", &literal), ("declared", &declared(&ty, to))];
            lines.push(fill(&form.argument, &with));
        }
        if !self.script {
            let called = format!("{}({})", self.callee(embedded)?, subject.variables.join(", "));
            let wanted = matches!(mode, Mode::Checked(_)) && returns_value(self.parsed, self.triple.entry);
            let call = if wanted { &form.call_with_result } else { &form.call };
            let ty = returned_type(self.parsed, self.triple.entry);
            let declared = declared(&ty, subject.result);
            let mut line = fill(call, &[("call", &called), ("to", subject.result), ("declared", &declared)]);
            if *mode == Mode::Asserted {
                line = format!("{line}  {}", header::line(form, &format!("asserts: {}", self.flat())));
            }
            lines.push(line);
        }
        if let Mode::Checked(condition) = mode {
            // A condition over several lines is one expression.
            let condition = condition.split_whitespace().collect::<Vec<_>>().join(" ");
            lines.push(fill(&form.check, &[("e", &condition), ("post", &self.post())]));
        }
        if embedded && !form.swallowed.is_empty() {
            lines.push(form.swallowed.clone());
        }
        Ok(lines.join("\n"))
    }

    /// Q on one line.
    fn flat(&self) -> String {
        self.triple.post.condition.text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    fn post(&self) -> String {
        self.text(&self.flat())
    }

    /// A parameter's type as its variable is declared.
    fn type_of(&self, parameter: &Parameter) -> String {
        let written = self.function().params.iter().find(|p| p.name == parameter.name);
        match written {
            Some(p) if self.form.values.closed => format!("{}{}", p.ty.name, "[]".repeat(p.ty.arrays.into())),
            _ => parameter.ty.clone(),
        }
    }

    /// What stands before the arguments.
    fn callee(&self, embedded: bool) -> Result<String, NoTest> {
        let (form, ast, function) = (self.form, &self.parsed.ast, self.function());
        let head = self.parsed.source.slice(function.head);
        let no_call = |what: &str| NoTest::Call { function: function.qualified.clone(), what: what.to_owned() };
        if let Some(word) = form.uncallable.iter().find(|w| has_word(head, w)) {
            return Err(no_call(&format!("`{word}`")));
        }
        let suspends = |e: &syntax::ast::Expr| {
            matches!(e.kind, syntax::ast::ExprKind::Suspend(_)) && function.body.span.contains(e.span)
        };
        if ast.exprs.iter().any(suspends) {
            return Err(no_call("a generator"));
        }
        let entry = if embedded { &form.entry_embedded } else { &form.entry };
        let named = |name: &str| fill(entry, &[("f", form.renamed.get(name).map_or(name, |n| n))]);
        let Some(container) = function.container else { return Ok(named(&function.qualified)) };
        let owner = live::qualified(ast, Some(container));
        if form.of_class.iter().any(|w| has_word(head, w)) {
            return Ok(named(&function.qualified));
        }
        let class = &ast.containers[container.index()];
        let is_constructor =
            |f: &&Function| if form.constructor.is_empty() { f.name == class.name } else { f.name == form.constructor };
        if is_constructor(&function) {
            return Err(no_call("a constructor"));
        }
        let receivers = &self.parsed.language.running.shapes.receivers;
        let bare = |f: &Function| {
            let given = f.params.iter().filter(|p| !p.name.is_empty() && !receivers.contains(&p.name)).count();
            let seen = !form.hidden.iter().any(|w| has_word(self.parsed.source.slice(f.head), w));
            given == 0 && (seen || embedded)
        };
        let mut constructors = ast.functions.iter().filter(|f| f.container == Some(container)).filter(is_constructor);
        let none = constructors.clone().next().is_none();
        let strange = form.receiver_unless.iter().any(|w| has_word(self.parsed.source.slice(class.head), w));
        let inner = class.parent.is_some() && form.through_class && {
            let head = self.parsed.source.slice(class.head);
            !form.of_class.iter().any(|w| has_word(head, w))
        };
        if strange || inner || !(none || constructors.any(bare)) {
            return Err(NoTest::Receiver(function.qualified.clone()));
        }
        Ok(format!("{}.{}", fill(&form.receiver, &[("class", &named(&owner))]), function.name))
    }

    fn file(&self, mode: &Mode, body: &str, parameters: &[Parameter], input: &Input) -> Result<String, NoTest> {
        let form = self.form;
        let (parsed, ast) = (self.parsed, &self.parsed.ast);
        let stdin = match &input.stdin {
            Stdin::Text(text) => Some(text.as_str()),
            // What a run had, rather than what the test's user types.
            Stdin::Empty | Stdin::Choices(_) => reads_input(self.parsed).then_some(""),
        };
        let header = header::text(self, mode, parameters, input);
        let body = if self.script { form.entry_script.as_str() } else { body };
        let body = match stdin {
            Some(text) => {
                lines(form.stdin.trim(), &[("body", body), ("value", &self.text(text))]).trim_end().to_owned()
            }
            None => body.to_owned(),
        };
        let helpers = form.helpers.iter().filter(|h| body.contains(&h.of)).map(|h| h.text.trim());
        let helpers = helpers.collect::<Vec<_>>().join("\n");
        let (program, whole) = match mode {
            Mode::Embedded(_) => (self.program()?, &form.embedded),
            _ if self.script => (String::new(), &form.script),
            Mode::Checked(_) if !form.checked.is_empty() => (String::new(), &form.checked),
            _ => (String::new(), &form.live),
        };
        let of_kind = |package: bool| {
            let imports = ast.decls.iter().filter(|d| d.kind == DeclKind::Import && d.within.is_none());
            let text = imports.map(|d| parsed.source.slice(d.span)).filter(|t| has_word(t, "package") == package);
            text.collect::<Vec<_>>().join("\n")
        };
        let (package, imports) =
            if form.member_mark.is_empty() { Default::default() } else { (of_kind(true), of_kind(false)) };
        let owner = live::qualified(ast, self.function().container);
        let name: String = self.function().name.chars().filter(|c| c.is_alphanumeric() || *c == '_').collect();
        let path = self.text(self.setting.program.as_deref().unwrap_or_default());
        let class = identifier(&self.setting.stem);
        let top = owner.split('.').next().unwrap_or_default();
        let package_name = package.trim_start_matches("package").trim().trim_end_matches(';').trim();
        let full = if package_name.is_empty() { top.to_owned() } else { format!("{package_name}.{top}") };
        let with = [
            ("header", header.as_str()),
            ("package", &package),
            ("imports", &imports),
            ("helpers", &helpers),
            ("path", &path),
            ("program", &program),
            ("test", &name),
            ("class", &class),
            ("post", &self.post()),
            ("owner_text", &self.text(&full)),
            ("owner", top),
            ("body", &body),
        ];
        Ok(lines(whole, &with))
    }

    /// The program with Q as an assertion at its point.
    fn program(&self) -> Result<String, NoTest> {
        let wanted = Wanted { truth: true, names: false };
        let text = instrument(self.parsed, self.triple, &self.form.probes, wanted);
        let text = text.map_err(|error| NoTest::Program(error.to_string()))?;
        if !probe::callable(self.parsed, self.triple.entry) {
            return Err(NoTest::Program("the function stands inside another".into()));
        }
        let missing: String = live::missing(self.parsed, self.form).iter().map(|l| format!("{l}\n")).collect();
        let text = format!("{missing}{}{text}", shape::missing_types(self.parsed));
        Ok(if self.form.member_mark.is_empty() { text.trim_end().to_owned() } else { self.as_members(text) })
    }

    /// A file's classes as members of another class.
    fn as_members(&self, text: String) -> String {
        let file = syntax::parse(&self.parsed.source.path, text, self.parsed.language);
        let mut out = file.source.text.clone();
        let top = file.ast.decls.iter().filter(|d| d.container.is_none() && d.within.is_none());
        for decl in top.collect::<Vec<_>>().into_iter().rev() {
            match decl.kind {
                DeclKind::Import => out.replace_range(decl.span.range(), ""),
                DeclKind::Type => {
                    let text = file.source.slice(decl.span);
                    let (head, rest) = text.split_at(text.find('{').unwrap_or(text.len()));
                    let words = head.split(' ').filter(|w| !self.form.member_drops.iter().any(|d| d == w));
                    let head = words.collect::<Vec<_>>().join(" ");
                    out.replace_range(decl.span.range(), &format!("{}{head}{rest}", self.form.member_mark));
                }
                _ => {}
            }
        }
        out.trim().to_owned()
    }
}

/// A variable with its type: `int *x`.
fn declared(ty: &str, name: &str) -> String {
    if ty.ends_with('*') { format!("{ty}{name}") } else { format!("{ty} {name}") }
}

/// A name made of a file's.
fn identifier(stem: &str) -> String {
    let name: String = stem.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
    match name.chars().next() {
        Some(first) if !first.is_ascii_digit() => name,
        _ => format!("Test{name}"),
    }
}

/// Fills a form whose parts may have several lines: each is indented as the first, and a line that holds nothing but parts that
/// are empty is left out.
fn lines(form: &str, with: &[(&str, &str)]) -> String {
    let mut out = String::new();
    for line in form.lines() {
        let filled = fill(line, with);
        let empty = filled.trim().is_empty() && !line.trim().is_empty();
        if empty {
            continue;
        }
        let indent: &str = &line[..line.len() - line.trim_start().len()];
        for (i, part) in filled.split('\n').enumerate() {
            if i > 0 && !part.is_empty() {
                out.push_str(indent);
            }
            out.push_str(part);
            out.push('\n');
        }
    }
    out
}

/// An input's value as the header tells it.
fn told(value: &Value) -> String {
    value.to_json().to_string()
}
