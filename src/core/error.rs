//! What can go wrong with a call: one type, with what a user can do about it.
use std::any::Any;
use std::fmt;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use reqwest::StatusCode;
use reqwest::header::HeaderMap;

use super::peek::{Json, is_json};
use super::secret::Secrets;
use super::sse::Decoder;

#[derive(Debug)]
pub struct Error {
    pub kind: Kind,
    /// What happened, in a sentence; the server's own words where it said any.
    pub message: String,
    /// The status of the reply, or the one that an error hidden in a 200 stands for.
    pub status: Option<u16>,
    pub code: Option<String>,
    pub error_type: Option<String>,
    pub param: Option<String>,
    pub request_id: Option<String>,
    /// Of the reply, if there was one.
    pub wire_status: Option<u16>,
    pub headers: HeaderMap,
    /// Of the reply: all of it where it is JSON, else the first 4 KB.
    pub body: Bytes,
    /// JSON of the reply as far as it had arrived, for a stream that broke off.
    pub partial: Option<Vec<u8>>,
    pub attempts: u32,
    pub elapsed: Duration,
    /// How many more attempts make sense for an error of this kind, whatever `max_retries` allows.
    pub retries: u32,
    /// Whether the request may have reached the gateway.
    pub sent: bool,
    /// A connection from an earlier call ended before a byte of a reply.
    pub unread: bool,
}

#[derive(Debug)]
pub enum Kind {
    /// No reply, or one that broke off.
    Connection,
    Timeout(Limit),
    /// An error that the gateway answered, with a status of its own or inside a 200.
    Status,
    /// A 2xx that is not the API: an HTML page, mostly from a wrong base URL.
    NotAnApi,
    /// A 2xx that should be JSON and is not.
    BadReply,
    /// A reply of more bytes than the call allows. `size`: where its Content-Length says it.
    TooLarge {
        limit: u64,
        size: Option<u64>,
    },
    /// A stream that ended before its terminal event.
    Incomplete,
    /// A panic: a mistake of ours.
    Bug,
    /// The caller's own function failed (the API key's provider); holds what it raised.
    Callback(Box<dyn Any + Send + Sync>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    Total,
    Connect,
    FirstEvent,
    Idle,
}

impl Limit {
    pub fn name(self) -> &'static str {
        match self {
            Self::Total => "total",
            Self::Connect => "connect",
            Self::FirstEvent => "first_event",
            Self::Idle => "idle",
        }
    }
}

/// The most that is kept of a body that is not JSON.
const BODY_EXCERPT: usize = 4096;
/// Attempts are bounded by `max_retries` alone.
pub const ANY: u32 = u32::MAX;

/// Runs what a task does: a panic becomes its error, where otherwise nobody would be told that it has ended.
/// In a box at once: a task is moved as a whole when it starts and when it ends, which took a fifth of a call's time.
pub fn caught<T>(work: impl Future<Output = Result<T, Error>>) -> impl Future<Output = Result<T, Error>> {
    let mut work = Box::pin(work);
    poll_fn(move |context| {
        catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context)))
            .unwrap_or_else(|panic| Poll::Ready(Err(Error::new(Kind::Bug, words(&*panic)))))
    })
}

/// What a panic says.
pub fn words(panic: &(dyn Any + Send)) -> String {
    let words = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    words.unwrap_or("a panic").to_owned()
}

impl Error {
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            status: None,
            code: None,
            error_type: None,
            param: None,
            request_id: None,
            wire_status: None,
            headers: HeaderMap::new(),
            body: Bytes::new(),
            partial: None,
            attempts: 1,
            elapsed: Duration::ZERO,
            retries: 0,
            sent: true,
            unread: false,
        }
    }

    pub fn timeout(limit: Limit, allowed: Option<Duration>, what: &str) -> Self {
        let seconds = allowed.unwrap_or_default().as_secs_f64();
        let mut error = Self::new(
            Kind::Timeout(limit),
            format!("{what} within {seconds} s (the `{}` limit of timeout)", limit.name()),
        );
        // A connection that does not come up has cost nothing: another attempt may find a live address.
        (error.retries, error.sent) = if limit == Limit::Connect { (ANY, false) } else { (0, true) };
        error
    }

    pub fn with_body(mut self, body: &Bytes) -> Self {
        let json = matches!(first_byte(body), Some(b'{' | b'['));
        self.body = if json { body.clone() } else { body.slice(..body.len().min(BODY_EXCERPT)) };
        self
    }

    /// How the body begins, for one that is no JSON after all.
    pub fn excerpt(&self) -> String {
        String::from_utf8_lossy(&self.body[..self.body.len().min(BODY_EXCERPT)]).into_owned()
    }

    /// What a user can do about it, in a word.
    pub fn category(&self) -> &'static str {
        match self.kind {
            Kind::Connection => "connection",
            Kind::Timeout(_) => "timeout",
            Kind::NotAnApi => "not_an_api",
            Kind::BadReply => "bad_reply",
            Kind::TooLarge { .. } => "too_large",
            Kind::Incomplete => "incomplete",
            Kind::Callback(_) => "callback",
            Kind::Bug => "bug",
            Kind::Status if self.is_quota() => "quota",
            Kind::Status => match self.blames().or(self.status) {
                Some(401) => "authentication",
                Some(402) => "quota",
                Some(403) => "permission",
                Some(404) => "not_found",
                Some(408 | 504 | 524) => "upstream_timeout",
                Some(429) => "rate_limit",
                Some(529) => "overloaded",
                Some(500..) => "server",
                Some(300..) => "bad_request",
                _ => "other",
            },
        }
    }

    /// Why an attempt failed, for a log: not in the server's words, which may repeat what it was sent.
    pub fn reason(&self) -> String {
        let code = self.code.as_deref().filter(|code| code.len() <= 64 && code.bytes().all(|b| b.is_ascii_graphic()));
        match (&self.kind, code) {
            (Kind::Connection | Kind::Timeout(_), _) => self.message.clone(),
            (_, Some(code)) => format!("{} ({code})", self.category()),
            (_, None) => self.category().to_owned(),
        }
    }

    /// No money: waiting does not help. By the status, the code or the type; else by the words, in Chinese and English,
    /// since several dialects have nothing else (REFERENCE G.5, H.1).
    ///
    /// The line to a rate limit, which does pass: words for money (a balance, credits, a budget, a bill) are money
    /// whatever else is said. A "quota" is that only where nothing speaks of a rate: Google says "You exceeded your
    /// current quota, please check your plan and billing details" of both, but RESOURCE_EXHAUSTED and the metric, the
    /// minute or the time to wait of a limit.
    pub fn is_quota(&self) -> bool {
        let mut names = [&self.code, &self.error_type].into_iter().flatten();
        if self.status == Some(402) || names.clone().any(|name| matches!(means(name), Some(Means::Money(_)))) {
            return true;
        }
        let text: String = self.message.chars().take(SEARCHED).flat_map(char::to_lowercase).collect();
        let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
        let mut is_rate = || says(RATE_WORDS) || names.any(|name| normal(name).as_deref() == Some("resourceexhausted"));
        self.status.is_none_or(|status| status >= 400) && (says(MONEY_WORDS) || (says(QUOTA_WORDS) && !is_rate()))
    }

    /// The status that a 500 should have had: the gateway answers some faults of the request with one, and will do so
    /// again (REFERENCE G.5, H.1).
    pub fn blames(&self) -> Option<u16> {
        let names = [&self.code, &self.error_type].into_iter().flatten();
        let mut faults = names.filter_map(|name| match means(name)? {
            Means::Fault(status) => Some(status),
            _ => None,
        });
        faults.next().filter(|_| self.status == Some(500))
    }

    /// Takes out what a server echoed of the request's secrets.
    pub fn redact(&mut self, secrets: &Secrets) {
        let texts = [&mut self.code, &mut self.error_type, &mut self.param, &mut self.request_id];
        for text in texts.into_iter().flatten().chain([&mut self.message]) {
            if let Some(redacted) = secrets.redacted(text.as_bytes()) {
                *text = redacted;
            }
        }
        if let Some(redacted) = secrets.redacted(&self.body) {
            self.body = redacted.into();
        }
        if let Some(partial) = &mut self.partial
            && let Some(redacted) = secrets.redacted(partial)
        {
            *partial = redacted.into();
        }
        secrets.clean(&mut self.headers);
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let (Kind::Status, Some(status)) = (&self.kind, self.status) {
            write!(f, "{status}: ")?;
        }
        f.write_str(&self.message)?;
        let mut notes = Vec::new();
        if let Some(code) = &self.code {
            notes.push(format!("code {code}"));
        }
        if let Some(id) = &self.request_id {
            notes.push(format!("request id {id}"));
        }
        if self.attempts > 1 {
            notes.push(format!("{} attempts in {:.1} s", self.attempts, self.elapsed.as_secs_f64()));
        }
        if !notes.is_empty() {
            write!(f, " ({})", notes.join(", "))?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

/// What a code or a type stands for: a status, which an error in a 200 or in a stream has not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Means {
    Status(u16),
    /// A fault of the request, also where the status is 500.
    Fault(u16),
    /// An account without money.
    Money(u16),
}

/// The names of errors, spelt as `normal` does: the gateway's own and those of the upstreams behind it. The numbers are
/// Zhipu's (four digits, 1113 to 1305) and MiniMax's; 449 is iFlow's. What is not here is a 500.
#[rustfmt::skip]
const NAMES: &[(Means, &[&str])] = &[
    (Means::Money(429), &["insufficientquota"]),
    (Means::Money(403), &["insufficientuserquota", "preconsumetokenquotafailed", "quotanotenough"]),
    // OpenAI, Azure, Google, LiteLLM, Moonshot, Aliyun, Volcengine, OpenRouter, Tencent.
    (Means::Money(402), &[
        "billing", "billinghardlimitreached", "billingnotactive", "billinglimituserexceeded", "billingdisabled",
        "budgetexceeded", "exceededbudget", "exceededcurrentquota", "arrearage", "accountoverdue", "overdue",
        "insufficientbalance", "insufficientuserbalance", "insufficientaccountbalance", "insufficientcredit",
        "insufficientcredits", "insufficientfunds", "notenoughbalance", "balancenotenough", "creditbalancetoolow",
        "outofcredits", "nocredits", "creditsexhausted", "paymentrequired", "allocationquota.freetieronly",
        "failedoperation.resourcepackexhausted", "failedoperation.freeresourcepackexhausted", "1113", "1008",
    ]),
    (Means::Fault(400), &[
        "invalidrequest", "invalidprompt", "invalidvalue", "invalidapitype", "badrequestbody", "convertrequestfailed",
        "counttokenfailed", "counttokenmessagesfailed", "countaudiotokensfailed", "modelprice", "promptblocked",
        "sensitivewordsdetected", "invalidtextrequest", "invalidclauderequest", "invalidimagerequest",
        "contextlengthexceeded", "contentpolicyviolation", "contentfilter", "moderationblocked",
        "unsupportedparameter", "unsupportedvalue", "missingrequiredparameter",
    ]),
    (Means::Fault(403), &["accessdenied"]),
    (Means::Status(400), &[
        "badrequest", "invalidparameter", "invalidargument", "validation", "failedprecondition", "outofrange",
        "datainspectionfailed", "1026", "1027", "1210", "1214", "1261", "1301", "2013",
    ]),
    (Means::Status(401), &[
        "authentication", "unauthorized", "unauthenticated", "invalidapikey", "incorrectapikey", "accountdeactivated",
        "1004", "2049",
    ]),
    (Means::Status(403), &["permission", "permissiondenied", "forbidden"]),
    (Means::Status(404), &["notfound", "modelnotfound", "tasknotexist", "resourcenotfound", "1211"]),
    (Means::Status(409), &["conflict", "alreadyexists", "aborted"]),
    (Means::Status(413), &["requesttoolarge", "contenttoolarge", "payloadtoolarge"]),
    (Means::Status(422), &["unprocessableentity"]),
    (Means::Status(429), &[
        "ratelimit", "ratelimitexceeded", "ratelimitreached", "resourceexhausted", "toomanyrequests", "throttling",
        "requests", "tokens", "449", "1002", "1039", "1302", "1303", "1304", "1305",
    ]),
    (Means::Status(501), &["unimplemented", "apinotimplemented"]),
    (Means::Status(503), &["unavailable", "serviceunavailable"]),
    (Means::Status(504), &["timeout", "deadlineexceeded", "gatewaytimeout", "1001"]),
    (Means::Status(529), &["overloaded"]),
];

/// The words of `Error::is_quota`, in lower case.
#[rustfmt::skip]
const MONEY_WORDS: &[&str] = &[
    "额度不足", "额度已用尽", "额度已用完", "额度已耗尽", "额度耗尽", "预扣费额度失败", "余额不足", "余额已用尽", "欠费",
    "无可用资源包", "額度不足", "額度已用盡", "餘額不足", "欠費",
    "quota is not enough", "quota_not_enough", "insufficient balance", "insufficient_balance", "insufficient credit",
    "insufficient account balance", "insufficient user balance", "insufficient funds", "insufficient user quota",
    "insufficient_user_quota", "balance is too low", "balance too low", "balance is insufficient",
    "balance insufficient", "balance is not enough", "balance not enough", "not enough balance", "enough credit",
    "negative balance", "balance is negative", "out of credit", "credits are depleted", "credits exhausted",
    "credits have been exhausted", "all available credits", "requires more credits", "purchase more credits",
    "monthly included credits", "spending limit", "spend limit", "budget has been exceeded", "budget exceeded",
    "exceeded budget", "exceededbudget", "over budget", "payment required", "in arrears", "arrearage", "overdue",
    "billing hard limit", "billing is disabled", "billing to be enabled", "account is not active, please check your billing",
    "free tier of the model has been exhausted", "account is in good standing",
];
#[rustfmt::skip]
const QUOTA_WORDS: &[&str] = &[
    "check your plan and billing", "check your billing", "quota is exhausted", "quota exhausted", "insufficient quota",
    "insufficient_quota", "recharge", "top up", "充值", "儲值", "配额不足",
];
#[rustfmt::skip]
const RATE_WORDS: &[&str] = &[
    "per minute", "per second", "per hour", "per day", "perminute", "perday", "rate limit", "rate-limit", "ratelimit",
    "retry in", "retry after", "try again", "metric", "free_tier", "每分钟", "分钟内", "频率", "稍后",
];
/// More of a message is not searched.
const SEARCHED: usize = 2048;

/// A name without what the spellings differ in: `rate_limit_error` is `RateLimit`. None: longer than any that is known.
fn normal(name: &str) -> Option<String> {
    let name = name.trim();
    if name.len() > 64 {
        return None;
    }
    let mut name: String = name.chars().filter(|c| !"_- ".contains(*c)).map(|c| c.to_ascii_lowercase()).collect();
    for end in ["exception", "error"] {
        if let Some(stem) = name.strip_suffix(end).map(str::len).filter(|stem| *stem > 0) {
            name.truncate(stem);
        }
    }
    Some(name)
}

fn means(name: &str) -> Option<Means> {
    let name = normal(name)?;
    let found = NAMES.iter().find(|(_, known)| known.contains(&&*name)).map(|(means, _)| *means);
    // `Throttling.RateQuota` and others: Aliyun's.
    found.or_else(|| name.starts_with("throttling.").then_some(Means::Status(429)))
}

/// An error body in any of the dialects' envelopes (REFERENCE G.2–G.4), and in those of other gateways and servers.
#[derive(Debug, Default, PartialEq)]
pub struct Envelope {
    pub message: Option<String>,
    pub error_type: Option<String>,
    pub code: Option<String>,
    pub param: Option<String>,
    pub request_id: Option<String>,
    /// A status of HTTP that it names as such.
    pub http: Option<u16>,
}

/// What a member of an error's JSON is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The error: an object, a list of such, or its message.
    Error,
    /// Beside other things, what may be one.
    Outcome,
    Message,
    Code,
    Status,
    Type,
    Param,
    RequestId,
}

/// The names of such members, without `_`, `-` and capitals. Where several say something the first counts.
#[rustfmt::skip]
const MEMBERS: &[(Part, &[&str])] = &[
    (Part::Error, &["error", "errors"]),
    // MiniMax, Volcengine, Tencent, iFlytek.
    (Part::Outcome, &["baseresp", "responsemetadata", "response", "header"]),
    (Part::Message, &[
        "message", "msg", "errormessage", "errormsg", "errmessage", "errmsg", "statusmessage", "statusmsg", "detail",
        "errordescription", "description", "failreason", "reason", "details", "title",
    ]),
    (Part::Code, &["code", "errorcode", "errcode"]),
    (Part::Status, &["statuscode", "httpstatus", "httpcode", "status"]),
    (Part::Type, &["type", "errortype"]),
    (Part::Param, &["param", "parameter", "loc"]),
    (Part::RequestId, &["requestid"]),
];

impl Part {
    /// What a member of that name is, and the place of the name among those that mean the same.
    pub fn of(name: &[u8]) -> Option<(Self, usize)> {
        let same = |known: &str| {
            let letters = name.iter().filter(|byte| !b"_-".contains(byte)).map(u8::to_ascii_lowercase);
            known.len() <= name.len() && letters.eq(known.bytes())
        };
        MEMBERS.iter().find_map(|(part, names)| Some((*part, names.iter().position(|known| same(known))?)))
    }
}

/// How deep errors lie within errors, and how much of a list is read.
const DEEPEST: u8 = 6;
const MOST: usize = 8;

impl Envelope {
    /// Of JSON, or of an event stream. Other text says nothing here.
    pub fn parse(body: &[u8]) -> Self {
        let mut said = Self::default();
        let json = Json::of(body);
        match json.first() {
            Some(b'{' | b'[' | b'"') => said.read(json, 0),
            // LiteLLM answers a stream that fails at its start so.
            Some(b'd' | b'e' | b'i' | b'r' | b':') => {
                let (mut events, mut decoder) = (Vec::new(), Decoder::new(body.len()).tolerant());
                if decoder.push(Bytes::copy_from_slice(body), &mut events).is_ok() {
                    decoder.finish(&mut events);
                }
                if let Some(event) = events.iter().find(|event| event.data.starts_with(b"{")) {
                    said.read(Json::of(&event.data), 0);
                }
            }
            _ => {}
        }
        if let Some((rest, id)) = said.message.as_deref().and_then(split_request_id) {
            (said.message, said.request_id) = (Some(rest.to_owned()), Some(id.to_owned()));
        }
        said
    }

    /// Takes what is not known yet: an error within another is read before what stands around it.
    fn read(&mut self, json: Json<'_>, depth: u8) {
        if depth >= DEEPEST {
            return;
        }
        match json.first() {
            Some(b'{') => self.read_object(json, depth),
            Some(b'[') => {
                let texts = json.items().take(MOST).filter(|item| item.first() == Some(b'"')).filter_map(Json::text);
                self.say(&texts.collect::<Vec<_>>().join("; "), depth);
                json.items().take(MOST).for_each(|item| self.read(item, depth + 1));
            }
            Some(b'"') => self.say(&json.text().unwrap_or_default(), depth),
            _ => {}
        }
    }

    fn read_object(&mut self, json: Json<'_>, depth: u8) {
        let mut parts: [Option<(usize, Json<'_>)>; MEMBERS.len()] = [None; MEMBERS.len()];
        for (name, value) in json.members() {
            if !value.is_empty()
                && let Some((part, rank)) = Part::of(name)
                && let Some(slot) = parts.get_mut(part as usize)
                && slot.is_none_or(|(other, _)| rank <= other)
            {
                *slot = Some((rank, value));
            }
        }
        let part = |part: Part| parts.get(part as usize).copied().flatten().map(|(_, value)| value);
        let text = |of: Part| {
            let text = part(of)?.text()?.trim().to_owned();
            Some(text).filter(|text| !text.is_empty() && text != "<nil>") // Go's nil, printed (G.3)
        };
        let message = part(Part::Message);
        match part(Part::Error) {
            // A text beside a message: the status's phrase (fastify, Spring, Nest), or the code (OAuth).
            Some(error) if error.first() == Some(b'"') && message.is_some() => {
                let text = text(Part::Error).unwrap_or_default();
                if !is_phrase(&text) && !is_name(&text) {
                    self.say(&text, depth);
                }
            }
            Some(error) => self.read(error, depth + 1),
            None => {}
        }
        if let Some(outcome) = part(Part::Outcome) {
            self.read(outcome, depth + 1);
        }
        if let Some(message) = message {
            self.read(message, depth + 1);
            // A number, or what has no words in it: as it stands.
            let raw = message.raw();
            if self.message.is_none() && !matches!(message.first(), Some(b'"' | b't')) && raw.len() <= SEARCHED {
                self.message = Some(String::from_utf8_lossy(raw).into_owned());
            }
        }
        let named = text(Part::Error).filter(|text| message.is_some() && is_name(text) && !is_phrase(text));
        set(&mut self.code, text(Part::Code).or(named));
        if let (Some(status), Some(value)) = (text(Part::Status), part(Part::Status)) {
            match status.parse::<i64>() {
                Ok(number) => {
                    self.http = self.http.or_else(|| u16::try_from(number).ok().filter(|n| (400..600).contains(n)));
                    // A vendor's own number, or one that is written like a code.
                    if number != 0 && (self.http.is_none() || value.first() == Some(b'"')) {
                        set(&mut self.code, Some(status));
                    }
                }
                Err(_) if is_name(&status) && !is_failure(&status) => set(&mut self.error_type, Some(status)),
                Err(_) => {}
            }
        }
        set(&mut self.error_type, text(Part::Type).filter(|kind| kind != "error"));
        let place = part(Part::Param)
            .filter(|param| param.first() == Some(b'['))
            .map(|place| place.items().take(MOST).filter_map(Json::text).collect::<Vec<_>>().join("."));
        set(&mut self.param, text(Part::Param).or(place).filter(|param| !param.is_empty()));
        set(&mut self.request_id, text(Part::RequestId));
    }

    /// Takes a text as the message. Where it is the JSON of another error, that one speaks; where it ends in one, that
    /// one says the rest.
    fn say(&mut self, text: &str, depth: u8) {
        let text = text.trim();
        if self.message.is_some() || text.is_empty() || text == "<nil>" {
            return;
        }
        let mut inner = Self::default();
        let inside = if text.starts_with('[') { Some(0) } else { text.find('{') };
        if let Some(json) = inside.and_then(|at| text.get(at..)).map(|json| Json::of(json.as_bytes()))
            && is_json(json.raw())
        {
            inner.read(json, depth + 1);
        }
        if inner.message.is_none() {
            inner = Self::default();
        }
        self.message = inner.message.filter(|_| inside == Some(0)).or_else(|| Some(text.to_owned()));
        set(&mut self.code, inner.code);
        set(&mut self.error_type, inner.error_type);
        set(&mut self.param, inner.param);
        set(&mut self.request_id, inner.request_id);
        self.http = self.http.or(inner.http);
    }

    /// The status that an error without one stands for.
    pub fn status(&self) -> Option<u16> {
        let number = |text: &str| text.parse().ok().filter(|n| (400..600).contains(n));
        let known = |name: &Option<String>| {
            let name = name.as_deref()?;
            match means(name) {
                Some(Means::Status(status) | Means::Fault(status) | Means::Money(status)) => Some(status),
                None => number(name),
            }
        };
        if [&self.code, &self.error_type].into_iter().any(|name| name.as_deref() == Some("bad_response_status_code")) {
            let numbers = self.message.as_deref().unwrap_or_default().split(|c: char| !c.is_ascii_digit());
            return numbers.filter_map(number).next_back().or(Some(500));
        }
        known(&self.code).or(self.http).or_else(|| known(&self.error_type))
    }
}

fn set(known: &mut Option<String>, value: Option<String>) {
    if known.is_none() {
        *known = value;
    }
}

/// Whether a text is what HTTP calls a status: "Not Found".
fn is_phrase(text: &str) -> bool {
    let reason = |status| StatusCode::from_u16(status).ok()?.canonical_reason();
    (400..600).filter_map(reason).any(|reason| reason.eq_ignore_ascii_case(text))
}

/// Whether a text is a name, like `invalid_grant`, and no sentence.
fn is_name(text: &str) -> bool {
    text.len() <= 64 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.:".contains(&byte))
}

/// Whether a `status` says no more than that something failed.
pub fn is_failure(word: &str) -> bool {
    ["error", "fail", "failed", "failure"].iter().any(|known| known.eq_ignore_ascii_case(word))
}

/// Takes ` (request id: …)` off the end of a message; a chain of gateways repeats it, the last is the nearest.
fn split_request_id(message: &str) -> Option<(&str, &str)> {
    let (mut rest, tail) = message.rsplit_once("(request id:")?;
    let id = tail.trim_end().strip_suffix(')')?.trim();
    while let Some((before, _)) = rest.trim_end().rsplit_once("(request id:").filter(|(_, t)| t.ends_with(')')) {
        rest = before;
    }
    (!id.is_empty()).then(|| (rest.trim_end(), id))
}

pub fn first_byte(body: &[u8]) -> Option<u8> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    body.iter().copied().find(|byte| !byte.is_ascii_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::secret::Secret;

    fn parse(text: &str) -> Envelope {
        Envelope::parse(text.as_bytes())
    }

    #[test]
    fn envelopes() {
        let e = parse(r#"{"error":{"message":"no (request id: A) (request id: B)","type":"t","param":"","code":500}}"#);
        assert_eq!(e.message.as_deref(), Some("no"));
        assert_eq!(e.request_id.as_deref(), Some("B"));
        assert_eq!((e.code.as_deref(), e.param.as_deref(), e.status()), (Some("500"), None, Some(500)));
        assert_eq!(parse(r#"{"error":"plain"}"#).message.as_deref(), Some("plain"));
        let e = parse(r#"{"type":"error","error":{"type":"<nil>","message":"m"}}"#);
        assert_eq!((e.message.as_deref(), e.error_type), (Some("m"), None));
        let e = parse(r#"{"description":"task_no_found ","type":"upstream_error","code":4}"#);
        assert_eq!((e.message.as_deref(), e.code.as_deref()), (Some("task_no_found"), Some("4")));
        assert_eq!(parse(r#"{"type":"error","code":"rate_limit_exceeded","message":"m"}"#).status(), Some(429));
        assert_eq!(parse(r#"{"success":false,"message":"m"}"#).message.as_deref(), Some("m"));
        assert_eq!(parse("<html>"), Envelope::default());
        let e = parse(
            r#"{"error":{"message":"bad response status code 502 (request id: x)","code":"bad_response_status_code"}}"#,
        );
        assert_eq!(e.status(), Some(502));
    }

    #[tokio::test]
    async fn a_panic_ends_a_task_with_an_error() {
        let fails = async |how: u8| -> Result<u8, Error> {
            tokio::task::yield_now().await;
            match how {
                0 => panic!("a text"),
                1 => panic!("with {}", 1),
                _ => Ok(how),
            }
        };
        for (how, words) in [(0, "a text"), (1, "with 1")] {
            let error = caught(fails(how)).await.unwrap_err();
            assert!(matches!(error.kind, Kind::Bug) && error.message == words, "{error}");
        }
        assert_eq!(caught(fails(2)).await.unwrap(), 2);
    }

    #[test]
    fn the_key_is_redacted() {
        let mut error = Error::new(Kind::Status, "bad key sk-0123456789");
        error.body = Bytes::from_static(b"{\"k\":\"sk-0123456789\"}");
        let (key, url) = (Secret::new("sk-0123456789").unwrap(), reqwest::Url::parse("http://h").unwrap());
        error.redact(&Secrets::of(Some(&key), &HeaderMap::new(), &url));
        assert_eq!(error.message, "bad key ***");
        assert_eq!(&error.body[..], b"{\"k\":\"***\"}");
    }
}
