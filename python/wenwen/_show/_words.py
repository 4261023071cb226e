"""Words of others, as Markdown and as HTML: what they name is not loaded, what they program does not run.

A notebook runs what stands in an output, of Markdown too. So nothing of a model's Markdown is left to how a host reads
it: code becomes fences of ours, and all else loses what begins a tag, a picture, or a link that is no web page."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .._text import printable

# What is shown of one text: a notebook keeps it all, and a browser renders it at each change.
MOST = 100_000

# ``` behind spaces, marks of a list or of a quotation.
_FENCE = re.compile(r"((?:[ ]*(?:[-*+>]|\d{1,9}[.)]))*[ ]*)(`{3,}|~{3,})([^`]*)")
_QUOTED = re.compile(r"[ ]*(?:>[ ]?)+")
# Each as long as it is read by eye: a search without an end would take the square of the text.
_SPANS = re.compile(
    r"(?P<escaped>\\[\\`$])"
    r"|(?<!`)(?P<ticks>`+)(?!`)(?P<code>[^\n]{1,1000}?)(?<!`)(?P=ticks)(?!`)"
    r"|\$\$(?P<math>[^$]{1,2000})\$\$"
    r"|\\\[(?P<displayed>(?:[^\\]|\\(?![][])){1,2000})\\\]"
    r"|\\\((?P<inner>(?:[^\\\n]|\\(?![()])){1,1000})\\\)"
    r"|(?<![\w$])\$(?P<inline>[^\s$](?:[^$\n]{0,1000}[^\s$\\])?)\$(?![\d$])"
)
# TeX that reaches beyond its formula: to pages, styles, and what other formulas of the page mean.
_COMMANDS = (
    r"(?:href|url|require|style|class|cssId|data|html\w*|includegraphics|bbox|texttip|mathtip|toggle|action|"
    r"(?:re|provide)?(?:new)?command|(?:re)?newenvironment|Newextarrow|Declare\w+|[gex]?def|let|futurelet|global|"
    r"input|include|catcode|unicode)(?![a-z])"
)
_REACHES = re.compile(rf"\\(?={_COMMANDS})")
_WORDS = re.compile(
    r"<(?P<page>https?://[^\s<>\"']+)>"
    r"|(?P<tag></?(?:br|sub|sup|b|i|u|kbd)[ ]?/?>)"
    r"|(?P<picture>!(?=\[))"
    r"|\](?P<linked>[(:])(?![ \t]*(?:https?://|mailto:)[^\s\"'<>`\\]{0,1000}(?:[\s)]|$))"
    r"|(?P<run>~{3,})"
    r"|(?P<command>\\(?=" + _COMMANDS + "))"
    r"|(?P<entity>&(?!(?:nbsp|lt|gt|amp|quot|mdash|ndash|hellip|times|middot|bull|[lr]arr|deg|copy|euro|[lr][sd]quo);))"
    r"|(?P<char>[<`${])"
)
# A sign that MathJax, which looks at a page when it is made, must not take for the beginning of a formula: in a tag of
# its own it is none.
_SIGNS = {"$": "<span>&#36;</span>", "\\": "<span>&#92;</span>"}
_MARKS = re.compile(r"[!-/:-@\[-`{-~]")
# Those of them that mean something to Markdown or HTML within a line, and at its beginning.
_TELLING = re.compile(r"[]\\`*<>|$~&#{}!^\"'[]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|^[-+=]|(?<=^\d)[.)]|(?<=^\d\d)[.)]")

# Beside the marks of HTML those that hosts read as Markdown's, or a formula's, before they look for tags.
_HTML = {ord(mark): f"&#{ord(mark)};" for mark in "'`[]!$*\\{}|~"} | {38: "&amp;", 60: "&lt;", 62: "&gt;", 34: "&quot;"}


def shortened(text: str, most: int = MOST) -> tuple[str, int]:
    """A text without what is beyond so many characters, and how many these were."""
    return (text, 0) if len(text) <= most else (text[:most], len(text) - most)


def left_out(count: int) -> str:
    return f"… {count:,} more characters are not shown"


def html(text: str) -> str:
    """Text for HTML, between tags or as a value in double quotes; also where that HTML stands in Markdown."""
    return printable(text).translate(_HTML)


def plain(text: str) -> str:
    """Text for a line of Markdown, or a cell of its tables, that says nothing but itself."""
    return _entities(" ".join(printable(text).split()), _TELLING)


def web(url: object) -> str | None:
    """A URL that a browser opens as a page or a file, if it is one."""
    return url if isinstance(url, str) and re.match(r"https?://[^\s<>\"'`\\\x00-\x20]+$", url) else None


def markdown(text: str) -> str:
    """A model's Markdown, made harmless. Work linear in the text."""
    text = printable(text.replace("\r\n", "\n").replace("\r", "\n").expandtabs(4))
    return "\n".join(code if words is None else _spans("\n".join(words)) for words, code in _parts(text.split("\n")))


def _parts(lines: list[str]) -> Iterator[tuple[list[str] | None, str]]:
    """Lines of words, and blocks of code, in turn."""
    words: list[str] = []
    at = 0
    while at < len(lines):
        found = _FENCE.fullmatch(lines[at])
        at += 1
        if found is None:
            words.append(lines[at - 1])
            continue
        before, fence, info = found.groups()
        quoted = ">" in before
        marked = before.strip(" >")
        indent = 0 if quoted else len(before)
        code: list[str] = []
        while at < len(lines):
            line = _QUOTED.sub("", lines[at], count=1) if quoted else lines[at]
            at += 1
            mark = line.strip()
            if len(mark) >= len(fence) and mark == fence[0] * len(mark):
                break
            code.append(line[min(indent, len(line) - len(line.lstrip(" "))) :])
        if marked and not quoted:
            words.append(before.rstrip())
        yield words, ""
        words = []
        yield None, block("\n".join(code), info.split()[0] if info.split() else "", " " * indent)
    yield words, ""


# Languages that hosts draw: what a drawing names is loaded (JupyterLab fetches the pictures of mermaid's labels).
_DRAWN = ("mermaid", "math", "vega", "vega-lite", "geojson", "topojson", "stl", "dot", "graphviz", "plantuml")


def block(code: str, language: str = "", indent: str = "") -> str:
    """Code as a block of its own, which nothing in it can end; blank lines around, so that it begins one anywhere."""
    longest = max((len(run) for run in re.findall("`{3,}", code)), default=2)
    fence = "`" * (longest + 1)
    if not re.fullmatch(r"[\w+#.-]{1,30}", language) or language.lower() in _DRAWN:
        language = ""
    lines = "\n".join(f"{indent}{line}" for line in [f"{fence}{language}", *code.split("\n"), fence])
    return f"\n{lines}\n"


def _entities(text: str, marks: re.Pattern[str] = _MARKS) -> str:
    return marks.sub(lambda mark: _SIGNS.get(mark[0]) or f"&#{ord(mark[0])};", text)


def _spans(text: str) -> str:
    pieces: list[str] = []
    at = 0
    for found in _SPANS.finditer(text):
        pieces += (_said(text[at : found.start()]), _span(found))
        at = found.end()
    return "".join((*pieces, _said(text[at:])))


def _span(found: re.Match[str]) -> str:
    kind = str(found.lastgroup)
    inner = found[kind]
    if kind == "escaped":
        return _entities(inner[1])
    if kind == "code":
        # A tag of ours: how backticks pair up, hosts do not agree on.
        inner = inner[1:-1] if inner.strip() and inner[0] == inner[-1] == " " else inner
        return f"<code>{_entities(inner)}</code>"
    if "\n\n" in inner.replace(" ", ""):
        return _said(found[0])
    sign = "$$" if kind in ("math", "displayed") else "$"
    return f"{sign}{_formula(inner if sign == '$$' else inner.strip())}{sign}"


def _formula(tex: str) -> str:
    tex = _REACHES.sub("", tex.replace("$", " ")).replace("`", "'")
    for mark, instead in (("<", r"\lt "), (">", r"\gt "), ("![", "! ["), ("](", "] ("), ("]:", "] :")):
        tex = tex.replace(mark, instead)
    return tex


def _said(text: str) -> str:
    return _WORDS.sub(_word, text)


def _word(found: re.Match[str]) -> str:
    kind = str(found.lastgroup)
    text = found[kind]
    if kind in ("page", "tag"):
        return text
    if kind == "picture":
        return "🖼 "  # a link remains: what it names would be loaded
    if kind == "linked":
        return f"]{_entities(text)}"
    return _entities(text)


# What the end of a text that still arrives may turn out to be: marks alone, a link, a table without its second line.
_MARKS_ALONE = re.compile(r"[ \t]*(?:[-=*_#+>|`~$:]+|\d{1,9}[.)]?|[-*+]?[ ]?\[[ xX]?\]?)[ \t]*")


def half(text: str) -> str:
    """Markdown that has half arrived, so that what is there does not change its look with the rest: open marks are
    closed, and what may become something else waits."""
    before, _, last = text.rpartition("\n")
    while _MARKS_ALONE.fullmatch(last):
        text = before
        before, _, last = text.rpartition("\n")
    fence = ""
    for line in text.split("\n"):
        found = _FENCE.fullmatch(line)
        if found and not fence:
            fence = found[2]
        elif found and found[2].startswith(fence) and not found[3].strip():
            fence = ""
    if fence:
        return text
    start = text.rfind("\n\n") + 1
    head, tail = text[:start], text[start:]
    rows = tail.split("\n")
    table = next((at for at, row in enumerate(rows) if row.lstrip().startswith("|")), None)
    if table is not None and not any(_RULE.fullmatch(row) for row in rows[table + 1 :]):
        tail = "\n".join(rows[:table])
    for opens, closes in ((r"\[", r"\]"), (r"\(", r"\)")):
        if tail.rfind(opens) > tail.rfind(closes):
            tail = tail[: tail.rfind(opens)]
    if tail.count("$$") % 2:
        tail = tail[: tail.rfind("$$")]
    tail = tail[:-_LINK] + _OPEN_LINK.sub("", tail[-_LINK:])
    if tail.count("`") % 2:
        return head + (tail.rstrip("`") if tail.endswith("`") else f"{tail}`")
    if tail.count("**") % 2:
        tail = tail.rstrip("* ")
        return f"{head}{tail}**" if tail and tail.count("**") % 2 else head + tail
    return head + tail


_RULE = re.compile(r"[ ]*\|?[ ]*:?-+[ |:-]*")
_LINK = 1000
_OPEN_LINK = re.compile(r"!?\[[^\]\n]*(?:\](?:\([^)\n]*)?)?$")
