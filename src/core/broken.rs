//! Connections that did not come up, broke or brought what cannot be read: as errors whose words name the cause, and not
//! the key, the query or a proxy's password.
use std::borrow::Cow;
use std::io::ErrorKind;
use std::time::Duration;

use bytes::Bytes;
use reqwest::Url;

use super::error::{ANY, Error, Kind, Limit};
use super::multipart::Unreadable;
use super::reply::Head;
use super::response::Failure;
use super::transport::{Client, Unanswered};

/// A request that no reply came to. `connect`: the limit that it had.
pub fn unanswered(failure: Unanswered, client: &Client, url: &Url, connect: Option<Duration>) -> Error {
    let Unanswered { error, kept } = failure;
    let proxy = client.proxy(url);
    if error.is_timeout() {
        let through = proxy.map(|proxy| format!(" through {proxy}")).unwrap_or_default();
        return Error::timeout(Limit::Connect, connect, &format!("no connection came up{through}"));
    }
    if let Some(unreadable) = causes(&error).find_map(|cause| cause.downcast_ref::<Unreadable>()) {
        return Error::new(Kind::Connection, unreadable.to_string());
    }
    let host = host(url);
    let mut cause = deepest(&error);
    if cause.contains("CaUsedAsEndEntity") {
        cause = "invalid peer certificate: self-signed".into(); // or an authority's, which comes to the same
    }
    let mut retries = ANY;
    let message = if error.is_connect() {
        let untrusted = cause.contains("certificate");
        if untrusted || cause.contains("proxy auth") {
            retries = 0; // will be so the next time too
        }
        let hint = if untrusted { ": trust its authority with verify=\"ca.pem\" or SSL_CERT_FILE" } else { "" };
        match proxy {
            // Whose certificate it is, only the gateway's name tells.
            Some(proxy) if untrusted => format!("no connection to {host} through {proxy}: {cause}{hint}"),
            Some(proxy) => format!("no connection through {proxy}: {cause}"),
            None => format!("no connection to {host}: {cause}{hint}"),
        }
    } else {
        let through = proxy.map(|proxy| format!(" through {proxy}")).unwrap_or_default();
        format!("the connection to {host}{through} broke before a reply: {cause}")
    };
    let unread = kept && causes(&error).any(is_end);
    Error { retries, unread, sent: !error.is_connect(), ..Error::new(Kind::Connection, message) }
}

/// Whether a connection ended so. hyper says the same of one that ended within the head of a reply.
fn is_end(cause: &(dyn std::error::Error + 'static)) -> bool {
    use ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, NotConnected, UnexpectedEof};
    if let Some(error) = cause.downcast_ref::<hyper::Error>() {
        return error.is_incomplete_message() || error.is_canceled() || error.is_closed();
    }
    let kind = cause.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
    matches!(kind, Some(BrokenPipe | ConnectionAborted | ConnectionReset | NotConnected | UnexpectedEof))
}

/// A reply whose body cannot be read on.
pub fn broken(failure: Failure, head: &Head) -> Error {
    let (kind, message) = match failure {
        Failure::Wire(error) => (Kind::Connection, format!("the reply of the gateway broke off: {}", deepest(&error))),
        Failure::Damaged(coding, why) if why.kind() == ErrorKind::UnexpectedEof => {
            (Kind::Connection, format!("the reply broke off: its {coding} data are not complete"))
        }
        Failure::Damaged(coding, why) => (
            Kind::Connection,
            format!("the reply cannot be read: its Content-Encoding is {coding}, its body is not ({why})"),
        ),
        Failure::Unknown(coding) => {
            let message = format!(
                "the reply cannot be read: its Content-Encoding is {coding:?}, which was not asked for; gzip and deflate \
                 are read here"
            );
            return head.error(Kind::BadReply, message, &Bytes::new());
        }
    };
    Error { retries: ANY, ..head.error(kind, message, &Bytes::new()) }
}

pub fn host(url: &Url) -> Cow<'static, str> {
    match (url.host_str(), url.port_or_known_default()) {
        (Some(host), Some(port)) => format!("{host}:{port}").into(),
        _ => "the gateway".into(),
    }
}

pub fn causes<'a>(
    error: &'a (dyn std::error::Error + 'static),
) -> impl Iterator<Item = &'a (dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error), |error| error.source())
}

pub fn deepest(error: &(dyn std::error::Error + 'static)) -> String {
    causes(error).last().unwrap_or(error).to_string()
}

/// A URL for messages: a query or a user name may be nobody's business.
pub fn shown(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    let _ = (url.set_username(""), url.set_password(None));
    url.into()
}
