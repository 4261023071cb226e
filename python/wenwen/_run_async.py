"""Runs of tools, awaited: coroutine functions on the loop, plain ones in threads."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import inspect
import threading
import time
from collections.abc import Callable, Generator, Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from ._run import _OVER, Outcome, _Run, awaited, called
from ._shown import AsyncShows
from ._tools import Tool
from .resources._base import AsyncReading
from .types.tools import ToolResult

if TYPE_CHECKING:
    from types import TracebackType

E = TypeVar("E")
R = TypeVar("R")

_GRACE = 5.0


class AsyncToolRun(AsyncShows, _Run[E, R], AsyncReading):
    """A run of tools as it goes on: `async for event in run` for the events of all turns, and a `ToolResult` for each
    call when it is there. `reply` is the answer afterwards; `steps`, `usage` and `history` are there at any time.
    Leaving an `async with` block, `aclose()`, or letting go of it ends it, and cancels the tools that are at work."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._decision: asyncio.Task[Any] | None = None
        self._tasks: dict[ToolResult, asyncio.Task[Outcome]] = {}

    async def __anext__(self) -> E | ToolResult:
        found = await self._step()
        if found is _OVER:
            raise StopAsyncIteration
        return found  # type: ignore[no-any-return]

    async def _asked(self, request: dict[str, Any]) -> Any:
        return await self._ask(**request)

    async def _event(self) -> Any:
        return await anext(self._stream, _OVER)

    async def _asked_before(self, step: ToolResult) -> Any:
        """Asks once for each call, however often a read is given up meanwhile."""
        if self._decision is None:
            decision: Any = self._before(step)  # type: ignore[misc]
            if not inspect.isawaitable(decision):
                return decision

            async def asked() -> Any:
                return await decision

            self._decision = asyncio.ensure_future(asked())
        task = self._decision
        await asyncio.wait([task])
        self._decision = None
        return None if self._over else task.result()

    def _start(self, step: ToolResult, here: bool) -> None:
        work = _called(self._tool(step), step, self._context, self._max_result)
        # Knows nothing of the run, which may be let go meanwhile.
        self._tasks[step] = asyncio.create_task(work, name=f"wenwen-{step.name}")

    async def _result(self, until: float | None) -> tuple[ToolResult, Outcome] | None:
        timeout = None if until is None else until - time.monotonic()
        await asyncio.wait(self._tasks.values(), timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
        step = next((step for step, task in self._tasks.items() if task.done()), None)
        return None if step is None else (step, _outcome_of(self._tasks.pop(step)))

    def _give_up(self, step: ToolResult) -> None:
        super()._give_up(step)
        self._tasks.pop(step).cancel()

    async def aclose(self) -> None:
        """Ends the run and cancels the tools that are at work, which may take 5 s to clean up. Functions in threads
        cannot be stopped; what they return is not awaited."""
        tasks: list[asyncio.Task[Any]] = [*self._tasks.values()]
        self._over = True
        for step in [*self._running]:
            self._give_up(step)
        if self._decision is not None:
            tasks.append(self._decision)
            self._decision.cancel()
            self._decision = None
        if self._stream is not None:
            await self._stream.close()
            self._stream = None
        tasks = [task for task in tasks if task is not asyncio.current_task()]  # a tool may end its own run
        if tasks:
            await asyncio.wait(tasks, timeout=_GRACE)  # no longer: one that will not end would hold up its caller

    close = _closed = aclose

    def __del__(self) -> None:
        for task in getattr(self, "_tasks", {}).values():
            loop = task.get_loop()
            if not loop.is_closed():
                loop.call_soon_threadsafe(task.cancel)

    async def until_done(self) -> Self:
        """Reads to the end."""
        async for _ in self:
            pass
        return self

    async def answer(self) -> R:
        """Reads to the end, for the answer."""
        try:
            reply = (await self.until_done()).reply
        except BaseException:
            await self.aclose()
            raise
        assert reply is not None
        return reply

    def __await__(self) -> Generator[Any, None, Self]:
        """`await client.responses.run(..., stream=True)`, as with `create`; nothing is waited for."""
        return self
        yield

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


def _outcome_of(task: asyncio.Task[Outcome]) -> Outcome:
    # One that was cancelled before it began; later, a cancellation is what came of the call.
    return Outcome(error=asyncio.CancelledError()) if task.cancelled() else task.result()


async def _called(tool: Tool[..., Any], step: ToolResult, context: Mapping[str, Any], most: int) -> Outcome:
    began = time.perf_counter()

    def work() -> Any:
        return called(tool, step, context, most)

    try:
        came = work() if tool.is_async or not tool.thread else await _in_thread(work, step.name)
    except asyncio.CancelledError as error:
        return Outcome(error=error, seconds=time.perf_counter() - began)
    return came if isinstance(came, Outcome) else await awaited(came, most, began)


async def _in_thread(function: Callable[[], Any], name: str) -> Any:
    """A function's result, from a thread with this task's context. Not one of the loop's own threads, of which there
    are few, and which the program waits for at its end: what hangs, hangs alone."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Any] = loop.create_future()

    def done(value: Any) -> None:
        if not future.done():
            future.set_result(value)

    def work() -> None:
        value = context.run(function)
        with contextlib.suppress(RuntimeError):  # the loop was closed meanwhile
            loop.call_soon_threadsafe(done, value)

    context = contextvars.copy_context()
    threading.Thread(target=work, name=f"wenwen-{name}", daemon=True).start()
    return await future
