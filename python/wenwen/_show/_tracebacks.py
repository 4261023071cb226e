"""Tracebacks in IPython, without the frames of this package."""

from __future__ import annotations

from types import TracebackType
from typing import Any


def rendered(error: BaseException) -> list[str]:
    """The lines that IPython shows of an error."""
    from IPython.core.getipython import get_ipython

    shell: Any = get_ipython()  # type: ignore[no-untyped-call,unused-ignore]
    kept = [(one, one.__traceback__) for one in _chain(error)]
    try:
        for one, trace in kept:
            one.__traceback__ = _without_ours(trace)
        lines = shell.InteractiveTB.structured_traceback(type(error), error, error.__traceback__, tb_offset=1)
        return [*lines]
    finally:
        # A debugger is given all of them.
        for one, trace in kept:
            one.__traceback__ = trace


def is_ours(error: BaseException) -> bool:
    """Whether it was raised here."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace is not None and _is_ours(trace)


def _is_ours(trace: TracebackType) -> bool:
    return str(trace.tb_frame.f_globals.get("__name__")).partition(".")[0] == "wenwen"


def _chain(error: BaseException | None) -> list[BaseException]:
    found: list[BaseException] = []
    while error is not None and not any(error is one for one in found):
        found.append(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return found


def _without_ours(trace: TracebackType | None) -> TracebackType | None:
    frames: list[TracebackType] = []
    while trace is not None:
        if not _is_ours(trace):
            frames.append(trace)
        trace = trace.tb_next
    made: TracebackType | None = None
    for one in reversed(frames):
        made = TracebackType(made, one.tb_frame, one.tb_lasti, one.tb_lineno)
    return made
