//! What was begun by one request and is asked for by later ones: Midjourney's tasks, videos.
use std::collections::{HashMap, VecDeque};
use std::sync::Mutex;

use serde_json::Value;

use super::journal::lock;

/// More than that are not kept: the oldest go.
const MOST: usize = 10_000;

pub(super) struct Task {
    /// The key that began it: nobody else sees it.
    owner: String,
    /// How often it was looked at: it goes a step further each time.
    pub polls: u32,
    pub data: Value,
}

#[derive(Default)]
struct KeptTasks {
    tasks: HashMap<String, Task>,
    order: VecDeque<String>,
}

#[derive(Default)]
pub(super) struct Tasks(Mutex<KeptTasks>);

impl Tasks {
    pub fn insert(&self, id: &str, owner: &str, data: Value) {
        let mut kept = lock(&self.0);
        if kept.order.len() == MOST
            && let Some(oldest) = kept.order.pop_front()
        {
            kept.tasks.remove(&oldest);
        }
        kept.order.push_back(id.to_owned());
        kept.tasks.insert(id.to_owned(), Task { owner: owner.to_owned(), polls: 0, data });
    }

    /// What `look` makes of the task; none if the owner has no such task.
    pub fn with<R>(&self, id: &str, owner: &str, look: impl FnOnce(&mut Task) -> R) -> Option<R> {
        lock(&self.0).tasks.get_mut(id).filter(|task| task.owner == owner).map(look)
    }

    /// The same for anybody who knows the id.
    pub fn with_any<R>(&self, id: &str, look: impl FnOnce(&mut Task) -> R) -> Option<R> {
        lock(&self.0).tasks.get_mut(id).map(look)
    }
}
