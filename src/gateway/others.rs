//! Endpoints that are served beside those that the package has methods for (H.4).
use bytes::Bytes;
use serde_json::{Value, json};

use super::ask::Ask;
use super::content::{BodyKind, Content};
use super::envelope::{self, Wording};
use super::ids::{self, Family};
use super::model::dated;
use super::text;

fn json_content(body: &Value) -> Content {
    Content::new(200, BodyKind::Json, Bytes::from(body.to_string()))
}

fn invalid(ask: &Ask, message: &str) -> Content {
    envelope::invalid_request(Wording::OpenAi, message, ask.id)
}

/// Routed, and nothing more.
pub(super) fn not_implemented(_: &Ask) -> Content {
    envelope::not_implemented()
}

/// `POST /v1/completions`
pub(super) fn complete(ask: &Ask) -> Content {
    let given = ask.fields();
    let prompt = match given.get("prompt") {
        Some(Value::String(prompt)) if !prompt.is_empty() => prompt.as_str(),
        Some(Value::Array(prompts)) => prompts.iter().find_map(Value::as_str).unwrap_or_default(),
        _ => return invalid(ask, "field prompt is required"),
    };
    let most = given.get("max_tokens").and_then(Value::as_u64).and_then(|most| usize::try_from(most).ok());
    let whole = text::reply(prompt);
    let said = text::cut(&whole, most.unwrap_or(usize::MAX));
    let finish = if said.len() < whole.len() { "length" } else { "stop" };
    let (asked, made) = (text::tokens(prompt), text::tokens(said));
    let usage = json!({"prompt_tokens": asked, "completion_tokens": made, "total_tokens": asked + made});
    let (id, created) = (ids::letters("cmpl-", 29), ids::now());
    let reply = |text: &str, finish: Value| {
        json!({"id": id, "object": "text_completion", "created": created, "model": dated(ask.model),
            "choices": [{"text": text, "index": 0, "logprobs": null, "finish_reason": finish}]})
    };
    if given.get("stream") != Some(&Value::Bool(true)) {
        let mut body = reply(said, finish.into());
        body["usage"] = usage;
        return json_content(&body);
    }
    let event = |body: &Value| Bytes::from(format!("data: {body}\n\n"));
    let mut content = Content::new(200, BodyKind::Events, Bytes::new());
    content.pieces = text::pieces(said).map(|piece| event(&reply(piece, Value::Null))).collect();
    content.pieces.push(event(&reply("", finish.into())));
    if given.get("stream_options").is_some_and(|options| options["include_usage"] == true) {
        let mut last = reply("", Value::Null);
        (last["choices"], last["usage"]) = (json!([]), usage);
        content.pieces.push(event(&last));
    }
    content.pieces.push(Bytes::from_static(b"data: [DONE]\n\n"));
    content
}

/// `POST /v1/moderations`, the one endpoint that needs no model.
pub(super) fn moderate(ask: &Ask) -> Content {
    const CATEGORIES: [&str; 6] = ["harassment", "hate", "illicit", "self-harm", "sexual", "violence"];
    let given = ask.fields();
    let model = given.get("model").and_then(Value::as_str).unwrap_or("text-moderation-stable");
    if let Err(refusal) = ask.serves(model) {
        return refusal;
    }
    let inputs = match given.get("input") {
        Some(Value::Array(inputs)) if !inputs.is_empty() => inputs.as_slice(),
        Some(input @ Value::String(text)) if !text.is_empty() => std::slice::from_ref(input),
        _ => return invalid(ask, "field input is required"),
    };
    let result = |input: &Value| {
        let bad = ["kill", "杀"].iter().any(|word| input.to_string().to_lowercase().contains(word));
        let of = |name: &str| bad && name == "violence";
        let flags: Value = CATEGORIES.iter().map(|name| ((*name).to_owned(), Value::from(of(name)))).collect();
        let score = |name: &&str| ((**name).to_owned(), Value::from(if of(name) { 0.93 } else { 0.0001 }));
        let scores: Value = CATEGORIES.iter().map(score).collect();
        json!({"flagged": bad, "categories": flags, "category_scores": scores})
    };
    let results: Vec<Value> = inputs.iter().map(result).collect();
    json_content(&json!({"id": ids::letters("modr-", 24), "model": model, "results": results}))
}

/// `POST /v1/rerank`: those that share most words with the query come first.
pub(super) fn rerank(ask: &Ask) -> Content {
    let given = ask.fields();
    let query = given.get("query").and_then(Value::as_str).unwrap_or_default().to_lowercase();
    if query.is_empty() {
        return invalid(ask, "query is empty");
    }
    let documents = given.get("documents").and_then(Value::as_array).filter(|documents| !documents.is_empty());
    let Some(documents) = documents else {
        return invalid(ask, "documents is empty");
    };
    let text_of = |document: &Value| document.as_str().or(document["text"].as_str()).unwrap_or_default().to_owned();
    let words: Vec<&str> = query.split_whitespace().collect();
    let score = |document: &Value| {
        let text = text_of(document).to_lowercase();
        let shared = words.iter().filter(|word| text.contains(**word)).count();
        (shared as f64 + 0.01) / (words.len() as f64 + 0.02)
    };
    let mut scored: Vec<(usize, f64)> = documents.iter().map(score).enumerate().collect();
    scored.sort_by(|a, b| b.1.total_cmp(&a.1));
    let most = given.get("top_n").and_then(Value::as_u64).and_then(|most| usize::try_from(most).ok());
    let shown = given.get("return_documents") != Some(&Value::Bool(false));
    let results: Vec<Value> = scored
        .into_iter()
        .take(most.filter(|most| *most > 0).unwrap_or(usize::MAX))
        .map(|(index, score)| match documents.get(index).filter(|_| shown) {
            Some(document) => {
                json!({"document": {"text": text_of(document)}, "index": index, "relevance_score": score})
            }
            None => json!({"index": index, "relevance_score": score}),
        })
        .collect();
    let tokens =
        text::tokens(&query) + documents.iter().map(|document| text::tokens(&text_of(document))).sum::<usize>();
    json_content(&json!({"results": results, "usage": {"prompt_tokens": tokens, "total_tokens": tokens}}))
}

/// `POST /v1/responses/compact`
pub(super) fn compact(ask: &Ask) -> Content {
    let given = ask.fields();
    let input = given.get("input").cloned().unwrap_or_default();
    let family = Family::new();
    let tokens = text::tokens(&input.to_string());
    let item = json!({"id": family.id("cmp"), "type": "compaction", "encrypted_content": ids::letters("gAAAAAB", 120)});
    json_content(&json!({
        "id": family.id("resp"), "object": "response.compaction", "created_at": ids::now(), "output": [item],
        "usage": {"input_tokens": tokens, "input_tokens_details": {"cached_tokens": 0}, "output_tokens": 30,
            "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": tokens + 30},
    }))
}

/// `POST /suno/submit/{action}`: routed, with no channel behind it.
pub(super) fn suno(ask: &Ask) -> Content {
    let action = ask.args.first().map(String::as_str).unwrap_or_default();
    envelope::unknown_model(&format!("suno_{}", action.to_lowercase()), ask.asker)
}
