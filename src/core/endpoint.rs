//! The endpoint table: one row an endpoint, the only place that knows its method, path and dialect.
use reqwest::Method;
use reqwest::header::{AUTHORIZATION, HeaderName, HeaderValue, InvalidHeaderValue};

use super::config::Secret;
use super::stream::Dialect;

#[derive(Debug)]
pub struct Endpoint {
    /// As the Python resources call it: `responses.create`.
    pub id: &'static str,
    pub method: Method,
    /// From the root; `{name}` stands for a path argument.
    pub path: &'static str,
    pub dialect: Dialect,
    /// Fields that hold binary data, and how it is written there: `bytes` and paths are welcome at these names.
    pub binary: &'static [(&'static str, Binary)],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Binary {
    Base64,
    /// `data:image/png;base64,…`
    DataUri,
    /// Base64, and a `media_type` beside it where there is none.
    Source,
}

/// How the key goes along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Auth {
    /// `Authorization: Bearer …`
    Bearer,
    /// `x-api-key: …`
    ApiKey,
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
        let mut value = match self {
            Self::Bearer => HeaderValue::try_from(format!("Bearer {}", key.expose())),
            Self::ApiKey => HeaderValue::try_from(key.expose()),
        }?;
        value.set_sensitive(true);
        Ok(value)
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

const MJ_BINARY: &[(&str, Binary)] =
    &[("base64Array", Binary::DataUri), ("base64", Binary::DataUri), ("maskBase64", Binary::DataUri)];

#[rustfmt::skip]
pub static ENDPOINTS: &[Endpoint] = &[
    Endpoint { id: "responses.create", method: Method::POST, path: "/v1/responses", dialect: Dialect::Responses, binary: RESPONSES_BINARY },
    Endpoint { id: "responses.retrieve", method: Method::GET, path: "/v1/responses/{response_id}", dialect: Dialect::Responses, binary: &[] },
    Endpoint { id: "responses.delete", method: Method::DELETE, path: "/v1/responses/{response_id}", dialect: Dialect::Plain, binary: &[] },
    Endpoint { id: "responses.cancel", method: Method::POST, path: "/v1/responses/{response_id}/cancel", dialect: Dialect::Responses, binary: &[] },
    Endpoint { id: "responses.input_items.list", method: Method::GET, path: "/v1/responses/{response_id}/input_items", dialect: Dialect::Plain, binary: &[] },
    Endpoint { id: "chat.completions.create", method: Method::POST, path: "/v1/chat/completions", dialect: Dialect::Chat, binary: CHAT_BINARY },
    Endpoint { id: "messages.create", method: Method::POST, path: "/v1/messages", dialect: Dialect::Messages, binary: MESSAGES_BINARY },
    Endpoint { id: "midjourney.imagine", method: Method::POST, path: "/mj/submit/imagine", dialect: Dialect::MidjourneySubmit, binary: MJ_BINARY },
    Endpoint { id: "midjourney.blend", method: Method::POST, path: "/mj/submit/blend", dialect: Dialect::MidjourneySubmit, binary: MJ_BINARY },
    Endpoint { id: "midjourney.action", method: Method::POST, path: "/mj/submit/action", dialect: Dialect::MidjourneySubmit, binary: &[] },
    Endpoint { id: "midjourney.modal", method: Method::POST, path: "/mj/submit/modal", dialect: Dialect::MidjourneySubmit, binary: MJ_BINARY },
    Endpoint { id: "midjourney.change", method: Method::POST, path: "/mj/submit/change", dialect: Dialect::MidjourneySubmit, binary: &[] },
    Endpoint { id: "midjourney.simple_change", method: Method::POST, path: "/mj/submit/simple-change", dialect: Dialect::MidjourneySubmit, binary: &[] },
    Endpoint { id: "midjourney.describe", method: Method::POST, path: "/mj/submit/describe", dialect: Dialect::MidjourneySubmit, binary: MJ_BINARY },
    Endpoint { id: "midjourney.shorten", method: Method::POST, path: "/mj/submit/shorten", dialect: Dialect::MidjourneySubmit, binary: &[] },
    Endpoint { id: "midjourney.fetch", method: Method::GET, path: "/mj/task/{task_id}/fetch", dialect: Dialect::Midjourney, binary: &[] },
    Endpoint { id: "midjourney.list", method: Method::POST, path: "/mj/task/list-by-condition", dialect: Dialect::Midjourney, binary: &[] },
    Endpoint { id: "midjourney.seed", method: Method::GET, path: "/mj/task/{task_id}/image-seed", dialect: Dialect::Midjourney, binary: &[] },
    // Any path of the gateway that has no row of its own: `client.get(path)`, `client.post(path)`.
    Endpoint { id: "get", method: Method::GET, path: "", dialect: Dialect::Plain, binary: &[] },
    Endpoint { id: "post", method: Method::POST, path: "", dialect: Dialect::Plain, binary: RESPONSES_BINARY },
    Endpoint { id: "delete", method: Method::DELETE, path: "", dialect: Dialect::Plain, binary: &[] },
];

pub fn find(id: &str) -> Option<&'static Endpoint> {
    ENDPOINTS.iter().find(|endpoint| endpoint.id == id)
}

impl Endpoint {
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
