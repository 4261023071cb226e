//! What the events of one stream add up to: which of them the caller sees, the text so far, whether the end was the end.
//! One file per dialect. No I/O, and no more JSON than the state needs: the event itself is parsed by whoever shows it.

mod audio;
mod chat;
mod gemini;
mod halves;
mod images;
mod merge;
mod messages;
mod partial_json;
mod responses;
mod tools;

use crate::core::json::{is_json, is_like_json, mend_numbers, mend_surrogates, unmend_numbers};
use crate::core::peek::Json;
use crate::core::reply::hides_error;
use crate::core::sse::Event;
use bytes::Bytes;
use halves::Halves;
use serde_json::Value;
use serde_json::value::RawValue;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use crate::core::dialect::Dialect;
pub use partial_json::closed;

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
pub struct StreamState {
    state: Box<dyn DialectState + Send + Sync>,
    over: bool,
    /// See `set_whole`.
    whole: Option<Bytes>,
    halves: Halves,
    /// It has numbers that are none in JSON: see `mend_numbers`.
    odd: bool,
}

impl StreamState {
    pub fn new(dialect: Dialect) -> Self {
        let state: Box<dyn DialectState + Send + Sync> = match dialect {
            Dialect::Plain | Dialect::Midjourney => Box::new(Plain),
            Dialect::Responses => Box::<responses::Responses>::default(),
            Dialect::Chat => Box::<chat::Chat>::default(),
            Dialect::Messages => Box::<messages::Messages>::default(),
            Dialect::Gemini => Box::<gemini::Gemini>::default(),
            Dialect::Transcripts => Box::<audio::Transcripts>::default(),
            Dialect::Speech => Box::<audio::Speech>::default(),
            Dialect::ImageGeneration | Dialect::ImageEdit => Box::<images::Images>::default(),
        };
        StreamState { state, over: false, whole: None, halves: Halves::default(), odd: false }
    }

    /// What the events come from is a whole reply, though they do not end as a stream should.
    pub fn set_whole(&mut self, reply: Bytes) {
        self.whole = Some(reply);
    }

    /// Takes the next event. Its data is valid UTF-8 afterwards: what was not is now U+FFFD. White space around it is
    /// gone: not all that is white is so in JSON. Where a text in it was cut within a character, the halves are joined,
    /// and where the last event says less than those before it, it is filled up.
    pub fn take(&mut self, event: &mut Event) -> Verdict {
        if self.over {
            return Verdict::Skip;
        }
        let trimmed = event.data.trim_ascii();
        if trimmed.len() < event.data.len() {
            event.data = event.data.slice_ref(trimmed);
        }
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
            // Gateways put it everywhere, also where an upstream broke off (G.8.6). The end of the bytes will tell.
            "[DONE]" => {
                self.state.done();
                if self.complete() { Verdict::Done } else { Verdict::Skip }
            }
            _ if is_declared(event) => Verdict::Error(event.data.clone()),
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
trait DialectState {
    /// None if the event is no object, or not one that can be read.
    fn take(&mut self, event: &Event, text: &str) -> Option<Verdict>;

    /// `[DONE]` has come.
    fn done(&mut self) {}

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

impl DialectState for Plain {
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

/// Whether an event is an error. One that its dialect has `known` by its type or its fields is one only if its `error`
/// says something: some gateways send an empty one with every event.
fn is_error(event: &Event, known: bool, kind: &str, error: Option<&RawValue>) -> bool {
    let says = |error: &RawValue| Json::of(error.get().as_bytes()).says();
    match known {
        true => error.is_some_and(says),
        false => {
            is_declared(event)
                || kind.ends_with("error")
                || error.map_or_else(|| hides_error(&event.data, Dialect::Plain.marks()), says)
        }
    }
}

/// What is an error whatever it says: `event: error`, and a line without a field, which the gateway writes in a stream
/// that has begun (H.2).
fn is_declared(event: &Event) -> bool {
    event.bare || event.name == "error"
}

/// The stream that a whole reply would have been: some upstreams ignore `stream: true`. Empty if the reply is not of the
/// dialect at all.
pub fn events_of_reply(dialect: Dialect, json: &[u8]) -> Vec<Event> {
    if let Some(mended) = str::from_utf8(json).ok().filter(|json| !is_json(json.as_bytes())).and_then(mend_numbers)
        && is_json(mended.as_bytes())
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
        Snapshot { content: Grown::Text(self.clone(), text.len()), place: Place::Field("snapshot") }
    }
}

/// What one event had made of the reply, put together when asked for.
#[derive(Debug, Clone)]
pub struct Snapshot {
    content: Grown,
    pub place: Place,
}

#[derive(Debug, Clone)]
enum Grown {
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
            Grown::Text(_, len) | Grown::Growing(_, len) => *len,
            Grown::Whole(json) => json.len(),
        }
    }

    /// As text; JSON as far as it has come.
    pub fn text(&self) -> String {
        match &self.content {
            Grown::Text(buffer, len) | Grown::Growing(buffer, len) => {
                buffer.lock().get(..*len).unwrap_or_default().to_owned()
            }
            Grown::Whole(json) => String::from_utf8_lossy(json).into_owned(),
        }
    }

    /// The JSON of its value, if it is more than a text: what has arrived whole of it.
    pub fn json(&self) -> Option<String> {
        match &self.content {
            Grown::Text(..) => None,
            Grown::Growing(..) => Some(closed(&self.text()).unwrap_or_else(|| "{}".into())),
            Grown::Whole(_) => Some(self.text()),
        }
    }

    fn of_json(self) -> Self {
        match self.content {
            Grown::Text(buffer, len) => Self { content: Grown::Growing(buffer, len), ..self },
            _ => self,
        }
    }
}
