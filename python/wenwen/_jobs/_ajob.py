"""Jobs that are awaited: the same engine in an event loop, which it never holds up."""

from __future__ import annotations

import time
import weakref
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any, Self, cast

from .._core import JobEngine
from .._errors import RowError
from .._frames import frameless
from ._driver import TAKEN, Driver, filled
from ._options import figures_of
from ._row import JobPlan, Row
from ._run import PATIENCE, Run, watched
from ._sinks import AsyncSinks

if TYPE_CHECKING:
    from asyncio import Future
    from types import TracebackType

    from ._data import Source

# Coroutines of a prompt that run at once.
_PROMPTS = 32


async def _outcome(coming: Awaitable[Any]) -> Any:
    """What a prompt's coroutine gives; why its row cannot be asked."""
    try:
        return await coming
    except RowError as error:
        return error


class _Pump:
    """Reads rows that are to be awaited, or whose prompts are, some ahead. It knows nothing of the job, which may go,
    or be left and gone on with, while it waits."""

    def __init__(self, source: AsyncIterator[Any], fill: Callable[[Any], Any], tell: Callable[[], None]) -> None:
        import asyncio

        self._over = False
        self._items: deque[tuple[Any, Any]] = deque()
        self._prompts: set[Future[Any]] = set()
        self._room = asyncio.Event()
        self._error: BaseException | None = None
        self._source, self._fill, self._tell = source, fill, tell
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.ensure_future(self._read())

    async def _read(self) -> None:
        import asyncio

        try:
            async for item in self._source:
                made = filled(self._fill, item)
                if hasattr(made, "__await__"):
                    made = asyncio.ensure_future(_outcome(made))
                    self._prompts.add(made)
                    made.add_done_callback(self._made)
                self._items.append((item, made))
                self._told()
                while len(self._items) >= TAKEN or len(self._prompts) >= _PROMPTS:
                    self._room.clear()
                    await self._room.wait()
        except asyncio.CancelledError:
            self._error = _loop_ended()
            raise
        except BaseException as error:
            self._error = error
        finally:
            self._over = True
            self._told()

    def _made(self, prompt: Future[Any]) -> None:
        self._prompts.discard(prompt)
        self._room.set()
        self._told()

    def _told(self) -> None:
        with suppress(RuntimeError):  # closed
            self._tell()

    @property
    def is_ready(self) -> bool:
        """Whether `next` has something to say. Rows keep their order: one whose prompt is not done stops the rest."""
        if not self._items:
            return self._error is not None
        made = self._items[0][1]
        return not hasattr(made, "__await__") or made.done()

    @property
    def is_empty(self) -> bool:
        """There will be no more rows."""
        return self._over and not self._items

    def next(self) -> tuple[Any, Any]:
        """The next row, and its parameters or why it cannot be asked. What its source or its prompt has raised."""
        import asyncio

        if not self._items and self._error is not None:
            raise self._error
        item, made = self._items.popleft()
        self._room.set()
        if hasattr(made, "__await__"):
            try:
                made = made.result()
            except asyncio.CancelledError:
                raise _loop_ended() from None
        return item, made

    def stop(self) -> None:
        """Nobody wants more rows."""
        with suppress(RuntimeError):  # the loop is closed
            self._loop.call_soon_threadsafe(self._cancel)

    def _cancel(self) -> None:
        for task in (self._task, *self._prompts):
            task.cancel()


def _loop_ended() -> RuntimeError:
    return RuntimeError("the event loop that read the rows has ended: run the job in one loop")


class AsyncJob(AsyncSinks, Driver):
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

    async def _started(self) -> Run:
        from .._loop import job_mailbox

        if self._run is None:
            from ..resources.pricing import AsyncPricing

            options = self._options
            if options.price not in (None, False) or options.budget is not None:
                listed: Any = None
                if not isinstance(options.price, (tuple, list)) and (options.price in (None, True)):
                    listed = await AsyncPricing(self._asking.settings).list()
                self._figures = figures_of(options, self._asking.fixed, lambda: listed)
            run = self._begin(None, job_mailbox())
            source, self._fill = cast("Source", self._source), self._filler()
            if source.is_async or iscoroutinefunction(self._fill):
                self._pump = pump = _Pump(aiter(source), self._fill, run.engine.nudge)
                weakref.finalize(self, pump.stop)
            else:
                self._items = iter(source)
        return self._must_go_on(cast("Run", self._run))

    @frameless
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
            with watched():
                run = await self._started()
                engine = run.engine
                raises = self._options.on_error == "raise"
                try:
                    while not run.closed:
                        over = engine.over
                        self._feed(engine)
                        engine.take(self._taken, TAKEN, False)
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
        while pump.is_ready and engine.flush(True):
            while pump.is_ready and self._put(*pump.next()):
                pass
        if not pump.is_ready and pump.is_empty and self._count is None:
            self._fed(engine)
        else:
            engine.flush(pump.is_ready)

    async def _halt(self, run: Run) -> None:
        """As `Run.halt`, and the loop goes on."""
        import asyncio

        if run.closed:
            return
        if self._pump is not None:
            self._pump.stop()
        until = time.monotonic() + PATIENCE
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
            params = filled(fill, item)
            if hasattr(params, "__await__"):
                params = await _outcome(params)
            self._count_in(plan, item, params)
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
