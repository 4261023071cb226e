//! One door in and one door out: parameters become a request, an outcome becomes an object.
use std::sync::Arc;

use bytes::Bytes;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
use pyo3::{PyTraverseError, PyVisit};
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use reqwest::{Method, Url};

use super::binary::BinaryContent;
use super::encode::{Encoder, shown};
use super::events::Stream;
use super::key::AskHere;
use super::raw::{APIResponse, Body};
use super::schema::{Described, Params, Spec};
use super::settings::{self, Hidden, Settings};
use super::walk::pairs;
use super::{blocking, decode, errors, exit, form, log, matrix, object, runtime, timeout, tools};
use crate::core::address::{ALL, WORLD};
use crate::core::config::{ANTHROPIC_VERSION, base_headers, without_secrets};
use crate::core::embeddings::{self, Vectors};
use crate::core::endpoint::{self, Access, Answer, Auth, Encoding};
use crate::core::error::{Error, Kind};
use crate::core::reply::{self, Head, Reply};
use crate::core::request::{Body as WireBody, Key, Mode, Request};
use crate::core::retry;
use crate::core::send::{Outcome, send as send_request, send_all as send_requests};
use crate::core::transport::{Client, Route};

/// A row of the endpoint table with the types that belong to it, as `wenwen.types._schema` describes them. Each is a
/// function that is asked when it is first needed: a program uses few endpoints, and of these few streams.
///
/// id: as in the table. reply: what a whole reply becomes. event: what a stream's events become. params: the parameters
/// and the kinds of value they take, and the names of those that must be there; None for any.
#[pyclass(frozen, module = "wenwen._core")]
pub struct Endpoint {
    row: &'static endpoint::Endpoint,
    reply: Described<Spec>,
    event: Described<Spec>,
    params: Option<Described<Params>>,
}

#[pymethods]
impl Endpoint {
    #[new]
    #[pyo3(signature = (id, reply, event, params=None))]
    fn new(id: &str, reply: Py<PyAny>, event: Py<PyAny>, params: Option<Py<PyAny>>) -> PyResult<Self> {
        let row = endpoint::find(id)
            .ok_or_else(|| PyValueError::new_err(format!("no endpoint {id:?} in the table of src/core/endpoint.rs")))?;
        let (reply, event) = (Described::new(reply), Described::new(event));
        Ok(Self { row, reply, event, params: params.map(Described::new) })
    }

    #[getter]
    fn id(&self) -> &str {
        self.row.id
    }

    fn __repr__(&self) -> String {
        format!("Endpoint({:?}, {} {})", self.row.id, self.row.method, self.row.path)
    }
}

impl Endpoint {
    /// The name that messages use: the last part of the id.
    fn name(&self) -> &str {
        self.row.id.rsplit('.').next().unwrap_or(self.row.id)
    }

    pub fn event(&self, py: Python<'_>) -> PyResult<&Spec> {
        self.event.get(py, Spec::read)
    }

    fn reply(&self, py: Python<'_>) -> PyResult<&Spec> {
        self.reply.get(py, Spec::read)
    }

    fn params(&self, py: Python<'_>) -> PyResult<Option<&Params>> {
        self.params.as_ref().map(|params| params.get(py, Params::read)).transpose()
    }
}

/// How a reply is handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Typed or as a dict.
    Parsed,
    /// With its head and bytes: `with_raw_response`.
    Raw,
    /// Its head now, its body piece by piece: `with_streaming_response`.
    Body,
    /// A stream whose events have snapshots: `.stream()`.
    Helper,
}

impl Form {
    fn of(name: &str) -> PyResult<Self> {
        Ok(match name {
            "parsed" => Self::Parsed,
            "raw" => Self::Raw,
            "body" => Self::Body,
            "helper" => Self::Helper,
            _ => return Err(PyValueError::new_err(format!("no form {name:?}"))),
        })
    }
}

/// How to make Python of an outcome.
pub struct Shape {
    pub settings: Py<Settings>,
    pub endpoint: Py<Endpoint>,
    pub as_dict: bool,
    pub form: Form,
    /// Whether events were asked for.
    pub streams: bool,
    /// The class of a whole reply, where the caller named one: `cast_to`.
    pub cast_to: Option<Py<PyAny>>,
}

pub struct Call {
    pub request: Request,
    pub route: Route,
    pub shape: Shape,
    /// Set if the key comes from a function: a reference of the call's own.
    pub ask: Option<Py<PyAny>>,
    /// Whether attempts are to be told of.
    pub log: bool,
}

/// What a Python call says, in one struct.
pub struct Arguments<'a, 'py> {
    pub settings: &'a Bound<'py, Settings>,
    pub endpoint: &'a Bound<'py, Endpoint>,
    /// Parameters and options; options alone where `path` is given.
    pub params: &'a Bound<'py, PyDict>,
    /// Of the path: a sequence of str.
    pub ids: Option<&'a Bound<'py, PyAny>>,
    pub form: &'a str,
    /// For an endpoint without a row: its path from the root, the body and the class of the reply.
    pub path: Option<&'a Bound<'py, PyAny>>,
    pub body: Option<&'a Bound<'py, PyAny>>,
    pub cast_to: Option<Py<PyAny>>,
}

impl Call {
    /// Everything that can be wrong with a call is found here, before anything is sent.
    pub fn prepare(py: Python<'_>, arguments: Arguments<'_, '_>) -> PyResult<Self> {
        let Arguments { settings: own, endpoint, params, ids, form, path, body, cast_to } = arguments;
        settings::hide_in(params)?;
        let ids = ids.map_or(Ok(Vec::new()), |ids| {
            ids.extract::<Vec<String>>().map_err(|_| {
                PyTypeError::new_err(format!("an id of {}() is no str: {}", endpoint.get().name(), shown(ids)))
            })
        })?;
        let path: Option<String> = path.map_or(Ok(None), |path| {
            path.extract().map_err(|_| PyTypeError::new_err(format!("the path or URL is {}: give a str", shown(path))))
        })?;
        let settings = own.get();
        let config = &*settings.config;
        let (row, how) = (endpoint.get().row, Form::of(form)?);
        let known = endpoint.get().params(py)?;
        let mut options = Options::default();
        let fields = PyDict::new(py);
        for pair in pairs(params) {
            let (name, value) = pair?;
            let name = name.cast_into::<PyString>()?;
            if !options.take(name.to_str()?, &value, row.access)? {
                if let Some(known) = known {
                    known.check(endpoint.get().name(), name.to_str()?, &value)?;
                }
                fields.set_item(name, value)?;
            }
        }
        if how == Form::Helper {
            options.stream = Some(true);
        }
        let sends_body = *row.method != Method::GET && *row.method != Method::DELETE;
        if let (true, Some(stream)) = (sends_body && row.dialect.has_stream_field(), options.stream) {
            fields.set_item(intern!(py, "stream"), stream)?;
        }
        if let Some(extra) = &options.body {
            fields
                .call_method1(intern!(py, "update"), (extra,))
                .map_err(|_| PyTypeError::new_err(format!("extra_body is {}: give a mapping", shown(extra))))?;
        }
        for name in known.map_or(&[][..], |known| &known.required) {
            // A form leaves out what is None.
            if fields.get_item(name.bind(py))?.is_none_or(|value| row.body == Encoding::Form && value.is_none()) {
                return Err(PyTypeError::new_err(format!(
                    "{}() misses its required keyword argument '{name}'",
                    endpoint.get().name()
                )));
            }
        }

        tools::written(&fields, row.dialect)?;
        let access = match (row.access, path.as_deref()) {
            (Access::Result, Some(url)) if config.root.holds(&foreign(url, &[])?) => Access::Key,
            (Access::Result, _) => Access::Foreign,
            (access, _) => access,
        };
        let is_foreign = access == Access::Foreign;
        let mut query = if is_foreign { Vec::new() } else { config.query.clone() };
        if !sends_body {
            for pair in pairs(&fields) {
                let (name, value) = pair?;
                settings::push_query(&mut query, name.extract()?, &value)?;
            }
            if options.stream == Some(true) {
                query.push(("stream".into(), "true".into()));
            }
        }
        settings::replace_query(&mut query, options.query);
        let url = match path.as_deref() {
            Some(url) if is_foreign || row.access == Access::Result => foreign(url, &query)?,
            Some(path) => config.root.join(&check_path(path)?, &query),
            None => config.root.join(&row.path(&ids).map_err(PyValueError::new_err)?, &query),
        };

        let mut headers = base_headers(options.stream == Some(true));
        if matches!(row.answer, Answer::Text | Answer::Bytes) {
            headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
        }
        let body = if !sends_body {
            WireBody::None
        } else if row.body == Encoding::Form || (row.body == Encoding::Either && form::has_file(row, &fields)?) {
            WireBody::Form(form::build(row, &fields)?)
        } else {
            let mut encoder = Encoder::new(py, row.binary);
            let written = match body {
                Some(body) if fields.is_empty() => encoder.value(body, ""),
                Some(body) => {
                    let merged = PyDict::new(py);
                    merged.call_method1(intern!(py, "update"), (body,))?;
                    merged.update(fields.as_mapping())?;
                    encoder.dict(&merged)
                }
                None => encoder.dict(&fields),
            };
            written.map_err(|failure| failure.into_error(py))?;
            WireBody::Json(Bytes::from(encoder.out))
        };
        match &body {
            WireBody::None => {}
            WireBody::Json(_) => drop(headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"))),
            WireBody::Form(form) => {
                let kind =
                    HeaderValue::try_from(form.content_type()).map_err(|e| PyValueError::new_err(e.to_string()))?;
                headers.insert(CONTENT_TYPE, kind);
            }
        }
        let auth = row.dialect.auth();
        if auth == Auth::ApiKey {
            headers.insert(ANTHROPIC_VERSION, config.anthropic_version.clone());
        }
        let own_headers = if is_foreign { &[][..] } else { &config.headers };
        let given = own_headers.iter().chain(&options.headers);
        let mut own_key = false;
        for (name, value) in given {
            own_key |= name == AUTHORIZATION || *name == auth.header();
            match value {
                Some(value) => drop(headers.insert(name, value.clone())),
                None => drop(headers.remove(name)),
            }
        }
        // A key of the caller's own replaces ours, and so does None.
        let no_key_goes = own_key || access != Access::Key;
        let key = match (&config.key, no_key_goes) {
            (_, true) => Key::None,
            (Some(key), _) => Key::Known(key.clone()),
            (None, _) if settings.ask.is_some() => Key::None,
            (None, _) => return Err(missing_key(py)?),
        };
        let ask = settings.ask.as_ref().filter(|_| !no_key_goes).map(|ask| ask.clone_ref(py));

        let limits = match &options.timeout {
            Some(value) => timeout::extract(value, config.timeout)?,
            None => config.timeout,
        };
        let within = if options.allow_private.unwrap_or(config.allow_private) { ALL } else { WORLD };
        let mut route = match is_foreign {
            true => Route::foreign(&config.trust, &config.proxy, within),
            false => settings.route.clone(),
        };
        route.set_connect(limits.connect);
        route.check(&url).map_err(PyValueError::new_err)?;
        let mode = match (how, options.stream) {
            (Form::Body, _) => Mode::Bytes,
            (_, Some(true)) => Mode::Events,
            (Form::Parsed, _) if row.answer == Answer::Vectors => Mode::Vectors,
            _ => Mode::Reply,
        };
        let request = Request {
            method: row.method.clone(),
            url,
            headers,
            body,
            mode,
            answer: row.answer,
            marks: row.marks,
            dialect: row.dialect,
            timeout: limits,
            max_retries: options.max_retries.unwrap_or(config.max_retries),
            max_response_bytes: options.max_response_bytes.unwrap_or(config.max_response_bytes),
            billed: row.billed,
            foreign: is_foreign.then(|| config.root.clone()),
            key,
            observer: None,
        };
        let shape = Shape {
            settings: own.clone().unbind(),
            endpoint: endpoint.clone().unbind(),
            as_dict: options.as_dict,
            form: how,
            streams: options.stream == Some(true),
            cast_to,
        };
        Ok(Self { request, route, shape, ask, log: log::is_on(py)? })
    }
}

/// What every call takes beside its endpoint's parameters.
#[derive(Default)]
struct Options<'py> {
    stream: Option<bool>,
    as_dict: bool,
    headers: Vec<(reqwest::header::HeaderName, Option<HeaderValue>)>,
    query: Vec<(String, String)>,
    body: Option<Bound<'py, PyAny>>,
    timeout: Option<Bound<'py, PyAny>>,
    max_retries: Option<u32>,
    max_response_bytes: Option<u64>,
    allow_private: Option<bool>,
}

impl<'py> Options<'py> {
    /// Whether it was one of them.
    fn take(&mut self, name: &str, value: &Bound<'py, PyAny>, access: Access) -> PyResult<bool> {
        let flag = |value: &Bound<'py, PyAny>| {
            value
                .extract::<bool>()
                .map_err(|_| PyTypeError::new_err(format!("{name} is {}: give True or False", shown(value))))
        };
        let some = !value.is_none();
        match name {
            "stream" if some => self.stream = Some(flag(value)?),
            "as_dict" if some => self.as_dict = flag(value)?,
            "extra_headers" if some => {
                settings::merge_headers(&mut self.headers, name, &Hidden::reveal(value.clone()))?
            }
            "extra_query" if some => self.query = settings::query(name, &Hidden::reveal(value.clone()))?,
            "extra_body" if some => self.body = Some(value.clone()),
            "timeout" if some => self.timeout = Some(value.clone()),
            "max_retries" if some => self.max_retries = Some(settings::max_retries(value)?),
            "max_response_bytes" if some => self.max_response_bytes = Some(settings::max_response_bytes(value)?),
            // Where a URL is followed.
            "allow_private" if access == Access::Foreign => {
                self.allow_private = if some { Some(flag(value)?) } else { None };
            }
            "stream" | "as_dict" | "extra_headers" | "extra_query" | "extra_body" | "timeout" | "max_retries"
            | "max_response_bytes" => {}
            _ => return Ok(false),
        }
        Ok(true)
    }
}

fn check_path(path: &str) -> PyResult<String> {
    if !path.starts_with('/') || path.starts_with("//") || path.contains(['?', '#']) {
        return Err(PyValueError::new_err(format!(
            "path {:?}: give it from the gateway's root, like \"/v1/models\"; parameters go into query",
            without_secrets(path)
        )));
    }
    Ok(path.to_owned())
}

/// Of a file somewhere else.
fn foreign(text: &str, query: &[(String, String)]) -> PyResult<Url> {
    let parsed = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    let mut url = parsed
        .ok_or_else(|| PyValueError::new_err(format!("{:?} is not an http or https URL", without_secrets(text))))?;
    if !query.is_empty() {
        url.query_pairs_mut().extend_pairs(query);
    }
    Ok(url)
}

fn missing_key(py: Python<'_>) -> PyResult<PyErr> {
    let class = py.import(intern!(py, "wenwen._errors"))?.getattr(intern!(py, "WenwenError"))?;
    let text = "no API key: set the environment variable WENWEN_API_KEY, or pass api_key=... to the client or to \
                wenwen.configure()";
    Ok(PyErr::from_value(class.call1((text,))?))
}

impl Shape {
    /// For the collector.
    pub fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.settings)?;
        self.cast_to.as_ref().map_or(Ok(()), |class| visit.call(class))
    }

    /// For a stream that is made of a body.
    pub fn again(&self, py: Python<'_>) -> Self {
        Self {
            settings: self.settings.clone_ref(py),
            endpoint: self.endpoint.clone_ref(py),
            cast_to: self.cast_to.as_ref().map(|class| class.clone_ref(py)),
            ..*self
        }
    }

    pub fn error(&self, py: Python<'_>, error: Error) -> PyErr {
        errors::to_py(py, error, (!self.as_dict).then(|| self.endpoint.get().reply(py).ok()).flatten())
    }

    /// What is wrong with the body of a reply, if something is.
    pub fn check(&self, head: &Head, body: &Bytes) -> Result<(), Error> {
        let row = self.endpoint.get().row;
        reply::check(head, body, row.answer, row.marks, || "the gateway".into())
    }

    /// The Python value of an outcome.
    pub fn deliver<'py>(self, py: Python<'py>, outcome: Result<Outcome, Error>) -> PyResult<Bound<'py, PyAny>> {
        match outcome.map_err(|error| self.error(py, error))? {
            Outcome::Reply(reply) if self.form == Form::Raw => APIResponse::of_reply(py, reply, self),
            Outcome::Reply(reply) => self.reply(py, reply),
            Outcome::Vectors(head, vectors) => self.vectors(py, head, vectors),
            Outcome::Events(head, feed) => {
                let (raw, head) = (self.form == Form::Raw, Arc::new(head));
                let stream = Bound::new(py, Stream::new(head.clone(), feed, self))?;
                if raw { APIResponse::of_stream(py, head, stream) } else { Ok(stream.into_any()) }
            }
            Outcome::Bytes(bytes) => Ok(Bound::new(py, Body::new(*bytes, self))?.into_any()),
        }
    }

    /// A whole reply, typed or as a dict.
    pub fn reply<'py>(&self, py: Python<'py>, reply: Reply) -> PyResult<Bound<'py, PyAny>> {
        match self.endpoint.get().row.answer {
            Answer::Bytes => return Ok(Bound::new(py, BinaryContent::of(&reply))?.into_any()),
            Answer::Text if !reply.head.is_json() => {
                return Ok(PyString::new(py, &String::from_utf8_lossy(&reply.body)).into_any());
            }
            _ if reply.body.is_empty() => return Ok(py.None().into_bound(py)), // 204
            Answer::Vectors => {
                let read = embeddings::read(&reply.body);
                let read = read.map_err(|why| self.error(py, reply.head.error(Kind::BadReply, why, &reply.body)))?;
                if let Some(vectors) = read {
                    return self.vectors(py, reply.head, vectors);
                }
            }
            _ => {}
        }
        let value = decode::parse(py, &reply.body).map_err(|why| {
            let error = reply::bad_json(&reply.head, &reply.body, &why);
            self.error(py, retry::warned(error, self.endpoint.get().row.billed))
        })?;
        let typed = self.typed(py, value)?;
        object::set_head(&typed, &Arc::new(reply.head.bare()), Some(&self.settings));
        Ok(typed)
    }

    /// A reply of embeddings, typed or as a dict with lists of floats.
    fn vectors<'py>(&self, py: Python<'py>, head: Head, vectors: Vectors) -> PyResult<Bound<'py, PyAny>> {
        let value = decode::parse(py, &vectors.rest)
            .map_err(|why| self.error(py, reply::bad_json(&head, &vectors.rest.into(), &why)))?;
        matrix::put(&value, vectors.rows)?;
        if self.as_dict {
            return object::plain(&value);
        }
        let typed = self.typed(py, value)?;
        object::set_head(&typed, &Arc::new(head.bare()), Some(&self.settings));
        Ok(typed)
    }

    /// What JSON becomes as this call's whole reply.
    pub fn typed<'py>(&self, py: Python<'py>, value: Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        if self.as_dict {
            return Ok(value);
        }
        if let (Some(class), Ok(dict)) = (&self.cast_to, value.cast::<PyDict>()) {
            return match class.bind(py).cast::<pyo3::types::PyType>() {
                Ok(class) if class.is_subclass_of::<object::Object>()? => object::wrap(dict.clone(), Some(class)),
                _ => class.bind(py).call1((value,)),
            };
        }
        Ok(self.endpoint.get().reply(py)?.convert(&value)?.unwrap_or(value))
    }
}

/// A sync call.
#[pyfunction]
#[pyo3(signature = (settings, endpoint, params, ids=None, form="parsed", *, path=None, body=None, cast_to=None))]
#[expect(clippy::too_many_arguments, reason = "the door: see Arguments")]
pub fn send<'py>(
    py: Python<'py>,
    settings: &Bound<'py, Settings>,
    endpoint: &Bound<'py, Endpoint>,
    params: &Bound<'py, PyDict>,
    ids: Option<&Bound<'py, PyAny>>,
    form: &str,
    path: Option<&Bound<'py, PyAny>>,
    body: Option<&Bound<'py, PyAny>>,
    cast_to: Option<Py<PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    let _inside = exit::enter(py);
    let arguments = Arguments { settings, endpoint, params, ids, form, path, body, cast_to };
    let Call { mut request, route, shape, ask, log } = Call::prepare(py, arguments)?;
    let core = runtime::core()?;
    // What is read later is read in the background, so that a slow reader does not hold it up.
    let mut local = matches!(request.mode, Mode::Reply | Mode::Vectors).then(|| core.lend()).transpose()?;
    let transport = local.as_ref().map_or(&core.transport, |local| &local.transport);
    let client = transport.client(&route).map_err(PyValueError::new_err)?;
    let here = Arc::new(AskHere::default());
    if ask.is_some() {
        request.key = Key::Ask(here.clone());
    }
    let lines = log::Lines::default();
    if log {
        request.observer = Some(Arc::new(lines.clone()));
    }
    let look_up = |py: Python<'_>| {
        if let Some(function) = &ask {
            here.answer(py, function);
        }
        lines.write(py)
    };
    let sending = send_request(&client, &request);
    let outcome = blocking::wait_with_bell(py, local.as_mut(), sending, &here.bell, look_up);
    if let Some(local) = local {
        let is_read = |error: &Error| matches!(error.kind, Kind::Status);
        let ended = outcome.as_ref().is_ok_and(|outcome| outcome.as_ref().err().is_none_or(is_read));
        core.give_back(local, ended);
    }
    shape.deliver(py, outcome?)
}

/// Several requests that make one call, each as its parameters and what to say of it should it fail.
pub struct Calls {
    pub calls: Vec<(Client, Request)>,
    pub shapes: Shapes,
    pub ask: Option<Py<PyAny>>,
    pub log: bool,
}

impl Calls {
    pub fn prepare<'py>(
        py: Python<'py>,
        settings: &Bound<'py, Settings>,
        endpoint: &Bound<'py, Endpoint>,
        parts: Vec<(Bound<'py, PyDict>, String)>,
    ) -> PyResult<Self> {
        let mut all = Self { calls: Vec::new(), shapes: Shapes(Vec::new()), ask: None, log: false };
        for (params, note) in parts {
            let (ids, form, path) = (None, "parsed", None);
            let arguments =
                Arguments { settings, endpoint, params: &params, ids, form, path, body: None, cast_to: None };
            let Call { request, route, shape, ask, log } = Call::prepare(py, arguments)?;
            let client = runtime::core()?.transport.client(&route).map_err(PyValueError::new_err)?;
            all.calls.push((client, request));
            all.shapes.0.push((shape, note));
            (all.ask, all.log) = (ask, log);
        }
        Ok(all)
    }
}

/// What the parts of a call became.
pub type Outcomes = Result<Vec<Outcome>, (usize, Error)>;

pub struct Shapes(Vec<(Shape, String)>);

impl Shapes {
    /// The replies in their order; a failure says which part it was.
    pub fn deliver<'py>(self, py: Python<'py>, outcomes: Outcomes) -> PyResult<Vec<Bound<'py, PyAny>>> {
        match outcomes {
            Ok(outcomes) => {
                self.0.into_iter().zip(outcomes).map(|((shape, _), one)| shape.deliver(py, Ok(one))).collect()
            }
            Err((number, error)) => {
                let Some((shape, note)) = self.0.get(number) else { return Err(errors::to_py(py, error, None)) };
                let raised = shape.error(py, error);
                raised.value(py).call_method1(intern!(py, "add_note"), (note,))?;
                Err(raised)
            }
        }
    }
}

/// Several requests as one sync call: at most `most` at a time, under one deadline; the first failure ends the others.
#[pyfunction]
pub fn send_all<'py>(
    py: Python<'py>,
    settings: &Bound<'py, Settings>,
    endpoint: &Bound<'py, Endpoint>,
    parts: Vec<(Bound<'py, PyDict>, String)>,
    most: usize,
) -> PyResult<Vec<Bound<'py, PyAny>>> {
    let _inside = exit::enter(py);
    let Calls { mut calls, shapes, ask, log } = Calls::prepare(py, settings, endpoint, parts)?;
    let here = Arc::new(AskHere::default());
    let lines = log::Lines::default();
    for (_, request) in &mut calls {
        if ask.is_some() {
            request.key = Key::Ask(here.clone());
        }
        if log {
            request.observer = Some(Arc::new(lines.clone()));
        }
    }
    // One attempt at a time can ask for its key.
    let most = if ask.is_some() { 1 } else { most };
    let outcomes = blocking::wait_with_bell(py, None, send_requests(calls, most), &here.bell, |py| {
        if let Some(function) = &ask {
            here.answer(py, function);
        }
        lines.write(py)
    })?;
    shapes.deliver(py, outcomes)
}
