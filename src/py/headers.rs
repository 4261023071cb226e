//! Reply headers as Python sees them: a mapping whose keys have no case.
use pyo3::exceptions::PyKeyError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyIterator, PyList};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use super::walk;

/// Headers of a reply: a mapping whose keys have no case. A header that came several times is joined with ", ";
/// `get_list` has them one by one.
#[pyclass(frozen, mapping, module = "wenwen._core")]
pub struct Headers(pub HeaderMap);

impl Headers {
    fn value(&self, name: &str) -> Option<String> {
        let values: Vec<_> = self.0.get_all(name).iter().map(text).collect();
        (!values.is_empty()).then(|| values.join(", "))
    }

    pub fn pairs(&self) -> Vec<(String, String)> {
        self.0.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect()
    }
}

fn text(value: &HeaderValue) -> String {
    String::from_utf8_lossy(value.as_bytes()).into_owned()
}

#[pymethods]
impl Headers {
    #[new]
    #[pyo3(signature = (pairs=Vec::new()))]
    pub fn new(pairs: Vec<(String, String)>) -> Self {
        let pair = |(name, value): (String, String)| {
            Some((HeaderName::try_from(name).ok()?, HeaderValue::try_from(value).ok()?))
        };
        let mut map = HeaderMap::new();
        for (name, value) in pairs.into_iter().filter_map(pair) {
            map.append(name, value);
        }
        Self(map)
    }

    fn __getitem__(&self, name: &str) -> PyResult<String> {
        self.value(name).ok_or_else(|| PyKeyError::new_err(name.to_owned()))
    }

    fn __contains__(&self, name: &Bound<'_, PyAny>) -> bool {
        name.extract::<String>().is_ok_and(|name| self.0.contains_key(name))
    }

    fn __len__(&self) -> usize {
        self.0.keys_len()
    }

    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyIterator>> {
        self.keys(py)?.try_iter()
    }

    #[pyo3(signature = (name, default=None, /))]
    fn get<'py>(
        &self,
        py: Python<'py>,
        name: &str,
        default: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        Ok(match self.value(name) {
            Some(value) => Some(value.into_pyobject(py)?.into_any()),
            None => default,
        })
    }

    /// All values of a header that may come several times.
    fn get_list(&self, name: &str) -> Vec<String> {
        self.0.get_all(name).iter().map(text).collect()
    }

    fn keys<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        PyList::new(py, self.0.keys().map(HeaderName::as_str))
    }

    fn values(&self) -> Vec<String> {
        self.0.keys().filter_map(|name| self.value(name.as_str())).collect()
    }

    fn items(&self) -> Vec<(String, String)> {
        let item = |name: &HeaderName| Some((name.as_str().to_owned(), self.value(name.as_str())?));
        self.0.keys().filter_map(item).collect()
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        match other.cast::<Self>() {
            Ok(other) => other.get().0 == self.0,
            Err(_) => {
                other.extract::<Vec<(String, String)>>().is_ok_and(|pairs| pairs == self.items())
                    || other.cast::<PyDict>().is_ok_and(|dict| {
                        dict.len() == self.0.keys_len()
                            && walk::pairs(dict).flatten().all(|(name, value)| {
                                let name = name.extract::<String>().ok();
                                name.and_then(|n| self.value(&n)) == value.extract::<String>().ok()
                            })
                    })
            }
        }
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let items = PyDict::new(py);
        for (name, value) in self.items() {
            items.set_item(name, value)?;
        }
        Ok(format!("Headers({})", items.repr()?))
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> (Bound<'py, PyAny>, (Vec<(String, String)>,)) {
        (slf.get_type().into_any(), (slf.get().pairs(),))
    }
}
