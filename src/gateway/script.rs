//! Scripted answers, and how every answer, scripted or default, compiles into steps.
use std::borrow::Cow;
use std::collections::VecDeque;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::{Bytes, BytesMut};

use super::content::{BodyKind, Content, Delivery, Fault, Framing, compressed, is_stream};
use super::envelope::Refusal;
use super::http::{HttpRequest, reason};
use super::journal::lock;
use super::setup::Setup;
use super::steps::{Plan, PlanStep};

/// One item of a script.
#[derive(Debug, Clone)]
pub struct Scripted {
    /// `None`: the usual answer for `status`, which for 200 is what the endpoint answers by default. `headers` and
    /// `shape` apply to it all the same.
    pub content: Option<Content>,
    pub status: u16,
    pub headers: Vec<(String, String)>,
    /// Instead of a status: what the gateway says in a certain case, in the dialect of the request.
    pub refusal: Option<Refusal>,
    pub shape: Delivery,
    /// How many requests it answers; 0: all that follow.
    pub times: u32,
}

impl Default for Scripted {
    fn default() -> Self {
        Self { content: None, status: 200, headers: Vec::new(), refusal: None, shape: Delivery::default(), times: 1 }
    }
}

impl Scripted {
    /// A body in one piece.
    #[must_use]
    pub fn new(status: u16, kind: BodyKind, body: impl Into<Bytes>) -> Self {
        Self { content: Some(Content::new(status, kind, body.into())), status, ..Self::default() }
    }

    /// A stream of events, each with its blank line.
    #[must_use]
    pub fn events<T: Into<Bytes>>(events: impl IntoIterator<Item = T>) -> Self {
        let pieces = events.into_iter().map(Into::into).collect();
        let content = Content { pieces, ..Content::new(200, BodyKind::Events, Bytes::new()) };
        Self { content: Some(content), ..Self::default() }
    }

    /// The gateway's usual answer with that status.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self { status, ..Self::default() }
    }

    /// The content with the script's own headers laid over it.
    pub(crate) fn dressed(&self, mut content: Content) -> Content {
        let own = |name: &str| self.headers.iter().any(|(n, _)| n.eq_ignore_ascii_case(name));
        content.headers.retain(|(name, _)| !own(name));
        content.headers.extend(self.headers.iter().map(|(n, v)| (Cow::Owned(n.clone()), v.clone())));
        content
    }
}

/// An answer compiled: all of its bytes but the part of the head that differs from request to request.
#[derive(Debug, Clone)]
pub struct Compiled {
    status: u16,
    head: String,
    request_id: bool,
    date: bool,
    keep_alive: bool,
    named: bool,
    stream: bool,
    fault: Option<Fault>,
    steps: Arc<[PlanStep]>,
}

/// Writes go out together up to this size when nothing comes between them.
const BATCH: usize = 64 * 1024;
const PING: &[u8] = b": PING\n\n";

impl Compiled {
    #[must_use]
    pub fn new(content: &Content, shape: &Delivery, config: &Setup) -> Self {
        let bent = shape.fault.map(|fault| fault.bend(content, shape));
        let (content, shape) = bent.as_ref().map_or((content, shape), |(content, shape)| (content, shape));
        let mut body = Pieces::of(content, shape);
        let total = body.total();
        let has = |name: &str| content.headers.iter().any(|(n, _)| n.eq_ignore_ascii_case(name));
        let raw = content.kind == BodyKind::Raw;
        let framing = match shape.framing {
            _ if raw => Framing::Close,
            Framing::Auto if content.kind == BodyKind::Events || body.pieces.len() > 1 => Framing::Chunked,
            Framing::Auto => Framing::Length,
            framing => framing,
        };
        let limit = [shape.cut, shape.stall].into_iter().flatten().min();
        if let Some(limit) = limit {
            body.truncate(limit);
        }
        let separate = !body.events && (body.pieces.len() > 1 || shape.chunk_size.is_some());
        let separate = separate || (body.events && shape.chunk_size.is_some());
        let delay = shape.delay.unwrap_or(config.latency);
        let gap = shape.gap.unwrap_or(if body.events { config.event_delay } else { Duration::ZERO });
        let mut out = Steps {
            list: Vec::new(),
            batch: BytesMut::new(),
            batch_events: 0,
            ping: if content.kind == BodyKind::Events { config.ping_interval } else { None },
            chunked: framing == Framing::Chunked,
            headed: raw,
        };
        out.wait(delay);
        if shape.close {
            out.list.push(if shape.reset { PlanStep::Reset } else { PlanStep::Close });
        } else {
            out.head();
            for _ in 0..if is_stream(content) { shape.pings } else { 0 } {
                out.list.push(PlanStep::Wait(shape.ping_interval));
                out.write(PING, 0);
                out.flush();
            }
            for (at, (piece, events)) in body.pieces.iter().enumerate() {
                if at > 0 && !gap.is_zero() {
                    out.flush();
                    out.wait(gap);
                }
                out.write(piece, *events);
                if separate || out.batch.len() >= BATCH {
                    out.flush();
                }
            }
            let cut_first = shape.cut.is_some() && shape.cut <= shape.stall.or(Some(usize::MAX));
            if limit.is_some() {
                out.flush();
                out.list.push(match (cut_first, shape.reset) {
                    (false, _) => PlanStep::Stall,
                    (true, true) => PlanStep::Reset,
                    (true, false) => PlanStep::Close,
                });
            } else if framing == Framing::Chunked {
                out.batch.extend_from_slice(b"0\r\n\r\n");
                out.flush();
            } else {
                out.flush();
            }
        }
        let mut head = format!("HTTP/1.1 {} {}\r\n", content.status, reason(content.status));
        for (name, value) in &content.headers {
            let _ = write!(head, "{name}: {value}\r\n");
        }
        let mut default = |name: &str, value: &str| {
            if !has(name) {
                let _ = write!(head, "{name}: {value}\r\n");
            }
        };
        let bare = content.status == 204 || content.status == 304;
        match content.kind {
            _ if bare => {}
            BodyKind::Json => default("Content-Type", "application/json; charset=utf-8"),
            BodyKind::Text => default("Content-Type", "text/plain; charset=utf-8"),
            BodyKind::Html => default("Content-Type", "text/html; charset=utf-8"),
            BodyKind::Bytes if total > 0 => default("Content-Type", "application/octet-stream"),
            BodyKind::Bytes | BodyKind::Raw => {}
            BodyKind::Events => {
                default("Content-Type", "text/event-stream");
                default("Cache-Control", "no-cache");
                default("X-Accel-Buffering", "no");
            }
        }
        if shape.gzip {
            default("Content-Encoding", "gzip");
        }
        match framing {
            Framing::Length if !bare => default("Content-Length", &total.to_string()),
            Framing::Chunked => default("Transfer-Encoding", "chunked"),
            _ => {}
        }
        Self {
            status: content.status,
            head,
            request_id: content.request_id && !has("X-Oneapi-Request-Id"),
            date: !has("Date"),
            keep_alive: framing != Framing::Close,
            named: !raw && !shape.close && shape.fault.is_none_or(Fault::has_head),
            stream: shape.fault.is_some() && is_stream(content),
            fault: shape.fault,
            steps: out.list.into(),
        }
    }

    /// Raw answers have none that the gateway knows of.
    #[must_use]
    pub fn has_status(&self) -> bool {
        self.named
    }

    /// The plan of one answer.
    #[must_use]
    pub fn plan(&self, request: &HttpRequest, id: &str) -> Plan {
        let keep_alive = self.keep_alive && request.keep_alive;
        let mut head = String::with_capacity(self.head.len() + 160);
        head.push_str(&self.head);
        if self.date {
            let _ = write!(head, "Date: {}\r\n", httpdate::fmt_http_date(std::time::SystemTime::now()));
        }
        if self.request_id {
            let _ = write!(head, "X-Oneapi-Request-Id: {id}\r\n");
        }
        if !keep_alive {
            head.push_str("Connection: close\r\n");
        } else if request.http10 {
            head.push_str("Connection: keep-alive\r\n");
        }
        head.push_str("\r\n");
        let steps = if request.method == "HEAD" {
            // The head alone, and whatever was to come before it.
            self.steps.iter().filter(|step| !matches!(step, PlanStep::Write { .. })).cloned().collect()
        } else {
            self.steps.clone()
        };
        let plan = Plan { status: self.status, head: head.into(), steps, keep_alive, stale: false };
        match self.fault {
            Some(fault) => fault.plan(plan, self.stream),
            None => plan,
        }
    }
}

struct Pieces {
    /// Each piece, and how many events end in it.
    pieces: Vec<(Bytes, u64)>,
    events: bool,
}

impl Pieces {
    fn of(content: &Content, shape: &Delivery) -> Self {
        let events = content.kind == BodyKind::Events;
        let mut pieces: Vec<(Bytes, u64)> =
            content.pieces.iter().map(|p| (p.clone(), u64::from(events && !p.starts_with(b":")))).collect();
        if pieces.len() > 1 {
            pieces.retain(|(piece, _)| !piece.is_empty());
        }
        if shape.gzip {
            pieces = vec![compressed(&pieces)];
        }
        if let Some(size) = shape.chunk_size.filter(|size| *size > 0) {
            pieces = resliced(&pieces, size);
        }
        Self { pieces, events }
    }

    fn total(&self) -> usize {
        self.pieces.iter().map(|(piece, _)| piece.len()).sum()
    }

    fn truncate(&mut self, limit: usize) {
        let mut left = limit;
        self.pieces.retain_mut(|(piece, events)| {
            if piece.len() > left {
                piece.truncate(left);
                *events = 0;
            }
            left -= piece.len();
            !piece.is_empty()
        });
    }
}

/// The same bytes in pieces of `size`, whatever the pieces were before.
fn resliced(pieces: &[(Bytes, u64)], size: usize) -> Vec<(Bytes, u64)> {
    let mut whole = BytesMut::new();
    let mut ends = VecDeque::new();
    for (piece, events) in pieces {
        whole.extend_from_slice(piece);
        ends.push_back((whole.len(), *events));
    }
    let mut whole = whole.freeze();
    let (mut at, mut out) = (0, Vec::new());
    while !whole.is_empty() {
        let piece = whole.split_to(size.min(whole.len()));
        at += piece.len();
        let mut ended = 0;
        while ends.front().is_some_and(|(end, _)| *end <= at) {
            ended += ends.pop_front().map_or(0, |(_, events)| events);
        }
        out.push((piece, ended));
    }
    out
}

struct Steps {
    list: Vec<PlanStep>,
    batch: BytesMut,
    batch_events: u64,
    ping: Option<Duration>,
    chunked: bool,
    headed: bool,
}

impl Steps {
    fn head(&mut self) {
        if !self.headed {
            self.headed = true;
            self.list.push(PlanStep::Head);
        }
    }

    /// A wait with the keep-alive comments that fall into it. The first of them brings the head along: the real gateway
    /// answers 200 before its upstream has said anything.
    fn wait(&mut self, mut time: Duration) {
        if let Some(interval) = self.ping.filter(|interval| !interval.is_zero()) {
            while time > interval {
                self.list.push(PlanStep::Wait(interval));
                self.head();
                self.write(PING, 0);
                self.flush();
                time -= interval;
            }
        }
        if !time.is_zero() {
            self.list.push(PlanStep::Wait(time));
        }
    }

    fn write(&mut self, bytes: &[u8], events: u64) {
        self.batch_events += events;
        if bytes.is_empty() {
            return; // an empty chunk would end the body
        }
        if self.chunked {
            let mut size = String::with_capacity(12);
            let _ = write!(size, "{:x}\r\n", bytes.len());
            self.batch.extend_from_slice(size.as_bytes());
            self.batch.extend_from_slice(bytes);
            self.batch.extend_from_slice(b"\r\n");
        } else {
            self.batch.extend_from_slice(bytes);
        }
    }

    fn flush(&mut self) {
        if !self.batch.is_empty() {
            let events = std::mem::take(&mut self.batch_events);
            self.list.push(PlanStep::Write { bytes: self.batch.split().freeze(), events });
        }
    }
}

/// What the next request is to be answered with.
pub(crate) enum Next {
    Default,
    Ready(Arc<Compiled>),
    /// Depends on the request: the usual answer in another dress.
    Usual(Scripted),
    /// To be asked of the handler.
    Handler,
}

struct Queued {
    scripted: Scripted,
    compiled: Option<Arc<Compiled>>,
    left: u32,
}

#[derive(Default)]
pub(crate) struct Script {
    queue: Mutex<VecDeque<Queued>>,
    handler: std::sync::atomic::AtomicBool,
}

impl Script {
    pub fn push(&self, scripted: Scripted, config: &Setup) {
        let compiled = ready(&scripted, config).map(Arc::new);
        let left = scripted.times;
        lock(&self.queue).push_back(Queued { scripted, compiled, left });
    }

    pub fn clear(&self) {
        lock(&self.queue).clear();
    }

    pub fn left(&self) -> usize {
        lock(&self.queue).iter().map(|queued| queued.left.max(1) as usize).sum()
    }

    pub fn set_handler(&self, on: bool) {
        self.handler.store(on, std::sync::atomic::Ordering::Release);
    }

    pub fn next(&self) -> Next {
        let mut queue = lock(&self.queue);
        let Some(front) = queue.front_mut() else {
            drop(queue);
            let asked = self.handler.load(std::sync::atomic::Ordering::Acquire);
            return if asked { Next::Handler } else { Next::Default };
        };
        let next = match &front.compiled {
            Some(compiled) => Next::Ready(compiled.clone()),
            None => Next::Usual(front.scripted.clone()),
        };
        match front.left {
            0 => {}
            1 => {
                queue.pop_front();
            }
            _ => front.left -= 1,
        }
        next
    }
}

/// Compiles a script whose content does not depend on the request.
pub(crate) fn ready(scripted: &Scripted, config: &Setup) -> Option<Compiled> {
    let content = scripted.content.clone()?;
    Some(Compiled::new(&scripted.dressed(content), &scripted.shape, config))
}
