//! Many workers and one governor: what a row takes of it, and how long a lease is waited for. Nothing is asked: what is
//! granted has its answer at once, or after `LATENCY` ms.
//!
//! `WENWEN_FLEET=workers,rows of each,requests a second cargo test --release --test fleet -- simulation --nocapture`
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::runtime::Builder;
use wenwen::core::endpoint;
use wenwen::core::request::Body;
use wenwen::fleet::governor::GovernorOptions;
use wenwen::fleet::wire::OpenJob;
use wenwen::fleet::worker::{FleetShare, Link};
use wenwen::jobs::budget::{Size, Tokens};
use wenwen::jobs::ledger::{Record, Status, hash};
use wenwen::jobs::limiter::said::Said;
use wenwen::jobs::limiter::{AttemptEnd, KnownLimits};
use wenwen::jobs::runner::{EndedAttempt, JobRow, Mark, Share, ShareEvent};
use wenwen::jobs::sender::Target;

use crate::governor::{Place, govern, place};

/// CPU seconds of this process's threads, by their names.
#[cfg(target_os = "linux")]
fn cpu() -> HashMap<String, f64> {
    let mut found = HashMap::new();
    for task in std::fs::read_dir("/proc/self/task").unwrap().flatten() {
        let read = |name| std::fs::read_to_string(task.path().join(name)).unwrap_or_default();
        let (name, stat) = (read("comm").trim().to_owned(), read("stat"));
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks = |at: usize| fields.get(at).and_then(|ticks| ticks.parse::<f64>().ok()).unwrap_or_default();
        *found.entry(name).or_default() += (ticks(11) + ticks(12)) / 100.0;
    }
    found
}

#[cfg(not(target_os = "linux"))]
fn cpu() -> HashMap<String, f64> {
    HashMap::new()
}

struct Hand {
    share: FleetShare,
    next: u64,
    /// When each row was last asked about.
    since: HashMap<u64, Instant>,
}

fn quantiles(mut times: Vec<f64>) -> String {
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times.get((times.len() as f64 * share) as usize).copied().unwrap_or_default() * 1e3;
    format!("p50 {:.1} ms, p99 {:.1} ms", at(0.5), at(0.99))
}

#[test]
fn simulation() {
    let given = std::env::var("WENWEN_FLEET").unwrap_or_default();
    let number = |at: usize, usual: u64| given.split(',').nth(at).and_then(|text| text.parse().ok()).unwrap_or(usual);
    let (workers, rows, rate) = (number(0, 50), number(1, 20), number(2, 0));
    // Rows that a worker has at once.
    let ahead = number(3, 16).min(rows);
    let folder = Place::new();
    let threads = |name: &str| Builder::new_multi_thread().worker_threads(1).thread_name(name).enable_all().build();
    let (service, clients) = (threads("service").unwrap(), threads("clients").unwrap());
    let rpm = (rate > 0).then_some(rate as f64 * 60.0);
    let limits = KnownLimits { rpm, max_concurrency: Some(1 << 20), ..KnownLimits::default() };
    let governor = govern(&folder.store(), 0, GovernorOptions { limits, ..GovernorOptions::default() }, &service);
    let (tell, told) = channel();
    let target = Arc::new(Target { endpoint: endpoint::find("responses.create").unwrap(), ids: Vec::new() });
    let row = |worker: u64, seq: u64| JobRow {
        seq,
        hash: hash(&[format!("{worker} {seq}").as_bytes()]),
        key: None,
        target: Arc::clone(&target),
        body: Body::None,
        size: Size::default(),
        input: Bytes::new(),
        refused: None,
    };
    let body = Bytes::from(format!("{{\"output\": \"{}\"}}", "text ".repeat(260)));
    let mut hands: Vec<Hand> = (0..workers)
        .map(|worker| {
            let link = Link::new(place(&governor), clients.handle()).unwrap();
            let what = OpenJob { meta: Vec::new(), stops: true, fails_unknown: false, dedup: true };
            let tell = tell.clone();
            let share = link.open(what, Box::new(move |event| drop(tell.send((worker, event))))).unwrap();
            Hand { share, next: 0, since: HashMap::new() }
        })
        .collect();
    let (began, before) = (Instant::now(), cpu());
    for (worker, hand) in hands.iter_mut().enumerate() {
        for seq in 0..ahead {
            hand.share.claim(&row(worker as u64, seq));
            hand.since.insert(seq, Instant::now());
        }
        hand.next = ahead;
        hand.share.flush();
    }
    let (mut claims, mut leases, mut kept, mut done) = (Vec::new(), Vec::new(), Vec::new(), 0);
    while done < workers * rows {
        let (worker, event) = told.recv_timeout(Duration::from_secs(60)).expect("the governor goes on");
        let hand = &mut hands[worker as usize];
        let took = |hand: &mut Hand, seq| hand.since.insert(seq, Instant::now()).unwrap().elapsed().as_secs_f64();
        match event {
            ShareEvent::Claimed(rows) => {
                for claimed in rows {
                    claims.push(took(hand, claimed.seq));
                    assert!(claimed.found.is_none());
                    hand.share.want(claimed.seq, 1, Size::default(), false);
                }
            }
            ShareEvent::Committed(batch) => {
                for intent in batch.intended {
                    leases.push(took(hand, intent.seq));
                    let used = Some(Tokens { input: 100.0, output: 100.0 });
                    hand.share.ended(EndedAttempt {
                        seq: intent.seq,
                        number: intent.attempt,
                        end: AttemptEnd::Answered { tokens: Some(200.0) },
                        said: Said::default(),
                        cost: None,
                        mark: Mark::Keep,
                        size: Size::default(),
                        used,
                        refused: None,
                    });
                    let hash = row(worker, intent.seq).hash;
                    let record = Record { body: body.clone(), ..Record::new(intent.seq, hash, Status::Done) };
                    hand.share.settle(record, true);
                }
                for record in batch.settled {
                    kept.push(took(hand, record.seq));
                    hand.since.remove(&record.seq);
                    done += 1;
                    if hand.next < rows {
                        hand.share.claim(&row(worker, hand.next));
                        hand.since.insert(hand.next, Instant::now());
                        hand.next += 1;
                    }
                }
            }
            ShareEvent::Told(_) => {}
            ShareEvent::Halt(why) => panic!("{why:?}"),
        }
        hand.share.flush();
    }
    let (took, after) = (began.elapsed().as_secs_f64(), cpu());
    let total = (workers * rows) as f64;
    println!("{workers} workers, {rows} rows each, {rate}/s: {:.0} rows/s in {took:.1} s", total / took);
    println!("claims {}; leases {}; results {}", quantiles(claims), quantiles(leases), quantiles(kept));
    for name in ["wenwen-governor", "wenwen-ledger", "service"] {
        let used = after.get(name).unwrap_or(&0.0) - before.get(name).unwrap_or(&0.0);
        println!("{name}: {:.1} us a row, {:.0} % of a core", used * 1e6 / total, used / took * 100.0);
    }
    assert_eq!(governor.sums().unwrap().done, workers * rows);
    assert_eq!(governor.sums().unwrap().open, 0);
}
