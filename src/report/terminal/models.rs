//! `weiser models` for people: a paragraph for each server, a line for each model.

use super::{BAD, BOLD, DIM, NAME, number, paint, safe};
use crate::report::models::{AskedServer, OfferedModel};
use std::fmt::Write;

pub fn servers(servers: &[AskedServer]) -> String {
    servers.iter().map(server).collect::<Vec<_>>().join("\n")
}

fn server(asked: &AskedServer) -> String {
    let mut out = format!("{} at {}\n", paint(BOLD, &asked.provider), safe(&asked.address));
    match &asked.models {
        Err(error) => writeln!(out, "  {} {}", paint(BAD, format!("{}:", error.code)), safe(&error.message)),
        Ok(models) if models.is_empty() => writeln!(out, "  {}", paint(DIM, "it offers no model")),
        Ok(models) => {
            let widest = models.iter().map(|model| safe(&model.spec).chars().count()).max().unwrap_or(0);
            models.iter().try_for_each(|model| {
                let spec = safe(&model.spec);
                let gap = " ".repeat(widest - spec.chars().count());
                let facts = facts(model).join(", ");
                writeln!(out, "{}", format!("  {}{gap}  {facts}", paint(NAME, spec)).trim_end())
            })
        }
    }
    .expect("a string takes whatever is written to it");
    out
}

fn facts(model: &OfferedModel) -> Vec<String> {
    let context = match (model.context, model.loaded) {
        (Some(most), Some(now)) if most != now => {
            Some(format!("context {}, loaded with {}", number(most), number(now)))
        }
        (Some(tokens), _) | (None, Some(tokens)) => Some(format!("context {}", number(tokens))),
        (None, None) => None,
    };
    let thinks = model.thinks.then(|| "thinks".to_string());
    [context, model.bytes.map(size), thinks].into_iter().flatten().collect()
}

fn size(bytes: u64) -> String {
    match bytes {
        1_000_000_000.. => format!("{:.1} GB", bytes as f64 / 1e9),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}
