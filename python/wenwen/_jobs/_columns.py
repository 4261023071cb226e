"""Values of rows as columns take them: without their classes, of one type a column, or as text."""

from __future__ import annotations

import json
from base64 import b64encode
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, TypeAlias

from .._core import BinaryContent, Object, Vector, Vectors
from ._prompt import fields_of

# What a column is of: its name, and of what; ("list", type), ("struct", {name: type}), ("decimal", digits before the
# point, and behind it). "long" are whole numbers that no float holds, "number" the floats of vectors.
Type: TypeAlias = tuple[Any, ...]
NOTHING: Type = ("null",)
INT, LONG, FLOAT, TEXT, JSON = ("int",), ("long",), ("float",), ("text",), ("json",)
VECTOR: Type = ("list", ("number",))
# A dict of more keys than this is no record: its keys are values.
_KEYS = 100

_LONGEST = timedelta(microseconds=2**63 - 1)  # which 64 bits hold, 292 000 years

_SCALARS: dict[type, Type] = {
    type(None): NOTHING,
    bool: ("bool",),
    int: INT,
    float: FLOAT,
    str: TEXT,
    bytes: ("bytes",),
    datetime: ("datetime",),
    date: ("date",),
    time: ("time",),
    timedelta: ("span",),
    Decimal: ("decimal",),
}


def plain(value: Any) -> Any:
    """A value without classes: what is a record becomes a dict, what is many a list. NaN becomes None; times, decimals
    and bytes stay; of anything else its text."""
    kind: Any = value.__class__
    if kind in _SCALARS:
        return None if kind is float and value != value else value
    if isinstance(value, Enum):
        return plain(value.value)
    if issubclass(kind, (Vector, Vectors, memoryview)):
        return memoryview(value).tolist()
    if issubclass(kind, Object):
        if hasattr(kind, "b64_json"):
            return _picture(value)
        return value.bytes if hasattr(kind, "bytes") else plain(value.to_dict())
    if issubclass(kind, BinaryContent):
        return value.content
    if getattr(kind, "__pydantic_root_model__", False):
        return plain(value.root)
    if (fields := fields_of(value)) is not None:
        return {str(name): plain(one) for name, one in fields.items()}
    if issubclass(kind, (list, tuple, set, frozenset)):
        return [plain(one) for one in value]
    if hasattr(value, "to_pydatetime"):
        return value if value.nanosecond else value.to_pydatetime()
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if issubclass(kind, (datetime, date, time, timedelta, Decimal)):
        return value
    base: Any = next((base for base in (str, int, float, bytes, bytearray) if issubclass(kind, base)), None)
    return str(value) if base is None else plain(bytes(value) if base is bytearray else base(value))


def _picture(picture: Any) -> Any:
    """A picture's bytes, or where it is, which nothing is fetched from."""
    return picture.read() if picture.b64_json is not None or (picture.url or "").startswith("data:") else picture.url


# ---- the type of a column ----


def type_of(value: Any) -> Type:
    """The type of a plain value."""
    kind: Any = value.__class__
    if kind is int:
        # What a float holds exactly, what 64 bits do, and what is left to text.
        return INT if -(2**53) <= value <= 2**53 else LONG if -(2**63) <= value < 2**63 else JSON
    if kind is dict:
        return ("struct", {name: type_of(one) for name, one in value.items()}) if len(value) <= _KEYS else JSON
    if kind is list:
        return ("list", joined(NOTHING, *map(type_of, value)))
    if kind is Decimal:
        _, digits, exponent = value.as_tuple()
        if not isinstance(exponent, int):
            return JSON  # NaN and its kin
        return _decimal(max(len(digits) + exponent, 1), max(-exponent, 0))
    if isinstance(value, datetime):
        return ("moment",) if value.tzinfo else ("datetime",)
    if isinstance(value, timedelta):
        return ("span",) if abs(value) < _LONGEST else JSON
    return _SCALARS.get(kind, JSON)


def _decimal(before: int, behind: int) -> Type:
    return ("decimal", before, behind) if before + behind <= 38 else JSON  # which is what 128 bits hold


def joined(first: Type, *others: Type) -> Type:
    """The type of all values of several."""
    for other in others:
        first = _both(first, other)
    return first


def _both(one: Type, other: Type) -> Type:
    if one == other or other == NOTHING:
        return one
    if one == NOTHING:
        return other
    if one[0] != other[0]:
        pair = {one[0], other[0]}
        return FLOAT if pair == {"int", "float"} else LONG if pair == {"int", "long"} else JSON
    if one[0] == "list":
        return ("list", _both(one[1], other[1]))
    if one[0] == "decimal":
        return _decimal(max(one[1], other[1]), max(one[2], other[2]))
    fields = {name: _both(one[1].get(name, NOTHING), other[1].get(name, NOTHING)) for name in {**one[1], **other[1]}}
    return ("struct", fields) if len(fields) <= _KEYS else JSON


def settled(kind: Type) -> Type:
    """The type that a column gets: of nothing but None it is text, and so is what no file can hold."""
    if kind in (NOTHING, ("struct", {})):
        return JSON
    if kind[0] == "list":
        return ("list", settled(kind[1]))
    if kind[0] == "struct":
        return ("struct", {name: settled(one) for name, one in kind[1].items()})
    return kind


def fitted(value: Any, kind: Type) -> Any:
    """A plain value as its column has it."""
    if value is None:
        return None
    match kind[0]:
        case "json":
            return _as_json(value)
        case "float":
            return float(value)
        case "moment":
            return value.astimezone(UTC)
        case "list":
            return value if kind == VECTOR else [fitted(one, kind[1]) for one in value]
        case "struct":
            return {name: fitted(value.get(name), one) for name, one in kind[1].items()}
        case _:
            return value


def arrow_type(arrow: Any, kind: Type) -> Any:
    """A settled type as pyarrow has it."""
    match kind[0]:
        case "list":
            return arrow.list_(arrow_type(arrow, kind[1]))
        case "struct":
            return arrow.struct([(name, arrow_type(arrow, one)) for name, one in kind[1].items()])
        case "decimal":
            return arrow.decimal128(kind[1] + kind[2], kind[2])
        case name:
            made, *given = _TYPES[name][0].split()
            return getattr(arrow, made)(*given)


def polars_type(polars: Any, kind: Type) -> Any:
    """The same as polars has it."""
    match kind[0]:
        case "list":
            return polars.List(polars_type(polars, kind[1]))
        case "struct":
            return polars.Struct({name: polars_type(polars, one) for name, one in kind[1].items()})
        case "decimal":
            return polars.Decimal(kind[1] + kind[2], kind[2])
        case name:
            made, *given = _TYPES[name][1].split()
            return getattr(polars, made)(*given)


# What pyarrow and polars call them, and are given with it.
_TYPES = {
    "bool": ("bool_", "Boolean"),
    "int": ("int64", "Int64"),
    "long": ("int64", "Int64"),
    "float": ("float64", "Float64"),
    "number": ("float32", "Float32"),
    "text": ("string", "String"),
    "json": ("string", "String"),
    "bytes": ("binary", "Binary"),
    "date": ("date32", "Date"),
    "datetime": ("timestamp us", "Datetime us"),
    "moment": ("timestamp us UTC", "Datetime us UTC"),
    "time": ("time64 us", "Time"),
    "span": ("duration us", "Duration us"),
}


def sound(value: Any) -> Any:
    """The value, with "?" for halves of characters, which no table can hold."""
    kind: Any = value.__class__
    if kind is str:
        return value.encode("utf-8", "replace").decode()
    if kind is list:
        return [sound(one) for one in value]
    return {sound(name): sound(one) for name, one in value.items()} if kind is dict else value


# ---- as text ----


def json_text(value: Any) -> str:
    """A plain value as JSON, which has no infinity: that is its name."""
    try:
        return json.dumps(value, ensure_ascii=False, default=_text, allow_nan=False)
    except ValueError:
        return json.dumps(_finite(value), ensure_ascii=False, default=_text)


def _text(value: Any) -> Any:
    if isinstance(value, (bytes, bytearray)):
        return b64encode(value).decode()
    return value.isoformat() if isinstance(value, (date, time)) else str(value)


def _finite(value: Any) -> Any:
    kind: Any = value.__class__
    if kind is float:
        return value if value - value == 0 else str(value)
    if kind is list:
        return [_finite(one) for one in value]
    return {name: _finite(one) for name, one in value.items()} if kind is dict else value


def _as_json(value: Any) -> str:
    """JSON, or the text that a text, a time or bytes are in JSON."""
    if isinstance(value, str):
        return value
    return json_text(value) if value.__class__ in (dict, list, bool, int, float) else str(_text(value))


def cell(value: Any) -> Any:
    """A plain value for a file of text: JSON for what is more than one."""
    return value if value is None or isinstance(value, (int, float)) else _as_json(value)
