//! Sync calls: the calling thread runs the future itself, and looks up for Ctrl-C.
use std::future::Future;
use std::pin::{Pin, pin};
use std::time::Duration;

use pyo3::prelude::*;
use tokio::runtime::Runtime;
use tokio::sync::Notify;
use tokio::time::{Instant, Sleep, sleep};

use super::{exit, runtime};

/// How long Ctrl-C may wait.
const TICK: Duration = Duration::from_millis(50);

/// Runs `future` to its end with the interpreter free; `look_up` runs attached, now and then and at the end.
/// Inside a running event loop too (Jupyter): the runtime is not Python's.
pub fn wait<T: Send>(
    py: Python<'_>,
    future: impl Future<Output = T> + Send,
    look_up: impl FnMut(Python<'_>) -> PyResult<()>,
) -> PyResult<T> {
    let runtime = &runtime::core()?.runtime;
    wait_with_bell(py, runtime, &mut tick(runtime), future, &Notify::new(), look_up)
}

/// The next time to look up, of that runtime.
pub fn tick(runtime: &Runtime) -> Pin<Box<Sleep>> {
    let _inside = runtime.enter();
    Box::pin(sleep(TICK))
}

/// The same; the bell has `look_up` run at once.
pub fn wait_with_bell<T: Send>(
    py: Python<'_>,
    runtime: &Runtime,
    tick: &mut Pin<Box<Sleep>>,
    future: impl Future<Output = T> + Send,
    bell: &Notify,
    mut look_up: impl FnMut(Python<'_>) -> PyResult<()>,
) -> PyResult<T> {
    let mut future = pin!(future);
    loop {
        let turn = exit::detach(py, || {
            runtime.block_on(async {
                tokio::select! {
                    biased;
                    output = &mut future => Some(output),
                    () = bell.notified() => None,
                    () = &mut *tick => {
                        tick.as_mut().reset(Instant::now() + TICK);
                        None
                    }
                }
            })
        });
        look_up(py)?;
        match turn {
            Some(output) => return Ok(output),
            None => py.check_signals()?,
        }
    }
}
