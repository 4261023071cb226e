//! The client without Python: a call goes down as a request and comes back as a reply, an event stream or an error.
//!
//! `call` makes of a row of `endpoint`'s table, a caller's values and a `config` the `request` that is sent. `send` makes
//! its attempts (which `retry` allows) under one `clock`, `together` those of several requests; `transport` owns the
//! connections (by `proxy` and `trust`), `broken` has the words for those that fail, `foreign` follows the URLs that
//! replies name (`address` says where to), `response` decodes what comes over them, `limits` reads what its head says of
//! limits, `reply` tells success from failure (by `peek`), `sse` and `stream` read event streams (`dialect` says which,
//! `json` has the small readers, `stream_options` asks for their usage), `pull` reads bodies piece by piece, `wait` wakes
//! their readers, `relay` sends what other clients have made, `embeddings` reads vectors, `characters` UTF-8, `exact` keeps numbers whole, `error` is what can go wrong, `secret` what
//! nobody is shown.
pub mod address;
pub mod body;
pub mod broken;
pub mod call;
pub mod characters;
pub mod clock;
pub mod config;
pub mod dialect;
pub mod embeddings;
pub mod endpoint;
pub mod error;
pub mod events;
pub mod exact;
pub mod foreign;
pub mod json;
pub mod limits;
pub mod multipart;
pub mod peek;
pub mod proxy;
pub mod pull;
pub mod relay;
pub mod reply;
pub mod request;
pub mod response;
pub mod retry;
pub mod secret;
pub mod send;
pub mod sse;
pub mod stream;
pub mod stream_options;
pub mod together;
pub mod transport;
pub mod trust;
pub mod wait;
