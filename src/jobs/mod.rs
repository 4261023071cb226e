//! Many calls as one job: every row through a model, as fast as the quota lets, on disk before anybody is told. Knows the
//! core alone; without Python.
//!
//! `limiter` says when the next request may be sent.
pub mod limiter;
