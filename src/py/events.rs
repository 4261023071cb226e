//! A stream of events in Python.
use std::collections::VecDeque;
use std::mem::ManuallyDrop;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use pyo3::exceptions::{PyException, PyRuntimeError, PyStopAsyncIteration};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyType};
use pyo3::{PyTraverseError, PyVisit};

use super::call::Shape;
use super::headers::Headers;
use super::object::{self, Later, Lazy};
use super::raw::APIResponse;
use super::{blocking, decode, exit, process};
use crate::core::call::Handover;
use crate::core::events::{Available, Feed, StreamItem};
use crate::core::reply::{self, Head};
use crate::core::stream::{Place, Snapshot};

/// Belongs to the process that made it. A forked child that used or dropped it would reach into the parent's runtime:
/// there it is refused, and forgotten.
pub struct OwnedHere<T> {
    process: u32,
    value: ManuallyDrop<T>,
}

impl<T> OwnedHere<T> {
    pub fn new(value: T) -> Self {
        Self { process: process::current(), value: ManuallyDrop::new(value) }
    }

    pub fn get(&self) -> PyResult<&T> {
        self.check()?;
        Ok(&self.value)
    }

    fn check(&self) -> PyResult<()> {
        match self.process == process::current() {
            true => Ok(()),
            false => Err(PyRuntimeError::new_err(
                "this stream belongs to the parent process: make a call of its own in the child",
            )),
        }
    }
}

impl<T> Drop for OwnedHere<T> {
    fn drop(&mut self) {
        if self.process == process::current() {
            // SAFETY: dropped here and nowhere else.
            unsafe { ManuallyDrop::drop(&mut self.value) }
        }
    }
}

/// A stream that is quicker than its reader leaves the event loop a turn after so many events at least.
const TURN: usize = 512;

/// The events of a reply as they arrive: iterate over it. Leaving the `with` block, `close()`, or letting go of the
/// stream closes the connection at once, and the gateway stops working on the reply.
///
/// It ends after its last event; a stream that breaks off before raises IncompleteStreamError, which has what had
/// arrived as `partial`.
#[pyclass(frozen, weakref, module = "wenwen._core")]
pub struct Stream {
    shape: Shape,
    head: Arc<Head>,
    state: Mutex<State>,
}

struct State {
    feed: OwnedHere<Arc<Feed>>,
    /// Taken from the feed and not read yet.
    ready: VecDeque<StreamItem>,
    /// How many were read since the reader last waited.
    unbroken: usize,
    /// The reader gave up waiting, and nobody has read since.
    left: bool,
    /// What a helper makes of the event that was read last: it comes before the next.
    follows: VecDeque<Py<PyAny>>,
}

impl Stream {
    pub fn is_over(&self) -> bool {
        self.feed().is_ok_and(|feed| feed.is_over())
    }

    pub fn new(head: Arc<Head>, feed: Feed, shape: Shape) -> Self {
        let state = State {
            feed: OwnedHere::new(Arc::new(feed)),
            ready: VecDeque::new(),
            unbroken: 0,
            left: false,
            follows: VecDeque::new(),
        };
        Self { shape, head, state: Mutex::new(state) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn feed(&self) -> PyResult<Arc<Feed>> {
        self.state().feed.get().cloned()
    }

    /// After `most` events without a wait there is one, though more may be here.
    fn step<'py>(&self, py: Python<'py>, most: usize) -> PyResult<Step<'py>> {
        let mut state = self.state();
        if let Some(event) = state.follows.pop_front() {
            return Ok(Step::Event(event.into_bound(py)));
        }
        if state.ready.is_empty() {
            state.left = false;
            let feed = state.feed.get()?.clone();
            if state.unbroken >= most {
                state.unbroken = 0;
                return Ok(Step::Wait(feed));
            }
            match feed.take() {
                Available::Items(items) => (state.unbroken, state.ready) = (state.unbroken + items.len(), items),
                Available::Empty => return Ok(Step::Wait(feed)),
                Available::End(Ok(())) => {
                    drop(state);
                    return self.ended(py, None).map(|()| Step::Over);
                }
                Available::End(Err(error)) => {
                    drop(state);
                    let error = self.shape.error(py, error);
                    self.ended(py, Some(&error))?;
                    return Err(error);
                }
            }
        }
        let item = state.ready.pop_front();
        drop(state);
        item.map_or(Ok(Step::Over), |item| self.event(py, item).map(Step::Event))
    }

    /// Tells who watches that no more is read, and of the reply what is here.
    fn ended(&self, py: Python<'_>, error: Option<&PyErr>) -> PyResult<()> {
        let Some(watch) = self.shape.watch.as_ref().filter(|watch| !watch.has_ended()) else { return Ok(()) };
        let json = self.feed().ok().and_then(|feed| feed.reply().or_else(|| feed.partial(None).map(Into::into)));
        let reply = json.and_then(|json| self.whole(py, &json).ok());
        watch.end(py, reply.as_ref(), error)
    }

    /// One event as the caller wants it.
    fn event<'py>(&self, py: Python<'py>, item: StreamItem) -> PyResult<Bound<'py, PyAny>> {
        let value = decode::parse(py, &item.data)
            .map_err(|why| self.shape.error(py, reply::bad_json(&self.head, &item.data, &why)))?;
        if let (Handover::Helper, Some(snapshot), Ok(dict)) =
            (self.shape.handover, item.snapshot, value.cast::<PyDict>())
        {
            if self.shape.as_dict {
                self.afford(py, &snapshot)?;
            }
            let place = snapshot.place;
            // An object copies it out when it is touched: at once makes a long reply quadratic, so that has a limit.
            let lazy = Lazy(Later::Grown(snapshot));
            let shown = match self.shape.as_dict {
                true => lazy.value(py),
                false => Bound::new(py, lazy)?.into_any(),
            };
            match place {
                Place::Field(name) => dict.set_item(name, shown)?,
                Place::Event { kind, field } => {
                    let event = PyDict::new(py);
                    event.set_item(intern!(py, "type"), kind)?;
                    if let Some(Ok(delta)) = dict.get_item(intern!(py, "delta"))?.map(|d| d.cast_into::<PyDict>()) {
                        event.set_item(field, delta.get_item(field)?)?;
                        if let Some(more) = delta.get_item(intern!(py, "encrypted_content"))? {
                            event.set_item(intern!(py, "encrypted_content"), more)?; // of a compaction
                        }
                    }
                    event.set_item(intern!(py, "snapshot"), shown)?;
                    let event = self.shaped(event.into_any())?;
                    self.state().follows.push_back(event.unbind());
                }
            }
        }
        self.shaped(value)
    }

    /// Ends the stream whose snapshots are too much.
    fn afford(&self, py: Python<'_>, snapshot: &Snapshot) -> PyResult<()> {
        let feed = self.feed()?;
        feed.afford(&self.head, snapshot).map_err(|error| {
            self.state().ready.clear();
            feed.stop();
            self.shape.error(py, error)
        })
    }

    fn shaped<'py>(&self, event: Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        if self.shape.as_dict {
            return Ok(event);
        }
        Ok(self.shape.endpoint.get().event(event.py())?.convert(&event)?.unwrap_or(event))
    }
}

pub fn read_already() -> PyErr {
    PyRuntimeError::new_err("it is being read already, by another task or thread")
}

/// Whether what a signal's handler raised ends what was being read: Ctrl-C and an exit do. Whoever pressed that wants the
/// gateway to stop, also where a notebook keeps the stream. After any other exception the next read goes on.
pub fn ends_reading(py: Python<'_>, error: &PyErr) -> bool {
    !error.is_instance_of::<PyException>(py)
}

/// What the next read finds.
enum Step<'py> {
    Event(Bound<'py, PyAny>),
    Wait(Arc<Feed>),
    Over,
}

#[pymethods]
impl Stream {
    fn __iter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    fn __next__<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let _inside = exit::enter(py);
        // While events are ready nothing waits, and `list(stream)` runs no Python in between.
        py.check_signals().inspect_err(|error| self.interrupted(py, error))?;
        loop {
            match self.step(py, usize::MAX)? {
                Step::Event(event) => return Ok(Some(event)),
                Step::Over => return Ok(None),
                Step::Wait(feed) => {
                    if !blocking::wait(py, feed.ready()).inspect_err(|error| self.interrupted(py, error))? {
                        return Err(read_already());
                    }
                }
            }
        }
    }

    /// The next event if one is here; the stream itself if there is none yet. StopAsyncIteration at the end.
    fn _pop<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let _inside = exit::enter(slf.py());
        match slf.get().step(slf.py(), TURN)? {
            Step::Event(event) => Ok(event),
            Step::Wait(_) => Ok(slf.clone().into_any()),
            Step::Over => Err(PyStopAsyncIteration::new_err(())),
        }
    }

    /// The reader gave up waiting.
    fn _leave(&self) {
        self.state().left = true;
    }

    /// Ends the stream if nobody has read since.
    fn _abandon(&self, py: Python<'_>) -> PyResult<()> {
        let feed = self.feed()?;
        if self.state().left {
            self.ended(py, None)?;
            let mut end = reply::interrupted(&self.head, "the task that read it was cancelled");
            end.partial = feed.partial(None);
            feed.end(Err(end));
        }
        Ok(())
    }

    /// Ends the stream and its connection; what has arrived and was not read is gone.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        let told = self.ended(py, None);
        let mut state = self.state();
        let left = (std::mem::take(&mut state.ready), std::mem::take(&mut state.follows));
        let feed = state.feed.get().cloned();
        drop(state);
        drop(left); // Python objects among them
        feed?.stop();
        told
    }

    fn __enter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    #[pyo3(signature = (*exception))]
    fn __exit__(&self, exception: &Bound<'_, PyAny>) -> PyResult<()> {
        self.close(exception.py())
    }

    /// The whole reply as the last event carried it; None before.
    fn _reply<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let json = self.feed()?.reply();
        json.map(|json| self.whole(py, &json)).transpose()
    }

    /// The reply as far as it has arrived, or of it only one choice; None before its first event.
    #[pyo3(signature = (choice=None))]
    fn _partial<'py>(&self, py: Python<'py>, choice: Option<Bound<'py, PyAny>>) -> PyResult<Option<Bound<'py, PyAny>>> {
        // A server's number may be any.
        let json = self.feed()?.partial(choice.map(|index| index.extract().unwrap_or(0)));
        json.map(|json| self.whole(py, &json)).transpose()
    }

    /// The gateway's id of the request, for its support; None if it gave none.
    #[getter]
    fn request_id(&self) -> Option<String> {
        self.head.request_id.clone()
    }

    /// The HTTP reply whose body these are: its status and headers.
    #[getter]
    fn response<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let stream = slf.get();
        APIResponse::of_stream(slf.py(), stream.head.clone(), slf.clone(), stream.shape.asked.clone())
    }

    /// The headers of the HTTP reply.
    #[getter]
    fn headers(&self) -> Headers {
        Headers(self.head.headers.clone())
    }

    #[getter]
    fn status_code(&self) -> u16 {
        self.head.status
    }

    #[classmethod]
    fn __class_getitem__<'py>(class: &Bound<'py, PyType>, _item: &Bound<'py, PyAny>) -> Bound<'py, PyType> {
        class.clone()
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        if let Ok(state) = self.state.try_lock() {
            state.follows.iter().try_for_each(|event| visit.call(event))?;
        }
        self.shape.traverse(&visit)
    }

    fn __repr__(&self) -> String {
        let over = self.is_over();
        let state = if over { "ended" } else { "open" };
        format!("<Stream {state}, request id {}>", self.head.request_id.as_deref().unwrap_or("unknown"))
    }
}

impl Stream {
    /// A signal's handler raised while somebody read.
    fn interrupted(&self, py: Python<'_>, error: &PyErr) {
        if ends_reading(py, error)
            && let Ok(feed) = self.feed()
        {
            let mut end = reply::interrupted(&self.head, "Ctrl-C interrupted the reading");
            end.partial = feed.partial(None);
            self.state().ready.clear();
            feed.end(Err(end));
            let _ = self.ended(py, Some(error));
        }
    }

    fn whole<'py>(&self, py: Python<'py>, json: &[u8]) -> PyResult<Bound<'py, PyAny>> {
        let _inside = exit::enter(py);
        let value = decode::parse(py, json).map_err(PyRuntimeError::new_err)?;
        let reply = self.shape.typed(py, value)?;
        object::set_head(&reply, &self.head, Some(&self.shape.settings));
        Ok(reply)
    }
}
