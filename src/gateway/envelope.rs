//! The gateway's refusals, in the envelopes of the reference (G.1 to G.4, 0.1, H.1) and in the order of its checks.
use std::borrow::Cow;

use bytes::Bytes;
use serde_json::{Value, json};

use super::content::{BodyKind, Content};
use super::http::HttpRequest;

/// How an endpoint words an error of its own. What middleware refuses is worded as [`Wording::OpenAi`] everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wording {
    OpenAi,
    Anthropic,
    Midjourney,
    /// Videos: flat.
    Task,
}

impl Wording {
    #[must_use]
    pub fn of(path: &str) -> Self {
        let path = without_mode(path);
        if path.starts_with("/v1/messages") {
            Wording::Anthropic
        } else if path.starts_with("/mj/") || path == "/mj" {
            Wording::Midjourney
        } else if path.starts_with("/kling/") || path.starts_with("/v1/video") && !path.ends_with("/content") {
            Wording::Task
        } else {
            Wording::OpenAi
        }
    }
}

/// Midjourney's routes stand under `/mj` and under `/{mode}/mj`.
#[must_use]
pub fn without_mode(path: &str) -> &str {
    let rest = path.strip_prefix('/').and_then(|path| path.split_once('/')).map_or("", |(_, rest)| rest);
    if rest.starts_with("mj/") { &path[path.len() - rest.len() - 1..] } else { path }
}

/// Whom a refusal is for: its request id, and whether it is worded in Chinese, which most of the gateway's own texts
/// are only where `Accept-Language` says so.
#[derive(Debug, Clone, Copy)]
pub struct Asker<'a> {
    pub id: &'a str,
    pub chinese: bool,
}

impl<'a> Asker<'a> {
    #[must_use]
    pub fn of(request: &HttpRequest, id: &'a str) -> Self {
        let first = request.header("accept-language").unwrap_or_default().trim_start();
        Self { id, chinese: first.get(..2).is_some_and(|language| language.eq_ignore_ascii_case("zh")) }
    }

    fn says(self, english: impl Into<String>, chinese: impl Into<String>) -> String {
        if self.chinese { chinese.into() } else { english.into() }
    }
}

fn json_content(status: u16, body: &Value) -> Content {
    Content::new(status, BodyKind::Json, Bytes::from(body.to_string()))
}

fn html(status: u16, server: Option<&'static str>, page: String) -> Content {
    let mut content = Content::new(status, BodyKind::Html, Bytes::from(page));
    content.headers.push((Cow::Borrowed("Content-Type"), "text/html".into()));
    if let Some(server) = server {
        content.headers.push((Cow::Borrowed("Server"), server.into()));
    }
    // Made by the proxy in front of the gateway, which knows of no request id.
    content.request_id = false;
    content
}

/// An error of the gateway's middleware: the shared envelope, without `param`.
#[must_use]
pub fn middleware(status: u16, message: &str, code: &str, id: &str) -> Content {
    let message = format!("{message} (request id: {id})");
    json_content(status, &json!({"error": {"code": code, "message": message, "type": "new_api_error"}}))
}

/// An error of the gateway itself in relaying, in the endpoint's own envelope.
#[must_use]
pub fn relay(dialect: Wording, status: u16, message: &str, kind: &str, code: &str, id: &str) -> Content {
    let worded = || format!("{} (request id: {id})", masked(message));
    let body = match dialect {
        Wording::Midjourney => return midjourney(status, message, 4),
        Wording::Anthropic => json!({"error": {"type": kind, "message": worded()}, "type": "error"}),
        Wording::Task => json!({"code": code, "message": message, "data": null}),
        Wording::OpenAi => json!({"error": {"message": worded(), "type": kind, "param": "", "code": code}}),
    };
    json_content(status, &body)
}

/// The space at the end stands before a result that is empty (G.4).
fn midjourney(status: u16, description: &str, code: u8) -> Content {
    json_content(status, &json!({"description": format!("{description} "), "type": "upstream_error", "code": code}))
}

/// What an upstream says of a request; an empty code is null.
#[derive(Debug, Clone, Copy)]
pub struct UpstreamError<'a> {
    pub message: &'a str,
    pub kind: &'a str,
    pub code: &'a str,
    pub param: &'a str,
}

/// An upstream's error, passed on: OpenAI's dialect has the request's id in the header alone, Anthropic's has a type made
/// of the code, and a task's message is all that the upstream sent (H.1, H.2).
#[must_use]
pub fn upstream(dialect: Wording, status: u16, said: UpstreamError, id: &str) -> Content {
    let UpstreamError { message, kind, code, param } = said;
    let coded = if code.is_empty() { Value::Null } else { code.into() };
    let body = match dialect {
        Wording::Midjourney => return midjourney(status, message, 4),
        Wording::Anthropic => json!({"error": {
            "type": if code.is_empty() { "<nil>" } else { code },
            "message": format!("{} (request id: {id})", masked(message))}, "type": "error"}),
        Wording::Task => {
            let param = if param.is_empty() { Value::Null } else { param.into() };
            let sent = json!({"error": {"message": message, "type": kind, "param": param, "code": coded}});
            json!({"code": "fail_to_fetch_task", "message": sent.to_string(), "data": null})
        }
        Wording::OpenAi => json!({"error": {
            "message": masked(message), "type": kind, "param": param, "code": coded}}),
    };
    Content { relayed: true, ..json_content(status, &body) }
}

/// What an OpenAI upstream refuses.
#[must_use]
pub fn upstream_refused(message: &str, code: &str, param: &str) -> Content {
    upstream(Wording::OpenAi, 400, UpstreamError { message, kind: "invalid_request_error", code, param }, "")
}

/// What the gateway says of a request it cannot use. Builds that have `/v1/responses` answer these with 500, for their
/// errors default to it (G.5).
#[must_use]
pub fn invalid_request(dialect: Wording, message: &str, id: &str) -> Content {
    relay(dialect, 500, message, "new_api_error", "invalid_request", id)
}

/// No key, and one that is disabled, expired or used up, too (H.1).
#[must_use]
pub fn wrong_key(asker: Asker) -> Content {
    middleware(401, &asker.says("Invalid token", "无效的令牌"), "", asker.id)
}

/// The same where a key's own account is asked for, which answers for used-up and expired keys.
#[must_use]
pub fn wrong_key_to_look_up(asker: Asker) -> Content {
    json_content(401, &json!({"message": asker.says("Invalid token", "无效的令牌"), "success": false}))
}

#[must_use]
pub fn malformed(detail: &str, asker: Asker) -> Content {
    middleware(400, &asker.says(format!("Invalid request: {detail}"), format!("无效的请求，{detail}")), "", asker.id)
}

#[must_use]
pub fn malformed_midjourney(detail: &str, asker: Asker) -> Content {
    let detail = asker.says(format!("Invalid Midjourney request: {detail}"), format!("无效的midjourney请求，{detail}"));
    malformed(&detail, asker)
}

#[must_use]
pub fn missing_model(asker: Asker) -> Content {
    let english = "Model name not specified, model name cannot be empty";
    middleware(400, &asker.says(english, "未指定模型名称，模型名称不能为空"), "", asker.id)
}

/// No channel serves the model: usually it is misspelt.
#[must_use]
pub fn unknown_model(model: &str, asker: Asker) -> Content {
    let message = asker.says(
        format!("No available channel for model {model} under group default (distributor)"),
        format!("分组 default 下模型 {model} 无可用渠道（distributor）"),
    );
    middleware(503, &message, "model_not_found", asker.id)
}

/// A body of more than `limit` bytes: 413 for audio alone (H.1).
#[must_use]
pub fn too_large(path: &str, limit: usize, asker: Asker) -> Content {
    if path.starts_with("/v1/audio/") {
        let (message, code) = ("request body too large", "read_request_body_failed");
        return relay(Wording::OpenAi, 413, message, "new_api_error", code, asker.id);
    }
    malformed(&format!("request body exceeds {} MB", limit.div_ceil(1 << 20)), asker)
}

/// No such route under the API's prefixes.
#[must_use]
pub fn invalid_url(method: &str, path: &str) -> Content {
    json_content(
        404,
        &json!({"error": {"message": format!("Invalid URL ({method} {path})"),
            "type": "invalid_request_error", "param": "", "code": ""}}),
    )
}

#[must_use]
pub fn not_implemented() -> Content {
    json_content(
        501,
        &json!({"error": {"message": "API not implemented", "type": "new_api_error", "param": "",
            "code": "api_not_implemented"}}),
    )
}

/// Anything else is the web application's page, with status 200 (G.6).
#[must_use]
pub fn web_page() -> Content {
    const PAGE: &str = "<!doctype html><html lang=\"zh\"><head><title>New API</title></head>\
                        <body><div id=\"root\"></div></body></html>";
    let mut content = Content::new(200, BodyKind::Html, Bytes::from_static(PAGE.as_bytes()));
    content.headers.push((Cow::Borrowed("Cache-Control"), "no-cache".into()));
    content
}

/// The answer the gateway usually gives with this status; for scripts that name a status and nothing else.
#[must_use]
pub fn usual(status: u16, path: &str, model: &str, asker: Asker) -> Content {
    let (dialect, id) = (Wording::of(path), asker.id);
    let model = if model.is_empty() { "gpt-5" } else { model };
    let said = |message: &str, kind: &str, code: &str| {
        upstream(dialect, status, UpstreamError { message, kind, code, param: "" }, id)
    };
    match status {
        400 if dialect == Wording::Midjourney => midjourney(400, "task_no_found", 4),
        400 if dialect == Wording::Anthropic => said("Unsupported value.", "invalid_request_error", ""),
        400 => said("Unsupported value.", "invalid_request_error", "unsupported_value"),
        401 => wrong_key(asker),
        402 => said("Billing error.", "billing_error", "billing_error"),
        403 => no_money(403, dialect, asker),
        404 => invalid_url("POST", path),
        408 => said("The operation was timeout.", "upstream_error", "Timeout"),
        413 => relay(dialect, 413, "request body too large", "new_api_error", "read_request_body_failed", id),
        429 => saturated(dialect, model, asker),
        500 => upstream_failed(500, dialect, id),
        501 => not_implemented(),
        502 => bad_status(502, dialect, id),
        503 => unknown_model(model, asker),
        504 => {
            let title = "504 Gateway Time-out";
            let page = format!(
                "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n\
                 <center><h1>{title}</h1></center>\r\n</body>\r\n</html>\r\n"
            );
            html(504, Some("nginx"), page)
        }
        520..=527 | 530 => {
            let mut content = html(
                status,
                Some("cloudflare"),
                format!(
                    "<!DOCTYPE html><html lang=\"en-US\"><head><title>api.wenwen-ai.com | {status}: \
                     A timeout occurred</title></head><body>...</body></html>"
                ),
            );
            content.headers.push((Cow::Borrowed("CF-RAY"), "8f0a1b2c3d4e5f60-HKG".into()));
            content
        }
        529 => said("Overloaded", "overloaded_error", ""),
        _ if (400..600).contains(&status) => bad_status(status, dialect, id),
        _ => Content::new(status, BodyKind::Bytes, Bytes::new()),
    }
}

fn no_money(status: u16, dialect: Wording, asker: Asker) -> Content {
    let message = asker.says(
        "user quota is not enough, user quota: ＄0.000000, need quota: ＄0.003000",
        "用户额度不足, 剩余额度: ＄0.000000",
    );
    match dialect {
        Wording::Midjourney => midjourney(status, "quota_not_enough", 4),
        Wording::Task => json_content(status, &json!({"code": "quota_not_enough", "message": message, "data": null})),
        _ => relay(dialect, status, &message, "new_api_error", "insufficient_user_quota", asker.id),
    }
}

/// The upstream's limit. Its text is replaced for tasks and Midjourney alone.
fn saturated(dialect: Wording, model: &str, asker: Asker) -> Content {
    match dialect {
        Wording::Midjourney => json_content(
            429,
            &json!({"description": " 当前分组负载已饱和，请稍后再试，或升级账户以提升服务质量。",
                "type": "upstream_error", "code": 30}),
        ),
        Wording::Task => {
            let message = "当前分组上游负载已饱和，请稍后再试";
            json_content(429, &json!({"code": "fail_to_fetch_task", "message": message, "data": null}))
        }
        Wording::Anthropic => {
            let message = "This request would exceed your organization's rate limit of 50 requests per minute.";
            let said = UpstreamError { message, kind: "rate_limit_error", code: "", param: "" };
            upstream(dialect, 429, said, asker.id)
        }
        Wording::OpenAi => {
            let message = format!(
                "Rate limit reached for {model} on requests per min (RPM): Limit 500, Used 500, Requested 1. Please try \
                 again in 120ms."
            );
            let said = UpstreamError { message: &message, kind: "requests", code: "rate_limit_exceeded", param: "" };
            upstream(dialect, 429, said, asker.id)
        }
    }
}

/// Nothing that can be read came from the upstream.
fn upstream_failed(status: u16, dialect: Wording, id: &str) -> Content {
    let message = "upstream error: do request failed";
    let content = match dialect {
        Wording::Midjourney => midjourney(status, "do_request_failed", 5),
        Wording::Task => {
            let said = UpstreamError { message: "The server had an error.", kind: "server_error", code: "", param: "" };
            upstream(dialect, status, said, id)
        }
        _ => relay(dialect, status, message, "new_api_error", "do_request_failed", id),
    };
    Content { relayed: true, ..content }
}

/// An upstream's page, or JSON that is no error of any form.
fn bad_status(status: u16, dialect: Wording, id: &str) -> Content {
    let code = "bad_response_status_code";
    let message = match dialect {
        Wording::OpenAi => "openai_error".to_owned(),
        _ => format!("bad response status code {status}"),
    };
    upstream(dialect, status, UpstreamError { message: &message, kind: code, code, param: "" }, id)
}

/// What a script asks for by name, and every endpoint says in its own way (H.1, H.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    NoMoney,
    KeyDisabled,
    KeyExpired,
    KeyUsedUp,
    NoChannel,
    RateLimited,
    SystemOverloaded,
    UpstreamFailed,
    EmptyStream,
}

impl Refusal {
    pub const NAMES: &'static [(&'static str, Self)] = &[
        ("no money", Self::NoMoney),
        ("key disabled", Self::KeyDisabled),
        ("key expired", Self::KeyExpired),
        ("key used up", Self::KeyUsedUp),
        ("no channel", Self::NoChannel),
        ("rate limited", Self::RateLimited),
        ("system overloaded", Self::SystemOverloaded),
        ("upstream failed", Self::UpstreamFailed),
        ("empty stream", Self::EmptyStream),
    ];

    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(known, _)| *known == name).map(|(_, refusal)| *refusal)
    }

    #[must_use]
    pub fn content(self, path: &str, model: &str, streamed: bool, asker: Asker) -> Content {
        let (dialect, id) = (Wording::of(path), asker.id);
        let at_midjourney = dialect == Wording::Midjourney;
        match self {
            Self::NoMoney => no_money(if at_midjourney { 400 } else { 403 }, dialect, asker),
            Self::KeyDisabled | Self::KeyExpired | Self::KeyUsedUp if path.starts_with("/api/") => {
                wrong_key_to_look_up(asker)
            }
            Self::KeyDisabled | Self::KeyExpired | Self::KeyUsedUp => wrong_key(asker),
            Self::NoChannel => unknown_model(if model.is_empty() { "gpt-5" } else { model }, asker),
            // By the gateway's own count of the user's requests.
            Self::RateLimited => Content::new(429, BodyKind::Bytes, Bytes::new()),
            Self::SystemOverloaded => {
                let (message, kind) = ("system cpu overloaded (current: 97.3%, threshold: 90%)", "new_api_error");
                let error = match dialect {
                    Wording::Anthropic => json!({"type": kind, "message": message}),
                    _ => json!({"message": message, "type": kind, "param": "", "code": "system_cpu_overloaded"}),
                };
                json_content(503, &json!({ "error": error }))
            }
            Self::EmptyStream if streamed => {
                let mut content = Content::new(200, BodyKind::Events, Bytes::new());
                content.pieces.clear();
                if path.starts_with("/v1/chat/") {
                    let chunk = json!({"id": "", "object": "chat.completion.chunk", "created": 0, "model": model,
                        "system_fingerprint": null, "choices": [],
                        "usage": {"prompt_tokens": 9, "completion_tokens": 0, "total_tokens": 9}});
                    content.pieces = vec![format!("data: {chunk}\n\n").into(), Bytes::from_static(b"data: [DONE]\n\n")];
                }
                content
            }
            Self::UpstreamFailed | Self::EmptyStream => {
                upstream_failed(if at_midjourney { 400 } else { 500 }, dialect, id)
            }
        }
    }
}

/// With stars for the hosts of URLs and all but the last label of names with dots in them, which might be hosts
/// (H.1: `***.temperature`).
fn masked(text: &str) -> Cow<'_, str> {
    if !text.contains('.') {
        return text.into();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_alphanumeric()) {
        let before = &rest[..start];
        out.push_str(before);
        rest = &rest[start..];
        let url = ["https://", "http://"].into_iter().find(|scheme| rest.starts_with(scheme));
        if let Some(scheme) = url {
            let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
            let (host, path) = rest[scheme.len()..end].split_once('/').unwrap_or((&rest[scheme.len()..end], ""));
            out.push_str(scheme);
            out.push_str("***.");
            out.push_str(host.rsplit('.').next().unwrap_or_default());
            path.split('/').filter(|part| !part.is_empty()).for_each(|_| out.push_str("/***"));
            rest = &rest[end..];
            continue;
        }
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "-._".contains(c))).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        // A word begins within one that has an underscore before it no more than a host does.
        let whole = !before.ends_with('_');
        match dotted(word).filter(|_| whole) {
            Some(length) => {
                let name = &word[..length];
                let stars = name.matches('.').count();
                (0..stars).for_each(|_| out.push_str("***."));
                out.push_str(name.rsplit('.').next().unwrap_or_default());
                out.push_str(&word[length..]);
            }
            None => out.push_str(word),
        }
        rest = after;
    }
    out.push_str(rest);
    out.into()
}

/// The length of the longest host-like name that a word begins with: labels, dots, and at last two letters or more.
fn dotted(word: &str) -> Option<usize> {
    let (mut at, mut found) = (0, None);
    for (number, label) in word.split('.').enumerate() {
        let end = at + label.len();
        let letters = label.len() >= 2 && label.bytes().all(|b| b.is_ascii_alphabetic());
        if number > 0 && letters {
            found = Some(end);
        }
        let label_of_a_host = label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-');
        if !label_of_a_host {
            break;
        }
        at = end + 1;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_dots_are_masked() {
        for (text, shown) in [
            ("field GeneralOpenAIRequest.temperature of type float64", "field ***.temperature of type float64"),
            ("Go struct field ClaudeRequest.max_tokens of", "Go struct field ClaudeRequest.max_tokens of"),
            ("Invalid 'text.format.name': no.", "Invalid '***.***.name': no."),
            ("Invalid 'tools[0].function.name'", "Invalid 'tools[0].***.name'"),
            ("See https://platform.openai.com/docs/api-reference. Now", "See https://***.com/***/*** Now"),
            ("thinking.enabled.budget_tokens: Input", "***.enabled.budget_tokens: Input"),
            ("model gpt-4.1 has 1.5 and gemini-2.5-flash.", "model gpt-4.1 has 1.5 and gemini-2.5-flash."),
            ("ends. Begins… 中文.", "ends. Begins… 中文."),
            ("", ""),
        ] {
            assert_eq!(masked(text), shown);
        }
    }

    #[test]
    fn modes_of_midjourney() {
        for (path, plain) in [
            ("/mj/submit/imagine", "/mj/submit/imagine"),
            ("/mj-fast/mj/submit/imagine", "/mj/submit/imagine"),
            ("/mj-relax/mj/", "/mj/"),
            ("/mj/mj/x", "/mj/x"),
            ("/a/b/mj/x", "/a/b/mj/x"),
            ("/mj", "/mj"),
            ("", ""),
            ("é/mj/x", "é/mj/x"),
        ] {
            assert_eq!(without_mode(path), plain);
        }
    }
}
