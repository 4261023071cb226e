//! Replies that are files: audio, pictures, videos.
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use pyo3::exceptions::{PyBufferError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList, PyTuple};
use pyo3::{ffi, intern};
use reqwest::header::CONTENT_TYPE;

use super::headers::Headers;
use super::object::{self, PickledHead, pickle_head, unpickle_head};
use crate::core::body;
use crate::core::reply::{Head, Reply};

/// A notebook keeps what it shows, a third larger: more than this it is not given.
const SHOWN: usize = 16 << 20;

/// A reply that is a file: `content` has its bytes, `save(path)` writes them. `memoryview(reply)` copies nothing.
#[pyclass(frozen, weakref, module = "wenwen._core")]
pub struct BinaryContent {
    head: Arc<Head>,
    body: Bytes,
}

impl BinaryContent {
    pub fn of(reply: &Reply) -> Self {
        Self { head: Arc::new(reply.head.clone()), body: reply.body.clone() }
    }
}

#[pymethods]
impl BinaryContent {
    /// The bytes.
    #[getter]
    fn content<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.body)
    }

    /// The bytes.
    fn read<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        self.content(py)
    }

    /// What the reply's header says it is: "audio/mpeg". None if it says nothing.
    #[getter]
    fn content_type(&self) -> Option<String> {
        Some(self.head.headers.get(CONTENT_TYPE)?.to_str().ok()?.to_owned())
    }

    #[getter]
    fn headers(&self) -> Headers {
        Headers(self.head.headers.clone())
    }

    /// The gateway's id of the request; None if it gave none.
    #[getter]
    fn request_id(&self) -> Option<String> {
        self.head.request_id.clone()
    }

    /// Writes the bytes to a file.
    fn save(slf: &Bound<'_, Self>, path: PathBuf) -> PyResult<()> {
        let py = slf.py();
        py.import(intern!(py, "wenwen._files"))?.call_method1(intern!(py, "write"), (path, slf)).map(drop)
    }

    /// openai's name for `save`.
    fn write_to_file(slf: &Bound<'_, Self>, file: PathBuf) -> PyResult<()> {
        Self::save(slf, file)
    }

    /// openai's older name for `save`.
    #[pyo3(signature = (file, *, chunk_size=None))]
    fn stream_to_file(slf: &Bound<'_, Self>, file: PathBuf, chunk_size: Option<usize>) -> PyResult<()> {
        let _ = chunk_size;
        Self::save(slf, file)
    }

    /// The bytes in pieces.
    #[pyo3(signature = (chunk_size=None))]
    fn iter_bytes<'py>(&self, py: Python<'py>, chunk_size: Option<usize>) -> PyResult<Bound<'py, PyAny>> {
        let chunk_size = chunk_size.unwrap_or(65536);
        if chunk_size == 0 {
            return Err(PyValueError::new_err("chunk_size is 0: give a number of bytes"));
        }
        let pieces = PyList::new(py, self.body.chunks(chunk_size).map(|piece| PyBytes::new(py, piece)))?;
        Ok(pieces.try_iter()?.into_any())
    }

    /// A notebook plays or shows it, unless it is too large to be put into one.
    fn _repr_html_(&self) -> Option<String> {
        let declared = self.content_type().unwrap_or_default();
        let declared = declared.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let kind = match declared.as_str() {
            "" | "application/octet-stream" => body::media_type(&self.body, None),
            declared => declared,
        };
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/+-.".contains(&byte);
        // Bare samples play nowhere.
        if self.body.len() > SHOWN || !kind.bytes().all(plain) || matches!(kind, "audio/pcm" | "audio/l16") {
            return None;
        }
        let (before, after) = match kind.split_once('/')?.0 {
            "audio" => ("<audio controls src=\"", "\"></audio>"),
            "video" => ("<video controls src=\"", "\"></video>"),
            "image" => ("<img src=\"", "\">"),
            _ => return None,
        };
        Some(format!("{before}data:{kind};base64,{}{after}", base64_simd::STANDARD.encode_to_string(&self.body)))
    }

    fn __bytes__<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        self.content(py)
    }

    fn __len__(&self) -> usize {
        self.body.len()
    }

    fn __repr__(&self) -> String {
        format!("<BinaryContent {:.80}, {} bytes>", self.content_type().unwrap_or_default(), self.body.len())
    }

    // SAFETY: the pointer is of this object's own bytes, which never change; PyBuffer_FillInfo keeps the object alive.
    unsafe fn __getbuffer__(slf: &Bound<'_, Self>, view: *mut ffi::Py_buffer, flags: i32) -> PyResult<()> {
        if view.is_null() {
            return Err(PyBufferError::new_err("no view"));
        }
        let body = &slf.get().body;
        // SAFETY: `view` is Python's to fill, as the protocol says.
        let filled = unsafe {
            ffi::PyBuffer_FillInfo(
                view,
                slf.as_ptr(),
                body.as_ptr().cast_mut().cast(),
                body.len() as ffi::Py_ssize_t,
                1,
                flags,
            )
        };
        if filled == 0 { Ok(()) } else { Err(PyErr::fetch(slf.py())) }
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let (py, this) = (slf.py(), slf.get());
        let arguments = (pickle_head(py, &this.head)?, this.content(py)).into_pyobject(py)?;
        Ok((object::ours(py, "_content")?, arguments))
    }
}

/// Unpickles a file.
#[pyfunction]
#[pyo3(name = "_content")]
pub fn content(head: PickledHead<'_>, body: Vec<u8>) -> BinaryContent {
    BinaryContent { head: Arc::new(unpickle_head(head)), body: body.into() }
}
