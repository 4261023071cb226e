//! Connections: one `reqwest::Client` for each way of reaching a host (proxy, trust, connect limit), kept by the
//! process and shared by all clients.
use std::collections::HashMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use std::{fmt, fs};

use reqwest::{NoProxy, Url, redirect};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use rustls_native_certs::CertificateResult;

/// Under the 60 s after which gateways and their CDNs close idle connections (REFERENCE G.11).
const IDLE_CONNECTION: Duration = Duration::from_secs(50);

#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub enum Proxy {
    #[default]
    Environment,
    None,
    Url(String),
}

/// Without the URL: it may hold a password.
impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Environment => "Environment",
            Self::None => "None",
            Self::Url(_) => "Url",
        })
    }
}

/// Whose certificates are believed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub enum Trust {
    /// `SSL_CERT_FILE` / `SSL_CERT_DIR` if set, else the system's store and Mozilla's roots.
    #[default]
    System,
    /// Only the authorities in this PEM file.
    File(PathBuf),
    /// Anybody: the connection is encrypted, but to whom is unknown.
    Anybody,
}

/// What tells one `reqwest::Client` from another.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Route {
    tls: Option<Trust>,
    store: Store,
    proxies: Proxies,
    connect: Option<Duration>,
    follows: bool,
}

/// Whom to trust, and where the system's own list is.
type Authorities = (Option<Trust>, Store);

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
}

#[derive(Clone, Default, PartialEq, Eq, Hash)]
struct Proxies {
    http: Option<String>,
    https: Option<String>,
    bypass: Option<String>,
}

impl Route {
    /// Reads the environment anew, so that a notebook may change it between clients.
    pub fn new(is_tls: bool, trust: &Trust, proxy: &Proxy, connect: Option<Duration>) -> Self {
        let proxies = match proxy {
            Proxy::None => Proxies::default(),
            Proxy::Url(url) => Proxies { http: Some(url.clone()), https: Some(url.clone()), bypass: None },
            Proxy::Environment => Proxies::from_environment(),
        };
        let tls_proxy = [&proxies.http, &proxies.https].into_iter().flatten().any(|url| url.starts_with("https:"));
        let tls = (is_tls || tls_proxy).then(|| trust.clone());
        let store = if tls == Some(Trust::System) { Store::from_environment() } else { Store::default() };
        Self { tls, store, proxies, connect, follows: false }
    }

    /// To wherever a URL leads, with no key that a redirect could carry to another place.
    pub fn foreign(trust: &Trust, proxy: &Proxy) -> Self {
        Self { follows: true, ..Self::new(true, trust, proxy, None) }
    }

    /// A redirect is an error: the caller's own headers hold a key.
    pub fn stay(&mut self) {
        self.follows = false;
    }

    /// `reqwest` knows the connect limit only by client, so each limit in use has a client of its own.
    pub fn set_connect(&mut self, limit: Option<Duration>) {
        self.connect = limit;
    }
}

/// As `Proxy`.
impl fmt::Debug for Proxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (http, https) = (self.http.is_some(), self.https.is_some());
        f.debug_struct("Proxies").field("http", &http).field("https", &https).finish_non_exhaustive()
    }
}

impl Proxies {
    fn from_environment() -> Self {
        let var = |lower: &str, upper: &str| {
            let set = |name| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
            set(lower).or_else(|| set(upper))
        };
        let all = var("all_proxy", "ALL_PROXY");
        // In a CGI process HTTP_PROXY is a header of whoever calls: httpoxy.
        let cgi = std::env::var_os("REQUEST_METHOD").is_some();
        let http = var("http_proxy", if cgi { "http_proxy" } else { "HTTP_PROXY" });
        let bypass = var("no_proxy", "NO_PROXY");
        // `reqwest` takes a `*` for all names, but not for addresses.
        if bypass.as_ref().is_some_and(|hosts| hosts.split(',').any(|host| host.trim() == "*")) {
            return Self::default();
        }
        Self { http: http.or_else(|| all.clone()), https: var("https_proxy", "HTTPS_PROXY").or(all), bypass }
    }
}

/// A proxy's URL without user and password, for what leaves the process.
pub fn without_password(url: &str) -> String {
    let bare = Url::parse(url).ok().and_then(|mut url| {
        url.set_username("").ok()?;
        url.set_password(None).ok()?;
        Some(url.to_string())
    });
    bare.unwrap_or_default()
}

/// The proxy's URL as `reqwest` takes it; what is wrong with it otherwise. `host:port` means `http://host:port`.
pub fn check_proxy(url: &str) -> Result<String, String> {
    let url = if url.contains("://") { url.to_owned() } else { format!("http://{url}") };
    let parsed = Url::parse(&url).ok().filter(|u| u.host_str().is_some());
    match parsed.as_ref().map(Url::scheme) {
        Some("http" | "https" | "socks5" | "socks5h" | "socks4" | "socks4a") => Ok(url),
        // Not shown: it may hold a password.
        _ => Err("proxy is not a URL like \"http://host:port\" or \"socks5://host:port\"".into()),
    }
}

/// More ways than that are not kept, each with its connections: those used least lately go. Limits of connecting may
/// be different in every call.
const MOST_ROUTES: usize = 32;

#[derive(Debug, Default)]
pub struct Transport {
    /// The one used last comes first. Most programs have one, so a list finds it sooner than a map.
    clients: Mutex<Vec<(Route, reqwest::Client)>>,
    /// Reading the authorities takes milliseconds.
    tls: Arc<Mutex<HashMap<Authorities, ClientConfig>>>,
}

impl Transport {
    /// Another one, with connections of its own.
    pub fn sibling(&self) -> Self {
        Self { tls: self.tls.clone(), ..Self::default() }
    }

    pub fn client(&self, route: &Route) -> Result<reqwest::Client, String> {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        match clients.iter().position(|(known, _)| known == route) {
            Some(place) => clients[..=place].rotate_right(1),
            None => {
                clients.insert(0, (route.clone(), build(route, self.tls(route)?)?));
                clients.truncate(MOST_ROUTES);
            }
        }
        Ok(clients[0].1.clone())
    }

    fn tls(&self, route: &Route) -> Result<ClientConfig, String> {
        let mut known = self.tls.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (route.tls.clone(), route.store.clone());
        if let Some(config) = known.get(&key) {
            return Ok(config.clone());
        }
        let config = tls(route)?;
        if known.len() >= MOST_ROUTES {
            known.clear();
        }
        known.insert(key, config.clone());
        Ok(config)
    }
}

fn build(route: &Route, tls: ClientConfig) -> Result<reqwest::Client, String> {
    let mut builder = reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        // HTTP/1.1 alone: one connection a call, so that closing it stops one call and no server-side limit of
        // parallel streams (100 is usual) holds back the rest.
        .http1_only()
        // A redirect would carry the key to another place: it is an error that names the place.
        .redirect(if route.follows { redirect::Policy::limited(10) } else { redirect::Policy::none() })
        .no_proxy()
        .pool_idle_timeout(IDLE_CONNECTION)
        .tcp_keepalive(Duration::from_secs(30))
        .referer(false);
    if let Some(limit) = route.connect {
        builder = builder.connect_timeout(limit);
    }
    let bypass = route.proxies.bypass.as_deref().and_then(NoProxy::from_string);
    let proxy = |url: &String, make: fn(&str) -> reqwest::Result<reqwest::Proxy>| {
        let url = check_proxy(url)?;
        let proxy = make(&url).map_err(|_| "proxy cannot be used: check its URL".to_owned())?;
        Ok::<_, String>(proxy.no_proxy(bypass.clone()))
    };
    if let Some(url) = &route.proxies.http {
        builder = builder.proxy(proxy(url, |u| reqwest::Proxy::http(u))?);
    }
    if let Some(url) = &route.proxies.https {
        builder = builder.proxy(proxy(url, |u| reqwest::Proxy::https(u))?);
    }
    builder.build().map_err(|e| format!("the HTTP client cannot be set up: {e}"))
}

fn tls(route: &Route) -> Result<ClientConfig, String> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(|e| format!("TLS cannot be set up: {e}"))?;
    let config = match &route.tls {
        Some(Trust::Anybody) => config.dangerous().with_custom_certificate_verifier(Arc::new(Believe(provider))),
        trust => config.with_root_certificates(roots(trust.as_ref(), &route.store)?),
    };
    Ok(config.with_no_client_auth())
}

fn roots(trust: Option<&Trust>, chosen: &Store) -> Result<RootCertStore, String> {
    let mut store = RootCertStore::empty();
    match trust {
        Some(Trust::System) => {
            let is_chosen = *chosen != Store::default();
            let found = if is_chosen {
                chosen.load()
            } else {
                // A slim container has no store of its own.
                store.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
                rustls_native_certs::load_native_certs()
            };
            let (added, _) = store.add_parsable_certificates(found.certs);
            if is_chosen && added == 0 {
                let why = found.errors.first().map(ToString::to_string).unwrap_or_default();
                return Err(format!("SSL_CERT_FILE / SSL_CERT_DIR hold no usable certificate. {why}"));
            }
        }
        Some(Trust::File(path)) => {
            let shown = path.display();
            let pem = fs::read(path).map_err(|e| format!("verify={shown}: the file cannot be read: {e}"))?;
            let certs = CertificateDer::pem_slice_iter(&pem).filter_map(Result::ok);
            let (added, _) = store.add_parsable_certificates(certs);
            if added == 0 {
                return Err(format!("verify={shown}: no PEM certificate (BEGIN CERTIFICATE) in the file"));
            }
        }
        // http:// only: loading a store would cost milliseconds for nothing.
        None | Some(Trust::Anybody) => {}
    }
    Ok(store)
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
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls12_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls13_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
