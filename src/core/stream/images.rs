//! The dialect of `/v1/images/generations` and `/v1/images/edits`: a picture as far as it is painted, then the picture.
//!
//! Events may hold 64 MB of base64: the state keeps them as they came and looks into them only at the end.

use super::{Dialect, DialectState, Verdict, event, is_error, repeats};
use crate::core::json::{Slots, pick, string};
use crate::core::sse::Event;
use bytes::Bytes;
use serde::Serialize;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::BTreeMap;

#[derive(Default)]
pub(super) struct Images {
    /// The newest event with an unfinished picture, while it is that.
    begun: Option<Bytes>,
    /// The events with finished ones: as many as were asked for.
    done: Vec<Bytes>,
}

impl DialectState for Images {
    fn take(&mut self, event: &Event, text: &str) -> Option<Verdict> {
        let fields = pick::<ImageFields>(text)?;
        let kind = fields.kind.and_then(string).unwrap_or_else(|| String::from_utf8_lossy(&event.name));
        if kind.ends_with(".partial_image") {
            self.begun = Some(event.data.clone());
        } else if kind.ends_with(".completed") {
            self.begun = None;
            // Not the end: another picture may follow.
            self.done.push(event.data.clone());
        } else if is_error(event, false, &kind, fields.error) {
            return Some(Verdict::Error(event.data.clone()));
        }
        Some(Verdict::PASS)
    }

    fn complete(&self) -> bool {
        !self.done.is_empty() && self.begun.is_none()
    }

    fn reply(&self) -> Option<Bytes> {
        if self.complete() { whole(&self.done).map(Bytes::from) } else { None }
    }

    /// The finished pictures, and the last one as far as it was painted.
    fn partial(&self) -> Option<Vec<u8>> {
        whole(self.done.iter().chain(&self.begun))
    }
}

#[derive(Default)]
struct ImageFields<'a> {
    kind: Option<&'a RawValue>,
    error: Option<&'a RawValue>,
}

impl<'a> Slots<'a> for ImageFields<'a> {
    fn slot(&mut self, key: &str) -> Option<&mut Option<&'a RawValue>> {
        Some(match key {
            "type" => &mut self.kind,
            "error" => &mut self.error,
            _ => return None,
        })
    }
}

type JsonObject<'a> = BTreeMap<Cow<'a, str>, JsonField<'a>>;

#[derive(Serialize)]
#[serde(untagged)]
enum JsonField<'a> {
    Raw(&'a RawValue),
    Text(Cow<'a, str>),
    List(Vec<JsonObject<'a>>),
}

fn fields(json: &[u8]) -> Option<BTreeMap<Cow<'_, str>, &RawValue>> {
    serde_json::from_slice(json).ok()
}

/// What belongs to the picture and not to the reply as a whole.
fn is_of_picture(name: &str) -> bool {
    matches!(name, "b64_json" | "url" | "revised_prompt")
}

/// The reply that such events add up to.
fn whole<'a>(events: impl IntoIterator<Item = &'a Bytes>) -> Option<Vec<u8>> {
    let (mut reply, mut data) = (JsonObject::new(), Vec::new());
    for event in events {
        let mut picture = JsonObject::new();
        for (name, value) in fields(event)? {
            let value = JsonField::Raw(value);
            match &*name {
                "type" | "partial_image_index" | "sequence_number" => {}
                "created_at" => drop(reply.insert("created".into(), value)),
                name_of if is_of_picture(name_of) => drop(picture.insert(name, value)),
                _ => drop(reply.insert(name, value)),
            }
        }
        if !picture.is_empty() {
            data.push(picture);
        }
    }
    if reply.is_empty() && data.is_empty() {
        return None;
    }
    reply.insert("data".into(), JsonField::List(data));
    serde_json::to_vec(&reply).ok()
}

/// One event for each picture; the usage is that of all and comes with the last.
pub(super) fn events_of_reply(dialect: Dialect, json: &[u8]) -> Vec<Event> {
    let kind = match dialect {
        Dialect::ImageEdit => "image_edit.completed",
        _ => "image_generation.completed",
    };
    let Some(mut reply) = fields(json) else {
        return Vec::new();
    };
    let data = reply.remove("data");
    let pictures: Vec<BTreeMap<_, _>> =
        data.and_then(|data| serde_json::from_str::<Vec<&RawValue>>(data.get()).ok()).map_or_else(Vec::new, |list| {
            list.into_iter().filter_map(|each| fields(each.get().as_bytes()).filter(|each| !each.is_empty())).collect()
        });
    let usage = reply.remove("usage");
    // No picture at all is an answer too.
    let count = pictures.len().max(1);
    let all = repeats(reply.iter().map(|(name, value)| name.len() + value.get().len() + 16).sum(), count, json.len());
    let mut pictures = pictures.into_iter();
    (1..=count)
        .filter_map(|number| {
            let mut event_fields = JsonObject::new();
            event_fields.insert("type".into(), JsonField::Text(kind.into()));
            for (name, value) in reply.iter().filter(|_| all || number == 1) {
                let name = if name == "created" { "created_at".into() } else { name.clone() };
                event_fields.insert(name, JsonField::Raw(value));
            }
            event_fields
                .extend(pictures.next().into_iter().flatten().map(|(name, value)| (name, JsonField::Raw(value))));
            if let Some(usage) = usage.filter(|_| number == count) {
                event_fields.insert("usage".into(), JsonField::Raw(usage));
            }
            Some(event(kind, serde_json::to_vec(&event_fields).ok()?))
        })
        .collect()
}
