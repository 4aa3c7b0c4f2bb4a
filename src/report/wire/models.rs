//! The machine format `weiser.models/1`.

use crate::report::models::{AskedServer, OfferedModel};
use serde::Serialize;

pub const MODELS: &str = "weiser.models/1";

/// `weiser models --format json`.
pub fn document(servers: &[AskedServer]) -> Document {
    Document { schema: MODELS, weiser: env!("CARGO_PKG_VERSION"), servers: servers.iter().map(server).collect() }
}

#[derive(Debug, Serialize)]
pub struct Document {
    schema: &'static str,
    weiser: &'static str,
    servers: Vec<Server>,
}

impl Document {
    /// Pretty-printed, with a final line break.
    pub fn to_json(&self) -> String {
        super::pretty(self)
    }
}

#[derive(Debug, Serialize)]
struct Server {
    provider: String,
    address: String,
    models: Vec<Model>,
    error: Option<Error>,
}

#[derive(Debug, Serialize)]
struct Error {
    code: String,
    message: String,
}

#[derive(Debug, Serialize)]
struct Model {
    spec: String,
    context: Option<u64>,
    loaded: Option<u64>,
    thinks: bool,
    bytes: Option<u64>,
}

fn server(asked: &AskedServer) -> Server {
    let (models, error) = match &asked.models {
        Ok(models) => (models.iter().map(model).collect(), None),
        Err(error) => (Vec::new(), Some(Error { code: error.code.clone(), message: error.message.clone() })),
    };
    Server { provider: asked.provider.clone(), address: asked.address.clone(), models, error }
}

fn model(offered: &OfferedModel) -> Model {
    let OfferedModel { spec, context, loaded, thinks, bytes } = offered.clone();
    Model { spec, context, loaded, thinks, bytes }
}
