"""How a job shows its progress: tqdm's bar where that is installed, one line on a terminal, lines of a log, or what the
user's own function does. Numbers and words of this file are shown alone: no text of a server reaches a terminal.
"""

from __future__ import annotations

import math
import os
import sys
import time
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._row import JobStatus

__all__ = ["Progress", "clear", "described"]

_PAUSE = 0.25  # seconds between two looks: four a second are seen as motion, more only cost
_LOGGED = 30.0  # seconds between two lines of a log

_BAR = len("100%|") + 20 + len("| ")  # columns that a bar takes beside its words

_HELD = {
    "quota": "at the quota",
    "concurrency": "at the limit of what runs at once",
    "budget": "the budget is reserved",
    "input": "waiting for rows",
    "reader": "waiting for the reader",
}


_standing: weakref.WeakSet[Progress] = weakref.WeakSet()


def clear() -> None:
    """Ends what stands on the terminal: what is said next has a line of its own, and so has what is shown later."""
    for progress in list(_standing):
        progress._leave()


class Progress:
    """Shows how far a job is.

    wanted: True; False, which shows nothing; a function of a `JobStatus`, called at most four times a second, and once
        more at the end: what it raises stops the job; or None, which is True on a terminal or in a notebook, and lines
        of the log elsewhere.
    total: how many rows there are, if that is known.

    True is tqdm's bar where that is installed (a widget in notebooks), else one line on stderr if that is a terminal,
    else a line of the logger "wenwen" each 30 s, at level INFO.
    """

    def __init__(self, wanted: bool | Callable[[JobStatus], object] | None, total: int | None) -> None:
        self._total = total
        self._pause = _PAUSE
        self._next = 0.0
        self._bar: Any = None
        self._width = 0  # of the line that stands there
        self._show: Callable[[JobStatus], object] | None = self._chosen(wanted)

    def update(self, status: JobStatus) -> None:
        """Shows it, unless that was done a moment ago."""
        now = time.monotonic()
        if self._show is not None and now >= self._next:
            self._next = now + self._pause
            self._show(status)

    def close(self, status: JobStatus) -> None:
        """Shows how it ended. What comes after it shows nothing."""
        show, self._show = self._show, None
        if show is None:
            return
        try:
            show(status)
        finally:
            self._leave()

    def _leave(self) -> None:
        _standing.discard(self)
        bar, width, self._bar, self._width = self._bar, self._width, None, 0
        if bar is not None:
            bar.close()
        elif width:
            self._write("\n")

    def _chosen(self, wanted: Any) -> Callable[[JobStatus], object] | None:
        if wanted is False:
            return None
        if callable(wanted):
            import inspect

            if inspect.iscoroutinefunction(wanted) or inspect.iscoroutinefunction(wanted.__call__):
                raise TypeError(f"progress is {wanted!r:.100}, which nobody awaits: give a function that is not async")
            return wanted  # type: ignore[no-any-return]
        if wanted is not True and wanted is not None:
            raise TypeError(f"progress is {wanted!r:.100}: give True, False or a function of the job's status")
        terminal = _is_terminal()
        if wanted or terminal or _is_notebook():
            self._bar = _tqdm(self._total)
            if self._bar is not None:
                return self._tqdm
            if terminal:
                return self._line
        self._pause, self._next = _LOGGED, time.monotonic() + _LOGGED
        return self._log

    def _tqdm(self, status: JobStatus) -> None:
        if self._bar is None:
            self._bar = _tqdm(self._total)  # the last one was left
        if self._bar is None:
            return
        _standing.add(self)
        self._bar.n = status.done + status.failed
        room = _columns() - (1 if self._total is None else _BAR) if _is_terminal() else None
        self._bar.set_description_str(described(status, room))

    def _line(self, status: JobStatus) -> None:
        # The last column stays free: what is written there breaks the line on some terminals.
        room = max(_columns() - 1, 0)
        text = described(status, room)[:room]
        _standing.add(self)
        self._write("\r" + text.ljust(self._width))
        self._width = len(text)

    def _write(self, text: str) -> None:
        try:
            sys.stderr.write(text)
            sys.stderr.flush()
        except (OSError, ValueError, AttributeError):
            self._show = None  # the terminal has gone; the job need not

    def _log(self, status: JobStatus) -> None:
        import logging

        logging.getLogger("wenwen").info("job: %s", described(status))


def described(status: JobStatus, room: int | None = None) -> str:
    """One line, of what is known: `1,234/10,000 rows, 12 failed, 200 in flight, 95.2/s, 1.2M + 340k tokens, $1.23 of
    about $10.00, 1:32 left, at the quota`.

    room: columns that there are for it; what matters least is left out where it needs more."""
    ended = status.done + status.failed
    total = f"/{status.total:,}" if status.total is not None else ""
    # Each with how early it may go.
    parts = [(0, f"{ended:,}{total} row{'' if (status.total or ended) == 1 else 's'}")]
    counts = (7, status.cached, "known before"), (3, status.failed, "failed"), (6, status.running, "in flight")
    parts += [(rank, f"{count:,} {what}") for rank, count, what in counts if count]
    if status.rate > 0:
        parts.append((5, f"{status.rate:,.{0 if status.rate >= 100 else 1}f}/s"))
    if status.input_tokens or status.output_tokens:
        parts.append((8, f"{_short(status.input_tokens)} + {_short(status.output_tokens)} tokens"))
    if status.cost is not None:
        paid = ended - status.cached
        left = 0 if status.total is None else status.total - ended
        # What is left costs what was paid for in the mean.
        about = f" of about {_dollars(status.cost * (1 + left / paid))}" if paid > 0 and left > 0 else ""
        parts.append((4, _dollars(status.cost) + about))
    if status.eta is not None and 0 < status.eta < math.inf:
        parts.append((1, f"{_span(status.eta)} left"))
    if status.held in _HELD:
        parts.append((2, _HELD[status.held]))
    while room is not None and len(parts) > 1 and sum(len(text) + 2 for _, text in parts) - 2 > room:
        parts.remove(max(parts))
    return ", ".join(text for _, text in parts)


def _short(count: float) -> str:
    for size, unit in (1e9, "G"), (1e6, "M"), (1e3, "k"):
        if count >= size:
            return f"{count / size:.{1 if count < 10 * size else 0}f}{unit}"
    return f"{count:.0f}"


def _dollars(dollars: float) -> str:
    return f"${dollars:,.{2 if dollars >= 1 else 4}f}"


def _span(seconds: float) -> str:
    minutes, rest = divmod(math.ceil(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:,}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _is_terminal() -> bool:
    try:
        return sys.stderr.isatty()
    except (AttributeError, ValueError):  # none, or closed
        return False


def _is_notebook() -> bool:
    """Whether a kernel runs this: it has IPython loaded, and a shell that is no terminal's."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return hasattr(shell, "kernel")


def _columns() -> int:
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns or 80
    except (OSError, ValueError, AttributeError):
        return 80


def _tqdm(total: int | None) -> Any:
    """A bar of tqdm's, or None. It shows what we say: its own rate and time left take rows of the ledger for work."""
    try:
        import importlib
        import warnings

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # in a notebook without ipywidgets: the bar is of text there
            tqdm = importlib.import_module("tqdm.auto").tqdm
        # A widget has its own bar, in the place of a plain {bar}; of another it writes a second one, of text.
        bar = "{bar}" if any(kind.__name__ == "tqdm_notebook" for kind in tqdm.__mro__) else "{bar:20}"
        shape = "{desc}" if total is None else f"{{percentage:3.0f}}%|{bar}| {{desc}}"
        return tqdm(total=total, bar_format=shape, dynamic_ncols=True)
    except Exception:  # not installed, or not fit for this notebook: no reason for a job to end
        return None
