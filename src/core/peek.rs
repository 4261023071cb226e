//! JSON looked at where it lies: what stands at the top of a value, found without reading the rest or copying anything.
//! Nothing is checked beyond the way there, so a text that breaks off gives what came before. Linear, and no recursion.
use std::borrow::Cow;

use super::json::{self, text_end};

/// A value: it begins here, and something may follow it.
#[derive(Debug, Clone, Copy)]
pub struct Json<'a>(&'a [u8]);

impl<'a> Json<'a> {
    pub fn of(text: &'a [u8]) -> Self {
        Self(text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text).trim_ascii_start())
    }

    pub fn first(self) -> Option<u8> {
        self.0.first().copied()
    }

    /// Its bytes.
    pub fn raw(self) -> &'a [u8] {
        self.0.get(..end(self.0)).unwrap_or(self.0)
    }

    /// Whether it is that: a text in its quotes, or null, true, false.
    pub fn is(self, json: &[u8]) -> bool {
        self.0.starts_with(json)
    }

    /// Whether it says nothing: null, false, a blank text, [], {}.
    pub fn is_empty(self) -> bool {
        let inner = |open: &[u8]| self.0.strip_prefix(open).map(<[u8]>::trim_ascii_start);
        match self.first() {
            Some(b'n' | b'f') | None => true,
            Some(b'"') => inner(b"\"").is_some_and(|rest| rest.starts_with(b"\"")),
            Some(b'[') => inner(b"[").is_some_and(|rest| rest.starts_with(b"]")),
            Some(b'{') => inner(b"{").is_some_and(|rest| rest.starts_with(b"}")),
            Some(_) => false,
        }
    }

    /// Whether anything in it says something: not null, false, 0, a blank text or "0". What a field `error` must do to be
    /// one.
    pub fn says(self) -> bool {
        let (mut at, mut depth) = (0, 0_usize);
        while let Some(rest) = self.0.get(at..).filter(|rest| !rest.is_empty()) {
            let length = match rest[0] {
                b'{' | b'[' => {
                    depth += 1;
                    1
                }
                b'}' | b']' => {
                    depth = depth.saturating_sub(1);
                    1
                }
                b',' | b':' | b' ' | b'\t' | b'\r' | b'\n' => 1,
                _ => {
                    let length = end(rest);
                    let is_name = rest.get(length..).is_some_and(|after| after.trim_ascii_start().starts_with(b":"));
                    if !is_name && Json(rest).is_word() {
                        return true;
                    }
                    length
                }
            };
            at += length;
            if depth == 0 {
                break;
            }
        }
        false
    }

    /// Whether what is neither an object nor an array says something.
    fn is_word(self) -> bool {
        match self.first() {
            Some(b'n' | b'f') | None => false,
            Some(b'"') => self.text().is_none_or(|text| !matches!(text.trim(), "" | "0")),
            _ => self.text().and_then(|text| text.parse::<f64>().ok()) != Some(0.0),
        }
    }

    /// The members of an object, in their order; of anything else none.
    pub fn members(self) -> impl Iterator<Item = (&'a [u8], Json<'a>)> {
        let mut walk = Walk::of(self, b"{");
        std::iter::from_fn(move || {
            let rest = walk.next()?;
            let name = rest.get(..text_end(rest)?)?;
            let value = rest.get(name.len()..)?.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start();
            walk.rest = value;
            Some((unquoted(name)?, Json(value)))
        })
    }

    /// The first member of that name.
    pub fn get(self, wanted: &str) -> Option<Json<'a>> {
        self.members().find(|(name, _)| *name == wanted.as_bytes()).map(|(_, value)| value)
    }

    /// The items of an array; of anything else none.
    pub fn items(self) -> impl Iterator<Item = Json<'a>> {
        let mut walk = Walk::of(self, b"[");
        std::iter::from_fn(move || walk.next().filter(|rest| !matches!(rest.first(), Some(b']') | None)).map(Json))
    }

    /// A text, a number or true, as text. None of anything else, and of a text that breaks off.
    pub fn text(self) -> Option<Cow<'a, str>> {
        match self.first()? {
            b'"' => {
                let quoted = self.0.get(..text_end(self.0)?)?;
                let inner = unquoted(quoted)?;
                match (memchr::memchr(b'\\', inner), str::from_utf8(inner)) {
                    (None, Ok(plain)) => Some(Cow::Borrowed(plain)),
                    _ => json::parse(&String::from_utf8_lossy(quoted)).map(Cow::Owned),
                }
            }
            b'0'..=b'9' | b'-' => Some(String::from_utf8_lossy(self.raw())),
            _ => None,
        }
    }
}

fn unquoted(text: &[u8]) -> Option<&[u8]> {
    text.strip_prefix(b"\"")?.strip_suffix(b"\"")
}

/// Whether all of a text is one JSON value.
pub fn is_json(text: &[u8]) -> bool {
    json::is_json(text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text))
}

/// On the way through an object or an array.
struct Walk<'a> {
    /// What follows the bracket that opens it, later the value that was handed out and what follows that.
    rest: &'a [u8],
    begun: bool,
}

impl<'a> Walk<'a> {
    fn of(json: Json<'a>, open: &[u8]) -> Self {
        Self { rest: json.0.strip_prefix(open).unwrap_or_default(), begun: false }
    }

    /// Where the next member or item begins.
    fn next(&mut self) -> Option<&'a [u8]> {
        if std::mem::replace(&mut self.begun, true) {
            self.rest = self.rest.get(end(self.rest)..)?.trim_ascii_start().strip_prefix(b",")?;
        }
        self.rest = self.rest.trim_ascii_start();
        Some(self.rest)
    }
}

/// The length of the value that a text begins with.
fn end(json: &[u8]) -> usize {
    match json.first() {
        Some(b'"') => text_end(json).unwrap_or(json.len()),
        Some(b'{' | b'[') => {
            let (mut at, mut depth) = (0, 0_usize);
            while let Some(byte) = json.get(at) {
                match byte {
                    b'"' => {
                        let Some(length) = json.get(at..).and_then(text_end) else { break };
                        at += length;
                        continue;
                    }
                    b'{' | b'[' => depth += 1,
                    b'}' | b']' => depth -= 1,
                    _ => {}
                }
                at += 1;
                if depth == 0 {
                    return at;
                }
            }
            json.len()
        }
        _ => json.iter().position(|byte| b",]} \t\r\n".contains(byte)).unwrap_or(json.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(text: &str) -> Vec<(String, String)> {
        let own = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Json::of(text.as_bytes()).members().map(|(name, value)| (own(name), own(value.raw()))).collect()
    }

    #[test]
    fn what_stands_at_the_top() {
        let pairs = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect::<Vec<_>>()
        };
        let text = r#" { "a" : 1 , "b\"":"x\\" ,"c":{"d":[1,{"e":"}]\""}]},"f":[ ],"":null}rest"#;
        let all = [("a", "1"), (r#"b\""#, r#""x\\""#), ("c", r#"{"d":[1,{"e":"}]\""}]}"#), ("f", "[ ]"), ("", "null")];
        assert_eq!(members(text), pairs(&all));
        assert_eq!(members("\u{feff}{\"a\":true"), pairs(&[("a", "true")]));
        for (broken, whole) in
            [(r#"{"a":1,"b"#, 1), (r#"{"a":1,"b":"#, 2), (r#"{"a":"x"#, 1), ("{", 0), ("{}", 0), ("[1]", 0)]
        {
            assert_eq!(members(broken).len(), whole, "{broken}");
        }
        let items = |text: &'static str| Json::of(text.as_bytes()).items().map(Json::raw).collect::<Vec<_>>();
        assert_eq!(items(r#"[1, "]" ,[2,3],{}]"#), [&b"1"[..], b"\"]\"", b"[2,3]", b"{}"]);
        assert_eq!((items("[ ]").len(), items("[").len(), items("{}").len(), items("[1,").len()), (0, 0, 0, 1));
    }

    #[test]
    fn texts_and_nothings() {
        let text = |json: &'static str| Json::of(json.as_bytes()).text().map(Cow::into_owned);
        for (json, plain) in
            [(r#""a""#, "a"), (r#""a\n\u4e2d""#, "a\n中"), (r#""\ud83d""#, "\u{fffd}"), ("-1.5,", "-1.5")]
        {
            assert_eq!(text(json).as_deref(), Some(plain), "{json}");
        }
        for none in ["null", "true", "[1]", "{}", "\"a", ""] {
            assert_eq!(text(none), None, "{none}");
        }
        for nothing in ["null", "false", "\"\"", "\" \"", "[ ]", "{}", ""] {
            assert!(Json::of(nothing.as_bytes()).is_empty(), "{nothing}");
        }
        for something in ["0", "true", "\"a\"", "[0]", "{\"a\":1}", "\"", "["] {
            assert!(!Json::of(something.as_bytes()).is_empty(), "{something}");
        }
        for nothing in
            ["null", "0", "0.0", "\"0\"", "\" \"", "[0, [], {}]", r#"{"message":"","code":0,"a":[{"b":null}]} 1"#]
        {
            assert!(!Json::of(nothing.as_bytes()).says(), "{nothing}");
        }
        for something in ["1", "true", "\"a\"", "\"\\u0000", "[[], [0, -1]]", r#"{"a" : {"b":[{"c":"d"}]}}"#] {
            assert!(Json::of(something.as_bytes()).says(), "{something}");
        }
    }
}
