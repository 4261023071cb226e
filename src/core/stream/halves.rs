//! Texts that a server cut between the halves of a character: JavaScript counts in UTF-16, so `"\ud83d"` ends one event
//! and `"\ude00"` begins the next. The first half waits here for the other, so that every delta has whole characters.

use super::{Value, mend_numbers, unmend_numbers};
use memchr::memchr;
use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Stands before the four digits of a half in what is no JSON any more: no text has it.
const MARK: char = '\u{FDD0}';

/// What tells the texts of a dialect apart beside the names of their fields: of an event, and within its delta, where a
/// type comes with the first piece only.
const OUTER: &[&str] = &["type", "index", "output_index", "content_index", "summary_index"];
const INNER: &[&str] = &["index"];

/// First halves, by where their text goes on: see `Walk`.
#[derive(Default)]
pub(super) struct Halves(HashMap<u64, u16>);

impl Halves {
    /// The event with whole characters; none if it has nothing else. Costs a search for backslashes.
    pub fn join(&mut self, json: &str) -> Option<String> {
        if self.0.is_empty() && next(json, 0).is_none() {
            return None;
        }
        let marked = replaced(json, |half| format!("{MARK}{half:04x}").into());
        let numbers = mend_numbers(&marked);
        let mut event: Value = serde_json::from_str(numbers.as_deref().unwrap_or(&marked)).ok()?;
        self.walk(&mut event, DefaultHasher::new(), false);
        let joined = event.to_string();
        match numbers {
            Some(_) => String::from_utf8(unmend_numbers(joined.into()).into()).ok(),
            None => Some(joined),
        }
    }

    /// `place` tells texts apart: by the names of the fields that lead there and what counts or names on the way.
    /// `grows`: it is a piece of a text, and not a whole one.
    fn walk(&mut self, value: &mut Value, mut place: DefaultHasher, grows: bool) {
        match value {
            Value::String(text) if text.contains(MARK) || !self.0.is_empty() => {
                *text = self.text(text, place.finish(), grows);
            }
            Value::Array(list) => list.iter_mut().for_each(|each| self.walk(each, place.clone(), grows)),
            Value::Object(fields) => {
                for name in if grows { INNER } else { OUTER } {
                    fields.get(*name).and_then(Value::as_str).hash(&mut place);
                    fields.get(*name).and_then(Value::as_f64).map(f64::to_bits).hash(&mut place);
                }
                fields.get("thought").and_then(Value::as_bool).hash(&mut place);
                for (name, value) in fields {
                    let mut place = place.clone();
                    name.hash(&mut place);
                    self.walk(value, place, grows || name == "delta" || name == "parts");
                }
            }
            _ => {}
        }
    }

    fn text(&mut self, marked: &str, place: u64, grows: bool) -> String {
        let mut units = Vec::with_capacity(marked.len() + 1);
        if grows && !marked.is_empty() {
            units.extend(self.0.remove(&place));
        }
        let mut rest = marked;
        while let Some((before, after)) = rest.split_once(MARK) {
            units.extend(before.encode_utf16());
            let half = after.get(..4).and_then(|digits| u16::from_str_radix(digits, 16).ok());
            units.push(half.unwrap_or(0xFFFD));
            rest = after.get(4..).filter(|_| half.is_some()).unwrap_or(after);
        }
        units.extend(rest.encode_utf16());
        if grows && let Some(half @ 0xD800..=0xDBFF) = units.last() {
            self.0.insert(place, *half);
            units.pop();
        }
        String::from_utf16_lossy(&units)
    }
}

/// The next half without its other one, from a place on that is not within an escape.
fn next(json: &str, mut at: usize) -> Option<(usize, u16)> {
    let bytes = json.as_bytes();
    let unit = |at: usize| match bytes.get(at..at + 6)? {
        [b'\\', b'u', digits @ ..] => u16::from_str_radix(str::from_utf8(digits).ok()?, 16).ok(),
        _ => None,
    };
    loop {
        at += memchr(b'\\', bytes.get(at..)?)?;
        // All halves begin with a D; Chinese servers escape every character.
        let is_half = matches!(bytes.get(at + 1..at + 3), Some([b'u', b'd' | b'D']));
        match is_half.then(|| unit(at)).flatten() {
            Some(0xD800..=0xDBFF) if matches!(unit(at + 6), Some(0xDC00..=0xDFFF)) => at += 12,
            Some(half @ 0xD800..=0xDFFF) => return Some((at, half)),
            _ => at += 2,
        }
    }
}

/// The JSON with something else for each half that is alone.
pub(super) fn replaced(json: &str, by: impl Fn(u16) -> Cow<'static, str>) -> String {
    let mut out = String::with_capacity(json.len());
    let mut done = 0;
    while let Some((at, half)) = next(json, done) {
        out.extend([json.get(done..at).unwrap_or_default(), &by(half)]);
        done = at + 6;
    }
    out + json.get(done..).unwrap_or_default()
}
