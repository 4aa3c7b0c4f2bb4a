//! How much of a request a server understands. Servers differ in what they accept; what one rejects with HTTP 400 is left
//! out or replaced, and the question sent again at once. What worked is kept for the rest of the run.

use crate::oracle::http::Said;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dialect {
    pub(super) schema: Schema,
    /// `max_completion_tokens` instead of `max_tokens`.
    pub(super) new_limit: bool,
    pub(super) temperature: bool,
    pub(super) seed: bool,
    pub(super) stream: bool,
    /// `stream_options`, for the counts at a stream's end.
    pub(super) usage: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Schema {
    Bounded,
    /// Without `maxLength` and `maxItems`.
    Plain,
    /// No `response_format`: the prompt alone says what the answer looks like.
    None,
}

impl Dialect {
    /// With everything; `hosted`: at OpenAI itself.
    pub(super) fn full(hosted: bool) -> Dialect {
        Dialect { schema: Schema::Bounded, new_limit: hosted, temperature: true, seed: true, stream: true, usage: true }
    }

    /// What to try after a rejection: the field that the server names, else the schema if one was sent.
    pub(super) fn simpler(self, said: &Said, with_schema: bool) -> Option<Dialect> {
        if said.too_long() || said.quota() {
            return None;
        }
        let text = format!("{} {}", said.param, said.message);
        let names = |field: &str| text.contains(field);
        if !self.new_limit && names("max_completion_tokens") {
            return Some(Dialect { new_limit: true, ..self });
        }
        if self.temperature && names("temperature") {
            return Some(Dialect { temperature: false, ..self });
        }
        if self.seed && names("seed") {
            return Some(Dialect { seed: false, ..self });
        }
        if self.usage && names("stream_options") {
            return Some(Dialect { usage: false, ..self });
        }
        if self.stream && names("stream") {
            return Some(Dialect { stream: false, usage: false, ..self });
        }
        match self.schema {
            _ if !with_schema => None,
            Schema::Bounded if names("maxLength") || names("maxItems") => {
                Some(Dialect { schema: Schema::Plain, ..self })
            }
            Schema::Bounded | Schema::Plain => Some(Dialect { schema: Schema::None, ..self }),
            Schema::None => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(param: &str, message: &str) -> Said {
        Said { param: param.into(), message: message.into(), ..Said::default() }
    }

    #[test]
    fn a_dialect_only_gets_simpler() {
        let mut dialect = Dialect::full(false);
        let mut expect = |rejection: &Said, change: fn(&mut Dialect)| {
            let mut expected = dialect;
            change(&mut expected);
            dialect = dialect.simpler(rejection, true).unwrap();
            assert_eq!(dialect, expected);
        };
        expect(&said("", "'max_tokens' is not supported. Use 'max_completion_tokens' instead."), |d| {
            d.new_limit = true
        });
        expect(&said("temperature", "Unsupported value"), |d| d.temperature = false);
        expect(&said("", "extra field: stream_options"), |d| d.usage = false);
        expect(&said("stream", "not supported"), |d| d.stream = false);
        expect(&said("response_format", "'maxLength' is not permitted"), |d| d.schema = Schema::Plain);
        expect(&said("", "bad request"), |d| d.schema = Schema::None);
        assert_eq!(dialect.simpler(&said("", "bad request"), true), None);
        assert_eq!(dialect.simpler(&said("", "This model's maximum context length is 8192 tokens"), true), None);
    }

    #[test]
    fn the_schema_is_not_blamed_where_none_was_sent() {
        assert_eq!(Dialect::full(true).simpler(&said("", "bad request"), false), None);
    }
}
