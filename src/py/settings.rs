//! A client's configuration, as Python gives it.
use std::path::PathBuf;
use std::sync::Arc;

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyList, PyString, PyTuple};
use pyo3::{PyTraverseError, PyVisit};
use reqwest::header::{AUTHORIZATION, HeaderName, HeaderValue};
use zeroize::Zeroizing;

use super::encode::{shown, type_name};
use super::timeout::{self, Timeout};
use super::walk;
use crate::core::config::{Config, DEFAULT_ANTHROPIC_VERSION, DEFAULT_ROOT, Root};
use crate::core::endpoint::Auth;
use crate::core::proxy::{Proxy, check_proxy, without_password};
use crate::core::secret::{Secret, is_harmless_header, is_secret_header, is_secret_parameter};
use crate::core::transport::Route;
use crate::core::trust::Trust;

/// What a client is configured with; it never changes, `replace` makes another. Holds no connection.
#[pyclass(frozen, module = "wenwen._core")]
pub struct Settings {
    pub config: Arc<Config>,
    /// A function that gives the key. The collector takes it for these settings' own: whoever shares it, a call above
    /// all, has a reference of its own (`clone_ref`), or the function is cleared before it is called.
    pub ask: Option<Py<PyAny>>,
    pub route: Route,
}

/// A value on its way to the core: a traceback that shows the locals of our frames shows nothing of it.
#[pyclass(frozen, module = "wenwen._core")]
pub struct Hidden(Py<PyAny>);

#[pymethods]
impl Hidden {
    #[allow(clippy::unused_self)] // Python calls it so
    fn __repr__(&self) -> &'static str {
        "***"
    }
}

impl Hidden {
    pub fn of<'py>(value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        Ok(Bound::new(value.py(), Self(value.clone().unbind()))?.into_any())
    }

    /// The value itself, whether it was hidden or not.
    pub fn reveal(value: Bound<'_, PyAny>) -> Bound<'_, PyAny> {
        match value.cast::<Self>() {
            Ok(hidden) => hidden.get().0.bind(value.py()).clone(),
            Err(_) => value,
        }
    }
}

/// The values, hidden; None stays None.
#[pyfunction]
#[pyo3(signature = (*values))]
pub fn hide<'py>(values: &Bound<'py, PyTuple>) -> PyResult<Bound<'py, PyTuple>> {
    let py = values.py();
    let hidden: PyResult<Vec<_>> = values
        .iter()
        .map(|value| match value.is_none() || value.is_instance_of::<Hidden>() {
            true => Ok(value),
            false => Hidden::of(&value),
        })
        .collect();
    PyTuple::new(py, hidden?)
}

/// Hides what a call's options may hold of keys, in the dict that our frames have of them: Python shows it when it shows
/// their locals. First of all that is done with them; where Python code of ours copies or checks the dict, there too.
#[pyfunction]
pub fn hide_in(options: &Bound<'_, PyDict>) -> PyResult<()> {
    let py = options.py();
    for name in [intern!(py, "extra_headers"), intern!(py, "extra_query")] {
        match options.get_item(name)? {
            Some(value) if !value.is_none() && !value.is_instance_of::<Hidden>() => {
                options.set_item(name, Hidden::of(&value)?)?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// Adds a query to the options' own, which goes before, and hides it all.
#[pyfunction]
pub fn add_query(options: &Bound<'_, PyDict>, query: Bound<'_, PyAny>) -> PyResult<()> {
    let py = options.py();
    hide_in(options)?;
    if query.is_none() {
        return Ok(());
    }
    let (name, mut query) = (intern!(py, "extra_query"), Hidden::reveal(query));
    if let Some(own) = options.get_item(name)?.filter(|own| !own.is_none()) {
        let all = PyDict::new(py);
        for (option, given) in [("query", query), ("extra_query", Hidden::reveal(own))] {
            for (name, value) in pairs(option, &given)? {
                all.set_item(name, value)?;
            }
        }
        query = all.into_any();
    }
    options.set_item(name, Hidden::of(&query)?)
}

const OPTIONS: [&str; 11] = [
    "api_key",
    "base_url",
    "timeout",
    "max_retries",
    "max_response_bytes",
    "default_headers",
    "default_query",
    "anthropic_version",
    "proxy",
    "verify",
    "allow_private",
];

fn option(name: &str) -> PyResult<&'static str> {
    OPTIONS
        .into_iter()
        .find(|option| *option == name)
        .ok_or_else(|| PyTypeError::new_err(format!("a client has no option '{name}'; it has {}", OPTIONS.join(", "))))
}

#[pymethods]
impl Settings {
    /// The names of a client's options.
    #[classattr]
    #[pyo3(name = "OPTIONS")]
    const NAMES: [&'static str; 11] = OPTIONS;

    /// Options that are missing come from the environment (api_key, base_url) or are the defaults.
    #[new]
    fn new(options: &Bound<'_, PyDict>) -> PyResult<Self> {
        // A variable in whose place an option stands may be anything.
        let env = |name, option| {
            let given = options.get_item(option)?.is_some_and(|value| !value.is_none());
            let value = std::env::var_os(name).filter(|_| !given);
            let value = value.map(|value| Zeroizing::new(value.to_string_lossy().into_owned()));
            PyResult::Ok(value.filter(|value| !value.trim().is_empty()))
        };
        let root = env("WENWEN_BASE_URL", "base_url")?;
        let root = root.as_ref().map_or(DEFAULT_ROOT, |root| root.as_str());
        let config = Config {
            root: Root::parse(root).map_err(|why| PyValueError::new_err(format!("WENWEN_BASE_URL: {why}")))?,
            key: env("WENWEN_API_KEY", "api_key")?
                .map(|key| Secret::new(&key))
                .transpose()
                .map_err(|why| PyValueError::new_err(format!("WENWEN_API_KEY: {why}")))?,
            timeout: crate::core::config::Timeout::DEFAULT,
            max_retries: 2,
            max_response_bytes: crate::core::config::MAX_RESPONSE_BYTES,
            headers: Vec::new(),
            query: Vec::new(),
            anthropic_version: DEFAULT_ANTHROPIC_VERSION,
            proxy: Proxy::default(),
            trust: Trust::default(),
            allow_private: false,
        };
        let named = walk::pairs(options).map(|pair| {
            let (name, value) = pair?;
            Ok((option(&name.extract::<String>()?)?, value))
        });
        Self::with(config, None, None, named.collect::<PyResult<Vec<_>>>()?)
    }

    /// The same with some options changed: their values, in the order of `OPTIONS`; None changes nothing. Some make a
    /// client a call, and a dict with the names took a quarter of its time.
    #[pyo3(signature = (*values))]
    fn replace(&self, values: &Bound<'_, PyTuple>) -> PyResult<Self> {
        let ask = self.ask.as_ref().map(|ask| ask.clone_ref(values.py()));
        Self::with((*self.config).clone(), ask, Some(&self.route), OPTIONS.into_iter().zip(values))
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.ask.as_ref().map_or(Ok(()), |ask| visit.call(ask))
    }

    #[getter]
    fn has_key(&self) -> bool {
        self.config.key.is_some() || self.ask.is_some()
    }

    /// Whether the default headers hold a key, in place of ours.
    #[getter]
    fn has_own_key(&self) -> bool {
        self.config.headers.iter().any(|(name, _)| *name == AUTHORIZATION || *name == Auth::API_KEY)
    }

    /// Whether certificates are checked.
    #[getter]
    fn verifies(&self) -> bool {
        self.config.trust != Trust::Anybody
    }

    /// The gateway's root, without `/v1`; with a version of its own, if it has one.
    #[getter]
    fn root(&self) -> String {
        self.config.root.text()
    }

    #[getter]
    fn timeout(&self) -> Timeout {
        Timeout { limits: self.config.timeout }
    }

    #[getter]
    fn max_retries(&self) -> u32 {
        self.config.max_retries
    }

    #[getter]
    fn max_response_bytes(&self) -> u64 {
        self.config.max_response_bytes
    }

    /// Options that make these settings again, without the key and whatever else is secret.
    fn options<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let config = &self.config;
        let options = PyDict::new(py);
        options.set_item("base_url", self.root())?;
        options.set_item("timeout", Bound::new(py, self.timeout())?)?;
        options.set_item("max_retries", config.max_retries)?;
        let key = config.key.as_ref().map(Secret::expose);
        let holds_key = |text: &[u8]| key.is_some_and(|key| memchr::memmem::find(text, key.as_bytes()).is_some());
        options.set_item("max_response_bytes", config.max_response_bytes)?;
        let headers = PyDict::new(py);
        for (name, value) in &config.headers {
            // What is taken away is no secret.
            if value.as_ref().is_none_or(|value| is_harmless_header(name) && !holds_key(value.as_bytes())) {
                let text = value.as_ref().map(|v| String::from_utf8_lossy(v.as_bytes()).into_owned());
                headers.set_item(name.as_str(), text)?;
            }
        }
        options.set_item("default_headers", headers)?;
        let query = PyDict::new(py);
        for (name, value) in &config.query {
            if is_secret_parameter(name) || holds_key(value.as_bytes()) {
                continue;
            }
            match name.strip_suffix("[]") {
                None => query.set_item(name, value)?,
                Some(list) => match query.get_item(list)? {
                    Some(values) => values.cast::<PyList>()?.append(value)?,
                    None => query.set_item(list, [value])?,
                },
            }
        }
        options.set_item("default_query", query)?;
        let version = String::from_utf8_lossy(config.anthropic_version.as_bytes());
        options.set_item("anthropic_version", version)?;
        match &config.proxy {
            Proxy::Environment => {}
            Proxy::None => options.set_item("proxy", false)?,
            Proxy::Url(url) => options.set_item("proxy", without_password(url))?,
        }
        match &config.trust {
            Trust::System => {}
            Trust::File(path) => options.set_item("verify", path.to_string_lossy())?,
            Trust::Anybody => options.set_item("verify", false)?,
        }
        if config.allow_private {
            options.set_item("allow_private", true)?;
        }
        Ok(options)
    }
}

impl Settings {
    /// `route` is kept where no option leads another way: reading the environment is a third of the work.
    fn with<'py>(
        mut config: Config,
        mut ask: Option<Py<PyAny>>,
        mut route: Option<&Route>,
        options: impl IntoIterator<Item = (&'static str, Bound<'py, PyAny>)>,
    ) -> PyResult<Self> {
        for (name, value) in options {
            if value.is_none() {
                continue;
            }
            let value = Hidden::reveal(value);
            if matches!(name, "base_url" | "proxy" | "verify") {
                route = None;
            }
            match name {
                "api_key" if value.is_callable() => (config.key, ask) = (None, Some(value.unbind())),
                "api_key" => {
                    let text = value.cast::<PyString>().map_err(|_| {
                        PyTypeError::new_err(format!(
                            "api_key is a {}: give a str, or a function that returns one",
                            type_name(&value)
                        ))
                    })?;
                    let key = Secret::new(text.to_str()?).map_err(PyValueError::new_err)?;
                    (config.key, ask) = (Some(key), None);
                }
                "base_url" => config.root = Root::parse(&value.str()?.to_string()).map_err(PyValueError::new_err)?,
                "timeout" => config.timeout = timeout::extract(&value, config.timeout)?,
                "max_retries" => config.max_retries = max_retries(&value)?,
                "max_response_bytes" => config.max_response_bytes = max_response_bytes(&value)?,
                "default_headers" => merge_headers(&mut config.headers, name, &value)?,
                "default_query" => replace_query(&mut config.query, query(name, &value)?),
                "anthropic_version" => {
                    let text = value.extract::<String>().ok().filter(|text| !text.trim().is_empty());
                    config.anthropic_version =
                        text.and_then(|text| HeaderValue::try_from(text.trim()).ok()).ok_or_else(|| {
                            PyValueError::new_err(format!(
                                "anthropic_version is {}: give a date as text, like \"2023-06-01\"",
                                shown(&value)
                            ))
                        })?;
                }
                "proxy" => {
                    config.proxy = match value.cast::<PyBool>() {
                        Ok(flag) if !flag.is_true() => Proxy::None,
                        Ok(_) => Proxy::Environment,
                        Err(_) => {
                            let url = value.extract::<String>().map_err(|_| {
                                PyTypeError::new_err("proxy: give a URL, False for none, None for the environment's")
                            })?;
                            check_proxy(&url).map_err(PyValueError::new_err)?;
                            Proxy::Url(url)
                        }
                    };
                }
                "verify" => config.trust = trust(&value)?,
                _ => {
                    config.allow_private = value.cast::<PyBool>().map(|flag| flag.is_true()).map_err(|_| {
                        PyTypeError::new_err(format!("allow_private is {}: give True or False", shown(&value)))
                    })?;
                }
            }
        }
        let mut route = match route {
            Some(route) => route.clone(),
            None => Route::new(config.root.is_tls(), &config.trust, &config.proxy, config.timeout.connect),
        };
        route.set_connect(config.timeout.connect);
        Ok(Self { config: Arc::new(config), ask, route })
    }
}

fn trust(value: &Bound<'_, PyAny>) -> PyResult<Trust> {
    if let Ok(flag) = value.cast::<PyBool>() {
        return Ok(if flag.is_true() { Trust::System } else { Trust::Anybody });
    }
    let path: PathBuf = value.extract().map_err(|_| {
        PyTypeError::new_err(format!("verify is {}: give True, False or the path of a PEM file", shown(value)))
    })?;
    if !path.is_file() {
        return Err(PyValueError::new_err(format!("verify={:?}: there is no such file", path.display().to_string())));
    }
    Ok(Trust::File(path))
}

pub fn max_retries(value: &Bound<'_, PyAny>) -> PyResult<u32> {
    value.extract::<u32>().ok().filter(|_| !value.is_instance_of::<PyBool>()).ok_or_else(|| {
        PyValueError::new_err(format!("max_retries is {}: give a number of retries, 0 for none", shown(value)))
    })
}

pub fn max_response_bytes(value: &Bound<'_, PyAny>) -> PyResult<u64> {
    let bytes = value.extract::<u64>().ok().filter(|bytes| *bytes > 0 && !value.is_instance_of::<PyBool>());
    bytes.ok_or_else(|| {
        PyValueError::new_err(format!("max_response_bytes is {}: give a number of bytes above 0", shown(value)))
    })
}

/// What frames a message or speaks of its connection: with these from elsewhere the bytes would mean something else.
const FRAMING: [&str; 8] =
    ["connection", "content-length", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"];

/// `{name: value}`; None takes a header away.
pub fn merge_headers(
    headers: &mut Vec<(HeaderName, Option<HeaderValue>)>,
    option: &str,
    given: &Bound<'_, PyAny>,
) -> PyResult<()> {
    for (name, value) in pairs(option, given)? {
        let header = HeaderName::try_from(name.as_str())
            .map_err(|_| PyValueError::new_err(format!("{option}: {name:?} is no header name")))?;
        if FRAMING.contains(&header.as_str()) {
            return Err(PyValueError::new_err(format!(
                "{option}: {name:?} cannot be set: it says how the request is sent, which the connection decides"
            )));
        }
        let value = if value.is_none() {
            None
        } else {
            let text = value.str()?.to_string();
            let mut text = HeaderValue::try_from(text.as_str()).map_err(|_| {
                PyValueError::new_err(format!(
                    "{option}: the value of {name:?} cannot be sent: it holds a line break or a control character"
                ))
            })?;
            text.set_sensitive(is_secret_header(&header));
            Some(text)
        };
        headers.retain(|(name, _)| *name != header);
        headers.push((header, value));
    }
    Ok(())
}

/// A mapping as the pairs of a query; a list is sent as `name[]=` once an item.
pub fn query(option: &str, given: &Bound<'_, PyAny>) -> PyResult<Vec<(String, String)>> {
    let mut query = Vec::new();
    for (name, value) in pairs(option, given)? {
        push_query(&mut query, name, &value)?;
    }
    Ok(query)
}

/// Names that are given again lose what they had; a list's name may come several times in `given`.
pub fn replace_query(query: &mut Vec<(String, String)>, given: Vec<(String, String)>) {
    query.retain(|(known, _)| given.iter().all(|(name, _)| name != known));
    query.extend(given);
}

pub fn push_query(query: &mut Vec<(String, String)>, name: String, value: &Bound<'_, PyAny>) -> PyResult<()> {
    if value.is_none() {
        return Ok(());
    }
    if let Ok(flag) = value.cast::<PyBool>() {
        query.push((name, if flag.is_true() { "true" } else { "false" }.into()));
    } else if value.is_instance_of::<PyString>() || !value.hasattr("__iter__")? {
        query.push((name, value.str()?.to_string()));
    } else {
        for item in value.try_iter()? {
            push_query(query, format!("{name}[]"), &item?)?;
        }
    }
    Ok(())
}

fn pairs<'py>(option: &str, given: &Bound<'py, PyAny>) -> PyResult<Vec<(String, Bound<'py, PyAny>)>> {
    // Not the values: a key may be among them.
    let wrong = || PyTypeError::new_err(format!("{option} is a {}: give a mapping with str keys", type_name(given)));
    let items = given.call_method0("items").map_err(|_| wrong())?;
    items.try_iter()?.map(|item| item?.extract().map_err(|_| wrong())).collect()
}
