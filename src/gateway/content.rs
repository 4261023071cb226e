//! What is answered, and how it is sent: before it is compiled to steps.
use std::borrow::Cow;
use std::io::Write as _;
use std::time::Duration;

use bytes::Bytes;

/// What a body is, which decides its default Content-Type and framing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyKind {
    Json,
    Text,
    Html,
    Bytes,
    /// Each piece is one event of a stream, or a comment, with its blank line.
    Events,
    /// The pieces are the whole answer, head included; the connection closes after them.
    Raw,
}

/// What is answered, faults aside.
#[derive(Debug, Clone)]
pub struct Content {
    pub status: u16,
    pub kind: BodyKind,
    /// Sent in this order and case; one given here replaces the one the gateway would have sent.
    pub headers: Vec<(Cow<'static, str>, String)>,
    pub pieces: Vec<Bytes>,
    /// Whether `X-Oneapi-Request-Id` is sent: not by the proxies in front of the gateway.
    pub request_id: bool,
    /// Whether it is an upstream's refusal: a stream has its headers by then.
    pub relayed: bool,
}

impl Content {
    #[must_use]
    pub fn new(status: u16, kind: BodyKind, body: Bytes) -> Self {
        Self {
            status,
            kind,
            headers: Vec::new(),
            pieces: vec![body],
            request_id: kind != BodyKind::Raw,
            relayed: false,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Framing {
    /// Content-Length for a body in one piece, chunked for events and bodies in pieces.
    #[default]
    Auto,
    Length,
    Chunked,
    /// Neither: the end of the connection ends the body.
    Close,
}

/// How an answer is sent, and how the sending fails.
#[derive(Debug, Clone, Default)]
pub struct Delivery {
    /// Before the head. `None`: the gateway's latency.
    pub delay: Option<Duration>,
    /// Between two pieces of the body. `None`: for events the gateway's event delay, else none.
    pub gap: Option<Duration>,
    /// Cuts the body in pieces of this many bytes.
    pub chunk_size: Option<usize>,
    /// Comments sent before the first piece, and the time before each.
    pub pings: u32,
    pub ping_interval: Duration,
    /// Breaks the connection off after this many bytes of the body.
    pub cut: Option<usize>,
    /// Says nothing more after this many bytes of the body, for as long as the client stays.
    pub stall: Option<usize>,
    /// Whether a cut is an RST rather than a FIN.
    pub reset: bool,
    /// Breaks the connection off before any head.
    pub close: bool,
    pub framing: Framing,
    /// Sends the body compressed, with its Content-Encoding.
    pub gzip: bool,
    /// Bends or breaks what all of the above comes to.
    pub fault: Option<Fault>,
}

/// Where an answer breaks off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BreakPoint {
    Before,
    InHead,
    AfterHead,
    InBody,
    InChunk,
}

/// How it breaks off there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// A FIN.
    Close,
    /// An RST.
    Reset,
    /// Nothing more comes, and the connection stays open.
    Stall,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    Break(How, BreakPoint),
    SlowHead,
    SlowBody,
    Stale,
    Noise,
    LongHead,
    Informational,
    LengthTooLong,
    LengthTooShort,
    TwoLengths,
    BadChunkSize,
    HugeChunkSize,
    Truncated,
    Unfinished,
    TruncatedGzip,
    NotGzip,
    WrongType,
    Html,
    Empty,
    BadUtf8,
    LongLine,
    Endless,
}

pub(super) fn is_stream(content: &Content) -> bool {
    let said = |(_, value): &(Cow<'static, str>, String)| value.starts_with("text/event-stream");
    content.kind == BodyKind::Events || content.headers.iter().any(said)
}

pub(super) fn compressed(pieces: &[(Bytes, u64)]) -> (Bytes, u64) {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    for (piece, _) in pieces {
        let _ = encoder.write_all(piece); // into memory: cannot fail
    }
    (encoder.finish().unwrap_or_default().into(), pieces.iter().map(|(_, events)| events).sum())
}
