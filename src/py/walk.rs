//! The pairs of a dict that Python code may change meanwhile: a value's own method, a finalizer, another thread.
use pyo3::exceptions::PyRuntimeError;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// In Python's words, where pyo3's own `iter` panics.
pub struct Pairs<'a, 'py> {
    dict: &'a Bound<'py, PyDict>,
    position: ffi::Py_ssize_t,
    len: usize,
    given: usize,
}

pub fn pairs<'a, 'py>(dict: &'a Bound<'py, PyDict>) -> Pairs<'a, 'py> {
    Pairs { dict, position: 0, len: dict.len(), given: 0 }
}

impl<'py> Iterator for Pairs<'_, 'py> {
    type Item = PyResult<(Bound<'py, PyAny>, Bound<'py, PyAny>)>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let changed = |what| Some(Err(PyRuntimeError::new_err(format!("dictionary {what} during iteration"))));
        if self.dict.len() != self.len {
            return changed("changed size");
        }
        let py = self.dict.py();
        let (mut key, mut value) = (std::ptr::null_mut(), std::ptr::null_mut());
        // SAFETY: the dict is alive and this thread attached. What is given is borrowed from the dict, and becomes ours
        // before Python can run.
        unsafe {
            if ffi::PyDict_Next(self.dict.as_ptr(), &raw mut self.position, &raw mut key, &raw mut value) == 0 {
                return None;
            }
            self.given += 1;
            if self.given > self.len {
                return changed("keys changed");
            }
            Some(Ok((Bound::from_borrowed_ptr(py, key), Bound::from_borrowed_ptr(py, value))))
        }
    }
}
