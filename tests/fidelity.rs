//! The judge of the engine: programs and their slices are run on the same inputs and must agree (`run::fidelity`).
//!
//! Random programs by `generator`: a few in every test run, `WEISER_PROGRAMS=300 cargo nextest run --test fidelity` for as
//! many of each language. `WEISER_SEED` is the first program's seed.

mod generator;

use generator::{Generated, Lang, runs};
use std::fmt::Write;
use weiser::cfg::joined::Joined;
use weiser::pipeline::{Options, fidelity};
use weiser::run::fidelity::Plan;
use weiser::spec::{self, Request};
use weiser::syntax;

fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).ok().and_then(|n| n.parse().ok()).unwrap_or(default)
}

/// What random programs came to.
#[derive(Default)]
struct Tally {
    triples: usize,
    accepted: usize,
    reached: usize,
    apart: usize,
    unfit: u64,
    wrong: String,
}

impl Tally {
    /// Runs a program beside its slices.
    fn compare(&mut self, seed: u64, program: &Generated, request: &Request, options: &Options, inputs: usize) {
        let language = syntax::for_path(program.file_name.as_ref()).expect("a known extension");
        let plan = Plan { inputs, most: inputs * 20, told: 1 };
        let text = program.text.clone();
        let (analysis, tested) = fidelity(
            weiser::text::SourceFile::new(program.file_name.as_str(), text),
            language,
            request,
            options,
            &plan,
            &mut |_| (),
        )
        .expect("a triple");
        let wrong = &mut self.wrong;
        for (triple, tested) in analysis.triples.iter().zip(tested) {
            let result = match tested.result {
                Ok(result) => result,
                // A callee that can't be followed has the POST: the triple starts there, with the callee's parameters.
                Err(error) if !triple.function.ends_with(&program.entry) && error.to_string().contains("no values") => {
                    self.unfit += 1;
                    continue;
                }
                // Where a condition at return would have to be judged behind a `finally`, nothing is run.
                Err(error) if error.to_string().contains("returns from inside") => {
                    self.unfit += 1;
                    continue;
                }
                Err(error) => {
                    writeln!(wrong, "seed {seed}, line {}: {error}\n{}", triple.post_line, program.text)
                        .expect("a string");
                    continue;
                }
            };
            self.triples += 1;
            self.accepted += result.accepted;
            self.reached += result.reached;
            self.apart += result.apart;
            for (slice, why) in &result.broken {
                let text = &triple.slices[*slice].rendered.text;
                writeln!(wrong, "seed {seed}: a slice can't be run: {why}\n{text}\n{}", program.text)
                    .expect("a string");
            }
            for (kind, mismatch) in [("missed", &result.missed), ("spurious", &result.spurious)] {
                for m in mismatch.told.iter().filter(|_| result.broken.is_empty()) {
                    let slice = m.slice.map_or("", |s| triple.slices[s].rendered.text.as_str());
                    writeln!(
                        wrong,
                        "seed {seed}, line {}: {kind} ({} inputs), on {:?}\noriginal {:?}\nslices {:?}\n{slice}\n---\n{}",
                        triple.post_line, mismatch.count, m.input.arguments, m.original, m.slices, program.text
                    )
                    .expect("a string");
                }
            }
        }
    }
}

/// Runs random programs beside their slices; panics with reproducers.
fn random_programs(lang: Lang, extension: &str, default: u64) {
    if !runs(extension) {
        return;
    }
    let first = number("WEISER_SEED", 0);
    let programs = number("WEISER_PROGRAMS", default);
    let mut tally = Tally::default();
    for seed in first..first + programs {
        let program = generator::program(lang, seed, 1 + (seed % 4) as u32);
        tally.compare(seed, &program, &Request::default(), &Options::default(), 60);
    }
    let Tally { triples, accepted, reached, apart, unfit, wrong } = tally;
    println!(
        "{extension}: {programs} programs, {triples} triples, {accepted} inputs, {reached} at Q, {apart} apart, {unfit} not run"
    );
    assert!(wrong.is_empty(), "{wrong}");
    assert!(unfit * 10 < programs, "too many are not run");
    assert!(reached * 4 > accepted, "too few inputs reach Q");
}

/// What programs of several functions have, as the engine sees them: no share may be small, or nothing would be tested.
#[derive(Default)]
struct Shares {
    /// A callee is followed.
    joined: u64,
    /// One is followed from two places or more.
    twice: u64,
    /// At least two are followed.
    several: u64,
    /// The POST stands in a followed callee.
    post: u64,
    /// The PRE does.
    pre: u64,
    recursion: u64,
}

impl Shares {
    fn count(&mut self, program: &Generated, request: &Request, options: &Options) {
        let language = syntax::for_path(program.file_name.as_ref()).expect("a known extension");
        let parsed = syntax::parse(&program.file_name, program.text.clone(), language);
        let found = spec::triples(&parsed, request).expect("a triple");
        for triple in &found.triples {
            let joined = Joined::new(&parsed, triple, options.call_depth, false);
            let mut callees: Vec<_> = joined.calls.values().map(|c| c.callee).collect();
            let calls = callees.len();
            callees.sort();
            callees.dedup();
            let inside = |p: &spec::Placed| p.anchor.stmt().is_some_and(|s| joined.function_of(s).is_some());
            self.joined += u64::from(!callees.is_empty());
            self.twice += u64::from(calls > callees.len());
            self.several += u64::from(callees.len() > 1);
            self.post += u64::from(inside(&triple.post));
            self.pre += u64::from(triple.pre.iter().any(inside));
        }
        self.recursion += u64::from(program.constructs.iter().any(|c| c.contains("recursion")));
    }
}

/// Runs random programs of several functions beside their slices; panics with reproducers.
fn random_across(lang: Lang, extension: &str, default: u64) {
    if !runs(extension) {
        return;
    }
    let first = number("WEISER_SEED", 0);
    let programs = number("WEISER_PROGRAMS", default);
    let mut tally = Tally::default();
    let mut shares = Shares::default();
    for seed in first..first + programs {
        let program = generator::across::program(lang, seed);
        let request = Request { entry: Some(program.entry.clone()), across: true, ..Request::default() };
        // Now and then most paths are in the remainder.
        let max_partitions = if seed % 3 == 0 { 4 } else { 12 };
        let options = Options { max_partitions, ..Options::default() };
        shares.count(&program, &request, &options);
        tally.compare(seed, &program, &request, &options, 40);
    }
    let Tally { triples, accepted, reached, apart, unfit, wrong } = tally;
    let Shares { joined, twice, several, post, pre, recursion } = shares;
    println!(
        "{extension}: {programs} programs, {triples} triples, {accepted} inputs, {reached} at Q, {apart} apart, {unfit} not run; a callee \
         followed in {joined}, two or more in {several}, from two calls in {twice}, POST in one in {post}, PRE in one in \
         {pre}, recursion in {recursion}"
    );
    assert!(wrong.is_empty(), "{} programs\n{wrong}", wrong.matches("\nseed ").count() + 1);
    assert!(reached * 4 > accepted, "too few inputs reach Q");
    assert!(unfit * 10 < programs, "too many are not run");
    assert!(joined * 2 > programs && several * 4 > programs && twice * 5 > programs, "too few callees are followed");
    // A small share may hold less of what is rare.
    let recursion = if programs < 100 { recursion * 3 } else { recursion };
    assert!(post * 10 > programs && recursion * 8 > programs, "too few POSTs in callees, or too little recursion");
}

#[test]
fn random_c_programs() {
    random_programs(Lang::C, "c", 6);
}

#[test]
fn random_python_programs() {
    random_programs(Lang::Python, "py", 12);
}

#[test]
fn random_java_programs() {
    random_programs(Lang::Java, "java", 6);
}

#[test]
fn random_across_c() {
    random_across(Lang::C, "c", 10);
}

#[test]
fn random_across_python() {
    random_across(Lang::Python, "py", 16);
}

#[test]
fn random_across_java() {
    random_across(Lang::Java, "java", 16);
}
