//! What the events of `:streamGenerateContent` add up to.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test may fail")]

use bytes::Bytes;
use serde_json::{Value, json};
use std::path::Path;
use wenwen::core::sse::{Decoder, Event};
use wenwen::core::stream::{Dialect, StreamState, Verdict, events_of_reply};

fn sample(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples/n5-gemini-generate").join(name)).unwrap()
}

fn event(data: impl Into<Bytes>) -> Event {
    Event { name: "message".into(), data: data.into(), id: Bytes::new(), bare: false }
}

fn gemini() -> StreamState {
    StreamState::new(Dialect::Gemini)
}

fn parsed(json: impl AsRef<[u8]>) -> Value {
    serde_json::from_slice(json.as_ref()).unwrap()
}

/// A chunk with these parts, and a finish reason where one is given.
fn chunk(parts: Value, finish: &str) -> Event {
    let mut candidate = json!({"content": {"role": "model", "parts": parts}, "index": 0});
    if !finish.is_empty() {
        candidate["finishReason"] = finish.into();
    }
    event(json!({"candidates": [candidate]}).to_string())
}

fn added(chunks: Vec<Event>) -> Value {
    let mut stream = gemini();
    for mut chunk in chunks {
        assert!(matches!(stream.take(&mut chunk), Verdict::Pass { .. }), "{chunk:?}");
    }
    assert!(stream.complete());
    parsed(stream.reply().unwrap())["candidates"][0].clone()
}

#[test]
fn the_sample_adds_up_to_its_reply() {
    let bytes = sample("stream.sse");
    for size in [1, 7, bytes.len()] {
        let mut events = Vec::new();
        let mut decoder = Decoder::new(usize::MAX).tolerant();
        for chunk in bytes.chunks(size) {
            decoder.push(Bytes::copy_from_slice(chunk), &mut events).unwrap();
        }
        decoder.finish(&mut events);
        let mut stream = gemini();
        assert!(stream.partial().is_none());
        for (at, event) in events.iter_mut().enumerate() {
            assert_eq!((stream.complete(), stream.reply().is_none()), (false, true));
            assert!(matches!(stream.take(event), Verdict::Pass { .. }));
            assert_eq!(stream.complete(), at == 1);
        }
        let reply = parsed(stream.reply().unwrap());
        let whole = parsed(sample("response.json"));
        assert_eq!(reply["candidates"][0]["content"], whole["candidates"][0]["content"]);
        assert_eq!(reply["candidates"][0]["finishReason"], "STOP");
        assert_eq!(
            reply["usageMetadata"],
            json!({"promptTokenCount":22,"candidatesTokenCount":14,"totalTokenCount":36})
        );
    }
}

#[test]
fn text_goes_on_and_everything_else_is_a_part_of_its_own() {
    let image = json!({"inlineData": {"mimeType": "image/png", "data": "iVBO"}});
    let call = json!({"functionCall": {"name": "f", "args": {"a": 1}}});
    let candidate = added(vec![
        chunk(json!([{"text": "I ", "thought": true}]), ""),
        chunk(json!([{"text": "think", "thought": true, "thoughtSignature": "s1"}]), ""),
        chunk(json!([{"text": "more", "thought": true}]), ""),
        chunk(json!([{"text": "He"}, {"text": "llo"}]), ""),
        chunk(json!([image, {"text": "!"}, call]), ""),
        chunk(json!([{"text": "", "thoughtSignature": "s2"}]), "STOP"),
    ]);
    assert_eq!(
        candidate["content"]["parts"],
        json!([
            {"text": "I think", "thought": true, "thoughtSignature": "s1"},
            {"text": "more", "thought": true},
            {"text": "Hello"},
            image,
            {"text": "!"},
            call,
            {"text": "", "thoughtSignature": "s2"},
        ])
    );
}

#[test]
fn a_converted_upstream_ends_twice() {
    let end = || {
        event(
            json!({"candidates": [{"content": {"role": "model", "parts": []}, "finishReason": "STOP", "index": 0}]})
                .to_string(),
        )
    };
    let candidate =
        added(vec![chunk(json!([{"text": "He"}]), ""), chunk(json!([{"text": "llo"}]), "MAX_TOKENS"), end()]);
    assert_eq!(
        (&candidate["content"]["parts"], &candidate["finishReason"]),
        (&json!([{"text": "Hello"}]), &json!("MAX_TOKENS"))
    );
    // An empty text in its place adds no part.
    let candidate =
        added(vec![chunk(json!([{"functionCall": {"name": "f"}}]), ""), chunk(json!([{"text": ""}]), "STOP")]);
    assert_eq!(candidate["content"]["parts"], json!([{"functionCall": {"name": "f"}}]));
}

#[test]
fn several_candidates_and_the_fields_beside_them() {
    let mut stream = gemini();
    let mut take = |value: Value| assert!(matches!(stream.take(&mut event(value.to_string())), Verdict::Pass { .. }));
    take(
        json!({"candidates": [{"content": {"parts": [{"text": "a"}]}, "index": 0}, {"content": {"parts": [{"text": "b"}]}, "index": 1}],
        "modelVersion": "gemini-x", "responseId": "r", "usageMetadata": {"totalTokenCount": 1}}),
    );
    take(
        json!({"candidates": [{"finishReason": "STOP", "index": 0, "safetyRatings": [{"category": "c"}]}], "modelVersion": "",
        "usageMetadata": {"totalTokenCount": 2}}),
    );
    assert!(!stream.complete(), "the second has not ended");
    let mut last =
        event(json!({"candidates": [{"finishReason": "SAFETY", "index": 1}], "usageMetadata": null}).to_string());
    stream.take(&mut last);
    assert_eq!(
        parsed(stream.reply().unwrap()),
        json!({"candidates": [
            {"content": {"parts": [{"text": "a"}]}, "finishReason": "STOP", "index": 0, "safetyRatings": [{"category": "c"}]},
            {"content": {"parts": [{"text": "b"}]}, "finishReason": "SAFETY", "index": 1}],
            "modelVersion": "gemini-x", "responseId": "r", "usageMetadata": {"totalTokenCount": 2}})
    );
}

#[test]
fn ends_and_errors() {
    let mut blocked = gemini();
    blocked.take(&mut event(r#"{"promptFeedback":{"blockReason":"SAFETY"}}"#));
    assert!(blocked.complete());
    let mut done = gemini();
    done.take(&mut chunk(json!([{"text": "a"}]), ""));
    assert!(matches!(done.take(&mut event("[DONE]")), Verdict::Skip));
    assert!(!done.complete());
    done.take(&mut chunk(json!([]), "STOP"));
    assert!(matches!(done.take(&mut event("[DONE]")), Verdict::Done));

    for error in [r#"{"error":{"message":"m"}}"#, r#"{"success":false,"message":"m"}"#] {
        assert!(matches!(gemini().take(&mut event(error)), Verdict::Error(body) if body == error));
    }
    let bare = |data: &'static str| Event { bare: true, ..event(data) };
    assert!(matches!(gemini().take(&mut bare(r#"{"message":"m"}"#)), Verdict::Error(_)));
    assert!(matches!(gemini().take(&mut bare(r#"{"candidates":[]}"#)), Verdict::Pass { .. }));
    assert!(matches!(gemini().take(&mut event("{\"candidates\":")), Verdict::Malformed(_)));
}

#[test]
fn a_whole_reply_or_an_array_is_a_stream_too() {
    assert_eq!(events_of_reply(Dialect::Gemini, &sample("response.json")).len(), 1);
    let chunks = [chunk(json!([{"text": "He"}]), ""), chunk(json!([{"text": "llo"}]), "STOP")];
    let array = format!("[{},\n{}]", parsed(&chunks[0].data), parsed(&chunks[1].data));
    let candidate = added(events_of_reply(Dialect::Gemini, array.as_bytes()));
    assert_eq!(candidate["content"]["parts"], json!([{"text": "Hello"}]));
}
