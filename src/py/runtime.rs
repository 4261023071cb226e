//! One core per process: the runtime's threads and the connections.
use std::pin::Pin;
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use pyo3::exceptions::PyRuntimeError;
use pyo3::{PyErr, PyResult};
use tokio::runtime::{Builder, Runtime};
use tokio::task::yield_now;
use tokio::time::{Sleep, sleep};

use super::{lock, process};
use crate::core::transport::Transport;
use crate::fleet::worker::{GovernorPlace, Link};

/// How long Ctrl-C may wait.
pub const TICK: Duration = Duration::from_millis(50);

pub struct Core {
    process: u32,
    pub runtime: Runtime,
    pub transport: Transport,
    /// For the next sync calls, the one used last on top.
    idle: Mutex<Vec<Local>>,
    /// To governors of fleets: one connection each.
    links: Mutex<Vec<Arc<Link>>>,
}

/// What a sync call runs on: its own thread does all of the work, so that no other has to be woken twice a call (a
/// wake-up costs 5 to 50 µs, the rest of a call 40). It is lent to one call at a time with its connections.
pub struct Local {
    pub runtime: Runtime,
    pub transport: Transport,
    /// Kept from call to call: a timer that is set anew wakes the runtime by a write to itself.
    pub tick: Pin<Box<Sleep>>,
}

/// More threads than that at a time leave some of their connections behind.
const MOST_IDLE: usize = 64;

impl Core {
    pub fn lend(&self) -> PyResult<Local> {
        let idle = lock(&self.idle).pop();
        if let Some(local) = idle {
            // Connections that the server has closed meanwhile hear of it before one of them is used. What a call left
            // to be done is done here too.
            local.runtime.block_on(yield_now());
            return Ok(local);
        }
        let runtime = Builder::new_current_thread()
            .max_blocking_threads(LOOK_UPS)
            .thread_keep_alive(KEEP_ALIVE)
            .thread_name("wenwen")
            .enable_io()
            .enable_time()
            .build()
            .map_err(not_started)?;
        let tick = {
            let _inside = runtime.enter();
            Box::pin(sleep(TICK))
        };
        Ok(Local { runtime, transport: self.transport.sibling(), tick })
    }

    /// The connection of this process to a governor.
    pub fn link(&self, place: &GovernorPlace) -> std::io::Result<Arc<Link>> {
        let mut links = lock(&self.links);
        if let Some(link) = links.iter().find(|link| link.place() == place) {
            return Ok(Arc::clone(link));
        }
        let link = Link::new(place.clone(), self.runtime.handle())?;
        links.push(Arc::clone(&link));
        Ok(link)
    }

    /// `ended` says whether the call has: otherwise what it left open is closed.
    pub fn give_back(&self, local: Local, ended: bool) {
        if self.process != process::current() {
            std::mem::forget(local); // it is the parent's: a signal handler has forked
            return;
        }
        let mut idle = lock(&self.idle);
        match ended && idle.len() < MOST_IDLE {
            true => idle.push(local),
            false => {
                drop(idle);
                local.runtime.shutdown_background();
            }
        }
    }
}

fn not_started(error: std::io::Error) -> PyErr {
    PyRuntimeError::new_err(format!("wenwen cannot start its threads: {error}"))
}

/// Threads that look names up and read files to be sent: few, and gone after a while.
const LOOK_UPS: usize = 16;
const KEEP_ALIVE: Duration = Duration::from_secs(5);

/// A forked child finds its parent's core here, whose threads did not come along: it builds its own and leaks the
/// other on purpose, for dropping it would say goodbye on the parent's connections. An atomic pointer and no lock,
/// because a lock may be held at the moment of the fork; those within the core are the
/// child's own.
static CORE: AtomicPtr<Core> = AtomicPtr::new(ptr::null_mut());

/// Built at first use, never at import.
pub fn core() -> PyResult<&'static Core> {
    let current = CORE.load(Ordering::Acquire);
    // SAFETY: the pointer is null or a leaked `Box<Core>`, which is never freed.
    if let Some(core) = unsafe { current.as_ref() }
        && core.process == process::current()
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
        .max_blocking_threads(LOOK_UPS)
        .thread_keep_alive(KEEP_ALIVE)
        .thread_name("wenwen")
        .enable_io()
        .enable_time()
        .build()
        .map_err(not_started)?;
    let (transport, idle, links) = (Transport::default(), Mutex::default(), Mutex::default());
    let core = Box::leak(Box::new(Core { process: process::current(), runtime, transport, idle, links }));
    match CORE.compare_exchange(current, core, Ordering::AcqRel, Ordering::Acquire) {
        Ok(_) => Ok(core),
        // Another thread was first: ours stays idle, which happens at most once a process and thread.
        // SAFETY: as above.
        Err(winner) => Ok(unsafe { winner.as_ref() }.unwrap_or(core)),
    }
}
