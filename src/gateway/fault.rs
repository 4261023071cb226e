//! The faults that have a name: each bends what would have been answered, or breaks off the sending of it.
use std::borrow::Cow;
use std::time::Duration;

use bytes::Bytes;

use super::content::{BodyKind, BreakPoint, Content, Delivery, Fault, Framing, How, compressed, is_stream};
use super::steps::{Plan, PlanStep};

/// Between two bytes of a slow answer.
const DRIP: Duration = Duration::from_millis(200);
/// What was written before a reset arrives before it: an RST overtakes what waits to be read.
const BEFORE_RESET: Duration = Duration::from_millis(50);
const LONG_LINE: usize = 64 << 20;
const NOISE: &[u8] = b"\x15\x03\x01\x00\x02\x02\x46 this is no HTTP\r\n\r\n";
const EARLY: &[u8] =
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n";
const PAGE: &[u8] = b"<!doctype html>\n<html><head><title>Welcome</title></head><body>It works!</body></html>\n";

impl Fault {
    pub const NAMES: &'static [(&'static str, Self)] = &[
        ("close", Self::Break(How::Close, BreakPoint::Before)),
        ("reset", Self::Break(How::Reset, BreakPoint::Before)),
        ("silence", Self::Break(How::Stall, BreakPoint::Before)),
        ("close in head", Self::Break(How::Close, BreakPoint::InHead)),
        ("reset in head", Self::Break(How::Reset, BreakPoint::InHead)),
        ("stall in head", Self::Break(How::Stall, BreakPoint::InHead)),
        ("close after head", Self::Break(How::Close, BreakPoint::AfterHead)),
        ("reset after head", Self::Break(How::Reset, BreakPoint::AfterHead)),
        ("stall after head", Self::Break(How::Stall, BreakPoint::AfterHead)),
        ("close in body", Self::Break(How::Close, BreakPoint::InBody)),
        ("reset in body", Self::Break(How::Reset, BreakPoint::InBody)),
        ("stall in body", Self::Break(How::Stall, BreakPoint::InBody)),
        ("close in chunk", Self::Break(How::Close, BreakPoint::InChunk)),
        ("reset in chunk", Self::Break(How::Reset, BreakPoint::InChunk)),
        ("stall in chunk", Self::Break(How::Stall, BreakPoint::InChunk)),
        ("slow head", Self::SlowHead),
        ("slow body", Self::SlowBody),
        ("stale", Self::Stale),
        ("noise", Self::Noise),
        ("long head", Self::LongHead),
        ("informational", Self::Informational),
        ("length too long", Self::LengthTooLong),
        ("length too short", Self::LengthTooShort),
        ("two lengths", Self::TwoLengths),
        ("bad chunk size", Self::BadChunkSize),
        ("huge chunk size", Self::HugeChunkSize),
        ("truncated", Self::Truncated),
        ("unfinished", Self::Unfinished),
        ("truncated gzip", Self::TruncatedGzip),
        ("not gzip", Self::NotGzip),
        ("wrong type", Self::WrongType),
        ("html", Self::Html),
        ("empty", Self::Empty),
        ("bad utf-8", Self::BadUtf8),
        ("long line", Self::LongLine),
        ("endless", Self::Endless),
    ];

    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(known, _)| *known == name).map(|(_, fault)| *fault)
    }

    /// Whether the client gets a status.
    pub(super) fn has_head(self) -> bool {
        !matches!(self, Self::Break(_, BreakPoint::Before | BreakPoint::InHead) | Self::Noise)
    }

    /// What is answered, and how, before it is compiled.
    pub(super) fn bend(self, content: &Content, shape: &Delivery) -> (Content, Delivery) {
        let (mut content, mut shape) = (content.clone(), shape.clone());
        if is_stream(&content) && content.pieces.len() == 1 {
            content.pieces = content.pieces.iter().flat_map(events).collect();
        }
        let half = content.pieces.iter().map(Bytes::len).sum::<usize>() / 2;
        let header = |content: &mut Content, name: &'static str, value: String| {
            content.headers.push((Cow::Borrowed(name), value));
        };
        match self {
            Self::Break(how, place @ (BreakPoint::AfterHead | BreakPoint::InBody | BreakPoint::InChunk)) => {
                let limit = Some(if place == BreakPoint::AfterHead { 0 } else { half });
                *(if how == How::Stall { &mut shape.stall } else { &mut shape.cut }) = limit;
                shape.reset = how == How::Reset;
                if place == BreakPoint::InChunk {
                    shape.framing = Framing::Chunked;
                }
            }
            Self::SlowBody => (shape.chunk_size, shape.gap) = (Some(1), Some(DRIP)),
            Self::LongHead => {
                for _ in 0..256 {
                    header(&mut content, "X-Filler", "x".repeat(4096));
                }
            }
            Self::LengthTooLong => {
                shape.framing = Framing::Length;
                header(&mut content, "Content-Length", (half * 4).to_string());
            }
            Self::LengthTooShort => {
                shape.framing = Framing::Length;
                header(&mut content, "Content-Length", half.to_string());
            }
            Self::TwoLengths => {
                shape.framing = Framing::Length;
                header(&mut content, "Content-Length", (half * 2).to_string());
                header(&mut content, "Content-Length", half.to_string());
            }
            Self::BadChunkSize | Self::HugeChunkSize => {
                (shape.framing, shape.cut) = (Framing::Chunked, Some(half));
            }
            Self::Truncated => {
                let mut left = half;
                content.pieces.retain_mut(|piece| {
                    piece.truncate(left);
                    left -= piece.len();
                    !piece.is_empty()
                });
            }
            Self::Unfinished if content.pieces.len() > 1 => content.pieces.truncate(content.pieces.len() / 2),
            Self::Unfinished => return Self::Truncated.bend(&content, &shape),
            Self::TruncatedGzip => {
                let pieces: Vec<_> = content.pieces.iter().map(|piece| (piece.clone(), 0)).collect();
                let whole = compressed(&pieces).0;
                content.pieces = vec![whole.slice(..whole.len() / 2)];
                header(&mut content, "Content-Encoding", "gzip".into());
            }
            Self::NotGzip => header(&mut content, "Content-Encoding", "gzip".into()),
            Self::WrongType => {
                content.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("content-type"));
                header(&mut content, "Content-Type", "image/x-odd".into());
            }
            Self::Html => {
                content.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("content-type"));
                (content.kind, content.pieces) = (BodyKind::Html, vec![Bytes::from_static(PAGE)]);
            }
            Self::Empty => content.pieces.clear(),
            Self::BadUtf8 => {
                let middle = content.pieces.len() / 2;
                let (before, after) = content.pieces.split_at_mut(middle);
                // Within a string of the JSON, where there is one.
                if !after.iter_mut().any(spoil) && !before.iter_mut().rev().any(spoil) {
                    content.pieces.push(Bytes::from_static(b"\xff\xfe"));
                }
            }
            Self::LongLine => {
                let (first, rest, end) = if is_stream(&content) { (b':', b'x', "\n\n") } else { (b' ', b' ', "") };
                let mut line = vec![rest; LONG_LINE];
                line[0] = first;
                line.extend_from_slice(end.as_bytes());
                content.pieces.insert(0, line.into());
            }
            Self::Endless => (shape.framing, shape.stall) = (Framing::Close, Some(half)),
            Self::Break(..) | Self::SlowHead | Self::Stale | Self::Noise | Self::Informational => {}
        }
        (content, shape)
    }

    /// How the answer is sent, its head included.
    pub(super) fn plan(self, mut plan: Plan, stream: bool) -> Plan {
        let mut steps = plan.steps.to_vec();
        let text = |text: &'static str| PlanStep::Write { bytes: Bytes::from_static(text.as_bytes()), events: 0 };
        let before_last = steps.len().saturating_sub(1);
        match self {
            Self::Break(how, BreakPoint::Before | BreakPoint::InHead) => {
                let last = match how {
                    How::Close => PlanStep::Close,
                    How::Reset => PlanStep::Reset,
                    How::Stall => PlanStep::Stall,
                };
                let some = self == Self::Break(how, BreakPoint::InHead);
                plan.head.truncate(if some { plan.head.len() / 2 } else { 0 });
                steps.retain(|step| matches!(step, PlanStep::Wait(_))); // the answer's delay
                steps.extend(some.then_some(PlanStep::Head));
                steps.push(last);
            }
            Self::Break(_, BreakPoint::InChunk) => steps.insert(before_last, text("400\r\ndata: {\"")),
            Self::BadChunkSize => steps.insert(before_last, text("wxyz\r\n")),
            Self::HugeChunkSize => steps.insert(before_last, text("fffffffffffffffff\r\n")),
            Self::SlowHead => {
                let head = std::mem::take(&mut plan.head);
                let drip = (0..head.len()).flat_map(|at| {
                    let byte = PlanStep::Write { bytes: head.slice(at..at + 1), events: 0 };
                    [byte, PlanStep::Wait(DRIP)]
                });
                let at = steps.iter().position(|step| *step == PlanStep::Head).unwrap_or(0);
                steps.splice(at..steps.len().min(at + 1), drip);
            }
            Self::Stale => plan.stale = plan.keep_alive,
            Self::Noise => {
                steps.retain(|step| matches!(step, PlanStep::Wait(_)));
                steps.extend([PlanStep::Write { bytes: Bytes::from_static(NOISE), events: 0 }, PlanStep::Close]);
            }
            Self::Informational => plan.head = [EARLY, &plan.head].concat().into(),
            Self::LengthTooLong => steps.push(PlanStep::Close),
            Self::Endless => {
                // A body that grows does so slowly: the client has to keep it.
                let (bytes, gap) = match stream {
                    true => (b":\n".repeat(32 << 10), Duration::ZERO),
                    false => (vec![b' '; 4 << 10], Duration::from_millis(1)),
                };
                steps.truncate(before_last);
                steps.push(PlanStep::Flood { bytes: bytes.into(), gap });
            }
            _ => {}
        }
        if let Some(at) = steps.iter().position(|step| *step == PlanStep::Reset).filter(|at| *at > 0) {
            steps.insert(at, PlanStep::Wait(BEFORE_RESET));
        }
        plan.steps = steps.into();
        plan
    }
}

/// The events of a stream in one piece, each with its blank line.
fn events(whole: &Bytes) -> Vec<Bytes> {
    let mut ends: Vec<usize> = memchr::memmem::find_iter(whole, b"\n\n").map(|at| at + 2).collect();
    ends.push(whole.len());
    let mut begin = 0;
    ends.into_iter().map(|end| whole.slice(std::mem::replace(&mut begin, end)..end)).collect()
}

/// Puts what is no UTF-8 into the last string of a piece of JSON.
fn spoil(piece: &mut Bytes) -> bool {
    let ends = [&b"\":\""[..], b"\": \""].into_iter().filter_map(|begin| {
        let at = memchr::memmem::rfind(piece, begin)?;
        Some(at + begin.len())
    });
    let Some(at) = ends.max() else { return false };
    *piece = [&piece[..at], b"\xff\xfe", &piece[at..]].concat().into();
    true
}
