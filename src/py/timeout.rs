//! `wenwen.Timeout`, and what may stand in its place.
use std::time::Duration;

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyBool;

use super::encode::shown;
use super::object;
use crate::core::config::Timeout as Limits;

/// Limits in seconds; None is no limit.
///
/// total: the whole call, attempts and the waits between them included, to the last byte of a reply or stream (600).
/// connect: one connection: name look-up, TCP, TLS (10).
/// first_event: silence before the first event of a stream; a ping starts it anew (None).
/// idle: silence within a reply or a stream; any byte, a ping too, starts it anew (120).
#[pyclass(frozen, eq, module = "wenwen._core", from_py_object)]
#[derive(Clone, PartialEq)]
pub struct Timeout {
    pub limits: Limits,
}

#[pymethods]
impl Timeout {
    #[new]
    #[pyo3(
        signature = (total=Some(600.0), *, connect=Some(10.0), first_event=None, idle=Some(120.0)),
        text_signature = "(total=600.0, *, connect=10.0, first_event=None, idle=120.0)"
    )]
    fn new(total: Option<f64>, connect: Option<f64>, first_event: Option<f64>, idle: Option<f64>) -> PyResult<Self> {
        let limit = |name, value: Option<f64>| value.map(|v| seconds(name, v)).transpose();
        Ok(Self {
            limits: Limits {
                total: limit("total", total)?,
                connect: limit("connect", connect)?,
                first_event: limit("first_event", first_event)?,
                idle: limit("idle", idle)?,
            },
        })
    }

    #[getter]
    fn total(&self) -> Option<f64> {
        self.limits.total.map(|d| d.as_secs_f64())
    }

    #[getter]
    fn connect(&self) -> Option<f64> {
        self.limits.connect.map(|d| d.as_secs_f64())
    }

    #[getter]
    fn first_event(&self) -> Option<f64> {
        self.limits.first_event.map(|d| d.as_secs_f64())
    }

    #[getter]
    fn idle(&self) -> Option<f64> {
        self.limits.idle.map(|d| d.as_secs_f64())
    }

    fn __repr__(&self) -> String {
        let show = |value: Option<f64>| value.map_or("None".to_owned(), |v| v.to_string());
        let (total, connect, first, idle) = (self.total(), self.connect(), self.first_event(), self.idle());
        format!(
            "Timeout(total={}, connect={}, first_event={}, idle={})",
            show(total),
            show(connect),
            show(first),
            show(idle)
        )
    }

    fn __hash__(&self) -> u64 {
        use std::hash::{DefaultHasher, Hash, Hasher};
        let mut hasher = DefaultHasher::new();
        let limits = &self.limits;
        (limits.total, limits.connect, limits.first_event, limits.idle).hash(&mut hasher);
        hasher.finish()
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, (Timing,))> {
        let timeout = slf.get();
        Ok((
            object::ours(slf.py(), "_timeout")?,
            ((timeout.total(), timeout.connect(), timeout.first_event(), timeout.idle()),),
        ))
    }
}

/// Unpickles a Timeout.
#[pyfunction]
#[pyo3(name = "_timeout")]
pub fn timeout(limits: Timing) -> PyResult<Timeout> {
    Timeout::new(limits.0, limits.1, limits.2, limits.3)
}

type Timing = (Option<f64>, Option<f64>, Option<f64>, Option<f64>);

fn seconds(name: &str, value: f64) -> PyResult<Duration> {
    let duration = Duration::try_from_secs_f64(value).ok().filter(|d| !d.is_zero());
    duration.ok_or_else(|| {
        PyValueError::new_err(format!(
            "timeout: {name}={value}: give seconds above 0, or wenwen.NO_TIMEOUT for no limit"
        ))
    })
}

/// httpx's, whose limits are those of a connection: `read` is a silence. It has no limit for the whole, so ours stays,
/// but is not below `read`; `write` and `pool` have nothing to limit here.
fn of_a_connection(value: &Bound<'_, PyAny>, default: Limits) -> PyResult<Option<Limits>> {
    let mut own = [None; 4];
    for (name, own) in ["connect", "read", "write", "pool"].into_iter().zip(&mut own) {
        let Some(limit) = value.getattr_opt(name)? else { return Ok(None) };
        *own = limit.extract::<Option<f64>>()?.map(|limit| seconds(name, limit)).transpose()?;
    }
    let [connect, read, ..] = own;
    let total = default.total.zip(read).map(|(total, read)| total.max(read));
    Ok(Some(Limits { total, connect, first_event: read, idle: read }))
}

/// The `timeout` argument: seconds for the whole call, a `Timeout`, or httpx's. `default` gives the other limits.
pub fn extract(value: &Bound<'_, PyAny>, default: Limits) -> PyResult<Limits> {
    if value.is_none() {
        return Ok(default);
    }
    if let Ok(timeout) = value.cast::<Timeout>() {
        return Ok(timeout.get().limits);
    }
    match value.extract::<f64>() {
        Ok(total) if !value.is_instance_of::<PyBool>() => {
            Ok(Limits { total: Some(seconds("total", total)?), ..default })
        }
        _ => of_a_connection(value, default)?.ok_or_else(|| {
            let value = shown(value);
            PyTypeError::new_err(format!(
                "timeout is {value}: give seconds for the whole call, a wenwen.Timeout, or None for the default"
            ))
        }),
    }
}
