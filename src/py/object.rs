//! `Object`: a JSON object with attributes. It holds the reply's dict as parsed; a value becomes what its class
//! declares when it is first touched, and is kept.
use std::cell::Cell;
use std::sync::{Arc, Mutex};

use pyo3::exceptions::{PyAttributeError, PyKeyError, PyRecursionError, PyTypeError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyDict, PyFloat, PyIterator, PyList, PySet, PySlice, PyString, PyTuple, PyType};
use pyo3::{PyTraverseError, PyVisit};

use super::headers::Headers;
use super::schema::{self, Spec, UNKNOWN};
use super::settings::Settings;
use super::walk::pairs;
use super::{decode, encode, lock};
use crate::core::embeddings::Rows;
use crate::core::reply::Head;
use crate::core::secret::Secrets;
use crate::core::stream::Snapshot;

/// A JSON object: fields are attributes and keys alike.
///
/// `obj.field`, `obj["field"]`, `"field" in obj`, `obj.get("field")`, `==`, `match`, copy and pickle work. A declared
/// field that the server left out reads as None; a field that no class declares is there all the same.
#[pyclass(frozen, subclass, mapping, weakref, module = "wenwen._core")]
pub struct Object {
    /// Locked for a moment only, while no Python can run: a method may call any other of the same object.
    data: Mutex<Py<PyDict>>,
}

/// A reply of the gateway: an Object that knows the HTTP reply it came with.
#[pyclass(frozen, extends = Object, subclass, module = "wenwen._core")]
pub struct Reply {
    origin: Mutex<Origin>,
}

/// What a reply came with, and of which client, for the calls that the reply itself can make.
#[derive(Default)]
struct Origin {
    head: Option<Arc<Head>>,
    settings: Option<Py<Settings>>,
}

/// A value that is made when it is first touched.
#[pyclass(frozen, module = "wenwen._core")]
pub struct Lazy(pub Later);

pub enum Later {
    /// What of a stream has arrived so far.
    Grown(Snapshot),
    /// A vector, by the number of its row.
    Row(Arc<Rows>, usize),
}

impl Lazy {
    /// Of a stream a str, or what the JSON holds as dicts and lists; of JSON that is wrong, its text. Of a vector a
    /// list of floats.
    pub fn value<'py>(&self, py: Python<'py>) -> Bound<'py, PyAny> {
        let parsed = |json: &[u8]| decode::parse(py, json).ok();
        match &self.0 {
            Later::Grown(snapshot) => snapshot
                .json()
                .and_then(|json| parsed(json.as_bytes()))
                .unwrap_or_else(|| PyString::new(py, &snapshot.text()).into_any()),
            Later::Row(rows, row) => match rows.floats(*row) {
                Some(floats) => PyList::new(py, floats.iter().copied().map(f64::from)).map(Bound::into_any).ok(),
                None => rows.json(*row).and_then(parsed),
            }
            .unwrap_or_else(|| py.None().into_bound(py)),
        }
    }

    /// The floats that it stands for.
    fn floats(&self) -> Option<&[f32]> {
        match &self.0 {
            Later::Row(rows, row) => rows.floats(*row),
            Later::Grown(_) => None,
        }
    }
}

#[pymethods]
impl Lazy {
    fn __eq__(&self, other: &Bound<'_, PyAny>) -> PyResult<bool> {
        let own = self.value(other.py());
        match other.cast::<Self>() {
            Ok(other) => own.eq(other.get().value(own.py())),
            Err(_) => own.eq(other),
        }
    }

    /// A vector in a pickle: its floats as bytes, the lowest first.
    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, (Bound<'py, PyBytes>,))> {
        let floats = self.floats().ok_or_else(|| PyTypeError::new_err("only a vector is pickled as it is"))?;
        let bytes: Vec<u8> = floats.iter().flat_map(|float| float.to_le_bytes()).collect();
        Ok((ours(py, "_vector")?, (PyBytes::new(py, &bytes),)))
    }
}

/// What a pickle calls: a function of this module. A method would be named by `getattr`, which nobody who restricts what
/// a pickle may name can allow.
pub fn ours<'py>(py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyAny>> {
    py.import(intern!(py, "wenwen._core"))?.getattr(name)
}

/// Unpickles a vector.
#[pyfunction]
#[pyo3(name = "_vector")]
pub fn vector(bytes: &[u8]) -> Lazy {
    let mut rows = Rows::default();
    rows.push(bytes.as_chunks::<4>().0.iter().map(|float| f32::from_le_bytes(*float)));
    Lazy(Later::Row(Arc::new(rows), 0))
}

/// An object of `class` over `dict`, which it owns from now on.
pub fn wrap<'py>(dict: Bound<'py, PyDict>, class: Option<&Bound<'py, PyType>>) -> PyResult<Bound<'py, PyAny>> {
    let py = dict.py();
    let Some(class) = class else { return Ok(Bound::new(py, Object::over(dict))?.into_any()) };
    let object = class.call0()?;
    let before = std::mem::replace(&mut *lock(&object.cast::<Object>()?.get().data), dict.unbind());
    drop(before); // what a subclass has put there, perhaps
    Ok(object)
}

/// Tells a reply, or those in a list, which HTTP reply it came with, and whose it is.
pub fn set_head(object: &Bound<'_, PyAny>, head: &Arc<Head>, settings: Option<&Py<Settings>>) {
    if let Ok(list) = object.cast_exact::<PyList>() {
        list.iter().for_each(|item| set_head(&item, head, settings));
    }
    if let Ok(reply) = object.cast::<Reply>() {
        let settings = settings.map(|settings| settings.clone_ref(object.py()));
        let origin = Origin { head: Some(head.clone()), settings };
        let before = std::mem::replace(&mut *lock(&reply.get().origin), origin);
        drop(before);
    }
}

impl Object {
    fn over(dict: Bound<'_, PyDict>) -> Self {
        Self { data: Mutex::new(dict.unbind()) }
    }

    pub fn data<'py>(&self, py: Python<'py>) -> Bound<'py, PyDict> {
        lock(&self.data).bind(py).clone()
    }

    /// The value of a key, as the class declares it.
    fn item<'py>(slf: &Bound<'py, Self>, name: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let spec = schema::spec_of(&schema::fields(&slf.get_type())?, name)?;
        Self::field(slf, name, spec.as_ref().map_or(&UNKNOWN, |spec| spec.get()))
    }

    fn field<'py>(
        slf: &Bound<'py, Self>,
        name: &Bound<'py, PyAny>,
        spec: &Spec,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let data = slf.get().data(slf.py());
        let Some(value) = data.get_item(name)? else { return Ok(None) };
        match spec.convert(&value)? {
            Some(converted) => {
                data.set_item(name, &converted)?;
                Ok(Some(converted))
            }
            None => Ok(Some(value)),
        }
    }
}

#[pymethods]
impl Object {
    #[new]
    #[pyo3(signature = (data=None, /, **fields))]
    pub fn new<'py>(
        py: Python<'py>,
        data: Option<&Bound<'py, PyAny>>,
        fields: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Self> {
        let own = PyDict::new(py);
        for given in [data, fields.map(|f| f.as_any())].into_iter().flatten() {
            own.call_method1(intern!(py, "update"), (plain(given)?,))?;
        }
        Ok(Self::over(own))
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        // Never locked here, as the collector is Python too.
        self.data.try_lock().map_or(Ok(()), |data| visit.call(&*data))
    }

    fn __getattribute__<'py>(slf: &Bound<'py, Self>, name: &Bound<'py, PyString>) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        // Declared fields first: finding out that `object` has none of the name costs 1 µs, five times the rest.
        if !name.to_str()?.starts_with('_')
            && let Some(spec) = schema::spec_of(&schema::fields(&slf.get_type())?, name)?
        {
            return Ok(Self::field(slf, name, spec.get())?.unwrap_or_else(|| py.None().into_bound(py)));
        }
        // `vars(reply)`, and what else writes objects down by their attributes: these are its fields.
        if name.to_str()? == "__dict__" {
            return Ok(touch_all(slf)?.into_any());
        }
        // SAFETY: both pointers are of live objects, and the result is checked.
        unsafe { Bound::from_owned_ptr_or_err(py, pyo3::ffi::PyObject_GenericGetAttr(slf.as_ptr(), name.as_ptr())) }
    }

    /// What `__getattribute__` did not find: a field that the class does not declare.
    fn __getattr__<'py>(slf: &Bound<'py, Self>, name: &Bound<'py, PyString>) -> PyResult<Bound<'py, PyAny>> {
        if let Some(value) = Self::item(slf, name)? {
            return Ok(value);
        }
        let error = PyAttributeError::new_err(format!("'{}' has no field '{name}'", slf.get_type().name()?));
        // For Python's own "Did you mean".
        error.value(slf.py()).setattr(intern!(slf.py(), "name"), name)?;
        error.value(slf.py()).setattr(intern!(slf.py(), "obj"), slf)?;
        Err(error)
    }

    fn __setattr__(slf: &Bound<'_, Self>, name: &Bound<'_, PyString>, value: &Bound<'_, PyAny>) -> PyResult<()> {
        let py = slf.py();
        if name.to_str()?.starts_with('_') {
            // No field: kept by the object itself. `object.__setattr__` would refuse, as it is not the nearest base's.
            // SAFETY: the pointers are of live objects, and the result is checked.
            let done = unsafe { pyo3::ffi::PyObject_GenericSetAttr(slf.as_ptr(), name.as_ptr(), value.as_ptr()) };
            return if done == 0 { Ok(()) } else { Err(PyErr::fetch(py)) };
        }
        slf.get().data(py).set_item(name, value)
    }

    fn __delattr__(slf: &Bound<'_, Self>, name: &Bound<'_, PyString>) -> PyResult<()> {
        let data = slf.get().data(slf.py());
        match data.contains(name)? {
            true => data.del_item(name),
            false => Err(PyAttributeError::new_err(format!("no field '{name}'"))),
        }
    }

    fn __getitem__<'py>(slf: &Bound<'py, Self>, name: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        Self::item(slf, name)?.ok_or_else(|| PyKeyError::new_err(name.clone().unbind()))
    }

    fn __setitem__(&self, py: Python<'_>, name: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>) -> PyResult<()> {
        self.data(py).set_item(name, value)
    }

    fn __delitem__(&self, py: Python<'_>, name: &Bound<'_, PyAny>) -> PyResult<()> {
        self.data(py).del_item(name)
    }

    fn __contains__(&self, py: Python<'_>, name: &Bound<'_, PyAny>) -> PyResult<bool> {
        self.data(py).contains(name)
    }

    fn __len__(&self, py: Python<'_>) -> usize {
        self.data(py).len()
    }

    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyIterator>> {
        self.data(py).try_iter()
    }

    /// The value of a field, or `default` where the reply has none.
    #[pyo3(signature = (name, default=None, /))]
    fn get<'py>(
        slf: &Bound<'py, Self>,
        name: &Bound<'py, PyAny>,
        default: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        Ok(Self::item(slf, name)?.or(default))
    }

    /// The texts of the messages in `output`, joined. Over what is there, dicts mostly, which may be anything: to make
    /// objects of them all would take five times as long, and a loop in Python was 4 % of a call.
    fn _output_text<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        fn fields<'py>(value: &Bound<'py, PyAny>) -> Option<Bound<'py, PyDict>> {
            let object = || Some(value.cast::<Object>().ok()?.get().data(value.py()));
            value.cast::<PyDict>().ok().cloned().or_else(object)
        }
        fn is(fields: &Bound<'_, PyDict>, kind: &str) -> PyResult<bool> {
            let found = fields.get_item(intern!(fields.py(), "type"))?;
            Ok(found.is_some_and(|found| found.cast::<PyString>().is_ok_and(|text| text == kind)))
        }
        let mut texts = Vec::new();
        let output = self.data(py).get_item(intern!(py, "output"))?;
        for item in output.iter().filter_map(|output| output.cast::<PyList>().ok()).flatten() {
            let Some(item) = fields(&item) else { continue };
            if !is(&item, "message")? {
                continue;
            }
            let Some(content) = item.get_item(intern!(py, "content"))? else { continue };
            // Not by the specification, but some upstreams do it.
            if content.is_instance_of::<PyString>() {
                texts.push(content);
                continue;
            }
            for part in content.cast::<PyList>().into_iter().flatten() {
                let Some(part) = fields(&part) else { continue };
                if is(&part, "output_text")? {
                    let text = part.get_item(intern!(py, "text"))?;
                    texts.extend(text.filter(|text| text.is_instance_of::<PyString>()));
                }
            }
        }
        decode::joined(py, texts)
    }

    /// What Tab offers after `reply["` in a notebook.
    fn _ipython_key_completions_<'py>(&self, py: Python<'py>) -> Bound<'py, PyList> {
        self.data(py).keys()
    }

    fn keys<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.data(py).call_method0(intern!(py, "keys"))
    }

    fn values<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        touch_all(slf)?.call_method0(intern!(slf.py(), "values"))
    }

    fn items<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        touch_all(slf)?.call_method0(intern!(slf.py(), "items"))
    }

    fn __eq__(slf: &Bound<'_, Self>, other: &Bound<'_, PyAny>) -> PyResult<bool> {
        let data = slf.get().data(slf.py());
        match other.cast::<Self>() {
            Ok(other) => data.eq(other.get().data(slf.py())),
            Err(_) => match other.cast::<PyDict>() {
                Ok(other) => data.eq(other),
                Err(_) => Ok(false),
            },
        }
    }

    #[classattr]
    #[pyo3(name = "__hash__")]
    const HASH: Option<Py<PyAny>> = None;

    fn __repr__(slf: &Bound<'_, Self>) -> PyResult<String> {
        // A server may say the key back.
        let settings = slf.cast::<Reply>().ok().and_then(|reply| reply.get()._settings(slf.py()));
        let key = settings.and_then(|settings| settings.get().config.key.clone());
        Brief { secrets: key.map(Secrets::from).unwrap_or_default(), left: Cell::new(VALUES) }.object(slf, 0)
    }

    fn __dir__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyList>> {
        let py = slf.py();
        let class = slf.get_type();
        let names: Bound<'_, PyList> = class.get_type().call_method1(intern!(py, "__dir__"), (&class,))?.cast_into()?;
        for more in [schema::fields(&slf.get_type())?, slf.get().data(py)] {
            for name in more.keys() {
                let is_name =
                    name.call_method0(intern!(py, "isidentifier")).is_ok_and(|t| t.is_truthy().unwrap_or(false));
                if is_name && !names.contains(&name)? {
                    names.append(name)?;
                }
            }
        }
        Ok(names)
    }

    /// The reply as plain dicts and lists, every field as it came: a copy.
    ///
    /// exclude_none leaves out fields that are null; so does exclude_defaults, for null is what a field is by default.
    /// The other options are those of pydantic models; they change nothing here, where every field is as the server sent
    /// it.
    #[pyo3(signature = (**options), text_signature = "($self, *, exclude_none=False, exclude_defaults=False, mode=None, \
                        by_alias=None, use_api_names=None, exclude_unset=None, warnings=None)")]
    fn to_dict<'py>(slf: &Bound<'py, Self>, options: Option<&Bound<'py, PyDict>>) -> PyResult<Bound<'py, PyAny>> {
        dump(slf, options, None).map(|(tree, _)| tree)
    }

    /// The reply as JSON text, `indent` spaces a level (2); None for one line. Other options as of `to_dict`.
    #[pyo3(signature = (**options), text_signature = "($self, *, indent=2, exclude_none=False, exclude_defaults=False, \
                        mode=None, by_alias=None, use_api_names=None, exclude_unset=None, warnings=None)")]
    fn to_json<'py>(slf: &Bound<'py, Self>, options: Option<&Bound<'py, PyDict>>) -> PyResult<String> {
        let (tree, indent) = dump(slf, options, Some(2))?;
        encode::dumps(&tree, indent)
    }

    /// The same as `to_dict`, under pydantic's name. include and exclude: the names of fields, or a dict of them for
    /// what is within: `{"usage": True, "output": {0: {"content"}}}`, where "__all__" is every item.
    #[pyo3(signature = (**options), text_signature = "($self, *, include=None, exclude=None, exclude_none=False, \
                        exclude_defaults=False, mode=None, by_alias=None, exclude_unset=None, round_trip=None, \
                        warnings=None)")]
    fn model_dump<'py>(slf: &Bound<'py, Self>, options: Option<&Bound<'py, PyDict>>) -> PyResult<Bound<'py, PyAny>> {
        dump(slf, options, None).map(|(tree, _)| tree)
    }

    /// pydantic's older name for `model_dump`.
    #[pyo3(signature = (**options), text_signature = "($self, *, include=None, exclude=None, exclude_none=False, \
                        exclude_defaults=False, by_alias=None, exclude_unset=None)")]
    fn dict<'py>(slf: &Bound<'py, Self>, options: Option<&Bound<'py, PyDict>>) -> PyResult<Bound<'py, PyAny>> {
        dump(slf, options, None).map(|(tree, _)| tree)
    }

    /// The same as `to_json`, under pydantic's name; one line unless `indent` is given. Other options as of
    /// `model_dump`.
    #[pyo3(signature = (**options), text_signature = "($self, *, indent=None, include=None, exclude=None, \
                        exclude_none=False, exclude_defaults=False, by_alias=None, exclude_unset=None, \
                        round_trip=None, warnings=None)")]
    fn model_dump_json<'py>(slf: &Bound<'py, Self>, options: Option<&Bound<'py, PyDict>>) -> PyResult<String> {
        let (tree, indent) = dump(slf, options, None)?;
        encode::dumps(&tree, indent)
    }

    /// pydantic's older name for `model_dump_json`.
    #[pyo3(signature = (**options), text_signature = "($self, *, indent=None, include=None, exclude=None, \
                        exclude_none=False, exclude_defaults=False, by_alias=None, exclude_unset=None)")]
    fn json<'py>(slf: &Bound<'py, Self>, options: Option<&Bound<'py, PyDict>>) -> PyResult<String> {
        Self::model_dump_json(slf, options)
    }

    /// An object of this class from a dict, which is copied; nothing is checked. The options are pydantic's, and change
    /// nothing.
    #[classmethod]
    #[pyo3(signature = (data, **_options), text_signature = "($cls, data, **options)")]
    fn model_validate<'py>(
        class: &Bound<'py, PyType>,
        data: &Bound<'py, PyAny>,
        _options: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        class.call1((data,))
    }

    /// An object of this class from JSON text.
    #[classmethod]
    fn model_validate_json<'py>(class: &Bound<'py, PyType>, data: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let text = match data.cast::<PyString>() {
            Ok(text) => text.to_str()?.as_bytes().to_vec(),
            Err(_) => data.extract::<Vec<u8>>()?,
        };
        let value = decode::parse(class.py(), &text)
            .map_err(|why| pyo3::exceptions::PyValueError::new_err(format!("not valid JSON: {why}")))?;
        match value.cast_into::<PyDict>() {
            Ok(dict) => wrap(dict, Some(class)),
            Err(_) => Err(PyTypeError::new_err("the JSON text holds no object")),
        }
    }

    /// An object of this class from its fields; nothing is checked. pydantic's `_fields_set` changes nothing: what is
    /// there was set.
    #[classmethod]
    #[pyo3(signature = (_fields_set=None, **fields))]
    fn model_construct<'py>(
        class: &Bound<'py, PyType>,
        _fields_set: Option<&Bound<'py, PyAny>>,
        fields: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        class.call((), fields)
    }

    /// pydantic's older name for `model_construct`.
    #[classmethod]
    #[pyo3(signature = (_fields_set=None, **fields))]
    fn construct<'py>(
        class: &Bound<'py, PyType>,
        _fields_set: Option<&Bound<'py, PyAny>>,
        fields: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        class.call((), fields)
    }

    /// pydantic's older name for `model_copy`.
    #[pyo3(signature = (*, update=None, deep=false))]
    fn copy<'py>(
        slf: &Bound<'py, Self>,
        update: Option<&Bound<'py, PyAny>>,
        deep: bool,
    ) -> PyResult<Bound<'py, PyAny>> {
        Self::model_copy(slf, update, deep)
    }

    /// A copy with some fields changed; `deep` copies what is within it too.
    #[pyo3(signature = (*, update=None, deep=false))]
    fn model_copy<'py>(
        slf: &Bound<'py, Self>,
        update: Option<&Bound<'py, PyAny>>,
        deep: bool,
    ) -> PyResult<Bound<'py, PyAny>> {
        let copy = if deep { Self::__deepcopy__(slf, slf.as_any())? } else { Self::__copy__(slf)? };
        if let Some(update) = update {
            let data = copy.cast::<Self>()?.get().data(slf.py());
            data.call_method1(intern!(slf.py(), "update"), (update,))?;
        }
        Ok(copy)
    }

    /// The fields that the class does not declare.
    #[getter]
    fn model_extra<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyDict>> {
        let (extra, declared) = (touch_all(slf)?.copy()?, schema::fields(&slf.get_type())?);
        for name in declared.keys() {
            if extra.contains(&name)? {
                extra.del_item(name)?;
            }
        }
        Ok(extra)
    }

    /// The names of the fields that are there.
    #[getter]
    fn model_fields_set<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PySet>> {
        PySet::new(py, self.data(py).keys())
    }

    /// For pydantic, as are the two below.
    #[classmethod]
    fn __get_pydantic_core_schema__<'py>(
        class: &Bound<'py, PyType>,
        _source: &Bound<'py, PyAny>,
        _handler: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        for_pydantic(class.py())?.call_method1(intern!(class.py(), "schema"), (class,))
    }

    #[classmethod]
    fn __get_pydantic_json_schema__<'py>(
        class: &Bound<'py, PyType>,
        _schema: &Bound<'py, PyAny>,
        _handler: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        for_pydantic(class.py())?.call_method1(intern!(class.py(), "json_schema"), (class,))
    }

    #[getter]
    fn __pydantic_serializer__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        let loaded = py.import(intern!(py, "sys"))?.getattr(intern!(py, "modules"))?;
        if !loaded.contains(intern!(py, "pydantic_core"))? {
            return Err(PyAttributeError::new_err("pydantic is not loaded"));
        }
        for_pydantic(py)?.call_method0(intern!(py, "serializer"))
    }

    fn __copy__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let data = slf.get().data(slf.py()).copy()?;
        let copy = wrap(data, Some(&slf.get_type()))?;
        keep_head(slf, &copy);
        Ok(copy)
    }

    fn __deepcopy__<'py>(slf: &Bound<'py, Self>, _memo: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let data = copied(slf.as_any())?.cast_into()?;
        let copy = wrap(data, Some(&slf.get_type()))?;
        keep_head(slf, &copy);
        Ok(copy)
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let py = slf.py();
        let head = slf.cast::<Reply>().ok().and_then(|reply| reply.get().head());
        let head = head.map(|head| pickle_head(py, &head)).transpose()?;
        let arguments = (slf.get_type(), copied(slf.as_any())?, head);
        Ok((ours(py, "_rebuild")?, arguments.into_pyobject(py)?))
    }
}

#[pymethods]
impl Reply {
    #[new]
    #[pyo3(signature = (data=None, /, **fields))]
    pub fn new<'py>(
        py: Python<'py>,
        data: Option<&Bound<'py, PyAny>>,
        fields: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<PyClassInitializer<Self>> {
        Ok(PyClassInitializer::from(Object::new(py, data, fields)?).add_subclass(Self { origin: Mutex::default() }))
    }

    /// The gateway's id of the request, for its support; None if it gave none.
    #[getter]
    fn request_id(&self) -> Option<String> {
        self.head().and_then(|head| head.request_id.clone())
    }

    /// openai's name for `request_id`.
    #[getter]
    fn _request_id(&self) -> Option<String> {
        self.request_id()
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.origin.try_lock().map_or(Ok(()), |origin| origin.settings.as_ref().map_or(Ok(()), |own| visit.call(own)))
    }

    /// The settings of the client that it came from; None for one that was unpickled or made by hand.
    #[getter]
    fn _settings(&self, py: Python<'_>) -> Option<Py<Settings>> {
        lock(&self.origin).settings.as_ref().map(|settings| settings.clone_ref(py))
    }

    /// The headers of the HTTP reply; empty for an object that came with none.
    #[getter]
    fn headers(&self) -> Headers {
        Headers(self.head().map(|head| head.headers.clone()).unwrap_or_default())
    }
}

impl Reply {
    fn head(&self) -> Option<Arc<Head>> {
        lock(&self.origin).head.clone()
    }
}

fn keep_head(from: &Bound<'_, Object>, to: &Bound<'_, PyAny>) {
    if let Ok(reply) = from.cast::<Reply>()
        && let Some(head) = reply.get().head()
    {
        set_head(to, &head, reply.get()._settings(from.py()).as_ref());
    }
}

/// A head in a pickle: status, headers, request id, attempts, seconds.
pub type PickledHead<'py> = (u16, PyRef<'py, Headers>, Option<String>, u32, f64);

pub fn pickle_head<'py>(py: Python<'py>, head: &Head) -> PyResult<Bound<'py, PyTuple>> {
    let headers = Bound::new(py, Headers(head.headers.clone()))?;
    (head.status, headers, &head.request_id, head.attempts, head.elapsed.as_secs_f64()).into_pyobject(py)
}

pub fn unpickle_head((status, headers, request_id, attempts, elapsed): PickledHead<'_>) -> Head {
    let elapsed = std::time::Duration::try_from_secs_f64(elapsed).unwrap_or_default();
    Head { status, headers: headers.0.clone(), request_id, attempts, elapsed, secrets: Secrets::default() }
}

/// Unpickles an Object.
#[pyfunction]
#[pyo3(name = "_rebuild")]
pub fn rebuild<'py>(
    class: &Bound<'py, PyType>,
    data: Bound<'py, PyDict>,
    head: Option<PickledHead<'py>>,
) -> PyResult<Bound<'py, PyAny>> {
    let object = wrap(data, Some(class))?;
    if let Some(head) = head {
        set_head(&object, &Arc::new(unpickle_head(head)), None);
    }
    Ok(object)
}

fn for_pydantic(py: Python<'_>) -> PyResult<Bound<'_, PyModule>> {
    py.import(intern!(py, "wenwen.types._pydantic"))
}

fn touch_all<'py>(slf: &Bound<'py, Object>) -> PyResult<Bound<'py, PyDict>> {
    let data = slf.get().data(slf.py());
    for name in data.keys() {
        Object::item(slf, &name)?;
    }
    Ok(data)
}

/// Dicts and lists all the way down, copied; scalars as they are.
pub fn plain<'py>(value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    plain_within(value, 0, false)
}

/// The same, in which vectors stay what they are: as bytes they are quickly pickled.
fn copied<'py>(value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    plain_within(value, 0, true)
}

/// Levels that are copied. A reply has 200 at most; an object that was put into itself has no end.
const DEPTH: usize = 1000;

fn plain_within<'py>(value: &Bound<'py, PyAny>, depth: usize, vectors: bool) -> PyResult<Bound<'py, PyAny>> {
    let py = value.py();
    if depth > DEPTH {
        return Err(PyRecursionError::new_err("the object is nested too deep, or contains itself"));
    }
    let dict = match (value.cast::<Object>(), value.cast::<PyDict>()) {
        (Ok(object), _) => Some(object.get().data(py)),
        (_, Ok(dict)) => Some(dict.clone()),
        _ => None,
    };
    if let Some(dict) = dict {
        // Its values are replaced, not its keys: a collection meanwhile may run a finalizer that changes the reply.
        let copy = dict.copy()?;
        for pair in pairs(&copy) {
            let (key, value) = pair?;
            copy.set_item(key, plain_within(&value, depth + 1, vectors)?)?;
        }
        return Ok(copy.into_any());
    }
    if let Ok(list) = value.cast::<PyList>() {
        let items: Vec<_> = list.iter().map(|item| plain_within(&item, depth + 1, vectors)).collect::<PyResult<_>>()?;
        return Ok(PyList::new(py, items)?.into_any());
    }
    match value.cast_exact::<Lazy>() {
        Ok(lazy) if !vectors || lazy.get().floats().is_none() => Ok(lazy.get().value(py)),
        _ => Ok(value.clone()),
    }
}

/// What pydantic's dumps take and what changes nothing here: a reply is JSON already, and has what was set.
const OF_DUMPS: [&str; 11] = [
    "mode",
    "by_alias",
    "use_api_names",
    "exclude_unset",
    "round_trip",
    "warnings",
    "context",
    "serialize_as_any",
    "fallback",
    "exclude_computed_fields",
    "ensure_ascii",
];

/// A reply as plain dicts and lists, as pydantic's options say, and the indentation of its JSON.
fn dump<'py>(
    slf: &Bound<'py, Object>,
    options: Option<&Bound<'py, PyDict>>,
    mut indent: Option<u8>,
) -> PyResult<(Bound<'py, PyAny>, Option<u8>)> {
    let mut tree = plain(slf.as_any())?;
    let (mut nulls, mut include, mut exclude) = (true, None, None);
    for pair in options.map(pairs).into_iter().flatten() {
        let (name, value) = pair?;
        let name = name.cast_into::<PyString>()?;
        match name.to_str()? {
            "indent" => indent = value.extract()?,
            "exclude_none" | "exclude_defaults" => nulls &= !value.is_truthy()?,
            "include" => include = Some(value).filter(|value| !value.is_none()),
            "exclude" => exclude = Some(value).filter(|value| !value.is_none()),
            name if OF_DUMPS.contains(&name) => {}
            name => return Err(PyTypeError::new_err(format!("got an unexpected keyword argument '{name}'"))),
        }
    }
    if include.is_some() || exclude.is_some() {
        let module = slf.py().import(intern!(slf.py(), "wenwen.types._schema"))?;
        tree = module.call_method1(intern!(slf.py(), "picked"), (tree, include, exclude))?;
    }
    if !nulls {
        drop_none(&tree)?;
    }
    Ok((tree, indent))
}

fn drop_none(tree: &Bound<'_, PyAny>) -> PyResult<()> {
    if let Ok(dict) = tree.cast::<PyDict>() {
        // A copy to go by: a dict that shrinks cannot be walked.
        for pair in pairs(&dict.copy()?) {
            let (key, value) = pair?;
            if value.is_none() {
                dict.del_item(key)?;
            } else {
                drop_none(&value)?;
            }
        }
    } else if let Ok(list) = tree.cast::<PyList>() {
        for item in list.iter() {
            drop_none(&item)?;
        }
    }
    Ok(())
}

/// A repr: one line, and short. A picture in base64 must not flood a log, nor a list of all models a terminal.
struct Brief {
    secrets: Secrets,
    /// How many values are still shown.
    left: Cell<usize>,
}

/// Characters of a text, and of an object.
const LONGEST: usize = 120;
const LINE: usize = 1000;
/// Lists and vectors up to this length are shown whole, of others the first few; and so many fields of an object.
const FEW: usize = 8;
const FIRST: usize = 3;
const FIELDS: usize = 64;
/// Levels, and values in all: what contains itself has no end.
const LEVELS: usize = 20;
const VALUES: usize = 10_000;

impl Brief {
    fn value(&self, value: &Bound<'_, PyAny>, depth: usize) -> PyResult<String> {
        let left = self.left.get();
        if depth > LEVELS || left == 0 {
            return Ok("…".into());
        }
        self.left.set(left - 1);
        // A thousand vectors need not become lists to be shown by their ends.
        if let Some(floats) = value.cast_exact::<Lazy>().ok().and_then(|lazy| lazy.get().floats()) {
            let of = |float: &f32| Ok(PyFloat::new(value.py(), f64::from(*float)).repr()?.to_string_lossy().into());
            return few(floats.len(), "numbers", floats.iter().map(of));
        }
        if let Ok(text) = value.cast_exact::<PyString>() {
            return self.text(text);
        }
        if let Ok(list) = value.cast_exact::<PyList>() {
            let of = |item: Bound<'_, PyAny>| self.value(&item, depth + 1);
            let is_vector = list.get_item(0).is_ok_and(|first| first.is_instance_of::<PyFloat>());
            return few(list.len(), if is_vector { "numbers" } else { "items" }, list.iter().map(of));
        }
        if let Ok(object) = value.cast::<Object>()
            && value.get_type().getattr(intern!(value.py(), "__repr__"))?.is(own_repr(value.py())?)
        {
            return self.object(object, depth);
        }
        if let Ok(dict) = value.cast_exact::<PyDict>() {
            let pair = |(name, value): &(Bound<'_, PyAny>, Bound<'_, PyAny>)| {
                Ok(format!("{}: {}", self.value(name, depth + 1)?, self.value(value, depth + 1)?))
            };
            return Ok(format!("{{{}}}", fields(dict, pair)?));
        }
        Ok(value.repr()?.to_string_lossy().into_owned())
    }

    fn object(&self, object: &Bound<'_, Object>, depth: usize) -> PyResult<String> {
        let py = object.py();
        let shown = fields(&object.get().data(py), |(name, value)| {
            // What is declared as a list of vectors stays one until somebody touches it.
            let value = match value.is_exact_instance_of::<Lazy>() {
                true => value.clone(),
                false => Object::item(object, name)?.unwrap_or_else(|| value.clone()),
            };
            // One that is no identifier may hold a line end, and forge a line of a log.
            let is_plain = name.call_method0(intern!(py, "isidentifier")).is_ok_and(|t| t.is_truthy().unwrap_or(false));
            let name = match name.cast::<PyString>() {
                Ok(name) if is_plain && name.len()? <= LONGEST => name.to_string_lossy().into_owned(),
                Ok(name) => self.text(name)?,
                Err(_) => self.value(name, depth + 1)?,
            };
            Ok(format!("{name}={}", self.value(&value, depth + 1)?))
        })?;
        Ok(format!("{}({shown})", object.get_type().name()?))
    }

    fn text(&self, text: &Bound<'_, PyString>) -> PyResult<String> {
        let py = text.py();
        let redacted = self.secrets.redacted(text.to_string_lossy().as_bytes());
        let text = redacted.map_or_else(|| text.clone(), |redacted| PyString::new(py, &redacted));
        let count = text.len()?;
        if count <= LONGEST {
            return Ok(text.repr()?.to_string_lossy().into_owned());
        }
        // By Python: a text may hold halves of characters.
        let part = |from: usize, to: usize| text.get_item(PySlice::new(py, from as isize, to as isize, 1));
        let (head, tail) = (part(0, LONGEST * 2 / 3)?, part(count - LONGEST / 3, count)?);
        let shown = head.add(" … ")?.add(tail)?;
        Ok(format!("{} ({count} characters)", shown.repr()?.to_string_lossy()))
    }
}

/// The first of a list, and how many there are.
fn few(count: usize, what: &str, mut shown: impl Iterator<Item = PyResult<String>>) -> PyResult<String> {
    let most = if count <= FEW { FEW } else { FIRST };
    let shown: Vec<_> = shown.by_ref().take(most).collect::<PyResult<_>>()?;
    let more = if count <= FEW { String::new() } else { format!(", … ({count} {what})") };
    Ok(format!("[{}{more}]", shown.join(", ")))
}

/// The fields of a dict, without their middle where they are too long for a line.
fn fields(
    dict: &Bound<'_, PyDict>,
    each: impl Fn(&(Bound<'_, PyAny>, Bound<'_, PyAny>)) -> PyResult<String>,
) -> PyResult<String> {
    // A copy: a value's own repr may change the dict.
    let copy = dict.copy()?;
    let mut shown: Vec<_> = pairs(&copy).take(FIELDS).map(|pair| each(&pair?)).collect::<PyResult<_>>()?;
    if copy.len() > FIELDS {
        shown.push(format!("… ({} fields)", copy.len()));
    }
    let line = shown.join(", ");
    let count = line.chars().count();
    if count <= LINE {
        return Ok(line);
    }
    let (head, tail) = (LINE * 2 / 3, LINE / 3);
    Ok(line.chars().take(head).chain(" … ".chars()).chain(line.chars().skip(count - tail)).collect())
}

/// `Object.__repr__`, by which a class is told that has one of its own.
fn own_repr(py: Python<'_>) -> PyResult<&Bound<'_, PyAny>> {
    static OWN: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let own = || Ok(py.get_type::<Object>().getattr(intern!(py, "__repr__"))?.unbind());
    OWN.get_or_try_init(py, own).map(|own| own.bind(py))
}

/// `model_fields` of a class, and of an object: the declared fields by their names, as pydantic has them.
#[pyclass(frozen, module = "wenwen._core")]
struct ModelFields;

#[pymethods]
impl ModelFields {
    #[allow(clippy::unused_self)] // Python calls it so
    fn __get__<'py>(
        &self,
        py: Python<'py>,
        _object: Option<&Bound<'py, PyAny>>,
        class: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        py.import(intern!(py, "wenwen.types._schema"))?.call_method1(intern!(py, "model_fields"), (class,))
    }
}

/// `match reply: case {"status": "completed"}` asks for a mapping.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = module.py();
    // `_collections_abc` is part of every start of Python, `collections.abc` is not.
    py.get_type::<Object>().setattr("model_fields", Bound::new(py, ModelFields)?)?;
    let mapping = py.import("_collections_abc")?.getattr("Mapping")?;
    mapping.call_method1("register", (py.get_type::<Object>(),))?;
    mapping.call_method1("register", (py.get_type::<Headers>(),))?;
    Ok(())
}
