//! Deltas laid over what there is: for chats, whose deltas have the shape of the whole.

use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// The object with the fields that are named first.
pub(super) fn ordered(mut object: Map<String, Value>, first: &[&str]) -> Value {
    let mut sorted: Map<String, Value> =
        first.iter().filter_map(|name| object.get_mut(*name).map(|value| ((*name).to_owned(), value.take()))).collect();
    for (name, value) in object {
        sorted.entry(name).or_insert(value);
    }
    sorted.into()
}

/// Where the items of lists stand that have an index, by the list and that: to look for each would take the square of
/// their number.
#[derive(Default)]
pub(super) struct Places(HashMap<(u64, u64), usize>);

/// The way to a value: names, and places in lists.
pub(super) struct Path<'a> {
    up: Option<&'a Path<'a>>,
    name: &'a str,
    at: usize,
}

impl<'a> Path<'a> {
    pub fn of(name: &'a str, at: usize) -> Self {
        Self { up: None, name, at }
    }

    fn hash(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        std::iter::successors(Some(self), |path| path.up).for_each(|path| (path.name, path.at).hash(&mut hasher));
        hasher.finish()
    }
}

impl Places {
    /// Adds a delta to what there is: texts grow, objects and lists are filled, all else is replaced.
    pub fn merge(&mut self, old: &mut Value, new: Value, path: &Path) {
        match (&mut *old, new) {
            (_, Value::Null) => {}
            (Value::String(old), Value::String(new)) => match path.name {
                // Come whole, in some streams with every piece.
                "role" | "type" | "id" | "format" => {
                    if !new.is_empty() {
                        *old = new;
                    }
                }
                // Repeated, or all of it so far.
                "name" if new.starts_with(&*old) => *old = new,
                _ => old.push_str(&new),
            },
            (Value::Object(old), Value::Object(new)) => self.merge_all(old, new, Some(path)),
            (Value::Array(old), Value::Array(new)) => {
                let index = |item: &Value| item.get("index").and_then(Value::as_f64).map(f64::to_bits);
                let list = if new.iter().any(|item| index(item).is_some()) { path.hash() } else { 0 };
                let mut begun = Vec::new();
                for item in new {
                    let key = index(&item).map(|index| (list, index));
                    let known = key.and_then(|key| self.0.get(&key)).copied();
                    let at = known.unwrap_or(old.len());
                    if known.is_none() {
                        old.push(Value::Null);
                        begun.extend(key.map(|key| (key, at)));
                    }
                    if let Some(known) = old.get_mut(at) {
                        self.merge(known, item, &Path { up: Some(path), name: "", at });
                    }
                }
                // Two in one list stay two.
                self.0.extend(begun);
            }
            // Filled piece by piece, for the lists in it.
            (_, new @ Value::Array(_)) => {
                *old = json!([]);
                self.merge(old, new, path);
            }
            (_, new @ Value::Object(_)) => {
                *old = json!({});
                self.merge(old, new, path);
            }
            (old, new) => *old = new,
        }
    }

    pub fn merge_all(&mut self, old: &mut Map<String, Value>, new: Map<String, Value>, up: Option<&Path>) {
        for (name, value) in new {
            let path = Path { up, name: &name, at: 0 };
            match old.get_mut(&name) {
                Some(old) => self.merge(old, value, &path),
                None => {
                    let mut slot = Value::Null;
                    self.merge(&mut slot, value, &path);
                    old.insert(name, slot);
                }
            }
        }
    }
}
