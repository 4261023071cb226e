//! Several requests that are under way together.
use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::SetOnce;
use tokio::task::{Id, JoinSet};
use tokio::time::Instant;

use super::error::{Error, Kind, caught};
use super::request::Request;
use super::send::{Outcome, send_since};
use super::transport::Client;

/// Requests that are under way, each in a task of its own and with a number of the caller's. Dropped, it ends them all.
#[derive(Default)]
pub struct Together {
    running: JoinSet<Result<Outcome, Error>>,
    numbers: HashMap<Id, usize>,
    /// Where one deadline is over all of them: it counts from when the first is let in.
    start: Option<Arc<SetOnce<Instant>>>,
}

impl Together {
    /// Requests that are one call to their caller.
    pub fn as_one_call() -> Self {
        Self { start: Some(Arc::default()), ..Self::default() }
    }

    /// Sends one more.
    pub fn add(&mut self, number: usize, client: Client, request: Request) {
        let start = self.start.clone();
        let task = async move { caught(send_since(&client, &request, start.as_deref())).await };
        self.numbers.insert(self.running.spawn(task).id(), number);
    }

    /// How many have not ended, or have and were not taken.
    pub fn len(&self) -> usize {
        self.running.len()
    }

    pub fn is_empty(&self) -> bool {
        self.running.is_empty()
    }

    /// The next that ends, whichever it is; none where none is under way.
    pub async fn next(&mut self) -> Option<(usize, Result<Outcome, Error>)> {
        let (id, outcome) = self.running.join_next_with_id().await?.unwrap_or_else(|failure| {
            // Its runtime ends.
            (failure.id(), Err(Error::new(Kind::Connection, failure.to_string())))
        });
        Some((self.numbers.remove(&id).unwrap_or_default(), outcome))
    }
}
