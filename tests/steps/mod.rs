//! How much work something is, counted: how often any piece of code ran, of ours and of the crates', where the compiler was
//! told to count that, and each word that the C library's functions moved for it. The same each time, on any machine:
//!
//! `RUSTFLAGS="-C instrument-coverage --cfg counted" LLVM_PROFILE_FILE=/dev/null cargo test --test cost -- --test-threads=1`
//!
//! Without these flags nothing is counted. One thread alone works: the counters are the process's. With
//! `CARGO_PROFILE_DEV_OPT_LEVEL=1` it takes half a minute instead of several.
#[cfg(counted)]
pub use counted::{begin, end};

#[cfg(not(counted))]
pub fn begin() {}

#[cfg(not(counted))]
pub fn end() -> u64 {
    0
}

#[cfg(counted)]
mod counted {
    #[cfg(target_arch = "x86_64")]
    use std::arch::asm;
    use std::sync::atomic::{AtomicU64, Ordering};

    static WORDS: AtomicU64 = AtomicU64::new(0);

    unsafe extern "C" {
        fn __llvm_profile_begin_counters() -> *mut u64;
        fn __llvm_profile_end_counters() -> *mut u64;
    }

    fn counters() -> &'static mut [u64] {
        // SAFETY: theirs alone, as long as one thread works: see `alone`.
        unsafe {
            let (begin, end) = (__llvm_profile_begin_counters(), __llvm_profile_end_counters());
            std::slice::from_raw_parts_mut(begin, end.offset_from_unsigned(begin))
        }
    }

    pub fn begin() {
        counters().fill(0);
        WORDS.store(0, Ordering::Relaxed);
    }

    pub fn end() -> u64 {
        let words = WORDS.load(Ordering::Relaxed);
        words + counters().iter().sum::<u64>()
    }

    fn count(bytes: usize) {
        WORDS.fetch_add(bytes as u64 / 8, Ordering::Relaxed);
    }

    // In the place of the C library's, whose loops no compiler counts.

    #[cfg(target_arch = "x86_64")]
    #[unsafe(no_mangle)]
    unsafe extern "C" fn memcpy(to: *mut u8, from: *const u8, bytes: usize) -> *mut u8 {
        count(bytes);
        // SAFETY: as the caller promises.
        unsafe { asm!("rep movsb", inout("rcx") bytes => _, inout("rdi") to => _, inout("rsi") from => _) };
        to
    }

    #[cfg(target_arch = "x86_64")]
    #[unsafe(no_mangle)]
    unsafe extern "C" fn memmove(to: *mut u8, from: *const u8, bytes: usize) -> *mut u8 {
        if (to as usize).wrapping_sub(from as usize) >= bytes {
            return unsafe { memcpy(to, from, bytes) };
        }
        count(bytes);
        let last = bytes.wrapping_sub(1);
        let (from, end) = (from.wrapping_add(last), to.wrapping_add(last));
        // SAFETY: as the caller promises.
        unsafe {
            asm!("std", "rep movsb", "cld", inout("rcx") bytes => _, inout("rdi") end => _, inout("rsi") from => _)
        };
        to
    }
}
