"""Values of rows as columns take them: without their classes, of one type a column, or as text."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, TypeAlias, cast

from .._core import BinaryContent, Object, Vector, Vectors
from ._prompt import fields_of

# What a column is of: a name; ("decimal", digits before, behind the point); ("list", items); ("struct", {name: type}).
Type: TypeAlias = Any
# A dict of more keys than this is no record: its keys are values.
_KEYS = 100

_SCALARS: dict[type, str] = {
    type(None): "null",
    bool: "bool",
    int: "int",
    float: "float",
    str: "text",
    bytes: "bytes",
    datetime: "datetime",
    date: "date",
    time: "time",
    timedelta: "span",
    Decimal: "decimal",
}


def plain(value: Any) -> Any:
    """A value without classes: what is a record becomes a dict, what is many a list. NaN becomes None; times, decimals
    and bytes stay; of anything else its text."""
    kind = cast("type[Any]", type(value))
    if kind in _SCALARS:
        return None if kind is float and value != value else value
    if isinstance(value, Enum):
        return plain(value.value)
    if isinstance(value, (Vector, Vectors, memoryview)):
        return memoryview(value).tolist()
    if isinstance(value, Object):
        file: Any = value
        if hasattr(kind, "b64_json"):
            return _picture(file)
        return file.bytes if hasattr(kind, "bytes") else plain(value.to_dict())
    if isinstance(value, BinaryContent):
        return value.content
    if isinstance(value, Mapping):
        return {str(name): plain(one) for name, one in cast("Mapping[Any, Any]", value).items()}
    if getattr(kind, "__pydantic_root_model__", False):
        return plain(value.root)
    if (fields := fields_of(value)) is not None:
        return {name: plain(one) for name, one in fields.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(one) for one in cast("Iterable[Any]", value)]
    if hasattr(value, "to_pydatetime"):
        return value if value.nanosecond else value.to_pydatetime()
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    for base in (str, bool, int, float, bytes, datetime, date, time, timedelta, Decimal):
        if isinstance(value, base):
            return value if base in (datetime, timedelta) else base(value) if base is not date else value
    return bytes(value) if isinstance(value, bytearray) else str(value)


def _picture(picture: Any) -> Any:
    """A picture's bytes, or where it is, which nothing is fetched from."""
    return picture.read() if picture.b64_json is not None or (picture.url or "").startswith("data:") else picture.url


# ---- the type of a column ----


def type_of(value: Any) -> Type:
    """The type of a plain value."""
    kind = cast("type[Any]", type(value))
    if kind is int:
        # What a float holds exactly, what 64 bits do, and what is left to text.
        return "int" if -(2**53) <= value <= 2**53 else "long" if -(2**63) <= value < 2**63 else "json"
    if kind is dict:
        fields = cast("dict[str, Any]", value)
        return ("struct", {name: type_of(one) for name, one in fields.items()}) if len(fields) <= _KEYS else "json"
    if kind is list:
        return ("list", joined("null", *map(type_of, cast("list[Any]", value))))
    if kind is Decimal:
        _, digits, exponent = value.as_tuple()
        if not isinstance(exponent, int):
            return "json"  # NaN and its kin
        behind = max(-exponent, 0)
        return ("decimal", max(len(digits) + exponent, 1), behind) if len(digits) + max(exponent, 0) <= 38 else "json"
    if isinstance(value, datetime):
        return "moment" if value.tzinfo else "datetime"
    return _SCALARS.get(kind) or ("span" if isinstance(value, timedelta) else "json")


def joined(first: Type, *others: Type) -> Type:
    """The type of all values of several."""
    for other in others:
        first = _both(first, other)
    return first


def _both(one: Type, other: Type) -> Type:
    if one == other or other == "null":
        return one
    if one == "null":
        return other
    if isinstance(one, str) and isinstance(other, str):
        pair = {one, other}
        return "float" if pair == {"int", "float"} else "long" if pair == {"int", "long"} else "json"
    if isinstance(one, str) or isinstance(other, str) or one[0] != other[0]:
        return "json"
    if one[0] == "list":
        return ("list", _both(one[1], other[1]))
    if one[0] == "decimal":
        whole, behind = max(one[1], other[1]), max(one[2], other[2])
        return ("decimal", whole, behind) if whole + behind <= 38 else "json"
    fields = {name: _both(one[1].get(name, "null"), other[1].get(name, "null")) for name in {**one[1], **other[1]}}
    return ("struct", fields) if len(fields) <= _KEYS else "json"


def settled(kind: Type) -> Type:
    """The type that a column gets: of nothing but None it is text, and so is what no file can hold."""
    if kind == "null" or kind == ("struct", {}):
        return "json"
    if isinstance(kind, tuple) and kind[0] == "list":
        return ("list", settled(kind[1]))
    if isinstance(kind, tuple) and kind[0] == "struct":
        return ("struct", {name: settled(one) for name, one in kind[1].items()})
    return kind


def fitted(value: Any, kind: Type) -> Any:
    """A plain value as its column has it."""
    if value is None:
        return None
    if kind == "json":
        return value if isinstance(value, str) else str(_text(value)) if isinstance(value, bytes) else json_text(value)
    if kind == "float":
        return float(value)
    if kind == "moment":
        return value.astimezone(UTC)
    if isinstance(kind, tuple):
        if kind[0] == "list":
            return value if kind[1] == "vector" else [fitted(one, kind[1]) for one in value]
        if kind[0] == "struct":
            return {name: fitted(value.get(name), one) for name, one in kind[1].items()}
    return value


def arrow_type(arrow: Any, kind: Type) -> Any:
    """A settled type as pyarrow has it."""
    if isinstance(kind, tuple):
        if kind[0] == "list":
            return arrow.list_(arrow_type(arrow, kind[1]))
        if kind[0] == "struct":
            return arrow.struct([(name, arrow_type(arrow, one)) for name, one in kind[1].items()])
        return arrow.decimal128(kind[1] + kind[2], kind[2])
    made: dict[str, Callable[[], Any]] = {
        "bool": arrow.bool_, "int": arrow.int64, "long": arrow.int64, "float": arrow.float64, "vector": arrow.float32,
        "text": arrow.string, "json": arrow.string, "bytes": arrow.binary, "date": arrow.date32,
        "datetime": lambda: arrow.timestamp("us"), "moment": lambda: arrow.timestamp("us", "UTC"),
        "time": lambda: arrow.time64("us"), "span": lambda: arrow.duration("us"),
    }  # fmt: skip
    return made[kind]()


def polars_type(polars: Any, kind: Type) -> Any:
    """The same as polars has it."""
    if isinstance(kind, tuple):
        if kind[0] == "list":
            return polars.List(polars_type(polars, kind[1]))
        if kind[0] == "struct":
            return polars.Struct({name: polars_type(polars, one) for name, one in kind[1].items()})
        return polars.Decimal(kind[1] + kind[2], kind[2])
    return {
        "bool": polars.Boolean, "int": polars.Int64, "long": polars.Int64, "float": polars.Float64,
        "vector": polars.Float32, "text": polars.String, "json": polars.String, "bytes": polars.Binary,
        "date": polars.Date, "datetime": polars.Datetime("us"), "moment": polars.Datetime("us", "UTC"),
        "time": polars.Time, "span": polars.Duration("us"),
    }[kind]  # fmt: skip


def sound(value: Any) -> Any:
    """The value, with "?" for halves of characters, which no table can hold."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [sound(one) for one in cast("list[Any]", value)]
    if isinstance(value, dict):
        return {sound(name): sound(one) for name, one in cast("dict[Any, Any]", value).items()}
    return value


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
    if isinstance(value, float):
        return value if value - value == 0 else str(value)
    if isinstance(value, list):
        return [_finite(one) for one in cast("list[Any]", value)]
    if isinstance(value, dict):
        return {name: _finite(one) for name, one in cast("dict[Any, Any]", value).items()}
    return value


def cell(value: Any) -> Any:
    """A plain value for a file of text: JSON for what is more than one."""
    if value is None or isinstance(value, (str, int, float)):
        return value
    return json_text(value) if isinstance(value, (dict, list)) else _text(value)
