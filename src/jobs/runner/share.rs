//! What a job is given to work with: a ledger, a limiter and a budget of its own, or its share in those of a fleet.
//!
//! With its own it asks and goes on. Of a fleet's it asks in batches, and what it may do comes as a `ShareEvent`: which
//! rows are done already or are others' (`Share::claim`), and which may be sent (`Share::want`).
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::super::budget::{Budget, Estimator, Price, Reserved, Short, Size, Tokens};
use super::super::ledger::{Committed, Ledger, LedgerFailure, Record};
use super::super::limiter::said::Said;
use super::super::limiter::{Admit, AttemptEnd, Limiter, Permit};
use super::{Cause, Hold, JobRow};

/// What becomes of the intent of an attempt that has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// It goes with the row's record.
    Keep,
    /// The attempt was certainly not billed.
    Forget,
    /// It may have been.
    Doubt,
}

/// An attempt that has ended.
#[derive(Debug, Clone, PartialEq)]
pub struct EndedAttempt {
    pub seq: u64,
    pub number: u32,
    pub end: AttemptEnd,
    pub said: Said,
    /// None: what was reserved.
    pub cost: Option<f64>,
    pub mark: Mark,
    pub size: Size,
    pub used: Option<Tokens>,
    /// Why there is no money, as JSON.
    pub refused: Option<String>,
}

/// What is known of a row that was asked about. It is the job's to ask, or to be freed.
#[derive(Debug)]
pub struct Claimed {
    pub seq: u64,
    /// With the row's own `seq`, or another's that asked the same.
    pub found: Option<Record>,
    /// It was in flight when a worker was lost.
    pub unknown: bool,
}

/// What holds the fleet back.
#[derive(Debug, Clone, Copy, Default)]
pub struct FleetNews {
    pub held: Option<Hold>,
    pub stall: Option<Duration>,
    pub listens: bool,
    /// The fleet's price, where the job has none of its own.
    pub price: Option<Price>,
}

#[derive(Debug)]
pub enum ShareEvent {
    Claimed(Vec<Claimed>),
    Committed(Committed),
    Told(FleetNews),
    Halt(Cause),
}

/// A job's share in the ledger, the limiter and the budget of a fleet. Nothing waits in here.
pub trait Share: Send {
    fn claim(&mut self, row: &JobRow);
    /// `first`: before others of the job.
    fn want(&mut self, seq: u64, attempt: u32, size: Size, first: bool);
    fn ended(&mut self, attempt: EndedAttempt);
    /// `last`: the answer counts, without anybody looking at it.
    fn settle(&mut self, record: Record, last: bool);
    fn fail(&mut self, seq: u64, error: String);
    fn set_input(&mut self, seq: u64, input: Bytes);
    /// A row that was claimed is done.
    fn free(&mut self, seq: u64);
    /// What was said so far goes out.
    fn flush(&mut self);
}

pub struct OwnMeans {
    pub ledger: Ledger,
    pub limiter: Limiter,
    pub budget: Budget,
    pub estimator: Estimator,
}

pub struct Leased {
    pub share: Box<dyn Share>,
    /// Sent, and not ended.
    pub running: u32,
    pub spent: f64,
    pub told: FleetNews,
}

pub enum JobMeans {
    Own(Box<OwnMeans>),
    Leased(Leased),
}

/// What a request holds of a job's own means.
pub type HeldPass = (Permit, Reserved);

/// Why a request is not sent now.
pub enum Denied {
    At(Duration),
    Full,
    Short(Short),
}

impl OwnMeans {
    /// Whether a request may be sent; then with the intent that is to be committed before.
    pub fn admit(&mut self, now: Duration, size: &Size, price: Option<Price>) -> Result<HeldPass, Denied> {
        let tokens = self.estimator.most(size);
        let dollars = price.map_or(0.0, |price| price.of(tokens.input, tokens.output));
        let reserved = self.budget.reserve(dollars).map_err(Denied::Short)?;
        let denied = match self.limiter.admit(now, self.estimator.expected(size).all()) {
            Admit::Now(permit) => return Ok((permit, reserved)),
            Admit::At(at) => Denied::At(at),
            Admit::Full => Denied::Full,
        };
        self.budget.settle(reserved, 0.0);
        Err(denied)
    }

    /// An attempt has ended, as far as limits, money and estimates are concerned.
    pub fn ended(&mut self, now: Duration, (permit, reserved): HeldPass, attempt: &EndedAttempt) {
        self.limiter.ended(now, permit, attempt.end, &attempt.said);
        self.budget.settle(reserved, attempt.cost.unwrap_or(reserved.dollars()));
        if let Some(used) = attempt.used {
            self.estimator.learn(&attempt.size, used);
        }
    }
}

impl JobMeans {
    pub fn ended(&mut self, began: Instant, pass: Option<HeldPass>, attempt: EndedAttempt) {
        match self {
            Self::Own(own) => {
                if let Some(pass) = pass {
                    own.ended(began.elapsed(), pass, &attempt);
                }
                match attempt.mark {
                    Mark::Keep => {}
                    Mark::Forget => own.ledger.forget(attempt.seq),
                    Mark::Doubt => own.ledger.doubt(attempt.seq),
                }
            }
            Self::Leased(leased) => {
                leased.spent += attempt.cost.unwrap_or_default();
                leased.share.ended(attempt);
            }
        }
    }

    pub fn settle(&mut self, record: Record, last: bool) {
        match self {
            Self::Own(own) => own.ledger.settle(record),
            Self::Leased(leased) => leased.share.settle(record, last),
        }
    }

    pub fn fail(&mut self, seq: u64, error: String) {
        match self {
            Self::Own(own) => own.ledger.fail(seq, error),
            Self::Leased(leased) => leased.share.fail(seq, error),
        }
    }

    pub fn set_input(&mut self, seq: u64, input: Bytes) {
        match self {
            Self::Own(own) => own.ledger.set_input(seq, input),
            Self::Leased(leased) => leased.share.set_input(seq, input),
        }
    }

    /// Others may have the row.
    pub fn free(&mut self, seq: u64) {
        if let Self::Leased(leased) = self {
            leased.share.free(seq);
        }
    }

    pub fn listens(&self) -> bool {
        match self {
            Self::Own(own) => own.limiter.listens(),
            Self::Leased(leased) => leased.told.listens,
        }
    }

    pub fn stall(&self) -> Option<Duration> {
        match self {
            Self::Own(own) => own.limiter.stall(),
            Self::Leased(leased) => leased.told.stall,
        }
    }

    pub fn held(&self) -> Option<Hold> {
        match self {
            Self::Own(own) => Hold::by(own.limiter.held()),
            Self::Leased(leased) => leased.told.held,
        }
    }

    pub fn running(&self) -> u32 {
        match self {
            Self::Own(own) => own.limiter.running(),
            Self::Leased(leased) => leased.running,
        }
    }

    pub fn spent(&self) -> f64 {
        match self {
            Self::Own(own) => own.budget.spent(),
            Self::Leased(leased) => leased.spent,
        }
    }

    pub fn resume(&mut self, now: Duration) {
        if let Self::Own(own) = self {
            own.limiter.resume(now);
        }
    }

    pub fn flush(&mut self) {
        if let Self::Leased(leased) = self {
            leased.share.flush();
        }
    }

    pub fn close(self) -> Result<(), LedgerFailure> {
        match self {
            Self::Own(own) => own.ledger.close(),
            Self::Leased(mut leased) => {
                leased.share.flush();
                Ok(())
            }
        }
    }
}
