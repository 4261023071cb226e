//! Files that a reply names by URL: whoever wrote it may want us to ask around in our own network, or to carry what only
//! the first host should have to another.
use reqwest::header::{HeaderMap, LOCATION};
use reqwest::{Body, Url};

use super::address::{INHABITED, Inside, Kinds, WORLD, kind};
use super::broken::{causes, shown, unanswered};
use super::clock::Clock;
use super::config::Root;
use super::error::{Error, Kind};
use super::request::Request;
use super::secret::is_harmless_header;
use super::transport::{Client, WireReply};

const MOST_REDIRECTS: usize = 5;

/// The reply to a GET of the request's URL, and of those that it is a redirect to.
pub async fn fetch(client: &Client, request: &Request, root: &Root, clock: &Clock) -> Result<WireReply, Error> {
    let (mut url, mut headers) = (request.url.clone(), (*request.headers).clone());
    let mut from: Option<Url> = None;
    for _ in 0..=MOST_REDIRECTS {
        let response = get(client, &url, &headers, from.as_ref(), root, clock).await?;
        let Some(next) = redirect(&response, &url)? else { return Ok(response) };
        client.check(&next).map_err(|why| refused(&next, &why))?;
        if next.origin() != url.origin() {
            // What is not known to be harmless may be a key for the host before.
            let kept = std::mem::take(&mut headers).into_iter();
            headers = kept.filter_map(|(name, value)| Some((name.filter(is_harmless_header)?, value))).collect();
        }
        from = Some(std::mem::replace(&mut url, next));
    }
    Err(refused(&url, "it is the sixth in a row"))
}

/// Where a reply leads on to, if it does.
fn redirect(response: &WireReply, url: &Url) -> Result<Option<Url>, Error> {
    let place = match response.status().as_u16() {
        301 | 302 | 303 | 307 | 308 => response.headers().get(LOCATION),
        _ => None,
    };
    let Some(next) = place.and_then(|place| url.join(std::str::from_utf8(place.as_bytes()).ok()?).ok()) else {
        return Ok(None);
    };
    match (url.scheme(), next.scheme()) {
        ("https", "http") => Err(refused(&next, "it leads from https to http, which anybody on the way can read")),
        (_, "http" | "https") => Ok(Some(next)),
        _ => Err(refused(&next, "it is no http or https URL")),
    }
}

fn refused(next: &Url, why: &str) -> Error {
    Error::new(Kind::Connection, format!("a redirect to {} is not followed: {why}", shown(next)))
}

/// One hop. Addresses of this machine and its network are in reach where the gateway has one of the same kind: by a URL
/// of its reply, by a redirect of its own or to it; not where a third host says so.
async fn get(
    client: &Client,
    url: &Url,
    headers: &HeaderMap,
    from: Option<&Url>,
    root: &Root,
    clock: &Clock,
) -> Result<WireReply, Error> {
    let inside = match execute(client, url, headers, clock).await? {
        Ok(response) => return Ok(response),
        Err(inside) => inside,
    };
    let is_gateways = from.is_none_or(|from| root.holds(from)) || root.holds(url);
    if is_gateways && inside.kind & !(clock.limit(kinds(root.url())).await? & INHABITED) == 0 {
        let near = client.within(inside.kind).unwrap_or_else(|_| client.clone());
        if let Ok(response) = execute(&near, url, headers, clock).await? {
            return Ok(response);
        }
    }
    let error = Error::new(Kind::Connection, inside.to_string());
    Err(Error { sent: from.is_some(), ..error })
}

/// Where the gateway is. What cannot be looked up, behind a proxy for example, is the world's.
async fn kinds(url: &Url) -> Kinds {
    if let Some(inside) = Inside::of(url) {
        return inside.kind;
    }
    let (host, port) = (url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or(0));
    let found = tokio::net::lookup_host((host, port)).await;
    found.map_or(WORLD, |found| found.fold(WORLD, |kinds, address| kinds | kind(address.ip())))
}

async fn execute(
    client: &Client,
    url: &Url,
    headers: &HeaderMap,
    clock: &Clock,
) -> Result<Result<WireReply, Inside>, Error> {
    if let Some(inside) = client.refuses(url) {
        return Ok(Err(inside));
    }
    let mut wire = hyper::Request::new(Body::default());
    *wire.headers_mut() = headers.clone();
    let failure = match clock.limit(client.execute(wire, url)).await? {
        Ok(response) => return Ok(Ok(response)),
        Err(failure) => failure,
    };
    if let Some(inside) = causes(&failure.error).find_map(|cause| cause.downcast_ref::<Inside>()) {
        return Ok(Err(inside.clone()));
    }
    Err(unanswered(failure, client, url, clock.connect()))
}
