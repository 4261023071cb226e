//! One send for every call: attempts, waits between them, one deadline over everything.
use std::fmt;
use std::pin::pin;
use std::time::{Duration, SystemTime};

use bytes::{Bytes, BytesMut};
use tokio::runtime::Handle;
use tokio::sync::SetOnce;
use tokio::time::{Instant, sleep};

use super::broken::{shown, unanswered};
use super::clock::Clock;
use super::dialect::Dialect;
use super::embeddings::{self, Vectors};
use super::endpoint::{Answer, Marks};
use super::error::{Error, Kind, Limit, first_byte};
use super::events::{Events, Feed};
use super::foreign;
use super::limits::Limits;
use super::multipart::in_pieces;
use super::reply::{self, Head, Reply};
use super::request::{Attempt, Body, Gate, Key, Mode, Pass, Request};
use super::response::Response;
use super::retry;
use super::secret::Secrets;
use super::stream_options;
use super::transport::Client;
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
    send_since(client, request, None).await
}

/// `start`: where the deadline counts from, for requests that share one. The first of them that is let in sets it.
pub(super) async fn send_since(
    client: &Client,
    request: &Request,
    start: Option<&SetOnce<Instant>>,
) -> Result<Outcome, Error> {
    let mut pass = match &request.gate {
        None => None,
        // Rare and large: no part of every call's future.
        Some(gate) => Some(Box::pin(first_pass(&**gate, request, start)).await?),
    };
    let mut clock = Clock::start(request, started(start));
    let mut number = 0;
    let mut retries = 0;
    let mut asking = stream_options::ask(request);
    let mut anew: Option<Client> = None;
    let mut before: Option<Error> = None;
    loop {
        number += 1;
        let began = Instant::now();
        clock.attempt(began, request.mode == Mode::Events);
        let mut result = attempt(anew.as_ref().unwrap_or(client), request, &asking, &clock, pass.as_ref()).await;
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
        if let (Some(gate), Some(pass)) = (&request.gate, pass.take()) {
            gate.ended(&pass, result.as_ref().map(Outcome::head));
        }
        match &mut result {
            Ok(outcome) => outcome.head_mut().count(number, &clock),
            Err(error) => {
                error.attempts = number;
                error.elapsed = clock.elapsed();
            }
        }
        match (next, result) {
            (Some(wait), Err(error)) => {
                let failure = before.insert(error);
                clock.first = None; // runs anew with the next attempt
                sleep(wait).await;
                pass = match &request.gate {
                    None => None,
                    Some(gate) => Some(Box::pin(next_pass(&**gate, &clock, number, failure)).await?),
                };
            }
            (None, Err(mut error)) => {
                if let (Kind::Timeout(Limit::Total), Some(before)) = (&error.kind, &before) {
                    error = after(error, before);
                }
                return Err(retry::warned(error, request.billed));
            }
            (_, Ok(outcome)) => return Ok(outcome),
        }
    }
}

/// What a call's first attempt is let in with. Its clock does not run yet; that of requests that share one may.
async fn first_pass(gate: &dyn Gate, request: &Request, start: Option<&SetOnce<Instant>>) -> Result<Pass, Error> {
    let mut admitted = pin!(gate.admit());
    let pass = match start {
        None => admitted.await,
        Some(start) => tokio::select! {
            biased;
            pass = &mut admitted => pass,
            began = start.wait() => {
                let clock = Clock::start(request, *began);
                let pass = clock.limit(admitted).await.and_then(|pass| pass);
                pass.map_err(|refusal| Error { elapsed: clock.elapsed(), ..refusal })
            }
        },
    };
    pass.map_err(|refusal| Error { attempts: 0, sent: false, ..refusal })
}

/// What a retry is let in with, `number` attempts after the call began.
async fn next_pass(gate: &dyn Gate, clock: &Clock, number: u32, before: &Error) -> Result<Pass, Error> {
    clock
        .limit(gate.admit())
        .await
        .and_then(|pass| pass)
        .map_err(|refusal| after(Error { attempts: number, elapsed: clock.elapsed(), sent: false, ..refusal }, before))
}

/// Where the clock starts: where it has, for requests that share one, else now.
fn started(start: Option<&SetOnce<Instant>>) -> Instant {
    let now = Instant::now();
    start.map_or(now, |start| {
        let _ = start.set(now); // unless it was set before
        start.get().copied().unwrap_or(now)
    })
}

/// A deadline and a gate say nothing about why they were met: the failure before does.
fn after(mut error: Error, before: &Error) -> Error {
    error.message = format!("{}; the attempt before had failed: {before}", error.message);
    error
}

/// The wait before the next attempt; none if this error is final.
fn pause(error: &mut Error, retry: u32, request: &Request, clock: &Clock) -> Option<Duration> {
    if retry >= request.max_retries.min(retry::allowed(error, request.dialect, request.billed)) {
        return None;
    }
    let asked = retry::asked(&error.headers, SystemTime::now());
    let wait = asked.unwrap_or_else(|| retry::backoff(retry));
    if wait < clock.left() && wait <= retry::LONGEST_ASKED {
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
    let (status, request_id, failure, headers) = match result {
        Ok(outcome) => {
            let head = outcome.head();
            (Some(head.status), head.request_id.clone(), None, &head.headers)
        }
        Err(error) => (error.wire_status, error.request_id.clone(), Some(error.reason()), &error.headers),
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
        limits: Limits::of(headers, SystemTime::now()),
    });
}

async fn attempt(
    client: &Client,
    request: &Request,
    asking: &Option<Bytes>,
    clock: &Clock,
    pass: Option<&Pass>,
) -> Result<Outcome, Error> {
    let mut wire = hyper::Request::new(match (asking, &request.body) {
        (Some(body), _) | (None, Body::Json(body)) => in_pieces(body, request.sending.as_ref()),
        (None, Body::Form(form)) => form.body(request.sending.as_ref()),
        (None, Body::None) => reqwest::Body::default(),
    });
    *wire.method_mut() = request.method.clone();
    *wire.headers_mut() = (*request.headers).clone();
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
        wire.headers_mut().insert(auth.header(), value);
    }
    let secrets = Secrets::of(key.as_ref(), &request.headers, &request.url);
    let mut result = run(client, wire, request, clock, &secrets, pass).await;
    if let Err(error) = &mut result {
        error.redact(&secrets);
    }
    result
}

async fn run(
    client: &Client,
    wire: hyper::Request<reqwest::Body>,
    request: &Request,
    clock: &Clock,
    secrets: &Secrets,
    pass: Option<&Pass>,
) -> Result<Outcome, Error> {
    let response = match &request.foreign {
        None => {
            let sent = clock.limit(client.execute(wire, &request.url)).await?;
            sent.map_err(|failure| unanswered(failure, client, &request.url, clock.connect()))?
        }
        // Rare and large.
        Some(root) => Box::pin(foreign::fetch(client, request, root, clock)).await?,
    };
    let mut response = Response::new(response, pass.cloned());
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
