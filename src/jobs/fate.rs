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

use super::limiter::End;
use super::limiter::said::{Quota, Said};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
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
pub fn of(error: &Error, said: &Said) -> (Fate, bool, End) {
    let code = error.code.as_deref().unwrap_or_default();
    let refused_at_once = match (said.quota, error.status) {
        (Some(Quota::AtOnce(_)), Some(429 | 503)) => true,
        // A fault of the request may speak of such things too, but names no number.
        (Some(Quota::AtOnce(most)), Some(400)) => most.is_some() || error.message.contains("并发"),
        _ => false,
    };
    match error.kind {
        _ if error.is_quota() => (Fate::Pause, false, End::Exhausted),
        Kind::Callback(_) | Kind::NotAnApi => (Fate::Pause, false, End::Exhausted),
        _ if refused_at_once => (Fate::Again, false, End::Refused),
        Kind::Connection | Kind::Timeout(_) if !error.sent => (Fate::Again, false, End::Overloaded),
        Kind::Connection | Kind::Timeout(_) | Kind::Incomplete => (Fate::OnceMore, true, End::Lost),
        Kind::BadReply | Kind::TooLarge { .. } => (Fate::Failed, true, End::Answered { tokens: None }),
        Kind::Bug => (Fate::Failed, true, End::Lost),
        Kind::Status => match error.blames().or(error.status) {
            Some(401 | 402) => (Fate::Pause, false, End::Exhausted),
            Some(429) if said.quota == Some(Quota::Day) => (Fate::Pause, false, End::Exhausted),
            Some(429) => (Fate::Again, false, End::Refused),
            Some(503) if code == "model_not_found" => (Fate::Pause, false, End::Exhausted),
            Some(503 | 529) => (Fate::Again, false, End::Overloaded),
            Some(501) => (Fate::Failed, false, End::Answered { tokens: None }),
            Some(408 | 409 | 500..) => (Fate::OnceMore, may_be_accepted(error), End::Lost),
            _ => (Fate::Failed, false, End::Answered { tokens: None }),
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
        let answered = End::Answered { tokens: None };
        for (error, fate, billed, end) in [
            (status(429, "", ""), Fate::Again, false, End::Refused),
            (status(429, "", "您已达到请求数限制：1分钟内最多请求2次"), Fate::Again, false, End::Refused),
            (status(429, "", "每天最多 1000 次"), Fate::Pause, false, End::Exhausted),
            (status(429, "insufficient_quota", ""), Fate::Pause, false, End::Exhausted),
            (status(400, "", "您已达到并发请求数限制：最多同时处理5个请求"), Fate::Again, false, End::Refused),
            (status(400, "", "maximum of 5 concurrent requests exceeded"), Fate::Again, false, End::Refused),
            (status(400, "", "concurrency has a limit"), Fate::Failed, false, answered),
            (status(400, "", "max_tokens: at most 4096 per request"), Fate::Failed, false, answered),
            (status(503, "", ""), Fate::Again, false, End::Overloaded),
            (status(503, "model_not_found", ""), Fate::Pause, false, End::Exhausted),
            (status(529, "", "Overloaded"), Fate::Again, false, End::Overloaded),
            (connection(false), Fate::Again, false, End::Overloaded),
            (Error::timeout(Limit::Connect, None, ""), Fate::Again, false, End::Overloaded),
            (connection(true), Fate::OnceMore, true, End::Lost),
            (Error::timeout(Limit::Total, None, ""), Fate::OnceMore, true, End::Lost),
            (Error::timeout(Limit::Idle, None, ""), Fate::OnceMore, true, End::Lost),
            (Error::new(Kind::Incomplete, ""), Fate::OnceMore, true, End::Lost),
            (status(409, "", ""), Fate::OnceMore, false, End::Lost),
            (status(500, "", ""), Fate::OnceMore, true, End::Lost),
            (status(502, "", ""), Fate::OnceMore, true, End::Lost),
            (status(504, "", ""), Fate::OnceMore, true, End::Lost),
            (status(524, "", ""), Fate::OnceMore, true, End::Lost),
            (status(500, "sensitive_words_detected", ""), Fate::Failed, false, answered),
            (status(501, "", ""), Fate::Failed, false, answered),
            (status(400, "", ""), Fate::Failed, false, answered),
            (status(404, "", ""), Fate::Failed, false, answered),
            (status(413, "", ""), Fate::Failed, false, answered),
            (status(422, "", ""), Fate::Failed, false, answered),
            (status(403, "", "model not allowed"), Fate::Failed, false, answered),
            (status(403, "insufficient_user_quota", ""), Fate::Pause, false, End::Exhausted),
            (status(403, "", "用户额度不足"), Fate::Pause, false, End::Exhausted),
            (status(401, "", ""), Fate::Pause, false, End::Exhausted),
            (status(402, "", ""), Fate::Pause, false, End::Exhausted),
            (Error::new(Kind::BadReply, ""), Fate::Failed, true, answered),
            (Error::new(Kind::NotAnApi, ""), Fate::Pause, false, End::Exhausted),
            (Error::new(Kind::Callback(Box::new(())), ""), Fate::Pause, false, End::Exhausted),
        ] {
            let said = Said::by_error(&error.headers, &error.message);
            assert_eq!(of(&error, &said), (fate, billed, end), "{error:?}");
        }
    }
}
