//! The gateway's refusals, in the envelopes of the reference (G.1 to G.4, 0.1) and in the order of its checks.
use std::borrow::Cow;

use bytes::Bytes;
use serde_json::json;

use super::script::{Content, Kind};

/// How an endpoint words an error of its own. What middleware refuses is worded as [`Dialect::OpenAi`] everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    OpenAi,
    Anthropic,
    Midjourney,
    /// Videos: flat.
    Task,
}

impl Dialect {
    #[must_use]
    pub fn of(path: &str) -> Self {
        if path.starts_with("/v1/messages") {
            Dialect::Anthropic
        } else if path.starts_with("/mj/") || path == "/mj" {
            Dialect::Midjourney
        } else if path.starts_with("/v1/video") && !path.ends_with("/content") {
            Dialect::Task
        } else {
            Dialect::OpenAi
        }
    }
}

fn json_content(status: u16, body: &serde_json::Value) -> Content {
    Content::new(status, Kind::Json, Bytes::from(body.to_string()))
}

fn html(status: u16, server: Option<&'static str>, page: String) -> Content {
    let mut content = Content::new(status, Kind::Html, Bytes::from(page));
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

/// An error of relaying, in the endpoint's own envelope.
#[must_use]
pub fn relay(dialect: Dialect, status: u16, message: &str, kind: &str, code: &str, id: &str) -> Content {
    let body = match dialect {
        Dialect::Midjourney => {
            json!({"description": format!("{message} "), "type": "upstream_error", "code": 4})
        }
        Dialect::Anthropic => json!({"type": "error", "error": {
            "type": kind, "message": format!("{message} (request id: {id})")}}),
        Dialect::Task => json!({"code": code, "message": message, "data": null}),
        Dialect::OpenAi => json!({"error": {
            "message": format!("{message} (request id: {id})"), "type": kind, "param": "", "code": code}}),
    };
    json_content(status, &body)
}

/// What an OpenAI upstream refuses, passed on with the request's id.
#[must_use]
pub fn upstream_refused(message: &str, code: &str, param: &str, id: &str) -> Content {
    let message = format!("{message} (request id: {id})");
    let error = json!({"message": message, "type": "invalid_request_error", "param": param, "code": code});
    json_content(400, &json!({"error": error}))
}

/// What the gateway says of a request it cannot use. Builds that have `/v1/responses` answer these with 500, for their
/// errors default to it (G.5).
#[must_use]
pub fn invalid_request(dialect: Dialect, message: &str, id: &str) -> Content {
    relay(dialect, 500, message, "new_api_error", "invalid_request", id)
}

#[must_use]
pub fn missing_key(id: &str) -> Content {
    middleware(401, "未提供令牌", "", id)
}

#[must_use]
pub fn wrong_key(id: &str) -> Content {
    middleware(401, "无效的令牌", "", id)
}

#[must_use]
pub fn malformed(detail: &str, id: &str) -> Content {
    middleware(400, &format!("无效的请求，{detail}"), "", id)
}

#[must_use]
pub fn missing_model(id: &str) -> Content {
    middleware(400, "未指定模型名称，模型名称不能为空", "", id)
}

/// No such route under the API's prefixes. The real one adds no request id to this message.
#[must_use]
pub fn invalid_url(method: &str, path: &str) -> Content {
    json_content(
        404,
        &json!({"error": {"message": format!("Invalid URL ({method} {path})"),
            "type": "invalid_request_error", "param": "", "code": ""}}),
    )
}

/// Anything else is the web application's page, with status 200 (G.6).
#[must_use]
pub fn web_page() -> Content {
    const PAGE: &str = "<!doctype html><html lang=\"zh\"><head><title>New API</title></head>\
                        <body><div id=\"root\"></div></body></html>";
    let mut content = Content::new(200, Kind::Html, Bytes::from_static(PAGE.as_bytes()));
    content.headers.push((Cow::Borrowed("Cache-Control"), "no-cache".into()));
    content
}

/// The answer the gateway usually gives with this status; for scripts that name a status and nothing else.
#[must_use]
pub fn usual(status: u16, path: &str, model: &str, id: &str) -> Content {
    let dialect = Dialect::of(path);
    let model = if model.is_empty() { "gpt-5" } else { model };
    match status {
        400 if dialect == Dialect::Midjourney => relay(dialect, 400, "task_no_found", "", "", id),
        400 => relay(dialect, 400, "Unsupported value.", "invalid_request_error", "unsupported_value", id),
        401 => wrong_key(id),
        402 => relay(dialect, 402, "Billing error.", "billing_error", "billing_error", id),
        403 => {
            relay(dialect, 403, "用户额度不足, 剩余额度: ＄0.000000", "new_api_error", "insufficient_user_quota", id)
        }
        404 => invalid_url("POST", path),
        408 => relay(dialect, 408, "The operation was timeout.", "upstream_error", "Timeout", id),
        413 => relay(dialect, 413, "request body too large", "new_api_error", "read_request_body_failed", id),
        429 if dialect == Dialect::Midjourney => json_content(
            429,
            &json!({"description": " 当前分组负载已饱和，请稍后再试，或升级账户以提升服务质量。",
                "type": "upstream_error", "code": 30}),
        ),
        429 => relay(dialect, 429, "当前分组上游负载已饱和，请稍后再试", "rate_limit_error", "rate_limit_exceeded", id),
        500 => relay(dialect, 500, "do request failed", "new_api_error", "do_request_failed", id),
        501 => json_content(
            501,
            &json!({"error": {"message": "API not implemented", "type": "new_api_error",
                "param": "", "code": "api_not_implemented"}}),
        ),
        502 => relay(
            dialect,
            502,
            "bad response status code 502",
            "bad_response_status_code",
            "bad_response_status_code",
            id,
        ),
        503 => {
            let message = format!("当前分组 default 下对于模型 {model} 无可用渠道");
            middleware(503, &message, "model_not_found", id)
        }
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
        529 => relay(dialect, 529, "Overloaded", "overloaded_error", "overloaded_error", id),
        _ if (400..600).contains(&status) => {
            let message = format!("bad response status code {status}");
            relay(dialect, status, &message, "bad_response_status_code", "bad_response_status_code", id)
        }
        _ => Content::new(status, Kind::Bytes, Bytes::new()),
    }
}
