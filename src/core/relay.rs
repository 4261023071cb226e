//! Requests that another HTTP client has made, sent as they stand, and their replies as they come: nothing is sent again,
//! no status is an error, nothing is decoded. A task sends and reads; what it has, its reader takes as from a stream.
use std::collections::VecDeque;
use std::io::ErrorKind;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use http_body::{Body, Frame, SizeHint};
use reqwest::header::{
    AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, Entry, HeaderMap, HeaderName, HeaderValue, TRANSFER_ENCODING,
};
use reqwest::{Method, Url, Version};
use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

use super::broken::{causes, deepest, host, unanswered};
use super::config::Config;
use super::endpoint::Auth;
use super::secret::Secret;
use super::transport::{Client, Route, Unanswered};
use super::wait::{Source, Waiter, Wake};

/// Stands for our key in what others send: it becomes the key on its way to our gateway, and stays as it is elsewhere.
pub const KEY: &str = "sk-of-the-wenwen-client";
/// Where clients put their keys, beside `Authorization`.
const KEYS: [HeaderName; 3] =
    [Auth::API_KEY, HeaderName::from_static("x-goog-api-key"), HeaderName::from_static("api-key")];

/// Bytes that wait to be sent, and as many that wait to be read.
const AHEAD: usize = 256 << 10;
/// How long after a limit bytes are taken that need not be waited for.
const LATE: Duration = Duration::from_millis(50);
/// PeerLimits are looked at no more often than that.
const TICK: Duration = Duration::from_millis(10);
/// Where there is no limit.
const NEVER: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);

/// Why there is no reply, or no more of it: by the name of httpx' exception for it.
#[derive(Debug, Clone)]
pub struct RelayFailure {
    pub name: &'static str,
    pub message: String,
}

impl RelayFailure {
    pub fn new(name: &'static str, message: impl Into<String>) -> Self {
        Self { name, message: message.into() }
    }

    fn local(message: impl Into<String>) -> Self {
        Self::new("LocalProtocolError", message)
    }
}

/// The limits of the client that made the request, in its words: `read` and `write` are silences.
#[derive(Debug, Clone, Copy, Default)]
pub struct PeerLimits {
    pub connect: Option<Duration>,
    pub read: Option<Duration>,
    pub write: Option<Duration>,
    pub pool: Option<Duration>,
}

impl PeerLimits {
    /// The one number that all of them were made of, if they were. Of a reply that is JSON, which is worth nothing
    /// before its last byte, that is meant as the limit of the whole.
    fn plain(&self) -> Option<Duration> {
        let all = [self.connect, self.read, self.write, self.pool];
        self.read.filter(|read| all.iter().all(|limit| *limit == Some(*read)))
    }
}

/// A request that can be sent.
#[derive(Debug)]
pub struct Relayed {
    pub wire: hyper::Request<reqwest::Body>,
    url: Url,
    pub route: Route,
    limits: PeerLimits,
    /// Of the client's own configuration: the whole call, and silence within a reply.
    total: Option<Duration>,
    idle: Option<Duration>,
}

impl Relayed {
    /// `key` stands for the configuration's, where a function has given one.
    pub fn new<'a>(
        method: &str,
        url: &str,
        headers: impl Iterator<Item = (&'a [u8], &'a [u8])>,
        limits: PeerLimits,
        config: &Config,
        route: &Route,
        key: Option<Secret>,
    ) -> Result<Self, RelayFailure> {
        let method = Method::from_bytes(method.as_bytes())
            .map_err(|_| RelayFailure::local(format!("the method {method:?} is none of HTTP's")))?;
        let mut url = parsed(url)?;
        let mut map = HeaderMap::with_capacity(24);
        for (name, value) in headers {
            let shown = || String::from_utf8_lossy(name).into_owned();
            let name = HeaderName::from_bytes(name)
                .map_err(|_| RelayFailure::local(format!("the header's name {:?} is none of HTTP's", shown())))?;
            let value = HeaderValue::from_bytes(value)
                .map_err(|_| RelayFailure::local(format!("the value of the header {:?} is none of HTTP's", shown())))?;
            map.append(name, value);
        }
        if config.root.holds(&url) {
            put_ours(&mut map, &mut url, config, key.as_ref().or(config.key.as_ref()))?;
        }
        let connect = limits.connect.or(config.timeout.connect);
        let mut route = match config.root.is_tls() || url.scheme() == "http" {
            true => route.clone(),
            false => Route::new(true, &config.trust, &config.proxy, connect),
        };
        route.set_connect(connect);
        route.check(&url).map_err(|why| RelayFailure::new("ProxyError", why))?;
        let mut wire = hyper::Request::new(reqwest::Body::default());
        (*wire.method_mut(), *wire.headers_mut()) = (method, map);
        Ok(Self { wire, url, route, limits, total: config.timeout.total, idle: config.timeout.idle })
    }
}

/// A URL whose path is sent as it is written: what would become another path is refused.
fn parsed(text: &str) -> Result<Url, RelayFailure> {
    let wrong = |why: &str| RelayFailure::new("UnsupportedProtocol", format!("the request's URL {why}"));
    let mut url = Url::parse(text).map_err(|error| wrong(&format!("is none: {error}")))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(wrong("is neither http nor https"));
    }
    let _ = (url.set_username(""), url.set_password(None));
    let behind = text.split_once("://").map_or(text, |(_, rest)| rest);
    let path = behind.find(['/', '?', '#']).and_then(|at| behind.get(at..)).unwrap_or_default();
    let path = path.split(['?', '#']).next().filter(|path| !path.is_empty()).unwrap_or("/");
    match url.path() == path {
        true => Ok(url),
        false => Err(RelayFailure::local(format!("the path {path:?} would be sent as {:?}", url.path()))),
    }
}

/// What is the client's own goes along to its gateway: its key where its place is kept or there is none, and its headers
/// and query where the request says nothing of them.
fn put_ours(headers: &mut HeaderMap, url: &mut Url, config: &Config, key: Option<&Secret>) -> Result<(), RelayFailure> {
    let is_key = |name: &HeaderName| *name == AUTHORIZATION || KEYS.contains(name);
    // A key of the configuration's own headers stands in place of ours, and so does None.
    let own = config.headers.iter().find(|(name, _)| is_key(name));
    let kept: Vec<_> = headers.iter().filter(|(name, value)| is_key(name) && is_place(value)).collect();
    let places: Vec<_> = kept.into_iter().map(|(name, _)| name.clone()).collect();
    places.iter().for_each(|name| drop(headers.remove(name)));
    if !headers.keys().any(is_key) {
        match (own, key) {
            (Some((name, Some(value))), _) => drop(headers.insert(name.clone(), value.clone())),
            (Some((_, None)), _) | (None, None) => {}
            (None, Some(key)) => {
                let name = places.into_iter().next().unwrap_or(AUTHORIZATION);
                let value = key.header(name == AUTHORIZATION);
                headers.insert(name, value.map_err(|_| RelayFailure::local("the API key is no header value"))?);
            }
        }
    }
    for (name, value) in config.headers.iter().filter(|(name, _)| !is_key(name)) {
        if let (Some(value), Entry::Vacant(place)) = (value, headers.entry(name)) {
            place.insert(value.clone());
        }
    }
    let said: Vec<_> = url.query_pairs().map(|(name, _)| name.into_owned()).collect();
    let more: Vec<_> = config.query.iter().filter(|(name, _)| !said.contains(name)).collect();
    if !more.is_empty() {
        url.query_pairs_mut().extend_pairs(more);
    }
    Ok(())
}

/// Whether a header holds the place of our key.
fn is_place(value: &HeaderValue) -> bool {
    value.as_bytes().ends_with(KEY.as_bytes())
}

/// The head of a reply.
#[derive(Debug)]
pub struct RelayHead {
    pub status: u16,
    /// As the server words it; none where that is as everybody does.
    pub reason: Option<Bytes>,
    pub version: &'static str,
    pub headers: HeaderMap,
}

/// What there is to take of a reply: its head, then its body's pieces.
#[derive(Debug)]
pub enum Arrival {
    Head(RelayHead),
    Piece(Bytes),
    /// It has ended, well or not.
    End(Result<(), RelayFailure>),
    Later,
}

/// What the task, the sender of a body and the reader of a reply share.
#[derive(Default)]
pub struct RelayLine {
    state: Mutex<RelayState>,
    room: Notify,
}

#[derive(Default)]
struct RelayState {
    /// Of the request's body: what waits to be sent, and how much that is.
    upload: VecDeque<Bytes>,
    queued: usize,
    /// More of it follows.
    sending: bool,
    /// What was said of its length, and how much came.
    announced: Option<u64>,
    offered: u64,
    /// It was left off before its end, which the server is not to take for one.
    cut: bool,
    /// Nobody takes any more of it.
    unwanted: bool,
    starved: Option<Waker>,
    /// When some of it was last asked for: the connection is up then.
    moved: Option<Instant>,
    head: Option<RelayHead>,
    pieces: VecDeque<Bytes>,
    held: usize,
    end: Option<Result<(), RelayFailure>>,
    waiter: Waiter,
}

impl RelayState {
    fn is_ready(&self) -> bool {
        match self.sending {
            true => self.queued < AHEAD || self.is_refused(),
            false => self.head.is_some() || !self.pieces.is_empty() || self.end.is_some(),
        }
    }

    /// A server that has answered with an error may never read the rest.
    fn is_refused(&self) -> bool {
        self.unwanted || self.end.is_some() || self.head.as_ref().is_some_and(|head| head.status >= 400)
    }

    fn fail(&mut self, failure: RelayFailure) {
        self.cut = true;
        self.sending = false;
        self.end.get_or_insert(Err(failure));
    }

    fn feed(&mut self) {
        if let Some(waker) = self.starved.take() {
            waker.wake();
        }
    }
}

fn tell(mut state: MutexGuard<'_, RelayState>) {
    let wake = if state.is_ready() { state.waiter.take() } else { None };
    drop(state);
    if let Some(wake) = wake {
        wake();
    }
}

impl RelayLine {
    /// For a request whose body is here, or whose pieces follow.
    pub fn new(content: Option<Bytes>, headers: &HeaderMap) -> Result<Arc<Self>, RelayFailure> {
        let announced = headers.get(CONTENT_LENGTH).filter(|_| !headers.contains_key(TRANSFER_ENCODING));
        let announced = announced.and_then(|value| value.to_str().ok()?.parse().ok());
        let mut state = RelayState { sending: true, announced, ..RelayState::default() };
        if let Some(mut content) = content {
            state.offered = content.len() as u64;
            state.queued = content.len();
            while !content.is_empty() {
                state.upload.push_back(content.split_to(content.len().min(AHEAD)));
            }
            state.sending = false;
            fits(&state)?;
        }
        Ok(Arc::new(Self { state: Mutex::new(state), room: Notify::new() }))
    }

    /// Of a request that cannot be sent.
    pub fn failed(failure: RelayFailure) -> Arc<Self> {
        let state = RelayState { end: Some(Err(failure)), ..RelayState::default() };
        Arc::new(Self { state: Mutex::new(state), room: Notify::new() })
    }

    fn lock(&self) -> MutexGuard<'_, RelayState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a piece of the request's body. None if there is no room for it yet; false if no more of it is wanted.
    pub fn offer(&self, piece: &[u8]) -> Option<bool> {
        let mut state = self.lock();
        // First, for it is the maker's own mistake, whatever the server has said by now.
        let offered = state.offered + piece.len() as u64;
        if state.sending && state.announced.is_some_and(|announced| offered > announced) {
            (state.head, state.end) = (None, None);
            state.fail(RelayFailure::local("too much data for the Content-Length that was announced"));
            tell(state);
            return Some(false);
        }
        if state.is_refused() || !state.sending {
            state.cut |= state.sending;
            state.sending = false;
            tell(state);
            return Some(false);
        }
        if state.queued >= AHEAD {
            return None;
        }
        if piece.is_empty() {
            return Some(true); // as a chunk it would be the end
        }
        state.offered = offered;
        state.queued += piece.len();
        state.upload.push_back(Bytes::copy_from_slice(piece));
        state.feed();
        Some(true)
    }

    /// All of the request's body is here.
    pub fn finish(&self) {
        let mut state = self.lock();
        if !std::mem::take(&mut state.sending) {
            return;
        }
        match fits(&state) {
            Ok(()) => state.feed(),
            Err(failure) => state.fail(failure),
        }
        tell(state);
    }

    pub fn take(&self) -> Arrival {
        let mut state = self.lock();
        if let Some(head) = state.head.take() {
            return Arrival::Head(head);
        }
        if let Some(piece) = state.pieces.pop_front() {
            state.held -= piece.len();
            drop(state);
            self.room.notify_one();
            return Arrival::Piece(piece);
        }
        match &mut state.end {
            // A failure is told once.
            Some(end) => Arrival::End(std::mem::replace(end, Ok(()))),
            None => Arrival::Later,
        }
    }

    /// Nothing of it is wanted any more: whoever waits is told that it has ended.
    pub fn stop(&self) {
        let mut state = self.lock();
        (state.head, state.cut, state.sending) = (None, true, false);
        state.pieces.clear();
        state.held = 0;
        state.end = Some(Ok(()));
        tell(state);
    }

    pub fn end(&self, end: Result<(), RelayFailure>) {
        let mut state = self.lock();
        state.end.get_or_insert(end);
        tell(state);
    }

    fn begin(&self, head: RelayHead, along: VecDeque<Bytes>, held: usize, ended: bool) {
        let mut state = self.lock();
        (state.head, state.pieces, state.held) = (Some(head), along, held);
        state.end = state.end.take().or(ended.then_some(Ok(())));
        tell(state);
    }

    fn piece(&self, piece: Bytes) {
        let mut state = self.lock();
        state.held += piece.len();
        state.pieces.push_back(piece);
        tell(state);
    }

    async fn has_room(&self) {
        while self.lock().held >= AHEAD {
            self.room.notified().await;
        }
    }

    /// When the silence before a reply is too long, and what it is called then.
    fn silence(&self, began: Instant, limits: &PeerLimits) -> (Instant, Option<Duration>, &'static str) {
        let state = self.lock();
        let is_unsent = state.sending || !state.upload.is_empty();
        let (since, limit, name) = match state.moved {
            // What is being made of the body takes as long as it takes.
            Some(_) if is_unsent && state.upload.is_empty() => (Instant::now(), limits.write, "WriteTimeout"),
            Some(moved) if is_unsent => (moved, limits.write, "WriteTimeout"),
            Some(moved) => (moved, limits.read, "ReadTimeout"),
            None => (began + limits.connect.unwrap_or_default(), limits.read, "ReadTimeout"),
        };
        (since.checked_add(limit.unwrap_or(NEVER)).unwrap_or(since + NEVER), limit, name)
    }
}

fn fits(state: &RelayState) -> Result<(), RelayFailure> {
    match state.announced {
        Some(announced) if announced > state.offered => {
            Err(RelayFailure::local("too little data for the Content-Length that was announced"))
        }
        Some(announced) if announced < state.offered => {
            Err(RelayFailure::local("too much data for the Content-Length that was announced"))
        }
        _ => Ok(()),
    }
}

impl Source for RelayLine {
    fn when_ready(&self, wake: Wake) -> Option<u64> {
        let mut state = self.lock();
        if !state.is_ready() {
            return state.waiter.enter(wake);
        }
        drop(state);
        wake();
        Some(0)
    }

    fn forget(&self, number: u64) {
        self.lock().waiter.forget(number);
    }
}

/// The body of a request, as hyper reads it.
struct RelayUpload(Arc<RelayLine>);

impl Body for RelayUpload {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let mut state = self.0.lock();
        state.moved = Some(Instant::now());
        match state.upload.pop_front() {
            Some(piece) => {
                state.queued -= piece.len();
                tell(state);
                Poll::Ready(Some(Ok(Frame::data(piece))))
            }
            None if state.sending || state.cut => {
                state.starved = Some(context.waker().clone());
                Poll::Pending
            }
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        let state = self.0.lock();
        state.upload.is_empty() && !state.sending && !state.cut
    }

    fn size_hint(&self) -> SizeHint {
        let state = self.0.lock();
        if state.sending || state.cut { SizeHint::default() } else { SizeHint::with_exact(state.queued as u64) }
    }
}

impl Drop for RelayUpload {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.unwanted = true;
        tell(state);
    }
}

/// Sends a request and reads its reply. `spent`: what attempts before have used up of the call's time.
pub async fn run(line: Arc<RelayLine>, client: Client, relayed: Relayed, spent: Duration) {
    let end = exchange(&line, &client, relayed, spent).await;
    line.end(end);
}

async fn exchange(
    line: &Arc<RelayLine>,
    client: &Client,
    relayed: Relayed,
    spent: Duration,
) -> Result<(), RelayFailure> {
    let Relayed { mut wire, url, limits, total, idle, .. } = relayed;
    let began = Instant::now();
    let left = total.map_or(NEVER, |total| total.saturating_sub(spent).min(NEVER));
    let mut deadline = (began + left, total, "the `total` limit of the client's timeout");
    *wire.body_mut() = reqwest::Body::wrap(RelayUpload(line.clone()));
    let mut sent = pin!(client.execute(wire, &url));
    // Which of the limits runs out first changes while a body is sent.
    let tick = [limits.read, limits.write].into_iter().flatten().min().unwrap_or(NEVER).max(TICK);
    let mut response = loop {
        let now = Instant::now();
        let (silent, limit, name) = line.silence(began, &limits);
        if now >= deadline.0 {
            return Err(late("no reply", deadline.1, deadline.2));
        }
        if now >= silent {
            let what = if name == "WriteTimeout" { "no byte of the request was taken" } else { "no reply" };
            let whose =
                if name == "WriteTimeout" { "the `write` limit of timeout" } else { "the `read` limit of timeout" };
            return Err(RelayFailure { name, ..late(what, limit, whose) });
        }
        if let Ok(done) = timeout_at(silent.min(deadline.0).min(now + tick), sent.as_mut()).await {
            break done.map_err(|failure| no_reply(failure, client, &url, limits.connect))?;
        }
    };
    let headers = std::mem::take(response.headers_mut());
    let kind = headers.get(CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes).to_ascii_lowercase();
    if let Some(plain) = limits.plain().filter(|_| memchr::memmem::find(&kind, b"json").is_some())
        && began + plain < deadline.0
    {
        deadline = (began + plain, Some(plain), "the timeout, which is one number");
    }
    let head = RelayHead {
        status: response.status().as_u16(),
        reason: response.reason(),
        version: if response.version() == Version::HTTP_10 { "HTTP/1.0" } else { "HTTP/1.1" },
        headers,
    };
    let silence = [limits.read, idle].into_iter().flatten().min();
    // What came along is handed on along with it: a whole reply wakes its reader once and not three times.
    let (mut along, mut held, mut next) = (VecDeque::new(), 0, None);
    while held < AHEAD
        && next.is_none()
        && let Some(more) = response.chunk().now_or_never()
    {
        match more {
            Ok(Some(piece)) => {
                held += piece.len();
                along.push_back(piece);
            }
            end => next = Some(end),
        }
    }
    line.begin(head, along, held, matches!(next, Some(Ok(None))));
    loop {
        let more = match next.take() {
            Some(more) => more,
            None => {
                line.has_room().await;
                let now = Instant::now();
                // What is there already is taken, though late; but where bytes are always there, no timer is looked at.
                if now >= deadline.0 + LATE {
                    return Err(late("the reply did not end", deadline.1, deadline.2));
                }
                let silent = now + silence.unwrap_or(NEVER).min(NEVER);
                match timeout_at(silent.min(deadline.0), response.chunk()).await {
                    Ok(more) => more,
                    Err(_) if deadline.0 <= silent => {
                        return Err(late("the reply did not end", deadline.1, deadline.2));
                    }
                    Err(_) => {
                        let whose = if silence == limits.read { "`read` limit of timeout" } else { "`idle` limit" };
                        return Err(late("no byte of the reply arrived", silence, &format!("the {whose}")));
                    }
                }
            }
        };
        match more {
            Ok(Some(piece)) => line.piece(piece),
            Ok(None) => return Ok(()),
            Err(error) => {
                let message = format!("the reply of {} broke off: {}", host(&url), deepest(&error));
                return Err(RelayFailure::new(ended(&error), message));
            }
        }
    }
}

fn late(what: &str, limit: Option<Duration>, whose: &str) -> RelayFailure {
    let seconds = limit.unwrap_or_default().as_secs_f64();
    RelayFailure::new("ReadTimeout", format!("{what} within {seconds} s ({whose})"))
}

/// What a connection's end is called, once it was up.
fn ended(error: &(dyn std::error::Error + 'static)) -> &'static str {
    let is_protocol = |cause: &(dyn std::error::Error + 'static)| match cause.downcast_ref::<hyper::Error>() {
        Some(error) => error.is_parse() || error.is_incomplete_message() || error.is_closed() || error.is_canceled(),
        // Of a body, hyper says it in the system's terms.
        None => cause.downcast_ref::<std::io::Error>().is_some_and(|error| {
            matches!(error.kind(), ErrorKind::UnexpectedEof | ErrorKind::InvalidInput | ErrorKind::InvalidData)
        }),
    };
    if causes(error).any(is_protocol) { "RemoteProtocolError" } else { "ReadError" }
}

fn no_reply(failure: Unanswered, client: &Client, url: &Url, connect: Option<Duration>) -> RelayFailure {
    let error = &failure.error;
    // What a proxy has against it, hyper-util says in words alone.
    let says = |what: &str| causes(error).any(|cause| cause.to_string().contains(what));
    let name = match error.is_connect() {
        true if error.is_timeout() => "ConnectTimeout",
        true if client.proxy(url).is_some() && (says("tunnel") || says("SOCKS")) => "ProxyError",
        true => "ConnectError",
        false => ended(error),
    };
    RelayFailure::new(name, unanswered(failure, client, url, connect).message)
}
