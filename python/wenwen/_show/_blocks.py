"""What is shown, piece by piece: each says itself in Markdown, in HTML and in a terminal's text."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

from .._text import one_line, printable
from . import _words as words

# A notebook keeps what it shows, a third larger.
_MOST_BYTES = 16 << 20
# So many rows of a table: of HTML, which scrolls, and of the rest.
_TALL, _SHORT = 500, 20
_STYLE = "max-width:100%;max-height:{}em;border-radius:4px"


def _size(count: int) -> str:
    return f"{count} bytes" if count < 1000 else f"{count / 1e3:.0f} kB" if count < 1e6 else f"{count / 1e6:.1f} MB"


class Said(NamedTuple):
    """A model's words, which are Markdown."""

    text: str

    def markdown(self) -> str:
        text, more = words.shortened(self.text)
        return words.markdown(text) + (f"\n\n*{words.left_out(more)}*" if more else "")

    def html(self) -> str:
        text, more = words.shortened(self.text)
        return f'<div style="white-space:pre-wrap">{words.html(text + (words.left_out(more) if more else ""))}</div>'

    def plain(self) -> str:
        text, more = words.shortened(self.text)
        return printable(text) + (f"\n{words.left_out(more)}" if more else "")


class Folded(NamedTuple):
    """More of a model's words, behind a line that opens them."""

    title: str
    text: str
    is_open: bool = False

    def markdown(self) -> str:
        opened = " open" if self.is_open else ""
        text = Said(self.text).markdown()
        return f"<details{opened}><summary>{words.plain(self.title)}</summary>\n\n{text}\n\n</details>"

    def html(self) -> str:
        return f"<details><summary>{words.html(self.title)}</summary>{Said(self.text).html()}</details>"

    def plain(self) -> str:
        return f"{one_line(self.title)}: {cut(one_line(self.text), 200)}"


class Code(NamedTuple):
    """What is to be read letter by letter."""

    text: str
    language: str = ""

    def markdown(self) -> str:
        text, more = words.shortened(self.text)
        return words.block(printable(text), self.language) + (f"\n*{words.left_out(more)}*" if more else "")

    def html(self) -> str:
        text, more = words.shortened(self.text)
        return f"<pre>{words.html(text)}</pre>" + (f"<i>{words.left_out(more)}</i>" if more else "")

    def plain(self) -> str:
        return Said(self.text).plain()


class Called(NamedTuple):
    """A call of a tool, and what came of it."""

    call: str
    result: str | None = None
    went_wrong: bool = False

    def markdown(self) -> str:
        told = "" if self.result is None else f" → {self._mark}{words.plain(cut(self.result, 500))}"
        return f"🔧 <code>{words.plain(cut(self.call, 500))}</code>{told}"

    def html(self) -> str:
        told = "" if self.result is None else f" → {self._mark}{words.html(cut(self.result, 500))}"
        return f"<div>🔧 <code>{words.html(cut(self.call, 500))}</code>{told}</div>"

    def plain(self) -> str:
        told = "" if self.result is None else f" → {self._mark}{cut(one_line(self.result), 500)}"
        return f"🔧 {cut(one_line(self.call), 500)}{told}"

    @property
    def _mark(self) -> str:
        return "⚠️ " if self.went_wrong else ""


class Alert(NamedTuple):
    """What went wrong: it stands first."""

    text: str

    def markdown(self) -> str:
        return f"⚠️ **{words.plain(cut(self.text, 2000))}**"

    def html(self) -> str:
        return f'<div style="color:#c62828">⚠️ <b>{words.html(cut(self.text, 2000))}</b></div>'

    def plain(self) -> str:
        return f"⚠️ {cut(one_line(self.text), 2000)}"


class Links(NamedTuple):
    """What the answer goes back to: titles and URLs."""

    of: Sequence[tuple[str, str]]

    def markdown(self) -> str:
        return "\n".join(f"{n}. {self._link(title, url)}" for n, (title, url) in enumerate(self.of, 1))

    @staticmethod
    def _link(title: str, url: str) -> str:
        shown = words.plain(cut(title or url, 200))
        return f'<a href="{words.html(url)}">{shown}</a>' if words.web(url) else shown

    def html(self) -> str:
        return f"<ol>{''.join(f'<li>{self._link(title, url)}</li>' for title, url in self.of)}</ol>"

    def plain(self) -> str:
        lines = (f"[{n}] {one_line(f'{title} {url}' if title else url)}" for n, (title, url) in enumerate(self.of, 1))
        return "\n".join(cut(line, 300) for line in lines)


class Media(NamedTuple):
    """A picture, a sound or a video: its bytes, or where it is. `loads`: it was asked for, and is shown from there.
    `is_small`: one of several."""

    kind: str  # "image", "audio", "video"
    media_type: str = ""
    data: bytes = b""
    url: str = ""
    caption: str = ""
    loads: bool = False
    is_small: bool = False

    def html(self) -> str:
        caption = f"<figcaption>{words.html(cut(self.caption, 300))}</figcaption>" if self.caption else ""
        shown = f'<figure style="display:inline-block;margin:4px">{self._tag()}{caption}</figure>'
        return shown if self._tag() else f"<div>{words.html(self.plain())}</div>"

    def markdown(self) -> str:
        # In one line: a blank one would end the HTML.
        return self._tag() or words.plain(self.plain())

    def _tag(self) -> str:
        source = self.source()
        if not source:
            return ""
        src = words.html(source)
        if self.url and not self.loads:
            return f'<a href="{src}" rel="noreferrer">{self._mark} {src}</a>'
        if self.kind == "image":
            alt = words.html(cut(one_line(self.caption), 200))
            style = _STYLE.format(13 if self.is_small else 26)
            return f'<img src="{src}" alt="{alt}" style="{style}" referrerpolicy="no-referrer">'
        # Of what is elsewhere nothing is fetched before it is played.
        quiet = ' preload="none"' if self.url else ""
        return f'<{self.kind} controls src="{src}"{quiet} style="max-width:100%"></{self.kind}>'

    def source(self) -> str:
        if self.url:
            return words.web(self.url) or ""
        if not self.media_type or len(self.data) > _MOST_BYTES:
            return ""
        return f"data:{self.media_type};base64,{base64.b64encode(self.data).decode()}"

    @property
    def _mark(self) -> str:
        return {"image": "🖼", "audio": "🔊", "video": "🎬"}[self.kind]

    def plain(self) -> str:
        what = self.url or f"{self.media_type or self.kind}, {_size(len(self.data))}"
        return cut(one_line(f"{self._mark} {what} {self.caption}".rstrip()), 500)

    def brief(self) -> Media | Line:
        """The same without the bytes, where another form has them."""
        return self if self.url else Line(self.plain())


class Line(NamedTuple):
    """A line that says what it is."""

    text: str

    def markdown(self) -> str:
        return words.plain(cut(self.text, 2000))

    def html(self) -> str:
        return f"<div>{words.html(cut(self.text, 2000))}</div>"

    def plain(self) -> str:
        return cut(one_line(self.text), 2000)


class Table(NamedTuple):
    """Rows, of which the first are shown."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]

    def markdown(self) -> str:
        lines = [self.head, ["---"] * len(self.head), *self._cut(_SHORT)]
        made = [" | ".join(words.plain(cell) if cell != "---" else cell for cell in line) for line in lines]
        return "\n".join(f"| {line} |" for line in made) + self._more(_SHORT, "\n\n")

    def html(self) -> str:
        def row(cells: Sequence[str], tag: str) -> str:
            made = (f'<{tag} style="text-align:left">{words.html(cell)}</{tag}>' for cell in cells)
            return f"<tr>{''.join(made)}</tr>"

        rows = "".join(row(cells, "td") for cells in self._cut(_TALL))
        table = f"<table><thead>{row(self.head, 'th')}</thead><tbody>{rows}</tbody></table>"
        return f'<div style="max-height:28em;overflow:auto">{table}{self._more(_TALL)}</div>'

    def plain(self) -> str:
        rows = [self.head, *self._cut(_SHORT)]
        cells = [[cut(one_line(cell), 60) for cell in row] for row in rows]
        widths = [max(len(row[at]) for row in cells) for at in range(len(self.head))]
        lines = (
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells
        )
        return "\n".join(lines) + self._more(_SHORT, "\n")

    def _cut(self, most: int) -> list[list[str]]:
        return [[cut(cell, 1000) for cell in row] for row in self.rows[:most]]

    def _more(self, most: int, before: str = "") -> str:
        return f"{before}… {len(self.rows) - most} more" if len(self.rows) > most else ""


class Foot(NamedTuple):
    """Facts about it, in small letters."""

    facts: Sequence[str]

    def markdown(self) -> str:
        return f"<small>{' · '.join(words.plain(cut(fact, 200)) for fact in self.facts)}</small>" if self.facts else ""

    def html(self) -> str:
        shown = " · ".join(words.html(cut(fact, 200)) for fact in self.facts)
        return f"<div><small>{shown}</small></div>" if shown else ""

    def plain(self) -> str:
        return f"— {' · '.join(cut(one_line(fact), 200) for fact in self.facts)}" if self.facts else ""


Block: TypeAlias = Said | Folded | Code | Called | Alert | Links | Media | Line | Table | Foot


def cut(text: str, most: int) -> str:
    """A text whose middle is left out where it is longer."""
    return text if len(text) <= most else f"{text[: most * 2 // 3]} … {text[len(text) - most // 3 :]}"


def written(blocks: Sequence[Block]) -> dict[str, str]:
    """The forms in which a host may ask for it. HTML only where no Markdown of a model's is among it: hosts prefer
    HTML, and Markdown is theirs to render."""
    shown = {"text/plain": "\n\n".join(filter(None, (block.plain() for block in blocks)))}
    if any(isinstance(block, (Said, Folded, Code, Called)) for block in blocks):
        shown["text/markdown"] = _joined(blocks)
    else:
        shown["text/markdown"] = _joined([block.brief() if isinstance(block, Media) else block for block in blocks])
        # MathJax leaves these classes alone: none of it is a formula.
        inner = "".join(block.html() for block in blocks)
        shown["text/html"] = f'<div class="tex2jax_ignore mathjax_ignore">{inner}</div>'
    return shown


def _joined(blocks: Sequence[Block]) -> str:
    return "\n\n".join(filter(None, (block.markdown() for block in blocks)))
