"""Answers as Markdown in a terminal, while they arrive, by rich."""

from __future__ import annotations

import re
import sys
import time
from importlib import import_module
from typing import Any

from wenwen._show._rich import markdown

from ._ask import Answer

_PAUSE = 0.1  # seconds between two drawings


class MarkdownAnswer(Answer):
    """Whole blocks are written and stay; the last one is drawn anew as it grows. ImportError where rich is missing."""

    def __init__(self) -> None:
        super().__init__()
        self._live_of: Any = import_module("rich.live").Live
        self._console: Any = import_module("rich.console").Console(file=sys.stdout)
        self._left = ""
        self._written = False
        self._live: Any = None
        self._drawn = 0.0

    def add(self, text: str) -> None:
        self._pieces.append(text)
        self._rest()
        self._left += text
        if "\n" in text and (whole := _whole(self._left)):
            self._write(self._left[:whole])
            self._left = self._left[whole:]
        if time.monotonic() - self._drawn > _PAUSE and self._left.strip():
            if self._live is None:
                self._live = self._live_of(console=self._console, auto_refresh=False, transient=True)
                self._live.start()
            self._live.update(markdown(self._left, max(self._console.height - 2, 1)), refresh=True)
            self._drawn = time.monotonic()

    def end(self) -> None:
        super().end()
        self._write(self._left)
        self._left = ""

    def _write(self, text: str) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None
        if text.strip():
            if self._written:
                self._console.print()
            self._console.print(markdown(text), end="")
            self._written = True


def _whole(text: str) -> int:
    """How much of it is whole blocks: up to the last line outside of code that follows a blank one and is not
    indented, which would be a part of a list."""
    whole = at = 0
    fence = ""
    blank = False
    for line in text.splitlines(keepends=True):
        bare = line.strip()
        if blank and not fence and bare and not line[0].isspace():
            whole = at
        if mark := re.match("`{3,}|~{3,}", bare):
            if not fence:
                fence = mark[0]
            elif bare == mark[0] and bare.startswith(fence):
                fence = ""
        blank = not bare
        at += len(line)
    return whole
