//! `POST /v1/responses`: the default answer, plain and streamed. Its shape, the order of its fields and of its events
//! are those of the reference's samples.
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Write;
use std::sync::LazyLock;

use bytes::Bytes;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::ask::{Ask, kind_of};
use super::builtin::{self, CallOfUser, Deed, Given, OutputItem};
use super::content::{BodyKind, Content};
use super::envelope::{self, Wording};
use super::ids::{self, Family};
use super::model::{dated, reasons};
use super::rules::{Objection, format_refused, name_refused};
use super::text;
use super::text::quoted;
use super::tools::{self, Turn};

/// The fields of a response in their order, each with the value it has when the request says nothing.
#[expect(clippy::expect_used, reason = "the sample is part of the program, and every test reads it")]
static FIELDS: LazyLock<Vec<(String, String)>> = LazyLock::new(|| {
    let sample: Map<String, Value> =
        serde_json::from_str(include_str!("samples/responses.json")).expect("the sample is JSON");
    sample.into_iter().map(|(name, value)| (name, value.to_string())).collect()
});

type ResponseParams<'a> = BTreeMap<String, &'a RawValue>;

pub(super) fn create(ask: &Ask) -> Content {
    let params = &ask.params;
    let refuse = |message: &str| envelope::invalid_request(Wording::OpenAi, message, ask.id);
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
            let kind = kind_of(raw);
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
    match ResponseReply::new(ask, params, &input) {
        Ok(reply) if streamed => reply.stream(),
        Ok(reply) => reply.plain(),
        Err(Objection { message, code, param }) => envelope::upstream_refused(&message, code, &param),
    }
}

/// What the request's input comes down to.
struct ResponsesPrompt {
    /// The last words of the user.
    user: String,
    /// What functions and custom tools have returned since the model last spoke.
    results: Vec<String>,
    tokens: usize,
}

impl ResponsesPrompt {
    fn of(input: &Value) -> Self {
        let mut prompt = ResponsesPrompt { user: String::new(), results: Vec::new(), tokens: 3 };
        match input {
            Value::String(text) => {
                prompt.user.clone_from(text);
                prompt.tokens += 2 + text::tokens(text);
            }
            Value::Array(items) => {
                prompt.tokens += items.iter().map(|item| 2 + tokens_of(item)).sum::<usize>();
                prompt.user = items.iter().rev().find_map(user_text).unwrap_or_default();
                prompt.results = tools::results(items.iter().rev().map(turn));
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

fn turn(item: &Value) -> Turn {
    match (tool_output(item), item["role"].as_str()) {
        (Some(output), _) => Turn::Results(vec![output]),
        (None, Some("assistant")) => Turn::Said,
        (None, Some("user")) => Turn::Asked,
        _ => Turn::Between,
    }
}

fn tool_output(item: &Value) -> Option<String> {
    if !["function_call_output", "custom_tool_call_output"].contains(&item.get("type")?.as_str()?) {
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

enum ResponseOutput {
    Text { text: String, annotations: Vec<Value> },
    Call { form: &'static CallForm, name: String, input: String, call_id: String },
}

impl ResponseOutput {
    fn of(call: CallOfUser) -> Self {
        let form = if call.custom { &CUSTOM } else { &FUNCTION };
        Self::Call { form, name: call.name, input: call.input, call_id: builtin::call_id() }
    }

    fn tokens(&self) -> usize {
        match self {
            Self::Text { text, .. } => text::tokens(text),
            Self::Call { name, input, .. } => text::tokens(name) + text::tokens(input),
        }
    }

    fn cut(&mut self, most: usize) {
        let words = match self {
            Self::Text { text, annotations } => {
                annotations.clear(); // they stand at the end
                text
            }
            Self::Call { input, .. } => input,
        };
        words.truncate(text::cut(words, most).len());
    }
}

/// How the calls of the user's own tools differ.
struct CallForm {
    prefix: &'static str,
    kind: &'static str,
    /// Where the item has what goes in, and what the events are named after.
    field: &'static str,
    stem: &'static str,
}

const FUNCTION: CallForm =
    CallForm { prefix: "fc", kind: "function_call", field: "arguments", stem: "function_call_arguments" };
const CUSTOM: CallForm =
    CallForm { prefix: "ctc", kind: "custom_tool_call", field: "input", stem: "custom_tool_call_input" };

struct ResponseReply<'a> {
    params: &'a ResponseParams<'a>,
    id: String,
    reasons: bool,
    /// What comes before the answer: reasoning, the work of built-in tools.
    before: Vec<OutputItem>,
    /// The answer, or calls, each with the id of its item; none while an approval is waited for.
    last: Vec<(String, ResponseOutput)>,
    /// How many of the likeliest tokens go with each token of the text, if any do.
    logprobs: Option<usize>,
    tools: String,
    incomplete: bool,
    created: u64,
    /// Quoted, as it goes out.
    model: String,
    input_tokens: usize,
    output_tokens: usize,
    reasoning_tokens: usize,
    gpt5: bool,
}

impl<'a> ResponseReply<'a> {
    fn new(ask: &Ask, params: &'a ResponseParams<'a>, input: &Value) -> Result<Self, Objection> {
        let parsed = |name: &str| -> Value {
            params.get(name).and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default()
        };
        let mut prompt = ResponsesPrompt::of(input);
        let (tools, choice, include) = (parsed("tools"), parsed("tool_choice"), parsed("include"));
        let given = Given {
            tools: &tools,
            choice: &choice,
            include: &include,
            input,
            user: &prompt.user,
            answered: !prompt.results.is_empty(),
            continued: ["previous_response_id", "conversation"].iter().any(|name| !parsed(name).is_null()),
            several: parsed("parallel_tool_calls") != false,
        };
        let text = parsed("text");
        let format = Some(&text["format"]).filter(|format| format["type"] == "json_schema");
        let wrong = |format: &Value| {
            let name = name_refused(format.get("name"), "text.format.name".into());
            name.or_else(|| format_refused(format, "text.format", "text.format.schema", "invalid_json_schema"))
        };
        if let Some(objection) = given.refused().or_else(|| wrong(format?)) {
            return Err(objection);
        }
        let family = Family::new();
        let (mut before, answer) = given.used(&family);
        for raw in ["instructions", "tools"].into_iter().filter_map(|name| params.get(name)) {
            prompt.tokens += if raw.get() == "null" { 0 } else { text::tokens(raw.get()) };
        }
        let outputs = match answer {
            Deed::Nothing => Vec::new(),
            Deed::Calls(calls) => calls.into_iter().map(ResponseOutput::of).collect(),
            Deed::Text { text: said, annotations } if structured(&text).is_none() => {
                vec![ResponseOutput::Text { text: said, annotations }]
            }
            _ => vec![ResponseOutput::Text { text: words(&prompt, &text), annotations: Vec::new() }],
        };
        let most = parsed("max_output_tokens").as_u64().map_or(usize::MAX, |n| n.try_into().unwrap_or(usize::MAX));
        let (mut made, mut last) = (0, Vec::new());
        for mut output in outputs {
            // What comes after the one that is cut does not come at all.
            if made > most {
                break;
            }
            let left = most - made;
            made += output.tokens();
            if made > most {
                output.cut(left);
            }
            let prefix = if let ResponseOutput::Call { form, .. } = &output { form.prefix } else { "msg" };
            last.push((family.id(prefix), output));
        }
        let incomplete = made > most;
        let reasons = reasons(ask.model);
        if reasons {
            // A server's list of tools comes before any thought.
            let at = before.iter().take_while(|item| item.begun["type"] == "mcp_list_tools").count();
            before.insert(at, OutputItem::reasoning(&family));
        }
        let effort = parsed("reasoning").get("effort").and_then(Value::as_str).map(str::to_owned);
        let thought = match effort.as_deref() {
            _ if !reasons => 0,
            Some("none" | "minimal") => 0,
            Some("high" | "xhigh") => 192,
            _ => 64,
        };
        // The answer comes first out of a small budget, so that a test of it sees some.
        let reasoning_tokens = thought.min(most.saturating_sub(made));
        let wanted = given.includes("message.output_text.logprobs");
        let logprobs = wanted.then(|| parsed("top_logprobs").as_u64().unwrap_or(0).min(20) as usize);
        Ok(Self {
            params,
            id: family.id("resp"),
            reasons,
            before,
            last,
            logprobs,
            tools: Value::from(builtin::repeated(&tools)).to_string(),
            incomplete,
            created: ids::now(),
            model: quoted(dated(ask.model)),
            input_tokens: prompt.tokens,
            output_tokens: made.min(most) + reasoning_tokens,
            reasoning_tokens,
            gpt5: ask.model.starts_with("gpt-5"),
        })
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
                "tools" => self.tools.as_str().into(),
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
        let default = if self.reasons {
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
        let mut items: Vec<String> = self.before.iter().map(|item| item.done.to_string()).collect();
        let last = self.last.iter().enumerate();
        items.extend(last.map(|(at, (id, output))| self.last_item(id, output, true, self.is_cut(at))));
        format!("[{}]", items.join(","))
    }

    /// Whether the answer breaks off in the one at that place: the last.
    fn is_cut(&self, at: usize) -> bool {
        self.incomplete && at + 1 == self.last.len()
    }

    /// The message or the call, as it is at its end or at its beginning.
    fn last_item(&self, id: &str, output: &ResponseOutput, done: bool, cut: bool) -> String {
        let status = match (done, cut) {
            (false, _) => "in_progress",
            (true, false) => "completed",
            (true, true) => "incomplete",
        };
        match output {
            ResponseOutput::Text { text, annotations } => {
                let content = if done { self.part(text, annotations) } else { String::new() };
                format!(
                    "{{\"id\":\"{id}\",\"type\":\"message\",\"status\":\"{status}\",\"content\":[{content}],\
                     \"role\":\"assistant\"}}"
                )
            }
            ResponseOutput::Call { form, name, input, call_id } => format!(
                "{{\"id\":\"{id}\",\"type\":\"{}\",\"status\":\"{status}\",\"{}\":{},\
                 \"call_id\":\"{call_id}\",\"name\":{}}}",
                form.kind,
                form.field,
                quoted(if done { input } else { "" }),
                quoted(name)
            ),
        }
    }

    /// A part of the message.
    fn part(&self, text: &str, annotations: &[Value]) -> String {
        format!(
            "{{\"type\":\"output_text\",\"annotations\":{},\"logprobs\":{},\"text\":{}}}",
            Value::from(annotations),
            self.logprobs(text::pieces(text), false),
            quoted(text)
        )
    }

    fn logprobs<'t>(&self, tokens: impl Iterator<Item = &'t str>, event: bool) -> Value {
        let Some(most) = self.logprobs else { return Value::Array(Vec::new()) };
        tokens.map(|token| builtin::logprob(token, most, event)).collect()
    }

    fn plain(&self) -> Content {
        let mut body = Vec::with_capacity(2048);
        self.write(&mut body, true);
        let mut content = Content::new(200, BodyKind::Json, body.into());
        // The gateway passes its upstream's headers on with a plain success, and only then.
        content.headers.push((Cow::Borrowed("openai-processing-ms"), (300 + self.output_tokens * 12).to_string()));
        content.headers.push((Cow::Borrowed("x-request-id"), format!("req_{}", &self.id[5..37])));
        content
    }

    fn stream(&self) -> Content {
        let mut events = ResponseEvents::new();
        for name in ["response.created", "response.in_progress"] {
            events.add(name, |out| {
                out.extend_from_slice(b",\"response\":");
                self.write(out, false);
            });
        }
        for (index, item) in self.before.iter().enumerate() {
            let whole = |item: &Value| format!(",\"output_index\":{index},\"item\":{item}");
            events.put("response.output_item.added", format_args!("{}", whole(&item.begun)));
            for (name, fields) in &item.steps {
                let place = format!(",\"output_index\":{index},\"item_id\":{}", item.begun["id"]);
                events.put(&format!("response.{name}"), format_args!("{place}{}", more(fields)));
            }
            events.put("response.output_item.done", format_args!("{}", whole(&item.done)));
        }
        for (at, (id, output)) in self.last.iter().enumerate() {
            self.stream_last(&mut events, at, id, output);
        }
        events.add(if self.incomplete { "response.incomplete" } else { "response.completed" }, |out| {
            out.extend_from_slice(b",\"response\":");
            self.write(out, true);
        });
        events.content()
    }

    fn stream_last(&self, events: &mut ResponseEvents, at: usize, id: &str, output: &ResponseOutput) {
        let (index, cut) = (self.before.len() + at, self.is_cut(at));
        let whole = |done| format!(",\"output_index\":{index},\"item\":{}", self.last_item(id, output, done, cut));
        events.put("response.output_item.added", format_args!("{}", whole(false)));
        match output {
            ResponseOutput::Text { text, annotations } => {
                let place = format!(",\"item_id\":\"{id}\",\"output_index\":{index},\"content_index\":0,");
                events.put("response.content_part.added", format_args!("{place}\"part\":{}", self.part("", &[])));
                for piece in text::pieces(text) {
                    events.add("response.output_text.delta", |out| {
                        out.extend_from_slice(place.as_bytes());
                        out.extend_from_slice(b"\"delta\":");
                        let _ = serde_json::to_writer(&mut *out, piece);
                        let _ = write!(out, ",\"logprobs\":{}", self.logprobs([piece].into_iter(), true));
                    });
                }
                for (at, annotation) in annotations.iter().enumerate() {
                    events.put(
                        "response.output_text.annotation.added",
                        format_args!("{place}\"annotation_index\":{at},\"annotation\":{annotation}"),
                    );
                }
                // Cut short, the text and its item are not said to be done (sample stream_incomplete).
                if !cut {
                    let logprobs = self.logprobs(text::pieces(text), true);
                    let done = format_args!("{place}\"text\":{},\"logprobs\":{logprobs}", quoted(text));
                    events.put("response.output_text.done", done);
                    let part = self.part(text, annotations);
                    events.put("response.content_part.done", format_args!("{place}\"part\":{part}"));
                }
            }
            ResponseOutput::Call { form, name, input, .. } => {
                let place = format!(",\"item_id\":\"{id}\",\"output_index\":{index}");
                for (event, fields) in builtin::typed(form.stem, form.field, input) {
                    let done = event.ends_with(".done");
                    if done && cut {
                        break;
                    }
                    let named = done && form.kind == FUNCTION.kind;
                    let named = if named { format!(",\"name\":{}", quoted(name)) } else { String::new() };
                    events.put(&format!("response.{event}"), format_args!("{place}{named}{}", more(&fields)));
                }
            }
        }
        if !cut {
            events.put("response.output_item.done", format_args!("{}", whole(true)));
        }
    }
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

/// The schema that the answer has to follow, if there is one; null where any object will do.
fn structured(text: &Value) -> Option<&Value> {
    let format = text.get("format")?;
    match format.get("type")?.as_str()? {
        "json_schema" => Some(format.get("schema").unwrap_or(&Value::Null)),
        "json_object" => Some(&Value::Null),
        _ => None,
    }
}

/// The fields of an object, each after a comma.
fn more(fields: &Value) -> String {
    let fields = fields.as_object().into_iter().flatten();
    fields.map(|(name, value)| format!(",\"{name}\":{value}")).collect()
}

fn words(prompt: &ResponsesPrompt, text: &Value) -> String {
    let plain = || tools::said(&prompt.results, &prompt.user).unwrap_or_else(|| text::reply(&prompt.user));
    match structured(text) {
        None => plain(),
        Some(Value::Null) => serde_json::json!({"reply": plain()}).to_string(),
        Some(schema) => tools::answer(schema, &prompt.results),
    }
}

/// Writes events one after the other into one buffer.
struct ResponseEvents {
    out: Vec<u8>,
    ends: Vec<usize>,
}

impl ResponseEvents {
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
        let mut content = Content::new(200, BodyKind::Events, Bytes::new());
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
