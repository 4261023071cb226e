//! The limits in time and size of one call: over its attempts, the waits between them and the last byte of its reply.
use std::future::Future;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use tokio::time::{Instant, timeout_at};

use super::broken::broken;
use super::config::Timeout;
use super::error::{Error, Kind, Limit};
use super::reply::Head;
use super::request::Request;
use super::response::Response;

/// What a call may take: when it began, must end, how long it may be silent, and how much it may bring.
#[derive(Debug, Clone)]
pub struct Clock {
    began: Instant,
    deadline: Instant,
    /// When the first event of a stream must be here; none once it is.
    pub first: Option<Instant>,
    timeout: Timeout,
    /// Bytes of a reply.
    pub most: u64,
}

/// The next limit to run out.
struct Until {
    at: Instant,
    limit: Limit,
    allowed: Option<Duration>,
}

impl Until {
    /// With what is known of a reply whose head had arrived.
    fn error(&self, head: Option<&Head>) -> Error {
        let what = match (self.limit, head) {
            (Limit::FirstEvent, _) => "no event and no sign of one arrived",
            (_, None) => "no reply",
            (Limit::Idle, _) => "no byte of the reply arrived",
            _ => "the reply did not end",
        };
        let mut error = Error::timeout(self.limit, self.allowed, what);
        if let Some(head) = head {
            error.wire_status = Some(head.status);
            error.headers = head.headers.clone();
            error.request_id.clone_from(&head.request_id);
        }
        error
    }
}

/// How long after a limit bytes are taken that need not be waited for.
const LATE: Duration = Duration::from_millis(50);
/// Where there is no deadline.
const NEVER: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);

impl Clock {
    pub fn start(request: &Request, began: Instant) -> Self {
        let deadline = request.timeout.total.and_then(|total| began.checked_add(total));
        Self {
            began,
            deadline: deadline.unwrap_or(began + NEVER),
            first: None,
            timeout: request.timeout,
            most: request.max_response_bytes,
        }
    }

    /// An error if a reply is too large of which `read` bytes are here; before they are, where it has a Content-Length.
    pub fn fits(&self, read: usize, response: &Response, head: &Head) -> Result<(), Error> {
        let left = response.content_length();
        let size = (read as u64).saturating_add(left.unwrap_or(0));
        if size <= self.most {
            return Ok(());
        }
        let limit = self.most;
        let has = match left {
            Some(_) => {
                format!("has {size} bytes, more than the {limit} that max_response_bytes allows: none of it was read")
            }
            None => format!("has more than the {limit} bytes that max_response_bytes allows: reading stopped there"),
        };
        let message =
            format!("the reply {has}; if it should be that large, give the call or the client a larger limit");
        Err(head.error(Kind::TooLarge { limit, size: left.map(|_| size) }, message, &Bytes::new()))
    }

    pub fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    /// What is left until the deadline.
    pub fn left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    pub fn connect(&self) -> Option<Duration> {
        self.timeout.connect
    }

    /// An attempt begins at `now`; where it is one for events, the time for the first.
    pub fn attempt(&mut self, now: Instant, events: bool) {
        self.first = self.timeout.first_event.filter(|_| events).and_then(|limit| now.checked_add(limit));
    }

    /// What runs out first: the deadline, the time for the first event, or a silence that begins now.
    fn until(&self, now: Instant, silence: Option<Duration>) -> Until {
        let first = (self.first, Limit::FirstEvent, self.timeout.first_event);
        let idle = (silence.and_then(|silence| now.checked_add(silence)), Limit::Idle, silence);
        let mut until = Until { at: self.deadline, limit: Limit::Total, allowed: self.timeout.total };
        for (at, limit, allowed) in [first, idle] {
            if let Some(at) = at.filter(|at| *at < until.at) {
                until = Until { at, limit, allowed };
            }
        }
        until
    }

    /// A sign of life before the first event: the time for that begins anew.
    pub fn heard(&mut self) {
        if self.first.is_some() {
            self.first = self.timeout.first_event.and_then(|limit| Instant::now().checked_add(limit));
        }
    }

    /// What comes before the head, within the limits. No `async fn`: that would hold the future twice, and it is 1.5 kB.
    pub fn limit<T>(&self, future: impl Future<Output = T>) -> impl Future<Output = Result<T, Error>> {
        let until = self.until(self.began, None);
        timeout_at(until.at, future).map(move |done| done.map_err(|_| until.error(None)))
    }

    /// The next piece of a body, within all limits.
    pub async fn chunk(&self, response: &mut Response, head: &Head) -> Result<Option<Bytes>, Error> {
        let now = Instant::now();
        let until = self.until(now, self.timeout.idle);
        // What is there already is taken, though late; but where bytes are always there, no timer is ever looked at.
        if now >= until.at + LATE {
            return Err(until.error(Some(head)));
        }
        let read = async { response.chunk().await.map_err(|failure| broken(failure, head)) };
        timeout_at(until.at, read).await.unwrap_or_else(|_| Err(until.error(Some(head))))
    }
}
