//! What other HTTP clients send by our connections: `wenwen.bridge` gives them the transports for it.
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList, PyTuple};
use tokio::task::AbortHandle;

use super::events::{OwnedHere, read_already};
use super::key::secret;
use super::options::Hidden;
use super::settings::Settings;
use super::{blocking, errors, exit, runtime};
use crate::core::error;
use crate::core::relay::{self, Arrival, PeerLimits, RelayFailure, RelayLine, Relayed};
use crate::core::wait::ready;

/// A request that another client has made, on its way since this was made, and its reply.
///
/// content: its body; None if its pieces follow, by `offer` or `put`, and `finish`. limits: that client's, as httpx has
/// them: connect, read, write, pool; None for none. spent: seconds of the call's time that are gone already. key: what
/// the settings' own function has said, hidden.
#[pyclass(frozen, weakref, module = "wenwen._core")]
pub struct Relay {
    line: OwnedHere<Arc<RelayLine>>,
    task: Option<AbortHandle>,
}

type Header<'py> = (Bound<'py, PyBytes>, Bound<'py, PyBytes>);
type Four = (Option<f64>, Option<f64>, Option<f64>, Option<f64>);

/// A limit in seconds as httpx takes them: none that is too long to be one, and none below 0.
fn limit(seconds: Option<f64>) -> Option<Duration> {
    seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds.max(0.0)).ok())
}

#[pymethods]
impl Relay {
    #[new]
    #[pyo3(signature = (settings, method, url, headers, content, limits, spent=0.0, key=None))]
    #[expect(clippy::too_many_arguments, reason = "what a request is made of")]
    fn new(
        settings: &Bound<'_, Settings>,
        method: &str,
        url: &str,
        headers: Vec<Header<'_>>,
        content: Option<&[u8]>,
        limits: Four,
        spent: f64,
        key: Option<Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let _inside = exit::enter(settings.py());
        let key = key.map(|key| secret(&Hidden::reveal(key))).transpose()?;
        let settings = settings.get();
        let (connect, read, write, pool) = limits;
        let limits = PeerLimits { connect: limit(connect), read: limit(read), write: limit(write), pool: limit(pool) };
        let pairs = headers.iter().map(|(name, value)| (name.as_bytes(), value.as_bytes()));
        let made = Relayed::new(method, url, pairs, limits, &settings.config, &settings.route, key);
        let core = runtime::core()?;
        let begun = made.and_then(|relayed| {
            let line = RelayLine::new(content.map(Bytes::copy_from_slice), relayed.wire.headers())?;
            let client = core.transport.client(&relayed.route);
            let client = client.map_err(|why| RelayFailure::new("ConnectError", why))?;
            let work = relay::run(line.clone(), client, relayed, limit(Some(spent)).unwrap_or_default());
            let told = line.clone();
            let work = error::caught(async move {
                work.await;
                Ok(())
            });
            let task = core.runtime.spawn(async move {
                if let Err(bug) = work.await {
                    told.end(Err(RelayFailure::new("", bug.message)));
                }
            });
            Ok((line, Some(task.abort_handle())))
        });
        let (line, task) = begun.unwrap_or_else(|failure| (RelayLine::failed(failure), None));
        Ok(Self { line: OwnedHere::new(line), task })
    }

    /// Takes a piece of the request's body. None if there is no room for it yet, False if no more of it is wanted.
    fn offer(&self, piece: &[u8]) -> PyResult<Option<bool>> {
        Ok(self.line.get()?.offer(piece))
    }

    /// The same, and waits for room.
    fn put(&self, py: Python<'_>, piece: &[u8]) -> PyResult<bool> {
        let _inside = exit::enter(py);
        let line = self.line.get()?;
        loop {
            match line.offer(piece) {
                Some(taken) => return Ok(taken),
                None => self.wait(py)?,
            }
        }
    }

    /// All of the request's body is here.
    fn finish(&self) -> PyResult<()> {
        self.line.get()?.finish();
        Ok(())
    }

    /// What there is of the reply: its head, (status, headers, version, reason or None), then pieces of its body; None at
    /// the end; the name of an exception of httpx and what it says; this itself if nothing is here yet.
    fn take<'py>(slf: &Bound<'py, Self>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let (py, relay) = (slf.py(), slf.get());
        match relay.line.get()?.take() {
            Arrival::Later => Ok(Some(slf.clone().into_any())),
            taken => given(py, taken),
        }
    }

    /// The same, and waits for it.
    fn next<'py>(slf: &Bound<'py, Self>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let (py, relay) = (slf.py(), slf.get());
        let _inside = exit::enter(py);
        let line = relay.line.get()?;
        loop {
            match line.take() {
                Arrival::Later => relay.wait(py)?,
                taken => return given(py, taken),
            }
        }
    }

    /// Ends it and its connection, unless that has brought all it should. A child leaves its parent's as they are.
    fn close(&self) {
        if let (Some(task), Ok(line)) = (&self.task, self.line.get()) {
            task.abort();
            line.stop();
        }
    }

    /// The key that stands for the client's own in what is sent.
    #[classattr]
    #[pyo3(name = "KEY")]
    fn key() -> &'static str {
        relay::KEY
    }

    /// Where the gateway's API begins, for OpenAI's package and for Anthropic's.
    #[staticmethod]
    fn roots(settings: &Bound<'_, Settings>) -> (String, String) {
        let root = &settings.get().config.root;
        (root.join("/v1", &[]).into(), root.url().as_str().trim_end_matches('/').to_owned())
    }
}

impl Relay {
    pub fn line(&self) -> PyResult<&Arc<RelayLine>> {
        self.line.get()
    }

    fn wait(&self, py: Python<'_>) -> PyResult<()> {
        let line = self.line.get()?;
        match blocking::wait(py, ready(&**line))? {
            true => Ok(()),
            false => Err(read_already()),
        }
    }
}

fn given<'py>(py: Python<'py>, taken: Arrival) -> PyResult<Option<Bound<'py, PyAny>>> {
    Ok(Some(match taken {
        Arrival::Piece(piece) => PyBytes::new(py, &piece).into_any(),
        Arrival::End(Ok(())) | Arrival::Later => return Ok(None),
        Arrival::End(Err(RelayFailure { name: "", message })) => return Err(errors::bug(py, &message)),
        Arrival::End(Err(failure)) => PyTuple::new(py, [failure.name, &failure.message])?.into_any(),
        Arrival::Head(head) => {
            let bytes = |bytes: &[u8]| PyBytes::new(py, bytes);
            let headers = head.headers.iter().map(|(name, value)| (bytes(name.as_ref()), bytes(value.as_bytes())));
            let headers = PyList::new(py, headers.collect::<Vec<_>>())?;
            (head.status, headers, bytes(head.version.as_bytes()), head.reason.as_deref().map(bytes))
                .into_pyobject(py)?
                .into_any()
        }
    }))
}

/// Let go of: nobody reads on.
impl Drop for Relay {
    fn drop(&mut self) {
        match (&self.task, self.line.get()) {
            (Some(task), Ok(_)) => task.abort(),
            // Of a parent process, whose runtime it is.
            (_, Err(_)) => std::mem::forget(self.task.take()),
            (None, Ok(_)) => {}
        }
    }
}
