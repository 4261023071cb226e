//! A request as its row sees it, and what the gateway says of fields of the wrong type.
use std::collections::BTreeMap;

use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::content::Content;
use super::envelope::{self, Asker, Refusal};
use super::form::UploadForm;
use super::http::HttpRequest;
use super::service::Service;
use super::tasks::Tasks;

/// A request that has passed the checks, as its row sees it.
pub(super) struct Ask<'a> {
    pub request: &'a HttpRequest,
    /// The request id, for messages.
    pub id: &'a str,
    pub key: &'a str,
    pub model: &'a str,
    /// What stands in the place of the path's segments in braces, decoded.
    pub args: Vec<String>,
    /// The fields of a JSON body, unparsed.
    pub params: BTreeMap<String, &'a RawValue>,
    /// The parts of a multipart body.
    pub form: UploadForm,
    /// What earlier requests have begun.
    pub tasks: &'a Tasks,
    pub asker: Asker<'a>,
    pub shared: &'a Service,
    /// The model that a request names, which the journal is asked for.
    pub named: fn(&HttpRequest, &[u8]) -> String,
    /// What a script says is wrong with the key, where its account is looked up all the same.
    pub refusal: Option<Refusal>,
}

/// A field, the Go type that the gateway reads it into, and whether a value is of that.
pub(super) type Typed = (&'static str, &'static str, fn(&Value) -> bool);

impl Ask<'_> {
    /// Refuses a model that no channel serves.
    pub fn serves(&self, model: &str) -> Result<(), Content> {
        match &self.shared.config.models {
            Some(models) if !models.iter().any(|known| known == model) => {
                Err(envelope::unknown_model(model, self.asker))
            }
            _ => Ok(()),
        }
    }

    /// The fields of a JSON body, but those that are null. A hostile nesting depth is null; the real one would have
    /// passed it on.
    pub fn fields(&self) -> Map<String, Value> {
        let set = self.params.iter().filter(|(_, raw)| raw.get() != "null");
        set.map(|(name, raw)| (name.clone(), serde_json::from_str(raw.get()).unwrap_or_default())).collect()
    }
}

/// What Go calls a JSON value.
pub(super) fn kind_of(raw: &str) -> &'static str {
    match raw.as_bytes().first() {
        Some(b'"') => "string",
        Some(b'{') => "object",
        Some(b'[') => "array",
        Some(b't' | b'f') => "bool",
        _ => "number",
    }
}

/// What the gateway says of the first field that is not of its type.
pub(super) fn mismatch(fields: &Map<String, Value>, structure: &str, types: &[Typed]) -> Option<String> {
    types.iter().find_map(|(name, wanted, fits)| {
        let kind = match fields.get(*name).filter(|value| !fits(value))? {
            Value::String(_) => "string",
            Value::Object(_) => "object",
            Value::Array(_) => "array",
            Value::Bool(_) => "bool",
            _ => "number",
        };
        Some(format!("json: cannot unmarshal {kind} into Go struct field {structure}.{name} of type {wanted}"))
    })
}
