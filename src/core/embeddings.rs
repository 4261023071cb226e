//! `/v1/embeddings`: a reply's vectors are taken out of its JSON, base64 straight into one buffer of 32-bit floats, and
//! the little that is left is for the reader of JSON.
use std::fmt;
use std::ops::Range;

use base64_simd::{Out, STANDARD};
use bytes::Bytes;
use memchr::{memchr, memmem};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::json::Name;

/// A reply and its vectors apart.
#[derive(Debug)]
pub struct Vectors {
    /// The reply's JSON, in which each `embedding` is the number of its row.
    pub rest: Vec<u8>,
    pub rows: Rows,
}

/// The vectors, one a row.
#[derive(Debug, Default)]
pub struct Rows {
    values: Vec<f32>,
    rows: Vec<RowSpan>,
    /// What rows of `RowSpan::Json` point into.
    body: Bytes,
}

#[derive(Debug, Clone)]
enum RowSpan {
    /// In `values`: it came as base64.
    Floats(Range<usize>),
    /// In `body`: numbers, or whatever else stood there.
    Json(Range<usize>),
}

impl Rows {
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// A row that came as base64.
    #[must_use]
    pub fn floats(&self, row: usize) -> Option<&[f32]> {
        match self.rows.get(row)? {
            RowSpan::Floats(range) => self.values.get(range.clone()),
            RowSpan::Json(_) => None,
        }
    }

    /// The JSON of a row that came as anything else.
    #[must_use]
    pub fn json(&self, row: usize) -> Option<&[u8]> {
        match self.rows.get(row)? {
            RowSpan::Json(range) => self.body.get(range.clone()),
            RowSpan::Floats(_) => None,
        }
    }

    /// Rows and columns of the matrix that the rows are, or why they are none.
    pub fn shape(&self) -> Result<(usize, usize), String> {
        let mut columns = None;
        for (number, row) in self.rows.iter().enumerate() {
            let RowSpan::Floats(range) = row else { return Err(format!("data[{number}] is no list of 32-bit floats")) };
            let first = *columns.get_or_insert(range.len());
            if range.len() != first {
                return Err(format!(
                    "data[{number}] has {} numbers and data[0] has {first}: vectors of different lengths are no matrix",
                    range.len()
                ));
            }
        }
        Ok((self.len(), columns.unwrap_or(0)))
    }

    /// All numbers, row after row.
    #[must_use]
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// Appends a row.
    pub fn push(&mut self, numbers: impl IntoIterator<Item = f32>) {
        let start = self.values.len();
        self.values.extend(numbers);
        self.rows.push(RowSpan::Floats(start..self.values.len()));
    }

    /// Appends a row of JSON numbers.
    pub fn push_json(&mut self, json: &[u8]) -> Result<(), String> {
        let numbers: Vec<f64> = serde_json::from_slice(json).map_err(|_| "no list of numbers".to_owned())?;
        #[expect(clippy::cast_possible_truncation, reason = "32 bits is what a vector's number has")]
        self.push(numbers.into_iter().map(|number| number as f32));
        Ok(())
    }

    /// Appends a row of little-endian floats in base64; white space and missing padding are forgiven.
    pub fn push_base64(&mut self, text: &[u8]) -> Result<(), String> {
        self.decode(text, true, &mut Vec::new())
    }

    fn decode(&mut self, text: &[u8], forgiving: bool, scratch: &mut Vec<u8>) -> Result<(), String> {
        // The scratch is as large as one row and stays in the cache: cheaper than to care for alignment.
        if scratch.len() < text.len() {
            scratch.resize(text.len(), 0);
        }
        let bytes = match STANDARD.decode(text, Out::from_slice(scratch)) {
            Ok(bytes) => &*bytes,
            Err(_) if !forgiving => return Err("not plain base64".to_owned()),
            Err(_) => match base64_simd::forgiving_decode(text, Out::from_slice(scratch)) {
                Ok(bytes) => &*bytes,
                Err(_) => return Err("not base64".to_owned()),
            },
        };
        let (floats, []) = bytes.as_chunks::<4>() else {
            return Err(format!("base64 of {} bytes, which is no number of 32-bit floats", bytes.len()));
        };
        self.push(floats.iter().map(|float| f32::from_le_bytes(*float)));
        Ok(())
    }
}

/// Takes a reply apart. `None` if it is not shaped like one with vectors. An error says which embedding is broken.
///
/// Vectors come in the order of their `index`, where the indices are 0 to n-1, each once; else in that of the wire.
pub fn read(body: &Bytes) -> Result<Option<Vectors>, String> {
    match read_cut(body) {
        Some(vectors) => Ok(Some(vectors)),
        None => read_thoroughly(body),
    }
}

fn read_thoroughly(body: &Bytes) -> Result<Option<Vectors>, String> {
    let mended: Bytes;
    let (text, body) = match str::from_utf8(body) {
        Ok(text) => (text, body),
        Err(_) => {
            mended = String::from_utf8_lossy(body).into_owned().into();
            (str::from_utf8(&mended).unwrap_or_default(), &mended)
        }
    };
    let mut scratch = Vec::new();
    let read = assemble(text, &mut |raw, rows| take(raw, text, rows, &mut scratch));
    let Some(mut vectors) = read.transpose()? else { return Ok(None) };
    if vectors.rows.rows.iter().any(|row| matches!(row, RowSpan::Json(_))) {
        vectors.rows.body = body.clone();
    }
    Ok(Some(vectors))
}

/// The same for a reply whose every `embedding` is plain base64, which is the usual one: the texts are cut out before
/// the JSON is read, whose reader took half of the time. `None` for any other.
fn read_cut(body: &[u8]) -> Option<Vectors> {
    const KEY: &[u8] = b"\"embedding\"";
    let space = |at: usize| body.get(at..).map(|rest| at + rest.len() - rest.trim_ascii_start().len());
    let finder = memmem::Finder::new(KEY);
    // Where in `short` a 0 stands for a text, and where in `body` that is.
    let mut cuts: Vec<(usize, Range<usize>)> = Vec::new();
    let mut short: Vec<u8> = Vec::with_capacity(4096);
    let mut copied = 0;
    let mut at = 0;
    while let Some(found) = finder.find(body.get(at..)?) {
        at += found;
        if at.checked_sub(1).and_then(|before| body.get(before)) == Some(&b'\\') {
            return None; // not the beginning of a string
        }
        at = space(at + KEY.len())?;
        if body.get(at) != Some(&b':') {
            continue; // a value: "object": "embedding"
        }
        at = space(at + 1)?;
        if body.get(at) != Some(&b'"') {
            return None;
        }
        short.extend_from_slice(body.get(copied..at)?);
        let end = at + 1 + memchr(b'"', body.get(at + 1..)?)?;
        cuts.push((short.len(), at + 1..end));
        short.push(b'0');
        at = end + 1;
        copied = at;
    }
    short.extend_from_slice(body.get(copied..)?);

    let text = str::from_utf8(&short).ok()?;
    let mut scratch = Vec::new();
    let size = cuts.first().map_or(0, |(_, range)| range.len() / 16 * 3 * cuts.len());
    let vectors = assemble(text, &mut |raw, rows| {
        let place = (raw.get().as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
        let cut = cuts.binary_search_by_key(&place, |(place, _)| *place).ok().and_then(|found| cuts.get(found));
        let base64 = cut.and_then(|(_, range)| body.get(range.clone())).ok_or("none of ours")?;
        if rows.is_empty() {
            rows.values.reserve(size);
        }
        rows.decode(base64, false, &mut scratch)
    })?;
    // One that was cut out and is not in `data` has to go back.
    vectors.ok().filter(|vectors| vectors.rows.len() == cuts.len())
}

/// Makes a row of an embedding, or says what it is instead.
type Take<'t> = &'t mut dyn FnMut(&RawValue, &mut Rows) -> Result<(), String>;

/// Has `take` make a row of each embedding, and writes what is left. `None` where there is no list of items.
///
/// Written as it is read: an item may be as short as `{}`, of which any note would be many times as long. Items that are
/// out of order, which takes an index each, are read a second time, each into its place.
fn assemble(text: &str, take: Take<'_>) -> Option<Result<Vectors, String>> {
    let text = text.trim_start_matches('\u{feff}');
    let mut rest = Rest::read(text, None, take)?;
    if let Some(places) = rest.indices.take().and_then(out_of_order) {
        drop(rest);
        rest = Rest::read(text, Some(places), take)?;
    }
    Some(rest.broken.map_or(Ok(Vectors { rest: rest.out, rows: rest.rows }), Err))
}

/// The indices, if they are 0 to n-1, each once, and not in this order.
fn out_of_order(indices: Vec<usize>) -> Option<Vec<usize>> {
    if indices.iter().enumerate().all(|(number, index)| number == *index) {
        return None;
    }
    let mut seen = vec![false; indices.len()];
    for index in &indices {
        if std::mem::replace(seen.get_mut(*index)?, true) {
            return None;
        }
    }
    Some(indices)
}

/// Appends an embedding as it came.
fn take(raw: &RawValue, text: &str, rows: &mut Rows, scratch: &mut Vec<u8>) -> Result<(), String> {
    let raw = raw.get();
    let Some(base64) = raw.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        let start = (raw.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
        rows.rows.push(RowSpan::Json(start..start + raw.len()));
        return Ok(());
    };
    match rows.decode(base64.as_bytes(), true, scratch) {
        // Some write `\/` for the slash.
        Err(_) if base64.contains('\\') => {
            let base64: String = serde_json::from_str(raw).map_err(|_| "not base64".to_owned())?;
            rows.decode(base64.as_bytes(), true, scratch)
        }
        decoded => decoded,
    }
}

/// A reply's JSON without its vectors, in the making.
struct Rest<'t> {
    out: Vec<u8>,
    rows: Rows,
    take: Take<'t>,
    /// The items' indices, as long as each has one.
    indices: Option<Vec<usize>>,
    /// Where each item belongs, if that is known.
    places: Option<Vec<usize>>,
    /// What is wrong with the first embedding that is broken. The JSON is read to its end: what is none is told of first.
    broken: Option<String>,
}

impl<'t> Rest<'t> {
    fn read(text: &str, places: Option<Vec<usize>>, take: Take<'t>) -> Option<Self> {
        let out = Vec::with_capacity(text.len().min(1 << 16));
        let mut rest = Rest { out, rows: Rows::default(), take, indices: Some(Vec::new()), places, broken: None };
        let mut json = serde_json::Deserializer::from_str(text);
        Top(&mut rest).deserialize(&mut json).ok()?;
        json.end().ok()?;
        Some(rest)
    }

    fn comma(&mut self) {
        if !matches!(self.out.last(), Some(b'{' | b'[')) {
            self.out.push(b',');
        }
    }

    fn key<E: Error>(&mut self, name: &str) -> Result<(), E> {
        self.comma();
        serde_json::to_writer(&mut self.out, name).map_err(E::custom)?;
        self.out.push(b':');
        Ok(())
    }

    fn embedding<E: Error>(&mut self, item: usize, raw: &RawValue) -> Result<(), E> {
        serde_json::to_writer(&mut self.out, &self.rows.len()).map_err(E::custom)?;
        if self.broken.is_none()
            && let Err(why) = (self.take)(raw, &mut self.rows)
        {
            self.broken = Some(format!("data[{item}].embedding of the reply is {why}"));
        }
        Ok(())
    }
}

/// The reply, its `data`, and one of these: each writes what it reads.
struct Top<'a, 't>(&'a mut Rest<'t>);
struct Items<'a, 't>(&'a mut Rest<'t>);
struct Item<'a, 't> {
    number: usize,
    rest: &'a mut Rest<'t>,
}

impl<'de> DeserializeSeed<'de> for Top<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Top<'_, '_> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter) -> fmt::Result {
        out.write_str("an object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        let Self(rest) = self;
        let mut found = false;
        rest.out.push(b'{');
        while let Some(Name(key)) = map.next_key()? {
            rest.key(&key)?;
            if key == "data" && !std::mem::replace(&mut found, true) {
                map.next_value_seed(Items(rest))?;
            } else {
                rest.out.extend_from_slice(map.next_value::<&RawValue>()?.get().as_bytes());
            }
        }
        rest.out.push(b'}');
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Items<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Items<'_, '_> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter) -> fmt::Result {
        out.write_str("a list")
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<(), S::Error> {
        let Self(rest) = self;
        rest.out.push(b'[');
        if let Some(places) = rest.places.take() {
            let mut items: Vec<Option<&RawValue>> = vec![None; places.len()];
            for place in places {
                if let Some(item) = items.get_mut(place) {
                    *item = seq.next_element()?;
                }
            }
            for (number, item) in items.into_iter().flatten().enumerate() {
                let mut json = serde_json::Deserializer::from_str(item.get());
                Item { number, rest }.deserialize(&mut json).map_err(S::Error::custom)?;
            }
        } else {
            let mut number = 0;
            while seq.next_element_seed(Item { number, rest })?.is_some() {
                number += 1;
            }
        }
        rest.out.push(b']');
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Item<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Item<'_, '_> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter) -> fmt::Result {
        out.write_str("an object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        let Self { number, rest } = self;
        let mut index = None;
        rest.comma();
        rest.out.push(b'{');
        while let Some(Name(key)) = map.next_key()? {
            rest.key(&key)?;
            let raw: &RawValue = map.next_value()?;
            if key == "embedding" {
                rest.embedding(number, raw)?;
                continue;
            }
            if key == "index" {
                index = raw.get().parse().ok();
            }
            rest.out.extend_from_slice(raw.get().as_bytes());
        }
        rest.out.push(b'}');
        match (&mut rest.indices, index) {
            (Some(indices), Some(index)) => indices.push(index),
            (indices, _) => *indices = None,
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn base64(floats: &[f32]) -> String {
        let bytes: Vec<u8> = floats.iter().flat_map(|float| float.to_le_bytes()).collect();
        STANDARD.encode_to_string(bytes)
    }

    /// As the quick reader and the thorough one see it.
    fn vectors(body: &Value) -> Vectors {
        let body = Bytes::from(body.to_string());
        let thorough = read_thoroughly(&body).unwrap().unwrap();
        if let Some(quick) = read_cut(&body) {
            assert_eq!(String::from_utf8(quick.rest), String::from_utf8(thorough.rest.clone()));
            assert_eq!(quick.rows.len(), thorough.rows.len());
            let bits = |rows: &Rows| rows.values().iter().map(|float| float.to_bits()).collect::<Vec<_>>();
            assert_eq!(bits(&quick.rows), bits(&thorough.rows));
            assert_eq!(quick.rows.shape(), thorough.rows.shape());
        }
        thorough
    }

    fn rest(vectors: &Vectors) -> Value {
        serde_json::from_slice(&vectors.rest).unwrap()
    }

    #[test]
    fn order_follows_the_index() {
        let item = |index: usize, float: f32| json!({"index": index, "embedding": base64(&[float, 0.5]), "x": [1, {}]});
        let body = json!({"object": "list", "data": [item(2, 2.0), item(0, 0.0), item(1, 1.0)], "model": "m\u{e9}"});
        let read = vectors(&body);
        assert_eq!(read.rows.shape(), Ok((3, 2)));
        assert_eq!(read.rows.values(), [0.0, 0.5, 1.0, 0.5, 2.0, 0.5]);
        assert_eq!(read.rows.floats(2), Some(&[2.0, 0.5][..]));
        let item = |index: usize| json!({"index": index, "embedding": index, "x": [1, {}]});
        assert_eq!(rest(&read), json!({"object": "list", "data": [item(0), item(1), item(2)], "model": "mé"}));
    }

    #[test]
    fn indices_that_are_none_leave_the_order_of_the_wire() {
        for indices in [[json!(1), json!(1)], [json!(2), json!(1)], [json!(null), json!(0)], [json!("1"), json!(0)]] {
            let [a, b] = indices;
            let body = json!({"data": [
                {"index": a, "embedding": base64(&[7.0])}, {"index": b, "embedding": base64(&[8.0])}]});
            assert_eq!(vectors(&body).rows.values(), [7.0, 8.0], "{body}");
        }
    }

    #[test]
    fn every_bit_survives() {
        let odd = [-0.0, f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MIN_POSITIVE / 2.0, f32::MAX];
        let read = vectors(&json!({"data": [{"embedding": base64(&odd)}]}));
        let bits = |floats: &[f32]| floats.iter().map(|float| float.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(read.rows.values()), bits(&odd));
    }

    #[test]
    fn numbers_stay_json_beside_base64() {
        let read = vectors(&json!({"data": [{"embedding": [0.1, 2]}, {"embedding": base64(&[1.0, 2.0])}]}));
        assert_eq!(read.rows.json(0), Some(&b"[0.1,2]"[..]));
        assert_eq!((read.rows.json(1), read.rows.floats(0)), (None, None));
        assert_eq!(read.rows.floats(1), Some(&[1.0, 2.0][..]));
        assert!(read.rows.shape().is_err());
        let mut rows = Rows::default();
        rows.push_json(b"[0.1,2]").unwrap();
        assert_eq!(rows.values(), [0.1, 2.0]);
        for wrong in ["null", "[null]", "[[1]]", "{}", "[1"] {
            assert!(rows.push_json(wrong.as_bytes()).is_err());
        }
    }

    #[test]
    fn lengths_may_differ() {
        let read = vectors(&json!({"data": [{"embedding": base64(&[1.0])}, {"embedding": base64(&[1.0, 2.0])}]}));
        assert!(read.rows.shape().unwrap_err().contains("data[1] has 2 numbers and data[0] has 1"));
        assert_eq!(read.rows.floats(1), Some(&[1.0, 2.0][..]));
    }

    #[test]
    fn odd_base64() {
        let text = base64(&[1.0e-3, 7.5]);
        let spaced = format!("{}\n {}", &text[..5], text[5..].trim_end_matches('='));
        let escaped = text.replace('A', "\\u0041");
        let body = format!("{{\"data\": [{{\"embedding\": \"{escaped}\"}}]}}");
        assert_eq!(read(&body.into()).unwrap().unwrap().rows.values(), [1.0e-3, 7.5]);
        assert_eq!(vectors(&json!({"data": [{"embedding": spaced}]})).rows.values(), [1.0e-3, 7.5]);
        assert_eq!(vectors(&json!({"data": [{"embedding": ""}]})).rows.shape(), Ok((1, 0)));
        for (wrong, why) in [("AAA*", "not base64"), ("AAAAAAA=", "5 bytes"), ("A", "not base64"), ("é", "not base64")]
        {
            let body = json!({"data": [{"embedding": text}, {"embedding": wrong}]}).to_string();
            let message = read(&body.into()).unwrap_err();
            assert!(message.contains("data[1].embedding") && message.contains(why), "{message}");
        }
    }

    #[test]
    fn other_shapes_are_left_alone() {
        for body in
            ["", "{", "[]", "1", "{\"data\":{}}", "{\"data\":null}", "{\"data\":[1]}", "{\"data\":[{}]", "\u{feff}"]
        {
            assert!(read(&body.to_owned().into()).unwrap().is_none(), "{body}");
        }
        for body in ["{}", "{\"data\":[]}", "\u{feff}{\"data\":[{},{\"embedding\":null}]}", "{\"data\":[],\"data\":1}"]
        {
            let read = read(&body.to_owned().into()).unwrap().unwrap();
            assert!(serde_json::from_slice::<Value>(&read.rest).is_ok(), "{body}");
        }
        let mut torn = b"{\"data\":[{\"embedding\":[1.5]}],\"model\":\"".to_vec();
        torn.extend_from_slice(b"\xff\"}");
        let read = read(&torn.into()).unwrap().unwrap();
        assert_eq!(read.rows.json(0), Some(&b"[1.5]"[..]));
    }

    #[test]
    fn what_can_be_cut_out() {
        let one = base64(&[1.0, 2.0]);
        let item = |embedding: &str| format!("{{\"object\":\"embedding\",\"embedding\":{embedding},\"index\":0}}");
        let plain = item(&format!("\"{one}\""));
        for body in [
            format!("{{\"data\":[{plain}]}}"),
            format!(
                "\u{feff} {{ \"x\": \"embedding\", \"data\" : [ {{\"embedding\" :\n\"{one}\" }} ], \"y\": \"\\\"\" }}"
            ),
            "{\"object\":\"list\",\"data\":[]}".to_owned(),
        ] {
            let quick = read_cut(body.as_bytes()).unwrap();
            let thorough = read_thoroughly(&body.clone().into()).unwrap().unwrap();
            assert_eq!(quick.rest, thorough.rest, "{body}");
            assert_eq!(quick.rows.values(), thorough.rows.values(), "{body}");
        }
        for body in [
            format!("{{\"data\":[{}]}}", item("[1.0]")),
            format!("{{\"data\":[{}]}}", item("0")),
            format!("{{\"data\":[{plain},{}]}}", item("null")),
            format!("{{\"data\":[{}]}}", item(&format!("\"\\u0041{}\"", &one[1..]))),
            format!("{{\"data\":[{}]}}", item("\"AAAA\\\"\"")),
            format!("{{\"data\":[{}]}}", item("\"AAA*\"")),
            format!("{{\"data\":[{}]}}", item("\"AAAAAA\"")),
            format!("{{\"data\":[{plain}],\"embedding\":\"{one}\"}}"),
            format!("{{\"data\":[{plain}],\"data\":[{plain}]}}"),
            format!("{{\"data\":[{plain}],\"x\":{{\"embedding\":\"{one}\"}}}}"),
            format!("{{\"data\":[{plain}],\"a\\\"embedding\":\"{one}\"}}"),
            format!("{{\"data\":[{plain}"),
            format!("{{\"data\":[{{\"embedding\":\"{one}"),
            "{\"data\":[{\"embedding\"".to_owned(),
        ] {
            assert!(read_cut(body.as_bytes()).is_none(), "{body}");
        }
        // What was cut out of another place is still there.
        let body = format!("{{\"data\":[{plain}],\"embedding\":\"{one}\"}}");
        let rest: Value = serde_json::from_slice(&read(&body.into()).unwrap().unwrap().rest).unwrap();
        assert_eq!(rest["embedding"], one);
    }

    /// `cargo test --release --lib embeddings -- --ignored --nocapture`
    #[test]
    #[ignore = "a measurement"]
    fn speed() {
        let row: Vec<f32> = (0..1536_u16).map(|n| f32::from(n).sin()).collect();
        let items: Vec<Value> =
            (0..1024).map(|n| json!({"object": "embedding", "index": n, "embedding": base64(&row)})).collect();
        let body = Bytes::from(json!({"object": "list", "data": items, "model": "m"}).to_string());
        let began = std::time::Instant::now();
        for _ in 0..20 {
            assert_eq!(read(&body).unwrap().unwrap().rows.shape(), Ok((1024, 1536)));
        }
        println!("{:.2} µs a vector of 1536", began.elapsed().as_secs_f64() * 1e6 / 20.0 / 1024.0);
    }
}
