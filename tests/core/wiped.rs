//! Keys are overwritten before their memory is given back. The allocator of this test looks at all that is freed.
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use reqwest::Url;
use reqwest::header::HeaderMap;
use wenwen::core::endpoint::Auth;
use wenwen::core::error::{Error, Kind};
use wenwen::core::secret::{Secret, Secrets};

const KEY: &str = "sk-wiped-7f3a9c51";

struct Watching;

static WATCHING: AtomicBool = AtomicBool::new(false);
static FOUND: AtomicUsize = AtomicUsize::new(0);

// SAFETY: hands everything on to the system's allocator.
unsafe impl GlobalAlloc for Watching {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller promises.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if WATCHING.load(Ordering::Relaxed) {
            // SAFETY: the block is the caller's still, and was zeroed when it was made.
            let bytes = unsafe { std::slice::from_raw_parts(block, layout.size()) };
            if bytes.windows(KEY.len()).any(|window| window == KEY.as_bytes()) {
                FOUND.fetch_add(1, Ordering::Relaxed);
            }
        }
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Watching = Watching;

fn found(work: impl FnOnce()) -> usize {
    FOUND.store(0, Ordering::Relaxed);
    WATCHING.store(true, Ordering::Relaxed);
    work();
    WATCHING.store(false, Ordering::Relaxed);
    FOUND.load(Ordering::Relaxed)
}

#[test]
fn keys_are_overwritten_before_their_memory_is_freed() {
    assert_eq!(found(|| drop(KEY.to_owned())), 1, "the allocator sees nothing");
    let used = found(|| {
        let key = Secret::new(KEY).unwrap();
        let copy = key.clone();
        drop(key);
        let mut headers = HeaderMap::new();
        for auth in [Auth::Bearer, Auth::ApiKey] {
            headers.insert(auth.header(), auth.value(&copy).unwrap());
        }
        let again = headers.clone();
        drop(headers);
        // An error that says nothing of it; one that does is the server's memory.
        let secrets = Secrets::of(Some(&copy), &HeaderMap::new(), &Url::parse("http://h/").unwrap());
        let mut error = Error::new(Kind::Status, "no");
        error.redact(&secrets);
        drop((error, secrets, copy));
        assert_eq!(again[Auth::API_KEY], KEY);
    });
    assert_eq!(used, 0);
}
