//! The generator of programs: what it writes compiles, has the constructs that it is meant to have, and is sliced.

// Only the first setting is asked for here.
#[allow(dead_code)]
mod compilers;
mod generator;

use generator::{Generated, Lang, across, constructs, program};
use rayon::prelude::*;
use std::collections::BTreeMap;
use weiser::pipeline::{FileAnalysis, Options, analyze};
use weiser::spec::Request;
use weiser::syntax;

const LANGUAGES: [(Lang, &str); 3] = [(Lang::C, "c"), (Lang::Python, "python"), (Lang::Java, "java")];

/// A shape of programs in between the sizes of the seeds.
fn of_seeds(lang: Lang, seeds: std::ops::Range<u64>) -> Vec<Generated> {
    seeds.map(|seed| program(lang, seed, 1 + (seed % 4) as u32)).collect()
}

/// Programs of several functions.
fn across_seeds(lang: Lang, seeds: std::ops::Range<u64>) -> Vec<Generated> {
    seeds.map(|seed| across::program(lang, seed)).collect()
}

#[test]
fn the_same_seed_gives_the_same_program() {
    for (lang, _) in LANGUAGES {
        for of in [of_seeds, across_seeds] {
            let (one, two) = (of(lang, 0..40), of(lang, 0..40));
            assert_eq!(one, two);
            let mut texts: Vec<&str> = one.iter().map(|g| g.text.as_str()).collect();
            texts.sort_unstable();
            texts.dedup();
            assert_eq!(texts.len(), 40, "different seeds, different programs");
        }
    }
}

/// Under the first setting of the compiler: nothing is declared or imported for them.
#[test]
fn programs_compile() {
    for (lang, name) in LANGUAGES {
        let mut all: Vec<Generated> =
            (1..=4).flat_map(|size| (0..40).map(move |seed| program(lang, seed, size))).collect();
        all.extend(across_seeds(lang, 0..160));
        let texts: Vec<&str> = all.iter().map(|g| g.text.as_str()).collect();
        match compilers::complaints(name, 0, &texts) {
            Ok(found) => {
                let failures: Vec<String> =
                    found.iter().zip(&texts).filter_map(|(c, t)| Some(format!("{}\n{t}", c.as_ref()?))).collect();
                assert!(failures.is_empty(), "{} failures\n{}", failures.len(), failures.join("\n"));
            }
            Err(why) => println!("{name}: not compiled: {why}"),
        }
    }
}

#[test]
fn every_construct_occurs() {
    for (lang, name) in LANGUAGES {
        let kinds =
            [(constructs(lang), of_seeds(lang, 0..300)), (across::constructs(lang), across_seeds(lang, 0..300))];
        for (meant, programs) in kinds {
            let mut counts: BTreeMap<&str, usize> = meant.into_iter().map(|c| (c, 0)).collect();
            for construct in programs.iter().flat_map(|g| &g.constructs) {
                counts.entry(construct).and_modify(|n| *n += 1);
            }
            println!("{name}: {counts:?}");
            let rare: Vec<&str> = counts.iter().filter(|(_, n)| **n < 3).map(|(c, _)| *c).collect();
            assert!(rare.is_empty(), "{name}: seldom or never: {rare:?}");
        }
    }
}

#[test]
fn sizes_are_as_promised() {
    for (lang, name) in LANGUAGES {
        for (size, about) in [(1, 10), (2, 20), (3, 35), (4, 60)] {
            let lines: usize = (0..100).map(|seed| program(lang, seed, size).text.lines().count()).sum();
            println!("{name}, size {size}: {} lines", lines / 100);
            assert!((about / 2..about * 3).contains(&(lines / 100)), "{name}, size {size}: {} lines", lines / 100);
        }
    }
}

fn sliced(lang: &str, g: &Generated) -> FileAnalysis {
    let language = syntax::by_name(lang).expect("the language is known");
    // Conditions may stand in different functions; the entry is the one that calls the others.
    let across = g.file_name.starts_with('A');
    let request = Request { entry: across.then(|| g.entry.clone()), across, ..Request::default() };
    analyze(&g.file_name, g.text.clone(), language, &request, &Options::default())
        .unwrap_or_else(|e| panic!("{e}\n{}", g.text))
}

/// What is wrong with a program's slices as far as their text tells.
fn ill_formed(lang: &str, g: &Generated, file: &FileAnalysis) -> Vec<String> {
    let language = syntax::by_name(lang).expect("the language is known");
    let posts = g.text.matches("POST").count() + g.text.matches("post:").count() + g.text.matches("@ensures").count();
    let mut wrong = Vec::new();
    if file.triples.len() != posts {
        wrong.push(format!("{} triples of {posts}\n{}", file.triples.len(), g.text));
    }
    for triple in &file.triples {
        if triple.slices.is_empty() && !triple.vacuous {
            wrong.push(format!("no slice for {}\n{}", triple.post.text, g.text));
        }
        for slice in &triple.slices {
            if syntax::has_errors(&slice.rendered.text, language) > 0 {
                wrong.push(format!("ill-formed slice\n{}---\n{}", slice.rendered.text, g.text));
            }
        }
    }
    wrong
}

#[test]
fn programs_are_sliced() {
    for (lang, name) in LANGUAGES {
        let all = [of_seeds(lang, 0..200), across_seeds(lang, 0..50)].concat();
        let files: Vec<FileAnalysis> = all.par_iter().map(|g| sliced(name, g)).collect();
        let wrong: Vec<String> = all.iter().zip(&files).flat_map(|(g, f)| ill_formed(name, g, f)).collect();
        let triples: Vec<_> = files.iter().flat_map(|f| &f.triples).collect();
        let slices: usize = triples.iter().map(|t| t.slices.len()).sum();
        let vacuous = triples.iter().filter(|t| t.vacuous).count();
        println!("{name}: {} triples, {vacuous} vacuous, {slices} slices", triples.len());
        assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n=====\n"));
    }
}

/// Slices of these programs that don't compile, each with its program.
fn broken_slices(lang: Lang, name: &str, seeds: std::ops::Range<u64>) -> Vec<String> {
    let all = [of_seeds(lang, seeds.clone()), across_seeds(lang, seeds.start..seeds.start + 20)].concat();
    let files: Vec<FileAnalysis> = all.par_iter().map(|g| sliced(name, g)).collect();
    let triples = all.iter().zip(&files).flat_map(|(g, f)| f.triples.iter().map(move |t| (g, t)));
    let slices: Vec<(&Generated, &str)> =
        triples.flat_map(|(g, t)| t.slices.iter().map(move |s| (g, s.rendered.text.as_str()))).collect();
    let texts: Vec<&str> = slices.iter().map(|(_, text)| *text).collect();
    match compilers::complaints(name, 0, &texts) {
        Ok(found) => {
            let found = found.iter().zip(&slices);
            found.filter_map(|(c, (g, slice))| Some(format!("{}\n{slice}---\n{}", c.as_ref()?, g.text))).collect()
        }
        Err(why) => {
            println!("{name}: not compiled: {why}");
            Vec::new()
        }
    }
}

#[test]
fn slices_compile() {
    for (lang, name) in [(Lang::C, "c"), (Lang::Python, "python")] {
        let broken = broken_slices(lang, name, 1000..1040);
        assert!(broken.is_empty(), "{name}: {} slices\n{}", broken.len(), broken.join("\n=====\n"));
    }
}

#[test]
fn slices_compile_in_java() {
    let broken = broken_slices(Lang::Java, "java", 1000..1040);
    assert!(broken.is_empty(), "{} slices\n{}", broken.len(), broken.join("\n=====\n"));
}
