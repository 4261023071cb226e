//! Interpreter exit. A daemon thread that comes back to a finalizing interpreter is ended by CPython in the middle of
//! our frames, which aborts the process. So the exit hook closes a gate: threads that come back after it park (the
//! process is about to end), and the hook waits for those that are just passing.
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use pyo3::prelude::*;

static CLOSED: AtomicBool = AtomicBool::new(false);
static PASSING: AtomicUsize = AtomicUsize::new(0);
/// The thread that runs the exit hooks may go on calling: hooks of others can use a client.
static EXITING: OnceLock<ThreadId> = OnceLock::new();

/// `py.detach` for anything that may block.
pub fn detach<T: Send>(py: Python<'_>, work: impl FnOnce() -> T + Send) -> T {
    let result = py.detach(|| {
        let result = work();
        PASSING.fetch_add(1, SeqCst);
        if CLOSED.load(SeqCst) && EXITING.get() != Some(&thread::current().id()) {
            PASSING.fetch_sub(1, SeqCst);
            loop {
                thread::park();
            }
        }
        result
    });
    PASSING.fetch_sub(1, SeqCst);
    result
}

#[pyfunction]
fn _close_gate(py: Python<'_>) {
    let _ = EXITING.set(thread::current().id());
    CLOSED.store(true, SeqCst);
    let patience = Instant::now() + Duration::from_secs(1);
    py.detach(|| {
        while PASSING.load(SeqCst) > 0 && Instant::now() < patience {
            thread::sleep(Duration::from_millis(1));
        }
    });
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let hook = wrap_pyfunction!(_close_gate, module)?;
    module.py().import("atexit")?.call_method1("register", (hook,))?;
    Ok(())
}
