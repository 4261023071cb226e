//! One value that satisfies a JSON schema: for structured output and for the arguments of a function call. The same for the
//! same schema.
use std::borrow::Cow;
use std::cell::Cell;

use serde_json::{Map, Number, Value, json};

use super::pattern;

type Rules = Map<String, Value>;

/// Deeper than this only what is required is filled in, so that a recursive schema ends.
const OPTIONAL_DEPTH: usize = 6;
/// Deeper than this nothing is.
const DEPTH: usize = 24;
/// How often another value is tried where one does not fit: `not`, `oneOf` and the like are hard to meet head on.
const TRIES: usize = 8;
/// The same over all: tries within tries would be exponentially many.
const ALL_TRIES: usize = 256;
/// So many values are made and so many schemas looked at: many required recursive fields would be exponentially many.
const VALUES: usize = 20_000;
const CHECKS: usize = 50_000;
const MOST_ITEMS: usize = 1000;
const MOST_CHARACTERS: usize = 100_000;

#[must_use]
pub fn sample(schema: &Value) -> Value {
    sample_of(schema, &Map::new())
}

/// The same with what is known already: a field of such a name has the value, where that fits.
#[must_use]
pub fn sample_of(schema: &Value, known: &Map<String, Value>) -> Value {
    Sampler::new(schema, known).value(schema, "", 0, 0)
}

/// Whether a value satisfies a schema; formats and patterns aside.
#[cfg(test)]
fn fits(schema: &Value, value: &Value) -> bool {
    Sampler::new(schema, &Map::new()).fits(schema, value, 0)
}

struct Sampler<'a> {
    /// What `$ref` points into.
    schema: &'a Value,
    known: &'a Map<String, Value>,
    /// What is left of `VALUES`, `ALL_TRIES` and `CHECKS`.
    values: Cell<usize>,
    tries: Cell<usize>,
    checks: Cell<usize>,
}

/// Whether a value has to be looked at: what is made of these rules need not fit them.
fn is_hard(rules: &Rules) -> bool {
    let hard = ["not", "oneOf", "enum", "if", "multipleOf", "uniqueItems", "contains", "propertyNames", "allOf"];
    hard.iter().any(|rule| rules.contains_key(*rule))
}

/// Takes one, unless there is none.
fn take(left: &Cell<usize>) -> bool {
    let more = left.get().checked_sub(1);
    left.set(more.unwrap_or(0));
    more.is_some()
}

impl<'a> Sampler<'a> {
    fn new(schema: &'a Value, known: &'a Map<String, Value>) -> Self {
        let (values, tries, checks) = (VALUES.into(), ALL_TRIES.into(), CHECKS.into());
        Self { schema, known, values, tries, checks }
    }

    /// The `nth` of the values that there are, under this name.
    fn value(&self, schema: &Value, name: &str, depth: usize, nth: usize) -> Value {
        let Value::Object(rules) = schema else {
            return json!(word(name)); // `true`: anything goes
        };
        if !take(&self.values) || depth > DEPTH {
            return Value::Null;
        }
        let flat = self.flat(rules, depth, nth);
        let first = self.once(&flat, name, depth, nth);
        if !(is_hard(rules) || is_hard(&flat)) || self.fits(schema, &first, 0) {
            return first;
        }
        let more = (1..TRIES).take_while(|_| take(&self.tries));
        let mut others = more.map(|more| self.once(&self.flat(rules, depth, nth + more), name, depth, nth + more));
        others.find(|other| self.fits(schema, other, 0)).unwrap_or(first)
    }

    fn once(&self, rules: &Rules, name: &str, depth: usize, nth: usize) -> Value {
        if let Some(fixed) = rules.get("const") {
            return fixed.clone();
        }
        if let Some(all) = rules.get("enum").and_then(Value::as_array).filter(|all| !all.is_empty()) {
            let said: Vec<&Value> = all.iter().filter(|one| !one.is_null()).collect();
            return said.get(nth % said.len().max(1)).map_or(Value::Null, |one| (*one).clone());
        }
        match kind(rules, depth, nth).as_str() {
            "object" => self.object(rules, depth, nth),
            "array" => self.array(rules, name, depth, nth),
            "string" => string(rules, name, nth).into(),
            "integer" => integer(rules, nth),
            "number" => number(rules, nth),
            "boolean" => Value::Bool(nth.is_multiple_of(2)),
            _ => Value::Null,
        }
    }

    /// The rules with what they refer to, and with one of the alternatives that they leave.
    fn flat<'s>(&'s self, rules: &'s Rules, depth: usize, nth: usize) -> Cow<'s, Rules> {
        let mut flat = Cow::Borrowed(rules);
        let mut seen: Vec<String> = Vec::new();
        for _ in 0..DEPTH {
            if let Some(target) = flat.get("$ref").and_then(Value::as_str) {
                let again = seen.iter().any(|known| known == target);
                seen.push(target.to_owned());
                let target = self.target(target).and_then(Value::as_object).filter(|_| !again);
                flat = match (target, flat.len()) {
                    (Some(target), 1) => Cow::Borrowed(target),
                    (target, _) => {
                        let mut own = flat.into_owned();
                        own.remove("$ref");
                        Cow::Owned(merged(target.cloned().unwrap_or_default(), own))
                    }
                };
                continue;
            }
            let Some(rule) = ["allOf", "anyOf", "oneOf", "if"].into_iter().find(|rule| flat.contains_key(*rule)) else {
                break;
            };
            let mut own = flat.into_owned();
            let mut take = |rule: &str| own.remove(rule);
            let parts = match (rule, take(rule)) {
                ("if", Some(condition)) => {
                    let (then, otherwise) = (take("then"), take("else"));
                    if nth.is_multiple_of(2) { vec![Some(condition), then] } else { vec![otherwise] }
                }
                ("allOf", Some(Value::Array(all))) => all.into_iter().map(Some).collect(),
                (_, Some(Value::Array(all))) => vec![self.chosen(&all, depth, nth).cloned()],
                _ => Vec::new(),
            };
            for part in parts.into_iter().flatten() {
                if let Value::Object(part) = part {
                    own = merged(own, part);
                }
            }
            flat = Cow::Owned(own);
        }
        flat
    }

    /// One of several: that which is not null, but deep inside the one that ends a recursion.
    fn chosen<'s>(&self, all: &'s [Value], depth: usize, nth: usize) -> Option<&'s Value> {
        let is = |one: &Value, kinds: &[&str]| one["type"].as_str().is_some_and(|kind| kinds.contains(&kind));
        if depth > OPTIONAL_DEPTH {
            let plain = ["string", "integer", "number", "boolean", "STRING", "INTEGER", "NUMBER", "BOOLEAN"];
            let null = all.iter().find(|one| is(one, &["null", "NULL"]));
            let plain =
                || all.iter().find(|one| is(one, &plain) || one.get("enum").is_some() || one.get("const").is_some());
            if let Some(short) = null.or_else(plain).or_else(|| all.iter().find(|one| one.get("$ref").is_none())) {
                return Some(short);
            }
        }
        let said: Vec<&Value> = all.iter().filter(|one| !is(one, &["null", "NULL"])).collect();
        said.get(nth % said.len().max(1)).copied().or(all.first())
    }

    fn target(&self, reference: &str) -> Option<&Value> {
        let pointer = reference.strip_prefix('#')?;
        let found = self.schema.pointer(pointer);
        found.or_else(|| self.schema.pointer(&pointer.replace("%24", "$").replace("%20", " ").replace("%25", "%")))
    }

    fn object(&self, rules: &Rules, depth: usize, nth: usize) -> Value {
        let required =
            || rules.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        let (most, least) =
            (bound(rules, "maxProperties").unwrap_or(usize::MAX), bound(rules, "minProperties").unwrap_or(0));
        let (most, least) = (most.max(required().count()), least.min(MOST_ITEMS));
        let mut fields = Map::new();
        let properties = rules.get("properties").and_then(Value::as_object);
        for (name, schema) in properties.into_iter().flatten() {
            let needed = required().any(|one| one == name);
            if *schema != Value::Bool(false) && (needed || depth < OPTIONAL_DEPTH && fields.len() < most) {
                let known = self.known.get(name).filter(|known| self.surely_fits(schema, known));
                let value = known.cloned().unwrap_or_else(|| self.value(schema, name, depth + 1, nth));
                fields.insert(name.clone(), value);
            }
        }
        let others = rules.get("additionalProperties").unwrap_or(&Value::Bool(true));
        for name in required() {
            if !fields.contains_key(name) {
                fields.insert(name.to_owned(), self.value(others, name, depth + 1, nth));
            }
        }
        let by_pattern = rules.get("patternProperties").and_then(Value::as_object).and_then(|all| all.iter().next());
        // A map has an entry, that it can be seen what an entry is.
        let shown =
            usize::from(fields.is_empty() && depth < OPTIONAL_DEPTH && (others.is_object() || by_pattern.is_some()));
        // Of some patterns there is one example, and no more.
        let by_pattern = |at: usize, fields: &Map<String, Value>| {
            let (pattern, schema) = by_pattern?;
            let name = pattern::example(pattern, 1, 64, at).filter(|name| !fields.contains_key(name));
            (name.is_some() || *others == Value::Bool(false)).then_some((name, schema))
        };
        for at in 0..least + 64 {
            if fields.len() >= least.max(shown).min(most) || self.values.get() == 0 {
                break;
            }
            let (name, schema) = match by_pattern(at, &fields) {
                Some(made) => made,
                None if *others == Value::Bool(false) => break,
                None => {
                    let names = rules.get("propertyNames").filter(|names| names.is_object());
                    let name =
                        names.and_then(|names| Some(self.value(names, "key", depth + 1, at).as_str()?.to_owned()));
                    (name.or_else(|| Some(numbered("key", at))), others)
                }
            };
            let Some(name) = name.filter(|name| !fields.contains_key(name)) else { continue };
            let value = self.value(schema, &name, depth + 1, at);
            fields.insert(name, value);
        }
        Value::Object(fields)
    }

    fn array(&self, rules: &Rules, name: &str, depth: usize, nth: usize) -> Value {
        let fixed = rules.get("prefixItems").and_then(Value::as_array).map_or(&[] as &[Value], Vec::as_slice);
        let (fixed, rest) = match rules.get("items") {
            Some(Value::Array(fixed)) => (fixed.as_slice(), rules.get("additionalItems").unwrap_or(&Value::Bool(true))),
            Some(rest) => (fixed, rest),
            None => (fixed, &Value::Bool(true)),
        };
        let least = bound(rules, "minItems").unwrap_or(0).min(MOST_ITEMS);
        let usual = if depth < OPTIONAL_DEPTH { 2 } else { 0 };
        let count = if fixed.is_empty() { usual } else { fixed.len() };
        let count = count.max(least).min(bound(rules, "maxItems").unwrap_or(usize::MAX)).min(MOST_ITEMS);
        let count = if *rest == Value::Bool(false) { count.min(fixed.len()) } else { count };
        let unique = rules.get("uniqueItems") == Some(&Value::Bool(true));
        let contained = rules.get("contains").filter(|_| fixed.is_empty());
        let wanted = contained.map_or(0, |_| bound(rules, "minContains").unwrap_or(1)).min(MOST_ITEMS);
        let count = count.max(wanted);
        let mut items: Vec<Value> = Vec::new();
        let mut tries = 0;
        while items.len() < count && self.values.get() > 0 {
            let schema = fixed.get(items.len()).unwrap_or(rest);
            let contained = contained.filter(|_| items.len() < wanted);
            let item = self.value(contained.unwrap_or(schema), name, depth + 1, nth + if unique { tries } else { 0 });
            tries += 1;
            if !unique || !items.contains(&item) {
                items.push(item);
            } else if tries > count + 64 {
                break; // there are no more
            }
        }
        Value::Array(items)
    }

    /// Whether a value that was made elsewhere fits, its format included.
    fn surely_fits(&self, schema: &Value, value: &Value) -> bool {
        let text = |rules: &Rules| rules.contains_key("format") || rules.contains_key("pattern");
        let flat = schema.as_object().map(|rules| self.flat(rules, 0, 0));
        !flat.is_some_and(|rules| text(&rules)) && self.fits(schema, value, 0)
    }

    fn fits(&self, schema: &Value, value: &Value, depth: usize) -> bool {
        let Value::Object(rules) = schema else { return *schema != Value::Bool(false) };
        if !take(&self.checks) {
            return true;
        }
        let deeper = |schema: &Value, value: &Value| depth > 2 * DEPTH || self.fits(schema, value, depth + 1);
        let each = |rule: &str| rules.get(rule).and_then(Value::as_array).into_iter().flatten();
        let fulfilled = |rule: &str| each(rule).filter(|one| deeper(one, value)).count();
        let said = |rule: &str, holds: &dyn Fn(&Value) -> bool| rules.get(rule).is_none_or(holds);
        let conditional = match rules.get("if") {
            Some(condition) => {
                said(if deeper(condition, value) { "then" } else { "else" }, &|then| deeper(then, value))
            }
            None => true,
        };
        let logic = conditional
            && said("$ref", &|target| {
                target.as_str().and_then(|target| self.target(target)).is_none_or(|target| deeper(target, value))
            })
            && each("allOf").all(|one| deeper(one, value))
            && (!rules.contains_key("anyOf") || fulfilled("anyOf") > 0)
            && (!rules.contains_key("oneOf") || fulfilled("oneOf") == 1)
            && said("not", &|not| !deeper(not, value))
            && said("const", &|fixed| same(fixed, value))
            && said("enum", &|_| each("enum").any(|one| same(one, value)));
        let null = value.is_null() && rules.get("nullable") == Some(&Value::Bool(true));
        logic
            && (null
                || said("type", &|kinds| {
                    let mut all = kinds.as_array().map_or(std::slice::from_ref(kinds), Vec::as_slice).iter();
                    all.any(|kind| is_of(value, &kind.as_str().unwrap_or_default().to_ascii_lowercase()))
                }))
            && match value {
                Value::Number(number) => number_fits(rules, number),
                Value::String(text) => within(rules, text.chars().count(), "minLength", "maxLength"),
                Value::Array(items) => {
                    let (fixed, rest) = match rules.get("items") {
                        Some(Value::Array(fixed)) => (fixed.as_slice(), rules.get("additionalItems")),
                        rest => (
                            rules.get("prefixItems").and_then(Value::as_array).map_or(&[] as &[Value], Vec::as_slice),
                            rest,
                        ),
                    };
                    let schema = |at: usize| fixed.get(at).or(rest);
                    let unique = rules.get("uniqueItems") == Some(&Value::Bool(true));
                    within(rules, items.len(), "minItems", "maxItems")
                        && items
                            .iter()
                            .enumerate()
                            .all(|(at, item)| schema(at).is_none_or(|schema| deeper(schema, item)))
                        && said("contains", &|wanted| {
                            let found = items.iter().filter(|item| deeper(wanted, item)).count();
                            let most = bound(rules, "maxContains").unwrap_or(usize::MAX);
                            (bound(rules, "minContains").unwrap_or(1)..=most).contains(&found)
                        })
                        && !(unique
                            && items
                                .iter()
                                .enumerate()
                                .any(|(at, item)| items.iter().skip(at + 1).any(|other| same(item, other))))
                }
                Value::Object(fields) => {
                    let properties = rules.get("properties").and_then(Value::as_object);
                    let known = |name: &str| properties.and_then(|properties| properties.get(name));
                    let patterns = rules.contains_key("patternProperties");
                    within(rules, fields.len(), "minProperties", "maxProperties")
                        && each("required").filter_map(Value::as_str).all(|name| fields.contains_key(name))
                        && fields.iter().all(|(name, value)| match (known(name), rules.get("additionalProperties")) {
                            (Some(schema), _) => deeper(schema, value),
                            (None, Some(others)) if !patterns => deeper(others, value),
                            _ => true,
                        })
                        && said("propertyNames", &|names| {
                            fields.keys().all(|name| deeper(names, &name.as_str().into()))
                        })
                }
                _ => true,
            }
    }
}

/// Equal as JSON has it: 1.0 is 1.
fn same(one: &Value, other: &Value) -> bool {
    one == other || one.as_f64().is_some_and(|one| other.as_f64() == Some(one))
}

fn is_of(value: &Value, kind: &str) -> bool {
    match value {
        Value::Null => kind == "null",
        Value::Bool(_) => kind == "boolean",
        Value::Number(n) => {
            kind == "number" || kind == "integer" && (!n.is_f64() || n.as_f64().is_some_and(|n| n.fract() == 0.0))
        }
        Value::String(_) => kind == "string",
        Value::Array(_) => kind == "array",
        Value::Object(_) => kind == "object",
    }
}

fn within(rules: &Rules, length: usize, least: &str, most: &str) -> bool {
    bound(rules, least).is_none_or(|least| length >= least) && bound(rules, most).is_none_or(|most| length <= most)
}

/// A count; Gemini writes them as texts too.
fn bound(rules: &Rules, name: &str) -> Option<usize> {
    let value = rules.get(name)?;
    let count = value.as_u64().or_else(|| value.as_f64().filter(|n| *n >= 0.0).map(|n| n as u64));
    count.or_else(|| value.as_str()?.parse().ok()).map(|count| usize::try_from(count).unwrap_or(usize::MAX))
}

/// Both rules in one.
fn merged(mut rules: Rules, more: Rules) -> Rules {
    for (name, new) in more {
        let Some(old) = rules.get_mut(&name) else {
            rules.insert(name, new);
            continue;
        };
        match (name.as_str(), &mut *old, new) {
            (_, old, new) if *old == new => {}
            ("properties", Value::Object(old), Value::Object(new)) => {
                for (name, new) in new {
                    match old.get_mut(&name) {
                        Some(old) if *old != new => *old = json!({"allOf": [old.take(), new]}),
                        Some(_) => {}
                        None => drop(old.insert(name, new)),
                    }
                }
            }
            ("required", Value::Array(old), Value::Array(new)) => {
                old.extend(new);
            }
            ("enum", Value::Array(old), Value::Array(new)) => old.retain(|one| new.contains(one)),
            ("type", old, new) => {
                let list = |value: &Value| value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
                let (old_kinds, new_kinds) = (list(old), list(&new));
                let both: Vec<Value> = old_kinds
                    .iter()
                    .flat_map(|old| new_kinds.iter().map(move |new| (old, new)))
                    .filter(|(old, new)| {
                        old == new || (*old == "number" && *new == "integer") || (*old == "integer" && *new == "number")
                    })
                    .map(|(old, new)| if *old == "number" { new.clone() } else { old.clone() })
                    .collect();
                *old = if both.is_empty() { new } else { both.into() };
            }
            ("minimum" | "exclusiveMinimum" | "minLength" | "minItems" | "minProperties", old, new) => {
                if new.as_f64() > old.as_f64() {
                    *old = new;
                }
            }
            ("maximum" | "exclusiveMaximum" | "maxLength" | "maxItems" | "maxProperties", old, new) => {
                if new.as_f64() < old.as_f64() {
                    *old = new;
                }
            }
            ("items" | "additionalProperties", old @ Value::Object(_), new @ Value::Object(_)) => {
                *old = json!({"allOf": [old.take(), new]});
            }
            ("items" | "additionalProperties", old, new) => {
                if *old == Value::Bool(true) || new == Value::Bool(false) {
                    *old = new;
                }
            }
            ("allOf", Value::Array(old), Value::Array(new)) => old.extend(new),
            ("$ref" | "anyOf" | "oneOf" | "not" | "if", _, new) => {
                let also = json!([{ name: new }]);
                match rules.get_mut("allOf") {
                    Some(Value::Array(all)) => all.extend(also.as_array().cloned().unwrap_or_default()),
                    _ => drop(rules.insert("allOf".into(), also)),
                }
            }
            (_, old, new) => *old = new,
        }
    }
    rules
}

/// The type of a value, in lower case.
fn kind(rules: &Rules, depth: usize, nth: usize) -> String {
    let deep = depth > OPTIONAL_DEPTH;
    let long = |kind: &str| matches!(kind, "object" | "array");
    match rules.get("type") {
        Some(Value::String(kind)) => {
            let kind = kind.to_ascii_lowercase();
            let nullable = rules.get("nullable") == Some(&Value::Bool(true));
            if nullable && deep && long(&kind) { "null".into() } else { kind }
        }
        Some(Value::Array(kinds)) => {
            let kinds: Vec<String> = kinds.iter().filter_map(Value::as_str).map(str::to_ascii_lowercase).collect();
            let said: Vec<&String> = kinds.iter().filter(|kind| *kind != "null").collect();
            let kind = said.get(nth % said.len().max(1)).map_or("null", |kind| kind.as_str());
            let null = kinds.len() > said.len() && deep && long(kind);
            if null { "null".into() } else { kind.into() }
        }
        _ => {
            let has = |names: &[&str]| names.iter().any(|name| rules.contains_key(*name));
            let kind = if has(&["properties", "required", "additionalProperties", "patternProperties", "minProperties"])
            {
                "object"
            } else if has(&["items", "prefixItems", "minItems", "uniqueItems", "contains"]) {
                "array"
            } else if has(&["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"]) {
                "number"
            } else {
                "string"
            };
            kind.to_owned()
        }
    }
}

/// Texts of the formats that JSON Schema and pydantic know.
fn formatted(format: &str, nth: usize) -> Option<String> {
    let digit = nth % 9;
    Some(match format {
        "date" => format!("2025-08-{:02}", 8 + nth % 20),
        "time" => format!("09:{:02}:35Z", 21 + digit),
        "date-time" => format!("2025-08-{:02}T09:21:35Z", 8 + nth % 20),
        "duration" => format!("PT{}M", 30 + nth),
        "email" | "idn-email" | "name-email" => format!("{}@example.com", joined("alice", nth)),
        "uri" | "url" | "iri" | "http-url" | "multi-host-uri" | "uri-reference" | "iri-reference" => {
            format!("https://www.example.com/{}", if nth == 0 { String::new() } else { nth.to_string() })
        }
        "uri-template" => "https://www.example.com/{id}".into(),
        "uuid" | "uuid1" | "uuid3" | "uuid4" | "uuid5" | "uuid6" | "uuid7" | "uuid8" => {
            let version = format.strip_prefix("uuid").filter(|version| !version.is_empty()).unwrap_or("4");
            format!("6895b537-f6e0-{version}819-8b98-5851c6c78d{:02x}", 0xaa_usize.wrapping_add(nth) & 0xff)
        }
        "ipv4" | "ipvanyaddress" => format!("192.0.2.{}", 1 + nth % 250),
        "ipv6" => format!("2001:db8::{}", 1 + digit),
        "ipv4interface" | "ipvanyinterface" => format!("192.0.2.{}/24", 1 + nth % 250),
        "ipv4network" | "ipvanynetwork" => format!("192.0.{}.0/24", 2 + nth % 250),
        "ipv6interface" => format!("2001:db8::{}/64", 1 + digit),
        "ipv6network" => format!("2001:db8:{}::/64", 1 + digit),
        "hostname" | "idn-hostname" => format!("{}.example.com", joined("www", nth)),
        "json-pointer" => format!("/items/{nth}"),
        "relative-json-pointer" => format!("{nth}/items"),
        "regex" => "^[a-z]+$".into(),
        "json-string" => format!("{{\"number\":{nth}}}"),
        "byte" | "base64" | "base64url" => format!("d2Vud2Vu{}", ["", "MQ==", "Mg=="].get(nth % 3).unwrap_or(&"")),
        "color" => format!("#3366{:02x}", nth % 256),
        "path" | "file-path" => format!("{}.txt", joined("notes", nth)),
        "directory-path" => joined("notes", nth),
        _ => return None,
    })
}

fn joined(stem: &str, nth: usize) -> String {
    if nth == 0 { stem.to_owned() } else { format!("{stem}{}", nth + 1) }
}

fn numbered(word: &str, nth: usize) -> String {
    if nth == 0 { word.to_owned() } else { format!("{word} {}", nth + 1) }
}

fn string(rules: &Rules, name: &str, nth: usize) -> String {
    let least = bound(rules, "minLength").unwrap_or(0).min(MOST_CHARACTERS);
    let most = bound(rules, "maxLength").unwrap_or(usize::MAX).max(least);
    let fits = |text: &String| (least..=most).contains(&text.chars().count());
    if let Some(text) =
        rules.get("pattern").and_then(Value::as_str).and_then(|it| pattern::example(it, least, most, nth))
    {
        return text;
    }
    let encoded = rules.get("contentEncoding").and_then(Value::as_str).map(|_| "base64");
    let format = encoded.or_else(|| rules.get("format").and_then(Value::as_str));
    if let Some(text) = format.and_then(|format| formatted(format, nth)).filter(fits) {
        return text;
    }
    let mut text = numbered(&word(name), nth);
    if text.chars().count() > most {
        // What tells several apart stands at the end.
        let tail = if nth == 0 { String::new() } else { nth.to_string() };
        let head = most.saturating_sub(tail.len());
        text = text.chars().take(head).chain(tail.chars()).take(most).collect();
    }
    let missing = least.saturating_sub(text.chars().count());
    text.extend(std::iter::repeat_n('x', missing));
    text
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

/// Where numbers end, and whether that is one of them.
type Edge = Option<(f64, bool)>;

/// The bounds of a number. In JSON Schema's early drafts `exclusiveMinimum` is a flag.
fn bounds(rules: &Rules) -> (Edge, Edge) {
    let side = |closed: &str, open: &str, inner: fn(f64, f64) -> bool| {
        let number = |name: &str| rules.get(name).and_then(Value::as_f64);
        let flag = rules.get(open) == Some(&Value::Bool(true));
        let closed = number(closed).map(|n| (n, !flag));
        match (closed, number(open)) {
            (Some((n, reached)), Some(open)) => Some(if inner(n, open) { (n, reached) } else { (open, false) }),
            (closed, open) => closed.or(open.map(|n| (n, false))),
        }
    };
    (side("minimum", "exclusiveMinimum", |n, open| n > open), side("maximum", "exclusiveMaximum", |n, open| n < open))
}

fn number_fits(rules: &Rules, number: &Number) -> bool {
    let Some(n) = number.as_f64() else { return true };
    let (least, most) = bounds(rules);
    let step = rules.get("multipleOf").and_then(Value::as_f64).filter(|step| *step > 0.0);
    least.is_none_or(|(least, reached)| n > least || reached && n >= least)
        && most.is_none_or(|(most, reached)| n < most || reached && n <= most)
        && step.is_none_or(|step| (n / step - (n / step).round()).abs() < 1e-9)
}

/// Exact also where a float is not.
fn integer(rules: &Rules, nth: usize) -> Value {
    let exact = |name: &str, n: f64| {
        let value = rules.get(name).and_then(|value| value.as_i64().map(i128::from).or(value.as_u64().map(i128::from)));
        value.filter(|value| *value as f64 == n)
    };
    let (least, most) = bounds(rules);
    // A bound may be as large as floats are.
    let least = least.map(|(n, reached)| match exact("minimum", n).or_else(|| exact("exclusiveMinimum", n)) {
        Some(n) => n + i128::from(!reached),
        None => (n.floor() as i128).saturating_add((!(reached && n.fract() == 0.0)).into()),
    });
    let most = most.map(|(n, reached)| match exact("maximum", n).or_else(|| exact("exclusiveMaximum", n)) {
        Some(n) => n - i128::from(!reached),
        None => (n.ceil() as i128).saturating_sub((!(reached && n.fract() == 0.0)).into()),
    });
    let step =
        rules.get("multipleOf").and_then(Value::as_f64).filter(|step| *step >= 1.0).map_or(1, |step| step as i128);
    let usual = 3_i128.max(least.unwrap_or(i128::MIN)).min(most.unwrap_or(i128::MAX));
    let first = usual.saturating_add((step - usual.rem_euclid(step)) % step);
    let first = if most.is_some_and(|most| first > most) { first.saturating_sub(step) } else { first };
    // The next ones, and from the top those below the first.
    let (nth, after) = (nth as i128, |steps: i128| first.saturating_add(steps.saturating_mul(step)));
    let n = match most {
        Some(most) if after(nth) > most => after(most.saturating_sub(first).div_euclid(step).max(0) - nth),
        _ => after(nth),
    };
    let n = if least.is_some_and(|least| n < least) { first } else { n };
    match (i64::try_from(n), u64::try_from(n)) {
        (Ok(n), _) => json!(n),
        (_, Ok(n)) => json!(n),
        _ => json!(n as f64),
    }
}

fn number(rules: &Rules, nth: usize) -> Value {
    let (least, most) = bounds(rules);
    let inside = |n: f64| {
        least.is_none_or(|(least, reached)| n > least || reached && n >= least)
            && most.is_none_or(|(most, reached)| n < most || reached && n <= most)
    };
    let mut n: f64 = 21.5;
    if !inside(n) {
        n = match (least, most) {
            (Some((least, _)), Some((most, _))) => f64::midpoint(least, most),
            (Some((least, reached)), None) => least + if reached { 0.0 } else { 0.5 },
            (None, Some((most, reached))) => most - if reached { 0.0 } else { 0.5 },
            (None, None) => n,
        };
    }
    if let Some(step) = rules.get("multipleOf").and_then(Value::as_f64).filter(|step| *step > 0.0) {
        let whole = (n / step).ceil();
        let count = [whole, whole - 1.0].into_iter().find(|count| inside(count * step)).unwrap_or(whole) + nth as f64;
        // Divided rather than multiplied where the step is a fraction of one: 3 × 0.1 is 0.30000000000000004.
        let parts = (1.0 / step).round();
        let exact = step < 1.0 && (1.0 / step - parts).abs() < 1e-9;
        n = if exact { count / parts } else { count * step };
        return if n.fract() == 0.0 && n.abs() < 9e15 { json!(n as i64) } else { json!(n) };
    }
    let more = n + nth as f64;
    let between = || most.map_or(n, |(most, _)| n + (most - n) * nth as f64 / (nth as f64 + 1.0));
    json!(if inside(more) { more } else { between() })
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
        assert!(fits(&schema, &value) && value.to_string().len() < 100_000);
        // Without a way out the depth alone ends it.
        let endless = json!({"type": "object", "properties": {"a": {"$ref": "#"}}, "required": ["a"]});
        assert!(sample(&endless).is_object());
        let properties: Map<_, _> = (0..10).map(|n| (n.to_string(), json!({"$ref": "#"}))).collect();
        let names: Vec<_> = (0..10).map(|n| n.to_string()).collect();
        assert!(sample(&json!({"type": "object", "properties": properties, "required": names})).is_object());
        // Each key is the same one: no more are looked for than could be needed.
        let map = json!({"type": "object", "minProperties": 1000, "patternProperties": {"^one$": {"$ref": "#"}}});
        assert!(sample(&map).is_object());
        for odd in
            [json!({"$ref": "#"}), json!({"allOf": [{"$ref": "#"}]}), json!({"anyOf": [{"$ref": "#"}, {"$ref": "#"}]})]
        {
            let _ = sample(&odd);
        }
    }

    /// Takes no more than a moment, and panics at nothing.
    #[test]
    fn hostile() {
        let numbers =
            [json!(1e300), json!(-1e300), json!(5), json!(-5), json!(1_u64 << 63), json!(i64::MIN), json!("x")];
        let steps = [Value::Null, json!(7), json!(1e300), json!(0.1), json!(1e-300), json!(0), json!(-1)];
        for (least, most) in numbers.iter().flat_map(|least| numbers.iter().map(move |most| (least, most))) {
            for (step, kind) in steps.iter().flat_map(|step| ["integer", "number"].map(|kind| (step, kind))) {
                let open =
                    json!({"type": kind, "exclusiveMinimum": least, "exclusiveMaximum": most, "multipleOf": step});
                let closed = json!({"type": kind, "minimum": least, "maximum": most, "multipleOf": step});
                let _ = sample(&json!({"type": "array", "items": open, "uniqueItems": true, "minItems": 5}));
                let _ = sample(&closed);
            }
        }
        let names: Vec<String> = (0..3000).map(|at| at.to_string()).collect();
        let many: Map<String, Value> = names
            .iter()
            .map(|name| (name.clone(), json!({"type": "string", "pattern": "^(a|b|c|d){1,50}$", "minLength": 40})))
            .collect();
        let again: Vec<Value> = (0..50).map(|_| json!({"$ref": "#"})).collect();
        let again: Vec<Value> = (0..50).map(|_| json!({"anyOf": again})).collect();
        for schema in [
            json!({"type": "array", "items": {"$ref": "#"}, "minItems": 1000}),
            json!({"type": "object", "additionalProperties": {"$ref": "#"}, "minProperties": 1000}),
            json!({"type": "object", "properties": many}),
            json!({"anyOf": again}),
            json!({"oneOf": again}),
            json!({"allOf": again}),
            json!({"type": "array", "minItems": 1e18, "contains": {"const": 1}, "minContains": 1e18}),
        ] {
            let _ = sample(&schema);
        }
    }

    #[test]
    fn bounds() {
        for (schema, value) in [
            (json!({"type": "integer", "minimum": 10, "maximum": 20}), json!(10)),
            (json!({"type": ["null", "number"], "maximum": 1}), json!(1.0)),
            (json!({"type": "string", "minLength": 9, "maxLength": 9}), json!("samplexxx")),
            (json!({"type": "array", "items": {"const": 1}, "maxItems": 1}), json!([1])),
            (json!({"type": "string", "format": "date"}), json!("2025-08-08")),
            (json!(true), json!("sample")),
            (json!({}), json!("sample")),
            (json!({"type": "integer", "exclusiveMinimum": 3}), json!(4)),
            (json!({"type": "integer", "exclusiveMaximum": 3, "minimum": 2}), json!(2)),
            (json!({"type": "integer", "maximum": -1.5}), json!(-2)),
            (json!({"type": "integer", "minimum": 9_007_199_254_740_993_i64}), json!(9_007_199_254_740_993_i64)),
            (json!({"type": "integer", "minimum": u64::MAX}), json!(u64::MAX)),
            (json!({"type": "integer", "multipleOf": 7, "minimum": 15}), json!(21)),
            (json!({"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}), json!(0.5)),
            (json!({"type": "number", "multipleOf": 0.1, "maximum": 0.35}), json!(0.3)),
            (json!({"type": "number", "minimum": 5, "exclusiveMinimum": true, "maximum": 6}), json!(5.5)),
            (json!({"enum": [null, "a"], "type": ["string", "null"]}), json!("a")),
            (json!({"enum": [1, 2, 3], "minimum": 2}), json!(2)),
            (json!({"enum": [null]}), Value::Null),
            (json!({"type": "string", "pattern": "^[A-Z]{2}-\\d{3}$"}), json!("AA-111")),
            (json!({"type": "STRING", "format": "enum", "enum": ["x"]}), json!("x")),
            (json!({"type": "ARRAY", "minItems": "3", "items": {"type": "BOOLEAN"}}), json!([true, true, true])),
            (
                json!({"type": "array", "uniqueItems": true, "items": {"enum": ["a", "b"]}, "minItems": 5}),
                json!(["a", "b"]),
            ),
            (
                json!({"type": "array", "prefixItems": [{"type": "integer"}, {"const": "x"}], "items": false}),
                json!([3, "x"]),
            ),
            (json!({"type": "object", "additionalProperties": {"type": "integer"}}), json!({"key": 3})),
            (
                json!({"type": "object", "additionalProperties": {"type": "integer"}, "minProperties": 2}),
                json!({"key": 3, "key 2": 4}),
            ),
            (json!({"type": "object", "additionalProperties": {"type": "integer"}, "maxProperties": 0}), json!({})),
            (
                json!({"type": "object", "patternProperties": {"^x-[0-9]$": {"const": 1}}, "additionalProperties": false}),
                json!({"x-1": 1}),
            ),
            (
                json!({"type": "object", "propertyNames": {"enum": ["de", "fr"]}, "additionalProperties": true, "minProperties": 2}),
                json!({"de": "de", "fr": "fr"}),
            ),
            (json!({"type": "string", "minLength": 3, "not": {"const": "sample"}}), json!("sample 2")),
            (json!({"oneOf": [{"type": "integer"}, {"type": "integer", "minimum": 2}]}), Value::Null),
            (json!({"allOf": [{"type": "integer", "minimum": 4}, {"maximum": 9}], "multipleOf": 5}), json!(5)),
        ] {
            let made = sample(&schema);
            if !value.is_null() || schema["enum"].is_array() {
                assert_eq!(made, value, "{schema}");
            }
            assert!(fits(&schema, &made) || schema["oneOf"].is_array() || schema["minItems"] == 5, "{schema}: {made}");
        }
    }

    #[test]
    fn what_fits() {
        let shape = |kind: &str, side: &str| {
            json!({"type": "object", "properties": {
            "kind": {"const": kind, "type": "string"}, side: {"type": "number", "exclusiveMinimum": 0}},
            "required": ["kind", side], "additionalProperties": false})
        };
        for schema in [
            json!({"oneOf": [shape("circle", "radius"), shape("square", "side")], "discriminator": {"propertyName": "kind"}}),
            json!({"anyOf": [{"type": "null"}, {"type": "array", "minItems": 3, "items": {"type": "string", "maxLength": 2}}]}),
            json!({"$ref": "#/$defs/a", "description": "beside it", "$defs": {"a": {"type": "object", "properties": {
                "b": {"$ref": "#/$defs/b", "default": 3}}, "required": ["b"]}, "b": {"type": "integer", "minimum": 7}}}),
            json!({"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"], "allOf": [
                {"properties": {"b": {"type": "string", "minLength": 20}}, "required": ["b"]},
                {"properties": {"a": {"minimum": 50}}}]}),
            json!({"type": "object", "properties": {"kind": {"enum": ["a", "b"]}, "n": {"type": "integer"}}, "required": ["kind"],
                "if": {"properties": {"kind": {"const": "a"}}}, "then": {"properties": {"n": {"minimum": 100}}, "required": ["n"]}}),
            json!({"type": "object", "anyOf": [{"required": ["a"]}, {"required": ["b"]}], "properties": {
                "a": {"type": "integer"}, "b": {"type": "integer"}}}),
            json!({"type": "array", "contains": {"const": 9}, "items": {"type": "integer"}, "minItems": 2}),
            json!({"type": "array", "contains": {"const": 9}, "items": {"type": "integer"}, "minContains": 3, "maxContains": 4}),
            json!({"anyOf": [{"type": "integer", "not": {"multipleOf": 3}}, {"type": "object"}]}),
            json!({"$ref": "#/$defs/a", "$defs": {"a": {"type": "integer", "not": {"const": 3}}}}),
            json!({"type": "object", "patternProperties": {"^x-": {"type": "integer"}}, "minProperties": 3}),
            json!({"type": "array", "uniqueItems": true, "minItems": 4, "items": {"type": "object", "properties": {
                "id": {"type": "string", "format": "uuid"}}, "required": ["id"]}}),
            json!({"type": "array", "uniqueItems": true, "minItems": 3, "items": {"type": "integer", "minimum": 0, "maximum": 2}}),
            json!({"type": "integer", "not": {"multipleOf": 3}}),
            json!({"type": "string", "nullable": true}),
            json!({"type": "array", "items": {"anyOf": [{"type": "integer"}, {"type": "string"}]}, "minItems": 1, "maxItems": 1}),
        ] {
            let made = sample(&schema);
            assert!(fits(&schema, &made), "{schema}: {made}");
            assert_eq!(made, sample(&schema));
        }
        for (schema, value) in [
            (json!({"type": "integer"}), json!(1.5)),
            (json!({"type": ["string", "null"]}), json!(1)),
            (json!({"oneOf": [{}, {}]}), json!(1)),
            (json!({"required": ["a"]}), json!({})),
            (json!({"additionalProperties": false}), json!({"a": 1})),
            (json!({"uniqueItems": true}), json!([1, 1.0])),
            (json!({"prefixItems": [true], "items": false}), json!([1, 2])),
            (json!({"const": 1}), json!(2)),
            (json!(false), json!(1)),
        ] {
            assert!(!fits(&schema, &value), "{schema}: {value}");
        }
    }

    #[test]
    fn what_is_known_is_said() {
        let schema = json!({"type": "object", "properties": {"city": {"type": "string"}, "degrees": {"type": "integer"},
            "day": {"type": "string", "format": "date"}}, "required": ["city", "degrees", "day"]});
        let known = json!({"city": "Oslo", "degrees": "cold", "day": "today"});
        let made = sample_of(&schema, known.as_object().unwrap());
        assert_eq!(made, json!({"city": "Oslo", "degrees": 3, "day": "2025-08-08"}));
    }
}
