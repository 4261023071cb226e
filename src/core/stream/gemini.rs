//! The dialect of `:streamGenerateContent?alt=sse`: chunks without names, each a reply of its own, that add up to one.
//! It ends where the bytes end, after a finish reason.

use super::{DialectState, Verdict, event, is_error};
use crate::core::json::parse;
use crate::core::sse::Event;
use bytes::Bytes;
use serde_json::value::to_raw_value;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

#[derive(Default)]
pub(super) struct Gemini {
    /// The fields beside `candidates`, each as it last said something.
    fields: Map<String, Value>,
    candidates: BTreeMap<u64, Candidate>,
    /// How many of them have a finish reason.
    finished: usize,
}

#[derive(Default)]
struct Candidate {
    role: Option<Value>,
    parts: Vec<Value>,
    fields: Map<String, Value>,
}

impl DialectState for Gemini {
    fn take(&mut self, event: &Event, text: &str) -> Option<Verdict> {
        let mut chunk = parse::<Map<String, Value>>(text)?;
        // A line that lost its prefix on the way, and a whole reply after pings, have candidates.
        let known = chunk.contains_key("candidates");
        let error = chunk.get("error").and_then(|error| to_raw_value(error).ok());
        let failed = known && chunk.get("success") == Some(&Value::Bool(false));
        if failed || is_error(event, known, "", error.as_deref()) {
            return Some(Verdict::Error(event.data.clone()));
        }
        if let Some(Value::Array(candidates)) = chunk.remove("candidates") {
            for candidate in candidates {
                if let Value::Object(candidate) = candidate {
                    let index = candidate.get("index").and_then(Value::as_u64).unwrap_or(0);
                    self.finished += usize::from(self.candidates.entry(index).or_default().add(candidate));
                }
            }
        }
        set(&mut self.fields, chunk);
        Some(Verdict::PASS)
    }

    /// What says no more than its usage may be made up (H.2).
    fn begun(&self) -> bool {
        !self.candidates.is_empty() || self.fields.contains_key("promptFeedback")
    }

    fn complete(&self) -> bool {
        if self.candidates.is_empty() {
            // A prompt that was blocked has no candidates.
            return self.fields.get("promptFeedback").is_some_and(|feedback| feedback.get("blockReason").is_some());
        }
        self.finished == self.candidates.len()
    }

    fn reply(&self) -> Option<Bytes> {
        if self.complete() { self.partial().map(Bytes::from) } else { None }
    }

    fn partial(&self) -> Option<Vec<u8>> {
        if self.fields.is_empty() && self.candidates.is_empty() {
            return None;
        }
        let mut reply = Map::new();
        if !self.candidates.is_empty() {
            let candidates = self.candidates.iter().map(|(index, candidate)| candidate.value(*index));
            reply.insert("candidates".into(), candidates.collect());
        }
        reply.extend(self.fields.clone());
        serde_json::to_vec(&reply).ok()
    }
}

/// An empty value never replaces one that says something.
fn set(fields: &mut Map<String, Value>, new: Map<String, Value>) {
    for (name, value) in new {
        if let (Some(Value::Object(old)), Value::Object(usage), "usageMetadata") =
            (fields.get_mut(&name), &value, name.as_str())
        {
            old.extend(
                usage.iter().filter(|(_, count)| **count != 0 && !count.is_null()).map(|(n, c)| (n.clone(), c.clone())),
            );
            continue;
        }
        let says_nothing = value.is_null() || value == "" || value.as_array().is_some_and(Vec::is_empty);
        if !says_nothing || !fields.contains_key(&name) {
            fields.insert(name, value);
        }
    }
}

impl Candidate {
    /// Whether it is finished now and was not before.
    fn add(&mut self, mut new: Map<String, Value>) -> bool {
        let before = self.fields.contains_key("finishReason");
        new.remove("index");
        if let Some(Value::Object(mut content)) = new.remove("content") {
            if let Some(role) = content.remove("role").filter(|role| !role.is_null() && role != "") {
                self.role = Some(role);
            }
            if let Some(Value::Array(parts)) = content.remove("parts") {
                parts.into_iter().for_each(|part| self.part(part));
            }
        }
        // "" is null. Converted upstreams add a last STOP, whatever the reason given before was.
        let reason = new.remove("finishReason").filter(|reason| !reason.is_null() && reason != "");
        if let Some(reason) = reason
            && self.fields.get("finishReason").is_none_or(|old| old == "STOP")
        {
            self.fields.insert("finishReason".into(), reason);
        }
        set(&mut self.fields, new);
        !before && self.fields.contains_key("finishReason")
    }

    /// Text goes on where the part before is text of the same kind; anything else is a part of its own.
    fn part(&mut self, mut new: Value) {
        let kind = |part: &Value| part.get("thought") == Some(&Value::Bool(true));
        let open = |part: &Value| part.get("thoughtSignature").is_none() && part.get("thought_signature").is_none();
        let Some(Value::String(text)) = new.get_mut("text").map(Value::take) else {
            return self.parts.push(new);
        };
        let only_text = new.as_object().is_some_and(|part| {
            part.keys().all(|key| ["text", "thought", "thoughtSignature", "thought_signature"].contains(&&**key))
        });
        if only_text
            && let Some(last) = self.parts.last_mut()
            && open(last)
            && kind(last) == kind(&new)
            && let Some(Value::String(so_far)) = last.get_mut("text")
        {
            so_far.push_str(&text);
            if let (Value::Object(last), Value::Object(mut new)) = (last, new) {
                new.remove("text");
                last.extend(new); // its signature
            }
            return;
        }
        // The last, empty piece of a converted upstream.
        if text.is_empty() && only_text && open(&new) && !self.parts.is_empty() {
            return;
        }
        if let Some(slot) = new.get_mut("text") {
            *slot = Value::String(text);
        }
        self.parts.push(new);
    }

    fn value(&self, index: u64) -> Value {
        let mut content = Map::new();
        if let Some(role) = &self.role {
            content.insert("role".into(), role.clone());
        }
        content.insert("parts".into(), Value::Array(self.parts.clone()));
        let mut candidate = Map::new();
        candidate.insert("content".into(), Value::Object(content));
        let mut fields = self.fields.clone();
        if let Some(reason) = fields.shift_remove("finishReason") {
            candidate.insert("finishReason".into(), reason);
        }
        candidate.insert("index".into(), json!(index));
        candidate.extend(fields);
        Value::Object(candidate)
    }
}

/// One chunk; or, where `alt=sse` was not understood, an array of them.
pub(super) fn events_of_reply(json: &[u8]) -> Vec<Event> {
    match serde_json::from_slice::<Vec<&serde_json::value::RawValue>>(json) {
        Ok(chunks) => chunks.into_iter().map(|chunk| event("message", chunk.get().into())).collect(),
        Err(_) => vec![event("message", json.to_vec())],
    }
}
