"""Waiting for a task that the gateway works on: asked for again and again until it is done."""

from __future__ import annotations

import time

from .._errors import APIError, TaskTimeoutError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from types import TracebackType
    from typing import Any, Self, TypeVar

    T = TypeVar("T")

# Failures that the next look may not have; the task goes on meanwhile.
_PASSING = ("connection", "timeout", "rate_limit", "overloaded", "upstream_timeout", "server", "bad_reply")
_MISSES = 8  # in a row
_LONGEST_PAUSE = 30.0
_LOOK = 20.0  # the limit of one look: it is a small reply


class Watch:
    """One wait: its deadline, its pauses, the failures that it puts up with, and what it shows.

    describe: of a task, whether it is done, its percentage (None if it says none) and what it is, in a few words.
    timeout: seconds until TaskTimeoutError; None for no limit. poll: seconds between two looks.
    progress: called with the task at the beginning and after each look; True for a bar (of tqdm where that is
        installed, else a line on stderr).
    """

    def __init__(
        self,
        describe: Callable[[Any], tuple[bool, int | None, str]],
        *,
        timeout: float | None,
        poll: float,
        progress: Callable[[Any], object] | bool | None,
    ) -> None:
        for name, value, none in (("timeout", timeout, ", or None for no limit"), ("poll", poll, "")):
            is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
            if not (value is None and none) and not (is_number and value > 0):  # type: ignore[operator]
                raise ValueError(f"{name} is {value!r}: give seconds above 0{none}")
        if not (progress is None or isinstance(progress, bool) or callable(progress)):
            raise TypeError(f"progress is {progress!r}: give True for a bar, or a function that takes the task")
        self._describe = describe
        self._timeout = timeout
        self._poll = poll
        self._began = time.monotonic()
        self._misses = 0
        self._last = False
        self._error: APIError | None = None
        self._bar = _bar() if progress is True else None
        self._callback = progress if callable(progress) else None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.close()

    def look(self, task: Any) -> tuple[bool, Any]:
        """Whether it is done, and what the callback returned."""
        done, percent, words = self._describe(task)
        if self._bar is not None:
            self._bar.show(100 if done and percent is None else percent, words)
        return done, self._callback(task) if self._callback else None

    def pause(self, task: Any) -> float:
        """Seconds to the next look. The last one comes shortly before the deadline."""
        pause = min(self._poll * 2.0**self._misses, max(self._poll, _LONGEST_PAUSE))
        left = self._left()
        if left is None or left > pause:
            return pause
        if self._last or left <= 0:
            _, percent, words = self._describe(task)
            so_far = "" if percent is None else f" ({percent} %)"
            raise TaskTimeoutError(
                f"{words}{so_far}: not done within {self._timeout:g} s; it goes on, wait() again or refresh()",
                task=task,
                tasks=[task],
                category="timeout",
                elapsed=time.monotonic() - self._began,
            ) from self._error
        self._last = True
        return left * 0.9

    def limit(self) -> float:
        """The timeout of one look."""
        left = self._left()
        return _LOOK if left is None else max(0.001, min(_LOOK, left))

    def missed(self, error: APIError) -> None:
        """Raises it, unless the next look may do better."""
        self._misses += 1
        if error.category not in _PASSING or self._misses > _MISSES:
            raise error
        self._error = error

    def seen(self) -> None:
        """A look was answered."""
        self._misses = 0
        self._error = None

    def _left(self) -> float | None:
        return None if self._timeout is None else self._began + self._timeout - time.monotonic()


def wait(task: T, refresh: Callable[[float], T], watch: Watch) -> T:
    """The task when it is done. `refresh` fetches it anew; it is given the limit of that call."""
    with watch:
        while not watch.look(task)[0]:
            time.sleep(watch.pause(task))
            try:
                task = refresh(watch.limit())
            except APIError as error:
                watch.missed(error)
            else:
                watch.seen()
    return task


async def wait_async(task: T, refresh: Callable[[float], Awaitable[T]], watch: Watch) -> T:
    """The same, awaited; so is what the callback returns, if it can be."""
    import asyncio

    with watch:
        while True:
            done, shown = watch.look(task)
            if hasattr(shown, "__await__"):
                await shown
            if done:
                return task
            await asyncio.sleep(watch.pause(task))
            try:
                task = await refresh(watch.limit())
            except APIError as error:
                watch.missed(error)
            else:
                watch.seen()


class _Line:
    """A line on stderr, where there is no tqdm."""

    def __init__(self) -> None:
        import sys

        self._out = sys.stderr
        self._shown = ""

    def show(self, percent: int | None, words: str) -> None:
        line = words if percent is None else f"{words} {percent:3} %"
        if line == self._shown:
            return
        if self._out.isatty():
            self._out.write("\r" + line.ljust(len(self._shown)))
        else:
            self._out.write(line + "\n")
        self._out.flush()
        self._shown = line

    def close(self) -> None:
        if self._shown and self._out.isatty():
            self._out.write("\n")


class _Tqdm:
    def __init__(self, tqdm: Any) -> None:
        self._bar = tqdm(total=100, unit="%")

    def show(self, percent: int | None, words: str) -> None:
        self._bar.set_description(words, refresh=False)
        if percent is not None:
            self._bar.n = percent
        self._bar.refresh()

    def close(self) -> None:
        self._bar.close()


def _bar() -> _Line | _Tqdm:
    try:
        module = __import__("tqdm.auto", fromlist=("",))
    except ImportError:
        return _Line()
    return _Tqdm(module.tqdm)
