//! Replies with their HTTP face: `with_raw_response` and `with_streaming_response`.
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use pyo3::exceptions::{PyRuntimeError, PyStopIteration, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyTuple};
use pyo3::{PyTraverseError, PyVisit};

use super::call::Shape;
use super::events::{OwnedHere, Stream};
use super::headers::Headers;
use super::object::{self, PickledHead, pickle_head, unpickle_head};
use super::{blocking, decode, exit};
use crate::core::error::Error;
use crate::core::reply::{Head, Reply};
use crate::core::send::ByteStream;

/// A reply as HTTP gave it: `status_code`, `headers`, `content`, `text`, `json()`; `parse()` makes of it what the call
/// would have returned.
#[pyclass(frozen, module = "wenwen._core")]
pub struct APIResponse {
    head: Arc<Head>,
    body: Bytes,
    shape: Option<Shape>,
    /// A `Stream`, or what reads one in an event loop.
    stream: Option<Py<PyAny>>,
}

impl APIResponse {
    pub fn of_reply<'py>(py: Python<'py>, reply: Reply, shape: Shape) -> PyResult<Bound<'py, PyAny>> {
        let head = Arc::new(reply.head);
        Ok(Bound::new(py, Self { head, body: reply.body, shape: Some(shape), stream: None })?.into_any())
    }

    pub fn of_stream<'py>(py: Python<'py>, head: Arc<Head>, stream: Bound<'py, Stream>) -> PyResult<Bound<'py, PyAny>> {
        let stream = Some(stream.into_any().unbind());
        Ok(Bound::new(py, Self { head, body: Bytes::new(), shape: None, stream })?.into_any())
    }

    pub fn of_error<'py>(py: Python<'py>, head: Arc<Head>, body: Bytes) -> PyResult<Bound<'py, Self>> {
        Bound::new(py, Self { head, body, shape: None, stream: None })
    }
}

#[pymethods]
impl APIResponse {
    #[getter]
    fn status_code(&self) -> u16 {
        self.head.status
    }

    #[getter]
    fn headers(&self) -> Headers {
        Headers(self.head.headers.clone())
    }

    /// The gateway's id of the request; None if it gave none.
    #[getter]
    fn request_id(&self) -> Option<String> {
        self.head.request_id.clone()
    }

    /// How often the request was sent.
    #[getter]
    fn attempts(&self) -> u32 {
        self.head.attempts
    }

    /// openai's count: attempts after the first.
    #[getter]
    fn retries_taken(&self) -> u32 {
        self.head.attempts.saturating_sub(1)
    }

    /// Seconds from the first attempt to the reply.
    #[getter]
    fn elapsed(&self) -> f64 {
        self.head.elapsed.as_secs_f64()
    }

    /// The body, decompressed.
    #[getter]
    fn content<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.body)
    }

    /// The body as text; what is not UTF-8 in it becomes U+FFFD.
    #[getter]
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body's JSON. ValueError if it is none.
    fn json<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        decode::parse(py, &self.body).map_err(|why| PyValueError::new_err(format!("the body is not JSON: {why}")))
    }

    /// What the call would have returned without `with_raw_response`: the typed reply, a dict or a stream.
    fn parse<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let _inside = exit::enter(py);
        match (&self.stream, &self.shape) {
            (Some(stream), _) => Ok(stream.bind(py).clone()),
            (None, Some(shape)) => shape.reply(py, Reply { head: (*self.head).clone(), body: self.body.clone() }),
            (None, None) => self.json(py),
        }
    }

    /// The same with its stream, if it has one, made into another by `wrap`.
    fn _with_stream<'py>(slf: &Bound<'py, Self>, wrap: &Bound<'py, PyAny>) -> PyResult<Bound<'py, Self>> {
        let (py, response) = (slf.py(), slf.get());
        let Some(stream) = &response.stream else { return Ok(slf.clone()) };
        let stream = Some(wrap.call1((stream,))?.unbind());
        Bound::new(py, Self { head: response.head.clone(), body: Bytes::new(), shape: None, stream })
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.stream.as_ref().map_or(Ok(()), |stream| visit.call(stream))?;
        self.shape.as_ref().map_or(Ok(()), |shape| shape.traverse(&visit))
    }

    fn __repr__(&self) -> String {
        format!("<APIResponse {}, {} bytes>", self.head.status, self.body.len())
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let (py, response) = (slf.py(), slf.get());
        if response.stream.is_some() {
            return Err(PyRuntimeError::new_err("an open stream cannot be pickled: read it first"));
        }
        let arguments = (pickle_head(py, &response.head)?, response.content(py)).into_pyobject(py)?;
        Ok((object::ours(py, "_response")?, arguments))
    }
}

/// Unpickles a raw reply.
#[pyfunction]
#[pyo3(name = "_response")]
pub fn response(head: PickledHead<'_>, body: Vec<u8>) -> APIResponse {
    APIResponse { head: Arc::new(unpickle_head(head)), body: body.into(), shape: None, stream: None }
}

/// A reply whose body is read piece by piece; iterating gives bytes.
#[pyclass(frozen, weakref, module = "wenwen._core")]
pub struct Body {
    head: Arc<Head>,
    shape: Shape,
    state: Mutex<State>,
}

struct State {
    bytes: OwnedHere<Option<ByteStream>>,
    over: bool,
    lent: bool,
    /// The whole body, once it was asked for.
    whole: Option<Bytes>,
}

impl Body {
    pub fn new(bytes: ByteStream, shape: Shape) -> Self {
        let head = Arc::new(bytes.head.clone());
        let state = State { bytes: OwnedHere::new(Some(bytes)), over: false, lent: false, whole: None };
        Self { head, shape, state: Mutex::new(state) }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn lend(&self) -> PyResult<Option<ByteStream>> {
        let mut state = self.state();
        if state.over {
            return Ok(None);
        }
        if state.lent {
            return Err(PyRuntimeError::new_err("this body is being read already, by another task or thread"));
        }
        state.lent = true;
        Ok(state.bytes.get_mut()?.take())
    }

    /// The bytes that a read brought; None at the end.
    pub fn give_back<'py>(
        &self,
        py: Python<'py>,
        bytes: ByteStream,
        result: Result<Option<Bytes>, Error>,
        whole: bool,
    ) -> PyResult<Bound<'py, PyAny>> {
        let mut state = self.state();
        state.lent = false;
        if !state.over {
            *state.bytes.get_mut()? = Some(bytes);
        }
        match result {
            Ok(Some(chunk)) => {
                if whole {
                    state.over = true;
                    state.whole = Some(chunk.clone());
                }
                Ok(PyBytes::new(py, &chunk).into_any())
            }
            Ok(None) => {
                state.over = true;
                Ok(py.None().into_bound(py))
            }
            Err(error) => {
                state.over = true;
                drop(state);
                Err(self.shape.error(py, error))
            }
        }
    }

    fn pull<'py>(&self, py: Python<'py>, whole: bool) -> PyResult<Bound<'py, PyAny>> {
        let _inside = exit::enter(py);
        let Some(mut bytes) = self.lend()? else { return Ok(py.None().into_bound(py)) };
        let read = async move {
            let result = if whole { bytes.rest().await.map(Some) } else { bytes.next().await };
            (bytes, result)
        };
        let (bytes, result) = blocking::wait(py, read).inspect_err(|_| {
            let mut state = self.state();
            (state.over, state.lent) = (true, false);
        })?;
        self.give_back(py, bytes, result, whole)
    }
}

#[pymethods]
impl Body {
    #[getter]
    fn status_code(&self) -> u16 {
        self.head.status
    }

    #[getter]
    fn headers(&self) -> Headers {
        Headers(self.head.headers.clone())
    }

    #[getter]
    fn request_id(&self) -> Option<String> {
        self.head.request_id.clone()
    }

    fn __iter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    fn __next__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let chunk = self.pull(py, false)?;
        if chunk.is_none() { Err(PyStopIteration::new_err(())) } else { Ok(chunk) }
    }

    /// The whole body; again the same afterwards.
    fn read<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        if let Some(whole) = &self.state().whole {
            return Ok(PyBytes::new(py, whole).into_any());
        }
        let chunk = self.pull(py, true)?;
        if chunk.is_none() {
            Err(PyRuntimeError::new_err("the body has been read piece by piece already"))
        } else {
            Ok(chunk)
        }
    }

    /// What has been read by `read`, None before.
    fn _whole<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyBytes>> {
        self.state().whole.as_ref().map(|whole| PyBytes::new(py, whole))
    }

    /// What the call would have returned, of the bytes that were read.
    fn _parse<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let _inside = exit::enter(py);
        let body = self.state().whole.clone().unwrap_or_default();
        self.shape.check(&self.head, &body).map_err(|error| self.shape.error(py, error))?;
        self.shape.reply(py, Reply { head: (*self.head).clone(), body })
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.shape.traverse(&visit)
    }

    fn close(&self) -> PyResult<()> {
        let mut state = self.state();
        (state.over, state.lent) = (true, false);
        drop(state.bytes.get_mut()?.take());
        Ok(())
    }
}
