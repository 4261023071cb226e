"""What a terminal is given by `rich`."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from .._text import printable


class Clean:
    """Something that rich shows, of which nothing controls the terminal: Markdown's entities hide such characters until
    it is made. rows: the most that are shown, the last ones; 0 for all."""

    def __init__(self, made: Any, rows: int = 0) -> None:
        self._made = made
        self._rows = rows

    def __rich_console__(self, console: Any, options: Any) -> Any:
        segment: Any = import_module("rich.segment").Segment
        for line in console.render_lines(self._made, options, pad=False)[-self._rows :]:
            for piece in line:
                if not piece.control:
                    yield segment(printable(piece.text), piece.style and piece.style.update_link(None))
            yield segment.line()


def markdown(text: str, rows: int = 0) -> Clean:
    """A model's Markdown; a link shows where it leads. ImportError where rich is missing."""
    return Clean(import_module("rich.markdown").Markdown(printable(text), hyperlinks=False), rows)
