//! Connections: one `Client` for each way of reaching a host (proxy, trust, connect limit), kept by the process and
//! shared by all of its clients.
use std::cell::Cell;
use std::collections::HashMap;
use std::fmt;
use std::future::poll_fn;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::Body as _;
use hyper::Uri;
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::ext::ReasonPhrase;
use percent_encoding::percent_decode_str;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{HOST, HeaderMap, HeaderValue, InvalidHeaderValue, PROXY_AUTHORIZATION};
use reqwest::{Body, Method, StatusCode, Url, Version};
use rustls::ClientConfig;
use tokio::time::{Instant, sleep};
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

/// A way to reach hosts, with its connections. `reqwest` makes them, by whatever proxy, TLS and look-up that takes;
/// hyper's HTTP/1 speaks over them. `reqwest`'s own send reads the URL three times a call, copies the headers twice and
/// keeps a task a reply: with the pool that it brings, that was a fifth of a call.
#[derive(Clone)]
pub struct Client(Arc<Way>);

struct Way {
    route: Route,
    tls: ClientConfig,
    connect: reqwest::Client,
    /// Whether connections may wait for the next call.
    keeps: bool,
    idle: Mutex<Idle>,
}

/// Connections that wait, by where they lead; most ways lead to one place.
#[derive(Default)]
struct Idle {
    places: Vec<(Arc<Destination>, Vec<Kept>)>,
    /// Whether somebody lets go of those that have waited too long.
    swept: bool,
}

struct Kept {
    sender: Channel,
    since: Instant,
}

type Channel = http1::SendRequest<Body>;

/// What a connection leads to.
#[derive(Debug)]
struct Destination {
    is_tls: bool,
    host: String,
    port: Option<u16>,
    /// As requests name it.
    header: HeaderValue,
}

impl Destination {
    fn of(url: &Url) -> Result<Self, InvalidHeaderValue> {
        let host = url.host_str().unwrap_or_default().to_owned();
        let header = HeaderValue::from_str(&url.port().map_or_else(|| host.clone(), |port| format!("{host}:{port}")))?;
        Ok(Self { is_tls: url.scheme() == "https", host, port: url.port_or_known_default(), header })
    }

    fn is_of(&self, url: &Url) -> bool {
        self.port == url.port_or_known_default()
            && Some(self.host.as_str()) == url.host_str()
            && self.is_tls == (url.scheme() == "https")
    }
}

/// A connection that a call has to itself.
struct Lent {
    sender: Channel,
    place: Arc<Destination>,
}

/// A request without a reply.
#[derive(Debug)]
pub struct Unanswered {
    pub error: Trouble,
    /// Whether a connection was used that an earlier reply had come over.
    pub kept: bool,
}

/// How it came to that.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// No connection came up.
    #[error("no connection came up")]
    Connect(#[source] reqwest::Error),
    /// It broke.
    #[error("the connection broke")]
    Wire(#[source] hyper::Error),
    #[error("no connection came up")]
    None,
    #[error("it cannot be asked")]
    Ask(#[source] hyper::http::Error),
}

impl Trouble {
    pub fn is_connect(&self) -> bool {
        matches!(self, Self::Connect(_) | Self::None)
    }

    /// Whether no connection came up in time.
    pub fn is_timeout(&self) -> bool {
        matches!(self, Self::Connect(error) if error.is_timeout())
    }
}

impl From<hyper::http::Error> for Unanswered {
    fn from(error: hyper::http::Error) -> Self {
        Self { error: Trouble::Ask(error), kept: false }
    }
}

tokio::task_local! {
    /// The connection that has come up for who waits for it.
    static CONNECTED: Cell<Option<Channel>>;
}

impl Client {
    /// Sends a request to a URL, which it does not name yet.
    pub async fn execute(&self, mut request: hyper::Request<Body>, url: &Url) -> Result<WireReply, Unanswered> {
        *request.uri_mut() = self.target(url, request.headers_mut())?;
        loop {
            let (mut lent, kept) = match self.0.take(url) {
                Some(lent) => (lent, true),
                // Rare and large.
                None => (Box::pin(self.connection(url)).await?, false),
            };
            request.headers_mut().entry(HOST).or_insert_with(|| lent.place.header.clone());
            match lent.sender.try_send_request(request).await {
                Ok(reply) => return Ok(WireReply { reply, lent: Some(lent), way: self.0.clone() }),
                Err(mut failure) => match failure.take_message() {
                    // Closed while it waited, and nothing was written.
                    Some(unsent) if kept => request = unsent,
                    _ => return Err(Unanswered { error: Trouble::Wire(failure.into_error()), kept }),
                },
            }
        }
    }

    /// How a request names a URL: all of it for a proxy that passes it on, its path for the server itself.
    fn target(&self, url: &Url, headers: &mut HeaderMap) -> Result<Uri, hyper::http::Error> {
        let asked = url.query().map(|query| format!("{}?{query}", url.path()));
        let asked = asked.as_deref().unwrap_or(url.path());
        if let Some(proxy) = self.proxy(url).filter(|_| url.scheme() == "http")
            && let Ok(proxy) = proxy.url()
            && matches!(proxy.scheme(), "http" | "https")
        {
            if let Some(said) = authorization(&proxy) {
                headers.entry(PROXY_AUTHORIZATION).or_insert(said);
            }
            let place = Destination::of(url)?.header;
            return Uri::builder().scheme("http").authority(place.as_bytes()).path_and_query(asked).build();
        }
        Ok(Uri::try_from(asked)?)
    }

    /// A new connection.
    async fn connection(&self, url: &Url) -> Result<Lent, Unanswered> {
        let mut origin = url.clone();
        origin.set_path("");
        origin.set_query(None);
        let asked = self.0.connect.execute(reqwest::Request::new(Method::GET, origin));
        let connected = async {
            let said = asked.await;
            // `Hand` has put it here, and has ended the request with an error.
            CONNECTED.with(Cell::take).ok_or_else(|| said.map_or_else(Trouble::Connect, |_| Trouble::None))
        };
        let sender =
            CONNECTED.scope(Cell::default(), connected).await.map_err(|error| Unanswered { error, kept: false })?;
        Ok(Lent { sender, place: self.0.place(url)? })
    }

    fn build(route: Route, tls: ClientConfig, keeps: bool) -> Result<Self, String> {
        let connect = connector(&route, &tls)?;
        Ok(Self(Arc::new(Way { route, tls, connect, keeps, idle: Mutex::default() })))
    }

    /// The same way by a connection of its own, which is not kept.
    pub fn anew(&self) -> Result<Self, String> {
        self.within(self.0.route.within)
    }

    /// The same, with addresses of other kinds in its reach.
    pub fn within(&self, within: Kinds) -> Result<Self, String> {
        let (route, tls) = (Route { within, ..self.0.route.clone() }, self.0.tls.clone());
        Self::build(route, tls, false)
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

impl Way {
    /// A connection that waits for a call to that place: the one used last, which the server has closed least likely.
    fn take(&self, url: &Url) -> Option<Lent> {
        let mut idle = lock(&self.idle);
        let (place, waiting) = idle.places.iter_mut().find(|(place, _)| place.is_of(url))?;
        let mut busy = Vec::new();
        let found = loop {
            let Some(last) = waiting.pop() else { break None };
            if last.sender.is_ready() && last.since.elapsed() < IDLE_CONNECTION {
                break Some(Lent { sender: last.sender, place: place.clone() });
            }
            // The reply came before all of the request was read.
            if last.is_good() {
                busy.push(last);
            }
        };
        waiting.append(&mut busy);
        found
    }

    /// Has a connection wait for the next call.
    fn keep(&self, lent: Lent) {
        if !self.keeps || lent.sender.is_closed() {
            return;
        }
        let Lent { sender, place } = lent;
        let one = Kept { sender, since: Instant::now() };
        let mut idle = lock(&self.idle);
        match idle.places.iter_mut().find(|(known, _)| Arc::ptr_eq(known, &place)) {
            Some((_, waiting)) => waiting.push(one),
            None => idle.places.push((place, vec![one])),
        }
    }

    /// Where a new connection leads. From the first on somebody looks for those that nobody has used for long.
    fn place(self: &Arc<Self>, url: &Url) -> Result<Arc<Destination>, hyper::http::Error> {
        let mut idle = lock(&self.idle);
        if let Some((place, _)) = idle.places.iter().find(|(place, _)| place.is_of(url)) {
            return Ok(place.clone());
        }
        let place = Arc::new(Destination::of(url)?);
        if self.keeps {
            idle.places.push((place.clone(), Vec::new()));
            if !std::mem::replace(&mut idle.swept, true) {
                tokio::spawn(Self::sweep(Arc::downgrade(self)));
            }
        }
        Ok(place)
    }

    async fn sweep(way: Weak<Self>) {
        loop {
            sleep(IDLE_CONNECTION).await;
            let Some(way) = way.upgrade() else { return };
            let mut idle = lock(&way.idle);
            idle.places.iter_mut().for_each(|(_, waiting)| waiting.retain(Kept::is_good));
            idle.places.retain(|(place, waiting)| !waiting.is_empty() || Arc::strong_count(place) > 1);
        }
    }
}

impl Kept {
    fn is_good(&self) -> bool {
        !self.sender.is_closed() && self.since.elapsed() < IDLE_CONNECTION
    }
}

/// A reply on its connection. Read to its end, it leaves the connection to the next call; dropped before, it closes it.
pub struct WireReply {
    reply: hyper::Response<Incoming>,
    lent: Option<Lent>,
    way: Arc<Way>,
}

impl WireReply {
    pub fn status(&self) -> StatusCode {
        self.reply.status()
    }

    pub fn version(&self) -> Version {
        self.reply.version()
    }

    /// The status in words, where the server has others than everybody.
    pub fn reason(&self) -> Option<Bytes> {
        self.reply.extensions().get::<ReasonPhrase>().map(|words| Bytes::copy_from_slice(words.as_bytes()))
    }

    pub fn headers(&self) -> &HeaderMap {
        self.reply.headers()
    }

    pub fn headers_mut(&mut self) -> &mut HeaderMap {
        self.reply.headers_mut()
    }

    /// What is left of the body, where that is known.
    pub fn content_length(&self) -> Option<u64> {
        self.reply.body().size_hint().exact()
    }

    /// The next piece of the body; none at its end. Nothing is lost where the future is dropped.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, hyper::Error> {
        loop {
            match poll_fn(|context| Pin::new(self.reply.body_mut()).poll_frame(context)).await.transpose()? {
                None => {
                    self.end();
                    return Ok(None);
                }
                Some(frame) => {
                    if let Ok(piece) = frame.into_data() {
                        return Ok(Some(piece)); // else trailers
                    }
                }
            }
        }
    }

    fn end(&mut self) {
        if let Some(lent) = self.lent.take() {
            self.way.keep(lent);
        }
    }
}

impl Drop for WireReply {
    fn drop(&mut self) {
        if self.reply.body().is_end_stream() {
            self.end();
        }
    }
}

impl fmt::Debug for WireReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.reply.fmt(f)
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
        let mut clients = lock(&self.clients);
        match clients.iter().position(|known| known.0.route == *route) {
            Some(place) => clients[..=place].rotate_right(1),
            None => {
                let tls = self.tls(route)?;
                clients.insert(0, Client::build(route.clone(), tls, true)?);
                clients.truncate(MOST_ROUTES);
            }
        }
        Ok(clients[0].clone())
    }

    fn tls(&self, route: &Route) -> Result<ClientConfig, String> {
        let mut known = lock(&self.tls);
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

/// What makes connections: each request is one, and is not sent.
fn connector(route: &Route, tls: &ClientConfig) -> Result<reqwest::Client, String> {
    let mut builder = reqwest::Client::builder()
        .tls_backend_preconfigured(tls.clone())
        // HTTP/1.1 alone: one connection a call, so that closing it stops one call and no server-side limit of
        // parallel streams (100 is usual) holds back the rest.
        .http1_only()
        .no_proxy()
        .connector_layer(Hand)
        .pool_max_idle_per_host(0)
        .retry(reqwest::retry::never())
        .tcp_keepalive(Duration::from_secs(30));
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

/// Hands a connection to who waits for it, as soon as it is up, and ends the request that brought it up.
#[derive(Clone)]
struct Hand;

#[derive(Debug, thiserror::Error)]
#[error("the connection is up")]
struct Up;

#[derive(Clone)]
struct Handed<S>(S);

impl<S> Layer<S> for Hand {
    type Service = Handed<S>;

    fn layer(&self, connector: S) -> Handed<S> {
        Handed(connector)
    }
}

impl<S, Asked> Service<Asked> for Handed<S>
where
    S: Service<Asked>,
    S::Response: hyper::rt::Read + hyper::rt::Write + Unpin + Send + 'static,
    S::Error: From<Up> + From<hyper::Error>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, asked: Asked) -> Self::Future {
        let connecting = self.0.call(asked);
        Box::pin(async move {
            let connection = connecting.await?;
            let (sender, connection) = http1::Builder::new().max_headers(MOST_HEADERS).handshake(connection).await?;
            tokio::spawn(connection);
            let _ = CONNECTED.try_with(|connected| connected.set(Some(sender)));
            Err(Up.into())
        })
    }
}

/// What a proxy is told that its URL has a user for.
fn authorization(proxy: &Url) -> Option<HeaderValue> {
    if proxy.username().is_empty() && proxy.password().is_none() {
        return None;
    }
    let plain = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let user = format!("{}:{}", plain(proxy.username()), plain(proxy.password().unwrap_or_default()));
    let said = format!("Basic {}", base64_simd::STANDARD.encode_to_string(user));
    let mut said = HeaderValue::try_from(said).ok()?;
    said.set_sensitive(true);
    Some(said)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
