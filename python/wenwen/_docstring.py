"""What a docstring says of a function and of each of its parameters, in Google's, NumPy's and Sphinx' ways of writing.

Read here alone and not by a package that may be installed or not: a model is told the same everywhere.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Set

_PARAMETERS = {
    "args", "arguments", "parameters", "params", "other parameters", "keyword args", "keyword arguments",
}  # fmt: skip
# A model that calls the function has no use for these.
_OTHERS = {"returns", "return", "yields", "yield", "raises", "attributes", "warns", "see also", "references"}

_FIELD = re.compile(r"[:@](\w+)(?:\s+([^:]+?))?\s*:(?:\s+(.*))?$")  # Sphinx', and Epydoc's
_PARAMETER_FIELDS = {"param", "parameter", "arg", "argument", "key", "keyword"}
_OTHER_FIELDS = {"type", "return", "returns", "rtype", "raise", "raises", "except", "exception", "yield", "yields"}
_BRACKETS = r"\((?:[^()]|\([^()]*\))*\)"
_ENTRY = {
    "google": re.compile(rf"(\*{{0,2}}\w+)\s*(?:{_BRACKETS})?\s*(?::(?!\w)|\s--?\s|\s–\s)\s*(.*)$"),
    "numpy": re.compile(rf"(\*{{0,2}}\w+(?:\s*,\s*\*{{0,2}}\w+)*)\s*(?:{_BRACKETS})?\s*(?::.*)?()$"),
}
_ITEM = re.compile(r"([-*•]|\d+[.)])\s")  # of a list, which keeps its lines


def read(doc: str, names: Set[str]) -> tuple[str, dict[str, str]]:
    """The description of the function, without its sections, and that of each parameter of `names`."""
    lines = inspect.cleandoc(doc).splitlines()
    about: list[str] = []
    found: dict[str, list[str]] = {}
    target: list[str] | None = about  # where a line goes; None: nowhere
    style = ""  # of the section; "" outside of one
    margin = 0  # its title's indentation
    entries: int | None = None  # that of its parameters, once there is one
    after_blank = underline = False
    for line, below in zip(lines, [*lines[1:], ""], strict=False):
        text, indent = line.strip(), len(line) - len(line.lstrip())
        title = (text if text.endswith(":") else text.partition(": ")[0]).rstrip(":").strip().lower()
        underlined = len(below.strip()) >= 3 and not below.strip("-= \t")
        if underline:
            underline = False
            continue
        is_title = title in _PARAMETERS and (underlined or text.endswith(":"))
        is_title |= title in _OTHERS and (underlined or ":" in text)
        if is_title and (not style or indent <= margin):
            style = "other" if title in _OTHERS else "numpy" if underlined else "google"
            target, margin, entries, underline = None, indent, None, underlined
        elif (field := _FIELD.match(text)) and field[1] in _PARAMETER_FIELDS | _OTHER_FIELDS:
            style, target, margin = "field", None, indent
            name = (field[2] or "").split(" ")[-1].lstrip("*")
            if field[1] in _PARAMETER_FIELDS and name in names:
                target = found.setdefault(name, [])
                target.append(field[3] or "")
        elif not text:
            if target is not None:
                target.append("")
        elif (
            style in _ENTRY
            and (entries is None or indent <= entries)
            and (entry := _ENTRY[style].match(text))
            and ((named := names & set(re.findall(r"\w+", entry[1]))) or indent == entries)
        ):
            entries, target = indent, [entry[2]]
            found.update(dict.fromkeys(named, target))
        elif style and after_blank and indent <= margin:
            style, target = "", about  # prose again
            about.append(line)
        elif target is not None:
            target.append(line if target is about else text)
        after_blank = not text
    return "\n".join(about).strip(), {name: told for name, parts in found.items() if (told := _joined(parts))}


def _joined(lines: list[str]) -> str:
    """Lines that were broken for their length are one; items of a list and paragraphs stay apart."""
    told = ""
    for line in lines:
        apart = not line or not told or told.endswith("\n") or _ITEM.match(line)
        told += ("\n" if apart and told else "" if apart else " ") + line
    return re.sub(r"\n{3,}", "\n\n", told).strip()
