//! What was observed, without a decision in it. Everything is booked by the time a request was *sent*: refusals come
//! back in milliseconds and replies after seconds, so a rate that is counted by replies is late by their latency.
use super::said::{Rate, Said, Unit};

/// A second; all of them are 200 s.
const SLOTS_A_SECOND: f64 = 20.0;
const SLOTS: usize = 4096;
/// Of replies, for quotas that name a window: 15 minutes. Longer windows are only paced.
const SPAN: f64 = 0.25;
const SPANS: usize = 3600;
/// A refusal that takes longer, in seconds, is judged as if it were an answer until it is here.
const LATEST: f64 = 30.0;
/// Replies of which the quickest tells how long one takes, and how fast that is forgotten, a second.
const TELLING: u32 = 16;
const FORGOTTEN: f64 = 0.05;
/// A header's limit that so many replies repeat is that of one channel, at least.
const STEADY: u32 = 3;

/// A time that is the edge of a slot belongs to the later one, rounding aside.
fn slot_of(time: f64) -> u64 {
    (time * SLOTS_A_SECOND + 1e-6) as u64
}

/// To the edges of slots.
pub(super) fn aligned(time: f64) -> f64 {
    (time * SLOTS_A_SECOND).ceil() / SLOTS_A_SECOND
}

/// What became of the requests that were sent in some time.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Sum {
    pub sent: u32,
    pub refused: u32,
    pub overloaded: u32,
    /// Of those refused, what came in bunches: nearly all of a slot were.
    pub bunched: u32,
    pub tokens: f64,
}

impl Sum {
    pub fn accepted(&self) -> f64 {
        f64::from(self.sent.saturating_sub(self.refused).saturating_sub(self.overloaded))
    }
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Throttle {
    NamedQuota,
    Overload,
    /// By a limit on what runs at once, which says nothing of rates: as if it had not been sent.
    AtOnce,
}

#[derive(Debug)]
pub(super) struct RateModel {
    slots: Vec<(u64, Sum)>,
    /// Replies, and requests, by the time they came, each in a quarter of a second.
    replied: Recent,
    asked: Recent,
    /// Mean, and how many it is the mean of: of replies and of refusals.
    latency: (f64, u32),
    refusal: (f64, f64),
    /// The quickest of the last few replies; of the next, and how many they are; of all of late, and when that was.
    quickest: f64,
    next: (f64, u32),
    least: (f64, f64),
    /// The longest of late, which is forgotten slowly.
    longest: f64,
    headers: [Option<(Rate, u32)>; 2],
    /// Refused in all.
    pub refused: u64,
    /// Sent and not refused, in all.
    pub accepted: u64,
}

impl RateModel {
    pub fn new() -> Self {
        Self {
            slots: vec![(0, Sum::default()); SLOTS],
            replied: Recent::default(),
            asked: Recent::default(),
            latency: (0.0, 0),
            refusal: (0.05, 0.0),
            quickest: 0.0,
            next: (f64::INFINITY, 0),
            least: (f64::INFINITY, 0.0),
            longest: 0.0,
            headers: [None; 2],
            refused: 0,
            accepted: 0,
        }
    }

    fn slot(&mut self, at: f64) -> Option<&mut Sum> {
        let id = slot_of(at);
        let slot = self.slots.get_mut(id as usize % SLOTS)?;
        if slot.0 < id {
            *slot = (id, Sum::default());
        }
        (slot.0 == id).then_some(&mut slot.1)
    }

    pub fn sent(&mut self, now: f64, tokens: f64) {
        self.accepted += 1;
        self.asked.add(now);
        if let Some(slot) = self.slot(now) {
            slot.sent += 1;
            slot.tokens += tokens;
        }
    }

    pub fn refused(&mut self, sent: f64, now: f64, tokens: f64, by: Throttle) {
        self.refused += 1;
        self.accepted = self.accepted.saturating_sub(1);
        let took = now - sent;
        let (mean, deviation) = self.refusal;
        self.refusal = (mean + (took - mean) / 16.0, deviation + ((took - mean).abs() - deviation) / 16.0);
        if let Some(slot) = self.slot(sent) {
            match by {
                Throttle::NamedQuota => slot.refused += 1,
                Throttle::Overload => slot.overloaded += 1,
                Throttle::AtOnce => slot.sent = slot.sent.saturating_sub(1),
            }
            slot.tokens -= tokens;
        }
    }

    pub fn replied(&mut self, sent: f64, now: f64) {
        let took = now - sent;
        let (mean, count) = self.latency;
        let count = (count + 1).min(64);
        self.latency = (mean + (took - mean) / f64::from(count), count);
        self.next = (self.next.0.min(took), self.next.1 + 1);
        if self.next.1 >= TELLING {
            self.quickest = self.next.0;
            let least = self.least.0 * (1.0 + FORGOTTEN * (now - self.least.1));
            (self.least, self.next) = ((least.min(self.quickest), now), (f64::INFINITY, 0));
        }
        self.longest = took.max(self.longest + (mean - self.longest) / 256.0);
        self.replied.add(now);
    }

    pub fn heard(&mut self, said: &Said) {
        for (steady, rate) in self.headers.iter_mut().zip([said.requests, said.tokens]) {
            *steady = match (*steady, rate) {
                (Some((old, count)), Some(new)) if old.count == new.count => Some((new, count.saturating_add(1))),
                (_, Some(new)) => Some((new, 1)),
                (old, None) => old,
            };
        }
    }

    /// What the headers have said alike for some time.
    pub fn header(&self, unit: Unit) -> Option<f64> {
        let steady = self.headers.get(unit as usize).copied().flatten();
        steady.filter(|(_, count)| *count >= STEADY).map(|(rate, _)| rate.per_second())
    }

    pub fn sum(&self, from: f64, to: f64) -> Sum {
        let (from, to) = (slot_of(from), slot_of(to));
        let ids = from.max(to.saturating_sub(SLOTS as u64))..to;
        let slots = ids.filter_map(|id| self.slots.get(id as usize % SLOTS).filter(|slot| slot.0 == id));
        slots.fold(Sum::default(), |sum, (_, slot)| Sum {
            sent: sum.sent + slot.sent,
            refused: sum.refused + slot.refused,
            overloaded: sum.overloaded + slot.overloaded,
            bunched: sum.bunched + if slot.sent >= 3 && slot.refused * 5 >= slot.sent * 4 { slot.refused } else { 0 },
            tokens: sum.tokens + slot.tokens,
        })
    }

    /// Of a reply, in the mean; none while there was none.
    pub fn latency(&self) -> Option<f64> {
        (self.latency.1 > 0).then_some(self.latency.0)
    }

    /// Whether even quick replies take twice as long as they did: more at once then brings no more of them.
    pub fn queues(&self) -> bool {
        self.quickest > 2.0 * self.least.0 + 0.05
    }

    /// When nearly all refusals of what was sent are here.
    pub fn settled(&self) -> f64 {
        (self.refusal.0 + 3.0 * self.refusal.1).clamp(0.02, LATEST)
    }

    /// Longer than that nobody waits for a reply: many times the usual. None while too little is known.
    pub fn stall(&self) -> Option<f64> {
        (self.latency.1 >= 20).then_some((4.0 * self.longest).max(10.0 * self.latency.0))
    }

    /// Replies a second, of late.
    pub fn replies(&self, now: f64) -> f64 {
        let span = self.latency.0.max(1.0);
        f64::from(self.replied.since(now, span)) / span
    }

    /// In the last `span` seconds. `failed`: requests, not replies.
    pub fn recent(&mut self, now: f64, span: f64, failed: bool) -> f64 {
        let recent = if failed { &mut self.asked } else { &mut self.replied };
        f64::from(recent.within(now, span))
    }
}

/// Counts by quarters of a second.
#[derive(Debug, Default)]
struct Recent {
    slots: Vec<(u64, u32)>,
    /// The sum of a span up to a slot, counted once a slot: (slot, span, sum without that slot).
    summed: (u64, u64, u32),
}

impl Recent {
    fn add(&mut self, now: f64) {
        if self.slots.is_empty() {
            self.slots = vec![(0, 0); SPANS];
        }
        let id = (now / SPAN) as u64;
        if let Some(slot) = self.slots.get_mut(id as usize % SPANS) {
            *slot = if slot.0 == id { (id, slot.1 + 1) } else { (id, 1) };
        }
    }

    fn within(&mut self, now: f64, span: f64) -> u32 {
        let (id, length) = ((now / SPAN) as u64, (span / SPAN) as u64);
        if (self.summed.0, self.summed.1) != (id, length) {
            self.summed = (id, length, self.since(now, span) - self.of(id));
        }
        self.summed.2 + self.of(id)
    }

    fn since(&self, now: f64, span: f64) -> u32 {
        let (id, length) = ((now / SPAN) as u64, (span / SPAN) as u64);
        (id.saturating_sub(length.min(SPANS as u64 - 1))..=id).map(|id| self.of(id)).sum()
    }

    fn of(&self, id: u64) -> u32 {
        self.slots.get(id as usize % SPANS).filter(|slot| slot.0 == id).map_or(0, |slot| slot.1)
    }
}
