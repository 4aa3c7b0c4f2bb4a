//! A client as the user set it: certificates, proxies, headers, keys.

use super::{KeyHeader, causes, usage};
use crate::oracle::fault::Fault;
use crate::oracle::{OracleError, Secret, Settings};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

pub(super) enum ClientError {
    CaFile(String),
    Client(reqwest::Error),
}

/// Proxies are those of the environment (`HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY`), never for this machine.
pub(super) fn client(settings: &Settings, secure: bool, loopback: bool) -> Result<reqwest::Client, ClientError> {
    let builder = || {
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("weiser/", env!("CARGO_PKG_VERSION")))
            // A redirect would turn the question into a GET, and might carry the key elsewhere.
            .redirect(reqwest::redirect::Policy::none());
        if settings.blind_to != Some(Fault::ConnectTimeout) {
            builder = builder.connect_timeout(settings.connect_timeout);
        }
        if loopback { builder.no_proxy() } else { builder }
    };
    let certificates = match &settings.ca_file {
        Some(path) if secure => certificates(path).map_err(ClientError::CaFile)?,
        _ => Vec::new(),
    };
    if !secure {
        // Without TLS no certificates are needed, and bare containers have none.
        return builder().tls_certs_only([]).build().map_err(ClientError::Client);
    }
    match builder().tls_certs_merge(certificates.clone()).build() {
        // Where the system has no authorities, ours are enough.
        Err(_) if !certificates.is_empty() => builder().tls_certs_only(certificates).build(),
        built => built,
    }
    .map_err(ClientError::Client)
}

fn certificates(path: &std::path::Path) -> Result<Vec<reqwest::Certificate>, String> {
    let wrong = |why: String| format!("ca_file {}: {why}", path.display());
    let text = std::fs::read(path).map_err(|error| wrong(error.to_string()))?;
    let found = reqwest::Certificate::from_pem_bundle(&text).map_err(|error| wrong(causes(&error)))?;
    if found.is_empty() {
        return Err(wrong("it holds no certificate; PEM is expected, with BEGIN CERTIFICATE".to_string()));
    }
    Ok(found)
}

pub(super) fn headers(
    key: Option<(KeyHeader, Secret)>,
    settings: &Settings,
) -> Result<(HeaderMap, Vec<Secret>), OracleError> {
    let mut headers = HeaderMap::new();
    let mut secrets = Vec::new();
    for (name, secret) in &settings.headers {
        let name =
            HeaderName::from_bytes(name.as_bytes()).map_err(|_| usage(format!("headers: `{name}` is no name")))?;
        let mut value = HeaderValue::from_str(secret.expose()).map_err(|_| {
            usage(format!("headers: the value of `{name}` holds characters that no HTTP header can carry"))
        })?;
        value.set_sensitive(true);
        headers.insert(name, value);
        secrets.push(secret.clone());
    }
    if let Some((kind, key)) = key {
        let (name, text) = match kind {
            KeyHeader::Bearer => ("authorization", format!("Bearer {}", key.expose())),
            KeyHeader::XApiKey => ("x-api-key", key.expose().to_string()),
        };
        let mut value = HeaderValue::from_str(&text)
            .map_err(|_| usage("the API key holds characters that no HTTP header can carry".to_string()))?;
        value.set_sensitive(true);
        headers.entry(name).or_insert(value);
        secrets.push(key);
    }
    Ok((headers, secrets))
}
