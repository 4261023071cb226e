//! Several requests that are one call to their caller, as many texts for embeddings are: sent behind the limiter of jobs,
//! so that a limit which one of them runs into slows the others. Retries, their waits and the deadline are the core's.
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use tokio::time::timeout;

use crate::core::error::Error;
use crate::core::reply::Head;
use crate::core::request::{BoxFuture, Gate, Pass, Request};
use crate::core::send::Outcome;
use crate::core::together::Together;
use crate::core::transport::Client;

use super::fate;
use super::limiter::said::{NamedQuota, Said};
use super::limiter::{Admit, AttemptEnd, KnownLimits, Limiter, Permit};

/// Sends them, at most `most` at a time, under one deadline. Their outcomes in their order; the first that fails ends the
/// others, and its error comes with its number. What has a gate of its own is let in by that.
pub async fn send_all(calls: Vec<(Client, Request)>, most: usize) -> Result<Vec<Outcome>, (usize, Error)> {
    let door = Arc::new(Door::new(most));
    let mut outcomes: Vec<(usize, Outcome)> = Vec::with_capacity(calls.len());
    let mut waiting = calls.into_iter().enumerate();
    let mut together = Together::as_one_call();
    loop {
        while together.len() < most.max(1)
            && let Some((number, (client, mut request))) = waiting.next()
        {
            let tokens = request.body.held() as f64 / BYTES_A_TOKEN;
            request.gate.get_or_insert_with(|| Arc::new(CallPart { door: Arc::clone(&door), tokens }));
            together.add(number, client, request);
        }
        match together.next().await {
            Some((number, Ok(outcome))) => outcomes.push((number, outcome)),
            Some((number, Err(error))) => return Err((number, error)),
            None => break,
        }
    }
    outcomes.sort_by_key(|(number, _)| *number);
    Ok(outcomes.into_iter().map(|(_, outcome)| outcome).collect())
}

/// About: of a quota of tokens that a refusal names.
const BYTES_A_TOKEN: f64 = 4.0;
/// A limiter is asked again after so long, whatever happens.
const LOOK: Duration = Duration::from_secs(1);

/// What the parts have in common.
struct Door {
    began: Instant,
    limiter: Mutex<Limiter>,
    /// One of them has ended.
    ended: Notify,
}

impl Door {
    fn new(most: usize) -> Self {
        let most = u32::try_from(most).unwrap_or(u32::MAX);
        let limits = KnownLimits { max_concurrency: Some(most), ..KnownLimits::default() };
        let limiter = Mutex::new(Limiter::new(limits, u64::from(std::process::id())));
        Self { began: Instant::now(), limiter, ended: Notify::new() }
    }

    fn lock(&self) -> MutexGuard<'_, Limiter> {
        self.limiter.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct CallPart {
    door: Arc<Door>,
    tokens: f64,
}

/// An attempt that was let in.
struct PartPass {
    door: Arc<Door>,
    permit: Mutex<Option<Permit>>,
}

impl PartPass {
    fn end(&self, end: AttemptEnd, said: &Said) {
        let permit = self.permit.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(permit) = permit {
            self.door.lock().ended(self.door.began.elapsed(), permit, end, said);
            self.door.ended.notify_waiters();
        }
    }
}

/// Of an attempt that was given up.
impl Drop for PartPass {
    fn drop(&mut self) {
        self.end(AttemptEnd::Lost, &Said::default());
    }
}

impl Gate for CallPart {
    fn admit(&self) -> BoxFuture<Result<Pass, Error>> {
        let (door, tokens) = (Arc::clone(&self.door), self.tokens);
        Box::pin(async move {
            loop {
                // Made before it is asked, so that no end is missed.
                let ended = door.ended.notified();
                let now = door.began.elapsed();
                let admit = door.lock().admit(now, tokens);
                let wait = match admit {
                    Admit::Now(permit) => {
                        let (door, permit) = (Arc::clone(&door), Mutex::new(Some(permit)));
                        return Ok(Arc::new(PartPass { door, permit }) as Pass);
                    }
                    Admit::At(at) => at.saturating_sub(now).min(LOOK),
                    Admit::Full => LOOK,
                };
                let _ = timeout(wait, ended).await;
            }
        })
    }

    fn ended(&self, pass: &Pass, result: Result<&Head, &Error>) {
        let Some(attempt) = pass.downcast_ref::<PartPass>() else { return };
        match result {
            Ok(head) => {
                let listens = self.door.lock().listens();
                let said = if listens { Said::by_headers(&head.headers) } else { Said::default() };
                attempt.end(AttemptEnd::Answered { tokens: None }, &said);
            }
            Err(error) => {
                let said = Said::by_error(&error.headers, &error.message);
                // What pauses a job ends a call, or is tried again as often as its caller says.
                let said = Said { quota: said.quota.filter(|quota| *quota != NamedQuota::Day), ..said };
                let end = match fate::of(error, &said) {
                    (_, _, AttemptEnd::Exhausted) => AttemptEnd::Lost,
                    (_, _, end) => end,
                };
                attempt.end(end, &said);
            }
        }
    }
}
