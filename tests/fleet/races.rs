//! What crosses on its way: a worker that is thought to be lost and the one that has its row, what a governor says and
//! what a job decides. Each by doing the one before the other.
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use wenwen::fleet::governor::GovernorOptions;
use wenwen::fleet::wire::{ToGovernor, ToWorker, Wire, greet, messages, read_frame, write_frame};
use wenwen::jobs::budget::{Price, Size};
use wenwen::jobs::ledger::{Committed, LedgerReader, Record, Status, hash};
use wenwen::jobs::limiter::AttemptEnd;
use wenwen::jobs::runner::{
    AnswerVerdict, Claimed, EndedAttempt, JobRow, JobSettings, Mark, Runner, Share, ShareEvent, TellJob,
};

use crate::governor::{
    Model, Place, TOKEN, Worker, govern, is_whole, line_to, place, place_of, row, runtime, wait, what,
};

/// A model that answers what it is let.
fn gated(name: &'static str, permits: usize) -> Arc<Model> {
    Arc::new(Model { name, gate: Some(Arc::new(Semaphore::new(permits))), ..Model::default() })
}

/// Of both answers there is one that counts, for all, and what both have cost is on disk: the other's as that of a
/// request whose answer nobody has.
#[test]
fn an_answer_that_another_has_paid_for_too() {
    // When the first worker has its answer: while it is away; back, and the other waits for its own; when that is done.
    for (when, fails) in [("away", false), ("before", false), ("after", false), ("away", true), ("after", true)] {
        let (place_of_store, own) = (Place::new(), runtime());
        let store = place_of_store.store();
        // 100 tokens in and 10 out are a cent.
        let options = GovernorOptions { price: Some(Price::new(50.0, 500.0)), ..GovernorOptions::default() };
        let governor = govern(&store, 0, options.clone(), &own);
        let (port, lines) = line_to(&governor, &own);
        let first = gated("first ", 0);
        let first = Arc::new(Model { fails, ..Arc::into_inner(first).unwrap() });
        let second = gated("second ", 0);
        let (answers_first, answers_second) = (first.gate.clone().unwrap(), second.gate.clone().unwrap());
        let away = Worker::new(place_of(port, TOKEN), JobSettings::default(), &first).unwrap();
        // The other's numbers are not its own.
        let other = Worker::new(place(&governor), JobSettings::default(), &second).unwrap();
        away.feed(vec![row(0, "one", None)]);
        wait("it runs", || first.asked().len() == 1);
        lines.send(false).unwrap();
        wait("it is lost", || governor.sums().unwrap().open == 0);
        other.feed(vec![row(0, "one", None)]);
        wait("another asks", || second.asked().len() == 1);
        if when == "away" {
            answers_first.add_permits(1);
            std::thread::sleep(Duration::from_millis(100)); // nobody is told
        }
        if when == "before" {
            lines.send(true).unwrap();
            wait("it is back", || governor.sums().unwrap().workers == 2);
            answers_first.add_permits(1);
            std::thread::sleep(Duration::from_millis(100)); // and has said so
        }
        answers_second.add_permits(1);
        let done = other.take(usize::MAX).0.remove(0);
        if when != "before" {
            lines.send(true).unwrap();
            wait("it is back, and told", || governor.sums().unwrap().cached == 1);
        }
        if when == "after" {
            std::thread::sleep(Duration::from_millis(100)); // and has heard it
            answers_first.add_permits(1);
        }
        let late = away.take(usize::MAX).0.remove(0);
        assert_eq!(late.record.body, "second re: one", "{when} {fails}");
        assert_eq!((&late.record.body, late.record.status), (&done.record.body, done.record.status));
        assert!(late.error.is_none());
        wait("it is free", || governor.sums().unwrap().open == 0);
        let spent = governor.sums().unwrap().spent;
        drop(governor);
        is_whole(&store, 1);
        let reader = LedgerReader::open(&store).unwrap();
        let (sums, unknown) = (reader.sums().unwrap(), reader.unknown().unwrap());
        let paid = if fails { 0.01 } else { 0.02 };
        assert!((spent - paid).abs() < 1e-9, "{when} {fails}: {spent}");
        assert!((sums.cost + sums.unknown_cost - paid).abs() < 1e-9, "{when} {fails}: {sums:?}");
        assert_eq!((unknown.len(), sums.inflight), (usize::from(!fails), 0), "{when} {fails}: {unknown:?}");
        assert_eq!(reader.read(0, 9).unwrap()[0].body, "second re: one");
    }
}

/// Nobody else has the row: the answer that comes late is its own, and nothing is unknown any more.
#[test]
fn an_answer_that_comes_late_counts() {
    for when in ["away", "after"] {
        let (place_of_store, own) = (Place::new(), runtime());
        let store = place_of_store.store();
        let options = GovernorOptions { price: Some(Price::new(50.0, 500.0)), ..GovernorOptions::default() };
        let governor = govern(&store, 0, options, &own);
        let (port, lines) = line_to(&governor, &own);
        let model = gated("", 0);
        let gate = model.gate.clone().unwrap();
        let worker = Worker::new(place_of(port, TOKEN), JobSettings::default(), &model).unwrap();
        worker.feed(vec![row(0, "one", None)]);
        wait("it runs", || model.asked().len() == 1);
        lines.send(false).unwrap();
        wait("it is lost", || governor.sums().unwrap().open == 0);
        assert_eq!(LedgerReader::open(&store).unwrap().unknown().unwrap().len(), 1);
        if when == "away" {
            gate.add_permits(1);
            std::thread::sleep(Duration::from_millis(100)); // nobody is told
        }
        lines.send(true).unwrap();
        wait("it is back", || governor.sums().unwrap().open == 1 || when == "away");
        gate.add_permits(1);
        assert_eq!(worker.take(usize::MAX).0.len(), 1);
        assert_eq!(model.asked(), [1]);
        let spent = governor.sums().unwrap().spent;
        drop(governor);
        is_whole(&store, 1);
        let reader = LedgerReader::open(&store).unwrap();
        assert_eq!(reader.unknown().unwrap(), []);
        assert!((spent - 0.01).abs() < 1e-9 && (reader.sums().unwrap().cost - 0.01).abs() < 1e-9);
    }
}

/// An answer is looked at, its worker is thought to be lost, and another has asked again meanwhile: that is the answer.
#[test]
fn a_judged_row_that_another_has_done() {
    for verdict in ["again", "unfit", "fits"] {
        let (place_of_store, own, model) = (Place::new(), runtime(), Arc::new(Model::default()));
        let store = place_of_store.store();
        let governor = govern(&store, 0, GovernorOptions::default(), &own);
        let (port, lines) = line_to(&governor, &own);
        let settings = JobSettings { judged: true, ..JobSettings::default() };
        let again = |record| AnswerVerdict::Again(Box::new(record), Box::new(row(0, "one", None)), false);
        let judge = |worker: &Worker, verdict| worker.runner.as_ref().unwrap().judge(verdict);
        let away = Worker::new(place_of(port, TOKEN), settings.clone(), &model).unwrap();
        away.feed(vec![row(0, "one", None)]);
        let first = away.take(1).0.remove(0).record;
        lines.send(false).unwrap();
        wait("it is lost", || governor.sums().unwrap().open == 0);
        let other = Worker::new(place(&governor), settings.clone(), &model).unwrap();
        other.feed(vec![row(0, "one", None)]);
        let found = other.take(1).0.remove(0);
        assert!(found.cached);
        judge(&other, again(found.record));
        let second = other.take(1).0.remove(0).record;
        assert_eq!(second.tries, 1);
        judge(&other, AnswerVerdict::Fits(Box::new(second)));
        assert!(other.take(usize::MAX).0.is_empty());
        lines.send(true).unwrap();
        wait("it is back, and told", || governor.sums().unwrap().cached == 2);
        std::thread::sleep(Duration::from_millis(100)); // and has heard it
        match verdict {
            "again" => {
                judge(&away, again(first));
                let heard = away.take(1).0.remove(0);
                assert_eq!((heard.record.tries, heard.cached), (1, true));
                judge(&away, AnswerVerdict::Fits(Box::new(heard.record)));
            }
            "unfit" => judge(&away, AnswerVerdict::Unfit(Box::new(first), "{}".into())),
            _ => judge(&away, AnswerVerdict::Fits(Box::new(first))),
        }
        assert!(away.take(usize::MAX).0.is_empty());
        assert_eq!(model.asked(), [2]);
        wait("it is free", || governor.sums().unwrap().open == 0);
        assert_eq!(governor.sums().unwrap().done, 1);
        drop(governor);
        is_whole(&store, 1);
        let kept = LedgerReader::open(&store).unwrap().read(0, 1).unwrap().remove(0);
        assert_eq!((kept.tries, kept.status), (1, Status::Done), "{verdict}");
    }
}

/// Two rows of one name that ask different things, by two workers at once: one after the other, as of two jobs. There is
/// one row of that name, and what the other was told is kept.
#[test]
fn one_name_for_two_rows_at_once() {
    let (place_of_store, own) = (Place::new(), runtime());
    let store = place_of_store.store();
    let governor = govern(&store, 0, GovernorOptions::default(), &own);
    let (first, second) = (gated("", 0), gated("", 9));
    let workers = [&first, &second].map(|model| Worker::new(place(&governor), JobSettings::default(), model).unwrap());
    workers[0].feed(vec![row(0, "one", Some("a"))]);
    wait("it runs", || first.asked().len() == 1);
    workers[1].feed(vec![row(0, "two", Some("a")), row(1, "three", Some("b"))]);
    wait("the other name runs", || governor.sums().unwrap().done == 1);
    assert_eq!(second.asked().len(), 1);
    first.gate.as_ref().unwrap().add_permits(1);
    assert_eq!(workers[0].take(usize::MAX).0[0].record.body, "re: one");
    assert_eq!(workers[1].take(usize::MAX).0[0].record.body, "re: two");
    let again = Worker::new(place(&governor), JobSettings::default(), &second).unwrap();
    let told = again.all(vec![row(0, "one", Some("c"))]).0.remove(0);
    assert!(told.cached && told.record.body == "re: one");
    assert_eq!((governor.sums().unwrap().open, second.asked().len()), (0, 2));
    drop(governor);
    is_whole(&store, 3);
    let mut keys: Vec<_> = LedgerReader::open(&store).unwrap().read(0, 9).unwrap();
    keys.sort_by_key(|row| row.key.clone());
    let kept: Vec<_> = keys.iter().map(|row| (row.key.as_deref().unwrap(), row.body.as_ref())).collect();
    assert_eq!(kept, [("a", &b"re: two"[..]), ("b", b"re: three"), ("c", b"re: one")]);
}

/// A worker by hand.
struct Hand {
    runtime: Runtime,
    stream: TcpStream,
}

impl Hand {
    fn new(port: u16) -> Self {
        let runtime = runtime();
        let stream = runtime.block_on(async {
            let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
            greet(&mut stream, TOKEN, Some([7; 16])).await.unwrap();
            stream
        });
        Self { runtime, stream }
    }

    fn say(&mut self, said: &[ToGovernor]) {
        let mut frame = Vec::new();
        said.iter().for_each(|message| message.put(&mut frame));
        self.runtime.block_on(write_frame(&mut self.stream, frame, false)).unwrap();
    }

    /// What is said of its row.
    fn claimed(&mut self) -> (Option<Box<Record>>, bool) {
        loop {
            let stream = &mut self.stream;
            let reading = async { timeout(Duration::from_secs(20), read_frame(stream)).await };
            let frame = self.runtime.block_on(reading).unwrap().unwrap();
            for message in messages::<ToWorker>(frame).unwrap() {
                if let ToWorker::Claimed { found, unknown, .. } = message {
                    return (found, unknown);
                }
            }
        }
    }
}

/// What was found is said again where the connection was lost with it: else it would be asked, and paid, once more.
#[test]
fn what_was_found_and_not_heard() {
    let (place_of_store, own, model) = (Place::new(), runtime(), Arc::new(Model::default()));
    let governor = govern(&place_of_store.store(), 0, GovernorOptions::default(), &own);
    let worker = Worker::new(place(&governor), JobSettings::default(), &model).unwrap();
    assert_eq!(worker.all(vec![row(0, "one", None)]).0.len(), 1);
    let claim = ToGovernor::Claim { job: 1, seq: 0, hash: hash(&[b"one"]), key: None, had: None };
    let open = ToGovernor::Open { job: 1, what: what(&JobSettings::default()) };
    for _ in 0..3 {
        let mut hand = Hand::new(governor.address().port());
        hand.say(&[open.clone(), claim.clone(), ToGovernor::Replayed { job: 1 }]);
        let (found, unknown) = hand.claimed();
        assert_eq!(found.unwrap().body, "re: one");
        assert!(!unknown);
    }
    assert_eq!((governor.sums().unwrap().cached, governor.sums().unwrap().open), (1, 1));
}

/// A share that tells of another's answer at the moment at which it is asked for leave.
struct Crossing {
    tell: TellJob,
    told: Sender<(&'static str, u64)>,
    crossed: AtomicBool,
    leaves: bool,
}

impl Share for Crossing {
    fn claim(&mut self, row: &JobRow) {
        (self.tell)(ShareEvent::Claimed(vec![Claimed { seq: row.seq, found: None, unknown: false }]));
    }

    fn want(&mut self, seq: u64, attempt: u32, _: Size, _: bool) {
        self.told.send(("want", seq)).unwrap();
        if self.crossed.swap(true, Ordering::Relaxed) {
            return;
        }
        let found = Some(Record { body: Bytes::from("another's"), ..Record::new(seq, hash(&[b"one"]), Status::Done) });
        (self.tell)(ShareEvent::Claimed(vec![Claimed { seq, found, unknown: false }]));
        if self.leaves {
            let intent = wenwen::jobs::ledger::Intent { seq, attempt, cost: None, name: None };
            (self.tell)(ShareEvent::Committed(Committed { intended: vec![intent], ..Committed::default() }));
        }
    }

    fn ended(&mut self, attempt: EndedAttempt) {
        assert_eq!((attempt.end, attempt.mark, attempt.cost), (AttemptEnd::Unsent, Mark::Forget, Some(0.0)));
        self.told.send(("unsent", attempt.seq)).unwrap();
    }

    fn settle(&mut self, _: Record, _: bool) {}

    fn fail(&mut self, _: u64, _: String) {}

    fn set_input(&mut self, _: u64, _: Bytes) {}

    fn free(&mut self, seq: u64) {
        self.told.send(("free", seq)).unwrap();
    }

    fn flush(&mut self) {}
}

/// What was asked for is given back before the row is: else a request that was never sent would be one of which nobody
/// knows what became.
#[test]
fn leave_that_is_not_wanted_any_more() {
    for leaves in [false, true] {
        let (own, model) = (runtime(), Arc::new(Model::default()));
        let (told, heard) = channel();
        let open = |tell| Ok(Crossing { tell, told, crossed: AtomicBool::new(false), leaves });
        let asks = Arc::new(crate::governor::Asks(Arc::clone(&model)));
        let runner = Runner::share(JobSettings::default(), open, asks, own.handle().clone()).unwrap();
        runner.feed(vec![row(0, "one", None)]);
        runner.close();
        let ended = Mutex::new(Vec::new());
        wait("it ends", || {
            ended.lock().unwrap().extend(runner.take(9, Duration::from_millis(10)));
            runner.is_over()
        });
        assert_eq!(ended.into_inner().unwrap()[0].record.body, "another's");
        drop(runner);
        assert_eq!(heard.iter().collect::<Vec<_>>(), [("want", 0), ("unsent", 0), ("free", 0)]);
        assert!(model.asked().is_empty());
    }
}
