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

    /// Why its Host is not one of this machine's: a page in a browser reaches a loopback address by a name of its own that
    /// resolves to it. A whole URL or a tunnel is asked of a proxy, which no page can do.
    pub(super) fn foreign_host(&self) -> Option<String> {
        if self.method == "CONNECT" || self.target.contains("://") {
            return None;
        }
        let host = self.header("host")?.trim();
        let name = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((address, _)) => address,
            None => host.rsplit_once(':').map_or(host, |(name, _)| name),
        };
        let name = name.trim_end_matches('.');
        let local = |name: &str| name.eq_ignore_ascii_case("localhost");
        let here = name.parse().is_ok_and(|address: IpAddr| address.is_loopback())
            || local(name)
            || name.rsplit_once('.').is_some_and(|(_, last)| local(last));
        (!here).then(|| {
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
pub struct Limits {
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
    limits: Limits,
) -> Result<(HttpRequest, Bytes), ReadError> {
    let Parsed { mut request, size, length, expects, gzip } = loop {
        // A stray line end between two requests is allowed (RFC 9112, 2.2).
        while input.first().is_some_and(|b| *b == b'\r' || *b == b'\n') {
            input.advance(1);
        }
        if !input.is_empty() {
            if let Some(parsed) = parse_head(input, connection)? {
                break parsed;
            }
            if input.len() > limits.head {
                return Err(bad(431, "request head too large"));
            }
        }
        fill(stream, input, limits.idle).await?;
    };
    input.advance(size);
    if expects && input.is_empty() {
        stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await.map_err(|_| ReadError::Closed)?;
    }
    let body = match length {
        Length::Known(length) if length > limits.body => return Err(ReadError::TooLarge(request.into())),
        Length::Known(length) => {
            while input.len() < length {
                input.reserve((length - input.len()).min(1 << 20));
                fill(stream, input, limits.idle).await?;
            }
            if length < SHARED {
                let body = Bytes::copy_from_slice(&input[..length]);
                input.advance(length);
                body
            } else {
                input.split_to(length).freeze()
            }
        }
        Length::Chunked => match read_chunked(stream, input, limits).await? {
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

async fn fill(stream: &mut TcpStream, input: &mut BytesMut, idle: Duration) -> Result<(), ReadError> {
    if input.capacity() - input.len() < 1024 {
        input.reserve(8 * 1024);
    }
    match tokio::time::timeout(idle, stream.read_buf(input)).await {
        Ok(Ok(read)) if read > 0 => Ok(()),
        _ => Err(ReadError::Closed),
    }
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
    let (mut chunked, mut expects, mut gzip, mut keep_alive) = (false, false, false, !http10);
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
            let value = value.to_ascii_lowercase();
            keep_alive = if http10 { value.contains("keep-alive") } else { !value.contains("close") };
        }
    }
    if chunked && length.is_some() {
        return Err(bad(400, "Content-Length beside Transfer-Encoding"));
    }
    if hosts > 1 || hosts == 0 && !http10 {
        return Err(bad(400, if hosts == 0 { "missing required Host header" } else { "too many Host headers" }));
    }
    let local = origin_form(&target);
    let (path, query) = local.split_once('?').unwrap_or((local, ""));
    let request = HttpRequest {
        method: head.method.unwrap_or("GET").to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        target: target.clone(),
        headers,
        connection,
        arrived: Instant::now(),
        wire_bytes: 0,
        keep_alive,
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

/// A client that takes this server for its proxy sends the whole URL; the journal and the rows want the path.
fn origin_form(target: &str) -> &str {
    match target.split_once("://") {
        Some((scheme, rest)) if !scheme.contains('/') => rest.find('/').map_or("/", |at| &rest[at..]),
        _ => target,
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
    limits: Limits,
) -> Result<Option<Bytes>, ReadError> {
    let mut body = BytesMut::new();
    loop {
        let line = read_line(stream, input, limits.idle).await?;
        let (digits, _) = line.split_at(memchr::memchr(b';', &line).unwrap_or(line.len()));
        let size = std::str::from_utf8(digits.trim_ascii_end()).ok().and_then(|hex| number(hex, 16));
        let Some(size) = size else {
            return Err(bad(400, "malformed chunk size"));
        };
        if size == 0 {
            let mut trailers = 0;
            loop {
                let line = read_line(stream, input, limits.idle).await?;
                trailers += line.len();
                match line.is_empty() {
                    true => return Ok(Some(body.freeze())),
                    false if trailers > limits.head => return Err(bad(431, "trailers too large")),
                    false => {}
                }
            }
        }
        if size > limits.body - body.len() {
            return Ok(None);
        }
        while input.len() < size + 2 {
            input.reserve((size + 2 - input.len()).min(1 << 20));
            fill(stream, input, limits.idle).await?;
        }
        body.extend_from_slice(&input[..size]);
        if &input[size..size + 2] != b"\r\n" {
            return Err(bad(400, "a chunk does not end where its size says"));
        }
        input.advance(size + 2);
    }
}

async fn read_line(stream: &mut TcpStream, input: &mut BytesMut, idle: Duration) -> Result<BytesMut, ReadError> {
    loop {
        if let Some(end) = memchr::memchr(b'\n', input) {
            let mut line = input.split_to(end + 1);
            if !line.ends_with(b"\r\n") {
                return Err(bad(400, "a chunk's line ends without a carriage return"));
            }
            line.truncate(end - 1);
            return Ok(line);
        }
        if input.len() > 16 * 1024 {
            return Err(bad(400, "chunk line too long"));
        }
        fill(stream, input, idle).await?;
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
