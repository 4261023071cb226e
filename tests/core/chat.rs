//! Chat completions without Python: what the chunks add up to, the question for usage, the local gateway's answers.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test may fail")]
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use serde_json::{Value, json};
use wenwen::core::config::{MAX_RESPONSE_BYTES, Root, Timeout};
use wenwen::core::endpoint::Answer;
use wenwen::core::error::Error;
use wenwen::core::events::Available;
use wenwen::core::proxy::Proxy;
use wenwen::core::request::{Body, Key, Mode, Request};
use wenwen::core::secret::Secret;
use wenwen::core::send::{Outcome, send};
use wenwen::core::sse::{Decoder, Event};
use wenwen::core::stream::{Dialect, StreamState, Verdict, events_of_reply};
use wenwen::core::transport::{Route, Transport};
use wenwen::core::trust::Trust;
use wenwen::gateway::{BodyKind, Scripted};
use wenwen::gateway::{Content, Gateway, Setup};

const FOLDERS: [&str; 9] = [
    "1.1-chat",
    "1.2-chat-stream",
    "1.3-chat-structured",
    "1.4-chat-tools",
    "1.5-chat-vision",
    "1.6-chat-image-edit",
    "1.7-chat-image-generate",
    "1.8-chat-audio",
    "n2-chat-thinking",
];

fn sample(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples").join(name)).unwrap()
}

fn decode(bytes: &[u8]) -> Vec<Event> {
    let mut events = Vec::new();
    let mut decoder = Decoder::new(usize::MAX).tolerant();
    decoder.push(Bytes::copy_from_slice(bytes), &mut events).unwrap();
    decoder.finish(&mut events);
    events
}

fn event(data: &str) -> Event {
    Event { name: "message".into(), data: data.to_owned().into(), id: Bytes::new(), bare: false }
}

fn chunk(choices: Value) -> Event {
    event(&json!({ "id": "c", "object": "chat.completion.chunk", "choices": choices }).to_string())
}

fn delta(delta: Value) -> Event {
    chunk(json!([{ "index": 0, "delta": delta, "finish_reason": null }]))
}

fn finish(index: u64, reason: &str) -> Event {
    chunk(json!([{ "index": index, "delta": {}, "finish_reason": reason }]))
}

fn calls(calls: Value) -> Event {
    delta(json!({ "tool_calls": calls }))
}

fn stream() -> StreamState {
    StreamState::new(Dialect::Chat)
}

/// The stream after these events, all of which pass.
fn after(events: impl IntoIterator<Item = Event>) -> StreamState {
    let mut stream = stream();
    for mut event in events {
        let verdict = stream.take(&mut event);
        assert!(matches!(verdict, Verdict::Pass { .. }), "{verdict:?}");
    }
    stream
}

fn partial(stream: &StreamState) -> Value {
    serde_json::from_slice(&stream.partial().unwrap()).unwrap()
}

fn message(events: impl IntoIterator<Item = Event>) -> Value {
    partial(&after(events))["choices"][0]["message"].take()
}

#[test]
fn every_sample_adds_up_to_its_reply() {
    for folder in FOLDERS {
        let mut stream = stream();
        let mut text = String::new();
        for mut event in decode(&sample(&format!("{folder}/stream.sse"))) {
            let json: Value = serde_json::from_slice(&event.data).unwrap_or_default();
            match stream.take(&mut event) {
                Verdict::Pass { snapshot } => {
                    if let Some(delta) = json["choices"][0]["delta"]["content"].as_str().filter(|d| !d.is_empty()) {
                        text.push_str(delta);
                        assert_eq!(snapshot.unwrap().text(), text);
                    }
                }
                Verdict::Done => assert_eq!(&event.data[..], b"[DONE]"),
                other => panic!("{folder}: {other:?}"),
            }
        }
        assert!(stream.complete(), "{folder}");
        let reply = stream.reply().unwrap();
        let (got, mut want): (Value, Value) = (
            serde_json::from_slice(&reply).unwrap(),
            serde_json::from_slice(&sample(&format!("{folder}/response.json"))).unwrap(),
        );
        assert_eq!(got["object"], "chat.completion");
        let (got, want) = (&got["choices"][0], &mut want["choices"][0]);
        assert_eq!(got["finish_reason"], want["finish_reason"]);
        match folder {
            "1.8-chat-audio" => {
                assert_eq!(got["message"]["audio"]["transcript"], "是的,我可以。");
                // Both pieces are padded; together they are one text again.
                assert_eq!(got["message"]["audio"]["data"], "AAABAAIAAwAEAAUABgAHAA==");
                assert_eq!(got["message"]["audio"]["expires_at"], 1_751_892_430);
            }
            "1.6-chat-image-edit" | "1.7-chat-image-generate" => {
                let text = got["message"]["content"].as_str().unwrap();
                assert!(text.ends_with(want["message"]["content"].as_str().unwrap()));
            }
            "1.4-chat-tools" => {
                let calls = got["message"]["tool_calls"].as_array().unwrap();
                assert_eq!(calls[0], want["message"]["tool_calls"][0]);
                assert_eq!(calls[1]["function"]["arguments"], "{\"location\":\"Cambridge, MA\"}");
            }
            // Streams have no annotations.
            _ => {
                want["message"].as_object_mut().unwrap().remove("annotations");
                assert_eq!(got, want, "{folder}");
            }
        }
    }
}

#[test]
fn fields_stand_in_the_order_of_the_samples() {
    let mut stream = stream();
    for mut event in decode(&sample("1.2-chat-stream/stream.sse")) {
        stream.take(&mut event);
    }
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let reply = partial(&stream);
    let first = ["id", "object", "created", "model", "choices", "usage", "system_fingerprint", "prompt_filter_results"];
    assert_eq!(keys(&reply), first);
    assert_eq!(reply["id"], "chatcmpl-C2HqLr7v0R5mXwEoyyQ3TLkKkD0cF", "Azure's first chunk has an empty one");
    assert_eq!(reply["usage"]["total_tokens"], 28);
    assert_eq!(keys(&reply["choices"][0]), ["index", "message", "logprobs", "finish_reason"]);
    assert_eq!(keys(&reply["choices"][0]["message"]), ["role", "content", "refusal"]);
}

#[test]
fn every_quirk() {
    for (name, complete) in [
        ("chat_done_without_finish_reason", false),
        ("chat_empty_data_and_id_fields", true),
        ("chat_eof_without_done", true),
        ("chat_finish_reason_empty_string", true),
        ("chat_last_event_without_blank_line", true),
        ("chat_no_space_crlf_bom", true),
        ("chat_ping_before_first_byte", true),
        ("chat_reasoning_variants", true),
        ("chat_usage_in_every_chunk", true),
    ] {
        let mut stream = stream();
        for mut event in decode(&sample(&format!("_sse-quirks/{name}.sse"))) {
            assert!(!matches!(stream.take(&mut event), Verdict::Error(_) | Verdict::Malformed(_)), "{name}");
        }
        assert_eq!(stream.complete(), complete, "{name}");
        assert_eq!(stream.reply().is_some(), complete);
        let reply = partial(&stream);
        let message = &reply["choices"][0]["message"];
        match name {
            "chat_done_without_finish_reason" => assert_eq!(message["content"], "partial"),
            "chat_reasoning_variants" => {
                let want = json!({
                    "role": "assistant", "content": "<think>\nc\n</think>\nd", "reasoning_content": "a", "reasoning": "b",
                });
                assert_eq!(*message, want);
            }
            _ => assert_eq!(message["content"], "ok", "{name}"),
        }
        if name == "chat_usage_in_every_chunk" {
            assert_eq!(reply["usage"]["completion_tokens"], 2);
        }
    }
}

#[test]
fn errors_in_the_stream() {
    for (data, bare) in [
        (r#"{"error":{"message":"m","type":"t"}}"#, false),
        (r#"{"id":"c","choices":[],"error":{"message":"m"}}"#, false),
        (r#"{"success":false,"message":"m"}"#, false),
        (r#"{"object":"error","message":"m"}"#, false),
        (r#"{"error":"m"}"#, true),
    ] {
        let mut event = Event { bare, ..event(data) };
        assert!(matches!(stream().take(&mut event), Verdict::Error(body) if body == data), "{data}");
    }
    let fine = r#"{"id":"c","choices":[],"error":null}"#;
    assert!(matches!(stream().take(&mut event(fine)), Verdict::Pass { .. }));
    assert!(matches!(stream().take(&mut event("{\"id")), Verdict::Malformed(_)));
    // Fields of other types than expected cost nothing.
    for odd in [r#"{"choices":7}"#, r#"{"choices":[{"index":"x","delta":[1],"finish_reason":3}]}"#] {
        assert!(matches!(stream().take(&mut event(odd)), Verdict::Pass { .. }), "{odd}");
    }
    assert!(stream().partial().is_none());
}

#[test]
fn when_it_is_complete() {
    assert!(!after([delta(json!({"content": "a"}))]).complete());
    assert!(!after([finish(0, "")]).complete());
    assert!(after([finish(0, "stop")]).complete());
    // Of two choices one was cut off, unless the gateway says that this was all.
    let mut two = after([finish(0, "stop"), chunk(json!([{"index": 1, "delta": {"content": "a"}}]))]);
    assert!(!two.complete());
    assert!(matches!(two.take(&mut event("[DONE]")), Verdict::Done));
    assert!(two.complete());
    // A reason that tells more is not overwritten by the one that some upstreams add.
    for (reasons, want) in [(["tool_calls", "stop"], "tool_calls"), (["stop", "length"], "length")] {
        let stream = after(reasons.map(|reason| finish(0, reason)));
        assert_eq!(partial(&stream)["choices"][0]["finish_reason"], want);
    }
}

#[test]
fn tool_calls_however_they_come() {
    let whole = |name: &str, arguments: &str| json!({"function": {"name": name, "arguments": arguments}});
    let names = |message: &Value| -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let calls = message["tool_calls"].as_array().unwrap();
        assert!(calls.iter().all(|call| call["type"] == "function" && call.get("index").is_none()));
        calls.iter().map(|c| (text(&c["function"]["name"]), text(&c["function"]["arguments"]))).collect()
    };
    let two = [("a".to_owned(), "{1}".to_owned()), ("b".to_owned(), "{2}".to_owned())];
    let piece = |arguments: &str| json!([{"function": {"arguments": arguments}}]);
    let with = |mut call: Value, more: Value| {
        call.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        call
    };
    // No index, no id: a name begins a call.
    let got = message([calls(json!([whole("a", "{")])), calls(piece("1}")), calls(json!([whole("b", "{2}")]))]);
    assert_eq!(names(&got), two);
    let got = message([calls(json!([whole("a", "{1}"), whole("b", "{2}")]))]);
    assert_eq!(names(&got), two);
    // The same index for all, but ids.
    let first = |call, id: &str| json!([with(call, json!({"index": 0, "id": id, "type": null}))]);
    let got = message([calls(first(whole("a", "{1}"), "x")), calls(first(whole("b", "{2}"), "y"))]);
    assert_eq!(names(&got), two);
    assert_eq!((&got["tool_calls"][0]["id"], &got["tool_calls"][1]["id"]), (&json!("x"), &json!("y")));
    // Id and name in every piece.
    let again = |arguments: &str| json!([with(whole("a", arguments), json!({"index": 0, "id": "x"}))]);
    assert_eq!(names(&message([calls(again("{")), calls(again("1}"))])), two[..1]);
    // An id without an index finds its call again.
    let by_id = |id: &str, arguments: &str| json!([{"id": id, "function": {"arguments": arguments}}]);
    let got = message([
        calls(json!([with(whole("a", "{"), json!({"id": "x"}))])),
        calls(json!([with(whole("b", "{"), json!({"id": "y"}))])),
        calls(by_id("x", "1}")),
        calls(by_id("y", "2}")),
    ]);
    assert_eq!(names(&got), two);
    // Empty ids do not take away the one there was.
    let got = message([
        calls(first(whole("a", "{1"), "x")),
        calls(json!([{"index": 0, "id": "", "function": {"arguments": "}"}}])),
    ]);
    assert_eq!((&got["tool_calls"][0]["id"], names(&got)), (&json!("x"), two[..1].to_vec()));
    // Arguments as an object stay one.
    let got = message([calls(json!([{"index": 0, "function": {"name": "a", "arguments": {"x": 1}}}]))]);
    assert_eq!(got["tool_calls"][0]["function"]["arguments"], json!({"x": 1}));
}

#[test]
fn what_else_grows() {
    let got = message([
        delta(json!({"role": "assistant", "refusal": "I ", "reasoning": "a", "audio": {"id": "x", "data": "AAE="}})),
        delta(json!({"role": "assistant", "refusal": "can't", "reasoning": "b", "audio": {"id": "x", "data": "AgM="}})),
        delta(json!({"reasoning_details": [{"index": 0, "type": "reasoning.text", "text": "c"}], "new": "d"})),
        delta(json!({"reasoning_details": [{"index": 0, "type": "reasoning.text", "text": "c"}], "new": "d"})),
        delta(json!({"annotations": [{"type": "url_citation"}]})),
        delta(json!({"annotations": [{"type": "url_citation"}], "function_call": {"name": "f", "arguments": "{"}})),
        delta(json!({"function_call": {"arguments": "}"}})),
    ]);
    assert_eq!(got["refusal"], "I can't");
    assert_eq!((&got["reasoning"], &got["new"]), (&json!("ab"), &json!("dd")));
    assert_eq!(got["audio"], json!({"id": "x", "data": "AAECAw=="}));
    assert_eq!(got["reasoning_details"], json!([{"index": 0, "type": "reasoning.text", "text": "cc"}]));
    assert_eq!(got["annotations"].as_array().unwrap().len(), 2);
    assert_eq!(got["function_call"], json!({"name": "f", "arguments": "{}"}));
    let logprobs = |token: &str| {
        chunk(json!([{"index": 0, "delta": {}, "logprobs": {"content": [{"token": token}], "refusal": null}}]))
    };
    let stream = after([logprobs("a"), logprobs("b")]);
    let want = json!({"content": [{"token": "a"}, {"token": "b"}], "refusal": null});
    assert_eq!(partial(&stream)["choices"][0]["logprobs"], want);
}

#[test]
fn a_whole_reply_becomes_a_stream_and_back() {
    let mut files: Vec<String> = FOLDERS.iter().map(|folder| format!("{folder}/response.json")).collect();
    files.push("_sse-quirks/chat_json_body_for_stream_request.json".into());
    let odd = json!({
        "id": "", "object": "chat.completion", "created": 0, "model": "m",
        "choices": [
            {"index": 0, "message": {"role": "assistant", "content": [{"type": "text", "text": "a"}]}, "finish_reason": "stop"},
            {"index": 1, "message": {"role": "assistant", "content": null, "tool_calls": [
                {"id": "", "type": "function", "function": {"name": "f", "arguments": {"x": 1}}},
                {"id": "", "type": "function", "function": {"name": "f", "arguments": "{}"}},
            ]}, "finish_reason": "tool_calls"},
        ],
    });
    let all = files.iter().map(|file| sample(file)).chain([odd.to_string().into_bytes()]);
    for json in all {
        let want: Value = serde_json::from_slice(&json).unwrap();
        let stream = after(events_of_reply(Dialect::Chat, &json));
        assert!(stream.complete());
        assert_eq!(partial(&stream), want);
    }
    assert!(events_of_reply(Dialect::Chat, b"[]").is_empty());
}

/// What all chunks share would be there once a choice.
#[test]
fn a_whole_reply_of_many_choices_does_not_grow() {
    let choice = json!({"message": {"content": "a"}, "finish_reason": "stop"});
    let json = json!({"id": "1", "x": "y".repeat(100_000), "choices": vec![choice; 200]}).to_string();
    let events = events_of_reply(Dialect::Chat, json.as_bytes());
    let size: usize = events.iter().map(|event| event.data.len()).sum();
    assert!(size < 3 * json.len(), "{size}");
    let got = partial(&after(events));
    assert_eq!((got["x"].as_str().unwrap().len(), got["choices"].as_array().unwrap().len()), (100_000, 200));
}

#[test]
fn a_megabyte_in_many_pieces() {
    const TEXT: &str = "0123456789 0123456789 0123456789 0123456789 0123456";
    let time = |pieces: usize| {
        let mut stream = after([calls(json!([{"index": 0, "id": "x", "function": {"name": "f", "arguments": ""}}]))]);
        let start = Instant::now();
        for _ in 0..pieces {
            stream.take(&mut calls(json!([{"index": 0, "function": {"arguments": TEXT}}])));
            stream.take(&mut delta(json!({"content": TEXT, "reasoning_content": TEXT})));
        }
        let elapsed = start.elapsed();
        let got = partial(&stream)["choices"][0]["message"].take();
        assert_eq!(got["tool_calls"][0]["function"]["arguments"].as_str().unwrap().len(), pieces * TEXT.len());
        assert_eq!(got["reasoning_content"].as_str().unwrap().len(), pieces * TEXT.len());
        elapsed
    };
    time(500);
    let (small, large) = (time(2000), time(20_000));
    // Linear would be 10; quadratic 100.
    assert!(large < small * 40, "{small:?}, {large:?}");
}

fn request(gateway: &Gateway, mode: Mode, body: &Value) -> Request {
    Request {
        method: Method::POST,
        url: Root::parse(&gateway.root()).unwrap().join("/v1/chat/completions", &[]),
        headers: Arc::new(HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))])),
        body: Body::Json(body.to_string().into()),
        mode,
        answer: Answer::Json,
        marks: Dialect::Chat.marks(),
        dialect: Dialect::Chat,
        timeout: Timeout { total: Some(Duration::from_secs(20)), ..Timeout::DEFAULT },
        max_retries: 2,
        max_response_bytes: MAX_RESPONSE_BYTES,
        billed: false,
        foreign: None,
        key: Key::Known(Secret::new("sk-0123456789").unwrap()),
        gate: None,
        observer: None,
        sending: None,
    }
}

/// A reply, or all events and how they ended.
#[tokio::main(flavor = "current_thread")]
async fn ask(request: &Request) -> Result<(u32, Vec<Value>), Error> {
    let route = Route::new(false, &Trust::System, &Proxy::None, request.timeout.connect);
    let client = Transport::default().client(&route).unwrap();
    let outcome = send(&client, request).await?;
    let attempts = outcome.head().attempts;
    let feed = match outcome {
        Outcome::Events(_, feed) => feed,
        Outcome::Reply(reply) => return Ok((attempts, vec![serde_json::from_slice(&reply.body).unwrap()])),
        Outcome::Bytes(mut bytes) => {
            bytes.rest().await?;
            return Ok((attempts, Vec::new()));
        }
        Outcome::Vectors(..) => panic!("no embeddings were asked for"),
    };
    let mut events = Vec::new();
    loop {
        match feed.take() {
            Available::Items(items) => events.extend(items.iter().map(|i| serde_json::from_slice(&i.data).unwrap())),
            Available::Empty => {
                feed.ready().await;
            }
            Available::End(end) => return end.map(|()| (attempts, events)),
        }
    }
}

fn gateway() -> Gateway {
    Gateway::start(Setup::default()).unwrap()
}

fn hello(more: Value) -> Value {
    let mut body = json!({"model": "gpt-3.5-turbo", "messages": [{"role": "user", "content": "Hello!"}]});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

fn sent(gateway: &Gateway) -> Value {
    serde_json::from_slice(&gateway.journal().last().unwrap().body().unwrap()).unwrap()
}

fn refusal(message: &str) -> Scripted {
    let body = json!({"error": {"message": message, "type": "invalid_request_error", "param": "", "code": ""}});
    Scripted { content: Some(Content::new(400, BodyKind::Json, body.to_string().into())), ..Scripted::status(400) }
}

#[test]
fn usage_is_asked_for() {
    let gateway = gateway();
    let asking = json!({"include_usage": true});
    for (mode, body, want) in [
        (Mode::Events, json!({"stream": true}), &asking),
        (Mode::Bytes, json!({"stream": true}), &asking),
        (Mode::Reply, json!({"stream": false}), &Value::Null),
        (Mode::Bytes, json!({}), &Value::Null),
        (Mode::Events, json!({"stream": true, "stream_options": null}), &Value::Null),
        (
            Mode::Events,
            json!({"stream": true, "stream_options": {"include_usage": false}}),
            &json!({"include_usage": false}),
        ),
    ] {
        let (_, events) = ask(&request(&gateway, mode, &hello(body))).unwrap();
        assert_eq!(sent(&gateway)["stream_options"], *want);
        if mode == Mode::Events {
            assert_eq!(events.last().unwrap()["usage"].is_object(), *want == asking);
        }
    }
}

#[test]
fn a_refusal_of_the_question_costs_no_retry() {
    let gateway = gateway();
    let message = "Unrecognized request argument supplied: stream_options";
    gateway.push(refusal(message));
    let mut call = request(&gateway, Mode::Events, &hello(json!({"stream": true})));
    call.max_retries = 0;
    let (attempts, events) = ask(&call).unwrap();
    assert_eq!((attempts, events.len()), (2, 11));
    assert_eq!(sent(&gateway), hello(json!({"stream": true})));
    // Once. And the caller's own question is the caller's affair.
    gateway.push(refusal(message));
    gateway.push(refusal(message));
    assert_eq!(ask(&call).unwrap_err().attempts, 2);
    gateway.push(refusal(message));
    call.body =
        Body::Json(hello(json!({"stream": true, "stream_options": {"include_usage": true}})).to_string().into());
    assert_eq!(ask(&call).unwrap_err().attempts, 1);
    gateway.push(refusal("another"));
    call.body = Body::Json(hello(json!({"stream": true})).to_string().into());
    assert_eq!(ask(&call).unwrap_err().attempts, 1);
}

/// The reply to a request, and what its stream adds up to.
fn both(gateway: &Gateway, more: Value) -> (Value, Value) {
    let plain = ask(&request(gateway, Mode::Reply, &hello(more.clone()))).unwrap().1.remove(0);
    let mut body = hello(more);
    body["stream"] = true.into();
    let (_, events) = ask(&request(gateway, Mode::Events, &body)).unwrap();
    let stream = after(events.into_iter().map(|e| event(&e.to_string())));
    (plain, serde_json::from_slice(&stream.reply().unwrap()).unwrap())
}

#[test]
fn the_gateway_answers() {
    let gateway = gateway();
    let (plain, streamed) = both(&gateway, json!({}));
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let want: Value = serde_json::from_slice(&sample("1.1-chat/response.json")).unwrap();
    for at in ["", "/choices/0", "/choices/0/message", "/usage", "/usage/completion_tokens_details"] {
        assert_eq!(keys(plain.pointer(at).unwrap()), keys(want.pointer(at).unwrap()), "{at}");
    }
    assert_eq!(plain["model"], "gpt-3.5-turbo-0125");
    assert_eq!(streamed["usage"], plain["usage"]);
    assert_eq!(streamed["choices"][0]["message"]["content"], "Hi! How can I help you today?");

    let (plain, streamed) = both(&gateway, json!({"n": 3, "max_tokens": 2}));
    for reply in [plain, streamed] {
        let choices = reply["choices"].as_array().unwrap();
        assert_eq!(choices.len(), 3);
        assert!(choices.iter().all(|c| c["finish_reason"] == "length" && c["message"]["content"] == "Hi! How "));
    }
    let (plain, streamed) = both(&gateway, json!({"stop": ["help", " can"]}));
    for reply in [plain, streamed] {
        assert_eq!(reply["choices"][0]["message"]["content"], "Hi! How");
        assert_eq!(reply["choices"][0]["finish_reason"], "stop");
    }
    let (plain, streamed) = both(&gateway, json!({"model": "deepseek-reasoner"}));
    let message = &plain["choices"][0]["message"];
    assert!(message["reasoning_content"].as_str().unwrap().len() > 20);
    assert_eq!(*message, streamed["choices"][0]["message"]);
    let want: Value = serde_json::from_slice(&sample("n2-chat-thinking/response.json")).unwrap();
    assert_eq!(keys(&plain), keys(&want));

    let (plain, streamed) = both(&gateway, json!({"model": "gpt-4o-image"}));
    assert!(plain["choices"][0]["message"]["content"].as_str().unwrap().starts_with("![image](https://"));
    assert!(streamed["choices"][0]["message"]["content"].as_str().unwrap().contains("100%\n\n![image](https://"));

    let image = json!([{"role": "user", "content": [
        {"type": "text", "text": "What is it?"}, {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}},
    ]}]);
    let (plain, _) = both(&gateway, json!({"messages": image}));
    let text = plain["choices"][0]["message"]["content"].as_str().unwrap();
    assert!(text.starts_with("I can see the image") && text.contains("What is it?"));
}

#[test]
fn the_gateway_calls_tools_keeps_schemas_and_speaks() {
    let gateway = gateway();
    let request_json: Value = serde_json::from_slice(&sample("1.4-chat-tools/request.json")).unwrap();
    let named = json!({"type": "function", "function": {"name": "get_current_weather"}});
    let allowed = json!({"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": [named.clone()]}});
    for choice in [json!("required"), named, allowed] {
        let (plain, streamed) = both(&gateway, json!({"tools": request_json["tools"], "tool_choice": choice}));
        for reply in [&plain, &streamed] {
            let call = &reply["choices"][0]["message"]["tool_calls"][0];
            assert_eq!(call["function"]["name"], "get_current_weather");
            let arguments: Value = serde_json::from_str(call["function"]["arguments"].as_str().unwrap()).unwrap();
            assert!(arguments["location"].is_string());
            assert_eq!(reply["choices"][0]["finish_reason"], "tool_calls");
        }
    }
    let followup: Value = serde_json::from_slice(&sample("1.4-chat-tools/request_followup.json")).unwrap();
    let (plain, _) = both(
        &gateway,
        json!({"messages": followup["messages"], "tool_choice": "required", "tools": followup["tools"]}),
    );
    assert!(plain["choices"][0]["message"]["content"].as_str().unwrap().contains("\"temperature\":22"));

    let format: Value = serde_json::from_slice(&sample("1.3-chat-structured/request.json")).unwrap();
    let (plain, _) = both(&gateway, json!({"response_format": format["response_format"]}));
    let made: Value = serde_json::from_str(plain["choices"][0]["message"]["content"].as_str().unwrap()).unwrap();
    assert!(made["steps"].is_array() && made["final_answer"].is_string());

    let audio = json!({"modalities": ["text", "audio"], "audio": {"voice": "alloy", "format": "pcm16"}});
    let (plain, streamed) = both(&gateway, audio);
    let spoken = |reply: &Value| reply["choices"][0]["message"]["audio"].clone();
    assert_eq!(spoken(&plain)["data"], spoken(&streamed)["data"]);
    assert_eq!(spoken(&plain)["transcript"], spoken(&streamed)["transcript"]);
    let wav = hello(json!({"modalities": ["audio"], "audio": {"voice": "alloy", "format": "wav"}}));
    let plain = ask(&request(&gateway, Mode::Reply, &wav)).unwrap().1.remove(0);
    assert!(spoken(&plain)["data"].as_str().unwrap().starts_with("UklGRv////9"));
}

#[test]
fn the_gateway_refuses() {
    let gateway = gateway();
    for (more, status, text) in [
        (json!({"messages": null}), 500, "field messages is required"),
        (json!({"messages": []}), 500, "field messages is required"),
        (json!({"messages": "Hello!"}), 500, "cannot unmarshal string"),
        (json!({"model": ""}), 400, "Model name not specified"),
        (json!({"temperature": "hot"}), 500, "field ***.temperature of type float64"),
        (json!({"n": 0}), 400, "Invalid 'n'"),
        (json!({"max_tokens": 2_000_000_000}), 500, "max_tokens is invalid"),
        (json!({"modalities": ["audio"]}), 400, "'audio'"),
        (json!({"web_search_options": {"search_context_size": "huge"}}), 500, "search_context_size"),
    ] {
        let error = ask(&request(&gateway, Mode::Reply, &hello(more))).unwrap_err();
        assert_eq!((error.status, error.attempts), (Some(status), 1), "{error}");
        assert!(error.message.contains(text), "{error}");
    }
    let mut call = request(&gateway, Mode::Reply, &hello(json!({})));
    call.key = Key::None;
    assert_eq!(ask(&call).unwrap_err().status, Some(401));
}
