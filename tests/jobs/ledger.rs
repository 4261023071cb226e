//! The ledger of jobs: what was handed over is on disk, whatever happens to the process.
use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use bytes::Bytes;
use rusqlite::Connection;
use wenwen::jobs::ledger::{
    Committed, Durability, Intent, Known, Ledger, LedgerFailure, LedgerOptions, LedgerReader, Record, Status, VERSION,
    hash,
};

/// A folder of its own, removed at the end.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("wenwen-ledger-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn open_with(path: &Path, options: LedgerOptions) -> Result<(Ledger, Receiver<Committed>), LedgerFailure> {
    let (sender, receiver) = channel();
    let notify = Box::new(move |committed| {
        let _ = sender.send(committed);
    });
    Ledger::open(path, options, notify).map(|ledger| (ledger, receiver))
}

fn open(path: &Path) -> (Ledger, Receiver<Committed>) {
    open_with(path, LedgerOptions::default()).unwrap()
}

fn record(seq: u64, body: &str) -> Record {
    let body = Bytes::copy_from_slice(body.as_bytes());
    Record {
        cost: Some(0.5),
        input_tokens: Some(3),
        body,
        ..Record::new(seq, hash(&[&seq.to_le_bytes()]), Status::Done)
    }
}

/// What was read, without when it was written.
fn undated(records: impl IntoIterator<Item = Record>) -> Vec<Record> {
    let undated = |record: Record| {
        assert!(record.ended.is_some());
        Record { ended: None, ..record }
    };
    records.into_iter().map(undated).collect()
}

/// Waits until so many rows were committed.
fn settled(receiver: &Receiver<Committed>, count: usize) -> Vec<Record> {
    let mut records = Vec::new();
    while records.len() < count {
        let committed = receiver.recv_timeout(Duration::from_secs(20)).unwrap();
        assert_eq!(committed.failure, None);
        records.extend(committed.settled);
    }
    records
}

fn is_sound(path: &Path) -> bool {
    let connection = Connection::open(path).unwrap();
    connection.query_row("PRAGMA integrity_check", [], |row| row.get::<_, String>(0)).unwrap() == "ok"
}

#[test]
fn what_is_written_is_read_again() {
    let folder = Folder::new();
    let path = folder.file("a.db");
    let (ledger, receiver) = open(&path);
    let long = "Lorem ipsum dolor sit amet. ".repeat(2000);
    let noise: Vec<u8> = (0..40_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let failed = Record {
        error: Some("{\"status\":400}".into()),
        key: Some("k".into()),
        cost: None,
        billed: 1,
        ..Record::new(2, hash(&[b"x"]), Status::Failed)
    };
    let records = [
        record(0, r#"{"id":"r","output":"甲 and NUL-free"}"#),
        record(1, &long),
        failed,
        Record { body: Bytes::from(noise), ..record(7, "") },
        Record { body: Bytes::from_static(b"\0\xff\0"), ..record(8, "") },
        Record { body: Bytes::from_static(b"a\0b"), input: Bytes::from_static(b"[1]"), ..record(9, "") },
    ];
    for record in &records {
        ledger.intend(Intent { seq: record.seq, attempt: 1, cost: Some(0.1), name: None });
        ledger.settle(record.clone());
    }
    assert_eq!(settled(&receiver, records.len()), records);
    assert_eq!(undated(ledger.read(0, 100).unwrap()), records);
    assert_eq!(undated(ledger.read(7, 1).unwrap()), records[3..4]);
    let known: Vec<Known> =
        records.iter().map(|record| Known { seq: record.seq, hash: record.hash, status: record.status }).collect();
    assert_eq!(ledger.known(0, 100).unwrap(), known);
    assert_eq!(ledger.known(2, 2).unwrap(), known[2..4]);
    assert_eq!(undated(ledger.find(records[1].hash).unwrap()), records[1..2]);
    assert_eq!(ledger.find([9; 16]).unwrap(), None);
    assert_eq!(undated(ledger.find_key("k".into()).unwrap()), records[2..3]);
    let sums = ledger.sums().unwrap();
    assert_eq!((sums.done, sums.failed, sums.inflight, sums.unknown), (5, 1, 0, 0));
    assert_eq!((sums.cost, sums.input_tokens), (2.5, 15));
    ledger.set_meta("model", "gpt-5").unwrap();
    assert_eq!(ledger.meta("model").unwrap().as_deref(), Some("gpt-5"));
    // While it is open, others may look.
    let people = Connection::open(&path).unwrap();
    let shown = people.query_row("SELECT body FROM rows WHERE seq = 0", [], |row| row.get::<_, String>(0)).unwrap();
    assert_eq!(shown.as_bytes(), &records[0].body[..]);
    drop(people);
    ledger.close().unwrap();
    assert!(is_sound(&path));
    assert!(fs::metadata(&path).unwrap().len() < 120_000, "large texts are compressed");
    let left: Vec<_> = fs::read_dir(&folder.0).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["a.db"], "nothing lies beside it");
    let (ledger, _) =
        open_with(&path, LedgerOptions { durability: Durability::Power, ..LedgerOptions::default() }).unwrap();
    assert_eq!(undated(ledger.read(0, 100).unwrap()), records);
}

#[test]
fn answers_that_did_not_fit_are_kept() {
    let folder = Folder::new();
    let path = folder.file("a.db");
    let (ledger, receiver) = open(&path);
    ledger.settle(record(0, "first"));
    // All that was used and paid is in the newer one.
    ledger.settle(Record { tries: 1, attempts: 2, cost: Some(1.0), ..record(0, "second") });
    ledger.settle(record(1, "other"));
    settled(&receiver, 3);
    ledger.fail(1, "{}".into());
    ledger.set_input(1, Bytes::from_static(b"{\"a\":1}"));
    let reader = LedgerReader::open(&path).unwrap();
    let sums = ledger.sums().unwrap();
    assert_eq!((sums.done, sums.failed, sums.cost), (1, 1, 1.5));
    assert_eq!(reader.sums().unwrap(), sums);
    let rows = reader.read(0, 9).unwrap();
    assert_eq!((rows[0].tries, &rows[0].body[..]), (1, &b"second"[..]));
    assert_eq!(
        (rows[1].status, rows[1].error.as_deref(), &rows[1].input[..]),
        (Status::Failed, Some("{}"), &b"{\"a\":1}"[..])
    );
    let people = Connection::open(&path).unwrap();
    let kept = people.query_row("SELECT body, cost FROM tries", [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    assert_eq!(kept, (String::from("first"), 0.5));
    assert_eq!(ledger.retry_errors().unwrap(), 1);
    assert_eq!(reader.known(1, 1).unwrap()[0].status, Status::Again);
    assert!(LedgerReader::open(&folder.file("none.db")).is_err());
    assert!(!folder.file("none.db").exists());
}

#[test]
fn a_row_whose_place_is_taken_is_still_found() {
    let folder = Folder::new();
    let path = folder.file("a.db");
    let (ledger, receiver) = open(&path);
    let old = Record { key: Some("old".into()), ..record(0, "old") };
    ledger.settle(old.clone());
    settled(&receiver, 1);
    drop(ledger);
    // The next job has another row there, and asks it twice.
    let (ledger, receiver) = open(&path);
    let new = Record { hash: hash(&[b"changed"]), ..record(0, "new") };
    ledger.settle(new.clone());
    ledger.settle(new.clone());
    settled(&receiver, 2);
    assert_eq!(undated(ledger.read(0, 9).unwrap()), [new]);
    assert_eq!(undated(ledger.find(old.hash).unwrap()), std::slice::from_ref(&old));
    assert_eq!(undated(ledger.find_key("old".into()).unwrap()), [old]);
    assert_eq!(ledger.sums().unwrap().done, 1);
}

#[test]
fn what_was_in_flight_is_found_and_listed() {
    let folder = Folder::new();
    let path = folder.file("a.db");
    let (ledger, receiver) = open(&path);
    for seq in 0..3 {
        ledger.intend(Intent { seq, attempt: 1, cost: Some(0.25), name: None });
    }
    ledger.settle(record(1, "here"));
    ledger.intend(Intent { seq: 5, attempt: 2, cost: None, name: None });
    ledger.forget(2);
    settled(&receiver, 1);
    assert_eq!(ledger.sums().unwrap().inflight, 2);
    ledger.close().unwrap();
    let (ledger, receiver) = open(&path);
    let unknown = ledger.unknown().unwrap();
    let short: Vec<_> = unknown.iter().map(|unknown| (unknown.seq, unknown.attempt, unknown.cost)).collect();
    assert_eq!(short, [(0, 1, Some(0.25)), (5, 2, None)]);
    // That it ends well later changes nothing about what it may have cost.
    ledger.intend(Intent { seq: 0, attempt: 1, cost: Some(0.25), name: None });
    ledger.settle(record(0, "again"));
    settled(&receiver, 1);
    let sums = ledger.sums().unwrap();
    assert_eq!((sums.inflight, sums.unknown, sums.unknown_cost, sums.done), (0, 2, 0.25, 2));
}

#[test]
fn hashes_tell_parts_apart() {
    assert_ne!(hash(&[b"ab", b"c"]), hash(&[b"a", b"bc"]));
    assert_ne!(hash(&[b"", b"a"]), hash(&[b"a"]));
    assert_eq!(hash(&[b"a", b"b"]), hash(&[b"a", b"b"]));
}

#[test]
fn a_second_process_is_refused_with_the_number_of_the_first() {
    let folder = Folder::new();
    let path = folder.file("a.db");
    let (ledger, _) = open(&path);
    let pid = std::process::id();
    // The same process counts as another.
    let failure = open_with(&path, LedgerOptions::default()).unwrap_err();
    assert_eq!(failure, LedgerFailure::Used { pid: Some(pid) });
    assert!(failure.to_string().contains(&format!("process {pid}")), "{failure}");
    let output = child("second", &path).output().unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).contains(&format!("refused: {pid}")), "{output:?}");
    drop(ledger);
    assert!(String::from_utf8_lossy(&child("second", &path).output().unwrap().stdout).contains("opened"));
}

#[test]
fn a_full_disk_keeps_everything() {
    let folder = Folder::new();
    let path = folder.file("a.db");
    let (ledger, receiver) =
        open_with(&path, LedgerOptions { max_pages: Some(40), ..LedgerOptions::default() }).unwrap();
    let body = "x".repeat(3000);
    let (mut sent, mut kept) = (0, 0);
    let failure = loop {
        ledger.intend(Intent { seq: sent, attempt: 1, cost: None, name: None });
        ledger.settle(record(sent, &body));
        sent += 1;
        let committed = receiver.recv_timeout(Duration::from_secs(20)).unwrap();
        // On a full disk there may be room for what is paid for, and for no more.
        kept += committed.settled.len() as u64;
        if let Some(failure) = committed.failure {
            break failure;
        }
        assert!(sent < 100);
    };
    assert_eq!(failure, LedgerFailure::Full);
    assert!(kept > 5);
    // What was still on its way then is tried again, and told of when it is on disk.
    let end = Instant::now() + Duration::from_secs(20);
    let mut stored = 0;
    while Instant::now() < end {
        kept += receiver.try_iter().map(|committed| committed.settled.len() as u64).sum::<u64>();
        stored = ledger.read(0, 100).unwrap().len() as u64;
        if stored == kept {
            break;
        }
    }
    assert_eq!(stored, kept);
    ledger.settle(record(sent, &"x".repeat(9000)));
    assert_eq!(ledger.close(), Err(LedgerFailure::Full));
    // With room again the job goes on.
    let (ledger, receiver) = open(&path);
    ledger.settle(record(sent, &body));
    settled(&receiver, 1);
    assert_eq!(ledger.sums().unwrap().done, kept + 1);
    drop(ledger);
    assert!(is_sound(&path));
}

#[test]
fn what_waits_for_room_is_written_when_there_is_some() {
    let folder = Folder::new();
    let path = folder.file("a.db");
    let (ledger, receiver) =
        open_with(&path, LedgerOptions { max_pages: Some(16), ..LedgerOptions::default() }).unwrap();
    ledger.settle(record(0, &"x".repeat(15_000)));
    settled(&receiver, 1);
    ledger.settle(record(1, &"y".repeat(15_900)));
    ledger.settle(record(2, &"z".repeat(15_900)));
    let mut seqs = BTreeSet::new();
    loop {
        let committed = receiver.recv_timeout(Duration::from_secs(20)).unwrap();
        seqs.extend(committed.settled.iter().map(|record| record.seq));
        if committed.failure.is_some() {
            break;
        }
    }
    Connection::open(&path).unwrap().execute("DELETE FROM rows WHERE seq = 0", []).unwrap();
    while seqs.len() < 2 {
        let committed = receiver.recv_timeout(Duration::from_secs(20)).unwrap();
        seqs.extend(committed.settled.iter().map(|record| record.seq));
    }
    assert_eq!(ledger.known(0, 9).unwrap().iter().map(|known| known.seq).collect::<BTreeSet<_>>(), seqs);
}

#[test]
fn files_that_are_no_ledger_are_refused() {
    let folder = Folder::new();
    let refused = |name: &str| open_with(&folder.file(name), LedgerOptions::default()).unwrap_err();
    fs::write(folder.file("text"), "name,review\n".repeat(500)).unwrap();
    assert!(matches!(refused("text"), LedgerFailure::NoStore(_)), "{}", refused("text"));
    Connection::open(folder.file("other")).unwrap().execute_batch("CREATE TABLE reviews (text)").unwrap();
    assert!(matches!(refused("other"), LedgerFailure::NoStore(_)), "{}", refused("other"));
    assert!(matches!(refused("missing/a.db"), LedgerFailure::Disk(_)), "{}", refused("missing/a.db"));
    fs::create_dir(folder.file("folder")).unwrap();
    assert!(matches!(refused("folder"), LedgerFailure::Disk(_)), "{}", refused("folder"));
    drop(open(&folder.file("newer")).0);
    Connection::open(folder.file("newer")).unwrap().pragma_update(None, "user_version", VERSION + 1).unwrap();
    assert_eq!(refused("newer"), LedgerFailure::Newer { found: VERSION + 1 });
    // Nothing was changed by the refusal, and an empty file is as good as none.
    assert_eq!(fs::read(folder.file("text")).unwrap().len(), 6000);
    fs::write(folder.file("empty"), "").unwrap();
    drop(open(&folder.file("empty")).0);
    // Half of a ledger.
    let (ledger, receiver) = open(&folder.file("torn"));
    (0..200).for_each(|seq| ledger.settle(record(seq, &"x".repeat(1000))));
    settled(&receiver, 200);
    ledger.close().unwrap();
    let whole = fs::read(folder.file("torn")).unwrap();
    fs::write(folder.file("torn"), &whole[..whole.len() / 2]).unwrap();
    match open_with(&folder.file("torn"), LedgerOptions::default()) {
        Err(failure) => assert!(matches!(failure, LedgerFailure::NoStore(_)), "{failure}"),
        Ok((ledger, _)) => {
            let failure = ledger.read(0, 1000).unwrap_err();
            assert!(matches!(failure, LedgerFailure::NoStore(_)), "{failure}");
        }
    }
}

/// This test binary again, to run `played` in.
fn child(role: &str, path: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "ledger::played", "--nocapture"]).env("LEDGER_ROLE", role).env("LEDGER_PATH", path);
    command.stdin(Stdio::null()).stderr(Stdio::null());
    command
}

/// What the children of other tests do; without a role nothing.
#[test]
fn played() {
    let Ok(role) = std::env::var("LEDGER_ROLE") else { return };
    let path = PathBuf::from(std::env::var_os("LEDGER_PATH").unwrap());
    match &*role {
        "second" => match open_with(&path, LedgerOptions::default()) {
            Ok(_) => println!("opened"),
            Err(LedgerFailure::Used { pid }) => println!("refused: {}", pid.unwrap()),
            Err(failure) => println!("{failure}"),
        },
        "job" => work(&path),
        other => panic!("{other}"),
    }
}

/// A job that sends 64 rows at once and writes down what it sent and what it handed over, until it is killed.
fn work(path: &Path) {
    let appended = |name: &str| OpenOptions::new().create(true).append(true).open(path.with_extension(name)).unwrap();
    let (mut sent, mut handed) = (appended("sent"), appended("handed"));
    let (ledger, receiver) = open(path);
    // Merged with what is there, in its order.
    let (mut next, mut known) = (0, ledger.known(0, 1_000_000).unwrap().into_iter().peekable());
    let mut intend = || {
        while known.next_if(|known| known.seq == next).is_some() {
            next += 1;
        }
        ledger.intend(Intent { seq: next, attempt: 1, cost: Some(0.01), name: None });
        next += 1;
    };
    (0..64).for_each(|_| intend());
    while let Ok(committed) = receiver.recv() {
        for intent in committed.intended {
            sent.write_all(format!("{}\n", intent.seq).as_bytes()).unwrap();
            ledger.settle(record(intent.seq, &format!("reply {}", intent.seq)));
        }
        for record in committed.settled {
            handed.write_all(format!("{}\n", record.seq).as_bytes()).unwrap();
            intend();
        }
    }
}

/// Whole lines; the last may be cut off.
fn lines(path: &Path) -> Vec<u64> {
    let text = fs::read_to_string(path).unwrap_or_default();
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    whole.lines().map(|line| line.parse().unwrap()).collect()
}

#[test]
fn a_hundred_kills_lose_nothing_that_was_handed_over() {
    let folder = Folder::new();
    let path = folder.file("a.db");
    let (mut random, mut before) = (0x9E37_79B9_7F4A_7C15_u64, 0);
    for round in 0..100 {
        let mut child = child("job", &path).stdout(Stdio::null()).spawn().unwrap();
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        // From before it has opened to long after; now and then it gets far.
        let pause = (random >> 33) % if round % 10 == 0 { 150_000 } else { 30_000 };
        std::thread::sleep(Duration::from_micros(pause));
        child.kill().unwrap();
        child.wait().unwrap();
        // A reader of its own: it takes up the WAL as any next job would.
        if round % 10 == 9 {
            assert!(is_sound(&path), "round {round}");
        }
        before = before.max(lines(&path.with_extension("handed")).len());
    }
    assert!(before > 100, "it got nowhere: {before}");
    let (ledger, _) = open(&path);
    let stored: BTreeSet<u64> = ledger.known(0, 1_000_000).unwrap().iter().map(|known| known.seq).collect();
    let handed = lines(&path.with_extension("handed"));
    assert!(handed.iter().all(|seq| stored.contains(seq)), "handed over and not stored");
    let once: BTreeSet<u64> = handed.iter().copied().collect();
    assert_eq!(once.len(), handed.len(), "handed over twice");
    // Sent twice, or sent for nothing: each is listed, and no more than 64 a kill are.
    let sent = lines(&path.with_extension("sent"));
    let listed: Vec<u64> = ledger.unknown().unwrap().iter().map(|unknown| unknown.seq).collect();
    let count = |all: &[u64], seq: u64| all.iter().filter(|other| **other == seq).count();
    for seq in sent.iter().copied().collect::<BTreeSet<_>>() {
        let paid_in_vain = count(&sent, seq) - usize::from(stored.contains(&seq));
        assert!(paid_in_vain <= count(&listed, seq), "row {seq}");
    }
    assert!(listed.len() <= 64 * 100);
    for record in ledger.read(0, 1000).unwrap() {
        assert_eq!(record.body, format!("reply {}", record.seq).as_bytes());
    }
    drop(ledger);
    assert!(is_sound(&path));
}
