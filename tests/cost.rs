//! What a hostile server's megabyte costs: work and memory grow with its length, in every dialect, however it is made.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test may fail")]

use bytes::Bytes;
use serde_json::{Value, json};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::time::Duration;
use wenwen::core::sse::Decoder;
use wenwen::core::stream::{Dialect, Stream, events_of_reply};

/// Counts what is allocated by a thread.
struct Counting;

thread_local! {
    static BYTES: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: all is left to the system.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let _ = BYTES.try_with(|bytes| bytes.set(bytes.get() + layout.size()));
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let _ = BYTES.try_with(|bytes| bytes.set(bytes.get() + size));
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

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

/// Time of this thread on a processor, which a busy machine does not lengthen.
fn cpu() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: it is ours to write.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time) };
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// All that a stream is asked for, and what its work was: time, and bytes allocated.
fn cost(dialect: Dialect, wire: &[u8]) -> (Duration, usize) {
    let (start, before) = (cpu(), BYTES.get());
    let mut events = Vec::new();
    let mut decoder = Decoder::new(usize::MAX).tolerant();
    for chunk in wire.chunks(1 << 14) {
        decoder.push(Bytes::copy_from_slice(chunk), &mut events).unwrap();
    }
    decoder.finish(&mut events);
    let mut stream = Stream::new(dialect);
    for mut event in events {
        drop(stream.take(&mut event));
        let _ = stream.begun();
    }
    drop((stream.complete(), stream.reply(), stream.partial(), stream.last()));
    (cpu() - start, BYTES.get() - before)
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

/// Of 16 times as much, at most 40 times the work: the square would be 256.
#[test]
fn work_grows_with_the_length() {
    let mut bad = Vec::new();
    for (dialect, name, make) in hostile() {
        let (few, many) = (make(150), make(150 * 16));
        let ratio = many.len() as f64 / few.len() as f64;
        let least =
            (0..3).map(|_| cost(dialect, &few)).fold((Duration::MAX, usize::MAX), |a, b| (a.0.min(b.0), a.1.min(b.1)));
        let cost = cost(dialect, &many);
        let floor = Duration::from_micros(200);
        let time = cost.0.as_secs_f64() / least.0.max(floor).as_secs_f64();
        let bytes = cost.1 as f64 / (least.1.max(1 << 14)) as f64;
        if time > 2.5 * ratio || bytes > 2.0 * ratio {
            bad.push(format!("{dialect:?}, {name}: {ratio:.0} times the length, {time:.0} times the time, {bytes:.0} times the memory"));
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
            let mut stream = Stream::new(dialect);
            for mut event in events {
                drop(stream.take(&mut event));
            }
            if let (Some(whole), Dialect::Responses | Dialect::Messages) = (stream.reply(), dialect) {
                assert!(whole.len() + 1000 >= reply.len(), "{dialect:?}: {start}");
            }
        }
    }
}
