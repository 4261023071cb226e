//! Reading HTTP/1.1 requests off a raw connection.
//!
//! Written by hand over httparse because the faults of a scripted answer need the socket itself, which no server crate
//! hands out.
use std::io::Read;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The head of one request as it was sent. Its body is kept apart, because the journal may forget bodies.
#[derive(Debug, Clone)]
pub struct HttpRequest {
    pub method: String,
    /// The request target as sent, query included.
    pub target: String,
    pub path: String,
    /// Without the question mark; empty when there is none.
    pub query: String,
    /// In the order sent, names in the case sent.
    pub headers: Vec<(String, String)>,
    /// Which connection it came on, counted from 1.
    pub connection: u64,
    /// When its head had arrived whole.
    pub arrived: Instant,
    /// Length of the body before decompression.
    pub wire_bytes: usize,
    pub keep_alive: bool,
    pub http10: bool,
}

impl HttpRequest {
    /// Stands for a request that could not be read.
    pub(super) fn refused() -> Self {
        Self {
            method: String::new(),
            target: String::new(),
            path: String::new(),
            query: String::new(),
            headers: Vec::new(),
            connection: 0,
            arrived: Instant::now(),
            wire_bytes: 0,
            keep_alive: false,
            http10: false,
        }
    }

    /// The first header of that name, whatever its case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }

    /// What its head takes of memory, about.
    pub(super) fn head_bytes(&self) -> usize {
        let headers = self.headers.iter().map(|(name, value)| name.len() + value.len());
        2 * self.target.len() + headers.sum::<usize>()
    }

    /// Why its Host is not one of this machine's: a page in a browser reaches a loopback address by a name of its own that
    /// resolves to it. A whole URL or a tunnel is asked of a proxy, which no page can do.
    pub(super) fn foreign_host(&self) -> Option<String> {
        if self.method == "CONNECT" || authority(&self.target).is_some() {
            return None;
        }
        let host = self.header("host")?.trim();
        (!is_local(host)).then(|| {
            format!("the local gateway answers to loopback addresses only (127.x.x.x, [::1], localhost), not to Host {host:?}")
        })
    }

    /// The key the request carries, as the real gateway looks for it: the path decides which headers count.
    #[must_use]
    pub fn key(&self) -> Option<&str> {
        let filled = |name| self.header(name).map(str::trim).filter(|v| !v.is_empty());
        if (self.path.contains("/v1/messages") || self.path.contains("/v1/models"))
            && let Some(key) = filled("x-api-key")
        {
            return Some(key);
        }
        if self.path.starts_with("/v1beta/models") || self.path.starts_with("/v1/models") {
            let in_query = self.query.split('&').find_map(|pair| pair.strip_prefix("key="));
            if let Some(key) = filled("x-goog-api-key").or(in_query.filter(|key| !key.is_empty())) {
                return Some(key);
            }
        }
        let bearer = filled("authorization").map(without_bearer).filter(|key| !key.is_empty());
        match bearer {
            None | Some("midjourney-proxy") => filled("mj-api-secret").map(without_bearer),
            key => key,
        }
    }
}

/// Whether a `Host` is a loopback address or a name under `localhost`, with or without a port, and nothing else.
fn is_local(host: &str) -> bool {
    let (name, port) = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, port)) => (address, port),
        None => host.split_at(host.find(':').unwrap_or(host.len())),
    };
    let has_port =
        port.is_empty() || port.strip_prefix(':').is_some_and(|digits| digits.bytes().all(|b| b.is_ascii_digit()));
    let name = name.strip_suffix('.').unwrap_or(name);
    let is_name = name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
    let last = name.rsplit_once('.').map_or(name, |(_, last)| last);
    has_port
        && (name.parse().is_ok_and(|address: IpAddr| address.is_loopback())
            || is_name && last.eq_ignore_ascii_case("localhost"))
}

fn without_bearer(value: &str) -> &str {
    match value.split_once(' ') {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("bearer") => rest.trim(),
        _ if value.eq_ignore_ascii_case("bearer") => "",
        _ => value,
    }
}

/// Why no request came out of a connection.
#[derive(Debug)]
pub enum ReadError {
    /// The client closed, between two requests or inside one.
    Closed,
    /// What it sent is not a request this server takes.
    Bad { status: u16, message: String },
    /// Its body is larger than allowed.
    TooLarge(Box<HttpRequest>),
}

fn bad(status: u16, message: impl Into<String>) -> ReadError {
    ReadError::Bad { status, message: message.into() }
}

#[derive(Debug, Clone, Copy)]
pub struct ReadLimits {
    pub head: usize,
    pub body: usize,
    /// How long a client may say nothing that has the word.
    pub idle: Duration,
}

const HEADERS: usize = 128;
/// A smaller body is copied: one that the journal keeps would otherwise keep the connection's whole buffer with it.
const SHARED: usize = 64 * 1024;

enum Length {
    Known(usize),
    Chunked,
}

struct Parsed {
    request: HttpRequest,
    size: usize,
    length: Length,
    expects: bool,
    gzip: bool,
}

/// Reads one request; what follows it on the connection stays in `input`.
pub async fn read_request(
    stream: &mut TcpStream,
    input: &mut BytesMut,
    connection: u64,
    limits: ReadLimits,
) -> Result<(HttpRequest, Bytes), ReadError> {
    // Of a head that comes byte by byte, only where it may have ended, or is twice as long: each look begins at its start.
    let (mut looked_at, mut due) = (0, 1);
    let by = tokio::time::Instant::now() + limits.idle;
    let Parsed { mut request, size, length, expects, gzip } = loop {
        // A stray line end between two requests is allowed (RFC 9112, 2.2).
        while input.starts_with(b"\r\n") {
            input.advance(2);
            looked_at = 0;
        }
        let ended = ends_in_blank_line(input, looked_at);
        if input.len() >= due || ended {
            (looked_at, due) = (input.len(), 2 * input.len());
            if let Some(parsed) = parse_head(input, connection)? {
                break parsed;
            }
        }
        if input.len() > limits.head {
            return Err(bad(431, "request head too large"));
        }
        fill(stream, input, by).await?;
    };
    input.advance(size);
    if expects && input.is_empty() {
        stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await.map_err(|_| ReadError::Closed)?;
    }
    let mut pace = Pace { since: tokio::time::Instant::now(), idle: limits.idle, bytes: 0 };
    let body = match length {
        Length::Known(length) if length > limits.body => return Err(ReadError::TooLarge(request.into())),
        Length::Known(length) => {
            while input.len() < length {
                input.reserve((length - input.len()).min(1 << 20));
                pace.fill(stream, input).await?;
            }
            if length < SHARED {
                let body = Bytes::copy_from_slice(&input[..length]);
                input.advance(length);
                body
            } else {
                input.split_to(length).freeze()
            }
        }
        Length::Chunked => match read_chunked(stream, input, limits, &mut pace).await? {
            Some(body) => body,
            None => return Err(ReadError::TooLarge(request.into())),
        },
    };
    request.wire_bytes = body.len();
    if !gzip {
        return Ok((request, body));
    }
    let mut plain = Vec::new();
    let most = limits.body as u64 + 1;
    let read = flate2::read::MultiGzDecoder::new(&body[..]).take(most).read_to_end(&mut plain);
    match read {
        Err(error) => Err(bad(400, format!("gzip request body: {error}"))),
        Ok(_) if plain.len() > limits.body => Err(ReadError::TooLarge(request.into())),
        Ok(_) => Ok((request, plain.into())),
    }
}

/// Reads on. Takes no memory before there is something: thousands may be open and say nothing.
async fn fill(stream: &mut TcpStream, input: &mut BytesMut, by: tokio::time::Instant) -> Result<(), ReadError> {
    match tokio::time::timeout_at(by, stream.readable()).await {
        Ok(Ok(())) => {}
        _ => return Err(ReadError::Closed),
    }
    if input.capacity() - input.len() < 1024 {
        input.reserve(8 * 1024);
    }
    match tokio::time::timeout_at(by, stream.read_buf(input)).await {
        Ok(Ok(read)) if read > 0 => Ok(()),
        _ => Err(ReadError::Closed),
    }
}

/// How slow a body may be: silent for `idle`, and over all no slower than a kilobyte a second.
struct Pace {
    since: tokio::time::Instant,
    idle: Duration,
    bytes: usize,
}

impl Pace {
    async fn fill(&mut self, stream: &mut TcpStream, input: &mut BytesMut) -> Result<(), ReadError> {
        let had = input.len();
        let silent = tokio::time::Instant::now() + self.idle;
        let slow = self.since + self.idle + Duration::from_secs(self.bytes as u64 / 1024);
        fill(stream, input, silent.min(slow)).await?;
        self.bytes += input.len() - had;
        Ok(())
    }
}

/// Whether there is a blank line that ends after `from`.
fn ends_in_blank_line(input: &[u8], from: usize) -> bool {
    let rest = input.get(from.saturating_sub(3)..).unwrap_or_default();
    memchr::memchr_iter(b'\n', rest).any(|at| {
        let after = rest.get(at + 1..).unwrap_or_default();
        after.starts_with(b"\n") || after.starts_with(b"\r\n")
    })
}

fn parse_head(input: &[u8], connection: u64) -> Result<Option<Parsed>, ReadError> {
    let mut slots = [httparse::EMPTY_HEADER; HEADERS];
    let mut head = httparse::Request::new(&mut slots);
    let size = match head.parse(input) {
        Ok(httparse::Status::Complete(size)) => size,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(httparse::Error::TooManyHeaders) => return Err(bad(431, "too many headers")),
        Err(error) => return Err(bad(400, format!("malformed request head: {error}"))),
    };
    // httparse takes a line feed alone for a line end, and the next server on the way may not.
    let alone = |at: usize| at == 0 || input[at - 1] != b'\r';
    if memchr::memchr_iter(b'\n', &input[..size]).any(alone) {
        return Err(bad(400, "a line of the request head ends without a carriage return"));
    }
    let target = head.path.unwrap_or("/").to_owned();
    let http10 = head.version == Some(0);
    let headers: Vec<(String, String)> =
        head.headers.iter().map(|h| (h.name.to_owned(), header_text(h.value))).collect();

    let (mut length, mut hosts) = (None, 0);
    let (mut chunked, mut expects, mut gzip, mut keep_alive, mut closes) = (false, false, false, !http10, false);
    for (name, value) in &headers {
        if name.eq_ignore_ascii_case("content-length") {
            let n = number(value, 10).ok_or_else(|| bad(400, format!("malformed Content-Length: {value:?}")))?;
            if length.is_some_and(|other| other != n) {
                return Err(bad(400, "two different Content-Length headers"));
            }
            length = Some(n);
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            if chunked || http10 || !value.eq_ignore_ascii_case("chunked") {
                return Err(bad(400, format!("unsupported Transfer-Encoding: {value:?}")));
            }
            chunked = true;
        } else if name.eq_ignore_ascii_case("host") {
            hosts += 1;
        } else if name.eq_ignore_ascii_case("expect") {
            expects = value.eq_ignore_ascii_case("100-continue");
        } else if name.eq_ignore_ascii_case("content-encoding") {
            gzip = value.eq_ignore_ascii_case("gzip");
        } else if name.eq_ignore_ascii_case("connection") {
            let has = |wanted: &str| value.split(',').any(|token| token.trim().eq_ignore_ascii_case(wanted));
            closes |= has("close");
            keep_alive |= has("keep-alive");
        }
    }
    if chunked && length.is_some() {
        return Err(bad(400, "Content-Length beside Transfer-Encoding"));
    }
    if hosts > 1 || hosts == 0 && !http10 {
        return Err(bad(400, if hosts == 0 { "missing required Host header" } else { "too many Host headers" }));
    }
    let method = head.method.unwrap_or("GET");
    let form = match authority(&target) {
        Some(authority) => !authority.is_empty() && !authority.contains('@'),
        None => target.starts_with('/') || method == "CONNECT" || method == "OPTIONS" && target == "*",
    };
    if !form || target.contains('#') {
        return Err(bad(400, format!("malformed request target: {target:?}")));
    }
    let local = origin_form(&target);
    let (path, query) = local.split_once('?').unwrap_or((local, ""));
    let request = HttpRequest {
        method: method.to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        target: target.clone(),
        headers,
        connection,
        arrived: Instant::now(),
        wire_bytes: 0,
        keep_alive: keep_alive && !closes,
        http10,
    };
    let length = if chunked { Length::Chunked } else { Length::Known(length.unwrap_or(0)) };
    Ok(Some(Parsed { request, size, length, expects, gzip }))
}

/// Digits and nothing else; `parse` would take a sign.
fn number(text: &str, radix: u32) -> Option<usize> {
    let digits = !text.is_empty() && text.bytes().all(|b| char::from(b).is_digit(radix));
    usize::from_str_radix(text, radix).ok().filter(|_| digits)
}

/// The host of a target that is a whole URL: from a client that takes this server for its proxy.
fn authority(target: &str) -> Option<&str> {
    let (scheme, rest) = target.split_once("://")?;
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    is_scheme.then(|| rest.split(['/', '?']).next().unwrap_or_default())
}

/// What follows the host of a whole URL: the journal and the rows want the path.
fn origin_form(target: &str) -> &str {
    match authority(target) {
        Some(host) => {
            let rest = target.split_once("://").and_then(|(_, rest)| rest.strip_prefix(host)).unwrap_or_default();
            if rest.starts_with('/') { rest } else { "/" }
        }
        None => target,
    }
}

fn header_text(value: &[u8]) -> String {
    match std::str::from_utf8(value) {
        Ok(text) => text.to_owned(),
        // Latin-1: what a header is when it is not UTF-8; nothing is lost.
        Err(_) => value.iter().map(|b| char::from(*b)).collect(),
    }
}

/// `None` when the body is larger than allowed.
async fn read_chunked(
    stream: &mut TcpStream,
    input: &mut BytesMut,
    limits: ReadLimits,
    pace: &mut Pace,
) -> Result<Option<Bytes>, ReadError> {
    let mut body = BytesMut::new();
    loop {
        let line = read_line(stream, input, pace).await?;
        let (digits, extension) = line.split_at(memchr::memchr(b';', &line).unwrap_or(line.len()));
        // Blanks may stand before an extension and nowhere else.
        let digits = if extension.is_empty() { digits } else { digits.trim_ascii_end() };
        let size = std::str::from_utf8(digits).ok().and_then(|hex| number(hex, 16));
        let Some(size) = size else {
            return Err(bad(400, "malformed chunk size"));
        };
        if size == 0 {
            let mut trailers = 0;
            loop {
                let line = read_line(stream, input, pace).await?;
                if line.is_empty() {
                    return Ok(Some(body.freeze()));
                }
                trailers += line.len();
                if trailers > limits.head {
                    return Err(bad(431, "trailers too large"));
                }
                let name = memchr::memchr(b':', &line).and_then(|at| line.get(..at)).unwrap_or_default();
                if name.is_empty() || !name.iter().all(|b| b.is_ascii_graphic()) {
                    return Err(bad(400, "malformed trailer"));
                }
            }
        }
        if size > limits.body - body.len() {
            return Ok(None);
        }
        while input.len() < size + 2 {
            input.reserve((size + 2 - input.len()).min(1 << 20));
            pace.fill(stream, input).await?;
        }
        body.extend_from_slice(&input[..size]);
        if &input[size..size + 2] != b"\r\n" {
            return Err(bad(400, "a chunk does not end where its size says"));
        }
        input.advance(size + 2);
    }
}

async fn read_line(stream: &mut TcpStream, input: &mut BytesMut, pace: &mut Pace) -> Result<BytesMut, ReadError> {
    loop {
        if let Some(end) = memchr::memchr(b'\n', input) {
            let mut line = input.split_to(end + 1);
            if !line.ends_with(b"\r\n") {
                return Err(bad(400, "a chunk's line ends without a carriage return"));
            }
            line.truncate(end - 1);
            if line.iter().any(|b| b.is_ascii_control() && *b != b'\t') {
                return Err(bad(400, "a control character in a chunk's line"));
            }
            return Ok(line);
        }
        if input.len() > 16 * 1024 {
            return Err(bad(400, "chunk line too long"));
        }
        pace.fill(stream, input).await?;
    }
}

/// The usual words of a status line.
#[must_use]
pub fn reason(status: u16) -> &'static str {
    match status {
        100 => "Continue",
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        204 => "No Content",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        304 => "Not Modified",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        402 => "Payment Required",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        407 => "Proxy Authentication Required",
        408 => "Request Timeout",
        409 => "Conflict",
        413 => "Request Entity Too Large",
        422 => "Unprocessable Entity",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "Status",
    }
}
