//! What the events of `/v1/images` add up to.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test may fail")]

use bytes::Bytes;
use serde_json::{Value, json};
use std::path::Path;
use wenwen::core::sse::{Decoder, Event};
use wenwen::core::stream::{Dialect, StreamState, Verdict, events_of_reply};

fn sample(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples").join(name)).unwrap()
}

fn parsed(json: impl AsRef<[u8]>) -> Value {
    serde_json::from_slice(json.as_ref()).unwrap()
}

fn event(data: impl Into<Bytes>) -> Event {
    Event { name: "message".into(), data: data.into(), id: Bytes::new(), bare: false }
}

fn stream() -> StreamState {
    StreamState::new(Dialect::ImageGeneration)
}

fn pass(stream: &mut StreamState, data: Value) {
    let verdict = stream.take(&mut event(data.to_string()));
    assert!(matches!(verdict, Verdict::Pass { snapshot: None }), "{verdict:?}");
}

fn partial_image(data: &str) -> Value {
    json!({"type": "image_generation.partial_image", "b64_json": data, "created_at": 7, "size": "1x1",
        "partial_image_index": 0})
}

fn completed(data: &str) -> Value {
    json!({"type": "image_generation.completed", "b64_json": data, "created_at": 7, "usage": {"total_tokens": 3}})
}

#[test]
fn samples() {
    for folder in ["4.2-images-gpt-image-1", "4.4-images-edit-gpt-image-1"] {
        for chunk in [1, 7, 100_000] {
            let mut events = Vec::new();
            let mut decoder = Decoder::new(usize::MAX).tolerant();
            for piece in sample(&format!("{folder}/stream.sse")).chunks(chunk) {
                decoder.push(Bytes::copy_from_slice(piece), &mut events).unwrap();
            }
            assert!(decoder.finish(&mut events).is_none());
            let (mut stream, mut complete) = (stream(), Vec::new());
            for event in &mut events {
                assert!(matches!(stream.take(event), Verdict::Pass { .. }));
                complete.push(stream.complete());
            }
            assert_eq!(complete, [false, true]);
            let mut want = parsed(sample("4.2-images-gpt-image-1/response.json"));
            want["created"] = 1_749_614_099.into();
            assert_eq!(parsed(stream.reply().unwrap()), want);
        }
    }
}

#[test]
fn what_has_arrived() {
    let mut stream = stream();
    assert_eq!(stream.partial(), None);
    pass(&mut stream, partial_image("AAAA"));
    pass(&mut stream, partial_image("BBBB"));
    assert_eq!(stream.reply(), None);
    let want = json!({"created": 7, "data": [{"b64_json": "BBBB"}], "size": "1x1"});
    assert_eq!(parsed(stream.partial().unwrap()), want);
    pass(&mut stream, completed("CCCC"));
    assert!(stream.complete());
    // Of two that were asked for.
    pass(&mut stream, partial_image("DDDD"));
    assert!(!stream.complete());
    let data = &parsed(stream.partial().unwrap())["data"];
    assert_eq!(*data, json!([{"b64_json": "CCCC"}, {"b64_json": "DDDD"}]));
    pass(&mut stream, completed("EEEE"));
    assert!(matches!(stream.take(&mut event("[DONE]")), Verdict::Done));
    let reply = parsed(stream.reply().unwrap());
    assert_eq!(reply["data"], json!([{"b64_json": "CCCC"}, {"b64_json": "EEEE"}]));
    assert_eq!(reply["usage"]["total_tokens"], 3);
}

/// Events of 64 MB: the state holds the very bytes of the event, and nothing else.
#[test]
fn large_events_are_not_copied() {
    let data = Bytes::from(partial_image(&"A".repeat(64 << 20)).to_string());
    let mut stream = stream();
    assert!(data.is_unique());
    assert!(matches!(stream.take(&mut event(data.clone())), Verdict::Pass { .. }));
    assert!(!data.is_unique());
    pass(&mut stream, completed("BBBB"));
    assert!(data.is_unique());
}

#[test]
fn odd_events() {
    let mut named = event(r#"{"b64_json":"AAAA"}"#);
    named.name = "image_edit.completed".into();
    let mut one = stream();
    assert!(matches!(one.take(&mut named), Verdict::Pass { .. }));
    assert!(one.complete());

    let mut one = stream();
    assert!(matches!(one.take(&mut event("[DONE]")), Verdict::Skip));
    assert!(!one.complete());
    pass(&mut one, json!({"type": "image_generation.new"}));
    pass(&mut one, json!({"type": 7}));
    assert!(matches!(one.take(&mut event("{\"broken")), Verdict::Malformed(_)));
    for error in [json!({"error": {"message": "m"}}), json!({"type": "error", "message": "m"})] {
        assert!(matches!(stream().take(&mut event(error.to_string())), Verdict::Error(_)));
    }
    let mut bare = event("{}");
    bare.bare = true;
    assert!(matches!(stream().take(&mut bare), Verdict::Error(_)));
}

#[test]
fn plain_replies_as_events() {
    for (dialect, kind, name) in [
        (Dialect::ImageGeneration, "image_generation.completed", "4.1-images-dalle3/response.json"),
        (Dialect::ImageGeneration, "image_generation.completed", "4.2-images-gpt-image-1/response.json"),
        (Dialect::ImageEdit, "image_edit.completed", "4.3-images-edit-dalle2/response.json"),
        (Dialect::ImageEdit, "image_edit.completed", "4.4-images-edit-gpt-image-1/response.json"),
    ] {
        let reply = sample(name);
        let events = events_of_reply(dialect, &reply);
        assert_eq!(events.len(), 1);
        let mut state = StreamState::new(dialect);
        for mut event in events {
            assert_eq!(parsed(&event.data)["type"], kind);
            assert!(matches!(state.take(&mut event), Verdict::Pass { .. }));
        }
        assert_eq!(parsed(state.reply().unwrap()), parsed(reply), "{name}");
    }
    let several = json!({"created": 1, "data": [{"url": "a"}, {"url": "b"}], "usage": {"total_tokens": 2}});
    let events = events_of_reply(Dialect::ImageGeneration, several.to_string().as_bytes());
    let usage: Vec<bool> = events.iter().map(|event| parsed(&event.data).get("usage").is_some()).collect();
    assert_eq!(usage, [false, true]);
    for none in [json!({"created": 1, "data": []}), json!({"created": 1, "data": null}), json!({"created": 1})] {
        let events = events_of_reply(Dialect::ImageGeneration, none.to_string().as_bytes());
        assert_eq!(parsed(&events[0].data), json!({"created_at": 1, "type": "image_generation.completed"}));
    }
    assert!(events_of_reply(Dialect::ImageGeneration, b"[1]").is_empty());
    // What all events share would be there once a picture.
    let many = json!({"x": "y".repeat(100_000), "data": vec![json!({"b64_json": "AAAA"}); 200]}).to_string();
    let events = events_of_reply(Dialect::ImageGeneration, many.as_bytes());
    assert_eq!(events.len(), 200);
    assert!(events.iter().map(|event| event.data.len()).sum::<usize>() < 3 * many.len());
}
