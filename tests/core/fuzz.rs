//! A short run of the fuzz targets of `tests/fuzz`, on stable Rust: what the samples hold, and that changed at random,
//! the same each time. The long runs and their figures: `tests/fuzz/README.md`.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test may fail")]
#[path = "../fuzz/checks.rs"]
mod checks;

use std::fs;
use std::path::{Path, PathBuf};

use checks::{CHECKS, Random};

/// Of each check, beside its seeds.
const ROUNDS: usize = 3000;
/// What is worth putting in where chance would not find it.
const WORDS: [&str; 32] = [
    "\n",
    "\r\n",
    "\r",
    "\n\n",
    "data: ",
    "data:",
    "event: ",
    ":",
    "\u{feff}",
    "{",
    "}",
    "[",
    "]",
    "\"",
    "\\",
    "\\ud83d",
    "\\ude00",
    "NaN",
    "-Infinity",
    "null",
    "0",
    "-1",
    "1e999",
    "18446744073709551616",
    "[DONE]",
    "\0",
    "\x0c",
    "é",
    "{}",
    "[]",
    "sk-FUZZ0123456789",
    "%",
];

/// Pieces of which many would be the square: see `checks::cost`.
const COSTLY: [&str; 16] = [
    r##"{"k#":1}"##,
    r##"{"choices":[{"delta":{~"k#":1~}}]}"##,
    r##"{"choices":[{"index":#,"delta":{"content":"a"}}]}"##,
    r##"{"choices":[{"delta":{"tool_calls":[{"id":"#","function":{"name":"f","arguments":"{}"}}]}}]}"##,
    r##"{"choices":[{"message":{"annotations":[~{"index":#}~]}}]}"##,
    r##"{"type":"response.output_item.added","output_index":#,"item":{"id":"#"}}"##,
    r##"{"type":"response.output_text.delta","content_index":#,"delta":"a"}"##,
    r##"{"id":"r","output":[{"type":"message","content":[~{"type":"output_text","text":"x"}~]}]}"##,
    r##"{"type":"content_block_start","index":#,"content_block":{"type":"text"}}"##,
    r##"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a"}}"##,
    r##"{"candidates":[~{"index":#,"content":{"parts":[{"text":"a"}]}}~]}"##,
    r##"{"type":"image_generation.completed","k#":1}"##,
    r##"{"error":{"message":"m","x":[~#~]}}"##,
    r##"{"detail":[~{"loc":["body",#],"msg":"m"}~]}"##,
    r##"{"data":[~{"index":#,"embedding":"AACAPw=="}~]}"##,
    r##"{"code":4,"description":"~\n~"}"##,
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

fn samples() -> Vec<(PathBuf, Vec<u8>)> {
    let mut files: Vec<PathBuf> = fs::read_dir(root().join("samples"))
        .unwrap()
        .filter_map(|folder| fs::read_dir(folder.unwrap().path()).ok())
        .flat_map(|files| files.map(|file| file.unwrap().path()))
        .collect();
    files.sort();
    assert!(files.len() > 100, "{} samples", files.len());
    files.into_iter().map(|file| (file.clone(), fs::read(file).unwrap())).collect()
}

/// What the samples and the conformance vectors have for a check.
fn seeds(name: &str) -> Vec<Vec<u8>> {
    let samples = samples();
    let of = |wanted: fn(&Path) -> bool| samples.iter().filter(move |(path, _)| wanted(path)).map(|(_, bytes)| bytes);
    let streams = || of(|path| path.extension().is_some_and(|kind| kind == "sse"));
    let whole = || of(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("response")));
    let after = |first: &[u8], bytes: &[u8]| [first, bytes].concat();
    match name {
        "sse" => {
            let vectors = fs::read(root().join("conformance/sse_vectors.json")).unwrap();
            let vectors: serde_json::Value = serde_json::from_slice(&vectors).unwrap();
            let vectors = vectors["vectors"]
                .as_array()
                .unwrap()
                .iter()
                .map(|vector| base64_simd::STANDARD.decode_to_vec(vector["bytes_b64"].as_str().unwrap()).unwrap());
            streams().cloned().chain(vectors).enumerate().map(|(n, bytes)| after(&[n as u8], &bytes)).collect()
        }
        "stream" => streams()
            .chain(whole())
            .flat_map(|bytes| (0..10).map(move |dialect| after(&[dialect], bytes)))
            .filter(|seed| seed.len() < 20_000)
            .collect(),
        "errors" => {
            let json = of(|path| path.parent().is_some_and(|folder| folder.ends_with("_errors")));
            let errors = json.map(|bytes| {
                let error: serde_json::Value = serde_json::from_slice(bytes).unwrap();
                let mut seed = format!("{}\n", error["status"]);
                for (name, value) in error["headers"].as_object().unwrap() {
                    seed += &format!("{name}: {}\n", value.as_str().unwrap());
                }
                (seed + "\n" + error["body"].as_str().unwrap()).into_bytes()
            });
            let head = b"200\ncontent-type: application/json\nx-oneapi-request-id: 1\n\n";
            errors.chain(whole().map(|bytes| after(head, bytes))).collect()
        }
        "retry_after" => [
            "retry-after: 1.5",
            "retry-after: Sun, 06 Nov 1994 08:49:40 GMT",
            "retry-after-ms: 250",
            "retry-after: 1e300\nretry-after-ms: NaN",
            "x-should-retry: true",
            "retry-after: -0",
        ]
        .map(|text| after(&784_111_777_u64.to_le_bytes(), text.as_bytes()))
        .into(),
        "partial_json" => of(|path| path.extension().is_some_and(|kind| kind == "json"))
            .zip((0..=255).cycle())
            .map(|(bytes, cut)| after(&[cut], bytes))
            .collect(),
        "vectors" => {
            of(|path| path.parent().is_some_and(|folder| folder.ends_with("6.1-embeddings"))).cloned().collect()
        }
        "multipart" => {
            [&b"\x04file\x03abc\x05a.png\x08\x89PNG\r\n\x1a\n"[..], b"\x06\"\r\n%\\\0\x02--", b"\0\0\x01\xff\x02\r\n"]
                .map(Vec::from)
                .into()
        }
        "cost" => {
            COSTLY.iter().flat_map(|piece| (0..10).map(move |dialect| after(&[dialect], piece.as_bytes()))).collect()
        }
        _ => panic!("no seeds for {name}"),
    }
}

fn mutate(random: &mut Random, seeds: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = seeds[random.below(seeds.len())].clone();
    for _ in 0..=random.below(6) {
        let at = random.below(bytes.len() + 1);
        let end = (at + 1 + random.below(40)).min(bytes.len());
        match random.below(8) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..end)),
            2 => {
                let copied = bytes[at..end].to_vec();
                let to = random.below(bytes.len() + 1);
                drop(bytes.splice(to..to, copied));
            }
            3 => {
                let other = &seeds[random.below(seeds.len())];
                let from = random.below(other.len());
                drop(bytes.splice(at..end, other[from..].iter().copied().take(200)));
            }
            4 | 5 => drop(bytes.splice(at..at, WORDS[random.below(WORDS.len())].bytes())),
            _ => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << random.below(8);
                }
            }
        }
    }
    bytes
}

fn run(name: &str) {
    let check = CHECKS.iter().find(|(known, _)| *known == name).unwrap().1;
    let seeds = seeds(name);
    let mut random = Random(5);
    let rounds = if name == "cost" { 300 } else { ROUNDS }; // a megabyte each
    let changed = (0..rounds).map(|_| mutate(&mut random, &seeds));
    for input in seeds.iter().cloned().chain(changed).chain([Vec::new()]) {
        let shown = String::from_utf8_lossy(&input).into_owned();
        let failed = std::panic::catch_unwind(|| check(&input)).is_err();
        assert!(!failed, "{name} fails with {shown:?}");
    }
}

#[test]
fn event_streams() {
    run("sse");
}

#[test]
fn what_streams_add_up_to() {
    run("stream");
}

#[test]
fn errors() {
    run("errors");
}

#[test]
fn retry_after() {
    run("retry_after");
}

#[test]
fn partial_json() {
    run("partial_json");
}

#[test]
fn vectors() {
    run("vectors");
}

#[test]
fn cost() {
    run("cost");
}

#[test]
fn multipart() {
    run("multipart");
}

/// `tests/fuzz/run` calls it: the seeds as files, for the fuzzer.
#[test]
#[ignore = "writes into tests/fuzz/corpus"]
fn write_seeds() {
    for (name, _) in CHECKS {
        let folder = root().join("fuzz/corpus").join(name);
        fs::create_dir_all(&folder).unwrap();
        for (number, seed) in seeds(name).iter().enumerate() {
            fs::write(folder.join(format!("seed-{number}")), seed).unwrap();
        }
    }
}
