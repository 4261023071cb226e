"""Waiting for tasks: what is asked when, once for sync and async clients, and how progress is shown."""

from __future__ import annotations

import time

from .._errors import APIError, NotFoundError, TaskTimeoutError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator, Sequence
    from typing import Any, TypeAlias

    from .._core import Timeout
    from ..types.midjourney import Progress, TaskFields

    # Seconds to sleep, or the ids to look at and within how many seconds; what is sent back are the tasks found.
    Plan: TypeAlias = Generator[float | tuple[list[str], float], Any, None]

# The gateway gives a task up after an hour; a minute more for it to say so.
LONGEST = 3660.0
# For one look; the gateway answers from its database.
_LOOK = 20.0
# Looks in a row that do not find a task, after which there is none.
_MISSED = 3
_PASSING = {"connection", "timeout", "rate_limit", "overloaded", "upstream_timeout", "server", "bad_reply"}


def watch(
    tasks: dict[str, TaskFields | None],
    timeout: float | Timeout | None,
    poll: float,
    changed: Callable[[str, TaskFields], object],
) -> Plan:
    """Looks at the tasks until all have ended; `changed` is told of each that has changed, under its id."""
    limit = _seconds("timeout", timeout)
    if not poll > 0:
        raise ValueError(f"poll is {poll!r}: give the seconds between two looks, more than 0")
    end = None if limit is None else time.monotonic() + limit
    missed = dict.fromkeys(tasks, 0)
    seen: dict[str, object] = {}
    trouble: APIError | None = None
    while running := [id for id, task in tasks.items() if task is None or not task.is_done]:
        left = _LOOK if end is None else end - time.monotonic()
        if left <= 0:
            raise _late(running, tasks, limit, trouble)
        try:
            found = yield running, min(_LOOK, left)
            trouble = None
        except APIError as error:
            # Code 5: the gateway did not reach Midjourney, which it says with a 400.
            if error.category not in _PASSING and error.code != "5":
                raise
            trouble, found = error, None
        if found is not None:
            there = {task.id: task for task in found}
            for id in running:
                task = there.get(id)
                missed[id] = missed[id] + 1 if task is None else 0
                if task is not None:
                    state = (task.status, task.progress, task.imageUrl)
                    if seen.get(id) != state:
                        seen[id] = state
                        changed(id, task)
            if gone := [id for id, times in missed.items() if times >= _MISSED]:
                raise NotFoundError(
                    f"no such task: {', '.join(gone)} (a task is visible only to the account that submitted it)",
                    status_code=404,
                    category="not_found",
                )
        if all(task is not None and task.is_done for task in tasks.values()):
            return
        yield poll if end is None else max(0.0, min(poll, end - time.monotonic()))


def _seconds(name: str, value: float | Timeout | None) -> float | None:
    if value is None:
        return LONGEST
    seconds = value if isinstance(value, (int, float)) else value.total
    if seconds is not None and not seconds > 0:
        raise ValueError(f"{name} is {value!r}: give seconds above 0, or wenwen.NO_TIMEOUT for no limit")
    return seconds


def _late(
    running: list[str], tasks: dict[str, TaskFields | None], limit: float | None, trouble: APIError | None
) -> TaskTimeoutError:
    states = [f"{id} ({(task.status or 'submitted') if task else 'not seen'})" for id, task in tasks.items()]
    states = [state for id, state in zip(tasks, states, strict=True) if id in running]
    what = "the task has" if len(running) == 1 else f"{len(running)} tasks have"
    text = f"{what} not ended within {limit} s: {', '.join(states[:5])}{', …' if len(states) > 5 else ''}"
    if trouble is not None:
        text += f"; the last look failed: {trouble}"
    late = TaskTimeoutError(text, category="timeout", task=tasks[running[0]], tasks=list(tasks.values()))
    late.__cause__ = trouble
    return late


def run(plan: Plan, look: Callable[[list[str], float], Sequence[TaskFields]]) -> None:
    """Carries a plan out. Ctrl-C ends it at once."""
    try:
        step = next(plan)
        while True:
            found = None
            try:
                if not isinstance(step, tuple):
                    time.sleep(step)
                else:
                    found = look(*step)
            except APIError as error:
                step = plan.throw(error)
            else:
                step = plan.send(found)
    except StopIteration:
        pass


async def run_async(plan: Plan, look: Callable[[list[str], float], Awaitable[Sequence[TaskFields]]]) -> None:
    """The same, awaited. Cancelling the asyncio task ends it at once."""
    from asyncio import sleep

    try:
        step = next(plan)
        while True:
            found = None
            try:
                if not isinstance(step, tuple):
                    await sleep(step)
                else:
                    found = await look(*step)
            except APIError as error:
                step = plan.throw(error)
            else:
                step = plan.send(found)
    except StopIteration:
        pass


class Show:
    """Shows how far some tasks are, in the way that `progress` says."""

    def __init__(self, progress: Progress, tasks: dict[str, TaskFields | None]) -> None:
        self._count = len(tasks)
        self._parts = {id: 100 for id, task in tasks.items() if task is not None and task.is_done}
        self._bar: Any = None
        self._line = ""
        self._function = progress if callable(progress) else None
        self._on = progress is True
        if self._on:
            try:
                # The bar of a notebook in a notebook.
                auto = __import__("tqdm.auto", fromlist=("",))
                self._bar = auto.tqdm(total=100, unit="%", leave=True)
            except ImportError:
                pass

    def __call__(self, task: TaskFields) -> None:
        if self._function is not None:
            self._function(task)
        if not self._on:
            return
        self._parts[task.id] = 100 if task.is_done else max(self._parts.get(task.id, 0), task.percent or 0)
        percent = sum(self._parts.values()) // self._count
        status = (task.status or "submitted").lower().replace("_", " ")
        what = f"task {task.id}" if self._count == 1 else f"{self._count} tasks"
        if self._bar is not None:
            self._bar.set_description_str(f"{what} {status}" if self._count == 1 else what, refresh=False)
            self._bar.update(percent - self._bar.n)
            self._bar.refresh()
            return
        self._write(f"{what} {percent} %{f' {status}' if self._count == 1 else ''}")

    def _write(self, line: str) -> None:
        import sys

        if sys.stderr is None or line == self._line:  # pyright: ignore[reportUnnecessaryComparison]
            return
        # In a terminal one line that changes, in a file one line a change.
        fits = sys.stderr.isatty()
        sys.stderr.write(f"\r{line.ljust(len(self._line))}" if fits else f"{line}\n")
        sys.stderr.flush()
        self._line = line

    def __enter__(self) -> Show:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()
        elif self._line:
            import sys

            if sys.stderr.isatty():
                sys.stderr.write("\n")
