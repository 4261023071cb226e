//! The thread of a job: what it knows, and what it does about what has happened.
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tokio::runtime::Handle;
use tokio::task::AbortHandle;

use crate::core::error::{Error, Kind, caught};

use super::super::budget::{Budget, Estimator, Short, Size};
use super::super::fate::{self, RowFate, UNSURE};
use super::super::ledger::{Committed, Hash, Intent, Ledger, LedgerFailure, Record, Status};
use super::super::limiter::said::Said;
use super::super::limiter::{AttemptEnd, Limiter};
use super::failure::json_of;
use super::share::{
    Claimed, Denied, EndedAttempt, FleetNews, HeldPass, JobMeans, Leased, Mark, OwnMeans, Share, ShareEvent,
};
use super::{
    AnswerVerdict, AskModel, Cause, Ended, HELD, Hold, JobEvent, JobRow, JobSettings, OnQuota, OnUnknown, RowAnswer,
    Table, held,
};

/// A row that is to be sent.
struct WaitingRow {
    row: JobRow,
    attempts: u32,
    billed: u32,
    /// Attempts that are made once more at most.
    unsure: u32,
    first: Option<Instant>,
    /// What was used and paid for it before: by answers that did not fit, by a run in which it failed.
    before: Option<Box<Record>>,
}

impl WaitingRow {
    fn new(row: JobRow, before: Option<Box<Record>>) -> Self {
        Self { row, attempts: 0, billed: 0, unsure: 0, first: None, before }
    }

    /// How it ended; to what was used and paid for it comes what this try took.
    fn record(self, status: Status) -> Record {
        let Self { row, attempts, billed, first, before, .. } = self;
        let elapsed = first.map(|first| first.elapsed().as_secs_f64());
        let own = Record {
            key: row.key,
            attempts,
            billed,
            elapsed,
            input: row.input,
            ..Record::new(row.seq, row.hash, status)
        };
        let Some(before) = before else { return own };
        Record {
            attempts: own.attempts + before.attempts,
            billed: own.billed + before.billed,
            tries: before.tries,
            input_tokens: before.input_tokens,
            output_tokens: before.output_tokens,
            cost: before.cost,
            elapsed: Some(own.elapsed.unwrap_or_default() + before.elapsed.unwrap_or_default()),
            ..own
        }
    }
}

/// Numbers of which some are not known.
fn sum<T: std::ops::Add<Output = T>>(one: Option<T>, other: Option<T>) -> Option<T> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one + other),
        (one, other) => one.or(other),
    }
}

struct Running {
    waiting: WaitingRow,
    /// None of a fleet's, whose governor has it.
    pass: Option<HeldPass>,
    /// None while its intent is not on disk.
    sent: Option<(Instant, AbortHandle)>,
}

/// The last rows that were asked, and where: so that the same again is not asked. A table of one size: what it forgets is
/// asked once more. 2¹⁸ rows are 6 MB.
#[derive(Default)]
struct RecentRows(Vec<(Hash, u64)>);

impl RecentRows {
    const SIZE: usize = 1 << 18;

    fn slot(&mut self, hash: &Hash) -> Option<&mut (Hash, u64)> {
        if self.0.is_empty() {
            self.0 = vec![([0; 16], u64::MAX); Self::SIZE];
        }
        let [a, b, c, ..] = *hash;
        self.0.get_mut(u32::from_le_bytes([a, b, c, 0]) as usize % Self::SIZE)
    }

    fn find(&mut self, hash: &Hash) -> Option<u64> {
        self.slot(hash).filter(|slot| slot.0 == *hash && slot.1 != u64::MAX).map(|slot| slot.1)
    }

    fn put(&mut self, hash: &Hash, seq: u64) {
        if let Some(slot) = self.slot(hash) {
            *slot = (*hash, seq);
        }
    }
}

pub(super) struct RowWork {
    settings: JobSettings,
    means: JobMeans,
    asked: Arc<dyn AskModel>,
    runtime: Handle,
    began: Instant,
    table: Arc<Table>,
    events: Sender<JobEvent>,
    /// Rows of the ledger, read in their order as those of the data come; from where on the next are.
    stored: VecDeque<Record>,
    stored_to: u64,
    stored_all: bool,
    /// Nothing was in it at the start.
    fresh: bool,
    /// Rows are not where they were.
    moved: bool,
    /// Rows that were in flight when a job was killed, and are not asked again.
    unknown: HashSet<u64>,
    /// Rows of which the fleet's governor is asked what they are.
    claiming: HashMap<u64, JobRow>,
    waiting: VecDeque<WaitingRow>,
    /// What those hold in memory.
    waiting_held: usize,
    running: HashMap<u64, Running>,
    /// The same of these.
    running_held: usize,
    /// What holds it back, but for limits.
    hold: Option<Hold>,
    /// Answers that were handed over and have no verdict yet.
    judging: u64,
    /// What another worker has made of some of these meanwhile.
    newer: HashMap<u64, Record>,
    /// When it was last looked for those that are never answered.
    looked: Instant,
    /// Rows whose record is not committed yet.
    settling: HashMap<u64, (Option<Error>, bool)>,
    /// Rows that ask what one in flight asks, and how many they are.
    same: HashMap<Hash, Vec<JobRow>>,
    parked: usize,
    recent: RecentRows,
    /// It sends nothing more.
    stopping: Option<Cause>,
}

/// How many rows of the ledger are read at once.
const CHUNK: usize = 512;
/// Attempts after which a row no longer goes first.
const EARLY: u32 = 4;
/// How often it is looked whether a request is never answered.
const LOOK: Duration = Duration::from_secs(1);

/// A seed of the limiter's jitter, different in each process.
pub fn seed() -> u64 {
    let clock = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::from(std::process::id()) ^ u64::from(clock.subsec_nanos()).rotate_left(32)
}

impl RowWork {
    pub fn new(
        settings: JobSettings,
        ledger: Ledger,
        asked: Arc<dyn AskModel>,
        runtime: Handle,
        table: Arc<Table>,
        events: Sender<JobEvent>,
    ) -> Result<Self, LedgerFailure> {
        let sums = ledger.sums()?;
        let unknown = match settings.on_unknown {
            OnUnknown::Retry => HashSet::new(),
            OnUnknown::Fail => ledger.unknown()?.into_iter().map(|one| one.seq).collect(),
        };
        let own = OwnMeans {
            limiter: Limiter::new(settings.limits, seed()).looking_each(settings.look),
            // What may have been billed was, as far as the budget is concerned.
            budget: Budget::new(settings.budget, sums.cost + sums.unknown_cost),
            estimator: Estimator::default(),
            ledger,
        };
        let work = Self::with(settings, JobMeans::Own(Box::new(own)), asked, runtime, table, events);
        Ok(Self { stored_all: sums.rows == 0, fresh: sums.rows == 0, unknown, ..work })
    }

    pub fn shared(
        settings: JobSettings,
        share: Box<dyn Share>,
        asked: Arc<dyn AskModel>,
        runtime: Handle,
        table: Arc<Table>,
        events: Sender<JobEvent>,
    ) -> Self {
        let means = JobMeans::Leased(Leased { share, running: 0, spent: 0.0, told: FleetNews::default() });
        Self::with(settings, means, asked, runtime, table, events)
    }

    fn with(
        settings: JobSettings,
        means: JobMeans,
        asked: Arc<dyn AskModel>,
        runtime: Handle,
        table: Arc<Table>,
        events: Sender<JobEvent>,
    ) -> Self {
        Self {
            began: Instant::now(),
            stored: VecDeque::new(),
            stored_to: 0,
            stored_all: true,
            fresh: true,
            moved: false,
            unknown: HashSet::new(),
            claiming: HashMap::new(),
            waiting: VecDeque::new(),
            waiting_held: 0,
            running: HashMap::new(),
            running_held: 0,
            hold: None,
            judging: 0,
            newer: HashMap::new(),
            looked: Instant::now(),
            settling: HashMap::new(),
            same: HashMap::new(),
            parked: 0,
            recent: RecentRows::default(),
            stopping: None,
            settings,
            means,
            asked,
            runtime,
            table,
            events,
        }
    }

    pub fn run(mut self, queue: &Receiver<JobEvent>) {
        loop {
            self.intake();
            let wake = self.send();
            self.means.flush();
            self.report();
            if self.is_over() {
                break;
            }
            let wait = wake.map_or(LOOK, |at| at.saturating_sub(self.began.elapsed()).min(LOOK));
            match queue.recv_timeout(wait) {
                Ok(event) => {
                    self.handle(event);
                    // What has come meanwhile too: the locks are taken once for all of it.
                    while let Ok(event) = queue.try_recv() {
                        self.handle(event);
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            self.look();
        }
        let Self { means, stopping, table, .. } = self;
        let closed = means.close().err().map(Cause::Ledger);
        let mut shared = table.lock();
        shared.cause = stopping.or(closed);
        (shared.over, shared.room) = (true, 0);
        table.tell(shared);
    }

    fn is_over(&self) -> bool {
        let idle = self.running.is_empty() && (self.settling.is_empty() || self.is_broken());
        let shared = self.table.lock();
        let waits = !(self.waiting.is_empty() && self.same.is_empty() && self.claiming.is_empty());
        let read = shared.closed && shared.input.is_empty() && !waits;
        idle && ((read && self.judging == 0) || self.stopping.is_some())
    }

    /// Whether nothing can be written: what is settled then waits for nothing.
    fn is_broken(&self) -> bool {
        matches!(self.stopping, Some(Cause::Ledger(_)))
    }

    fn stop(&mut self, cause: Cause) {
        if self.stopping.is_none() {
            self.stopping = Some(cause);
            // What a fleet's governor did not let be sent would be waited for.
            if matches!(self.means, JobMeans::Leased(_)) {
                self.give_back_unsent();
            }
        }
    }

    fn give_back_unsent(&mut self) {
        let unsent: Vec<u64> = self.running.iter().filter(|(_, r)| r.sent.is_none()).map(|(seq, _)| *seq).collect();
        unsent.into_iter().for_each(|seq| self.give_back(seq));
    }

    /// Takes the rows that were fed: what is known already is handed over, the others wait to be sent.
    fn intake(&mut self) {
        loop {
            let rows: Vec<JobRow> = {
                let mut shared = self.table.lock();
                let (ahead, waiting) = (self.settings.ahead, self.waiting.len() + self.parked + self.claiming.len());
                let busy = waiting >= ahead || shared.ended.len() >= ahead || shared.ended_held >= HELD;
                let count = if busy || self.stopping.is_some() { 0 } else { shared.input.len().min(CHUNK) };
                let rows: Vec<_> = shared.input.drain(..count).collect();
                let held = rows.iter().map(JobRow::held).sum::<usize>();
                shared.input_held = shared.input_held.saturating_sub(held);
                rows
            };
            if rows.is_empty() {
                return;
            }
            for row in rows {
                if let JobMeans::Leased(leased) = &mut self.means {
                    leased.share.claim(&row);
                    self.claiming.insert(row.seq, row);
                } else if let Err(failure) = self.accept(row) {
                    self.stop(Cause::Ledger(failure));
                    return;
                }
            }
        }
    }

    fn accept(&mut self, row: JobRow) -> Result<(), LedgerFailure> {
        let found = self.stored(&row)?;
        let Some((row, before)) = self.known_already(row, found) else { return Ok(()) };
        if self.unknown.remove(&row.seq) {
            self.fail_unknown(row, before);
            return Ok(());
        }
        if self.settings.dedup {
            if let Some(rows) = self.same.get_mut(&row.hash) {
                self.parked += 1;
                self.waiting_held += row.held();
                rows.push(row);
                return Ok(());
            }
            if let Some(seq) = self.recent.find(&row.hash)
                && let Some(record) = self.ledger()?.read(seq, 1)?.pop()
                && record.hash == row.hash
                && record.status == Status::Done
            {
                self.copy(row, record);
                return Ok(());
            }
            self.same.insert(row.hash, Vec::new());
        }
        self.wait(WaitingRow::new(row, before), false);
        Ok(())
    }

    fn ledger(&self) -> Result<&Ledger, LedgerFailure> {
        match &self.means {
            JobMeans::Own(own) => Ok(&own.ledger),
            JobMeans::Leased(_) => Err(LedgerFailure::Disk("it is the governor's".into())),
        }
    }

    /// What the fleet has of rows that were asked about.
    fn claimed(&mut self, claimed: Claimed) {
        let Claimed { seq, found, unknown } = claimed;
        let row = match self.claiming.remove(&seq) {
            Some(row) => row,
            // The connection was lost, and another worker has done it meanwhile.
            None => {
                let Some(found) = found.filter(|found| found.status == Status::Done) else { return };
                if self.settling.remove(&seq).is_some() {
                    if !self.is_judged(&found) {
                        self.means.free(seq);
                    }
                    self.hand_over(Ended { record: found, error: None, cached: false });
                } else if self.running.get(&seq).is_some_and(|running| running.sent.is_none()) {
                    let Some(waiting) = self.unsent(seq) else { return };
                    self.known_already(waiting.row, Some(found));
                } else if let Some(at) = self.waiting.iter().position(|waiting| waiting.row.seq == seq) {
                    let Some(waiting) = self.waiting.remove(at) else { return };
                    self.waiting_held = self.waiting_held.saturating_sub(waiting.row.held());
                    self.known_already(waiting.row, Some(found));
                } else {
                    self.newer.insert(seq, found);
                }
                return;
            }
        };
        if let Some((row, before)) = self.known_already(row, found) {
            match unknown && self.settings.on_unknown == OnUnknown::Fail {
                true => self.fail_unknown(row, before),
                false => self.wait(WaitingRow::new(row, before), false),
            }
        }
    }

    /// Hands a row over that is done, or failed already; else it is to be asked, with what was paid for it before.
    fn known_already(&mut self, row: JobRow, found: Option<Record>) -> Option<(JobRow, Option<Box<Record>>)> {
        let mut before = None;
        if let Some(mut record) = found {
            let usable = match record.status {
                Status::Done => true,
                Status::Failed => !self.settings.retry_errors,
                Status::Again => false,
            };
            if usable && record.seq == row.seq {
                if record.input != row.input {
                    self.means.set_input(row.seq, row.input.clone());
                    record.input = row.input;
                }
                self.known(&record);
                if !self.is_judged(&record) {
                    self.means.free(row.seq);
                }
                self.hand_over(Ended { record, error: None, cached: true });
                return None;
            }
            if usable {
                self.copy(row, record);
                return None;
            }
            before = (record.seq == row.seq).then(|| Box::new(record));
        }
        if let Some(error) = row.refused {
            let record = Record::new(row.seq, row.hash, Status::Failed);
            let record = Record { attempts: 0, key: row.key, error: Some(error), input: row.input, ..record };
            self.settle(record, None, false);
            return None;
        }
        Some((row, before))
    }

    fn fail_unknown(&mut self, row: JobRow, before: Option<Box<Record>>) {
        let message = "it was in flight when an earlier run of the job ended, and may have been paid for: not asked \
                       again, because of on_unknown=\"error\"";
        let error = Error::new(Kind::Connection, message);
        let record = WaitingRow { attempts: 1, billed: 1, ..WaitingRow::new(row, before) }.record(Status::Failed);
        self.settle(Record { error: Some(json_of(&error)), ..record }, Some(error), false);
    }

    /// Whether somebody is to say of it whether it fits.
    fn is_judged(&self, record: &Record) -> bool {
        self.settings.judged && record.status == Status::Done
    }

    fn wait(&mut self, row: WaitingRow, first: bool) {
        self.waiting_held += row.row.held();
        match first {
            true => self.waiting.push_front(row),
            false => self.waiting.push_back(row),
        }
    }

    /// An answer that others may have who ask the same.
    fn known(&mut self, record: &Record) {
        if !self.settings.judged && record.status == Status::Done {
            self.recent.put(&record.hash, record.seq);
        }
    }

    /// What the ledger has of a row: in its place, or elsewhere where it has a name or has moved.
    fn stored(&mut self, row: &JobRow) -> Result<Option<Record>, LedgerFailure> {
        if self.fresh {
            return Ok(None);
        }
        while self.stored.front().is_some_and(|record| record.seq < row.seq) {
            self.stored.pop_front();
        }
        if self.stored.is_empty() && !self.stored_all {
            let from = self.stored_to.max(row.seq);
            self.stored = self.ledger()?.read(from, CHUNK)?.into();
            self.stored_to = self.stored.back().map_or(u64::MAX, |record| record.seq + 1);
            self.stored_all = self.stored.is_empty();
        }
        match self.stored.front() {
            Some(record) if record.seq == row.seq && record.hash == row.hash && record.key == row.key => {
                Ok(self.stored.pop_front())
            }
            _ if row.key.is_some() => {
                let found = row.key.clone().map(|key| self.ledger()?.find_key(key)).transpose()?.flatten();
                Ok(found.filter(|record| record.hash == row.hash))
            }
            // Another row has this place: this one may be elsewhere, and those after it too.
            Some(record) if record.seq == row.seq => {
                self.moved = true;
                self.ledger()?.find(row.hash)
            }
            _ if self.moved => self.ledger()?.find(row.hash),
            _ => Ok(None),
        }
    }

    /// A row gets the reply of another that asked the same.
    fn copy(&mut self, row: JobRow, of: Record) {
        let none = of.cost.map(|_| 0.0);
        let record = Record { seq: row.seq, key: row.key, input: row.input, attempts: 0, billed: 0, cost: none, ..of };
        self.known(&record);
        self.settle(record, None, true);
    }

    fn settle(&mut self, record: Record, error: Option<Error>, cached: bool) {
        let last = !self.is_judged(&record);
        self.settling.insert(record.seq, (error, cached));
        self.means.settle(record, last);
    }

    fn hand_over(&mut self, ended: Ended) {
        let mut shared = self.table.lock();
        match ended.record.status {
            Status::Done => shared.progress.done += 1,
            Status::Failed | Status::Again => shared.progress.failed += 1,
        }
        self.judging += u64::from(self.settings.judged && ended.record.status == Status::Done);
        shared.progress.cached += u64::from(ended.cached);
        shared.ended_held += held(&ended);
        shared.ended.push_back(ended);
    }

    /// Sends what may be sent; when it may be tried again, if that is known.
    fn send(&mut self) -> Option<Duration> {
        self.hold = None;
        while self.stopping.is_none()
            && let Some(next) = self.waiting.front()
        {
            let is_full = {
                let shared = self.table.lock();
                shared.ended.len() + self.settling.len() >= self.settings.ahead || shared.ended_held >= HELD
            };
            if is_full {
                self.hold = Some(Hold::Reader);
                return None; // until some are taken
            }
            let size = next.row.held();
            // Of pictures and sound fewer are in flight than limits would let.
            if self.running_held + size > 4 * HELD && !self.running.is_empty() {
                self.hold = Some(Hold::Concurrency);
                return None;
            }
            let pass = match &mut self.means {
                JobMeans::Leased(_) => None,
                JobMeans::Own(own) => match own.admit(self.began.elapsed(), &next.row.size, self.settings.price) {
                    Ok(pass) => Some(pass),
                    Err(Denied::At(at)) => return Some(at),
                    Err(Denied::Full) => return None,
                    Err(Denied::Short(Short::ForNow)) => {
                        self.hold = Some(Hold::Budget);
                        return None;
                    }
                    Err(Denied::Short(Short::ForGood)) => {
                        let (spent, limit) = (own.budget.spent(), self.settings.budget.unwrap_or(f64::INFINITY));
                        self.stop(Cause::Budget { spent, limit });
                        return None;
                    }
                },
            };
            let mut waiting = self.waiting.pop_front()?;
            self.waiting_held = self.waiting_held.saturating_sub(size);
            self.running_held += size;
            waiting.attempts += 1;
            waiting.first.get_or_insert_with(Instant::now);
            let (seq, attempt) = (waiting.row.seq, waiting.attempts);
            match (&mut self.means, &pass) {
                (JobMeans::Own(own), Some((_, reserved))) => {
                    let cost = self.settings.price.map(|_| reserved.dollars());
                    own.ledger.intend(Intent { seq, attempt, cost, name: None });
                }
                (JobMeans::Own(_), None) => {}
                // What was refused before is first again.
                (JobMeans::Leased(leased), _) => {
                    leased.share.want(seq, attempt, waiting.row.size, (2..=EARLY).contains(&attempt));
                }
            }
            self.running.insert(seq, Running { waiting, pass, sent: None });
        }
        None
    }

    fn handle(&mut self, event: JobEvent) {
        match event {
            JobEvent::Fed | JobEvent::Taken => {}
            JobEvent::Ended(seq, attempt, result) => self.ended(seq, attempt, *result),
            JobEvent::Committed(committed) => self.committed(committed),
            JobEvent::Judged(verdict) => self.judged(verdict),
            JobEvent::Stop => self.stop(Cause::Stopped),
            JobEvent::Now => {
                self.stop(Cause::Stopped);
                self.give_back_unsent();
                // Their intents stay: nobody knows what becomes of them.
                self.running_held = 0;
                for (_, running) in self.running.drain() {
                    if let Some((_, task)) = running.sent {
                        task.abort();
                    }
                }
                // A governor that is gone keeps nobody.
                if matches!(self.means, JobMeans::Leased(_)) {
                    self.settling.clear();
                }
            }
            JobEvent::Resume => self.means.resume(self.began.elapsed()),
            JobEvent::Share(ShareEvent::Claimed(rows)) => rows.into_iter().for_each(|row| self.claimed(row)),
            JobEvent::Share(ShareEvent::Committed(committed)) => self.committed(committed),
            JobEvent::Share(ShareEvent::Halt(cause)) => self.stop(cause),
            JobEvent::Share(ShareEvent::Told(told)) => {
                self.settings.price = self.settings.price.or(told.price);
                if let JobMeans::Leased(leased) = &mut self.means {
                    leased.told = told;
                }
            }
        }
    }

    fn committed(&mut self, committed: Committed) {
        if let Some(failure) = committed.failure {
            self.stop(Cause::Ledger(failure));
            // What was not sent is not sent any more.
            self.give_back_unsent();
        }
        for intent in committed.intended {
            if self.stopping.is_some() {
                self.give_back(intent.seq);
                continue;
            }
            let Some(running) = self.running.get_mut(&intent.seq) else { continue };
            let (work, events, seq) = (self.asked.ask(&running.waiting.row), self.events.clone(), intent.seq);
            let task = self.runtime.spawn(async move {
                let result = caught(work).await;
                let _ = events.send(JobEvent::Ended(seq, intent.attempt, Box::new(result)));
            });
            running.sent = Some((Instant::now(), task.abort_handle()));
            if let JobMeans::Leased(leased) = &mut self.means {
                leased.running += 1;
            }
        }
        for record in committed.settled {
            if let Some((error, cached)) = self.settling.remove(&record.seq) {
                // Whoever asked the same has its answer too; of a failure each may try for itself.
                if !(self.settings.judged && record.status == Status::Done) {
                    for row in self.unpark(&record.hash) {
                        match record.status {
                            Status::Done => self.copy(row, record.clone()),
                            Status::Failed | Status::Again => self.wait(WaitingRow::new(row, None), false),
                        }
                    }
                }
                self.hand_over(Ended { record, error, cached });
            }
        }
    }

    /// What whoever asked says of an answer that was handed over.
    fn judged(&mut self, verdict: AnswerVerdict) {
        self.judging = self.judging.saturating_sub(1);
        let (AnswerVerdict::Fits(of) | AnswerVerdict::Unfit(of, _) | AnswerVerdict::Again(of, ..)) = &verdict;
        let newer = self.newer.remove(&of.seq);
        let record = match verdict {
            AnswerVerdict::Fits(record) => {
                self.recent.put(&record.hash, record.seq);
                *record
            }
            AnswerVerdict::Unfit(record, error) => {
                if newer.is_none() {
                    self.means.fail(record.seq, error.clone());
                }
                let progress = &mut self.table.lock().progress;
                (progress.done, progress.failed) = (progress.done.saturating_sub(1), progress.failed + 1);
                Record { status: Status::Failed, error: Some(error), ..*record }
            }
            // What was stopped is judged again by the next job.
            AnswerVerdict::Again(..) if self.stopping.is_some() => return,
            AnswerVerdict::Again(record, row, cached) => {
                {
                    let progress = &mut self.table.lock().progress;
                    progress.done = progress.done.saturating_sub(1);
                    progress.cached = progress.cached.saturating_sub(u64::from(cached));
                }
                if let Some(record) = newer {
                    return self.hand_over(Ended { record, error: None, cached: true });
                }
                if self.settings.dedup {
                    self.same.entry(row.hash).or_default();
                }
                let before = Some(Box::new(Record { tries: record.tries + 1, ..*record }));
                self.wait(WaitingRow::new(*row, before), true);
                return;
            }
        };
        self.means.free(record.seq);
        for row in self.unpark(&record.hash) {
            self.copy(row, record.clone());
        }
    }

    /// Rows that asked the same.
    fn unpark(&mut self, hash: &Hash) -> Vec<JobRow> {
        let rows = self.same.remove(hash).unwrap_or_default();
        self.parked = self.parked.saturating_sub(rows.len());
        self.waiting_held = self.waiting_held.saturating_sub(rows.iter().map(JobRow::held).sum());
        rows
    }

    fn end(&mut self, seq: u64) -> Option<Running> {
        let running = self.running.remove(&seq)?;
        self.running_held = self.running_held.saturating_sub(running.waiting.row.held());
        if let (JobMeans::Leased(leased), Some(_)) = (&mut self.means, &running.sent) {
            leased.running = leased.running.saturating_sub(1);
        }
        Some(running)
    }

    fn give_back(&mut self, seq: u64) {
        if let Some(waiting) = self.unsent(seq) {
            self.wait(waiting, true);
        }
    }

    /// It was never sent.
    fn unsent(&mut self, seq: u64) -> Option<WaitingRow> {
        let running = self.end(seq)?;
        let attempt = EndedAttempt {
            seq,
            number: running.waiting.attempts,
            end: AttemptEnd::Unsent,
            said: Said::default(),
            cost: Some(0.0),
            mark: Mark::Forget,
            size: Size::default(),
            used: None,
            refused: None,
        };
        self.means.ended(self.began, running.pass, attempt);
        Some(running.waiting)
    }

    fn ended(&mut self, seq: u64, attempt: u32, result: Result<RowAnswer, Error>) {
        // Of an attempt that was given up nobody wants to know.
        if self.running.get(&seq).is_none_or(|running| running.waiting.attempts != attempt) {
            return;
        }
        let Some(running) = self.end(seq) else { return };
        match result {
            Ok(answer) => self.answered(running, answer),
            Err(error) => self.failed(running, error),
        }
    }

    fn answered(&mut self, running: Running, answer: RowAnswer) {
        let Running { waiting, pass, .. } = running;
        let said = if self.means.listens() { Said::by_headers(&answer.headers) } else { Said::default() };
        let tokens = answer.usage.map(|usage| usage.tokens);
        let cost = self.settings.price.and_then(|price| price.bill(answer.usage.as_ref()));
        let attempt = EndedAttempt {
            seq: waiting.row.seq,
            number: waiting.attempts,
            end: AttemptEnd::Answered { tokens: tokens.map(|tokens| tokens.all()) },
            said,
            // Without a usage it is what it may have been.
            cost,
            mark: Mark::Keep,
            size: waiting.row.size,
            used: tokens,
            refused: None,
        };
        self.means.ended(self.began, pass, attempt);
        if let Some(tokens) = tokens {
            let progress = &mut self.table.lock().progress;
            progress.input_tokens += tokens.input;
            progress.output_tokens += tokens.output;
        }
        let record = waiting.record(Status::Done);
        let record = Record {
            finish: answer.finish,
            request_id: answer.request_id,
            media: answer.media,
            body: answer.body,
            input_tokens: sum(record.input_tokens, tokens.map(|tokens| tokens.input as u64)),
            output_tokens: sum(record.output_tokens, tokens.map(|tokens| tokens.output as u64)),
            cost: sum(record.cost, cost),
            ..record
        };
        self.known(&record);
        self.settle(record, None, false);
    }

    fn failed(&mut self, running: Running, error: Error) {
        let said = Said::by_error(&error.headers, &error.message);
        let (mut fate, billed, end) = fate::of(&error, &said);
        let Running { mut waiting, pass, .. } = running;
        let attempt = EndedAttempt {
            seq: waiting.row.seq,
            number: waiting.attempts,
            end,
            said,
            cost: if billed { None } else { Some(0.0) },
            mark: if billed { Mark::Doubt } else { Mark::Forget },
            size: waiting.row.size,
            used: None,
            refused: (end == AttemptEnd::Exhausted).then(|| json_of(&error)),
        };
        self.means.ended(self.began, pass, attempt);
        waiting.billed += u32::from(billed);
        {
            let progress = &mut self.table.lock().progress;
            progress.billed += u64::from(billed);
            progress.refused += u64::from(matches!(end, AttemptEnd::Refused | AttemptEnd::Overloaded));
        }
        waiting.unsure += u32::from(fate == RowFate::OnceMore);
        if fate == RowFate::OnceMore && waiting.unsure >= UNSURE {
            fate = RowFate::Failed;
        }
        match fate {
            RowFate::Again | RowFate::OnceMore => {}
            RowFate::Failed => {
                let request_id = error.request_id.clone();
                let record = Record { request_id, error: Some(json_of(&error)), ..waiting.record(Status::Failed) };
                self.settle(record, Some(error), false);
                return;
            }
            RowFate::Pause if self.settings.on_quota == OnQuota::Stop => self.stop(Cause::Refused(Box::new(error))),
            RowFate::Pause => self.table.lock().paused = Some(error),
        }
        // What is refused for ever, by its size say, does not stand before the others.
        let first = waiting.attempts < EARLY;
        self.wait(waiting, first);
    }

    /// What only time brings: requests that are never answered, and the end of the job's own time.
    fn look(&mut self) {
        if self.settings.max_elapsed.is_some_and(|most| self.began.elapsed() >= most) {
            self.stop(Cause::Elapsed);
        }
        if self.looked.elapsed() < LOOK {
            return;
        }
        self.looked = Instant::now();
        let Some(stall) = self.means.stall().map(|stall| stall.max(self.settings.stall)) else { return };
        let stalled = |running: &Running| running.sent.as_ref().is_some_and(|(since, _)| since.elapsed() > stall);
        let stalled = self.running.values().filter(|running| stalled(running)).map(|running| running.waiting.row.seq);
        for seq in stalled.collect::<Vec<_>>() {
            let Some(running) = self.end(seq) else { continue };
            if let Some((since, task)) = &running.sent {
                task.abort();
                let seconds = since.elapsed().as_secs_f64();
                let message = format!("no answer in {seconds:.0} s, many times what others took: given up");
                self.failed(running, Error::new(Kind::Connection, message));
            }
        }
    }

    fn report(&mut self) {
        let mut shared = self.table.lock();
        let used = self.waiting.len() + self.parked + self.claiming.len() + shared.input.len() + shared.ended.len();
        let is_full = self.waiting_held + shared.input_held >= HELD || self.stopping.is_some();
        shared.room = if is_full { 0 } else { self.settings.ahead.saturating_sub(used) };
        let starves = self.waiting.is_empty() && self.claiming.is_empty() && !shared.closed && shared.input.is_empty();
        shared.progress.running = self.means.running();
        shared.progress.spent = self.means.spent();
        let hold = self.hold.or(self.means.held());
        shared.progress.held = if starves { Some(Hold::Input) } else { hold };
        self.table.tell(shared);
    }
}
