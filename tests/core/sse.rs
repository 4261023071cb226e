//! The event stream decoder: against the conformance vectors, the samples, and whatever a network does to either.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test may fail")]

use base64_simd::STANDARD;
use bytes::Bytes;
use serde::Deserialize;
use std::path::Path;
use wenwen::core::sse::{Decoder, Event, TooLarge};

#[derive(Deserialize)]
struct Vectors {
    vectors: Vec<Vector>,
}

#[derive(Deserialize)]
struct Vector {
    name: String,
    bytes_b64: String,
    chunks_b64: Vec<String>,
    expected_events: Vec<Expected>,
    retry: Option<u64>,
    #[serde(default)]
    content_type: String,
}

#[derive(Deserialize, Debug, PartialEq)]
struct Expected {
    event: String,
    data: String,
    id: String,
}

impl From<Event> for Expected {
    fn from(event: Event) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Expected { event: text(&event.name), data: text(&event.data), id: text(&event.id) }
    }
}

fn vectors() -> Vec<Vector> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance/sse_vectors.json");
    let all: Vectors = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    assert_eq!(all.vectors.len(), 163);
    all.vectors
}

fn samples() -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for folder in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples")).unwrap() {
        let Ok(files) = std::fs::read_dir(folder.unwrap().path()) else {
            continue;
        };
        for file in files.map(|file| file.unwrap().path()).filter(|file| file.extension().is_some_and(|e| e == "sse")) {
            found.push((file.display().to_string(), std::fs::read(&file).unwrap()));
        }
    }
    assert!(found.len() > 30, "{} samples", found.len());
    found
}

struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) as usize % end
    }

    fn split<'a>(&mut self, mut bytes: &'a [u8], most: usize) -> Vec<&'a [u8]> {
        let mut chunks = Vec::new();
        while !bytes.is_empty() {
            let (chunk, rest) = bytes.split_at(self.below(most + 1).min(bytes.len()));
            chunks.push(chunk);
            bytes = rest;
        }
        chunks
    }
}

struct Decoded {
    events: Vec<Event>,
    cut: Option<Bytes>,
    retry: Option<u64>,
}

fn decode<'a>(mut decoder: Decoder, chunks: impl IntoIterator<Item = &'a [u8]>) -> Decoded {
    let mut events = Vec::new();
    for chunk in chunks {
        decoder.push(Bytes::copy_from_slice(chunk), &mut events).unwrap();
    }
    let cut = decoder.finish(&mut events);
    Decoded { events, cut, retry: decoder.retry() }
}

fn standard() -> Decoder {
    Decoder::new(usize::MAX)
}

fn tolerant() -> Decoder {
    Decoder::new(usize::MAX).tolerant()
}

#[test]
fn every_vector_in_every_chunking() {
    for vector in vectors() {
        // Refusing another content type is the business of whoever reads the head of the reply.
        if vector.content_type == "text/x-bogus" {
            continue;
        }
        let bytes = STANDARD.decode_to_vec(&vector.bytes_b64).unwrap();
        let given: Vec<Vec<u8>> =
            vector.chunks_b64.iter().map(|chunk| STANDARD.decode_to_vec(chunk).unwrap()).collect();
        let chunkings = [
            ("whole", vec![&bytes[..]]),
            ("byte by byte", bytes.chunks(1).collect()),
            ("as given", given.iter().map(Vec::as_slice).collect()),
        ];
        for (how, chunks) in chunkings {
            let decoded = decode(standard(), chunks);
            let events: Vec<Expected> = decoded.events.into_iter().map(Expected::from).collect();
            assert_eq!(events, vector.expected_events, "{} {how}", vector.name);
            assert_eq!(decoded.retry, vector.retry, "{} {how}", vector.name);
            assert_eq!(decoded.cut, None);
        }
    }
}

fn assert_splits_do_not_matter(name: &str, bytes: &[u8], random: &mut Random) {
    for make in [standard, tolerant] {
        let whole = decode(make(), [bytes]);
        for most in [1, 2, 7, 100, 4000] {
            let split = decode(make(), random.split(bytes, most));
            assert_eq!(split.events, whole.events, "{name} in chunks of up to {most}");
            assert_eq!(split.cut, whole.cut, "{name} in chunks of up to {most}");
            assert_eq!(split.retry, whole.retry, "{name} in chunks of up to {most}");
        }
    }
}

#[test]
fn no_split_of_a_stream_changes_its_events() {
    let mut random = Random(1);
    for (name, bytes) in samples() {
        assert_splits_do_not_matter(&name, &bytes, &mut random);
    }
    for vector in vectors() {
        assert_splits_do_not_matter(&vector.name, &STANDARD.decode_to_vec(&vector.bytes_b64).unwrap(), &mut random);
    }
    let pieces: [&[u8]; 16] = [
        b"data",
        b"data:",
        b"data: ",
        b"{\"a\":1}",
        b"{",
        b"\n",
        b"\r",
        b"\r\n",
        b"\n\n",
        b":",
        b"event: x",
        b"id: 1",
        b"retry: 2",
        b"[DONE]",
        b"\0",
        b"\xEF\xBB\xBF",
    ];
    for round in 0..2000 {
        let soup: Vec<u8> = (0..random.below(30)).flat_map(|_| pieces[random.below(pieces.len())]).copied().collect();
        assert_splits_do_not_matter(&format!("soup {round} {:?}", soup.escape_ascii().to_string()), &soup, &mut random);
    }
}

#[test]
fn every_sample_is_json_or_done_in_tolerant_mode() {
    for (name, bytes) in samples() {
        let decoded = decode(tolerant(), [&bytes[..]]);
        assert!(!decoded.events.is_empty(), "{name}");
        assert_eq!(decoded.cut, None, "{name}");
        for event in decoded.events {
            let is_json = serde_json::from_slice::<serde_json::Value>(&event.data).is_ok();
            assert!(is_json || event.data == "[DONE]", "{name}: {event:?}");
            assert_eq!(event.bare, name.contains("raw_json_error"), "{name}");
        }
    }
}

/// The oddities of a gateway: what a tolerant decoder delivers, and what it says was cut off.
#[test]
fn tolerance() {
    let cases: &[(&str, &[&str], Option<&str>)] = &[
        // A bare error at the end of the stream, behind a ping, behind an event that was not closed, in mid-stream.
        ("data: {}\n\n{\"error\":1}", &["{}", "bare {\"error\":1}"], None),
        (": PING\n\n{\"error\":1}\n", &["bare {\"error\":1}"], None),
        ("data: {\"a\":2}\n{\"error\":1}", &["{\"a\":2}", "bare {\"error\":1}"], None),
        ("{\"error\":1}\n\ndata: {}\n\n", &["bare {\"error\":1}", "{}"], None),
        ("\u{FEFF}{\"error\":1}", &["bare {\"error\":1}"], None),
        // Doubled prefixes.
        ("data: data: {}\n\n", &["{}"], None),
        ("data:data:data: [DONE]\n\n", &["[DONE]"], None),
        // No data is no event.
        ("data:\n\ndata: \n\ndata:\ndata:\n\nevent: ping\n\nid: 1\n\n", &[], None),
        // A last event that nothing closed.
        ("data: {}\n\ndata: [DONE]", &["{}", "[DONE]"], None),
        ("data: {\"a\":1}\n", &["{\"a\":1}"], None),
        ("data: {\ndata: }", &["{\n}"], None),
        ("data: {\"a\":1}\nda", &["{\"a\":1}"], None),
        // A stream that broke off.
        ("data: {}\n\ndata: {\"a", &["{}"], Some("{\"a")),
        ("data: {\"a\n", &[], Some("{\"a")),
        ("data: {}\n{\"error\":", &["{}"], Some("{\"error\":")),
        ("data: {}\n\ndat", &["{}"], Some("dat")),
        ("data: {}\n\ndata: 12", &["{}"], Some("12")),
        ("data: {}\n\n: PIN", &["{}"], None),
        ("data: {}\n\n", &["{}"], None),
        ("", &[], None),
    ];
    for (stream, expected, cut) in cases {
        for chunks in [vec![stream.as_bytes()], stream.as_bytes().chunks(1).collect()] {
            let decoded = decode(tolerant(), chunks);
            let shown: Vec<String> = decoded
                .events
                .iter()
                .map(|event| format!("{}{}", if event.bare { "bare " } else { "" }, event.data.escape_ascii()))
                .map(|event| event.replace("\\\"", "\"").replace("\\n", "\n"))
                .collect();
            assert_eq!(shown, *expected, "{stream:?}");
            assert_eq!(decoded.cut.as_deref(), cut.map(str::as_bytes), "{stream:?}");
        }
    }
}

#[test]
fn an_event_within_one_chunk_is_not_copied() {
    let chunk = Bytes::from_static(b"event: a\ndata: {\"x\":1}\n\ndata: {\"x\":2}\r\n\r\n");
    let mut events = Vec::new();
    standard().push(chunk.clone(), &mut events).unwrap();
    assert_eq!(events.len(), 2);
    let inside = chunk.as_ptr_range();
    assert!(inside.contains(&events[0].name.as_ptr()));
    assert!(events.iter().all(|event| inside.contains(&event.data.as_ptr())));
}

#[test]
fn an_event_beyond_the_limit_is_an_error() {
    let too_large = |stream: &[u8], most: usize| {
        let mut decoder = Decoder::new(10);
        let mut events = Vec::new();
        stream.chunks(most).map(|chunk| decoder.push(Bytes::copy_from_slice(chunk), &mut events)).find(Result::is_err)
    };
    for most in [1, 3, 1000] {
        assert_eq!(too_large(b"data: 1234\n\ndata: 1234\n\n", most), None);
        assert_eq!(too_large(b"data: 12345\n\n", most), Some(Err(TooLarge { limit: 10 })));
        assert_eq!(too_large(b"data: 1\ndata: 2\ndata: 3\n\n", most), None);
        assert_eq!(too_large(b"data: 12\ndata: 34\ndata: 5\n\n", most), Some(Err(TooLarge { limit: 10 })));
        assert_eq!(too_large(b":234567890\n\n", most), None);
        assert_eq!(too_large(b":2345678901", most), Some(Err(TooLarge { limit: 10 })));
    }
}

/// Quadratic work would take minutes here.
#[test]
fn a_large_line_in_small_chunks_is_linear() {
    let chunk = Bytes::from(vec![b'x'; 16 << 10]);
    let mut decoder = standard();
    let mut events = Vec::new();
    decoder.push(Bytes::from_static(b"data: "), &mut events).unwrap();
    for _ in 0..4096 {
        decoder.push(chunk.clone(), &mut events).unwrap();
    }
    decoder.push(Bytes::from_static(b"\n\n"), &mut events).unwrap();
    assert_eq!(events[0].data.len(), 64 << 20);

    let lines = Bytes::from("data: x\n".repeat(1_000_000) + "\n");
    decoder.push(lines, &mut events).unwrap();
    assert_eq!(events[1].data.len(), 2 * 1_000_000 - 1);
}
