//! What a call asked, for who holds its reply or its error: the method, the URL and the headers, without what is secret.
use std::sync::Arc;

use bytes::Bytes;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use reqwest::header::{HeaderMap, HeaderValue};
use reqwest::{Method, Url};

use super::headers::Headers;
use super::object;
use crate::core::request::{Body, Request};
use crate::core::secret::is_secret_parameter;

/// Cheap to have: a copy of a URL. Made into words only where somebody looks.
#[derive(Debug, Clone)]
pub struct Asked {
    method: Method,
    url: Url,
    headers: Arc<HeaderMap>,
    content: Option<Bytes>,
}

impl Asked {
    /// With the body, which then lives as long as the reply, where the caller wants to see what went over the wire.
    pub fn of(request: &Request, with_body: bool) -> Self {
        let content = match &request.body {
            Body::Json(body) if with_body => Some(body.clone()),
            Body::None if with_body => Some(Bytes::new()),
            _ => None,
        };
        Self { method: request.method.clone(), url: request.url.clone(), headers: request.headers.clone(), content }
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
        Bound::new(
            py,
            SentRequest { method: self.method.to_string(), url: url.into(), headers, content: self.content.clone() },
        )
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
    content: Option<Bytes>,
}

#[pymethods]
impl SentRequest {
    #[getter]
    fn headers(&self) -> Headers {
        Headers(self.headers.clone())
    }

    /// The JSON that was sent, of a call through `with_raw_response`; None where it was not kept.
    #[getter]
    fn content<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyBytes>> {
        self.content.as_ref().map(|content| PyBytes::new(py, content))
    }

    fn __repr__(&self) -> String {
        format!("<SentRequest {} {}>", self.method, self.url)
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, Pickled<'py>)> {
        let request = slf.get();
        let headers = Headers(request.headers.clone()).pairs();
        let parts = (request.method.clone(), request.url.clone(), headers, request.content(slf.py()));
        Ok((object::ours(slf.py(), "_request")?, parts))
    }
}

type Pairs = Vec<(String, String)>;
type Pickled<'py> = (String, String, Pairs, Option<Bound<'py, PyBytes>>);

/// Unpickles what was asked.
#[pyfunction]
#[pyo3(name = "_request", signature = (method, url, headers=Vec::new(), content=None))]
pub fn request(method: String, url: String, headers: Pairs, content: Option<Vec<u8>>) -> SentRequest {
    SentRequest { method, url, headers: Headers::new(headers).0, content: content.map(Bytes::from) }
}
