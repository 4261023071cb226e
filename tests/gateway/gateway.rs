//! The local gateway over real sockets: requests written by hand, answers read by hand.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test may fail")]
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use wenwen::gateway::{BodyKind, Content, Delivery, End, Framing, Gateway, Scripted, Setup};

const TICK: Duration = Duration::from_millis(20);
const LONG: Duration = Duration::from_secs(10);

fn gateway() -> Gateway {
    Gateway::start(Setup::default()).expect("loopback can be bound")
}

fn connect(gateway: &Gateway) -> TcpStream {
    let stream = TcpStream::connect(gateway.address()).unwrap();
    stream.set_read_timeout(Some(LONG)).unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

fn request(method: &str, path: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let mut out = format!("{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{headers}").into_bytes();
    if !headers.to_ascii_lowercase().contains("transfer-encoding") {
        out.extend(format!("Content-Length: {}\r\n", body.len()).into_bytes());
    }
    out.extend(b"\r\n");
    out.extend(body);
    out
}

const KEYED: &str = "Authorization: Bearer sk-test\r\nContent-Type: application/json\r\n";

fn create(body: &Value) -> Vec<u8> {
    request("POST", "/v1/responses", KEYED, body.to_string().as_bytes())
}

fn hello() -> Value {
    json!({"model": "gpt-5", "input": [{"role": "user", "content": "Hello!"}]})
}

#[derive(Debug)]
struct Answer {
    status: u16,
    head: String,
    body: Vec<u8>,
    /// The sizes of the chunks the body came in; empty when it was not chunked.
    chunks: Vec<usize>,
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (n, v) = line.split_once(':')?;
            n.eq_ignore_ascii_case(name).then(|| v.trim())
        })
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("the body is JSON")
    }

    fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

fn read_until(stream: &mut TcpStream, got: &mut Vec<u8>, end: &[u8]) -> usize {
    let mut byte = [0];
    loop {
        if got.ends_with(end) {
            return got.len();
        }
        stream.read_exact(&mut byte).expect("the answer goes on");
        got.push(byte[0]);
    }
}

fn read_answer(stream: &mut TcpStream) -> Answer {
    let mut head = Vec::new();
    read_until(stream, &mut head, b"\r\n\r\n");
    let head = String::from_utf8(head).unwrap();
    let status = head[9..12].parse().unwrap();
    let mut answer = Answer { status, head, body: Vec::new(), chunks: Vec::new() };
    if let Some(length) = answer.header("content-length") {
        answer.body = vec![0; length.parse().unwrap()];
        stream.read_exact(&mut answer.body).unwrap();
    } else if answer.header("transfer-encoding") == Some("chunked") {
        loop {
            let mut line = Vec::new();
            read_until(stream, &mut line, b"\r\n");
            let size = std::str::from_utf8(&line[..line.len() - 2]).unwrap();
            let size = usize::from_str_radix(size, 16).unwrap();
            let mut chunk = vec![0; size + 2];
            stream.read_exact(&mut chunk).unwrap();
            if size == 0 {
                break;
            }
            answer.body.extend(&chunk[..size]);
            answer.chunks.push(size);
        }
    } else {
        stream.read_to_end(&mut answer.body).unwrap();
    }
    answer
}

fn ask(gateway: &Gateway, bytes: &[u8]) -> Answer {
    let mut stream = connect(gateway);
    stream.write_all(bytes).unwrap();
    read_answer(&mut stream)
}

/// Whatever comes until the connection ends, and whether it ended with an RST.
fn read_rest(stream: &mut TcpStream) -> (Vec<u8>, bool) {
    let (mut got, mut buffer) = (Vec::new(), [0; 4096]);
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => return (got, false),
            Ok(n) => got.extend(&buffer[..n]),
            Err(error) if error.kind() == ErrorKind::ConnectionReset => return (got, true),
            Err(error) => panic!("{error}"),
        }
    }
}

fn wait_until(gateway: &Gateway, what: impl Fn() -> bool) {
    let start = Instant::now();
    let mut seen = 0;
    while !what() {
        assert!(start.elapsed() < LONG, "it did not come about");
        seen = gateway.journal().wait(seen, TICK);
    }
}

/// The events of a stream as JSON, checking the form of each on the way.
fn events(body: &str) -> Vec<Value> {
    let mut all = Vec::new();
    for event in body.split_terminator("\n\n") {
        if event.starts_with(':') {
            continue;
        }
        let (name, data) = event.split_once('\n').unwrap();
        let value: Value = serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap();
        assert_eq!(name.strip_prefix("event: ").unwrap(), value["type"]);
        assert_eq!(value["sequence_number"], all.len());
        all.push(value);
    }
    all
}

/// Takes out what differs from answer to answer: ids, times, counts.
fn plain(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                match name.as_str() {
                    "id" | "item_id" | "call_id" => *value = json!("id"),
                    "created_at" | "input_tokens" | "output_tokens" | "total_tokens" => *value = json!(0),
                    _ => plain(value),
                }
            }
        }
        Value::Array(all) => all.iter_mut().for_each(plain),
        _ => {}
    }
}

/// Compares as text, so that the order of fields counts.
fn same(mut made: Value, mut sample: Value) {
    plain(&mut made);
    plain(&mut sample);
    assert_eq!(made.to_string(), sample.to_string());
}

#[test]
fn plain_answer_is_the_sample() {
    let gateway = gateway();
    let answer = ask(&gateway, &create(&hello()));
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("application/json; charset=utf-8"));
    assert_eq!(answer.header("x-oneapi-request-id").map(str::len), Some(31));
    assert!(answer.header("x-request-id").is_some());
    same(answer.json(), serde_json::from_str(include_str!("../../src/gateway/samples/responses.json")).unwrap());
    let usage = &answer.json()["usage"];
    assert_eq!(usage["input_tokens"], 7);
    assert_eq!(usage["output_tokens_details"]["reasoning_tokens"], 64);
    assert_eq!(usage["total_tokens"], 7 + usage["output_tokens"].as_u64().unwrap());
}

#[test]
fn stream_is_the_sample() {
    let gateway = gateway();
    let mut body = hello();
    body["stream"] = json!(true);
    let answer = ask(&gateway, &create(&body));
    assert_eq!(answer.header("content-type"), Some("text/event-stream"));
    assert_eq!(answer.header("cache-control"), Some("no-cache"));
    assert_eq!(answer.header("x-accel-buffering"), Some("no"));
    assert_eq!(answer.header("x-request-id"), None);
    let made = events(answer.text());
    assert_eq!(answer.chunks.len(), made.len());
    same(Value::from(made), Value::from(events(include_str!("../../src/gateway/samples/responses.sse"))));
    wait_until(&gateway, || gateway.journal().last().is_some_and(|entry| entry.outcome().end == End::Answered));
    let entry = gateway.journal().last().unwrap();
    assert_eq!(entry.progress.events.load(std::sync::atomic::Ordering::Relaxed), 19);
}

#[test]
fn function_call_is_the_sample() {
    let sample = events(include_str!("../../src/gateway/samples/responses_function_call.sse"));
    let tools = sample[0]["response"]["tools"].clone();
    let gateway = gateway();
    for choice in [json!("required"), json!({"type": "function", "name": "get_current_weather"})] {
        let body = json!({"model": "gpt-4.1", "input": "How is the weather?", "tools": tools,
            "tool_choice": choice, "stream": true});
        let mut made = events(ask(&gateway, &create(&body)).text());
        for event in &mut made {
            if let Some(response) = event.get_mut("response") {
                assert_eq!(response["tool_choice"], choice);
                response["tool_choice"] = json!("auto"); // the sample's model called of its own accord
            }
        }
        same(Value::from(made), Value::from(sample.clone()));
    }
    let body = json!({"model": "gpt-4.1", "tools": tools, "tool_choice": "required", "input": [
        {"role": "user", "content": "How is the weather?"},
        {"type": "function_call", "call_id": "call_1", "name": "get_current_weather", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "call_1", "output": "26 degrees"}]});
    let reply = ask(&gateway, &create(&body)).json();
    assert!(reply["output"][0]["content"][0]["text"].as_str().unwrap().contains("26 degrees"));
}

#[test]
fn incomplete_is_the_sample() {
    let gateway = gateway();
    let body = json!({"model": "gpt-4.1", "input": "Hello!", "max_output_tokens": 3, "stream": true});
    let made = events(ask(&gateway, &create(&body)).text());
    let last = made.last().unwrap();
    let sample = events(include_str!("../../src/gateway/samples/responses_incomplete.sse"));
    let sample = sample.last().unwrap();
    assert_eq!(last["type"], sample["type"]);
    let response = &last["response"];
    for field in ["status", "incomplete_details", "service_tier", "error"] {
        assert_eq!(response[field], sample["response"][field], "{field}");
    }
    assert_eq!(response["max_output_tokens"], 3);
    assert_eq!(response["usage"]["output_tokens"], 3);
    let text = response["output"][0]["content"][0]["text"].as_str().unwrap();
    assert_eq!(text, "Hi! How can ");
    let deltas: String = made.iter().filter_map(|event| event["delta"].as_str()).collect();
    assert_eq!(deltas, text);
    assert_eq!(response["output"][0]["status"], "incomplete");
}

#[test]
fn parameters_are_echoed() {
    let gateway = gateway();
    let body = json!({"model": "gpt-4o", "input": "今天天气怎么样?", "instructions": "Be brief.",
        "temperature": 0.5, "top_p": 0.25, "max_output_tokens": 4096, "metadata": {"a": "b"}, "store": false,
        "previous_response_id": "resp_1", "truncation": "auto", "user": "u", "parallel_tool_calls": false,
        "service_tier": "flex", "reasoning": {"effort": "low"}, "text": {"verbosity": "low"},
        "tools": [{"type": "web_search_preview"}], "tool_choice": "none", "background": null,
        "prompt_cache_key": "k", "safety_identifier": "s", "top_logprobs": 2, "max_tool_calls": 3});
    let reply = ask(&gateway, &create(&body)).json();
    for (name, value) in body.as_object().unwrap() {
        match name.as_str() {
            "model" => assert_eq!(reply["model"], "gpt-4o-2024-08-06"),
            "reasoning" => assert_eq!(reply["reasoning"], json!({"effort": "low", "summary": null})),
            "text" => assert_eq!(reply["text"], json!({"format": {"type": "text"}, "verbosity": "low"})),
            "background" => assert_eq!(reply["background"], false),
            "tools" => assert_eq!(reply["tools"][0]["search_context_size"], "medium"),
            "input" => {
                let text = reply["output"][0]["content"][0]["text"].as_str().unwrap();
                assert!(text.contains("今天天气怎么样"), "{text}");
            }
            name => assert_eq!(&reply[name], value, "{name}"),
        }
    }
    assert_eq!(reply["output"].as_array().unwrap().len(), 1);
    assert_eq!(reply["usage"]["output_tokens_details"]["reasoning_tokens"], 0);
}

#[test]
fn structured_output_fits_its_schema() {
    let gateway = gateway();
    let schema = json!({"type": "object", "properties": {
        "steps": {"type": "array", "items": {"type": "object", "properties": {
            "explanation": {"type": "string"}, "output": {"type": "string"}},
            "required": ["explanation", "output"], "additionalProperties": false}},
        "final": {"type": "number"}}, "required": ["steps", "final"], "additionalProperties": false});
    let body = json!({"model": "gpt-4o", "input": "8x + 31 = 2",
        "text": {"format": {"type": "json_schema", "name": "math", "schema": schema, "strict": true}}});
    let reply = ask(&gateway, &create(&body)).json();
    let text = reply["output"][0]["content"][0]["text"].as_str().unwrap();
    let made: Value = serde_json::from_str(text).unwrap();
    assert!(made["steps"][0]["explanation"].is_string() && made["final"].is_number());
    assert_eq!(reply["text"]["format"]["schema"], schema);
}

fn error_of(answer: &Answer) -> (u16, Value) {
    (answer.status, answer.json()["error"].clone())
}

#[test]
fn refusals() {
    let gateway = Gateway::start(Setup { api_key: Some("sk-right".into()), ..Setup::default() }).unwrap();
    let right = "Authorization: Bearer sk-right\r\n";
    let right_json = "Authorization: Bearer sk-right\r\nContent-Type: application/json\r\n";
    let post = |headers: &str, body: &str| ask(&gateway, &request("POST", "/v1/responses", headers, body.as_bytes()));

    let no_key = post("Content-Type: application/json\r\n", "{}");
    let (status, error) = error_of(&no_key);
    assert_eq!((status, &error["type"], &error["code"]), (401, &json!("new_api_error"), &json!("")));
    let id = no_key.header("x-oneapi-request-id").unwrap();
    assert!(error["message"].as_str().unwrap().ends_with(&format!(" (request id: {id})")));
    let wrong_key = post("Authorization: Bearer sk-wrong\r\n", "{}");
    assert!(error_of(&wrong_key).1["message"].as_str().unwrap().starts_with("Invalid token (request id: "));

    assert_eq!(error_of(&post(right_json, "{\"model\": ")).0, 400);
    for body in ["{}", "[]", "{\"model\": null}", "{\"model\": \"\", \"input\": \"x\"}"] {
        let (status, error) = error_of(&post(right_json, body));
        assert_eq!(status, 400);
        assert!(
            error["message"]
                .as_str()
                .unwrap()
                .starts_with("Model name not specified, model name cannot be empty (request id: "),
            "{error}"
        );
    }
    assert_eq!(error_of(&post(right_json, "{\"model\": 5}")).0, 400);
    // Without its content type the body is not read for a model.
    assert_eq!(error_of(&post(right, "{\"model\": \"gpt-5\", \"input\": \"x\"}")).0, 400);
    for body in ["{\"model\": \"gpt-5\"}", "{\"model\": \"gpt-5\", \"input\": \"x\", \"stream\": \"yes\"}"] {
        let (status, error) = error_of(&post(right_json, body));
        assert_eq!((status, &error["code"], &error["param"]), (500, &json!("invalid_request"), &json!("")));
    }

    for (method, path) in [
        ("POST", "/v1/nope"),
        ("GET", "/v1/responses"),
        ("GET", "/v1/responses/resp_1"),
        ("DELETE", "/v1/responses/resp_1"),
        ("POST", "/v1/responses/resp_1/cancel"),
        ("GET", "/v1/responses/resp_1/input_items?limit=2"),
        ("POST", "/v1beta/nope"),
    ] {
        let (status, error) = error_of(&ask(&gateway, &request(method, path, "", b"")));
        let path = path.split('?').next().unwrap();
        let wanted = json!({"message": format!("Invalid URL ({method} {path})"),
            "type": "invalid_request_error", "param": "", "code": ""});
        assert_eq!((status, error.to_string()), (404, wanted.to_string()));
    }
    for (method, path) in [("POST", "/responses"), ("POST", "/mj/nope"), ("GET", "/mj/submit/imagine"), ("GET", "/")] {
        let page = ask(&gateway, &request(method, path, right_json, b"{}"));
        assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")), "{path}");
        assert!(page.text().starts_with("<!doctype html>"));
    }
}

#[test]
fn requests_in_every_framing() {
    let gateway = gateway();
    let mut stream = connect(&gateway);
    let body = hello().to_string();
    // Keep-alive: one connection, one after the other, and two at once.
    for _ in 0..3 {
        stream.write_all(&create(&hello())).unwrap();
        assert_eq!(read_answer(&mut stream).status, 200);
    }
    stream.write_all(&[create(&hello()), create(&hello())].concat()).unwrap();
    assert_eq!((read_answer(&mut stream).status, read_answer(&mut stream).status), (200, 200));
    // Chunked, byte by byte.
    let chunked = format!("{KEYED}Transfer-Encoding: chunked\r\n");
    let mut bytes = request("POST", "/v1/responses", &chunked, b"");
    for piece in body.as_bytes().chunks(7) {
        bytes.extend(format!("{:X};x=y\r\n", piece.len()).into_bytes());
        bytes.extend(piece);
        bytes.extend(b"\r\n");
    }
    bytes.extend(b"0\r\nTrailer: x\r\n\r\n");
    for byte in bytes {
        stream.write_all(&[byte]).unwrap();
    }
    assert_eq!(read_answer(&mut stream).status, 200);
    // Compressed.
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(body.as_bytes()).unwrap();
    let packed = encoder.finish().unwrap();
    let headers = format!("{KEYED}Content-Encoding: gzip\r\n");
    stream.write_all(&request("POST", "/v1/responses", &headers, &packed)).unwrap();
    assert_eq!(read_answer(&mut stream).status, 200);
    let entry = gateway.journal().last().unwrap();
    assert_eq!(entry.body().unwrap(), body.as_bytes());
    assert_eq!((entry.request.wire_bytes, entry.request.connection), (packed.len(), 1));
    // With the body held back until asked for.
    let headers = format!("{KEYED}Expect: 100-continue\r\n");
    let bytes = request("POST", "/v1/responses", &headers, body.as_bytes());
    let (head, rest) = bytes.split_at(bytes.len() - body.len());
    stream.write_all(head).unwrap();
    let mut interim = Vec::new();
    read_until(&mut stream, &mut interim, b"\r\n\r\n");
    assert_eq!(interim, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(rest).unwrap();
    assert_eq!(read_answer(&mut stream).status, 200);
    assert_eq!((gateway.connections(), gateway.open_connections()), (1, 1));
    // The client's word that it is the last; not one that only has it in it.
    for (headers, last) in [
        ("Connection: not-close, keep-alive\r\n", false),
        ("Connection: close\r\n", true),
        ("Connection: x, Close\r\nConnection: keep-alive\r\n", true),
    ] {
        let mut stream = connect(&gateway);
        stream.write_all(&request("POST", "/v1/responses", &format!("{KEYED}{headers}"), body.as_bytes())).unwrap();
        assert_eq!(read_answer(&mut stream).header("connection"), last.then_some("close"), "{headers}");
        assert!(!last || stream.read(&mut [0]).unwrap() == 0);
    }
    drop(stream);
    wait_until(&gateway, || gateway.open_connections() == 0);
}

#[test]
fn requests_in_a_row_are_answered_in_their_order() {
    let gateway = gateway();
    for n in 0..3 {
        gateway.push(Scripted::new(200, BodyKind::Text, n.to_string()));
    }
    let mut stream = connect(&gateway);
    let body = hello().to_string();
    let chunked = format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
    let all = [
        request("POST", "/v1/responses", KEYED, body.as_bytes()),
        request("POST", "/v1/chat/completions", &format!("{KEYED}Transfer-Encoding: chunked\r\n"), chunked.as_bytes()),
        request("GET", "/v1/models", KEYED, b""),
    ];
    stream.write_all(&all.concat()).unwrap();
    for n in 0..3 {
        assert_eq!(read_answer(&mut stream).text(), n.to_string());
    }
    let entries = gateway.journal().entries();
    let paths: Vec<&str> = entries.iter().map(|entry| entry.request.path.as_str()).collect();
    assert_eq!(paths, ["/v1/responses", "/v1/chat/completions", "/v1/models"]);
    assert_eq!(
        entries.iter().map(|entry| entry.body().unwrap().len()).collect::<Vec<_>>(),
        [body.len(), body.len(), 0]
    );
}

#[test]
fn what_is_no_request_is_refused() {
    let config = Setup { max_head: 4096, max_body: 10_000, ..Setup::default() };
    let gateway = Gateway::start(config).unwrap();
    let long = format!("X-Long: {}\r\n", "x".repeat(20_000));
    for (bytes, status) in [
        (b"nonsense\r\n\r\n".to_vec(), 400),
        (request("POST", "/v1/responses", &long, b""), 431),
        (request("POST", "/v1/responses", KEYED, &[b' '; 10_001]), 400),
        (request("POST", "/v1/audio/transcriptions", KEYED, &[b' '; 10_001]), 413),
        (request("POST", "/v1/responses", "Transfer-Encoding: chunked\r\n", b"zz\r\n"), 400),
        (request("POST", "/v1/responses", "Transfer-Encoding: chunked\r\n", b"ffffffffffff\r\n"), 400),
        (request("POST", "/v1/responses", "Content-Length: 7\r\n", b""), 400),
        (request("POST", "/v1/responses", "Content-Encoding: gzip\r\n", b"not gzip"), 400),
    ] {
        let answer = ask(&gateway, &bytes);
        assert_eq!(answer.status, status);
        assert!(answer.json()["error"]["message"].is_string());
    }
    // A bomb: small as sent, large when unpacked.
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(&vec![b' '; 1 << 20]).unwrap();
    let bomb = encoder.finish().unwrap();
    let answer = ask(&gateway, &request("POST", "/", "Content-Encoding: gzip\r\n", &bomb));
    assert_eq!(answer.status, 400);
    assert!(answer.text().contains("Invalid request: request body exceeds 1 MB (request id: "), "{}", answer.text());
}

/// Forms that two servers in a row could read differently.
#[test]
fn what_could_be_read_in_two_ways_is_refused() {
    let gateway = gateway();
    let body = hello().to_string();
    let send = |head: &str, body: &str| {
        let mut stream = connect(&gateway);
        stream.write_all(format!("POST /v1/responses HTTP/1.1{head}\r\n\r\n{body}").as_bytes()).unwrap();
        read_answer(&mut stream).status
    };
    let length = format!("Content-Length: {}", body.len());
    let host = format!("\r\nHost: localhost\r\n{}", KEYED.trim_end());
    let chunk = format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
    assert_eq!(send(&format!("{host}\r\n{length}"), &body), 200);
    assert_eq!(send(&format!("{host}\r\n{length}\r\n{length}"), &body), 200); // the same twice is one
    assert_eq!(send(&format!("{host}\r\ncontent-length: \t{}  ", body.len()), &body), 200); // blanks around are none of it
    assert_eq!(send(&format!("{host}\r\ntransfer-encoding: Chunked"), &chunk), 200);
    let n = body.len();
    for headers in [
        format!("{length}\r\nTransfer-Encoding: chunked"),
        format!("Transfer-Encoding: chunked\r\n{length}"),
        format!("{length}\r\nContent-Length: 1"),
        format!("Content-Length: {n}, {n}"),
        format!("Content-Length: +{n}"),
        format!("Content-Length: -{n}"),
        format!("Content-Length: 0x{n:x}"),
        format!("Content-Length: {n}.0"),
        format!("Content-Length: {n} {n}"),
        "Content-Length:".to_owned(),
        "Content-Length: ５".to_owned(),
        "Content-Length: 99999999999999999999".to_owned(),
        format!("Content-Length : {n}"),
        "Transfer-Encoding: xchunked".to_owned(),
        "Transfer-Encoding: chunkedx".to_owned(),
        "Transfer-Encoding: gzip, chunked".to_owned(),
        "Transfer-Encoding: chunked, identity".to_owned(),
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked".to_owned(),
        "Transfer-Encoding: identity".to_owned(),
        "Transfer-Encoding:".to_owned(),
        format!("X-Folded: a\r\n b\r\n{length}"),
        format!("X-Folded: a\r\n\tb\r\n{length}"),
        format!("X-Alone: a\n{length}"),
        format!("{length}\n"),
        format!("X-Carriage: a\rb\r\n{length}"),
        format!("X-Nul: a\0b\r\n{length}"),
        format!("No colon\r\n{length}"),
        format!("Host: localhost\r\n{length}"),
        format!("\0X: a\r\n{length}"),
        format!("X\0: a\r\n{length}"),
        format!("X Y: a\r\n{length}"),
        format!(": a\r\n{length}"),
    ] {
        let status = send(&format!("{host}\r\n{headers}"), if headers.contains("chunked") { &chunk } else { &body });
        assert_eq!(status, 400, "{headers:?}");
    }
    let extended = format!("0{n:x} ;a=b;c=\"d\"\r\n{body}\r\n00;e\r\nX: y\r\n\r\n");
    assert_eq!(send(&format!("{host}\r\nTransfer-Encoding: chunked"), &extended), 200);
    // Lines before a request, and what stands between its words.
    for (start, status) in [
        ("\r\n\r\nPOST /v1/responses HTTP/1.1", 200),
        ("\nPOST /v1/responses HTTP/1.1", 400),
        ("\rPOST /v1/responses HTTP/1.1", 400),
        (" POST /v1/responses HTTP/1.1", 400),
        ("POST  /v1/responses HTTP/1.1", 400),
        ("POST\t/v1/responses HTTP/1.1", 400),
        ("POST /v1/responses  HTTP/1.1", 400),
        ("POST /v1/responses HTTP/1.2", 400),
        ("POST /v1/responses HTTP/1.1x", 400),
        ("POST /v1/responses http/1.1", 400),
        ("POST /v1/responses", 400),
        ("P\0ST /v1/responses HTTP/1.1", 400),
        ("POST /v1/\0responses HTTP/1.1", 400),
        ("POST /v1/responses HTTP/1.1\r\n Folded: a", 400),
    ] {
        let mut stream = connect(&gateway);
        stream.write_all(format!("{start}{host}\r\n{length}\r\n\r\n{body}").as_bytes()).unwrap();
        assert_eq!(read_answer(&mut stream).status, status, "{start:?}");
    }
    for sizes in [
        format!("+{n:x}\r\n{body}\r\n0\r\n\r\n"),
        format!(" {n:x}\r\n{body}\r\n0\r\n\r\n"),
        format!("0x{n:x}\r\n{body}\r\n0\r\n\r\n"),
        format!("{n:x}\n{body}\r\n0\r\n\r\n"),
        format!("{n:x}\r\n{body}0\r\n\r\n"),
        format!("{n:x}\r\n{body}\r\n0\n\r\n"),
        format!("{n:x}\r\n{body}\r\n0\r\nX: y\n\r\n"),
        format!("\r\n{body}\r\n0\r\n\r\n"),
        format!("{n:x}\r\r\n{body}\r\n0\r\n\r\n"),
        format!("{n:x} \r\n{body}\r\n0\r\n\r\n"),
        format!("{n:x};a\rb\r\n{body}\r\n0\r\n\r\n"),
        format!("{n:x};a\nb\r\n{body}\r\n0\r\n\r\n"),
        format!("{n:x};a=\0\r\n{body}\r\n0\r\n\r\n"),
        format!("1{:016x}\r\n{body}\r\n0\r\n\r\n", n),
        format!("{n:x}\r\n{body}\r\n0\r\nno colon\r\n\r\n"),
        format!("{n:x}\r\n{body}\r\n0\r\n folded: a\r\n\r\n"),
        format!("{n:x}\r\n{body}\r\n0\r\nX: a\rY: b\r\n\r\n"),
    ] {
        assert_eq!(send(&format!("{host}\r\nTransfer-Encoding: chunked"), &sizes), 400, "{sizes:?}");
    }
}

/// A page in a browser can have a name of its own resolve to a loopback address, and then reads what comes from there.
#[test]
fn only_names_of_this_machine_are_answered() {
    let gateway = gateway();
    gateway.push(Scripted { times: 0, ..Scripted::new(200, BodyKind::Text, "yes") });
    let port = gateway.address().port();
    let ask = |start: &str, host: &str| {
        let mut stream = connect(&gateway);
        stream.write_all(format!("{start}\r\n{host}Content-Length: 0\r\n\r\n").as_bytes()).unwrap();
        let answer = read_answer(&mut stream);
        (answer.status, answer.text().to_owned())
    };
    let here = |port: &str| {
        ["127.0.0.1", "127.9.9.9", "localhost", "LOCALHOST", "localhost.", "a.localhost", "[::1]"]
            .map(|h| format!("{h}{port}"))
    };
    for host in here("").into_iter().chain(here(&format!(":{port}"))) {
        assert_eq!(ask("GET / HTTP/1.1", &format!("Host: {host}\r\n")).0, 200, "{host}");
    }
    for host in [
        "evil.example",
        "evil.example:80",
        "10.0.0.1",
        "192.168.0.7:8080",
        "[2001:db8::1]",
        "localhost.evil.example",
        "evillocalhost",
        "127.0.0.1.evil.example",
        "evil.example@localhost",
        "127.0.0.1@evil.example",
        "evil@a.localhost",
        "evil.example/.localhost",
        "evil.example .localhost",
        "localhost:80@evil.example",
        "localhost:80:80",
        "localhost:x",
        "localhost..",
        "[::1].evil.example",
        "[::1]:80.evil.example",
        "[::ffff:127.0.0.1]",
        "0177.0.0.1",
        "127.1",
        "0.0.0.0",
        "gateway",
        "",
        "[",
        "::1]",
    ] {
        let (status, text) = ask("GET / HTTP/1.1", &format!("Host: {host}\r\n"));
        assert_eq!(status, 403, "{host}");
        assert!(text.contains("loopback addresses only"), "{text}");
    }
    // It is in the journal, and has taken nothing of the script.
    let entry = gateway.journal().last().unwrap();
    assert_eq!((entry.request.header("host"), entry.outcome().status), (Some("::1]"), Some(403)));
    assert_eq!(ask("GET / HTTP/1.1", "").0, 400);
    assert_eq!(ask("GET / HTTP/1.0", "").0, 200);
    assert_eq!(ask("GET / HTTP/1.1", "Host: localhost\r\nHost: localhost\r\n").0, 400);
    // A target that only looks like a whole URL is no reason not to look at the Host.
    for target in ["/v1/models?u=http://x/", "/http://x/", "/x://y"] {
        assert_eq!(ask(&format!("GET {target} HTTP/1.1"), "Host: evil.example\r\n").0, 403, "{target}");
    }
    for target in [
        "models",
        "?a",
        "//",
        "http://",
        "http:///v1",
        "http://a@localhost/v1",
        "://x",
        "9x://y/",
        "*",
        "/a#b",
        "localhost:80",
    ] {
        let wanted = if target == "//" { 200 } else { 400 };
        assert_eq!(ask(&format!("GET {target} HTTP/1.1"), "Host: localhost\r\n").0, wanted, "{target}");
    }
    assert_eq!(ask("OPTIONS * HTTP/1.1", "Host: localhost\r\n").0, 200);
    // What is asked of a proxy is no page's.
    assert_eq!(ask("GET http://api.example.com/v1/models HTTP/1.1", "Host: api.example.com\r\n").0, 200);
    assert_eq!(ask("CONNECT api.example.com:443 HTTP/1.1", "Host: api.example.com:443\r\n").0, 200);
}

#[test]
fn connections_that_say_nothing_go() {
    let gateway = Gateway::start(Setup { idle: 2 * TICK, ..Setup::default() }).unwrap();
    let whole = create(&hello());
    let chunked = request("POST", "/v1/responses", &format!("{KEYED}Transfer-Encoding: chunked\r\n"), b"5\r\nab");
    for begun in [&b""[..], b"POST", b"\r\n\r\n", &whole[..whole.len() - 1], &chunked] {
        let mut stream = connect(&gateway);
        stream.write_all(begun).unwrap();
        assert_eq!(read_rest(&mut stream).0, b"", "{}", String::from_utf8_lossy(begun));
    }
    // Nor is one kept for a word now and then: a head has to come within that time.
    let mut stream = connect(&gateway);
    let began = std::time::Instant::now();
    while stream.write_all(b"G").is_ok() {
        std::thread::sleep(TICK);
        assert!(began.elapsed() < 1000 * TICK);
    }
    // Between two requests too; but not while an answer is waited for.
    let slow = Delivery { delay: Some(5 * TICK), ..Delivery::default() };
    gateway.push(shaped(Some(Content::new(200, BodyKind::Text, "late".into())), slow));
    let mut stream = connect(&gateway);
    stream.write_all(&whole).unwrap();
    assert_eq!(read_answer(&mut stream).text(), "late");
    assert_eq!(read_rest(&mut stream).0, b"");
    wait_until(&gateway, || gateway.open_connections() == 0);
}

#[test]
fn scripts_come_in_order_then_defaults() {
    let gateway = gateway();
    let mut doubled = Scripted::new(200, BodyKind::Text, "two");
    doubled.times = 2;
    doubled.headers = vec![("X-CamelCase".into(), "yes".into()), ("content-type".into(), "text/x".into())];
    gateway.push(doubled);
    gateway.push(Scripted::status(503));
    gateway.push(Scripted::status(524));
    let mut limited = Scripted::status(429);
    limited.headers.push(("Retry-After".into(), "0.1".into()));
    gateway.push(limited);
    assert_eq!(gateway.script_left(), 5);
    for _ in 0..2 {
        let answer = ask(&gateway, &request("GET", "/anything", "", b""));
        assert_eq!((answer.status, answer.text()), (200, "two"));
        assert!(answer.head.contains("X-CamelCase: yes\r\n") && answer.head.contains("content-type: text/x\r\n"));
        assert!(!answer.head.contains("Content-Type"));
    }
    let answer = ask(&gateway, &create(&json!({"model": "gpt-nope"})));
    assert_eq!(answer.status, 503);
    assert!(answer.text().contains("gpt-nope") && answer.text().contains("model_not_found"));
    let answer = ask(&gateway, &create(&hello()));
    assert_eq!((answer.status, answer.header("content-type")), (524, Some("text/html")));
    assert_eq!(answer.header("x-oneapi-request-id"), None);
    let answer = ask(&gateway, &create(&hello()));
    assert_eq!((answer.status, answer.header("retry-after")), (429, Some("0.1")));
    assert_eq!(answer.json()["error"]["code"], "rate_limit_exceeded");
    assert_eq!(ask(&gateway, &create(&hello())).json()["status"], "completed");
    assert_eq!(gateway.script_left(), 0);
    let statuses: Vec<_> = gateway.journal().entries().iter().map(|entry| entry.outcome().status).collect();
    assert_eq!(statuses, [200, 200, 503, 524, 429, 200].map(Some));
}

fn shaped(content: Option<Content>, shape: Delivery) -> Scripted {
    Scripted { content, shape, ..Scripted::default() }
}

#[test]
fn bodies_in_pieces() {
    let gateway = gateway();
    let pieces = |sizes: &[&str]| {
        let pieces = sizes.iter().map(|s| s.to_string().into()).collect();
        Content { pieces, ..Content::new(200, BodyKind::Text, "".into()) }
    };
    gateway.push(shaped(Some(pieces(&["ab", "c", "", "def"])), Delivery::default()));
    assert_eq!(ask(&gateway, &create(&hello())).chunks, [2, 1, 3]);
    let shape = Delivery { chunk_size: Some(4), gap: Some(TICK), ..Delivery::default() };
    gateway.push(shaped(Some(pieces(&["0123456789"])), shape));
    let start = Instant::now();
    let answer = ask(&gateway, &create(&hello()));
    assert_eq!((answer.text(), answer.chunks.as_slice()), ("0123456789", &[4, 4, 2][..]));
    assert!(start.elapsed() >= 2 * TICK);
    for (framing, length, encoding) in
        [(Framing::Length, Some("6"), None), (Framing::Chunked, None, Some("chunked")), (Framing::Close, None, None)]
    {
        gateway.push(shaped(Some(pieces(&["abc", "def"])), Delivery { framing, ..Delivery::default() }));
        let answer = ask(&gateway, &create(&hello()));
        assert_eq!(answer.text(), "abcdef");
        assert_eq!((answer.header("content-length"), answer.header("transfer-encoding")), (length, encoding));
    }
    gateway.push(shaped(Some(pieces(&["abcabc"])), Delivery { gzip: true, ..Delivery::default() }));
    let answer = ask(&gateway, &create(&hello()));
    assert_eq!(answer.header("content-encoding"), Some("gzip"));
    let mut text = String::new();
    flate2::read::GzDecoder::new(&answer.body[..]).read_to_string(&mut text).unwrap();
    assert_eq!(text, "abcabc");
    gateway.push(shaped(Some(Content::new(204, BodyKind::Bytes, "".into())), Delivery::default()));
    let mut stream = connect(&gateway);
    stream.write_all(&create(&hello())).unwrap();
    stream.shutdown(Shutdown::Write).ok();
    let (got, _) = read_rest(&mut stream);
    let head = String::from_utf8(got).unwrap();
    assert!(head.starts_with("HTTP/1.1 204") && !head.contains("Content-"), "{head}");
}

#[test]
fn delays_and_pings() {
    let config =
        Setup { latency: 4 * TICK, event_delay: TICK, ping_interval: Some(TICK + TICK / 2), ..Setup::default() };
    let gateway = Gateway::start(config).unwrap();
    let mut body = hello();
    body["stream"] = json!(true);
    let start = Instant::now();
    let mut stream = connect(&gateway);
    stream.write_all(&create(&body)).unwrap();
    let answer = read_answer(&mut stream);
    assert!(start.elapsed() > 20 * TICK);
    assert!(answer.text().starts_with(": PING\n\n: PING\n\nevent: response.created\n"), "{}", answer.text());
    assert_eq!(events(answer.text()).len(), 19);
    // What the upstream refuses after the first of them can have no status of its own; what the gateway refuses can.
    let mut refused = body.clone();
    refused["tools"] = json!([{"type": "no such"}]);
    let mut stream = connect(&gateway);
    stream.write_all(&create(&refused)).unwrap();
    let answer = read_answer(&mut stream);
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("text/event-stream")));
    let line = answer.text().rsplit("\n\n").next().unwrap();
    assert_eq!(serde_json::from_str::<Value>(line).unwrap()["error"]["code"], "invalid_value");
    assert_eq!(answer.text(), format!(": PING\n\n: PING\n\n{line}"));
    assert_eq!(ask(&gateway, &create(&json!({"model": "gpt-5", "stream": true}))).status, 500);
    let mut pinged = Scripted::events(["data: {}\n\n"]);
    pinged.shape = Delivery { delay: Some(Duration::ZERO), pings: 3, ping_interval: TICK, ..Delivery::default() };
    gateway.push(pinged);
    let answer = ask(&gateway, &create(&body));
    assert_eq!(answer.text(), ": PING\n\n: PING\n\n: PING\n\ndata: {}\n\n");
}

#[test]
fn broken_off() {
    let gateway = gateway();
    let text = || Some(Content::new(200, BodyKind::Text, "0123456789".into()));
    let outcome = |shape: Delivery| {
        gateway.push(shaped(text(), shape));
        let mut stream = connect(&gateway);
        stream.write_all(&create(&hello())).unwrap();
        let (got, reset) = read_rest(&mut stream);
        wait_until(&gateway, || gateway.journal().last().is_some_and(|entry| entry.outcome().end != End::Open));
        assert_eq!(gateway.journal().last().unwrap().outcome().end, End::Cut);
        (String::from_utf8(got).unwrap(), reset)
    };
    let (got, reset) = outcome(Delivery { cut: Some(4), ..Delivery::default() });
    assert!(got.contains("Content-Length: 10\r\n") && got.ends_with("\r\n\r\n0123") && !reset);
    let (got, reset) = outcome(Delivery { cut: Some(4), framing: Framing::Chunked, ..Delivery::default() });
    assert!(got.ends_with("\r\n\r\n4\r\n0123\r\n") && !reset);
    let (_, reset) = outcome(Delivery { cut: Some(4), reset: true, ..Delivery::default() });
    assert!(reset);
    assert_eq!(outcome(Delivery { close: true, ..Delivery::default() }), (String::new(), false));
    assert_eq!(outcome(Delivery { close: true, reset: true, ..Delivery::default() }), (String::new(), true));
    // The usual answer breaks off as well.
    let mut cut = Scripted::default();
    cut.shape.cut = Some(20);
    gateway.push(cut);
    let mut stream = connect(&gateway);
    stream.write_all(&create(&hello())).unwrap();
    let got = String::from_utf8(read_rest(&mut stream).0).unwrap();
    assert_eq!(got.split_once("\r\n\r\n").unwrap().1.len(), 20);

    gateway.push(Scripted::new(0, BodyKind::Raw, "HTTP/1.1 2"));
    let mut stream = connect(&gateway);
    stream.write_all(&create(&hello())).unwrap();
    assert_eq!(read_rest(&mut stream), (b"HTTP/1.1 2".to_vec(), false));
    wait_until(&gateway, || gateway.open_connections() == 0);
}

#[test]
fn a_leaving_client_is_noticed_at_once() {
    let gateway = gateway();
    let closed = |entry_of: usize| {
        let entries = gateway.journal().entries();
        entries.get(entry_of).is_some_and(|entry| entry.outcome().end == End::ClientClosed)
    };
    // Stalled, waiting, in the middle of a stream, and with more to write than anybody reads.
    let big = Content::new(200, BodyKind::Bytes, vec![b'x'; 64 << 20].into());
    let cases = [
        shaped(
            Some(Content::new(200, BodyKind::Text, "0123".into())),
            Delivery { stall: Some(2), ..Delivery::default() },
        ),
        shaped(None, Delivery { delay: Some(LONG), ..Delivery::default() }),
        shaped(
            Some(Content { pieces: vec!["a".into(); 1000], ..Content::new(200, BodyKind::Events, "".into()) }),
            Delivery { gap: Some(TICK), ..Delivery::default() },
        ),
        shaped(Some(big), Delivery::default()),
    ];
    for (at, case) in cases.into_iter().enumerate() {
        gateway.push(case);
        let mut stream = connect(&gateway);
        stream.write_all(&create(&hello())).unwrap();
        if at != 1 {
            stream.read_exact(&mut [0; 5]).unwrap();
        }
        wait_until(&gateway, || gateway.journal().entries().len() == at + 1);
        assert!(!closed(at));
        drop(stream);
        wait_until(&gateway, || closed(at));
    }
    wait_until(&gateway, || gateway.open_connections() == 0);
}

#[test]
fn a_handler_answers_from_its_own_thread() {
    let gateway = gateway();
    gateway.set_handler(true);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for n in 0..3 {
                let call = gateway.next_call(LONG).unwrap();
                let path = call.entry.request.path.clone();
                match n {
                    0 => assert!(call.answer(Scripted::new(201, BodyKind::Text, path))),
                    1 => assert!(call.answer(Scripted::default())),
                    _ => drop(call),
                }
            }
        });
        let answer = ask(&gateway, &request("GET", "/a", "", b""));
        assert_eq!((answer.status, answer.text()), (201, "/a"));
        assert_eq!(ask(&gateway, &create(&hello())).json()["status"], "completed");
        assert_eq!(ask(&gateway, &create(&hello())).status, 500);
    });
    assert!(gateway.next_call(TICK).is_none());
    // One that has left while waiting is not handed out.
    let mut stream = connect(&gateway);
    stream.write_all(&create(&hello())).unwrap();
    wait_until(&gateway, || gateway.journal().entries().len() == 4);
    drop(stream);
    wait_until(&gateway, || gateway.journal().last().unwrap().outcome().end == End::ClientClosed);
    assert!(gateway.next_call(TICK).is_none());
    // Nor does one wait for a handler that has left.
    let mut stream = connect(&gateway);
    stream.write_all(&create(&hello())).unwrap();
    wait_until(&gateway, || gateway.journal().entries().len() == 5);
    std::thread::sleep(TICK); // entered in the journal, it goes and stands in line
    gateway.set_handler(false);
    assert_eq!(read_answer(&mut stream).status, 500);
    stream.write_all(&create(&hello())).unwrap();
    assert_eq!(read_answer(&mut stream).status, 200);
}

#[test]
fn the_journal_is_bounded() {
    let config = Setup { journal_entries: 3, journal_bytes: 400, ..Setup::default() };
    let gateway = Gateway::start(config).unwrap();
    let mut stream = connect(&gateway);
    for n in 0..5 {
        let bytes = request("POST", &format!("/{n}?q=1"), "X-Case: Kept\r\n", &[b'x'; 150]);
        stream.write_all(&bytes).unwrap();
        read_answer(&mut stream);
    }
    let entries = gateway.journal().entries();
    let kept: Vec<_> = entries.iter().map(|entry| (entry.index, entry.body().is_some())).collect();
    assert_eq!(kept, [(2, false), (3, true), (4, true)]);
    let request = &entries[2].request;
    assert_eq!((request.path.as_str(), request.query.as_str(), request.target.as_str()), ("/4", "q=1", "/4?q=1"));
    assert!(request.headers.contains(&("X-Case".into(), "Kept".into())));
    assert_eq!(request.header("x-CASE"), Some("Kept"));
    gateway.journal().clear();
    assert!(gateway.journal().last().is_none());
}

#[test]
fn closing() {
    let gateway = gateway();
    gateway.set_handler(true);
    let mut stream = connect(&gateway);
    stream.write_all(&create(&hello())).unwrap();
    wait_until(&gateway, || gateway.journal().last().is_some());
    gateway.close();
    gateway.close();
    assert_eq!(stream.read(&mut [0]).unwrap(), 0);
    assert_eq!(gateway.journal().last().unwrap().outcome().end, End::GatewayClosed);
    assert!(gateway.next_call(LONG).is_none());
    let again = Setup { port: gateway.address().port(), ..Setup::default() };
    assert_eq!(Gateway::start(again).unwrap().address(), gateway.address());
    let refused = Gateway::start(Setup { host: "0.0.0.0".into(), ..Setup::default() });
    assert!(refused.err().unwrap().to_string().contains("loopback addresses only"));
}
