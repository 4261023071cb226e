"""Errors leave the package without its frames: a traceback shows the user's lines and the error's words, wherever it is
printed, logged or looked through. `python -X dev` shows them all.

A bare `raise` adds no frame of its own, so what is taken out in an `except` where a call of the user's ends is out for
good. Nothing of it is run where nothing fails.
"""

from __future__ import annotations

import sys
from types import TracebackType

from ._errors import InternalError, WenwenError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Generator
    from typing import Any, TypeVar

    T = TypeVar("T")

SHOWN: bool = sys.flags.dev_mode

# What is raised here on purpose. Any other that begins in a frame of ours is a mistake, to be found by its frames.
_MEANT = (WenwenError, TypeError, ValueError, LookupError, OSError, RuntimeError, StopIteration, StopAsyncIteration)


def without_frames(error: BaseException) -> None:
    """Takes our frames out of an error and of what it comes from. For an `except` that ends with a bare `raise`."""
    seen: set[int] = set()
    one: BaseException | None = None if SHOWN else error
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        trace = one.__traceback__
        frames: list[TracebackType] = []
        ours = False
        while trace is not None:
            ours = trace.tb_frame.f_globals.get("__name__", "").partition(".")[0] == "wenwen"
            if not ours:
                frames.append(trace)
            trace = trace.tb_next
        is_mistake = ours and isinstance(one, Exception) and not isinstance(one, _MEANT)
        if not is_mistake and not isinstance(one, InternalError):
            for each in reversed(frames):
                trace = TracebackType(trace, each.tb_frame, each.tb_lasti, each.tb_lineno)
            one.__traceback__ = trace
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)


def frameless(target: T) -> T:
    """Decorates what users call: a function, or a class for all its public methods. What its signature and its frame
    show stays that of the function itself."""
    function: Any = target
    if isinstance(target, type):
        for name, each in [*vars(target).items()]:
            if name.startswith("_") and name not in _SPECIAL:
                continue
            if type(each) is property:
                setattr(target, name, property(each.fget and frameless(each.fget), each.fset, each.fdel, each.__doc__))
            # One that does it itself is left as it is, for its time counts.
            elif type(each) is type(frameless) and "without_frames" not in each.__code__.co_names:
                setattr(target, name, frameless(each))
        return target
    kind = function.__code__.co_flags & (_GENERATOR | _COROUTINE | _ASYNC_GENERATOR)
    made: Any = _FORMS[kind](function)
    for name in ("__module__", "__name__", "__qualname__", "__doc__", "__annotations__"):
        setattr(made, name, getattr(function, name))
    made.__dict__.update(function.__dict__)
    made.__wrapped__ = function
    return made  # type: ignore[no-any-return]


class Frameless:
    """Whose subclasses' public methods are."""

    __slots__ = ()

    def __init_subclass__(cls, **given: Any) -> None:
        super().__init_subclass__(**given)
        frameless(cls)


def _left(error: BaseException) -> None:
    """Ours, and that of the decoration whatever is shown, whose locals were hidden by nobody."""
    error.__traceback__ = error.__traceback__ and error.__traceback__.tb_next
    without_frames(error)


def _plain(function: Any) -> Any:
    def through(*args: Any, **given: Any) -> Any:
        try:
            return function(*args, **given)
        except BaseException as error:
            _left(error)
            raise

    return through


def _awaited(function: Any) -> Any:
    async def through(*args: Any, **given: Any) -> Any:
        try:
            return await function(*args, **given)
        except BaseException as error:
            _left(error)
            raise

    return through


def _iterated(function: Any) -> Any:
    def through(*args: Any, **given: Any) -> Generator[Any, Any, Any]:
        try:
            steps: Generator[Any, Any, Any] = function(*args, **given)
            return (yield from steps)
        except BaseException as error:
            _left(error)
            raise

    return through


def _iterated_awaited(function: Any) -> Any:
    async def through(*args: Any, **given: Any) -> AsyncIterator[Any]:
        items = function(*args, **given)
        try:
            async for item in items:
                yield item
        except BaseException as error:
            _left(error)
            raise
        finally:
            await items.aclose()

    return through


_SPECIAL = {f"__{name}__" for name in ["init", "call", "getitem", "iter", "next", "aiter", "anext", "enter", "aenter"]}
_GENERATOR, _COROUTINE, _ASYNC_GENERATOR = 0x20, 0x80, 0x200
_FORMS = {0: _plain, _GENERATOR: _iterated, _COROUTINE: _awaited, _ASYNC_GENERATOR: _iterated_awaited}
