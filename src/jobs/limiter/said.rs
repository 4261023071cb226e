//! What replies say of limits: by headers, which the core reads, and by the texts of refusals in Chinese and English. What
//! a text means is looked up in the tables below; a text that says nothing of the kind gives nothing.
use std::time::{Duration, SystemTime};

use reqwest::header::HeaderMap;

use crate::core::limits::{Limits, Quota};

/// So much of something in so many seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    pub count: f64,
    pub span: f64,
}

impl Rate {
    pub fn per_second(self) -> f64 {
        self.count / self.span
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    Requests,
    Tokens,
}

/// A quota that a refusal names.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum NamedQuota {
    /// `failed`: requests that were refused count too.
    Rate { unit: Unit, rate: Rate, failed: bool },
    /// How many may run at once, where the number is said: no rate at all.
    AtOnce(Option<u32>),
    /// A day's, which waiting a little does not help.
    Day,
}

/// What one reply says.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Said {
    /// How long everyone is to wait.
    pub wait: Option<Duration>,
    /// By headers: they may be one channel's, and not the account's (REFERENCE G.5).
    pub requests: Option<Rate>,
    pub tokens: Option<Rate>,
    /// By the text of a refusal.
    pub quota: Option<NamedQuota>,
}

impl Said {
    pub fn by_headers(headers: &HeaderMap) -> Self {
        let limits = Limits::of(headers, SystemTime::now());
        let rate = |of: &str| limits.quotas.iter().find(|quota| quota.of == of).and_then(rate_of);
        Self {
            wait: limits.retry_after,
            requests: rate("requests"),
            tokens: rate("tokens").or_else(|| rate("input-tokens")),
            quota: None,
        }
    }

    pub fn by_error(headers: &HeaderMap, text: &str) -> Self {
        let text = prepared(text);
        let by_headers = Self::by_headers(headers);
        Self { wait: by_headers.wait.or_else(|| wait(&text)), quota: quota(&text), ..by_headers }
    }
}

/// `reset` is when the quota is full again: with `remaining` it tells the span. Anthropic's is in whole seconds, so that
/// what a second more or less would change tells nothing, and the span is a minute, as it mostly is.
fn rate_of(quota: &Quota) -> Option<Rate> {
    let count = quota.limit? as f64;
    let used = quota.remaining.map_or(0.0, |remaining| count - remaining as f64);
    let span = |reset: f64| nearest_span(count * reset.max(0.0) / used);
    let span = match quota.reset.map(|reset| reset.as_secs_f64()) {
        Some(reset) if used > 0.0 && span(reset) == span(reset - 1.0) => span(reset),
        _ => 60.0,
    };
    Some(Rate { count, span })
}

/// The second, minute, hour or day that is nearest by ratio: others are not used for quotas.
fn nearest_span(seconds: f64) -> f64 {
    let apart = |span: &f64| (seconds / span).ln().abs();
    [1.0, 60.0, 3600.0, DAY].into_iter().min_by(|a, b| apart(a).total_cmp(&apart(b))).unwrap_or(60.0)
}

const DAY: f64 = 86_400.0;
/// More of a text is not looked at.
const SEARCHED: usize = 1024;

/// In lower case, without the request's id: its digits are no quota.
fn prepared(text: &str) -> String {
    let lower: String = text.chars().take(SEARCHED).flat_map(char::to_lowercase).collect();
    let end = ["(request id", "（request id", "request id:"].iter().filter_map(|id| lower.find(id)).min();
    lower.get(..end.unwrap_or(lower.len())).unwrap_or(&lower).to_owned()
}

/// What stands before or after a number and makes it a span.
#[rustfmt::skip]
const WITHIN: &[(&str, f64)] = &[
    ("秒内", 1.0), ("分钟内", 60.0), ("小时内", 3600.0), ("天内", DAY), ("日内", DAY), ("秒鐘內", 1.0), ("分鐘內", 60.0),
    ("minute", 60.0), ("min", 60.0), ("second", 1.0), ("hour", 3600.0), ("day", DAY),
];
const BEFORE_WITHIN: &[&str] = &["in", "within", "per", "every", "last", "past"];

/// Spans without a number. The first that the text has counts.
#[rustfmt::skip]
const SPANS: &[(&str, f64)] = &[
    ("每秒", 1.0), ("per second", 1.0), ("per-second", 1.0), ("/second", 1.0), ("/sec", 1.0), ("qps", 1.0), ("rps", 1.0),
    ("每分钟", 60.0), ("每分鐘", 60.0), ("per minute", 60.0), ("per-minute", 60.0), ("perminute", 60.0),
    ("per min", 60.0), ("/min", 60.0), ("a minute", 60.0), ("rpm", 60.0), ("tpm", 60.0), ("一分钟", 60.0),
    ("每小时", 3600.0), ("每小時", 3600.0), ("per hour", 3600.0), ("/hour", 3600.0), ("rph", 3600.0),
    ("每天", DAY), ("每日", DAY), ("当日", DAY), ("今日", DAY), ("单日", DAY), ("per day", DAY), ("per-day", DAY),
    ("perday", DAY), ("/day", DAY), ("daily", DAY), ("a day", DAY), ("rpd", DAY), ("tpd", DAY),
];
const CONCURRENCY: &[&str] =
    &["并发", "並發", "同时", "同時", "concurren", "simultaneous", "parallel requests", "in parallel"];
/// Without a number, a word for things at once is a limit only beside one of these.
const LIMIT: &[&str] = &["限制", "上限", "过高", "過高", "达到", "超过", "超出", "limit", "exceed", "too many", "max"];
/// What follows a count, and what stands before one.
const COUNTED: &[&str] =
    &["次", "个请求", "个", "request", "input token", "output token", "token", "concurren", "call"];
const COUNTS: &[&str] = &["limit", "最多", "max", "上限", "限制", "限额", "rpm", "tpm", "rpd", "tpd", "qps", "quota"];

fn quota(text: &str) -> Option<NamedQuota> {
    let numbers = numbers(text);
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let spans: Vec<Option<f64>> = numbers.iter().map(|number| number.span(text)).collect();
    let counts = || numbers.iter().zip(&spans).filter(|(_, span)| span.is_none()).map(|(number, _)| number);
    let count = || {
        let counted = counts().find(|number| COUNTED.iter().any(|word| number.after(text).starts_with(word)));
        counted.or_else(|| counts().find(|number| COUNTS.iter().any(|word| number.before.contains(word))))
    };
    if has(CONCURRENCY) {
        let most = count().map(|number| number.value).filter(|n| (1.0..=1e6).contains(n)).map(|n| n as u32);
        return (most.is_some() || has(LIMIT)).then_some(NamedQuota::AtOnce(most));
    }
    let named = SPANS.iter().filter_map(|(word, span)| Some((text.find(word)?, *span)));
    let named = named.min_by_key(|(at, _)| *at);
    let span = spans.iter().flatten().next().copied().or(named.map(|(_, span)| span))?;
    if span >= DAY {
        return has(LIMIT).then_some(NamedQuota::Day).or_else(|| count().map(|_| NamedQuota::Day));
    }
    let count = count()?.value;
    let ahead = named.and_then(|(at, _)| text.get(..at)).unwrap_or(text);
    let is_tokens = match (ahead.rfind("token"), ahead.rfind("request")) {
        (Some(token), request) => request.is_none_or(|request| request < token),
        (None, Some(_)) => false,
        (None, None) => has(&["tpm", "token"]) && !has(&["rpm"]),
    };
    let unit = if is_tokens { Unit::Tokens } else { Unit::Requests };
    let failed = has(&["包括失败", "including failed", "总请求"]);
    (count > 0.0).then_some(NamedQuota::Rate { unit, rate: Rate { count, span }, failed })
}

/// A number of a text that is no part of a name.
struct Number<'a> {
    value: f64,
    /// What lies between it and the number before it.
    before: &'a str,
    end: usize,
}

impl Number<'_> {
    fn after<'t>(&self, text: &'t str) -> &'t str {
        text.get(self.end..).unwrap_or_default().trim_start()
    }

    /// The seconds of `1分钟内` or `in 5 minutes`.
    fn span(&self, text: &str) -> Option<f64> {
        let after = self.after(text);
        let (word, span) = WITHIN.iter().find(|(word, _)| after.starts_with(word))?;
        let last = self.before.trim_end().rsplit(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
        let is_span = !word.is_ascii() || BEFORE_WITHIN.contains(&last);
        // "try again in 5 minutes" is a wait.
        let is_wait = word.is_ascii() && WAITS.iter().any(|wait| self.before.contains(wait));
        (is_span && !is_wait && self.value > 0.0).then_some(self.value * span)
    }
}

fn numbers(text: &str) -> Vec<Number<'_>> {
    let mut found = Vec::new();
    let (mut from, mut at) = (0, 0);
    while let Some(start) = text.get(at..).and_then(|rest| rest.find(|c: char| c.is_ascii_digit())) {
        let start = at + start;
        let rest = text.get(start..).unwrap_or_default();
        let length = rest.find(|c: char| !c.is_ascii_digit() && c != ',' && c != '.').unwrap_or(rest.len());
        let digits = rest.get(..length).unwrap_or_default().trim_end_matches([',', '.']);
        at = start + digits.len().max(1);
        let before = text.get(from..start).unwrap_or_default();
        // `gpt-4`, `org-8f1`, `v2`.
        let in_name = before.ends_with(|c: char| c.is_ascii_alphanumeric() || "-_.".contains(c));
        if let (false, Ok(value)) = (in_name, digits.replace(',', "").parse::<f64>()) {
            found.push(Number { value, before, end: at });
            from = at;
        }
    }
    found
}

const WAITS: &[&str] =
    &["try again in", "try again after", "retry in", "retry after", "retry-after:", "wait for", "wait"];

/// "Please try again in 6m0s", "retry after 7 seconds", "30秒后重试".
fn wait(text: &str) -> Option<Duration> {
    let english = WAITS.iter().find_map(|word| {
        let rest = text.get(text.find(word)? + word.len()..)?;
        seconds(rest.trim_start())
    });
    let chinese = || {
        let at = ["秒后", "秒後"].iter().find_map(|word| text.find(word))?;
        let before = text.get(..at)?.trim_end();
        let digits = before.rsplit(|c: char| !c.is_ascii_digit() && c != '.').next()?;
        digits.parse::<f64>().ok()
    };
    Duration::try_from_secs_f64(english.or_else(chinese)?).ok()
}

/// Of `12ms`, `6m0s`, `1h2m3.5s`, `20s`, `7 seconds`, `1.5`: a number without a unit is seconds.
fn seconds(text: &str) -> Option<f64> {
    let (mut total, mut rest, mut any) = (0.0, text, false);
    loop {
        let length = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let Ok(value) = rest.get(..length)?.trim_end_matches('.').parse::<f64>() else { break };
        let unit = rest.get(length..)?.trim_start_matches(' ');
        let letters = unit.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(unit.len());
        let (name, after) = unit.split_at_checked(letters)?;
        let factor = match name {
            "ms" | "milliseconds" | "millisecond" => 0.001,
            "m" | "min" | "mins" | "minute" | "minutes" => 60.0,
            "h" | "hour" | "hours" => 3600.0,
            "d" | "day" | "days" => DAY,
            "us" | "µs" | "ns" => 0.0,
            _ => 1.0,
        };
        (total, rest, any) = (total + value * factor, after, true);
    }
    any.then_some(total).filter(|seconds| seconds.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::{HeaderName, HeaderValue};

    fn rate(unit: Unit, count: f64, span: f64) -> Option<NamedQuota> {
        Some(NamedQuota::Rate { unit, rate: Rate { count, span }, failed: false })
    }

    #[test]
    fn texts_of_refusals_are_quotas() {
        use Unit::{Requests, Tokens};
        let failed = Some(NamedQuota::Rate { unit: Requests, rate: Rate { count: 1000.0, span: 60.0 }, failed: true });
        #[rustfmt::skip]
        let table: &[(&str, Option<NamedQuota>, Option<f64>)] = &[
            ("您已达到请求数限制：1分钟内最多请求2次", rate(Requests, 2.0, 60.0), None),
            ("您已达到请求数限制：5分钟内最多请求3000次 (request id: 2026112609123456789)", rate(Requests, 3000.0, 300.0), None),
            ("您已达到总请求数限制：1分钟内最多请求1000次，包括失败次数，请检查您的请求是否正确", failed, None),
            ("您已达到并发请求数限制：最多同时处理200个请求", Some(NamedQuota::AtOnce(Some(200))), None),
            ("您当前使用该API的并发数过高，请降低并发", Some(NamedQuota::AtOnce(None)), None),
            ("每分钟最多 60 次请求", rate(Requests, 60.0, 60.0), None),
            ("每分钟最多请求60次，请30秒后重试", rate(Requests, 60.0, 60.0), Some(30.0)),
            ("每秒最多 5 次请求", rate(Requests, 5.0, 1.0), None),
            ("每小时最多 600 次", rate(Requests, 600.0, 3600.0), None),
            ("每天最多 1000 次", Some(NamedQuota::Day), None),
            ("今日请求次数已达上限", Some(NamedQuota::Day), None),
            ("每分钟最多使用 20000 tokens", rate(Tokens, 20000.0, 60.0), None),
            ("Rate limit reached for gpt-4.1 in organization org-8f12 on requests per min (RPM): Limit 3, Used 3, Requested \
              1. Please try again in 20s. Visit https://x", rate(Requests, 3.0, 60.0), Some(20.0)),
            ("Rate limit reached for gpt-4 on tokens per min (TPM): Limit 10,000, Used 9500, Requested 1200. Please try \
              again in 4.2s.", rate(Tokens, 10000.0, 60.0), Some(4.2)),
            ("Rate limit reached for o1 on requests per day (RPD): Limit 200, Used 200, Requested 1. Please try again in \
              7m12s.", Some(NamedQuota::Day), Some(432.0)),
            ("This request would exceed your organization's rate limit of 50,000 input tokens per minute (model: \
              claude-3-5-sonnet).", rate(Tokens, 50000.0, 60.0), None),
            ("This request would exceed the rate limit for your organization (8f12-4) of 50 requests per minute.",
              rate(Requests, 50.0, 60.0), None),
            ("Your account org-1 request reached organization max RPM: 3, please try again after 1 seconds",
              rate(Requests, 3.0, 60.0), Some(1.0)),
            ("request reached max organization concurrency: 1, please try again after 1 seconds",
              Some(NamedQuota::AtOnce(Some(1))), Some(1.0)),
            ("You have exceeded the maximum of 5 concurrent requests", Some(NamedQuota::AtOnce(Some(5))), None),
            ("Number of concurrent connections has exceeded your rate limit", Some(NamedQuota::AtOnce(None)), None),
            ("Maximum 100 requests within 5 minutes", rate(Requests, 100.0, 300.0), None),
            ("Requests have exceeded call rate limit of your current OpenAI S0 pricing tier. Please retry after 7 \
              seconds.", None, Some(7.0)),
            ("Quota exceeded for metric: generate_content_free_tier_requests, limit: 20, model: gemini-2.5-flash. \
              Please retry in 33.25s.", None, Some(33.25)),
            ("当前分组上游负载已饱和，请稍后再试", None, None),
            ("Too many requests. Please wait 250ms", None, Some(0.25)),
            ("Overloaded", None, None),
            ("", None, None),
            ("Invalid value for parallel_tool_calls", None, None),
            ("9".repeat(400).leak(), None, None),
            ("最多 0 次/每分钟", None, None),
        ];
        for (text, quota, wait) in table {
            let said = Said::by_error(&HeaderMap::new(), text);
            assert_eq!(said.quota, *quota, "{text}");
            assert_eq!(said.wait.map(|wait| wait.as_secs_f64()), *wait, "{text}");
        }
    }

    #[test]
    fn headers_of_both_dialects() {
        let said = |pairs: &[(&'static str, &str)]| {
            let pair = |(k, v): &(&'static str, &str)| (HeaderName::from_static(k), HeaderValue::from_str(v).unwrap());
            Said::by_headers(&pairs.iter().map(pair).collect())
        };
        let per = |count, span| Some(Rate { count, span });
        let requests = |limit, remaining, reset| {
            let names = ["x-ratelimit-limit-requests", "x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"];
            said(&[(names[0], limit), (names[1], remaining), (names[2], reset)]).requests
        };
        assert_eq!(requests("30000", "29999", "2ms"), per(30000.0, 60.0));
        assert_eq!(requests("10000", "9999", "8.64s"), per(10000.0, DAY));
        assert_eq!(requests("6000", "0", "1m0s"), per(6000.0, 60.0));
        assert_eq!(requests("100", "100", "0s"), per(100.0, 60.0));
        assert_eq!(requests("50", "40", "soon"), per(50.0, 60.0));
        // Within a second nothing tells a minute from a second.
        assert_eq!(requests("4000", "3999", "1s"), per(4000.0, 60.0));
        assert_eq!(requests("600", "0", "1h0m0s"), per(600.0, 3600.0));
        for none in ["-1", "0", "NaN", "inf", "", "many"] {
            assert_eq!(requests(none, "0", "0"), None, "{none}");
        }
        assert_eq!(said(&[("x-ratelimit-limit-tokens", "150000")]).tokens, per(150_000.0, 60.0));
        let anthropic = said(&[
            ("anthropic-ratelimit-requests-limit", "50"),
            ("anthropic-ratelimit-input-tokens-limit", "40000"),
            ("retry-after", "3"),
        ]);
        assert_eq!((anthropic.requests, anthropic.tokens), (per(50.0, 60.0), per(40_000.0, 60.0)));
        assert_eq!(anthropic.wait, Some(Duration::from_secs(3)));
        let now = SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
        for (limit, remaining, seconds, span) in
            [("4000", "3999", 1, 60.0), ("50", "49", 2, 60.0), ("50", "0", 60, 60.0), ("50", "0", 86_400, DAY)]
        {
            let headers = [
                ("anthropic-ratelimit-requests-limit", limit),
                ("anthropic-ratelimit-requests-remaining", remaining),
                ("anthropic-ratelimit-requests-reset", &(now + seconds).to_string()),
            ];
            assert_eq!(said(&headers).requests.map(|rate| rate.span), Some(span), "{headers:?}");
        }
        assert_eq!(said(&[]), Said::default());
    }
}
