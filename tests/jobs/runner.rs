//! Jobs end to end, with a sender of our own in place of the wire.
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use tokio::runtime::Runtime;
use tokio::sync::Semaphore;
use wenwen::core::endpoint;
use wenwen::core::error::{Error, Kind};
use wenwen::core::request::{Body, BoxFuture};
use wenwen::jobs::budget::{Price, Size, Tokens, Usage};
use wenwen::jobs::ledger::{Ledger, LedgerFailure, LedgerOptions, Status, hash};
use wenwen::jobs::limiter::KnownLimits;
use wenwen::jobs::runner::{AskModel, Cause, Ended, JobProgress, JobRow, JobSettings, OnQuota, RowAnswer, Runner};
use wenwen::jobs::sender::Target;

use crate::ledger::Folder;

type Behave = dyn Fn(&JobRow, u32) -> BoxFuture<Result<RowAnswer, Error>> + Send + Sync;

/// Answers as a test says, and counts.
struct Fake {
    behave: Box<Behave>,
    calls: Mutex<HashMap<u64, u32>>,
}

impl AskModel for Fake {
    fn ask(&self, row: &JobRow) -> BoxFuture<Result<RowAnswer, Error>> {
        let number = {
            let mut calls = self.calls.lock().unwrap();
            *calls.entry(row.seq).and_modify(|count| *count += 1).or_insert(1)
        };
        (self.behave)(row, number)
    }
}

impl Fake {
    fn new(behave: impl Fn(&JobRow, u32) -> BoxFuture<Result<RowAnswer, Error>> + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self { behave: Box::new(behave), calls: Mutex::default() })
    }

    /// One that answers each row with its own body.
    fn echo() -> Arc<Self> {
        Self::new(|row, _| echo(row))
    }

    fn sent(&self) -> usize {
        self.calls.lock().unwrap().values().sum::<u32>() as usize
    }

    fn calls(&self, seq: u64) -> u32 {
        self.calls.lock().unwrap().get(&seq).copied().unwrap_or_default()
    }
}

fn text(row: &JobRow) -> &[u8] {
    match &row.body {
        Body::Json(text) => text,
        other => panic!("{other:?}"),
    }
}

fn answer(row: &JobRow) -> RowAnswer {
    let usage = Some(Usage { tokens: Tokens { input: 100.0, output: 10.0 }, ..Usage::default() });
    RowAnswer { body: Bytes::from([b"re: ", text(row)].concat()), usage, ..RowAnswer::default() }
}

fn echo(row: &JobRow) -> BoxFuture<Result<RowAnswer, Error>> {
    let answer = answer(row);
    Box::pin(async move { Ok(answer) })
}

fn fails(error: Error) -> BoxFuture<Result<RowAnswer, Error>> {
    Box::pin(async move { Err(error) })
}

fn status(status: u16, message: &str) -> Error {
    Error { status: Some(status), ..Error::new(Kind::Status, message) }
}

fn row(seq: u64, text: &str) -> JobRow {
    let body = Bytes::copy_from_slice(text.as_bytes());
    let size = Size { bytes: text.len(), ..Size::default() };
    let target = Target { endpoint: endpoint::find("chat.completions.create").unwrap(), ids: Vec::new() };
    let (target, hash, body) = (Arc::new(target), hash(&[text.as_bytes()]), Body::Json(body));
    JobRow { seq, hash, key: None, target, body, size, input: Bytes::from_static(b"{}"), refused: None }
}

fn rows(count: u64) -> Vec<JobRow> {
    (0..count).map(|seq| row(seq, &format!("row {seq}"))).collect()
}

struct Job {
    runner: Runner,
    _runtime: Runtime,
}

fn start_with(path: &Path, settings: JobSettings, fake: &Arc<Fake>, options: LedgerOptions) -> Job {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let path = path.to_owned();
    let open = move |notify| Ledger::open(&path, options, notify);
    let asked: Arc<dyn AskModel> = Arc::clone(fake) as Arc<dyn AskModel>;
    let runner = Runner::start(settings, open, asked, runtime.handle().clone()).unwrap();
    Job { runner, _runtime: runtime }
}

fn start(path: &Path, settings: JobSettings, fake: &Arc<Fake>) -> Job {
    start_with(path, settings, fake, LedgerOptions::default())
}

impl Job {
    /// Feeds all as there is room, and takes until the job is over.
    fn all(&self, rows: Vec<JobRow>) -> (Vec<Ended>, Option<Cause>, JobProgress) {
        let mut rows = rows.into_iter();
        let (mut ended, mut closed) = (Vec::new(), false);
        loop {
            let batch: Vec<_> = rows.by_ref().take(self.runner.room(true)).collect();
            match batch.is_empty() {
                true if rows.len() == 0 && !closed => {
                    self.runner.close();
                    closed = true;
                }
                true => {}
                false => self.runner.feed(batch),
            }
            let taken = self.runner.take(100, Duration::from_millis(100));
            if taken.is_empty() && self.runner.is_over() {
                return (ended, self.runner.cause(), self.runner.progress());
            }
            ended.extend(taken);
        }
    }
}

fn seqs(ended: &[Ended]) -> BTreeSet<u64> {
    ended.iter().map(|ended| ended.record.seq).collect()
}

fn unknown(path: &Path) -> usize {
    Ledger::open(path, LedgerOptions::default(), Box::new(|_| ())).unwrap().unknown().unwrap().len()
}

fn folder() -> (Folder, PathBuf) {
    let folder = Folder::new();
    let path = folder.file("job.db");
    (folder, path)
}

#[test]
fn every_row_is_answered_and_a_second_run_asks_nothing() {
    let (_folder, path) = folder();
    let fake = Fake::echo();
    let (ended, cause, progress) = start(&path, JobSettings::default(), &fake).all(rows(3000));
    assert!(cause.is_none(), "{cause:?}");
    assert_eq!((ended.len(), seqs(&ended).len(), fake.sent()), (3000, 3000, 3000));
    assert_eq!((progress.done, progress.failed, progress.cached, progress.running), (3000, 0, 0, 0));
    for ended in &ended {
        assert_eq!(ended.record.body, format!("re: row {}", ended.record.seq).as_bytes());
    }
    let fake = Fake::echo();
    let (ended, cause, progress) = start(&path, JobSettings::default(), &fake).all(rows(3000));
    assert!(cause.is_none(), "{cause:?}");
    assert_eq!((seqs(&ended).len(), fake.sent(), progress.cached), (3000, 0, 3000));
    assert!(ended.iter().all(|ended| ended.record.body == format!("re: row {}", ended.record.seq).as_bytes()));
    assert_eq!(unknown(&path), 0);
}

#[test]
fn changed_inserted_and_moved_rows() {
    let (_folder, path) = folder();
    start(&path, JobSettings::default(), &Fake::echo()).all(rows(100));
    // One is new at the begin, so that all others have moved; one has changed.
    let fake = Fake::echo();
    let mut texts: Vec<String> = (0..100).map(|seq| format!("row {seq}")).collect();
    texts.insert(0, "new".into());
    texts[51] = "changed".into();
    let moved: Vec<JobRow> = texts.iter().enumerate().map(|(seq, text)| row(seq as u64, text)).collect();
    let (ended, cause, _) = start(&path, JobSettings::default(), &fake).all(moved);
    assert!(cause.is_none(), "{cause:?}");
    assert_eq!((seqs(&ended).len(), fake.sent()), (101, 2));
    for ended in &ended {
        assert_eq!(ended.record.body, format!("re: {}", texts[ended.record.seq as usize]).as_bytes());
    }
    // By name they may be anywhere, and some may be left out.
    let (_folder, path) = folder();
    let named = |order: &[u64]| -> Vec<JobRow> {
        let row = |(seq, name): (usize, &u64)| JobRow {
            key: Some(format!("name {name}")),
            ..row(seq as u64, &format!("row {name}"))
        };
        order.iter().enumerate().map(row).collect()
    };
    start(&path, JobSettings::default(), &Fake::echo()).all(named(&[0, 1, 2, 3, 4]));
    let fake = Fake::echo();
    let (ended, ..) = start(&path, JobSettings::default(), &fake).all(named(&[4, 9, 0, 2]));
    assert_eq!((ended.len(), fake.sent()), (4, 1));
}

#[test]
fn duplicates_are_asked_once() {
    for (dedup, sent) in [(true, 10), (false, 1000)] {
        let (_folder, path) = folder();
        let fake = Fake::echo();
        let same = (0..1000).map(|seq| row(seq, &format!("text {}", seq % 10))).collect();
        let (ended, ..) = start(&path, JobSettings { dedup, ..JobSettings::default() }, &fake).all(same);
        assert_eq!((seqs(&ended).len(), fake.sent()), (1000, sent));
        for ended in &ended {
            assert_eq!(ended.record.body, format!("re: text {}", ended.record.seq % 10).as_bytes());
        }
    }
}

#[test]
fn each_failure_has_its_fate() {
    let (_folder, path) = folder();
    let fake = Fake::new(|row, number| match row.seq {
        // Refused often: that counts for nothing.
        1 if number <= 6 => fails(status(429, "")),
        2 if number <= 3 => fails(status(503, "")),
        3 if number <= 3 => fails(Error { sent: false, ..Error::new(Kind::Connection, "no connection") }),
        4 if number <= 3 => fails(status(400, "您已达到并发请求数限制：最多同时处理50个请求")),
        // Once more, and then well, or never.
        5 if number == 1 => fails(status(504, "")),
        6 => fails(Error::new(Kind::Connection, "broke off")),
        // For good.
        7 => fails(status(400, "no such parameter")),
        8 => fails(status(500, "prompt")),
        9 => fails(status(409, "locked")),
        _ => echo(row),
    });
    let (ended, cause, progress) = start(&path, JobSettings::default(), &fake).all(rows(20));
    assert!(cause.is_none(), "{cause:?}");
    assert_eq!(seqs(&ended).len(), 20);
    for (seq, calls, billed, done) in [
        (1, 7, 0, true),
        (2, 4, 0, true),
        (3, 4, 0, true),
        (4, 4, 0, true),
        (5, 2, 1, true),
        (6, 2, 2, false),
        (7, 1, 0, false),
        (8, 2, 2, false),
        (9, 2, 0, false),
    ] {
        let ended = ended.iter().find(|ended| ended.record.seq == seq).unwrap();
        assert_eq!((fake.calls(seq), ended.record.billed), (calls, billed), "row {seq}");
        assert_eq!(ended.record.status == Status::Done, done, "row {seq}");
        assert_eq!(ended.error.is_some(), !done, "row {seq}");
        assert_eq!(ended.record.attempts, calls, "row {seq}");
    }
    assert_eq!((progress.done, progress.failed, progress.billed), (16, 4, 5));
    // What may have been billed is listed.
    assert_eq!(unknown(&path), 5);
    // They are reported again, and sent again where that is wanted.
    let again = Fake::echo();
    let (ended, _, progress) = start(&path, JobSettings::default(), &again).all(rows(20));
    assert_eq!((again.sent(), ended.len(), progress.failed), (0, 20, 4));
    let failed = ended.iter().find(|ended| ended.record.seq == 7).unwrap();
    assert!(failed.record.error.as_deref().unwrap().contains("no such parameter"));
    let settings = JobSettings { retry_errors: true, ..JobSettings::default() };
    let (_, _, progress) = start(&path, settings, &again).all(rows(20));
    assert_eq!((again.sent(), progress.done, progress.failed), (4, 20, 0));
}

#[test]
fn money_that_is_waited_for_is_looked_for_by_one_request_at_a_time() {
    let (_folder, path) = folder();
    let (money, looks) = (Arc::new(AtomicUsize::new(20)), Arc::new(AtomicUsize::new(0)));
    let seen = (Arc::clone(&money), Arc::clone(&looks));
    let fake = Fake::new(move |row, _| {
        let (money, looks) = &seen;
        if money.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok() {
            return echo(row);
        }
        // Somebody pays at the third look.
        if looks.fetch_add(1, Ordering::SeqCst) == 2 {
            money.store(1000, Ordering::SeqCst);
        }
        fails(status(402, "insufficient balance"))
    });
    let limits = KnownLimits { max_concurrency: Some(1), ..KnownLimits::default() };
    let look = Duration::from_millis(20);
    let settings = JobSettings { limits, on_quota: OnQuota::Wait, look, ..JobSettings::default() };
    let job = start(&path, settings, &fake);
    let (ended, cause, progress) = job.all(rows(100));
    assert!(cause.is_none(), "{cause:?}");
    assert_eq!((ended.len(), progress.done, progress.failed), (100, 100, 0));
    assert_eq!((looks.load(Ordering::SeqCst), fake.sent()), (3, 103));
    assert!(job.runner.paused().is_some_and(|why| why.status == Some(402)));
}

#[test]
fn money_that_runs_out_stops_the_job_and_keeps_everything() {
    let (_folder, path) = folder();
    let fake = Fake::new(|row, _| match row.seq >= 50 {
        true => fails(status(403, "用户额度不足")),
        false => echo(row),
    });
    let (ended, cause, progress) = start(&path, JobSettings::default(), &fake).all(rows(200));
    assert!(matches!(&cause, Some(Cause::Refused(error)) if error.message.contains("额度不足")), "{cause:?}");
    assert!(progress.failed == 0 && ended.len() <= 50);
    assert!(ended.iter().all(|ended| ended.record.status == Status::Done));
    // It comes back.
    let fake = Fake::echo();
    let before = ended.len();
    let (ended, cause, _) = start(&path, JobSettings::default(), &fake).all(rows(200));
    assert!(cause.is_none() && seqs(&ended).len() == 200, "{cause:?}");
    assert!(fake.sent() <= 200 - before);
    assert_eq!(unknown(&path), 0);
}

#[test]
fn no_row_waits_for_another() {
    let (_folder, path) = folder();
    let gate = Arc::new(Semaphore::new(0));
    let held = Arc::clone(&gate);
    let fake = Fake::new(move |row, _| match row.seq {
        0 => {
            let (held, answer) = (Arc::clone(&held), answer(row));
            Box::pin(async move {
                let _ = held.acquire().await;
                Ok(answer)
            })
        }
        _ => echo(row),
    });
    let job = start(&path, JobSettings::default(), &fake);
    job.runner.feed(rows(500));
    let mut ended = Vec::new();
    while ended.len() < 499 {
        ended.extend(job.runner.take(1000, Duration::from_millis(50)));
    }
    assert!(!seqs(&ended).contains(&0));
    gate.add_permits(1);
    let (last, ..) = job.all(Vec::new());
    assert_eq!(seqs(&last), BTreeSet::from([0]));
}

#[test]
fn a_slow_reader_slows_the_job() {
    let (_folder, path) = folder();
    let fake = Fake::echo();
    let settings = JobSettings {
        ahead: 50,
        limits: KnownLimits { max_concurrency: Some(10), ..KnownLimits::default() },
        ..JobSettings::default()
    };
    let job = start(&path, settings, &fake);
    let mut fed = 0;
    for _ in 0..100 {
        let room = job.runner.room(true) as u64;
        job.runner.feed((fed..fed + room).map(|seq| row(seq, &format!("row {seq}"))).collect());
        fed += room;
        std::thread::sleep(Duration::from_millis(2));
    }
    // 50 that nobody takes, 10 in flight.
    assert!(fake.sent() <= 60, "{}", fake.sent());
    assert!(fed <= 160, "{fed}");
    let rest = (fed..500).map(|seq| row(seq, &format!("row {seq}"))).collect();
    assert_eq!(job.all(rest).0.len(), 500);
}

#[test]
fn stopped_once_it_waits_and_twice_it_does_not() {
    for now in [false, true] {
        let (_folder, path) = folder();
        let gate = Arc::new(Semaphore::new(0));
        let held = Arc::clone(&gate);
        let running = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&running);
        let fake = Fake::new(move |row, _| {
            let (held, answer) = (Arc::clone(&held), answer(row));
            count.fetch_add(1, Ordering::SeqCst);
            Box::pin(async move {
                let _ = held.acquire().await;
                Ok(answer)
            })
        });
        let settings = JobSettings {
            limits: KnownLimits { max_concurrency: Some(8), ..KnownLimits::default() },
            ..JobSettings::default()
        };
        let job = start(&path, settings, &fake);
        job.runner.feed(rows(100));
        while running.load(Ordering::SeqCst) < 8 {
            job.runner.take(1, Duration::from_millis(5));
        }
        job.runner.stop(false);
        assert!(job.runner.take(1, Duration::from_millis(200)).is_empty() && !job.runner.is_over());
        if now {
            job.runner.stop(true);
        } else {
            gate.add_permits(8);
        }
        let (ended, cause, _) = job.all(Vec::new());
        assert!(matches!(cause, Some(Cause::Stopped)), "{cause:?}");
        assert_eq!((ended.len(), fake.sent()), (if now { 0 } else { 8 }, 8));
        drop(job);
        assert_eq!(unknown(&path), if now { 8 } else { 0 });
    }
}

#[test]
fn a_budget_ends_the_job() {
    let (_folder, path) = folder();
    let price = Some(Price::new(1000.0, 1000.0));
    // 110 tokens are 11 cents.
    let sized = || -> Vec<JobRow> {
        let size = Size { bytes: 250, tokens: 0.0, max_output: Some(10.0) };
        rows(200).into_iter().map(|row| JobRow { size, ..row }).collect()
    };
    let settings = JobSettings { budget: Some(5.0), price, ..JobSettings::default() };
    let (ended, cause, progress) = start(&path, settings.clone(), &Fake::echo()).all(sized());
    assert!(matches!(cause, Some(Cause::Budget { limit: 5.0, .. })), "{cause:?}");
    assert!(progress.spent <= 5.0 && (40..=45).contains(&ended.len()), "{progress:?}, {}", ended.len());
    // What was spent counts when it is started again; more money goes further.
    let fake = Fake::echo();
    let (_, cause, _) = start(&path, settings.clone(), &fake).all(sized());
    assert!(matches!(cause, Some(Cause::Budget { .. })) && fake.sent() <= 1, "{cause:?}");
    let (ended, cause, _) = start(&path, JobSettings { budget: Some(100.0), ..settings }, &Fake::echo()).all(sized());
    assert!(cause.is_none() && ended.len() == 200, "{cause:?}");
}

#[test]
fn a_full_disk_stops_the_job_and_keeps_what_was_handed_over() {
    let (_folder, path) = folder();
    let fake = Fake::new(|row, _| {
        let answer = RowAnswer { body: Bytes::from("x".repeat(2000)), ..answer(row) };
        Box::pin(async move { Ok(answer) })
    });
    let options = LedgerOptions { max_pages: Some(100), ..LedgerOptions::default() };
    let (ended, cause, _) = start_with(&path, JobSettings::default(), &fake, options).all(rows(2000));
    assert!(matches!(cause, Some(Cause::Ledger(LedgerFailure::Full))), "{cause:?}");
    let again = Fake::echo();
    let (all, cause, progress) = start(&path, JobSettings::default(), &again).all(rows(2000));
    assert!(cause.is_none() && all.len() == 2000, "{cause:?}");
    assert!(progress.cached >= ended.len() as u64 && !ended.is_empty());
}

#[test]
fn what_is_never_answered_is_given_up_and_sent_once_more() {
    let (_folder, path) = folder();
    let fake = Fake::new(|row, number| match (row.seq, number) {
        (7, 1) | (8, _) => Box::pin(std::future::pending()),
        _ => echo(row),
    });
    let settings = JobSettings { stall: Duration::from_millis(100), ..JobSettings::default() };
    let (ended, cause, progress) = start(&path, settings, &fake).all(rows(100));
    assert!(cause.is_none() && ended.len() == 100, "{cause:?}");
    assert_eq!((fake.calls(7), fake.calls(8), progress.failed, progress.billed), (2, 2, 1, 3));
}

#[test]
fn a_sender_that_panics_loses_one_row() {
    let (_folder, path) = folder();
    let fake = Fake::new(|row, _| match row.seq {
        3 => Box::pin(async { panic!("a mistake of ours") }),
        _ => echo(row),
    });
    let (ended, cause, _) = start(&path, JobSettings::default(), &fake).all(rows(10));
    assert!(cause.is_none() && ended.len() == 10, "{cause:?}");
    let failed: Vec<_> = ended.iter().filter(|ended| ended.error.is_some()).map(|ended| ended.record.seq).collect();
    assert_eq!(failed, [3]);
}

#[test]
fn time_that_runs_out_ends_the_job() {
    let (_folder, path) = folder();
    let limits = KnownLimits { rpm: Some(600.0), ..KnownLimits::default() };
    let settings = JobSettings { limits, max_elapsed: Some(Duration::from_millis(500)), ..JobSettings::default() };
    let (ended, cause, _) = start(&path, settings, &Fake::echo()).all(rows(1000));
    assert!(matches!(cause, Some(Cause::Elapsed)), "{cause:?}");
    assert!((1..100).contains(&ended.len()), "{}", ended.len());
}
