//! What a client is configured with. Configuration only: connections belong to the process (see `transport`).
use std::path::{Path, PathBuf};
use std::time::Duration;

use reqwest::Url;
use reqwest::header::{ACCEPT, ACCEPT_ENCODING, HeaderMap, HeaderName, HeaderValue, USER_AGENT as USER_AGENT_HEADER};

use super::call::add_query;
use super::endpoint::ENDPOINTS;
use super::proxy::Proxy;
use super::secret::Secret;
use super::trust::{Identity, Trust};

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
    /// What the gateway is shown where it asks who this is.
    pub identity: Option<Identity>,
    /// Whether a URL of a reply may lead to this machine and its network.
    pub allow_private: bool,
}

impl Config {
    /// With the defaults, and no key.
    pub fn new(root: Root) -> Self {
        Self {
            root,
            key: None,
            timeout: Timeout::DEFAULT,
            max_retries: 2,
            max_response_bytes: MAX_RESPONSE_BYTES,
            headers: Vec::new(),
            query: Vec::new(),
            anthropic_version: DEFAULT_ANTHROPIC_VERSION,
            proxy: Proxy::default(),
            trust: Trust::default(),
            identity: None,
            allow_private: false,
        }
    }
}

/// Where the gateway is: what its paths are put behind (REFERENCE 0.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    /// Without a slash at the end.
    url: Url,
    /// What stands in place of the `/v1` of a path, where the root has a version of its own: `/v4`, `/v1beta/openai`.
    version: Option<String>,
    /// The socket where it listens, as it is written in a URL, where that is in place of a host.
    socket: Option<(String, PathBuf)>,
}

/// A URL by a socket: `http+unix://%2Frun%2Fgateway.sock/v1`, as requests and curl's wrappers have it.
const BY_SOCKET: &str = "http+unix://";

impl Root {
    pub fn parse(text: &str) -> Result<Self, String> {
        let Some(rest) = text.trim().strip_prefix(BY_SOCKET) else { return Self::by_host(text) };
        let (written, path) = rest.split_once('/').unwrap_or((rest, ""));
        let socket = socket_path(written).ok_or_else(|| {
            let shown = without_secrets(text);
            format!(
                "base_url {shown:?} names no socket of this machine: write it like \"{BY_SOCKET}%2Frun%2Fgateway.sock\""
            )
        })?;
        Ok(Self { socket: Some((written.to_owned(), socket)), ..Self::by_host(&format!("http://localhost/{path}"))? })
    }

    fn by_host(text: &str) -> Result<Self, String> {
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
        let segments: Vec<_> = path.split('/').collect();
        let segments = without_endpoint(&segments);
        let (root, version) = segments.split_at(segments.len() - version_of(segments));
        let version = match version {
            [] | ["v1" | "v1beta"] => None,
            own => Some(format!("/{}", own.join("/"))),
        };
        let root = root.join("/");
        url.set_path(root.trim_end_matches('/'));
        Ok(Self { url, version, socket: None })
    }

    /// Whether a URL is of the same host, port and scheme.
    pub fn holds(&self, url: &Url) -> bool {
        self.url.origin() == url.origin()
    }

    /// `path` begins with a slash and is already percent-encoded.
    pub fn join(&self, path: &str, query: &[(String, String)]) -> Url {
        let mut url = self.url.clone();
        let root = self.url.path().trim_end_matches('/');
        let rest = path.strip_prefix("/v1").filter(|rest| rest.is_empty() || rest.starts_with('/'));
        url.set_path(&match (&self.version, rest) {
            (Some(version), Some(rest)) => format!("{root}{version}{rest}"),
            _ => format!("{root}{path}"),
        });
        add_query(&mut url, query);
        url
    }

    /// The same gateway, all of whose paths have a segment before them: `/mj-fast`.
    pub fn under(&self, segment: &str) -> Self {
        let mut url = self.url.clone();
        url.set_path(&format!("{}/{segment}", self.url.path().trim_end_matches('/')));
        Self { url, version: None, socket: self.socket.clone() }
    }

    pub fn url(&self) -> &Url {
        &self.url
    }

    pub fn socket(&self) -> Option<&Path> {
        self.socket.as_ref().map(|(_, path)| path.as_path())
    }

    pub fn is_tls(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// Without `/v1`; with a version of its own.
    pub fn text(&self) -> String {
        let version = self.version.as_deref().unwrap_or_default();
        match &self.socket {
            Some((written, _)) => format!("{BY_SOCKET}{written}{}{version}", self.url.path().trim_end_matches('/')),
            None => format!("{}{version}", self.url.as_str().trim_end_matches('/')),
        }
    }
}

/// The path of a socket as it stands in a URL, its slashes escaped; it begins at the root.
#[cfg(unix)]
fn socket_path(written: &str) -> Option<PathBuf> {
    let url = Url::parse(&format!("file:///{written}")).ok()?;
    let path = url.to_file_path().ok()?;
    // What was escaped is one segment: a slash of its own behind that of the URL.
    Some(Path::new("/").join(path.strip_prefix("//").or_else(|_| path.strip_prefix("/")).ok()?))
        .filter(|_| written.to_ascii_lowercase().starts_with("%2f"))
}

#[cfg(not(unix))]
fn socket_path(_: &str) -> Option<PathBuf> {
    None
}

/// How many segments at the end are the version of an API: `v1`, `v4`, `v1beta`; `openai` behind one, as Google has it;
/// Azure's deployment.
fn version_of(path: &[&str]) -> usize {
    match path {
        [.., version, "openai"] if is_version(version) => 2,
        [.., "openai", "deployments", _] => 3,
        [.., version] if is_version(version) => 1,
        _ => 0,
    }
}

fn is_version(segment: &str) -> bool {
    let rest = segment.strip_prefix('v').unwrap_or_default();
    rest.starts_with(|c: char| c.is_ascii_digit()) && rest.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
}

/// Endpoints that are pasted too, and have no row of their own.
const OTHERS: [&str; 2] = ["/v1/images/variations", "/v1/realtime"];

/// The path of a root at whose end a whole endpoint was pasted, `…/v1/chat/completions`, without that. Its version stays.
fn without_endpoint<'a>(path: &'a [&'a str]) -> &'a [&'a str] {
    let rows = ENDPOINTS.iter().map(|endpoint| endpoint.path).filter(|row| !row.is_empty()).chain(OTHERS);
    let cut = rows.filter_map(|row| {
        let row: Vec<_> = row.split('/').skip(1).skip_while(|segment| is_version(segment)).collect();
        let begin = path.len().checked_sub(row.len())?;
        let (root, end) = (path.get(..begin)?, path.get(begin..)?);
        // `…/models` alone may be a root.
        let is_sure = version_of(root) > 0 || row.iter().filter(|segment| !segment.contains('{')).count() > 1;
        let is_same = |(segment, row): (&&str, &&str)| match row.split_once('}') {
            Some((_, end)) => segment.ends_with(end),
            None => segment == row,
        };
        (is_sure && end.iter().zip(&row).all(is_same)).then_some(begin)
    });
    path.get(..cut.min().unwrap_or(path.len())).unwrap_or(path)
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
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
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
    fn a_version_of_its_own_stands_for_v1() {
        for (text, chat, task, gemini) in [
            ("http://h/api/paas/v4", "/api/paas/v4/chat/completions", "/api/paas/mj/task", "/api/paas/v1beta/models"),
            ("http://h/v2/", "/v2/chat/completions", "/mj/task", "/v1beta/models"),
            ("http://h/v1beta/openai/", "/v1beta/openai/chat/completions", "/mj/task", "/v1beta/models"),
            ("http://h/v1/openai", "/v1/openai/chat/completions", "/mj/task", "/v1beta/models"),
            ("http://h/openai/v1", "/openai/v1/chat/completions", "/openai/mj/task", "/openai/v1beta/models"),
            ("http://h/openai/deployments/x", "/openai/deployments/x/chat/completions", "/mj/task", "/v1beta/models"),
            ("http://h/v1beta", "/v1/chat/completions", "/mj/task", "/v1beta/models"),
            ("http://h/vision", "/vision/v1/chat/completions", "/vision/mj/task", "/vision/v1beta/models"),
        ] {
            let root = Root::parse(text).unwrap();
            for (path, expected) in [("/v1/chat/completions", chat), ("/mj/task", task), ("/v1beta/models", gemini)] {
                assert_eq!(root.join(path, &[]).path(), expected, "{text}");
            }
            assert_eq!(Root::parse(&root.text()).unwrap(), root);
        }
    }

    #[test]
    fn a_whole_endpoint_is_understood() {
        for (text, root) in [
            ("http://h/v1/chat/completions", "http://h"),
            ("http://h/chat/completions/", "http://h"),
            ("http://h/v1/responses", "http://h"),
            ("http://h/v1/responses/resp_1/cancel", "http://h"),
            ("http://h/x/v1/messages/", "http://h/x"),
            ("http://h/v1/models", "http://h"),
            ("http://h/v1beta/models", "http://h"),
            ("http://h/v1beta/models/gemini-pro:generateContent", "http://h"),
            ("http://h/v1/images/generations", "http://h"),
            ("http://h/v1/completions", "http://h"),
            ("http://h/v1/account/name/openai", "http://h/v1/account/name/openai"),
            ("http://h/mj/submit/imagine", "http://h"),
            ("http://h/mj-fast/mj/submit/imagine", "http://h/mj-fast"),
            ("http://h/api/paas/v4/chat/completions", "http://h/api/paas/v4"),
            ("http://h/v1beta/openai/chat/completions", "http://h/v1beta/openai"),
            ("http://h/models", "http://h/models"),
            ("http://h/api", "http://h/api"),
        ] {
            assert_eq!(Root::parse(text).unwrap().text(), root, "{text}");
        }
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
