//! TLS between workers and their governor, where they are on more than one machine.
use std::io::{self, ErrorKind};
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio::net::TcpStream;
use tokio_rustls::{TlsAcceptor, TlsConnector};

use super::governor::Duplex;
use crate::core::trust::Authorities;

/// A governor's certificate and key.
#[derive(Clone)]
pub struct GovernorIdentity(TlsAcceptor);

impl GovernorIdentity {
    pub fn of(certificate: &str, key: &str) -> Result<Self, String> {
        let certificates = CertificateDer::pem_slice_iter(certificate.as_bytes()).collect::<Result<Vec<_>, _>>();
        let certificates = certificates.ok().filter(|found| !found.is_empty());
        let certificates = certificates.ok_or("certificate: no PEM certificate (BEGIN CERTIFICATE) in the file")?;
        let key = PrivateKeyDer::from_pem_slice(key.as_bytes())
            .map_err(|_| "certificate: no PEM private key (BEGIN PRIVATE KEY) in the file")?;
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .and_then(|config| config.with_no_client_auth().with_single_cert(certificates, key));
        Ok(Self(TlsAcceptor::from(Arc::new(config.map_err(|why| format!("certificate: {why}"))?))))
    }

    pub async fn accept(&self, stream: TcpStream) -> io::Result<Box<dyn Duplex>> {
        Ok(Box::new(self.0.accept(stream).await?))
    }
}

/// `certificate`: that of the governor or of its authority, as PEM.
pub async fn connect(stream: TcpStream, host: &str, certificate: &str) -> io::Result<Box<dyn Duplex>> {
    let config = Authorities::only(certificate).map_err(|why| io::Error::new(ErrorKind::InvalidInput, why))?;
    let name = ServerName::try_from(host.trim_matches(['[', ']']).to_owned());
    let name = name.map_err(|why| io::Error::new(ErrorKind::InvalidInput, why.to_string()))?;
    Ok(Box::new(TlsConnector::from(Arc::new(config)).connect(name, stream).await?))
}
