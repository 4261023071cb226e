//! A client's configuration, as Python gives it.
use std::sync::Arc;

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple};
use pyo3::{PyTraverseError, PyVisit};
use reqwest::header::{AUTHORIZATION, HeaderName, HeaderValue};
use zeroize::Zeroizing;

use super::omit::left_out;
use super::options::{self, Calls, Draft, Hidden, OPTIONS, OfClient};
use super::timeout::Timeout;
use super::{walk, watch};
use crate::core::config::{Config, DEFAULT_ROOT, Root};
use crate::core::endpoint::Auth;
use crate::core::secret::Secret;
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
    /// Its hooks and tags: see `watch`.
    pub watch: Option<Py<PyTuple>>,
    /// The headers that options of their own are sent as: `set_default_headers` leaves them.
    named: Vec<(HeaderName, HeaderValue)>,
}

#[pymethods]
impl Settings {
    /// The names of a client's options, in their order.
    #[classattr]
    #[pyo3(name = "OPTIONS")]
    fn names<'py>(py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, options::of_client().map(|(name, _)| name).collect::<Vec<_>>())
    }

    /// The names of what every call takes.
    #[classattr]
    #[pyo3(name = "CALL_OPTIONS")]
    fn names_of_calls<'py>(py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, options::of_call(Calls::All).map(|(name, _)| name).collect::<Vec<_>>())
    }

    /// The names of what a call takes that follows a URL.
    #[classattr]
    #[pyo3(name = "DOWNLOAD_OPTIONS")]
    fn names_of_downloads<'py>(py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, options::of_call(Calls::Following).map(|(name, _)| name).collect::<Vec<_>>())
    }

    /// The names of what a call takes that sends files.
    #[classattr]
    #[pyo3(name = "UPLOAD_OPTIONS")]
    fn names_of_uploads<'py>(py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, options::of_call(Calls::Sending).map(|(name, _)| name).collect::<Vec<_>>())
    }

    /// The names of those, of clients and calls, that may hold a key or a password.
    #[classattr]
    #[pyo3(name = "SECRET_OPTIONS")]
    fn names_of_secrets<'py>(py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, OPTIONS.iter().filter(|row| row.is_secret).map(|row| row.name).collect::<Vec<_>>())
    }

    /// Options that are missing come from the environment (api_key, base_url) or are the defaults; of those a client
    /// does not have, the first is an error.
    #[new]
    fn new(options: &Bound<'_, PyDict>) -> PyResult<Self> {
        // A variable in whose place an option stands may be anything.
        let env = |name, option| {
            let given = options.get_item(option)?.is_some_and(|value| is_given(&Hidden::reveal(value)));
            let value = std::env::var_os(name).filter(|_| !given);
            let value = value.map(|value| Zeroizing::new(value.to_string_lossy().into_owned()));
            PyResult::Ok(value.filter(|value| !value.trim().is_empty()))
        };
        let root = env("WENWEN_BASE_URL", "base_url")?;
        let root = root.as_ref().map_or(DEFAULT_ROOT, |root| root.as_str());
        let mut config =
            Config::new(Root::parse(root).map_err(|why| PyValueError::new_err(format!("WENWEN_BASE_URL: {why}")))?);
        config.key = env("WENWEN_API_KEY", "api_key")?
            .map(|key| Secret::new(&key))
            .transpose()
            .map_err(|why| PyValueError::new_err(format!("WENWEN_API_KEY: {why}")))?;
        let mut given = Vec::new();
        for pair in walk::pairs(options) {
            let (name, value) = pair?;
            let name = name.extract::<String>()?;
            let option = options::of_client().find(|(known, _)| *known == name).ok_or_else(|| {
                let names: Vec<_> = options::of_client().map(|(name, _)| name).collect();
                PyTypeError::new_err(format!("a client has no option '{name}'; it has {}", names.join(", ")))
            })?;
            given.push((option, value));
        }
        Self::with(Draft { config, ask: None, watch: None, named: Vec::new(), keeps_route: false }, None, given)
    }

    /// The same with some options changed: the values of all, in the order of `OPTIONS`; None changes nothing. Some make
    /// a client a call, and a dict with the names took a quarter of its time. Headers and query are added to those there
    /// are; `set_default_headers` and `set_default_query` stand in their place.
    #[pyo3(signature = (*values, set_default_headers=None, set_default_query=None))]
    fn replace<'py>(
        &self,
        values: &Bound<'py, PyTuple>,
        set_default_headers: Option<Bound<'py, PyAny>>,
        set_default_query: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Self> {
        let known = options::of_client().count();
        if values.len() != known {
            return Err(PyTypeError::new_err(format!("{} values for the {known} options of a client", values.len())));
        }
        let ask = self.ask.as_ref().map(|ask| ask.clone_ref(values.py()));
        let watch = self.watch.as_ref().map(|watch| watch.clone_ref(values.py()));
        let named = self.named.clone();
        let mut draft = Draft { config: (*self.config).clone(), ask, watch, named, keeps_route: true };
        let mut set = Vec::new();
        for (name, value) in [("default_headers", set_default_headers), ("default_query", set_default_query)] {
            let Some(value) = value.map(Hidden::reveal).filter(is_given) else { continue };
            for ((known, option), added) in options::of_client().zip(values).filter(|((known, _), _)| *known == name) {
                if is_given(&Hidden::reveal(added)) {
                    return Err(PyValueError::new_err(format!(
                        "{name} adds to those there are and set_{name} stands in their place: give one of them"
                    )));
                }
                set.push(((known, option), value.clone()));
            }
            match name {
                "default_headers" => {
                    draft.config.headers =
                        draft.named.iter().cloned().map(|(name, value)| (name, Some(value))).collect();
                }
                _ => draft.config.query.clear(),
            }
        }
        Self::with(draft, Some(&self.route), options::of_client().zip(values).chain(set))
    }

    /// The same with a segment before all paths.
    fn under(&self, py: Python<'_>, segment: &str) -> Self {
        let config = Config { root: self.config.root.under(segment), ..(*self.config).clone() };
        let ask = self.ask.as_ref().map(|ask| ask.clone_ref(py));
        let watch = self.watch.as_ref().map(|watch| watch.clone_ref(py));
        Self { config: Arc::new(config), ask, route: self.route.clone(), watch, named: self.named.clone() }
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.watch.as_ref().map_or(Ok(()), |watch| visit.call(watch))?;
        self.ask.as_ref().map_or(Ok(()), |ask| visit.call(ask))
    }

    /// The same with these tags in place of its own.
    fn tagged(&self, tags: &Bound<'_, PyDict>) -> PyResult<Self> {
        Ok(Self {
            config: self.config.clone(),
            ask: self.ask.as_ref().map(|ask| ask.clone_ref(tags.py())),
            route: self.route.clone(),
            watch: watch::with_tags(self.watch.as_ref(), tags)?,
            named: self.named.clone(),
        })
    }

    /// None where it has none.
    #[getter]
    fn tags<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        watch::tags(py, self.watch.as_ref())
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

    /// The key, hidden, or the function that gives it; None without one.
    #[getter]
    fn key<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        match (&self.config.key, &self.ask) {
            (Some(key), _) => Hidden::of(PyString::new(py, key.expose()).as_any()).map(Some),
            (None, ask) => Ok(ask.as_ref().map(|ask| ask.bind(py).clone())),
        }
    }

    /// What is sent in place of the key, as `Authorization: Bearer …`, hidden; None where nothing is.
    #[getter]
    fn auth_token<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let found = self.config.headers.iter().find(|(name, value)| *name == AUTHORIZATION && value.is_some());
        let text = found.and_then(|(_, value)| value.as_ref()?.to_str().ok()?.strip_prefix("Bearer "));
        text.map(|text| Hidden::of(PyString::new(py, text).as_any())).transpose()
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
        let options = PyDict::new(py);
        for (name, option) in options::of_client() {
            if let Some(get) = option.get {
                options.set_item(name, get(&self.config, py)?)?;
            }
        }
        Ok(options)
    }
}

/// None is what is not given; so is what was left out.
fn is_given(value: &Bound<'_, PyAny>) -> bool {
    !value.is_none() && left_out(value).is_none()
}

impl Settings {
    /// `route` is kept where no option leads another way.
    fn with<'py>(
        mut draft: Draft,
        route: Option<&Route>,
        given: impl IntoIterator<Item = ((&'static str, &'static OfClient), Bound<'py, PyAny>)>,
    ) -> PyResult<Self> {
        // A header that is written out goes before the options that are sent as one.
        let mut headers = None;
        for ((name, option), value) in given {
            let value = Hidden::reveal(value);
            if is_given(&value) {
                match name {
                    "default_headers" => headers = Some((option, value)),
                    _ => (option.set)(&mut draft, name, value)?,
                }
            }
        }
        if let Some((option, value)) = headers {
            (option.set)(&mut draft, "default_headers", value)?;
        }
        let Draft { config, ask, watch, named, keeps_route } = draft;
        let mut route = match route.filter(|_| keeps_route) {
            Some(route) => route.clone(),
            None => Route::new(config.root.is_tls(), &config.trust, &config.proxy, config.timeout.connect)
                .to_gateway(config.identity.as_ref(), config.root.socket()),
        };
        route.set_connect(config.timeout.connect);
        Ok(Self { config: Arc::new(config), ask, route, watch, named })
    }
}
