"""What a row asks: its parameters, made of the row by a template, by a function, or as they stand there."""

from __future__ import annotations

import json
import os
from collections.abc import Awaitable, Callable, Iterable, Mapping
from enum import Enum
from functools import cache
from importlib import import_module
from string import Formatter
from typing import Any, NamedTuple, NoReturn, cast

from .._errors import RowError
from ..types.shared import RequestOptions
from ._data import Source


class _Asked(NamedTuple):
    """A resource. text: the parameter that a text fills. turns: whether it takes a text as a message only. file: the
    parameter that a row fills which is a file. params: its parameters, `types.` before it."""

    text: str
    params: str
    turns: bool = False
    file: str | None = None


_RESOURCES = {
    "responses": _Asked("input", "responses.ResponseCreateParams"),
    "chat.completions": _Asked("messages", "chat.ChatCompletionCreateParams", turns=True),
    "messages": _Asked("messages", "messages.MessageCreateParams", turns=True),
    "gemini": _Asked("contents", "gemini.GenerateContentParams"),
    "images.generate": _Asked("prompt", "images.ImageGenerateParams"),
    "images.edit": _Asked("prompt", "images.ImageEditParams", file="image"),
    "audio.transcriptions": _Asked("file", "audio.TranscriptionCreateParams", file="file"),
    "audio.speech": _Asked("input", "audio.SpeechCreateParams"),
    "embeddings": _Asked("input", "embeddings.EmbeddingCreateParams"),
}


def _is_file(value: Any) -> bool:
    """What a form takes as a file: bytes, a path, an open file, a picture of PIL's, sound of an earlier reply."""
    return (
        isinstance(value, (bytes, bytearray, memoryview, os.PathLike))
        or hasattr(value, "read")
        or hasattr(value, "save")
    )


# What is said of a call, and not in it: the same for all rows of a job.
_OPTIONS = frozenset(RequestOptions.__annotations__) - {"extra_body"}


@cache
def _parameters(place: str) -> frozenset[str]:
    """The parameters that a row may have."""
    module, _, name = place.partition(".")
    return frozenset(getattr(import_module(f"wenwen.types.{module}"), name).__annotations__) - _OPTIONS


def filler_of(
    prompt: str | Callable[[Any], Any] | None, source: Source, resource: str, fixed: Mapping[str, Any]
) -> Callable[[Any], Any]:
    """What makes of a row its own parameters: a function, or a coroutine function where `prompt` is one. It is called
    once for each row, in their order, since it counts them.

    It raises RowError for a row that cannot be asked, which is that row's outcome. What is wrong with the first row's
    kind would be so with all: ValueError or TypeError, and nothing has been sent. What can be said without any row is
    raised here."""
    asked = _RESOURCES[resource]
    rows = _Rows(asked, fixed)
    if isinstance(prompt, str):
        if asked.text in fixed:
            raise TypeError(f"{asked.text} is what the prompt makes: leave one of them out")
        template = _Template(prompt, source, rows)
        return lambda row: template(rows.next(row))
    if prompt is None:
        columns = source.columns or ()
        unknown = next((name for name in columns if name not in _parameters(asked.params)), None)
        if unknown is not None:
            raise ValueError(
                f"the column {unknown!r} is no parameter of {resource}: give a prompt that names the columns, "
                f'as in "{{{unknown}}}", or rename it'
            )
        if columns and asked.text not in (*columns, *fixed):
            raise ValueError(f"there is no column {asked.text!r}, which is what {resource} asks: give a prompt")
        # A table has no cell that is not there: None in it is one that was left out.
        return rows.table if columns else rows.alone
    if not callable(prompt):
        raise TypeError(f"prompt is {prompt!r} ({type(prompt).__name__}): give a template, a function, or None")
    function: Callable[[Any], Any] = prompt
    if is_coroutine_function(function):

        async def awaited(row: Any) -> dict[str, Any]:
            number = rows.next(row).number
            try:
                made = await cast("Awaitable[Any]", function(row))
            except Exception as error:
                raise rows.failed(number, error) from error
            return rows.made(made, row, number)

        return awaited

    def called(row: Any) -> dict[str, Any]:
        number = rows.next(row).number
        try:
            made = function(row)
        except Exception as error:
            raise rows.failed(number, error) from error
        return rows.made(made, row, number)

    return called


def is_coroutine_function(function: Any) -> bool:
    from inspect import iscoroutinefunction

    return iscoroutinefunction(function) or iscoroutinefunction(getattr(function, "__call__", None))  # noqa: B004


def fields_of(row: Any) -> Mapping[str, Any] | None:
    """A row as a mapping: a dict, a row of a database, an instance of a class with fields. None for what has none."""
    kind: Any = row.__class__
    if kind is dict or issubclass(kind, Mapping):
        return row  # type: ignore[no-any-return]
    if row is None or issubclass(kind, (str, bytes, int, float, list, type)):
        return None
    for listing in ("model_fields", "__dataclass_fields__", "_fields", "__struct_fields__"):
        if found := getattr(kind, listing, None):
            more: Any = getattr(row, "__pydantic_extra__", None) or {}
            names = (name for name in (*found, *computed(kind)) if name[:1] != "_")
            return {**{name: getattr(row, name) for name in names}, **more}
    if (attrs := getattr(kind, "__attrs_attrs__", None)) is not None:
        return {field.name: getattr(row, field.name) for field in attrs}
    # A table has the keys of its columns, and is no row.
    return dict(row) if hasattr(row, "keys") and hasattr(row, "__getitem__") and not hasattr(row, "columns") else None


def computed(kind: Any) -> Iterable[str]:
    """The fields that a class of pydantic's computes."""
    return getattr(getattr(kind, "__pydantic_decorators__", None), "computed_fields", ())


class _Row(NamedTuple):
    number: int
    row: Any


class _Rows:
    """Counts rows, makes parameters of what stands for them, and says what is wrong with one."""

    def __init__(self, asked: _Asked, fixed: Mapping[str, Any]) -> None:
        self.asked = asked
        self.fixed = fixed
        self.count = 0

    def next(self, row: Any) -> _Row:
        self.count += 1
        return _Row(self.count - 1, row)

    def refuse(self, number: int, kind: type[Exception], text: str) -> NoReturn:
        """Of the first row the program's mistake, of any other that row's."""
        text = f"row {number}: {text}"
        raise kind(text) if number == 0 else RowError(text)

    def failed(self, number: int, error: Exception) -> RowError:
        return RowError(f"row {number}: the prompt's function raised {type(error).__name__}: {error}")

    def alone(self, row: Any) -> dict[str, Any]:
        """The parameters of a row that no prompt is made of."""
        return self.made(row, row, self.next(row).number, "the row")

    def table(self, row: Any) -> dict[str, Any]:
        """The same of a table's row."""
        number, asked = self.next(row).number, self.asked
        if asked.text in row and missing(row[asked.text]):
            raise RowError(f"row {number}: {asked.text} is {row[asked.text]}")
        return {name: value for name, value in row.items() if not missing(value)}

    def made(
        self, made: Any, row: Any, number: int, what: str = "what the prompt's function returned"
    ) -> dict[str, Any]:
        """The parameters that a function's result stands for, or a row."""
        asked = self.asked
        if isinstance(made, str):
            return self.text(str.__str__(made), row, number)  # of an Enum of texts, too
        if asked.file is not None and _is_file(made):
            return {asked.file: made}
        if missing(made):
            raise RowError(f"row {number}: {what} is {made}")
        if (fields := fields_of(made)) is not None:
            return self.parameters(fields, number, what)
        if made.__class__ in (list, tuple):
            return {asked.text: made}
        if hasattr(made, "__await__"):
            getattr(made, "close", bool)()
            what = f"{what}, to be awaited (an async def, for wenwen.aio.map),"
        self.refuse(
            number, TypeError, f"{what} is {_shown(made)}: give a text, a list of messages, or a dict of parameters"
        )

    def parameters(self, fields: Mapping[str, Any], number: int, what: str) -> dict[str, Any]:
        asked = self.asked
        known = _parameters(asked.params)
        for name in fields:
            if name not in known:
                hint = "it is the same for all rows: give it to map()" if name in _OPTIONS else _near(str(name), known)
                hint = hint or "columns go into a prompt, a template or a function"
                self.refuse(number, TypeError, f"{what} has {name!r}, which is no parameter: {hint}")
        if asked.text not in fields and asked.text not in self.fixed:
            self.refuse(number, TypeError, f"{what} has no {asked.text!r}, which is what is asked")
        return dict(fields)

    def text(self, text: str, row: Any, number: int) -> dict[str, Any]:
        """The parameters that a text stands for."""
        asked = self.asked
        if asked.text in self.fixed:
            words = f"{asked.text} is what the rows are: leave it out, or give dicts of parameters"
            self.refuse(number, TypeError, words)
        if asked.text == asked.file and not text.startswith("data:"):
            self.refuse(
                number,
                TypeError,
                f"the file is the text {_shown(text)}, which may be somebody else's words: give bytes or a "
                f'pathlib.Path, as in lambda row: Path(row["path"])',
            )
        made: dict[str, Any] = {asked.text: [{"role": "user", "content": text}] if asked.turns else text}
        if asked.file is not None and asked.file != asked.text and _is_file(row):
            made[asked.file] = row
        return made


def missing(value: Any) -> bool:
    """None, and what numpy and pandas write for it."""
    return value is None or (isinstance(value, float) and value != value)


def _holds(row: Any) -> bool:
    """Whether a row is not one value: a list, or a table, say one of the pieces that a large file is read in."""
    return isinstance(row, (list, tuple)) or hasattr(row, "columns")


def _near(name: str, names: Iterable[str]) -> str:
    """A question for the nearest of some names; "" where none is near."""
    from difflib import get_close_matches

    near = get_close_matches(name, list(names), 1)
    return f"did you mean {near[0]!r}?" if near else ""


def _listed(names: Iterable[str]) -> str:
    names = list(names) or ["none"]
    return ", ".join(names[:20]) + (f" and {len(names) - 20} more" if len(names) > 20 else "")


def _shown(value: Any) -> str:
    text = repr(value)
    return f"{text if len(text) <= 60 else text[:60] + '…'} ({type(value).__name__})"


# ---- templates ----


_CONVERSIONS: dict[str, Callable[[object], str]] = {"s": str, "r": repr, "a": ascii}


class _Field(NamedTuple):
    """`{name[key]!r:spec}`. given: as it stands there. path: the keys that follow the name."""

    given: str
    name: str
    path: tuple[str, ...]
    conversion: str | None
    spec: str


class _Template:
    """A prompt with places for columns. Unlike `str.format` it looks at no attributes."""

    def __init__(self, text: str, source: Source, rows: _Rows) -> None:
        self._rows = rows
        self._name = source.name
        self._parts: list[str | _Field] = []
        try:
            for literal, name, spec, conversion in Formatter().parse(text):
                if literal:
                    self._parts.append(literal)
                if name is not None:
                    self._parts.append(_field(name, spec or "", conversion, source.columns))
        except ValueError as error:
            raise ValueError(f"prompt: {error}. A brace that is meant as one is written twice: {{{{ or }}}}") from None
        for part in self._parts:
            if source.columns is not None and isinstance(part, _Field) and part.name not in source.columns:
                index = getattr(getattr(source.original, "index", None), "names", ())
                hint = "; it names the index: give data.reset_index()" if part.name in index else ""
                raise ValueError(_unknown(part, source.columns) + hint)

    def __call__(self, counted: _Row) -> dict[str, Any]:
        number, row = counted
        fields = fields_of(row)
        made: list[str] = []
        for part in self._parts:
            if isinstance(part, str):
                made.append(part)
                continue
            if fields is None:
                value = self._whole(row, part, number)
            elif part.name in fields:
                value = fields[part.name]
            else:
                self._rows.refuse(number, ValueError, _unknown(part, fields))
            if type(value) is not str or part.path or part.spec or part.conversion:
                value = self._written(value, part, number)
            made.append(value)
        return self._rows.text("".join(made), row, number)

    def _whole(self, row: Any, field: _Field, number: int) -> Any:
        """The row itself, which has no columns."""
        if row.__class__ in (list, tuple) and field.name.isdecimal():
            return self._within(row, field.name, _Field(field.given, "the row", (), None, ""), 0, number)
        if field.name not in ("", "0", self._name) and (field.name != "text" or _holds(row)):
            text = f"{{{field.given}}} names a column, and the row is {_shown(row)}: {{}} is the row itself"
            self._rows.refuse(number, ValueError, text)
        return row

    def _written(self, value: Any, field: _Field, number: int) -> str:
        for at, key in enumerate(field.path):
            value = self._within(value, key, field, at, number)
        if field.conversion is None:
            value = value.value if isinstance(value, Enum) else value
            if missing(value):
                raise RowError(
                    f"row {number}: {{{field.given}}} is missing ({value}): {{{field.given}!s}} writes it so"
                )
            if isinstance(value, (bytes, bytearray, memoryview)):
                raise RowError(f"row {number}: {{{field.given}}} is bytes, which are no text")
        try:
            if field.conversion is not None:
                value = _CONVERSIONS[field.conversion](value)
            elif not field.spec and value.__class__ in (dict, list, tuple):
                return json.dumps(value, ensure_ascii=False, default=str)
            return format(value, field.spec)
        except Exception as error:  # of a value's own class, too
            place = f"{field.given}:{field.spec}" if field.spec else field.given
            raise RowError(f"row {number}: {{{place}}}: {type(value).__name__}: {error}") from error

    def _within(self, value: Any, key: str, field: _Field, at: int, number: int) -> Any:
        place = field.name + "".join(f"[{one}]" for one in field.path[:at])
        if (fields := fields_of(value)) is not None and not isinstance(value, tuple):
            if key in fields:
                return fields[key]
            number_key: Any = int(key) if key.isdecimal() else None
            if number_key in fields:
                return fields[number_key]
            raise RowError(
                f"row {number}: {place} has no {key!r}: {_near(key, map(str, fields)) or _listed(map(str, fields))}"
            )
        if isinstance(value, (list, tuple)):
            values = cast("list[object]", value)
            if key.isdecimal() and int(key) < len(values):
                return values[int(key)]
            raise RowError(f"row {number}: {place} has {len(values)} items, and no [{key}]")
        raise RowError(f"row {number}: {place} is {_shown(value)}, and has no [{key}]")


def _field(given: str, spec: str, conversion: str | None, columns: tuple[str, ...] | None) -> _Field:
    if "{" in spec:
        raise ValueError(f"{{{given}:{spec}}} has a place within a place")
    if conversion is not None and conversion not in _CONVERSIONS:
        raise ValueError(f"{{{given}!{conversion}}}: there are !s, !r and !a")
    if columns is not None and given in columns:  # a name may have brackets and dots
        return _Field(given, given, (), conversion, spec)
    name, bracket, rest = given.partition("[")
    if bracket and not rest.endswith("]"):
        raise ValueError(f"{{{given}}} has a bracket that is not closed, or something behind it: write {{name[key]}}")
    path = tuple(rest[:-1].split("][")) if bracket else ()
    return _Field(given, name, path, conversion, spec)


def _unknown(field: _Field, columns: Iterable[str]) -> str:
    names = [str(name) for name in columns]
    place = f"{{{field.given}}}"
    head, dot, rest = field.name.partition(".")
    if dot and head in names:
        return f"{place}: attributes are not looked at; a key of the column is {{{head}[{rest}]}}"
    if not field.name:
        return f"{place} names no column; there are {_listed(names)}"
    if any(not (letter.isalnum() or letter in "_- .") for letter in field.name):
        place += " (a brace that is meant as one is written twice)"
    return f"{place} is no column: {_near(field.name, names) or f'there are {_listed(names)}'}"
