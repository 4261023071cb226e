//! Python values to a multipart form: files from paths, bytes, file objects, pictures; everything else as text.
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use pyo3::exceptions::{PyIsADirectoryError, PyOSError, PyTypeError, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyMapping, PyString, PyTuple};

use super::encode::{Encoder, bytes_of, enum_value, picture, shown, type_name};
use super::exit;
use super::object::Object;
use super::omit::left_out;
use super::options::{deeper, push_within};
use super::walk::pairs;
use crate::core::body;
use crate::core::endpoint::{Binary, Endpoint};
use crate::core::multipart::{Form, PartBody};

/// Whether one of the endpoint's files is given, rather than the text that may stand for it (a URL, base64).
pub fn has_file(row: &Endpoint, fields: &Bound<'_, PyDict>) -> PyResult<bool> {
    for pair in pairs(fields) {
        let (name, value) = pair?;
        let is_file = !value.is_instance_of::<PyString>() && !value.is_none() && !is_reference(&value);
        if is_file && is_file_field(row, name.extract()?) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A dict that names what the service has already: `{"id": …}`, `{"image_url": …}`.
fn is_reference(value: &Bound<'_, PyAny>) -> bool {
    let names = |dict: &Bound<'_, PyDict>| {
        ["id", "file_id", "image_url", "url"].iter().any(|name| dict.contains(name).unwrap_or_default())
    };
    value.cast::<PyDict>().is_ok_and(names)
}

fn is_file_field(row: &Endpoint, name: &str) -> bool {
    row.binary.contains(&(name, Binary::File))
}

/// The fields as a form. A field that is None is left out: a form knows no null.
pub fn build(row: &Endpoint, fields: &Bound<'_, PyDict>) -> PyResult<Form> {
    let mut form = Form::new()?;
    for pair in pairs(fields) {
        let (name, value) = pair?;
        let name: String = name.extract()?;
        if value.is_none() || left_out(&value).is_some() {
            continue;
        }
        if !is_file_field(row, &name) || is_reference(&value) {
            text(&mut form, row, &name, name.clone(), &value, 0)?;
        } else if let Ok(files) = value.cast::<PyList>() {
            if files.is_empty() {
                return Err(PyValueError::new_err(format!("{name} is an empty list: give a file or more")));
            }
            // A list of one is one: some upstreams know the brackets only where there are several.
            let field = if files.len() == 1 { name.clone() } else { format!("{name}[]") };
            for (index, value) in files.iter().enumerate() {
                file(&mut form, &field, &format!("{name}[{index}]"), &value)?;
            }
        } else {
            file(&mut form, &name, &name, &value)?;
        }
    }
    Ok(form)
}

/// Lists and mappings as the API writes them: `include[]`, `chunking_strategy[type]`. `field` is the name without these.
fn text(
    form: &mut Form,
    row: &Endpoint,
    field: &str,
    name: String,
    value: &Bound<'_, PyAny>,
    depth: usize,
) -> PyResult<()> {
    let py = value.py();
    if left_out(value).is_some() {
        return Ok(());
    }
    if let Some(inner) = enum_value(value)? {
        let depth = deeper(&name, depth)?; // an enum's value may be one again
        return text(form, row, field, name, &inner, depth);
    }
    // Where data may stand in a text, it is written as in JSON.
    if bytes_of(value)?.is_some() || value.hasattr(intern!(py, "__fspath__"))? {
        let mut encoder = Encoder::new(py, row.binary);
        encoder.value(value, field).map_err(|failure| failure.at(name.clone()).into_error(py))?;
        let data = encoder.out.strip_prefix(b"\"").and_then(|out| out.strip_suffix(b"\"")).unwrap_or(&encoder.out);
        form.text(&name, &String::from_utf8_lossy(data));
        return Ok(());
    }
    if let Ok(mapping) = value.cast::<PyMapping>() {
        let depth = deeper(&name, depth)?;
        for pair in mapping.items()?.iter() {
            let (key, value): (String, Bound<'_, PyAny>) = pair.extract()?;
            text(form, row, field, format!("{name}[{key}]"), &value, depth)?;
        }
        return Ok(());
    }
    if value.is_instance_of::<PyList>() || value.is_instance_of::<PyTuple>() {
        let depth = deeper(&name, depth)?;
        for item in value.try_iter()? {
            text(form, row, field, format!("{name}[]"), &item?, depth)?;
        }
        return Ok(());
    }
    let mut pairs = Vec::new();
    push_within(&mut pairs, name, value, depth)?;
    for (name, value) in pairs {
        form.text(&name, &value);
    }
    Ok(())
}

struct FoundFile {
    name: Option<String>,
    content: PartBody,
    /// Its first bytes, which tell what it is.
    begin: Vec<u8>,
}

const BEGIN: usize = 64;
const EISDIR: i32 = 21;

/// `at` is how messages call it.
fn file(form: &mut Form, field: &str, at: &str, value: &Bound<'_, PyAny>) -> PyResult<()> {
    let (mut name, mut kind) = (None, None);
    let mut value = value.clone();
    // As openai takes them: (name, content) or (name, content, type), and headers, which nobody reads.
    if let Ok(tuple) = value.clone().cast::<PyTuple>() {
        if !(2..=4).contains(&tuple.len()) {
            return Err(PyTypeError::new_err(format!(
                "{at} is a tuple of {}: give (name, content) or (name, content, type)",
                tuple.len()
            )));
        }
        let text = |index: usize, what: &str| {
            let given = tuple.get_item(index)?;
            given.extract::<Option<String>>().map_err(|_| {
                PyTypeError::new_err(format!(
                    "{at}: a tuple is (name, content) or (name, content, type), and its {what} is {}; several files are \
                     a list",
                    shown(&given)
                ))
            })
        };
        name = text(0, "name")?;
        value = tuple.get_item(1)?;
        if tuple.len() > 2 {
            kind = text(2, "type")?;
        }
    }
    let found = find(at, &value)?;
    let name = name.or(found.name);
    let sniffed = body::media_type(&found.begin, name.as_deref());
    let kind = kind.unwrap_or_else(|| sniffed.to_owned());
    if kind.bytes().any(|byte| !(b' '..=b'~').contains(&byte)) {
        return Err(PyValueError::new_err(format!("{at}: the type {kind:?} is no header's value")));
    }
    // The gateway goes by the name's ending, so there must be one.
    let mut name = name.unwrap_or_else(|| field.trim_end_matches("[]").to_owned());
    if let (None, Some(ending)) = (Path::new(&name).extension(), body::extension(sniffed)) {
        name = format!("{name}.{ending}");
    }
    form.file(field, &name, &kind, found.content);
    Ok(())
}

fn find(at: &str, value: &Bound<'_, PyAny>) -> PyResult<FoundFile> {
    let py = value.py();
    if let Some(data) = bytes_of(value)? {
        return in_memory(at, None, Bytes::copy_from_slice(data.as_bytes()));
    }
    if let Ok(text) = value.cast::<PyString>() {
        let text = text.to_str()?;
        if let Some((_, data)) = text.strip_prefix("data:").and_then(|rest| rest.split_once(";base64,")) {
            let data = base64_simd::STANDARD
                .decode_to_vec(data)
                .map_err(|_| PyValueError::new_err(format!("{at} is a data URI whose base64 is broken")))?;
            return in_memory(at, None, data.into());
        }
        if text.starts_with("http://") || text.starts_with("https://") {
            return Err(PyValueError::new_err(format!(
                "{at} is the URL {}, and the API wants the file itself: wenwen.download(url) fetches it",
                shown(value)
            )));
        }
        // Of an end user's or a model's words no file of this machine is read.
        return Err(PyTypeError::new_err(format!(
            "{at} is a text of {} characters, {}: give Path(…), bytes or an open file; for base64 the bytes of \
             base64.b64decode(…)",
            value.len()?,
            shown(value)
        )));
    }
    if let Ok(object) = value.cast::<Object>() {
        return of_reply(at, object);
    }
    if value.hasattr(intern!(py, "__fspath__"))? {
        let path: PathBuf = value.extract()?;
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        let failed = |e: std::io::Error| {
            let path = path.display().to_string();
            match e.kind() {
                std::io::ErrorKind::IsADirectory => {
                    PyIsADirectoryError::new_err((EISDIR, format!("{at} is a directory: give a file"), path))
                }
                _ => PyOSError::new_err((e.raw_os_error(), format!("{at}: {e}"), path)),
            }
        };
        let file = py.detach(|| File::open(&path)).map_err(failed)?;
        return match from_disk(at, file, 0, name.clone()).map_err(failed)? {
            Ok(found) => found,
            // A pipe or a device: it has no length to announce.
            Err(mut file) => {
                let mut data = Vec::new();
                py.detach(|| file.read_to_end(&mut data)).map_err(failed)?;
                in_memory(at, name, data.into())
            }
        };
    }
    if value.hasattr(intern!(py, "read"))? {
        return of_object(at, value);
    }
    match picture(value)? {
        Some(data) => in_memory(at, None, data),
        None => Err(PyTypeError::new_err(format!(
            "{at} is {} ({}): give Path(…), bytes, an open file, a PIL image or (name, content)",
            shown(value),
            type_name(value)
        ))),
    }
}

fn in_memory(at: &str, name: Option<String>, data: Bytes) -> PyResult<FoundFile> {
    if data.is_empty() {
        return Err(nothing(at, 0));
    }
    let begin = data[..data.len().min(BEGIN)].to_vec();
    Ok(FoundFile { name, content: PartBody::Bytes(data), begin })
}

fn nothing(at: &str, position: u64) -> PyErr {
    PyValueError::new_err(match position {
        0 => format!("{at} is empty: there is nothing to send"),
        _ => format!("{at} is a file that stands at its end, position {position}: go back with seek(0)"),
    })
}

/// An image of an earlier reply.
fn of_reply(at: &str, object: &Bound<'_, Object>) -> PyResult<FoundFile> {
    let field = |name| {
        Ok::<_, PyErr>(object.get().data(object.py()).get_item(name)?.filter(|v| v.is_truthy().unwrap_or(false)))
    };
    if let Some(data) = field("b64_json")? {
        let data = base64_simd::STANDARD.decode_to_vec(data.cast::<PyString>()?.to_str()?);
        let data = data.map_err(|_| PyValueError::new_err(format!("{at} is an image whose base64 is broken")))?;
        return in_memory(at, None, data.into());
    }
    Err(PyValueError::new_err(match field("url")? {
        Some(url) => {
            format!("{at} is an image at the URL {}: its `bytes`, or `await image.abytes()`, fetch it", shown(&url))
        }
        None => format!("{at} is {}, which holds no b64_json", shown(object)),
    }))
}

/// The file itself if it is no regular one.
fn from_disk(
    at: &str,
    file: File,
    start: u64,
    name: Option<String>,
) -> std::io::Result<Result<PyResult<FoundFile>, File>> {
    let about = file.metadata()?;
    if about.is_dir() {
        return Err(std::io::Error::from(std::io::ErrorKind::IsADirectory));
    }
    if !about.is_file() {
        return Ok(Err(file));
    }
    let len = about.len().saturating_sub(start);
    if len == 0 {
        return Ok(Ok(Err(nothing(at, start))));
    }
    let begin = crate::core::multipart::read_at(&file, start, len.min(BEGIN as u64))?.to_vec();
    Ok(Ok(Ok(FoundFile { name, content: PartBody::File { file, start, len }, begin })))
}

/// An open file: read from disk while it is sent where it is just that, otherwise read here, from where it stands.
fn of_object(at: &str, value: &Bound<'_, PyAny>) -> PyResult<FoundFile> {
    let py = value.py();
    let says = |answer: PyResult<Option<Bound<'_, PyAny>>>| answer.ok().flatten().and_then(|is| is.is_truthy().ok());
    if says(value.getattr_opt(intern!(py, "closed"))) == Some(true) {
        return Err(PyValueError::new_err(format!("{at} is a closed file: send it before it is closed")));
    }
    if says(value.call_method0(intern!(py, "readable")).map(Some)) == Some(false) {
        return Err(PyValueError::new_err(format!("{at} is a file open for writing alone: open(path, \"rb\")")));
    }
    let name = value.getattr_opt(intern!(py, "name"))?.and_then(|name| name.extract::<String>().ok());
    let name = name.and_then(|name| Some(Path::new(&name).file_name()?.to_string_lossy().into_owned()));
    #[cfg(unix)]
    if let Some((file, start)) = descriptor(value)? {
        let failed = |e: std::io::Error| PyOSError::new_err((e.raw_os_error(), format!("{at}: {e}")));
        if let Ok(found) = from_disk(at, file, start, name.clone()).map_err(failed)? {
            return found;
        }
    }
    let wrong = |what: &str| {
        PyTypeError::new_err(format!("{at} is {what}, not bytes: open the file in binary mode, open(path, \"rb\")"))
    };
    if value.is_instance(&py.import(intern!(py, "io"))?.getattr(intern!(py, "TextIOBase"))?)? {
        return Err(wrong("a file that is read as text"));
    }
    let position = value.call_method0(intern!(py, "tell")).ok().and_then(|at| at.extract::<u64>().ok());
    let data = exit::call(&value.getattr(intern!(py, "read"))?, &PyTuple::empty(py))?; // from a pipe, perhaps
    match bytes_of(&data)? {
        Some(data) if data.as_bytes().is_empty() => Err(nothing(at, position.unwrap_or(0))),
        Some(data) => in_memory(at, name, Bytes::copy_from_slice(data.as_bytes())),
        None => Err(wrong(&format!("an object whose read() gives {}", type_name(&data)))),
    }
}

/// A descriptor of its own and the position, of a file that Python reads as it is. What decompresses, for example, has
/// the descriptor of something else.
#[cfg(unix)]
fn descriptor(value: &Bound<'_, PyAny>) -> PyResult<Option<(File, u64)>> {
    use std::os::fd::BorrowedFd;

    let py = value.py();
    // What `tempfile` makes wraps the file.
    let inner = match value.get_type().module()?.to_str()? {
        "tempfile" => value.getattr_opt(intern!(py, "file"))?,
        _ => None,
    };
    let value = inner.as_ref().unwrap_or(value);
    let io = py.import(intern!(py, "_io"))?;
    let is = |value: &Bound<'_, PyAny>, name| Ok::<_, PyErr>(value.get_type().is(io.getattr(name)?));
    let raw = match is(value, "BufferedReader")? || is(value, "BufferedRandom")? {
        true => value.getattr(intern!(py, "raw"))?,
        false => value.clone(),
    };
    if !is(&raw, "FileIO")? {
        return Ok(None);
    }
    value.call_method0(intern!(py, "flush"))?;
    let number: i32 = raw.call_method0(intern!(py, "fileno"))?.extract()?;
    // A pipe has no position: it is read like anything else.
    let Ok(start) = value.call_method0(intern!(py, "tell")).and_then(|start| start.extract::<u64>()) else {
        return Ok(None);
    };
    // SAFETY: the file object is alive and open, so its descriptor is; it is only duplicated.
    let file = unsafe { BorrowedFd::borrow_raw(number) }.try_clone_to_owned().map_err(PyErr::from)?;
    Ok(Some((file.into(), start)))
}
