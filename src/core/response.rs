//! The body of a reply as its server meant it: what was compressed no longer is. Done here and not by `reqwest`, which
//! reads the first member of a gzip body alone, and hands on what it does not know as it came.
use std::io::{BufRead, Error as IoError, ErrorKind, Read};

use bytes::{Buf, Bytes};
use flate2::bufread::{DeflateDecoder, GzDecoder, ZlibDecoder};
use reqwest::StatusCode;
use reqwest::header::{CONTENT_ENCODING, CONTENT_LENGTH, HeaderMap};

use super::request::Pass;
use super::transport::WireReply;

#[derive(Debug)]
pub struct Response {
    wire: WireReply,
    coding: Option<Box<Coding>>,
    /// Held as long as the connection is the reply's.
    _pass: Option<Pass>,
}

/// Why a body cannot be read on.
#[derive(Debug)]
pub enum Failure {
    Wire(hyper::Error),
    /// What was compressed is damaged or ends early.
    Damaged(&'static str, IoError),
    /// A Content-Encoding that nobody here reads.
    Unknown(String),
}

impl Response {
    pub fn new(wire: WireReply, pass: Option<Pass>) -> Self {
        let coding = Coding::of(wire.headers()).map(Box::new);
        let mut response = Self { wire, coding, _pass: pass };
        if response.coding.is_some() && response.unreadable().is_none() {
            // They speak of bytes that nobody sees.
            response.headers_mut().remove(CONTENT_ENCODING);
            response.headers_mut().remove(CONTENT_LENGTH);
        }
        response
    }

    pub fn status(&self) -> StatusCode {
        self.wire.status()
    }

    pub fn headers_mut(&mut self) -> &mut HeaderMap {
        self.wire.headers_mut()
    }

    /// The name of a Content-Encoding that nobody here reads.
    pub fn unreadable(&self) -> Option<&str> {
        match &self.coding.as_ref()?.format {
            Format::Unknown(name) => Some(name),
            _ => None,
        }
    }

    /// What is left of the body, where that is known.
    pub fn content_length(&self) -> Option<u64> {
        self.wire.content_length().filter(|_| self.coding.is_none())
    }

    /// The next piece of the body; none at its end. Nothing is lost where the future is dropped.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Failure> {
        let Some(coding) = &mut self.coding else { return self.wire.chunk().await.map_err(Failure::Wire) };
        loop {
            if let Some(piece) = coding.next()? {
                return Ok(Some(piece));
            }
            match self.wire.chunk().await.map_err(Failure::Wire)? {
                Some(bytes) => coding.feed(bytes)?,
                None => return coding.end(),
            }
        }
    }
}

/// What has arrived of a compressed body. Where nothing has, that is an error of the kind `WouldBlock` until the body
/// has ended.
#[derive(Debug, Default)]
struct Input {
    bytes: Bytes,
    ended: bool,
}

impl BufRead for Input {
    fn fill_buf(&mut self) -> Result<&[u8], IoError> {
        match self.bytes.is_empty() && !self.ended {
            true => Err(ErrorKind::WouldBlock.into()),
            false => Ok(&self.bytes),
        }
    }

    fn consume(&mut self, count: usize) {
        self.bytes.advance(count.min(self.bytes.len()));
    }
}

impl Read for Input {
    fn read(&mut self, into: &mut [u8]) -> Result<usize, IoError> {
        let count = self.fill_buf()?.read(into)?;
        self.consume(count);
        Ok(count)
    }
}

#[derive(Debug)]
enum Format {
    Gzip,
    Deflate,
    Unknown(String),
}

#[derive(Debug)]
enum Inflater {
    /// One member; then it is set to the next.
    Gzip(GzDecoder<Input>),
    Zlib(ZlibDecoder<Input>),
    /// `deflate` without zlib's head, as some servers have it.
    Bare(DeflateDecoder<Input>),
}

#[derive(Debug)]
struct Coding {
    format: Format,
    /// Once the first byte is here: a body without one is empty, however it is called.
    decoder: Option<Inflater>,
    piece: Box<[u8]>,
}

/// A kilobyte may hold a megabyte: no more than that at once, so that a limit is noticed in time.
const PIECE: usize = 32 << 10;

impl Coding {
    fn of(headers: &HeaderMap) -> Option<Self> {
        let named = headers.get_all(CONTENT_ENCODING).iter();
        let named: Vec<_> = named.map(|value| String::from_utf8_lossy(value.as_bytes()).to_lowercase()).collect();
        let named = named.iter().flat_map(|value| value.split(',')).map(str::trim);
        let named: Vec<_> = named.filter(|name| !matches!(*name, "" | "identity" | "none")).collect();
        let format = match named[..] {
            [] => return None,
            ["gzip" | "x-gzip"] => Format::Gzip,
            ["deflate"] => Format::Deflate,
            _ => Format::Unknown(named.join(", ")),
        };
        Some(Self { format, decoder: None, piece: vec![0; PIECE].into() })
    }

    fn feed(&mut self, bytes: Bytes) -> Result<(), Failure> {
        let Some(&first) = bytes.first() else { return Ok(()) };
        if let Some(decoder) = &mut self.decoder {
            decoder.input().bytes = bytes; // what was there has been used up: `next` said so
            return Ok(());
        }
        let input = Input { bytes, ended: false };
        self.decoder = Some(match &self.format {
            Format::Gzip => Inflater::Gzip(GzDecoder::new(input)),
            // zlib's head begins with the number of the method, 8; bare data hardly can.
            Format::Deflate if first & 0x0f == 8 => Inflater::Zlib(ZlibDecoder::new(input)),
            Format::Deflate => Inflater::Bare(DeflateDecoder::new(input)),
            Format::Unknown(name) => return Err(Failure::Unknown(name.clone())),
        });
        Ok(())
    }

    /// The next piece of what has arrived; none if more must arrive first.
    fn next(&mut self) -> Result<Option<Bytes>, Failure> {
        let Some(decoder) = &mut self.decoder else { return Ok(None) };
        loop {
            match decoder.read(&mut self.piece) {
                Ok(0) if decoder.begin_member() => {}
                Ok(0) => return Ok(None),
                Ok(count) => return Ok(self.piece.get(..count).map(Bytes::copy_from_slice)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
                Err(error) => {
                    let name = if matches!(self.format, Format::Gzip) { "gzip" } else { "deflate" };
                    return Err(Failure::Damaged(name, error));
                }
            }
        }
    }

    /// What the end of the body brings: mostly the news that nothing is missing.
    fn end(&mut self) -> Result<Option<Bytes>, Failure> {
        if let Some(decoder) = &mut self.decoder {
            decoder.input().ended = true;
        }
        self.next()
    }
}

impl Inflater {
    fn input(&mut self) -> &mut Input {
        match self {
            Self::Gzip(decoder) => decoder.get_mut(),
            Self::Zlib(decoder) => decoder.get_mut(),
            Self::Bare(decoder) => decoder.get_mut(),
        }
    }

    fn read(&mut self, into: &mut [u8]) -> Result<usize, IoError> {
        match self {
            Self::Gzip(decoder) => decoder.read(into),
            Self::Zlib(decoder) => decoder.read(into),
            Self::Bare(decoder) => decoder.read(into),
        }
    }

    /// Whether another member of a gzip body has begun where one has ended (RFC 1952, 2.2). Zeros are padding.
    fn begin_member(&mut self) -> bool {
        let Self::Gzip(decoder) = self else { return false };
        let input = decoder.get_mut();
        let padding = input.bytes.iter().take_while(|byte| **byte == 0).count();
        input.bytes.advance(padding);
        if input.bytes.is_empty() {
            return false;
        }
        let input = std::mem::take(input);
        decoder.reset(input);
        true
    }
}
