//! In which process we are. What belongs to a parent its forked child must leave alone, and every call asks; `getpid`
//! is a system call (0.25 µs, four a call), a fork is rare and can be counted.
use std::sync::atomic::{AtomicU32, Ordering};

use pyo3::prelude::*;

/// Forks between the process that imported us and this one: two of a line of processes never have the same.
static FORKS: AtomicU32 = AtomicU32::new(0);

/// What is made in this process keeps it, to be told from what came along in a fork.
pub fn current() -> u32 {
    FORKS.load(Ordering::Relaxed)
}

/// At import.
pub fn watch() -> PyResult<()> {
    #[cfg(unix)]
    {
        extern "C" fn count() {
            FORKS.fetch_add(1, Ordering::Relaxed);
        }
        // SAFETY: the handler may run in a child where locks are held by threads that are gone: it takes none.
        if unsafe { libc::pthread_atfork(None, None, Some(count)) } != 0 {
            return Err(pyo3::exceptions::PyMemoryError::new_err("no memory to be told of forks"));
        }
    }
    Ok(())
}
