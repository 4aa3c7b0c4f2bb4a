//! What is the same in every question about a triple.

use super::Probe;
use crate::prompt::{self, Prompt, PromptOptions, Subject};
use crate::render::SliceKind;
use crate::spec::{Condition, ConditionKind};
use crate::syntax::language::Language;

/// A triple without its code.
pub struct Question<'a> {
    language: &'a Language,
    pre: Vec<String>,
    post: String,
    post_is_code: bool,
    at_exit: bool,
    params: &'a [String],
}

/// Which code is asked about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum About {
    Class,
    Remainder,
    /// The whole program, for comparison.
    Program,
}

impl About {
    pub fn of(kind: SliceKind) -> About {
        match kind {
            SliceKind::Class => About::Class,
            SliceKind::Remainder => About::Remainder,
            SliceKind::Program => About::Program,
        }
    }
}

impl<'a> Question<'a> {
    pub fn new<'c>(
        language: &'a Language,
        pre: impl Iterator<Item = &'c Condition>,
        post: &Condition,
        at_exit: bool,
        params: &'a [String],
    ) -> Self {
        let post_is_code = post.kind == ConditionKind::Code;
        Question { language, pre: pre.map(said).collect(), post: said(post), post_is_code, at_exit, params }
    }

    pub fn prompt(&self, code: &str, about: About, options: &PromptOptions) -> Prompt {
        prompt::build(&self.subject(code, about), options)
    }

    /// The same question in other words.
    pub fn probe(&self, probe: &Probe, about: About, options: &PromptOptions) -> Prompt {
        let subject =
            Subject { pre: &probe.pre, post: &probe.post, params: &probe.params, ..self.subject(&probe.text, about) };
        prompt::build(&subject, options)
    }

    fn subject<'s>(&'s self, code: &'s str, about: About) -> Subject<'s> {
        Subject {
            language: &self.language.title,
            comment: &self.language.layout.comment,
            slice: code,
            pre: &self.pre,
            post: &self.post,
            post_is_code: self.post_is_code,
            at_exit: self.at_exit,
            params: self.params,
            remainder: about == About::Remainder,
            baseline: about == About::Program,
        }
    }

    /// Content hash of the question about some code: language, P, Q and the code.
    pub fn id(&self, code: &str) -> String {
        let mut parts = vec![self.language.name.as_str()];
        parts.extend(self.pre.iter().map(String::as_str));
        parts.extend([self.post.as_str(), if self.at_exit { "exit" } else { "point" }, code]);
        prompt::content_id(&parts)
    }
}

/// A condition with its remark.
fn said(condition: &Condition) -> String {
    if condition.note.is_empty() { condition.text.clone() } else { format!("{} ({})", condition.text, condition.note) }
}
