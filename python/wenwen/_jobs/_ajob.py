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
    from types import TracebackType

    from ._data import Source

# Coroutines of a prompt that run at once.
_PROMPTS = 32


def _awaited(value: Any) -> Awaitable[Any] | None:
    """What is to be awaited."""
    return value if hasattr(value, "__await__") else None


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
            async for item, made in self._filling():
                params = made if (coming := _awaited(made)) is None else await _outcome(coming)
                self.items.append((item, params))
                self._tell()
                if len(self.items) >= TAKEN:
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
            made = filled(self._fill, item)
            if (coming := _awaited(made)) is None:
                yield item, made
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
            if (coming := _awaited(params)) is not None:
                params = await _outcome(coming)
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
