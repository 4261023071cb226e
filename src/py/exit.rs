//! Interpreter exit. A daemon thread that asks a finalizing interpreter for its lock is ended by CPython in the middle
//! of our frames, which aborts the process. It asks when it comes back from waiting, and at any moment while Python
//! code runs under our frames: a key function, an exception's class, a logging handler. So a gate closes when the exit hooks
//! have run: threads that come to it afterwards park (the process is about to end), those that are inside are waited for.
use std::cell::Cell;
use std::hint::black_box;
use std::marker::PhantomData;
use std::mem;
use std::ptr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use pyo3::ffi::{self, PyObject};
use pyo3::prelude::*;
use pyo3::types::PyTuple;

static CLOSED: AtomicBool = AtomicBool::new(false);
/// Threads that hold or ask for the interpreter's lock under our frames.
static INSIDE: AtomicUsize = AtomicUsize::new(0);
/// The thread that ends the interpreter may go on calling: a `__del__` can use a client.
static EXITING: OnceLock<ThreadId> = OnceLock::new();

thread_local! {
    /// How many of our frames that may run Python are on this thread's stack; the thread counts once.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

fn set_depth(depth: usize) -> usize {
    let before = DEPTH.replace(depth);
    match (before, depth) {
        (0, 1..) => drop(INSIDE.fetch_add(1, SeqCst)),
        (1.., 0) => drop(INSIDE.fetch_sub(1, SeqCst)),
        _ => {}
    }
    before
}

fn is_closed() -> bool {
    CLOSED.load(SeqCst) && EXITING.get() != Some(&thread::current().id())
}

/// Call it without the interpreter's lock.
fn park_if_closed() {
    if is_closed() {
        set_depth(0);
        loop {
            thread::park();
        }
    }
}

/// While it lives, Python code may run under the frame that has it.
#[must_use]
pub struct Entered(PhantomData<*const ()>);

pub fn enter(py: Python<'_>) -> Entered {
    set_depth(DEPTH.get() + 1);
    if is_closed() {
        py.detach(park_if_closed);
    }
    Entered(PhantomData)
}

impl Drop for Entered {
    fn drop(&mut self) {
        set_depth(DEPTH.get().saturating_sub(1));
    }
}

/// `py.detach` for anything that may block.
pub fn detach<T: Send>(py: Python<'_>, work: impl FnOnce() -> T + Send) -> T {
    let depth = set_depth(0);
    let result = py.detach(|| {
        let result = work();
        set_depth(1);
        park_if_closed();
        result
    });
    set_depth(depth);
    result
}

/// Calls a function of the user's that may take long: a key function, a logging handler. The exit does not wait for
/// it. A thread that is ended within it is unwound as far as this frame, where it stays.
pub fn call<'py>(function: &Bound<'py, PyAny>, arguments: &Bound<'py, PyTuple>) -> PyResult<Bound<'py, PyAny>> {
    struct Stay;
    impl Drop for Stay {
        fn drop(&mut self) {
            loop {
                thread::park();
            }
        }
    }
    type Plain = unsafe extern "C" fn(*mut PyObject, *mut PyObject, *mut PyObject) -> *mut PyObject;
    type Unwinds = unsafe extern "C-unwind" fn(*mut PyObject, *mut PyObject, *mut PyObject) -> *mut PyObject;
    let py = function.py();
    // SAFETY: of the two ABIs the second only allows more. The optimizer must not see that it is the function that
    // others declare as one that never unwinds.
    let call = unsafe { mem::transmute::<Plain, Unwinds>(black_box(ffi::PyObject_Call as Plain)) };
    let depth = set_depth(0);
    let stay = Stay;
    // SAFETY: both are alive, the second is a tuple, and this thread is attached.
    let result = unsafe { call(function.as_ptr(), arguments.as_ptr(), ptr::null_mut()) };
    mem::forget(stay);
    set_depth(depth);
    // SAFETY: a new reference, or null with an exception set.
    let result = unsafe { Bound::from_owned_ptr_or_err(py, result) };
    if is_closed() {
        py.detach(park_if_closed);
    }
    result
}

/// Closes the gate when `atexit` lets go of its hooks: after the last of them, whenever it was registered. Until then
/// hooks may wait for what other threads hold, an import or a lock, and a thread that is parked never gives it back.
#[pyclass(frozen)]
struct ExitGate;

#[pymethods]
impl ExitGate {
    fn __call__(&self) {}
}

impl Drop for ExitGate {
    fn drop(&mut self) {
        Python::attach(|py| {
            // Hooks can also be cleared or unregistered in the middle of a program.
            let at_exit = || py.import("threading")?.call_method0("main_thread")?.call_method0("is_alive")?.is_truthy();
            if at_exit().is_ok_and(|alive| !alive) {
                close(py);
            }
        });
    }
}

fn close(py: Python<'_>) {
    let _ = EXITING.set(thread::current().id());
    CLOSED.store(true, SeqCst);
    let patience = Instant::now() + Duration::from_secs(5);
    py.detach(|| {
        while INSIDE.load(SeqCst) > 0 && Instant::now() < patience {
            thread::sleep(Duration::from_millis(1));
        }
    });
}

/// The other threads did not come along.
#[cfg(unix)]
#[pyfunction]
fn _after_fork() {
    INSIDE.store(DEPTH.get().min(1), SeqCst);
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = module.py();
    py.import("threading")?;
    py.import("atexit")?.call_method1("register", (ExitGate,))?;
    #[cfg(unix)]
    {
        let hooks = pyo3::types::PyDict::new(py);
        hooks.set_item("after_in_child", wrap_pyfunction!(_after_fork, module)?)?;
        py.import("os")?.call_method("register_at_fork", (), Some(&hooks))?;
    }
    Ok(())
}
