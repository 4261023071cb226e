//! What a job has paid for, on disk before anybody is told: SQLite, one writer thread, batches of what is there.
//!
//! The order of things: the intent is committed, the request is sent, the reply with its cost is committed together with
//! the end of the intent, and only then is the row handed over. So a process that is killed loses no row that anybody
//! was told of; what was in flight is found at the next start, with the most that it may have cost (`unknown`).
//!
//! A row is its place in the data and a hash of what was asked (`Known`): the same data again are merged with what is
//! here in their order, without an index and in constant memory. An index over hashes or keys is made where rows have
//! moved (`find`, `find_key`); what stood in a place that another row takes is kept for them (`earlier`).
//!
//! `schema.sql` says what stands in the file. Bodies are text, for people: deflate takes 80 µs of processor for 1.5 kB
//! (its tables have to be cleared) and 190 for 17 kB, several times what the row takes otherwise, to save a half and two
//! thirds of it. From 32 kB on they are compressed where that helps.
mod place;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError, mpsc};
use std::thread::JoinHandle;

use bytes::Bytes;
use thiserror::Error;

use place::Lock;
use writer::{Command, WriteStep, Writer};

/// The format that is written. Older ones are brought up to it, newer ones are refused.
pub const VERSION: i64 = 2;
/// `wenw`: so that nobody takes another's database for a ledger.
const APPLICATION: i64 = 0x7765_6e77;

/// 16 bytes of SHA-256.
pub type Hash = [u8; 16];

/// What is known again: the same parameters to the same endpoint.
pub fn hash(parts: &[&[u8]]) -> Hash {
    let mut hasher = Hasher::default();
    parts.iter().for_each(|part| hasher.part(part));
    hasher.finish()
}

/// The same, part by part.
pub struct Hasher(ring::digest::Context);

impl Default for Hasher {
    fn default() -> Self {
        Self(ring::digest::Context::new(&ring::digest::SHA256))
    }
}

impl Hasher {
    pub fn part(&mut self, part: &[u8]) {
        self.0.update(&(part.len() as u64).to_le_bytes());
        self.0.update(part);
    }

    pub fn finish(self) -> Hash {
        let mut hash = [0; 16];
        for (to, from) in hash.iter_mut().zip(self.0.finish().as_ref()) {
            *to = *from;
        }
        hash
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// Whatever happens to the process.
    #[default]
    Process,
    /// Whatever happens to the machine: the disk is waited for at each commit.
    Power,
}

#[derive(Debug, Clone, Copy, Default)]
pub struct LedgerOptions {
    pub durability: Durability,
    /// The most pages (4 kB) that the file may have: a full disk, for tests.
    pub max_pages: Option<u32>,
    /// Of a fleet: places are given and taken while it runs.
    pub fleet: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum LedgerFailure {
    #[error("the store is in use by {}: wait for it, or stop it", of_process(*pid))]
    Used { pid: Option<u32> },
    #[error("the store is of another job, {found}: choose another path, or go on with that")]
    Other { found: String },
    #[error("the file is no store of jobs ({0}): choose another path")]
    NoStore(String),
    #[error("the store was written by a newer version (format {found}; this one knows {VERSION}): upgrade wenwen")]
    Newer { found: i64 },
    #[error("the disk of the store is full: everything that was committed is kept; make room and start the job again")]
    Full,
    #[error("the store cannot be written: {0}")]
    Disk(String),
    /// What a fleet's governor says, or why it is not there.
    #[error("{0}")]
    Governor(String),
}

fn of_process(pid: Option<u32>) -> String {
    pid.map_or_else(|| "another process".into(), |pid| format!("process {pid}"))
}

/// A request that is about to be sent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Intent {
    pub seq: u64,
    pub attempt: u32,
    /// The most that it may cost, in dollars.
    pub cost: Option<f64>,
    /// What the row is known by, where places are not given by the data.
    pub name: Option<Hash>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    Done,
    /// For good.
    Failed,
    /// Failed, and to be asked by the next job.
    Again,
}

impl Status {
    pub fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Again => "again",
        }
    }

    fn of(name: &str) -> Self {
        match name {
            "done" => Self::Done,
            "again" => Self::Again,
            _ => Self::Failed,
        }
    }
}

/// A row that has ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    pub seq: u64,
    pub hash: Hash,
    pub key: Option<String>,
    pub status: Status,
    pub attempts: u32,
    /// Failed attempts that may have been billed.
    pub billed: u32,
    /// Answers before this one that did not fit; what was used and paid is that of all.
    pub tries: u32,
    pub input_tokens: Option<u64>,
    pub output_tokens: Option<u64>,
    pub cost: Option<f64>,
    pub finish: Option<String>,
    pub request_id: Option<String>,
    pub elapsed: Option<f64>,
    /// The reply's Content-Type, where it is not JSON.
    pub media: Option<String>,
    pub body: Bytes,
    pub error: Option<String>,
    /// The row of the data, as JSON.
    pub input: Bytes,
    /// When it was written, in seconds since 1970; None before.
    pub ended: Option<f64>,
}

impl Record {
    pub fn new(seq: u64, hash: Hash, status: Status) -> Self {
        Self {
            seq,
            hash,
            key: None,
            status,
            attempts: 1,
            billed: 0,
            tries: 0,
            input_tokens: None,
            output_tokens: None,
            cost: None,
            finish: None,
            request_id: None,
            elapsed: None,
            media: None,
            body: Bytes::new(),
            error: None,
            input: Bytes::new(),
            ended: None,
        }
    }
}

/// As much of a row as tells whether it is the one that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    pub seq: u64,
    pub hash: Hash,
    pub status: Status,
}

/// A request of which nobody knows whether it was billed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Unknown {
    pub seq: u64,
    pub attempt: u32,
    pub cost: Option<f64>,
    /// See `Intent::name`.
    pub name: Option<Hash>,
    /// When it broke off or was found, in seconds since 1970; None while it is in flight.
    pub noticed: Option<f64>,
}

/// What stands in a ledger.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Sums {
    pub rows: u64,
    pub done: u64,
    pub failed: u64,
    pub input_tokens: u64,
    pub output_tokens: u64,
    /// Of rows with a price, and of those whose place others have taken.
    pub cost: f64,
    pub inflight: u64,
    pub unknown: u64,
    /// The most that those may have cost.
    pub unknown_cost: f64,
}

/// What was committed, in one batch: it is safe to send these, and to hand those over.
#[derive(Debug, Default)]
pub struct Committed {
    pub intended: Vec<Intent>,
    pub settled: Vec<Record>,
    /// Nothing of these was written. They are kept, and tried again with whatever comes next and at the close.
    pub failure: Option<LedgerFailure>,
}

/// A row that is looked for: what it asks, and its name. Without `anyone`, only that of this name.
#[derive(Debug, Clone)]
pub struct SoughtRow {
    pub hash: Hash,
    pub key: Option<String>,
    pub anyone: bool,
}

/// What was found: a record that asked the same, and the place of the row of this name.
pub type FoundRow = (Option<Record>, Option<u64>);

pub type Notify = Box<dyn FnMut(Committed) + Send>;

/// Its writer has the only connection, so that nothing waits for another's lock.
#[derive(Debug)]
pub struct Ledger {
    commands: mpsc::Sender<Command>,
    writer: Option<JoinHandle<Result<(), LedgerFailure>>>,
    path: PathBuf,
}

impl Ledger {
    /// Opens a ledger, or makes a new one. `notify` is called by the writer's thread after each commit.
    pub fn open(path: &Path, options: LedgerOptions, notify: Notify) -> Result<Self, LedgerFailure> {
        let lock = Lock::take(path)?;
        let writer = Writer::open(path, options, place::is_network(path))?;
        let (commands, queue) = mpsc::channel();
        let work = move || {
            let ended = writer.run(&queue, notify);
            drop(lock);
            ended
        };
        let thread = std::thread::Builder::new().name("wenwen-ledger".into()).spawn(work);
        let writer = Some(thread.map_err(|why| LedgerFailure::Disk(format!("no thread: {why}")))?);
        Ok(Self { commands, writer, path: path.to_owned() })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes down that a request is about to be sent: it may be once that was committed.
    pub fn intend(&self, intent: Intent) {
        let _ = self.commands.send(Command::Write(WriteStep::Intend(intent)));
    }

    /// The request was not sent after all, or refused: nobody has to wonder.
    pub fn forget(&self, seq: u64) {
        let _ = self.commands.send(Command::Write(WriteStep::Forget(seq)));
    }

    /// The request failed, and may have been billed all the same.
    pub fn doubt(&self, seq: u64) {
        let _ = self.commands.send(Command::Write(WriteStep::Doubt(seq)));
    }

    /// A row has ended: it may be handed over once that was committed.
    pub fn settle(&self, record: Record) {
        let _ = self.commands.send(Command::Write(WriteStep::Settle(Box::new(record))));
    }

    /// What was handed over as done does not fit, says who asked.
    pub fn fail(&self, seq: u64, error: String) {
        let _ = self.commands.send(Command::Write(WriteStep::Fail(seq, error)));
    }

    /// The row of the data is another than it was, though it asks the same.
    pub fn set_input(&self, seq: u64, input: Bytes) {
        let _ = self.commands.send(Command::Write(WriteStep::Input(seq, input)));
    }

    /// What became of a request of which nobody knew: it is no longer one of those.
    pub fn resolve(&self, seq: u64, attempt: u32) {
        let _ = self.commands.send(Command::Write(WriteStep::Resolve(seq, attempt)));
    }

    /// `find_key` or `find` of many, aside: `then` is called by the writer's thread. With the place of the row of that
    /// name, where it asked something else.
    pub fn find_all(&self, rows: Vec<SoughtRow>, then: Box<dyn FnOnce(Result<Vec<FoundRow>, LedgerFailure>) + Send>) {
        let question = move |writer: &Writer| then(rows.iter().map(|row| writer.find_row(row)).collect());
        let _ = self.commands.send(Command::AskModel(Box::new(question)));
    }

    /// The rows in these places, aside.
    pub fn read_all(&self, places: Vec<u64>, then: Box<dyn FnOnce(Result<Vec<Record>, LedgerFailure>) + Send>) {
        let question = move |writer: &Writer| then(writer.read_all(&places));
        let _ = self.commands.send(Command::AskModel(Box::new(question)));
    }

    /// The first place that no row ever had.
    pub fn end(&self) -> Result<u64, LedgerFailure> {
        self.ask(|writer| writer.end())
    }

    /// Has those that failed asked by the next job; how many there are.
    pub fn retry_errors(&self) -> Result<usize, LedgerFailure> {
        self.ask(|writer| writer.retry_errors())
    }

    /// At most `limit` rows from that place on, in their order.
    pub fn known(&self, from: u64, limit: usize) -> Result<Vec<Known>, LedgerFailure> {
        self.ask(move |writer| writer.known(from, limit))
    }

    /// The same with all that is known of them; fewer where they are large.
    pub fn read(&self, from: u64, limit: usize) -> Result<Vec<Record>, LedgerFailure> {
        self.ask(move |writer| writer.read(from, limit))
    }

    /// The row that asked the same, wherever it is or was. The first call makes an index.
    pub fn find(&self, hash: Hash) -> Result<Option<Record>, LedgerFailure> {
        self.ask(move |writer| writer.find(hash))
    }

    /// The row of that name. The first call makes an index.
    pub fn find_key(&self, key: String) -> Result<Option<Record>, LedgerFailure> {
        self.ask(move |writer| writer.find_key(&key))
    }

    pub fn sums(&self) -> Result<Sums, LedgerFailure> {
        self.ask(|writer| writer.sums())
    }

    pub fn unknown(&self) -> Result<Vec<Unknown>, LedgerFailure> {
        self.ask(|writer| writer.unknown())
    }

    pub fn meta(&self, key: &str) -> Result<Option<String>, LedgerFailure> {
        let key = key.to_owned();
        self.ask(move |writer| writer.meta(&key))
    }

    pub fn set_meta(&self, key: &str, value: &str) -> Result<(), LedgerFailure> {
        let (key, value) = (key.to_owned(), value.to_owned());
        self.ask(move |writer| writer.set_meta(&key, &value))
    }

    /// Commits what is there and closes the file. What could not be written is said here, and lost.
    pub fn close(mut self) -> Result<(), LedgerFailure> {
        self.shut()
    }

    fn shut(&mut self) -> Result<(), LedgerFailure> {
        let _ = self.commands.send(Command::Close);
        let ended = self.writer.take().map(JoinHandle::join);
        ended.unwrap_or(Ok(Ok(()))).unwrap_or_else(|_| Err(gone()))
    }

    fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Writer) -> Result<T, LedgerFailure> + Send + 'static,
    ) -> Result<T, LedgerFailure> {
        let (reply, answer) = mpsc::channel();
        let question = move |writer: &Writer| {
            let _ = reply.send(question(writer));
        };
        self.commands.send(Command::AskModel(Box::new(question))).map_err(|_| gone())?;
        answer.recv().map_err(|_| gone())?
    }
}

impl Drop for Ledger {
    fn drop(&mut self) {
        let _ = self.shut();
    }
}

/// Looks into a ledger that another, or another process, may be writing.
pub struct LedgerReader(Mutex<Writer>);

impl LedgerReader {
    pub fn open(path: &Path) -> Result<Self, LedgerFailure> {
        Writer::look(path).map(|writer| Self(Mutex::new(writer)))
    }

    fn inner(&self) -> MutexGuard<'_, Writer> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// At most `limit` rows from that place on, in their order.
    pub fn known(&self, from: u64, limit: usize) -> Result<Vec<Known>, LedgerFailure> {
        self.inner().known(from, limit)
    }

    /// The same with all that is known of them; fewer where they are large.
    pub fn read(&self, from: u64, limit: usize) -> Result<Vec<Record>, LedgerFailure> {
        self.inner().read(from, limit)
    }

    pub fn sums(&self) -> Result<Sums, LedgerFailure> {
        self.inner().sums()
    }

    /// Requests of a job that is running are among them.
    pub fn unknown(&self) -> Result<Vec<Unknown>, LedgerFailure> {
        self.inner().unknown()
    }

    pub fn meta(&self, key: &str) -> Result<Option<String>, LedgerFailure> {
        self.inner().meta(key)
    }
}

fn gone() -> LedgerFailure {
    LedgerFailure::Disk("its writer has ended".into())
}
