//! The words that open a condition, in comments and in documentation.

/// Which side of the triple a condition is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    Pre,
    Post,
}

impl Role {
    pub fn keyword(self) -> &'static str {
        match self {
            Role::Pre => "PRE",
            Role::Post => "POST",
        }
    }
}

/// How sure it is that a word is meant as a keyword: `// POST request sent` is prose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `POST: text`, `(POST) text`, `@ensures text`: always a condition.
    Marked,
    /// `POST` and nothing else: only with an assert.
    Bare,
    /// `POST text`: only behind an assert on the same line.
    Loose,
}

/// A line that opens a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opening<'a> {
    pub role: Role,
    pub form: Form,
    /// What follows the keyword, trimmed.
    pub rest: &'a str,
}

/// Whether a comment's line (without comment marks) opens a condition. `PRE` and `POST` are written in capitals, the long
/// words `precondition` and `postcondition` (`pre-condition`) in any case, the tags of documentation as they are.
pub fn opening(line: &str) -> Option<Opening<'_>> {
    let line = line.trim();
    if let Some(found) = tag(line) {
        return Some(found);
    }
    let (bracketed, body) = match line.strip_prefix('(') {
        Some(body) => (true, body.trim_start()),
        None => (false, line),
    };
    let (role, mut rest) = [("PRE", Role::Pre), ("POST", Role::Post)].into_iter().find_map(|(word, role)| {
        let long = ["condition", "-condition"].into_iter().find_map(|tail| {
            let head = strip_ignoring_case(body, word)?;
            strip_ignoring_case(head, tail)
        });
        Some((role, long.or_else(|| body.strip_prefix(word))?))
    })?;
    if bracketed {
        rest = rest.trim_start().strip_prefix(')')?;
    }
    let rest = rest.trim_end();
    let form = if let Some(after) = rest.trim_start().strip_prefix(':') {
        return Some(Opening { role, form: Form::Marked, rest: after.trim() });
    } else if rest.is_empty() {
        Form::Bare
    } else if !rest.starts_with(char::is_whitespace) {
        return None;
    } else if bracketed {
        Form::Marked
    } else {
        Form::Loose
    };
    Some(Opening { role, form, rest: rest.trim() })
}

/// The same in documentation, where `pre:` and `post:` (also `:pre:`) may be in lower case.
pub fn doc_opening(line: &str) -> Option<Opening<'_>> {
    let line = line.trim();
    if let Some(found) = opening(line).filter(|o| o.form == Form::Marked) {
        return Some(found);
    }
    let body = line.strip_prefix(':').unwrap_or(line);
    [("pre", Role::Pre), ("post", Role::Post)].into_iter().find_map(|(word, role)| {
        let rest = strip_ignoring_case(body, word)?.trim_start().strip_prefix(':')?;
        Some(Opening { role, form: Form::Marked, rest: rest.trim() })
    })
}

/// `@requires`, `@ensures`, `@pre`, `@post`, with or without a colon.
fn tag(line: &str) -> Option<Opening<'_>> {
    let body = line.strip_prefix('@')?;
    let words =
        [("requires", Role::Pre), ("ensures", Role::Post), ("pre", Role::Pre), ("post", Role::Post)].into_iter();
    words.into_iter().find_map(|(word, role)| {
        let rest = body.strip_prefix(word)?;
        let rest = match rest.strip_prefix(':') {
            Some(rest) => rest,
            None if rest.is_empty() || rest.starts_with(char::is_whitespace) => rest,
            None => return None,
        };
        Some(Opening { role, form: Form::Marked, rest: rest.trim() })
    })
}

fn strip_ignoring_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let head = text.get(..prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then(|| &text[prefix.len()..])
}
