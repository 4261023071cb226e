"""How replies show themselves: in notebooks, in IPython's terminal, to `rich`. Loaded when one is first shown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from .._core import BinaryContent
from .._text import one_line
from ._blocks import Block, Foot, cut, written
from ._views import blocks_of


def _blocks(value: Any) -> list[Block] | None:
    try:
        return blocks_of(value)
    except Exception:  # a server's field that nobody thought of: the line shows it all the same
        return None


def bundle(value: Any) -> dict[str, str]:
    """What a host is given: text/plain, and text/markdown and text/html of what has more to show than a line."""
    if isinstance(value, BinaryContent):
        page = value._repr_html_()  # a player, or a picture
        return {"text/plain": repr(value), **({} if page is None else {"text/html": page})}
    blocks = _blocks(value)
    return written(blocks) if blocks else {"text/plain": repr(value)}


def line(value: Any) -> str:
    """A reply in a line: its class, and the beginning and end of what it says."""
    return f"{type(value).__name__}({', '.join(f'{name}={text!r}' for name, text in facts(value))})"


def facts(value: Any) -> Iterator[tuple[str, Any]]:
    """The same in names and values; the fields of what has no more to show than these."""
    blocks = _blocks(value)
    if blocks is None:
        for name, field in value.items():
            yield one_line(str(name)), _short(field)
        return
    shown = " ".join(block.plain() for block in blocks if not isinstance(block, Foot))
    if text := one_line(shown):
        yield "shows", cut(text, 120)
    for block in blocks:
        if isinstance(block, Foot):
            yield "facts", cut(block.plain()[2:], 160)


class _Word(str):
    """Stands for itself."""

    __slots__ = ()
    __repr__ = str.__str__


def _short(field: Any) -> Any:
    if isinstance(field, str):
        return cut(one_line(field), 120)
    if isinstance(field, list):
        items = cast("list[object]", field)
        return items if len(items) <= 8 else [*items[:3], _Word(f"… ({len(items)} items)")]
    return field


def pretty(value: Any, printer: Any, cycle: bool) -> None:
    """IPython's `_repr_pretty_`: whole at the end of a cell, a line within a list."""
    blocks = None if cycle else _blocks(value)
    if not blocks:
        printer.text(repr(value))
    elif len(printer.stack) > 1:
        printer.text(line(value))
    else:
        for at, text in enumerate(written(blocks)["text/plain"].split("\n")):
            if at:
                printer.break_()
            printer.text(text)
