//! One door in and one door out: parameters become a request, an outcome becomes an object.
use std::sync::Arc;

use bytes::Bytes;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{IntoPyDict, PyBytes, PyDict, PyList, PyString, PyTuple, PyType};
use pyo3::{PyTraverseError, PyVisit};
use reqwest::header::{CONTENT_ENCODING, CONTENT_LENGTH};

use super::asked::Asked;
use super::binary::BinaryContent;
use super::caller::{Caller, Here};
use super::encode::{Encoder, shown};
use super::events::Stream;
use super::headers::Headers;
use super::omit::left_out;
use super::options::{self, Calls, Options};
use super::raw::{APIResponse, Body};
use super::schema::{Described, Params, Spec};
use super::settings::Settings;
use super::walk::pairs;
use super::watch::{self, Telling, Watch, Watching, sending};
use super::{decode, errors, exit, form, matrix, object, runtime, timeout, tools};
use crate::core::call::{Handover, Wanted};
use crate::core::embeddings::{self, Vectors};
use crate::core::endpoint::{self, Answer, Encoding};
use crate::core::error::{Error, Kind};
use crate::core::reply::{self, Head, Reply};
use crate::core::request::{Body as WireBody, Mode, Request};
use crate::core::retry;
use crate::core::send::{Outcome, send as send_request};
use crate::core::transport::{Client, Route, Transport};
use crate::jobs::parts::send_all as send_all_requests;

/// A row of the endpoint table with the types that belong to it, as `wenwen.types._schema` describes them. Each is a
/// function that is asked when it is first needed: a program uses few endpoints, and of these few streams.
///
/// id: as in the table. reply: what a whole reply becomes. event: what a stream's events become. params: the parameters
/// and the kinds of value they take, and the names of those that must be there; None for any.
#[pyclass(frozen, module = "wenwen._core")]
pub struct Endpoint {
    pub row: &'static endpoint::Endpoint,
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
    pub fn name(&self) -> &str {
        self.row.id.rsplit('.').next().unwrap_or(self.row.id)
    }

    pub fn event(&self, py: Python<'_>) -> PyResult<&Spec> {
        self.event.get(py, Spec::read)
    }

    pub fn reply(&self, py: Python<'_>) -> PyResult<&Spec> {
        self.reply.get(py, Spec::read)
    }

    pub fn params(&self, py: Python<'_>) -> PyResult<Option<&Params>> {
        self.params.as_ref().map(|params| params.get(py, Params::read)).transpose()
    }

    /// A name that is wrong is told before a value that is.
    #[cold]
    fn unknown(&self, params: &Bound<'_, PyDict>, known: &Params) -> Option<PyErr> {
        let names = params.keys();
        let names = names.iter().filter_map(|name| name.extract::<String>().ok());
        let mut names = names.filter(|name| !options::of_call(Calls::of(self.row)).any(|(own, _)| own == name));
        names.find_map(|name| known.refusal(self.name(), &name))
    }

    /// What is sent of a call's keywords; those that are options go there.
    fn fields<'py>(
        &self,
        params: &Bound<'py, PyDict>,
        handover: Handover,
        options: &mut Options<'py>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let fields = self.some_fields(params, handover, options)?;
        self.check_required(&fields)?;
        Ok(fields)
    }

    /// The same of some of them: others may follow.
    pub fn some_fields<'py>(
        &self,
        params: &Bound<'py, PyDict>,
        handover: Handover,
        options: &mut Options<'py>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let py = params.py();
        let (known, calls) = (self.params(py)?, Calls::of(self.row));
        let fields = PyDict::new(py);
        for pair in pairs(params) {
            let (name, value) = pair?;
            let name = name.cast_into::<PyString>()?;
            if !options.take(name.to_str()?, &value, calls)? {
                if let Some(known) = known {
                    let checked = known.check(self.name(), name.to_str()?, &value);
                    checked.map_err(|wrong| self.unknown(params, known).unwrap_or(wrong))?;
                }
                fields.set_item(name, value)?;
            }
        }
        for (name, header) in self.row.headers {
            if let Some(value) = fields.get_item(name)? {
                fields.del_item(name)?;
                options.push_header(name, header, &value)?;
            }
        }
        options.stream = handover.stream(options.stream);
        if let (true, Some(stream)) = (self.row.has_stream_field(), options.stream) {
            fields.set_item(intern!(py, "stream"), stream)?;
        }
        if let Some(extra) = &options.body {
            fields
                .call_method1(intern!(py, "update"), (extra,))
                .map_err(|_| PyTypeError::new_err(format!("extra_body is {}: give a mapping", shown(extra))))?;
        }
        Ok(fields)
    }

    pub fn check_required(&self, fields: &Bound<'_, PyDict>) -> PyResult<()> {
        let py = fields.py();
        for name in self.params(py)?.map_or(&[][..], |known| &known.required) {
            // A form leaves out what is None.
            if fields.get_item(name.bind(py))?.is_none_or(|value| self.row.body == Encoding::Form && value.is_none()) {
                return Err(PyTypeError::new_err(format!(
                    "{}() misses its required keyword argument '{name}'",
                    self.name()
                )));
            }
        }
        Ok(())
    }

    /// The fields as they are sent; `body` is what they are added to.
    pub fn body(&self, fields: &Bound<'_, PyDict>, body: Option<&Bound<'_, PyAny>>) -> PyResult<WireBody> {
        let (py, row) = (fields.py(), self.row);
        if row.body == Encoding::Form || (row.body == Encoding::Either && form::has_file(row, fields)?) {
            return Ok(WireBody::Form(form::build(row, fields)?));
        }
        let mut encoder = Encoder::new(py, row.binary);
        let written = match body {
            Some(body) if fields.is_empty() => encoder.value(body, ""),
            Some(body) => {
                let merged = PyDict::new(py);
                merged.call_method1(intern!(py, "update"), (body,))?;
                merged.update(fields.as_mapping())?;
                encoder.dict(&merged)
            }
            None => encoder.dict(fields),
        };
        written.map_err(|failure| failure.into_error(py))?;
        Ok(WireBody::Json(Bytes::from(encoder.out)))
    }
}

/// How to make Python of an outcome.
pub struct Shape {
    pub settings: Py<Settings>,
    pub endpoint: Py<Endpoint>,
    pub as_dict: bool,
    pub handover: Handover,
    /// Whether events were asked for.
    pub streams: bool,
    /// The class of a whole reply, where the caller named one: `cast_to`.
    pub cast_to: Option<Py<PyAny>>,
    /// None of a row of a job.
    pub asked: Option<Asked>,
    /// Who is to be told how it ended.
    pub watch: Option<Watch>,
    /// What shows how much of it is sent.
    pub progress: Option<Py<PyAny>>,
}

/// A call that is ready to be sent.
pub struct Prepared {
    pub request: Request,
    route: Route,
    pub shape: Shape,
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

impl Prepared {
    /// Everything that can be wrong with a call is found here, before anything is sent.
    pub fn new(py: Python<'_>, arguments: Arguments<'_, '_>, caller: &mut impl Caller) -> PyResult<Self> {
        let Arguments { settings: own, endpoint, params, ids, form, path, body, cast_to } = arguments;
        options::hide_in(params)?;
        let ids = ids.map_or(Ok(Vec::new()), |ids| {
            ids.extract::<Vec<String>>().map_err(|_| {
                PyTypeError::new_err(format!("an id of {}() is no str: {}", endpoint.get().name(), shown(ids)))
            })
        })?;
        let path: Option<String> = path.map_or(Ok(None), |path| {
            path.extract().map_err(|_| PyTypeError::new_err(format!("the path or URL is {}: give a str", shown(path))))
        })?;
        let handover = Handover::named(form).ok_or_else(|| PyValueError::new_err(format!("no form {form:?}")))?;
        let (settings, row) = (own.get(), endpoint.get().row);
        let mut options = Options::default();
        let fields = endpoint.get().fields(params, handover, &mut options)?;
        tools::written(&fields, row.dialect)?;
        let stream = options.stream == Some(true);
        let mut wanted = Wanted {
            ids: &ids,
            path: path.as_deref(),
            stream,
            handover,
            headers: options.headers,
            query: options.query,
            max_retries: options.max_retries,
            max_response_bytes: options.max_response_bytes,
            allow_private: options.allow_private,
            ..Wanted::of(row)
        };
        let body = body.filter(|body| left_out(body).is_none());
        if row.has_body() {
            wanted.body = endpoint.get().body(&fields, body)?;
        } else {
            for pair in pairs(&fields) {
                let (name, value) = pair?;
                options::push_query(&mut wanted.params, name.extract()?, &value)?;
            }
        }
        let timeout = options.timeout.map(|value| timeout::extract(&value, settings.config.timeout));
        wanted.timeout = timeout.transpose()?;
        let hooks = caller.hooks(py, settings)?;
        let is_watched = watch::is_on(py, settings)?;
        let said: Vec<_> = match is_watched {
            true => settings.config.headers.iter().chain(&wanted.headers).map(|(name, _)| name.clone()).collect(),
            false => Vec::new(),
        };
        let made = wanted.request(&settings.config, &settings.route, hooks);
        let (mut request, route) = made.map_err(|why| errors::unsendable(py, &why))?;
        let mut watch = None;
        if is_watched && let Some(by) = caller.bring() {
            let params = body.filter(|_| fields.is_empty()).unwrap_or(&fields);
            watch = Watch::begin(py, settings, row.id, &mut request, params, &said)?;
            if let Some(watch) = &watch {
                request.observer = Some(Watching::new(py, watch, request.observer.is_some(), by));
            }
        }
        let mut progress = None;
        if let (Some(wanted), Some(by)) = (options.progress, caller.bring()) {
            let shown = sending(wanted)?;
            request.sending = Some(Telling::new(&shown, by));
            progress = Some(shown.unbind());
        }
        let (settings, endpoint) = (own.clone().unbind(), endpoint.clone().unbind());
        let (as_dict, asked) = (options.as_dict, Some(Asked::of(&request, handover == Handover::Raw)));
        let shape = Shape { settings, endpoint, as_dict, handover, streams: stream, cast_to, asked, watch, progress };
        Ok(Self { request, route, shape })
    }

    /// What it is sent by.
    pub fn client(&self, transport: &Transport) -> PyResult<Client> {
        transport.client(&self.route).map_err(PyValueError::new_err)
    }
}

impl Shape {
    /// For the collector.
    pub fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.settings)?;
        self.watch.as_ref().map_or(Ok(()), |watch| visit.call(watch.info()))?;
        self.progress.as_ref().map_or(Ok(()), |progress| visit.call(progress))?;
        self.cast_to.as_ref().map_or(Ok(()), |class| visit.call(class))
    }

    /// For a stream that is made of a body.
    pub fn again(&self, py: Python<'_>) -> Self {
        Self {
            settings: self.settings.clone_ref(py),
            endpoint: self.endpoint.clone_ref(py),
            cast_to: self.cast_to.as_ref().map(|class| class.clone_ref(py)),
            asked: self.asked.clone(),
            watch: self.watch.as_ref().map(|watch| watch.clone_ref(py)),
            progress: None,
            ..*self
        }
    }

    pub fn error(&self, py: Python<'_>, error: Error) -> PyErr {
        let reply = (!self.as_dict).then(|| self.endpoint.get().reply(py).ok()).flatten();
        errors::to_py(py, error, reply, self.asked.as_ref())
    }

    /// What is wrong with the body of a reply, if something is.
    pub fn check(&self, head: &Head, body: &Bytes) -> Result<(), Error> {
        let row = self.endpoint.get().row;
        reply::check(head, body, row.answer, row.marks, || "the gateway".into())
    }

    /// The Python value of an outcome.
    pub fn deliver<'py>(self, py: Python<'py>, outcome: Result<Outcome, Error>) -> PyResult<Bound<'py, PyAny>> {
        if let Some(progress) = &self.progress {
            exit::call(&progress.bind(py).getattr(intern!(py, "close"))?, &PyTuple::empty(py))?;
        }
        let Some(watch) = self.watch.as_ref().map(|watch| watch.clone_ref(py)) else {
            return self.delivered(py, outcome);
        };
        let goes_on = matches!(outcome, Ok(Outcome::Events(..) | Outcome::Bytes(_)));
        let given = self.delivered(py, outcome);
        match &given {
            Ok(_) if goes_on => {}
            Ok(reply) => watch.end(py, Some(reply), None)?,
            Err(error) => watch.end(py, None, Some(error))?,
        }
        given
    }

    /// A call that ended without an outcome.
    fn failed(&self, py: Python<'_>, error: PyErr) -> PyErr {
        let told = self.watch.as_ref().map_or(Ok(()), |watch| watch.end(py, None, Some(&error)));
        told.err().unwrap_or(error)
    }

    fn delivered<'py>(self, py: Python<'py>, outcome: Result<Outcome, Error>) -> PyResult<Bound<'py, PyAny>> {
        match outcome.map_err(|error| self.error(py, error))? {
            Outcome::Reply(reply) if self.handover == Handover::Raw => APIResponse::of_reply(py, reply, self),
            Outcome::Reply(reply) => self.reply(py, reply),
            Outcome::Vectors(head, vectors) => self.vectors(py, head, vectors),
            Outcome::Events(head, feed) => {
                let (raw, head, asked) = (self.handover == Handover::Raw, Arc::new(head), self.asked.clone());
                let stream = Bound::new(py, Stream::new(head.clone(), feed, self))?;
                if raw { APIResponse::of_stream(py, head, stream, asked) } else { Ok(stream.into_any()) }
            }
            Outcome::Bytes(bytes) => Ok(Bound::new(py, Body::new(*bytes, self))?.into_any()),
        }
    }

    /// A whole reply, typed or as a dict.
    pub fn reply<'py>(&self, py: Python<'py>, reply: Reply) -> PyResult<Bound<'py, PyAny>> {
        if let Some(class) = self.cast_to.as_ref().and_then(|class| class.bind(py).cast::<PyType>().ok()) {
            if class.is(py.get_type::<APIResponse>()) {
                return APIResponse::of_reply(py, reply, Shape { cast_to: None, ..self.again(py) });
            }
            if is_of_httpx(class)? {
                return response_of_httpx(class, &reply);
            }
        }
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
        if let Some(class) = &self.cast_to
            && let Some(made) = cast(&value, class.bind(py))?
        {
            return Ok(made);
        }
        Ok(self.endpoint.get().reply(py)?.convert(&value)?.unwrap_or(value))
    }
}

/// `httpx.Response`, and that of httpx's successors: what code of the peers' names for a reply as it came.
fn is_of_httpx(class: &Bound<'_, PyType>) -> PyResult<bool> {
    Ok(class.name()? == "Response"
        && class.module()?.to_str()?.split('.').next().is_some_and(|m| m.starts_with("httpx")))
}

fn response_of_httpx<'py>(class: &Bound<'py, PyType>, reply: &Reply) -> PyResult<Bound<'py, PyAny>> {
    let py = class.py();
    let mut headers = reply.head.headers.clone();
    headers.remove(CONTENT_ENCODING); // it is decompressed
    headers.remove(CONTENT_LENGTH);
    let options = [
        ("headers", Headers(headers).pairs().into_pyobject(py)?),
        ("content", PyBytes::new(py, &reply.body).into_any()),
    ];
    class.call((reply.head.status,), Some(&options.into_py_dict(py)?))
}

/// A whole reply as the class that the caller named: one of ours, a model of pydantic's, `object` for plain dicts and
/// lists, or whatever can be called with a dict. None is the peers' word for a reply that nobody reads.
/// Nothing of a list: a class is said of objects.
fn cast<'py>(value: &Bound<'py, PyAny>, class: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {
    let py = value.py();
    let named = class.cast::<PyType>();
    if let Ok(named) = named {
        if named.is(py.None().bind(py).get_type()) {
            return Ok(Some(py.None().into_bound(py)));
        }
        if named.is(py.get_type::<PyAny>()) {
            return Ok(Some(value.clone()));
        }
    }
    let Ok(dict) = value.cast::<PyDict>() else { return Ok(None) };
    if class.get_type().name()?.to_str()?.contains("Union")
        && let Some(members) = class.getattr_opt(intern!(py, "__args__"))?
    {
        return one_of(value, &members);
    }
    match named {
        Ok(class) if class.is_subclass_of::<object::Object>()? => object::wrap(dict.clone(), Some(class)),
        // openai's own models are made of what comes, without a check, as that package does it.
        Ok(class) if class.hasattr(intern!(py, "model_validate"))? => {
            match class.getattr_opt(intern!(py, "to_dict"))? {
                Some(_) => class.call_method(intern!(py, "construct"), (), Some(dict)),
                None => class.call_method1(intern!(py, "model_validate"), (value,)),
            }
        }
        _ => class.call1((value,)),
    }
    .map(Some)
}

/// The first member of a union that takes it; of classes that check nothing, the first.
fn one_of<'py>(value: &Bound<'py, PyAny>, members: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {
    let validate = intern!(value.py(), "model_validate");
    let mut first = None;
    for member in members.try_iter()? {
        let member = member?;
        let made = match member.hasattr(validate)? {
            true => member.call_method1(validate, (value,)).map(Some),
            false => cast(value, &member),
        };
        match made {
            Ok(made) => return Ok(made),
            Err(error) => first = first.or(Some(error)),
        }
    }
    first.map_or(Ok(None), Err)
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
    let mut here = Here::default();
    let prepared = Prepared::new(py, arguments, &mut here)?;
    let core = runtime::core()?;
    // What is read later is read in the background, so that a slow reader does not hold it up.
    let is_whole = matches!(prepared.request.mode, Mode::Reply | Mode::Vectors);
    let mut local = is_whole.then(|| core.lend()).transpose()?;
    let client = prepared.client(local.as_ref().map_or(&core.transport, |local| &local.transport))?;
    let Prepared { request, shape, .. } = prepared;
    let outcome = here.wait(py, local.as_mut(), send_request(&client, &request));
    if let Some(local) = local {
        let is_read = |error: &Error| matches!(error.kind, Kind::Status);
        let ended = outcome.as_ref().is_ok_and(|outcome| outcome.as_ref().err().is_none_or(is_read));
        core.give_back(local, ended);
    }
    match outcome {
        Ok(outcome) => shape.deliver(py, outcome),
        Err(error) => Err(shape.failed(py, error)),
    }
}

/// Several requests that make one call, ready to be sent, and of each what to say of it should it fail.
pub struct Several {
    calls: Vec<(Client, Request)>,
    shapes: Vec<(Shape, String)>,
}

impl Several {
    pub fn new<'py>(
        settings: &Bound<'py, Settings>,
        endpoint: &Bound<'py, Endpoint>,
        parts: Vec<(Bound<'py, PyDict>, String)>,
        caller: &mut impl Caller,
    ) -> PyResult<Self> {
        let transport = &runtime::core()?.transport;
        let mut several = Self { calls: Vec::with_capacity(parts.len()), shapes: Vec::with_capacity(parts.len()) };
        for (params, note) in parts {
            let (ids, form, path) = (None, "parsed", None);
            let arguments =
                Arguments { settings, endpoint, params: &params, ids, form, path, body: None, cast_to: None };
            let prepared = Prepared::new(settings.py(), arguments, caller)?;
            several.calls.push((prepared.client(transport)?, prepared.request));
            several.shapes.push((prepared.shape, note));
        }
        Ok(several)
    }

    /// Sends them, at most `most` at a time, under one deadline; the first failure ends the others. What it gives makes
    /// a list of their replies, or an error that says which part it was.
    pub async fn send(self, most: usize) -> impl FnOnce(Python<'_>) -> PyResult<Py<PyAny>> + Send {
        let outcomes = send_all_requests(self.calls, most).await;
        move |py| match outcomes {
            Ok(outcomes) => {
                let each = self.shapes.into_iter().zip(outcomes);
                let replies: PyResult<Vec<_>> = each.map(|((shape, _), one)| shape.deliver(py, Ok(one))).collect();
                Ok(PyList::new(py, replies?)?.into_any().unbind())
            }
            Err((number, error)) => {
                let Some((shape, note)) = self.shapes.get(number) else {
                    return Err(errors::to_py(py, error, None, None));
                };
                let mut raised = shape.error(py, error);
                // The others end with it.
                for (shape, _) in &self.shapes {
                    raised = shape.failed(py, raised);
                }
                raised.value(py).call_method1(intern!(py, "add_note"), (note,))?;
                Err(raised)
            }
        }
    }
}

/// Several requests as one sync call: see `Several`.
#[pyfunction]
pub fn send_all<'py>(
    py: Python<'py>,
    settings: &Bound<'py, Settings>,
    endpoint: &Bound<'py, Endpoint>,
    parts: Vec<(Bound<'py, PyDict>, String)>,
    most: usize,
) -> PyResult<Py<PyAny>> {
    let _inside = exit::enter(py);
    let mut here = Here::default();
    let several = Several::new(settings, endpoint, parts, &mut here)?;
    here.wait(py, None, several.send(most))?(py)
}
