//! The tool calls of a chat completion while they arrive. Upstreams leave out the index or give every call the same, send
//! no id, an empty one, or one for all, repeat names or cut them: two calls stay two, and none loses its name.

use super::merge::{Path, Places, ordered};
use super::{Buffer, Snapshot};
use serde_json::{Map, Value, json};
use std::collections::HashMap;

const ORDER: &[&str] = &["id", "type", "function"];

#[derive(Default)]
pub(super) struct Tools {
    calls: Vec<ToolCall>,
    /// The newest call at an index, and the newest with an id.
    by_index: HashMap<u64, usize>,
    by_id: HashMap<String, usize>,
    /// The length of all arguments.
    said: usize,
    places: Places,
}

#[derive(Default)]
struct ToolCall {
    fields: Map<String, Value>,
    /// `function.arguments`, where they are text.
    arguments: Option<Buffer>,
    scan: Scan,
}

/// Whether arguments are all there, as far as they have been looked at.
#[derive(Default)]
struct Scan {
    at: usize,
    depth: usize,
    in_string: bool,
    after_backslash: bool,
    whole: bool,
}

/// What a piece says of the call that it belongs to.
struct Piece {
    index: Option<u64>,
    id: String,
    name: String,
    /// Names and ids in pieces come without a type.
    typed: bool,
    /// Of the function: null where there are none.
    arguments: Value,
}

/// Where a piece belongs.
enum Home {
    New,
    /// Arguments alone, after those of this call were whole: another call of the same function.
    Again(usize),
    At(usize),
    /// It was there before.
    Nowhere,
}

impl Tools {
    /// Adds a piece of a call.
    pub fn add(&mut self, mut fields: Map<String, Value>) -> Option<Snapshot> {
        let arguments = fields.get_mut("function").and_then(|function| function.get_mut("arguments")).map(Value::take);
        let piece = Piece {
            index: fields.remove("index").and_then(|index| index.as_f64()).map(|index| index as u64),
            id: text(&fields, "id").to_owned(),
            name: name(&fields).to_owned(),
            typed: !text(&fields, "type").is_empty(),
            arguments: arguments.unwrap_or_default(),
        };
        let at = match self.home(&piece) {
            Home::At(at) => at,
            Home::Nowhere => return None,
            home => {
                if let Home::Again(at) = home
                    && let Some(Value::Object(function)) = fields.get_mut("function")
                {
                    function.insert("name".into(), name(&self.calls.get(at)?.fields).into());
                }
                self.calls.push(ToolCall::default());
                let at = self.calls.len() - 1;
                self.by_index.extend(piece.index.map(|index| (index, at)));
                at
            }
        };
        let call = self.calls.get_mut(at)?;
        if !text(&call.fields, "id").is_empty() {
            fields.remove("id"); // some upstreams make one up for each piece
        } else if !piece.id.is_empty() {
            self.by_id.insert(piece.id, at);
        }
        self.places.merge_all(&mut call.fields, fields, Some(&Path::of("tool_calls", at)));
        let (snapshot, length) = call.argue(piece.arguments);
        self.said += length;
        snapshot
    }

    fn home(&mut self, piece: &Piece) -> Home {
        let by_index = piece.index.and_then(|index| self.by_index.get(&index)).copied();
        // By its id, unless that is the id of all.
        let agrees = |at: &usize| self.calls.get(*at).is_some_and(|call| text(&call.fields, "id") == piece.id);
        let by_id = match piece.id.is_empty() {
            true => None,
            false => by_index.filter(agrees).or_else(|| self.by_id.get(&piece.id).copied()),
        };
        let known = by_id.or(by_index);
        let says = !is_nothing(&piece.arguments);
        let newest = self.calls.len().wrapping_sub(1);
        // Arguments alone may come at another index than their name, or at none.
        let at = known.unwrap_or(newest);
        let Some(call) = self.calls.get_mut(at) else { return Home::New };
        let other_id = {
            let old = text(&call.fields, "id");
            !piece.id.is_empty() && !old.is_empty() && old != piece.id
        };
        if piece.name.is_empty() {
            if known.is_none() && !piece.id.is_empty() && !says {
                return Home::New; // its name is to come
            }
            if !says || !call.is_whole() {
                return Home::At(at);
            }
            if call.has(&piece.arguments) {
                return Home::Nowhere;
            }
            if call.is_placeholder() {
                return Home::At(at);
            }
            // No name is that long, and each such call would have it.
            let has_name = name(&call.fields).len() < 1000;
            if let Some(open) = self.calls.get_mut(newest).filter(|_| at != newest)
                && !open.is_whole()
            {
                return Home::At(newest);
            }
            let begins = piece.arguments.as_str().is_none_or(|text| text.trim_ascii_start().starts_with('{'));
            return if begins && has_name { Home::Again(at) } else { Home::At(at) };
        }
        let whole = call.is_whole();
        let old = name(&call.fields);
        let same_name = old == piece.name;
        let unknown = known.is_none() && (piece.index.is_some() || !piece.id.is_empty());
        let new_index = piece.index.is_some() && by_index.is_none();
        if unknown || other_id || (new_index && (!call.has_begun() || whole)) {
            return Home::New;
        }
        if old.is_empty() && known.is_some() {
            return Home::At(at);
        }
        if same_name {
            return match says && whole {
                true if !piece.id.is_empty() && call.has(&piece.arguments) => Home::Nowhere,
                true => Home::New,
                false => Home::At(at),
            };
        }
        // A name in pieces comes before any arguments.
        let in_pieces = known.is_some() && !call.has_begun() && (by_id.is_some() || !piece.typed);
        if in_pieces { Home::At(at) } else { Home::New }
    }

    /// How much it says: the calls, and their arguments.
    pub fn length(&self) -> (usize, usize) {
        (self.calls.len(), self.said)
    }

    /// None if there are none.
    pub fn value(&self) -> Option<Value> {
        (!self.calls.is_empty()).then(|| self.calls.iter().map(ToolCall::value).collect())
    }
}

impl ToolCall {
    /// Adds arguments, or a piece of them; says how long it was.
    fn argue(&mut self, arguments: Value) -> (Option<Snapshot>, usize) {
        let piece = match arguments {
            Value::Null => return (None, 0),
            Value::String(text) => text,
            // Some upstreams send them as an object: it stays one.
            value if self.arguments.as_ref().is_none_or(|text| text.lock().is_empty()) => {
                let length = value.to_string().len();
                if let Value::Object(function) = self.fields.entry("function").or_insert_with(|| json!({})) {
                    function.insert("arguments".into(), value);
                }
                return (None, length);
            }
            value => value.to_string(),
        };
        if self.is_placeholder() && !piece.is_empty() {
            (self.arguments, self.scan) = (None, Scan::default());
        }
        let snapshot = self.arguments.get_or_insert_default().append(&piece);
        ((!piece.is_empty()).then_some(snapshot), piece.len())
    }

    /// The arguments where they are no text.
    fn object(&self) -> Option<&Value> {
        self.fields.get("function")?.get("arguments").filter(|arguments| !arguments.is_null())
    }

    fn has_begun(&self) -> bool {
        self.arguments.as_ref().is_some_and(|text| !text.lock().is_empty()) || self.object().is_some()
    }

    /// Converters begin with an empty object, and the arguments follow.
    fn is_placeholder(&self) -> bool {
        self.arguments.as_ref().is_some_and(|text| *text.lock() == "{}")
    }

    fn has(&self, arguments: &Value) -> bool {
        match (&self.arguments, arguments) {
            (Some(text), Value::String(new)) => *text.lock() == *new,
            _ => self.object() == Some(arguments),
        }
    }

    /// Whether its arguments have come to their end.
    fn is_whole(&mut self) -> bool {
        let Some(text) = &self.arguments else { return self.object().is_some_and(|object| !is_nothing(object)) };
        let text = text.lock();
        // Mostly they have not, and this tells at once.
        if !text.ends_with(['}', ']', ' ', '\n', '\r', '\t']) {
            return false;
        }
        let scan = &mut self.scan;
        for byte in text.bytes().skip(scan.at) {
            match byte {
                _ if std::mem::take(&mut scan.after_backslash) => {}
                b'\\' => scan.after_backslash = scan.in_string,
                b'"' => scan.in_string = !scan.in_string,
                _ if scan.in_string => {}
                b'{' | b'[' => scan.depth += 1,
                b'}' | b']' => {
                    scan.whole |= scan.depth == 1;
                    scan.depth = scan.depth.saturating_sub(1);
                }
                _ => {}
            }
        }
        scan.at = text.len();
        scan.whole
    }

    fn value(&self) -> Value {
        let mut call = self.fields.clone();
        if call.get("type").is_none_or(|kind| kind.is_null() || kind == "") && call.contains_key("function") {
            call.insert("type".into(), "function".into());
        }
        let text = self.arguments.as_ref().map_or_else(String::new, |text| text.lock().clone());
        match call.get_mut("function") {
            Some(Value::Object(function)) if !text.is_empty() || self.object().is_none() => {
                function.insert("arguments".into(), text.into());
            }
            _ => {}
        }
        ordered(call, ORDER)
    }
}

fn text<'a>(fields: &'a Map<String, Value>, name: &str) -> &'a str {
    fields.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn name(fields: &Map<String, Value>) -> &str {
    let name = |kind| fields.get(kind).and_then(Value::as_object).map(|function| text(function, "name"));
    name("function").or_else(|| name("custom")).unwrap_or_default()
}

fn is_nothing(arguments: &Value) -> bool {
    match arguments {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    }
}
