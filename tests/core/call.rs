//! Calls that are made and sent without Python: a row of the endpoint table and plain values become a request.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test may fail")]
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use reqwest::header::{HeaderName, HeaderValue};
use serde_json::{Value, json};
use wenwen::core::call::{Handover, Hooks, Unsendable, Wanted};
use wenwen::core::config::{Config, Root, Timeout};
use wenwen::core::endpoint::{Access, Answer, ENDPOINTS, Encoding, find};
use wenwen::core::error::Error;
use wenwen::core::events::Available;
use wenwen::core::multipart::{Form, PartBody};
use wenwen::core::proxy::Proxy;
use wenwen::core::request::{AskKey, Body, BoxFuture, Key, Mode, Request};
use wenwen::core::secret::Secret;
use wenwen::core::send::{Outcome, send};
use wenwen::core::stream::Dialect;
use wenwen::core::transport::{Route, Transport};
use wenwen::core::trust::Trust;
use wenwen::gateway::{BodyKind, Scripted};
use wenwen::gateway::{Gateway, Setup};

const KEY: &str = "sk-0123456789";

fn config(root: &str) -> Config {
    let mut config = Config::new(Root::parse(root).unwrap());
    config.key = Some(Secret::new(KEY).unwrap());
    config.proxy = Proxy::None;
    config
}

fn made(config: &Config, wanted: Wanted<'_>, hooks: Hooks) -> Result<(Request, Route), Unsendable> {
    let route = Route::new(config.root.is_tls(), &config.trust, &config.proxy, config.timeout.connect);
    wanted.request(config, &route, hooks)
}

fn request(config: &Config, wanted: Wanted<'_>) -> Request {
    made(config, wanted, Hooks::default()).unwrap().0
}

fn refused(config: &Config, wanted: Wanted<'_>) -> String {
    made(config, wanted, Hooks::default()).err().unwrap().to_string()
}

fn wanted<'a>(id: &str) -> Wanted<'a> {
    Wanted::of(find(id).unwrap())
}

fn json_body(value: &Value) -> Body {
    Body::Json(value.to_string().into())
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn headers(given: &[(&'static str, Option<&'static str>)]) -> Vec<(HeaderName, Option<HeaderValue>)> {
    given.iter().map(|(name, value)| (HeaderName::from_static(name), value.map(HeaderValue::from_static))).collect()
}

struct Asked;

impl AskKey for Asked {
    fn ask(&self) -> BoxFuture<Result<Secret, Error>> {
        Box::pin(async { Ok(Secret::new("sk-asked-for").unwrap()) })
    }
}

fn asking() -> Hooks {
    Hooks { ask: Some(Arc::new(Asked)), ..Hooks::default() }
}

/// Makes a call and sends it, in a thread that knows nothing of others.
fn sent(config: Config, make: impl FnOnce() -> Wanted<'static> + Send + 'static, hooks: Hooks) -> Outcome {
    #[tokio::main(flavor = "current_thread")]
    async fn run(request: &Request, route: &Route) -> Result<Outcome, Error> {
        send(&Transport::default().client(route).unwrap(), request).await
    }
    let sending = thread::spawn(move || {
        let (request, route) = made(&config, make(), hooks).unwrap();
        run(&request, &route).unwrap()
    });
    sending.join().unwrap()
}

fn body(outcome: Outcome) -> Value {
    let Outcome::Reply(reply) = outcome else { panic!("{outcome:?}") };
    serde_json::from_slice(&reply.body).unwrap()
}

#[test]
fn every_row_makes_a_request() {
    let config = config("http://h/v1");
    let ids: Vec<_> = ["a/b", "c"].map(str::to_owned).to_vec();
    for row in ENDPOINTS {
        let path = match (row.path, row.access) {
            ("", Access::Foreign | Access::Result) => Some("https://cdn.example/f"),
            ("", _) => Some("/v1/x"),
            _ => None,
        };
        let made = request(&config, Wanted { ids: &ids, path, ..Wanted::of(row) });
        assert_eq!(made.method, *row.method, "{}", row.id);
        let expected = row.path.split('{').next().unwrap();
        assert!(made.url.path().starts_with(expected) && !made.url.path().contains(['{', '}']), "{}", made.url);
        let accept = if matches!(row.answer, Answer::Text | Answer::Bytes) { "*/*" } else { "application/json" };
        assert_eq!(made.headers["accept"], accept, "{}", row.id);
        let is_foreign = path == Some("https://cdn.example/f");
        let has_key = !is_foreign && row.access != Access::Public;
        assert_eq!(matches!(made.key, Key::Known(_)), has_key, "{}", row.id);
        assert_eq!(made.foreign.is_some(), is_foreign, "{}", row.id);
        assert_eq!(made.headers.contains_key("anthropic-version"), row.dialect == Dialect::Messages, "{}", row.id);
        assert!(!made.headers.contains_key("content-type"), "{}: nothing is said of no body", row.id);
        assert_eq!((made.billed, made.answer, made.dialect), (row.billed, row.answer, row.dialect));
        let vectors = row.answer == Answer::Vectors;
        assert_eq!(made.mode, if vectors { Mode::Vectors } else { Mode::Reply }, "{}", row.id);
    }
}

#[test]
fn how_a_reply_is_read_follows_from_how_it_is_handed_over() {
    let config = config("http://h");
    for (id, handover, stream, mode) in [
        ("responses.create", Handover::Parsed, false, Mode::Reply),
        ("responses.create", Handover::Raw, false, Mode::Reply),
        ("responses.create", Handover::Raw, true, Mode::Events),
        ("responses.create", Handover::Helper, true, Mode::Events),
        ("responses.create", Handover::Body, true, Mode::Bytes),
        ("responses.create", Handover::Body, false, Mode::Bytes),
        ("embeddings.create", Handover::Parsed, false, Mode::Vectors),
        ("embeddings.create", Handover::Raw, false, Mode::Reply),
        ("embeddings.as_sent.create", Handover::Parsed, false, Mode::Reply),
        ("audio.speech.create", Handover::Body, false, Mode::Bytes),
    ] {
        let made = request(&config, Wanted { handover, stream, ..wanted(id) });
        assert_eq!(made.mode, mode, "{id} {handover:?} {stream}");
    }
    assert_eq!(Handover::Helper.stream(None), Some(true));
    assert_eq!(Handover::Helper.stream(Some(false)), Some(true));
    assert_eq!((Handover::Raw.stream(None), Handover::Raw.stream(Some(false))), (None, Some(false)));
    for (name, handover) in [("parsed", Handover::Parsed), ("raw", Handover::Raw), ("body", Handover::Body)] {
        assert_eq!(Handover::named(name), Some(handover));
    }
    assert_eq!(Handover::named("whole"), None);
}

#[test]
fn a_calls_headers_win_and_none_takes_away() {
    let mut config = config("http://h");
    config.headers = headers(&[("x-team", Some("1")), ("user-agent", None), ("accept", Some("text/x"))]);
    let given = headers(&[("x-team", Some("2")), ("content-type", Some("application/x")), ("accept", None)]);
    let made = request(&config, Wanted { headers: given, body: json_body(&json!({})), ..wanted("responses.create") });
    assert_eq!(
        (&made.headers["x-team"], &made.headers["content-type"]),
        (&"2".parse().unwrap(), &"application/x".parse().unwrap())
    );
    assert!(!made.headers.contains_key("user-agent") && !made.headers.contains_key("accept"));

    let events = request(&config, Wanted { stream: true, ..wanted("messages.create") });
    assert_eq!(
        (&events.headers["accept"], &events.headers["accept-encoding"]),
        (&"text/x".parse().unwrap(), &"identity".parse().unwrap())
    );
    config.anthropic_version = HeaderValue::from_static("2024-01-01");
    let version = |given| {
        let made = request(&config, Wanted { headers: headers(given), ..wanted("messages.create") });
        made.headers.get("anthropic-version").cloned()
    };
    assert_eq!(version(&[]).unwrap(), "2024-01-01");
    assert_eq!(version(&[("anthropic-version", Some("2025-01-01"))]).unwrap(), "2025-01-01");
    assert_eq!(version(&[("anthropic-version", None)]), None);
}

#[test]
fn where_the_key_goes_along() {
    let name = |key: &Key| match key {
        Key::None => "none",
        Key::Known(_) => "known",
        Key::Ask(_) => "ask",
    };
    let known = config("http://h");
    let asks = Config { key: None, ..known.clone() };
    let bearer = [("authorization", Some("Bearer own"))];
    for (id, given, expected) in [
        ("responses.create", &[][..], "key"),
        ("responses.create", &bearer[..], "none"),
        ("responses.create", &[("authorization", None)], "none"),
        // The header of the other dialect is nothing to this one.
        ("responses.create", &[("x-api-key", Some("own"))], "key"),
        ("messages.create", &[("x-api-key", Some("own"))], "none"),
        ("messages.create", &bearer, "none"),
        ("pricing.list", &[], "none"),
    ] {
        for (config, hooks, key) in
            [(&known, Hooks::default(), "known"), (&known, asking(), "known"), (&asks, asking(), "ask")]
        {
            let mut config = config.clone();
            for by_default in [false, true] {
                let own = headers(given);
                config.headers = if by_default { own.clone() } else { Vec::new() };
                let call = Wanted { headers: if by_default { Vec::new() } else { own }, ..wanted(id) };
                let (request, _) = made(&config, call, hooks.clone()).unwrap();
                assert_eq!(name(&request.key), if expected == "key" { key } else { expected }, "{id} {given:?}");
            }
        }
    }
    assert!(matches!(made(&asks, wanted("models.list"), Hooks::default()), Err(Unsendable::NoKey)));
    assert!(refused(&asks, wanted("models.list")).contains("WENWEN_API_KEY"));
    assert!(made(&asks, wanted("pricing.list"), Hooks::default()).is_ok());
}

#[test]
fn queries_are_added_up_and_replaced_by_name() {
    let mut config = config("http://h/v1");
    config.query = pairs(&[("api-version", "1"), ("tag[]", "a"), ("tag[]", "b"), ("kept", "1")]);
    let url = |call| request(&config, call).url.to_string();
    let of = |id, params: &[_], query: &[_]| Wanted { params: pairs(params), query: pairs(query), ..wanted(id) };
    assert_eq!(
        url(of("responses.create", &[], &[])),
        "http://h/v1/responses?api-version=1&tag%5B%5D=a&tag%5B%5D=b&kept=1"
    );
    assert_eq!(
        url(of("models.list", &[("limit", "5")], &[("tag[]", "c"), ("tag[]", "d"), ("api-version", "2")])),
        "http://h/v1/models?kept=1&limit=5&tag%5B%5D=c&tag%5B%5D=d&api-version=2"
    );
    // Only what has no body says there that it streams.
    let ids = ["r".to_owned()];
    let streamed = |id| url(Wanted { ids: &ids, stream: true, ..wanted(id) });
    assert!(
        streamed("responses.retrieve").ends_with("&stream=true") && !streamed("responses.cancel").contains("stream")
    );
    // Nothing of the configuration's own goes elsewhere.
    config.headers = headers(&[("x-team", Some("1"))]);
    let call = Wanted {
        path: Some("https://cdn.example/f?a=1"),
        query: pairs(&[("b", "2")]),
        headers: headers(&[("x-own", Some("1"))]),
        ..wanted("download")
    };
    let made = request(&config, call);
    assert_eq!(made.url.as_str(), "https://cdn.example/f?a=1&b=2");
    assert!(made.headers.contains_key("x-own") && !made.headers.contains_key("x-team"));
}

#[test]
fn a_result_is_the_gateways_own_or_somebody_elses() {
    let config = config("http://h:81/v1");
    for (url, is_foreign) in [("http://h:81/files/1?x=1", false), ("https://h:81/f", true), ("http://h/f", true)] {
        let made = request(&config, Wanted { path: Some(url), ..wanted("videos.generations.save") });
        assert_eq!(made.url.as_str(), url);
        assert_eq!((made.foreign.is_some(), matches!(made.key, Key::None)), (is_foreign, is_foreign), "{url}");
    }
}

#[test]
fn options_stand_in_place_of_the_configurations() {
    let mut config = config("http://h");
    config.max_retries = 5;
    config.max_response_bytes = 100;
    let plain = request(&config, wanted("models.list"));
    assert_eq!((plain.max_retries, plain.max_response_bytes, plain.timeout), (5, 100, Timeout::DEFAULT));
    let call = Wanted {
        max_retries: Some(0),
        max_response_bytes: Some(7),
        timeout: Some(Timeout::NONE),
        ..wanted("models.list")
    };
    let (own, route) = made(&config, call, Hooks::default()).unwrap();
    assert_eq!((own.max_retries, own.max_response_bytes, own.timeout), (0, 7, Timeout::NONE));
    assert_eq!(route, Route::new(false, &Trust::System, &Proxy::None, None));
}

#[test]
fn what_cannot_be_sent_is_refused_in_words() {
    let config = config("http://h");
    let ids = [String::new()];
    for (id, ids, path, words) in [
        ("responses.retrieve", &[][..], None, "response_id is missing"),
        ("responses.retrieve", &ids[..], None, "response_id is \"\": give the id as the API returned it"),
        ("get", &[], Some("v1/models"), "path \"v1/models\": give it from the gateway's root"),
        ("get", &[], Some("//h/v1"), "path \"//h/v1\""),
        ("post", &[], Some("/v1/x?key=secret#y"), "path \"/v1/x?***\""),
        ("download", &[], Some("file:///etc/passwd"), "\"file:///etc/passwd\" is not an http or https URL"),
        ("videos.generations.save", &[], Some(""), "\"\" is not an http or https URL"),
    ] {
        let why = refused(&config, Wanted { ids, path, ..wanted(id) });
        assert!(why.starts_with(words), "{id}: {why}");
    }
    let proxied = Config { proxy: Proxy::Url("ftp://p".into()), ..config.clone() };
    assert!(made(&proxied, wanted("models.list"), Hooks::default()).is_err());
}

#[test]
fn a_thread_without_python_makes_calls_and_sends_them() {
    let gateway = Gateway::start(Setup::default()).unwrap();
    let config = config(&gateway.root());
    let last = || gateway.journal().last().unwrap();

    let hello = || json_body(&json!({"model": "gpt-5", "input": "Hello!"}));
    let reply = sent(config.clone(), move || Wanted { body: hello(), ..wanted("responses.create") }, Hooks::default());
    assert_eq!(body(reply)["object"], "response");
    assert_eq!(last().request.header("authorization"), Some("Bearer sk-0123456789"));
    assert_eq!(last().request.header("content-type"), Some("application/json"));

    let message =
        || json_body(&json!({"model": "claude", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]}));
    let asks = Config { key: None, ..config.clone() };
    let reply = sent(asks, move || Wanted { body: message(), ..wanted("messages.create") }, asking());
    assert_eq!(body(reply)["type"], "message");
    assert_eq!(last().request.header("x-api-key"), Some("sk-asked-for"));

    let models = sent(config.clone(), || wanted("models.list"), Hooks::default());
    assert_eq!(body(models)["object"], "list");

    let texts =
        || json_body(&json!({"model": "text-embedding-3-small", "input": ["a", "b"], "encoding_format": "base64"}));
    let outcome =
        sent(config.clone(), move || Wanted { body: texts(), ..wanted("embeddings.create") }, Hooks::default());
    let Outcome::Vectors(_, vectors) = outcome else { panic!("{outcome:?}") };
    assert_eq!(vectors.rows.shape(), Ok((2, 1536)));

    let form = || {
        let mut form = Form::new().unwrap();
        form.text("model", "whisper-1");
        form.file("file", "a.mp3", "audio/mpeg", PartBody::Bytes("ID3".into()));
        Body::Form(form)
    };
    assert_eq!(find("audio.transcriptions.create").unwrap().body, Encoding::Form);
    let heard = sent(
        config.clone(),
        move || Wanted { body: form(), ..wanted("audio.transcriptions.create") },
        Hooks::default(),
    );
    assert!(body(heard)["text"].is_string());
    assert!(last().request.header("content-type").unwrap().starts_with("multipart/form-data; boundary="));

    let speech = || json_body(&json!({"model": "tts-1", "input": "Hi", "voice": "alloy"}));
    let outcome =
        sent(config.clone(), move || Wanted { body: speech(), ..wanted("audio.speech.create") }, Hooks::default());
    let Outcome::Reply(sound) = outcome else { panic!("{outcome:?}") };
    assert!(!sound.body.is_empty());

    gateway.push(Scripted::new(200, BodyKind::Json, r#"{"id":"resp_1","object":"response","output":[]}"#));
    let fetched = || Wanted { ids: vec!["resp_1".to_owned()].leak(), ..wanted("responses.retrieve") };
    assert_eq!(body(sent(config, fetched, Hooks::default()))["id"], "resp_1");
    assert_eq!(last().request.path, "/v1/responses/resp_1");
}

#[test]
fn a_thread_without_python_reads_events() {
    #[tokio::main(flavor = "current_thread")]
    async fn read(request: &Request, route: &Route) -> Vec<Value> {
        let outcome = send(&Transport::default().client(route).unwrap(), request).await.unwrap();
        let Outcome::Events(_, feed) = outcome else { panic!("{outcome:?}") };
        let mut events = Vec::new();
        loop {
            match feed.take() {
                Available::Items(items) => {
                    events.extend(items.iter().map(|i| serde_json::from_slice(&i.data).unwrap()))
                }
                Available::Empty => drop(feed.ready().await),
                Available::End(end) => {
                    end.unwrap();
                    return events;
                }
            }
        }
    }
    let gateway = Gateway::start(Setup::default()).unwrap();
    let mut config = config(&gateway.root());
    config.timeout.total = Some(Duration::from_secs(20));
    for (id, text, last) in [
        ("responses.create", json!({"model": "m", "input": "Hi", "stream": true}), "response.completed"),
        (
            "chat.completions.create",
            json!({"model": "m", "messages": [{"role": "user", "content": "Hi"}], "stream": true}),
            "",
        ),
    ] {
        let call = Wanted { body: json_body(&text), stream: true, ..wanted(id) };
        let (request, route) = made(&config, call, Hooks::default()).unwrap();
        assert_eq!(request.headers["accept"], "text/event-stream");
        let events = read(&request, &route);
        assert!(events.len() > 2 && events.last().unwrap()["type"].as_str().unwrap_or_default() == last, "{events:?}");
    }
}
