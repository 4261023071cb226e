//! The gate before each attempt, and requests that are under way together: over real connections to the local gateway.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test may fail")]
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;
use tokio::sync::Semaphore;
use tokio::time::sleep;
use wenwen::core::call::{Handover, Hooks, Wanted};
use wenwen::core::config::{Config, Root};
use wenwen::core::endpoint::find;
use wenwen::core::error::{Error, Kind as ErrorKind, Limit};
use wenwen::core::events::Available;
use wenwen::core::proxy::Proxy;
use wenwen::core::request::{Attempt, Body, BoxFuture, Gate, Observe, Pass, Request};
use wenwen::core::secret::Secret;
use wenwen::core::send::{Outcome, send};
use wenwen::core::together::Together;
use wenwen::core::transport::{Client, Route, Transport};
use wenwen::core::trust::Trust;
use wenwen::gateway::{BodyKind, Delivery, Scripted};
use wenwen::gateway::{Gateway, Setup};
use wenwen::jobs::parts::send_all;

fn gateway() -> Gateway {
    Gateway::start(Setup::default()).unwrap()
}

struct Call {
    total: Duration,
    first_event: Option<Duration>,
    stream: bool,
    handover: Handover,
    hooks: Hooks,
}

impl Default for Call {
    fn default() -> Self {
        let (total, handover) = (Duration::from_secs(20), Handover::Parsed);
        Self { total, first_event: None, stream: false, handover, hooks: Hooks::default() }
    }
}

impl Call {
    fn through(gate: &Arc<Log>) -> Self {
        let hooks = Hooks { gate: Some(gate.clone()), observer: Some(gate.clone()), ask: None };
        Self { hooks, ..Self::default() }
    }

    fn to(self, gateway: &Gateway) -> (Client, Request) {
        let Self { total, first_event, stream, handover, hooks } = self;
        let mut config = Config::new(Root::parse(&gateway.root()).unwrap());
        config.key = Some(Secret::new("sk-0123456789").unwrap());
        config.timeout.total = Some(total);
        config.timeout.first_event = first_event;
        config.proxy = Proxy::None;
        let route = Route::new(false, &Trust::System, &Proxy::None, config.timeout.connect);
        let body = json!({"model": "gpt-5", "input": "Hello!", "stream": stream}).to_string().into();
        let row = find("responses.create").unwrap();
        let wanted = Wanted { body: Body::Json(body), stream, handover, ..Wanted::of(row) };
        let (request, route) = wanted.request(&config, &route, hooks).unwrap();
        (Transport::default().client(&route).unwrap(), request)
    }
}

/// What a gate does with whoever comes; after the last it lets in.
enum Does {
    LetsIn,
    Waits(Duration),
    WaitsForEver,
    Refuses,
}

/// A gate and an observer that write down what they see.
#[derive(Default)]
struct Log {
    lines: Arc<Mutex<Vec<&'static str>>>,
    does: Mutex<Vec<Does>>,
}

impl Log {
    fn doing(does: impl IntoIterator<Item = Does>) -> Arc<Self> {
        Arc::new(Self { does: Mutex::new(does.into_iter().collect()), ..Self::default() })
    }

    fn lines(&self) -> Vec<&'static str> {
        self.lines.lock().unwrap().clone()
    }

    async fn until_out(&self) {
        while self.lines().last() != Some(&"out") {
            sleep(Duration::from_millis(1)).await;
        }
    }
}

struct Inside(Arc<Mutex<Vec<&'static str>>>);

impl Drop for Inside {
    fn drop(&mut self) {
        self.0.lock().unwrap().push("out");
    }
}

impl Gate for Log {
    fn admit(&self) -> BoxFuture<Result<Pass, Error>> {
        let mut does = self.does.lock().unwrap();
        let does = if does.is_empty() { Does::LetsIn } else { does.remove(0) };
        let lines = self.lines.clone();
        Box::pin(async move {
            match does {
                Does::LetsIn => {}
                Does::Waits(time) => sleep(time).await,
                Does::WaitsForEver => std::future::pending().await,
                Does::Refuses => return Err(Error::new(ErrorKind::Connection, "the money is spent")),
            }
            lines.lock().unwrap().push("in");
            Ok(Arc::new(Inside(lines)) as Pass)
        })
    }
}

impl Observe for Log {
    fn attempt(&self, attempt: Attempt) {
        let line = if attempt.failure.is_none() { "done" } else { "failed" };
        self.lines.lock().unwrap().push(line);
    }
}

fn quick(status: u16) -> Scripted {
    let mut scripted = Scripted::status(status);
    scripted.headers.push(("retry-after-ms".into(), "1".into()));
    scripted
}

#[tokio::main(flavor = "current_thread")]
async fn run(call: (Client, Request)) -> Result<Outcome, Error> {
    send(&call.0, &call.1).await
}

#[test]
fn it_is_asked_before_every_attempt_and_has_its_pass_back_before_the_wait() {
    let gateway = gateway();
    let log = Log::doing([]);
    gateway.push(quick(429));
    gateway.push(Scripted { shape: Delivery { close: true, ..Delivery::default() }, ..quick(200) });
    let outcome = run(Call::through(&log).to(&gateway)).unwrap();
    assert_eq!(outcome.head().attempts, 3);
    // The observer hears of an attempt before another is let in for it.
    assert_eq!(log.lines(), ["in", "failed", "out", "in", "failed", "out", "in", "done", "out"]);
}

#[test]
fn another_call_goes_on_while_one_waits_for_its_retry() {
    /// One at a time.
    struct One(Arc<Semaphore>);
    impl Gate for One {
        fn admit(&self) -> BoxFuture<Result<Pass, Error>> {
            let permit = self.0.clone().acquire_owned();
            Box::pin(async move { Ok(Arc::new(permit.await.unwrap()) as Pass) })
        }
    }
    let gateway = gateway();
    let gate = Arc::new(One(Arc::new(Semaphore::new(1))));
    // The second call's reply is what the first one's retry waits for.
    let mut later = Scripted::status(429);
    later.headers.push(("retry-after-ms".into(), "600".into()));
    gateway.push(later);
    let call = |n: u32| {
        let hooks = Hooks { gate: Some(gate.clone()), ..Hooks::default() };
        let mut call = Call { hooks, ..Call::default() }.to(&gateway);
        Arc::make_mut(&mut call.1.headers).insert("x-call", n.into());
        call
    };
    #[tokio::main]
    async fn both(calls: Vec<(Client, Request)>) -> Vec<Outcome> {
        send_all(calls, 2).await.map_err(|(_, error)| error).unwrap()
    }
    both(vec![call(0), call(1)]);
    let entries = gateway.journal().entries();
    let order: Vec<_> = entries.iter().map(|entry| entry.request.header("x-call").unwrap().to_owned()).collect();
    assert!(order.len() == 3 && order[0] != order[1] && order[0] == order[2], "{order:?}");
}

#[test]
fn the_clock_starts_when_a_call_is_first_let_in() {
    let gateway = gateway();
    let log = Log::doing([Does::Waits(Duration::from_millis(1200))]);
    let outcome = run(Call { total: Duration::from_secs(1), ..Call::through(&log) }.to(&gateway)).unwrap();
    assert!(outcome.head().elapsed < Duration::from_secs(1));
}

#[test]
fn the_time_for_the_first_event_does_not_run_while_an_attempt_waits_to_be_let_in() {
    let gateway = gateway();
    let log = Log::doing([Does::Waits(Duration::from_millis(1200)), Does::Waits(Duration::from_millis(1200))]);
    gateway.push(quick(429));
    let first_event = Some(Duration::from_secs(1));
    let outcome = run(Call { first_event, stream: true, ..Call::through(&log) }.to(&gateway)).unwrap();
    assert_eq!(outcome.head().attempts, 2);
}

#[test]
fn it_runs_while_a_retry_waits_to_be_let_in() {
    let gateway = gateway();
    let log = Log::doing([Does::LetsIn, Does::WaitsForEver]);
    gateway.push(quick(429));
    let error = run(Call { total: Duration::from_millis(400), ..Call::through(&log) }.to(&gateway)).unwrap_err();
    assert!(matches!(error.kind, ErrorKind::Timeout(Limit::Total)), "{error}");
    assert!(error.message.contains("; the attempt before had failed: "), "{error}");
    assert_eq!((error.attempts, gateway.journal().entries().len()), (1, 1));
    assert!(error.elapsed >= Duration::from_millis(400));
}

#[test]
fn what_it_refuses_is_not_sent() {
    let gateway = gateway();
    let error = run(Call::through(&Log::doing([Does::Refuses])).to(&gateway)).unwrap_err();
    assert_eq!((error.message.as_str(), error.attempts, error.sent), ("the money is spent", 0, false));
    assert_eq!(gateway.journal().entries().len(), 0);

    gateway.push(quick(429));
    let error = run(Call::through(&Log::doing([Does::LetsIn, Does::Refuses])).to(&gateway)).unwrap_err();
    assert!(error.message.starts_with("the money is spent; the attempt before had failed: "), "{error}");
    assert_eq!((error.attempts, gateway.journal().entries().len()), (1, 1));
}

#[test]
fn a_reply_that_is_read_while_it_arrives_has_its_pass_to_its_end() {
    #[tokio::main]
    async fn read(gateway: &Gateway, handover: Handover, ends: bool) {
        let log = Log::doing([]);
        let events = ["data: {\"type\":\"response.created\",\"response\":{\"id\":\"resp_1\"}}\n\n"];
        let stalls = Delivery { stall: Some(events[0].len()), ..Delivery::default() };
        if !ends {
            gateway.push(Scripted { shape: stalls, ..Scripted::events(events) });
        }
        let (client, request) = Call { stream: true, handover, ..Call::through(&log) }.to(gateway);
        match send(&client, &request).await.unwrap() {
            Outcome::Events(_, feed) if ends => {
                while !matches!(feed.take(), Available::End(Ok(()))) {
                    feed.ready().await;
                }
                log.until_out().await;
                drop(feed);
            }
            Outcome::Bytes(mut bytes) if ends => {
                while bytes.next().await.unwrap().is_some() {}
                assert_eq!(log.lines(), ["in", "done"]);
                drop(bytes);
            }
            outcome => {
                assert_eq!(log.lines(), ["in", "done"]);
                drop(outcome);
            }
        }
        log.until_out().await;
        assert_eq!(log.lines(), ["in", "done", "out"]);
    }
    let gateway = gateway();
    for handover in [Handover::Parsed, Handover::Body] {
        for ends in [true, false] {
            read(&gateway, handover, ends);
        }
    }
}

#[test]
fn requests_that_are_one_call_have_one_deadline_from_when_the_first_is_let_in() {
    #[tokio::main]
    async fn all(calls: Vec<(Client, Request)>) -> Result<Vec<Outcome>, (usize, Error)> {
        send_all(calls, 2).await
    }
    let gateway = gateway();
    let call = |does| Call { total: Duration::from_millis(500), ..Call::through(&Log::doing([does])) }.to(&gateway);
    // The second asks before the first is let in, and is never let in itself.
    let waits = Does::Waits(Duration::from_millis(700));
    let (number, error) = all(vec![call(waits), call(Does::WaitsForEver)]).unwrap_err();
    assert!(matches!(error.kind, ErrorKind::Timeout(Limit::Total)), "{error}");
    assert_eq!((number, error.attempts, error.sent), (1, 0, false));
    assert_eq!(gateway.journal().entries().len(), 1);
}

#[test]
fn each_that_is_under_way_ends_with_its_number_and_its_own_clock() {
    #[tokio::main]
    async fn each(mut calls: Vec<(Client, Request)>) -> Vec<(usize, Result<u16, Option<u16>>)> {
        let mut together = Together::default();
        let mut ended = Vec::new();
        // Two at a time, as a job would have it: one that fails ends no other.
        for number in 0.. {
            if together.len() == 2 || calls.is_empty() {
                let Some((number, outcome)) = together.next().await else { break };
                ended.push((number, outcome.map(|o| o.head().status).map_err(|error| error.status)));
            }
            if let Some((client, request)) = calls.pop() {
                together.add(number, client, request);
            }
        }
        assert!(together.is_empty() && together.next().await.is_none());
        ended
    }
    let gateway = gateway();
    gateway.push(Scripted::status(400));
    let call = || Call { total: Duration::from_secs(1), ..Call::default() }.to(&gateway);
    let mut ended = each((0..5).map(|_| call()).collect());
    ended.sort_by_key(|(number, _)| *number);
    assert_eq!(ended.iter().filter(|(_, outcome)| *outcome == Ok(200)).count(), 4);
    assert_eq!(ended.iter().filter(|(_, outcome)| *outcome == Err(Some(400))).count(), 1);
    let mut numbers: Vec<_> = ended.iter().map(|(number, _)| *number).collect();
    numbers.dedup();
    assert_eq!(numbers.len(), 5);
}

#[test]
fn dropped_together_they_are_given_up() {
    #[tokio::main]
    async fn dropped(gateway: &Gateway, calls: Vec<(Client, Request)>) {
        let mut together = Together::default();
        for (number, (client, request)) in calls.into_iter().enumerate() {
            together.add(number, client, request);
        }
        while gateway.journal().entries().len() < 3 {
            sleep(Duration::from_millis(1)).await;
        }
        drop(together);
        while gateway.open_connections() > 0 {
            sleep(Duration::from_millis(1)).await;
        }
    }
    let gateway = gateway();
    let mut stalled = Scripted::new(200, BodyKind::Json, "{}");
    (stalled.shape.stall, stalled.times) = (Some(0), 0);
    gateway.push(stalled);
    let held = Arc::new(AtomicUsize::new(0));
    struct Held(Arc<AtomicUsize>);
    impl Drop for Held {
        fn drop(&mut self) {
            self.0.fetch_sub(1, SeqCst);
        }
    }
    impl Gate for Held {
        fn admit(&self) -> BoxFuture<Result<Pass, Error>> {
            self.0.fetch_add(1, SeqCst);
            let held = Held(self.0.clone());
            Box::pin(async move { Ok(Arc::new(held) as Pass) })
        }
    }
    held.fetch_add(1, SeqCst); // the gate's own
    let gate = Arc::new(Held(held.clone()));
    let call = || {
        let hooks = Hooks { gate: Some(gate.clone()), ..Hooks::default() };
        Call { hooks, ..Call::default() }.to(&gateway)
    };
    dropped(&gateway, vec![call(), call(), call()]);
    assert_eq!(held.load(SeqCst), 1);
}
