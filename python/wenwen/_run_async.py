"""Runs of tools, awaited: coroutine functions on the loop, plain ones in threads."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import inspect
import threading
import time
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any, Self, TypeVar

from ._run import _OVER, Outcome, _Run, outcome
from ._shown import AsyncShows
from ._tools import Tool
from .resources._base import AsyncReading
from .types.tools import ToolResult

if TYPE_CHECKING:
    from types import TracebackType

E = TypeVar("E")
R = TypeVar("R")


class AsyncToolRun(AsyncShows, _Run[E, R], AsyncReading):
    """A run of tools as it goes on: `async for event in run` for the events of all turns, and a `ToolResult` for each
    call when it is there. `reply` is the answer afterwards; `steps`, `usage` and `history` are there at any time.
    Leaving an `async with` block, `aclose()`, or letting go of it ends it, and cancels the tools that are at work."""

    def __init__(self, ask: Callable[..., Any], streams: bool, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._ask = ask
        self._streams = streams
        self._stream: Any = None
        self._decision: asyncio.Task[Any] | None = None
        self._running: dict[ToolResult, asyncio.Task[None]] = {}
        self._done: asyncio.Queue[tuple[ToolResult, Outcome | None]] = asyncio.Queue()

    async def __anext__(self) -> E | ToolResult:
        try:
            found = await self._next()
        except BaseException as error:
            self._attach(error)
            if isinstance(error, Exception):
                await self.aclose()
            if isinstance(error, (StopIteration, StopAsyncIteration)):
                raise RuntimeError(f"a function of the run raised {type(error).__name__}") from error
            raise
        if found is _OVER:
            raise StopAsyncIteration
        return found  # type: ignore[no-any-return]

    async def _next(self) -> Any:
        while True:
            if self._ready:
                return self._ready.popleft()
            if self._over:
                return _OVER
            if self._unasked:
                await self._ask_before()
            elif self._waiting or self._running:
                self._ready.append(await self._one())
            elif self._by_hand:
                self._over = True
            elif self._stream is None:
                if self._streams:
                    self._stream = await self._ask(**self._request(), stream=True)
                else:
                    self.take(await self._ask(**self._request()))
            else:
                try:
                    return await self._stream.__anext__()
                except StopAsyncIteration:
                    reply, self._stream = self._stream._reply(), None
                self.take(reply)

    async def _ask_before(self) -> None:
        """Asks `before_tool`, once for each call, however often a read is given up meanwhile."""
        step = self._unasked[0]
        if self._decision is None:
            decision: Any = self._before(step)  # type: ignore[misc]
            if not inspect.isawaitable(decision):
                return self._decide(step, decision)

            async def asked() -> Any:
                return await decision

            self._decision = asyncio.ensure_future(asked())
        await asyncio.wait([self._decision])
        task, self._decision = self._decision, None
        return self._decide(step, task.result())

    async def _one(self) -> ToolResult:
        """Waits for one more result."""
        while True:
            while self._waiting and len(self._running) < self._at_once:
                step = self._waiting.popleft()
                work = _work(self._done, self._tool(step), step, self._context, self._limit(step), self._most)
                self._running[step] = asyncio.create_task(work, name=f"wenwen-{step.name}")
            step, came = await self._done.get()
            if self._running.pop(step, None) is not None:
                return self._expire(step, self._limit(step) or 0.0) if came is None else self._settle(step, came)

    async def aclose(self) -> None:
        """Ends the run and cancels the tools that are at work. Functions in threads cannot be stopped; what they
        return is not awaited."""
        tasks = self._let_go()
        if self._stream is not None:
            await self._stream.close()
            self._stream = None
        if tasks:
            await asyncio.wait(tasks)

    close = aclose

    def _let_go(self) -> list[asyncio.Task[Any]]:
        self._over = True
        tasks = [*self._running.values(), *([self._decision] if self._decision else [])]
        self._unasked.clear()
        self._waiting.clear()
        self._running.clear()
        self._decision = None
        for task in tasks:
            task.cancel()
        return tasks

    def __del__(self) -> None:
        for task in [*getattr(self, "_running", {}).values()]:
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


async def _work(
    done: asyncio.Queue[tuple[ToolResult, Outcome | None]],
    tool: Tool[..., Any],
    step: ToolResult,
    context: dict[str, Any],
    limit: float | None,
    most: int,
) -> None:
    """One call, in a task of its own; None for its outcome where its time is over. Knows nothing of the run, which may
    be let go meanwhile."""
    came: Outcome | None = None
    try:
        async with asyncio.timeout(limit):
            came = await _called(tool, step, context, most)
    except TimeoutError:
        pass
    done.put_nowait((step, came))


async def _called(tool: Tool[..., Any], step: ToolResult, context: dict[str, Any], most: int) -> Outcome:
    began = time.perf_counter()
    try:
        if tool.is_async or not tool.thread:
            value: Any = tool.call_with(step.parsed_arguments, context)
        else:
            value = await _in_thread(lambda: tool.call_with(step.parsed_arguments, context), step.name)
        if inspect.isawaitable(value):
            value = await value
    except asyncio.CancelledError as error:
        if (task := asyncio.current_task()) and task.cancelling():
            raise
        return Outcome(error=error, seconds=time.perf_counter() - began)
    except BaseException as error:
        return Outcome(error=error, seconds=time.perf_counter() - began)
    return outcome(value, most, began)


async def _in_thread(function: Callable[[], Any], name: str) -> Any:
    """A function's result, from a thread with this task's context. Not one of the loop's own threads, of which there
    are few, and which the program waits for at its end: what hangs, hangs alone."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Any] = loop.create_future()

    def done(value: Any, error: BaseException | None) -> None:
        if future.done():
            return
        if error is None:
            future.set_result((value, None))
        else:
            future.set_result((None, error))  # as a value: a future takes no StopIteration

    def work() -> None:
        value = error = None
        try:
            value = context.run(function)
        except BaseException as raised:
            error = raised
        with contextlib.suppress(RuntimeError):  # the loop was closed meanwhile
            loop.call_soon_threadsafe(done, value, error)

    context = contextvars.copy_context()
    threading.Thread(target=work, name=f"wenwen-{name}", daemon=True).start()
    value, error = await future
    if error is not None:
        raise error
    return value
