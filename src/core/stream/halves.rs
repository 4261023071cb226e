//! Texts that a server cut between the halves of a character: JavaScript counts in UTF-16, so `"\ud83d"` ends one event
//! and `"\ude00"` begins the next. The first half waits here for the other, so that every delta has whole characters.
//! Where the text ends without it, it comes as U+FFFD, in an event of its own.

use crate::core::json::{has_half, mend_numbers, unmend_numbers, with_halves};
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Stands before the four digits of a half in what is no JSON any more: no text has it.
const MARK: char = '\u{FDD0}';

/// Each event looks at all that wait. Texts that grow at once are few; what is over this is U+FFFD at once.
const MOST: usize = 64;

/// What tells the texts of a dialect apart beside the names of their fields: of an event, and within its delta, where a
/// type comes with the first piece only.
const OUTER: &[&str] = &["type", "index", "output_index", "content_index", "summary_index"];
const INNER: &[&str] = &["index"];

/// First halves, by where their text goes on: see `walk`.
#[derive(Default)]
pub(super) struct Halves(HashMap<u64, Half>);

struct Half {
    unit: u16,
    /// The event that ends its text where the other one never comes.
    rest: Value,
}

/// Where a text is.
#[derive(Clone, Default)]
struct TextPath {
    /// Tells texts apart: by the names of the fields that lead there and what counts or names on the way.
    hash: DefaultHasher,
    /// It is a piece of a text, and not a whole one.
    grows: bool,
    /// It is the last piece.
    ends: bool,
}

impl Halves {
    /// The event with whole characters; none if it has nothing else. Costs a search for backslashes. Before it go the
    /// rests of texts that it ends.
    pub fn join(&mut self, json: &str, rests: &mut Vec<Value>) -> Option<String> {
        if self.0.is_empty() && !has_half(json) {
            return None;
        }
        let marked = with_halves(json, |half| format!("{MARK}{half:04x}").into());
        let numbers = mend_numbers(&marked);
        let mut event: Value = serde_json::from_str(numbers.as_deref().unwrap_or(&marked)).ok()?;
        for (place, half) in self.walk(&mut event, TextPath::default()) {
            // Unless its other half came within the same event.
            if let Some(waiting) = self.0.get_mut(&place) {
                *waiting = half;
            }
        }
        let over = self.0.extract_if(|_, half| ends(&event, &half.rest));
        rests.extend(over.map(|(_, half)| half.rest));
        let joined = event.to_string();
        match numbers {
            Some(_) => String::from_utf8(unmend_numbers(joined.into()).into()).ok(),
            None => Some(joined),
        }
    }

    /// Joins the texts in a value. Returns the halves that wait from now on.
    fn walk(&mut self, value: &mut Value, mut place: TextPath) -> Vec<(u64, Half)> {
        match value {
            Value::String(text) if text.contains(MARK) || !self.0.is_empty() => {
                let at = place.hash.finish();
                let (joined, unit) = self.text(text, at, &place);
                *text = joined;
                unit.map(|unit| (at, Half { unit, rest: char::REPLACEMENT_CHARACTER.to_string().into() }))
                    .into_iter()
                    .collect()
            }
            Value::Array(list) => {
                let waiting = list.iter_mut().flat_map(|each| self.walk(each, place.clone()));
                waiting.map(|(at, half)| (at, Half { rest: json!([half.rest]), ..half })).collect()
            }
            Value::Object(fields) => {
                for name in if place.grows { INNER } else { OUTER } {
                    fields.get(*name).and_then(Value::as_str).hash(&mut place.hash);
                    fields.get(*name).and_then(Value::as_f64).map(f64::to_bits).hash(&mut place.hash);
                }
                fields.get("thought").and_then(Value::as_bool).hash(&mut place.hash);
                place.ends |= is_finished(fields);
                let mut waiting = Vec::new();
                for (name, value) in fields.iter_mut() {
                    let mut place = place.clone();
                    name.hash(&mut place.hash);
                    place.grows |= name == "delta" || name == "parts";
                    let found = self.walk(value, place).into_iter();
                    waiting.extend(found.map(|(at, half)| (at, name.clone(), half)));
                }
                // What names the place goes along; no other text, and nothing that would be added twice.
                let names = |name: &str, value: &Value| match value {
                    Value::Array(_) | Value::Object(_) | Value::Null => false,
                    _ => !place.grows || matches!(name, "type" | "index" | "thought"),
                };
                let framed = |(at, name, half): (u64, String, Half)| {
                    let around = fields.iter().filter(|(name, value)| names(name, value));
                    let mut rest: Map<String, Value> =
                        around.map(|(name, value)| (name.clone(), value.clone())).collect();
                    rest.insert(name, half.rest);
                    (at, Half { rest: rest.into(), ..half })
                };
                waiting.into_iter().map(framed).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The text with whole characters, and the half that it ends in.
    fn text(&mut self, marked: &str, at: u64, place: &TextPath) -> (String, Option<u16>) {
        let mut units = Vec::with_capacity(marked.len() + 1);
        if place.grows && !marked.is_empty() {
            units.extend(self.0.remove(&at).map(|half| half.unit));
        }
        let mut rest = marked;
        while let Some((before, after)) = rest.split_once(MARK) {
            units.extend(before.encode_utf16());
            let half = after.get(..4).and_then(|digits| u16::from_str_radix(digits, 16).ok());
            units.push(half.unwrap_or(0xFFFD));
            rest = after.get(4..).filter(|_| half.is_some()).unwrap_or(after);
        }
        units.extend(rest.encode_utf16());
        let waits = place.grows && !place.ends && self.0.len() < MOST;
        let half = units.pop_if(|unit| waits && matches!(unit, 0xD800..=0xDBFF));
        if let Some(unit) = half {
            self.0.insert(at, Half { unit, rest: Value::Null });
        }
        (String::from_utf16_lossy(&units), half)
    }
}

/// Whether a choice or a candidate says that it is at its end.
fn is_finished(fields: &Map<String, Value>) -> bool {
    let reason = |name| fields.get(name).and_then(Value::as_str).is_some_and(|reason| !reason.is_empty());
    reason("finish_reason") || reason("finishReason")
}

/// Whether an event ends the text that another one would go on with.
fn ends(event: &Value, rest: &Value) -> bool {
    let same = |one: &Value, other: &Value| {
        let index = |value: &Value, name: &str| value.get(name).and_then(Value::as_f64);
        OUTER.iter().all(|name| index(one, name).is_none_or(|here| index(other, name).unwrap_or(0.0) == here))
    };
    let kind = event.get("type").and_then(Value::as_str).unwrap_or_default();
    let step = kind.rsplit(['.', '_']).next().unwrap_or_default();
    if kind == "message_delta" || ENDS.contains(&step) {
        return same(event, rest);
    }
    ["choices", "candidates"].iter().any(|list| {
        let of = |value| Value::as_array(value).map(Vec::as_slice).unwrap_or_default();
        let (all, waiting) = (event.get(list).map(of).unwrap_or_default(), rest.get(list).and_then(|list| list.get(0)));
        waiting.is_some_and(|one| all.iter().any(|each| each.as_object().is_some_and(is_finished) && same(each, one)))
    })
}

/// How the types of events end that end texts.
const ENDS: &[&str] = &["done", "stop", "completed", "failed", "incomplete", "cancelled"];
