//! What workers and governors say, and what nobody says.
use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
use wenwen::fleet::wire::{
    FleetSums, Halt, LARGEST, OpenJob, ToGovernor, ToWorker, Wire, greet, messages, read_frame, write_frame,
};
use wenwen::jobs::budget::{Price, Size, Tokens};
use wenwen::jobs::ledger::{Record, Status};
use wenwen::jobs::limiter::AttemptEnd;
use wenwen::jobs::limiter::said::{NamedQuota, Rate, Said, Unit};
use wenwen::jobs::runner::{EndedAttempt, Mark};

fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

fn record() -> Record {
    Record {
        key: Some("é".into()),
        cost: Some(0.25),
        output_tokens: Some(7),
        elapsed: Some(1.5),
        media: Some(String::new()),
        body: Bytes::from_static(b"{\"a\": \"\xff\"}"),
        input: Bytes::from_static(b"1"),
        error: Some("why".into()),
        ..Record::new(3, [9; 16], Status::Again)
    }
}

fn to_governor() -> Vec<ToGovernor> {
    let quota = |quota| Said { quota: Some(quota), ..Said::default() };
    let rate = Rate { count: 5.0, span: 60.0 };
    let ended = |end, said, mark| {
        let size = Size { bytes: 10, tokens: 1.0, max_output: Some(4.0) };
        let (cost, used) = (Some(0.5), Some(Tokens { input: 1.0, output: 2.0 }));
        let refused = Some("{}".into());
        ToGovernor::Ended { attempt: EndedAttempt { seq: 1, number: 2, end, said, cost, mark, size, used, refused } }
    };
    let meta = vec![("model".to_owned(), ("gpt-5".to_owned(), true))];
    vec![
        ToGovernor::Open { job: 1, what: OpenJob { meta, stops: true, fails_unknown: false, dedup: true } },
        ToGovernor::Claim { job: 1, seq: 2, hash: [7; 16], key: None, had: Some(4) },
        ToGovernor::Replayed { job: 1 },
        ToGovernor::Want { id: 1, attempt: 3, size: Size::default(), first: true },
        ended(AttemptEnd::Refused, quota(NamedQuota::Day), Mark::Forget),
        ended(AttemptEnd::Lost, quota(NamedQuota::AtOnce(Some(5))), Mark::Doubt),
        ended(
            AttemptEnd::Answered { tokens: Some(3.0) },
            Said { requests: Some(rate), ..quota(NamedQuota::Rate { unit: Unit::Tokens, rate, failed: true }) },
            Mark::Keep,
        ),
        ToGovernor::Settle { job: 1, seq: 2, id: 3, record: Box::new(record()), last: true },
        ToGovernor::Fail { id: 3, error: "no".into() },
        ToGovernor::Input { id: 3, input: Bytes::from_static(b"[]") },
        ToGovernor::Free { id: 3 },
        ToGovernor::Close { job: 1 },
        ToGovernor::Read { question: 1, ids: vec![1, u64::MAX] },
        ToGovernor::Status { question: 2 },
        ToGovernor::Ping {},
    ]
}

fn to_worker() -> Vec<ToWorker> {
    let price = Price { call: 0.5, ..Price::new(0.25, 2.0) };
    vec![
        ToWorker::Opened { job: 1, price: Some(price) },
        ToWorker::Refused { job: 1, why: "no".into() },
        ToWorker::Claimed { job: 1, seq: 2, id: 3, found: Some(Box::new(record())), own: true, unknown: false },
        ToWorker::Granted { job: 1, seq: 2, attempt: 1 },
        ToWorker::Kept { job: 1, seq: 2 },
        ToWorker::Told { held: Some(2), stall: Some(30.0), listens: true },
        ToWorker::Halt { job: 1, why: Halt::Budget { spent: 1.0, limit: 1.5 } },
        ToWorker::Halt { job: 1, why: Halt::Refused { error: "{}".into() } },
        ToWorker::Halt { job: 1, why: Halt::Store { why: "full".into() } },
        ToWorker::Rows { question: 1, records: vec![record(), record()] },
        ToWorker::Status { question: 1, status: FleetSums { workers: 3, ..FleetSums::default() } },
        ToWorker::Pong {},
    ]
}

fn frame<T: Wire>(said: &[T]) -> Vec<u8> {
    let mut frame = Vec::new();
    said.iter().for_each(|message| message.put(&mut frame));
    frame
}

#[test]
fn what_is_said_is_heard() {
    assert_eq!(messages::<ToGovernor>(frame(&to_governor()).into()).unwrap(), to_governor());
    assert_eq!(messages::<ToWorker>(frame(&to_worker()).into()).unwrap(), to_worker());
}

/// Cut, changed and made up: a message or none, and never a panic or memory that is not there.
#[test]
fn any_bytes_are_messages_or_none() {
    let whole = frame(&to_governor());
    for end in 0..whole.len() {
        let _ = messages::<ToGovernor>(Bytes::copy_from_slice(&whole[..end]));
    }
    let mut state = 1_u64;
    for at in 0..whole.len() {
        for _ in 0..8 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let mut changed = whole.clone();
            changed[at] = (state >> 56) as u8;
            let _ = messages::<ToGovernor>(changed.clone().into());
            let _ = messages::<ToWorker>(changed.into());
        }
    }
    // Lists and texts that say that they are endless.
    for head in [vec![10, 1, 0, 0, 0, 255, 255, 255, 255], vec![6, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255]] {
        assert_eq!(messages::<ToGovernor>(head.into()), None);
    }
}

#[test]
fn frames_are_packed_where_they_go_far() {
    for (far, text) in [(false, vec![7; 100_000]), (true, vec![7; 100_000]), (true, vec![1, 2, 3]), (true, Vec::new())]
    {
        let (mut one, mut other) = duplex(1 << 20);
        run(async {
            write_frame(&mut one, text.clone(), far).await.unwrap();
            assert_eq!(read_frame(&mut other).await.unwrap(), text);
        });
        let (mut one, mut other) = duplex(1 << 20);
        let size = run(async {
            write_frame(&mut one, text.clone(), far).await.unwrap();
            drop(one);
            let mut all = Vec::new();
            other.read_to_end(&mut all).await.unwrap()
        });
        assert_eq!(size < text.len(), far && text.len() > 10, "{size}");
    }
}

#[test]
fn frames_of_nobody_are_refused() {
    let told = |bytes: Vec<u8>| {
        let (mut one, mut other) = duplex(1 << 16);
        run(async {
            one.write_all(&bytes).await.unwrap();
            drop(one);
            read_frame(&mut other).await.unwrap_err().to_string()
        })
    };
    let large = u32::try_from(LARGEST + 1).unwrap();
    assert!(told([&large.to_le_bytes()[..], &[0]].concat()).contains("no worker's"));
    assert!(told(vec![1, 0, 0, 0, 9, 1]).contains("no worker's"));
    // What is announced takes no memory.
    assert!(told([&(600_u32 << 20).to_le_bytes()[..], &[0], b"abc"].concat()).contains("end of file"));
    assert!(!told(vec![2, 0, 0, 0, 1, 255, 255]).is_empty());
}

#[test]
fn both_know_the_token_or_neither_hears_more() {
    let meet = |one: &'static str, other: &'static str| {
        let (mut governor, mut worker) = duplex(1 << 10);
        run(async {
            let listening = async {
                let met = greet(&mut governor, one, None).await;
                drop(governor);
                met
            };
            tokio::join!(listening, greet(&mut worker, other, Some([5; 16])))
        })
    };
    let (governor, worker) = meet("secret", "secret");
    assert_eq!((governor.unwrap(), worker.unwrap()), ([5; 16], [5; 16]));
    let (governor, worker) = meet("secret", "guessed");
    assert!(governor.is_err());
    assert!(worker.unwrap_err().to_string().contains("the token is another"));
    // Whoever does not know it learns nothing from what was said before: the numbers are new each time.
    let heard = || {
        let (mut governor, mut stranger) = duplex(1 << 10);
        run(async {
            let listening = greet(&mut governor, "secret", None);
            let asking = async {
                let mut greeting = [0; 42];
                stranger.read_exact(&mut greeting).await.unwrap();
                stranger.write_all(&greeting).await.unwrap(); // its own, back
                stranger.write_all(&[0; 48]).await.unwrap();
                let mut rest = Vec::new();
                stranger.shutdown().await.unwrap();
                let _ =
                    tokio::time::timeout(std::time::Duration::from_millis(50), stranger.read_to_end(&mut rest)).await;
                (greeting, rest)
            };
            let (met, heard) = tokio::join!(listening, asking);
            assert!(met.is_err());
            heard
        })
    };
    let ((one, rest), (other, _)) = (heard(), heard());
    assert_ne!(one, other);
    assert!(rest.is_empty());
    // Another protocol, another version.
    let (mut governor, mut worker) = duplex(1 << 10);
    let why = run(async {
        governor.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n").await.unwrap();
        greet(&mut worker, "secret", Some([5; 16])).await.unwrap_err()
    });
    assert!(why.to_string().contains("no governor of wenwen"), "{why}");
    let (mut governor, mut worker) = duplex(1 << 10);
    let why = run(async {
        governor.write_all(&[b"wenwenJ\n\x09\0".as_slice(), &[1; 32]].concat()).await.unwrap();
        greet(&mut worker, "secret", Some([5; 16])).await.unwrap_err()
    });
    assert!(why.to_string().contains("version 9"), "{why}");
}
