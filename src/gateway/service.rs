//! What the connections and the owner of the gateway share.
use std::sync::atomic::{AtomicU64, AtomicUsize};

use super::handler::HeldRequests;
use super::journal::Journal;
use super::quota::Quotas;
use super::script::Script;
use super::setup::Setup;
use super::tasks::Tasks;

pub(crate) struct Service {
    pub config: Setup,
    pub journal: Journal,
    pub script: Script,
    pub calls: HeldRequests,
    pub tasks: Tasks,
    pub quotas: Quotas,
    pub accepted: AtomicU64,
    pub open: AtomicUsize,
}
