//! A governor and workers that are runners of their own, each with its own connection, and a sender of ours.
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{Semaphore, watch};
use wenwen::core::endpoint;
use wenwen::core::error::{Error, Kind};
use wenwen::core::request::{Body, BoxFuture};
use wenwen::fleet::governor::{GRACE, Governor, GovernorOptions};
use wenwen::fleet::wire::OpenJob;
use wenwen::fleet::worker::{GovernorPlace, Link, Shelf};
use wenwen::jobs::budget::{Price, Size, Tokens, Usage};
use wenwen::jobs::ledger::{LedgerFailure, LedgerReader, Status, hash};
use wenwen::jobs::limiter::KnownLimits;
use wenwen::jobs::runner::{AnswerVerdict, AskModel, Cause, Ended, JobRow, JobSettings, OnUnknown, RowAnswer, Runner};
use wenwen::jobs::sender::Target;

pub const TOKEN: &str = "a token of sixteen and more";

/// A folder of its own, removed at the end.
pub struct Place(PathBuf);

impl Place {
    pub fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("wenwen-fleet-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn store(&self) -> PathBuf {
        self.0.join("job.db")
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

pub fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

pub fn govern(path: &Path, port: u16, options: GovernorOptions, runtime: &Runtime) -> Governor {
    let until = Instant::now() + Duration::from_secs(20);
    loop {
        match Governor::start(path, "127.0.0.1", port, TOKEN, options.clone(), runtime.handle()) {
            Ok(governor) => return governor,
            Err(why) if Instant::now() > until => panic!("{why}"),
            Err(_) => std::thread::sleep(Duration::from_millis(20)),
        }
    }
}

pub fn place(governor: &Governor) -> GovernorPlace {
    place_of(governor.address().port(), TOKEN)
}

pub fn place_of(port: u16, token: &str) -> GovernorPlace {
    GovernorPlace { host: "127.0.0.1".into(), port, token: token.into(), certificate: None }
}

/// What is asked, by all workers: how often, and how it is answered.
#[derive(Default)]
pub struct Model {
    pub asked: Mutex<HashMap<Vec<u8>, u32>>,
    pub refused: AtomicU64,
    /// Requests wait for it, where there is one.
    pub gate: Option<Arc<Semaphore>>,
    /// What has passed that is refused.
    pub refuses: AtomicBool,
    /// What its answers begin with.
    pub name: &'static str,
    /// It answers nothing.
    pub fails: bool,
    /// Requests a second; more are refused.
    pub quota: Option<(f64, Mutex<(f64, Instant)>)>,
}

impl Model {
    pub fn asked(&self) -> Vec<u32> {
        self.asked.lock().unwrap().values().copied().collect()
    }

    fn has_room(&self) -> bool {
        let Some((rate, bucket)) = &self.quota else { return true };
        let mut bucket = bucket.lock().unwrap();
        let level = (bucket.0 + bucket.1.elapsed().as_secs_f64() * rate).min(rate / 4.0);
        *bucket = (if level >= 1.0 { level - 1.0 } else { level }, Instant::now());
        level >= 1.0
    }
}

pub struct Asks(pub Arc<Model>);

impl AskModel for Asks {
    fn ask(&self, row: &JobRow) -> BoxFuture<Result<RowAnswer, Error>> {
        let Body::Json(text) = &row.body else { panic!() };
        let (model, text) = (Arc::clone(&self.0), text.clone());
        Box::pin(async move {
            if !model.has_room() {
                model.refused.fetch_add(1, Ordering::Relaxed);
                return Err(Error { status: Some(429), ..Error::new(Kind::Status, "slow down") });
            }
            *model.asked.lock().unwrap().entry(text.to_vec()).or_default() += 1;
            if let Some(gate) = &model.gate {
                gate.acquire().await.unwrap().forget();
            }
            if model.refuses.load(Ordering::Relaxed) {
                return Err(Error { status: Some(429), ..Error::new(Kind::Status, "slow down") });
            }
            if model.fails || text.starts_with(b"bad") {
                return Err(Error { status: Some(400), ..Error::new(Kind::Status, "no") });
            }
            let usage = Some(Usage { tokens: Tokens { input: 100.0, output: 10.0 }, ..Usage::default() });
            Ok(RowAnswer {
                body: [model.name.as_bytes(), b"re: ", &text[..]].concat().into(),
                usage,
                ..RowAnswer::default()
            })
        })
    }
}

pub fn row(seq: u64, text: &str, key: Option<&str>) -> JobRow {
    // It takes what it is thought to take.
    let size = Size { bytes: 0, tokens: 100.0, max_output: Some(10.0) };
    let target = Target { endpoint: endpoint::find("chat.completions.create").unwrap(), ids: Vec::new() };
    let (target, hash, body) =
        (Arc::new(target), hash(&[text.as_bytes()]), Body::Json(text.as_bytes().to_vec().into()));
    let (key, input) = (key.map(str::to_owned), Bytes::copy_from_slice(b"{}"));
    JobRow { seq, hash, key, target, body, size, input, refused: None }
}

fn rows(range: std::ops::Range<u64>) -> Vec<JobRow> {
    range.clone().map(|number| row(number - range.start, &format!("row {number}"), None)).collect()
}

pub fn what(settings: &JobSettings) -> OpenJob {
    let meta = vec![("model".to_owned(), ("gpt-5".to_owned(), true))];
    OpenJob { meta, stops: true, fails_unknown: settings.on_unknown == OnUnknown::Fail, dedup: settings.dedup }
}

/// A worker's process, as far as the governor can tell.
pub struct Worker {
    pub runner: Option<Runner>,
    shelf: Shelf,
    runtime: Option<Runtime>,
}

impl Worker {
    pub fn new(place: GovernorPlace, settings: JobSettings, model: &Arc<Model>) -> Result<Self, LedgerFailure> {
        let runtime = runtime();
        let link = Link::new(place, runtime.handle()).unwrap();
        let mut shelf = None;
        let open = |tell| {
            let share = link.open(what(&settings), tell)?;
            shelf = Some(share.shelf());
            Ok(share)
        };
        let asks = Arc::new(Asks(Arc::clone(model)));
        let runner = Runner::share(settings.clone(), open, asks, runtime.handle().clone())?;
        Ok(Self { runner: Some(runner), shelf: shelf.unwrap(), runtime: Some(runtime) })
    }

    pub fn feed(&self, rows: Vec<JobRow>) {
        let runner = self.runner.as_ref().unwrap();
        runner.feed(rows);
        runner.close();
    }

    /// All that end until the job is over, or `most`.
    pub fn take(&self, most: usize) -> (Vec<Ended>, Option<Cause>) {
        let runner = self.runner.as_ref().unwrap();
        let (mut ended, until) = (Vec::new(), Instant::now() + Duration::from_secs(60));
        while ended.len() < most {
            let over = runner.is_over();
            let taken = runner.take(1 << 10, Duration::from_millis(20));
            if over && taken.is_empty() {
                break;
            }
            ended.extend(taken);
            assert!(Instant::now() < until, "{} of {most}, {:?}", ended.len(), runner.progress());
        }
        ended.sort_by_key(|one| one.record.seq);
        (ended, runner.cause())
    }

    pub fn all(&self, rows: Vec<JobRow>) -> (Vec<Ended>, Option<Cause>) {
        self.feed(rows);
        self.take(usize::MAX)
    }

    /// Nothing more is heard of it, and its connection is gone.
    fn kill(mut self) {
        let runtime = self.runtime.take().unwrap();
        runtime.shutdown_background();
        std::mem::forget(self.runner.take());
    }
}

pub fn wait(what: &str, done: impl Fn() -> bool) {
    let until = Instant::now() + Duration::from_secs(40);
    while !done() {
        assert!(Instant::now() < until, "{what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn inflight(store: &Path) -> u64 {
    LedgerReader::open(store).unwrap().sums().unwrap().inflight
}

/// Each row once in the store, and nothing left in flight.
pub fn is_whole(store: &Path, count: usize) {
    let reader = LedgerReader::open(store).unwrap();
    let rows = reader.read(0, 1 << 20).unwrap();
    let names: std::collections::BTreeSet<_> = rows.iter().map(|row| (row.hash, row.key.clone())).collect();
    assert_eq!((rows.len(), names.len(), reader.sums().unwrap().inflight), (count, count, 0));
}

#[test]
fn workers_share_what_was_asked() {
    let (place_of_store, own, model) = (Place::new(), runtime(), Arc::new(Model::default()));
    let store = place_of_store.store();
    let governor = govern(&store, 0, GovernorOptions::default(), &own);
    let settings = JobSettings::default();
    let workers: Vec<_> = (0..3).map(|_| Worker::new(place(&governor), settings.clone(), &model).unwrap()).collect();
    // Two have the same rows at the same time, and one others; some twice.
    workers[0].feed(rows(0..200));
    workers[1].feed(rows(0..200));
    workers[2].feed(rows(100..300).into_iter().chain([row(200, "row 1", None), row(201, "bad", None)]).collect());
    for (number, worker) in workers.iter().enumerate() {
        let (ended, cause) = worker.take(usize::MAX);
        assert!(cause.is_none(), "{cause:?}");
        assert_eq!(ended.len(), if number == 2 { 202 } else { 200 });
        let first = if number == 2 { 100 } else { 0 };
        for (at, one) in ended.iter().take(200).enumerate() {
            assert_eq!(one.record.seq, at as u64);
            assert_eq!(one.record.body, format!("re: row {}", first + at));
        }
        let again = worker.shelf.read(0, 1000).unwrap();
        let bodies = |rows: Vec<_>| rows.into_iter().map(|(seq, body): (u64, Bytes)| (seq, body)).collect::<Vec<_>>();
        let ended = ended.into_iter().map(|one| (one.record.seq, one.record.body)).collect();
        assert_eq!(bodies(again.into_iter().map(|row| (row.seq, row.body)).collect()), bodies(ended));
        if number == 2 {
            assert_eq!(worker.shelf.read(201, 1).unwrap()[0].status, Status::Failed);
            assert!(worker.shelf.read(202, 1).unwrap().is_empty());
        }
    }
    assert_eq!(model.asked(), vec![1; 301]);
    let sums = governor.sums().unwrap();
    assert_eq!((sums.done, sums.failed, sums.workers, sums.running, sums.open), (300, 1, 3, 0, 0));
    // Another job, and another worker: nothing is asked.
    let late = Worker::new(place(&governor), settings, &model).unwrap();
    let (ended, _) = late.all(rows(0..300));
    assert!(ended.iter().all(|one| one.cached) && ended.len() == 300);
    assert_eq!(model.asked(), vec![1; 301]);
    drop(governor);
    is_whole(&store, 301);
}

#[test]
fn names_are_names_over_a_fleet_too() {
    let (place_of_store, own, model) = (Place::new(), runtime(), Arc::new(Model::default()));
    let store = place_of_store.store();
    let governor = govern(&store, 0, GovernorOptions::default(), &own);
    let run = |settings: &JobSettings, rows: Vec<JobRow>| {
        let worker = Worker::new(place(&governor), settings.clone(), &model).unwrap();
        let (ended, cause) = worker.all(rows);
        assert!(cause.is_none());
        ended
    };
    let settings = JobSettings::default();
    let named = |text: &str| vec![row(0, text, Some("a")), row(1, text, Some("b"))];
    assert_eq!(run(&settings, named("same")).len(), 2);
    assert_eq!(model.asked(), [1]);
    // A row that asks something else is asked, and has its place.
    run(&settings, vec![row(0, "other", Some("a"))]);
    assert_eq!(model.asked(), [1, 1]);
    let reader = LedgerReader::open(&store).unwrap();
    let found = |key: &str| {
        let rows = reader.read(0, 100).unwrap();
        rows.into_iter().filter(|row| row.key.as_deref() == Some(key)).map(|row| row.body).collect::<Vec<_>>()
    };
    assert_eq!((found("a"), found("b")), (vec![Bytes::from("re: other")], vec![Bytes::from("re: same")]));
    // Without: each for itself.
    run(&JobSettings { dedup: false, ..settings.clone() }, vec![row(0, "same", Some("c")), row(1, "same", Some("d"))]);
    assert_eq!(model.asked.lock().unwrap()[&b"same"[..]], 3);
    // A failure is reported again, or asked again in its place.
    for retry_errors in [false, true] {
        let settings = JobSettings { retry_errors, ..settings.clone() };
        for _ in 0..2 {
            let ended = run(&settings, vec![row(0, "bad", Some("e"))]);
            assert_eq!(ended[0].record.status, Status::Failed);
        }
    }
    assert_eq!(model.asked.lock().unwrap()[&b"bad"[..]], 3);
    assert_eq!(found("e").len(), 1);
    assert_eq!(governor.sums().unwrap().failed, 1);
}

#[test]
fn a_budget_is_kept_to_the_cent() {
    let (place_of_store, own, model) = (Place::new(), runtime(), Arc::new(Model::default()));
    let store = place_of_store.store();
    // 100 tokens in and 10 out are a cent.
    let price = Some(Price::new(50.0, 500.0));
    let options = GovernorOptions { budget: Some(1.0), price, ..GovernorOptions::default() };
    let governor = govern(&store, 0, options.clone(), &own);
    let workers: Vec<_> =
        (0..4).map(|_| Worker::new(place(&governor), JobSettings::default(), &model).unwrap()).collect();
    for (number, worker) in workers.iter().enumerate() {
        worker.feed(rows(number as u64 * 100..number as u64 * 100 + 100));
    }
    let mut paid = 0;
    for worker in &workers {
        let (ended, cause) = worker.take(usize::MAX);
        paid += ended.len();
        assert!(matches!(cause, Some(Cause::Budget { limit: 1.0, .. })), "{cause:?}");
        assert!(ended.iter().all(|one| one.record.cost.is_some_and(|cost| (cost - 0.01).abs() < 1e-9)));
    }
    let spent = governor.sums().unwrap().spent;
    assert!(spent <= 1.0 + 1e-9 && spent > 0.97, "{spent}");
    assert!((spent - paid as f64 * 0.01).abs() < 1e-9, "{spent}, {paid} rows");
    assert_eq!(model.asked().len(), paid);
    drop(workers);
    drop(governor);
    // What is spent is spent for the next one too.
    let governor = govern(&store, 0, options, &own);
    let worker = Worker::new(place(&governor), JobSettings::default(), &model).unwrap();
    let (_, cause) = worker.all(rows(0..400));
    assert!(matches!(cause, Some(Cause::Budget { .. })));
    assert!((governor.sums().unwrap().spent - LedgerReader::open(&store).unwrap().sums().unwrap().cost).abs() < 1e-9);
    assert!(governor.sums().unwrap().spent <= 1.0 + 1e-9);
}

/// What is refused to one slows all, and no row is lost.
#[test]
fn a_quota_is_the_fleet_s() {
    let bucket = Mutex::new((0.0, Instant::now()));
    let model = Arc::new(Model { quota: Some((400.0, bucket)), ..Model::default() });
    let (place_of_store, own) = (Place::new(), runtime());
    let store = place_of_store.store();
    let governor = govern(&store, 0, GovernorOptions::default(), &own);
    let workers: Vec<_> =
        (0..4).map(|_| Worker::new(place(&governor), JobSettings::default(), &model).unwrap()).collect();
    for (number, worker) in workers.iter().enumerate() {
        worker.feed(rows(number as u64 * 300..number as u64 * 300 + 300));
    }
    for worker in &workers {
        let (ended, cause) = worker.take(usize::MAX);
        assert!(cause.is_none() && ended.len() == 300 && ended.iter().all(|one| one.record.status == Status::Done));
    }
    assert_eq!(model.asked(), vec![1; 1200]);
    let refused = governor.sums().unwrap().refused;
    assert_eq!(refused, model.refused.load(Ordering::Relaxed));
    is_whole(&store, 1200);
}

#[test]
fn what_the_user_knows_is_for_all() {
    let gate = Arc::new(Semaphore::new(0));
    let model = Arc::new(Model { gate: Some(Arc::clone(&gate)), ..Model::default() });
    let (place_of_store, own) = (Place::new(), runtime());
    let limits = KnownLimits { max_concurrency: Some(5), ..KnownLimits::default() };
    let options = GovernorOptions { limits, ..GovernorOptions::default() };
    let governor = govern(&place_of_store.store(), 0, options, &own);
    let workers: Vec<_> =
        (0..3).map(|_| Worker::new(place(&governor), JobSettings::default(), &model).unwrap()).collect();
    for (number, worker) in workers.iter().enumerate() {
        worker.feed(rows(number as u64 * 10..number as u64 * 10 + 10));
    }
    wait("five run", || model.asked().len() == 5);
    std::thread::sleep(Duration::from_millis(100));
    assert_eq!((model.asked().len(), governor.sums().unwrap().running), (5, 5));
    gate.add_permits(30);
    for worker in &workers {
        assert_eq!(worker.take(usize::MAX).0.len(), 10);
    }
}

#[test]
fn a_worker_that_is_lost_leaves_its_rows_to_others() {
    let gate = Arc::new(Semaphore::new(0));
    let model = Arc::new(Model { gate: Some(Arc::clone(&gate)), ..Model::default() });
    let (place_of_store, own) = (Place::new(), runtime());
    let store = place_of_store.store();
    let options = GovernorOptions { price: Some(Price::new(50.0, 500.0)), ..GovernorOptions::default() };
    let governor = govern(&store, 0, options, &own);
    let lost = Worker::new(place(&governor), JobSettings::default(), &model).unwrap();
    lost.feed(rows(0..10));
    wait("ten run", || model.asked().len() == 10);
    let other = Worker::new(place(&governor), JobSettings::default(), &model).unwrap();
    other.feed(rows(0..10));
    std::thread::sleep(Duration::from_millis(200));
    assert_eq!(model.asked(), vec![1; 10]); // it waits rather than pay twice
    lost.kill();
    wait("they are asked again", || model.asked() == vec![2; 10]);
    gate.add_permits(20);
    let (ended, cause) = other.take(usize::MAX);
    assert!(cause.is_none() && ended.len() == 10);
    let reader = LedgerReader::open(&store).unwrap();
    let unknown = reader.unknown().unwrap();
    assert_eq!(unknown.len(), 10);
    // Their money counts as spent until it is known.
    let most: f64 = unknown.iter().filter_map(|one| one.cost).sum();
    let spent = governor.sums().unwrap().spent;
    assert!(most > 0.0 && (spent - most - 0.1).abs() < 1e-9, "{spent} {most}");
    is_whole(&store, 10);
    // On the other word they are not asked again.
    let model = Arc::new(Model { gate: Some(Arc::new(Semaphore::new(0))), ..Model::default() });
    let settings = JobSettings { on_unknown: OnUnknown::Fail, ..JobSettings::default() };
    let lost = Worker::new(place(&governor), settings.clone(), &model).unwrap();
    lost.feed(rows(20..25));
    wait("five run", || model.asked().len() == 5);
    lost.kill();
    let other = Worker::new(place(&governor), settings, &model).unwrap();
    let (ended, _) = other.all(rows(20..25));
    assert!(ended.len() == 5 && ended.iter().all(|one| one.record.status == Status::Failed));
    assert_eq!(model.asked(), vec![1; 5]);
}

#[test]
fn a_governor_that_is_lost_is_waited_for() {
    let gate = Arc::new(Semaphore::new(0));
    let model = Arc::new(Model { gate: Some(Arc::clone(&gate)), ..Model::default() });
    let (place_of_store, own) = (Place::new(), runtime());
    let store = place_of_store.store();
    let options = GovernorOptions { price: Some(Price::new(50.0, 500.0)), ..GovernorOptions::default() };
    let governor = govern(&store, 0, options.clone(), &own);
    let port = governor.address().port();
    let workers: Vec<_> =
        (0..2).map(|_| Worker::new(place(&governor), JobSettings::default(), &model).unwrap()).collect();
    // Another one waits for the rows of the first.
    let third = Worker::new(place(&governor), JobSettings::default(), &model).unwrap();
    for (number, worker) in workers.iter().enumerate() {
        worker.feed(rows(number as u64 * 100..number as u64 * 100 + 100));
    }
    wait("some run", || model.asked().len() >= 32);
    third.feed(rows(0..100));
    drop(governor);
    // They finish what they hold, hand nothing over that is not on disk, and send nothing new.
    let sent = model.asked().len();
    gate.add_permits(1000);
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(model.asked().len(), sent);
    assert!(workers.iter().all(|worker| worker.runner.as_ref().unwrap().take(1000, Duration::ZERO).is_empty()));
    // Nobody knew; the next one is told. One of those is lost as well.
    let next = govern(&store, port, options.clone(), &own);
    wait("they are back", || next.sums().unwrap().workers == 3);
    drop(next);
    let governor = govern(&store, port, options, &own);
    for worker in &workers {
        let (ended, cause) = worker.take(usize::MAX);
        assert!(cause.is_none() && ended.len() == 100, "{} {cause:?}", ended.len());
    }
    assert_eq!(third.take(usize::MAX).0.len(), 100);
    assert_eq!(model.asked(), vec![1; 200]);
    is_whole(&store, 200);
    let reader = LedgerReader::open(&store).unwrap();
    assert_eq!(reader.unknown().unwrap(), []);
    assert!((governor.sums().unwrap().spent - 2.0).abs() < 1e-9);
    assert_eq!(inflight(&store), 0);
}

/// Nor are rows in flight anybody's when a governor that found them is lost before their worker is back.
#[test]
fn governors_that_are_lost_one_after_the_other() {
    let gate = Arc::new(Semaphore::new(0));
    let model = Arc::new(Model { gate: Some(Arc::clone(&gate)), ..Model::default() });
    let (place_of_store, own) = (Place::new(), runtime());
    let store = place_of_store.store();
    let governor = govern(&store, 0, GovernorOptions::default(), &own);
    let away = Worker::new(place(&governor), JobSettings::default(), &model).unwrap();
    away.feed(rows(0..10));
    wait("ten run", || model.asked().len() == 10);
    // At other ports: its worker finds none of them.
    drop(governor);
    drop(govern(&store, 0, GovernorOptions::default(), &own));
    let earlier = "UPDATE unknown SET noticed = noticed - 30";
    assert_eq!(rusqlite::Connection::open(&store).unwrap().execute(earlier, []).unwrap(), 10);
    let governor = govern(&store, 0, GovernorOptions::default(), &own);
    let other = Worker::new(place(&governor), JobSettings::default(), &model).unwrap();
    other.feed(rows(0..20));
    wait("the others run", || model.asked().len() == 20);
    assert_eq!(model.asked(), vec![1; 20]);
    gate.add_permits(40);
    let (ended, cause) = other.take(usize::MAX);
    assert!(cause.is_none() && ended.len() == 20);
    assert_eq!(LedgerReader::open(&store).unwrap().unknown().unwrap().len(), 10);
    is_whole(&store, 20);
}

/// An answer that is looked at while the governor is lost may be asked for again: said before the next one is there, or
/// just after. What the next one has of it is the answer that did not fit.
#[test]
fn an_answer_that_does_not_fit_outlives_a_governor() {
    for before in [true, false] {
        let (place_of_store, own, model) = (Place::new(), runtime(), Arc::new(Model::default()));
        let store = place_of_store.store();
        let governor = govern(&store, 0, GovernorOptions::default(), &own);
        let port = governor.address().port();
        let settings = JobSettings { judged: true, ..JobSettings::default() };
        let worker = Worker::new(place(&governor), settings, &model).unwrap();
        let runner = worker.runner.as_ref().unwrap();
        worker.feed(vec![row(0, "one", None)]);
        let first = worker.take(1).0.remove(0).record;
        let again = AnswerVerdict::Again(Box::new(first), Box::new(row(0, "one", None)), false);
        drop(governor);
        if before {
            runner.judge(again);
            let governor = govern(&store, port, GovernorOptions::default(), &own);
            asked_again(&worker, &model, &governor);
        } else {
            let governor = govern(&store, port, GovernorOptions::default(), &own);
            wait("it is back", || governor.sums().unwrap().open == 1);
            runner.judge(again);
            asked_again(&worker, &model, &governor);
        }
    }
}

fn asked_again(worker: &Worker, model: &Model, governor: &Governor) {
    let second = worker.take(1).0.remove(0).record;
    assert_eq!((second.tries, model.asked()), (1, vec![2]));
    worker.runner.as_ref().unwrap().judge(AnswerVerdict::Fits(Box::new(second)));
    assert!(worker.take(usize::MAX).0.is_empty());
    wait("it is done", || governor.sums().unwrap().open == 0);
}

/// Rows that a worker had and did not ask for are another's once it is lost, and it learns so when it is back.
#[test]
fn what_others_did_meanwhile_is_known() {
    let gate = Arc::new(Semaphore::new(4));
    let model = Arc::new(Model { gate: Some(Arc::clone(&gate)), ..Model::default() });
    let (place_of_store, own) = (Place::new(), runtime());
    let governor = govern(&place_of_store.store(), 0, GovernorOptions::default(), &own);
    let (port, lines) = line_to(&governor, &own);
    let settings = JobSettings { ahead: 4, ..JobSettings::default() };
    let away = Worker::new(place_of(port, TOKEN), settings, &model).unwrap();
    // Nobody takes those that have ended, so that others which were refused are not asked for again.
    away.feed(rows(0..8));
    wait("four end", || away.runner.as_ref().unwrap().progress().done == 4);
    model.refuses.store(true, Ordering::Relaxed);
    gate.add_permits(4);
    wait("four wait", || governor.sums().unwrap().refused == 4);
    model.refuses.store(false, Ordering::Relaxed);
    gate.add_permits(100);
    lines.send(false).unwrap();
    wait("it is lost", || governor.sums().unwrap().open == 0);
    let other = Worker::new(place(&governor), JobSettings::default(), &model).unwrap();
    assert_eq!(other.all(rows(0..8)).0.len(), 8);
    lines.send(true).unwrap();
    wait("it is back, and told", || governor.sums().unwrap().cached == 8);
    std::thread::sleep(Duration::from_millis(200)); // and has heard it
    assert_eq!(away.take(usize::MAX).0.len(), 8);
    assert_eq!(model.asked().iter().sum::<u32>(), 12);
}

/// A line to a governor that is there, or is not: its port, and what says so.
pub fn line_to(governor: &Governor, runtime: &Runtime) -> (u16, watch::Sender<bool>) {
    let address = governor.address();
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let port = listener.local_addr().unwrap().port();
    let (say, mut there) = watch::channel(true);
    runtime.spawn(async move {
        loop {
            let (mut near, _) = listener.accept().await.unwrap();
            if *there.borrow_and_update() {
                let mut far = TcpStream::connect(address).await.unwrap();
                tokio::select! {
                    _ = copy_bidirectional(&mut near, &mut far) => {}
                    _ = there.changed() => {}
                }
            }
        }
    });
    (port, say)
}

/// A connection that breaks is not a worker that is lost.
#[test]
fn a_connection_that_breaks_costs_nothing() {
    let (place_of_store, own, model) = (Place::new(), runtime(), Arc::new(Model::default()));
    let store = place_of_store.store();
    let limits = KnownLimits { rpm: Some(60.0 * 200.0), ..KnownLimits::default() };
    let governor = govern(&store, 0, GovernorOptions { limits, ..GovernorOptions::default() }, &own);
    let address = governor.address();
    let listener = own.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let port = listener.local_addr().unwrap().port();
    own.spawn(async move {
        for number in 1.. {
            let (mut near, _) = listener.accept().await.unwrap();
            let mut far = TcpStream::connect(address).await.unwrap();
            // Each lasts a little longer than the one before, at whatever point of it.
            let life = Duration::from_millis(60 + 7 * number);
            let _ = tokio::time::timeout(life, copy_bidirectional(&mut near, &mut far)).await;
        }
    });
    let worker = Worker::new(place_of(port, TOKEN), JobSettings::default(), &model).unwrap();
    let (ended, cause) = worker.all(rows(0..400));
    assert!(cause.is_none() && ended.len() == 400, "{} {cause:?}", ended.len());
    assert_eq!(model.asked(), vec![1; 400]);
    is_whole(&store, 400);
    assert_eq!(LedgerReader::open(&store).unwrap().unknown().unwrap(), []);
}

#[test]
fn what_a_governor_refuses_it_says_in_words() {
    let (place_of_store, own, model) = (Place::new(), runtime(), Arc::new(Model::default()));
    let store = place_of_store.store();
    let governor = govern(&store, 0, GovernorOptions::default(), &own);
    let port = governor.address().port();
    let why = |place| Worker::new(place, JobSettings::default(), &model).err().unwrap().to_string();
    assert!(why(place_of(port, "another token, guessed")).contains("the token is another"));
    let worker = Worker::new(place(&governor), JobSettings::default(), &model).unwrap();
    worker.all(rows(0..3));
    let link = Link::new(place(&governor), own.handle()).unwrap();
    let meta = vec![("model".to_owned(), ("gpt-4".to_owned(), true))];
    let other = OpenJob { meta, ..what(&JobSettings::default()) };
    let refused = link.open(other, Box::new(|_| ())).err().unwrap().to_string();
    assert!(refused.contains("its model is gpt-5, and here it is gpt-4"), "{refused}");
    // The store, and the port.
    let second = Governor::start(&store, "127.0.0.1", 0, TOKEN, GovernorOptions::default(), own.handle());
    assert!(matches!(second.err(), Some(LedgerFailure::Used { .. })));
    let other = Place::new();
    let second = Governor::start(&other.store(), "127.0.0.1", port, TOKEN, GovernorOptions::default(), own.handle());
    assert!(second.err().unwrap().to_string().contains("choose another port"));
    // Nobody is there.
    drop(governor);
    assert!(GRACE < Duration::from_secs(10));
    let gone = why(place_of(port, TOKEN));
    assert!(gone.contains("is not there"), "{gone}");
}
