//! What a call asked, for who holds its reply or its error: the method and the URL, without what is secret.
use pyo3::prelude::*;
use reqwest::{Method, Url};

use super::object;
use crate::core::request::Request;
use crate::core::secret::is_secret_parameter;

/// Cheap to have: a copy of a URL. Made into words only where somebody looks.
#[derive(Debug, Clone)]
pub struct Asked {
    method: Method,
    url: Url,
}

impl Asked {
    pub fn of(request: &Request) -> Self {
        Self { method: request.method.clone(), url: request.url.clone() }
    }

    pub fn object<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, SentRequest>> {
        let mut url = self.url.clone();
        if self.url.query().is_some() {
            let shown = |name: &str, value: String| if is_secret_parameter(name) { "***".to_owned() } else { value };
            let pairs: Vec<_> =
                self.url.query_pairs().map(|(n, v)| (n.to_string(), shown(&n, v.into_owned()))).collect();
            url.query_pairs_mut().clear().extend_pairs(pairs);
        }
        Bound::new(py, SentRequest { method: self.method.to_string(), url: url.into() })
    }
}

/// What was asked: `method` and `url`, in which `***` stands for what is secret.
#[pyclass(frozen, eq, module = "wenwen._core")]
#[derive(PartialEq)]
pub struct SentRequest {
    #[pyo3(get)]
    pub method: String,
    #[pyo3(get)]
    pub url: String,
}

#[pymethods]
impl SentRequest {
    fn __repr__(&self) -> String {
        format!("<SentRequest {} {}>", self.method, self.url)
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, (String, String))> {
        let request = slf.get();
        Ok((object::ours(slf.py(), "_request")?, (request.method.clone(), request.url.clone())))
    }
}

/// Unpickles what was asked.
#[pyfunction]
#[pyo3(name = "_request")]
pub fn request(method: String, url: String) -> SentRequest {
    SentRequest { method, url }
}
