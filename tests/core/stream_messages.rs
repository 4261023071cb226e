//! What the events of `/v1/messages` add up to.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test may fail")]

use bytes::Bytes;
use serde_json::{Value, json};
use std::path::Path;
use wenwen::core::sse::{Decoder, Event};
use wenwen::core::stream::{Dialect, Place, Snapshot, StreamState, Verdict, events_of_reply};

fn sample(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples").join(name)).unwrap()
}

fn decode(bytes: &[u8], chunk: usize) -> Vec<Event> {
    let mut events = Vec::new();
    let mut decoder = Decoder::new(usize::MAX).tolerant();
    for chunk in bytes.chunks(chunk) {
        decoder.push(Bytes::copy_from_slice(chunk), &mut events).unwrap();
    }
    decoder.finish(&mut events);
    events
}

fn event(data: impl Into<Bytes>) -> Event {
    Event { name: "message".into(), data: data.into(), id: Bytes::new(), bare: false }
}

fn messages() -> StreamState {
    StreamState::new(Dialect::Messages)
}

fn parsed(json: impl AsRef<[u8]>) -> Value {
    serde_json::from_slice(json.as_ref()).unwrap()
}

fn partial(stream: &StreamState) -> Value {
    parsed(stream.partial().unwrap())
}

fn take(stream: &mut StreamState, data: Value) -> Option<Snapshot> {
    match stream.take(&mut event(data.to_string())) {
        Verdict::Pass { snapshot } => snapshot,
        other => panic!("{other:?}"),
    }
}

fn start(stream: &mut StreamState, index: u64, block: Value) {
    take(stream, json!({"type": "content_block_start", "index": index, "content_block": block}));
}

fn delta(stream: &mut StreamState, index: u64, delta: Value) -> Option<Snapshot> {
    take(stream, json!({"type": "content_block_delta", "index": index, "delta": delta}))
}

fn stop(stream: &mut StreamState, index: u64) -> Value {
    let snapshot = take(stream, json!({"type": "content_block_stop", "index": index})).unwrap();
    assert_eq!(snapshot.place, Place::Field("content_block"));
    parsed(snapshot.json().unwrap())
}

#[test]
fn every_sample_ends_in_its_reply() {
    for (stream_file, reply_file) in [
        ("3.1-messages/stream.sse", ""),
        ("3.2-messages-stream/stream.sse", "3.2-messages-stream/response.json"),
        ("3.2-messages-stream/stream_thinking.sse", "n3-messages-thinking/response.json"),
        ("3.3-messages-vision/stream.sse", "3.3-messages-vision/response.json"),
        ("3.4-messages-tools/stream.sse", "3.4-messages-tools/response.json"),
        ("_sse-quirks/messages_no_event_lines.sse", ""),
        ("_sse-quirks/messages_done_terminator.sse", ""),
    ] {
        let bytes = sample(stream_file);
        for chunk in [1, 7, 100, bytes.len()] {
            let mut stream = messages();
            let mut last = None;
            for mut event in decode(&bytes, chunk) {
                match stream.take(&mut event) {
                    Verdict::Pass { .. } => assert!(last.is_none()),
                    Verdict::Skip => assert!(last.is_some() || event.data.ends_with(b"\"ping\"}"), "{event:?}"),
                    Verdict::Last => last = stream.last(),
                    other => panic!("{stream_file}: {other:?}"),
                }
            }
            assert!(stream.complete());
            let reply = parsed(stream.reply().unwrap());
            let last = last.unwrap();
            assert_eq!((last.place, parsed(last.json().unwrap())), (Place::Field("message"), reply.clone()));
            assert_eq!(partial(&stream), reply);
            if !reply_file.is_empty() {
                let mut expected = parsed(sample(reply_file));
                // The stream's sample does not have it.
                expected["usage"].as_object_mut().unwrap().remove("service_tier");
                assert_eq!(reply, expected, "{stream_file}");
            }
        }
    }
}

#[test]
fn the_end_is_where_a_stop_reason_came() {
    for (file, complete) in [("3.2-messages-stream/stream.sse", 2), ("3.4-messages-tools/stream.sse", 2)] {
        let events = decode(&sample(file), usize::MAX);
        let mut whole = messages();
        events.clone().iter_mut().for_each(|event| drop(whole.take(event)));
        for end in 0..=events.len() {
            let mut stream = messages();
            events[..end].to_vec().iter_mut().for_each(|event| drop(stream.take(event)));
            // `message_stop` is not needed; all else is.
            assert_eq!(stream.complete(), end + complete > events.len(), "{file} {end}");
            assert_eq!(stream.reply().is_some(), stream.complete());
            if stream.complete() {
                assert_eq!(stream.reply(), whole.reply());
                assert!(matches!(stream.take(&mut event("[DONE]")), Verdict::Done | Verdict::Skip));
            } else {
                assert!(matches!(stream.take(&mut event("[DONE]")), Verdict::Skip));
                assert!(!stream.complete());
            }
            assert_eq!(stream.partial().is_none(), end == 0);
        }
    }
}

#[test]
fn errors_in_the_stream() {
    for (text, error) in [
        ("data: {\"error\":{\"message\":\"m\"}}\n\n", "{\"error\":{\"message\":\"m\"}}"),
        ("{\"type\":\"error\",\"error\":{\"type\":\"<nil>\"}}", "{\"type\":\"error\",\"error\":{\"type\":\"<nil>\"}}"),
        ("data: {\"type\":\"error\",\"error\":{}}\n\n", "{\"type\":\"error\",\"error\":{}}"),
        ("event: error\ndata: upstream timed out\n\n", "upstream timed out"),
        ("{\"success\":false,\"message\":\"m\"}", "{\"success\":false,\"message\":\"m\"}"),
    ] {
        let mut stream = messages();
        let mut events = decode(text.as_bytes(), usize::MAX);
        assert!(matches!(stream.take(&mut events[0]), Verdict::Error(body) if body == error), "{text}");
        assert!(!stream.complete());
    }
    let mut stream = messages();
    let mut verdicts: Vec<_> =
        decode(&sample("_sse-quirks/messages_error_event.sse"), 5).iter_mut().map(|event| stream.take(event)).collect();
    assert!(matches!(verdicts.pop(), Some(Verdict::Error(_))));
    assert_eq!(partial(&stream)["content"], json!([{"type": "text", "text": "par"}]));
    assert!(matches!(messages().take(&mut event("{\"type\":")), Verdict::Malformed(_)));
    // A line that lost its prefix on the way is still an event.
    let mut bare = event("{\"type\":\"message_stop\"}");
    bare.bare = true;
    let mut begun = messages();
    begun.take(&mut event("{\"type\":\"message_start\",\"message\":{}}"));
    assert!(matches!(begun.take(&mut bare), Verdict::Last));
}

#[test]
fn blocks_and_their_snapshots() {
    let mut stream = messages();
    take(
        &mut stream,
        json!({"type": "message_start", "message": {"id": "m", "content": [], "stop_reason": null,
        "usage": {"input_tokens": 10, "output_tokens": 1, "cache_read_input_tokens": 4, "x": {"y": 1}}}}),
    );
    assert_eq!(partial(&stream)["content"], json!([]));

    start(&mut stream, 0, json!({"type": "thinking", "thinking": "", "signature": ""}));
    let snapshot = delta(&mut stream, 0, json!({"type": "thinking_delta", "thinking": "Hm"})).unwrap();
    assert_eq!(snapshot.place, Place::Event { kind: "thinking", field: "thinking" });
    assert_eq!((snapshot.text().as_str(), snapshot.json()), ("Hm", None));
    delta(&mut stream, 0, json!({"type": "thinking_delta", "thinking": "."}));
    delta(&mut stream, 0, json!({"type": "signature_delta", "signature": "old"}));
    let snapshot = delta(&mut stream, 0, json!({"type": "signature_delta", "signature": "sig"})).unwrap();
    assert_eq!(snapshot.text(), "sig");
    assert_eq!(stop(&mut stream, 0), json!({"type": "thinking", "thinking": "Hm.", "signature": "sig"}));

    start(&mut stream, 1, json!({"type": "text", "text": "So", "citations": null}));
    let first = delta(&mut stream, 1, json!({"type": "text_delta", "text": " it"})).unwrap();
    delta(&mut stream, 1, json!({"type": "text_delta", "text": " is"}));
    assert_eq!(first.text(), "So it");
    let cite = |n: u64| json!({"type": "citations_delta", "citation": {"type": "char_location", "n": n}});
    delta(&mut stream, 1, cite(1));
    let citations = delta(&mut stream, 1, cite(2)).unwrap();
    assert_eq!(parsed(citations.json().unwrap())[1]["n"], 2);
    let text = partial(&stream)["content"][1].clone();
    assert_eq!(text["text"], "So it is");
    assert_eq!(stop(&mut stream, 1), text);
    // Once it stopped, it is what it is.
    assert!(delta(&mut stream, 1, cite(3)).is_none());

    start(&mut stream, 2, json!({"type": "tool_use", "id": "t", "name": "f", "input": {}}));
    delta(&mut stream, 2, json!({"type": "input_json_delta", "partial_json": ""}));
    assert_eq!(partial(&stream)["content"][2]["input"], json!({}));
    let input = delta(&mut stream, 2, json!({"type": "input_json_delta", "partial_json": "{\"a\": [1, \"x"})).unwrap();
    assert_eq!((input.text().as_str(), input.json().as_deref()), ("{\"a\": [1, \"x", Some("{\"a\": [1]}")));
    assert_eq!(partial(&stream)["content"][2]["input"], json!({"a": [1]}));
    delta(&mut stream, 2, json!({"type": "input_json_delta", "partial_json": "\"]}"}));
    assert_eq!(stop(&mut stream, 2)["input"], json!({"a": [1, "x"]}));

    // The index of the one before, no start at all, an input that comes with the start, one that is no JSON.
    start(&mut stream, 2, json!({"type": "server_tool_use", "id": "s", "name": "web_search"}));
    assert_eq!(stop(&mut stream, 2)["input"], json!({}));
    delta(&mut stream, 7, json!({"type": "text_delta", "text": "lost"}));
    start(&mut stream, 8, json!({"type": "tool_use", "input": {"q": 1}}));
    assert_eq!(stop(&mut stream, 8)["input"], json!({"q": 1}));
    start(&mut stream, 9, json!({"type": "tool_use", "input": {}}));
    delta(&mut stream, 9, json!({"type": "input_json_delta", "partial_json": "{\"q\": oops"}));
    assert_eq!(stop(&mut stream, 9)["input"], "{\"q\": oops");
    let found = json!({"type": "web_search_tool_result", "tool_use_id": "s", "content": [{"url": "u"}]});
    start(&mut stream, 10, found.clone());
    assert_eq!(stop(&mut stream, 10), found);

    take(
        &mut stream,
        json!({"type": "message_delta", "delta": {"stop_reason": "tool_use", "stop_sequence": null},
        "usage": {"output_tokens": 12, "input_tokens": 0, "cache_read_input_tokens": null, "new": 0}}),
    );
    assert!(matches!(stream.take(&mut event("{\"type\":\"message_stop\"}")), Verdict::Last));
    let reply = parsed(stream.reply().unwrap());
    assert_eq!(
        reply["usage"],
        json!({"input_tokens": 10, "output_tokens": 12, "cache_read_input_tokens": 4, "x": {"y": 1}, "new": 0})
    );
    let kinds: Vec<_> = reply["content"].as_array().unwrap().iter().map(|block| block["type"].as_str()).collect();
    let expected =
        ["thinking", "text", "tool_use", "server_tool_use", "text", "tool_use", "tool_use", "web_search_tool_result"];
    assert_eq!(kinds, expected.map(Some));
    assert_eq!((&reply["stop_reason"], reply.get("stop_sequence")), (&json!("tool_use"), Some(&Value::Null)));
}

#[test]
fn wrong_types_cost_nothing() {
    let values = [
        json!(null),
        json!(1.5),
        json!(-1),
        json!(u64::MAX),
        json!("x"),
        json!([]),
        json!({}),
        json!(true),
        json!([1]),
    ];
    let mut stream = messages();
    for kind in
        ["message_start", "content_block_start", "content_block_delta", "content_block_stop", "message_delta", "x"]
    {
        for value in &values {
            take(
                &mut stream,
                json!({"type": kind, "index": value, "delta": value, "content_block": value,
                "message": value, "usage": value}),
            );
            for field in ["text", "thinking", "partial_json", "signature", "citation"] {
                let name = if field == "citation" {
                    "citations"
                } else if field == "partial_json" {
                    "input_json"
                } else {
                    field
                };
                delta(&mut stream, 0, json!({"type": format!("{name}_delta"), field: value}));
            }
            let _ = stream.partial().map(parsed);
        }
        take(&mut stream, json!({ "type": kind }));
    }
    for odd in ["{}", "{\"type\":1}", "{\"type\":\"x\",\"type\":\"y\"}"] {
        assert!(matches!(stream.take(&mut event(odd)), Verdict::Pass { .. }), "{odd}");
    }
    // The end of nothing is none.
    let mut empty = messages();
    assert!(matches!(empty.take(&mut event("{\"type\":\"message_stop\"}")), Verdict::Pass { .. }));
    assert!(!empty.complete());
}

#[test]
fn a_plain_reply_as_a_stream() {
    let mut replies: Vec<Value> = [
        "3.1-messages",
        "3.2-messages-stream",
        "3.4-messages-tools",
        "n3-messages-thinking",
        "n4-messages-prompt-cache",
    ]
    .map(|name| parsed(sample(&format!("{name}/response.json"))))
    .into();
    replies.push(
        json!({"type": "message", "content": [{"type": "text", "text": "a", "citations": [{"n": 1}, {"n": 2}]},
        {"type": "redacted_thinking", "data": "x"}, {"type": "tool_use", "input": {}}, {"type": "new", "text": "b"}],
        "stop_reason": "refusal", "usage": {"output_tokens": 0}}),
    );
    replies.push(json!({"content": [], "stop_reason": "end_turn"}));
    for reply in replies {
        let mut stream = messages();
        let events = events_of_reply(Dialect::Messages, reply.to_string().as_bytes());
        for (number, mut event) in events.clone().into_iter().enumerate() {
            assert_eq!(parsed(&event.data)["type"].as_str().unwrap().as_bytes(), event.name);
            match stream.take(&mut event) {
                Verdict::Pass { .. } => {}
                Verdict::Last => assert_eq!(number + 1, events.len()),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(parsed(stream.reply().unwrap()).to_string(), reply.to_string());
    }
    assert!(events_of_reply(Dialect::Messages, b"<html>").is_empty());
}

/// A megabyte of input in eight-byte deltas: quadratic, it would take minutes.
#[test]
fn long_inputs_are_linear() {
    let mut stream = messages();
    start(&mut stream, 0, json!({"type": "tool_use", "input": {}}));
    delta(&mut stream, 0, json!({"type": "input_json_delta", "partial_json": "{\"text\":\""}));
    let piece = json!({"type": "input_json_delta", "partial_json": "12345678"});
    let snapshots: Vec<_> = (0..131_072).filter_map(|_| delta(&mut stream, 0, piece.clone())).collect();
    delta(&mut stream, 0, json!({"type": "input_json_delta", "partial_json": "\"}"}));
    assert_eq!(snapshots.len(), 131_072);
    assert_eq!(snapshots[1].text(), "{\"text\":\"1234567812345678");
    assert_eq!(stop(&mut stream, 0)["input"]["text"].as_str().unwrap().len(), 1 << 20);
}
