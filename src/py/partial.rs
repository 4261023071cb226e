//! What an answer's text is as JSON: while it arrives, and when it is whole.
use std::borrow::Cow;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyString;

use super::decode;
use crate::core::exact::exact;
use crate::core::stream::closed;

/// What of a JSON text is whole so far; None of nothing, and of what is no JSON. A string, a number and a key without its
/// value are left out until they are whole: none of it is taken back later. Linear in the text, each time.
#[pyfunction]
pub fn partial_json<'py>(py: Python<'py>, text: &Bound<'py, PyString>) -> Option<Bound<'py, PyAny>> {
    decode::parse(py, closed(&text.to_string_lossy())?.as_bytes()).ok()
}

/// The JSON text with its numbers so that no reader changes them: a whole number of more digits than a float keeps is
/// written as one. ValueError for NaN, Infinity, and what is larger than any float.
#[pyfunction]
pub fn exact_json<'py>(text: &Bound<'py, PyString>) -> PyResult<Bound<'py, PyString>> {
    match exact(&text.to_string_lossy()).map_err(PyValueError::new_err)? {
        Cow::Borrowed(_) => Ok(text.clone()),
        Cow::Owned(exact) => Ok(PyString::new(text.py(), &exact)),
    }
}
