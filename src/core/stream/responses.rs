//! The dialect of `/v1/responses`.

use super::{Buffer, Slots, State, Verdict, event, is_json, parse, pick, string};
use crate::core::sse::Event;
use bytes::Bytes;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Where in an item a text belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    /// A field of the item itself.
    Item,
    /// A field of one part of its `content`.
    Content,
    /// A field of one part of its `summary`.
    Summary,
}

use Place::{Content, Summary};

impl Place {
    fn list(self) -> &'static str {
        if self == Summary { "summary" } else { "content" }
    }

    fn index(self) -> &'static str {
        if self == Summary { "summary_index" } else { "content_index" }
    }

    /// The stem of the events that announce a part.
    fn stem(self) -> &'static str {
        if self == Summary { "reasoning_summary_part" } else { "content_part" }
    }
}

/// A text that arrives in pieces: `response.<stem>.delta`, then `response.<stem>.done` with all of it in `field`.
struct Text {
    stem: &'static str,
    item: &'static str,
    place: Place,
    part: &'static str,
    field: &'static str,
}

const TEXTS: [Text; 9] = {
    const fn text(
        stem: &'static str,
        item: &'static str,
        place: Place,
        part: &'static str,
        field: &'static str,
    ) -> Text {
        Text { stem, item, place, part, field }
    }
    [
        text("output_text", "message", Content, "output_text", "text"),
        text("function_call_arguments", "function_call", Place::Item, "", "arguments"),
        text("reasoning_summary_text", "reasoning", Summary, "summary_text", "text"),
        text("reasoning_text", "reasoning", Content, "reasoning_text", "text"),
        text("refusal", "message", Content, "refusal", "refusal"),
        text("custom_tool_call_input", "custom_tool_call", Place::Item, "", "input"),
        text("code_interpreter_call_code", "code_interpreter_call", Place::Item, "", "code"),
        text("mcp_call_arguments", "mcp_call", Place::Item, "", "arguments"),
        text("audio.transcript", "message", Content, "output_audio", "transcript"),
    ]
};

#[derive(Default)]
pub(super) struct Responses {
    /// `response` of the last lifecycle event.
    response: Option<Box<RawValue>>,
    items: BTreeMap<u64, Item>,
    reply: Option<Bytes>,
}

/// An item of the output under way. Once `done`, `raw` is all of it and the rest is dropped.
#[derive(Default)]
struct Item {
    raw: Option<Box<RawValue>>,
    done: bool,
    parts: BTreeMap<(Place, u64), Box<RawValue>>,
    /// By row of `TEXTS` and index of the part.
    texts: BTreeMap<(usize, u64), Buffer>,
}

impl State for Responses {
    fn take(&mut self, event: &Event, text: &str) -> Verdict {
        let Some(fields) = pick::<Fields>(text) else {
            return match text.trim_ascii() {
                _ if event.bare || event.name == "error" => Verdict::Error(event.data.clone()),
                "[DONE]" => Verdict::Skip,
                text if is_json(text) => Verdict::PASS,
                _ => Verdict::Malformed(event.data.clone()),
            };
        };
        let kind = fields.kind.and_then(string).unwrap_or_else(|| String::from_utf8_lossy(&event.name));
        let Some(kind) = kind.strip_prefix("response.") else {
            // `{"error": …}` has no type of ours, and a bare line or an `event: error` is an error whatever it says.
            let error = event.bare
                || event.name == "error"
                || kind == "error"
                || fields.error.is_some_and(|error| error.get() != "null");
            return if error { Verdict::Error(event.data.clone()) } else { Verdict::PASS };
        };
        match kind {
            "created" | "queued" | "in_progress" => self.response = fields.response.map(RawValue::to_owned),
            "completed" | "failed" | "incomplete" => {
                let response = fields.response.filter(|response| response.get().starts_with('{'));
                self.reply = match response {
                    Some(response) => Some(event.data.slice_ref(response.get().as_bytes())),
                    // What had arrived is the reply then; where nothing had, it ends nothing.
                    None => self.grown().and_then(|mut grown| {
                        grown.insert("status".into(), kind.into());
                        serde_json::to_vec(&grown).ok().map(Bytes::from)
                    }),
                };
                if self.reply.is_some() {
                    return Verdict::Last;
                }
            }
            _ => {
                if let Some((stem, step)) = kind.rsplit_once('.') {
                    return self.grow(stem, step, &fields);
                }
            }
        }
        Verdict::PASS
    }

    fn complete(&self) -> bool {
        self.reply.is_some()
    }

    fn reply(&self) -> Option<Bytes> {
        self.reply.clone()
    }

    fn partial(&self) -> Option<Vec<u8>> {
        if let Some(reply) = &self.reply {
            return Some(reply.to_vec());
        }
        serde_json::to_vec(&self.grown()?).ok()
    }
}

impl Responses {
    /// The response as far as it has come.
    fn grown(&self) -> Option<Map<String, Value>> {
        if self.response.is_none() && self.items.is_empty() {
            return None;
        }
        let mut response = self.response.as_deref().map_or_else(Map::new, object);
        if !self.items.is_empty() {
            response.insert("output".into(), self.items.values().map(Item::value).collect());
        }
        Some(response)
    }

    /// An event that adds to the output.
    fn grow(&mut self, stem: &str, step: &str, fields: &Fields) -> Verdict {
        let place = match stem {
            "output_item" => Place::Item,
            "content_part" => Content,
            "reasoning_summary_part" => Summary,
            _ => {
                let Some(row) = TEXTS.iter().position(|text| text.stem == stem) else {
                    return Verdict::PASS;
                };
                let text = if step == "delta" { fields.delta } else { fields.whole };
                let Some(text) = text.and_then(string) else {
                    return Verdict::PASS;
                };
                let item = self.items.entry(number(fields.output_index)).or_default();
                let buffer = item.texts.entry((row, number(fields.part_index))).or_default();
                if step == "delta" {
                    return Verdict::Pass { snapshot: Some(buffer.append(&text)) };
                }
                // Upstreams exist that send the whole and no deltas. Snapshots of the old text keep the old buffer.
                if step == "done" && *buffer.lock() != text {
                    *buffer = Buffer::default();
                    buffer.append(&text);
                }
                return Verdict::PASS;
            }
        };
        let raw = if place == Place::Item { fields.item } else { fields.part };
        if let (Some(raw), "added" | "done") = (raw, step) {
            let item = self.items.entry(number(fields.output_index)).or_default();
            let raw = raw.to_owned();
            match place {
                Place::Item => *item = Item { raw: Some(raw), done: step == "done", ..Item::default() },
                _ => drop(item.parts.insert((place, number(fields.part_index)), raw)),
            }
        }
        Verdict::PASS
    }
}

impl Item {
    /// The item as far as it has arrived.
    fn value(&self) -> Value {
        let mut item = self.raw.as_deref().map_or_else(Map::new, object);
        if self.done {
            return item.into();
        }
        let texts = || self.texts.iter().filter_map(|(&(row, index), buffer)| Some((TEXTS.get(row)?, index, buffer)));
        if let Some((text, ..)) = texts().next() {
            item.entry("type").or_insert_with(|| text.item.into());
        }
        // Indices come from outside: a map, because a list would have to be as long as the largest.
        let mut parts = BTreeMap::new();
        for place in [Content, Summary] {
            if let Some(Value::Array(list)) = item.get_mut(place.list()) {
                parts.extend((0..).zip(list.drain(..)).map(|(index, part)| ((place, index), part)));
            }
        }
        parts.extend(self.parts.iter().map(|(&at, part)| (at, object(part).into())));
        for (text, index, buffer) in texts() {
            let value = Value::from(buffer.lock().as_str());
            if text.place == Place::Item {
                item.insert(text.field.into(), value);
            } else if let Value::Object(part) =
                parts.entry((text.place, index)).or_insert_with(|| json!({ "type": text.part }))
            {
                part.insert(text.field.into(), value);
            }
        }
        for ((place, _), part) in parts {
            if let Value::Array(list) = item.entry(place.list()).or_insert_with(|| json!([])) {
                list.push(part);
            }
        }
        item.into()
    }
}

/// The fields that matter, unparsed: a field of another type than expected must not cost the event.
#[derive(Default)]
struct Fields<'a> {
    kind: Option<&'a RawValue>,
    output_index: Option<&'a RawValue>,
    part_index: Option<&'a RawValue>,
    delta: Option<&'a RawValue>,
    /// All of a text, in its `done` event.
    whole: Option<&'a RawValue>,
    item: Option<&'a RawValue>,
    part: Option<&'a RawValue>,
    response: Option<&'a RawValue>,
    error: Option<&'a RawValue>,
}

impl<'a> Slots<'a> for Fields<'a> {
    fn slot(&mut self, key: &str) -> Option<&mut Option<&'a RawValue>> {
        Some(match key {
            "type" => &mut self.kind,
            "output_index" => &mut self.output_index,
            "content_index" | "summary_index" => &mut self.part_index,
            "delta" => &mut self.delta,
            "text" | "refusal" | "arguments" | "input" | "code" | "transcript" => &mut self.whole,
            "item" => &mut self.item,
            "part" => &mut self.part,
            "response" => &mut self.response,
            "error" => &mut self.error,
            _ => return None,
        })
    }
}

/// An index; 0 where it is missing or no number.
fn number(raw: Option<&RawValue>) -> u64 {
    let text = raw.map_or("", RawValue::get);
    text.parse().or_else(|_| text.parse().map(|float: f64| float as u64)).unwrap_or(0)
}

fn object(raw: &RawValue) -> Map<String, Value> {
    parse(raw.get()).unwrap_or_default()
}

pub(super) fn events_of_reply(json: &[u8]) -> Vec<Event> {
    let json = String::from_utf8_lossy(json);
    let Some(Value::Object(mut response)) = parse(&json) else {
        return Vec::new();
    };
    let end = match response.get("status").and_then(Value::as_str) {
        Some("failed") => "response.failed",
        Some("incomplete" | "cancelled") => "response.incomplete",
        _ => "response.completed",
    };
    let output = response.insert("output".into(), json!([]));
    response.insert("status".into(), "in_progress".into());
    if response.contains_key("usage") {
        response.insert("usage".into(), Value::Null);
    }

    let mut script = Script(Vec::new());
    script.add("response.created", json!({ "response": response }));
    if let Some(Value::Array(items)) = output {
        for (index, item) in items.iter().enumerate() {
            script.item(index, item);
        }
    }
    // The reply itself goes out as it came in.
    let number = script.0.len();
    let last = format!(r#"{{"type":"{end}","sequence_number":{number},"response":{}}}"#, json.trim_ascii());
    script.0.push(event(end, last.into_bytes()));
    script.0
}

struct Script(Vec<Event>);

impl Script {
    fn add(&mut self, kind: &str, fields: Value) {
        let mut data = json!({ "type": kind, "sequence_number": self.0.len() });
        if let (Some(data), Value::Object(mut fields)) = (data.as_object_mut(), fields) {
            data.append(&mut fields);
        }
        self.0.push(event(kind, data.to_string().into_bytes()));
    }

    fn item(&mut self, output_index: usize, item: &Value) {
        let mut begun = item.clone();
        if begun.get("status").is_some() {
            begun["status"] = "in_progress".into();
        }
        let texts: Vec<&Text> = TEXTS.iter().filter(|text| item["type"] == text.item).collect();
        for text in &texts {
            match text.place {
                Place::Item if item[text.field].is_string() => begun[text.field] = "".into(),
                Content | Summary if item[text.place.list()].is_array() => begun[text.place.list()] = json!([]),
                _ => {}
            }
        }
        self.add("response.output_item.added", json!({ "output_index": output_index, "item": begun }));

        let mut at = Map::new();
        at.insert("item_id".into(), item["id"].clone());
        at.insert("output_index".into(), output_index.into());
        if let Some(text) = texts.iter().find(|text| text.place == Place::Item) {
            self.text(text, &at, item);
        }
        for place in [Summary, Content] {
            for (index, part) in item[place.list()].as_array().into_iter().flatten().enumerate() {
                let Some(text) = texts.iter().find(|text| text.place == place && part["type"] == text.part) else {
                    continue;
                };
                let mut at = at.clone();
                at.insert(place.index().into(), index.into());
                let whole = |part: &Value| {
                    let mut fields = at.clone();
                    fields.insert("part".into(), part.clone());
                    fields.into()
                };
                let mut empty = part.clone();
                empty[text.field] = "".into();
                self.add(&format!("response.{}.added", place.stem()), whole(&empty));
                self.text(text, &at, part);
                self.add(&format!("response.{}.done", place.stem()), whole(part));
            }
        }
        self.add("response.output_item.done", json!({ "output_index": output_index, "item": item }));
    }

    /// The text in `holder` as one delta and its end.
    fn text(&mut self, text: &Text, at: &Map<String, Value>, holder: &Value) {
        let Some(value) = holder[text.field].as_str() else {
            return;
        };
        let mut add = |step: &str, field: &str| {
            let mut fields = at.clone();
            fields.insert(field.into(), value.into());
            if step == "done" && text.item == "function_call" {
                fields.insert("name".into(), holder["name"].clone());
            }
            self.add(&format!("response.{}.{step}", text.stem), fields.into());
        };
        if !value.is_empty() {
            add("delta", "delta");
        }
        add("done", text.field);
    }
}
