//! The dialect of `/v1/chat/completions`: chunks that add up to one completion. And its older form, whose choices have a
//! `text` in place of a delta.

use super::merge::{Path, Places, ordered};
use super::tools::Tools;
use super::{Buffer, DialectState, Snapshot, Verdict, event, is_declared, is_error, repeats};
use crate::core::json::{Members, is_empty, number, objects, parse, string};
use crate::core::peek::Json;
use crate::core::sse::Event;
use bytes::Bytes;
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value, json};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

/// The order of the fields in a whole reply; what is not named here follows as it arrived.
const REPLY: &[&str] = &["id", "object", "created", "model", "choices", "usage", "service_tier", "system_fingerprint"];
const CHOICE: &[&str] = &["index", "message", "logprobs", "finish_reason"];
const MESSAGE: &[&str] =
    &["role", "content", "reasoning_content", "reasoning", "refusal", "annotations", "audio", "tool_calls"];

#[derive(Default)]
pub(super) struct Chat {
    /// The fields of the chunks beside `choices`, each as it last said something.
    fields: ChunkFields,
    choices: BTreeMap<u64, Choice>,
    /// How many of them have a finish reason.
    finished: usize,
    /// `[DONE]` has come.
    done: bool,
    /// The last chunk, where it had messages in place of deltas.
    filled: Option<Bytes>,
}

#[derive(Default)]
struct Choice {
    /// `content` where it is text; in `message` where it is null or an array of parts.
    content: Option<Buffer>,
    /// Of `/v1/completions`.
    text: Option<Buffer>,
    tools: Tools,
    /// What else the deltas hold: role, refusal, reasoning in all its spellings, audio.
    message: Map<String, Value>,
    logprobs: Option<Value>,
    finish: Option<String>,
    fields: ChunkFields,
    /// Deltas have come that say something.
    in_deltas: bool,
    /// `content` has come as parts.
    in_parts: bool,
    places: Places,
}

/// Fields that each chunk repeats, unparsed: mostly they are just found to be the same.
#[derive(Default)]
struct ChunkFields {
    list: Vec<(String, Box<RawValue>)>,
    /// Where each stands, once there are many.
    at: HashMap<String, usize>,
}

impl ChunkFields {
    /// So few are found sooner by looking at each.
    const FEW: usize = 16;

    /// An empty value never replaces one that says something: ids and names are missing in some chunks.
    fn set(&mut self, name: &str, raw: &RawValue) {
        match self.find(name).and_then(|at| self.list.get_mut(at)) {
            None => {
                self.list.push((name.to_owned(), raw.to_owned()));
                if self.list.len() > Self::FEW {
                    let known = self.at.len();
                    let new = self.list.iter().enumerate().skip(known);
                    self.at.extend(new.map(|(at, (name, _))| (name.clone(), at)));
                }
            }
            Some((_, old)) if old.get() == raw.get() || is_empty(raw) => {}
            // Nor does a count of nothing one of something.
            Some(_) if name == "usage" && !raw.get().contains(|digit| matches!(digit, '1'..='9')) => {}
            Some((_, old)) => *old = raw.to_owned(),
        }
    }

    fn find(&self, name: &str) -> Option<usize> {
        match self.at.is_empty() {
            true => self.list.iter().position(|(known, _)| known == name),
            false => self.at.get(name).copied(),
        }
    }

    fn object(&self) -> Map<String, Value> {
        self.list.iter().map(|(name, raw)| (name.clone(), parse(raw.get()).unwrap_or_default())).collect()
    }
}

impl DialectState for Chat {
    fn take(&mut self, event: &Event, text: &str) -> Option<Verdict> {
        let Members(fields) = serde_json::from_str(text).ok()?;
        let (mut snapshot, mut error, mut failed, mut known) = (None, None, false, false);
        let mut deltas = Vec::new();
        for (name, raw) in &fields {
            match &**name {
                "choices" => known = true,
                "error" => error = Some(*raw),
                "object" => failed |= raw.get() == "\"error\"",
                "success" => failed |= raw.get() == "false",
                _ => {}
            }
        }
        // An error may have other names, in what is no chunk.
        if failed || is_declared(event) || is_error(event, known, "", error) {
            return Some(Verdict::Error(event.data.clone()));
        }
        for (name, raw) in &fields {
            match &**name {
                "choices" => {
                    for (at, Members(choice)) in objects(raw).into_iter().enumerate() {
                        let index = choice.iter().find(|(name, _)| name == "index").and_then(|(_, raw)| number(raw));
                        let known = self.choices.entry(index.unwrap_or(0)).or_default();
                        let before = known.finish.is_some();
                        let (grown, delta) = known.add(&choice);
                        self.finished += usize::from(known.finish.is_some() && !before);
                        snapshot = snapshot.or(grown);
                        deltas.extend(delta.map(|delta| (at, delta)));
                    }
                }
                "object" | "obfuscation" => {} // of the chunk, not of the whole
                "error" => {}                  // says nothing
                name => self.fields.set(name, raw),
            }
        }
        if !deltas.is_empty() {
            self.filled = with_deltas(text, deltas);
        }
        Some(Verdict::Pass { snapshot })
    }

    fn choice(&self, index: u64) -> Option<Vec<u8>> {
        let choice = self.choices.get(&index)?.value(index);
        serde_json::to_vec(&json!({ "object": "chat.completion", "choices": [choice] })).ok()
    }

    fn filled(&mut self) -> Option<Bytes> {
        self.filled.take()
    }

    fn done(&mut self) {
        self.done = true;
    }

    /// A chunk without a choice may be made up (H.2).
    fn begun(&self) -> bool {
        !self.choices.is_empty()
    }

    fn complete(&self) -> bool {
        self.finished > 0 && (self.done || self.finished == self.choices.len())
    }

    fn reply(&self) -> Option<Bytes> {
        if self.complete() { self.partial().map(Bytes::from) } else { None }
    }

    fn partial(&self) -> Option<Vec<u8>> {
        if self.fields.list.is_empty() && self.choices.is_empty() {
            return None;
        }
        let mut reply = self.fields.object();
        if !self
            .fields
            .find("usage")
            .and_then(|at| self.fields.list.get(at))
            .is_some_and(|(_, raw)| Json::of(raw.get().as_bytes()).says())
            && let Some(usage) = self.usage(&reply)
        {
            reply.insert("usage".into(), usage);
        }
        let is_text = self.choices.values().any(Choice::is_text);
        reply.insert("object".into(), if is_text { "text_completion" } else { "chat.completion" }.into());
        let choices = self.choices.iter().map(|(index, choice)| choice.value(*index));
        reply.insert("choices".into(), choices.collect());
        serde_json::to_vec(&ordered(reply, REPLY)).ok()
    }
}

impl Chat {
    /// The usage where it does not stand by itself: in a choice (Moonshot) or its delta, in `x_groq`.
    fn usage(&self, reply: &Map<String, Value>) -> Option<Value> {
        let usage = |value: &Value| value.get("usage").filter(|usage| usage.is_object()).cloned();
        let of_choice = |choice: &Choice| {
            let named = choice.fields.find("usage").and_then(|at| parse(choice.fields.list.get(at)?.1.get()));
            named.filter(Value::is_object).or_else(|| choice.message.get("usage").filter(|u| u.is_object()).cloned())
        };
        self.choices.values().rev().find_map(of_choice).or_else(|| reply.values().rev().find_map(usage))
    }
}

impl Choice {
    /// Adds a choice of a chunk. The snapshot is that of the answer's text, else that of a tool call's arguments.
    /// With it what a message in place of a delta adds, if there is one.
    fn add(&mut self, fields: &[(Cow<str>, &RawValue)]) -> (Option<Snapshot>, Option<Map<String, Value>>) {
        let (mut snapshot, mut whole) = (None, None);
        for (name, raw) in fields {
            match &**name {
                "index" => {}
                "delta" => {
                    self.in_deltas |= raw.get().len() > "null".len();
                    snapshot = self.delta(raw);
                }
                "message" => whole = Some(*raw),
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
                        self.places.merge(logprobs, parse(raw.get()).unwrap_or_default(), &Path::of("logprobs", 0));
                    }
                }
                "text" if raw.get().starts_with('"') => {
                    let text = string(raw).unwrap_or_default();
                    drop(self.text.get_or_insert_default().append(&text));
                }
                name => self.fields.set(name, raw),
            }
        }
        // After the delta beside it, which is a part of it.
        let Some(whole) = whole else { return (snapshot, None) };
        let (grown, delta) = self.whole(whole);
        (snapshot.or(grown), Some(delta))
    }

    fn delta(&mut self, raw: &RawValue) -> Option<Snapshot> {
        let Members(delta) = serde_json::from_str(raw.get()).ok()?;
        let mut snapshot = None;
        for (name, raw) in &delta {
            let grown = self.grow(name, raw);
            snapshot = if name == "content" { grown.or(snapshot) } else { snapshot.or(grown) };
        }
        snapshot
    }

    /// A message in place of a delta: from upstreams that do not really stream, or that repeat all of it at the end.
    /// What it says less of than had come stays. Returns what is new in it: the delta that it should have been.
    fn whole(&mut self, raw: &RawValue) -> (Option<Snapshot>, Map<String, Value>) {
        let (mut snapshot, mut delta) = (None, Map::new());
        for (name, value) in parse::<Map<String, Value>>(raw.get()).unwrap_or_default() {
            let text = self.content.as_ref().filter(|_| name == "content").map(Buffer::lock);
            let old = match (&text, self.message.get(&name).unwrap_or(&Value::Null)) {
                (Some(text), Value::Null) => Some(text.as_str()),
                (_, old) => old.as_str(),
            };
            let new = match (old, value) {
                (_, Value::Array(calls)) if name == "tool_calls" => {
                    drop(text);
                    delta.extend(self.whole_calls(calls).map(|calls| (name, calls)));
                    continue;
                }
                (Some(old), Value::String(new)) => match new.strip_prefix(old) {
                    Some("") => continue,
                    Some(rest) => rest.into(),
                    // Pieces under another name.
                    None if !self.in_deltas => new.into(),
                    None if new.len() <= old.len() => continue,
                    None => {
                        drop(text);
                        if name == "content" {
                            self.content = None; // snapshots of the old text keep it
                        }
                        self.message.shift_remove(&name);
                        let _ = to_raw_value(&new).map(|raw| self.grow(&name, &raw));
                        continue;
                    }
                },
                (Some(old), _) if !old.is_empty() => continue,
                (_, value) => match self.message.get(&name) {
                    None | Some(Value::Null) => value,
                    Some(old) => {
                        let most = length(&value, usize::MAX);
                        if length(old, most) < most {
                            self.message.insert(name, value);
                        }
                        continue;
                    }
                },
            };
            drop(text);
            snapshot = to_raw_value(&new).ok().and_then(|raw| self.grow(&name, &raw)).or(snapshot);
            delta.insert(name, new);
        }
        (snapshot, delta)
    }

    /// The calls of a whole message: those that are new, if none were known.
    fn whole_calls(&mut self, calls: Vec<Value>) -> Option<Value> {
        let mut tools = Tools::default();
        let calls: Vec<Value> = calls.into_iter().enumerate().map(numbered).collect();
        calls.iter().filter_map(Value::as_object).for_each(|call| drop(tools.add(call.clone())));
        let (known, told) = (self.tools.length(), tools.length());
        if told > known {
            self.tools = tools;
        }
        (known.0 == 0 && told.0 > 0).then(|| calls.into())
    }

    /// Adds one field of a delta.
    fn grow(&mut self, name: &str, raw: &RawValue) -> Option<Snapshot> {
        match name {
            "content" => {
                if let Some(text) = string(raw) {
                    let snapshot = self.content.get_or_insert_default().append(&text);
                    // Once there are parts, text is one of them.
                    if self.in_parts
                        && let Some(Value::Array(parts)) = self.message.get_mut(name).filter(|_| !text.is_empty())
                    {
                        grow_part(parts, json!({ "type": "text", "text": text }));
                    }
                    return (!text.is_empty()).then_some(snapshot);
                }
                if let Some(parts) = parse::<Vec<Value>>(raw.get()) {
                    if parts.is_empty() {
                        return None;
                    }
                    self.in_parts = true;
                    let so_far = self.content.as_ref().map(|text| text.lock().clone()).filter(|text| !text.is_empty());
                    let list = self.message.entry(name).or_insert(Value::Null);
                    if !list.is_array() {
                        *list = so_far.map(|text| json!({ "type": "text", "text": text })).into_iter().collect();
                    }
                    if let Value::Array(list) = list {
                        parts.into_iter().for_each(|part| grow_part(list, part));
                    }
                    return None;
                }
            }
            "tool_calls" if raw.get().starts_with(['[', '{']) => {
                let calls = serde_json::from_str::<Vec<&RawValue>>(raw.get()).unwrap_or_else(|_| vec![raw]);
                let calls = calls.into_iter().filter_map(|raw| parse::<Map<String, Value>>(raw.get()));
                return calls.filter_map(|call| self.tools.add(call)).last();
            }
            _ => {}
        }
        let value: Value = parse(raw.get()).unwrap_or_default();
        match self.message.get_mut(name) {
            Some(old) => self.places.merge(old, value, &Path::of(name, 0)),
            None => {
                let mut new = Value::Null;
                self.places.merge(&mut new, value, &Path::of(name, 0));
                self.message.insert(name.to_owned(), new);
            }
        }
        None
    }

    /// Whether it is one of `/v1/completions`.
    fn is_text(&self) -> bool {
        self.text.is_some() && self.content.is_none() && self.message.is_empty()
    }

    fn value(&self, index: u64) -> Value {
        let mut choice = self.fields.object();
        if let Some(text) = &self.text {
            choice.insert("text".into(), text.lock().as_str().into());
        }
        choice.insert("index".into(), index.into());
        if !self.is_text() {
            choice.insert("message".into(), self.message());
        }
        if let Some(logprobs) = &self.logprobs {
            choice.insert("logprobs".into(), logprobs.clone());
        }
        choice.insert("finish_reason".into(), self.finish.as_deref().into());
        ordered(choice, CHOICE)
    }

    fn message(&self) -> Value {
        let mut message = self.message.clone();
        if message.get("role").is_none_or(|role| role.is_null() || role == "") {
            message.insert("role".into(), "assistant".into());
        }
        match &self.content {
            // Its parts have all of the text.
            _ if message.get("content").is_some_and(Value::is_array) => {}
            Some(text) => drop(message.insert("content".into(), text.lock().as_str().into())),
            None => drop(message.entry("content").or_insert(Value::Null)),
        }
        if let Some(data) = message.get_mut("audio").and_then(|audio| audio.get_mut("data")) {
            *data = data.as_str().map_or_else(|| data.clone(), |data| joined_base64(data).into());
        }
        if let Some(calls) = self.tools.value() {
            message.insert("tool_calls".into(), calls);
        }
        ordered(message, MESSAGE)
    }
}

/// A chunk with the deltas that its choices should have had.
fn with_deltas(chunk: &str, deltas: Vec<(usize, Map<String, Value>)>) -> Option<Bytes> {
    let mut chunk: Value = parse(chunk)?;
    let mut choices: Vec<_> = chunk.get_mut("choices")?.as_array_mut()?.iter_mut().filter(|c| c.is_object()).collect();
    for (at, new) in deltas {
        match choices.get_mut(at)?.as_object_mut()?.entry("delta").or_insert(Value::Null) {
            Value::Object(delta) => Places::default().merge_all(delta, new, None),
            delta => *delta = new.into(),
        }
    }
    serde_json::to_vec(&chunk).ok().map(Bytes::from)
}

/// A call of a whole message as a piece has it: with its number.
fn numbered((index, mut call): (usize, Value)) -> Value {
    if let Value::Object(call) = &mut call {
        call.entry("index").or_insert_with(|| index.into());
    }
    call
}

/// How much a value says; it is not looked at further than `most`.
fn length(value: &Value, most: usize) -> usize {
    let sum = |values: &mut dyn Iterator<Item = &Value>| {
        let mut sum: usize = 1;
        while sum < most
            && let Some(value) = values.next()
        {
            sum = sum.saturating_add(length(value, most - sum));
        }
        sum
    };
    match value {
        Value::Null => 0,
        Value::String(text) => text.len(),
        Value::Array(list) => sum(&mut list.iter()),
        Value::Object(fields) => sum(&mut fields.values()),
        Value::Bool(_) | Value::Number(_) => 1,
    }
}

/// Adds a part of the content, or a piece of the part before it: a text, or a thought whose text is a list of its own.
fn grow_part(parts: &mut Vec<Value>, mut new: Value) {
    let Some(last) = parts.last_mut().filter(|last| last.get("type").is_some() && last.get("type") == new.get("type"))
    else {
        return parts.push(new);
    };
    for name in ["text", "thinking"] {
        let only = new.as_object().is_some_and(|part| part.len() == 2 && part.contains_key(name));
        match (last.get_mut(name), new.get_mut(name).filter(|_| only).map(Value::take)) {
            (Some(Value::String(old)), Some(Value::String(new))) => return old.push_str(&new),
            (Some(Value::Array(old)), Some(Value::Array(new))) => {
                return new.into_iter().for_each(|part| grow_part(old, part));
            }
            (_, Some(taken)) => new[name] = taken,
            _ => {}
        }
    }
    parts.push(new);
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

/// The most choices that one can ask for.
const MOST: usize = 128;

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
    let all = repeats(length, 2 * choices.len(), json.len());
    // So many that what stands around each would be most of it: in one chunk then, with reason and all.
    if choices.len() > MOST {
        let choices = choices.into_iter().enumerate().filter_map(|(at, choice)| {
            let Value::Object(mut choice) = choice else { return None };
            choice.entry("index").or_insert_with(|| at.into());
            if let Some(Value::Object(message)) = choice.get_mut("message") {
                let mut message = std::mem::take(message);
                if let Some(Value::Array(calls)) = message.get_mut("tool_calls") {
                    *calls = std::mem::take(calls).into_iter().enumerate().map(numbered).collect();
                }
                choice.shift_remove("message");
                choice.insert("delta".into(), message.into());
            }
            Some(Value::Object(choice))
        });
        reply.insert("choices".into(), choices.collect());
        reply.extend(usage.map(|usage| ("usage".to_owned(), usage)));
        return vec![event("message", Value::from(reply).to_string().into_bytes())];
    }
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
            *calls = std::mem::take(calls).into_iter().enumerate().map(numbered).collect();
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
