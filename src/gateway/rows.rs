//! The endpoints: one row each. A row says how its requests are checked and what they are answered.
use std::collections::BTreeMap;

use bytes::Bytes;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::Config;
use super::audio;
use super::catalog;
use super::chat;
use super::embeddings;
use super::envelope;
use super::form::Form;
use super::gemini;
use super::http::Request;
use super::images;
use super::messages;
use super::midjourney;
use super::responses;
use super::script::Content;
use super::tasks::Tasks;
use super::videos;

/// How the real gateway finds the model of a request before it looks for a channel that serves it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Routing {
    /// `model` in a JSON body, which must be declared as JSON.
    Json,
    /// `model` in a multipart form, which must be declared as one.
    Form,
    /// The path's `{model}`, which stands first there.
    Path,
    /// None is needed: a look-up, or a vendor's own body.
    None,
    /// None, and no key either.
    Public,
}

pub(super) struct Row {
    method: &'static str,
    /// Segments in braces match anything: `/mj/task/{id}/fetch`, `/v1beta/models/{model}:generateContent`. They are
    /// `Ask::args`.
    path: &'static str,
    routing: Routing,
    answer: fn(&Ask) -> Content,
}

#[rustfmt::skip]
pub(super) static ROWS: &[Row] = &[
    Row { method: "POST", path: "/v1/responses", routing: Routing::Json, answer: responses::create },
    Row { method: "POST", path: "/v1/chat/completions", routing: Routing::Json, answer: chat::create },
    Row { method: "POST", path: "/v1/messages", routing: Routing::Json, answer: messages::create },
    Row { method: "POST", path: "/v1/audio/transcriptions", routing: Routing::Form, answer: audio::transcribe },
    Row { method: "POST", path: "/v1/audio/translations", routing: Routing::Form, answer: audio::translate },
    Row { method: "POST", path: "/v1/audio/speech", routing: Routing::Json, answer: audio::speak },
    Row { method: "POST", path: "/v1/embeddings", routing: Routing::Json, answer: embeddings::create },
    Row { method: "POST", path: "/mj/submit/imagine", routing: Routing::None, answer: midjourney::imagine },
    Row { method: "POST", path: "/mj/submit/blend", routing: Routing::None, answer: midjourney::blend },
    Row { method: "POST", path: "/mj/submit/action", routing: Routing::None, answer: midjourney::action },
    Row { method: "POST", path: "/mj/submit/modal", routing: Routing::None, answer: midjourney::modal },
    Row { method: "POST", path: "/mj/submit/change", routing: Routing::None, answer: midjourney::change },
    Row { method: "POST", path: "/mj/submit/simple-change", routing: Routing::None, answer: midjourney::simple_change },
    Row { method: "POST", path: "/mj/submit/describe", routing: Routing::None, answer: midjourney::describe },
    Row { method: "POST", path: "/mj/submit/shorten", routing: Routing::None, answer: midjourney::shorten },
    Row { method: "GET", path: "/mj/task/{id}/fetch", routing: Routing::None, answer: midjourney::fetch },
    Row { method: "POST", path: "/mj/task/list-by-condition", routing: Routing::None, answer: midjourney::list },
    Row { method: "GET", path: "/mj/task/{id}/image-seed", routing: Routing::None, answer: midjourney::seed },
    Row { method: "GET", path: "/mj/image/{id}", routing: Routing::Public, answer: midjourney::image },
    Row { method: "GET", path: "/v1/models", routing: Routing::None, answer: catalog::models },
    Row { method: "GET", path: "/v1/models/{model}", routing: Routing::None, answer: catalog::model },
    Row { method: "GET", path: "/api/pricing", routing: Routing::Public, answer: catalog::pricing },
    Row { method: "GET", path: "/v1/dashboard/billing/subscription", routing: Routing::None, answer: catalog::subscription },
    Row { method: "GET", path: "/v1/dashboard/billing/usage", routing: Routing::None, answer: catalog::usage },
    Row { method: "POST", path: "/v1beta/models/{model}:generateContent", routing: Routing::Path, answer: gemini::generate },
    Row { method: "POST", path: "/v1beta/models/{model}:streamGenerateContent", routing: Routing::Path, answer: gemini::stream },
    Row { method: "POST", path: "/v1/videos", routing: Routing::Json, answer: videos::create },
    Row { method: "GET", path: "/v1/videos/{id}", routing: Routing::None, answer: videos::retrieve },
    Row { method: "GET", path: "/v1/videos/{id}/content", routing: Routing::None, answer: videos::content },
    Row { method: "POST", path: "/v1/videos/{id}/remix", routing: Routing::None, answer: videos::remix },
    Row { method: "POST", path: "/v1/video/generations", routing: Routing::Json, answer: videos::generate },
    Row { method: "GET", path: "/v1/video/generations/{id}", routing: Routing::None, answer: videos::fetch },
    Row { method: "POST", path: "/v1/images/generations", routing: Routing::Json, answer: images::generate },
    Row { method: "POST", path: "/v1/images/edits", routing: Routing::Form, answer: images::edit },
    Row { method: "GET", path: "/files/{name}.png", routing: Routing::Public, answer: images::file },
];

/// A request that has passed the checks, as its row sees it.
pub(super) struct Ask<'a> {
    pub request: &'a Request,
    /// The request id, for messages.
    pub id: &'a str,
    pub key: &'a str,
    pub model: &'a str,
    /// What stands in the place of the path's segments in braces, decoded.
    pub args: Vec<String>,
    /// The fields of a JSON body, unparsed.
    pub params: BTreeMap<String, &'a RawValue>,
    /// The parts of a multipart body.
    pub form: Form,
    /// What earlier requests have begun.
    pub tasks: &'a Tasks,
}

/// A field, the Go type that the gateway reads it into, and whether a value is of that.
pub(super) type Typed = (&'static str, &'static str, fn(&Value) -> bool);

impl Ask<'_> {
    /// The fields of a JSON body, but those that are null. A hostile nesting depth is null; the real one would have
    /// passed it on.
    pub fn fields(&self) -> Map<String, Value> {
        let set = self.params.iter().filter(|(_, raw)| raw.get() != "null");
        set.map(|(name, raw)| (name.clone(), serde_json::from_str(raw.get()).unwrap_or_default())).collect()
    }
}

/// What the gateway says of the first field that is not of its type.
pub(super) fn mismatch(fields: &Map<String, Value>, structure: &str, types: &[Typed]) -> Option<String> {
    types.iter().find_map(|(name, wanted, fits)| {
        let kind = match fields.get(*name).filter(|value| !fits(value))? {
            Value::String(_) => "string",
            Value::Object(_) => "object",
            Value::Array(_) => "array",
            Value::Bool(_) => "bool",
            _ => "number",
        };
        Some(format!("json: cannot unmarshal {kind} into Go struct field {structure}.{name} of type {wanted}"))
    })
}

/// The default answer to a request. The checks come in the order of the real one: route, key, body, model, row.
pub(super) fn answer(request: &Request, body: &Bytes, id: &str, config: &Config, tasks: &Tasks) -> Content {
    let path = request.path.as_str();
    let rows = ROWS.iter().filter(|row| row.method == request.method);
    let Some((row, args)) = rows.filter_map(|row| Some((row, captures(row.path, path)?))).next() else {
        let api = ["/v1", "/mj", "/api", "/assets"].iter().any(|prefix| path.starts_with(prefix));
        return if api { envelope::invalid_url(&request.method, path) } else { envelope::web_page() };
    };
    let key = match (request.key(), &config.api_key) {
        _ if row.routing == Routing::Public => "",
        (None, _) => return envelope::missing_key(id),
        (Some(key), Some(only)) if key != only => return envelope::wrong_key(id),
        (Some(key), _) => key,
    };
    let kind = request.header("content-type").unwrap_or_default();
    let (mut params, mut form) = (BTreeMap::new(), Form::default());
    // Read only when declared as what it is; otherwise it is routed without a model, and refused.
    if kind.starts_with("application/json") {
        match fields(body) {
            Ok(fields) => params = fields,
            Err(detail) => return envelope::malformed(&detail, id),
        }
    } else if kind.starts_with("multipart/form-data") {
        match Form::parse(kind, body) {
            Ok(parsed) => form = parsed,
            Err(detail) => return envelope::malformed(&detail, id),
        }
    }
    let model = match row.routing {
        Routing::Json | Routing::Form => match params.get("model").map(|raw| serde_json::from_str(raw.get())) {
            None => form.text("model").map(str::to_owned),
            Some(Ok(model)) => model,
            Some(Err(_)) => return envelope::malformed("field model must be a string", id),
        }
        .unwrap_or_default(),
        Routing::Path => args.first().cloned().unwrap_or_default(),
        Routing::None | Routing::Public => String::new(),
    };
    if model.is_empty() && !matches!(row.routing, Routing::None | Routing::Public) {
        return envelope::missing_model(id);
    }
    (row.answer)(&Ask { request, id, key, model: &model, args, params, form, tasks })
}

/// The fields of a JSON object; other JSON has none.
fn fields(body: &[u8]) -> Result<BTreeMap<String, &RawValue>, String> {
    match serde_json::from_slice(body) {
        Ok(fields) => Ok(fields),
        Err(_) if serde_json::from_slice::<IgnoredAny>(body).is_ok() && !body.trim_ascii().starts_with(b"{") => {
            Ok(BTreeMap::new())
        }
        Err(_) => Err("invalid JSON request body".to_owned()),
    }
}

/// The model a request names, for messages; empty when it names none.
pub(super) fn model_of(body: &[u8]) -> String {
    let named = fields(body).ok().and_then(|fields| serde_json::from_str(fields.get("model")?.get()).ok());
    named.unwrap_or_default()
}

/// What stands in the place of the pattern's braces; none if the path is another.
fn captures(pattern: &str, path: &str) -> Option<Vec<String>> {
    let (mut patterns, mut segments) = (pattern.split('/'), path.split('/'));
    let mut found = Vec::new();
    loop {
        match (patterns.next(), segments.next()) {
            (None, None) => return Some(found),
            (Some(pattern), Some(segment)) => match (pattern.strip_prefix('{'), pattern.split_once('}')) {
                (Some(_), Some((_, suffix))) => match segment.strip_suffix(suffix) {
                    Some(value) if !value.is_empty() => found.push(decoded(value)),
                    _ => return None,
                },
                _ if pattern == segment => {}
                _ => return None,
            },
            _ => return None,
        }
    }
}

/// Without its percent signs.
fn decoded(segment: &str) -> String {
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let hex = after.get(..2).and_then(|hex| u8::from_str_radix(str::from_utf8(hex).ok()?, 16).ok());
        match hex.filter(|_| first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::captures;

    #[test]
    fn patterns() {
        let found = |pattern, path| captures(pattern, path).map(|found| found.join(","));
        assert_eq!(found("/v1/responses", "/v1/responses").as_deref(), Some(""));
        assert_eq!(found("/v1/responses", "/v1/responses/resp_1"), None);
        assert_eq!(found("/v1/responses", "/v1/responses/"), None);
        assert_eq!(found("/mj/task/{id}/fetch", "/mj/task/17/fetch").as_deref(), Some("17"));
        assert_eq!(found("/mj/task/{id}/fetch", "/mj/task//fetch"), None);
        let gemini = "/v1beta/models/{model}:generateContent";
        assert_eq!(found(gemini, "/v1beta/models/gemini-2.5:generateContent").as_deref(), Some("gemini-2.5"));
        assert_eq!(found(gemini, "/v1beta/models/gemini-2.5:embedContent"), None);
        assert_eq!(found("/a/{b}/{c}", "/a/%E4%B8%AD%2F1%/%zz").as_deref(), Some("中/1%,%zz"));
    }
}
