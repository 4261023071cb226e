//! A worker's end: one connection of a process to its governor, shared by its jobs (`Link`), and what a job's runner sees
//! of it (`FleetShare`).
//!
//! What was said is kept until it was answered, so that all of it can be said again when the connection was lost.
use std::collections::{BTreeMap, HashMap};
use std::io::{self, ErrorKind};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::io::{AsyncWrite, ReadHalf, WriteHalf, split};
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};

use crate::jobs::budget::{Price, Size};
use crate::jobs::ledger::{Committed, Hash, Intent, LedgerFailure, Record, Status};
use crate::jobs::runner::{
    Cause, Claimed, EndedAttempt, FleetNews, Hold, JobRow, Share, ShareEvent, TellJob, error_of,
};

use super::governor::Duplex;
use super::wire::{
    FleetSums, Halt, OpenJob, ToGovernor, ToWorker, Wire, greet, messages, random, read_frame, write_frame,
};
use super::{PING, SILENCE, tls};

/// So long a job that begins waits for its governor.
const PATIENCE: Duration = Duration::from_secs(10);
/// A connection that no job has is closed after that.
const IDLE: Duration = Duration::from_secs(10);
/// Between attempts to connect.
const PAUSES: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));
/// One frame holds no more than that and one message.
const FRAME: usize = 4 << 20;

/// Where a governor is.
#[derive(Clone, PartialEq, Eq)]
pub struct GovernorPlace {
    pub host: String,
    pub port: u16,
    pub token: String,
    /// Of TLS: the certificate that is believed, as PEM.
    pub certificate: Option<String>,
}

impl GovernorPlace {
    pub fn shown(&self) -> String {
        let scheme = if self.certificate.is_some() { "tls" } else { "tcp" };
        format!("{scheme}://{}:{}", self.host, self.port)
    }

    async fn connect(&self, session: Hash) -> io::Result<(Box<dyn Duplex>, bool)> {
        let stream = TcpStream::connect((self.host.trim_matches(['[', ']']), self.port)).await?;
        stream.set_nodelay(true)?;
        let far = !stream.peer_addr()?.ip().is_loopback();
        let mut stream = match &self.certificate {
            Some(certificate) => tls::connect(stream, &self.host, certificate).await?,
            None => Box::new(stream) as Box<dyn Duplex>,
        };
        greet(&mut stream, &self.token, Some(session)).await?;
        Ok((stream, far))
    }
}

enum RowStage {
    Claiming,
    Claimed,
    Wanted { attempt: u32, size: Size, first: bool },
    Granted,
    Settling { record: Box<Record>, last: bool },
}

struct LinkRow {
    hash: Hash,
    key: Option<String>,
    id: Option<u64>,
    stage: RowStage,
    /// How its last attempt ended: nothing that came since tells that the governor knows it.
    end: Option<EndedAttempt>,
    /// Attempts of the last answer that the job had: one that comes again may be judged already.
    had: Option<u32>,
}

struct LinkJob {
    what: OpenJob,
    tell: TellJob,
    rows: BTreeMap<u64, LinkRow>,
    /// Whoever waits for it to be opened.
    opening: Option<Sender<Result<(), String>>>,
    price: Option<Price>,
    /// Of each row, where it is in the store.
    places: Arc<Mutex<Vec<u64>>>,
}

#[derive(Default)]
struct LinkState {
    jobs: HashMap<u32, LinkJob>,
    last_job: u32,
    /// What is asked, and by whom.
    questions: HashMap<u32, (ToGovernor, Sender<ToWorker>)>,
    last_question: u32,
    /// None while there is no connection.
    out: Option<Vec<Vec<u8>>>,
    /// Why there is none.
    lost: String,
    told: FleetNews,
    /// When there last was a job.
    used: Option<Instant>,
}

impl LinkState {
    fn say(&mut self, message: &ToGovernor) {
        let Some(out) = &mut self.out else { return };
        match out.last_mut() {
            Some(frame) if frame.len() < FRAME => message.put(frame),
            _ => {
                let mut frame = Vec::new();
                message.put(&mut frame);
                out.push(frame);
            }
        }
    }

    /// What a row has to say, where the governor has just said that it is ours.
    fn follow(&mut self, job: u32, seq: u64) {
        let Some(row) = self.jobs.get(&job).and_then(|job| job.rows.get(&seq)) else { return };
        let Some(id) = row.id else { return };
        // Its place may be another than when that was said.
        let ended = row.end.clone().map(|attempt| ToGovernor::Ended { attempt: EndedAttempt { seq: id, ..attempt } });
        let rest = match &row.stage {
            RowStage::Wanted { attempt, size, first } => {
                Some(ToGovernor::Want { id, attempt: *attempt, size: *size, first: *first })
            }
            RowStage::Settling { record, last } => {
                Some(ToGovernor::Settle { job, seq, id, record: record.clone(), last: *last })
            }
            RowStage::Claiming | RowStage::Claimed | RowStage::Granted => None,
        };
        [ended, rest].into_iter().flatten().for_each(|message| self.say(&message));
    }

    /// All that this process has, to a governor that may know it or not.
    fn replay(&mut self) {
        let mut said = Vec::new();
        for (number, job) in &self.jobs {
            let job_number = *number;
            said.push(ToGovernor::Open { job: job_number, what: job.what.clone() });
            for (seq, row) in &job.rows {
                let (seq, hash, key, had) = (*seq, row.hash, row.key.clone(), row.id);
                said.push(ToGovernor::Claim { job: job_number, seq, hash, key, had });
            }
            said.push(ToGovernor::Replayed { job: job_number });
        }
        said.extend(self.questions.values().map(|(question, _)| question.clone()));
        said.iter().for_each(|message| self.say(message));
    }

    fn told(&mut self, told: FleetNews) {
        self.told = told;
        for job in self.jobs.values() {
            (job.tell)(ShareEvent::Told(FleetNews { price: job.price, ..told }));
        }
    }

    fn heard(&mut self, frame: Vec<ToWorker>) {
        let mut claimed: HashMap<u32, Vec<Claimed>> = HashMap::new();
        let mut committed: HashMap<u32, Committed> = HashMap::new();
        for message in frame {
            match message {
                ToWorker::Opened { job, price } => {
                    let told = self.told;
                    if let Some(job) = self.jobs.get_mut(&job) {
                        job.price = price;
                        (job.tell)(ShareEvent::Told(FleetNews { price, ..told }));
                        if let Some(opening) = job.opening.take() {
                            let _ = opening.send(Ok(()));
                        }
                    }
                }
                ToWorker::Refused { job, why } => {
                    if let Some(job) = self.jobs.get_mut(&job) {
                        match job.opening.take() {
                            Some(opening) => drop(opening.send(Err(why))),
                            // There is another governor now.
                            None => {
                                (job.tell)(ShareEvent::Halt(Cause::Ledger(LedgerFailure::Governor(why))));
                            }
                        }
                    }
                }
                ToWorker::Claimed { job, seq, id, found, own, unknown } => {
                    let Some(of) = self.jobs.get_mut(&job) else { continue };
                    let Some(row) = of.rows.get_mut(&seq) else { continue };
                    row.id = Some(id);
                    put(&of.places, seq, id);
                    let found = found.map(|record| Record { seq: if own { seq } else { u64::MAX }, ..*record });
                    let done = found.as_ref().filter(|found| own && found.status == Status::Done);
                    let attempts = done.filter(|found| match &row.stage {
                        RowStage::Settling { record, .. } => found.tries >= record.tries,
                        _ => Some(found.attempts) > row.had,
                    });
                    let attempts = attempts.map(|found| found.attempts);
                    match row.stage {
                        // What is in flight is waited for.
                        RowStage::Granted => continue,
                        RowStage::Claiming => {}
                        // This worker was thought to be lost, and another one has done it.
                        _ if attempts.is_some() => {}
                        _ => {
                            self.follow(job, seq);
                            continue;
                        }
                    }
                    row.stage = RowStage::Claimed;
                    row.had = attempts.or(row.had);
                    // What its own answer has cost is known all the same.
                    if let Some(attempt) = row.end.clone() {
                        self.say(&ToGovernor::Ended { attempt: EndedAttempt { seq: id, ..attempt } });
                    }
                    claimed.entry(job).or_default().push(Claimed { seq, found, unknown });
                }
                ToWorker::Granted { job, seq, attempt } => {
                    let Some(row) = self.row(job, seq) else { continue };
                    // Else it was given back meanwhile, which was said; or it is said twice.
                    if matches!(row.stage, RowStage::Wanted { attempt: wanted, .. } if wanted == attempt) {
                        (row.stage, row.end) = (RowStage::Granted, None);
                        let intent = Intent { seq, attempt, cost: None, name: None };
                        committed.entry(job).or_default().intended.push(intent);
                    }
                }
                ToWorker::Kept { job, seq } => {
                    let Some(row) = self.row(job, seq) else { continue };
                    let RowStage::Settling { record, last } = std::mem::replace(&mut row.stage, RowStage::Claimed)
                    else {
                        continue;
                    };
                    row.end = None;
                    row.had = (record.status == Status::Done).then_some(record.attempts);
                    if last && let Some(job) = self.jobs.get_mut(&job) {
                        job.rows.remove(&seq);
                    }
                    committed.entry(job).or_default().settled.push(*record);
                }
                ToWorker::Told { held, stall, listens } => {
                    let stall = stall.and_then(|stall| Duration::try_from_secs_f64(stall).ok());
                    self.told(FleetNews { held: held.and_then(Hold::of), stall, listens, price: None });
                }
                ToWorker::Halt { job, why } => {
                    if let Some(job) = self.jobs.get(&job) {
                        (job.tell)(ShareEvent::Halt(match why {
                            Halt::Budget { spent, limit } => Cause::Budget { spent, limit },
                            Halt::Refused { error } => Cause::Refused(Box::new(error_of(&error))),
                            Halt::Store { why } => Cause::Ledger(LedgerFailure::Governor(why)),
                        }));
                    }
                }
                ToWorker::Rows { question, .. } | ToWorker::Status { question, .. } => {
                    if let Some((_, whom)) = self.questions.remove(&question) {
                        let _ = whom.send(message);
                    }
                }
                ToWorker::Pong {} => {}
            }
        }
        for (job, rows) in claimed {
            if let Some(job) = self.jobs.get(&job) {
                (job.tell)(ShareEvent::Claimed(rows));
            }
        }
        for (job, batch) in committed {
            if let Some(job) = self.jobs.get(&job) {
                (job.tell)(ShareEvent::Committed(batch));
            }
        }
    }

    fn row(&mut self, job: u32, seq: u64) -> Option<&mut LinkRow> {
        self.jobs.get_mut(&job)?.rows.get_mut(&seq)
    }

    fn lose(&mut self, why: &io::Error) {
        self.out = None;
        self.lost = why.to_string();
        // The token, or the version: that will not change by itself.
        let for_good =
            matches!(why.kind(), ErrorKind::PermissionDenied | ErrorKind::InvalidData | ErrorKind::InvalidInput);
        if for_good {
            for opening in self.jobs.values_mut().filter_map(|job| job.opening.take()) {
                let _ = opening.send(Err(why.to_string()));
            }
        }
        self.told(FleetNews { held: Some(Hold::Governor), ..self.told });
    }
}

fn put(places: &Mutex<Vec<u64>>, seq: u64, id: u64) {
    let mut places = places.lock().unwrap_or_else(PoisonError::into_inner);
    let at = usize::try_from(seq).unwrap_or(usize::MAX);
    // Rows come in their order, some at a time.
    if at < places.len() + (1 << 24) {
        if places.len() <= at {
            places.resize(at + 1, u64::MAX);
        }
        if let Some(place) = places.get_mut(at) {
            *place = id;
        }
    }
}

/// A process and its governor.
pub struct Link {
    place: GovernorPlace,
    session: Hash,
    state: Mutex<LinkState>,
    said: Notify,
}

impl Link {
    /// Connects when there is a job.
    pub fn new(place: GovernorPlace, runtime: &Handle) -> io::Result<Arc<Self>> {
        let link = Arc::new(Self { place, session: random()?, state: Mutex::default(), said: Notify::new() });
        runtime.spawn(Arc::clone(&link).run());
        Ok(link)
    }

    pub fn place(&self) -> &GovernorPlace {
        &self.place
    }

    fn state(&self) -> MutexGuard<'_, LinkState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn run(self: Arc<Self>) {
        let mut pause = PAUSES.0;
        loop {
            let is_wanted = {
                let state = self.state();
                !state.jobs.is_empty() || !state.questions.is_empty()
            };
            if !is_wanted {
                self.said.notified().await;
                continue;
            }
            let connected = timeout(PATIENCE, self.place.connect(self.session)).await;
            let why = match connected.unwrap_or_else(|_| Err(ErrorKind::TimedOut.into())) {
                Ok((stream, far)) => {
                    pause = PAUSES.0;
                    {
                        let mut state = self.state();
                        state.out = Some(Vec::new());
                        state.replay();
                        let told = FleetNews { held: None, ..state.told };
                        state.told(told);
                    }
                    let Some(why) = self.converse(stream, far).await else {
                        self.state().out = None; // nobody needs it
                        continue;
                    };
                    why
                }
                Err(why) => why,
            };
            self.state().lose(&why);
            sleep(pause).await;
            pause = (pause * 2).min(PAUSES.1);
        }
    }

    /// Until the connection is lost, and why; or nobody needs it.
    async fn converse(&self, stream: Box<dyn Duplex>, far: bool) -> Option<io::Error> {
        let (from, to) = split(stream);
        tokio::select! {
            why = self.listen(from) => Some(why),
            why = self.talk(to, far) => why,
        }
    }

    async fn listen(&self, mut from: ReadHalf<Box<dyn Duplex>>) -> io::Error {
        loop {
            let frame = match timeout(SILENCE, read_frame(&mut from)).await {
                Ok(Ok(frame)) => frame,
                Ok(Err(why)) => return why,
                Err(_) => return io::Error::new(ErrorKind::TimedOut, "the governor says nothing"),
            };
            match messages(frame) {
                Some(heard) => self.state().heard(heard),
                None => {
                    return io::Error::new(ErrorKind::InvalidData, "the governor says what is none of its messages");
                }
            }
            // What rows had to say after that.
            self.said.notify_one();
        }
    }

    async fn talk(&self, mut to: WriteHalf<Box<dyn Duplex>>, far: bool) -> Option<io::Error> {
        loop {
            let frames = {
                let mut state = self.state();
                if !(state.jobs.is_empty() && state.questions.is_empty()) {
                    state.used = Some(Instant::now());
                } else if state.used.is_none_or(|used| used.elapsed() > IDLE) {
                    return None;
                }
                state.out.as_mut().map(std::mem::take).unwrap_or_default()
            };
            for frame in frames {
                if let Err(why) = write(&mut to, frame, far).await {
                    return Some(why);
                }
            }
            if timeout(PING, self.said.notified()).await.is_err() {
                let mut frame = Vec::new();
                ToGovernor::Ping {}.put(&mut frame);
                if let Err(why) = write(&mut to, frame, far).await {
                    return Some(why);
                }
            }
        }
    }

    /// A job of this process, once the governor has taken it.
    pub fn open(self: &Arc<Self>, what: OpenJob, tell: TellJob) -> Result<FleetShare, LedgerFailure> {
        let (opening, opened) = channel();
        let places = Arc::new(Mutex::default());
        let share = {
            let mut state = self.state();
            state.last_job += 1;
            let job = state.last_job;
            state.say(&ToGovernor::Open { job, what: what.clone() });
            let (rows, opening, own) = (BTreeMap::new(), Some(opening), Arc::clone(&places));
            state.jobs.insert(job, LinkJob { what, tell, rows, opening, price: None, places: own });
            FleetShare { link: Arc::clone(self), job, places }
        };
        self.said.notify_one();
        match opened.recv_timeout(PATIENCE) {
            Ok(Ok(())) => Ok(share),
            Ok(Err(why)) => Err(LedgerFailure::Governor(format!("the governor at {}: {why}", self.place.shown()))),
            Err(_) => Err(self.away()),
        }
    }

    /// None where its governor cannot be asked.
    fn ask(&self, question: impl FnOnce(u32) -> ToGovernor) -> Option<ToWorker> {
        let (reply, answer) = channel();
        let number = {
            let mut state = self.state();
            state.last_question += 1;
            let number = state.last_question;
            let question = question(number);
            state.say(&question);
            state.questions.insert(number, (question, reply));
            number
        };
        self.said.notify_one();
        let answer = answer.recv_timeout(PATIENCE).ok();
        self.state().questions.remove(&number);
        answer
    }

    /// How far the fleet is.
    pub fn sums(&self) -> Result<FleetSums, LedgerFailure> {
        match self.ask(|question| ToGovernor::Status { question }) {
            Some(ToWorker::Status { status, .. }) => Ok(status),
            _ => Err(self.away()),
        }
    }

    fn away(&self) -> LedgerFailure {
        let why = self.state().lost.clone();
        let why = if why.is_empty() { "it does not answer".to_owned() } else { why };
        LedgerFailure::Governor(format!("the governor at {} is not there: {why}", self.place.shown()))
    }
}

async fn write<W: AsyncWrite + Unpin>(to: &mut W, frame: Vec<u8>, far: bool) -> io::Result<()> {
    let written = timeout(SILENCE * 6, write_frame(to, frame, far)).await;
    written.unwrap_or_else(|_| Err(io::Error::new(ErrorKind::TimedOut, "the governor takes nothing")))
}

/// What a job's runner has of a fleet.
pub struct FleetShare {
    link: Arc<Link>,
    job: u32,
    places: Arc<Mutex<Vec<u64>>>,
}

impl FleetShare {
    /// Reads the job's rows again, also when it has ended.
    pub fn shelf(&self) -> Shelf {
        Shelf { link: Arc::clone(&self.link), places: Arc::clone(&self.places) }
    }

    /// Says something of a row that the governor knows.
    fn of_row(&self, seq: u64, change: impl FnOnce(&mut LinkRow, u64) -> Option<ToGovernor>) {
        let mut state = self.link.state();
        let row = state.jobs.get_mut(&self.job).and_then(|job| job.rows.get_mut(&seq));
        let message = row.and_then(|row| {
            let id = row.id?;
            change(row, id)
        });
        if let Some(message) = message {
            state.say(&message);
        }
    }
}

impl Share for FleetShare {
    fn claim(&mut self, row: &JobRow) {
        let (job, seq, hash, key) = (self.job, row.seq, row.hash, row.key.clone());
        let mut state = self.link.state();
        if let Some(job) = state.jobs.get_mut(&job) {
            let row = LinkRow { hash, key: key.clone(), id: None, stage: RowStage::Claiming, end: None, had: None };
            job.rows.insert(seq, row);
        }
        state.say(&ToGovernor::Claim { job, seq, hash, key, had: None });
    }

    fn want(&mut self, seq: u64, attempt: u32, size: Size, first: bool) {
        self.of_row(seq, |row, id| {
            row.stage = RowStage::Wanted { attempt, size, first };
            Some(ToGovernor::Want { id, attempt, size, first })
        });
    }

    fn ended(&mut self, attempt: EndedAttempt) {
        self.of_row(attempt.seq, |row, id| {
            let attempt = EndedAttempt { seq: id, ..attempt };
            (row.stage, row.end) = (RowStage::Claimed, Some(attempt.clone()));
            Some(ToGovernor::Ended { attempt })
        });
    }

    fn settle(&mut self, record: Record, last: bool) {
        let (job, seq) = (self.job, record.seq);
        self.of_row(seq, |row, id| {
            let record = Box::new(record);
            row.stage = RowStage::Settling { record: record.clone(), last };
            Some(ToGovernor::Settle { job, seq, id, record, last })
        });
    }

    fn fail(&mut self, seq: u64, error: String) {
        self.of_row(seq, |_, id| Some(ToGovernor::Fail { id, error }));
    }

    fn set_input(&mut self, seq: u64, input: Bytes) {
        self.of_row(seq, |_, id| Some(ToGovernor::Input { id, input }));
    }

    fn free(&mut self, seq: u64) {
        let mut state = self.link.state();
        let row = state.jobs.get_mut(&self.job).and_then(|job| job.rows.remove(&seq));
        if let Some(id) = row.and_then(|row| row.id) {
            state.say(&ToGovernor::Free { id });
        }
    }

    fn flush(&mut self) {
        if self.link.state().out.as_ref().is_some_and(|out| !out.is_empty()) {
            self.link.said.notify_one();
        }
    }
}

impl Drop for FleetShare {
    fn drop(&mut self) {
        let mut state = self.link.state();
        let gone = state.jobs.remove(&self.job);
        state.say(&ToGovernor::Close { job: self.job });
        drop(state);
        drop(gone);
        self.link.said.notify_one();
    }
}

/// The rows of a job, in the governor's store.
pub struct Shelf {
    link: Arc<Link>,
    places: Arc<Mutex<Vec<u64>>>,
}

impl Shelf {
    /// At most so many from that row on, in the order of the data; fewer where they are large.
    pub fn read(&self, from: u64, most: usize) -> Result<Vec<Record>, LedgerFailure> {
        let from = usize::try_from(from).unwrap_or(usize::MAX);
        let ids: Vec<u64> = {
            let places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
            places.iter().skip(from).take(most).copied().collect()
        };
        let asked: Vec<u64> = ids.iter().copied().filter(|id| *id != u64::MAX).collect();
        if asked.is_empty() {
            return Ok(Vec::new());
        }
        let Some(ToWorker::Rows { records, .. }) = self.link.ask(|question| ToGovernor::Read { question, ids: asked })
        else {
            return Err(self.link.away());
        };
        let known: HashMap<u64, Record> = records.into_iter().map(|record| (record.seq, record)).collect();
        let rows = ids.iter().enumerate().filter(|(_, id)| **id != u64::MAX);
        // Where they are large the rest is the next to be read.
        let rows = rows.map_while(|(at, id)| Some(Record { seq: (from + at) as u64, ..known.get(id)?.clone() }));
        Ok(rows.collect())
    }
}
