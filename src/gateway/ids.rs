//! Fresh ids in the forms the real gateway and its upstream use.
use std::fmt::Write;
use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

static STATE: LazyLock<AtomicU64> = LazyLock::new(|| AtomicU64::new(RandomState::new().hash_one(0)));

/// SplitMix64: ids must differ, not resist guessing, and no crate is worth that.
fn random() -> u64 {
    let mut z = STATE.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// Seconds since 1970.
#[must_use]
pub fn now() -> u64 {
    since_1970().as_secs()
}

/// Milliseconds since 1970.
#[must_use]
pub fn now_ms() -> u64 {
    u64::try_from(since_1970().as_millis()).unwrap_or(u64::MAX)
}

fn since_1970() -> std::time::Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// The value of `X-Oneapi-Request-Id`: date, time, nanoseconds and eight random characters.
#[must_use]
pub fn request_id() -> String {
    const LETTERS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let time = since_1970();
    let seconds = time.as_secs();
    let (year, month, day) = date(seconds / 86_400);
    let clock = seconds % 86_400;
    let (hour, minute, second) = (clock / 3600, clock / 60 % 60, clock % 60);
    let nanos = time.subsec_nanos();
    let mut id = String::with_capacity(31);
    let _ = write!(id, "{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}{nanos:09}");
    let mut bits = random();
    for _ in 0..8 {
        id.push(char::from(LETTERS[(bits % 62) as usize]));
        bits /= 62;
    }
    id
}

/// Year, month and day of a day counted from 1970 (Howard Hinnant's civil_from_days).
fn date(days: u64) -> (u64, u64, u64) {
    let z = days + 719_468;
    let (era, doe) = (z / 146_097, z % 146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    (yoe + era * 400 + u64::from(month <= 2), month, doy - (153 * mp + 2) / 5 + 1)
}

/// The ids of one response: they begin with the time and share their last sixteen digits.
pub struct Family {
    tail: u64,
}

impl Family {
    #[must_use]
    pub fn new() -> Self {
        Self { tail: random() }
    }

    /// `resp_…`, `msg_…`, `rs_…`, `fc_…`: 48 hexadecimal digits.
    #[must_use]
    pub fn id(&self, prefix: &str) -> String {
        let seconds = now() & 0xFFFF_FFFF;
        let (a, tail) = (random(), self.tail);
        // "8198" stands where it does in every id of the samples.
        format!("{prefix}_{seconds:08x}{:08x}8198{:012x}{tail:016x}", a >> 32, random() >> 16)
    }
}

impl Default for Family {
    fn default() -> Self {
        Self::new()
    }
}

/// `prefix` and `length` random letters and digits, as in `call_…`.
#[must_use]
pub fn letters(prefix: &str, length: usize) -> String {
    let mut id = String::from(prefix);
    while id.len() < prefix.len() + length {
        let bits = random() % 62;
        id.push(
            char::from_digit((bits % 36) as u32, 36).map_or(
                'x',
                |c| {
                    if bits >= 36 { c.to_ascii_uppercase() } else { c }
                },
            ),
        );
    }
    id
}

/// A Midjourney task's: the milliseconds since 1970 and three digits more.
#[must_use]
pub fn task() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    format!("{}{:03}", now_ms(), COUNT.fetch_add(1, Ordering::Relaxed) % 1000)
}

/// `3785da15-4f70-4034-9128-f3ff1ac634fa`, the same for the same seed.
#[must_use]
pub fn uuid(seed: u64) -> String {
    let (a, b) = (seed, seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    format!(
        "{:08x}-{:04x}-4{:03x}-9{:03x}-{:012x}",
        a >> 32,
        a >> 16 & 0xFFFF,
        a & 0xFFF,
        b >> 52,
        b & 0xFFFF_FFFF_FFFF
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        assert_eq!(date(0), (1970, 1, 1));
        assert_eq!(date(20_308), (2025, 8, 8));
        assert_eq!(date(19_782), (2024, 2, 29));
    }

    #[test]
    fn forms() {
        assert_eq!(request_id().len(), 31);
        let family = Family::new();
        let (a, b) = (family.id("resp"), family.id("msg"));
        assert_eq!((a.len(), b.len()), (53, 52));
        assert_eq!(a[37..], b[36..]);
        assert_eq!(letters("call_", 24).len(), 29);
    }
}
