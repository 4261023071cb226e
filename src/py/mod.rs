//! The door between Python and the core: parameters become a request, an outcome becomes an object or an exception.
//! Nothing here decides anything: limits, retries and what counts as an error are the core's.
mod asked;
mod binary;
mod blocking;
mod call;
mod caller;
mod decode;
mod encode;
mod errors;
mod events;
mod exit;
mod fleet;
mod form;
mod gateway;
mod headers;
mod job;
mod job_rows;
mod key;
mod log;
mod mailbox;
mod matrix;
mod object;
mod omit;
mod options;
mod partial;
mod process;
mod raw;
mod runtime;
mod schema;
mod settings;
mod timeout;
mod tools;
mod walk;
mod watch;

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use pyo3::exceptions::PyImportError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyString};

use crate::core::config::Timeout;

/// For a moment: whoever runs Python meanwhile, were it only by dropping an object, may wait for itself.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A module that the program has imported, for nothing is imported by this.
fn loaded<'py>(py: Python<'py>, name: &Bound<'py, PyString>) -> PyResult<Option<Bound<'py, PyAny>>> {
    // Kept: to import `sys` takes 2 µs.
    static MODULES: PyOnceLock<Py<PyDict>> = PyOnceLock::new();
    let modules = MODULES.get_or_try_init(py, || {
        let modules = py.import(intern!(py, "sys"))?.getattr(intern!(py, "modules"))?;
        Ok::<_, PyErr>(modules.cast_into::<PyDict>()?.unbind())
    })?;
    modules.bind(py).get_item(name)
}

/// What is kept in statics belongs to one interpreter, and CPython asks nobody before 3.12.
fn check_interpreter(py: Python<'_>) -> PyResult<()> {
    static FIRST: AtomicI64 = AtomicI64::new(-1);
    // SAFETY: this thread is attached.
    let this = unsafe { pyo3::ffi::PyInterpreterState_GetID(pyo3::ffi::PyInterpreterState_Get()) };
    if this < 0 {
        return Err(PyErr::fetch(py));
    }
    match FIRST.compare_exchange(-1, this, Ordering::SeqCst, Ordering::SeqCst) {
        Err(first) if first != this => Err(PyImportError::new_err(
            "wenwen does not support subinterpreters: another interpreter of this process uses it already",
        )),
        _ => Ok(()),
    }
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    check_interpreter(module.py())?;
    // It may be a daemon thread that imports this, and below Python code runs.
    let _inside = exit::enter(module.py());
    exit::register(module)?;
    process::watch()?;
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add_class::<object::Object>()?;
    module.add_class::<object::Reply>()?;
    module.add_class::<matrix::Vectors>()?;
    module.add_class::<matrix::Vector>()?;
    module.add_class::<headers::Headers>()?;
    module.add_class::<timeout::Timeout>()?;
    module.add("NO_TIMEOUT", timeout::Timeout { limits: Timeout::NONE })?;
    module.add_class::<settings::Settings>()?;
    module.add_class::<options::Hidden>()?;
    module.add_function(wrap_pyfunction!(options::hide, module)?)?;
    module.add_function(wrap_pyfunction!(options::hide_in, module)?)?;
    module.add_function(wrap_pyfunction!(options::add_query, module)?)?;
    module.add_class::<call::Endpoint>()?;
    module.add_class::<mailbox::Mailbox>()?;
    module.add_class::<events::Stream>()?;
    module.add_class::<raw::APIResponse>()?;
    module.add_class::<raw::Body>()?;
    module.add_class::<binary::BinaryContent>()?;
    module.add_class::<key::KeySlot>()?;
    module.add_function(wrap_pyfunction!(call::send, module)?)?;
    module.add_function(wrap_pyfunction!(call::send_all, module)?)?;
    module.add_function(wrap_pyfunction!(object::rebuild, module)?)?;
    module.add_function(wrap_pyfunction!(object::vector, module)?)?;
    module.add_class::<asked::SentRequest>()?;
    module.add_function(wrap_pyfunction!(asked::request, module)?)?;
    module.add_function(wrap_pyfunction!(raw::response, module)?)?;
    module.add_function(wrap_pyfunction!(binary::content, module)?)?;
    module.add_function(wrap_pyfunction!(timeout::timeout, module)?)?;
    module.add_function(wrap_pyfunction!(encode::dumps, module)?)?;
    module.add_function(wrap_pyfunction!(partial::partial_json, module)?)?;
    module.add_function(wrap_pyfunction!(partial::exact_json, module)?)?;
    gateway::register(module)?;
    job::register(module)?;
    fleet::register(module)?;
    errors::register(module.py())?;
    object::register(module)
}
