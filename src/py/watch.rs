//! What is seen of a call from outside: spans, metrics, the hooks of a client. `wenwen._telemetry` makes all of it; here
//! is looked whether anybody watches, and told what happens, in the call's own thread or that of its event loop.
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use pyo3::exceptions::PyTypeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyTuple};
use reqwest::header::{HeaderName, HeaderValue};

use super::encode::shown;
use super::log::line;
use super::settings::Settings;
use super::{exit, loaded};
use crate::core::request::{Attempt, Mode, Observe, Request, Sending};

/// The hooks of a client, in the order in which `wenwen._telemetry` takes them; its tags follow them.
const HOOKS: [&str; 3] = ["on_request", "on_response", "on_attempt"];

/// Whether anybody watches: this client's hooks and tags, or OpenTelemetry where the program has imported it and has set
/// a provider of tracers. Nothing is imported for it; where nobody has, it is one look into a dict.
pub fn is_on(py: Python<'_>, settings: &Settings) -> PyResult<bool> {
    if settings.watch.is_some() {
        return Ok(true);
    }
    static TRACE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let trace = match TRACE.get(py) {
        Some(trace) => trace.bind(py),
        None => {
            let Some(trace) = loaded(py, intern!(py, "opentelemetry.trace"))? else { return Ok(false) };
            TRACE.get_or_init(py, || trace.unbind()).bind(py)
        }
    };
    // A plain attribute for years, and no Python runs to read it. Without it, the Python side asks in the public way.
    Ok(trace.getattr_opt(intern!(py, "_TRACER_PROVIDER"))?.is_none_or(|provider| !provider.is_none()))
}

/// The hooks and tags with one of them set.
pub fn with_hook(watch: Option<&Py<PyTuple>>, name: &str, value: Bound<'_, PyAny>) -> PyResult<Option<Py<PyTuple>>> {
    const CO_COROUTINE: u32 = 0x80;
    if !value.is_callable() {
        return Err(PyTypeError::new_err(format!("{name} is {}: give a function", shown(&value))));
    }
    let code = value.getattr_opt(intern!(value.py(), "__code__"))?;
    let flags: Option<u32> = code.and_then(|code| code.getattr(intern!(code.py(), "co_flags")).ok()?.extract().ok());
    if flags.is_some_and(|flags| flags & CO_COROUTINE != 0) {
        return Err(PyTypeError::new_err(format!("{name} is an async function: give a plain one, nobody awaits it")));
    }
    let place = HOOKS.iter().position(|known| *known == name);
    with(watch, place.unwrap_or(HOOKS.len()), value)
}

/// The same with these tags.
pub fn with_tags(watch: Option<&Py<PyTuple>>, tags: &Bound<'_, PyDict>) -> PyResult<Option<Py<PyTuple>>> {
    with(watch, HOOKS.len(), tags.copy()?.into_any())
}

fn with(watch: Option<&Py<PyTuple>>, place: usize, value: Bound<'_, PyAny>) -> PyResult<Option<Py<PyTuple>>> {
    let py = value.py();
    let mut all: Vec<_> = match watch {
        Some(watch) => watch.bind(py).iter().collect(),
        None => vec![py.None().into_bound(py); HOOKS.len() + 1],
    };
    if let Some(there) = all.get_mut(place) {
        *there = value;
    }
    Ok(Some(PyTuple::new(py, all)?.unbind()))
}

/// The tags, None where there are none.
pub fn tags<'py>(py: Python<'py>, watch: Option<&Py<PyTuple>>) -> PyResult<Option<Bound<'py, PyAny>>> {
    watch.map(|watch| watch.bind(py).get_item(HOOKS.len())).transpose()
}

/// A call that is watched: a `CallInfo` of `wenwen._telemetry`. Let go of, it ends by itself.
pub struct Watch {
    info: Py<PyAny>,
    ended: AtomicBool,
}

impl Watch {
    /// Begins before the first attempt. What propagates the trace goes along where the caller says nothing of it; `said`
    /// are the headers that he gives or takes away. An error is one of `on_request`.
    pub fn begin(
        py: Python<'_>,
        settings: &Settings,
        id: &str,
        request: &mut Request,
        params: &Bound<'_, PyAny>,
        said: &[HeaderName],
    ) -> PyResult<Option<Self>> {
        let begin = py.import(intern!(py, "wenwen._telemetry"))?.getattr(intern!(py, "begin"))?;
        let url = &request.url;
        let place = (request.method.as_str(), url.host_str(), url.port_or_known_default(), url.path());
        let watch = settings.watch.as_ref().map(|watch| watch.clone_ref(py));
        let streams = request.mode == Mode::Events;
        let arguments = (watch, id, place, params, streams).into_pyobject(py)?;
        let info = exit::call(&begin, &arguments)?;
        if info.is_none() {
            return Ok(None);
        }
        if request.foreign.is_none() {
            let trace: Vec<(String, String)> = info.getattr(intern!(py, "_headers"))?.extract()?;
            for (name, value) in trace {
                if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value))
                    && !said.contains(&name)
                {
                    Arc::make_mut(&mut request.headers).insert(name, value);
                }
            }
        }
        Ok(Some(Self { info: info.unbind(), ended: AtomicBool::new(false) }))
    }

    pub fn info(&self) -> &Py<PyAny> {
        &self.info
    }

    pub fn clone_ref(&self, py: Python<'_>) -> Self {
        let ended = AtomicBool::new(self.has_ended());
        Self { info: self.info.clone_ref(py), ended }
    }

    pub fn has_ended(&self) -> bool {
        self.ended.load(Ordering::Relaxed)
    }

    /// The call has ended with this reply, with this error, or with neither: its reader let go of it.
    pub fn end(&self, py: Python<'_>, reply: Option<&Bound<'_, PyAny>>, error: Option<&PyErr>) -> PyResult<()> {
        if self.ended.swap(true, Ordering::Relaxed) {
            return Ok(());
        }
        let end = self.info.bind(py).getattr(intern!(py, "_end"))?;
        exit::call(&end, &(reply, error.map(|error| error.value(py))).into_pyobject(py)?).map(drop)
    }

    /// The caller gave the call up, by the exception that is being handled.
    pub fn left(&self, py: Python<'_>) -> PyResult<()> {
        exit::call(&self.info.bind(py).getattr(intern!(py, "_left"))?, &PyTuple::empty(py)).map(drop)
    }
}

/// Word of a call, for the thread that made it.
pub enum Note {
    Attempt {
        attempt: Attempt,
        /// Whether the log is told, too.
        log: bool,
        watch: Option<Arc<Py<PyAny>>>,
    },
    /// So many bytes are sent, of so many; who shows it.
    Sent(Arc<Py<PyAny>>, u64, u64),
}

/// A function, and what it is called with.
pub type ToTell<'py> = (Bound<'py, PyAny>, Bound<'py, PyTuple>);

impl Note {
    pub fn of_log(attempt: Attempt) -> Self {
        Self::Attempt { attempt, log: true, watch: None }
    }

    /// Tells who watches; what is left to be called by whoever called us.
    pub fn tell<'py>(&self, py: Python<'py>) -> PyResult<Option<ToTell<'py>>> {
        let (attempt, log, watch) = match self {
            Self::Attempt { attempt, log, watch } => (attempt, log, watch),
            Self::Sent(shown, bytes, of) => {
                return Ok(Some((shown.bind(py).clone(), (*bytes, *of).into_pyobject(py)?)));
            }
        };
        if let Some(watch) = watch {
            let arguments = (
                attempt.number,
                attempt.status,
                attempt.elapsed.as_secs_f64(),
                &attempt.request_id,
                &attempt.failure,
                attempt.retry_in.map(|wait| wait.as_secs_f64()),
            );
            let told = watch.bind(py).getattr(intern!(py, "_attempt"))?;
            exit::call(&told, &arguments.into_pyobject(py)?)?;
        }
        log.then(|| line(py, attempt)).transpose()
    }
}

/// What brings notes to the call's thread.
pub trait Bring: Send + Sync {
    fn bring(&self, note: Note);
}

/// Told of the attempts of a call that is watched.
pub struct Watching {
    watch: Arc<Py<PyAny>>,
    log: bool,
    by: Arc<dyn Bring>,
}

impl Watching {
    /// `log`: whether the log is told, too.
    pub fn new(py: Python<'_>, watch: &Watch, log: bool, by: Arc<dyn Bring>) -> Arc<Self> {
        Arc::new(Self { watch: Arc::new(watch.info.clone_ref(py)), log, by })
    }
}

impl Observe for Watching {
    fn attempt(&self, attempt: Attempt) {
        self.by.bring(Note::Attempt { attempt, log: self.log, watch: Some(self.watch.clone()) });
    }
}

/// What shows how much is sent: see `wenwen.resources._loading`.
pub fn sending(wanted: Bound<'_, PyAny>) -> PyResult<Bound<'_, PyAny>> {
    let py = wanted.py();
    let class = py.import(intern!(py, "wenwen.resources._loading"))?.getattr(intern!(py, "Sending"))?;
    exit::call(&class, &(wanted,).into_pyobject(py)?)
}

/// Told how much is sent.
pub struct Telling {
    shown: Arc<Py<PyAny>>,
    by: Arc<dyn Bring>,
}

impl Telling {
    pub fn new(shown: &Bound<'_, PyAny>, by: Arc<dyn Bring>) -> Arc<Self> {
        Arc::new(Self { shown: Arc::new(shown.clone().unbind()), by })
    }
}

impl Sending for Telling {
    fn sent(&self, bytes: u64, of: u64) {
        self.by.bring(Note::Sent(self.shown.clone(), bytes, of));
    }
}
