//! The walls of the house: which room may name which. Read from the sources as they stand, comments left out.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test may fail")]
use std::fs;
use std::path::{Path, PathBuf};

/// Where, and what is not named there: a crate, a room, or a module of Python's that speaks to the network.
const WALLS: &[(&str, &[&str])] = &[
    ("src/core", &["pyo3", "pyo3_async_runtimes", "crate::py", "super::py", "crate::gateway", "super::gateway"]),
    (
        "src/gateway",
        &["pyo3", "pyo3_async_runtimes", "crate::py", "super::py", "crate::core", "super::core", "reqwest"],
    ),
    ("src/jobs", &["pyo3", "pyo3_async_runtimes", "crate::py", "super::py", "crate::gateway", "super::gateway"]),
    // All that is sent goes through the core.
    (
        "python",
        &[
            "import socket",
            "import ssl",
            "import http",
            "import urllib.request",
            "import select",
            "import selectors",
            "import requests",
            "import httpx",
            "import aiohttp",
            "from socket",
            "from ssl",
            "from http",
            "from urllib.request",
            "from urllib import",
            "from select",
            "open_connection",
            "create_connection",
            "sock_connect",
        ],
    ),
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs" || ending == "py") {
            found.push(path);
        }
    }
}

/// The code of a line: what stands before a comment. One within a string hides what follows it, which is rare here.
fn code(line: &str) -> &str {
    let end = ["//", "# "].iter().filter_map(|mark| line.find(mark)).min();
    line[..end.unwrap_or(line.len())].trim_start()
}

/// Whether it stands there as a whole: neither `pyo3` in `pyo3ish`, nor `import http` in `import httpcore_like`.
fn names(code: &str, what: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(what).any(|(at, _)| !code[..at].ends_with(part) && !code[at + what.len()..].starts_with(part))
}

#[test]
fn no_room_names_what_is_beyond_its_walls() {
    let mut through = Vec::new();
    for (room, beyond) in WALLS {
        let mut found = Vec::new();
        files(&root().join(room), &mut found);
        assert!(found.len() > 10, "{room}");
        for path in found {
            let text = fs::read_to_string(&path).unwrap();
            for (number, line) in text.lines().enumerate() {
                let code = code(line);
                for what in beyond.iter().filter(|what| names(code, what)) {
                    through.push(format!("{}:{}: {what}: {code}", path.display(), number + 1));
                }
            }
        }
    }
    assert!(through.is_empty(), "{through:#?}");
}

#[test]
fn what_a_wall_would_miss() {
    assert!(
        names("use pyo3::prelude::*;", "pyo3") && names("(pyo3)", "pyo3") && names("import http.client", "import http")
    );
    assert!(!names("use pyo3ish::x;", "pyo3") && !names("import httpish", "import http"));
    assert_eq!(code("    let a = 1; // pyo3 is not here"), "let a = 1; ");
    assert_eq!(code("import os  # import socket"), "import os  ");
}
