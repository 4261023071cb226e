//! Replies with their HTTP face: `with_raw_response` and `with_streaming_response`.
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use bytes::Bytes;
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyIterator, PyList, PyTuple, PyType};
use pyo3::{PyTraverseError, PyVisit};

use super::asked::{Asked, SentRequest};
use super::call::Shape;
use super::events::{OwnedHere, Stream, ends_reading, read_already};
use super::headers::Headers;
use super::object::{self, PickledHead, pickle_head, unpickle_head};
use super::{blocking, decode, exit};
use crate::core::error::{Error, Kind};
use crate::core::pull::{Pull, Pulled};
use crate::core::reply::{self, Head, Reply};
use crate::core::send::{ByteStream, Outcome};
use crate::core::wait::ready;

/// A reply as HTTP gave it: `status_code`, `headers`, `content`, `text`, `json()`; `parse()` makes of it what the call
/// would have returned.
#[pyclass(frozen, module = "wenwen._core")]
pub struct APIResponse {
    head: Arc<Head>,
    body: Bytes,
    shape: Option<Shape>,
    /// A `Stream`, or what reads one in an event loop.
    stream: Option<Py<PyAny>>,
    asked: Option<Asked>,
    /// What makes of a whole reply one that may be awaited: an async client's.
    wrap: OnceLock<Py<PyAny>>,
}

impl APIResponse {
    fn new(
        head: Arc<Head>,
        body: Bytes,
        shape: Option<Shape>,
        stream: Option<Py<PyAny>>,
        asked: Option<Asked>,
    ) -> Self {
        Self { head, body, shape, stream, asked, wrap: OnceLock::new() }
    }

    pub fn of_reply<'py>(py: Python<'py>, reply: Reply, shape: Shape) -> PyResult<Bound<'py, PyAny>> {
        let (head, asked) = (Arc::new(reply.head), shape.asked.clone());
        Ok(Bound::new(py, Self::new(head, reply.body, Some(shape), None, asked))?.into_any())
    }

    pub fn of_stream<'py>(
        py: Python<'py>,
        head: Arc<Head>,
        stream: Bound<'py, Stream>,
        asked: Option<Asked>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let stream = Some(stream.into_any().unbind());
        Ok(Bound::new(py, Self::new(head, Bytes::new(), None, stream, asked))?.into_any())
    }

    /// Of an error, or of a stream that is read elsewhere: there is nothing to make of its body.
    pub fn of_error<'py>(
        py: Python<'py>,
        head: Arc<Head>,
        body: Bytes,
        asked: Option<Asked>,
    ) -> PyResult<Bound<'py, Self>> {
        Bound::new(py, Self::new(head, body, None, None, asked))
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

    /// What was asked: its `method`, `url` and `headers`. None for a reply that was unpickled.
    #[getter]
    fn request<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, SentRequest>>> {
        self.asked.as_ref().map(|asked| asked.object(py)).transpose()
    }

    /// The peers' name for `request`.
    #[getter]
    fn http_request<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, SentRequest>>> {
        self.request(py)
    }

    /// The peers' name for the reply itself.
    #[getter]
    fn http_response(slf: Py<Self>) -> Py<Self> {
        slf
    }

    /// The method of the request; "" for a reply that was unpickled.
    #[getter]
    fn method(&self, py: Python<'_>) -> PyResult<String> {
        Ok(self.request(py)?.map(|request| request.get().method.clone()).unwrap_or_default())
    }

    /// The URL of the request, in which `***` stands for what is secret; "" for a reply that was unpickled.
    #[getter]
    fn url(&self, py: Python<'_>) -> PyResult<String> {
        Ok(self.request(py)?.map(|request| request.get().url.clone()).unwrap_or_default())
    }

    /// "HTTP/1.1": no other is spoken here.
    #[getter]
    #[allow(clippy::unused_self)]
    fn http_version(&self) -> &'static str {
        "HTTP/1.1"
    }

    /// Whether nothing is open: a whole reply is here, a stream has been read or closed.
    #[getter]
    fn is_closed(&self, py: Python<'_>) -> bool {
        self.stream.as_ref().is_none_or(|stream| {
            let stream = stream.bind(py);
            let own = stream.getattr(intern!(py, "_stream")).unwrap_or_else(|_| stream.clone()); // of an event loop
            own.cast::<Stream>().is_ok_and(|stream| stream.get().is_over())
        })
    }

    /// Ends the stream, if there is one; a whole reply holds nothing that is open.
    fn close<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let Some(stream) = &self.stream else { return Ok(None) };
        stream.bind(py).call_method0(intern!(py, "close")).map(|closing| (!closing.is_none()).then_some(closing))
    }

    /// The same, to be awaited.
    fn aclose<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        match self.close(py)? {
            Some(closing) => Ok(closing),
            None => py.import(intern!(py, "wenwen._loop"))?.call_method0(intern!(py, "closed")),
        }
    }

    /// For annotations: `APIResponse[Response]`.
    #[classmethod]
    fn __class_getitem__<'py>(class: &Bound<'py, PyType>, _item: &Bound<'py, PyAny>) -> Bound<'py, PyType> {
        class.clone()
    }

    /// The body, as `content` has it.
    fn read<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        self.content(py)
    }

    /// The body in pieces of that many bytes; else in one.
    #[pyo3(signature = (chunk_size=None))]
    fn iter_bytes<'py>(&self, py: Python<'py>, chunk_size: Option<usize>) -> PyResult<Bound<'py, PyIterator>> {
        let size = chunk_size.unwrap_or(self.body.len()).max(1);
        PyList::new(py, self.body.chunks(size).map(|piece| PyBytes::new(py, piece)))?.try_iter()
    }

    /// The body as text, in one piece.
    fn iter_text<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyIterator>> {
        PyList::new(py, Some(self.text()).filter(|text| !text.is_empty()))?.try_iter()
    }

    /// The body line by line, without the line ends.
    fn iter_lines<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyIterator>> {
        PyList::new(py, self.text().lines())?.try_iter()
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

    /// What the call would have returned without `with_raw_response`: the typed reply, a dict or a stream. `to` is
    /// another class for a whole reply: one of ours, a model of pydantic's, `object` for plain dicts. Of an async client's
    /// it may be awaited, as Anthropic's package has it.
    #[pyo3(signature = (*, to=None))]
    fn parse<'py>(&self, py: Python<'py>, to: Option<Py<PyAny>>) -> PyResult<Bound<'py, PyAny>> {
        let _inside = exit::enter(py);
        let reply = || Reply { head: (*self.head).clone(), body: self.body.clone() };
        let parsed = match (&self.stream, &self.shape) {
            (Some(stream), _) => return Ok(stream.bind(py).clone()),
            (None, Some(shape)) if to.is_some() => Shape { cast_to: to, ..shape.again(py) }.reply(py, reply())?,
            (None, Some(shape)) => shape.reply(py, reply())?,
            (None, None) => self.json(py)?,
        };
        match self.wrap.get() {
            Some(wrap) => wrap.bind(py).call1((parsed,)),
            None => Ok(parsed),
        }
    }

    /// An async client's: its stream, if it has one, made into another by `stream`; a whole reply, once it is parsed, by
    /// `whole`.
    fn _awaited<'py>(
        slf: &Bound<'py, Self>,
        stream: &Bound<'py, PyAny>,
        whole: Py<PyAny>,
    ) -> PyResult<Bound<'py, Self>> {
        let (py, response) = (slf.py(), slf.get());
        let Some(own) = &response.stream else {
            response.wrap.get_or_init(|| whole);
            return Ok(slf.clone());
        };
        let stream = Some(stream.call1((own,))?.unbind());
        let (head, asked) = (response.head.clone(), response.asked.clone());
        Bound::new(py, Self::new(head, Bytes::new(), None, stream, asked))
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.stream.as_ref().map_or(Ok(()), |stream| visit.call(stream))?;
        self.wrap.get().map_or(Ok(()), |wrap| visit.call(wrap))?;
        self.shape.as_ref().map_or(Ok(()), |shape| shape.traverse(&visit))
    }

    fn __repr__(&self) -> String {
        format!("<APIResponse {}, {} bytes>", self.head.status, self.body.len())
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let (py, response) = (slf.py(), slf.get());
        if !response.is_closed(py) {
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
    APIResponse::new(Arc::new(unpickle_head(head)), body.into(), None, None, None)
}

/// A reply whose body is read piece by piece; iterating gives bytes.
#[pyclass(frozen, weakref, module = "wenwen._core")]
pub struct Body {
    head: Arc<Head>,
    shape: Shape,
    pull: OwnedHere<Arc<Pull>>,
    read: Mutex<Read>,
}

/// What became of a body that was read to its end.
#[derive(Default)]
struct Read {
    whole: Option<Bytes>,
    /// The events of a streamed call.
    stream: Option<Py<PyAny>>,
}

impl Body {
    pub fn new(bytes: ByteStream, shape: Shape) -> Self {
        let head = Arc::new(bytes.head.clone());
        Self { head, shape, pull: OwnedHere::new(Arc::new(Pull::new(bytes))), read: Mutex::default() }
    }

    fn done(&self) -> std::sync::MutexGuard<'_, Read> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn pull(&self) -> PyResult<&Arc<Pull>> {
        self.pull.get()
    }

    /// The bytes of a read; None at the end.
    fn bytes<'py>(
        &self,
        py: Python<'py>,
        result: Result<Option<Bytes>, Error>,
        whole: bool,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let piece = match result {
            Ok(piece) => piece,
            Err(error) => {
                let error = self.shape.error(py, error);
                self.ended(py, None, Some(&error))?;
                return Err(error);
            }
        };
        let Some(piece) = piece else {
            self.ended(py, None, None)?;
            return if whole { self._is_whole(py).map(|()| None) } else { Ok(None) };
        };
        let bytes = PyBytes::new(py, &piece).into_any();
        if whole {
            self.ended(py, Some(&piece), None)?;
            self.done().whole = Some(piece);
        }
        Ok(Some(bytes))
    }

    /// Tells who watches that no more is read, and of the reply what was read at once.
    fn ended(&self, py: Python<'_>, whole: Option<&Bytes>, error: Option<&PyErr>) -> PyResult<()> {
        let Some(watch) = self.shape.watch.as_ref().filter(|watch| !watch.has_ended()) else { return Ok(()) };
        let is_json = |_: &&Bytes| self.head.is_json() && !self.shape.streams;
        let reply = whole.filter(is_json).and_then(|body| decode::parse(py, body).ok());
        watch.end(py, reply.as_ref(), error)
    }

    /// The next piece, or all that is left; None at the end.
    fn next<'py>(&self, py: Python<'py>, whole: bool) -> PyResult<Option<Bound<'py, PyAny>>> {
        let _inside = exit::enter(py);
        let pull = self.pull()?;
        loop {
            if let Pulled::Ready(result) = pull.take(whole) {
                return self.bytes(py, result, whole);
            }
            if !blocking::wait(py, ready(&**pull)).inspect_err(|error| self.interrupted(py, error))? {
                return Err(read_already());
            }
        }
    }

    /// A signal's handler raised while somebody read.
    fn interrupted(&self, py: Python<'_>, error: &PyErr) {
        if ends_reading(py, error)
            && let Ok(pull) = self.pull()
        {
            pull.stop(Err(reply::interrupted(&self.head, "Ctrl-C interrupted the reading")));
            let _ = self.ended(py, None, Some(error));
        }
    }

    /// The body, to make events of it; what is left says that they were not waited for.
    pub fn lend(&self) -> PyResult<ByteStream> {
        let pull = self.pull()?;
        let bytes = pull.lend().ok_or_else(|| {
            PyRuntimeError::new_err("the body has been read already, or is being read: parse() it at once")
        })?;
        pull.stop(Err(reply::interrupted(&self.head, "the wait for its first event was given up")));
        Ok(bytes)
    }

    /// The stream of the events that were made of it.
    pub fn streaming<'py>(&self, py: Python<'py>, outcome: Result<Outcome, Error>) -> PyResult<Bound<'py, PyAny>> {
        self.pull()?.stop(Ok(()));
        let stream = self.shape.again(py).deliver(py, outcome)?;
        self.done().stream = Some(stream.clone().unbind());
        Ok(stream)
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

    #[getter]
    fn attempts(&self) -> u32 {
        self.head.attempts
    }

    #[getter]
    fn elapsed(&self) -> f64 {
        self.head.elapsed.as_secs_f64()
    }

    #[getter]
    fn request<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, SentRequest>>> {
        self.shape.asked.as_ref().map(|asked| asked.object(py)).transpose()
    }

    fn __iter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    fn __next__<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.next(py, false)
    }

    /// The next piece if one is here, or all that is left with `whole`; None at the end; the body itself if there is
    /// none yet.
    fn _pop<'py>(slf: &Bound<'py, Self>, whole: bool) -> PyResult<Option<Bound<'py, PyAny>>> {
        let (py, body) = (slf.py(), slf.get());
        let _inside = exit::enter(py);
        match body.pull()?.take(whole) {
            Pulled::Ready(result) => body.bytes(py, result, whole),
            Pulled::Later => Ok(Some(slf.clone().into_any())),
        }
    }

    /// The whole body; again the same afterwards.
    fn read<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        if let Some(whole) = self._whole(py) {
            return Ok(whole.into_any());
        }
        self.next(py, true)?.ok_or_else(|| PyRuntimeError::new_err("the body has been read piece by piece already"))
    }

    /// What has been read by `read`, None before.
    fn _whole<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyBytes>> {
        self.done().whole.as_ref().map(|whole| PyBytes::new(py, whole))
    }

    /// An error if the body was closed before its end: what was read of it is not all.
    fn _is_whole(&self, py: Python<'_>) -> PyResult<()> {
        match self.pull()?.was_cut() {
            false => Ok(()),
            true => Err(self.shape.error(py, reply::interrupted(&self.head, "the body was closed before its end"))),
        }
    }

    /// Whether the call was one for events.
    #[getter]
    fn _streams(&self) -> bool {
        self.shape.streams
    }

    /// The most that may be held of it at once.
    #[getter]
    fn _most(&self) -> PyResult<u64> {
        Ok(self.pull()?.most)
    }

    /// The error of a piece that is larger.
    fn _too_large(&self, py: Python<'_>, what: &str) -> PyResult<Py<PyAny>> {
        let limit = self.pull()?.most;
        let message = format!(
            "{what} of the reply has more than the {limit} bytes that max_response_bytes allows: reading stopped \
             there; if it should be that large, give the call or the client a larger limit"
        );
        let error = self.head.error(Kind::TooLarge { limit, size: None }, message, &Bytes::new());
        Ok(self.shape.error(py, error).into_value(py).into_any())
    }

    /// What the call would have returned: of the bytes that `read` read, or the events of a stream.
    fn parse<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let _inside = exit::enter(py);
        if !self.shape.streams {
            self.read(py)?;
            let body = self.done().whole.clone().unwrap_or_default();
            self.shape.check(&self.head, &body).map_err(|error| self.shape.error(py, error))?;
            return self.shape.reply(py, Reply { head: (*self.head).clone(), body });
        }
        if let Some(stream) = self._stream(py) {
            return Ok(stream);
        }
        let outcome = blocking::wait(py, self.lend()?.events())?;
        self.streaming(py, outcome)
    }

    /// The events that were made of it, None before.
    fn _stream<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyAny>> {
        self.done().stream.as_ref().map(|stream| stream.bind(py).clone())
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        if let Ok(done) = self.read.try_lock() {
            done.stream.as_ref().map_or(Ok(()), |stream| visit.call(stream))?;
        }
        self.shape.traverse(&visit)
    }

    /// Ends it and its connection, and wakes whoever reads.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        self.pull()?.stop(Ok(()));
        match self._stream(py) {
            Some(stream) => stream.call_method0(intern!(py, "close")).map(drop),
            None => self.ended(py, None, None),
        }
    }
}
