//! The text that reads arguments and calls the entry, for harnesses that are compiled with the program (`[call]` in `run.toml`).

use super::inputs::Literals;
use super::probe::fill;
use super::shape::{Parameter, Shape};
use crate::syntax::running::Call;

/// The files that stand beside the program.
pub fn files(call: &Call, entry: &str, parameters: &[Parameter], literals: &Literals) -> Vec<(String, String)> {
    let reads: Vec<String> = parameters
        .iter()
        .enumerate()
        .map(|(i, p)| {
            let to = variable(i);
            let declared = fill(&call.declare, &[("type", &p.ty), ("to", &to)]);
            format!("{declared} {}", read(call, &p.shape, &p.ty, &to, 0))
        })
        .collect();
    let arguments: Vec<String> = (0..parameters.len()).map(variable).collect();
    let called = fill(&call.call, &[("f", entry), ("arguments", &arguments.join(", "))]);
    let wide = literals.ints.iter().filter(|i| i64::try_from(**i).is_ok_and(|i| i != i64::MIN));
    let pool: Vec<String> = wide.take(64).map(|i| format!("{i}, ")).collect();
    let size = pool.len().to_string();
    // Characters that need no escape, besides some that any program knows.
    let mut characters: String = literals
        .chars
        .iter()
        .filter(|c| c.is_ascii_alphanumeric() || "+-*/=<>()[]{}.,:;!@#$%^&_ ".contains(**c))
        .collect();
    characters.retain(|c| !c.is_whitespace());
    characters.push_str("abzAB019");
    let with = [
        ("reads", reads.join("\n")),
        ("call", called),
        ("pool", pool.concat()),
        ("size", size),
        ("characters", characters.replace("??", "?")),
    ];
    let with: Vec<(&str, &str)> = with.iter().map(|(n, v)| (*n, v.as_str())).collect();
    call.files.iter().map(|(name, text)| (name.clone(), fill(text, &with))).collect()
}

/// Named so that no program's macro is in the way.
fn variable(i: usize) -> String {
    format!("weiser_argument_{i}")
}

fn read(call: &Call, shape: &Shape, ty: &str, to: &str, depth: usize) -> String {
    let form =
        |form: &str, inner: &str| fill(form, &[("to", to), ("type", ty), ("d", &depth.to_string()), ("inner", inner)]);
    let pointed = ty.strip_suffix('*').unwrap_or(ty).trim_end();
    match shape {
        Shape::Bool => form(&call.bool, ""),
        Shape::Int { .. } | Shape::Length(_) => form(&call.int, ""),
        Shape::Float { .. } => form(&call.float, ""),
        // One character of a text is its number here.
        Shape::Char => form(&call.int, ""),
        Shape::Text => form(&call.text, ""),
        Shape::List(element) => {
            form(&call.list, &read(call, element, pointed, &format!("{to}[weiser_i{depth}]"), depth + 1))
        }
        Shape::Pointer(inside) | Shape::Optional(inside) => {
            let inner = match **inside {
                Shape::None => String::new(),
                _ => read(call, inside, pointed, &format!("(*{to})"), depth + 1),
            };
            form(&call.pointer, &inner)
        }
        Shape::Fields(fields) => {
            let each = |(name, shape, ty): &(String, Shape, String)| {
                let field = fill(&call.field, &[("to", to), ("name", name)]);
                read(call, shape, ty, &field, depth + 1)
            };
            form(&call.fields, &fields.iter().map(each).collect::<Vec<_>>().join(" "))
        }
        // No signature of such a language has these.
        Shape::None
        | Shape::Bytes
        | Shape::Tuple(_)
        | Shape::Set(_)
        | Shape::Map(..)
        | Shape::Either(_)
        | Shape::Any => form(&call.pointer, ""),
    }
}
