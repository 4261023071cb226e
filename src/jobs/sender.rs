//! Asks a model for a row, by the core's own send: one attempt, for what becomes of it is the job's to say (`fate`).
use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use reqwest::header::{CONTENT_TYPE, HeaderName, HeaderValue};

use crate::core::call::{Handover, Hooks, Unsendable, Wanted};
use crate::core::config::{Config, Timeout};
use crate::core::embeddings;
use crate::core::endpoint::{Answer, Endpoint};
use crate::core::error::{Error, Kind};
use crate::core::json::{is_like_json, mend_surrogates};
use crate::core::peek::{Json, is_json};
use crate::core::reply::{self, Reply};
use crate::core::request::{Body, BoxFuture, Request};
use crate::core::send::{Outcome, send};
use crate::core::transport::{Client, Route};

use super::budget::{Size, Tokens, Usage};
use super::runner::{AskModel, JobRow, RowAnswer};

/// Whom rows ask: the same for most of a job.
#[derive(Debug)]
pub struct Target {
    pub endpoint: &'static Endpoint,
    /// What stands for the names in its path.
    pub ids: Vec<String>,
}

/// What all requests of a job have in common.
pub struct Sender {
    pub config: Arc<Config>,
    pub route: Route,
    pub client: Client,
    pub hooks: Hooks,
    pub headers: Vec<(HeaderName, Option<HeaderValue>)>,
    pub query: Vec<(String, String)>,
    pub timeout: Option<Timeout>,
    pub max_response_bytes: Option<u64>,
}

impl Sender {
    /// Whether there is a key, and the URL can be reached, is said here.
    pub fn to(self, target: Arc<Target>) -> Result<RowSender, Unsendable> {
        let first = self.request(&target, Body::Json(Bytes::new()))?;
        Ok(RowSender { sender: self, target, first })
    }

    fn request(&self, target: &Target, body: Body) -> Result<Request, Unsendable> {
        let wanted = Wanted {
            ids: &target.ids,
            body,
            // As bytes, for the ledger.
            handover: Handover::Raw,
            headers: self.headers.clone(),
            query: self.query.clone(),
            timeout: self.timeout,
            max_retries: Some(0),
            max_response_bytes: self.max_response_bytes,
            ..Wanted::of(target.endpoint)
        };
        wanted.request(&self.config, &self.route, self.hooks.clone()).map(|(request, _)| request)
    }
}

/// Sends the rows of a job.
pub struct RowSender {
    sender: Sender,
    /// Whom most rows ask.
    target: Arc<Target>,
    /// Their request, without what each asks: to make all of it is 4 µs.
    first: Request,
}

impl RowSender {
    fn request(&self, row: &JobRow) -> Result<Request, Error> {
        if matches!(row.body, Body::Json(_)) && Arc::ptr_eq(&row.target, &self.target) {
            return Ok(Request { body: row.body.clone(), ..self.first.clone() });
        }
        // The first row was checked before the job began, so that is of a row alone: an id, say.
        let made = self.sender.request(&row.target, row.body.clone());
        made.map_err(|why| Error { sent: false, ..Error::new(Kind::Status, why.to_string()) })
    }
}

impl AskModel for RowSender {
    fn ask(&self, row: &JobRow) -> BoxFuture<Result<RowAnswer, Error>> {
        let (client, endpoint) = (self.sender.client.clone(), row.target.endpoint);
        let request = self.request(row);
        Box::pin(async move {
            match send(&client, &request?).await? {
                Outcome::Reply(reply) => answer(endpoint.answer, reply),
                other => Err(Error::new(Kind::Bug, format!("a row was answered by {other:?}"))),
            }
        })
    }
}

/// What is kept of a reply. One that nobody can read later is none.
fn answer(kind: Answer, reply: Reply) -> Result<RowAnswer, Error> {
    let Reply { head, body } = reply;
    let is_text = matches!(kind, Answer::Bytes) || (kind == Answer::Text && !head.is_json());
    // Halves of characters and NaN are read at the edge as well.
    let is_readable = || is_json(&body) || is_like_json(mend_surrogates(&String::from_utf8_lossy(&body)).as_bytes());
    if !is_text && !is_readable() {
        return Err(reply::bad_json(&head, &body, "it is not whole"));
    }
    if kind == Answer::Vectors
        && let Err(why) = embeddings::read(&body)
    {
        return Err(head.error(Kind::BadReply, why, &body));
    }
    let (usage, finish) = if is_text { (None, None) } else { found(&body) };
    let media = is_text.then(|| head.headers.get(CONTENT_TYPE)?.to_str().ok().map(str::to_owned)).flatten();
    let media = media.or_else(|| is_text.then(String::new));
    Ok(RowAnswer { usage, finish, media, request_id: head.request_id, headers: head.headers, body })
}

/// What a reply of any dialect says of its tokens and of its end, from one look over what stands at its top.
fn found(body: &[u8]) -> (Option<Usage>, Option<String>) {
    let (mut usage, mut finish) = (None, None);
    let text = |json: Json<'_>| json.text().map(Cow::into_owned);
    let first = |list: Json<'_>, name: &str| list.items().next().and_then(|one| one.get(name)).and_then(text);
    for (name, value) in Json::of(body).members() {
        match name {
            b"usage" | b"usageMetadata" => usage = used(value).or(usage),
            b"stop_reason" => finish = text(value).or(finish),
            b"status" => finish = finish.or_else(|| text(value)),
            b"choices" => finish = first(value, "finish_reason").or(finish),
            b"candidates" => finish = first(value, "finishReason").or(finish),
            b"incomplete_details" => finish = value.get("reason").and_then(text).or(finish),
            _ => {}
        }
    }
    (usage, finish)
}

/// A usage of any dialect. What Anthropic's counts beside its input (what a cache had, what was written to it) others
/// count in it.
fn used(usage: Json<'_>) -> Option<Usage> {
    let (mut input, mut output, mut beside, mut cached, mut written) = (None, None, 0.0, 0.0, 0.0);
    let number = |json: Json<'_>| json.text()?.parse::<f64>().ok().filter(|n| n.is_finite() && *n >= 0.0);
    let larger = |known: Option<f64>, new: Option<f64>| match (known, new) {
        // The gateway fills in the names of other dialects with 0.
        (Some(known), Some(new)) => Some(known.max(new)),
        (known, new) => known.or(new),
    };
    let inner = |json: Json<'_>, name: &str| json.get(name).and_then(number).unwrap_or_default();
    let (mut thoughts, mut total) = (0.0, None);
    for (name, value) in usage.members() {
        match name {
            b"prompt_tokens" | b"input_tokens" | b"promptTokenCount" => input = larger(input, number(value)),
            b"completion_tokens" | b"output_tokens" | b"candidatesTokenCount" => output = larger(output, number(value)),
            b"thoughtsTokenCount" => thoughts = number(value).unwrap_or_default(),
            b"total_tokens" | b"totalTokenCount" => total = number(value),
            b"prompt_tokens_details" | b"input_tokens_details" => cached = inner(value, "cached_tokens").max(cached),
            b"cachedContentTokenCount" => cached = number(value).unwrap_or_default(),
            b"cache_read_input_tokens" => beside += number(value).unwrap_or_default(),
            b"cache_creation_input_tokens" => written = number(value).unwrap_or_default(),
            _ => {}
        }
    }
    let is_anthropic = beside + written > 0.0 && usage.get("prompt_tokens").is_none();
    let input = if is_anthropic { input.unwrap_or_default() + beside + written } else { input? };
    let cached = if is_anthropic { beside } else { cached };
    let rest = total.map(|total: f64| (total - input).max(0.0));
    let output = output.map_or(rest, |output| Some(output + thoughts)).unwrap_or_default();
    Some(Usage { tokens: Tokens { input, output }, cached, written: if is_anthropic { written } else { 0.0 } })
}

/// What a picture takes, about, in a dialect that reads it as 512-pixel tiles.
const PICTURE: f64 = 1000.0;

/// How much a body is. `binary`: bytes of it that are base64 of ours.
pub fn size_of(body: &[u8], binary: usize, max_output: Option<f64>) -> Size {
    // A data URI of the caller's own: as long as its text.
    let (mut data, mut pictures) = (binary, f64::from(binary > 0));
    let mut rest = if binary == 0 { body } else { b"" };
    while let Some(at) = memchr::memmem::find(rest, b";base64,") {
        rest = rest.get(at..).unwrap_or_default();
        let length = memchr::memchr(b'"', rest).unwrap_or(rest.len());
        (data, pictures) = (data + length, pictures + 1.0);
        rest = rest.get(length..).unwrap_or_default();
    }
    Size { bytes: body.len().saturating_sub(data), tokens: pictures * PICTURE, max_output }
}

/// The most that an answer may have, by what stands at the top of a request.
pub fn most_output(body: &[u8]) -> Option<f64> {
    let number = |json: Json<'_>| json.text()?.parse::<f64>().ok().filter(|n| n.is_finite() && *n > 0.0);
    Json::of(body).members().find_map(|(name, value)| match name {
        b"max_tokens" | b"max_output_tokens" | b"max_completion_tokens" => number(value),
        b"generationConfig" => value.get("maxOutputTokens").or_else(|| value.get("max_output_tokens")).and_then(number),
        _ => None,
    })
}
