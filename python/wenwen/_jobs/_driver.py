"""What drives a job, sync or async: rows go into the engine as there is room, and come out when they are on disk. The
engine is Rust's (`src/jobs`); here rows are read, judged, and made."""

from __future__ import annotations

import time
import weakref
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from .. import _core
from .._core import EndedRow, JobEngine, JobFile, hide_in
from .._errors import AnswerError, AnswerValidationError, BudgetError, JobError, JobTimeoutError, RowError, WenwenError
from ._asking import Asking, NoKeyError
from ._data import Source, source_of
from ._made import MISSING, failure
from ._options import figures_of, split
from ._progress import Progress
from ._prompt import is_coroutine_function
from ._row import JobPlan, JobStatus, Row, UnknownRequest
from ._run import Run
from ._store import new_store
from ._stored import Reading

if TYPE_CHECKING:
    from ..types.pricing import Prices

# Rows that are taken at once.
TAKEN = 256
# So long rows are read before it is looked whether some have ended.
_READ = 0.01
# How often it is looked how far it is.
_LOOK = 0.05


class Driver(Reading):
    """What sync and async jobs have in common."""

    _awaits: bool
    _resource = ""  # a traceback may show a job that was not made
    _run: Run | None = None
    _source: Source | None
    _items: Iterator[Any] | None = None
    _fill: Callable[[Any], Any]

    def __init__(self, resource: Any, name: str, data: object, prompt: Any, params: dict[str, Any]) -> None:
        hide_in(params)
        self._resource = name
        output = params.pop("output", None)
        self._options, fixed = split(params)
        self._source = source = source_of(data)
        if not self._awaits and (source.is_async or is_coroutine_function(prompt)):
            what = "data is an async iterable" if source.is_async else "prompt is a coroutine function"
            raise TypeError(f"{what}: give it to wenwen.aio.map, or to an AsyncClient's")
        self._asking = Asking(resource, name, source, prompt, self._options, fixed, output)
        self._is_judged = self._asking.chosen is not None
        self._output = None if self._asking.chosen is None else self._asking.chosen.given
        self._maker = self._asking.maker()
        store = self._options.store
        self._path = store if isinstance(store, str) and Path(store).exists() else None
        self._began = 0.0
        self._next_look = 0.0
        self._taken: list[EndedRow] = []
        self._inputs: dict[int, Any] | None = None  # None: nobody looks at them
        self._asked: dict[int, dict[str, Any]] = {}  # parameters of rows whose answers are judged
        self._tries: dict[int, list[Any]] = {}
        self._wrong: dict[int, RowError] = {}  # rows that cannot be asked
        self._lately: deque[tuple[float, int]] = deque()
        self._status: JobStatus | None = None
        self._progress: Progress | None = None
        self._figures: Any = None

    def __repr__(self) -> str:
        how = "not begun" if self._run is None else "over" if self._run.closed else "running"
        return f"<{type(self).__name__} of {self._resource}, {how}>"

    def _file(self) -> JobFile | JobEngine | None:
        # Of a fleet its own rows alone, from the governor.
        return self._run.engine if self._run is not None and self._run.governed else super()._file()

    def unknown(self) -> list[UnknownRequest]:
        self._not_governed("unknown()", "open_job(its path).unknown()")
        return super().unknown()

    unknown.__doc__ = Reading.unknown.__doc__

    def _not_governed(self, what: str, instead: str) -> None:
        if self._options.store is not None and not isinstance(self._options.store, str):
            raise RuntimeError(f"{what} looks into a file, and this job's store is a governor's: {instead}")

    def _begin(self, ask: Callable[[], Prices] | None, mailbox: Any = None) -> Run:
        """Starts the engine, once."""
        options = self._options
        if ask is not None:
            self._figures = figures_of(options, self._asking.fixed, ask)
        store = options.store or new_store()
        fleet = not isinstance(store, str)  # all of its jobs are one
        kept = self._asking.chosen
        meta = [
            ("resource", self._resource, True),
            ("model", str(self._asking.fixed.get("model", "")), fleet),
            ("response_format", str(self._asking.fixed.get("response_format", "")), fleet),
            ("output", "" if kept is None else _core.dumps(kept.schema), fleet),
            ("wenwen", _core.__version__, False),
            ("root", self._asking.settings.root, False),
        ]
        self._began = time.monotonic()
        self._maker.since = time.time()
        engine = JobEngine(
            self._asking.template,
            store if isinstance(store, str) else store._place(),
            meta,
            mailbox,
            max_concurrency=options.max_concurrency,
            rpm=options.rpm,
            tpm=options.tpm,
            budget=options.budget,
            prices=self._figures,
            max_elapsed=options.max_elapsed,
            durable=options.durability == "power",
            wait_for_money=options.on_quota == "wait",
            fail_unknown=options.on_unknown == "error",
            retry_errors=options.retry_errors,
            judged=self._is_judged,
            dedup=options.dedup,
        )
        self._path = None if fleet else store
        self._run = run = Run(engine, str(store), options.store is None)
        run.governed = fleet
        self._progress = Progress(options.progress, cast("Source", self._source).total)
        self._finalizer = weakref.finalize(self, run.dispose_aside if self._awaits else run.dispose)
        return run

    def _filler(self) -> Callable[[Any], Any]:
        """What makes of a row its parameters, for one pass over the data."""
        return self._asking.filler()

    def _refused(self, index: int, error: Exception) -> RowError:
        """A row that cannot be asked. What is wrong with the first one's kind would be so with all: raised."""
        if index == 0 and isinstance(error, (TypeError, NoKeyError)):
            raise error
        wrong = RowError(f"row {index}: {error}")
        wrong.__cause__ = error
        return wrong

    def _put(self, item: Any, params: dict[str, Any] | RowError) -> bool:
        """A row into the engine's next batch; whether there is room for more."""
        engine, asking = cast("Run", self._run).engine, self._asking
        index, key = engine.seq, None
        if self._inputs is not None:
            self._inputs[index] = item
        try:
            key = asking.key(item)
            if not isinstance(params, RowError):
                own, call = asking.own(params)
                more = engine.put(key, own, item, call)
                if self._is_judged:
                    self._asked[index] = params
                return more
        except (TypeError, ValueError, OSError) as error:
            params = params if isinstance(params, RowError) else self._refused(index, error)
        self._wrong[index] = params
        return engine.refuse(key, failure(params, "row"), item)

    def _feed(self, engine: JobEngine) -> None:
        """Reads as many rows as there is room for, for a moment."""
        items, fill, until = self._items, self._fill, time.monotonic() + _READ
        while items is not None and engine.flush(True):
            for item in items:
                if not self._put(item, filled(fill, item)) or time.monotonic() > until:
                    break
            else:
                self._fed(engine)
                return
            if time.monotonic() > until:
                engine.flush(True)
                return

    def _fed(self, engine: JobEngine) -> None:
        """There are no more rows."""
        self._items = None
        self._count = engine.seq
        engine.finish()

    def _settled(self, ended: EndedRow) -> Row | None:
        """The row; None of one that is asked for again."""
        index, inputs, row = ended.index, self._inputs, self._maker.row(ended)
        if inputs is not None and (item := inputs.get(index, MISSING)) is not MISSING:
            row.input = item
        if self._wrong and (wrong := self._wrong.pop(index, None)) is not None:
            row.error, row.output = wrong, None
        if self._is_judged:
            tries = self._tries.pop(index, [])
            if ended.status == "done":
                if self._judged(cast("Run", self._run).engine, ended, row, tries):
                    return None
            elif tries:
                row.error.tries = tries  # type: ignore[union-attr]
            self._asked.pop(index, None)
        if inputs is not None:
            inputs.pop(index, None)
        return row

    def _judged(self, engine: JobEngine, ended: EndedRow, row: Row, tries: list[Any]) -> bool:
        """Looks whether an answer is of its class; whether it is asked for again."""
        from .._answers import Try, _sum

        usage = [one.usage for one in tries]
        try:
            row.reply, row.output = self._maker.answer(ended)
        except AnswerError as error:
            row.reply = error.reply
            tries = [*tries, Try(error.reply, error.text, error.usage, error.__cause__)]
            if (
                isinstance(error, AnswerValidationError)
                and ended.tries + 1 <= self._options.validate_retries
                and (params := self._asked.get(ended.index)) is not None
            ):
                self._tries[ended.index] = tries
                engine.again(ended, *self._asking.again(params, error))
                return True
            error.tries = tries
            error.usage, error.usage_partial = _sum([one.usage for one in tries])
            error.attempts = ended.attempts
            row.output, row.error, row.usage = None, error, error.usage
        except WenwenError as error:  # a reply that cannot be read
            row.output, row.error, row.reply, row.usage = None, error, None, None
        except BaseException:
            engine.fits(ended)
            raise
        else:
            row.error = None
            if tries:
                row.usage, _ = _sum([*usage, row.usage])
            engine.fits(ended)
            return False
        engine.unfit(ended, failure(row.error, "answer"))
        return False

    # ---- how far it is ----

    def status(self) -> JobStatus:
        """How far it is."""
        if self._run is None or self._run.closed:
            return self._status or JobStatus(self._total(0), 0, 0, 0, 0, 0, 0, None, 0, 0, 0.0, 0.0, None, None)
        fed, done, failed, cached, running, read, written, spent, refused, billed, held = self._run.engine.progress()
        now = time.monotonic()
        sent = done + failed - cached
        lately = self._lately
        if not lately or now - lately[-1][0] > 0.2:
            lately.append((now, sent))
            while now - lately[0][0] > 10 and len(lately) > 2:
                lately.popleft()
        since, before = lately[0]
        rate = (sent - before) / (now - since) if now > since else 0.0
        total = self._total(fed)
        left = None if total is None else max(0, total - done - failed)
        eta = left / rate if left is not None and rate > 0 else None
        self._status = JobStatus(
            total, done, failed, cached, running, read, written, spent if self._figures else None, refused, billed,
            now - self._began, rate, eta, held,
        )  # fmt: skip
        return self._status

    def _total(self, fed: int) -> int | None:
        return self._count if self._count is not None else cast("Source", self._source).total

    def _look(self) -> None:
        if (now := time.monotonic()) < self._next_look:
            return
        self._next_look = now + _LOOK
        if self._progress is not None:
            self._progress.update(self.status())
        if self._options.on_quota == "wait" and (why := cast("Run", self._run).engine.paused()) is not None:
            import logging

            logging.getLogger("wenwen").warning("job: it looks again each minute, for the gateway refuses: %s", why)

    def _end(self) -> None:
        """All has been taken that comes: why it is over, if its rows are not."""
        run = cast("Run", self._run)
        cause, status = run.engine.cause(), self.status()
        run.close(complete=cause is None)
        if self._progress is not None:
            self._progress.close(status)
        if cause is None:
            return
        kind, error, spent, limit = cause
        facts: dict[str, Any] = {"status": status, "store": run.store}
        if error is not None:
            if isinstance(error, JobError):
                error.__dict__.update(facts)
            error.add_note(f"The job has stopped: {run.words}.")
            raise error
        if kind == "budget":
            raise BudgetError(
                f"the budget of ${limit:g} is used up: ${spent:.4f} are spent or may have been, and the next request "
                f"may cost more than is left. {run.words}",
                **facts,
            )
        if kind == "elapsed":
            raise JobTimeoutError(f"max_elapsed, {self._options.max_elapsed:g} s, is over. {run.words}", **facts)
        raise JobError(f"the job was stopped. {run.words}", **facts)

    def _must_go_on(self, run: Run) -> Run:
        if run.closed and not run.complete:
            raise JobError(f"this job has stopped: {run.words}", status=self._status, store=run.store)
        return run

    def _planned(self) -> Any:
        self._not_governed("plan()", "ask a job on its path, where that is")
        if not cast("Source", self._source).replayable:
            raise ValueError("plan() reads the data, which can be read once only: give a list, a table or a file")
        return _core.JobPlan(self._asking.template, self._path), self._filler()

    def _count_in(self, plan: Any, item: Any, params: dict[str, Any] | RowError) -> None:
        """A row of a plan, which may be one that cannot be asked, as in `_put`."""
        index, key = plan.sums()[0], None
        try:
            key = self._asking.key(item)
            if not isinstance(params, RowError):
                plan.put(key, *self._asking.own(params))
                return
        except (TypeError, ValueError, OSError) as error:
            if not isinstance(params, RowError):
                self._refused(index, error)
        plan.skip(key)

    def _plan(self, plan: Any) -> JobPlan:
        rows, done, duplicates, new, read, written = plan.sums()
        figures = None
        if self._options.price not in (None, True, False):
            figures = figures_of(self._options, self._asking.fixed, _no_list)
        requests = new + (0 if self._options.dedup else duplicates)
        cost = None if figures is None else (read * figures[0] + written * figures[1]) / 1e6 + requests * figures[4]
        return JobPlan(rows, done, duplicates, requests, round(read), round(written), cost)

    def retry_errors(self) -> int:
        """Has the rows of the store that failed for good asked again when the job runs; how many there are."""
        self._not_governed("retry_errors()", "give retry_errors=True")
        if self._run is not None:
            raise RuntimeError("the job has begun: call it before, or give retry_errors=True")
        return 0 if self._path is None else JobFile.retry_errors(self._path)


def filled(fill: Callable[[Any], Any], item: Any) -> Any:
    """The parameters of a row, or what they are awaited by; why it cannot be asked."""
    try:
        return fill(item)
    except RowError as error:
        return error


def _no_list() -> Prices:
    raise RuntimeError("a plan asks nobody")
