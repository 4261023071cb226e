//! The dialects of `/v1/audio`: `transcript.text.*` of a transcription, `speech.audio.*` of speech.

use super::{DialectState, Verdict, event, is_declared, is_error};
use crate::core::json::{Slots, parse, pick, string};
use crate::core::sse::Event;
use bytes::Bytes;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use std::borrow::Cow;

const TRANSCRIPT_DONE: &str = "transcript.text.done";
const AUDIO_DELTA: &str = "speech.audio.delta";
const AUDIO_DONE: &str = "speech.audio.done";

#[derive(Default)]
pub(super) struct Transcripts {
    begun: bool,
    text: String,
    /// Those of a transcript that tells speakers apart.
    segments: Vec<Box<RawValue>>,
    /// The data of the last event.
    done: Option<Bytes>,
    filled: Option<Bytes>,
}

impl Transcripts {
    fn segments(&self) -> Value {
        self.segments.iter().filter_map(|raw| parse::<Value>(raw.get())).collect()
    }

    /// The last event with the text that had come before it, where it has none.
    fn fill(&self, last: &str) -> Option<Vec<u8>> {
        let mut last: Map<String, Value> = parse(last)?;
        last.insert("text".into(), self.text.as_str().into());
        serde_json::to_vec(&last).ok()
    }
}

impl DialectState for Transcripts {
    fn take(&mut self, event: &Event, text: &str) -> Option<Verdict> {
        let fields = pick::<AudioFields>(text)?;
        let Some(kind) = kind(event, &fields) else { return Some(Verdict::Error(event.data.clone())) };
        match &*kind {
            "transcript.text.delta" => {
                self.text.push_str(&fields.delta.and_then(string).unwrap_or_default());
                self.begun = true;
            }
            "transcript.text.segment" => {
                self.segments.extend(parse(text));
                self.begun = true;
            }
            TRANSCRIPT_DONE => {
                self.done = Some(event.data.clone());
                let said = fields.text.and_then(string).unwrap_or_default();
                if self.text.starts_with(&*said) && self.text.len() > said.len() {
                    self.filled = self.fill(text).map(Bytes::from);
                    self.done = self.filled.clone().or(self.done.take());
                }
                return Some(Verdict::Last);
            }
            _ => {}
        }
        Some(Verdict::PASS)
    }

    fn complete(&self) -> bool {
        self.done.is_some()
    }

    /// What a request without a stream would have been answered: some upstreams stream unasked.
    fn reply(&self) -> Option<Bytes> {
        let mut whole: Map<String, Value> = parse(str::from_utf8(self.done.as_ref()?).ok()?)?;
        whole.remove("type");
        if !self.segments.is_empty() && !whole.contains_key("segments") {
            whole.insert("segments".into(), self.segments());
        }
        serde_json::to_vec(&whole).ok().map(Bytes::from)
    }

    fn partial(&self) -> Option<Vec<u8>> {
        if let Some(reply) = self.reply() {
            return Some(reply.to_vec());
        }
        if !self.begun {
            return None;
        }
        let mut whole = json!({ "text": self.text });
        if !self.segments.is_empty() {
            whole["segments"] = self.segments();
        }
        serde_json::to_vec(&whole).ok()
    }

    fn filled(&mut self) -> Option<Bytes> {
        self.filled.take()
    }
}

/// A whole transcript is the last event of its stream.
pub(super) fn events_of_transcript(json: &[u8]) -> Vec<Event> {
    let Some(Value::Object(mut whole)) = parse(&String::from_utf8_lossy(json)) else {
        return Vec::new();
    };
    whole.insert("type".into(), TRANSCRIPT_DONE.into());
    vec![event(TRANSCRIPT_DONE, Value::from(whole).to_string().into_bytes())]
}

#[derive(Default)]
pub(super) struct Speech {
    audio: Vec<u8>,
    begun: bool,
    complete: bool,
}

impl DialectState for Speech {
    fn take(&mut self, event: &Event, text: &str) -> Option<Verdict> {
        let fields = pick::<AudioFields>(text)?;
        let Some(kind) = kind(event, &fields) else { return Some(Verdict::Error(event.data.clone())) };
        match &*kind {
            AUDIO_DELTA => {
                let audio = fields.audio.and_then(string).unwrap_or_default();
                if let Ok(mut audio) = base64_simd::STANDARD.decode_to_vec(audio.as_bytes()) {
                    self.audio.append(&mut audio);
                }
                self.begun = true;
            }
            AUDIO_DONE => {
                self.complete = true;
                return Some(Verdict::Last);
            }
            _ => {}
        }
        Some(Verdict::PASS)
    }

    fn complete(&self) -> bool {
        self.complete
    }

    /// Its events have no JSON that says it all.
    fn reply(&self) -> Option<Bytes> {
        None
    }

    fn partial(&self) -> Option<Vec<u8>> {
        self.begun.then(|| delta(&self.audio))
    }
}

/// Whole audio as the stream that was asked for.
pub(super) fn events_of_speech(audio: &[u8]) -> Vec<Event> {
    vec![event(AUDIO_DELTA, delta(audio)), event(AUDIO_DONE, json!({ "type": AUDIO_DONE }).to_string().into_bytes())]
}

fn delta(audio: &[u8]) -> Vec<u8> {
    json!({ "type": AUDIO_DELTA, "audio": base64_simd::STANDARD.encode_to_string(audio) }).to_string().into_bytes()
}

/// The type of an event; none if it is an error.
fn kind<'a>(event: &'a Event, fields: &AudioFields<'a>) -> Option<Cow<'a, str>> {
    let kind = fields.kind.and_then(string).unwrap_or_else(|| String::from_utf8_lossy(&event.name));
    let known = kind.starts_with("transcript.") || kind.starts_with("speech.");
    (!is_declared(event) && !is_error(event, known, &kind, fields.error)).then_some(kind)
}

#[derive(Default)]
struct AudioFields<'a> {
    kind: Option<&'a RawValue>,
    delta: Option<&'a RawValue>,
    audio: Option<&'a RawValue>,
    text: Option<&'a RawValue>,
    error: Option<&'a RawValue>,
}

impl<'a> Slots<'a> for AudioFields<'a> {
    fn slot(&mut self, key: &str) -> Option<&mut Option<&'a RawValue>> {
        Some(match key {
            "type" => &mut self.kind,
            "delta" => &mut self.delta,
            "audio" => &mut self.audio,
            "text" => &mut self.text,
            "error" => &mut self.error,
            _ => return None,
        })
    }
}
