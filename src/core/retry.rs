//! Whether an attempt is worth repeating, and after how long (REFERENCE G.5).
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use reqwest::header::HeaderMap;

use super::dialect::Dialect;
use super::error::{ANY, Error, Kind};

const FIRST_DELAY: Duration = Duration::from_millis(500);
const LONGEST_DELAY: Duration = Duration::from_secs(8);
/// A server that asks for more than this is not waited for, whatever the deadline.
pub const LONGEST_ASKED: Duration = Duration::from_secs(600);

/// How many retries an error of this status and code is worth.
pub fn worth(error: &Error) -> u32 {
    match error.headers.get("x-should-retry").map(|v| v.as_bytes()) {
        Some(b"true") => return ANY,
        Some(b"false") => return 0,
        _ => {}
    }
    let code = error.code.as_deref().unwrap_or_default();
    if error.is_quota() || error.blames().is_some() {
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

/// Said with an error of a submit that may have been accepted.
const MAY_EXIST: &str = "; the task may exist all the same, and be billed: see the gateway's list of tasks before \
                             you submit it again";

/// How many retries an error is worth to a call of that dialect; `billed`: one that begins a task.
///
/// A submit that was accepted is billed, and the gateway knows no idempotency key: a second one would be a second task.
/// So it is sent again only where it certainly was not accepted.
///
/// | what became of the submit                                             | sent again             |
/// |-----------------------------------------------------------------------|------------------------|
/// | no connection came up                                                 | yes                    |
/// | 429; code 23 (queue full) or 30 (group saturated): refused, not billed | yes                    |
/// | 503 of the gateway itself (no channel), code 3 (no account)           | once or twice          |
/// | other refusals: 400, 401, 403, 413, codes 4 and 24, no money          | no: it stays refused   |
/// | the connection broke, a limit of `timeout` ran out, 408, other 5xx,   | no: it may be accepted |
/// | codes 5 and 9, a reply that is none                                   |                        |
///
/// The codes are Midjourney's. Looking at its tasks costs nothing: there, code 5 (the upstream was not reached) is tried
/// again though it is a 400.
pub fn allowed(error: &Error, dialect: Dialect, billed: bool) -> u32 {
    match (billed, dialect) {
        (true, _) if may_be_accepted(error) => 0,
        (false, Dialect::Midjourney) if is_unreached(error) => ANY,
        _ => error.retries,
    }
}

/// Whether a billed submit that failed so may have begun a task.
pub fn may_be_accepted(error: &Error) -> bool {
    let code = error.code.as_deref().unwrap_or_default();
    match error.kind {
        Kind::Connection | Kind::Timeout(_) => error.sent,
        Kind::BadReply | Kind::TooLarge { .. } | Kind::Incomplete => true,
        Kind::NotAnApi | Kind::Callback(_) | Kind::Bug => false,
        Kind::Status if error.blames().is_some() || error.is_quota() => false,
        Kind::Status => match error.status {
            Some(501) => false,
            // A proxy's 503 says nothing of what lies behind it.
            Some(503) => error.error_type.as_deref() != Some("new_api_error") && code != "3",
            Some(408 | 500..) => true,
            _ => is_unreached(error),
        },
    }
}

/// The error, which says so where a billed submit may have begun a task.
pub fn warned(mut error: Error, billed: bool) -> Error {
    if billed && may_be_accepted(&error) {
        error.message.push_str(MAY_EXIST);
    }
    error
}

/// Midjourney's code 5: the gateway could not reach the upstream, or not read what it said.
fn is_unreached(error: &Error) -> bool {
    matches!(error.kind, Kind::Status)
        && (error.code.as_deref() == Some("5") || error.message.starts_with("do_request_failed"))
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
    use super::super::error::Limit;
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
    fn midjourney_submits_are_sent_again_only_where_they_were_refused() {
        let status = |status: u16, code: &str, kind: &str, message: &str| {
            let mut error = Error::new(Kind::Status, message);
            error.status = Some(status);
            error.code = (!code.is_empty()).then(|| code.to_owned());
            error.error_type = (!kind.is_empty()).then(|| kind.to_owned());
            error.retries = worth(&error);
            error
        };
        let connection = |sent| Error { sent, retries: ANY, ..Error::new(Kind::Connection, "") };
        for (error, retries, uncertain) in [
            (connection(false), ANY, false),
            (connection(true), 0, true),
            (Error::timeout(Limit::Connect, None, ""), ANY, false),
            (Error::timeout(Limit::Total, None, ""), 0, true),
            (Error::timeout(Limit::Idle, None, ""), 0, true),
            (Error::new(Kind::BadReply, ""), 0, true),
            (Error::new(Kind::NotAnApi, ""), 0, false),
            (status(429, "30", "upstream_error", ""), ANY, false),
            (status(429, "23", "", ""), ANY, false),
            (status(503, "model_not_found", "new_api_error", ""), 1, false),
            (status(503, "", "new_api_error", ""), 2, false),
            (status(503, "3", "", ""), 2, false),
            (status(503, "", "", ""), 0, true),
            (status(400, "4", "upstream_error", "prompt_is_required"), 0, false),
            (status(400, "4", "upstream_error", "quota_not_enough"), 0, false),
            (status(400, "5", "upstream_error", "do_request_failed"), 0, true),
            (status(400, "24", "", ""), 0, false),
            (status(401, "", "new_api_error", ""), 0, false),
            (status(408, "", "", ""), 0, true),
            (status(500, "", "", ""), 0, true),
            (status(500, "sensitive_words_detected", "", ""), 0, false),
            (status(500, "9", "", ""), 0, true),
            (status(501, "", "", ""), 0, false),
            (status(502, "5", "", ""), 0, true),
            (status(504, "", "", ""), 0, true),
            (status(524, "", "", ""), 0, true),
        ] {
            assert_eq!(allowed(&error, Dialect::Midjourney, true), retries, "{error:?}");
            assert_eq!(may_be_accepted(&error), uncertain, "{error:?}");
        }
        // A look at a task may be repeated as often as anything, and code 5 too.
        assert_eq!(allowed(&connection(true), Dialect::Midjourney, false), ANY);
        assert_eq!(allowed(&status(500, "", "", ""), Dialect::Midjourney, false), ANY);
        assert_eq!(allowed(&status(400, "5", "upstream_error", ""), Dialect::Midjourney, false), ANY);
        assert_eq!(allowed(&status(400, "4", "upstream_error", "task_no_found"), Dialect::Midjourney, false), 0);
        assert_eq!(allowed(&status(400, "5", "", ""), Dialect::Plain, false), 0);
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
