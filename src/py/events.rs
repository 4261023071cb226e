//! A stream of events in Python: pulled, so that a slow reader slows the sender down.
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use pyo3::exceptions::PyRuntimeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyType};

use super::call::{Form, Shape};
use super::headers::Headers;
use super::object::{self, Lazy};
use super::{blocking, decode, exit};
use crate::core::error::Error;
use crate::core::events::{Events, Item};
use crate::core::reply::{self, Head};

/// Belongs to the process that made it. A forked child that drops it would reach into the parent's runtime: there it
/// is forgotten instead.
pub struct OwnedHere<T> {
    pid: u32,
    value: Option<T>,
}

impl<T> OwnedHere<T> {
    pub fn new(value: T) -> Self {
        Self { pid: std::process::id(), value: Some(value) }
    }

    fn is_foreign(&self) -> bool {
        self.pid != std::process::id()
    }

    pub fn take(&mut self) -> PyResult<Option<T>> {
        if self.is_foreign() {
            return Err(PyRuntimeError::new_err("this stream belongs to the parent process"));
        }
        Ok(self.value.take())
    }

    pub fn put(&mut self, value: T) {
        self.value = Some(value);
    }

    pub fn get(&self) -> Option<&T> {
        self.value.as_ref()
    }
}

impl<T> Drop for OwnedHere<T> {
    fn drop(&mut self) {
        if self.is_foreign() {
            std::mem::forget(self.value.take());
        }
    }
}

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
    events: OwnedHere<Box<Events>>,
    ready: VecDeque<Item>,
    /// Lent to a read that is under way.
    lent: bool,
    over: bool,
}

impl Stream {
    pub fn new(events: Box<Events>, shape: Shape) -> Self {
        let head = Arc::new(events.head.clone());
        let state = State { events: OwnedHere::new(events), ready: VecDeque::new(), lent: false, over: false };
        Self { shape, head, state: Mutex::new(state) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The events for a read; none if the stream is over.
    pub fn lend(&self) -> PyResult<Option<Box<Events>>> {
        let mut state = self.state();
        if state.over {
            return Ok(None);
        }
        if state.lent {
            return Err(PyRuntimeError::new_err("this stream is being read already, by another task or thread"));
        }
        state.lent = true;
        state.events.take()
    }

    /// What a read brought; whether there are events.
    pub fn give_back(
        &self,
        py: Python<'_>,
        events: Box<Events>,
        result: Result<Option<VecDeque<Item>>, Error>,
    ) -> PyResult<bool> {
        let mut state = self.state();
        state.lent = false;
        if state.over {
            return Ok(false); // closed meanwhile: `events` goes, and its connection
        }
        state.events.put(events);
        match result {
            Ok(Some(items)) => {
                state.ready = items;
                Ok(true)
            }
            Ok(None) => {
                state.over = true;
                Ok(false)
            }
            Err(error) => {
                state.over = true;
                drop(state);
                Err(self.shape.error(py, error))
            }
        }
    }

    /// One event as the caller wants it.
    fn event<'py>(&self, py: Python<'py>, item: Item) -> PyResult<Bound<'py, PyAny>> {
        let value = decode::parse(py, &item.data)
            .map_err(|why| self.shape.error(py, reply::bad_json(&self.head, &item.data, &why)))?;
        if let (Form::Helper, Some(snapshot), Ok(dict)) = (self.shape.form, item.snapshot, value.cast::<PyDict>()) {
            if self.shape.as_dict {
                dict.set_item(intern!(py, "snapshot"), snapshot.text())?;
            } else {
                dict.set_item(intern!(py, "snapshot"), Bound::new(py, Lazy(snapshot))?)?;
            }
        }
        if self.shape.as_dict {
            return Ok(value);
        }
        let event = self.shape.endpoint.get().event.convert(&value)?;
        Ok(event.unwrap_or(value))
    }
}

#[pymethods]
impl Stream {
    fn __iter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    fn __next__<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let _inside = exit::enter(py);
        loop {
            let item = self.state().ready.pop_front();
            if let Some(item) = item {
                return self.event(py, item).map(Some);
            }
            let Some(mut events) = self.lend()? else { return Ok(None) };
            let read = async move {
                let result = events.next().await;
                (events, result)
            };
            let (events, result) = blocking::wait(py, read, |_| Ok(())).inspect_err(|_| {
                let mut state = self.state(); // Ctrl-C: the read is gone, and with it the connection
                (state.over, state.lent) = (true, false);
            })?;
            if !self.give_back(py, events, result)? {
                return Ok(None);
            }
        }
    }

    /// The next event if one is here; the stream itself if there is none yet.
    fn _pop<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let item = slf.get().state().ready.pop_front();
        match item {
            Some(item) => {
                let _inside = exit::enter(slf.py());
                slf.get().event(slf.py(), item)
            }
            None => Ok(slf.clone().into_any()),
        }
    }

    /// Ends the stream and its connection; what has arrived and was not read is gone.
    fn close(&self) -> PyResult<()> {
        let mut state = self.state();
        state.over = true;
        state.lent = false;
        state.ready.clear();
        // Kept for `_reply`, where it has ended by itself; a stream that is still open is closed by dropping it.
        drop(state.events.take()?);
        Ok(())
    }

    fn __enter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    #[pyo3(signature = (*_exception))]
    fn __exit__(&self, _exception: &Bound<'_, PyAny>) -> PyResult<()> {
        self.close()
    }

    /// The whole reply as the last event carried it; None before.
    fn _reply<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let json = self.state().events.get().and_then(|events| events.reply());
        json.map(|json| self.whole(py, &json)).transpose()
    }

    /// The reply as far as it has arrived; None before its first event.
    fn _partial<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let json = self.state().events.get().and_then(|events| events.partial());
        json.map(|json| self.whole(py, &json)).transpose()
    }

    /// The gateway's id of the request, for its support; None if it gave none.
    #[getter]
    fn request_id(&self) -> Option<String> {
        self.head.request_id.clone()
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

    fn __repr__(&self) -> String {
        let state = if self.state().over { "ended" } else { "open" };
        format!("<Stream {state}, request id {}>", self.head.request_id.as_deref().unwrap_or("unknown"))
    }
}

impl Stream {
    fn whole<'py>(&self, py: Python<'py>, json: &[u8]) -> PyResult<Bound<'py, PyAny>> {
        let _inside = exit::enter(py);
        let value = decode::parse(py, json).map_err(PyRuntimeError::new_err)?;
        let reply = self.shape.typed(py, value)?;
        object::set_head(&reply, &self.head);
        Ok(reply)
    }
}
