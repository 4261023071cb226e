//! What every call takes beside its endpoint's parameters.
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use reqwest::header::HeaderValue;

use super::encode::shown;
use super::settings::{self, Hidden};
use crate::core::endpoint::Access;

/// What every call takes beside its endpoint's parameters.
#[derive(Default)]
pub struct Options<'py> {
    pub stream: Option<bool>,
    pub as_dict: bool,
    pub headers: Vec<(reqwest::header::HeaderName, Option<HeaderValue>)>,
    pub query: Vec<(String, String)>,
    pub body: Option<Bound<'py, PyAny>>,
    pub timeout: Option<Bound<'py, PyAny>>,
    pub max_retries: Option<u32>,
    pub max_response_bytes: Option<u64>,
    pub allow_private: Option<bool>,
}

impl<'py> Options<'py> {
    /// Whether it was one of them.
    pub fn take(&mut self, name: &str, value: &Bound<'py, PyAny>, access: Access) -> PyResult<bool> {
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
