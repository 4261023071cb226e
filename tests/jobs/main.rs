//! The engine of jobs, without Python.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test may fail")]
mod budget;
mod ledger;
mod limiter;
mod runner;
