//! What must hold whatever comes in: each check takes any bytes, and panics if the core breaks a promise.
//! Shared by the fuzz targets beside it and by `tests/core/fuzz.rs`, which runs them for a moment with each `cargo test`.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a check may fail")]
#[cfg(not(fuzzing))]
#[path = "../steps/mod.rs"]
mod steps;

use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64_simd::STANDARD;
use bytes::Bytes;
use http_body::Body as _;
use memchr::memmem;
use reqwest::StatusCode;
use reqwest::Url;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde::de::IgnoredAny;
use serde_json::Value;
use wenwen::core::embeddings::{self, Rows};
use wenwen::core::endpoint::{Answer, ENDPOINTS};
use wenwen::core::error::{Envelope, Error, Kind};
use wenwen::core::json::{is_like_json, mend_surrogates};
use wenwen::core::multipart::{Form, PartBody};
use wenwen::core::reply::{self, Head};
use wenwen::core::secret::{Secret, Secrets};
use wenwen::core::sse::{Decoder, Event, TooLarge};
use wenwen::core::stream::{Dialect, Place, StreamState, Verdict, closed, events_of_reply};
use wenwen::core::{body, retry};

type Check = fn(&[u8]);

pub const CHECKS: [(&str, Check); 8] = [
    ("sse", sse),
    ("stream", stream),
    ("errors", errors),
    ("retry_after", retry_after),
    ("partial_json", partial_json),
    ("vectors", vectors),
    ("multipart", multipart),
    ("cost", cost),
];

/// Numbers that depend on the input alone, so that a failure can be repeated.
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end.max(1)
    }
}

fn is_json(json: &[u8]) -> bool {
    let ok = is_like_json;
    // Half a surrogate pair is let through as it came: whoever reads the JSON mends it.
    ok(json) || ok(mend_surrogates(&String::from_utf8_lossy(json)).as_bytes())
}

fn shown(bytes: &[u8]) -> String {
    String::from_utf8_lossy(&bytes[..bytes.len().min(2000)]).into_owned()
}

// The decoder of event streams

#[derive(Debug, PartialEq)]
struct Decoded {
    events: Vec<Event>,
    end: Result<Option<Bytes>, TooLarge>,
    retry: Option<u64>,
}

fn decode(mut decoder: Decoder, mut bytes: &[u8], mut size: impl FnMut() -> usize) -> Decoded {
    let mut events = Vec::new();
    let mut end = Ok(None);
    while !bytes.is_empty() && end.is_ok() {
        let (chunk, rest) = bytes.split_at(size().min(bytes.len()));
        end = decoder.push(Bytes::copy_from_slice(chunk), &mut events).map(|()| None);
        bytes = rest;
    }
    if end.is_ok() {
        end = Ok(decoder.finish(&mut events));
    }
    Decoded { events, end, retry: decoder.retry() }
}

/// First byte: how the rest is cut into chunks, and the limit. That changes nothing, and nothing is larger than the limit.
pub fn sse(data: &[u8]) {
    let Some((&seed, bytes)) = data.split_first() else { return };
    let mut random = Random(seed.into());
    for limit in [usize::MAX, 1 + usize::from(seed)] {
        for tolerant in [false, true] {
            let decoder = || if tolerant { Decoder::new(limit).tolerant() } else { Decoder::new(limit) };
            let whole = decode(decoder(), bytes, || usize::MAX);
            let largest = 1 + random.below(64);
            let split = decode(decoder(), bytes, || random.below(largest + 1));
            assert_eq!(split, whole, "chunks change the events");
            if bytes.len() < 500 {
                assert_eq!(decode(decoder(), bytes, || 1), whole, "single bytes change the events");
            }
            for event in &whole.events {
                for field in [&event.data, &event.name, &event.id] {
                    assert!(field.len() <= limit.max("message".len()), "an event above the limit");
                }
                assert!(tolerant || !event.bare);
                assert!(!event.name.is_empty());
            }
        }
    }
}

// What a stream adds up to

const DIALECTS: [Dialect; 10] = [
    Dialect::Responses,
    Dialect::Chat,
    Dialect::Messages,
    Dialect::Gemini,
    Dialect::ImageGeneration,
    Dialect::ImageEdit,
    Dialect::Transcripts,
    Dialect::Speech,
    Dialect::Plain,
    Dialect::Midjourney,
];

fn check_state(stream: &StreamState) {
    for json in [stream.partial(), stream.reply().map(|reply| reply.to_vec())].into_iter().flatten() {
        assert!(is_json(&json), "a partial reply is no JSON: {}", shown(&json));
    }
}

fn take(stream: &mut StreamState, mut event: Event, dialect: Dialect) -> Verdict {
    let verdict = stream.take(&mut event);
    if matches!(verdict, Verdict::Pass { .. } | Verdict::Last) {
        let any = matches!(dialect, Dialect::Plain | Dialect::Midjourney);
        assert!(any || is_json(&event.data), "an event that is no JSON went through: {}", shown(&event.data));
        assert!(str::from_utf8(&event.data).is_ok(), "an event is no UTF-8 after it was taken");
    }
    let last = stream.last().filter(|_| matches!(verdict, Verdict::Last));
    let snapshot = match &verdict {
        Verdict::Pass { snapshot } => snapshot.clone(),
        _ => last,
    };
    if let Some(snapshot) = snapshot {
        // `snapshot` is a text; the others are whole values.
        if let (Some(json), Place::Field(_)) = (snapshot.json(), snapshot.place) {
            assert!(is_json(json.as_bytes()), "a snapshot is no JSON: {}", shown(json.as_bytes()));
        }
        assert!(snapshot.json().is_some() || snapshot.text().len() <= snapshot.text().capacity());
    }
    verdict
}

/// First byte: the dialect. The rest as an event stream, then as a whole reply to a request for one.
pub fn stream(data: &[u8]) {
    let Some((&first, bytes)) = data.split_first() else { return };
    let dialect = DIALECTS[usize::from(first) % DIALECTS.len()];
    let mut stream = StreamState::new(dialect);
    for (number, event) in decode(Decoder::new(1 << 20).tolerant(), bytes, || usize::MAX).events.into_iter().enumerate()
    {
        let over = matches!(take(&mut stream, event, dialect), Verdict::Last | Verdict::Done | Verdict::Error(_));
        if over || number % 16 == 0 {
            check_state(&stream);
        }
        stream.complete();
    }
    check_state(&stream);

    let events = events_of_reply(dialect, bytes);
    let size: usize = events.iter().map(|event| event.data.len()).sum();
    assert!(size <= (1 << 17) + 8 * bytes.len(), "{size} bytes of events from a reply of {}", bytes.len());
    let mut stream = StreamState::new(dialect);
    let is_plain = matches!(dialect, Dialect::Plain | Dialect::Midjourney | Dialect::Gemini);
    for event in events {
        let verdict = take(&mut stream, event, dialect);
        assert!(is_plain || !matches!(verdict, Verdict::Malformed(_)), "our own event is malformed");
    }
    check_state(&stream);
}

// Errors

const KEY: &str = "sk-FUZZ0123456789";

/// `status`, then headers, then after an empty line the body.
fn head_and_body(data: &[u8]) -> (Head, Bytes) {
    let mut lines = data.split(|byte| *byte == b'\n');
    let mut length = 0;
    let mut next = || {
        let line = lines.next()?;
        length += line.len() + 1;
        Some(line).filter(|line| !line.is_empty())
    };
    let status = next().and_then(|line| str::from_utf8(line).ok()?.trim().parse().ok());
    let status = status.and_then(|status| StatusCode::from_u16(status).ok()).unwrap_or(StatusCode::OK);
    let mut headers = HeaderMap::new();
    while let Some(line) = next() {
        let colon = line.iter().position(|byte| *byte == b':').unwrap_or(line.len());
        let (name, value) = (&line[..colon], line.get(colon + 1..).unwrap_or_default().trim_ascii());
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name), HeaderValue::from_bytes(value)) {
            headers.append(name, value);
        }
    }
    let body = data.get(length..).unwrap_or_default();
    (Head::new(status, headers, Secrets::default()), Bytes::copy_from_slice(body))
}

fn check_error(mut error: Error) {
    for dialect in [Dialect::Plain, Dialect::Midjourney] {
        for billed in [false, true] {
            let allowed = retry::allowed(&error, dialect, billed);
            assert!(!billed || allowed == 0 || !retry::may_be_accepted(&error), "a task that may exist is begun again");
        }
    }
    error.partial = Some(error.body.to_vec());
    let (key, url) = (Secret::new(KEY).unwrap(), Url::parse("http://h").unwrap());
    error.redact(&Secrets::of(Some(&key), &HeaderMap::new(), &url));
    assert!(error.category() != "other" || !matches!(error.status, Some(300..)), "{error:?}");
    let texts = [&error.code, &error.error_type, &error.param, &error.request_id].map(|text| text.as_deref());
    let said: [&str; 3] = [&error.to_string(), &error.reason(), &error.excerpt()];
    let said = said.into_iter().chain(texts.into_iter().flatten()).map(str::as_bytes);
    let carried =
        error.headers.values().map(HeaderValue::as_bytes).chain(error.partial.as_deref()).chain([&*error.body]);
    let shows_key = said.chain(carried).any(|bytes| memmem::find(bytes, KEY.as_bytes()).is_some());
    assert!(!shows_key, "an error shows the key: {error:?}");
}

/// Any status, headers and body: a reply or an error, with no key in it.
pub fn errors(data: &[u8]) {
    let (head, body) = head_and_body(data);
    Envelope::parse(&body).status();
    for expected in [false, true] {
        reply::is_event_stream(&head, &body, expected);
    }
    check_error(reply::status_error(&head, &body));
    check_error(reply::hidden_error(&head, &body));
    check_error(reply::bad_json(&head, &body, "it breaks off"));
    for row in ENDPOINTS {
        match reply::check(&head, &body, row.answer, row.marks, || "http://127.0.0.1".into()) {
            Ok(()) => assert!(!body.is_empty() || head.status == 204 || row.answer == Answer::Text),
            Err(error) => check_error(error),
        }
        if reply::is_whole(&body, row.marks) {
            assert!(is_json(&body) && !reply::hides_error(&body, row.marks));
        }
    }
    reply::may_be_no_file(&body);
    check_error(Error::new(Kind::Connection, shown(&body)).with_body(&body));
}

/// First eight bytes: the time now. Then headers. Whatever the wait, it can be counted with.
pub fn retry_after(data: &[u8]) {
    let Some((seconds, data)) = data.split_first_chunk::<8>() else { return };
    let now = UNIX_EPOCH + Duration::from_secs(u64::from_le_bytes(*seconds) % (1 << 40));
    let (head, _) = head_and_body(&[b"429\n", data].concat());
    let asked = retry::asked(&head.headers, now);
    if let Some(wait) = asked {
        assert!(!wait.as_secs_f64().is_nan());
        if wait <= retry::LONGEST_ASKED {
            assert!(SystemTime::now().checked_add(wait).is_some());
        }
    }
    // A second that is said is a second that is waited.
    let plain = head.headers.get("retry-after").and_then(|value| value.to_str().ok()?.trim().parse::<u32>().ok());
    if let (Some(plain), None) = (plain, head.headers.get("retry-after-ms")) {
        assert_eq!(asked, Some(Duration::from_secs(plain.into())));
    }
    let backoff = retry::backoff(u32::from_le_bytes([seconds[0], seconds[1], seconds[2], seconds[3]]));
    assert!(backoff >= Duration::from_millis(375) && backoff <= Duration::from_secs(8));
    check_error(reply::status_error(&head, &Bytes::new()));
}

// JSON that is not all there

/// First byte: where it is cut. Whatever begins valid JSON is brought to a valid end.
pub fn partial_json(data: &[u8]) {
    let Some((&cut, json)) = data.split_first() else { return };
    let json = String::from_utf8_lossy(json);
    let half = json.len() * usize::from(cut) / 255;
    let half = &json[..(0..=half).rev().find(|at| json.is_char_boundary(*at)).unwrap_or_default()];
    let ended = closed(half);
    if serde_json::from_str::<IgnoredAny>(&json).is_ok()
        && let Some(ended) = ended
    {
        assert!(serde_json::from_str::<IgnoredAny>(&ended).is_ok(), "{half} became {ended}");
        if half.len() == json.len() && json.trim_ascii().starts_with(['{', '[']) {
            assert_eq!(ended, json.trim_ascii_end(), "whole JSON was changed");
        }
    }
    let mended = mend_surrogates(&json);
    assert_eq!(mend_surrogates(&mended), mended, "mended twice");
    if serde_json::from_str::<Value>(&json).is_ok() {
        assert_eq!(mended, json, "what is right was mended");
    }
}

// Embeddings

/// A reply with vectors: what is left of it is JSON, each vector is the one that was sent.
pub fn vectors(data: &[u8]) {
    let mut rows = Rows::default();
    let pushed = rows.push_base64(data).is_ok();
    assert_eq!(rows.len(), usize::from(pushed));
    let _ = rows.push_json(data);
    assert!(rows.shape().is_err() || rows.shape().is_ok_and(|(count, columns)| count * columns == rows.values().len()));

    let Ok(Some(read)) = embeddings::read(&Bytes::copy_from_slice(data)) else { return };
    assert!(is_json(&read.rest), "what is left is no JSON: {}", shown(&read.rest));
    let mut count = 0;
    for row in 0..read.rows.len() {
        match (read.rows.floats(row), read.rows.json(row)) {
            (Some(floats), None) => count += floats.len(),
            (None, Some(json)) => assert!(is_json(json), "a vector is no JSON: {}", shown(json)),
            other => panic!("row {row} is {other:?}"),
        }
    }
    assert_eq!(count, read.rows.values().len());
    assert!(read.rows.shape().is_err() || read.rows.shape().unwrap().0 == read.rows.len());

    let values = (serde_json::from_slice::<Value>(data), serde_json::from_slice::<Value>(&read.rest));
    let (Ok(sent), Ok(rest)) = values else { return };
    let items = |value: &Value| value["data"].as_array().cloned().unwrap_or_default();
    let (sent, rest) = (items(&sent), items(&rest));
    assert_eq!(sent.len(), rest.len());
    for item in &rest {
        let mut same = sent.iter().filter(|sent| sent["index"] == item["index"]);
        let (Some(one), None, Some(row)) = (same.next(), same.next(), item["embedding"].as_u64()) else { continue };
        let Some(bytes) = one["embedding"].as_str().and_then(|text| STANDARD.decode_to_vec(text).ok()) else {
            continue;
        };
        let floats = read.rows.floats(row as usize).unwrap();
        assert!(floats.iter().flat_map(|float| float.to_le_bytes()).eq(bytes), "a vector has changed");
    }
}

// Work

/// First byte: the dialect. The rest is one piece of a hostile stream, in which `#` is a number that counts up, or with two
/// `~` the head, the piece and the tail of one event: 16 times as many pieces are no more than 40 times the work.
pub fn cost(data: &[u8]) {
    let Some((&first, bytes)) = data.split_first() else { return };
    if bytes.len() > 400 {
        return;
    }
    let dialect = DIALECTS[usize::from(first) % DIALECTS.len()];
    let text = String::from_utf8_lossy(bytes);
    let of = |count: usize| {
        let pieces = |piece: &str, end: &str| {
            (0..count).map(|at| piece.replace('#', &at.to_string())).collect::<Vec<_>>().join(end)
        };
        match *text.splitn(3, '~').collect::<Vec<_>>() {
            [head, piece, tail] => format!("{head}{}{tail}", pieces(piece, ",")),
            _ => format!("data: {}\n\n", pieces(&text, "\n\ndata: ")),
        }
    };
    let (few, many) = (of(50), of(50 * 16));
    // Where time is measured, the least of several is what the work needs, however busy the machine is.
    let (mut least, mut most) = (u64::MAX, u64::MAX);
    for _ in 0..20 {
        least = least.min(work(dialect, &few)).max(LEAST);
        most = most.min(work(dialect, &many));
        if most < least.saturating_mul(40) {
            return;
        }
    }
    panic!("{} bytes take {least}, {} bytes {most}: {text}", few.len(), many.len());
}

#[cfg(fuzzing)]
const LEAST: u64 = 500_000;
#[cfg(not(fuzzing))]
const LEAST: u64 = 1 << 14;

/// How much work it is: in a fuzzer's build in nanoseconds, else in steps, if they are counted.
fn work(dialect: Dialect, wire: &str) -> u64 {
    #[cfg(fuzzing)]
    {
        let start = std::time::Instant::now();
        ask(dialect, wire);
        u64::try_from(start.elapsed().as_nanos()).unwrap()
    }
    #[cfg(not(fuzzing))]
    {
        steps::begin();
        ask(dialect, wire);
        steps::end()
    }
}

/// All that can be asked of a body.
fn ask(dialect: Dialect, wire: &str) {
    let mut events = decode(Decoder::new(usize::MAX).tolerant(), wire.as_bytes(), || 1 << 14).events;
    let body = Bytes::copy_from_slice(wire.trim_start_matches("data: ").as_bytes());
    events.extend(events_of_reply(dialect, &body));
    let mut stream = StreamState::new(dialect);
    for mut event in events {
        drop(stream.take(&mut event));
    }
    drop((stream.reply(), stream.partial(), stream.last()));
    let head = Head::new(StatusCode::OK, HeaderMap::new(), Secrets::default());
    for answer in [Answer::Json, Answer::Outcome, Answer::Bytes] {
        drop(reply::check(&head, &body, answer, dialect.marks(), String::new));
    }
    drop((reply::status_error(&head, &body), reply::hidden_error(&head, &body), embeddings::read(&body)));
}

// Forms

/// Parts, each after its kind and the lengths of its name and value: what was put in comes out.
pub fn multipart(mut data: &[u8]) {
    let mut piece = || {
        let (&length, rest) = data.split_first()?;
        let (piece, rest) = rest.split_at(usize::from(length).min(rest.len()));
        data = rest;
        Some(piece)
    };
    let mut form = Form::new().expect("randomness");
    let mut parts = Vec::new();
    while let (Some(name), Some(value)) = (piece(), piece()) {
        let text = String::from_utf8_lossy(name).into_owned();
        if name.len() % 2 == 0 {
            let value = String::from_utf8_lossy(value).into_owned();
            form.text(&text, &value);
            parts.push((text, value.into_bytes()));
        } else {
            let kind = body::media_type(value, Some(&text));
            assert!(HeaderValue::from_str(kind).is_ok());
            form.file("file", &text, kind, PartBody::Bytes(Bytes::copy_from_slice(value)));
            parts.push((text, value.to_vec()));
        }
    }
    let body = form.body(None);
    let announced = body.size_hint().exact().expect("a form knows its length");
    let mut body = pin!(body);
    let mut wire = Vec::new();
    while let Poll::Ready(Some(frame)) = body.as_mut().poll_frame(&mut Context::from_waker(Waker::noop())) {
        wire.extend_from_slice(&frame.unwrap().into_data().unwrap());
    }
    assert_eq!(wire.len() as u64, announced);

    let kind = form.content_type();
    let boundary = kind.split_once("boundary=").unwrap().1;
    let mut rest = wire.as_slice();
    for (name, value) in &parts {
        let open = format!("--{boundary}\r\nContent-Disposition: form-data; name=\"");
        rest = rest.strip_prefix(open.as_bytes()).expect("a part begins with its boundary");
        let end = rest.windows(4).position(|bytes| bytes == b"\r\n\r\n").expect("a part has a head");
        let head = str::from_utf8(&rest[..end]).unwrap();
        let is_file = head.starts_with("file\"; filename=\"");
        let quoted = head.strip_prefix(if is_file { "file\"; filename=\"" } else { "" }).unwrap();
        let (quoted, after) = quoted.split_once('"').expect("a name ends");
        assert!(!quoted.contains(['\r', '\n', '\\', '\0']), "a name breaks out: {quoted:?}");
        assert!(after.is_empty() || after.starts_with("\r\nContent-Type: ") && after.matches('\n').count() == 1);
        // As browsers escape: no percent sign is, so that only names without one are sure to come back.
        if !name.contains('%') {
            assert_eq!(unescaped(quoted), name.as_bytes());
        }
        rest = rest[end + 4..].strip_prefix(value.as_slice()).expect("a value comes back");
        rest = rest.strip_prefix(b"\r\n").unwrap();
    }
    assert_eq!(rest, format!("--{boundary}--\r\n").as_bytes());
}

fn unescaped(text: &str) -> Vec<u8> {
    let mut bytes = text.bytes();
    let mut out = Vec::new();
    while let Some(byte) = bytes.next() {
        let mut digit = || bytes.next().and_then(|digit| char::from(digit).to_digit(16)).unwrap();
        out.push(if byte == b'%' { (digit() * 16 + digit()) as u8 } else { byte });
    }
    out
}
