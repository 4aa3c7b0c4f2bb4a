//! How many inputs a second a small function is run on, in each language whose tools are there: `cargo bench --bench running`.
//! The aim is 1 000.
//!
//! - `many`: a program that keeps no state outside of its own variables: many inputs in one process in each language.
//! - `alone`: one that might (C only): a process for each input.

use divan::Bencher;
use divan::counter::ItemsCount;
use proptest::strategy::ValueTree;
use weiser::run::bench::Bench;
use weiser::run::value::Input;
use weiser::spec::{Request, triples};
use weiser::syntax::{for_path, parse};

/// Inputs of one call.
const INPUTS: usize = 1000;

fn main() {
    divan::main();
}

const PROGRAMS: [(&str, &str); 3] = [
    (
        "mean.c",
        "int mean(int a, int b) {\n    int low = a < b ? a : b, high = a < b ? b : a;\n    int m = low / 2 + high / 2;\n    \
         assert(m <= high); // POST\n    return m;\n}\n",
    ),
    (
        "mean.py",
        "def mean(a: int, b: int) -> int:\n    low, high = min(a, b), max(a, b)\n    m = low // 2 + high // 2\n    \
         assert m <= high  # POST\n    return m\n",
    ),
    (
        "Mean.java",
        "class Mean {\n    static int mean(int a, int b) {\n        int low = Math.min(a, b), high = Math.max(a, b);\n        \
         int m = low / 2 + high / 2;\n        assert m <= high; // POST\n        return m;\n    }\n}\n",
    ),
];

#[divan::bench(args = ["mean.c", "mean.py", "Mean.java"], sample_count = 10)]
fn many(bencher: Bencher, file: &str) {
    let text = PROGRAMS.iter().find(|(name, _)| *name == file).map_or("", |(_, text)| text);
    measure(bencher, file, text.to_owned());
}

#[divan::bench(args = ["mean.c"], sample_count = 10)]
fn alone(bencher: Bencher, file: &str) {
    // A call of what isn't known to keep no state.
    let text = PROGRAMS[0].1.replacen("    int low", "    setlocale(0, 0);\n    int low", 1);
    measure(bencher, file, format!("#include <locale.h>\n{text}"));
}

fn measure(bencher: Bencher, file: &str, text: String) {
    let parsed = parse(file, text, for_path(file.as_ref()).expect("a known language"));
    let triple = triples(&parsed, &Request::default()).expect("a condition").triples.remove(0);
    let mut bench = match Bench::open(&parsed, &triple, &[], 0) {
        Ok(bench) => bench,
        Err(error) => return eprintln!("{file} skipped: {error}"),
    };
    let inputs: Vec<Input> = bench.random(INPUTS).iter().map(|tree| tree.current()).collect();
    bencher.counter(ItemsCount::new(INPUTS)).bench_local(|| {
        let seen = bench.run(0, &inputs);
        assert!(seen.iter().all(|o| o.visits.len() == 1), "a run without a visit");
    });
}
