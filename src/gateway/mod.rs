//! The embedded local gateway: answers as the real one does, on loopback.
//!
//! One thread, one current-thread runtime, one listener. A request is read ([`http`]), entered in the journal
//! ([`journal`]), answered from the script ([`script`]), by a handler (`calls`) or by its endpoint's row (`rows`),
//! and the answer, compiled to a list of steps, is played on the raw socket ([`steps`]).
mod audio;
mod builtin;
mod calls;
mod catalog;
mod chat;
mod embeddings;
mod envelope;
pub mod fault;
mod form;
mod gemini;
pub mod http;
mod ids;
mod images;
pub mod journal;
mod messages;
mod midjourney;
mod others;
mod picture;
mod responses;
mod rows;
mod sampler;
pub mod script;
mod server;
pub mod steps;
mod tasks;
mod text;
mod videos;

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::oneshot;

pub use calls::HeldRequest;
pub use envelope::Refusal;
pub use form::UploadForm;
use journal::lock;
pub use journal::{End, Entry, Journal};
pub use script::{BodyKind, Content, Delivery, Framing, Scripted};

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

/// A running gateway; dropped, it stops.
pub struct Gateway {
    shared: Arc<server::Service>,
    address: SocketAddr,
    pid: u32,
    /// Taken by the first `close`.
    running: Mutex<Option<(oneshot::Sender<()>, JoinHandle<()>)>>,
}

impl Gateway {
    /// Binds and serves. Fails when the address is not a loopback one or is taken.
    pub fn start(config: Setup) -> io::Result<Self> {
        let address = SocketAddr::new(loopback(&config.host)?, config.port);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let listener = runtime.block_on(async {
            let socket = match address {
                SocketAddr::V4(_) => tokio::net::TcpSocket::new_v4()?,
                SocketAddr::V6(_) => tokio::net::TcpSocket::new_v6()?,
            };
            #[cfg(unix)]
            socket.set_reuseaddr(true)?; // a fixed port is free again at once
            socket.bind(address)?;
            socket.listen(4096) // benchmarks open thousands of connections at once
        })?;
        let address = listener.local_addr()?;
        let shared = Arc::new(server::Service {
            journal: Journal::new(config.journal_entries, config.journal_bytes),
            config,
            script: script::Script::default(),
            calls: calls::HeldRequests::default(),
            tasks: tasks::Tasks::default(),
            accepted: 0.into(),
            open: 0.into(),
        });
        let (stop, stopped) = oneshot::channel();
        let serving = shared.clone();
        let thread = std::thread::Builder::new()
            .name("wenwen-gateway".to_owned())
            .spawn(move || runtime.block_on(server::run(listener, serving, stopped)))?;
        Ok(Self { shared, address, pid: std::process::id(), running: Mutex::new(Some((stop, thread))) })
    }

    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://127.0.0.1:port`, without a slash at its end.
    #[must_use]
    pub fn root(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Whether this is the process that started it. In a forked child nothing but `drop` may be called, for the
    /// thread that serves and the locks it may have held stayed in the parent.
    #[must_use]
    pub fn is_here(&self) -> bool {
        self.pid == std::process::id()
    }

    /// Appends to the script: it answers the next requests, whatever their path.
    pub fn push(&self, scripted: Scripted) {
        self.shared.script.push(scripted, &self.shared.config);
    }

    /// Forgets what is left of the script.
    pub fn clear_script(&self) {
        self.shared.script.clear();
    }

    /// How many scripted answers have not been taken; one that answers for ever counts as one.
    #[must_use]
    pub fn script_left(&self) -> usize {
        self.shared.script.left()
    }

    /// Whether requests past the end of the script wait for [`Gateway::next_call`] instead of the default answer.
    pub fn set_handler(&self, on: bool) {
        self.shared.calls.serve(on);
        self.shared.script.set_handler(on);
    }

    /// Blocks for the next request that waits for the handler; `None` after `time` or once closed.
    #[must_use]
    pub fn next_call(&self, time: Duration) -> Option<HeldRequest> {
        self.shared.calls.next(time)
    }

    #[must_use]
    pub fn journal(&self) -> &Journal {
        &self.shared.journal
    }

    /// Connections accepted so far.
    #[must_use]
    pub fn connections(&self) -> u64 {
        self.shared.accepted.load(Ordering::Relaxed)
    }

    /// Connections open now.
    #[must_use]
    pub fn open_connections(&self) -> usize {
        self.shared.open.load(Ordering::Relaxed)
    }

    /// Closes every connection and frees the port. A second call does nothing.
    pub fn close(&self) {
        if !self.is_here() {
            // The runtime and its descriptors are the parent's: touching them here would be felt there. A lock that
            // cannot be had was held by a thread that does not exist here.
            if let Ok(mut running) = self.running.try_lock() {
                std::mem::forget(running.take());
            }
            return;
        }
        let running = lock(&self.running).take();
        if let Some((stop, thread)) = running {
            self.shared.calls.close();
            drop(stop);
            let _ = thread.join();
        }
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.close();
    }
}

fn loopback(host: &str) -> io::Result<IpAddr> {
    let address = match host.trim_start_matches('[').trim_end_matches(']') {
        "localhost" => Some(IpAddr::from([127, 0, 0, 1])),
        host => host.parse().ok(),
    };
    address.filter(IpAddr::is_loopback).ok_or_else(|| {
        io::Error::new(
            io::ErrorKind::InvalidInput,
            format!("the local gateway binds loopback addresses only (127.x.x.x, ::1, localhost), not {host:?}"),
        )
    })
}
