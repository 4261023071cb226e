//! The small readers of JSON, each once: an object's fields unparsed, texts, numbers, and what other languages write that
//! is none.
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use bytes::Bytes;
use memchr::{memchr, memchr2, memmem};
use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// The name of a field.
#[derive(Deserialize)]
pub struct Name<'a>(#[serde(borrow)] pub Cow<'a, str>);

/// The fields of an event that a dialect looks at, unparsed: one of another type than expected must not cost the event.
pub trait Slots<'a>: Default {
    /// Where the value of a key goes; None for the rest.
    fn slot(&mut self, key: &str) -> Option<&mut Option<&'a RawValue>>;
}

/// Fills the slots in one pass. By hand, because a derived reader fails at a key that comes twice.
pub fn pick<'a, S: Slots<'a>>(json: &'a str) -> Option<S> {
    struct Pick<S>(PhantomData<S>);

    impl<'de, S: Slots<'de>> Visitor<'de> for Pick<S> {
        type Value = S;

        fn expecting(&self, out: &mut fmt::Formatter) -> fmt::Result {
            out.write_str("an object")
        }

        fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<S, M::Error> {
            let mut slots = S::default();
            while let Some(Name(key)) = map.next_key()? {
                match slots.slot(&key) {
                    Some(slot) => *slot = Some(map.next_value()?),
                    None => {
                        map.next_value::<IgnoredAny>()?;
                    }
                }
            }
            Ok(slots)
        }
    }

    let mut reader = serde_json::Deserializer::from_str(json);
    let slots = reader.deserialize_map(Pick(PhantomData)).ok()?;
    reader.end().is_ok().then_some(slots)
}

/// The fields of an object, unparsed. Not a map: a key may come twice, and there are few.
pub struct Members<'a>(pub Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ReadMembers;

        impl<'de> Visitor<'de> for ReadMembers {
            type Value = Members<'de>;

            fn expecting(&self, out: &mut fmt::Formatter) -> fmt::Result {
                out.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Members<'de>, M::Error> {
                let mut pairs = Vec::with_capacity(8);
                while let Some(Name(key)) = map.next_key()? {
                    pairs.push((key, map.next_value()?));
                }
                Ok(Members(pairs))
            }
        }

        deserializer.deserialize_map(ReadMembers)
    }
}

/// The objects of a list; what else is in it counts for nothing.
pub fn objects(raw: &RawValue) -> Vec<Members<'_>> {
    serde_json::from_str(raw.get()).unwrap_or_else(|_| {
        let all: Vec<&RawValue> = serde_json::from_str(raw.get()).unwrap_or_default();
        all.into_iter().filter_map(|raw| serde_json::from_str(raw.get()).ok()).collect()
    })
}

pub fn is_json(text: &[u8]) -> bool {
    serde_json::from_slice::<IgnoredAny>(text).is_ok()
}

/// Whether it is JSON, or what Python takes for it: with NaN and infinities.
pub fn is_like_json(bytes: &[u8]) -> bool {
    serde_json::from_slice::<IgnoredAny>(bytes).is_ok()
        || str::from_utf8(bytes).ok().and_then(mend_numbers).is_some_and(|mended| is_json(mended.as_bytes()))
}

/// The string that `raw` is, if it is one.
pub fn string(raw: &RawValue) -> Option<Cow<'_, str>> {
    let quoted = raw.get();
    let inner = quoted.strip_prefix('"')?.strip_suffix('"')?;
    if memchr(b'\\', inner.as_bytes()).is_none() {
        return Some(Cow::Borrowed(inner));
    }
    parse(quoted).map(Cow::Owned)
}

pub fn parse<T: DeserializeOwned>(json: &str) -> Option<T> {
    serde_json::from_str(json).or_else(|_| serde_json::from_str(&mend_surrogates(json))).ok()
}

/// Replaces each `\ud83d` without its other half by `\ufffd`. JSON allows them and JavaScript servers send them when they
/// cut a text in two, but no Rust parser takes them.
pub fn mend_surrogates(json: &str) -> String {
    with_halves(json, |_| "\\ufffd".into())
}

/// Stands before a number that is none in JSON, in a string of its own.
const ODD: &[u8] = b"\"\\u0000";

/// With the numbers that Python writes and JSON does not have, NaN and the infinities, as strings that
/// `unmend_numbers` knows. None if there are none.
pub fn mend_numbers(json: &str) -> Option<String> {
    let mut mended = String::new();
    let (mut done, mut at) = (0, 0);
    while let Some(&byte) = json.as_bytes().get(at) {
        if byte == b'"' {
            at += text_end(json.as_bytes().get(at..)?)?;
            continue;
        }
        let word = ["NaN", "Infinity", "-Infinity"]
            .into_iter()
            .find(|word| json.as_bytes()[at..].starts_with(word.as_bytes()));
        let Some(word) = word else {
            at += 1;
            continue;
        };
        mended.extend([json.get(done..at)?, "\"\\u0000", word, "\""]);
        at += word.len();
        done = at;
    }
    (done > 0).then(|| mended + &json[done..])
}

pub fn unmend_numbers(json: Bytes) -> Bytes {
    let mut out = Vec::with_capacity(json.len());
    let mut rest = &*json;
    while let Some(at) = memmem::find(rest, ODD) {
        let (before, odd) = rest.split_at(at);
        let word = &odd[ODD.len()..];
        let word = [&b"NaN\""[..], b"Infinity\"", b"-Infinity\""].into_iter().find(|known| word.starts_with(known));
        out.extend_from_slice(before);
        match word {
            Some(word) => out.extend_from_slice(&word[..word.len() - 1]),
            None => out.extend_from_slice(ODD),
        }
        rest = &odd[ODD.len() + word.map_or(0, <[u8]>::len)..];
    }
    out.extend_from_slice(rest);
    out.into()
}

/// A number as a count or an index; none where it is no number.
pub fn number(raw: &RawValue) -> Option<u64> {
    let text = raw.get();
    text.parse().ok().or_else(|| text.parse().ok().map(|float: f64| float as u64))
}

pub fn object(raw: &RawValue) -> Map<String, Value> {
    parse(raw.get()).unwrap_or_default()
}

/// Whether a field says nothing.
pub fn is_empty(raw: &RawValue) -> bool {
    matches!(raw.get(), "null" | "\"\"" | "0" | "[]" | "{}")
}

pub fn has_half(json: &str) -> bool {
    next_half(json, 0).is_some()
}

/// The next half without its other one, from a place on that is not within an escape.
fn next_half(json: &str, mut at: usize) -> Option<(usize, u16)> {
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
pub fn with_halves(json: &str, by: impl Fn(u16) -> Cow<'static, str>) -> String {
    let mut out = String::with_capacity(json.len());
    let mut done = 0;
    while let Some((at, half)) = next_half(json, done) {
        out.extend([json.get(done..at).unwrap_or_default(), &by(half)]);
        done = at + 6;
    }
    out + json.get(done..).unwrap_or_default()
}

/// The length of the text that begins here, its quotes included.
pub fn text_end(json: &[u8]) -> Option<usize> {
    json.strip_prefix(b"\"")?;
    let mut at = 1;
    loop {
        at += memchr2(b'"', b'\\', json.get(at..)?)?;
        if json.get(at) == Some(&b'"') {
            return Some(at + 1);
        }
        at += 2;
    }
}
