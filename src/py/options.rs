//! The options of clients and of calls: one table says what each is called, reads, gives and hides. `Settings`, `Options`,
//! pickles and the names that Python knows follow from it; signatures, stub and help are compared with it by a test.
use std::path::PathBuf;

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyDict, PyInt, PyList, PyMapping, PyString, PyTuple};
use reqwest::header::{AUTHORIZATION, HeaderName, HeaderValue};

use super::encode::{DEPTH, bytes_of, shown, type_name};
use super::omit::{LeftOut, left_out};
use super::timeout::{self, Timeout};
use super::{walk, watch};
use crate::core::call::replace_query;
use crate::core::config::{Config, Root};
use crate::core::endpoint::{Access, Encoding, Endpoint};
use crate::core::proxy::{Proxy, check_proxy, without_password};
use crate::core::secret::{Secret, is_harmless_header, is_secret_header, is_secret_parameter};
use crate::core::trust::{Identity, Trust};

/// An option of clients, of calls or of both. None as its value is what is not given.
pub struct OptionRow {
    pub name: &'static str,
    /// Whether a key or a password may be in it: our frames show nothing of it.
    pub is_secret: bool,
    pub of_client: Option<OfClient>,
    pub of_call: Option<OfCall>,
}

/// What a client does with an option. Its default is `Config::new`'s.
pub struct OfClient {
    pub set: fn(&mut Draft, &'static str, Bound<'_, PyAny>) -> PyResult<()>,
    /// The value that sets it again, without what is secret of it; None where all of it is.
    pub get: Option<Get>,
}

type Get = for<'py> fn(&Config, Python<'py>) -> PyResult<Bound<'py, PyAny>>;

/// What a call does with an option.
pub struct OfCall {
    pub take: for<'py> fn(&mut Options<'py>, &'static str, Bound<'py, PyAny>) -> PyResult<()>,
    pub of: Calls,
}

/// Which calls have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Calls {
    All,
    /// Those that follow a URL.
    Following,
    /// Those that send files.
    Sending,
}

impl Calls {
    pub fn of(row: &Endpoint) -> Self {
        match row.access {
            Access::Foreign => Self::Following,
            _ if row.body != Encoding::Json => Self::Sending,
            _ => Self::All,
        }
    }
}

const fn option(name: &'static str) -> OptionRow {
    OptionRow { name, is_secret: false, of_client: None, of_call: None }
}

const fn client(set: fn(&mut Draft, &'static str, Bound<'_, PyAny>) -> PyResult<()>, get: Get) -> Option<OfClient> {
    Some(OfClient { set, get: Some(get) })
}

const fn call(take: for<'py> fn(&mut Options<'py>, &'static str, Bound<'py, PyAny>) -> PyResult<()>) -> Option<OfCall> {
    Some(OfCall { take, of: Calls::All })
}

/// A function of this process: it does not go into a pickle.
const HOOK: Option<OfClient> = Some(OfClient {
    set: |draft, name, value| watch::with_hook(draft.watch.as_ref(), name, value).map(|watch| draft.watch = watch),
    get: None,
});

pub static OPTIONS: [OptionRow; 24] = [
    OptionRow { is_secret: true, of_client: Some(OfClient { set: set_key, get: None }), ..option("api_key") },
    OptionRow { is_secret: true, of_client: client(set_root, root), ..option("base_url") },
    OptionRow {
        of_client: client(
            |draft, _, value| timeout::extract(&value, draft.config.timeout).map(|all| draft.config.timeout = all),
            |config, py| Ok(Bound::new(py, Timeout { limits: config.timeout })?.into_any()),
        ),
        of_call: call(|options, _, value| {
            options.timeout = Some(value);
            Ok(())
        }),
        ..option("timeout")
    },
    OptionRow {
        of_client: client(
            |draft, _, value| max_retries(&value).map(|count| draft.config.max_retries = count),
            |config, py| Ok(config.max_retries.into_pyobject(py)?.into_any()),
        ),
        of_call: call(|options, _, value| max_retries(&value).map(|count| options.max_retries = Some(count))),
        ..option("max_retries")
    },
    OptionRow {
        of_client: client(
            |draft, _, value| max_response_bytes(&value).map(|bytes| draft.config.max_response_bytes = bytes),
            |config, py| Ok(config.max_response_bytes.into_pyobject(py)?.into_any()),
        ),
        of_call: call(|options, _, value| {
            max_response_bytes(&value).map(|bytes| options.max_response_bytes = Some(bytes))
        }),
        ..option("max_response_bytes")
    },
    OptionRow {
        is_secret: true,
        of_client: client(|draft, name, value| merge_headers(&mut draft.config.headers, name, &value), headers),
        ..option("default_headers")
    },
    OptionRow {
        is_secret: true,
        of_client: client(
            |draft, name, value| query(name, &value).map(|given| replace_query(&mut draft.config.query, given)),
            parameters,
        ),
        ..option("default_query")
    },
    OptionRow {
        of_client: client(
            |draft, name, value| set_header(draft, name, ORGANIZATION, &value),
            |config, py| header(config, py, &ORGANIZATION),
        ),
        ..option("organization")
    },
    OptionRow {
        of_client: client(
            |draft, name, value| set_header(draft, name, PROJECT, &value),
            |config, py| header(config, py, &PROJECT),
        ),
        ..option("project")
    },
    OptionRow { is_secret: true, of_client: Some(OfClient { set: set_auth_token, get: None }), ..option("auth_token") },
    OptionRow {
        of_client: client(set_anthropic_version, |config, py| text(py, config.anthropic_version.as_bytes())),
        ..option("anthropic_version")
    },
    OptionRow { is_secret: true, of_client: client(set_proxy, proxy), ..option("proxy") },
    OptionRow { of_client: client(set_trust, verify), ..option("verify") },
    OptionRow { of_client: client(set_identity, cert), ..option("cert") },
    OptionRow {
        of_client: client(
            |draft, name, value| flag(name, &value).map(|flag| draft.config.allow_private = flag),
            |config, py| Ok(config.allow_private.into_pyobject(py)?.to_owned().into_any()),
        ),
        of_call: Some(OfCall {
            take: |options, name, value| flag(name, &value).map(|flag| options.allow_private = Some(flag)),
            of: Calls::Following,
        }),
        ..option("allow_private")
    },
    OptionRow { of_client: HOOK, ..option("on_request") },
    OptionRow { of_client: HOOK, ..option("on_response") },
    OptionRow { of_client: HOOK, ..option("on_attempt") },
    OptionRow {
        of_call: call(|options, name, value| flag(name, &value).map(|flag| options.stream = Some(flag))),
        ..option("stream")
    },
    OptionRow {
        of_call: call(|options, name, value| flag(name, &value).map(|flag| options.as_dict = flag)),
        ..option("as_dict")
    },
    OptionRow {
        is_secret: true,
        of_call: call(|options, name, value| merge_headers(&mut options.headers, name, &value)),
        ..option("extra_headers")
    },
    OptionRow {
        is_secret: true,
        of_call: call(|options, name, value| query(name, &value).map(|given| options.query = given)),
        ..option("extra_query")
    },
    OptionRow {
        of_call: call(|options, _, value| {
            options.body = Some(value);
            Ok(())
        }),
        ..option("extra_body")
    },
    OptionRow {
        of_call: Some(OfCall {
            take: |options, _, value| {
                options.progress = Some(value).filter(|value| !value.is(PyBool::new(value.py(), false)));
                Ok(())
            },
            of: Calls::Sending,
        }),
        ..option("progress")
    },
];

/// Those of a client, in their order.
pub fn of_client() -> impl Iterator<Item = (&'static str, &'static OfClient)> {
    OPTIONS.iter().filter_map(|row| Some((row.name, row.of_client.as_ref()?)))
}

/// Those of such a call.
pub fn of_call(calls: Calls) -> impl Iterator<Item = (&'static str, &'static OfCall)> {
    let rows = OPTIONS.iter().filter_map(|row| Some((row.name, row.of_call.as_ref()?)));
    rows.filter(move |(_, option)| option.of == Calls::All || option.of == calls)
}

/// A client's configuration in the making.
pub struct Draft {
    pub config: Config,
    /// A function that gives the key, in place of the configuration's.
    pub ask: Option<Py<PyAny>>,
    /// Hooks and tags.
    pub watch: Option<Py<PyTuple>>,
    /// The headers that options of their own are sent as.
    pub named: Vec<(HeaderName, HeaderValue)>,
    /// Whether the way to the gateway is still what it was: reading the environment is a third of the work.
    pub keeps_route: bool,
}

/// What every call takes beside its endpoint's parameters.
#[derive(Default)]
pub struct Options<'py> {
    pub stream: Option<bool>,
    pub as_dict: bool,
    pub headers: Vec<(HeaderName, Option<HeaderValue>)>,
    pub query: Vec<(String, String)>,
    pub body: Option<Bound<'py, PyAny>>,
    pub timeout: Option<Bound<'py, PyAny>>,
    pub max_retries: Option<u32>,
    pub max_response_bytes: Option<u64>,
    pub allow_private: Option<bool>,
    /// Who is told how much is sent.
    pub progress: Option<Bound<'py, PyAny>>,
}

impl<'py> Options<'py> {
    /// Whether it was one of them.
    pub fn take(&mut self, name: &str, value: &Bound<'py, PyAny>, calls: Calls) -> PyResult<bool> {
        let Some((name, option)) = of_call(calls).find(|(known, _)| *known == name) else {
            return Ok(false);
        };
        if !value.is_none() {
            (option.take)(self, name, Hidden::reveal(value.clone()))?;
        }
        Ok(true)
    }
}

impl Options<'_> {
    /// A parameter that goes as a header. `extra_headers` says more: it is the caller's own word for it.
    pub fn push_header(&mut self, name: &str, header: &'static str, value: &Bound<'_, PyAny>) -> PyResult<()> {
        let header = HeaderName::from_static(header);
        if value.is_none() || self.headers.iter().any(|(known, _)| *known == header) {
            return Ok(());
        }
        let text = match value.is_instance_of::<PyString>() {
            true => value.str()?.to_string(),
            false => {
                let items: PyResult<Vec<_>> = value.try_iter()?.map(|item| Ok(item?.str()?.to_string())).collect();
                items?.join(",")
            }
        };
        let text = HeaderValue::try_from(text).map_err(|_| {
            PyValueError::new_err(format!("{name} is {}: it goes as a header, which holds no line break", shown(value)))
        })?;
        self.headers.push((header, Some(text)));
        Ok(())
    }
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

    /// The value itself, as pydantic's SecretStr has it.
    fn get_secret_value(&self, py: Python<'_>) -> Py<PyAny> {
        self.0.clone_ref(py)
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
/// their locals. First of all that is done with them; where Python code of ours copies or checks the dict, there too. So
/// what was left out goes here: nobody behind this sees a name that was not given.
#[pyfunction]
pub fn hide_in(options: &Bound<'_, PyDict>) -> PyResult<()> {
    let py = options.py();
    let mut gone = Vec::new();
    for pair in walk::pairs(options) {
        let (name, value) = pair?;
        if left_out(&value).is_some() {
            gone.push(name);
        }
    }
    for name in gone {
        options.del_item(name)?;
    }
    static SECRET: PyOnceLock<Vec<Py<PyString>>> = PyOnceLock::new();
    let of_calls = || OPTIONS.iter().filter(|row| row.is_secret && row.of_call.is_some());
    for name in SECRET.get_or_init(py, || of_calls().map(|row| PyString::intern(py, row.name).unbind()).collect()) {
        let name = name.bind(py);
        match options.get_item(name)? {
            Some(value) if !value.is_none() && !value.is_instance_of::<Hidden>() => {
                options.set_item(name, Hidden::of(&value)?)?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// What the peers' packages call some options of a call.
const PEERS: [(&str, &str); 9] = [
    ("headers", "extra_headers"),
    ("params", "extra_query"),
    ("extra_json", "extra_body"),
    ("idempotency_key", IDEMPOTENCY_KEY),
    ("timeout", "timeout"),
    ("max_retries", "max_retries"),
    ("extra_headers", "extra_headers"),
    ("extra_query", "extra_query"),
    ("extra_body", "extra_body"),
];
const IDEMPOTENCY_KEY: &str = "Idempotency-Key";

/// Adds options under the peers' names to those under ours, which go before.
fn add_peers(options: &Bound<'_, PyDict>, peers: &Bound<'_, PyAny>) -> PyResult<()> {
    for (name, value) in pairs("options", peers)? {
        let Some((_, own)) = PEERS.iter().find(|(known, _)| *known == name) else {
            let known: Vec<_> = PEERS.iter().map(|(known, _)| *known).collect();
            return Err(PyTypeError::new_err(format!("options has {name:?}; it may have {}", known.join(", "))));
        };
        if value.is_none() || left_out(&value).is_some() {
            continue;
        }
        let value = match *own {
            IDEMPOTENCY_KEY => {
                let headers = PyDict::new(options.py());
                if let Some(own) = options.get_item("extra_headers")?.filter(|own| !own.is_none()) {
                    headers.call_method1("update", (Hidden::reveal(own),))?;
                }
                headers.set_item(IDEMPOTENCY_KEY, value)?;
                options.set_item("extra_headers", headers)?;
                continue;
            }
            _ => value,
        };
        if options.get_item(own)?.is_none_or(|given| given.is_none()) {
            options.set_item(own, value)?;
        }
    }
    Ok(())
}

/// Adds a query to the options' own, which goes before, and options by the peers' names; and hides it all.
#[pyfunction]
#[pyo3(signature = (options, query, peers=None))]
pub fn add_query(
    options: &Bound<'_, PyDict>,
    query: Bound<'_, PyAny>,
    peers: Option<Bound<'_, PyAny>>,
) -> PyResult<()> {
    let py = options.py();
    if let Some(peers) = peers {
        add_peers(options, &Hidden::reveal(peers))?;
    }
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

fn flag(name: &str, value: &Bound<'_, PyAny>) -> PyResult<bool> {
    value.extract().map_err(|_| PyTypeError::new_err(format!("{name} is {}: give True or False", shown(value))))
}

fn text<'py>(py: Python<'py>, bytes: &[u8]) -> PyResult<Bound<'py, PyAny>> {
    Ok(PyString::new(py, &String::from_utf8_lossy(bytes)).into_any())
}

fn set_key(draft: &mut Draft, _: &'static str, value: Bound<'_, PyAny>) -> PyResult<()> {
    if value.is_callable() {
        (draft.config.key, draft.ask) = (None, Some(value.unbind()));
        return Ok(());
    }
    let text = value.cast::<PyString>().map_err(|_| {
        let kind = type_name(&value);
        PyTypeError::new_err(format!("api_key is a {kind}: give a str, or a function that returns one"))
    })?;
    let key = Secret::new(text.to_str()?).map_err(PyValueError::new_err)?;
    (draft.config.key, draft.ask) = (Some(key), None);
    Ok(())
}

fn set_root(draft: &mut Draft, _: &'static str, value: Bound<'_, PyAny>) -> PyResult<()> {
    draft.keeps_route = false;
    draft.config.root = Root::parse(&value.str()?.to_string()).map_err(PyValueError::new_err)?;
    Ok(())
}

fn root<'py>(config: &Config, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
    text(py, config.root.text().as_bytes())
}

// OpenAI's headers that are options too.
const ORGANIZATION: HeaderName = HeaderName::from_static("openai-organization");
const PROJECT: HeaderName = HeaderName::from_static("openai-project");

fn set_header(draft: &mut Draft, option: &str, header: HeaderName, value: &Bound<'_, PyAny>) -> PyResult<()> {
    let text: String =
        value.extract().map_err(|_| PyTypeError::new_err(format!("{option} is a {}: give a str", type_name(value))))?;
    let mut text = HeaderValue::try_from(text).map_err(|_| {
        PyValueError::new_err(format!("{option} cannot be sent: it holds a line break or a control character"))
    })?;
    text.set_sensitive(is_secret_header(&header));
    draft.config.headers.retain(|(name, _)| *name != header);
    draft.named.retain(|(name, _)| *name != header);
    draft.config.headers.push((header.clone(), Some(text.clone())));
    draft.named.push((header, text));
    Ok(())
}

fn header<'py>(config: &Config, py: Python<'py>, header: &HeaderName) -> PyResult<Bound<'py, PyAny>> {
    let found = config.headers.iter().find(|(name, value)| name == header && value.is_some());
    found.and_then(|(_, value)| value.as_ref()).map_or_else(|| Ok(py.None().into_bound(py)), |v| text(py, v.as_bytes()))
}

/// Anthropic's: a key that goes as `Authorization: Bearer …` in every dialect, in place of ours.
fn set_auth_token(draft: &mut Draft, option: &'static str, value: Bound<'_, PyAny>) -> PyResult<()> {
    let token: String = value
        .extract()
        .map_err(|_| PyTypeError::new_err(format!("{option} is a {}: give a str", type_name(&value))))?;
    let bearer = PyString::new(value.py(), &format!("Bearer {}", token.trim()));
    set_header(draft, option, AUTHORIZATION, bearer.as_any())
}

/// Without those that may be secret, or hold the key, and those that are options of their own; what is taken away is no
/// secret.
fn headers<'py>(config: &Config, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
    let headers = PyDict::new(py);
    for (name, value) in &config.headers {
        let is_own = *name == ORGANIZATION || *name == PROJECT;
        let is_open = |value: &HeaderValue| !is_own && is_harmless_header(name) && !holds_key(config, value.as_bytes());
        if value.as_ref().is_none_or(is_open) {
            headers.set_item(name.as_str(), value.as_ref().map(|value| text(py, value.as_bytes())).transpose()?)?;
        }
    }
    Ok(headers.into_any())
}

fn parameters<'py>(config: &Config, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
    let query = PyDict::new(py);
    for (name, value) in &config.query {
        if is_secret_parameter(name) || holds_key(config, value.as_bytes()) {
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
    Ok(query.into_any())
}

fn holds_key(config: &Config, text: &[u8]) -> bool {
    let key = config.key.as_ref().map(Secret::expose);
    key.is_some_and(|key| memchr::memmem::find(text, key.as_bytes()).is_some())
}

fn set_anthropic_version(draft: &mut Draft, name: &'static str, value: Bound<'_, PyAny>) -> PyResult<()> {
    let text = value.extract::<String>().ok().filter(|text| !text.trim().is_empty());
    draft.config.anthropic_version =
        text.and_then(|text| HeaderValue::try_from(text.trim()).ok()).ok_or_else(|| {
            let value = shown(&value);
            PyValueError::new_err(format!("{name} is {value}: give a date as text, like \"2023-06-01\""))
        })?;
    Ok(())
}

fn set_proxy(draft: &mut Draft, _: &'static str, value: Bound<'_, PyAny>) -> PyResult<()> {
    draft.keeps_route = false;
    draft.config.proxy = match value.cast::<PyBool>() {
        Ok(flag) if !flag.is_true() => Proxy::None,
        Ok(_) => Proxy::Environment,
        Err(_) => {
            let url = value
                .extract::<String>()
                .map_err(|_| PyTypeError::new_err("proxy: give a URL, False for none, None for the environment's"))?;
            check_proxy(&url).map_err(PyValueError::new_err)?;
            Proxy::Url(url)
        }
    };
    Ok(())
}

fn proxy<'py>(config: &Config, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
    Ok(match &config.proxy {
        Proxy::Environment => py.None().into_bound(py),
        Proxy::None => PyBool::new(py, false).to_owned().into_any(),
        Proxy::Url(url) => text(py, without_password(url).as_bytes())?,
    })
}

fn set_trust(draft: &mut Draft, name: &'static str, value: Bound<'_, PyAny>) -> PyResult<()> {
    draft.keeps_route = false;
    if let Ok(flag) = value.cast::<PyBool>() {
        draft.config.trust = if flag.is_true() { Trust::System } else { Trust::Anybody };
        return Ok(());
    }
    let path: PathBuf = value.extract().map_err(|_| {
        PyTypeError::new_err(format!("{name} is {}: give True, False or the path of a PEM file", shown(&value)))
    })?;
    if !path.is_file() {
        let path = path.display().to_string();
        return Err(PyValueError::new_err(format!("{name}={path:?}: there is no such file")));
    }
    draft.config.trust = Trust::File(path);
    Ok(())
}

fn verify<'py>(config: &Config, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
    Ok(match &config.trust {
        Trust::System => PyBool::new(py, true).to_owned().into_any(),
        Trust::File(path) => text(py, path.to_string_lossy().as_bytes())?,
        Trust::Anybody => PyBool::new(py, false).to_owned().into_any(),
    })
}

fn set_identity(draft: &mut Draft, name: &'static str, value: Bound<'_, PyAny>) -> PyResult<()> {
    draft.keeps_route = false;
    let one = value.extract::<PathBuf>().map(|path| (path.clone(), path));
    let (cert, key) = one.or_else(|_| value.extract::<(PathBuf, PathBuf)>()).map_err(|_| {
        // What may be a key's password is not shown.
        PyTypeError::new_err(format!(
            "{name} is a {} that is no path: give the path of a PEM file with a certificate and its key, or of two, \
             (certificate, key); a key with a password is written without it by openssl pkey",
            type_name(&value)
        ))
    })?;
    if let Some(path) = [&cert, &key].into_iter().find(|path| !path.is_file()) {
        return Err(PyValueError::new_err(format!("{name}={:?}: there is no such file", path.display().to_string())));
    }
    draft.config.identity = Some(Identity { cert, key });
    Ok(())
}

fn cert<'py>(config: &Config, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
    let Some(Identity { cert, key }) = &config.identity else { return Ok(py.None().into_bound(py)) };
    Ok((cert.to_string_lossy(), key.to_string_lossy()).into_pyobject(py)?.into_any())
}

fn max_retries(value: &Bound<'_, PyAny>) -> PyResult<u32> {
    // As many as there are, for whoever gives more.
    let count = value.extract::<u32>().ok().or_else(|| {
        (value.is_instance_of::<PyInt>() && value.gt(u32::MAX).is_ok_and(|is_more| is_more)).then_some(u32::MAX)
    });
    count.filter(|_| !value.is_instance_of::<PyBool>()).ok_or_else(|| {
        PyValueError::new_err(format!("max_retries is {}: give a number of retries, 0 for none", shown(value)))
    })
}

fn max_response_bytes(value: &Bound<'_, PyAny>) -> PyResult<u64> {
    let bytes = value.extract::<u64>().ok().filter(|bytes| *bytes > 0 && !value.is_instance_of::<PyBool>());
    bytes.ok_or_else(|| {
        PyValueError::new_err(format!("max_response_bytes is {}: give a number of bytes above 0", shown(value)))
    })
}

/// What frames a message or speaks of its connection: with these from elsewhere the bytes would mean something else.
const FRAMING: [&str; 8] =
    ["connection", "content-length", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"];

/// `{name: value}`; None takes a header away.
fn merge_headers(
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
        let omitted = left_out(&value);
        if omitted == Some(LeftOut::NotGiven) {
            continue;
        }
        let value = if value.is_none() || omitted.is_some() {
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

/// A mapping as the pairs of a query.
fn query(option: &str, given: &Bound<'_, PyAny>) -> PyResult<Vec<(String, String)>> {
    let mut query = Vec::new();
    for (name, value) in pairs(option, given)? {
        push_query(&mut query, name, &value)?;
    }
    Ok(query)
}

/// A value as a form and a query write it: lists as `name[]=` once an item, mappings as `name[key]=`.
pub fn push_query(query: &mut Vec<(String, String)>, name: String, value: &Bound<'_, PyAny>) -> PyResult<()> {
    push_within(query, name, value, 0)
}

pub fn push_within(
    query: &mut Vec<(String, String)>,
    name: String,
    value: &Bound<'_, PyAny>,
    depth: usize,
) -> PyResult<()> {
    if value.is_none() || left_out(value).is_some() {
        return Ok(());
    }
    if let Ok(flag) = value.cast::<PyBool>() {
        query.push((name, if flag.is_true() { "true" } else { "false" }.into()));
    } else if bytes_of(value)?.is_some() {
        return Err(PyTypeError::new_err(format!(
            "{name} is {}: give a str, bytes have no text of their own",
            shown(value)
        )));
    } else if value.is_instance_of::<PyString>() || !value.hasattr("__iter__")? {
        query.push((name, value.str()?.to_string()));
    } else if let Ok(mapping) = value.cast::<PyMapping>() {
        let depth = deeper(&name, depth)?;
        for pair in mapping.items()?.iter() {
            let (key, value): (String, Bound<'_, PyAny>) = pair.extract()?;
            push_within(query, format!("{name}[{key}]"), &value, depth)?;
        }
    } else {
        let depth = deeper(&name, depth)?;
        for item in value.try_iter()? {
            push_within(query, format!("{name}[]"), &item?, depth)?;
        }
    }
    Ok(())
}

/// A level down, if there are not too many: a value that contains itself would never end.
pub fn deeper(name: &str, depth: usize) -> PyResult<usize> {
    if depth < DEPTH {
        return Ok(depth + 1);
    }
    let name = name.split('[').next().unwrap_or_default();
    Err(PyValueError::new_err(format!("{name}: more than {DEPTH} levels deep, or it contains itself")))
}

fn pairs<'py>(option: &str, given: &Bound<'py, PyAny>) -> PyResult<Vec<(String, Bound<'py, PyAny>)>> {
    // Not the values: a key may be among them.
    let wrong = || PyTypeError::new_err(format!("{option} is a {}: give a mapping with str keys", type_name(given)));
    let items = given.call_method0("items").map_err(|_| wrong())?;
    items.try_iter()?.map(|item| item?.extract().map_err(|_| wrong())).collect()
}
