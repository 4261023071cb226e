//! Success or failure: the one place that looks at a status and a body and says what they are (REFERENCE G.1–G.7).
use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use reqwest::StatusCode;
use reqwest::header::{CONTENT_TYPE, HeaderMap, LOCATION};
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use super::endpoint::Answer;
use super::error::{Envelope, Error, Kind, first_byte};
use super::retry;
use super::secret::Secrets;

/// The head of a reply, with what the client knows about the call.
#[derive(Debug, Clone)]
pub struct Head {
    pub status: u16,
    pub headers: HeaderMap,
    pub request_id: Option<String>,
    pub attempts: u32,
    pub elapsed: Duration,
    /// Of the request: not to be shown in an error, should the server say it.
    pub secrets: Secrets,
}

/// A reply read to its end.
#[derive(Debug, Clone)]
pub struct Reply {
    pub head: Head,
    pub body: Bytes,
}

impl Head {
    pub fn new(status: StatusCode, mut headers: HeaderMap, secrets: Secrets) -> Self {
        secrets.clean(&mut headers);
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
        let id = |name| text(name).filter(|id| !id.is_empty()).map(str::to_owned);
        // The gateway's own id first; a CDN's page has only the CDN's.
        let request_id = ["x-oneapi-request-id", "x-request-id", "request-id", "cf-ray"].into_iter().find_map(id);
        Self { status: status.as_u16(), headers, request_id, attempts: 1, elapsed: Duration::ZERO, secrets }
    }

    /// For those who have the reply: nothing of the request's.
    #[must_use]
    pub fn bare(self) -> Self {
        Self { secrets: Secrets::default(), ..self }
    }

    fn content_type(&self) -> &str {
        let value = self.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        value.unwrap_or_default().trim_start()
    }

    pub fn is_html(&self) -> bool {
        starts_with(self.content_type(), "text/html")
    }

    pub fn is_json(&self) -> bool {
        let kind = self.content_type();
        starts_with(kind, "application/json") || kind.split(';').next().is_some_and(|k| k.trim().ends_with("+json"))
    }

    pub fn says_event_stream(&self) -> bool {
        starts_with(self.content_type(), "text/event-stream")
    }

    /// The part of an error that comes from the head.
    pub fn error(&self, kind: Kind, message: String, body: &Bytes) -> Error {
        let mut error = Error::new(kind, message).with_body(&self.clean(body));
        error.wire_status = Some(self.status);
        error.headers = self.headers.clone();
        error.request_id.clone_from(&self.request_id);
        error.attempts = self.attempts;
        error.elapsed = self.elapsed;
        error.redact(&self.secrets);
        error
    }

    /// A body without the secrets of its request: before it is cut, since half a key would not be found.
    pub fn clean(&self, body: &Bytes) -> Bytes {
        self.secrets.redacted(body).map_or_else(|| body.clone(), Bytes::from)
    }
}

fn starts_with(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

/// Whether a 2xx body is an event stream: by its type, and where that says nothing by how it begins. A type that says
/// something else is believed: a page, or something that nobody asked for.
pub fn is_event_stream(head: &Head, begin: &[u8], expected: bool) -> bool {
    let first = first_byte(begin);
    if matches!(first, Some(b'{' | b'[')) {
        return false; // JSON, whatever it is called
    }
    if head.says_event_stream() {
        return true;
    }
    let kind = head.content_type().split(';').next().unwrap_or_default().trim();
    if !["", "text/plain", "application/octet-stream"].iter().any(|none| kind.eq_ignore_ascii_case(none)) {
        return false;
    }
    let begin = begin.trim_ascii_start();
    let field = |name: &&str| begin.starts_with(name.as_bytes()) || name.as_bytes().starts_with(begin);
    expected || (first.is_some() && ["data:", "event:", "id:", "retry:", ":"].iter().any(field))
}

/// The error that a status outside 2xx is.
pub fn status_error(head: &Head, body: &Bytes) -> Error {
    let body = &head.clean(body);
    let envelope = Envelope::parse(body);
    let reason = StatusCode::from_u16(head.status).ok().and_then(|s| s.canonical_reason()).unwrap_or("an error");
    let message = match (&envelope.message, head.headers.get(LOCATION)) {
        (Some(message), _) => message.clone(),
        (None, Some(location)) if (300..400).contains(&head.status) => format!(
            "a redirect to {:?}, which is not followed: the key would go along; set base_url to the right root",
            location.to_str().unwrap_or("?")
        ),
        _ if first_byte(body) == Some(b'<') => format!("{reason} (an HTML page)"),
        _ => {
            let text = String::from_utf8_lossy(&body[..body.len().min(200)]).trim().to_owned();
            if text.is_empty() { format!("{reason} (no body)") } else { format!("{reason}: {text}") }
        }
    };
    finish(head, envelope, message, body, Some(head.status))
}

/// The error that was found inside a reply or stream with status 200.
pub fn hidden_error(head: &Head, body: &Bytes) -> Error {
    let body = &head.clean(body);
    let envelope = Envelope::parse(body);
    let message = envelope.message.clone();
    let message = message.unwrap_or_else(|| String::from_utf8_lossy(&body[..body.len().min(200)]).into_owned());
    let status = envelope.status();
    finish(head, envelope, message, body, status)
}

fn finish(head: &Head, envelope: Envelope, message: String, body: &Bytes, status: Option<u16>) -> Error {
    let mut error = head.error(Kind::Status, message, body);
    error.status = status;
    error.code = envelope.code;
    error.error_type = envelope.error_type;
    error.param = envelope.param;
    error.request_id = error.request_id.or(envelope.request_id);
    error.retries = retry::worth(&error);
    error.redact(&head.secrets);
    error
}

/// A 2xx body that should be what the endpoint answers with: an error if it is not, or if it holds one.
/// `url` is asked for only where a message needs it.
pub fn check(head: &Head, body: &Bytes, answer: Answer, url: impl FnOnce() -> String) -> Result<(), Error> {
    match answer {
        Answer::Json | Answer::Vectors => check_json(head, body, url),
        Answer::Outcome => {
            check_json(head, body, url).and_then(|()| midjourney_refusal(head, body).map_or(Ok(()), Err))
        }
        Answer::Text | Answer::Bytes if head.is_json() => {
            let url = url();
            check_json(head, body, || url.clone())?;
            match answer {
                Answer::Bytes => Err(head.error(Kind::BadReply, format!("{url} answered with JSON"), body)),
                _ => Ok(()),
            }
        }
        Answer::Text | Answer::Bytes if head.is_html() => {
            let message = format!(
                "{} answered {} with an HTML page and not the file: a link that has expired or asks for a login, or \
                 base_url is not the gateway's root",
                url(),
                head.status
            );
            Err(head.error(Kind::NotAnApi, message, body))
        }
        // Silence makes an empty transcript.
        Answer::Text => Ok(()),
        Answer::Bytes if body.is_empty() => Err(empty(head, body, &url())),
        Answer::Bytes => Ok(()),
    }
}

/// A 2xx body that should be one JSON value: an error if it is not, or if it holds one.
/// Whether the JSON is whole is seen when it is parsed, at the edge: see `bad_json`.
fn check_json(head: &Head, body: &Bytes, url: impl FnOnce() -> String) -> Result<(), Error> {
    match first_byte(body) {
        Some(b'{') if hides_error(body) => Err(hidden_error(head, body)),
        Some(b'{') => Ok(()),
        Some(b'[' | b'"' | b'0'..=b'9' | b'-') => Ok(()),
        Some(b't' | b'f' | b'n') if head.is_json() => Ok(()),
        None if head.status == 204 => Ok(()),
        None => Err(empty(head, body, &url())),
        Some(first) if first == b'<' || head.is_html() => Err(not_an_api(head, body, &url(), "an HTML page")),
        Some(_) => Err(not_an_api(head, body, &url(), "text that is no JSON")),
    }
}

/// A Midjourney reply whose `code` is no acceptance, though its status is 200 (REFERENCE 5). Accepted are 1, 21 (it
/// exists, or waits for a modal) and 22 (it is queued); a task has no code.
fn midjourney_refusal(head: &Head, body: &Bytes) -> Option<Error> {
    let json = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let outcome: Value = serde_json::from_slice(json).ok()?;
    let code = outcome.get("code")?;
    let code = code.as_i64().or_else(|| code.as_str()?.trim().parse().ok())?;
    if matches!(code, 1 | 21 | 22) {
        return None;
    }
    let mut error = hidden_error(head, body);
    error.status = match code {
        3 => Some(503),      // the gateway has no account for it
        4 | 24 => Some(400), // wrong, or a banned word
        5 => Some(502),      // the upstream was not reached, or not understood
        9 => Some(500),
        23 | 30 => Some(429), // the queue is full, the group saturated
        _ => None,
    };
    if let Some(word) = outcome.pointer("/properties/bannedWord").and_then(Value::as_str) {
        error.message = format!("{}: the banned word is {word:?}", error.message);
    }
    error.retries = retry::worth(&error);
    error.redact(&head.secrets);
    Some(error)
}

fn empty(head: &Head, body: &Bytes, url: &str) -> Error {
    head.error(Kind::BadReply, format!("{url} answered {} with an empty body", head.status), body)
}

fn not_an_api(head: &Head, body: &Bytes, url: &str, what: &str) -> Error {
    let message = format!(
        "{url} answered {} with {what}, so it is not the API: base_url should be the gateway's root, like {:?}",
        head.status,
        super::config::DEFAULT_ROOT
    );
    head.error(Kind::NotAnApi, message, body)
}

/// A body that began like JSON and is not.
pub fn bad_json(head: &Head, body: &Bytes, why: &str) -> Error {
    head.error(Kind::BadReply, format!("the reply ({} bytes) is not valid JSON: {why}", body.len()), body)
}

/// What is left for the reader of a stream or a body that was given up.
pub fn interrupted(head: &Head, why: &str) -> Error {
    head.error(Kind::Incomplete, format!("{why}, which closed the connection"), &Bytes::new())
}

/// Whether a JSON object is an error envelope: `{"error": …}`, `{"success": false}`. A reply that has an `error`
/// field of its own (a failed response or video) comes with an id or a kind and is no envelope. Stops at the first
/// key that tells, so that a long reply costs no second parse.
pub fn hides_error(body: &[u8]) -> bool {
    struct Keys;
    impl<'de> Visitor<'de> for Keys {
        type Value = bool;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<bool, A::Error> {
            let mut error = false;
            while let Some(key) = map.next_key::<std::borrow::Cow<'de, str>>()? {
                match &*key {
                    "error" => error = map.next_value::<&RawValue>()?.get() != "null",
                    "success" => error |= map.next_value::<&RawValue>()?.get() == "false",
                    "id" | "object" | "choices" | "output" | "content" | "data" => {
                        let value = map.next_value::<&RawValue>()?.get();
                        let empty = matches!(value, "null" | "\"\"" | "[]" | "\"error\"");
                        if !empty && (!error || matches!(&*key, "id" | "object")) {
                            return Ok(false);
                        }
                    }
                    _ => {
                        map.next_value::<IgnoredAny>()?;
                    }
                }
            }
            Ok(error)
        }
    }
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    serde_json::Deserializer::from_slice(body).deserialize_map(Keys).unwrap_or(false)
}

/// Whether JSON is a whole reply of some kind, a failed one too, and not an error envelope.
pub fn is_whole(body: &[u8]) -> bool {
    let Ok(Value::Object(top)) = serde_json::from_slice::<Value>(body) else { return false };
    matches!(top.get("object"), Some(Value::String(kind)) if !kind.is_empty() && kind != "error")
        || matches!(top.get("type"), Some(Value::String(kind)) if kind == "message")
        || matches!(top.get("data"), Some(Value::Array(pictures)) if !pictures.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_of_midjourney() {
        let head = Head::new(StatusCode::OK, HeaderMap::new(), Secrets::default());
        let check = |body: &str, answer| check(&head, &Bytes::from(body.to_owned()), answer, String::new);
        let submit = |body: &str| check(body, Answer::Outcome);
        for fine in [
            r#"{"code":1,"result":1320098173412546}"#,
            r#"{"code":21,"result":"1","description":"m"}"#,
            r#"{"code":"22","result":"1"}"#,
            r#"{"id":"1","status":"FAILURE","failReason":"no"}"#,
            "[]",
        ] {
            assert!(submit(fine).is_ok(), "{fine}");
        }
        for (code, status, category, retries) in [
            (3, Some(503), "server", 2),
            (4, Some(400), "bad_request", 0),
            (5, Some(502), "server", u32::MAX),
            (9, Some(500), "server", u32::MAX),
            (23, Some(429), "rate_limit", u32::MAX),
            (24, Some(400), "bad_request", 0),
            (30, Some(429), "rate_limit", u32::MAX),
            (77, None, "other", 0),
        ] {
            let body = format!(r#"{{"code":{code},"description":"words","result":null,"properties":null}}"#);
            assert!(check(&body, Answer::Json).is_ok());
            let error = submit(&body).unwrap_err();
            assert_eq!((error.status, error.category(), error.retries), (status, category, retries), "{code}");
            assert_eq!((error.message.as_str(), error.code), ("words", Some(code.to_string())));
        }
        let banned = r#"{"code":24,"description":"m","properties":{"bannedWord":"nude"}}"#;
        assert!(submit(banned).unwrap_err().message.contains("\"nude\""));
    }

    #[test]
    fn hidden_errors() {
        for text in [
            r#"{"error":{"message":"m"}}"#,
            r#"{"error":"m"}"#,
            r#"{"success":false,"message":"m"}"#,
            r#"{"object":"error","error":{"message":"m"}}"#,
            r#"{"choices":[],"error":{"message":"m"}}"#,
        ] {
            assert!(hides_error(text.as_bytes()), "{text}");
        }
        for text in [
            r#"{"error":null,"x":1}"#,
            r#"{"id":"resp_1","error":{"message":"m"}}"#,
            r#"{"error":{"code":"server_error"},"id":"resp_1","object":"response"}"#,
            r#"{"success":true,"data":[]}"#,
            r#"{"data":[1],"error":"later"}"#,
            "{}",
            r#"{"err"#,
        ] {
            assert!(!hides_error(text.as_bytes()), "{text}");
        }
    }
}
