//! What the events of one stream add up to: which of them the caller sees, the text so far, whether the end was the end.
//! One file per dialect. No I/O, and no more JSON than the state needs: the event itself is parsed by whoever shows it.

mod audio;
mod chat;
mod gemini;
mod halves;
mod images;
mod messages;
mod partial_json;
mod responses;
mod tools;

use crate::core::reply::hides_error;
use crate::core::sse::Event;
use bytes::Bytes;
use halves::Halves;
use memchr::{memchr, memmem};
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use partial_json::{closed, end_of_string};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Nothing is known of the events: all pass. It ends at `[DONE]` or where the bytes end.
    Plain,
    /// `/v1/responses`
    Responses,
    /// `/v1/chat/completions`
    Chat,
    /// `/v1/messages`
    Messages,
    /// `/mj`: no streams; a reply names its outcome by a code (REFERENCE 5).
    Midjourney,
    /// `/v1beta/models/{model}:streamGenerateContent`
    Gemini,
    /// `/v1/audio/transcriptions`, `/v1/audio/translations`
    Transcripts,
    /// `/v1/audio/speech`
    Speech,
    /// `/v1/images/generations`
    ImageGeneration,
    /// `/v1/images/edits`
    ImageEdit,
}

impl Dialect {
    /// Whether a request asks for a stream by its field `stream`. Gemini has a path for it, speech a `stream_format`.
    pub fn has_stream_field(self) -> bool {
        !matches!(self, Self::Gemini | Self::Speech)
    }
}

/// What to do with an event.
#[derive(Debug)]
pub enum Verdict {
    /// Not for the caller.
    Skip,
    /// Deliver it. `snapshot` is what its delta has grown to.
    Pass { snapshot: Option<Snapshot> },
    /// Deliver it; the stream is complete.
    Last,
    /// Not for the caller; the stream is complete.
    Done,
    /// The stream carried an error, usually JSON: the stream is over.
    Error(Bytes),
    /// Data that is not JSON.
    Malformed(Bytes),
    /// These come first, and then the event itself, which is to be taken once more.
    After(Vec<Event>),
}

impl Verdict {
    const PASS: Verdict = Verdict::Pass { snapshot: None };
}

/// The state of one stream.
pub struct Stream {
    state: Box<dyn State + Send + Sync>,
    over: bool,
    /// See `is`.
    whole: Option<Bytes>,
    halves: Halves,
    /// It has numbers that are none in JSON: see `mend_numbers`.
    odd: bool,
}

impl Stream {
    pub fn new(dialect: Dialect) -> Self {
        let state: Box<dyn State + Send + Sync> = match dialect {
            Dialect::Plain | Dialect::Midjourney => Box::new(Plain),
            Dialect::Responses => Box::<responses::Responses>::default(),
            Dialect::Chat => Box::<chat::Chat>::default(),
            Dialect::Messages => Box::<messages::Messages>::default(),
            Dialect::Gemini => Box::<gemini::Gemini>::default(),
            Dialect::Transcripts => Box::<audio::Transcripts>::default(),
            Dialect::Speech => Box::<audio::Speech>::default(),
            Dialect::ImageGeneration | Dialect::ImageEdit => Box::<images::Images>::default(),
        };
        Stream { state, over: false, whole: None, halves: Halves::default(), odd: false }
    }

    /// What the events come from is a whole reply, though they do not end as a stream should.
    pub fn is(&mut self, reply: Bytes) {
        self.whole = Some(reply);
    }

    /// Takes the next event. Its data is valid UTF-8 afterwards: what was not is now U+FFFD. White space around it is
    /// gone: not all that is white is so in JSON. Where a text in it was cut within a character, the halves are joined,
    /// and where the last event says less than those before it, it is filled up.
    pub fn take(&mut self, event: &mut Event) -> Verdict {
        if self.over {
            return Verdict::Skip;
        }
        event.data = event.data.slice_ref(event.data.trim_ascii());
        let text = match str::from_utf8(&event.data) {
            Ok(text) => text,
            Err(_) => {
                event.data = String::from_utf8_lossy(&event.data).into_owned().into();
                str::from_utf8(&event.data).unwrap_or_default()
            }
        };
        let mut rests = Vec::new();
        let verdict = match self.halves.join(text, &mut rests) {
            None => self.judge(event, text),
            Some(joined) if !rests.is_empty() => {
                event.data = joined.into();
                let name = |rest: &Value| rest.get("type").and_then(Value::as_str).unwrap_or("message").to_owned();
                let rests = rests.into_iter().map(|rest| self::event(&name(&rest), rest.to_string().into_bytes()));
                return Verdict::After(rests.collect());
            }
            Some(joined) => {
                event.data = joined.into();
                self.judge(event, str::from_utf8(&event.data).unwrap_or_default())
            }
        };
        self.over = matches!(verdict, Verdict::Last | Verdict::Done | Verdict::Error(_));
        if let Some(filled) = self.state.filled() {
            event.data = self.unmended(filled);
        }
        verdict
    }

    fn judge(&mut self, event: &Event, text: &str) -> Verdict {
        if let Some(verdict) = self.state.take(event, text) {
            return verdict;
        }
        match text {
            "[DONE]" => self.state.done(),
            _ if event.bare || event.name == "error" => Verdict::Error(event.data.clone()),
            // Signs of life of some gateways: `null`, a number, `[]`.
            _ if !text.starts_with('{') && is_like_json(text.as_bytes()) => Verdict::Skip,
            _ => {
                let numbers = mend_numbers(text);
                let mended = mend_surrogates(numbers.as_deref().unwrap_or(text));
                self.odd |= numbers.is_some();
                let mended = Event { data: mended.into(), ..event.clone() };
                let text = str::from_utf8(&mended.data).unwrap_or_default();
                let verdict = if text.starts_with('{') { self.state.take(&mended, text) } else { None };
                verdict.unwrap_or_else(|| Verdict::Malformed(event.data.clone()))
            }
        }
    }

    fn unmended(&self, json: Bytes) -> Bytes {
        if self.odd { unmend_numbers(json) } else { json }
    }

    /// Whether anything has come that is part of a reply: the gateway makes a chunk up where it had none (H.2).
    pub fn begun(&self) -> bool {
        self.whole.is_some() || self.state.begun()
    }

    /// Whether the reply is all there, should the bytes end here.
    pub fn complete(&self) -> bool {
        self.whole.is_some() || self.state.complete()
    }

    /// The whole reply as the terminal event carried it, byte for byte.
    pub fn reply(&self) -> Option<Bytes> {
        self.whole.clone().or_else(|| self.state.reply().map(|reply| self.unmended(reply)))
    }

    /// The reply as far as it has arrived, as JSON. `None` if nothing has.
    pub fn partial(&self) -> Option<Vec<u8>> {
        self.partial_of(None)
    }

    /// The same with one of several choices only: each tells its end, and all are as long as the stream.
    pub fn partial_of(&self, choice: Option<u64>) -> Option<Vec<u8>> {
        let partial = match choice {
            Some(index) => self.state.choice(index),
            None => self.state.partial(),
        }?;
        Some(if self.odd { unmend_numbers(partial.into()).into() } else { partial })
    }

    /// What a helper shows with the event that was the last.
    pub fn last(&self) -> Option<Snapshot> {
        self.state.last()
    }
}

/// What a dialect knows. `text` is `event.data`.
trait State {
    /// None if the event is no object, or not one that can be read.
    fn take(&mut self, event: &Event, text: &str) -> Option<Verdict>;

    /// `[DONE]`: gateways put it everywhere, also where an upstream broke off. The end of the bytes will tell.
    fn done(&mut self) -> Verdict {
        if self.complete() { Verdict::Done } else { Verdict::Skip }
    }

    fn begun(&self) -> bool {
        true
    }

    fn complete(&self) -> bool;
    fn reply(&self) -> Option<Bytes>;
    fn partial(&self) -> Option<Vec<u8>>;

    /// `partial` with one choice of several.
    fn choice(&self, _index: u64) -> Option<Vec<u8>> {
        self.partial()
    }

    fn last(&self) -> Option<Snapshot> {
        None
    }

    /// The data of the event that was taken, where that said less than had been streamed.
    fn filled(&mut self) -> Option<Bytes> {
        None
    }
}

struct Plain;

impl State for Plain {
    fn take(&mut self, event: &Event, text: &str) -> Option<Verdict> {
        match text {
            "[DONE]" | "null" => None,
            _ if event.bare => None,
            _ => Some(Verdict::PASS),
        }
    }

    fn complete(&self) -> bool {
        true
    }

    fn reply(&self) -> Option<Bytes> {
        None
    }

    fn partial(&self) -> Option<Vec<u8>> {
        None
    }
}

/// Whether an event of no type that a dialect knows is an error. A bare line or an `event: error` is one whatever it says.
fn is_error(event: &Event, kind: &str, error: Option<&RawValue>) -> bool {
    event.bare
        || event.name == "error"
        || kind.ends_with("error")
        || error.map_or_else(|| hides_error(&event.data, Dialect::Plain.marks()), says_something)
}

/// Whether the `error` of an event is one: some gateways send an empty one with every event.
fn says_something(error: &RawValue) -> bool {
    error.get() != "null" && parse(error.get()).is_none_or(|error| says(&error))
}

fn says(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(bool) => *bool,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !matches!(text.trim(), "" | "0"),
        Value::Array(list) => list.iter().any(says),
        Value::Object(fields) => fields.values().any(says),
    }
}

/// The stream that a whole reply would have been: some upstreams ignore `stream: true`. Empty if the reply is not of the
/// dialect at all.
pub fn events_of_reply(dialect: Dialect, json: &[u8]) -> Vec<Event> {
    if let Some(mended) = str::from_utf8(json).ok().filter(|json| !is_json(json)).and_then(mend_numbers)
        && is_json(&mended)
    {
        let restored = |event: Event| Event { data: unmend_numbers(event.data), ..event };
        return events_of_reply(dialect, mended.as_bytes()).into_iter().map(restored).collect();
    }
    match dialect {
        Dialect::Plain | Dialect::Midjourney => vec![event("message", json.to_vec())],
        Dialect::Responses => responses::events_of_reply(json),
        Dialect::Chat => chat::events_of_reply(json),
        Dialect::Messages => messages::events_of_reply(json),
        Dialect::Gemini => gemini::events_of_reply(json),
        Dialect::Transcripts => audio::events_of_transcript(json),
        Dialect::Speech => audio::events_of_speech(json),
        Dialect::ImageGeneration | Dialect::ImageEdit => images::events_of_reply(dialect, json),
    }
}

/// The events that one holds as a list: some upstreams send them, or an error, so.
pub fn listed(dialect: Dialect, event: &Event) -> Option<Vec<Event>> {
    if matches!(dialect, Dialect::Plain | Dialect::Midjourney) {
        return None;
    }
    let list = serde_json::from_slice::<Vec<&RawValue>>(&event.data).ok()?;
    let objects = list.iter().filter(|each| each.get().starts_with('{'));
    let of = |each: &&RawValue| Event { data: event.data.slice_ref(each.get().as_bytes()), ..event.clone() };
    let events: Vec<Event> = objects.map(of).collect();
    (!events.is_empty()).then_some(events)
}

/// How much the events of a reply may be, without the last that has all of it: a hostile reply of many small parts beside
/// one long text would grow without limit, and a usual one is there five times.
fn most(reply: usize) -> usize {
    (1 << 16) + 6 * reply
}

/// Whether each of so many events may have all of so long a text.
fn repeats(length: usize, events: usize, reply: usize) -> bool {
    length.saturating_mul(events) <= most(reply) / 2
}

fn event(name: &str, data: Vec<u8>) -> Event {
    Event { name: Bytes::copy_from_slice(name.as_bytes()), data: data.into(), id: Bytes::new(), bare: false }
}

/// Text that only grows, so that each delta can name the text up to itself by a length. Copying it out at each delta
/// instead would make a long reply quadratic.
#[derive(Debug, Clone, Default)]
struct Buffer(Arc<Mutex<String>>);

impl Buffer {
    fn lock(&self) -> MutexGuard<'_, String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn append(&self, delta: &str) -> Snapshot {
        let mut text = self.lock();
        text.push_str(delta);
        Snapshot { content: Content::Text(self.clone(), text.len()), place: Place::Field("snapshot") }
    }
}

/// What one event had made of the reply, put together when asked for.
#[derive(Debug, Clone)]
pub struct Snapshot {
    content: Content,
    pub place: Place,
}

#[derive(Debug, Clone)]
enum Content {
    Text(Buffer, usize),
    /// JSON that may break off.
    Growing(Buffer, usize),
    /// JSON.
    Whole(Bytes),
}

/// Where a stream helper shows a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// As this field of its event.
    Field(&'static str),
    /// As `snapshot` of an event of this type that follows it, beside this field of its `delta`.
    Event { kind: &'static str, field: &'static str },
}

impl Snapshot {
    /// Its bytes, without making it.
    pub fn size(&self) -> usize {
        match &self.content {
            Content::Text(_, len) | Content::Growing(_, len) => *len,
            Content::Whole(json) => json.len(),
        }
    }

    /// As text; JSON as far as it has come.
    pub fn text(&self) -> String {
        match &self.content {
            Content::Text(buffer, len) | Content::Growing(buffer, len) => {
                buffer.lock().get(..*len).unwrap_or_default().to_owned()
            }
            Content::Whole(json) => String::from_utf8_lossy(json).into_owned(),
        }
    }

    /// The JSON of its value, if it is more than a text: what has arrived whole of it.
    pub fn json(&self) -> Option<String> {
        match &self.content {
            Content::Text(..) => None,
            Content::Growing(..) => Some(closed(&self.text()).unwrap_or_else(|| "{}".into())),
            Content::Whole(_) => Some(self.text()),
        }
    }

    fn of_json(self) -> Self {
        match self.content {
            Content::Text(buffer, len) => Self { content: Content::Growing(buffer, len), ..self },
            _ => self,
        }
    }
}

/// The fields of an event that a dialect looks at, unparsed: one of another type than expected must not cost the event.
trait Slots<'a>: Default {
    /// Where the value of a key goes; None for the rest.
    fn slot(&mut self, key: &str) -> Option<&mut Option<&'a RawValue>>;
}

/// Fills the slots in one pass. By hand, because a derived reader fails at a key that comes twice.
fn pick<'a, S: Slots<'a>>(json: &'a str) -> Option<S> {
    #[derive(serde::Deserialize)]
    struct Key<'k>(#[serde(borrow)] Cow<'k, str>);

    struct Pick<S>(PhantomData<S>);

    impl<'de, S: Slots<'de>> Visitor<'de> for Pick<S> {
        type Value = S;

        fn expecting(&self, out: &mut fmt::Formatter) -> fmt::Result {
            out.write_str("an object")
        }

        fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<S, M::Error> {
            let mut slots = S::default();
            while let Some(Key(key)) = map.next_key()? {
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

fn is_json(text: &str) -> bool {
    serde_json::from_str::<IgnoredAny>(text).is_ok()
}

/// Whether it is JSON, or what Python takes for it: with NaN and infinities.
pub fn is_like_json(bytes: &[u8]) -> bool {
    serde_json::from_slice::<IgnoredAny>(bytes).is_ok()
        || str::from_utf8(bytes).ok().and_then(mend_numbers).is_some_and(|mended| is_json(&mended))
}

/// The string that `raw` is, if it is one.
fn string(raw: &RawValue) -> Option<Cow<'_, str>> {
    let quoted = raw.get();
    let inner = quoted.strip_prefix('"')?.strip_suffix('"')?;
    if memchr(b'\\', inner.as_bytes()).is_none() {
        return Some(Cow::Borrowed(inner));
    }
    parse(quoted).map(Cow::Owned)
}

fn parse<T: serde::de::DeserializeOwned>(json: &str) -> Option<T> {
    serde_json::from_str(json).or_else(|_| serde_json::from_str(&mend_surrogates(json))).ok()
}

/// Replaces each `\ud83d` without its other half by `\ufffd`. JSON allows them and JavaScript servers send them when they
/// cut a text in two, but no Rust parser takes them.
pub fn mend_surrogates(json: &str) -> String {
    halves::replaced(json, |_| "\\ufffd".into())
}

/// Stands before a number that is none in JSON, in a string of its own.
const ODD: &[u8] = b"\"\\u0000";

/// With the numbers that Python writes and JSON does not have, NaN and the infinities, as strings that
/// `unmend_numbers` knows. None if there are none.
fn mend_numbers(json: &str) -> Option<String> {
    let mut mended = String::new();
    let (mut done, mut at) = (0, 0);
    while let Some(&byte) = json.as_bytes().get(at) {
        if byte == b'"' {
            at = partial_json::end_of_string(json.as_bytes(), at)?;
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

fn unmend_numbers(json: Bytes) -> Bytes {
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
