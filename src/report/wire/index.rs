//! The machine format `weiser.index/1`.

use crate::project::{CacheFound, Candidate, Certainty, DefinitionId, Kind, Lookup, Opened, Project, Reason, Trouble};
use serde::Serialize;

pub const INDEX: &str = "weiser.index/1";

/// `weiser index --format json`. `found`: what `--find` looked for and found.
pub fn document(project: &Project, opened: &Opened, found: Option<(&str, &Lookup)>) -> Document {
    let counts = project.index().counts();
    Document {
        schema: INDEX,
        weiser: env!("CARGO_PKG_VERSION"),
        root: project.root().display().to_string(),
        counts: Counts {
            files: counts.files,
            lines: counts.lines,
            bytes: counts.bytes,
            functions: counts.functions,
            types: counts.types,
            macros: counts.macros,
            variables: counts.variables,
            members: counts.members,
            declarations: counts.declarations,
        },
        read: opened.read,
        kept: opened.kept,
        ms: opened.took.as_millis() as u64,
        cache: Cache {
            path: opened.cache.path.as_ref().map(|p| p.display().to_string()),
            found: match opened.cache.found {
                CacheFound::Missing => "missing",
                CacheFound::Good => "good",
                CacheFound::Outdated => "outdated",
                CacheFound::Broken { .. } => "broken",
            },
        },
        unsearched: opened.unsearched.clone(),
        troubles: troubles(project),
        find: found.map(|(name, lookup)| find(project, name, lookup)),
    }
}

#[derive(Debug, Serialize)]
pub struct Document {
    schema: &'static str,
    weiser: &'static str,
    root: String,
    counts: Counts,
    read: usize,
    kept: usize,
    ms: u64,
    cache: Cache,
    unsearched: Vec<String>,
    troubles: Vec<FileTrouble>,
    #[serde(skip_serializing_if = "Option::is_none")]
    find: Option<Find>,
}

impl Document {
    /// Pretty-printed, with a final line break.
    pub fn to_json(&self) -> String {
        super::pretty(self)
    }
}

#[derive(Debug, Serialize)]
struct Counts {
    files: usize,
    lines: u64,
    bytes: u64,
    functions: usize,
    types: usize,
    macros: usize,
    variables: usize,
    members: usize,
    declarations: usize,
}

#[derive(Debug, Serialize)]
struct Cache {
    path: Option<String>,
    found: &'static str,
}

#[derive(Debug, Serialize)]
struct FileTrouble {
    path: String,
    /// Places that were not understood.
    damage: u32,
    given_up: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

#[derive(Debug, Serialize)]
struct Find {
    name: String,
    certainty: &'static str,
    candidates: Vec<Found>,
    declarations: Vec<Found>,
}

#[derive(Debug, Serialize)]
struct Found {
    path: String,
    line: Option<u32>,
    name: String,
    kind: &'static str,
    reason: &'static str,
    fits: bool,
}

fn troubles(project: &Project) -> Vec<FileTrouble> {
    let mut out = Vec::new();
    for (_, file) in project.index().files() {
        let damage = file.outline.damage;
        let message = file.trouble.as_ref().map(|trouble| match trouble {
            Trouble::Unreadable(why) => why.clone(),
            Trouble::TooLarge => "too large, left out".into(),
            Trouble::BadBytes(n) => format!("{n} bytes are not UTF-8 and read as `?`"),
        });
        if damage.places > 0 || message.is_some() {
            let (damage, given_up) = (damage.places, damage.given_up);
            out.push(FileTrouble { path: file.path.clone(), damage, given_up, message });
        }
    }
    out
}

fn find(project: &Project, name: &str, lookup: &Lookup) -> Find {
    let found = |c: &Candidate| Found {
        path: project.index().file(c.definition.file).path.clone(),
        line: line_of(project, c.definition),
        name: project.index().qualified(c.definition),
        kind: kind_tag(project.index().definition(c.definition).kind),
        reason: reason_tag(c.reason),
        fits: c.fits,
    };
    Find {
        name: name.into(),
        certainty: match lookup.certainty {
            Certainty::Certain => "certain",
            Certainty::Likely => "likely",
            Certainty::Open => "open",
        },
        candidates: lookup.candidates.iter().map(found).collect(),
        declarations: lookup.declarations.iter().map(found).collect(),
    }
}

/// 1-based; `None` where the file has changed or gone since.
pub fn line_of(project: &Project, id: DefinitionId) -> Option<u32> {
    let parsed = project.text(id.file).ok()?;
    Some(parsed.line(project.index().definition(id).span.start))
}

pub fn kind_tag(kind: Kind) -> &'static str {
    match kind {
        Kind::Function => "function",
        Kind::Struct => "struct",
        Kind::Union => "union",
        Kind::Enum => "enum",
        Kind::Class => "class",
        Kind::Interface => "interface",
        Kind::Alias => "alias",
        Kind::Macro => "macro",
        Kind::Variable => "variable",
        Kind::Field => "field",
        Kind::Constant => "constant",
    }
}

pub fn reason_tag(reason: Reason) -> &'static str {
    match reason {
        Reason::Member => "member",
        Reason::Inherited => "inherited",
        Reason::SameFile => "same_file",
        Reason::Included => "included",
        Reason::Imported => "imported",
        Reason::SamePackage => "same_package",
        Reason::ImportedAll => "imported_all",
        Reason::Declared => "declared",
        Reason::Override => "override",
        Reason::SameFolder => "same_folder",
        Reason::Elsewhere => "elsewhere",
    }
}
