//! What to make of what was observed: a rate for the quota, a rate for a server that has too much to do, a cap on what
//! runs at once, and whether anything may be sent at all. The reasons stand at `super`.
use super::model::{RateModel, Sum, aligned};
use super::said::{NamedQuota, Rate, Said, Unit};

/// In flight at first.
const FIRST: f64 = 32.0;
/// A text's quota that nobody has repeated for so long (seconds) may have changed.
const STALE: f64 = 600.0;
/// Shares of a quota that somebody named: the server's clock is not ours.
pub(super) const NAMED: f64 = 0.98;

/// How a rate is cut and grows again: w·(1 + growth·(t − k)³), k such that it begins at the cut. Flat around what was
/// right when it last failed, steep far from it.
#[derive(Debug)]
struct Terms {
    growth: f64,
    cut: f64,
}

const QUOTA: Terms = Terms { growth: 7e-4, cut: 0.97 };
/// A server that was overloaded is itself again within seconds.
const OVERLOAD: Terms = Terms { growth: 1e-2, cut: 0.9 };

/// What a refusal costs: the wait that it asks for, and the rate below which windows that close have never let through.
/// And how long it is before it is known, and how many replies a second come.
#[derive(Debug, Clone, Copy)]
struct Cost {
    wait: f64,
    floor: f64,
    late: f64,
    replies: f64,
}

/// A rate that was learned.
#[derive(Debug)]
pub(super) struct SendPace {
    terms: &'static Terms,
    /// What was accepted when it was last cut.
    right: f64,
    pub rate: f64,
    age: f64,
    /// Doublings a second, until it was cut once: it may be far too low.
    guess: f64,
    /// Of the last cut: when, from which rate, the share that was refused from the cut before on, and the one that would
    /// be refused if the rate was why.
    cut: f64,
    before: f64,
    share: f64,
    expected: f64,
    /// Since then.
    sent: f64,
    refused: f64,
    bunched: f64,
    /// The share of the first of them.
    early: Option<f64>,
    /// Cuts in a row that did no good.
    useless: u32,
    /// A share that is refused whatever the rate: by one channel of several, say.
    base: f64,
    /// Sent since the last refusal.
    clean: f64,
}

impl SendPace {
    fn new(terms: &'static Terms, rate: f64, now: f64) -> Self {
        let rate = rate.max(LEAST_RATE);
        let (share, expected) = (0.0, 0.0);
        Self {
            terms,
            right: rate,
            rate,
            age: 0.0,
            guess: FAST,
            cut: now,
            before: rate,
            share,
            expected,
            sent: 0.0,
            refused: 0.0,
            bunched: 0.0,
            early: None,
            useless: 0,
            base: 0.0,
            clean: 0.0,
        }
    }

    fn plateau(&self) -> f64 {
        ((1.0 - self.terms.cut) / self.terms.growth).cbrt()
    }

    /// What an epoch of `length` seconds teaches; whether it was a cut. `bound`: the rate was what held requests back.
    fn epoch(&mut self, now: f64, length: f64, sum: &Sum, refused: u32, bound: bool, cost: Cost) -> bool {
        let Cost { wait, floor, late, replies } = cost;
        let (sent, refused) = (f64::from(sum.sent).max(1.0), f64::from(refused));
        (self.sent, self.refused) = (self.sent + sent, self.refused + refused);
        self.bunched += f64::from(sum.bunched);
        self.clean = if refused == 0.0 { self.clean + sent } else { 0.0 };
        // So many that passed, one after the other, are no luck.
        if (1.0 - self.base).powf(self.clean) < 1e-3 {
            self.base = 0.0;
        }
        if (self.sent >= ENOUGH || self.refused >= ENOUGH / 5.0) && self.early.is_none() {
            let early = self.refused / self.sent;
            (self.early, self.base) = (Some(early), self.base.min(early));
        }
        let share = refused / sent;
        // Three deviations: an epoch has 20 requests or more. A guess that is refused a little is not far off, and has ten.
        let chance = match self.guess == 0.0 || wait > 0.1 {
            true => 0.0,
            false if sent < 10.0 => 0.05,
            false => (2.0 / sent).max(0.05),
        };
        let usual = (self.base + 3.0 * (self.base / sent).sqrt()).max(chance);
        if share <= usual {
            if bound && self.guess > 0.0 {
                // Half a doubling before it is known how that fared, and no further than what comes back tells: where
                // all stands still, nothing is refused either.
                let grown = self.rate * (length * self.guess.min(0.5 / late)).min(1.0).exp2();
                self.rate = grown.min(self.before.max(replies) * BLIND).max(self.rate);
                self.right = self.rate;
            } else if bound {
                // Slower where requests are few, and where each failure costs a wait for all.
                let costly = (self.plateau() / (15.0 * wait).max(1e-9)).max(0.1);
                self.age += length * (self.rate / 5.0).min(costly).min(1.0);
                self.rate = self.right * (1.0 + self.terms.growth * (self.age - self.plateau()).powi(3));
            }
            return false;
        }
        let since = self.refused / self.sent;
        if self.share > 0.0 && share < 0.2 && (self.sent < ENOUGH || self.refused < 5.0) && wait < 0.1 {
            return false; // too few to tell
        }
        // A limit's refusals begin when the rate has grown back; others are there right after a cut.
        let usual = self.expected.max(self.base);
        let (left, was) = (self.early.unwrap_or(since) - usual, self.share - usual);
        self.useless = match was >= 0.02 {
            true if self.refused < 5.0 => self.useless,
            true if left >= was * 0.5 => self.useless + 1,
            true if left >= was * 0.25 => self.useless,
            _ => self.useless.saturating_sub(1),
        };
        if self.useless == 0 {
            self.before = self.rate;
        }
        // What is refused whatever the rate is so here and there; in bunches it is what a quota does.
        if self.useless >= USELESS && self.bunched * 2.0 > self.refused {
            self.useless = 0;
        }
        if self.useless >= USELESS {
            // Cuts do no good, so they are undone, once there are enough to tell the share: what is refused has other
            // reasons.
            let Some(early) = self.early else { return false };
            self.base = early.min(0.5);
            (self.right, self.rate, self.guess) = (self.before, self.before, SLOW);
            (self.share, self.sent, self.refused, self.useless, self.early) = (0.0, 0.0, 0.0, 0, None);
            self.bunched = 0.0;
            return false;
        }
        // By the share: fewer may have been sent than the rate allows. The first refusal is where the limit is, the
        // others are beyond it. Where each costs a wait, more room is left, and most where it was too little before.
        let room = match wait > 0.1 {
            // What is above the quota takes what a bucket holds, a fifth of a second's: the sooner, the more it is.
            true => (1.0 / (1.0 + 0.2 / (now - self.cut - wait * 1.1).max(0.01))).clamp(0.6, 0.97),
            false => 1.0,
        };
        let accepted = self.rate * (1.0 - (refused - 1.0) / sent) / (1.0 - self.base);
        self.right = (accepted * room).max(self.rate * 0.5).max(floor).min(self.rate).max(LEAST_RATE);
        self.rate = self.right * self.terms.cut;
        self.expected = (1.0 - accepted / self.rate).max(0.0);
        (self.cut, self.age, self.share, self.sent, self.refused) = (now, 0.0, since, 0.0, 0.0);
        self.bunched = 0.0;
        // A few of few may be chance: it is a guess still.
        let is_chance = self.guess == FAST && refused <= 5.0 && share < 0.4 && wait < 0.1;
        (self.guess, self.early) = (if is_chance { SLOW } else { 0.0 }, None);
        true
    }
}

/// Requests that tell a share of a twentieth.
const ENOUGH: f64 = 100.0;
/// Doublings a second of a guess; slow ones are those that so many requests stand behind.
const FAST: f64 = 3.0;
const SLOW: f64 = 0.6;
const MANY: f64 = 60.0;
/// A guess is no more than so many times what comes back.
const BLIND: f64 = 8.0;
/// Seconds, at the first refusal.
const LONGEST_LOOK: f64 = 2.0;
/// Seconds that few that passed at once stand for, at least.
const SHORTEST: f64 = 0.1;
/// Seconds.
const LATELY: f64 = 5.0;
/// Requests that were let through, by which a window is told.
const SOME: u64 = 20;
/// So many cuts that do no good are undone.
const USELESS: u32 = 3;
/// One an hour and a half: nothing is slower than that and still a quota.
const LEAST_RATE: f64 = 1.0 / 5400.0;

/// A limit on what runs at once.
#[derive(Debug, Default)]
struct Cap {
    /// How many ran at the last refusals, and when.
    seen: [(f64, u32); 3],
    next: usize,
    /// How many ran, at least, when the last requests were sent that were not refused.
    passed: [u32; 32],
    answered: usize,
    /// What was learned: (at the last refusal, seconds since that it was what held requests back).
    learned: Option<(f64, f64)>,
    /// What a text said, and when.
    named: Option<(u32, f64)>,
    /// Whether a text said that it is one.
    certain: bool,
}

impl Cap {
    /// Refused with `running` others in the server's hands. A cap shows by the same number each time, at which nothing
    /// else passes.
    fn refused(&mut self, now: f64, running: u32) {
        if self.next > 0 && self.seen.get((self.next - 1) % 3).is_some_and(|(at, _)| now - at < 0.1) {
            return; // they were sent together
        }
        if let Some(slot) = self.seen.get_mut(self.next % 3) {
            *slot = (now, running);
        }
        self.next += 1;
        let (least, most) = self.seen.iter().fold((u32::MAX, 0), |(l, m), (_, n)| (l.min(*n), m.max(*n)));
        let recent = self.next >= 3 && self.seen.iter().all(|(at, _)| now - at < 60.0);
        let passed = self.passed.iter().take(self.answered).filter(|passed| **passed >= running).count();
        let alike = least > 0 && f64::from(most - least) <= f64::from(most) * 0.02;
        if recent && alike && passed < 4 {
            self.learned = Some((f64::from(least.max(1)), 0.0));
        } else if !self.certain && (passed >= 4 || !alike) {
            self.learned = None;
        }
    }

    fn passed(&mut self, running: u32) {
        if let Some(slot) = self.passed.get_mut(self.answered % 32) {
            *slot = running;
        }
        self.answered += 1;
    }

    /// A text says that it is one. `least` or `all` ran: those in between had been refused already, or were about to be.
    fn said(&mut self, now: f64, most: Option<u32>, least: u32, all: u32) {
        self.certain = true;
        if let Some(most) = most {
            self.named = Some((most, now));
        }
        // Fewer than it says: others have the rest.
        let others = most.is_some_and(|most| f64::from(all) < f64::from(most) * 0.95 - 1.0);
        if most.is_none() || others {
            self.learned = Some((f64::from(if others { all } else { least }.max(1)), 0.0));
        }
    }

    fn value(&self) -> f64 {
        let named = self.named.map_or(f64::INFINITY, |(most, _)| f64::from(most));
        let grown = |(cap, age): (f64, f64)| cap + (age / 4.0).max(cap * 4e-4 * age.powi(3));
        self.learned.map_or(f64::INFINITY, grown).floor().min(named)
    }

    /// Time without a refusal in which it held requests back: it grows, and where that is never refused it is none.
    fn epoch(&mut self, now: f64, length: f64) {
        self.named = self.named.filter(|(_, at)| now - at < STALE);
        let value = self.value();
        if let Some((cap, age)) = &mut self.learned {
            *age += length;
            if value > *cap * 1.05 + 2.0 {
                match self.certain {
                    true => (*cap, *age) = (value, 0.0),
                    false => (self.learned, self.next) = (None, 0),
                }
            }
        }
    }
}

/// Why nothing is sent but one request now and then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    NamedQuota,
    Overload,
    /// Money, or a day's limit.
    Exhausted,
}

#[derive(Debug)]
pub(super) struct Closed {
    pub why: Why,
    since: f64,
    pub probe: f64,
    /// When the one that looks was sent.
    pub probing: Option<f64>,
    /// The rate at which requests were sent before.
    before: f64,
}

/// What was known before an opening of which only its probe tells, which has not been refused and not been answered.
#[derive(Debug)]
struct Doubt {
    closed: Closed,
    opened: (f64, u64),
    closes: bool,
}

/// Between two probes, at first and at last.
const FIRST_PROBE: f64 = 0.5;
const LAST_PROBE: f64 = 60.0;

#[derive(Debug)]
pub(super) struct Controller {
    most: f64,
    /// Seconds between two looks whether there is money again.
    pub look: f64,
    /// While nothing was refused: what may run at once.
    start: Option<f64>,
    grown: f64,
    /// Requests that a rate was guessed by, of the few that the user lets run at once, until one is answered.
    few: Option<f64>,
    /// When the first that was refused was sent, and until when others are waited for.
    first: Option<(f64, f64)>,
    pub quota: Option<SendPace>,
    pub overload: Option<SendPace>,
    pub closed: Option<Closed>,
    cap: Cap,
    /// What may run at once by what was seen to be needed: latency never holds up the rate.
    needed: f64,
    /// Until then nothing is sent: everybody was asked to wait.
    pub pause: f64,
    /// How long they were asked, of late.
    wait: f64,
    named: [Option<(Rate, bool, f64)>; 2],
    /// Whether the headers' limit was where the last refusals were.
    agrees: [Option<f64>; 2],
    /// The epoch that is running: from when, how long.
    epoch: f64,
    length: f64,
    /// Since when there is a rate.
    paced: f64,
    /// When the way was last free again, and what was accepted by then.
    opened: (f64, u64),
    /// Whether the quota is a window that was used up before.
    closes: bool,
    doubt: Option<Doubt>,
    /// What held requests back in this epoch.
    pub by_window: bool,
    /// That the window did, since the last look.
    pub full: bool,
    pub by_pace: bool,
}

impl Controller {
    pub fn new(most: f64) -> Self {
        Self {
            most,
            look: LAST_PROBE,
            start: Some(FIRST.min(most)),
            grown: 0.0,
            few: None,
            first: None,
            quota: None,
            overload: None,
            closed: None,
            cap: Cap::default(),
            needed: FIRST,
            pause: 0.0,
            wait: 0.0,
            named: [None; 2],
            agrees: [None; 2],
            epoch: 0.0,
            length: 0.5,
            paced: 0.0,
            opened: (0.0, 0),
            closes: false,
            doubt: None,
            by_window: false,
            full: false,
            by_pace: false,
        }
    }

    /// Requests that may run at once.
    pub fn window(&self) -> f64 {
        self.start.unwrap_or(self.needed).min(self.cap.value()).min(self.most).max(1.0)
    }

    pub fn is_capped(&self) -> bool {
        self.cap.value().min(self.most) <= self.window()
    }

    /// What somebody has named of a unit, by trust: headers that agree with refusals, then a refusal's text.
    pub fn named(&self, unit: Unit) -> Option<f64> {
        let agrees = self.agrees.get(unit as usize).copied().flatten();
        agrees.or_else(|| self.text(unit).map(|(rate, _)| rate.per_second())).map(|rate| rate * NAMED)
    }

    /// The quota of a text, and whether what is refused counts.
    pub fn text(&self, unit: Unit) -> Option<(Rate, bool)> {
        self.named.get(unit as usize).copied().flatten().map(|(rate, failed, _)| (rate, failed))
    }

    /// Looks at the time: what has to be decided by now.
    pub fn turn(&mut self, now: f64, model: &RateModel, user: Option<f64>) {
        if let Some(window) = &mut self.start {
            // Steadily: where it doubled at once, half of it might be refused at once.
            let interval = model.latency().unwrap_or(1.0).clamp(0.15, 0.7) * if model.queues() { 8.0 } else { 1.0 };
            if self.full {
                *window = (*window * ((now - self.grown) / interval).min(1.0).exp2()).min(self.most);
            }
            (self.grown, self.full) = (now, false);
        }
        if let Some((sent, until)) = self.first
            && now >= until
        {
            // By what was sent before it while one reply came; a second at least, since quotas let a burst through.
            let span = model.latency().unwrap_or(1.0).clamp(1.0, 5.0);
            let seen = model.sum(sent - span, sent + 0.05).accepted();
            self.few = (self.most < FIRST && seen > 0.0).then_some(seen);
            self.pace(now, (seen / span).max(FIRST_GUESS), if seen >= MANY { SLOW } else { FAST });
        }
        // Few passed of few: what runs at once at most may be why. If it is not, few are refused again.
        if let (Some(seen), Some(latency)) = (self.few, model.latency()) {
            self.few = None;
            if let Some(pace) = self.quota.as_mut().filter(|pace| pace.guess == FAST) {
                pace.rate = pace.rate.max(seen / latency.max(SHORTEST));
                pace.right = pace.rate;
                (self.epoch, self.length) = (aligned(now), self.epoch_length());
            }
        }
        let settled = model.settled();
        // A quota refuses at once; a reply takes its time.
        if let Some(Closed { why: Why::NamedQuota, probing: Some(sent), .. }) = self.closed
            && now > sent + (3.0 * settled).max(0.25)
        {
            self.probed(now, sent, None, model);
        }
        while now >= self.epoch + self.length + settled {
            let from = self.epoch;
            self.epoch += self.length;
            // Long ago, after an idle time: of no use any more.
            if now - self.epoch > self.length + settled + 1.0 {
                self.epoch = aligned(now - settled);
            }
            self.end_of_epoch(now, from, model, user);
        }
    }

    fn end_of_epoch(&mut self, now: f64, from: f64, model: &RateModel, user: Option<f64>) {
        let length = self.length;
        let sum = model.sum(from, from + length);
        let (by_pace, by_window) = (self.by_pace, self.by_window);
        if self.closed.is_none() && sum.sent > 0 {
            let bound = |pace: &SendPace, other: f64| by_pace && pace.rate <= other;
            let share = f64::from(sum.refused + sum.overloaded) / f64::from(sum.sent);
            // After a wait few are sent before the next one is asked for.
            let all = share >= 0.9 && (sum.sent >= 5 || self.wait > 0.5 && share == 1.0);
            let known = self.named(Unit::Requests).into_iter().chain(user).fold(f64::INFINITY, f64::min);
            // A window that closes within an epoch is no reason for a lower rate than it gives.
            let floor = if self.closes && now - self.opened.0 > LATELY { self.long_run(now, model) } else { 0.0 };
            let floor = floor.max(self.goodput(from + length, model));
            let (wait, late, replies) = (self.wait, model.settled(), model.replies(now));
            let cost = |floor| Cost { wait, floor, late, replies };
            let mut cut = false;
            if let Some(pace) = self.quota.as_mut().filter(|_| !all) {
                let bound = bound(pace, known);
                cut |= pace.epoch(now, length, &sum, sum.refused, bound, cost(floor));
            }
            if let Some(pace) = self.overload.as_mut().filter(|_| !all) {
                let other = self.quota.as_ref().map_or(known, |quota| quota.rate.min(known));
                let bound = bound(pace, other);
                cut |= pace.epoch(now, length, &sum, sum.overloaded, bound, cost(0.0));
                // Grown beyond what anything else allows.
                if pace.rate > other && sum.overloaded == 0 || pace.age > 20.0 {
                    self.overload = None;
                }
            }
            if all {
                self.close(now, if sum.overloaded > sum.refused { Why::Overload } else { Why::NamedQuota }, model);
            } else if sum.refused > 0 {
                self.compare(&sum, length, model);
            } else if by_window {
                self.cap.epoch(now, length);
            }
            if cut {
                self.epoch = aligned(now);
            }
        }
        self.wait *= 1.0 - 0.01 * length.min(1.0);
        self.named.iter_mut().for_each(|named| *named = named.filter(|(.., at)| now - at < STALE));
        if self.start.is_none() {
            // Twice what the rate needs; and where that is not enough, because latencies grow, half as much again.
            let rate = self.rate().min(self.most);
            let needed = 16.0 + 2.0 * rate * model.latency().unwrap_or(1.0);
            let grown =
                if by_window && sum.refused == 0 && !self.is_capped() { self.needed * 1.5 } else { self.needed * 0.98 };
            self.needed = needed.max(grown).min(self.most);
        }
        (self.by_pace, self.by_window) = (false, false);
        self.length = self.epoch_length();
    }

    /// Whether the headers' limits are where refusals began.
    fn compare(&mut self, sum: &Sum, length: f64, model: &RateModel) {
        let seen = [sum.accepted() / length, sum.tokens / length];
        for ((agrees, unit), seen) in self.agrees.iter_mut().zip([Unit::Requests, Unit::Tokens]).zip(seen) {
            *agrees = model.header(unit).filter(|rate| (0.95..1.15).contains(&(rate / seen)));
        }
    }

    /// The learned rate of requests, whatever else is known.
    pub fn rate(&self) -> f64 {
        let of = |pace: &Option<SendPace>| pace.as_ref().map_or(f64::INFINITY, |pace| pace.rate);
        of(&self.quota).min(of(&self.overload))
    }

    /// A refusal by a quota. `running`: what the server had in hand besides.
    pub fn refused(&mut self, now: f64, sent: f64, said: &Said, running: u32, all: u32) {
        match said.quota {
            Some(NamedQuota::AtOnce(most)) => return self.cap.said(now, most, running, all),
            Some(NamedQuota::Rate { unit, rate, failed }) => {
                if let Some(named) = self.named.get_mut(unit as usize) {
                    *named = Some((rate, failed, now));
                }
            }
            Some(NamedQuota::Day) | None => {}
        }
        self.cap.refused(now, running);
        if self.quota.is_none() && self.first.is_none() {
            // What is underway may be refused as well: before that is known, a rate is a guess of nothing.
            let until = now + (now - sent).min(LONGEST_LOOK);
            self.first = Some((sent, until));
            self.pause = self.pause.max(until);
        }
    }

    /// A request was answered that was sent when so many ran at least.
    pub fn passed(&mut self, running: u32) {
        self.cap.passed(running);
    }

    /// What was let through of late, by which no chance of an epoch takes the rate; 0 where that is too short a time.
    fn goodput(&self, to: f64, model: &RateModel) -> f64 {
        let span = (to - self.paced).min(LATELY);
        if span < LATELY * 0.3 { 0.0 } else { model.sum(to - span, to).accepted() / span }
    }

    /// What was let through since the last opening.
    fn long_run(&self, now: f64, model: &RateModel) -> f64 {
        let (at, accepted) = self.opened;
        model.accepted.saturating_sub(accepted) as f64 / (now - at).max(1.0)
    }

    fn pace(&mut self, now: f64, rate: f64, guess: f64) {
        self.needed = self.window();
        (self.start, self.first) = (None, None);
        self.quota = Some(SendPace { guess, ..SendPace::new(&QUOTA, rate, now) });
        (self.epoch, self.length, self.paced) = (aligned(now), self.epoch_length(), aligned(now));
    }

    /// 20 requests; half a second at least, unless the rate is a guess: a wrong one costs most. More where some are
    /// refused in any case, since it is a small difference that counts then.
    fn epoch_length(&self) -> f64 {
        let (requests, least, most) = match &self.quota {
            Some(pace) if pace.guess > 0.0 => (10.0, 0.15, LONGEST_GUESS),
            Some(pace) if pace.base > 0.0 => (60.0, 1.5, LONGEST_EPOCH),
            _ => (20.0, 0.5, LONGEST_EPOCH),
        };
        aligned((requests / self.rate()).clamp(least, most))
    }

    /// A server that has too much to do, or is not there.
    pub fn overloaded(&mut self, now: f64, model: &RateModel) {
        if self.overload.is_none() && self.closed.is_none() {
            let seen = model.sum(now - 1.0, now + 0.05).accepted();
            let rate = self.rate().min(seen.max(1.0));
            self.overload = Some(SendPace::new(&OVERLOAD, rate, now));
            self.epoch = self.epoch.max(aligned(now));
        }
    }

    pub fn close(&mut self, now: f64, why: Why, model: &RateModel) {
        if self.undo(now) {
            return;
        }
        let before = [&self.quota, &self.overload].into_iter().flatten();
        // A window that closes within an epoch has cut the rate already.
        let before = before.map(|pace| if now - pace.cut < 3.0 * self.length { pace.before } else { pace.rate });
        let before = before.fold(f64::INFINITY, f64::min);
        let seen = model.sum(now - 2.0, now).sent;
        let before = if before.is_finite() { before } else { f64::from(seen) / 2.0 };
        if self.closed.as_ref().is_none_or(|closed| closed.why != Why::Exhausted) {
            let first = if why == Why::Exhausted { self.look } else { FIRST_PROBE };
            let probe = (now + first).max(self.pause);
            self.closed = Some(Closed { why, since: now, probe, probing: None, before });
        }
    }

    /// The last opening was none: all is as it was before.
    fn undo(&mut self, now: f64) -> bool {
        let Some(Doubt { closed, opened, closes }) = self.doubt.take() else { return false };
        let wait = ((now - closed.since) * 0.15).clamp(FIRST_PROBE, LAST_PROBE);
        self.closed = Some(Closed { probe: (now + wait).max(self.pause), probing: None, ..closed });
        (self.opened, self.closes) = (opened, closes);
        true
    }

    /// A probe that was sent then has ended: whether it was let through. `None`: it would have been refused by now.
    pub fn probed(&mut self, now: f64, sent: f64, open: Option<bool>, model: &RateModel) {
        let Some(closed) = self.closed.as_mut().filter(|closed| closed.probing == Some(sent)) else {
            // It was taken for let through.
            if self.doubt.as_ref().is_some_and(|doubt| doubt.closed.probing == Some(sent)) {
                match open {
                    Some(false) => drop(self.undo(now)),
                    _ => self.doubt = None,
                }
            }
            return;
        };
        if open == Some(false) {
            closed.probing = None;
            // A share of the time that it was closed already: little is lost, and little is asked for nothing.
            let wait = match closed.why {
                Why::Exhausted => self.look,
                Why::NamedQuota | Why::Overload => ((now - closed.since) * 0.15).clamp(FIRST_PROBE, LAST_PROBE),
            };
            closed.probe = (now + wait).max(self.pause);
            return;
        }
        let (why, before, took) = (closed.why, closed.before, sent - closed.since);
        let closed = self.closed.take().filter(|_| open.is_none() && why == Why::NamedQuota);
        self.doubt = closed.map(|closed| Doubt { closed, opened: self.opened, closes: self.closes });
        match why {
            // What was let through from one opening to the next is what a window of any kind lets through.
            Why::NamedQuota => {
                // After a short time, or where next to nothing was let through, that is a guess; of a window that was used
                // up at the start it tells nothing.
                let some = model.accepted.saturating_sub(self.opened.1) >= SOME;
                self.closes = some && (took > 5.0 || self.opened.0 > 0.0 && now - self.opened.0 > LATELY);
                let least = match some {
                    true => 0.0,
                    false if self.opened.0 > 0.0 => FIRST_GUESS.min(1.0 / took.max(1.0)),
                    false => FIRST_GUESS,
                };
                let rate = self.long_run(now, model).min(before).max(least);
                let guess = if some { SLOW } else { FAST };
                self.pace(now, rate, if self.closes { 0.0 } else { guess });
                if self.closes {
                    self.wait = self.wait.max(took);
                }
            }
            Why::Overload => self.overload = Some(SendPace::new(&OVERLOAD, before * 0.25, now)),
            Why::Exhausted => {}
        }
        self.opened = (now, model.accepted);
        self.epoch = aligned(now);
    }

    pub fn reopen(&mut self, now: f64) {
        self.closed = None;
        self.epoch = aligned(now);
    }

    /// Everybody waits so long, and up to a fifth more: `fraction`.
    pub fn asked(&mut self, now: f64, wait: f64, fraction: f64) {
        let wait = wait.min(LONGEST_WAIT);
        self.wait = wait;
        self.pause = self.pause.max(now + wait * (1.0 + 0.2 * fraction));
        if let Some(closed) = &mut self.closed {
            closed.probe = closed.probe.max(self.pause);
        }
    }
}

/// Whatever a server asks for, after an hour one request looks.
const LONGEST_WAIT: f64 = 3600.0;

const LONGEST_EPOCH: f64 = 180.0;
const LONGEST_GUESS: f64 = 30.0;
/// A second, where nothing is known: by a rate that is far too low nothing would ever be learned.
const FIRST_GUESS: f64 = 1.0;
