//! A call becomes a request: a row of the endpoint table, what its caller says, and a configuration. Here is decided whose
//! headers win, where the key goes along, what is accepted, and in what form the reply is read.
use std::borrow::Cow;
use std::sync::Arc;

use reqwest::Url;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue};

use super::address::{ALL, WORLD};
use super::config::{ANTHROPIC_VERSION, Config, Timeout, base_headers, without_secrets};
use super::endpoint::{Access, Answer, Auth, ENDPOINTS, Endpoint};
use super::request::{AskKey, Body, Gate, Key, Mode, Observe, Request};
use super::transport::Route;

/// What a caller wants of an endpoint, in plain values; `Wanted::of` is the endpoint alone.
#[derive(Debug)]
pub struct Wanted<'a> {
    pub endpoint: &'static Endpoint,
    /// What stands for the names in its path, in their order.
    pub ids: &'a [String],
    /// Where its row has no path: one from the gateway's root, like `/v1/models`, or the URL of a file.
    pub path: Option<&'a str>,
    /// The parameters of an endpoint that has no body (see `Endpoint::has_body`).
    pub params: Vec<(String, String)>,
    pub body: Body,
    /// Whether events are asked for. What the body says of it is its writer's to say (see `Endpoint::has_stream_field`).
    pub stream: bool,
    pub handover: Handover,
    /// Beside the configuration's, and before them; `None` takes a header away.
    pub headers: Vec<(HeaderName, Option<HeaderValue>)>,
    /// In place of parameters of the same name, the configuration's too.
    pub query: Vec<(String, String)>,
    /// In place of the configuration's, as those that follow.
    pub timeout: Option<Timeout>,
    pub max_retries: Option<u32>,
    pub max_response_bytes: Option<u64>,
    pub allow_private: Option<bool>,
}

/// How a reply is handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handover {
    /// Typed or as a dict.
    Parsed,
    /// With its head and bytes: `with_raw_response`.
    Raw,
    /// Its head now, its body piece by piece: `with_streaming_response`.
    Body,
    /// A stream whose events have snapshots: `.stream()`.
    Helper,
}

impl Handover {
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "parsed" => Self::Parsed,
            "raw" => Self::Raw,
            "body" => Self::Body,
            "helper" => Self::Helper,
            _ => return None,
        })
    }

    /// Whether events are asked for, of a caller who said so, or not, or nothing.
    pub fn stream(self, said: Option<bool>) -> Option<bool> {
        if self == Self::Helper { Some(true) } else { said }
    }

    fn mode(self, stream: bool, answer: Answer) -> Mode {
        match self {
            Self::Body => Mode::Bytes,
            _ if stream => Mode::Events,
            Self::Parsed if answer == Answer::Vectors => Mode::Vectors,
            _ => Mode::Reply,
        }
    }
}

/// Whom a call's attempts ask, and who is told of them.
#[derive(Default, Clone)]
pub struct Hooks {
    /// For the key, where the configuration has none.
    pub ask: Option<Arc<dyn AskKey>>,
    pub gate: Option<Arc<dyn Gate>>,
    pub observer: Option<Arc<dyn Observe>>,
}

/// Why there is no request.
#[derive(Debug, thiserror::Error)]
pub enum Unsendable {
    #[error("{0}")]
    Value(String),
    #[error(
        "no API key: set the environment variable WENWEN_API_KEY, or pass api_key=... to the client or to \
         wenwen.configure()"
    )]
    NoKey,
}

impl From<String> for Unsendable {
    fn from(why: String) -> Self {
        Self::Value(why)
    }
}

impl Wanted<'_> {
    pub fn of(endpoint: &'static Endpoint) -> Self {
        Self {
            endpoint,
            ids: &[],
            path: None,
            params: Vec::new(),
            body: Body::None,
            stream: false,
            handover: Handover::Parsed,
            headers: Vec::new(),
            query: Vec::new(),
            timeout: None,
            max_retries: None,
            max_response_bytes: None,
            allow_private: None,
        }
    }

    /// The request and the way that it goes. `route` is the configuration's own, made once: that reads the environment.
    pub fn request(self, config: &Config, route: &Route, hooks: Hooks) -> Result<(Request, Route), Unsendable> {
        let row = self.endpoint;
        let access = match (row.access, self.path) {
            (Access::Result, Some(url)) if config.root.holds(&foreign(url, &[])?) => Access::Key,
            (Access::Result, _) => Access::Foreign,
            (access, _) => access,
        };
        let is_foreign = access == Access::Foreign;
        let mut query = if is_foreign { Vec::new() } else { config.query.clone() };
        query.extend(self.params);
        if self.stream && !row.has_body() {
            query.push(("stream".into(), "true".into()));
        }
        replace_query(&mut query, self.query);
        let url = match self.path {
            Some(url) if is_foreign || row.access == Access::Result => foreign(url, &query)?,
            Some(path) => {
                let (path, written) = checked(path)?.split_once('?').unwrap_or((path, ""));
                let mut url = config.root.join(&from_the_root(path), &[]);
                if !written.is_empty() {
                    url.set_query(Some(written)); // as it is: the caller's own
                }
                add_query(&mut url, &query);
                url
            }
            None => config.root.join(&row.path(self.ids)?, &query),
        };

        let mut headers = base_headers(self.stream);
        if matches!(row.answer, Answer::Text | Answer::Bytes) {
            headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
        }
        match &self.body {
            Body::None => {}
            Body::Json(_) => drop(headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"))),
            Body::Form(form) => {
                let kind = HeaderValue::try_from(form.content_type()).map_err(|error| error.to_string())?;
                headers.insert(CONTENT_TYPE, kind);
            }
        }
        let auth = row.dialect.auth();
        if auth == Auth::ApiKey {
            headers.insert(ANTHROPIC_VERSION, config.anthropic_version.clone());
        }
        let own_headers = if is_foreign { &[][..] } else { &config.headers };
        let (mut own_key, mut any_key) = (false, false);
        for (name, value) in own_headers.iter().chain(&self.headers) {
            own_key |= name == AUTHORIZATION || *name == auth.header();
            any_key |= *name == Auth::API_KEY && value.is_some();
            match value {
                Some(value) => drop(headers.insert(name, value.clone())),
                None => drop(headers.remove(name)),
            }
        }
        // A key of the caller's own replaces ours, and so does None.
        let key = match (&config.key, hooks.ask) {
            _ if own_key || access != Access::Key => Key::None,
            (Some(key), _) => Key::Known(key.clone()),
            (None, Some(ask)) => Key::Ask(ask),
            // A path of the caller's own may be of a dialect whose key this is.
            (None, None) if any_key && self.path.is_some() => Key::None,
            (None, None) => return Err(Unsendable::NoKey),
        };

        let timeout = self.timeout.unwrap_or(config.timeout);
        let within = if self.allow_private.unwrap_or(config.allow_private) { ALL } else { WORLD };
        let mut route = match is_foreign {
            true => Route::foreign(&config.trust, &config.proxy, within),
            false => route.clone(),
        };
        route.set_connect(timeout.connect);
        route.check(&url)?;
        let request = Request {
            method: row.method.clone(),
            url,
            headers: Arc::new(headers),
            body: self.body,
            mode: self.handover.mode(self.stream, row.answer),
            answer: row.answer,
            marks: row.marks,
            dialect: row.dialect,
            timeout,
            max_retries: self.max_retries.unwrap_or(config.max_retries),
            max_response_bytes: self.max_response_bytes.unwrap_or(config.max_response_bytes),
            billed: row.billed,
            foreign: is_foreign.then(|| config.root.clone()),
            key,
            gate: hooks.gate,
            observer: hooks.observer,
            sending: None,
        };
        Ok((request, route))
    }
}

/// Names that are given again lose what they had; a list's name may come several times in `given`.
pub fn replace_query(query: &mut Vec<(String, String)>, given: Vec<(String, String)>) {
    query.retain(|(known, _)| given.iter().all(|(name, _)| name != known));
    query.extend(given);
}

/// A blank is `%20` there, which all servers read; `+` is one in forms alone.
pub fn add_query(url: &mut Url, more: &[(String, String)]) {
    if more.is_empty() {
        return;
    }
    let before = url.query().map_or(0, str::len);
    url.query_pairs_mut().extend_pairs(more);
    let added = url.query().and_then(|query| query.split_at_checked(before));
    if let Some((written, added)) = added.filter(|(_, added)| added.contains('+')) {
        let spelt = format!("{written}{}", added.replace('+', "%20")); // a plus of theirs is %2B
        url.set_query(Some(&spelt));
    }
}

fn checked(path: &str) -> Result<&str, String> {
    if !path.starts_with('/') || path.starts_with("//") || path.contains('#') {
        return Err(format!(
            "path {:?}: give it from the gateway's root, like \"/v1/models\"; parameters go into query",
            without_secrets(path)
        ));
    }
    Ok(path)
}

/// Parts of OpenAI's and Anthropic's APIs for which there is no row.
const PARTS: [&str; 16] = [
    "assistants",
    "batches",
    "containers",
    "conversations",
    "evals",
    "files",
    "fine_tuning",
    "organization",
    "organizations",
    "realtime",
    "skills",
    "threads",
    "uploads",
    "user_profiles",
    "vector_stores",
    "webhooks",
];

/// A path as the peers' packages have it begins below `/v1`: `/responses`.
fn from_the_root(path: &str) -> Cow<'_, str> {
    let part = |path: &str| path.split('/').nth(1).map(str::to_owned);
    let Some(first) = part(path) else { return path.into() };
    let of_row = |row: &Endpoint| row.path.strip_prefix("/v1").and_then(part).is_some_and(|own| own == first);
    match PARTS.contains(&first.as_str()) || ENDPOINTS.iter().any(of_row) {
        true => format!("/v1{path}").into(),
        false => path.into(),
    }
}

/// Of a file somewhere else.
fn foreign(text: &str, query: &[(String, String)]) -> Result<Url, String> {
    let parsed = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    let mut url = parsed.ok_or_else(|| format!("{:?} is not an http or https URL", without_secrets(text)))?;
    add_query(&mut url, query);
    Ok(url)
}
