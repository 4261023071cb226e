//! Python values to JSON, straight into the body's bytes. What cannot be written is named by its path:
//! `input[3].content[0].image_url`.
use std::io::Write;

use bytes::Bytes;
use pyo3::exceptions::{PyOSError, PyTypeError, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{
    PyBool, PyByteArray, PyBytes, PyDict, PyFloat, PyInt, PyList, PyMemoryView, PyString, PyTuple, PyType,
};

use super::object::{Lazy, Object};
use super::omit::left_out;
use super::walk::pairs;
use crate::core::body;
use crate::core::endpoint::Binary;

/// Containers within containers; far more than an API takes, far less than the stack.
pub const DEPTH: usize = 200;

pub struct Encoder<'a, 'py> {
    py: Python<'py>,
    pub out: Vec<u8>,
    /// How much of that is base64 of bytes and files.
    pub data: usize,
    /// The fields at which bytes and paths are welcome.
    binary: &'a [(&'static str, Binary)],
    /// Where the containers under way are, to find one that holds itself.
    open: Vec<usize>,
    /// Of the data just written, for the object that holds it.
    media_type: Option<&'static str>,
    /// What the object calls it.
    media_name: &'static str,
}

/// What went wrong and, filled in on the way up, where: steps from the inside out. Without an error the value was left
/// out, and whoever holds it goes on without it.
pub struct NotJson {
    error: Option<PyErr>,
    steps: Vec<String>,
}

type Written = Result<(), NotJson>;

impl From<PyErr> for NotJson {
    fn from(error: PyErr) -> Self {
        Self { error: Some(error), steps: Vec::new() }
    }
}

impl NotJson {
    const LEFT_OUT: Self = Self { error: None, steps: Vec::new() };

    pub fn at(mut self, step: String) -> Self {
        self.steps.push(step);
        self
    }

    /// The exception, its message led by the path.
    pub fn into_error(self, py: Python<'_>) -> PyErr {
        let path: String = self.steps.into_iter().rev().collect();
        let path = path.trim_start_matches('.');
        let Some(error) = self.error else {
            return PyTypeError::new_err("the value is one that means that there is none");
        };
        if path.is_empty() {
            return error;
        }
        let message = format!("{path}: {}", error.value(py));
        match () {
            () if error.is_instance_of::<PyTypeError>(py) => PyTypeError::new_err(message),
            () if error.is_instance_of::<PyValueError>(py) => PyValueError::new_err(message),
            // A property of the caller's that raised, a file that is not there: their own error, told where.
            () => {
                let _ = error.value(py).call_method1("add_note", (format!("at {path}"),));
                error
            }
        }
    }
}

fn type_error(text: String) -> NotJson {
    PyTypeError::new_err(text).into()
}

fn value_error(text: String) -> NotJson {
    PyValueError::new_err(text).into()
}

impl<'a, 'py> Encoder<'a, 'py> {
    pub fn new(py: Python<'py>, binary: &'a [(&'static str, Binary)]) -> Self {
        Self { py, out: Vec::with_capacity(512), data: 0, binary, open: Vec::new(), media_type: None, media_name: "" }
    }

    /// `field` is the nearest key above: it says how bytes are written.
    pub fn value(&mut self, value: &Bound<'py, PyAny>, field: &str) -> Written {
        // Exact types first: they are what bodies are made of.
        if let Ok(text) = value.cast_exact::<PyString>() {
            self.string(text)
        } else if let Ok(dict) = value.cast_exact::<PyDict>() {
            self.within(value, |me| me.dict(dict))
        } else if let Ok(list) = value.cast_exact::<PyList>() {
            self.within(value, |me| me.sequence(list.iter(), field))
        } else if value.is_none() {
            self.raw(b"null")
        } else if let Ok(flag) = value.cast_exact::<PyBool>() {
            self.raw(if flag.is_true() { b"true" } else { b"false" })
        } else if let Ok(int) = value.cast_exact::<PyInt>() {
            self.int(int)
        } else if let Ok(float) = value.cast_exact::<PyFloat>() {
            self.float(float.value())
        } else if let Ok(tuple) = value.cast_exact::<PyTuple>() {
            self.within(value, |me| me.sequence(tuple.iter(), field))
        } else if let Ok(object) = value.cast::<Object>() {
            let data = object.get().data(self.py);
            self.within(value, |me| me.dict(&data))
        } else {
            self.other(value, field)
        }
    }

    fn raw(&mut self, text: &[u8]) -> Written {
        self.out.extend_from_slice(text);
        Ok(())
    }

    fn string(&mut self, text: &Bound<'py, PyString>) -> Written {
        match text.to_str() {
            Ok(text) => self.text(text),
            Err(_) => {
                let (at, unit) = text
                    .as_any()
                    .try_iter()?
                    .enumerate()
                    .find_map(|(at, char)| {
                        let char = char.ok()?;
                        let text = char.cast::<PyString>().ok()?;
                        text.to_str().is_err().then(|| (at, char.repr().map(|r| r.to_string()).unwrap_or_default()))
                    })
                    .unwrap_or_default();
                Err(value_error(format!(
                    "the text holds a lone surrogate {unit} at index {at}, which is not valid Unicode: \
                     repair it, e.g. text.encode(\"utf-16\", \"surrogatepass\").decode(\"utf-16\", \"replace\")"
                )))
            }
        }
    }

    fn text(&mut self, text: &str) -> Written {
        serde_json::to_writer(&mut self.out, text).map_err(|e| value_error(e.to_string()))
    }

    fn int(&mut self, int: &Bound<'py, PyInt>) -> Written {
        match int.extract::<i64>() {
            Ok(number) => {
                let _ = write!(self.out, "{number}"); // a Vec takes everything
                Ok(())
            }
            // Larger than 64 bits, or an IntEnum: Python's own digits.
            Err(_) => {
                let digits = self.py.get_type::<PyInt>().getattr(intern!(self.py, "__repr__"))?.call1((int,))?;
                self.raw(digits.cast::<PyString>().map_err(PyErr::from)?.to_str()?.as_bytes())
            }
        }
    }

    fn float(&mut self, number: f64) -> Written {
        if !number.is_finite() {
            return Err(value_error(format!("{number} cannot be written in JSON: give a finite number or None")));
        }
        serde_json::to_writer(&mut self.out, &number).map_err(|e| value_error(e.to_string()))
    }

    fn within(&mut self, value: &Bound<'py, PyAny>, write: impl FnOnce(&mut Self) -> Written) -> Written {
        let address = value.as_ptr() as usize;
        if self.open.contains(&address) {
            return Err(value_error("the value contains itself: JSON cannot hold a circle".into()));
        }
        if self.open.len() == DEPTH {
            return Err(value_error(format!("more than {DEPTH} levels deep")));
        }
        self.open.push(address);
        let written = write(self);
        self.open.pop();
        written
    }

    pub fn dict(&mut self, dict: &Bound<'py, PyDict>) -> Written {
        self.pairs(pairs(dict))
    }

    fn pairs(&mut self, pairs: impl Iterator<Item = PyResult<(Bound<'py, PyAny>, Bound<'py, PyAny>)>>) -> Written {
        self.out.push(b'{');
        let start = self.out.len();
        let mut has_type = false;
        for pair in pairs {
            let (key, value) = pair?;
            let end = self.out.len();
            if end > start {
                self.out.push(b',');
            }
            let name = self.out.len();
            match self.pair(&key, &value) {
                Ok(()) => {}
                Err(NotJson { error: None, .. }) => {
                    self.out.truncate(end);
                    continue;
                }
                failed => return failed,
            }
            let names: [&[u8]; 3] = [b"\"media_type\":", b"\"mime_type\":", b"\"mimeType\":"];
            has_type |= names.iter().any(|own| self.out[name..].starts_with(own));
        }
        if let Some(media_type) = self.media_type.take().filter(|_| !has_type) {
            self.raw(b",")?;
            self.text(self.media_name)?;
            self.raw(b":")?;
            self.text(media_type)?;
        }
        self.raw(b"}")
    }

    fn pair(&mut self, key: &Bound<'py, PyAny>, value: &Bound<'py, PyAny>) -> Written {
        let field = match key.cast::<PyString>() {
            Ok(text) => {
                self.string(text).map_err(|e| e.at(format!("[{}]", shown(key))))?;
                text.to_str()?
            }
            Err(_) => {
                self.other_key(key)?;
                ""
            }
        };
        self.out.push(b':');
        self.value(value, field).map_err(|e| {
            e.at(match field {
                "" => format!("[{}]", shown(key)),
                name => format!(".{name}"),
            })
        })
    }

    /// As `json.dumps`: token maps have integers for keys.
    fn other_key(&mut self, key: &Bound<'py, PyAny>) -> Written {
        self.out.push(b'"');
        match key {
            _ if key.is_none() => self.raw(b"null")?,
            _ if key.is_instance_of::<PyBool>() || key.is_instance_of::<PyInt>() => self.value(key, "")?,
            _ => return Err(type_error(format!("the key {} is no string", shown(key)))),
        }
        self.raw(b"\"")
    }

    fn sequence(&mut self, items: impl Iterator<Item = Bound<'py, PyAny>>, field: &str) -> Written {
        self.out.push(b'[');
        let start = self.out.len();
        for (index, item) in items.enumerate() {
            let end = self.out.len();
            if end > start {
                self.out.push(b',');
            }
            match self.value(&item, field) {
                Ok(()) => {}
                Err(NotJson { error: None, .. }) => self.out.truncate(end),
                Err(failed) => return Err(failed.at(format!("[{index}]"))),
            }
        }
        self.raw(b"]")
    }

    /// Everything that is not one of JSON's own types to the letter.
    #[cold]
    fn other(&mut self, value: &Bound<'py, PyAny>, field: &str) -> Written {
        let py = self.py;
        if let Ok(lazy) = value.cast::<Lazy>() {
            return self.value(&lazy.get().value(py), field);
        }
        if left_out(value).is_some() {
            return Err(NotJson::LEFT_OUT);
        }
        if let Some(inner) = enum_value(value)? {
            return self.value(&inner, field);
        }
        if let Ok(text) = value.cast::<PyString>() {
            return self.string(text);
        }
        if let Ok(dict) = value.cast::<PyDict>() {
            return self.within(value, |me| me.dict(dict));
        }
        if let Ok(list) = value.cast::<PyList>() {
            return self.within(value, |me| me.sequence(list.iter(), field));
        }
        if let Ok(tuple) = value.cast::<PyTuple>() {
            return self.within(value, |me| me.sequence(tuple.iter(), field));
        }
        if let Ok(int) = value.cast::<PyInt>() {
            return self.int(int);
        }
        if let Ok(float) = value.cast::<PyFloat>() {
            return self.float(float.value());
        }
        if value.cast::<PyType>().is_ok() {
            return Err(type_error(format!("{} is a class, not a value: parse() and stream() take one", shown(value))));
        }
        if let Some(data) = bytes_of(value)? {
            return self.bytes(value, data.as_bytes(), None, field);
        }
        if value.hasattr(intern!(py, "__fspath__"))? {
            return self.file(value, field);
        }
        // A PIL image, or what else can show itself as one.
        if value.hasattr(intern!(py, "_repr_png_"))? {
            let png = value.call_method0(intern!(py, "_repr_png_"))?;
            if let Some(data) = bytes_of(&png)? {
                return self.bytes(value, data.as_bytes(), None, field);
            }
        }
        if value.hasattr(intern!(py, "__dataclass_fields__"))? {
            return self.within(value, |me| me.dataclass(value));
        }
        // pydantic, without importing it.
        if value.hasattr(intern!(py, "model_dump"))? {
            let dump = |only_set: bool| {
                let options = PyDict::new(py);
                options.set_item("mode", "json")?;
                options.set_item("by_alias", true)?;
                options.set_item("exclude_unset", only_set)?;
                value.call_method(intern!(py, "model_dump"), (), Some(&options))
            };
            let dumped = dump(false)?;
            drop_unset(&dumped, &dump(true)?)?;
            return self.within(value, |me| me.value(&dumped, field));
        }
        if let Some(data) = picture(value)? {
            return self.bytes(value, &data, None, field);
        }
        // numpy's scalars and arrays, pandas' columns, tensors: they know what they are in Python.
        if value.hasattr(intern!(py, "dtype"))? && value.hasattr(intern!(py, "tolist"))? {
            let own = value.call_method0(intern!(py, "tolist"))?;
            return self.within(value, |me| me.value(&own, field));
        }
        if value.hasattr(intern!(py, "__index__"))? {
            return self.value(&value.call_method0(intern!(py, "__index__"))?, field);
        }
        if value.hasattr(intern!(py, "__float__"))? && !value.hasattr(intern!(py, "__len__"))? {
            return self.float(value.extract::<f64>()?);
        }
        if value.hasattr(intern!(py, "isoformat"))? {
            return self.value(&value.call_method0(intern!(py, "isoformat"))?, field);
        }
        if value.hasattr(intern!(py, "keys"))? && value.hasattr(intern!(py, "__getitem__"))? {
            let dict = PyDict::new(py);
            dict.call_method1(intern!(py, "update"), (value,))?;
            return self.within(value, |me| me.dict(&dict));
        }
        let unordered = value.hasattr(intern!(py, "isdisjoint"))? && !value.hasattr(intern!(py, "mapping"))?;
        if !unordered && value.hasattr(intern!(py, "__iter__"))? {
            let items: Vec<_> = value.try_iter()?.collect::<PyResult<_>>()?;
            return self.within(value, |me| me.sequence(items.into_iter(), field));
        }
        let hint = if unordered { ": a set has no order, make it a list" } else { "" };
        Err(type_error(format!("{} ({}) cannot be written in JSON{hint}", shown(value), type_name(value))))
    }

    fn dataclass(&mut self, value: &Bound<'py, PyAny>) -> Written {
        let fields = value.getattr(intern!(self.py, "__dataclass_fields__"))?;
        let fields = fields.cast::<PyDict>().map_err(PyErr::from)?.keys();
        self.pairs(fields.iter().map(|name| Ok((name.clone(), value.getattr(name.cast::<PyString>()?)?))))
    }

    fn form(&self, value: &Bound<'py, PyAny>, field: &str) -> Result<Binary, NotJson> {
        let found = self.binary.iter().find(|(name, _)| *name == field);
        found.map(|(_, form)| *form).ok_or_else(|| {
            let welcome: Vec<_> = self.binary.iter().map(|(name, _)| *name).collect();
            let place = if welcome.is_empty() { "no field".into() } else { format!("only {}", welcome.join(", ")) };
            type_error(format!(
                "{} is binary data, which {place} of this endpoint takes: give text, or base64 of your own",
                type_name(value)
            ))
        })
    }

    fn bytes(&mut self, value: &Bound<'py, PyAny>, data: &[u8], name: Option<&str>, field: &str) -> Written {
        let form = self.form(value, field)?;
        self.out.reserve(data.len() / 3 * 4 + 64);
        self.out.push(b'"');
        self.data += data.len().div_ceil(3) * 4;
        body::write(&mut self.out, data, form, name);
        if let Binary::Source | Binary::InlineData = form {
            self.media_type = Some(body::media_type(data, name));
            self.media_name = if form == Binary::Source { "media_type" } else { "mime_type" };
        }
        self.raw(b"\"")
    }

    fn file(&mut self, value: &Bound<'py, PyAny>, field: &str) -> Written {
        self.form(value, field)?;
        let path: std::path::PathBuf = value.extract()?;
        let data = self.py.detach(|| std::fs::read(&path)).map_err(|e| {
            // (errno, text, file) makes it a FileNotFoundError, a PermissionError, …
            PyOSError::new_err((e.raw_os_error(), e.to_string(), path.display().to_string()))
        })?;
        self.bytes(value, &data, path.to_str(), field)
    }
}

/// Bytes of any kind that Python has; a copy, since `memoryview` may be strided.
pub fn bytes_of<'py>(value: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyBytes>>> {
    if let Ok(bytes) = value.cast::<PyBytes>() {
        return Ok(Some(bytes.clone()));
    }
    if value.is_instance_of::<PyByteArray>() || value.is_instance_of::<PyMemoryView>() {
        let bytes = value.py().get_type::<PyBytes>().call1((value,))?;
        return Ok(Some(bytes.cast_into()?));
    }
    Ok(None)
}

/// A picture of PIL's as a file: in the format that it was read from, if the API knows that, else as PNG.
pub fn picture(value: &Bound<'_, PyAny>) -> PyResult<Option<Bytes>> {
    let py = value.py();
    let modules = py.import(intern!(py, "sys"))?.getattr(intern!(py, "modules"))?;
    let Some(images) = modules.cast::<PyDict>()?.get_item(intern!(py, "PIL.Image"))? else { return Ok(None) };
    if !value.is_instance(&images.getattr(intern!(py, "Image"))?)? {
        return Ok(None);
    }
    let format = value.getattr(intern!(py, "format"))?.extract::<Option<String>>()?;
    let format = format.filter(|format| matches!(format.as_str(), "PNG" | "JPEG" | "WEBP")).unwrap_or("PNG".into());
    let file = py.import(intern!(py, "io"))?.call_method0(intern!(py, "BytesIO"))?;
    // The default of 75 would show; PNG has no such option and passes over it.
    let options = PyDict::new(py);
    options.set_item(intern!(py, "quality"), 95)?;
    value.call_method(intern!(py, "save"), (&file, format), Some(&options))?;
    let data = file.call_method0(intern!(py, "getvalue"))?;
    Ok(Some(Bytes::copy_from_slice(data.cast::<PyBytes>()?.as_bytes())))
}

pub fn enum_value<'py>(value: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {
    static ENUM: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let py = value.py();
    // No Enum exists where nobody imported enum.
    let modules = py.import(intern!(py, "sys"))?.getattr(intern!(py, "modules"))?;
    if !modules.contains(intern!(py, "enum"))? {
        return Ok(None);
    }
    match value.is_instance(ENUM.import(py, "enum", "Enum")?)? {
        true => value.getattr(intern!(py, "value")).map(Some),
        false => Ok(None),
    }
}

/// Takes the nulls that nobody set out of a model's dump: "optional" means not sent. Defaults that say something stay,
/// like `type: Literal["message"] = "message"`.
fn drop_unset(all: &Bound<'_, PyAny>, set: &Bound<'_, PyAny>) -> PyResult<()> {
    if let (Ok(all), Ok(set)) = (all.cast::<PyDict>(), set.cast::<PyDict>()) {
        for pair in pairs(&all.copy()?) {
            let (key, value) = pair?;
            match set.get_item(&key)? {
                Some(set) => drop_unset(&value, &set)?,
                None if value.is_none() => all.del_item(key)?,
                None => {}
            }
        }
    } else if let (Ok(all), Ok(set)) = (all.cast::<PyList>(), set.cast::<PyList>()) {
        for (all, set) in all.iter().zip(set.iter()) {
            drop_unset(&all, &set)?;
        }
    }
    Ok(())
}

/// A value in a message: never longer than a line.
pub fn shown(value: &Bound<'_, PyAny>) -> String {
    let text = value.repr().map(|r| r.to_string_lossy().into_owned()).unwrap_or_else(|_| "?".into());
    match text.char_indices().nth(80) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

pub fn type_name(value: &Bound<'_, PyAny>) -> String {
    value.get_type().name().map_or_else(|_| "?".into(), |name| name.to_string())
}

/// JSON as the wire has it; `indent`, 255 at most, makes it readable.
#[pyfunction]
#[pyo3(signature = (value, indent=None))]
pub fn dumps(value: &Bound<'_, PyAny>, indent: Option<u8>) -> PyResult<String> {
    let py = value.py();
    let mut encoder = Encoder::new(py, &[]);
    encoder.value(value, "").map_err(|failure| failure.into_error(py))?;
    let compact = String::from_utf8(encoder.out).map_err(|e| PyValueError::new_err(e.to_string()))?;
    let Some(indent) = indent else { return Ok(compact) };
    Ok(pretty(&compact, indent.into()))
}

/// Re-indents compact JSON: a parse and a print would round large numbers.
fn pretty(compact: &str, indent: usize) -> String {
    let mut out = String::with_capacity(compact.len() * 2);
    let (mut depth, mut text, mut escaped) = (0usize, false, false);
    let line = |out: &mut String, depth: usize| {
        out.push('\n');
        out.extend(std::iter::repeat_n(' ', depth * indent));
    };
    let mut chars = compact.chars().peekable();
    while let Some(c) = chars.next() {
        if text {
            out.push(c);
            (text, escaped) = (escaped || c != '"', !escaped && c == '\\');
            continue;
        }
        match c {
            '{' | '[' => {
                out.push(c);
                if matches!(chars.peek(), Some('}' | ']')) {
                    out.extend(chars.next());
                } else {
                    depth += 1;
                    line(&mut out, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                line(&mut out, depth);
                out.push(c);
            }
            ',' => {
                out.push(c);
                line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            _ => {
                text = c == '"';
                out.push(c);
            }
        }
    }
    out
}
