//! What the gateway says of itself: its models, their prices, the account. The first rows are the reference's samples.
use std::borrow::Cow;
use std::io::Write as _;
use std::sync::Arc;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use super::ask::Ask;
use super::content::{BodyKind, Content};
use super::envelope::Refusal;
use super::ids;
use super::journal::Entry;

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
    /// Of pictures' tokens and of sound's to those of text; of spoken to heard ones.
    image: Option<f64>,
    audio: Option<f64>,
    audio_completion: Option<f64>,
    /// Dollars per million tokens, by an expression: the ratios mean nothing then.
    expression: Option<&'static str>,
}

const PLAIN: Model = Model {
    id: "",
    owner: "",
    endpoints: &[],
    per_call: None,
    ratio: 0.0,
    completion: 0.0,
    cache: None,
    create_cache: None,
    image: None,
    audio: None,
    audio_completion: None,
    expression: None,
};

const fn tokens(id: &'static str, owner: &'static str, endpoints: &'static [&'static str], prices: [f64; 3]) -> Model {
    let [ratio, completion, cache] = prices;
    Model { id, owner, endpoints, ratio, completion, cache: Some(cache), ..PLAIN }
}

const fn call(id: &'static str, owner: &'static str, endpoints: &'static [&'static str], price: f64) -> Model {
    Model { id, owner, endpoints, per_call: Some(price), ..PLAIN }
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
    Model { image: Some(2.0), ..tokens("gpt-image-1", "openai", &["image-generation"], [2.5, 8.0, 0.25]) },
    Model {
        audio: Some(16.0),
        audio_completion: Some(2.0),
        ..tokens("gpt-4o-audio-preview", "openai", &["openai"], [1.25, 4.0, 1.0])
    },
    Model {
        expression: Some("tier(\"base\", p * 1.2 + c * 6)"),
        ..tokens("qwen3-max", "ali", &["openai"], [37.5, 1.0, 1.0])
    },
    tokens("gpt-5-mini", "openai", &["openai", "openai-response"], [0.125, 8.0, 0.1]),
];

fn json_content(body: &Value) -> Content {
    Content::new(200, BodyKind::Json, Bytes::from(body.to_string()))
}

/// A model that the gateway was told of and knows nothing else about.
fn named(id: &str) -> Value {
    json!({"id": id, "object": "model", "created": CREATED, "owned_by": "custom", "supported_endpoint_types": ["openai"]})
}

fn row(model: &Model) -> Value {
    json!({"id": model.id, "object": "model", "created": CREATED, "owned_by": model.owner,
        "supported_endpoint_types": model.endpoints})
}

/// Those that there are: the ones that the gateway was told of, or all that it knows.
fn listed(ask: &Ask) -> Vec<Value> {
    match &ask.shared.config.models {
        None => MODELS.iter().map(row).collect(),
        Some(models) => {
            let known = |id: &String| MODELS.iter().find(|model| model.id == id).map_or_else(|| named(id), row);
            models.iter().map(known).collect()
        }
    }
}

/// `GET /v1/models`, in the shape of the dialect whose headers it has.
pub(super) fn models(ask: &Ask) -> Content {
    let has = |name| ask.request.header(name).is_some_and(|value| !value.is_empty());
    let key_in_query = ask.request.query.split('&').any(|pair| pair.starts_with("key="));
    let rows = listed(ask);
    if has("x-api-key") && has("anthropic-version") {
        let id = |row: Option<&Value>| row.map(|row| row["id"].clone());
        let (first, last) = (id(rows.first()), id(rows.last()));
        let row = |row: &Value| json!({"id": row["id"], "created_at": "2021-07-20T10:40:00Z", "display_name": row["id"], "type": "model"});
        let rows: Vec<_> = rows.iter().map(row).collect();
        return json_content(&json!({"data": rows, "first_id": first, "has_more": false, "last_id": last}));
    }
    if has("x-goog-api-key") || key_in_query {
        return gemini_models(ask);
    }
    json_content(&json!({"data": rows, "object": "list", "success": true}))
}

/// `GET /v1beta/models`
pub(super) fn gemini_models(ask: &Ask) -> Content {
    let row = |row: &Value| json!({"name": row["id"], "displayName": row["id"]});
    let rows: Vec<_> = listed(ask).iter().map(row).collect();
    json_content(&json!({"models": rows, "nextPageToken": null}))
}

/// `GET /v1/models/{model}`: one that is not in the list is refused with status 200.
pub(super) fn model(ask: &Ask) -> Content {
    let id = ask.args.first().map(String::as_str).unwrap_or_default();
    match listed(ask).iter().find(|row| row["id"] == id) {
        Some(row) => json_content(row),
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
        for (name, ratio) in [
            ("cache_ratio", model.cache),
            ("create_cache_ratio", model.create_cache),
            ("image_ratio", model.image),
            ("audio_ratio", model.audio),
            ("audio_completion_ratio", model.audio_completion),
        ] {
            if let Some(ratio) = ratio {
                row[name] = ratio.into();
            }
        }
        if let Some(expression) = model.expression {
            (row["billing_mode"], row["billing_expr"]) = ("tiered_expr".into(), expression.into());
        }
        row
    };
    let rows: Vec<_> = MODELS.iter().filter(|model| ask.serves(model.id).is_ok()).map(row).collect();
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

/// What a key may spend, has spent, and until when it is good, in the gateway's unit: 500 000 to the dollar.
pub(super) fn key_usage(ask: &Ask) -> Content {
    const GRANTED: u64 = 10_000_000;
    let used = if ask.refusal == Some(Refusal::KeyUsedUp) { GRANTED } else { 3_676_250 };
    let until = if ask.refusal == Some(Refusal::KeyExpired) { ids::now() - 86_400 } else { 0 };
    let models = ask.shared.config.models.iter().flatten();
    let limits: Value = models.map(|id| (id.clone(), Value::Bool(true))).collect();
    json_content(&json!({"code": true, "message": "ok", "data": {"object": "token_usage", "name": "local",
        "total_granted": GRANTED, "total_used": used, "total_available": GRANTED - used, "unlimited_quota": false,
        "model_limits": limits, "model_limits_enabled": ask.shared.config.models.is_some(), "expires_at": until}}))
}

/// The calls of a key that were answered, the newest first.
pub(super) fn key_log(ask: &Ask) -> Content {
    let call = |(id, entry): (usize, &Arc<Entry>)| {
        let model = entry.body().map(|body| (ask.named)(&entry.request, &body)).unwrap_or_default();
        let own = entry.request.key() == Some(ask.key) && entry.outcome().status == Some(200) && !model.is_empty();
        own.then(|| {
            json!({"id": id + 1, "user_id": 1, "created_at": ids::now(), "type": 2, "content": "", "username": "local",
                "token_name": "local", "model_name": model, "quota": 1000, "prompt_tokens": 9, "completion_tokens": 9,
                "use_time": 1, "group": "default", "other": "{}"})
        })
    };
    let entries = ask.shared.journal.entries();
    let calls: Vec<Value> = entries.iter().enumerate().rev().filter_map(call).collect();
    json_content(&json!({"data": calls, "message": "", "success": true}))
}
