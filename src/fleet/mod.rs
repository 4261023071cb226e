//! One job of many processes: one ledger, one limiter and one budget, which a governor has and workers take their share
//! of. Knows the jobs and the core; without Python.
//!
//! `wire` is what they say to each other, `governor` the service, `worker` its other end: a `Share` for a job's runner.
//!
//! **A row** is known by its key and by what it asks, for over a fleet there are no places: its place in the store is
//! given by the governor. It is one worker's until it has ended or that worker is lost; whoever asks for it meanwhile
//! waits for it. So a task that an engine repeats, speculates about or computes again pays nothing twice.
//!
//! **A lease** is rows that may be sent: permits of the one limiter and money of the one budget, with the intents of these
//! rows on disk. What a worker wants it says in batches, and gets in its turn what the fleet lets through in about 250 ms.
//! So limits are kept to the request and the budget to the cent, whoever is lost; and a throttle that one worker is told
//! slows all of them at once.
//!
//! **Lost.** A worker without its governor finishes what it holds and sends nothing new (`src/README.md` says why). When
//! its connection is back it says all that it has again (`Link::replay`): to the governor that knew it, or to a new one on
//! the same store. One that is not back within `governor::GRACE` is lost: what it had in flight is listed as unknown,
//! counts as spent until it is known, and is asked again.
pub mod governor;
mod tls;
pub mod wire;
pub mod worker;

/// What both ends wait for: whoever says nothing for so long is gone.
const SILENCE: std::time::Duration = std::time::Duration::from_secs(10);
/// How often something is said.
const PING: std::time::Duration = std::time::Duration::from_secs(2);
