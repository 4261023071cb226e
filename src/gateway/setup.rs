//! What a gateway is told at its start.
use std::time::Duration;

#[derive(Debug, Clone)]
pub struct Setup {
    /// A loopback address or `localhost`.
    pub host: String,
    /// 0: any free one.
    pub port: u16,
    /// The only key accepted; `None`: any that is not empty.
    pub api_key: Option<String>,
    /// The only models there are; `None`: any.
    pub models: Option<Vec<String>>,
    /// Before every answer that is not a refusal.
    pub latency: Duration,
    /// Between two events of a stream.
    pub event_delay: Duration,
    /// Keep-alive comments in streams, this long after the last byte. They begin before the upstream answers.
    pub ping_interval: Option<Duration>,
    /// Bytes of a request head.
    pub max_head: usize,
    /// Bytes of a request body, as sent and decompressed.
    pub max_body: usize,
    /// How long a connection may say nothing while the client has the word.
    pub idle: Duration,
    /// How many requests the journal holds; the oldest go.
    pub journal_entries: usize,
    /// How many bytes of bodies the journal holds; the oldest bodies go, their entries stay.
    pub journal_bytes: usize,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            host: "127.0.0.1".to_owned(),
            port: 0,
            api_key: None,
            models: None,
            latency: Duration::ZERO,
            event_delay: Duration::ZERO,
            ping_interval: None,
            max_head: 64 * 1024,
            max_body: 128 << 20,
            idle: Duration::from_secs(60),
            journal_entries: 10_000,
            journal_bytes: 64 << 20,
        }
    }
}
