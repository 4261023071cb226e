//! What the annotations of the typed classes say of a field, ready for use. Resolved once a class, at first touch, by
//! `wenwen.types._schema`.
use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

use pyo3::exceptions::PyTypeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyList, PyString, PyTuple, PyType};

use super::object::{self, Lazy, Object};
use super::walk::pairs;

/// What becomes of a JSON object and of a JSON array at a place; scalars stay what they are.
#[pyclass(frozen, module = "wenwen._core")]
pub struct Spec {
    dict: DictShape,
    list: ListShape,
}

enum DictShape {
    /// Nothing is declared, or something else than an object: a plain `Object`.
    Unknown,
    /// Declared as a dict.
    Dict,
    Class(Py<PyType>),
    /// A union: the class by the object's `type`, or a dict of classes by its `role`; for an unknown one the fallback,
    /// or a plain `Object`.
    Tagged(Py<PyDict>, Option<Py<PyType>>),
    Map(Box<Spec>),
}

enum ListShape {
    Unknown,
    List,
    Of(Box<Spec>),
}

pub static UNKNOWN: Spec = Spec { dict: DictShape::Unknown, list: ListShape::Unknown };

impl Spec {
    /// From the pair that `_schema` makes of an annotation.
    pub fn read(description: &Bound<'_, PyAny>) -> PyResult<Self> {
        let (dict, list): (Bound<'_, PyAny>, Bound<'_, PyAny>) = description.extract()?;
        let dict = if dict.is_none() {
            DictShape::Unknown
        } else if let Ok(class) = dict.cast::<PyType>() {
            DictShape::Class(class.clone().unbind())
        } else if dict.is_instance_of::<PyString>() {
            DictShape::Dict
        } else {
            let (first, second): (Bound<'_, PyAny>, Bound<'_, PyAny>) = dict.extract()?;
            match first.cast::<PyDict>() {
                Ok(tags) => DictShape::Tagged(tags.clone().unbind(), second.extract()?),
                Err(_) => DictShape::Map(Box::new(Self::read(&second)?)),
            }
        };
        let list = if list.is_none() {
            ListShape::Unknown
        } else if list.is_instance_of::<PyTuple>() {
            ListShape::Of(Box::new(Self::read(&list)?))
        } else {
            ListShape::List
        };
        Ok(Self { dict, list })
    }

    /// The value as the class declares it, if that is another than it is. Lists and maps are converted in place.
    pub fn convert<'py>(&self, value: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let py = value.py();
        if let Ok(dict) = value.cast_exact::<PyDict>() {
            let class = match &self.dict {
                DictShape::Dict => return Ok(None),
                DictShape::Unknown => None,
                DictShape::Class(class) => Some(class.bind(py).clone()),
                DictShape::Tagged(tags, fallback) => {
                    let mut class = lookup(tags.bind(py), dict, intern!(py, "type"))?;
                    if let Some(Ok(roles)) = class.as_ref().map(|class| class.cast::<PyDict>().cloned()) {
                        class = lookup(&roles, dict, intern!(py, "role"))?;
                    }
                    match class {
                        Some(class) => Some(class.cast_into::<PyType>()?),
                        None => fallback.as_ref().map(|class| class.bind(py).clone()),
                    }
                }
                DictShape::Map(inner) => {
                    for pair in pairs(dict) {
                        let (key, value) = pair?;
                        if let Some(converted) = inner.convert(&value)? {
                            dict.set_item(key, converted)?;
                        }
                    }
                    return Ok(None);
                }
            };
            return object::wrap(dict.clone(), class.as_ref()).map(Some);
        }
        if let Ok(list) = value.cast_exact::<PyList>() {
            let inner = match &self.list {
                ListShape::List => return Ok(None),
                ListShape::Unknown => self,
                ListShape::Of(inner) => inner,
            };
            let raw = |index| {
                list.get_item(index).is_ok_and(|item: Bound<'_, PyAny>| {
                    item.is_exact_instance_of::<PyDict>() || item.is_exact_instance_of::<PyList>()
                })
            };
            // A list is converted as a whole, so its ends tell whether it has been.
            if !list.is_empty() && (raw(0) || raw(list.len() - 1)) {
                for (index, item) in list.iter().enumerate() {
                    if let Some(converted) = inner.convert(&item)? {
                        list.set_item(index, converted)?;
                    }
                }
            }
            return Ok(None);
        }
        match value.cast_exact::<Lazy>() {
            Ok(lazy) => {
                let value = lazy.get().value(py);
                Ok(Some(self.convert(&value)?.unwrap_or(value)))
            }
            Err(_) => Ok(None),
        }
    }
}

fn lookup<'py>(
    classes: &Bound<'py, PyDict>,
    dict: &Bound<'py, PyDict>,
    name: &Bound<'py, PyString>,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    match dict.get_item(name)?.filter(|tag| tag.is_exact_instance_of::<PyString>()) {
        Some(tag) => classes.get_item(tag),
        None => Ok(None),
    }
}

/// The declared fields of a class: name to `Spec`.
pub fn fields<'py>(class: &Bound<'py, PyType>) -> PyResult<Bound<'py, PyDict>> {
    // By address; the class is kept, so that its address stays its own.
    type Known = BTreeMap<usize, (Py<PyType>, Py<PyDict>)>;
    static CLASSES: Mutex<Known> = Mutex::new(BTreeMap::new());
    let py = class.py();
    let address = class.as_ptr() as usize;
    let known = || CLASSES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, fields)) = known().get(&address) {
        return Ok(fields.bind(py).clone());
    }
    let fields = PyDict::new(py);
    if !class.is(py.get_type::<Object>()) && !class.is(py.get_type::<object::Reply>()) {
        let _inside = super::exit::enter(py);
        let described =
            py.import(intern!(py, "wenwen.types._schema"))?.call_method1(intern!(py, "fields"), (class,))?;
        for pair in pairs(&described.cast_into()?) {
            let (name, description) = pair?;
            fields.set_item(name, Bound::new(py, Spec::read(&description)?)?)?;
        }
    }
    known().insert(address, (class.clone().unbind(), fields.clone().unbind()));
    Ok(fields)
}

pub fn spec_of<'py>(fields: &Bound<'py, PyDict>, name: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, Spec>>> {
    match fields.get_item(name)? {
        Some(spec) => Ok(Some(spec.cast_into::<Spec>()?)),
        None => Ok(None),
    }
}

/// What a Python function describes, once somebody needs it.
pub struct Described<T> {
    describe: Py<PyAny>,
    read: PyOnceLock<T>,
}

impl<T> Described<T> {
    pub fn new(describe: Py<PyAny>) -> Self {
        Self { describe, read: PyOnceLock::new() }
    }

    pub fn get(&self, py: Python<'_>, read: impl FnOnce(&Bound<'_, PyAny>) -> PyResult<T>) -> PyResult<&T> {
        self.read.get_or_try_init(py, || {
            let _inside = super::exit::enter(py);
            read(&self.describe.bind(py).call0()?)
        })
    }
}

/// What an endpoint's parameters may be.
pub struct Params {
    /// Name to the kinds of value that it takes: a bit a kind, 0 for any.
    pub kinds: HashMap<String, u8>,
    pub required: Vec<Py<PyString>>,
}

/// The bits, as `_schema` sets them.
const KINDS: [(&str, u8); 6] = [("str", 1), ("int", 2), ("float", 4), ("bool", 8), ("list", 16), ("dict", 32)];

impl Params {
    pub fn read(description: &Bound<'_, PyAny>) -> PyResult<Self> {
        let (kinds, required) = description.extract()?;
        Ok(Self { kinds, required })
    }

    /// What is wrong with a name that it does not know.
    pub fn refusal(&self, endpoint: &str, name: &str) -> Option<PyErr> {
        let known = || self.kinds.keys().map(String::as_str);
        (!self.kinds.contains_key(name)).then(|| PyTypeError::new_err(unknown(endpoint, name, known())))
    }

    /// Refuses an unknown name, naming the nearest, and a value that cannot be meant.
    pub fn check(&self, endpoint: &str, name: &str, value: &Bound<'_, PyAny>) -> PyResult<()> {
        let Some(&kinds) = self.kinds.get(name) else { return self.refusal(endpoint, name).map_or(Ok(()), Err) };
        if kinds == 0 || value.is_none() {
            return Ok(());
        }
        let allowed = |name: &str| KINDS.iter().any(|(kind, bit)| *kind == name && kinds & bit != 0);
        let kind = if value.is_instance_of::<pyo3::types::PyBool>() {
            "bool"
        } else if value.is_instance_of::<PyString>() {
            "str"
        } else if value.is_instance_of::<pyo3::types::PyInt>() {
            if allowed("float") { "float" } else { "int" }
        } else if value.is_instance_of::<pyo3::types::PyFloat>() {
            "float"
        } else if value.is_instance_of::<PyDict>() {
            "dict"
        } else if value.is_instance_of::<PyList>() || value.is_instance_of::<PyTuple>() {
            "list"
        } else {
            return Ok(()); // something of the user's own: the encoder knows
        };
        if allowed(kind) {
            return Ok(());
        }
        let wanted: Vec<_> = KINDS.iter().filter(|(_, bit)| kinds & bit != 0).map(|(kind, _)| *kind).collect();
        Err(PyTypeError::new_err(format!("{name} is {}: give {}", super::encode::shown(value), wanted.join(" or "))))
    }
}

/// The message for a keyword that an endpoint does not know.
fn unknown<'a>(endpoint: &str, name: &str, known: impl Iterator<Item = &'a str>) -> String {
    let nearest = known
        .map(|candidate| (if has_words(candidate, name) { 1 } else { distance(name, candidate) }, candidate))
        .filter(|(distance, candidate)| *distance <= (name.len().max(candidate.len())) / 2)
        .min();
    // The class of an answer, as the peers call it.
    let is_class = matches!(name, "output" | "text_format" | "output_format" | "response_format" | "parse_as");
    let hint = match nearest {
        _ if is_class => Some(" parse() and stream() take it.".to_owned()),
        nearest => nearest.map(|(_, candidate)| format!(" Did you mean '{candidate}'?")),
    };
    format!(
        "{endpoint}() got an unexpected keyword argument '{name}'.{} A parameter that wenwen does not know goes into \
         extra_body={{'{name}': ...}}.",
        hint.unwrap_or_default()
    )
}

/// Whether `name` is `candidate` with words left out: `max_tokens` for `max_output_tokens`.
fn has_words(candidate: &str, name: &str) -> bool {
    name.split('_').all(|word| candidate.split('_').any(|known| known == word))
}

/// Levenshtein.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.iter().enumerate() {
            let cost = (diagonal + usize::from(x != *y)).min(row[j] + 1).min(row[j + 1] + 1);
            diagonal = std::mem::replace(&mut row[j + 1], cost);
        }
    }
    row[b.len()]
}
