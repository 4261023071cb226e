//! The endpoint table: one row an endpoint, the only place that knows its method, path and dialect.
use reqwest::Method;
use reqwest::header::{AUTHORIZATION, HeaderName, HeaderValue, InvalidHeaderValue};

use super::dialect::Dialect;
use super::secret::Secret;

#[derive(Debug)]
pub struct Endpoint {
    /// As the Python resources call it: `responses.create`.
    pub id: &'static str,
    pub method: &'static Method,
    /// From the root; `{name}` stands for a path argument.
    pub path: &'static str,
    pub dialect: Dialect,
    /// Fields that hold binary data, and how it is written there: `bytes` and paths are welcome at these names.
    pub binary: &'static [(&'static str, Binary)],
    /// Parameters that go as headers, and these; a list with commas.
    pub headers: &'static [(&'static str, &'static str)],
    pub body: Encoding,
    pub answer: Answer,
    /// How its JSON is told from an error's.
    pub marks: &'static Marks,
    pub access: Access,
    /// A task that is begun costs money: it is never sent again where it may have been accepted.
    pub billed: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Binary {
    Base64,
    /// `data:image/png;base64,…`
    DataUri,
    /// Base64, and a `media_type` beside it where there is none.
    Source,
    /// The same with a `mime_type`.
    InlineData,
    /// A part of a multipart form, with a file name and a type.
    File,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    Json,
    /// `multipart/form-data`
    Form,
    /// A form where it has a file, JSON otherwise.
    Either,
}

/// What a whole reply is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    Json,
    /// JSON with embeddings, which are taken out of it.
    Vectors,
    /// JSON whose `code`, where it has one, says whether it is an error: Midjourney's.
    Outcome,
    /// Plain text, whatever it looks like; JSON only if it says so.
    Text,
    /// Audio, an image, a video; JSON is an error.
    Bytes,
}

/// What tells a reply from an error in a 2xx (REFERENCE G.6).
#[derive(Debug)]
pub struct Marks {
    /// The names of what it answers with, each with the first bytes that its JSON may have. With one of them that is not
    /// empty it is a reply, whatever else it says.
    pub answers: &'static [(&'static str, &'static str)],
    /// Its other fields: with one of them it is a reply without an answer, unless it speaks of an error.
    pub fields: &'static [&'static str],
    /// It may say what became of something that failed: an object with an id and a kind or a status is a reply.
    pub fails: bool,
    /// It may be a list.
    pub list: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    Key,
    /// Open to everybody: the key stays here.
    Public,
    /// At whatever host a URL names: nothing of the client's own goes along, and redirects are followed.
    Foreign,
    /// At the URL of a result: with the key where that is the gateway's own host, else as `Foreign` (REFERENCE H.3).
    Result,
}

/// How the key goes along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Auth {
    /// `Authorization: Bearer …`
    Bearer,
    /// `x-api-key: …`
    ApiKey,
}

impl Answer {
    pub fn is_json(self) -> bool {
        matches!(self, Self::Json | Self::Vectors)
    }
}

const LIST: &str = "[";
const TEXT: &str = "\"";
/// A number, or one written as a text.
pub const ID: &str = "\"0123456789";
const FIGURE: &str = "0123456789-\"";

/// Any path, of which nothing is known: only what is an error by all signs is one.
static ANY: Marks =
    Marks::new(&[("choices", LIST), ("output", "[{\""), ("content", "[\""), ("data", "[{"), ("candidates", LIST)], &[])
        .fails()
        .list();
static RESPONSE: Marks = Marks::new(
    &[("output", LIST), ("output_text", TEXT)],
    &["id", "object", "created_at", "model", "usage", "incomplete_details"],
)
.fails();
static ITEMS: Marks = Marks::new(&[("data", LIST)], &["object", "first_id", "last_id", "has_more"]);
static COMPACTED: Marks = Marks::new(&[("output", LIST)], &["id", "object", "created_at", "usage"]);
static COUNTED: Marks = Marks::new(&[("input_tokens", FIGURE), ("totalTokens", FIGURE)], &["object"]);
static VERDICTS: Marks = Marks::new(&[("results", LIST)], &["id", "model"]);
static RANKED: Marks = Marks::new(&[("results", LIST)], &["usage", "model", "id", "meta"]);
static EMBEDDING: Marks = Marks::new(&[("embedding", "{")], &["usageMetadata"]);
static EMBEDDINGS: Marks = Marks::new(&[("embeddings", LIST)], &["usageMetadata"]);
// A key that is wrong is told of by `"success": false`.
static KEY: Marks = Marks::new(&[("data", "{")], &[]);
static DELETED: Marks = Marks::new(&[("deleted", "tf")], &["id", "object"]);
static COMPLETION: Marks = Marks::new(
    &[("choices", LIST)],
    &["id", "object", "created", "model", "usage", "service_tier", "system_fingerprint", "prompt_filter_results"],
);
static MESSAGE: Marks =
    Marks::new(&[("content", "[\"")], &["id", "role", "model", "stop_reason", "stop_sequence", "usage", "container"]);
// A prompt that was refused has no candidates.
static CONTENT: Marks = Marks::new(
    &[("candidates", LIST), ("promptFeedback", "{"), ("prompt_feedback", "{")],
    &["usageMetadata", "usage_metadata", "modelVersion", "model_version", "responseId", "response_id", "createTime"],
);
// Where `alt=sse` was not understood it is a list of chunks.
static CONTENTS: Marks = Marks::new(CONTENT.answers, CONTENT.fields).list();
static TRANSCRIPT: Marks =
    Marks::new(&[("text", TEXT)], &["segments", "words", "language", "duration", "usage", "task", "logprobs"]);
static PICTURES: Marks =
    Marks::new(&[("data", LIST)], &["created", "usage", "background", "output_format", "quality", "size", "model"]);
static VECTORS: Marks = Marks::new(&[("data", LIST)], &["object", "model", "usage", "id"]);
static MODELS: Marks =
    Marks::new(&[("data", LIST), ("models", LIST)], &["object", "first_id", "last_id", "has_more", "nextPageToken"]);
static MODEL: Marks = Marks::new(&[("id", ID), ("name", TEXT)], &["object", "owned_by", "created", "display_name"]);
static PRICES: Marks = Marks::new(
    &[("data", LIST)],
    &["vendors", "group_ratio", "usable_group", "supported_endpoint", "auto_groups", "pricing_version"],
);
static SUBSCRIPTION: Marks = Marks::new(
    &[("hard_limit_usd", FIGURE), ("soft_limit_usd", FIGURE), ("system_hard_limit_usd", FIGURE)],
    &["object", "has_payment_method", "access_until"],
);
static USAGE: Marks = Marks::new(&[("total_usage", FIGURE)], &["object", "daily_costs"]);
static VIDEO: Marks = Marks::new(
    &[("task_id", ID), ("data", "{[")],
    &["id", "object", "model", "progress", "created_at", "completed_at", "seconds", "size"],
)
.fails();
static CHARACTER: Marks = Marks::new(&[("id", ID), ("name", TEXT)], &["created_at"]);
// Its JSON is never what was asked for.
static FILE: Marks = Marks::new(&[], &[]);
static SUBMITTED: Marks = Marks::new(&[("result", ID), ("id", ID)], &[]);
static TASK: Marks = Marks::new(&[("id", ID), ("action", TEXT), ("imageUrl", TEXT)], &["progress", "buttons"]);
static TASKS: Marks = Marks::new(&[], &[]).list();
static UPLOADED: Marks = Marks::new(&[("result", LIST)], &[]);
static SEED: Marks = Marks::new(&[("result", ID), ("seed", ID)], &[]);

impl Marks {
    const fn new(answers: &'static [(&'static str, &'static str)], fields: &'static [&'static str]) -> Self {
        Self { answers, fields, fails: false, list: false }
    }

    const fn fails(self) -> Self {
        Self { fails: true, ..self }
    }

    const fn list(self) -> Self {
        Self { list: true, ..self }
    }

    /// Whether nothing is known of it.
    pub fn any(&self) -> bool {
        self.fails && self.list
    }
}

impl Dialect {
    /// What tells its usual reply from an error.
    pub const fn marks(self) -> &'static Marks {
        match self {
            Self::Plain => &ANY,
            Self::Speech => &FILE,
            Self::Responses => &RESPONSE,
            Self::Chat => &COMPLETION,
            Self::Messages => &MESSAGE,
            Self::Midjourney => &SUBMITTED,
            Self::Gemini => &CONTENT,
            Self::Transcripts => &TRANSCRIPT,
            Self::ImageGeneration | Self::ImageEdit => &PICTURES,
        }
    }

    pub fn auth(self) -> Auth {
        match self {
            Self::Messages => Auth::ApiKey,
            _ => Auth::Bearer,
        }
    }
}

impl Auth {
    pub const API_KEY: HeaderName = HeaderName::from_static("x-api-key");

    pub fn header(self) -> HeaderName {
        match self {
            Self::Bearer => AUTHORIZATION,
            Self::ApiKey => Self::API_KEY,
        }
    }

    pub fn value(self, key: &Secret) -> Result<HeaderValue, InvalidHeaderValue> {
        key.header(self == Self::Bearer)
    }
}

const RESPONSES_BINARY: &[(&str, Binary)] = &[
    ("image_url", Binary::DataUri),
    ("file_data", Binary::DataUri),
    ("data", Binary::Base64),
    ("result", Binary::Base64),
];

const CHAT_BINARY: &[(&str, Binary)] =
    &[("url", Binary::DataUri), ("file_data", Binary::DataUri), ("data", Binary::Base64)];
const MODERATION_BINARY: &[(&str, Binary)] = &[("url", Binary::DataUri)];
// `source.data` of an image or a document.
const MESSAGES_BINARY: &[(&str, Binary)] = &[("data", Binary::Source)];
// `inline_data.data` of a part.
const GEMINI_BINARY: &[(&str, Binary)] = &[("data", Binary::InlineData)];
const VIDEO_BINARY: &[(&str, Binary)] = &[("input_reference", Binary::File), ("images", Binary::DataUri)];
const FILMS: &[(&str, Binary)] = &[("video", Binary::File)];
const KLING_BINARY: &[(&str, Binary)] =
    &[("image", Binary::Base64), ("images", Binary::Base64), ("image_tail", Binary::Base64)];

const MJ_BINARY: &[(&str, Binary)] = &[
    ("base64Array", Binary::DataUri),
    ("base64", Binary::DataUri),
    ("maskBase64", Binary::DataUri),
    ("image", Binary::DataUri),
    ("endImage", Binary::DataUri),
    ("sourceBase64", Binary::DataUri),
    ("targetBase64", Binary::DataUri),
];
const AUDIO_BINARY: &[(&str, Binary)] = &[("file", Binary::File), ("known_speaker_references", Binary::DataUri)];
const IMAGES_FILES: &[(&str, Binary)] = &[("image", Binary::File), ("mask", Binary::File), ("markup", Binary::File)];

// Anthropic's, whose package has them among the parameters.
const MESSAGES_HEADERS: &[(&str, &str)] = &[
    ("betas", "anthropic-beta"),
    ("user_profile_id", "anthropic-user-profile-id"),
    ("workspace_id", "anthropic-workspace-id"),
];
// OpenAI's.
const RESPONSES_HEADERS: &[(&str, &str)] = &[("betas", "openai-beta")];
const MODELS_HEADERS: &[(&str, &str)] = &[("betas", "anthropic-beta"), ("workspace_id", "anthropic-workspace-id")];

static GET: Method = Method::GET;
static POST: Method = Method::POST;
static DELETE: Method = Method::DELETE;
static PUT: Method = Method::PUT;
static PATCH: Method = Method::PATCH;

#[rustfmt::skip]
pub static ENDPOINTS: &[Endpoint] = &[
    Endpoint::post("responses.create", "/v1/responses").dialect(Dialect::Responses).binary(RESPONSES_BINARY).headers(RESPONSES_HEADERS),
    Endpoint::get("responses.retrieve", "/v1/responses/{response_id}").dialect(Dialect::Responses).headers(RESPONSES_HEADERS),
    Endpoint::delete("responses.delete", "/v1/responses/{response_id}").marks(&DELETED).headers(RESPONSES_HEADERS),
    Endpoint::post("responses.cancel", "/v1/responses/{response_id}/cancel").dialect(Dialect::Responses).headers(RESPONSES_HEADERS),
    Endpoint::get("responses.input_items.list", "/v1/responses/{response_id}/input_items").marks(&ITEMS).headers(RESPONSES_HEADERS),
    Endpoint::post("responses.compact", "/v1/responses/compact").dialect(Dialect::Responses).binary(RESPONSES_BINARY).marks(&COMPACTED).headers(RESPONSES_HEADERS),
    Endpoint::post("responses.input_tokens.count", "/v1/responses/input_tokens").dialect(Dialect::Responses).binary(RESPONSES_BINARY).marks(&COUNTED).headers(RESPONSES_HEADERS),
    Endpoint::post("chat.completions.create", "/v1/chat/completions").dialect(Dialect::Chat).binary(CHAT_BINARY),
    Endpoint::post("messages.create", "/v1/messages").dialect(Dialect::Messages).binary(MESSAGES_BINARY).headers(MESSAGES_HEADERS),
    Endpoint::post("messages.count_tokens", "/v1/messages/count_tokens").dialect(Dialect::Messages).binary(MESSAGES_BINARY).headers(MESSAGES_HEADERS).marks(&COUNTED),
    Endpoint::post("completions.create", "/v1/completions").dialect(Dialect::Chat),
    Endpoint::post("moderations.create", "/v1/moderations").binary(MODERATION_BINARY).marks(&VERDICTS),
    Endpoint::post("rerank.create", "/v1/rerank").marks(&RANKED),
    Endpoint::audio("audio.transcriptions.create", "/v1/audio/transcriptions"),
    Endpoint::audio("audio.translations.create", "/v1/audio/translations"),
    // As text or subtitles.
    Endpoint::audio("audio.transcriptions.text.create", "/v1/audio/transcriptions").answer(Answer::Text),
    Endpoint::audio("audio.translations.text.create", "/v1/audio/translations").answer(Answer::Text),
    Endpoint::post("audio.speech.create", "/v1/audio/speech").dialect(Dialect::Speech).answer(Answer::Bytes),
    Endpoint::post("embeddings.create", "/v1/embeddings").answer(Answer::Vectors).marks(&VECTORS),
    // The same for a caller who asks for base64 and wants to have it.
    Endpoint::post("embeddings.as_sent.create", "/v1/embeddings").marks(&VECTORS),
    Endpoint::post("midjourney.imagine", "/mj/submit/imagine").midjourney_submit(),
    Endpoint::post("midjourney.blend", "/mj/submit/blend").midjourney_submit(),
    Endpoint::post("midjourney.action", "/mj/submit/action").midjourney_submit(),
    Endpoint::post("midjourney.modal", "/mj/submit/modal").midjourney_submit(),
    Endpoint::post("midjourney.change", "/mj/submit/change").midjourney_submit(),
    Endpoint::post("midjourney.simple_change", "/mj/submit/simple-change").midjourney_submit(),
    Endpoint::post("midjourney.describe", "/mj/submit/describe").midjourney_submit(),
    Endpoint::post("midjourney.shorten", "/mj/submit/shorten").midjourney_submit(),
    Endpoint::post("midjourney.edits", "/mj/submit/edits").midjourney_submit(),
    Endpoint::post("midjourney.video", "/mj/submit/video").midjourney_submit(),
    Endpoint::post("midjourney.swap_face", "/mj/insight-face/swap").midjourney_submit(),
    Endpoint::post("midjourney.upload", "/mj/submit/upload-discord-images").midjourney_submit().marks(&UPLOADED),
    Endpoint::get("midjourney.fetch", "/mj/task/{task_id}/fetch").dialect(Dialect::Midjourney).answer(Answer::Outcome).marks(&TASK),
    Endpoint::post("midjourney.list", "/mj/task/list-by-condition").dialect(Dialect::Midjourney).answer(Answer::Outcome).marks(&TASKS),
    Endpoint::get("midjourney.seed", "/mj/task/{task_id}/image-seed").dialect(Dialect::Midjourney).answer(Answer::Outcome).marks(&SEED),
    Endpoint::get("models.list", "/v1/models").marks(&MODELS).headers(MODELS_HEADERS),
    Endpoint::get("models.retrieve", "/v1/models/{model}").marks(&MODEL).headers(MODELS_HEADERS),
    Endpoint::delete("models.delete", "/v1/models/{model}").marks(&DELETED),
    Endpoint::post("gemini.generate_content", "/v1beta/models/{model}:generateContent").dialect(Dialect::Gemini).binary(GEMINI_BINARY),
    Endpoint::post("gemini.stream.generate_content", "/v1beta/models/{model}:streamGenerateContent").dialect(Dialect::Gemini).binary(GEMINI_BINARY).marks(&CONTENTS),
    Endpoint::post("gemini.embed_content", "/v1beta/models/{model}:embedContent").dialect(Dialect::Gemini).binary(GEMINI_BINARY).marks(&EMBEDDING),
    Endpoint::post("gemini.batch_embed_contents", "/v1beta/models/{model}:batchEmbedContents").dialect(Dialect::Gemini).binary(GEMINI_BINARY).marks(&EMBEDDINGS),
    Endpoint::post("gemini.count_tokens", "/v1beta/models/{model}:countTokens").dialect(Dialect::Gemini).binary(GEMINI_BINARY).marks(&COUNTED),
    Endpoint::get("gemini.list_models", "/v1beta/models").dialect(Dialect::Gemini).marks(&MODELS),
    Endpoint::post("videos.create", "/v1/videos").body(Encoding::Either).binary(VIDEO_BINARY).billed().marks(&VIDEO),
    Endpoint::get("videos.retrieve", "/v1/videos/{video_id}").marks(&VIDEO),
    Endpoint::get("videos.download_content", "/v1/videos/{video_id}/content").answer(Answer::Bytes).marks(&FILE),
    Endpoint::post("videos.remix", "/v1/videos/{video_id}/remix").billed().marks(&VIDEO),
    Endpoint::post("videos.edit", "/v1/videos/edits").body(Encoding::Either).binary(FILMS).billed().marks(&VIDEO),
    Endpoint::post("videos.extend", "/v1/videos/extensions").body(Encoding::Either).binary(FILMS).billed().marks(&VIDEO),
    Endpoint::get("videos.list", "/v1/videos").marks(&ITEMS),
    Endpoint::delete("videos.delete", "/v1/videos/{video_id}").marks(&DELETED),
    Endpoint::post("videos.create_character", "/v1/videos/characters").body(Encoding::Form).binary(FILMS).billed().marks(&CHARACTER),
    Endpoint::get("videos.get_character", "/v1/videos/characters/{character_id}").marks(&CHARACTER),
    Endpoint::post("videos.generations.create", "/v1/video/generations").binary(KLING_BINARY).billed().marks(&VIDEO),
    Endpoint::get("videos.generations.retrieve", "/v1/video/generations/{task_id}").marks(&VIDEO),
    Endpoint::post("videos.kling.text2video", "/kling/v1/videos/text2video").binary(KLING_BINARY).billed().marks(&VIDEO),
    Endpoint::post("videos.kling.image2video", "/kling/v1/videos/image2video").binary(KLING_BINARY).billed().marks(&VIDEO),
    Endpoint::get("pricing.list", "/api/pricing").access(Access::Public).marks(&PRICES),
    Endpoint::get("billing.subscription", "/v1/dashboard/billing/subscription").marks(&SUBSCRIPTION),
    Endpoint::get("billing.usage", "/v1/dashboard/billing/usage").marks(&USAGE),
    Endpoint::get("billing.key", "/api/usage/token/").marks(&KEY),
    Endpoint::get("billing.log", "/api/log/token").marks(&ITEMS),
    Endpoint::post("images.generate", "/v1/images/generations").dialect(Dialect::ImageGeneration),
    Endpoint::post("images.edit", "/v1/images/edits")
        .dialect(Dialect::ImageEdit).binary(IMAGES_FILES).body(Encoding::Form),
    // Of pictures that are elsewhere: `{"image_url": …}`, `{"file_id": …}`.
    Endpoint::post("images.edit.json", "/v1/images/edits").dialect(Dialect::ImageEdit),
    // Any path of the gateway that has no row of its own: `client.get(path)`, `client.post(path)`.
    Endpoint::get("get", ""),
    Endpoint::post("post", "").binary(RESPONSES_BINARY),
    Endpoint::delete("delete", ""),
    Endpoint::new("put", &PUT, "").binary(RESPONSES_BINARY),
    Endpoint::new("patch", &PATCH, "").binary(RESPONSES_BINARY),
    // A file that a reply gave the URL of.
    Endpoint::get("download", "").answer(Answer::Bytes).marks(&FILE).access(Access::Foreign),
    Endpoint::get("videos.generations.save", "").answer(Answer::Bytes).marks(&FILE).access(Access::Result),
];

pub fn find(id: &str) -> Option<&'static Endpoint> {
    ENDPOINTS.iter().find(|endpoint| endpoint.id == id)
}

impl Endpoint {
    const fn new(id: &'static str, method: &'static Method, path: &'static str) -> Self {
        let (dialect, body, answer, access) = (Dialect::Plain, Encoding::Json, Answer::Json, Access::Key);
        let marks = dialect.marks();
        Self { id, method, path, dialect, binary: &[], headers: &[], body, answer, marks, access, billed: false }
    }

    const fn get(id: &'static str, path: &'static str) -> Self {
        Self::new(id, &GET, path)
    }

    const fn post(id: &'static str, path: &'static str) -> Self {
        Self::new(id, &POST, path)
    }

    /// What is heard, written down.
    const fn audio(id: &'static str, path: &'static str) -> Self {
        Self::post(id, path).dialect(Dialect::Transcripts).binary(AUDIO_BINARY).body(Encoding::Form)
    }

    const fn delete(id: &'static str, path: &'static str) -> Self {
        Self::new(id, &DELETE, path)
    }

    const fn midjourney_submit(self) -> Self {
        self.dialect(Dialect::Midjourney).binary(MJ_BINARY).answer(Answer::Outcome).billed()
    }

    const fn dialect(self, dialect: Dialect) -> Self {
        Self { dialect, marks: dialect.marks(), ..self }
    }

    const fn marks(self, marks: &'static Marks) -> Self {
        Self { marks, ..self }
    }

    const fn binary(self, binary: &'static [(&'static str, Binary)]) -> Self {
        Self { binary, ..self }
    }

    const fn headers(self, headers: &'static [(&'static str, &'static str)]) -> Self {
        Self { headers, ..self }
    }

    const fn body(self, body: Encoding) -> Self {
        Self { body, ..self }
    }

    const fn answer(self, answer: Answer) -> Self {
        Self { answer, ..self }
    }

    const fn access(self, access: Access) -> Self {
        Self { access, ..self }
    }

    const fn billed(self) -> Self {
        Self { billed: true, ..self }
    }

    /// Whether its parameters are a body; else they are its query.
    pub fn has_body(&self) -> bool {
        *self.method != Method::GET && *self.method != Method::DELETE
    }

    /// Whether its body says whether events are asked for.
    pub fn has_stream_field(&self) -> bool {
        self.has_body() && self.dialect.has_stream_field()
    }

    /// The path with its arguments filled in, percent-encoded; what is wrong with them otherwise.
    pub fn path(&self, arguments: &[String]) -> Result<String, String> {
        let mut path = String::with_capacity(self.path.len() + 32);
        let mut arguments = arguments.iter();
        for (i, piece) in self.path.split('{').enumerate() {
            let Some((name, rest)) = piece.split_once('}').filter(|_| i > 0) else {
                path.push_str(piece);
                continue;
            };
            let value = arguments.next().ok_or_else(|| format!("{name} is missing"))?;
            // "." and ".." would walk to another endpoint, whatever their encoding.
            if value.is_empty() || value == "." || value == ".." {
                return Err(format!("{name} is {value:?}: give the id as the API returned it"));
            }
            for byte in value.bytes() {
                match byte {
                    b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                        path.push(byte as char);
                    }
                    _ => path.push_str(&format!("%{byte:02X}")),
                }
            }
            path.push_str(rest);
        }
        Ok(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique() {
        for (i, a) in ENDPOINTS.iter().enumerate() {
            assert!(ENDPOINTS[..i].iter().all(|b| a.id != b.id), "{}", a.id);
        }
    }

    #[test]
    fn path_arguments_are_encoded_and_checked() {
        let endpoint = find("responses.input_items.list").unwrap();
        let path = |id: &str| endpoint.path(&[id.to_owned()]);
        assert_eq!(path("resp_1").unwrap(), "/v1/responses/resp_1/input_items");
        assert_eq!(path("a/../b?中").unwrap(), "/v1/responses/a%2F..%2Fb%3F%E4%B8%AD/input_items");
        assert!(path("").unwrap_err().contains("response_id"));
        assert!(path("..").is_err());
    }
}
