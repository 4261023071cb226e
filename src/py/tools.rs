//! Functions among the tools of a request, as the schemas that go out; Python knows how these are made.
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString};

use crate::core::dialect::Dialect;

/// Nearly all tools are dicts, and nothing is done then.
pub fn written(fields: &Bound<'_, PyDict>, dialect: Dialect) -> PyResult<()> {
    let py = fields.py();
    let Some(tools) = fields.get_item(intern!(py, "tools"))? else { return Ok(()) };
    let dialect = match dialect {
        Dialect::Responses => "responses",
        Dialect::Chat => "chat",
        Dialect::Messages => "messages",
        Dialect::Gemini => "gemini",
        _ => return Ok(()),
    };
    let listed = match tools.cast::<PyList>() {
        Ok(list) => list.clone(),
        Err(_) if tools.is_instance_of::<PyString>() || tools.hasattr(intern!(py, "keys"))? => return Ok(()),
        Err(_) if !tools.hasattr(intern!(py, "__iter__"))? => return Ok(()),
        Err(_) => {
            let list = py.get_type::<PyList>().call1((tools,))?.cast_into::<PyList>()?;
            fields.set_item(intern!(py, "tools"), &list)?; // of a generator nothing is left
            list
        }
    };
    if listed.iter().all(|tool| tool.is_exact_instance_of::<PyDict>() || !tool.is_callable()) {
        return Ok(());
    }
    let made = py.import(intern!(py, "wenwen._tools"))?.call_method1(intern!(py, "wired"), (listed, dialect))?;
    fields.set_item(intern!(py, "tools"), made)
}
