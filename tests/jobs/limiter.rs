//! The limiter against servers in virtual time: no sockets, no sleeping, the same random numbers each time. Each scenario
//! says what the quota would give, and what share of it came.
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, VecDeque};
use std::time::Duration;

use wenwen::jobs::limiter::said::{NamedQuota, Rate, Said, Unit};
use wenwen::jobs::limiter::{Admit, AttemptEnd, KnownLimits, Limiter, Permit};

/// Random numbers that are the same each time.
struct Random(u64);

impl Random {
    /// In 0..1 (xorshift64*).
    fn next(&mut self) -> f64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11) as f64 / (1u64 << 53) as f64
    }

    fn within(&mut self, from: f64, to: f64) -> f64 {
        from + (to - from) * self.next()
    }

    /// A mean of 1 and a heavy tail (lognormal, sigma 1).
    fn heavy(&mut self) -> f64 {
        let normal = (0..12).map(|_| self.next()).sum::<f64>() - 6.0;
        (normal - 0.5).exp()
    }
}

/// Something that a server refuses by.
trait Rule {
    /// Refused, with how and what is said; or it passes.
    fn refuses(&mut self, now: f64, tokens: f64, running: usize, random: &mut Random) -> Option<(AttemptEnd, Said)>;
    fn finished(&mut self, _now: f64) {}
    /// What the headers of a reply say.
    fn says(&mut self, _random: &mut Random) -> Said {
        Said::default()
    }
}

const REFUSED: Option<(AttemptEnd, Said)> = Some((AttemptEnd::Refused, SILENT));
const SILENT: Said = Said { wait: None, requests: None, tokens: None, quota: None };

fn refused(said: Said) -> Option<(AttemptEnd, Said)> {
    Some((AttemptEnd::Refused, said))
}

/// A token bucket, whose rate may change with time.
struct Bucket {
    rate: Box<dyn Fn(f64) -> f64>,
    burst: f64,
    level: f64,
    at: f64,
    counts_tokens: bool,
    refusal: Said,
    reply: Said,
}

fn bucket(rate: impl Fn(f64) -> f64 + 'static, burst: f64) -> Box<Bucket> {
    let (refusal, reply) = (SILENT, SILENT);
    Box::new(Bucket { rate: Box::new(rate), burst, level: burst, at: 0.0, counts_tokens: false, refusal, reply })
}

impl Rule for Bucket {
    fn refuses(&mut self, now: f64, tokens: f64, _: usize, _: &mut Random) -> Option<(AttemptEnd, Said)> {
        self.level = (self.level + (now - self.at) * (self.rate)(now)).min(self.burst);
        self.at = now;
        let need = if self.counts_tokens { tokens } else { 1.0 };
        if self.level < need {
            return refused(self.refusal);
        }
        self.level -= need;
        None
    }

    fn says(&mut self, _: &mut Random) -> Said {
        self.reply
    }
}

/// At most so many at once.
struct AtOnce(usize, Said);

impl Rule for AtOnce {
    fn refuses(&mut self, _: f64, _: f64, running: usize, _: &mut Random) -> Option<(AttemptEnd, Said)> {
        if running >= self.0 { refused(self.1) } else { None }
    }
}

/// The gateway's: so many replies in the last minute, counted when they finish.
struct Sliding {
    most: usize,
    span: f64,
    finished: VecDeque<f64>,
    refusal: Said,
}

impl Rule for Sliding {
    fn refuses(&mut self, now: f64, _: f64, _: usize, _: &mut Random) -> Option<(AttemptEnd, Said)> {
        while self.finished.front().is_some_and(|at| *at <= now - self.span) {
            self.finished.pop_front();
        }
        if self.finished.len() >= self.most { refused(self.refusal) } else { None }
    }

    fn finished(&mut self, now: f64) {
        self.finished.push_back(now);
    }
}

fn sliding(most: usize, span: f64, refusal: Said) -> Box<Sliding> {
    Box::new(Sliding { most, span, finished: VecDeque::new(), refusal })
}

/// So many in each second, minute of the clock.
struct Clock(f64, f64, (u64, f64));

impl Rule for Clock {
    fn refuses(&mut self, now: f64, _: f64, _: usize, _: &mut Random) -> Option<(AttemptEnd, Said)> {
        let id = (now / self.1) as u64;
        self.2 = if self.2.0 == id { (id, self.2.1 + 1.0) } else { (id, 1.0) };
        if self.2.1 > self.0 { REFUSED } else { None }
    }
}

/// Between two times, a share of all requests ends so.
struct Phase(f64, f64, f64, AttemptEnd);

impl Rule for Phase {
    fn refuses(&mut self, now: f64, _: f64, _: usize, random: &mut Random) -> Option<(AttemptEnd, Said)> {
        ((self.0..self.1).contains(&now) && random.next() < self.2).then_some((self.3, SILENT))
    }
}

/// Replies come with one channel's limit, whatever the account's is.
struct Header(Rate, u32);

impl Rule for Header {
    fn refuses(&mut self, _: f64, _: f64, _: usize, _: &mut Random) -> Option<(AttemptEnd, Said)> {
        None
    }

    fn says(&mut self, random: &mut Random) -> Said {
        let channel = (random.next() * f64::from(self.1)) as u32;
        Said { requests: Some(Rate { count: self.0.count + f64::from(channel), ..self.0 }), ..SILENT }
    }
}

/// A machine that has other work: what is sent and what comes back takes its turn there, and now and then it stands
/// still, with all that runs on it or only with what is underway.
#[derive(Debug, Default, Clone, Copy)]
struct Machine {
    /// Seconds that each message takes of it, one after the other.
    message: f64,
    /// It stands still for up to so many seconds, about as often as that.
    still: f64,
    net: f64,
    often: f64,
    free: f64,
    next: f64,
}

impl Machine {
    /// When what comes now has had its turn.
    fn turn(&mut self, now: f64) -> f64 {
        self.free = self.free.max(now) + self.message;
        self.free
    }

    /// When what was to happen now happens.
    fn at(&mut self, now: f64, random: &mut Random) -> f64 {
        if self.often == 0.0 || now < self.next {
            return now;
        }
        self.next = now + self.often * random.within(0.5, 1.5);
        let now = now + self.still * random.next();
        self.free = self.free.max(now + self.net * random.next());
        now
    }
}

/// Seconds, by the time.
type Latency = Box<dyn Fn(f64, &mut Random) -> f64>;

struct World {
    rules: Vec<Box<dyn Rule>>,
    latency: Latency,
    /// How long a refusal takes.
    refusal: f64,
    /// A share that is never answered.
    hangs: f64,
    /// What client and server run on.
    machine: Machine,
    /// Of a fleet, what workers run on; the limiter's is a governor's then, which is told by them what has ended.
    workers: Vec<Machine>,
    limits: KnownLimits,
    seed: u64,
    tokens: Box<dyn Fn(&mut Random) -> f64>,
}

impl World {
    fn new(latency: f64, rules: Vec<Box<dyn Rule>>) -> Self {
        Self {
            rules,
            latency: Box::new(move |_, random| latency * random.within(0.8, 1.2)),
            refusal: 0.02,
            hangs: 0.0,
            machine: Machine::default(),
            workers: Vec::new(),
            limits: KnownLimits::default(),
            seed: 42,
            tokens: Box::new(|_| 100.0),
        }
    }

    /// When the worker that has this request has had its turn.
    fn worker(&mut self, number: u64, now: f64, random: &mut Random) -> f64 {
        let count = self.workers.len() as u64;
        let worker = number.checked_rem(count).and_then(|at| self.workers.get_mut(at as usize));
        worker.map_or(now, |machine| {
            machine.at(now, random);
            machine.turn(now)
        })
    }

    fn latency(self, latency: impl Fn(f64, &mut Random) -> f64 + 'static) -> Self {
        Self { latency: Box::new(latency), ..self }
    }
}

#[derive(Debug, Default, Clone, Copy)]
struct Seen {
    took: f64,
    done: usize,
    refused: usize,
    lost: usize,
    most: usize,
    tokens: f64,
}

/// Sends `rows` rows; those that were refused come again.
fn run(mut world: World, rows: usize) -> Seen {
    // Other numbers: `JOBS_SEED=7`.
    let seed = std::env::var("JOBS_SEED").ok().and_then(|seed| seed.parse().ok());
    let mut random = Random(seed.unwrap_or(world.seed));
    let mut limiter = Limiter::new(world.limits, 7);
    let mut seen = Seen::default();
    let mut now = 0.0f64;
    let mut waiting: VecDeque<f64> = (0..rows).map(|_| (world.tokens)(&mut random)).collect();
    let (mut number, mut at_server) = (0u64, 0usize);
    let mut events: BinaryHeap<Reverse<(u64, u64)>> = BinaryHeap::new();
    let mut running: BTreeMap<u64, Sent> = BTreeMap::new();
    // What it did in each second: `JOBS_TRACE=1 cargo test --test jobs NAME -- --nocapture`.
    let trace = std::env::var_os("JOBS_TRACE").is_some();
    let (mut traced, mut then) = (0.0, Seen::default());
    while seen.done < rows {
        let mut wake = f64::INFINITY;
        while let Some(tokens) = waiting.front().copied() {
            // The estimate is wrong by up to a quarter.
            let estimate = tokens * random.within(0.75, 1.25);
            match limiter.admit(Duration::from_secs_f64(now), estimate) {
                Admit::Now(permit) => {
                    waiting.pop_front();
                    number += 1;
                    events.push(at(world.machine.turn(now), number));
                    running.insert(number, Sent { permit, tokens, at: now, state: State::Let });
                }
                Admit::At(at) => {
                    // Timers are late.
                    wake = at.as_secs_f64().max(now) + random.within(0.0, 0.001);
                    break;
                }
                Admit::Full => {
                    assert!(!running.is_empty(), "full of nothing");
                    break;
                }
            }
        }
        let next = events.peek().map_or(f64::INFINITY, |Reverse((at, _))| *at as f64 / 1e9);
        assert!(next.min(wake).is_finite(), "nothing will ever happen: {seen:?}");
        now = now.max(world.machine.at(next.min(wake), &mut random));
        if trace && now >= traced + 1.0 {
            eprintln!(
                "{now:6.1} done {:5} refused {:4} running {:5} {limiter}",
                seen.done - then.done,
                seen.refused - then.refused,
                limiter.running()
            );
            (traced, then) = (now, seen);
        }
        while let Some(Reverse((when, number))) = events.peek().copied()
            && when as f64 / 1e9 <= now
        {
            events.pop();
            let sent = running.remove(&number).unwrap();
            let Sent { tokens, at: since, .. } = sent;
            let (end, said) = match sent.state {
                State::Let if !world.workers.is_empty() => {
                    events.push(at(world.worker(number, now, &mut random), number));
                    running.insert(number, Sent { state: State::Underway, ..sent });
                    continue;
                }
                State::Let | State::Underway => {
                    let refusal = world.rules.iter_mut().find_map(|r| r.refuses(now, tokens, at_server, &mut random));
                    let said = world.rules.iter_mut().fold(SILENT, |said, rule| {
                        let more = rule.says(&mut random);
                        Said { requests: said.requests.or(more.requests), tokens: said.tokens.or(more.tokens), ..said }
                    });
                    let (after, end, said, accepted) = match refusal {
                        Some((end, said)) => (world.refusal * random.within(0.5, 1.5), end, said, false),
                        None if random.next() < world.hangs => (30.0, AttemptEnd::Lost, SILENT, true),
                        None => {
                            let latency = (world.latency)(now, &mut random);
                            (latency, AttemptEnd::Answered { tokens: Some(tokens) }, said, true)
                        }
                    };
                    at_server += usize::from(accepted);
                    seen.most = seen.most.max(at_server);
                    events.push(at(now + after, number));
                    running.insert(number, Sent { state: State::Answered(end, said, accepted), ..sent });
                    continue;
                }
                // What is never answered is looked at each second, as the runner does.
                State::Answered(AttemptEnd::Lost, ..)
                    if limiter.stall().is_none_or(|stall| now < since + stall.as_secs_f64().max(30.0)) =>
                {
                    events.push(at(now + 1.0, number));
                    running.insert(number, sent);
                    continue;
                }
                State::Answered(end, said, accepted) => {
                    if accepted {
                        at_server -= 1;
                        world.rules.iter_mut().for_each(|rule| rule.finished(now));
                    }
                    if !world.workers.is_empty() {
                        events.push(at(world.worker(number, now, &mut random), number));
                        running.insert(number, Sent { state: State::Told(end, said), ..sent });
                        continue;
                    }
                    events.push(at(world.machine.turn(now), number));
                    running.insert(number, Sent { state: State::Here(end, said), ..sent });
                    continue;
                }
                State::Told(end, said) => {
                    events.push(at(world.machine.turn(now), number));
                    running.insert(number, Sent { state: State::Here(end, said), ..sent });
                    continue;
                }
                State::Here(end, said) => (end, said),
            };
            match end {
                AttemptEnd::Answered { .. } => {
                    seen.done += 1;
                    seen.tokens += tokens;
                }
                _ => {
                    waiting.push_front(tokens);
                    *(if end == AttemptEnd::Lost { &mut seen.lost } else { &mut seen.refused }) += 1;
                }
            }
            limiter.ended(Duration::from_secs_f64(now), sent.permit, end, &said);
        }
        assert!(now < 20_000.0, "endless: {seen:?}");
    }
    Seen { took: now, ..seen }
}

/// A request, and where it is.
struct Sent {
    permit: Permit,
    tokens: f64,
    at: f64,
    state: State,
}

enum State {
    /// By the limiter; a fleet's is not sent yet.
    Let,
    Underway,
    /// By the server; whether it let it through.
    Answered(AttemptEnd, Said, bool),
    /// The worker has its answer.
    Told(AttemptEnd, Said),
    Here(AttemptEnd, Said),
}

fn at(seconds: f64, number: u64) -> Reverse<(u64, u64)> {
    Reverse(((seconds * 1e9).ceil() as u64, number))
}

/// Runs, says how it went, and asserts: a share of what the quota gives, and refusals as a share of rows.
fn holds(name: &str, world: World, rows: usize, ideal: f64, share: f64, refused: f64) -> Seen {
    let seen = run(world, rows);
    let (got, refusals) = (ideal / seen.took, seen.refused as f64 / rows as f64);
    println!(
        "{name}: {:.1} % in {:.1} s, {:.2} % refused, {} at once",
        got * 100.0,
        seen.took,
        refusals * 100.0,
        seen.most
    );
    assert!(got >= share, "{name}: {:.1} % of the quota: {seen:?}", got * 100.0);
    assert!(refusals <= refused, "{name}: {:.1} % refused: {seen:?}", refusals * 100.0);
    seen
}

fn wait(seconds: f64) -> Said {
    Said { wait: Some(Duration::from_secs_f64(seconds)), ..SILENT }
}

fn text(count: f64, span: f64) -> Said {
    let quota = NamedQuota::Rate { unit: Unit::Requests, rate: Rate { count, span }, failed: false };
    Said { quota: Some(quota), ..SILENT }
}

#[test]
fn a_storm_of_100_a_second_without_headers() {
    for latency in [0.05, 0.1, 0.5, 1.0, 3.0] {
        for burst in [2.0, 10.0, 100.0] {
            let world = World::new(latency, vec![bucket(|_| 100.0, burst)]);
            // The last reply takes as long as any; of replies that take 3 s, the first are waited for at the start too.
            let (ideal, share) = ((3000.0 - burst) / 100.0 + latency, if latency < 3.0 { 0.95 } else { 0.9 });
            holds(&format!("storm, latency {latency}, burst {burst}"), world, 3000, ideal, share, 0.05);
        }
    }
}

#[test]
fn storms_of_other_sizes() {
    for rate in [3.0f64, 20.0, 300.0, 1500.0] {
        for latency in [0.2, 2.0] {
            let world = World::new(latency, vec![bucket(move |_| rate, (rate / 5.0).max(3.0))]);
            holds(
                &format!("{rate} a second, {latency} s"),
                world,
                (rate * 100.0) as usize,
                100.0 + latency,
                0.9,
                0.1 + 0.6 / rate,
            );
        }
    }
}

#[test]
fn a_storm_whose_refusals_ask_for_a_wait() {
    for burst in [10.0, 100.0] {
        let mut rule = bucket(|_| 100.0, burst);
        rule.refusal = wait(1.0);
        let world = World::new(0.1, vec![rule]);
        holds(&format!("Retry-After 1, burst {burst}"), world, 12_000, 120.0, 0.88, 0.05);
    }
}

#[test]
fn a_storm_of_slow_refusals() {
    for refusal in [0.2, 1.0] {
        let world = World { refusal, ..World::new(1.0, vec![bucket(|_| 100.0, 100.0)]) };
        holds(&format!("refusals after {refusal} s"), world, 6000, 60.0, 0.9, 0.15);
    }
}

#[test]
fn refusals_that_say_nothing_of_the_rate() {
    // Long after all that was sent, or of all of it: the rate is a guess of nothing. So late, many come in vain.
    for refusal in [5.0, 20.0] {
        let world = World { refusal, ..World::new(0.1, vec![bucket(|_| 100.0, 100.0)]) };
        holds(&format!("refusals after {refusal} s"), world, 12_000, 120.0 + 2.0 * refusal, 0.7, 10.0);
    }
    for most in [1, 4, 64] {
        for closed in [0.5, 3.0, 60.0] {
            let rules: Vec<Box<dyn Rule>> =
                vec![Box::new(Phase(0.0, closed, 1.0, AttemptEnd::Refused)), bucket(|_| 100.0, 20.0)];
            let limits = KnownLimits { max_concurrency: Some(most), ..KnownLimits::default() };
            let ideal = closed + (3000.0f64 / 100.0).max(3000.0 * 0.1 / f64::from(most));
            let world = World { limits, ..World::new(0.1, rules) };
            holds(&format!("refused for {closed} s, {most} at once"), world, 3000, ideal, 0.5, 0.1);
        }
    }
}

#[test]
fn nothing_is_limited() {
    let world = World::new(1.0, vec![]);
    let seen = run(world, 200_000);
    println!("free: {seen:?}");
    assert!(seen.took < 60.0 && seen.refused == 0 && seen.most == 4096, "{seen:?}");
}

#[test]
fn at_most_200_at_once() {
    let texts = [
        ("silent", SILENT),
        ("named", Said { quota: Some(NamedQuota::AtOnce(Some(200))), ..SILENT }),
        ("unnumbered", Said { quota: Some(NamedQuota::AtOnce(None)), ..SILENT }),
    ];
    for (name, said) in texts {
        for latency in [0.2, 1.0, 4.0] {
            let world = World::new(latency, vec![Box::new(AtOnce(200, said))]);
            let world = world.latency(move |_, random| latency * random.within(0.5, 1.5));
            let rows = (60_000.0 / latency).min(40_000.0);
            holds(
                &format!("200 at once, {name}, {latency} s"),
                world,
                rows as usize,
                rows * latency / 200.0,
                0.9,
                0.05,
            );
        }
    }
}

#[test]
fn few_at_once() {
    for most in [1, 3, 10, 50] {
        for latency in [0.3, 2.0] {
            let world = World::new(latency, vec![Box::new(AtOnce(most, SILENT))]);
            let rows = (300.0 * most as f64 / latency).min(6000.0);
            let ideal = rows * latency / most as f64;
            holds(&format!("{most} at once, {latency} s"), world, rows as usize, ideal, 0.9, 0.5);
        }
    }
}

#[test]
fn few_at_once_with_short_latencies() {
    // Ours above the server's: few are sent at once, and what passes of them tells no rate.
    for (most, own) in
        [1, 2, 3, 5].into_iter().flat_map(|most| [None, Some(6), Some(8), Some(50)].map(|own| (most, own)))
    {
        for (latency, rows) in [0.02, 0.05, 0.2].into_iter().flat_map(|latency| [(latency, 30), (latency, 300)]) {
            let limits = KnownLimits { max_concurrency: own, ..KnownLimits::default() };
            let world = World { limits, refusal: 0.001, ..World::new(latency, vec![Box::new(AtOnce(most, SILENT))]) };
            // A second, to see what it is.
            let ideal = rows as f64 * latency / most as f64 + 1.0;
            holds(&format!("{most} at once of {own:?}, {latency} s"), world, rows, ideal, 0.75, 1.5);
        }
    }
}

#[test]
fn few_of_ours_at_once_and_a_rate() {
    for (own, rate) in [3, 6, 8].into_iter().flat_map(|own| [0.5, 3.0, 20.0, 100.0].map(|rate| (own, rate))) {
        for (latency, refusal) in [(0.02, SILENT), (0.2, SILENT), (2.0, SILENT), (0.05, wait(1.0))] {
            let limits = KnownLimits { max_concurrency: Some(own), ..KnownLimits::default() };
            let mut rule = bucket(move |_| rate, 3.0);
            rule.refusal = refusal;
            let world = World { limits, refusal: 0.001, ..World::new(latency, vec![rule]) };
            let ideal = (100.0 / rate).max(100.0 * latency / f64::from(own));
            // Who asks for a wait each time does so to few, and for what would have taken less.
            let share = if refusal.wait.is_some() { 0.1 } else { 0.7 };
            let name = format!("{own} of ours, {rate} a second, {latency} s, {:?}", refusal.wait);
            holds(&name, world, 100, ideal, share, 0.5);
        }
    }
}

#[test]
fn the_gateways_3000_a_minute() {
    for (name, said) in [("silent", SILENT), ("named", text(3000.0, 60.0))] {
        for latency in [0.2, 2.0, 10.0] {
            let world = World::new(latency, vec![sliding(3000, 60.0, said)]);
            holds(&format!("3000 a minute, {name}, {latency} s"), world, 30_000, 600.0, 0.9, 0.1);
        }
    }
}

#[test]
fn windows_of_the_clock() {
    holds("100 each second", World::new(0.3, vec![Box::new(Clock(100.0, 1.0, (0, 0.0)))]), 6000, 60.0, 0.9, 0.1);
    // Who knew the clock would be done a minute earlier.
    holds("600 each minute", World::new(0.3, vec![Box::new(Clock(600.0, 60.0, (0, 0.0)))]), 6000, 600.0, 0.9, 0.1);
}

#[test]
fn a_quota_that_halves_and_comes_back() {
    let rate = |now: f64| if (100.0..250.0).contains(&now) { 50.0 } else { 100.0 };
    for latency in [0.3, 2.0] {
        let world = World::new(latency, vec![bucket(rate, 20.0)]);
        holds(&format!("halved, {latency} s"), world, 32_500, 400.0, 0.9, 0.05);
    }
}

#[test]
fn a_thousand_a_second_with_slow_replies() {
    let world = World::new(2.0, vec![bucket(|_| 1000.0, 200.0)]).latency(|_, random| random.within(1.0, 3.0));
    holds("1000 a second, 1-3 s", world, 100_000, 100.0, 0.9, 0.05);
}

#[test]
fn a_heavy_tail() {
    let world = World::new(2.0, vec![bucket(|_| 100.0, 20.0)]);
    let world =
        world.latency(|_, random| if random.next() < 0.02 { random.within(20.0, 60.0) } else { random.heavy() });
    // The last of them takes a minute.
    holds("heavy tail", world, 60_000, 600.0 + 30.0, 0.9, 0.05);
}

#[test]
fn latencies_that_grow_do_not_lower_the_rate() {
    let world = World::new(1.0, vec![bucket(|_| 100.0, 20.0)]);
    let world = world.latency(|now, random| (if now < 100.0 { 0.5 } else { 5.0 }) * random.within(0.8, 1.2));
    holds("latency x 10", world, 30_000, 300.0, 0.9, 0.05);
}

#[test]
fn tokens_a_minute() {
    let tokens = |random: &mut Random| 500.0 * random.heavy() + 50.0;
    for (name, known) in [("learned", None), ("known", Some(3_000_000.0))] {
        let mut rule = bucket(|_| 50_000.0, 100_000.0);
        rule.counts_tokens = true;
        let limits = KnownLimits { tpm: known, ..KnownLimits::default() };
        let world = World { limits, tokens: Box::new(tokens), ..World::new(1.0, vec![rule]) };
        let seen = run(world, 20_000);
        let share = seen.tokens / 50_000.0 / seen.took;
        println!("tokens, {name}: {:.1} %, {seen:?}", share * 100.0);
        assert!(share >= 0.9 && seen.refused <= 1000, "{name}: {share}: {seen:?}");
    }
}

#[test]
fn a_request_larger_than_the_bucket_passes() {
    let limits = KnownLimits { tpm: Some(600.0), ..KnownLimits::default() };
    let world = World { limits, tokens: Box::new(|_| 5000.0), ..World::new(0.1, vec![]) };
    let seen = run(world, 3);
    assert!(seen.took > 900.0 && seen.took < 1100.0, "{seen:?}");
}

#[test]
fn what_the_user_knows() {
    let limits = KnownLimits { rpm: Some(6000.0), max_concurrency: Some(150), ..KnownLimits::default() };
    let world = World { limits, ..World::new(1.0, vec![bucket(|_| 100.0, 10.0)]) };
    let seen = holds("rpm", world, 6000, 60.0, 0.9, 0.03);
    assert!(seen.most <= 150, "{seen:?}");
    let limits = KnownLimits { rpm: Some(60.0), ..KnownLimits::default() };
    holds("60 a minute", World { limits, ..World::new(1.0, vec![]) }, 100, 100.0, 0.95, 0.0);
}

#[test]
fn headers_of_one_channel_that_are_steady_and_wrong() {
    let header = |count: f64, channels: u32| Box::new(Header(Rate { count, span: 60.0 }, channels));
    for (name, count, channels) in [("a quarter", 1500.0, 1), ("ten times", 60_000.0, 1), ("changing", 1500.0, 4)] {
        let world = World::new(0.5, vec![bucket(|_| 100.0, 50.0), header(count, channels)]);
        holds(&format!("headers, {name}"), world, 12_000, 120.0, 0.9, 0.05);
        holds(
            &format!("headers, {name}, no limit"),
            World::new(0.5, vec![header(count, channels)]),
            50_000,
            20.0,
            0.5,
            0.0,
        );
    }
    let world = World::new(0.5, vec![bucket(|_| 100.0, 50.0), header(6000.0, 1)]);
    holds("headers that are right", world, 12_000, 120.0, 0.95, 0.02);
}

#[test]
fn requests_that_hang() {
    let world = World { hangs: 0.01, ..World::new(1.0, vec![bucket(|_| 100.0, 20.0)]) };
    let seen = holds("hanging", world, 30_000, 300.0 + 30.0, 0.9, 0.05);
    assert!(seen.lost > 200, "{seen:?}");
}

#[test]
fn phases_of_503_and_529() {
    for latency in [0.3, 2.0] {
        // All refused for 20 s, then a third for 60 s.
        let rules = vec![
            Box::new(Phase(30.0, 50.0, 1.0, AttemptEnd::Overloaded)) as Box<dyn Rule>,
            Box::new(Phase(80.0, 140.0, 0.3, AttemptEnd::Overloaded)),
            bucket(|_| 100.0, 20.0),
        ];
        holds(&format!("overload, {latency} s"), World::new(latency, rules), 20_000, 200.0 + 20.0, 0.9, 0.15);
    }
}

#[test]
fn a_channel_that_always_refuses_some() {
    for share in [0.05, 0.3] {
        for seed in 1..=10 {
            let rules: Vec<Box<dyn Rule>> =
                vec![Box::new(Phase(0.0, 1e9, share, AttemptEnd::Refused)), bucket(|_| 100.0, 20.0)];
            let world = World { seed, ..World::new(0.5, rules) };
            holds(&format!("{share} refused, {seed}"), world, 12_000, 120.0, 0.85, share * 2.0 + 0.1);
        }
    }
}

#[test]
fn retry_after_for_all() {
    // A window that closes, and says for how long.
    let world = World::new(0.5, vec![sliding(3000, 60.0, wait(10.0))]);
    holds("3000 a minute, Retry-After 10", world, 15_000, 300.0, 0.9, 0.05);
}

#[test]
fn no_money_and_a_days_limit() {
    let day = Said { quota: Some(NamedQuota::Day), ..SILENT };
    struct Gone(f64, f64, AttemptEnd, Said);
    impl Rule for Gone {
        fn refuses(&mut self, now: f64, _: f64, _: usize, _: &mut Random) -> Option<(AttemptEnd, Said)> {
            (self.0..self.1).contains(&now).then_some((self.2, self.3))
        }
    }
    for (name, end, said) in [("money", AttemptEnd::Exhausted, SILENT), ("day", AttemptEnd::Refused, day)] {
        let rules: Vec<Box<dyn Rule>> = vec![Box::new(Gone(30.0, 1000.0, end, said)), bucket(|_| 100.0, 20.0)];
        let seen = holds(name, World::new(0.5, rules), 10_000, 100.0 + 970.0, 0.9, 0.03);
        // One a minute, and what was in flight.
        assert!(seen.refused < 250, "{name}: {seen:?}");
    }
}

#[test]
fn few_a_minute() {
    for rpm in [3.0, 20.0, 60.0] {
        let world = World::new(2.0, vec![bucket(move |_| rpm / 60.0, 3.0)]);
        holds(&format!("{rpm} a minute"), world, 300, 300.0 / rpm * 60.0, 0.95, 0.5);
    }
}

/// Name, latency, limit, rows, the seconds that the limit gives them, the share of these, and what may be refused.
type Busy = (&'static str, f64, Box<dyn Rule>, usize, f64, f64, f64);

/// As it is over sockets, with a build that is slow, on a machine that has other work.
#[test]
fn a_machine_that_has_other_work() {
    let storm =
        |burst: f64, refusal: Said| -> Box<dyn Rule> { Box::new(Bucket { refusal, ..*bucket(|_| 100.0, burst) }) };
    let halved = |now: f64| if (10.0..20.0).contains(&now) { 50.0 } else { 100.0 };
    for (message, still, net) in [(0.0003, 0.2, 0.0), (0.0003, 0.0, 0.2), (0.001, 0.2, 0.1)] {
        // What is let through at once is so again when a window of the kind opens: paced, it is spread over it.
        #[rustfmt::skip]
        let table: [Busy; 9] = [
            ("storm", 0.1, storm(20.0, SILENT), 3000, 30.0, 0.85, 0.08),
            ("storm, burst", 0.1, storm(100.0, SILENT), 3000, 29.0, 0.9, 0.06),
            ("storm, Retry-After", 0.1, storm(20.0, wait(1.0)), 3000, 30.0, 0.6, 0.03),
            ("a short one", 0.001, bucket(|_| 200.0, 40.0), 1200, 6.0, 0.7, 0.15),
            ("window of 1.5 s", 0.05, sliding(300, 1.5, SILENT), 1200, 6.0, 0.7, 0.5),
            ("window of 6 s", 0.1, sliding(600, 6.0, SILENT), 2400, 24.0, 0.8, 0.5),
            ("window of 60 s", 0.2, sliding(3000, 60.0, SILENT), 12_000, 240.0, 0.85, 0.3),
            ("halved", 0.1, bucket(halved, 20.0), 2500, 30.0, 0.7, 0.15),
            ("10 at once", 0.05, Box::new(AtOnce(10, SILENT)), 2000, 10.0, 0.25, 0.15),
        ];
        for (name, latency, rule, rows, ideal, share, refused) in table {
            let machine = Machine { message, still, net, often: 1.0, ..Machine::default() };
            let world = World { machine, refusal: 0.001, ..World::new(latency, vec![rule]) };
            holds(&format!("{name}, {message} {still} {net}"), world, rows, ideal, share, refused);
        }
    }
}

/// Four workers and a governor: what it lets be sent is written down, travels, and waits for a worker that may stand still;
/// how that ended comes back the same way. Seconds of a message, of pauses, of a refusal.
#[test]
fn a_fleet_has_one_quota() {
    let rule = || vec![bucket(|_| 100.0, 21.0) as Box<dyn Rule>];
    for (message, still, refusal, share, refused) in [
        (0.0, 0.0, 0.001, 0.97, 0.04),
        (0.0005, 0.05, 0.02, 0.96, 0.05),
        (0.0005, 0.05, 0.05, 0.96, 0.05),
        (0.001, 0.05, 0.1, 0.95, 0.06),
        (0.002, 0.1, 0.02, 0.9, 0.06),
    ] {
        for latency in [0.1, 0.3, 1.0] {
            let machine = Machine { message, still, often: 1.0, ..Machine::default() };
            let workers = vec![Machine { net: still, ..machine }; 4];
            let world = World { machine, workers, refusal, ..World::new(latency, rule()) };
            let ideal = 29.8 + latency;
            holds(&format!("fleet, {message} {still} {refusal}, {latency} s"), world, 3000, ideal, share, refused);
        }
    }
    // All stand still soon after the start, when the rate is a guess: nothing comes back, and nothing is refused.
    for (begins, still, refused) in [(1.0, 3.0, 0.1), (1.3, 3.0, 0.25), (2.0, 3.0, 0.1), (1.3, 10.0, 0.2)] {
        let worker = Machine { message: 0.0005, net: still, next: begins, often: 1e9, ..Machine::default() };
        let world = World { workers: vec![worker; 4], ..World::new(0.3, rule()) };
        holds(&format!("a fleet that stands still, {begins} {still}"), world, 3000, 29.8 + still, 0.9, refused);
    }
}
