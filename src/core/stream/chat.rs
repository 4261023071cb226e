//! The dialect of `/v1/chat/completions`: chunks that add up to one completion.

use super::{Buffer, Snapshot, State, Verdict, event, is_json, parse, repeats, string};
use crate::core::sse::Event;
use bytes::Bytes;
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

/// The order of the fields in a whole reply; what is not named here follows as it arrived.
const REPLY: &[&str] = &["id", "object", "created", "model", "choices", "usage", "service_tier", "system_fingerprint"];
const CHOICE: &[&str] = &["index", "message", "logprobs", "finish_reason"];
const MESSAGE: &[&str] =
    &["role", "content", "reasoning_content", "reasoning", "refusal", "annotations", "audio", "tool_calls"];
const TOOL_CALL: &[&str] = &["id", "type", "function"];

#[derive(Default)]
pub(super) struct Chat {
    /// The fields of the chunks beside `choices`, each as it last said something.
    fields: Fields,
    choices: BTreeMap<u64, Choice>,
    /// `[DONE]` has come.
    done: bool,
}

#[derive(Default)]
struct Choice {
    /// `content` where it is text; in `message` where it is null or an array of parts.
    content: Option<Buffer>,
    tools: Vec<Tool>,
    /// What else the deltas hold: role, refusal, reasoning in all its spellings, audio.
    message: Map<String, Value>,
    logprobs: Option<Value>,
    finish: Option<String>,
    fields: Fields,
}

/// A tool call under way.
#[derive(Default)]
struct Tool {
    index: Option<u64>,
    call: Map<String, Value>,
    /// `function.arguments`, where they are text.
    arguments: Option<Buffer>,
}

/// Fields that each chunk repeats, unparsed: mostly they are just found to be the same.
#[derive(Default)]
struct Fields(Vec<(String, Box<RawValue>)>);

impl Fields {
    /// An empty value never replaces one that says something: ids and names are missing in some chunks.
    fn set(&mut self, name: &str, raw: &RawValue) {
        match self.0.iter_mut().find(|(known, _)| known == name) {
            None => self.0.push((name.to_owned(), raw.to_owned())),
            Some((_, old)) if old.get() == raw.get() || is_empty(raw.get()) => {}
            Some((_, old)) => *old = raw.to_owned(),
        }
    }

    fn object(&self) -> Map<String, Value> {
        self.0.iter().map(|(name, raw)| (name.clone(), parse(raw.get()).unwrap_or_default())).collect()
    }
}

fn is_empty(json: &str) -> bool {
    matches!(json, "null" | "\"\"" | "0" | "[]" | "{}")
}

impl State for Chat {
    fn take(&mut self, event: &Event, text: &str) -> Verdict {
        let text = text.trim_ascii();
        let Ok(Pairs(fields)) = serde_json::from_str::<Pairs>(text) else {
            return match text {
                // The gateway says so even when its upstream broke off: the end of the bytes will tell (G.8.6).
                "[DONE]" => {
                    self.done = true;
                    if self.complete() { Verdict::Done } else { Verdict::Skip }
                }
                _ if event.bare || event.name == "error" => Verdict::Error(event.data.clone()),
                text if is_json(text) => Verdict::PASS,
                _ => Verdict::Malformed(event.data.clone()),
            };
        };
        let says = |name: &str, value: &str| fields.iter().any(|(key, raw)| key == name && raw.get() == value);
        let failed = fields.iter().any(|(key, raw)| key == "error" && raw.get() != "null")
            || says("object", "\"error\"")
            || says("success", "false");
        if failed || event.bare || event.name == "error" {
            return Verdict::Error(event.data.clone());
        }
        let mut snapshot = None;
        for (name, raw) in &fields {
            match &**name {
                "choices" => {
                    for Pairs(choice) in objects(raw) {
                        let index = choice.iter().find(|(name, _)| name == "index").and_then(|(_, raw)| number(raw));
                        let grown = self.choices.entry(index.unwrap_or(0)).or_default().add(&choice);
                        snapshot = snapshot.or(grown);
                    }
                }
                "object" | "obfuscation" => {} // of the chunk, not of the whole
                name => self.fields.set(name, raw),
            }
        }
        Verdict::Pass { snapshot }
    }

    fn complete(&self) -> bool {
        let mut finished = self.choices.values().map(|choice| choice.finish.is_some());
        if self.done { finished.any(|f| f) } else { !self.choices.is_empty() && finished.all(|f| f) }
    }

    fn reply(&self) -> Option<Bytes> {
        if self.complete() { self.partial().map(Bytes::from) } else { None }
    }

    fn partial(&self) -> Option<Vec<u8>> {
        if self.fields.0.is_empty() && self.choices.is_empty() {
            return None;
        }
        let mut reply = self.fields.object();
        reply.insert("object".into(), "chat.completion".into());
        let choices = self.choices.iter().map(|(index, choice)| choice.value(*index));
        reply.insert("choices".into(), choices.collect());
        serde_json::to_vec(&ordered(reply, REPLY)).ok()
    }
}

impl Choice {
    /// Adds a choice of a chunk. The snapshot is that of the answer's text, else that of a tool call's arguments.
    fn add(&mut self, fields: &[(Cow<str>, &RawValue)]) -> Option<Snapshot> {
        let mut snapshot = None;
        for (name, raw) in fields {
            match &**name {
                "index" => {}
                // A whole message in place of a delta comes from upstreams that do not really stream.
                "delta" | "message" => {
                    let Ok(Pairs(delta)) = serde_json::from_str(raw.get()) else { continue };
                    for (name, raw) in &delta {
                        let grown = self.grow(name, raw);
                        snapshot = if name == "content" { grown.or(snapshot) } else { snapshot.or(grown) };
                    }
                }
                "finish_reason" => {
                    // "" is null. Some upstreams add a "stop" to a reason given before (G.8.10).
                    let reason = string(raw).filter(|reason| !reason.is_empty());
                    if let Some(reason) = reason.filter(|_| self.finish.as_deref().is_none_or(|old| old == "stop")) {
                        self.finish = Some(reason.into_owned());
                    }
                }
                "logprobs" => {
                    let logprobs = self.logprobs.get_or_insert_default();
                    if raw.get() != "null" {
                        merge(logprobs, parse(raw.get()).unwrap_or_default(), "logprobs");
                    }
                }
                name => self.fields.set(name, raw),
            }
        }
        snapshot
    }

    /// Adds one field of a delta.
    fn grow(&mut self, name: &str, raw: &RawValue) -> Option<Snapshot> {
        match name {
            "content" => {
                if let Some(text) = string(raw) {
                    let snapshot = self.content.get_or_insert_default().append(&text);
                    return (!text.is_empty()).then_some(snapshot);
                }
            }
            "tool_calls" => {
                if let Ok(calls) = serde_json::from_str::<Vec<&RawValue>>(raw.get()) {
                    let calls = calls.into_iter().filter_map(|raw| parse::<Map<String, Value>>(raw.get()));
                    return calls.filter_map(|call| self.tool(call)).last();
                }
            }
            _ => {}
        }
        let value: Value = parse(raw.get()).unwrap_or_default();
        match self.message.get_mut(name) {
            Some(old) => merge(old, value, name),
            None => drop(self.message.insert(name.to_owned(), value)),
        }
        None
    }

    /// Adds a piece of a tool call.
    fn tool(&mut self, mut piece: Map<String, Value>) -> Option<Snapshot> {
        let index = piece.remove("index").and_then(|index| index.as_f64()).map(|index| index as u64);
        let at = self.find(index, &piece);
        let at = at.unwrap_or_else(|| {
            self.tools.push(Tool { index, ..Tool::default() });
            self.tools.len() - 1
        });
        let tool = self.tools.get_mut(at)?;
        let arguments = match piece.get_mut("function") {
            Some(Value::Object(function)) => function.get_mut("arguments").map(Value::take),
            _ => None,
        };
        for (name, value) in piece {
            match tool.call.get_mut(&name) {
                Some(old) => merge(old, value, &name),
                None => drop(tool.call.insert(name, value)),
            }
        }
        match arguments {
            Some(Value::String(text)) => {
                let snapshot = tool.arguments.get_or_insert_default().append(&text);
                (!text.is_empty()).then_some(snapshot)
            }
            // Some upstreams send them as an object: it stays one.
            Some(Value::Null) | None => None,
            Some(value) => {
                if let Some(Value::Object(function)) = tool.call.get_mut("function") {
                    function.insert("arguments".into(), value);
                }
                None
            }
        }
    }

    /// The call that a piece belongs to; none if it begins one. By its index; but converted upstreams leave that out,
    /// or give every call the same, so a new id next to a name begins a call, and so does a name alone.
    fn find(&self, index: Option<u64>, piece: &Map<String, Value>) -> Option<usize> {
        let text = |map: &Map<String, Value>, name: &str| {
            map.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
        };
        let id = text(piece, "id");
        let named = ["function", "custom"]
            .iter()
            .any(|kind| piece.get(*kind).and_then(Value::as_object).is_some_and(|f| text(f, "name").is_some()));
        let with_id =
            || id.as_ref().and_then(|id| self.tools.iter().rposition(|t| text(&t.call, "id").as_ref() == Some(id)));
        match index {
            Some(_) => {
                let at = self.tools.iter().rposition(|tool| tool.index == index)?;
                let other = id.is_some() && text(&self.tools.get(at)?.call, "id").is_some_and(|old| Some(old) != id);
                if other && named { with_id() } else { Some(at) }
            }
            None => with_id().or_else(|| if named { None } else { self.tools.len().checked_sub(1) }),
        }
    }

    fn value(&self, index: u64) -> Value {
        let mut message = self.message.clone();
        message.entry("role").or_insert_with(|| "assistant".into());
        match &self.content {
            Some(text) => drop(message.insert("content".into(), text.lock().as_str().into())),
            None => drop(message.entry("content").or_insert(Value::Null)),
        }
        if let Some(data) = message.get_mut("audio").and_then(|audio| audio.get_mut("data")) {
            *data = data.as_str().map_or_else(|| data.clone(), |data| joined_base64(data).into());
        }
        if !self.tools.is_empty() {
            message.insert("tool_calls".into(), self.tools.iter().map(Tool::value).collect());
        }
        let mut choice = self.fields.object();
        choice.insert("index".into(), index.into());
        choice.insert("message".into(), ordered(message, MESSAGE));
        if let Some(logprobs) = &self.logprobs {
            choice.insert("logprobs".into(), logprobs.clone());
        }
        choice.insert("finish_reason".into(), self.finish.as_deref().into());
        ordered(choice, CHOICE)
    }
}

impl Tool {
    fn value(&self) -> Value {
        let mut call = self.call.clone();
        if let Some(text) = &self.arguments {
            let function = call.entry("function").or_insert_with(|| json!({}));
            if let Value::Object(function) = function {
                function.insert("arguments".into(), text.lock().as_str().into());
            }
        }
        if call.contains_key("function") && call.get("type").is_none_or(Value::is_null) {
            call.insert("type".into(), "function".into());
        }
        ordered(call, TOOL_CALL)
    }
}

/// The object with the fields that are named first.
fn ordered(mut object: Map<String, Value>, first: &[&str]) -> Value {
    let mut sorted: Map<String, Value> =
        first.iter().filter_map(|name| object.get_mut(*name).map(|value| ((*name).to_owned(), value.take()))).collect();
    for (name, value) in object {
        sorted.entry(name).or_insert(value);
    }
    sorted.into()
}

/// Adds a delta to what there is: texts grow, objects and lists are filled, all else is replaced.
fn merge(old: &mut Value, new: Value, name: &str) {
    match (old, new) {
        (_, Value::Null) => {}
        (Value::String(old), Value::String(new)) => match name {
            // Come whole, in some streams with every piece.
            "role" | "type" | "id" | "format" => {
                if !new.is_empty() {
                    *old = new;
                }
            }
            "name" if *old == new => {}
            _ => old.push_str(&new),
        },
        (Value::Object(old), Value::Object(new)) => {
            for (name, value) in new {
                match old.get_mut(&name) {
                    Some(old) => merge(old, value, &name),
                    None => drop(old.insert(name, value)),
                }
            }
        }
        (Value::Array(old), Value::Array(new)) => {
            for item in new {
                let index = item.get("index").filter(|index| index.is_number());
                let known = index.and_then(|index| old.iter_mut().rev().find(|old| old.get("index") == Some(index)));
                match known {
                    Some(old) => merge(old, item, name),
                    None => old.push(item),
                }
            }
        }
        (old, new) => *old = new,
    }
}

/// Pieces of audio are encoded one by one, so that padding can stand in the middle.
fn joined_base64(text: &str) -> Cow<'_, str> {
    let whole = text.trim_end_matches('=');
    if !whole.contains('=') {
        return text.into();
    }
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    for piece in whole.split('=').filter(|piece| !piece.is_empty()) {
        match base64_simd::STANDARD_NO_PAD.decode_to_vec(piece) {
            Ok(mut piece) => bytes.append(&mut piece),
            Err(_) => return text.into(),
        }
    }
    base64_simd::STANDARD.encode_to_string(bytes).into()
}

/// The fields of an object, unparsed. Not a map: a key may come twice, and there are few.
struct Pairs<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

#[derive(Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de> Deserialize<'de> for Pairs<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;

        impl<'de> Visitor<'de> for Read {
            type Value = Pairs<'de>;

            fn expecting(&self, out: &mut fmt::Formatter) -> fmt::Result {
                out.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Pairs<'de>, M::Error> {
                let mut pairs = Vec::with_capacity(8);
                while let Some(Key(key)) = map.next_key()? {
                    pairs.push((key, map.next_value()?));
                }
                Ok(Pairs(pairs))
            }
        }

        deserializer.deserialize_map(Read)
    }
}

/// The objects of a list; what else is in it counts for nothing.
fn objects(raw: &RawValue) -> Vec<Pairs<'_>> {
    serde_json::from_str(raw.get()).unwrap_or_else(|_| {
        let all: Vec<&RawValue> = serde_json::from_str(raw.get()).unwrap_or_default();
        all.into_iter().filter_map(|raw| serde_json::from_str(raw.get()).ok()).collect()
    })
}

fn number(raw: &RawValue) -> Option<u64> {
    let text = raw.get();
    text.parse().ok().or_else(|| text.parse().ok().map(|float: f64| float as u64))
}

/// For each choice a chunk with all of its message and one with its finish; the usage comes last, as in a stream.
pub(super) fn events_of_reply(json: &[u8]) -> Vec<Event> {
    let json = String::from_utf8_lossy(json);
    let Some(Value::Object(mut reply)) = parse(&json) else {
        return Vec::new();
    };
    let choices = match reply.remove("choices") {
        Some(Value::Array(choices)) => choices,
        _ => Vec::new(),
    };
    let usage = match reply.remove("usage") {
        Some(Value::Null) | None => None,
        usage => usage,
    };
    reply.insert("object".into(), "chat.completion.chunk".into());
    let mut events = Vec::new();
    let length = serde_json::to_vec(&reply).map_or(usize::MAX, |reply| reply.len());
    let all = repeats(length, 2 * choices.len());
    let mut add = |choices: Value, more: Option<(&str, Value)>| {
        let mut chunk = if all || events.is_empty() { reply.clone() } else { Map::new() };
        chunk.insert("choices".into(), choices);
        chunk.extend(more.map(|(name, value)| (name.to_owned(), value)));
        events.push(event("message", Value::from(chunk).to_string().into_bytes()));
    };
    for (at, choice) in choices.into_iter().enumerate() {
        let Value::Object(mut choice) = choice else { continue };
        let mut delta = choice.remove("message").unwrap_or_else(|| json!({}));
        if let Some(Value::Array(calls)) = delta.get_mut("tool_calls") {
            for (index, call) in calls.iter_mut().enumerate() {
                if let Value::Object(call) = call {
                    call.entry("index").or_insert_with(|| index.into());
                }
            }
        }
        let index = choice.remove("index").filter(Value::is_number).unwrap_or_else(|| at.into());
        let mut begin = json!({ "index": index, "delta": delta, "finish_reason": null });
        if let Some(logprobs) = choice.remove("logprobs") {
            begin["logprobs"] = logprobs;
        }
        let mut end = json!({ "index": index, "delta": {}, "finish_reason": null });
        if let Value::Object(end) = &mut end {
            end.extend(choice);
        }
        add(json!([begin]), None);
        add(json!([end]), None);
    }
    if let Some(usage) = usage {
        add(json!([]), Some(("usage", usage)));
    }
    events
}
