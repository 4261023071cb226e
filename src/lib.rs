//! The Rust half of `wenwen`: `core` (the client), `jobs` (many calls as one), `fleet` (one job of many processes),
//! `gateway` (the embedded local gateway) and
//! `py` (the Python module).
pub mod core;
pub mod fleet;
pub mod gateway;
pub mod jobs;
#[cfg(feature = "python")]
mod py;

/// `wenwen._core`: see `py` for what Python sees. `gil_used`: pyo3 would tell a free-threaded Python otherwise, and no
/// test has run on one (see `README.md` here).
#[cfg(feature = "python")]
#[pyo3::pymodule(gil_used = true)]
fn _core(module: &pyo3::Bound<'_, pyo3::types::PyModule>) -> pyo3::PyResult<()> {
    py::register(module)
}
