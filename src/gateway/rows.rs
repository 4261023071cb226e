//! The endpoints: one row each. A row says how its requests are checked and what they are answered.
use std::collections::BTreeMap;

use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::Config;
use super::chat;
use super::envelope;
use super::http::Request;
use super::messages;
use super::responses;
use super::script::Content;

/// How the real gateway finds the model of a request before it looks for a channel that serves it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Routing {
    /// `model` in a JSON body, which must be declared as JSON.
    Json,
}

pub(super) struct Row {
    method: &'static str,
    /// Segments in braces match anything: `/mj/task/{id}/fetch`, `/v1beta/models/{model}:generateContent`.
    path: &'static str,
    routing: Routing,
    answer: fn(&Ask) -> Content,
}

#[rustfmt::skip]
pub(super) static ROWS: &[Row] = &[
    Row { method: "POST", path: "/v1/responses", routing: Routing::Json, answer: responses::create },
    Row { method: "POST", path: "/v1/chat/completions", routing: Routing::Json, answer: chat::create },
    Row { method: "POST", path: "/v1/messages", routing: Routing::Json, answer: messages::create },
];

/// A request that has passed the checks, as its row sees it.
pub(super) struct Ask<'a> {
    /// The request id, for messages.
    pub id: &'a str,
    pub model: &'a str,
    /// The fields of a JSON body, unparsed.
    pub params: BTreeMap<String, &'a RawValue>,
}

/// The default answer to a request. The checks come in the order of the real one: route, key, body, model, row.
pub(super) fn answer(request: &Request, body: &[u8], id: &str, config: &Config) -> Content {
    let path = request.path.as_str();
    let Some(row) = ROWS.iter().find(|row| row.method == request.method && matches(row.path, path)) else {
        let api = ["/v1", "/mj", "/api", "/assets"].iter().any(|prefix| path.starts_with(prefix));
        return if api { envelope::invalid_url(&request.method, path) } else { envelope::web_page() };
    };
    match (request.key(), &config.api_key) {
        (None, _) => return envelope::missing_key(id),
        (Some(key), Some(only)) if key != only => return envelope::wrong_key(id),
        _ => {}
    }
    let mut ask = Ask { id, model: "", params: BTreeMap::new() };
    let model: String;
    match row.routing {
        Routing::Json => {
            // Read for its model only when declared as JSON; otherwise it is routed without one, and refused.
            if request.header("content-type").is_some_and(|kind| kind.starts_with("application/json")) {
                match fields(body) {
                    Ok(params) => ask.params = params,
                    Err(detail) => return envelope::malformed(&detail, id),
                }
            }
            model = match ask.params.get("model").map(|raw| serde_json::from_str::<Option<String>>(raw.get())) {
                None => String::new(),
                Some(Ok(model)) => model.unwrap_or_default(),
                Some(Err(_)) => return envelope::malformed("field model must be a string", id),
            };
            if model.is_empty() {
                return envelope::missing_model(id);
            }
            ask.model = &model;
        }
    }
    (row.answer)(&ask)
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

fn matches(pattern: &str, path: &str) -> bool {
    let (mut patterns, mut segments) = (pattern.split('/'), path.split('/'));
    loop {
        match (patterns.next(), segments.next()) {
            (None, None) => return true,
            (Some(pattern), Some(segment)) => {
                let fits = match (pattern.strip_prefix('{'), pattern.split_once('}')) {
                    (Some(_), Some((_, suffix))) => segment.len() > suffix.len() && segment.ends_with(suffix),
                    _ => pattern == segment,
                };
                if !fits {
                    return false;
                }
            }
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns() {
        assert!(matches("/v1/responses", "/v1/responses"));
        assert!(!matches("/v1/responses", "/v1/responses/resp_1"));
        assert!(!matches("/v1/responses", "/v1/responses/"));
        assert!(matches("/mj/task/{id}/fetch", "/mj/task/17/fetch"));
        assert!(!matches("/mj/task/{id}/fetch", "/mj/task//fetch"));
        assert!(matches("/v1beta/models/{model}:generateContent", "/v1beta/models/gemini-2.5:generateContent"));
        assert!(!matches("/v1beta/models/{model}:generateContent", "/v1beta/models/gemini-2.5:embedContent"));
    }
}
