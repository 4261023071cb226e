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
    let inner: &[&Bound<'_, PyString>] = match dialect {
        "responses" => &[intern!(py, "tools")],
        "gemini" => &[intern!(py, "functionDeclarations"), intern!(py, "function_declarations")],
        _ => &[],
    };
    if listed.iter().all(|tool| is_plain(&tool, inner)) {
        return Ok(());
    }
    let made = py.import(intern!(py, "wenwen._tools"))?.call_method1(intern!(py, "wired"), (listed, dialect))?;
    fields.set_item(intern!(py, "tools"), made)
}

/// Whether a tool goes out as it is: nothing in it is a function or writes itself, nor in those that it holds (a
/// namespace of `responses`, the declarations of Gemini).
fn is_plain(tool: &Bound<'_, PyAny>, inner: &[&Bound<'_, PyString>]) -> bool {
    let Ok(tool) = tool.cast_exact::<PyDict>() else {
        let writes_itself = tool.hasattr(intern!(tool.py(), "to_dict"));
        return !tool.is_callable() && writes_itself.is_ok_and(|writes| !writes);
    };
    inner.iter().all(|name| match tool.get_item(name) {
        Ok(Some(held)) => held.cast_exact::<PyList>().is_ok_and(|held| held.iter().all(|one| is_plain(&one, &[]))),
        _ => true,
    })
}
