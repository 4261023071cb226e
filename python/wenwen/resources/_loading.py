"""How far a file is that is being written."""

from __future__ import annotations

import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any, Self

    from .._core import Headers

# Seconds before it is shown, and between two changes of a line of ours.
_AFTER, _PAUSE = 1.0, 0.2


class Loading:
    """Of a download that takes longer than a second: a bar of tqdm's where that is installed, else a line on stderr.
    progress: True for that, or a function that is given the bytes so far, and all of them or None; False for neither.
    """

    def __init__(self, progress: Any, headers: Headers) -> None:
        if not (progress is None or isinstance(progress, bool) or callable(progress)):
            raise TypeError(f"progress is {progress!r}: give True for a bar, or a function that takes two numbers")
        length = headers.get("content-length", "")
        # What is packed is counted as it is written, unpacked.
        known = length.isascii() and length.isdigit() and "content-encoding" not in headers
        self._all = int(length) if known else None
        self._count = 0
        self._tell = progress if callable(progress) else None
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

    def add(self, count: int) -> None:
        """So many bytes more."""
        self._count += count
        if self._tell is not None:
            self._tell(self._count, self._all)
        elif self._bar is not None:
            self._bar.update(count)
        elif self._out is not None and (now := time.monotonic()) >= self._next:
            self._next = now + _PAUSE
            self._show()

    def _show(self) -> None:
        total = "" if self._all is None else f" of {self._all / 1e6:.1f}"
        line = f"{self._count / 1e6:.1f}{total} MB"
        # In a terminal one line that changes, in a file nothing but the end.
        if self._out.isatty():
            self._out.write(f"\r{line.ljust(len(self._line))}")
            self._out.flush()
        self._line = line

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.close()
        elif self._line:
            self._show()
            self._out.write("\n" if self._out.isatty() else f"{self._line}\n")
