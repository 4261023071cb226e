//! A job as Python has it: rows go in and come out in batches. Whoever waits is a thread of the user's, which looks up for
//! Ctrl-C, or an event loop by its mailbox; no thread of the job's attaches.
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

use super::call::Endpoint;
use super::caller::Caller;
use super::job_rows::{EndedRow, JobTemplate};
use super::key::AskHere;
use super::log::Lines;
use super::mailbox::Mailbox;
use super::runtime::{self, TICK};
use super::{errors, exit, lock, process};
use crate::core::error::Error;
use crate::core::request::{AskKey, BoxFuture, Observe};
use crate::core::secret::Secret;
use crate::core::wait::Source;
use crate::fleet::wire::OpenJob;
use crate::fleet::worker::{GovernorPlace, Shelf};
use crate::jobs::budget::Price;
use crate::jobs::ledger::{Durability, Ledger, LedgerFailure, LedgerOptions, LedgerReader};
use crate::jobs::limiter::KnownLimits;
use crate::jobs::plan::{RowNames, RowPlan};
use crate::jobs::runner::{AnswerVerdict, Cause, JobRow, JobSettings, Nudge, OnQuota, OnUnknown, Runner};

/// The most rows that go in at once, and the most that they hold in memory.
const BATCH: usize = 256;
const BATCH_HELD: usize = 8 << 20;

/// A job that runs.
#[pyclass(frozen, weakref, module = "wenwen._core")]
pub struct JobEngine {
    runner: Mutex<Option<Arc<Runner>>>,
    /// Where its rows are, of a fleet.
    shelf: Option<Shelf>,
    template: Py<JobTemplate>,
    batch: Mutex<Batch>,
    /// A thread of the user's that gives keys, where a function has them.
    key: Mutex<Option<Py<PyAny>>>,
    asked: Option<Arc<AskJob>>,
    lines: Option<Arc<Lines>>,
    process: u32,
}

#[derive(Default)]
struct Batch {
    rows: Vec<JobRow>,
    held: usize,
    seq: u64,
    names: RowNames,
}

/// Keys are asked for where somebody waits for the job.
#[derive(Default)]
struct AskJob {
    here: AskHere,
    nudge: OnceLock<Nudge>,
}

impl AskKey for AskJob {
    fn ask(&self) -> BoxFuture<Result<Secret, Error>> {
        let answer = self.here.ask();
        if let Some(nudge) = self.nudge.get() {
            nudge.nudge();
        }
        answer
    }
}

/// The user's thread that waits now and then.
#[derive(Default)]
struct Feeder {
    key: Option<Py<PyAny>>,
    asked: Option<Arc<AskJob>>,
    lines: Option<Arc<Lines>>,
}

impl Caller for Feeder {
    fn ask(&mut self, function: Py<PyAny>) -> Arc<dyn AskKey> {
        self.key = Some(function);
        self.asked.get_or_insert_default().clone()
    }

    fn observer(&mut self) -> Arc<dyn Observe> {
        self.lines.get_or_insert_default().clone()
    }
}

/// Where a job is written down: a file, or a governor's host, port, token and certificate.
#[derive(FromPyObject)]
enum StorePlace {
    Governor(String, u16, String, Option<String>),
    File(PathBuf),
}

type Own<'py> = (Bound<'py, Endpoint>, Vec<String>);
/// Why a job ended: a word, the exception where there is one, what was spent and what might have been.
type WhyOver<'py> = (&'static str, Option<Bound<'py, PyAny>>, f64, f64);

#[pymethods]
impl JobEngine {
    /// Begins a job. mailbox: of the event loop that waits for it. prices: dollars for a million tokens of input, of
    /// output, of input that a cache had and that was written to it, and for each call.
    #[new]
    #[pyo3(signature = (template, store, meta, mailbox=None, *, max_concurrency=None, rpm=None, tpm=None, budget=None,
                        prices=None, max_elapsed=None, durable=false, wait_for_money=false, fail_unknown=false,
                        retry_errors=false, judged=false, dedup=true))]
    #[expect(clippy::too_many_arguments, reason = "the options of a job")]
    #[expect(clippy::fn_params_excessive_bools, reason = "the options of a job")]
    fn new(
        py: Python<'_>,
        template: &Bound<'_, JobTemplate>,
        store: StorePlace,
        meta: Vec<(String, String, bool)>,
        mailbox: Option<&Bound<'_, Mailbox>>,
        max_concurrency: Option<u32>,
        rpm: Option<f64>,
        tpm: Option<f64>,
        budget: Option<f64>,
        prices: Option<(f64, f64, f64, f64, f64)>,
        max_elapsed: Option<f64>,
        durable: bool,
        wait_for_money: bool,
        fail_unknown: bool,
        retry_errors: bool,
        judged: bool,
        dedup: bool,
    ) -> PyResult<Self> {
        let _inside = exit::enter(py);
        let core = runtime::core()?;
        let mut feeder = Feeder::default();
        let hooks = match mailbox {
            Some(mailbox) => (&mut mailbox.get().post()).hooks(py, template.get().settings())?,
            None => feeder.hooks(py, template.get().settings())?,
        };
        let sender = template.get().sender(py, &core.transport, hooks)?;
        let price = |(input, output, cached, written, call)| Price { input, output, cached, written, call };
        let settings = JobSettings {
            limits: KnownLimits { max_concurrency, rpm, tpm },
            budget,
            price: prices.map(price),
            on_quota: if wait_for_money { OnQuota::Wait } else { OnQuota::Stop },
            on_unknown: if fail_unknown { OnUnknown::Fail } else { OnUnknown::Retry },
            retry_errors,
            judged,
            dedup,
            max_elapsed: max_elapsed.map(|seconds| Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)),
            ..JobSettings::default()
        };
        let durability = if durable { Durability::Power } else { Durability::Process };
        let options = LedgerOptions { durability, ..LedgerOptions::default() };
        let runtime = core.runtime.handle().clone();
        let started = exit::detach(py, || match store {
            StorePlace::File(path) => {
                let open = |notify| {
                    let ledger = Ledger::open(&path, options, notify)?;
                    named(&ledger, &meta)?;
                    Ok(ledger)
                };
                Runner::start(settings, open, Arc::new(sender), runtime).map(|runner| (runner, None))
            }
            StorePlace::Governor(host, port, token, certificate) => {
                let place = GovernorPlace { host, port, token, certificate };
                let link = core.link(&place).map_err(|why| LedgerFailure::Governor(why.to_string()))?;
                let meta = meta.into_iter().map(|(name, value, must)| (name, (value, must))).collect();
                let what = OpenJob { meta, stops: !wait_for_money, fails_unknown: fail_unknown, dedup };
                let mut shelf = None;
                let open = |tell| {
                    let share = link.open(what, tell)?;
                    shelf = Some(share.shelf());
                    Ok(share)
                };
                Runner::share(settings, open, Arc::new(sender), runtime).map(|runner| (runner, shelf))
            }
        });
        let (runner, shelf) = started.map_err(|failure| store_error(py, &failure))?;
        if let Some(asked) = &feeder.asked {
            let _ = asked.nudge.set(runner.nudge());
        }
        Ok(Self {
            runner: Mutex::new(Some(Arc::new(runner))),
            shelf,
            template: template.clone().unbind(),
            batch: Mutex::default(),
            key: Mutex::new(feeder.key),
            asked: feeder.asked,
            lines: feeder.lines,
            process: process::current(),
        })
    }

    /// Writes a row for the next batch; whether that has room for more. own: an endpoint and ids of its own, and then
    /// `params` are all of its parameters.
    #[pyo3(signature = (key, params, input, own=None))]
    fn put<'py>(
        &self,
        key: Option<String>,
        params: &Bound<'py, PyDict>,
        input: &Bound<'py, PyAny>,
        own: Option<Own<'py>>,
    ) -> PyResult<bool> {
        let _inside = exit::enter(params.py());
        let seq = lock(&self.batch).seq;
        let row = self.template.get().row(seq, key, params, input, own)?;
        take_name(&mut lock(&self.batch).names, &row)?;
        Ok(self.add(row))
    }

    /// A row that cannot be asked; why, as JSON.
    fn refuse(&self, key: Option<String>, why: String, input: &Bound<'_, PyAny>) -> PyResult<bool> {
        let _inside = exit::enter(input.py());
        let seq = lock(&self.batch).seq;
        let mut row = self.template.get().refused(seq, key, why, input)?;
        // A name that is another's is found again as that.
        row.key = row.key.take().filter(|key| lock(&self.batch).names.take(key, &row.hash, seq).is_ok());
        Ok(self.add(row))
    }

    /// The number of the next row.
    #[getter]
    fn seq(&self) -> u64 {
        lock(&self.batch).seq
    }

    /// Hands the batch to the job. Whether more rows are wanted now; `hungry`: a wait ends when they are.
    fn flush(&self, hungry: bool) -> PyResult<bool> {
        let runner = self.runner()?;
        let rows = {
            let mut batch = lock(&self.batch);
            batch.held = 0;
            std::mem::take(&mut batch.rows)
        };
        if !rows.is_empty() {
            runner.feed(rows);
        }
        Ok(runner.room(hungry) > 0)
    }

    /// There are no more rows.
    fn finish(&self) -> PyResult<()> {
        self.flush(false)?;
        self.runner()?.close();
        Ok(())
    }

    /// Puts rows that have ended, at most `most`, into the list. Waits for 50 ms at most; looks up for signals.
    fn take(&self, py: Python<'_>, into: &Bound<'_, PyList>, most: usize, wait: bool) -> PyResult<()> {
        let _inside = exit::enter(py);
        let runner = self.runner()?;
        let ended = match wait {
            true => exit::detach(py, || runner.take(most, TICK)),
            false => runner.take(most, Duration::ZERO),
        };
        for ended in ended {
            into.append(EndedRow::from(ended))?;
        }
        if let Some(asked) = &self.asked {
            let mut key = lock(&self.key).as_ref().map(|key| key.clone_ref(py));
            asked.here.answer(py, &mut key);
        }
        self.lines.as_ref().map_or(Ok(()), |lines| lines.write(py))?;
        py.check_signals()
    }

    /// The answer fits.
    fn fits(&self, ended: &Bound<'_, EndedRow>) -> PyResult<()> {
        self.runner()?.judge(AnswerVerdict::Fits(Box::new(ended.get().record.clone())));
        Ok(())
    }

    /// The answer does not fit; why, as JSON.
    fn unfit(&self, ended: &Bound<'_, EndedRow>, why: String) -> PyResult<()> {
        self.runner()?.judge(AnswerVerdict::Unfit(Box::new(ended.get().record.clone()), why));
        Ok(())
    }

    /// The answer does not fit, and is asked for again. `own` as of `put`.
    fn again<'py>(&self, ended: &Bound<'py, EndedRow>, params: &Bound<'py, PyDict>, own: Own<'py>) -> PyResult<()> {
        let py = params.py();
        let _inside = exit::enter(py);
        let (record, cached) = (&ended.get().record, ended.get().cached);
        let row = self.template.get().row(record.seq, record.key.clone(), params, py.None().bind(py), Some(own))?;
        // It is the same row, whatever it asks now.
        let row = JobRow { hash: record.hash, input: record.input.clone(), ..row };
        self.runner()?.judge(AnswerVerdict::Again(Box::new(record.clone()), Box::new(row), cached));
        Ok(())
    }

    /// At most so many rows of a fleet's job from that place on, in the order of the data. None: nothing is left.
    fn read(&self, py: Python<'_>, start: u64, most: usize) -> PyResult<Vec<EndedRow>> {
        let Some(shelf) = &self.shelf else { return Ok(Vec::new()) };
        if self.process != process::current() {
            return Err(PyRuntimeError::new_err("this job belongs to the parent process: start it after fork"));
        }
        let rows = exit::detach(py, || shelf.read(start, most)).map_err(|failure| store_error(py, &failure))?;
        Ok(rows.into_iter().map(EndedRow::of).collect())
    }

    /// (fed, done, failed, cached, running, input tokens, output tokens, dollars, refused, billed, held)
    #[expect(clippy::type_complexity, reason = "the door")]
    fn progress(&self) -> PyResult<(u64, u64, u64, u64, u32, u64, u64, f64, u64, u64, Option<&'static str>)> {
        let now = self.runner()?.progress();
        let (read, written) = (now.input_tokens as u64, now.output_tokens as u64);
        let held = now.held.map(crate::jobs::runner::Hold::name);
        let counts = (now.fed, now.done, now.failed, now.cached, now.running);
        let (fed, done, failed, cached, running) = counts;
        Ok((fed, done, failed, cached, running, read, written, now.spent, now.refused, now.billed, held))
    }

    /// Whether nothing comes any more but what is to be taken already.
    #[getter]
    fn over(&self) -> PyResult<bool> {
        Ok(self.runner()?.is_over())
    }

    /// Why it ended before its rows did. Said once.
    fn cause<'py>(&self, py: Python<'py>) -> PyResult<Option<WhyOver<'py>>> {
        let _inside = exit::enter(py);
        let value = |error: PyErr| Some(error.into_value(py).into_bound(py).into_any());
        Ok(self.runner()?.cause().map(|cause| match cause {
            Cause::Stopped => ("stopped", None, 0.0, 0.0),
            Cause::Elapsed => ("elapsed", None, 0.0, 0.0),
            Cause::Budget { spent, limit } => ("budget", None, spent, limit),
            Cause::Refused(error) => ("refused", value(errors::to_py(py, *error, None, None)), 0.0, 0.0),
            Cause::Ledger(failure) => ("store", value(store_error(py, &failure)), 0.0, 0.0),
        }))
    }

    /// Has whoever waits look up.
    fn nudge(&self) -> PyResult<()> {
        self.runner()?.nudge().nudge();
        Ok(())
    }

    /// Why it waits for money, once each time.
    fn paused<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let _inside = exit::enter(py);
        let why = self.runner()?.paused();
        Ok(why.map(|why| errors::to_py(py, why, None, None).into_value(py).into_bound(py).into_any()))
    }

    /// Sends nothing new; `now`: and waits for nothing.
    fn stop(&self, now: bool) -> PyResult<()> {
        self.runner()?.stop(now);
        Ok(())
    }

    /// There is money again.
    fn resume(&self) -> PyResult<()> {
        self.runner()?.resume();
        Ok(())
    }

    /// Ends it now, and closes its store.
    fn close(&self, py: Python<'_>) {
        let _inside = exit::enter(py);
        let runner = lock(&self.runner).take();
        if let Some(runner) = runner {
            match self.process == process::current() {
                true => exit::detach(py, || drop(runner)),
                false => std::mem::forget(runner),
            }
        }
    }
}

impl JobEngine {
    fn runner(&self) -> PyResult<Arc<Runner>> {
        if self.process != process::current() {
            return Err(PyRuntimeError::new_err("this job belongs to the parent process: start it after fork"));
        }
        lock(&self.runner).clone().ok_or_else(|| PyRuntimeError::new_err("this job was closed"))
    }

    /// What a mailbox waits for.
    pub fn source(&self) -> PyResult<Arc<dyn Source>> {
        Ok(self.runner()?)
    }

    fn add(&self, row: JobRow) -> bool {
        let mut batch = lock(&self.batch);
        batch.seq += 1;
        batch.held += row.held();
        batch.rows.push(row);
        batch.rows.len() < BATCH && batch.held < BATCH_HELD
    }
}

impl Drop for JobEngine {
    fn drop(&mut self) {
        let runner = lock(&self.runner).take();
        if self.process != process::current() {
            std::mem::forget(runner); // its threads are the parent's
        }
    }
}

/// A key that names two rows which ask different things names none: by it the reply of one would be the other's.
fn take_name(names: &mut RowNames, row: &JobRow) -> PyResult<()> {
    let Some(key) = &row.key else { return Ok(()) };
    names.take(key, &row.hash, row.seq).map_err(|other| {
        let what = "which asks something else: keys must differ, or leave key= out";
        PyValueError::new_err(format!("the key {key:?} is that of row {other} already, {what}"))
    })
}

/// Writes down what a job is, or refuses a ledger of another one. With true are those that must be the same.
fn named(ledger: &Ledger, meta: &[(String, String, bool)]) -> Result<(), LedgerFailure> {
    for (name, value, must) in meta {
        let known = ledger.meta(name)?;
        if let Some(found) = known.as_ref().filter(|known| *must && *known != value) {
            return Err(LedgerFailure::Other { found: format!("its {name} is {found}, and here it is {value}") });
        }
        if known.as_ref() != Some(value) {
            ledger.set_meta(name, value)?;
        }
    }
    Ok(())
}

pub fn store_error(py: Python<'_>, failure: &LedgerFailure) -> PyErr {
    errors::ours(py, "StoreError", &failure.to_string())
}

/// A store as it is, whoever writes it.
#[pyclass(frozen, module = "wenwen._core")]
pub struct JobFile(LedgerReader);

#[pymethods]
impl JobFile {
    #[new]
    fn new(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        exit::detach(py, || LedgerReader::open(&path)).map(Self).map_err(|failure| store_error(py, &failure))
    }

    /// At most so many rows from that place on, in the order of the data.
    fn read(&self, py: Python<'_>, start: u64, most: usize) -> PyResult<Vec<EndedRow>> {
        let rows = exit::detach(py, || self.0.read(start, most)).map_err(|failure| store_error(py, &failure))?;
        Ok(rows.into_iter().map(EndedRow::of).collect())
    }

    /// (done, failed, input tokens, output tokens, dollars, in flight, unknown, the dollars that those may have cost)
    #[expect(clippy::type_complexity, reason = "the door")]
    fn sums(&self, py: Python<'_>) -> PyResult<(u64, u64, u64, u64, f64, u64, u64, f64)> {
        let sums = exit::detach(py, || self.0.sums()).map_err(|failure| store_error(py, &failure))?;
        let (read, written) = (sums.input_tokens, sums.output_tokens);
        Ok((sums.done, sums.failed, read, written, sums.cost, sums.inflight, sums.unknown, sums.unknown_cost))
    }

    /// Requests of which nobody knows whether they were billed: (row, attempt, the dollars that they may have cost).
    fn unknown(&self, py: Python<'_>) -> PyResult<Vec<(u64, u32, Option<f64>)>> {
        let unknown = exit::detach(py, || self.0.unknown()).map_err(|failure| store_error(py, &failure))?;
        Ok(unknown.into_iter().map(|one| (one.seq, one.attempt, one.cost)).collect())
    }

    fn meta(&self, py: Python<'_>, name: &str) -> PyResult<Option<String>> {
        self.0.meta(name).map_err(|failure| store_error(py, &failure))
    }

    /// Has the rows of the store that failed asked by the next job; how many there are.
    #[staticmethod]
    fn retry_errors(py: Python<'_>, path: PathBuf) -> PyResult<usize> {
        let retried = exit::detach(py, || {
            let ledger = Ledger::open(&path, LedgerOptions::default(), Box::new(|_| ()))?;
            ledger.retry_errors()
        });
        retried.map_err(|failure| store_error(py, &failure))
    }
}

/// What a job would do, without doing it.
#[pyclass(frozen, module = "wenwen._core")]
pub struct JobPlan {
    template: Py<JobTemplate>,
    plan: Mutex<(RowPlan, RowNames)>,
}

#[pymethods]
impl JobPlan {
    /// store: of an earlier run; None where there is none.
    #[new]
    fn new(py: Python<'_>, template: &Bound<'_, JobTemplate>, store: Option<PathBuf>) -> PyResult<Self> {
        let plan = exit::detach(py, || RowPlan::new(store.as_deref())).map_err(|failure| store_error(py, &failure))?;
        Ok(Self { template: template.clone().unbind(), plan: Mutex::new((plan, RowNames::default())) })
    }

    #[pyo3(signature = (key, params, own=None))]
    fn put<'py>(&self, key: Option<String>, params: &Bound<'py, PyDict>, own: Option<Own<'py>>) -> PyResult<()> {
        let py = params.py();
        let _inside = exit::enter(py);
        let seq = lock(&self.plan).0.rows;
        let row = self.template.get().row(seq, key, params, py.None().bind(py), own)?;
        let (plan, names) = &mut *lock(&self.plan);
        take_name(names, &row)?;
        plan.put(Some((row.hash, &row.size)));
        Ok(())
    }

    /// A row that cannot be asked.
    fn skip(&self, key: Option<&str>) {
        let (plan, names) = &mut *lock(&self.plan);
        let _ = key.map(|key| names.take(key, &[0; 16], plan.rows));
        plan.put(None);
    }

    /// (rows, done already, duplicates of others, rows that ask something new, input tokens, output tokens)
    fn sums(&self) -> (u64, u64, u64, usize, f64, f64) {
        let plan = &lock(&self.plan).0;
        (plan.rows, plan.done, plan.duplicates, plan.fresh(), plan.input, plan.output)
    }
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<JobTemplate>()?;
    module.add_class::<JobEngine>()?;
    module.add_class::<EndedRow>()?;
    module.add_class::<JobFile>()?;
    module.add_class::<JobPlan>()
}
