//! Who waits for something to read: one at a time, and whoever gives up makes room for the next. And who must not wait.
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::oneshot;
use tokio::task::block_in_place;

/// What is longer than that is looked at aside.
const HEAVY: usize = 1 << 16;

/// Does what may take long: the one worker of all async calls hands the others on first.
pub fn aside<T>(bytes: usize, work: impl FnOnce() -> T) -> T {
    let is_shared = || Handle::try_current().is_ok_and(|here| here.runtime_flavor() == RuntimeFlavor::MultiThread);
    if bytes > HEAVY && is_shared() { block_in_place(work) } else { work() }
}

pub type Wake = Box<dyn FnOnce() + Send>;

/// The one who waits. A number tells it from those before.
#[derive(Default)]
pub struct Waiter {
    number: u64,
    wake: Option<Wake>,
}

impl Waiter {
    /// None if another one waits already.
    pub fn enter(&mut self, wake: Wake) -> Option<u64> {
        if self.wake.is_some() {
            return None;
        }
        self.number += 1;
        self.wake = Some(wake);
        Some(self.number)
    }

    pub fn forget(&mut self, number: u64) {
        if self.number == number {
            self.wake = None;
        }
    }

    pub fn take(&mut self) -> Option<Wake> {
        self.wake.take()
    }
}

/// Something that is read as it arrives. What has arrived stays there until it is taken, so that a reader who gives up
/// waiting loses nothing.
pub trait Source: Send + Sync {
    /// Calls `wake` when there is something to take: at once if there is now. The number to `forget` it by; none if
    /// another one waits already.
    fn when_ready(&self, wake: Wake) -> Option<u64>;

    /// Whoever waited has given up.
    fn forget(&self, number: u64);
}

/// Waits for something to take. False, at once, if another one waits already.
pub async fn ready(source: &dyn Source) -> bool {
    struct InLine<'a>(&'a dyn Source, u64);
    impl Drop for InLine<'_> {
        fn drop(&mut self) {
            self.0.forget(self.1);
        }
    }
    let (tell, told) = oneshot::channel();
    let wake = Box::new(move || {
        let _ = tell.send(());
    });
    let Some(number) = source.when_ready(wake) else { return false };
    let _waiting = InLine(source, number);
    let _ = told.await;
    true
}
