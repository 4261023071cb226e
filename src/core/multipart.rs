//! `multipart/form-data` bodies. Files are read from disk while they are sent, anew for each attempt.
use std::fs::File;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use bytes::{BufMut, Bytes, BytesMut};
use http_body::{Frame, SizeHint};
use reqwest::Body;
use tokio::task::{JoinHandle, spawn_blocking};

use super::request::Sending;

/// Why a form could not be sent: the fault is not the connection's.
#[derive(Debug, thiserror::Error)]
#[error("a file could not be read while it was sent: {0}")]
pub struct Unreadable(io::Error);

/// Of a file in memory at a time, and what hyper is given at a time: it closes the connection of a call that was given
/// up only when all that it has is written, which may take for ever.
const PIECE: u64 = 256 * 1024;

/// What is in memory already, as a body.
pub fn in_pieces(bytes: &Bytes, sending: Option<&Arc<dyn Sending>>) -> Body {
    match bytes.len() as u64 {
        ..=PIECE if sending.is_none() => bytes.clone().into(),
        _ => Reader::body(vec![Segment::Bytes(bytes.clone())], sending),
    }
}

#[derive(Debug, Clone)]
pub struct Form {
    boundary: String,
    segments: Vec<Segment>,
}

#[derive(Debug, Clone)]
enum Segment {
    Bytes(Bytes),
    File(Arc<File>, Range),
}

/// Bytes of a file.
#[derive(Debug, Clone, Copy)]
struct Range {
    start: u64,
    end: u64,
}

/// What is in a file's part.
#[derive(Debug)]
pub enum PartBody {
    Bytes(Bytes),
    /// From `start`, as long as it was when the form was made.
    File {
        file: File,
        start: u64,
        len: u64,
    },
}

impl Form {
    pub fn new() -> io::Result<Self> {
        Ok(Self { boundary: boundary()?, segments: Vec::new() })
    }

    pub fn content_type(&self) -> String {
        format!("multipart/form-data; boundary={}", self.boundary)
    }

    pub fn text(&mut self, name: &str, value: &str) {
        let mut head = self.head(name);
        head.put_slice(b"\r\n\r\n");
        head.put_slice(value.as_bytes());
        head.put_slice(b"\r\n");
        self.segments.push(Segment::Bytes(head.freeze()));
    }

    /// `content_type` must be a header's value.
    pub fn file(&mut self, name: &str, filename: &str, content_type: &str, content: PartBody) {
        let mut head = self.head(name);
        head.put_slice(format!("; filename=\"{}\"\r\n", escaped(filename)).as_bytes());
        head.put_slice(format!("Content-Type: {content_type}\r\n\r\n").as_bytes());
        self.segments.push(Segment::Bytes(head.freeze()));
        self.segments.push(match content {
            PartBody::Bytes(bytes) => Segment::Bytes(bytes),
            PartBody::File { file, start, len } => {
                Segment::File(Arc::new(file), Range { start, end: start.saturating_add(len) })
            }
        });
        self.segments.push(Segment::Bytes(Bytes::from_static(b"\r\n")));
    }

    fn head(&self, name: &str) -> BytesMut {
        let mut head = BytesMut::with_capacity(128);
        head.put_slice(format!("--{}\r\nContent-Disposition: form-data; name=\"", self.boundary).as_bytes());
        head.put_slice(escaped(name).as_bytes());
        head.put_slice(b"\"");
        head
    }

    /// What it says, without the boundary, which is another in each form: files are read for it.
    pub fn contents(&self, mut each: impl FnMut(&[u8])) -> io::Result<()> {
        for segment in &self.segments {
            match segment {
                Segment::Bytes(bytes) => {
                    let head = bytes.strip_prefix(b"--").and_then(|rest| rest.strip_prefix(self.boundary.as_bytes()));
                    each(head.unwrap_or(bytes));
                }
                Segment::File(file, range) => {
                    let mut start = range.start;
                    while start < range.end {
                        let size = (range.end - start).min(PIECE);
                        each(&read_at(file, start, size)?);
                        start += size;
                    }
                }
            }
        }
        Ok(())
    }

    /// What of it is in memory.
    pub fn held(&self) -> usize {
        self.segments.iter().map(|segment| if let Segment::Bytes(bytes) = segment { bytes.len() } else { 0 }).sum()
    }

    /// A reader of the whole form, from its beginning.
    pub fn body(&self, sending: Option<&Arc<dyn Sending>>) -> Body {
        let end = Segment::Bytes(format!("--{}--\r\n", self.boundary).into());
        Reader::body(self.segments.iter().cloned().chain([end]).collect(), sending)
    }
}

impl Segment {
    fn len(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::File(_, range) => range.end - range.start,
        }
    }
}

/// As browsers write names: what would end the name or the line is percent-encoded. And what would escape its end.
fn escaped(name: &str) -> String {
    let mut escaped = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            '"' | '\\' | '\0'..='\x1f' | '\x7f' => escaped.push_str(&format!("%{:02X}", c as u32)),
            c => escaped.push(c),
        }
    }
    escaped
}

/// From the system's randomness: a file that somebody else wrote cannot hold it and so end its own part.
fn boundary() -> io::Result<String> {
    let mut random = [0; 16];
    let source = rustls::crypto::ring::default_provider().secure_random;
    source.fill(&mut random).map_err(|_| io::Error::other("the system gives no randomness"))?;
    Ok(format!("wenwen-{:032x}", u128::from_ne_bytes(random)))
}

/// The form on its way. Disks are read on threads where that holds up nothing else.
struct Reader {
    /// The next one last.
    segments: Vec<Segment>,
    left: u64,
    reading: Option<JoinHandle<io::Result<Bytes>>>,
    told: Option<Told>,
}

/// Who is told how much has gone, of how much, and not before when.
struct Told {
    by: Arc<dyn Sending>,
    all: u64,
    next: Instant,
}

const PAUSE: Duration = Duration::from_millis(50);

impl Reader {
    fn body(mut segments: Vec<Segment>, sending: Option<&Arc<dyn Sending>>) -> Body {
        let left = segments.iter().map(Segment::len).sum();
        segments.reverse();
        let told = sending.map(|by| Told { by: by.clone(), all: left, next: Instant::now() });
        Body::wrap(Self { segments, left, reading: None, told })
    }

    /// A piece that goes.
    fn piece(&mut self, piece: Bytes) -> Poll<Option<Result<Frame<Bytes>, Unreadable>>> {
        self.left -= piece.len() as u64;
        if let Some(told) = &mut self.told {
            let now = Instant::now();
            if self.left == 0 || now >= told.next {
                told.next = now + PAUSE;
                told.by.sent(told.all - self.left, told.all);
            }
        }
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }
}

impl http_body::Body for Reader {
    type Data = Bytes;
    type Error = Unreadable;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Unreadable>>> {
        loop {
            if let Some(reading) = &mut self.reading {
                let read = ready!(Pin::new(reading).poll(context));
                self.reading = None;
                let piece = match read.map_err(io::Error::other) {
                    Ok(Ok(piece)) => piece,
                    Ok(Err(error)) | Err(error) => return Poll::Ready(Some(Err(Unreadable(error)))),
                };
                return self.piece(piece);
            }
            match self.segments.pop() {
                None => return Poll::Ready(None),
                Some(Segment::Bytes(bytes)) if bytes.is_empty() => {}
                Some(Segment::Bytes(mut bytes)) => {
                    let piece = bytes.split_to(bytes.len().min(PIECE as usize));
                    self.segments.push(Segment::Bytes(bytes));
                    return self.piece(piece);
                }
                Some(Segment::File(_, range)) if range.start == range.end => {}
                Some(Segment::File(file, Range { start, end })) => {
                    let size = (end - start).min(PIECE);
                    self.segments.push(Segment::File(file.clone(), Range { start: start + size, end }));
                    self.reading = Some(spawn_blocking(move || read_at(&file, start, size)));
                }
            }
        }
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

/// Leaves the file's position where it is.
pub fn read_at(file: &File, start: u64, size: u64) -> io::Result<Bytes> {
    let mut piece = vec![0; size as usize];
    #[cfg(unix)]
    let read = std::os::unix::fs::FileExt::read_exact_at(file, &mut piece, start);
    #[cfg(windows)]
    let read = {
        let mut done = 0;
        loop {
            match std::os::windows::fs::FileExt::seek_read(file, &mut piece[done..], start + done as u64) {
                Ok(0) if done < piece.len() => break Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(more) => done += more,
                Err(error) => break Err(error),
            }
            if done == piece.len() {
                break Ok(());
            }
        }
    };
    match read {
        Ok(()) => Ok(piece.into()),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Err(io::Error::other("it became shorter")),
        Err(error) => Err(error),
    }
}
