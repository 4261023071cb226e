//! What a reply says of limits: `retry-after`, and OpenAI's and Anthropic's headers. Of a gateway before several
//! upstreams they are those of one upstream, which others share: a hint.
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use reqwest::header::HeaderMap;

use super::retry;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Limits {
    /// How long the server asks to wait.
    pub retry_after: Option<Duration>,
    pub quotas: Vec<Quota>,
}

/// So much within a span of time that nobody names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Quota {
    /// What is counted: `requests`, `tokens`, `input-tokens`, …; empty where that is not said.
    pub of: String,
    /// None where it is not said, or no number above 0: Azure says -1.
    pub limit: Option<u64>,
    pub remaining: Option<u64>,
    /// Until all of it is there again; what was asked for may be sooner.
    pub reset: Option<Duration>,
}

/// More than anybody has: there may be a thousand headers, and each looks for its own.
const MOST: usize = 16;

impl Limits {
    pub fn of(headers: &HeaderMap, now: SystemTime) -> Self {
        let mut limits = Self { retry_after: retry::asked(headers, now), quotas: Vec::new() };
        for (name, value) in headers {
            let Some((part, of)) = parts(name.as_str()) else { continue };
            let text = value.to_str().unwrap_or_default();
            // Some write the window behind it: `100, 100;w=60`.
            let text = text.split([',', ';']).next().unwrap_or_default().trim();
            let Some(quota) = limits.quota(of) else { continue };
            match part {
                "limit" => quota.limit = text.parse().ok().filter(|limit| *limit > 0),
                "remaining" => quota.remaining = text.parse().ok(),
                _ => quota.reset = until(text, now),
            }
        }
        limits.quotas.retain(|quota| quota.limit.is_some() || quota.remaining.is_some() || quota.reset.is_some());
        limits
    }

    fn quota(&mut self, of: &str) -> Option<&mut Quota> {
        let known = self.quotas.iter().position(|quota| quota.of == of);
        if known.is_none() && self.quotas.len() < MOST {
            self.quotas.push(Quota { of: of.to_owned(), ..Quota::default() });
        }
        match known {
            Some(place) => self.quotas.get_mut(place),
            None => self.quotas.last_mut().filter(|last| last.of == of),
        }
    }
}

/// What a header says of which quota: `x-ratelimit-limit-tokens`, `anthropic-ratelimit-tokens-limit`.
fn parts(name: &str) -> Option<(&str, &str)> {
    let (part, of) = match (name.strip_prefix("x-ratelimit-"), name.strip_prefix("anthropic-ratelimit-")) {
        (Some(rest), _) => rest.split_once('-').unwrap_or((rest, "")),
        (_, Some(rest)) => rest.rsplit_once('-').map(|(of, part)| (part, of))?,
        _ => return None,
    };
    matches!(part, "limit" | "remaining" | "reset").then_some((part, of))
}

/// A span like `1m30.5s` or `12ms`, seconds, or a moment: RFC 3339, or since 1970 in seconds or milliseconds.
fn until(text: &str, now: SystemTime) -> Option<Duration> {
    let seconds = match text.parse::<f64>() {
        Ok(number) if number < 1e9 => number,
        Ok(moment) => return since(now, if moment < 1e12 { moment } else { moment / 1e3 }),
        Err(_) => match span(text) {
            Some(seconds) => seconds,
            None => return since(now, moment(text)?),
        },
    };
    Duration::try_from_secs_f64(seconds).ok()
}

fn since(now: SystemTime, moment: f64) -> Option<Duration> {
    let moment = UNIX_EPOCH.checked_add(Duration::try_from_secs_f64(moment).ok()?)?;
    Some(moment.duration_since(now).unwrap_or_default())
}

/// As Go writes a span, in seconds.
fn span(text: &str) -> Option<f64> {
    let (mut rest, mut seconds) = (text, 0.0);
    while !rest.is_empty() {
        let unit = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, after) = rest.split_at(unit);
        let end = after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len());
        let (unit, after) = after.split_at(end);
        let size = match unit {
            "d" => 86400.0,
            "h" => 3600.0,
            "m" => 60.0,
            "s" => 1.0,
            "ms" => 1e-3,
            "us" | "µs" | "μs" => 1e-6,
            "ns" => 1e-9,
            _ => return None,
        };
        seconds += number.parse::<f64>().ok()? * size;
        rest = after;
    }
    (!text.is_empty()).then_some(seconds)
}

/// RFC 3339, as seconds since 1970.
fn moment(text: &str) -> Option<f64> {
    let (date, time) = text.split_once(['T', 't', ' '])?;
    let (time, offset) = match time.rfind(['Z', 'z', '+', '-']) {
        Some(place) => time.split_at(place),
        None => (time, "Z"),
    };
    let numbers = |text: &str, by| text.split(by).map(|part| part.parse::<f64>().ok()).collect::<Option<Vec<_>>>();
    let [year, month, day] = *numbers(date, '-')? else { return None };
    let [hours, minutes, seconds] = *numbers(time, ':')? else { return None };
    let east = match (offset.get(..1)?, numbers(offset.get(1..)?, ':')) {
        ("Z" | "z", _) => 0.0,
        (sign, Some(parts)) => {
            let [hours, minutes] = *parts else { return None };
            (hours * 60.0 + minutes) * if sign == "-" { -60.0 } else { 60.0 }
        }
        _ => return None,
    };
    // Days since 1970, years counted from March: the day that comes and goes is the last.
    let (year, month) = if month > 2.0 { (year, month - 3.0) } else { (year - 1.0, month + 9.0) };
    let leaps = (year / 4.0).floor() - (year / 100.0).floor() + (year / 400.0).floor();
    let days = year * 365.0 + leaps + ((153.0 * month + 2.0) / 5.0).floor() + day - 1.0 - 719_468.0;
    Some(days * 86400.0 + hours * 3600.0 + minutes * 60.0 + seconds - east)
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::{HeaderName, HeaderValue};

    const NOW: u64 = 1_762_425_580; // 2025-11-06T10:39:40Z

    fn limits(pairs: &[(&'static str, &str)]) -> Limits {
        let pair = |(k, v): &(&'static str, &str)| (HeaderName::from_static(k), HeaderValue::from_str(v).unwrap());
        let headers = pairs.iter().map(pair).collect();
        Limits::of(&headers, UNIX_EPOCH + Duration::from_secs(NOW))
    }

    fn quota(of: &str, limit: Option<u64>, remaining: Option<u64>, reset: Option<f64>) -> Quota {
        Quota { of: of.into(), limit, remaining, reset: reset.map(Duration::from_secs_f64) }
    }

    #[test]
    fn both_families_of_names() {
        let said = limits(&[
            ("x-ratelimit-limit-requests", "60"),
            ("x-ratelimit-remaining-requests", "0"),
            ("x-ratelimit-reset-requests", "1s"),
            ("x-ratelimit-limit-tokens", "-1"),
            ("x-ratelimit-reset-tokens", "6m0s"),
            ("x-ratelimit-limit", "100, 100;w=60"),
            ("anthropic-ratelimit-input-tokens-limit", "40000"),
            ("anthropic-ratelimit-input-tokens-remaining", "39000"),
            ("anthropic-ratelimit-input-tokens-reset", "2025-11-06T10:40:00Z"),
            ("anthropic-ratelimit-unified-status", "allowed"),
            ("anthropic-ratelimit-reset", "1"),
            ("x-ratelimit-limit-images", "many"),
            ("retry-after", "7"),
        ]);
        assert_eq!(said.retry_after, Some(Duration::from_secs(7)));
        assert_eq!(
            said.quotas,
            [
                quota("requests", Some(60), Some(0), Some(1.0)),
                quota("tokens", None, None, Some(360.0)),
                quota("", Some(100), None, None),
                quota("input-tokens", Some(40000), Some(39000), Some(20.0)),
            ]
        );
        assert_eq!(limits(&[("content-type", "a"), ("x-ratelimit-limit-tokens", "0")]), Limits::default());
    }

    #[test]
    fn resets_in_all_their_forms() {
        for (text, seconds) in [
            ("0", Some(0.0)),
            ("1.5", Some(1.5)),
            ("12ms", Some(0.012)),
            ("1h2m3.5s", Some(3723.5)),
            ("1d", Some(86400.0)),
            ("250µs", Some(0.00025)),
            ("1762425600", Some(20.0)),
            ("1762425590500", Some(10.5)),
            ("2025-11-06T10:39:41.5Z", Some(1.5)),
            ("2025-11-06T18:40:40+08:00", Some(60.0)),
            ("2025-11-06T05:39:50-05:00", Some(10.0)),
            ("2024-02-29T00:00:00Z", Some(0.0)),
            ("2026-01-01T00:00:00Z", Some(4_800_020.0)),
            ("", None),
            ("soon", None),
            ("-1", None),
            ("NaN", None),
            ("1e400", None),
            ("5x", None),
            ("s", None),
            ("2025-11-06", None),
            ("T", None),
            ("2025-11T10:00:00Z", None),
            ("1-1-1T1:1:1+é", None),
            ("99999999999999-1-1T0:0:0Z", None),
        ] {
            let quotas = limits(&[]).quotas;
            assert!(quotas.is_empty());
            let now = UNIX_EPOCH + Duration::from_secs(NOW);
            assert_eq!(until(text, now), seconds.map(Duration::from_secs_f64), "{text}");
        }
    }

    #[test]
    fn there_may_be_a_thousand() {
        let names: Vec<_> = (0..1000).map(|number| format!("x-ratelimit-limit-{number}")).collect();
        let pair = |name: &String| (HeaderName::try_from(name).unwrap(), HeaderValue::from_static("1"));
        assert_eq!(Limits::of(&names.iter().map(pair).collect(), UNIX_EPOCH).quotas.len(), MOST);
    }
}
