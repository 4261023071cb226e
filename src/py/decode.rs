//! JSON to Python, straight into Python's own objects, in one pass. `jiter` does that too, but checks what is not ASCII
//! before Python checks it again, which is two fifths of the instructions for a megabyte of Chinese.
use std::sync::{Mutex, MutexGuard};

use libc::wchar_t;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyInt, PyList, PyNone, PyString};
use pyo3::{IntoPyObjectExt, ffi};
use serde::de::IgnoredAny;

use crate::core::characters::{LONG, PIECE, characters, is_dense};
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
            let (key, place) = self.key()?;
            if self.peek()? != b':' {
                return None;
            }
            self.at += 1;
            let value = match (place, self.peek()?) {
                (Some(place), b'"') => self.name(place)?.into_any(),
                _ => self.value(depth + 1)?,
            };
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

    /// With the place of its name, if it has names.
    fn key(&mut self) -> Option<(Bound<'py, PyString>, Option<usize>)> {
        match (self.as_it_stands(), &mut self.keys) {
            (Some(key), Some(keys)) => keys.get(self.py, key),
            (Some(key), None) => Some((text(self.py, key)?, None)),
            (None, _) => Some((self.with_escapes()?, None)),
        }
    }

    /// A text that stands at a key of `NAMES`.
    fn name(&mut self, place: usize) -> Option<Bound<'py, PyString>> {
        match (self.as_it_stands(), &mut self.keys) {
            (Some(name), Some(keys)) => keys.name(self.py, place, name),
            (Some(name), None) => text(self.py, name),
            (None, _) => self.with_escapes(),
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
            match rest.first_chunk::<16>() {
                // Where escapes stand close together: a copy of known length is no call.
                Some(some) if length <= some.len() => {
                    let end = self.text.len() + length;
                    self.text.extend_from_slice(some);
                    self.text.truncate(end);
                }
                _ => self.text.extend_from_slice(rest.get(..length)?),
            }
            self.at += length + 1;
            match (rest.get(length)?, rest.get(length + 1)) {
                (b'"', _) => return text(self.py, &self.text),
                (b'\\', Some(b'u')) => self.units()?,
                (b'\\', Some(escaped)) => {
                    self.at += 1;
                    self.text.push(match escaped {
                        b'"' | b'\\' | b'/' => *escaped,
                        b'b' => 0x08,
                        b'f' => 0x0c,
                        b'n' => b'\n',
                        b'r' => b'\r',
                        b't' => b'\t',
                        _ => return None,
                    });
                }
                _ => return None, // a control character, or the end
            }
        }
    }

    /// After a backslash: a `u` with its digits, and those behind it. Python's `json.dumps` writes all Chinese so.
    fn units(&mut self) -> Option<()> {
        loop {
            let digits = self.rest().first_chunk::<5>()?.last_chunk::<4>()?;
            self.at += 5;
            match unit(*digits)? {
                unit @ (0x800..0xd800 | 0xe000..) => {
                    let low = |bits: u32| 0x80 | (bits & 0x3f) as u8;
                    self.text.extend_from_slice(&[0xe0 | (unit >> 12) as u8, low(unit >> 6), low(unit)]);
                }
                unit => {
                    let c = self.character(unit)?;
                    self.text.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                }
            }
            if !self.rest().starts_with(b"\\u") {
                return Some(());
            }
            self.at += 1;
        }
    }

    /// The one that a unit is, with the other half of a pair; None of half a one.
    fn character(&mut self, unit: u32) -> Option<char> {
        if !(0xd800..0xdc00).contains(&unit) {
            return char::from_u32(unit);
        }
        self.word(b"\\u")?;
        let low = self::unit(*self.rest().first_chunk()?).filter(|low| (0xdc00..0xe000).contains(low))?;
        self.at += 4;
        char::from_u32(0x1_0000 + ((unit - 0xd800) << 10) + (low - 0xdc00))
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
        let number = self.json.get(start..self.at)?;
        if !is_float && whole <= 18 {
            let digits = number.get(number.len() - whole..)?;
            let size = digits.iter().fold(0, |size, digit| size * 10 + i64::from(digit - b'0'));
            return self.made(if whole < number.len() { -size } else { size });
        }
        let number = str::from_utf8(number).ok()?;
        match is_float {
            true => self.made(number.parse::<f64>().ok()?),
            false => self.py.get_type::<PyInt>().call1((number,)).ok(),
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

/// What each byte is worth as a hexadecimal digit; what is none, more than four of them.
const HEX: [u32; 256] = {
    let mut worth = [1 << 16; 256];
    let mut digit = 0;
    while digit < 16 {
        worth[b"0123456789abcdef"[digit] as usize] = digit as u32;
        worth[b"0123456789ABCDEF"[digit] as usize] = digit as u32;
        digit += 1;
    }
    worth
};

/// Of UTF-16, by its four digits.
#[inline]
fn unit(digits: [u8; 4]) -> Option<u32> {
    let unit = digits.iter().fold(0, |unit, digit| unit << 4 | HEX[usize::from(*digit)]);
    (unit <= 0xffff).then_some(unit)
}

/// A text of UTF-8, which is checked as it is read: by Python, and where it is long and Chinese, by us.
#[inline]
fn text<'py>(py: Python<'py>, bytes: &[u8]) -> Option<Bound<'py, PyString>> {
    // Not where a `wchar_t` is no character, as in Windows.
    match size_of::<wchar_t>() == size_of::<u32>() && bytes.len() >= LONG && is_dense(bytes) {
        true => dense(py, bytes),
        false => PyString::from_bytes(py, bytes).ok(),
    }
}

#[inline(never)]
fn dense<'py>(py: Python<'py>, bytes: &[u8]) -> Option<Bound<'py, PyString>> {
    let mut numbers = Vec::with_capacity(bytes.len().min(PIECE + 8));
    let (mut rest, mut pieces) = (bytes, Vec::new());
    while !rest.is_empty() {
        numbers.clear();
        rest = characters(rest, &mut numbers)?;
        let count = isize::try_from(numbers.len()).ok()?;
        // SAFETY: so many of them are there, and they are copied; what comes is a text or an error.
        let piece =
            unsafe { Bound::from_owned_ptr_or_err(py, ffi::PyUnicode_FromWideChar(numbers.as_ptr().cast(), count)) };
        pieces.push(piece.ok()?);
    }
    joined(py, pieces).ok()?.cast_into().ok()
}

/// Texts as one.
pub fn joined<'py>(py: Python<'py>, mut texts: Vec<Bound<'py, PyAny>>) -> PyResult<Bound<'py, PyAny>> {
    match texts.pop() {
        Some(only) if texts.is_empty() => Ok(only),
        last => {
            texts.extend(last);
            PyString::new(py, "").call_method1(intern!(py, "join"), (texts,))
        }
    }
}

/// Keys that were met before: a reply has few, the same ones each time, and as one object they are found in dicts by
/// their address.
struct Keys(Vec<Option<KnownKey>>);

struct KnownKey {
    known: Met,
    /// Of those in `NAMES`, the name that came last.
    name: Option<Option<Met>>,
}

type Met = (Box<[u8]>, Py<PyString>);

static KEYS: Mutex<Keys> = Mutex::new(Keys(Vec::new()));

/// Keys that have the same names again and again, in every event of a stream. Python looks for fields by interned texts,
/// which is what these are.
const NAMES: [&str; 13] = [
    "finishReason",
    "finish_reason",
    "id",
    "item_id",
    "model",
    "modelVersion",
    "object",
    "responseId",
    "role",
    "service_tier",
    "status",
    "system_fingerprint",
    "type",
];

impl Keys {
    const PLACES: usize = 1024;
    /// Longer ones are data.
    const LONGEST: usize = 64;

    /// The key, and its place if it is one of `NAMES`.
    fn get<'py>(&mut self, py: Python<'py>, key: &[u8]) -> Option<(Bound<'py, PyString>, Option<usize>)> {
        if key.len() > Self::LONGEST {
            return Some((text(py, key)?, None));
        }
        if self.0.is_empty() {
            self.0.resize_with(Self::PLACES, || None);
        }
        let at = place(key);
        let place = self.0.get_mut(at)?;
        if let Some(KnownKey { known: (known, object), name }) = place
            && **known == *key
        {
            return Some((object.bind(py).clone(), name.is_some().then_some(at)));
        }
        let named = NAMES.iter().find(|name| name.as_bytes() == key);
        let object = named.map_or_else(|| text(py, key), |name| Some(PyString::intern(py, name)))?;
        *place = Some(KnownKey { known: (key.into(), object.clone().unbind()), name: named.map(|_| None) });
        Some((object, named.map(|_| at)))
    }

    /// What stands at the key of that place.
    fn name<'py>(&mut self, py: Python<'py>, place: usize, name: &[u8]) -> Option<Bound<'py, PyString>> {
        let last = self.0.get_mut(place)?.as_mut()?.name.as_mut()?;
        if let Some((known, object)) = last
            && **known == *name
        {
            return Some(object.bind(py).clone());
        }
        let object = text(py, name)?;
        if name.len() <= Self::LONGEST {
            *last = Some((name.into(), object.clone().unbind()));
        }
        Some(object)
    }
}

/// By its length and its ends, which tell keys apart well enough: by this factor no two of those that a reply has.
fn place(key: &[u8]) -> usize {
    let word = |bytes: Option<&[u8; 8]>| bytes.map(|bytes| u64::from_le_bytes(*bytes));
    let (first, last) = match (word(key.first_chunk()), word(key.last_chunk())) {
        (Some(first), Some(last)) => (first, last),
        _ => (key.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)), 0),
    };
    let mixed = (first ^ last.rotate_left(23) ^ key.len() as u64).wrapping_mul(0xec14_8cb4_8e73_ca47);
    (mixed >> 54) as usize % Keys::PLACES
}
