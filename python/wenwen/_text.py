"""What a terminal is given of others' words."""

from __future__ import annotations

# Escape sequences move the cursor, set the clipboard and hide text, so do the characters of U+0080 to U+009F and those
# that turn the direction of writing.
_CONTROLS = (*range(0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x2028, 0x2029)
_SHOWN: dict[int, str | None] = {code: f"\\u{code:04x}" for code in _CONTROLS}
_LINES = {**_SHOWN, 0x09: "\t", 0x0A: "\n", 0x0D: None}


def printable(text: str) -> str:
    """The text with its control characters spelled out, save tabs and line ends. JSON stays the same JSON."""
    return text.translate(_LINES)


def one_line(text: str) -> str:
    """The same in one line."""
    return " ".join(text.split()).translate(_SHOWN)
