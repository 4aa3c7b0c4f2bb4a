//! Lean slices of a triple whose exact ones are too long to ask about.
//!
//! Nobody knows before asking how much a model holds, so an analysis has none of them. They are cut when the first is needed, all of
//! the triple together, from the text of its file: the classes are counted up once more, and the plan of each is made from
//! what a lean slice keeps. Cost: about that of the analysis; memory: as long as the triple is asked about.
//!
//! A lean slice is of the same class: of the relevant sites that it has left, those are open that the class covers. Whatever
//! the class says nothing of stays open too. The graph is that of the exact slices, which `--slicing lean` may follow further.

use super::analyze::{probe, work};
use super::check::question_of;
use super::question::About;
use super::running::triple;
use super::{FileAnalysis, Show};
use crate::cfg::bits::BitSet;
use crate::cfg::build;
use crate::cfg::joined::Joined;
use crate::deps::slicer::Facts;
use crate::prompt::{self, PromptOptions, Style};
use crate::render::{Comments, render};
use crate::slice::{Program, Slicing, plan};
use crate::syntax::language::Language;
use crate::verdict::Leaner;
use crate::verdict::ask::{Lean, Leaning};
use std::sync::OnceLock;

/// Walking deeply nested programs takes stack.
const STACK: usize = 64 << 20;

/// The lean slices of one triple.
pub(super) struct Leaners<'a> {
    file: &'a FileAnalysis,
    index: usize,
    language: &'a Language,
    options: PromptOptions,
    /// One for each of the triple's slices, once they are made; `None` for a slice whose lean one is no shorter.
    made: OnceLock<Vec<Option<Lean>>>,
}

/// That of one slice.
pub(super) struct OfSlice<'a> {
    pub of: &'a Leaners<'a>,
    pub number: usize,
}

impl Leaning for OfSlice<'_> {
    fn lean(&self) -> Option<&Lean> {
        self.of.made.get_or_init(|| self.of.make()).get(self.number)?.as_ref()
    }
}

impl<'a> Leaners<'a> {
    /// `None` where the slices are as lean as they can be, or no slices at all.
    pub fn new(file: &'a FileAnalysis, index: usize, language: &'a Language, options: PromptOptions) -> Option<Self> {
        let exact = file.triples[index].slicing == Slicing::Exact && file.options.show == Show::Slices;
        exact.then(|| Leaners { file, index, language, options, made: OnceLock::new() })
    }

    /// Empty where the file can't be read again as it was, which its own text can.
    fn make(&self) -> Vec<Option<Lean>> {
        std::thread::scope(|scope| {
            let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, || self.cut());
            thread.map_or_else(
                |_| Vec::new(),
                |thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            )
        })
    }

    fn cut(&self) -> Vec<Option<Lean>> {
        let options = &self.file.options;
        let Ok((parsed, triple)) = triple(self.file, self.index) else { return Vec::new() };
        let cfg = build::build(&parsed, &triple, Joined::new(&parsed, &triple, options.call_depth, false));
        let exact = Facts::new(&parsed, &cfg, &triple, false);
        let exact = Program::new(&parsed, &triple, &cfg, &exact, Slicing::Exact);
        let classes = work(&exact, options.max_partitions, true).classes;
        let facts = Facts::new(&parsed, &cfg, &triple, true);
        let lean = Program::new(&parsed, &triple, &cfg, &facts, Slicing::Lean);

        let analysis = &self.file.triples[self.index];
        let question = question_of(analysis, self.language);
        let cut = |slice: &super::SliceAnalysis| {
            let (class, kind) = classes.get(slice.class as usize)?;
            let mut covered = BitSet::new(cfg.sites.len());
            for site in lean.relevant.iter().filter(|s| !exact.relevant.contains(*s) || class.contains(*s)) {
                covered.insert(site);
            }
            let plan = plan(&lean, &covered, *kind);
            let rendered = render(&lean, &plan, options.comments);
            let about = About::of(*kind);
            // Counted as the analysis counts.
            let counted = PromptOptions { style: Style::default(), seed: options.seed };
            let prompt_tokens = question.prompt(&rendered.text, about, &counted).tokens;
            if prompt_tokens >= slice.prompt_tokens {
                return None;
            }
            let prompt = question.prompt(&rendered.text, about, &self.options);
            let other = options.probe.then(|| render(&lean, &plan, Comments::Strip).text);
            let probe = other.and_then(|other| probe(&parsed, &triple, &rendered, &other));
            let probe = probe.map(|probe| question.probe(&probe, about, &self.options));
            let (id, tokens) = (question.id(&rendered.text), prompt::tokens(&rendered.text));
            let leaner = Leaner { id, rendered, tokens, prompt_tokens };
            Some(Lean { leaner, prompt, probe })
        };
        analysis.slices.iter().map(cut).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::{Options, analyze};
    use crate::spec::Request;
    use crate::syntax;
    use std::collections::BTreeSet;
    use std::path::Path;

    /// Of every fixture: the lean slice of a class shows no line that the exact one doesn't, and assumes nothing else.
    #[test]
    fn a_lean_slice_is_a_part_of_the_exact_one_of_its_class() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
        let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        let (mut cut, mut classes) = (0, 0);
        for path in paths {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let extension = path.extension().unwrap().to_string_lossy().into_owned();
            let Some(language) = syntax::languages().iter().find(|l| l.extensions.contains(&extension)) else {
                continue;
            };
            let text = std::fs::read_to_string(&path).unwrap();
            let request = Request { across: true, ..Request::default() };
            let options = Options { probe: true, ..Options::default() };
            let file = analyze(&name, text, language, &request, &options).unwrap();
            for (index, triple) in file.triples.iter().enumerate() {
                let leaners = Leaners::new(&file, index, language, PromptOptions::default()).unwrap();
                for (number, slice) in triple.slices.iter().enumerate() {
                    classes += 1;
                    let Some(lean) = (OfSlice { of: &leaners, number }).lean().cloned() else { continue };
                    cut += 1;
                    let (exact, rendered) = (&slice.rendered, &lean.leaner.rendered);
                    assert!(lean.leaner.prompt_tokens < slice.prompt_tokens, "{name}");
                    assert_eq!(rendered.kind, exact.kind);
                    assert_eq!(syntax::has_errors(&rendered.text, language), 0, "{name}\n{}", rendered.text);
                    let lines = |kept: &[(u32, u32)]| kept.iter().flat_map(|(a, b)| *a..=*b).collect::<BTreeSet<_>>();
                    let (all, some) = (lines(&exact.kept), lines(&rendered.kept));
                    assert!(some.is_subset(&all), "{name}\n{}\n{}", exact.text, rendered.text);
                    let strangers = rendered.assumptions.iter().filter(|a| !exact.assumptions.contains(a));
                    assert_eq!(strangers.count(), 0, "{name}\n{}\n{}", exact.text, rendered.text);
                }
            }
        }
        assert!(cut > 10 && cut < classes, "{cut} of {classes}");
    }
}
