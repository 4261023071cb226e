//! The endpoint table: one row an endpoint, the only place that knows its method, path and dialect.
use reqwest::Method;
use reqwest::header::{AUTHORIZATION, HeaderName, HeaderValue, InvalidHeaderValue};

use super::secret::Secret;
use super::stream::Dialect;

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
    pub body: Encoding,
    pub answer: Answer,
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

impl Dialect {
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
// `source.data` of an image or a document.
const MESSAGES_BINARY: &[(&str, Binary)] = &[("data", Binary::Source)];
// `inline_data.data` of a part.
const GEMINI_BINARY: &[(&str, Binary)] = &[("data", Binary::InlineData)];
const VIDEO_BINARY: &[(&str, Binary)] = &[("input_reference", Binary::File), ("images", Binary::DataUri)];
const KLING_BINARY: &[(&str, Binary)] =
    &[("image", Binary::Base64), ("images", Binary::Base64), ("image_tail", Binary::Base64)];

const MJ_BINARY: &[(&str, Binary)] =
    &[("base64Array", Binary::DataUri), ("base64", Binary::DataUri), ("maskBase64", Binary::DataUri)];
const AUDIO_BINARY: &[(&str, Binary)] = &[("file", Binary::File), ("known_speaker_references", Binary::DataUri)];
const IMAGES_FILES: &[(&str, Binary)] = &[("image", Binary::File), ("mask", Binary::File)];

static GET: Method = Method::GET;
static POST: Method = Method::POST;
static DELETE: Method = Method::DELETE;

#[rustfmt::skip]
pub static ENDPOINTS: &[Endpoint] = &[
    Endpoint::post("responses.create", "/v1/responses").dialect(Dialect::Responses).binary(RESPONSES_BINARY),
    Endpoint::get("responses.retrieve", "/v1/responses/{response_id}").dialect(Dialect::Responses),
    Endpoint::delete("responses.delete", "/v1/responses/{response_id}"),
    Endpoint::post("responses.cancel", "/v1/responses/{response_id}/cancel").dialect(Dialect::Responses),
    Endpoint::get("responses.input_items.list", "/v1/responses/{response_id}/input_items"),
    Endpoint::post("chat.completions.create", "/v1/chat/completions").dialect(Dialect::Chat).binary(CHAT_BINARY),
    Endpoint::post("messages.create", "/v1/messages").dialect(Dialect::Messages).binary(MESSAGES_BINARY),
    Endpoint::audio("audio.transcriptions.create", "/v1/audio/transcriptions"),
    Endpoint::audio("audio.translations.create", "/v1/audio/translations"),
    // As text or subtitles.
    Endpoint::audio("audio.transcriptions.text.create", "/v1/audio/transcriptions").answer(Answer::Text),
    Endpoint::audio("audio.translations.text.create", "/v1/audio/translations").answer(Answer::Text),
    Endpoint::post("audio.speech.create", "/v1/audio/speech").dialect(Dialect::Speech).answer(Answer::Bytes),
    Endpoint::post("embeddings.create", "/v1/embeddings").answer(Answer::Vectors),
    // The same for a caller who asks for base64 and wants to have it.
    Endpoint::post("embeddings.as_sent.create", "/v1/embeddings"),
    Endpoint::post("midjourney.imagine", "/mj/submit/imagine").midjourney_submit(),
    Endpoint::post("midjourney.blend", "/mj/submit/blend").midjourney_submit(),
    Endpoint::post("midjourney.action", "/mj/submit/action").midjourney_submit(),
    Endpoint::post("midjourney.modal", "/mj/submit/modal").midjourney_submit(),
    Endpoint::post("midjourney.change", "/mj/submit/change").midjourney_submit(),
    Endpoint::post("midjourney.simple_change", "/mj/submit/simple-change").midjourney_submit(),
    Endpoint::post("midjourney.describe", "/mj/submit/describe").midjourney_submit(),
    Endpoint::post("midjourney.shorten", "/mj/submit/shorten").midjourney_submit(),
    Endpoint::get("midjourney.fetch", "/mj/task/{task_id}/fetch").dialect(Dialect::Midjourney).answer(Answer::Outcome),
    Endpoint::post("midjourney.list", "/mj/task/list-by-condition").dialect(Dialect::Midjourney).answer(Answer::Outcome),
    Endpoint::get("midjourney.seed", "/mj/task/{task_id}/image-seed").dialect(Dialect::Midjourney).answer(Answer::Outcome),
    Endpoint::get("models.list", "/v1/models"),
    Endpoint::get("models.retrieve", "/v1/models/{model}"),
    Endpoint::post("gemini.generate_content", "/v1beta/models/{model}:generateContent").dialect(Dialect::Gemini).binary(GEMINI_BINARY),
    Endpoint::post("gemini.stream.generate_content", "/v1beta/models/{model}:streamGenerateContent").dialect(Dialect::Gemini).binary(GEMINI_BINARY),
    Endpoint::post("videos.create", "/v1/videos").body(Encoding::Either).binary(VIDEO_BINARY).billed(),
    Endpoint::get("videos.retrieve", "/v1/videos/{video_id}"),
    Endpoint::get("videos.download_content", "/v1/videos/{video_id}/content").answer(Answer::Bytes),
    Endpoint::post("videos.remix", "/v1/videos/{video_id}/remix").billed(),
    Endpoint::post("videos.generations.create", "/v1/video/generations").binary(KLING_BINARY).billed(),
    Endpoint::get("videos.generations.retrieve", "/v1/video/generations/{task_id}"),
    Endpoint::get("pricing.list", "/api/pricing").access(Access::Public),
    Endpoint::get("billing.subscription", "/v1/dashboard/billing/subscription"),
    Endpoint::get("billing.usage", "/v1/dashboard/billing/usage"),
    Endpoint::post("images.generate", "/v1/images/generations").dialect(Dialect::ImageGeneration),
    Endpoint::post("images.edit", "/v1/images/edits")
        .dialect(Dialect::ImageEdit).binary(IMAGES_FILES).body(Encoding::Form),
    // Any path of the gateway that has no row of its own: `client.get(path)`, `client.post(path)`.
    Endpoint::get("get", ""),
    Endpoint::post("post", "").binary(RESPONSES_BINARY),
    Endpoint::delete("delete", ""),
    // A file that a reply gave the URL of.
    Endpoint::get("download", "").answer(Answer::Bytes).access(Access::Foreign),
    Endpoint::get("videos.generations.save", "").answer(Answer::Bytes).access(Access::Result),
];

pub fn find(id: &str) -> Option<&'static Endpoint> {
    ENDPOINTS.iter().find(|endpoint| endpoint.id == id)
}

impl Endpoint {
    const fn new(id: &'static str, method: &'static Method, path: &'static str) -> Self {
        let (body, answer, access) = (Encoding::Json, Answer::Json, Access::Key);
        Self { id, method, path, dialect: Dialect::Plain, binary: &[], body, answer, access, billed: false }
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
        Self { dialect, ..self }
    }

    const fn binary(self, binary: &'static [(&'static str, Binary)]) -> Self {
        Self { binary, ..self }
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
