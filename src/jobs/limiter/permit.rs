//! What a request holds while it runs, and the buckets that it is taken from. Times are seconds since the job began.

/// One request that may be sent. It is given back, with how it ended, exactly once (`Limiter::ended`).
#[derive(Debug)]
pub struct Permit {
    pub(super) sent: f64,
    pub(super) tokens: f64,
    /// How many ran when it was sent, and how many had been refused by then: from the two follows how many the server
    /// had in hand when it refused this one.
    pub(super) running: u32,
    pub(super) refused: u64,
    pub(super) probe: bool,
}

/// Refills steadily, holds what comes in a fiftieth of a second, and may be overdrawn by one request: so one that is larger
/// than all of it passes too, and the rate is exact all the same.
#[derive(Debug, Default)]
pub(super) struct Bucket {
    level: f64,
    at: f64,
}

/// In seconds of the rate. Less, and timers that fire late cost throughput; more, and a server sees bursts.
const BURST: f64 = 0.02;

impl Bucket {
    /// One that nothing was taken from: what was sent without a rate is owed to none.
    pub fn at(now: f64) -> Self {
        Self { level: 0.0, at: now }
    }

    /// `Err`: when there will be something in it.
    pub fn ready(&mut self, now: f64, rate: f64) -> Result<(), f64> {
        let full = (rate * BURST).max(1.0);
        self.level = (self.level + (now - self.at).max(0.0) * rate).min(full);
        self.at = now;
        // Anything above nothing, rounding aside: the overdraft makes up for it.
        if self.level > 1e-9 { Ok(()) } else { Err(now + (1e-6 - self.level) / rate.max(1e-9)) }
    }

    pub fn take(&mut self, count: f64) {
        self.level -= count;
    }

    pub fn empty(&mut self) {
        self.level = self.level.min(0.0);
    }
}
