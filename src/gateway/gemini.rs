//! `POST /v1beta/models/{model}:generateContent` and `:streamGenerateContent`: Gemini's own dialect, whose errors are in
//! OpenAI's envelope.
use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::ask::Ask;
use super::content::{BodyKind, Content};
use super::embeddings::unit_vector;
use super::envelope::{self, UpstreamError, Wording};
use super::ids;
use super::rules::gemini_refused;
use super::text;
use super::tools::{self, CallChoice, Turn};

/// A white dot: what image models answer.
const PNG: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

/// `:generateContent`
pub(super) fn generate(ask: &Ask) -> Content {
    match GeminiReply::new(ask) {
        Ok(reply) => {
            let parts: Vec<Value> = reply.parts.iter().map(GeminiPart::value).collect();
            let body = json!({
                "candidates": [{"content": {"role": "model", "parts": parts}, "finishReason": "STOP", "index": 0,
                    "safetyRatings": []}],
                "usageMetadata": reply.usage(reply.tokens()),
                "modelVersion": ask.model,
            });
            Content::new(200, BodyKind::Json, Bytes::from(body.to_string()))
        }
        Err(refusal) => refusal,
    }
}

/// `:streamGenerateContent`: events, without `alt=sse` too (H.2).
pub(super) fn stream(ask: &Ask) -> Content {
    let reply = match GeminiReply::new(ask) {
        Ok(reply) => reply,
        Err(refusal) => return refusal,
    };
    let pieces: Vec<GeminiPart> = reply.parts.iter().flat_map(GeminiPart::pieces).collect();
    // An upstream of another dialect, converted, ends with an event of its own.
    let converted = !ask.model.starts_with("gemini");
    let mut chunks = Vec::with_capacity(pieces.len() + 1);
    let (last, whole, mut sent) = (pieces.len().saturating_sub(1), reply.tokens(), (0, 0));
    for (at, piece) in pieces.iter().enumerate() {
        // Counted piece by piece, it would come to more than the whole.
        sent = if at == last { whole } else { piece.add_tokens(sent) };
        let mut candidate = json!({"content": {"role": "model", "parts": [piece.value()]}});
        if let Some(candidate) = candidate.as_object_mut() {
            if at == last {
                candidate.insert("finishReason".into(), "STOP".into());
            }
            candidate.insert("index".into(), 0.into());
        }
        chunks.push(
            json!({"candidates": [candidate], "usageMetadata": reply.usage(sent), "modelVersion": ask.model})
                .to_string(),
        );
    }
    if converted {
        let candidate = json!({"content": {"role": "model", "parts": []}, "finishReason": "STOP", "index": 0,
            "safetyRatings": []});
        chunks.push(json!({"candidates": [candidate], "usageMetadata": reply.usage(sent)}).to_string());
    }
    let mut content = Content::new(200, BodyKind::Events, Bytes::new());
    content.pieces = chunks.into_iter().map(|chunk| format!("data: {chunk}\n\n").into()).collect();
    content
}

/// `:embedContent`
pub(super) fn embed(ask: &Ask) -> Content {
    let body = json!({"embedding": embedding(&Value::Object(ask.fields()))});
    Content::new(200, BodyKind::Json, Bytes::from(body.to_string()))
}

/// `:batchEmbedContents`
pub(super) fn embed_all(ask: &Ask) -> Content {
    let fields = ask.fields();
    let requests = fields.get("requests").and_then(Value::as_array).into_iter().flatten();
    let body = json!({"embeddings": requests.map(embedding).collect::<Vec<_>>()});
    Content::new(200, BodyKind::Json, Bytes::from(body.to_string()))
}

fn embedding(request: &Value) -> Value {
    let asked = request.get("outputDimensionality").and_then(Value::as_u64).unwrap_or(768);
    let text: String = parts(&request["content"]).filter_map(|part| part["text"].as_str()).collect();
    let mut vector = Vec::new();
    unit_vector(text::hash(text.bytes()), asked.clamp(1, 3072) as usize, &mut vector);
    json!({ "values": vector })
}

#[derive(Clone)]
enum GeminiPart {
    Thought(String),
    Text(String),
    Image,
    /// With its signature, where the model signs its calls.
    Call(Value, Option<String>),
}

impl GeminiPart {
    fn value(&self) -> Value {
        match self {
            Self::Thought(text) => json!({"text": text, "thought": true}),
            Self::Text(text) => json!({"text": text}),
            Self::Image => json!({"inlineData": {"mimeType": "image/png", "data": PNG}}),
            Self::Call(call, None) => json!({"functionCall": call}),
            Self::Call(call, Some(signature)) => json!({"functionCall": call, "thoughtSignature": signature}),
        }
    }

    /// As a stream sends it: text in runs of a few words.
    fn pieces(&self) -> Vec<GeminiPart> {
        let runs = |text: &str| {
            let words: Vec<&str> = text::pieces(text).collect();
            words.chunks(4).map(|run| run.concat()).collect::<Vec<_>>()
        };
        match self {
            Self::Thought(text) => runs(text).into_iter().map(Self::Thought).collect(),
            Self::Text(text) => runs(text).into_iter().map(Self::Text).collect(),
            other => vec![other.clone()],
        }
    }

    /// Tokens of the answer and of the thoughts, these included.
    fn add_tokens(&self, (answer, thoughts): (usize, usize)) -> (usize, usize) {
        match self {
            Self::Thought(text) => (answer, thoughts + text::tokens(text)),
            Self::Text(text) => (answer + text::tokens(text), thoughts),
            Self::Image => (answer + 1290, thoughts),
            Self::Call(call, _) => (answer + text::tokens(&call.to_string()), thoughts),
        }
    }
}

struct GeminiReply {
    parts: Vec<GeminiPart>,
    prompt_tokens: usize,
}

impl GeminiReply {
    fn new(ask: &Ask) -> Result<Self, Content> {
        let invalid = |message: &str| envelope::invalid_request(Wording::OpenAi, message, ask.id);
        let given: Map<String, Value> = ask
            .params
            .iter()
            .map(|(name, raw)| (name.clone(), serde_json::from_str(raw.get()).unwrap_or_default()))
            .collect();
        let contents = match given.get("contents") {
            Some(Value::Array(contents)) if !contents.is_empty() => contents,
            None | Some(Value::Null | Value::Array(_)) => return Err(invalid("contents is required")),
            Some(_) => {
                return Err(invalid(
                    "json: cannot unmarshal into Go struct field GeminiChatRequest.contents of type []dto.GeminiChatContent",
                ));
            }
        };
        if contents.iter().any(|content| !content.get("parts").is_some_and(Value::is_array)) {
            let message = "* GenerateContentRequest.contents[0].parts: contents.parts must not be empty.";
            let said = UpstreamError { message, kind: "upstream_error", code: "400", param: "" };
            return Err(envelope::upstream(Wording::OpenAi, 400, said, ask.id));
        }
        let functions = functions(&given);
        if let Err(message) = gemini_refused(&functions, contents, signs(ask.model)) {
            let said = UpstreamError { message: &message, kind: "upstream_error", code: "400", param: "" };
            return Err(envelope::upstream(Wording::OpenAi, 400, said, ask.id));
        }
        let config = either(&given, "generationConfig", "generation_config").and_then(Value::as_object);
        let option = |camel: &str, snake: &str| config.and_then(|config| either(config, camel, snake));
        let said = said(contents);
        let mut parts = Vec::new();
        let thinks = option("thinkingConfig", "thinking_config").and_then(Value::as_object);
        if thinks.and_then(|t| either(t, "includeThoughts", "include_thoughts")) == Some(&Value::Bool(true)) {
            let thought = "First I should see what is being asked, then think of the simplest answer to it.";
            parts.push(GeminiPart::Thought(thought.to_owned()));
        }
        let modalities = option("responseModalities", "response_modalities").and_then(Value::as_array);
        let draws = ask.model.contains("-image") || modalities.is_some_and(|all| all.iter().any(|m| m == "IMAGE"));
        let mime = option("responseMimeType", "response_mime_type").and_then(Value::as_str).unwrap_or_default();
        let results = tools::results(contents.iter().rev().map(turn));
        let plain = || tools::said(&results, &said).unwrap_or_else(|| text::reply(&said));
        let schema = option("responseSchema", "response_schema")
            .or_else(|| option("responseJsonSchema", "response_json_schema"));
        let calls = if results.is_empty() { called(&given, &functions, &said) } else { Vec::new() };
        if !calls.is_empty() {
            // Of several at once the first is signed.
            let mut signature = signs(ask.model).then(|| ids::letters("CiQ", 64));
            parts.extend(calls.into_iter().map(|call| GeminiPart::Call(call, signature.take())));
        } else {
            parts.push(GeminiPart::Text(match (mime, schema) {
                ("application/json", Some(schema)) => tools::answer(schema, &results),
                ("application/json", None) => json!({"reply": plain()}).to_string(),
                // One word of an enum, without quotes.
                ("text/x.enum", Some(schema)) => tools::answer(schema, &results).trim_matches('"').to_owned(),
                _ => plain(),
            }));
        }
        if draws {
            parts.push(GeminiPart::Image);
        }
        let system = either(&given, "systemInstruction", "system_instruction");
        let prompt_tokens = contents.iter().chain(system).map(tokens_of).sum::<usize>() + 3;
        Ok(Self { parts, prompt_tokens })
    }

    fn tokens(&self) -> (usize, usize) {
        self.parts.iter().fold((0, 0), |sum, part| part.add_tokens(sum))
    }

    fn usage(&self, (answer, thoughts): (usize, usize)) -> Value {
        json!({"promptTokenCount": self.prompt_tokens, "candidatesTokenCount": answer,
            "totalTokenCount": self.prompt_tokens + answer + thoughts, "thoughtsTokenCount": thoughts})
    }
}

/// A field in either spelling.
fn either<'a>(fields: &'a Map<String, Value>, camel: &str, snake: &str) -> Option<&'a Value> {
    fields.get(camel).or_else(|| fields.get(snake)).filter(|value| !value.is_null())
}

fn parts(content: &Value) -> impl Iterator<Item = &Value> {
    content.get("parts").and_then(Value::as_array).into_iter().flatten()
}

/// The last words of the user.
fn said(contents: &[Value]) -> String {
    let of_user = contents.iter().rev().find(|content| content.get("role").is_none_or(|role| role == "user"));
    let texts = of_user.into_iter().flat_map(parts).filter_map(|part| part.get("text")?.as_str());
    texts.collect::<Vec<_>>().join("\n")
}

fn tokens_of(content: &Value) -> usize {
    // A picture counts as one, not by its base64.
    parts(content).map(|part| part.get("text").and_then(Value::as_str).map_or(258, text::tokens)).sum()
}

/// Whether the model signs its calls, and wants the signatures back.
fn signs(model: &str) -> bool {
    model.starts_with("gemini-3")
}

fn turn(content: &Value) -> Turn {
    let has =
        |camel: &str, snake: &str| parts(content).any(|part| part.get(camel).or_else(|| part.get(snake)).is_some());
    let result = |part: &Value| {
        let response = &part.get("functionResponse").or_else(|| part.get("function_response"))?["response"];
        // What a tool returned lies in `result` or `output`, where it is no object itself.
        let only = response.as_object().filter(|fields| fields.len() == 1);
        let inner =
            only.and_then(|fields| ["result", "output"].iter().find_map(|name| fields.get(*name))).unwrap_or(response);
        Some(inner.as_str().map_or_else(|| inner.to_string(), str::to_owned))
    };
    let results: Vec<String> = parts(content).filter_map(result).collect();
    match content["role"].as_str() {
        _ if !results.is_empty() => Turn::Results(results),
        Some("model") if has("functionCall", "function_call") => Turn::Between,
        Some("model") => Turn::Said,
        _ => Turn::Asked,
    }
}

/// The functions that a request declares.
fn functions(given: &Map<String, Value>) -> Vec<&Value> {
    let tools = given.get("tools").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object);
    tools
        .filter_map(|tool| either(tool, "functionDeclarations", "function_declarations")?.as_array())
        .flatten()
        .collect()
}

/// The calls of functions.
fn called(given: &Map<String, Value>, functions: &[&Value], user: &str) -> Vec<Value> {
    let config = either(given, "toolConfig", "tool_config").and_then(Value::as_object);
    let calling = config.and_then(|config| either(config, "functionCallingConfig", "function_calling_config"));
    let calling = calling.and_then(Value::as_object);
    let choice = match calling.and_then(|calling| calling.get("mode")?.as_str()) {
        Some("ANY") => CallChoice::Must,
        Some("NONE") => CallChoice::Never,
        _ => CallChoice::Auto,
    };
    let allowed = calling.and_then(|calling| either(calling, "allowedFunctionNames", "allowed_function_names"));
    let allowed = allowed.and_then(Value::as_array).filter(|names| !names.is_empty());
    let offered: Vec<&Value> =
        functions.iter().copied().filter(|f| allowed.is_none_or(|names| names.contains(&f["name"]))).collect();
    let known: Vec<(&str, &str)> = offered
        .iter()
        .map(|f| (f["name"].as_str().unwrap_or_default(), f["description"].as_str().unwrap_or_default()))
        .collect();
    let called = tools::called(&known, choice, user, true).into_iter().filter_map(|at| offered.get(at));
    called
        .map(|f| {
            let schema =
                ["parameters", "parametersJsonSchema", "parameters_json_schema"].iter().find_map(|name| f.get(*name));
            json!({"name": f["name"], "args": tools::arguments(schema)})
        })
        .collect()
}
