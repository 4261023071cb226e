//! What the gateway was sent and how each request ended. Its memory is bounded: old entries go, and bodies go earlier.
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::http::HttpRequest;
use super::steps::Progress;

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Its answer is still under way.
    Open,
    /// Its answer was written whole.
    Answered,
    /// The client went away before that.
    ClientClosed,
    /// The script broke the connection off.
    Cut,
    /// The gateway was closed first.
    GatewayClosed,
}

impl End {
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            End::Open => "open",
            End::Answered => "answered",
            End::ClientClosed => "client closed",
            End::Cut => "cut",
            End::GatewayClosed => "gateway closed",
        }
    }
}

#[derive(Debug, Clone, Copy)]
pub struct Fate {
    /// The status of the answer, once one was chosen; `None` for raw answers too.
    pub status: Option<u16>,
    pub end: End,
    /// When the end was noticed.
    pub at: Option<Instant>,
}

/// One request of the journal. Live: its outcome fills in while the answer goes out.
#[derive(Debug)]
pub struct Entry {
    /// Counted from 0 in order of arrival, never reset.
    pub index: u64,
    pub request: HttpRequest,
    pub progress: Progress,
    body: Mutex<Option<Bytes>>,
    outcome: Mutex<Fate>,
}

impl Entry {
    /// The body, decompressed. `None` when the journal has dropped it to stay within its memory.
    #[must_use]
    pub fn body(&self) -> Option<Bytes> {
        lock(&self.body).clone()
    }

    #[must_use]
    pub fn outcome(&self) -> Fate {
        *lock(&self.outcome)
    }
}

#[derive(Debug, Default)]
struct KeptEntries {
    entries: VecDeque<Arc<Entry>>,
    /// How many of the front entries have lost their body already.
    bare: usize,
    body_bytes: usize,
    head_bytes: usize,
    next_index: u64,
    changes: u64,
    /// How many threads wait for a change. Waking nobody costs a system call all the same.
    waiting: usize,
}

/// The most bytes of heads: usual ones are a few hundred each, hostile ones 64 kB.
const HEADS: usize = 64 << 20;

#[derive(Debug)]
pub struct Journal {
    kept: Mutex<KeptEntries>,
    changed: Condvar,
    most_entries: usize,
    most_body_bytes: usize,
}

impl Journal {
    #[must_use]
    pub fn new(most_entries: usize, most_body_bytes: usize) -> Self {
        Self { kept: Mutex::default(), changed: Condvar::new(), most_entries, most_body_bytes }
    }

    pub(crate) fn open(&self, request: HttpRequest, body: Bytes) -> Arc<Entry> {
        let mut kept = lock(&self.kept);
        let (size, head) = (body.len(), request.head_bytes());
        let entry = Arc::new(Entry {
            index: kept.next_index,
            request,
            progress: Progress::default(),
            body: Mutex::new(Some(body)),
            outcome: Mutex::new(Fate { status: None, end: End::Open, at: None }),
        });
        kept.next_index += 1;
        kept.changes += 1;
        if self.most_entries > 0 {
            while kept.entries.len() == self.most_entries || kept.head_bytes + head > HEADS {
                let Some(oldest) = kept.entries.pop_front() else { break };
                kept.head_bytes -= oldest.request.head_bytes();
                match kept.bare {
                    0 => kept.body_bytes -= lock(&oldest.body).as_ref().map_or(0, Bytes::len),
                    _ => kept.bare -= 1,
                }
            }
            kept.entries.push_back(entry.clone());
            kept.body_bytes += size;
            kept.head_bytes += head;
            // The newest keeps its body whatever its size.
            while kept.body_bytes > self.most_body_bytes && kept.bare + 1 < kept.entries.len() {
                let at = kept.bare;
                let freed = lock(&kept.entries[at].body).take().map_or(0, |body| body.len());
                kept.body_bytes -= freed;
                kept.bare += 1;
            }
        }
        self.tell(&kept);
        drop(kept);
        entry
    }

    pub(crate) fn chose(&self, entry: &Entry, status: Option<u16>) {
        lock(&entry.outcome).status = status;
    }

    pub(crate) fn ended(&self, entry: &Entry, end: End) {
        let mut outcome = lock(&entry.outcome);
        (outcome.end, outcome.at) = (end, Some(Instant::now()));
        drop(outcome);
        self.touch();
    }

    /// Wakes those who wait for something that is not an entry: a connection opened or closed.
    pub(crate) fn touch(&self) {
        let mut kept = lock(&self.kept);
        kept.changes += 1;
        self.tell(&kept);
    }

    fn tell(&self, kept: &KeptEntries) {
        if kept.waiting > 0 {
            self.changed.notify_all();
        }
    }

    #[must_use]
    pub fn entries(&self) -> Vec<Arc<Entry>> {
        lock(&self.kept).entries.iter().cloned().collect()
    }

    #[must_use]
    pub fn last(&self) -> Option<Arc<Entry>> {
        lock(&self.kept).entries.back().cloned()
    }

    pub fn clear(&self) {
        let mut kept = lock(&self.kept);
        kept.entries.clear();
        (kept.bare, kept.body_bytes, kept.head_bytes) = (0, 0, 0);
        kept.changes += 1;
        self.tell(&kept);
    }

    /// How many changes there have been; for [`Journal::wait`].
    #[must_use]
    pub fn changes(&self) -> u64 {
        lock(&self.kept).changes
    }

    /// Blocks until there have been more than `seen` changes, or for `time`. Returns the count.
    #[must_use]
    pub fn wait(&self, seen: u64, time: Duration) -> u64 {
        let mut kept = lock(&self.kept);
        kept.waiting += 1;
        let waited = self.changed.wait_timeout_while(kept, time, |kept| kept.changes <= seen);
        let mut kept = waited.unwrap_or_else(PoisonError::into_inner).0;
        kept.waiting -= 1;
        kept.changes
    }
}

/// None of these locks is held over code that can panic, so a poisoned one is still sound.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
