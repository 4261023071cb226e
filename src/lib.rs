//! The Rust half of `wenwen`: `core` (the client), `gateway` (the embedded local gateway) and `py` (the Python module).
pub mod core;
pub mod gateway;
