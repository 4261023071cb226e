//! Whose certificates are believed.
use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::verify_server_name;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use rustls_native_certs::CertificateResult;

#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub enum Trust {
    /// `SSL_CERT_FILE` / `SSL_CERT_DIR` if set, else the system's store and Mozilla's roots.
    #[default]
    System,
    /// Only the certificates in this PEM file: authorities, or the server's own.
    File(PathBuf),
    /// Anybody: the connection is encrypted, but to whom is unknown.
    Anybody,
}

/// Whom to trust, and where the system's own list is. Without TLS nothing is looked for: that takes milliseconds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Authorities {
    trust: Option<Trust>,
    store: Store,
}

/// Where the environment says that the authorities are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
struct Store {
    file: Option<PathBuf>,
    dirs: Option<OsString>,
}

impl Store {
    fn from_environment() -> Self {
        let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        Self { file: set("SSL_CERT_FILE").map(PathBuf::from), dirs: set("SSL_CERT_DIR") }
    }

    fn load(&self) -> CertificateResult {
        let mut found = rustls_native_certs::load_certs_from_paths(self.file.as_deref(), None);
        for dir in self.dirs.iter().flat_map(std::env::split_paths) {
            let more = rustls_native_certs::load_certs_from_paths(None, Some(&dir));
            found.certs.extend(more.certs);
            found.errors.extend(more.errors);
        }
        found
    }

    fn names(&self) -> &'static str {
        match (&self.file, &self.dirs) {
            (Some(_), None) => "SSL_CERT_FILE holds",
            (None, _) => "SSL_CERT_DIR holds",
            _ => "SSL_CERT_FILE and SSL_CERT_DIR hold",
        }
    }
}

impl Authorities {
    pub fn of(trust: &Trust, is_tls: bool) -> Self {
        let trust = is_tls.then(|| trust.clone());
        let store = if trust == Some(Trust::System) { Store::from_environment() } else { Store::default() };
        Self { trust, store }
    }

    pub fn config(&self) -> Result<ClientConfig, String> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .map_err(|e| format!("TLS cannot be set up: {e}"))?;
        let config = match &self.trust {
            None => config.with_root_certificates(RootCertStore::empty()),
            Some(Trust::Anybody) => config.dangerous().with_custom_certificate_verifier(Arc::new(Believe(provider))),
            Some(Trust::System) => config.dangerous().with_custom_certificate_verifier(self.system(provider)?),
            Some(Trust::File(path)) => {
                let shown = path.display();
                let pem = fs::read(path).map_err(|e| format!("verify={shown}: the file cannot be read: {e}"))?;
                let named = Named::in_pem(&pem, provider)
                    .ok_or_else(|| format!("verify={shown}: no PEM certificate (BEGIN CERTIFICATE) in the file"))?;
                config.dangerous().with_custom_certificate_verifier(named)
            }
        };
        Ok(config.with_no_client_auth())
    }

    /// Only the certificates in this PEM text.
    pub fn only(pem: &str) -> Result<ClientConfig, String> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .map_err(|e| format!("TLS cannot be set up: {e}"))?;
        let named = Named::in_pem(pem.as_bytes(), provider)
            .ok_or("certificate: no PEM certificate (BEGIN CERTIFICATE) in the text")?;
        Ok(config.dangerous().with_custom_certificate_verifier(named).with_no_client_auth())
    }

    fn system(&self, provider: Arc<CryptoProvider>) -> Result<Arc<Named>, String> {
        let mut roots = RootCertStore::empty();
        let is_chosen = self.store != Store::default();
        let found = if is_chosen {
            self.store.load()
        } else {
            // A slim container has no store of its own.
            roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
            rustls_native_certs::load_native_certs()
        };
        Named::of(roots, found.certs, provider).ok_or_else(|| {
            let why = found.errors.first().map(ToString::to_string).unwrap_or_default();
            format!("{} no usable certificate. {why}", self.store.names())
        })
    }
}

/// Authorities, and servers whose own certificate is named among them: a self-signed one, as it is made for an
/// intranet, is no authority's, and rustls refuses it where OpenSSL's clients do not.
#[derive(Debug)]
struct Named {
    authorities: Arc<WebPkiServerVerifier>,
    certs: Vec<CertificateDer<'static>>,
}

impl Named {
    fn in_pem(pem: &[u8], provider: Arc<CryptoProvider>) -> Option<Arc<Self>> {
        let certs = CertificateDer::pem_slice_iter(pem).filter_map(Result::ok).collect();
        Self::of(RootCertStore::empty(), certs, provider)
    }

    /// None where there is no certificate to be found.
    fn of(
        mut roots: RootCertStore,
        certs: Vec<CertificateDer<'static>>,
        provider: Arc<CryptoProvider>,
    ) -> Option<Arc<Self>> {
        roots.add_parsable_certificates(certs.iter().cloned());
        let authorities = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build().ok()?;
        Some(Arc::new(Self { authorities, certs }))
    }
}

impl ServerCertVerifier for Named {
    fn verify_server_cert(
        &self,
        server: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verdict = self.authorities.verify_server_cert(server, between, name, ocsp, now);
        // Its dates have been looked at before these were found.
        let is_unsigned = match &verdict {
            Err(Error::InvalidCertificate(CertificateError::UnknownIssuer)) => true,
            Err(Error::InvalidCertificate(CertificateError::Other(why))) => {
                matches!(why.0.downcast_ref(), Some(webpki::Error::CaUsedAsEndEntity))
            }
            _ => false,
        };
        if is_unsigned && self.certs.iter().any(|cert| cert == server) {
            verify_server_name(&ParsedCertificate::try_from(server)?, name)?;
            return Ok(ServerCertVerified::assertion());
        }
        verdict
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.authorities.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.authorities.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.authorities.supported_verify_schemes()
    }
}

/// `verify=False`: every certificate passes, signatures are still checked.
#[derive(Debug)]
struct Believe(Arc<CryptoProvider>);

impl ServerCertVerifier for Believe {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        rustls::crypto::verify_tls12_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        rustls::crypto::verify_tls13_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
