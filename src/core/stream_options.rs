//! Chat streams are asked for their usage unless the caller says otherwise. Not for the figures alone: without it the
//! gateway may withhold the last chunk, and with it the finish reason (REFERENCE G.8.7).
use bytes::Bytes;
use serde_json::value::RawValue;

use super::dialect::Dialect;
use super::error::{Error, Kind};
use super::json::{Slots, pick};
use super::request::{Body, Mode, Request};

const ASK: &[u8] = b",\"stream_options\":{\"include_usage\":true}}";

/// The body with the question added, where there is one to ask.
pub fn ask(request: &Request) -> Option<Bytes> {
    if request.dialect != Dialect::Chat || request.mode == Mode::Reply {
        return None;
    }
    let Body::Json(body) = &request.body else { return None };
    let fields: StreamFields = pick(str::from_utf8(body).ok()?)?;
    let streamed = fields.stream.is_some_and(|stream| stream.get() == "true");
    let fields = body.trim_ascii_end().strip_suffix(b"}").filter(|_| streamed && fields.options.is_none())?;
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
struct StreamFields<'a> {
    stream: Option<&'a RawValue>,
    options: Option<&'a RawValue>,
}

impl<'a> Slots<'a> for StreamFields<'a> {
    fn slot(&mut self, key: &str) -> Option<&mut Option<&'a RawValue>> {
        Some(match key {
            "stream" => &mut self.stream,
            "stream_options" => &mut self.options,
            _ => return None,
        })
    }
}
