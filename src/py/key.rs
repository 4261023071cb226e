//! API keys that a function of the user's gives, anew for each attempt.
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple};
use pyo3_async_runtimes::{TaskLocals, into_future_with_locals};
use tokio::sync::{Notify, oneshot};

use super::mailbox::Post;
use super::{exit, lock};
use crate::core::error::{Error, Kind};
use crate::core::request::{AskKey, BoxFuture};
use crate::core::secret::Secret;

type AskedKey = Result<Secret, Error>;

fn failed(error: PyErr) -> Error {
    Error::new(Kind::Callback(Box::new(error)), "the api_key function failed")
}

/// What the function returned, as a key.
pub fn secret(value: &Bound<'_, PyAny>) -> PyResult<Secret> {
    let text = value.cast::<PyString>().map_err(|_| {
        PyTypeError::new_err(format!("the api_key function returned a {}, not a str", value.get_type()))
    })?;
    Secret::new(text.to_str()?).map_err(|why| PyValueError::new_err(format!("from the api_key function: {why}")))
}

/// For sync calls: the attempt runs on the calling thread, which steps out of it to ask. Within it, a function that
/// makes a call of its own would start the runtime inside the runtime. Of several requests, as many ask as are sent.
#[derive(Default)]
pub struct AskHere {
    asked: Mutex<VecDeque<oneshot::Sender<AskedKey>>>,
    pub bell: Notify,
}

impl AskKey for AskHere {
    fn ask(&self) -> BoxFuture<AskedKey> {
        let (answer, answered) = oneshot::channel();
        lock(&self.asked).push_back(answer);
        self.bell.notify_one();
        let gone = |_| Err(Error::new(Kind::Connection, "the api_key function was not asked"));
        Box::pin(async move { answered.await.unwrap_or_else(gone) })
    }
}

impl AskHere {
    /// Calls the function for each attempt that waits for it. One that fails ends the call, and it is not called again.
    pub fn answer(&self, py: Python<'_>, function: &mut Option<Py<PyAny>>) {
        // The lock is held for this moment: what runs meanwhile asks, too.
        let next = || lock(&self.asked).pop_front();
        while let Some(ask) = function.as_ref()
            && let Some(asked) = next()
        {
            let key = || {
                let value = exit::call(ask.bind(py), &PyTuple::empty(py))?;
                if value.hasattr(intern!(py, "__await__"))? {
                    let _ = value.call_method0(intern!(py, "close"));
                    return Err(PyTypeError::new_err(
                        "an async api_key function needs wenwen.AsyncClient or wenwen.aio",
                    ));
                }
                secret(&value)
            };
            let key = key().map_err(failed);
            if key.is_err() {
                *function = None;
            }
            let _ = asked.send(key);
        }
    }
}

/// For async calls: the attempt runs on a Rust thread, which sends word to the loop's thread.
pub struct AskLoop {
    /// The calls' own, which no collector looks at.
    function: Arc<Py<PyAny>>,
    post: Arc<Post>,
}

impl AskLoop {
    pub fn new(function: Py<PyAny>, post: &Arc<Post>) -> Arc<Self> {
        Arc::new(Self { function: Arc::new(function), post: post.clone() })
    }
}

impl AskKey for AskLoop {
    fn ask(&self) -> BoxFuture<AskedKey> {
        let (answer, answered) = oneshot::channel();
        let (under_way, begun) = oneshot::channel();
        let function = self.function.clone();
        // Runs in the loop's thread.
        self.post.run(Box::new(move |py| {
            let slot = Bound::new(py, KeySlot(Mutex::new(Some(answer))))?;
            let ask = py.import(intern!(py, "wenwen._loop"))?.getattr(intern!(py, "answer_key"))?;
            let awaitable = ask.call1((function.bind(py), slot))?;
            let running = TaskLocals::with_running_loop(py)?.event_loop(py).unbind();
            let guarded = Bound::new(py, GuardedLoop(running))?.into_any();
            let locals = TaskLocals::new(guarded).copy_context(py)?;
            let _ = under_way.send(into_future_with_locals(&locals, awaitable)?);
            Ok(None)
        }));
        Box::pin(async move {
            let gone = || Error::new(Kind::Connection, "the event loop ended before the api_key function answered");
            let _running = begun.await.map_err(|_| gone())?;
            // The answer comes through the slot, made in the loop's thread, and the slot goes with the coroutine. The
            // coroutine's own end is not waited for: told that it was dropped, that future would attach to Python on
            // this Rust thread.
            answered.await.unwrap_or_else(|_| Err(gone()))
        })
    }
}

/// The running loop as `into_future_with_locals` sees it. What that has the loop call runs Python code under Rust
/// frames, which the exit hook must know of.
#[pyclass(frozen, module = "wenwen._core")]
struct GuardedLoop(Py<PyAny>);

#[pymethods]
impl GuardedLoop {
    #[pyo3(signature = (callback, *, context))]
    fn call_soon_threadsafe<'py>(
        &self,
        py: Python<'py>,
        callback: Py<PyAny>,
        context: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let options = PyDict::new(py);
        options.set_item(intern!(py, "context"), context)?;
        let callback = Bound::new(py, Guarded(callback))?;
        self.0.bind(py).call_method(intern!(py, "call_soon"), (callback,), Some(&options))
    }
}

#[pyclass(frozen, module = "wenwen._core")]
struct Guarded(Py<PyAny>);

#[pymethods]
impl Guarded {
    fn __call__(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let _inside = exit::enter(py);
        self.0.call0(py)
    }
}

/// Where the loop's thread puts the key.
#[pyclass(frozen, module = "wenwen._core")]
pub struct KeySlot(Mutex<Option<oneshot::Sender<AskedKey>>>);

#[pymethods]
impl KeySlot {
    fn put(&self, value: &Bound<'_, PyAny>) {
        let answer = secret(value);
        self.send(answer.map_err(failed));
    }

    fn fail(&self, error: &Bound<'_, PyAny>) {
        self.send(Err(failed(PyErr::from_value(error.clone()))));
    }
}

impl KeySlot {
    fn send(&self, answer: AskedKey) {
        let sender = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(sender) = sender {
            let _ = sender.send(answer); // what nobody waits for is dropped, and may run Python
        }
    }
}
