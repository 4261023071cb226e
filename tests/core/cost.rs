//! What a hostile server's megabyte costs: work and memory grow with its length, in every dialect, however it is made.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test may fail")]

#[path = "../steps/mod.rs"]
mod steps;

use bytes::Bytes;
use http_body::Body as _;
use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use wenwen::core::body;
use wenwen::core::embeddings;
use wenwen::core::endpoint::{Answer, ENDPOINTS, Marks};
use wenwen::core::multipart::{Form, PartBody};
use wenwen::core::reply::{self, Head};
use wenwen::core::secret::Secrets;
use wenwen::core::sse::Decoder;
use wenwen::core::stream::{Dialect, StreamState, events_of_reply};

/// Counts what a thread allocates.
struct Counting;

thread_local! {
    /// All that was, what is held now, and the most that was held.
    static BYTES: Cell<(usize, isize, isize)> = const { Cell::new((0, 0, 0)) };
}

fn count(more: usize, less: usize) {
    let _ = BYTES.try_with(|bytes| {
        let (all, held, most) = bytes.get();
        let held = held + more as isize - less as isize;
        bytes.set((all + more, held, most.max(held)));
    });
}

// SAFETY: all is left to the system.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 0);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(0, layout.size());
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size, layout.size());
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What some work took: steps, bytes allocated, and the most that it held at once. Counted, and the same each time.
#[derive(Clone, Copy)]
struct Cost {
    steps: u64,
    allocated: usize,
    held: usize,
}

impl Cost {
    fn of<T>(work: impl FnOnce() -> T) -> Self {
        let (before, held, _) = BYTES.get();
        BYTES.set((before, held, held));
        steps::begin();
        let done = work();
        let steps = steps::end();
        let (all, _, most) = BYTES.get();
        drop(done);
        Self { steps, allocated: all - before, held: (most - held) as usize }
    }
}

/// Why the work does not grow with the length: of 16 times as much at most 24 times the work, where the square would be 256.
/// `room`: how many times its length may be held.
fn square(few: &[u8], many: &[u8], room: usize, work: impl Fn(&[u8]) -> Cost) -> Option<String> {
    let ratio = many.len() as f64 / few.len() as f64;
    let (small, large) = (work(few), work(many));
    if large.held > room.saturating_mul(many.len()).saturating_add(1 << 16) {
        return Some(format!("{} bytes hold {}", many.len(), large.held));
    }
    let steps = large.steps as f64 / small.steps.max(1 << 14) as f64;
    let bytes = large.allocated as f64 / small.allocated.max(1 << 14) as f64;
    (steps > 1.5 * ratio || bytes > 2.0 * ratio)
        .then(|| format!("{ratio:.0} times the length, {steps:.0} times the steps, {bytes:.0} times the memory"))
}

const DIALECTS: [Dialect; 8] = [
    Dialect::Responses,
    Dialect::Chat,
    Dialect::Messages,
    Dialect::Gemini,
    Dialect::ImageGeneration,
    Dialect::Transcripts,
    Dialect::Speech,
    Dialect::Plain,
];

/// All that a stream is asked for.
fn stream(dialect: Dialect, wire: &[u8]) -> Cost {
    Cost::of(|| {
        let mut events = Vec::new();
        let mut decoder = Decoder::new(usize::MAX).tolerant();
        for chunk in wire.chunks(1 << 14) {
            decoder.push(Bytes::copy_from_slice(chunk), &mut events).unwrap();
        }
        decoder.finish(&mut events);
        let mut stream = StreamState::new(dialect);
        for mut event in events {
            drop(stream.take(&mut event));
            let _ = stream.begun();
        }
        drop((stream.complete(), stream.reply(), stream.partial(), stream.last()));
    })
}

fn sse(events: impl IntoIterator<Item = String>) -> Vec<u8> {
    events.into_iter().map(|event| format!("data: {event}\n\n")).collect::<String>().into()
}

/// One event of many pieces, or many events.
type Hostile = fn(usize) -> Vec<u8>;

fn chat(delta: impl Fn(usize) -> Value) -> impl Fn(usize) -> String {
    move |at| json!({"id": "c", "choices": [{"index": 0, "delta": delta(at)}]}).to_string()
}

fn message(message: impl Fn(usize) -> Value) -> impl Fn(usize) -> String {
    move |at| json!({"choices": [{"index": 0, "message": message(at)}]}).to_string()
}

fn response(kind: &str, more: Value) -> String {
    let mut event = json!({"type": format!("response.{kind}")});
    event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    event.to_string()
}

fn block(kind: &str, at: usize, more: Value) -> String {
    let mut event = json!({"type": format!("content_block_{kind}"), "index": at});
    event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    event.to_string()
}

/// What every dialect is told.
const ANY: [(&str, Hostile); 12] = [
    ("distinct keys", |n| sse([object((0..n).map(|at| (format!("k{at}"), json!(1))))])),
    ("one key", |n| sse([format!("{{{}}}", vec!["\"k\":1"; n].join(","))])),
    ("distinct keys in events", |n| sse((0..n).map(|at| format!("{{\"k{at}\":1}}")))),
    ("empty lists", |n| sse([format!("{{\"id\":[{}]}}", vec!["[]"; n].join(","))])),
    ("nothing", |n| sse((0..n).map(|_| "null".into()))),
    ("numbers of Python", |n| sse([format!("{{\"id\":[{}]}}", vec!["NaN"; n].join(","))])),
    ("[DONE]", |n| sse((0..n).map(|_| "[DONE]".into()))),
    ("lines of data", |n| format!("data: [\n{}data: 0]\n\n", "data: 0,\n".repeat(n)).into()),
    ("comments", |n| ": ping\n".repeat(n).into()),
    ("halves", |n| sse([format!("{{\"delta\":\"{}\"}}", "\\ud83d".repeat(n))])),
    ("halves in events", |n| sse((0..n).map(|at| format!("{{\"index\":{at},\"delta\":\"\\ud83d\"}}")))),
    ("errors of nothing", |n| sse((0..n).map(|_| "{\"error\":{\"message\":\"\"}}".into()))),
];

fn object(fields: impl Iterator<Item = (String, Value)>) -> String {
    Value::Object(fields.collect()).to_string()
}

const CHAT: [(&str, Hostile); 22] = [
    ("keys of a chunk", |n| {
        sse([object((0..n).map(|at| (format!("k{at}"), json!(1))).chain([("choices".into(), json!([]))]))])
    }),
    ("keys of a choice", |n| sse([json!({"choices": [object_of(n)]}).to_string()])),
    ("keys of a delta", |n| sse([chat(move |_| object_of(n))(0)])),
    ("keys of deltas", |n| sse((0..n).map(chat(|at| json!({ format!("k{at}"): 1 }))))),
    ("a list with indices", |n| sse([chat(move |_| json!({"annotations": indexed(n)}))(0)])),
    ("a list with indices, again", |n| sse((0..2).map(chat(move |_| json!({"annotations": indexed(n)}))))),
    ("lists with indices", |n| sse((0..n).map(chat(|at| json!({"annotations": [{"index": at}]}))))),
    ("lists with indices downwards", |n| {
        sse((0..n).map(move |at| chat(move |_| json!({"annotations": [{"index": n - at}]}))(at)))
    }),
    ("lists within", |n| sse((0..n).map(chat(|at| json!({"x": {"y": [{"index": at, "z": [{"index": 0}]}]}}))))),
    ("choices", |n| sse([json!({"choices": indexed(n)}).to_string()])),
    ("choices that finish", |n| {
        sse((0..n).flat_map(|at| {
            [json!({"choices": [{"index": at, "finish_reason": (["stop", ""][at % 2])}]}).to_string(), "[DONE]".into()]
        }))
    }),
    ("calls without index", |n| {
        sse((0..n).map(chat(
            |at| json!({"tool_calls": [{"id": at.to_string(), "function": {"name": "f", "arguments": "{}"}}]}),
        )))
    }),
    ("calls in one chunk", |n| {
        let calls: Vec<_> = (0..n).map(|at| json!({"function": {"name": format!("f{at}"), "arguments": ""}})).collect();
        sse([chat(move |_| json!({ "tool_calls": calls }))(0)])
    }),
    ("calls at one index", |n| {
        sse((0..n).map(chat(|_| json!({"tool_calls": [{"index": 0, "function": {"name": "f", "arguments": "{}}"}}]}))))
    }),
    ("arguments after the end", |n| {
        sse((0..n).map(chat(|at| {
            let name = if at == 0 { json!("f") } else { Value::Null };
            json!({"tool_calls": [{"index": 0, "function": {"name": name, "arguments": (["{}", "}", " "][at % 3])}}]})
        })))
    }),
    ("arguments of one long name", |n| {
        sse((0..n).map(move |at| {
            let name = if at == 0 { json!("f".repeat(n)) } else { Value::Null };
            chat(|_| json!({"tool_calls": [{"index": 0, "function": {"name": name, "arguments": "{\"a\":1}"}}]}))(at)
        }))
    }),
    ("messages", |n| sse((0..n).map(message(|at| json!({"content": (["a", "b"][at % 2])}))))),
    ("messages after a long delta", |n| {
        let long = chat(move |_| json!({"content": "x".repeat(n), "reasoning": "x".repeat(n), "y": vec![0; n]}))(0);
        sse([long].into_iter().chain((0..n).map(message(|_| json!({"content": "a", "reasoning": "b", "y": [1]})))))
    }),
    ("messages with calls", |n| {
        let long = chat(move |_| json!({"tool_calls": indexed(n)}))(0);
        sse([long].into_iter().chain((0..n).map(message(|_| json!({"tool_calls": [{"id": "a"}]})))))
    }),
    ("parts", |n| {
        sse((0..n).map(chat(|at| json!({"content": [{"type": (["text", "thinking"][at % 2]), "text": "a"}]}))))
    }),
    ("parts and text", |n| {
        sse((0..n).map(chat(|at| json!({"content": if at % 2 == 0 { json!([{"type": "x"}]) } else { json!("a") }}))))
    }),
    ("logprobs", |n| {
        sse((0..n).map(|at| json!({"choices": [{"index": 0, "logprobs": {"content": [{"index": at}]}}]}).to_string()))
    }),
];

fn object_of(n: usize) -> Value {
    Value::Object((0..n).map(|at| (format!("k{at}"), json!(1))).collect())
}

fn indexed(n: usize) -> Value {
    (0..n).map(|at| json!({ "index": at })).collect()
}

const RESPONSES: [(&str, Hostile); 13] = [
    ("items", |n| sse((0..n).map(|at| response("output_item.added", json!({"output_index": at, "item": {"id": at}}))))),
    ("items without index", |n| {
        sse((0..n).map(|at| response("output_item.added", json!({"item": {"id": at.to_string()}}))))
    }),
    ("items of one index", |n| {
        sse((0..n).map(|at| response("output_item.done", json!({"output_index": 0, "item": {"id": at.to_string()}}))))
    }),
    ("items after a long one", |n| {
        let long = response("output_item.done", json!({"output_index": 0, "item": {"id": "a", "content": vec![0; n]}}));
        let short = |_| response("output_item.done", json!({"output_index": 0, "item": {"id": "a"}}));
        sse([long].into_iter().chain((0..n).map(short)))
    }),
    ("parts", |n| {
        let parts = (0..n).map(|at| response("output_text.delta", json!({"content_index": at, "delta": "a"})));
        sse(parts.chain([response("completed", json!({"response": {"output": []}}))]))
    }),
    ("parts and ends of their item", |n| {
        sse((0..n).flat_map(|at| {
            let part = response("output_text.delta", json!({"output_index": 0, "content_index": at, "delta": "a"}));
            [part, response("output_item.done", json!({"output_index": 0, "item": {"content": []}}))]
        }))
    }),
    ("ends of texts", |n| {
        let long = response("output_text.delta", json!({"delta": "x".repeat(n)}));
        sse([long].into_iter().chain((0..n).map(|_| response("output_text.done", json!({"text": "x"})))))
    }),
    ("beginnings", |n| {
        let long = response("created", json!({"response": {"x": vec![0; n]}}));
        sse([long].into_iter().chain((0..n).map(|_| response("completed", json!({"response": 1})))))
    }),
    ("calls by id", |n| {
        let begin = |at| response("output_item.added", json!({"output_index": 0, "item": {"id": format!("i{at}")}}));
        let more = |at| response("function_call_arguments.delta", json!({"item_id": format!("i{at}"), "delta": "a"}));
        sse((0..n).map(begin).chain((0..n).map(more)))
    }),
    ("an end of other items", |n| {
        let begun = (0..n).map(|at| response("output_item.done", json!({"output_index": at, "item": {"type": "a"}})));
        let other: Vec<_> = (0..n).map(|at| json!({"type": (["b", "a"][at % 2]), "id": at.to_string()})).collect();
        sse(begun.chain([response("completed", json!({"response": {"output": other}}))]))
    }),
    ("an end of fewer items", |n| {
        let begun =
            (0..n).map(|at| response("output_item.done", json!({"output_index": at, "item": {"id": at.to_string()}})));
        let other: Vec<_> = (0..n / 2).map(|at| json!({"id": (2 * at).to_string()})).collect();
        sse(begun.chain([response("completed", json!({"response": {"output": other}}))]))
    }),
    ("an end with long lists", |n| {
        let item = json!({"content": [{"type": "output_text", "text": "a", "annotations": vec![0; n]}]});
        let begun = response("output_item.done", json!({"output_index": 0, "item": item}));
        sse([begun, response("completed", json!({"response": {"output": [{"content": []}]}}))])
    }),
    ("an end of keys", |n| {
        let begun = response("created", json!({"response": object_of(n)}));
        sse([begun, response("completed", json!({"response": {"id": "", "output": []}}))])
    }),
];

const MESSAGES: [(&str, Hostile); 7] = [
    ("blocks", |n| sse((0..n).map(|at| block("start", at, json!({"content_block": {"type": "text"}}))))),
    ("blocks of one index", |n| {
        sse((0..n).map(|_| block("start", 0, json!({"content_block": {"type": "tool_use", "id": "a"}}))))
    }),
    ("ends", |n| {
        let begin = block("start", 0, json!({"content_block": {"type": "text", "text": "x".repeat(n)}}));
        sse([begin].into_iter().chain((0..n).map(|_| block("stop", 0, json!({})))))
    }),
    ("ends and more", |n| {
        sse((0..n).flat_map(|_| {
            let more = block("delta", 0, json!({"delta": {"type": "text_delta", "text": "a"}}));
            [more, block("stop", 0, json!({}))]
        }))
    }),
    ("signatures", |n| {
        sse((0..n).map(|_| block("delta", 0, json!({"delta": {"type": "signature_delta", "signature": "a"}}))))
    }),
    ("beginnings", |n| {
        let long = json!({"type": "message_start", "message": object_of(n)}).to_string();
        sse([long].into_iter().chain((0..n).map(|_| "{\"type\":\"message_start\",\"message\":{}}".into())))
    }),
    ("conclusions", |n| {
        sse((0..n)
            .map(|at| json!({"type": "message_delta", "delta": { format!("k{at}"): 1 }, "usage": {}}).to_string()))
    }),
];

const GEMINI: [(&str, Hostile); 4] = [
    ("candidates", |n| sse([json!({"candidates": indexed(n)}).to_string()])),
    ("candidates and [DONE]", |n| {
        sse((0..n).flat_map(|at| [json!({"candidates": [{"index": at}]}).to_string(), "[DONE]".into()]))
    }),
    ("parts", |n| {
        sse((0..n).map(|at| {
            json!({"candidates": [{"content": {"parts": [{"text": "a", "thought": at % 2 == 0}]}}]}).to_string()
        }))
    }),
    ("usage", |n| sse((0..n).map(|at| json!({"usageMetadata": { format!("k{at}"): 1 }}).to_string()))),
];

const PICTURES: [(&str, Hostile); 2] = [
    ("pictures", |n| sse((0..n).map(|_| json!({"type": "image_generation.completed", "b64_json": "A"}).to_string()))),
    ("keys of pictures", |n| {
        sse((0..n).map(|at| json!({"type": "image_generation.completed", format!("k{at}"): 1}).to_string()))
    }),
];

const TRANSCRIPTS: [(&str, Hostile); 1] = [("segments", |n| {
    let segments = (0..n).map(|_| "{\"type\":\"transcript.text.segment\",\"text\":\"a\"}".into());
    sse(segments.chain(["{\"type\":\"transcript.text.done\"}".into()]))
})];

fn hostile() -> impl Iterator<Item = (Dialect, &'static str, Hostile)> {
    let own = [
        (Dialect::Chat, &CHAT[..]),
        (Dialect::Responses, &RESPONSES),
        (Dialect::Messages, &MESSAGES),
        (Dialect::Gemini, &GEMINI),
        (Dialect::ImageGeneration, &PICTURES),
        (Dialect::Transcripts, &TRANSCRIPTS),
    ];
    let any = DIALECTS.into_iter().map(|dialect| (dialect, &ANY[..]));
    own.into_iter().chain(any).flat_map(|(dialect, list)| list.iter().map(move |(name, make)| (dialect, *name, *make)))
}

type Work = fn(&[u8]);
type MakeForm = fn(usize) -> Form;

/// What does look through all for each is found.
#[test]
#[cfg_attr(not(counted), ignore = "nothing is counted: see `steps`")]
fn the_square_is_found() {
    let work: [(&str, Work); 4] = [
        ("nothing", |_| {}),
        ("each byte", |bytes| assert!(bytes.iter().all(|byte| *byte < 200))),
        ("each of each", |bytes| assert!(bytes.iter().all(|byte| !bytes.iter().any(|other| *byte > 1 + *other)))),
        ("moved for each", |bytes| {
            let mut all = Vec::with_capacity(bytes.len());
            bytes.iter().for_each(|byte| all.insert(0, *byte));
        }),
    ];
    let found = |work: Work| square(&[0; 500], &[0; 8000], 8, |bytes| Cost::of(|| work(bytes))).is_some();
    assert_eq!(work.map(|(_, work)| found(work)), [false, false, true, true]);
}

#[test]
fn streams_grow_with_the_length() {
    let mut bad = Vec::new();
    for (dialect, name, make) in hostile() {
        if let Some(why) = square(&make(150), &make(150 * 16), usize::MAX, |wire| stream(dialect, wire)) {
            bad.push(format!("{dialect:?}, {name}: {why}"));
        }
    }
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}

/// A body that is no stream, of many pieces, each of which could be an error, a task, a picture or a vector.
type Body = fn(usize) -> Value;

const BODIES: [(&str, Body); 24] = [
    ("keys", object_of),
    ("numbers", |n| json!(vec![0; n])),
    ("lists", |n| json!(vec![json!([]); n])),
    ("objects", |n| json!(vec![json!({}); n])),
    ("texts", |n| json!(vec!["a"; n])),
    ("a text", |n| json!("\n".repeat(n))),
    ("an error with many keys", |n| json!({ "error": object_of(n) })),
    ("an error with numbers", |n| json!({"error": {"message": "m", "x": vec![0; n]}})),
    ("an error with a long text", |n| json!({"error": {"message": "\n".repeat(n), "code": "c".repeat(n)}})),
    ("an error of many errors", |n| json!({"error": vec![json!({"message": "m"}); n]})),
    ("errors", |n| json!({"errors": vec![json!({"loc": ["body", 1], "msg": "m"}); n]})),
    ("details", |n| json!({"detail": vec![json!({"loc": ["body", 1], "msg": "m"}); n]})),
    ("a list of errors", |n| json!(vec![json!({"error": {"message": "m"}}); n])),
    ("an error after many keys", |n| {
        let mut fields = object_of(n);
        fields["error"] = json!({"message": "m"});
        fields
    }),
    ("an outcome", |n| json!({"code": 24, "description": "\n".repeat(n), "properties": object_of(n)})),
    ("a task", |n| json!({"id": "1", "status": "SUCCESS", "buttons": vec![json!({}); n], "x": vec![0; n]})),
    ("a refusal of many numbers", |n| json!({"code": 4, "result": vec![0; n], "x": vec![json!([]); n]})),
    ("vectors", |n| json!({"data": vec![json!({"embedding": "AACAPw==", "index": 0}); n]})),
    ("vectors of numbers", |n| json!({"data": vec![json!({"embedding": [1, 2], "index": 0}); n]})),
    ("a vector", |n| json!({"data": [{"embedding": vec![1; n], "index": 0}]})),
    ("vectors of nothing", |n| json!({"data": vec![json!({}); n]})),
    ("vectors with keys", |n| json!({"data": [object_of(n)], "usage": object_of(n)})),
    ("empty choices", |n| json!({"choices": vec![json!({}); n], "error": {"message": "m"}})),
    ("pictures", |n| json!({"data": vec![json!({"url": "u"}); n]})),
];

/// Each as it is, in a list, deep down, and broken off.
fn bodies(n: usize) -> impl Iterator<Item = (String, Vec<u8>)> {
    BODIES.into_iter().flat_map(move |(name, make)| {
        let json = make(n).to_string();
        let cut = json.len() - 1;
        [("", json.clone()), (", listed", format!("[{json}]")), (", within", format!("{{\"response\":{json}}}"))]
            .into_iter()
            .chain([(", cut", json[..cut].to_owned())])
            .map(move |(how, json)| (format!("{name}{how}"), json.into_bytes()))
            .collect::<Vec<_>>()
    })
}

/// What a body is asked for.
type Question = Box<dyn Fn(&Head, &Bytes)>;

/// All of them: as the reply of each kind of endpoint, as an error of a status, as the error within a stream.
fn questions() -> Vec<(String, Question)> {
    let mut kinds: Vec<(Answer, &'static Marks)> = Vec::new();
    for row in ENDPOINTS {
        if !kinds.iter().any(|(answer, marks)| *answer == row.answer && std::ptr::eq(*marks, row.marks)) {
            kinds.push((row.answer, row.marks));
        }
    }
    let check = |(answer, marks): (Answer, &'static Marks)| -> (String, Question) {
        let question = move |head: &Head, body: &Bytes| drop(reply::check(head, body, answer, marks, String::new));
        (format!("{answer:?} of {:?}", marks.answers), Box::new(question))
    };
    let mut all: Vec<(String, Question)> = kinds.into_iter().map(check).collect();
    all.push(("a status".into(), Box::new(|head, body| drop(reply::status_error(head, body)))));
    all.push(("a hidden error".into(), Box::new(|head, body| drop(reply::hidden_error(head, body)))));
    all.push(("bad JSON".into(), Box::new(|head, body| drop(reply::bad_json(head, body, "it breaks off")))));
    all.push(("vectors".into(), Box::new(|_, body| drop(embeddings::read(body)))));
    all.push((
        "a file".into(),
        Box::new(|head, body| {
            let _ = (reply::may_be_no_file(body), reply::is_no_file(head, body));
        }),
    ));
    for dialect in DIALECTS {
        let question = move |_: &Head, body: &Bytes| {
            let _ = reply::is_whole(body, dialect.marks());
            let mut stream = StreamState::new(dialect);
            for mut event in events_of_reply(dialect, body) {
                drop(stream.take(&mut event));
            }
            drop((stream.reply(), stream.partial(), stream.last()));
        };
        all.push((format!("a stream of {dialect:?}"), Box::new(question)));
    }
    all
}

/// Work grows with the length, and no more than eight times a body is held beside it; of the streams that are made of whole
/// replies, whose events are kept, `a_whole_reply_does_not_grow` tells.
#[test]
fn whole_replies_and_errors_grow_with_the_length() {
    let head = Head::new(StatusCode::OK, HeaderMap::new(), Secrets::default());
    let mut bad = Vec::new();
    let (few, many) = (bodies(100).collect::<Vec<_>>(), bodies(100 * 16).collect::<Vec<_>>());
    for (what, question) in questions() {
        let ask = |body: &[u8]| {
            let body = Bytes::copy_from_slice(body);
            Cost::of(|| question(&head, &body))
        };
        let most: usize = match what.as_str() {
            what if what.starts_with("a stream") => usize::MAX,
            _ => 8,
        };
        for ((name, few), (_, many)) in few.iter().zip(&many) {
            if let Some(why) = square(few, many, most, ask) {
                bad.push(format!("{name} as {what}: {why}"));
            }
        }
    }
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}

/// The events that a whole reply would have been are at most eight times as long.
#[test]
fn a_whole_reply_does_not_grow() {
    let many = |each: Value, n: usize| Value::from(vec![each; n]);
    let text = json!({"type": "output_text", "text": "x"});
    let long = "i".repeat(50_000);
    let replies = |n: usize| {
        [
            (
                Dialect::Responses,
                json!({"output": [{"type": "message", "id": long, "content": many(text.clone(), n)}]}),
            ),
            (Dialect::Responses, json!({"output": [{"type": "message", "content": many(text.clone(), n)}]})),
            (Dialect::Responses, json!({"id": long, "output": many(json!({}), n)})),
            (Dialect::Responses, json!({"output": many(json!(0), n)})),
            (Dialect::Responses, json!({"output": [{"type": "function_call", "arguments": "x".repeat(n)}]})),
            (
                Dialect::Responses,
                json!({"output": [{"type": "message", "content": [{"type": "output_text", "text": "x".repeat(n)}]}]}),
            ),
            (Dialect::Chat, json!({"id": long, "choices": many(json!({}), n)})),
            (Dialect::Chat, json!({"choices": many(json!({"message": {"content": "a"}}), n)})),
            (
                Dialect::Chat,
                json!({"choices": [{"message": {"content": "x".repeat(n), "tool_calls": many(json!({}), n)}}]}),
            ),
            (Dialect::Messages, json!({"id": long, "content": many(json!({}), n)})),
            (Dialect::Messages, json!({"content": many(json!({"type": "text", "text": "a"}), n)})),
            (Dialect::Messages, json!({"content": [{"type": "text", "citations": many(json!({}), n)}]})),
            (Dialect::Gemini, many(json!({}), n)),
            (Dialect::ImageGeneration, json!({"x": long, "data": many(json!({"b64_json": "A"}), n)})),
            (Dialect::ImageGeneration, json!({"data": many(json!({}), n)})),
            (Dialect::Transcripts, json!({"text": "x".repeat(n)})),
        ]
    };
    for n in [3000, 30_000] {
        for (dialect, reply) in replies(n) {
            let reply = reply.to_string();
            let events = events_of_reply(dialect, reply.as_bytes());
            let size: usize = events.iter().map(|event| event.data.len()).sum();
            let start = &reply[..60.min(reply.len())];
            assert!(size <= 8 * reply.len() + (1 << 17), "{dialect:?}: {} became {size}: {start}", reply.len());
            // And nothing is lost by that.
            let mut stream = StreamState::new(dialect);
            for mut event in events {
                drop(stream.take(&mut event));
            }
            if let (Some(whole), Dialect::Responses | Dialect::Messages) = (stream.reply(), dialect) {
                assert!(whole.len() + 1000 >= reply.len(), "{dialect:?}: {start}");
            }
        }
    }
}

/// Of each way to make a form: many fields or files, long ones, names that have to be written in another way.
#[test]
fn forms_grow_with_what_they_hold() {
    let kinds: [(&str, MakeForm); 8] = [
        ("fields", |n| form((0..n).map(|at| (format!("f{at}"), "a".into(), false)))),
        ("fields of one name", |n| form((0..n).map(|_| ("f[]".into(), String::new(), false)))),
        ("files", |n| form((0..n).map(|at| (format!("{at}.png"), "a".into(), true)))),
        ("a long field", |n| form([("f".into(), "\r\n--".repeat(n), false)])),
        ("a long file", |n| form([("f".into(), "\r\n--wenwen-".repeat(n), true)])),
        ("a long name", |n| form([("f".repeat(n), "a".into(), false)])),
        ("a name that breaks out", |n| form([("\"\r\n\\".repeat(n), "a".into(), false)])),
        ("a file's name that breaks out", |n| form([("\"\r\n\0é".repeat(n), "a".into(), true)])),
    ];
    for (name, make) in kinds {
        let (few, many) = (sent(&make(200)), sent(&make(200 * 16)));
        // Made, and sent twice.
        let cost = |wire: &[u8]| {
            let n = if wire.len() == few.len() { 200 } else { 200 * 16 };
            Cost::of(|| {
                let form = make(n);
                drop((sent(&form), sent(&form)));
            })
        };
        assert_eq!(square(&few, &many, 8, cost), None, "{name}");
    }
}

/// Name, value, and whether it is a file.
fn form(parts: impl IntoIterator<Item = (String, String, bool)>) -> Form {
    let mut form = Form::new().unwrap();
    for (name, value, is_file) in parts {
        if is_file {
            let kind = body::media_type(value.as_bytes(), Some(&name));
            form.file("file", &name, kind, PartBody::Bytes(value.into()));
        } else {
            form.text(&name, &value);
        }
    }
    form
}

/// As it goes over the wire.
fn sent(form: &Form) -> Vec<u8> {
    let mut body = pin!(form.body(None));
    let mut wire = Vec::new();
    while let Poll::Ready(Some(frame)) = body.as_mut().poll_frame(&mut Context::from_waker(Waker::noop())) {
        wire.extend_from_slice(&frame.unwrap().into_data().unwrap());
    }
    wire
}
