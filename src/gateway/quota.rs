//! What a gateway lets through, and how quickly. A limit refuses with status 429 before anything is answered: the
//! gateway's own count of a user's requests, a cap on what runs at once, money, and an upstream's requests and tokens a
//! minute, in this order. What is said of them is told as builds and their upstreams tell it (REFERENCE G.5, H.1).
use std::collections::VecDeque;
use std::fmt::Write as _;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use bytes::Bytes;
use memchr::memmem;

use super::content::Content;
use super::envelope::{self, Asker, Refusal, UpstreamError, Wording};
use super::http::HttpRequest;
use super::journal::lock;
use super::steps::{Plan, PlanStep};

/// Limits that hold together. Counts are requests, times seconds; none of them is a limit by default.
#[derive(Debug, Clone, Default)]
pub struct Quota {
    /// After the first request: these limits take the place of those before.
    pub since: f64,
    /// A minute, refilled steadily.
    pub rpm: Option<f64>,
    /// As many at once after a quiet time. `None`: what comes in a fifth of a second, and one.
    pub burst: Option<f64>,
    /// Of answers, a minute; a minute's at once.
    pub tpm: Option<f64>,
    pub max_concurrency: Option<u32>,
    /// The gateway's own limit: so many answers in the last so many seconds, each counted when it is finished.
    pub window: Option<(u32, f64)>,
    /// So many requests are paid for.
    pub money: Option<u64>,
    /// Whether a refusal names the limit.
    pub named: bool,
    /// What a refusal's header asks for.
    pub retry_after: Option<f64>,
    /// Requests a minute that answers' headers tell, of one upstream after the other.
    pub channels: Vec<f64>,
    /// Quantiles at equal distances, of how long an answer takes.
    pub latency: Vec<f64>,
    /// The share that is never answered.
    pub hangs: f64,
}

/// A bucket that is full at first, and may be overdrawn by one request.
#[derive(Debug, Default)]
struct Level {
    missing: f64,
    at: f64,
}

impl Level {
    /// Seconds until one more passes; 0: now.
    fn wait(&mut self, now: f64, rate: f64, most: f64, need: f64) -> f64 {
        self.missing = (self.missing - (now - self.at) * rate).clamp(0.0, self.missing.max(0.0));
        self.at = now;
        ((self.missing + need - most) / rate).max(0.0)
    }
}

#[derive(Debug, Default)]
struct Counts {
    phases: Vec<Quota>,
    /// Which of them holds, and since when there are requests.
    phase: usize,
    began: Option<Instant>,
    requests: Level,
    tokens: Level,
    running: u32,
    finished: VecDeque<f64>,
    paid: u64,
    told: usize,
    random: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Quotas(Mutex<Counts>);

/// A limit that a request ran into.
#[derive(Debug, Clone, Copy)]
pub(crate) enum LimitPassed {
    Window(u32, f64),
    AtOnce(u32),
    Money,
    /// A minute, the kind, and how long it will be so.
    Upstream(f64, &'static str, f64),
}

pub(crate) struct Refused {
    limit: LimitPassed,
    named: bool,
    retry_after: Option<f64>,
}

/// A request that is let through; its place is free again when this is dropped.
pub(crate) struct LetIn<'a> {
    quotas: &'a Quotas,
    pub latency: Duration,
    pub hangs: bool,
    counts_tokens: bool,
    /// Of the upstream that answers: its limit, what is left of it, seconds until all is.
    channel: Option<(f64, f64, f64)>,
    /// Whether it was answered: that is what the gateway counts.
    pub answered: bool,
}

impl Quotas {
    pub fn set(&self, mut phases: Vec<Quota>) {
        phases.sort_by(|a, b| a.since.total_cmp(&b.since));
        let mut counts = lock(&self.0);
        let running = counts.running;
        *counts = Counts { phases, running, random: 0x9E37_79B9_7F4A_7C15, ..Counts::default() };
    }

    /// `None`: there are no limits for it.
    pub fn enter(&self, request: &HttpRequest) -> Result<Option<LetIn<'_>>, Refused> {
        let mut counts = lock(&self.0);
        // Look-ups, Midjourney and videos are not limited (H.1).
        let limited = request.method == "POST"
            && matches!(Wording::of(&request.path), Wording::OpenAi | Wording::Anthropic)
            && !counts.phases.is_empty();
        if !limited {
            return Ok(None);
        }
        let now = counts.began.get_or_insert_with(Instant::now).elapsed().as_secs_f64();
        let phase = counts.phases.iter().rposition(|quota| quota.since <= now);
        let Some(quota) = phase.and_then(|phase| counts.phases.get(phase).cloned()) else { return Ok(None) };
        if phase != Some(counts.phase) {
            (counts.phase, counts.paid) = (phase.unwrap_or_default(), 0);
        }
        match counts.limit(&quota, now) {
            Some(limit) => Err(Refused { limit, named: quota.named, retry_after: quota.retry_after }),
            None => Ok(Some(counts.pass(&quota, self))),
        }
    }
}

impl Counts {
    /// What refuses the next request. Nothing is taken of any limit if one of them does.
    fn limit(&mut self, quota: &Quota, now: f64) -> Option<LimitPassed> {
        if let Some((most, span)) = quota.window {
            while self.finished.front().is_some_and(|at| *at <= now - span) {
                self.finished.pop_front();
            }
            if self.finished.len() >= most as usize {
                return Some(LimitPassed::Window(most, span));
            }
        }
        if let Some(most) = quota.max_concurrency.filter(|most| self.running >= *most) {
            return Some(LimitPassed::AtOnce(most));
        }
        if quota.money.is_some_and(|money| self.paid >= money) {
            return Some(LimitPassed::Money);
        }
        if let Some(rpm) = quota.rpm {
            let wait = self.requests.wait(now, rpm / 60.0, burst(quota, rpm), 1.0);
            if wait > 0.0 {
                return Some(LimitPassed::Upstream(rpm, "requests", wait));
            }
        }
        if let Some(tpm) = quota.tpm {
            // What it takes is known once there is an answer.
            let wait = self.tokens.wait(now, tpm / 60.0, tpm, tpm.min(1.0));
            if wait > 0.0 {
                return Some(LimitPassed::Upstream(tpm, "tokens", wait));
            }
        }
        None
    }

    fn pass<'a>(&mut self, quota: &Quota, quotas: &'a Quotas) -> LetIn<'a> {
        self.running += 1;
        self.paid += 1;
        self.requests.missing += 1.0;
        let channel = quota.channels.get(self.told % quota.channels.len().max(1)).map(|limit| {
            // As full as the limit that there is.
            let used = quota.rpm.map_or(0.0, |rpm| (self.requests.missing / burst(quota, rpm)).clamp(0.0, 1.0));
            (*limit, limit * (1.0 - used), used * 60.0)
        });
        self.told += 1;
        let hangs = self.random() < quota.hangs;
        let latency = quantile(&quota.latency, self.random());
        LetIn {
            quotas,
            latency: Duration::try_from_secs_f64(latency).unwrap_or_default(),
            hangs,
            counts_tokens: quota.tpm.is_some(),
            channel,
            answered: false,
        }
    }

    /// In 0..1, the same each time (xorshift64*).
    fn random(&mut self) -> f64 {
        self.random ^= self.random >> 12;
        self.random ^= self.random << 25;
        self.random ^= self.random >> 27;
        (self.random.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11) as f64 / (1u64 << 53) as f64
    }
}

fn burst(quota: &Quota, rpm: f64) -> f64 {
    quota.burst.unwrap_or(rpm / 300.0).max(1.0)
}

/// Between the two that are nearest, along a line.
fn quantile(of: &[f64], share: f64) -> f64 {
    let place = share * of.len().saturating_sub(1) as f64;
    let at = |place: f64| of.get(place as usize).copied();
    let Some(low) = at(place) else { return 0.0 };
    low + (at(place + 1.0).unwrap_or(low) - low) * place.fract()
}

impl Refused {
    pub fn content(&self, path: &str, model: &str, asker: Asker) -> Content {
        let silent = || Refusal::RateLimited.content(path, model, false, asker);
        let own = |message: &str| envelope::middleware(429, message, "", asker.id);
        let mut content = match self.limit {
            LimitPassed::Money => return Refusal::NoMoney.content(path, model, false, asker),
            _ if !self.named => silent(),
            LimitPassed::Window(most, span) => {
                own(&format!("您已达到请求数限制：{}分钟内最多请求{most}次", (span / 60.0).ceil()))
            }
            LimitPassed::AtOnce(most) => own(&format!("您已达到并发请求数限制：最多同时处理{most}个请求")),
            LimitPassed::Upstream(limit, kind, wait) => {
                let short = if kind == "tokens" { "TPM" } else { "RPM" };
                let limit = limit.ceil();
                let message = format!(
                    "Rate limit reached for {model} on {kind} per min ({short}): Limit {limit}, Used {limit}, \
                     Requested 1. Please try again in {:.0}ms.",
                    (wait * 1e3).ceil()
                );
                let said = UpstreamError { message: &message, kind, code: "rate_limit_exceeded", param: "" };
                envelope::upstream(Wording::of(path), 429, said, asker.id)
            }
        };
        if let Some(seconds) = self.retry_after {
            content.headers.push(("Retry-After".into(), seconds.to_string()));
        }
        content
    }
}

impl LetIn<'_> {
    /// Lays the upstream's headers over an answer, and counts its tokens.
    pub fn over(&self, plan: &mut Plan, body: &Bytes) {
        if self.counts_tokens && plan.status == 200 {
            let tokens = tokens(plan).unwrap_or(body.len() as f64 / 4.0);
            lock(&self.quotas.0).tokens.missing += tokens;
        }
        let Some((limit, left, reset)) = self.channel else { return };
        // Copied of whole answers alone (G.5).
        let is_stream = memmem::find(&plan.head, b"text/event-stream").is_some();
        if let Some(head) = plan.head.strip_suffix(b"\r\n").filter(|_| plan.status == 200 && !is_stream) {
            let mut lines = String::new();
            let _ = write!(
                lines,
                "X-Ratelimit-Limit-Requests: {limit:.0}\r\nX-Ratelimit-Remaining-Requests: {left:.0}\r\n\
                 X-Ratelimit-Reset-Requests: {:.0}ms\r\n\r\n",
                reset * 1e3
            );
            plan.head = [head, lines.as_bytes()].concat().into();
        }
    }
}

impl Drop for LetIn<'_> {
    fn drop(&mut self) {
        let mut counts = lock(&self.quotas.0);
        counts.running = counts.running.saturating_sub(1);
        if let Some(began) = counts.began.filter(|_| self.answered) {
            counts.finished.push_back(began.elapsed().as_secs_f64());
        }
    }
}

/// What an answer says that it took, in any dialect.
fn tokens(plan: &Plan) -> Option<f64> {
    let last = |key: &str| {
        plan.steps.iter().rev().find_map(|step| {
            let PlanStep::Write { bytes, .. } = step else { return None };
            let rest = bytes.get(memmem::rfind(bytes, key.as_bytes())? + key.len()..)?;
            let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
            str::from_utf8(rest.get(..digits)?).ok()?.parse::<f64>().ok()
        })
    };
    let both = || Some(last("\"input_tokens\":")? + last("\"output_tokens\":")?);
    last("\"total_tokens\":").or_else(|| last("\"totalTokenCount\":")).or_else(both)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles() {
        for (of, share, value) in [
            (&[][..], 0.5, 0.0),
            (&[2.0], 0.0, 2.0),
            (&[2.0], 0.99, 2.0),
            (&[1.0, 3.0], 0.5, 2.0),
            (&[1.0, 1.0, 9.0], 0.25, 1.0),
            (&[1.0, 1.0, 9.0], 0.75, 5.0),
        ] {
            assert!((quantile(of, share) - value).abs() < 1e-9, "{of:?} {share}");
        }
    }

    #[test]
    fn a_level_refills() {
        let mut level = Level::default();
        let mut takes = |now| {
            let wait = level.wait(now, 10.0, 2.0, 1.0);
            level.missing += f64::from(wait == 0.0);
            wait
        };
        assert_eq!((takes(0.0), takes(0.0)), (0.0, 0.0));
        assert!((takes(0.0) - 0.1).abs() < 1e-9);
        assert_eq!((takes(0.1), takes(0.1) > 0.0), (0.0, true));
        // Never more than the burst.
        assert_eq!((takes(60.0), takes(60.0), takes(60.0) > 0.0), (0.0, 0.0, true));
    }
}
