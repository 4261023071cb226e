//! When the next request may be sent: as fast as the quota lets, whatever the quota is.
//!
//! Pure: events come in with their time (seconds since the job began), answers go out, nothing waits in here. So its
//! rules are tried in virtual time (`tests/jobs/limiter.rs`, where each sentence below is a scenario).
//!
//! What is known, by trust: the user's `rpm` and `tpm`; headers that stay the same over replies and lie where refusals
//! begin; the quota that a refusal's text names; what was learned. Whatever is known, what is refused lowers the rate.
//!
//! **Start.** 32 in flight, twice as many each time that a reply takes (0.15 to 0.7 s), while that is what holds requests
//! back and nothing is refused; where even quick replies take twice as long as they did, more at once only waits
//! somewhere, and it goes an eighth as fast. A job without a limit never leaves this.
//!
//! **Paced.** At the first refusal nothing is sent for as long as that took, for what is underway may be refused too. Then
//! a bucket takes over, at the rate that was let through in the last second. That is a guess, which still doubles: fast
//! where few requests stand behind it, by a half before it is known how that fared, and to eight times what comes back at
//! most, since where a machine stands still nothing is refused either. Where the user lets fewer than 32 run at once, a
//! second of what passed of them may be one moment of a limit on what runs at once: the guess is then what passed in the
//! time that a reply takes, 0.1 s at least. Time is cut into epochs (0.5 s, or 20 requests; less for a guess), and each
//! is judged when its refusals are here. At most one cut an epoch, to 0.97 of what was let through *of what was sent in
//! it*; what was sent before a cut counts for no other. Then the rate grows by a cubic curve around what was right. No cut
//! goes below what was let through in the last 5 s: a busy machine sends in bursts, of which each epoch has another share.
//! Requests are booked by when they were sent: by when they were answered,
//! a rate is as late as the latency, and where that is 2 s every decision is wrong.
//!
//! **Refused whatever the rate.** Where one channel of several refuses, cuts do no good and would go on for ever. Three
//! after which the same share is refused are undone, and that share is what is usual from then on, until fewer are
//! refused. A small share is judged by a hundred requests and five refusals: by fewer, chance alone would cut and cut.
//! What is refused in bunches is none of this.
//!
//! **Closed.** When nine tenths of an epoch were refused, a window is used up. One request looks, after 0.5 s and then
//! after 15 % of the time that it has been closed. When it is let through (is not refused in the time that refusals
//! take; if it is later, nothing was open), the rate is what was let through from one opening to the next: of a quota of
//! 3000 a minute that is 50 a second, without knowing of minutes. It grows slower then, since being wrong costs as long again.
//!
//! **At once.** A limit on what runs at once shows by refusals with the same number in hand each time (of few, exactly:
//! a slow quota's are one or two apart). It caps the window beside the rate, and grows until it is refused again or is
//! none: so that it may be wrong without harm. Where a text says that it is one, no rate is learned from it.
//!
//! **Latency** sizes the window (twice what the rate needs, and more where that holds requests back) and never lowers the
//! rate. What is never answered is the caller's to end, by `stall`: until then it takes a place of the window.
//!
//! **Overload** (503, 529, no connection) has a rate of its own with the same rules, that is cut to 0.9 and grows again in
//! seconds; the quota's rate does not learn from it.
//!
//! **Retry-After** is a floor for everyone, and up to a fifth more, so that several processes do not come back at once.
//! The bucket is empty then: nothing stampedes. The rate grows slower, since each refusal costs all that time, and is cut
//! by more the sooner it was refused again.
//!
//! **Exhausted** (no money, a day's limit): nothing is sent but one request a minute, if the caller asks for one at all.
mod controller;
mod model;
mod permit;
pub mod said;

use std::fmt;
use std::time::Duration;

use controller::{Controller, Why};
use model::{RateModel, Throttle};
use permit::Bucket;
pub use permit::Permit;
use said::{NamedQuota, Said, Unit};

/// What the user knows; the rest is learned.
#[derive(Debug, Clone, Copy, Default)]
pub struct KnownLimits {
    pub max_concurrency: Option<u32>,
    pub rpm: Option<f64>,
    pub tpm: Option<f64>,
}

/// How often it is looked whether something has changed, in seconds.
const LOOK: f64 = 0.1;
/// In flight unless the user says otherwise: 1000 a second with replies after 4 s.
pub const MOST: u32 = 4096;

#[derive(Debug)]
pub enum Admit {
    Now(Permit),
    /// Not before that time.
    At(Duration),
    /// When one of those in flight has ended.
    Full,
}

/// What holds requests back, for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    Free,
    NamedQuota,
    Concurrency,
    Overload,
    /// Money or a day's limit.
    Exhausted,
}

/// How a request ended, as far as limits are concerned.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum AttemptEnd {
    /// By a reply or by an error that is the request's own; with the tokens that it took, where that is known.
    Answered { tokens: Option<f64> },
    /// A quota refused it: 429, or a text that names a limit.
    Refused,
    /// 503, 529, no connection.
    Overloaded,
    /// It broke off, or was not waited for any longer: that says nothing of limits.
    Lost,
    /// No money, or a day's limit.
    Exhausted,
    /// It was never sent.
    Unsent,
}

#[derive(Debug)]
pub struct Limiter {
    limits: KnownLimits,
    model: RateModel,
    controller: Controller,
    requests: Bucket,
    tokens: Bucket,
    running: u32,
    /// Of the jitter.
    random: u64,
    held: Held,
    listens: bool,
}

impl Limiter {
    /// `seed`: of the jitter, different in each process.
    pub fn new(limits: KnownLimits, seed: u64) -> Self {
        let most = limits.max_concurrency.unwrap_or(MOST).max(1);
        Self {
            limits,
            model: RateModel::new(),
            controller: Controller::new(f64::from(most)),
            requests: Bucket::default(),
            tokens: Bucket::default(),
            running: 0,
            random: seed,
            held: Held::Free,
            listens: false,
        }
    }

    /// How often one request looks whether there is money again.
    pub fn looking_each(mut self, look: Duration) -> Self {
        self.controller.look = look.as_secs_f64();
        self
    }

    pub fn running(&self) -> u32 {
        self.running
    }

    pub fn held(&self) -> Held {
        self.held
    }

    /// Whether replies' headers are of use: only once something was refused.
    pub fn listens(&self) -> bool {
        self.listens
    }

    /// Many times what replies take: longer than that nobody need wait. None while too little is known.
    pub fn stall(&self) -> Option<Duration> {
        self.model.stall().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
    }

    /// May a request of so many tokens be sent?
    pub fn admit(&mut self, now: Duration, tokens: f64) -> Admit {
        let now = now.as_secs_f64();
        let user = self.limits.rpm.map(|rpm| rpm / 60.0);
        self.controller.turn(now, &self.model, user);
        let probe = match self.way(now, user) {
            Ok(probe) => probe,
            Err((held, at)) => {
                self.held = held;
                return at.map_or(Admit::Full, |at| Admit::At(time(at)));
            }
        };
        self.held = Held::Free;
        self.requests.take(1.0);
        self.tokens.take(tokens);
        self.model.sent(now, tokens);
        let permit = Permit { sent: now, tokens, running: self.running, refused: self.model.refused, probe };
        self.running += 1;
        Admit::Now(permit)
    }

    /// Whether the way is free, and whether as a probe; else what holds it up, and until when.
    fn way(&mut self, now: f64, user: Option<f64>) -> Result<bool, (Held, Option<f64>)> {
        if let Some(closed) = &mut self.controller.closed {
            let held = match closed.why {
                Why::NamedQuota => Held::NamedQuota,
                Why::Overload => Held::Overload,
                Why::Exhausted => Held::Exhausted,
            };
            if closed.probing.is_some() {
                // It may count as let through before it is answered.
                return Err((held, Some(now + LOOK)));
            }
            if now < closed.probe {
                return Err((held, Some(closed.probe)));
            }
            closed.probing = Some(now);
            self.requests = Bucket::at(now);
            return Ok(true);
        }
        if now < self.controller.pause {
            self.requests.empty();
            return Err((Held::NamedQuota, Some(self.controller.pause)));
        }
        if f64::from(self.running) + 1.0 > self.controller.window() {
            (self.controller.by_window, self.controller.full) = (true, true);
            let held = if self.controller.is_capped() { Held::Concurrency } else { Held::Free };
            return Err((held, None));
        }
        let rate = user.or_else(|| self.controller.named(Unit::Requests)).unwrap_or(f64::INFINITY);
        let rate = rate.min(self.controller.rate());
        if rate.is_infinite() {
            self.requests = Bucket::at(now);
        } else if let Err(at) = self.requests.ready(now, rate) {
            self.controller.by_pace = true;
            let overload = self.controller.overload.as_ref().is_some_and(|pace| pace.rate <= rate);
            // The rate may be another by then.
            let at = at.min(now + 10.0 * LOOK);
            return Err((if overload { Held::Overload } else { Held::NamedQuota }, Some(at)));
        }
        let tpm = self.limits.tpm.map(|tpm| tpm / 60.0 * controller::NAMED);
        if let Some(rate) = tpm.or_else(|| self.controller.named(Unit::Tokens)) {
            self.tokens.ready(now, rate).map_err(|at| (Held::NamedQuota, Some(at)))?;
        }
        // A window that a text has named, by our own count: what was sent before the text came is in it.
        if user.is_none()
            && let Some((rate, failed)) = self.controller.text(Unit::Requests)
            && self.model.recent(now, rate.span, failed) >= rate.count
        {
            return Err((Held::NamedQuota, Some(now + LOOK)));
        }
        Ok(false)
    }

    pub fn ended(&mut self, now: Duration, permit: Permit, end: AttemptEnd, said: &Said) {
        let now = now.as_secs_f64();
        self.running = self.running.saturating_sub(1);
        let Permit { sent, tokens, running, refused, probe } = permit;
        // What was refused since it was sent was in hand then too, and no more than in passing.
        let at_once = running.saturating_sub((self.model.refused - refused) as u32);
        let day = matches!(said.quota, Some(NamedQuota::Day));
        match end {
            AttemptEnd::Refused | AttemptEnd::Overloaded if !day => {
                let quota = end == AttemptEnd::Refused;
                self.listens = true;
                let by = match (quota, said.quota) {
                    (_, Some(NamedQuota::AtOnce(_))) => Throttle::AtOnce,
                    (true, _) => Throttle::NamedQuota,
                    (false, _) => Throttle::Overload,
                };
                self.model.refused(sent, now, tokens, by);
                self.tokens.take(-tokens);
                if let Some(wait) = said.wait {
                    let fraction = self.fraction();
                    self.controller.asked(now, wait.as_secs_f64(), fraction);
                }
                match quota {
                    true => self.controller.refused(now, sent, said, at_once, running),
                    false => self.controller.overloaded(now, &self.model),
                }
            }
            AttemptEnd::Exhausted | AttemptEnd::Refused | AttemptEnd::Overloaded => {
                self.model.refused(sent, now, tokens, Throttle::NamedQuota);
                self.tokens.take(-tokens);
                self.controller.close(now, Why::Exhausted, &self.model);
            }
            AttemptEnd::Answered { tokens: used } => {
                self.model.replied(sent, now);
                self.controller.passed(at_once);
                self.tokens.take(used.map_or(0.0, |used| used - tokens));
            }
            AttemptEnd::Lost => {}
            AttemptEnd::Unsent => {
                self.requests.take(-1.0);
                self.tokens.take(-tokens);
            }
        }
        if self.listens {
            self.model.heard(said);
        }
        if probe {
            self.controller.probed(now, sent, Some(matches!(end, AttemptEnd::Answered { .. })), &self.model);
        }
    }

    /// There is money again, the user says.
    pub fn resume(&mut self, now: Duration) {
        self.controller.reopen(now.as_secs_f64());
    }

    /// A number in 0..1 (splitmix64).
    fn fraction(&mut self) -> f64 {
        self.random = self.random.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// For those who look into it: what it is about to do.
impl fmt::Display for Limiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let controller = &self.controller;
        write!(f, "{:?}: window {:.0}, at most {:.2} a second", self.held, controller.window(), controller.rate())?;
        controller.closed.as_ref().map_or(Ok(()), |closed| write!(f, ", closed until {:.1}", closed.probe))
    }
}

fn time(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
}
