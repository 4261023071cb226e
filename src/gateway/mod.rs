//! The embedded local gateway: answers as the real one does, on loopback.
//!
//! One thread, one current-thread runtime, one listener. A request is read ([`http`]), entered in the journal
//! ([`journal`]), answered from the script ([`script`]), by a handler (`handler`) or by its endpoint's row (`rows`),
//! unless a limit refuses it (`quota`), and the answer ([`content`]), compiled to a list of steps, is played on the raw socket ([`steps`]). What a request may
//! not say is in `rules`, what the models answer in their dialects' files, by `sampler` where a schema or a tool wants it.
mod ask;
mod audio;
mod builtin;
mod catalog;
mod chat;
pub mod content;
mod embeddings;
mod envelope;
mod fault;
mod form;
mod gemini;
mod handler;
pub mod http;
mod ids;
mod images;
pub mod journal;
mod messages;
mod midjourney;
mod model;
mod others;
mod pattern;
mod picture;
mod quota;
mod responses;
mod rows;
mod rules;
mod sampler;
pub mod script;
mod server;
mod service;
mod setup;
pub mod steps;
mod tasks;
mod text;
mod tools;
mod videos;

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::oneshot;

pub use content::{BodyKind, Content, Delivery, Fault, Framing};
pub use envelope::Refusal;
pub use form::UploadForm;
pub use handler::HeldRequest;
use journal::lock;
pub use journal::{End, Entry, Journal};
pub use quota::Quota;
pub use script::Scripted;
pub use setup::Setup;

/// A running gateway; dropped, it stops.
pub struct Gateway {
    shared: Arc<service::Service>,
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
        let shared = Arc::new(service::Service {
            journal: Journal::new(config.journal_entries, config.journal_bytes),
            config,
            script: script::Script::default(),
            calls: handler::HeldRequests::default(),
            tasks: tasks::Tasks::default(),
            quotas: quota::Quotas::default(),
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

    /// What it lets through from now on; nothing is limited without any.
    pub fn limit(&self, quotas: Vec<Quota>) {
        self.shared.quotas.set(quotas);
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
