//! A job: rows come in batches, are sent as the limiter and the budget let them, and come out when they are on disk.
//!
//! One thread of its own decides everything, told by messages what has happened; sending is tokio's. A row is
//! fed → (known already? → handed over) → admitted → its intent committed → sent → settled → committed → handed over.
//! What was refused goes back to the front of those that wait. No row waits for another, and nothing grows without bound:
//! rows that are read ahead, in flight, and not taken yet are each limited, so that a slow reader slows the job.
mod work;

use std::collections::VecDeque;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::HeaderMap;
use tokio::runtime::Handle;

use crate::core::error::Error;
use crate::core::request::BoxFuture;

use super::budget::{Price, Size, Tokens};
use super::ledger::{Committed, Hash, Ledger, LedgerFailure, Notify, Record};
use super::limiter::{Held, KnownLimits};
use work::RowWork;

/// One row, encoded.
#[derive(Debug, Clone)]
pub struct JobRow {
    /// Its place in the data. Rows come in this order.
    pub seq: u64,
    pub hash: Hash,
    pub key: Option<String>,
    pub body: Bytes,
    pub size: Size,
}

/// What a request brought.
#[derive(Debug, Clone, Default)]
pub struct RowAnswer {
    pub body: Bytes,
    pub headers: HeaderMap,
    pub request_id: Option<String>,
    pub finish: Option<String>,
    pub tokens: Option<Tokens>,
    /// In dollars, where it is known otherwise than by its tokens.
    pub cost: Option<f64>,
}

/// Makes one attempt, without retries of its own.
pub trait AskModel: Send + Sync + 'static {
    fn ask(&self, row: &JobRow) -> BoxFuture<Result<RowAnswer, Error>>;
}

/// A row that has ended, and is on disk.
#[derive(Debug)]
pub struct Ended {
    pub record: Record,
    /// Of a row that failed now; of one that failed in an earlier run the record has it as JSON.
    pub error: Option<Error>,
    /// It was not sent by this run: it was there already, or another row asked the same.
    pub cached: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnQuota {
    /// The job ends, with everything kept.
    #[default]
    Stop,
    /// One request a minute looks whether there is money again.
    Wait,
}

#[derive(Debug, Clone)]
pub struct JobSettings {
    pub limits: KnownLimits,
    pub budget: Option<f64>,
    pub price: Option<Price>,
    pub on_quota: OnQuota,
    pub retry_errors: bool,
    pub dedup: bool,
    /// For the whole job.
    pub max_elapsed: Option<Duration>,
    /// So long each request is waited for, however fast others are.
    pub stall: Duration,
    /// Rows that are read ahead of those in flight, and that may wait to be taken.
    pub ahead: usize,
}

impl Default for JobSettings {
    fn default() -> Self {
        Self {
            limits: KnownLimits::default(),
            budget: None,
            price: None,
            on_quota: OnQuota::Stop,
            retry_errors: false,
            dedup: true,
            max_elapsed: None,
            stall: Duration::from_secs(30),
            ahead: 1024,
        }
    }
}

/// Why a job ended before its rows did.
#[derive(Debug)]
pub enum Cause {
    /// It was told to.
    Stopped,
    /// No money, no key, a day's limit, no such model.
    Refused(Box<Error>),
    Budget {
        spent: f64,
        limit: f64,
    },
    Ledger(LedgerFailure),
    Elapsed,
}

/// How far it is.
#[derive(Debug, Clone, Copy, Default)]
pub struct JobProgress {
    pub fed: u64,
    pub done: u64,
    pub failed: u64,
    pub cached: u64,
    pub running: u32,
    /// Attempts that failed and may have been billed.
    pub billed: u64,
    pub refused: u64,
    pub input_tokens: f64,
    pub output_tokens: f64,
    pub spent: f64,
    pub held: Option<Held>,
}

enum JobEvent {
    Fed,
    Taken,
    Ended(u64, u32, Box<Result<RowAnswer, Error>>),
    Committed(Committed),
    Stop,
    Now,
    Resume,
}

#[derive(Default)]
struct RunShared {
    input: VecDeque<JobRow>,
    closed: bool,
    room: usize,
    ended: VecDeque<Ended>,
    progress: JobProgress,
    over: bool,
    cause: Option<Cause>,
}

#[derive(Default)]
struct Table(Mutex<RunShared>, Condvar);

impl Table {
    fn lock(&self) -> MutexGuard<'_, RunShared> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What others hold of a job.
pub struct Runner {
    table: Arc<Table>,
    events: Sender<JobEvent>,
    thread: Option<JoinHandle<()>>,
}

impl Runner {
    /// `open`: opens the ledger, with what is to be told of its commits.
    pub fn start(
        settings: JobSettings,
        open: impl FnOnce(Notify) -> Result<Ledger, LedgerFailure>,
        asked: Arc<dyn AskModel>,
        runtime: Handle,
    ) -> Result<Self, LedgerFailure> {
        let (events, queue) = channel();
        let committed = events.clone();
        let ledger = open(Box::new(move |batch| {
            let _ = committed.send(JobEvent::Committed(batch));
        }))?;
        let sums = ledger.sums()?;
        let table = Arc::new(Table::default());
        table.lock().room = settings.ahead;
        let work = RowWork::new(settings, ledger, &sums, asked, runtime, Arc::clone(&table), events.clone());
        let thread = std::thread::Builder::new().name("wenwen-job".into()).spawn(move || work.run(&queue));
        let thread = Some(thread.map_err(|why| LedgerFailure::Disk(format!("no thread: {why}")))?);
        Ok(Self { table, events, thread })
    }

    /// How many rows are wanted now.
    pub fn room(&self) -> usize {
        self.table.lock().room
    }

    /// More than there is room for are taken too: the next will be wanted later.
    pub fn feed(&self, rows: Vec<JobRow>) {
        let mut shared = self.table.lock();
        shared.room = shared.room.saturating_sub(rows.len());
        shared.progress.fed += rows.len() as u64;
        shared.input.extend(rows);
        drop(shared);
        let _ = self.events.send(JobEvent::Fed);
    }

    /// There are no more rows.
    pub fn close(&self) {
        self.table.lock().closed = true;
        let _ = self.events.send(JobEvent::Fed);
    }

    /// Rows that have ended, at most `most`; waits until there is one, there is room for more, or the job is over.
    pub fn take(&self, most: usize, wait: Duration) -> Vec<Ended> {
        let shared = self.table.lock();
        let idle =
            |shared: &mut RunShared| shared.ended.is_empty() && !shared.over && (shared.room == 0 || shared.closed);
        let waited = self.table.1.wait_timeout_while(shared, wait, idle);
        let (mut shared, _) = waited.unwrap_or_else(PoisonError::into_inner);
        let count = most.min(shared.ended.len());
        let taken: Vec<_> = shared.ended.drain(..count).collect();
        drop(shared);
        if !taken.is_empty() {
            let _ = self.events.send(JobEvent::Taken);
        }
        taken
    }

    pub fn progress(&self) -> JobProgress {
        self.table.lock().progress
    }

    /// Whether nothing will come any more but what is to be taken already.
    pub fn is_over(&self) -> bool {
        self.table.lock().over
    }

    /// Why it ended before its rows did; said once.
    pub fn cause(&self) -> Option<Cause> {
        self.table.lock().cause.take()
    }

    /// Sends nothing new, and waits for what is in flight. A second time: waits for nothing.
    pub fn stop(&self, now: bool) {
        let _ = self.events.send(if now { JobEvent::Now } else { JobEvent::Stop });
    }

    /// There is money again.
    pub fn resume(&self) {
        let _ = self.events.send(JobEvent::Resume);
    }
}

impl Drop for Runner {
    fn drop(&mut self) {
        self.stop(true);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
