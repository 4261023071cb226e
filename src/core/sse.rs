//! Event streams: bytes in as they come off the wire, events out. No I/O and no JSON beyond "is this complete?".
//!
//! Each byte is looked at once. A line that lies within one chunk is a slice of that chunk, so the usual event costs no
//! copy; only a line that straddles chunks is put together in a buffer of its own.

use super::json::is_like_json;
use bytes::Bytes;
use memchr::memchr2;
use std::mem;
use std::ops::Range;

const BOM: &[u8] = b"\xEF\xBB\xBF";

/// One event. The bytes are as sent: nothing promises that they are UTF-8.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The `event` field; `message` where there was none.
    pub name: Bytes,
    /// The `data` fields, joined by line feeds.
    pub data: Bytes,
    /// The last event id in force.
    pub id: Bytes,
    /// `data` is a line that stood in the stream with no field before it. Only a tolerant decoder delivers these.
    pub bare: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an event of the stream is larger than {limit} bytes")]
pub struct TooLarge {
    pub limit: usize,
}

/// A push decoder: `push` each chunk, then `finish`. After an error it is of no further use.
#[derive(Debug)]
pub struct Decoder {
    limit: usize,
    tolerant: bool,
    /// The beginning of a line whose end has not arrived.
    line: Vec<u8>,
    /// The last chunk ended in a carriage return: a line feed at the start of the next belongs to it.
    after_cr: bool,
    /// The first line, where a BOM may stand, is behind us.
    begun: bool,
    name: Bytes,
    data: Data,
    id: Bytes,
    retry: Option<u64>,
}

/// The data of the event under way.
#[derive(Debug, Default)]
enum Data {
    #[default]
    None,
    One(Bytes),
    Many(Vec<u8>),
}

impl Data {
    fn len(&self) -> usize {
        match self {
            Data::None => 0,
            Data::One(line) => line.len(),
            Data::Many(lines) => lines.len(),
        }
    }

    fn add(&mut self, line: Bytes) {
        *self = match mem::take(self) {
            Data::None => Data::One(line),
            Data::One(first) => Data::Many([&first, &b"\n"[..], &line].concat()),
            Data::Many(mut lines) => {
                lines.push(b'\n');
                lines.extend_from_slice(&line);
                Data::Many(lines)
            }
        };
    }

    fn take(&mut self) -> Option<Bytes> {
        match mem::take(self) {
            Data::None => None,
            Data::One(line) => Some(line),
            Data::Many(lines) => Some(lines.into()),
        }
    }
}

impl Decoder {
    /// A decoder that does what the HTML standard says, and refuses an event of more than `limit` bytes.
    pub fn new(limit: usize) -> Self {
        Decoder {
            limit,
            tolerant: false,
            line: Vec::new(),
            after_cr: false,
            begun: false,
            name: Bytes::new(),
            data: Data::None,
            id: Bytes::new(),
            retry: None,
        }
    }

    /// Also takes what gateways send and the standard drops: a line that begins with `{` becomes a `bare` event,
    /// `data: data:` counts once, and the last event needs no blank line after it. Events without data are skipped.
    pub fn tolerant(mut self) -> Self {
        self.tolerant = true;
        self
    }

    /// The last valid `retry`, in milliseconds.
    pub fn retry(&self) -> Option<u64> {
        self.retry
    }

    pub fn push(&mut self, chunk: Bytes, out: &mut impl Extend<Event>) -> Result<(), TooLarge> {
        let Some(&first) = chunk.first() else {
            return Ok(());
        };
        let mut at = usize::from(mem::take(&mut self.after_cr) && first == b'\n');
        while let Some(length) = memchr2(b'\n', b'\r', &chunk[at..]) {
            self.check(length)?;
            let end = at + length;
            if self.line.is_empty() {
                self.field(&chunk, at..end, out);
            } else {
                self.line.extend_from_slice(&chunk[at..end]);
                let line = Bytes::from(mem::take(&mut self.line));
                self.field(&line, 0..line.len(), out);
            }
            at = end + 1;
            if chunk[end] == b'\r' {
                match chunk.get(at) {
                    Some(b'\n') => at += 1,
                    Some(_) => {}
                    None => self.after_cr = true,
                }
            }
        }
        self.check(chunk.len() - at)?;
        self.line.extend_from_slice(&chunk[at..]);
        Ok(())
    }

    /// The stream has ended. The standard drops what no blank line closed. A tolerant decoder delivers it if it is whole,
    /// and returns it if it is not, so that an error can show where the stream broke off.
    pub fn finish(&mut self, out: &mut impl Extend<Event>) -> Option<Bytes> {
        if !self.tolerant {
            return None;
        }
        let tail = Bytes::from(mem::take(&mut self.line));
        let mut last = Vec::new();
        if !tail.is_empty() {
            self.field(&tail, 0..tail.len(), &mut last);
        }
        self.dispatch(&mut last);
        if last.is_empty() && !tail.is_empty() && !tail.starts_with(b":") {
            return Some(tail);
        }
        let mut cut = None;
        for event in last {
            if is_whole(&event.data) {
                out.extend(Some(event));
            } else {
                cut = Some(event.data);
            }
        }
        cut
    }

    /// What is held for the event under way, its unfinished line included, stays within the limit.
    fn check(&self, more: usize) -> Result<(), TooLarge> {
        if self.data.len() + self.line.len() + more > self.limit {
            return Err(TooLarge { limit: self.limit });
        }
        Ok(())
    }

    /// One line, without its end: the bytes `range` of `source`.
    fn field(&mut self, source: &Bytes, range: Range<usize>, out: &mut impl Extend<Event>) {
        let Range { mut start, end } = range;
        if !mem::replace(&mut self.begun, true) && source[start..end].starts_with(BOM) {
            start += BOM.len();
        }
        let line = &source[start..end];
        let (name, mut value) = match line.first() {
            None => return self.dispatch(out),
            Some(b':') => return,
            Some(b'{') if self.tolerant => {
                self.dispatch(out);
                return out.extend(Some(self.event(source.slice(start..end), true)));
            }
            // Names that count have five letters at most.
            Some(_) => match line.iter().take(6).position(|byte| *byte == b':') {
                Some(colon) => (&line[..colon], start + colon + 1),
                None => (line, end),
            },
        };
        value += usize::from(source[value..end].starts_with(b" "));
        match name {
            b"data" => {
                while self.tolerant && source[value..end].starts_with(b"data:") {
                    value += b"data:".len();
                    value += usize::from(source[value..end].starts_with(b" "));
                }
                self.data.add(source.slice(value..end));
            }
            b"event" => self.name = source.slice(value..end),
            // Copied, because it may stay in force long after its chunk.
            b"id" if !source[value..end].contains(&0) => self.id = Bytes::copy_from_slice(&source[value..end]),
            b"retry" if source[value..end].iter().all(u8::is_ascii_digit) => {
                let digits = str::from_utf8(&source[value..end]).unwrap_or_default();
                self.retry = digits.parse().ok().or(self.retry);
            }
            _ => {}
        }
    }

    fn dispatch(&mut self, out: &mut impl Extend<Event>) {
        match self.data.take() {
            Some(data) if !self.tolerant || !data.trim_ascii().is_empty() => {
                out.extend(Some(self.event(data, false)));
            }
            _ => self.name = Bytes::new(),
        }
    }

    fn event(&mut self, data: Bytes, bare: bool) -> Event {
        let name = match mem::take(&mut self.name) {
            name if name.is_empty() => Bytes::from_static(b"message"),
            name => name,
        };
        Event { name, data, id: self.id.clone(), bare }
    }
}

/// Whether data that nothing closed can be taken as whole. A number or a word could have lost its end unnoticed.
fn is_whole(data: &[u8]) -> bool {
    let data = data.trim_ascii();
    data == b"[DONE]" || (data.starts_with(b"{") && is_like_json(data))
}
