//! `POST /v1/messages`: the default answer, plain and streamed. Its shape, the order of its fields and of its events are
//! those of the reference's samples.
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Write;

use bytes::Bytes;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::ask::{Ask, kind_of};
use super::content::{BodyKind, Content};
use super::envelope::{self, UpstreamError, Wording};
use super::ids;
use super::rules::{claude_budget, claude_history, claude_schema, claude_tools};
use super::text;
use super::tools::{self, CallChoice, Turn};

/// What the real gateway fills in when the request says nothing.
const MAX_TOKENS: u64 = 4096;
const LEAST_BUDGET: u64 = 1024;
/// A picture or a page counts as one, not by its base64.
const TOKENS_OF_A_PICTURE: usize = 50;

pub(super) fn create(ask: &Ask) -> Content {
    let params = MessageParams(&ask.params);
    // What the gateway itself cannot read.
    let unusable = |message: &str| envelope::invalid_request(Wording::Anthropic, message, ask.id);
    if let Some(message) = params.wrong_kind() {
        return unusable(&message);
    }
    let messages = match params.parsed("messages") {
        Value::Array(messages) if !messages.is_empty() => messages,
        Value::Array(_) | Value::Null => return unusable("field messages is required"),
        _ => return unusable("json: cannot unmarshal into Go struct field ClaudeRequest.messages"),
    };
    match MessageReply::new(ask, &params, &messages) {
        Ok(reply) if params.given("stream") == Some("true") => reply.stream(),
        Ok(reply) => reply.plain(),
        // What the upstream refuses.
        Err(message) => {
            let said = UpstreamError { message: &message, kind: "invalid_request_error", code: "", param: "" };
            envelope::upstream(Wording::Anthropic, 400, said, ask.id)
        }
    }
}

struct MessageParams<'a>(&'a BTreeMap<String, &'a RawValue>);

impl MessageParams<'_> {
    fn given(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|raw| raw.get()).filter(|raw| *raw != "null")
    }

    /// Null where it is missing or nested too deep to be read.
    fn parsed(&self, name: &str) -> Value {
        self.given(name).and_then(|raw| serde_json::from_str(raw).ok()).unwrap_or_default()
    }

    fn wrong_kind(&self) -> Option<String> {
        let kinds = [
            ("stream", "bool"),
            ("max_tokens", "uint"),
            ("top_k", "int"),
            ("temperature", "float64"),
            ("top_p", "float64"),
            ("stop_sequences", "[]string"),
        ];
        let wrong = |&(name, wanted): &(&str, &str)| {
            let raw = self.given(name)?;
            let fits = match wanted {
                "bool" => raw == "true" || raw == "false",
                "uint" => raw.parse::<u64>().is_ok(),
                "int" => raw.parse::<i64>().is_ok(),
                "float64" => raw.parse::<f64>().is_ok(),
                _ => serde_json::from_str::<Vec<Cow<str>>>(raw).is_ok(),
            };
            let kind = kind_of(raw);
            let field = format!("Go struct field ClaudeRequest.{name} of type {wanted}");
            (!fits).then(|| format!("json: cannot unmarshal {kind} into {field}"))
        };
        kinds.iter().find_map(wrong)
    }
}

/// What the conversation comes down to.
#[derive(Default)]
struct MessagesPrompt {
    /// The last words of the user.
    user: String,
    /// What tools have returned since the model last spoke.
    results: Vec<String>,
    images: usize,
    tokens: usize,
    /// Tokens up to the last mark for the cache, and whether it is to live for an hour.
    cached: Option<(usize, bool)>,
}

impl MessagesPrompt {
    fn of(params: &MessageParams, messages: &[Value]) -> Self {
        let mut prompt = Self { tokens: 3, ..Self::default() };
        // The order in which the real one caches.
        let tools = params.parsed("tools");
        for tool in tools.as_array().into_iter().flatten() {
            prompt.tokens += text::tokens(&tool.to_string());
            prompt.mark(tool);
        }
        prompt.read(&params.parsed("system"));
        for message in messages {
            prompt.tokens += 2;
            prompt.read(&message["content"]);
        }
        // A mark for everything stands for one on the last block.
        prompt.mark(&json!({ "cache_control": params.parsed("cache_control") }));
        let users = || messages.iter().rev().filter(|message| message["role"] == "user");
        prompt.user =
            users().map(|message| texts(&message["content"])).find(|text| !text.is_empty()).unwrap_or_default();
        let last = users().next().map(|message| &message["content"]);
        let blocks = || last.and_then(Value::as_array).into_iter().flatten();
        prompt.images = blocks().filter(|block| block["type"] == "image").count();
        if prompt.user.is_empty() && prompt.images > 0 {
            "(an image)".clone_into(&mut prompt.user);
        }
        prompt.results = tools::results(messages.iter().rev().map(turn));
        prompt
    }

    fn read(&mut self, content: &Value) {
        match content {
            Value::String(text) => self.tokens += text::tokens(text),
            Value::Array(blocks) => {
                for block in blocks {
                    self.tokens += tokens_of(block);
                    self.mark(block);
                }
            }
            _ => {}
        }
    }

    fn mark(&mut self, block: &Value) {
        if let Some(Value::Object(mark)) = block.get("cache_control") {
            self.cached = Some((self.tokens, mark.get("ttl").is_some_and(|ttl| ttl == "1h")));
        }
    }
}

fn turn(message: &Value) -> Turn {
    let blocks = |kind: &'static str| {
        message["content"].as_array().into_iter().flatten().filter(move |block| block["type"] == kind)
    };
    let results: Vec<String> = blocks("tool_result").map(|block| texts(&block["content"])).collect();
    match message["role"].as_str() {
        Some("user") if !results.is_empty() => Turn::Results(results),
        Some("assistant") if blocks("tool_use").next().is_some() => Turn::Between,
        Some("assistant") => Turn::Said,
        Some("user") => Turn::Asked,
        _ => Turn::Between,
    }
}

fn texts(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(blocks) => {
            let texts =
                blocks.iter().filter(|block| block["type"] == "text").filter_map(|block| block["text"].as_str());
            texts.collect::<Vec<_>>().join("\n")
        }
        _ => String::new(),
    }
}

fn tokens_of(block: &Value) -> usize {
    match block["type"].as_str() {
        Some("image" | "document") => TOKENS_OF_A_PICTURE,
        Some("tool_result") => match &block["content"] {
            Value::String(text) => text::tokens(text),
            Value::Array(blocks) => blocks.iter().map(tokens_of).sum(),
            _ => 0,
        },
        Some("tool_use") => text::tokens(&block["input"].to_string()),
        _ => ["text", "thinking"].iter().filter_map(|name| block[*name].as_str()).map(text::tokens).sum(),
    }
}

enum MessageOutput {
    Text(String),
    Calls(Vec<CallOfTool>),
}

struct CallOfTool {
    id: String,
    name: String,
    input: String,
}

struct MessageReply {
    id: String,
    request_id: String,
    model: String,
    /// The thinking and its signature.
    thought: Option<(String, String)>,
    output: MessageOutput,
    stop_reason: &'static str,
    stop_sequence: Option<String>,
    input_tokens: usize,
    cached: Option<(usize, bool)>,
    output_tokens: usize,
}

impl MessageReply {
    /// Or what the upstream has against the request.
    fn new(ask: &Ask, params: &MessageParams, messages: &[Value]) -> Result<Self, String> {
        let max_tokens = params.given("max_tokens").and_then(|raw| raw.parse().ok()).unwrap_or(MAX_TOKENS);
        let tool_choice = params.parsed("tool_choice");
        let forced = matches!(tool_choice["type"].as_str(), Some("any" | "tool"));
        let thinks = thinks(ask.model, &params.parsed("thinking"), max_tokens)?;
        if thinks.is_some() && forced {
            return Err("Thinking may not be enabled when tool_choice forces tool use.".into());
        }
        claude_history(messages, thinks.is_some(), &is_genuine)?;
        let tools = params.parsed("tools");
        claude_tools(&tools)?;
        let schema = schema(params)?;
        claude_budget(&tools, schema.as_ref())?;

        let prompt = MessagesPrompt::of(params, messages);
        let mut output = match called(&tools, &tool_choice, &prompt)? {
            calls if calls.is_empty() => MessageOutput::Text(words(&prompt, schema.as_ref())),
            calls => MessageOutput::Calls(
                calls
                    .into_iter()
                    .map(|(name, input)| CallOfTool { id: ids::letters("toolu_01", 22), name, input })
                    .collect(),
            ),
        };
        let most = usize::try_from(max_tokens).unwrap_or(usize::MAX);
        let (mut stop_reason, mut stop_sequence) = ("end_turn", None);
        let made = match &mut output {
            MessageOutput::Text(text) => {
                let stops = params.parsed("stop_sequences");
                let stops = stops.as_array().into_iter().flatten().filter_map(Value::as_str);
                let found = stops.filter(|stop| !stop.is_empty()).filter_map(|stop| Some((text.find(stop)?, stop)));
                if let Some((at, stop)) = found.min() {
                    (stop_reason, stop_sequence) = ("stop_sequence", Some(stop.to_owned()));
                    text.truncate(at);
                }
                if text::tokens(text) > most {
                    (stop_reason, stop_sequence) = ("max_tokens", None);
                    let end = text::cut(text, most).len();
                    text.truncate(end);
                }
                text::tokens(text)
            }
            MessageOutput::Calls(calls) => {
                stop_reason = "tool_use";
                let (mut tokens, mut whole) = (0, 0);
                for call in calls.iter_mut() {
                    // The call that is cut is the last, and has no input.
                    whole += 1;
                    tokens += text::tokens(&call.name) + text::tokens(&call.input);
                    if tokens > most {
                        stop_reason = "max_tokens";
                        "{}".clone_into(&mut call.input);
                        break;
                    }
                }
                calls.truncate(whole);
                tokens.min(most)
            }
        };
        let thought = thinks.map(|shown| {
            let thought = if shown { thought(&prompt.user) } else { String::new() };
            let signature = signed(&thought, &ids::letters("", 60));
            (thought, signature)
        });
        let thought_tokens = thought.as_ref().map_or(0, |(text, _)| text::tokens(text));
        let cached = prompt.cached.filter(|(tokens, _)| *tokens > 0);
        Ok(Self {
            id: ids::letters("msg_01", 22),
            request_id: ids::letters("req_011C", 20),
            model: ask.model.strip_suffix("-thinking").unwrap_or(ask.model).to_owned(),
            thought,
            output,
            stop_reason,
            stop_sequence,
            input_tokens: prompt.tokens - cached.map_or(0, |(tokens, _)| tokens),
            cached,
            output_tokens: (made + thought_tokens).max(1),
        })
    }

    fn usage(&self, output_tokens: usize) -> Value {
        let created = self.cached.map_or(0, |(tokens, _)| tokens);
        let mut usage = json!({
            "input_tokens": self.input_tokens,
            "cache_creation_input_tokens": created,
            "cache_read_input_tokens": 0,
        });
        if let Some((tokens, hour)) = self.cached {
            let (minutes, hour) = if hour { (0, tokens) } else { (tokens, 0) };
            usage["cache_creation"] = json!({"ephemeral_5m_input_tokens": minutes, "ephemeral_1h_input_tokens": hour});
        }
        usage["output_tokens"] = output_tokens.into();
        if self.cached.is_some() {
            usage["service_tier"] = "standard".into();
        }
        usage
    }

    fn blocks(&self) -> Vec<Value> {
        let thought = self
            .thought
            .iter()
            .map(|(thinking, signature)| json!({"type": "thinking", "thinking": thinking, "signature": signature}));
        let call = |call: &CallOfTool| {
            let input: Value = serde_json::from_str(&call.input).unwrap_or_else(|_| json!({}));
            json!({"type": "tool_use", "id": call.id, "name": call.name, "input": input})
        };
        let last: Vec<Value> = match &self.output {
            MessageOutput::Text(text) => vec![json!({"type": "text", "text": text})],
            MessageOutput::Calls(calls) => calls.iter().map(call).collect(),
        };
        thought.chain(last).collect()
    }

    fn message(&self, content: Vec<Value>, done: bool) -> Value {
        json!({
            "id": self.id,
            "type": "message",
            "role": "assistant",
            "model": self.model,
            "content": content,
            "stop_reason": if done { self.stop_reason.into() } else { Value::Null },
            "stop_sequence": if done { self.stop_sequence.clone().into() } else { Value::Null },
            "usage": self.usage(if done { self.output_tokens } else { 1 }),
        })
    }

    fn plain(&self) -> Content {
        let body = self.message(self.blocks(), true).to_string();
        let mut content = Content::new(200, BodyKind::Json, body.into());
        // The gateway passes its upstream's headers on with a plain success, and only then.
        content.headers.push((Cow::Borrowed("request-id"), self.request_id.clone()));
        content
    }

    fn stream(&self) -> Content {
        let mut events = MessageEvents(Vec::with_capacity(128));
        events.add("message_start", json!({"message": self.message(Vec::new(), false)}));
        for (index, block) in self.blocks().into_iter().enumerate() {
            let mut start = block;
            let mut deltas: Vec<Value> = Vec::new();
            match start["type"].as_str() {
                Some("thinking") => {
                    let thinking = start["thinking"].as_str().unwrap_or_default();
                    deltas.extend(
                        text::pieces(thinking).map(|piece| json!({"type": "thinking_delta", "thinking": piece})),
                    );
                    deltas.push(json!({"type": "signature_delta", "signature": start["signature"]}));
                    (start["thinking"], start["signature"]) = (json!(""), json!(""));
                }
                Some("tool_use") => {
                    let input = start["input"].to_string();
                    let pieces = std::iter::once("").chain(text::eights(if input == "{}" { "" } else { &input }));
                    deltas.extend(pieces.map(|piece| json!({"type": "input_json_delta", "partial_json": piece})));
                    start["input"] = json!({});
                }
                _ => {
                    let whole = start["text"].as_str().unwrap_or_default();
                    deltas.extend(text::pieces(whole).map(|piece| json!({"type": "text_delta", "text": piece})));
                    start["text"] = json!("");
                }
            }
            events.add("content_block_start", json!({"index": index, "content_block": start}));
            if index == 0 {
                events.add("ping", json!({}));
            }
            for delta in deltas {
                events.add("content_block_delta", json!({"index": index, "delta": delta}));
            }
            events.add("content_block_stop", json!({"index": index}));
        }
        let delta = json!({"stop_reason": self.stop_reason, "stop_sequence": self.stop_sequence});
        // What the upstream leaves out here, the gateway fills in.
        let usage = json!({
            "output_tokens": self.output_tokens,
            "input_tokens": self.input_tokens,
            "cache_read_input_tokens": 0,
            "cache_creation_input_tokens": self.cached.map_or(0, |(tokens, _)| tokens),
        });
        events.add("message_delta", json!({"delta": delta, "usage": usage}));
        events.add("message_stop", json!({}));
        Content { pieces: events.0, ..Content::new(200, BodyKind::Events, Bytes::new()) }
    }
}

/// Whether it thinks, and if so whether it shows what.
fn thinks(model: &str, thinking: &Value, max_tokens: u64) -> Result<Option<bool>, String> {
    let shown = thinking["display"] != "omitted";
    match thinking["type"].as_str() {
        Some("enabled") => {
            let budget = thinking["budget_tokens"].as_u64().unwrap_or_default();
            if budget < LEAST_BUDGET {
                let field = "thinking.enabled.budget_tokens";
                return Err(format!("{field}: Input should be greater than or equal to {LEAST_BUDGET}"));
            }
            if budget >= max_tokens {
                return Err("`max_tokens` must be greater than `thinking.budget_tokens`.".into());
            }
            Ok(Some(shown))
        }
        Some("adaptive") => Ok(Some(shown)),
        // The gateway makes a budget of its own for a model of that name.
        None if model.ends_with("-thinking") => Ok(Some(true)),
        _ => Ok(None),
    }
}

/// The tools to call and their input; none once they have returned something, or it would go round for ever.
fn called(tools: &Value, choice: &Value, prompt: &MessagesPrompt) -> Result<Vec<(String, String)>, String> {
    let named = choice["name"].as_str().unwrap_or_default();
    let wanted = match choice["type"].as_str() {
        Some("none") => CallChoice::Never,
        Some("any") => CallChoice::Must,
        Some("tool") => CallChoice::Named(named),
        _ => CallChoice::Auto,
    };
    // Those with another type are the service's own.
    let own = |tool: &&Value| matches!(tool["type"].as_str(), None | Some("custom"));
    let tools: Vec<&Value> = tools.as_array().into_iter().flatten().filter(own).collect();
    let known: Vec<(&str, &str)> = tools
        .iter()
        .map(|tool| (tool["name"].as_str().unwrap_or_default(), tool["description"].as_str().unwrap_or_default()))
        .collect();
    let several = choice["disable_parallel_tool_use"] != true;
    let called = tools::called(&known, wanted, &prompt.user, several);
    match wanted {
        CallChoice::Named(name) if called.is_empty() => {
            return Err(format!("Tool '{name}' not found in provided tools"));
        }
        CallChoice::Must if called.is_empty() => return Err("tool_choice.any: tools: Field required".into()),
        _ if !prompt.results.is_empty() => return Ok(Vec::new()),
        _ => {}
    }
    let called = called.into_iter().filter_map(|at| tools.get(at));
    Ok(called
        .map(|tool| {
            (
                tool["name"].as_str().unwrap_or_default().to_owned(),
                tools::arguments(tool.get("input_schema")).to_string(),
            )
        })
        .collect())
}

/// The schema that the answer has to follow. `output_format` is what the beta calls it.
fn schema(params: &MessageParams) -> Result<Option<Value>, String> {
    let (config, beta) = (params.parsed("output_config"), params.parsed("output_format"));
    let (format, place) =
        if beta.is_object() { (&beta, "output_format") } else { (&config["format"], "output_config.format") };
    if format["type"] != "json_schema" {
        return Ok(None);
    }
    claude_schema(&format["schema"]).map_err(|why| format!("{place}.schema: {why}"))?;
    Ok(Some(format["schema"].clone()))
}

/// Stands at the beginning of all signatures.
const SIGNATURE: &str = "EqQBCgIYAhIM";

/// A signature of what was thought: random letters, and sums over them alone and over both, so that one of another origin
/// is told apart.
fn signed(thought: &str, letters: &str) -> String {
    let (own, both) = (text::hash(letters.bytes()), text::hash(letters.bytes().chain(thought.bytes())));
    format!("{SIGNATURE}{letters}{:08x}{both:016x}=", own >> 32)
}

/// Whether a thought is as it was signed here; signatures of another origin are believed.
fn is_genuine(thought: &str, signature: &str) -> bool {
    let letters = signature.strip_prefix(SIGNATURE).and_then(|rest| rest.get(..60)).unwrap_or_default();
    let ours = |thought: &str| signed(thought, letters);
    // All but what depends on the thought.
    let head = SIGNATURE.len() + 60 + 8;
    signature.get(..head).is_none_or(|own| !ours("").starts_with(own)) || ours(thought) == signature
}

fn words(prompt: &MessagesPrompt, schema: Option<&Value>) -> String {
    if let Some(schema) = schema {
        return tools::answer(schema, &prompt.results);
    }
    if let Some(words) = tools::said(&prompt.results, &prompt.user) {
        return words;
    }
    let reply = text::reply(&prompt.user);
    match prompt.images {
        0 => reply,
        _ if reply.chars().any(text::is_cjk) => format!("我看到了您发来的{}张图片。{reply}", prompt.images),
        1 => format!("I have seen the image you sent. {reply}"),
        many => format!("I have seen the {many} images you sent. {reply}"),
    }
}

fn thought(prompt: &str) -> String {
    let start: String = prompt.trim().chars().take(80).collect();
    if start.chars().any(text::is_cjk) {
        format!("用户说:“{start}”。我应该直接、简短地回答。")
    } else {
        format!("The user says: “{start}”. I should answer directly and keep it short.")
    }
}

struct MessageEvents(Vec<Bytes>);

impl MessageEvents {
    fn add(&mut self, name: &str, fields: Value) {
        let mut data = json!({ "type": name });
        if let (Some(data), Value::Object(mut fields)) = (data.as_object_mut(), fields) {
            data.append(&mut fields);
        }
        let mut out = Vec::with_capacity(128);
        // The third line end is the gateway's own.
        let _ = write!(out, "event: {name}\ndata: {data}\n\n\n"); // into memory: cannot fail
        self.0.push(out.into());
    }
}
