//! Plots, as SVG. The only file that names plotters, whose fonts stay out: a viewer chooses its own.

use super::{ALL, Score, Scores};
use crate::campaign::{Cell, Method};
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use std::collections::BTreeSet;

/// Okabe and Ito's colours, which people with any kind of sight can tell apart.
const COLOURS: [RGBColor; 7] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(86, 180, 233),
    RGBColor(230, 159, 0),
    RGBColor(60, 60, 60),
];

const WIDTH: u32 = 900;
const FONT: &str = "sans-serif";
const GREY: RGBColor = RGBColor(200, 200, 200);
const TEXT: RGBColor = RGBColor(40, 40, 40);

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Failure = DrawingAreaErrorKind<std::io::Error>;

/// The plots of a run by the names of their files. One that has nothing to show is not made.
pub fn plots(name: &str, scores: &Scores) -> Vec<(String, String)> {
    let sets: BTreeSet<&str> = scores.scores.iter().map(|s| s.cell.dataset.as_str()).collect();
    let mut out = Vec::new();
    for set in &sets {
        let rows: Vec<&Score> = scores.scores.iter().filter(|s| s.group == ALL && s.cell.dataset == *set).collect();
        let end = if sets.len() > 1 { format!("-{}", file_name(set)) } else { String::new() };
        let title = if *set == name { name.to_owned() } else { format!("{name}: {set}") };
        let mut add = |kind: &str, drawn: Result<String, Failure>| {
            out.push(match drawn {
                Ok(svg) => (format!("{kind}{end}.svg"), svg),
                Err(error) => (format!("{kind}{end}.svg.error.txt"), format!("{error}\n")),
            });
        };
        if rows.iter().any(|s| s.accuracy.of > 0) {
            add("accuracy", accuracy(&title, &rows));
        }
        let asked = |s: &Score| s.tokens.is_some_and(|t| t.sum > 0.0);
        if rows.iter().any(|s| asked(s) && s.accuracy.of > 0) {
            let rows: Vec<&Score> = rows.iter().copied().filter(|s| asked(s)).collect();
            add("tokens-accuracy", against_tokens(&title, &rows));
        }
        let lines: Vec<(&Cell, &Vec<u64>)> = (scores.cumulative.iter())
            .filter(|(cell, sums)| cell.dataset == *set && sums.last().is_some_and(|sum| *sum > 0))
            .map(|(cell, sums)| (cell, sums))
            .collect();
        if !lines.is_empty() {
            add("tokens-cumulative", cumulative(&title, &lines));
        }
    }
    out
}

fn file_name(set: &str) -> String {
    set.chars().map(|c| if c.is_ascii_alphanumeric() || "-._".contains(c) { c } else { '-' }).collect()
}

fn drawn(height: u32, draw: impl FnOnce(&Area) -> Result<(), Failure>) -> Result<String, Failure> {
    let mut svg = String::new();
    {
        let root = SVGBackend::with_string(&mut svg, (WIDTH, height)).into_drawing_area();
        root.fill(&WHITE)?;
        draw(&root)?;
        root.present()?;
    }
    if !svg.ends_with('\n') {
        svg.push('\n');
    }
    Ok(svg)
}

fn label(cell: &Cell) -> String {
    let votes = if cell.votes > 1 { format!(", {} votes", cell.votes) } else { String::new() };
    format!("{}, {}{votes}", cell.oracle, cell.method.name())
}

/// At most so many characters, cut in the middle: names of models differ at their ends.
fn short(text: &str, most: usize) -> String {
    let all: Vec<char> = text.chars().collect();
    if all.len() <= most {
        return text.to_owned();
    }
    let half = (most - 1) / 2;
    let (start, end) = (&all[..half], &all[all.len() - half..]);
    format!("{}…{}", start.iter().collect::<String>(), end.iter().collect::<String>())
}

fn colour(method: Method) -> RGBColor {
    match method {
        Method::Slices => COLOURS[0],
        Method::Baseline => COLOURS[1],
        Method::Functions => COLOURS[2],
    }
}

fn heading(root: &Area, title: &str, under: &str) -> Result<(), Failure> {
    root.draw(&Text::new(short(title, 90), (16, 14), (FONT, 20).into_font().color(&TEXT)))?;
    root.draw(&Text::new(under.to_owned(), (16, 38), (FONT, 14).into_font().color(&TEXT)))
}

/// A dot with its interval for each cell, and what was undecided or not analysed as a grey bar from the right.
fn accuracy(title: &str, rows: &[&Score]) -> Result<String, Failure> {
    const LEFT: i32 = 330;
    const RIGHT: i32 = 100;
    const ROW: i32 = 26;
    const TOP: i32 = 70;
    let height = TOP + ROW * rows.len() as i32 + 50;
    drawn(height as u32, |root| {
        heading(root, title, "Accuracy in per cent, with 95 % intervals. Grey: undecided, or not analysed.")?;
        let x = |percent: f64| LEFT + ((WIDTH as i32 - LEFT - RIGHT) as f64 * percent / 100.0).round() as i32;
        let bottom = TOP + ROW * rows.len() as i32;
        let small = (FONT, 13).into_font().color(&TEXT);
        for tick in (0..=100).step_by(20) {
            let at = x(f64::from(tick));
            root.draw(&PathElement::new(vec![(at, TOP - 4), (at, bottom)], GREY))?;
            let style = small.clone().pos(Pos::new(HPos::Center, VPos::Top));
            root.draw(&Text::new(tick.to_string(), (at, bottom + 6), style))?;
        }
        for (number, score) in rows.iter().enumerate() {
            let y = TOP + ROW * number as i32 + ROW / 2;
            let style = small.clone().pos(Pos::new(HPos::Right, VPos::Center));
            root.draw(&Text::new(short(&label(&score.cell), 46), (LEFT - 12, y), style))?;
            let (Some(share), Some((low, high))) = (score.accuracy.share(), score.accuracy.interval()) else {
                continue;
            };
            let neither: u64 = score.confusion.iter().map(|row| row[2..].iter().sum::<u64>()).sum();
            let left_out = neither as f64 * 100.0 / score.accuracy.of as f64;
            let bar = [(x(100.0 - left_out), y - 8), (x(100.0), y + 8)];
            root.draw(&Rectangle::new(bar, RGBColor(232, 232, 232).filled()))?;
            let colour = colour(score.cell.method);
            let line = ShapeStyle { color: colour.to_rgba(), filled: true, stroke_width: 2 };
            let (low, high, dot) = (x(low * 100.0), x(high * 100.0), x(share * 100.0));
            root.draw(&PathElement::new(vec![(low, y), (high, y)], line))?;
            for end in [low, high] {
                root.draw(&PathElement::new(vec![(end, y - 5), (end, y + 5)], line))?;
            }
            root.draw(&Circle::new((dot, y), 5, colour.filled()))?;
            let style = small.clone().pos(Pos::new(HPos::Left, VPos::Center));
            let said = format!("{:.1}  ({}/{})", share * 100.0, score.accuracy.right, score.accuracy.of);
            root.draw(&Text::new(said, (WIDTH as i32 - RIGHT + 8, y), style))?;
        }
        Ok(())
    })
}

/// Rows of a legend, each a mark and a cell's name.
fn legend(
    root: &Area,
    top: i32,
    cells: &[&Cell],
    mark: impl Fn(usize, (i32, i32)) -> Result<(), Failure>,
) -> Result<(), Failure> {
    for (number, cell) in cells.iter().enumerate() {
        let at = (24 + (number as i32 % 2) * 430, top + (number as i32 / 2) * 22);
        mark(number, at)?;
        let style = (FONT, 13).into_font().color(&TEXT).pos(Pos::new(HPos::Left, VPos::Center));
        root.draw(&Text::new(short(&label(cell), 54), (at.0 + 18, at.1), style))?;
    }
    Ok(())
}

fn legend_height(cells: usize) -> i32 {
    (cells as i32 + 1) / 2 * 22 + 16
}

/// Cells with a colour each; baselines are squares, so that colours may come again.
fn against_tokens(title: &str, rows: &[&Score]) -> Result<String, Failure> {
    const PLOT: i32 = 420;
    let cells: Vec<&Cell> = rows.iter().map(|s| &s.cell).collect();
    let height = 60 + PLOT + legend_height(cells.len());
    drawn(height as u32, |root| {
        heading(root, title, "Accuracy against tokens")?;
        let (plot, _) = root.margin(56, 0, 8, 24).split_vertically(PLOT);
        let tokens = |s: &Score| s.tokens.map_or(0.0, |t| t.mean);
        let most = rows.iter().map(|s| tokens(s)).fold(1.0, f64::max) * 1.1;
        let mut chart = ChartBuilder::on(&plot)
            .x_label_area_size(44)
            .y_label_area_size(52)
            .build_cartesian_2d(0.0..most, 0.0..100.0)?;
        chart
            .configure_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(GREY)
            .x_desc("tokens a subject, asked and answered (mean)")
            .y_desc("accuracy, %")
            .x_label_formatter(&|n| format!("{n:.0}"))
            .y_label_formatter(&|n| format!("{n:.0}"))
            .label_style((FONT, 13).into_font().color(&TEXT))
            .draw()?;
        for (number, score) in rows.iter().enumerate() {
            let (Some(share), Some((low, high))) = (score.accuracy.share(), score.accuracy.interval()) else {
                continue;
            };
            let colour = COLOURS[number % COLOURS.len()];
            let (x, y) = (tokens(score), share * 100.0);
            let line = PathElement::new(vec![(x, low * 100.0), (x, high * 100.0)], colour.mix(0.6));
            chart.draw_series(std::iter::once(line))?;
            match score.cell.method {
                Method::Baseline => {
                    let square = EmptyElement::at((x, y)) + Rectangle::new([(-5, -5), (5, 5)], colour.filled());
                    chart.draw_series(std::iter::once(square))?;
                }
                _ => {
                    chart.draw_series(std::iter::once(Circle::new((x, y), 6, colour.filled())))?;
                }
            }
        }
        legend(root, 60 + PLOT + 14, &cells, |number, (x, y)| {
            let colour = COLOURS[number % COLOURS.len()].filled();
            match cells[number].method {
                Method::Baseline => root.draw(&Rectangle::new([(x - 5, y - 5), (x + 5, y + 5)], colour)),
                _ => root.draw(&Circle::new((x, y), 6, colour)),
            }
        })
    })
}

/// Tokens summed over a cell's subjects, the cheapest first: a bend shows that few subjects cost most. Baselines are dashed.
fn cumulative(title: &str, lines: &[(&Cell, &Vec<u64>)]) -> Result<String, Failure> {
    const PLOT: i32 = 420;
    let cells: Vec<&Cell> = lines.iter().map(|(cell, _)| *cell).collect();
    let height = 60 + PLOT + legend_height(cells.len());
    drawn(height as u32, |root| {
        heading(root, title, "Tokens of all subjects together, the cheapest first")?;
        let (plot, _) = root.margin(56, 0, 8, 24).split_vertically(PLOT);
        let subjects = lines.iter().map(|(_, sums)| sums.len() - 1).max().unwrap_or(1).max(1);
        let most = lines.iter().filter_map(|(_, sums)| sums.last()).max().copied().unwrap_or(1).max(1);
        let mut chart = ChartBuilder::on(&plot)
            .x_label_area_size(44)
            .y_label_area_size(76)
            .build_cartesian_2d(0.0..subjects as f64, 0.0..most as f64 * 1.05)?;
        chart
            .configure_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(GREY)
            .x_desc("subjects")
            .y_desc("tokens, asked and answered")
            .x_label_formatter(&|n| format!("{n:.0}"))
            .y_label_formatter(&|n| format!("{n:.0}"))
            .label_style((FONT, 13).into_font().color(&TEXT))
            .draw()?;
        let style = |number: usize| ShapeStyle {
            color: COLOURS[number % COLOURS.len()].to_rgba(),
            filled: false,
            stroke_width: 2,
        };
        for (number, (cell, sums)) in lines.iter().enumerate() {
            let points = sums.iter().enumerate().map(|(i, sum)| (i as f64, *sum as f64));
            match cell.method {
                Method::Baseline => chart.draw_series(DashedLineSeries::new(points, 6, 4, style(number)))?,
                _ => chart.draw_series(LineSeries::new(points, style(number)))?,
            };
        }
        legend(root, 60 + PLOT + 14, &cells, |number, (x, y)| {
            let ends = match cells[number].method {
                Method::Baseline => vec![vec![(x - 8, y), (x - 2, y)], vec![(x + 2, y), (x + 8, y)]],
                _ => vec![vec![(x - 8, y), (x + 8, y)]],
            };
            ends.into_iter().try_for_each(|line| root.draw(&PathElement::new(line, style(number))))
        })
    })
}
