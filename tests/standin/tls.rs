//! The stand-in behind a certificate that no system trusts.

use super::{Act, Model, Request, Standin};
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

impl Standin {
    /// With the certificate, as PEM, that makes it trusted.
    pub fn secure(script: impl Fn(&Request) -> Act + Send + Sync + 'static) -> (Self, String) {
        let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_string()]).unwrap();
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
        let config = ServerConfig::builder().with_no_client_auth();
        let config = config.with_single_cert(vec![made.cert.der().clone()], key).unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        (Standin::behind(Some(acceptor), 0, Model::default(), script), made.cert.pem())
    }
}
