"""The worker that engines run: Arrow batches in, the same batches with answers out."""

from __future__ import annotations

import asyncio
import atexit
import os
import threading
import time
import weakref
from collections import deque
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from .._errors import RowError, StoreError
from .._jobs._ajob import _PROMPTS, AsyncJob
from .._jobs._columns import FLOAT, TEXT, Type, fitted, sound
from .._jobs._data import Source
from .._jobs._prompt import fields_of, filler_of
from .._jobs._sinks import _Ended, _told

if TYPE_CHECKING:
    from .._jobs._row import Row
    from .._jobs._run import Run
    from ._config import WorkerConfig

_ENDING = 30.0  # seconds that requests in flight are waited for when a worker is closed
_AWAY = 60.0  # seconds after which the governor of a driver, which is there as long as that, has gone


class ArrowWorker:
    """Asks a model for each row of Arrow batches: a job whose rows come in batches, any number of them at once.

    config: what it asks, a `WorkerConfig`.

    `process(batch)` gives a RecordBatch (or Table) with the columns that it had, the answer's (`output`, or the fields
    of a class), `error` (text) and `cost` (dollars); its rows are in their order. No row raises: what raises is what
    ends the job, as no money does, or a template whose column is not there. `aprocess` is the same to await, `submit`
    a future of it; those of several batches run together, in one engine with one limiter. All of it is built when the
    first batch comes, in the process that it comes in: pickled, copied or forked a worker is its config.
    """

    def __init__(self, config: WorkerConfig) -> None:
        self.config = config
        self._lock = threading.Lock()
        self._running: _Running | None = None

    def __reduce__(self) -> Any:
        return type(self), (self.config,)

    def process(self, batch: Any) -> Any:
        """The batch with its answers, when all of its rows have ended."""
        return self.submit(batch).result()

    async def aprocess(self, batch: Any) -> Any:
        """The same to await, in any event loop. Cancelled, its rows are asked all the same: they are on their way."""
        return await asyncio.wrap_future(self.submit(batch))

    def submit(self, batch: Any) -> Future[Any]:
        """The same as a future, at once."""
        return self._given(_Work(self.config, batch))

    def submit_rows(self, rows: list[Any]) -> Future[list[dict[str, Any]]]:
        """Rows of any kind, as `map` takes them, in place of a batch: dicts of what the columns would be."""
        return self._given(_Rows(self.config, rows))

    def _given(self, work: _Work) -> Future[Any]:
        if not work.left:
            work.end()
            return work.future
        with self._lock:
            running = self._running
            if running is None or not running.take(work):
                self._running = running = _Running(self.config, work)
                weakref.finalize(self, running.leave)
        return work.future

    def close(self) -> None:
        """Ends it: rows that were given are waited for, 30 s at most. What is done stays in the store."""
        with self._lock:
            running, self._running = self._running, None
        if running is not None:
            running.close()

    def abandon(self) -> None:
        """Fails the batches that it has: their governor does not come back."""
        with self._lock:
            running, self._running = self._running, None
        if running is not None:
            running.abandon(_gone(self.config))

    def __enter__(self) -> ArrowWorker:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _gone(config: WorkerConfig) -> StoreError:
    return StoreError(
        f"the governor at {config.options['store']} has gone with its driver: what is done is in its store, and the "
        "same call goes on from there"
    )


class _Work:
    """A batch that is being asked."""

    def __init__(self, config: WorkerConfig, batch: Any, count: int | None = None) -> None:
        self.config, self.batch = config, batch
        size: int = batch.num_rows if count is None else count
        self.names: tuple[str, ...] | None = None if count is not None else tuple(batch.schema.names)  # of columns
        self.future: Future[Any] = Future()
        self.future.set_running_or_notify_cancel()  # from now on it cannot be cancelled: its rows are paid for
        self.rows: list[Row | None] = [None] * size
        self.left: int = size
        self.among: set[_Work] = set()  # those of its job that have not ended

    def inputs(self) -> list[Any]:
        """Its rows, as a prompt has them."""
        names = self.batch.schema.names
        columns = [_values(self.batch.column(at)) for at in range(len(names))]
        return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]

    def made(self) -> Any:
        return answered(self.config, self.batch, self.rows)

    def ended(self, at: int, row: Row) -> None:
        self.rows[at] = row
        self.left -= 1
        if not self.left:
            self.end()

    def end(self) -> None:
        try:
            made = self.made()
        except BaseException as error:
            self.fail(error)
        else:
            self._end(self.future.set_result, made)

    def fail(self, error: BaseException) -> None:
        self._end(self.future.set_exception, error)

    def _end(self, by: Callable[[Any], None], value: Any) -> None:
        with suppress(InvalidStateError):  # it has failed
            by(value)
        self.among.discard(self)


class _Rows(_Work):
    """Rows of any kind that are being asked."""

    def __init__(self, config: WorkerConfig, rows: list[Any]) -> None:
        super().__init__(config, rows, len(rows))

    def inputs(self) -> list[Any]:
        return self.batch  # type: ignore[no-any-return]

    def made(self) -> Any:
        made: list[dict[str, Any]] = []
        for item, cells in zip(self.batch, _cells(self.config, self.rows), strict=True):
            fields = fields_of(item)
            row = {"input": item} if fields is None else {str(name): value for name, value in fields.items()}
            row.update(zip(self.config.answer.names(row), cells, strict=True))
            made.append(row)
        return made


def _values(column: Any) -> list[Any]:
    """A column's values as Python has them; as text what it does not have, as a year of five digits."""
    try:
        return column.to_pylist()  # type: ignore[no-any-return]
    except (ArithmeticError, ValueError, NotImplementedError):
        return [_value(scalar) for scalar in column]


def _value(scalar: Any) -> Any:
    try:
        return scalar.as_py()
    except (ArithmeticError, ValueError, NotImplementedError):
        return str(scalar.cast("string"))


class _Running:
    """A job whose rows come from batches, in an event loop of its own."""

    def __init__(self, config: WorkerConfig, first: _Work) -> None:
        self.config = config
        self.loop = asyncio.new_event_loop()
        self.batches: deque[_Work] = deque()  # that are to be read
        self.works: set[_Work] = set()  # that have not ended
        self.open: dict[int, tuple[_Work, int]] = {}  # rows that are asked: the batch, and the place in it
        self.news = asyncio.Event()
        self.over = False  # nothing more is taken
        self._run: Run | None = None
        self._pid = os.getpid()
        self._lock = threading.Lock()
        self._add(first)  # which is there before it can end
        self._thread = threading.Thread(target=self._work, name="wenwen-worker", daemon=True)
        self._thread.start()

    def take(self, work: _Work) -> bool:
        """Whether it asks this batch: not when it has ended, or is another process's."""
        if self._pid != os.getpid():
            return False
        with self._lock:
            if self.over:
                return False
            self._add(work)
            self._tell()
        return True

    def _add(self, work: _Work) -> None:
        work.among = self.works
        self.works.add(work)
        self.batches.append(work)

    def leave(self) -> None:
        """Nobody gives it more: it ends when its rows have."""
        if self._pid == os.getpid():
            with self._lock:
                self.over = True
                self._tell()

    def close(self) -> None:
        """The same, which is waited for."""
        if self._pid == os.getpid():
            self.leave()
            self._thread.join(_ENDING)
            atexit.unregister(self.close)

    def abandon(self, why: BaseException) -> None:
        """Breaks it off: what it has fails."""
        if self._pid == os.getpid():
            self.leave()
            self._fail(why)
            with suppress(RuntimeError):  # the loop has ended
                self.loop.call_soon_threadsafe(self._break_off)

    def _break_off(self) -> None:
        if self._run is not None:
            self._run.close()

    def _fail(self, why: BaseException) -> None:
        for work in self.works.copy():
            work.fail(why)

    def _tell(self) -> None:
        with suppress(RuntimeError):  # the loop has ended
            self.loop.call_soon_threadsafe(self.news.set)

    def _work(self) -> None:
        failed: BaseException = RuntimeError("the worker has ended")
        try:
            with asyncio.Runner(loop_factory=lambda: self.loop) as runner:
                runner.run(self._ask())
        except BaseException as error:
            failed = error
        atexit.unregister(self.close)
        with self._lock:
            self.over = True
        self._fail(failed)

    async def _ask(self) -> None:
        job = _Feed(self.config, self)
        try:
            self._run = await job._started()
            atexit.register(self.close)  # which runs before the finalizers of the job, which break it off
            async for row in job:
                work, at = self.open.pop(row.index)
                work.ended(at, row)
        finally:
            await job.close()

    async def read(self) -> AsyncIterator[tuple[_Work, list[Any]]]:
        """The batches as they come, with their rows."""
        while True:
            while self.batches:
                work = self.batches.popleft()
                try:
                    rows = work.inputs()
                except Exception as error:
                    work.fail(error)
                else:
                    yield work, rows
            if self.over:
                return
            self.news.clear()
            if not self.batches and not self.over:
                await self.news.wait()


class _Filling:
    """Makes parameters of rows, each by the columns of its batch. What cannot be asked is that row's error.

    It knows nothing of the job: its pump, which holds this, is held until the job has gone."""

    def __init__(self, config: WorkerConfig, running: _Running) -> None:
        self._config, self._running = config, running
        self._fillers: dict[tuple[str, ...] | None, Callable[[Any], Any]] = {}
        self._made: Any = None  # of the row that was given last

    async def rows(self) -> AsyncIterator[Any]:
        """The rows as they come, each asked for its parameters before the next."""
        index = 0
        async for work, rows in self._running.read():
            try:
                fill = self._filler(work.names)
            except (TypeError, ValueError) as error:  # of the whole batch: a column is not there
                work.fail(error)
                continue
            for start in range(0, len(rows), _PROMPTS):
                part = rows[start : start + _PROMPTS]
                made = [_filled(fill, row) for row in part]
                if any(hasattr(one, "__await__") for one in made):
                    made = await asyncio.gather(*map(_awaited, made))
                for at, row in enumerate(part):
                    self._made = made[at]
                    self._running.open[index] = work, start + at
                    index += 1
                    yield row

    def _filler(self, names: tuple[str, ...] | None) -> Callable[[Any], Any]:
        if names not in self._fillers:
            source, config = Source(None, lambda: (), columns=names), self._config
            self._fillers[names] = filler_of(config.prompt, source, config.endpoint, config.params)
        return self._fillers[names]

    def __call__(self, row: Any) -> Any:
        if isinstance(self._made, RowError):
            raise self._made
        return self._made


def _filled(fill: Callable[[Any], Any], row: Any) -> Any:
    """The parameters of a row, what is to be awaited for them, or its error."""
    try:
        return fill(row)
    except RowError as error:
        return error
    except (TypeError, ValueError) as error:  # of the first row: elsewhere it may be any
        return RowError(str(error))


async def _awaited(made: Any) -> Any:
    if not hasattr(made, "__await__"):
        return made
    try:
        return await made
    except RowError as error:
        return error
    except (TypeError, ValueError) as error:
        return RowError(str(error))


class _Feed(AsyncJob):
    """A job whose rows come from batches. Nothing about a row ends it."""

    def __init__(self, config: WorkerConfig, running: _Running) -> None:
        self._config, self._filling = config, _Filling(config, running)
        self._met = 0.0  # when its governor was there last, if it is away
        params = {**config.params, **config.options, "output": config.schema, "progress": False}
        super().__init__(config.resource(), config.endpoint, self._filling.rows(), config.prompt, params)

    def _filler(self) -> Callable[[Any], Any]:
        return self._filling

    def _begin(self, ask: Any, mailbox: Any = None) -> Any:
        run = super()._begin(ask, mailbox)
        self._finalizer.atexit = False  # when the process ends, the worker ends it: well
        return run

    def _look(self) -> None:
        super()._look()
        if self._config.is_led:
            now, status = time.monotonic(), self._status
            self._met = now if status is None or status.held != "governor" else self._met or now
            if now - self._met > _AWAY:
                cast("Run", self._run).close()
                raise _gone(self._config)

    def _refused(self, index: int, error: Exception) -> RowError:
        return RowError(str(error))  # of the first row, too: elsewhere it may be any


def answered(config: WorkerConfig, batch: Any, rows: list[Row | None]) -> Any:
    """The batch with the columns of its rows' answers."""
    arrow: Any = import_module("pyarrow")

    schema, kinds = config.columns(batch.schema), (*config.answer.types, TEXT, FLOAT)
    columns = [list(column) for column in zip(*_cells(config, rows), strict=True)] or [[] for _ in kinds]
    new = list(schema)[len(batch.schema) :]
    arrays = [
        _array(arrow, field, column, kind, columns[-2]) for field, column, kind in zip(new, columns, kinds, strict=True)
    ]  # `error` last but for one: what a column cannot hold is told there
    given = [batch.column(at) for at in range(batch.num_columns)]
    return batch.__class__.from_arrays([*given, *arrays], schema=schema)


def _cells(config: WorkerConfig, rows: list[Row | None]) -> list[list[Any]]:
    """Of each row the new columns: the answer's, `error` and `cost`."""
    answer, ended = config.answer, _Ended(cast("Any", _Asked(config)))
    cells: list[list[Any]] = []
    for row in rows:
        output, *told = _told(row)
        if row is None or output is None:
            made: list[Any] = [None] * len(answer.types)
        elif answer.fields is not None:
            made = answer.cells(output)
        else:
            made = [
                _pictures(one, answer.types[0]) if config.is_painting else one for one in [ended._alone(output, row)]
            ]
        cells.append([*made, *told])
    return cells


class _Asked:
    """What the sinks have to know of a job."""

    _source = None

    def __init__(self, config: WorkerConfig) -> None:
        self._output, self._resource = config.schema, config.endpoint

    def run(self) -> None: ...

    def _rows(self) -> Any:
        return iter(())


def _pictures(value: Any, kind: Type) -> Any:
    several: list[Any] = value if value.__class__ is list else [value]
    made = [{"bytes": one, "path": None} if isinstance(one, bytes) else {"bytes": None, "path": one} for one in several]
    return made if kind[0] == "list" else made[0] if len(made) == 1 else made


def _array(arrow: Any, field: Any, values: list[Any], kind: Type, errors: list[str | None]) -> Any:
    """A column. What it cannot hold is None, and that row's error."""
    try:
        return arrow.array([fitted(value, kind) for value in values], field.type)
    except Exception:  # one of them: which
        pass
    made: list[Any] = []
    for at, value in enumerate(values):
        try:
            one = sound(fitted(value, kind))
            arrow.array([one], field.type)
        except Exception as error:
            one = None
            errors[at] = (
                f"ValueError: {field.name} is {value!r:.100}, which its column ({field.type}) cannot hold: {error}"
            )
        made.append(one)
    return arrow.array(made, field.type)


_WORKERS: dict[str, ArrowWorker] = {}
_lock = threading.Lock()
_MOST = 8  # calls whose workers a process keeps: engines have processes that outlive their tasks


def worker_of(config: WorkerConfig) -> ArrowWorker:
    """The worker of this process for a call: one for all of its tasks, which run together in it."""
    with _lock:
        worker = _WORKERS.pop(config.id, None) or ArrowWorker(config)
        _WORKERS[config.id] = worker  # the last used is the last
        old = [_WORKERS.pop(next(iter(_WORKERS))) for _ in range(len(_WORKERS) - _MOST)]
    for one in old:
        one.close()
    return worker


def _forked() -> None:
    """A child has none of its parent's threads: one of them may have held the lock."""
    global _lock
    _lock = threading.Lock()
    _WORKERS.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)


def abandon(store: Any) -> None:
    """Ends this process's workers of a governor that does not come back: engines wait for their threads."""
    with _lock:
        lost = [worker for worker in _WORKERS.values() if worker.config.options.get("store") == store]
    for worker in lost:
        worker.abandon()
