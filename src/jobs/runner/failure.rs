//! Errors as they stand in the ledger.
use serde_json::{Value, json};

use crate::core::error::{Error, Kind, Limit};

pub fn json_of(error: &Error) -> String {
    let Error { status, wire_status, code, error_type, param, request_id, message, .. } = error;
    let (kind, limit) = match error.kind {
        Kind::Timeout(limit) => ("timeout", Some(limit.name())),
        Kind::Status => ("status", None),
        Kind::NotAnApi => ("not_an_api", None),
        Kind::BadReply => ("bad_reply", None),
        Kind::TooLarge { .. } => ("too_large", None),
        Kind::Incomplete => ("incomplete", None),
        Kind::Connection | Kind::Bug | Kind::Callback(_) => ("connection", None),
    };
    json!({
        "kind": kind, "category": error.category(), "status": status, "wire_status": wire_status, "code": code,
        "type": error_type, "param": param, "request_id": request_id, "message": message, "limit": limit,
        "body": String::from_utf8_lossy(&error.body),
    })
    .to_string()
}

/// The error that was written down, as far as it is there.
pub fn error_of(json: &str) -> Error {
    let value: Value = serde_json::from_str(json).unwrap_or_default();
    let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    let status = |name: &str| value.get(name).and_then(Value::as_u64).and_then(|status| u16::try_from(status).ok());
    let limits = [Limit::Total, Limit::Connect, Limit::FirstEvent, Limit::Idle];
    let kind = match text("kind").as_deref() {
        Some("timeout") => {
            let named = text("limit").and_then(|name| limits.into_iter().find(|limit| limit.name() == name));
            Kind::Timeout(named.unwrap_or(Limit::Total))
        }
        Some("status") => Kind::Status,
        Some("not_an_api") => Kind::NotAnApi,
        Some("bad_reply") => Kind::BadReply,
        Some("too_large") => Kind::TooLarge { limit: 0, size: None },
        Some("incomplete") => Kind::Incomplete,
        _ => Kind::Connection,
    };
    let error = Error::new(kind, text("message").unwrap_or_default());
    Error {
        status: status("status"),
        wire_status: status("wire_status"),
        code: text("code"),
        error_type: text("type"),
        param: text("param"),
        request_id: text("request_id"),
        ..error
    }
    .with_body(&text("body").unwrap_or_default().into())
}
