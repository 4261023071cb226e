//! An answer is a list of steps, and this plays it. A new fault is a new list, not new code here.
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::ReadHalf;

#[derive(Debug, Clone, PartialEq)]
pub enum PlanStep {
    Wait(Duration),
    /// Writes the plan's head: the one part that differs between two answers made from the same script.
    Head,
    /// Writes bytes; `events` says how many events of a stream end in them.
    Write {
        bytes: Bytes,
        events: u64,
    },
    /// Ends the connection with a FIN.
    Close,
    /// Ends the connection with an RST.
    Reset,
    /// Keeps the connection open and says nothing more, until the client leaves.
    Stall,
    /// Writes the same bytes again and again, until the client leaves.
    Flood {
        bytes: Bytes,
        gap: Duration,
    },
}

/// One answer, ready to be played.
#[derive(Debug, Clone)]
pub struct Plan {
    pub status: u16,
    pub head: Bytes,
    pub steps: Arc<[PlanStep]>,
    pub keep_alive: bool,
    /// The connection looks as if it were kept, and is reset when the next request comes.
    pub stale: bool,
}

/// What has gone out so far; read by the journal while the answer is under way.
#[derive(Debug, Default)]
pub struct Progress {
    pub bytes: AtomicU64,
    pub events: AtomicU64,
}

/// How the playing of a plan ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Played {
    /// All of it was written.
    Answered,
    /// The client went away before that.
    ClientClosed,
    /// The plan itself broke the connection off.
    Cut,
}

/// The client went away.
#[derive(Debug)]
pub struct Gone;

/// The most that is read ahead while an answer is under way; a pipelining client waits beyond that.
const READ_AHEAD: usize = 64 * 1024;
/// The head and a first write up to this size go out together.
const TOGETHER: usize = 64 * 1024;

pub async fn play(stream: &mut TcpStream, input: &mut BytesMut, plan: &Plan, progress: &Progress) -> Played {
    let mut steps = plan.steps.iter().peekable();
    while let Some(step) = steps.next() {
        let done = match step {
            PlanStep::Wait(time) => wait(stream, input, tokio::time::sleep(*time)).await,
            PlanStep::Head => match steps.peek() {
                // One system call and one packet where two would do.
                Some(PlanStep::Write { bytes, events }) if bytes.len() <= TOGETHER => {
                    let mut both = BytesMut::with_capacity(plan.head.len() + bytes.len());
                    both.extend_from_slice(&plan.head);
                    both.extend_from_slice(bytes);
                    let events = *events;
                    steps.next();
                    write(stream, input, both.freeze(), events, progress).await
                }
                _ => write(stream, input, plan.head.clone(), 0, progress).await,
            },
            PlanStep::Write { bytes, events } => write(stream, input, bytes.clone(), *events, progress).await,
            PlanStep::Close => {
                // An explicit FIN: a forked child may still hold a copy of this descriptor.
                let _ = stream.shutdown().await;
                return Played::Cut;
            }
            PlanStep::Reset => {
                let _ = stream.set_zero_linger();
                return Played::Cut;
            }
            PlanStep::Stall => wait(stream, input, std::future::pending()).await,
            PlanStep::Flood { bytes, gap } => flood(stream, input, bytes, *gap, progress).await,
        };
        if done.is_err() {
            return Played::ClientClosed;
        }
    }
    Played::Answered
}

async fn flood(
    stream: &mut TcpStream,
    input: &mut BytesMut,
    bytes: &Bytes,
    gap: Duration,
    progress: &Progress,
) -> Result<(), Gone> {
    loop {
        write(stream, input, bytes.clone(), 0, progress).await?;
        wait(stream, input, tokio::time::sleep(gap)).await?;
    }
}

/// Waits for `what`, and no longer than the client stays.
pub async fn wait<T>(stream: &mut TcpStream, input: &mut BytesMut, what: impl Future<Output = T>) -> Result<T, Gone> {
    let (mut reading, _writing) = stream.split();
    tokio::select! {
        biased;
        value = what => Ok(value),
        () = gone(&mut reading, input) => Err(Gone),
    }
}

/// Returns once the client has closed its side, as the real server takes it too. Reads ahead meanwhile, for without
/// reading nobody is told.
async fn gone(reading: &mut ReadHalf<'_>, input: &mut BytesMut) {
    loop {
        if input.len() >= READ_AHEAD {
            std::future::pending::<()>().await;
        }
        input.reserve(1024);
        match reading.read_buf(input).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
    }
}

async fn write(
    stream: &mut TcpStream,
    input: &mut BytesMut,
    mut bytes: Bytes,
    events: u64,
    progress: &Progress,
) -> Result<(), Gone> {
    let advance = |bytes: &mut Bytes, n: usize| {
        bytes.advance(n);
        progress.bytes.fetch_add(n as u64, Ordering::Relaxed);
    };
    // Most answers fit the socket's buffer: no need to look for a leaving client then.
    match stream.try_write(&bytes) {
        Ok(n) => advance(&mut bytes, n),
        Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
        Err(_) => return Err(Gone),
    }
    if !bytes.is_empty() {
        let (mut reading, mut writing) = stream.split();
        while !bytes.is_empty() {
            tokio::select! {
                biased;
                () = gone(&mut reading, input) => return Err(Gone),
                written = writing.write(&bytes) => match written {
                    Ok(n) if n > 0 => advance(&mut bytes, n),
                    _ => return Err(Gone),
                },
            }
        }
    }
    progress.events.fetch_add(events, Ordering::Relaxed);
    Ok(())
}
