//! What the gateway says of itself: its models, their prices, the account. The first rows are the reference's samples.
use std::borrow::Cow;
use std::io::Write as _;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use super::rows::Ask;
use super::script::{Content, Kind};

const CREATED: u64 = 1_626_777_600;

struct Model {
    id: &'static str,
    owner: &'static str,
    endpoints: &'static [&'static str],
    /// Per call instead of per token.
    per_call: Option<f64>,
    /// Of prompt tokens, of completion tokens to those, of cached ones, of ones written to the cache.
    ratio: f64,
    completion: f64,
    cache: Option<f64>,
    create_cache: Option<f64>,
}

const fn tokens(id: &'static str, owner: &'static str, endpoints: &'static [&'static str], prices: [f64; 3]) -> Model {
    let [ratio, completion, cache] = prices;
    Model { id, owner, endpoints, per_call: None, ratio, completion, cache: Some(cache), create_cache: None }
}

const fn call(id: &'static str, owner: &'static str, endpoints: &'static [&'static str], price: f64) -> Model {
    Model { id, owner, endpoints, per_call: Some(price), ratio: 0.0, completion: 0.0, cache: None, create_cache: None }
}

static MODELS: &[Model] = &[
    Model { cache: None, ..tokens("gpt-4o", "openai", &["openai"], [1.25, 4.0, 0.5]) },
    Model {
        create_cache: Some(1.25),
        ..tokens("claude-sonnet-4-20250514", "claude", &["anthropic", "openai"], [1.5, 5.0, 0.1])
    },
    call("mj_imagine", "midjourney", &[], 0.1),
    tokens("gpt-5", "openai", &["openai", "openai-response"], [0.625, 8.0, 0.1]),
    tokens("gemini-2.5-flash", "google gemini", &["gemini", "openai"], [0.15, 8.333, 0.25]),
    call("sora-2", "openai", &["openai-video"], 0.4),
];

fn json_content(body: &Value) -> Content {
    Content::new(200, Kind::Json, Bytes::from(body.to_string()))
}

fn row(model: &Model) -> Value {
    json!({"id": model.id, "object": "model", "created": CREATED, "owned_by": model.owner,
        "supported_endpoint_types": model.endpoints})
}

/// `GET /v1/models`, in the shape of the dialect whose headers it has.
pub(super) fn models(ask: &Ask) -> Content {
    let has = |name| ask.request.header(name).is_some_and(|value| !value.is_empty());
    let key_in_query = ask.request.query.split('&').any(|pair| pair.starts_with("key="));
    if has("x-api-key") && has("anthropic-version") {
        let (first, last) = (MODELS.first().map(|m| m.id), MODELS.last().map(|m| m.id));
        let row = |model: &Model| json!({"id": model.id, "created_at": "2021-07-20T10:40:00Z", "display_name": model.id, "type": "model"});
        let rows: Vec<_> = MODELS.iter().map(row).collect();
        return json_content(&json!({"data": rows, "first_id": first, "has_more": false, "last_id": last}));
    }
    if has("x-goog-api-key") || key_in_query {
        let row = |model: &Model| json!({"name": model.id, "displayName": model.id});
        let rows: Vec<_> = MODELS.iter().map(row).collect();
        return json_content(&json!({"models": rows, "nextPageToken": null}));
    }
    let rows: Vec<_> = MODELS.iter().map(row).collect();
    json_content(&json!({"data": rows, "object": "list", "success": true}))
}

/// `GET /v1/models/{model}`: one that is not in the list is refused with status 200.
pub(super) fn model(ask: &Ask) -> Content {
    let id = ask.args.first().map(String::as_str).unwrap_or_default();
    match MODELS.iter().find(|model| model.id == id) {
        Some(model) => json_content(&row(model)),
        None => json_content(&json!({"error": {"message": format!("The model '{id}' does not exist"),
            "type": "invalid_request_error", "param": "model", "code": "model_not_found"}})),
    }
}

/// `GET /api/pricing`: compressed for whoever takes that.
pub(super) fn pricing(ask: &Ask) -> Content {
    let row = |model: &Model| {
        let mut row = json!({"model_name": model.id, "quota_type": u8::from(model.per_call.is_some()),
            "model_ratio": model.ratio, "model_price": model.per_call.unwrap_or(0.0), "owner_by": "",
            "completion_ratio": model.completion, "enable_groups": ["default"],
            "supported_endpoint_types": model.endpoints});
        for (name, ratio) in [("cache_ratio", model.cache), ("create_cache_ratio", model.create_cache)] {
            if let (Some(ratio), Some(row)) = (ratio, row.as_object_mut()) {
                row.insert(name.to_owned(), ratio.into());
            }
        }
        row
    };
    let rows: Vec<_> = MODELS.iter().map(row).collect();
    let mut content = json_content(&json!({"success": true, "data": rows, "vendors": [{"id": 1, "name": "OpenAI"}],
        "group_ratio": {"default": 1}, "usable_group": {"default": "默认分组"},
        "supported_endpoint": {"openai": {"path": "/v1/chat/completions", "method": "POST"}},
        "auto_groups": ["default"]}));
    if ask.request.header("accept-encoding").is_some_and(|all| all.contains("gzip")) {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        let written = content.pieces.iter().try_for_each(|piece| encoder.write_all(piece));
        if let (Ok(()), Ok(packed)) = (written, encoder.finish()) {
            content.pieces = vec![packed.into()];
            content.headers.push((Cow::Borrowed("Content-Type"), "application/json; charset=utf-8".into()));
            content.headers.push((Cow::Borrowed("Content-Encoding"), "gzip".into()));
        }
    }
    content
}

/// `GET /v1/dashboard/billing/subscription`
pub(super) fn subscription(_: &Ask) -> Content {
    json_content(&json!({"object": "billing_subscription", "has_payment_method": true, "soft_limit_usd": 20.0,
        "hard_limit_usd": 20.0, "system_hard_limit_usd": 20.0, "access_until": 0}))
}

/// `GET /v1/dashboard/billing/usage`: in cents.
pub(super) fn usage(_: &Ask) -> Content {
    json_content(&json!({"object": "list", "total_usage": 735.25}))
}
