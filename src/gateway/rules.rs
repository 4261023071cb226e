//! What the upstreams refuse: names, schemas, lists of tools, and histories in which calls and results do not match. In
//! words like theirs.
use std::cell::Cell;
use std::collections::HashSet;

use serde_json::{Map, Value};

/// An upstream's error; an empty code is null.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Objection {
    pub message: String,
    pub code: &'static str,
    pub param: String,
}

impl Objection {
    pub fn new(message: impl Into<String>, code: &'static str, param: impl Into<String>) -> Self {
        Self { message: message.into(), code, param: param.into() }
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn field<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn missing(param: String) -> Objection {
    Objection::new(format!("Missing required parameter: '{param}'."), "missing_required_parameter", param)
}

fn too_long(param: String, most: usize, length: usize) -> Objection {
    let wanted =
        format!("Expected a string with maximum length {most}, but got a string with length {length} instead.");
    Objection::new(format!("Invalid '{param}': string too long. {wanted}"), "string_above_max_length", param)
}

/// What OpenAI has against the number of tools.
pub(super) fn tools_refused(tools: &[Value]) -> Option<Objection> {
    const MOST: usize = 128;
    let wanted =
        format!("Expected an array with maximum length {MOST}, but got an array with length {} instead.", tools.len());
    let message = format!("Invalid 'tools': array too long. {wanted}");
    (tools.len() > MOST).then(|| Objection::new(message, "array_above_max_length", "tools"))
}

pub(super) fn empty_list(param: &str) -> Objection {
    let wanted = "Expected an array with minimum length 1, but got an empty array instead.";
    Objection::new(format!("Invalid '{param}': empty array. {wanted}"), "empty_array", param)
}

/// What OpenAI has against the name of a schema or a tool.
pub(super) fn name_refused(name: Option<&Value>, param: String) -> Option<Objection> {
    const MOST: usize = 64;
    let name = match name {
        None | Some(Value::Null) => return Some(missing(param)),
        Some(Value::String(name)) => name,
        Some(_) => {
            let message = format!("Invalid type for '{param}': expected a string.");
            return Some(Objection::new(message, "invalid_type", param));
        }
    };
    let length = name.chars().count();
    if name.is_empty() {
        let wanted = "Expected a string with minimum length 1, but got an empty string instead.";
        return Some(Objection::new(format!("Invalid '{param}': empty string. {wanted}"), "empty_string", param));
    }
    if !name.bytes().all(of_a_name) {
        let wanted = "Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.";
        let message = format!("Invalid '{param}': string does not match pattern. {wanted}");
        return Some(Objection::new(message, "invalid_value", param));
    }
    (length > MOST).then(|| too_long(param, MOST, length))
}

fn of_a_name(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'_' || b == b'-'
}

/// The first of them that came before, and its place.
fn repeated<'a>(names: impl IntoIterator<Item = (usize, &'a str)>) -> Option<(usize, &'a str)> {
    let mut seen = HashSet::new();
    names.into_iter().find(|(_, name)| !seen.insert(*name))
}

/// What OpenAI has against functions. Each with the path of its fields: `tools[0].function`.
pub(super) fn functions_refused<'a>(
    functions: impl Iterator<Item = (usize, &'a Value, String)> + Clone,
) -> Option<Objection> {
    let names = functions.clone().map(|(at, function, _)| (at, field(function, "name")));
    if let Some((at, name)) = repeated(names) {
        let param =
            functions.clone().find(|(known, ..)| *known == at).map(|(.., path)| path + ".name").unwrap_or_default();
        let message =
            format!("Invalid '{param}': the name '{name}' is that of another tool. Names of tools must be unique.");
        return Some(Objection::new(message, "invalid_value", param));
    }
    functions.into_iter().find_map(|(_, function, path)| {
        let schema = function.get("parameters").filter(|schema| !schema.is_null())?;
        let said = match function.get("strict") == Some(&Value::Bool(true)) {
            true => rooted(schema).and_then(|()| strict(schema)),
            false => rooted(schema).and_then(|()| loose(schema)),
        };
        let message = in_words(format!("function '{}'", field(function, "name")), said.err()?);
        Some(Objection::new(message, "invalid_function_parameters", path + ".parameters"))
    })
}

/// What OpenAI has against the schema of an answer: `format` has its name, `path` is where it stands. What is said of
/// `param` and `code` differs by API.
pub(super) fn format_refused(format: &Value, path: &str, param: &str, code: &'static str) -> Option<Objection> {
    let is_strict = format.get("strict") == Some(&Value::Bool(true));
    match format.get("schema").filter(|schema| !schema.is_null()) {
        None if is_strict => Some(missing(format!("{path}.schema"))),
        Some(schema) if is_strict => {
            let message = in_words(format!("response_format '{}'", field(format, "name")), strict(schema).err()?);
            Some(Objection::new(message, code, param))
        }
        _ => None,
    }
}

fn in_words(whose: String, what: Wrong) -> String {
    match what {
        Wrong::Of(what) => format!("Invalid schema for {whose}: {what}"),
        Wrong::Whole(what) => what,
    }
}

/// What is wrong with a schema: whose it is is said before it, or not.
enum Wrong {
    Of(String),
    Whole(String),
}

impl From<String> for Wrong {
    fn from(what: String) -> Self {
        Self::Of(what)
    }
}

/// OpenAI's words for the way to a schema: Python's tuples.
fn context(path: &[String]) -> String {
    match path {
        [only] => format!("context=('{only}',)"),
        path => format!("context=({})", path.iter().map(|name| format!("'{name}'")).collect::<Vec<_>>().join(", ")),
    }
}

/// A schema, the way to it, and what is wrong with it.
type Check<'c, E> = &'c dyn Fn(&Map<String, Value>, &[String]) -> Result<(), E>;

/// Looks at every schema in a schema, outside first.
fn walk<E>(schema: &Value, path: &mut Vec<String>, check: Check<E>) -> Result<(), E> {
    let Value::Object(rules) = schema else { return Ok(()) };
    check(rules, path)?;
    let each = |path: &mut Vec<String>, rule: &str, name: Option<&str>, schema: &Value| {
        let depth = path.len();
        path.push(rule.to_owned());
        path.extend(name.map(str::to_owned));
        let walked = walk(schema, path, check);
        path.truncate(depth);
        walked
    };
    for rule in ["$defs", "definitions", "properties", "patternProperties"] {
        for (name, schema) in rules.get(rule).and_then(Value::as_object).into_iter().flatten() {
            each(path, rule, Some(name), schema)?;
        }
    }
    for rule in ["anyOf", "allOf", "oneOf", "prefixItems"] {
        for (at, schema) in rules.get(rule).and_then(Value::as_array).into_iter().flatten().enumerate() {
            each(path, rule, Some(&at.to_string()), schema)?;
        }
    }
    for rule in ["items", "additionalProperties", "not"] {
        if let Some(schema) = rules.get(rule).filter(|schema| schema.is_object()) {
            each(path, rule, None, schema)?;
        }
    }
    Ok(())
}

fn has_type(rules: &Map<String, Value>, kind: &str) -> bool {
    rules.get("type").is_some_and(|kinds| kinds == kind || list(kinds).iter().any(|one| one == kind))
}

fn is_object(schema: &Value) -> Result<(), String> {
    let kind = schema.get("type").cloned().unwrap_or_default();
    let said =
        kind.as_str().map_or_else(|| if kind.is_null() { "None".to_owned() } else { kind.to_string() }, str::to_owned);
    match kind == "object" {
        true => Ok(()),
        false => Err(format!("schema must be a JSON Schema of 'type: \"object\"', got 'type: \"{said}\"'.")),
    }
}

/// What OpenAI wants of the parameters of any function.
fn rooted(schema: &Value) -> Result<(), Wrong> {
    is_object(schema)?;
    let chooses = ["oneOf", "anyOf", "allOf", "enum", "not"].iter().any(|rule| schema.get(*rule).is_some());
    let wanted = "schema must have type 'object' and not have 'oneOf'/'anyOf'/'allOf'/'enum'/'not' at the top level.";
    if chooses { Err(wanted.to_owned().into()) } else { Ok(()) }
}

fn loose(schema: &Value) -> Result<(), Wrong> {
    walk(schema, &mut Vec::new(), &|rules, path| match has_type(rules, "array") && !rules.contains_key("items") {
        true => Err(format!("In {}, array schema missing items.", context(path)).into()),
        false => Ok(()),
    })
}

/// What strict mode does not have.
const NOT_PERMITTED: [&str; 20] = [
    "allOf",
    "oneOf",
    "not",
    "if",
    "then",
    "else",
    "dependentRequired",
    "dependentSchemas",
    "patternProperties",
    "propertyNames",
    "minProperties",
    "maxProperties",
    "unevaluatedProperties",
    "unevaluatedItems",
    "contains",
    "minContains",
    "maxContains",
    "uniqueItems",
    "prefixItems",
    "default",
];
const FORMATS: [&str; 9] = ["date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"];
/// Of regular expressions.
const LOOKS_AROUND: [&str; 4] = ["(?=", "(?!", "(?<=", "(?<!"];

/// What OpenAI wants of a schema in strict mode.
fn strict(schema: &Value) -> Result<(), Wrong> {
    is_object(schema)?;
    walk(schema, &mut Vec::new(), &|rules, path| {
        let wrong = |what: &str| Err(Wrong::Of(format!("In {}, {what}", context(path))));
        if let Some(target) = rules.get("$ref").and_then(Value::as_str) {
            let others: Vec<String> = rules
                .keys()
                .filter(|name| !matches!(name.as_str(), "$ref" | "$defs" | "definitions"))
                .map(|name| format!("'{name}'"))
                .collect();
            if !others.is_empty() {
                return Err(format!("{}, $ref cannot have keywords {{{}}}.", context(path), others.join(", ")).into());
            }
            let found = target.strip_prefix('#').is_some_and(|pointer| schema.pointer(pointer).is_some());
            return match found {
                true => Ok(()),
                false => wrong(&format!("reference to component '{target}' which was not found in the schema.")),
            };
        }
        if let Some(name) = NOT_PERMITTED.iter().find(|name| rules.contains_key(**name)) {
            return wrong(&format!("'{name}' is not permitted."));
        }
        if path.is_empty() && rules.contains_key("anyOf") {
            return wrong("'anyOf' is not permitted.");
        }
        if !rules.contains_key("type") && !rules.contains_key("anyOf") {
            return wrong("schema must have a 'type' key.");
        }
        if has_type(rules, "object") || rules.contains_key("properties") {
            if rules.get("additionalProperties") != Some(&Value::Bool(false)) {
                return wrong("'additionalProperties' is required to be supplied and to be false.");
            }
            let required = rules.get("required").map_or(&[] as &[Value], list);
            let properties = rules.get("properties").and_then(Value::as_object);
            let names = || properties.into_iter().flatten().map(|(name, _)| name);
            let every = "'required' is required to be supplied and to be an array including every key in properties.";
            if let Some(name) = names().find(|name| !required.iter().any(|one| one == *name)) {
                return wrong(&format!("{every} Missing '{name}'."));
            }
            if let Some(extra) = required.iter().find(|one| !names().any(|name| *one == name)) {
                return wrong(&format!("{every} Extra required key {} supplied.", extra.to_string().replace('"', "'")));
            }
            if properties.into_iter().flatten().any(|(_, schema)| !schema.is_object()) {
                return wrong("schema must have a 'type' key.");
            }
        }
        if has_type(rules, "array") && !rules.get("items").is_some_and(Value::is_object) {
            return wrong("array schema missing items.");
        }
        if let Some(format) = rules.get("format").and_then(Value::as_str).filter(|format| !FORMATS.contains(format)) {
            return wrong(&format!("'{format}' is not a valid format."));
        }
        if rules
            .get("pattern")
            .and_then(Value::as_str)
            .is_some_and(|it| LOOKS_AROUND.iter().any(|mark| it.contains(mark)))
        {
            let place: String = path.iter().flat_map(|name| [".", name.as_str()]).collect();
            return Err(Wrong::Whole(format!(
                "Invalid JSON schema: regex lookaround is not supported. Found at ${place}.pattern."
            )));
        }
        Ok(())
    })?;
    let mut size = SchemaSize::default();
    size.add(schema, 0);
    Ok(size.too_large()?)
}

/// What OpenAI counts of a strict schema. References are not followed.
#[derive(Default)]
struct SchemaSize {
    /// Objects within objects.
    levels: usize,
    properties: usize,
    values: usize,
    /// Of the names of properties and definitions, and of values.
    characters: usize,
    /// Of one list of more than 250 values.
    characters_of_one: usize,
}

impl SchemaSize {
    fn add(&mut self, schema: &Value, level: usize) {
        const FEW: usize = 250;
        let Value::Object(rules) = schema else { return };
        let level = level + usize::from(rules.contains_key("properties"));
        self.levels = self.levels.max(level);
        let length = |value: &Value| value.as_str().map_or(0, |text| text.chars().count());
        let values = rules.get("enum").map_or(&[] as &[Value], list);
        let characters = values.iter().map(length).sum();
        self.values += values.len();
        self.characters += characters + rules.get("const").map_or(0, length);
        if values.len() > FEW {
            self.characters_of_one = self.characters_of_one.max(characters);
        }
        for (rule, inner) in [("properties", level), ("$defs", 0), ("definitions", 0)] {
            for (name, schema) in rules.get(rule).and_then(Value::as_object).into_iter().flatten() {
                self.properties += usize::from(rule == "properties");
                self.characters += name.chars().count();
                self.add(schema, inner);
            }
        }
        let alternatives = rules.get("anyOf").map_or(&[] as &[Value], list);
        alternatives.iter().chain(rules.get("items")).for_each(|schema| self.add(schema, level));
    }

    /// The limits of OpenAI's guide to structured outputs; of the characters its words are not known.
    fn too_large(&self) -> Result<(), String> {
        const LEVELS: usize = 10;
        const PROPERTIES: usize = 5000;
        const VALUES: usize = 1000;
        const CHARACTERS: usize = 120_000;
        const CHARACTERS_OF_ONE: usize = 15_000;
        let Self { levels, properties, values, characters, characters_of_one } = self;
        if *levels > LEVELS {
            return Err(format!("{levels} levels of nesting exceeds limit of {LEVELS}."));
        }
        if *properties > PROPERTIES {
            return Err(format!("{properties} parameters exceed the limit of {PROPERTIES}."));
        }
        let but = |most: usize, what: &str, count: usize| {
            Err(format!(
                "Expected at most {most} {what} when using structured outputs, but received {count}. Consider reducing the \
                 number of enums, or use 'strict: false' to opt out of structured outputs."
            ))
        };
        if *values > VALUES {
            return but(VALUES, "enum values in total within a single schema", *values);
        }
        if *characters > CHARACTERS {
            return but(CHARACTERS, "characters of names and enum values in total within a single schema", *characters);
        }
        if *characters_of_one > CHARACTERS_OF_ONE {
            return but(CHARACTERS_OF_ONE, "characters in an enum of more than 250 values", *characters_of_one);
        }
        Ok(())
    }
}

const CLAUDE_FORMATS: [&str; 10] =
    ["date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"];

/// What Anthropic wants of a schema that an answer or a strict tool has to follow.
pub(super) fn claude_schema(schema: &Value) -> Result<(), String> {
    if schema.as_object().is_none_or(Map::is_empty) {
        return Err("Input should be a non-empty JSON schema".into());
    }
    let mut from = HashSet::new();
    if is_recursive(schema, schema, &mut from, 0) {
        return Err("Recursive/circular $ref is not supported".into());
    }
    walk(schema, &mut Vec::new(), &|rules, _| {
        let has = |names: &[&str]| -> Vec<String> {
            names.iter().filter(|name| rules.contains_key(**name)).map(|name| (*name).to_owned()).collect()
        };
        let refuse = |kind: &str, names: &[&str]| match has(names) {
            found if found.is_empty() => Ok(()),
            found => Err(format!("For '{kind}' type, properties {} are not supported", found.join(", "))),
        };
        if let Some(name) = ["oneOf", "not", "if", "then", "else", "dependentSchemas", "dependentRequired"]
            .iter()
            .find(|name| rules.contains_key(**name))
        {
            return Err(format!("Schema type '{name}' is not supported"));
        }
        if let Some(target) = rules.get("$ref").and_then(Value::as_str)
            && target.strip_prefix('#').is_none_or(|pointer| schema.pointer(pointer).is_none())
        {
            return Err(format!("Invalid $ref: '{target}' was not found in the schema"));
        }
        if rules.get("enum").map_or(&[] as &[Value], list).iter().any(|one| one.is_object() || one.is_array()) {
            return Err("Enum values must be strings, numbers, booleans or null".into());
        }
        if has_type(rules, "object") || rules.contains_key("properties") {
            if rules.get("additionalProperties") != Some(&Value::Bool(false)) {
                return Err("For 'object' type, 'additionalProperties' must be explicitly set to false".into());
            }
            refuse("object", &["minProperties", "maxProperties", "patternProperties", "propertyNames"])?;
        }
        for kind in ["integer", "number"] {
            if has_type(rules, kind) {
                refuse(kind, &["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"])?;
            }
        }
        if has_type(rules, "string") {
            refuse("string", &["minLength", "maxLength"])?;
            if let Some(format) = rules.get("format").and_then(Value::as_str).filter(|it| !CLAUDE_FORMATS.contains(it))
            {
                return Err(format!("For 'string' type, format '{format}' is not supported"));
            }
            if rules
                .get("pattern")
                .and_then(Value::as_str)
                .is_some_and(|it| LOOKS_AROUND.iter().any(|mark| it.contains(mark)))
            {
                return Err("For 'string' type, look-around in 'pattern' is not supported".into());
            }
        }
        if has_type(rules, "array") {
            refuse("array", &["maxItems", "uniqueItems", "contains", "minContains", "maxContains", "prefixItems"])?;
            if rules.get("minItems").and_then(Value::as_u64).is_some_and(|least| least > 1) {
                return Err("For 'array' type, 'minItems' values other than 0 or 1 are not supported".into());
            }
        }
        Ok(())
    })
}

/// What Anthropic compiles at once: the strict tools of a request and the schema of its answer.
pub(super) fn claude_budget(tools: &Value, format: Option<&Value>) -> Result<(), String> {
    const TOOLS: usize = 20;
    const OPTIONAL: usize = 24;
    const UNIONS: usize = 16;
    let strict: Vec<&Value> = list(tools).iter().filter(|tool| tool["strict"] == true).collect();
    if strict.len() > TOOLS {
        let count = strict.len();
        return Err(format!(
            "Too many strict tools ({count}). The maximum number of strict tools supported is {TOOLS}."
        ));
    }
    let (optional, unions) = (Cell::new(0), Cell::new(0));
    let more = |count: &Cell<usize>, by: usize| count.set(count.get() + by);
    for schema in strict.iter().map(|tool| &tool["input_schema"]).chain(format) {
        walk(schema, &mut Vec::new(), &|rules, _| {
            let required = rules.get("required").map_or(&[] as &[Value], list);
            let properties = rules.get("properties").and_then(Value::as_object).into_iter().flatten();
            for (name, schema) in properties {
                more(&optional, usize::from(!required.iter().any(|one| one == name)));
                more(&unions, usize::from(schema.get("anyOf").is_some() || schema["type"].is_array()));
            }
            Ok::<(), String>(())
        })?;
    }
    if optional.get() > OPTIONAL {
        return Err(format!(
            "Schemas contains too many optional parameters ({}), which would make grammar compilation inefficient. Reduce the \
             number of optional parameters in your tool schemas (limit: {OPTIONAL}).",
            optional.get()
        ));
    }
    if unions.get() > UNIONS {
        return Err(format!(
            "Schemas contains too many parameters with union types ({} parameters with type arrays or anyOf). This causes \
             exponential compilation cost. Reduce the number of nullable or union-typed parameters (limit: {UNIONS} \
             parameters with unions).",
            unions.get()
        ));
    }
    Ok(())
}

/// Whether a schema comes back to where it is `from`.
fn is_recursive<'a>(schema: &'a Value, root: &'a Value, from: &mut HashSet<&'a str>, depth: usize) -> bool {
    const DEEP: usize = 128;
    match schema {
        _ if depth > DEEP => true,
        Value::Array(all) => all.iter().any(|one| is_recursive(one, root, from, depth + 1)),
        Value::Object(rules) => rules.iter().any(|(name, one)| match (name.as_str(), one) {
            ("$ref", Value::String(target)) => {
                let target = target.as_str();
                let Some(found) = target.strip_prefix('#').and_then(|pointer| root.pointer(pointer)) else {
                    return false;
                };
                if target == "#" || !from.insert(target) {
                    return true;
                }
                let recursive = is_recursive(found, root, from, depth + 1);
                from.remove(target);
                recursive
            }
            // What nothing refers to.
            ("$defs" | "definitions" | "enum" | "const" | "default" | "examples", _) => false,
            (_, one) => is_recursive(one, root, from, depth + 1),
        }),
        _ => false,
    }
}

/// What Anthropic has against the user's own tools.
pub(super) fn claude_tools(tools: &Value) -> Result<(), String> {
    const MOST: usize = 128;
    let own = |tool: &&Value| matches!(tool["type"].as_str(), None | Some("custom"));
    for (at, tool) in list(tools).iter().enumerate().filter(|(_, tool)| own(tool)) {
        let name = tool["name"].as_str().ok_or_else(|| format!("tools.{at}.custom.name: Field required"))?;
        if !(1..=MOST).contains(&name.len()) || !name.bytes().all(of_a_name) {
            let wanted = "String should match pattern '^[a-zA-Z0-9_-]{1,128}$'";
            return Err(format!("tools.{at}.custom.name: {wanted}"));
        }
        let place = format!("tools.{at}.custom.input_schema");
        let schema = match &tool["input_schema"] {
            Value::Null => return Err(format!("{place}: Field required")),
            Value::Object(schema) => schema,
            _ => return Err(format!("{place}: Input should be a valid dictionary")),
        };
        match schema.get("type") {
            Some(kind) if kind == "object" => {}
            None => return Err(format!("{place}.type: Field required")),
            Some(_) => return Err(format!("{place}.type: Input should be 'object'")),
        }
        if ["oneOf", "allOf", "anyOf"].iter().any(|rule| schema.contains_key(*rule)) {
            return Err(format!("{place}: input_schema does not support oneOf, allOf, or anyOf at the top level"));
        }
        if tool["strict"] == true {
            claude_schema(&tool["input_schema"]).map_err(|why| format!("{place}: {why}"))?;
        }
    }
    match repeated(list(tools).iter().map(|tool| field(tool, "name")).filter(|name| !name.is_empty()).enumerate()) {
        Some(_) => Err("tools: Tool names must be unique.".into()),
        None => Ok(()),
    }
}

/// Fields that clients add to what they were answered, and no API takes back.
const OURS: [&str; 4] = ["parsed", "parsed_arguments", "parsed_output", "output_parsed"];

fn unknown(value: &Value, path: &str) -> Option<Objection> {
    let name = OURS.iter().find(|name| value.get(**name).is_some())?;
    let param = format!("{path}.{name}");
    Some(Objection::new(format!("Unknown parameter: '{param}'."), "unknown_parameter", param))
}

/// What OpenAI has against the messages of a chat.
pub(super) fn chat_history(messages: &[Value]) -> Option<Objection> {
    /// Of a call's id.
    const MOST: usize = 40;
    // The calls that wait for their results, and where they were made.
    let mut open: Vec<&str> = Vec::new();
    let mut made_at = None;
    let unanswered = |open: &[&str]| {
        let message = format!(
            "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The \
             following tool_call_ids did not have response messages: {}",
            open.join(", ")
        );
        Objection::new(message, "", "messages")
    };
    for (at, message) in messages.iter().enumerate() {
        if let Some(objection) = unknown(message, &format!("messages[{at}]")) {
            return Some(objection);
        }
        let role = field(message, "role");
        if role == "tool" {
            let place = format!("messages.[{at}]");
            if made_at.is_none() {
                let wanted = "messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.";
                return Some(Objection::new(format!("Invalid parameter: {wanted}"), "", place + ".role"));
            }
            let Some(id) = message["tool_call_id"].as_str() else {
                let wanted = "messages with role 'tool' must have a 'tool_call_id'.";
                return Some(Objection::new(
                    format!("Missing parameter 'tool_call_id': {wanted}"),
                    "",
                    place + ".tool_call_id",
                ));
            };
            match open.iter().position(|known| *known == id) {
                Some(at) => drop(open.remove(at)),
                None => {
                    let message = format!(
                        "Invalid parameter: 'tool_call_id' of '{id}' not found in 'tool_calls' of previous message."
                    );
                    return Some(Objection::new(message, "", place + ".tool_call_id"));
                }
            }
            if message["content"].is_null() {
                return Some(Objection::new(
                    "Invalid value for 'content': expected a string, got null.",
                    "",
                    place + ".content",
                ));
            }
            if let Some((number, part)) =
                list(&message["content"]).iter().enumerate().find(|(_, part)| part["type"] != "text")
            {
                let message = format!("Invalid value: '{}'. Supported values are: 'text'.", field(part, "type"));
                return Some(Objection::new(
                    message,
                    "invalid_value",
                    format!("messages[{at}].content[{number}].type"),
                ));
            }
            continue;
        }
        if !open.is_empty() {
            return Some(unanswered(&open));
        }
        made_at = None;
        let Some(calls) = message.get("tool_calls").and_then(Value::as_array).filter(|_| role == "assistant") else {
            continue;
        };
        let path = format!("messages[{at}].tool_calls");
        if calls.is_empty() {
            return Some(empty_list(&path));
        }
        made_at = Some(at);
        for (number, call) in calls.iter().enumerate() {
            let path = format!("{path}[{number}]");
            let kind = if call.get("custom").is_some() { "custom" } else { "function" };
            if let Some(objection) = unknown(&call[kind], &format!("{path}.{kind}")) {
                return Some(objection);
            }
            let id = field(call, "id");
            if id.is_empty() {
                return Some(missing(format!("{path}.id")));
            }
            if id.chars().count() > MOST {
                return Some(too_long(format!("{path}.id"), MOST, id.chars().count()));
            }
            if kind == "function" && !call[kind]["arguments"].is_string() {
                let param = format!("{path}.function.arguments");
                let message = format!("Invalid type for '{param}': expected a string.");
                return Some(Objection::new(message, "invalid_type", param));
            }
            open.push(id);
        }
    }
    if open.is_empty() { None } else { Some(unanswered(&open)) }
}

/// What OpenAI has against the items of an input. `continued`: calls and their outputs may lie in an earlier response.
pub(super) fn response_history(items: &[Value], continued: bool) -> Option<Objection> {
    const MOST: usize = 64;
    for (at, item) in items.iter().enumerate() {
        let path = format!("input[{at}]");
        let parts = || list(&item["content"]).iter().enumerate();
        let within = || parts().find_map(|(number, part)| unknown(part, &format!("{path}.content[{number}]")));
        if let Some(objection) = unknown(item, &path).or_else(within) {
            return Some(objection);
        }
        let id = field(item, "call_id");
        if id.chars().count() > MOST {
            return Some(too_long(format!("{path}.call_id"), MOST, id.chars().count()));
        }
        if field(item, "type") == "function_call" && !item["arguments"].is_string() {
            let param = format!("{path}.arguments");
            return Some(Objection::new(
                format!("Invalid type for '{param}': expected a string."),
                "invalid_type",
                param,
            ));
        }
        if matches!(field(item, "type"), "function_call_output" | "custom_tool_call_output") && item["output"].is_null()
        {
            return Some(missing(format!("{path}.output")));
        }
    }
    if continued {
        return None;
    }
    for kind in ["function_call", "custom_tool_call"] {
        let output = format!("{kind}_output");
        let ids = |kind: &str| -> Vec<&str> {
            items.iter().filter(|item| field(item, "type") == kind).map(|item| field(item, "call_id")).collect()
        };
        let (calls, outputs) = (ids(kind), ids(&output));
        let (made, answered): (HashSet<&str>, HashSet<&str>) =
            (calls.iter().copied().collect(), outputs.iter().copied().collect());
        let what = kind.replace('_', " ");
        if let Some(id) = outputs.iter().find(|id| !made.contains(*id)) {
            let message = format!("No tool call found for {what} output with call_id {id}.");
            return Some(Objection::new(message, "", "input"));
        }
        if let Some(id) = calls.iter().find(|id| !answered.contains(*id)) {
            return Some(Objection::new(format!("No tool output found for {what} {id}."), "", "input"));
        }
    }
    // A thought goes back with what came of it.
    let mut thoughts = items.iter().zip(items.iter().skip(1).map(Some).chain([None]));
    let alone = thoughts.find(|(item, next)| {
        let made = |next: &&Value| field(next, "role") != "user" && !field(next, "type").ends_with("_output");
        field(item, "type") == "reasoning" && next.as_ref().filter(|next| made(next)).is_none()
    });
    alone.map(|(item, _)| {
        let id = field(item, "id");
        let message = format!("Item '{id}' of type 'reasoning' was provided without its required following item.");
        Objection::new(message, "", "input")
    })
}

/// What Anthropic has against the messages of a conversation. `thinks`: thinking is on; `genuine`: whether a signature is
/// that of its thinking.
pub(super) fn claude_history(
    messages: &[Value],
    thinks: bool,
    genuine: &dyn Fn(&str, &str) -> bool,
) -> Result<(), String> {
    let blocks = |at: usize, kind: &'static str| {
        let content = messages.get(at).and_then(|message| message["content"].as_array());
        content.into_iter().flatten().filter(move |block| block["type"] == kind)
    };
    let ids = |at: usize, kind, name: &str| -> Vec<String> {
        blocks(at, kind).map(|block| block[name].as_str().unwrap_or_default().to_owned()).collect()
    };
    let mut known: HashSet<String> = HashSet::new();
    for (at, message) in messages.iter().enumerate() {
        if !matches!(message["role"].as_str(), Some("user" | "assistant" | "system")) {
            return Err(format!("messages.{at}.role: Input should be 'user' or 'assistant'"));
        }
        let last = at + 1 == messages.len();
        match &message["content"] {
            Value::String(text) if !text.is_empty() => {}
            Value::Array(blocks) if !blocks.is_empty() => {}
            Value::String(_) | Value::Array(_) if last && message["role"] == "assistant" => {}
            Value::String(_) | Value::Array(_) => {
                return Err(format!(
                    "messages.{at}: all messages must have non-empty content except for the optional final assistant message"
                ));
            }
            _ => return Err(format!("messages.{at}.content: Field required")),
        }
        for (number, block) in list(&message["content"]).iter().enumerate() {
            let (place, kind) = (format!("messages.{at}.content.{number}"), field(block, "type"));
            if let Some(name) = OURS.iter().find(|name| block.get(**name).is_some()) {
                return Err(format!("{place}.{kind}.{name}: Extra inputs are not permitted"));
            }
            match kind {
                "text" if field(block, "text").is_empty() => {
                    return Err("messages: text content blocks must be non-empty".into());
                }
                "thinking" => {
                    let Some(signature) = block["signature"].as_str() else {
                        return Err(format!("{place}.thinking.signature: Field required"));
                    };
                    if !genuine(field(block, "thinking"), signature) {
                        return Err(format!("{place}: Invalid `signature` in `thinking` block"));
                    }
                }
                "tool_use" if !block["input"].is_object() => {
                    return Err(format!("{place}.tool_use.input: Input should be a valid dictionary"));
                }
                _ => {}
            }
        }
        let calls = ids(at, "tool_use", "id");
        if calls.iter().any(|id| !known.insert(id.clone())) {
            return Err("messages: `tool_use` ids must be unique".into());
        }
        // Results come first.
        let after = messages.get(at + 1).map_or(&[] as &[Value], |message| list(&message["content"]));
        let first: Vec<&str> = after
            .iter()
            .take_while(|block| block["type"] == "tool_result")
            .map(|block| field(block, "tool_use_id"))
            .collect();
        let open: Vec<&str> = calls.iter().map(String::as_str).filter(|id| !first.contains(id)).collect();
        if !open.is_empty() {
            return Err(format!(
                "messages.{at}: `tool_use` ids were found without `tool_result` blocks immediately after: {}. Each \
                 `tool_use` block must have a corresponding `tool_result` block in the next message.",
                open.join(", ")
            ));
        }
        let results = ids(at, "tool_result", "tool_use_id");
        let made = if at == 0 { Vec::new() } else { ids(at - 1, "tool_use", "id") };
        if let Some(id) = results.iter().find(|id| !made.contains(id)) {
            return Err(format!(
                "messages.{at}: unexpected `tool_use_id` found in `tool_result` blocks: {id}. Each `tool_result` block \
                 must have a corresponding `tool_use` block in the previous message."
            ));
        }
        if let Some((_, id)) = repeated(results.iter().map(String::as_str).enumerate()) {
            return Err(format!(
                "messages.{at}.content: each tool_use must have a single result. Found multiple `tool_result` blocks with id: {id}"
            ));
        }
    }
    // While a turn goes on, what was thought before its calls belongs to them.
    let goes_on = thinks
        && messages
            .last()
            .is_some_and(|message| list(&message["content"]).iter().any(|block| block["type"] == "tool_result"));
    let Some(at) = messages.len().checked_sub(2).filter(|_| goes_on) else { return Ok(()) };
    let first =
        messages.get(at).and_then(|message| list(&message["content"]).first()).map_or("", |block| field(block, "type"));
    if !matches!(first, "thinking" | "redacted_thinking") {
        return Err(format!(
            "messages.{at}.content.0.type: Expected `thinking` or `redacted_thinking`, but found `{first}`. When `thinking` is \
             enabled, a final `assistant` message must start with a thinking block (preceeding the lastmost set of `tool_use` \
             and `tool_result` blocks). We recommend you include thinking blocks from previous turns. To avoid this \
             requirement, disable `thinking`."
        ));
    }
    Ok(())
}

/// What Gemini has against its functions and the turns in which they were called. `signs`: the model wants the signatures
/// of its calls back, those of the turn that goes on.
pub(super) fn gemini_refused(functions: &[&Value], contents: &[Value], signs: bool) -> Result<(), String> {
    for (at, function) in functions.iter().enumerate() {
        let name = field(function, "name");
        let first = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        let rest = name.bytes().all(|b| of_a_name(b) || b == b'.' || b == b':');
        if !first || !rest || name.len() > 64 {
            return Err(format!(
                "* GenerateContentRequest.tools[0].function_declarations[{at}].name: Invalid function name. Must start with a \
                 letter or an underscore. Must be alphameric (a-z, A-Z, 0-9), underscores (_), dots (.), colons (:), or \
                 dashes (-), with a maximum length of 64."
            ));
        }
    }
    if let Some((_, name)) = repeated(functions.iter().map(|function| field(function, "name")).enumerate()) {
        return Err(format!("Duplicate function declaration found: {name}"));
    }
    let count = |content: Option<&Value>, camel: &str, snake: &str| {
        let parts = content.map_or(&[] as &[Value], |content| list(&content["parts"]));
        parts.iter().filter(|part| part.get(camel).or_else(|| part.get(snake)).is_some()).count()
    };
    for (at, content) in contents.iter().enumerate() {
        let calls = count(Some(content), "functionCall", "function_call");
        let results = count(contents.get(at + 1), "functionResponse", "function_response");
        if calls != results && (calls > 0 || results > 0) {
            return Err("Please ensure that the number of function response parts is equal to the number of function call parts \
                        of the function call turn."
                .into());
        }
    }
    if count(contents.first(), "functionResponse", "function_response") > 0 {
        return Err("Please ensure that function response turn comes immediately after a function call turn.".into());
    }
    let begun = contents.iter().rposition(|content| {
        content["role"] != "model" && list(&content["parts"]).iter().any(|part| part.get("text").is_some())
    });
    for (at, content) in contents.iter().enumerate().skip(begun.unwrap_or(0)).filter(|_| signs) {
        let mut calls = list(&content["parts"])
            .iter()
            .filter(|part| part.get("functionCall").or_else(|| part.get("function_call")).is_some());
        if let Some(call) = calls.next()
            && call.get("thoughtSignature").or_else(|| call.get("thought_signature")).is_none()
        {
            let name =
                field(call.get("functionCall").or_else(|| call.get("function_call")).unwrap_or(&Value::Null), "name");
            return Err(format!(
                "Unable to submit request because function call `default_api:{name}` in the {}. content block is missing a \
                 `thought_signature`.",
                at + 1
            ));
        }
    }
    Ok(())
}
