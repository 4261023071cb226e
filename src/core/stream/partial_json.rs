//! JSON that breaks off: a tool's input while it arrives.

/// The JSON brought to an end. What is not whole in it is left out: a string, a number, a key without its value. `None`
/// if there is nothing yet. JSON that is wrong otherwise stays wrong.
pub fn closed(json: &str) -> Option<String> {
    // Everything up to `whole` may stand, with these brackets after it: opening one or closing one moves both.
    let (mut whole, mut open) = (0, Vec::new());
    let (mut scalar, mut after_key) = (false, false);
    let bytes = json.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        if scalar && matches!(byte, b',' | b']' | b'}' | b' ' | b'\t' | b'\n' | b'\r') {
            scalar = false;
            whole = at;
        }
        match byte {
            b'{' | b'[' => {
                open.push(if byte == b'{' { b'}' } else { b']' });
                after_key = false;
                whole = at + 1;
            }
            b'}' | b']' => {
                open.pop();
                after_key = false;
                whole = at + 1;
            }
            b'"' => {
                let end = end_of_string(bytes, at);
                let is_key = open.last() == Some(&b'}') && !after_key;
                if let Some(end) = end.filter(|_| !is_key) {
                    whole = end;
                }
                after_key = false;
                at = end.unwrap_or(bytes.len());
                continue;
            }
            b':' => after_key = true,
            b',' => after_key = false,
            b' ' | b'\t' | b'\n' | b'\r' => {}
            _ => scalar = true,
        }
        at += 1;
    }
    if whole == 0 {
        return None;
    }
    let mut closed = String::with_capacity(whole + open.len());
    closed.push_str(json.get(..whole)?);
    closed.extend(open.into_iter().rev().map(char::from));
    Some(closed)
}

/// Where the string that begins at `at` is over; none if it is not.
pub fn end_of_string(bytes: &[u8], at: usize) -> Option<usize> {
    let mut at = at + 1;
    loop {
        at += memchr::memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes[at] == b'"' {
            return Some(at + 1);
        }
        at += 2;
    }
}

#[cfg(test)]
mod tests {
    use super::closed;
    use serde_json::Value;

    #[test]
    fn what_is_whole_stays() {
        for (broken, whole) in [
            ("", None),
            (" ", None),
            ("\"half", None),
            ("{", Some("{}")),
            ("{\"city", Some("{}")),
            ("{\"city\"", Some("{}")),
            ("{\"city\":", Some("{}")),
            ("{\"city\": \"Par", Some("{}")),
            ("{\"city\": \"Par\\\"", Some("{}")),
            ("{\"city\": \"Paris\"", Some("{\"city\": \"Paris\"}")),
            ("{\"city\": \"Paris\",", Some("{\"city\": \"Paris\"}")),
            ("{\"city\": \"Paris\", \"days\": 1", Some("{\"city\": \"Paris\"}")),
            ("{\"days\": 12 ", Some("{\"days\": 12}")),
            ("{\"days\": [1, 2", Some("{\"days\": [1]}")),
            ("{\"days\": [1, {\"a\": \"}\\\\\"", Some("{\"days\": [1, {\"a\": \"}\\\\\"}]}")),
            ("{\"days\": []", Some("{\"days\": []}")),
            ("{\"ok\": tru", Some("{}")),
            ("{\"a\":{\"b\":null}}", Some("{\"a\":{\"b\":null}}")),
            ("[\"a\", \"b", Some("[\"a\"]")),
        ] {
            assert_eq!(closed(broken).as_deref(), whole, "{broken}");
        }
    }

    #[test]
    fn every_beginning_can_be_closed() {
        let json =
            r#"{"a": [1.5e3, "x,\"]}é", {"b": [[], {}], "c": -0}, true, null], "d\\": {"e": "f:{"}, "g": false}"#;
        for end in (1..=json.len()).filter(|&end| json.is_char_boundary(end)) {
            let closed = closed(&json[..end]).unwrap();
            assert!(serde_json::from_str::<Value>(&closed).is_ok(), "{} -> {closed}", &json[..end]);
        }
        assert_eq!(closed(json).unwrap(), json);
    }
}
