//! Prompts: fills the templates of `prompts/` and counts tokens. Knows nothing of servers.
//!
//! A question is the fixed instructions (`system`), then the code with P and Q between marker lines, then what is asked.
//! The fixed text comes first so that a server can reuse what it computed for it. The marker is drawn from a hash of the
//! content, so it is the same each time and code can't forge it: an author who wants to write it into a comment would
//! change the hash.

pub mod schema;
mod tokens;

pub use tokens::{TOKENIZER, tokens};

use minijinja::{Environment, UndefinedBehavior, context};
use schema::ReplySchema;
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

/// Goes up whenever a template changes in a way that may change answers.
pub fn version() -> &'static str {
    include_str!("../../prompts/VERSION").trim()
}

/// Longest `reason` where it is all the reasoning there is, and where the reasoning went before.
const REASONING_LENGTH: u32 = 600;
const SUMMARY_LENGTH: u32 = 300;

/// Most of an unreadable reply that is shown to the model again, in characters: enough for where a verdict should be.
const SHOWN_REPLY: usize = 2000;

/// What is asked about.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// For people: `Python`.
    pub language: &'a str,
    /// Opens a line comment: `#`.
    pub comment: &'a str,
    /// The code: a slice, or the whole program for the baseline.
    pub slice: &'a str,
    pub pre: &'a [String],
    pub post: &'a str,
    pub post_is_code: bool,
    /// Q is judged at every normal return instead of at a point.
    pub at_exit: bool,
    /// Names of the inputs.
    pub params: &'a [String],
    /// The slice stands for every path that no other slice was made for.
    pub remainder: bool,
    /// `slice` is the whole program.
    pub baseline: bool,
}

/// How a model is led to its verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Style {
    /// Free reasoning that ends in a verdict line, then, where a verdict or a counter-example is still to be read, a short
    /// constrained question that turns the reasoning into JSON: small models judge better before they format.
    #[default]
    TwoPhase,
    /// JSON at once: for models that think by themselves.
    OnePhase,
}

#[derive(Debug, Clone, Copy, Default)]
pub struct PromptOptions {
    pub style: Style,
    pub seed: u64,
}

/// How the reply is to be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Free text whose last line is `Verdict: ...`; the model doesn't think on its own before.
    Reasoning,
    /// JSON after the schema; the model may think before.
    Json,
    /// JSON after the schema, from reasoning that is at hand.
    Extract,
}

/// One question, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    pub system: String,
    pub user: String,
    pub form: Form,
    /// Of the JSON reply; not to be sent with [`Form::Reasoning`].
    pub schema: ReplySchema,
    /// [`version`] of the templates.
    pub version: String,
    /// Of `system` and `user` together, without what a server's chat template adds.
    pub tokens: u64,
    pub params: Vec<String>,
    pub seed: u64,
}

/// Asks whether Q can be false when P holds at the start.
pub fn build(subject: &Subject, options: &PromptOptions) -> Prompt {
    let mut content: Vec<&str> = vec![subject.slice, subject.post];
    content.extend(subject.pre.iter().map(String::as_str));
    let code = render(
        "subject",
        context! {
            language => subject.language,
            comment => subject.comment,
            slice => subject.slice.trim_end(),
            pre => subject.pre.to_vec(),
            post => subject.post,
            post_is_code => subject.post_is_code,
            at_exit => subject.at_exit,
            params => subject.params.to_vec(),
            remainder => subject.remainder,
            marker => marker(&content, options.seed),
        },
    );
    let (form, ask) = ending(options.style);
    let system = render("system", context! { baseline => subject.baseline });
    let user = format!("{}\n\n{ask}", code.trim_end());
    finish(system, user, form, subject.params, reason_length(form), options.seed)
}

/// What is asked behind the code.
fn ending(style: Style) -> (Form, String) {
    match style {
        Style::TwoPhase => (Form::Reasoning, render("ask_reasoning", context! {})),
        Style::OnePhase => (
            Form::Json,
            render("ask_json", context! { reason_hint => "your reasoning, step by step, at most 80 words." }),
        ),
    }
}

fn reason_length(form: Form) -> u32 {
    if form == Form::Json { REASONING_LENGTH } else { SUMMARY_LENGTH }
}

impl Prompt {
    /// The same question for a model that is led to its verdict in another way. A second phase stays as it is.
    pub fn styled(&self, style: Style) -> Prompt {
        let from = match self.form {
            Form::Reasoning => Style::TwoPhase,
            Form::Json => Style::OnePhase,
            Form::Extract => return self.clone(),
        };
        let code = self.user.strip_suffix(&ending(from).1).unwrap_or(&self.user);
        if from == style {
            return self.clone();
        }
        let (form, ask) = ending(style);
        finish(self.system.clone(), format!("{code}{ask}"), form, &self.params, reason_length(form), self.seed)
    }

    /// Led to its verdict as another prompt is.
    pub fn in_form_of(&self, other: &Prompt) -> Prompt {
        self.styled(if other.form == Form::Json { Style::OnePhase } else { Style::TwoPhase })
    }

    /// The second phase: turns the reasoning that answered this prompt into JSON. Shows nothing but the reasoning.
    pub fn extract(&self, reasoning: &str) -> Prompt {
        let user = render(
            "extract",
            context! {
                reasoning => reasoning.trim(),
                params => self.params.clone(),
                reason_hint => "one sentence, at most 40 words.",
                marker => marker(&[reasoning], self.seed),
            },
        );
        let system = render("extract_system", context! {});
        finish(system, user, Form::Extract, &self.params, SUMMARY_LENGTH, self.seed)
    }
}

impl Prompt {
    /// Asks the same again, after a reply that couldn't be read, and shows the end of that.
    pub fn repair(&self, reply: &str) -> Prompt {
        let reply = reply.trim();
        let shown: usize = reply.chars().rev().take(SHOWN_REPLY).map(char::len_utf8).sum();
        let reply = &reply[reply.len() - shown..];
        let tail = render(
            "repair",
            context! {
                reply => reply,
                params => self.params.clone(),
                reason_hint => "one sentence, at most 40 words.",
                marker => marker(&[&self.user, reply], self.seed),
            },
        );
        let form = if self.form == Form::Extract { Form::Extract } else { Form::Json };
        let user = format!("{}\n\n{}", self.user, tail.trim_end());
        finish(self.system.clone(), user, form, &self.params, self.schema.reason_length, self.seed)
    }
}

fn finish(system: String, user: String, form: Form, params: &[String], reason_length: u32, seed: u64) -> Prompt {
    Prompt {
        tokens: tokens(&system) + tokens(&user),
        system,
        user,
        form,
        schema: ReplySchema { params: params.to_vec(), reason_length, bounded: true },
        version: version().to_string(),
        params: params.to_vec(),
        seed,
    }
}

/// Looks random, is the same each time, and stands nowhere in the content.
fn marker(content: &[&str], seed: u64) -> String {
    let mut round = 0_u64;
    loop {
        let mut hash = Sha256::new();
        hash.update(seed.to_le_bytes());
        hash.update(round.to_le_bytes());
        for part in content {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part.as_bytes());
        }
        let marker = hex(&hash.finalize()[..5]);
        if content.iter().all(|part| !part.contains(&marker)) {
            return marker;
        }
        round += 1;
    }
}

/// Bytes as lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn render(template: &str, values: minijinja::Value) -> String {
    static TEMPLATES: LazyLock<Environment<'static>> = LazyLock::new(|| {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        for (name, source) in [
            ("system", include_str!("../../prompts/system.j2")),
            ("subject", include_str!("../../prompts/subject.j2")),
            ("ask_reasoning", include_str!("../../prompts/ask_reasoning.j2")),
            ("ask_json", include_str!("../../prompts/ask_json.j2")),
            ("json_shape", include_str!("../../prompts/json_shape.j2")),
            ("extract_system", include_str!("../../prompts/extract_system.j2")),
            ("extract", include_str!("../../prompts/extract.j2")),
            ("repair", include_str!("../../prompts/repair.j2")),
        ] {
            environment.add_template(name, source).expect("the templates are part of the program");
        }
        environment
    });
    TEMPLATES
        .get_template(template)
        .and_then(|template| template.render(values))
        .expect("every value a template names is given, whatever it holds")
}

/// Content hash of a question: sixteen hex digits, the same on every machine.
pub fn content_id(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    hex(&hash.finalize()[..8])
}

#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) use tests::sample;
