//! What must not be shown, logged or kept: API keys, and whatever else of a request stands for one.
use bytes::Bytes;
use reqwest::Url;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use zeroize::Zeroizing;

const SCHEME: &[u8] = b"Bearer ";
/// Shorter ones cannot be told from ordinary text.
const SHORTEST: usize = 8;

/// A value that no `Debug`, log or message shows. Copies share its memory, those in the headers of a request included;
/// with the last of them it is overwritten.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Bytes);

impl Secret {
    /// The surrounding white space goes: keys read from files end in a line break.
    pub fn new(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text.is_empty() {
            return Err("the API key is empty".into());
        }
        match text.chars().find(|c| !c.is_ascii_graphic()) {
            None => Ok(Self::of(text)),
            Some(c) => Err(format!("the API key contains {c:?}: a key is plain ASCII without spaces or line breaks")),
        }
    }

    fn of(text: &str) -> Self {
        // Of the right size at once: a buffer that grows leaves its old memory behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity(SCHEME.len() + text.len()));
        bytes.extend_from_slice(SCHEME);
        bytes.extend_from_slice(text.as_bytes());
        Self(Bytes::from_owner(bytes))
    }

    pub fn expose(&self) -> &str {
        std::str::from_utf8(&self.0[SCHEME.len()..]).unwrap_or_default()
    }

    /// As a header says it, with `Bearer` before it or bare.
    pub fn header(&self, bearer: bool) -> Result<HeaderValue, reqwest::header::InvalidHeaderValue> {
        let bytes = if bearer { self.0.clone() } else { self.0.slice(SCHEME.len()..) };
        let mut value = HeaderValue::from_maybe_shared(bytes)?;
        value.set_sensitive(true);
        Ok(value)
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

/// Names of headers that hold no key and no password, because a standard or the vendor that reads them says what they
/// hold. What is not among them may, or tells who somebody is: it is not carried to another host, and not written down.
const HARMLESS: &[&str] = &[
    "accept",
    "accept-charset",
    "accept-encoding",
    "accept-language",
    "anthropic-beta",
    "anthropic-version",
    "cache-control",
    "content-language",
    "content-type",
    "correlation-id",
    "date",
    "dnt",
    "idempotency-key",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "openai-beta",
    "openai-organization",
    "openai-project",
    "origin",
    "pragma",
    "priority",
    "range",
    "request-id",
    "traceparent",
    "tracestate",
    "user-agent",
    "x-app",
    "x-correlation-id",
    "x-request-id",
    "x-title",
    "x-trace-id",
];

pub fn is_harmless_header(name: &HeaderName) -> bool {
    let name = name.as_str();
    HARMLESS.contains(&name) || name.starts_with("x-stainless-") || name.starts_with("sec-fetch-")
}

/// Whether a header's name says that it carries a key or a password: then it is taken out of a server's words too. Others
/// may hold ordinary words, which are not.
pub fn is_secret_header(name: &HeaderName) -> bool {
    let says = |part: &str| name.as_str().contains(part);
    !is_harmless_header(name)
        && ["auth", "cookie", "credential", "key", "passw", "secret", "session", "signature", "token"]
            .iter()
            .any(|part| says(part))
}

/// The same of a parameter of a query: Gemini's clients send the key as `key`.
pub fn is_secret_parameter(name: &str) -> bool {
    matches!(name.to_ascii_lowercase().as_str(), "key" | "api_key" | "api-key" | "apikey" | "token" | "access_token")
}

/// All that one request carries, to be taken out of what a server says of it.
#[derive(Debug, Clone, Default)]
pub struct Secrets(Vec<Secret>);

impl From<Secret> for Secrets {
    fn from(key: Secret) -> Self {
        Self(Some(key).filter(|key| key.expose().len() >= SHORTEST).into_iter().collect())
    }
}

impl Secrets {
    /// `headers`: without the key's own, which is given as such.
    pub fn of(key: Option<&Secret>, headers: &HeaderMap, url: &Url) -> Self {
        let mut secrets: Vec<_> = key.cloned().into_iter().collect();
        for value in headers.values().filter(|value| value.is_sensitive()) {
            // What follows the scheme, if there is one.
            let words = value.to_str().unwrap_or_default();
            secrets.extend(words.rsplit(' ').next().map(Secret::of));
        }
        if url.query().is_some() {
            let pairs = url.query_pairs().filter(|(name, _)| is_secret_parameter(name));
            secrets.extend(pairs.map(|(_, value)| Secret::of(&value)));
        }
        secrets.retain(|secret| secret.expose().len() >= SHORTEST);
        Self(secrets)
    }

    /// The text without them, if one is in it.
    pub fn redacted(&self, text: &[u8]) -> Option<String> {
        let mut changed: Option<String> = None;
        let mut take_out = |spelling: &str| {
            let now = changed.as_ref().map_or(text, String::as_bytes);
            if memchr::memmem::find(now, spelling.as_bytes()).is_some() {
                changed = Some(String::from_utf8_lossy(now).replace(spelling, "***"));
            }
        };
        // Most texts are too short to hold one.
        for secret in self.0.iter().map(Secret::expose).filter(|secret| secret.len() <= text.len()) {
            other_spellings(secret).iter().for_each(|spelling| take_out(spelling));
            take_out(secret);
        }
        changed
    }

    /// The same for each value of the headers.
    pub fn clean(&self, headers: &mut HeaderMap) {
        for value in headers.values_mut() {
            if self.redacted(value.as_bytes()).is_some() {
                *value = HeaderValue::from_static("***");
            }
        }
    }
}

/// How else a server may write it.
fn other_spellings(secret: &str) -> Vec<Zeroizing<String>> {
    // Most keys are written alike everywhere.
    if secret.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte)) {
        return Vec::new();
    }
    let escaped = secret.replace('\\', r"\\").replace('"', r#"\""#);
    let quoted = Url::parse_with_params("http://h/", [("", secret)]).ok();
    let quoted = quoted.and_then(|url| Some(url.query()?.strip_prefix('=')?.to_owned()));
    [Some(escaped), quoted].into_iter().flatten().map(Zeroizing::new).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_trimmed_checked_and_never_shown() {
        let key = Secret::new(" sk-abc\n").unwrap();
        assert_eq!(key.expose(), "sk-abc");
        assert_eq!(format!("{key:?}"), "***");
        assert!(Secret::new(" \n").is_err());
        assert!(!Secret::new("sk-abc\r\nHost: x").unwrap_err().contains("sk-abc"));
        assert_eq!(key.header(true).unwrap(), "Bearer sk-abc");
        assert_eq!(key.header(false).unwrap(), "sk-abc");
        assert!(!format!("{:?}", key.header(true)).contains("sk-abc"));
    }

    #[test]
    fn what_is_not_known_to_be_harmless_is_secret() {
        let is_harmless = |name: &'static str| is_harmless_header(&HeaderName::from_static(name));
        for name in ["accept", "user-agent", "traceparent", "x-request-id", "openai-organization", "x-stainless-lang"] {
            assert!(is_harmless(name), "{name}");
        }
        for name in ["authorization", "cookie", "x-any", "x-tenant", "x-team", "x-user-id", "x-env", "referer"] {
            assert!(!is_harmless(name), "{name}");
        }
        for name in ["http-referer", "from", "baggage", "forwarded", "x-forwarded-for", "via", "x-stainless"] {
            assert!(!is_harmless(name), "{name}");
        }
    }

    #[test]
    fn whatever_stands_for_a_key_is_found() {
        let mut headers = HeaderMap::new();
        let mut own = HeaderValue::from_static("Basic dXNlcjpwYXNz");
        own.set_sensitive(true);
        headers.insert("authorization", own);
        let url = Url::parse("http://h/x?key=a%2Fb%22c%2Bdefgh&model=not-secret").unwrap();
        let secrets = Secrets::of(Some(&Secret::new("sk-0123456789").unwrap()), &headers, &url);
        let shown = |text: &str| secrets.redacted(text.as_bytes());
        assert_eq!(shown("sk-0123456789 dXNlcjpwYXNz").unwrap(), "*** ***");
        assert_eq!(
            shown(r#"{"url": "?key=a%2Fb%22c%2Bdefgh", "key": "a/b\"c+defgh"}"#).unwrap(),
            r#"{"url": "?key=***", "key": "***"}"#
        );
        assert_eq!(shown("not-secret"), None);
    }
}
