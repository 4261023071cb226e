//! The local gateway as Python sees it: four plain classes, made comfortable by `wenwen/testing.py`.
//!
//! Nothing here is called by a Rust thread: a request that waits for a Python function is fetched by a Python thread.
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use pyo3::exceptions::{PyOSError, PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{PyBytes, PyDict, PyList};

use super::exit;
use crate::gateway::{
    BodyKind, Content, Delivery, Entry, Fault, Framing, Gateway, HeldRequest, Quota, Refusal, Scripted, Setup,
    UploadForm,
};

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<PyGateway>()?;
    module.add_class::<GatewayReply>()?;
    module.add_class::<GatewayRequest>()?;
    module.add_class::<GatewayCall>()
}

fn seconds(name: &str, value: f64) -> PyResult<Duration> {
    Duration::try_from_secs_f64(value)
        .map_err(|_| PyValueError::new_err(format!("{name} must be a number of seconds, 0 or more, not {value}")))
}

/// One scripted answer, as the gateway takes it.
#[pyclass(frozen, module = "wenwen._core")]
struct GatewayReply(Scripted);

#[pymethods]
impl GatewayReply {
    /// `kind`: "usual", "json", "text", "html", "bytes", "events" or "raw"; `pieces`: the body. Times are seconds.
    #[new]
    #[pyo3(signature = (*, status=200, kind="usual", pieces=vec![], headers=vec![], delay=None, gap=None,
        chunk_size=None, pings=0, ping_interval=0.0, cut=None, stall=None, reset=false, close=false,
        framing="auto", gzip=false, fault=None, times=1))]
    #[allow(clippy::too_many_arguments)] // each is one keyword of `Reply`
    fn new(
        status: u16,
        kind: &str,
        pieces: Vec<PyBackedBytes>,
        headers: Vec<(String, String)>,
        delay: Option<f64>,
        gap: Option<f64>,
        chunk_size: Option<usize>,
        pings: u32,
        ping_interval: f64,
        cut: Option<usize>,
        stall: Option<usize>,
        reset: bool,
        close: bool,
        framing: &str,
        gzip: bool,
        fault: Option<&str>,
        times: u32,
    ) -> PyResult<Self> {
        if !(100..=999).contains(&status) {
            return Err(PyValueError::new_err(format!("status must be from 100 to 999, not {status}")));
        }
        let one_line = |text: &str| !text.contains(['\r', '\n']);
        if let Some((name, value)) = headers.iter().find(|(name, value)| !one_line(name) || !one_line(value)) {
            return Err(PyValueError::new_err(format!("a header must be one line, not {name:?}: {value:?}")));
        }
        let kind = match kind {
            "usual" => None,
            "json" => Some(BodyKind::Json),
            "text" => Some(BodyKind::Text),
            "html" => Some(BodyKind::Html),
            "bytes" => Some(BodyKind::Bytes),
            "events" => Some(BodyKind::Events),
            "raw" => Some(BodyKind::Raw),
            other => {
                return Err(PyValueError::new_err(format!("no such kind of body: {other:?}")));
            }
        };
        let framing = match framing {
            "auto" => Framing::Auto,
            "length" => Framing::Length,
            "chunked" => Framing::Chunked,
            "close" => Framing::Close,
            other => {
                let message = format!("framing must be auto, length, chunked or close, not {other:?}");
                return Err(PyValueError::new_err(message));
            }
        };
        let (fault, refusal) = match fault.map(|name| (Fault::named(name), Refusal::named(name), name)) {
            None => (None, None),
            Some((None, None, name)) => {
                let known: Vec<_> = Fault::NAMES.iter().map(|(name, _)| format!("{name:?}")).collect();
                let refusals: Vec<_> = Refusal::NAMES.iter().map(|(name, _)| format!("{name:?}")).collect();
                let (known, refusals) = (known.join(", "), refusals.join("; "));
                let message = format!("no such fault: {name:?}; there are {known}; and the refusals {refusals}");
                return Err(PyValueError::new_err(message));
            }
            Some((_, Some(_), name)) if kind.is_some() || status != 200 => {
                let message = format!("{name:?} is a whole answer: not together with a status or a body");
                return Err(PyValueError::new_err(message));
            }
            Some((fault, refusal, _)) => (fault, refusal),
        };
        let content = kind.map(|kind| Content {
            // A copy: the gateway's thread may not hold a Python object.
            pieces: pieces.iter().map(|piece| Bytes::copy_from_slice(piece)).collect(),
            ..Content::new(status, kind, Bytes::new())
        });
        let shape = Delivery {
            delay: delay.map(|time| seconds("delay", time)).transpose()?,
            gap: gap.map(|time| seconds("gap", time)).transpose()?,
            chunk_size: chunk_size.filter(|size| *size > 0),
            pings,
            ping_interval: seconds("ping_interval", ping_interval)?,
            cut,
            stall,
            reset,
            close,
            framing,
            gzip,
            fault,
        };
        Ok(Self(Scripted { content, status, headers, refusal, shape, times }))
    }
}

/// Turns the gateway's instants into `time.monotonic()` values.
#[derive(Clone, Copy)]
struct Monotonic {
    zero: Instant,
    monotonic: f64,
}

impl Monotonic {
    fn now(py: Python<'_>) -> PyResult<Self> {
        let monotonic = py.import("time")?.call_method0("monotonic")?.extract()?;
        Ok(Self { zero: Instant::now(), monotonic })
    }

    fn seconds(self, at: Instant) -> f64 {
        // Instants from before the clock was set come out below it.
        match at.checked_duration_since(self.zero) {
            Some(after) => self.monotonic + after.as_secs_f64(),
            None => self.monotonic - self.zero.duration_since(at).as_secs_f64(),
        }
    }
}

/// A request the gateway was sent. Live: status, bytes and end fill in while it is answered.
#[pyclass(frozen, module = "wenwen._core")]
struct GatewayRequest {
    entry: Arc<Entry>,
    clock: Monotonic,
}

impl GatewayRequest {
    fn kept_body(&self) -> PyResult<Bytes> {
        self.entry.body().ok_or_else(|| {
            let index = self.entry.index;
            PyRuntimeError::new_err(format!(
                "the journal has dropped the body of request {index} to stay within its memory; \
                 see journal_bytes of LocalGateway"
            ))
        })
    }
}

#[pymethods]
impl GatewayRequest {
    /// Counted from 0 in order of arrival.
    #[getter]
    fn index(&self) -> u64 {
        self.entry.index
    }

    #[getter]
    fn method(&self) -> &str {
        &self.entry.request.method
    }

    /// Without the query.
    #[getter]
    fn path(&self) -> &str {
        &self.entry.request.path
    }

    /// Without the question mark; "" when there is none.
    #[getter]
    fn query(&self) -> &str {
        &self.entry.request.query
    }

    /// (name, value) pairs in the order and case sent, the key included.
    #[getter]
    fn headers(&self) -> Vec<(String, String)> {
        self.entry.request.headers.clone()
    }

    /// The first header of that name, whatever its case.
    #[pyo3(signature = (name, default=None))]
    fn header(&self, name: &str, default: Option<String>) -> Option<String> {
        self.entry.request.header(name).map(str::to_owned).or(default)
    }

    /// The body, decompressed.
    #[getter]
    fn body<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        Ok(PyBytes::new(py, &self.kept_body()?))
    }

    /// The body as text; what is not UTF-8 shows as U+FFFD.
    #[getter]
    fn text(&self) -> PyResult<String> {
        Ok(String::from_utf8_lossy(&self.kept_body()?).into_owned())
    }

    /// The body parsed as JSON.
    fn json<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let _inside = exit::enter(py);
        py.import("json")?.call_method1("loads", (self.body(py)?,))
    }

    /// The body parsed as a multipart form: the parts of each name, a text as str, a file as (name, type, content).
    fn form<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let _inside = exit::enter(py);
        let body = self.kept_body()?;
        let kind = self.entry.request.header("content-type").unwrap_or_default();
        let form = UploadForm::parse(kind, &body)
            .map_err(|why| PyValueError::new_err(format!("the body is no form: {why}")))?;
        let parts = PyDict::new(py);
        for part in &form.parts {
            let part_of = match &part.filename {
                None => String::from_utf8_lossy(&part.data).into_pyobject(py)?.into_any(),
                Some(name) => (name, &part.content_type, PyBytes::new(py, &part.data)).into_pyobject(py)?.into_any(),
            };
            match parts.get_item(&part.name)? {
                Some(list) => list.cast::<PyList>()?.append(part_of)?,
                None => parts.set_item(&part.name, [part_of])?,
            }
        }
        Ok(parts)
    }

    /// Bytes of the body as sent, before decompression.
    #[getter]
    fn wire_bytes(&self) -> usize {
        self.entry.request.wire_bytes
    }

    /// The number of the connection it came on, from 1.
    #[getter]
    fn connection(&self) -> u64 {
        self.entry.request.connection
    }

    /// When its head had arrived, as time.monotonic() tells time.
    #[getter]
    fn arrived_at(&self) -> f64 {
        self.clock.seconds(self.entry.request.arrived)
    }

    /// The status answered; None before it is chosen, and for answers that have none.
    #[getter]
    fn status(&self) -> Option<u16> {
        self.entry.outcome().status
    }

    /// Bytes of the answer written so far, head included.
    #[getter]
    fn bytes_written(&self) -> u64 {
        self.entry.progress.bytes.load(Ordering::Relaxed)
    }

    /// Events of the answer written so far.
    #[getter]
    fn events_written(&self) -> u64 {
        self.entry.progress.events.load(Ordering::Relaxed)
    }

    /// "open", "answered", "client closed", "cut" or "gateway closed".
    #[getter]
    fn ended(&self) -> &'static str {
        self.entry.outcome().end.words()
    }

    /// When that was noticed, as time.monotonic() tells time; None while open.
    #[getter]
    fn ended_at(&self) -> Option<f64> {
        self.entry.outcome().at.map(|at| self.clock.seconds(at))
    }

    fn __repr__(&self) -> String {
        let request = &self.entry.request;
        let outcome = self.entry.outcome();
        let secret = ["authorization", "x-api-key", "x-goog-api-key", "mj-api-secret", "proxy-authorization", "cookie"];
        let headers: Vec<String> = request
            .headers
            .iter()
            .map(|(name, value)| {
                let hidden = secret.iter().any(|secret| name.eq_ignore_ascii_case(secret));
                format!("{name}: {}", if hidden { "sk-***" } else { value })
            })
            .collect();
        // Gemini's routes take the key in the query.
        let keyed = request.query.split('&').any(|pair| pair.starts_with("key="));
        let query = match (request.query.is_empty(), keyed) {
            (true, _) => String::new(),
            (false, true) => "?key=sk-***".to_owned(),
            (false, false) => format!("?{}", request.query),
        };
        format!(
            "<GatewayRequest {}: {} {}{query} [{}] {}, {}>",
            self.entry.index,
            request.method,
            request.path,
            headers.join("; "),
            outcome.status.map_or("no status".to_owned(), |status| status.to_string()),
            outcome.end.words(),
        )
    }
}

/// A request that waits for a function's answer.
#[pyclass(frozen, module = "wenwen._core")]
struct GatewayCall {
    call: Mutex<Option<HeldRequest>>,
    clock: Monotonic,
    entry: Arc<Entry>,
}

#[pymethods]
impl GatewayCall {
    #[getter]
    fn request(&self) -> GatewayRequest {
        GatewayRequest { entry: self.entry.clone(), clock: self.clock }
    }

    /// Answers; False when the client has gone meanwhile.
    fn answer(&self, reply: &GatewayReply) -> PyResult<bool> {
        let call = self.call.lock().unwrap_or_else(PoisonError::into_inner).take();
        let call = call.ok_or_else(|| PyRuntimeError::new_err("this call has been answered"))?;
        Ok(call.answer(reply.0.clone()))
    }
}

#[derive(FromPyObject)]
enum OneOrMore {
    One(f64),
    More(Vec<f64>),
}

impl From<OneOrMore> for Vec<f64> {
    fn from(value: OneOrMore) -> Self {
        match value {
            OneOrMore::One(one) => vec![one],
            OneOrMore::More(more) => more,
        }
    }
}

#[derive(FromPyObject)]
struct QuotaFields {
    since: f64,
    rpm: Option<f64>,
    burst: Option<f64>,
    tpm: Option<f64>,
    max_concurrency: Option<u32>,
    window: Option<(u32, f64)>,
    money: Option<u64>,
    named: bool,
    retry_after: Option<f64>,
    channels: OneOrMore,
    latency: OneOrMore,
    hangs: f64,
}

impl From<QuotaFields> for Quota {
    fn from(fields: QuotaFields) -> Self {
        let QuotaFields { since, rpm, burst, tpm, max_concurrency, window, money, named, retry_after, hangs, .. } =
            fields;
        let (channels, latency) = (fields.channels.into(), fields.latency.into());
        Self { since, rpm, burst, tpm, max_concurrency, window, money, named, retry_after, channels, latency, hangs }
    }
}

/// A running gateway.
#[pyclass(frozen, name = "Gateway", module = "wenwen._core")]
struct PyGateway {
    gateway: Gateway,
    clock: Monotonic,
}

impl PyGateway {
    fn here(&self) -> PyResult<&Gateway> {
        if self.gateway.is_here() {
            return Ok(&self.gateway);
        }
        Err(PyRuntimeError::new_err("this local gateway runs in the parent process: start another one after the fork"))
    }

    fn request(&self, entry: Arc<Entry>) -> GatewayRequest {
        GatewayRequest { entry, clock: self.clock }
    }
}

#[pymethods]
impl PyGateway {
    /// Binds a loopback address and serves on a thread of its own.
    #[new]
    #[pyo3(signature = (*, host="127.0.0.1", port=0, api_key=None, models=None, latency=0.0, event_delay=0.0, ping_interval=None,
        max_body=None, journal_entries=None, journal_bytes=None))]
    #[allow(clippy::too_many_arguments)] // each is one keyword of `LocalGateway`
    fn new(
        py: Python<'_>,
        host: &str,
        port: u16,
        api_key: Option<String>,
        models: Option<Vec<String>>,
        latency: f64,
        event_delay: f64,
        ping_interval: Option<f64>,
        max_body: Option<usize>,
        journal_entries: Option<usize>,
        journal_bytes: Option<usize>,
    ) -> PyResult<Self> {
        let usual = Setup::default();
        let config = Setup {
            host: host.to_owned(),
            port,
            api_key,
            models,
            latency: seconds("latency", latency)?,
            event_delay: seconds("event_delay", event_delay)?,
            ping_interval: ping_interval.map(|time| seconds("ping_interval", time)).transpose()?,
            max_body: max_body.unwrap_or(usual.max_body),
            journal_entries: journal_entries.unwrap_or(usual.journal_entries),
            journal_bytes: journal_bytes.unwrap_or(usual.journal_bytes),
            ..usual
        };
        super::runtime::allow_connections();
        let gateway = Gateway::start(config).map_err(|error| match error.kind() {
            std::io::ErrorKind::InvalidInput => PyValueError::new_err(error.to_string()),
            _ => PyOSError::new_err(format!("cannot serve on {host}:{port}: {error}")),
        })?;
        Ok(Self { gateway, clock: Monotonic::now(py)? })
    }

    /// What it lets through from now on: attributes of `wenwen.testing.Quota`, which has checked them.
    fn limit(&self, quotas: Vec<QuotaFields>) -> PyResult<()> {
        self.here()?.limit(quotas.into_iter().map(Quota::from).collect());
        Ok(())
    }

    #[getter]
    fn root(&self) -> String {
        self.gateway.root()
    }

    #[getter]
    fn port(&self) -> u16 {
        self.gateway.address().port()
    }

    fn close(&self, py: Python<'_>) {
        exit::detach(py, || self.gateway.close());
    }

    /// Appends one answer to the script.
    fn push(&self, reply: &GatewayReply) -> PyResult<()> {
        self.here()?.push(reply.0.clone());
        Ok(())
    }

    fn clear_script(&self) -> PyResult<()> {
        self.here()?.clear_script();
        Ok(())
    }

    #[getter]
    fn script_left(&self) -> PyResult<usize> {
        Ok(self.here()?.script_left())
    }

    /// Whether requests past the script's end wait for next_call().
    fn set_handler(&self, on: bool) -> PyResult<()> {
        self.here()?.set_handler(on);
        Ok(())
    }

    /// Waits at most `timeout` seconds for a request that needs the function.
    fn next_call(&self, py: Python<'_>, timeout: f64) -> PyResult<Option<GatewayCall>> {
        let (gateway, time) = (self.here()?, seconds("timeout", timeout)?);
        let call = exit::detach(py, || gateway.next_call(time));
        Ok(call.map(|call| GatewayCall { entry: call.entry.clone(), call: Mutex::new(Some(call)), clock: self.clock }))
    }

    /// The journal, oldest first.
    #[getter]
    fn requests(&self) -> PyResult<Vec<GatewayRequest>> {
        let entries = self.here()?.journal().entries();
        Ok(entries.into_iter().map(|entry| self.request(entry)).collect())
    }

    #[getter]
    fn last_request(&self) -> PyResult<Option<GatewayRequest>> {
        Ok(self.here()?.journal().last().map(|entry| self.request(entry)))
    }

    /// Forgets the journal.
    fn clear(&self) -> PyResult<()> {
        self.here()?.journal().clear();
        Ok(())
    }

    /// Waits until more than `seen` things have happened, at most `timeout` seconds; returns how many have.
    fn wait(&self, py: Python<'_>, seen: u64, timeout: f64) -> PyResult<u64> {
        let (gateway, time) = (self.here()?, seconds("timeout", timeout)?);
        Ok(exit::detach(py, || gateway.journal().wait(seen, time)))
    }

    /// Connections accepted in all.
    #[getter]
    fn connections(&self) -> PyResult<u64> {
        Ok(self.here()?.connections())
    }

    /// Connections open now.
    #[getter]
    fn open_connections(&self) -> PyResult<usize> {
        Ok(self.here()?.open_connections())
    }
}
