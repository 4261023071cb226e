//! API keys that a function of the user's gives, anew for each attempt.
use std::sync::{Arc, Mutex, PoisonError};

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3_async_runtimes::{TaskLocals, into_future_with_locals};
use tokio::sync::oneshot;

use super::exit;
use super::mailbox::Post;
use crate::core::config::Secret;
use crate::core::error::{Error, Kind};
use crate::core::request::{AskKey, BoxFuture};

type Answer = Result<Secret, Error>;

fn failed(error: PyErr) -> Error {
    Error::new(Kind::Callback(Box::new(error)), "the api_key function failed")
}

/// What the function returned, as a key.
fn secret(value: &Bound<'_, PyAny>) -> PyResult<Secret> {
    let text: String = value.extract().map_err(|_| {
        PyTypeError::new_err(format!("the api_key function returned a {}, not a str", value.get_type()))
    })?;
    Secret::new(&text).map_err(|why| PyValueError::new_err(format!("from the api_key function: {why}")))
}

/// For sync calls: the attempt runs on the calling thread, which asks.
pub struct AskHere(pub Py<PyAny>);

impl AskKey for AskHere {
    fn ask(&self) -> BoxFuture<Answer> {
        let answer = exit::attach(|py| {
            let value = self.0.bind(py).call0()?;
            if value.hasattr(intern!(py, "__await__"))? {
                let _ = value.call_method0(intern!(py, "close"));
                return Err(PyTypeError::new_err("an async api_key function needs wenwen.AsyncClient or wenwen.aio"));
            }
            secret(&value)
        });
        Box::pin(std::future::ready(answer.map_err(failed)))
    }
}

/// For async calls: the attempt runs on a Rust thread, which sends word to the loop's thread.
pub struct AskLoop {
    pub function: Arc<Py<PyAny>>,
    pub post: Arc<Post>,
}

impl AskKey for AskLoop {
    fn ask(&self) -> BoxFuture<Answer> {
        let (answer, answered) = oneshot::channel();
        let (under_way, begun) = oneshot::channel();
        let function = self.function.clone();
        // Runs in the loop's thread.
        self.post.run(Box::new(move |py| {
            let slot = Bound::new(py, KeySlot(Mutex::new(Some(answer))))?;
            let ask = py.import(intern!(py, "wenwen._loop"))?.getattr(intern!(py, "answer_key"))?;
            let awaitable = ask.call1((function.bind(py), slot))?;
            let locals = TaskLocals::with_running_loop(py)?.copy_context(py)?;
            let _ = under_way.send(into_future_with_locals(&locals, awaitable)?);
            Ok(None)
        }));
        Box::pin(async move {
            let gone = || Error::new(Kind::Connection, "the event loop ended before the api_key function answered");
            let running = begun.await.map_err(|_| gone())?;
            // The answer comes through the slot, made in the loop's thread: the awaitable's own result would have
            // to be looked at here, and no Rust thread attaches to Python.
            tokio::select! {
                biased;
                answer = answered => answer.unwrap_or_else(|_| Err(gone())),
                _ = running => Err(gone()),
            }
        })
    }
}

/// Where the loop's thread puts the key.
#[pyclass(frozen, module = "wenwen._core")]
pub struct KeySlot(Mutex<Option<oneshot::Sender<Answer>>>);

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
    fn send(&self, answer: Answer) {
        if let Some(sender) = self.0.lock().unwrap_or_else(PoisonError::into_inner).take() {
            let _ = sender.send(answer);
        }
    }
}
