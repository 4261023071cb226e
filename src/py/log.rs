//! One line per attempt under the logger `wenwen`, written by Python threads: the core only tells.
use std::sync::{Mutex, PoisonError};

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

use super::watch::{Bring, Note, ToTell};
use super::{exit, loaded};
use crate::core::request::{Attempt, Observe};

/// Whether anybody listens. `logging` is not imported for it (12 ms): where nobody imported it, nobody listens.
pub fn is_on(py: Python<'_>) -> PyResult<bool> {
    static LOGGER: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let logger = match LOGGER.get(py) {
        Some(logger) => logger.bind(py).clone(),
        None => {
            let Some(logging) = loaded(py, intern!(py, "logging"))? else { return Ok(false) };
            // Half imported, by another thread: the next call asks again.
            let Ok(get) = logging.getattr(intern!(py, "getLogger")) else { return Ok(false) };
            LOGGER.get_or_try_init(py, || get.call1(("wenwen",)).map(Bound::unbind))?.bind(py).clone()
        }
    };
    // As far as plain attributes tell: `isEnabledFor` would run Python in the middle of our frames, where a daemon thread
    // that is ended at exit aborts. What is disabled otherwise the logger itself leaves out.
    const INFO: i64 = 20;
    let mut asked = logger;
    loop {
        let level: i64 = asked.getattr(intern!(py, "level"))?.extract()?;
        let parent = asked.getattr(intern!(py, "parent"))?;
        if level != 0 || parent.is_none() {
            return Ok(level <= INFO);
        }
        asked = parent;
    }
}

/// The function that writes a line and its arguments.
pub fn line<'py>(py: Python<'py>, attempt: &Attempt) -> PyResult<ToTell<'py>> {
    let emit = py.import(intern!(py, "wenwen._log"))?.getattr(intern!(py, "emit"))?;
    let arguments = (
        attempt.method.as_str(),
        &attempt.path,
        attempt.status,
        attempt.elapsed.as_secs_f64() * 1e3,
        &attempt.request_id,
        attempt.number,
        &attempt.failure,
        attempt.retry_in.map(|wait| wait.as_secs_f64()),
    );
    Ok((emit, arguments.into_pyobject(py)?))
}

/// For sync calls: collected by whoever runs the attempt, told when the calling thread looks up.
#[derive(Default)]
pub struct Lines(Mutex<Vec<Note>>);

impl Observe for Lines {
    fn attempt(&self, attempt: Attempt) {
        self.bring(Note::of_log(attempt));
    }
}

impl Bring for Lines {
    fn bring(&self, note: Note) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(note);
    }
}

impl Lines {
    pub fn write(&self, py: Python<'_>) -> PyResult<()> {
        let notes = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        for note in &notes {
            if let Some((function, arguments)) = note.tell(py)? {
                exit::call(&function, &arguments)?;
            }
        }
        Ok(())
    }
}
