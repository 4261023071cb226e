//! A body that its reader asks for piece by piece. Each piece is read in a task of its own, so that a reader may give up
//! waiting, come back and lose nothing.
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::runtime::Handle;
use tokio::task::AbortHandle;

use super::error::Error;
use super::send::ByteStream;
use super::wait::{Source, Waiter, Wake};

/// Dropping it closes the connection.
pub struct Pull {
    /// The most that may be held of it at once.
    pub most: u64,
    /// Where it is read.
    runtime: Handle,
    state: Arc<Mutex<PullState>>,
}

#[derive(Default)]
struct PullState {
    /// None while it is read, and at the end.
    bytes: Option<ByteStream>,
    reading: Option<AbortHandle>,
    /// What was read and not taken.
    got: Option<Result<Option<Bytes>, Error>>,
    /// It was stopped before its end.
    cut: bool,
    waiter: Waiter,
}

/// What there is to take.
#[expect(clippy::large_enum_variant, reason = "taken apart at once")]
pub enum Pulled {
    /// A piece, none at the end; or why there is none.
    Ready(Result<Option<Bytes>, Error>),
    /// It is on its way.
    Later,
}

fn lock(state: &Mutex<PullState>) -> MutexGuard<'_, PullState> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Pull {
    pub fn new(bytes: ByteStream) -> Self {
        let (most, runtime) = (bytes.most(), bytes.runtime.clone());
        let state = PullState { bytes: Some(bytes), ..PullState::default() };
        Self { most, runtime, state: Arc::new(Mutex::new(state)) }
    }

    /// The next piece, or all that is left as one; begins to read where nothing is here.
    pub fn take(&self, whole: bool) -> Pulled {
        let mut state = lock(&self.state);
        match (state.got.take(), &mut state.bytes) {
            // A reader gave up before this piece came: it is the beginning of the rest.
            (Some(Ok(Some(piece))), Some(bytes)) if whole => bytes.unread(piece),
            (Some(result), _) => return Pulled::Ready(result),
            (None, _) => {}
        }
        if state.reading.is_some() {
            return Pulled::Later;
        }
        let Some(mut bytes) = state.bytes.take() else { return Pulled::Ready(Ok(None)) };
        let shared = self.state.clone();
        let task = self.runtime.spawn(async move {
            let result = if whole { bytes.rest().await.map(Some) } else { bytes.next().await };
            let mut state = lock(&shared);
            if state.reading.take().is_none() {
                return; // stopped meanwhile
            }
            state.bytes = (!whole && matches!(result, Ok(Some(_)))).then_some(bytes);
            state.got = Some(result);
            tell(state);
        });
        state.reading = Some(task.abort_handle());
        Pulled::Later
    }

    /// The body, to be read in another way. None where it has been read, or is being read.
    pub fn lend(&self) -> Option<ByteStream> {
        let mut state = lock(&self.state);
        let mut bytes = state.bytes.take()?;
        if let Some(Ok(Some(piece))) = state.got.take() {
            bytes.unread(piece);
        }
        Some(bytes)
    }

    /// Whether it was stopped before its end: who reads it piece by piece is only told that no more comes.
    pub fn was_cut(&self) -> bool {
        lock(&self.state).cut
    }

    /// Ends it and its connection, and wakes whoever waits. `end` is what it ends with for its reader.
    pub fn stop(&self, end: Result<(), Error>) {
        let mut state = lock(&self.state);
        state.cut |= state.reading.is_some() || state.bytes.is_some() || matches!(state.got, Some(Ok(Some(_))));
        if let Some(task) = state.reading.take() {
            task.abort();
        }
        state.bytes = None;
        state.got = end.err().map(Err);
        tell(state);
    }
}

fn tell(mut state: MutexGuard<'_, PullState>) {
    let wake = state.waiter.take();
    drop(state);
    if let Some(wake) = wake {
        wake();
    }
}

impl Source for Pull {
    fn when_ready(&self, wake: Wake) -> Option<u64> {
        let mut state = lock(&self.state);
        if state.reading.is_some() {
            return state.waiter.enter(wake);
        }
        drop(state);
        wake();
        Some(0)
    }

    fn forget(&self, number: u64) {
        lock(&self.state).waiter.forget(number);
    }
}

impl Drop for Pull {
    fn drop(&mut self) {
        self.stop(Ok(()));
    }
}
