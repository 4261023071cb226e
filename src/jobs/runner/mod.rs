//! A job: rows come in batches, are sent as the limiter and the budget let them, and come out when they are on disk.
//!
//! One thread of its own decides everything, told by messages what has happened; sending is tokio's. A row is
//! fed → (known already? → handed over) → admitted → its intent committed → sent → settled → committed → handed over.
//! What was refused goes back to the front of those that wait. No row waits for another, and nothing grows without bound:
//! rows that are read ahead, in flight, and not taken yet are each limited, so that a slow reader slows the job.
mod failure;
mod share;
mod work;

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::HeaderMap;
use tokio::runtime::Handle;

use crate::core::error::Error;
use crate::core::request::{Body, BoxFuture};
use crate::core::wait::{Source, Waiter, Wake};

use super::budget::{Price, Size, Usage};
use super::ledger::{Committed, Hash, Ledger, LedgerFailure, Notify, Record};
use super::limiter::{Held, KnownLimits};
use super::sender::Target;
pub use failure::{error_of, json_of};
pub use share::{Claimed, Denied, EndedAttempt, FleetNews, HeldPass, Mark, OwnMeans, Share, ShareEvent};
use work::RowWork;
pub use work::seed;

/// One row, encoded.
#[derive(Debug, Clone)]
pub struct JobRow {
    /// Its place in the data. Rows come in this order.
    pub seq: u64,
    pub hash: Hash,
    pub key: Option<String>,
    pub target: Arc<Target>,
    pub body: Body,
    pub size: Size,
    /// The row of the data, as JSON, for the ledger.
    pub input: Bytes,
    /// Why it cannot be asked, as JSON: it has failed already.
    pub refused: Option<String>,
}

impl JobRow {
    pub fn held(&self) -> usize {
        self.body.held() + self.input.len()
    }
}

/// What a request brought.
#[derive(Debug, Clone, Default)]
pub struct RowAnswer {
    pub body: Bytes,
    pub headers: HeaderMap,
    pub request_id: Option<String>,
    pub finish: Option<String>,
    /// See `Record::media`.
    pub media: Option<String>,
    pub usage: Option<Usage>,
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

/// What whoever asked says of an answer, where it is to be looked at first (`JobSettings::judged`).
#[derive(Debug)]
pub enum AnswerVerdict {
    Fits(Box<Record>),
    /// Why, as JSON.
    Unfit(Box<Record>, String),
    /// It does not fit, and is asked for again by this row. What was paid for it counts. And whether it was of an earlier
    /// run.
    Again(Box<Record>, Box<JobRow>, bool),
}

/// What becomes of requests that were in flight when a job was killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnUnknown {
    /// They are asked again.
    #[default]
    Retry,
    /// Their rows have failed: nothing is paid twice.
    Fail,
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
    /// How often it is looked whether there is money again.
    pub look: Duration,
    pub on_unknown: OnUnknown,
    pub retry_errors: bool,
    /// Each answer gets an `AnswerVerdict`, and only then counts for rows that ask the same.
    pub judged: bool,
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
            look: Duration::from_secs(60),
            on_unknown: OnUnknown::Retry,
            judged: false,
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

/// What holds it back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    Quota,
    Concurrency,
    Budget,
    /// There are no rows.
    Input,
    /// Those that have ended are not taken.
    Reader,
    /// The fleet's is not there.
    Governor,
}

const HOLDS: [Hold; 6] = [Hold::Quota, Hold::Concurrency, Hold::Budget, Hold::Input, Hold::Reader, Hold::Governor];

impl Hold {
    pub fn name(self) -> &'static str {
        match self {
            Self::Quota => "quota",
            Self::Concurrency => "concurrency",
            Self::Budget => "budget",
            Self::Input => "input",
            Self::Reader => "reader",
            Self::Governor => "governor",
        }
    }

    /// By its number, as a fleet says it.
    pub fn of(number: u8) -> Option<Self> {
        HOLDS.get(usize::from(number)).copied()
    }

    pub fn by(held: Held) -> Option<Self> {
        match held {
            Held::Free => None,
            Held::Concurrency => Some(Self::Concurrency),
            Held::NamedQuota | Held::Overload | Held::Exhausted => Some(Self::Quota),
        }
    }
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
    pub held: Option<Hold>,
}

/// What a share tells its job, from any thread.
pub type TellJob = Box<dyn Fn(ShareEvent) + Send + Sync>;

enum JobEvent {
    Fed,
    Taken,
    Ended(u64, u32, Box<Result<RowAnswer, Error>>),
    Committed(Committed),
    Judged(AnswerVerdict),
    Share(ShareEvent),
    Stop,
    Now,
    Resume,
}

/// What rows that are read ahead, and those that wait to be taken, may each hold in memory: of long texts fewer are
/// there than `JobSettings::ahead`.
const HELD: usize = 64 << 20;

#[derive(Default)]
struct RunShared {
    input: VecDeque<JobRow>,
    /// What those hold.
    input_held: usize,
    closed: bool,
    room: usize,
    /// Whoever feeds waits for room.
    hungry: bool,
    ended: VecDeque<Ended>,
    /// What those hold.
    ended_held: usize,
    progress: JobProgress,
    over: bool,
    cause: Option<Cause>,
    /// Why it waits for money.
    paused: Option<Error>,
    /// Somebody wants whoever waits to look up.
    nudged: bool,
    waiter: Waiter,
}

impl RunShared {
    fn is_ready(&self) -> bool {
        !self.ended.is_empty() || self.over || self.nudged || (self.hungry && self.room > 0)
    }
}

/// What a row holds in memory that has ended.
fn held(ended: &Ended) -> usize {
    ended.record.body.len() + ended.record.input.len()
}

#[derive(Default)]
struct Table(Mutex<RunShared>, Condvar);

impl Table {
    fn lock(&self) -> MutexGuard<'_, RunShared> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes whoever waits, if there is something for it.
    fn tell(&self, mut shared: MutexGuard<'_, RunShared>) {
        let wake = if shared.is_ready() { shared.waiter.take() } else { return };
        drop(shared);
        self.1.notify_all();
        if let Some(wake) = wake {
            wake();
        }
    }
}

/// Has whoever waits for a job look up.
#[derive(Clone)]
pub struct Nudge(Arc<Table>);

impl Nudge {
    pub fn nudge(&self) {
        let mut shared = self.0.lock();
        shared.nudged = true;
        self.0.tell(shared);
    }
}

impl Source for Runner {
    fn when_ready(&self, wake: Wake) -> Option<u64> {
        let mut shared = self.table.lock();
        if !shared.is_ready() {
            return shared.waiter.enter(wake);
        }
        shared.nudged = false;
        drop(shared);
        wake();
        Some(0)
    }

    fn forget(&self, number: u64) {
        self.table.lock().waiter.forget(number);
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
        let table = Arc::new(Table::default());
        table.lock().room = settings.ahead;
        let work = RowWork::new(settings, ledger, asked, runtime, Arc::clone(&table), events.clone())?;
        Self::run(work, table, events, queue)
    }

    /// `open`: gives the share, with what is to be told of it.
    pub fn share<S: Share + 'static>(
        settings: JobSettings,
        open: impl FnOnce(TellJob) -> Result<S, LedgerFailure>,
        asked: Arc<dyn AskModel>,
        runtime: Handle,
    ) -> Result<Self, LedgerFailure> {
        let (events, queue) = channel();
        let told = events.clone();
        let share = open(Box::new(move |event| {
            let _ = told.send(JobEvent::Share(event));
        }))?;
        let table = Arc::new(Table::default());
        table.lock().room = settings.ahead;
        let work = RowWork::shared(settings, Box::new(share), asked, runtime, Arc::clone(&table), events.clone());
        Self::run(work, table, events, queue)
    }

    fn run(
        work: RowWork,
        table: Arc<Table>,
        events: Sender<JobEvent>,
        queue: Receiver<JobEvent>,
    ) -> Result<Self, LedgerFailure> {
        let thread = std::thread::Builder::new().name("wenwen-job".into()).spawn(move || work.run(&queue));
        let thread = Some(thread.map_err(|why| LedgerFailure::Disk(format!("no thread: {why}")))?);
        Ok(Self { table, events, thread })
    }

    /// How many rows are wanted now. `hungry`: whether whoever waits wants to be told that some are.
    pub fn room(&self, hungry: bool) -> usize {
        let mut shared = self.table.lock();
        shared.hungry = hungry;
        shared.room
    }

    /// More than there is room for are taken too: the next will be wanted later.
    pub fn feed(&self, rows: Vec<JobRow>) {
        let mut shared = self.table.lock();
        shared.room = shared.room.saturating_sub(rows.len());
        shared.progress.fed += rows.len() as u64;
        shared.input_held += rows.iter().map(JobRow::held).sum::<usize>();
        if shared.input_held >= HELD {
            shared.room = 0;
        }
        shared.input.extend(rows);
        drop(shared);
        let _ = self.events.send(JobEvent::Fed);
    }

    /// There are no more rows.
    pub fn close(&self) {
        let mut shared = self.table.lock();
        (shared.closed, shared.hungry) = (true, false);
        drop(shared);
        let _ = self.events.send(JobEvent::Fed);
    }

    /// Rows that have ended, at most `most`; waits until there is one, whoever is hungry may feed, somebody nudges, or the
    /// job is over.
    pub fn take(&self, most: usize, wait: Duration) -> Vec<Ended> {
        let shared = self.table.lock();
        let waited = self.table.1.wait_timeout_while(shared, wait, |shared| !shared.is_ready());
        let (mut shared, _) = waited.unwrap_or_else(PoisonError::into_inner);
        shared.nudged = false;
        let count = most.min(shared.ended.len());
        let taken: Vec<_> = shared.ended.drain(..count).collect();
        shared.ended_held -= taken.iter().map(held).sum::<usize>().min(shared.ended_held);
        drop(shared);
        if !taken.is_empty() {
            let _ = self.events.send(JobEvent::Taken);
        }
        taken
    }

    /// What is said of an answer that was taken.
    pub fn judge(&self, verdict: AnswerVerdict) {
        let _ = self.events.send(JobEvent::Judged(verdict));
    }

    pub fn nudge(&self) -> Nudge {
        Nudge(Arc::clone(&self.table))
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

    /// Why it waits for money, since it was last asked.
    pub fn paused(&self) -> Option<Error> {
        self.table.lock().paused.take()
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
