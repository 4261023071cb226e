//! What is left out: `wenwen.omit` and `NOT_GIVEN`, and the peers' own, which are known by their names: no package of
//! theirs is imported, and others are generated from the same templates.
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString};

/// How a value says that it is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeftOut {
    /// `omit`, an instance of `Omit`: of headers, the default one goes too.
    Omit,
    /// `NOT_GIVEN`, an instance of `NotGiven`.
    NotGiven,
}

/// Nearly all values are of JSON's own types, and nothing is looked up then.
#[inline]
pub fn left_out(value: &Bound<'_, PyAny>) -> Option<LeftOut> {
    let is_plain = value.is_exact_instance_of::<PyString>()
        || value.is_none()
        || value.is_exact_instance_of::<PyList>()
        || value.is_exact_instance_of::<PyDict>()
        || value.is_exact_instance_of::<PyInt>()
        || value.is_exact_instance_of::<PyFloat>()
        || value.is_exact_instance_of::<PyBool>();
    if is_plain { None } else { by_name(value) }
}

#[cold]
fn by_name(value: &Bound<'_, PyAny>) -> Option<LeftOut> {
    let class = value.get_type();
    let kind = match class.name().ok()?.to_str().ok()? {
        "Omit" => LeftOut::Omit,
        "NotGiven" => LeftOut::NotGiven,
        _ => return None,
    };
    // The packages give them modules of many names; false, as they are, is hardly a value of the user's own.
    (!value.is_truthy().unwrap_or(true)).then_some(kind)
}
