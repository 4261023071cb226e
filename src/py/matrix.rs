//! Embeddings: a reply whose vectors are a matrix, through the buffer protocol. `numpy.asarray(reply)` copies nothing,
//! `memoryview(reply)` needs no numpy. Python's floats are made where a list is asked for, one vector at a time.
use std::ffi::{c_int, c_void};
use std::ptr;
use std::sync::{Arc, OnceLock};

use pyo3::exceptions::PyBufferError;
use pyo3::ffi::{self, Py_buffer};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyMemoryView, PyString};

use super::object::{Later, Lazy, Object, Reply};
use crate::core::embeddings::Rows;

/// A reply of embeddings. It is a matrix too, read-only: `numpy.asarray(reply)` has a row for each of `data`.
#[pyclass(frozen, extends = Reply, subclass, module = "wenwen._core")]
pub struct Vectors {
    /// Made when it is first asked for; of what `data` holds then.
    rows: OnceLock<Arc<Rows>>,
}

/// One embedding. It is a vector too, read-only: `numpy.asarray(embedding)`.
#[pyclass(frozen, extends = Object, subclass, module = "wenwen._core")]
pub struct Vector;

/// Puts the rows into a reply whose every `embedding` is the number of one.
pub fn put(reply: &Bound<'_, PyAny>, rows: Rows) -> PyResult<()> {
    let py = reply.py();
    let rows = Arc::new(rows);
    let name = intern!(py, "embedding");
    let Some(data) = reply.cast::<PyDict>()?.get_item(intern!(py, "data"))? else { return Ok(()) };
    let Ok(data) = data.cast_into::<PyList>() else { return Ok(()) }; // given twice, the second no list
    for item in data.iter() {
        let Ok(item) = item.cast_into::<PyDict>() else { continue };
        if let Some(row) = item.get_item(name)? {
            item.set_item(name, Lazy(Later::Row(rows.clone(), row.extract()?)))?;
        }
    }
    Ok(())
}

/// The fields of a JSON object, typed already or not.
fn fields<'py>(item: &Bound<'py, PyAny>) -> Option<Bound<'py, PyDict>> {
    match item.cast::<Object>() {
        Ok(object) => Some(object.get().data(item.py())),
        Err(_) => item.cast::<PyDict>().ok().cloned(),
    }
}

fn embedding<'py>(item: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {
    fields(item).map_or(Ok(None), |fields| fields.get_item(intern!(item.py(), "embedding")))
}

/// Appends an embedding in any of its forms.
fn append(rows: &mut Rows, embedding: Option<Bound<'_, PyAny>>) -> Result<(), String> {
    let Some(embedding) = embedding else { return Err("missing".to_owned()) };
    if let Ok(lazy) = embedding.cast_exact::<Lazy>()
        && let Later::Row(from, row) = &lazy.get().0
    {
        return match (from.floats(*row), from.json(*row)) {
            (Some(floats), _) => {
                rows.push(floats.iter().copied());
                Ok(())
            }
            (_, json) => rows.push_json(json.unwrap_or_default()),
        };
    }
    if let Ok(text) = embedding.cast::<PyString>() {
        return rows.push_base64(text.to_string_lossy().as_bytes());
    }
    let numbers: Vec<f64> = embedding.extract().map_err(|_| "no list of numbers".to_owned())?;
    #[expect(clippy::cast_possible_truncation, reason = "32 bits is what a vector's number has")]
    rows.push(numbers.into_iter().map(|number| number as f32));
    Ok(())
}

/// The rows that `data` holds: those that came, where they are all there in their order, else copies.
fn collect(data: &Bound<'_, PyDict>) -> PyResult<Arc<Rows>> {
    let py = data.py();
    let list = data.get_item(intern!(py, "data"))?;
    let list = match &list {
        Some(list) => list.cast::<PyList>().map_err(|_| PyBufferError::new_err("data is no list"))?,
        None => return Err(PyBufferError::new_err("the reply has no data")),
    };
    let mut whole: Option<Arc<Rows>> = None;
    for (number, item) in list.iter().enumerate() {
        match embedding(&item)?.as_ref().map(|found| found.cast_exact::<Lazy>()) {
            Some(Ok(lazy)) => match &lazy.get().0 {
                Later::Row(rows, row) if *row == number && whole.as_ref().is_none_or(|w| Arc::ptr_eq(w, rows)) => {
                    whole = Some(rows.clone());
                }
                _ => whole = None,
            },
            _ => whole = None,
        }
        if whole.is_none() {
            break;
        }
    }
    if let Some(rows) = whole.filter(|rows| rows.len() == list.len() && rows.shape().is_ok()) {
        return Ok(rows);
    }
    let mut rows = Rows::default();
    for (number, item) in list.iter().enumerate() {
        append(&mut rows, embedding(&item)?)
            .map_err(|why| PyBufferError::new_err(format!("data[{number}].embedding is {why}")))?;
    }
    rows.shape().map_err(|why| PyBufferError::new_err(format!("{why}; take reply.data[i].embedding")))?;
    Ok(Arc::new(rows))
}

impl Vectors {
    fn rows(slf: &Bound<'_, Self>) -> PyResult<Arc<Rows>> {
        if let Some(rows) = slf.get().rows.get() {
            return Ok(rows.clone());
        }
        let data = slf.cast::<Object>()?.get().data(slf.py());
        let rows = collect(&data)?; // runs Python, which may ask for them too: the first stay
        Ok(slf.get().rows.get_or_init(|| rows).clone())
    }
}

#[pymethods]
impl Vectors {
    #[new]
    #[pyo3(signature = (data=None, /, **fields))]
    fn new<'py>(
        py: Python<'py>,
        data: Option<&Bound<'py, PyAny>>,
        fields: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<PyClassInitializer<Self>> {
        Ok(Reply::new(py, data, fields)?.add_subclass(Self { rows: OnceLock::new() }))
    }

    unsafe fn __getbuffer__(slf: Bound<'_, Self>, view: *mut Py_buffer, flags: c_int) -> PyResult<()> {
        let rows = Self::rows(&slf)?;
        let (count, length) = rows.shape().map_err(PyBufferError::new_err)?;
        let data = ptr::from_ref(rows.values());
        // SAFETY: the view is CPython's to be filled, and the rows live as long as it.
        unsafe { expose(slf.into_any(), view, flags, rows, data, &[count, length]) }
    }

    unsafe fn __releasebuffer__(&self, view: *mut Py_buffer) {
        // SAFETY: `expose` has filled it.
        unsafe { release(view) }
    }

    /// What numpy asks where there is no buffer: says why.
    #[pyo3(signature = (dtype=None, copy=None))]
    fn __array__<'py>(
        slf: &Bound<'py, Self>,
        dtype: Option<Bound<'py, PyAny>>,
        copy: Option<bool>,
    ) -> PyResult<Bound<'py, PyAny>> {
        array(slf.as_any(), dtype, copy)
    }
}

#[pymethods]
impl Vector {
    #[new]
    #[pyo3(signature = (data=None, /, **fields))]
    fn new<'py>(
        py: Python<'py>,
        data: Option<&Bound<'py, PyAny>>,
        fields: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<PyClassInitializer<Self>> {
        Ok(PyClassInitializer::from(Object::new(py, data, fields)?).add_subclass(Self))
    }

    unsafe fn __getbuffer__(slf: Bound<'_, Self>, view: *mut Py_buffer, flags: c_int) -> PyResult<()> {
        let py = slf.py();
        let embedding = slf.cast::<Object>()?.get().data(py).get_item(intern!(py, "embedding"))?;
        let came = embedding.as_ref().and_then(|embedding| match &embedding.cast_exact::<Lazy>().ok()?.get().0 {
            Later::Row(rows, row) => Some((rows.clone(), ptr::from_ref(rows.floats(*row)?))),
            Later::Grown(_) => None,
        });
        let (rows, data) = match came {
            Some(came) => came,
            None => {
                let mut rows = Rows::default();
                append(&mut rows, embedding)
                    .map_err(|why| PyBufferError::new_err(format!("the embedding is {why}")))?;
                let data = ptr::from_ref(rows.values());
                (Arc::new(rows), data)
            }
        };
        // SAFETY: the view is CPython's to be filled, and the rows live as long as it.
        unsafe { expose(slf.into_any(), view, flags, rows, data, &[data.len()]) }
    }

    unsafe fn __releasebuffer__(&self, view: *mut Py_buffer) {
        // SAFETY: `expose` has filled it.
        unsafe { release(view) }
    }

    /// What numpy asks where there is no buffer: says why.
    #[pyo3(signature = (dtype=None, copy=None))]
    fn __array__<'py>(
        slf: &Bound<'py, Self>,
        dtype: Option<Bound<'py, PyAny>>,
        copy: Option<bool>,
    ) -> PyResult<Bound<'py, PyAny>> {
        array(slf.as_any(), dtype, copy)
    }
}

fn array<'py>(
    owner: &Bound<'py, PyAny>,
    dtype: Option<Bound<'py, PyAny>>,
    copy: Option<bool>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = owner.py();
    let options = PyDict::new(py);
    options.set_item("dtype", dtype)?;
    options.set_item("copy", copy)?;
    py.import(intern!(py, "numpy"))?.call_method("array", (PyMemoryView::from(owner)?,), Some(&options))
}

const FLOAT: isize = size_of::<f32>() as isize;

/// What a view of a buffer needs for as long as it lives.
struct View {
    shape: [isize; 2],
    strides: [isize; 2],
    _rows: Arc<Rows>,
}

/// # Safety
/// `view` is a buffer view to be filled; `data` belongs to `rows` and holds as many floats as `shape` says.
unsafe fn expose(
    owner: Bound<'_, PyAny>,
    view: *mut Py_buffer,
    flags: c_int,
    rows: Arc<Rows>,
    data: *const [f32],
    shape: &[usize],
) -> PyResult<()> {
    let asks = |flag: c_int| flags & flag == flag;
    // SAFETY: whoever fails must leave no owner in the view.
    unsafe { (*view).obj = ptr::null_mut() };
    if asks(ffi::PyBUF_WRITABLE) {
        return Err(PyBufferError::new_err("embeddings are read-only: take a copy, numpy.array(reply)"));
    }
    if asks(ffi::PyBUF_F_CONTIGUOUS) && !asks(ffi::PyBUF_ANY_CONTIGUOUS) && shape.iter().filter(|n| **n > 1).count() > 1
    {
        return Err(PyBufferError::new_err("embeddings lie row after row, not column after column"));
    }
    let length = |at: usize| shape.get(at).map_or(1, |n| isize::try_from(*n).unwrap_or(isize::MAX));
    let (count, strides) = match shape {
        [_] => (length(0), [FLOAT, 0]),
        _ => (length(0) * length(1), [length(1) * FLOAT, FLOAT]),
    };
    let kept = Box::into_raw(Box::new(View { shape: [length(0), length(1)], strides, _rows: rows }));
    // SAFETY: the view is ours to fill, `kept` was made just now and lives until `release`.
    unsafe {
        (*view).buf = data.cast::<c_void>().cast_mut();
        (*view).len = count * FLOAT;
        (*view).readonly = 1;
        (*view).itemsize = FLOAT;
        (*view).format = if asks(ffi::PyBUF_FORMAT) { c"f".as_ptr().cast_mut() } else { ptr::null_mut() };
        (*view).ndim = if shape.len() == 1 { 1 } else { 2 };
        (*view).shape = if asks(ffi::PyBUF_ND) { (*kept).shape.as_mut_ptr() } else { ptr::null_mut() };
        (*view).strides = if asks(ffi::PyBUF_STRIDES) { (*kept).strides.as_mut_ptr() } else { ptr::null_mut() };
        (*view).suboffsets = ptr::null_mut();
        (*view).internal = kept.cast();
        (*view).obj = owner.into_ptr();
    }
    Ok(())
}

/// # Safety
/// `view` was filled by `expose` and is released once.
unsafe fn release(view: *mut Py_buffer) {
    // SAFETY: `internal` is the box that `expose` has left there.
    drop(unsafe { Box::from_raw((*view).internal.cast::<View>()) });
}
