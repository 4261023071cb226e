"""Streams that are shown while they arrive."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol

from .._frames import without_frames
from .._text import printable
from ._blocks import Block, Folded, Foot, Said, written
from ._rich import Clean, markdown
from ._views import blocks_of, steps_of
from ._words import MOST, half

# Seconds between two looks at what has arrived; and at most a fifth of the time goes into drawing.
_PAUSE = 0.1
_SHARE = 5


def _shell() -> Any:
    """IPython's; None where nobody has loaded it."""
    ipython = sys.modules.get("IPython")
    return ipython and ipython.get_ipython()


def notebook() -> Any:
    """The shell of a notebook's kernel; None elsewhere."""
    shell = _shell()
    return shell if getattr(shell, "kernel", None) is not None else None


class _Screen(Protocol):
    """Where it is drawn: again and again, and once at the end."""

    def draw(self, blocks: list[Block]) -> None: ...

    def end(self, blocks: list[Block]) -> None: ...


class _Cell:
    """Below a notebook's cell, in one place."""

    _handle: Any = None

    def draw(self, blocks: list[Block]) -> None:
        self.put(written(_arriving(blocks)))

    def end(self, blocks: list[Block]) -> None:
        self.put(written(blocks))

    def put(self, shown: dict[str, str]) -> None:
        if self._handle is None:
            display: Any = __import__("IPython.display", fromlist=("",)).display
            self._handle = display(shown, raw=True, display_id=True)
        else:
            self._handle.update(shown, raw=True)


class _Output(_Cell):
    """The same of marimo's."""

    def put(self, shown: dict[str, str]) -> None:
        output: Any = __import__("marimo").output
        output.replace(_Bundle(shown))


class _Bundle:
    def __init__(self, shown: dict[str, str]) -> None:
        self._shown = shown

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return {**self._shown}


def _arriving(blocks: list[Block]) -> list[Block]:
    """What is there, without the facts that come last; what the model thinks is open until it speaks."""
    shown: list[Block] = [block for block in blocks if not isinstance(block, Foot)]
    if shown and isinstance(shown[-1], Said):
        shown[-1] = Said(half(shown[-1].text[: MOST + 1]))
    elif shown and isinstance(shown[-1], Folded):
        shown[-1] = Folded(shown[-1].title, half(shown[-1].text), True)
    return shown


class _Rendered:
    """In a terminal, by `rich`; of what is longer than the window its end, and all of it when it has ended."""

    def __init__(self, live: Any, text: Any) -> None:
        self._live, self._text = live, text
        self._console = live.console
        live.start()

    def _of(self, block: Block) -> Any:
        if isinstance(block, Said) and len(block.text) <= MOST:
            return markdown(block.text)
        return self._text(block.plain())

    def draw(self, blocks: list[Block]) -> None:
        from rich.console import Group

        shown = Clean(Group(*map(self._of, _arriving(blocks))), max(self._console.height - 2, 1))
        self._live.update(shown, refresh=True)

    def end(self, blocks: list[Block]) -> None:
        self._live.stop()
        for block in blocks:
            self._console.print(self._of(block))


class _Printed:
    """Letter by letter on standard output."""

    _count = 0

    def draw(self, blocks: list[Block]) -> None:
        text = "".join(printable(block.text) for block in blocks if isinstance(block, Said))
        self._write(text[self._count :])
        self._count = max(self._count, len(text))

    def end(self, blocks: list[Block]) -> None:
        self.draw(blocks)
        rest = [block.plain() for block in blocks if not isinstance(block, Said)]
        self._write("\n".join(["", *filter(None, rest), ""]))

    @staticmethod
    def _write(text: str) -> None:
        if sys.stdout is None:
            return  # there is no console
        # One that has not every letter is given the others' numbers.
        encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
        print(text.encode(encoding, "backslashreplace").decode(encoding), end="", flush=True)


def _screen() -> _Screen:
    if notebook() is not None:
        return _Cell()
    marimo = sys.modules.get("marimo")
    if marimo is not None and marimo.running_in_notebook():
        return _Output()
    if sys.stdout is not None and sys.stdout.isatty():
        try:
            from rich.console import Console
            from rich.live import Live
            from rich.text import Text
        except ImportError:
            pass
        else:
            return _Rendered(Live(console=Console(), auto_refresh=False, transient=True), Text)
    return _Printed()


class _Show:
    """One stream that is shown. `source` is read, `so_far` tells what there is, `whole` what it came to."""

    def __init__(self, stream: Any) -> None:
        self.source = stream
        self.whole: Callable[[], Any]
        if hasattr(stream, "turns"):  # a run of tools
            self.whole = lambda: stream.reply
        elif hasattr(stream, "_final"):  # a helper's: RuntimeError of one that has sent nothing
            self.source = stream._stream
            self.whole = stream._final
        else:
            self.whole = stream._reply
        self._screen = _screen()
        self._next = 0.0

    def _so_far(self) -> list[Block]:
        source = self.source
        if not hasattr(source, "turns"):
            return blocks_of(source._partial()) or []
        turn = source._stream and blocks_of(source._stream._partial())
        return [*steps_of(source), *(turn or ())]

    def look(self) -> None:
        """Draws what has arrived, if it is time."""
        now = time.monotonic()
        if now < self._next:
            return
        blocks = self._so_far()
        if not all(isinstance(block, Foot) for block in blocks):
            self._screen.draw(blocks)
        took = time.monotonic() - now
        self._next = now + took + max(_PAUSE, took * _SHARE)

    def end(self, reply: Any) -> Any:
        """Draws the whole, or what there is of it."""
        self._screen.end(self._so_far() if reply is None else blocks_of(reply) or [])
        return _seen(reply)


def _seen(reply: Any) -> Any:
    """A reply that was shown: at the end of the same cell it is not shown again."""
    if (shell := _shell()) is not None:
        cell = shell.execution_count

        def once() -> None:
            if shell.execution_count != cell:
                raise NotImplementedError  # IPython's word for: ask for another form

        with suppress(AttributeError):  # a dict, and what else has no place for it
            reply._ipython_display_ = once
    return reply


def show(stream: Any) -> Any:
    """Shows a stream to its end. Returns the whole reply."""
    try:
        shown = _Show(stream)
    except RuntimeError:
        with stream:
            return show(stream)
    reply = None
    try:
        for _ in shown.source:
            shown.look()
        reply = shown.whole()
    finally:
        shown.end(reply)
    return reply


def show_here(stream: Any) -> None:
    """Shows a stream that ends a cell. Why it breaks off stands below what came: raised, IPython would add the line of
    the stream."""
    try:
        show(stream)
    except Exception as error:
        _tell(error)


def _tell(error: BaseException) -> None:
    without_frames(error)
    _shell().showtraceback((type(error), error, error.__traceback__))


async def show_awaited(stream: Any) -> Any:
    """The same, awaited."""
    try:
        shown = _Show(stream)
    except RuntimeError:
        async with stream:
            return await show_awaited(stream)
    reply = None
    try:
        async for _ in shown.source:
            shown.look()
        reply = shown.whole()
        if hasattr(reply, "__await__"):
            reply = await reply
    finally:
        shown.end(reply)
    return reply


_SHOWING: set[Any] = set()


def show_later(stream: Any) -> None:
    """Shows an async stream that ends a cell. One that is there is read as a sync one would be: the cell ends with it,
    in its own place. What has yet to be sent needs the loop, which goes on after the cell."""
    import asyncio

    from .._loop import AsyncStream

    if isinstance(stream, AsyncStream):
        open: Any = stream  # pyright: ignore[reportUnknownVariableType]
        show_here(open._stream)
        return
    if getattr(stream, "_streams", True) is False:
        raise NotImplementedError  # a run that is to be awaited: it begins for nobody's look
    try:
        task = asyncio.get_running_loop().create_task(show_awaited(stream))
    except RuntimeError:
        raise NotImplementedError from None  # no loop: its line is shown
    _SHOWING.add(task)  # a loop keeps tasks by weak references
    task.add_done_callback(_ended)


def show_now(stream: Any) -> Any:
    """An async stream that ends one of marimo's cells: as `show_later`, and of one that has yet to be sent its line."""
    from .._loop import AsyncStream

    if not isinstance(stream, AsyncStream):
        return repr(stream)
    open: Any = stream  # pyright: ignore[reportUnknownVariableType]
    return show(open._stream)


def _ended(task: Any) -> None:
    _SHOWING.discard(task)
    if not task.cancelled() and (error := task.exception()) is not None:
        _tell(error)
