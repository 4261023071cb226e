//! Rows of a job on their way in and out: parameters become what the engine sends, what it kept becomes Python.
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use pyo3::exceptions::{PyOSError, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyString};
use reqwest::StatusCode;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};

use super::binary::BinaryContent;
use super::call::{Endpoint, Shape};
use super::encode::Encoder;
use super::options::{self, Options};
use super::settings::Settings;
use super::walk::pairs;
use super::{errors, exit, lock, timeout, tools};
use crate::core::call::{Handover, Hooks};
use crate::core::config::Timeout;
use crate::core::endpoint::{Answer, Encoding};
use crate::core::error::Error;
use crate::core::reply::{Head, Reply};
use crate::core::request::Body as WireBody;
use crate::core::secret::Secrets;
use crate::core::transport::Transport;
use crate::jobs::answer;
use crate::jobs::budget::Size;
use crate::jobs::ledger::{Hasher, Record, Status};
use crate::jobs::runner::{Ended, JobRow, error_of};
use crate::jobs::sender::{RowSender, Sender, Target, most_output, size_of};

/// What all rows of a job ask: an endpoint and the parameters that are the same for all, written once.
///
/// endpoint, params, ids: as of a call; what a row has of its own may be missing in params.
#[pyclass(frozen, module = "wenwen._core")]
pub struct JobTemplate {
    settings: Py<Settings>,
    endpoint: Py<Endpoint>,
    target: Arc<Target>,
    fields: Py<PyDict>,
    /// The JSON of those without its closing brace; None of a form.
    prefix: Option<Vec<u8>>,
    /// Parameters that each row must have.
    missing: Vec<String>,
    max_output: Option<f64>,
    as_dict: bool,
    /// The call's options.
    common: Common,
}

/// See `Sender`.
struct Common {
    headers: Vec<(HeaderName, Option<HeaderValue>)>,
    query: Vec<(String, String)>,
    timeout: Option<Timeout>,
    max_response_bytes: Option<u64>,
}

fn target(endpoint: &Endpoint, ids: Vec<String>) -> Target {
    Target { endpoint: endpoint.row, ids }
}

#[pymethods]
impl JobTemplate {
    #[new]
    fn new(
        settings: &Bound<'_, Settings>,
        endpoint: &Bound<'_, Endpoint>,
        params: &Bound<'_, PyDict>,
        ids: Vec<String>,
    ) -> PyResult<Self> {
        let py = params.py();
        let _inside = exit::enter(py);
        options::hide_in(params)?;
        let (row, mut options) = (endpoint.get().row, Options::default());
        let fields = endpoint.get().some_fields(params, Handover::Parsed, &mut options)?;
        tools::written(&fields, row.dialect)?;
        let prefix = match row.body == Encoding::Json {
            true => {
                let mut encoder = Encoder::new(py, row.binary);
                encoder.dict(&fields).map_err(|failure| failure.into_error(py))?;
                encoder.out.pop();
                Some(encoder.out)
            }
            false => None,
        };
        let required = endpoint.get().params(py)?.map_or(&[][..], |known| &known.required);
        let mut missing = Vec::new();
        for name in required {
            if fields.get_item(name.bind(py))?.is_none() {
                missing.push(name.bind(py).to_string());
            }
        }
        let own = settings.get().config.timeout;
        let limits = options.timeout.map(|value| timeout::extract(&value, own)).transpose()?;
        let common = Common {
            headers: options.headers,
            query: options.query,
            timeout: limits,
            max_response_bytes: options.max_response_bytes,
        };
        Ok(Self {
            max_output: prefix.as_deref().and_then(most_output),
            settings: settings.clone().unbind(),
            endpoint: endpoint.clone().unbind(),
            target: Arc::new(target(endpoint.get(), ids)),
            fields: fields.unbind(),
            prefix,
            missing,
            as_dict: options.as_dict,
            common,
        })
    }

    /// Whether replies are to be plain dicts.
    #[getter]
    fn as_dict(&self) -> bool {
        self.as_dict
    }
}

impl JobTemplate {
    pub fn settings(&self) -> &Settings {
        self.settings.get()
    }

    /// What sends the rows.
    pub fn sender(&self, py: Python<'_>, transport: &Transport, hooks: Hooks) -> PyResult<RowSender> {
        let settings = self.settings.get();
        let (mut route, common) = (settings.route.clone(), &self.common);
        route.set_connect(common.timeout.unwrap_or(settings.config.timeout).connect);
        let client = transport.client(&route).map_err(PyValueError::new_err)?;
        let sender = Sender {
            config: settings.config.clone(),
            route,
            client,
            hooks,
            headers: common.headers.clone(),
            query: common.query.clone(),
            timeout: common.timeout,
            max_response_bytes: common.max_response_bytes,
        };
        sender.to(Arc::clone(&self.target)).map_err(|why| errors::unsendable(py, &why))
    }

    /// A row, by what it has of its own. `own`: an endpoint and ids of its own, and then all of its parameters.
    pub fn row<'py>(
        &self,
        seq: u64,
        key: Option<String>,
        params: &Bound<'py, PyDict>,
        input: &Bound<'py, PyAny>,
        own: Option<(Bound<'py, Endpoint>, Vec<String>)>,
    ) -> PyResult<JobRow> {
        let py = params.py();
        let (endpoint, target) = match &own {
            None => (self.endpoint.bind(py), Arc::clone(&self.target)),
            Some((endpoint, ids)) => (endpoint, Arc::new(target(endpoint.get(), ids.clone()))),
        };
        let row = endpoint.get().row;
        let fields = self.fields.bind(py);
        let mut is_apart = own.is_some();
        if let Some(known) = endpoint.get().params(py)?.filter(|_| own.is_none()) {
            for pair in pairs(params) {
                let (name, value) = pair?;
                let text = name.cast::<PyString>()?.to_str()?;
                known.check(endpoint.get().name(), text, &value)?;
                is_apart |= text == "extra_body" || fields.contains(name)?;
            }
        }
        let (body, size) = match &self.prefix {
            Some(prefix) if !is_apart && row.body == Encoding::Json => {
                for name in &self.missing {
                    if !params.contains(name)? {
                        let whole = fields.copy()?;
                        whole.update(params.as_mapping())?;
                        endpoint.get().check_required(&whole)?;
                    }
                }
                tools::written(params, row.dialect)?;
                let mut encoder = Encoder::new(py, row.binary);
                encoder.out.extend_from_slice(prefix);
                let at = encoder.out.len();
                encoder.dict(params).map_err(|failure| failure.into_error(py))?;
                let max_output = encoder.out.get(at..).and_then(most_output).or(self.max_output);
                // The row's own brace is where the two meet.
                match (params.is_empty(), prefix.len()) {
                    (true, _) => drop(encoder.out.drain(at..=at)),
                    (false, 1) => drop(encoder.out.drain(..1)),
                    (false, _) => {
                        if let Some(brace) = encoder.out.get_mut(at) {
                            *brace = b',';
                        }
                    }
                }
                let size = size_of(&encoder.out, encoder.data, max_output);
                (WireBody::Json(encoder.out.into()), size)
            }
            _ => {
                let whole = if own.is_some() { PyDict::new(py) } else { fields.copy()? };
                whole.update(params.as_mapping())?;
                let mut options = Options::default();
                let whole = endpoint.get().some_fields(&whole, Handover::Parsed, &mut options)?;
                endpoint.get().check_required(&whole)?;
                tools::written(&whole, row.dialect)?;
                let body = endpoint.get().body(&whole, None)?;
                let size = match &body {
                    WireBody::Json(json) => size_of(json, 0, most_output(json)),
                    // Of sound and pictures nobody knows before.
                    WireBody::Form(_) | WireBody::None => Size { bytes: 1024, tokens: 1000.0, max_output: None },
                };
                (body, size)
            }
        };
        let mut hasher = Hasher::default();
        hasher.part(row.path.as_bytes());
        target.ids.iter().for_each(|id| hasher.part(id.as_bytes()));
        match &body {
            WireBody::Json(json) => hasher.part(json),
            WireBody::Form(form) => exit::detach(py, || form.contents(|part| hasher.part(part)))
                .map_err(|why| PyOSError::new_err((why.raw_os_error(), why.to_string())))?,
            WireBody::None => {}
        }
        let (hash, input) = (hasher.finish(), json_of(input)?);
        Ok(JobRow { seq, hash, key, target, body, size, input, refused: None })
    }

    /// A row that cannot be asked.
    pub fn refused(&self, seq: u64, key: Option<String>, why: String, input: &Bound<'_, PyAny>) -> PyResult<JobRow> {
        let (mut hasher, input) = (Hasher::default(), json_of(input)?);
        [why.as_bytes(), &input].into_iter().for_each(|part| hasher.part(part));
        let (hash, target) = (hasher.finish(), Arc::clone(&self.target));
        let (body, size) = (WireBody::None, Size::default());
        Ok(JobRow { seq, hash, key, target, body, size, input, refused: Some(why) })
    }
}

/// A row of the data as JSON, as far as it is that: the rest as text.
fn json_of(input: &Bound<'_, PyAny>) -> PyResult<Bytes> {
    let py = input.py();
    let mut encoder = Encoder::new(py, &[]);
    if encoder.value(input, "").is_ok() {
        return Ok(encoder.out.into());
    }
    let module = py.import(intern!(py, "wenwen._jobs._row"))?;
    let text: String = module.getattr(intern!(py, "json_of"))?.call1((input,))?.extract()?;
    Ok(text.into())
}

/// A row that has ended, as it is on disk.
#[pyclass(frozen, module = "wenwen._core")]
pub struct EndedRow {
    pub record: Record,
    error: Mutex<Option<Error>>,
    /// Whether this run did not send it.
    #[pyo3(get)]
    pub cached: bool,
}

impl From<Ended> for EndedRow {
    fn from(ended: Ended) -> Self {
        Self { record: ended.record, error: Mutex::new(ended.error), cached: ended.cached }
    }
}

impl EndedRow {
    pub fn of(record: Record) -> Self {
        Self { record, error: Mutex::default(), cached: true }
    }

    fn head(&self) -> Head {
        let media = self.record.media.as_deref().unwrap_or("application/json");
        let value = HeaderValue::from_str(media).ok().filter(|_| !media.is_empty());
        let headers: HeaderMap = value.map(|value| (CONTENT_TYPE, value)).into_iter().collect();
        Head {
            request_id: self.record.request_id.clone(),
            attempts: self.record.attempts,
            elapsed: Duration::try_from_secs_f64(self.record.elapsed.unwrap_or_default()).unwrap_or_default(),
            ..Head::new(StatusCode::OK, headers, Secrets::default())
        }
    }
}

#[pymethods]
impl EndedRow {
    #[getter]
    fn index(&self) -> u64 {
        self.record.seq
    }

    #[getter]
    fn key(&self) -> Option<&str> {
        self.record.key.as_deref()
    }

    /// "done", "failed", or "again": failed, and to be asked by the next job.
    #[getter]
    fn status(&self) -> &'static str {
        self.record.status.name()
    }

    #[getter]
    fn attempts(&self) -> u32 {
        self.record.attempts
    }

    /// Answers before this one that did not fit.
    #[getter]
    fn tries(&self) -> u32 {
        self.record.tries
    }

    #[getter]
    fn input_tokens(&self) -> Option<u64> {
        self.record.input_tokens
    }

    #[getter]
    fn output_tokens(&self) -> Option<u64> {
        self.record.output_tokens
    }

    #[getter]
    fn cost(&self) -> Option<f64> {
        self.record.cost
    }

    #[getter]
    fn elapsed(&self) -> Option<f64> {
        self.record.elapsed
    }

    /// When it was written, in seconds since 1970; None of one that comes from the job itself.
    #[getter]
    fn ended(&self) -> Option<f64> {
        self.record.ended
    }

    /// Whether it holds a reply.
    #[getter]
    fn has_reply(&self) -> bool {
        self.record.status == Status::Done || !self.record.body.is_empty()
    }

    /// The row of the data, as JSON; None where it was not kept.
    #[getter]
    fn input<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyBytes>> {
        (!self.record.input.is_empty()).then(|| PyBytes::new(py, &self.record.input))
    }

    /// Why it failed, as JSON.
    #[getter]
    fn failure(&self) -> Option<&str> {
        self.record.error.as_deref()
    }

    /// The reply, as the call would have returned it.
    fn reply<'py>(
        &self,
        py: Python<'py>,
        settings: &Bound<'py, Settings>,
        endpoint: &Bound<'py, Endpoint>,
        as_dict: bool,
    ) -> PyResult<Bound<'py, PyAny>> {
        let _inside = exit::enter(py);
        let reply = Reply { head: self.head(), body: self.record.body.clone() };
        let is_file = endpoint.get().row.answer == Answer::Bytes;
        match &self.record.media {
            Some(_) if is_file => return Ok(Bound::new(py, BinaryContent::of(&reply))?.into_any()),
            Some(_) => return Ok(PyString::new(py, &String::from_utf8_lossy(&reply.body)).into_any()),
            None => {}
        }
        let (settings, endpoint) = (settings.clone().unbind(), endpoint.clone().unbind());
        let handover = Handover::Parsed;
        let (streams, cast_to, asked, watch) = (false, None, None, None);
        Shape { settings, endpoint, as_dict, handover, streams, cast_to, asked, watch, progress: None }.reply(py, reply)
    }

    /// The text of the reply, where it has one and no other; None where the whole reply has to be asked.
    fn text<'py>(&self, py: Python<'py>, endpoint: &Bound<'py, Endpoint>) -> Option<Bound<'py, PyString>> {
        let text = answer::text(endpoint.get().row.dialect, &self.record.body)?;
        Some(PyString::new(py, &text))
    }

    /// Why it failed, as the call would have raised it. Once, of one that failed just now.
    fn error<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyAny>> {
        let _inside = exit::enter(py);
        let now = lock(&self.error).take();
        let written = || self.record.error.as_deref().map(error_of);
        let error = now.or_else(written)?;
        let attempts = self.record.attempts.max(1);
        let elapsed = self.head().elapsed;
        let error = Error { attempts, elapsed, ..error };
        Some(errors::to_py(py, error, None, None).into_value(py).into_bound(py).into_any())
    }

    fn __repr__(&self) -> String {
        format!("<EndedRow {} {}>", self.record.seq, self.status())
    }
}
