//! One call, ready to be sent: everything is checked and serialized, nothing can fail any more before the wire.
use std::any::Any;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::HeaderMap;
use reqwest::{Method, Url};

use super::config::{Root, Timeout};
use super::dialect::Dialect;
use super::endpoint::{Answer, Marks};
use super::error::Error;
use super::limits::Limits;
use super::multipart::Form;
use super::reply::Head;
use super::secret::Secret;

#[derive(Clone)]
pub struct Request {
    pub method: Method,
    pub url: Url,
    /// Shared with who tells afterwards what was asked.
    pub headers: Arc<HeaderMap>,
    /// Written once; attempts share it.
    pub body: Body,
    pub mode: Mode,
    pub answer: Answer,
    /// See `Endpoint::marks`.
    pub marks: &'static Marks,
    pub dialect: Dialect,
    pub timeout: Timeout,
    pub max_retries: u32,
    /// The most that is read of one reply, counted after it was decompressed; of a stream, over all its events. What is
    /// handed on piece by piece (`Mode::Bytes`) takes no memory and has no limit.
    pub max_response_bytes: u64,
    /// See `Endpoint::billed`.
    pub billed: bool,
    /// For a URL that a reply named: the gateway, which may be elsewhere.
    pub foreign: Option<Root>,
    pub key: Key,
    pub gate: Option<Arc<dyn Gate>>,
    pub observer: Option<Arc<dyn Observe>>,
    pub sending: Option<Arc<dyn Sending>>,
}

#[derive(Debug, Clone)]
pub enum Body {
    None,
    Json(Bytes),
    Form(Form),
}

impl Body {
    /// What of it is in memory.
    pub fn held(&self) -> usize {
        match self {
            Self::None => 0,
            Self::Json(body) => body.len(),
            Self::Form(form) => form.held(),
        }
    }
}

/// What the caller wants to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// The whole reply.
    Reply,
    /// The whole reply, its vectors taken out of it.
    Vectors,
    /// Its events, one by one.
    Events,
    /// The head now and the body as bytes, piece by piece, whatever it holds.
    Bytes,
}

#[derive(Clone)]
pub enum Key {
    /// Sent by the caller's own headers, or not at all.
    None,
    Known(Secret),
    /// Asked anew for each attempt: it may be short-lived.
    Ask(Arc<dyn AskKey>),
}

pub type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

pub trait AskKey: Send + Sync {
    fn ask(&self) -> BoxFuture<Result<Secret, Error>>;
}

/// Is told of every attempt when it has ended.
pub trait Observe: Send + Sync {
    fn attempt(&self, attempt: Attempt);
}

/// Is told how much of a body is on its way, of each attempt anew: twenty times a second at most, and at its end.
pub trait Sending: Send + Sync {
    fn sent(&self, bytes: u64, of: u64);
}

#[derive(Debug, Clone)]
pub struct Attempt {
    pub method: Method,
    pub path: String,
    pub number: u32,
    pub status: Option<u16>,
    pub elapsed: Duration,
    pub request_id: Option<String>,
    /// Why it failed.
    pub failure: Option<String>,
    /// The wait before the next one; none if this was the last.
    pub retry_in: Option<Duration>,
    /// What its reply says of limits, whether it is a success or an error.
    pub limits: Limits,
}

/// Stands before every attempt: a limit of calls that are under way, a pace, a budget. A call's clock starts when its
/// first attempt is let in; from then on it runs while the others wait too.
pub trait Gate: Send + Sync {
    /// Ready when the attempt may be made. An error ends the call with it, and is not retried.
    fn admit(&self) -> BoxFuture<Result<Pass, Error>>;

    /// How the attempt ended that was let in with `pass`; of a stream, when its first event is here.
    fn ended(&self, _pass: &Pass, _result: Result<&Head, &Error>) {}
}

/// What an attempt was let in with. It is dropped, and so given back, when the attempt has ended and the observer knows
/// of it, before the wait for a retry; for a reply that is read while it arrives, when that has ended.
pub type Pass = Arc<dyn Any + Send + Sync>;
