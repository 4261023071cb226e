//! The dialect of `/v1/messages`.

use super::{Buffer, DialectState, Grown, Place, Snapshot, Verdict, closed, event, is_error, most};
use crate::core::json::{Slots, is_json, number, object, parse, pick, string};
use crate::core::sse::Event;
use bytes::Bytes;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// What a `content_block_delta` adds to its block.
struct Delta {
    kind: &'static str,
    /// Of the delta, and of the event that a stream helper makes of it.
    field: &'static str,
    /// The block's type and its field that grows.
    block: &'static str,
    grows: &'static str,
    form: DeltaForm,
    /// The type of the helper's event: anthropic's names.
    event: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DeltaForm {
    Text,
    /// Comes whole.
    Opaque,
    /// Pieces of JSON text.
    Json,
    /// Each is a value of its own, for a list.
    Item,
}

const DELTAS: [Delta; 6] = {
    const fn delta(
        kind: &'static str,
        field: &'static str,
        block: &'static str,
        grows: &'static str,
        form: DeltaForm,
        event: &'static str,
    ) -> Delta {
        Delta { kind, field, block, grows, form, event }
    }
    [
        delta("text_delta", "text", "text", "text", DeltaForm::Text, "text"),
        delta("input_json_delta", "partial_json", "tool_use", "input", DeltaForm::Json, "input_json"),
        delta("thinking_delta", "thinking", "thinking", "thinking", DeltaForm::Text, "thinking"),
        delta("signature_delta", "signature", "thinking", "signature", DeltaForm::Opaque, "signature"),
        delta("citations_delta", "citation", "text", "citations", DeltaForm::Item, "citation"),
        delta("compaction_delta", "content", "compaction", "content", DeltaForm::Opaque, "compaction"),
    ]
};

#[derive(Default)]
pub(super) struct Messages {
    /// `message` of `message_start`, with what `message_delta` says laid over it.
    message: Option<Map<String, Value>>,
    /// In the order in which they began.
    blocks: Vec<Block>,
    /// Index on the wire to place in `blocks`; an upstream that counts wrongly reuses one.
    at: BTreeMap<u64, usize>,
    /// The newest call of a tool, in `blocks`.
    calls: Option<usize>,
    /// A stop reason has come: all that can follow is `message_stop`.
    stopped: bool,
    reply: Option<Bytes>,
}

/// A content block under way. Once it stopped, `done` is all of it and the rest is dropped.
#[derive(Default)]
struct Block {
    start: Map<String, Value>,
    /// Of the deltas that its type is for; none if any may come.
    kind: Option<&'static Delta>,
    /// By row of `DELTAS`.
    grown: BTreeMap<usize, Buffer>,
    done: Option<Bytes>,
}

impl DialectState for Messages {
    fn take(&mut self, event: &Event, text: &str) -> Option<Verdict> {
        let fields = pick::<MessageFields>(text)?;
        let kind = fields.kind.and_then(string).unwrap_or_else(|| String::from_utf8_lossy(&event.name));
        let index = fields.index.and_then(number).unwrap_or(0); // 0 where it is missing or no number
        match &*kind {
            "content_block_delta" => return Some(self.grow(index, &fields)),
            "content_block_start" => {
                let block = Block::new(fields.content_block);
                // Another model goes on: the message is its.
                if block.start.get("type").is_some_and(|kind| kind == "fallback")
                    && let Some(model) =
                        block.start.get("to").and_then(|to| to.get("model")).filter(|it| it.is_string())
                {
                    self.message.get_or_insert_default().insert("model".into(), model.clone());
                }
                if block.kind.is_some_and(|rule| rule.form == DeltaForm::Json) {
                    self.calls = Some(self.blocks.len());
                }
                self.at.insert(index, self.blocks.len());
                self.blocks.push(block);
            }
            "content_block_stop" => {
                let block = self.at.get(&index).and_then(|&at| self.blocks.get_mut(at));
                return Some(Verdict::Pass { snapshot: block.map(|block| whole(block.finish(), "content_block")) });
            }
            "message_start" => {
                if let Some(message) = fields.message.map(object) {
                    merge(self.message.get_or_insert_default(), message);
                }
            }
            "message_delta" => {
                self.conclude(&fields);
                // What else it says, of the whole message too: `context_management`, `input_transformations`.
                let more = parse(text).and_then(|event: Value| event.as_object().cloned()).unwrap_or_default();
                let more = more.into_iter().filter(|(name, _)| !OF_EVENTS.contains(&name.as_str())).collect();
                merge(self.message.get_or_insert_default(), more);
            }
            "message_stop" => {
                if fields.usage.is_some() {
                    self.conclude(&fields);
                }
                // Nothing more is to come, though some were not ended.
                self.blocks.iter_mut().for_each(|block| drop(block.finish()));
                self.reply = self.json().map(Bytes::from);
                // The end of nothing is none.
                if self.reply.is_some() {
                    return Some(Verdict::Last);
                }
            }
            // A sign of life that says nothing. anthropic's SDK keeps it to itself, and so do we.
            "ping" => return Some(Verdict::Skip),
            // `{"error": …}` may have no type.
            _ if is_error(event, false, &kind, fields.error) => return Some(Verdict::Error(event.data.clone())),
            _ => {}
        }
        Some(Verdict::PASS)
    }

    fn complete(&self) -> bool {
        self.reply().is_some()
    }

    fn reply(&self) -> Option<Bytes> {
        // Without `message_stop` it is put together when asked for.
        self.reply.clone().or_else(|| self.stopped.then(|| self.json().map(Bytes::from))?)
    }

    fn partial(&self) -> Option<Vec<u8>> {
        self.reply.as_ref().map(|reply| reply.to_vec()).or_else(|| self.json())
    }

    fn last(&self) -> Option<Snapshot> {
        self.reply.clone().map(|reply| whole(reply, "message"))
    }
}

impl Messages {
    fn grow(&mut self, index: u64, fields: &MessageFields) -> Verdict {
        let delta = fields.delta.and_then(|raw| pick::<MessageFields>(raw.get())).unwrap_or_default();
        let kind = delta.kind.and_then(string).unwrap_or_default();
        let Some((row, rule)) = DELTAS.iter().enumerate().find(|(_, rule)| rule.kind == kind) else {
            return Verdict::PASS;
        };
        let Some(piece) = delta.piece else { return Verdict::PASS };
        let Some(at) = self.home(index, rule) else { return Verdict::PASS };
        let Some(block) = self.blocks.get_mut(at) else { return Verdict::PASS };
        if rule.block == "compaction" {
            // It comes whole, with what belongs to it; without a summary its content is null.
            let mut whole = fields.delta.map(object).unwrap_or_default();
            whole.retain(|name, _| name != "type" && name != rule.field);
            merge(&mut block.start, whole);
        }
        let text = match rule.form {
            DeltaForm::Item => Cow::Borrowed(piece.get()),
            _ => match string(piece) {
                Some(text) => text,
                // Some upstreams send the input as an object.
                None if rule.form == DeltaForm::Json => Cow::Borrowed(piece.get()),
                None => return Verdict::PASS,
            },
        };
        let buffer = block.buffer(row, rule);
        if rule.form == DeltaForm::Opaque {
            *buffer = Buffer::default();
        }
        if rule.form == DeltaForm::Item {
            let first = buffer.lock().is_empty();
            buffer.append(if first { "[" } else { "," });
        }
        let mut snapshot = buffer.append(&text);
        if matches!(rule.form, DeltaForm::Json | DeltaForm::Item) {
            snapshot = snapshot.of_json();
        }
        snapshot.place = Place::Event { kind: rule.event, field: rule.field };
        Verdict::Pass { snapshot: Some(snapshot) }
    }

    /// The block that a delta belongs to: the one at its index, mostly. Upstreams that count wrongly send the input of a
    /// call at the index of a text, or what goes on after its end.
    fn home(&mut self, index: u64, rule: &Delta) -> Option<usize> {
        let at = self.at.get(&index).copied();
        if let Some(block) = at.and_then(|at| self.blocks.get(at))
            && block.takes(rule)
        {
            return at;
        }
        let is_over = at.and_then(|at| self.blocks.get(at)).is_some_and(|block| block.done.is_some());
        if rule.form == DeltaForm::Json {
            let open = self.calls.filter(|at| self.blocks.get(*at).is_some_and(|block| block.done.is_none()));
            if open.is_some() || is_over {
                return open;
            }
        }
        // Only a text can go on after its end, in a block of its own.
        if is_over && rule.kind != "text_delta" {
            return None;
        }
        // Nothing announced it.
        self.at.insert(index, self.blocks.len());
        self.blocks.push(Block { kind: DELTAS.iter().find(|known| known.kind == rule.kind), ..Block::default() });
        Some(self.blocks.len() - 1)
    }

    /// `message_delta`: how it stopped, and the usage, whose figures are sums from the beginning.
    fn conclude(&mut self, fields: &MessageFields) {
        let message = self.message.get_or_insert_default();
        let mut delta = fields.delta.map(object).unwrap_or_default();
        // Some upstreams put it there.
        let within = delta.remove("usage").and_then(|usage| usage.as_object().cloned());
        merge(message, delta);
        for usage in within.into_iter().chain(fields.usage.map(object)) {
            match message.entry("usage").or_insert_with(|| json!({})) {
                Value::Object(known) => merge(known, usage),
                odd => *odd = usage.into(),
            }
        }
        self.stopped |= message.get("stop_reason").is_some_and(Value::is_string);
    }

    /// The message as far as it has arrived.
    fn json(&self) -> Option<Vec<u8>> {
        if self.message.is_none() && self.blocks.is_empty() {
            return None;
        }
        let fresh = Map::new();
        let message = self.message.as_ref().unwrap_or(&fresh);
        if self.blocks.is_empty() {
            return serde_json::to_vec(message).ok();
        }
        let mut content = vec![b'['];
        for (at, block) in self.blocks.iter().enumerate() {
            if at > 0 {
                content.push(b',');
            }
            match &block.done {
                Some(done) => content.extend_from_slice(done),
                None => content.extend_from_slice(&block.json(false)),
            }
        }
        content.push(b']');
        Some(written(message, &[("content", content)]))
    }
}

impl Block {
    fn new(raw: Option<&RawValue>) -> Self {
        let start = raw.map(object).unwrap_or_default();
        let kind = match start.get("type").and_then(Value::as_str) {
            Some("server_tool_use" | "mcp_tool_use") => Some("tool_use"),
            kind => kind,
        };
        let kind = DELTAS.iter().find(|rule| Some(rule.block) == kind);
        Self { start, kind, ..Self::default() }
    }

    fn takes(&self, rule: &Delta) -> bool {
        self.done.is_none() && self.kind.is_none_or(|kind| kind.block == rule.block)
    }

    /// The text that the deltas of a row grow, from what the start of the block says.
    fn buffer(&mut self, row: usize, rule: &Delta) -> &mut Buffer {
        self.grown.entry(row).or_insert_with(|| {
            self.start.entry("type").or_insert_with(|| rule.block.into());
            let buffer = Buffer::default();
            match self.start.get(rule.grows) {
                Some(Value::String(text)) if rule.form == DeltaForm::Text => drop(buffer.append(text)),
                Some(Value::Array(items)) if rule.form == DeltaForm::Item && !items.is_empty() => {
                    let items = Value::from(items.clone()).to_string();
                    buffer.append(items.trim_end_matches(']'));
                }
                _ => {}
            }
            buffer
        })
    }

    /// `whole`: nothing more is to come, so what is no JSON is not merely unfinished.
    fn json(&self, whole: bool) -> Vec<u8> {
        let grown = |(&row, buffer): (&usize, &Buffer)| {
            let rule = DELTAS.get(row)?;
            let text = buffer.lock();
            let json = match rule.form {
                DeltaForm::Text | DeltaForm::Opaque => Value::from(text.as_str()).to_string(),
                DeltaForm::Json if text.trim_ascii().is_empty() => return None,
                DeltaForm::Json if is_json(text.as_bytes()) => text.clone(),
                // What a model wrote that is no JSON goes to the caller as it is.
                DeltaForm::Json if whole => Value::from(text.as_str()).to_string(),
                DeltaForm::Json => closed(&text).filter(|json| is_json(json.as_bytes()))?,
                DeltaForm::Item => format!("{text}]"),
            };
            Some((rule.grows, json.into_bytes()))
        };
        let grown: Vec<_> = self.grown.iter().filter_map(grown).collect();
        written(&self.start, &grown)
    }

    fn finish(&mut self) -> Bytes {
        if let Some(done) = &self.done {
            return done.clone();
        }
        if self.start.get("type").is_some_and(|kind| kind == "tool_use" || kind == "server_tool_use") {
            self.start.entry("input").or_insert_with(|| json!({}));
        }
        let done = Bytes::from(self.json(true));
        self.done = Some(done.clone());
        self.grown.clear();
        self.start = Map::new();
        done
    }
}

fn whole(json: Bytes, field: &'static str) -> Snapshot {
    Snapshot { content: Grown::Whole(json), place: Place::Field(field) }
}

/// The fields of an event that are not the message's.
const OF_EVENTS: [&str; 8] = ["type", "index", "delta", "usage", "content", "content_block", "message", "error"];

/// Lays later fields over earlier ones. A null says nothing, and a 0 not that earlier tokens were none after all: some
/// upstreams fill in only one of the two.
fn merge(into: &mut Map<String, Value>, from: Map<String, Value>) {
    for (name, value) in from {
        let says_nothing = value.is_null() || value == 0 || value == "";
        if !says_nothing || into.get(&name).is_none_or(Value::is_null) {
            into.insert(name, value);
        }
    }
}

/// The object with some fields replaced or added by JSON that is written already: copied, since an input may be long.
fn written(object: &Map<String, Value>, replaced: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut out = Vec::with_capacity(256 + replaced.iter().map(|(_, json)| json.len()).sum::<usize>());
    let mut field = |name: &str, write: &mut dyn FnMut(&mut Vec<u8>)| {
        out.push(if out.is_empty() { b'{' } else { b',' });
        let _ = serde_json::to_writer(&mut out, name); // into memory: cannot fail
        out.push(b':');
        write(&mut out);
    };
    for (name, value) in object {
        field(name, &mut |out| match replaced.iter().find(|(known, _)| known == name) {
            Some((_, json)) => out.extend_from_slice(json),
            None => drop(serde_json::to_writer(out, value)),
        });
    }
    for (name, json) in replaced.iter().filter(|(name, _)| !object.contains_key(*name)) {
        field(name, &mut |out| out.extend_from_slice(json));
    }
    if out.is_empty() {
        out.push(b'{');
    }
    out.push(b'}');
    out
}

/// The fields that matter, of an event and of its delta alike, unparsed: a field of another type than expected must not
/// cost the event.
#[derive(Default)]
struct MessageFields<'a> {
    kind: Option<&'a RawValue>,
    index: Option<&'a RawValue>,
    delta: Option<&'a RawValue>,
    /// What a delta adds, whatever it is called there.
    piece: Option<&'a RawValue>,
    content_block: Option<&'a RawValue>,
    message: Option<&'a RawValue>,
    usage: Option<&'a RawValue>,
    error: Option<&'a RawValue>,
}

impl<'a> Slots<'a> for MessageFields<'a> {
    fn slot(&mut self, key: &str) -> Option<&mut Option<&'a RawValue>> {
        Some(match key {
            "type" => &mut self.kind,
            "index" => &mut self.index,
            "delta" => &mut self.delta,
            "text" | "partial_json" | "thinking" | "signature" | "citation" | "content" => &mut self.piece,
            "content_block" => &mut self.content_block,
            "message" => &mut self.message,
            "usage" => &mut self.usage,
            "error" => &mut self.error,
            _ => return None,
        })
    }
}

/// What stands around a block in its events.
const AROUND: usize = 250;

fn pieces(block: &Value) -> usize {
    1 + block.get("citations").and_then(Value::as_array).map_or(0, Vec::len)
}

pub(super) fn events_of_reply(json: &[u8]) -> Vec<Event> {
    let Some(Value::Object(mut message)) = parse(&String::from_utf8_lossy(json)) else {
        return Vec::new();
    };
    let mut events = Vec::new();
    let mut add = |kind: &str, fields: Value| {
        let mut data = json!({ "type": kind });
        if let (Some(data), Value::Object(mut fields)) = (data.as_object_mut(), fields) {
            data.append(&mut fields);
        }
        events.push(event(kind, data.to_string().into_bytes()));
    };

    let blocks = match message.get_mut("content") {
        // So many that what stands around each would be most of it: they stay where they are.
        Some(Value::Array(blocks)) if AROUND.saturating_mul(blocks.iter().map(pieces).sum()) < most(json.len()) => {
            std::mem::take(blocks)
        }
        _ => Vec::new(),
    };
    let mut end = Map::new();
    for name in ["stop_reason", "stop_sequence"] {
        if let Some(value) = message.get_mut(name) {
            end.insert(name.into(), value.take());
        }
    }
    let usage = message.get("usage").cloned();
    add("message_start", json!({ "message": message }));
    for (index, block) in blocks.into_iter().enumerate() {
        let mut start = block;
        let mut deltas = Vec::new();
        let kind = match start["type"].as_str() {
            Some("server_tool_use") => "tool_use".to_owned(),
            kind => kind.unwrap_or_default().to_owned(),
        };
        for rule in DELTAS.iter().filter(|rule| rule.block == kind) {
            let Some(value) = start.get_mut(rule.grows) else { continue };
            let (empty, pieces) = match (rule.form, &*value) {
                (DeltaForm::Text | DeltaForm::Opaque, Value::String(text)) if !text.is_empty() => {
                    (json!(""), vec![value.clone()])
                }
                (DeltaForm::Json, Value::Object(input)) if !input.is_empty() => {
                    (json!({}), vec![value.to_string().into()])
                }
                (DeltaForm::Item, Value::Array(items)) => (json!([]), items.clone()),
                _ => continue,
            };
            *value = empty;
            deltas.extend(pieces.into_iter().map(|piece| json!({ "type": rule.kind, rule.field: piece })));
        }
        add("content_block_start", json!({ "index": index, "content_block": start }));
        for delta in deltas {
            add("content_block_delta", json!({ "index": index, "delta": delta }));
        }
        add("content_block_stop", json!({ "index": index }));
    }
    let mut conclusion = json!({ "delta": end });
    if let Some(usage) = usage {
        conclusion["usage"] = usage;
    }
    add("message_delta", conclusion);
    add("message_stop", json!({}));
    events
}
