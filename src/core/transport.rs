//! Connections: one `Client` for each way of reaching a host (proxy, trust, connect limit), kept by the process and
//! shared by all of its clients.
use std::cell::Cell;
use std::collections::HashMap;
use std::fmt;
use std::future::poll_fn;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Url, redirect};
use rustls::ClientConfig;
use tower_layer::Layer;
use tower_service::Service;

use super::address::{ALL, Inside, Kinds, MADE_UP, kind};
use super::proxy::{Proxies, Proxy, Via};
use super::trust::{Authorities, Identity, Trust};

/// Under the 60 s after which gateways and their CDNs close idle connections (REFERENCE G.11).
const IDLE_CONNECTION: Duration = Duration::from_secs(50);
/// Gateways behind gateways pass on each other's. hyper reads 100, Node 2000, curl 5000.
const MOST_HEADERS: usize = 1000;

/// What tells one `Client` from another.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Route {
    authorities: Authorities,
    proxies: Proxies,
    connect: Option<Duration>,
    /// The kinds of addresses that it may lead to beside the world's.
    within: Kinds,
    /// A socket of this machine's in place of a host.
    socket: Option<PathBuf>,
}

impl Route {
    /// Reads the environment anew, so that a notebook may change it between clients.
    pub fn new(is_tls: bool, trust: &Trust, proxy: &Proxy, connect: Option<Duration>) -> Self {
        let proxies = Proxies::of(proxy);
        let authorities = Authorities::of(trust, is_tls || proxies.is_tls());
        Self { authorities, proxies, connect, within: ALL, socket: None }
    }

    /// What is between this side and the gateway alone: who this is, and a socket in place of an address.
    pub fn to_gateway(mut self, identity: Option<&Identity>, socket: Option<&Path>) -> Self {
        self.authorities.show(identity);
        self.socket = socket.map(Path::to_owned);
        self
    }

    /// To wherever a URL leads.
    pub fn foreign(trust: &Trust, proxy: &Proxy, within: Kinds) -> Self {
        Self { within, ..Self::new(true, trust, proxy, None) }
    }

    /// `reqwest` knows the connect limit only by client, so each limit in use has a client of its own.
    pub fn set_connect(&mut self, limit: Option<Duration>) {
        self.connect = limit;
    }

    /// What is wrong with the proxy that leads to the URL, if something is: a variable that is not used may be anything.
    pub fn check(&self, url: &Url) -> Result<(), String> {
        self.proxies.leading_to(url).map_or(Ok(()), |via| via.url().map(drop))
    }
}

/// A way to reach hosts, with its connections.
#[derive(Clone)]
pub struct Client(Arc<Way>);

struct Way {
    route: Route,
    tls: ClientConfig,
    http: reqwest::Client,
}

/// A request without a reply.
#[derive(Debug)]
pub struct Unanswered {
    pub error: reqwest::Error,
    /// Whether a connection was used that an earlier reply had come over.
    pub kept: bool,
}

tokio::task_local! {
    /// Whether the call that runs has brought up a connection for itself.
    static CONNECTED: Cell<bool>;
}

impl Client {
    pub async fn execute(&self, request: reqwest::Request) -> Result<reqwest::Response, Unanswered> {
        let sent = self.0.http.execute(request);
        let told = async { sent.await.map_err(|error| Unanswered { error, kept: !CONNECTED.with(Cell::get) }) };
        CONNECTED.scope(Cell::new(false), told).await
    }

    /// The same way by a connection of its own, which is not kept.
    pub fn anew(&self) -> Result<Self, String> {
        self.within(self.0.route.within)
    }

    /// The same, with addresses of other kinds in its reach.
    pub fn within(&self, within: Kinds) -> Result<Self, String> {
        let (route, tls) = (Route { within, ..self.0.route.clone() }, self.0.tls.clone());
        Ok(Self(Arc::new(Way { http: build(&route, &tls, 0)?, route, tls })))
    }

    /// What is wrong with a URL before a name is looked up, if something is.
    pub fn refuses(&self, url: &Url) -> Option<Inside> {
        Inside::of(url).filter(|inside| inside.kind & !self.0.route.within != 0)
    }

    pub fn check(&self, url: &Url) -> Result<(), String> {
        self.0.route.check(url)
    }

    /// The proxy that leads to the URL, if one does.
    pub fn proxy(&self, url: &Url) -> Option<&Via> {
        self.0.route.proxies.leading_to(url)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Client").field(&self.0.route).finish()
    }
}

/// More ways than that are not kept, each with its connections: those used least lately go. Limits of connecting may
/// be different in every call.
const MOST_ROUTES: usize = 32;

#[derive(Debug, Default)]
pub struct Transport {
    /// The one used last comes first. Most programs have one, so a list finds it sooner than a map.
    clients: Mutex<Vec<Client>>,
    /// Reading the authorities takes milliseconds.
    tls: Arc<Mutex<HashMap<Authorities, ClientConfig>>>,
}

impl Transport {
    /// Another one, with connections of its own.
    pub fn sibling(&self) -> Self {
        Self { tls: self.tls.clone(), ..Self::default() }
    }

    pub fn client(&self, route: &Route) -> Result<Client, String> {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        match clients.iter().position(|known| known.0.route == *route) {
            Some(place) => clients[..=place].rotate_right(1),
            None => {
                let tls = self.tls(route)?;
                let http = build(route, &tls, usize::MAX)?;
                clients.insert(0, Client(Arc::new(Way { http, route: route.clone(), tls })));
                clients.truncate(MOST_ROUTES);
            }
        }
        Ok(clients[0].clone())
    }

    fn tls(&self, route: &Route) -> Result<ClientConfig, String> {
        let mut known = self.tls.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(config) = known.get(&route.authorities) {
            return Ok(config.clone());
        }
        let config = route.authorities.config()?;
        if known.len() >= MOST_ROUTES {
            known.clear();
        }
        known.insert(route.authorities.clone(), config.clone());
        Ok(config)
    }
}

/// `kept`: how many connections to a host may wait for the next call.
fn build(route: &Route, tls: &ClientConfig, kept: usize) -> Result<reqwest::Client, String> {
    let mut builder = reqwest::Client::builder()
        .tls_backend_preconfigured(tls.clone())
        // HTTP/1.1 alone: one connection a call, so that closing it stops one call and no server-side limit of
        // parallel streams (100 is usual) holds back the rest.
        .http1_only()
        .http1_max_headers(MOST_HEADERS)
        // A redirect would carry the key to another place: it is an error that names the place. See `foreign`.
        .redirect(redirect::Policy::none())
        .no_proxy()
        .connector_layer(Tell)
        .pool_max_idle_per_host(kept)
        .pool_idle_timeout(IDLE_CONNECTION)
        .tcp_keepalive(Duration::from_secs(30))
        .referer(false);
    if let Some(limit) = route.connect {
        builder = builder.connect_timeout(limit);
    }
    if route.within != ALL {
        builder = builder.dns_resolver(Within { kinds: route.within, proxies: route.proxies.hosts() });
    }
    if !route.proxies.is_empty() {
        let proxies = route.proxies.clone();
        // One that is wrong has been refused before: see `check`.
        builder = builder.proxy(reqwest::Proxy::custom(move |url| proxies.leading_to(url)?.url().ok()));
    }
    #[cfg(unix)]
    if let Some(path) = &route.socket {
        builder = builder.unix_socket(path.as_path());
    }
    builder.build().map_err(|e| format!("the HTTP client cannot be set up: {e}"))
}

/// Looks names up, and lets go of addresses that may not be reached: what is connected to has been checked, whatever the
/// next look-up says. A proxy is the user's own choice; what it connects to, it alone knows.
struct Within {
    kinds: Kinds,
    proxies: Vec<String>,
}

impl Resolve for Within {
    fn resolve(&self, name: Name) -> Resolving {
        let kinds = if self.proxies.iter().any(|proxy| proxy == name.as_str()) { ALL } else { self.kinds | MADE_UP };
        Box::pin(async move {
            let found: Vec<_> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let fits = |address: &&SocketAddr| kind(address.ip()) & !kinds == 0;
            let fitting: Vec<_> = found.iter().filter(fits).copied().collect();
            match found.first() {
                Some(first) if fitting.is_empty() => Err(Inside::named(name.as_str(), first.ip()).into()),
                _ => Ok(Box::new(fitting.into_iter()) as Addrs),
            }
        })
    }
}

/// Tells a call that a connection has come up for it: `reqwest` does not say whether it took one that was kept.
#[derive(Clone)]
struct Tell;

/// The connector itself is copied for a connection only: `reqwest` copies what is around it several times a call, and each
/// copy of its own connector is 2 allocations a layer.
struct Told<S>(Arc<S>);

impl<S> Clone for Told<S> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<S> Layer<S> for Tell {
    type Service = Told<S>;

    fn layer(&self, connector: S) -> Told<S> {
        Told(Arc::new(connector))
    }
}

impl<S, Place> Service<Place> for Told<S>
where
    S: Service<Place> + Clone + Send + 'static,
    S::Future: Send,
    Place: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        Poll::Ready(Ok(())) // the copy is asked
    }

    fn call(&mut self, place: Place) -> Self::Future {
        let mut connector = S::clone(&self.0);
        Box::pin(async move {
            poll_fn(|context| connector.poll_ready(context)).await?;
            let connection = connector.call(place).await?;
            // A call that got another's connection meanwhile leaves this one to a task of its own, which is no call.
            let _ = CONNECTED.try_with(|connected| connected.set(true));
            Ok(connection)
        })
    }
}
