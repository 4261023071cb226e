//! The service that has a fleet's ledger, limiter and budget. One thread decides everything, told by messages what has
//! happened; connections are tokio's. What is said to a worker is on disk before.
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tokio::io::{AsyncRead, AsyncWrite, split};
use tokio::runtime::Handle;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{Semaphore, oneshot};
use tokio::time::timeout;

use crate::jobs::budget::{Budget, Estimator, Price, Short, Size};
use crate::jobs::ledger::{
    Committed, Durability, FoundRow, Hash, Intent, Ledger, LedgerFailure, LedgerOptions, Record, SoughtRow, Status,
    hash,
};
use crate::jobs::limiter::said::Said;
use crate::jobs::limiter::{AttemptEnd, KnownLimits, Limiter};
use crate::jobs::runner::{Denied, EndedAttempt, HeldPass, Hold, Mark, OwnMeans, seed};

use super::SILENCE;
use super::tls::GovernorIdentity;
use super::wire::{FleetSums, Halt, OpenJob, ToGovernor, ToWorker, Wire, greet, messages, read_frame, write_frame};

/// A worker that is not back within that is lost.
pub const GRACE: Duration = Duration::from_secs(5);
/// What a worker gets in its turn is what the fleet lets through in that time, shared by those that want some.
const LEASE: Duration = Duration::from_millis(250);
/// Where more is let through than 200 a second, it is looked no oftener: the limiter keeps what comes in 20 ms.
const STEP: Duration = Duration::from_millis(4);
/// How often workers are told what holds the fleet back, if that has changed.
const TELL: Duration = Duration::from_millis(500);
/// Jobs that begin so soon after there was no money are told so, rather than asking again.
const EXHAUSTED: Duration = Duration::from_secs(60);
/// Found in flight of late, by the last governor too: that may have been lost before their workers were back.
const RECENT: Duration = Duration::from_secs(60);
/// Connections that have not proved yet that they know the token, and for how long.
const STRANGERS: usize = 256;
const PROVED: Duration = Duration::from_secs(10);

#[derive(Debug, Clone, Default)]
pub struct GovernorOptions {
    pub limits: KnownLimits,
    pub budget: Option<f64>,
    pub price: Option<Price>,
    pub durability: Durability,
    /// A certificate and its key, both PEM.
    pub identity: Option<(String, String)>,
}

type Question = Box<dyn FnOnce(&mut FleetState) + Send>;

enum GovernorEvent {
    Joined(u64, Hash, UnboundedSender<Vec<u8>>),
    Said(u64, Vec<ToGovernor>),
    Left(u64),
    Found(Vec<u64>, Result<Vec<FoundRow>, LedgerFailure>),
    Read(Hash, u32, Vec<Record>),
    Committed(Committed),
    Asked(Question),
    Close,
}

pub struct Governor {
    address: SocketAddr,
    path: PathBuf,
    events: Sender<GovernorEvent>,
    thread: Option<JoinHandle<Result<(), LedgerFailure>>>,
    /// Ends the listener, and is told when that was.
    listening: Option<(oneshot::Sender<()>, Receiver<()>)>,
}

impl Governor {
    /// Opens the store and listens.
    pub fn start(
        path: &Path,
        host: &str,
        port: u16,
        token: &str,
        options: GovernorOptions,
        runtime: &Handle,
    ) -> Result<Self, LedgerFailure> {
        let failed = |why: io::Error| {
            LedgerFailure::Governor(format!("the governor cannot listen on {host}:{port}: {why}; choose another port"))
        };
        let identity = options.identity.as_ref().map(|(certificate, key)| GovernorIdentity::of(certificate, key));
        let identity = identity.transpose().map_err(LedgerFailure::Governor)?;
        let (events, queue) = channel();
        let committed = events.clone();
        let notify = Box::new(move |batch| {
            let _ = committed.send(GovernorEvent::Committed(batch));
        });
        let disk = LedgerOptions { durability: options.durability, fleet: true, ..LedgerOptions::default() };
        let state = FleetState::new(Ledger::open(path, disk, notify)?, options, events.clone())?;
        let listener = TcpListener::bind((host, port)).map_err(failed)?;
        listener.set_nonblocking(true).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let listener = {
            let _inside = runtime.enter();
            tokio::net::TcpListener::from_std(listener).map_err(failed)?
        };
        let thread = std::thread::Builder::new().name("wenwen-governor".into()).spawn(move || state.run(&queue));
        let thread = Some(thread.map_err(|why| LedgerFailure::Disk(format!("no thread: {why}")))?);
        let (stop, stopped) = oneshot::channel();
        let (ended, end) = channel::<()>();
        let listening = listen(listener, token.into(), identity, events.clone(), stopped);
        runtime.spawn(async move {
            listening.await;
            drop(ended);
        });
        Ok(Self { address, path: path.to_owned(), events, thread, listening: Some((stop, end)) })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// None once it was closed.
    pub fn sums(&self) -> Option<FleetSums> {
        let (reply, answer) = channel();
        let question: Question = Box::new(move |state| {
            let _ = reply.send(state.sums());
        });
        self.events.send(GovernorEvent::Asked(question)).ok()?;
        answer.recv().ok()
    }

    /// Lets nothing more be sent, and closes the store. What is in flight is unknown to it, unless its worker meets the
    /// next governor on this store.
    pub fn close(&mut self) -> Result<(), LedgerFailure> {
        if let Some((stop, end)) = self.listening.take() {
            drop(stop);
            // The port is free for the next one.
            let _ = end.recv_timeout(Duration::from_secs(1));
        }
        let _ = self.events.send(GovernorEvent::Close);
        self.thread.take().map_or(Ok(()), |thread| {
            thread.join().unwrap_or_else(|_| Err(LedgerFailure::Disk("the governor's thread has ended".into())))
        })
    }
}

impl Drop for Governor {
    fn drop(&mut self) {
        let _ = self.close();
    }
}

async fn listen(
    listener: tokio::net::TcpListener,
    token: Arc<str>,
    identity: Option<GovernorIdentity>,
    events: Sender<GovernorEvent>,
    mut stop: oneshot::Receiver<()>,
) {
    let strangers = Arc::new(Semaphore::new(STRANGERS));
    for number in 0.. {
        let accepted = tokio::select! {
            biased;
            _ = &mut stop => return,
            accepted = listener.accept() => accepted,
        };
        // Out of descriptors, most likely: they come back when connections close.
        let Ok((stream, peer)) = accepted else {
            tokio::time::sleep(Duration::from_millis(5)).await;
            continue;
        };
        let _ = stream.set_nodelay(true);
        let Ok(unproved) = Arc::clone(&strangers).try_acquire_owned() else { continue };
        let (token, events, identity) = (Arc::clone(&token), events.clone(), identity.clone());
        tokio::spawn(async move {
            let far = !peer.ip().is_loopback();
            let proved = timeout(PROVED, async {
                let mut stream = match identity {
                    Some(identity) => identity.accept(stream).await?,
                    None => Box::new(stream) as Box<dyn Duplex>,
                };
                let session = greet(&mut stream, &token, None).await?;
                Ok::<_, io::Error>((stream, session))
            });
            let Ok(Ok((stream, session))) = proved.await else { return };
            drop(unproved);
            attend(stream, number, session, &events, far).await;
            let _ = events.send(GovernorEvent::Left(number));
        });
    }
}

/// A connection, with or without TLS.
pub trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Duplex for S {}

/// Until either end is gone.
async fn attend(stream: Box<dyn Duplex>, number: u64, session: Hash, events: &Sender<GovernorEvent>, far: bool) {
    let (out, queue) = unbounded_channel();
    let _ = events.send(GovernorEvent::Joined(number, session, out));
    let (mut from, to) = split(stream);
    let reading = async {
        // One that says what is none is not heard any more.
        while let Ok(Ok(frame)) = timeout(SILENCE, read_frame(&mut from)).await
            && let Some(said) = messages(frame)
            && events.send(GovernorEvent::Said(number, said)).is_ok()
        {}
    };
    tokio::select! {
        () = reading => {}
        () = writing(to, queue, far) => {}
    }
}

/// Until there is nobody who says something. What is there goes out as one frame.
async fn writing<W: AsyncWrite + Unpin>(mut to: W, mut queue: UnboundedReceiver<Vec<u8>>, far: bool) {
    while let Some(mut frame) = queue.recv().await {
        while frame.len() < 1 << 20
            && let Ok(more) = queue.try_recv()
        {
            frame.extend_from_slice(&more);
        }
        if write_frame(&mut to, frame, far).await.is_err() {
            return;
        }
    }
}

/// A worker: a process, whatever connection it has now.
struct Sitting {
    number: u64,
    out: Option<UnboundedSender<Vec<u8>>>,
    lost: Option<Instant>,
    said: Vec<u8>,
    jobs: HashMap<u32, FleetJob>,
    /// Rows that may be sent when it is their turn.
    wants: VecDeque<u64>,
    /// Whether it stands in the line.
    in_line: bool,
}

struct FleetJob {
    what: OpenJob,
    rows: HashMap<u64, u64>,
}

struct Grant {
    attempt: u32,
    pass: HeldPass,
    committed: bool,
    told: bool,
}

enum Stage {
    /// The ledger is asked.
    Looking,
    Claimed,
    Wanted {
        attempt: u32,
        size: Size,
    },
    Granted(Grant),
    Settling {
        last: bool,
    },
}

/// Whoever asks for a row.
#[derive(Clone)]
struct Claimant {
    session: Hash,
    job: u32,
    seq: u64,
    hash: Hash,
    key: Option<String>,
    had: Option<u64>,
}

impl Claimant {
    fn is(&self, other: &Self) -> bool {
        (self.session, self.job, self.seq) == (other.session, other.job, other.seq)
    }
}

/// A row that a worker has.
struct HeldRow {
    of: Claimant,
    name: Hash,
    content: Hash,
    stage: Stage,
    waiters: Vec<Claimant>,
    /// As what it is counted among those that have ended, and the tries of that.
    counted: Option<(Status, u32)>,
    /// It was in flight, or about to be, when a governor was lost or gave its worker up.
    restored: bool,
    /// The last attempt that has ended.
    ended: u32,
    /// One that was answered, and what it cost, while its answer has not come: it is still written down as in flight.
    paid: Option<(u32, f64)>,
    /// The worker has not said since it came back that it still has it.
    stale: bool,
}

impl HeldRow {
    /// Whoever else asks for it has its turn after it.
    fn wait(&mut self, of: Claimant) {
        if !self.waiters.iter().any(|waiter| waiter.is(&of)) {
            self.waiters.push(of);
        }
    }
}

/// An attempt of which nobody knows whether it was billed, while somebody may still say so.
struct UnknownAttempt {
    cost: f64,
    name: Option<Hash>,
}

fn name_of(hash_of: &Hash, key: Option<&str>) -> Hash {
    key.map_or(*hash_of, |key| hash(&[key.as_bytes(), hash_of]))
}

struct FleetState {
    own: OwnMeans,
    options: GovernorOptions,
    events: Sender<GovernorEvent>,
    began: Instant,
    sittings: HashMap<Hash, Sitting>,
    connections: HashMap<u64, Hash>,
    /// Workers that want something, in turn.
    line: VecDeque<Hash>,
    rows: HashMap<u64, HeldRow>,
    /// What is asked by rows that somebody has.
    contents: HashMap<Hash, u64>,
    /// The names of those: a row of that name which asks something else has its turn after them.
    keys: HashMap<String, u64>,
    next: u64,
    /// Attempts that may have been billed, and for how much; rows whose attempts those were.
    doubts: BTreeMap<(u64, u32), UnknownAttempt>,
    unknown: HashSet<Hash>,
    /// Rows that were in flight when the last governor was lost, whose workers may still come back; and who asks for them
    /// meanwhile.
    orphans: HashSet<Hash>,
    parked: Vec<Claimant>,
    /// Rows that the ledger is to be asked for.
    sought: Vec<(u64, SoughtRow)>,
    meta: HashMap<String, String>,
    sums: FleetSums,
    /// Since when there is no money, and why, as JSON.
    exhausted: Option<(Instant, String)>,
    hold: Option<Hold>,
    told: (Instant, Option<ToWorker>),
    /// What was granted: in this lease, in the last one; since when.
    granted: (u32, u32, Instant),
    /// Workers that want something, and what they have to say, are looked at once a turn.
    spoken: HashSet<Hash>,
    /// When it was last looked who is lost.
    looked: Instant,
}

impl FleetState {
    fn new(ledger: Ledger, options: GovernorOptions, events: Sender<GovernorEvent>) -> Result<Self, LedgerFailure> {
        let recent = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().saturating_sub(RECENT);
        let (sums, unknown, next) = (ledger.sums()?, ledger.unknown()?, ledger.end()?);
        let now = Instant::now();
        let own = OwnMeans {
            limiter: Limiter::new(options.limits, seed()),
            budget: Budget::new(options.budget, sums.cost + sums.unknown_cost),
            estimator: Estimator::default(),
            ledger,
        };
        Ok(Self {
            own,
            events,
            began: now,
            sittings: HashMap::new(),
            connections: HashMap::new(),
            line: VecDeque::new(),
            rows: HashMap::new(),
            contents: HashMap::new(),
            keys: HashMap::new(),
            next,
            doubts: unknown
                .iter()
                .map(|one| {
                    ((one.seq, one.attempt), UnknownAttempt { cost: one.cost.unwrap_or_default(), name: one.name })
                })
                .collect(),
            unknown: unknown.iter().filter_map(|one| one.name).collect(),
            orphans: unknown
                .iter()
                .filter(|one| one.noticed >= Some(recent.as_secs_f64()))
                .filter_map(|one| one.name)
                .collect(),
            parked: Vec::new(),
            sought: Vec::new(),
            meta: HashMap::new(),
            sums: FleetSums {
                done: sums.done,
                failed: sums.failed,
                input_tokens: sums.input_tokens,
                output_tokens: sums.output_tokens,
                priced: options.price.is_some() || sums.cost > 0.0,
                ..FleetSums::default()
            },
            exhausted: None,
            hold: None,
            told: (now, None),
            granted: (0, 0, now),
            spoken: HashSet::new(),
            looked: now,
            options,
        })
    }

    fn run(mut self, queue: &Receiver<GovernorEvent>) -> Result<(), LedgerFailure> {
        loop {
            let wake = self.grant();
            self.tell();
            self.flush();
            let wait = wake.map_or(LEASE, |at| at.saturating_sub(self.began.elapsed()).min(LEASE));
            // The first lease after a pause is not held up.
            let wait = if self.granted.1 > 50 { wait.max(STEP) } else { wait };
            match queue.recv_timeout(wait) {
                Ok(event) => {
                    if self.handle(event) {
                        break;
                    }
                    // What has come meanwhile too.
                    while let Ok(event) = queue.try_recv() {
                        if self.handle(event) {
                            return self.own.ledger.close();
                        }
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            self.seek();
            self.expire();
        }
        self.own.ledger.close()
    }

    /// Whether it is to end.
    fn handle(&mut self, event: GovernorEvent) -> bool {
        match event {
            GovernorEvent::Joined(number, session, out) => self.joined(number, session, out),
            GovernorEvent::Said(number, said) => {
                if let Some(session) = self.connections.get(&number).copied() {
                    said.into_iter().for_each(|message| self.heard(session, message));
                }
            }
            GovernorEvent::Left(number) => {
                if let Some(session) = self.connections.remove(&number)
                    && let Some(sitting) = self.sittings.get_mut(&session)
                    && sitting.number == number
                {
                    (sitting.out, sitting.lost) = (None, Some(Instant::now()));
                }
            }
            GovernorEvent::Found(ids, found) => match found {
                Ok(found) => ids.into_iter().zip(found).for_each(|(id, found)| self.found(id, found)),
                Err(failure) => self.broken(&failure),
            },
            GovernorEvent::Read(session, question, records) => {
                self.say(session, &ToWorker::Rows { question, records });
            }
            GovernorEvent::Committed(committed) => self.committed(committed),
            GovernorEvent::Asked(question) => question(self),
            GovernorEvent::Close => return true,
        }
        false
    }

    // ---- workers ----

    fn joined(&mut self, number: u64, session: Hash, out: UnboundedSender<Vec<u8>>) {
        self.connections.insert(number, session);
        let sitting = self.sittings.entry(session).or_insert_with(|| Sitting {
            number,
            out: None,
            lost: None,
            said: Vec::new(),
            jobs: HashMap::new(),
            wants: VecDeque::new(),
            in_line: false,
        });
        (sitting.number, sitting.out, sitting.lost) = (number, Some(out), None);
    }

    fn say(&mut self, session: Hash, message: &ToWorker) {
        // To one that is away nothing is said: it asks again when it is back.
        if let Some(sitting) = self.sittings.get_mut(&session).filter(|sitting| sitting.out.is_some()) {
            message.put(&mut sitting.said);
            self.spoken.insert(session);
        }
    }

    fn flush(&mut self) {
        for session in self.spoken.drain() {
            if let Some(sitting) = self.sittings.get_mut(&session) {
                let said = std::mem::take(&mut sitting.said);
                if let Some(out) = &sitting.out {
                    let _ = out.send(said);
                }
            }
        }
    }

    /// Not each turn: there may be thousands of workers.
    fn expire(&mut self) {
        if self.looked.elapsed() < LEASE {
            return;
        }
        self.looked = Instant::now();
        if !(self.orphans.is_empty() && self.parked.is_empty()) && self.began.elapsed() > GRACE {
            self.orphans.clear();
            std::mem::take(&mut self.parked).into_iter().for_each(|claimant| self.claim(claimant));
        }
        let is_lost = |sitting: &Sitting| sitting.lost.is_some_and(|lost| lost.elapsed() > GRACE);
        let lost: Vec<_> = self.sittings.iter().filter(|(_, one)| is_lost(one)).map(|(session, _)| *session).collect();
        for session in lost {
            let jobs = self.sittings.remove(&session).map(|sitting| sitting.jobs).unwrap_or_default();
            jobs.into_values().flat_map(|job| job.rows.into_values()).for_each(|id| self.free(id));
        }
    }

    fn heard(&mut self, session: Hash, message: ToGovernor) {
        match message {
            ToGovernor::Open { job, what } => self.open(session, job, what),
            ToGovernor::Claim { job, seq, hash, key, had } => {
                self.claim(Claimant { session, job, seq, hash, key, had });
            }
            ToGovernor::Replayed { job } => {
                let ids = self.rows_of(session, job);
                let stale = |id: &u64| self.rows.get(id).is_some_and(|row| row.stale);
                let stale: Vec<_> = ids.into_iter().filter(stale).collect();
                stale.into_iter().for_each(|id| self.free(id));
            }
            ToGovernor::Want { id, attempt, size, first } => self.want(session, id, attempt, size, first),
            ToGovernor::Ended { attempt } => self.ended(session, attempt),
            ToGovernor::Settle { job, seq, id, record, last } => {
                match self
                    .rows
                    .get_mut(&id)
                    .filter(|row| (row.of.session, row.of.job, row.of.seq) == (session, job, seq))
                {
                    // It is said again, after the connection was lost or once its worker has heard where it is.
                    Some(HeldRow { stage: Stage::Settling { .. } | Stage::Looking, .. }) => {}
                    // Its worker was thought to be lost, and another has done it: this one is told what there is.
                    Some(HeldRow { stage, counted: Some((Status::Done, tries)), .. }) if record.tries <= *tries => {
                        *stage = Stage::Looking;
                        let events = self.events.clone();
                        let then = move |found: Result<Vec<Record>, LedgerFailure>| {
                            let found = found.map(|mut found| vec![(found.pop(), None)]);
                            let _ = events.send(GovernorEvent::Found(vec![id], found));
                        };
                        self.own.ledger.read_all(vec![id], Box::new(then));
                    }
                    Some(row) => {
                        (row.stage, row.paid) = (Stage::Settling { last }, None);
                        self.own.ledger.settle(Record { seq: id, ..*record });
                    }
                    // Its worker was thought to be lost: another may have done it meanwhile, or has it.
                    None => {
                        let (hash, key) = (record.hash, record.key);
                        self.claim(Claimant { session, job, seq, hash, key, had: None });
                    }
                }
            }
            ToGovernor::Fail { id, error } => {
                if self.has(session, id) {
                    self.own.ledger.fail(id, error);
                    (self.sums.done, self.sums.failed) = (self.sums.done.saturating_sub(1), self.sums.failed + 1);
                }
            }
            ToGovernor::Input { id, input } => {
                if self.has(session, id) {
                    self.own.ledger.set_input(id, input);
                }
            }
            ToGovernor::Free { id } => {
                if self.has(session, id) {
                    self.free(id);
                }
            }
            ToGovernor::Close { job } => {
                let ids = self.rows_of(session, job);
                if let Some(sitting) = self.sittings.get_mut(&session) {
                    sitting.jobs.remove(&job);
                }
                ids.into_iter().for_each(|id| self.free(id));
            }
            ToGovernor::Read { question, ids } => {
                let events = self.events.clone();
                let then = move |found: Result<Vec<Record>, LedgerFailure>| {
                    let _ = events.send(GovernorEvent::Read(session, question, found.unwrap_or_default()));
                };
                self.own.ledger.read_all(ids, Box::new(then));
            }
            ToGovernor::Status { question } => {
                let status = self.sums();
                self.say(session, &ToWorker::Status { question, status });
            }
            ToGovernor::Ping {} => self.say(session, &ToWorker::Pong {}),
        }
    }

    fn rows_of(&self, session: Hash, job: u32) -> Vec<u64> {
        let job = self.sittings.get(&session).and_then(|sitting| sitting.jobs.get(&job));
        job.map(|job| job.rows.values().copied().collect()).unwrap_or_default()
    }

    fn has(&self, session: Hash, id: u64) -> bool {
        self.rows.get(&id).is_some_and(|row| row.of.session == session)
    }

    fn open(&mut self, session: Hash, job: u32, what: OpenJob) {
        let price = self.options.price;
        let Some(sitting) = self.sittings.get_mut(&session) else { return };
        if let Some(known) = sitting.jobs.get(&job) {
            for id in known.rows.values() {
                if let Some(row) = self.rows.get_mut(id) {
                    row.stale = true;
                }
            }
            return self.say(session, &ToWorker::Opened { job, price });
        }
        if let Err(failure) = self.named(&what) {
            return self.say(session, &ToWorker::Refused { job, why: failure.to_string() });
        }
        let stops = what.stops;
        if let Some(sitting) = self.sittings.get_mut(&session) {
            sitting.jobs.insert(job, FleetJob { what, rows: HashMap::new() });
        }
        self.say(session, &ToWorker::Opened { job, price });
        if let Some(told) = self.told.1.clone() {
            self.say(session, &told);
        }
        match &self.exhausted {
            Some((since, error)) if stops && since.elapsed() < EXHAUSTED => {
                let why = Halt::Refused { error: error.clone() };
                self.say(session, &ToWorker::Halt { job, why });
            }
            Some(_) => {
                self.exhausted = None;
                self.own.limiter.resume(self.began.elapsed());
            }
            None => {}
        }
    }

    /// Writes down what the job is, or refuses one that is another.
    fn named(&mut self, what: &OpenJob) -> Result<(), LedgerFailure> {
        for (name, (value, must)) in &what.meta {
            let known = match self.meta.get(name) {
                Some(known) => Some(known.clone()),
                None => self.own.ledger.meta(name)?,
            };
            if let Some(found) = known.as_ref().filter(|known| *must && *known != value) {
                return Err(LedgerFailure::Other { found: format!("its {name} is {found}, and here it is {value}") });
            }
            if known.as_ref() != Some(value) {
                self.own.ledger.set_meta(name, value)?;
            }
            self.meta.insert(name.clone(), value.clone());
        }
        Ok(())
    }

    // ---- rows ----

    fn claim(&mut self, of: Claimant) {
        let Some(job) = self.sittings.get_mut(&of.session).and_then(|sitting| sitting.jobs.get_mut(&of.job)) else {
            return;
        };
        let name = name_of(&of.hash, of.key.as_deref());
        let content = if job.what.dedup { of.hash } else { name };
        if let Some(id) = self.contents.get(&content).copied()
            && let Some(row) = self.rows.get_mut(&id)
        {
            if row.of.is(&of) {
                row.stale = false;
                match row.stage {
                    Stage::Looking => {}
                    // It has not heard what was found.
                    Stage::Claimed if of.had.is_none() => {
                        row.stage = Stage::Looking;
                        self.sought.push((id, SoughtRow { hash: of.hash, key: of.key, anyone: job.what.dedup }));
                    }
                    _ => self.answer(id, None, false),
                }
            } else {
                row.wait(of);
            }
            return;
        }
        if let Some(id) = of.key.as_ref().and_then(|key| self.keys.get(key))
            && let Some(row) = self.rows.get_mut(id).filter(|row| row.of.hash != of.hash)
        {
            return row.wait(of);
        }
        // What was in flight when a governor was lost goes on under its number.
        let had = of.had.filter(|id| !self.rows.contains_key(id)).and_then(|id| {
            let mut doubts = self.doubts.range((id, 0)..=(id, u32::MAX));
            let (key, doubt) = doubts.next_back().filter(|(_, doubt)| doubt.name == Some(name))?;
            Some((*key, doubt.cost))
        });
        match had {
            // Its money counts as spent until it has ended; a governor that is lost again finds it in flight.
            Some(((seq, attempt), cost)) => {
                self.orphans.remove(&name);
                let cost = self.options.price.map(|_| cost);
                // In this order, since a governor may be lost between the two.
                self.own.ledger.intend(Intent { seq, attempt, cost, name: Some(name) });
                self.own.ledger.resolve(seq, attempt);
            }
            None if self.orphans.contains(&name) => return self.parked.push(of),
            None => {}
        }
        let had = had.map(|((id, _), _)| id);
        let id = had.unwrap_or_else(|| {
            self.next += 1;
            self.next - 1
        });
        job.rows.insert(of.seq, id);
        self.sought.push((id, SoughtRow { hash: of.hash, key: of.key.clone(), anyone: job.what.dedup }));
        self.contents.insert(content, id);
        if let Some(key) = of.key.clone() {
            self.keys.insert(key, id);
        }
        let (stage, waiters) = (Stage::Looking, Vec::new());
        self.rows.insert(
            id,
            HeldRow {
                of,
                name,
                content,
                stage,
                waiters,
                counted: None,
                restored: had.is_some(),
                ended: 0,
                paid: None,
                stale: false,
            },
        );
    }

    fn answer(&mut self, id: u64, found: Option<Record>, unknown: bool) {
        let Some(row) = self.rows.get(&id) else { return };
        let Claimant { session, job, seq, .. } = row.of;
        let own = found.as_ref().is_some_and(|found| found.key == row.of.key && found.hash == row.of.hash);
        let found = found.map(Box::new);
        self.say(session, &ToWorker::Claimed { job, seq, id, found, own, unknown });
    }

    /// Asks the ledger for rows, many at once.
    fn seek(&mut self) {
        if self.sought.is_empty() {
            return;
        }
        let (ids, rows) = std::mem::take(&mut self.sought).into_iter().unzip();
        let events = self.events.clone();
        let then = move |found| {
            let _ = events.send(GovernorEvent::Found(ids, found));
        };
        self.own.ledger.find_all(rows, Box::new(then));
    }

    fn found(&mut self, id: u64, (record, place): FoundRow) {
        let Some(row) = self.rows.get_mut(&id).filter(|row| matches!(row.stage, Stage::Looking)) else { return };
        row.stage = Stage::Claimed;
        let unknown = self.unknown.contains(&row.name);
        let own = record.as_ref().filter(|record| record.key == row.of.key && record.hash == row.of.hash);
        let is_new = row.counted.is_none() && record.as_ref().is_some_and(|record| record.status == Status::Done);
        self.sums.cached += u64::from(is_new);
        row.counted = own.map(|record| (record.status, record.tries));
        // A row that was here before keeps its place.
        let place = own.map(|record| record.seq).or(place);
        let id = place.filter(|place| !self.rows.contains_key(place)).map_or(id, |place| self.move_to(id, place));
        self.answer(id, record, unknown);
    }

    fn move_to(&mut self, id: u64, place: u64) -> u64 {
        let Some(row) = self.rows.remove(&id) else { return id };
        self.contents.insert(row.content, place);
        if let Some(held) = row.of.key.as_ref().and_then(|key| self.keys.get_mut(key)) {
            *held = place;
        }
        // What is in flight of it is so under its new number.
        let last = self.doubts.range((id, 0)..=(id, u32::MAX)).next_back().map(|(key, _)| *key);
        if row.restored
            && let Some((key, doubt)) = last.and_then(|key| Some((key, self.doubts.remove(&key)?)))
        {
            self.intend(place, key.1, doubt.cost, row.name);
            self.own.ledger.forget(id);
            self.doubts.insert((place, key.1), doubt);
        }
        let job = self.sittings.get_mut(&row.of.session).and_then(|sitting| sitting.jobs.get_mut(&row.of.job));
        if let Some(job) = job {
            job.rows.insert(row.of.seq, place);
        }
        self.rows.insert(place, row);
        place
    }

    /// Others may have the row: it is done, or its worker is lost.
    fn free(&mut self, id: u64) {
        let Some(row) = self.rows.remove(&id) else { return };
        self.contents.remove(&row.content);
        if let Some(key) = &row.of.key
            && self.keys.get(key) == Some(&id)
        {
            self.keys.remove(key);
        }
        // It was paid for, and another's answer has its place, or its worker is lost: for what it cost it is listed.
        if let Some((attempt, cost)) = row.paid {
            self.intend(id, attempt, cost, row.name);
            self.doubts.insert((id, attempt), UnknownAttempt { cost, name: Some(row.name) });
            self.sums.billed += u64::from(!row.restored);
        }
        let Claimant { session, job, seq, .. } = row.of;
        if let Some(job) = self.sittings.get_mut(&session).and_then(|sitting| sitting.jobs.get_mut(&job)) {
            job.rows.remove(&seq);
        }
        if let Stage::Granted(grant) = row.stage {
            self.unknown.extend(grant.told.then_some(row.name));
            self.give_up(id, Some(row.name), grant);
        } else if self.doubts.range((id, 0)..=(id, u32::MAX)).next().is_some() {
            self.unknown.insert(row.name);
            self.own.ledger.doubt(id);
        }
        row.waiters.into_iter().for_each(|waiter| self.claim(waiter));
    }

    fn intend(&self, seq: u64, attempt: u32, cost: f64, name: Hash) {
        let cost = self.options.price.map(|_| cost);
        self.own.ledger.intend(Intent { seq, attempt, cost, name: Some(name) });
    }

    /// Of what was sent nobody knows what became; it counts as spent until that is known.
    fn give_up(&mut self, id: u64, name: Option<Hash>, grant: Grant) {
        let (end, cost, mark) = match grant.told {
            true => (AttemptEnd::Lost, None, Mark::Doubt),
            false => (AttemptEnd::Unsent, Some(0.0), Mark::Forget),
        };
        if grant.told {
            self.doubts.insert((id, grant.attempt), UnknownAttempt { cost: grant.pass.1.dollars(), name });
            self.sums.billed += 1;
        }
        let (said, size) = (Said::default(), Size::default());
        let (number, used, refused) = (grant.attempt, None, None);
        let attempt = EndedAttempt { seq: id, number, end, said, cost, mark, size, used, refused };
        self.settle_attempt(grant.pass, &attempt);
    }

    fn settle_attempt(&mut self, pass: HeldPass, attempt: &EndedAttempt) {
        self.own.ended(self.began.elapsed(), pass, attempt);
        self.mark(attempt.seq, attempt.mark);
    }

    fn mark(&self, id: u64, mark: Mark) {
        match mark {
            Mark::Keep => {}
            Mark::Forget => self.own.ledger.forget(id),
            Mark::Doubt => self.own.ledger.doubt(id),
        }
    }

    // ---- requests ----

    fn want(&mut self, session: Hash, id: u64, attempt: u32, size: Size, first: bool) {
        let Some(row) = self.rows.get_mut(&id).filter(|row| row.of.session == session) else { return };
        match &mut row.stage {
            Stage::Claimed => {}
            Stage::Granted(grant) if grant.attempt == attempt => {
                // It was away when it was told.
                if grant.committed {
                    grant.told = true;
                    let Claimant { job, seq, .. } = row.of;
                    self.say(session, &ToWorker::Granted { job, seq, attempt });
                }
                return;
            }
            Stage::Granted(_) => {
                let name = Some(row.name);
                if let Stage::Granted(grant) = std::mem::replace(&mut row.stage, Stage::Claimed) {
                    self.give_up(id, name, grant);
                }
            }
            Stage::Looking | Stage::Wanted { .. } | Stage::Settling { .. } => return,
        }
        if let Some(row) = self.rows.get_mut(&id) {
            row.stage = Stage::Wanted { attempt, size };
            // It still waits to be told so: what a lost governor wrote down was never sent.
            if row.restored
                && let Some(doubt) = self.doubts.remove(&(id, attempt))
            {
                self.own.budget.found(doubt.cost, 0.0);
                self.own.ledger.forget(id);
            }
        }
        let Some(sitting) = self.sittings.get_mut(&session) else { return };
        if first {
            sitting.wants.push_front(id);
        } else {
            sitting.wants.push_back(id);
        }
        if !std::mem::replace(&mut sitting.in_line, true) {
            self.line.push_back(session);
        }
    }

    /// Lets be sent what may be; when it may be tried again, if that is known.
    fn grant(&mut self) -> Option<Duration> {
        let (now, last, since) = self.granted;
        if since.elapsed() >= LEASE {
            self.granted = (0, if since.elapsed() < 2 * LEASE { now } else { 0 }, Instant::now());
        }
        let share = (now.max(last) as usize / self.line.len().max(1)).max(1);
        self.hold = None;
        let mut wake = None;
        while let Some(session) = self.line.pop_front() {
            let mut denied = false;
            let mut count = 0;
            while count < share
                && let Some(id) = self.sittings.get_mut(&session).and_then(|sitting| sitting.wants.pop_front())
            {
                match self.grant_one(session, id) {
                    Ok(granted) => count += usize::from(granted),
                    Err(why) => {
                        if let Some(sitting) = self.sittings.get_mut(&session) {
                            sitting.wants.push_front(id);
                        }
                        denied = true;
                        match why {
                            Denied::At(at) => wake = Some(at),
                            Denied::Full => {}
                            Denied::Short(Short::ForNow) => self.hold = Some(Hold::Budget),
                            Denied::Short(Short::ForGood) => self.out_of_money(),
                        }
                        break;
                    }
                }
            }
            let Some(sitting) = self.sittings.get_mut(&session) else { continue };
            sitting.in_line = !sitting.wants.is_empty();
            if sitting.in_line {
                // Whoever got something is last.
                if count > 0 || !denied {
                    self.line.push_back(session);
                } else {
                    self.line.push_front(session);
                }
            }
            if denied {
                break;
            }
        }
        wake
    }

    /// Whether there was something to let be sent.
    fn grant_one(&mut self, session: Hash, id: u64) -> Result<bool, Denied> {
        let now = self.began.elapsed();
        let Some(row) = self.rows.get_mut(&id).filter(|row| row.of.session == session) else { return Ok(false) };
        let Stage::Wanted { attempt, size } = row.stage else { return Ok(false) };
        let pass = self.own.admit(now, &size, self.options.price)?;
        let cost = self.options.price.map(|_| pass.1.dollars());
        row.stage = Stage::Granted(Grant { attempt, pass, committed: false, told: false });
        self.own.ledger.intend(Intent { seq: id, attempt, cost, name: Some(row.name) });
        self.granted.0 += 1;
        Ok(true)
    }

    fn ended(&mut self, session: Hash, ended: EndedAttempt) {
        let (id, attempt) = (ended.seq, ended.number);
        let is_refused = matches!(ended.end, AttemptEnd::Refused | AttemptEnd::Overloaded);
        // To one that was thought to be lost its row is given, or not, when it asks; it says this again then.
        let Some(row) = self.rows.get_mut(&id).filter(|row| row.of.session == session) else { return };
        let mut granted = None;
        match std::mem::replace(&mut row.stage, Stage::Claimed) {
            Stage::Granted(grant) if grant.attempt == attempt => granted = Some(grant.pass),
            Stage::Wanted { attempt: wanted, .. } if wanted == attempt => return,
            Stage::Looking => {
                row.stage = Stage::Looking;
                return;
            }
            stage => row.stage = stage,
        }
        // It is said again after the connection was lost.
        if granted.is_none() && row.ended >= attempt {
            return;
        }
        row.ended = row.ended.max(attempt);
        let most = match &granted {
            Some((_, reserved)) => reserved.dollars(),
            // Its worker, or a governor, was thought to be lost.
            None => match self.doubts.remove(&(id, attempt)).filter(|_| row.restored) {
                Some(doubt) => doubt.cost,
                None => return,
            },
        };
        let cost = ended.cost.unwrap_or(most);
        row.paid = (ended.mark == Mark::Keep).then_some((attempt, cost));
        match granted {
            Some(pass) => {
                self.sums.billed += u64::from(ended.mark == Mark::Doubt);
                self.settle_attempt(pass, &ended);
            }
            None => {
                self.own.budget.found(most, cost);
                self.mark(id, ended.mark);
            }
        }
        self.sums.refused += u64::from(is_refused);
        if let Some(used) = ended.used {
            self.sums.input_tokens += used.input as u64;
            self.sums.output_tokens += used.output as u64;
        }
        if let Some(error) = ended.refused {
            self.exhausted = Some((Instant::now(), error.clone()));
            self.halt(&Halt::Refused { error }, |what| what.stops);
        }
    }

    fn committed(&mut self, committed: Committed) {
        if let Some(failure) = &committed.failure {
            self.broken(failure);
        }
        for intent in committed.intended {
            let Some(row) = self.rows.get_mut(&intent.seq) else { continue };
            let Stage::Granted(grant) = &mut row.stage else { continue };
            if grant.attempt != intent.attempt {
                continue;
            }
            let Claimant { session, job, seq, .. } = row.of;
            grant.committed = true;
            grant.told = self.sittings.get(&session).is_some_and(|sitting| sitting.out.is_some());
            self.say(session, &ToWorker::Granted { job, seq, attempt: intent.attempt });
        }
        for record in committed.settled {
            let row = self.rows.get_mut(&record.seq);
            match row.as_ref().and_then(|row| row.counted) {
                Some((Status::Done, _)) => self.sums.done = self.sums.done.saturating_sub(1),
                Some((Status::Failed, _)) => self.sums.failed = self.sums.failed.saturating_sub(1),
                Some((Status::Again, _)) | None => {}
            }
            match record.status {
                Status::Done => self.sums.done += 1,
                Status::Failed | Status::Again => self.sums.failed += 1,
            }
            let Some(row) = row else { continue };
            row.counted = Some((record.status, record.tries));
            let Stage::Settling { last } = row.stage else { continue };
            row.stage = Stage::Claimed;
            let Claimant { session, job, seq, .. } = row.of;
            self.say(session, &ToWorker::Kept { job, seq });
            if last {
                self.free(record.seq);
            }
        }
    }

    // ---- ends ----

    fn halt(&mut self, why: &Halt, whom: impl Fn(&OpenJob) -> bool) {
        let jobs = |(session, sitting): (&Hash, &Sitting)| {
            let jobs = sitting.jobs.iter().filter(|(_, job)| whom(&job.what));
            jobs.map(|(job, _)| (*session, *job)).collect::<Vec<_>>()
        };
        let jobs: Vec<_> = self.sittings.iter().flat_map(jobs).collect();
        for (session, job) in jobs {
            self.say(session, &ToWorker::Halt { job, why: why.clone() });
        }
    }

    fn out_of_money(&mut self) {
        let (spent, limit) = (self.own.budget.spent(), self.options.budget.unwrap_or(f64::INFINITY));
        self.hold = Some(Hold::Budget);
        self.halt(&Halt::Budget { spent, limit }, |_| true);
    }

    /// Nothing can be written. What is kept is tried again with whatever comes next.
    fn broken(&mut self, failure: &LedgerFailure) {
        self.halt(&Halt::Store { why: failure.to_string() }, |_| true);
    }

    fn sums(&mut self) -> FleetSums {
        let held = self.hold.or(Hold::by(self.own.limiter.held()));
        FleetSums {
            workers: self.sittings.values().filter(|sitting| sitting.out.is_some()).count() as u32,
            running: self.own.limiter.running(),
            spent: self.own.budget.spent(),
            held: if self.rows.is_empty() { Some(Hold::Input) } else { held }.map(|held| held as u8),
            open: self.rows.len() as u64,
            elapsed: self.began.elapsed().as_secs_f64(),
            ..self.sums
        }
    }

    /// Tells all workers what holds the fleet back, where that has changed.
    fn tell(&mut self) {
        if self.told.0.elapsed() < TELL && self.told.1.is_some() {
            return;
        }
        let limiter = &self.own.limiter;
        let held = self.hold.or(Hold::by(limiter.held())).map(|held| held as u8);
        // To the second, so that it does not change each time.
        let stall = limiter.stall().map(|stall| stall.as_secs_f64().ceil());
        let told = ToWorker::Told { held, stall, listens: limiter.listens() };
        if self.told.1.as_ref() != Some(&told) {
            let sessions: Vec<_> = self.sittings.keys().copied().collect();
            sessions.into_iter().for_each(|session| self.say(session, &told));
        }
        self.told = (Instant::now(), Some(told));
    }
}
