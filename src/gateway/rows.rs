//! The endpoints: one row each. A row says how its requests are checked and what they are answered.
use std::collections::BTreeMap;

use bytes::Bytes;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::ask::Ask;
use super::audio;
use super::catalog;
use super::chat;
use super::content::Content;
use super::embeddings;
use super::envelope::{self, Asker, Refusal};
use super::form::UploadForm;
use super::gemini;
use super::http::HttpRequest;
use super::images;
use super::messages;
use super::midjourney;
use super::others;
use super::responses;
use super::service::Service;
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
    /// A look-up of the key itself, which has refusals of its own.
    Key,
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
    Row { method: "POST", path: "/mj/submit/edits", routing: Routing::None, answer: midjourney::edits },
    Row { method: "POST", path: "/mj/submit/video", routing: Routing::None, answer: midjourney::video },
    Row { method: "POST", path: "/mj/submit/upload-discord-images", routing: Routing::None, answer: midjourney::upload },
    Row { method: "POST", path: "/mj/insight-face/swap", routing: Routing::None, answer: midjourney::swap },
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
    Row { method: "POST", path: "/v1beta/models/{model}:embedContent", routing: Routing::Path, answer: gemini::embed },
    Row { method: "POST", path: "/v1beta/models/{model}:batchEmbedContents", routing: Routing::Path, answer: gemini::embed_all },
    Row { method: "POST", path: "/v1/models/{model}:generateContent", routing: Routing::Path, answer: gemini::generate },
    Row { method: "POST", path: "/v1/models/{model}:streamGenerateContent", routing: Routing::Path, answer: gemini::stream },
    Row { method: "GET", path: "/v1beta/models", routing: Routing::None, answer: catalog::gemini_models },
    Row { method: "GET", path: "/v1beta/openai/models", routing: Routing::None, answer: catalog::models },
    Row { method: "GET", path: "/api/usage/token/", routing: Routing::Key, answer: catalog::key_usage },
    Row { method: "GET", path: "/api/usage/token", routing: Routing::Key, answer: catalog::key_usage },
    Row { method: "GET", path: "/api/log/token", routing: Routing::Key, answer: catalog::key_log },
    Row { method: "POST", path: "/v1/responses/compact", routing: Routing::Json, answer: others::compact },
    Row { method: "POST", path: "/v1/completions", routing: Routing::Json, answer: others::complete },
    Row { method: "POST", path: "/v1/moderations", routing: Routing::None, answer: others::moderate },
    Row { method: "POST", path: "/v1/rerank", routing: Routing::Json, answer: others::rerank },
    Row { method: "POST", path: "/suno/submit/{action}", routing: Routing::None, answer: others::suno },
    Row { method: "POST", path: "/v1/videos", routing: Routing::Json, answer: videos::create },
    Row { method: "GET", path: "/v1/videos/{id}", routing: Routing::None, answer: videos::retrieve },
    Row { method: "GET", path: "/v1/videos/{id}/content", routing: Routing::None, answer: videos::content },
    Row { method: "POST", path: "/v1/videos/{id}/remix", routing: Routing::None, answer: videos::remix },
    Row { method: "POST", path: "/v1/video/generations", routing: Routing::Json, answer: videos::generate },
    Row { method: "GET", path: "/v1/video/generations/{id}", routing: Routing::None, answer: videos::fetch },
    Row { method: "POST", path: "/v1/images/generations", routing: Routing::Json, answer: images::generate },
    Row { method: "POST", path: "/v1/images/edits", routing: Routing::Form, answer: images::edit },
    Row { method: "GET", path: "/files/{name}.png", routing: Routing::Public, answer: images::file },
    Row { method: "POST", path: "/kling/v1/videos/text2video", routing: Routing::Json, answer: videos::generate },
    Row { method: "POST", path: "/kling/v1/videos/image2video", routing: Routing::Json, answer: videos::generate },
    Row { method: "GET", path: "/kling/v1/videos/text2video/{id}", routing: Routing::None, answer: videos::fetch },
    Row { method: "GET", path: "/kling/v1/videos/image2video/{id}", routing: Routing::None, answer: videos::fetch },
    Row { method: "POST", path: "/v1/images/variations", routing: Routing::None, answer: others::not_implemented },
    Row { method: "GET", path: "/v1/files", routing: Routing::None, answer: others::not_implemented },
    Row { method: "POST", path: "/v1/files", routing: Routing::None, answer: others::not_implemented },
    Row { method: "GET", path: "/v1/files/{id}", routing: Routing::None, answer: others::not_implemented },
    Row { method: "DELETE", path: "/v1/files/{id}", routing: Routing::None, answer: others::not_implemented },
    Row { method: "GET", path: "/v1/files/{id}/content", routing: Routing::None, answer: others::not_implemented },
    Row { method: "GET", path: "/v1/fine-tunes", routing: Routing::None, answer: others::not_implemented },
    Row { method: "POST", path: "/v1/fine-tunes", routing: Routing::None, answer: others::not_implemented },
    Row { method: "GET", path: "/v1/fine-tunes/{id}", routing: Routing::None, answer: others::not_implemented },
    Row { method: "POST", path: "/v1/fine-tunes/{id}/cancel", routing: Routing::None, answer: others::not_implemented },
    Row { method: "GET", path: "/v1/fine-tunes/{id}/events", routing: Routing::None, answer: others::not_implemented },
];

/// The row of a request, and what stands in the place of the braces in its path.
fn find(request: &HttpRequest) -> Option<(&'static Row, Vec<String>)> {
    let path = envelope::without_mode(&request.path);
    let mut rows = ROWS.iter().filter(|row| row.method == request.method);
    rows.find_map(|row| Some((row, captures(row.path, path)?)))
}

/// The default answer to a request. The checks come in the order of the real one: route, key, body, model, row.
pub(super) fn answer(
    request: &HttpRequest,
    body: &Bytes,
    asker: Asker,
    shared: &Service,
    refusal: Option<Refusal>,
) -> Content {
    let Some((row, args)) = find(request) else {
        let api = ["/v1", "/api", "/assets"].iter().any(|prefix| request.path.starts_with(prefix));
        return if api { envelope::invalid_url(&request.method, &request.path) } else { envelope::web_page() };
    };
    let key = match (request.key(), &shared.config.api_key) {
        _ if row.routing == Routing::Public => "",
        (Some(key), Some(only)) if key == only => key,
        (Some(key), None) => key,
        _ if row.routing == Routing::Key => return envelope::wrong_key_to_look_up(asker),
        _ => return envelope::wrong_key(asker),
    };
    let kind = request.header("content-type").unwrap_or_default();
    let (mut params, mut form) = (BTreeMap::new(), UploadForm::default());
    // Read only when declared as what it is; otherwise it is routed without a model, and refused.
    if kind.starts_with("application/json") && request.method != "GET" {
        match fields(body) {
            Ok(fields) => params = fields,
            Err(detail) if row.path.starts_with("/mj/") => return envelope::malformed_midjourney(&detail, asker),
            Err(detail) => return envelope::malformed(&detail, asker),
        }
    } else if kind.starts_with("multipart/form-data") {
        match UploadForm::parse(kind, body) {
            Ok(parsed) => form = parsed,
            Err(detail) => return envelope::malformed(&detail, asker),
        }
    }
    let named = !matches!(row.routing, Routing::None | Routing::Public | Routing::Key);
    let model = match row.routing {
        Routing::Json | Routing::Form => match params.get("model").map(|raw| serde_json::from_str(raw.get())) {
            None => form.text("model").map(str::to_owned),
            Some(Ok(model)) => model,
            Some(Err(_)) => return envelope::malformed("field model must be a string", asker),
        }
        .unwrap_or_default(),
        Routing::Path => args.first().cloned().unwrap_or_default(),
        Routing::None | Routing::Public | Routing::Key => String::new(),
    };
    if named && model.is_empty() {
        return envelope::missing_model(asker);
    }
    let (id, tasks) = (asker.id, &shared.tasks);
    let ask =
        Ask { request, id, key, model: &model, args, params, form, tasks, asker, shared, named: model_named, refusal };
    match if named { ask.serves(&model) } else { Ok(()) } {
        Ok(()) => (row.answer)(&ask),
        Err(refusal) => refusal,
    }
}

/// Whether the key's account answers though the key is no good (H.1).
pub(super) fn is_looked_up(request: &HttpRequest, refusal: Refusal) -> bool {
    matches!(refusal, Refusal::KeyExpired | Refusal::KeyUsedUp)
        && find(request).is_some_and(|(row, _)| row.routing == Routing::Key)
}

/// Whether the request asks for a stream.
pub(super) fn is_stream(request: &HttpRequest, body: &Bytes) -> bool {
    let kind = request.header("content-type").unwrap_or_default();
    request.path.ends_with(":streamGenerateContent")
        || match kind.starts_with("multipart/form-data") {
            true => UploadForm::parse(kind, body).is_ok_and(|form| form.text("stream") == Some("true")),
            false => fields(body).is_ok_and(|fields| fields.get("stream").is_some_and(|raw| raw.get() == "true")),
        }
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
pub(super) fn model_named(request: &HttpRequest, body: &[u8]) -> String {
    match find(request) {
        Some((row, args)) if row.routing == Routing::Path => args.into_iter().next().unwrap_or_default(),
        Some((row, _)) if row.path.starts_with("/mj/") => {
            format!("mj_{}", row.path.rsplit('/').next().unwrap_or_default())
        }
        _ => {
            let named = fields(body).ok().and_then(|fields| serde_json::from_str(fields.get("model")?.get()).ok());
            named.unwrap_or_default()
        }
    }
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
