//! A job of many processes, without Python: what is said, the governor, workers that are lost.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test may fail")]
mod governor;
mod races;
mod simulation;
mod wire;
