//! What is told of requests while they run, where someone asked to hear it. Texts come here without keys.

use std::fmt;
use std::sync::Arc;

/// How much is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// A line for each request, retry and pause.
    Requests,
    /// What was sent and received as well.
    Bodies,
}

/// A listener.
#[derive(Clone)]
pub struct Log {
    level: Level,
    tell: Arc<dyn Fn(&str) + Send + Sync>,
}

impl Log {
    /// `tell` gets one line at a time, without its end, from any thread.
    pub fn new(level: Level, tell: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Log { level, tell: Arc::new(tell) }
    }

    pub(super) fn tell(&self, level: Level, line: impl FnOnce() -> String) {
        if level <= self.level {
            (self.tell)(&line());
        }
    }
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Log").field("level", &self.level).finish_non_exhaustive()
    }
}
