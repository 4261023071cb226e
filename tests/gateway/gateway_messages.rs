//! `/v1/messages` of the local gateway over real sockets.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test may fail")]

use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::{Value, json};
use wenwen::gateway::{Gateway, Setup};

const KEYED: &str = "x-api-key: sk-right\r\nContent-Type: application/json\r\n";

fn gateway() -> Gateway {
    Gateway::start(Setup { api_key: Some("sk-right".into()), ..Setup::default() }).expect("loopback can be bound")
}

/// Status and body; over HTTP/1.0, which knows no chunks.
fn post(gateway: &Gateway, headers: &str, body: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(gateway.address()).unwrap();
    let length = body.len();
    write!(
        stream,
        "POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}Content-Length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, mut rest) = answer.split_once("\r\n\r\n").unwrap();
    let status = head[9..12].parse().unwrap();
    if !head.contains("chunked") {
        return (status, rest.to_owned());
    }
    let mut body = String::new();
    while let Some((size, after)) = rest.split_once("\r\n") {
        let size = usize::from_str_radix(size, 16).unwrap();
        body.push_str(&after[..size]);
        rest = &after[size + 2..];
        if size == 0 {
            break;
        }
    }
    (status, body)
}

fn ask(gateway: &Gateway, body: &Value) -> Value {
    let (status, body) = post(gateway, KEYED, &body.to_string());
    assert_eq!(status, 200, "{body}");
    serde_json::from_str(&body).unwrap()
}

fn with(more: Value) -> Value {
    let mut body = json!({"model": "claude-3-5-sonnet-20241022", "max_tokens": 4096,
        "messages": [{"role": "user", "content": "Hello, world"}]});
    body.as_object_mut().unwrap().append(&mut more.as_object().unwrap().clone());
    body
}

fn events(body: &str) -> Vec<Value> {
    let event = |text: &str| {
        let (name, data) = text.split_once('\n').unwrap();
        let data: Value = serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap();
        assert_eq!(name.strip_prefix("event: ").unwrap(), data["type"]);
        data
    };
    body.split_terminator("\n\n\n").map(event).collect()
}

fn names(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

fn sample(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn answers_have_the_fields_of_the_samples() {
    let gateway = gateway();
    let reply = ask(&gateway, &with(json!({})));
    let wanted = sample(include_str!("../samples/3.2-messages-stream/response.json"));
    assert_eq!((names(&reply), names(&reply["usage"])), (names(&wanted), names(&wanted["usage"])));
    assert!(reply["content"][0]["text"].as_str().unwrap().contains("Hello, world"));

    let thinking = json!({"type": "enabled", "budget_tokens": 2048});
    let model = "claude-sonnet-4-20250514-thinking";
    let reply = ask(&gateway, &with(json!({"model": model, "thinking": thinking})));
    let wanted = sample(include_str!("../samples/n3-messages-thinking/response.json"));
    assert_eq!((names(&reply["content"][0]), &reply["model"]), (names(&wanted["content"][0]), &wanted["model"]));
    assert_eq!(ask(&gateway, &with(json!({"model": model})))["content"][0]["type"], "thinking");
    let hidden = json!({"type": "adaptive", "display": "omitted"});
    assert_eq!(ask(&gateway, &with(json!({"thinking": hidden})))["content"][0]["thinking"], "");

    let cached =
        json!([{"type": "text", "text": "A long article. ".repeat(100), "cache_control": {"type": "ephemeral"}}]);
    let reply = ask(&gateway, &with(json!({"system": cached})));
    let wanted = sample(include_str!("../samples/n4-messages-prompt-cache/response.json"));
    assert_eq!(names(&reply["usage"]), names(&wanted["usage"]));
    let created = reply["usage"]["cache_creation_input_tokens"].as_u64().unwrap();
    assert!(created > 300 && reply["usage"]["input_tokens"].as_u64().unwrap() < 20, "{reply}");
    assert_eq!(reply["usage"]["cache_creation"]["ephemeral_5m_input_tokens"], created);
}

#[test]
fn the_stream_is_the_plain_answer() {
    let gateway = gateway();
    let tools = json!([{"name": "get_weather", "input_schema": {"type": "object", "properties": {
        "location": {"type": "string"}}, "required": ["location"]}}]);
    for more in [
        json!({}),
        json!({"thinking": {"type": "enabled", "budget_tokens": 1024}}),
        json!({"tools": tools, "tool_choice": {"type": "tool", "name": "get_weather"}}),
        json!({"max_tokens": 5}),
        json!({"stop_sequences": ["never", "wrote"]}),
    ] {
        let plain = ask(&gateway, &with(more.clone()));
        let mut streamed = with(more);
        streamed["stream"] = true.into();
        let (_, body) = post(&gateway, KEYED, &streamed.to_string());
        let events = events(&body);
        assert_eq!((&events[0]["type"], &events[2]["type"]), (&json!("message_start"), &json!("ping")));
        assert_eq!(events.last().unwrap()["type"], "message_stop");
        let end = &events[events.len() - 2];
        for name in ["stop_reason", "stop_sequence"] {
            assert_eq!(end["delta"][name], plain[name]);
        }
        assert_eq!(end["usage"]["output_tokens"], plain["usage"]["output_tokens"]);
        let starts = events.iter().filter(|event| event["type"] == "content_block_start").count();
        assert_eq!(starts, plain["content"].as_array().unwrap().len());
        for (index, block) in plain["content"].as_array().unwrap().iter().enumerate() {
            let grown = |name: &str| -> String {
                let deltas = events.iter().filter(|event| event["index"] == index && event["delta"].is_object());
                deltas.filter_map(|event| event["delta"][name].as_str()).collect()
            };
            match block["type"].as_str().unwrap() {
                "thinking" => {
                    assert_eq!(grown("thinking"), block["thinking"]);
                    assert!(!grown("signature").is_empty());
                }
                "tool_use" => assert_eq!(sample(&grown("partial_json")), block["input"]),
                _ => assert_eq!(grown("text"), block["text"]),
            }
        }
    }
}

#[test]
fn stops_tools_images_and_schemas() {
    let gateway = gateway();
    let reply = ask(&gateway, &with(json!({"max_tokens": 5})));
    assert_eq!((&reply["stop_reason"], &reply["usage"]["output_tokens"]), (&json!("max_tokens"), &json!(5)));
    let reply = ask(&gateway, &with(json!({"stop_sequences": ["zzz", "wrote"]})));
    assert_eq!((&reply["stop_reason"], &reply["stop_sequence"]), (&json!("stop_sequence"), &json!("wrote")));
    assert!(!reply["content"][0]["text"].as_str().unwrap().contains("wrote"));

    let follow_up = sample(include_str!("../samples/3.4-messages-tools/request_followup.json"));
    let reply = ask(&gateway, &follow_up);
    assert!(reply["content"][0]["text"].as_str().unwrap().contains("晴,26℃"), "{reply}");
    assert_eq!(reply["stop_reason"], "end_turn");
    // Without `max_tokens` the gateway fills it in.
    // Asked about the weather, the model calls the tool by itself, as in the sample.
    let mut any = sample(include_str!("../samples/3.4-messages-tools/request.json"));
    assert_eq!(ask(&gateway, &any)["stop_reason"], "tool_use");
    any["messages"][0]["content"] = json!("你好");
    assert_eq!(ask(&gateway, &any)["stop_reason"], "end_turn");
    any["tool_choice"] = json!({"type": "any"});
    let reply = ask(&gateway, &any);
    assert_eq!((&reply["stop_reason"], &reply["content"][0]["type"]), (&json!("tool_use"), &json!("tool_use")));
    assert_eq!(reply["content"][0]["input"], json!({"location": "Boston, MA"}));
    any["max_tokens"] = 1.into();
    assert_eq!(ask(&gateway, &any)["stop_reason"], "max_tokens");

    for text in [
        include_str!("../samples/3.3-messages-vision/request.json"),
        include_str!("../samples/3.3-messages-vision/request_url.json"),
    ] {
        let reply = ask(&gateway, &sample(text));
        assert!(reply["content"][0]["text"].as_str().unwrap().contains("1张图片"), "{reply}");
    }
    let schema = json!({"type": "object", "properties": {"n": {"type": "integer"}}, "additionalProperties": false});
    let reply = ask(&gateway, &with(json!({"output_config": {"format": {"type": "json_schema", "schema": schema}}})));
    assert!(sample(reply["content"][0]["text"].as_str().unwrap())["n"].is_i64());
}

#[test]
fn keys_and_refusals() {
    let gateway = gateway();
    let hello = with(json!({})).to_string();
    let json_type = "Content-Type: application/json\r\n";
    for (headers, status) in [
        ("", 401),
        ("Authorization: Bearer sk-right\r\n", 200),
        ("x-api-key: sk-right\r\nAuthorization: Bearer sk-wrong\r\n", 200),
        ("x-api-key: sk-wrong\r\nAuthorization: Bearer sk-right\r\n", 401),
    ] {
        let (found, body) = post(&gateway, &format!("{headers}{json_type}"), &hello);
        assert_eq!(found, status, "{headers}");
        // What the middleware refuses is in OpenAI's envelope, here too.
        assert!(status == 200 || sample(&body).get("type").is_none(), "{body}");
    }
    let call = json!({"type": "tool_use", "id": "t", "name": "f", "input": {}});
    let result = json!({"type": "tool_result", "tool_use_id": "u", "content": "x"});
    for (more, status, words) in [
        (json!({"messages": []}), 500, "field messages is required"),
        (json!({"messages": null}), 500, "field messages is required"),
        (json!({"max_tokens": "many"}), 500, "ClaudeRequest.max_tokens of type uint"),
        (json!({"stream": 1}), 500, "Go struct field ***.stream of type bool"),
        (json!({"thinking": {"type": "enabled", "budget_tokens": 1000}}), 400, "greater than or equal to 1024"),
        (json!({"thinking": {"type": "enabled", "budget_tokens": 4096}}), 400, "`max_tokens` must be greater"),
        (json!({"thinking": {"type": "adaptive"}, "tool_choice": {"type": "any"}}), 400, "forces tool use"),
        (json!({"tool_choice": {"type": "tool", "name": "f"}}), 400, "Tool 'f' not found"),
        (json!({"messages": [{"role": "robot", "content": "x"}]}), 400, "***.***.role: Input should be"),
        (json!({"messages": [{"role": "user"}]}), 400, "***.***.content: Field required"),
        (json!({"messages": [{"role": "assistant", "content": [call]}]}), 400, "without `tool_result` blocks"),
        (json!({"messages": [{"role": "user", "content": [result]}]}), 400, "unexpected `tool_use_id`"),
    ] {
        let (found, body) = post(&gateway, KEYED, &with(more).to_string());
        let body = sample(&body);
        let message = body["error"]["message"].as_str().unwrap();
        assert!(message.contains(words) && message.contains("(request id: "), "{message}");
        assert_eq!((found, &body["type"]), (status, &json!("error")));
        // A relayed error has the name of Go's nil, for Anthropic's have no code.
        assert_eq!(body["error"]["type"], if status == 500 { "new_api_error" } else { "<nil>" });
    }
}
