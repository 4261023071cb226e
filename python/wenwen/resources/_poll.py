"""Waiting for tasks that the gateway works on: looked at again and again until all have ended."""

from __future__ import annotations

import math
import time

from .._core import Timeout
from .._errors import APIError, NotFoundError, TaskTimeoutError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from types import TracebackType
    from typing import Any, Self, TypeAlias

    # Tasks by their ids; None is one that was not looked at yet.
    Tasks: TypeAlias = dict[str, Any]

# The gateway gives a task of Midjourney's up after an hour; a minute more for it to say so.
_LONGEST = 3660.0
# For one look; the gateway answers from its database.
_LOOK = 20.0
# Looks in a row that do not find a task, after which there is none.
_MISSED = 3
# Failures that the next look may not have; the task goes on meanwhile.
_PASSING = {"connection", "timeout", "rate_limit", "overloaded", "upstream_timeout", "server", "bad_reply"}


class Wait:
    """One wait, whose time begins now. See `Task.wait` for timeout, poll and progress.

    state: of a task, whether it has ended, its percentage, its status, and what else makes a change.
    """

    def __init__(
        self,
        state: Callable[[Any], tuple[Any, ...]],
        *,
        timeout: float | Timeout | None,
        poll: float,
        progress: Callable[[Any], object] | bool | None,
    ) -> None:
        if timeout is None:
            timeout = _LONGEST
        limit = timeout.total if isinstance(timeout, Timeout) else timeout
        limit = math.inf if limit is None else limit
        numbers: list[tuple[str, object, str]]
        numbers = [("timeout", limit, ", or wenwen.NO_TIMEOUT for no limit"), ("poll", poll, "")]
        for name, value, more in numbers:
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not value > 0:
                raise ValueError(f"{name} is {value!r}: give seconds above 0{more}")
        if not (progress is None or isinstance(progress, bool) or callable(progress)):
            raise TypeError(f"progress is {progress!r}: give True for a bar, or a function that takes the task")
        self._state = state
        self._limit = limit
        self._poll = poll
        self._progress = progress
        self._began = time.monotonic()

    async def run(self, tasks: Tasks, look: Callable[[list[str], float], Awaitable[Tasks]], awaits: bool) -> None:
        """Waits until all have ended. `look` is given the ids of those that have not, and within how many seconds it is
        to answer; what it finds is put into `tasks`, and what `progress` returns is awaited, if it can be. Ctrl-C ends
        it at once, and so does cancelling. `awaits`: whether a loop runs it, for which it sleeps."""
        # As the looks found them; what a submit says of a task is less.
        states = {id: self._state(task) for id, task in tasks.items() if task is not None}
        states = {id: state for id, state in states.items() if state[0]}
        missed = dict.fromkeys(tasks, 0)
        trouble: APIError | None = None
        looked = last = False
        with _Display(self._progress is True, len(tasks)) as display:
            while running := [id for id in tasks if id not in states or not states[id][0]]:
                if looked:
                    left = self._left()
                    if last or left <= 0:
                        raise self._late(running, tasks, states, trouble) from trouble
                    # The last look comes shortly before the end.
                    last = left <= self._poll
                    pause = left * 0.9 if last else self._poll
                    if awaits:
                        from asyncio import sleep

                        await sleep(pause)
                    else:
                        time.sleep(pause)
                looked = True
                try:
                    found = await look(running, max(0.001, min(_LOOK, self._left())))
                except APIError as error:
                    # Code 5: the gateway did not reach Midjourney, which it says with a 400.
                    if error.category not in _PASSING and error.code != "5":
                        raise
                    trouble = error
                    continue
                trouble = None
                for id in running:
                    missed[id] = 0 if id in found else missed[id] + 1
                    if id not in found:
                        continue
                    task = tasks[id] = found[id]
                    if states.get(id) != (state := self._state(task)):
                        states[id] = state
                        display.show(states)
                        told: Any = self._progress(task) if callable(self._progress) else None
                        if hasattr(told, "__await__"):
                            await told
                if gone := [id for id in running if missed[id] >= _MISSED]:
                    raise NotFoundError(
                        f"no such task: {', '.join(gone)} (a task is visible only to the account that submitted it)",
                        status_code=404,
                        category="not_found",
                    )

    def _left(self) -> float:
        return self._began + self._limit - time.monotonic()

    def _late(
        self, running: list[str], tasks: Tasks, states: dict[str, tuple[Any, ...]], trouble: APIError | None
    ) -> TaskTimeoutError:
        words = [f"{id} ({_words(states[id]) if id in states else 'not seen'})" for id in running]
        what = "the task has" if len(running) == 1 else f"{len(running)} tasks have"
        text = f"{what} not ended within {self._limit:g} s: {', '.join(words[:5])}{', …' if len(words) > 5 else ''}"
        if trouble is not None:
            text += f"; the last look failed: {trouble}"
        return TaskTimeoutError(
            text,
            category="timeout",
            task=tasks[running[0]],
            tasks=list(tasks.values()),
            elapsed=time.monotonic() - self._began,
        )


def _words(state: tuple[Any, ...]) -> str:
    return f"{_percent(state)} % {str(state[2] or 'submitted').lower().replace('_', ' ')}"


def _percent(state: tuple[Any, ...]) -> int:
    return 100 if state[0] else state[1]


class _Display:
    """How far the tasks are: a bar of tqdm's where that is installed, else a line on stderr."""

    def __init__(self, on: bool, count: int) -> None:
        import sys

        self._count = count
        self._out: Any = sys.stderr if on else None  # which is None too where there is no console
        self._line = ""
        self._bar: Any = None
        if not on:
            return
        try:
            # The bar of a notebook in a notebook.
            auto = __import__("tqdm.auto", fromlist=("",))
        except ImportError:
            return
        # Without a rate: per cent per second say nothing of a task that waits for its turn.
        self._bar = auto.tqdm(total=100, unit="%", bar_format="{desc}{percentage:3.0f}%|{bar}| {elapsed}")

    def show(self, states: dict[str, tuple[Any, ...]]) -> None:
        from .._text import one_line

        percent = sum(map(_percent, states.values())) // self._count
        what, words = f"{self._count} tasks", f"{percent} %"
        if self._count == 1:
            ((id, state),) = states.items()
            what, words = one_line(f"task {id}"), one_line(_words(state))
        if self._bar is not None:
            self._bar.set_description(f"{what}{words.partition('%')[2]}", refresh=False)
            self._bar.n = percent
            self._bar.refresh()
        elif self._out is not None and (line := f"{what} {words}") != self._line:
            # In a terminal one line that changes, in a file one line a change.
            self._out.write(f"\r{line.ljust(len(self._line))}" if self._out.isatty() else f"{line}\n")
            self._out.flush()
            self._line = line

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.close()
        elif self._line and self._out.isatty():
            self._out.write("\n")
