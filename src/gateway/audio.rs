//! `POST /v1/audio/transcriptions`, `/translations` and `/speech`: the default answers, in the shapes of the reference's
//! samples. What it says as WAV it also hears: the words are in the file.
use std::borrow::Cow;
use std::f32::consts::TAU;

use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::ask::Ask;
use super::content::{BodyKind, Content};
use super::envelope::{self, UpstreamError, Wording};
use super::text;

/// What is heard in audio that has no words in it: the samples' text and length.
const HEARD: &str = "你能听到我的声音吗?";
const HEARD_IN_ENGLISH: &str = "Can you hear my voice?";
const HEARD_SECONDS: f64 = 2.95;

const ENDINGS: [&str; 10] = ["flac", "m4a", "mp3", "mp4", "mpeg", "mpga", "oga", "ogg", "wav", "webm"];
const FORMATS: [&str; 6] = ["json", "text", "srt", "verbose_json", "vtt", "diarized_json"];
const MOST_BYTES: usize = 25 << 20;
const MOST_CHARACTERS: usize = 4096;
const VOICES: [&str; 13] =
    ["alloy", "ash", "ballad", "coral", "echo", "fable", "onyx", "nova", "sage", "shimmer", "verse", "marin", "cedar"];

/// Samples a second of what is spoken, each of two bytes.
const RATE: u32 = 24_000;
/// Three pages of Ogg with 20 ms of silence.
const OPUS: &str = "T2dnUwACAAAAAAAAAAABAAAAAAAAAF3pgQoBE09wdXNIZWFkAQE4AcBdAAAAAABPZ2dTAAAAAAAAAAAAAAEAAAABAAAAspAxTQEW\
                    T3B1c1RhZ3MGAAAAd2Vud2VuAAAAAE9nZ1MABMADAAAAAAAAAQAAAAIAAAApk7DdAQP4//4=";
/// A frame of 4096 silent samples.
const FLAC: &str = "ZkxhQ4AAACIQABAAAAAAAAAABdwA8AAAEAAIKfcXQKqxq5izPq4h3uEi//jHCAC5AAAA31I=";

pub(super) fn transcribe(ask: &Ask) -> Content {
    written(ask, false)
}

pub(super) fn translate(ask: &Ask) -> Content {
    written(ask, true)
}

fn upstream(ask: &Ask, status: u16, message: &str, code: &str) -> Content {
    let said = UpstreamError { message, kind: "invalid_request_error", code, param: "" };
    envelope::upstream(Wording::OpenAi, status, said, ask.id)
}

/// What was asked of a transcript, checked.
struct WantedTranscript<'a> {
    format: &'a str,
    streamed: bool,
    words: bool,
    segments: bool,
    logprobs: bool,
}

fn written(ask: &Ask, translated: bool) -> Content {
    // Only the first file counts.
    let Some(file) = ask.form.files("file").next() else {
        return envelope::invalid_request(Wording::OpenAi, "file is required", ask.id);
    };
    let name = file.filename.as_deref().unwrap_or_default();
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending).to_ascii_lowercase();
    if !ENDINGS.contains(&ending.as_str()) {
        let message = format!("Invalid file format. Supported formats: {ENDINGS:?}");
        return upstream(ask, 400, &message, "unsupported_file_format");
    }
    let Some(audio) = Audio::read(&file.data) else {
        // The gateway measures the length itself, for its bill.
        let message =
            format!("error counting audio tokens: failed to get the duration of {name}: invalid {ending} file");
        let code = "count_audio_tokens_failed";
        return envelope::relay(Wording::OpenAi, 500, &message, "new_api_error", code, ask.id);
    };
    if file.data.len() > MOST_BYTES {
        let message = format!("Maximum content size limit ({MOST_BYTES}) exceeded ({} bytes read)", file.data.len());
        return upstream(ask, 413, &message, "");
    }
    match wanted(ask, translated) {
        Ok(wanted) => audio.transcript(ask.model, &wanted, translated, ask.form.text("language")),
        Err(message) => upstream(ask, 400, &message, "unsupported_value"),
    }
}

fn wanted<'a>(ask: &'a Ask, translated: bool) -> Result<WantedTranscript<'a>, String> {
    let (form, model) = (&ask.form, ask.model);
    let has = |name: &str, value: &str| form.parts.iter().any(|part| part.name == name && part.data == value);
    let format = form.text("response_format").unwrap_or("json");
    if !FORMATS.contains(&format) {
        return Err(format!("Invalid value: '{format}'. Supported values are: {FORMATS:?}."));
    }
    let formats: &[&str] = match model {
        _ if model.contains("diarize") => &["json", "text", "diarized_json"],
        _ if model.starts_with("gpt-") => &["json"],
        _ => &["json", "text", "srt", "verbose_json", "vtt"],
    };
    if !formats.contains(&format) {
        return Err(format!(
            "response_format '{format}' is not compatible with model '{model}'. Use {formats:?} instead."
        ));
    }
    if let Some(temperature) = form.text("temperature")
        && !temperature.parse::<f64>().is_ok_and(|value| (0.0..=1.0).contains(&value))
    {
        return Err(format!(
            "Invalid 'temperature': expected a number between 0 and 1, but got {temperature:?} instead."
        ));
    }
    if let Some(language) = form.text("language")
        && !(language.len() == 2 && language.bytes().all(|byte| byte.is_ascii_lowercase()))
    {
        return Err(format!(
            "Invalid language '{language}'. Language parameter must be specified in ISO-639-1 format."
        ));
    }
    let (words, segments) = (has("timestamp_granularities[]", "word"), has("timestamp_granularities[]", "segment"));
    if (words || segments) && format != "verbose_json" {
        return Err("timestamp_granularities is only supported with response_format 'verbose_json'.".to_owned());
    }
    let logprobs = has("include[]", "logprobs");
    if logprobs && (formats != ["json"]) {
        return Err(format!("include[] 'logprobs' is not supported with model '{model}'."));
    }
    let streamed = match form.text("stream") {
        None | Some("false") => false,
        // whisper-1 does not know it.
        Some("true") => model.starts_with("gpt-") && !translated,
        Some(other) => {
            return Err(format!("Invalid type for 'stream': expected a boolean, but got '{other}' instead."));
        }
    };
    Ok(WantedTranscript { format, streamed, words, segments: segments || !words, logprobs })
}

/// What can be told of an audio file.
struct Audio {
    seconds: f64,
    /// Of one that this gateway has spoken.
    words: Option<String>,
}

impl Audio {
    /// None if it is none.
    fn read(data: &Bytes) -> Option<Self> {
        if data.starts_with(b"RIFF") {
            return Self::read_wav(data);
        }
        let at = |offset: usize, magic: &[u8]| data.get(offset..).is_some_and(|rest| rest.starts_with(magic));
        let frame = data.first() == Some(&0xff) && data.get(1).is_some_and(|second| second & 0xe0 == 0xe0);
        let known = frame
            || at(4, b"ftyp")
            || [&b"ID3"[..], b"fLaC", b"OggS", b"\x1aE\xdf\xa3"].into_iter().any(|magic| at(0, magic));
        // At the usual 64 kbit a second.
        known.then(|| Self { seconds: data.len() as f64 / 8000.0, words: None })
    }

    fn read_wav(data: &Bytes) -> Option<Self> {
        if data.get(8..12)? != b"WAVE" {
            return None;
        }
        let number = |at: usize| Some(u32::from_le_bytes(data.get(at..at + 4)?.try_into().ok()?));
        let (mut at, mut rate, mut words) = (12, None, None);
        loop {
            let (name, size) = (data.get(at..at + 4)?, number(at + 4)? as usize);
            let content = at + 8;
            // A size that was not known when the file was begun is 0xFFFFFFFF.
            let end = content.saturating_add(size).min(data.len());
            match name {
                b"fmt " => rate = Some(number(content + 8)?).filter(|rate| *rate > 0),
                b"LIST" if data.get(content..content + 8)? == b"INFOICMT" => {
                    let size = number(content + 8)? as usize;
                    let text = data.get(content + 12..(content + 12).checked_add(size)?)?;
                    words = String::from_utf8(text.to_vec()).ok();
                }
                b"data" => return Some(Self { seconds: (end - content) as f64 / f64::from(rate?), words }),
                _ => {}
            }
            at = end + size % 2;
        }
    }

    fn transcript(&self, model: &str, wanted: &WantedTranscript, translated: bool, language: Option<&str>) -> Content {
        let text = match &self.words {
            Some(words) => words.clone(),
            None if translated || language == Some("en") => HEARD_IN_ENGLISH.to_owned(),
            None => HEARD.to_owned(),
        };
        // The sample's file is empty, and its reply is not.
        let seconds = if self.seconds > 0.0 { (self.seconds * 100.0).round() / 100.0 } else { HEARD_SECONDS };
        let by_token = model.starts_with("gpt-");
        let usage = if by_token {
            let (heard, said) = ((seconds * 10.0).ceil() as u64, text::tokens(&text) as u64);
            json!({"type": "tokens", "input_tokens": heard,
                "input_token_details": {"text_tokens": 0, "audio_tokens": heard},
                "output_tokens": said, "total_tokens": heard + said})
        } else {
            json!({"type": "duration", "seconds": seconds.ceil() as u64})
        };
        if wanted.streamed {
            return streamed(&text, &usage, wanted, seconds);
        }
        let body = match wanted.format {
            "text" => return plain(format!("{text}\n")),
            "srt" => return plain(format!("1\n{} --> {}\n{text}\n\n", clock(0.0, ','), clock(seconds, ','))),
            "vtt" => return plain(format!("WEBVTT\n\n{} --> {}\n{text}\n\n", clock(0.0, '.'), clock(seconds, '.'))),
            "verbose_json" => {
                let english = !text.chars().any(text::is_cjk);
                let mut body = json!({
                    "task": if translated { "translate" } else { "transcribe" },
                    "language": if english { "english" } else { "chinese" }, "duration": seconds, "text": text,
                });
                if wanted.segments {
                    body["segments"] = json!([{
                        "id": 0, "seek": 0, "start": 0.0, "end": seconds, "text": text,
                        "tokens": [50364, 2166, 8225, 50512], "temperature": 0.0, "avg_logprob": -0.21,
                        "compression_ratio": 0.9, "no_speech_prob": 0.01,
                    }]);
                }
                if wanted.words {
                    body["words"] = timed(&text, seconds);
                }
                body["usage"] = usage;
                body
            }
            "diarized_json" => json!({"task": "transcribe", "duration": seconds, "text": text,
                "segments": [segment(&text, seconds)], "usage": usage}),
            _ => {
                let mut body = json!({ "text": text });
                if wanted.logprobs {
                    body["logprobs"] = text::pieces(&text).map(logprob).collect();
                }
                if by_token {
                    body["usage"] = usage;
                }
                body
            }
        };
        Content::new(200, BodyKind::Json, body.to_string().into())
    }
}

fn plain(text: String) -> Content {
    Content::new(200, BodyKind::Text, text.into())
}

/// The events at once: the gateway has read them all before it sends the first.
fn streamed(text: &str, usage: &Value, wanted: &WantedTranscript, seconds: f64) -> Content {
    let mut body = String::new();
    let mut add = |event: Value| body.push_str(&format!("data: {event}\n\n"));
    let diarized = wanted.format == "diarized_json";
    for piece in text::pieces(text) {
        let mut event = json!({"type": "transcript.text.delta", "delta": piece});
        if diarized {
            event["segment_id"] = "seg_0".into();
        }
        if wanted.logprobs {
            event["logprobs"] = json!([logprob(piece)]);
        }
        add(event);
    }
    if diarized {
        add(segment(text, seconds));
    }
    let mut done = json!({"type": "transcript.text.done", "text": text});
    if wanted.logprobs {
        done["logprobs"] = text::pieces(text).map(logprob).collect();
    }
    done["usage"] = usage.clone();
    add(done);
    body.push_str("data: [DONE]\n\n");
    let mut content = Content::new(200, BodyKind::Text, body.into());
    content.headers.push((Cow::Borrowed("Content-Type"), "text/event-stream".into()));
    content
}

fn segment(text: &str, seconds: f64) -> Value {
    json!({"type": "transcript.text.segment", "id": "seg_0", "start": 0.0, "end": seconds, "text": text, "speaker": "A"})
}

fn logprob(piece: &str) -> Value {
    json!({"token": piece, "logprob": -0.01, "bytes": piece.as_bytes()})
}

/// The words, each with its share of the time.
fn timed(text: &str, seconds: f64) -> Value {
    let words: Vec<&str> = text::pieces(text).map(str::trim).filter(|word| !word.is_empty()).collect();
    let at = |index: usize| (seconds * index as f64 / words.len() as f64 * 100.0).round() / 100.0;
    let word = |(index, word): (usize, &&str)| json!({"word": word, "start": at(index), "end": at(index + 1)});
    words.iter().enumerate().map(word).collect()
}

/// `00:00:02,950`
fn clock(seconds: f64, point: char) -> String {
    let millis = (seconds * 1000.0).round() as u64;
    let (hours, minutes) = (millis / 3_600_000, millis / 60_000 % 60);
    format!("{hours:02}:{minutes:02}:{:02}{point}{:03}", millis / 1000 % 60, millis % 1000)
}

pub(super) fn speak(ask: &Ask) -> Content {
    // A hostile nesting depth is null; the real one would have passed it on.
    let given: Map<String, Value> = ask
        .params
        .iter()
        .filter(|(_, raw)| raw.get() != "null")
        .map(|(name, raw)| (name.clone(), serde_json::from_str(raw.get()).unwrap_or_default()))
        .collect();
    let refuse = |message: &str, code: &str| upstream(ask, 400, message, code);
    let missing = |name: &str| refuse(&format!("Missing required parameter: '{name}'."), "missing_required_parameter");
    for (name, wanted, fits) in [
        ("input", "string", Value::is_string as fn(&Value) -> bool),
        ("instructions", "string", Value::is_string),
        ("response_format", "string", Value::is_string),
        ("stream_format", "string", Value::is_string),
        ("speed", "float64", Value::is_number),
    ] {
        if given.get(name).is_some_and(|value| !fits(value)) {
            let message = format!("json: cannot unmarshal into Go struct field AudioRequest.{name} of type {wanted}");
            return envelope::invalid_request(Wording::OpenAi, &message, ask.id);
        }
    }
    let text = |name: &str| given.get(name).and_then(Value::as_str);
    let Some(input) = text("input") else { return missing("input") };
    let length = input.chars().count();
    if length == 0 {
        let message = "Invalid 'input': string too short. Expected a string with minimum length 1, but got an empty string \
                       instead.";
        return refuse(message, "string_below_min_length");
    }
    if length > MOST_CHARACTERS {
        let message = format!(
            "Invalid 'input': string too long. Expected a string with maximum length {MOST_CHARACTERS}, but got a string \
             with length {length} instead."
        );
        return refuse(&message, "string_above_max_length");
    }
    let voice = match given.get("voice") {
        None => return missing("voice"),
        Some(voice) => voice.as_str().or_else(|| voice.get("id")?.as_str()),
    };
    let Some(voice) = voice.filter(|voice| VOICES.contains(voice) || voice.starts_with("voice_")) else {
        let message = format!("Invalid value for 'voice'. Supported values are: {VOICES:?}.");
        return refuse(&message, "invalid_value");
    };
    let speed = given.get("speed").and_then(Value::as_f64).unwrap_or(1.0);
    if !(0.25..=4.0).contains(&speed) {
        let (word, bound, code) = match speed < 0.25 {
            true => (">=", "0.25", "decimal_below_min_value"),
            false => ("<=", "4.0", "decimal_above_max_value"),
        };
        return refuse(&format!("Invalid 'speed': expected a value {word} {bound}, but got {speed} instead."), code);
    }
    let speech = Utterance { input, voice, speed };
    let format = text("response_format").unwrap_or("mp3");
    let Some((kind, audio)) = speech.encoded(format) else {
        let message =
            format!("Invalid value: '{format}'. Supported values are: 'mp3', 'opus', 'aac', 'flac', 'wav', and 'pcm'.");
        return refuse(&message, "invalid_value");
    };
    match text("stream_format") {
        None | Some("audio") => {
            let mut content = Content::new(200, BodyKind::Bytes, audio.into());
            content.headers.push((Cow::Borrowed("Content-Type"), kind.to_owned()));
            content
        }
        Some("sse") if ask.model.starts_with("tts-1") => {
            refuse(&format!("stream_format 'sse' is not supported for model '{}'.", ask.model), "unsupported_value")
        }
        Some("sse") => speech.events(&audio),
        Some(other) => {
            refuse(&format!("Invalid value: '{other}'. Supported values are: 'sse' and 'audio'."), "invalid_value")
        }
    }
}

struct Utterance<'a> {
    input: &'a str,
    voice: &'a str,
    speed: f64,
}

impl Utterance<'_> {
    /// A model speaks some fifteen characters a second.
    fn seconds(&self) -> f64 {
        (self.input.chars().count() as f64 / 15.0 / self.speed).clamp(0.1, 20.0)
    }

    /// Its type and its bytes; none for a format that is unknown.
    fn encoded(&self, format: &str) -> Option<(&'static str, Vec<u8>)> {
        let decoded = |text: &str| base64_simd::STANDARD.decode_to_vec(text).unwrap_or_default();
        // Silent frames of 24 ms: 64 kbit a second make them 192 bytes.
        let mp3 =
            || [&[0xff, 0xf3, 0x84, 0xc4][..], &[0; 188]].concat().repeat((self.seconds() / 0.024).ceil() as usize);
        // Silent frames of 1024 samples.
        let aac = || {
            let frame = [0xff, 0xf1, 0x58, 0x40, 0x01, 0xbf, 0xfc, 0x00, 0xc8, 0x00, 0x80, 0x23, 0x80];
            frame.repeat((self.seconds() * f64::from(RATE) / 1024.0).ceil() as usize)
        };
        Some(match format {
            "mp3" => ("audio/mpeg", mp3()),
            "opus" => ("audio/opus", decoded(OPUS)),
            "aac" => ("audio/aac", aac()),
            "flac" => ("audio/flac", decoded(FLAC)),
            "wav" => ("audio/wav", self.wav()),
            "pcm" => ("audio/pcm", self.samples()),
            _ => return None,
        })
    }

    /// A tone, each voice its own.
    fn samples(&self) -> Vec<u8> {
        let voice = VOICES.iter().position(|known| *known == self.voice).unwrap_or(VOICES.len());
        let pitch = 220.0 * (voice as f32 / 12.0).exp2();
        (0..(self.seconds() * f64::from(RATE)) as u32)
            .flat_map(|at| (((TAU * pitch * at as f32 / RATE as f32).sin() * 8000.0) as i16).to_le_bytes())
            .collect()
    }

    fn wav(&self) -> Vec<u8> {
        let mut words = self.input.as_bytes().to_vec();
        if words.len() % 2 == 1 {
            words.push(b' '); // chunks are even
        }
        let samples = self.samples();
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX).to_le_bytes();
        let (rate, bytes) = (RATE.to_le_bytes(), (2 * RATE).to_le_bytes());
        let list = [b"LIST", &number(12 + words.len())[..], b"INFOICMT", &number(self.input.len()), &words].concat();
        let form = [b"fmt ", &number(16)[..], &[1, 0, 1, 0], &rate, &bytes, &[2, 0, 16, 0]].concat();
        let data = [b"data", &number(samples.len())[..], &samples].concat();
        let size = number(4 + list.len() + form.len() + data.len());
        [b"RIFF", &size[..], b"WAVE", &form, &list, &data].concat()
    }

    fn events(&self, audio: &[u8]) -> Content {
        const PIECE: usize = 8 * 1024;
        let event = |event: Value| Bytes::from(format!("data: {event}\n\n"));
        let delta = |piece: &[u8]| {
            event(json!({"type": "speech.audio.delta", "audio": base64_simd::STANDARD.encode_to_string(piece)}))
        };
        let (heard, said) = (text::tokens(self.input), (self.seconds() * 20.0).ceil() as usize);
        let usage = json!({"input_tokens": heard, "output_tokens": said, "total_tokens": heard + said});
        let done = event(json!({"type": "speech.audio.done", "usage": usage}));
        let pieces = audio.chunks(PIECE).map(delta).chain([done]).collect();
        Content { pieces, ..Content::new(200, BodyKind::Events, Bytes::new()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_spoken_is_heard() {
        for input in ["odd", "even", "你好,世界"] {
            let speech = Utterance { input, voice: "alloy", speed: 1.0 };
            let heard = Audio::read(&speech.wav().into()).unwrap();
            assert_eq!(heard.words.unwrap(), input);
            assert!((heard.seconds - speech.seconds()).abs() < 0.01);
        }
    }

    #[test]
    fn broken_audio_is_none() {
        let whole = Utterance { input: "words", voice: "alloy", speed: 1.0 }.wav();
        for end in 0..70 {
            assert!(Audio::read(&whole[..end].to_vec().into()).is_none(), "{end}");
        }
        let huge = [&whole[..36], b"LIST\xff\xff\xff\xffINFOICMT\xff\xff\xff\xff"].concat();
        assert!(Audio::read(&huge.into()).is_none());
        assert!(Audio::read(&Bytes::from_static(b"text")).is_none());
    }

    #[test]
    fn clocks() {
        assert_eq!(clock(2.95, ','), "00:00:02,950");
        assert_eq!(clock(3723.5, '.'), "01:02:03.500");
    }
}
