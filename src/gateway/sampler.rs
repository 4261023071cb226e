//! One value that satisfies a JSON schema: for structured output and for the arguments of a function call.
use std::cell::Cell;

use serde_json::{Map, Value, json};

/// Deeper than this only what is required is filled in, so that a recursive schema ends.
const OPTIONAL_DEPTH: usize = 6;
/// Deeper than this nothing is.
const DEPTH: usize = 24;

#[must_use]
pub fn sample(schema: &Value) -> Value {
    value(schema, &Root { schema, left: Cell::new(20_000) }, "", 0)
}

struct Root<'a> {
    /// What `$ref` points into.
    schema: &'a Value,
    /// How many values may still be made: many required recursive fields would make exponentially many.
    left: Cell<usize>,
}

fn value(schema: &Value, root: &Root, name: &str, depth: usize) -> Value {
    let Value::Object(rules) = schema else {
        return json!(word(name)); // `true`: anything goes
    };
    let left = root.left.get();
    if depth > DEPTH || left == 0 {
        return Value::Null;
    }
    root.left.set(left - 1);
    if let Some(fixed) = rules.get("const") {
        return fixed.clone();
    }
    if let Some(first) = rules.get("enum").and_then(|all| all.get(0)) {
        return first.clone();
    }
    if let Some(target) = rules.get("$ref").and_then(Value::as_str) {
        return match root.schema.pointer(target.trim_start_matches('#')) {
            Some(target) => value(target, root, name, depth + 1),
            None => Value::Null,
        };
    }
    for choice in ["anyOf", "oneOf"] {
        if let Some(choices) = rules.get(choice).and_then(Value::as_array) {
            // Deep inside, the choice that ends the recursion.
            let null = choices.iter().find(|c| c.get("type").is_some_and(|t| t == "null"));
            let chosen = null.filter(|_| depth > OPTIONAL_DEPTH).or(choices.first());
            return chosen.map_or(Value::Null, |chosen| value(chosen, root, name, depth + 1));
        }
    }
    if let Some(all) = rules.get("allOf").and_then(Value::as_array) {
        let mut merged = Map::new();
        let mut last = Value::Null;
        for part in all {
            match value(part, root, name, depth + 1) {
                Value::Object(fields) => merged.extend(fields),
                other => last = other,
            }
        }
        if rules.contains_key("properties")
            && let Value::Object(fields) = object(rules, root, depth)
        {
            merged.extend(fields);
        }
        return if merged.is_empty() { last } else { Value::Object(merged) };
    }
    let kind = match rules.get("type") {
        Some(Value::String(kind)) => kind.as_str(),
        Some(Value::Array(kinds)) => {
            let mut kinds = kinds.iter().filter_map(Value::as_str);
            kinds.clone().find(|kind| *kind != "null").or(kinds.next()).unwrap_or("null")
        }
        _ if rules.contains_key("properties") => "object",
        _ if rules.contains_key("items") => "array",
        _ => "string",
    };
    match kind {
        "object" => object(rules, root, depth),
        "array" => array(rules, root, name, depth),
        "string" => Value::String(string(rules, name)),
        "integer" => number(rules, true),
        "number" => number(rules, false),
        "boolean" => Value::Bool(true),
        _ => Value::Null,
    }
}

fn object(rules: &Map<String, Value>, root: &Root, depth: usize) -> Value {
    let required = |name: &str| {
        rules.get("required").and_then(Value::as_array).is_some_and(|all| all.iter().any(|one| one == name))
    };
    let mut fields = Map::new();
    if let Some(properties) = rules.get("properties").and_then(Value::as_object) {
        for (name, schema) in properties {
            if depth < OPTIONAL_DEPTH || required(name) {
                fields.insert(name.clone(), value(schema, root, name, depth + 1));
            }
        }
    }
    for name in rules.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
        if !fields.contains_key(name) {
            fields.insert(name.to_owned(), json!(word(name)));
        }
    }
    Value::Object(fields)
}

fn array(rules: &Map<String, Value>, root: &Root, name: &str, depth: usize) -> Value {
    let bound = |key: &str| rules.get(key).and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok());
    let least = bound("minItems").unwrap_or(0);
    let usual = if depth < OPTIONAL_DEPTH { 2 } else { 0 };
    let count = usual.max(least).min(bound("maxItems").unwrap_or(usize::MAX)).min(1000);
    let fixed = rules.get("prefixItems").and_then(Value::as_array);
    let items = rules.get("items").unwrap_or(&Value::Bool(true));
    let count = match fixed {
        Some(fixed) if bound("minItems").is_none() => fixed.len(),
        _ => count,
    };
    let schema = |at: usize| fixed.and_then(|fixed| fixed.get(at)).unwrap_or(items);
    Value::Array((0..count).map(|at| value(schema(at), root, name, depth + 1)).collect())
}

fn string(rules: &Map<String, Value>, name: &str) -> String {
    let mut text = match rules.get("format").and_then(Value::as_str) {
        Some("date") => "2025-08-08".to_owned(),
        Some("time") => "09:21:35Z".to_owned(),
        Some("date-time") => "2025-08-08T09:21:35Z".to_owned(),
        Some("email") => "alice@example.com".to_owned(),
        Some("uri" | "url") => "https://www.example.com/".to_owned(),
        Some("uuid") => "6895b537-f6e0-4819-8b98-5851c6c78daa".to_owned(),
        Some("ipv4") => "192.0.2.1".to_owned(),
        Some("hostname") => "www.example.com".to_owned(),
        _ => word(name),
    };
    let bound = |key: &str| rules.get(key).and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok());
    let least = bound("minLength").unwrap_or(0).min(100_000);
    while text.chars().count() < least {
        text.push('x');
    }
    match bound("maxLength") {
        Some(most) => text.chars().take(most).collect(),
        None => text,
    }
}

/// Something that reads well under that name.
fn word(name: &str) -> String {
    match name {
        "" => "sample".to_owned(),
        "location" | "city" => "Boston, MA".to_owned(),
        "country" => "US".to_owned(),
        "name" | "author" | "user" => "Alice".to_owned(),
        "query" | "question" => "How can I help you today?".to_owned(),
        "url" => "https://www.example.com/".to_owned(),
        "email" => "alice@example.com".to_owned(),
        "date" => "2025-08-08".to_owned(),
        _ => name.replace('_', " "),
    }
}

fn number(rules: &Map<String, Value>, whole: bool) -> Value {
    let bound = |key: &str| rules.get(key).and_then(Value::as_f64);
    let least = bound("minimum").or(bound("exclusiveMinimum").map(|n| if whole { n.floor() + 1.0 } else { n + 0.5 }));
    let most = bound("maximum").or(bound("exclusiveMaximum").map(|n| if whole { n.ceil() - 1.0 } else { n - 0.5 }));
    let usual: f64 = if whole { 3.0 } else { 21.5 };
    let mut n = match (least, most) {
        (Some(least), Some(most)) if usual < least || usual > most => {
            if whole {
                least.ceil()
            } else {
                f64::midpoint(least, most)
            }
        }
        (Some(least), None) => usual.max(if whole { least.ceil() } else { least }),
        (None, Some(most)) => usual.min(if whole { most.floor() } else { most }),
        _ => usual,
    };
    if let Some(step) = bound("multipleOf").filter(|step| *step > 0.0) {
        n = (n / step).ceil() * step;
        if most.is_some_and(|most| n > most) {
            n -= step;
        }
    }
    if whole || (n.fract() == 0.0 && rules.contains_key("multipleOf")) { json!(n as i64) } else { json!(n) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_of_the_sample() {
        let schema = json!({"type": "object", "properties": {
            "location": {"type": "string"}, "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]}},
            "required": ["location", "unit"], "additionalProperties": false});
        assert_eq!(sample(&schema), json!({"location": "Boston, MA", "unit": "celsius"}));
    }

    #[test]
    fn recursion_ends() {
        let schema = json!({"$ref": "#/$defs/node", "$defs": {"node": {"type": "object", "properties": {
            "value": {"type": "integer", "minimum": 5},
            "next": {"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]},
            "children": {"type": "array", "items": {"$ref": "#/$defs/node"}}},
            "required": ["value", "next", "children"]}}});
        let value = sample(&schema);
        assert_eq!(value["value"], 5);
        assert!(value.to_string().len() < 100_000);
        // Without a way out the depth alone ends it.
        let endless = json!({"type": "object", "properties": {"a": {"$ref": "#"}}, "required": ["a"]});
        assert!(sample(&endless).is_object());
        let properties: Map<_, _> = (0..10).map(|n| (n.to_string(), json!({"$ref": "#"}))).collect();
        let names: Vec<_> = (0..10).map(|n| n.to_string()).collect();
        assert!(sample(&json!({"type": "object", "properties": properties, "required": names})).is_object());
    }

    #[test]
    fn bounds() {
        assert_eq!(sample(&json!({"type": "integer", "minimum": 10, "maximum": 20})), 10);
        assert_eq!(sample(&json!({"type": ["null", "number"], "maximum": 1})), 1.0);
        assert_eq!(sample(&json!({"type": "string", "minLength": 9, "maxLength": 9})), "samplexxx");
        assert_eq!(sample(&json!({"type": "array", "items": {"const": 1}, "maxItems": 1})), json!([1]));
        assert_eq!(sample(&json!({"type": "array", "minItems": 3})).as_array().map(Vec::len), Some(3));
        assert_eq!(sample(&json!({"type": "string", "format": "date"})), "2025-08-08");
        assert_eq!(sample(&json!(true)), "sample");
    }
}
