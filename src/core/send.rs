//! One send for every call: attempts, waits between them, one deadline over everything.
use std::borrow::Cow;
use std::fmt;
use std::io::ErrorKind;
use std::time::{Duration, SystemTime};

use bytes::{Bytes, BytesMut};
use futures_util::FutureExt;
use reqwest::Url;
use tokio::runtime::Handle;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout_at};

use super::dialect::Dialect;
use super::embeddings::{self, Vectors};
use super::endpoint::{Answer, Marks};
use super::error::{ANY, Error, Kind, Limit, caught, first_byte};
use super::events::{Events, Feed};
use super::foreign;
use super::multipart::{Unreadable, in_pieces};
use super::reply::{self, Head, Reply};
use super::request::{Attempt, Body, Key, Mode, Request};
use super::response::{Failure, Response};
use super::retry;
use super::secret::Secrets;
use super::stream_options;
use super::transport::{Client, Unanswered};
use super::wait::aside;

pub enum Outcome {
    Reply(Reply),
    Vectors(Head, Vectors),
    /// Its first event has arrived.
    Events(Head, Feed),
    Bytes(Box<ByteStream>),
}

/// The most that is read of an error's body: one that says more than this says nothing.
const ERROR_BODY: u64 = 1 << 20;

/// Sends, and sends again where that makes sense. A stream counts as sent when its first event is here; from then on
/// nothing is repeated.
pub async fn send(client: &Client, request: &Request) -> Result<Outcome, Error> {
    send_since(client, request, Instant::now()).await
}

/// Sends several requests as one call: at most `most` at a time, under one deadline. The first that fails ends the
/// others; the error comes with its number.
pub async fn send_all(calls: Vec<(Client, Request)>, most: usize) -> Result<Vec<Outcome>, (usize, Error)> {
    let began = Instant::now();
    let mut outcomes: Vec<(usize, Outcome)> = Vec::with_capacity(calls.len());
    let mut waiting = calls.into_iter().enumerate();
    // Dropped, it ends what runs.
    let mut running = JoinSet::new();
    loop {
        while running.len() < most.max(1)
            && let Some((number, (client, request))) = waiting.next()
        {
            running.spawn(async move { (number, caught(send_since(&client, &request, began)).await) });
        }
        match running.join_next().await {
            Some(Ok((number, Ok(outcome)))) => outcomes.push((number, outcome)),
            Some(Ok((number, Err(error)))) => return Err((number, error)),
            Some(Err(failure)) => return Err((0, Error::new(Kind::Connection, failure.to_string()))),
            None => break,
        }
    }
    outcomes.sort_by_key(|(number, _)| *number);
    Ok(outcomes.into_iter().map(|(_, outcome)| outcome).collect())
}

/// `began`: where the deadline counts from.
async fn send_since(client: &Client, request: &Request, began: Instant) -> Result<Outcome, Error> {
    let mut clock = Clock::start(request, began);
    let mut number = 0;
    let mut retries = 0;
    let mut asking = stream_options::ask(request);
    let mut anew: Option<Client> = None;
    let mut before: Option<Error> = None;
    loop {
        number += 1;
        let began = Instant::now();
        let events = request.mode == Mode::Events;
        clock.first = request.timeout.first_event.filter(|_| events).and_then(|limit| began.checked_add(limit));
        let mut result = attempt(anew.as_ref().unwrap_or(client), request, &asking, &clock).await;
        let next = match &mut result {
            Ok(_) => None,
            // Sent again as the caller wrote it: no failure, so no retry either.
            Err(error) if asking.is_some() && stream_options::is_refused(error) => {
                asking = None;
                Some(Duration::ZERO)
            }
            // A server closes what it has kept when it likes, also as a request arrives, which it then has not read: no
            // failure either, as with curl and the browsers, but once a call, and over a connection that is new. Nothing
            // tells it from a server that has read and died, so a task that costs money is not begun again.
            Err(error) if error.unread && anew.is_none() && !request.billed => {
                anew = Some(client.anew().unwrap_or_else(|_| client.clone()));
                Some(Duration::ZERO)
            }
            Err(error) => {
                let wait = pause(error, retries, request, &clock);
                retries += 1;
                wait
            }
        };
        observe(request, number, began, &result, next);
        match &mut result {
            Ok(outcome) => outcome.head_mut().count(number, &clock),
            Err(error) => {
                error.attempts = number;
                error.elapsed = clock.elapsed();
            }
        }
        match (next, result) {
            (Some(wait), Err(error)) => {
                before = Some(error);
                sleep(wait).await;
            }
            // The deadline says nothing about why: the failure before it does.
            (None, Err(mut error)) => {
                if let (Kind::Timeout(Limit::Total), Some(before)) = (&error.kind, &before) {
                    error.message = format!("{}; the attempt before had failed: {before}", error.message);
                }
                return Err(retry::warned(error, request.billed));
            }
            (_, Ok(outcome)) => return Ok(outcome),
        }
    }
}

/// The wait before the next attempt; none if this error is final.
fn pause(error: &mut Error, retry: u32, request: &Request, clock: &Clock) -> Option<Duration> {
    if retry >= request.max_retries.min(retry::allowed(error, request.dialect, request.billed)) {
        return None;
    }
    let asked = retry::asked(&error.headers, SystemTime::now());
    let wait = asked.unwrap_or_else(|| retry::backoff(retry));
    if wait < clock.deadline.saturating_duration_since(Instant::now()) && wait <= retry::LONGEST_ASKED {
        return Some(wait);
    }
    if let Some(asked) = asked {
        let seconds = asked.as_secs_f64();
        error.message = format!("{} (not retried: it asks for a wait of {seconds:.0} s)", error.message);
    }
    None
}

fn observe(
    request: &Request,
    number: u32,
    began: Instant,
    result: &Result<Outcome, Error>,
    retry_in: Option<Duration>,
) {
    let Some(observer) = &request.observer else { return };
    let (status, request_id, failure) = match result {
        Ok(outcome) => (Some(outcome.head().status), outcome.head().request_id.clone(), None),
        Err(error) => (error.wire_status, error.request_id.clone(), Some(error.reason())),
    };
    observer.attempt(Attempt {
        method: request.method.clone(),
        path: request.url.path().to_owned(),
        number,
        status,
        elapsed: began.elapsed(),
        request_id,
        failure,
        retry_in,
    });
}

async fn attempt(client: &Client, request: &Request, asking: &Option<Bytes>, clock: &Clock) -> Result<Outcome, Error> {
    let mut wire = reqwest::Request::new(request.method.clone(), request.url.clone());
    *wire.headers_mut() = request.headers.clone();
    let headers = wire.headers_mut();
    let key = match &request.key {
        Key::None => None,
        Key::Known(key) => Some(key.clone()),
        Key::Ask(ask) => Some(clock.limit(ask.ask()).await??),
    };
    if let Some(key) = &key {
        let auth = request.dialect.auth();
        let value = auth.value(key).map_err(|_| {
            let error = Error::new(Kind::Connection, "the API key is no header value");
            Error { sent: false, ..error }
        })?;
        headers.insert(auth.header(), value);
    }
    *wire.body_mut() = match (asking, &request.body) {
        (Some(body), _) | (None, Body::Json(body)) => Some(in_pieces(body)),
        (None, Body::Form(form)) => Some(form.body()),
        (None, Body::None) => None,
    };
    let secrets = Secrets::of(key.as_ref(), &request.headers, &request.url);
    let mut result = run(client, wire, request, clock, &secrets).await;
    if let Err(error) = &mut result {
        error.redact(&secrets);
    }
    result
}

async fn run(
    client: &Client,
    wire: reqwest::Request,
    request: &Request,
    clock: &Clock,
    secrets: &Secrets,
) -> Result<Outcome, Error> {
    let mut response = Response::new(match &request.foreign {
        None => {
            let sent = clock.limit(client.execute(wire)).await?;
            sent.map_err(|failure| unanswered(failure, client, &request.url, clock))?
        }
        // Rare and large.
        Some(root) => Box::pin(foreign::fetch(client, request, root, clock)).await?,
    });
    let mut head = Head::new(response.status(), std::mem::take(response.headers_mut()), secrets.clone());
    if !(200..300).contains(&head.status) {
        let body = read_error(Bytes::new(), &mut response, &head, clock).await;
        let mut error = aside(body.len(), || reply::status_error(&head, &body));
        if let Some(coding) = response.unreadable() {
            error.message = format!("{}: its Content-Encoding {coding:?} cannot be read here", error.message);
        }
        if let (407, Some(proxy)) = (head.status, client.proxy(&request.url)) {
            error.message = format!("{proxy} refuses: {}", error.message);
        }
        return Err(error);
    }
    if request.mode == Mode::Bytes {
        let mut first = Bytes::new();
        // Its saver sees no error in it: a page or JSON is looked at here, by whatever name it comes.
        if request.answer == Answer::Bytes {
            first = begin_of_file(&mut response, &head, clock).await?;
            if aside(first.len(), || reply::is_no_file(&head, &first)) {
                let body = read_error(first.clone(), &mut response, &head, clock).await;
                aside(body.len(), || {
                    reply::check(&head, &body, request.answer, request.marks, || shown(&request.url))
                })?;
            }
        }
        return Ok(Outcome::Bytes(Box::new(ByteStream {
            head,
            response,
            clock: clock.clone(),
            unread: (!first.is_empty()).then_some(first),
            runtime: Handle::current(),
            asked: Asked::by(request),
        })));
    }
    if request.mode == Mode::Events {
        let begin = begin(&mut response, &head, clock, !request.answer.is_json()).await?;
        return events(head, response, begin, Asked::by(request), clock).await;
    }
    // Upstreams answer JSON where a stream was asked for, stream where nobody asked, and name either anything (G.6).
    let answers_json = request.answer.is_json();
    let begin = begin(&mut response, &head, clock, !answers_json).await?;
    // A text or a file may begin like a stream.
    let is_stream = match answers_json {
        true => reply::is_event_stream(&head, &begin, false),
        false => head.says_event_stream(),
    };
    if is_stream {
        let (url, clock) = (shown(&request.url), clock.clone());
        let mut events = Events::open(head.clone(), response, begin, request.dialect, clock, url).await?;
        while events.next().await?.is_some() {}
        return match events.reply() {
            Some(body) if answers_json => Ok(Outcome::Reply(Reply { head, body })),
            _ => Err(head.error(
                Kind::BadReply,
                format!("{} answered with an event stream", shown(&request.url)),
                &Bytes::new(),
            )),
        };
    }
    let body = read_on(begin, &mut response, &head, clock).await?;
    aside(body.len(), || reply::check(&head, &body, request.answer, request.marks, || shown(&request.url)))?;
    head.elapsed = clock.elapsed();
    // Here, where neither Python nor its event loop waits for it.
    if request.mode == Mode::Vectors
        && let Some(vectors) =
            aside(body.len(), || embeddings::read(&body).map_err(|why| head.error(Kind::BadReply, why, &body)))?
    {
        return Ok(Outcome::Vectors(head, vectors));
    }
    Ok(Outcome::Reply(Reply { head, body }))
}

/// What of a request its events depend on.
struct Asked {
    dialect: Dialect,
    answer: Answer,
    marks: &'static Marks,
    /// For messages.
    url: String,
}

impl Asked {
    fn by(request: &Request) -> Self {
        Self { dialect: request.dialect, answer: request.answer, marks: request.marks, url: shown(&request.url) }
    }
}

/// The events of a reply, of which `begin` has been read: a stream, or a whole reply where a stream was asked for.
async fn events(
    head: Head,
    mut response: Response,
    begin: Bytes,
    asked: Asked,
    clock: &Clock,
) -> Result<Outcome, Error> {
    let Asked { dialect, answer, marks, url } = asked;
    let events = if reply::is_event_stream(&head, &begin, answer.is_json()) {
        Events::open(head, response, begin, dialect, clock.clone(), url).await?
    } else {
        let body = read_on(begin, &mut response, &head, clock).await?;
        aside(body.len(), || reply::check(&head, &body, answer, marks, || url))?;
        Events::of_reply(head, &body, dialect, answer)?
    };
    Ok(Outcome::Events(events.head.clone(), Feed::new(events, clock.most)))
}

/// A body up to the first chunk that holds more than white space; empty where the body is. What JSON or a stream has
/// before it goes: proxies send it so that the connection is not silent.
async fn begin(response: &mut Response, head: &Head, clock: &Clock, as_sent: bool) -> Result<Bytes, Error> {
    clock.fits(0, response, head)?;
    let (mut space, mut read) = (BytesMut::new(), 0);
    while let Some(chunk) = clock.chunk(response, head).await? {
        read += chunk.len();
        clock.fits(read, response, head)?;
        if first_byte(&chunk).is_none() {
            space.extend_from_slice(if as_sent { &chunk } else { b"" });
        } else if !as_sent {
            return Ok(chunk.slice(chunk.len() - chunk.trim_ascii_start().len()..));
        } else if space.is_empty() {
            return Ok(chunk);
        } else {
            space.extend_from_slice(&chunk);
            break;
        }
    }
    Ok(space.freeze())
}

/// As much of a file as tells whether it is one.
async fn begin_of_file(response: &mut Response, head: &Head, clock: &Clock) -> Result<Bytes, Error> {
    let mut begin = BytesMut::new();
    let mut enough = 1;
    while let Some(chunk) = clock.chunk(response, head).await? {
        begin.extend_from_slice(&chunk);
        // Looked at whenever it has doubled, however small the pieces are.
        if begin.len() >= enough {
            enough = begin.len() * 2;
            if begin.len() as u64 >= ERROR_BODY || !aside(begin.len(), || reply::may_be_no_file(&begin)) {
                break;
            }
        }
    }
    Ok(begin.freeze())
}

/// A URL for messages: a query or a user name may be nobody's business.
pub(super) fn shown(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    let _ = (url.set_username(""), url.set_password(None));
    url.into()
}

/// The body of an error, of which `first` has been read, as far as it arrives: that is worth more than the news that it
/// broke off.
async fn read_error(first: Bytes, response: &mut Response, head: &Head, clock: &Clock) -> Bytes {
    let most = clock.most.min(ERROR_BODY) as usize;
    let mut body = BytesMut::from(first);
    while body.len() < most
        && let Ok(Some(chunk)) = clock.chunk(response, head).await
    {
        body.extend_from_slice(&chunk);
    }
    body.truncate(most);
    body.freeze()
}

/// The whole body, of which `first` has been read.
async fn read_on(first: Bytes, response: &mut Response, head: &Head, clock: &Clock) -> Result<Bytes, Error> {
    let expected = response.content_length().unwrap_or(0).min(64 << 20) as usize;
    let mut body = BytesMut::new();
    let mut piece = first;
    if expected > 0 {
        // glibc keeps twice the largest block that was given back, and a reply's text is as large as its body again: with
        // some more than it takes, the memory is there at the next call. Without, a reply of 1 MB had 250 page faults, a
        // third of its time. What is not touched costs nothing.
        let size = piece.len() + expected;
        body.reserve(size + size.min(4 << 20));
    } else {
        // Most replies are one piece: no copy.
        let Some(next) = clock.chunk(response, head).await? else { return Ok(piece) };
        body.reserve((piece.len() + next.len()).max(piece.len() * 2));
        body.extend_from_slice(&piece);
        piece = next;
    }
    loop {
        clock.fits(body.len() + piece.len(), response, head)?;
        body.extend_from_slice(&piece);
        // hyper reads into the memory of a piece again if nobody holds it: new memory costs more than the copy.
        drop(piece);
        match clock.chunk(response, head).await? {
            Some(next) => piece = next,
            None => return Ok(body.freeze()),
        }
    }
}

/// What a call may take: when it began, must end, how long it may be silent, and how much it may bring.
#[derive(Debug, Clone)]
pub struct Clock {
    began: Instant,
    deadline: Instant,
    /// When the first event of a stream must be here; none once it is.
    pub(super) first: Option<Instant>,
    timeout: super::config::Timeout,
    /// Bytes of a reply.
    pub(super) most: u64,
}

/// The next limit to run out.
struct Until {
    at: Instant,
    limit: Limit,
    allowed: Option<Duration>,
}

impl Until {
    /// With what is known of a reply whose head had arrived.
    fn error(&self, head: Option<&Head>) -> Error {
        let what = match (self.limit, head) {
            (Limit::FirstEvent, _) => "no event and no sign of one arrived",
            (_, None) => "no reply",
            (Limit::Idle, _) => "no byte of the reply arrived",
            _ => "the reply did not end",
        };
        let mut error = Error::timeout(self.limit, self.allowed, what);
        if let Some(head) = head {
            error.wire_status = Some(head.status);
            error.headers = head.headers.clone();
            error.request_id.clone_from(&head.request_id);
        }
        error
    }
}

/// How long after a limit bytes are taken that need not be waited for.
const LATE: Duration = Duration::from_millis(50);
/// Where there is no deadline.
const NEVER: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);

impl Clock {
    fn start(request: &Request, began: Instant) -> Self {
        let deadline = request.timeout.total.and_then(|total| began.checked_add(total));
        Self {
            began,
            deadline: deadline.unwrap_or(began + NEVER),
            first: None,
            timeout: request.timeout,
            most: request.max_response_bytes,
        }
    }

    /// An error if a reply is too large of which `read` bytes are here; before they are, where it has a Content-Length.
    pub(super) fn fits(&self, read: usize, response: &Response, head: &Head) -> Result<(), Error> {
        let left = response.content_length();
        let size = (read as u64).saturating_add(left.unwrap_or(0));
        if size <= self.most {
            return Ok(());
        }
        let limit = self.most;
        let has = match left {
            Some(_) => {
                format!("has {size} bytes, more than the {limit} that max_response_bytes allows: none of it was read")
            }
            None => format!("has more than the {limit} bytes that max_response_bytes allows: reading stopped there"),
        };
        let message =
            format!("the reply {has}; if it should be that large, give the call or the client a larger limit");
        Err(head.error(Kind::TooLarge { limit, size: left.map(|_| size) }, message, &Bytes::new()))
    }

    pub fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    /// What runs out first: the deadline, the time for the first event, or a silence that begins now.
    fn until(&self, now: Instant, silence: Option<Duration>) -> Until {
        let first = (self.first, Limit::FirstEvent, self.timeout.first_event);
        let idle = (silence.and_then(|silence| now.checked_add(silence)), Limit::Idle, silence);
        let mut until = Until { at: self.deadline, limit: Limit::Total, allowed: self.timeout.total };
        for (at, limit, allowed) in [first, idle] {
            if let Some(at) = at.filter(|at| *at < until.at) {
                until = Until { at, limit, allowed };
            }
        }
        until
    }

    /// A sign of life before the first event: the time for that begins anew.
    pub(super) fn heard(&mut self) {
        if self.first.is_some() {
            self.first = self.timeout.first_event.and_then(|limit| Instant::now().checked_add(limit));
        }
    }

    /// What comes before the head, within the limits. No `async fn`: that would hold the future twice, and it is 1.5 kB.
    pub(super) fn limit<T>(&self, future: impl Future<Output = T>) -> impl Future<Output = Result<T, Error>> {
        let until = self.until(self.began, None);
        timeout_at(until.at, future).map(move |done| done.map_err(|_| until.error(None)))
    }

    /// The next piece of a body, within all limits.
    pub(super) async fn chunk(&self, response: &mut Response, head: &Head) -> Result<Option<Bytes>, Error> {
        let now = Instant::now();
        let until = self.until(now, self.timeout.idle);
        // What is there already is taken, though late; but where bytes are always there, no timer is ever looked at.
        if now >= until.at + LATE {
            return Err(until.error(Some(head)));
        }
        let read = async { response.chunk().await.map_err(|failure| broken(failure, head)) };
        timeout_at(until.at, read).await.unwrap_or_else(|_| Err(until.error(Some(head))))
    }
}

/// A request that no reply came to, in words that name the cause and not the key, the query or a proxy's password.
pub(super) fn unanswered(failure: Unanswered, client: &Client, url: &Url, clock: &Clock) -> Error {
    let Unanswered { error, kept } = failure;
    let proxy = client.proxy(error.url().unwrap_or(url));
    if error.is_timeout() && error.is_connect() {
        let through = proxy.map(|proxy| format!(" through {proxy}")).unwrap_or_default();
        return Error::timeout(Limit::Connect, clock.timeout.connect, &format!("no connection came up{through}"));
    }
    if let Some(unreadable) = causes(&error).find_map(|cause| cause.downcast_ref::<Unreadable>()) {
        return Error::new(Kind::Connection, unreadable.to_string());
    }
    let host = host(error.url().unwrap_or(url));
    let mut cause = deepest(&error);
    if cause.contains("CaUsedAsEndEntity") {
        cause = "invalid peer certificate: self-signed".into(); // or an authority's, which comes to the same
    }
    let mut retries = ANY;
    let message = if error.is_connect() {
        let untrusted = cause.contains("certificate");
        if untrusted || cause.contains("proxy auth") {
            retries = 0; // will be so the next time too
        }
        let hint = if untrusted { ": trust its authority with verify=\"ca.pem\" or SSL_CERT_FILE" } else { "" };
        match proxy {
            // Whose certificate it is, only the gateway's name tells.
            Some(proxy) if untrusted => format!("no connection to {host} through {proxy}: {cause}{hint}"),
            Some(proxy) => format!("no connection through {proxy}: {cause}"),
            None => format!("no connection to {host}: {cause}{hint}"),
        }
    } else {
        let through = proxy.map(|proxy| format!(" through {proxy}")).unwrap_or_default();
        format!("the connection to {host}{through} broke before a reply: {cause}")
    };
    let unread = kept && causes(&error).any(is_end);
    Error { retries, unread, sent: !error.is_connect(), ..Error::new(Kind::Connection, message) }
}

/// Whether a connection ended so. hyper says the same of one that ended within the head of a reply.
fn is_end(cause: &(dyn std::error::Error + 'static)) -> bool {
    use ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, NotConnected, UnexpectedEof};
    if let Some(error) = cause.downcast_ref::<hyper::Error>() {
        return error.is_incomplete_message() || error.is_canceled() || error.is_closed();
    }
    let kind = cause.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
    matches!(kind, Some(BrokenPipe | ConnectionAborted | ConnectionReset | NotConnected | UnexpectedEof))
}

/// A reply whose body cannot be read on.
pub(super) fn broken(failure: Failure, head: &Head) -> Error {
    let (kind, message) = match failure {
        Failure::Wire(error) => {
            let host = error.url().map_or("the gateway".into(), host);
            (Kind::Connection, format!("the reply of {host} broke off: {}", deepest(&error)))
        }
        Failure::Damaged(coding, why) if why.kind() == ErrorKind::UnexpectedEof => {
            (Kind::Connection, format!("the reply broke off: its {coding} data are not complete"))
        }
        Failure::Damaged(coding, why) => (
            Kind::Connection,
            format!("the reply cannot be read: its Content-Encoding is {coding}, its body is not ({why})"),
        ),
        Failure::Unknown(coding) => {
            let message = format!(
                "the reply cannot be read: its Content-Encoding is {coding:?}, which was not asked for; gzip and deflate \
                 are read here"
            );
            return head.error(Kind::BadReply, message, &Bytes::new());
        }
    };
    Error { retries: ANY, ..head.error(kind, message, &Bytes::new()) }
}

fn host(url: &Url) -> Cow<'static, str> {
    match (url.host_str(), url.port_or_known_default()) {
        (Some(host), Some(port)) => format!("{host}:{port}").into(),
        _ => "the gateway".into(),
    }
}

pub(super) fn causes<'a>(
    error: &'a (dyn std::error::Error + 'static),
) -> impl Iterator<Item = &'a (dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error), |error| error.source())
}

fn deepest(error: &(dyn std::error::Error + 'static)) -> String {
    causes(error).last().unwrap_or(error).to_string()
}

impl Outcome {
    pub fn head(&self) -> &Head {
        match self {
            Self::Reply(reply) => &reply.head,
            Self::Vectors(head, _) | Self::Events(head, _) => head,
            Self::Bytes(bytes) => &bytes.head,
        }
    }

    fn head_mut(&mut self) -> &mut Head {
        match self {
            Self::Reply(reply) => &mut reply.head,
            Self::Vectors(head, _) | Self::Events(head, _) => head,
            Self::Bytes(bytes) => &mut bytes.head,
        }
    }
}

impl Head {
    fn count(&mut self, attempts: u32, clock: &Clock) {
        self.attempts = attempts;
        self.elapsed = clock.elapsed();
    }
}

/// A body that is handed on piece by piece.
pub struct ByteStream {
    pub head: Head,
    response: Response,
    clock: Clock,
    /// Read, and not handed on.
    unread: Option<Bytes>,
    /// Where its connection lives.
    pub(super) runtime: Handle,
    asked: Asked,
}

impl ByteStream {
    /// What a reader may hold of it at once.
    pub fn most(&self) -> u64 {
        self.clock.most
    }

    pub fn unread(&mut self, piece: Bytes) {
        self.unread = Some(piece);
    }

    pub async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        match self.unread.take() {
            Some(piece) => Ok(Some(piece)),
            None => self.clock.chunk(&mut self.response, &self.head).await,
        }
    }

    pub async fn rest(&mut self) -> Result<Bytes, Error> {
        self.clock.fits(self.unread.as_ref().map_or(0, Bytes::len), &self.response, &self.head)?;
        let Some(first) = self.next().await? else { return Ok(Bytes::new()) };
        self.clock.fits(first.len(), &self.response, &self.head)?;
        read_on(first, &mut self.response, &self.head, &self.clock).await
    }

    /// The events that it is made of, where a stream was asked for.
    pub async fn events(mut self) -> Result<Outcome, Error> {
        let begin = match self.unread.take() {
            Some(piece) => piece,
            None => begin(&mut self.response, &self.head, &self.clock, !self.asked.answer.is_json()).await?,
        };
        events(self.head, self.response, begin, self.asked, &self.clock).await
    }
}

impl fmt::Debug for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Outcome").field(self.head()).finish()
    }
}
