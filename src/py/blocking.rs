//! Sync calls: the calling thread runs the future itself, and looks up for Ctrl-C.
use std::future::Future;
use std::time::Duration;

use pyo3::prelude::*;
use tokio::runtime::Runtime;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use super::{exit, runtime};

/// How long Ctrl-C may wait.
const TICK: Duration = Duration::from_millis(50);

/// Runs `future` to its end with the interpreter free; `tick` runs attached, now and then and at the end.
/// Inside a running event loop too (Jupyter): the runtime is not Python's.
pub fn wait<T: Send>(
    py: Python<'_>,
    future: impl Future<Output = T> + Send,
    tick: impl FnMut(Python<'_>) -> PyResult<()>,
) -> PyResult<T> {
    wait_with_bell(py, &runtime::core()?.runtime, future, &Notify::new(), tick)
}

/// The same; the bell has `tick` run at once.
pub fn wait_with_bell<T: Send>(
    py: Python<'_>,
    runtime: &Runtime,
    future: impl Future<Output = T> + Send,
    bell: &Notify,
    mut tick: impl FnMut(Python<'_>) -> PyResult<()>,
) -> PyResult<T> {
    let mut future = Box::pin(future);
    loop {
        let turn = exit::detach(py, || {
            runtime.block_on(async {
                tokio::select! {
                    biased;
                    output = &mut future => Some(output),
                    () = bell.notified() => None,
                    () = sleep_until(Instant::now() + TICK) => None,
                }
            })
        });
        tick(py)?;
        match turn {
            Some(output) => return Ok(output),
            None => py.check_signals()?,
        }
    }
}
