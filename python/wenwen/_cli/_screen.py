"""What is written to the terminal, or to whoever reads it."""

from __future__ import annotations

import json
import math
import os
import re
import shutil
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any, cast

from wenwen._text import one_line, printable
from wenwen.types.shared import items

DIM, BOLD, PLAIN = "\x1b[2m", "\x1b[1m", "\x1b[0m"
# What keys look like: one that was typed where none belongs is not said again.
_KEYS = re.compile(r"\bsk-[\w-]{4,}")


def masked(text: str) -> str:
    """Without keys."""
    key = os.environ.get("WENWEN_API_KEY", "").strip()
    text = text.replace(key, "***") if len(key) >= 8 else text
    return _KEYS.sub("sk-***", text)


def complain(words: object) -> None:
    """A line on standard error; of an error its words."""
    if isinstance(words, OSError) and words.strerror:  # without "[Errno 2]"
        words = words.strerror if words.filename is None else f"{words.filename}: {words.strerror}"
    tell(" ".join([f"wenwen: {words}", *getattr(words, "__notes__", ())]))


def tell(words: str) -> None:
    """A line for the user, beside the output."""
    with suppress(OSError):  # nobody hears it
        print(one_line(masked(words)), file=sys.stderr, flush=True)


def coloured() -> bool:
    """Whether the output is a terminal that may be given colours."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def shown(text: str) -> str:
    """As the output takes it: nothing of a model's or a server's words does anything to a terminal."""
    return printable(text) if sys.stdout.isatty() else text


def put(text: str, end: str = "\n") -> None:
    """Writes text to the output, at once."""
    sys.stdout.write(shown(text) + end)
    sys.stdout.flush()


def put_json(value: Any, indent: int | None = 2) -> None:
    """Writes a JSON document, in UTF-8 whatever the terminal's encoding is; a line where `indent` is None."""
    text = as_json(value, indent)
    if sys.stdout.isatty() or not hasattr(sys.stdout, "buffer"):
        put(text)
    else:
        put_bytes(text.encode() + b"\n")


def put_bytes(data: bytes | memoryview) -> None:
    """Writes bytes to the output."""
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def as_json(value: Any, indent: int | None = 2) -> str:
    """The JSON text of a value or a reply; what JSON does not have is null (NaN) or escaped (half a character)."""
    value = value.to_dict() if hasattr(value, "to_dict") else value
    try:
        text = json.dumps(value, ensure_ascii=False, indent=indent, default=_plain, allow_nan=False)
    except ValueError:  # some upstreams send it
        text = json.dumps(_finite(value), ensure_ascii=False, indent=indent, default=_plain)
    return re.sub("[\ud800-\udfff]", lambda half: f"\\u{ord(half[0]):04x}", text)


def _plain(value: Any) -> Any:
    return value.to_dict() if hasattr(value, "to_dict") else str(value)


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _finite(item) for name, item in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [_finite(item) for item in items(value)]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if value is None or isinstance(value, (str, int)) else _finite(_plain(value))


def width_of(text: str) -> int:
    """How many columns of a terminal a text takes: Chinese characters take two, combining marks none."""
    return len(text) + sum(
        unicodedata.east_asian_width(char) in "WF" or -(unicodedata.combining(char) != 0)
        for char in text
        if char > "\u02ff"
    )


def _cut(text: str, width: int) -> str:
    if width_of(text) <= width:
        return text
    kept, used = "", 1  # the dots
    for char in text:
        used += width_of(char)
        if used > width:
            break
        kept += char
    return f"{kept}…"


def put_table(head: Sequence[str], rows: Iterable[Sequence[str]], right: Iterable[int] = ()) -> None:
    """Writes a table: for a terminal in columns that fit into its width, the last ones cut or left out; else with tabs
    between. `right`: the columns of numbers."""
    lines = [[one_line(cell) for cell in row] for row in rows]
    if not sys.stdout.isatty():
        sys.stdout.writelines("\t".join(line) + "\n" for line in lines)
        sys.stdout.flush()
        return
    bold, plain = (BOLD, PLAIN) if coloured() else ("", "")
    right = set(right)
    screen = max(shutil.get_terminal_size().columns, 8)
    widths = [max(map(width_of, column)) for column in zip(head, *lines, strict=True)]
    left = screen
    for number, width in enumerate(widths):
        widths[number] = width = max(0, min(width, left))
        left -= width + 2
    for index, line in enumerate([list(head), *lines]):
        cells: list[str] = []
        for number, (cell, width) in enumerate(zip(line, widths, strict=True)):
            if width > 0:
                cell = _cut(cell, width)
                pad = " " * (width - width_of(cell))
                cells.append(pad + cell if number in right else cell + pad)
        row = "  ".join(cells).rstrip()
        sys.stdout.write(f"{bold}{row}{plain}\n" if index == 0 else f"{row}\n")
    sys.stdout.flush()
