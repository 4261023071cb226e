//! What the events of a stream add up to.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test may fail")]

use bytes::Bytes;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::Instant;
use wenwen::core::json::mend_surrogates;
use wenwen::core::sse::{Decoder, Event};
use wenwen::core::stream::{Dialect, Snapshot, StreamState, Verdict, events_of_reply};

fn sample(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples").join(name)).unwrap()
}

fn decode(bytes: &[u8]) -> Vec<Event> {
    let mut events = Vec::new();
    let mut decoder = Decoder::new(usize::MAX).tolerant();
    decoder.push(Bytes::copy_from_slice(bytes), &mut events).unwrap();
    assert_eq!(decoder.finish(&mut events), None);
    events
}

fn event(data: impl Into<Bytes>) -> Event {
    Event { name: "message".into(), data: data.into(), id: Bytes::new(), bare: false }
}

fn json_event(data: Value) -> Event {
    event(data.to_string())
}

fn delta(text: &str) -> Event {
    json_event(json!({ "type": "response.output_text.delta", "output_index": 0, "content_index": 0, "delta": text }))
}

fn responses() -> StreamState {
    StreamState::new(Dialect::Responses)
}

fn parsed(json: impl AsRef<[u8]>) -> Value {
    serde_json::from_slice(json.as_ref()).unwrap()
}

fn partial(stream: &StreamState) -> Value {
    parsed(stream.partial().unwrap())
}

fn snapshot(verdict: Verdict) -> Option<Snapshot> {
    match verdict {
        Verdict::Pass { snapshot } => snapshot,
        other => panic!("{other:?}"),
    }
}

/// The last word of each verdict.
fn run(stream: &mut StreamState, events: Vec<Event>) -> Vec<&'static str> {
    let word = |verdict| match verdict {
        Verdict::Skip => "skip",
        Verdict::Pass { .. } => "pass",
        Verdict::Last => "last",
        Verdict::Done => "done",
        Verdict::Error(_) => "error",
        Verdict::Malformed(_) => "malformed",
        Verdict::After(_) => "after",
    };
    events.into_iter().map(|mut event| word(stream.take(&mut event))).collect()
}

fn folder(name: &str) -> Vec<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples").join(name);
    let files = std::fs::read_dir(path).unwrap().map(|file| file.unwrap().path());
    files.filter(|file| file.extension().is_some_and(|e| e == "sse")).collect()
}

#[test]
fn every_sample_ends_in_its_reply() {
    let mut files = Vec::new();
    for name in ["2.2-responses-create", "2.3-responses-stream", "2.4-responses-web-search", "_sse-quirks"] {
        files.extend(folder(name));
    }
    files.retain(|file| {
        let name = file.file_name().unwrap().to_str().unwrap();
        !name.starts_with("chat") && !name.starts_with("messages") && name != "stream_error_event.sse"
    });
    assert!(files.len() >= 9, "{files:?}");
    for file in files {
        let events = decode(&std::fs::read(&file).unwrap());
        let mut stream = responses();
        let mut texts = std::collections::BTreeMap::new();
        for mut event in events {
            let json: Value = serde_json::from_slice(&event.data).unwrap_or_default();
            let before = stream.partial();
            match stream.take(&mut event) {
                Verdict::Pass { snapshot } => {
                    assert!(!stream.complete());
                    if let Some(delta) = json["delta"].as_str() {
                        let text: &mut String =
                            texts.entry((json["output_index"].as_u64(), json["content_index"].as_u64())).or_default();
                        text.push_str(delta);
                        assert_eq!(snapshot.unwrap().text(), *text);
                    }
                }
                Verdict::Last => {
                    assert!(stream.complete());
                    assert_eq!(parsed(stream.reply().unwrap()), json["response"]);
                    assert_eq!(stream.partial().unwrap(), stream.reply().unwrap());
                    // What had been put together from the pieces is what the gateway says at the end.
                    let mut before = parsed(before.unwrap());
                    if json["type"] == "response.incomplete" {
                        before["output"][0]["status"] = "incomplete".into();
                    }
                    assert_eq!(before["output"], json["response"]["output"], "{}", file.display());
                }
                Verdict::Skip => assert_eq!(event.data, "[DONE]"),
                other => panic!("{}: {other:?}", file.display()),
            }
        }
        assert!(stream.complete(), "{}", file.display());
    }
}

/// Streams of other dialects, and of this one cut anywhere: nothing may fail, and only whole ones are complete.
#[test]
fn no_stream_is_too_odd() {
    for folder in ["_sse-quirks", "1.2-chat-stream", "3.2-messages-stream", "2.3-responses-stream"].map(folder) {
        for file in folder {
            let bytes = std::fs::read(&file).unwrap();
            for dialect in [Dialect::Plain, Dialect::Responses] {
                for end in (0..bytes.len()).step_by(37) {
                    let mut events = Vec::new();
                    let mut decoder = Decoder::new(usize::MAX).tolerant();
                    decoder.push(Bytes::copy_from_slice(&bytes[..end]), &mut events).unwrap();
                    decoder.finish(&mut events);
                    let mut stream = StreamState::new(dialect);
                    let words = run(&mut stream, events);
                    assert!(!words.contains(&"malformed"), "{}", file.display());
                    if dialect == Dialect::Responses {
                        assert_eq!(stream.complete(), words.contains(&"last"), "{}", file.display());
                    }
                    if let Some(partial) = stream.partial() {
                        assert!(parsed(partial)["id"].is_string(), "{}", file.display());
                    }
                }
            }
        }
    }
}

#[test]
fn done_alone_is_no_end() {
    let mut stream = responses();
    assert_eq!(run(&mut stream, vec![delta("Hi"), event("[DONE]")]), ["pass", "skip"]);
    assert!(!stream.complete());

    let mut plain = StreamState::new(Dialect::Plain);
    let events = decode(&sample("_sse-quirks/chat_done_without_finish_reason.sse"));
    assert_eq!(run(&mut plain, events), ["pass", "pass", "done"]);
    assert!(plain.complete());
}

#[test]
fn errors_in_the_stream() {
    let found = |bytes: &[u8]| {
        let mut stream = responses();
        let mut errors = Vec::new();
        for mut event in decode(bytes) {
            if let Verdict::Error(error) = stream.take(&mut event) {
                errors.push(error);
            }
        }
        assert!(!stream.complete());
        errors
    };
    let created = "data: {\"type\":\"response.created\",\"response\":{}}\n\n";
    for (stream, error) in [
        ("data: {\"error\":{\"message\":\"m\"}}\n\n", "{\"error\":{\"message\":\"m\"}}"),
        ("data: {\"error\":\"m\"}\n\n", "{\"error\":\"m\"}"),
        ("data: {\"type\":\"upstream_error\",\"error\":{}}\n\n", "{\"type\":\"upstream_error\",\"error\":{}}"),
        ("event: error\ndata: {\"type\":\"error\",\"code\":\"c\"}\n\n", "{\"type\":\"error\",\"code\":\"c\"}"),
        ("event: error\ndata: {\"message\":\"m\"}\n\n", "{\"message\":\"m\"}"),
        ("event: error\ndata: upstream timed out\n\n", "upstream timed out"),
        ("data: {\"type\":\"error\",\"code\":\"c\"}\n\n", "{\"type\":\"error\",\"code\":\"c\"}"),
        ("{\"error\":{\"message\":\"m\"},\"type\":\"error\"}", "{\"error\":{\"message\":\"m\"},\"type\":\"error\"}"),
        ("{\"success\":false,\"message\":\"m\"}", "{\"success\":false,\"message\":\"m\"}"),
    ] {
        assert_eq!(found(stream.as_bytes()), [error]);
        assert_eq!(found(format!("{created}{stream}").as_bytes()), [error]);
    }
    assert_eq!(found(&sample("2.3-responses-stream/stream_error_event.sse")).len(), 1);
    assert_eq!(found(&sample("_sse-quirks/chat_ping_then_raw_json_error.sse")).len(), 1);
    assert!(found(b"data: {\"type\":\"response.x\",\"error\":null}\n\ndata: {\"error\":null}\n\n").is_empty());
    assert!(matches!(responses().take(&mut event("{\"type\":")), Verdict::Malformed(data) if data == "{\"type\":"));
}

#[test]
fn the_type_counts_and_the_name_stands_in_for_it() {
    let mut stream = responses();
    let mut named = event("{\"delta\":\"Hi\"}");
    named.name = "response.output_text.delta".into();
    assert_eq!(snapshot(stream.take(&mut named)).unwrap().text(), "Hi");
    let mut misnamed = delta("!");
    misnamed.name = "response.completed".into();
    assert_eq!(snapshot(stream.take(&mut misnamed)).unwrap().text(), "Hi!");
    // A line that lost its prefix on the way is still an event.
    let mut bare = delta("!");
    bare.bare = true;
    assert_eq!(snapshot(stream.take(&mut bare)).unwrap().text(), "Hi!!");
}

#[test]
fn wrong_types_cost_nothing() {
    let mut stream = responses();
    let kinds = [
        "response.created",
        "response.output_item.added",
        "response.content_part.added",
        "response.output_text.delta",
        "response.output_text.done",
        "response.function_call_arguments.delta",
        "response.reasoning_summary_part.done",
        "response.output_item.done",
        "response.unheard_of",
        "response.unheard.of",
        "unheard",
        "",
    ];
    for kind in kinds {
        for value in
            [json!(null), json!(1.5), json!(-1), json!(u64::MAX), json!("x"), json!([]), json!({}), json!(true)]
        {
            let data = json!({
                "type": kind, "output_index": value, "content_index": value, "summary_index": value, "delta": value,
                "text": value, "item": value, "part": value, "response": value, "sequence_number": value,
            });
            snapshot(stream.take(&mut json_event(data)));
            let _ = stream.partial().map(parsed);
        }
        snapshot(stream.take(&mut json_event(json!({ "type": kind }))));
    }
    for odd in ["{}", "{\"type\":1}", "{\"type\":\"response.x\",\"type\":\"response.y\"}"] {
        snapshot(stream.take(&mut event(odd)));
    }
    let deep = format!("{{\"type\":\"response.created\",\"response\":{}{}}}", "[".repeat(9999), "]".repeat(9999));
    snapshot(stream.take(&mut event(deep)));
    let _ = stream.partial();
    // An end without the response that it is to carry is that of what had arrived; of nothing it is none.
    let end = "{\"type\":\"response.completed\",\"response\":7}";
    assert!(matches!(stream.take(&mut event(end)), Verdict::Last) && stream.complete());
    assert_eq!(parsed(stream.reply().unwrap())["status"], "completed");
    let mut empty = responses();
    assert!(matches!(empty.take(&mut event(end)), Verdict::Pass { .. }) && !empty.complete());
    assert_eq!(empty.reply(), None);
}

#[test]
fn half_characters() {
    let mut stream = responses();
    for half in ["\\ud83d", "\\ude00", "\\uD83D\\uDE00", "\\\\ud83d"] {
        let data = format!("{{\"type\":\"response.output_text.delta\",\"delta\":\"{half}\"}}");
        assert!(snapshot(stream.take(&mut event(data))).is_some());
    }
    let mut broken = event(&b"{\"type\":\"response.output_text.delta\",\"delta\":\"a\xF0\x9F\"}"[..]);
    assert_eq!(snapshot(stream.take(&mut broken)).unwrap().text(), "\u{1F600}\u{1F600}\\ud83da\u{FFFD}");
    assert!(str::from_utf8(&broken.data).is_ok());
    let part = "{\"type\":\"response.content_part.added\",\"part\":{\"type\":\"output_text\",\"x\":\"\\udc00é\"}}";
    snapshot(stream.take(&mut event(part)));
    assert_eq!(partial(&stream)["output"][0]["content"][0]["x"], "\u{FFFD}é");
    assert_eq!(mend_surrogates("\"\\ud83d\\n\\ud83d\\u0041\\\\é\\"), "\"\\ufffd\\n\\ufffd\\u0041\\\\é\\");
}

#[test]
fn the_partial_reply() {
    let mut stream = responses();
    assert_eq!(stream.partial(), None);
    for data in [
        json!({"type": "response.created", "response": {"id": "r", "status": "queued", "output": [], "created_at": 1.0}}),
        json!({"type": "response.in_progress", "response": {"id": "r", "status": "in_progress", "output": []}}),
        json!({"type": "response.output_item.added", "output_index": 0,
            "item": {"id": "rs", "type": "reasoning", "summary": []}}),
        json!({"type": "response.reasoning_summary_part.added", "output_index": 0, "summary_index": 0,
            "part": {"type": "summary_text", "text": ""}}),
        json!({"type": "response.reasoning_summary_text.delta", "output_index": 0, "summary_index": 0, "delta": "Hm"}),
        json!({"type": "response.reasoning_text.delta", "output_index": 0, "content_index": 0, "delta": "So"}),
        json!({"type": "response.output_item.added", "output_index": 1,
            "item": {"id": "fc", "type": "function_call", "status": "in_progress", "arguments": "", "name": "f"}}),
        json!({"type": "response.function_call_arguments.delta", "output_index": 1, "delta": "{\"a\""}),
        json!({"type": "response.function_call_arguments.delta", "output_index": 1, "delta": ":1"}),
        json!({"type": "response.output_item.added", "output_index": 2,
            "item": {"id": "msg", "type": "message", "status": "in_progress", "content": [], "role": "assistant"}}),
        json!({"type": "response.content_part.added", "output_index": 2, "content_index": 0,
            "part": {"type": "output_text", "text": "", "annotations": []}}),
        json!({"type": "response.output_text.delta", "output_index": 2, "content_index": 0, "delta": "One"}),
        json!({"type": "response.output_text.done", "output_index": 2, "content_index": 0, "text": "One."}),
        json!({"type": "response.refusal.delta", "output_index": 2, "content_index": 1, "delta": "No"}),
        // Items that nothing announced.
        json!({"type": "response.code_interpreter_call_code.delta", "output_index": 9, "delta": "1+1"}),
        json!({"type": "response.mcp_call_arguments.done", "output_index": 10, "arguments": "{}"}),
    ] {
        snapshot(stream.take(&mut json_event(data)));
    }
    assert_eq!(
        partial(&stream),
        json!({"id": "r", "status": "in_progress", "output": [
            {"id": "rs", "type": "reasoning", "summary": [{"type": "summary_text", "text": "Hm"}],
                "content": [{"type": "reasoning_text", "text": "So"}]},
            {"id": "fc", "type": "function_call", "status": "in_progress", "arguments": "{\"a\":1", "name": "f"},
            {"id": "msg", "type": "message", "status": "in_progress", "role": "assistant", "content": [
                {"type": "output_text", "text": "One.", "annotations": []}, {"type": "refusal", "refusal": "No"}]},
            {"type": "code_interpreter_call", "code": "1+1"},
            {"type": "mcp_call", "arguments": "{}"},
        ]})
    );
    let done =
        json!({"id": "fc", "type": "function_call", "status": "completed", "arguments": "{\"a\":12}", "name": "f"});
    let data = json!({"type": "response.output_item.done", "output_index": 1, "item": done});
    snapshot(stream.take(&mut json_event(data)));
    assert_eq!(partial(&stream)["output"][1], done);
    assert!(!stream.complete());
}

#[test]
fn a_plain_reply_as_a_stream() {
    let mut replies = vec![parsed(sample("2.2-responses-create/response.json"))];
    for file in folder("2.3-responses-stream") {
        let mut stream = responses();
        run(&mut stream, decode(&std::fs::read(file).unwrap()));
        replies.extend(stream.reply().map(parsed));
    }
    assert_eq!(replies.len(), 5);
    replies.push(json!({"status": "completed", "output": [
        {"type": "reasoning", "summary": [{"type": "summary_text", "text": "Hm"}]}, null, 7, {"type": 1},
        {"type": "message", "content": [{"type": "output_text", "text": "a"}, {"type": "refusal", "refusal": "b"}, 3]},
        {"type": "message", "content": "odd"}, {"type": "function_call", "arguments": {}}, {"type": "mcp_call"}]}));
    replies.push(json!({ "output": [] }));
    for reply in replies {
        let events = events_of_reply(Dialect::Responses, reply.to_string().as_bytes());
        let mut stream = responses();
        let mut deltas = String::new();
        let last = events.len() - 1;
        for (number, mut event) in events.into_iter().enumerate() {
            let data = parsed(&event.data);
            assert_eq!(data["sequence_number"], number);
            assert_eq!(data["type"].as_str().unwrap().as_bytes(), event.name);
            match stream.take(&mut event) {
                Verdict::Pass { .. } if number < last => deltas += data["delta"].as_str().unwrap_or_default(),
                Verdict::Last => assert_eq!(number, last),
                other => panic!("{number}: {other:?}"),
            }
            if number + 1 == last && reply["output"] != json!([]) {
                // What is no object never was an item.
                let mut output = reply["output"].clone();
                for item in output.as_array_mut().into_iter().flatten() {
                    if !item.is_object() {
                        *item = json!({});
                    }
                }
                assert_eq!(partial(&stream)["output"], output);
            }
        }
        assert_eq!(parsed(stream.reply().unwrap()), reply);
        let mut expected = String::new();
        for item in reply["output"].as_array().into_iter().flatten() {
            expected += item["arguments"].as_str().unwrap_or_default();
            for part in ["summary", "content"].iter().flat_map(|list| item[*list].as_array()).flatten() {
                expected += part["text"].as_str().or(part["refusal"].as_str()).unwrap_or_default();
            }
        }
        assert_eq!(deltas, expected);
    }
    assert!(events_of_reply(Dialect::Responses, b"<html>").is_empty());
}

/// Keeping each snapshot of a megabyte in eight-byte deltas would be 64 GB if they were copies.
#[test]
fn snapshots_are_linear() {
    let mut stream = responses();
    let snapshots: Vec<Snapshot> = (0..131_072).filter_map(|_| snapshot(stream.take(&mut delta("12345678")))).collect();
    assert_eq!(snapshots.len(), 131_072);
    assert_eq!(snapshots[131_071].text().len(), 1 << 20);
    assert_eq!(snapshots[1].text(), "1234567812345678");
}

/// `cargo test --release --test stream -- --ignored --nocapture`
#[test]
#[ignore = "a measurement"]
fn speed() {
    let mut bytes = Vec::new();
    for number in 0..10_000 {
        bytes.extend_from_slice(
            format!(
                "event: response.output_text.delta\ndata: {{\"type\":\"response.output_text.delta\",\
                 \"sequence_number\":{number},\"item_id\":\"msg_6895b53ff5748198aac63a412a34c9e10cdc1fb5affdb381\",\
                 \"output_index\":1,\"content_index\":0,\"delta\":\" help\",\"logprobs\":[],\"obfuscation\":\"aB3x\"}}\n\n"
            )
            .as_bytes(),
        );
    }
    println!("{} bytes an event", bytes.len() / 10_000);
    for size in [16 << 10, 1400, bytes.len()] {
        let chunks: Vec<Bytes> = bytes.chunks(size).map(Bytes::copy_from_slice).collect();
        let (mut decoding, mut both) = (f64::MAX, f64::MAX);
        for _ in 0..50 {
            let begun = Instant::now();
            let mut decoder = Decoder::new(usize::MAX).tolerant();
            let mut stream = responses();
            let mut events = Vec::with_capacity(64);
            let mut spent = 0.0;
            for chunk in &chunks {
                let before = Instant::now();
                decoder.push(chunk.clone(), &mut events).unwrap();
                spent += before.elapsed().as_secs_f64();
                for mut event in events.drain(..) {
                    std::hint::black_box(stream.take(&mut event));
                }
            }
            both = both.min(begun.elapsed().as_secs_f64());
            decoding = decoding.min(spent);
        }
        println!("chunks of {size}: decode {:.0} ns, decode and state {:.0} ns", decoding * 1e5, both * 1e5);
    }
}
