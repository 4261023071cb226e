//! What can go wrong with a call: one type, with what a user can do about it.
use std::any::Any;
use std::fmt;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::HeaderMap;
use serde_json::Value;

use super::secret::Secrets;

#[derive(Debug)]
pub struct Error {
    pub kind: Kind,
    /// What happened, in a sentence; the server's own words where it said any.
    pub message: String,
    /// The status of the reply, or the one that an error hidden in a 200 stands for.
    pub status: Option<u16>,
    pub code: Option<String>,
    pub error_type: Option<String>,
    pub param: Option<String>,
    pub request_id: Option<String>,
    /// Of the reply, if there was one.
    pub wire_status: Option<u16>,
    pub headers: HeaderMap,
    /// Of the reply: all of it where it is JSON, else the first 4 KB.
    pub body: Bytes,
    /// JSON of the reply as far as it had arrived, for a stream that broke off.
    pub partial: Option<Vec<u8>>,
    pub attempts: u32,
    pub elapsed: Duration,
    /// How many more attempts make sense for an error of this kind, whatever `max_retries` allows.
    pub retries: u32,
    /// Whether the request may have reached the gateway.
    pub sent: bool,
    /// A connection from an earlier call ended before a byte of a reply.
    pub unread: bool,
}

#[derive(Debug)]
pub enum Kind {
    /// No reply, or one that broke off.
    Connection,
    Timeout(Limit),
    /// An error that the gateway answered, with a status of its own or inside a 200.
    Status,
    /// A 2xx that is not the API: an HTML page, mostly from a wrong base URL.
    NotAnApi,
    /// A 2xx that should be JSON and is not.
    BadReply,
    /// A reply of more bytes than the call allows. `size`: where its Content-Length says it.
    TooLarge {
        limit: u64,
        size: Option<u64>,
    },
    /// A stream that ended before its terminal event.
    Incomplete,
    /// A panic: a mistake of ours.
    Bug,
    /// The caller's own function failed (the API key's provider); holds what it raised.
    Callback(Box<dyn Any + Send + Sync>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    Total,
    Connect,
    FirstEvent,
    Idle,
}

impl Limit {
    pub fn name(self) -> &'static str {
        match self {
            Self::Total => "total",
            Self::Connect => "connect",
            Self::FirstEvent => "first_event",
            Self::Idle => "idle",
        }
    }
}

/// The most that is kept of a body that is not JSON.
const BODY_EXCERPT: usize = 4096;
/// Attempts are bounded by `max_retries` alone.
pub const ANY: u32 = u32::MAX;

/// Runs what a task does: a panic becomes its error, where otherwise nobody would be told that it has ended.
/// In a box at once: a task is moved as a whole when it starts and when it ends, which took a fifth of a call's time.
pub fn caught<T>(work: impl Future<Output = Result<T, Error>>) -> impl Future<Output = Result<T, Error>> {
    let mut work = Box::pin(work);
    poll_fn(move |context| {
        catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context)))
            .unwrap_or_else(|panic| Poll::Ready(Err(Error::new(Kind::Bug, words(&*panic)))))
    })
}

/// What a panic says.
pub fn words(panic: &(dyn Any + Send)) -> String {
    let words = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    words.unwrap_or("a panic").to_owned()
}

impl Error {
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            status: None,
            code: None,
            error_type: None,
            param: None,
            request_id: None,
            wire_status: None,
            headers: HeaderMap::new(),
            body: Bytes::new(),
            partial: None,
            attempts: 1,
            elapsed: Duration::ZERO,
            retries: 0,
            sent: true,
            unread: false,
        }
    }

    pub fn timeout(limit: Limit, allowed: Option<Duration>, what: &str) -> Self {
        let seconds = allowed.unwrap_or_default().as_secs_f64();
        let mut error = Self::new(
            Kind::Timeout(limit),
            format!("{what} within {seconds} s (the `{}` limit of timeout)", limit.name()),
        );
        // A connection that does not come up has cost nothing: another attempt may find a live address.
        (error.retries, error.sent) = if limit == Limit::Connect { (ANY, false) } else { (0, true) };
        error
    }

    pub fn with_body(mut self, body: &Bytes) -> Self {
        let json = matches!(first_byte(body), Some(b'{' | b'['));
        self.body = if json { body.clone() } else { body.slice(..body.len().min(BODY_EXCERPT)) };
        self
    }

    /// How the body begins, for one that is no JSON after all.
    pub fn excerpt(&self) -> String {
        String::from_utf8_lossy(&self.body[..self.body.len().min(BODY_EXCERPT)]).into_owned()
    }

    /// What a user can do about it, in a word.
    pub fn category(&self) -> &'static str {
        match self.kind {
            Kind::Connection => "connection",
            Kind::Timeout(_) => "timeout",
            Kind::NotAnApi => "not_an_api",
            Kind::BadReply => "bad_reply",
            Kind::TooLarge { .. } => "too_large",
            Kind::Incomplete => "incomplete",
            Kind::Callback(_) => "callback",
            Kind::Bug => "bug",
            Kind::Status if self.is_quota() => "quota",
            Kind::Status => match self.status {
                Some(401) => "authentication",
                Some(402) => "quota",
                Some(403) => "permission",
                Some(404) => "not_found",
                Some(408 | 504 | 524) => "upstream_timeout",
                Some(429) => "rate_limit",
                Some(529) => "overloaded",
                Some(500..) => "server",
                Some(300..) => "bad_request",
                _ => "other",
            },
        }
    }

    /// Why an attempt failed, for a log: not in the server's words, which may repeat what it was sent.
    pub fn reason(&self) -> String {
        let code = self.code.as_deref().filter(|code| code.len() <= 64 && code.bytes().all(|b| b.is_ascii_graphic()));
        match (&self.kind, code) {
            (Kind::Connection | Kind::Timeout(_), _) => self.message.clone(),
            (_, Some(code)) => format!("{} ({code})", self.category()),
            (_, None) => self.category().to_owned(),
        }
    }

    /// No money: waiting does not help.
    pub fn is_quota(&self) -> bool {
        let codes = [self.code.as_deref(), self.error_type.as_deref()];
        codes.into_iter().flatten().any(|code| QUOTA_CODES.contains(&code))
            // Midjourney's, whose code is 4 like that of every refusal.
            || (self.status == Some(400) && self.message.starts_with("quota_not_enough"))
            // An exhausted token is a 401 with no code: only its text tells (REFERENCE G.5).
            || (self.code.is_none()
                && matches!(self.status, Some(400..=403))
                && ["额度已用尽", "额度不足"].iter().any(|text| self.message.contains(text)))
    }

    /// Takes out what a server echoed of the request's secrets.
    pub fn redact(&mut self, secrets: &Secrets) {
        let texts = [&mut self.code, &mut self.error_type, &mut self.param, &mut self.request_id];
        for text in texts.into_iter().flatten().chain([&mut self.message]) {
            if let Some(redacted) = secrets.redacted(text.as_bytes()) {
                *text = redacted;
            }
        }
        if let Some(redacted) = secrets.redacted(&self.body) {
            self.body = redacted.into();
        }
        if let Some(partial) = &mut self.partial
            && let Some(redacted) = secrets.redacted(partial)
        {
            *partial = redacted.into();
        }
        secrets.clean(&mut self.headers);
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let (Kind::Status, Some(status)) = (&self.kind, self.status) {
            write!(f, "{status}: ")?;
        }
        f.write_str(&self.message)?;
        let mut notes = Vec::new();
        if let Some(code) = &self.code {
            notes.push(format!("code {code}"));
        }
        if let Some(id) = &self.request_id {
            notes.push(format!("request id {id}"));
        }
        if self.attempts > 1 {
            notes.push(format!("{} attempts in {:.1} s", self.attempts, self.elapsed.as_secs_f64()));
        }
        if !notes.is_empty() {
            write!(f, " ({})", notes.join(", "))?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

const QUOTA_CODES: &[&str] = &[
    "insufficient_quota",
    "insufficient_user_quota",
    "pre_consume_token_quota_failed",
    "billing_error",
    "billing_hard_limit_reached",
];

/// An error body in any of the dialects' envelopes (REFERENCE G.2–G.4).
#[derive(Debug, Default, PartialEq)]
pub struct Envelope {
    pub message: Option<String>,
    pub error_type: Option<String>,
    pub code: Option<String>,
    pub param: Option<String>,
    pub request_id: Option<String>,
}

impl Envelope {
    pub fn parse(body: &[u8]) -> Self {
        let Ok(Value::Object(top)) = serde_json::from_slice::<Value>(body) else {
            return Self::default();
        };
        let text = |value: Option<&Value>| match value {
            Some(Value::String(text)) => Some(text.trim().to_owned()),
            Some(Value::Number(number)) => Some(number.to_string()),
            Some(Value::Bool(_) | Value::Null) | None => None,
            Some(other) => Some(other.to_string()),
        };
        // "<nil>" is Go's nil, printed (G.3).
        let some = |text: Option<String>| text.filter(|t| !t.is_empty() && t != "<nil>");
        let inner = match top.get("error") {
            Some(Value::Object(error)) => error,
            _ => &top,
        };
        let message = some(text(top.get("error").filter(|e| e.is_string()))).or_else(|| {
            ["message", "msg", "detail", "description", "error_msg"]
                .iter()
                .find_map(|name| some(text(inner.get(*name))))
        });
        let (message, request_id) = match message.as_deref().and_then(split_request_id) {
            Some((rest, id)) => (Some(rest.to_owned()), Some(id.to_owned())),
            None => (message, None),
        };
        Self {
            message,
            error_type: some(text(inner.get("type"))).filter(|t| t != "error"),
            code: some(text(inner.get("code"))),
            param: some(text(inner.get("param"))),
            request_id,
        }
    }

    /// The status that an error without one stands for: one sent inside a 200.
    pub fn status(&self) -> Option<u16> {
        let number = |text: &str| text.parse().ok().filter(|n| (400..600).contains(n));
        let named = |text: &str| {
            Some(match text {
                "invalid_request_error" | "invalid_request" | "invalid_prompt" | "bad_request_body" => 400,
                "authentication_error" | "invalid_api_key" => 401,
                "billing_error" => 402,
                "permission_error" | "insufficient_user_quota" | "pre_consume_token_quota_failed" | "access_denied" => {
                    403
                }
                "not_found_error" | "model_not_found" | "task_not_exist" => 404,
                "request_too_large" => 413,
                "rate_limit_error" | "rate_limit_exceeded" | "insufficient_quota" => 429,
                "api_error"
                | "server_error"
                | "internal_server_error"
                | "bad_response"
                | "empty_response"
                | "do_request_failed"
                | "upstream_error" => 500,
                "timeout_error" => 504,
                "overloaded_error" => 529,
                _ => return None,
            })
        };
        if self.code.as_deref() == Some("bad_response_status_code") {
            let last = self.message.as_deref().and_then(|m| m.rsplit(' ').next());
            return last.and_then(number).or(Some(500));
        }
        let known = |text: &Option<String>| text.as_deref().and_then(|t| number(t).or_else(|| named(t)));
        known(&self.code).or_else(|| known(&self.error_type))
    }
}

/// Takes ` (request id: …)` off the end of a message; a chain of gateways repeats it, the last is the nearest.
fn split_request_id(message: &str) -> Option<(&str, &str)> {
    let (mut rest, tail) = message.rsplit_once("(request id:")?;
    let id = tail.trim_end().strip_suffix(')')?.trim();
    while let Some((before, _)) = rest.trim_end().rsplit_once("(request id:").filter(|(_, t)| t.ends_with(')')) {
        rest = before;
    }
    (!id.is_empty()).then(|| (rest.trim_end(), id))
}

pub fn first_byte(body: &[u8]) -> Option<u8> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    body.iter().copied().find(|byte| !byte.is_ascii_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::secret::Secret;

    fn parse(text: &str) -> Envelope {
        Envelope::parse(text.as_bytes())
    }

    #[test]
    fn envelopes() {
        let e = parse(r#"{"error":{"message":"no (request id: A) (request id: B)","type":"t","param":"","code":500}}"#);
        assert_eq!(e.message.as_deref(), Some("no"));
        assert_eq!(e.request_id.as_deref(), Some("B"));
        assert_eq!((e.code.as_deref(), e.param.as_deref(), e.status()), (Some("500"), None, Some(500)));
        assert_eq!(parse(r#"{"error":"plain"}"#).message.as_deref(), Some("plain"));
        let e = parse(r#"{"type":"error","error":{"type":"<nil>","message":"m"}}"#);
        assert_eq!((e.message.as_deref(), e.error_type), (Some("m"), None));
        let e = parse(r#"{"description":"task_no_found ","type":"upstream_error","code":4}"#);
        assert_eq!((e.message.as_deref(), e.code.as_deref()), (Some("task_no_found"), Some("4")));
        assert_eq!(parse(r#"{"type":"error","code":"rate_limit_exceeded","message":"m"}"#).status(), Some(429));
        assert_eq!(parse(r#"{"success":false,"message":"m"}"#).message.as_deref(), Some("m"));
        assert_eq!(parse("<html>"), Envelope::default());
        let e = parse(
            r#"{"error":{"message":"bad response status code 502 (request id: x)","code":"bad_response_status_code"}}"#,
        );
        assert_eq!(e.status(), Some(502));
    }

    #[test]
    fn the_key_is_redacted() {
        let mut error = Error::new(Kind::Status, "bad key sk-0123456789");
        error.body = Bytes::from_static(b"{\"k\":\"sk-0123456789\"}");
        let (key, url) = (Secret::new("sk-0123456789").unwrap(), reqwest::Url::parse("http://h").unwrap());
        error.redact(&Secrets::of(Some(&key), &HeaderMap::new(), &url));
        assert_eq!(error.message, "bad key ***");
        assert_eq!(&error.body[..], b"{\"k\":\"***\"}");
    }
}
