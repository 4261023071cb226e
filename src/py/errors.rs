//! The core's errors as Python's: `wenwen._errors` decides which class, here are the facts.
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use pyo3::exceptions::PyValueError;
use pyo3::intern;
use pyo3::panic::PanicException;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::asked::Asked;
use super::raw::APIResponse;
use super::schema::Spec;
use super::{decode, object};
use crate::core::call::Unsendable;
use crate::core::error::{Error, Kind, words};
use crate::core::reply::Head;
use crate::core::secret::Secrets;

/// `reply` says what a partial reply becomes, `asked` what was asked.
pub fn to_py(py: Python<'_>, error: Error, reply: Option<&Spec>, asked: Option<&Asked>) -> PyErr {
    let error = match error {
        Error { kind: Kind::Callback(payload), .. } => match payload.downcast::<PyErr>() {
            Ok(raised) => return *raised,
            Err(_) => Error::new(Kind::Connection, "the api_key function failed"),
        },
        Error { kind: Kind::Bug, message, .. } => return bug(py, &message),
        error => error,
    };
    build(py, &error, reply, asked).unwrap_or_else(|failure| failure)
}

/// A panic in a task of ours, or under `settle`.
pub fn bug(py: Python<'_>, what: &str) -> PyErr {
    ours(py, "InternalError", what)
}

/// A call that cannot be made.
pub fn unsendable(py: Python<'_>, why: &Unsendable) -> PyErr {
    match why {
        Unsendable::Value(why) => PyValueError::new_err(why.clone()),
        Unsendable::NoKey => ours(py, "WenwenError", &why.to_string()),
    }
}

pub fn ours(py: Python<'_>, class: &str, what: &str) -> PyErr {
    let class = py.import(intern!(py, "wenwen._errors")).and_then(|errors| errors.getattr(class));
    match class.and_then(|class| class.call1((what,))) {
        Ok(error) => PyErr::from_value(error),
        Err(failure) => failure,
    }
}

/// Runs what makes Python of an outcome; a panic there would take along what others wait for.
pub fn caught<T>(py: Python<'_>, work: impl FnOnce() -> PyResult<T>) -> PyResult<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| Err(bug(py, &words(&*panic))))
}

/// The one door: what pyo3 raises for a panic, wherever Python has called, is a RuntimeError that says what to report.
/// It derives from BaseException otherwise, and passes whoever handles errors.
pub fn register(py: Python<'_>) -> PyResult<()> {
    let base = py.import("wenwen._errors")?.getattr("InternalError")?;
    py.get_type::<PanicException>().setattr("__bases__", (base,))
}

fn build(py: Python<'_>, error: &Error, reply: Option<&Spec>, asked: Option<&Asked>) -> PyResult<PyErr> {
    let facts = PyDict::new(py);
    let kind = match error.kind {
        Kind::Connection | Kind::Callback(_) | Kind::Bug => "connection",
        Kind::Timeout(limit) => {
            facts.set_item("limit", limit.name())?;
            "timeout"
        }
        Kind::Status => "status",
        Kind::NotAnApi => "not_an_api",
        Kind::BadReply => "bad_reply",
        Kind::TooLarge { limit, size } => {
            facts.set_item("limit", limit)?;
            facts.set_item("size", size)?;
            "too_large"
        }
        Kind::Incomplete => "incomplete",
    };
    facts.set_item("message", &error.message)?;
    facts.set_item("request", asked.map(|asked| asked.object(py)).transpose()?)?;
    // An error inside a 200 is none of 200, also where it does not say what it is.
    let reply_status = error.wire_status.filter(|_| !matches!(error.kind, Kind::Status));
    facts.set_item("status_code", error.status.or(reply_status))?;
    facts.set_item("code", error.code.as_ref())?;
    facts.set_item("type", error.error_type.as_ref())?;
    facts.set_item("param", error.param.as_ref())?;
    facts.set_item("request_id", error.request_id.as_ref())?;
    facts.set_item("category", error.category())?;
    facts.set_item("attempts", error.attempts)?;
    facts.set_item("elapsed", error.elapsed.as_secs_f64())?;
    let body = match error.body.is_empty() {
        true => None,
        false => Some(match decode::parse(py, &error.body) {
            Ok(value) => value,
            Err(_) => error.excerpt().into_pyobject(py)?.into_any(),
        }),
    };
    facts.set_item("body", body)?;
    let head = error.wire_status.map(|status| {
        Arc::new(Head {
            status,
            headers: error.headers.clone(),
            request_id: error.request_id.clone(),
            attempts: error.attempts,
            elapsed: error.elapsed,
            secrets: Secrets::default(),
        })
    });
    if let Some(head) = &head {
        facts.set_item("response", APIResponse::of_error(py, head.clone(), error.body.clone(), asked.cloned())?)?;
    }
    if let Some(json) = &error.partial
        && let Ok(value) = decode::parse(py, json)
    {
        let typed = reply.map_or(Ok(None), |spec| spec.convert(&value))?;
        let partial = typed.unwrap_or(value);
        if let Some(head) = &head {
            object::set_head(&partial, head, None);
        }
        facts.set_item("partial", partial)?;
    }
    let module = py.import(intern!(py, "wenwen._errors"))?;
    let exception = module.getattr(intern!(py, "build"))?.call1((kind, error.status, error.to_string(), facts))?;
    Ok(PyErr::from_value(exception))
}
