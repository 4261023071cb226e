//! Requests that wait for a handler. The handler is called by whoever takes the call, on a thread of its own choice:
//! the gateway's thread only waits.
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;

use super::journal::{Entry, lock};
use super::script::Scripted;

/// A request that waits for its answer. Dropped unanswered, it is answered 500.
pub struct HeldRequest {
    pub entry: Arc<Entry>,
    answer: Option<oneshot::Sender<Scripted>>,
    pid: u32,
}

impl HeldRequest {
    /// Answers; `false` when the client has gone away meanwhile or the gateway is closed.
    pub fn answer(mut self, scripted: Scripted) -> bool {
        // In a forked child the waiting side lives in the parent: see `drop`.
        self.pid == std::process::id() && self.answer.take().is_some_and(|answer| answer.send(scripted).is_ok())
    }
}

impl Drop for HeldRequest {
    fn drop(&mut self) {
        if self.pid != std::process::id() {
            // Waking the waiting side would write to an event descriptor shared with the parent.
            std::mem::forget(self.answer.take());
        }
    }
}

#[derive(Default)]
struct Waitlist {
    calls: VecDeque<HeldRequest>,
    /// Whether there is a handler.
    served: bool,
    closed: bool,
}

#[derive(Default)]
pub(crate) struct HeldRequests {
    waiting: Mutex<Waitlist>,
    arrived: Condvar,
}

impl HeldRequests {
    /// Puts a request in the line; the receiver fails when nobody is going to answer.
    pub fn ask(&self, entry: Arc<Entry>) -> oneshot::Receiver<Scripted> {
        let (answer, answered) = oneshot::channel();
        let mut waiting = lock(&self.waiting);
        if waiting.served {
            waiting.calls.push_back(HeldRequest { entry, answer: Some(answer), pid: std::process::id() });
        }
        drop(waiting);
        self.arrived.notify_one();
        answered
    }

    pub fn next(&self, time: Duration) -> Option<HeldRequest> {
        let waiting = lock(&self.waiting);
        let waited =
            self.arrived.wait_timeout_while(waiting, time, |waiting| waiting.calls.is_empty() && !waiting.closed);
        let mut waiting = waited.unwrap_or_else(PoisonError::into_inner).0;
        if waiting.closed {
            return None;
        }
        loop {
            let call = waiting.calls.pop_front()?;
            // Its client may have left while it waited in line: no need to bother the handler.
            if call.answer.as_ref().is_some_and(|answer| !answer.is_closed()) {
                return Some(call);
            }
        }
    }

    /// Says whether there is a handler. Those who wait for one that leaves are answered as unanswered.
    pub fn serve(&self, on: bool) {
        let mut waiting = lock(&self.waiting);
        waiting.served = on;
        if !on {
            waiting.calls.clear();
        }
    }

    pub fn close(&self) {
        let mut waiting = lock(&self.waiting);
        // Those in line are left unanswered: their connections close with the gateway.
        waiting.closed = true;
        drop(waiting);
        self.arrived.notify_all();
    }
}
