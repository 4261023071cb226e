//! What the upstreams have against requests.
use serde_json::Value;

/// What OpenAI has against the name of a schema or a tool: message, code, and the parameter's path.
pub(super) fn name_refused(name: Option<&Value>, param: String) -> Option<(String, &'static str, String)> {
    const MOST: usize = 64;
    let name = match name {
        None | Some(Value::Null) => {
            return Some((format!("Missing required parameter: '{param}'."), "missing_required_parameter", param));
        }
        Some(Value::String(name)) => name,
        Some(_) => {
            let message = format!("Invalid type for '{param}': expected a string.");
            return Some((message, "invalid_type", param));
        }
    };
    let length = name.chars().count();
    let (message, code) = if name.is_empty() {
        let wanted = "Expected a string with minimum length 1, but got an empty string instead.";
        (format!("Invalid '{param}': empty string. {wanted}"), "empty_string")
    } else if !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-') {
        let wanted = "Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.";
        (format!("Invalid '{param}': string does not match pattern. {wanted}"), "invalid_value")
    } else if length > MOST {
        let wanted = format!("Expected a string with maximum length {MOST}, but got a string with length {length}");
        (format!("Invalid '{param}': string too long. {wanted} instead."), "string_above_max_length")
    } else {
        return None;
    };
    Some((message, code, param))
}
