//! Whether an attempt is worth repeating, and after how long (REFERENCE G.5).
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use reqwest::header::HeaderMap;

use super::error::{ANY, Error};

const FIRST_DELAY: Duration = Duration::from_millis(500);
const LONGEST_DELAY: Duration = Duration::from_secs(8);
/// A server that asks for more than this is not waited for, whatever the deadline.
pub const LONGEST_ASKED: Duration = Duration::from_secs(600);

/// Client errors that later builds of the gateway answer with a 500.
const FATAL_CODES: &[&str] = &[
    "invalid_request",
    "sensitive_words_detected",
    "count_token_failed",
    "count_audio_tokens_failed",
    "model_price_error",
    "convert_request_failed",
    "invalid_api_type",
    "bad_request_body",
    "access_denied",
    "prompt_blocked",
];

/// How many retries an error of this status and code is worth.
pub fn worth(error: &Error) -> u32 {
    match error.headers.get("x-should-retry").map(|v| v.as_bytes()) {
        Some(b"true") => return ANY,
        Some(b"false") => return 0,
        _ => {}
    }
    let code = error.code.as_deref().unwrap_or_default();
    if error.is_quota() || FATAL_CODES.contains(&code) {
        return 0;
    }
    match error.status {
        Some(409 | 429 | 500 | 529) => ANY,
        // An upstream that was too slow may have been billed.
        Some(408) => 2,
        Some(504 | 524) => 1,
        // No channel for the model: mostly a misspelt model, sometimes momentary.
        Some(503) if code == "model_not_found" => 1,
        Some(503) => 2,
        Some(501) => 0,
        Some(500..) => ANY,
        _ => 0,
    }
}

/// How long the server asks to wait: `retry-after-ms`, or `retry-after` in seconds or as a date.
pub fn asked(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let seconds = |text: &str| {
        let number = text.parse::<f64>().ok().filter(|n| *n >= 0.0)?;
        Some(Duration::try_from_secs_f64(number).unwrap_or(Duration::MAX))
    };
    if let Some(ms) = text("retry-after-ms").and_then(|t| t.parse::<f64>().ok()) {
        return seconds(&(ms / 1000.0).to_string());
    }
    let value = text("retry-after")?;
    seconds(value).or_else(|| {
        let date = httpdate::parse_http_date(value).ok()?;
        Some(date.duration_since(now).unwrap_or_default())
    })
}

/// The wait before retry number `retry` (from 0) when the server asks for none: 0.5 s · 2ⁿ, at most 8 s, −25 %..0.
pub fn backoff(retry: u32) -> Duration {
    let full = FIRST_DELAY.saturating_mul(1 << retry.min(10)).min(LONGEST_DELAY);
    full.mul_f64(1.0 - 0.25 * fraction())
}

/// A number in 0..1 from the clock's low bits: jitter needs no better, and forked children must not share a seed.
fn fraction() -> f64 {
    let nanos = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().subsec_nanos();
    f64::from(nanos.wrapping_mul(0x9E37_79B1) >> 8) / f64::from(1 << 24)
}

#[cfg(test)]
mod tests {
    use super::super::error::Kind;
    use super::*;
    use reqwest::header::{HeaderName, HeaderValue};

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let pair = |(k, v): &(&'static str, &str)| (HeaderName::from_static(k), HeaderValue::from_str(v).unwrap());
        pairs.iter().map(pair).collect()
    }

    #[test]
    fn retry_after_in_its_three_forms() {
        let now = UNIX_EPOCH + Duration::from_secs(784_111_777);
        let ask = |pairs: &[_]| asked(&headers(pairs), now);
        assert_eq!(ask(&[("retry-after-ms", "250"), ("retry-after", "9")]), Some(Duration::from_millis(250)));
        assert_eq!(ask(&[("retry-after", "1.5")]), Some(Duration::from_millis(1500)));
        assert_eq!(ask(&[("retry-after", "Sun, 06 Nov 1994 08:49:40 GMT")]), Some(Duration::from_secs(3)));
        assert_eq!(ask(&[("retry-after", "Sun, 06 Nov 1994 08:00:00 GMT")]), Some(Duration::ZERO));
        assert_eq!(ask(&[("retry-after", "1e300")]), Some(Duration::MAX));
        for nonsense in ["", "soon", "-1", "NaN"] {
            assert_eq!(ask(&[("retry-after", nonsense)]), None, "{nonsense}");
        }
    }

    #[test]
    fn backoff_grows_to_its_cap_with_jitter_downwards() {
        for (retry, full) in [(0, 0.5), (1, 1.0), (2, 2.0), (4, 8.0), (60, 8.0)] {
            let seconds = backoff(retry).as_secs_f64();
            assert!(seconds <= full && seconds >= full * 0.75, "{retry}: {seconds}");
        }
    }

    #[test]
    fn what_is_retried() {
        let worth_of = |status: u16, code: &str, pairs: &[_]| {
            let mut error = Error::new(Kind::Status, "");
            error.status = Some(status);
            error.code = (!code.is_empty()).then(|| code.to_owned());
            error.headers = headers(pairs);
            worth(&error)
        };
        for status in [429, 409, 500, 502, 520, 522, 529, 530] {
            assert_eq!(worth_of(status, "", &[]), ANY, "{status}");
        }
        for status in [301, 400, 401, 402, 403, 404, 413, 422, 501] {
            assert_eq!(worth_of(status, "", &[]), 0, "{status}");
        }
        assert_eq!(worth_of(429, "insufficient_quota", &[]), 0);
        assert_eq!(worth_of(500, "sensitive_words_detected", &[]), 0);
        assert_eq!(worth_of(503, "model_not_found", &[]), 1);
        assert_eq!((worth_of(503, "", &[]), worth_of(524, "", &[])), (2, 1));
        assert_eq!(worth_of(400, "", &[("x-should-retry", "true")]), ANY);
        assert_eq!(worth_of(500, "", &[("x-should-retry", "false")]), 0);
    }
}
