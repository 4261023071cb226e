//! Many calls as one job: every row through a model, as fast as the quota lets, on disk before anybody is told. Knows the
//! core alone; without Python.
//!
//! `limiter` says when the next request may be sent, `ledger` has what was paid for, `budget` what may still be, `fate`
//! what becomes of a row whose request failed, `sender` asks, and `runner` brings all of it together. `plan` says
//! beforehand what there is to do, `answer` what of a reply its text is.
//! `parts` sends what is several requests of one call behind the same limiter.
pub mod answer;
pub mod budget;
pub mod fate;
pub mod ledger;
pub mod limiter;
pub mod parts;
pub mod plan;
pub mod runner;
pub mod sender;
