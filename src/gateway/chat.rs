//! `POST /v1/chat/completions`: the default answer, plain and streamed. Its shape, the order of its fields and of its
//! chunks are those of the reference's samples.
use std::borrow::Cow;
use std::f32::consts::TAU;

use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::ask::{Ask, Typed, mismatch};
use super::content::{BodyKind, Content};
use super::envelope::{self, Wording};
use super::ids;
use super::model::{dated, reasons};
use super::picture::RED_DOT;
use super::rules::{
    Objection, chat_history, empty_list, format_refused, functions_refused, name_refused, tools_refused,
};
use super::text;
use super::text::quoted;
use super::tools::{self, CallChoice, Turn};

const FINGERPRINT: &str = "fp_44709d6fcb";
const FILES: &str = "https://files.example.com/cdn";

pub(super) fn create(ask: &Ask) -> Content {
    let invalid = |message: &str| envelope::invalid_request(Wording::OpenAi, message, ask.id);
    let upstream = |message: &str, code: &str, param: &str| envelope::upstream_refused(message, code, param);
    let given = ask.fields();
    let types: &[Typed] = &[
        ("stream", "bool", Value::is_boolean),
        ("temperature", "float64", Value::is_number),
        ("top_p", "float64", Value::is_number),
        ("n", "int", Value::is_i64),
        ("max_tokens", "uint", Value::is_u64),
        ("max_completion_tokens", "uint", Value::is_u64),
        ("messages", "[]dto.Message", Value::is_array),
    ];
    if let Some(message) = mismatch(&given, "GeneralOpenAIRequest", types) {
        return invalid(&message);
    }
    let number = |name: &str| given.get(name).and_then(Value::as_u64);
    if number("max_tokens").is_some_and(|n| n > u64::from(u32::MAX >> 2)) {
        return invalid("max_tokens is invalid");
    }
    let messages = given.get("messages").and_then(Value::as_array).filter(|messages| !messages.is_empty());
    let Some(messages) = messages else {
        return invalid("field messages is required");
    };
    if let Some(size) = given.get("web_search_options").and_then(|options| options.get("search_context_size"))
        && !["high", "medium", "low"].iter().any(|known| size == known)
    {
        return invalid("invalid search_context_size, must be one of: high, medium, low");
    }
    let count = number("n").unwrap_or(1);
    if !(1..=128).contains(&count) {
        return upstream("Invalid 'n': expected a value between 1 and 128.", "invalid_value", "n");
    }
    let streamed = given.get("stream") == Some(&Value::Bool(true));
    let spoken = given.get("modalities").and_then(Value::as_array).is_some_and(|all| all.iter().any(|m| m == "audio"));
    let format = given.get("audio").and_then(|audio| audio.get("format")).and_then(Value::as_str);
    if spoken && format.is_none() {
        return upstream("Missing required parameter: 'audio'.", "missing_required_parameter", "audio");
    }
    if spoken && streamed && format != Some("pcm16") {
        let message = "Unsupported value: 'audio.format' must be 'pcm16' when stream is true.";
        return upstream(message, "unsupported_value", "audio.format");
    }
    if let Some(Objection { message, code, param }) = refused(&given, messages) {
        return upstream(&message, code, &param);
    }
    let reply = ChatReply::new(ask, &given, messages, count, format.filter(|_| spoken));
    if streamed { reply.stream(&given) } else { reply.plain() }
}

/// What the upstream has against tools, schema and history.
fn refused(given: &Map<String, Value>, messages: &[Value]) -> Option<Objection> {
    let set = |name: &str| given.get(name).is_some_and(|value| !value.is_null());
    let tools = given.get("tools").and_then(Value::as_array);
    if tools.is_some_and(Vec::is_empty) {
        return Some(empty_list("tools"));
    }
    if let Some(objection) = tools.and_then(|tools| tools_refused(tools)) {
        return Some(objection);
    }
    if let Some(name) = ["tool_choice", "parallel_tool_calls"].into_iter().find(|name| tools.is_none() && set(name)) {
        let message = format!("Invalid value for '{name}': '{name}' is only allowed when 'tools' are specified.");
        return Some(Objection::new(message, "", name));
    }
    let format = given.get("response_format").filter(|format| format["type"] == "json_schema");
    let format = format.map(|format| &format["json_schema"]);
    let name = |format: &Value| name_refused(format.get("name"), "response_format.json_schema.name".into());
    let tools = tools.into_iter().flatten().enumerate().filter_map(|(at, tool)| {
        let kind = ["function", "custom"].into_iter().find(|kind| tool.get(*kind).is_some())?;
        Some((at, &tool[kind], format!("tools[{at}].{kind}")))
    });
    let names = || tools.clone().find_map(|(_, tool, path)| name_refused(tool.get("name"), path + ".name"));
    let (format_name, schema) = (format.and_then(name), || {
        format.and_then(|it| format_refused(it, "response_format.json_schema", "response_format", ""))
    });
    let lists = || names().or_else(|| functions_refused(tools.clone()));
    format_name.or_else(lists).or_else(schema).or_else(|| chosen_refused(given)).or_else(|| chat_history(messages))
}

/// A choice of a function that is not there.
fn chosen_refused(given: &Map<String, Value>) -> Option<Objection> {
    let choice = given.get("tool_choice").filter(|choice| choice["type"] == "function")?;
    let name = choice["function"]["name"].as_str().or(choice["name"].as_str()).unwrap_or_default();
    let mut tools = given.get("tools").and_then(Value::as_array).into_iter().flatten();
    let message = format!("Tool choice '{name}' not found in 'tools' parameter.");
    (!tools.any(|tool| tool["function"]["name"] == name)).then(|| Objection::new(message, "", "tool_choice"))
}

/// What the messages come down to.
#[derive(Default)]
struct ChatPrompt {
    /// The last words of the user.
    user: String,
    /// An image came with them.
    image: bool,
    /// What tools have returned since the model last spoke.
    results: Vec<String>,
    tokens: usize,
}

impl ChatPrompt {
    fn of(messages: &[Value]) -> Self {
        let mut prompt = ChatPrompt { tokens: 3, ..ChatPrompt::default() };
        for message in messages {
            prompt.tokens += 4 + tokens_of(message);
        }
        let is = |message: &Value, role: &str| message.get("role").is_some_and(|r| r == role);
        if let Some(content) = messages.iter().rev().find(|m| is(m, "user")).and_then(|m| m.get("content")) {
            prompt.user = text_of(content);
            let mut kinds = content.as_array().into_iter().flatten().filter_map(|part| part.get("type")?.as_str());
            prompt.image = kinds.any(|kind| kind == "image_url");
        }
        prompt.results = tools::results(messages.iter().rev().map(turn));
        prompt
    }
}

fn turn(message: &Value) -> Turn {
    match message["role"].as_str() {
        Some("tool") => Turn::Results(vec![text_of(&message["content"])]),
        Some("assistant") if message["tool_calls"].is_array() => Turn::Between,
        Some("assistant") => Turn::Said,
        Some("user") => Turn::Asked,
        _ => Turn::Between,
    }
}

fn text_of(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => {
            parts.iter().filter_map(|part| part.get("text")?.as_str()).collect::<Vec<_>>().join("\n")
        }
        _ => String::new(),
    }
}

/// Only what a model reads as text counts; a picture counts as one, not by its base64.
fn tokens_of(value: &Value) -> usize {
    match value {
        Value::String(text) => text::tokens(text),
        Value::Array(all) => all.iter().map(tokens_of).sum(),
        Value::Object(fields) => {
            if fields.get("type").is_some_and(|kind| kind == "image_url" || kind == "file" || kind == "input_audio") {
                return 85;
            }
            let counted = ["content", "text", "name", "arguments", "function", "tool_calls"];
            fields.iter().filter(|(name, _)| counted.contains(&name.as_str())).map(|(_, v)| tokens_of(v)).sum()
        }
        _ => 0,
    }
}

enum ChatOutput {
    Text(String),
    /// With the lines about its progress that a stream begins with.
    Made(String),
    /// Names and arguments.
    Calls(Vec<(String, String)>),
    Audio {
        transcript: String,
        samples: Vec<u8>,
        format: String,
    },
}

struct ChatReply {
    id: String,
    created: u64,
    model: String,
    count: u64,
    output: ChatOutput,
    reasoning: Option<String>,
    finish: &'static str,
    service_tier: Value,
    usage: Value,
}

impl ChatReply {
    fn new(ask: &Ask, given: &Map<String, Value>, messages: &[Value], count: u64, audio: Option<&str>) -> Self {
        let mut prompt = ChatPrompt::of(messages);
        for name in ["tools", "response_format"] {
            prompt.tokens += given.get(name).map_or(0, |value| text::tokens(&value.to_string()));
        }
        let mut output = output(ask.model, given, &prompt, audio);
        let mut finish = if matches!(output, ChatOutput::Calls(_)) { "tool_calls" } else { "stop" };
        let most = given.get("max_completion_tokens").or(given.get("max_tokens")).and_then(Value::as_u64);
        let most = most.map_or(usize::MAX, |n| n.try_into().unwrap_or(usize::MAX));
        let mut left = most;
        let mut words: Vec<&mut String> = match &mut output {
            ChatOutput::Text(words) | ChatOutput::Made(words) | ChatOutput::Audio { transcript: words, .. } => {
                if let Some(end) = stopped(given, words) {
                    words.truncate(end);
                }
                vec![words]
            }
            ChatOutput::Calls(calls) => calls.iter_mut().map(|(_, arguments)| arguments).collect(),
        };
        // What comes after the one that is cut does not come at all.
        let (mut made, mut whole) = (0, 0);
        for words in &mut words {
            if finish == "length" {
                break;
            }
            if text::tokens(words) > left {
                words.truncate(text::cut(words, left).len());
                finish = "length";
            }
            made += text::tokens(words);
            left -= text::tokens(words);
            whole += 1;
        }
        if let ChatOutput::Calls(calls) = &mut output {
            calls.truncate(whole);
        }
        let made = made * usize::try_from(count).unwrap_or(1);
        let spoken = if let ChatOutput::Audio { samples, .. } = &output { samples.len() / 2 / 1200 } else { 0 };
        let reasoning = thinks(ask.model, given).then(|| thought(&prompt.user));
        let thought = match (&reasoning, given.get("reasoning_effort").and_then(Value::as_str)) {
            (Some(words), _) => text::tokens(words),
            (None, Some("none" | "minimal")) => 0,
            (None, Some("high" | "xhigh" | "max")) if reasons(ask.model) => 192,
            (None, _) if reasons(ask.model) => 64,
            _ => 0,
        };
        let out = made + spoken + thought;
        let mut usage = json!({
            "prompt_tokens": prompt.tokens, "completion_tokens": out, "total_tokens": prompt.tokens + out,
            "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
            "completion_tokens_details": {
                "reasoning_tokens": thought, "audio_tokens": spoken,
                "accepted_prediction_tokens": 0, "rejected_prediction_tokens": 0,
            },
        });
        if reasoning.is_some() {
            usage["prompt_cache_hit_tokens"] = 0.into();
            usage["prompt_cache_miss_tokens"] = prompt.tokens.into();
        }
        Self {
            id: ids::letters("chatcmpl-", 29),
            created: ids::now(),
            model: if ask.model == "gpt-3.5-turbo" { "gpt-3.5-turbo-0125" } else { dated(ask.model) }.to_owned(),
            count,
            output,
            reasoning,
            finish,
            service_tier: given.get("service_tier").filter(|t| *t != "auto").cloned().unwrap_or("default".into()),
            usage,
        }
    }

    fn plain(&self) -> Content {
        let message = match &self.output {
            ChatOutput::Made(words) => json!({"role": "assistant", "content": words}),
            ChatOutput::Text(words) => match &self.reasoning {
                Some(thought) => json!({"role": "assistant", "content": words, "reasoning_content": thought}),
                None => json!({"role": "assistant", "content": words, "refusal": null, "annotations": []}),
            },
            ChatOutput::Calls(calls) => {
                let call = |(name, arguments): &(String, String)| {
                    let function = json!({"name": name, "arguments": arguments});
                    json!({"id": ids::letters("call_", 24), "type": "function", "function": function})
                };
                let calls: Vec<Value> = calls.iter().map(call).collect();
                json!({"role": "assistant", "content": null, "refusal": null, "annotations": [], "tool_calls": calls})
            }
            ChatOutput::Audio { transcript, samples, format } => json!({
                "content": null, "refusal": null, "role": "assistant", "annotations": [],
                "audio": {
                    "id": ids::letters("audio_", 32),
                    // No encoder is worth its size here: other formats get a WAV too.
                    "data": if format == "pcm16" { base64(samples) } else { base64(&wav(samples)) },
                    "expires_at": self.created + 3600, "transcript": transcript,
                },
                "function_call": null, "tool_calls": null,
            }),
        };
        let choices: Value = (0..self.count)
            .map(|index| match &self.output {
                ChatOutput::Made(_) => json!({"index": index, "message": message, "finish_reason": self.finish}),
                _ => json!({"index": index, "message": message, "logprobs": null, "finish_reason": self.finish}),
            })
            .collect();
        let mut body = json!({
            "id": self.id, "object": "chat.completion", "created": self.created, "model": self.model,
            "choices": choices, "usage": self.usage,
        });
        if !matches!(self.output, ChatOutput::Made(_)) {
            if self.reasoning.is_none() {
                body["service_tier"] = self.service_tier.clone();
            }
            body["system_fingerprint"] = FINGERPRINT.into();
        }
        let mut content = Content::new(200, BodyKind::Json, body.to_string().into());
        // The gateway passes its upstream's headers on with a plain success, and only then.
        content.headers.push((Cow::Borrowed("openai-processing-ms"), "420".into()));
        content.headers.push((Cow::Borrowed("x-request-id"), ids::letters("req_", 32)));
        content
    }

    fn stream(&self, given: &Map<String, Value>) -> Content {
        let asked = given.get("stream_options").and_then(|options| options.get("include_usage"));
        let asked = asked == Some(&Value::Bool(true));
        let fingerprint = match self.output {
            ChatOutput::Made(_) => String::new(),
            _ => format!("\"system_fingerprint\":\"{FINGERPRINT}\","),
        };
        let head = format!(
            "data: {{\"id\":\"{}\",\"object\":\"chat.completion.chunk\",\"created\":{},\"model\":{},{fingerprint}\
             \"choices\":[",
            self.id,
            self.created,
            quoted(&self.model),
        );
        let no_usage = if asked { ",\"usage\":null" } else { "" };
        let mut pieces: Vec<Bytes> = Vec::with_capacity(128);
        // `delta` and `finish` are JSON already. Each choice gets one.
        let mut add = |delta: &str, finish: &str| {
            let logprobs = if matches!(self.output, ChatOutput::Made(_)) { "" } else { "\"logprobs\":null," };
            for index in 0..self.count {
                let chunk = format!(
                    "{head}{{\"index\":{index},\"delta\":{delta},{logprobs}\"finish_reason\":{finish}}}]{no_usage}}}\n\n"
                );
                pieces.push(chunk.into());
            }
        };
        match &self.output {
            ChatOutput::Text(words) => {
                match &self.reasoning {
                    None => add("{\"role\":\"assistant\",\"content\":\"\",\"refusal\":null}", "null"),
                    Some(thought) => {
                        add("{\"role\":\"assistant\",\"content\":null,\"reasoning_content\":\"\"}", "null");
                        for piece in text::pieces(thought) {
                            add(&format!("{{\"content\":null,\"reasoning_content\":{}}}", quoted(piece)), "null");
                        }
                    }
                }
                let rest = if self.reasoning.is_some() { ",\"reasoning_content\":null" } else { "" };
                for piece in text::pieces(words) {
                    add(&format!("{{\"content\":{}{rest}}}", quoted(piece)), "null");
                }
            }
            ChatOutput::Made(words) => {
                for piece in ["> 🕐 排队中.\n\n", "> ⚡ 生成中 20%.", "..60%.", "..100%\n\n", words] {
                    add(&format!("{{\"role\":\"assistant\",\"content\":{}}}", quoted(piece)), "null");
                }
            }
            ChatOutput::Calls(calls) => {
                for (index, (name, arguments)) in calls.iter().enumerate() {
                    let call = json!({"index": index, "id": ids::letters("call_", 24), "type": "function",
                        "function": {"name": name, "arguments": ""}});
                    let first = json!({"role": "assistant", "content": null, "tool_calls": [call], "refusal": null});
                    let later = || json!({"tool_calls": [call]});
                    add(&if index == 0 { first } else { later() }.to_string(), "null");
                    for piece in text::eights(arguments) {
                        let function = json!({"arguments": piece});
                        add(&json!({"tool_calls": [{"index": index, "function": function}]}).to_string(), "null");
                    }
                }
            }
            ChatOutput::Audio { transcript, samples, .. } => {
                let id = ids::letters("audio_", 32);
                add("{\"role\":\"assistant\",\"content\":null,\"refusal\":null}", "null");
                let words: Vec<&str> = text::pieces(transcript).collect();
                let parts: Vec<&[u8]> = samples.chunks(1024).collect();
                // Words and sound take turns.
                for turn in 0..words.len().max(parts.len()) {
                    if let Some(piece) = words.get(turn) {
                        add(&json!({"audio": {"id": id, "transcript": piece}}).to_string(), "null");
                    }
                    if let Some(part) = parts.get(turn) {
                        add(&json!({"audio": {"id": id, "data": base64(part)}}).to_string(), "null");
                    }
                }
                add(&json!({"audio": {"id": id, "expires_at": self.created + 3600}}).to_string(), "null");
            }
        }
        add("{}", &quoted(self.finish));
        if asked {
            pieces.push(format!("{head}],\"usage\":{}}}\n\n", self.usage).into());
        }
        pieces.push(Bytes::from_static(b"data: [DONE]\n\n"));
        let mut content = Content::new(200, BodyKind::Events, Bytes::new());
        content.pieces = pieces;
        content
    }
}

fn output(model: &str, given: &Map<String, Value>, prompt: &ChatPrompt, audio: Option<&str>) -> ChatOutput {
    if model.contains("-image") {
        return ChatOutput::Made(match model.starts_with("gemini") {
            true => format!("![image]({RED_DOT})"),
            false => {
                format!("![image]({FILES}/20250611/4f1c2d7a.png)\n\n[点击下载]({FILES}/download/20250611/4f1c2d7a.png)")
            }
        });
    }
    if model.starts_with("sora") || model.starts_with("veo") {
        return ChatOutput::Made(format!("[点击下载]({FILES}/20250611/4f1c2d7a.mp4)"));
    }
    let calls = called(given, prompt);
    if !calls.is_empty() {
        return ChatOutput::Calls(calls);
    }
    let words = words(given, prompt);
    match audio {
        Some(format) => ChatOutput::Audio { transcript: words, samples: tone(), format: format.to_owned() },
        None => ChatOutput::Text(words),
    }
}

/// Models that show what they think.
fn thinks(model: &str, given: &Map<String, Value>) -> bool {
    ["reasoner", "-thinking", "deepseek-r1"].iter().any(|mark| model.contains(mark))
        || given.get("enable_thinking") == Some(&Value::Bool(true))
        || given.get("thinking").and_then(|thinking| thinking.get("type")).is_some_and(|kind| kind == "enabled")
}

fn thought(prompt: &str) -> String {
    if prompt.chars().any(text::is_cjk) {
        "先看清问题问的是什么,再想最简单的回答。".to_owned()
    } else {
        "First I should see what is being asked, then think of the simplest answer to it.".to_owned()
    }
}

/// Where the first of the words stands that end the text.
fn stopped(given: &Map<String, Value>, words: &str) -> Option<usize> {
    let stops = given.get("stop")?;
    let stops = stops.as_array().map_or(std::slice::from_ref(stops), Vec::as_slice).iter().filter_map(Value::as_str);
    stops.filter(|stop| !stop.is_empty()).filter_map(|stop| words.find(stop)).min()
}

/// The functions to call and their arguments; none once they have returned something, or it would go round for ever.
fn called(given: &Map<String, Value>, prompt: &ChatPrompt) -> Vec<(String, String)> {
    if !prompt.results.is_empty() {
        return Vec::new();
    }
    let choice = given.get("tool_choice").unwrap_or(&Value::Null);
    // Some of the tools, or one of them.
    let allowed = choice.get("allowed_tools");
    let function = |tool: &Value| tool["function"]["name"].as_str().map(str::to_owned);
    let some: Option<Vec<String>> =
        allowed.map(|all| all["tools"].as_array().into_iter().flatten().filter_map(function).collect());
    let named = function(choice);
    let wanted = match (allowed.map_or(choice, |allowed| &allowed["mode"]).as_str(), &named) {
        (_, Some(name)) => CallChoice::Named(name),
        (Some("none"), _) => CallChoice::Never,
        (Some("required"), _) => CallChoice::Must,
        _ => CallChoice::Auto,
    };
    let tools = given.get("tools").and_then(Value::as_array).into_iter().flatten();
    let offered = |f: &&Value| some.as_ref().is_none_or(|some| some.iter().any(|name| f["name"] == name.as_str()));
    let functions: Vec<&Value> = tools.filter_map(|tool| tool.get("function")).filter(offered).collect();
    let said = |f: &&'_ Value, name: &str| f[name].as_str().unwrap_or_default().to_owned();
    let known: Vec<(String, String)> = functions.iter().map(|f| (said(f, "name"), said(f, "description"))).collect();
    let known: Vec<(&str, &str)> = known.iter().map(|(name, said)| (name.as_str(), said.as_str())).collect();
    let several = given.get("parallel_tool_calls") != Some(&Value::Bool(false));
    let called = tools::called(&known, wanted, &prompt.user, several).into_iter().filter_map(|at| functions.get(at));
    called.map(|f| (said(f, "name"), tools::arguments(f.get("parameters")).to_string())).collect()
}

fn words(given: &Map<String, Value>, prompt: &ChatPrompt) -> String {
    let plain = || match tools::said(&prompt.results, &prompt.user) {
        Some(words) => words,
        None if prompt.image && prompt.user.chars().any(text::is_cjk) => {
            format!("我看到了您发来的图片。{}", text::reply(&prompt.user))
        }
        None if prompt.image => format!("I can see the image you sent. {}", text::reply(&prompt.user)),
        None => text::reply(&prompt.user),
    };
    let format = given.get("response_format");
    match format.and_then(|format| format.get("type")).and_then(Value::as_str) {
        Some("json_schema") => match format.and_then(|format| format.get("json_schema")?.get("schema")) {
            Some(schema) => tools::answer(schema, &prompt.results),
            None => json!({"reply": plain()}).to_string(),
        },
        Some("json_object") => json!({"reply": plain()}).to_string(),
        _ => plain(),
    }
}

fn base64(bytes: &[u8]) -> String {
    base64_simd::STANDARD.encode_to_string(bytes)
}

/// A tenth of a second of A, 16 bits mono.
fn tone() -> Vec<u8> {
    const RATE: u16 = 24_000;
    (0..RATE / 10)
        .flat_map(|at| {
            let wave = (TAU * 440.0 * f32::from(at) / f32::from(RATE)).sin();
            ((wave * 8000.0) as i16).to_le_bytes()
        })
        .collect()
}

/// The sizes in its head are unknown when a model begins to speak (REFERENCE 1.8).
fn wav(samples: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(44 + samples.len());
    out.extend_from_slice(b"RIFF\xff\xff\xff\xffWAVEfmt ");
    for (value, size) in [(16, 4), (1, 2), (1, 2), (24_000, 4), (48_000, 4), (2, 2), (16, 2u32)] {
        out.extend_from_slice(&u32::to_le_bytes(value)[..size as usize]);
    }
    out.extend_from_slice(b"data\xff\xff\xff\xff");
    out.extend_from_slice(samples);
    out
}
