//! `POST /v1/embeddings`: unit vectors made of each text's hash, the same for the same text in every process. Written
//! without a tree of JSON values between, so that benchmarks measure their client.
use std::borrow::Cow;

use bytes::Bytes;
use serde::Deserialize;

use super::ask::{Ask, kind_of};
use super::content::{BodyKind, Content};
use super::envelope::{self, Wording};
use super::text;
use super::text::quoted;

/// The upstream's limits.
const ITEMS: usize = 2048;
const TOKENS: usize = 8192;
const TOKENS_SUMMED: usize = 300_000;

/// Strings may borrow from the body.
#[derive(Deserialize)]
struct EmbeddedText<'a>(#[serde(borrow)] Cow<'a, str>);

/// What a vector is made of, and its tokens.
struct EmbeddedItem {
    seed: u64,
    tokens: usize,
}

impl EmbeddedItem {
    fn text(text: &str) -> Self {
        Self { seed: text::hash(text.bytes()), tokens: text::tokens(text) }
    }

    fn tokens(tokens: &[u32]) -> Self {
        Self { seed: text::hash(tokens.iter().flat_map(|token| token.to_le_bytes())), tokens: tokens.len() }
    }
}

/// The items of `input` in any of its forms; none for what is no input.
fn items(raw: &str) -> Option<Vec<EmbeddedItem>> {
    if let Ok(EmbeddedText(text)) = serde_json::from_str(raw) {
        return Some(vec![EmbeddedItem::text(&text)]);
    }
    if let Ok(texts) = serde_json::from_str::<Vec<EmbeddedText>>(raw) {
        return Some(texts.iter().map(|text| EmbeddedItem::text(&text.0)).collect());
    }
    if let Ok(tokens) = serde_json::from_str::<Vec<u32>>(raw) {
        return Some(vec![EmbeddedItem::tokens(&tokens)]);
    }
    let lists = serde_json::from_str::<Vec<Vec<u32>>>(raw).ok()?;
    Some(lists.iter().map(|tokens| EmbeddedItem::tokens(tokens)).collect())
}

pub(super) fn create(ask: &Ask) -> Content {
    let invalid = |message: &str| envelope::invalid_request(Wording::OpenAi, message, ask.id);
    let upstream = |message: &str, code: &str| envelope::upstream_refused(message, code, "");
    let given = |name: &str| ask.params.get(name).map(|raw| raw.get()).filter(|raw| *raw != "null");
    for (name, wanted, fits) in [
        ("dimensions", "int", (|raw| raw.parse::<i64>().is_ok()) as fn(&str) -> bool),
        ("encoding_format", "string", |raw| raw.starts_with('"')),
        ("user", "string", |raw| raw.starts_with('"')),
    ] {
        if let Some(raw) = given(name).filter(|raw| !fits(raw)) {
            let kind = kind_of(raw);
            return invalid(&format!(
                "json: cannot unmarshal {kind} into Go struct field EmbeddingRequest.{name} of type {wanted}"
            ));
        }
    }
    let Some(input) = given("input") else {
        return invalid("input is empty");
    };
    let items = match items(input) {
        Some(items) if !items.is_empty() && items.iter().all(|item| item.tokens > 0) => items,
        _ => {
            let message =
                "'$.input' is invalid. Please check the API reference: https://platform.openai.com/docs/api-reference.";
            return upstream(message, "");
        }
    };
    let count = items.len();
    if count > ITEMS {
        let message = format!(
            "Invalid 'input': array too long. Expected an array with maximum length {ITEMS}, but got an array with \
             length {count} instead."
        );
        return upstream(&message, "array_above_max_length");
    }
    if let Some(item) = items.iter().find(|item| item.tokens > TOKENS) {
        let message = format!(
            "This model's maximum context length is {TOKENS} tokens, however you requested {0} tokens ({0} in your \
             prompt; 0 for the completion). Please reduce your prompt; or completion length.",
            item.tokens
        );
        return upstream(&message, "");
    }
    let tokens: usize = items.iter().map(|item| item.tokens).sum();
    if tokens > TOKENS_SUMMED {
        let message = format!("Requested {tokens} tokens, max {TOKENS_SUMMED} tokens per request");
        return upstream(&message, "max_tokens_per_request");
    }
    let base64 = match given("encoding_format") {
        None | Some("\"float\"") => false,
        Some("\"base64\"") => true,
        Some(other) => {
            return upstream(
                &format!("Invalid value: {other}. Supported values are: 'float' and 'base64'."),
                "invalid_value",
            );
        }
    };
    let most = if ask.model.contains("3-large") { 3072 } else { 1536 };
    let dimensions = match given("dimensions").map(str::parse) {
        None => most,
        Some(_) if ask.model.contains("ada-002") => {
            return upstream("This model does not support specifying dimensions.", "");
        }
        Some(Ok(asked)) if (1..=most).contains(&asked) => asked,
        Some(_) => {
            let asked = given("dimensions").unwrap_or_default();
            let message = format!("Invalid value for 'dimensions' = {asked}. Must be between 1 and {most}.");
            return upstream(&message, "invalid_value");
        }
    };
    let body = write(&items, dimensions, base64, ask.model, tokens);
    Content::new(200, BodyKind::Json, Bytes::from(body))
}

fn write(items: &[EmbeddedItem], dimensions: usize, base64: bool, model: &str, tokens: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(items.len() * (dimensions * if base64 { 6 } else { 14 } + 64) + 256);
    out.extend_from_slice(b"{\"object\":\"list\",\"data\":[");
    let mut vector = Vec::with_capacity(dimensions);
    let mut bytes = Vec::with_capacity(dimensions * 4);
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        out.extend_from_slice(format!("{{\"object\":\"embedding\",\"index\":{index},\"embedding\":").as_bytes());
        unit_vector(item.seed, dimensions, &mut vector);
        if base64 {
            bytes.clear();
            bytes.extend(vector.iter().flat_map(|float| float.to_le_bytes()));
            out.push(b'"');
            base64_simd::STANDARD.encode_append(&bytes, &mut out);
            out.push(b'"');
        } else {
            let _ = serde_json::to_writer(&mut out, &vector); // a Vec takes everything
        }
        out.push(b'}');
    }
    let model = quoted(model);
    out.extend_from_slice(
        format!("],\"model\":{model},\"usage\":{{\"prompt_tokens\":{tokens},\"total_tokens\":{tokens}}}}}").as_bytes(),
    );
    out
}

/// Shorter ones begin like longer ones, as those of models that can be asked for fewer dimensions.
pub(super) fn unit_vector(seed: u64, dimensions: usize, vector: &mut Vec<f32>) {
    vector.clear();
    let mut state = seed;
    vector.extend((0..dimensions).map(|_| {
        // SplitMix64; the upper 24 bits as a number from -1 to 1.
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z >> 40) as f32 - 8_388_607.5) / 8_388_608.0
    }));
    let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
    vector.iter_mut().for_each(|x| *x /= length);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unit_vectors() {
        let vector = |text: &str, dimensions| {
            let mut vector = Vec::new();
            unit_vector(EmbeddedItem::text(text).seed, dimensions, &mut vector);
            vector
        };
        for dimensions in [1, 2, 256, 3072] {
            let length: f32 = vector("a", dimensions).iter().map(|x| x * x).sum();
            assert!((length - 1.0).abs() < 1e-4, "{length}");
        }
        assert_eq!(vector("a", 64), vector("a", 64));
        let likeness: f32 = vector("a", 1536).iter().zip(vector("b", 1536)).map(|(a, b)| a * b).sum();
        assert!(likeness.abs() < 0.2, "{likeness}");
    }

    #[test]
    fn inputs() {
        let count = |raw| items(raw).map(|items| items.iter().map(|item| item.tokens).collect::<Vec<_>>());
        assert_eq!(count("\"Hello!\""), Some(vec![2]));
        assert_eq!(count("[\"Hello!\",\"\\u4e2d\"]"), Some(vec![2, 1]));
        assert_eq!(count("[1,2,3]"), Some(vec![3]));
        assert_eq!(count("[[1,2,3],[4]]"), Some(vec![3, 1]));
        for wrong in ["1", "{}", "[\"a\",1]", "[null]", "[-1]", "[[1.5]]", "[[\"a\"]]"] {
            assert_eq!(count(wrong), None, "{wrong}");
        }
    }
}
