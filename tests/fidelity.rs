//! The judge of the engine: programs and their slices are run on the same inputs and must agree (`run::fidelity`).
//!
//! Random programs by `generator`: a few in every test run, `WEISER_PROGRAMS=300 cargo nextest run --test fidelity` for as
//! many of each language. `WEISER_SEED` is the first program's seed.

mod generator;

use generator::Lang;
use std::fmt::Write;
use weiser::pipeline::{Options, fidelity};
use weiser::run::fidelity::Plan;
use weiser::run::toolchain::{RunError, Toolchain};
use weiser::syntax;

fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).ok().and_then(|n| n.parse().ok()).unwrap_or(default)
}

/// Runs random programs beside their slices; panics with reproducers.
fn random_programs(lang: Lang, extension: &str, default: u64) {
    let language = syntax::for_path(format!("x.{extension}").as_ref()).expect("a known extension");
    if let Err(error) = Toolchain::of(language) {
        assert!(!matches!(error, RunError::Sandbox(_)), "{error}");
        println!("skipped: {error}");
        return;
    }
    let first = number("WEISER_SEED", 0);
    let programs = number("WEISER_PROGRAMS", default);
    let (mut triples, mut accepted, mut reached, mut apart) = (0, 0, 0, 0);
    let mut wrong = String::new();
    for seed in first..first + programs {
        let program = generator::program(lang, seed, 1 + (seed % 4) as u32);
        let plan = Plan { inputs: 60, most: 1200, told: 1 };
        let (text, options) = (program.text.clone(), Options::default());
        let request = weiser::spec::Request::default();
        let (analysis, tested) =
            fidelity(&program.file_name, text, language, &request, &options, &plan, &mut |_| ()).expect("a triple");
        for (triple, tested) in analysis.triples.iter().zip(tested) {
            let result = match tested.result {
                Ok(result) => result,
                Err(error) => {
                    writeln!(wrong, "seed {seed}, line {}: {error}\n{}", triple.post_line, program.text)
                        .expect("a string");
                    continue;
                }
            };
            triples += 1;
            accepted += result.accepted;
            reached += result.reached;
            apart += result.apart;
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
    println!("{extension}: {programs} programs, {triples} triples, {accepted} inputs, {reached} at Q, {apart} apart");
    assert!(wrong.is_empty(), "{wrong}");
    assert!(reached * 4 > accepted, "too few inputs reach Q");
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
