//! Sync calls: the calling thread runs the future itself, and looks up for Ctrl-C.
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Wake};
use std::thread::{self, Thread};

use pyo3::prelude::*;
use tokio::runtime::Runtime;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::exit;
use super::runtime::{self, Local, TICK};

/// Runs `future` to its end with the interpreter free; what it waits for is done by the worker.
pub fn wait<T: Send>(py: Python<'_>, future: impl Future<Output = T> + Send) -> PyResult<T> {
    wait_with_bell(py, None, future, &Notify::new(), |_| Ok(()))
}

/// The same; `look_up` runs attached, now and then, at the end, and at once when the bell rings. With a `local` this
/// thread does all of the work. Inside a running event loop too (Jupyter): the runtime is not Python's.
pub fn wait_with_bell<T: Send>(
    py: Python<'_>,
    mut local: Option<&mut Local>,
    future: impl Future<Output = T> + Send,
    bell: &Notify,
    mut look_up: impl FnMut(Python<'_>) -> PyResult<()>,
) -> PyResult<T> {
    let core = runtime::core()?;
    let mut future = pin!(future);
    loop {
        let turn = exit::detach(py, || {
            let either = async {
                tokio::select! {
                    biased;
                    output = &mut future => Some(output),
                    () = bell.notified() => None,
                }
            };
            match &mut local {
                Some(Local { runtime, tick, .. }) => runtime.block_on(async {
                    tokio::select! {
                        biased;
                        turn = either => turn,
                        () = &mut *tick => {
                            tick.as_mut().reset(Instant::now() + TICK);
                            None
                        }
                    }
                }),
                None => park(&core.runtime, pin!(either)).flatten(),
            }
        });
        look_up(py)?;
        // At the end too: who calls again and again from C (`list`, `writelines`) leaves no other chance.
        py.check_signals()?;
        if let Some(output) = turn {
            return Ok(output);
        }
    }
}

/// Polls `future` until it is ready or the tick is over. The runtime's own `block_on` would need a timer of it, and
/// setting one wakes the worker: a stream had one context switch more, and its first event a third more to wait.
fn park<T>(runtime: &Runtime, mut future: Pin<&mut impl Future<Output = T>>) -> Option<T> {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let _inside = runtime.enter();
    let waker = Arc::new(Unpark(thread::current())).into();
    let until = Instant::now() + TICK;
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return Some(output);
        }
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return None;
        }
        thread::park_timeout(left);
    }
}
