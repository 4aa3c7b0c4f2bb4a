//! One bar on standard error while something takes long; nothing where standard error is no terminal.

use super::args::CommonArgs;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::time::Duration;

pub struct Bar(ProgressBar);

impl Bar {
    pub fn new(common: &CommonArgs, total: u64, unit: &str) -> Bar {
        let shown = !common.quiet && !common.no_progress && common.verbose < 2 && std::io::stderr().is_terminal();
        let bar = if shown {
            ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr())
        } else {
            ProgressBar::hidden()
        };
        let template = format!("{{spinner}} {{pos}}/{{len}} {unit} {{elapsed}} {{wide_msg}}");
        if let Ok(style) = ProgressStyle::with_template(&template) {
            bar.set_style(style);
        }
        if shown {
            bar.enable_steady_tick(Duration::from_millis(200));
        }
        Bar(bar)
    }

    /// With a rate and the time that is left.
    pub fn paced(common: &CommonArgs, total: u64, unit: &str) -> Bar {
        let bar = Bar::new(common, total, unit);
        let template = format!("{{spinner}} {{pos}}/{{len}} {unit} {{per_sec}} {{eta}} left; {{wide_msg}}");
        if let Ok(style) = ProgressStyle::with_template(&template) {
            bar.0.set_style(style);
        }
        bar
    }

    pub fn is_shown(&self) -> bool {
        !self.0.is_hidden()
    }

    /// What is being done now.
    pub fn say(&self, what: &str) {
        self.0.set_message(what.to_owned());
    }

    pub fn resize(&self, total: u64) {
        self.0.set_length(total);
    }

    pub fn reach(&self, position: u64) {
        self.0.set_position(position);
    }

    pub fn step(&self) {
        self.0.inc(1);
    }

    /// Runs `print` with the bar out of the way.
    pub fn aside<T>(&self, print: impl FnOnce() -> T) -> T {
        self.0.suspend(print)
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
