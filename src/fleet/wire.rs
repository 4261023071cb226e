//! What workers and their governor say to each other: frames of messages, by lengths that are looked at before anything
//! is taken into memory. Who does not know the token is heard no further than its proof (`GREETING`).
//!
//! A frame is its length (u32, little-endian), a byte that says how it is packed, and messages one after another. A
//! message is a number and its fields in their order; another order or another field is another `VERSION`.
use std::io::{self, ErrorKind, Read, Write};

use bytes::{Buf, Bytes, BytesMut};
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::jobs::budget::{Price, Size, Tokens};
use crate::jobs::ledger::{Hash, Record, Status};
use crate::jobs::limiter::AttemptEnd;
use crate::jobs::limiter::said::{NamedQuota, Rate, Said, Unit};
use crate::jobs::runner::{EndedAttempt, Mark};

/// What is spoken. Another one is refused in words.
pub const VERSION: u16 = 1;
/// The most that a frame may hold, as it comes and unpacked: a reply of `max_response_bytes`, as 256 MiB is by default,
/// and its row.
pub const LARGEST: usize = 640 << 20;
/// From this size on frames are packed, where they leave the machine: a kilobyte of replies in 10 µs, to a third.
const PACKED: usize = 4 << 10;
const NONCE: usize = 32;
const PROOF: usize = 32;
const MAGIC: &[u8; 8] = b"wenwenJ\n";
/// What either says first: who it is, the version, and a number that was never said before.
const GREETING: usize = MAGIC.len() + 2 + NONCE;

pub trait Wire: Sized {
    fn put(&self, out: &mut Vec<u8>);
    /// None where the bytes are none of these.
    fn get(from: &mut Bytes) -> Option<Self>;
}

macro_rules! numbers {
    ($($number:ty),*) => {$(
        impl Wire for $number {
            fn put(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_le_bytes());
            }

            fn get(from: &mut Bytes) -> Option<Self> {
                let bytes = from.split_to_checked(size_of::<Self>())?;
                Some(Self::from_le_bytes(bytes.as_ref().try_into().ok()?))
            }
        }
    )*};
}
numbers!(u8, u16, u32, u64, f64);

/// `Bytes::split_to` that does not panic.
trait SplitChecked {
    fn split_to_checked(&mut self, count: usize) -> Option<Bytes>;
}

impl SplitChecked for Bytes {
    fn split_to_checked(&mut self, count: usize) -> Option<Bytes> {
        (count <= self.len()).then(|| self.split_to(count))
    }
}

impl Wire for bool {
    fn put(&self, out: &mut Vec<u8>) {
        out.push(u8::from(*self));
    }

    fn get(from: &mut Bytes) -> Option<Self> {
        match u8::get(from)? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}

impl Wire for Bytes {
    fn put(&self, out: &mut Vec<u8>) {
        (self.len() as u64).put(out);
        out.extend_from_slice(self);
    }

    fn get(from: &mut Bytes) -> Option<Self> {
        let length = usize::try_from(u64::get(from)?).ok()?;
        from.split_to_checked(length)
    }
}

impl Wire for String {
    fn put(&self, out: &mut Vec<u8>) {
        (self.len() as u64).put(out);
        out.extend_from_slice(self.as_bytes());
    }

    fn get(from: &mut Bytes) -> Option<Self> {
        Self::from_utf8(Bytes::get(from)?.into()).ok()
    }
}

impl Wire for Hash {
    fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self);
    }

    fn get(from: &mut Bytes) -> Option<Self> {
        from.split_to_checked(16)?.as_ref().try_into().ok()
    }
}

impl<T: Wire> Wire for Option<T> {
    fn put(&self, out: &mut Vec<u8>) {
        self.is_some().put(out);
        if let Some(value) = self {
            value.put(out);
        }
    }

    fn get(from: &mut Bytes) -> Option<Self> {
        Some(if bool::get(from)? { Some(T::get(from)?) } else { None })
    }
}

impl<T: Wire> Wire for Vec<T> {
    fn put(&self, out: &mut Vec<u8>) {
        (self.len() as u32).put(out);
        self.iter().for_each(|one| one.put(out));
    }

    /// Memory grows with what is there, whatever number was said.
    fn get(from: &mut Bytes) -> Option<Self> {
        (0..u32::get(from)?).map(|_| T::get(from)).collect()
    }
}

impl<T: Wire> Wire for Box<T> {
    fn put(&self, out: &mut Vec<u8>) {
        (**self).put(out);
    }

    fn get(from: &mut Bytes) -> Option<Self> {
        T::get(from).map(Self::new)
    }
}

impl<A: Wire, B: Wire> Wire for (A, B) {
    fn put(&self, out: &mut Vec<u8>) {
        self.0.put(out);
        self.1.put(out);
    }

    fn get(from: &mut Bytes) -> Option<Self> {
        Some((A::get(from)?, B::get(from)?))
    }
}

macro_rules! wired {
    (struct $name:ident { $($field:ident),* $(,)? }) => {
        impl Wire for $name {
            fn put(&self, out: &mut Vec<u8>) {
                $(self.$field.put(out);)*
            }

            fn get(from: &mut Bytes) -> Option<Self> {
                Some(Self { $($field: Wire::get(from)?),* })
            }
        }
    };
    // A field of a tuple is its number, and then a name for it.
    (enum $name:ident { $($number:literal => $variant:ident { $($field:tt $(: $value:ident)?),* $(,)? }),* $(,)? }) => {
        impl Wire for $name {
            fn put(&self, out: &mut Vec<u8>) {
                match self {
                    $(Self::$variant { $($field $(: $value)?),* } => {
                        out.push($number);
                        $(wired!(@put out, $field $($value)?);)*
                    })*
                }
            }

            fn get(from: &mut Bytes) -> Option<Self> {
                match u8::get(from)? {
                    $($number => Some(Self::$variant { $($field: Wire::get(from)?),* }),)*
                    _ => None,
                }
            }
        }
    };
    (@put $out:ident, $field:tt $value:ident) => { $value.put($out) };
    (@put $out:ident, $field:ident) => { $field.put($out) };
}

wired!(enum Status { 0 => Done {}, 1 => Failed {}, 2 => Again {} });
wired!(enum Unit { 0 => Requests {}, 1 => Tokens {} });
wired!(enum Mark { 0 => Keep {}, 1 => Forget {}, 2 => Doubt {} });
wired!(enum NamedQuota { 0 => Rate { unit, rate, failed }, 1 => AtOnce { 0: most }, 2 => Day {} });
wired!(enum AttemptEnd {
    0 => Answered { tokens }, 1 => Refused {}, 2 => Overloaded {}, 3 => Lost {}, 4 => Exhausted {}, 5 => Unsent {},
});
wired!(struct Rate { count, span });
wired!(struct Tokens { input, output });
wired!(struct Size { bytes, tokens, max_output });
wired!(struct Price { input, output, cached, written, call });
wired!(struct Said { wait, requests, tokens, quota });
wired!(struct EndedAttempt { seq, number, end, said, cost, mark, size, used, refused });
wired!(struct Record {
    seq, hash, key, status, attempts, billed, tries, input_tokens, output_tokens, cost, finish, request_id, elapsed,
    media, body, error, input, ended,
});

impl Wire for usize {
    fn put(&self, out: &mut Vec<u8>) {
        (*self as u64).put(out);
    }

    fn get(from: &mut Bytes) -> Option<Self> {
        Self::try_from(u64::get(from)?).ok()
    }
}

impl Wire for std::time::Duration {
    fn put(&self, out: &mut Vec<u8>) {
        self.as_secs_f64().put(out);
    }

    fn get(from: &mut Bytes) -> Option<Self> {
        Self::try_from_secs_f64(f64::get(from)?).ok()
    }
}

/// What a job is: of a fleet all are the same.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenJob {
    /// Name and value; with true it must be that of the store.
    pub meta: Vec<(String, (String, bool))>,
    /// It ends where there is no money, rather than waiting for some.
    pub stops: bool,
    /// Rows that were in flight when a worker was lost are not asked again.
    pub fails_unknown: bool,
    /// Rows that ask the same are asked once, whatever their names.
    pub dedup: bool,
}
wired!(struct OpenJob { meta, stops, fails_unknown, dedup });

/// A row is `seq` of a `job` of the worker's, and `id` of the store.
#[derive(Debug, Clone, PartialEq)]
pub enum ToGovernor {
    Open {
        job: u32,
        what: OpenJob,
    },
    /// `had`: what the row was to a governor that is gone, or had given it up.
    Claim {
        job: u32,
        seq: u64,
        hash: Hash,
        key: Option<String>,
        had: Option<u64>,
    },
    /// That was all that the worker has of a job, after the connection was lost.
    Replayed {
        job: u32,
    },
    /// It may be sent?
    Want {
        id: u64,
        attempt: u32,
        size: Size,
        first: bool,
    },
    /// Its `seq` is the store's.
    Ended {
        attempt: EndedAttempt,
    },
    /// `last`: nobody looks at the answer before it counts.
    Settle {
        job: u32,
        seq: u64,
        id: u64,
        record: Box<Record>,
        last: bool,
    },
    Fail {
        id: u64,
        error: String,
    },
    Input {
        id: u64,
        input: Bytes,
    },
    /// It was known already, or an answer was looked at.
    Free {
        id: u64,
    },
    Close {
        job: u32,
    },
    Read {
        question: u32,
        ids: Vec<u64>,
    },
    Status {
        question: u32,
    },
    Ping {},
}
wired!(enum ToGovernor {
    0 => Open { job, what }, 1 => Claim { job, seq, hash, key, had }, 2 => Replayed { job },
    3 => Want { id, attempt, size, first }, 4 => Ended { attempt }, 5 => Settle { job, seq, id, record, last },
    6 => Fail { id, error }, 7 => Input { id, input }, 8 => Free { id }, 9 => Close { job },
    10 => Read { question, ids }, 11 => Status { question }, 12 => Ping {},
});

/// Why a job is not to go on.
#[derive(Debug, Clone, PartialEq)]
pub enum Halt {
    Budget {
        spent: f64,
        limit: f64,
    },
    /// There is no money; the error as JSON.
    Refused {
        error: String,
    },
    Store {
        why: String,
    },
}
wired!(enum Halt { 0 => Budget { spent, limit }, 1 => Refused { error }, 2 => Store { why } });

#[derive(Debug, Clone, PartialEq)]
pub enum ToWorker {
    Opened {
        job: u32,
        price: Option<Price>,
    },
    Refused {
        job: u32,
        why: String,
    },
    /// The row is the worker's to ask, unless that was done: then with what is known of it. `own`: of the row itself, and
    /// not of another one that asked the same.
    Claimed {
        job: u32,
        seq: u64,
        id: u64,
        found: Option<Box<Record>>,
        own: bool,
        unknown: bool,
    },
    /// Its intent is on disk.
    Granted {
        job: u32,
        seq: u64,
        attempt: u32,
    },
    /// Its record is.
    Kept {
        job: u32,
        seq: u64,
    },
    /// What holds the fleet back, when a request is given up, and whether headers of replies are of use.
    Told {
        held: Option<u8>,
        stall: Option<f64>,
        listens: bool,
    },
    Halt {
        job: u32,
        why: Halt,
    },
    Rows {
        question: u32,
        records: Vec<Record>,
    },
    Status {
        question: u32,
        status: FleetSums,
    },
    Pong {},
}
wired!(enum ToWorker {
    0 => Opened { job, price }, 1 => Refused { job, why }, 2 => Claimed { job, seq, id, found, own, unknown },
    3 => Granted { job, seq, attempt }, 4 => Kept { job, seq }, 5 => Told { held, stall, listens },
    6 => Halt { job, why }, 7 => Rows { question, records }, 8 => Status { question, status }, 9 => Pong {},
});

/// How far the fleet is.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct FleetSums {
    pub workers: u32,
    pub done: u64,
    pub failed: u64,
    /// Claims of rows that were done already.
    pub cached: u64,
    pub running: u32,
    pub input_tokens: u64,
    pub output_tokens: u64,
    pub spent: f64,
    pub refused: u64,
    pub billed: u64,
    /// See `Hold`.
    pub held: Option<u8>,
    /// Rows that workers hold and that have not ended.
    pub open: u64,
    pub priced: bool,
    pub elapsed: f64,
}
wired!(struct FleetSums {
    workers, done, failed, cached, running, input_tokens, output_tokens, spent, refused, billed, held, open, priced,
    elapsed,
});

/// All messages of a frame; None where one is none.
pub fn messages<T: Wire>(mut frame: Bytes) -> Option<Vec<T>> {
    let mut found = Vec::new();
    while frame.has_remaining() {
        found.push(T::get(&mut frame)?);
    }
    Some(found)
}

fn bad(why: impl Into<String>) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, why.into())
}

/// Memory grows with what has come, whatever length was said.
pub async fn read_frame<R: AsyncRead + Unpin>(from: &mut R) -> io::Result<Bytes> {
    let length = from.read_u32_le().await? as usize;
    let packed = from.read_u8().await?;
    if length > LARGEST || packed > 1 {
        return Err(bad(format!("a frame of {length} bytes, packed as {packed}: this is no worker's")));
    }
    let mut frame = BytesMut::with_capacity(length.min(64 << 10));
    let mut rest = from.take(length as u64);
    while frame.len() < length {
        if rest.read_buf(&mut frame).await? == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
    }
    if packed == 0 {
        return Ok(frame.freeze());
    }
    let mut out = Vec::new();
    DeflateDecoder::new(&frame[..]).take(LARGEST as u64 + 1).read_to_end(&mut out)?;
    if out.len() > LARGEST { Err(bad("a frame unpacks to more than there may be")) } else { Ok(out.into()) }
}

pub async fn write_frame<W: AsyncWrite + Unpin>(to: &mut W, frame: Vec<u8>, far: bool) -> io::Result<()> {
    let packed = if far && frame.len() >= PACKED { pack(&frame) } else { None };
    let (how, frame) = packed.map_or((0, frame), |small| (1, small));
    let length = u32::try_from(frame.len()).ok().filter(|length| *length as usize <= LARGEST);
    let length = length.ok_or_else(|| bad(format!("a frame of {} bytes is too large", frame.len())))?;
    let mut head = [0; 5];
    head[..4].copy_from_slice(&length.to_le_bytes());
    head[4] = how;
    to.write_all(&head).await?;
    to.write_all(&frame).await?;
    to.flush().await
}

/// None where nothing is saved.
fn pack(frame: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = DeflateEncoder::new(Vec::with_capacity(frame.len() / 2), Compression::fast());
    encoder.write_all(frame).ok()?;
    encoder.finish().ok().filter(|small| small.len() < frame.len())
}

/// Numbers that nobody can guess.
pub fn random<const N: usize>() -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).map_err(|_| io::Error::other("the system has no random numbers"))?;
    Ok(bytes)
}

/// That one knows the token, without saying it: over both numbers, and over who says so, so that no proof is another's.
fn proof(token: &str, who: &[u8], own: &[u8], other: &[u8]) -> (hmac::Key, Vec<u8>) {
    (hmac::Key::new(hmac::HMAC_SHA256, token.as_bytes()), [who, own, other].concat())
}

/// Both know the token, or neither hears more. `session`: the worker's own number, which it has again when it comes back.
/// The governor speaks first.
pub async fn greet<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
    token: &str,
    session: Option<Hash>,
) -> io::Result<Hash> {
    let nonce: [u8; NONCE] = random()?;
    let mut own = MAGIC.to_vec();
    own.extend_from_slice(&VERSION.to_le_bytes());
    own.extend_from_slice(&nonce);
    stream.write_all(&own).await?;
    stream.flush().await?;
    let mut theirs = [0; GREETING];
    stream.read_exact(&mut theirs).await?;
    let (magic, rest) = theirs.split_at(MAGIC.len());
    let (version, other) = rest.split_at(2);
    if magic != MAGIC {
        return Err(bad("it speaks another protocol: it is no governor of wenwen"));
    }
    let (mine, yours): (&[u8], &[u8]) =
        if session.is_some() { (b"worker", b"governor") } else { (b"governor", b"worker") };
    // Compared in constant time, by `verify`. The worker proves first, so that nobody else can have the governor sign.
    let mut theirs = [0; PROOF];
    let wrong = || io::Error::new(ErrorKind::PermissionDenied, "the token is another: it is that of another governor");
    let check = |theirs: &[u8]| {
        let (key, text) = proof(token, yours, other, &nonce);
        hmac::verify(&key, &text, theirs).map_err(|_| wrong())
    };
    let (key, text) = proof(token, mine, &nonce, other);
    let proof = hmac::sign(&key, &text);
    if version != VERSION.to_le_bytes() {
        let found = u16::from_le_bytes(version.try_into().unwrap_or_default());
        return Err(bad(format!("it speaks version {found}, and this is {VERSION}: have the same wenwen everywhere")));
    }
    match session {
        Some(session) => {
            stream.write_all(proof.as_ref()).await?;
            stream.write_all(&session).await?;
            stream.flush().await?;
            stream.read_exact(&mut theirs).await.map_err(|why| match why.kind() {
                ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset => wrong(),
                _ => why,
            })?;
            check(&theirs)?;
            Ok(session)
        }
        None => {
            stream.read_exact(&mut theirs).await?;
            check(&theirs)?;
            let mut session = [0; 16];
            stream.read_exact(&mut session).await?;
            stream.write_all(proof.as_ref()).await?;
            stream.flush().await?;
            Ok(session)
        }
    }
}
