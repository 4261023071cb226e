"""A job: every row of any data through a model. The engine is Rust's (`src/jobs`); here rows are read and made."""

from __future__ import annotations

import sys
import threading
import time
import weakref
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from inspect import iscoroutinefunction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, cast

from .. import _core
from .._core import EndedRow, JobEngine, JobFile, JobTemplate, Settings, hide_in
from .._errors import AnswerError, AnswerValidationError, BudgetError, JobError, JobTimeoutError, RowError, WenwenError
from ..types.shared import part
from ._data import Source, source_of
from ._kinds import kind_of
from ._made import MISSING, Maker, failure
from ._options import figures_of, split
from ._progress import Progress, clear
from ._prompt import filler_of
from ._row import JobPlan, JobStatus, Row, UnknownRequest
from ._sinks import AsyncSinks, Sinks
from ._store import new_store

if TYPE_CHECKING:
    from os import PathLike
    from types import TracebackType

    from .._core import Endpoint
    from .._output import Output
    from ..types.pricing import Prices

# How long requests in flight are waited for when a job is stopped: they are paid for.
_PATIENCE = 30.0
# Rows that are taken, and read, at once.
_TAKEN = 256
# So long rows are read before it is looked whether some have ended.
_READ = 0.01
# Coroutines of a prompt that run at once.
_PROMPTS = 32


class _Run:
    """A job that runs: what has to be ended when nobody holds it any more."""

    def __init__(self, engine: JobEngine, store: str, is_temporary: bool) -> None:
        self.engine, self.store, self.is_temporary = engine, store, is_temporary
        self.complete = False  # all rows were handed over
        self.closed = False
        self.empty = False
        self.words = ""  # how to go on
        self.governed = False  # its store is a governor's

    def close(self, complete: bool = False) -> None:
        """Ends it now, with everything kept."""
        if self.closed:
            return
        self.closed, self.complete = True, complete
        try:
            _, done, failed, _, running, *_, billed, _ = self.engine.progress()
        except RuntimeError:
            return  # a child of the process that has it
        self.empty = not (done or failed or running or billed)
        given = f" with store={self.store!r}" if self.is_temporary else ""
        where = f"by the governor at {self.store}" if self.governed else f"in {self.store}"
        self.words = f"{done + failed:,} rows are kept {where}: the same call{given} goes on from there"
        self.engine.close()

    def halt(self, loud: bool = False) -> None:
        """Sends nothing new, waits for what is in flight, and closes. An interruption of that ends the waiting."""
        if self.closed:
            return
        clear()  # what is said from here on has lines of its own
        engine, until = self.engine, time.monotonic() + _PATIENCE
        try:
            engine.stop(False)
            while not engine.over and time.monotonic() < until:
                if loud and (running := engine.progress()[4]):
                    loud = False
                    _say(
                        f"stopping: {running} requests in flight are waited for, {_PATIENCE:.0f} s at most; Ctrl-C "
                        "again stops now"
                    )
                # What has ended is on disk; nobody reads it here.
                engine.take([], 1 << 20, True)
        except KeyboardInterrupt:
            pass
        except RuntimeError:  # a child of the process that has it
            pass
        self.close()

    def tell(self) -> None:
        """How to go on."""
        if not (self.complete or self.empty):
            _say(f"the job has not ended: {self.words}")

    def dispose(self) -> None:
        """Nobody has the job any more."""
        if not self.closed:
            self.halt()
            self.tell()
        if self.is_temporary and (self.complete or self.empty):
            for ending in ("", "-wal", "-shm", "-journal", "-lock"):
                Path(self.store + ending).unlink(missing_ok=True)

    def dispose_aside(self) -> None:
        """The same, where an event loop must not wait for it."""
        try:
            threading.Thread(target=self.dispose, name="wenwen-job-end").start()
        except RuntimeError:  # the program ends
            self.dispose()


def _say(text: str) -> None:
    with suppress(OSError, ValueError, AttributeError):  # nobody hears it
        print(f"wenwen: {text}", file=sys.stderr, flush=True)


class _Reading:
    """What jobs and stores have in common."""

    _maker: Maker
    _resource: str
    _output: Any
    _path: str | None
    _count: int | None = None  # of the rows that are its own

    def _rows(self) -> Iterator[Row]:
        file = self._file()
        if file is None:
            return
        start = 0
        while ended := file.read(start, _TAKEN):
            for one in ended:
                if self._count is not None and one.index >= self._count:
                    return
                if one.status != "again":
                    yield self._maker.row(one)
            start = ended[-1].index + 1

    def _file(self) -> JobFile | JobEngine | None:
        return None if self._path is None else JobFile(self._path)

    def unknown(self) -> list[UnknownRequest]:
        """Requests that were in flight when a job on this store was killed, or that broke off: they may have been paid
        for. Of a job that runs, those in flight too."""
        return [] if self._path is None else [UnknownRequest(*one) for one in JobFile(self._path).unknown()]


class _Job(_Reading):
    """What sync and async jobs have in common."""

    _awaits: bool
    _resource = ""  # a traceback may show a job that was not made
    _run: _Run | None = None
    _source: Source | None
    _items: Iterator[Any] | None = None
    _fill: Callable[[Any], Any]

    def __init__(self, resource: Any, name: str, data: object, prompt: Any, params: dict[str, Any]) -> None:
        hide_in(params)
        self._settings: Settings = resource._settings
        self._resource = name
        self._kind = kind_of(name)
        output = params.pop("output", None)
        self._options, fixed = split(params)
        self._chosen, self._keyword = self._class(output, fixed)
        self._output = None if self._chosen is None else self._chosen.given
        self._fixed = dict(sorted(fixed.items()))
        self._source = source_of(data)
        self._prompt = prompt
        self._check_source(iscoroutinefunction(self._filler()))
        self._needs = {name: value for name, value in self._kind.needs.items() if name not in self._fixed}
        endpoint, wire, ids = self._call({**self._needs, **self._fixed})
        self._wired = frozenset((*wire, *self._fixed))
        # What is the same for all rows is looked at here, before anything is sent.
        self._template = JobTemplate(self._settings, endpoint, wire, list(ids))
        if resource._form != "parsed":
            raise TypeError("map() has no raw form: a row has its reply")
        self._maker = Maker(self._settings, endpoint, self._kind, self._chosen, self._template.as_dict)
        if self._chosen is not None and self._template.as_dict:
            raise TypeError("map() cannot take as_dict with a class: take one of them")
        store = self._options.store
        self._path = store if isinstance(store, str) and Path(store).exists() else None
        self._began = 0.0
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

    unknown.__doc__ = _Reading.unknown.__doc__

    def _not_governed(self, what: str, instead: str) -> None:
        if self._options.store is not None and not isinstance(self._options.store, str):
            raise RuntimeError(f"{what} looks into a file, and this job's store is a governor's: {instead}")

    # ---- what is asked ----

    def _class(self, output: Any, fixed: dict[str, Any]) -> tuple[Output[Any] | None, str]:
        dialect = self._kind.dialect
        if dialect is None:
            if output is not None:
                raise TypeError(
                    f"output is a class, and the replies of {self._resource} are none of classes: leave it out"
                )
            return None, ""
        from .._answers import DIALECTS, chosen

        given = fixed.get(DIALECTS[dialect].keyword)
        kinds = ("text", "json_object", "json_schema")
        if output is None and (given is None or part(given, "type") in kinds):
            return None, ""  # a format as the API has it
        return chosen(dialect, output, fixed)

    def _call(self, params: dict[str, Any]) -> tuple[Endpoint, dict[str, Any], Any]:
        """All parameters of a row, or those that are the same for all, as a call."""
        endpoint, wire, ids = self._kind.prepare(params)
        if self._chosen is not None:
            from .._answers import DIALECTS

            wire = DIALECTS[cast("str", self._kind.dialect)].asked(wire, self._chosen, self._keyword)
        return endpoint, wire, ids

    def _filler(self) -> Callable[[Any], Any]:
        return filler_of(self._prompt, cast("Source", self._source), self._resource, self._fixed)

    def _check_source(self, awaits: bool) -> None:
        source = cast("Source", self._source)
        if not self._awaits and (source.is_async or awaits):
            what = "data is an async iterable" if source.is_async else "prompt is a coroutine function"
            raise TypeError(f"{what}: give it to wenwen.aio.map, or to an AsyncClient's")

    def _of_row(self, params: dict[str, Any]) -> tuple[dict[str, Any], tuple[Endpoint, list[str]] | None]:
        """What a row has of its own, for the engine; with an endpoint where all of its call is made anew."""
        alone = self._kind.alone
        if alone is None:
            if not params.keys() & self._wired:
                return params, None
        elif not self._needs and params.keys() <= alone.keys() - self._fixed.keys():
            own = {name: value if (make := alone[name]) is None else make(value) for name, value in params.items()}
            return own, None
        endpoint, wire, ids = self._call({**self._fixed, **params})
        return wire, (endpoint, list(ids))

    def _key(self, item: Any) -> str | None:
        key = self._options.key
        if key is None:
            return None
        if callable(key):
            made = key(item)
        else:
            from ._prompt import fields_of

            row = fields_of(item)
            if row is None or key not in row:
                raise ValueError(f"key is {key!r}, and a row has no such column: {item!r:.200}")
            made = row[key]
        if made is None:
            raise ValueError(f"the key of a row is None: {item!r:.200}")
        return str(made)

    # ---- its way ----

    def _begin(self, ask: Callable[[], Prices] | None, mailbox: Any = None) -> _Run:
        """Starts the engine, once."""
        options = self._options
        if ask is not None:
            self._figures = figures_of(options, self._fixed, ask)
        store = options.store or new_store()
        fleet = not isinstance(store, str)  # all of its jobs are one
        kept = self._chosen.schema if self._chosen is not None else None
        meta = [
            ("resource", self._resource, True),
            ("model", str(self._fixed.get("model", "")), fleet),
            ("response_format", str(self._fixed.get("response_format", "")), fleet),
            ("output", _core.dumps(kept) if kept is not None else "", fleet),
            ("wenwen", _core.__version__, False),
            ("root", self._settings.root, False),
        ]
        self._began = time.monotonic()
        self._maker.since = time.time()
        engine = JobEngine(
            self._template,
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
            judged=self._chosen is not None,
            dedup=options.dedup,
        )
        self._path = None if fleet else store
        self._run = run = _Run(engine, str(store), options.store is None)
        run.governed = fleet
        self._progress = Progress(options.progress, cast("Source", self._source).total)
        self._finalizer = weakref.finalize(self, run.dispose_aside if self._awaits else run.dispose)
        return run

    def _put(self, item: Any, params: dict[str, Any] | RowError) -> bool:
        """A row into the engine's next batch; whether there is room for more."""
        engine = cast("_Run", self._run).engine
        index = engine.seq
        key = self._key(item)
        if self._inputs is not None:
            self._inputs[index] = item
        if not isinstance(params, RowError):
            try:
                own, call = self._of_row(params)
                more = engine.put(key, own, item, call)
            except (TypeError, ValueError, OSError) as error:
                if index == 0 and isinstance(error, TypeError):
                    raise  # so it would be with all
                wrong = RowError(f"row {index}: {error}")
                wrong.__cause__ = error
                params = wrong
            else:
                if self._chosen is not None:
                    self._asked[index] = params
                return more
        self._wrong[index] = params
        return engine.refuse(key, failure(params, "row"), item)

    def _feed(self, engine: JobEngine) -> None:
        """Reads as many rows as there is room for, for a moment."""
        items, until = self._items, time.monotonic() + _READ
        while items is not None and engine.flush(True):
            for item in items:
                if not self._put(item, self._filled(item)) or time.monotonic() > until:
                    break
            else:
                self._fed(engine)
                return
            if time.monotonic() > until:
                engine.flush(True)
                return

    def _filled(self, item: Any) -> dict[str, Any] | RowError:
        try:
            return cast("dict[str, Any]", self._fill(item))
        except RowError as error:
            return error

    def _fed(self, engine: JobEngine) -> None:
        """There are no more rows."""
        self._items = None
        self._count = engine.seq
        engine.finish()

    def _settled(self, ended: EndedRow) -> Row | None:
        """The row; None of one that is asked for again."""
        engine, index, maker = cast("_Run", self._run).engine, ended.index, self._maker
        item = MISSING if self._inputs is None else self._inputs.get(index, MISSING)
        row = maker.row(ended, input=item)
        if self._wrong and (wrong := self._wrong.pop(index, None)) is not None:
            row.error, row.output = wrong, None
        if self._chosen is not None:
            tries = self._tries.pop(index, [])
            if ended.status == "done":
                again = self._judged(engine, ended, row, tries)
                if again:
                    return None
            elif tries:
                row.error.tries = tries  # type: ignore[union-attr]
            self._asked.pop(index, None)
        if self._inputs is not None:
            self._inputs.pop(index, None)
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
                and (call := self._again(ended, error)) is not None
            ):
                self._tries[ended.index] = tries
                engine.again(ended, *call)
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

    def _again(self, ended: EndedRow, error: AnswerValidationError) -> tuple[dict[str, Any], Any] | None:
        """The parameters that ask for an answer again, with what was wrong with it."""
        from .._answers import _BLANKS, DIALECTS, _kept, asked_again

        params = self._asked.get(ended.index)
        if params is None or self._chosen is None:
            return None
        dialect = DIALECTS[cast("str", self._kind.dialect)]
        endpoint, wire, ids = self._kind.prepare({**self._fixed, **params})
        text = _BLANKS.sub(" ", error.text).strip()
        wire = dialect.again(_kept(dict(wire)), text, asked_again(error))
        return dialect.asked(wire, self._chosen, self._keyword), (endpoint, list(ids))

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
        if self._progress is not None:
            self._progress.update(self.status())
        if self._options.on_quota == "wait" and (why := cast("_Run", self._run).engine.paused()) is not None:
            import logging

            logging.getLogger("wenwen").warning("job: it looks again each minute, for the gateway refuses: %s", why)

    def _end(self) -> None:
        """All has been taken that comes: why it is over, if its rows are not."""
        run = cast("_Run", self._run)
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

    def _must_go_on(self, run: _Run) -> _Run:
        if run.closed and not run.complete:
            raise JobError(f"this job has stopped: {run.words}", status=self._status, store=run.store)
        return run

    def _planned(self) -> Any:
        self._not_governed("plan()", "ask a job on its path, where that is")
        if not cast("Source", self._source).replayable:
            raise ValueError("plan() reads the data, which can be read once only: give a list, a table or a file")
        return _core.JobPlan(self._template, self._path), self._filler()

    def _plan(self, plan: Any) -> JobPlan:
        rows, done, duplicates, new, read, written = plan.sums()
        figures = None
        if self._options.price not in (None, True, False):
            figures = figures_of(self._options, self._fixed, _no_list)
        requests = new + (0 if self._options.dedup else duplicates)
        cost = None if figures is None else (read * figures[0] + written * figures[1]) / 1e6 + requests * figures[4]
        return JobPlan(rows, done, duplicates, requests, round(read), round(written), cost)

    def retry_errors(self) -> int:
        """Has the rows of the store that failed for good asked again when the job runs; how many there are."""
        self._not_governed("retry_errors()", "give retry_errors=True")
        if self._run is not None:
            raise RuntimeError("the job has begun: call it before, or give retry_errors=True")
        return 0 if self._path is None else JobFile.retry_errors(self._path)


def _no_list() -> Prices:
    raise RuntimeError("a plan asks nobody")


@contextmanager
def _watched() -> Generator[None]:
    """SIGTERM is as Ctrl-C here: it raises, where nobody else hears it. Otherwise the process would be gone at once."""
    import signal

    if (
        threading.current_thread() is not threading.main_thread()
        or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL
    ):
        yield
        return

    def ended(number: int, frame: object) -> None:
        raise SystemExit(128 + number)

    signal.signal(signal.SIGTERM, ended)
    try:
        yield
    finally:
        if signal.getsignal(signal.SIGTERM) is ended:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)


class Job(Sinks, _Job):
    """Rows of data through a model: what `map` returns. It begins when it is iterated, run, or given to a sink.

    Iterating gives each row as it ends, when it is on disk; `rows()` and the sinks (`to_pandas()`, `to_jsonl(path)`, …)
    in the order of the data. Errors are rows. After an error of the job itself, the same call with the same `store`
    goes on.
    """

    _awaits = False

    def __iter__(self) -> Iterator[Row]:
        if self._run is not None and self._run.complete:
            return self._rows()
        if self._inputs is None:
            self._inputs = {}
        return self._each()

    def _started(self) -> _Run:
        if self._run is None:
            from ..resources.pricing import Pricing

            self._begin(lambda: Pricing(self._settings).list())
            self._items = iter(cast("Source", self._source))
            self._fill = self._filler()
        return self._must_go_on(cast("_Run", self._run))

    def _each(self) -> Iterator[Row]:
        with _watched():
            run = self._started()
            engine = run.engine
            raises = self._options.on_error == "raise"
            try:
                while not run.closed:
                    over = engine.over
                    self._feed(engine)
                    engine.take(self._taken, _TAKEN, not over)
                    self._taken.reverse()
                    if over and not self._taken:
                        break
                    while self._taken:
                        row = self._settled(self._taken.pop())
                        if row is None:
                            continue
                        if raises and row.error is not None:
                            raise row.error
                        yield row
                    self._look()
            except GeneratorExit:
                raise  # whoever iterates may go on later
            except BaseException as error:
                run.halt(loud=isinstance(error, (KeyboardInterrupt, SystemExit)))
                run.tell()
                raise
            if not run.complete:
                self._must_go_on(run)
                self._end()

    def run(self) -> Self:
        """Runs it to its end, and returns it. Again: nothing happens."""
        if self._run is None or not self._run.complete:
            for _ in self._each():
                pass
        return self

    def rows(self) -> Iterator[Row]:
        """Runs it to its end; then the rows in the order of the data, from its store."""
        self.run()
        yield from self._rows()

    def plan(self) -> JobPlan:
        """What it would do, without a key or a request. The data are read for it."""
        plan, fill = self._planned()
        for item in cast("Source", self._source):
            try:
                plan.put(*self._of_row(fill(item)))
            except RowError:
                plan.skip()
        return self._plan(plan)

    def close(self) -> None:
        """Ends it: sends nothing new, and waits for what is in flight. What is done stays in its store."""
        run = self._run
        if run is not None and not run.closed:
            run.halt()
            if run.is_temporary:
                run.tell()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _awaited(value: Any) -> Awaitable[Any] | None:
    """What is to be awaited."""
    return value if hasattr(value, "__await__") else None


class _Pump:
    """Reads rows that are to be awaited, or whose prompts are, some ahead. It knows nothing of the job, which may go,
    or be left and gone on with, while it waits."""

    def __init__(self, source: AsyncIterator[Any], fill: Callable[[Any], Any], tell: Callable[[], None]) -> None:
        import asyncio

        self.items: deque[tuple[Any, Any]] = deque()
        self.room = asyncio.Event()
        self.over = False
        self.error: BaseException | None = None
        self._source, self._fill, self._tell = source, fill, tell
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.ensure_future(self._read())

    async def _read(self) -> None:
        import asyncio

        try:
            async for item, filled in self._filling():
                params = filled
                if (coming := _awaited(filled)) is not None:
                    try:
                        params = await coming
                    except RowError as error:
                        params = error
                self.items.append((item, params))
                self._tell()
                if len(self.items) >= _TAKEN:
                    self.room.clear()
                    await self.room.wait()
        except asyncio.CancelledError:
            self.error = RuntimeError("the event loop that read the rows has ended: run the job in one loop")
            raise
        except BaseException as error:
            self.error = error
        finally:
            self.over = True
            with suppress(RuntimeError):  # closed
                self._tell()

    async def _filling(self) -> AsyncIterator[tuple[Any, Any]]:
        """Rows with their parameters, or with what is to be awaited for them: some at once, in their order."""
        import asyncio

        waiting: deque[tuple[Any, Any]] = deque()
        async for item in self._source:
            try:
                filled = self._fill(item)
            except RowError as error:
                filled = error
            if (coming := _awaited(filled)) is None:
                yield item, filled
                continue
            waiting.append((item, asyncio.ensure_future(coming)))
            if len(waiting) >= _PROMPTS:
                yield waiting.popleft()
        while waiting:
            yield waiting.popleft()

    def stop(self) -> None:
        """Nobody wants more rows."""
        with suppress(RuntimeError):  # the loop is closed
            self._loop.call_soon_threadsafe(self._task.cancel)


class AsyncJob(AsyncSinks, _Job):
    """Rows of data through a model, awaited: what `map` of `wenwen.aio` and of an AsyncClient returns.

    `async for` gives each row as it ends, when it is on disk; `rows()` and the awaited sinks in the order of the data.
    Errors are rows. After an error of the job itself, the same call with the same `store` goes on.
    """

    _awaits = True
    _pump: _Pump | None = None
    _is_read = False

    def __aiter__(self) -> AsyncIterator[Row]:
        if self._inputs is None:
            self._inputs = {}
        return self._each()

    async def _started(self) -> _Run:
        from .._loop import job_mailbox

        if self._run is None:
            from ..resources.pricing import AsyncPricing

            options = self._options
            if options.price not in (None, False) or options.budget is not None:
                listed: Any = None
                if not isinstance(options.price, (tuple, list)) and (options.price in (None, True)):
                    listed = await AsyncPricing(self._settings).list()
                self._figures = figures_of(options, self._fixed, lambda: listed)
            run = self._begin(None, job_mailbox())
            source, self._fill = cast("Source", self._source), self._filler()
            if source.is_async or iscoroutinefunction(self._fill):
                self._pump = pump = _Pump(aiter(source), self._fill, run.engine.nudge)
                weakref.finalize(self, pump.stop)
            else:
                self._items = iter(source)
        return self._must_go_on(cast("_Run", self._run))

    async def _each(self) -> AsyncIterator[Row]:
        import asyncio

        if self._run is not None and self._run.complete:
            for known in self._rows():
                yield known
            return
        if self._is_read:
            raise RuntimeError("this job is being iterated already: its rows go to one reader")
        self._is_read = True
        try:
            with _watched():
                run = await self._started()
                engine = run.engine
                raises = self._options.on_error == "raise"
                try:
                    while not run.closed:
                        over = engine.over
                        self._feed(engine)
                        engine.take(self._taken, _TAKEN, False)
                        self._taken.reverse()
                        if not self._taken:
                            if over:
                                break
                            await self._wait(engine)
                        while self._taken:
                            row = self._settled(self._taken.pop())
                            if row is None:
                                continue
                            if raises and row.error is not None:
                                raise row.error
                            yield row
                        self._look()
                        await asyncio.sleep(0)
                except GeneratorExit:
                    raise  # whoever iterates may go on later
                except BaseException:
                    await self._halt(run)
                    run.tell()
                    raise
                if not run.complete:
                    self._must_go_on(run)
                    self._end()
        finally:
            self._is_read = False

    async def _wait(self, engine: JobEngine) -> None:
        """Until there is something to take, or room for rows."""
        import asyncio

        from .._loop import job_ready

        ready, forget = job_ready(engine)
        try:
            await asyncio.wait((ready,), timeout=0.25)
        finally:
            forget()

    def _feed(self, engine: JobEngine) -> None:
        pump = self._pump
        if pump is None:
            super()._feed(engine)
            return
        while pump.items and engine.flush(True):
            while pump.items and self._put(*pump.items.popleft()):
                pass
        pump.room.set()
        if pump.error is not None and not pump.items:
            raise pump.error
        if pump.over and not pump.items and self._count is None:
            self._fed(engine)
        else:
            engine.flush(bool(pump.items))

    async def _halt(self, run: _Run) -> None:
        """As `_Run.halt`, and the loop goes on."""
        import asyncio

        if run.closed:
            return
        if self._pump is not None:
            self._pump.stop()
        until = time.monotonic() + _PATIENCE
        run.engine.stop(False)
        try:
            while not run.engine.over and time.monotonic() < until:
                run.engine.take([], 1 << 20, False)
                await asyncio.sleep(0.02)
        finally:
            run.close()

    async def run(self) -> Self:
        """Runs it to its end, and returns it. Again: nothing happens."""
        if self._run is None or not self._run.complete:
            async for _ in self._each():
                pass
        return self

    async def rows(self) -> AsyncIterator[Row]:
        """Runs it to its end; then the rows in the order of the data, from its store."""
        await self.run()
        for row in self._rows():
            yield row

    async def plan(self) -> JobPlan:
        """What it would do, without a key or a request. The data are read for it."""
        plan, fill = self._planned()
        async for item in cast("Source", self._source):
            try:
                params = fill(item)
                coming = _awaited(params)
                plan.put(*self._of_row(params if coming is None else await coming))
            except RowError:
                plan.skip()
        return self._plan(plan)

    async def close(self) -> None:
        """Ends it: sends nothing new, and waits for what is in flight. What is done stays in its store."""
        run = self._run
        if run is not None and not run.closed:
            await self._halt(run)
            if run.is_temporary:
                run.tell()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


class StoredJob(Sinks, _Reading):
    """A job's store: what `open_job` returns. It asks nothing; the call that made it goes on with it."""

    def __init__(self, path: str, output: Any) -> None:
        file = JobFile(path)
        self._path = path
        self._opened = file
        self._source = None
        self._resource = file.meta("resource") or "responses"
        kind = kind_of(self._resource)
        chosen = None
        if kind.dialect is not None:
            from .._output import output_of

            schema = file.meta("output")
            if output is None and schema:
                import json

                output = json.loads(schema)
            chosen = None if output is None else output_of(output)
        self._output = output
        known = {"model": file.meta("model"), "response_format": file.meta("response_format")}
        endpoint, _, _ = kind.prepare({name: value for name, value in known.items() if value})
        self._maker = Maker(Settings({}), endpoint, kind, chosen)

    def __repr__(self) -> str:
        return f"<StoredJob of {self._resource}, {self._path}>"

    def run(self) -> Self:
        """Nothing: it is as it is."""
        return self

    def rows(self) -> Iterator[Row]:
        """The rows that have ended, in the order of the data."""
        return self._rows()

    def status(self) -> JobStatus:
        """How far it is, also while another process runs it."""
        done, failed, read, written, cost, running, unknown, unsure = self._opened.sums()
        known = cost + unsure if cost or unsure else None
        return JobStatus(None, done, failed, 0, running, read, written, known, 0, unknown, 0.0, 0.0, None, None)

    def retry_errors(self) -> int:
        """Has the rows that failed for good asked again by the next run of the job; how many there are."""
        return JobFile.retry_errors(cast("str", self._path))


def started(name: str, resource: Any, data: object, prompt: Any, params: dict[str, Any]) -> Job | AsyncJob:
    """The job of a resource's `map`."""
    return (AsyncJob if resource._awaits else Job)(resource, name, data, prompt, params)


def open_job(path: str | PathLike[str], output: Any = None) -> StoredJob:
    """Opens the store of a job: `status()`, `rows()`, `unknown()`, `retry_errors()`, and all sinks of a job.

    path: what the job had as `store`. output: the class of its answers; without it they are dicts, as their schema in
    the store says. FileNotFoundError where there is none, StoreError for another file."""
    import os

    place = os.path.abspath(os.fsdecode(os.fspath(path)))
    if not os.path.isfile(place):
        raise FileNotFoundError(2, "no store of a job", place)
    return StoredJob(place, output)
