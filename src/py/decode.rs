//! JSON to Python, straight into Python's own objects, in one pass. `jiter` does that too, but checks what is not ASCII
//! before Python checks it again, which is two fifths of the instructions for a megabyte of Chinese.
use std::sync::{Mutex, MutexGuard};

use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyInt, PyList, PyNone, PyString};
use serde::de::IgnoredAny;

use crate::core::json::mend_surrogates;

/// The value, or why it is none.
pub fn parse<'py>(py: Python<'py>, json: &[u8]) -> Result<Bound<'py, PyAny>, String> {
    let json = json.strip_prefix(b"\xef\xbb\xbf").unwrap_or(json);
    Parser::parse(py, json)
        .or_else(|| {
            // Bad UTF-8 and halves of surrogate pairs come from servers that cut text by bytes: the rest is worth having.
            let mended = mend_surrogates(&String::from_utf8_lossy(json));
            Parser::parse(py, mended.as_bytes())
        })
        .ok_or_else(|| match serde_json::from_slice::<IgnoredAny>(json) {
            Err(error) => error.to_string(),
            Ok(_) => format!("it is nested more than {DEEPEST} deep, or has a number that Python does not take"),
        })
}

/// Deeper is nothing that a service sends, and the stack is not endless.
const DEEPEST: usize = 200;

/// Over JSON in UTF-8, which it checks as it goes; and takes what Python writes and JSON does not have, NaN and the
/// infinities. None where it is wrong.
struct Parser<'a, 'py> {
    py: Python<'py>,
    json: &'a [u8],
    at: usize,
    /// The items of the arrays that are open, one after the other.
    items: Vec<Bound<'py, PyAny>>,
    /// Of a text with escapes.
    text: Vec<u8>,
    /// None while another one reads: in another thread, or of this one, by a finalizer.
    keys: Option<MutexGuard<'static, Keys>>,
}

impl<'a, 'py> Parser<'a, 'py> {
    fn parse(py: Python<'py>, json: &'a [u8]) -> Option<Bound<'py, PyAny>> {
        let mut parser = Self { py, json, at: 0, items: Vec::new(), text: Vec::new(), keys: KEYS.try_lock().ok() };
        let value = parser.value(0)?;
        parser.peek().is_none().then_some(value)
    }

    /// The byte that comes next, after white space.
    #[inline]
    fn peek(&mut self) -> Option<u8> {
        loop {
            let byte = *self.json.get(self.at)?;
            if !matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
                return Some(byte);
            }
            self.at += 1;
        }
    }

    fn rest(&self) -> &'a [u8] {
        self.json.get(self.at..).unwrap_or_default()
    }

    fn value(&mut self, depth: usize) -> Option<Bound<'py, PyAny>> {
        match self.peek()? {
            b'"' => self.string().map(Bound::into_any),
            b'{' => self.object(depth),
            b'[' => self.array(depth),
            b'n' => self.word(b"null").map(|()| PyNone::get(self.py).to_owned().into_any()),
            b't' => self.word(b"true").and_then(|()| self.made(true)),
            b'f' => self.word(b"false").and_then(|()| self.made(false)),
            b'N' => self.word(b"NaN").and_then(|()| self.made(f64::NAN)),
            b'I' => self.word(b"Infinity").and_then(|()| self.made(f64::INFINITY)),
            _ => self.number(),
        }
    }

    fn made(&self, value: impl IntoPyObjectExt<'py>) -> Option<Bound<'py, PyAny>> {
        value.into_bound_py_any(self.py).ok()
    }

    fn word(&mut self, word: &[u8]) -> Option<()> {
        self.rest().starts_with(word).then(|| self.at += word.len())
    }

    fn object(&mut self, depth: usize) -> Option<Bound<'py, PyAny>> {
        let dict = PyDict::new(self.py);
        self.at += 1;
        if self.peek()? == b'}' {
            self.at += 1;
            return Some(dict.into_any());
        }
        if depth >= DEEPEST {
            return None;
        }
        loop {
            if self.peek()? != b'"' {
                return None;
            }
            let key = self.key()?;
            if self.peek()? != b':' {
                return None;
            }
            self.at += 1;
            let value = self.value(depth + 1)?;
            dict.set_item(key, value).ok()?;
            let next = self.peek()?;
            self.at += 1;
            match next {
                b',' => {}
                b'}' => return Some(dict.into_any()),
                _ => return None,
            }
        }
    }

    fn array(&mut self, depth: usize) -> Option<Bound<'py, PyAny>> {
        self.at += 1;
        if self.peek()? == b']' {
            self.at += 1;
            return Some(PyList::empty(self.py).into_any());
        }
        if depth >= DEEPEST {
            return None;
        }
        let first = self.items.len();
        loop {
            let item = self.value(depth + 1)?;
            self.items.push(item);
            let next = self.peek()?;
            self.at += 1;
            match next {
                b',' => {}
                b']' => return Some(PyList::new(self.py, self.items.drain(first..)).ok()?.into_any()),
                _ => return None,
            }
        }
    }

    /// A text as it stands between its quotes; None where it has escapes. It is passed if it has none.
    #[inline]
    fn as_it_stands(&mut self) -> Option<&'a [u8]> {
        let rest = self.json.get(self.at + 1..)?;
        let length = plain(rest);
        let inner = rest.get(..length).filter(|_| rest.get(length) == Some(&b'"'))?;
        self.at += length + 2;
        Some(inner)
    }

    fn key(&mut self) -> Option<Bound<'py, PyString>> {
        match self.as_it_stands() {
            Some(key) => match &mut self.keys {
                Some(keys) => keys.get(self.py, key),
                None => text(self.py, key),
            },
            None => self.with_escapes(),
        }
    }

    fn string(&mut self) -> Option<Bound<'py, PyString>> {
        match self.as_it_stands() {
            Some(inner) => text(self.py, inner),
            None => self.with_escapes(),
        }
    }

    fn with_escapes(&mut self) -> Option<Bound<'py, PyString>> {
        self.at += 1;
        self.text.clear();
        loop {
            let rest = self.rest();
            let length = plain(rest);
            self.text.extend_from_slice(rest.get(..length)?);
            self.at += length + 2;
            match (rest.get(length)?, rest.get(length + 1)) {
                (b'"', _) => {
                    self.at -= 1;
                    return text(self.py, &self.text);
                }
                (b'\\', Some(escaped)) => match escaped {
                    b'"' | b'\\' | b'/' => self.text.push(*escaped),
                    b'b' => self.text.push(0x08),
                    b'f' => self.text.push(0x0c),
                    b'n' => self.text.push(b'\n'),
                    b'r' => self.text.push(b'\r'),
                    b't' => self.text.push(b'\t'),
                    b'u' => {
                        let c = self.character()?;
                        self.text.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                    }
                    _ => return None,
                },
                _ => return None, // a control character, or the end
            }
        }
    }

    /// After `\u`, with the other half of a pair; None of half a one.
    fn character(&mut self) -> Option<char> {
        let unit = self.unit()?;
        if !(0xd800..0xdc00).contains(&unit) {
            return char::from_u32(unit);
        }
        self.word(b"\\u")?;
        let low = self.unit().filter(|low| (0xdc00..0xe000).contains(low))?;
        char::from_u32(0x1_0000 + ((unit - 0xd800) << 10) + (low - 0xdc00))
    }

    fn unit(&mut self) -> Option<u32> {
        let digits = self.rest().first_chunk::<4>()?;
        self.at += 4;
        digits.iter().try_fold(0, |unit, digit| Some(unit << 4 | char::from(*digit).to_digit(16)?))
    }

    fn number(&mut self) -> Option<Bound<'py, PyAny>> {
        let start = self.at;
        if self.word(b"-Infinity").is_some() {
            return self.made(f64::NEG_INFINITY);
        }
        let _ = self.word(b"-");
        let whole = self.digits();
        if whole == 0 || (whole > 1 && self.json.get(self.at - whole) == Some(&b'0')) {
            return None;
        }
        let mut is_float = false;
        if self.word(b".").is_some() {
            is_float = true;
            (self.digits() > 0).then_some(())?;
        }
        if let Some(b'e' | b'E') = self.json.get(self.at) {
            is_float = true;
            self.at += 1;
            let _ = self.word(b"+").or_else(|| self.word(b"-"));
            (self.digits() > 0).then_some(())?;
        }
        let number = str::from_utf8(self.json.get(start..self.at)?).ok()?;
        if is_float {
            return self.made(number.parse::<f64>().ok()?);
        }
        match number.parse::<i64>() {
            Ok(small) => self.made(small),
            Err(_) => self.py.get_type::<PyInt>().call1((number,)).ok(),
        }
    }

    /// How many there are; they are passed.
    fn digits(&mut self) -> usize {
        let count = self.rest().iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.at += count;
        count
    }
}

/// How much of a text comes before its end: before a quote, a backslash, or what may not stand in one.
#[inline]
fn plain(rest: &[u8]) -> usize {
    const ONES: u64 = u64::MAX / 0xff;
    let below = |word: u64, least: u64| word.wrapping_sub(ONES * least) & !word & (ONES * 0x80);
    let mut at = 0;
    while let Some(word) = rest.get(at..).and_then(|rest| rest.first_chunk()) {
        let word = u64::from_le_bytes(*word);
        // The lowest bit that is set is right; those above it may be borrowed.
        let stops = below(word, 0x20) | below(word ^ (ONES * 0x22), 1) | below(word ^ (ONES * 0x5c), 1);
        if stops != 0 {
            return at + (stops.trailing_zeros() / 8) as usize;
        }
        at += 8;
        // A long one: what the compiler makes vectors of.
        while at >= 64
            && let Some(piece) = rest.get(at..).and_then(|rest| rest.first_chunk::<64>())
            && !piece.iter().fold(false, |stop, byte| stop | (*byte < 0x20) | (*byte == b'"') | (*byte == b'\\'))
        {
            at += 64;
        }
    }
    let more = rest.get(at..).unwrap_or_default().iter().take_while(|byte| !matches!(byte, 0..0x20 | b'"' | b'\\'));
    at + more.count()
}

/// A text of UTF-8, which Python checks as it reads it.
#[inline]
fn text<'py>(py: Python<'py>, bytes: &[u8]) -> Option<Bound<'py, PyString>> {
    PyString::from_bytes(py, bytes).ok()
}

/// Keys that were met before: a reply has few, the same ones each time, and as one object they are found in dicts by
/// their address.
struct Keys(Vec<Option<KnownKey>>);

type KnownKey = (Box<[u8]>, Py<PyString>);

static KEYS: Mutex<Keys> = Mutex::new(Keys(Vec::new()));

impl Keys {
    const PLACES: usize = 1024;
    /// Longer ones are data.
    const LONGEST: usize = 64;

    fn get<'py>(&mut self, py: Python<'py>, key: &[u8]) -> Option<Bound<'py, PyString>> {
        if key.len() > Self::LONGEST {
            return text(py, key);
        }
        if self.0.is_empty() {
            self.0.resize_with(Self::PLACES, || None);
        }
        let place = self.0.get_mut(place(key))?;
        if let Some((known, object)) = place
            && **known == *key
        {
            return Some(object.bind(py).clone());
        }
        let object = PyString::from_bytes(py, key).ok()?;
        *place = Some((key.into(), object.clone().unbind()));
        Some(object)
    }
}

/// By its length and its ends, which tell keys apart well enough.
fn place(key: &[u8]) -> usize {
    let word = |bytes: Option<&[u8; 8]>| bytes.map(|bytes| u64::from_le_bytes(*bytes));
    let (first, last) = match (word(key.first_chunk()), word(key.last_chunk())) {
        (Some(first), Some(last)) => (first, last),
        _ => (key.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)), 0),
    };
    let mixed = (first ^ last.rotate_left(23) ^ key.len() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> 54) as usize % Keys::PLACES
}
