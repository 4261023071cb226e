//! What a call asked, for who holds its reply or its error: the method, the URL and the headers, without what is secret.
use std::sync::Arc;

use pyo3::prelude::*;
use reqwest::header::{HeaderMap, HeaderValue};
use reqwest::{Method, Url};

use super::headers::Headers;
use super::object;
use crate::core::request::Request;
use crate::core::secret::is_secret_parameter;

/// Cheap to have: a copy of a URL. Made into words only where somebody looks.
#[derive(Debug, Clone)]
pub struct Asked {
    method: Method,
    url: Url,
    headers: Arc<HeaderMap>,
}

impl Asked {
    pub fn of(request: &Request) -> Self {
        Self { method: request.method.clone(), url: request.url.clone(), headers: request.headers.clone() }
    }

    pub fn object<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, SentRequest>> {
        let mut url = self.url.clone();
        if self.url.query().is_some() {
            let shown = |name: &str, value: String| if is_secret_parameter(name) { "***".to_owned() } else { value };
            let pairs: Vec<_> =
                self.url.query_pairs().map(|(n, v)| (n.to_string(), shown(&n, v.into_owned()))).collect();
            url.query_pairs_mut().clear().extend_pairs(pairs);
        }
        let mut headers = (*self.headers).clone();
        for value in headers.values_mut().filter(|value| value.is_sensitive()) {
            *value = HeaderValue::from_static("***");
        }
        Bound::new(py, SentRequest { method: self.method.to_string(), url: url.into(), headers })
    }
}

/// What was asked: `method`, `url` and `headers`, in which `***` stands for what is secret. The key is not among them.
#[pyclass(frozen, eq, module = "wenwen._core")]
#[derive(PartialEq)]
pub struct SentRequest {
    #[pyo3(get)]
    pub method: String,
    #[pyo3(get)]
    pub url: String,
    headers: HeaderMap,
}

#[pymethods]
impl SentRequest {
    #[getter]
    fn headers(&self) -> Headers {
        Headers(self.headers.clone())
    }

    fn __repr__(&self) -> String {
        format!("<SentRequest {} {}>", self.method, self.url)
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, (String, String, Pairs))> {
        let request = slf.get();
        let headers = Headers(request.headers.clone()).pairs();
        Ok((object::ours(slf.py(), "_request")?, (request.method.clone(), request.url.clone(), headers)))
    }
}

type Pairs = Vec<(String, String)>;

/// Unpickles what was asked.
#[pyfunction]
#[pyo3(name = "_request", signature = (method, url, headers=Vec::new()))]
pub fn request(method: String, url: String, headers: Pairs) -> SentRequest {
    SentRequest { method, url, headers: Headers::new(headers).0 }
}
