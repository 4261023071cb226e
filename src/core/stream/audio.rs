//! The dialects of `/v1/audio`: `transcript.text.*` of a transcription, `speech.audio.*` of speech.

use super::{Slots, State, Verdict, event, is_json, parse, pick, string};
use crate::core::sse::Event;
use bytes::Bytes;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

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
}

impl State for Transcripts {
    fn take(&mut self, event: &Event, text: &str) -> Verdict {
        let (kind, fields) = match read(event, text) {
            Ok(read) => read,
            Err(verdict) => return verdict,
        };
        match kind.as_str() {
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
                return Verdict::Last;
            }
            _ => {}
        }
        Verdict::PASS
    }

    fn complete(&self) -> bool {
        self.done.is_some()
    }

    /// What a request without a stream would have been answered: some upstreams stream unasked.
    fn reply(&self) -> Option<Bytes> {
        let mut whole: Map<String, Value> = parse(str::from_utf8(self.done.as_ref()?).ok()?)?;
        whole.remove("type");
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
            whole["segments"] = self.segments.iter().filter_map(|raw| parse::<Value>(raw.get())).collect();
        }
        serde_json::to_vec(&whole).ok()
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

impl State for Speech {
    fn take(&mut self, event: &Event, text: &str) -> Verdict {
        let (kind, fields) = match read(event, text) {
            Ok(read) => read,
            Err(verdict) => return verdict,
        };
        match kind.as_str() {
            AUDIO_DELTA => {
                let audio = fields.audio.and_then(string).unwrap_or_default();
                if let Ok(mut audio) = base64_simd::STANDARD.decode_to_vec(audio.as_bytes()) {
                    self.audio.append(&mut audio);
                }
                self.begun = true;
            }
            AUDIO_DONE => {
                self.complete = true;
                return Verdict::Last;
            }
            _ => {}
        }
        Verdict::PASS
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

/// The type of an event and the fields that matter, or what else it is.
fn read<'a>(event: &Event, text: &'a str) -> Result<(String, Fields<'a>), Verdict> {
    let Some(fields) = pick::<Fields>(text) else {
        return Err(match text.trim_ascii() {
            _ if event.bare || event.name == "error" => Verdict::Error(event.data.clone()),
            // Says nothing: the gateway sends it after a broken stream too.
            "[DONE]" => Verdict::Skip,
            text if is_json(text) => Verdict::PASS,
            _ => Verdict::Malformed(event.data.clone()),
        });
    };
    let kind = fields.kind.and_then(string).unwrap_or_else(|| String::from_utf8_lossy(&event.name)).into_owned();
    let is_error = event.bare
        || event.name == "error"
        || kind == "error"
        || fields.error.is_some_and(|error| error.get() != "null");
    if is_error { Err(Verdict::Error(event.data.clone())) } else { Ok((kind, fields)) }
}

#[derive(Default)]
struct Fields<'a> {
    kind: Option<&'a RawValue>,
    delta: Option<&'a RawValue>,
    audio: Option<&'a RawValue>,
    error: Option<&'a RawValue>,
}

impl<'a> Slots<'a> for Fields<'a> {
    fn slot(&mut self, key: &str) -> Option<&mut Option<&'a RawValue>> {
        Some(match key {
            "type" => &mut self.kind,
            "delta" => &mut self.delta,
            "audio" => &mut self.audio,
            "error" => &mut self.error,
            _ => return None,
        })
    }
}
