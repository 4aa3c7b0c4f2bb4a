//! Source text → slices in the order in which they are asked.

use super::graph::{covered, graph};
use super::question::{About, Question};
use super::{FileAnalysis, Note, Options, Probe, Show, SliceAnalysis, TripleAnalysis, whole};
use crate::cfg::bits::BitSet;
use crate::cfg::joined::{CALL_DEPTH, Joined};
use crate::cfg::{Cfg, build};
use crate::deps::RESULT;
use crate::deps::slicer::Facts;
use crate::partition::Classes;
use crate::prompt::{self, PromptOptions, Style};
use crate::render::rename::{Said, renamed};
use crate::render::{Comments, Rendered, SliceKind, render};
use crate::slice::feasible::Feasible;
use crate::slice::{Program, Slicing, plan, uncut};
use crate::spec::{self, Anchor, ConditionKind, Placed, Request, SpecError, Triple};
use crate::syntax::ast::{Diagnostic, FunctionId, Severity, StmtId};
use crate::syntax::language::Language;
use crate::syntax::{self, Parsed};
use crate::text::{SourceFile, Span};
use rayon::prelude::*;
use std::collections::{BTreeSet, HashMap};

/// Parses a file and makes the slices of its triples. Pure: the same input gives the same result, byte for byte.
pub fn analyze(
    path: &str,
    text: String,
    language: &'static Language,
    request: &Request,
    options: &Options,
) -> Result<FileAnalysis, SpecError> {
    analyze_source(SourceFile::new(path, text), language, request, options)
}

/// The same for a text that may be put together from several files (`link`).
pub fn analyze_source(
    source: SourceFile,
    language: &'static Language,
    request: &Request,
    options: &Options,
) -> Result<FileAnalysis, SpecError> {
    none_without_words(&source, language, request)?;
    let parsed = syntax::parse_source(source, language);
    let found = spec::triples(&parsed, request)?;
    let program_tokens = prompt::tokens(&parsed.source.text);
    let triples = found.triples.iter().map(|t| analyze_triple(&parsed, t, program_tokens, options)).collect();
    let diagnostics = parsed.ast.diagnostics.iter().chain(&found.diagnostics).map(|d| note(&parsed, d)).collect();
    let (language, request, options) = (language.name.clone(), request.clone(), options.clone());
    let SourceFile { path, text, linkage, .. } = parsed.source;
    Ok(FileAnalysis { path, language, diagnostics, triples, text, linkage, request, options })
}

/// The control-flow graph of each triple's function, printed.
pub fn graphs(
    source: SourceFile,
    language: &'static Language,
    request: &Request,
    print: fn(&Cfg, &Parsed) -> String,
) -> Result<Vec<String>, SpecError> {
    none_without_words(&source, language, request)?;
    let parsed = syntax::parse_source(source, language);
    let found = spec::triples(&parsed, request)?;
    let joined = |t| Joined::new(&parsed, t, CALL_DEPTH, false);
    Ok(found.triples.iter().map(|t| print(&build::build(&parsed, t, joined(t)), &parsed)).collect())
}

/// Most files of a folder need not be parsed.
fn none_without_words(source: &SourceFile, language: &Language, request: &Request) -> Result<(), SpecError> {
    match spec::surely_none(&source.text, request) {
        true => Err(SpecError::NoPost { path: source.path.clone(), comment: language.layout.comment.clone() }),
        false => Ok(()),
    }
}

fn note(parsed: &Parsed, d: &Diagnostic) -> Note {
    Note { severity: d.severity, line: parsed.source.line(d.span.start), message: d.message.clone() }
}

/// Slices of one triple.
fn analyze_triple(parsed: &Parsed, triple: &Triple, program_tokens: u64, options: &Options) -> TripleAnalysis {
    let lean = options.slicing == Slicing::Lean;
    let joined = Joined::new(parsed, triple, options.call_depth, lean);
    // Where a callee can't be followed, its conditions are its own.
    let (inside, unfollowed) = within_reach(parsed, triple, &joined);
    let triple = &inside;
    let joined = if unfollowed.is_empty() { joined } else { Joined::new(parsed, triple, options.call_depth, lean) };
    let cfg = build::build(parsed, triple, joined);
    let facts = Facts::new(parsed, &cfg, triple, lean);
    let program = Program::new(parsed, triple, &cfg, &facts, options.slicing);
    // Where nothing is cut, all that counts is whether there is a class.
    let most = if options.show == Show::Slices { options.max_partitions } else { 1 };
    let Work { mut classes, mut more } = work(&program, most, options.show == Show::Slices);
    let mut asked = classes.iter().filter(|c| c.1 == SliceKind::Class).count() as u64;
    // Who is shown a whole file can't know that no path of it leads to Q.
    let vacuous = asked == 0 && !more && options.show != Show::Program;
    let every = || covered(&cfg, &program.relevant, &program.relevant);
    let whole = match options.show {
        Show::Slices => None,
        Show::Functions if vacuous => Some(Vec::new()),
        Show::Functions => Some(vec![(render(&program, &uncut(&program), options.comments), None, every())]),
        Show::Program => Some(vec![(whole::program(parsed, triple), None, every())]),
    };
    if whole.is_some() {
        classes.clear();
        (asked, more) = (u64::from(!vacuous), false);
    }
    let function = parsed.ast.function(triple.entry);
    let cut: Vec<(Rendered, Option<Probe>, Vec<u32>)> = classes
        .par_iter()
        .map(|(class, kind)| {
            let plan = plan(&program, class, *kind);
            let rendered = render(&program, &plan, options.comments);
            let other = || probe(parsed, triple, &rendered, &render(&program, &plan, Comments::Strip).text);
            let probe = if options.probe { other() } else { None };
            (rendered, probe, covered(&cfg, &program.relevant, class))
        })
        .collect();
    let rendered = whole.unwrap_or(cut);

    let params: Vec<String> = function.params.iter().map(|p| p.name.clone()).collect();
    let at_exit = triple.post.anchor == Anchor::Exit;
    let pre = triple.pre.iter().map(|p| &p.condition);
    let question = Question::new(parsed.language, pre, &triple.post.condition, at_exit, &params);
    let style = PromptOptions { style: Style::default(), seed: options.seed };
    let mut slices: Vec<SliceAnalysis> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    for (class, (rendered, probe, edges)) in (0..).zip(rendered) {
        let key = rendered.text.split_whitespace().collect::<Vec<_>>().join(" ");
        match known.get(&key) {
            Some(i) => {
                let same = &mut slices[*i];
                same.classes += 1;
                same.edges.extend(edges);
                same.edges.sort_unstable();
                same.edges.dedup();
            }
            None => {
                known.insert(key, slices.len());
                let about = About::of(rendered.kind);
                slices.push(SliceAnalysis {
                    id: question.id(&rendered.text),
                    tokens: prompt::tokens(&rendered.text),
                    prompt_tokens: question.prompt(&rendered.text, about, &style).tokens,
                    classes: 1,
                    class,
                    probe,
                    edges,
                    rendered,
                });
            }
        }
    }
    slices.sort_by(|a, b| {
        let order = |s: &SliceAnalysis| (s.tokens, s.rendered.kept.clone());
        order(a).cmp(&order(b)).then_with(|| a.rendered.text.cmp(&b.rendered.text))
    });
    let baseline_prompt_tokens = question.prompt(&parsed.source.text, About::Program, &style).tokens;

    let line = parsed.source.line(function.span.start);
    let note = |message: String| Note { severity: Severity::Warning, line, message };
    let mut diagnostics: Vec<Note> = unfollowed.into_iter().map(note).collect();
    if facts.whole {
        let message = "the postcondition names no variable in scope, so slicing had nothing to hold on to: every variable \
                       was kept (name one in back quotes)";
        diagnostics.push(Note { severity: Severity::Warning, line, message: message.into() });
    }
    if cfg.joined.reentrant {
        let name = &function.qualified;
        let message = format!("`{name}` may be called again while it runs: all its paths are asked about as one slice");
        diagnostics.push(Note { severity: Severity::Info, line, message });
    }
    if more {
        let message = format!(
            "more than {} path classes: the rest is asked as one remainder slice (--max-partitions)",
            options.max_partitions
        );
        diagnostics.push(Note { severity: Severity::Info, line, message });
    }
    TripleAnalysis {
        id: question.id(&parsed.source.text),
        function: function.qualified.clone(),
        line,
        pre: triple.pre.iter().map(|p| (p.condition.clone(), line_of(parsed, p))).collect(),
        post: triple.post.condition.clone(),
        post_line: line_of(parsed, &triple.post),
        at_exit,
        criterion: criterion(triple),
        whole: facts.whole,
        program_tokens,
        baseline_prompt_tokens,
        asked,
        total: (!more).then_some(asked),
        vacuous,
        // Nothing that weiser doesn't understand is lacking where all is shown.
        limits: if options.show == Show::Program { Vec::new() } else { limits(parsed, triple, &cfg, &slices) },
        slicing: options.slicing,
        slices,
        diagnostics,
        graph: graph(&cfg, parsed, triple, &facts, &program.relevant),
        parts: parsed.source.linkage.as_ref().map_or_else(Vec::new, |l| l.parts.clone()),
        params,
    }
}

/// What is asked about one by one.
pub(super) struct Work {
    pub classes: Vec<(BitSet, SliceKind)>,
    /// There are more classes.
    more: bool,
}

/// The first classes, `most` at most. `remainder`: what stands for all others comes first where there are any.
pub(super) fn work(program: &Program, most: usize, remainder: bool) -> Work {
    let cfg = program.cfg;
    let (found, all) = feasible(program, &mut Classes::new(cfg, &program.relevant, most), most);
    let mut classes: Vec<(BitSet, SliceKind)> = found.into_iter().map(|c| (c, SliceKind::Class)).collect();
    if cfg.joined.reentrant {
        // No class can be cut out: an inner run takes paths of its own.
        classes.truncate(1);
        classes.iter_mut().for_each(|c| c.0 = program.relevant.clone());
        return Work { classes, more: false };
    }
    if !all && remainder {
        // First, so that a class with the same text is merged into it and not the other way round.
        classes.insert(0, (program.relevant.clone(), SliceKind::Remainder));
    }
    Work { classes, more: !all }
}

/// Classes looked at for one that is asked about.
const TRIED: usize = 16;

/// The first classes, at most `most`, without those that constants show no run to take; and whether there are no more. Where none
/// would be left, none is left out: that nothing leads to Q is not said on the word of constants.
fn feasible(program: &Program, classes: &mut Classes, most: usize) -> (Vec<BitSet>, bool) {
    if program.cfg.joined.reentrant || most == 0 {
        let found: Vec<BitSet> = classes.by_ref().take(most).collect();
        let all = classes.next().is_none() && classes.complete();
        return (found, all);
    }
    let known = Feasible::new(program);
    let mut found = Vec::new();
    let mut left_out = Vec::new();
    for class in classes.by_ref().take(most.saturating_mul(TRIED)) {
        let taken = known.class(&class);
        if taken && found.len() == most {
            return (found, false);
        }
        if taken { found.push(class) } else { left_out.push(class) }
    }
    let all = classes.complete();
    if found.is_empty() {
        let all = all && left_out.len() <= most;
        left_out.truncate(most);
        return (left_out, all);
    }
    (found, all)
}

/// The slice without comments and with other names; `None` where that is the slice as it is.
pub(super) fn probe(parsed: &Parsed, triple: &Triple, rendered: &Rendered, stripped: &str) -> Option<Probe> {
    let function = parsed.ast.function(triple.entry);
    let said = |placed: &Placed| placed.condition.kind == ConditionKind::Code;
    let conditions: Vec<Said> = (triple.pre.iter().chain([&triple.post]))
        .map(|placed| Said { text: &placed.condition.text, code: said(placed) })
        .collect();
    let (text, renaming) = renamed(stripped, parsed.language, &function.name, &conditions, RESULT);
    if text == rendered.text && renaming.is_empty() {
        return None;
    }
    let mut conditions: Vec<String> = conditions.iter().map(|c| renaming.condition(*c)).collect();
    let post = conditions.pop().unwrap_or_default();
    let params = function.params.iter().map(|p| renaming.name(&p.name)).collect();
    Some(Probe { text, pre: conditions, post, params })
}

/// The triple that is asked about when calls are followed so far.
pub(super) fn as_asked(parsed: &Parsed, triple: &Triple, call_depth: usize, slicing: Slicing) -> Triple {
    within_reach(parsed, triple, &Joined::new(parsed, triple, call_depth, slicing == Slicing::Lean)).0
}

/// The triple as far as its conditions stand in functions that are followed, and what could not be: a POST elsewhere makes its
/// own function the start, a PRE elsewhere is left out.
fn within_reach(parsed: &Parsed, triple: &Triple, joined: &Joined) -> (Triple, Vec<String>) {
    let ast = &parsed.ast;
    let home = |stmt: StmtId| {
        let span = ast.stmt(stmt).span;
        let around = (0..ast.functions.len() as u32).map(FunctionId).filter(|f| ast.function(*f).span.contains(span));
        around.min_by_key(|f| ast.function(*f).span.len()).unwrap_or(triple.entry)
    };
    let reached = |entry: FunctionId, stmt: StmtId| home(stmt) == entry || joined.owner.contains_key(&stmt);
    let mut out = triple.clone();
    let mut said = Vec::new();
    let name = |f: FunctionId| ast.function(f).qualified.as_str();
    if let Some(stmt) = triple.post.anchor.stmt().filter(|s| !reached(triple.entry, *s)) {
        out.entry = home(stmt);
        said.push(format!(
            "the calls from `{}` to `{}`, which holds the POST, can't be followed: the triple starts in `{1}`",
            name(triple.entry),
            name(out.entry)
        ));
    }
    let entry = out.entry;
    out.pre.retain(|p| match p.anchor.stmt() {
        Some(stmt) => reached(entry, stmt) && (entry == triple.entry || home(stmt) == entry),
        None => entry == triple.entry,
    });
    for placed in triple.pre.iter().filter(|p| !out.pre.contains(p)) {
        said.push(format!(
            "PRE `{}` stands where it can't be followed from `{}`: left out",
            placed.condition.text,
            name(entry)
        ));
    }
    (out, said)
}

/// What Q is sliced for, in words of the program.
fn criterion(triple: &Triple) -> Vec<String> {
    let mut out = triple.post.condition.names.clone();
    let text = triple.post.condition.kind == ConditionKind::Text;
    if text && triple.post.anchor == Anchor::Exit && !out.is_empty() && !out.iter().any(|n| n == RESULT) {
        out.push(RESULT.to_owned());
    }
    out
}

fn line_of(parsed: &Parsed, placed: &Placed) -> u32 {
    placed.condition.span.map_or(0, |s| parsed.source.line(s.start))
}

/// What keeps an answer from being about every path: a graph that was cut, and code that was not understood, be it in the
/// functions of the graph or in what a slice shows beside them.
fn limits(parsed: &Parsed, triple: &Triple, cfg: &Cfg, slices: &[SliceAnalysis]) -> Vec<String> {
    let mut out: Vec<String> = cfg.cut.iter().cloned().collect();
    out.extend(parsed.source.linkage.iter().map(|l| l.cut.clone()).filter(|cut| !cut.is_empty()));
    let left_out: BTreeSet<&str> = slices.iter().flat_map(|s| &s.rendered.left_out).map(String::as_str).collect();
    if !left_out.is_empty() {
        let names = left_out.into_iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ");
        out.push(format!("called and too large to be shown whole: {names}"));
    }
    let functions: Vec<Span> =
        cfg.joined.functions.iter().chain([&triple.entry]).map(|f| parsed.ast.function(*f).span).collect();
    for d in parsed.ast.diagnostics.iter().filter(|d| d.severity >= Severity::Warning) {
        let (line, last) = (parsed.source.line(d.span.start), parsed.source.line(d.span.end));
        let shown = |s: &SliceAnalysis| s.rendered.kept.iter().any(|(a, b)| *a <= last && line <= *b);
        let inside = |f: &Span| f.start < d.span.end && d.span.start < f.end;
        if functions.iter().any(inside) || slices.iter().any(shown) {
            let parts = parsed.source.linkage.as_ref().map_or(&[][..], |l| &l.parts);
            let text = format!("{}: {}", crate::text::spot(parts, line), d.message);
            if !out.contains(&text) {
                out.push(text);
            }
        }
    }
    out
}
