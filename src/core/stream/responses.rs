//! The dialect of `/v1/responses`.

use super::{Buffer, DialectState, Verdict, event, is_error, most};
use crate::core::json::{Slots, is_empty, number, object, parse, pick, string};
use crate::core::sse::Event;
use bytes::Bytes;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

/// Where in an item a text belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum TextPlace {
    /// A field of the item itself.
    GrowingItem,
    /// A field of one part of its `content`.
    Content,
    /// A field of one part of its `summary`.
    Summary,
}

use TextPlace::{Content, Summary};

impl TextPlace {
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
    place: TextPlace,
    part: &'static str,
    field: &'static str,
}

impl Text {
    /// Which of `TEXT_FIELDS` it is within.
    fn holder(&self) -> usize {
        match (self.place, self.field) {
            (Content, _) => 0,
            (Summary, _) => 1,
            (TextPlace::GrowingItem, "arguments") => 2,
            (TextPlace::GrowingItem, "input") => 3,
            (TextPlace::GrowingItem, _) => 4,
        }
    }
}

const TEXTS: [Text; 9] = {
    const fn text(
        stem: &'static str,
        item: &'static str,
        place: TextPlace,
        part: &'static str,
        field: &'static str,
    ) -> Text {
        Text { stem, item, place, part, field }
    }
    [
        text("output_text", "message", Content, "output_text", "text"),
        text("function_call_arguments", "function_call", TextPlace::GrowingItem, "", "arguments"),
        text("reasoning_summary_text", "reasoning", Summary, "summary_text", "text"),
        text("reasoning_text", "reasoning", Content, "reasoning_text", "text"),
        text("refusal", "message", Content, "refusal", "refusal"),
        text("custom_tool_call_input", "custom_tool_call", TextPlace::GrowingItem, "", "input"),
        text("code_interpreter_call_code", "code_interpreter_call", TextPlace::GrowingItem, "", "code"),
        text("mcp_call_arguments", "mcp_call", TextPlace::GrowingItem, "", "arguments"),
        text("audio.transcript", "message", Content, "output_audio", "transcript"),
    ]
};

#[derive(Default)]
pub(super) struct Responses {
    /// `response` of the last lifecycle event.
    response: Option<Box<RawValue>>,
    items: BTreeMap<u64, GrowingItem>,
    /// By the items' ids: some upstreams give no `output_index`, or all items the same.
    ids: HashMap<String, u64>,
    /// Two items came with one index: from then on ids count first.
    clash: bool,
    /// The item that an event was last about.
    newest: u64,
    reply: Option<Bytes>,
    /// The terminal event, where it had to be filled up.
    filled: Option<Bytes>,
}

/// An item of the output under way. Once `done`, `raw` is all of it and the rest is dropped.
#[derive(Default)]
struct GrowingItem {
    raw: Option<Box<RawValue>>,
    id: Option<String>,
    done: bool,
    /// How much it says: see `Texts::said`.
    said: Lengths,
    /// Where it comes with its arguments only.
    name: Option<Box<RawValue>>,
    parts: BTreeMap<(TextPlace, u64), Box<RawValue>>,
    /// Of the parts of its content, one by one.
    annotations: BTreeMap<u64, Vec<Box<RawValue>>>,
    /// By row of `TEXTS` and index of the part.
    texts: BTreeMap<(usize, u64), Buffer>,
}

impl DialectState for Responses {
    fn take(&mut self, event: &Event, text: &str) -> Option<Verdict> {
        let fields = pick::<ResponseFields>(text)?;
        let kind = fields.kind.and_then(string).unwrap_or_else(|| String::from_utf8_lossy(&event.name));
        let Some(kind) = kind.strip_prefix("response.") else {
            // `{"error": …}` has no type of ours.
            let error = is_error(event, false, &kind, fields.error);
            return Some(if error { Verdict::Error(event.data.clone()) } else { Verdict::PASS });
        };
        match kind {
            "created" | "queued" | "in_progress" => {
                self.response = fields.response.map(RawValue::to_owned).or(self.response.take());
            }
            // `done` is what some upstreams call it.
            "completed" | "failed" | "incomplete" | "cancelled" | "done" => {
                let response = fields.response.filter(|response| response.get().starts_with('{'));
                match response {
                    Some(response) if self.says_all(response, &fields) => {
                        self.reply = Some(event.data.slice_ref(response.get().as_bytes()));
                    }
                    response => self.fill(kind, event, response, fields.usage),
                }
                // Where nothing had arrived, it ends nothing.
                if self.reply.is_some() {
                    return Some(Verdict::Last);
                }
            }
            _ => {
                if let Some((stem, step)) = kind.rsplit_once('.') {
                    return Some(self.grow(stem, step, &fields));
                }
            }
        }
        Some(Verdict::PASS)
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

    fn filled(&mut self) -> Option<Bytes> {
        self.filled.take()
    }
}

/// The fields that say what a response is, and where its texts are: some upstreams end a stream without them.
#[derive(Default)]
struct ToldFields<'a> {
    id: Option<&'a RawValue>,
    object: Option<&'a RawValue>,
    created_at: Option<&'a RawValue>,
    model: Option<&'a RawValue>,
    status: Option<&'a RawValue>,
    output: Option<&'a RawValue>,
    usage: Option<&'a RawValue>,
}

impl<'a> Slots<'a> for ToldFields<'a> {
    fn slot(&mut self, key: &str) -> Option<&mut Option<&'a RawValue>> {
        Some(match key {
            "id" => &mut self.id,
            "object" => &mut self.object,
            "created_at" => &mut self.created_at,
            "model" => &mut self.model,
            "status" => &mut self.status,
            "output" => &mut self.output,
            "usage" => &mut self.usage,
            _ => return None,
        })
    }
}

/// The fields of an item that hold its texts.
#[derive(Default)]
struct Texts<'a>([Option<&'a RawValue>; 5]);

const TEXT_FIELDS: [&str; 5] = ["content", "summary", "arguments", "input", "code"];

impl<'a> Slots<'a> for Texts<'a> {
    fn slot(&mut self, key: &str) -> Option<&mut Option<&'a RawValue>> {
        TEXT_FIELDS.iter().position(|field| *field == key).and_then(|at| self.0.get_mut(at))
    }
}

/// The lengths of what an item says in each of `TEXT_FIELDS`, and the number of its annotations.
type Lengths = [usize; 6];

const ANNOTATIONS: usize = 5;

impl Texts<'_> {
    fn said(item: &RawValue) -> Lengths {
        let Texts(fields) = pick(item.get()).unwrap_or_default();
        let mut said = Lengths::default();
        for (at, field) in fields.into_iter().enumerate() {
            let (length, annotations) = field.map_or((0, 0), length);
            said[at] = length;
            said[ANNOTATIONS] += annotations;
        }
        said
    }
}

/// What a part says, and beside it.
#[derive(Default)]
struct PartFields<'a> {
    texts: [Option<&'a RawValue>; 3],
    annotations: Option<&'a RawValue>,
}

impl<'a> Slots<'a> for PartFields<'a> {
    fn slot(&mut self, key: &str) -> Option<&mut Option<&'a RawValue>> {
        Some(match key {
            "text" => &mut self.texts[0],
            "refusal" => &mut self.texts[1],
            "transcript" => &mut self.texts[2],
            "annotations" => &mut self.annotations,
            _ => return None,
        })
    }
}

impl<'a> PartFields<'a> {
    fn of(raw: &'a RawValue) -> Self {
        pick(raw.get()).unwrap_or(Self { texts: [Some(raw), None, None], annotations: None })
    }

    fn annotations(&self) -> Vec<&'a RawValue> {
        let list = self.annotations.filter(|list| !is_empty(list));
        list.and_then(|list| serde_json::from_str(list.get()).ok()).unwrap_or_default()
    }
}

/// The length of a text, or of those in a list of parts and the number of their annotations. What is neither, arguments
/// as an object, has 1 if it says anything.
fn length(raw: &RawValue) -> (usize, usize) {
    if let Some(text) = string(raw) {
        return (text.len(), 0);
    }
    let Ok(parts) = serde_json::from_str::<Vec<&RawValue>>(raw.get()) else {
        return (usize::from(!is_empty(raw)), 0);
    };
    parts.into_iter().map(PartFields::of).fold((0, 0), |(length, annotations), part| {
        let texts = part.texts.into_iter().flatten().filter_map(string).map(|text| text.len());
        (length + texts.sum::<usize>(), annotations + part.annotations().len())
    })
}

/// Whether a value has something wherever an older one had.
fn covers(old: &Value, new: &Value) -> bool {
    match (old, new) {
        (Value::Null, _) => true,
        (Value::String(old), _) if old.is_empty() => true,
        (Value::Array(old), Value::Array(new)) => {
            old.len() <= new.len() && old.iter().zip(new).all(|(old, new)| covers(old, new))
        }
        (Value::Object(old), Value::Object(new)) => {
            old.iter().all(|(name, old)| covers(old, new.get(name).unwrap_or(&Value::Null)))
        }
        (Value::Array(old), _) => old.is_empty(),
        (Value::Object(old), _) => old.is_empty(),
        (_, new) => !new.is_null() && new != "",
    }
}

impl Responses {
    /// Whether a terminal event says no less than those before it did: nearly always. By the lengths of what it says, and
    /// by what else its items have where they are not the same.
    fn says_all(&self, response: &RawValue, event: &ResponseFields) -> bool {
        let told = pick::<ToldFields>(response.get()).unwrap_or_default();
        let says = |told: &ToldFields| {
            [told.id, told.object, told.created_at, told.model, told.usage]
                .map(|field| field.is_some_and(|field| !is_empty(field)))
        };
        let last = says(&told);
        if last.contains(&false) {
            let before = self.response.as_deref().and_then(|before| pick(before.get())).unwrap_or_default();
            let mut before = says(&before);
            before[4] |= event.usage.is_some_and(|usage| !is_empty(usage));
            if before.iter().zip(last).any(|(before, last)| *before && !last) {
                return false;
            }
        }
        if told.status.is_some_and(|status| matches!(status.get(), "\"in_progress\"" | "\"queued\"" | "null" | "\"\""))
        {
            return false;
        }
        let output = told.output.and_then(|output| serde_json::from_str::<Vec<&RawValue>>(output.get()).ok());
        let output = output.unwrap_or_default();
        output.len() >= self.items.len()
            && (told.output.is_some_and(|output| output.get() != "null") || self.items.is_empty())
            && self.items.values().zip(output).all(|(item, last)| item.is_within(last) && item.is_covered(last))
    }

    /// Ends with what had been streamed, and what the terminal event says beyond it.
    fn fill(&mut self, kind: &str, event: &Event, last: Option<&RawValue>, usage: Option<&RawValue>) {
        let status = if kind == "done" { "completed" } else { kind };
        let Some(mut whole) = self.grown().or_else(|| last.map(|_| Map::new())) else { return };
        let items = if status == "completed" { "completed" } else { "incomplete" };
        for item in whole.get_mut("output").and_then(Value::as_array_mut).into_iter().flatten() {
            if item.get("status").is_some_and(|status| status == "in_progress") {
                item["status"] = items.into();
            }
        }
        whole.insert("status".into(), Value::Null);
        if let Some(last) = last {
            lay_over(&mut whole, object(last));
        }
        if whole.get("status").is_none_or(|known| known.is_null() || known == "in_progress" || known == "queued") {
            whole.insert("status".into(), status.into());
        }
        if let Some(usage) = usage.filter(|_| whole.get("usage").is_none_or(Value::is_null)) {
            whole.insert("usage".into(), parse(usage.get()).unwrap_or_default());
        }
        let Ok(reply) = serde_json::to_vec(&whole) else { return };
        let data = &event.data;
        let filled = match last {
            // In the place of the one that said less.
            Some(last) => {
                let start = last.get().as_ptr() as usize - data.as_ptr() as usize;
                let (before, after) = (data.get(..start), data.get(start + last.get().len()..));
                [before.unwrap_or_default(), &reply, after.unwrap_or_default()].concat()
            }
            None => {
                let mut event: Map<String, Value> = str::from_utf8(data).ok().and_then(parse).unwrap_or_default();
                event.insert("response".into(), whole.into());
                serde_json::to_vec(&event).unwrap_or_default()
            }
        };
        self.filled = Some(filled.into());
        self.reply = Some(reply.into());
    }

    /// The response as far as it has come.
    fn grown(&self) -> Option<Map<String, Value>> {
        if self.response.is_none() && self.items.is_empty() {
            return None;
        }
        let mut response = self.response.as_deref().map_or_else(Map::new, object);
        if !self.items.is_empty() {
            response.insert("output".into(), self.items.values().map(GrowingItem::value).collect());
        }
        Some(response)
    }

    /// The item that an event is about.
    fn at(&mut self, step: &str, fields: &ResponseFields, id: Option<&RawValue>) -> u64 {
        let index = fields.output_index.and_then(number);
        // By its index, mostly: some upstreams encrypt ids anew for each event.
        if let Some(index) = index.filter(|_| step == "delta" && !self.clash) {
            return index;
        }
        let id = id.or(fields.item_id).and_then(string).filter(|id| !id.is_empty());
        let known = id.as_ref().and_then(|id| self.ids.get(&**id)).copied();
        let taken = |index: u64| {
            let item = self.items.get(&index)?;
            let old = item.id.as_deref().filter(|_| step == "added" || item.done)?;
            id.as_ref().filter(|id| **id != old)
        };
        let next = || self.items.last_key_value().map_or(0, |(last, _)| last.saturating_add(1));
        let is_item = fields.item.is_some();
        let begins = is_item && step == "added";
        let at = match (known, index) {
            (Some(known), None) => known,
            (Some(known), Some(index)) if self.clash || known == index => known,
            (_, Some(index)) if is_item && taken(index).is_some() => {
                self.clash = true;
                next()
            }
            (_, Some(index)) => index,
            // The newest, unless another one begins.
            (None, None) => match self.items.get(&self.newest) {
                Some(newest) if !newest.done && !begins => self.newest,
                _ => next(),
            },
        };
        if is_item && let Some(id) = id {
            let item = self.items.entry(at).or_default();
            item.id = Some(id.clone().into_owned());
            self.ids.insert(id.into_owned(), at);
        }
        at
    }

    /// An event that adds to the output.
    fn grow(&mut self, stem: &str, step: &str, fields: &ResponseFields) -> Verdict {
        let place = match stem {
            "output_item" => TextPlace::GrowingItem,
            "content_part" => Content,
            "reasoning_summary_part" => Summary,
            // The second is what it was called at first.
            "output_text.annotation" | "output_text_annotation" => {
                if let Some(annotation) = fields.annotation {
                    self.newest = self.at("delta", fields, None);
                    let item = self.items.entry(self.newest).or_default();
                    let list = item.annotations.entry(fields.part_index.and_then(number).unwrap_or(0)).or_default();
                    list.push(annotation.to_owned());
                    item.said[ANNOTATIONS] += 1;
                }
                return Verdict::PASS;
            }
            _ => {
                let Some((row, text)) = TEXTS.iter().enumerate().find(|(_, text)| text.stem == stem) else {
                    return Verdict::PASS;
                };
                let raw = if step == "delta" { fields.delta } else { fields.whole };
                let piece = match raw.map(|raw| (raw, string(raw))) {
                    Some((_, Some(piece))) => piece,
                    // Some upstreams send arguments as an object.
                    Some((raw, None)) if text.place == TextPlace::GrowingItem && raw.get().starts_with('{') => {
                        raw.get().into()
                    }
                    _ => return Verdict::PASS,
                };
                self.newest = self.at(step, fields, None);
                let item = self.items.entry(self.newest).or_default();
                let buffer = item.texts.entry((row, fields.part_index.and_then(number).unwrap_or(0))).or_default();
                if step == "delta" {
                    item.said[text.holder()] += piece.len();
                    return Verdict::Pass { snapshot: Some(buffer.append(&piece)) };
                }
                // Upstreams exist that send the whole and no deltas, or deltas and no whole. Snapshots of the old text
                // keep the old buffer.
                if step == "done" && !buffer.lock().starts_with(&*piece) {
                    item.said[text.holder()] += piece.len();
                    item.said[text.holder()] -= buffer.lock().len();
                    *buffer = Buffer::default();
                    buffer.append(&piece);
                }
                item.name = fields.name.map(RawValue::to_owned).or(item.name.take());
                return Verdict::PASS;
            }
        };
        let raw = if place == TextPlace::GrowingItem { fields.item } else { fields.part };
        if let (Some(raw), "added" | "done") = (raw, step) {
            let id = fields.item.and_then(|item| pick::<ToldFields>(item.get())).and_then(|item| item.id);
            self.newest = self.at(step, fields, id);
            let item = self.items.entry(self.newest).or_default();
            let raw = raw.to_owned();
            match place {
                // What it says less of than had come stays.
                TextPlace::GrowingItem if step == "done" && item.is_within(&raw) => {
                    let (said, id) = (Texts::said(&raw), item.id.take());
                    *item = GrowingItem { raw: Some(raw), id, done: true, said, ..GrowingItem::default() };
                }
                TextPlace::GrowingItem if !item.done => {
                    let said = Texts::said(&raw);
                    item.said.iter_mut().zip(said).for_each(|(known, said)| *known = said.max(*known));
                    item.raw = Some(raw);
                }
                TextPlace::GrowingItem => {}
                _ => {
                    let index = fields.part_index.and_then(number).unwrap_or(0);
                    let annotations = PartFields::of(&raw).annotations();
                    if !annotations.is_empty() {
                        let known = item.annotations.entry(index).or_default();
                        if known.len() < annotations.len() {
                            item.said[ANNOTATIONS] += annotations.len() - known.len();
                            *known = annotations.into_iter().map(RawValue::to_owned).collect();
                        }
                    }
                    item.parts.insert((place, index), raw);
                }
            }
        }
        Verdict::PASS
    }
}

/// Lays what a terminal event says over what had been streamed. A null or nothing at all says less than what there was,
/// and so does the beginning of a text.
fn lay_over(whole: &mut Map<String, Value>, last: Map<String, Value>) {
    for (name, new) in last {
        match whole.get_mut(&name) {
            Some(old) => lay(old, new),
            None => drop(whole.insert(name, new)),
        }
    }
}

fn lay(old: &mut Value, new: Value) {
    match (old, new) {
        (_, Value::Null) => {}
        (Value::String(old), Value::String(new)) => {
            if !old.starts_with(&new) {
                *old = new;
            }
        }
        (Value::Object(old), Value::Object(new)) => lay_over(old, new),
        (Value::Array(old), Value::Array(new)) => {
            // Items and parts are told apart by their ids; where those changed or are missing, by their order within a type.
            fn text<'a>(value: &'a Value, name: &str) -> &'a str {
                value.get(name).and_then(Value::as_str).unwrap_or_default()
            }
            let named: HashSet<String> = new.iter().map(|new| text(new, "id").to_owned()).collect();
            let (mut ids, mut kinds) = (HashMap::new(), HashMap::<_, VecDeque<usize>>::new());
            for (at, old) in old.iter().enumerate() {
                match text(old, "id") {
                    id if !id.is_empty() && named.contains(id) => drop(ids.insert(id.to_owned(), at)),
                    _ => kinds.entry(text(old, "type").to_owned()).or_default().push_back(at),
                }
            }
            for new in new {
                let by_id = ids.remove(text(&new, "id"));
                let at = by_id.or_else(|| kinds.get_mut(text(&new, "type"))?.pop_front());
                match at.and_then(|at| old.get_mut(at)) {
                    Some(old) => lay(old, new),
                    None => old.push(new),
                }
            }
        }
        (old, new) => *old = new,
    }
}

impl GrowingItem {
    /// Whether another item says no less than this one.
    fn is_within(&self, other: &RawValue) -> bool {
        if self.is_all() && self.raw.as_deref().is_some_and(|raw| raw.get() == other.get()) {
            return true;
        }
        Texts::said(other).iter().zip(self.said).all(|(length, said)| *length >= said)
    }

    /// Whether `raw` is all of it.
    fn is_all(&self) -> bool {
        self.done && self.annotations.is_empty()
    }

    /// Whether another one has something wherever this one has.
    fn is_covered(&self, other: &RawValue) -> bool {
        let Some(raw) = self.raw.as_deref().filter(|raw| raw.get() != other.get()) else { return true };
        parse(raw.get()).zip(parse(other.get())).is_none_or(|(old, new)| covers(&old, &new))
    }

    /// The item as far as it has arrived.
    fn value(&self) -> Value {
        let mut item = self.raw.as_deref().map_or_else(Map::new, object);
        if self.is_all() {
            return item.into();
        }
        let texts = || self.texts.iter().filter_map(|(&(row, index), buffer)| Some((TEXTS.get(row)?, index, buffer)));
        if let Some((text, ..)) = texts().next() {
            item.entry("type").or_insert_with(|| text.item.into());
        }
        if let Some(name) = &self.name
            && item.get("name").is_none_or(|name| name.is_null() || name == "")
        {
            item.insert("name".into(), parse(name.get()).unwrap_or_default());
        }
        // Indices come from outside: a map, because a list would have to be as long as the largest.
        let mut parts = BTreeMap::new();
        for place in [Content, Summary] {
            if let Some(Value::Array(list)) = item.get_mut(place.list()) {
                parts.extend((0..).zip(list.drain(..)).map(|(index, part)| ((place, index), part)));
            }
        }
        for (&at, part) in &self.parts {
            parts.insert(at, object(part).into());
        }
        for (text, index, buffer) in texts() {
            let value = buffer.lock();
            let holder = match text.place {
                TextPlace::GrowingItem => &mut item,
                place => match parts.entry((place, index)).or_insert_with(|| json!({ "type": text.part })) {
                    Value::Object(part) => part,
                    _ => continue,
                },
            };
            // A part or an item may say more than its deltas did.
            let said = holder.get(text.field).and_then(Value::as_str).unwrap_or_default();
            if !said.starts_with(value.as_str()) {
                holder.insert(text.field.into(), value.as_str().into());
            } else if said.is_empty() {
                holder.entry(text.field).or_insert_with(|| "".into());
            }
        }
        for (&index, known) in &self.annotations {
            let part = parts.entry((Content, index)).or_insert_with(|| json!({ "type": "output_text" }));
            let told = part.get("annotations").and_then(Value::as_array).map_or(0, Vec::len);
            if told < known.len()
                && let Value::Object(part) = part
            {
                let known = known.iter().filter_map(|each| parse::<Value>(each.get()));
                part.insert("annotations".into(), known.collect());
            }
        }
        for ((place, _), part) in parts {
            let list = item.entry(place.list()).or_insert_with(|| json!([]));
            if list.is_null() {
                *list = json!([]);
            }
            if let Value::Array(list) = list {
                list.push(part);
            }
        }
        item.into()
    }
}

/// The fields that matter, unparsed: a field of another type than expected must not cost the event.
#[derive(Default)]
struct ResponseFields<'a> {
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
    item_id: Option<&'a RawValue>,
    name: Option<&'a RawValue>,
    usage: Option<&'a RawValue>,
    annotation: Option<&'a RawValue>,
}

impl<'a> Slots<'a> for ResponseFields<'a> {
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
            "item_id" => &mut self.item_id,
            "name" => &mut self.name,
            "usage" => &mut self.usage,
            "annotation" => &mut self.annotation,
            _ => return None,
        })
    }
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

    let mut script = EventList { events: Vec::new(), left: most(json.len()) };
    script.add("response.created", json!({ "response": response }));
    if let Some(Value::Array(items)) = output {
        for (index, item) in items.iter().enumerate() {
            script.item(index, item);
        }
    }
    let mut events = script.events;
    // The reply itself goes out as it came in.
    let number = events.len();
    let last = format!(r#"{{"type":"{end}","sequence_number":{number},"response":{}}}"#, json.trim_ascii());
    events.push(event(end, last.into_bytes()));
    events
}

struct EventList {
    events: Vec<Event>,
    /// How much they may still grow. What is not told then, the last event has.
    left: usize,
}

impl EventList {
    fn add(&mut self, kind: &str, fields: Value) {
        let mut data = json!({ "type": kind, "sequence_number": self.events.len() });
        if let (Some(data), Value::Object(mut fields)) = (data.as_object_mut(), fields) {
            data.append(&mut fields);
        }
        let data = data.to_string().into_bytes();
        self.left = self.left.saturating_sub(data.len());
        if self.left > 0 {
            self.events.push(event(kind, data));
        }
    }

    fn item(&mut self, output_index: usize, item: &Value) {
        if self.left == 0 {
            return;
        }
        let mut begun = item.clone();
        if begun.get("status").is_some() {
            begun["status"] = "in_progress".into();
        }
        let texts: Vec<&Text> = TEXTS.iter().filter(|text| item["type"] == text.item).collect();
        for text in &texts {
            match text.place {
                TextPlace::GrowingItem if item[text.field].is_string() => begun[text.field] = "".into(),
                Content | Summary if item[text.place.list()].is_array() => begun[text.place.list()] = json!([]),
                _ => {}
            }
        }
        self.add("response.output_item.added", json!({ "output_index": output_index, "item": begun }));

        let mut at = Map::new();
        at.insert("item_id".into(), item["id"].clone());
        at.insert("output_index".into(), output_index.into());
        if let Some(text) = texts.iter().find(|text| text.place == TextPlace::GrowingItem) {
            self.text(text, &at, item);
        }
        for place in [Summary, Content] {
            for (index, part) in item[place.list()].as_array().into_iter().flatten().enumerate() {
                let Some(text) = texts.iter().find(|text| text.place == place && part["type"] == text.part) else {
                    continue;
                };
                if self.left == 0 {
                    return;
                }
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
