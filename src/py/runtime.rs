//! One core per process: the runtime's threads and the connections.
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};
use std::time::Duration;

use pyo3::PyResult;
use pyo3::exceptions::PyRuntimeError;
use tokio::runtime::{Builder, Runtime};

use crate::core::transport::Transport;

pub struct Core {
    pid: u32,
    pub runtime: Runtime,
    pub transport: Transport,
}

/// A forked child finds its parent's core here, whose threads did not come along: it builds its own and leaks the
/// other on purpose, for dropping it would say goodbye on the parent's connections. An atomic pointer and no lock,
/// because a lock may be held at the moment of the fork.
static CORE: AtomicPtr<Core> = AtomicPtr::new(ptr::null_mut());

/// Built at first use, never at import.
pub fn core() -> PyResult<&'static Core> {
    let current = CORE.load(Ordering::Acquire);
    // SAFETY: the pointer is null or a leaked `Box<Core>`, which is never freed.
    if let Some(core) = unsafe { current.as_ref() }
        && core.pid == std::process::id()
    {
        return Ok(core);
    }
    build(current)
}

/// Raises the soft limit of open files as far as the hard one goes: each call in flight has a connection, and where the
/// usual 1024 run out, calls wait for each other. What the user's system does not allow stays as it is.
pub fn allow_connections() {
    #[cfg(unix)]
    let _ = rlimit::increase_nofile_limit(65_536);
}

#[cold]
fn build(current: *mut Core) -> PyResult<&'static Core> {
    allow_connections();
    let runtime = Builder::new_multi_thread()
        .worker_threads(1)
        // Name look-ups only.
        .max_blocking_threads(16)
        .thread_keep_alive(Duration::from_secs(5))
        .thread_name("wenwen")
        .enable_io()
        .enable_time()
        .build()
        .map_err(|e| PyRuntimeError::new_err(format!("wenwen cannot start its threads: {e}")))?;
    let core = Box::leak(Box::new(Core { pid: std::process::id(), runtime, transport: Transport::default() }));
    match CORE.compare_exchange(current, core, Ordering::AcqRel, Ordering::Acquire) {
        Ok(_) => Ok(core),
        // Another thread was first: ours stays idle, which happens at most once a process and thread.
        // SAFETY: as above.
        Err(winner) => Ok(unsafe { winner.as_ref() }.unwrap_or(core)),
    }
}
