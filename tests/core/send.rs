//! The core alone, without Python, against the local gateway: one send for every call.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test may fail")]
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};
use wenwen::core::call::{Hooks, Wanted};
use wenwen::core::config::{Config as ClientConfig, Root};
use wenwen::core::endpoint::find;
use wenwen::core::error::{Error, Kind as ErrorKind, Limit};
use wenwen::core::events::{Available, Feed};
use wenwen::core::limits::Limits;
use wenwen::core::proxy::Proxy;
use wenwen::core::request::{AskKey, Attempt, Body, BoxFuture, Key, Mode, Observe, Request};
use wenwen::core::secret::Secret;
use wenwen::core::send::{Outcome, send};
use wenwen::core::transport::{Route, Transport};
use wenwen::core::trust::Trust;
use wenwen::gateway::{BodyKind, Scripted};
use wenwen::gateway::{Gateway, Setup};

fn gateway() -> Gateway {
    Gateway::start(Setup::default()).unwrap()
}

fn request(gateway: &Gateway, mode: Mode) -> Request {
    let stream = mode == Mode::Events;
    let mut config = ClientConfig::new(Root::parse(&gateway.root()).unwrap());
    config.key = Some(Secret::new("sk-0123456789").unwrap());
    config.timeout.total = Some(Duration::from_secs(20));
    config.proxy = Proxy::None;
    let route = Route::new(false, &Trust::System, &Proxy::None, config.timeout.connect);
    let body = json!({"model": "gpt-5", "input": "Hello!", "stream": stream}).to_string().into();
    let wanted = Wanted { body: Body::Json(body), stream, ..Wanted::of(find("responses.create").unwrap()) };
    let (request, _) = wanted.request(&config, &route, Hooks::default()).unwrap();
    assert_eq!(request.mode, mode);
    request
}

#[tokio::main(flavor = "current_thread")]
async fn run(request: &Request) -> Result<Outcome, Error> {
    let route = Route::new(false, &Trust::System, &Proxy::None, request.timeout.connect);
    let client = Transport::default().client(&route).unwrap();
    send(&client, request).await
}

/// All events of a stream and how it ended.
#[tokio::main(flavor = "current_thread")]
async fn read(request: &Request) -> (Vec<Value>, Result<(), Error>) {
    let route = Route::new(false, &Trust::System, &Proxy::None, request.timeout.connect);
    let client = Transport::default().client(&route).unwrap();
    let feed: Feed = match send(&client, request).await.unwrap() {
        Outcome::Events(_, feed) => feed,
        other => panic!("{other:?}"),
    };
    let mut events = Vec::new();
    loop {
        match feed.take() {
            Available::Items(items) => events.extend(items.iter().map(|i| serde_json::from_slice(&i.data).unwrap())),
            Available::Empty => {
                feed.ready().await;
            }
            Available::End(end) => return (events, end),
        }
    }
}

fn quick(status: u16) -> Scripted {
    let mut scripted = Scripted::status(status);
    scripted.headers.push(("retry-after-ms".into(), "1".into()));
    scripted
}

#[test]
fn a_reply_and_what_went_over_the_wire() {
    let gateway = gateway();
    let request = request(&gateway, Mode::Reply);
    let Outcome::Reply(reply) = run(&request).unwrap() else { panic!("no reply") };
    let json: Value = serde_json::from_slice(&reply.body).unwrap();
    assert_eq!(json["output"][1]["content"][0]["text"], "Hi! How can I help you today?");
    assert_eq!((reply.head.status, reply.head.attempts), (200, 1));
    let sent = gateway.journal().last().unwrap();
    assert_eq!(sent.request.header("authorization"), Some("Bearer sk-0123456789"));
    let Body::Json(body) = request.body else { panic!("no JSON") };
    assert_eq!(sent.body(), Some(body));
    assert_eq!(reply.head.request_id.as_deref(), reply.head.headers["x-oneapi-request-id"].to_str().ok());
}

#[test]
fn attempts_are_repeated_told_and_counted() {
    #[derive(Default)]
    struct Told(Mutex<Vec<Attempt>>);
    impl Observe for Told {
        fn attempt(&self, attempt: Attempt) {
            self.0.lock().unwrap().push(attempt);
        }
    }
    let gateway = gateway();
    let mut limited = quick(429);
    limited.headers.push(("x-ratelimit-remaining-requests".into(), "0".into()));
    limited.headers.push(("x-ratelimit-reset-requests".into(), "12ms".into()));
    gateway.push(limited);
    gateway.push(Scripted { shape: wenwen::gateway::Delivery { close: true, ..Default::default() }, ..quick(200) });
    let told = Arc::new(Told::default());
    let mut request = request(&gateway, Mode::Reply);
    request.observer = Some(told.clone());
    let outcome = run(&request).unwrap();
    assert_eq!(outcome.head().attempts, 3);
    let told = told.0.lock().unwrap();
    assert_eq!(told.iter().map(|a| a.status).collect::<Vec<_>>(), [Some(429), None, Some(200)]);
    assert_eq!(told[0].retry_in, Some(Duration::from_millis(1)));
    assert!(told[2].retry_in.is_none() && told[2].failure.is_none());
    assert_eq!(told[0].limits.retry_after, Some(Duration::from_millis(1)));
    let [quota] = &told[0].limits.quotas[..] else { panic!("{:?}", told[0]) };
    assert_eq!((&*quota.of, quota.remaining, quota.reset), ("requests", Some(0), Some(Duration::from_millis(12))));
    assert_eq!(told[1].limits, Limits::default());
}

#[test]
fn a_final_error_is_not_repeated() {
    let gateway = gateway();
    for (status, attempts) in [(400, 1), (401, 1), (403, 1), (501, 1), (504, 2), (503, 3), (500, 3)] {
        for _ in 0..3 {
            gateway.push(quick(status));
        }
        let mut request = request(&gateway, Mode::Reply);
        request.max_retries = 2;
        let error = run(&request).unwrap_err();
        // The gateway's 503 is "no channel for the model".
        let attempts = if status == 503 && error.code.as_deref() == Some("model_not_found") { 2 } else { attempts };
        assert_eq!((error.status, error.attempts), (Some(status), attempts), "{error}");
        gateway.clear_script();
    }
}

#[test]
fn a_wait_past_the_deadline_is_not_begun() {
    let gateway = gateway();
    let mut scripted = Scripted::status(429);
    scripted.headers.push(("Retry-After".into(), "60".into()));
    gateway.push(scripted);
    let error = run(&request(&gateway, Mode::Reply)).unwrap_err();
    assert_eq!((error.status, error.attempts), (Some(429), 1));
}

#[test]
fn the_deadline_covers_a_drip() {
    let gateway = gateway();
    let mut scripted = Scripted::new(200, BodyKind::Json, "{\"a\": 1}".repeat(100));
    scripted.shape.chunk_size = Some(1);
    scripted.shape.gap = Some(Duration::from_millis(50));
    gateway.push(scripted);
    let mut request = request(&gateway, Mode::Reply);
    request.timeout.total = Some(Duration::from_millis(300));
    let error = run(&request).unwrap_err();
    assert!(matches!(error.kind, ErrorKind::Timeout(Limit::Total)), "{error}");
}

#[test]
fn a_key_is_asked_anew_for_each_attempt_and_redacted() {
    struct Rotating(Mutex<u32>);
    impl AskKey for Rotating {
        fn ask(&self) -> BoxFuture<Result<Secret, Error>> {
            let mut number = self.0.lock().unwrap();
            *number += 1;
            let key = Secret::new(&format!("sk-rotating-{number}")).unwrap();
            Box::pin(std::future::ready(Ok(key)))
        }
    }
    let gateway = gateway();
    gateway.push(quick(429));
    gateway.push(Scripted::new(400, BodyKind::Json, r#"{"error":{"message":"not for sk-rotating-2"}}"#));
    let mut request = request(&gateway, Mode::Reply);
    request.key = Key::Ask(Arc::new(Rotating(Mutex::new(0))));
    let error = run(&request).unwrap_err();
    assert_eq!(error.message, "not for ***");
    let sent = gateway.journal().entries();
    let keys: Vec<_> = sent.iter().map(|entry| entry.request.header("authorization").unwrap().to_owned()).collect();
    assert_eq!(keys, ["Bearer sk-rotating-1", "Bearer sk-rotating-2"]);
}

#[test]
fn a_stream_to_its_end_and_one_that_breaks_off() {
    let gateway = gateway();
    let (events, end) = read(&request(&gateway, Mode::Events));
    end.unwrap();
    assert_eq!(events.last().unwrap()["type"], "response.completed");

    let cut: Vec<Bytes> = events[..8].iter().map(|event| format!("data: {event}\n\n").into()).collect();
    gateway.push(Scripted::events(cut));
    let (some, end) = read(&request(&gateway, Mode::Events));
    let error = end.unwrap_err();
    assert_eq!(some.len(), 8);
    assert!(matches!(error.kind, ErrorKind::Incomplete), "{error}");
    let partial: Value = serde_json::from_slice(&error.partial.unwrap()).unwrap();
    assert_eq!(partial["id"], events[0]["response"]["id"]);
    assert_eq!(gateway.journal().entries().len(), 2, "nothing is repeated after the first event");
}

#[test]
fn a_stopped_stream_is_over_whatever_was_left() {
    #[tokio::main(flavor = "current_thread")]
    async fn stopped(request: &Request) -> Available {
        let client = Transport::default().client(&Route::new(false, &Trust::System, &Proxy::None, None)).unwrap();
        let Outcome::Events(_, feed) = send(&client, request).await.unwrap() else { panic!("no stream") };
        assert!(feed.ready().await && matches!(feed.take(), Available::Items(_)));
        feed.ready().await; // for the error: the stream has no last event
        feed.stop();
        feed.take()
    }
    let gateway = gateway();
    gateway.push(Scripted::events(["data: {\"type\":\"response.created\",\"response\":{\"id\":\"resp_1\"}}\n\n"]));
    assert!(matches!(stopped(&request(&gateway, Mode::Events)), Available::End(Ok(()))));
}

#[test]
fn forms_that_nobody_asked_for() {
    let gateway = gateway();
    // A whole reply to a request for a stream, plain and after pings.
    let reply = json!({"id": "resp_1", "object": "response", "status": "completed", "output": []});
    gateway.push(Scripted::new(200, BodyKind::Json, reply.to_string()));
    gateway.push(Scripted::events([": PING\n\n".to_owned(), reply.to_string()]));
    for _ in 0..2 {
        let (events, end) = read(&request(&gateway, Mode::Events));
        end.unwrap();
        assert_eq!(events.last().unwrap()["response"], reply);
    }
    // A stream for a whole reply.
    let (events, _) = read(&request(&gateway, Mode::Events));
    gateway.push(Scripted::events(events.iter().map(|event| format!("data: {event}\n\n"))));
    let Outcome::Reply(whole) = run(&request(&gateway, Mode::Reply)).unwrap() else { panic!("no reply") };
    assert_eq!(serde_json::from_slice::<Value>(&whole.body).unwrap(), events.last().unwrap()["response"]);
    // A page.
    gateway.push(Scripted::new(200, BodyKind::Html, "<html></html>"));
    let error = run(&request(&gateway, Mode::Reply)).unwrap_err();
    assert!(matches!(error.kind, ErrorKind::NotAnApi), "{error}");
    // An error inside a stream, before its first event: worth another attempt, as its status says.
    let bad = r#"{"error":{"message":"bad response status code 502","code":"bad_response_status_code"}}"#;
    gateway.push(Scripted::events([": PING\n\n", bad]));
    let (events, end) = read(&request(&gateway, Mode::Events));
    end.unwrap();
    assert!(!events.is_empty());
}
