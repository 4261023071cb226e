//! What a client is configured with. Configuration only: connections belong to the process (see `transport`).
use std::time::Duration;

use reqwest::Url;
use reqwest::header::{ACCEPT, ACCEPT_ENCODING, HeaderMap, HeaderName, HeaderValue, USER_AGENT as USER_AGENT_HEADER};

use super::secret::Secret;
use super::transport::{Proxy, Trust};

pub const DEFAULT_ROOT: &str = "https://api.wenwen-ai.com";
pub const ANTHROPIC_VERSION: HeaderName = HeaderName::from_static("anthropic-version");
pub const DEFAULT_ANTHROPIC_VERSION: HeaderValue = HeaderValue::from_static("2023-06-01");
/// Four times the longest line that the gateway passes on (64 MB), and twice the largest sensible reply: 2048 vectors of
/// 3072 numbers as JSON.
pub const MAX_RESPONSE_BYTES: u64 = 256 << 20;
pub const USER_AGENT: &str = concat!("wenwen-python/", env!("CARGO_PKG_VERSION"));

#[derive(Debug, Clone)]
pub struct Config {
    pub root: Root,
    pub key: Option<Secret>,
    pub timeout: Timeout,
    pub max_retries: u32,
    /// See `Request::max_response_bytes`.
    pub max_response_bytes: u64,
    /// Sent with every request; `None` takes a header of ours away.
    pub headers: Vec<(HeaderName, Option<HeaderValue>)>,
    pub query: Vec<(String, String)>,
    /// Of the dialect of `/v1/messages`, and sent there only.
    pub anthropic_version: HeaderValue,
    pub proxy: Proxy,
    pub trust: Trust,
}

/// The gateway's root, without `/v1` and without a slash at the end: REFERENCE 0.1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root(Url);

impl Root {
    pub fn parse(text: &str) -> Result<Self, String> {
        let shown = || without_secrets(text);
        let mut url = Url::parse(text.trim())
            .map_err(|e| format!("base_url {:?} is not a URL ({e}): write it like {DEFAULT_ROOT:?}", shown()))?;
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
            return Err(format!("base_url {:?} is not an http or https URL: write it like {DEFAULT_ROOT:?}", shown()));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(format!("base_url {:?} holds a user name: the key goes into api_key", shown()));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(format!("base_url {:?} has a query or a fragment: use default_query for parameters", shown()));
        }
        let path = url.path().trim_end_matches('/');
        let path = path.strip_suffix("/v1").unwrap_or(path).trim_end_matches('/').to_owned();
        url.set_path(&path);
        Ok(Self(url))
    }

    /// Whether a URL is of the same host, port and scheme.
    pub fn holds(&self, url: &Url) -> bool {
        self.0.origin() == url.origin()
    }

    /// `path` begins with a slash and is already percent-encoded.
    pub fn join(&self, path: &str, query: &[(String, String)]) -> Url {
        let mut url = self.0.clone();
        url.set_path(&format!("{}{path}", self.0.path().trim_end_matches('/')));
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }

    pub fn is_tls(&self) -> bool {
        self.0.scheme() == "https"
    }

    pub fn as_str(&self) -> &str {
        self.0.as_str().trim_end_matches('/')
    }
}

/// For messages: what a URL may hold before an `@` or after a `?` is nobody's business.
pub fn without_secrets(text: &str) -> String {
    let (text, query) = text.split_once('?').map_or((text, ""), |(text, _)| (text, "?***"));
    match (text.find("://"), text.rfind('@')) {
        (Some(a), Some(b)) if b > a => format!("{}***{}{query}", &text[..a + 3], &text[b..]),
        _ => format!("{text}{query}"),
    }
}

/// Limits in time; `None` is no limit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Timeout {
    /// The whole call: all attempts, the waits between them, the last byte of the reply or stream.
    pub total: Option<Duration>,
    /// One connection: name look-up, TCP, TLS.
    pub connect: Option<Duration>,
    /// Silence before the first event of a stream: from sending, then from each ping.
    pub first_event: Option<Duration>,
    /// Silence within a reply or a stream; any byte, a ping too, starts it anew.
    pub idle: Option<Duration>,
}

impl Timeout {
    pub const DEFAULT: Self = Self {
        total: Some(Duration::from_secs(600)),
        connect: Some(Duration::from_secs(10)),
        first_event: None,
        idle: Some(Duration::from_secs(120)),
    };
    pub const NONE: Self = Self { total: None, connect: None, first_event: None, idle: None };
}

/// The headers of every request, before those of the client and of the call.
pub fn base_headers(streams: bool) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(8);
    headers.insert(USER_AGENT_HEADER, HeaderValue::from_static(USER_AGENT));
    if streams {
        headers.insert(ACCEPT, HeaderValue::from_static("text/event-stream"));
        // A compressed stream would wait for the compressor's block to fill.
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    } else {
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    }
    headers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_with_and_without_v1_and_slash_are_one() {
        for text in ["http://h", "http://h/", "http://h/v1", "http://h/v1/", " http://h/v1/ "] {
            let root = Root::parse(text).unwrap();
            assert_eq!(root.join("/v1/responses", &[]).as_str(), "http://h/v1/responses", "{text}");
        }
        let root = Root::parse("https://h:8443/proxy/v1").unwrap();
        let query = [("a".to_owned(), "1&中".to_owned())];
        assert_eq!(root.join("/mj/task", &query).as_str(), "https://h:8443/proxy/mj/task?a=1%26%E4%B8%AD");
    }

    #[test]
    fn other_roots_are_refused_with_the_value_and_without_the_password() {
        for text in ["", "h", "ftp://h", "file:///etc", "http://"] {
            assert!(Root::parse(text).unwrap_err().contains(&format!("{text:?}")), "{text}");
        }
        let error = Root::parse("http://user:secret@h").unwrap_err();
        assert!(!error.contains("secret") && error.contains("api_key"), "{error}");
        let error = Root::parse("http://h/v1?key=secret").unwrap_err();
        assert!(!error.contains("secret") && error.contains("http://h/v1?***"), "{error}");
    }
}
