//! `POST /v1/responses`: the default answer, plain and streamed. Its shape, the order of its fields and of its events
//! are those of the reference's samples.
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Write;
use std::sync::LazyLock;

use bytes::Bytes;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::envelope::{self, Dialect};
use super::ids::{self, Family};
use super::rows::Ask;
use super::script::{Content, Kind};
use super::{sampler, text};

/// The fields of a response in their order, each with the value it has when the request says nothing.
#[expect(clippy::expect_used, reason = "the sample is part of the program, and every test reads it")]
static FIELDS: LazyLock<Vec<(String, String)>> = LazyLock::new(|| {
    let sample: Map<String, Value> =
        serde_json::from_str(include_str!("samples/responses.json")).expect("the sample is JSON");
    sample.into_iter().map(|(name, value)| (name, value.to_string())).collect()
});

/// Compact JSON of a string.
pub(super) fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

type Params<'a> = BTreeMap<String, &'a RawValue>;

pub(super) fn create(ask: &Ask) -> Content {
    let params = &ask.params;
    let refuse = |message: &str| envelope::invalid_request(Dialect::OpenAi, message, ask.id);
    let given = |name: &str| params.get(name).map(|raw| raw.get()).filter(|raw| *raw != "null");
    for (name, wanted) in [
        ("stream", "bool"),
        ("temperature", "float64"),
        ("top_p", "float64"),
        ("max_output_tokens", "uint"),
        ("instructions", ""),
    ] {
        let Some(raw) = given(name) else { continue };
        let fits = match wanted {
            "bool" => raw == "true" || raw == "false",
            "float64" => raw.parse::<f64>().is_ok(),
            "uint" => raw.parse::<u64>().is_ok(),
            _ => true,
        };
        if !fits {
            let kind = match raw.as_bytes().first() {
                Some(b'"') => "string",
                Some(b'{') => "object",
                Some(b'[') => "array",
                Some(b't' | b'f') => "bool",
                _ => "number",
            };
            return refuse(&format!(
                "json: cannot unmarshal {kind} into Go struct field OpenAIResponsesRequest.{name} of type {wanted}"
            ));
        }
    }
    let Some(input) = given("input") else {
        return refuse("input is required");
    };
    // A hostile nesting depth is no text; the real one would have passed it on.
    let input: Value = serde_json::from_str(input).unwrap_or_default();
    let streamed = given("stream") == Some("true");
    let reply = Reply::new(ask, params, &input);
    if streamed { reply.stream() } else { reply.plain() }
}

/// What the request's input comes down to.
struct Prompt {
    /// The last words of the user.
    user: String,
    /// The output of a function, when the input ends with one.
    tool_output: Option<String>,
    tokens: usize,
}

impl Prompt {
    fn of(input: &Value) -> Self {
        let mut prompt = Prompt { user: String::new(), tool_output: None, tokens: 3 };
        match input {
            Value::String(text) => {
                prompt.user.clone_from(text);
                prompt.tokens += 2 + text::tokens(text);
            }
            Value::Array(items) => {
                prompt.tokens += items.iter().map(|item| 2 + tokens_of(item)).sum::<usize>();
                prompt.user = items.iter().rev().find_map(user_text).unwrap_or_default();
                prompt.tool_output = items.last().and_then(tool_output);
            }
            _ => {}
        }
        prompt
    }
}

fn user_text(item: &Value) -> Option<String> {
    if item.get("role")?.as_str()? != "user" {
        return None;
    }
    match item.get("content")? {
        Value::String(text) => Some(text.clone()),
        Value::Array(parts) => {
            let texts: Vec<&str> = parts.iter().filter_map(|part| part.get("text")?.as_str()).collect();
            if texts.is_empty() && !parts.is_empty() {
                let image = parts.iter().any(|part| part.get("type").is_some_and(|kind| kind == "input_image"));
                return Some(if image { "(an image)" } else { "(a file)" }.to_owned());
            }
            Some(texts.join("\n"))
        }
        _ => None,
    }
}

fn tool_output(item: &Value) -> Option<String> {
    if item.get("type")?.as_str()? != "function_call_output" {
        return None;
    }
    match item.get("output")? {
        Value::String(text) => Some(text.clone()),
        Value::Array(parts) => {
            Some(parts.iter().filter_map(|part| part.get("text")?.as_str()).collect::<Vec<_>>().join("\n"))
        }
        other => Some(other.to_string()),
    }
}

/// Only what a model reads as text counts; a picture counts as one, not by its base64.
fn tokens_of(value: &Value) -> usize {
    match value {
        Value::String(text) => text::tokens(text),
        Value::Array(all) => all.iter().map(tokens_of).sum(),
        Value::Object(fields) => {
            if fields.get("type").is_some_and(|kind| kind == "input_image" || kind == "input_file") {
                return 85;
            }
            let counted = ["content", "text", "output", "arguments", "name", "summary"];
            fields.iter().filter(|(name, _)| counted.contains(&name.as_str())).map(|(_, v)| tokens_of(v)).sum()
        }
        _ => 0,
    }
}

enum Output {
    Text(String),
    Call { name: String, arguments: String, call_id: String },
}

struct Reply<'a> {
    params: &'a Params<'a>,
    id: String,
    /// The id of the reasoning item, from models that reason.
    reasoning: Option<String>,
    item: String,
    output: Output,
    incomplete: bool,
    created: u64,
    /// Quoted, as it goes out.
    model: String,
    input_tokens: usize,
    output_tokens: usize,
    reasoning_tokens: usize,
    gpt5: bool,
}

pub(super) fn reasons(model: &str) -> bool {
    let o_series = model.strip_prefix('o').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    o_series || model.starts_with("gpt-5") && !model.starts_with("gpt-5-chat")
}

pub(super) fn dated(model: &str) -> &str {
    match model {
        "gpt-5" => "gpt-5-2025-08-07",
        "gpt-4o" => "gpt-4o-2024-08-06",
        "gpt-4.1" => "gpt-4.1-2025-04-14",
        other => other,
    }
}

impl<'a> Reply<'a> {
    fn new(ask: &Ask, params: &'a Params<'a>, input: &Value) -> Self {
        let parsed = |name: &str| -> Value {
            params.get(name).and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default()
        };
        let mut prompt = Prompt::of(input);
        let tools = parsed("tools");
        for raw in ["instructions", "tools"].into_iter().filter_map(|name| params.get(name)) {
            prompt.tokens += if raw.get() == "null" { 0 } else { text::tokens(raw.get()) };
        }
        let mut output = match called(&tools, &parsed("tool_choice"), &prompt) {
            Some((name, arguments)) => Output::Call { name, arguments, call_id: ids::letters("call_", 24) },
            None => Output::Text(words(&prompt, &parsed("text"))),
        };
        let made = match &output {
            Output::Text(text) => text::tokens(text),
            Output::Call { name, arguments, .. } => text::tokens(name) + text::tokens(arguments),
        };
        let most = parsed("max_output_tokens").as_u64().map_or(usize::MAX, |n| n.try_into().unwrap_or(usize::MAX));
        let incomplete = made > most;
        if incomplete {
            match &mut output {
                Output::Text(text) => *text = text::cut(text, most).to_owned(),
                Output::Call { arguments, .. } => *arguments = text::cut(arguments, most).to_owned(),
            }
        }
        let reasons = reasons(ask.model);
        let effort = parsed("reasoning").get("effort").and_then(Value::as_str).map(str::to_owned);
        let thought = match effort.as_deref() {
            _ if !reasons => 0,
            Some("none" | "minimal") => 0,
            Some("high" | "xhigh") => 192,
            _ => 64,
        };
        // The answer comes first out of a small budget, so that a test of it sees some.
        let reasoning_tokens = thought.min(most.saturating_sub(made));
        let family = Family::new();
        let prefix = if matches!(output, Output::Text(_)) { "msg" } else { "fc" };
        Self {
            params,
            id: family.id("resp"),
            reasoning: reasons.then(|| family.id("rs")),
            item: family.id(prefix),
            output,
            incomplete,
            created: ids::now(),
            model: quoted(dated(ask.model)),
            input_tokens: prompt.tokens,
            output_tokens: made.min(most) + reasoning_tokens,
            reasoning_tokens,
            gpt5: ask.model.starts_with("gpt-5"),
        }
    }

    fn given(&self, name: &str) -> Option<&'a str> {
        self.params.get(name).map(|raw| raw.get()).filter(|raw| *raw != "null")
    }

    /// The response object; `done` is whether it is the last word or the state at the beginning of a stream.
    fn write(&self, out: &mut Vec<u8>, done: bool) {
        let status = match (done, self.incomplete) {
            (false, _) => "\"in_progress\"",
            (true, false) => "\"completed\"",
            (true, true) => "\"incomplete\"",
        };
        for (at, (name, default)) in FIELDS.iter().enumerate() {
            let _ = write!(out, "{}\"{name}\":", if at == 0 { '{' } else { ',' });
            let value: Cow<str> = match name.as_str() {
                "id" => quoted(&self.id).into(),
                "created_at" => self.created.to_string().into(),
                "status" => status.into(),
                "incomplete_details" if done && self.incomplete => "{\"reason\":\"max_output_tokens\"}".into(),
                "model" => self.model.as_str().into(),
                "output" if done => self.items().into(),
                "output" => "[]".into(),
                "usage" if done => self.usage().into(),
                "usage" => "null".into(),
                "reasoning" => self.reasoning_field(),
                "text" => self.text_field(),
                "service_tier" => match self.given("service_tier") {
                    Some(tier) if tier != "\"auto\"" => tier.into(),
                    _ => if done && !self.incomplete { "\"default\"" } else { "\"auto\"" }.into(),
                },
                name => self.given(name).unwrap_or(default).into(),
            };
            out.extend_from_slice(value.as_bytes());
        }
        for name in ["prompt", "conversation"] {
            if let Some(raw) = self.given(name) {
                let _ = match raw.starts_with('"') && name == "conversation" {
                    true => write!(out, ",\"{name}\":{{\"id\":{raw}}}"),
                    false => write!(out, ",\"{name}\":{raw}"),
                };
            }
        }
        out.push(b'}');
    }

    fn reasoning_field(&self) -> Cow<'static, str> {
        let default = if self.reasoning.is_some() {
            "{\"effort\":\"medium\",\"summary\":null}"
        } else {
            "{\"effort\":null,\"summary\":null}"
        };
        overlaid(default, self.given("reasoning"))
    }

    fn text_field(&self) -> Cow<'static, str> {
        let default = if self.gpt5 {
            "{\"format\":{\"type\":\"text\"},\"verbosity\":\"medium\"}"
        } else {
            "{\"format\":{\"type\":\"text\"}}"
        };
        overlaid(default, self.given("text"))
    }

    fn usage(&self) -> String {
        format!(
            "{{\"input_tokens\":{},\"input_tokens_details\":{{\"cached_tokens\":0}},\"output_tokens\":{},\
             \"output_tokens_details\":{{\"reasoning_tokens\":{}}},\"total_tokens\":{}}}",
            self.input_tokens,
            self.output_tokens,
            self.reasoning_tokens,
            self.input_tokens + self.output_tokens
        )
    }

    fn items(&self) -> String {
        match &self.reasoning {
            Some(id) => format!("[{},{}]", reasoning_item(id), self.last_item(true)),
            None => format!("[{}]", self.last_item(true)),
        }
    }

    /// The message or the function call, as it is at its end or at its beginning.
    fn last_item(&self, done: bool) -> String {
        let id = &self.item;
        let status = match (done, self.incomplete) {
            (false, _) => "in_progress",
            (true, false) => "completed",
            (true, true) => "incomplete",
        };
        match &self.output {
            Output::Text(text) => {
                let content = if done { part(&quoted(text)) } else { String::new() };
                format!(
                    "{{\"id\":\"{id}\",\"type\":\"message\",\"status\":\"{status}\",\"content\":[{content}],\
                     \"role\":\"assistant\"}}"
                )
            }
            Output::Call { name, arguments, call_id } => format!(
                "{{\"id\":\"{id}\",\"type\":\"function_call\",\"status\":\"{status}\",\"arguments\":{},\
                 \"call_id\":\"{call_id}\",\"name\":{}}}",
                quoted(if done { arguments } else { "" }),
                quoted(name)
            ),
        }
    }

    fn plain(&self) -> Content {
        let mut body = Vec::with_capacity(2048);
        self.write(&mut body, true);
        let mut content = Content::new(200, Kind::Json, body.into());
        // The gateway passes its upstream's headers on with a plain success, and only then.
        content.headers.push((Cow::Borrowed("openai-processing-ms"), (300 + self.output_tokens * 12).to_string()));
        content.headers.push((Cow::Borrowed("x-request-id"), format!("req_{}", &self.id[5..37])));
        content
    }

    fn stream(&self) -> Content {
        let mut events = Events::new();
        for name in ["response.created", "response.in_progress"] {
            events.add(name, |out| {
                out.extend_from_slice(b",\"response\":");
                self.write(out, false);
            });
        }
        let mut index = 0;
        if let Some(id) = &self.reasoning {
            for name in ["response.output_item.added", "response.output_item.done"] {
                events.put(name, format_args!(",\"output_index\":0,\"item\":{}", reasoning_item(id)));
            }
            index = 1;
        }
        let item_added = format!(",\"output_index\":{index},\"item\":{}", self.last_item(false));
        events.put("response.output_item.added", format_args!("{item_added}"));
        let id = &self.item;
        match &self.output {
            Output::Text(text) => {
                let place = format!(",\"item_id\":\"{id}\",\"output_index\":{index},\"content_index\":0,");
                let done = quoted(text);
                events.put("response.content_part.added", format_args!("{place}\"part\":{}", part("\"\"")));
                for piece in text::pieces(text) {
                    events.add("response.output_text.delta", |out| {
                        out.extend_from_slice(place.as_bytes());
                        out.extend_from_slice(b"\"delta\":");
                        let _ = serde_json::to_writer(&mut *out, piece);
                        out.extend_from_slice(b",\"logprobs\":[]");
                    });
                }
                // Cut short, the text and its item are not said to be done (sample stream_incomplete).
                if !self.incomplete {
                    let text_done = format_args!("{place}\"text\":{done},\"logprobs\":[]");
                    events.put("response.output_text.done", text_done);
                    events.put("response.content_part.done", format_args!("{place}\"part\":{}", part(&done)));
                }
            }
            Output::Call { name, arguments, .. } => {
                let place = format!(",\"item_id\":\"{id}\",\"output_index\":{index},");
                let mut rest = arguments.as_str();
                while !rest.is_empty() {
                    let end = rest.char_indices().nth(8).map_or(rest.len(), |(at, _)| at);
                    let delta = quoted(&rest[..end]);
                    events.put("response.function_call_arguments.delta", format_args!("{place}\"delta\":{delta}"));
                    rest = &rest[end..];
                }
                if !self.incomplete {
                    events.put(
                        "response.function_call_arguments.done",
                        format_args!("{place}\"name\":{},\"arguments\":{}", quoted(name), quoted(arguments)),
                    );
                }
            }
        }
        if !self.incomplete {
            let item_done = format!(",\"output_index\":{index},\"item\":{}", self.last_item(true));
            events.put("response.output_item.done", format_args!("{item_done}"));
        }
        events.add(if self.incomplete { "response.incomplete" } else { "response.completed" }, |out| {
            out.extend_from_slice(b",\"response\":");
            self.write(out, true);
        });
        events.content()
    }
}

fn reasoning_item(id: &str) -> String {
    format!("{{\"id\":\"{id}\",\"type\":\"reasoning\",\"summary\":[]}}")
}

/// A text part; `text` is quoted already.
fn part(text: &str) -> String {
    format!("{{\"type\":\"output_text\",\"annotations\":[],\"logprobs\":[],\"text\":{text}}}")
}

/// The default object with the request's fields over it.
fn overlaid(default: &'static str, given: Option<&str>) -> Cow<'static, str> {
    let given = given.and_then(|raw| serde_json::from_str::<Map<String, Value>>(raw).ok());
    let (Some(given), Ok(mut fields)) = (given, serde_json::from_str::<Map<String, Value>>(default)) else {
        return default.into();
    };
    fields.extend(given);
    Value::Object(fields).to_string().into()
}

/// The function to call and its arguments, when the request insists on one and has not been given its output yet.
fn called(tools: &Value, choice: &Value, prompt: &Prompt) -> Option<(String, String)> {
    if prompt.tool_output.is_some() {
        return None;
    }
    let wanted = match choice {
        Value::String(choice) if choice == "required" => None,
        Value::Object(choice) if choice.get("type").is_some_and(|kind| kind == "function") => {
            Some(choice.get("name")?.as_str()?)
        }
        Value::Object(choice)
            if choice.get("type").is_some_and(|kind| kind == "allowed_tools")
                && choice.get("mode").is_some_and(|mode| mode == "required") =>
        {
            Some(choice.get("tools")?.get(0)?.get("name")?.as_str()?)
        }
        _ => return None,
    };
    let mut functions = tools.as_array()?.iter().filter(|tool| tool.get("type").is_some_and(|kind| kind == "function"));
    let function = functions.find(|tool| {
        wanted.is_none_or(|wanted| tool.get("name").and_then(Value::as_str).is_some_and(|name| name == wanted))
    })?;
    let name = function.get("name")?.as_str()?.to_owned();
    let arguments = match function.get("parameters") {
        Some(schema @ Value::Object(_)) => sampler::sample(schema).to_string(),
        _ => "{}".to_owned(),
    };
    Some((name, arguments))
}

fn words(prompt: &Prompt, text: &Value) -> String {
    let format = text.get("format");
    let kind = format.and_then(|format| format.get("type")).and_then(Value::as_str);
    let plain = || match &prompt.tool_output {
        Some(output) => text::after_tool(output, &prompt.user),
        None => text::reply(&prompt.user),
    };
    match (kind, format.and_then(|format| format.get("schema"))) {
        (Some("json_schema"), Some(schema)) => sampler::sample(schema).to_string(),
        (Some("json_object" | "json_schema"), _) => serde_json::json!({"reply": plain()}).to_string(),
        _ => plain(),
    }
}

/// Writes events one after the other into one buffer.
struct Events {
    out: Vec<u8>,
    ends: Vec<usize>,
}

impl Events {
    fn new() -> Self {
        Self { out: Vec::with_capacity(16 * 1024), ends: Vec::with_capacity(128) }
    }

    /// `rest` writes the fields after the type and the number, beginning with a comma.
    fn add(&mut self, name: &str, rest: impl FnOnce(&mut Vec<u8>)) {
        let number = self.ends.len();
        let _ = write!(self.out, "event: {name}\ndata: {{\"type\":\"{name}\",\"sequence_number\":{number}");
        rest(&mut self.out);
        self.out.extend_from_slice(b"}\n\n");
        self.ends.push(self.out.len());
    }

    fn put(&mut self, name: &str, rest: std::fmt::Arguments) {
        self.add(name, |out| {
            let _ = out.write_fmt(rest);
        });
    }

    fn content(self) -> Content {
        let mut whole = Bytes::from(self.out);
        let mut start = 0;
        let mut content = Content::new(200, Kind::Events, Bytes::new());
        content.pieces = self
            .ends
            .into_iter()
            .map(|end| {
                let piece = whole.split_to(end - start);
                start = end;
                piece
            })
            .collect();
        content
    }
}
