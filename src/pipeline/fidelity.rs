//! A file's slices against the file itself: see [`crate::run::fidelity`].

use super::analyze::as_asked;
use super::{FileAnalysis, Options, analyze_source};
use crate::run::bench::Bench;
use crate::run::fidelity::{self, Fidelity, Plan};
use crate::run::toolchain::RunError;
use crate::spec::{self, Request, SpecError};
use crate::syntax;
use crate::syntax::language::Language;
use crate::text::SourceFile;

/// One triple of [`FileAnalysis::triples`], tested.
#[derive(Debug, Clone)]
pub struct TripleFidelity {
    pub result: Result<Fidelity, RunError>,
    /// Q was evaluated; otherwise the values of its names were compared.
    pub judged: bool,
    /// What ran it: `Python 3.11.2`; empty where nothing did.
    pub toolchain: String,
    /// What is not noticed with that; empty if nothing.
    pub without: String,
    /// Names of the parameters that were given values.
    pub parameters: Vec<String>,
}

/// Analyses a file and runs its slices beside it. Runs the code of the file, in the sandbox.
///
/// `progress` is told how many inputs were accepted since it was told before.
pub fn fidelity(
    source: SourceFile,
    language: &'static Language,
    request: &Request,
    options: &Options,
    plan: &Plan,
    progress: &mut dyn FnMut(usize),
) -> Result<(FileAnalysis, Vec<TripleFidelity>), SpecError> {
    let analysis = analyze_source(source.clone(), language, request, options)?;
    let parsed = syntax::parse_source(source, language);
    let found = spec::triples(&parsed, request)?;
    let mut tested = Vec::new();
    for (triple, slices) in found.triples.iter().zip(&analysis.triples) {
        let texts: Vec<&str> = slices.slices.iter().map(|s| s.rendered.text.as_str()).collect();
        let mut one = TripleFidelity {
            result: Err(RunError::Program(String::new())),
            judged: false,
            toolchain: String::new(),
            without: String::new(),
            parameters: Vec::new(),
        };
        // Where a callee can't be followed the slices start in it.
        let triple = as_asked(&parsed, triple, options.call_depth, options.slicing);
        one.result = Bench::open(&parsed, &triple, &texts, options.seed).map(|mut bench| {
            one.judged = bench.judged;
            one.toolchain.clone_from(&bench.toolchain.version);
            one.without.clone_from(&bench.toolchain.without);
            one.parameters = bench.parameters.iter().map(|p| p.name.clone()).collect();
            let mut before = 0;
            fidelity::test(&mut bench, texts.len(), plan, &mut |accepted| {
                progress(accepted - before);
                before = accepted;
            })
        });
        tested.push(one);
    }
    Ok((analysis, tested))
}
