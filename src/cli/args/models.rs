//! The flags of `weiser models`.

use super::CommonArgs;
use crate::cli::values::duration;
use clap::Args;
use std::time::Duration;

#[derive(Debug, Args)]
pub struct ModelsArgs {
    /// Whose models: ollama, openai or anthropic [default: the configured server, else every one at hand]
    #[arg(long, value_name = "NAME", help_heading = "Asking")]
    pub oracle: Option<String>,
    /// Address of the server
    #[arg(long, value_name = "URL", help_heading = "Asking")]
    pub base_url: Option<String>,
    /// Longest wait for one answer: 90, 90s, 5m [default: 5m]
    #[arg(long, value_name = "TIME", value_parser = duration, help_heading = "Asking")]
    pub timeout: Option<Duration>,
    #[command(flatten)]
    pub common: CommonArgs,
}
