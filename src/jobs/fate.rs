//! What becomes of a row whose request failed: the one place that says it, by who pays.
//!
//! | what happened                                                    | the row             | billed? | the limiter |
//! |------------------------------------------------------------------|---------------------|---------|-------------|
//! | 429, or a text that names how many may run at once               | again, without end  | no      | refused     |
//! | 503, 529, no connection came up                                  | again, without end  | no      | overloaded  |
//! | 408, 500, 502, 504, 52x, the connection broke, no answer in time | once more           | maybe   | says nothing |
//! | 409                                                              | once more           | no      | says nothing |
//! | 400, 404, 413, 422, filters, a 500 that blames the request, 501  | failed for good     | no      | answered    |
//! | a reply that is none, or too large                               | failed for good     | maybe   | answered    |
//! | no money, 401, 402, a day's limit, no such model, no key         | the job pauses      | no      | exhausted   |
//!
//! What may be billed is done once more at most: abandoned requests are paid for, so timeouts should be generous.
use crate::core::error::{Error, Kind};
use crate::core::retry::may_be_accepted;

use super::limiter::AttemptEnd;
use super::limiter::said::{NamedQuota, Said};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowFate {
    /// It was certainly not accepted.
    Again,
    /// It may have been, or the server failed.
    OnceMore,
    Failed,
    /// Every other row would fare the same: nothing more is sent, and the row is not blamed.
    Pause,
}

/// How often at most a row is sent that may have been billed, or that failed in the server.
pub const UNSURE: u32 = 2;

/// By the error of one attempt: what to do with the row, whether it may have been billed, what to tell the limiter.
pub fn of(error: &Error, said: &Said) -> (RowFate, bool, AttemptEnd) {
    let code = error.code.as_deref().unwrap_or_default();
    let refused_at_once = match (said.quota, error.status) {
        (Some(NamedQuota::AtOnce(_)), Some(429 | 503)) => true,
        // A fault of the request may speak of such things too, but names no number.
        (Some(NamedQuota::AtOnce(most)), Some(400)) => most.is_some() || error.message.contains("并发"),
        _ => false,
    };
    match error.kind {
        _ if error.is_quota() => (RowFate::Pause, false, AttemptEnd::Exhausted),
        Kind::Callback(_) | Kind::NotAnApi => (RowFate::Pause, false, AttemptEnd::Exhausted),
        _ if refused_at_once => (RowFate::Again, false, AttemptEnd::Refused),
        Kind::Connection | Kind::Timeout(_) if !error.sent => (RowFate::Again, false, AttemptEnd::Overloaded),
        Kind::Connection | Kind::Timeout(_) | Kind::Incomplete => (RowFate::OnceMore, true, AttemptEnd::Lost),
        Kind::BadReply | Kind::TooLarge { .. } => (RowFate::Failed, true, AttemptEnd::Answered { tokens: None }),
        Kind::Bug => (RowFate::Failed, true, AttemptEnd::Lost),
        Kind::Status => match error.blames().or(error.status) {
            Some(401 | 402) => (RowFate::Pause, false, AttemptEnd::Exhausted),
            Some(429) if said.quota == Some(NamedQuota::Day) => (RowFate::Pause, false, AttemptEnd::Exhausted),
            Some(429) => (RowFate::Again, false, AttemptEnd::Refused),
            Some(503) if code == "model_not_found" => (RowFate::Pause, false, AttemptEnd::Exhausted),
            Some(503 | 529) => (RowFate::Again, false, AttemptEnd::Overloaded),
            Some(501) => (RowFate::Failed, false, AttemptEnd::Answered { tokens: None }),
            Some(408 | 409 | 500..) => (RowFate::OnceMore, may_be_accepted(error), AttemptEnd::Lost),
            _ => (RowFate::Failed, false, AttemptEnd::Answered { tokens: None }),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::error::Limit;

    #[test]
    fn each_error_has_its_fate() {
        let status = |status: u16, code: &str, message: &str| {
            let mut error = Error::new(Kind::Status, message);
            error.status = Some(status);
            error.code = (!code.is_empty()).then(|| code.to_owned());
            error
        };
        let connection = |sent| Error { sent, ..Error::new(Kind::Connection, "") };
        let answered = AttemptEnd::Answered { tokens: None };
        for (error, fate, billed, end) in [
            (status(429, "", ""), RowFate::Again, false, AttemptEnd::Refused),
            (status(429, "", "您已达到请求数限制：1分钟内最多请求2次"), RowFate::Again, false, AttemptEnd::Refused),
            (status(429, "", "每天最多 1000 次"), RowFate::Pause, false, AttemptEnd::Exhausted),
            (status(429, "insufficient_quota", ""), RowFate::Pause, false, AttemptEnd::Exhausted),
            (
                status(400, "", "您已达到并发请求数限制：最多同时处理5个请求"),
                RowFate::Again,
                false,
                AttemptEnd::Refused,
            ),
            (status(400, "", "maximum of 5 concurrent requests exceeded"), RowFate::Again, false, AttemptEnd::Refused),
            (status(400, "", "concurrency has a limit"), RowFate::Failed, false, answered),
            (status(400, "", "max_tokens: at most 4096 per request"), RowFate::Failed, false, answered),
            (status(503, "", ""), RowFate::Again, false, AttemptEnd::Overloaded),
            (status(503, "model_not_found", ""), RowFate::Pause, false, AttemptEnd::Exhausted),
            (status(529, "", "Overloaded"), RowFate::Again, false, AttemptEnd::Overloaded),
            (connection(false), RowFate::Again, false, AttemptEnd::Overloaded),
            (Error::timeout(Limit::Connect, None, ""), RowFate::Again, false, AttemptEnd::Overloaded),
            (connection(true), RowFate::OnceMore, true, AttemptEnd::Lost),
            (Error::timeout(Limit::Total, None, ""), RowFate::OnceMore, true, AttemptEnd::Lost),
            (Error::timeout(Limit::Idle, None, ""), RowFate::OnceMore, true, AttemptEnd::Lost),
            (Error::new(Kind::Incomplete, ""), RowFate::OnceMore, true, AttemptEnd::Lost),
            (status(409, "", ""), RowFate::OnceMore, false, AttemptEnd::Lost),
            (status(500, "", ""), RowFate::OnceMore, true, AttemptEnd::Lost),
            (status(502, "", ""), RowFate::OnceMore, true, AttemptEnd::Lost),
            (status(504, "", ""), RowFate::OnceMore, true, AttemptEnd::Lost),
            (status(524, "", ""), RowFate::OnceMore, true, AttemptEnd::Lost),
            (status(500, "sensitive_words_detected", ""), RowFate::Failed, false, answered),
            (status(501, "", ""), RowFate::Failed, false, answered),
            (status(400, "", ""), RowFate::Failed, false, answered),
            (status(404, "", ""), RowFate::Failed, false, answered),
            (status(413, "", ""), RowFate::Failed, false, answered),
            (status(422, "", ""), RowFate::Failed, false, answered),
            (status(403, "", "model not allowed"), RowFate::Failed, false, answered),
            (status(403, "insufficient_user_quota", ""), RowFate::Pause, false, AttemptEnd::Exhausted),
            (status(403, "", "用户额度不足"), RowFate::Pause, false, AttemptEnd::Exhausted),
            (status(401, "", ""), RowFate::Pause, false, AttemptEnd::Exhausted),
            (status(402, "", ""), RowFate::Pause, false, AttemptEnd::Exhausted),
            (Error::new(Kind::BadReply, ""), RowFate::Failed, true, answered),
            (Error::new(Kind::NotAnApi, ""), RowFate::Pause, false, AttemptEnd::Exhausted),
            (Error::new(Kind::Callback(Box::new(())), ""), RowFate::Pause, false, AttemptEnd::Exhausted),
        ] {
            let said = Said::by_error(&error.headers, &error.message);
            assert_eq!(of(&error, &said), (fate, billed, end), "{error:?}");
        }
    }
}
