"""How far a file is that is being sent, or written."""

from __future__ import annotations

import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any, Self

    from .._core import Headers

# Seconds before it is shown, and between two changes of a line of ours.
_AFTER, _PAUSE = 1.0, 0.2


def checked(progress: Any) -> Any:
    """What was given as `progress`: True for a bar, a function that is given the bytes so far, and all of them or None;
    False and None for neither."""
    if not (progress is None or isinstance(progress, bool) or callable(progress)):
        raise TypeError(f"progress is {progress!r}: give True for a bar, or a function that takes two numbers")
    return progress


def length(headers: Headers) -> int | None:
    """How long a body will be; None if nobody knows: what is packed is counted as it is written, unpacked."""
    length = headers.get("content-length", "")
    return int(length) if length.isascii() and length.isdigit() and "content-encoding" not in headers else None


class Loading:
    """Of what takes longer than a second: a bar of tqdm's where that is installed, else a line on stderr."""

    def __init__(self, progress: Any, all: int | None) -> None:
        self._tell = progress if callable(checked(progress)) else None
        self._all = all
        self._count = 0
        self._bar: Any = None
        self._out: Any = None
        self._line = ""
        self._next = time.monotonic() + _AFTER
        if progress is not True:
            return
        try:
            auto = __import__("tqdm.auto", fromlist=("",))  # the bar of a notebook in a notebook
        except ImportError:
            import sys

            self._out = sys.stderr  # None where there is no console
        else:
            self._bar = auto.tqdm(total=self._all, unit="B", unit_scale=True, delay=_AFTER)

    def at(self, count: int) -> None:
        """So many bytes are done."""
        more, self._count = count - self._count, count
        if self._tell is not None:
            self._tell(count, self._all)
        elif self._bar is not None:
            self._bar.update(more)
        elif self._out is not None and (now := time.monotonic()) >= self._next:
            self._next = now + _PAUSE
            self._show()

    def add(self, count: int) -> None:
        """So many bytes more."""
        self.at(self._count + count)

    def _show(self) -> None:
        total = "" if self._all is None else f" of {self._all / 1e6:.1f}"
        line = f"{self._count / 1e6:.1f}{total} MB"
        # In a terminal one line that changes, in a file nothing but the end.
        if self._out.isatty():
            self._out.write(f"\r{line.ljust(len(self._line))}")
            self._out.flush()
        self._line = line

    def close(self) -> None:
        """Leaves what it has shown."""
        if self._bar is not None:
            self._bar.close()
        elif self._line:
            self._show()
            self._out.write("\n" if self._out.isatty() else f"{self._line}\n")
            self._line = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Sending:
    """Of the files of a call, of each of its attempts anew. Called in the call's own thread, or that of its loop."""

    future: Any = None  # of an async call
    _loading: Loading | None = None

    def __init__(self, progress: Any) -> None:
        self._progress = checked(progress)

    def __call__(self, count: int, all: int) -> None:
        """So many bytes of all are on their way. What the user's function raises ends the call."""
        try:
            if self._loading is None:
                self._loading = Loading(self._progress, all)
            self._loading.at(count)
            if count == all:
                self._shut()  # what follows is the gateway's time, and would spoil the rate
        except Exception as error:
            if self.future is None:
                raise
            if not self.future.done():
                self.future.set_exception(error)

    def _shut(self) -> None:
        if self._loading is not None:
            self._loading.close()
            self._loading = None

    def close(self) -> None:
        """The call has ended."""
        self._shut()
        self.future = None

    def __del__(self) -> None:
        self._shut()  # of a call that was given up
