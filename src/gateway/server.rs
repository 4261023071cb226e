//! The listener and the life of a connection.
use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use super::content::{BodyKind, Content, Delivery};
use super::envelope::{self, Asker, Wording};
use super::http::{HttpRequest, ReadError, ReadLimits, read_request};
use super::journal::{End, Entry};
use super::quota::{LetIn, Refused};
use super::script::{Compiled, Next, Scripted, ready};
use super::service::Service;
use super::setup::Setup;
use super::steps::{Gone, Plan, Played, Progress, play, wait};
use super::{ids, rows};

/// Accepts until told to stop. Returning drops the runtime, and with it every connection.
pub(crate) async fn run(listener: TcpListener, shared: Arc<Service>, mut stop: oneshot::Receiver<()>) {
    loop {
        let accepted = tokio::select! {
            biased;
            _ = &mut stop => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) => {
                // Each write of a script is meant to be seen on its own.
                let _ = stream.set_nodelay(true);
                let number = shared.accepted.fetch_add(1, Ordering::Relaxed) + 1;
                tokio::spawn(converse(stream, number, Open::new(shared.clone())));
            }
            // Out of descriptors, most likely: they come back when connections close.
            Err(_) => tokio::time::sleep(Duration::from_millis(5)).await,
        }
    }
}

/// Counts a connection while it is open.
struct Open(Arc<Service>);

impl Open {
    fn new(shared: Arc<Service>) -> Self {
        shared.open.fetch_add(1, Ordering::Relaxed);
        shared.journal.touch();
        Self(shared)
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::Relaxed);
        self.0.journal.touch();
    }
}

/// Writes into the journal how a request ended, also when its task is dropped.
struct Ending<'a> {
    shared: &'a Service,
    entry: Arc<Entry>,
    end: End,
}

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.shared.journal.ended(&self.entry, self.end);
    }
}

async fn converse(mut stream: TcpStream, number: u64, open: Open) {
    let shared = &*open.0;
    let Setup { max_head: head, max_body: body, idle, .. } = shared.config;
    let limits = ReadLimits { head, body, idle };
    let mut input = BytesMut::new();
    loop {
        let (request, body) = match read_request(&mut stream, &mut input, number, limits).await {
            Ok(read) => read,
            Err(ReadError::Closed) => return,
            Err(ReadError::Bad { status, message }) => {
                let id = ids::request_id();
                let refusal =
                    envelope::relay(Wording::OpenAi, status, &message, "new_api_error", "bad_request_body", &id);
                refuse(&mut stream, &mut input, &refusal, &id, &shared.config).await;
                return;
            }
            Err(ReadError::TooLarge(request)) => {
                let id = ids::request_id();
                let refusal = envelope::too_large(&request.path, body, Asker::of(&request, &id));
                refuse(&mut stream, &mut input, &refusal, &id, &shared.config).await;
                return;
            }
        };
        // Before the journal has it: who sees it there may count on its place.
        let pass = shared.quotas.enter(&request);
        let entry = shared.journal.open(request, body.clone());
        let mut ending = Ending { shared, entry: entry.clone(), end: End::GatewayClosed };
        let mut stale = false;
        let keep_alive = match limited(&mut stream, &mut input, shared, &entry, &body, pass).await {
            Ok((plan, named, mut pass)) => {
                drop(body);
                shared.journal.chose(&entry, named.then_some(plan.status));
                stale = plan.stale;
                let played = play(&mut stream, &mut input, &plan, &entry.progress).await;
                if let Some(pass) = &mut pass {
                    pass.answered = played == Played::Answered && plan.status == 200;
                }
                drop(pass);
                ending.end = match played {
                    Played::Answered => End::Answered,
                    Played::ClientClosed => End::ClientClosed,
                    Played::Cut => End::Cut,
                };
                if played == Played::Answered && !plan.keep_alive {
                    let _ = stream.shutdown().await; // a FIN, though a forked child hold the descriptor too
                }
                played == Played::Answered && plan.keep_alive
            }
            Err(Gone) => {
                ending.end = End::ClientClosed;
                false
            }
        };
        if stale && keep_alive {
            drop(ending);
            let _ = tokio::time::timeout(idle, stream.read_buf(&mut input)).await; // the next request's first bytes
            let _ = stream.set_zero_linger();
            return;
        }
        if !keep_alive {
            drop(stream); // closed before it is said to have ended
            return;
        }
    }
}

/// What the request is answered with where no limit refuses it, as late as that takes, and its place among those that run.
async fn limited<'a>(
    stream: &mut TcpStream,
    input: &mut BytesMut,
    shared: &'a Service,
    entry: &Arc<Entry>,
    body: &Bytes,
    pass: Result<Option<LetIn<'a>>, Refused>,
) -> Result<(Plan, bool, Option<LetIn<'a>>), Gone> {
    let request = &entry.request;
    let pass = match pass {
        Ok(pass) => pass,
        Err(refused) => {
            let id = ids::request_id();
            let content = refused.content(&request.path, &rows::model_named(request, body), Asker::of(request, &id));
            return Ok((Compiled::new(&content, &at_once(), &shared.config).plan(request, &id), true, None));
        }
    };
    let (mut plan, named) = choose(stream, input, shared, entry, body).await?;
    if let Some(pass) = &pass {
        pass.over(&mut plan, body);
        if pass.hangs {
            wait(stream, input, std::future::pending::<()>()).await?;
        }
        if !pass.latency.is_zero() {
            wait(stream, input, tokio::time::sleep(pass.latency)).await?;
        }
    }
    Ok((plan, named, pass))
}

/// What the request is answered with, and whether the answer has a status of its own.
async fn choose(
    stream: &mut TcpStream,
    input: &mut BytesMut,
    shared: &Service,
    entry: &Arc<Entry>,
    body: &Bytes,
) -> Result<(Plan, bool), Gone> {
    let (request, config) = (&entry.request, &shared.config);
    let id = ids::request_id();
    if let Some(message) = request.foreign_host() {
        let refusal = envelope::middleware(403, &message, "access_denied", &id);
        return Ok((Compiled::new(&refusal, &at_once(), config).plan(request, &id), true));
    }
    let scripted = match shared.script.next() {
        Next::Ready(compiled) => return Ok((compiled.plan(request, &id), compiled.has_status())),
        Next::Default => Scripted::default(),
        Next::Usual(scripted) => scripted,
        Next::Handler => {
            let answered = shared.calls.ask(entry.clone());
            let failed = || Scripted::status(500);
            wait(stream, input, answered).await?.unwrap_or_else(|_| failed())
        }
    };
    if let Some(compiled) = ready(&scripted, config) {
        return Ok((compiled.plan(request, &id), compiled.has_status()));
    }
    let asker = Asker::of(request, &id);
    let content = match (scripted.refusal, scripted.status) {
        (Some(refusal), _) if !rows::is_looked_up(request, refusal) => {
            let streamed = rows::is_stream(request, body);
            refusal.content(&request.path, &rows::model_named(request, body), streamed, asker)
        }
        (_, 200) => rows::answer(request, body, asker, shared, scripted.refusal),
        (_, status) => envelope::usual(status, &request.path, &rows::model_named(request, body), asker),
    };
    let mut content = scripted.dressed(content);
    let mut shape = scripted.shape;
    if content.relayed && rows::is_stream(request, body) {
        in_a_stream(&mut content, &shape, config);
    }
    // A refusal is quick: the latency stands for the model's.
    if content.status != 200 || content.kind == BodyKind::Html {
        shape.delay = shape.delay.or(Some(Duration::ZERO));
    }
    let compiled = Compiled::new(&content, &shape, config);
    Ok((compiled.plan(request, &id), compiled.has_status()))
}

/// An upstream's refusal to stream. The headers of the stream are set by then; and after a first keep-alive comment the
/// status has gone out as well, so that the refusal is a line of JSON on its own (H.2).
fn in_a_stream(content: &mut Content, shape: &Delivery, config: &Setup) {
    let silence = shape.delay.unwrap_or(config.latency);
    if shape.pings > 0 || config.ping_interval.is_some_and(|interval| silence > interval) {
        (content.status, content.kind) = (200, BodyKind::Events);
    }
    if !content.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
        content.headers.push((Cow::Borrowed("Content-Type"), "text/event-stream".into()));
    }
}

fn at_once() -> Delivery {
    Delivery { delay: Some(Duration::ZERO), ..Delivery::default() }
}

/// Refuses what is no request, and closes so that the refusal arrives.
async fn refuse(stream: &mut TcpStream, input: &mut BytesMut, refusal: &Content, id: &str, config: &Setup) {
    let plan = Compiled::new(refusal, &at_once(), config).plan(&HttpRequest::refused(), id);
    if play(stream, input, &plan, &Progress::default()).await != Played::Answered {
        return;
    }
    let _ = stream.shutdown().await;
    // Closing on unread data sends an RST, which can overtake the refusal: read on for a while.
    let rest = async {
        loop {
            input.clear();
            if !matches!(stream.read_buf(input).await, Ok(n) if n > 0) {
                return;
            }
        }
    };
    let _ = tokio::time::timeout(Duration::from_secs(2), rest).await;
}
