//! What `weiser models` found, as it is reported.

/// A server that was asked for its models.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedServer {
    /// `ollama`, `openai`, `anthropic`.
    pub provider: String,
    pub address: String,
    /// Its models in its order, or why there are none.
    pub models: Result<Vec<OfferedModel>, ServerError>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerError {
    /// As in answers.
    pub code: String,
    pub message: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfferedModel {
    /// What to say to `--oracle`.
    pub spec: String,
    /// Most tokens of context that it holds.
    pub context: Option<u64>,
    /// Tokens of context it is loaded with now.
    pub loaded: Option<u64>,
    pub thinks: bool,
    /// Of its weights.
    pub bytes: Option<u64>,
}
