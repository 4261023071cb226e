//! An event stream on the wire: bytes from the connection through the decoder and the dialect's state to the caller.
use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use reqwest::Response;
use tokio::time::timeout;

use super::config::Secret;
use super::error::{Error, Kind};
use super::reply::{self, Head};
use super::send::{Clock, broken};
use super::sse::{Decoder, EVENT_LIMIT, Event};
use super::stream::{Dialect, Snapshot, Stream, Verdict, events_of_reply};

/// Chunks that are there already are taken in the same turn, up to this many events.
const BATCH: usize = 512;
/// What follows the terminal event is read this long, so that the connection can serve the next call.
const LAST_BYTES: Duration = Duration::from_secs(1);

/// One event for the caller: its JSON, and the text that its delta has grown to.
#[derive(Debug)]
pub struct Item {
    pub data: Bytes,
    pub snapshot: Option<Snapshot>,
}

pub struct Events {
    pub head: Head,
    url: String,
    /// Not to be shown in an error, should the server say it.
    key: Option<Secret>,
    clock: Option<Clock>,
    /// None once the stream is over, one way or the other: dropping it closes the connection.
    response: Option<Response>,
    decoder: Decoder,
    state: Stream,
    decoded: VecDeque<Event>,
    ready: VecDeque<Item>,
    /// Delivered after what is ready.
    failure: Option<Error>,
    delivered: bool,
}

impl Events {
    fn new(head: Head, dialect: Dialect, url: String) -> Self {
        Self {
            head,
            url,
            key: None,
            clock: None,
            response: None,
            decoder: Decoder::new(EVENT_LIMIT).tolerant(),
            state: Stream::new(dialect),
            decoded: VecDeque::new(),
            ready: VecDeque::new(),
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
        key: Option<&Secret>,
    ) -> Result<Box<Self>, Error> {
        let mut events = Box::new(Self {
            clock: Some(clock),
            response: Some(response),
            key: key.cloned(),
            ..Self::new(head, dialect, url)
        });
        events.feed(begin);
        if let Some(items) = events.next().await? {
            events.ready = items;
        }
        Ok(events)
    }

    /// A whole reply to a `stream: true` request: the events that it would have been.
    pub fn of_reply(head: Head, body: &Bytes, dialect: Dialect) -> Result<Box<Self>, Error> {
        if serde_json::from_slice::<serde::de::IgnoredAny>(body).is_err() {
            return Err(reply::bad_json(&head, body, "it breaks off or is malformed"));
        }
        let mut events = Box::new(Self::new(head, dialect, String::new()));
        events.decoded.extend(events_of_reply(dialect, body));
        events.judge();
        Ok(events)
    }

    /// The reply that the terminal event carried.
    pub fn reply(&self) -> Option<Bytes> {
        self.state.reply()
    }

    /// The reply as far as it has arrived.
    pub fn partial(&self) -> Option<Vec<u8>> {
        self.state.partial()
    }

    /// Closes the connection; what has arrived stays for `reply` and `partial`.
    pub fn close(&mut self) {
        self.response = None;
        self.failure = None;
        self.decoded.clear();
        self.ready.clear();
    }

    /// The next events, all that are there; none at the end.
    pub async fn next(&mut self) -> Result<Option<VecDeque<Item>>, Error> {
        loop {
            if !self.ready.is_empty() {
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
            while self.ready.len() < BATCH {
                let (Some(response), Some(clock)) = (&mut self.response, &self.clock) else { break };
                match response.chunk().now_or_never() {
                    Some(Ok(Some(chunk))) => self.feed(chunk),
                    Some(Ok(None)) => self.end(),
                    Some(Err(error)) => self.fail(broken(error, Some(&self.head), clock)),
                    None => break,
                }
            }
        }
    }

    fn feed(&mut self, chunk: Bytes) {
        if let Err(error) = self.decoder.push(chunk, &mut self.decoded) {
            return self.fail(self.head.error(Kind::BadReply, error.to_string(), &Bytes::new()));
        }
        self.judge();
    }

    fn judge(&mut self) {
        while let Some(mut event) = self.decoded.pop_front() {
            match self.state.take(&mut event) {
                Verdict::Skip => {}
                Verdict::Pass { snapshot } => self.ready.push_back(Item { data: event.data, snapshot }),
                Verdict::Last => {
                    self.ready.push_back(Item { data: event.data, snapshot: None });
                    return self.finish();
                }
                Verdict::Done => return self.finish(),
                Verdict::Error(body) => return self.hidden(&body),
                Verdict::Malformed(data) => {
                    let start = String::from_utf8_lossy(&data[..data.len().min(100)]).into_owned();
                    return self.broken(&format!("an event of the stream is not valid JSON: {start:?}"));
                }
            }
        }
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
        self.judge();
        if self.response.take().is_none() {
            return; // over by its last event
        }
        let nothing = !self.delivered && self.ready.is_empty();
        match cut {
            Some(tail) if nothing && reply::hides_error(&tail) => self.hidden(&tail),
            Some(tail) if nothing && tail.trim_ascii_start().starts_with(b"<") => {
                if let Err(error) = reply::check_json(&self.head, &tail, &self.url) {
                    self.failure = Some(error);
                }
            }
            Some(_) => self.broken("the stream broke off in the middle of an event"),
            None if !self.state.complete() && nothing => self.broken("the stream ended without a single event"),
            None if !self.state.complete() => self.broken("the stream ended before its last event"),
            None => {}
        }
    }

    fn hidden(&mut self, body: &Bytes) {
        self.fail(reply::hidden_error(&self.head, body));
    }

    fn broken(&mut self, what: &str) {
        let mut error = self.head.error(Kind::Incomplete, what.to_owned(), &Bytes::new());
        error.retries = super::error::ANY; // counts only before the first event
        self.fail(error);
    }

    fn fail(&mut self, mut error: Error) {
        self.response = None;
        // What breaks a stream in its middle, whatever it is, leaves an incomplete one.
        if matches!(error.kind, Kind::Connection) && (self.delivered || !self.ready.is_empty()) {
            error.kind = Kind::Incomplete;
        }
        error.attempts = self.head.attempts;
        if let Some(clock) = &self.clock {
            error.elapsed = clock.elapsed();
        }
        error.partial = self.state.partial();
        if let Some(key) = &self.key {
            error.redact(key);
        }
        self.failure = Some(error);
    }
}
