//! Success or failure: the one place that looks at a status and a body and says what they are (REFERENCE G.1–G.7).
use std::time::Duration;

use bytes::Bytes;
use reqwest::StatusCode;
use reqwest::header::{CONTENT_TYPE, HeaderMap, LOCATION};

use super::endpoint::{Answer, ID, Marks};
use super::error::{Envelope, Error, Kind, Part, first_byte, is_failure};
use super::peek::{Json, is_json};
use super::retry;
use super::secret::Secrets;

/// The headers with an id of the request: the gateway's own first, then those of other gateways (LiteLLM) and upstreams
/// (Azure, Bedrock); a CDN's page has only the CDN's.
const REQUEST_IDS: &[&str] = &[
    "x-oneapi-request-id",
    "x-request-id",
    "request-id",
    "x-litellm-call-id",
    "apim-request-id",
    "x-ms-request-id",
    "x-amzn-requestid",
    "cf-ray",
];

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
        let request_id = REQUEST_IDS.iter().copied().find_map(id);
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
            let text = excerpt(body);
            if text.is_empty() { format!("{reason} (no body)") } else { format!("{reason}: {text}") }
        }
    };
    finish(head, envelope, message, body, Some(head.status))
}

/// The error that was found inside a reply or stream with status 200. What it does not say is a 500: something failed,
/// and another try may do better.
pub fn hidden_error(head: &Head, body: &Bytes) -> Error {
    let body = &head.clean(body);
    let envelope = Envelope::parse(body);
    let message = envelope.message.clone().unwrap_or_else(|| excerpt(body));
    let status = envelope.status();
    let mut error = finish(head, envelope, message, body, status);
    if status.is_none() {
        error.status = Some(if error.is_quota() { 402 } else { 500 });
        error.retries = retry::worth(&error);
    }
    error
}

/// How a body begins, as text.
fn excerpt(body: &[u8]) -> String {
    String::from_utf8_lossy(&body[..body.len().min(200)]).trim().to_owned()
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
pub fn check(
    head: &Head,
    body: &Bytes,
    answer: Answer,
    marks: &Marks,
    url: impl FnOnce() -> String,
) -> Result<(), Error> {
    match answer {
        Answer::Outcome => midjourney_refusal(head, body).map_or_else(|| check_json(head, body, marks, url), Err),
        Answer::Json | Answer::Vectors => check_json(head, body, marks, url),
        Answer::Text if head.is_json() => check_json(head, body, marks, url),
        Answer::Text if head.is_html() => Err(no_file(head, body, &url())),
        // Silence makes an empty transcript.
        Answer::Text => Ok(()),
        Answer::Bytes if body.is_empty() => Err(empty(head, body, &url())),
        Answer::Bytes if hides_error(body, marks) => Err(hidden_error(head, body)),
        Answer::Bytes if head.is_json() || begins_as_json(body) => {
            Err(head.error(Kind::BadReply, format!("{} answered with JSON", url()), body))
        }
        Answer::Bytes if is_no_file(head, body) => Err(no_file(head, body, &url())),
        Answer::Bytes => Ok(()),
    }
}

/// Whether what should be a file is none: nothing, JSON or a page, by its type or, whatever that is, by how it begins.
pub fn is_no_file(head: &Head, begin: &[u8]) -> bool {
    let start = begin.trim_ascii_start();
    // A picture may be SVG, so not all that begins with `<` is a page.
    let is_page = |tag: &&str| start.get(..tag.len()).is_some_and(|text| text.eq_ignore_ascii_case(tag.as_bytes()));
    begin.is_empty() || head.is_json() || head.is_html() || begins_as_json(begin) || PAGES.iter().any(is_page)
}

const PAGES: &[&str] = &["<!doctype html", "<html"];

/// No format of sound or pictures begins so. Bare samples may begin like a number, which is no error either.
fn begins_as_json(begin: &[u8]) -> bool {
    match first_byte(begin) {
        Some(b'{') => Json::of(begin).members().next().is_some() || is_json(begin),
        Some(b'[' | b'"' | b'n' | b't' | b'f') => is_json(begin),
        _ => false,
    }
}

/// Whether the rest of a file may show that it is none, and nothing shows it yet.
pub fn may_be_no_file(begin: &[u8]) -> bool {
    match first_byte(begin) {
        Some(b'{') if begins_as_json(begin) => false,
        Some(b'{' | b'[' | b'"' | b'n' | b't' | b'f') => {
            serde_json::from_slice::<serde::de::IgnoredAny>(begin).map_or_else(|error| error.is_eof(), |_| true)
        }
        Some(b'<') => begin.trim_ascii_start().len() < PAGES.concat().len(),
        first => first.is_none(),
    }
}

/// A 2xx body that should be one JSON value: an error if it is not, or holds no answer.
/// Whether the JSON is whole is seen when it is parsed, at the edge: see `bad_json`.
fn check_json(head: &Head, body: &Bytes, marks: &Marks, url: impl FnOnce() -> String) -> Result<(), Error> {
    let first = first_byte(body);
    match first {
        Some(b'{' | b'[' | b'"' | b'0'..=b'9' | b'-' | b't' | b'f' | b'n') => match found(body, marks) {
            Found::Reply => Ok(()),
            Found::Error => Err(hidden_error(head, body)),
            Found::Nothing if !marks.any() && is_json(body) => Err(no_answer(head, body, marks)),
            // A word of a text, mostly.
            Found::Nothing
                if first.is_some_and(|first| b"tfn".contains(&first)) && !head.is_json() && !is_json(body) =>
            {
                Err(not_an_api(head, body, &url(), NO_JSON))
            }
            Found::Nothing => Ok(()),
        },
        None if head.status == 204 => Ok(()),
        None => Err(empty(head, body, &url())),
        Some(first) if first == b'<' || head.is_html() => Err(not_an_api(head, body, &url(), "an HTML page")),
        Some(_) => Err(not_an_api(head, body, &url(), NO_JSON)),
    }
}

const NO_JSON: &str = "text that is no JSON";

/// JSON that is no reply of the endpoint and does not say why.
fn no_answer(head: &Head, body: &Bytes, marks: &Marks) -> Error {
    let mut error = hidden_error(head, body);
    let name = marks.answers.first().map_or_else(|| "list".into(), |(name, _)| format!("`{name}`"));
    error.message = format!("the reply ({}) has no {name}: {}", head.status, error.message);
    error
}

/// What JSON turned out to be.
#[derive(Debug, PartialEq, Eq)]
enum Found {
    Reply,
    Error,
    /// Neither.
    Nothing,
}

/// Looks at the keys of a body until one tells, which in a reply is one of the first: it costs no second parse.
fn found(body: &[u8], marks: &Marks) -> Found {
    let json = Json::of(body);
    let object = match json.first() {
        Some(b'{') => json,
        Some(b'[') if marks.list => match json.items().next() {
            // A list of one error, in place of chunks.
            Some(first) if !marks.answers.is_empty() && first.first() == Some(b'{') => first,
            _ if marks.answers.is_empty() || marks.any() => return Found::Reply,
            _ => return Found::Nothing,
        },
        Some(b'[') => match json.items().next() {
            Some(first) if speaks(first) => return Found::Error,
            _ => return Found::Nothing,
        },
        _ => return Found::Nothing,
    };
    let (mut known, mut has_id, mut has_kind, mut words) = (false, false, false, Words::default());
    for (name, value) in object.members() {
        let name = str::from_utf8(name).unwrap_or_default();
        let begin = marks.answers.iter().find(|(answer, _)| *answer == name).map(|(_, begin)| begin.as_bytes());
        if let (Some(begin), Some(first)) = (begin, value.first())
            && begin.contains(&first)
        {
            // `deleted` is an answer also where it is false.
            if !value.is_empty() || first == b'f' {
                return Found::Reply;
            }
            known |= *begin != *ID.as_bytes(); // an id that is empty is none
            continue;
        }
        if marks.fails && value.first() == Some(b'"') && !value.is_empty() {
            has_id |= matches!(name, "id" | "task_id");
            has_kind |= match name {
                "object" => !value.is(b"\"error\""),
                "status" => value.text().is_some_and(|text| text.parse::<f64>().is_err() && text != "error"),
                _ => false,
            };
            if has_id && has_kind {
                return Found::Reply;
            }
        }
        if marks.fields.contains(&name) && !value.is(b"null") && !value.is(b"\"error\"") {
            known = true;
        } else {
            words.hear(name, value, 0);
        }
    }
    match known {
        _ if words.surely() || (words.speaks() && !marks.any()) => Found::Error,
        true => Found::Reply,
        false => Found::Nothing,
    }
}

/// Whether JSON, as far as it has come, is an error.
pub fn hides_error(body: &[u8], marks: &Marks) -> bool {
    found(body, marks) == Found::Error
}

/// Whether JSON is a whole reply, and no error.
pub fn is_whole(body: &[u8], marks: &Marks) -> bool {
    found(body, marks) == Found::Reply && is_json(body)
}

/// Whether JSON speaks of an error.
fn speaks(json: Json<'_>) -> bool {
    let mut words = Words::default();
    for (name, value) in json.members() {
        words.hear(str::from_utf8(name).unwrap_or_default(), value, 0);
    }
    words.speaks()
}

/// What members of JSON say of an error, in any of the usual ways.
#[derive(Debug, Default)]
struct Words {
    /// `error`, `success: false`, `object: "error"`.
    error: bool,
    message: bool,
    /// A code or status that says: fine.
    good: bool,
    /// Another one.
    bad: bool,
}

impl Words {
    fn hear(&mut self, name: &str, value: Json<'_>, depth: u8) {
        match Part::of(name.as_bytes()) {
            None => {
                self.error |= name.eq_ignore_ascii_case("success") && value.is(b"false");
                self.error |= name == "object" && value.is(b"\"error\"");
            }
            Some((Part::Error, _)) => self.error |= value.says(),
            Some((Part::Outcome, _)) if depth == 0 => {
                let mut inner = Self::default();
                for (name, value) in value.members() {
                    inner.hear(str::from_utf8(name).unwrap_or_default(), value, depth + 1);
                }
                self.error |= inner.error || inner.bad;
            }
            Some((Part::Type, _)) => self.error |= value.is(b"\"error\""),
            Some((Part::Message, _)) => {
                self.message |= !value.is_empty() && !value.text().is_some_and(|text| is_fine(&text));
            }
            Some((part @ (Part::Code | Part::Status), _)) => {
                let Some(text) = value.text().filter(|text| !text.trim().is_empty()) else { return };
                match text.trim().parse::<f64>() {
                    Ok(number) if number == 0.0 || number == 1.0 || (200.0..300.0).contains(&number) => {
                        self.good = true
                    }
                    Err(_) if is_fine(&text) => self.good = true,
                    Err(_) if part == Part::Status && !is_failure(&text) => {} // of a task: "queued"
                    _ => self.bad = true,
                }
            }
            Some(_) => {}
        }
    }

    fn speaks(&self) -> bool {
        self.error || self.bad || (self.message && !self.good)
    }

    /// Where nothing is known of the reply.
    fn surely(&self) -> bool {
        self.error || (self.bad && self.message)
    }
}

/// Whether a word says that nothing is wrong.
fn is_fine(word: &str) -> bool {
    let word = word.trim();
    ["ok", "success", "succeed", "succeeded", "successful", "成功"].iter().any(|known| known.eq_ignore_ascii_case(word))
}

/// A Midjourney reply whose `code` is no acceptance, though its status is 200 (REFERENCE 5). Accepted are 1, 21 (it
/// exists, or waits for a modal) and 22 (it is queued); a task has no code.
fn midjourney_refusal(head: &Head, body: &Bytes) -> Option<Error> {
    let outcome = Json::of(body);
    let code: i64 = outcome.get("code")?.text()?.trim().parse().ok()?;
    if matches!(code, 1 | 21 | 22) {
        return None;
    }
    let mut error = hidden_error(head, body);
    error.status = match code {
        3 => Some(503),       // the gateway has no account for it
        4 | 24 => Some(400),  // wrong, or a banned word
        5 => Some(502),       // the upstream was not reached, or not understood
        23 | 30 => Some(429), // the queue is full, the group saturated
        _ => error.status,
    };
    if let Some(word) = outcome.get("properties").and_then(|it| it.get("bannedWord")).and_then(Json::text) {
        error.message = format!("{}: the banned word is {word:?}", error.message);
    }
    error.retries = retry::worth(&error);
    error.redact(&head.secrets);
    Some(error)
}

fn empty(head: &Head, body: &Bytes, url: &str) -> Error {
    head.error(Kind::BadReply, format!("{url} answered {} with an empty body", head.status), body)
}

fn no_file(head: &Head, body: &Bytes, url: &str) -> Error {
    let message = format!(
        "{url} answered {} with an HTML page and not the file: a link that has expired or asks for a login, or base_url is \
         not the gateway's root",
        head.status
    );
    head.error(Kind::NotAnApi, message, body)
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

#[cfg(test)]
mod tests {
    use super::super::dialect::Dialect;
    use super::*;

    #[test]
    fn outcomes_of_midjourney() {
        let head = Head::new(StatusCode::OK, HeaderMap::new(), Secrets::default());
        let check = |body: &str, answer, marks| check(&head, &Bytes::from(body.to_owned()), answer, marks, String::new);
        let submit = |body: &str| check(body, Answer::Outcome, Dialect::Midjourney.marks());
        for fine in [
            r#"{"code":1,"result":1320098173412546}"#,
            r#"{"code":21,"result":"1","description":"m"}"#,
            r#"{"code":"22","result":"1"}"#,
            r#"{"id":"1","status":"FAILURE","failReason":"no"}"#,
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
            (77, Some(500), "server", u32::MAX),
        ] {
            let body = format!(r#"{{"code":{code},"description":"words","result":null,"properties":null}}"#);
            let error = submit(&body).unwrap_err();
            assert_eq!((error.status, error.category(), error.retries), (status, category, retries), "{code}");
            assert_eq!((error.message.as_str(), error.code), ("words", Some(code.to_string())));
        }
        let banned = r#"{"code":24,"description":"m","properties":{"bannedWord":"nude"}}"#;
        assert!(submit(banned).unwrap_err().message.contains("\"nude\""));
    }

    #[test]
    fn hidden_errors() {
        let chat = Dialect::Chat.marks();
        let any = Dialect::Plain.marks();
        for text in [
            r#"{"error":{"message":"m"}}"#,
            r#"{"error":"m"}"#,
            r#"{"success":false,"message":"m"}"#,
            r#"{"object":"error","error":{"message":"m"}}"#,
            r#"{"choices":[],"error":{"message":"m"}}"#,
            r#"{"code":401,"msg":"m"}"#,
            r#"{"base_resp":{"status_code":1004}}"#,
            r#"[{"error":{"code":429}}]"#,
        ] {
            assert_eq!(found(text.as_bytes(), chat), Found::Error, "{text}");
        }
        for text in [
            r#"{"error":null,"object":"","x":1}"#,
            r#"{"choices":[{}],"error":{"message":"m"}}"#,
            r#"{"error":{"message":"m"},"choices":[{}]}"#,
            r#"{"id":"","choices":[],"error":0}"#,
            r#"{"id":"","choices":[],"error":{"message":"","code":null,"details":[{}]}}"#,
            r#"{"id":"c"#,
            r#"{"id":"c","choi"#,
        ] {
            assert_ne!(found(text.as_bytes(), chat), Found::Error, "{text}");
        }
        for text in ["null", "[]", "3", "{}", r#"{"x":1}"#, "\"text\""] {
            assert_eq!(found(text.as_bytes(), chat), Found::Nothing, "{text}");
            assert_ne!(found(text.as_bytes(), any), Found::Error, "{text}");
        }
        for text in [r#"{"id":"resp_1","status":"failed","error":{"message":"m"}}"#, r#"{"error":{},"data":[1]}"#] {
            assert_eq!(found(text.as_bytes(), any), Found::Reply, "{text}");
        }
    }
}
