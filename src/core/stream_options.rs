//! Chat streams are asked for their usage unless the caller says otherwise. Not for the figures alone: without it the
//! gateway may withhold the last chunk, and with it the finish reason (REFERENCE G.8.7).
use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::error::{Error, Kind};
use super::request::{Body, Mode, Request};
use super::stream::Dialect;

const ASK: &[u8] = b",\"stream_options\":{\"include_usage\":true}}";

/// The body with the question added, where there is one to ask.
pub fn ask(request: &Request) -> Option<Bytes> {
    if request.dialect != Dialect::Chat || request.mode == Mode::Reply {
        return None;
    }
    let Body::Json(body) = &request.body else { return None };
    let Asked { stream: true, options: false } = serde_json::from_slice(body).ok()? else { return None };
    let fields = body.trim_ascii_end().strip_suffix(b"}")?;
    Some([fields, ASK].concat().into())
}

/// Whether an upstream took offence at the question.
pub fn is_refused(error: &Error) -> bool {
    let names = |text: &str| text.contains("stream_options") || text.contains("include_usage");
    matches!(error.kind, Kind::Status)
        && matches!(error.status, Some(400 | 422))
        && (names(&error.message) || error.param.as_deref().is_some_and(names))
}

/// What a body says of its stream.
#[derive(Default)]
struct Asked {
    stream: bool,
    options: bool,
}

#[derive(Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de> Deserialize<'de> for Asked {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;

        impl<'de> Visitor<'de> for Read {
            type Value = Asked;

            fn expecting(&self, out: &mut fmt::Formatter) -> fmt::Result {
                out.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Asked, M::Error> {
                let mut body = Asked::default();
                while let Some(Key(key)) = map.next_key()? {
                    match &*key {
                        "stream" => body.stream = map.next_value::<&RawValue>()?.get() == "true",
                        "stream_options" => {
                            map.next_value::<IgnoredAny>()?;
                            body.options = true;
                        }
                        _ => {
                            map.next_value::<IgnoredAny>()?;
                        }
                    }
                }
                Ok(body)
            }
        }

        deserializer.deserialize_map(Read)
    }
}
