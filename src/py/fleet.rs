//! A fleet as Python has it: the service in the driver's process, and the question how far another one is. What a job of
//! a fleet does is `job.rs`'s, as of any other.
use std::path::PathBuf;
use std::sync::Mutex;

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

use super::job::store_error;
use super::{exit, lock, process, runtime};
use crate::fleet::governor::{Governor, GovernorOptions};
use crate::fleet::wire::FleetSums;
use crate::fleet::worker::GovernorPlace;
use crate::jobs::budget::Price;
use crate::jobs::ledger::{Durability, LedgerFailure};
use crate::jobs::limiter::KnownLimits;
use crate::jobs::runner::Hold;

/// ((done, failed, cached, running, input tokens, output tokens, refused, billed), (dollars, whether there are prices),
/// seconds, what holds it back, workers, rows that workers have)
type Facts = ((u64, u64, u64, u32, u64, u64, u64, u64), (f64, bool), f64, Option<&'static str>, u32, u64);

fn facts(sums: FleetSums) -> Facts {
    let FleetSums { done, failed, cached, running, input_tokens, output_tokens, refused, billed, .. } = sums;
    let counts = (done, failed, cached, running, input_tokens, output_tokens, refused, billed);
    let held = sums.held.and_then(Hold::of).map(Hold::name);
    (counts, (sums.spent, sums.priced), sums.elapsed, held, sums.workers, sums.open)
}

/// The service that has a fleet's ledger, limiter and budget. It runs in threads of Rust's, which never attach.
#[pyclass(frozen, module = "wenwen._core")]
pub struct JobGovernor {
    governor: Mutex<Option<Governor>>,
    address: (String, u16),
    process: u32,
}

#[pymethods]
impl JobGovernor {
    /// prices: see `JobEngine`. identity: a certificate and its key, as PEM.
    #[new]
    #[pyo3(signature = (store, host, port, token, *, max_concurrency=None, rpm=None, tpm=None, budget=None, prices=None,
                        durable=false, identity=None))]
    #[expect(clippy::too_many_arguments, reason = "the options of a job")]
    fn new(
        py: Python<'_>,
        store: PathBuf,
        host: &str,
        port: u16,
        token: &str,
        max_concurrency: Option<u32>,
        rpm: Option<f64>,
        tpm: Option<f64>,
        budget: Option<f64>,
        prices: Option<(f64, f64, f64, f64, f64)>,
        durable: bool,
        identity: Option<(String, String)>,
    ) -> PyResult<Self> {
        let _inside = exit::enter(py);
        let core = runtime::core()?;
        let price = |(input, output, cached, written, call)| Price { input, output, cached, written, call };
        let options = GovernorOptions {
            limits: KnownLimits { max_concurrency, rpm, tpm },
            budget,
            price: prices.map(price),
            durability: if durable { Durability::Power } else { Durability::Process },
            identity,
        };
        let started = exit::detach(py, || Governor::start(&store, host, port, token, options, core.runtime.handle()));
        let governor = started.map_err(|failure| store_error(py, &failure))?;
        let address = governor.address();
        let address = (address.ip().to_string(), address.port());
        Ok(Self { governor: Mutex::new(Some(governor)), address, process: process::current() })
    }

    /// Host and port.
    #[getter]
    fn address(&self) -> (String, u16) {
        self.address.clone()
    }

    /// How far the fleet is; None once it was closed.
    fn sums(&self, py: Python<'_>) -> PyResult<Option<Facts>> {
        if self.process != process::current() {
            return Err(PyRuntimeError::new_err("this governor belongs to the parent process: connect to it"));
        }
        Ok(exit::detach(py, || lock(&self.governor).as_ref().and_then(Governor::sums)).map(facts))
    }

    /// Ends it, with everything kept.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        let _inside = exit::enter(py);
        let governor = lock(&self.governor).take();
        let Some(mut governor) = governor else { return Ok(()) };
        if self.process != process::current() {
            std::mem::forget(governor); // its threads are the parent's
            return Ok(());
        }
        exit::detach(py, || governor.close()).map_err(|failure| store_error(py, &failure))
    }
}

impl Drop for JobGovernor {
    fn drop(&mut self) {
        let governor = lock(&self.governor).take();
        if self.process != process::current() {
            std::mem::forget(governor);
        }
    }
}

/// How far the fleet of a governor is, wherever that runs.
#[pyfunction]
#[pyo3(signature = (host, port, token, certificate=None))]
fn fleet_sums(py: Python<'_>, host: String, port: u16, token: String, certificate: Option<String>) -> PyResult<Facts> {
    let core = runtime::core()?;
    let place = GovernorPlace { host, port, token, certificate };
    let sums = exit::detach(py, || {
        let link = core.link(&place).map_err(|why| LedgerFailure::Governor(why.to_string()))?;
        link.sums()
    });
    sums.map(facts).map_err(|failure| store_error(py, &failure))
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<JobGovernor>()?;
    module.add_function(wrap_pyfunction!(fleet_sums, module)?)
}
