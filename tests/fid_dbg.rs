use std::path::Path;
use weiser::pipeline::{Options, fidelity};
use weiser::run::fidelity::Plan;
#[test]
fn dbg() {
    let Ok(list) = std::env::var("FID") else { return };
    let n: usize = std::env::var("FIDN").ok().and_then(|n| n.parse().ok()).unwrap_or(200);
    let mut sums = (0, 0, 0, 0, 0);
    for file in list.split_whitespace() {
        let path = Path::new(file);
        let language = weiser::syntax::for_path(path).unwrap();
        let text = String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned();
        let started = std::time::Instant::now();
        match fidelity(file, text, language, &Default::default(), &Options::default(), &Plan { inputs: n, most: n * 20, told: 2 }, &mut |_| ()) {
            Err(e) => println!("{file}: {e}"),
            Ok((analysis, tested)) => for (a, t) in analysis.triples.iter().zip(&tested) {
                match &t.result {
                    Err(e) => { sums.4 += 1; println!("NOT {file}:{} {e}", a.post_line) }
                    Ok(f) => {
                        sums.0 += 1; if f.accepted >= n { sums.1 += 1 }; sums.2 += f.missed.count; sums.3 += f.spurious.count;
                        println!("{} {file}:{} judged={} slices={} tried={} accepted={} reached={} apart={} agree={} missed={} spurious={} broken={} {:.1}s",
                        if f.missed.count + f.spurious.count > 0 { "BAD" } else { "ok " }, a.post_line, t.judged, a.slices.len(), f.tried, f.accepted, f.reached, f.apart, f.agree, f.missed.count, f.spurious.count, f.broken.len(), started.elapsed().as_secs_f64());
                        for (i, why) in f.broken.iter().take(1) { println!("   broken slice {i}: {}\n{}", why.lines().take(4).collect::<Vec<_>>().join("\n      "), a.slices[*i].rendered.text); }
                        for m in f.missed.told.iter().chain(&f.spurious.told).take(2) {
                            println!("   input {:?} {:?}\n   original {:?}", m.input.arguments, m.input.stdin, m.original);
                            match m.slice { Some(s) => println!("   slice {:?}\n{}", m.slices[0], a.slices[s].rendered.text),
                               None => for (s, o) in m.slices.iter().enumerate().take(4) { println!("   [{s}] {o:?}"); } }
                        }
                    }
                }
            }
        }
    }
    println!("tested, full, missed, spurious, not: {sums:?}");
}
