//! The client without Python: a call goes down as a request and comes back as a reply, an event stream or an error.
//!
//! `config` and `request` say what is wanted, `send` makes the attempts under one deadline, `transport` owns the
//! connections, `reply` tells success from failure, `sse` and `stream` read event streams, `pull` reads bodies piece by
//! piece, `wait` wakes their readers, `embeddings` reads vectors, `error` is what can go wrong, `secret` what nobody is
//! shown.
pub mod body;
pub mod config;
pub mod embeddings;
pub mod endpoint;
pub mod error;
pub mod events;
pub mod multipart;
pub mod pull;
pub mod reply;
pub mod request;
pub mod retry;
pub mod secret;
pub mod send;
pub mod sse;
pub mod stream;
pub mod transport;
pub mod usage;
pub mod wait;
