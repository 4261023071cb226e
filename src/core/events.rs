//! An event stream on the wire: bytes from the connection through the decoder and the dialect's state to the caller.
//!
//! `Events` reads; once the first event is here it goes on in a task of its own, next to the connection's, and the
//! caller takes from a `Feed`. Reading in the caller's thread instead costs two thread switches an event: hyper hands
//! over one chunk at a time.
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use tokio::sync::Notify;
use tokio::task::AbortHandle;
use tokio::time::timeout;

use super::broken::broken;
use super::clock::Clock;
use super::dialect::Dialect;
use super::endpoint::Answer;
use super::error::{Error, Kind, caught, first_byte};
use super::json::is_like_json;
use super::peek::Json;
use super::reply::{self, Head};
use super::response::Response;
use super::sse::{Decoder, Event};
use super::stream::{Snapshot, StreamState, Verdict, events_of_reply, listed};
use super::wait::{self, Source, Waiter, Wake, aside};

/// Chunks that are there already are taken in the same turn, up to this many events.
const BATCH: usize = 512;
/// A reader that is this far behind holds the sender up: bytes that wait to be taken.
const BACKLOG: usize = 1 << 20;
/// How events begin that a dialect knows.
const BEGINNINGS: [&[u8]; 3] = [b"{\"type\"", b"{\"id\"", b"{\"candidates\""];
/// What follows the terminal event is read this long, so that the connection can serve the next call.
const LAST_BYTES: Duration = Duration::from_secs(1);

/// How many times `max_response_bytes` snapshots may be that are made whether they are looked at or not: the text anew at
/// each of its pieces is the square of its length. 370 kB in pieces of four bytes are within the default.
const SNAPSHOTS: u64 = 64;

/// One event for the caller: its JSON, and what its delta has grown to.
#[derive(Debug)]
pub struct StreamItem {
    pub data: Bytes,
    pub snapshot: Option<Snapshot>,
}

pub struct Events {
    pub head: Head,
    dialect: Dialect,
    url: String,
    clock: Option<Clock>,
    /// None once the stream is over, one way or the other: dropping it closes the connection.
    response: Option<Response>,
    /// Bytes so far.
    read: usize,
    decoder: Decoder,
    state: Arc<Mutex<StreamState>>,
    decoded: VecDeque<Event>,
    ready: VecDeque<StreamItem>,
    /// The newest event: where a stream breaks off after it, it may say why.
    last: Bytes,
    /// Delivered after what is ready.
    failure: Option<Error>,
    delivered: bool,
}

impl Events {
    /// `limit`: of one event. All of them together have that of the clock.
    fn new(head: Head, dialect: Dialect, url: String, limit: usize) -> Self {
        Self {
            head,
            url,
            clock: None,
            response: None,
            read: 0,
            decoder: Decoder::new(limit).tolerant(),
            state: Arc::new(Mutex::new(StreamState::new(dialect))),
            dialect,
            decoded: VecDeque::new(),
            ready: VecDeque::new(),
            last: Bytes::new(),
            failure: None,
            delivered: false,
        }
    }

    /// Returns when the first event is here: until then an attempt can be repeated. `begin` has been read already.
    pub async fn open(
        head: Head,
        response: Response,
        begin: Bytes,
        dialect: Dialect,
        clock: Clock,
        url: String,
    ) -> Result<Box<Self>, Error> {
        let limit = usize::try_from(clock.most).unwrap_or(usize::MAX);
        let mut events =
            Box::new(Self { clock: Some(clock), response: Some(response), ..Self::new(head, dialect, url, limit) });
        events.feed(begin);
        if let Some(items) = events.next().await? {
            events.ready = items;
        }
        if let Some(clock) = &mut events.clock {
            clock.first = None;
        }
        Ok(events)
    }

    /// A whole reply to a `stream: true` request: the events that it would have been.
    pub fn of_reply(head: Head, body: &Bytes, dialect: Dialect, answer: Answer) -> Result<Box<Self>, Error> {
        let text: Bytes;
        let whole = match answer {
            Answer::Text if !head.is_json() => {
                text = serde_json::json!({ "text": String::from_utf8_lossy(body) }).to_string().into();
                &text
            }
            answer if answer != Answer::Bytes && !aside(body.len(), || is_like_json(body)) => {
                return Err(reply::bad_json(&head, body, "it breaks off or is malformed"));
            }
            _ => body,
        };
        let mut events = Box::new(Self::new(head, dialect, String::new(), body.len()));
        events.decoded.extend(aside(whole.len(), || events_of_reply(dialect, whole)));
        let is_json = answer == Answer::Bytes || matches!(first_byte(whole), Some(b'{' | b'['));
        if events.decoded.is_empty() || !is_json {
            let what = "the reply is whole where a stream was asked for, and no event can be made of it";
            return Err(events.head.error(Kind::BadReply, what.into(), body));
        }
        aside(whole.len(), || events.judge(true));
        let mut state = lock(&events.state);
        if events.failure.is_none() && !state.complete() {
            state.set_whole(whole.clone());
        }
        drop(state);
        Ok(events)
    }

    /// The reply that the terminal event carried.
    pub fn reply(&self) -> Option<Bytes> {
        aside(self.read, || lock(&self.state).reply())
    }

    /// The next events, all that are there; none at the end.
    pub async fn next(&mut self) -> Result<Option<VecDeque<StreamItem>>, Error> {
        loop {
            if self.ready.is_empty() {
                self.judge(false); // what came with the first event
            }
            if !self.ready.is_empty() && self.begun() {
                self.delivered = true;
                return Ok(Some(std::mem::take(&mut self.ready)));
            }
            if let Some(error) = self.failure.take() {
                return Err(error);
            }
            let (Some(response), Some(clock)) = (&mut self.response, &self.clock) else { return Ok(None) };
            match clock.chunk(response, &self.head).await {
                Ok(Some(chunk)) => self.feed(chunk),
                Ok(None) => self.end(),
                Err(error) => self.fail(error),
            }
            // Not before the first event has gone up.
            while self.delivered && self.ready.len() < BATCH {
                let Some(response) = &mut self.response else { break };
                match response.chunk().now_or_never() {
                    Some(Ok(Some(chunk))) => self.feed(chunk),
                    Some(Ok(None)) => self.end(),
                    Some(Err(error)) => self.fail(broken(error, &self.head)),
                    None => break,
                }
            }
        }
    }

    fn feed(&mut self, chunk: Bytes) {
        self.read = self.read.saturating_add(chunk.len());
        if let (Some(response), Some(clock)) = (&self.response, &self.clock)
            && let Err(error) = clock.fits(self.read, response, &self.head)
        {
            return self.fail(error);
        }
        if let Some(clock) = &mut self.clock {
            clock.heard();
        }
        if let Err(error) = self.decoder.push(chunk, &mut self.decoded) {
            return self.fail(self.head.error(Kind::BadReply, error.to_string(), &Bytes::new()));
        }
        self.judge(false);
    }

    /// Unless it must be all, the first event goes up before what came with it is looked at: a hundred events would take
    /// as long as the call.
    fn judge(&mut self, all: bool) {
        while (all || self.delivered || self.ready.is_empty() || !self.begun())
            && let Some(event) = self.decoded.pop_front()
            && aside(event.data.len(), || self.judge_one(event))
        {}
    }

    /// Whether others may follow.
    fn judge_one(&mut self, mut event: Event) -> bool {
        if event.data.first() == Some(&b'[')
            && let Some(events) = listed(self.dialect, &event)
        {
            events.into_iter().rev().for_each(|event| self.decoded.push_front(event));
            return true;
        }
        let verdict = lock(&self.state).take(&mut event);
        match verdict {
            Verdict::Skip => return true,
            Verdict::After(first) => {
                self.decoded.push_front(event);
                first.into_iter().rev().for_each(|event| self.decoded.push_front(event));
                return true;
            }
            Verdict::Pass { snapshot } => {
                // Not those that are no error's words: to keep each would be a hundredth of what an event takes.
                if BEGINNINGS.iter().any(|known| event.data.starts_with(known)) {
                    self.last.clear();
                } else {
                    self.last.clone_from(&event.data);
                }
                self.ready.push_back(StreamItem { data: event.data, snapshot });
                return true;
            }
            Verdict::Last => {
                let snapshot = lock(&self.state).last();
                self.ready.push_back(StreamItem { data: event.data, snapshot });
                self.finish();
            }
            Verdict::Done => self.finish(),
            // Pings, and then a whole reply to a request that asked for a stream.
            Verdict::Error(body) if event.bare && reply::is_whole(&body, self.dialect.marks()) && !self.begun() => {
                self.state = Arc::new(Mutex::new(StreamState::new(self.dialect)));
                self.decoded = events_of_reply(self.dialect, &body).into();
                self.judge(true);
            }
            Verdict::Error(body) => self.hidden(&body),
            Verdict::Malformed(data) => {
                let data = self.head.clean(&data);
                let start = String::from_utf8_lossy(&data[..data.len().min(100)]).into_owned();
                self.broken(&format!("an event of the stream is not valid JSON: {start:?}"));
            }
        }
        false
    }

    /// Complete. The connection is kept if the rest of the body, mostly nothing, comes soon.
    fn finish(&mut self) {
        if let Some(mut response) = self.response.take() {
            if matches!(response.chunk().now_or_never(), Some(Ok(None))) {
                return;
            }
            tokio::spawn(async move {
                let _ = timeout(LAST_BYTES, async { while let Ok(Some(_)) = response.chunk().await {} }).await;
            });
        }
    }

    /// The bytes have ended: well, or in the middle of something.
    fn end(&mut self) {
        let cut = self.decoder.finish(&mut self.decoded);
        self.judge(true);
        if self.response.take().is_none() {
            return; // over by its last event
        }
        let nothing = !self.begun();
        match cut {
            Some(tail) if nothing && aside(tail.len(), || self.hides_error(&tail)) => self.hidden(&tail),
            Some(tail) if nothing && tail.trim_ascii_start().starts_with(b"<") => {
                if let Err(error) =
                    reply::check(&self.head, &tail, Answer::Json, self.dialect.marks(), || self.url.clone())
                {
                    self.failure = Some(error);
                }
            }
            Some(_) => self.broken("the stream broke off in the middle of an event"),
            None if lock(&self.state).complete() => {}
            // Words that may be a sign of life while a stream goes on.
            None if Json::of(&self.last).get("type").is_none() && self.hides_error(&self.last) => {
                self.hidden(&self.last.clone());
            }
            None if nothing => self.broken("the stream ended without a single event"),
            None => self.broken("the stream ended before its last event"),
        }
    }

    /// Whether an event has been found that is part of a reply.
    fn begun(&self) -> bool {
        self.delivered || (!self.ready.is_empty() && lock(&self.state).begun())
    }

    fn hides_error(&self, json: &[u8]) -> bool {
        reply::hides_error(json, self.dialect.marks())
    }

    fn hidden(&mut self, body: &Bytes) {
        self.fail(aside(body.len(), || reply::hidden_error(&self.head, body)));
    }

    fn broken(&mut self, what: &str) {
        let mut error = self.head.error(Kind::Incomplete, what.to_owned(), &Bytes::new());
        error.retries = super::error::ANY; // counts only before the first event
        self.fail(error);
    }

    fn fail(&mut self, mut error: Error) {
        self.response = None;
        // What breaks a stream in its middle, whatever it is, leaves an incomplete one.
        if matches!(error.kind, Kind::Connection) && self.begun() {
            error.kind = Kind::Incomplete;
        }
        error.attempts = self.head.attempts;
        if let Some(clock) = &self.clock {
            error.elapsed = clock.elapsed();
        }
        error.partial = aside(self.read, || lock(&self.state).partial());
        error.redact(&self.head.secrets);
        self.failure = Some(error);
    }
}

/// Where a caller takes events from. Dropping it ends the stream and its connection.
pub struct Feed {
    shared: Arc<Shared>,
    state: Arc<Mutex<StreamState>>,
    reader: AbortHandle,
    /// Bytes that snapshots may still be.
    left: AtomicU64,
    limit: u64,
}

#[derive(Default)]
struct Shared {
    line: Mutex<Line>,
    room: Notify,
}

#[derive(Default)]
struct Line {
    items: VecDeque<StreamItem>,
    bytes: usize,
    /// How the stream ended, if it has.
    end: Option<Result<(), Error>>,
    waiter: Waiter,
}

/// What there is to take.
#[expect(clippy::large_enum_variant, reason = "taken apart at once")]
pub enum Available {
    Items(VecDeque<StreamItem>),
    End(Result<(), Error>),
    /// Nothing yet.
    Empty,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Feed {
    /// Must be called in the runtime. `limit`: the most bytes of a reply.
    pub fn new(mut events: Box<Events>, limit: u64) -> Self {
        let shared = Arc::<Shared>::default();
        if events.delivered {
            shared.put(std::mem::take(&mut events.ready)); // its reader need not wait for the task
        }
        let state = events.state.clone();
        let reader = tokio::spawn(shared.clone().fill(events)).abort_handle();
        Self { shared, state, reader, left: AtomicU64::new(limit.saturating_mul(SNAPSHOTS)), limit }
    }

    pub fn take(&self) -> Available {
        let mut line = lock(&self.shared.line);
        if line.items.is_empty() {
            return match &mut line.end {
                // An error is given once; after it the stream is just over.
                Some(end) => Available::End(std::mem::replace(end, Ok(()))),
                None => Available::Empty,
            };
        }
        line.bytes = 0;
        let items = std::mem::take(&mut line.items);
        drop(line);
        self.shared.room.notify_one();
        Available::Items(items)
    }

    /// Waits for something to take. False, at once, if another one waits already.
    pub async fn ready(&self) -> bool {
        wait::ready(self).await
    }

    /// Whether the stream has ended and all of it was taken.
    pub fn is_over(&self) -> bool {
        let line = lock(&self.shared.line);
        line.items.is_empty() && matches!(line.end, Some(Ok(())))
    }

    /// Ends the stream and its connection, and wakes whoever waits.
    pub fn stop(&self) {
        self.end(Ok(()));
    }

    /// The same; its reader gets `end`.
    pub fn end(&self, end: Result<(), Error>) {
        self.reader.abort();
        let mut line = lock(&self.shared.line);
        line.items.clear();
        line.end = Some(end); // an error that nobody has read goes with the rest
        Shared::tell(line);
    }

    /// An error if a snapshot that is made at once is more than what is left for them.
    pub fn afford(&self, head: &Head, snapshot: &Snapshot) -> Result<(), Error> {
        let size = snapshot.size() as u64;
        if self.left.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(size)).is_ok() {
            return Ok(());
        }
        let limit = self.limit;
        let message = format!(
            "the snapshots, which as dicts are made at every event, are more than {SNAPSHOTS} times the {limit} bytes that \
             max_response_bytes allows: events without as_dict make theirs when they are looked at, those of \
             create(stream=True) have none; or give the call or the client a larger limit"
        );
        let mut error = head.error(Kind::TooLarge { limit, size: None }, message, &Bytes::new());
        error.partial = self.partial(None);
        Err(error)
    }

    /// The reply that the terminal event carried.
    pub fn reply(&self) -> Option<Bytes> {
        lock(&self.state).reply()
    }

    /// The reply as far as it has arrived; of several choices only one, where that is wanted.
    pub fn partial(&self, choice: Option<u64>) -> Option<Vec<u8>> {
        lock(&self.state).partial_of(choice)
    }
}

impl Source for Feed {
    fn when_ready(&self, wake: Wake) -> Option<u64> {
        let mut line = lock(&self.shared.line);
        if line.items.is_empty() && line.end.is_none() {
            return line.waiter.enter(wake);
        }
        drop(line);
        wake();
        Some(0)
    }

    fn forget(&self, number: u64) {
        lock(&self.shared.line).waiter.forget(number);
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

impl Shared {
    async fn fill(self: Arc<Self>, mut events: Box<Events>) {
        let end = caught(async {
            while let Some(items) = events.next().await? {
                self.put(items);
                while lock(&self.line).bytes > BACKLOG {
                    self.room.notified().await;
                }
            }
            Ok(())
        });
        self.end(end.await);
    }

    fn put(&self, items: VecDeque<StreamItem>) {
        let mut line = lock(&self.line);
        if line.end.is_some() {
            return; // stopped meanwhile
        }
        // An event of one byte takes more than that.
        line.bytes += items.iter().map(|item| item.data.len() + size_of::<StreamItem>()).sum::<usize>();
        if line.items.is_empty() {
            line.items = items;
        } else {
            line.items.extend(items);
        }
        Self::tell(line);
    }

    fn end(&self, end: Result<(), Error>) {
        let mut line = lock(&self.line);
        line.end.get_or_insert(end);
        Self::tell(line);
    }

    fn tell(mut line: MutexGuard<'_, Line>) {
        let wake = line.waiter.take();
        drop(line);
        if let Some(wake) = wake {
            wake();
        }
    }
}
